/* watch.c - see motcua/watch.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/mem.h>
#include <motcua/scope.h>
#include <motcua/text.h>
#include <motcua/watch.h>

#define FLAG_PROVISIONAL 2 /* of the flags column (store_case.c) */
#define MS_MINUTE 60000

/* An open dossier that is to be listed. */
struct item {
	int64_t id, due_at, paused_at;
	int32_t due_day, unit, pin, officer;
	enum mc_status status;
	enum mc_state state;
	bool provisional;
	size_t code_at;   /* where its code begins in w->codes */
	const char *code; /* once w->codes is complete */
};

/* Until when things are due soon, by one calendar and policy. */
struct horizon {
	const struct mc_calendar *cal;
	enum mc_due_time due_time;
	enum mc_late_intake late_intake;
	int32_t cutoff;
	int64_t until;
};

struct key_count {
	int32_t key;
	int64_t n[MC_STATES];
};

struct mc_watch {
	struct mc_store *store;
	struct mc_rulebook **rb;
	struct mc_watch_query q;
	const struct mc_zone *zone;
	int32_t today;
	struct mc_scope *scope;
	const struct mc_units *units;
	MC_VEC(const struct mc_unit *) unit; /* by id; NULL: not looked up */
	MC_VEC(struct horizon) horizon;

	struct mc_cur *cur;
	enum { START, DUE, NO_DUE, END } phase;
	bool has_ahead;
	struct item ahead;        /* read, but of the next due */
	MC_VEC(struct item) item; /* those of one due; all, with query.only */
	size_t at;
	struct mc_buf codes;

	struct mc_watch_row row;
	struct mc_buf step, officer;

