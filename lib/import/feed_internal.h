/* feed_internal.h - what the files of feed share. */
#ifndef FEED_INTERNAL_H
#define FEED_INTERNAL_H

#include <motcua/csv.h>
#include <motcua/feed.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/xes.h>

/* Columns that NDJSON rows had: a row with other members gets its own. */
#define SHAPES 64 /* kept */
struct shape {
	struct mc_binding binding;
	char **key;
	size_t n;
};

struct mc_feed {
	char *name;
	const struct mc_map *map;
	char delimiter;
	enum mc_encoding said; /* NONE, or what option or map say */
	bool json;
	struct mc_source *src; /* NDJSON; CSV's is the reader's */
	struct mc_csv *csv;
	struct mc_binding binding;
	struct mc_buf head; /* all up to the heading's last line, but its end */
	struct mc_buf below; /* the numbers below it */
	int64_t next_line;   /* that these end before */
	bool mended;         /* it ends with what a reject file adds */
	struct mc_buf ignored;
	bool more; /* than are in it */

	/* What rows are looked at for, beside what all are. */
	bool looks;
	bool recodes;
	MC_VEC(size_t) nameless; /* columns without a name: to be empty */
	bool ended;              /* the table is; what follows is passed over */
	int64_t passed, first_passed;
	bool garbled;   /* a row was: look closely at all from here on */
	bool told_utf8; /* advice is given once */
	bool told_json;
	/* Values whose first zero is gone, it seems. */
	int64_t short_digits;
	struct mc_err short_first;

	/* XES and the portal's JSON: names of columns, as the map has them. */
	struct mc_xes *xes;
	MC_VEC(struct mc_xes_attr) attr; /* of a row of its rejects */
	struct mc_dvcqg_reader *dvcqg;
	MC_VEC(struct mc_str) source;
	size_t from_map; /* of these; behind them are fields that rows had */
	struct mc_buf kept[3]; /* what no column takes, as JSON objects */
	uint64_t trace;        /* that kept[0] is of */
	struct mc_err warning;

	struct shape *shape[SHAPES];
	size_t shapes; /* made so far: the oldest gives way */
	MC_VEC(struct mc_str) value;
	struct mc_buf text; /* values of the row in hand */
};

/* What a reject file has behind the columns of its source. */
#define ADDED 4
extern const char *const mc_feed_added[ADDED];

/*
 * What no checking of values would find: text that was garbled on its way,
 * numbers whose digits are gone.  -1 with *column, from 1.
 */
int mc_feed_check(struct mc_feed *f, const struct mc_binding *b,
    const struct mc_str *field, size_t n, struct mc_str raw, int64_t line,
    int32_t *column, struct mc_err *err) MC_MUST_CHECK;
/* The same of a JSON number in column `at`, which its value no longer shows. */
int mc_feed_check_number(const struct mc_binding *b, size_t at,
    const struct mc_json *v, struct mc_err *err) MC_MUST_CHECK;
int mc_feed_next_json(struct mc_feed *f, struct mc_intake *in, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
/* Columns are all that the map names; mc_feed_source_of(): which, or -1. */
int mc_feed_bind_sources(struct mc_feed *f, struct mc_err *err) MC_MUST_CHECK;
int mc_feed_source_of(const struct mc_feed *f, struct mc_str name);
/*
 * Before a row's values are taken: a column for each of its names (the i-th,
 * with `arg`) that is a field which the map's "field.*" takes.  E_LIMIT.
 */
int mc_feed_add_fields(struct mc_feed *f, size_t n,
    struct mc_str (*name)(const void *arg, size_t i), const void *arg,
    struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free_sources(struct mc_feed *f);
int mc_feed_canonical(
    struct mc_str json, struct mc_buf *out, struct mc_err *err) MC_MUST_CHECK;
int mc_feed_open_xes(struct mc_feed *f, struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free_xes(struct mc_feed *f);
int mc_feed_next_xes(struct mc_feed *f, struct mc_intake *in, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
int mc_feed_open_dvcqg(struct mc_feed *f, struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free_dvcqg(struct mc_feed *f);
int mc_feed_next_dvcqg(struct mc_feed *f, struct mc_intake *in, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
void mc_feed_free_shape(struct shape *s);

#endif
