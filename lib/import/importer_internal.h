/* importer_internal.h - what the importer's files share. */
#ifndef IMPORTER_INTERNAL_H
#define IMPORTER_INTERNAL_H

#include <motcua/importer.h>

/*
 * Results are kept until their transaction is there.  Then a thread tells
 * them, beside what is written next: whoever reads our output may be waiting
 * for the lock of a chain (intake.h), so that nobody waits for the thread
 * while it is held.  While it runs nobody else calls result, reject and
 * batch_done.
 */
struct mc_telling;
struct mc_telling *mc_telling_new(const struct mc_import *im);
void mc_telling_free(struct mc_telling *t);

/* One of a transaction (intake.h), which come in order; it is copied. */
void mc_telling_keep(struct mc_telling *t, uint64_t transaction,
    const struct mc_intake_result *r);
bool mc_telling_waits(const struct mc_telling *t); /* is anything kept? */
/* Is it so much that the chain had better end, and they be told? */
bool mc_telling_full(const struct mc_telling *t);
/* From this transaction on they are not there: they are forgotten. */
void mc_telling_drop(struct mc_telling *t, uint64_t transaction);

/*
 * Tell what is kept of the transactions up to this one, unless the thread is
 * at work on earlier ones: then some other time.  Waits for nothing.  -1 with
 * what went wrong with what was told before.
 */
int mc_telling_go(struct mc_telling *t, uint64_t transaction, struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err) MC_MUST_CHECK;
/*
 * Tell all that is kept, when earlier ones are told.  -1 with what went wrong
 * with those; what is kept is told all the same.
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