	MC_VEC(struct key_count) key_count;
	MC_VEC(struct mc_watch_count) count;
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

static bool
wants(const struct mc_watch *w, enum mc_state s)
{
	return (w->q.states >> s & 1) != 0;
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
	if (q->unit.p != NULL && (mc_scope_rulebook(rb, s, err) == -1 ||
				     mc_scope_new(&w->scope, s, *rb, q->unit,
					 w->today, false, err) == -1)) {
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
	mc_vec_free(&w->item);
	mc_vec_free(&w->key_count);
	mc_vec_free(&w->count);
	mc_buf_free(&w->codes);
	mc_buf_free(&w->step);
	mc_buf_free(&w->officer);
	free(w);
}

/* ---- calendars ---- */

static int
need_rules(struct mc_watch *w, struct mc_err *err)
{
	if (w->units != NULL)
		return 0;
	return mc_scope_rulebook(w->rb, w->store, err) == -1
		   ? -1
		   : mc_rulebook_units(*w->rb, &w->units, err);
}

/* The calendar and policy that rule a dossier. */
static int
rules_of(struct mc_watch *w, const struct item *it,
    const struct mc_calendar **cal, struct mc_policy *policy,
    struct mc_err *err)
{
	const struct mc_procedure *procedure = NULL;
	const struct mc_unit *unit;
	const char *code, *blob;

	if (need_rules(w, err) == -1)
		return -1;
	*policy = mc_policy_default;
	if (it->pin != MC_NOID && mc_store_definition(w->store, it->pin,
				      &procedure, policy, err) == -1)
		return -1;
	while (w->unit.n <= (size_t)it->unit)
		mc_vec_push(&w->unit, NULL);
	unit = w->unit.p[it->unit];
	if (unit == NULL) {
		code = mc_store_text(w->store, MC_D_UNIT, it->unit);
		unit = mc_unit_find(w->units, mc_str(code), w->today);
		w->unit.p[it->unit] = unit;
	}
	return mc_rulebook_calendar_for(*w->rb,
	    procedure == NULL ? NULL : procedure->calendar, unit, cal, &blob,
	    err);
}

static int
horizon_of(struct mc_watch *w, const struct mc_calendar *cal,
    const struct mc_policy *p, int64_t *until, struct mc_err *err)
{
	struct mc_due due;
	struct horizon h = { cal, p->due_time, p->late_intake, p->cutoff, 0 };
	const struct horizon *old;
	size_t i;

	for (i = 0; i < w->horizon.n; i++) {
		old = &w->horizon.p[i];
		if (old->cal == cal && old->due_time == p->due_time &&
		    old->late_intake == p->late_intake &&
		    old->cutoff == p->cutoff) {
			*until = old->until;
			return 0;
		}
	}
	if (mc_deadline(&due, p, cal, w->q.warn, w->q.now, NULL, NULL, err) ==
	    -1)
		return -1;
	*until = h.until = due.at;
	mc_vec_push(&w->horizon, h);
	return 0;
}

/* The latest horizon that any policy could give by this calendar. */
static int
stretch(
    struct mc_watch *w, const char *name, int64_t *until, struct mc_err *err)
{
	struct mc_policy latest = mc_policy_default;
	const struct mc_calendar *cal;
	const char *blob;
	int64_t at;

	latest.due_time = MC_DUE_MIDNIGHT;
	latest.cutoff = 0;
	if (mc_rulebook_calendar(*w->rb, name, &cal, &blob, err) == -1 ||
	    horizon_of(w, cal, &latest, &at, err) == -1)
		return -1;
	if (at > *until)
		*until = at;
	return 0;
}

/* No dossier that is due later can be due soon, whatever its calendar. */
static int
last_horizon(struct mc_watch *w, int64_t *until, struct mc_err *err)
{
	const struct mc_unit *u;
	struct mc_cur *cur;
	struct mc_str name;
	char *copy;
	int i, rc;

	*until = w->q.now;
	if (need_rules(w, err) == -1 || stretch(w, NULL, until, err) == -1)
		return -1;
	for (i = 0; i < mc_units_count(w->units); i++) {
		u = mc_units_at(w->units, i);
		if (u->calendar != NULL &&
		    stretch(w, u->calendar, until, err) == -1)
			return -1;
	}
	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_WATCH_CALENDARS,
		MC_NOARGS, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		name = mc_cur_text(cur, 0);
		if (name.p == NULL)
			continue;
		copy = mc_strndup(name.p, name.len);
		rc = stretch(w, copy, until, err);
		free(copy);
		if (rc == -1)
			break;
	}
	mc_cur_close(cur);
	return rc;
}

/* ---- states ---- */

static int
judge(struct mc_watch *w, struct item *it, struct mc_err *err)
{
	const struct mc_due due = { it->due_day, it->due_at, false };
	const struct mc_procedure *ignored;
	const struct mc_calendar *cal;
	struct mc_policy policy = mc_policy_default;
	int64_t until;

	it->state = MC_IN_TIME;
	if (mc_status_paused(it->status)) {
		it->state = MC_PAUSED;
		return 0;
	}
	if (it->due_at == MC_NEVER)
		return 0;
	if (it->due_day < w->today || it->due_at <= w->q.now) {
		if (it->pin != MC_NOID && mc_store_definition(w->store, it->pin,
					      &ignored, &policy, err) == -1)
			return -1;
		if (mc_overdue(policy.verdict, due, w->q.now, w->zone)) {
			it->state = MC_OVERDUE;
			return 0;
		}
	}
	if (!wants(w, MC_DUE_SOON) && !wants(w, MC_IN_TIME))
		return 0;
	if (rules_of(w, it, &cal, &policy, err) == -1 ||
	    horizon_of(w, cal, &policy, &until, err) == -1)
		return -1;
	if (it->due_at <= until)
		it->state = MC_DUE_SOON;
	return 0;
}

/* 1 wanted, 0 not, -1. */
static int
read_item(
    struct mc_watch *w, struct mc_cur *cur, struct item *it, struct mc_err *err)
{
	*it = (struct item){
		.id = mc_cur_int(cur, 0, 0),
		.due_at = mc_cur_int(cur, 1, MC_NEVER),
		.due_day = (int32_t)mc_cur_int(cur, 2, MC_NODAY),
		.status = (enum mc_status)mc_cur_int(cur, 3, MC_S_NONE),
		.provisional = (mc_cur_int(cur, 4, 0) & FLAG_PROVISIONAL) != 0,
		.unit = (int32_t)mc_cur_int(cur, 5, MC_NOID),
		.pin = (int32_t)mc_cur_int(cur, 6, MC_NOID),
		.officer = (int32_t)mc_cur_int(cur, 7, MC_NOID),
		.paused_at = mc_cur_int(cur, 8, MC_NEVER),
	};
	if (!mc_scope_has(w->scope, it->unit))
		return 0;
	if (judge(w, it, err) == -1)
		return -1;
	return wants(w, it->state);
}

static int
push_item(struct mc_watch *w, struct item it, struct mc_err *err)
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
	struct mc_cur *cur;
	struct item it;
	int64_t id;
	int rc;

	if ((rc = mc_store_find(w->store, code, &id, err)) == -1)
		return -1;
	if (rc == 0)
		return mc_err(err, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)code.len, code.p);
	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_WATCH_ONE,
		MC_ARGS(MC_INT(id)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1)
		rc = read_item(w, cur, &it, err);
	mc_cur_close(cur);
	if (rc != 1)
		return rc;
	return push_item(w, it, err) == -1 ? -1 : 1;
}

/* ---- the list ---- */

static bool
wants_all(const struct mc_watch *w)
{
	return wants(w, MC_IN_TIME) || wants(w, MC_PAUSED);
}

