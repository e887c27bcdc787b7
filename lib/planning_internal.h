/* planning_internal.h - plans that have a file of their own. */
#ifndef PLANNING_INTERNAL_H
#define PLANNING_INTERNAL_H

#include <motcua/planning.h>

/* planning_due.c: `route plan --due` */
int mc_planning_due(
    const struct mc_planning *p, bool *found, struct mc_err *err) MC_MUST_CHECK;

#endif
