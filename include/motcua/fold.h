/*
 * fold.h - a dossier's state is a fold of its events.
 *
 * Pure: no SQL, no clock.  The same function runs when an event is appended
 * and when `dossier-db check replay` reads the log again; whatever a row of
 * the database says about a dossier comes from here.
 *
 * Names (units, procedures, steps ...) are ids of the store's dictionaries;
 * mc_names translates.
 */
#ifndef MOTCUA_FOLD_H
#define MOTCUA_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/event.h>

#define MC_NOID 0 /* dictionary ids count from 1 */
#define MC_CASE_STEPS 200
#define MC_STORED_STEPS 4
#define MC_ANYDAY INT32_MAX /* counted_on, where a row does not tell */

enum mc_dict {
	MC_D_UNIT,
	MC_D_OFFICER,
	MC_D_STEP,
	MC_D_PROCEDURE,
	MC_D_AGENCY,
	MC_D__COUNT
};

struct mc_names {
	/* The id of a name, given one when it is new. */
	int (*id)(void *arg, enum mc_dict dict, struct mc_str name,
	    int32_t *out, struct mc_err *err);
	/* The id of what a received/repinned event pins to. */
	int (*pin)(void *arg, const struct mc_event *e, int32_t *out,
	    enum mc_verdict_rule *verdict, struct mc_err *err);
	/* The name behind an id; borrowed until the store is closed. */
	const char *(*text)(void *arg, enum mc_dict dict, int32_t id);
	void *arg;
	const struct mc_zone *zone;
};

struct mc_case_step {
	int32_t step, unit, officer;
	int64_t entered_at;
	int64_t due_at; /* MC_NEVER: no limit of its own */
	int32_t due_day;
};

struct mc_case {
	int64_t id; /* code.h */
	int32_t procedure, pin, unit;
	enum mc_channel channel;
	int64_t received_at; /* MC_NEVER while only registered */
	int64_t row_hash;    /* of the last imported row; 0: none */

	enum mc_status status;
	enum mc_status was; /* while paused: what it goes back to */
	struct mc_due due;
	bool due_given;
	bool due_moved; /* by more than the receipt and its rules (redue.h) */
	enum mc_verdict_rule rule;
	int32_t extensions; /* how often extended */
	bool apologised;    /* form 04; an extension is one, with a date */
	bool voided;        /* it counts nowhere, and its code is free */
	bool revived;       /* it was, and the code has come again */
	bool child;        /* part of another's submission: a parent is named */
	bool recounted;    /* it has counted on other days than received_at's */
	int64_t paused_at; /* MC_NEVER: running */
	int64_t finished_at, returned_at;
	enum mc_verdict verdict;
	int32_t holder, officer; /* where no step says otherwise */
	int64_t changed_at;      /* `at` of the last change of state */
	int32_t version;         /* events so far */
	int32_t overdue_on;      /* day the running +1 is posted on; MC_NODAY */
	int32_t counted_on;      /* the last day it counted on, that aside */
	struct mc_buf events;    /* their numbers, mc_seqs_*() */
	uint64_t last_seq;       /* the last of them */
	struct mc_buf fields;    /* public fields, JSON object, or empty */
	struct mc_case_step *step; /* open steps */
	int steps, step_cap;

	/* The store's: what the rows say that this was loaded from. */
	struct {
		bool there, open;
		int steps;
		struct mc_case_step step[MC_STORED_STEPS]; /* the first */
		int32_t procedure, pin, unit, holder, officer;
		enum mc_channel channel;
		int64_t received_at, row_hash;
	} stored;
};

void mc_case_init(struct mc_case *c); /* memory kept when used again */
void mc_case_free(struct mc_case *c);
struct mc_case_step *mc_case_find_step(struct mc_case *c, int32_t step);

/* Counters of the roll-ups, in the order of the rollup table's columns. */
enum mc_counter {
	MC_C_DIRECT,
	MC_C_ONLINE,
	MC_C_POSTAL,
	MC_C_EARLY,
	MC_C_ON_TIME,
	MC_C_LATE,
	MC_C_OPENED,
	MC_C_CLOSED,
	MC_C_BECAME,
	MC_C_CEASED,
	MC_C__COUNT
};
struct mc_posting {
	int32_t day, procedure, unit;
	enum mc_counter counter;
	int32_t delta;
	bool child; /* it is no submission of its own */
};
#define MC_POSTINGS 16
struct mc_postings {
	struct mc_posting p[MC_POSTINGS];
	int n;
	int32_t late_on; /* of an event that was entered late; MC_NODAY */
};

/*
 * Apply one event (with its seq) to the case, and say what it posts.  A kind
 * this does not know, or data it cannot do without, is MC_EDAMAGED/E_LOG:
 * never skipped.  Whether the move is allowed is workflow.h's business.
 *
 * `voided` is the exception to what later events may do to earlier reports:
 * it is entered as of the receipt, the dossier never was, and whoever folds
 * it takes back all that its earlier events have posted (struct mc_posted),
 * on their own days.  It posts nothing itself.
 *
 * So is an event that stops the clock and was entered late, of a day before
 * one that the dossier has counted on (late_on): mc_posted_take() says what it
 * takes back of what was posted on later days, and what it posts itself.
 * Whoever folds asks mc_fold_late() before, whether that will be needed.
 */
int mc_fold(struct mc_case *c, const struct mc_event *e,
    const struct mc_names *names, struct mc_postings *out,
    struct mc_err *err) MC_MUST_CHECK;

/* Can the event, which is not folded yet, be one that was entered late? */
bool mc_fold_late(const struct mc_case *c, const struct mc_event *e,
    const struct mc_zone *zone);

/*
 * A reopening takes a finish back on its own day, so that earlier reports
 * stay.  For a period that has the reopening and not the finish, that is one
 * finished less than none: such a period needs what was taken back.  Each
 * posting of the finish, and of the corrections of its verdict, is one of
 * these; those before the period's start are what it did not see.
 */
struct mc_reopening {
	int32_t day;              /* of the reopening */
	struct mc_posting finish; /* `closed` or a verdict, on its own day */
};

/*
 * What a dossier has posted, event by event: a `voided` empties it, as that
 * dossier is to count nowhere.  { 0 } at first.  An event that was entered
 * late stops the clock on its day, as if it had been known then; and what is
 * closed before its receipt counts as closed with it.
 */
struct mc_posted {
	MC_VEC(struct mc_posting) v;
	MC_VEC(struct mc_reopening) reopening;
	size_t since; /* index in v: posted after the last reopening */
};
void mc_posted_take(struct mc_posted *p, const struct mc_event *e,
    const struct mc_postings *out);
void mc_posted_free(struct mc_posted *p);

/* Numbers of events, ascending, packed as LEB128 differences. */
void mc_seqs_add(struct mc_buf *b, uint64_t *last, uint64_t seq);
/* Iterate: *at = 0 and *seq = 0 before the first; false at the end. */
bool mc_seqs_next(struct mc_str packed, size_t *at, uint64_t *seq);

#endif
