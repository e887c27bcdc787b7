/*
 * deadline_short.c - due dates by a few look-ups; see deadline.h.
 *
 * The usual terms where no trace is wanted: the answers of mc_deadline_full(),
 * which takes over where it needs more (tables not made yet, a distance
 * beyond the next block, days that are not even).  What cannot be foreseen (a
 * weekend? after closing?) is added up, not branched on.
 */
#include <motcua/deadline.h>

#include "calendar_internal.h"
#include "deadline_internal.h"

#define MS_MINUTE INT64_C(60000)
#define MS_HOUR INT64_C(3600000)
#define TERM_MAX 10000000 /* thousandths; see term.h */

typedef bool due_fn(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start);

/*
 * Its amount in whole units.  Where the division by 1000 leaves nothing, it
 * is a multiplication; where it does, that gives more than any term has.
 */
static inline uint64_t
whole_of(struct mc_term term)
{
	uint64_t q = (uint64_t)term.milli * UINT64_C(0x1cac083126e978d5);

	return q >> 3 | q << 61;
}

static inline bool
in_bounds(uint64_t whole)
{
	return whole - 1 < TERM_MAX / 1000;
}

/* Due on the i-th day of a block, so many ms after its midnight. */
static inline void
due_on(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_even *e, int32_t i, int64_t ms)
{
	int32_t day = e->first + i;

	out->day = day;
	out->at = e->midnight + i * MC_MS_DAY + ms;
	out->provisional = day > cal->horizon;
}

/* The k-th worked day of a block, or of the next one; or NULL. */
static inline const struct cal_even_day *
worked(const struct mc_calendar *cal, const struct cal_even **e, int32_t k)
{
	if (k >= (*e)->working) {
		k -= (*e)->working;
		*e = cal_even_next(cal, *e);
		if (*e == NULL || k >= (*e)->working)
			return NULL;
	}
	return &(*e)->worked[k];
}

/* The working day that an instant belongs to: after closing, the next. */
static inline int32_t
working_day(const struct cal_spot *s)
{
	const struct cal_even_day *d = &s->in->date[s->day];

	return d->other + (s->ms >= d->close);
}

/* Day 0, by its count. */
static inline int32_t
day_zero(const struct mc_policy *p, const struct cal_spot *s)
{
	return p->late_intake == MC_INTAKE_AS_IS ? s->in->date[s->day].other
						 : working_day(s);
}

/* Due at the close of the k-th worked day of a block. */
static inline bool
due_close(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_even *e, int32_t k)
{
	const struct cal_even_day *w = worked(cal, &e, k);

	if (w == NULL)
		return false;
	due_on(out, cal, e, w->other, w->close);
	return true;
}

/* Due at a time of the k-th worked day of the block after one alike. */
__attribute__((noinline)) static bool
due_of_next_office(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_even *e, uint32_t k, int32_t ms)
{
	const struct cal_even *next = cal_even_next(cal, e);

	if (next == NULL || k >= (uint32_t)next->working ||
	    !cal_even_alike(&next->office, &e->office))
		return false;
	due_on(out, cal, next, next->worked[k].other, ms);
	return true;
}

/*
 * Due when so much open time is over after a spot, and all days are alike:
 * whole days from its own opening on, and what is left in the one after them,
 * behind its break where there is more than before that.  A day off is the
 * night before the working day after it.
 */
static inline bool
due_of_office(struct mc_due *out, const struct mc_calendar *cal,
    struct cal_spot s, int64_t work)
{
	const struct cal_even *e = s.in;
	const struct cal_even_office *o = &e->office;
	const struct cal_even_day *d = &e->date[s.day];
	int32_t ms = s.ms < d->close ? s.ms : d->close;
	uint32_t k;

	ms = ms < o->open ? o->open : ms;
	/* Never below 0, which spares every sum a sign. */
	work += (uint32_t)ms;
	work -= (uint32_t)cal_within(ms, o->rest, o->rest_to);
	k = cal_even_days(o, work + o->before);
	ms = o->rest + (int32_t)((uint32_t)work - k * (uint32_t)o->each);
	ms += o->pause[(uint32_t)(o->rest - ms) >> 31];
	k += (uint32_t)d->other + (d->close == 0);
	if (__builtin_expect(k >= (uint32_t)e->working, 0))
		return due_of_next_office(
		    out, cal, e, k - (uint32_t)e->working, ms);
	due_on(out, cal, e, e->worked[k].other, (uint32_t)ms);
	return true;
}

