/*
 * elapsed.h - what of the open dossiers has run out by now (expiry.h).
 *
 * A service.  Steps expire by the definition that the dossier is pinned to,
 * which stands in the database; what waits for papers goes by the policy of
 * that; what was never received by the version in force today.  Calendars and
 * units are the rulebook's of today, as for deadlines.  It costs what is open:
 * the log is read only of those whose clock has stood still since.
 */
#ifndef MOTCUA_ELAPSED_H
#define MOTCUA_ELAPSED_H

#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/expiry.h>
#include <motcua/fold.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>

struct mc_elapsed;

enum mc_elapsed_what {
	MC_ELAPSED_STEP,       /* a step expires */
	MC_ELAPSED_SUPPLEMENT, /* papers have not come */
	MC_ELAPSED_ANSWER      /* an online submission is not answered */
};

struct mc_elapsed_row {
	int64_t id;
	int32_t procedure, unit, version;
	enum mc_status status;
	enum mc_elapsed_what what;
	int32_t step; /* the store's; MC_NOID unless a step */
	/* Where it goes: a step's id, a status's name; NULL: for people. */
	const char *to;
	struct mc_term after;
	int64_t since;
	struct mc_due end;
	const char *basis;  /* of law; or NULL */
	const char *commit; /* that the rule is from */
	const char *path;   /* the definition's; NULL: rulebook.json */
	int at;             /* index of the step in it, or -1 */
};

/* The rulebook is borrowed. */
struct mc_elapsed *mc_elapsed_new(
    struct mc_store *s, struct mc_rulebook *rb, int64_t now);
void mc_elapsed_free(struct mc_elapsed *e);
/* The rulebook has been refreshed, or another moment is now. */
void mc_elapsed_forget(struct mc_elapsed *e, int64_t now);

/* Look at this dossier (else at all): 1, -1 as mc_asked_add(). */
int mc_elapsed_add(
    struct mc_elapsed *e, struct mc_str code, struct mc_err *err) MC_MUST_CHECK;
/*
 * The next of them, in the order of ids and steps.  1, 0, -1.  Texts in it are
 * borrowed as long as store and rulebook.
 */
int mc_elapsed_next(struct mc_elapsed *e, struct mc_elapsed_row *row,
    struct mc_err *err) MC_MUST_CHECK;
int64_t mc_elapsed_seen(const struct mc_elapsed *e); /* dossiers looked at */

/*
 * The same of one dossier as loaded: of that step, or (MC_NOID) of what it
 * waits for otherwise.  1; 0: nothing has run out there; -1.
 */
int mc_elapsed_case(struct mc_elapsed *e, const struct mc_case *c, int32_t step,
    struct mc_elapsed_row *row, struct mc_err *err) MC_MUST_CHECK;

/* Append where the rule stands: "procedures/.../x.json#/steps/3/expires". */
void mc_elapsed_rule(struct mc_buf *b, const struct mc_elapsed_row *row);

#endif
