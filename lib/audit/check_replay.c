/* check_replay.c - `dossier-db check replay`: the tables are a fold of the log. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/mem.h>

#include "check_internal.h"

#define BATCH 50000 /* events a transaction of the scratch database */
#define NO INT64_MIN

/* What a run of dossier-import has done, by its events that lie together. */
struct run {
	int64_t id; /* 0: none */
	int64_t first, last, events, added, voided;
};

struct replay {
	struct mc_store *live, *store; /* store: over the scratch database */
	struct mc_findings *f;
	struct mc_case c;   /* of the events being read */
	struct mc_buf code; /* its code */
	struct run run;     /* not yet in the scratch database */
	bool loaded;        /* c is somebody's, with changes not yet saved */
	bool damaged;       /* what follows for this dossier is not to be had */
};

/* ---- names ---- */

/* Other ids are those of codes that are packed: nothing could be kept so. */
static bool
may_be_code(struct replay *r, struct mc_cur *cur)
{
	int64_t id = mc_cur_int(cur, 0, 0);

	if (id > 0 && id < MC_CODE_ODD)
		return true;
	mc_findings_add(r->f, "replay", "E_REPLAY", -1, mc_cur_text(cur, 1),
	    "table code: %" PRId64 " is no id of a code", id);
	return false;
}

/*
 * Names have ids in the order in which they were met; that order is not
 * what is checked here, so the scratch database begins with the same ones.
 */
