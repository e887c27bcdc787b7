/* calendar.c - reading and lint of calendars, and arithmetic with them. */
#include <motcua/calendar.h>

#include "tap.h"
#include "office.h"

#define WEEK                                                                   \
	"\"weekly\": {\"mon\": [\"07:30-11:30\", \"13:30-17:00\"],"            \
	" \"tue\": [\"07:30-11:30\", \"13:30-17:00\"],"                        \
	" \"wed\": [\"07:30-11:30\", \"13:30-17:00\"],"                        \
	" \"thu\": [\"07:30-11:30\", \"13:30-17:00\"],"                        \
	" \"fri\": [\"07:30-11:30\", \"13:30-17:00\"]}"
#define HEAD "{\"schema\": \"motcua.calendar/1\", "

static struct mc_zone *vn, *ams;

static const char office_text[] =
    HEAD "\"name\": \"Office\", \"hours_per_day\": 7.5,\n"
	 " \"known_until\": \"2024-12-31\", \"zone\": \"Asia/Ho_Chi_Minh\",\n"
	 " " WEEK ",\n"
	 " \"days_off\": [{\"date\": \"2024-02-08\", \"name\": \"Tết\","
	 " \"basis\": \"TB 5015\"},\n"
	 "  {\"date\": \"2024-02-09\"}, {\"date\": \"2024-04-29\"},"
	 " {\"date\": \"2024-04-30\"},\n"
	 "  {\"date\": \"2024-05-01\"}, {\"date\": \"2024-05-04\"}],\n"
	 " \"working_days\": [{\"date\": \"2024-05-04\", \"as\": \"mon\","
	 " \"name\": \"Làm bù 29/4\", \"basis\": \"2450/VPCP-KGVX\"},\n"
	 "  {\"date\": \"2024-05-11\", \"hours\": [\"08:00-10:00\"],"
	 " \"note\": \"x\"}]}";

static int32_t
day_of(const char *text)
{
	return mc_day_parse(mc_str(text));
}

static int64_t
at(const char *text)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t ms = MC_NEVER;

	if (mc_time_parse(&ms, mc_str(text), vn, NULL, NULL, &err) == -1)
		printf("# %s\n", err.msg);
	return ms;
}

