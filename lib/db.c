/* db.c - see motcua/db.h. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <motcua/db.h>
#include <motcua/embed.h>
#include <motcua/hash.h>
#include <motcua/later.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "schema.inc"

#define PAGE_SIZE "16384"
#define CACHE_KIB "-49152"
#define CHECKPOINT_PAGES "2000"

#define SCHEMA_VERSION (sizeof(schema_files) / sizeof(schema_files[0]) - 1)

static const struct {
	const char *name, *text;
} sql[] = {
#define MC_SQL(name, text) { #name, text },
#include "sql.def"
#undef MC_SQL
};

struct mc_cur {
	struct mc_db *db;
	enum mc_sql id;
	sqlite3_stmt *st;
	bool busy;
};

struct mc_db {
	sqlite3 *h;
	char *path;
	int lock_fd; /* -1: none needed (reader, scratch) */
	bool in_write, in_read, scratch;
	struct mc_later *later;  /* statements of mc_db_run_later() */
	struct mc_err late;      /* the first of them that failed */
	struct mc_cur cur[MC_SQL__COUNT];
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

/* Names the statement, never its values: they may be personal. */
static int
fail(struct mc_db *db, const char *what, struct mc_err *err)
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

static int
exec(struct mc_db *db, const char *text, const char *what, struct mc_err *err)
{
	return sqlite3_exec(db->h, text, NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : fail(db, what, err);
}

/* One value of a statement that is no part of sql.def (pragmas). */
static int
one_text(
    struct mc_db *db, const char *text, struct mc_buf *out, struct mc_err *err)
{
	sqlite3_stmt *st = NULL;
	const char *s;
	int rc;

	if (sqlite3_prepare_v2(db->h, text, -1, &st, NULL) != SQLITE_OK)
		return fail(db, text, err);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		s = (const char *)sqlite3_column_text(st, 0);
		mc_buf_puts(out, s == NULL ? "" : s);
		mc_buf_putc(out, '\n');
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : fail(db, text, err);
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
	return exec(db,
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
	return exec(db, "BEGIN IMMEDIATE", "begin", err);
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
		    exec(db, schema_files[i].data, schema_files[i].path, err) ==
			-1 ||
		    exec(db, set, "user_version", err) == -1 ||
		    exec(db, "COMMIT", "commit", err) == -1) {
			sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
			return -1;
		}
	}
	return have < 0 ? -1 : 0;
}

