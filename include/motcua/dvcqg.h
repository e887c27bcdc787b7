/*
 * dvcqg.h - messages of the national public service portal (DOMAIN 3.2).
 *
 * An envelope is
 *   {"session":..,"madonvi":..,"service":..,"isUpdating":..,"data":[..]}
 * and its data are dossiers (DongBoHoSoMC).  All scalars are text, times
 * yyyyMMddHHmmss, and what there is not is "".
 */
#ifndef MOTCUA_DVCQG_H
#define MOTCUA_DVCQG_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/find.h>
#include <motcua/lines.h>
#include <motcua/when.h>

#define MC_DVCQG_SERVICE "DongBoHoSoMC"
/* Stands for no subject, as the portal wants one. */
#define MC_DVCQG_NO_SUBJECT "(không có trích yếu)"
#define MC_DVCQG_BATCH 10 /* dossiers of one envelope, when written */
/* A member of ours: "given" where the due was promised, not computed. */
#define MC_DVCQG_DUE_SOURCE "NguonNgayHenTra"
#define MC_DVCQG_DUE_DAY "NgayDenHan" /* 2024-02-05, of a due at 24:00 */

/* ---- reading ---- */

struct mc_dvcqg_reader;

/* One dossier's object, as text; borrowed until the next call. */
struct mc_dvcqg_item {
	struct mc_str text;
	int64_t line;     /* that it begins on */
	const char *unit; /* of its envelope; "" */
	bool bare;        /* it stood in no envelope */
};

/* Borrows the source. */
struct mc_dvcqg_reader *mc_dvcqg_reader_new(struct mc_source *src);
void mc_dvcqg_reader_free(struct mc_dvcqg_reader *r);
/*
 * Envelopes one after another, or bare dossiers; of a long one only what is
 * in hand is in memory.  1, 0, MC_WOULD_BLOCK, -1: E_JSON (no such message,
 * or cut off), E_SERVICE (one that carries no dossiers), E_LIMIT (a dossier
 * of more than 4 MiB).  Whether an item is JSON is for who parses it.
 */
int mc_dvcqg_next(struct mc_dvcqg_reader *r, struct mc_dvcqg_item *item,
    bool wait, struct mc_err *err) MC_MUST_CHECK;

/* ---- writing ---- */

/* What a dossier's object is made of; all borrowed. */
struct mc_dvcqg_dossier {
	const struct mc_find_row *row; /* personal[] as far as it may go out */
	int64_t registered_at; /* when it was; MC_NEVER: received at once */
	const char *kind;      /* the applicant's; "": not said */
	const char *alias;     /* another number; "" */
	const char *in_case;   /* as an import names it; "" */
	bool personal;         /* what is not there is not withheld */
};
/* What had to be changed to fit. */
struct mc_dvcqg_cuts {
	int64_t n;          /* texts cut */
	const char *member; /* the last of them */
};
/*
 * Append the object.  Members that we have no word for come from the
 * attributes that an import has kept; they are in personal[].  Text that is
 * longer than the portal takes is cut between characters, and counted.
 * E_JSON: attributes that are none.
 */
int mc_dvcqg_put(struct mc_buf *b, const struct mc_dvcqg_dossier *d,
    const struct mc_zone *zone, struct mc_dvcqg_cuts *cuts,
    struct mc_err *err) MC_MUST_CHECK;
/* An envelope's text up to its first dossier, and behind the last. */
void mc_dvcqg_open(struct mc_buf *b, const char *unit, bool updating);
void mc_dvcqg_close(struct mc_buf *b);

#endif
