/* db_internal.h - what the files of db share; sqlite3.h stays inside. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <sqlite3.h>

#include <motcua/db.h>
#include <motcua/later.h>

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
	unsigned ended, handed;  /* transactions; the last in `later` */
	unsigned ended_there;    /* counted by who runs them */
	struct mc_db *aside;     /* of mc_db_int_aside(), once there is one */
	bool no_aside;           /* there is none to be had */
	struct mc_buf packed;    /* MC_ARG_PACK of the running one */
	struct mc_db_rows *rows; /* many of them put off: db_later.c */
	struct mc_cur cur[MC_SQL__COUNT];
};

/* Names the statement, never its values: they may be personal. */
int mc_db_fail(struct mc_db *db, const char *what, struct mc_err *err);
int mc_db_exec(struct mc_db *db, const char *text, const char *what,
    struct mc_err *err) MC_MUST_CHECK;
/* mc_db_run() while nothing is put off, or by whoever does what was. */
int mc_db_run_now(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
    size_t n, struct mc_err *err) MC_MUST_CHECK;
/* The work of mc_db_run_later(), for mc_later_new(). */
void mc_db_work(void *db, const char *p, size_t n);
void mc_db_rows_free(struct mc_db_rows *r);

/* The writer lock of db.h (db_lock.c); lock_fd is open. */
int mc_db_lock(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_unlock(struct mc_db *db);

#endif
