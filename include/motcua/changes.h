/*
 * changes.h - what is new since the last run of a name, told exactly once.
 *
 * The table `told` has, by name, every dossier (or step) of the last
 * selection with the state and due that it was told in.  A run
 *   opens (one run of a name at a time), sends what a killed run has left,
 *   looks at its selection, writes news and what is forgotten in one
 *   transaction, sends the news, and marks them as sent in another.
 * Nothing is sent in a transaction; sent.h counts what was.
 */
#ifndef MOTCUA_CHANGES_H
#define MOTCUA_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include <motcua/err.h>
#include <motcua/sent.h>
#include <motcua/store.h>
#include <motcua/watch.h>

#define MC_CHANGES_NAME 64

/* 1 to 64 characters, [A-Za-z0-9._-]? */
bool mc_changes_name_ok(const char *name);

struct mc_changes;

/*
 * With `look` nothing is locked or written, and the store may be open for
 * reading.  MC_EBUSY/E_BUSY when another run of the name does not end.
 */
int mc_changes_open(struct mc_changes **out, struct mc_store *s,
    const char *name, bool look, struct mc_err *err) MC_MUST_CHECK;
void mc_changes_free(struct mc_changes *c);

/* A row of the present selection.  1 it is new, 0 it was told before. */
int mc_changes_row(struct mc_changes *c, const struct mc_watch_row *row,
    struct mc_err *err) MC_MUST_CHECK;
/* After the last: news are to be sent, what was not seen is forgotten. */
int mc_changes_settle(struct mc_changes *c, struct mc_err *err) MC_MUST_CHECK;

/*
 * What is to be sent now: after opening what another run has left, after
 * settling the news.  1, 0, -1.  Text is borrowed until the next call.
 */
int mc_changes_next(struct mc_changes *c, const struct mc_watch_row **row,
    struct mc_err *err) MC_MUST_CHECK;
/* For mc_sent_line(); NULL when only looking. */
struct mc_sent *mc_changes_sent(struct mc_changes *c);
/* All of it has been sent. */
int mc_changes_done(struct mc_changes *c, struct mc_err *err) MC_MUST_CHECK;

#endif
