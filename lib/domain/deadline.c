/*
 * deadline.c - when an answer is due, and why; see deadline.h.
 */
#include <motcua/deadline.h>

#include "calendar_internal.h"
#include "deadline_internal.h"

#define MS_MINUTE INT64_C(60000)
#define MS_HOUR INT64_C(3600000)

/* ---- counting ---- */

/* What a computation works with; on failure day or at is none. */
struct work {
	const struct mc_policy *p;
	const struct mc_calendar *cal;
	mc_trace_fn *trace;
	void *arg;
};

/* Where counting begins: an instant, as a day and the clock's time on it. */
struct base {
	int32_t day;
	int64_t at;
	int64_t clock; /* ms after midnight, up to 24:00 */
};

static struct mc_trace
trace_line(enum mc_trace_kind kind)
{
	return (struct mc_trace){
		.kind = kind, .day = MC_NODAY, .from = MC_NEVER, .to = MC_NEVER
	};
}

static void
say(const struct work *w, struct mc_trace line)
{
	w->trace(w->arg, &line);
}

/* A day that is passed over. */
static void
say_skip(const struct work *w, int32_t day)
{
	struct mc_day_info info = mc_calendar_day(w->cal, day);
	struct mc_trace line = trace_line(MC_TRACE_SKIP);

	line.day = day;
	line.name = info.name;
	line.basis = info.basis;
	line.rule = info.off_listed ? "day-off" : "weekend";
	say(w, line);
}

/* Working days counted from the day after `from` to `to`. */
static void
say_count(const struct work *w, int32_t from, int32_t to)
{
	struct mc_day_info info;
	struct mc_trace line;
	int64_t n = 0;
	int32_t day;

	for (day = from + 1; day <= to; day++) {
		info = mc_calendar_day(w->cal, day);
		if (!info.working) {
			say_skip(w, day);
			continue;
		}
		line = trace_line(
		    info.make_up ? MC_TRACE_MAKE_UP : MC_TRACE_COUNT);
		line.day = day;
		line.n = ++n;
		line.name = info.name;
		line.basis = info.basis;
		say(w, line);
	}
}

/* Open time from one instant to another, span by span. */
static void
say_work(const struct work *w, int64_t from, int64_t to)
{
	const struct mc_zone *zone = mc_calendar_zone(w->cal);
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int32_t day = mc_zone_day(zone, from), last = mc_zone_day(zone, to - 1);
	struct mc_trace line;
	int i, n;

	for (; day <= last; day++) {
		n = mc_calendar_spans(w->cal, day, span);
		if (n == 0)
			say_skip(w, day);
		for (i = 0; i < n; i++) {
			line = trace_line(MC_TRACE_WORK);
			line.from = span[i].from > from ? span[i].from : from;
			line.to = span[i].to < to ? span[i].to : to;
			line.day = day;
			line.amount = line.to - line.from;
			if (line.amount > 0)
				say(w, line);
		}
	}
}

/* The day itself, or the next that is worked. */
static int32_t
roll(const struct work *w, int32_t day)
{
	int32_t to = mc_calendar_add_days(w->cal, day, 0);
	struct mc_trace line;

	if (w->trace == NULL || to == day || to == MC_NODAY)
		return to;
	line = trace_line(MC_TRACE_ROLL);
	line.day = day;
	say(w, line);
	for (; day < to; day++)
		say_skip(w, day);
	return to;
}

int32_t
mc_deadline_add_months(int32_t day, int64_t n)
{
	int y, m, d;
	int32_t to = MC_NODAY;

	mc_day_civil(day, &y, &m, &d);
	n += m - 1;
	if (n / 12 > 400)
		return MC_NODAY;
	y += (int)(n / 12);
	m = (int)(n % 12) + 1;
	/* A month that is too short ends the term (30 January to 28). */
	for (; d >= 28 && to == MC_NODAY; d--)
		to = mc_day_of(y, m, d);
	return to != MC_NODAY ? to : mc_day_of(y, m, d);
}

/* The day `n` whole units after a day; none when out of range. */
static int32_t
add_whole(const struct work *w, int32_t day, enum mc_term_unit unit, int64_t n)
{
	struct mc_trace line;
	int32_t to;

	if (unit == MC_TERM_WORKING_DAYS) {
		to = mc_calendar_add_days(w->cal, day, n);
		if (w->trace != NULL && to != MC_NODAY)
			say_count(w, day, to);
		return to;
	}
	if (unit == MC_TERM_MONTHS)
		to = deadline_add_months(day, n);
	else
		to = n > MC_DAY_MAX - day ? MC_NODAY : (int32_t)(day + n);
	if (to == MC_NODAY)
		return to;
	if (w->trace != NULL) {
		line = trace_line(MC_TRACE_COUNT);
		line.day = to;
		line.n = n;
		line.rule = unit == MC_TERM_MONTHS ? "months" : "days";
		say(w, line);
	}
	return roll(w, to);
}

