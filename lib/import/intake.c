/* intake.c - a run, its portions and transactions; see motcua/intake.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

struct mc_str
mc_intake_result_name(enum mc_row_result r)
{
	static const struct mc_str names[] = {
		[MC_ROW_ADDED] = MC_STR_INIT("added"),
		[MC_ROW_UNCHANGED] = MC_STR_INIT("unchanged"),
		[MC_ROW_UPDATED] = MC_STR_INIT("updated"),
		[MC_ROW_REJECTED] = MC_STR_INIT("rejected"),
		[MC_ROW_MERGED] = MC_STR_INIT("updated"),
	};

	return names[r];
}

static int
read_key(struct mc_intake *in, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str s;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(in->store), MC_SQL_META_GET,
		MC_ARGS(MC_TEXT(MC_STR("row_key"))), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		s = mc_cur_text(cur, 0);
		in->key = mc_text_hash(s.p, s.len);
	}
	mc_cur_close(cur);
	return rc == -1 ? -1 : 0;
}

int
mc_intake_open(struct mc_intake **out, struct mc_store *store,
    struct mc_rulebook *rb, const struct mc_intake_options *o,
    struct mc_err *err)
{
	struct mc_intake *in = mc_calloc(1, sizeof(*in));

	*out = NULL;
	in->store = store;
	in->rb = rb;
	in->o = *o;
	in->log = mc_log_new(mc_store_db(store));
	if (read_key(in, err) == -1 ||
	    mc_rulebook_units(rb, &in->units, err) == -1) {
		mc_intake_free(in);
		return -1;
	}
	*out = in;
	return 0;
}

void
mc_intake_free(struct mc_intake *in)
{
	size_t i;

	if (in == NULL)
		return;
	if (in->begun || mc_intake_chained(in))
		mc_store_rollback(in->store);
	for (i = 0; i < in->unit_rules.n; i++)
		free(in->unit_rules.p[i]);
	mc_vec_free(&in->unit_rules);
	for (i = 0; i < in->version_text.n; i++)
		free((char *)(uintptr_t)in->version_text.p[i].policy.p);
	mc_vec_free(&in->version_text);
	free(in->unit_slot);
	mc_vec_free(&in->draft);
	mc_pool_free(&in->pool);
	mc_buf_free(&in->scratch);
	mc_buf_free(&in->clean);
	mc_buf_free(&in->dressing);
	mc_case_free(&in->c);
	free(in->added);
	free(in->order.p);
	free(in->order.other);
	mc_intake_free_met(in);
	mc_intake_free_numbers(in);
	mc_intake_free_lines(in);
	mc_log_free(in->log);
	mc_children_free(in->children);
	free(in->rejects.p);
	free(in->warnings.p);
	free(in->at_begin.rejects.p);
	free(in->there.rejects.p);
	free(in);
}

void
mc_intake_bind(
    struct mc_intake *in, const char *file, const struct mc_binding *b)
{
	in->file = file;
	in->b = b;
}

/* A commit to the rulebook holds from the next portion on. */
static void
refresh(struct mc_intake *in, struct mc_err *err)
{
	size_t i;

	if (mc_rulebook_refresh(in->rb, err) != 1)
		return;
	for (i = 0; i < in->unit_rules.n; i++)
		free(in->unit_rules.p[i]);
	in->unit_rules.n = 0;
	if (in->unit_slots > 0)
		memset(
		    in->unit_slot, 0, in->unit_slots * sizeof(*in->unit_slot));
	if (mc_rulebook_units(in->rb, &in->units, err) == -1)
		in->unit_rules.n = 0; /* *err says why: the run ends */
}

/*
 * The lines of the pool that the next row will be written to were last in the
 * cache of who wrote the portion before: they are asked for a row ahead.
 */
#define ROW_BYTES 2304 /* what a usual row takes of the pool */

static void
fetch_room(const struct mc_pool *p)
{
	size_t i;

	if (p->left < 2 * ROW_BYTES)
		return;
	for (i = ROW_BYTES; i < 2 * ROW_BYTES; i += 64)
		__builtin_prefetch(p->at + i, 1);
}

