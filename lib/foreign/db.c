/* db.c - transactions and statements; see motcua/db.h. */
#include <assert.h>
#include <string.h>

#include "db_internal.h"

static const struct {
	const char *name, *text;
} sql[] = {
#define MC_SQL(name, text) { #name, text },
#include "sql.def"
#undef MC_SQL
};

const char *
mc_sql_name(enum mc_sql id)
{
	return sql[id].name;
}

const char *
mc_sql_text(enum mc_sql id)
{
	return sql[id].text;
}

const char *
mc_db_path(const struct mc_db *db)
{
	return db->path;
}

const char *
mc_db_sqlite_version(void)
{
	return sqlite3_libversion();
}

int
mc_db_fail(struct mc_db *db, const char *what, struct mc_err *err)
{
	int rc = sqlite3_errcode(db->h);

	switch (rc) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return mc_err(err, MC_EBUSY, "E_BUSY",
		    "%s: the database is locked by another process", db->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return mc_err(err, MC_EDAMAGED, "E_DAMAGED", "%s: %s", db->path,
		    sqlite3_errmsg(db->h));
	case SQLITE_FULL:
		return mc_err(err, MC_EIO, "E_IO",
		    "%s: No space left on device", db->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return mc_err(err, MC_EIO, "E_IO", "%s: %s", db->path,
		    sqlite3_errmsg(db->h));
	default:
		return mc_err(err, MC_EDB, "E_DB", "%s: %s: %s", db->path, what,
		    sqlite3_errmsg(db->h));
	}
}

int
mc_db_exec(
    struct mc_db *db, const char *text, const char *what, struct mc_err *err)
{
	return sqlite3_exec(db->h, text, NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : mc_db_fail(db, what, err);
}

/* ---- transactions ---- */

int
mc_db_begin(struct mc_db *db, struct mc_err *err)
{
	assert(!db->in_write && !db->in_read);
	if (db->lock_fd != -1 && mc_db_lock(db, err) == -1)
		return -1;
	if (mc_db_exec(db, "BEGIN IMMEDIATE", "begin", err) == -1) {
		mc_db_unlock(db);
		return -1;
	}
	db->in_write = true;
	return 0;
}

/* What was put off is done, and the connection is ours again. */
static int
settle(struct mc_db *db, struct mc_err *err)
{
	mc_later_drain(db->later);
	if (db->late.code == MC_OK && mc_db_rows_put(db, &db->late) == 0 &&
	    mc_db_many_put(db, &db->late) == 0)
		return 0;
	*err = db->late;
	return -1;
}

/* The transaction is over, and what was put off in it. */
static void
end_write(struct mc_db *db)
{
	mc_db_rows_end(db);
	mc_db_many_end(db);
	mc_err_clear(&db->late);
	db->ended = db->ended_there;
	db->in_write = false;
	mc_db_unlock(db);
}

int
mc_db_commit(struct mc_db *db, struct mc_err *err)
{
	int rc;

	assert(db->in_write);
	mc_db_aside_end(db);
	rc = settle(db, err);
	if (rc == 0)
		rc = mc_db_exec(db, "COMMIT", "commit", err);
	if (rc == -1)
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	end_write(db);
	return rc;
}

void
mc_db_rollback(struct mc_db *db)
{
	size_t i;

	if (!db->in_write)
		return;
	mc_db_aside_end(db);
	mc_later_drop(db->later);
	for (i = 0; i < MC_SQL__COUNT; i++)
		mc_cur_close(&db->cur[i]);
	sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	end_write(db);
}

int
mc_db_read_begin(struct mc_db *db, struct mc_err *err)
{
	assert(!db->in_write && !db->in_read);
	if (mc_db_exec(db, "BEGIN", "begin", err) == -1)
		return -1;
	db->in_read = true;
	return 0;
}

void
mc_db_read_end(struct mc_db *db)
{
	size_t i;

	if (!db->in_read)
		return;
	for (i = 0; i < MC_SQL__COUNT; i++)
		mc_cur_close(&db->cur[i]);
	sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	db->in_read = false;
}

/* ---- statements ---- */

static int
bind(struct mc_db *db, struct mc_cur *cur, const struct mc_arg *args, size_t n,
    struct mc_err *err)
{
	size_t i;
	int rc = SQLITE_OK;

	assert((size_t)sqlite3_bind_parameter_count(cur->st) == n);
	for (i = 0; i < n && rc == SQLITE_OK; i++) {
		const struct mc_arg *a = &args[i];

		switch (a->type) {
		case MC_ARG_NULL:
			rc = sqlite3_bind_null(cur->st, (int)i + 1);
			break;
		case MC_ARG_INT:
			rc = sqlite3_bind_int64(cur->st, (int)i + 1, a->i);
			break;
		case MC_ARG_TEXT:
			rc = sqlite3_bind_text(cur->st, (int)i + 1,
			    a->s.p == NULL ? "" : a->s.p, (int)a->s.len,
			    SQLITE_STATIC);
			break;
		case MC_ARG_BLOB:
			rc = sqlite3_bind_blob(cur->st, (int)i + 1,
			    a->s.p == NULL ? "" : a->s.p, (int)a->s.len,
			    SQLITE_STATIC);
			break;
		}
	}
	return rc == SQLITE_OK ? 0 : mc_db_fail(db, sql[cur->id].name, err);
}

static int
open_cur(struct mc_cur **out, struct mc_db *db, enum mc_sql id,
    const struct mc_arg *args, size_t n, struct mc_err *err)
{
	struct mc_cur *cur = &db->cur[id];

	*out = NULL;
	assert(!cur->busy);
	cur->db = db;
	cur->id = id;
	if (cur->st == NULL &&
	    sqlite3_prepare_v3(db->h, sql[id].text, -1,
		SQLITE_PREPARE_PERSISTENT, &cur->st, NULL) != SQLITE_OK)
		return mc_db_fail(db, sql[id].name, err);
	if (bind(db, cur, args, n, err) == -1)
		return -1;
	cur->busy = true;
	*out = cur;
	return 0;
}

int
mc_cur_open(struct mc_cur **out, struct mc_db *db, enum mc_sql id,
    const struct mc_arg *args, size_t n, struct mc_err *err)
{
	*out = NULL;
	if (!mc_later_idle(db->later) && settle(db, err) == -1)
		return -1;
	return open_cur(out, db, id, args, n, err);
}

int
mc_cur_next(struct mc_cur *cur, struct mc_err *err)
{
	int rc = sqlite3_step(cur->st);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0
				 : mc_db_fail(cur->db, sql[cur->id].name, err);
}

void
mc_cur_close(struct mc_cur *cur)
{
	if (cur == NULL || !cur->busy)
		return;
	sqlite3_reset(cur->st);
	cur->busy = false;
}

int64_t
mc_cur_int(struct mc_cur *cur, int column, int64_t none)
{
	int64_t v = sqlite3_column_int64(cur->st, column);

	/* NULL reads as 0: only then a second question. */
	return v != 0 || sqlite3_column_type(cur->st, column) != SQLITE_NULL
		   ? v
		   : none;
}

struct mc_str
mc_cur_text(struct mc_cur *cur, int column)
{
	const char *p = (const char *)sqlite3_column_text(cur->st, column);

	return (struct mc_str){ p,
		p == NULL ? 0 : (size_t)sqlite3_column_bytes(cur->st, column) };
}

struct mc_str
mc_cur_blob(struct mc_cur *cur, int column)
{
	const char *p = sqlite3_column_blob(cur->st, column);

	return (struct mc_str){ p,
		p == NULL ? 0 : (size_t)sqlite3_column_bytes(cur->st, column) };
}

int
mc_db_run_now(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	if (open_cur(&cur, db, id, args, n, err) == -1)
		return -1;
	rc = mc_cur_next(cur, err);
	mc_cur_close(cur);
	assert(rc != 1);
	return rc;
}

int
mc_db_run(struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n,
    struct mc_err *err)
{
	if (!mc_later_idle(db->later) && settle(db, err) == -1)
		return -1;
	return mc_db_run_now(db, id, args, n, err);
}

int
mc_db_int(struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n,
    int64_t *out, int64_t none, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	*out = none;
	if (mc_cur_open(&cur, db, id, args, n, err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1)
		*out = mc_cur_int(cur, 0, none);
	mc_cur_close(cur);
	return rc;
}

/* Small: rows that are asked for are mostly near one another. */
#define ASIDE_CACHE "PRAGMA cache_size = -4096"

/* Where there is no second connection to be had, the first one will do. */
static struct mc_db *
aside(struct mc_db *db)
{
	struct mc_err ignored = MC_ERR_INIT;

	if (db->scratch || mc_later_idle(db->later))
		return db;
	if (db->aside == NULL && !db->no_aside) {
		if (mc_db_open(&db->aside, db->path, MC_DB_READ, &ignored) ==
			-1 ||
		    mc_db_exec(
			db->aside, ASIDE_CACHE, "cache_size", &ignored) == -1) {
			mc_db_close(db->aside);
			db->aside = NULL;
			db->no_aside = true;
		}
	}
	return db->aside == NULL ? db : db->aside;
}

int
mc_db_int_aside(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, int64_t *out, int64_t none, struct mc_err *err)
{
	struct mc_db *to = aside(db);

	if (to != db && !to->in_read && mc_db_read_begin(to, err) == -1)
		return -1;
	return mc_db_int(to, id, args, n, out, none, err);
}

void
mc_db_aside_end(struct mc_db *db)
{
	if (db->aside != NULL)
		mc_db_read_end(db->aside);
}

int64_t
mc_db_changes(struct mc_db *db)
{
	return sqlite3_changes64(db->h);
}