static void run_later(void *arg, const char *p, size_t n);

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
	db->later = mc_later_new(run_later, db);
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
		fail(db, "open", err);
	} else if (set_limits(db, err) == 0 &&
		   exec(db,
		       "PRAGMA page_size = " PAGE_SIZE ";"
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

static int
start_writer(struct mc_db *db, struct mc_err *err)
{
	if (open_lock(db, err) == -1 ||
	    exec(db, "PRAGMA synchronous = FULL", "synchronous", err) == -1)
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
		fail(db, "open", err);
	} else if (set_limits(db, err) == 0 && check_header(db, err) == 0 &&
		   (mode == MC_DB_READ ? exec(db, "PRAGMA query_only = 1",
					     "query_only", err)
				       : start_writer(db, err)) == 0) {
		*out = db;
		return 0;
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
		fail(db, "open", err);
	} else if (exec(db,
		       "PRAGMA page_size = " PAGE_SIZE ";"
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
	for (i = 0; i < MC_SQL__COUNT; i++)
		sqlite3_finalize(db->cur[i].st);
	sqlite3_close(db->h);
	if (db->lock_fd != -1)
		close(db->lock_fd);
	free(db->path);
	free(db);
}

int
mc_db_schema_version(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;

	return (int)pragma_int(db, "PRAGMA user_version", &err);
}

/* ---- the writer lock ---- */

static int64_t
clock_ms(void)
{
	struct timespec t;

	/* How long we have waited; the time of day is never asked here. */
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait for try(fd) to succeed, in small steps, until `until`. */
static int
wait_for(int (*try)(int fd), int fd, int64_t until)
{
	struct timespec nap = { 0, 500000 };

	while (try(fd) == -1) {
		if (errno != EWOULDBLOCK && errno != EAGAIN &&
		    errno != EACCES && errno != EINTR)
			return -1;
		if (clock_ms() >= until) {
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 4000000)
			nap.tv_nsec *= 2;
	}
	return 0;
}

static int
try_turn(int fd)
{
	struct flock l = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1 };

	return fcntl(fd, F_SETLK, &l);
}

static int
try_lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB);
}

static void
leave_turn(int fd)
{
	struct flock l = { .l_type = F_UNLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1 };

	fcntl(fd, F_SETLK, &l);
}

static int
busy(struct mc_db *db, struct mc_err *err)
{
	char pid[24] = "";
	ssize_t n = pread(db->lock_fd, pid, sizeof(pid) - 1, 1);
	long who = n > 0 ? strtol(pid, NULL, 10) : 0;

	if (who > 0)
		mc_err(err, MC_EBUSY, "E_BUSY",
		    "%s: still locked by process %ld after %d seconds",
		    db->path, who, MC_DB_WAIT_MS / 1000);
	else
		mc_err(err, MC_EBUSY, "E_BUSY",
		    "%s: still locked by another process after %d seconds",
		    db->path, MC_DB_WAIT_MS / 1000);
	return mc_err_advise(err, "try again; nothing was written");
}

static int
lock(struct mc_db *db, struct mc_err *err)
{
	int64_t until = clock_ms() + MC_DB_WAIT_MS;
	char pid[24];
	int n, rc;

	if (wait_for(try_turn, db->lock_fd, until) == -1)
		return errno == EWOULDBLOCK
			   ? busy(db, err)
			   : mc_err_sys(err, errno, "%s.lock", db->path);
	rc = wait_for(try_lock, db->lock_fd, until);
	n = errno;
	leave_turn(db->lock_fd);
	if (rc == -1)
		return n == EWOULDBLOCK
			   ? busy(db, err)
			   : mc_err_sys(err, n, "%s.lock", db->path);
	/* For the message of whoever waits in vain; byte 0 is the turnstile. */
	n = snprintf(pid, sizeof(pid), " %ld\n", (long)getpid());
	if (pwrite(db->lock_fd, pid, (size_t)n, 0) != n)
		return mc_err_sys(err, errno, "%s.lock", db->path);
	return 0;
}

static void
unlock(struct mc_db *db)
{
	if (db->lock_fd != -1)
		flock(db->lock_fd, LOCK_UN);
}

int
mc_db_begin(struct mc_db *db, struct mc_err *err)
{
	assert(!db->in_write && !db->in_read);
	if (db->lock_fd != -1 && lock(db, err) == -1)
		return -1;
	if (begin_now(db, err) == -1) {
		unlock(db);
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
	if (db->late.code == MC_OK)
		return 0;
	*err = db->late;
	return -1;
}

int
mc_db_commit(struct mc_db *db, struct mc_err *err)
{
	int rc;

	assert(db->in_write);
	rc = settle(db, err);
	if (rc == 0)
		rc = exec(db, "COMMIT", "commit", err);
	if (rc == -1)
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	db->in_write = false;
	unlock(db);
	return rc;
}

void
mc_db_rollback(struct mc_db *db)
{
	size_t i;

	if (!db->in_write)
		return;
	mc_later_drop(db->later);
	mc_err_clear(&db->late);
	for (i = 0; i < MC_SQL__COUNT; i++)
		mc_cur_close(&db->cur[i]);
	sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	db->in_write = false;
	unlock(db);
}

int
mc_db_read_begin(struct mc_db *db, struct mc_err *err)
{
	assert(!db->in_write && !db->in_read);
	if (exec(db, "BEGIN", "begin", err) == -1)
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
	return rc == SQLITE_OK ? 0 : fail(db, sql[cur->id].name, err);
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
		return fail(db, sql[id].name, err);
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
	return rc == SQLITE_DONE ? 0 : fail(cur->db, sql[cur->id].name, err);
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
	return sqlite3_column_type(cur->st, column) == SQLITE_NULL
		   ? none
		   : sqlite3_column_int64(cur->st, column);
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

static int
run_now(struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n,
    struct mc_err *err)
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
mc_db_run(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, struct mc_err *err)
{
	if (!mc_later_idle(db->later) && settle(db, err) == -1)
		return -1;
	return run_now(db, id, args, n, err);
}

#define LATER_ARGS 32

/* A piece: this, then the arguments, then their bytes. */
struct piece {
	enum mc_sql id;
	uint32_t n;
	size_t size; /* of it all, a multiple of 8 */
};

void
mc_db_run_later(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n)
{
	struct mc_buf *b = mc_later_piece(db->later);
	struct piece head = { id, (uint32_t)n, sizeof(head) };
	size_t i;
	char *to;

	assert(n <= LATER_ARGS && db->in_write);
	head.size += n * sizeof(*args);
	for (i = 0; i < n; i++)
		if (args[i].type >= MC_ARG_TEXT)
			head.size += args[i].s.len;
	head.size = (head.size + 7) & ~(size_t)7;
	to = mc_buf_room(b, head.size);
	memcpy(to, &head, sizeof(head));
	memcpy(to + sizeof(head), args, n * sizeof(*args));
	to += sizeof(head) + n * sizeof(*args);
	for (i = 0; i < n; i++)
		if (args[i].type >= MC_ARG_TEXT && args[i].s.len > 0) {
			memcpy(to, args[i].s.p, args[i].s.len);
			to += args[i].s.len;
		}
	b->len += head.size;
	mc_later_added(db->later);
}

/* The other side of it; after a failure nothing more is done. */
static void
run_later(void *arg, const char *p, size_t n)
{
	struct mc_db *db = arg;
	struct mc_arg args[LATER_ARGS];
	struct piece head;
	const char *end = p + n, *bytes;
	size_t i;

	for (; p < end && db->late.code == MC_OK; p += head.size) {
		memcpy(&head, p, sizeof(head));
		memcpy(args, p + sizeof(head), head.n * sizeof(*args));
		bytes = p + sizeof(head) + head.n * sizeof(*args);
		for (i = 0; i < head.n; i++)
			if (args[i].type >= MC_ARG_TEXT) {
				args[i].s.p = bytes;
				bytes += args[i].s.len;
			}
		if (run_now(db, head.id, args, head.n, &db->late) == -1)
			return;
	}
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

int64_t
mc_db_changes(struct mc_db *db)
{
	return sqlite3_changes64(db->h);
}

/* ---- backup ---- */

int
mc_db_backup(struct mc_db *db, const char *to, struct mc_err *err)
{
	struct mc_db *copy;
	sqlite3_backup *b;
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
		fail(copy, "open", err);
	} else if ((b = sqlite3_backup_init(copy->h, "main", db->h, "main")) ==
		   NULL) {
		fail(copy, "backup", err);
	} else {
		/* All pages in one step: one snapshot, no half-copies. */
		sqlite3_backup_step(b, -1);
		if (sqlite3_backup_finish(b) != SQLITE_OK)
			fail(copy, "backup", err);
		else
			/* No -wal beside it: who may only read can open it. */
			rc = exec(copy, "PRAGMA journal_mode = DELETE",
			    "journal_mode", err);
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
		return fail(db, text, err);
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
	rc = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : fail(db, text, err);
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
