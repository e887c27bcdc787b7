/* db_open.c - making, opening, copying, checking; see motcua/db.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <motcua/embed.h>
#include <motcua/mem.h>

#include "db_internal.h"
#include "schema.inc"

#define CACHE_KIB "-40960"
#define CHECKPOINT_PAGES "1000"
#define LATER_CHUNK (256u << 10) /* of statements for another thread */

#define SCHEMA_VERSION (sizeof(schema_files) / sizeof(schema_files[0]) - 1)

/* One value of a statement that is no part of sql.def (pragmas). */
static int
one_text(
    struct mc_db *db, const char *text, struct mc_buf *out, struct mc_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *s;
	int rc;

	if (sqlite3_prepare_v2(db->h, text, -1, &st, NULL) != SQLITE_OK)
		return mc_db_fail(db, text, err);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		s = (const char *)sqlite3_column_text(st, 0);
		mc_buf_puts(out, s == NULL ? "" : s);
		mc_buf_putc(out, '\n');
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : mc_db_fail(db, text, err);
}

static int64_t
pragma_int(struct mc_db *db, const char *text, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	int64_t n = -1;

	if (one_text(db, text, &b, err) == 0)
		n = strtoll(mc_buf_str(&b), NULL, 10);
	mc_buf_free(&b);
	return n;
}

/* ---- opening ---- */

static int
set_limits(struct mc_db *db, struct mc_err *err)
{
	static const struct {
		int id, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 16 << 20 },
		{ SQLITE_LIMIT_SQL_LENGTH, 100000 },
		{ SQLITE_LIMIT_COLUMN, 100 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 10 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 100 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
	};
	size_t i;
	int off = 0;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db->h, limits[i].id, limits[i].value);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, &off);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &off);
	sqlite3_db_config(
	    db->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &off);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);
	sqlite3_extended_result_codes(db->h, 0);
	sqlite3_busy_timeout(db->h, MC_DB_WAIT_MS);
	return mc_db_exec(db,
	    "PRAGMA cell_size_check = 1; PRAGMA mmap_size = 0;"
	    "PRAGMA foreign_keys = 1; PRAGMA recursive_triggers = 1;"
	    "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST;"
	    "PRAGMA journal_size_limit = 8388608;"
	    "PRAGMA wal_autocheckpoint = " CHECKPOINT_PAGES ";"
	    "PRAGMA cache_size = " CACHE_KIB,
	    "settings", err);
}

static int
begin_now(struct mc_db *db, struct mc_err *err)
{
	return mc_db_exec(db, "BEGIN IMMEDIATE", "begin", err);
}

/* Apply the steps that are missing, one transaction each. */
static int
migrate(struct mc_db *db, struct mc_err *err)
{
	char set[64];
	size_t i;
	int64_t have = pragma_int(db, "PRAGMA user_version", err);

	for (i = have < 0 ? 0 : (size_t)have; i < SCHEMA_VERSION; i++) {
		snprintf(set, sizeof(set), "PRAGMA user_version = %zu", i + 1);
		if (begin_now(db, err) == -1 ||
		    mc_db_exec(db, schema_files[i].data, schema_files[i].path,
			err) == -1 ||
		    mc_db_exec(db, set, "user_version", err) == -1 ||
		    mc_db_exec(db, "COMMIT", "commit", err) == -1) {
			sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
			return -1;
		}
	}
	return have < 0 ? -1 : 0;
}

static struct mc_db *
new_db(const char *path)
{
	struct mc_db *db = mc_calloc(1, sizeof(*db));
	static bool configured;

	/* Its statistics cost a mutex at every allocation. */
	if (!configured)
		sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	configured = true;

	db->path = mc_strdup(path);
	db->lock_fd = -1;
	db->later = mc_later_new(LATER_CHUNK, mc_db_work, db);
	return db;
}

