/*
 * calendar_internal.h - what the files of calendar share, and deadline's
 * shortest path.
 *
 * Days stand in blocks of 1024, each made when it is first needed.  A block
 * has three views of the same days, so that every question is a look-up:
 * the days in order (by date), the worked days in order (by count), and the
 * pieces of open time in order (by instant, and by amount).  A block in which
 * nothing is out of the way has them once more in a fraction of the room,
 * which a processor keeps at hand: calendar_even.c.
 */
#ifndef MOTCUA_CALENDAR_INTERNAL_H
#define MOTCUA_CALENDAR_INTERNAL_H

#include <stdatomic.h>

#include <motcua/calendar.h>

#define CAL_SHIFT 10
#define CAL_BLOCK (1 << CAL_SHIFT) /* days */
#define CAL_DAYS (MC_DAY_MAX - MC_DAY_MIN + 1)
#define CAL_BLOCKS ((CAL_DAYS + CAL_BLOCK - 1) >> CAL_SHIFT)

struct cal_pattern {
	struct mc_span span[MC_CALENDAR_SPANS];
	int n; /* 0: no open time */
};

/* A date of "days_off" or "working_days". */
struct cal_listed {
	int32_t day;
	int pattern; /* of a make-up day */
	char *name, *basis;
};

struct cal_list {
	MC_VEC(struct cal_listed) v;
};

/*
 * All that is asked of a day stands together, in less than a line of the
 * cache.  Times of the day are ms after its midnight.
 */
struct cal_day {
	int64_t midnight;      /* the instant it begins at */
	int64_t work_to;       /* ms open in the block before it */
	int32_t open, close;   /* first and last; INT32_MAX on a day off */
	int32_t rest, rest_to; /* between two pieces; else both 0 */
	int16_t pattern;       /* -1 on a day off */
	int16_t working_to;    /* working days of the block before it */
	int16_t piece;         /* its first one, or a later day's */
	bool plain;            /* the clock is not moved in it */
	bool simple;           /* and it has not more than two pieces */
};

struct cal_piece {
	int64_t lead;    /* from an amount of the block's ms to the instant */
	int64_t work_to; /* ms open in the block before it */
	int32_t day;     /* MC_NODAY when the clock is moved in it */
};

/*
 * The pieces in which a stretch of open time is spent, for the way back from
 * an amount to an instant: the first, and after `end` the second.  Where
 * there are more, the days are MC_NODAY and the pieces have to be searched.
 */
struct cal_stretch {
	int64_t end;
	int64_t lead[2];
	int32_t day[2];
};

struct cal_block {
	int32_t first; /* its first day */
	int days;      /* CAL_BLOCK, but for the last */
	int working;   /* how many of them are worked */
	int pieces;
	int shift;    /* of an amount, to its stretch */
	int64_t work; /* ms open in the whole block */
	/* `pieces` and three more that never begin. */
	struct cal_piece *piece;
	struct cal_stretch *stretch; /* 2^shift ms of open time each */
	int32_t worked[CAL_BLOCK];
	struct cal_day day[CAL_BLOCK + 1]; /* one more, for the sums */
};

/*
 * A day of an even block, by its date or by its count.  By date, a day off is
 * the evening of the working day before it: closed since midnight.
 */
struct cal_even_day {
	int32_t close; /* ms after midnight; 0 on a day off */
	int32_t other; /* by date: its count, or -1; by count: its date */
};

/*
 * Its hours, ms after midnight as in cal_day.  An instant between the first
 * two or at the edge, less one between the other two, and lead are the ms
 * open in the block before it.
 */
struct cal_even_hours {
	int64_t lead;
	int32_t open, close;
	int32_t rest, rest_to;
};

/* A cal_stretch; days and leads, in minutes, from the block's first on. */
struct cal_even_stretch {
	int64_t end;
	int32_t lead[2];
	int16_t day[2]; /* -1: not known */
};

/*
 * The hours of a block in which every worked day has the same: then an amount
 * of open time is a count of days and a rest.  `each` is 0 where that is not
 * so.  To divide by it is to multiply: inverse = 2^52 / (each / 32), rounded
 * up, is exact for an amount / 32 below 2^52 / (each / 32), and gives no
 * product over 64 bits.  With `each` a multiple of 32 ms from 3 to 12 hours
 * both hold up to 10,000 hours and a day, the longest term.
 */
#define CAL_EVEN_LEAST (3 * INT32_C(3600000))
struct cal_even_office {
	int64_t each; /* ms open a day */
	uint64_t inverse;
	int64_t before; /* ms open before the break, less one */
	int32_t open, close;
	int32_t rest, rest_to;
	int32_t pause[2]; /* ms of the break; none, for what is before it */
};

/* Whole days in an amount. */
static inline uint32_t
cal_even_days(const struct cal_even_office *o, int64_t work)
{
	return (uint32_t)(((uint64_t)work >> 5) * o->inverse >> 52);
}

