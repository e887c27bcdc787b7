/*
 * rulebook_internal.h - between using a rulebook and linting one.
 */
#ifndef MOTCUA_RULEBOOK_INTERNAL_H
#define MOTCUA_RULEBOOK_INTERNAL_H

#include <motcua/rulebook.h>

#define MC_RULEBOOK_FILE "rulebook.json"
#define MC_RULEBOOK_UNITS "units.csv"
#define MC_RULEBOOK_OFFICERS "officers.csv"
#define MC_RULEBOOK_ABSENCES "absences.csv"

/* What rulebook.json says. */
struct mc_rulebook_config {
	char *name, *agency, *calendar; /* agency may be NULL */
	struct mc_zone *zone;
	struct mc_policy policy;
	bool standard;
};

/* The first error; on failure nothing is held. */
int mc_rulebook_config_read(struct mc_rulebook_config *c, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
void mc_rulebook_config_free(struct mc_rulebook_config *c);

/* "calendars/office.json" in `folder` "calendars" is "office"; else len 0. */
struct mc_str mc_rulebook_stem(const char *path, const char *folder);

/* One line for a finding that has none of its own, or NULL. */
const char *mc_rulebook_advice(const char *id);

/*
 * Steps that nobody does whichever unit receives the dossier: among the
 * units of the procedure's level that have its first step's role that day
 * (of any level, when none has).  `units` is how many those are, why what
 * the first of them is told.  budget: units to look at, shared by all calls;
 * when it is used up nothing more is claimed.
 */
void mc_rulebook_roles(const struct mc_units *u, const struct mc_procedure *p,
    int32_t day, int64_t *budget,
    void (*none)(void *arg, int step, int units, const struct mc_err *why),
    void *arg);

/*
 * Which procedures of a tree have which others as children, by code and
 * whatever the version: what cannot be read has none.  The tree is borrowed.
 */
struct mc_families;
struct mc_families *mc_rulebook_families(
    struct mc_repo *repo, const struct mc_repo_tree *tree);
void mc_rulebook_families_free(struct mc_families *f);
enum mc_kinship {
	MC_KIN_FINE,
	MC_KIN_UNKNOWN, /* there is no such procedure */
	MC_KIN_ROUND,   /* its children lead back to the parent */
	MC_KIN_OWN      /* it has children, which it will not have as one */
};
enum mc_kinship mc_rulebook_kinship(
    struct mc_families *f, const char *parent, const char *child);

#endif
