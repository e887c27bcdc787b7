/*
 * impact.h - what a proposed revision of the rulebook would do to the
 * deadlines of open dossiers.  Nothing is written.
 */
#ifndef MOTCUA_IMPACT_H
#define MOTCUA_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/replan.h>
#include <motcua/store.h>
#include <motcua/term.h>

enum mc_cause {
	/* `route plan --recompute` would apply it, were this the ref. */
	MC_CAUSE_CALENDAR,
	/*
	 * The version that would be in force on the day of receipt has
	 * another limit, or counts by another policy, than the one of today's
	 * ref and than the one the dossier is pinned to.  It stays pinned
	 * until it is migrated; the due is what it would be then.
	 */
	MC_CAUSE_LIMIT,
	MC_CAUSE_POLICY,
	/*
	 * The same of its way to the end (way.h): another one, were it
	 * migrated to that version.
	 */
	MC_CAUSE_ROUTE,
	/*
	 * Units and officers are never pinned: on the way ahead, by the
	 * definition it is pinned to, a step would be at another unit or at
	 * none, or whoever has one now would be no unit, or no officer.
	 */
	MC_CAUSE_UNIT
};
const char *mc_cause_name(enum mc_cause c);

/* Text is borrowed until free. */
struct mc_impact_row {
	int64_t id;
	int32_t version;
	const char *procedure, *unit;
	enum mc_cause cause;
	struct mc_due due, new_due; /* new_due.day MC_NODAY: no limit */
	enum mc_state state, new_state;
	struct mc_term limit, new_limit; /* as pinned, as proposed */
	const char *calendar;            /* of the new due */
	const char *route; /* JSON, for the last two causes; or NULL */
};

/* Of one procedure, one unit, or all. */
struct mc_impact_count {
	const char *key;                        /* NULL: all */
	int64_t open;                           /* dossiers looked at */
	int64_t later, earlier, late, not_late; /* of cause calendar */
	int64_t definite; /* the same due, no longer provisional, or again */
	int64_t pinned;   /* of limit and policy: not among the moves */
	int64_t routes;   /* of route and unit, either or both */
};
enum mc_impact_by { MC_IMPACT_ALL, MC_IMPACT_PROCEDURE, MC_IMPACT_UNIT };

struct mc_impact;

/*
 * Look at every open dossier, in one read transaction that is over when this
 * returns.  rev: a revision of the site's rulebook repository; E_RULES and
 * what rulebook.h says where it cannot be used.
 */
int mc_impact_open(struct mc_impact **out, struct mc_store *s, const char *rev,
    int64_t now, struct mc_err *err) MC_MUST_CHECK;
void mc_impact_free(struct mc_impact *im);
const char *mc_impact_commit(const struct mc_impact *im);

/* By id, of one dossier the calendar's first; false at the end. */
bool mc_impact_next(struct mc_impact *im, const struct mc_impact_row **row);
/* By key, those that nothing happens to left out; borrowed until free. */
void mc_impact_counts(struct mc_impact *im, enum mc_impact_by by,
    const struct mc_impact_count **out, size_t *n);

#endif
