/*
 * term.h - an amount of legal time: "15 working days", "0,25 ngày làm việc".
 *
 * Pure: no calendar, no clock.  People have hundreds of spellings; one
 * without a meaning is an error, never a guess.
 */
#ifndef MOTCUA_TERM_H
#define MOTCUA_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

enum mc_term_unit {
	MC_TERM_NONE,         /* "Không quy định": no limit, no due date */
	MC_TERM_SAME_DAY,     /* "same day", "trong ngày", "ngay khi nhận" */
	MC_TERM_WORKING_DAYS, /* ngày làm việc */
	MC_TERM_DAYS,         /* ngày: calendar days (Civil Code 147) */
	MC_TERM_WORKING_HOURS,   /* giờ (làm việc) */
	MC_TERM_WORKING_MINUTES, /* phút */
	MC_TERM_MONTHS           /* tháng: calendar months */
};

/* Thousandths, so that 0.25 days is exact: milli = 250. */
struct mc_term {
	enum mc_term_unit unit;
	int64_t milli; /* 0 for NONE and SAME_DAY; at most 10,000,000 */
};

/*
 * English or Vietnamese, any case, NFC or NFD, decimal point or comma,
 * leading zeros, surrounding space; an amount may be a fraction such as 1/2.
 * "Không quy định", "no limit", "none" and the empty text give MC_TERM_NONE.
 *
 * MC_EDATA/E_TERM with what was expected when it has no meaning: a bare
 * number, text, two amounts, negative, zero (say "same day", or leave it
 * empty), finer than a thousandth, a fraction of a month, English "hours"
 * that are not said to be working hours.  "1,500 days" and "1.500 ngày" are
 * refused too: the mark is the thousands' in one language and the decimal
 * one in the other.
 */
int mc_term_parse(
    struct mc_term *out, struct mc_str s, struct mc_err *err) MC_MUST_CHECK;

/*
 * Canonical English, which mc_term_parse reads back: "15 working days",
 * "1 day", "0.25 working days", "same day", "no limit".
 */
void mc_term_put(struct mc_buf *b, struct mc_term t);

#endif
