/*
 * redue.c - a due counted anew from a dossier's events: by tables, and for
 * thousands of random lives that the workflow made, against the due in force.
 */
#include <motcua/redue.h>
#include <motcua/text.h>

#include "workflow_world.h"
#include "office.h"

/* ---- by tables ---- */

/* Mondays to Fridays; what else is off, or worked, is listed. */
static struct mc_calendar *
week(const char *off, const char *on, const char *until)
{
	struct mc_buf b = { 0 };
	struct mc_calendar *cal;

	mc_buf_puts(&b, "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":8,"
			"\"weekly\":{\"mon\":[\"08:00-12:00\",\"13:00-17:00\"],"
			"\"tue\":[\"08:00-12:00\",\"13:00-17:00\"],"
			"\"wed\":[\"08:00-12:00\",\"13:00-17:00\"],"
			"\"thu\":[\"08:00-12:00\",\"13:00-17:00\"],"
			"\"fri\":[\"08:00-12:00\",\"13:00-17:00\"]}");
	if (until != NULL)
		mc_buf_printf(&b, ",\"known_until\":\"%s\"", until);
	if (off != NULL)
		mc_buf_printf(&b, ",\"days_off\":[{\"date\":\"%s\"}]", off);
	if (on != NULL)
		mc_buf_printf(&b,
		    ",\"working_days\":[{\"date\":\"%s\",\"as\":\"mon\"}]", on);
	mc_buf_puts(&b, "}");
	cal = office_calendar(mc_buf_str(&b), world.zone);
	mc_buf_free(&b);
	return cal;
}

static struct mc_term
term(const char *text)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_term out;

	if (mc_term_parse(&out, mc_str(text), &err) == -1)
		die(&err);
	return out;
}

/*
 * A line of a life: kind, when, then members: "by=", "due=" (with
 * "given" for a due that was named), "received=" of a correction, "run" for
 * an import's, "own" for a recount's.
 */
static void
make(struct mc_event *e, struct mc_buf *text, const char *line)
{
	static const struct {
		const char *name;
		enum mc_kind kind;
	} kinds_of[] = { { "received", MC_K_RECEIVED },
		{ "paused", MC_K_PAUSED }, { "stopped", MC_K_STOPPED },
		{ "resumed", MC_K_RESUMED }, { "extended", MC_K_EXTENDED },
		{ "repinned", MC_K_REPINNED },
		{ "rescheduled", MC_K_RESCHEDULED },
		{ "corrected", MC_K_CORRECTED }, { "finished", MC_K_FINISHED },
		{ "reopened", MC_K_REOPENED } };
	struct mc_str kind, when, word, rest = mc_str(line), key, value;
	char at[64];
	size_t i;

	memset(e, 0, sizeof(*e));
	mc_buf_reset(text);
	mc_str_split(rest, ' ', &kind, &rest);
	if (!mc_str_split(rest, ' ', &when, &rest)) {
		when = rest;
		rest = (struct mc_str){ NULL, 0 };
	}
	for (i = 0; i < sizeof(kinds_of) / sizeof(kinds_of[0]); i++)
		if (mc_str_is(kind, kinds_of[i].name))
			e->kind = kinds_of[i].kind;
	snprintf(at, sizeof(at), "%.*s", (int)when.len, when.p);
	e->at = t(at);
	while (rest.len > 0) {
		if (!mc_str_split(rest, ' ', &word, &rest)) {
			word = rest;
			rest = (struct mc_str){ NULL, 0 };
		}
		value = (struct mc_str){ "", 0 };
		if (!mc_str_split(word, '=', &key, &value))
			key = word;
		snprintf(at, sizeof(at), "%.*s", (int)value.len, value.p);
		if (mc_str_is(key, "by")) {
			for (i = 0; at[i] != '\0'; i++)
				at[i] = at[i] == '_' ? ' ' : at[i];
			mc_buf_puts(text, at);
			mc_event_str(
			    e, MC_F_BY, (struct mc_str){ text->p, text->len });
		} else if (mc_str_is(key, "due")) {
			mc_event_int(e, MC_F_DUE_AT, t(at));
			mc_event_int(
			    e, MC_F_DUE_DAY, mc_zone_day(world.zone, t(at)));
		} else if (mc_str_is(key, "given")) {
			mc_event_strz(e, MC_F_DUE_SOURCE, "given");
		} else if (mc_str_is(key, "anew")) {
			mc_event_strz(e, MC_F_BLOB, "b10b");
		} else if (mc_str_is(key, "own")) {
			mc_event_strz(e, MC_F_CALENDAR, "c0ffee");
		} else if (mc_str_is(key, "run")) {
			mc_event_int(e, MC_F_RUN, 1);
		} else if (mc_str_is(key, "received")) {
			mc_buf_puts(text, "{\"received_at\":\"");
			mc_time_put_utc(text, t(at));
			mc_buf_puts(text, "\"}");
			mc_event_str(
			    e, MC_F_SET, (struct mc_str){ text->p, text->len });
		}
	}
}

