/*
 * later.h - work handed to another thread, done in the order given.
 *
 * The work is bytes that `work` understands.  They are gathered in chunks, the
 * jobs of a worker (worker.h).  The first is given when a chunk is full, so
 * that little work costs no thread: it is done by mc_later_drain() itself.
 * What `work` touches is its own until drained; then it is the caller's again.
 */
#ifndef MOTCUA_LATER_H
#define MOTCUA_LATER_H

#include <stdbool.h>

#include <motcua/buf.h>

struct mc_later;

/*
 * work(arg, p, n) does one chunk of about `chunk` bytes: whole pieces, as they
 * were added.
 */
struct mc_later *mc_later_new(
    size_t chunk, void (*work)(void *arg, const char *p, size_t n), void *arg);
/* What was handed over is done first; the rest is dropped. */
void mc_later_free(struct mc_later *l);

/* Where the next piece is added, whole; then mc_later_added(). */
struct mc_buf *mc_later_piece(struct mc_later *l);
void mc_later_added(struct mc_later *l);
/*
 * What was added goes to the thread now, full or not.  The number is for
 * mc_later_wait(), which returns when that much is done.
 */
unsigned mc_later_hand(struct mc_later *l);
void mc_later_wait(struct mc_later *l, unsigned number);
/* Everything added is done when this returns. */
void mc_later_drain(struct mc_later *l);
bool mc_later_idle(const struct mc_later *l); /* nothing added since */
/* Forget what was not handed over; wait for the rest. */
void mc_later_drop(struct mc_later *l);

#endif
