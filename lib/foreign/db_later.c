/*
 * db_later.c - statements put off; see mc_db_run_later() in motcua/db.h.
 *
 * Rows of one table, where there are many of them, go into it by one statement
 * that reads them where they lie, as a virtual table: to bind and to begin
 * each anew takes a quarter of the time that an import's largest table takes.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "db_internal.h"

#define LATER_ARGS 32
#define TURN MC_SQL__COUNT /* no statement: COMMIT, and BEGIN anew */
#define MANY 8             /* rows for which a table of them is worth it */

/*
 * A piece: this, the arguments' types, a byte each, then for each number its
 * 8 bytes and for each text its length in 8, then the texts' bytes.
 */
struct piece {
	uint16_t id;
	uint16_t n;
	uint32_t size; /* of it all */
};

void
mc_db_run_later(
    struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n)
{
	struct mc_buf *b = mc_later_piece(db->later);
	size_t size = sizeof(struct piece) + 9 * n, i;
	char *to, *type, *bytes;

	assert(n <= LATER_ARGS && db->in_write);
	for (i = 0; i < n; i++)
		if (args[i].type >= MC_ARG_TEXT)
			size += args[i].s.len;
	assert(size <= UINT32_MAX); /* a value has less than 2^31 bytes */
	to = mc_buf_room(b, size);
	b->len += size;
	memcpy(to, &(struct piece){ (uint16_t)id, (uint16_t)n, (uint32_t)size },
	    sizeof(struct piece));
	type = to + sizeof(struct piece);
	to = type + n;
	bytes = to + 8 * n;
	for (i = 0; i < n; i++, to += 8) {
		int64_t v = args[i].i;

		type[i] = (char)args[i].type;
		if (args[i].type >= MC_ARG_TEXT) {
			v = (int64_t)args[i].s.len;
			if (v > 0)
				memcpy(bytes, args[i].s.p, args[i].s.len);
			bytes += v;
		}
		memcpy(to, &v, 8);
	}
	mc_later_added(db->later);
}

void
mc_db_commit_later(struct mc_db *db)
{
	const struct piece turn = { TURN, 0, sizeof(turn) };

	assert(db->in_write);
	mc_db_aside_end(db);
	mc_buf_add(
	    mc_later_piece(db->later), (const char *)&turn, sizeof(turn));
	db->ended++;
	db->handed = mc_later_hand(db->later);
}

int
mc_db_committed(struct mc_db *db, struct mc_err *err)
{
	mc_later_wait(db->later, db->handed);
	if (db->ended_there == db->ended)
		return 0;
	*err = db->late;
	return -1;
}

/* A failed BEGIN is the next transaction's. */
static int
take_turn(struct mc_db *db)
{
	if (mc_db_exec(db, "COMMIT", "commit", &db->late) == -1)
		return -1;
	db->ended_there++;
	return mc_db_exec(db, "BEGIN IMMEDIATE", "begin", &db->late);
}

/* The arguments of a piece, as they were. */
static void
unpack_args(struct mc_arg args[LATER_ARGS], const char *p, size_t n)
{
	const char *type = p, *bytes = p + 9 * n;
	int64_t v;
	size_t i;

	for (p += n, i = 0; i < n; i++, p += 8) {
		memcpy(&v, p, 8);
		args[i].type = type[i];
		if (type[i] >= MC_ARG_TEXT) {
			args[i].s = (struct mc_str){ bytes, (size_t)v };
			bytes += v;
		} else {
			args[i].i = v;
		}
	}
}

/* ---- many rows of one table ---- */

/* The statement whose pieces are one of its rows each: its ?1 is c0 ... */
#define ROWS_OF MC_SQL_DOSSIER_ADD
#define ROWS_ARGS 19

/* The pieces between two transactions' ends, as a table. */
struct mc_db_rows {
	const char *p, *end;
	sqlite3_stmt *st; /* that puts them in */
};

struct rows_table {
	sqlite3_vtab base; /* first */
	const struct mc_db_rows *rows;
};

struct rows_cursor {
	sqlite3_vtab_cursor base; /* first */
	const char *p, *end;
	struct piece head; /* of *p */
};

/* From here on, the first that is a row, or the end. */
static void
find_row(struct rows_cursor *c)
{
	for (; c->p < c->end; c->p += c->head.size) {
		memcpy(&c->head, c->p, sizeof(c->head));
		if (c->head.id == ROWS_OF)
			return;
	}
}

static int
rows_connect(sqlite3 *h, void *rows, int argc, const char *const *argv,
    sqlite3_vtab **out, char **why)
{
	char text[256] = "CREATE TABLE rows (c0";
	struct rows_table *t = sqlite3_malloc(sizeof(*t));
	size_t n = strlen(text);
	int i;

	(void)argc, (void)argv, (void)why;
	if (t == NULL)
		return SQLITE_NOMEM;
	*t = (struct rows_table){ .rows = rows };
	*out = &t->base;
	for (i = 1; i < ROWS_ARGS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ", c%d", i);
	snprintf(text + n, sizeof(text) - n, ")");
	sqlite3_vtab_config(h, SQLITE_VTAB_DIRECTONLY);
	return sqlite3_declare_vtab(h, text);
}

static int
rows_disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* There is one way to read it. */
static int
rows_best(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1000;
	return SQLITE_OK;
}

static int
rows_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct rows_cursor *c = sqlite3_malloc(sizeof(*c));

	(void)t;
	if (c == NULL)
		return SQLITE_NOMEM;
	*c = (struct rows_cursor){ .p = NULL };
	*out = &c->base;
	return SQLITE_OK;
}