static struct draft *
new_draft(struct mc_intake *in, int64_t line, struct mc_str raw)
{
	struct draft *d;

	if (in->waiting == 0) {
		mc_pool_reset(&in->pool);
		in->draft.n = 0;
		if (in->broken.code == MC_OK)
			refresh(in, &in->broken);
		snprintf(in->commit, sizeof(in->commit), "%s",
		    mc_rulebook_commit(in->rb));
	}
	fetch_room(&in->pool);
	d = mc_pool_get(&in->pool, sizeof(*d));
	memset(d, 0, sizeof(*d));
	d->due_day = MC_NODAY;
	d->line = line;
	d->raw = in->row = mc_pool_str(&in->pool, raw);
	in->row_from = raw.p;
	mc_vec_push(&in->draft, d);
	in->waiting++;
	in->sum.rows++;
	return d;
}

static struct mc_str
keep(struct mc_intake *in, struct mc_str s)
{
	return s.len > 0 ? mc_pool_str(&in->pool, s) : s;
}

static void
take_extra(
    struct mc_intake *in, struct draft *d, const struct mc_intake_extra *x)
{
	d->kept = keep(in, x->dossier);
	d->event_kept = keep(in, x->event);
	d->attributes = keep(in, x->attributes);
	d->no_event = x->no_event;
	d->plain = x->plain;
	d->due_by_rules = x->due_by_rules;
	d->due_day = mc_day_parse(x->due_day);
	d->unreceived = x->unreceived;
}

void
mc_intake_row(struct mc_intake *in, const struct mc_str *field,
    const int32_t *column, size_t n, int64_t line, struct mc_str raw)
{
	mc_intake_row_with(in, field, column, n, line, raw, NULL);
}

void
mc_intake_row_with(struct mc_intake *in, const struct mc_str *field,
    const int32_t *column, size_t n, int64_t line, struct mc_str raw,
    const struct mc_intake_extra *extra)
{
	struct draft *d = new_draft(in, line, raw);

	if (extra != NULL)
		take_extra(in, d, extra);
	if (!mc_intake_prepare(in, d, field, column, n))
		return;
	in->good++;
	mc_intake_dress(in, d);
}

void
mc_intake_bad_row(struct mc_intake *in, int64_t line, struct mc_str raw,
    const struct mc_err *why)
{
	struct draft *d = new_draft(in, line, raw);
	struct mc_err *e = mc_pool_get(&in->pool, sizeof(*e));

	*e = *why;
	d->why = e;
	d->result = MC_ROW_REJECTED;
}

void
mc_intake_bad_field(struct mc_intake *in, int64_t line, int32_t column,
    struct mc_str raw, const struct mc_err *why)
{
	mc_intake_bad_row(in, line, raw, why);
	in->draft.p[in->draft.n - 1]->column = column;
}

size_t
mc_intake_waiting(const struct mc_intake *in)
{
	return in->waiting;
}

size_t
mc_intake_refused(const struct mc_intake *in)
{
	return in->waiting - in->good;
}

/* Where the log stood before this run: what it adds lies behind. */
static int
mark_start(struct mc_intake *in, struct mc_err *err)
{
	struct mc_tree tree;
	int64_t at;

	if (in->marked)
		return 0;
	if (mc_log_tree(mc_store_db(in->store), &tree, &at, err) == -1)
		return -1;
	in->first_seq = tree.size;
	in->marked = true;
	return 0;
}

static void
tally(struct mc_intake *in, const struct draft *d)
{
	switch (d->result) {
	case MC_ROW_ADDED:
		in->sum.added++;
		break;
	case MC_ROW_UNCHANGED:
		in->sum.unchanged++;
		break;
	case MC_ROW_UPDATED:
		in->sum.updated++;
		break;
	case MC_ROW_REJECTED:
		in->sum.rejected++;
		mc_intake_count(&in->rejects, d->why->id, 1);
		break;
	case MC_ROW_MERGED:
		break;
	}
}

/* ---- chains ---- */

static void
note(struct undone *u, const struct mc_intake *in)
{
	size_t i;

	u->transaction = in->transaction;
	u->sum = in->sum;
	u->rejects.n = 0;
	for (i = 0; i < in->rejects.n; i++)
		mc_vec_push(&u->rejects, in->rejects.p[i]);
}

/* What was counted since is not there; the rows were read all the same. */
static void
lose(struct mc_intake *in, const struct undone *u)
{
	int64_t rows = in->sum.rows;
	size_t i;

	in->lost = u->transaction;
	in->sum = u->sum;
	in->sum.rows = rows;
	in->rejects.n = 0;
	for (i = 0; i < u->rejects.n; i++)
		mc_vec_push(&in->rejects, u->rejects.p[i]);
}

