/*
 * units.h - the organisation: units.csv, officers.csv and absences.csv of the
 * rulebook.
 *
 * Pure: built from the files' text, held in memory.
 */
#ifndef MOTCUA_UNITS_H
#define MOTCUA_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/when.h>

struct mc_unit {
	const char *code, *name, *level;
	const char *calendar;         /* name, or NULL */
	const char *successor;        /* code, or NULL */
	const char *split;            /* its several successors, or NULL */
	const struct mc_unit *parent; /* NULL at the top */
	int32_t valid_from, valid_to; /* MC_NODAY: open; both inclusive */
	int index;                    /* 0 .. mc_units_count - 1, file order */
};
struct mc_officer {
	const char *id, *name; /* name is personal: never in messages */
	const struct mc_unit *unit;
	const char *role; /* or NULL; several are separated by spaces */
	int32_t valid_from, valid_to;
	int index; /* the same for all lines of an id; below the count */
};

struct mc_units;

/*
 * officers may be empty (len 0).  Errors with file:line:column: header
 * (E_HEADER), repeated code (E_DUPLICATE), unknown parent or successor
 * (E_UNIT), dates (E_DATE), a cycle (E_CYCLE).  The same code may stand on
 * several lines with validity that does not overlap.
 */
int mc_units_new(struct mc_units **out, const char *units_name,
    struct mc_str units, const char *officers_name, struct mc_str officers,
    struct mc_err *err) MC_MUST_CHECK;
void mc_units_free(struct mc_units *u);
/* Every finding of the same files, as mc_calendar_lint does. */
void mc_units_lint(const char *units_name, struct mc_str units,
    const char *officers_name, struct mc_str officers,
    void (*found)(void *arg, const struct mc_err *finding), void *arg);

/*
 * Who is away when, added to what is there.  The same errors, and E_OFFICER
 * for an id that officers.csv has not.  `to` is the last day; empty: until
 * further notice.  The reason is nobody's business and never kept.
 */
int mc_units_absences(struct mc_units *u, const char *name, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
/* Every finding, and W_ABSENCE where they overlap. */
void mc_units_lint_absences(struct mc_units *u, const char *name,
    struct mc_str text, void (*found)(void *arg, const struct mc_err *finding),
    void *arg);

int mc_units_count(const struct mc_units *u);
const struct mc_unit *mc_units_at(const struct mc_units *u, int i);
/* Valid that day, else the line last valid before it, else the first. */
const struct mc_unit *mc_unit_find(
    const struct mc_units *u, struct mc_str code, int32_t day);
bool mc_unit_valid(const struct mc_unit *unit, int32_t day);
bool mc_unit_has_role(
    const struct mc_units *u, const struct mc_unit *unit, const char *role);
/* Is `unit` `top` or below it, by the hierarchy of that day? */
bool mc_unit_below(const struct mc_units *u, const struct mc_unit *unit,
    const struct mc_unit *top);
const struct mc_unit *mc_unit_province(const struct mc_unit *unit);
/*
 * Following `successor`, and the lines of one code that follow each other,
 * until a unit valid on `day` (or the last one: no more, or it was split).
 */
const struct mc_unit *mc_unit_successor(
    const struct mc_units *u, const struct mc_unit *unit, int32_t day);
/*
 * Whose roles they are, on `day`, for what `unit` received on the day
 * `received`; unit is the line of its code that mc_unit_find() has for
 * `day`.  Itself; where it has ended, the one it merged into; where it was
 * split, the one that has the dossier (holder, may be empty).  A code that
 * was given anew since the receipt is another unit's.
 */
const struct mc_unit *mc_unit_home(const struct mc_units *u,
    const struct mc_unit *unit, int32_t received, struct mc_str holder,
    int32_t day);
/* Which units have that role at all (for lint). */
bool mc_units_role_known(const struct mc_units *u, const char *role);

/*
 * Role look-up of DESIGN 2: at `at` ("@self", "@parent", "@province", a
 * code; NULL: the receiving unit upwards), the unit itself, then its direct
 * children valid that day; the first level with a match wins.  `to` (a
 * code, may be NULL) decides among several.  E_ROLE: none, or several
 * (their codes are in the message).  Where `at` is given only that level is
 * looked at.
 */
int mc_units_resolve(const struct mc_units *u, const struct mc_unit *receiving,
    const char *role, const char *at, const char *to, int32_t day,
    const struct mc_unit **out, struct mc_err *err) MC_MUST_CHECK;

int mc_officers_count(const struct mc_units *u); /* lines of officers.csv */
const struct mc_officer *mc_officer_find(
    const struct mc_units *u, struct mc_str id, int32_t day); /* NULL: none */
/* Is he away that day?  *until: the last day of it, MC_NODAY: not known. */
bool mc_officer_absent(const struct mc_units *u, const struct mc_officer *o,
    int32_t day, int32_t *until);
/* Does he do that role?  Without one in officers.csv: all of the unit's. */
bool mc_officer_can(const struct mc_officer *o, const char *role);
/*
 * The next officer of the unit itself who is in office that day, by id; NULL
 * at the end.  *at is 0 before the first.
 */
const struct mc_officer *mc_unit_officer(
    const struct mc_units *u, const struct mc_unit *unit, int32_t day, int *at);

#endif