/* The next statement, if there is one more. */
static int
advance(struct mc_watch *w, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(w->store);
	int64_t until = w->q.now;

	mc_cur_close(w->cur);
	w->cur = NULL;
	if (w->phase == START && !w->q.only) {
		w->phase = DUE;
		if (wants_all(w))
			return mc_cur_open(
			    &w->cur, db, MC_SQL_WATCH_ALL, MC_NOARGS, err);
		if (wants(w, MC_DUE_SOON) && last_horizon(w, &until, err) == -1)
			return -1;
		return mc_cur_open(
		    &w->cur, db, MC_SQL_WATCH_DUE, MC_ARGS(MC_INT(until)), err);
	}
	if (w->phase == DUE && wants_all(w)) {
		w->phase = NO_DUE;
		return mc_cur_open(
		    &w->cur, db, MC_SQL_WATCH_NO_DUE, MC_NOARGS, err);
	}
	w->phase = END;
	return 0;
}

/* The next wanted item: by due, those without one last. */
static int
scan(struct mc_watch *w, struct item *it, struct mc_err *err)
{
	int rc;

	while (w->phase != END) {
		while (w->cur != NULL && (rc = mc_cur_next(w->cur, err)) != 0) {
			if (rc == 1)
				rc = read_item(w, w->cur, it, err);
			if (rc != 0)
				return rc;
		}
		if (advance(w, err) == -1)
			return -1;
	}
	return 0;
}

static int
by_due(const void *va, const void *vb)
{
	const struct item *a = va, *b = vb;

	if (a->due_at != b->due_at) {
		if (a->due_at == MC_NEVER || b->due_at == MC_NEVER)
			return a->due_at == MC_NEVER ? 1 : -1;
		return a->due_at < b->due_at ? -1 : 1;
	}
	return strcmp(a->code, b->code);
}

static void
sort_items(struct mc_watch *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->item.n; i++)
		w->item.p[i].code = w->codes.p + w->item.p[i].code_at;
	if (w->item.n > 0)
		qsort(w->item.p, w->item.n, sizeof(*w->item.p), by_due);
	/* One that was given twice is listed once. */
	for (i = 0; i < w->item.n; i++)
		if (i == 0 || w->item.p[i].id != w->item.p[i - 1].id)
			w->item.p[n++] = w->item.p[i];
	w->item.n = n;
}

/* The items of the next due, or all that were given. */
static int
fill(struct mc_watch *w, struct mc_err *err)
{
	struct item it;
	int rc = 1;

	if (w->q.only && w->phase == START) {
		w->phase = END;
		sort_items(w);
		return 0;
	}
	w->item.n = w->at = 0;
	mc_buf_reset(&w->codes);
	if (w->has_ahead && push_item(w, w->ahead, err) == -1)
		return -1;
	w->has_ahead = false;
	while ((rc = scan(w, &it, err)) == 1) {
		if (w->item.n > 0 && w->item.p[0].due_at != it.due_at) {
			w->ahead = it;
			w->has_ahead = true;
			break;
		}
		if (push_item(w, it, err) == -1)
			return -1;
	}
	sort_items(w);
	return rc == -1 ? -1 : 0;
}

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
place(struct mc_watch *w, const struct item *it, struct mc_err *err)
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

static int
read_dossier(struct mc_watch *w, int64_t id, int32_t *procedure,
    int64_t *received_at, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	*procedure = MC_NOID;
	*received_at = MC_NEVER;
	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_WATCH_DOSSIER,
		MC_ARGS(MC_INT(id)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		*procedure = (int32_t)mc_cur_int(cur, 0, MC_NOID);
		*received_at = mc_cur_int(cur, 1, MC_NEVER);
	}
	mc_cur_close(cur);
	return rc == -1 ? -1 : 0;
}

/* Working time until due; what a pause has left stands still. */
static int
measure(struct mc_watch *w, const struct item *it, struct mc_err *err)
{
	const struct mc_calendar *cal;
	struct mc_policy ignored;
	int64_t from = w->q.now;

	w->row.has_due = it->due_at != MC_NEVER;
	w->row.left_minutes = 0;
	w->row.late_days = 0;
	if (!w->row.has_due)
		return 0;
	if (rules_of(w, it, &cal, &ignored, err) == -1)
		return -1;
	if (it->state == MC_PAUSED && it->paused_at != MC_NEVER)
		from = it->paused_at;
	w->row.left_minutes =
	    mc_calendar_work_between(cal, from, it->due_at) / MS_MINUTE;
	if (it->state == MC_OVERDUE)
		w->row.late_days = mc_late_days(
		    (struct mc_due){ it->due_day, it->due_at, false },
		    w->today);
	return 0;
}

