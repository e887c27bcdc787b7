/*
 * deadline.c - policies, due dates and their traces, by tables.
 */
#include "due.h"

/* ---- policy ---- */

static int
policy_read(struct mc_policy *p, const char *text, struct mc_err *err)
{
	struct mc_json *doc;
	int rc;

	mc_err_clear(err);
	if (mc_json_parse(&doc, "r.json", mc_str(text), err) == -1)
		return -1;
	rc = mc_policy_read(p, mc_json_get(doc, "deadline"), "r.json",
	    mc_str(text), "deadline", err);
	mc_json_free(doc);
	return rc;
}

static void
test_policy(void)
{
	static const struct {
		const char *text, *canonical;
	} good[] = {
		{ "{}", "{}" },
		{ "{\"due_time\":\"end-of-day\",\"extensions\":1}", "{}" },
		{ "{\"verdict\":\"instant\",\"pause\":\"restart\","
		  "\"late_intake\":\"as-is\",\"extensions\":0,"
		  "\"extend_after_expiry\":true,\"due_time\":\"midnight\","
		  "\"cutoff\":\"15:05\"}",
		    "{\"cutoff\":\"15:05\",\"due_time\":\"midnight\","
		    "\"extend_after_expiry\":true,\"extensions\":0,"
		    "\"late_intake\":\"as-is\",\"pause\":\"restart\","
		    "\"verdict\":\"instant\"}" },
		{ "{\"pause\":\"extend-calendar\",\"due_time\":\"same-time\"}",
		    "{\"due_time\":\"same-time\",\"pause\":"
		    "\"extend-calendar\"}" },
		{ "{\"pause\":\"none\",\"cutoff\":\"00:00\"}",
		    "{\"cutoff\":\"00:00\",\"pause\":\"none\"}" },
		{ "{\"cutoff\":\"24:00\"}", "{}" },
	};
	static const struct {
		const char *text, *where, *id, *msg;
	} bad[] = {
		{ "[]", "r.json:1:13", "E_FIELD",
		    "a deadline policy must be an object" },
		{ "{\"due\":1}", "r.json:1:20", "E_FIELD",
		    "\"due\" is no member of a deadline policy" },
		{ "{\n\"due_time\":\"noon\"}", "r.json:2:12", "E_POLICY",
		    "\"noon\" is no value of \"due_time\"" },
		{ "{\n\"pause\":5}", "r.json:2:9", "E_POLICY",
		    "\"\" is no value of \"pause\"" },
		{ "{\n\"late_intake\":\"next\"}", "r.json:2:15", "E_POLICY",
		    "\"next\" is no value of \"late_intake\"" },
		{ "{\n\"verdict\":\"\"}", "r.json:2:11", "E_POLICY",
		    "\"\" is no value of \"verdict\"" },
		{ "{\n\"cutoff\":\"15h\"}", "r.json:2:10", "E_POLICY",
		    "\"15h\" is no value of \"cutoff\"" },
		{ "{\n\"extensions\":101}", "r.json:2:14", "E_POLICY",
		    "\"extensions\" must be a whole number from 0 to 100" },
		{ "{\n\"extensions\":-1}", "r.json:2:14", "E_POLICY",
		    "\"extensions\" must be a whole number from 0 to 100" },
		{ "{\n\"extend_after_expiry\":1}", "r.json:2:23", "E_POLICY",
		    "\"extend_after_expiry\" must be true or false" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf text = { 0 }, b = { 0 };
	struct mc_policy p;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].text);
		mc_buf_reset(&text);
		mc_buf_reset(&b);
		mc_buf_printf(&text, "{\"deadline\":%s}", good[i].text);
		p = mc_policy_default;
		IS(policy_read(&p, mc_buf_str(&text), &err), 0);
		mc_policy_put(&b, &p);
		IS_STR(mc_buf_str(&b), good[i].canonical);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].msg);
		mc_buf_reset(&text);
		mc_buf_printf(&text, "{\"deadline\":%s}", bad[i].text);
		p = mc_policy_default;
		IS(policy_read(&p, mc_buf_str(&text), &err), -1);
		IS(err.code, MC_EDATA);
		IS_STR(err.id, bad[i].id);
		IS_STR(err.where, bad[i].where);
		IS_STR(err.msg, bad[i].msg);
		OK(memcmp(&p, &mc_policy_default, sizeof(p)) == 0);
	}
	TAP_ROW(NULL);
	/* Laid over one another; a refused one changes nothing. */
	p = mc_policy_default;
	IS(policy_read(&p,
	       "{\"deadline\":{\"pause\":\"restart\",\"cutoff\":\"15:00\"}}",
	       &err),
	    0);
	IS(policy_read(&p, "{\"deadline\":{\"pause\":\"none\"}}", &err), 0);
	IS(policy_read(
	       &p, "{\"deadline\":{\"cutoff\":\"16:00\",\"x\":1}}", &err),
	    -1);
	IS(p.pause, MC_PAUSE_NONE);
	IS(p.cutoff, 900);
	mc_buf_free(&text);
	mc_buf_free(&b);
}

