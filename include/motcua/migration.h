/*
 * migration.h - open dossiers under another version of their procedure.
 *
 * A service: says what would become of a dossier that is pinned to another
 * definition while it is open (DESIGN 1.2, route plan --rules).  Nothing is
 * written here; replan.h does what was planned.  Only what is open moves.
 * Its number, its receipt, the units and officers that have it, and when its
 * open steps were entered and are due stay; what changes is by which
 * definition it goes on, what its open steps are called, and its due date
 * where that was asked for.
 */
#ifndef MOTCUA_MIGRATION_H
#define MOTCUA_MIGRATION_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/pool.h>
#include <motcua/replan.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/watch.h>
#include <motcua/workflow.h>

/* What becomes of the due date. */
enum mc_redate {
	MC_REDATE_KEEP,    /* it stays: a date that was told is kept */
	MC_REDATE_RECOUNT, /* counted anew, unless somebody has named it */
	MC_REDATE_ALL,     /* that, too */
	MC_REDATE__COUNT
};
const char *mc_redate_name(enum mc_redate r); /* "recount-all" */
/* MC_REDATE__COUNT: no such word. */
enum mc_redate mc_redate_parse(struct mc_str s);

struct mc_migration;

/* Store and replan, which has the calendars, are borrowed. */
struct mc_migration *mc_migration_new(
    struct mc_store *s, struct mc_replan *r, int64_t now);
void mc_migration_free(struct mc_migration *m);

/* Where its way would end: a step, and the field it asks for (NULL: none). */
struct mc_block {
	const char *step, *field;
};

enum mc_migrate {
	MC_MIGRATE_PLANNED,
	MC_MIGRATE_UNDECIDED,
	MC_MIGRATE_REFUSED
};
const char *mc_migrate_name(enum mc_migrate r); /* "undecided" */

struct mc_migration_row {
	int64_t id;
	int32_t procedure, unit, pin, version;
	enum mc_status status;
	enum mc_migrate result;
	const char *error;           /* "E_VERSION: ..."; NULL: not refused */
	const struct mc_version *to; /* NULL where it is refused */
	struct mc_fit_step *step;    /* what is open */
	int steps, misfits;
	const struct mc_block *block;
	int blocks;
	const char *differs; /* JSON: what the new version changes, in words */
	enum mc_redate redate;
	struct mc_due due, new_due;
	bool redated;             /* the due is another one */
	struct mc_replan_due now; /* by which calendar; where redated */
	enum mc_state state, new_state;
};

/*
 * The version of its day of receipt in rb, in the dossier's case: 1 with it; 0
 * it has that already, text and policy; -1 (MC_ENOTFOUND, MC_EDATA: rb has
 * none; MC_EDATA/E_CASE: that has no such case).  c is pinned.
 */
int mc_migration_version(struct mc_migration *m, const struct mc_case *c,
    struct mc_rulebook *rb, const struct mc_version **out,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * What becomes of the dossier under *row->to, with row->step as mapped.
 * Everything in *row is borrowed from m, until it is reset.  MC_EDATA and
 * MC_ENOTFOUND: its due cannot be counted.
 */
int mc_migration_judge(struct mc_migration *m, const struct mc_case *c,
    struct mc_migration_row *row, struct mc_err *err) MC_MUST_CHECK;
void mc_migration_reset(struct mc_migration *m);

/* A step's new name, for dossiers in it; borrowed.  E_USAGE: told twice. */
int mc_migration_map(struct mc_migration *m, struct mc_str from,
    struct mc_str to, struct mc_err *err) MC_MUST_CHECK;
/* One that has not served any dossier, after the i-th; -1: none. */
int mc_migration_idle(const struct mc_migration *m, int i, struct mc_str *from);

/*
 * The next open dossier, of those that replan looks at, that has another
 * version in rb.  1, 0, -1.
 */
int mc_migration_next(struct mc_migration *m, struct mc_rulebook *rb,
    enum mc_redate redate, struct mc_migration_row *row,
    struct mc_err *err) MC_MUST_CHECK;
int64_t mc_migration_seen(const struct mc_migration *m);

#endif
