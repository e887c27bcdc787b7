/*
 * model - dossiers run through procedures, against a model of their own.
 *
 *   model [-n DOSSIERS] [-s SEED] FILE...
 *   model [-n DOSSIERS] [-s SEED] -r PROCEDURES
 *
 * With files each is a definition; with -r they are made up: parallel
 * steps, joins, ways back, conditions.  Every dossier gets random actions,
 * then is led to its end.  Checked after each action, without the help of
 * the code that is tested:
 *   - the status moves only as the table below allows (the ten statuses of
 *     the national portal)
 *   - the action was one the table allows, and a refused one changed nothing
 *   - what is open, paused, finished and returned goes with the status
 *   - a joining step opens only when nothing open can still reach it
 *   - a dossier in processing is in some step, and reaches the end
 *   - it is received as of the case that is named, else of the first whose
 *     condition its values meet, and with the limit of that case and channel;
 *     nothing but a correction of the case moves it into another
 * Of made-up procedures: those with errors of lint are not run, and where
 * lint warns of none, the final step waits for every parallel one.
 * Says what it did in one line; exit 1 and what happened at the first fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/dict.h>
#include <motcua/json.h>
#include <motcua/procedure.h>
#include <motcua/workflow.h>

#define HISTORY 64
#define TRIES 4000 /* actions after which a dossier has no end */

static const char units_csv[] =
    "code,name,level,role,parent,valid_from,valid_to,successor\n"
    "U,Unit,province,,,2000-01-01,,\n"
    "V,Other unit,province,,,2000-01-01,,\n";
static const char calendar_json[] =
    "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":8,"
    "\"known_until\":\"2099-12-31\",\"weekly\":{"
    "\"mon\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"tue\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"wed\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"thu\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"fri\":[\"07:30-11:30\",\"13:00-17:00\"]}}";

/* ---- the model ---- */

#define B(s) (1u << (s))
/* From each status to which, in one action.  Index 0 is unused. */
static const unsigned legal[11] = { 0,
	/* 1 registered */ B(2) | B(3) | B(5) | B(7),
	/* 2 received */ B(4) | B(5) | B(6) | B(7) | B(8) | B(9),
	/* 3 not accepted */ 0,
	/* 4 processing */ B(5) | B(6) | B(7) | B(8) | B(9),
	/* 5 supplement */ B(2) | B(4) | B(7) | B(8),
	/* 6 payment */ B(4) | B(7) | B(8),
	/* 7 withdrawn */ 0,
	/* 8 stopped */ B(4) | B(7),
	/* 9 finished */ B(10),
	/* 10 returned */ 0 };

static bool
may_move(int from, int to, bool received, enum mc_action a)
{
	if (from == to)
		return true;
	/* Before it was accepted, papers asked for lead back or out. */
	if (from == 5 && !received)
		return to == 1 || to == 2 || to == 3 || to == 7;
	if (a == MC_A_REOPEN)
		return (from == 9 || from == 10) && to == 4;
	/* What had not been started is, and a final first step ends it. */
	if (a == MC_A_RESUME && (legal[from] & B(4)) != 0 && to == 9)
		return true;
	return (legal[from] & B(to)) != 0;
}

/* ---- the world ---- */

static struct {
	struct mc_zone *zone;
	struct mc_units *units;
	struct mc_json *calendar_doc;
	struct mc_calendar *calendar;
	struct mc_dictionary dict[MC_D__COUNT];
	struct mc_names names;
	uint64_t random;
} world;

static struct {
	int64_t procedures, dossiers, actions, refused, joins, parallel, ended;
	int64_t in_case, recased, expired;
	int64_t rejected, reached[11];
} sum;

static unsigned
any_of(unsigned n)
{
	world.random =
	    world.random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(world.random >> 33) % n;
}

static void
stop(const struct mc_err *err)
{
	fprintf(stderr, "model: %s: %s: %s\n", err->where, err->id, err->msg);
	exit(2);
}

static int
give_id(void *arg, enum mc_dict dict, struct mc_str name, int32_t *out,
    struct mc_err *err)
{
	(void)arg;
	(void)err;
	*out = mc_dict_find(&world.dict[dict], name);
	if (*out == 0)
		*out = mc_dict_add(&world.dict[dict], name);
	return 0;
}