/* March 2024: the 4th is a Monday.  A limit of 5 working days. */
static const struct {
	const char *what, *pause;
	const char *life[8];
	const char *due; /* by the calendar of the row */
	bool given;
	const char *off, *on;
} rows[] = {
	{ "a receipt", "extend", { "received 2024-03-04T09:00" },
	    "2024-03-11T17:00", false, NULL, NULL },
	{ "a day off in between", "extend", { "received 2024-03-04T09:00" },
	    "2024-03-12T17:00", false, "2024-03-07", NULL },
	{ "a make-up day in between", "extend", { "received 2024-03-04T09:00" },
	    "2024-03-09T17:00", false, NULL, "2024-03-09" },
	{ "a promise stays", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-20T10:00 given" },
	    "2024-03-20T10:00", true, "2024-03-07", NULL },
	{ "a pause", "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00" },
	    "2024-03-12T17:00", false, NULL, NULL },
	{ "a pause whose day is off by now adds nothing, but the limit does",
	    "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00 due=2024-03-12T17:00" },
	    "2024-03-12T17:00", false, "2024-03-05", NULL },
	{ "a pause not over yet", "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00" },
	    "2024-03-12T17:00", false, "2024-03-07", NULL },
	{ "stopped while papers are awaited: one pause", "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"stopped 2024-03-06T08:00", "resumed 2024-03-07T08:00" },
	    "2024-03-13T17:00", false, NULL, NULL },
	{ "the limit anew after the pause", "restart",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00" },
	    "2024-03-14T17:00", false, "2024-03-12", NULL },
	{ "a promise that the limit replaces", "restart",
	    { "received 2024-03-04T09:00 due=2024-03-20T10:00 given",
		"paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00 due=2024-03-13T17:00" },
	    "2024-03-13T17:00", false, NULL, NULL },
	{ "a promise that a pause moves", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-20T17:00 given",
		"paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00 due=2024-03-21T17:00 given" },
	    "2024-03-22T17:00", true, "2024-03-21", NULL },
	{ "an import that says what is in force after the pause", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-20T17:00 given run",
		"paused 2024-03-05T08:00 run", "resumed 2024-03-06T08:00 run" },
	    "2024-03-20T17:00", true, NULL, NULL },
	{ "an import without", "extend",
	    { "received 2024-03-04T09:00 run", "paused 2024-03-05T08:00 run",
		"resumed 2024-03-06T08:00 run" },
	    "2024-03-12T17:00", false, NULL, NULL },
	{ "an extension is counted from the new due", "extend",
	    { "received 2024-03-04T09:00",
		"extended 2024-03-06T09:00 by=2_working_days "
		"due=2024-03-13T17:00" },
	    "2024-03-14T17:00", false, "2024-03-07", NULL },
	{ "an extension of a promise", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-12T17:00 given",
		"extended 2024-03-06T09:00 by=2_working_days "
		"due=2024-03-14T17:00 given" },
	    "2024-03-15T17:00", true, "2024-03-13", NULL },
	{ "an extension until a day stays", "extend",
	    { "received 2024-03-04T09:00",
		"extended 2024-03-06T09:00 due=2024-03-15T17:00 given" },
	    "2024-03-15T17:00", true, "2024-03-07", NULL },
	{ "a pause after it is counted from there", "extend",
	    { "received 2024-03-04T09:00",
		"extended 2024-03-06T09:00 due=2024-03-15T17:00 given",
		"paused 2024-03-07T08:00",
		"resumed 2024-03-08T08:00 due=2024-03-18T17:00 given" },
	    "2024-03-19T17:00", true, "2024-03-18", NULL },
	{ "an earlier recount is ignored", "extend",
	    { "received 2024-03-04T09:00",
		"rescheduled 2024-03-05T09:00 due=2024-03-19T17:00 own" },
	    "2024-03-11T17:00", false, NULL, NULL },
	{ "another promise is not", "extend",
	    { "received 2024-03-04T09:00",
		"rescheduled 2024-03-05T09:00 due=2024-03-19T17:00 given run" },
	    "2024-03-19T17:00", true, NULL, NULL },
	{ "another receipt", "extend",
	    { "received 2024-03-04T09:00",
		"corrected 2024-03-06T09:00 received=2024-03-05T09:00 "
		"due=2024-03-12T17:00" },
	    "2024-03-13T17:00", false, "2024-03-07", NULL },
	{ "another receipt, whose due is said", "extend",
	    { "received 2024-03-04T09:00",
		"corrected 2024-03-06T09:00 received=2024-03-05T09:00 "
		"due=2024-03-29T17:00 given" },
	    "2024-03-29T17:00", true, "2024-03-07", NULL },
	{ "another receipt of a dossier with a promise", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-20T17:00 given",
		"corrected 2024-03-06T09:00 received=2024-03-05T09:00" },
	    "2024-03-20T17:00", true, NULL, NULL },
	{ "another due", "extend",
	    { "received 2024-03-04T09:00",
		"corrected 2024-03-06T09:00 due=2024-03-29T17:00 given" },
	    "2024-03-29T17:00", true, NULL, NULL },
	{ "a pause before the receipt does not count", "extend",
	    { "paused 2024-03-01T09:00", "resumed 2024-03-04T09:00",
		"received 2024-03-04T09:00" },
	    "2024-03-11T17:00", false, NULL, NULL },
	{ "reopened: the due of before", "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"finished 2024-03-06T08:00", "reopened 2024-03-15T09:00" },
	    "2024-03-11T17:00", false, NULL, NULL },
	{ "other rules that leave the due", "extend",
	    { "received 2024-03-04T09:00", "repinned 2024-03-05T09:00",
		"paused 2024-03-06T08:00", "resumed 2024-03-07T08:00" },
	    "2024-03-12T17:00", false, NULL, NULL },
	{ "other rules, counted from the receipt", "extend",
	    { "received 2024-03-04T09:00", "paused 2024-03-05T08:00",
		"resumed 2024-03-06T08:00",
		"extended 2024-03-06T09:00 by=1_working_day "
		"due=2024-03-13T17:00",
		"repinned 2024-03-07T09:00 due=2024-03-08T17:00" },
	    "2024-03-08T17:00", false, NULL, NULL },
	{ "other rules, and then counted from the receipt", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-29T17:00 given",
		"paused 2024-03-05T08:00", "resumed 2024-03-06T08:00",
		"repinned 2024-03-07T09:00",
		"rescheduled 2024-03-07T09:00 anew own due=2024-03-08T17:00" },
	    "2024-03-07T17:00", false, NULL, NULL },
	{ "and a date that was said once more", "extend",
	    { "received 2024-03-04T09:00 due=2024-03-29T17:00 given",
		"repinned 2024-03-07T09:00",
		"rescheduled 2024-03-07T09:00 anew own due=2024-03-08T17:00",
		"repinned 2024-03-08T09:00",
		"rescheduled 2024-03-08T09:00 due=2024-03-29T17:00 given" },
	    "2024-03-29T17:00", true, NULL, NULL },
	{ "other rules and a date that was said", "extend",
	    { "received 2024-03-04T09:00",
		"repinned 2024-03-07T09:00 due=2024-03-28T17:00 given" },
	    "2024-03-28T17:00", true, "2024-03-05", NULL },
};

