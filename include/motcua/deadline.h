/*
 * deadline.h - when an answer is due, and why: DESIGN 3, DOMAIN 4.5.
 *
 * Pure: a function of policy, calendar, term and instants.  A due is a pair:
 * the due day (verdicts, roll-ups) and the instant.
 */
#ifndef MOTCUA_DEADLINE_H
#define MOTCUA_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/calendar.h>
#include <motcua/term.h>

enum mc_due_time { MC_DUE_END_OF_DAY, MC_DUE_SAME_TIME, MC_DUE_MIDNIGHT };
enum mc_late_intake { MC_INTAKE_NEXT_WORKING_DAY, MC_INTAKE_AS_IS };
enum mc_pause_rule {
	MC_PAUSE_EXTEND,
	MC_PAUSE_EXTEND_CALENDAR,
	MC_PAUSE_RESTART,
	MC_PAUSE_NONE
};
enum mc_verdict_rule { MC_VERDICT_DATE, MC_VERDICT_INSTANT };
/* What becomes of a received dossier whose papers did not come. */
enum mc_lapse { MC_LAPSE_WITHDRAW, MC_LAPSE_STOP };

struct mc_policy {
	enum mc_due_time due_time;
	enum mc_late_intake late_intake;
	enum mc_pause_rule pause;
	enum mc_verdict_rule verdict;
	int32_t cutoff;           /* minutes of the day; -1: none */
	int32_t extensions;       /* how often at most; default 1 */
	bool extend_after_expiry; /* default false */
	/* Of what waits for somebody else (expiry.h); NONE: for ever. */
	struct mc_term answer;     /* an online submission */
	struct mc_term supplement; /* papers that were asked for */
	enum mc_lapse supplement_then;
};

extern const struct mc_policy mc_policy_default;

/*
 * Overlay a "deadline" object onto *p; members absent leave it alone, so
 * rulebook and procedure are applied in turn.  path is where the object
 * stands in the document ("deadline", or "" for the document itself).
 * MC_EDATA: E_FIELD for an unknown member, E_POLICY for a value that is
 * none; *p is then as it was.  A cutoff of "24:00" is none.
 */
