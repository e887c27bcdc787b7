/* elapsed.c - see motcua/elapsed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/asked.h>
#include <motcua/elapsed.h>
#include <motcua/history.h>
#include <motcua/mem.h>

/*
 * What rules dossiers of one pin at one unit.  There are few of them, and
 * most dossiers are ruled as the one before.
 */
#define RULES 1024u /* a power of two */
struct rules {
	int32_t pin, unit; /* MC_NOID: nothing kept here */
	const struct mc_procedure *procedure;
	struct mc_policy policy;
	const struct mc_calendar *cal; /* NULL: nothing asks for it */
	const char *commit, *path;
};

/* A row of ELAPSED_ROW, or a loaded dossier and one of its steps. */
struct candidate {
	int64_t id;
	int32_t procedure, unit, version, pin;
	enum mc_status status;
	bool paused_before; /* its clock has stood still once */
	int64_t received_at, paused_at, changed_at;
	enum mc_channel channel; /* of what is only registered */
	int32_t step, step_unit;
	int64_t entered_at;
	const struct mc_case *c; /* loaded already, or NULL */
};

struct mc_elapsed {
	struct mc_store *store;
	struct mc_rulebook *rb;
	const struct mc_units *units; /* NULL: not asked for yet */
	const struct mc_zone *zone;
	int64_t now, seen, last;
	int32_t today;
	struct rules rules[RULES];
	struct mc_asked asked;
	struct mc_cur *cur;
	struct mc_history *history;
	struct mc_pauses pauses;
	struct mc_case c;
};

struct mc_elapsed *
mc_elapsed_new(struct mc_store *s, struct mc_rulebook *rb, int64_t now)
{
	struct mc_elapsed *e = mc_calloc(1, sizeof(*e));

	e->store = s;
	e->rb = rb;
	e->zone = mc_store_zone(s);
	e->history = mc_history_new(s);
	e->pauses.since = MC_NEVER;
	mc_case_init(&e->c);
	mc_elapsed_forget(e, now);
	return e;
}

void
mc_elapsed_free(struct mc_elapsed *e)
{
	if (e == NULL)
		return;
	mc_asked_free(&e->asked);
	mc_cur_close(e->cur);
	mc_history_free(e->history);
	mc_pauses_free(&e->pauses);
	mc_case_free(&e->c);
	free(e);
}

void
mc_elapsed_forget(struct mc_elapsed *e, int64_t now)
{
	memset(e->rules, 0, sizeof(e->rules));
	e->units = NULL;
	e->now = now;
	e->today = mc_zone_day(e->zone, now);
}

int64_t
mc_elapsed_seen(const struct mc_elapsed *e)
{
	return e->seen;
}

/* ---- rules ---- */

/* Whether anything of a definition can run out at all. */
static bool
expires(const struct mc_procedure *p, const struct mc_policy *policy)
{
	int i;

	for (i = 0; i < p->steps; i++)
		if (p->step[i].expires.to != -1)
			return true;
	return policy->supplement.unit != MC_TERM_NONE;
}

static int
find_calendar(struct mc_elapsed *e, const char *name, int32_t unit,
    const struct mc_calendar **cal, struct mc_err *err)
{
	const struct mc_unit *u;
	const char *blob;

	if (e->units == NULL && mc_rulebook_units(e->rb, &e->units, err) == -1)
		return -1;
	u = mc_unit_find(e->units,
	    mc_str(mc_store_text(e->store, MC_D_UNIT, unit)), e->today);
	return mc_rulebook_calendar_for(e->rb, name, u, cal, &blob, err);
}

static int
pinned(struct mc_elapsed *e, int32_t pin, int32_t unit, struct rules **out,
    struct mc_err *err)
{
	struct rules *x =
	    &e->rules[((uint32_t)pin * 31 + (uint32_t)unit) & (RULES - 1)];
	struct mc_pin text;

