/*
 * out.h - records out: NDJSON, CSV, or a table for people.
 *
 * A tool names the members of a record, one after the other, and never sees
 * a comma, a quote or an error.  Errors latch: after the first one nothing
 * more is written, and mc_out_close() reports it.  Member names are plain
 * ASCII and must live as long as the writer (string literals do).
 *
 *   mc_out_begin(o, "motcua.sla/1");
 *   mc_out_str(o, "code", code);
 *   mc_out_time(o, "due_at", due);
 *   mc_out_end(o);
 */
#ifndef MOTCUA_OUT_H
#define MOTCUA_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/when.h>

#define MC_OUT_COLUMNS 64       /* members of a record, at most */
#define MC_OUT_TABLE_ROWS 1000u /* measured before a table's first line */

struct mc_out;

/*
 * To an open descriptor, which stays the caller's.  format: "ndjson", "csv",
 * "table", or any other name for a writer that takes mc_out_raw() only.
 * Times are written in `zone` (borrowed; NULL: UTC).  Nothing is written
 * before the first block is full, a flush, or the close.
 */
int mc_out_open(struct mc_out **out, int fd, const char *format,
    const struct mc_zone *zone, struct mc_err *err) MC_MUST_CHECK;

/* Before the first record: */
void mc_out_dry_run(struct mc_out *o);     /* each record says "dry_run":true */
void mc_out_spreadsheet(struct mc_out *o); /* CSV: formulas neutralised */
void mc_out_bom(struct mc_out *o);         /* CSV: says that it is UTF-8 */
void mc_out_terminal(struct mc_out *o); /* hostile characters never get out */
/* The heading of a table's column, instead of the member's name. */
void mc_out_label(struct mc_out *o, const char *name, const char *label);

/*
 * CSV without a single record still has its header line: these names, with
 * spaces between.
 */
void mc_out_columns(struct mc_out *o, const char *names);
/*
 * The same, and CSV and tables have exactly these columns, in this order,
 * whatever the order of a record's members and however many it has: for
 * records of several kinds.  CSV before the first record; a table may be
 * told again, and starts anew under its own heading.
 */
void mc_out_name_columns(struct mc_out *o, const char *names);

/* "motcua.<kind>/1": the first member of NDJSON, absent from the others. */
void mc_out_begin(struct mc_out *o, const char *schema);
void mc_out_str(struct mc_out *o, const char *name, const char *s); /* NULL */
void mc_out_strn(struct mc_out *o, const char *name, struct mc_str s);
void mc_out_int(struct mc_out *o, const char *name, int64_t n);
void mc_out_bool(struct mc_out *o, const char *name, bool v);
void mc_out_null(struct mc_out *o, const char *name);
void mc_out_time(struct mc_out *o, const char *name, int64_t ms); /* NEVER */
void mc_out_day(struct mc_out *o, const char *name, int32_t day); /* NODAY */
/* A complete JSON value; the same text in a cell of the other formats. */
void mc_out_json(struct mc_out *o, const char *name, struct mc_str json);
void mc_out_end(struct mc_out *o);

/* A record motcua.finding/1; an mc_found_fn whose argument is the writer. */
struct mc_finding;
void mc_out_finding(void *out, const struct mc_finding *f);

/*
 * Bytes as they are, between records (a text form, DOT, HTML).  What comes
 * from data must have passed mc_text_safe() or the format's own escaping.
 */
void mc_out_raw(struct mc_out *o, const char *p, size_t n);
void mc_out_puts(struct mc_out *o, const char *s);
void mc_out_printf(struct mc_out *o, const char *fmt, ...) MC_PRINTF(2, 3);

/* Records ended so far. */
int64_t mc_out_count(const struct mc_out *o);

/*
 * Write what is complete, so that the next tool in a pipe sees it: at the
 * end of a batch.  A table that is still being measured stays.  -1: latched.
 */
int mc_out_flush(struct mc_out *o, struct mc_err *err) MC_MUST_CHECK;

/*
 * The rest, and the verdict over all that was written.  MC_EIO/E_IO when the
 * system refused (a full disk, a closed descriptor); MC_EUSAGE/E_FORMAT when
 * a record did not fit the columns of the first (CSV, table).  A table of
 * another schema starts anew under its own heading.
 */
int mc_out_close(struct mc_out *o, struct mc_err *err) MC_MUST_CHECK;
void mc_out_free(struct mc_out *o);

#endif