int mc_policy_read(struct mc_policy *p, const struct mc_json *object,
    const char *name, struct mc_str text, const char *path,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * Canonical JSON of what differs from the default ("{}" when nothing), as it
 * is kept with a received dossier: without `answer`, which is over by then.
 */
void mc_policy_put(struct mc_buf *b, const struct mc_policy *p);
/* All of it in its own words: "due_time end-of-day, late_intake ...". */
void mc_policy_describe(struct mc_buf *b, const struct mc_policy *p);

struct mc_due {
	int32_t day;      /* MC_NODAY: no limit */
	int64_t at;       /* MC_NEVER: no limit */
	bool provisional; /* leans on a day after known_until */
};

/*
 * What happened, step by step, for --explain.  Strings are borrowed from
 * the calendar or static.  The sink is called in order; NULL: no trace.
 * Members without a meaning for a kind are MC_NODAY, MC_NEVER, 0 or NULL.
 * `rule` is the policy's word ("end-of-day", "extend"), "hours" for a due
 * without due_time, "days" or "months" for a COUNT that is one leap of n;
 * of a SKIP it is "day-off" or "weekend".
 */
enum mc_trace_kind {
	MC_TRACE_START,   /* from: given instant; to: where the clock starts */
	MC_TRACE_SKIP,    /* day: not counted; name, basis say why */
	MC_TRACE_COUNT,   /* day: counted as working day number n */
	MC_TRACE_MAKE_UP, /* as COUNT, a make-up day */
	MC_TRACE_WORK,    /* from..to: amount ms of open time walked */
	MC_TRACE_ROLL,    /* day: the day off it fell on; SKIPs follow */
	MC_TRACE_DUE,     /* to: the instant; day: the due day */
	MC_TRACE_PAUSE,   /* from..to paused; amount ms or n days added */
	MC_TRACE_RESTART, /* to: the limit starts anew */
	MC_TRACE_PROVISIONAL /* day: the calendar is known until then */
};
struct mc_trace {
	enum mc_trace_kind kind;
	int32_t day;
	int64_t n;
	int64_t from, to;
	int64_t amount;
	const char *name, *basis, *rule;
};
typedef void mc_trace_fn(void *arg, const struct mc_trace *line);

/*
 * The due of `term` counted from `start`.  MC_TERM_NONE gives no due.  A
 * result outside the supported years is MC_EDATA/E_RANGE.
 *
 *   n working days  the n-th after the day the clock starts on; n = 0 would
 *                   be that day itself, or the next working one
 *   n days, months  that many on (a month that is too short ends it), then
 *                   rolled off days off
 *   a fraction      its whole days as above with the clock time kept, then
 *                   the fraction of hours_per_day as open time from there
 *   hours, minutes  open time
 *   same day        close of the day of receipt when that is a working day
 *                   not over yet and before the cutoff, else of the next
 *                   working day; due_time and late_intake do not apply
 *
 * due_time does not apply to hours and fractions either.
 */
static inline int mc_deadline(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err) MC_MUST_CHECK;

/* Its two halves: what a few look-ups can tell, or false; and all the rest. */
bool mc_deadline_short(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start);
int mc_deadline_full(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err) MC_MUST_CHECK;

static inline int
mc_deadline(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err)
{
	if (trace == NULL && mc_deadline_short(out, p, cal, term, start))
		return 0;
	return mc_deadline_full(out, p, cal, term, start, trace, arg, err);
}

/*
 * A given date as a due: with day_only the instant is the policy's
 * due_time on that day (close of office; next working day's is NOT taken:
 * what was promised stays), else as given.  A date alone has no clock time,
 * so `same-time` is the close of office too; on a day off both are 24:00.
 * Never provisional: it leans on no calendar.
 */
struct mc_due mc_due_given(const struct mc_policy *p,
    const struct mc_calendar *cal, int64_t at, bool day_only);

/*
 * The due after a pause [from, to): `due` was in force when it began.
 * `limit` (MC_TERM_NONE: there is none) is what `restart` counts anew,
 * without one the old due is kept; and where due_time did not apply to it,
 * it does not apply here.  `extend` with `same-time` is due at the instant
 * reached.  A pause of no working time (of no calendar day) changes
 * nothing, nor does one that began after the due day (after the due, where
 * the verdict is by instant): lateness never shrinks.
 */
int mc_deadline_resume(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term limit, struct mc_due due,
    int64_t from, int64_t to, mc_trace_fn *trace, void *arg,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The due moved by a further term, counted from the due now in force, whose
 * day is day 0.  MC_EREFUSED/E_TERM without a due, or for a term that is no
 * amount.
 */
int mc_deadline_extend(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_due due, struct mc_term by,
    mc_trace_fn *trace, void *arg, struct mc_err *err) MC_MUST_CHECK;

enum mc_verdict { MC_V_NONE, MC_V_EARLY, MC_V_ON_TIME, MC_V_LATE };
const char *mc_verdict_name(enum mc_verdict v);  /* "on-time"; NULL for NONE */
struct mc_str mc_verdict_str(enum mc_verdict v); /* the same */

/*
 * Early: before the due day.  Late: after it, or with MC_VERDICT_INSTANT
 * after the due instant.  On time: the rest, and whatever has no due (DOMAIN
 * 4.5).  NONE when finished_at is MC_NEVER.
 */
enum mc_verdict mc_verdict(enum mc_verdict_rule rule, struct mc_due due,
    int64_t finished_at, const struct mc_zone *zone);
/* Open and past its due at `now`? */
bool mc_overdue(enum mc_verdict_rule rule, struct mc_due due, int64_t now,
    const struct mc_zone *zone);
/*
 * The first day at whose end an open dossier with this due is overdue: the
 * day a roll-up's +1 is posted on.  MC_NODAY without a due.
 */
int32_t mc_overdue_day(
    enum mc_verdict_rule rule, struct mc_due due, const struct mc_zone *zone);
/* Calendar days past the due day, at least 0. */
int64_t mc_late_days(struct mc_due due, int32_t day);

#endif