	*out = x;
	if (x->pin == pin && x->unit == unit)
		return 0;
	*x = (struct rules){ .pin = MC_NOID };
	if (mc_store_pin(e->store, pin, &text, err) == -1 ||
	    mc_store_definition(
		e->store, pin, &x->procedure, &x->policy, err) == -1 ||
	    (expires(x->procedure, &x->policy) &&
		find_calendar(e, x->procedure->calendar, unit, &x->cal, err) ==
		    -1))
		return -1;
	x->commit = text.commit;
	x->path = text.path;
	x->pin = pin;
	x->unit = unit;
	return 0;
}

/* What was never received goes by today's version, where there is one. */
static int
of_today(struct mc_elapsed *e, const struct candidate *d, struct rules *x,
    struct mc_err *err)
{
	const char *code =
	    mc_store_text(e->store, MC_D_PROCEDURE, d->procedure);
	const struct mc_version *v;
	struct mc_err why = MC_ERR_INIT;

	*x = (struct rules){ .policy = *mc_rulebook_policy(e->rb),
		.commit = mc_rulebook_commit(e->rb) };
	if (mc_rulebook_version(e->rb, mc_str(code), e->today, &v, &why) == 0) {
		x->procedure = v->procedure;
		x->policy = v->policy;
		x->path = v->path;
	} else if (why.code != MC_ENOTFOUND && why.code != MC_EDATA) {
		*err = why;
		return -1;
	}
	return find_calendar(e,
	    x->procedure != NULL ? x->procedure->calendar : NULL, d->unit,
	    &x->cal, err);
}

/* ---- one of them ---- */

static int
load(struct mc_elapsed *e, const struct candidate *d, const struct mc_case **c,
    struct mc_err *err)
{
	int rc;

	*c = d->c != NULL ? d->c : &e->c;
	if (d->c != NULL)
		return 0;
	if ((rc = mc_store_load(e->store, d->id, &e->c, err)) == 0)
		rc = mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "an open dossier is not in the table of all");
	return rc == -1 ? -1 : 0;
}

static int
read_pauses(struct mc_elapsed *e, const struct candidate *d, struct mc_err *err)
{
	const struct mc_case *c;
	struct mc_event ev;
	int rc;

	e->pauses.n = 0;
	e->pauses.since = MC_NEVER;
	if (load(e, d, &c, err) == -1)
		return -1;
	mc_history_begin(e->history, c);
	while ((rc = mc_history_next(e->history, &ev, err)) == 1)
		mc_pauses_event(&e->pauses, &ev);
	return rc;
}

/* When it was submitted: what its last `registered` says. */
static int
submitted(struct mc_elapsed *e, const struct candidate *d, int64_t *at,
    struct mc_err *err)
{
	const struct mc_case *c;
	struct mc_event ev;
	int rc;

	*at = d->changed_at;
	if (d->version == 1)
		return 0;
	if (load(e, d, &c, err) == -1)
		return -1;
	mc_history_begin(e->history, c);
	while ((rc = mc_history_next(e->history, &ev, err)) == 1)
		if (ev.kind == MC_K_REGISTERED)
			*at = ev.at;
	return rc;
}

/* Has it run out?  Without the pauses first: they only make it later. */
static int
judge(struct mc_elapsed *e, const struct candidate *d, const struct rules *x,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	if (mc_expiry(&row->end, &x->policy, x->cal, row->after, row->since,
		NULL, 0, err) == -1)
		return -1;
	if (!mc_expired(row->after, row->end, e->now, e->zone))
		return 0;
	if (row->what != MC_ELAPSED_STEP || !d->paused_before)
		return 1;
	if (read_pauses(e, d, err) == -1 ||
	    mc_expiry(&row->end, &x->policy, x->cal, row->after, row->since,
		e->pauses.p, e->pauses.n, err) == -1)
		return -1;
	return mc_expired(row->after, row->end, e->now, e->zone);
}