/* ---- due dates ---- */

static const struct {
	const char *start, *term, *policy, *due;
	const char *day; /* NULL: the date of `due` */
} dues[] = {
	/* Working days over holidays and make-up Saturdays. */
	{ "2024-04-26 09:00", "3 working days", "", "2024-05-04T17:00", NULL },
	{ "2019-04-26 09:00", "3 working days", "", "2019-05-04T17:00", NULL },
	{ "2025-01-24 09:00", "3 working days", "", "2025-02-05T17:00", NULL },
	{ "2023-04-28 09:00", "3 working days", "", "2023-05-08T17:00", NULL },
	{ "2022-12-30 09:00", "1 working day", "", "2023-01-03T17:00", NULL },
	{ "2026-11-23 09:00", "3 working days", "", "2026-11-27T17:00", NULL },
	{ "2026-08-20 09:00", "3 working days", "", "2026-08-24T17:00", NULL },
	/* Calendar days, rolled. */
	{ "2024-04-15 09:00", "15 days", "", "2024-05-02T17:00", NULL },
	{ "2025-01-10 09:00", "15 days", "", "2025-02-03T17:00", NULL },
	{ "2026-04-11 09:00", "15 days", "asis", "2026-04-28T17:00", NULL },
	{ "2026-08-17 09:00", "15 days", "", "2026-09-03T17:00", NULL },
	/* Saturday's dossier: day 0 is Monday, unless the given day counts. */
	{ "2026-04-11 09:00", "16 days", "", "2026-04-29T17:00", NULL },
	/* Late intake. */
	{ "2024-02-05 17:00", "1 working day", "", "2024-02-07T17:00", NULL },
	{ "2024-02-05 16:59", "1 working day", "", "2024-02-06T17:00", NULL },
	{ "2024-02-05 17:00", "1 working day", "asis", "2024-02-06T17:00",
	    NULL },
	{ "2024-02-07 18:00", "1 working day", "", "2024-02-16T17:00", NULL },
	{ "2024-02-10 10:00", "1 working day", "asis", "2024-02-15T17:00",
	    NULL },
	{ "2024-02-05 06:00", "1 working day", "", "2024-02-06T17:00", NULL },
	/* The clock's time at the end. */
	{ "2024-02-05 10:20", "1 working day", "clock", "2024-02-06T10:20",
	    NULL },
	{ "2024-02-05 12:00", "1 working day", "clock asis", "2024-02-06T13:30",
	    NULL },
	{ "2024-02-05 11:30", "1 working day", "clock asis", "2024-02-06T11:30",
	    NULL },
	{ "2024-02-05 06:00", "1 working day", "clock asis", "2024-02-06T07:30",
	    NULL },
	{ "2024-02-05 20:00", "1 working day", "clock asis", "2024-02-06T17:00",
	    NULL },
	{ "2024-02-05 20:00", "1 working day", "clock", "2024-02-07T07:30",
	    NULL },
	/* 24:00 is 00:00 of the next day, the due day is this one. */
	{ "2024-02-05 10:20", "1 working day", "midnight", "2024-02-07T00:00",
	    "2024-02-06" },
	/* Hours: an amount that ends at closing time is due then. */
	{ "2024-02-05 10:20", "1 working hour", "", "2024-02-05T11:20", NULL },
	{ "2024-02-05 10:30", "1 working hour", "", "2024-02-05T11:30", NULL },
	{ "2024-02-05 16:00", "1 working hour", "", "2024-02-05T17:00", NULL },
	{ "2024-02-05 16:30", "1 working hour", "midnight", "2024-02-06T08:00",
	    NULL },
	{ "2024-02-07 16:30", "30 working minutes", "", "2024-02-07T17:00",
	    NULL },
	{ "2024-02-07 16:30", "31 working minutes", "", "2024-02-15T07:31",
	    NULL },
	/* An hours limit of a day off never falls due on it. */
	{ "2024-02-10 10:00", "2 working hours", "", "2024-02-15T09:30", NULL },
	{ "2024-02-10 10:00", "2 working hours", "asis", "2024-02-15T09:30",
	    NULL },
	/* Fractions: whole days, then part of the 7.5 hours. */
	{ "2024-02-05 10:00", "0.5 working days", "", "2024-02-05T15:45",
	    NULL },
	{ "2024-02-05 10:00", "1.5 working days", "", "2024-02-06T15:45",
	    NULL },
	{ "2024-02-05 10:00", "1.5 working days", "midnight",
	    "2024-02-06T15:45", NULL },
	{ "2024-02-05 15:00", "0.5 working days", "", "2024-02-06T09:15",
	    NULL },
	{ "2024-02-09 10:00", "2.5 days", "asis", "2024-02-15T15:45", NULL },
	{ "2024-02-05 12:00", "1.5 working days", "asis", "2024-02-07T07:45",
	    NULL },
	/* Months end with the month, and roll. */
	{ "2024-01-31 09:00", "1 month", "", "2024-02-29T17:00", NULL },
	{ "2023-10-31 09:00", "4 months", "", "2024-02-29T17:00", NULL },
	{ "2024-12-31 09:00", "2 months", "", "2025-02-28T17:00", NULL },
	{ "2024-01-10 09:00", "1 month", "", "2024-02-15T17:00", NULL },
	{ "2024-11-15 09:00", "12 months", "", "2025-11-17T17:00", NULL },
	/* Same day. */
	{ "2024-02-05 14:59", "same day", "cutoff", "2024-02-05T17:00", NULL },
	{ "2024-02-05 15:00", "same day", "cutoff", "2024-02-06T17:00", NULL },
	{ "2024-02-05 16:59", "same day", "", "2024-02-05T17:00", NULL },
	{ "2024-02-05 17:00", "same day", "", "2024-02-06T17:00", NULL },
	{ "2024-02-05 17:00", "same day", "asis", "2024-02-06T17:00", NULL },
	{ "2024-02-05 12:00", "same day", "cutoff", "2024-02-05T17:00", NULL },
	{ "2024-02-05 05:00", "same day", "cutoff", "2024-02-05T17:00", NULL },
	{ "2024-02-08 09:00", "same day", "", "2024-02-15T17:00", NULL },
	{ "2024-02-07 15:00", "same day", "cutoff clock", "2024-02-15T17:00",
	    NULL },
	{ "2024-05-04 09:00", "same day", "midnight", "2024-05-04T17:00",
	    NULL },
	/* Over New Year. */
	{ "2024-12-31 16:30", "2 working hours", "", "2025-01-02T09:00", NULL },
	{ "2023-12-29 09:00", "1 working day", "", "2024-01-02T17:00", NULL },
};

