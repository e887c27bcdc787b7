/* workflow_internal.h - what the two files of the workflow share. */
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
	const struct mc_unit *receiving; /* receiving_unit() */
	struct mc_json *fields;          /* public ones, parsed when needed */
	struct mc_buf scratch;
};

/* A new event of the outcome; the first one carries the reason. */
struct mc_happening *mc_workflow_emit(
    struct mc_workflow_ctx *x, enum mc_kind kind);
/* A failure of the rules is a refusal; one of the machine stays trouble. */
int mc_workflow_refused(struct mc_workflow_ctx *x);
/* NULL when the organisation does not know it (any more). */
const struct mc_unit *mc_workflow_receiving(struct mc_workflow_ctx *x);
int mc_workflow_calendar(struct mc_workflow_ctx *x, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob) MC_MUST_CHECK;
/* Nothing when the due in force stays; else what was, and what is. */
void mc_workflow_put_due(struct mc_workflow_ctx *x, struct mc_event *e,
    struct mc_due due, bool given, const char *blob);
void mc_workflow_put_verdict(
    struct mc_workflow_ctx *x, struct mc_event *e, int64_t finished_at);

/* workflow_correct.c */
int mc_workflow_check_sets(
    const struct mc_request *req, struct mc_err *err) MC_MUST_CHECK;
int mc_workflow_correct(struct mc_workflow_ctx *x) MC_MUST_CHECK;

#endif