static int
copy_rows(struct replay *r, enum mc_sql from, bool all, enum mc_sql add,
    const char *types, struct mc_err *err)
{
	struct mc_db *to = mc_store_db(r->store);
	struct mc_arg arg[8];
	struct mc_cur *cur;
	size_t n = strlen(types), i;
	const struct mc_arg zero = MC_INT(0);
	int rc;

	if (mc_cur_open(&cur, mc_store_db(r->live), from, all ? NULL : &zero,
		all ? 0 : 1, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		if (from == MC_SQL_CHECK_CODE && !may_be_code(r, cur))
			continue;
		for (i = 0; i < n; i++)
			arg[i] = types[i] == 'i'
				     ? MC_INT(mc_cur_int(cur, (int)i, 0))
				     : MC_TEXT(mc_cur_text(cur, (int)i));
		if (mc_db_run(to, add, arg, n, err) == -1) {
			rc = -1;
			break;
		}
	}
	mc_cur_close(cur);
	return rc;
}

static int
copy_names(struct replay *r, struct mc_err *err)
{
	static const struct {
		enum mc_sql from, add;
		bool all;
		const char *types;
	} names[] = {
		{ MC_SQL_UNIT_FROM, MC_SQL_UNIT_ADD, false, "it" },
		{ MC_SQL_OFFICER_FROM, MC_SQL_OFFICER_ADD, false, "it" },
		{ MC_SQL_STEP_NAME_FROM, MC_SQL_STEP_NAME_ADD, false, "it" },
		{ MC_SQL_AGENCY_FROM, MC_SQL_AGENCY_ADD, false, "it" },
		{ MC_SQL_PROCEDURE_FROM, MC_SQL_PROCEDURE_ADD, false, "it" },
		{ MC_SQL_CHECK_DEFINITION, MC_SQL_DEFINITION_ADD, true, "tt" },
		{ MC_SQL_PIN_FROM, MC_SQL_PIN_ADD, false, "iittttt" },
		{ MC_SQL_CHECK_CODE, MC_SQL_CODE_ADD, true, "it" },
		/* When and of what a run was no event says, nor where its
		 * first could have been. */
		{ MC_SQL_RUN_ALL, MC_SQL_RUN_ADD, true, "iiti" },
	};
	struct mc_db *to = mc_store_db(r->store);
	size_t i;

	if (mc_db_begin(to, err) == -1)
		return -1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (copy_rows(r, names[i].from, names[i].all, names[i].add,
			names[i].types, err) == -1)
			return -1;
	return mc_db_commit(to, err);
}

/* ---- runs ---- */

static int
save_run(struct replay *r, struct mc_err *err)
{
	struct run run = r->run;

	r->run = (struct run){ .first = INT64_MAX };
	if (run.id == 0)
		return 0;
	return mc_db_run(mc_store_db(r->store), MC_SQL_CHECK_RUN_ADD,
	    MC_ARGS(MC_INT(run.id), MC_INT(run.first), MC_INT(run.last),
		MC_INT(run.events), MC_INT(run.added), MC_INT(run.voided)),
	    err);
}

/* begins: with it a dossier begins, or begins anew. */
static int
note_run(
    struct replay *r, const struct mc_event *e, bool begins, struct mc_err *err)
{
	int64_t id = mc_event_num(e, MC_F_RUN, 0), seq = (int64_t)e->seq;
	struct run *run = &r->run;

	if (id == 0)
		return 0;
	if (id != run->id && save_run(r, err) == -1)
		return -1;
	run->id = id;
	if (e->kind == MC_K_VOIDED) { /* by taking the run back */
		run->voided++;
		return 0;
	}
	if (seq < run->first)
		run->first = seq;
	run->last = seq;
	run->events++;
	run->added += begins;
	return 0;
}

/* Those of which there is no event were only copied. */
static int
save_runs(struct replay *r, struct mc_err *err)
{
	return save_run(r, err) == -1
		   ? -1
		   : mc_db_run(mc_store_db(r->store), MC_SQL_CHECK_RUN_DROP,
			 MC_NOARGS, err);
}

/* ---- folding ---- */

static int
save(struct replay *r, struct mc_err *err)
{
	if (!r->loaded)
		return 0;
	r->loaded = false;
	return r->damaged ? 0 : mc_store_save(r->store, &r->c, err);
}

/* The id of a code, in the scratch database; 0 when it has none yet. */
static int
find(struct replay *r, struct mc_str code, int64_t *id, struct mc_err *err)
{
	struct mc_code_parts parts;
	int32_t agency;
	int rc;

	/* Not mc_store_find(): the log never names a dossier by an alias. */
	if (!mc_code_split(&parts, code)) {
		rc = mc_db_int(mc_store_db(r->store), MC_SQL_CODE_FIND,
		    MC_ARGS(MC_TEXT(code)), id, 0, err);
		return rc;
	}
	rc = mc_store_lookup(r->store, MC_D_AGENCY, parts.agency, &agency, err);
	if (rc == 1)
		*id = mc_code_pack(parts.day, agency, parts.sequence);
	return rc;
}

static int
load(struct replay *r, struct mc_str code, struct mc_err *err)
{
	int64_t id = 0;
	int rc;

	if (r->loaded &&
	    mc_str_same(code, (struct mc_str){ r->code.p, r->code.len }))
		return 0;
	if (save(r, err) == -1 || (rc = find(r, code, &id, err)) == -1)
		return -1;
	if (rc == 1)
		rc = mc_store_load(r->store, id, &r->c, err);
	if (rc == 0 && id != 0 && id < MC_CODE_ODD) {
		/* Its code is there already, copied. */
		mc_case_init(&r->c);
		r->c.id = id;
	} else if (rc == 0) {
		rc = mc_store_new(r->store, code, &r->c, err);
	}
	if (rc == -1)
		return -1;
	mc_buf_reset(&r->code);
	mc_buf_add(&r->code, code.p, code.len);
	r->loaded = true;
	r->damaged = false;
	return 0;
}

/* What is not kept for a closed dossier is not there when it is loaded. */
static void
forget_closed(struct mc_case *c)
{
	if (c->version == 0 || mc_status_open(c->status))
		return;
	c->was = MC_S_NONE;
	c->paused_at = MC_NEVER;
	c->overdue_on = MC_NODAY;
	mc_buf_reset(&c->fields);
}

static int
fold(struct replay *r, const struct mc_event *e, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;

	if (load(r, e->code, err) == -1 ||
	    note_run(r, e, r->c.version == 0 || r->c.voided, err) == -1)
		return -1;
	if (r->damaged)
		return 0;
	forget_closed(&r->c);
	if (mc_store_refold(r->store, &r->c, e, &why) == -1) {
		if (why.code != MC_EDAMAGED && why.code != MC_EDATA) {
			*err = why;
			return -1;
		}
		mc_findings_add(r->f, "replay", "E_REPLAY", (int64_t)e->seq,
		    e->code, "%s", why.msg);
		r->damaged = true;
		return 0;
	}
	if (!mc_event_has(e, MC_F_ALIAS) && !mc_event_has(e, MC_F_PARENT))
		return 0;
	/* Alias and parent refer to the dossier's row. */
	if (mc_store_save(r->store, &r->c, err) == -1)
		return -1;
	if (mc_event_has(e, MC_F_PARENT))
		mc_store_parent(
		    r->store, r->c.id, mc_event_get(e, MC_F_PARENT));
	return mc_event_has(e, MC_F_ALIAS)
		   ? mc_store_alias(
			 r->store, mc_event_get(e, MC_F_ALIAS), r->c.id, err)
		   : 0;
}

static int
fold_log(struct replay *r, struct mc_log *log, struct mc_err *err)
{
	struct mc_buf scratch = { 0 };
	struct mc_err why = MC_ERR_INIT;
	struct mc_event e;
	struct mc_str body;
	uint64_t seq;
	int rc, n = 0;

	if (mc_store_begin(r->store, 0, err) == -1)
		return -1;
	while ((rc = mc_log_next(log, &seq, &body, err)) == 1) {
		if (mc_event_decode(&e, body, &scratch, &why) == -1) {
			mc_findings_add(r->f, "replay", "E_REPLAY",
			    (int64_t)seq, (struct mc_str){ NULL, 0 },
			    "event %" PRIu64 ": %s", seq, why.msg);
			continue;
		}
		if (e.kind == MC_K_CREATED || e.code.len == 0)
			continue; /* the site's */
		if (fold(r, &e, err) == -1) {
			rc = -1;
			break;
		}
		if (++n % BATCH == 0 &&
		    (save(r, err) == -1 ||
			mc_store_commit(r->store, err) == -1 ||
			mc_store_begin(r->store, 0, err) == -1)) {
			rc = -1;
			break;
		}
	}
	mc_buf_free(&scratch);
	if (rc == -1 || save(r, err) == -1 || save_runs(r, err) == -1)
		return -1;
	return mc_store_commit(r->store, err);
}

/* ---- comparing ---- */

/* Columns: 'i' integer, 't' text, 'b' blob; the first `keys` order them. */
struct table {
	const char *name;
	enum mc_sql sql;
	const char *types;
	int keys;
	const char *const *column;
	bool from; /* the statement has ids that are greater than ?1 */
};

static const char *const dossier_columns[] = { "id", "procedure", "pin", "unit",
	"channel", "received_at", "status", "due_day", "due_at", "flags",
	"finished_at", "returned_at", "verdict", "holder", "officer",
	"changed_at", "version", "events" };
static const char *const open_columns[] = { "dossier", "due_at", "due_day",
	"status", "was", "flags", "unit", "pin", "paused_at", "overdue_on",
	"holder", "officer", "changed_at", "version", "events", "fields",
	"procedure", "received_at" };
static const char *const step_columns[] = { "dossier", "step", "unit",
	"officer", "entered_at", "due_at", "due_day" };
static const char *const turn_columns[] = { "unit", "step", "officer" };
static const char *const alias_columns[] = { "dossier", "alias" };
static const char *const child_columns[] = { "dossier", "parent" };
static const char *const rollup_columns[] = { "level", "period", "procedure",
	"unit", "direct", "online", "postal", "early", "on_time", "late",
	"opened", "closed", "became", "ceased" };

static const char *const reopening_columns[] = { "day", "counted", "procedure",
	"unit", "child", "early", "on_time", "late", "closed" };

static const char *const run_columns[] = { "id", "first_seq", "last_seq",
	"events", "added", "voided" };
static const char *const name_columns[] = { "id", "code" };

static const struct table tables[] = {
	{ "unit", MC_SQL_UNIT_FROM, "it", 1, name_columns, true },
	{ "officer", MC_SQL_OFFICER_FROM, "it", 1, name_columns, true },
	{ "step_name", MC_SQL_STEP_NAME_FROM, "it", 1, name_columns, true },
	{ "agency", MC_SQL_AGENCY_FROM, "it", 1, name_columns, true },
	{ "procedure", MC_SQL_PROCEDURE_FROM, "it", 1, name_columns, true },
	{ "code", MC_SQL_CHECK_CODE, "it", 1, name_columns, false },
	{ "run", MC_SQL_CHECK_RUN, "iiiiii", 1, run_columns, false },
	{ "dossier", MC_SQL_CHECK_DOSSIER, "iiiiiiiiiiiiiiiiib", 1,
	    dossier_columns, false },
	{ "open", MC_SQL_CHECK_OPEN, "iiiiiiiiiiiiiibtii", 1, open_columns,
	    false },
	{ "step", MC_SQL_CHECK_STEP, "iiiiiii", 2, step_columns, false },
	{ "turn", MC_SQL_CHECK_TURN, "iii", 2, turn_columns, false },
	{ "alias", MC_SQL_CHECK_ALIAS, "it", 2, alias_columns, false },
	{ "child", MC_SQL_CHECK_CHILD, "it", 1, child_columns, false },
	{ "rollup", MC_SQL_CHECK_ROLLUP, "iiiiiiiiiiiiii", 4, rollup_columns,
	    false },
	{ "reopening", MC_SQL_CHECK_REOPENING, "iiiiiiiii", 5,
	    reopening_columns, false },
};

/* Orders two rows by one column, as the statement did. */
static int
order(struct mc_cur *a, struct mc_cur *b, int i, char type)
{
	struct mc_str s, t;
	int64_t x, y;
	int d;

	if (type == 'i') {
		x = mc_cur_int(a, i, NO);
		y = mc_cur_int(b, i, NO);
		return (x > y) - (x < y);
	}
	s = type == 't' ? mc_cur_text(a, i) : mc_cur_blob(a, i);
	t = type == 't' ? mc_cur_text(b, i) : mc_cur_blob(b, i);
	if ((s.p == NULL) != (t.p == NULL))
		return s.p == NULL ? -1 : 1;
	d = s.p == NULL ? 0 : memcmp(s.p, t.p, s.len < t.len ? s.len : t.len);
	return d != 0 ? d : (s.len > t.len) - (s.len < t.len);
}

/* "dossier H42-…" or, of a roll-up, its cell. */
static void
put_row(struct replay *r, const struct table *t, struct mc_cur *cur,
    struct mc_buf *b, struct mc_buf *code)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_store *s = r->live;

	mc_buf_reset(b);
	mc_buf_reset(code);
	if (t->sql == MC_SQL_CHECK_ROLLUP || t->sql == MC_SQL_CHECK_REOPENING) {
		mc_buf_printf(b,
		    t->sql == MC_SQL_CHECK_ROLLUP
			? "roll-up of level %" PRId64 ", period %" PRId64
			: "reopenings of day %" PRId64
			  ", finished on day %" PRId64,
		    mc_cur_int(cur, 0, NO), mc_cur_int(cur, 1, NO));
		mc_buf_printf(b, ", procedure \"%s\", unit \"%s\"",
		    mc_store_text(
			s, MC_D_PROCEDURE, (int32_t)mc_cur_int(cur, 2, 0)),
		    mc_store_text(
			s, MC_D_UNIT, (int32_t)mc_cur_int(cur, 3, 0)));
		return;
	}
	if (t->column == name_columns || t->sql == MC_SQL_CHECK_RUN) {
		mc_buf_printf(b, "table %s, id %" PRId64, t->name,
		    mc_cur_int(cur, 0, NO));
		return;
	}
	if (t->sql == MC_SQL_CHECK_TURN) {
		mc_buf_printf(b, "table turn, unit \"%s\", step \"%s\"",
		    mc_store_text(s, MC_D_UNIT, (int32_t)mc_cur_int(cur, 0, 0)),
		    mc_store_text(
			s, MC_D_STEP, (int32_t)mc_cur_int(cur, 1, 0)));
		return;
	}
	if (mc_store_code(s, mc_cur_int(cur, 0, 0), code, &ignored) == -1)
		mc_buf_reset(code);
	mc_buf_printf(b, "table %s", t->name);
	if (t->sql == MC_SQL_CHECK_STEP)
		mc_buf_printf(b, ", step \"%s\"",
		    mc_store_text(
			s, MC_D_STEP, (int32_t)mc_cur_int(cur, 1, 0)));
}

