/*
 * workflow.h - what an action does to a dossier: DESIGN 1.2 (route), DOMAIN
 * 3.1.
 *
 * Pure: a function of the rules, the dossier's state, the action and the
 * present, whose value is events or a refusal.  Nothing is changed here; the
 * caller appends the events and folds them (fold.h).
 */
#ifndef MOTCUA_WORKFLOW_H
#define MOTCUA_WORKFLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/calendar.h>
#include <motcua/condition.h>
#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/expiry.h>
#include <motcua/fold.h>
#include <motcua/procedure.h>
#include <motcua/term.h>
#include <motcua/units.h>

#define MC_SETS 64         /* --set of one request */
#define MC_REASON_MAX 4000 /* bytes */
#define MC_OFFICER_MAX 64  /* bytes of an officer's id */

/* clang-format off */
#define MC_ACTIONS(X) \
	X(RECEIVE, "receive")       X(START, "start") \
	X(NEXT, "next")             X(ASSIGN, "assign") \
	X(TRANSFER, "transfer")     X(SUPPLEMENT, "supplement") \
	X(PAY, "pay")               X(STOP, "stop") \
	X(RESUME, "resume")         X(EXTEND, "extend") \
	X(APOLOGISE, "apologise")   X(REFUSE, "refuse") \
	X(WITHDRAW, "withdraw")     X(FINISH, "finish") \
	X(RETURN, "return")         X(REOPEN, "reopen") \
	X(CORRECT, "correct")
/* clang-format on */

enum mc_action {
#define X(NAME, name) MC_A_##NAME,
	MC_ACTIONS(X)
#undef X
	    MC_A__COUNT /* also: no such action */
};
const char *mc_action_name(enum mc_action a);
enum mc_action mc_action_parse(struct mc_str s);

/*
 * Does the state allow it?  `start` counts as allowed only where it does
 * something (received); elsewhere from there on it is `unchanged`.
 * `apologise` is for the open and for what was finished late.
 */
bool mc_action_allowed(const struct mc_case *c, enum mc_action a);

/*
 * What decides.  Everything is borrowed for the call.  procedure may be
 * NULL (nothing pinned): actions that need its steps are then refused.
 * For `receive`, procedure, policy, commit, path and blob are those of the
 * version in force on the day of receipt; else the pinned ones.
 */
struct mc_rules {
	const struct mc_procedure *procedure;
	const struct mc_policy *policy;
	const char *commit, *path, *blob; /* of the definition, or NULL */
	const struct mc_units *units;
	const struct mc_names *names; /* text() and zone are used */
	/* The calendar of a procedure at a unit (NULL: the rulebook's). */
	int (*calendar)(void *arg, const char *name, const struct mc_unit *unit,
	    const struct mc_calendar **cal, const char **blob,
	    struct mc_err *err);
	/* mc_units_resolve() or something faster with the same answers. */
	int (*resolve)(void *arg, const struct mc_unit *receiving,
	    const char *role, const char *at, const char *to, int32_t day,
	    const struct mc_unit **out, struct mc_err *err);
	/* Values of fields that are not public; may be NULL: none. */
	mc_value_fn *private_value;
	/* For steps that say "assign"; either may be NULL: nothing is known. */
	/* Open steps that an officer has now. */
	int (*load)(void *arg, const struct mc_officer *officer, int64_t *steps,
	    struct mc_err *err);
	/* Id of the officer to whom that step at that unit went last. */
	int (*turn)(void *arg, const struct mc_unit *unit, const char *step,
	    const char **officer, struct mc_err *err);
	/*
	 * Open dossiers that came with it, their codes appended to names; may
	 * be NULL: there are none.
	 */
	int (*children)(
	    void *arg, struct mc_buf *names, int *n, struct mc_err *err);
	const char *revision; /* commit that `units` are from, or NULL */
	void *arg;            /* of the callbacks */
};

