/*
 * rollup.h - postings of one transaction, gathered and written at its end.
 *
 * Three levels (DESIGN 7; lib/schema): days, 32 days, 1,024 days.  Children
 * are counted on three levels of their own, 3 to 5: submissions are what the
 * first three say, dossiers are both together.  With them go reopenings
 * (fold.h), a row for each day of a finish that a day's reopenings took back.
 */
#ifndef MOTCUA_ROLLUP_H
#define MOTCUA_ROLLUP_H

#include <motcua/db.h>
#include <motcua/err.h>
#include <motcua/fold.h>

#define MC_ROLLUP_LEVELS 3
#define MC_ROLLUP_ALL (2 * MC_ROLLUP_LEVELS)
#define MC_ROLLUP_SHIFT 5 /* 32 periods of a level make one of the next */

struct mc_rollup;

struct mc_rollup *mc_rollup_new(void);
void mc_rollup_free(struct mc_rollup *r);
void mc_rollup_post(struct mc_rollup *r, const struct mc_posting *p);
/* times: 1, or -1 where a dossier that was reopened is voided. */
void mc_rollup_reopened(
    struct mc_rollup *r, const struct mc_reopening *p, int32_t times);
/* Add what was gathered to the table, in key order, and forget it. */
void mc_rollup_flush(struct mc_rollup *r, struct mc_db *db);
void mc_rollup_forget(struct mc_rollup *r);

#endif
