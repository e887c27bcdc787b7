/* importer_tell.c - results that wait to be told; see importer_internal.h. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/pool.h>

#include "importer_internal.h"

/* So many results, bytes of rows as they were, or batches are enough. */
#define KEPT_ROWS 262144
#define KEPT_BYTES (8 << 20)
#define KEPT_BATCHES 16
#define SPARE_BYTES (1 << 20)

/* A result, small: there are many, and most are of rows just added. */
struct kept {
	int64_t line;
	int32_t events;
	uint16_t code_len;
	uint8_t result;
	bool more; /* the next of the batch's `whole` is all of it */
};

/* The results of a transaction. */
struct batch {
	struct batch *next; /* a later one */
	uint64_t transaction;
	MC_VEC(struct kept) row;
	struct mc_buf codes; /* theirs, one behind the other */
	MC_VEC(struct mc_intake_result) whole;
	struct mc_pool pool; /* its texts */
	size_t bytes;        /* of rejects and changes in it */
};

struct mc_telling {
	const struct mc_import *im;
	struct batch *kept, *last; /* oldest first; last: where there is any */
	struct batch *spare;       /* one, or none */
	bool alone;                /* no thread was to be had in a chain */
	size_t rows, bytes, batches; /* of what is kept */

	/* The thread's, while it runs. */
	struct batch *told;
	struct mc_feed *f;
	struct mc_intake_summary sum;
	struct mc_err err;
	int rc;
	pthread_t thread;
	bool running;
	atomic_bool done;
};

struct mc_telling *
mc_telling_new(const struct mc_import *im)
{
	struct mc_telling *t = mc_calloc(1, sizeof(*t));

	t->im = im;
	return t;
}

static void
free_batches(struct batch *b)
{
	struct batch *next;

	for (; b != NULL; b = next) {
		next = b->next;
		mc_vec_free(&b->row);
		mc_buf_free(&b->codes);
		mc_vec_free(&b->whole);
		mc_pool_free(&b->pool);
		free(b);
	}
}

void
mc_telling_free(struct mc_telling *t)
{
	if (t->running)
		pthread_join(t->thread, NULL);
	free_batches(t->kept);
	free_batches(t->told);
	free_batches(t->spare);
	free(t);
}

/* ---- keeping ---- */

/* The memory of one that is not large is used again. */
static void
retire(struct mc_telling *t, struct batch *b)
{
	b->next = NULL;
	if (t->spare != NULL || b->bytes > SPARE_BYTES) {
		free_batches(b);
		return;
	}
	b->row.n = b->whole.n = b->bytes = 0;
	mc_buf_reset(&b->codes);
	mc_pool_reset(&b->pool);
	t->spare = b;
}

static struct batch *
batch_of(struct mc_telling *t, uint64_t transaction)
{
	struct batch *b = t->spare;

	if (t->kept != NULL && t->last->transaction == transaction)
		return t->last;
	if (b == NULL)
		b = mc_calloc(1, sizeof(*b));
	t->spare = NULL;
	b->transaction = transaction;
	if (t->kept == NULL)
		t->kept = b;
	else
		t->last->next = b;
	t->last = b;
	t->batches++;
	return b;
}

/* It is kept no longer. */
static void
let_go(struct mc_telling *t, const struct batch *b)
{
	t->rows -= b->row.n;
	t->bytes -= b->bytes;
	t->batches--;
}

static const char *
copy(struct mc_pool *pool, const char *s)
{
	return s == NULL ? NULL : mc_pool_str(pool, mc_str(s)).p;
}

static void
keep_whole(
    struct mc_telling *t, struct batch *b, const struct mc_intake_result *r)
{
	struct mc_intake_result all = *r;

	all.code = mc_pool_str(&b->pool, r->code);
	all.changed = mc_pool_str(&b->pool, r->changed);
	all.raw = mc_pool_str(&b->pool, r->raw);
	all.id = copy(&b->pool, r->id);
	all.message = copy(&b->pool, r->message);
	all.where = copy(&b->pool, r->where);
	all.advice = copy(&b->pool, r->advice);
	mc_vec_push(&b->whole, all);
	b->bytes += r->raw.len + r->changed.len;
	t->bytes += r->raw.len + r->changed.len;
}

void
mc_telling_keep(struct mc_telling *t, uint64_t transaction,
    const struct mc_intake_result *r)
{
	struct batch *b = batch_of(t, transaction);
	struct kept k = { r->line, r->events, (uint16_t)r->code.len,
		(uint8_t)r->result,
		r->result == MC_ROW_REJECTED || r->changed.len > 0 };

	if (k.more)
		keep_whole(t, b, r);
	else
		mc_buf_add(&b->codes, r->code.p, r->code.len);
	mc_vec_push(&b->row, k);
	t->rows++;
}

bool
mc_telling_waits(const struct mc_telling *t)
{
	return t->rows > 0;
}

