/* replan.c - dues by another calendar; see motcua/replan.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/asked.h>
#include <motcua/buf.h>
#include <motcua/log.h>
#include <motcua/mem.h>
#include <motcua/replan.h>

/* Of the flags column (store_case.c). */

/*
 * What rules dossiers of one pin received by one unit.  There are few of
 * them, and most dossiers are ruled as the one before.
 */
#define RULES 1024u /* a power of two */
struct rules {
	int32_t pin, unit; /* MC_NOID: nothing kept here */
	const struct mc_procedure *procedure;
	struct mc_policy policy;
	struct mc_redue_rules by;
	const char *calendar, *blob;
};

struct mc_replan {
	struct mc_store *store;
	struct mc_rulebook *rb;
	const struct mc_units *units; /* NULL: not asked for yet */
	const struct mc_zone *zone;
	int64_t now;
	int32_t today;
	struct rules rules[RULES];
	MC_VEC(char *) name; /* of calendars, once each */
	struct mc_log *log;
	struct mc_redue redue;
	struct mc_buf scratch;

	struct mc_asked asked;
	struct mc_cur *cur;
	struct mc_case c; /* the row's, where it had to be loaded */
	bool loaded;
	struct mc_replan_row row;
};

struct mc_replan *
mc_replan_new(struct mc_store *s, struct mc_rulebook *rb, int64_t now)
{
	struct mc_replan *r = mc_calloc(1, sizeof(*r));

	r->store = s;
	r->rb = rb;
	r->zone = mc_store_zone(s);
	r->log = mc_log_new(mc_store_db(s));
	mc_case_init(&r->c);
	mc_replan_forget(r, now);
	return r;
}

void
mc_replan_free(struct mc_replan *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->name.n; i++)
		free(r->name.p[i]);
	mc_vec_free(&r->name);
	mc_asked_free(&r->asked);
	mc_cur_close(r->cur);
	mc_log_free(r->log);
	mc_redue_free(&r->redue);
	mc_case_free(&r->c);
	mc_buf_free(&r->scratch);
	free(r);
}

void
mc_replan_forget(struct mc_replan *r, int64_t now)
{
	memset(r->rules, 0, sizeof(r->rules));
	r->units = NULL;
	r->now = now;
	r->today = mc_zone_day(r->zone, now);
}

/* ---- rules ---- */

/* "office" of "calendars/office.json"; kept until the end. */
static const char *
plain_name(struct mc_replan *r, const char *path)
{
	const char *slash = strrchr(path, '/'), *dot;
	size_t i, n;

	path = slash != NULL ? slash + 1 : path;
	dot = strrchr(path, '.');
	n = dot != NULL ? (size_t)(dot - path) : strlen(path);
	for (i = 0; i < r->name.n; i++)
		if (strlen(r->name.p[i]) == n &&
		    memcmp(r->name.p[i], path, n) == 0)
			return r->name.p[i];
	mc_vec_push(&r->name, mc_strndup(path, n));
	return r->name.p[r->name.n - 1];
}

/* The calendar of a definition at the unit that received it. */
static int
find_calendar(struct mc_replan *r, const char *name, int32_t unit,
    struct rules *out, struct mc_err *err)
{
	const struct mc_unit *u;

	if (r->units == NULL && mc_rulebook_units(r->rb, &r->units, err) == -1)
		return -1;
	u = mc_unit_find(r->units,
	    mc_str(mc_store_text(r->store, MC_D_UNIT, unit)), r->today);
	if (mc_rulebook_calendar_for(
		r->rb, name, u, &out->by.cal, &out->blob, err) == -1)
		return -1;
	out->calendar = plain_name(r, mc_calendar_name(out->by.cal));
	return 0;
}

/* The channel matters where the limit depends on it. */
static int
rules_of(struct mc_replan *r, int32_t pin, int32_t unit,
    enum mc_channel channel, const struct rules **out, struct mc_err *err)
{
	struct rules *x =
	    &r->rules[((uint32_t)pin * 31 + (uint32_t)unit) & (RULES - 1)];

	*out = x;
	if (x->pin == pin && x->unit == unit) {
		x->by.limit = mc_procedure_limit(x->procedure, channel);
		return 0;
	}
	x->pin = MC_NOID;
	if (mc_store_definition(
		r->store, pin, &x->procedure, &x->policy, err) == -1 ||
	    find_calendar(r, x->procedure->calendar, unit, x, err) == -1)
		return -1;
	x->by.policy = &x->policy;
	x->by.limit = mc_procedure_limit(x->procedure, channel);
	x->pin = pin;
	x->unit = unit;
	return 0;
}

static void
take_calendar(struct mc_replan_due *out, const struct rules *rules)
{
	*out = (struct mc_replan_due){ .calendar = rules->calendar,
		.blob = rules->blob,
		.known_until = mc_calendar_known_until(rules->by.cal) };
}

/* ---- one dossier ---- */

