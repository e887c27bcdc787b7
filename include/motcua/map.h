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
#include <motcua/encoding.h>
#include <motcua/err.h>
#include <motcua/when.h>

/* The canonical columns, in the order in which they are hashed. */
enum mc_column {
	MC_COL_CODE,
	MC_COL_ALIAS,
	MC_COL_PROCEDURE,
	MC_COL_CASE,
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
/*
 * From a file's text; the first error with its place.  E_MAP, E_FIELD,
 * E_COLUMN, E_ENCODING, E_CHANNEL, E_STATUS, E_DATE, E_LIMIT, and those of
 * JSON.
 */
int mc_map_parse(struct mc_map **out, const char *name, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * All that is wrong with it, one report each, also what only shows when it
 * is used: no column and no default for what every row needs (E_HEADER);
 * with `number` that is not a code (mc_map_numbering()).
 * Returns how many.
 */
int mc_map_check(const char *name, struct mc_str text, bool number,
    void (*report)(void *arg, const struct mc_err *e), void *arg);
void mc_map_free(struct mc_map *m);
/* Rows without a code get a number (intake.h): its column may be missing. */
void mc_map_numbering(struct mc_map *m);

bool mc_map_events(const struct mc_map *m); /* rows are events */
bool mc_map_strict(const struct mc_map *m);
bool mc_map_given(const struct mc_map *m);     /* from a file */
char mc_map_delimiter(const struct mc_map *m); /* '\0': not said */
/* ',', ';' ...: not a letter, digit, quote; "tab" and "\\t": a tab; NUL: no. */
char mc_map_delimiter_parse(const char *s);
char mc_map_decimal(const struct mc_map *m);              /* '\0': not said */
enum mc_encoding mc_map_encoding(const struct mc_map *m); /* NONE: not said */
bool mc_map_ragged(const struct mc_map *m); /* last cells may be missing */
/* The encoding of one column's characters (see feed.h), or NONE. */
enum mc_encoding mc_map_recode(const struct mc_map *m, enum mc_column c);

/*
 * Where the heading stands, when not on the first line: its lines, and
 * whether a row of column numbers, (1) (2) ..., comes next.
 */
#define MC_HEADING_LINES 4
struct mc_heading {
	int line[MC_HEADING_LINES]; /* ascending, from 1 */
	int lines;                  /* 0: not said */
	bool numbered;
};
const struct mc_heading *mc_map_heading(const struct mc_map *m);
/*
 * Is a row that begins with this text (its first cell that is not empty) a
 * line of totals, or the end of the table?
 */
enum mc_map_row { MC_MAP_DATA, MC_MAP_TOTAL, MC_MAP_END };
bool mc_map_has_phrases(const struct mc_map *m);
enum mc_map_row mc_map_row(const struct mc_map *m, struct mc_str cell);

/* Value for a column that the source does not have or leaves empty. */
struct mc_str mc_map_value_default(const struct mc_map *m, enum mc_column c);
/*
 * The source's value in our words, or itself.  A word of the map is found
 * in any case, and with its tones in either place (mc_text_caseless()), where
 * no other one could be meant.
 */
struct mc_str mc_map_value(
    const struct mc_map *m, enum mc_column c, struct mc_str value);
/*
 * By the map's formats for the column, else ISO and dd/MM/yyyy[ HH:mm[:ss]].
 * "excel" is a number of days of Excel's calendar of 1900, from 61 (1 March
 * 1900, as a day before is one too few: Excel has a 29 February 1900) to
 * the end of our years; "excel-1904" that of its other calendar.  RFC 3339
 * with its T and its offset has one reading, whatever the formats are.
 * Nothing is guessed: false when the text fits none or names no real date.
 */
bool mc_map_time(const struct mc_map *m, enum mc_column c, struct mc_str s,
    const struct mc_zone *zone, int64_t *ms, bool *day_only, bool *cut);
/*
 * Could it be a time, however wrong?  Where cells are shifted a name stands
 * there, or an identity number or a phone's (9 to 12 digits), which is in no
 * message.
 */
bool mc_map_time_like(struct mc_str s);
/* What a text that was refused looks like, and how a map says so; NULL. */
const char *mc_map_time_advice(const struct mc_map *m, struct mc_str s);
/*
 * A number of people as "1234.5": by the map's decimal sign, else only what
 * has one reading ("12,5" and "1.234.567,5", not "1,234").  Returns false for
 * what has two.  What is no number at all comes back as it is.
 */
#define MC_MAP_NUMBER 80
bool mc_map_number(const struct mc_map *m, struct mc_str s,
    char to[MC_MAP_NUMBER], struct mc_str *out);
/*
 * A code, identity number or phone that a spreadsheet has made a number of
 * ("3.7E+10")?  Its digits are lost.
 */
bool mc_map_spoilt(struct mc_str s);

/*
 * What each of a file's n columns is.  `ignored` gets the names of columns
 * that are passed over, comma separated, but for those it has already.
 * Errors: a column twice (E_DUPLICATE), unknown without a map or with a strict
 * one (E_COLUMN), a column of the map that the file lacks (E_COLUMN) or that
 * no row can do without (E_HEADER).  Of csv they have the number of the
 * column; else it is a JSON row, which may leave out what it has no value for.
 * Columns that begin with '_' (a reject file's) and are not in the map are
 * passed over silently.  Of a name in several parts (see MC_HEADING_JOIN) the
 * last will do where no other column has it.  A column without a name binds
 * to nothing; `unnamed` then says that rows must be empty there.
 */
#define MC_HEADING_JOIN " / "
/* One of our columns that the source has, or that the map has a default for. */
struct mc_bound {
	enum mc_column c;
	int at;        /* or -1 */
	bool words;    /* the map has some: mc_map_value() */
	bool fallback; /* mc_map_value_default() has one */
};
struct mc_binding {
	size_t n;
	enum mc_column *column; /* n of them */
	int *field;             /* index into field_name, or -1 */
	struct mc_str field_name[MC_MAP_FIELDS];
	int fields;
	int at[MC_COL__COUNT]; /* source column of each of ours, or -1 */
	/* Derived from these: what is to be done for each row. */
	int16_t source[MC_COL_DOSSIER__COUNT]; /* at[], of a dossier's */
	struct mc_bound bound[MC_COL__COUNT];  /* in their order */
	int n_bound;
	int field_at[MC_MAP_FIELDS]; /* columns that are fields, ascending */
	int n_field_at;
	bool unnamed;
	bool sparse;   /* most have none: is it a heading? */
	bool unplaced; /* columns have no order: messages name no place */
};
int mc_map_bind(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_str *header, size_t n, bool csv, struct mc_binding *out,
    struct mc_buf *ignored, struct mc_err *err) MC_MUST_CHECK;
void mc_binding_free(struct mc_binding *b);
/*
 * A name as it is compared: clean, and any white space in it, which headings
 * have line ends among, one space.  The caller frees.
 */
char *mc_map_tidy(struct mc_str text);
/* Is it a column's name: one of ours, a usual heading, or the map's? */
bool mc_map_knows(const struct mc_map *m, struct mc_str name);
/*
 * The names of the source's columns that the map has, each once; borrowed
 * from the map.  At most MC_COL__COUNT + MC_MAP_FIELDS.
 */
size_t mc_map_sources(const struct mc_map *m, struct mc_str *out);
/*
 * Does "field.*" of the map take that name, which nothing else in it does?
 * Then *field is what stands for the star.
 */
bool mc_map_any_field(
    const struct mc_map *m, struct mc_str name, struct mc_str *field);
/* What no row can do without and the map does not have: how many, which. */
#define MC_MAP_NEEDED 6
size_t mc_map_lacks(
    const struct mc_map *m, enum mc_column lacks[MC_MAP_NEEDED]);

#endif