static void
test_office(void)
{
	static const struct {
		const char *from, *to;
		int n;
	} add[] = {
		{ "2024-02-05", "2024-02-06", 1 },
		{ "2024-02-07", "2024-02-12", 1 },
		{ "2024-02-08", "2024-02-12", 0 },
		{ "2024-02-07", "2024-02-07", 0 },
		{ "2024-04-26", "2024-05-04", 3 },
		{ "2024-05-10", "2024-05-11", 1 },
		{ "2024-05-10", "2024-05-13", 2 },
		{ "2023-12-29", "2024-01-01", 1 },
		{ "2024-01-01", "2024-12-31", 258 },
		{ "2024-01-01", "2025-01-01", 259 },
		{ "2024-12-31", "2034-08-01", 2500 },
	};
	static const struct {
		const char *from, *left, *right;
		int minutes;
	} work[] = {
		{ "2024-02-05 10:20", "2024-02-05 11:30", "2024-02-05 13:30",
		    70 },
		{ "2024-02-05 10:20", "2024-02-05 13:31", "2024-02-05 13:31",
		    71 },
		{ "2024-02-05 12:00", "2024-02-05 13:30", "2024-02-05 13:30",
		    0 },
		{ "2024-02-05 17:00", "2024-02-06 07:30", "2024-02-06 07:30",
		    0 },
		{ "2024-02-07 16:00", "2024-02-07 17:00", "2024-02-12 07:30",
		    60 },
		{ "2024-02-07 16:00", "2024-02-12 07:31", "2024-02-12 07:31",
		    61 },
		{ "2024-05-10 17:30", "2024-05-11 10:00", "2024-05-13 07:30",
		    120 },
		{ "2024-02-05 00:00", "2024-02-05 17:00", "2024-02-06 07:30",
		    450 },
	};
	struct mc_calendar *cal = office_calendar(office_text, vn);
	struct mc_day_info info;
	size_t i;

	if (!OK(cal != NULL))
		return;
	IS_STR(mc_calendar_name(cal), "Office");
	OK(mc_calendar_zone(cal) == vn);
	IS(mc_calendar_known_until(cal), day_of("2024-12-31"));
	IS(mc_calendar_day_ms(cal), 27000000);
	info = mc_calendar_day(cal, day_of("2024-02-08"));
	OK(!info.working && !info.make_up && info.off_listed);
	IS_STR(info.name, "Tết");
	IS_STR(info.basis, "TB 5015");
	IS(info.spans, 0);
	info = mc_calendar_day(cal, day_of("2024-02-10"));
	OK(!info.working && !info.make_up && !info.off_listed);
	OK(info.name == NULL && info.basis == NULL);
	/* Off, but made up: the make-up day wins. */
	info = mc_calendar_day(cal, day_of("2024-05-04"));
	OK(info.working && info.make_up && !info.off_listed);
	IS_STR(info.name, "Làm bù 29/4");
	IS(info.spans, 2);
	info = mc_calendar_day(cal, day_of("2024-05-11"));
	OK(info.working && info.make_up);
	IS(info.spans, 1);
	IS(info.span[0].from, 480);
	IS(info.span[0].to, 600);
	info = mc_calendar_day(cal, MC_DAY_MAX + 1);
	OK(!info.working);
	OK(mc_calendar_working(cal, day_of("2024-02-07")));
	OK(!mc_calendar_working(cal, day_of("2024-02-08")));
	OK(!mc_calendar_working(cal, MC_NODAY));
	for (i = 0; i < sizeof(add) / sizeof(add[0]); i++) {
		TAP_ROW(add[i].to);
		IS(mc_calendar_add_days(cal, day_of(add[i].from), add[i].n),
		    day_of(add[i].to));
		if (add[i].n == 0)
			continue;
		IS(mc_calendar_count_days(
		       cal, day_of(add[i].from), day_of(add[i].to)),
		    add[i].n);
		IS(mc_calendar_count_days(
		       cal, day_of(add[i].to), day_of(add[i].from)),
		    -add[i].n);
	}
	for (i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
		TAP_ROW(work[i].from);
		IS(mc_calendar_add_work(
		       cal, at(work[i].from), work[i].minutes * 60000),
		    at(work[i].left));
		IS(mc_calendar_add_work_right(
		       cal, at(work[i].from), work[i].minutes * 60000),
		    at(work[i].right));
		IS(mc_calendar_work_between(
		       cal, at(work[i].from), at(work[i].left)),
		    work[i].minutes * 60000);
		IS(mc_calendar_work_between(
		       cal, at(work[i].right), at(work[i].from)),
		    -work[i].minutes * 60000);
	}
	TAP_ROW(NULL);
	IS(mc_calendar_open(cal, day_of("2024-02-05")), at("2024-02-05 07:30"));
	IS(mc_calendar_close(cal, day_of("2024-02-05")),
	    at("2024-02-05 17:00"));
	IS(mc_calendar_open(cal, day_of("2024-02-08")), MC_NEVER);
	IS(mc_calendar_close(cal, day_of("2024-02-08")), MC_NEVER);
	OK(mc_calendar_is_open(cal, at("2024-02-05 07:30")));
	OK(!mc_calendar_is_open(cal, at("2024-02-05 11:30")));
	OK(!mc_calendar_is_open(cal, at("2024-02-05 17:00")));
	OK(!mc_calendar_is_open(cal, MC_NEVER));
	IS(mc_calendar_clock(cal, day_of("2024-02-05"), 0),
	    at("2024-02-05 07:30"));
	IS(mc_calendar_clock(cal, day_of("2024-02-05"), 11 * 3600000 + 1800000),
	    at("2024-02-05 11:30"));
	IS(mc_calendar_clock(cal, day_of("2024-02-05"), 12 * 3600000),
	    at("2024-02-05 13:30"));
	IS(mc_calendar_clock(cal, day_of("2024-02-05"), MC_MS_DAY),
	    at("2024-02-05 17:00"));
	IS(mc_calendar_clock(cal, day_of("2024-02-08"), 0), MC_NEVER);
	mc_calendar_free(cal);
	mc_calendar_free(NULL);
}