/*
 * A whole block whose days all begin when today's offset says; simple where
 * none has more than two pieces: else its hours are not to be used.
 */
struct cal_even {
	int32_t first;    /* its first day */
	int32_t working;  /* how many are worked */
	int64_t midnight; /* of the first day */
	int64_t work;     /* ms open in the whole block */
	int shift;        /* of an amount, to its stretch */
	bool simple;
	struct cal_even_office office;
	struct cal_even_day date[CAL_BLOCK], worked[CAL_BLOCK];
	struct cal_even_hours hours[CAL_BLOCK]; /* by date */
	struct cal_even_stretch stretch[];
};

struct mc_calendar {
	char *name;
	const struct mc_zone *zone;
	int64_t base; /* the instant of MC_DAY_MIN with today's offset */
	int32_t known_until, horizon; /* horizon: INT32_MAX when not known */
	int64_t day_ms;
	MC_VEC(struct cal_pattern) pattern; /* 0 to 6 are Monday to Sunday */
	struct cal_list off, on;            /* sorted by day once built */
	_Atomic(struct cal_block *) block[CAL_BLOCKS];
	_Atomic(struct cal_even *) even[CAL_BLOCKS]; /* NULL: it is not */
};

/* The same block as an even one, or NULL: it is none. */
struct cal_even *mc_calendar_even(
    const struct mc_calendar *cal, const struct cal_block *b);
/* Make a block, unless another thread has. */
const struct cal_block *mc_calendar_block(
    const struct mc_calendar *cal, int index);

static inline const struct cal_block *
cal_block(const struct mc_calendar *cal, int index)
{
	const struct cal_block *b =
	    atomic_load_explicit(&cal->block[index], memory_order_acquire);

	return __builtin_expect(b != NULL, 1) ? b
					      : mc_calendar_block(cal, index);
}

/*
 * The day of an instant by one division, with its block; false when that
 * does not settle it: near midnight where the offset is another than
 * today's, on a day in which the clock is moved, outside the range, or
 * before the block has been made.
 */
static inline bool
cal_day_of(const struct mc_calendar *cal, int64_t ms,
    const struct cal_block **block, const struct cal_day **day)
{
	uint64_t i = ((uint64_t)ms - (uint64_t)cal->base) / MC_MS_DAY;

	if (__builtin_expect(i >= CAL_DAYS, 0))
		return false;
	*block = atomic_load_explicit(
	    &cal->block[i >> CAL_SHIFT], memory_order_acquire);
	if (__builtin_expect(*block == NULL, 0))
		return false;
	*day = &(*block)->day[i & (CAL_BLOCK - 1)];
	return __builtin_expect(
		   (uint64_t)ms - (uint64_t)(*day)->midnight < MC_MS_DAY, 1) &&
	       __builtin_expect((*day)->plain, 1);
}

/* An instant of a day, or the edge it is beyond. */
static inline int32_t
cal_within(int32_t at, int32_t from, int32_t to)
{
	at = at < from ? from : at;
	return at > to ? to : at;
}

/* Where an instant is: in which even block, on which day of it, when. */
struct cal_spot {
	const struct cal_even *in;
	uint32_t day;
	int32_t ms; /* after midnight */
};

/* False where that is no even block, or one that is not made yet. */
static inline bool
cal_spot(const struct mc_calendar *cal, int64_t at, struct cal_spot *out)
{
	uint64_t ms = (uint64_t)at - (uint64_t)cal->base, day = ms / MC_MS_DAY;

	if (__builtin_expect(day >> CAL_SHIFT >= CAL_BLOCKS, 0))
		return false;
	out->in = atomic_load_explicit(
	    &cal->even[day >> CAL_SHIFT], memory_order_acquire);
	out->day = day & (CAL_BLOCK - 1);
	out->ms = (int32_t)(ms - day * MC_MS_DAY);
	return __builtin_expect(out->in != NULL, 1);
}

static inline bool
cal_even_alike(const struct cal_even_office *a, const struct cal_even_office *b)
{
	return a->open == b->open && a->close == b->close &&
	       a->rest == b->rest && a->rest_to == b->rest_to;
}

/* The even block after one, or NULL. */
static inline const struct cal_even *
cal_even_next(const struct mc_calendar *cal, const struct cal_even *e)
{
	int index = ((e->first - MC_DAY_MIN) >> CAL_SHIFT) + 1;

	return index == CAL_BLOCKS ? NULL
				   : atomic_load_explicit(&cal->even[index],
					 memory_order_acquire);
}

/* Open ms of a block that are over at an instant of a simple day. */
static inline int64_t
cal_spent(const struct cal_day *d, int64_t ms)
{
	int32_t at = (int32_t)(ms - d->midnight);

	return d->work_to + (cal_within(at, d->open, d->close) - d->open) -
	       (cal_within(at, d->rest, d->rest_to) - d->rest);
}

#endif
