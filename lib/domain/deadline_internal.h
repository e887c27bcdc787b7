/*
 * deadline_internal.h - what the files of deadline share.
 */
#ifndef MOTCUA_DEADLINE_INTERNAL_H
#define MOTCUA_DEADLINE_INTERNAL_H

#include <motcua/deadline.h>

/* mc_deadline() by the general path: any term, policy and distance. */
int mc_deadline_any(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term term, int64_t start,
    mc_trace_fn *trace, void *arg, struct mc_err *err) MC_MUST_CHECK;

/* The words of a policy, each list ended by NULL. */
extern const char *const mc_due_time_names[];
extern const char *const mc_late_intake_names[];
extern const char *const mc_pause_names[];
extern const char *const mc_verdict_rule_names[];

#endif