static void
test_dues(void)
{
	struct mc_calendar *cal = office(true);
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy p;
	struct mc_due due;
	char want[11];
	size_t i;

	if (!OK(cal != NULL))
		return;
	for (i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
		TAP_ROW(dues[i].start);
		p = policy(dues[i].policy);
		if (!IS(mc_deadline(&due, &p, cal, term(dues[i].term),
			    at(dues[i].start), NULL, NULL, &err),
			0))
			continue;
		IS_STR(show(due.at), dues[i].due);
		snprintf(want, sizeof(want), "%.10s",
		    dues[i].day != NULL ? dues[i].day : dues[i].due);
		IS(due.day, mc_day_parse(mc_str(want)));
		OK(!due.provisional);
	}
	TAP_ROW(NULL);
	p = mc_policy_default;
	IS(mc_deadline(
	       &due, &p, cal, term(""), at("2024-02-05"), NULL, NULL, &err),
	    0);
	IS(due.day, MC_NODAY);
	IS(due.at, MC_NEVER);
	OK(!due.provisional);
	/* Leaning on days nobody has announced. */
	IS(mc_deadline(&due, &p, cal, term("1 working day"),
	       at("2026-12-30 09:00"), NULL, NULL, &err),
	    0);
	OK(!due.provisional);
	IS(mc_deadline(&due, &p, cal, term("1 working day"),
	       at("2026-12-31 09:00"), NULL, NULL, &err),
	    0);
	OK(due.provisional);
	IS(mc_deadline(&due, &p, cal, term("4 working hours"),
	       at("2026-12-31 16:00"), NULL, NULL, &err),
	    0);
	OK(due.provisional);
	/* Out of range. */
	IS(mc_deadline(&due, &p, cal, term("3000 working days"),
	       at("2199-01-01 09:00"), NULL, NULL, &err),
	    -1);
	IS(err.code, MC_EDATA);
	IS_STR(err.id, "E_RANGE");
	IS_STR(err.msg, "a due date outside the years 1900 to 2199");
	IS(mc_deadline(&due, &p, cal, term("9999 months"),
	       at("2024-01-01 09:00"), NULL, NULL, &err),
	    -1);
	IS(mc_deadline(&due, &p, cal, term("3000 days"), at("2199-01-01 09:00"),
	       NULL, NULL, &err),
	    -1);
	IS(mc_deadline(&due, &p, cal, term("10000 working hours"),
	       at("2199-01-01 09:00"), NULL, NULL, &err),
	    -1);
	IS(mc_deadline(&due, &p, cal, term("same day"), at("2199-12-31 18:00"),
	       NULL, NULL, &err),
	    -1);
	IS(mc_deadline(&due, &p, cal, term("1 working day"),
	       at("2199-12-31 18:00"), NULL, NULL, &err),
	    -1);
	mc_calendar_free(cal);
	/* Without make-up days the same vectors are later. */
	cal = office(false);
	IS(mc_deadline(&due, &p, cal, term("3 working days"),
	       at("2024-04-26 09:00"), NULL, NULL, &err),
	    0);
	IS_STR(show(due.at), "2024-05-06T17:00");
	IS(mc_deadline(&due, &p, cal, term("3 working days"),
	       at("2019-04-26 09:00"), NULL, NULL, &err),
	    0);
	IS_STR(show(due.at), "2019-05-06T17:00");
	IS(mc_deadline(&due, &p, cal, term("3 working days"),
	       at("2026-08-20 09:00"), NULL, NULL, &err),
	    0);
	IS_STR(show(due.at), "2026-08-25T17:00");
	mc_calendar_free(cal);
}

