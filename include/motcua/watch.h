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
};

/* Text is borrowed until the next row. */
struct mc_watch_row {
	const char *code, *procedure, *title, *unit;
	const char *step, *officer; /* parallel ones joined by '+'; or NULL */
	enum mc_status status;
	int64_t received_at, due_at;
	bool provisional;
	enum mc_state state;
	int64_t late_days;
	bool has_due;         /* else left_minutes means nothing */
	int64_t left_minutes; /* working time; negative when late */
};

struct mc_watch;

/* E_UNIT as scope.h.  Borrows the store; the rulebook is opened into *rb
 * when the answer needs a calendar. */
int mc_watch_open(struct mc_watch **out, struct mc_store *s,
    struct mc_rulebook **rb, const struct mc_watch_query *q,
    struct mc_err *err) MC_MUST_CHECK;
void mc_watch_free(struct mc_watch *w);

/*
 * Look at this dossier too (query.only): 1 it will be listed, 0 it is in
 * another state, or closed; -1 (MC_ENOTFOUND/E_DOSSIER: there is none).
 */
int mc_watch_add(
    struct mc_watch *w, struct mc_str code, struct mc_err *err) MC_MUST_CHECK;

/* The next one, by due, those without one last, ties by code: 1, 0, -1. */
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

/* ---- why ---- */

/*
 * One line of an explanation.  kind is that of deadline.h's trace ("start",
 * "skip", "count", "make-up", "work", "roll", "due", "pause", "restart",
 * "provisional"), the kind of the event that begins a part ("received",
 * "paused", "resumed", "extended", ...), or
 *   procedure  name; rule: its limit; commit, path, blob it is pinned to
 *   policy     rule: what differs from the default policy, as JSON
 *   calendar   name; commit, blob of today's
 *   given      the due was given, not computed
 *   differs    from: the due in force then; to: what it would be today;
 *              blob: the calendar's it was computed with
 *   in-force   to, day: the due now; rule: the dossier's state
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
