/* workflow_time.c - pauses, verdicts, extensions, apologies. */
#include "workflow_world.h"

static void
test_pauses(void)
{
	static const struct {
		const char *name, *definition, *due;
	} row[] = {
		{ "extend", house, "2024-03-27T17:00:00+07:00" },
		{ "restart", house_restart, "2024-03-28T17:00:00+07:00" },
		{ "none", house_none, "2024-03-25T17:00:00+07:00" },
		{ "no limit", no_limit, "never" },
	};
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].name);
		d = appraising(row[i].definition, NULL);
		IS(act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00"), 1);
		IS(d->c.status, MC_S_SUPPLEMENT);
		IS_STR(steps(d), "appraise@H42.30.1");
		IS(act(d, MC_A_RESUME, "2024-03-07 09:00"), 1);
		IS(d->c.status, MC_S_PROCESSING);
		IS_STR(due(d->c.due.at), row[i].due);
		IS(d->c.due_given, false);
		OK((said(d, MC_K_RESUMED, MC_F_CALENDAR) != NULL) == (i < 2));
		OK(mc_event_has(&d->out.event[0].e, MC_F_OLD_DUE_AT) ==
		    (i < 2));
		free_dossier(d);
	}
	TAP_ROW(NULL);

	/* Stopped while papers are awaited: one pause, from its beginning. */
	d = appraising(house, NULL);
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	IS(act(d, MC_A_STOP, "2024-03-06 09:00"), 1);
	IS(d->c.status, MC_S_STOPPED);
	IS(act(d, MC_A_RESUME, "2024-03-07 09:00"), 1);
	IS(d->c.status, MC_S_PROCESSING);
	IS_STR(due(d->c.due.at), "2024-03-27T17:00:00+07:00");
	free_dossier(d);

	/* Not started yet: papers bring it back, money and a stop start it. */
	d = new_dossier(house, "H42.30", NULL);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	IS(act(d, MC_A_RESUME, "2024-03-05 10:00"), 1);
	IS(d->c.status, MC_S_RECEIVED);
	act(d, MC_A_PAY, "2024-03-05 11:00");
	IS(d->c.status, MC_S_PAYMENT);
	IS(act(d, MC_A_RESUME, "2024-03-05 13:30"), 1);
	IS_STR(kinds(d), "resumed started");
	IS(d->c.status, MC_S_PROCESSING);
	IS_STR(steps(d), "receive@H42.30");
	free_dossier(d);

	/* Asked for papers before it was accepted. */
	d = new_dossier(house, "H42.30", NULL);
	IS(act(d, MC_A_SUPPLEMENT, "2024-03-04 09:00"), 1);
	IS(act(d, MC_A_STOP, "2024-03-04 09:00"), -1);
	IS_STR(d->err.msg,
	    "stop is not for a dossier that is supplement and not yet "
	    "received; allowed: receive, assign, transfer, refuse, withdraw, "
	    "correct");
	IS(act(d, MC_A_RECEIVE, "2024-03-05 09:00"), 1);
	IS_STR(kinds(d), "resumed received");
	IS(d->c.status, MC_S_RECEIVED);
	IS(d->c.paused_at, MC_NEVER);
	IS_STR(due(d->c.due.at), "2024-03-26T17:00:00+07:00");
	free_dossier(d);
}

static void
test_verdicts(void)
{
	static const struct {
		const char *at;
		enum mc_verdict verdict;
	} row[] = {
		{ "2024-03-24 23:00", MC_V_EARLY },
		{ "2024-03-25 07:00", MC_V_ON_TIME },
		{ "2024-03-25 23:59", MC_V_ON_TIME },
		{ "2024-03-26 00:00", MC_V_LATE },
	};
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].at);
		d = appraising(house, NULL);
		IS(act(d, MC_A_FINISH, row[i].at), 1);
		IS(d->c.verdict, row[i].verdict);
		free_dossier(d);
	}
	TAP_ROW(NULL);
	d = appraising(no_limit, NULL);
	IS(act(d, MC_A_FINISH, "2025-03-25 00:00"), 1);
	IS(d->c.verdict, MC_V_ON_TIME);
	free_dossier(d);
	d = appraising(house, NULL);
	IS(act(d, MC_A_WITHDRAW, "2024-05-25 00:00"), 1);
	IS(d->c.verdict, MC_V_ON_TIME);
	IS(d->c.steps, 0);
	free_dossier(d);
}