/* So many months after a day by the calendar on the wall. */
static int32_t
months_after(int32_t day, int n)
{
	int32_t to = MC_NODAY;
	int y, m, d;

	mc_day_civil(day, &y, &m, &d);
	y += (m - 1 + n) / 12;
	m = (m - 1 + n) % 12 + 1;
	for (; y < 2200 && to == MC_NODAY; d--)
		to = mc_day_of(y, m, d);
	return to;
}

/* From every day, where every day is worked. */
static void
test_months(void)
{
	static const char always[] =
	    "{\"schema\":\"motcua.calendar/1\",\"weekly\":{"
	    "\"mon\":[\"08:00-16:00\"],\"tue\":[\"08:00-16:00\"],"
	    "\"wed\":[\"08:00-16:00\"],\"thu\":[\"08:00-16:00\"],"
	    "\"fri\":[\"08:00-16:00\"],\"sat\":[\"08:00-16:00\"],"
	    "\"sun\":[\"08:00-16:00\"]}}";
	struct mc_calendar *cal = office_calendar(always, vn);
	struct mc_err err = MC_ERR_INIT;
	struct mc_term t = { MC_TERM_MONTHS, 0 };
	struct mc_policy p = policy("asis");
	struct mc_due due;
	int32_t day, want;
	int bad = 0, n, i;

	for (day = MC_DAY_MIN + 1; day <= MC_DAY_MAX; day++)
		for (i = 0; i < 3; i++) {
			n = i < 2 ? 11 + i : 1 + (day & 1023);
			t.milli = n * 1000;
			want = months_after(day, n);
			if (mc_deadline(&due, &p, cal, t,
				mc_zone_instant(vn, day, 12 * HOUR), NULL, NULL,
				&err) == -1)
				due.day = MC_NODAY;
			bad += due.day != want;
		}
	IS(bad, 0);
	mc_calendar_free(cal);
}