static void
test_edges(void)
{
	struct mc_calendar *cal = office_calendar(office_text, vn);
	int64_t first, last;

	if (!OK(cal != NULL))
		return;
	first = mc_zone_instant(vn, MC_DAY_MIN, 0);
	last = mc_zone_instant(vn, MC_DAY_MAX, 0);
	IS(mc_calendar_add_days(cal, MC_DAY_MAX, 1), MC_NODAY);
	IS(mc_calendar_add_days(cal, MC_DAY_MAX, 0), MC_DAY_MAX);
	IS(mc_calendar_add_days(cal, MC_DAY_MAX - 1, 1), MC_DAY_MAX);
	IS(mc_calendar_add_days(cal, MC_DAY_MIN, INT64_MAX), MC_NODAY);
	IS(mc_calendar_add_days(cal, MC_DAY_MIN, -1), MC_NODAY);
	IS(mc_calendar_add_days(cal, MC_NODAY, 1), MC_NODAY);
	IS(mc_calendar_count_days(cal, MC_NODAY, INT32_MAX),
	    mc_calendar_count_days(cal, MC_DAY_MIN - 1, MC_DAY_MAX));
	IS(mc_calendar_count_days(cal, INT32_MAX, MC_NODAY),
	    -mc_calendar_count_days(cal, MC_DAY_MIN - 1, MC_DAY_MAX));
	IS(mc_calendar_count_days(cal, MC_DAY_MAX, INT32_MAX), 0);
	IS(mc_calendar_add_work(cal, last, 8 * 3600000), MC_NEVER);
	IS(mc_calendar_add_work(cal, last, 27000000),
	    mc_calendar_close(cal, MC_DAY_MAX));
	IS(mc_calendar_add_work_right(cal, last, 27000000), MC_NEVER);
	IS(mc_calendar_add_work(cal, first, INT64_MAX), MC_NEVER);
	IS(mc_calendar_add_work(cal, first, -1), MC_NEVER);
	IS(mc_calendar_add_work(cal, MC_NEVER, 1), MC_NEVER);
	IS(mc_calendar_add_work(cal, INT64_MAX, 1), MC_NEVER);
	IS(mc_calendar_work_between(cal, MC_NEVER, INT64_MAX),
	    mc_calendar_work_between(cal, first, last + MC_MS_DAY));
	IS(mc_calendar_work_between(cal, INT64_MAX - 1, INT64_MAX), 0);
	/* The whole table from one end to the other. */
	IS(mc_calendar_add_days(cal, MC_DAY_MIN,
	       mc_calendar_count_days(cal, MC_DAY_MIN, MC_DAY_MAX)),
	    MC_DAY_MAX);
	mc_calendar_free(cal);
}

/* Every day of three centuries, its neighbours and its hours. */
static void
test_every_day(void)
{
	struct mc_calendar *cal =
	    office_calendar(HEAD WEEK ", \"days_off\": []}", vn);
	int32_t day, last = MC_NODAY;
	int64_t n = 0, open;
	int bad = 0;

	if (!OK(cal != NULL))
		return;
	for (day = MC_DAY_MIN; day <= MC_DAY_MAX; day++) {
		open = mc_zone_instant(vn, day, 450 * 60000);
		if (mc_day_weekday(day) > 4) {
			bad += mc_calendar_working(cal, day);
			bad += mc_calendar_open(cal, day) != MC_NEVER;
			continue;
		}
		bad += !mc_calendar_working(cal, day);
		bad += mc_calendar_open(cal, day) != open;
		bad += last != MC_NODAY &&
		       (mc_calendar_add_days(cal, last, 1) != day ||
			   mc_calendar_add_days(cal, day - 1, 0) !=
			       (day - last == 1 ? last : day));
		bad += mc_calendar_count_days(cal, MC_DAY_MIN - 1, day) != ++n;
		last = day;
	}
	IS(bad, 0);
	mc_calendar_free(cal);
}