/* due_time on a working day. */
static int64_t
due_instant(
    const struct work *w, enum mc_due_time rule, int32_t day, int64_t clock)
{
	switch (rule) {
	case MC_DUE_SAME_TIME:
		return mc_calendar_clock(w->cal, day, clock);
	case MC_DUE_MIDNIGHT:
		return mc_zone_instant(
		    mc_calendar_zone(w->cal), day, MC_MS_DAY);
	case MC_DUE_END_OF_DAY:
		break;
	}
	return mc_calendar_close(w->cal, day);
}

/* The due after open time: a closing at 24:00 belongs to the day it closes. */
static struct mc_due
after_work(const struct work *w, int64_t from, int64_t amount)
{
	struct mc_due due = { MC_NODAY, MC_NEVER, false };

	due.at = mc_calendar_add_work(w->cal, from, amount);
	if (due.at == MC_NEVER)
		return due;
	due.day = mc_zone_day(
	    mc_calendar_zone(w->cal), amount > 0 ? due.at - 1 : due.at);
	if (w->trace != NULL)
		say_work(w, from, due.at);
	return due;
}

/* Is due_time no matter for such a term (DESIGN 3)? */
static bool
by_hours(struct mc_term term)
{
	return term.unit == MC_TERM_WORKING_HOURS ||
	       term.unit == MC_TERM_WORKING_MINUTES || term.milli % 1000 != 0;
}

/* Does the time of the day of a base matter? */
static bool
needs_clock(const struct mc_policy *p, struct mc_term term)
{
	return p->due_time == MC_DUE_SAME_TIME || term.milli % 1000 != 0;
}

/*
 * An amount of time counted from a base.  The day is none when the result
 * is out of range.
 */
static struct mc_due
count(const struct work *w, struct mc_term term, const struct base *base)
{
	struct mc_due due = { MC_NODAY, MC_NEVER, false };
	int64_t whole = term.milli / 1000, part = term.milli % 1000;
	int64_t from = base->at;

	if (term.unit == MC_TERM_WORKING_HOURS)
		return after_work(w, from, term.milli * (MS_HOUR / 1000));
	if (term.unit == MC_TERM_WORKING_MINUTES)
		return after_work(w, from, term.milli * (MS_MINUTE / 1000));
	if (part == 0) {
		due.day = add_whole(w, base->day, term.unit, whole);
		if (due.day != MC_NODAY)
			due.at = due_instant(
			    w, w->p->due_time, due.day, base->clock);
		return due;
	}
	if (whole > 0) {
		due.day = add_whole(w, base->day, term.unit, whole);
		if (due.day == MC_NODAY)
			return due;
		from = mc_calendar_clock(w->cal, due.day, base->clock);
	}
	return after_work(w, from, part * mc_calendar_day_ms(w->cal) / 1000);
}

/*
 * Check the range, see whether the calendar is known that far, tell the
 * end of the trace.  `rule` says where the instant comes from.
 */
static int
conclude(const struct work *w, struct mc_due *due, const char *rule,
    struct mc_err *err)
{
	int32_t known = mc_calendar_known_until(w->cal);
	struct mc_trace line;

	if (due->day == MC_NODAY || due->at == MC_NEVER)
		return mc_err(err, MC_EDATA, "E_RANGE",
		    "a due date outside the years 1900 to 2199");
	due->provisional = known != MC_NODAY && due->day > known;
	if (w->trace == NULL)
		return 0;
	line = trace_line(MC_TRACE_DUE);
	line.day = due->day;
	line.to = due->at;
	line.rule = rule;
	say(w, line);
	if (due->provisional) {
		line = trace_line(MC_TRACE_PROVISIONAL);
		line.day = known;
		say(w, line);
	}
	return 0;
}

static const char *
rule_name(const struct mc_policy *p, struct mc_term term)
{
	return by_hours(term) ? "hours" : mc_due_time_names[p->due_time];
}

/* See deadline.h: a day that is over, or past its cutoff, is not today's. */
static int
same_day(
    struct mc_due *out, const struct work *w, int64_t start, struct mc_err *err)
{
	const struct mc_zone *zone = mc_calendar_zone(w->cal);
	struct mc_trace line;
	int32_t day = mc_zone_day(zone, start);
	int64_t close = mc_calendar_close(w->cal, day);
	struct mc_due due = { day, close, false };

