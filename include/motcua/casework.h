/*
 * casework.h - actions on dossiers in the database: a batch of them is one
 * transaction.
 *
 * A service: loads each dossier, lets workflow.h decide by the dossier's
 * pinned definition and the rulebook's present units and calendars, appends
 * the events and saves the rows.  Nothing is read or written here while the
 * transaction is open except the database and the rulebook.
 */
#ifndef MOTCUA_CASEWORK_H
#define MOTCUA_CASEWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/store.h>
#include <motcua/workflow.h>

#define MC_MOVES 1000 /* dossiers of a batch, at most, as route(1) makes them */

enum mc_result { MC_R_DONE, MC_R_UNCHANGED, MC_R_REFUSED };
const char *mc_result_name(enum mc_result r);

/*
 * What became of one dossier.  `code` is the caller's at first, and lives until
 * the batch is done; where it was an alias it is the dossier's own afterwards,
 * which lives, as the other texts, until the next batch (p is NULL where there
 * is none).  Several steps, units or officers are joined by "+".
 */
struct mc_move {
	struct mc_str code;
	enum mc_result result;
	struct mc_str from_step, to_step, from_unit, to_unit, officer;
	enum mc_status status; /* as it is afterwards; NONE: no such dossier */
	int64_t due_at;
	int32_t version;
	struct mc_str why;   /* JSON */
	char error_id[20];   /* "E_STATE"; empty unless refused */
	struct mc_str error; /* "E_STATE: finish is not for ..." */
	struct mc_str advice;
	char warning_id[20]; /* it was done all the same; empty: none */
	struct mc_str warning;
	struct mc_due due;

	/* What it was before. */
	int64_t id;
	int32_t procedure, unit;
	enum mc_status was_status;
	int32_t was_version;
	struct mc_due was_due;
};

struct mc_casework;

/* The store (write mode, actor set) is borrowed. */
struct mc_casework *mc_casework_new(struct mc_store *s);
void mc_casework_free(struct mc_casework *w);

/*
 * Do one action to n dossiers in their order, and commit; with dry_run roll
 * back instead.  A refused dossier does not hold up the others.  -1 is
 * trouble, and nothing has happened: MC_EBUSY, MC_EDB, MC_EDAMAGED, a rulebook
 * that cannot be read ...
 *
 * now: the present.  For a dossier whose last change was recorded later (the
 * clock has gone back, or --now lies in the past) that change is its present,
 * so that time never runs backwards in it.
 */
int mc_casework_batch(struct mc_casework *w, const struct mc_request *req,
    int64_t now, bool dry_run, struct mc_move *move, size_t n,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- one by one, in somebody else's transaction ---- */

/* Before it begins, with an action that will be done in it. */
int mc_casework_open(struct mc_casework *w, enum mc_action action,
    struct mc_err *err) MC_MUST_CHECK;
int mc_casework_begin(struct mc_casework *w, struct mc_err *err) MC_MUST_CHECK;
/* After it: was it committed? */
void mc_casework_end(struct mc_casework *w, bool committed);

/*
 * Do one action to one dossier, unless it has another version (E_STALE), or
 * accept() finds that what would come of it (*would, as it would be told) is
 * not what is wanted: then it says why (MC_EREFUSED) and returns -1, and the
 * dossier is refused.
 */
struct mc_wanted {
	int32_t version;
	int (*accept)(
	    void *arg, const struct mc_move *would, struct mc_err *why);
	void *arg;
};
int mc_casework_one(struct mc_casework *w, const struct mc_request *req,
    const struct mc_wanted *wanted, int64_t now, struct mc_move *move,
    struct mc_err *err) MC_MUST_CHECK;

#endif
