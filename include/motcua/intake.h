/*
 * intake.h - rows become dossiers.
 *
 * A run takes rows one by one, checks each against the rulebook (no lock is
 * held), keeps the good ones until they are written, a portion at a time of a
 * transaction that may have several, and then hands out what became of every
 * row: results and rejects.  What a
 * row says is compared with the last imported row of its dossier, never with
 * the dossier's present state (DESIGN 1.2).
 */
#ifndef MOTCUA_INTAKE_H
#define MOTCUA_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/map.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>

/* Rows that are prepared while as many before them are written. */
#define MC_INTAKE_PORTION 2048
/* Rows of a transaction, at most, where nobody says how many. */
#define MC_INTAKE_BATCH 65536

struct mc_intake;

struct mc_intake_options {
	const struct mc_map *map;
	bool update;
	/*
	 * A row without a code gets one: of the standard shape, the next of
	 * its agency and day of receipt.  Where only standard codes will do,
	 * another one becomes the alias.  The row is known again by its alias,
	 * else by its content; equal ones by their count.
	 */
	bool number;
	/*
	 * One transaction for the whole run (--atomic, --dry-run): it stays
	 * open over mc_intake_flush() and ends with mc_intake_finish().
	 */
	bool whole;
	int64_t now;
	const char *source; /* for the run's row: a file's name */
	/*
	 * Called when another thread may fill the next portions: before the
	 * rows of this one are written, or where both would ask the same
	 * calendars, after.  May be NULL.
	 */
	void (*written)(void *arg);
	/*
	 * Called when none may, until written(): the rulebook is needed here.
	 * NULL: none ever does.
	 */
	void (*alone)(void *arg);
	size_t batch; /* rows of a transaction, at most; 0: MC_INTAKE_BATCH */
	/*
	 * Is another portion certain to come, and soon?  Then the transaction
	 * is left open for it or, where it has rows enough, its commit put off
	 * to another thread, and the lock kept for the next: a chain, which
	 * ends when another process waits.  May be NULL: never.
	 */
	bool (*more)(void *arg);
	void *arg;
};

/* The store (in write mode) and the rulebook must outlive it. */
int mc_intake_open(struct mc_intake **out, struct mc_store *store,
    struct mc_rulebook *rb, const struct mc_intake_options *o,
    struct mc_err *err) MC_MUST_CHECK;
void mc_intake_free(struct mc_intake *in);

/*
 * A second intake of the same run that only checks rows, so that a thread can
 * fill portions while `in` writes earlier ones.  Freed on its own, before
 * `in`.
 */
struct mc_intake *mc_intake_front(const struct mc_intake *in);
/*
 * A portion.  Rows given to `front` go into it between mc_portion_fill() and
 * mc_portion_filled(); mc_intake_take() has them wait in `in`, which must have
 * nothing waiting, and the portion can be filled anew.  run: that of `in`,
 * where it is known, which saves work; or 0.
 */
struct mc_portion *mc_portion_new(void);
void mc_portion_free(struct mc_portion *p);
void mc_portion_fill(
    struct mc_portion *p, struct mc_intake *front, int64_t run);
void mc_portion_filled(struct mc_portion *p, struct mc_intake *front);
size_t mc_portion_rows(const struct mc_portion *p);    /* filled */
size_t mc_portion_refused(const struct mc_portion *p); /* of these */
void mc_intake_take(struct mc_intake *in, struct mc_portion *p);

/* The columns of the rows to come (borrowed until the next call). */
void mc_intake_bind(
    struct mc_intake *in, const char *file, const struct mc_binding *b);

/*
 * One row: its fields by source column (column[i] for messages, may be
 * NULL), and its bytes for the reject file; all copied.  Never fails: a bad
 * row becomes a reject with its place.
 */
void mc_intake_row(struct mc_intake *in, const struct mc_str *field,
    const int32_t *column, size_t n, int64_t line, struct mc_str raw);
/*
 * What else the source says of a row: JSON objects in RFC 8785 form, or
 * empty.  A source that no list of ours describes may name people anywhere,
 * so all but `attributes` is kept with the personal values.
 */