static int
extend(struct dossier *d, const char *by, const char *until, bool day,
    const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_EXTEND);

	if (by != NULL) {
		r.has_by = true;
		if (mc_term_parse(&r.by, mc_str(by), &d->err) == -1)
			die(&d->err);
	}
	if (until != NULL) {
		r.until = t(until);
		r.until_day = day;
	}
	return ask(d, &r, at);
}

/* One extension of a dossier that is due on 2024-03-25 at 17:00. */
static void
test_extend(void)
{
	static const struct {
		const char *definition, *given; /* another due, set before */
		const char *by, *until;
		bool day;
		const char *at;
		const char *due; /* or the error's id */
		bool is_given, provisional;
	} row[] = {
		/* By a term, from the due on, whose day is day 0. */
		{ house, NULL, "3 working days", NULL, false,
		    "2024-03-20 09:00", "2024-03-28T17:00:00+07:00", 0, 0 },
		{ house, NULL, "26 ngày làm việc", NULL, false,
		    "2024-03-20 09:00", "2024-05-01T17:00:00+07:00", 0, 0 },
		{ house, NULL, "5 days", NULL, false, "2024-03-20 09:00",
		    "2024-04-01T17:00:00+07:00", 0, 0 },
		{ house, NULL, "36 ngày", NULL, false, "2024-03-20 09:00",
		    "2024-05-01T17:00:00+07:00", 0, 0 },
		{ house, NULL, "1 month", NULL, false, "2024-03-20 09:00",
		    "2024-04-25T17:00:00+07:00", 0, 0 },
		{ house, NULL, "4 working hours", NULL, false,
		    "2024-03-20 09:00", "2024-03-26T11:30:00+07:00", 0, 0 },
		{ house, NULL, "0.5 working days", NULL, false,
		    "2024-03-20 09:00", "2024-03-26T11:30:00+07:00", 0, 0 },
		{ house_midnight, NULL, "1 working day", NULL, false,
		    "2024-03-20 09:00", "2024-03-27T00:00:00+07:00", 0, 0 },
		/* Past what the calendar is known for. */
		{ house, NULL, "1100 days", NULL, false, "2024-03-20 09:00",
		    "2027-03-30T17:00:00+07:00", 0, 1 },
		/* A given due stays a given one. */
		{ house, "2024-04-05", "1 working day", NULL, false,
		    "2024-03-20 09:00", "2024-04-08T17:00:00+07:00", 1, 0 },
		{ house, "2024-04-06", "1 working day", NULL, false,
		    "2024-03-20 09:00", "2024-04-08T17:00:00+07:00", 1, 0 },
		{ house, "2024-04-05 10:00", "2 days", NULL, false,
		    "2024-03-20 09:00", "2024-04-08T17:00:00+07:00", 1, 0 },
		{ no_limit, "2024-03-25", "1 working day", NULL, false,
		    "2024-03-20 09:00", "2024-03-26T17:00:00+07:00", 1, 0 },
		/* Until a day, or a moment. */
		{ house, NULL, NULL, "2024-03-29", true, "2024-03-20 09:00",
		    "2024-03-29T17:00:00+07:00", 1, 0 },
		{ house_midnight, NULL, NULL, "2024-03-29", true,
		    "2024-03-20 09:00", "2024-03-30T00:00:00+07:00", 1, 0 },
		{ house, NULL, NULL, "2024-03-29 10:15", false,
		    "2024-03-20 09:00", "2024-03-29T10:15:00+07:00", 1, 0 },
		{ house, NULL, NULL, "2024-03-25 17:01", false,
		    "2024-03-20 09:00", "2024-03-25T17:01:00+07:00", 1, 0 },
		{ house, NULL, NULL, "2027-03-30", true, "2024-03-20 09:00",
		    "2027-03-30T17:00:00+07:00", 1, 0 },
		/* On the due day there is time yet; by the instant, not. */
		{ house, NULL, "1 working day", NULL, false, "2024-03-25 23:00",
		    "2024-03-26T17:00:00+07:00", 0, 0 },
		{ house_instant, NULL, "1 working day", NULL, false,
		    "2024-03-25 17:00", "2024-03-26T17:00:00+07:00", 0, 0 },
		{ house_instant, NULL, "1 working day", NULL, false,
		    "2024-03-25 17:01", "E_EXTEND", 0, 0 },
		{ house, NULL, "1 working day", NULL, false, "2024-03-26 07:00",
		    "E_EXTEND", 0, 0 },
		{ house_twice, NULL, "1 working day", NULL, false,
		    "2024-03-26 07:00", "2024-03-26T17:00:00+07:00", 0, 0 },
		{ house_never, NULL, "1 working day", NULL, false,
		    "2024-03-20 09:00", "E_EXTEND", 0, 0 },
		/* No later, over already, a closed door, nothing to move. */
		{ house, NULL, NULL, "2024-03-25", true, "2024-03-20 09:00",
		    "E_DUE", 0, 0 },
		{ house, NULL, NULL, "2024-03-22 10:00", false,
		    "2024-03-20 09:00", "E_DUE", 0, 0 },
		{ house_twice, NULL, "1 working day", NULL, false,
		    "2024-03-27 07:00", "E_DUE", 0, 0 },
		{ house_twice, NULL, NULL, "2024-03-26", true,
		    "2024-03-27 07:00", "E_DUE", 0, 0 },
		{ house, NULL, NULL, "2024-04-30", true, "2024-03-20 09:00",
		    "E_DUE", 0, 0 },
		{ house, NULL, NULL, "2024-03-30 09:00", false,
		    "2024-03-20 09:00", "E_DUE", 0, 0 },
		{ no_limit, NULL, "3 days", NULL, false, "2024-03-20 09:00",
		    "E_DUE", 0, 0 },
		{ no_limit, NULL, NULL, "2024-03-29", true, "2024-03-20 09:00",
		    "E_DUE", 0, 0 },
		{ house, NULL, "10000 months", NULL, false, "2024-03-20 09:00",
		    "E_RANGE", 0, 0 },
	};
	struct dossier *d;
	int64_t old;
	int32_t version;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].by != NULL ? row[i].by : row[i].until);
		d = appraising(row[i].definition, NULL);
		if (row[i].given != NULL)
			IS(set(d, "due_at", row[i].given, "2024-03-05 09:00"),
			    1);
		old = d->c.due.at;
		version = d->c.version;
		rc = extend(d, row[i].by, row[i].until, row[i].day, row[i].at);
		if (row[i].due[0] == 'E') {
			IS(rc, -1);
			IS(d->err.code, MC_EREFUSED);
			IS_STR(d->err.id, row[i].due);
			IS(d->c.due.at, old);
			IS(d->c.version, version);
		} else {
			IS(rc, 1);
			IS_STR(kinds(d), "extended");
			IS_STR(due(d->c.due.at), row[i].due);
			IS(d->c.due_given, row[i].is_given);
			IS(d->c.due.provisional, row[i].provisional);
			IS(d->c.extensions, 1);
			IS(d->out.event[0].e.value[MC_F_OLD_DUE_AT].i, old);
			IS_STR(said(d, MC_K_EXTENDED, MC_F_CALENDAR), "c0ffee");
			IS(mc_event_has(&d->out.event[0].e, MC_F_BY),
			    row[i].by != NULL);
		}
		free_dossier(d);
	}
	TAP_ROW(NULL);
}