static void
test_table(void)
{
	struct mc_policy policy;
	struct mc_redue r = { .fact = NULL };
	struct mc_buf text = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e;
	struct mc_calendar *cal;
	struct mc_redue_rules rules;
	size_t i, k;
	int rc = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TAP_ROW(rows[i].what);
		policy = mc_policy_default;
		if (strcmp(rows[i].pause, "restart") == 0)
			policy.pause = MC_PAUSE_RESTART;
		cal = week(rows[i].off, rows[i].on, NULL);
		rules = (struct mc_redue_rules){ &policy, cal,
			term("5 working days") };
		mc_redue_init(&r, world.zone);
		for (k = 0; k < 8 && rows[i].life[k] != NULL; k++) {
			make(&e, &text, rows[i].life[k]);
			/* A version with another limit. */
			if (e.kind == MC_K_REPINNED)
				rules.limit = term("2 working days");
			rc = mc_redue_event(&r, &e, &rules, NULL, NULL, &err);
			if (rc == -1)
				break;
		}
		IS(rc, 0);
		IS_STR(due(r.due.at), due(t(rows[i].due)));
		IS(r.due.day, mc_zone_day(world.zone, t(rows[i].due)));
		IS(r.given, rows[i].given);
		mc_calendar_free(cal);
	}
	TAP_ROW(NULL);
	mc_redue_free(&r);
	mc_buf_free(&text);
}

