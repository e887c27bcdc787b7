/*
 * db_many.c - small rows put off, many of them in one statement; see
 * db_internal.h.
 *
 * To begin and end a statement and to bind its values is a quarter of what
 * SQLite does for such a row.  So their pieces are kept, and INSERT INTO ...
 * SELECT FROM later takes them all: `later` is a virtual table, a view of the
 * pieces as they lie there.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "db_internal.h"

#define MANY 8                /* pieces for which that is worth it */
#define PIECES_MAX (1u << 20) /* bytes of them */

struct mc_db_many {
	enum mc_sql id; /* of all pieces */
	size_t n;
	struct mc_buf pieces;
};

/* ---- the table `later` ---- */

struct table {
	sqlite3_vtab base; /* first */
	const struct mc_db_many *many;
};

struct cursor {
	sqlite3_vtab_cursor base; /* first */
	const char *p, *end;      /* the piece it is at */
	struct mc_arg args[MC_PIECE_ARGS];
};

static int
connect_table(sqlite3 *h, void *many, int argc, const char *const *argv,
    sqlite3_vtab **out, char **error)
{
	struct table *t = mc_calloc(1, sizeof(*t));

	(void)argc;
	(void)argv;
	(void)error;
	t->many = many;
	*out = &t->base;
	return sqlite3_declare_vtab(h,
	    "CREATE TABLE later (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, "
	    "c12, c13, c14, c15, c16, c17, c18)");
}

static int
disconnect_table(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

/* It is only ever walked through. */
static int
best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	(void)info;
	return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = mc_calloc(1, sizeof(*c));

	(void)t;
	*out = &c->base;
	return SQLITE_OK;
}

static int
close_cursor(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static void
read_piece(struct cursor *c)
{
	if (c->p < c->end)
		mc_piece_get(c->args, c->p);
}

static int
go_first(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
    sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	const struct mc_buf *b = &((struct table *)base->pVtab)->many->pieces;

	(void)number;
	(void)text;
	(void)argc;
	(void)argv;
	c->p = b->p;
	c->end = b->p + b->len;
	read_piece(c);
	return SQLITE_OK;
}

static int
go_next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;

	c->p += mc_piece_size(c->p);
	read_piece(c);
	return SQLITE_OK;
}

static int
at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *c = (struct cursor *)base;

	return c->p == c->end;
}

static int
get_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
	const struct mc_arg *a = &((struct cursor *)base)->args[column];

	switch (a->type) {
	case MC_ARG_NULL:
		break;
	case MC_ARG_INT:
		sqlite3_result_int64(to, a->i);
		break;
	case MC_ARG_TEXT:
		sqlite3_result_text(to, a->s.p, (int)a->s.len, SQLITE_STATIC);
		break;
	case MC_ARG_BLOB:
		sqlite3_result_blob(to, a->s.p, (int)a->s.len, SQLITE_STATIC);
		break;
	}
	return SQLITE_OK;
}

/* Nobody asks. */
static int
get_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	(void)c;
	*out = 0;
	return SQLITE_OK;
}

static const sqlite3_module later = {
	.xConnect = connect_table,
	.xDisconnect = disconnect_table,
	.xBestIndex = best_index,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = go_first,
	.xNext = go_next,
	.xEof = at_end,
	.xColumn = get_column,
	.xRowid = get_rowid,
};

/* ---- pieces that wait ---- */

/* The statement that takes many of this one's rows; or there is none. */
static enum mc_sql
many_of(enum mc_sql id)
{
	switch (id) {
	case MC_SQL_OPEN_SET:
		return MC_SQL_OPEN_SET_MANY;
	case MC_SQL_ROLLUP_ADD:
		return MC_SQL_ROLLUP_ADD_MANY;
	default:
		return MC_SQL__COUNT;
	}
}

/* Those of an import that are about no row that may wait. */
static bool
may_pass(enum mc_sql id)
{
	return id == MC_SQL_DOSSIER_SET || id == MC_SQL_STEP_ADD ||
	       id == MC_SQL_PERSONAL_ADD || id == MC_SQL_BUNDLE_ADD ||
	       id == MC_SQL_ENTRY_ADD || id == MC_SQL_RUN_SET;
}

/* The first that waits brings the table `later`. */
static struct mc_db_many *
new_many(struct mc_db *db)
{
	struct mc_db_many *m = mc_calloc(1, sizeof(*m));

	/* Where that fails, the statement says that there is no such table. */
	sqlite3_create_module(db->h, "later", &later, m);
	return m;
}

void
mc_db_many_free(struct mc_db_many *m)
{
	if (m == NULL)
		return;
	mc_buf_free(&m->pieces);
	free(m);
}

static int
run_each(struct mc_db *db, const struct mc_buf *pieces, struct mc_err *err)
{
	const char *p = pieces->p, *end = p + pieces->len;

	for (; p < end; p += mc_piece_size(p))
		if (mc_piece_run(db, p, err) == -1)
			return -1;
	return 0;
}

int
mc_db_many_put(struct mc_db *db, struct mc_err *err)
{
	struct mc_db_many *m = db->many;
	int rc;

	if (m == NULL || m->n == 0)
		return 0;
	rc = m->n >= MANY ? mc_db_run_now(db, many_of(m->id), MC_NOARGS, err)
			  : run_each(db, &m->pieces, err);
	mc_db_many_end(db);
	return rc;
}

int
mc_db_many_take(
    struct mc_db *db, enum mc_sql id, const char *piece, struct mc_err *err)
{
	struct mc_db_many *m = db->many;

	if (many_of(id) == MC_SQL__COUNT)
		return may_pass(id) ? 0 : mc_db_many_put(db, err);
	if (m == NULL)
		m = db->many = new_many(db);
	if ((id != m->id || m->pieces.len > PIECES_MAX) &&
	    mc_db_many_put(db, err) == -1)
		return -1;
	m->id = id;
	m->n++;
	mc_buf_add(&m->pieces, piece, mc_piece_size(piece));
	return 1;
}

void
mc_db_many_end(struct mc_db *db)
{
	if (db->many == NULL)
		return;
	db->many->n = 0;
	mc_buf_reset(&db->many->pieces);
}
