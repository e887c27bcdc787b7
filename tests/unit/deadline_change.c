/*
 * deadline_change.c - pauses, extensions and verdicts, by tables.
 */
#include "due.h"

/* ---- pauses and extensions ---- */

static const struct {
	const char *limit, *due, *from, *to, *policy, *want;
} pauses[] = {
	/* Two working days paused are two working days more. */
	{ "5 working days", "2024-02-07 17:00", "2024-02-01 07:30",
	    "2024-02-05 07:30", "", "2024-02-16T17:00" },
	/* Two hours lead to the next day, and to the close of it. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-01 10:00", "", "2024-02-06T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-01 10:00", "midnight", "2024-02-07T00:00" },
	/* The clock's time: two working hours later. */
	{ "5 working days", "2024-02-05 10:20", "2024-02-01 08:00",
	    "2024-02-01 10:00", "clock", "2024-02-05T14:20" },
	/* Nights and holidays are no working time. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 17:00",
	    "2024-02-02 07:30", "", "2024-02-05T17:00" },
	{ "5 working days", "2024-02-16 17:00", "2024-02-07 17:00",
	    "2024-02-15 07:30", "", "2024-02-16T17:00" },
	/* Hours stay hours. */
	{ "8 working hours", "2024-02-05 10:20", "2024-02-02 08:00",
	    "2024-02-02 10:00", "midnight", "2024-02-05T14:20" },
	{ "1.5 working days", "2024-02-05 10:20", "2024-02-02 08:00",
	    "2024-02-02 10:00", "", "2024-02-05T14:20" },
	/* A limit of the same day ends at closing time. */
	{ "same day", "2024-02-05 17:00", "2024-02-05 08:00",
	    "2024-02-05 10:00", "midnight", "2024-02-06T17:00" },
	/* Begun on the due day counts, after it does not. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-05 18:00",
	    "2024-02-06 09:30", "", "2024-02-06T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-06 08:00",
	    "2024-02-20 09:30", "", "2024-02-05T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-06 08:00",
	    "2024-02-20 09:30", "calendar", "2024-02-05T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-06 08:00",
	    "2024-02-20 09:30", "restart", "2024-02-05T17:00" },
	/* By instant, after the due instant does not either. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-05 18:00",
	    "2024-02-06 09:30", "instant", "2024-02-05T17:00" },
	/* Calendar days, rolled. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 16:00",
	    "2024-02-02 07:30", "calendar", "2024-02-06T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-01 16:00", "calendar", "2024-02-05T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-04 16:00", "calendar", "2024-02-15T17:00" },
	{ "5 working days", "2024-02-05 10:20", "2024-02-01 08:00",
	    "2024-02-02 16:00", "calendar clock", "2024-02-06T10:20" },
	{ "8 working hours", "2024-02-05 10:20", "2024-02-01 08:00",
	    "2024-02-02 16:00", "calendar", "2024-02-06T10:20" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-02 16:00", "calendar midnight", "2024-02-07T00:00" },
	/* The whole limit anew, from office hours. */
	{ "2 working days", "2024-02-02 17:00", "2024-02-01 08:00",
	    "2024-02-02 09:00", "restart", "2024-02-06T17:00" },
	{ "2 working days", "2024-02-02 17:00", "2024-02-01 08:00",
	    "2024-02-02 18:00", "restart", "2024-02-07T17:00" },
	{ "2 working days", "2024-02-02 17:00", "2024-02-01 08:00",
	    "2024-02-02 18:00", "restart asis", "2024-02-06T17:00" },
	{ "", "2024-02-02 17:00", "2024-02-01 08:00", "2024-02-02 18:00",
	    "restart", "2024-02-02T17:00" },
	/* A given due is the base of extend. */
	{ "", "2024-02-06 20:00", "2024-02-01 08:00", "2024-02-01 10:00", "",
	    "2024-02-07T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-01 08:00",
	    "2024-02-02 16:00", "none", "2024-02-05T17:00" },
	/* A pause that ends before it begins is none. */
	{ "5 working days", "2024-02-05 17:00", "2024-02-02 08:00",
	    "2024-02-01 16:00", "", "2024-02-05T17:00" },
	{ "5 working days", "2024-02-05 17:00", "2024-02-02 08:00",
	    "2024-02-01 16:00", "calendar", "2024-02-05T17:00" },
};

