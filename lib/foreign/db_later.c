/*
 * db_later.c - statements put off; see mc_db_run_later() in motcua/db.h.
 */
#include <assert.h>
#include <string.h>

#include <motcua/mem.h>

#include "db_internal.h"

#define TURN MC_SQL__COUNT /* no statement: COMMIT, and BEGIN anew */

/*
 * A piece: this, the arguments' types, a byte each, then for each number its
 * 8 bytes and for each text its length in 8, then the texts' bytes.
 */
struct piece {
	uint16_t id;
	uint16_t n;
	uint32_t size; /* of it all */
};

/* A new dossier: its key, and its record. */
static void
add_row(struct mc_db *db, const struct mc_arg *args, size_t n)
{
	struct mc_buf *b = mc_later_piece(db->later);
	struct piece head = { MC_DB_ROWS_OF, 0,
		sizeof(head) + sizeof(int64_t) };
	struct mc_arg row[MC_DB_ROWS_ARGS];
	char *to = mc_buf_room(b, head.size + mc_record_room(args, n));

	assert(n == MC_DB_ROWS_ARGS);
	memcpy(row, args, sizeof(row));
	row[0] = MC_NULL; /* as SQLite has it where the key is the rowid */
	head.size += (uint32_t)mc_record_put(to + head.size, row, n);
	memcpy(to, &head, sizeof(head));
	memcpy(to + sizeof(head), &args[0].i, sizeof(int64_t));
	b->len += head.size;
}

static void
add_statement(
    struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n)
{
	struct mc_buf *b = mc_later_piece(db->later);
	size_t size = sizeof(struct piece) + 9 * n, i;
	char *to, *type, *bytes;

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
}

void
mc_db_run_later(
    struct mc_db *db, enum mc_sql id, const struct mc_arg *args, size_t n)
{
	assert(n <= MC_PIECE_ARGS && db->in_write);
	if (id == MC_DB_ROWS_OF)
		add_row(db, args, n);
	else
		add_statement(db, id, args, n);
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
	mc_db_rows_end(db);
	db->ended_there++;
	return mc_db_exec(db, "BEGIN IMMEDIATE", "begin", &db->late);
}

/* ---- the other side ---- */

size_t
mc_piece_size(const char *piece)
{
	struct piece head;

	memcpy(&head, piece, sizeof(head));
	return head.size;
}

void
mc_piece_get(struct mc_arg args[MC_PIECE_ARGS], const char *piece)
{
	const char *type = piece + sizeof(struct piece), *p, *bytes;
	struct piece head;
	int64_t v;
	size_t i;

	memcpy(&head, piece, sizeof(head));
	p = type + head.n;
	bytes = p + 8 * (size_t)head.n;
	for (i = 0; i < head.n; i++, p += 8) {
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

int
mc_piece_run(struct mc_db *db, const char *piece, struct mc_err *err)
{
	struct mc_arg args[MC_PIECE_ARGS];
	struct piece head;

	memcpy(&head, piece, sizeof(head));
	mc_piece_get(args, piece);
	return mc_db_run_now(db, (enum mc_sql)head.id, args, head.n, err);
}

/*
 * Of a new dossier the piece is its key and its record: SQLite takes many of
 * those at once, and so they wait, even for what comes behind them, if that
 * is not about their rows.
 */
static int
take_row(struct mc_db *db, const char *piece)
{
	const char *p = piece + sizeof(struct piece);
	int64_t id;

	memcpy(&id, p, sizeof(id));
	p += sizeof(id);
	return mc_db_rows_take(db, id,
	    (struct mc_str){ p, mc_piece_size(piece) - (size_t)(p - piece) },
	    &db->late);
}

static int
run_piece(struct mc_db *db, const char *piece)
{
	struct piece head;
	int rc;

	memcpy(&head, piece, sizeof(head));
	if (head.id == MC_DB_ROWS_OF)
		return take_row(db, piece);
	if ((!db->bulk || head.id == MC_SQL_DOSSIER_SET || head.id == TURN) &&
	    mc_db_rows_put(db, &db->late) == -1)
		return -1;
	rc = mc_db_many_take(db, (enum mc_sql)head.id, piece, &db->late);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	return head.id == TURN ? take_turn(db)
			       : mc_piece_run(db, piece, &db->late);
}

/* After a failure nothing more is done. */
void
mc_db_work(void *arg, const char *p, size_t n)
{
	struct mc_db *db = arg;
	const char *end = p + n;

	for (; p < end && db->late.code == MC_OK; p += mc_piece_size(p))
		if (run_piece(db, p) == -1)
			return;
}
