/*
 * when.h - instants, days, zones, and how people write them.
 *
 * An instant is int64_t milliseconds since 1970-01-01T00:00:00Z.  A day is
 * int32_t days since 1970-01-01 in the zone in use (proleptic Gregorian).
 * Minutes of a day count from local midnight.  Years 1900 to 2199 are
 * accepted; whatever lies outside is refused with E_DATE, instants also where
 * they are outside in UTC only (1900-01-01 00:00 in Asia/Ho_Chi_Minh).
 */
#ifndef MOTCUA_WHEN_H
#define MOTCUA_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_NEVER INT64_MIN  /* no instant */
#define MC_NODAY INT32_MIN  /* no day */
#define MC_DAY_MIN (-25567) /* 1900-01-01 */
#define MC_DAY_MAX 84005    /* 2199-12-31 */
#define MC_MS_DAY INT64_C(86400000)

struct mc_zone; /* opaque; immutable to its users */

/*
 * Open a zone of the system's tz database ("Asia/Ho_Chi_Minh"), or "UTC".
 * The rules are glibc's, so TZ is set in the environment whenever a part of
 * the table is made (a stretch of about a year, when first needed); after
 * that a conversion is a look-up.  Several zones may be open, and threads
 * may share one.  MC_EDATA/E_ZONE when it is unknown.
 */
int mc_zone_open(
    struct mc_zone **out, const char *name, struct mc_err *err) MC_MUST_CHECK;
void mc_zone_free(struct mc_zone *zone);
const char *mc_zone_name(const struct mc_zone *zone);

/*
 * Offset from UTC in seconds in force at that instant (UTC+7 is 25200);
 * beyond the supported years, the one at the edge.
 */
int32_t mc_zone_offset(const struct mc_zone *zone, int64_t ms);

/*
 * The instant of a local wall-clock time, `ms_of_day` after local midnight
 * as the clock shows it.  A time that does not exist moves forward by the
 * gap, one that exists twice is the first (DESIGN 3).
 */
int64_t mc_zone_instant(
    const struct mc_zone *zone, int32_t day, int64_t ms_of_day);

/* Of an instant far outside the supported years: some day outside them. */
int32_t mc_zone_day(const struct mc_zone *zone, int64_t ms);
int64_t mc_zone_ms_of_day(const struct mc_zone *zone, int64_t ms);

/* Days and civil dates.  mc_day_of returns MC_NODAY for 2025-02-29. */
int32_t mc_day_of(int year, int month, int day);
void mc_day_civil(int32_t day, int *year, int *month, int *dom);
int mc_day_weekday(int32_t day); /* 0 Monday ... 6 Sunday */

/* "2024-02-05" exactly; MC_NODAY otherwise. */
int32_t mc_day_parse(struct mc_str s);
void mc_day_put(struct mc_buf *b, int32_t day);       /* 2024-02-05 */
void mc_day_put_human(struct mc_buf *b, int32_t day); /* 05/02/2024 */
/* The same as mc_day_put() into p, not terminated; their number. */
size_t mc_day_text(char *p, int32_t day);

/* "07:30" exactly, to "24:00": minutes of the day; -1 otherwise. */
int32_t mc_minute_parse(struct mc_str s);

/*
 * RFC 3339, or YYYY-MM-DD[ HH:MM[:SS[.fff]]] in the zone ('T' or a space).
 * Fractions finer than a millisecond are cut, and *cut (may be NULL) says
 * whether anything but zeros was.  *day_only (may be NULL) says whether it
 * is a date alone, whose instant is local midnight.  There is no second 60
 * and no hour 24.  MC_EUSAGE/E_DATE names the text.
 */
int mc_time_parse(int64_t *out, struct mc_str s, const struct mc_zone *zone,
    bool *day_only, bool *cut, struct mc_err *err) MC_MUST_CHECK;

/*
 * By a strptime-like format: %Y %m %d %H %M %S %y(2-digit: 1970..2069) %f
 * (1 to 9 digits) %z (Z, +07, +0700, +07:00) %% and literal text; %d %m %H
 * take one or two digits.  Returns false when the text does not fit or the
 * date does not exist; nothing else is guessed.  *day_only is set when the
 * format has no %H.  On false the out-pointers are left alone.
 */
bool mc_time_scan(int64_t *out, struct mc_str s, const char *format,
    const struct mc_zone *zone, bool *day_only, bool *cut);

/* The same by "%Y-%m-%d %H:%M:%S" with all its digits, quickly. */
bool mc_time_usual(int64_t *out, struct mc_str s, const struct mc_zone *zone);

/*
 * Is it a format mc_time_scan can use: no other conversion, none twice,
 * year, month and day there, no minute without an hour and so on?
 */
bool mc_time_format_ok(const char *format);

/* Milliseconds are written only where they are not zero.  Not MC_NEVER. */
void mc_time_put(struct mc_buf *b, int64_t ms,
    const struct mc_zone *zone);                    /* ...T10:20:00+07:00 */
void mc_time_put_utc(struct mc_buf *b, int64_t ms); /* ...T03:20:00Z */
#define MC_TIME_TEXT 32
/* The same into MC_TIME_TEXT bytes, not terminated; how many were used. */
size_t mc_time_text_utc(char *p, int64_t ms);
void mc_time_put_human(struct mc_buf *b, int64_t ms,
    const struct mc_zone *zone); /* 05/02/2024 10:20 */

#endif