bool
mc_telling_full(const struct mc_telling *t)
{
	return t->rows >= KEPT_ROWS || t->bytes >= KEPT_BYTES ||
	       t->batches >= KEPT_BATCHES || t->alone;
}

void
mc_telling_drop(struct mc_telling *t, uint64_t transaction)
{
	struct batch **at = &t->kept, *b;

	for (; (b = *at) != NULL && b->transaction < transaction; at = &b->next)
		t->last = b;
	while ((b = *at) != NULL) {
		*at = b->next;
		let_go(t, b);
		retire(t, b);
	}
}

/* ---- telling ---- */

int
mc_tell(const struct mc_import *im, const struct mc_feed *f,
    const struct mc_intake_result *r, int64_t run, struct mc_err *err)
{
	if (r->result == MC_ROW_REJECTED)
		return im->reject(im->arg, f, r, err);
	return r->result == MC_ROW_MERGED ? 0
					  : im->result(im->arg, r, run, err);
}

static int
tell_batch(struct mc_telling *t, const struct batch *b)
{
	const struct mc_intake_result *whole = b->whole.p;
	const char *code = b->codes.p;
	struct mc_intake_result r;
	const struct kept *k;
	size_t i;
	int rc = 0;

	memset(&r, 0, sizeof(r));
	for (i = 0; rc == 0 && i < b->row.n; i++) {
		k = &b->row.p[i];
		if (k->more) {
			rc = mc_tell(t->im, t->f, whole++, t->sum.run, &t->err);
			continue;
		}
		r.result = (enum mc_row_result)k->result;
		r.events = k->events;
		r.line = k->line;
		r.code = (struct mc_str){ code, k->code_len };
		code += k->code_len;
		rc = mc_tell(t->im, t->f, &r, t->sum.run, &t->err);
	}
	return rc;
}

static void *
tell_all(void *arg)
{
	struct mc_telling *t = arg;
	const struct batch *b;

	for (b = t->told; t->rc == 0 && b != NULL; b = b->next)
		t->rc = tell_batch(t, b);
	if (t->rc == 0)
		t->rc = t->im->batch_done(t->im->arg, t->f, &t->sum, &t->err);
	atomic_store_explicit(&t->done, true, memory_order_release);
	return NULL;
}

/* The thread is idle; what is kept up to a transaction will be its. */
static void
take(struct mc_telling *t, uint64_t transaction, struct mc_feed *f,
    const struct mc_intake_summary *sum)
{
	struct batch **end = &t->told, *b;

	while ((b = t->kept) != NULL && b->transaction <= transaction) {
		t->kept = b->next;
		b->next = NULL;
		*end = b;
		end = &b->next;
		let_go(t, b);
	}
	t->f = f;
	t->sum = *sum;
	/* What they are counted by goes on. */
	t->sum.reject = t->sum.warning = NULL;
	t->sum.rejects = t->sum.warnings = 0;
}

static void
keep_batch(struct mc_telling *t, const struct batch *b)
{
	t->rows += b->row.n;
	t->bytes += b->bytes;
	t->batches++;
}

/* What was taken, which is something, is kept again. */
static void
give_back(struct mc_telling *t)
{
	struct batch *last = t->told;

	keep_batch(t, last);
	while (last->next != NULL) {
		last = last->next;
		keep_batch(t, last);
	}
	last->next = t->kept;
	if (t->kept == NULL)
		t->last = last;
	t->kept = t->told;
	t->told = NULL;
}

static bool
start(struct mc_telling *t)
{
	atomic_store_explicit(&t->done, false, memory_order_relaxed);
	t->running = pthread_create(&t->thread, NULL, tell_all, t) == 0;
	return t->running;
}

int
mc_telling_end(struct mc_telling *t, struct mc_err *err)
{
	struct batch *b;
	int rc;

	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
	while ((b = t->told) != NULL) {
		t->told = b->next;
		retire(t, b);
	}
	if ((rc = t->rc) == -1)
		*err = t->err;
	t->rc = 0;
	mc_err_clear(&t->err);
	return rc;
}

int
mc_telling_go(struct mc_telling *t, uint64_t transaction, struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err)
{
	if (t->kept == NULL || t->kept->transaction > transaction ||
	    (t->running &&
		!atomic_load_explicit(&t->done, memory_order_acquire)))
		return 0;
	if (mc_telling_end(t, err) == -1)
		return -1;
	take(t, transaction, f, sum);
	t->alone = !start(t);
	if (t->alone)
		give_back(t); /* to wait for a reader here is not allowed */
	return 0;
}

int
mc_telling_begin(struct mc_telling *t, struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err)
{
	int rc = mc_telling_end(t, err);

	take(t, UINT64_MAX, f, sum);
	if (t->told != NULL && !start(t))
		tell_all(t);
	return rc;
}