/* The term is kept as people would write it, in one spelling. */
static void
test_extend_by(void)
{
	struct dossier *d = appraising(house, NULL);

	IS(extend(d, "5 ngày làm việc", NULL, false, "2024-03-20 09:00"), 1);
	IS_STR(said(d, MC_K_EXTENDED, MC_F_BY), "5 working days");
	free_dossier(d);
}

/* What is said, so that somebody can do something about it. */
static void
test_extend_says(void)
{
	static const struct {
		const char *definition;
		int extensions; /* the rulebook's; 0: leave it */
		int before;     /* how often extended already */
		const char *until, *at, *msg, *advice;
	} row[] = {
		{ house, 0, 1, "2024-04-19", "2024-03-20 09:00",
		    "extended 1 time already; the policy allows 1 "
		    "(\"extensions\" in rulebook.json, or by default)",
		    "the policy is the one of the day of receipt; without a "
		    "new date an apology can be recorded: route apologise "
		    "--reason=TEXT" },
		{ house, 3, 3, "2024-04-19", "2024-03-20 09:00",
		    "extended 3 times already; the policy allows 3 "
		    "(\"extensions\" in rulebook.json)",
		    "the policy is the one of the day of receipt; without a "
		    "new date an apology can be recorded: route apologise "
		    "--reason=TEXT" },
		{ house_twice, 0, 2, "2024-04-19", "2024-03-20 09:00",
		    "extended 2 times already; the policy allows 2 "
		    "(\"extensions\" in procedures/x/1.009994.json)",
		    "the policy is the one of the day of receipt; without a "
		    "new date an apology can be recorded: route apologise "
		    "--reason=TEXT" },
		{ house_never, 0, 0, "2024-04-19", "2024-03-20 09:00",
		    "the policy allows no extension (\"extensions\" in "
		    "procedures/x/1.009994.json)",
		    "the policy is the one of the day of receipt; without a "
		    "new date an apology can be recorded: route apologise "
		    "--reason=TEXT" },
		{ house, 0, 0, "2024-04-19", "2024-03-26 09:00",
		    "the due date 2024-03-25T17:00:00+07:00 has passed; the "
		    "policy allows extending only before "
		    "(\"extend_after_expiry\" in rulebook.json, or by default)",
		    "the policy is the one of the day of receipt; without a "
		    "new date an apology can be recorded: route apologise "
		    "--reason=TEXT" },
		{ house, 0, 0, "2024-03-25", "2024-03-20 09:00",
		    "the new due date is not later than the present one, "
		    "2024-03-25T17:00:00+07:00",
		    "" },
		{ house_twice, 0, 0, "2024-03-26", "2024-04-01 09:00",
		    "the new due date, 2024-03-26T17:00:00+07:00, has passed "
		    "already",
		    "name a later one with --until" },
		{ house, 0, 0, "2024-04-30", "2024-03-20 09:00",
		    "the new due date, 2024-04-30, is a day off (Giai phong)",
		    "a term that ends on a day off ends on the next working "
		    "day: --until=2024-05-01" },
		{ house, 0, 0, "2024-03-30", "2024-03-20 09:00",
		    "the new due date, 2024-03-30, is a day off",
		    "a term that ends on a day off ends on the next working "
		    "day: --until=2024-04-01" },
	};
	struct dossier *d;
	size_t i;
	int k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].msg);
		d = appraising(row[i].definition, NULL);
		if (row[i].extensions > 0)
			d->policy.extensions = row[i].extensions;
		for (k = 0; k < row[i].before; k++)
			IS(extend(d, "1 working day", NULL, false,
			       "2024-03-20 09:00"),
			    1);
		IS(extend(d, NULL, row[i].until, true, row[i].at), -1);
		IS_STR(d->err.msg, row[i].msg);
		IS_STR(d->err.advice, row[i].advice);
		free_dossier(d);
	}
	TAP_ROW(NULL);
}