	if (w->trace != NULL) {
		line = trace_line(MC_TRACE_START);
		line.from = line.to = start;
		line.rule = "same-day";
		say(w, line);
	}
	if (close == MC_NEVER || start >= close ||
	    (w->p->cutoff != -1 &&
		mc_zone_ms_of_day(zone, start) >= w->p->cutoff * MS_MINUTE)) {
		due.day = add_whole(w, day, MC_TERM_WORKING_DAYS, 1);
		due.at = due.day == MC_NODAY
			     ? MC_NEVER
			     : mc_calendar_close(w->cal, due.day);
	}
	if (conclude(w, &due, mc_due_time_names[MC_DUE_END_OF_DAY], err) == -1)
		return -1;
	*out = due;
	return 0;
}

int
mc_deadline_full(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err)
{
	const struct work w = { p, cal, trace, arg };
	const struct mc_zone *zone = mc_calendar_zone(cal);
	struct base base;
	struct mc_due due;
	struct mc_trace line;

	if (term.unit == MC_TERM_NONE) {
		*out = (struct mc_due){ MC_NODAY, MC_NEVER, false };
		return 0;
	}
	if (term.unit == MC_TERM_SAME_DAY)
		return same_day(out, &w, start, err);
	base.at = p->late_intake == MC_INTAKE_AS_IS
		      ? start
		      : mc_calendar_next_open(cal, start);
	due = (struct mc_due){ MC_NODAY, MC_NEVER, false };
	if (base.at != MC_NEVER) {
		base.day = mc_zone_day(zone, base.at);
		base.clock =
		    needs_clock(p, term) ? mc_zone_ms_of_day(zone, base.at) : 0;
		if (trace != NULL) {
			line = trace_line(MC_TRACE_START);
			line.from = start;
			line.to = base.at;
			line.day = base.day;
			line.rule = mc_late_intake_names[p->late_intake];
			say(&w, line);
		}
		due = count(&w, term, &base);
	}
	if (conclude(&w, &due, rule_name(p, term), err) == -1)
		return -1;
	*out = due;
	return 0;
}

struct mc_due
mc_due_given(const struct mc_policy *p, const struct mc_calendar *cal,
    int64_t at, bool day_only)
{
	const struct mc_zone *zone = mc_calendar_zone(cal);
	struct mc_due due = { mc_zone_day(zone, at), at, false };

	if (!day_only)
		return due;
	due.at = MC_NEVER;
	if (p->due_time != MC_DUE_MIDNIGHT)
		due.at = mc_calendar_close(cal, due.day);
	if (due.at == MC_NEVER)
		due.at = mc_zone_instant(zone, due.day, MC_MS_DAY);
	return due;
}

/* ---- changes ---- */

/* A due as a base: its day is given, for its instant may be 24:00 of it. */
static struct base
due_base(const struct mc_calendar *cal, struct mc_due due)
{
	const struct mc_zone *zone = mc_calendar_zone(cal);
	struct base base = { due.day, due.at, MC_MS_DAY };

	if (mc_zone_day(zone, due.at) == due.day)
		base.clock = mc_zone_ms_of_day(zone, due.at);
	return base;
}

/* due_time after a pause; that of a same-day limit is the closing. */
static enum mc_due_time
due_time_of(const struct mc_policy *p, struct mc_term limit)
{
	if (limit.unit == MC_TERM_SAME_DAY)
		return MC_DUE_END_OF_DAY;
	return by_hours(limit) ? MC_DUE_SAME_TIME : p->due_time;
}

/* Working time paused is added; `same-time` stays at the instant reached. */
static bool
resume_extend(struct mc_due *due, const struct work *w, enum mc_due_time rule,
    int64_t from, int64_t to)
{
	int64_t paused = mc_calendar_work_between(w->cal, from, to);
	struct mc_trace line;

	if (paused <= 0)
		return false;
	if (w->trace != NULL) {
		line = trace_line(MC_TRACE_PAUSE);
		line.from = from;
		line.to = to;
		line.amount = paused;
		line.rule = mc_pause_names[MC_PAUSE_EXTEND];
		say(w, line);
	}
	*due = after_work(w, due->at, paused);
	if (due->day != MC_NODAY && rule != MC_DUE_SAME_TIME)
		due->at = due_instant(w, rule, due->day, 0);
	return true;
}

static bool
resume_extend_calendar(struct mc_due *due, const struct work *w,
    enum mc_due_time rule, int64_t from, int64_t to)
{
	const struct mc_zone *zone = mc_calendar_zone(w->cal);
	int64_t days = (int64_t)mc_zone_day(zone, to) - mc_zone_day(zone, from);
	struct base base = due_base(w->cal, *due);
	struct mc_trace line;

