/*
 * deadline_random.c - a million random stories against a counter that walks
 * from day to day: limits, several pauses, extensions, every policy, random
 * calendars and zones where the clock is moved.
 *
 * MOTCUA_SEED tells another million; MOTCUA_CASES more of them, never fewer.
 */
#include "due.h"

/* The clock's time on a working day, brought into its hours. */
static int64_t
slow_clock(const struct office *o, int32_t day, int64_t clock)
{
	int64_t t = mc_zone_instant(o->zone, day, clock), from, to, last = t;
	int k;

	for (k = 0; k < office_day(o, day)->n; k++) {
		if (!office_span(o, day, k, &from, &to))
			continue;
		if (t < from)
			return from;
		if (t <= to)
			return t;
		last = to;
	}
	return last;
}

static int64_t
slow_due_time(
    const struct office *o, enum mc_due_time rule, int32_t day, int64_t clock)
{
	if (rule == MC_DUE_MIDNIGHT)
		return mc_zone_instant(o->zone, day + 1, 0);
	if (rule == MC_DUE_SAME_TIME)
		return slow_clock(o, day, clock);
	return office_close(o, day);
}

static int32_t
slow_roll(const struct office *o, int32_t day)
{
	while (!office_works(o, day))
		day++;
	return day;
}

/* Whole units from a day, one by one. */
static int32_t
slow_whole(const struct office *o, int32_t day, struct mc_term t)
{
	int64_t n = t.milli / 1000, i;
	int y, m, d, dom;

	if (t.unit == MC_TERM_WORKING_DAYS) {
		for (i = 0; i < n; i++)
			day = office_next_day(o, day);
		return day;
	}
	if (t.unit == MC_TERM_MONTHS) {
		mc_day_civil(day, &y, &m, &dom);
		for (i = 0; i < n; i++)
			if (++m > 12) {
				m = 1;
				y++;
			}
		for (d = dom; mc_day_of(y, m, d) == MC_NODAY;)
			d--;
		return slow_roll(o, mc_day_of(y, m, d));
	}
	for (i = 0; i < n; i++)
		day++;
	return slow_roll(o, day);
}

static struct mc_due
slow_work(const struct office *o, int64_t from, int64_t work)
{
	struct mc_due due = { 0, office_walk(o, from, work), false };

	due.day = mc_zone_day(o->zone, due.at - 1);
	due.provisional =
	    o->known_until != MC_NODAY && due.day > o->known_until;
	return due;
}

/* A term counted from a day, an instant and the clock's time on it. */
static struct mc_due
slow_count(const struct office *o, const struct mc_policy *p, struct mc_term t,
    int32_t day, int64_t from, int64_t clock)
{
	struct mc_due due;

	if (t.unit == MC_TERM_WORKING_HOURS)
		return slow_work(o, from, t.milli * HOUR / 1000);
	if (t.unit == MC_TERM_WORKING_MINUTES)
		return slow_work(o, from, t.milli * MINUTE / 1000);
	if (t.milli % 1000 != 0) {
		if (t.milli > 1000)
			from = slow_clock(o, slow_whole(o, day, t), clock);
		return slow_work(o, from,
		    t.milli % 1000 * (o->milli_hours * HOUR / 1000) / 1000);
	}
	due.day = slow_whole(o, day, t);
	due.at = slow_due_time(o, p->due_time, due.day, clock);
	due.provisional =
	    o->known_until != MC_NODAY && due.day > o->known_until;
	return due;
}

static struct mc_due
slow_due(const struct office *o, const struct mc_policy *p, struct mc_term t,
    int64_t start)
{
	struct mc_due due = { 0, 0, false };
	int32_t day = mc_zone_day(o->zone, start);

	if (t.unit != MC_TERM_SAME_DAY) {
		if (p->late_intake == MC_INTAKE_NEXT_WORKING_DAY)
			start = office_next_open(o, start);
		return slow_count(o, p, t, mc_zone_day(o->zone, start), start,
		    mc_zone_ms_of_day(o->zone, start));
	}
	if (!office_works(o, day) || start >= office_close(o, day) ||
	    (p->cutoff >= 0 &&
		mc_zone_ms_of_day(o->zone, start) / MINUTE >= p->cutoff))
		day = office_next_day(o, day);
	due.day = day;
	due.at = office_close(o, day);
	due.provisional = o->known_until != MC_NODAY && day > o->known_until;
	return due;
}

static struct mc_due
slow_resume(const struct office *o, const struct mc_policy *p,
    struct mc_term limit, struct mc_due due, int64_t from, int64_t to)
{
	bool hours = limit.unit == MC_TERM_WORKING_HOURS ||
		     limit.unit == MC_TERM_WORKING_MINUTES ||
		     limit.milli % 1000 != 0;
	enum mc_due_time rule =
	    limit.unit == MC_TERM_SAME_DAY ? MC_DUE_END_OF_DAY : p->due_time;
	int64_t clock, paused;
	int32_t day, d;