static void
test_rest(void)
{
	struct mc_policy policy = mc_policy_default;
	struct mc_calendar *cal = week(NULL, NULL, "2024-03-08");
	struct mc_redue_rules rules = { &policy, cal, term("5 working days") };
	struct mc_redue r = { .fact = NULL };
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf text = { 0 };
	struct mc_event e;

	mc_redue_init(&r, world.zone);
	make(&e, &text, "received 2024-03-04T09:00");
	IS(mc_redue_event(&r, &e, &rules, NULL, NULL, &err), 0);
	OK(r.due.provisional);
	OK(mc_redue_differs(
	    r.due, (struct mc_due){ r.due.day, r.due.at, false }));
	OK(!mc_redue_differs(r.due, r.due));
	make(&e, &text, "extended 2024-03-05T09:00 by=soon");
	IS(mc_redue_event(&r, &e, &rules, NULL, NULL, &err), -1);
	IS_STR(err.id, "E_LOG");
	IS(err.code, MC_EDAMAGED);
	mc_err_clear(&err);
	memset(&e, 0, sizeof(e));
	e.kind = MC_K_CORRECTED;
	e.at = t("2024-03-05T09:00");
	mc_event_strz(&e, MC_F_SET, "{\"received_at\":\"yesterday\"}");
	IS(mc_redue_event(&r, &e, &rules, NULL, NULL, &err), -1);
	IS_STR(err.id, "E_LOG");
	mc_err_clear(&err);
	/* Nothing pinned, nothing counted. */
	mc_redue_init(&r, world.zone);
	make(&e, &text, "received 2024-03-04T09:00");
	IS(mc_redue_event(&r, &e, NULL, NULL, NULL, &err), 0);
	IS(r.due.day, MC_NODAY);
	/* No limit, and something that would extend it. */
	rules.limit = term("no limit");
	IS(mc_redue_event(&r, &e, &rules, NULL, NULL, &err), 0);
	make(&e, &text, "extended 2024-03-05T09:00 by=1_day");
	IS(mc_redue_event(&r, &e, &rules, NULL, NULL, &err), 0);
	IS(r.due.day, MC_NODAY);
	mc_redue_free(&r);
	mc_buf_free(&text);
	mc_calendar_free(cal);
}

