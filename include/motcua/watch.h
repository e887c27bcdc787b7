/*
 * watch.h - who is late, who soon will be, and why a deadline is what it is.
 *
 * Reads only.  What is overdue or due soon is found by the index over open
 * dossiers: the cost is that of the answer.
 */
#ifndef MOTCUA_WATCH_H
#define MOTCUA_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/term.h>

enum mc_state { MC_OVERDUE, MC_DUE_SOON, MC_IN_TIME, MC_PAUSED };
#define MC_STATES 4
const char *mc_state_name(enum mc_state s); /* "due-soon" */
/* "overdue,due-soon" as bits (1 << state).  MC_EUSAGE/E_STATE. */
int mc_states_parse(
    unsigned *out, struct mc_str s, struct mc_err *err) MC_MUST_CHECK;

struct mc_watch_query {
	int64_t now;
	struct mc_term warn; /* due soon: due within this working time */
	unsigned states;     /* bits of enum mc_state */
	struct mc_str unit;  /* receiving unit with those below; p NULL: all */
	bool only;           /* only dossiers given by mc_watch_add() */
	bool steps;          /* open steps, each by its own limit */
	bool no_apology;     /* only dossiers late without an apology */
};

/* Was the applicant of a late dossier told?  (DOMAIN 1.2, form 04) */
enum mc_apology { MC_APOLOGY_NONE_DUE, MC_APOLOGY_GIVEN, MC_APOLOGY_OWED };

/* Text is borrowed until the next row. */
struct mc_watch_row {
	int64_t id;      /* the dossier's (store.h) */
	int32_t step_id; /* of query.steps; else MC_NOID */
	const char *code, *procedure, *title, *unit;
	const char *step, *officer; /* parallel ones joined by '+'; or NULL */
	enum mc_status status;
	int64_t received_at, due_at; /* with query.steps the step's due */
	bool provisional;
	enum mc_state state;
	int64_t late_days;
	bool has_due;         /* else left_minutes means nothing */
	int64_t left_minutes; /* working time; negative when late */
	enum mc_apology apology;
	const char *holder;     /* of query.steps: the unit that has it */
	int64_t dossier_due_at; /* of query.steps */
};

struct mc_watch;

/* E_UNIT as scope.h.  Borrows the store; the rulebook is opened into *rb
 * when the answer needs a calendar. */
int mc_watch_open(struct mc_watch **out, struct mc_store *s,
    struct mc_rulebook **rb, const struct mc_watch_query *q,
    struct mc_err *err) MC_MUST_CHECK;
void mc_watch_free(struct mc_watch *w);

/*
 * Look at this dossier too (query.only): 1 it (a step of it) will be listed,
 * 0 it is in another state, or closed; -1 (MC_ENOTFOUND/E_DOSSIER: there is
 * none).
 */
int mc_watch_add(
    struct mc_watch *w, struct mc_str code, struct mc_err *err) MC_MUST_CHECK;

/*
 * The next one, by due, those without one last, ties by code, then step: 1,
 * 0, -1.  Steps are judged by the instant (DOMAIN 4.3); one whose dossier is
 * paused is paused.
 */
int mc_watch_next(struct mc_watch *w, const struct mc_watch_row **row,
    struct mc_err *err) MC_MUST_CHECK;

/* Instead of mc_watch_next(): how many there are. */
enum mc_watch_by { MC_WATCH_UNIT, MC_WATCH_PROCEDURE, MC_WATCH_OFFICER };
struct mc_watch_count {
	const char *key; /* NULL: nobody has it */
	enum mc_state state;
	int64_t count;
};
/*
 * By key, then state; none that is 0.  A dossier in the hands of several
 * officers counts for each.  Borrowed until free.
 */
int mc_watch_counts(struct mc_watch *w, enum mc_watch_by by,
    const struct mc_watch_count **out, size_t *n,
    struct mc_err *err) MC_MUST_CHECK;

/* Instead of both: what a monitoring system wants to know. */
struct mc_watch_sum {
	const char *unit; /* that received them; NULL: all together */
	int64_t n[MC_STATES];
	int64_t provisional; /* of these: deadlines that may yet move */
	int64_t no_apology;  /* late without one */
	int64_t late_days;   /* of the latest */
	int64_t late_ms;     /* since its due instant */
};
/* By unit, those with any; the last is all together.  Borrowed until free. */
int mc_watch_sums(struct mc_watch *w, const struct mc_watch_sum **out,
    size_t *n, struct mc_err *err) MC_MUST_CHECK;

/* ---- can the answer be right? ---- */

struct mc_watch_known {
	const char *calendar;
	int32_t until; /* MC_NODAY: it does not say */
};
struct mc_watch_health {
	int64_t last_at; /* of the log's last event */
	bool stale;      /* that is longer ago than the term */
	/* The default calendar, then those that units or procedures name. */
	const struct mc_watch_known *known;
	size_t nknown;
	const struct mc_watch_known *over; /* one that now is beyond, or NULL */
};
/* stale: by the default calendar; MC_TERM_NONE: never.  Borrowed. */
int mc_watch_health(struct mc_watch *w, struct mc_term stale,
    struct mc_watch_health *out, struct mc_err *err) MC_MUST_CHECK;

/* ---- why ---- */

/*
 * One line of an explanation.  kind is that of deadline.h's trace ("start",
 * "skip", "count", "make-up", "work", "roll", "due", "pause", "restart",
 * "provisional"), the kind of the event that begins a part ("received",
 * "paused", "resumed", "extended", ...), or
 *   procedure  name; rule: its limit; commit, path, blob it is pinned to
 *   policy     name: all of it; rule: what differs from the default, as JSON
 *   calendar   name; commit, blob of today's
 *   given      to, day: the due was given, not computed
 *   computed   to, day: what it would have been by the limit, in rule
 *   differs    from: the due in force then; to: what it would be today;
 *              blob: the calendar's it was computed with
 *   recompute  from: the due in force; to, day: what `route plan --recompute`
 *              would make of it; rule: later, earlier, provisional, or no
 *              longer provisional; name, blob of the calendar
 *   no-apology n: it is (was finished) so many days late, and nobody has
 *              apologised
 *   in-force   to, day: the due now; rule: the dossier's state; the last line
 * Of a due that somebody has set, from is the one before.
 * A member without a value is NULL, MC_NEVER, MC_NODAY or -1.
 */
struct mc_explain {
	const char *kind;
	int32_t day;
	int64_t n;
	int64_t from, to;
	int64_t amount; /* ms of working time, or days */
	const char *name, *basis, *rule;
	const char *commit, *path, *blob;
};
typedef void mc_explain_fn(void *arg, const struct mc_explain *line);

/* MC_ENOTFOUND/E_DOSSIER.  Needs the rulebook for its calendars. */
int mc_watch_explain(struct mc_store *s, struct mc_rulebook **rb,
    struct mc_str code, int64_t now, mc_explain_fn *line, void *arg,
    struct mc_err *err) MC_MUST_CHECK;

#endif