/*
 * Any distance within three centuries, 1990 and 2100 among them, against a
 * list of the working days: nothing is walked, so nothing has a limit.
 */
static void
test_any_distance(void)
{
	static int32_t worked[MC_DAY_MAX - MC_DAY_MIN + 1];
	struct mc_calendar *cal = office_calendar(office_text, vn);
	struct office_rng r = office_seed();
	const int64_t whole = 450 * 60000, two_hours = 120 * 60000;
	int32_t day, from, to;
	int64_t open;
	int n = 0, i, k, start = 0, round, bad = 0;

	if (!OK(cal != NULL))
		return;
	for (day = MC_DAY_MIN; day <= MC_DAY_MAX; day++) {
		if (day == day_of("1990-01-01"))
			start = n;
		if (mc_calendar_day(cal, day).working)
			worked[n++] = day;
	}
	for (round = 0; round < 300000; round++) {
		i = (int)office_below(&r, n);
		k = (int)office_below(&r, n - i);
		/* The years in use more often than others. */
		if (round % 3 == 0) {
			i = start + (int)office_below(&r, 28000);
			k = (int)office_below(&r, 500);
		}
		from = worked[i];
		to = worked[i + k];
		bad += mc_calendar_add_days(cal, from, k) != to;
		bad += mc_calendar_count_days(cal, from, to) != k;
		bad += i + k + 1 < n && mc_calendar_add_days(cal, to + 1, 0) !=
					    worked[i + k + 1];
		/* All days have 7.5 hours but one, of two. */
		open = (k + 1) * whole;
		day = day_of("2024-05-11");
		if (from <= day && day <= to)
			open -= whole - two_hours;
		bad +=
		    mc_calendar_work_between(cal, mc_calendar_open(cal, from),
			mc_calendar_close(cal, to)) != open;
		bad += mc_calendar_add_work(cal, mc_calendar_open(cal, from),
			   open) != mc_calendar_close(cal, to);
	}
	IS(bad, 0);
	/* One day more than there is. */
	IS(mc_calendar_add_days(cal, worked[0], n - 1), worked[n - 1]);
	IS(mc_calendar_add_days(cal, worked[0], n), MC_NODAY);
	IS(mc_calendar_add_work(cal, mc_calendar_open(cal, worked[0]),
	       n * whole - (whole - two_hours)),
	    mc_calendar_close(cal, worked[n - 1]));
	IS(mc_calendar_add_work(cal, mc_calendar_open(cal, worked[0]),
	       n * whole - (whole - two_hours) + 1),
	    MC_NEVER);
	mc_calendar_free(cal);
}

/* A span that the gap swallows leaves a day without open time: a day off. */
static void
test_swallowed(void)
{
	static const char text[] =
	    HEAD "\"weekly\": {\"mon\": [\"09:00-17:00\"],"
		 "\"sun\": [\"02:30-03:10\"]}}";
	struct mc_calendar *cal = office_calendar(text, ams);
	int32_t spring = day_of("2024-03-31");
	struct mc_open_span span[MC_CALENDAR_SPANS];

	if (!OK(cal != NULL))
		return;
	OK(mc_calendar_working(cal, spring - 7));
	OK(!mc_calendar_working(cal, spring));
	OK(!mc_calendar_day(cal, spring).working);
	IS(mc_calendar_spans(cal, spring, span), 0);
	IS(mc_calendar_open(cal, spring), MC_NEVER);
	IS(mc_calendar_close(cal, spring), MC_NEVER);
	IS(mc_calendar_add_days(cal, spring - 6, 1), spring + 1);
	IS(mc_calendar_next_open(cal, mc_zone_instant(ams, spring, 0)),
	    mc_calendar_open(cal, spring + 1));
	mc_calendar_free(cal);
}