static void
test_pauses(void)
{
	struct mc_calendar *cal = office(true);
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy p;
	struct mc_due due, got;
	size_t i;

	for (i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		TAP_ROW(pauses[i].policy);
		p = policy(pauses[i].policy);
		due = mc_due_given(&p, cal, at(pauses[i].due), false);
		IS(mc_deadline_resume(&got, &p, cal, term(pauses[i].limit), due,
		       at(pauses[i].from), at(pauses[i].to), NULL, NULL, &err),
		    0);
		IS_STR(show(got.at), pauses[i].want);
		if (p.due_time != MC_DUE_MIDNIGHT)
			IS(got.day, mc_zone_day(vn, got.at));
	}
	TAP_ROW(NULL);
	/* At 24:00: the day before is the due day, and moves on from there. */
	p = policy("midnight");
	due = mc_due_given(&p, cal, at("2024-02-05"), true);
	IS(mc_deadline_resume(&got, &p, cal, term("2 working days"), due,
	       at("2024-02-01 08:00"), at("2024-02-01 10:00"), NULL, NULL,
	       &err),
	    0);
	IS_STR(show(got.at), "2024-02-07T00:00");
	IS(got.day, due.day + 1);
	p = policy("midnight calendar");
	IS(mc_deadline_resume(&got, &p, cal, term("2 working days"), due,
	       at("2024-02-01 08:00"), at("2024-02-02 10:00"), NULL, NULL,
	       &err),
	    0);
	IS_STR(show(got.at), "2024-02-07T00:00");
	IS(got.day, due.day + 1);
	/* No due stays none; restart gives one where there is a limit. */
	due = (struct mc_due){ MC_NODAY, MC_NEVER, false };
	p = policy("");
	IS(mc_deadline_resume(&got, &p, cal, term(""), due,
	       at("2024-02-01 08:00"), at("2024-02-02 10:00"), NULL, NULL,
	       &err),
	    0);
	IS(got.day, MC_NODAY);
	/* A due moved past what is known. */
	due = mc_due_given(&p, cal, at("2026-12-30 17:00"), false);
	IS(mc_deadline_resume(&got, &p, cal, term("2 working days"), due,
	       at("2026-12-28 07:30"), at("2026-12-30 07:30"), NULL, NULL,
	       &err),
	    0);
	OK(got.provisional);
	/* And out of range. */
	due = mc_due_given(&p, cal, at("2199-12-31 17:00"), false);
	IS(mc_deadline_resume(&got, &p, cal, term("2 working days"), due,
	       at("2199-12-27 07:30"), at("2199-12-30 07:30"), NULL, NULL,
	       &err),
	    -1);
	IS_STR(err.id, "E_RANGE");
	mc_calendar_free(cal);
}

static void
test_extend(void)
{
	static const struct {
		const char *due, *by, *policy, *want;
	} row[] = {
		{ "2024-02-05 17:00", "2 working days", "",
		    "2024-02-07T17:00" },
		{ "2024-02-07 17:00", "1 working day", "", "2024-02-15T17:00" },
		{ "2024-02-05 17:00", "10 days", "", "2024-02-15T17:00" },
		{ "2024-02-05 17:00", "1 month", "", "2024-03-05T17:00" },
		{ "2024-02-05 17:00", "4 working hours", "",
		    "2024-02-06T11:30" },
		{ "2024-02-05 10:20", "1 working day", "clock",
		    "2024-02-06T10:20" },
		{ "2024-02-05 17:00", "1.5 working days", "",
		    "2024-02-07T11:15" },
		/* What was promised for a Saturday counts from Saturday. */
		{ "2024-02-03 09:00", "1 working day", "", "2024-02-05T17:00" },
		{ "2024-02-05 20:00", "1 working day", "", "2024-02-06T17:00" },
	};
	struct mc_calendar *cal = office(true);
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy p = mc_policy_default;
	struct mc_due due, got;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].want);
		p = policy(row[i].policy);
		due = mc_due_given(&p, cal, at(row[i].due), false);
		IS(mc_deadline_extend(
		       &got, &p, cal, due, term(row[i].by), NULL, NULL, &err),
		    0);
		IS_STR(show(got.at), row[i].want);
	}
	TAP_ROW(NULL);
	p = policy("midnight");
	due = mc_due_given(&p, cal, at("2024-02-05"), true);
	IS(mc_deadline_extend(
	       &got, &p, cal, due, term("1 working day"), NULL, NULL, &err),
	    0);
	IS_STR(show(got.at), "2024-02-07T00:00");
	IS(mc_deadline_extend(
	       &got, &p, cal, due, term("same day"), NULL, NULL, &err),
	    -1);
	IS(err.code, MC_EREFUSED);
	IS_STR(err.id, "E_TERM");
	IS_STR(err.msg, "an extension must be an amount of time");
	IS(mc_deadline_extend(&got, &p, cal, due, term(""), NULL, NULL, &err),
	    -1);
	due = (struct mc_due){ MC_NODAY, MC_NEVER, false };
	IS(mc_deadline_extend(
	       &got, &p, cal, due, term("1 day"), NULL, NULL, &err),
	    -1);
	IS_STR(err.msg, "there is no due date to extend");
	mc_calendar_free(cal);
}

