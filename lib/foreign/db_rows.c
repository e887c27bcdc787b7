/*
 * db_rows.c - new dossiers put off; see db_internal.h.
 *
 * An import's largest table takes a row of 19 values for every dossier.  To
 * bind each, or to have SQLite ask for it, costs twice as much as all else
 * that SQLite does for the row: looking for its place and putting it there.
 * So many rows are laid out as a database in memory, in the format of SQLite's
 * files, and go over by INSERT INTO ... SELECT * FROM: where two tables are
 * alike in all, SQLite takes records as they are (its "transfer
 * optimization").  Where it sees a difference, it takes them apart again:
 * slower, and as right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "db_internal.h"

/*
 * A transaction reads each of its images until it ends; more than ten SQLite
 * does not attach.
 */
#define IMAGES 8
#define ROWS_MAX 16384 /* in one */
#define MANY 8         /* rows for which an image is worth it */

struct mc_db_rows {
	struct mc_record_at *row; /* ROWS_MAX; and as many to sort them */
	size_t n;
	bool sorted;
	struct mc_buf records;
	char *first; /* page of an image, once one was made */
	struct mc_buf image[IMAGES];
	unsigned images; /* attached */
};

static struct mc_db_rows *
new_rows(void)
{
	struct mc_db_rows *r = mc_calloc(1, sizeof(*r));

	r->row = mc_calloc(2 * ROWS_MAX, sizeof(*r->row));
	r->sorted = true;
	return r;
}

void
mc_db_rows_free(struct mc_db_rows *r)
{
	int i;

	if (r == NULL)
		return;
	for (i = 0; i < IMAGES; i++)
		mc_buf_free(&r->image[i]);
	mc_buf_free(&r->records);
	sqlite3_free(r->first);
	free(r->row);
	free(r);
}

static int
fail(struct mc_db *db, struct mc_err *err)
{
	return mc_db_fail(db, mc_sql_name(MC_DB_ROWS_OF), err);
}

/* ---- one by one ---- */

static int
run_one(struct mc_db *db, int64_t id, const char *record, struct mc_err *err)
{
	struct mc_arg args[MC_DB_ROWS_ARGS];

	mc_record_get(args, MC_DB_ROWS_ARGS, record);
	args[0] = MC_INT(id);
	return mc_db_run_now(db, MC_DB_ROWS_OF, args, MC_DB_ROWS_ARGS, err);
}

static int
run_each(struct mc_db *db, const struct mc_db_rows *r, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (run_one(db, r->row[i].id, r->records.p + r->row[i].at,
			err) == -1)
			return -1;
	return 0;
}

/* ---- sorting ---- */

/* The end of the run that begins at from and never falls. */
static size_t
run_end(const struct mc_record_at *row, size_t from, size_t n)
{
	size_t i = from + 1;

	while (i < n && row[i].id >= row[i - 1].id)
		i++;
	return i;
}

static void
merge(struct mc_record_at *to, const struct mc_record_at *a, size_t na,
    const struct mc_record_at *b, size_t nb)
{
	while (na > 0 && nb > 0)
		if (b->id < a->id) {
			*to++ = *b++;
			nb--;
		} else {
			*to++ = *a++;
			na--;
		}
	memcpy(to, a, na * sizeof(*a));
	memcpy(to + na, b, nb * sizeof(*b));
}

/*
 * By id.  Rows come in a few long runs, so two by two these are merged until
 * there is one.
 */
static void
sort(struct mc_db_rows *r)
{
	struct mc_record_at *from = r->row, *to = r->row + ROWS_MAX, *was;
	size_t at, mid, end, runs = 2;

	while (runs > 1) {
		for (runs = 0, at = 0; at < r->n; at = end, runs++) {
			mid = run_end(from, at, r->n);
			end = mid < r->n ? run_end(from, mid, r->n) : mid;
			merge(to + at, from + at, mid - at, from + mid,
			    end - mid);
		}
		was = from;
		from = to;
		to = was;
	}
	if (from != r->row)
		memcpy(r->row, from, r->n * sizeof(*from));
}

/* No id twice: where there is one, SQLite is to say so. */
static bool
rise(const struct mc_db_rows *r)
{
	size_t i;

	for (i = 1; i < r->n; i++)
		if (r->row[i].id == r->row[i - 1].id)
			return false;
	return true;
}

/* ---- an image ---- */