	if (mc_zone_day(o->zone, from) > due.day || p->pause == MC_PAUSE_NONE)
		return due;
	if (p->verdict == MC_VERDICT_INSTANT && from > due.at)
		return due;
	if (p->pause == MC_PAUSE_RESTART)
		return slow_due(o, p, limit, to);
	if (p->pause == MC_PAUSE_EXTEND) {
		paused = office_between(o, from, to);
		if (paused == 0)
			return due;
		due = slow_work(o, due.at, paused);
		if (!hours && rule != MC_DUE_SAME_TIME)
			due.at = slow_due_time(o, rule, due.day, 0);
		return due;
	}
	day = due.day;
	if (mc_zone_day(o->zone, from) >= mc_zone_day(o->zone, to))
		return due;
	clock = mc_zone_day(o->zone, due.at) > day
		    ? MC_MS_DAY
		    : mc_zone_ms_of_day(o->zone, due.at);
	for (d = mc_zone_day(o->zone, from); d < mc_zone_day(o->zone, to); d++)
		day++;
	due.day = slow_roll(o, day);
	due.at =
	    slow_due_time(o, hours ? MC_DUE_SAME_TIME : rule, due.day, clock);
	due.provisional =
	    o->known_until != MC_NODAY && due.day > o->known_until;
	return due;
}

/* A term more, from the due as it is; at 24:00 its day is the one before. */
static struct mc_due
slow_extend(const struct office *o, const struct mc_policy *p,
    struct mc_due due, struct mc_term by)
{
	int64_t clock = MC_MS_DAY;

	if (mc_zone_day(o->zone, due.at) == due.day)
		clock = mc_zone_ms_of_day(o->zone, due.at);
	return slow_count(o, p, by, due.day, due.at, clock);
}

static int
differs(const char *what, struct mc_due got, struct mc_due want,
    const struct mc_policy *p, struct mc_term t, int64_t start)
{
	static int said;
	struct mc_buf b = { 0 };

	if (got.day == want.day && got.at == want.at &&
	    got.provisional == want.provisional)
		return 0;
	if (said++ < 10) {
		mc_term_put(&b, t);
		mc_buf_putc(&b, ' ');
		mc_policy_put(&b, p);
		printf("# %s: %s from %s\n#  got %d %s %d\n# want %d %s %d\n",
		    what, mc_buf_str(&b), show(start), (int)got.day,
		    show(got.at), got.provisional, (int)want.day, show(want.at),
		    want.provisional);
		mc_buf_free(&b);
	}
	return 1;
}

static struct mc_term
random_term(struct office_rng *r)
{
	struct mc_term t = {
		MC_TERM_SAME_DAY + (enum mc_term_unit)office_below(r, 6), 0
	};

	switch (t.unit) {
	case MC_TERM_SAME_DAY:
		return t;
	case MC_TERM_WORKING_HOURS:
		t.milli =
		    1 + office_below(
			    r, office_below(r, 300) == 0 ? 10000000 : 200000);
		break;
	case MC_TERM_WORKING_MINUTES:
		t.milli = 1 + office_below(r, 5000000);
		break;
	case MC_TERM_MONTHS:
		t.milli = 1000 * (1 + office_below(r, 14));
		break;
	default:
		t.milli = office_below(r, 3) == 0
			      ? 1 + office_below(r, 40000)
			      : 1000 * (1 + office_below(r, 60));
	}
	return t;
}

static struct mc_policy
random_policy(struct office_rng *r)
{
	struct mc_policy p = mc_policy_default;

	p.due_time = (enum mc_due_time)office_below(r, 3);
	p.late_intake = (enum mc_late_intake)office_below(r, 2);
	p.pause = (enum mc_pause_rule)office_below(r, 4);
	p.verdict = (enum mc_verdict_rule)office_below(r, 2);
	if (office_below(r, 2) == 0)
		p.cutoff = (int32_t)office_below(r, 1440);
	return p;
}

static void
count_dues(void *arg, const struct mc_trace *line)
{
	int *dues = arg;

	*dues += line->kind == MC_TRACE_DUE;
}

/* What happened to a dossier, by both. */
struct story {
	const struct office *o;
	const struct mc_calendar *cal;
	struct mc_policy p;
	struct mc_term limit;
	int64_t at; /* of the latest event */
	struct mc_due due, slow;
	int bad;
};

/*
 * The same with a trace, which takes another way, is the same; and the trace
 * tells of a due once, or of none where nothing changed.
 */
static void
settle(struct story *s, const char *what, int rc, struct mc_due due,
    int traced_rc, struct mc_due traced, int dues)
{
	if (rc == -1 || traced_rc == -1) {
		s->bad += differs("refused", (struct mc_due){ 0 }, s->slow,
		    &s->p, s->limit, s->at);
		return;
	}
	s->bad += differs(what, due, s->slow, &s->p, s->limit, s->at);
	s->bad += differs("trace", traced, s->slow, &s->p, s->limit, s->at);
	s->bad += dues > 1;
	s->due = due;
}

