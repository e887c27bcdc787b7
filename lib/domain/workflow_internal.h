/* workflow_internal.h - what the files of the workflow share. */
#ifndef WORKFLOW_INTERNAL_H
#define WORKFLOW_INTERNAL_H

#include <motcua/workflow.h>

/* What every action needs. */
struct mc_workflow_ctx {
	struct mc_outcome *out;
	const struct mc_rules *r;
	const struct mc_procedure *p;
	const struct mc_policy *policy;
	const struct mc_case *c;
	const struct mc_request *req;
	struct mc_err *err;
	int64_t now, at;
	int32_t day;       /* of `at` */
	struct mc_due due; /* in force */
	struct mc_str to_unit;
	bool to_shared, to_used;         /* by several targets; by one so far */
	const struct mc_unit *receiving; /* receiving_unit() */
	struct mc_json *fields;          /* public ones, parsed when needed */
	struct mc_buf scratch;
	const char *freed; /* officer whose load this action takes away */
	const struct mc_officer *given[MC_STEP_TARGETS]; /* what it adds to */
	int n_given;
};

/* Who gets a step, and out of how many. */
struct mc_workflow_pick {
	enum mc_assign by;
	const struct mc_officer *officer; /* NULL: nobody can */
	const char *after; /* round-robin: who was last, or NULL */
	int64_t open;      /* least-load: steps he has already */
	int of, absent;    /* who could, and who could if he were there */
};

/* A step entered. */
struct mc_workflow_entry {
	const struct mc_step *step;
	const struct mc_unit *home; /* where the search for its unit began */
	const struct mc_unit *unit;
	bool forced; /* the unit is the one that was named */
	struct mc_workflow_pick pick;
};

/* A target that is not entered: it is open already, or joins those. */
struct mc_workflow_wait {
	int step;
	bool open;
	int on[MC_CASE_STEPS], n;
};

/* What decided: a step of the definition, and its branch or -1. */
struct mc_workflow_choice {
	int from, branch;
	bool forced;
	bool expired; /* by the step's "expires" */
	const struct mc_workflow_wait *wait;
	int waits;
};

/* workflow.c */
/* A new event of the outcome; the first one carries the reason. */
struct mc_happening *mc_workflow_emit(
    struct mc_workflow_ctx *x, enum mc_kind kind);
/* A failure of the rules is a refusal; one of the machine stays trouble. */
int mc_workflow_refused(struct mc_workflow_ctx *x);
struct mc_str mc_workflow_text(const struct mc_happening *h);
const char *mc_workflow_name(
    const struct mc_workflow_ctx *x, enum mc_dict dict, int32_t id);

/* workflow_child.c */
/* E_CHILDREN where dossiers that came with it are open; what: is not left. */
int mc_workflow_await_children(
    struct mc_workflow_ctx *x, const char *what) MC_MUST_CHECK;
/* W_CHILDREN: they go on without it. */
int mc_workflow_warn_children(struct mc_workflow_ctx *x) MC_MUST_CHECK;

/* workflow_time.c */
/* NULL when the organisation does not know it (any more). */
const struct mc_unit *mc_workflow_receiving(struct mc_workflow_ctx *x);
int mc_workflow_calendar(struct mc_workflow_ctx *x, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob) MC_MUST_CHECK;
/* The due that an event says, where there is one. */
void mc_workflow_say_due(
    struct mc_event *e, struct mc_due due, bool given, const char *blob);
/* Nothing when the due in force stays; else what was, and what is. */
void mc_workflow_put_due(struct mc_workflow_ctx *x, struct mc_event *e,
    struct mc_due due, bool given, const char *blob);
void mc_workflow_put_verdict(
    struct mc_workflow_ctx *x, struct mc_event *e, int64_t finished_at);
int mc_workflow_receive(struct mc_workflow_ctx *x) MC_MUST_CHECK;
int mc_workflow_resume(struct mc_workflow_ctx *x) MC_MUST_CHECK;
int mc_workflow_extend(struct mc_workflow_ctx *x) MC_MUST_CHECK;
int mc_workflow_apologise(struct mc_workflow_ctx *x) MC_MUST_CHECK;

/* workflow_case.c */
/* Of which case a dossier is received: x->p is then the procedure in it. */
int mc_workflow_choose_case(struct mc_workflow_ctx *x) MC_MUST_CHECK;
/* The case that a correction names, if the dossier can be of it. */
int mc_workflow_find_case(struct mc_workflow_ctx *x, struct mc_str id,
    const struct mc_procedure **out) MC_MUST_CHECK;
/* The event that makes it one of that case; due NULL: the one in force. */
void mc_workflow_repin(struct mc_workflow_ctx *x, const struct mc_procedure *p,
    const struct mc_due *due, bool given, const char *blob);
/* W_RECASE where corrected values (or empty) would have chosen another case. */
void mc_workflow_warn_case(struct mc_workflow_ctx *x, struct mc_str channel,
    struct mc_str public_fields, struct mc_str private_fields);

/* workflow_step.c */
/*
 * Which open step is meant: --step, or the only one.  *i is -1 when none is
 * open.
 */
int mc_workflow_pick_step(struct mc_workflow_ctx *x, int *i) MC_MUST_CHECK;
/* Whose roles these are: mc_unit_home(). */
const struct mc_unit *mc_workflow_home(struct mc_workflow_ctx *x);
int mc_workflow_start(struct mc_workflow_ctx *x) MC_MUST_CHECK;
int mc_workflow_next(struct mc_workflow_ctx *x) MC_MUST_CHECK;
int mc_workflow_reopen(struct mc_workflow_ctx *x) MC_MUST_CHECK;

/* workflow_assign.c */
int mc_workflow_assign(struct mc_workflow_ctx *x, const struct mc_step *s,
    const struct mc_unit *unit, struct mc_workflow_pick *p) MC_MUST_CHECK;

/* The action takes a step (-1: the dossier) out of somebody's hands. */
void mc_workflow_take(struct mc_workflow_ctx *x, int open);
/* A step has come to another unit: by its rule, to whom there? */
int mc_workflow_reassign(struct mc_workflow_ctx *x, int open,
    const struct mc_unit *unit) MC_MUST_CHECK;

/* workflow_why.c */
/* Value of a field for a condition. */
const char *mc_workflow_value(void *ctx, const char *name);
/* The event's why; e is NULL where it enters no step. */
void mc_workflow_why(struct mc_workflow_ctx *x, struct mc_happening *h,
    const struct mc_workflow_choice *c, const struct mc_workflow_entry *e);

/* The same of an event that is about no step: time has run out. */
void mc_workflow_why_expired(struct mc_workflow_ctx *x, struct mc_happening *h);

/* workflow_correct.c */
int mc_workflow_check_sets(
    const struct mc_request *req, struct mc_err *err) MC_MUST_CHECK;
int mc_workflow_correct(struct mc_workflow_ctx *x) MC_MUST_CHECK;

#endif