/* Where the clock moves, open time is real time. */
static void
test_clock_moves(void)
{
	static const char text[] = HEAD
	    "\"weekly\": {"
	    "\"sun\": [\"01:00-02:10\", \"02:20-02:50\", \"03:00-04:00\"]}}";
	struct mc_calendar *cal = office_calendar(text, ams);
	int32_t spring = day_of("2024-03-31"), autumn = day_of("2024-10-27");
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int64_t m = 60000;
	int i, n, bad = 0;

	if (!OK(cal != NULL))
		return;
	/*
	 * 01:00 to 03:10 (which 02:10 has become) is 70 minutes, 02:20 to
	 * 02:50 is 03:20 to 03:50, and the third has ten minutes left.
	 */
	n = mc_calendar_spans(cal, spring, span);
	IS(n, 3);
	IS(span[0].to - span[0].from, 70 * m);
	IS(span[1].from - span[0].to, 10 * m);
	IS(span[1].to - span[1].from, 30 * m);
	IS(span[2].from, span[1].to);
	IS(span[2].to - span[2].from, 10 * m);
	IS(mc_calendar_close(cal, spring),
	    mc_zone_instant(ams, spring, 240 * m));
	/* In autumn the first of two is meant, so 02:20 to 02:50 is half an
	   hour and 03:00 to 04:00 an hour. */
	n = mc_calendar_spans(cal, autumn, span);
	IS(n, 3);
	IS(span[1].to - span[1].from, 30 * m);
	IS(span[2].from - span[1].to, 70 * m);
	IS(span[2].to - span[2].from, 60 * m);
	IS(mc_calendar_work_between(cal, mc_zone_instant(ams, spring, 0),
	       mc_zone_instant(ams, spring + 1, 0)),
	    110 * m);
	for (i = 0; i <= 110; i++) {
		int64_t to = mc_calendar_add_work(
		    cal, mc_zone_instant(ams, spring, 0), i * m);

		bad += mc_calendar_work_between(
			   cal, mc_zone_instant(ams, spring, 0), to) != i * m;
	}
	IS(bad, 0);
	mc_calendar_free(cal);
}

/* ---- lint ---- */

struct findings {
	struct mc_buf text;
	int n;
};

static void
found(void *arg, const struct mc_err *e)
{
	struct findings *f = arg;

	mc_buf_printf(&f->text, "%s%s: %s: %s", f->n > 0 ? "\n" : "", e->where,
	    e->id, e->msg);
	f->n++;
}