#define MC_INTAKE_EXTRA (256u << 10) /* bytes of each; E_LIMIT */
struct mc_intake_extra {
	struct mc_str dossier;    /* of the dossier */
	struct mc_str event;      /* of the row's event */
	struct mc_str attributes; /* of it too, and of nobody: goes public */
	bool no_event;            /* it only says that there is the dossier */
	/*
	 * Papers are awaited of it (5), or it was withdrawn (7), before it was
	 * received: its received_at is when it was registered.
	 */
	bool unreceived;
	bool plain; /* mc_text_plain() is true of all its fields */
	/* A due that is the rules' own was computed by them, not promised. */
	bool due_by_rules;
	/* Of a due at 24:00: the day that it ends, 2024-02-05, or empty. */
	struct mc_str due_day;
};
void mc_intake_row_with(struct mc_intake *in, const struct mc_str *field,
    const int32_t *column, size_t n, int64_t line, struct mc_str raw,
    const struct mc_intake_extra *extra);
/* A row that could not even be read, with what was wrong. */
void mc_intake_bad_row(struct mc_intake *in, int64_t line, struct mc_str raw,
    const struct mc_err *why);
/* The same for one field of it, counted from 1. */
void mc_intake_bad_field(struct mc_intake *in, int64_t line, int32_t column,
    struct mc_str raw, const struct mc_err *why);
size_t mc_intake_waiting(const struct mc_intake *in);
size_t mc_intake_refused(const struct mc_intake *in); /* of these, so far */

/*
 * Write what is waiting, a portion.  Afterwards the results can be read until
 * the next mc_intake_row().  On -1 nothing of it is there.
 */
int mc_intake_flush(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
/*
 * Is it part of a chain that goes on?  Then the lock is held, and neither
 * input nor a reader of what is told may be waited for; the chain ends with a
 * later mc_intake_flush(), or here.
 */
bool mc_intake_chained(const struct mc_intake *in);
int mc_intake_unchain(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
/* The number of the transaction that the portion flushed last is in. */
uint64_t mc_intake_transaction(const struct mc_intake *in);
/* And of the last one that is known to be there: it may be told. */
uint64_t mc_intake_there(const struct mc_intake *in);
/*
 * After a failure of either: the number of the first transaction that is not
 * there, with all of its portions; 0: no earlier portion is lost.
 */
uint64_t mc_intake_lost(const struct mc_intake *in);
/* Only checked: what is waiting becomes results, and is not written. */
int mc_intake_drop(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
/* Forget what was counted: the rows come a second time (--atomic). */
void mc_intake_recount(struct mc_intake *in);
/* Ends a whole run: commit, or roll everything back. */
int mc_intake_finish(
    struct mc_intake *in, bool commit, struct mc_err *err) MC_MUST_CHECK;

enum mc_row_result {
	MC_ROW_ADDED,
	MC_ROW_UNCHANGED,
	MC_ROW_UPDATED,
	MC_ROW_REJECTED,
	MC_ROW_MERGED /* an event of a dossier that has its result elsewhere */
};
struct mc_str mc_intake_result_name(enum mc_row_result r);

struct mc_intake_result {
	enum mc_row_result result;
	struct mc_str code;
	int64_t line;
	int events; /* written for it, by rows that are written with this one */
	/*
	 * Of an update, a JSON list of what the two rows differ in: {"name",
	 * "old","new"}, the name alone of what is personal.  Else empty.
	 */
	struct mc_str changed;
	struct mc_str raw; /* the row's bytes (rejects only) */
	/* rejects only */
	int32_t column; /* the field's number from 1; 0: the row */
	const char *id; /* "E_DATE" */
	const char *message;
	const char *where;  /* "file:line:column" */
	const char *advice; /* or "" */
};
/* In the order of the rows; false at the end. */
bool mc_intake_result(
    struct mc_intake *in, size_t i, struct mc_intake_result *out);

/*
 * Where rows are events, a dossier has one result.  Only when the run is over
 * is it known of which nothing was written: these are told then, in the order
 * in which they were met.  1, 0 at the end, -1.
 */
int mc_intake_untouched(struct mc_intake *in, struct mc_intake_result *out,
    struct mc_err *err) MC_MUST_CHECK;

struct mc_tally {
	char id[20];
	int64_t n;
};
struct mc_intake_summary {
	int64_t rows, added, unchanged, updated, rejected, events, run;
	const struct mc_tally *reject, *warning; /* by code, as met */
	size_t rejects, warnings;
};
void mc_intake_summary(
    const struct mc_intake *in, struct mc_intake_summary *out);

#endif
