/* watch.c - the list of dossiers, or steps, by due; see motcua/watch.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/text.h>

#include "watch_internal.h"

#define MS_MINUTE 60000

/* Columns of WATCH_ROW, and of WATCH_STEP behind them. */
enum {
	COL_DOSSIER,
	COL_DUE_AT,
	COL_DUE_DAY,
	COL_STATUS,
	COL_FLAGS,
	COL_UNIT,
	COL_PIN,
	COL_OFFICER,
	COL_PAUSED_AT,
	COL_PROCEDURE,
	COL_RECEIVED_AT,
	COL_STEP,
	COL_STEP_UNIT,
	COL_STEP_OFFICER,
	COL_STEP_DUE_AT,
	COL_STEP_DUE_DAY
};

/* ---- names ---- */

static const char *const state_name[] = { "overdue", "due-soon", "in-time",
	"paused" };

const char *
mc_state_name(enum mc_state s)
{
	return state_name[s];
}

int
mc_states_parse(unsigned *out, struct mc_str s, struct mc_err *err)
{
	struct mc_str rest = s, word;
	int i;

	*out = 0;
	while (rest.p != NULL) {
		word = rest;
		if (!mc_str_split(rest, ',', &word, &rest))
			rest = (struct mc_str){ NULL, 0 };
		word = mc_str_trim(word);
		for (i = 0; i < MC_STATES; i++)
			if (mc_str_is(word, state_name[i]))
				break;
		if (i == MC_STATES) {
			mc_err(err, MC_EUSAGE, "E_STATE",
			    "there is no state \"%.*s\"", (int)word.len,
			    word.p);
			return mc_err_advise(
			    err, "they are overdue, due-soon, in-time, paused");
		}
		*out |= 1u << i;
	}
	return 0;
}

/* ---- opening ---- */

int
mc_watch_open(struct mc_watch **out, struct mc_store *s,
    struct mc_rulebook **rb, const struct mc_watch_query *q, struct mc_err *err)
{
	struct mc_watch *w = mc_calloc(1, sizeof(*w));

