/*
 * succession.h - who has the open dossiers of units that have ended.
 *
 * A service: looks at every open dossier and open step, and says to which
 * unit it goes when the one that has it merged into another or was split
 * (DOMAIN 8: the receiving unit stays, no number changes, no clock starts
 * again).  A merger follows from `successor` in units.csv; for a split
 * (several successors) somebody has to decide, and what nobody has decided is said, never
 * guessed.  Nothing is written here; replan.h does what was planned.
 *
 * A code that was given to a new unit is told from the old one by the day
 * since when the dossier has been there.
 */
#ifndef MOTCUA_SUCCESSION_H
#define MOTCUA_SUCCESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/fold.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>

#define MC_SUCCESSION_RULES 100000 /* lines of decisions, at most */

struct mc_succession;

/* Store and rulebook, opened at the revision meant, are borrowed. */
struct mc_succession *mc_succession_new(
    struct mc_store *s, struct mc_rulebook *rb, int64_t now);
void mc_succession_free(struct mc_succession *s);

/*
 * Decisions, a CSV: from,to and if wanted procedure,receiving,field,value.
 * A line says where dossiers of the ended unit `from` go that are of that
 * procedure, were received by that unit, and have that value of that public
 * field; what is empty is not looked at, and what ends in "*" is a
 * beginning.  A field with an empty value is for dossiers without it.  The
 * first line that fits decides, and goes before `successor`.  Errors with
 * their place: E_HEADER, E_FIELD, E_UNIT (`from` has not ended, `to` is not
 * a unit of today), E_DUPLICATE (a line before it decides all of it), what
 * csv.h says.
 */
int mc_succession_decide(struct mc_succession *s, const char *name,
    struct mc_str text, struct mc_err *err) MC_MUST_CHECK;
/* Line of a decision that has decided nothing so far, after `line`; 0. */
int64_t mc_succession_idle(const struct mc_succession *s, int64_t line);

/* Look at this dossier (else at all); one that is not open never moves. */
int mc_succession_add(struct mc_succession *s, struct mc_str code,
    struct mc_err *err) MC_MUST_CHECK;

/* Where one open step, or the dossier itself, goes.  Texts borrowed from s. */
struct mc_succession_move {
	int32_t step; /* MC_NOID: the dossier, where no step says otherwise */
	int32_t from;
	const char *to;      /* NULL: not decided */
	const char *rule;    /* "units.csv", "FILE:LINE"; NULL: not decided */
	const char *decided; /* the unit of which that is asked; or NULL */
	const char *split;   /* into these, with spaces between; or NULL */
};
struct mc_succession_row {
	int64_t id;
	int32_t procedure, unit, version;
	enum mc_status status;
	bool undecided;
	const struct mc_succession_move *move; /* as long as s */
	int moves;
};
/* The next dossier that has to move, in the order of ids.  1, 0, -1. */
int mc_succession_next(struct mc_succession *s, struct mc_succession_row *row,
    struct mc_err *err) MC_MUST_CHECK;
int64_t mc_succession_seen(const struct mc_succession *s);
/* Where a move that is not decided could go to: false after the last. */
bool mc_succession_choice(const struct mc_succession *s,
    const struct mc_succession_move *m, size_t *at, struct mc_str *to);

#endif
