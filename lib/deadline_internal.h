/*
 * deadline_internal.h - the words of a policy, each list ended by NULL.
 */
#ifndef MOTCUA_DEADLINE_INTERNAL_H
#define MOTCUA_DEADLINE_INTERNAL_H

#include <motcua/deadline.h>

extern const char *const mc_due_time_names[];
extern const char *const mc_late_intake_names[];
extern const char *const mc_pause_names[];
extern const char *const mc_verdict_rule_names[];

#endif
