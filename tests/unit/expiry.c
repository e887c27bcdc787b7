/*
 * expiry.c - what runs out, against counters that walk on from day to day, or
 * from one open span to the next, and stand still in every pause.
 *
 * MOTCUA_SEED tells other stories; MOTCUA_CASES more of them, never fewer.
 */
#include <motcua/expiry.h>

#include "due.h"

#define PAUSES 4

/* A story: pauses in their order, none touching the next. */
static int
random_pauses(
    struct office_rng *r, struct mc_pause *p, int64_t since, int64_t grain)
{
	int n = (int)office_below(r, PAUSES + 1), i;
	int64_t at = since - since % grain;

	for (i = 0; i < n; i++) {
		p[i].from =
		    at + office_below(r, 12 * MC_MS_DAY / grain) * grain;
		p[i].to =
		    p[i].from + office_below(r, 9 * MC_MS_DAY / grain) * grain;
		at = p[i].to + grain;
	}
	return n;
}

/* Open time from `since` on, but that in pauses. */
static int64_t
slow_hours(const struct office *o, int64_t work, int64_t since,
    const struct mc_pause *p, int n)
{
	int64_t at = since, gone;
	int i;

	for (i = 0; i < n; i++) {
		if (p[i].to <= at)
			continue;
		if (p[i].from > at) {
			gone = office_between(o, at, p[i].from);
			/* Over before this one: at the instant it is over. */
			if (gone > work ||
			    (gone == work &&
				office_walk(o, at, work) < p[i].from))
				break;
			work -= gone;
		}
		if (work > 0)
			at = p[i].to;
	}
	return office_walk(o, at, work);
}

static void
test_hours(void)
{
	struct office_rng r = office_seed();
	int64_t cases = office_cases(20000), i, since, now, want;
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy policy = mc_policy_default;
	struct mc_calendar *cal = NULL;
	struct mc_pause p[PAUSES];
	struct mc_due end;
	struct mc_term t = { MC_TERM_WORKING_HOURS, 0 };
	struct office o;
	int32_t first = mc_day_of(2024, 1, 1);
	int bad = 0, n;

	policy.late_intake = MC_INTAKE_AS_IS;
	for (i = 0; i < cases; i++) {
		if (i % 100 == 0) {
			mc_calendar_free(cal);
			o = office_random(&r, vn, first);
			cal = office_open(&o);
			if (!OK(cal != NULL))
				return;
		}
		since = mc_zone_instant(vn, first + 30, 0) +
			office_below(&r, 200 * MC_MS_DAY / MINUTE) * MINUTE;
		t.milli = 1000 * (1 + office_below(&r, 80));
		n = random_pauses(&r, p, since, MINUTE);
		want = slow_hours(&o, t.milli * HOUR / 1000, since, p, n);
		if (mc_expiry(&end, &policy, cal, t, since, p, n, &err) == -1) {
			bad++;
			continue;
		}
		now = want + office_below(&r, 3) - 1;
		if (end.at != want ||
		    mc_expired(t, end, now, vn) != (now > want)) {
			if (bad++ < 5)
				printf("# %d h from %s, %d pauses: got %s, "
				       "want %s\n",
				    (int)(t.milli / 1000), show(since), n,
				    show(end.at), show(want));
		}
	}
	IS(bad, 0);
	mc_calendar_free(cal);
}

static bool
in_pause(const struct mc_pause *p, int n, int32_t day)
{
	int i;

	for (i = 0; i < n; i++)
		if (mc_zone_day(vn, p[i].from) <= day &&
		    day < mc_zone_day(vn, p[i].to))
			return true;
	return false;
}