/* Open ms of its block that are over at a spot. */
static inline int64_t
spent(const struct cal_spot *s)
{
	const struct cal_even_hours *h = &s->in->hours[s->day];

	return h->lead + (cal_within(s->ms, h->open, h->close) -
			     cal_within(s->ms, h->rest, h->rest_to));
}

/* The same, whatever the days are like. */
__attribute__((noinline)) static bool
due_of_stretch(struct mc_due *out, const struct mc_calendar *cal,
    struct cal_spot from, int64_t work)
{
	const struct cal_even *e = from.in;
	const struct cal_even_stretch *s;
	uint64_t second;
	int32_t day;

	if (!e->simple)
		return false;
	work += spent(&from);
	if (work > e->work) {
		work -= e->work;
		e = cal_even_next(cal, e);
		if (e == NULL || work > e->work)
			return false;
	}
	s = &e->stretch[(work - 1) >> e->shift];
	/* Half the time it is the second piece: the sign, not a branch. */
	second = (uint64_t)(s->end - work) >> 63;
	if (s->day[second] == -1)
		return false;
	day = e->first + s->day[second];
	out->day = day;
	out->at = e->midnight + s->lead[second] * MS_MINUTE + work;
	out->provisional = day > cal->horizon;
	return true;
}

__attribute__((always_inline)) static inline bool
due_after(struct mc_due *out, const struct mc_calendar *cal,
    struct cal_spot from, int64_t work)
{
	return from.in->office.each > 0 ? due_of_office(out, cal, from, work)
					: due_of_stretch(out, cal, from, work);
}

/* The clock's time brought into hours, to the end of a rest that has begun. */
static inline int32_t
clock_in(const struct cal_even_hours *h, int32_t ms, bool begun)
{
	int32_t resting;

	ms = ms < h->open ? h->open : ms;
	resting = (ms >= h->rest + !begun) & (ms < h->rest_to);
	ms += resting * (h->rest_to - ms);
	return ms > h->close ? h->close : ms;
}

/*
 * The clock's time at which it starts, on the n-th working day after that.
 * Where late_intake does not move the start, the time is what it is.
 */
static inline bool
same_time(struct cal_spot *s, const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t start, int32_t n)
{
	const struct cal_even_day *w;
	int32_t k;

	if (!cal_spot(cal, start, s) || !s->in->simple)
		return false;
	k = day_zero(p, s);
	if (p->late_intake != MC_INTAKE_AS_IS) {
		if (k >= s->in->working)
			return false;
		w = &s->in->worked[k];
		s->ms *= (uint32_t)w->other == s->day;
		s->ms = clock_in(&s->in->hours[w->other], s->ms, true);
	}
	w = worked(cal, &s->in, k + n);
	if (w == NULL || !s->in->simple)
		return false;
	s->ms = clock_in(&s->in->hours[w->other], s->ms, false);
	s->day = (uint32_t)w->other;
	return true;
}

/* Whole days that are not due at the close. */
static inline bool
due_at_time(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t start, int32_t n)
{
	struct cal_spot s;

	if (!same_time(&s, p, cal, start, n))
		return false;
	due_on(out, cal, s.in, (int32_t)s.day,
	    p->due_time == MC_DUE_MIDNIGHT ? MC_MS_DAY : s.ms);
	return true;
}

/* Whole days, then the rest of the term as open time. */
static inline bool
due_of_fraction(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint32_t milli = (uint32_t)term.milli, n = milli / 1000;
	int64_t work = (milli - n * 1000) * cal->day_ms / 1000;
	struct cal_spot s;

	if ((uint64_t)term.milli > TERM_MAX || work == 0 ||
	    (n == 0 ? !cal_spot(cal, start, &s) || !s.in->simple
		    : !same_time(&s, p, cal, start, (int32_t)n)))
		return false;
	return due_after(out, cal, s, work);
}

