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
	struct mc_db_rows *rows; /* new dossiers put off; once there is one */
	struct mc_db_many *many; /* other rows put off; likewise */
	bool bulk;               /* mc_db_bulk() */
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

/*
 * Rows of MC_DB_ROWS_OF that wait (db_rows.c).  _take() copies the record, and
 * may put some of them in; _put() puts in all that wait; _end() is for after
 * COMMIT or ROLLBACK: what still waits is forgotten.
 */
#define MC_DB_ROWS_OF MC_SQL_DOSSIER_ADD
#define MC_DB_ROWS_ARGS 19 /* its key, and the record's */
int mc_db_rows_take(struct mc_db *db, int64_t id, struct mc_str record,
    struct mc_err *err) MC_MUST_CHECK;
int mc_db_rows_put(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_rows_end(struct mc_db *db);
void mc_db_rows_free(struct mc_db_rows *r);

/* ---- pieces of what is put off (db_later.c) ---- */

#define MC_PIECE_ARGS 32 /* a statement has at most */
size_t mc_piece_size(const char *piece);
/* Its arguments, as they were; texts are borrowed from the piece. */
void mc_piece_get(struct mc_arg args[MC_PIECE_ARGS], const char *piece);
int mc_piece_run(
    struct mc_db *db, const char *piece, struct mc_err *err) MC_MUST_CHECK;

/*
 * Pieces of MC_SQL_OPEN_SET or MC_SQL_ROLLUP_ADD that wait (db_many.c), until
 * there are many or something else may be about their rows.  Every piece but
 * new dossiers is shown to _take(): 1 means that it waits, 0 that it is to be
 * run now.
 * _put() puts in all that wait; _end() is mc_db_rows_end()'s like.
 */
int mc_db_many_take(struct mc_db *db, enum mc_sql id, const char *piece,
    struct mc_err *err) MC_MUST_CHECK;
int mc_db_many_put(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_many_end(struct mc_db *db);
void mc_db_many_free(struct mc_db_many *m);

/* ---- records and tables as SQLite's files have them (db_image.c) ---- */

/* Bytes of a page, of ours and of an image; and in SQL. */
#define MC_DB_PAGE 32768
#define MC_DB_PAGE_TEXT MC_DB_TEXT(MC_DB_PAGE)
#define MC_DB_TEXT(number) MC_DB_TEXT_OF(number)
#define MC_DB_TEXT_OF(number) #number

/*
 * A record of n values, where there is room for mc_record_room() bytes: its
 * size.  Its header must be shorter than 128 bytes.
 */
size_t mc_record_room(const struct mc_arg *args, size_t n);
size_t mc_record_put(char *out, const struct mc_arg *args, size_t n);
/* The values of a record that mc_record_put() wrote; texts are borrowed. */
void mc_record_get(struct mc_arg *args, size_t n, const char *p);

struct mc_record_at {
	int64_t id; /* its rowid */
	uint32_t at, size;
};
/*
 * A database of one table, whose schema is page `first` and whose root is
 * page 2, of n > 0 rows with rising ids; records are at most
 * MC_IMAGE_RECORD bytes, and their sum MC_IMAGE_BYTES.
 */
#define MC_IMAGE_RECORD (MC_DB_PAGE / 8)
#define MC_IMAGE_BYTES (64 * MC_DB_PAGE)
#define MC_IMAGE_LEAVES 128
void mc_image_make(struct mc_buf *pages, const char *first,
    const struct mc_record_at *row, size_t n, const char *records);

/* The writer lock of db.h (db_lock.c); lock_fd is open. */
int mc_db_lock(struct mc_db *db, struct mc_err *err) MC_MUST_CHECK;
void mc_db_unlock(struct mc_db *db);

#endif