/* While the clock stands nothing is extended; it counts from what follows. */
static void
test_extend_paused(void)
{
	static const enum mc_action pause[] = { MC_A_SUPPLEMENT, MC_A_PAY,
		MC_A_STOP };
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(pause) / sizeof(pause[0]); i++) {
		TAP_ROW(mc_action_name(pause[i]));
		d = appraising(house, NULL);
		IS(act(d, pause[i], "2024-03-05 07:30"), 1);
		IS(extend(d, "1 working day", NULL, false, "2024-03-06 09:00"),
		    -1);
		IS_STR(d->err.id, "E_STATE");
		OK(strstr(d->err.msg, "resume, apologise") != NULL);
		IS(act(d, MC_A_RESUME, "2024-03-07 07:30"), 1);
		IS_STR(due(d->c.due.at), "2024-03-27T17:00:00+07:00");
		IS(extend(d, "1 working day", NULL, false, "2024-03-07 09:00"),
		    1);
		IS_STR(due(d->c.due.at), "2024-03-28T17:00:00+07:00");
		/* A pause after it moves what the extension gave. */
		IS(act(d, pause[i], "2024-03-11 07:30"), 1);
		IS(act(d, MC_A_RESUME, "2024-03-12 07:30"), 1);
		IS_STR(due(d->c.due.at), "2024-03-29T17:00:00+07:00");
		IS(d->c.extensions, 1);
		free_dossier(d);
	}
	TAP_ROW(NULL);
}