static int
rows_close(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int
rows_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
    sqlite3_value **argv)
{
	struct rows_cursor *c = (struct rows_cursor *)base;
	const struct mc_db_rows *r = ((struct rows_table *)base->pVtab)->rows;

	(void)number, (void)text, (void)argc, (void)argv;
	c->p = r->p;
	c->end = r->end;
	find_row(c);
	return SQLITE_OK;
}

static int
rows_next(sqlite3_vtab_cursor *base)
{
	struct rows_cursor *c = (struct rows_cursor *)base;

	c->p += c->head.size;
	find_row(c);
	return SQLITE_OK;
}

static int
rows_eof(sqlite3_vtab_cursor *base)
{
	const struct rows_cursor *c = (const struct rows_cursor *)base;

	return c->p >= c->end;
}

/* The pieces stay where they are until the statement is done. */
static int
rows_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct rows_cursor *c = (const struct rows_cursor *)base;
	const char *type = c->p + sizeof(struct piece);
	const char *number = type + c->head.n, *bytes;
	int64_t v, before;
	int k;

	memcpy(&v, number + 8 * i, 8);
	if (type[i] == MC_ARG_INT) {
		sqlite3_result_int64(out, v);
	} else if (type[i] >= MC_ARG_TEXT) {
		bytes = number + 8 * c->head.n;
		for (k = 0; k < i; k++)
			if (type[k] >= MC_ARG_TEXT) {
				memcpy(&before, number + 8 * k, 8);
				bytes += before;
			}
		assert(type[i] != MC_ARG_PACK);
		if (type[i] == MC_ARG_TEXT)
			sqlite3_result_text(out, bytes, (int)v, SQLITE_STATIC);
		else
			sqlite3_result_blob(out, bytes, (int)v, SQLITE_STATIC);
	}
	return SQLITE_OK;
}

static int
rows_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct rows_cursor *c = (const struct rows_cursor *)base;

	*out = c->end - c->p;
	return SQLITE_OK;
}

/* Of this connection, and in no schema: there is no xCreate. */
static const sqlite3_module rows_module = {
	.xConnect = rows_connect,
	.xBestIndex = rows_best,
	.xDisconnect = rows_disconnect,
	.xOpen = rows_open,
	.xClose = rows_close,
	.xFilter = rows_filter,
	.xNext = rows_next,
	.xEof = rows_eof,
	.xColumn = rows_column,
	.xRowid = rows_rowid,
};

/*
 * ROWS_OF, whose values are parameters in their order, from all rows there
 * are.  It fails where the first of them does, and takes nothing back: that
 * the transaction ends is all that can come of it.
 */
static int
prepare_rows(struct mc_db *db, struct mc_db_rows *r)
{
	const char *one = mc_sql_text(ROWS_OF), *into = "INSERT ";
	const char *values = strstr(one, "VALUES");
	struct mc_buf b = { 0 };
	int rc;

	assert(values != NULL && strncmp(one, into, strlen(into)) == 0);
	mc_buf_puts(&b, "INSERT OR FAIL ");
	mc_buf_add(
	    &b, one + strlen(into), (size_t)(values - one) - strlen(into));
	mc_buf_puts(&b, "SELECT * FROM rows");
	rc = sqlite3_create_module(db->h, "rows", &rows_module, r);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v3(
		    db->h, b.p, -1, SQLITE_PREPARE_PERSISTENT, &r->st, NULL);
	mc_buf_free(&b);
	return rc == SQLITE_OK
		   ? 0
		   : mc_db_fail(db, mc_sql_name(ROWS_OF), &db->late);
}

static int
put_rows(struct mc_db *db, const char *p, const char *end)
{
	struct mc_db_rows *r = db->rows;
	int rc;

	if (r == NULL)
		r = db->rows = mc_calloc(1, sizeof(*r));
	r->p = p;
	r->end = end;
	if (r->st == NULL && prepare_rows(db, r) == -1)
		return -1;
	rc = sqlite3_step(r->st);
	if (rc != SQLITE_DONE)
		mc_db_fail(db, mc_sql_name(ROWS_OF), &db->late);
	sqlite3_reset(r->st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
mc_db_rows_free(struct mc_db_rows *r)
{
	if (r != NULL)
		sqlite3_finalize(r->st);
	free(r);
}

/* ---- the other side ---- */

/* Up to the transaction's end, or to that of the pieces; rows: how many. */
static const char *
part(const char *p, const char *end, size_t *rows)
{
	struct piece head;

	for (*rows = 0; p < end; p += head.size) {
		memcpy(&head, p, sizeof(head));
		if (head.id == TURN)
			break;
		*rows += head.id == ROWS_OF;
	}
	return p;
}

static int
run_part(struct mc_db *db, const char *p, const char *end, bool rows_too)
{
	struct mc_arg args[LATER_ARGS];
	struct piece head;

	for (; p < end; p += head.size) {
		memcpy(&head, p, sizeof(head));
		if (head.id == ROWS_OF && !rows_too)
			continue;
		unpack_args(args, p + sizeof(head), head.n);
		if (mc_db_run_now(db, (enum mc_sql)head.id, args, head.n,
			&db->late) == -1)
			return -1;
	}
	return 0;
}

/* After a failure nothing more is done. */
void
mc_db_work(void *arg, const char *p, size_t n)
{
	struct mc_db *db = arg;
	const char *end = p + n, *to;
	size_t rows;

	while (p < end && db->late.code == MC_OK) {
		to = part(p, end, &rows);
		if (rows >= MANY && put_rows(db, p, to) == -1)
			return;
		if (run_part(db, p, to, rows < MANY) == -1)
			return;
		if (to < end && take_turn(db) == -1)
			return;
		p = to < end ? to + sizeof(struct piece) : end;
	}
}
