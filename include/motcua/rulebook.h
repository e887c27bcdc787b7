/*
 * rulebook.h - the rules as they stand in one commit of the repository.
 *
 * A service over repo.h and the pure parsers: opens lazily, keeps what it
 * has parsed.  Pointers it returns live until mc_rulebook_free().
 */
#ifndef MOTCUA_RULEBOOK_H
#define MOTCUA_RULEBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/calendar.h>
#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/procedure.h>
#include <motcua/procedure_diff.h>
#include <motcua/repo.h>
#include <motcua/units.h>

struct mc_rulebook;

/*
 * rev: a ref or revision, resolved once now; NULL is the branch HEAD names.  Reads rulebook.json (zone,
 * agency, default calendar, deadline policy, codes), nothing else yet.
 */
int mc_rulebook_open(struct mc_rulebook **out, const char *repo,
    const char *rev, struct mc_err *err) MC_MUST_CHECK;
void mc_rulebook_free(struct mc_rulebook *rb);
/*
 * Has the ref moved?  Then read the new commit (what was returned before
 * stays valid).  Called once a transaction.  1 moved, 0 not, -1.
 */
int mc_rulebook_refresh(
    struct mc_rulebook *rb, struct mc_err *err) MC_MUST_CHECK;

const char *mc_rulebook_commit(const struct mc_rulebook *rb); /* 40 hex */
const char *mc_rulebook_path(const struct mc_rulebook *rb);   /* of the repo */
const char *mc_rulebook_name(const struct mc_rulebook *rb);
const char *mc_rulebook_agency(const struct mc_rulebook *rb); /* "H42" */
const struct mc_zone *mc_rulebook_zone(const struct mc_rulebook *rb);
bool mc_rulebook_codes_standard(const struct mc_rulebook *rb);
struct mc_repo *mc_rulebook_repo(struct mc_rulebook *rb);

/* The rulebook's own defaults overlaid on mc_policy_default. */
const struct mc_policy *mc_rulebook_policy(const struct mc_rulebook *rb);

int mc_rulebook_units(struct mc_rulebook *rb, const struct mc_units **out,
    struct mc_err *err) MC_MUST_CHECK;

/* By name (NULL: the rulebook's); *blob its 40 hex id.  E_CALENDAR. */
int mc_rulebook_calendar(struct mc_rulebook *rb, const char *name,
    const struct mc_calendar **out, const char **blob,
    struct mc_err *err) MC_MUST_CHECK;
/* The procedure's, else the receiving unit's, else the rulebook's. */
int mc_rulebook_calendar_for(struct mc_rulebook *rb,
    const char *procedure_calendar, const struct mc_unit *receiving,
    const struct mc_calendar **out, const char **blob,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * What a dossier of that procedure received on that day is pinned to: among
 * the files of the code, the greatest effective_from not after the day (and
 * effective_to, where given, not before it).  E_PROCEDURE: no file of that
 * code; E_VERSION: none in force that day.  Cached; fast when repeated.
 */
struct mc_version {
	const struct mc_procedure *procedure;
	struct mc_policy policy; /* resolved: procedure over rulebook */
	const char *commit;      /* borrowed from rb */
	const char *path, *blob;
	struct mc_str text; /* the blob's text */
	/* The same in each of its procedure's cases; NULL in one of them. */
	const struct mc_version *in_case;
	const struct mc_version *whole; /* in no case */
};
/* In the case of that id; in none where it has no such case, or id is NULL. */
const struct mc_version *mc_version_in_case(
    const struct mc_version *v, const char *id);
/* In the case that `as` is the version's procedure in. */
const struct mc_version *mc_version_as(
    const struct mc_version *v, const struct mc_procedure *as);
int mc_rulebook_version(struct mc_rulebook *rb, struct mc_str code, int32_t day,
    const struct mc_version **out, struct mc_err *err) MC_MUST_CHECK;
/* All versions of all procedures, by code then effective_from. */
int mc_rulebook_versions(struct mc_rulebook *rb,
    const struct mc_version *const **out, size_t *n,
    struct mc_err *err) MC_MUST_CHECK;

/* A map file's text: "maps/<name>.json" (or NULL path: E_MAP). */
int mc_rulebook_map(struct mc_rulebook *rb, const char *name,
    struct mc_str *text, struct mc_err *err) MC_MUST_CHECK;

/* A tree to look at: a commit's, or where rev is NULL the files in `path`. */
struct mc_rulebook_at {
	struct mc_repo *repo; /* may be NULL where rev is */
	const char *rev, *path;
};

/*
 * Lint a tree: every finding of every file and those between files, file by
 * file in path order, each with a line of advice.  Besides what the parsers
 * say:
 *   E_TREE       what no rulebook may hold; then nothing else is looked at
 *   E_RULES      a file that must be there is missing; rulebook.json itself
 *   E_OVERLAP    two versions of a code in force on the same day by dates
 *                they both state
 *   E_DUPLICATE  a code with two files that have no day in their names
 *   E_NAME       a procedure's file name and its code or date differ
 *   E_NFC        a text of a calendar, rulebook.json or the tables that is
 *                not in Unicode form NFC
 *   E_CALENDAR   an unknown calendar;  E_UNIT  an unknown unit
 *   E_PROCEDURE  an unknown procedure as a child;  E_CHILD  one whose
 *                children lead back;  W_CHILD  one that has its own
 *   W_ROLE       a role that no unit has, or that no unit of the procedure's
 *                level finds
 *   W_HORIZON    a calendar known for less than 30 days after `today`
 *                (MC_NODAY: not looked at)
 *   W_FILE       a file that means nothing here
 */
#define MC_RULEBOOK_HORIZON 30
int mc_rulebook_lint(const struct mc_rulebook_at *at, int32_t today,
    void (*found)(void *arg, const struct mc_err *finding), void *arg,
    struct mc_err *err) MC_MUST_CHECK;
/* Only what `at` has and base has not, lines and columns disregarded. */
int mc_rulebook_lint_new(const struct mc_rulebook_at *base,
    const struct mc_rulebook_at *at, int32_t today,
    void (*found)(void *arg, const struct mc_err *finding), void *arg,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * What differs between two trees, by what it means (procedure_diff.h): the
 * files in path order, then the procedures by code.  code: one procedure
 * only (E_PROCEDURE: neither has it), or NULL.  Versions are matched by the
 * day they begin on, wherever their files stand; a new one is told by what
 * it changes in the one before it (old_file).  A file that cannot be read as
 * JSON or CSV is an error with its revision and place.  Officers' names are
 * never shown.
 */
struct mc_rulebook_change {
	const char *file;     /* where it stands now, or stood */
	const char *old_file; /* where `old` stands; NULL: nowhere */
	const char *code;     /* of a procedure, or NULL */
	struct mc_change change;
};
typedef void mc_rulebook_change_fn(
    void *arg, const struct mc_rulebook_change *c);
int mc_rulebook_diff(const struct mc_rulebook_at *old,
    const struct mc_rulebook_at *new, const char *code,
    mc_rulebook_change_fn *change, void *arg, struct mc_err *err) MC_MUST_CHECK;

/* Has a path that name: procedures/<field>/<code>[@DATE].json?  *date: "". */
bool mc_rulebook_procedure_path(
    struct mc_str path, struct mc_str *code, struct mc_str *date);

/* The text of one of its files ("maps/xes.json"); empty: there is none. */
struct mc_str mc_rulebook_starter_file(const char *path);
/* The starter rulebook that is built in, as a new repository. */
int mc_rulebook_init(
    const char *path, int64_t now, struct mc_err *err) MC_MUST_CHECK;

#endif