	*out = NULL;
	w->store = s;
	w->rb = rb;
	w->q = *q;
	w->zone = mc_store_zone(s);
	w->today = mc_zone_day(w->zone, q->now);
	if (q->unit.p != NULL &&
	    (mc_scope_rulebook(rb, s, err) == -1 ||
		mc_scope_new(&w->scope, s, *rb, q->unit, w->today,
		    MC_ENDED_SUCCESSOR, err) == -1)) {
		mc_watch_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
mc_watch_free(struct mc_watch *w)
{
	if (w == NULL)
		return;
	mc_cur_close(w->cur);
	mc_scope_free(w->scope);
	mc_vec_free(&w->unit);
	mc_vec_free(&w->horizon);
	mc_vec_free(&w->known);
	mc_vec_free(&w->item);
	mc_vec_free(&w->key_count);
	mc_vec_free(&w->count);
	mc_vec_free(&w->sum);
	mc_buf_free(&w->codes);
	mc_buf_free(&w->step);
	mc_buf_free(&w->officer);
	free(w);
}

/* ---- items ---- */

static void
read_columns(
    const struct mc_watch *w, struct mc_cur *cur, struct mc_watch_item *it)
{
	int64_t flags = mc_cur_int(cur, COL_FLAGS, 0);

	*it = (struct mc_watch_item){
		.id = mc_cur_int(cur, COL_DOSSIER, 0),
		.due_at = mc_cur_int(cur, COL_DUE_AT, MC_NEVER),
		.due_day = (int32_t)mc_cur_int(cur, COL_DUE_DAY, MC_NODAY),
		.status =
		    (enum mc_status)mc_cur_int(cur, COL_STATUS, MC_S_NONE),
		.provisional = (flags & MC_FLAG_PROVISIONAL) != 0,
		.apologised = (flags & MC_FLAG_APOLOGISED) != 0 ||
			      flags >= MC_FLAG_EXTENSIONS,
		.unit = (int32_t)mc_cur_int(cur, COL_UNIT, MC_NOID),
		.pin = (int32_t)mc_cur_int(cur, COL_PIN, MC_NOID),
		.officer = (int32_t)mc_cur_int(cur, COL_OFFICER, MC_NOID),
		.paused_at = mc_cur_int(cur, COL_PAUSED_AT, MC_NEVER),
		.step = MC_NOID,
	};
	it->holder = it->unit;
	it->dossier_due_at = it->due_at;
	it->dossier_due_day = it->due_day;
	if (!w->counting) {
		it->procedure =
		    (int32_t)mc_cur_int(cur, COL_PROCEDURE, MC_NOID);
		it->received_at = mc_cur_int(cur, COL_RECEIVED_AT, MC_NEVER);
	}
	if (!w->q.steps)
		return;
	it->step = (int32_t)mc_cur_int(cur, COL_STEP, MC_NOID);
	it->holder = (int32_t)mc_cur_int(cur, COL_STEP_UNIT, it->unit);
	it->officer = (int32_t)mc_cur_int(cur, COL_STEP_OFFICER, it->officer);
	it->due_at = mc_cur_int(cur, COL_STEP_DUE_AT, MC_NEVER);
	it->due_day = (int32_t)mc_cur_int(cur, COL_STEP_DUE_DAY, MC_NODAY);
}

/* 1 wanted, 0 not, -1. */
static int
read_item(struct mc_watch *w, struct mc_cur *cur, struct mc_watch_item *it,
    struct mc_err *err)
{
	enum mc_apology apology;

	read_columns(w, cur, it);
	if (!mc_scope_has(w->scope, it->unit))
		return 0;
	if (mc_watch_judge(w, it, err) == -1)
		return -1;
	if (!mc_watch_wants(w, it->state))
		return 0;
	if (!w->q.no_apology)
		return 1;
	if (mc_watch_apology(w, it, &apology, err) == -1)
		return -1;
	return apology == MC_APOLOGY_OWED;
}

static int
push_item(struct mc_watch *w, struct mc_watch_item it, struct mc_err *err)
{
	it.code_at = w->codes.len;
	if (mc_store_code(w->store, it.id, &w->codes, err) == -1)
		return -1;
	mc_buf_putc(&w->codes, '\0');
	mc_vec_push(&w->item, it);
	return 0;
}

int
mc_watch_add(struct mc_watch *w, struct mc_str code, struct mc_err *err)
{
	struct mc_watch_item it;
	struct mc_cur *cur;
	int64_t id;
	int rc, any = 0;

	if ((rc = mc_store_find(w->store, code, &id, err)) == -1)
		return -1;
	if (rc == 0)
		return mc_err(err, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)code.len, code.p);
	if (mc_cur_open(&cur, mc_store_db(w->store),
		w->q.steps ? MC_SQL_WATCH_STEPS_ONE : MC_SQL_WATCH_ONE,
		MC_ARGS(MC_INT(id)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		if ((rc = read_item(w, cur, &it, err)) == 1)
			rc = push_item(w, it, err) == -1 ? -1 : (any = 1);
		if (rc == -1)
			break;
	}
	mc_cur_close(cur);
	return rc == -1 ? -1 : any;
}

/* ---- the order ---- */

static bool
wants_all(const struct mc_watch *w)
{
	return mc_watch_wants(w, MC_IN_TIME) || mc_watch_wants(w, MC_PAUSED);
}

static int
open_cur(struct mc_watch *w, enum mc_sql id, struct mc_err *err)
{
	return mc_cur_open(&w->cur, mc_store_db(w->store), id, MC_NOARGS, err);
}

/* What is due by then and runs, which the index knows. */
static int
open_due(struct mc_watch *w, struct mc_err *err)
{
	int64_t from = INT64_MIN, until = w->q.now;

	/*
	 * What was due before today is overdue by every rule of a verdict.  A
	 * day more, for its day may be that of a zone the rulebook once had.
	 */
	if (!mc_watch_wants(w, MC_OVERDUE))
		from = mc_zone_instant(w->zone, w->today - 1, 0);
	if (mc_watch_wants(w, MC_DUE_SOON) &&
	    mc_watch_last_horizon(w, &until, err) == -1)
		return -1;
	return mc_cur_open(&w->cur, mc_store_db(w->store),
	    w->counting ? MC_SQL_WATCH_COUNT_DUE : MC_SQL_WATCH_DUE,
	    MC_ARGS(MC_INT(from), MC_INT(until)), err);
}

/* The next statement, if there is one more. */
static int
advance(struct mc_watch *w, struct mc_err *err)
{
	bool first = w->phase == MC_WATCH_START;

	mc_cur_close(w->cur);
	w->cur = NULL;
	w->phase = first ? MC_WATCH_DUE : MC_WATCH_END;
	if (w->q.only)
		w->phase = MC_WATCH_END;
	else if (first && w->q.steps)
		return open_cur(w, MC_SQL_WATCH_STEPS, err);
	else if (first && !wants_all(w))
		return open_due(w, err);
	else if (first && w->counting)
		return open_cur(w, MC_SQL_WATCH_COUNT_ALL, err);
	else if (first) {
		w->phase = MC_WATCH_REST;
		return open_cur(w, MC_SQL_WATCH_ALL, err);
	}
	return 0;
}

int
mc_watch_scan(struct mc_watch *w, struct mc_watch_item *it, struct mc_err *err)
{
	bool rest;
	int rc;

	while (w->phase != MC_WATCH_END) {
		while (w->cur != NULL && (rc = mc_cur_next(w->cur, err)) != 0) {
			if (rc == 1)
				rc = read_item(w, w->cur, it, err);
			if (rc != 0)
				return rc;
		}
		rest = w->phase == MC_WATCH_REST;
		if (advance(w, err) == -1)
			return -1;
		/* Behind all that have a due come those without. */
		if (rest) {
			w->phase = MC_WATCH_DUE;
			if (open_cur(w, MC_SQL_WATCH_NO_DUE, err) == -1)
				return -1;
		}
	}
	return 0;
}

static int
by_due(const void *va, const void *vb)
{
	const struct mc_watch_item *a = va, *b = vb;
	int rc;

	if (a->due_at != b->due_at) {
		if (a->due_at == MC_NEVER || b->due_at == MC_NEVER)
			return a->due_at == MC_NEVER ? 1 : -1;
		return a->due_at < b->due_at ? -1 : 1;
	}
	rc = strcmp(a->code, b->code);
	return rc != 0 ? rc : strcmp(a->step_name, b->step_name);
}

void
mc_watch_sort(struct mc_watch *w)
{
	const struct mc_watch_item *last;
	struct mc_watch_item *it;
	size_t i, n = 0;

	for (i = 0; i < w->item.n; i++) {
		it = &w->item.p[i];
		it->code = w->codes.p + it->code_at;
		it->step_name = it->step == MC_NOID ? ""
						    : mc_store_text(w->store,
							  MC_D_STEP, it->step);
	}
	if (w->item.n > 1)
		qsort(w->item.p, w->item.n, sizeof(*w->item.p), by_due);
	/* One that was given twice is listed once. */
	for (i = 0; i < w->item.n; i++) {
		last = n == 0 ? NULL : &w->item.p[n - 1];
		if (last == NULL || w->item.p[i].id != last->id ||
		    w->item.p[i].step != last->step)
			w->item.p[n++] = w->item.p[i];
	}
	w->item.n = n;
}

/* Everything at once: what was given, and steps, which no index orders. */
static int
fill_all(struct mc_watch *w, struct mc_err *err)
{
	struct mc_watch_item it;
	int rc;

	while ((rc = mc_watch_scan(w, &it, err)) == 1)
		if (push_item(w, it, err) == -1)
			return -1;
	mc_watch_sort(w);
	return rc;
}

/* The items of the next due, or all that were given. */
static int
fill(struct mc_watch *w, struct mc_err *err)
{
	struct mc_watch_item it;
	int rc = 1;

	if (w->q.only || w->q.steps)
		return fill_all(w, err);
	w->item.n = w->at = 0;
	mc_buf_reset(&w->codes);
	if (w->has_ahead && push_item(w, w->ahead, err) == -1)
		return -1;
	w->has_ahead = false;
	while ((rc = mc_watch_scan(w, &it, err)) == 1) {
		if (w->item.n > 0 && w->item.p[0].due_at != it.due_at) {
			w->ahead = it;
			w->has_ahead = true;
			break;
		}
		if (push_item(w, it, err) == -1)
			return -1;
	}
	mc_watch_sort(w);
	return rc == -1 ? -1 : 0;
}

/* ---- the rows ---- */

static void
add_name(struct mc_watch *w, struct mc_buf *b, bool more, enum mc_dict dict,
    int64_t id)
{
	if (more)
		mc_buf_putc(b, '+');
	if (id != MC_NOID)
		mc_buf_puts(b, mc_store_text(w->store, dict, (int32_t)id));
}

/* Its open steps, and who has them. */
static int
place(struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	struct mc_cur *cur;
	int64_t officer;
	bool any = it->officer != MC_NOID;
	int rc = 0, n = 0;

	mc_buf_reset(&w->step);
	mc_buf_reset(&w->officer);
	/* What was received only is in no step. */
	if (it->status == MC_S_RECEIVED)
		cur = NULL;
	else if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_FIND_STEPS,
		     MC_ARGS(MC_INT(it->id)), err) == -1)
		return -1;
	while (cur != NULL && (rc = mc_cur_next(cur, err)) == 1) {
		officer = mc_cur_int(cur, 2, it->officer);
		any = any || officer != MC_NOID;
		add_name(w, &w->step, n > 0, MC_D_STEP, mc_cur_int(cur, 0, 0));
		add_name(w, &w->officer, n > 0, MC_D_OFFICER, officer);
		n++;
	}
	mc_cur_close(cur);
	if (n == 0)
		add_name(w, &w->officer, false, MC_D_OFFICER, it->officer);
	w->row.step = n > 0 ? mc_buf_str(&w->step) : NULL;
	w->row.officer = any ? mc_buf_str(&w->officer) : NULL;
	return rc;
}

/* The same for a step of its own. */
static void
place_step(struct mc_watch *w, const struct mc_watch_item *it)
{
	struct mc_watch_row *r = &w->row;

	r->step = mc_store_text(w->store, MC_D_STEP, it->step);
	r->officer = it->officer == MC_NOID
			 ? NULL
			 : mc_store_text(w->store, MC_D_OFFICER, it->officer);
	r->holder = mc_store_text(w->store, MC_D_UNIT, it->holder);
}

/* Working time until due; what a pause has left stands still. */
static int
measure(struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	const struct mc_calendar *cal;
	struct mc_watch_row *r = &w->row;
	struct mc_policy ignored;
	int64_t from = w->q.now;

	r->has_due = it->due_at != MC_NEVER;
	r->left_minutes = r->late_days = 0;
	if (mc_watch_provisional(w, it, &r->provisional, err) == -1)
		return -1;
	if (!r->has_due)
		return 0;
	if (mc_watch_rules(w, it, &cal, &ignored, err) == -1)
		return -1;
	if (it->state == MC_PAUSED && it->paused_at != MC_NEVER)
		from = it->paused_at;
	r->left_minutes =
	    mc_calendar_work_between(cal, from, it->due_at) / MS_MINUTE;
	if (it->state == MC_OVERDUE)
		r->late_days = mc_late_days(
		    (struct mc_due){ it->due_day, it->due_at, false },
		    w->today);
	return 0;
}

static int
make_row(struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	struct mc_watch_row *r = &w->row;
	const char *field;

	r->holder = NULL;
	if (it->step != MC_NOID)
		place_step(w, it);
	else if (place(w, it, err) == -1)
		return -1;
	if (measure(w, it, err) == -1 ||
	    mc_watch_apology(w, it, &r->apology, err) == -1)
		return -1;
	r->id = it->id;
	r->step_id = it->step;
	r->code = it->code;
	r->procedure = mc_store_text(w->store, MC_D_PROCEDURE, it->procedure);
	mc_store_procedure(w->store, it->procedure, &r->title, &field);
	r->unit = mc_store_text(w->store, MC_D_UNIT, it->unit);
	r->received_at = it->received_at;
	r->status = it->status;
	r->due_at = it->due_at;
	r->dossier_due_at = it->dossier_due_at;
	r->state = it->state;
	return 0;
}

int
mc_watch_next(
    struct mc_watch *w, const struct mc_watch_row **row, struct mc_err *err)
{
	*row = NULL;
	if (w->phase == MC_WATCH_START ||
	    (w->at == w->item.n && (w->phase != MC_WATCH_END || w->has_ahead)))
		if (fill(w, err) == -1)
			return -1;
	if (w->at == w->item.n)
		return 0;
	if (make_row(w, &w->item.p[w->at++], err) == -1)
		return -1;
	*row = &w->row;
	return 1;
}
