/* check_internal.h - what check.c and check_replay.c share. */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include <motcua/check.h>

/*
 * Rebuild every dossier, open, step, alias and roll-up row from the log in a
 * scratch database, and compare table by table.
 */
int mc_check_replay(struct mc_store *s, struct mc_findings *f,
    struct mc_err *err) MC_MUST_CHECK;

/* Were MC_CHECK_FINDINGS of this check reported?  Says so, once. */
bool mc_check_enough(struct mc_findings *f, const char *check, int64_t before);

#endif
