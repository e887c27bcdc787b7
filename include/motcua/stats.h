/*
 * stats.h - what the roll-ups say: periods, form II.06a, and the recount.
 *
 * A report reads roll-ups only (DESIGN 7): what it costs does not depend on
 * how many dossiers were ever received.  The recount goes over the dossiers'
 * rows and is the check of the roll-ups.
 */
#ifndef MOTCUA_STATS_H
#define MOTCUA_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/fold.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/when.h>

/* ---- periods (DOMAIN 5.1) ---- */

struct mc_period {
	int32_t from, to; /* days, both inclusive */
	char name[48];    /* "Quý III năm 2026"; "" for FROM..TO */
};

/*
 * 2026-09, 2026-Q3, 2026-H1, 2026-9M, 2026, or FROM..TO (dates).  Named
 * periods are the statutory ones (15th to 14th); with `calendar`, calendar
 * ones.  MC_EUSAGE/E_PERIOD.
 */
int mc_period_parse(struct mc_period *out, struct mc_str s, bool calendar,
    struct mc_err *err) MC_MUST_CHECK;
/* The month that a day is in. */
int mc_period_of(struct mc_period *out, int32_t day, bool calendar,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The days [from, to] as pieces of the roll-up's three levels: the sum of
 * the pieces, each times its sign, is the sum over the days.  from MC_NODAY:
 * since ever.  A few dozen periods, whatever the distance: on each level at
 * most 16 at either end.  Returns how many pieces.
 */
#define MC_SLICES 5
struct mc_slice {
	int level;
	int32_t first, last; /* periods of that level, inclusive */
	int sign;
};
int mc_slices(struct mc_slice out[MC_SLICES], int32_t from, int32_t to);

/* Text in the order of a Vietnamese dictionary: <0, 0, >0. */
int mc_vietnamese_order(const char *a, const char *b);

/* ---- form II.06a ---- */

/*
 * What is counted as one: what people handed in, or what offices have to do.
 * A dossier that came with another is a dossier, and no submission.
 */
enum mc_form_basis { MC_BASIS_SUBMISSIONS, MC_BASIS_DOSSIERS };

enum mc_form_by { MC_BY_FIELD, MC_BY_PROCEDURE, MC_BY_UNIT };

struct mc_form_query {
	struct mc_period period;
	enum mc_form_by by;
	enum mc_form_basis basis;
	struct mc_str unit; /* with those below; p NULL: the whole database */
	int32_t today;      /* what happened later does not count */
	bool names;         /* find the names of who reports, and to whom */
};

struct mc_form_row {
	const char *key, *title; /* title may be NULL; both in the total */
	int64_t received_total, received_online, received_other, carried_over;
	int64_t finished_total, finished_early, finished_on_time, finished_late;
	int64_t open_total, open_in_time, open_overdue;
};

struct mc_form;

/*
 * Reads one snapshot.  The rulebook is needed (and left in *rb) only for a
 * unit, for MC_BY_UNIT and for names.  E_UNIT as in scope.h.
 */
int mc_form_06a(struct mc_form **out, struct mc_store *s,
    struct mc_rulebook **rb, const struct mc_form_query *q,
    struct mc_err *err) MC_MUST_CHECK;
void mc_form_free(struct mc_form *f);

const struct mc_form_query *mc_form_query(const struct mc_form *f);
/* Of the reporting unit; its code where no name is known. */
const char *mc_form_unit(const struct mc_form *f);
/* Of the unit above it, which receives the report; NULL where none is known. */
const char *mc_form_receiver(const struct mc_form *f);
/* Rows in the order of their titles (fields) or keys. */
const struct mc_form_row *mc_form_rows(const struct mc_form *f, size_t *n);
const struct mc_form_row *mc_form_total(const struct mc_form *f);

typedef void mc_finding_fn(void *arg, const struct mc_err *finding);

/*
 * The four identities of every row and the total, whose sides come from
 * different counters; each that does not hold is an E_BALANCE.  How many.
 */
int mc_form_check(const struct mc_form *f, mc_finding_fn *found, void *arg);

/*
 * Cells of its rows that are below 0: what an earlier period has counted was
 * corrected in this one (its report stays, so this one has to give it back).
 * Each is told as a W_NEGATIVE, where found is not NULL.  How many.
 */
int mc_form_negative(const struct mc_form *f, mc_finding_fn *found, void *arg);

/* ---- the recount ---- */

#define MC_RECOUNT_CODES 20 /* dossiers named, at most */

/*
 * Count everything again from the dossiers' rows (and, where a row alone
 * does not say it, from the dossier's events) and compare with the roll-ups
 * of every level.  Each cell that differs is an E_BALANCE, and so is each
 * dossier (the first MC_RECOUNT_CODES) that counts in one.  Returns how many
 * cells differ, or -1.
 */
int64_t mc_stats_recount(struct mc_store *s, mc_finding_fn *found, void *arg,
    struct mc_err *err) MC_MUST_CHECK;

#endif
