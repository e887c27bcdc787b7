/*
 * vault.h - personal values and their salts: kept once, and to be erased.
 *
 * Events commit to them (event.h); here they lie.  A row has those of one
 * event or of several that one transaction wrote, in the log's order, packed
 * together (sealed.h): names of members and streets repeat themselves, and a
 * row for each would be half of the database.  Erasing takes values and salt
 * of one event out and writes the row anew: nothing of them is left in it.
 */
#ifndef MOTCUA_VAULT_H
#define MOTCUA_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/db.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/worker.h>

/* ---- writing (inside a write transaction) ---- */

/*
 * What waits for its row; { 0 } at first.  Rows are packed by whoever writes
 * them or, while the worker runs, by it, and put off a little more.
 */
struct mc_vault {
	struct mc_buf head, text, packed;
	uint64_t first, last;     /* events */
	struct mc_worker *worker; /* to be set before anything; NULL: none */
	struct mc_vault_job *job; /* job[i % MC_VAULT_JOBS], tail .. head - 1 */
	unsigned head_job, tail_job;
};
#define MC_VAULT_JOBS 64
/* Of the event seq, greater than any before it; text and salt are copied. */
void mc_vault_add(struct mc_vault *v, struct mc_db *db, uint64_t seq,
    const struct mc_sealed *sealed);
/* Before COMMIT, and before anything is read that was added. */
void mc_vault_flush(struct mc_vault *v, struct mc_db *db);
void mc_vault_forget(struct mc_vault *v); /* after a rollback */
void mc_vault_free(struct mc_vault *v);

/*
 * Values and salt of the event are gone with this transaction, from the
 * pages that it frees, too: 1, 0 there were none, -1.  (A copy can stand in
 * the write-ahead log until that is overwritten.)
 */
int mc_vault_erase(
    struct mc_db *db, uint64_t seq, struct mc_err *err) MC_MUST_CHECK;

/* ---- reading ---- */

/* One row, unpacked; { 0 } at first. */
struct mc_vault_row {
	struct mc_buf head, text;
	uint64_t seq; /* the row's key */
	/* Where the next one stands. */
	size_t head_at, text_at;
	uint64_t at;
	bool some; /* there is a row */
	bool any;  /* of it, one was read */
};
struct mc_vault_item {
	uint64_t seq;
	const unsigned char *salt; /* MC_SALT_LEN bytes */
	struct mc_str json;        /* both borrowed from the row */
};

/*
 * Those of one event: 1, 0 when there are none, -1 (MC_EDAMAGED).  The row
 * is kept and asked first, so that events in the log's order cost little;
 * what is erased meanwhile can still be in it.
 */
int mc_vault_get(struct mc_vault_row *row, struct mc_db *db, uint64_t seq,
    struct mc_vault_item *out, struct mc_err *err) MC_MUST_CHECK;
/*
 * All of them in order, from { 0 } on: 1, 0 at the end, -1.  After
 * MC_EDAMAGED row->seq says which row it was, and it can go on behind it.
 */
int mc_vault_next(struct mc_vault_row *row, struct mc_db *db,
    struct mc_vault_item *out, struct mc_err *err) MC_MUST_CHECK;
void mc_vault_row_free(struct mc_vault_row *row);

#endif