/* Days are counted one by one, working ones that are in no pause. */
static void
test_days(void)
{
	struct office_rng r = office_seed();
	int64_t cases = office_cases(20000), i, since, left, midnight;
	struct mc_err err = MC_ERR_INIT;
	struct mc_calendar *cal = office(true);
	struct mc_pause p[PAUSES];
	struct mc_due end;
	struct mc_term t = { MC_TERM_WORKING_DAYS, 0 };
	int32_t day, first = mc_day_of(2023, 1, 2);
	int bad = 0, n, k;

	if (!OK(cal != NULL))
		return;
	for (i = 0; i < cases; i++) {
		do
			day = first + (int32_t)office_below(&r, 900);
		while (!mc_calendar_working(cal, day));
		since = mc_zone_instant(vn, day, 0) + 9 * HOUR;
		midnight = mc_zone_instant(vn, day + 1, 0);
		t.milli = 1000 * (1 + office_below(&r, 30));
		n = random_pauses(&r, p, midnight, MC_MS_DAY);
		/* To Vietnamese midnights. */
		for (k = 0; k < n; k++) {
			p[k].from += midnight % MC_MS_DAY;
			p[k].to += midnight % MC_MS_DAY;
		}
		for (left = t.milli / 1000; left > 0;) {
			day++;
			left -= mc_calendar_working(cal, day) &&
				!in_pause(p, n, day);
		}
		if (mc_expiry(&end, &mc_policy_default, cal, t, since, p, n,
			&err) == -1 ||
		    end.day != day ||
		    mc_expired(
			t, end, mc_zone_instant(vn, day + 1, 0) - 1, vn) ||
		    !mc_expired(t, end, mc_zone_instant(vn, day + 1, 0), vn))
			bad++;
	}
	IS(bad, 0);
	mc_calendar_free(cal);
}

/* ---- what is told by events ---- */

static struct mc_event
event(enum mc_kind kind, const char *when)
{
	struct mc_event e;

	mc_event_init(&e, kind, at(when));
	e.present = 0;
	return e;
}

static void
test_events(void)
{
	struct mc_pauses x = { .since = MC_NEVER };
	const struct mc_event e[] = { event(MC_K_RECEIVED, "2026-03-02 09:00"),
		event(MC_K_RESUMED, "2026-03-02 10:00"), /* of nothing */
		event(MC_K_PAUSED, "2026-03-03 10:00"),
		event(MC_K_STOPPED, "2026-03-04 10:00"), /* still the same */
		event(MC_K_RESUMED, "2026-03-05 10:00"),
		event(MC_K_PAUSED, "2026-03-06 10:00"),
		event(MC_K_WITHDRAWN, "2026-03-07 10:00"),
		event(MC_K_REOPENED, "2026-03-08 10:00"),
		event(MC_K_RESUMED, "2026-03-09 10:00"),
		event(MC_K_STOPPED, "2026-03-10 10:00") };
	size_t i;

	for (i = 0; i < sizeof(e) / sizeof(e[0]); i++)
		mc_pauses_event(&x, &e[i]);
	IS(x.n, 1);
	OK(x.n == 1 && x.p[0].from == at("2026-03-03 10:00") &&
	    x.p[0].to == at("2026-03-05 10:00"));
	OK(x.since == at("2026-03-10 10:00"));
	mc_pauses_free(&x);
	IS(x.n, 0);
}

/* What was over before it began does not count, and of the rest the rest. */
static void
test_before(void)
{
	struct mc_calendar *cal = office(true);
	const struct mc_pause p[] = { { at("2026-03-02 08:00"),
					  at("2026-03-04 08:00") },
		{ at("2026-03-09 08:00"), at("2026-03-12 08:00") } };
	struct mc_err err = MC_ERR_INIT;
	struct mc_due end;

	if (!OK(cal != NULL))
		return;
	IS(mc_expiry(&end, &mc_policy_default, cal, term("2 working days"),
	       at("2026-03-05 08:00"), p, 2, &err),
	    0);
	IS_STR(show(end.at), "2026-03-12T17:00"); /* 9 March, and three days */
	IS(mc_expiry(&end, &mc_policy_default, cal, term("2 working days"),
	       at("2026-03-11 08:00"), p, 2, &err),
	    0);
	IS_STR(show(end.at), "2026-03-16T17:00"); /* 13 March, and one day */
	/* Run out on the 6th: the second pause comes too late. */
	IS(mc_expiry(&end, &mc_policy_default, cal, term("1 working day"),
	       at("2026-03-05 08:00"), p, 2, &err),
	    0);
	IS_STR(show(end.at), "2026-03-06T17:00");
	mc_calendar_free(cal);
}

int
main(void)
{
	if (!due_begin())
		return 1;
	test_hours();
	test_days();
	test_events();
	test_before();
	return due_end();
}
