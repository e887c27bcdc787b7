/*
 * calendar_internal.h - what the files of calendar share, and deadline's
 * shortest path.
 *
 * Days stand in blocks of 1024, each made when it is first needed.  A block
 * has three views of the same days, so that every question is a look-up:
 * the days in order (by date), the worked days in order (by count), and the
 * pieces of open time in order (by instant, and by amount).
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

struct cal_worked {
	int64_t close; /* instant of the last closing */
	int32_t day;
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
	struct cal_worked worked[CAL_BLOCK];
	struct cal_day day[CAL_BLOCK + 1]; /* one more, for the sums */
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
};

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

/* The block after one; NULL when there is none, or not yet. */
static inline const struct cal_block *
cal_next(const struct mc_calendar *cal, const struct cal_block *b)
{
	int index = ((b->first - MC_DAY_MIN) >> CAL_SHIFT) + 1;

	return index == CAL_BLOCKS ? NULL
				   : atomic_load_explicit(&cal->block[index],
					 memory_order_acquire);
}

/* Ms from `from` to an instant of a day, none before and none after `to`. */
static inline int32_t
cal_part(int32_t at, int32_t from, int32_t to)
{
	at = at < from ? from : at;
	at = at > to ? to : at;
	return at - from;
}

/* Open ms of a block that are over at an instant of a simple day. */
static inline int64_t
cal_spent(const struct cal_day *d, int64_t ms)
{
	int32_t at = (int32_t)(ms - d->midnight);

	return d->work_to + (cal_part(at, d->open, d->close) -
				cal_part(at, d->rest, d->rest_to));
}

#endif