static int
judge_step(struct mc_elapsed *e, const struct candidate *d,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	const struct mc_step *s;
	struct rules *x;
	int i;

	if (d->pin == MC_NOID || d->step == MC_NOID)
		return 0;
	if (pinned(e, d->pin, d->step_unit, &x, err) == -1)
		return -1;
	if (x->cal == NULL)
		return 0;
	i = mc_procedure_step(
	    x->procedure, mc_str(mc_store_text(e->store, MC_D_STEP, d->step)));
	if (i == -1 || x->procedure->step[i].expires.to == -1)
		return 0;
	s = &x->procedure->step[i];
	row->what = MC_ELAPSED_STEP;
	row->step = d->step;
	row->to = x->procedure->step[s->expires.to].id;
	row->after = s->expires.after;
	row->since = d->entered_at;
	row->basis = s->expires.basis;
	row->commit = x->commit;
	row->path = x->path;
	row->at = i;
	return judge(e, d, x, row, err);
}

/* A policy's member is the definition's own, or the rulebook's. */
static const char *
origin(const struct rules *x, const char *member)
{
	return x->procedure != NULL &&
		       mc_json_get(mc_json_get(x->procedure->doc, "deadline"),
			   member) != NULL
		   ? x->path
		   : NULL;
}

static int
judge_supplement(struct mc_elapsed *e, const struct candidate *d,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	struct rules today, *x = &today;
	bool received = d->received_at != MC_NEVER;

	if (d->paused_at == MC_NEVER)
		return 0;
	if (d->pin != MC_NOID ? pinned(e, d->pin, d->unit, &x, err) == -1
			      : of_today(e, d, &today, err) == -1)
		return -1;
	if (x->policy.supplement.unit == MC_TERM_NONE)
		return 0;
	row->what = MC_ELAPSED_SUPPLEMENT;
	row->to = mc_status_name(!received ? MC_S_NOT_ACCEPTED
				 : x->policy.supplement_then == MC_LAPSE_STOP
				     ? MC_S_STOPPED
				     : MC_S_WITHDRAWN);
	row->after = x->policy.supplement;
	row->since = d->paused_at;
	row->commit = x->commit;
	row->path = origin(x, "supplement");
	return judge(e, d, x, row, err);
}

static int
judge_answer(struct mc_elapsed *e, const struct candidate *d,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	struct rules x;

	if (d->channel != MC_CH_ONLINE || d->received_at != MC_NEVER)
		return 0;
	if (of_today(e, d, &x, err) == -1)
		return -1;
	if (x.policy.answer.unit == MC_TERM_NONE)
		return 0;
	row->what = MC_ELAPSED_ANSWER;
	row->after = x.policy.answer;
	row->commit = x.commit;
	row->path = origin(&x, "answer");
	if (submitted(e, d, &row->since, err) == -1)
		return -1;
	return judge(e, d, &x, row, err);
}

static int
judge_any(struct mc_elapsed *e, const struct candidate *d,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	*row = (struct mc_elapsed_row){ .id = d->id,
		.procedure = d->procedure,
		.unit = d->unit,
		.version = d->version,
		.status = d->status,
		.step = MC_NOID,
		.at = -1 };
	switch (d->status) {
	case MC_S_REGISTERED:
		return judge_answer(e, d, row, err);
	case MC_S_PROCESSING:
		return judge_step(e, d, row, err);
	case MC_S_SUPPLEMENT:
		return judge_supplement(e, d, row, err);
	default:
		return 0;
	}
}

int
mc_elapsed_case(struct mc_elapsed *e, const struct mc_case *c, int32_t step,
    struct mc_elapsed_row *row, struct mc_err *err)
{
	struct candidate d = { .id = c->id,
		.procedure = c->procedure,
		.unit = c->unit,
		.version = c->version,
		.pin = c->pin,
		.status = c->status,
		.paused_before = c->due_moved,
		.received_at = c->received_at,
		.paused_at = c->paused_at,
		.changed_at = c->changed_at,
		.channel = c->channel,
		.c = c };
	int i;