	if (days <= 0)
		return false;
	if (w->trace != NULL) {
		line = trace_line(MC_TRACE_PAUSE);
		line.from = from;
		line.to = to;
		line.n = days;
		line.rule = mc_pause_names[MC_PAUSE_EXTEND_CALENDAR];
		say(w, line);
	}
	due->day = add_whole(w, base.day, MC_TERM_DAYS, days);
	due->at = due->day == MC_NODAY
		      ? MC_NEVER
		      : due_instant(w, rule, due->day, base.clock);
	return true;
}

int
mc_deadline_resume(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term limit, struct mc_due due,
    int64_t from, int64_t to, mc_trace_fn *trace, void *arg, struct mc_err *err)
{
	const struct work w = { p, cal, trace, arg };
	enum mc_due_time rule = due_time_of(p, limit);
	struct mc_trace line;
	bool moved = false;

	*out = due;
	if (mc_overdue(p->verdict, due, from, mc_calendar_zone(cal)))
		return 0;
	switch (p->pause) {
	case MC_PAUSE_NONE:
		return 0;
	case MC_PAUSE_RESTART:
		if (limit.unit == MC_TERM_NONE)
			return 0;
		if (trace != NULL) {
			line = trace_line(MC_TRACE_RESTART);
			line.from = from;
			line.to = to;
			line.rule = mc_pause_names[MC_PAUSE_RESTART];
			say(&w, line);
		}
		return mc_deadline(out, p, cal, limit, to, trace, arg, err);
	case MC_PAUSE_EXTEND:
		if (due.day != MC_NODAY)
			moved = resume_extend(&due, &w, rule, from, to);
		break;
	case MC_PAUSE_EXTEND_CALENDAR:
		if (due.day != MC_NODAY)
			moved =
			    resume_extend_calendar(&due, &w, rule, from, to);
		break;
	}
	if (!moved)
		return 0;
	if (conclude(&w, &due,
		by_hours(limit) ? "hours" : mc_due_time_names[rule], err) == -1)
		return -1;
	*out = due;
	return 0;
}

int
mc_deadline_extend(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_due due, struct mc_term by,
    mc_trace_fn *trace, void *arg, struct mc_err *err)
{
	const struct work w = { p, cal, trace, arg };
	struct base base;
	struct mc_due next;

	if (due.day == MC_NODAY)
		return mc_err(err, MC_EREFUSED, "E_TERM",
		    "there is no due date to extend");
	if (by.unit == MC_TERM_NONE || by.unit == MC_TERM_SAME_DAY ||
	    by.milli <= 0)
		return mc_err(err, MC_EREFUSED, "E_TERM",
		    "an extension must be an amount of time");
	base = due_base(cal, due);
	next = count(&w, by, &base);
	if (conclude(&w, &next, rule_name(p, by), err) == -1)
		return -1;
	*out = next;
	return 0;
}

/* ---- judging ---- */

struct mc_str
mc_verdict_str(enum mc_verdict v)
{
	static const struct mc_str names[] = {
		[MC_V_NONE] = { NULL, 0 },
		[MC_V_EARLY] = MC_STR_INIT("early"),
		[MC_V_ON_TIME] = MC_STR_INIT("on-time"),
		[MC_V_LATE] = MC_STR_INIT("late"),
	};

	/* A damaged database may have any number. */
	return names[(unsigned)v <= MC_V_LATE ? v : MC_V_NONE];
}

const char *
mc_verdict_name(enum mc_verdict v)
{
	return mc_verdict_str(v).p;
}

enum mc_verdict
mc_verdict(enum mc_verdict_rule rule, struct mc_due due, int64_t finished_at,
    const struct mc_zone *zone)
{
	if (finished_at == MC_NEVER)
		return MC_V_NONE;
	if (due.day == MC_NODAY)
		return MC_V_ON_TIME;
	if (mc_overdue(rule, due, finished_at, zone))
		return MC_V_LATE;
	return mc_zone_day(zone, finished_at) < due.day ? MC_V_EARLY
							: MC_V_ON_TIME;
}

bool
mc_overdue(enum mc_verdict_rule rule, struct mc_due due, int64_t now,
    const struct mc_zone *zone)
{
	if (due.day == MC_NODAY)
		return false;
	return rule == MC_VERDICT_INSTANT ? now > due.at
					  : mc_zone_day(zone, now) > due.day;
}

int32_t
mc_overdue_day(
    enum mc_verdict_rule rule, struct mc_due due, const struct mc_zone *zone)
{
	if (due.day == MC_NODAY)
		return MC_NODAY;
	return rule == MC_VERDICT_INSTANT ? mc_zone_day(zone, due.at)
					  : due.day + 1;
}

int64_t
mc_late_days(struct mc_due due, int32_t day)
{
	if (due.day == MC_NODAY || day <= due.day)
		return 0;
	return (int64_t)day - due.day;
}