static void
test_given(void)
{
	static const struct {
		const char *at;
		bool day_only;
		const char *policy, *due, *day;
	} row[] = {
		{ "2024-02-06", true, "", "2024-02-06T17:00", "2024-02-06" },
		{ "2024-02-06", true, "clock", "2024-02-06T17:00",
		    "2024-02-06" },
		{ "2024-02-06", true, "midnight", "2024-02-07T00:00",
		    "2024-02-06" },
		{ "2024-02-08", true, "", "2024-02-09T00:00", "2024-02-08" },
		{ "2024-02-06 23:00", false, "", "2024-02-06T23:00",
		    "2024-02-06" },
		{ "2024-02-06 00:00", false, "midnight", "2024-02-06T00:00",
		    "2024-02-06" },
		{ "2030-02-06", true, "", "2030-02-06T17:00", "2030-02-06" },
	};
	struct mc_calendar *cal = office(true);
	struct mc_policy p;
	struct mc_due due;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].due);
		p = policy(row[i].policy);
		due = mc_due_given(&p, cal, at(row[i].at), row[i].day_only);
		IS_STR(show(due.at), row[i].due);
		IS(due.day, mc_day_parse(mc_str(row[i].day)));
		OK(!due.provisional);
	}
	TAP_ROW(NULL);
	mc_calendar_free(cal);
}

/* ---- traces ---- */

static void
trace_put(void *arg, const struct mc_trace *t)
{
	static const char *const kind[] = { "start", "skip", "count", "make-up",
		"work", "roll", "due", "pause", "restart", "provisional" };
	struct mc_buf *b = arg;

	mc_buf_puts(b, kind[t->kind]);
	if (t->day != MC_NODAY) {
		mc_buf_putc(b, ' ');
		mc_day_put(b, t->day);
	}
	if (t->n != 0)
		mc_buf_printf(b, " #%" PRId64, t->n);
	if (t->from != MC_NEVER)
		mc_buf_printf(b, " %s", show(t->from));
	if (t->to != MC_NEVER)
		mc_buf_printf(b, " > %s", show(t->to));
	if (t->amount != 0)
		mc_buf_printf(b, " %" PRId64 "min", t->amount / MINUTE);
	if (t->name != NULL)
		mc_buf_printf(b, " (%s)", t->name);
	if (t->rule != NULL)
		mc_buf_printf(b, " %s", t->rule);
	mc_buf_putc(b, '\n');
}