/* The rules after an event: those of its pin, or of its channel. */
static int
follow(struct mc_replan *r, const struct mc_case *c, const struct mc_event *e,
    enum mc_channel *channel, const struct rules **rules, struct mc_err *err)
{
	const struct mc_names *names = mc_store_names(r->store);
	enum mc_channel was = *channel;
	enum mc_verdict_rule ignored;
	int32_t pin = *rules != NULL ? (*rules)->pin : MC_NOID;

	*channel = mc_redue_channel(e, was);
	if (e->kind == MC_K_RECEIVED || e->kind == MC_K_REPINNED) {
		if (names->pin(names->arg, e, &pin, &ignored, err) == -1)
			return -1;
	} else if (*channel == was || pin == MC_NOID) {
		return 0;
	}
	return rules_of(r, pin, c->unit, *channel, rules, err);
}

/*
 * Through all its events.  as: by these rules from the beginning; NULL: by
 * those that each event says.
 */
static int
walk(struct mc_replan *r, const struct mc_case *c, const struct rules *as,
    struct mc_replan_due *out, struct mc_err *err)
{
	struct mc_str seqs = { c->events.p, c->events.len }, body;
	const struct rules *rules = as;
	enum mc_channel channel = MC_CH_NONE;
	struct mc_event e;
	uint64_t seq = 0;
	size_t at = 0;
	int rc = 1;

	mc_redue_init(&r->redue, r->zone);
	while (rc == 1 && mc_seqs_next(seqs, &at, &seq)) {
		rc = mc_log_get(r->log, seq, &body, err);
		if (rc == 0)
			return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
			    "its event %llu is not in the log",
			    (unsigned long long)seq);
		if (rc == 1 &&
		    (mc_event_decode(&e, body, &r->scratch, err) == -1 ||
			(as == NULL &&
			    follow(r, c, &e, &channel, &rules, err) == -1) ||
			mc_redue_event(&r->redue, &e,
			    rules == NULL ? NULL : &rules->by, NULL, NULL,
			    err) == -1))
			rc = -1;
	}
	if (rc == -1)
		return -1;
	out->due = r->redue.due;
	out->given = r->redue.given;
	return 0;
}

/* Not moved since the receipt: no event needs to be read. */
static int
fresh(const struct rules *rules, struct mc_due due, bool given,
    int64_t received_at, struct mc_replan_due *out, struct mc_err *err)
{
	out->due = due;
	out->due.provisional = false; /* a promise leans on no calendar */
	out->given = given;
	if (given)
		return 0;
	return mc_deadline(&out->due, &rules->policy, rules->by.cal,
	    rules->by.limit, received_at, NULL, NULL, err);
}

int
mc_replan_case(struct mc_replan *r, const struct mc_case *c,
    struct mc_replan_due *out, struct mc_err *err)
{
	const struct rules *rules;

	if (rules_of(r, c->pin, c->unit, c->channel, &rules, err) == -1)
		return -1;
	take_calendar(out, rules);
	if (!c->due_moved)
		return fresh(
		    rules, c->due, c->due_given, c->received_at, out, err);
	return walk(r, c, NULL, out, err);
}

int
mc_replan_as(struct mc_replan *r, const struct mc_case *c,
    const struct mc_version *v, struct mc_replan_due *out, struct mc_err *err)
{
	struct rules rules = { .policy = v->policy };

	if (find_calendar(r, v->procedure->calendar, c->unit, &rules, err) ==
	    -1)
		return -1;
	rules.by.policy = &rules.policy;
	rules.by.limit = mc_procedure_limit(v->procedure, c->channel);
	take_calendar(out, &rules);
	if (!c->due_moved)
		return fresh(
		    &rules, c->due, c->due_given, c->received_at, out, err);
	return walk(r, c, &rules, out, err);
}

int
mc_replan_anew(struct mc_replan *r, const struct mc_case *c,
    const struct mc_version *v, struct mc_replan_due *out, struct mc_err *err)
{
	struct rules rules = { .policy = v->policy };
	struct mc_event e;

	if (find_calendar(r, v->procedure->calendar, c->unit, &rules, err) ==
	    -1)
		return -1;
	rules.by.policy = &rules.policy;
	rules.by.limit = mc_procedure_limit(v->procedure, c->channel);
	take_calendar(out, &rules);
	if (!c->due_moved)
		return fresh(&rules, c->due, false, c->received_at, out, err);
	mc_event_init(&e, MC_K_RESCHEDULED, c->received_at);
	mc_event_strz(&e, MC_F_BLOB, v->blob);
	if (walk(r, c, NULL, out, err) == -1 ||
	    mc_redue_event(&r->redue, &e, &rules.by, NULL, NULL, err) == -1)
		return -1;
	out->due = r->redue.due;
	out->given = r->redue.given;
	return 0;
}

/* ---- all of them ---- */

int
mc_replan_add(struct mc_replan *r, struct mc_str code, struct mc_err *err)
{
	return mc_asked_add(&r->asked, r->store, code, err);
}