/* ---- judging ---- */

static void
test_verdict(void)
{
	struct mc_due due = { 0, 0, false },
		      none = { MC_NODAY, MC_NEVER, false };
	const enum mc_verdict_rule date = MC_VERDICT_DATE,
				   instant = MC_VERDICT_INSTANT;

	due.at = at("2024-02-05 17:00");
	due.day = mc_zone_day(vn, due.at);
	IS(mc_verdict(date, due, at("2024-02-04 23:59"), vn), MC_V_EARLY);
	IS(mc_verdict(date, due, at("2024-02-05 00:00"), vn), MC_V_ON_TIME);
	IS(mc_verdict(date, due, at("2024-02-05 23:59"), vn), MC_V_ON_TIME);
	IS(mc_verdict(date, due, at("2024-02-06 00:00"), vn), MC_V_LATE);
	IS(mc_verdict(date, due, MC_NEVER, vn), MC_V_NONE);
	IS(mc_verdict(date, none, at("2024-02-06 00:00"), vn), MC_V_ON_TIME);
	IS(mc_verdict(date, none, MC_NEVER, vn), MC_V_NONE);
	IS(mc_verdict(instant, due, at("2024-02-04 23:59"), vn), MC_V_EARLY);
	IS(mc_verdict(instant, due, due.at, vn), MC_V_ON_TIME);
	IS(mc_verdict(instant, due, due.at + 1, vn), MC_V_LATE);
	OK(!mc_overdue(date, due, at("2024-02-05 23:59"), vn));
	OK(mc_overdue(date, due, at("2024-02-06 00:00"), vn));
	OK(!mc_overdue(instant, due, due.at, vn));
	OK(mc_overdue(instant, due, due.at + 1, vn));
	OK(!mc_overdue(date, none, INT64_MAX, vn));
	IS(mc_overdue_day(date, due, vn), due.day + 1);
	IS(mc_overdue_day(instant, due, vn), due.day);
	IS(mc_overdue_day(date, none, vn), MC_NODAY);
	/* Due at 24:00: the end of that day is not past it. */
	due.at = at("2024-02-06 00:00");
	IS(mc_overdue_day(date, due, vn), due.day + 1);
	IS(mc_overdue_day(instant, due, vn), due.day + 1);
	IS(mc_verdict(date, due, at("2024-02-05 23:59"), vn), MC_V_ON_TIME);
	IS(mc_verdict(instant, due, due.at, vn), MC_V_ON_TIME);
	IS(mc_late_days(due, due.day - 1), 0);
	IS(mc_late_days(due, due.day), 0);
	IS(mc_late_days(due, due.day + 3), 3);
	IS(mc_late_days(none, due.day), 0);
	IS_STR(mc_verdict_name(MC_V_EARLY), "early");
	IS_STR(mc_verdict_name(MC_V_ON_TIME), "on-time");
	IS_STR(mc_verdict_name(MC_V_LATE), "late");
	IS_STR(mc_verdict_name(MC_V_NONE), NULL);
}

int
main(void)
{
	if (!due_begin())
		return 1;
	test_pauses();
	test_extend();
	test_verdict();
	return due_end();
}