/* How many were told by look-ups alone, which has to be the same again. */
static int64_t short_ones;

static void
tell_start(struct story *s)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_due due, traced, look;
	int dues = 0, rc, again;

	rc =
	    mc_deadline(&due, &s->p, s->cal, s->limit, s->at, NULL, NULL, &err);
	again = mc_deadline(
	    &traced, &s->p, s->cal, s->limit, s->at, count_dues, &dues, &err);
	s->slow = slow_due(s->o, &s->p, s->limit, s->at);
	settle(s, "due", rc, due, again, traced, dues);
	s->bad += dues != 1;
	if (mc_deadline_short(&look, &s->p, s->cal, s->limit, s->at)) {
		s->bad +=
		    differs("short", look, s->slow, &s->p, s->limit, s->at);
		short_ones++;
	}
}

static void
tell_pause(struct story *s, int64_t from, int64_t to)
{
	struct mc_due was = s->due, due, traced;
	struct mc_err err = MC_ERR_INIT;
	int dues = 0, rc, again;

	rc = mc_deadline_resume(
	    &due, &s->p, s->cal, s->limit, was, from, to, NULL, NULL, &err);
	again = mc_deadline_resume(&traced, &s->p, s->cal, s->limit, was, from,
	    to, count_dues, &dues, &err);
	s->slow = slow_resume(s->o, &s->p, s->limit, s->slow, from, to);
	s->at = from;
	settle(s, "pause", rc, due, again, traced, dues);
	/* A pause that began in time makes the due no earlier. */
	if (s->p.pause != MC_PAUSE_RESTART)
		s->bad += s->due.at < was.at || s->due.day < was.day;
	s->at = to;
}

static void
tell_extension(struct story *s, struct mc_term by)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_due due, traced;
	int dues = 0, rc, again;

	rc = mc_deadline_extend(
	    &due, &s->p, s->cal, s->due, by, NULL, NULL, &err);
	again = mc_deadline_extend(
	    &traced, &s->p, s->cal, s->due, by, count_dues, &dues, &err);
	if (by.unit == MC_TERM_SAME_DAY) {
		s->bad += rc != -1 || again != -1 || dues != 0;
		return;
	}
	s->slow = slow_extend(s->o, &s->p, s->slow, by);
	settle(s, "extension", rc, due, again, traced, dues);
}

static int
compare(const struct office *o, const struct mc_calendar *cal,
    struct office_rng *r, int32_t first)
{
	struct story s = { .o = o,
		.cal = cal,
		.p = random_policy(r),
		.limit = random_term(r),
		.at = mc_zone_instant(
			  o->zone, first + (int32_t)office_below(r, 380), 0) +
		      office_below(r, 96) * 900000 + office_below(r, 2) };
	int64_t from, to;
	int i, n = (int)office_below(r, 4);

	tell_start(&s);
	for (i = 0; i < n && s.bad == 0; i++) {
		from = s.at + office_below(r, 15 * MC_MS_DAY);
		to = office_below(r, 8) == 0
			 ? from
			 : from + office_below(r, 15 * MC_MS_DAY);
		tell_pause(&s, from, to);
		if (office_below(r, 3) == 0 && s.bad == 0)
			tell_extension(&s, random_term(r));
	}
	return s.bad;
}

static void
test_random(void)
{
	static const char *const zones[] = { "Asia/Ho_Chi_Minh",
		"Europe/Amsterdam", "Asia/Ho_Chi_Minh", "America/Sao_Paulo",
		"America/St_Johns" };
	enum { ZONES = sizeof(zones) / sizeof(zones[0]) };
	struct office_rng r = office_seed();
	int64_t cases = office_cases(1000000), i;
	struct mc_err err = MC_ERR_INIT;
	struct mc_calendar *cal = NULL;
	struct mc_zone *zone[ZONES] = { NULL };
	struct office o;
	int32_t first = 0;
	int bad = 0, z;

	for (z = 0; z < ZONES; z++)
		if (!IS(mc_zone_open(&zone[z], zones[z], &err), 0))
			return;
	for (i = 0; i < cases; i++) {
		if (i % 1000 == 0) {
			mc_calendar_free(cal);
			first = mc_day_of(1990, 1, 1) +
				(int32_t)office_below(&r, 110 * 365);
			o = office_random(&r, zone[i / 1000 % ZONES], first);
			cal = office_open(&o);
			if (cal == NULL)
				break;
		}
		bad += compare(&o, cal, &r, first);
	}
	printf("# %" PRId64 " cases\n", i);
	IS(i, cases);
	IS(bad, 0);
	printf("# %" PRId64 " by look-ups alone\n", short_ones);
	OK(short_ones > cases / 20);
	mc_calendar_free(cal);
	for (z = 0; z < ZONES; z++)
		mc_zone_free(zone[z]);
}

int
main(void)
{
	if (!due_begin())
		return 1;
	test_random();
	return due_end();
}
