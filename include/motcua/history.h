/*
 * history.h - the events of one dossier, read back from the log.
 *
 * A service.  Made for many dossiers in the order of their ids: what befell
 * them together stands together in the log, so that a few readers, each at
 * one such place, find nearly everything where they stand.
 */
#ifndef MOTCUA_HISTORY_H
#define MOTCUA_HISTORY_H

#include <stdbool.h>

#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/fold.h>
#include <motcua/store.h>

struct mc_history;

struct mc_history *mc_history_new(struct mc_store *s); /* borrowed */
void mc_history_free(struct mc_history *h);

/* From the beginning of a loaded dossier, which must not change meanwhile. */
void mc_history_begin(struct mc_history *h, const struct mc_case *c);
/* 1 with the next event (borrowed until the next call), 0, -1. */
int mc_history_next(
    struct mc_history *h, struct mc_event *e, struct mc_err *err) MC_MUST_CHECK;
/*
 * The dossier as it was before its last n events, which must all be of that
 * kind: 1; 0 when they are not, or there are not so many before it; -1.
 */
int mc_history_before(struct mc_history *h, const struct mc_case *c, int n,
    enum mc_kind kind, struct mc_case *out, struct mc_err *err) MC_MUST_CHECK;
/* The same; the last n must be of these kinds, in this order. */
int mc_history_before_these(struct mc_history *h, const struct mc_case *c,
    int n, const enum mc_kind *kind, struct mc_case *out,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * The last value that an event has given to a field that is not public, in
 * *value; false: none, or it was erased.
 */
bool mc_history_private(struct mc_store *s, const struct mc_case *c,
    const char *field, struct mc_buf *value);

#endif