static const struct {
	const char *text, *findings;
} lint[] = {
	{ HEAD WEEK "}", "" },
	{ "[]", "c.json:1:1: E_FIELD: an object is expected here" },
	{ "{}", "c.json:1:1: E_FIELD: \"schema\" is missing\n"
		"c.json:1:1: E_FIELD: \"weekly\" is missing" },
	{ "{\"schema\": \"motcua.calendar/2\", " WEEK "}",
	    "c.json:1:12: E_FIELD: \"schema\" is \"motcua.calendar/2\", not "
	    "\"motcua.calendar/1\"" },
	{ HEAD "\n \"hollidays\": [], " WEEK "}",
	    "c.json:2:15: E_FIELD: \"hollidays\" is not a member here" },
	{ HEAD "\n \"a/b\": 1, " WEEK "}",
	    "c.json:2:9: E_FIELD: \"a/b\" is not a member here" },
	{ HEAD "\n \"zone\": \"Europe/Amsterdam\", " WEEK "}",
	    "c.json:2:10: E_ZONE: \"Europe/Amsterdam\" is not the rulebook's "
	    "zone, \"Asia/Ho_Chi_Minh\"" },
	{ HEAD "\n \"hours_per_day\": 25, " WEEK "}",
	    "c.json:2:19: E_CALENDAR: \"hours_per_day\" must be a number above "
	    "0, at most 24, with at most 3 decimals" },
	{ HEAD "\n \"hours_per_day\": 0, " WEEK "}",
	    "c.json:2:19: E_CALENDAR: \"hours_per_day\" must be a number above "
	    "0, at most 24, with at most 3 decimals" },
	{ HEAD "\n \"hours_per_day\": -8, " WEEK "}",
	    "c.json:2:19: E_CALENDAR: \"hours_per_day\" must be a number above "
	    "0, at most 24, with at most 3 decimals" },
	{ HEAD "\n \"hours_per_day\": true, " WEEK "}",
	    "c.json:2:19: E_CALENDAR: \"hours_per_day\" must be a number above "
	    "0, at most 24, with at most 3 decimals" },
	{ HEAD "\n \"hours_per_day\": \"7.5\", " WEEK "}", "" },
	{ HEAD "\n \"hours_per_day\": 24, " WEEK "}", "" },
	{ HEAD "\n \"known_until\": \"2026-02-29\", " WEEK "}",
	    "c.json:2:17: E_DATE: there is no day \"2026-02-29\"" },
	{ HEAD "\n \"known_until\": 2026, " WEEK "}",
	    "c.json:2:17: E_FIELD: \"known_until\" must be a text that is not "
	    "empty" },
	{ HEAD "\"weekly\": []}",
	    "c.json:1:43: E_FIELD: an object is expected here" },
	{ HEAD "\"weekly\": {}}",
	    "c.json:1:43: E_CALENDAR: the office is not open on any day of the "
	    "week" },
	{ HEAD "\"weekly\": {\"mon\": [],\n\"monday\": []}}",
	    "c.json:2:11: E_FIELD: \"monday\" is not a member here\n"
	    "c.json:1:43: E_CALENDAR: the office is not open on any day of the "
	    "week" },
	{ HEAD "\"weekly\": {\"mon\":\n [\"07:30-11:30\",\n  "
	       "\"11:00-17:00\"]}}",
	    "c.json:3:3: E_CALENDAR: the span \"11:00-17:00\" begins before "
	    "the one before it has ended" },
	{ HEAD "\"weekly\": {\"mon\":\n [\"13:30-17:00\",\n  "
	       "\"07:30-11:30\"]}}",
	    "c.json:3:3: E_CALENDAR: the span \"07:30-11:30\" begins before "
	    "the one before it has ended" },
	{ HEAD "\"weekly\": {\"mon\":\n [\"11:30-11:30\"]}}",
	    "c.json:2:3: E_CALENDAR: the span \"11:30-11:30\" ends before it "
	    "has begun" },
	{ HEAD "\"weekly\": {\"mon\":\n [\"24:00-24:00\", \"7:30-11:30\"]}}",
	    "c.json:2:3: E_CALENDAR: the span \"24:00-24:00\" ends before it "
	    "has begun\n"
	    "c.json:2:18: E_CALENDAR: \"7:30-11:30\" is no span of time" },
	{ HEAD "\"weekly\": {\"mon\":\n [\"07:30-11:60\", 5]}}",
	    "c.json:2:3: E_CALENDAR: \"07:30-11:60\" is no span of time\n"
	    "c.json:2:18: E_CALENDAR: \"\" is no span of time" },
	{ HEAD "\"weekly\": {\"mon\":\n \"07:30-11:30\"}}",
	    "c.json:2:2: E_CALENDAR: a list of at most 8 open spans is "
	    "expected here" },
	{ HEAD "\"weekly\": {\"mon\": [\"00:00-24:00\"], \"tue\":"
	       "[\"07:00-08:00\", \"08:00-09:00\"]}}",
	    "" },
	{ HEAD WEEK ",\n\"days_off\": [{\"date\": \"2024-02-30\"},\n"
		    "{\"date\": \"2024-02-08\"},\n{\"date\": \"2024-02-08\"},\n"
		    "{\"name\": \"x\"}, {\"date\": \"2024-02-09\", "
		    "\"nmae\": \"x\"}, \"2024-02-10\"]}",
	    "c.json:2:23: E_DATE: there is no day \"2024-02-30\"\n"
	    "c.json:4:10: E_DATE: \"2024-02-08\" stands twice in "
	    "\"days_off\"\n"
	    "c.json:5:1: E_FIELD: \"date\" is missing\n"
	    "c.json:5:47: E_FIELD: \"nmae\" is not a member here\n"
	    "c.json:5:53: E_FIELD: an object is expected here" },
	{ HEAD WEEK ",\n\"days_off\": {}}",
	    "c.json:2:13: E_FIELD: \"days_off\" must be a list of at most "
	    "20000 days" },
	{ HEAD WEEK ",\n\"days_off\": [{\"date\": \"2024-02-08\", \"name\": "
		    "5}]}",
	    "c.json:2:45: E_FIELD: \"name\" must be a text that is not empty" },
	{ HEAD WEEK ",\n\"working_days\": [\n{\"date\": \"2024-05-04\"},\n"
		    "{\"date\": \"2024-05-05\", \"as\": \"sat\"},\n"
		    "{\"date\": \"2024-05-11\", \"as\": \"Monday\"},\n"
		    "{\"date\": \"2024-05-12\", \"as\": \"mon\", \"hours\": "
		    "[]},\n"
		    "{\"date\": \"2024-05-18\", \"hours\": []},\n"
		    "{\"date\": \"2024-05-19\", \"hours\": [\"x\"]},\n"
		    "{\"date\": \"2024-05-19\", \"as\": \"mon\"}]}",
	    "c.json:3:1: E_CALENDAR: which hours are worked is missing\n"
	    "c.json:4:30: E_CALENDAR: \"sat\" has no open time to take over\n"
	    "c.json:5:30: E_CALENDAR: \"as\" is no day of the week\n"
	    "c.json:6:1: E_CALENDAR: \"as\" and \"hours\" are both there\n"
	    "c.json:7:33: E_CALENDAR: a make-up day has no hours\n"
	    "c.json:8:34: E_CALENDAR: \"x\" is no span of time\n"
	    "c.json:9:10: E_DATE: \"2024-05-19\" stands twice in "
	    "\"working_days\"" },
	{ HEAD WEEK ",\n\"days_off\": [{\"date\": \"2021-01-01\"}, {\"date\": "
		    "\"2018-01-01\"}, {\"date\": \"2020-01-01\"}]}",
	    "c.json:2:13: W_YEAR: no day off is listed in 2019, between years "
	    "that have some" },
};