static void
put_value(struct mc_buf *b, struct mc_cur *cur, int i)
{
	int64_t n = mc_cur_int(cur, i, NO);

	if (n == NO)
		mc_buf_puts(b, "null");
	else
		mc_buf_int(b, n);
}

/* live or scratch is NULL where the row is only in the other. */
static void
differ(struct replay *r, const struct table *t, struct mc_cur *live,
    struct mc_cur *scratch)
{
	struct mc_buf b = { 0 }, code = { 0 };
	bool first = true;
	int i;

	put_row(r, t, live != NULL ? live : scratch, &b, &code);
	if (live == NULL || scratch == NULL) {
		mc_buf_puts(
		    &b, live == NULL
			    ? ": the row is missing that the log gives"
			    : ": there is a row that the log does not give");
	} else {
		for (i = t->keys; t->types[i] != '\0'; i++) {
			if (order(live, scratch, i, t->types[i]) == 0)
				continue;
			mc_buf_printf(&b, "%s \"%s\" is ", first ? ":" : ",",
			    t->column[i]);
			first = false;
			if (t->types[i] == 'i') {
				put_value(&b, live, i);
				mc_buf_puts(&b, ", by the log ");
				put_value(&b, scratch, i);
			} else {
				mc_buf_puts(&b, "not what the log gives");
			}
		}
	}
	mc_findings_add(r->f, "replay", "E_REPLAY", -1,
	    (struct mc_str){ code.p, code.len }, "%s", mc_buf_str(&b));
	mc_buf_free(&b);
	mc_buf_free(&code);
}

