/*
 * calendar.c - fuzzes calendar.h.
 *
 *   - the error that refuses a calendar is the first that lint finds, and
 *     lint finds none in one that is taken;
 *   - n working days on, n working days have passed, and it is one;
 *   - an amount of work on, as much open time has passed;
 *   - a day's spans lie in order, and it is working when it has some.
 *
 * The last bytes choose the days and amounts.
 */
#include <motcua/calendar.h>

#include "fuzz.h"

#define CHOICE 4

struct first {
	struct mc_err error;
	bool any;
};

static void
found(void *arg, const struct mc_err *finding)
{
	struct first *f = arg;

	if (strncmp(finding->id, "W_", 2) == 0)
		return;
	fuzz_refused(finding);
	if (!f->any)
		f->error = *finding;
	f->any = true;
}

static void
days(const struct mc_calendar *cal, int32_t day, int32_t n)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	struct mc_day_info info = mc_calendar_day(cal, day);
	int32_t to = mc_calendar_add_days(cal, day, n);
	int i, spans = mc_calendar_spans(cal, day, span);

	HOLDS(spans >= 0 && spans <= MC_CALENDAR_SPANS);
	HOLDS((spans > 0) == mc_calendar_working(cal, day));
	HOLDS(info.working == mc_calendar_working(cal, day));
	HOLDS((mc_calendar_open(cal, day) == MC_NEVER) == (spans == 0));
	for (i = 0; i < spans; i++) {
		HOLDS(span[i].from < span[i].to);
		HOLDS(i == 0 || span[i - 1].to <= span[i].from);
		HOLDS(mc_calendar_is_open(cal, span[i].from));
	}
	if (to == MC_NODAY)
		return;
	HOLDS(mc_calendar_working(cal, to));
	if (n > 0)
		HOLDS(mc_calendar_count_days(cal, day, to) == n);
	HOLDS(mc_calendar_count_days(cal, to, day) ==
	      -mc_calendar_count_days(cal, day, to));
}

static void
work(const struct mc_calendar *cal, int32_t day, int64_t ms, int64_t amount)
{
	int64_t from =
	    mc_calendar_next_open(cal, mc_zone_instant(fuzz_zone(), day, ms));
	int64_t to, right;

	if (from == MC_NEVER)
		return;
	HOLDS(mc_calendar_is_open(cal, from));
	to = mc_calendar_add_work(cal, from, amount);
	right = mc_calendar_add_work_right(cal, from, amount);
	if (to != MC_NEVER) {
		HOLDS(mc_calendar_work_between(cal, from, to) == amount);
		HOLDS(mc_calendar_work_between(cal, to, from) == -amount);
	}
	if (right != MC_NEVER) {
		HOLDS(to != MC_NEVER && to <= right);
		HOLDS(mc_calendar_is_open(cal, right));
		HOLDS(mc_calendar_work_between(cal, from, right) == amount);
	}
}

static void
use(const struct mc_calendar *cal, struct mc_str s)
{
	unsigned char c[CHOICE] = { 0 };
	size_t i;
	int32_t day;

	for (i = 0; i < CHOICE && i < s.len; i++)
		c[i] = (unsigned char)s.p[s.len - 1 - i];
	day = mc_day_of(2024, 1, 1) + c[0] * 4;
	days(cal, day, c[1]);
	days(cal, day + c[2], 0);
	work(cal, day, c[2] * INT64_C(337500), c[3] * INT64_C(3599999));
	work(cal, MC_DAY_MIN, 0, 1);
	work(cal, MC_DAY_MAX - c[0], 0, c[1] * INT64_C(3600000));
}

int
fuzz_calendar(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);
	struct mc_err err = MC_ERR_INIT;
	struct first first = { MC_ERR_INIT, false };
	struct mc_calendar *cal;
	struct mc_json *doc;

	if (mc_json_parse(&doc, "c.json", s, &err) == -1)
		return 0;
	mc_calendar_lint("c.json", doc, s, fuzz_zone(), found, &first);
	if (mc_calendar_new(&cal, "c.json", doc, s, fuzz_zone(), &err) == -1) {
		fuzz_refused_at(&err);
		HOLDS(first.any && strcmp(first.error.id, err.id) == 0);
		HOLDS(strcmp(first.error.where, err.where) == 0);
		HOLDS(strcmp(first.error.msg, err.msg) == 0);
	} else {
		fuzz_taken++;
		HOLDS(!first.any);
		use(cal, s);
		mc_calendar_free(cal);
	}
	mc_json_free(doc);
	return 0;
}
