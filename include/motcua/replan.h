/*
 * replan.h - dues by other calendars than those they were counted with.
 *
 * A service: what open dossiers would be due by a revision of the rulebook
 * (mc_replan), and making that the due in force (mc_apply).  Each dossier
 * stays under the definition and policy that it is pinned to; calendars and
 * the units that choose them are the revision's (DESIGN 2).  A dossier that
 * is not open is not looked at, and never changed.
 */
#ifndef MOTCUA_REPLAN_H
#define MOTCUA_REPLAN_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/casework.h>
#include <motcua/err.h>
#include <motcua/redue.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/watch.h>

struct mc_replan;

/*
 * The rulebook, opened at the revision meant, is borrowed.  now: the present,
 * for states and for which line of units.csv holds.
 */
struct mc_replan *mc_replan_new(
    struct mc_store *s, struct mc_rulebook *rb, int64_t now);
void mc_replan_free(struct mc_replan *r);
/* The rulebook has been refreshed: what was kept of it no longer counts. */
void mc_replan_forget(struct mc_replan *r, int64_t now);

/* A due by the revision, and the calendar it was counted with. */
struct mc_replan_due {
	struct mc_due due;
	bool given; /* named by somebody, or counted from such a one */
	const char *calendar; /* "office"; borrowed, as long as the rulebook */
	const char *blob;
	int32_t known_until; /* of the calendar; MC_NODAY */
};

/*
 * The due of a received dossier that is pinned.  MC_EDATA/E_RANGE where it
 * would lie beyond the years supported; what rulebook.h and the store say.
 */
int mc_replan_case(struct mc_replan *r, const struct mc_case *c,
    struct mc_replan_due *out, struct mc_err *err) MC_MUST_CHECK;
/* The same, had it always been under that version of its procedure. */
int mc_replan_as(struct mc_replan *r, const struct mc_case *c,
    const struct mc_version *v, struct mc_replan_due *out,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The due counted anew from the receipt by that version, whatever was
 * promised: what a `rescheduled` that says its blob makes of it (redue.h).
 */
int mc_replan_anew(struct mc_replan *r, const struct mc_case *c,
    const struct mc_version *v, struct mc_replan_due *out,
    struct mc_err *err) MC_MUST_CHECK;

/* An open dossier that was received. */
struct mc_replan_row {
	int64_t id;
	int32_t procedure, unit, pin, version;
	int64_t received_at;
	enum mc_status status;
	struct mc_due due; /* in force */
	struct mc_replan_due now;
	bool differs;
	enum mc_state state, new_state; /* overdue, in-time or paused */
};

/* Look at this dossier (else at all): 1; 0 it is not open and pinned; -1. */
int mc_replan_add(
    struct mc_replan *r, struct mc_str code, struct mc_err *err) MC_MUST_CHECK;
/*
 * The next one, each once, in the order of ids: codes of the standard shape
 * by day, agency and number.  1, 0, -1.  Text in it is borrowed as long as
 * the rulebook, the row until the next.
 */
int mc_replan_next(struct mc_replan *r, const struct mc_replan_row **row,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * The same of a row that the caller has read: what is in force of it, and its
 * flags (store.h).
 */
int mc_replan_row(struct mc_replan *r, const struct mc_replan_row *in,
    int flags, const struct mc_replan_row **row,
    struct mc_err *err) MC_MUST_CHECK;
/* The row's dossier, loaded. */
int mc_replan_load(struct mc_replan *r, const struct mc_case **c,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- making it so ---- */

#define MC_APPLY_BATCH 16384 /* lines of a batch, at most */

struct mc_apply;

/* The store (write mode, actor set) is borrowed. */
struct mc_apply *mc_apply_new(struct mc_store *s);
void mc_apply_free(struct mc_apply *a);

/*
 * A line of a plan (motcua.plan/1, `reschedule`, `rehome` or `repin`): taken, or -1 with MC_EDATA and its place
 * (E_JSON, E_LIMIT, E_UTF8 ... as json.h; E_FIELD: a member is missing or no
 * such value; E_CODE), and the caller may go on; or MC_EREFUSED/E_DRY_RUN.
 */
int mc_apply_line(struct mc_apply *a, const char *file, int64_t number,
    struct mc_str line, struct mc_err *err) MC_MUST_CHECK;
size_t mc_apply_waiting(const struct mc_apply *a);

/*
 * Do what is waiting, in one transaction; with dry_run roll back.  -1 is
 * trouble, and nothing has happened.  A line is refused with
 *   E_DOSSIER  there is no such dossier
 *   E_STATE    it is not open any more: what is finished never changes
 *   E_STALE    it has changed since the plan was made
 *   E_PLAN     the rules now give another due than the plan says; the
 *              dossier is not where the plan says; nobody has decided; what
 *              it takes back was not done last
 *   E_UNIT     the unit it goes to is none, or none of today
 *   E_STEP     an open step is none of the version it goes to
 *   E_REV      the commit it goes to is not in the rulebook for good
 *   E_VERSION  and what else rulebook.h says of that commit
 * and is `unchanged` when what it says is so already.
 */
int mc_apply_batch(struct mc_apply *a, int64_t now, bool dry_run,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * What became of line i of the batch, until the next line is taken; its
 * place for messages.  false at the end.
 */
bool mc_apply_result(struct mc_apply *a, size_t i, struct mc_move *out,
    const char **file, int64_t *line);
/* "reschedule", "rehome" or "repin". */
const char *mc_apply_action(const struct mc_apply *a, size_t i);

/*
 * A line of the plan that takes back what one of the lines waiting has done:
 * the same members, said the other way round.
 */
struct mc_undo_place {
	const char *step; /* NULL: the dossier */
	const char *from;
	const char *to; /* NULL: it was with the unit that received it */
};
struct mc_migration_row;
struct mc_undo {
	int64_t id;
	int32_t procedure, unit, version;
	enum mc_status status;
	const struct mc_undo_place *place;
	int places;
	/* Of a move to another version: back to this one.  Else NULL. */
	const struct mc_migration_row *row;
	const struct mc_pin *to;
};
/*
 * What would undo the lines waiting, which are forgotten: undo(arg, ...) for
 * each that was done and whose dossier has not changed since; *waiting counts
 * those that were not done.  Only moves to other units and other versions can
 * be undone.  now: the present, for states.  Of
 * each other line found() is told why not: E_DOSSIER, E_STATE, E_STALE as
 * above, and E_PLAN for what is not undone like this.  -1 is trouble.
 */
int mc_apply_undo(struct mc_apply *a, int64_t now,
    void (*undo)(void *arg, const struct mc_undo *u),
    void (*found)(void *arg, const struct mc_err *why), void *arg,
    int64_t *waiting, struct mc_err *err) MC_MUST_CHECK;

#endif