/* 1 with r->cur on a row, 0 at the end, -1. */
static int
step(struct mc_replan *r, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(r->store);
	int64_t id;
	int rc;

	if (!r->asked.only) {
		if (r->cur == NULL &&
		    mc_cur_open(
			&r->cur, db, MC_SQL_REPLAN_ALL, MC_NOARGS, err) == -1)
			return -1;
		return mc_cur_next(r->cur, err);
	}
	do {
		mc_cur_close(r->cur);
		r->cur = NULL;
		if (!mc_asked_next(&r->asked, &id))
			return 0;
		if (mc_cur_open(&r->cur, db, MC_SQL_REPLAN_ONE,
			MC_ARGS(MC_INT(id)), err) == -1)
			return -1;
	} while ((rc = mc_cur_next(r->cur, err)) == 0);
	return rc;
}

static enum mc_state
state_of(const struct mc_replan *r, const struct mc_replan_row *row,
    enum mc_verdict_rule rule, struct mc_due due)
{
	if (mc_status_paused(row->status))
		return MC_PAUSED;
	return mc_overdue(rule, due, r->now, r->zone) ? MC_OVERDUE : MC_IN_TIME;
}

/* What the row itself says; its flags. */
static int
take_row(struct mc_replan *r)
{
	struct mc_replan_row *row = &r->row;
	struct mc_cur *cur = r->cur;
	int flags = (int)mc_cur_int(cur, 4, 0);

	*row = (struct mc_replan_row){ .id = mc_cur_int(cur, 0, 0),
		.due = { (int32_t)mc_cur_int(cur, 2, MC_NODAY),
		    mc_cur_int(cur, 1, MC_NEVER),
		    (flags & MC_FLAG_PROVISIONAL) != 0 },
		.status = (enum mc_status)mc_cur_int(cur, 3, MC_S_NONE),
		.unit = (int32_t)mc_cur_int(cur, 5, MC_NOID),
		.pin = (int32_t)mc_cur_int(cur, 6, MC_NOID),
		.version = (int32_t)mc_cur_int(cur, 7, 0),
		.received_at = mc_cur_int(cur, 8, MC_NEVER),
		.procedure = (int32_t)mc_cur_int(cur, 9, MC_NOID) };
	return flags;
}

int
mc_replan_load(
    struct mc_replan *r, const struct mc_case **c, struct mc_err *err)
{
	int rc;

	*c = &r->c;
	if (r->loaded)
		return 0;
	rc = mc_store_load(r->store, r->row.id, &r->c, err);
	if (rc == 0)
		mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "an open dossier is not in the table of all");
	r->loaded = rc == 1;
	return rc == 1 ? 0 : -1;
}

/* Its channel is looked up only where the limit depends on it. */
static int
row_rules(struct mc_replan *r, const struct rules **out, struct mc_err *err)
{
	const struct mc_replan_row *row = &r->row;
	const struct mc_case *c;

	if (rules_of(r, row->pin, row->unit, MC_CH_NONE, out, err) == -1)
		return -1;
	if (!(*out)->procedure->limit.by_channel)
		return 0;
	return mc_replan_load(r, &c, err) == -1
		   ? -1
		   : rules_of(r, row->pin, row->unit, c->channel, out, err);
}

/* What cannot be counted is told with the dossier's code. */
static int
failed(struct mc_replan *r, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;

	mc_buf_reset(&r->scratch);
	if (err->code == MC_EDATA &&
	    mc_store_code(r->store, r->row.id, &r->scratch, &ignored) == 0)
		mc_err_at(err, mc_buf_str(&r->scratch), 0, 0);
	return -1;
}

int
mc_replan_row(struct mc_replan *r, const struct mc_replan_row *in, int flags,
    const struct mc_replan_row **out, struct mc_err *err)
{
	struct mc_replan_row *row = &r->row;
	const struct rules *rules;
	const struct mc_case *c;
	int rc;

	*out = NULL;
	if (in != row)
		*row = *in;
	r->loaded = false;
	if (row_rules(r, &rules, err) == -1)
		return failed(r, err);
	take_calendar(&row->now, rules);
	if ((flags & MC_FLAG_MOVED) == 0)
		rc = fresh(rules, row->due, (flags & MC_FLAG_GIVEN) != 0,
		    row->received_at, &row->now, err);
	else if ((rc = mc_replan_load(r, &c, err)) == 0)
		rc = walk(r, c, NULL, &row->now, err);
	if (rc == -1)
		return failed(r, err);
	row->differs = mc_redue_differs(row->due, row->now.due);
	row->state = state_of(r, row, rules->policy.verdict, row->due);
	row->new_state =
	    row->differs ? state_of(r, row, rules->policy.verdict, row->now.due)
			 : row->state;
	*out = row;
	return 0;
}

int
mc_replan_next(
    struct mc_replan *r, const struct mc_replan_row **out, struct mc_err *err)
{
	int flags, rc;

	*out = NULL;
	if ((rc = step(r, err)) != 1)
		return rc;
	flags = take_row(r);
	return mc_replan_row(r, &r->row, flags, out, err) == -1 ? -1 : 1;
}
