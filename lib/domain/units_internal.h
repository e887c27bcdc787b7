/* units_internal.h - the organisation as read, between the files that ask. */
#ifndef UNITS_INTERNAL_H
#define UNITS_INTERNAL_H

#include <stddef.h>

#include <motcua/buf.h>
#include <motcua/units.h>

/* A line of units.csv: what users see, and what finds it. */
struct mc_units_unit {
	struct mc_unit pub;
	const char *roles; /* separated by spaces */
	const char *parent;
	int64_t line;
	int next;    /* line of the same code, or -1 */
	int sibling; /* next line with the same parent code, or -1 */
	int child;   /* on a code's first line: the first child, or -1 */
	int officer, officers; /* on a code's first line: which of by_unit */
};

struct mc_units_officer {
	struct mc_officer pub;
	const char *unit;
	int64_t line;
	int next;
	int absence, absences; /* on an id's first line: which of them all */
};

/* A line of absences.csv; sorted by officer, then by day. */
struct mc_units_absence {
	int officer; /* the first line of the id */
	int32_t from, to;
	int64_t line;
};

/* Open addressing; holds the first line of each key. */
struct mc_units_table {
	int *slot; /* index + 1, 0 when empty */
	size_t mask;
};

struct mc_units {
	MC_VEC(struct mc_units_unit) unit;
	MC_VEC(struct mc_units_officer) officer;
	MC_VEC(struct mc_units_absence) absence;
	MC_VEC(const struct mc_officer *) by_unit; /* then by id */
	MC_VEC(char *) text; /* everything the pointers above point to */
	struct mc_units_table by_code, by_id;
};

/* The first line of that code, of that id; or -1. */
int mc_units_first(const struct mc_units *u, struct mc_str code);
int mc_units_first_officer(const struct mc_units *u, struct mc_str id);
/* The line that follows on when this one ends, by its successor; or NULL. */
const struct mc_unit *mc_units_after(
    const struct mc_units *u, const struct mc_unit *unit);
/* Is it among the words of the list (NULL: none)? */
bool mc_units_word(const char *list, const char *word);

#endif