struct mc_set {
	struct mc_str name, value;
};
struct mc_request {
	enum mc_action action;
	int64_t at;            /* MC_NEVER: now */
	struct mc_str to;      /* a step (next), a unit; ends with a NUL */
	struct mc_str step;    /* which open step; reopen: into which */
	struct mc_str officer; /* assign */
	struct mc_str in_case; /* receive: its case; empty: by its fields */
	struct mc_str reason;  /* personal */
	bool has_by;
	struct mc_term by;        /* extend */
	int64_t until;            /* extend; MC_NEVER: by */
	bool until_day;           /* it is a date without a time */
	const struct mc_set *set; /* correct */
	int sets;
	/*
	 * Nobody did it: time has run out.  next: `step` expires into what its
	 * definition says; refuse, withdraw, stop: for want of papers.  NULL:
	 * somebody did.
	 */
	const struct mc_expired *expired;
};
/* clang-format off */
#define MC_REQUEST(a) \
	((struct mc_request){ .action = (a), .at = MC_NEVER, \
	    .until = MC_NEVER })
/* clang-format on */

/* Options that the action needs are there, and no others: MC_EUSAGE. */
int mc_request_check(
    const struct mc_request *req, struct mc_err *err) MC_MUST_CHECK;

/* An event to append, its personal object (or empty), its generated text. */
struct mc_happening {
	struct mc_event e; /* values borrowed from rules, request, text */
	struct mc_buf personal;
	struct mc_buf text;   /* why, policy or set of e */
	struct mc_buf fields; /* fields of e */
	/* Parts of a why: common to the action, and this event's own. */
	size_t why_head, why_from, why_to;
};

/* { 0 } at first; memory is kept when used again. */
struct mc_outcome {
	struct mc_happening *event;
	int n, cap;
	bool unchanged;        /* allowed, but there was nothing to do */
	struct mc_err warning; /* it was done all the same; MC_OK: none */
};
void mc_outcome_free(struct mc_outcome *out);
/*
 * Append what decided, for people, as one JSON object: which file of which
 * commit, what was read, and for each step entered how its unit and officer
 * were found.  false: nothing was to be decided.
 */
bool mc_outcome_why(const struct mc_outcome *out, struct mc_buf *b);

/*
 * What the action means for the dossier now.  0: out->event[0 .. n) are to
 * be appended in this order (or out->unchanged).  -1: refused, with
 * MC_EREFUSED and
 *   E_STATE    the status does not allow it; the message lists what it does
 *   E_ORDER    `at` is after now, or before the dossier's last change
 *   E_STEP     no such step, not open, not a target; the choice is listed
 *   E_ROLE     no unit, or several, for a step's role
 *   E_CASE     the procedure has no such case
 *   E_MISSING  a condition reads a field that the dossier has not
 *   E_UNIT     unknown or ended unit
 *   E_OFFICER  not an officer of that unit on that day; one who is absent
 *              is warned of (W_ABSENCE) and gets it
 *   E_EXTEND   extended as often as the policy allows, or expired
 *   E_CHILDREN dossiers that it waits for are open still
 *   E_DUE      no due date, or the new one is not later than the present one,
 *              has passed already, or is given and a day off
 *   E_FIELD    cannot be corrected, or not a value of its type
 *   E_VERSION  the dossier has no definition
 * or what condition, calendar and deadline refuse.  Other codes than
 * MC_EREFUSED come from the callbacks only, and mean trouble.
 */
int mc_workflow(struct mc_outcome *out, const struct mc_rules *rules,
    const struct mc_case *c, const struct mc_request *req, int64_t now,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- under another version of its definition ---- */

enum mc_fit {
	MC_FIT_OK,
	MC_FIT_GONE,  /* there is no such step */
	MC_FIT_FINAL, /* a final one: entering it would finish the dossier */
	MC_FIT_TWICE, /* another open step comes to be the same */
	MC_FIT_DEAD   /* no way from there to a final step */
};
const char *mc_fit_name(enum mc_fit f); /* "is no step of the new version" */

/* An open step, and what it would be called. */
struct mc_fit_step {
	const char *from;
	struct mc_str to;
	enum mc_fit fit; /* set by mc_workflow_fit() */
	int at;          /* index of `to` in the definition, or -1 */
};
/* Can these be the open steps?  The number of those that cannot. */
int mc_workflow_fit(const struct mc_procedure *p, struct mc_fit_step *s, int n);
/*
 * Where a dossier in these steps (none: before the first) could not go on
 * with the values it has: found(arg, step, field) for each step on its way
 * whose conditions read a field that it has no value for, or one of another
 * type (field NULL: no branch fits).  Of the rules only procedure, names and
 * private_value are used.
 */
void mc_workflow_blocks(const struct mc_rules *rules, const struct mc_case *c,
    const struct mc_fit_step *s, int n,
    void (*found)(void *arg, const char *step, const char *field), void *arg);

#endif