static int
order_rows(
    struct mc_cur *a, struct mc_cur *b, const struct table *t, int from, int to)
{
	int i, d = 0;

	for (i = from; d == 0 && i < to; i++)
		d = order(a, b, i, t->types[i]);
	return d;
}

static int
merge(struct replay *r, const struct table *t, struct mc_cur *a,
    struct mc_cur *b, struct mc_err *err)
{
	int64_t before = r->f->n;
	int columns = (int)strlen(t->types), x, y, d;

	x = mc_cur_next(a, err);
	y = x == -1 ? -1 : mc_cur_next(b, err);
	while ((x == 1 || y == 1) && x != -1 && y != -1) {
		d = x == 0 ? 1 : y == 0 ? -1 : order_rows(a, b, t, 0, t->keys);
		if (d < 0)
			differ(r, t, a, NULL);
		else if (d > 0)
			differ(r, t, NULL, b);
		else if (order_rows(a, b, t, t->keys, columns) != 0)
			differ(r, t, a, b);
		if (mc_check_enough(r->f, "replay", before))
			return 0;
		if (d <= 0)
			x = mc_cur_next(a, err);
		if (d >= 0 && x != -1)
			y = mc_cur_next(b, err);
	}
	return x == -1 || y == -1 ? -1 : 0;
}

