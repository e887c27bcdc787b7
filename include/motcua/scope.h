/*
 * scope.h - which units of the database a question takes in.
 *
 * A service over the store's unit dictionary and the rulebook's hierarchy;
 * the rulebook is opened when the first question needs it.
 */
#ifndef MOTCUA_SCOPE_H
#define MOTCUA_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/when.h>

struct mc_scope; /* one "unit U and those below" */

/*
 * Opened when first asked for and kept in *rb; the caller frees it.  The
 * repository and ref are the site's.
 */
int mc_scope_rulebook(struct mc_rulebook **rb, struct mc_store *s,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The unit `code` and those below it by the hierarchy of `day`.  A unit that
 * has ended is where its last line put it; with `successors` it counts as
 * the unit that took over by that day (and a `code` that has ended is
 * MC_EUSAGE/E_UNIT, naming the one that took over).  E_UNIT: the rulebook
 * has no such unit.  Borrows store and rulebook.
 */
int mc_scope_new(struct mc_scope **out, struct mc_store *s,
    struct mc_rulebook *rb, struct mc_str code, int32_t day, bool successors,
    struct mc_err *err) MC_MUST_CHECK;
void mc_scope_free(struct mc_scope *sc);

/* Is the unit with this id of the store's dictionary in it?  NULL: yes. */
bool mc_scope_has(struct mc_scope *sc, int32_t unit);

#endif
