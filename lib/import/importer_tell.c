/* importer_tell.c - results that wait for their chain; see importer_internal.h. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/pool.h>

#include "importer_internal.h"

/* Of rows as they were, after which a chain ends: they may be large. */
#define KEPT_BYTES (32 << 20)

struct kept {
	const struct mc_intake_result *rest; /* where this is not all */
	const char *code;
	int64_t line;
	int32_t events;
	uint16_t code_len;
	uint8_t result;
};

/* Where a transaction's results begin. */
struct mark {
	uint64_t transaction;
	size_t row;
};

struct chain {
	MC_VEC(struct kept) row;
	MC_VEC(struct mark) mark;
	struct mc_pool pool;
};

struct mc_telling {
	const struct mc_import *im;
	struct chain kept;
	size_t bytes; /* of rejects and changes in it */

	/* The thread's, while it runs. */
	struct chain told;
	struct mc_feed *f;
	struct mc_intake_summary sum;
	struct mc_err err;
	int rc;
	pthread_t thread;
	bool running;
};

struct mc_telling *
mc_telling_new(const struct mc_import *im)
{
	struct mc_telling *t = mc_calloc(1, sizeof(*t));

	t->im = im;
	return t;
}

static void
free_chain(struct chain *c)
{
	mc_vec_free(&c->row);
	mc_vec_free(&c->mark);
	mc_pool_free(&c->pool);
}

void
mc_telling_free(struct mc_telling *t)
{
	if (t->running)
		pthread_join(t->thread, NULL);
	free_chain(&t->kept);
	free_chain(&t->told);
	free(t);
}

static const char *
copy(struct mc_pool *pool, const char *s)
{
	return s == NULL ? NULL : mc_pool_str(pool, mc_str(s)).p;
}

void
mc_telling_keep(struct mc_telling *t, const struct mc_intake_result *r)
{
	struct chain *c = &t->kept;
	struct mc_str code = mc_pool_str(&c->pool, r->code);
	struct kept k = { NULL, code.p, r->line, r->events, (uint16_t)code.len,
		(uint8_t)r->result };
	struct mc_intake_result *all;

	if (r->result == MC_ROW_REJECTED || r->changed.len > 0) {
		all = mc_pool_get(&c->pool, sizeof(*all));
		*all = *r;
		all->code = code;
		all->changed = mc_pool_str(&c->pool, r->changed);
		all->raw = mc_pool_str(&c->pool, r->raw);
		all->id = copy(&c->pool, r->id);
		all->message = copy(&c->pool, r->message);
		all->where = copy(&c->pool, r->where);
		all->advice = copy(&c->pool, r->advice);
		k.rest = all;
		t->bytes += r->raw.len + r->changed.len;
	}
	mc_vec_push(&c->row, k);
}

bool
mc_telling_waits(const struct mc_telling *t)
{
	return t->kept.row.n > 0;
}

bool
mc_telling_full(const struct mc_telling *t)
{
	return t->bytes >= KEPT_BYTES;
}

void
mc_telling_mark(struct mc_telling *t, uint64_t transaction)
{
	struct chain *c = &t->kept;
	struct mark m = { transaction, c->row.n };

	if (c->mark.n == 0 ||
	    c->mark.p[c->mark.n - 1].transaction != transaction)
		mc_vec_push(&c->mark, m);
}

void
mc_telling_drop(struct mc_telling *t, uint64_t transaction)
{
	struct chain *c = &t->kept;
	size_t i;

	for (i = 0; i < c->mark.n; i++)
		if (c->mark.p[i].transaction >= transaction) {
			c->row.n = c->mark.p[i].row;
			c->mark.n = i;
		}
}

int
mc_tell(const struct mc_import *im, const struct mc_feed *f,
    const struct mc_intake_result *r, int64_t run, struct mc_err *err)
{
	if (r->result == MC_ROW_REJECTED)
		return im->reject(im->arg, f, r, err);
	return r->result == MC_ROW_MERGED ? 0
					  : im->result(im->arg, r, run, err);
}

static void *
tell_all(void *arg)
{
	struct mc_telling *t = arg;
	struct mc_intake_result r;
	const struct kept *k;
	size_t i;

	memset(&r, 0, sizeof(r));
	for (i = 0; t->rc == 0 && i < t->told.row.n; i++) {
		k = &t->told.row.p[i];
		r.result = (enum mc_row_result)k->result;
		r.events = k->events;
		r.line = k->line;
		r.code = (struct mc_str){ k->code, k->code_len };
		t->rc = mc_tell(t->im, t->f, k->rest != NULL ? k->rest : &r,
		    t->sum.run, &t->err);
	}
	if (t->rc == 0)
		t->rc = t->im->batch_done(t->im->arg, t->f, &t->sum, &t->err);
	return NULL;
}

int
mc_telling_begin(struct mc_telling *t, struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err)
{
	int rc = mc_telling_end(t, err);
	struct chain empty = t->told;

	t->told = t->kept;
	t->kept = empty;
	t->kept.row.n = t->kept.mark.n = t->bytes = 0;
	mc_pool_reset(&t->kept.pool);
	t->f = f;
	t->sum = *sum;
	/* What they are counted by goes on. */
	t->sum.reject = t->sum.warning = NULL;
	t->sum.rejects = t->sum.warnings = 0;
	t->running = pthread_create(&t->thread, NULL, tell_all, t) == 0;
	if (!t->running)
		tell_all(t);
	return rc;
}

int
mc_telling_end(struct mc_telling *t, struct mc_err *err)
{
	int rc;

	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
	if ((rc = t->rc) == -1)
		*err = t->err;
	t->rc = 0;
	mc_err_clear(&t->err);
	return rc;
}
