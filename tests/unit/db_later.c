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
#define CHANNEL 4
#define RECEIVED_AT 5
#define ROW_HASH 6
#define STATUS 7
#define EVENTS 18
#define LONG 6000 /* of events */

static char bank[2 * LONG]; /* events are somewhere in it */

/* Of any length, from 0 to the largest there are, of either sign. */
static int64_t
any(void)
{
	uint64_t v = (UINT64_C(1) << rnd(64)) + rnd(3) - 1;

	return (int64_t)(rnd(2) == 0 ? v : ~v);
}

/* A dossier's row: what may be NULL is so half of the time. */
static void
row_of(struct mc_arg row[COLUMNS], int64_t id)
{
	size_t n = rnd(200) == 0 ? rnd(LONG) : rnd(40);
	int i;

	for (i = 0; i < COLUMNS; i++)
		row[i] =
		    (i >= 5 || i == 2) && rnd(2) == 0 ? MC_NULL : MC_INT(any());
	row[0] = MC_INT(id);
	row[CHANNEL] = MC_INT((int64_t)rnd(3) + 1);
	if (row[RECEIVED_AT].type == MC_ARG_INT)
		row[RECEIVED_AT].i %= INT64_C(2000000000000);
	if (row[STATUS].type == MC_ARG_INT)
		row[STATUS].i = (int64_t)rnd(10) + 1;
	if (row[ROW_HASH].type == MC_ARG_INT)
		row[ROW_HASH] = MC_INT((int64_t)(seed ^ seed << 20));
	if (row[EVENTS].type == MC_ARG_INT)
		row[EVENTS] = MC_BLOB(((struct mc_str){ bank + rnd(LONG), n }));
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
	return row[EVENTS].type == MC_ARG_NULL ? s.p == NULL
					       : mc_str_same(s, row[EVENTS].s);
}

/*
 * n rows, of which some that were put off are asked for at once, and some are
 * committed.  The i-th has the id from + i * step % n: the ids rise in runs of
 * n / step.
 */
static void
round_of(struct mc_db *db, int64_t from, int n, int step, bool ask)
{
	struct mc_arg(*row)[COLUMNS] = mc_calloc((size_t)n, sizeof(*row));
	struct mc_err err = MC_ERR_INIT;
	struct mc_cur *cur = NULL;
	int64_t hash;
	int i, at, wrong = 0, seen = 0;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < n; i++) {
		at = (int)((int64_t)i * step % n);
		row_of(row[at], from + at);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row[at], COLUMNS);
		if (i % 3 == 1) /* what is of another table */
			mc_db_run_later(db, MC_SQL_META_SET,
			    MC_ARGS(
				MC_TEXT(MC_STR("a")), MC_TEXT(MC_STR("b"))));
		if (ask &&
		    i % 1000 == 999) { /* and of the same: it is set anew */
			row_of(row[at], from + at);
			mc_db_run_later(
			    db, MC_SQL_DOSSIER_SET, row[at], COLUMNS);
		}
		if (ask && i % 777 == 776)
			OK(mc_db_int(db, MC_SQL_CASE_EXISTS,
			       MC_ARGS(MC_INT(from + at)), &hash, 0,
			       &err) == 1);
		if (i % 45000 == 40000)
			mc_db_commit_later(db);
		if (i % 45000 == 40500)
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
}

/* Two of the same id: all of the transaction is lost, and that is told. */
static void
clash(struct mc_db *db, int64_t from, int n)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_arg row[COLUMNS];
	int i;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < n; i++) {
		row_of(row, from + i % (n - 1));
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

static void
complaint(void *arg, const char *text)
{
	(void)arg;
	IS_STR(text, "");
}

/* Rows from..to, put off. */
static void
add(struct mc_db *db, int64_t from, int64_t to)
{
	struct mc_arg row[COLUMNS];

	for (; from <= to; from++) {
		row_of(row, from);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row, COLUMNS);
	}
}

/* One of many is there already: the rest is not put in either. */
static void
taken(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;

	OK(mc_db_begin(db, &err) == 0);
	add(db, 1001, 1050);
	mc_db_commit_later(db);
	add(db, 1060, 1090);
	OK(mc_db_committed(db, &err) == 0);
	add(db, 1050, 1059);
	IS(mc_db_commit(db, &err), -1);
	IS_STR(err.id, "E_DB");
	OK(strstr(err.msg, "DOSSIER_ADD") != NULL);
	mc_db_rollback(db);
	mc_err_clear(&err);
	OK(mc_db_begin(db, &err) == 0);
	IS(known(mc_db_int, db, 1050), 1);
	IS(known(mc_db_int, db, 1051), 0);
	IS(known(mc_db_int, db, 1060), 0);
	add(db, 1051, 1090);
	OK(mc_db_commit(db, &err) == 0);
	IS(known(mc_db_int, db, 1090), 1);
	OK(mc_db_integrity(db, false, complaint, NULL, &err) == 0);
}

/* What was committed is seen aside, and what was put off is not. */
static void
aside(void)
{
	char folder[] = "/tmp/motcua-later-XXXXXX", path[64];
	struct mc_err err = MC_ERR_INIT;
	struct mc_arg row[COLUMNS];
	struct mc_db *db = NULL;
	int64_t id;

	if (!OK(mkdtemp(folder) != NULL))
		return;
	snprintf(path, sizeof(path), "%s/a.db", folder);
	if (!OK(mc_db_create(&db, path, &err) == 0))
		return;
	mc_db_bulk(db);
	OK(mc_db_begin(db, &err) == 0);
	for (id = 1; id <= 20; id++) {
		row_of(row, id);
		mc_db_run_later(db, MC_SQL_DOSSIER_ADD, row, COLUMNS);
		IS(known(mc_db_int_aside, db, id), 0);
		if (id % 4 == 0) {
			mc_db_commit_later(db);
			OK(mc_db_committed(db, &err) == 0);
			IS(known(mc_db_int_aside, db, id), 1);
			mc_db_aside_end(db);
			row_of(row, 100 + id);
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
	taken(db);
	mc_db_close(db);
	mc_db_remove(path);
	IS(rmdir(folder), 0);
}

int
main(void)
{
	/* More than an image holds, and more images than a transaction has. */
	static const struct {
		int n, step;
		bool ask;
	} round[] = { { 1, 1, true }, { 7, 1, false }, { 8, 1, false },
		{ 9, 2, false }, { 100, 1, false }, { 100, 99, true },
		{ 12000, 1, true }, { 12000, 7, true }, { 45000, 1, false },
		{ 45000, 11, false }, { 50000, 12347, false } };
	struct mc_err err = MC_ERR_INIT;
	struct mc_db *db = NULL;
	int64_t from = 1;
	size_t i;

	for (i = 0; i < sizeof(bank); i++)
		bank[i] = (char)rnd(256);
	if (!OK(mc_db_scratch(&db, &err) == 0))
		return tap_done();
	mc_db_bulk(db);
	for (i = 0; i < sizeof(round) / sizeof(round[0]); i++) {
		round_of(db, from, round[i].n, round[i].step, round[i].ask);
		from += round[i].n;
	}
	OK(mc_db_integrity(db, false, complaint, NULL, &err) == 0);
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
