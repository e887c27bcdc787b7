/*
 * log.h - the event log: appending, reading, and its Merkle tree.
 *
 * The log is stored as bundles of 256 bodies (bundle.h) and a tail of single
 * entries.  Leaf hashes are not stored: a bundle keeps the root over its
 * 256, and the tree's right edge is a row of its own, read again inside
 * every write transaction.
 */
#ifndef MOTCUA_LOG_H
#define MOTCUA_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/bundle.h>
#include <motcua/db.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/hash.h>
#include <motcua/when.h>
#include <motcua/worker.h>

#define MC_BUNDLE_LEVEL 8 /* in the tree: the subtree of its leaves */

/* The tree as the database has it now. */
int mc_log_tree(struct mc_db *db, struct mc_tree *tree, int64_t *last_at,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- appending (inside a write transaction) ---- */

struct mc_log_writer;
/* The worker, borrowed, hashes and packs bundles; NULL: it is done at once. */
struct mc_log_writer *mc_log_writer_new(
    struct mc_db *db, struct mc_worker *worker);
void mc_log_writer_free(struct mc_log_writer *w);
/* After BEGIN: read size, edge and tail again (cheap when none has moved). */
int mc_log_begin(struct mc_log_writer *w, struct mc_err *err) MC_MUST_CHECK;
uint64_t mc_log_size(const struct mc_log_writer *w);
int64_t mc_log_last_at(const struct mc_log_writer *w);
/* One body; its seq is mc_log_size() before the call. */
int mc_log_append(struct mc_log_writer *w, struct mc_str body,
    int64_t recorded_at, struct mc_err *err) MC_MUST_CHECK;
/* The same of an event, whose seq that is; f: its frame, or NULL. */
int mc_log_append_event(struct mc_log_writer *w, const struct mc_event *e,
    const struct mc_event_frame *f, struct mc_err *err) MC_MUST_CHECK;
/* Before COMMIT: write tail and edge (put off: mc_db_run_later()). */
void mc_log_flush(struct mc_log_writer *w);
/* After a rollback: forget everything. */
void mc_log_forget(struct mc_log_writer *w);

/* ---- reading ---- */

struct mc_log;
struct mc_log *mc_log_new(struct mc_db *db);
void mc_log_free(struct mc_log *log);
/*
 * The body of one event; 1, 0 when there is none, -1.  Borrowed until the
 * next call.  Neighbours cost nothing: the last bundle is kept.
 */
int mc_log_get(struct mc_log *log, uint64_t seq, struct mc_str *body,
    struct mc_err *err) MC_MUST_CHECK;
/* In order from where mc_log_seek() stands (0 at first). */
void mc_log_seek(struct mc_log *log, uint64_t seq);
int mc_log_next(struct mc_log *log, uint64_t *seq, struct mc_str *body,
    struct mc_err *err) MC_MUST_CHECK;

/* Stored root of a sealed bundle, for checking: 1, 0, -1. */
int mc_log_bundle_root(struct mc_db *db, uint64_t n, struct mc_hash *root,
    struct mc_err *err) MC_MUST_CHECK;
/* First seq whose recorded_at is >= ms (by bundles, then bodies). */
int mc_log_since(struct mc_log *log, int64_t ms, uint64_t *seq,
    struct mc_err *err) MC_MUST_CHECK;

#endif