static int
give_pin(void *arg, const struct mc_event *e, int32_t *out,
    enum mc_verdict_rule *verdict, struct mc_err *err)
{
	(void)arg;
	(void)e;
	(void)err;
	*out = 1;
	*verdict = MC_VERDICT_DATE;
	return 0;
}

static const char *
give_text(void *arg, enum mc_dict dict, int32_t id)
{
	(void)arg;
	return mc_dict_name(&world.dict[dict], id);
}

static int
give_calendar(void *arg, const char *name, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob, struct mc_err *err)
{
	(void)arg;
	(void)name;
	(void)unit;
	(void)err;
	*cal = world.calendar;
	*blob = "c0ffee";
	return 0;
}

/* Everybody does everything: who does it is not the question here. */
static int
give_unit(void *arg, const struct mc_unit *receiving, const char *role,
    const char *at, const char *to, int32_t day, const struct mc_unit **out,
    struct mc_err *err)
{
	(void)arg;
	(void)role;
	(void)at;
	(void)to;
	(void)day;
	(void)err;
	*out = receiving;
	return 0;
}

static void
make_world(uint64_t seed)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str cal = mc_str(calendar_json);

	world.random = seed;
	if (mc_zone_open(&world.zone, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_units_new(&world.units, "units.csv", mc_str(units_csv),
		"officers.csv", MC_STR(""), &err) == -1 ||
	    mc_json_parse(&world.calendar_doc, "c", cal, &err) == -1 ||
	    mc_calendar_new(&world.calendar, "c", world.calendar_doc, cal,
		world.zone, &err) == -1)
		stop(&err);
	world.names =
	    (struct mc_names){ give_id, give_pin, give_text, NULL, world.zone };
}

static void
end_world(void)
{
	int d;

	for (d = 0; d < MC_D__COUNT; d++)
		mc_dict_free(&world.dict[d]);
	mc_units_free(world.units);
	mc_calendar_free(world.calendar);
	mc_json_free(world.calendar_doc);
	mc_zone_free(world.zone);
}

/* ---- one dossier ---- */

struct dossier {
	const char *name, *text;
	const struct mc_procedure *p;     /* in the dossier's case */
	int distance[MC_PROCEDURE_STEPS]; /* of each step to a final one */
	bool waits; /* lint says that the end waits for all */
	struct mc_policy policy;
	struct mc_rules rules;
	struct mc_case c;
	struct mc_outcome out;
	struct mc_err err;
	uint64_t seq;
	int64_t now;
	bool freely; /* --to was used, or a step named: any way was taken */
	char history[HISTORY][64];
	int acts;
};