/* A correction that says the due it has anyway makes it a promise. */
static void
test_named_again(void)
{
	struct dossier *d = new_dossier(house, "H42.30", NULL);
	struct mc_request r = MC_REQUEST(MC_A_CORRECT);
	struct mc_set s[2] = {
		{ MC_STR("received_at"), MC_STR("2024-03-06 09:00") },
		{ MC_STR("due_at"), MC_STR("2024-03-25 17:00") },
	};

	r.set = s;
	r.sets = 2;
	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	IS_STR(due(d->c.due.at), "2024-03-25T17:00:00+07:00");
	IS(ask(d, &r, "2024-03-07 09:00"), 1);
	IS_STR(due(d->c.due.at), "2024-03-25T17:00:00+07:00");
	OK(d->c.due_given);
	OK(!d->c.due_moved);
	free_dossier(d);
}

/* ---- random lives ---- */

#define LIVES 6000
#define ACTS 14

/* The events of a life, kept as the log keeps them. */
static struct {
	struct mc_buf body;
	size_t at[4 * ACTS + 8];
	int n;
} life;

static void
remember(const struct mc_event *e)
{
	struct mc_err err = MC_ERR_INIT;

	life.at[life.n++] = life.body.len;
	if (mc_event_encode(&life.body, e, &err) == -1)
		die(&err);
	life.at[life.n] = life.body.len;
}

/* The due of the life so far by the world's calendar. */
static void
recount(struct mc_redue *r, const struct dossier *d)
{
	struct mc_redue_rules rules = { &d->policy, world.calendar,
		{ MC_TERM_NONE, 0 } };
	const struct mc_procedure *p = d->p;
	enum mc_channel channel = MC_CH_NONE;
	struct mc_buf scratch = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e;
	int i;

	mc_redue_init(r, world.zone);
	for (i = 0; i < life.n; i++) {
		if (mc_event_decode(&e,
			(struct mc_str){ life.body.p + life.at[i],
			    life.at[i + 1] - life.at[i] },
			&scratch, &err) == -1)
			die(&err);
		if (e.kind == MC_K_RECEIVED || e.kind == MC_K_REPINNED)
			p = mc_procedure_in_case(
			    d->p, mc_event_get(&e, MC_F_CASE));
		channel = mc_redue_channel(&e, channel);
		rules.limit = mc_procedure_limit(p, channel);
		if (mc_redue_event(r, &e, &rules, NULL, NULL, &err) == -1)
			die(&err);
	}
	mc_buf_free(&scratch);
}

static void
put_definition(struct mc_buf *b, struct office_rng *rng)
{
	static const char *const limit[] = { "15 working days", "7 days",
		"12 working hours", "2.5 working days", "same day", "1 month",
		"1 working day" };
	static const char *const pause[] = { "extend", "extend-calendar",
		"restart", "none" };
	static const char *const due_time[] = { "end-of-day", "same-time",
		"midnight" };

	mc_buf_reset(b);
	mc_buf_puts(b, HEAD);
	switch (office_below(rng, 12)) {
	case 0:
		break;
	case 1:
	case 2:
		mc_buf_printf(b,
		    "\"limit\":{\"online\":\"%s\",\"default\":\"%s\"},",
		    limit[office_below(rng, 7)], limit[office_below(rng, 7)]);
		break;
	default:
		mc_buf_printf(
		    b, "\"limit\":\"%s\",", limit[office_below(rng, 7)]);
	}
	if (office_below(rng, 3) == 0)
		mc_buf_printf(b,
		    "\"cases\":[{\"id\":\"a\",\"title\":\"A\",\"when\":"
		    "{\"field\":\"floor_area\",\"gt\":%d},\"limit\":\"%s\"},"
		    "{\"id\":\"b\",\"title\":\"B\",\"limit\":"
		    "{\"postal\":\"%s\",\"default\":\"%s\"}}],",
		    (int)office_below(rng, 20), limit[office_below(rng, 7)],
		    limit[office_below(rng, 7)], limit[office_below(rng, 7)]);
	mc_buf_printf(b,
	    "\"deadline\":{\"pause\":\"%s\",\"due_time\":\"%s\","
	    "\"late_intake\":\"%s\",\"extensions\":%d,"
	    "\"extend_after_expiry\":true,\"verdict\":\"%s\"},",
	    pause[office_below(rng, 4)], due_time[office_below(rng, 3)],
	    office_below(rng, 2) == 0 ? "as-is" : "next-working-day",
	    (int)office_below(rng, 4),
	    office_below(rng, 2) == 0 ? "date" : "instant");
	mc_buf_puts(b, BODY);
}

