/* impact_internal.h - deadlines and routes of a proposal. */
#ifndef IMPACT_INTERNAL_H
#define IMPACT_INTERNAL_H

#include <motcua/buf.h>
#include <motcua/dict.h>
#include <motcua/impact.h>
#include <motcua/rulebook.h>

struct mc_impact {
	struct mc_store *store;
	struct mc_rulebook *then, *now; /* the proposal; today's ref */
	struct mc_replan *replan;       /* by the proposal */
	const struct mc_zone *zone;
	int64_t at;

	MC_VEC(struct mc_impact_row) row;
	size_t next;
	/* By id of procedure and unit; the first is of all. */
	MC_VEC(struct mc_impact_count) procedure, unit, told;

	/* Routes (impact_route.c). */
	const struct mc_units *units_then, *units_now;
	bool units_differ;
	/* What was found, by what decides it: most dossiers are as others. */
	struct mc_dictionary key;
	MC_VEC(int32_t) found;     /* by id of key; 0: nothing */
	struct mc_dictionary text; /* JSON */
	struct mc_buf scratch, json;
};

/*
 * The version of the day of receipt by a rulebook, in the dossier's case;
 * NULL where it has none (any more), which is for `lint` and `diff` to say.
 */
int mc_impact_version(struct mc_impact *im, struct mc_rulebook *rb,
    const struct mc_replan_row *r, const char *in_case,
    const struct mc_version **out, struct mc_err *err) MC_MUST_CHECK;

/* impact_route.c */
int mc_impact_begin_routes(
    struct mc_impact *im, struct mc_err *err) MC_MUST_CHECK;
void mc_impact_free_routes(struct mc_impact *im);
/* What changes on its way, as JSON kept until free; NULL: nothing. */
int mc_impact_routes(struct mc_impact *im, const struct mc_replan_row *r,
    const char **route, const char **units, struct mc_err *err) MC_MUST_CHECK;

#endif
