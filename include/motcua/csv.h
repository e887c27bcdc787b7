/*
 * csv.h - RFC 4180 in both directions.
 *
 * The reader is our own small scanner, because reading is a hot path
 * (parsing was a fifth of an import with libcsv); the unit tests compare it
 * with libcsv field by field.  A quote inside a field that does not begin
 * with one is text (6'30"); one behind nothing but spaces, or text after a
 * closing quote, is E_QUOTE with its place.
 */
#ifndef MOTCUA_CSV_H
#define MOTCUA_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/lines.h>

#define MC_CSV_COLUMNS 256       /* in a row; E_LIMIT beyond */
#define MC_CSV_FIELD (1u << 20)  /* bytes in a field */
#define MC_CSV_RECORD (4u << 20) /* in a record, without its line end */

struct mc_csv;

/*
 * Fields are borrowed until the next mc_csv_next().  line is the physical
 * line the record starts on, counted from 1; column[i] is the byte column
 * (from 1) on which field i starts (in the line it starts on).  raw is the
 * record's bytes as they were, without the line end (for reject files); plain
 * says that they, and so the fields, are what mc_text_plain() says yes to.
 */
struct mc_row {
	const struct mc_str *field;
	const int32_t *column;
	size_t n;
	int64_t line;
	struct mc_str raw;
	bool plain;
};

/* Takes over `src`.  delimiter: ',' ';' '\t' ...  A UTF-8 BOM is skipped. */
struct mc_csv *mc_csv_new(struct mc_source *src, char delimiter);
void mc_csv_free(struct mc_csv *csv);
struct mc_source *mc_csv_source(struct mc_csv *csv);

/*
 * 1 = row, 0 = end, MC_WOULD_BLOCK (only if !wait), -1 = err.  Errors that
 * concern one record only (E_QUOTE, E_UTF8, E_NUL, E_LIMIT of a field) leave
 * row->raw and row->line set and reading may go on with the next record;
 * *fatal says otherwise.  Blank lines are skipped.  UTF-16 input is
 * recognised and refused with advice (E_ENCODING, fatal).
 *
 * After E_QUOTE, raw is the record's first line and reading goes on with
 * the line after it, so that one lost quote costs one line, and a line that
 * was part of the broken record is judged by itself.  Unclosed quotes are
 * found at the end, or when the record passes MC_CSV_RECORD.  After any other
 * error, raw is the whole record.  A single line of more than MC_CSV_RECORD
 * bytes is E_LIMIT and fatal.  A CR not before an LF is text.
 */
int mc_csv_next(struct mc_csv *csv, struct mc_row *row, bool wait, bool *fatal,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The one of comma, semicolon and tab that a heading has most of, outside
 * quotes; the comma when it has none.
 */
char mc_csv_delimiter(struct mc_str heading);

/*
 * Append one field as CSV: quoted where it has the delimiter, a quote, CR,
 * LF, or leading or trailing space.  spreadsheet neutralises formulas: a
 * field that starts with = + - @ TAB CR LF or a full-width form of them gets
 * a leading ' and is quoted (numbers such as -5 are left alone).
 */
void mc_csv_put(
    struct mc_buf *b, struct mc_str field, char delimiter, bool spreadsheet);
/* The same into room that is there, for MC_CSV_ROOM bytes; returns its end. */
#define MC_CSV_ROOM(n) (2 * (n) + 3)
char *mc_csv_text(
    char *to, struct mc_str field, char delimiter, bool spreadsheet);

#endif