/* What the table's own schema says, on a first page that SQLite makes. */
static char *
first_page(const char *schema)
{
	static const char settings[] =
	    "PRAGMA auto_vacuum = 0; PRAGMA page_size = " MC_DB_PAGE_TEXT;
	sqlite3_int64 size = 0;
	sqlite3 *h = NULL;
	char *page = NULL;

	if (sqlite3_open(":memory:", &h) == SQLITE_OK &&
	    sqlite3_exec(h, settings, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(h, schema, NULL, NULL, NULL) == SQLITE_OK)
		page = (char *)sqlite3_serialize(h, "main", &size, 0);
	sqlite3_close(h);
	if (size == 2 * (sqlite3_int64)MC_DB_PAGE)
		return page;
	sqlite3_free(page);
	return NULL;
}

/* Of `dossier`, as the database has it; false: then there is no image. */
static bool
know_first(struct mc_db *db, struct mc_db_rows *r)
{
	static const char ask[] =
	    "SELECT sql FROM sqlite_schema WHERE name = 'dossier'";
	sqlite3_stmt *st = NULL;

	if (r->first != NULL)
		return true;
	if (sqlite3_prepare_v2(db->h, ask, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		r->first = first_page((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return r->first != NULL;
}

static int
name_command(struct mc_db *db, const char *command, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %s", command, name);
	return sqlite3_exec(db->h, text, NULL, NULL, NULL);
}

/* It is only read; `image` stays what it is until it is detached. */
static int
attach(struct mc_db *db, const char *name, struct mc_buf *image,
    struct mc_err *err)
{
	int rc;

	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, IMAGES);
	rc = name_command(db, "ATTACH ':memory:' AS", name);
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	if (rc != SQLITE_OK)
		return fail(db, err);
	rc = sqlite3_deserialize(db->h, name, (unsigned char *)image->p,
	    (sqlite3_int64)image->len, (sqlite3_int64)image->len,
	    SQLITE_DESERIALIZE_READONLY);
	if (rc == SQLITE_OK)
		return 0;
	fail(db, err);
	name_command(db, "DETACH", name);
	return -1;
}

/*
 * A conflict ends the transaction, as any does that is met in what was put
 * off: ROLLBACK, for which SQLite need not be ready to take back the
 * statement alone.
 */
static int
put_image(struct mc_db *db, struct mc_db_rows *r, struct mc_err *err)
{
	struct mc_buf *image = &r->image[r->images];
	char name[16], text[96];

	mc_image_make(image, r->first, r->row, r->n, r->records.p);
	snprintf(name, sizeof(name), "rows%u", r->images);
	if (attach(db, name, image, err) == -1)
		return -1;
	r->images++;
	snprintf(text, sizeof(text),
	    "INSERT OR ROLLBACK INTO main.dossier SELECT * FROM %s.dossier",
	    name);
	return sqlite3_exec(db->h, text, NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : fail(db, err);
}

/* ---- putting in ---- */

int
mc_db_rows_put(struct mc_db *db, struct mc_err *err)
{
	struct mc_db_rows *r = db->rows;
	int rc;

	if (r == NULL || r->n == 0)
		return 0;
	if (!r->sorted)
		sort(r);
	rc = r->n >= MANY && r->images < IMAGES && rise(r) && know_first(db, r)
		 ? put_image(db, r, err)
		 : run_each(db, r, err);
	r->n = 0;
	r->sorted = true;
	mc_buf_reset(&r->records);
	return rc;
}

int
mc_db_rows_take(
    struct mc_db *db, int64_t id, struct mc_str record, struct mc_err *err)
{
	struct mc_db_rows *r = db->rows;

	if (r == NULL)
		r = db->rows = new_rows();
	if (record.len > MC_IMAGE_RECORD)
		return run_one(db, id, record.p, err);
	if ((r->n == ROWS_MAX ||
		record.len > MC_IMAGE_BYTES - r->records.len) &&
	    mc_db_rows_put(db, err) == -1)
		return -1;
	if (r->n > 0 && id <= r->row[r->n - 1].id)
		r->sorted = false;
	r->row[r->n++] = (struct mc_record_at){ id, (uint32_t)r->records.len,
		(uint32_t)record.len };
	mc_buf_add(&r->records, record.p, record.len);
	return 0;
}

void
mc_db_rows_end(struct mc_db *db)
{
	struct mc_db_rows *r = db->rows;
	char name[16];

	if (r == NULL)
		return;
	for (; r->images > 0; r->images--) {
		snprintf(name, sizeof(name), "rows%u", r->images - 1);
		/* Somebody reads on: it stays, and what it is made of. */
		if (name_command(db, "DETACH", name) != SQLITE_OK)
			break;
	}
	r->n = 0;
	r->sorted = true;
	mc_buf_reset(&r->records);
}