static void MC_PRINTF(2, 3) fault(const struct dossier *d, const char *fmt, ...)
{
	va_list ap;
	int i;

	fprintf(stderr, "model: %s: ", d->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nfields %s, after", mc_buf_str(&d->c.fields));
	for (i = d->acts > HISTORY ? d->acts - HISTORY : 0; i < d->acts; i++)
		fprintf(stderr, " %s", d->history[i % HISTORY]);
	fprintf(stderr, "\n%s\n", d->text);
	exit(1);
}

static int
step_at(const struct dossier *d, int i)
{
	return mc_procedure_step(
	    d->p, mc_str(give_text(NULL, MC_D_STEP, d->c.step[i].step)));
}

/* How many steps each is from the end. */
static void
measure(const struct mc_procedure *p, int distance[MC_PROCEDURE_STEPS])
{
	const struct mc_branch *b;
	bool more = true;
	int i, j, k;

	for (i = 0; i < p->steps; i++)
		distance[i] = p->step[i].final ? 0 : 1000000;
	while (more) {
		more = false;
		for (i = 0; i < p->steps; i++)
			for (j = 0; j < p->step[i].branches; j++) {
				b = &p->step[i].branch[j];
				for (k = 0; k < b->targets; k++)
					if (distance[b->target[k]] + 1 <
					    distance[i]) {
						distance[i] =
						    distance[b->target[k]] + 1;
						more = true;
					}
			}
	}
}

static void
put_in_case(struct dossier *d, struct mc_str id)
{
	d->p = d->rules.procedure = mc_procedure_in_case(d->p, id);
	if (d->p == NULL)
		fault(d, "pinned to a case that there is not");
	measure(d->p, d->distance);
	sum.in_case += id.len > 0;
}

static void
fold(struct dossier *d, struct mc_event *e)
{
	struct mc_postings post;
	struct mc_event again;
	struct mc_buf body = { 0 }, scratch = { 0 };

	e->seq = d->seq++;
	e->site = MC_STR("H42");
	e->actor = MC_STR("t");
	e->code = MC_STR("X-1");
	if (mc_event_encode(&body, e, &d->err) == -1 ||
	    mc_event_decode(&again, (struct mc_str){ body.p, body.len },
		&scratch, &d->err) == -1 ||
	    mc_fold(&d->c, &again, &world.names, &post, &d->err) == -1)
		fault(d, "%s: %s", d->err.id, d->err.msg);
	if (again.kind == MC_K_RECEIVED || again.kind == MC_K_REPINNED)
		put_in_case(d, mc_event_get(&again, MC_F_CASE));
	mc_buf_free(&body);
	mc_buf_free(&scratch);
}

/* Numbers about those that the conditions compare with; some are missing. */
static void
put_fields(struct mc_buf *b, const struct mc_procedure *p)
{
	struct mc_jw w = mc_jw(b);
	char text[32];
	int i;

	mc_jw_open(&w, '{');
	for (i = 0; i < p->n_fields; i++) {
		if (!p->fields[i].public || any_of(8) == 0)
			continue;
		mc_jw_key(&w, p->fields[i].name);
		snprintf(text, sizeof(text), "%u",
		    any_of(2) ? any_of(6) : any_of(1000));
		if (p->fields[i].type == MC_FIELD_BOOLEAN)
			snprintf(
			    text, sizeof(text), any_of(2) ? "true" : "false");
		else if (p->fields[i].type == MC_FIELD_DATE)
			snprintf(
			    text, sizeof(text), "2024-0%u-01", 1 + any_of(9));
		mc_jw_strz(&w, text);
	}
	mc_jw_close(&w, '}');
}

static void
register_dossier(struct dossier *d)
{
	static const char *const channels[] = { "direct", "online", "postal" };
	struct mc_event e = { .kind = MC_K_REGISTERED };
	struct mc_buf fields = { 0 };

	d->now = INT64_C(1709514000000); /* 2024-03-04 08:00 there */
	d->rules = (struct mc_rules){ .procedure = d->p,
		.policy = &d->policy,
		.commit = "beef",
		.path = "procedures/x/y.json",
		.blob = "b10b",
		.units = world.units,
		.names = &world.names,
		.calendar = give_calendar,
		.resolve = give_unit };
	e.at = d->now;
	mc_event_strz(&e, MC_F_PROCEDURE, d->p->code);
	mc_event_strz(&e, MC_F_UNIT, "U");
	mc_event_strz(&e, MC_F_CHANNEL, channels[any_of(3)]);
	put_fields(&fields, d->p);
	if (fields.len > 2)
		mc_event_str(
		    &e, MC_F_FIELDS, (struct mc_str){ fields.p, fields.len });
	fold(d, &e);
	mc_buf_free(&fields);
}

/* ---- what must hold ---- */

static void
check_state(struct dossier *d)
{
	const struct mc_case *c = &d->c;
	int s = c->status, i, k;
	bool paused = s == 5 || s == 6 || s == 8;

	if (s < 1 || s > 10)
		fault(d, "status %d", s);
	sum.reached[s]++;
	if (paused != (c->paused_at != MC_NEVER) && c->received_at != MC_NEVER)
		fault(d, "status %d, paused %d", s, c->paused_at != MC_NEVER);
	if ((s >= 9) != (c->finished_at != MC_NEVER) && s != 7 && s != 3)
		fault(
		    d, "status %d, finished %d", s, c->finished_at != MC_NEVER);
	if ((s == 10) != (c->returned_at != MC_NEVER))
		fault(
		    d, "status %d, returned %d", s, c->returned_at != MC_NEVER);
	if (c->received_at == MC_NEVER && s != 1 && s != 3 && s != 5 && s != 7)
		fault(d, "status %d, and never received", s);
	if ((s == 1 || s == 2 || s == 3 || s == 7 || s == 10) && c->steps != 0)
		fault(d, "status %d, and %d open steps", s, c->steps);
	if (s == 4 && c->steps == 0)
		fault(d, "in processing, and in no step");
	for (i = 0; i < c->steps; i++) {
		if (step_at(d, i) == -1)
			fault(d, "an unknown step");
		for (k = 0; k < i; k++)
			if (step_at(d, i) == step_at(d, k))
				fault(d, "a step is open twice");
	}
	if (c->steps > 1)
		sum.parallel++;
}

/* Reach as the design says it, by walking. */
static bool
walks_to(const struct mc_procedure *p, int from, int to, bool *seen)
{
	int j, k, t;

	for (j = 0; j < p->step[from].branches; j++)
		for (k = 0; k < p->step[from].branch[j].targets; k++) {
			t = p->step[from].branch[j].target[k];
			if (t == to)
				return true;
			if (!seen[t]) {
				seen[t] = true;
				if (walks_to(p, t, to, seen))
					return true;
			}
		}
	if ((t = p->step[from].expires.to) == -1)
		return false;
	if (t == to)
		return true;
	if (seen[t])
		return false;
	seen[t] = true;
	return walks_to(p, t, to, seen);
}

/* Steps that the last action opened. */
static void
check_entered(struct dossier *d, const int *before, int n)
{
	bool seen[MC_PROCEDURE_STEPS], was;
	int i, k, step;

	for (i = 0; i < d->c.steps; i++) {
		step = step_at(d, i);
		was = false;
		for (k = 0; k < n; k++)
			was = was || before[k] == step;
		if (was)
			continue;
		sum.joins += d->p->step[step].join_all;
		for (k = 0; d->p->step[step].join_all && k < d->c.steps; k++) {
			memset(seen, 0, sizeof(seen));
			if (k != i && walks_to(d->p, step_at(d, k), step, seen))
				fault(d,
				    "joined in \"%s\" while \"%s\" can still "
				    "reach it",
				    d->p->step[step].id,
				    d->p->step[step_at(d, k)].id);
		}
		if (d->p->step[step].final && d->waits && !d->freely &&
		    d->c.steps > 1)
			fault(d, "ends in \"%s\" beside an open step",
			    d->p->step[step].id);
	}
}

/* Does the value meet one of made_up()'s conditions?  -1: there is none. */
static int
meets(const struct dossier *d, const struct mc_json *when)
{
	static const char *const ops[] = { "eq", "ne", "lt", "le", "gt", "ge" };
	const char *field = mc_json_str(mc_json_get(when, "field"));
	struct mc_err ignored = MC_ERR_INIT;
	const char *value;
	struct mc_json *have;
	int64_t want = 0;
	double x;
	int op;

	if (strcmp(field, "channel") == 0)
		return strcmp(mc_channel_name(d->c.channel), "online") == 0;
	if (d->c.fields.len == 0 ||
	    mc_json_parse(&have, "fields",
		(struct mc_str){ d->c.fields.p, d->c.fields.len },
		&ignored) == -1)
		return -1;
	value = mc_json_str(mc_json_get(have, field));
	x = value != NULL ? strtod(value, NULL) : 0;
	for (op = 0; op < 6; op++)
		if (mc_json_int(mc_json_get(when, ops[op]), &want))
			break;
	op = value == NULL ? -1
	     : op == 0     ? x == (double)want
	     : op == 1     ? x != (double)want
	     : op == 2     ? x < (double)want
	     : op == 3     ? x <= (double)want
	     : op == 4     ? x > (double)want
			   : x >= (double)want;
	mc_json_free(have);
	return op;
}

/* The case it is to be received in, by the text of the definition. */
static const char *
expected_case(const struct dossier *d, struct mc_str named, bool *missing)
{
	const struct mc_json *list = mc_json_get(d->p->doc, "cases"), *c;
	size_t i;
	int rc;

	*missing = false;
	for (i = 0; i < mc_json_count(list); i++) {
		c = mc_json_at(list, i);
		if (named.len > 0) {
			if (mc_str_is(named, mc_json_str(mc_json_get(c, "id"))))
				return mc_json_str(mc_json_get(c, "id"));
			continue;
		}
		if (mc_json_get(c, "when") == NULL)
			continue;
		rc = meets(d, mc_json_get(c, "when"));
		*missing = rc == -1;
		if (rc != 0)
			return rc == 1 ? mc_json_str(mc_json_get(c, "id"))
				       : NULL;
	}
	return NULL;
}

/* The limit as it is written, of the case or else of the procedure. */
static const char *
expected_limit(const struct dossier *d, const char *in_case)
{
	const struct mc_json *list = mc_json_get(d->p->doc, "cases"), *limit,
			     *c;
	size_t i;

	limit = mc_json_get(d->p->doc, "limit");
	for (i = 0; in_case != NULL && i < mc_json_count(list); i++) {
		c = mc_json_at(list, i);
		if (strcmp(mc_json_str(mc_json_get(c, "id")), in_case) == 0 &&
		    mc_json_get(c, "limit") != NULL)
			limit = mc_json_get(c, "limit");
	}
	if (mc_json_str(limit) != NULL)
		return mc_json_str(limit);
	c = mc_json_get(limit, mc_channel_name(d->c.channel));
	return mc_json_str(c != NULL ? c : mc_json_get(limit, "default"));
}

static void
check_case(struct dossier *d, const char *in_case)
{
	const char *id = mc_procedure_case_id(d->p);
	const char *limit = expected_limit(d, in_case);
	struct mc_term term, is = mc_procedure_limit(d->p, d->c.channel);
	struct mc_err err = MC_ERR_INIT;

	if ((id == NULL) != (in_case == NULL) ||
	    (id != NULL && strcmp(id, in_case) != 0))
		fault(d, "of the case %s, not %s", id != NULL ? id : "none",
		    in_case != NULL ? in_case : "none");
	if (limit == NULL) {
		if (is.unit != MC_TERM_NONE)
			fault(d, "has a limit");
		return;
	}
	if (mc_term_parse(&term, mc_str(limit), &err) == -1)
		stop(&err);
	if (term.unit != is.unit ||
	    (is.unit != MC_TERM_NONE && term.milli != is.milli))
		fault(d, "not the limit %s", limit);
}

/* 1 done, 0 unchanged, -1 refused. */
static int
ask(struct dossier *d, struct mc_request *r)
{
	const char *in_case = mc_procedure_case_id(d->p);
	bool missing = false;

	int before[MC_PROCEDURE_STEPS], n = d->c.steps, i, rc;
	int from = d->c.status, version = d->c.version;
	bool received = d->c.received_at != MC_NEVER;

	d->now += INT64_C(60000) * (1 + any_of(3000));
	snprintf(d->history[d->acts++ % HISTORY], sizeof(d->history[0]),
	    "%s%s%.20s%s%.20s", mc_action_name(r->action),
	    r->to.len > 0 ? ">" : "", r->to.len > 0 ? r->to.p : "",
	    r->step.len > 0 ? "@" : "", r->step.len > 0 ? r->step.p : "");
	for (i = 0; i < n; i++)
		before[i] = step_at(d, i);
	mc_err_clear(&d->err);
	if (mc_request_check(r, &d->err) == -1)
		fault(d, "the test asks wrongly: %s", d->err.msg);
	rc = mc_workflow(&d->out, &d->rules, &d->c, r, d->now, &d->err);
	sum.actions++;
	if (r->action == MC_A_RECEIVE && !received)
		in_case = expected_case(d, r->in_case, &missing);
	if (missing && rc == 0)
		fault(d, "received, though a value is missing");
	if (rc == -1) {
		sum.refused++;
		if (d->err.code != MC_EREFUSED)
			fault(d, "%s: %s", d->err.id, d->err.msg);
		return -1;
	}
	for (i = 0; i < d->out.n; i++)
		fold(d, &d->out.event[i].e);
	if (d->out.unchanged && d->c.version != version)
		fault(d, "unchanged, with events");
	if (!may_move(from, d->c.status, received, r->action))
		fault(d, "%s moves from %d to %d", mc_action_name(r->action),
		    from, d->c.status);
	check_state(d);
	check_entered(d, before, n);
	if (r->sets > 0 && mc_str_is(r->set[0].name, "case")) {
		in_case = mc_str_is(r->set[0].value, MC_NO_CASE)
			      ? NULL
			      : r->set[0].value.p;
		sum.recased += !d->out.unchanged;
	}
	check_case(d, in_case);
	return !d->out.unchanged;
}

static int
act(struct dossier *d, enum mc_action a)
{
	struct mc_request r = MC_REQUEST(a);

	return ask(d, &r);
}

/* ---- a life ---- */

static const char *
case_of(const struct mc_procedure *p)
{
	int i = (int)any_of((unsigned)p->n_cases + 1);

	return i < p->n_cases ? p->cases[i].id : MC_NO_CASE;
}

static void
random_act(struct dossier *d)
{
	enum mc_action a = (enum mc_action)any_of(MC_A__COUNT);
	struct mc_request r;
	struct mc_set set = { MC_STR("channel"), MC_STR("online") };
	struct mc_expired expired;
	int i;

	/* Half the time it simply goes on. */
	if (any_of(2) == 0)
		a = d->c.status == MC_S_REGISTERED ? MC_A_RECEIVE
		    : d->c.status == MC_S_RECEIVED ? MC_A_START
						   : MC_A_NEXT;
	r = MC_REQUEST(a);
	if (a == MC_A_ASSIGN)
		r.officer = MC_STR("an");
	if (a == MC_A_TRANSFER)
		r.to = any_of(2) ? MC_STR("U") : MC_STR("V");
	if (a == MC_A_APOLOGISE)
		r.reason = MC_STR("late");
	if (a == MC_A_EXTEND) {
		r.has_by = true;
		r.by = (struct mc_term){ MC_TERM_WORKING_DAYS, 2000 };
	}
	if (a == MC_A_CORRECT) {
		if (d->p->n_cases > 0 && any_of(2) == 0)
			set = (struct mc_set){ MC_STR("case"),
				mc_str(case_of(d->p)) };
		r.set = &set;
		r.sets = 1;
	}
	if (a == MC_A_RECEIVE && any_of(4) == 0)
		r.in_case = mc_str(case_of(d->p));
	if (a == MC_A_REOPEN) {
		r.step = mc_str(d->p->step[any_of((unsigned)d->p->steps)].id);
		d->freely = true;
	}
	/* A dossier that ends early shows nothing more. */
	if ((a == MC_A_WITHDRAW || a == MC_A_REFUSE || a == MC_A_FINISH) &&
	    any_of(4) > 0)
		return;
	if ((a == MC_A_NEXT || a == MC_A_ASSIGN || a == MC_A_TRANSFER) &&
	    d->c.steps > 1) {
		i = (int)any_of((unsigned)d->c.steps);
		r.step = mc_str(give_text(NULL, MC_D_STEP, d->c.step[i].step));
	}
	/* Now and then nobody does it. */
	if (a == MC_A_NEXT && d->c.status == MC_S_PROCESSING &&
	    d->c.steps > 0 && any_of(3) == 0) {
		i = (int)any_of((unsigned)d->c.steps);
		i = step_at(d, i);
		expired =
		    (struct mc_expired){ .after = d->p->step[i].expires.after,
			    .since = d->now,
			    .end = { 0, d->now, false } };
		r.step = mc_str(d->p->step[i].id);
		r.expired = &expired;
		if (ask(d, &r) != -1)
			sum.expired++;
		else if (d->p->step[i].expires.to != -1)
			fault(d, "does not expire: %s", d->err.msg);
		return;
	}
	ask(d, &r);
}

/* The target of a step that is nearest to the end. */
static int
nearest(const struct dossier *d, int from)
{
	const struct mc_step *s = &d->p->step[from];
	int j, k, t, best = -1;

	for (j = 0; j < s->branches; j++)
		for (k = 0; k < s->branch[j].targets; k++) {
			t = s->branch[j].target[k];
			if (best == -1 || d->distance[t] < d->distance[best])
				best = t;
		}
	return best;
}

/*
 * One step on.  Where the rules go round in a circle, or ask for a field the
 * dossier has not, the officer says where to.
 */
static void
go_on(struct dossier *d, int tries)
{
	struct mc_request r = MC_REQUEST(MC_A_NEXT);
	int i = (int)any_of((unsigned)d->c.steps), from = step_at(d, i);

	if (d->c.steps > 1)
		r.step = mc_str(d->p->step[from].id);
	if (tries < 100 && ask(d, &r) != -1)
		return;
	if (d->p->step[from].final)
		fault(d, "cannot leave the final step: %s", d->err.msg);
	r.to = mc_str(d->p->step[nearest(d, from)].id);
	d->freely = true;
	if (ask(d, &r) == -1)
		fault(d, "cannot go on: %s: %s", d->err.id, d->err.msg);
}

/* Where a value is missing that would choose the case, somebody names it. */
static void
receive(struct dossier *d)
{
	struct mc_request r = MC_REQUEST(MC_A_RECEIVE);

	if (act(d, MC_A_RECEIVE) != -1)
		return;
	r.in_case = mc_str(case_of(d->p));
	if (strcmp(d->err.id, "E_MISSING") != 0 || ask(d, &r) == -1)
		fault(d, "cannot be received: %s", d->err.msg);
}

static void
lead_to_end(struct dossier *d)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++)
		switch ((int)d->c.status) {
		case 1:
			receive(d);
			break;
		case 2:
			act(d, MC_A_START);
			break;
		case 4:
			go_on(d, tries);
			break;
		case 5:
			if (d->c.received_at == MC_NEVER)
				receive(d);
			else if (act(d, MC_A_RESUME) == -1)
				fault(d, "cannot go on: %s", d->err.msg);
			break;
		case 6:
		case 8:
			if (act(d, MC_A_RESUME) == -1)
				fault(d, "cannot resume: %s", d->err.msg);
			break;
		case 9:
			if (act(d, MC_A_RETURN) == -1)
				fault(d, "cannot return: %s", d->err.msg);
			break;
		default:
			sum.ended++;
			return;
		}
	fault(d, "has no end");
}