int
mc_watch_next(
    struct mc_watch *w, const struct mc_watch_row **row, struct mc_err *err)
{
	struct mc_watch_row *r = &w->row;
	const struct item *it;
	const char *field;
	int32_t procedure;

	*row = NULL;
	if (w->phase == START ||
	    (w->at == w->item.n && (w->phase != END || w->has_ahead)))
		if (fill(w, err) == -1)
			return -1;
	if (w->at == w->item.n)
		return 0;
	it = &w->item.p[w->at++];
	if (read_dossier(w, it->id, &procedure, &r->received_at, err) == -1 ||
	    place(w, it, err) == -1 || measure(w, it, err) == -1)
		return -1;
	r->code = it->code;
	r->procedure = mc_store_text(w->store, MC_D_PROCEDURE, procedure);
	mc_store_procedure(w->store, procedure, &r->title, &field);
	r->unit = mc_store_text(w->store, MC_D_UNIT, it->unit);
	r->status = it->status;
	r->due_at = it->due_at;
	r->provisional = it->provisional;
	r->state = it->state;
	*row = r;
	return 1;
}

/* ---- counting ---- */

static void
count_one(struct mc_watch *w, int32_t key, enum mc_state state)
{
	struct key_count k = { .key = key };

	while (w->key_count.n <= (size_t)key) {
		k.key = (int32_t)w->key_count.n;
		mc_vec_push(&w->key_count, k);
	}
	w->key_count.p[key].n[state]++;
}

/* For each officer once, whatever he has of it. */
static int
count_officers(struct mc_watch *w, const struct item *it, struct mc_err *err)
{
	int32_t seen[MC_CASE_STEPS], officer;
	struct mc_cur *cur;
	int rc, i, n = 0;

	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_FIND_STEPS,
		MC_ARGS(MC_INT(it->id)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1 && n < MC_CASE_STEPS) {
		officer = (int32_t)mc_cur_int(cur, 2, it->officer);
		for (i = 0; i < n && seen[i] != officer;)
			i++;
		if (i == n) {
			seen[n++] = officer;
			count_one(w, officer, it->state);
		}
	}
	mc_cur_close(cur);
	if (n == 0)
		count_one(w, it->officer, it->state);
	return rc == -1 ? -1 : 0;
}

static int
count_item(struct mc_watch *w, const struct item *it, enum mc_watch_by by,
    struct mc_err *err)
{
	int64_t ignored;
	int32_t procedure;

	switch (by) {
	case MC_WATCH_OFFICER:
		return count_officers(w, it, err);
	case MC_WATCH_PROCEDURE:
		if (read_dossier(w, it->id, &procedure, &ignored, err) == -1)
			return -1;
		count_one(w, procedure, it->state);
		return 0;
	case MC_WATCH_UNIT:
		break;
	}
	count_one(w, it->unit, it->state);
	return 0;
}

/* Nobody comes last. */
static int
by_count_key(const void *va, const void *vb)
{
	const struct mc_watch_count *a = va, *b = vb;
	int rc;

	if (a->key == NULL || b->key == NULL)
		rc = (a->key == NULL) - (b->key == NULL);
	else
		rc = strcmp(a->key, b->key);
	return rc != 0 ? rc : (int)a->state - (int)b->state;
}

static void
make_counts(struct mc_watch *w, enum mc_watch_by by)
{
	static const enum mc_dict dict[] = { MC_D_UNIT, MC_D_PROCEDURE,
		MC_D_OFFICER };
	const struct key_count *k;
	const char *key;
	size_t i;
	int s;

	for (i = 0; i < w->key_count.n; i++) {
		k = &w->key_count.p[i];
		key = k->key == MC_NOID
			  ? NULL
			  : mc_store_text(w->store, dict[by], k->key);
		for (s = 0; s < MC_STATES; s++)
			if (k->n[s] > 0)
				mc_vec_push(&w->count,
				    ((struct mc_watch_count){
					key, (enum mc_state)s, k->n[s] }));
	}
	if (w->count.n > 0)
		qsort(
		    w->count.p, w->count.n, sizeof(*w->count.p), by_count_key);
}

int
mc_watch_counts(struct mc_watch *w, enum mc_watch_by by,
    const struct mc_watch_count **out, size_t *n, struct mc_err *err)
{
	struct item it;
	size_t i;
	int rc = 0;

	if (w->q.only) {
		sort_items(w);
		for (i = 0; i < w->item.n && rc == 0; i++)
			rc = count_item(w, &w->item.p[i], by, err);
	} else {
		while ((rc = scan(w, &it, err)) == 1)
			if ((rc = count_item(w, &it, by, err)) == -1)
				break;
	}
	if (rc == -1)
		return -1;
	make_counts(w, by);
	*out = w->count.p;
	*n = w->count.n;
	return 0;
}
