/*
 * undo.h - a wrong import is taken back.
 *
 * What a run added, and nobody has touched since, is voided: it counts
 * nowhere, in no report of whatever period, and its code is free for a row
 * that mends it (fold.h).  The log keeps both, the import and its end.
 */
#ifndef MOTCUA_UNDO_H
#define MOTCUA_UNDO_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/store.h>
#include <motcua/when.h>

#define MC_UNDO_BATCH 4096

/* A run of dossier-import; source is borrowed until the next row. */
struct mc_run {
	int64_t id, started_at;
	struct mc_str source;
	uint64_t first_seq, last_seq; /* its events lie there, among others */
	int64_t events, added;
	int64_t voided; /* dossiers, by taking it back */
};
/* All of them, oldest first. */
int mc_runs(struct mc_store *s,
    int (*each)(void *arg, const struct mc_run *run, struct mc_err *err),
    void *arg, struct mc_err *err) MC_MUST_CHECK;

enum mc_undo_result {
	MC_UNDO_VOIDED,
	MC_UNDO_KEPT,     /* for a reason, see `why` */
	MC_UNDO_UNCHANGED /* taken back before */
};
const char *mc_undo_result_name(enum mc_undo_result r);

struct mc_undone {
	enum mc_undo_result result;
	struct mc_str code;
	/*
	 * What keeps it: "touched", with the first event that is not of the
	 * run; "updated", with the receipt that is not: it was there before;
	 * "family", with what keeps its parent, or another of its children.
	 */
	const char *why; /* or NULL */
	uint64_t seq;
	enum mc_kind kind;
	int64_t recorded_at;
};

struct mc_undo {
	struct mc_store *store; /* in write mode */
	int64_t run;
	int64_t now;
	size_t batch; /* dossiers a transaction; 0: MC_UNDO_BATCH */
	bool dry_run;

	/* After the transaction that it was part of, in the log's order. */
	int (*result)(void *arg, const struct mc_undone *r, struct mc_err *err);
	/* A batch was told; for progress: events read, of how many. */
	int (*batch_done)(void *arg, int64_t dossiers, int64_t at,
	    int64_t total, struct mc_err *err);
	void *arg;
};
struct mc_undo_summary {
	int64_t voided, kept, unchanged;
};

/*
 * E_RUN: there is no such run.  What was committed before a failure stays,
 * and doing it again does the rest.
 */
int mc_undo_run(const struct mc_undo *o, struct mc_undo_summary *sum,
    struct mc_err *err) MC_MUST_CHECK;

#endif