static void
live(const struct dossier *like)
{
	struct dossier d = *like;
	int i, n = (int)any_of(12);

	mc_case_init(&d.c);
	register_dossier(&d);
	check_state(&d);
	for (i = 0; i < n; i++)
		random_act(&d);
	lead_to_end(&d);
	sum.dossiers++;
	mc_case_free(&d.c);
	mc_outcome_free(&d.out);
}

/* ---- one procedure ---- */

struct judged {
	int errors, joins;
};

static void
judge(void *arg, const struct mc_err *f)
{
	struct judged *j = arg;

	j->errors += strncmp(f->id, "W_", 2) != 0;
	j->joins += strcmp(f->id, "W_JOIN") == 0;
}

static void
run(const char *name, struct mc_str text, int dossiers, bool made_up)
{
	struct dossier like = { .name = name, .text = text.p };
	struct judged j = { 0, 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_procedure *p;
	int i;

	mc_procedure_lint(name, text, 0, judge, &j);
	if (j.errors > 0 && made_up) {
		sum.rejected++;
		return;
	}
	if (mc_procedure_parse(&p, name, text, &err) == -1)
		stop(&err);
	like.p = p;
	measure(p, like.distance);
	like.waits = j.joins == 0;
	like.policy = mc_policy_default;
	if (mc_procedure_policy(p, &like.policy, &err) == -1)
		stop(&err);
	for (i = 0; i < dossiers; i++)
		live(&like);
	sum.procedures++;
	mc_procedure_free(p);
}

static void
run_file(const char *name, int dossiers)
{
	struct mc_buf text = { 0 };
	FILE *fp = fopen(name, "r");
	size_t n;

	if (fp == NULL) {
		perror(name);
		exit(2);
	}
	while ((n = fread(mc_buf_room(&text, 65536), 1, 65536, fp)) > 0)
		text.len += n;
	fclose(fp);
	mc_buf_puts(&text, "");
	run(name, (struct mc_str){ text.p, text.len }, dossiers, false);
	mc_buf_free(&text);
}

/* ---- made-up procedures ---- */

static void
put_when(struct mc_buf *b)
{
	static const char *const ops[] = { "eq", "ne", "lt", "le", "gt", "ge" };

	if (any_of(4) == 0)
		mc_buf_puts(b, "{\"field\":\"channel\",\"eq\":\"online\"}");
	else
		mc_buf_printf(b, "{\"field\":\"%s\",\"%s\":%u}",
		    any_of(2) ? "area" : "persons", ops[any_of(6)], any_of(6));
}

/* Mostly a little further down, now and then back. */
static unsigned
target_of(unsigned from, unsigned n)
{
	if (from > 1 && any_of(8) == 0)
		return any_of(from);
	return from + 1 + any_of(n - from - 1 < 3 ? n - from - 1 : 3);
}

static void
put_branch(struct mc_buf *b, unsigned from, unsigned n, bool when)
{
	unsigned targets = any_of(3) == 0 ? 2 + any_of(2) : 1, i;

	mc_buf_putc(b, '{');
	if (when) {
		mc_buf_puts(b, "\"when\":");
		put_when(b);
		mc_buf_putc(b, ',');
	}
	mc_buf_puts(b, "\"to\":[");
	for (i = 0; i < targets; i++)
		mc_buf_printf(
		    b, "%s\"s%u\"", i > 0 ? "," : "", target_of(from, n));
	mc_buf_puts(b, "]}");
}

static void
put_steps(struct mc_buf *b)
{
	unsigned n = 3 + any_of(8), i, k, branches;

	mc_buf_puts(b, "\"steps\":[");
	for (i = 0; i < n; i++) {
		mc_buf_printf(b, "%s\n{\"id\":\"s%u\",\"role\":\"r\"",
		    i > 0 ? "," : "", i);
		if (any_of(2) == 0)
			mc_buf_printf(b, ",\"limit\":\"%u working hours\"",
			    1 + any_of(9));
		if (i > 1 && any_of(3) == 0)
			mc_buf_puts(b, ",\"join\":\"all\"");
		if (i + 1 == n) {
			mc_buf_puts(b, ",\"final\":true}");
			break;
		}
		if (any_of(4) == 0)
			mc_buf_printf(b,
			    ",\"expires\":{\"after\":\"3 working days\","
			    "\"to\":\"s%u\"}",
			    target_of(i, n));
		mc_buf_puts(b, ",\"next\":[");
		branches = 1 + any_of(3);
		for (k = 0; k < branches; k++) {
			mc_buf_puts(b, k > 0 ? "," : "");
			put_branch(b, i, n, k + 1 < branches);
		}
		mc_buf_puts(b, "]}");
	}
	mc_buf_putc(b, ']');
}

static void
put_limit(struct mc_buf *b)
{
	if (any_of(3) == 0)
		mc_buf_printf(b,
		    "\"limit\":{\"online\":\"%u days\",\"default\":"
		    "\"%u working days\"}",
		    1 + any_of(9), 9 + any_of(9));
	else
		mc_buf_printf(
		    b, "\"limit\":\"%u working days\"", 15 + any_of(9));
}

static void
put_cases(struct mc_buf *b)
{
	unsigned n = any_of(4), i;

	mc_buf_puts(b, "\"cases\":[");
	for (i = 0; i < n; i++) {
		mc_buf_printf(b, "%s{\"id\":\"c%u\",\"title\":\"C %u\"",
		    i > 0 ? ",\n" : "\n", i, i);
		if (any_of(4) > 0) {
			mc_buf_puts(b, ",\"when\":");
			put_when(b);
		}
		if (any_of(2) == 0) {
			mc_buf_putc(b, ',');
			put_limit(b);
		}
		if (any_of(3) == 0) {
			mc_buf_putc(b, ',');
			put_steps(b);
		}
		mc_buf_putc(b, '}');
	}
	mc_buf_puts(b, "],");
}

static void
make_up(struct mc_buf *b)
{
	mc_buf_reset(b);
	mc_buf_puts(b,
	    "{\"code\":\"1.000001\",\"title\":\"T\",\"field\":\"F\","
	    "\"level\":\"province\",\"effective_from\":\"2020-01-01\","
	    "\"fields\":["
	    "{\"name\":\"area\",\"type\":\"decimal\",\"public\":true},"
	    "{\"name\":\"persons\",\"type\":\"integer\",\"public\":true}],");
	put_limit(b);
	mc_buf_putc(b, ',');
	if (any_of(2) == 0)
		put_cases(b);
	put_steps(b);
	mc_buf_putc(b, '}');
}

int
main(int argc, char *argv[])
{
	struct mc_buf text = { 0 };
	int i, dossiers = 1000, made_up = 0;
	uint64_t seed = 1;

	for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2)
		switch (argv[i][1]) {
		case 'n':
			dossiers = (int)strtol(argv[i + 1], NULL, 10);
			break;
		case 'r':
			made_up = (int)strtol(argv[i + 1], NULL, 10);
			break;
		case 's':
			seed = strtoull(argv[i + 1], NULL, 10);
			break;
		}
	make_world(seed);
	for (; i < argc; i++)
		run_file(argv[i], dossiers);
	while (sum.procedures < made_up && sum.rejected < 1000 * made_up) {
		make_up(&text);
		run("made up", (struct mc_str){ text.p, text.len }, dossiers,
		    true);
	}
	printf("procedures %lld, dossiers %lld, ended %lld, actions %lld, "
	       "refused %lld, joined %lld, parallel %lld, in a case %lld, "
	       "moved to one %lld, expired %lld\n",
	    (long long)sum.procedures, (long long)sum.dossiers,
	    (long long)sum.ended, (long long)sum.actions,
	    (long long)sum.refused, (long long)sum.joins,
	    (long long)sum.parallel, (long long)sum.in_case,
	    (long long)sum.recased, (long long)sum.expired);
	for (i = 1; i <= 10; i++)
		printf("status %d: %lld\n", i, (long long)sum.reached[i]);
	mc_buf_free(&text);
	end_world();
	return 0;
}
