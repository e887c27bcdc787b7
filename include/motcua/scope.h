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

/* What a unit that has ended by that day counts as. */
enum mc_scope_ended {
	MC_ENDED_ITSELF,    /* where its last line put it */
	MC_ENDED_SUCCESSOR, /* the one that took over, unless it is asked for */
	MC_ENDED_REFUSED    /* the same, and who asks for it is refused */
};

/*
 * The unit `code` and those below it by the hierarchy of `day`.  MC_EUSAGE/
 * E_UNIT: the rulebook has no such unit; or it had ended, with the name of
 * the one that took over.  Borrows store and rulebook.
 */
int mc_scope_new(struct mc_scope **out, struct mc_store *s,
    struct mc_rulebook *rb, struct mc_str code, int32_t day,
    enum mc_scope_ended ended, struct mc_err *err) MC_MUST_CHECK;
void mc_scope_free(struct mc_scope *sc);

/* Is the unit with this id of the store's dictionary in it?  NULL: yes. */
bool mc_scope_has(struct mc_scope *sc, int32_t unit);

#endif