static const char *
when_text(int64_t at)
{
	static char text[2][40];
	static int i;
	struct mc_buf b = { 0 };

	i = !i;
	mc_time_put(&b, at, world.zone);
	snprintf(text[i], sizeof(text[i]), "%s", mc_buf_str(&b));
	mc_buf_free(&b);
	return text[i];
}

/* One thing that an officer might do; most are allowed. */
static void
do_something(struct dossier *d, struct office_rng *rng, int64_t now)
{
	static const enum mc_action can[] = { MC_A_START, MC_A_NEXT,
		MC_A_SUPPLEMENT, MC_A_PAY, MC_A_STOP, MC_A_RESUME, MC_A_RESUME,
		MC_A_RESUME, MC_A_EXTEND, MC_A_EXTEND, MC_A_CORRECT,
		MC_A_CORRECT, MC_A_FINISH, MC_A_REOPEN };
	static const char *const by[] = { "3 working days", "5 days",
		"4 working hours", "0.5 working days" };
	struct mc_request r =
	    MC_REQUEST(can[office_below(rng, sizeof(can) / sizeof(can[0]))]);
	static const char *const channel[] = { "direct", "online", "postal" };
	static const char *const in_case[] = { "a", "b", "none" };
	struct mc_set set[4];
	char received[40], promised[40];
	int i;

	if (r.action == MC_A_EXTEND && office_below(rng, 3) != 0) {
		r.has_by = true;
		r.by = term(by[office_below(rng, 4)]);
	} else if (r.action == MC_A_EXTEND) {
		r.until = now + office_below(rng, 40) * MC_MS_DAY;
		r.until_day = office_below(rng, 2) == 0;
	} else if (r.action == MC_A_CORRECT) {
		r.set = set;
		if (office_below(rng, 2) == 0) {
			snprintf(received, sizeof(received), "%s",
			    when_text(now - office_below(rng, 300) * 3600000));
			set[r.sets++] = (struct mc_set){ MC_STR("received_at"),
				mc_str(received) };
		}
		if (office_below(rng, 4) == 0)
			set[r.sets++] = (struct mc_set){ MC_STR("channel"),
				mc_str(channel[office_below(rng, 3)]) };
		if (d->p->n_cases > 0 && office_below(rng, 3) == 0)
			set[r.sets++] = (struct mc_set){ MC_STR("case"),
				mc_str(in_case[office_below(rng, 3)]) };
		if (r.sets == 0 || office_below(rng, 3) == 0) {
			/* Now and then the due it has anyway. */
			snprintf(promised, sizeof(promised), "%s",
			    when_text(
				d->c.due.at != MC_NEVER &&
					office_below(rng, 3) == 0
				    ? d->c.due.at
				    : now + office_below(rng, 900) * 3600000));
			set[r.sets++] = (struct mc_set){ MC_STR("due_at"),
				mc_str(promised) };
		}
	} else if (r.action == MC_A_REOPEN) {
		r.step = MC_STR("appraise");
	}
	ask(d, &r, when_text(now));
	for (i = 0; d->err.code == MC_OK && i < d->out.n; i++)
		remember(&d->out.event[i].e);
}

/* The calendar is another one now, and the due is made to follow. */
static void
reschedule(struct dossier *d, struct mc_redue *r, int64_t now)
{
	struct mc_event e = { .kind = MC_K_RESCHEDULED, .at = now };

	recount(r, d);
	if (!mc_redue_differs(r->due, d->c.due))
		return;
	mc_redue_put(&e, d->c.due, r->due, r->given, "decade");
	fold(d, &e);
	remember(&e);
}

