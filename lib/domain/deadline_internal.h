/*
 * deadline_internal.h - what the files of deadline share.
 */
#ifndef MOTCUA_DEADLINE_INTERNAL_H
#define MOTCUA_DEADLINE_INTERNAL_H

#include <motcua/deadline.h>

/* The same day n >= 0 months on, or the end of that month; MC_NODAY. */
int32_t mc_deadline_add_months(int32_t day, int64_t n);

/*
 * From March 1900 until February 2100 every fourth year is a leap year, and
 * its day is the last one.
 */
#define DEADLINE_MARCH (-25508) /* 1900-03-01 */
#define DEADLINE_MARCH_DAYS 73049

static inline uint32_t
deadline_years(uint32_t n)
{
	return n * 1461 / 4;
}

/* Days of the first n months from March on; of 12, not fewer than a year. */
static inline uint32_t
deadline_months(uint32_t n)
{
	return (n * 153 + 2) / 5;
}

/* The same as above, without a look at centuries where that is enough. */
static inline int32_t
deadline_add_months(int32_t from, int64_t n)
{
	uint32_t day = (uint32_t)from - (uint32_t)DEADLINE_MARCH, year, month;
	uint32_t to, end, year_end;

	if (day >= DEADLINE_MARCH_DAYS || n > DEADLINE_MARCH_DAYS / 31 ||
	    day + 31 * (uint32_t)n >= DEADLINE_MARCH_DAYS)
		return mc_deadline_add_months(from, n);
	year = (4 * day + 3) / 1461;
	day -= deadline_years(year);
	month = (5 * day + 2) / 153;
	day -= deadline_months(month);
	month += (uint32_t)n;
	year += month / 12;
	month %= 12;
	to = deadline_years(year) + deadline_months(month) + day;
	end = deadline_years(year) + deadline_months(month + 1);
	year_end = deadline_years(year + 1);
	end = end < year_end ? end : year_end;
	return DEADLINE_MARCH + (int32_t)(to < end ? to : end - 1);
}

/* The words of a policy, each list ended by NULL. */
extern const char *const mc_due_time_names[];
extern const char *const mc_late_intake_names[];
extern const char *const mc_pause_names[];
extern const char *const mc_verdict_rule_names[];

#endif