int
mc_db_scratch(struct mc_db **out, struct mc_err *err)
{
	struct mc_db *db = new_db("scratch database");

	*out = NULL;
	/* An empty name: a private file, deleted by SQLite, on disk. */
	db->scratch = true;
	if (sqlite3_open_v2("", &db->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		mc_db_fail(db, "open", err);
	} else if (set_limits(db, err) == 0 &&
		   mc_db_exec(db,
		       "PRAGMA page_size = " MC_DB_PAGE_TEXT ";"
		       "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
		       "settings", err) == 0 &&
		   migrate(db, err) == 0) {
		*out = db;
		return 0;
	}
	mc_db_close(db);
	return -1;
}

static const char list_schema[] =
    "SELECT type || ' ' || name || ' ' || coalesce(sql, '') "
    "FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' "
    "ORDER BY type, name";

/*
 * A foreign trigger or view could do anything with our writes: the schema's
 * text must be what this version creates.
 */
static int
check_schema(struct mc_db *db, struct mc_err *err)
{
	struct mc_buf want = { 0 }, have = { 0 };
	struct mc_db *fresh = NULL;
	int rc = -1;

	if (mc_db_scratch(&fresh, err) == 0 &&
	    one_text(fresh, list_schema, &want, err) == 0 &&
	    one_text(db, list_schema, &have, err) == 0) {
		if (want.len == have.len &&
		    memcmp(want.p, have.p, want.len) == 0)
			rc = 0;
		else
			mc_err(err, MC_ESCHEMA, "E_SCHEMA",
			    "%s: its tables are not those that this version "
			    "creates",
			    db->path);
	}
	mc_db_close(fresh);
	mc_buf_free(&want);
	mc_buf_free(&have);
	return rc;
}

static int
check_header(struct mc_db *db, struct mc_err *err)
{
	int64_t id = pragma_int(db, "PRAGMA application_id", err), version;

	if (id == -1 && err->code != MC_OK)
		return -1;
	if (id != MC_DB_APPLICATION_ID)
		return mc_err(err, MC_ESCHEMA, "E_SCHEMA",
		    "%s is no Motcua database", db->path);
	version = pragma_int(db, "PRAGMA user_version", err);
	if (version == (int64_t)SCHEMA_VERSION)
		return check_schema(db, err);
	mc_err(err, MC_ESCHEMA, "E_SCHEMA",
	    "%s has schema version %lld, this program knows %zu", db->path,
	    (long long)version, SCHEMA_VERSION);
	return version > (int64_t)SCHEMA_VERSION
		   ? mc_err_advise(err, "install the newer Motcua")
		   : -1;
}

/* Not even its first bytes are SQLite's: hardly a damaged one of ours. */
static int
no_database(const struct mc_db *db, struct mc_err *err)
{
	mc_err(
	    err, MC_ESCHEMA, "E_SCHEMA", "%s is no database at all", db->path);
	return mc_err_advise(err,
	    "is --db the right file?  If it was a database, it is damaged: go "
	    "back to a backup");
}

/* The file as init made it: regular, one name, not open to the world. */
static int
check_file(const char *path, struct mc_err *err)
{
	struct stat st;

	if (lstat(path, &st) == -1) {
		if (errno != ENOENT && errno != ENOTDIR)
			return mc_err_sys(err, errno, "%s", path);
		mc_err(
		    err, MC_ENOTFOUND, "E_NODB", "no database at \"%s\"", path);
		return mc_err_advise(
		    err, "make one with: dossier-db init --db=%s", path);
	}
	if (!S_ISREG(st.st_mode))
		return mc_err(err, MC_EDATA, "E_FILE",
		    "\"%s\" is not a regular file", path);
	if (st.st_nlink > 1)
		return mc_err(err, MC_EDATA, "E_FILE",
		    "\"%s\" has more than one name (hard links)", path);
	if ((st.st_mode & S_IWOTH) != 0) {
		mc_err(err, MC_EDATA, "E_MODE",
		    "\"%s\" may be written by everybody", path);
		return mc_err_advise(err, "chmod o-w %s", path);
	}
	return 0;
}

static int
open_lock(struct mc_db *db, struct mc_err *err)
{
	struct mc_buf name = { 0 };

	mc_buf_printf(&name, "%s.lock", db->path);
	db->lock_fd = open(
	    mc_buf_str(&name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (db->lock_fd == -1)
		mc_err_sys(err, errno, "%s", mc_buf_str(&name));
	mc_buf_free(&name);
	return db->lock_fd == -1 ? -1 : 0;
}

static int
persist_wal(struct mc_db *db)
{
	int on = 1;

	/* Readers without write permission need -wal and -shm to be there. */
	return sqlite3_file_control(
		   db->h, NULL, SQLITE_FCNTL_PERSIST_WAL, &on) == SQLITE_OK
		   ? 0
		   : -1;
}

/* A backup has no write-ahead log, until somebody goes back to it. */
static int
start_wal(struct mc_db *db, struct mc_err *err)
{
	static const char wal[] = "wal\n";
	struct mc_buf mode = { 0 };
	int rc = one_text(db, "PRAGMA journal_mode", &mode, err);

	if (rc == 0 && strcmp(mc_buf_str(&mode), wal) != 0) {
		mc_buf_reset(&mode);
		if ((rc = mc_db_lock(db, err)) == 0) {
			rc = one_text(
			    db, "PRAGMA journal_mode = WAL", &mode, err);
			mc_db_unlock(db);
		}
		if (rc == 0 && strcmp(mc_buf_str(&mode), wal) != 0)
			rc = mc_err(err, MC_EDB, "E_DB",
			    "%s: journal_mode=WAL was not taken", db->path);
	}
	mc_buf_free(&mode);
	return rc;
}

static int
start_writer(struct mc_db *db, struct mc_err *err)
{
	if (open_lock(db, err) == -1 || start_wal(db, err) == -1 ||
	    mc_db_exec(db, "PRAGMA synchronous = FULL", "synchronous", err) ==
		-1)
		return -1;
	persist_wal(db);
	if (pragma_int(db, "PRAGMA synchronous", err) != 2)
		return mc_err(err, MC_EDB, "E_DB",
		    "%s: synchronous=FULL was not taken", db->path);
	return 0;
}

int
mc_db_open(struct mc_db **out, const char *path, enum mc_db_mode mode,
    struct mc_err *err)
{
	struct mc_db *db;
	char real[PATH_MAX];
	/* One thread uses a connection: SQLite's mutexes would be idle work. */
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
		    (mode == MC_DB_WRITE ? SQLITE_OPEN_READWRITE
					 : SQLITE_OPEN_READONLY);

	*out = NULL;
	if (check_file(path, err) == -1)
		return -1;
	/* NOFOLLOW also refuses linked directories: resolve those first. */
	if (realpath(path, real) == NULL)
		return mc_err_sys(err, errno, "%s", path);
	db = new_db(path);
	if (sqlite3_open_v2(real, &db->h, flags, NULL) != SQLITE_OK) {
		mc_db_fail(db, "open", err);
	} else if (set_limits(db, err) == 0 && check_header(db, err) == 0 &&
		   (mode == MC_DB_READ ? mc_db_exec(db, "PRAGMA query_only = 1",
					     "query_only", err)
				       : start_writer(db, err)) == 0) {
		*out = db;
		return 0;
	} else if (sqlite3_errcode(db->h) == SQLITE_NOTADB) {
		no_database(db, err);
	}
	mc_db_close(db);
	return -1;
}

/* The directory a database may live in: made if missing, else looked at. */
static int
ready_directory(const char *path, struct mc_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL   ? mc_strdup(".")
		    : slash == path ? mc_strdup("/")
				    : mc_strndup(path, (size_t)(slash - path));
	struct stat st;
	int rc = 0;

	if (mkdir(dir, 0770) == 0) {
		if (chmod(dir, 02770) == -1)
			rc = mc_err_sys(err, errno, "%s", dir);
	} else if (errno != EEXIST) {
		rc = mc_err_sys(err, errno, "%s", dir);
	} else if (stat(dir, &st) == -1) {
		rc = mc_err_sys(err, errno, "%s", dir);
	} else if (!S_ISDIR(st.st_mode)) {
		rc = mc_err(
		    err, MC_EDATA, "E_FILE", "\"%s\" is not a directory", dir);
	} else if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0) {
		mc_err(err, MC_EDATA, "E_MODE",
		    "everybody may write into the directory \"%s\"", dir);
		rc = mc_err_advise(err, "chmod o-w %s", dir);
	}
	free(dir);
	return rc;
}

int
mc_db_create(struct mc_db **out, const char *path, struct mc_err *err)
{
	struct mc_db *db;
	int fd;

	*out = NULL;
	if (ready_directory(path, err) == -1)
		return -1;
	fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1) {
		if (errno != EEXIST)
			return mc_err_sys(err, errno, "%s", path);
		return mc_err(
		    err, MC_EDATA, "E_EXISTS", "\"%s\" is already there", path);
	}
	close(fd);
	db = new_db(path);
	if (sqlite3_open_v2(path, &db->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		mc_db_fail(db, "open", err);
	} else if (mc_db_exec(db,
		       "PRAGMA page_size = " MC_DB_PAGE_TEXT ";"
		       "PRAGMA application_id = 1296266593;"
		       "PRAGMA journal_mode = WAL",
		       "format", err) == 0 &&
		   set_limits(db, err) == 0 && start_writer(db, err) == 0 &&
		   migrate(db, err) == 0) {
		*out = db;
		return 0;
	}
	mc_db_close(db);
	unlink(path);
	return -1;
}

void
mc_db_close(struct mc_db *db)
{
	size_t i;

	if (db == NULL)
		return;
	mc_db_read_end(db);
	mc_db_rollback(db);
	mc_later_free(db->later);
	mc_db_close(db->aside);
	for (i = 0; i < MC_SQL__COUNT; i++)
		sqlite3_finalize(db->cur[i].st);
	sqlite3_close(db->h);
	mc_db_rows_free(db->rows);
	mc_db_many_free(db->many);
	if (db->lock_fd != -1)
		close(db->lock_fd);
	free(db->path);
	free(db);
}

/*
 * Pages go from the write-ahead log into the database after every large
 * transaction: after every third, the rows that come last would wait for all
 * three.
 */
#define BULK_CHECKPOINT_PAGES "400"

void
mc_db_bulk(struct mc_db *db)
{
	db->bulk = true;
	sqlite3_exec(db->h,
	    "PRAGMA foreign_keys = 0;"
	    "PRAGMA wal_autocheckpoint = " BULK_CHECKPOINT_PAGES,
	    NULL, NULL, NULL);
}

void
mc_db_wipe(struct mc_db *db)
{
	sqlite3_exec(db->h, "PRAGMA secure_delete = 1", NULL, NULL, NULL);
}

int
mc_db_schema_version(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;

	return (int)pragma_int(db, "PRAGMA user_version", &err);
}

/* ---- backup ---- */

/* All pages in one step: one snapshot, no half-copies. */
static int
copy_pages(struct mc_db *to, struct mc_db *from, struct mc_err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to->h, "main", from->h, "main");

	if (b == NULL)
		return mc_db_fail(to, "backup", err);
	sqlite3_backup_step(b, -1);
	return sqlite3_backup_finish(b) == SQLITE_OK
		   ? 0
		   : mc_db_fail(to, "backup", err);
}

/*
 * Where SQLite makes files that have no name: beside the database there is
 * room for a second one, and its directory is closed to those whom the
 * database is closed to.
 */
static void
keep_beside(const char *path)
{
	const char *slash = strrchr(path, '/');

	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory =
	    slash == NULL ? sqlite3_mprintf(".")
	    : slash == path
		? sqlite3_mprintf("/")
		: sqlite3_mprintf("%.*s", (int)(slash - path), path);
}

int
mc_db_copy(struct mc_db **out, struct mc_db *db, struct mc_err *err)
{
	struct mc_db *copy = new_db(db->path);

	*out = NULL;
	copy->scratch = true;
	keep_beside(db->path);
	if (sqlite3_open_v2("", &copy->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		mc_db_fail(copy, "open", err);
	} else if (mc_db_exec(copy,
		       "PRAGMA page_size = " MC_DB_PAGE_TEXT ";"
		       "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
		       "settings", err) == 0 &&
		   copy_pages(copy, db, err) == 0 &&
		   set_limits(copy, err) == 0) {
		*out = copy;
		return 0;
	}
	mc_db_close(copy);
	return -1;
}

int
mc_db_backup(struct mc_db *db, const char *to, struct mc_err *err)
{
	struct mc_db *copy;
	int fd =
	    open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = -1;

	if (fd == -1)
		return errno == EEXIST ? mc_err(err, MC_EDATA, "E_EXISTS",
					     "\"%s\" is already there", to)
				       : mc_err_sys(err, errno, "%s", to);
	close(fd);
	copy = new_db(to);
	if (sqlite3_open_v2(to, &copy->h, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		mc_db_fail(copy, "open", err);
	} else if (copy_pages(copy, db, err) == 0) {
		/* No -wal beside it: who may only read can open it. */
		rc = mc_db_exec(
		    copy, "PRAGMA journal_mode = DELETE", "journal_mode", err);
	}
	mc_db_close(copy);
	if (rc == -1)
		unlink(to);
	return rc;
}

/* ---- SQLite's own checks ---- */

/* A row of PRAGMA foreign_key_check: table, rowid, parent, number. */
static void
orphan(struct mc_buf *b, sqlite3_stmt *st)
{
	mc_buf_reset(b);
	if (sqlite3_column_type(st, 1) == SQLITE_NULL)
		mc_buf_puts(b, "a row");
	else
		mc_buf_printf(
		    b, "row %lld", (long long)sqlite3_column_int64(st, 1));
	mc_buf_printf(b, " of %s has no %s",
	    (const char *)sqlite3_column_text(st, 0),
	    (const char *)sqlite3_column_text(st, 2));
}

int
mc_db_integrity(struct mc_db *db, bool foreign_keys,
    void (*found)(void *arg, const char *text), void *arg, struct mc_err *err)
{
	const char *text = foreign_keys ? "PRAGMA foreign_key_check"
					: "PRAGMA integrity_check(1000)";
	struct mc_buf b = { 0 };
	sqlite3_stmt *st = NULL;
	const char *s;
	int rc, n = 0;

	if (sqlite3_prepare_v2(db->h, text, -1, &st, NULL) != SQLITE_OK)
		return mc_db_fail(db, text, err);
	while (
	    (rc = sqlite3_step(st)) == SQLITE_ROW && n++ < MC_DB_COMPLAINTS) {
		s = (const char *)sqlite3_column_text(st, 0);
		if (foreign_keys) {
			orphan(&b, st);
			found(arg, mc_buf_str(&b));
		} else if (s != NULL && strcmp(s, "ok") != 0) {
			found(arg, s);
		}
	}
	rc = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0
						   : mc_db_fail(db, text, err);
	sqlite3_finalize(st);
	mc_buf_free(&b);
	return rc;
}

/* ---- before and after mc_db_create() ---- */

int
mc_db_ready(const char *path, bool *made, struct mc_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL || slash == path
			? mc_strdup("/")
			: mc_strndup(path, (size_t)(slash - path));
	struct stat st;
	int rc;

	*made = lstat(dir, &st) == -1 && errno == ENOENT;
	rc = ready_directory(path, err);
	if (rc == 0 && lstat(path, &st) == 0)
		rc = mc_err(
		    err, MC_EDATA, "E_EXISTS", "\"%s\" is already there", path);
	*made = rc == 0 && *made;
	free(dir);
	return rc;
}

void
mc_db_remove(const char *path)
{
	static const char *const suffix[] = { "", "-wal", "-shm", "-journal",
		".lock" };
	struct mc_buf name = { 0 };
	size_t i;

	for (i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++) {
		mc_buf_reset(&name);
		mc_buf_printf(&name, "%s%s", path, suffix[i]);
		unlink(mc_buf_str(&name));
	}
	mc_buf_free(&name);
}
