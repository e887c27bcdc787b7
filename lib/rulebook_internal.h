/*
 * rulebook_internal.h - between using a rulebook and linting one.
 */
#ifndef MOTCUA_RULEBOOK_INTERNAL_H
#define MOTCUA_RULEBOOK_INTERNAL_H

#include <motcua/rulebook.h>

#define MC_RULEBOOK_FILE "rulebook.json"
#define MC_RULEBOOK_UNITS "units.csv"
#define MC_RULEBOOK_OFFICERS "officers.csv"

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

#endif
