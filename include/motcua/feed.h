/*
 * feed.h - files into an intake: CSV and NDJSON, row by row.
 */
#ifndef MOTCUA_FEED_H
#define MOTCUA_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/intake.h>
#include <motcua/lines.h>

enum mc_feed_format {
	MC_FEED_GUESS,
	MC_FEED_CSV,
	MC_FEED_NDJSON,
	MC_FEED_XES,
	MC_FEED_DVCQG
};
/* "csv" ...; MC_FEED_GUESS: none of them. */
enum mc_feed_format mc_feed_format_parse(const char *name);
const char *mc_feed_formats(void); /* their names, with spaces between */
/*
 * The map that a format has of its own, in the starter rulebook: the path of
 * the file there, or NULL.
 */
const char *mc_feed_format_map(enum mc_feed_format f);

struct mc_feed;

struct mc_feed_options {
	enum mc_feed_format format;
	char delimiter; /* '\0': the map's, else found in the heading */
	enum mc_encoding encoding; /* NONE: the map's, else UTF-8 */
};

/*
 * path "-" is standard input.  The heading is read and bound here: the first
 * line, or where the map says.  label (may be NULL) is its name in messages.
 *
 * Rows are the intake's, except: a row with nothing in any cell is no row; a
 * line of totals, and what comes after the end of the table, is passed over
 * where the map says how they begin; a row is refused whose text was garbled
 * on its way (E_MOJIBAKE), or whose code, identity number or phone a
 * spreadsheet made a number of (E_NUMBER).  Columns that the map recodes are
 * text of an old font in a file that is Unicode.
 *
 * XES and the national portal's JSON need a map (mc_feed_format_map()); their
 * names are columns, and what the map does not name is kept (intake.h).
 * Their rejects are NDJSON.
 */
int mc_feed_open(struct mc_feed **out, const char *path, const char *label,
    const struct mc_feed_options *o, const struct mc_map *map,
    struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free(struct mc_feed *f);

/* Hand the next row to the intake: 1, 0, MC_WOULD_BLOCK, -1. */
int mc_feed_next(struct mc_feed *f, struct mc_intake *in, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
const char *mc_feed_name(const struct mc_feed *f); /* for messages */
/*
 * Names of columns that are passed over, or "": of the heading, and where
 * rows name their own members, of those so far.
 */
const char *mc_feed_ignored(const struct mc_feed *f);
struct mc_source *mc_feed_source(struct mc_feed *f);
/* Something to be told once, when the file has ended: .code; borrowed. */
const struct mc_err *mc_feed_warning(const struct mc_feed *f);
/* How many lines were passed over so far, and the first. */
int64_t mc_feed_passed(const struct mc_feed *f, int64_t *first);

/*
 * A rejected row as it goes into the reject file: the row with _line,
 * _column, _code and _message added, such that the mended file can be fed
 * back.  mc_feed_reject_head() is what the file begins with: of CSV all up to
 * the heading; where the source was of another encoding, the mark of UTF-8.
 */
void mc_feed_reject_head(const struct mc_feed *f, struct mc_buf *out);
void mc_feed_reject(const struct mc_feed *f, const struct mc_intake_result *r,
    struct mc_buf *out);

#endif
