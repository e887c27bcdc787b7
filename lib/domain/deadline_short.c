/*
 * deadline_short.c - due dates by a few look-ups; see deadline.h.
 *
 * The usual terms where no trace is wanted: the answers of mc_deadline_any(),
 * which takes over where it needs more (tables not made yet, a distance
 * beyond the next block, a day in which the clock is moved).  What cannot be
 * foreseen (a weekend? after closing?) is added up, not branched on.
 */
#include <motcua/deadline.h>

#include "calendar_internal.h"
#include "deadline_internal.h"

#define MS_MINUTE INT64_C(60000)
#define MS_HOUR INT64_C(3600000)
#define TERM_MAX 10000000 /* thousandths; see term.h */

typedef int due_fn(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err);

__attribute__((noinline)) static int
due_untraced(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err)
{
	return mc_deadline_any(out, p, cal, term, start, NULL, NULL, err);
}

/* Its amount in whole units, 0 where it is none or out of bounds. */
static inline uint32_t
whole_of(struct mc_term term)
{
	uint32_t milli = (uint32_t)term.milli, n = milli / 1000;

	return (uint64_t)term.milli <= TERM_MAX && n * 1000 == milli ? n : 0;
}

/* Day 0 as a number of working days: after closing it is the next one. */
static inline int
working_to(const struct cal_day *d, int64_t at)
{
	return d->working_to + (at - d->midnight >= d->close);
}

/* Due at the close of the n-th worked day of a block. */
static inline bool
due_close(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_block *b, int64_t n)
{
	const struct cal_worked *w;

	if (n >= b->working) {
		n -= b->working;
		b = cal_next(cal, b);
		if (b == NULL || n >= b->working)
			return false;
	}
	w = &b->worked[n];
	out->day = w->day;
	out->at = w->close;
	out->provisional = w->day > cal->horizon;
	return true;
}

/* Due when so much of the open time of a block, or of the next, is spent. */
__attribute__((always_inline)) static inline bool
due_spent(struct mc_due *out, const struct mc_calendar *cal,
    const struct cal_block *b, int64_t work)
{
	const struct cal_stretch *s;
	uint64_t second;

	if (work > b->work) {
		work -= b->work;
		b = cal_next(cal, b);
		if (b == NULL || work > b->work)
			return false;
	}
	s = &b->stretch[(work - 1) >> b->shift];
	/* Half the time it is the second piece: the sign, not a branch. */
	second = (uint64_t)(s->end - work) >> 63;
	if (s->day[second] == MC_NODAY)
		return false;
	out->day = s->day[second];
	out->at = work + s->lead[second];
	out->provisional = out->day > cal->horizon;
	return true;
}

/* Where the clock starts does not matter: closed time is not counted. */
__attribute__((always_inline)) static inline bool
due_work(struct mc_due *out, const struct mc_calendar *cal, int64_t work,
    int64_t start)
{
	const struct cal_block *b;
	const struct cal_day *d;

	return cal_day_of(cal, start, &b, &d) && d->simple &&
	       due_spent(out, cal, b, work + cal_spent(d, start));
}

/* An instant by its day, in a block. */
struct moment {
	const struct cal_block *b;
	const struct cal_day *d; /* simple, and worked */
	int32_t ms;              /* after its midnight, in open time */
};

/*
 * Where the clock starts that was started at such a time of the day d: at
 * the k-th worked day of its block.  Where late_intake does not move it, the
 * time is what it is.
 */
static inline bool
start_of(int32_t *ms, const struct mc_policy *p, const struct cal_block *b,
    const struct cal_day *d, int k)
{
	const struct cal_day *on;
	int32_t at = *ms;

	if (p->late_intake == MC_INTAKE_AS_IS)
		return true;
	if (k >= b->working)
		return false;
	on = &b->day[b->worked[k].day - b->first];
	if (!on->simple)
		return false;
	at = on == d ? at : 0;
	at = at < on->open ? on->open : at;
	*ms = at >= on->rest && at < on->rest_to ? on->rest_to : at;
	return true;
}