/* 1 as it should be, 0 not (told), -1 nothing to compare. */
static int
agrees(struct dossier *d, struct mc_redue *r)
{
	struct mc_due fresh = { MC_NODAY, MC_NEVER, false };
	struct mc_err err = MC_ERR_INIT;
	const struct mc_case *c = &d->c;

	if (!mc_status_open(c->status) || c->received_at == MC_NEVER)
		return -1;
	recount(r, d);
	if (mc_redue_differs(r->due, c->due) || r->given != c->due_given ||
	    mc_redue_differs(r->in_force, c->due) ||
	    r->in_force_given != c->due_given ||
	    r->received_at != c->received_at || r->paused_at != c->paused_at) {
		printf("# due %s", due(r->due.at));
		printf(" in force %s given %d, %d\n", due(c->due.at), r->given,
		    c->due_given);
		return 0;
	}
	if (c->due_moved)
		return 1;
	/* What was not moved needs no walk. */
	if (c->due_given)
		fresh = c->due;
	else if (mc_deadline(&fresh, &d->policy, world.calendar,
		     mc_procedure_limit(d->rules.procedure, c->channel),
		     c->received_at, NULL, NULL, &err) == -1)
		die(&err);
	return !mc_redue_differs(fresh, c->due);
}

static void
show_life(void)
{
	int i;

	for (i = 0; i < life.n; i++)
		printf("# %.*s\n", (int)(life.at[i + 1] - life.at[i]),
		    life.body.p + life.at[i]);
}

static void
test_lives(void)
{
	struct office_rng rng = office_seed();
	struct mc_calendar *usual = world.calendar, *cal = NULL;
	struct mc_redue r = { .fact = NULL };
	struct mc_buf definition = { 0 };
	struct office o;
	struct dossier *d;
	int64_t i, now, cases = office_cases(LIVES);
	int64_t compared = 0, wrong = 0, fresh = 0, changed = 0;
	int k, was, rc;

	for (i = 0; i < cases && wrong < 3; i++) {
		if (i % 8 == 0) {
			mc_calendar_free(cal);
			o = office_random(
			    &rng, world.zone, mc_day_of(2024, 3, 1));
			world.calendar = cal = office_open(&o);
		}
		put_definition(&definition, &rng);
		now = t("2024-03-04 08:00") +
		      office_below(&rng, 20 * 24 * 60) * 60000;
		d = new_dossier(mc_buf_str(&definition), "H42.30",
		    "{\"floor_area\":\"10\"}");
		mc_buf_reset(&life.body);
		life.n = 0;
		for (k = 0; k < ACTS && wrong < 3; k++) {
			was = d->c.version;
			if (k == 0) {
				act(d, MC_A_RECEIVE, when_text(now));
				remember(&d->out.event[0].e);
			} else {
				do_something(d, &rng, now);
			}
			rc = agrees(d, &r);
			compared += rc != -1 && d->c.version > was;
			fresh +=
			    rc == 1 && d->c.version > was && !d->c.due_moved;
			/* And goes on under another calendar. */
			if (rc == 1 && office_below(&rng, 9) == 0) {
				o = office_random(
				    &rng, world.zone, mc_day_of(2024, 3, 1));
				mc_calendar_free(cal);
				world.calendar = cal = office_open(&o);
				was = d->c.version;
				reschedule(d, &r, now);
				rc = agrees(d, &r);
				changed += d->c.version > was;
			}
			if (rc == 0) {
				show_life();
				wrong++;
			}
			now += office_below(&rng, 5 * 24 * 60) * 60000;
		}
		free_dossier(d);
	}
	IS(wrong, 0);
	printf("# %lld dues, %lld of them without a walk, %lld after another "
	       "calendar\n",
	    (long long)compared, (long long)fresh, (long long)changed);
	OK(compared > cases * 2);
	OK(fresh > cases / 2 && changed > cases / 8);
	OK(compared - fresh > cases);
	mc_calendar_free(cal);
	world.calendar = usual;
	mc_redue_free(&r);
	mc_buf_free(&definition);
	mc_buf_free(&life.body);
}

int
main(void)
{
	make_world();
	test_table();
	test_rest();
	test_named_again();
	test_lives();
	end_world();
	return tap_done();
}