static void
test_lint(void)
{
	struct findings f = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_calendar *cal;
	struct mc_json *doc;
	const char *first;
	char row[32];
	size_t i;

	for (i = 0; i < sizeof(lint) / sizeof(lint[0]); i++) {
		snprintf(row, sizeof(row), "lint %zu", i);
		TAP_ROW(row);
		mc_buf_reset(&f.text);
		f.n = 0;
		if (!IS(mc_json_parse(
			    &doc, "c.json", mc_str(lint[i].text), &err),
			0))
			continue;
		mc_calendar_lint(
		    "c.json", doc, mc_str(lint[i].text), vn, found, &f);
		IS_STR(mc_buf_str(&f.text), lint[i].findings);
		/* The first error refuses the calendar; warnings do not. */
		mc_err_clear(&err);
		first = lint[i].findings;
		if (first[0] == '\0' || strstr(first, ": W_") != NULL) {
			IS(mc_calendar_new(&cal, "c.json", doc,
			       mc_str(lint[i].text), vn, &err),
			    0);
			OK(cal != NULL);
			mc_calendar_free(cal);
		} else {
			IS(mc_calendar_new(&cal, "c.json", doc,
			       mc_str(lint[i].text), vn, &err),
			    -1);
			OK(cal == NULL);
			IS(err.code, MC_EDATA);
			OK(strncmp(err.where, first, strlen(err.where)) == 0);
			OK(strstr(first, err.msg) != NULL);
		}
		mc_json_free(doc);
	}
	TAP_ROW(NULL);
	mc_buf_free(&f.text);
}

