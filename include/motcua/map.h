/*
 * map.h - import maps: from a source's columns and values to ours.
 *
 * A map file is the JSON of DESIGN 1.2.  Without one, the canonical names
 * and the usual Vietnamese headings are known.
 */
#ifndef MOTCUA_MAP_H
#define MOTCUA_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/when.h>

/* The canonical columns, in the order in which they are hashed. */
enum mc_column {
	MC_COL_CODE,
	MC_COL_ALIAS,
	MC_COL_PROCEDURE,
	MC_COL_UNIT,
	MC_COL_SUBJECT,
	MC_COL_APPLICANT_KIND,
	MC_COL_APPLICANT_NAME,
	MC_COL_APPLICANT_ID,
	MC_COL_PHONE,
	MC_COL_EMAIL,
	MC_COL_ADDRESS,
	MC_COL_CHANNEL,
	MC_COL_RECEIVED_AT,
	MC_COL_DUE_AT,
	MC_COL_PAUSED_AT,
	MC_COL_FINISHED_AT,
	MC_COL_RETURNED_AT,
	MC_COL_STATUS,
	MC_COL_STEP,
	MC_COL_HOLDER,
	MC_COL_OFFICER,
	MC_COL_NOTE,
	MC_COL_DOSSIER__COUNT,
	/* of an event, where rows are events */
	MC_COL_ACTIVITY = MC_COL_DOSSIER__COUNT,
	MC_COL_AT,
	MC_COL_ACTOR,
	MC_COL__COUNT,
	MC_COL_FIELD, /* field.NAME: see mc_binding.field */
	MC_COL_NONE   /* not ours */
};
#define MC_MAP_FIELDS 64 /* field.NAME columns in a file, at most */

const char *mc_column_name(enum mc_column c);
/* "received_at", "field.x" (its name in *field); MC_COL_NONE otherwise. */
enum mc_column mc_column_parse(struct mc_str name, struct mc_str *field);

struct mc_map;

/* The map that stands for no map file. */
struct mc_map *mc_map_default(void);
/* From a file's text; errors have the place.  E_MAP, E_FIELD, E_COLUMN. */
int mc_map_parse(struct mc_map **out, const char *name, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
void mc_map_free(struct mc_map *m);

bool mc_map_events(const struct mc_map *m); /* rows are events */
bool mc_map_strict(const struct mc_map *m);
bool mc_map_given(const struct mc_map *m);     /* from a file */
char mc_map_delimiter(const struct mc_map *m); /* '\0': not said */
bool mc_map_delimits(char c); /* can it? Not a letter, digit, quote ... */

/* Value for a column that the source does not have or leaves empty. */
struct mc_str mc_map_value_default(const struct mc_map *m, enum mc_column c);
/* The source's value in our words, or itself. */
struct mc_str mc_map_value(
    const struct mc_map *m, enum mc_column c, struct mc_str value);
/*
 * By the map's formats, else ISO and dd/MM/yyyy[ HH:mm[:ss]].  Nothing is
 * guessed: false when the text fits none or names no real date.
 */
bool mc_map_time(const struct mc_map *m, struct mc_str s,
    const struct mc_zone *zone, int64_t *ms, bool *day_only, bool *cut);

/*
 * What each of a file's n columns is.  `ignored` gets the names of columns
 * that are passed over, comma separated.  Errors: a column twice
 * (E_DUPLICATE), unknown without a map or with a strict one (E_COLUMN), a
 * column of the map that the file lacks (E_COLUMN) or that no row can do
 * without (E_HEADER), both not where place is NULL: a JSON row.  Columns that begin with '_' (a reject file's) and are not in
 * the map are passed over silently.
 */
struct mc_binding {
	size_t n;
	enum mc_column *column; /* n of them */
	int *field;             /* index into field_name, or -1 */
	struct mc_str field_name[MC_MAP_FIELDS];
	int fields;
	int at[MC_COL__COUNT]; /* source column of each of ours, or -1 */
};
int mc_map_bind(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_str *header, const int32_t *place, size_t n,
    struct mc_binding *out, struct mc_buf *ignored,
    struct mc_err *err) MC_MUST_CHECK;
void mc_binding_free(struct mc_binding *b);

#endif