	for (i = 0; i < c->steps; i++)
		if (c->step[i].step == step) {
			d.step = step;
			d.step_unit = c->step[i].unit;
			d.entered_at = c->step[i].entered_at;
		}
	/* The one must not be taken for the other. */
	if ((step != MC_NOID) != (d.step != MC_NOID) ||
	    (step != MC_NOID) != (c->status == MC_S_PROCESSING))
		return 0;
	return judge_any(e, &d, row, err);
}

/* ---- all of them ---- */

int
mc_elapsed_add(struct mc_elapsed *e, struct mc_str code, struct mc_err *err)
{
	return mc_asked_add(&e->asked, e->store, code, err);
}

/* 1 with e->cur on a row, 0 at the end, -1. */
static int
step(struct mc_elapsed *e, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(e->store);
	int64_t id;
	int rc = 0;

	if (!e->asked.only && e->cur == NULL &&
	    mc_cur_open(&e->cur, db, MC_SQL_ELAPSED_ALL, MC_NOARGS, err) == -1)
		return -1;
	if (e->cur != NULL)
		rc = mc_cur_next(e->cur, err);
	while (rc == 0 && e->asked.only && mc_asked_next(&e->asked, &id)) {
		mc_cur_close(e->cur);
		e->cur = NULL;
		if (mc_cur_open(&e->cur, db, MC_SQL_ELAPSED_ONE,
			MC_ARGS(MC_INT(id)), err) == -1)
			return -1;
		rc = mc_cur_next(e->cur, err);
	}
	return rc;
}

static void
take_row(struct mc_elapsed *e, struct candidate *d)
{
	struct mc_cur *cur = e->cur;

	*d = (struct candidate){ .id = mc_cur_int(cur, 0, 0),
		.procedure = (int32_t)mc_cur_int(cur, 1, MC_NOID),
		.unit = (int32_t)mc_cur_int(cur, 2, MC_NOID),
		.version = (int32_t)mc_cur_int(cur, 3, 0),
		.status = (enum mc_status)mc_cur_int(cur, 4, MC_S_NONE),
		.paused_before = (mc_cur_int(cur, 5, 0) & MC_FLAG_MOVED) != 0,
		.pin = (int32_t)mc_cur_int(cur, 6, MC_NOID),
		.received_at = mc_cur_int(cur, 7, MC_NEVER),
		.paused_at = mc_cur_int(cur, 8, MC_NEVER),
		.changed_at = mc_cur_int(cur, 9, MC_NEVER),
		.channel = (enum mc_channel)mc_cur_int(cur, 10, MC_CH_NONE),
		.step = (int32_t)mc_cur_int(cur, 11, MC_NOID),
		.step_unit = (int32_t)mc_cur_int(cur, 12, MC_NOID),
		.entered_at = mc_cur_int(cur, 13, MC_NEVER) };
	e->seen += d->id != e->last;
	e->last = d->id;
}

/* What cannot be counted is told with the dossier's code. */
static int
failed(struct mc_elapsed *e, int64_t id, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf code = { 0 };

	if (err->code == MC_EDATA &&
	    mc_store_code(e->store, id, &code, &ignored) == 0)
		mc_err_at(err, mc_buf_str(&code), 0, 0);
	mc_buf_free(&code);
	return -1;
}

int
mc_elapsed_next(
    struct mc_elapsed *e, struct mc_elapsed_row *row, struct mc_err *err)
{
	struct candidate d;
	int rc;

	while ((rc = step(e, err)) == 1) {
		take_row(e, &d);
		if ((rc = judge_any(e, &d, row, err)) == -1)
			return failed(e, d.id, err);
		if (rc == 1)
			return 1;
	}
	return rc;
}

void
mc_elapsed_rule(struct mc_buf *b, const struct mc_elapsed_row *row)
{
	mc_buf_puts(b, row->path != NULL ? row->path : "rulebook.json");
	if (row->what == MC_ELAPSED_STEP)
		mc_buf_printf(b, "#/steps/%d/expires", row->at);
	else
		mc_buf_printf(b, "#/deadline/%s",
		    row->what == MC_ELAPSED_ANSWER ? "answer" : "supplement");
}
