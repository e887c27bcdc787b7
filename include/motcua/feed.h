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

enum mc_feed_format { MC_FEED_GUESS, MC_FEED_CSV, MC_FEED_NDJSON };

struct mc_feed;

/*
 * path "-" is standard input.  delimiter '\0': the map's, else the one of
 * comma, semicolon and tab that the heading has most of.  The heading is
 * read and bound here.  label (may be NULL) is its name in messages.
 */
int mc_feed_open(struct mc_feed **out, const char *path, const char *label,
    enum mc_feed_format format, char delimiter, const struct mc_map *map,
    struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free(struct mc_feed *f);

/* Hand the next row to the intake: 1, 0, MC_WOULD_BLOCK, -1. */
int mc_feed_next(struct mc_feed *f, struct mc_intake *in, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
const char *mc_feed_name(const struct mc_feed *f); /* for messages */
/*
 * Names of columns that are passed over, or "": of the heading, and where
 * rows name their own members, of the first row.
 */
const char *mc_feed_ignored(const struct mc_feed *f);
struct mc_source *mc_feed_source(struct mc_feed *f);

/*
 * A rejected row as it goes into the reject file: the row with _line,
 * _column, _code and _message added, such that the mended file can be fed
 * back.  mc_feed_reject_head() is the file's first line (CSV), or nothing.
 */
void mc_feed_reject_head(const struct mc_feed *f, struct mc_buf *out);
void mc_feed_reject(const struct mc_feed *f, const struct mc_intake_result *r,
    struct mc_buf *out);

#endif