static int
compare(struct replay *r, const struct table *t, struct mc_err *err)
{
	const struct mc_arg zero = MC_INT(0), *args = t->from ? &zero : NULL;
	struct mc_cur *a = NULL, *b = NULL;
	size_t n = t->from ? 1 : 0;
	int rc = -1;

	if (mc_cur_open(&a, mc_store_db(r->live), t->sql, args, n, err) == 0 &&
	    mc_cur_open(&b, mc_store_db(r->store), t->sql, args, n, err) == 0)
		rc = merge(r, t, a, b, err);
	mc_cur_close(a);
	mc_cur_close(b);
	return rc;
}

int
mc_check_replay(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	struct replay r = { .live = s, .f = f, .run.first = INT64_MAX };
	struct mc_log *log = mc_log_new(mc_store_db(s));
	struct mc_log *past = mc_log_new(mc_store_db(s));
	struct mc_db *db;
	size_t i;
	int rc = -1;

	if (mc_db_scratch(&db, err) == 0 &&
	    mc_store_scratch(&r.store, db, mc_store_site(s), err) == 0 &&
	    copy_names(&r, err) == 0) {
		mc_store_set_past(r.store, past);
		rc = fold_log(&r, log, err);
	}
	for (i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = compare(&r, &tables[i], err);
	mc_store_close(r.store);
	mc_case_free(&r.c);
	mc_buf_free(&r.code);
	mc_log_free(log);
	mc_log_free(past);
	return rc;
}