/* The commit before this transaction: it is there, or its counts are not. */
static int
confirm(struct mc_intake *in, struct mc_err *err)
{
	if (!in->chained)
		return 0;
	if (mc_db_committed(mc_store_db(in->store), err) == -1) {
		lose(in, &in->there);
		return -1;
	}
	return 0;
}

bool
mc_intake_chained(const struct mc_intake *in)
{
	return in->open || in->chained;
}

uint64_t
mc_intake_transaction(const struct mc_intake *in)
{
	return in->transaction;
}

uint64_t
mc_intake_there(const struct mc_intake *in)
{
	return in->confirmed;
}

uint64_t
mc_intake_lost(const struct mc_intake *in)
{
	return in->lost;
}

int
mc_intake_unchain(struct mc_intake *in, struct mc_err *err)
{
	int rc = confirm(in, err);

	if (rc == 0 && in->open && in->dirty) {
		if ((rc = mc_store_commit(in->store, err)) == -1)
			lose(in, &in->at_begin);
	} else if (mc_intake_chained(in)) {
		mc_store_rollback(in->store); /* there is nothing in it */
	}
	in->open = false;
	in->chained = false;
	return rc;
}

static int
commit(struct mc_intake *in, struct mc_err *err)
{
	size_t full = in->o.batch == 0 ? MC_INTAKE_BATCH : in->o.batch;
	bool more = in->o.more != NULL && in->o.more(in->o.arg) &&
		    !mc_db_wanted(mc_store_db(in->store));
	struct undone under_way;

	in->rows += in->draft.n;
	in->open = more && in->rows + in->draft.n <= full;
	if (in->open)
		return 0;
	if (confirm(in, err) == -1)
		return -1;
	in->confirmed = in->transaction - 1;
	if (more && in->dirty) {
		mc_store_commit_later(in->store);
		under_way = in->at_begin;
		in->at_begin = in->there;
		in->there = under_way;
		in->chained = true;
		return 0;
	}
	in->chained = false;
	if (!in->dirty) {
		/* A second run changes nothing, not even a page. */
		mc_store_rollback(in->store);
		return 0;
	}
	return mc_store_commit(in->store, err);
}

/* The portion's transaction: a new one, the chain's next, or the open one. */
static int
begin(struct mc_intake *in, struct mc_err *err)
{
	in->first = !in->open;
	if (in->begun || in->open)
		return 0;
	if (!in->chained) {
		if (mc_store_begin(in->store, in->o.now, err) == -1)
			return -1;
		in->chain_from = in->portions + 1;
	}
	in->transaction++;
	note(&in->at_begin, in);
	in->begun = in->o.whole;
	in->settled = in->last_seq + 1;
	in->dirty = false;
	in->rows = 0;
	in->c.id = 0; /* others may have changed it since */
	return 0;
}

static int
write_portion(struct mc_intake *in, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;
	uint64_t seq = in->last_seq;
	struct draft *d;
	size_t i;

	/* An update asks calendars, which the next portion's rows do, too. */
	if (in->o.written != NULL && !in->o.update)
		in->o.written(in->o.arg);
	if (begin(in, err) == -1)
		return -1;
	if (mark_start(in, err) == -1)
		goto fail;
	in->unsaved = false;
	in->c_code = (struct mc_str){ NULL, 0 };
	in->portions++;
	if (mc_intake_locate(in, err) == -1)
		goto fail;
	for (i = 0; i < in->draft.n; i++) {
		if (i + 4 < in->draft.n)
			mc_intake_fetch(in->draft.p[in->order.p[i + 4].draft],
			    in->draft.p[in->order.p[i + 2].draft]);
		if (i + 2 < in->draft.n)
			mc_intake_fetch_texts(
			    in->draft.p[in->order.p[i + 2].draft]);
		d = in->draft.p[in->order.p[i].draft];
		if (d->why == NULL && mc_intake_write(in, d, err) == -1)
			goto fail;
	}
	if (mc_intake_save(in, err) == -1)
		goto fail;
	if (in->last_seq != seq)
		mc_db_run_later(mc_store_db(in->store), MC_SQL_RUN_SET,
		    MC_ARGS(MC_INT(in->run), MC_INT((int64_t)in->last_seq),
			MC_INT(in->sum.events), MC_INT(in->made)));
	if (in->o.written != NULL && in->o.update)
		in->o.written(in->o.arg);
	if (in->o.whole || commit(in, err) == 0)
		return 0;
fail:
	/* What went wrong may be the one before: its error comes first. */
	if (in->lost == 0 && confirm(in, &ignored) == -1)
		*err = ignored;
	if (in->lost == 0 && !in->first)
		lose(in, &in->at_begin);
	mc_store_rollback(in->store);
	in->begun = in->open = false;
	in->chained = false;
	return -1;
}

