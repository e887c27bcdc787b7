/*
 * db.h - the one SQLite database, opened the one right way.
 *
 * Every statement is a name in lib/sql.def; parameters are bound by type.
 * Writers hold an exclusive flock on the sidecar "FILE.lock" from before
 * BEGIN IMMEDIATE until COMMIT and its checkpoint have returned: SQLite
 * before 3.51.3 can corrupt a WAL database that several processes write
 * without it.  A second lock (a turnstile) makes the queue fair: who waits
 * is next, so that a short writer waits at most for one batch of a long one.
 */
#ifndef MOTCUA_DB_H
#define MOTCUA_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_DB_APPLICATION_ID 0x4d437561 /* "MCua" */
#define MC_DB_WAIT_MS 30000

struct mc_db;
struct mc_cur; /* a running statement */

enum mc_db_mode { MC_DB_READ, MC_DB_WRITE };

/*
 * Open an existing database: regular file, one link, not writable by the
 * world, our application_id, a schema this version knows, its text equal to
 * what this version creates.  To be written, it gets a write-ahead log, which
 * a backup has not.  MC_ENOTFOUND/E_NODB, MC_ESCHEMA/E_SCHEMA.
 */
int mc_db_open(struct mc_db **out, const char *path, enum mc_db_mode mode,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * Make a new one (mode 0660; a missing directory is made 2770).  E_EXISTS
 * when the file is there.  The schema is applied; nothing else is in it.
 */
int mc_db_create(
    struct mc_db **out, const char *path, struct mc_err *err) MC_MUST_CHECK;
/* A private scratch database with the same schema, gone when closed. */
int mc_db_scratch(struct mc_db **out, struct mc_err *err) MC_MUST_CHECK;
/*
 * A private copy of a database as it is now, gone when closed: whoever works
 * on it keeps nobody from writing.  It is a file without a name in the
 * database's directory, and needs as much room.  A transaction that has
 * changed something cannot be rolled back: then it is of no more use.
 */
int mc_db_copy(
    struct mc_db **out, struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_close(struct mc_db *db); /* rolls back what is open */

const char *mc_db_path(const struct mc_db *db);
int mc_db_schema_version(struct mc_db *db);
const char *mc_db_sqlite_version(void);

/*
 * Write transaction: lock, BEGIN IMMEDIATE.  MC_EBUSY/E_BUSY after
 * MC_DB_WAIT_MS, naming the holder's pid where it is known.
 */
int mc_db_begin(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
int mc_db_commit(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_rollback(struct mc_db *db); /* harmless when none is open */
/*
 * COMMIT, and BEGIN of the next with the lock kept: it is put off like
 * mc_db_run_later(), and the caller goes on with the next transaction.
 * Whether the first is there, mc_db_committed() knows, and waits for it; it
 * is to be asked before the next one ends.  After -1 nothing that came later
 * is there either, and the transaction is to be rolled back.
 */
void mc_db_commit_later(struct mc_db *db);
int mc_db_committed(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
/* Is another process waiting for the lock? */
bool mc_db_wanted(const struct mc_db *db);
/* A read transaction: one snapshot until mc_db_read_end(). */
int mc_db_read_begin(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_read_end(struct mc_db *db);

/*
 * For a bulk load whose ids come from names that the same transaction has
 * read or written: foreign keys are not looked up once more for every row (a
 * tenth of the time).  They stay declared; `dossier-db check` verifies them.
 */
void mc_db_bulk(struct mc_db *db);
/*
 * From here on what this connection deletes is overwritten, on pages that
 * become free, too (else only what stood on pages that stay in use).
 */
void mc_db_wipe(struct mc_db *db);

/* Every statement there is. */
enum mc_sql {
#define MC_SQL(name, text) MC_SQL_##name,
#include "../../lib/sql.def"
#undef MC_SQL
	MC_SQL__COUNT
};
const char *mc_sql_name(enum mc_sql id);
const char *mc_sql_text(enum mc_sql id);

struct mc_arg {
	enum { MC_ARG_NULL, MC_ARG_INT, MC_ARG_TEXT, MC_ARG_BLOB } type;
	int64_t i;
	struct mc_str s; /* borrowed until the statement is done */
};

/* clang-format off */
#define MC_INT(n)  ((struct mc_arg){ .type = MC_ARG_INT, .i = (n) })
#define MC_TEXT(v) ((struct mc_arg){ .type = MC_ARG_TEXT, .s = (v) })
#define MC_BLOB(v) ((struct mc_arg){ .type = MC_ARG_BLOB, .s = (v) })
#define MC_NULL    ((struct mc_arg){ .type = MC_ARG_NULL })
/* Instants, days and ids whose "none" value is stored as NULL. */
#define MC_INT_OR_NULL(n, none) \
	((struct mc_arg){ .type = (n) == (none) ? MC_ARG_NULL : MC_ARG_INT, \
	    .i = (n) })
#define MC_TEXT_OR_NULL(v) \
	((struct mc_arg){ .type = (v).p == NULL ? MC_ARG_NULL : MC_ARG_TEXT, \
	    .s = (v) })

/* mc_db_run(db, MC_SQL_X, MC_ARGS(MC_INT(1), MC_TEXT(s)), err) */
#define MC_ARGS(...) \
	(const struct mc_arg[]){ __VA_ARGS__ }, \
	sizeof((const struct mc_arg[]){ __VA_ARGS__ }) / sizeof(struct mc_arg)
#define MC_NOARGS NULL, 0
/* clang-format on */

/* Run a statement without rows to its end. */
int mc_db_run(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, struct mc_err *err) MC_MUST_CHECK;
/*
 * The same, some time before the next statement or COMMIT: another thread
 * may do it while the caller prepares the next.  Arguments are copied.  They
 * are run in order; but new dossiers (MC_SQL_DOSSIER_ADD) are kept, in a bulk
 * load, until there are many of them, which go in before one of them is
 * changed (MC_SQL_DOSSIER_SET), anything is read, or COMMIT; and so are rows of
 * `open` or `rollup` (MC_SQL_OPEN_SET, MC_SQL_ROLLUP_ADD), before any other
 * statement that may be about them.  A failure is reported by whatever comes
 * next that can report one, and by COMMIT at the latest.
 */
void mc_db_run_later(
    struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n);
/* Run one that gives at most one integer; 1 row (NULL reads `none`), 0, -1. */
int mc_db_int(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, int64_t *out, int64_t none, struct mc_err *err) MC_MUST_CHECK;
/*
 * The same of what the last commit left, not waiting for what was put off: on
 * a connection that only reads.  It is for rows that this transaction, and
 * those before it that were put off, have not touched.  From the first on it
 * is one snapshot, and as long as that is there the log of the database may
 * grow: until mc_db_aside_end(), or the transaction's end.
 */
int mc_db_int_aside(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, int64_t *out, int64_t none, struct mc_err *err) MC_MUST_CHECK;
void mc_db_aside_end(struct mc_db *db);
int64_t mc_db_changes(struct mc_db *db); /* rows the last run changed */

/*
 * Iterate.  A statement can be running once at a time; values are borrowed
 * until the next mc_cur_next() or mc_cur_close().
 */
int mc_cur_open(struct mc_cur **out, struct mc_db *db, enum mc_sql id,
    const struct mc_arg *args, size_t n, struct mc_err *err) MC_MUST_CHECK;
int mc_cur_next(struct mc_cur *cur, struct mc_err *err) MC_MUST_CHECK;
void mc_cur_close(struct mc_cur *cur); /* NULL is fine */
int64_t mc_cur_int(struct mc_cur *cur, int column, int64_t none);
struct mc_str mc_cur_text(struct mc_cur *cur, int column); /* p NULL: NULL */
struct mc_str mc_cur_blob(struct mc_cur *cur, int column);

/* The online copy of `dossier-db backup`; `to` must not exist. */
int mc_db_backup(
    struct mc_db *db, const char *to, struct mc_err *err) MC_MUST_CHECK;

/*
 * SQLite's own checks, each complaint through `found`: of the file's
 * structure, or of foreign keys ("row 7 of step has no unit").  Stops after
 * MC_DB_COMPLAINTS.
 */
#define MC_DB_COMPLAINTS 1000
int mc_db_integrity(struct mc_db *db, bool foreign_keys,
    void (*found)(void *arg, const char *text), void *arg,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * Could mc_db_create() make it?  A missing directory is made (2770), and
 * *made says so; E_EXISTS when the file is there.
 */
int mc_db_ready(const char *path, bool *made, struct mc_err *err) MC_MUST_CHECK;
/* Take back what mc_db_create() has just made: FILE, -wal, -shm, .lock. */
void mc_db_remove(const char *path);

#endif