/* ---- against the slow office ---- */

/* One answer that differs is said, the others counted. */
static int
differs(const char *what, int64_t got, int64_t want)
{
	static int said;

	if (got == want)
		return 0;
	if (said++ < 10)
		printf("# %s: got %" PRId64 ", want %" PRId64 "\n", what, got,
		    want);
	return 1;
}

static int
compare(const struct office *o, const struct mc_calendar *cal,
    struct office_rng *r, int32_t first)
{
	int32_t day = first + (int32_t)office_below(r, 420), to = day;
	int64_t from = mc_zone_instant(o->zone, day, 0) +
		       office_below(r, 96) * 900000 + office_below(r, 2);
	int64_t work = office_below(r, 40 * 3600000);
	int64_t end = from + office_below(r, 60 * MC_MS_DAY), want;
	int bad = 0, n = (int)office_below(r, 40), i;

	for (i = 0; i < n; i++)
		to = office_next_day(o, to);
	if (n == 0 && !office_works(o, day))
		to = office_next_day(o, day);
	bad += differs("add_days", mc_calendar_add_days(cal, day, n), to);
	if (n > 0)
		bad += differs(
		    "count_days", mc_calendar_count_days(cal, day, to), n);
	bad += differs("next_open", mc_calendar_next_open(cal, from),
	    office_next_open(o, from));
	bad += differs("is_open", mc_calendar_is_open(cal, from),
	    office_next_open(o, from) == from);
	want = office_walk(o, from, work);
	bad += differs("add_work", mc_calendar_add_work(cal, from, work), want);
	bad += differs("add_work_right",
	    mc_calendar_add_work_right(cal, from, work),
	    office_next_open(o, want));
	bad += differs("work_between", mc_calendar_work_between(cal, from, end),
	    office_between(o, from, end));
	bad +=
	    differs("close", mc_calendar_close(cal, day), office_close(o, day));
	return bad;
}

static void
test_random(void)
{
	static const char *const zones[] = { "Asia/Ho_Chi_Minh",
		"Europe/Amsterdam", "America/Sao_Paulo" };
	struct office_rng r = office_seed();
	int64_t cases = office_cases(60000), i;
	struct mc_err err = MC_ERR_INIT;
	struct mc_calendar *cal = NULL;
	struct mc_zone *zone[3] = { NULL, NULL, NULL };
	struct office o;
	int32_t first = 0;
	int bad = 0, z;

	for (z = 0; z < 3; z++)
		if (!IS(mc_zone_open(&zone[z], zones[z], &err), 0))
			return;
	for (i = 0; i < cases; i++) {
		if (i % 200 == 0) {
			mc_calendar_free(cal);
			first = mc_day_of(2000, 1, 1) +
				(int32_t)office_below(&r, 9000);
			o = office_random(&r, zone[i / 200 % 3], first);
			cal = office_open(&o);
			if (cal == NULL)
				break;
		}
		bad += compare(&o, cal, &r, first);
	}
	IS(i, cases);
	IS(bad, 0);
	mc_calendar_free(cal);
	for (z = 0; z < 3; z++)
		mc_zone_free(zone[z]);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;

	if (mc_zone_open(&vn, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_zone_open(&ams, "Europe/Amsterdam", &err) == -1) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	test_office();
	test_edges();
	test_every_day();
	test_any_distance();
	test_swallowed();
	test_clock_moves();
	test_lint();
	test_random();
	mc_zone_free(vn);
	mc_zone_free(ams);
	return tap_done();
}