static void
tally_all(struct mc_intake *in)
{
	size_t i;

	in->waiting = in->good = 0;
	for (i = 0; i < in->draft.n; i++)
		tally(in, in->draft.p[i]);
}

/* The rulebook could not be read: not a row's fault, so the run ends. */
static int
sound(struct mc_intake *in, struct mc_err *err)
{
	if (in->broken.code == MC_OK)
		return 0;
	*err = in->broken;
	in->waiting = in->good = in->draft.n = 0;
	return -1;
}

int
mc_intake_drop(struct mc_intake *in, struct mc_err *err)
{
	mc_intake_dressed(in);
	if (sound(in, err) == -1)
		return -1;
	tally_all(in);
	return 0;
}

/* The commit that the portion was checked by is on the disk before it is. */
static int
settle_rules(struct mc_intake *in, struct mc_err *err)
{
	if (in->good == 0 || strcmp(in->on_disk, in->commit) == 0)
		return 0;
	if (in->o.alone != NULL)
		in->o.alone(in->o.arg);
	if (mc_store_settle_rules(
		in->store, mc_rulebook_repo(in->rb), in->commit, err) == -1) {
		in->waiting = in->good = in->draft.n = 0;
		return -1;
	}
	memcpy(in->on_disk, in->commit, sizeof(in->on_disk));
	return 0;
}

int
mc_intake_flush(struct mc_intake *in, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_intake_summary before = in->sum;

	mc_intake_dressed(in);
	if (sound(in, err) == -1 || settle_rules(in, err) == -1) {
		if (mc_intake_unchain(in, &ignored) == -1)
			*err = ignored;
		return -1;
	}
	if (in->waiting == 0) {
		in->draft.n = 0;
		return 0;
	}
	in->waiting = 0;
	/* Where there are but rejects, no lock is needed. */
	if ((in->good > 0 ? write_portion(in, err)
			  : mc_intake_unchain(in, err)) == -1) {
		in->draft.n = in->good = 0;
		if (in->lost == 0)
			in->sum = before;
		return -1;
	}
	tally_all(in); /* counted when it is there, not before */
	return 0;
}

void
mc_intake_recount(struct mc_intake *in)
{
	memset(&in->sum, 0, sizeof(in->sum));
	in->rejects.n = in->warnings.n = 0;
}

int
mc_intake_finish(struct mc_intake *in, bool commit, struct mc_err *err)
{
	if (!in->begun)
		return 0;
	in->begun = false;
	if (commit)
		return mc_store_commit(in->store, err);
	mc_store_rollback(in->store);
	return 0;
}

bool
mc_intake_result(struct mc_intake *in, size_t i, struct mc_intake_result *out)
{
	const struct draft *d;

	if (in->waiting > 0 || i >= in->draft.n)
		return false;
	if (i + 4 < in->draft.n) {
		mc_intake_fetch_head(in->draft.p[i + 4], in->draft.p[i + 2]);
		__builtin_prefetch(&in->draft.p[i + 4]->line);
	}
	d = in->draft.p[i];
	memset(out, 0, sizeof(*out));
	out->result = d->result;
	out->code = d->v[MC_COL_CODE];
	out->line = d->line;
	out->events = d->events;
	out->changed = d->changed;
	if (d->why != NULL) {
		out->raw = d->raw;
		out->id = d->why->id;
		out->message = d->why->msg;
		out->where = d->why->where;
		out->advice = d->why->advice;
		out->column = d->column;
	}
	return true;
}

void
mc_intake_summary(const struct mc_intake *in, struct mc_intake_summary *out)
{
	*out = in->sum;
	out->reject = in->rejects.p;
	out->rejects = in->rejects.n;
	out->warning = in->warnings.p;
	out->warnings = in->warnings.n;
}
