/* importer_internal.h - what the importer's files share. */
#ifndef IMPORTER_INTERNAL_H
#define IMPORTER_INTERNAL_H

#include <motcua/importer.h>

/*
 * Results of a chain (intake.h) wait until its lock is given back: whoever
 * reads our output may be waiting for it.  Then a thread tells them while the
 * next chain is written, and nobody else calls result, reject and batch_done
 * until mc_telling_end().
 */
struct mc_telling;
struct mc_telling *mc_telling_new(const struct mc_import *im);
void mc_telling_free(struct mc_telling *t);

/* Everything is copied. */
void mc_telling_keep(struct mc_telling *t, const struct mc_intake_result *r);
bool mc_telling_waits(const struct mc_telling *t); /* is anything kept? */
/* Is it so much that the chain had better end? */
bool mc_telling_full(const struct mc_telling *t);
/* What comes is of this transaction (intake.h); they come in order ... */
void mc_telling_mark(struct mc_telling *t, uint64_t transaction);
/* ... and from this one on they are not there: what is kept is forgotten. */
void mc_telling_drop(struct mc_telling *t, uint64_t transaction);

/*
 * Tell what is kept, beside what we do next.  -1 with what went wrong with
 * what was told before; what is kept is told all the same.
 */
int mc_telling_begin(struct mc_telling *t, struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err) MC_MUST_CHECK;
/* All of it is told, or *err says why not. */
int mc_telling_end(struct mc_telling *t, struct mc_err *err) MC_MUST_CHECK;

/* One result; where rows are events, most have none of their own. */
int mc_tell(const struct mc_import *im, const struct mc_feed *f,
    const struct mc_intake_result *r, int64_t run,
    struct mc_err *err) MC_MUST_CHECK;

#endif