/* The clock's time at which it starts, on the n-th working day after that. */
static inline bool
same_time(struct moment *m, const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t start, uint32_t n)
{
	const struct cal_day *d;
	int64_t k;

	if (!cal_day_of(cal, start, &m->b, &d))
		return false;
	m->ms = (int32_t)(start - d->midnight);
	k = p->late_intake == MC_INTAKE_AS_IS ? d[1].working_to - 1
					      : working_to(d, start);
	if (!start_of(&m->ms, p, m->b, d, (int)k))
		return false;
	k += n;
	if (k >= m->b->working) {
		k -= m->b->working;
		m->b = cal_next(cal, m->b);
		if (m->b == NULL || k >= m->b->working)
			return false;
	}
	m->d = d = &m->b->day[m->b->worked[k].day - m->b->first];
	m->ms = m->ms < d->open ? d->open : m->ms;
	m->ms = m->ms > d->rest && m->ms < d->rest_to ? d->rest_to : m->ms;
	m->ms = m->ms > d->close ? d->close : m->ms;
	return d->simple;
}

/* In whole days that are not due at the close. */
static bool
due_at_time(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t start, uint32_t n)
{
	struct moment m;

	if (!same_time(&m, p, cal, start, n))
		return false;
	out->day = m.b->first + (int32_t)(m.d - m.b->day);
	out->at =
	    m.d->midnight + (p->due_time == MC_DUE_MIDNIGHT ? MC_MS_DAY : m.ms);
	out->provisional = out->day > cal->horizon;
	return true;
}

/* Whole days, then the rest of the term as open time. */
static bool
due_of_fraction(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start)
{
	uint32_t milli = (uint32_t)term.milli, n = milli / 1000;
	int64_t work = (milli - n * 1000) * cal->day_ms / 1000;
	struct moment m;

	if ((uint64_t)term.milli > TERM_MAX || work == 0)
		return false;
	if (n == 0)
		return due_work(out, cal, work, start);
	return same_time(&m, p, cal, start, n) &&
	       due_spent(
		   out, cal, m.b, work + cal_spent(m.d, m.d->midnight + m.ms));
}

static int
due_of_working_days(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err)
{
	const struct cal_block *b;
	const struct cal_day *d;
	uint32_t n = whole_of(term);

	if (n == 0 ? due_of_fraction(out, p, cal, term, start)
	    : p->due_time != MC_DUE_END_OF_DAY
		? due_at_time(out, p, cal, start, n)
		: cal_day_of(cal, start, &b, &d) &&
		      due_close(out, cal, b,
			  n + (p->late_intake == MC_INTAKE_AS_IS
				      ? d[1].working_to - 1
				      : working_to(d, start))))
		return 0;
	return due_untraced(out, p, cal, term, start, err);
}

static int
due_of_days(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err)
{
	const struct cal_block *b;
	const struct cal_day *d;
	uint32_t n = whole_of(term);
	int32_t i, k;

	if (n == 0 || !cal_day_of(cal, start, &b, &d) ||
	    p->due_time != MC_DUE_END_OF_DAY)
		goto slow;
	i = (int32_t)(d - b->day);
	if (p->late_intake != MC_INTAKE_AS_IS) {
		k = working_to(d, start);
		if (k >= b->working)
			goto slow;
		i = b->worked[k].day - b->first;
	}
	i += (int32_t)n;
	if (i >= b->days) {
		i -= b->days;
		b = cal_next(cal, b);
		if (b == NULL || i >= b->days)
			goto slow;
	}
	if (due_close(out, cal, b, b->day[i].working_to))
		return 0;
slow:
	return due_untraced(out, p, cal, term, start, err);
}

static int
due_of_hours(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err)
{
	if ((uint64_t)term.milli - 1 < TERM_MAX &&
	    due_work(out, cal, term.milli * (MS_HOUR / 1000), start))
		return 0;
	return due_untraced(out, p, cal, term, start, err);
}

static int
due_of_minutes(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    struct mc_err *err)
{
	if ((uint64_t)term.milli - 1 < TERM_MAX &&
	    due_work(out, cal, term.milli * (MS_MINUTE / 1000), start))
		return 0;
	return due_untraced(out, p, cal, term, start, err);
}

int
mc_deadline(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err)
{
	static due_fn *const shortest[] = {
		[MC_TERM_NONE] = due_untraced,
		[MC_TERM_SAME_DAY] = due_untraced,
		[MC_TERM_WORKING_DAYS] = due_of_working_days,
		[MC_TERM_DAYS] = due_of_days,
		[MC_TERM_WORKING_HOURS] = due_of_hours,
		[MC_TERM_WORKING_MINUTES] = due_of_minutes,
		[MC_TERM_MONTHS] = due_untraced,
	};

	if (trace != NULL)
		return mc_deadline_any(
		    out, p, cal, term, start, trace, arg, err);
	return shortest[term.unit](out, p, cal, term, start, err);
}
