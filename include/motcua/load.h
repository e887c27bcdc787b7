/*
 * load.h - how many dossiers of a procedure are in each of its steps.
 *
 * A service: reads the database, in one snapshot, and writes nothing.
 */
#ifndef MOTCUA_LOAD_H
#define MOTCUA_LOAD_H

#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

struct mc_db;

struct mc_load_step {
	char *step; /* NULL: open, and in no step (not started) */
	int64_t dossiers;
};
struct mc_load {
	MC_VEC(struct mc_load_step) v; /* by step, what has none last */
};

/*
 * Dossiers of every version; those that wait to be returned are in their
 * final step.  A procedure that the database does not know has none.
 */
int mc_load_read(struct mc_load *out, struct mc_db *db, struct mc_str code,
    struct mc_err *err) MC_MUST_CHECK;
void mc_load_free(struct mc_load *load); /* { 0 } again */

#endif