static int
apologise(struct dossier *d, const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_APOLOGISE);

	r.reason = MC_STR("chờ ý kiến");
	return ask(d, &r, at);
}

static void
test_apologise(void)
{
	struct dossier *d = appraising(house, NULL);
	int64_t old = d->c.due.at, changed = d->c.changed_at;

	/* Nothing changes but that it was done, and why is kept. */
	IS(apologise(d, "2024-03-27 09:00"), 1);
	IS_STR(kinds(d), "apologised");
	OK(strstr(d->out.event[0].personal.p, "chờ ý kiến") != NULL);
	IS(d->out.event[0].e.present, 0);
	IS(d->c.apologised, true);
	IS(d->c.due.at, old);
	IS(d->c.changed_at, changed);
	IS(d->c.extensions, 0);
	IS(d->c.status, MC_S_PROCESSING);
	/* Once is enough; also after the end. */
	IS(apologise(d, "2024-03-28 09:00"), 0);
	IS(d->out.n, 0);
	IS(act(d, MC_A_FINISH, "2024-03-28 09:00"), 1);
	IS(d->c.verdict, MC_V_LATE);
	IS(apologise(d, "2024-03-28 09:00"), 0);
	free_dossier(d);

	/* An extension was one, for the date that it moved: for the next, no. */
	d = appraising(house, NULL);
	IS(extend(d, "1 working day", NULL, false, "2024-03-20 09:00"), 1);
	IS(apologise(d, "2024-03-28 09:00"), 1);
	free_dossier(d);

	/* Late at the end, and after the result was returned. */
	d = appraising(house, NULL);
	IS(act(d, MC_A_FINISH, "2024-03-28 09:00"), 1);
	IS(apologise(d, "2024-03-28 10:00"), 1);
	IS(act(d, MC_A_RETURN, "2024-03-28 11:00"), 1);
	IS(apologise(d, "2024-03-28 12:00"), 0);
	free_dossier(d);
	d = appraising(house, NULL);
	IS(act(d, MC_A_FINISH, "2024-03-28 09:00"), 1);
	IS(act(d, MC_A_RETURN, "2024-03-28 11:00"), 1);
	IS(apologise(d, "2024-03-28 08:59"), -1);
	IS_STR(d->err.id, "E_ORDER");
	IS(apologise(d, "2024-03-29 12:00"), 1);
	IS(d->c.status, MC_S_RETURNED);
	free_dossier(d);

	/* In time there is nothing to be sorry for. */
	d = appraising(house, NULL);
	IS(act(d, MC_A_FINISH, "2024-03-25 09:00"), 1);
	IS(apologise(d, "2024-03-28 10:00"), -1);
	IS_STR(d->err.id, "E_STATE");
	IS_STR(d->err.msg,
	    "apologise is not for a dossier that is finished and was not "
	    "late; allowed: next, assign, transfer, return, reopen, correct");
	free_dossier(d);
	d = appraising(house, NULL);
	IS(act(d, MC_A_WITHDRAW, "2024-04-25 09:00"), 1);
	IS(apologise(d, "2024-04-28 10:00"), -1);
	IS_STR(d->err.msg,
	    "apologise is not for a dossier that is withdrawn; allowed: "
	    "correct");
	free_dossier(d);

	/* Without a due nothing is ever late. */
	d = appraising(no_limit, NULL);
	IS(apologise(d, "2024-04-28 10:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	IS_STR(d->err.msg, "the dossier has no due date to be late for");
	free_dossier(d);
}

int
main(void)
{
	make_world();
	test_pauses();
	test_verdicts();
	test_extend();
	test_extend_by();
	test_extend_says();
	test_extend_paused();
	test_apologise();
	end_world();
	return tap_done();
}