static void
test_trace(void)
{
	struct mc_calendar *cal = office(true);
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy p = mc_policy_default;
	struct mc_buf b = { 0 };
	struct mc_due due, got;

	IS(mc_deadline(&due, &p, cal, term("3 working days"),
	       at("2024-04-26 17:30"), trace_put, &b, &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "start 2024-05-02 2024-04-26T17:30 > 2024-05-02T07:30 "
	    "next-working-day\n"
	    "count 2024-05-03 #1\n"
	    "make-up 2024-05-04 #2 (Làm bù)\n"
	    "skip 2024-05-05 weekend\n"
	    "count 2024-05-06 #3\n"
	    "due 2024-05-06 > 2024-05-06T17:00 end-of-day\n");
	mc_buf_reset(&b);
	IS(mc_deadline(&due, &p, cal, term("15 days"), at("2024-04-15 09:00"),
	       trace_put, &b, &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "start 2024-04-15 2024-04-15T09:00 > 2024-04-15T09:00 "
	    "next-working-day\n"
	    "count 2024-04-30 #15 days\n"
	    "roll 2024-04-30\n"
	    "skip 2024-04-30 (Nghỉ lễ) day-off\n"
	    "skip 2024-05-01 (Nghỉ lễ) day-off\n"
	    "due 2024-05-02 > 2024-05-02T17:00 end-of-day\n");
	mc_buf_reset(&b);
	IS(mc_deadline(&due, &p, cal, term("1.5 working days"),
	       at("2026-12-30 15:00"), trace_put, &b, &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "start 2026-12-30 2026-12-30T15:00 > 2026-12-30T15:00 "
	    "next-working-day\n"
	    "count 2026-12-31 #1\n"
	    "work 2026-12-31 2026-12-31T15:00 > 2026-12-31T17:00 120min\n"
	    "work 2027-01-01 2027-01-01T07:30 > 2027-01-01T09:15 105min\n"
	    "due 2027-01-01 > 2027-01-01T09:15 hours\n"
	    "provisional 2026-12-31\n");
	mc_buf_reset(&b);
	due = mc_due_given(&p, cal, at("2024-02-05 17:00"), false);
	IS(mc_deadline_resume(&got, &p, cal, term("5 working days"), due,
	       at("2024-02-01 08:00"), at("2024-02-01 10:00"), trace_put, &b,
	       &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "pause 2024-02-01T08:00 > 2024-02-01T10:00 120min extend\n"
	    "work 2024-02-06 2024-02-06T07:30 > 2024-02-06T09:30 120min\n"
	    "due 2024-02-06 > 2024-02-06T17:00 end-of-day\n");
	mc_buf_reset(&b);
	p.pause = MC_PAUSE_RESTART;
	IS(mc_deadline_resume(&got, &p, cal, term("same day"), due,
	       at("2024-02-01 08:00"), at("2024-02-02 18:00"), trace_put, &b,
	       &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "restart 2024-02-01T08:00 > 2024-02-02T18:00 restart\n"
	    "start 2024-02-02T18:00 > 2024-02-02T18:00 same-day\n"
	    "skip 2024-02-03 weekend\n"
	    "skip 2024-02-04 weekend\n"
	    "count 2024-02-05 #1\n"
	    "due 2024-02-05 > 2024-02-05T17:00 end-of-day\n");
	mc_buf_reset(&b);
	p.pause = MC_PAUSE_EXTEND_CALENDAR;
	IS(mc_deadline_resume(&got, &p, cal, term("5 working days"), due,
	       at("2024-02-01 08:00"), at("2024-02-03 10:00"), trace_put, &b,
	       &err),
	    0);
	IS_STR(mc_buf_str(&b),
	    "pause #2 2024-02-01T08:00 > 2024-02-03T10:00 extend-calendar\n"
	    "count 2024-02-07 #2 days\n"
	    "due 2024-02-07 > 2024-02-07T17:00 end-of-day\n");
	mc_buf_free(&b);
	mc_calendar_free(cal);
}

static void
test_verdicts(void)
{
	IS_STR(mc_verdict_name(MC_V_ON_TIME), "on-time");
	OK(mc_str_is(mc_verdict_str(MC_V_LATE), "late"));
	OK(mc_verdict_name(MC_V_NONE) == NULL);
	IS(mc_verdict_str(MC_V_NONE).len, 0);
	/* As a damaged database has it. */
	OK(mc_verdict_name((enum mc_verdict)(MC_V_LATE + 1)) == NULL);
}

int
main(void)
{
	if (!due_begin())
		return 1;
	test_verdicts();
	test_policy();
	test_dues();
	test_months();
	test_given();
	test_trace();
	return due_end();
}