/* Due at the close of a day counted from a block's first, or of the next. */
static inline bool
due_rolled(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_even *e, int32_t i)
{
	if (i >= CAL_BLOCK) {
		i -= CAL_BLOCK;
		e = cal_even_next(cal, e);
		if (e == NULL || i >= CAL_BLOCK)
			return false;
	}
	return due_close(
	    out, cal, e, e->date[i].other + (e->date[i].close == 0));
}

/* The day on which the clock starts, in s->day. */
static inline bool
start_day(struct cal_spot *s, const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t start)
{
	int32_t k;

	if (!cal_spot(cal, start, s))
		return false;
	if (p->late_intake == MC_INTAKE_AS_IS)
		return true;
	k = working_day(s);
	if (k >= s->in->working)
		return false;
	s->day = (uint32_t)s->in->worked[k].other;
	return true;
}

/* ---- by unit ---- */

/* Other policies, and what is not whole. */
__attribute__((noinline)) static bool
due_of_other_days(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint64_t n = whole_of(term);
	struct cal_spot s;

	if (!in_bounds(n))
		return due_of_fraction(out, p, cal, term, start);
	if (p->due_time != MC_DUE_END_OF_DAY)
		return due_at_time(out, p, cal, start, (int32_t)n);
	return cal_spot(cal, start, &s) &&
	       due_close(out, cal, s.in, day_zero(p, &s) + (int32_t)n);
}

static bool
due_of_working_days(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint64_t n = whole_of(term);
	struct cal_spot s;

	if (p->due_time != MC_DUE_END_OF_DAY ||
	    p->late_intake != MC_INTAKE_NEXT_WORKING_DAY || !in_bounds(n))
		return due_of_other_days(out, p, cal, term, start);
	return cal_spot(cal, start, &s) &&
	       due_close(out, cal, s.in, working_day(&s) + (int32_t)n);
}

static bool
due_of_days(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint64_t n = whole_of(term);
	struct cal_spot s;

	return in_bounds(n) && p->due_time == MC_DUE_END_OF_DAY &&
	       start_day(&s, p, cal, start) &&
	       due_rolled(out, cal, s.in, (int32_t)(s.day + n));
}

static bool
due_of_months(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint64_t n = whole_of(term);
	struct cal_spot s;
	int32_t to;

	if (!in_bounds(n) || p->due_time != MC_DUE_END_OF_DAY ||
	    !start_day(&s, p, cal, start))
		return false;
	to = deadline_add_months(s.in->first + (int32_t)s.day, (int64_t)n);
	return to != MC_NODAY && due_rolled(out, cal, s.in, to - s.in->first);
}

/* Where the clock starts does not matter: closed time is not counted. */
static inline bool
due_of_work(struct mc_due *out, const struct mc_calendar *cal,
    struct mc_term term, int64_t start, int64_t unit)
{
	struct cal_spot s;

	return (uint64_t)term.milli - 1 < TERM_MAX &&
	       cal_spot(cal, start, &s) &&
	       due_after(out, cal, s, term.milli * (unit / 1000));
}

static bool
due_of_hours(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	(void)p;
	return due_of_work(out, cal, term, start, MS_HOUR);
}

static bool
due_of_minutes(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	(void)p;
	return due_of_work(out, cal, term, start, MS_MINUTE);
}

static bool
due_of_no_amount(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	(void)out;
	(void)p;
	(void)cal;
	(void)term;
	(void)start;
	return false;
}

bool
mc_deadline_short(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	static due_fn *const by_unit[] = {
		[MC_TERM_NONE] = due_of_no_amount,
		[MC_TERM_SAME_DAY] = due_of_no_amount,
		[MC_TERM_WORKING_DAYS] = due_of_working_days,
		[MC_TERM_DAYS] = due_of_days,
		[MC_TERM_WORKING_HOURS] = due_of_hours,
		[MC_TERM_WORKING_MINUTES] = due_of_minutes,
		[MC_TERM_MONTHS] = due_of_months,
	};

	return by_unit[term.unit](out, p, cal, term, start);
}
