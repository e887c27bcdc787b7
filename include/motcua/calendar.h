/*
 * calendar.h - working time of an agency, with O(1) arithmetic.
 *
 * Pure.  A calendar is built from the JSON of DESIGN 3 and a zone; for each
 * stretch of 1024 days, when first needed, it makes a table with prefix sums
 * of working days and working milliseconds, so that adding and counting cost
 * a few look-ups at any distance.  Minutes of a day are wall-clock; a day
 * whose hours a change of the clock leaves no moment of is a day off.
 * Threads may share a calendar.
 */
#ifndef MOTCUA_CALENDAR_H
#define MOTCUA_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/json.h>
#include <motcua/when.h>

struct mc_calendar; /* immutable to its users */

#define MC_CALENDAR_SPANS 8 /* open spans in a day, at most */

struct mc_span {
	int32_t from, to; /* minutes after local midnight, from < to <= 1440 */
};

/* Why a day is as it is: for traces.  Text borrowed from the calendar. */
struct mc_day_info {
	bool working;
	bool make_up;      /* a listed working day */
	bool off_listed;   /* a listed day off (not merely a weekend) */
	const char *name;  /* "Tết Nguyên đán", or NULL */
	const char *basis; /* the notice, or NULL */
	const struct mc_span *span;
	int spans;
};

/*
 * From a parsed and a textual form of the same document (the text gives
 * places in messages; `name` is its path).  The zone must outlive the
 * calendar, doc and text need not.  The first error that lint would find is
 * the error here, all MC_EDATA:
 *   E_CALENDAR  spans that overlap, are empty, out of order or no times; no
 *               open time in the whole week; a make-up day "as" a day off
 *   E_FIELD     a member that is unknown, missing or of the wrong type
 *   E_DATE      a date that does not exist or stands twice in its list
 *   E_ZONE      another zone than the rulebook's
 */
int mc_calendar_new(struct mc_calendar **out, const char *name,
    const struct mc_json *doc, struct mc_str text, const struct mc_zone *zone,
    struct mc_err *err) MC_MUST_CHECK;
void mc_calendar_free(struct mc_calendar *cal);

/*
 * All findings of the same document, one at a time through `found`; the
 * place is in err->where; warnings have ids that begin with "W_" (W_YEAR: a
 * year without days off between two that have some).
 */
void mc_calendar_lint(const char *name, const struct mc_json *doc,
    struct mc_str text, const struct mc_zone *zone,
    void (*found)(void *arg, const struct mc_err *finding), void *arg);

const char *mc_calendar_name(const struct mc_calendar *cal);
const struct mc_zone *mc_calendar_zone(const struct mc_calendar *cal);
int32_t mc_calendar_known_until(const struct mc_calendar *cal); /* MC_NODAY */
int64_t mc_calendar_day_ms(const struct mc_calendar *cal); /* nominal day */

struct mc_day_info mc_calendar_day(const struct mc_calendar *cal, int32_t day);
bool mc_calendar_working(const struct mc_calendar *cal, int32_t day);

/*
 * The n-th working day after `day` (n >= 1); n = 0: `day` itself if it is
 * working, else the next working day.  MC_NODAY beyond MC_DAY_MAX.
 */
int32_t mc_calendar_add_days(
    const struct mc_calendar *cal, int32_t day, int64_t n);
/* Working days in (from, to]; negative when to < from. */
int64_t mc_calendar_count_days(
    const struct mc_calendar *cal, int32_t from, int32_t to);

int64_t mc_calendar_open(const struct mc_calendar *cal, int32_t day);
int64_t mc_calendar_close(const struct mc_calendar *cal, int32_t day);
/* instants of first opening and last closing; MC_NEVER on a day off */

/*
 * The instant at which the clock shows `ms_of_day` on a day, brought into
 * its open time: to the next opening when before one or in a break, to the
 * last closing when after it.  A closing stays.  MC_NEVER on a day off.
 */
int64_t mc_calendar_clock(
    const struct mc_calendar *cal, int32_t day, int64_t ms_of_day);

/*
 * The instant itself when the office is open then, else the next opening.
 * MC_NEVER when there is none before the end of the range, and for instants
 * outside it, here and below.
 */
int64_t mc_calendar_next_open(const struct mc_calendar *cal, int64_t ms);
/* Office open at that instant (an opening is, a closing is not)? */
bool mc_calendar_is_open(const struct mc_calendar *cal, int64_t ms);

/*
 * The earliest instant by which `work` ms of open time after `from` are
 * spent: lands on a closing rather than the next opening (rule "left" of
 * the test data).  work = 0 gives `from` itself, moved to the next opening
 * when outside hours.  MC_NEVER beyond the range, or for negative work.
 */
int64_t mc_calendar_add_work(
    const struct mc_calendar *cal, int64_t from, int64_t work);
/* The same but the first working instant after it (rule "right"). */
int64_t mc_calendar_add_work_right(
    const struct mc_calendar *cal, int64_t from, int64_t work);
/*
 * Open ms in [from, to); negative when to < from.  Instants outside the range
 * count as its edge.
 */
int64_t mc_calendar_work_between(
    const struct mc_calendar *cal, int64_t from, int64_t to);

/*
 * Open spans of a day as instants, in order, at most MC_CALENDAR_SPANS; the
 * return value is how many.  Where the clock is moved they follow it.
 */
struct mc_open_span {
	int64_t from, to;
};
int mc_calendar_spans(
    const struct mc_calendar *cal, int32_t day, struct mc_open_span *out);

#endif
