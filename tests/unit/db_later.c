/*
 * db_later.c - statements put off, few and many: the rows are the same, and
 * one that cannot be put in ends the transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/db.h>
#include <motcua/mem.h>

#define RND_SEED 5
#include "rnd.h"
#include "tap.h"

#define COLUMNS 19
#define ROW_HASH 6

/* A dossier's row: what may be NULL is so half of the time. */
static void
row_of(struct mc_arg row[COLUMNS], int64_t id, char events[40])
{
	int i;

	for (i = 0; i < COLUMNS; i++)
		row[i] = (i >= 5 || i == 2) && rnd(2) == 0
			     ? MC_NULL
			     : MC_INT((int64_t)rnd(10) + 1);
	row[0] = MC_INT(id);
	row[4] = MC_INT((int64_t)rnd(3) + 1);
	if (row[ROW_HASH].type == MC_ARG_INT)
		row[ROW_HASH] = MC_INT((int64_t)(seed ^ seed << 20));
	for (i = 0; i < 40; i++)
		events[i] = (char)rnd(256);
	if (row[18].type == MC_ARG_INT)
		row[18] = MC_BLOB(((struct mc_str){ events, (size_t)rnd(40) }));
}

/* A row of CHECK_DOSSIER, which leaves the hash out. */
static bool
same(struct mc_cur *cur, const struct mc_arg row[COLUMNS])
{
	struct mc_str s = mc_cur_blob(cur, COLUMNS - 2);
	int i;

	for (i = 0; i < COLUMNS - 1; i++)
		if (i != ROW_HASH &&
		    mc_cur_int(cur, i - (i > ROW_HASH), -77) !=
			(row[i].type == MC_ARG_NULL ? -77 : row[i].i))
			return false;
	return row[18].type == MC_ARG_NULL ? s.p == NULL
					   : mc_str_same(s, row[18].s);
}

/* n rows in a transaction, of which some end at once, and others between. */
static void
round_of(struct mc_db *db, int64_t from, int n)
{
	struct mc_arg(*row)[COLUMNS] = mc_calloc((size_t)n, sizeof(*row));
	char(*events)[40] = mc_calloc((size_t)n, sizeof(*events));
	struct mc_err err = MC_ERR_INIT;
	struct mc_cur *cur = NULL;
	int64_t hash;
	int i, wrong = 0, seen = 0;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < n; i++) {
		row_of(row[i], from + i, events[i]);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row[i], COLUMNS);
		if (i % 3 == 1) /* what is of another table, and of the same */
			mc_db_run_later(db, MC_SQL_META_SET,
			    MC_ARGS(
				MC_TEXT(MC_STR("a")), MC_TEXT(MC_STR("b"))));
		if (i % 5000 == 4000)
			mc_db_commit_later(db);
		if (i % 5000 == 4500)
			OK(mc_db_committed(db, &err) == 0);
	}
	OK(mc_db_commit(db, &err) == 0);
	IS_STR(err.msg, "");
	if (OK(mc_cur_open(&cur, db, MC_SQL_CHECK_DOSSIER, MC_NOARGS, &err) ==
		0))
		for (i = 0; mc_cur_next(cur, &err) == 1; i++) {
			if (mc_cur_int(cur, 0, 0) < from)
				continue;
			wrong += seen == n || !same(cur, row[seen]);
			seen++;
		}
	mc_cur_close(cur);
	IS(seen, n);
	for (i = 0; i < n; i++)
		wrong += mc_db_int(db, MC_SQL_CASE_EXISTS,
			     MC_ARGS(MC_INT(from + i)), &hash, 0, &err) != 1 ||
			 hash != (row[i][ROW_HASH].type == MC_ARG_NULL
					 ? 0
					 : row[i][ROW_HASH].i);
	IS(wrong, 0);
	free(row);
	free(events);
}

/* Two of the same id: all of the transaction is lost, and that is told. */
static void
clash(struct mc_db *db, int64_t from, int n)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_arg row[COLUMNS];
	char events[40];
	int i;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < n; i++) {
		row_of(row, from + i % (n - 1), events);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row, COLUMNS);
	}
	IS(mc_db_commit(db, &err), -1);
	IS_STR(err.id, "E_DB");
	OK(strstr(err.msg, "DOSSIER_ADD") != NULL);
	mc_db_rollback(db);
}

static int64_t
known(int (*ask)(struct mc_db *db, enum mc_sql id, const struct mc_arg *args,
	  size_t n, int64_t *out, int64_t none, struct mc_err *err),
    struct mc_db *db, int64_t id)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t ignored;

	return ask(
	    db, MC_SQL_CASE_EXISTS, MC_ARGS(MC_INT(id)), &ignored, 0, &err);
}

/* What was committed is seen aside, and what was put off is not. */
static void
aside(void)
{
	char folder[] = "/tmp/motcua-later-XXXXXX", path[64];
	struct mc_err err = MC_ERR_INIT;
	struct mc_arg row[COLUMNS];
	struct mc_db *db = NULL;
	char events[40];
	int64_t id;

	if (!OK(mkdtemp(folder) != NULL))
		return;
	snprintf(path, sizeof(path), "%s/a.db", folder);
	if (!OK(mc_db_create(&db, path, &err) == 0))
		return;
	mc_db_bulk(db);
	OK(mc_db_begin(db, &err) == 0);
	for (id = 1; id <= 20; id++) {
		row_of(row, id, events);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row, COLUMNS);
		IS(known(mc_db_int_aside, db, id), 0);
		if (id % 4 == 0) {
			mc_db_commit_later(db);
			OK(mc_db_committed(db, &err) == 0);
			IS(known(mc_db_int_aside, db, id), 1);
			mc_db_aside_end(db);
			row_of(row, 100 + id, events);
			mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row, COLUMNS);
			IS(known(mc_db_int_aside, db, id), 1);
			IS(known(mc_db_int_aside, db, 100 + id), 0);
			IS(known(mc_db_int, db, 100 + id), 1);
			IS(known(mc_db_int_aside, db, 100 + id), 0);
		}
	}
	mc_db_rollback(db);
	OK(mc_db_begin(db, &err) == 0);
	IS(known(mc_db_int_aside, db, 120), 0);
	IS(known(mc_db_int_aside, db, 20), 1);
	OK(mc_db_commit(db, &err) == 0);
	mc_db_close(db);
	mc_db_remove(path);
	IS(rmdir(folder), 0);
}

int
main(void)
{
	static const int sizes[] = { 1, 7, 8, 9, 100, 12000 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_db *db = NULL;
	int64_t from = 1;
	size_t i;

	if (!OK(mc_db_scratch(&db, &err) == 0))
		return tap_done();
	mc_db_bulk(db);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		round_of(db, from, sizes[i]);
		from += sizes[i];
	}
	mc_db_close(db);
	/* It keeps no journal: what went wrong in it is not taken back. */
	for (i = 0; i < 2; i++) {
		if (!OK(mc_db_scratch(&db, &err) == 0))
			return tap_done();
		mc_db_bulk(db);
		clash(db, 1, i == 0 ? 3 : 50);
		mc_db_close(db);
	}
	aside();
	return tap_done();
}
