/*
 * way.h - the way that is ahead of a dossier, by two definitions.
 *
 * Pure.  The way ahead is the steps that are open and all that can follow
 * them; of a dossier that was not started, the first and all that follow.
 */
#ifndef MOTCUA_WAY_H
#define MOTCUA_WAY_H

#include <stdbool.h>

#include <motcua/procedure.h>

/* `open`: ids of the open steps. */
bool mc_way_has(const struct mc_procedure *p, const char *const *open, int n,
    const char *step);

enum mc_way_change {
	MC_WAY_GONE,    /* open, and the new definition has no such step */
	MC_WAY_REMOVED, /* ahead by the old one only */
	MC_WAY_ADDED,   /* ahead by the new one only */
	MC_WAY_CHANGED  /* by both, but it is another (its title aside) */
};
const char *mc_way_change_name(enum mc_way_change c);

/*
 * Does the way differ?  Each difference is told (NULL: to nobody) in the
 * order of the old definition's steps, then of the new one's.
 */
bool mc_way_differs(const struct mc_procedure *old,
    const struct mc_procedure *new, const char *const *open, int n,
    void (*tell)(void *arg, enum mc_way_change what, const char *step),
    void *arg);

#endif
