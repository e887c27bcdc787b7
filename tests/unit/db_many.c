/*
 * db_many.c - rows of `open` and of `rollup` that are put off: whatever comes
 * between them, two databases are alike, of which one runs every statement at
 * once; and one row that cannot be put in ends the transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/db.h>

#define RND_SEED 7
#include "rnd.h"
#include "tap.h"

#define NAMES 4 /* units, procedures, steps, officers */

static struct mc_db *at_once, *later;
static struct mc_err err;
static int64_t dossiers;
static int failed;

/* The same for both. */
static void
run(enum mc_sql id, const struct mc_arg *args, size_t n)
{
	failed += mc_db_run(at_once, id, args, n, &err) == -1;
	mc_db_run_later(later, id, args, n);
}

static int64_t
some(void)
{
	return (int64_t)rnd(NAMES) + 1;
}

static struct mc_arg
perhaps(int64_t v)
{
	return rnd(2) == 0 ? MC_NULL : MC_INT(v);
}

static void
names(void)
{
	static const enum mc_sql add[] = { MC_SQL_UNIT_ADD,
		MC_SQL_PROCEDURE_ADD, MC_SQL_STEP_NAME_ADD,
		MC_SQL_OFFICER_ADD };
	char code[8];
	size_t k;
	int i;

	for (i = 1; i <= NAMES; i++)
		for (k = 0; k < sizeof(add) / sizeof(add[0]); k++) {
			snprintf(code, sizeof(code), "N%d", i);
			run(add[k], MC_ARGS(MC_INT(i), MC_TEXT(mc_str(code))));
		}
}

static void
put_dossier(enum mc_sql id, int64_t dossier)
{
	const struct mc_arg null = MC_NULL;

	run(id, MC_ARGS(MC_INT(dossier), MC_INT(some()), null, MC_INT(some()),
		    MC_INT(1), null, perhaps((int64_t)seed), null, null, null,
		    null, null, null, null, null, null, null, null, null));
}

static void
set_open(int64_t dossier)
{
	static char text[3000];
	struct mc_str events = { text, rnd(9) == 0 ? rnd(sizeof(text)) : 3 };
	struct mc_str fields = { text + rnd(sizeof(text) / 2), rnd(30) };
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + rnd(26));
	run(MC_SQL_OPEN_SET,
	    MC_ARGS(MC_INT(dossier), perhaps((int64_t)rnd(9)),
		perhaps((int64_t)seed), MC_INT((int64_t)rnd(2) + 1), perhaps(1),
		MC_INT(-(int64_t)rnd(500)), MC_INT(some()), MC_NULL,
		perhaps((int64_t)rnd(9)), perhaps((int64_t)rnd(9)),
		perhaps(some()), perhaps(some()), MC_INT((int64_t)seed),
		MC_INT((int64_t)rnd(9)), MC_BLOB(events),
		rnd(2) == 0 ? MC_NULL : MC_TEXT(fields), MC_INT(some()),
		perhaps((int64_t)rnd(9))));
}

static void
change(int64_t dossier)
{
	if (rnd(4) == 0)
		put_dossier(MC_SQL_DOSSIER_SET, dossier);
	if (rnd(2) == 0)
		run(MC_SQL_OPEN_DROP, MC_ARGS(MC_INT(dossier)));
	else
		run(MC_SQL_OPEN_DUE,
		    MC_ARGS(MC_INT(dossier), MC_INT((int64_t)rnd(99)),
			MC_INT((int64_t)rnd(9)), MC_INT(0), MC_NULL, MC_INT(1),
			MC_BLOB(MC_STR("e"))));
}

static void
add_rollup(void)
{
	struct mc_arg args[14];
	int i;

	args[0] = MC_INT((int64_t)rnd(6));
	args[1] = MC_INT((int64_t)rnd(9) - 4);
	args[2] = MC_INT(some());
	args[3] = MC_INT(some());
	for (i = 4; i < 14; i++)
		args[i] = MC_INT((int64_t)rnd(5) - 2);
	run(MC_SQL_ROLLUP_ADD, args, 14);
}

static bool
same_row(struct mc_cur *a, struct mc_cur *b, int columns)
{
	struct mc_str s, t;
	int i;

	for (i = 0; i < columns; i++) {
		s = mc_cur_blob(a, i);
		t = mc_cur_blob(b, i);
		if ((s.p == NULL) != (t.p == NULL) || !mc_str_same(s, t) ||
		    mc_cur_int(a, i, -77) != mc_cur_int(b, i, -77))
			return false;
	}
	return true;
}

/* Both have the same rows, by the statement that reads them all. */
static void
alike(enum mc_sql id, int columns)
{
	struct mc_cur *a = NULL, *b = NULL;
	int64_t rows = 0, wrong = 0;
	int more, other;

	if (!OK(mc_cur_open(&a, at_once, id, MC_NOARGS, &err) == 0 &&
		mc_cur_open(&b, later, id, MC_NOARGS, &err) == 0))
		return;
	do {
		more = mc_cur_next(a, &err);
		other = mc_cur_next(b, &err);
		wrong += more != other || more == -1;
		if (more == 1 && other == 1)
			wrong += !same_row(a, b, columns);
		rows++;
	} while (more == 1 && other == 1);
	mc_cur_close(a);
	mc_cur_close(b);
	IS(wrong, 0);
	OK(rows > 1);
}

static void
all_alike(void)
{
	alike(MC_SQL_CHECK_DOSSIER, 18);
	alike(MC_SQL_CHECK_OPEN, 18);
	alike(MC_SQL_CHECK_STEP, 7);
	alike(MC_SQL_CHECK_ROLLUP, 14);
}

/* One step of many; runs of the same are mostly long, sometimes short. */
static void
step(unsigned what, int run_of)
{
	for (; run_of > 0; run_of--)
		switch (what) {
		case 0:
			add_rollup();
			break;
		case 1: /* of an old one, too */
			set_open((int64_t)rnd((unsigned)dossiers) + 1);
			break;
		case 2:
			change((int64_t)rnd((unsigned)dossiers) + 1);
			break;
		default:
			put_dossier(MC_SQL_DOSSIER_ADD, ++dossiers);
			if (rnd(4) > 0)
				set_open(dossiers);
			if (rnd(4) == 0)
				run(MC_SQL_STEP_ADD,
				    MC_ARGS(MC_INT(dossiers), MC_INT(some()),
					MC_INT(some()), MC_NULL, MC_INT(1),
					MC_NULL, MC_NULL));
		}
}

static void
turn(void)
{
	OK(mc_db_commit(at_once, &err) == 0 && mc_db_begin(at_once, &err) == 0);
	mc_db_commit_later(later);
	OK(mc_db_committed(later, &err) == 0);
}

static void
random_order(bool bulk)
{
	int64_t n;
	int i;

	TAP_ROW(bulk ? "bulk" : "not bulk");
	dossiers = 0;
	if (!OK(mc_db_scratch(&at_once, &err) == 0 &&
		mc_db_scratch(&later, &err) == 0))
		return;
	if (bulk)
		mc_db_bulk(later);
	OK(mc_db_begin(at_once, &err) == 0 && mc_db_begin(later, &err) == 0);
	names();
	put_dossier(MC_SQL_DOSSIER_ADD, ++dossiers);
	for (i = 0; i < 1500; i++) {
		step(rnd(10) == 0  ? 2
		     : rnd(2) == 0 ? 3
				   : rnd(2),
		    rnd(3) == 0 ? 1 : (int)rnd(60));
		if (rnd(40) == 0)
			OK(mc_db_int(later, MC_SQL_CASE_EXISTS,
			       MC_ARGS(MC_INT(dossiers)), &n, 0, &err) == 1);
		if (rnd(100) == 0)
			turn();
		if (i % 500 == 250)
			all_alike();
	}
	/* More than are kept. */
	step(1, 9000);
	step(0, 9000);
	OK(mc_db_commit(at_once, &err) == 0 && mc_db_commit(later, &err) == 0);
	all_alike();
	IS(failed, 0);
	IS_STR(err.msg, "");
	mc_db_close(at_once);
	mc_db_close(later);
	TAP_ROW(NULL);
}

static int64_t
count(struct mc_db *db, enum mc_sql id)
{
	struct mc_cur *cur;
	int64_t n = 0;

	if (mc_cur_open(&cur, db, id, MC_NOARGS, &err) == -1)
		return -1;
	while (mc_cur_next(cur, &err) == 1)
		n++;
	mc_cur_close(cur);
	return n;
}

/* Few or many, one of them at fault: none is there, and it is told. */
static void
fault(struct mc_db *db, int n)
{
	int i;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < n; i++) /* of level 6 there is nothing */
		mc_db_run_later(db, MC_SQL_ROLLUP_ADD,
		    MC_ARGS(MC_INT(i == n / 2 ? 6 : 0), MC_INT(i), MC_INT(1),
			MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1),
			MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1),
			MC_INT(1)));
	IS(mc_db_commit(db, &err), -1);
	IS_STR(err.id, "E_DB");
	OK(strstr(err.msg, "ROLLUP_ADD") != NULL);
	mc_err_clear(&err);
	IS(count(db, MC_SQL_CHECK_ROLLUP), 0);
}

/* What is rolled back while it waits does not come later. */
static void
forgotten(struct mc_db *db)
{
	int i;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < 20; i++)
		mc_db_run_later(db, MC_SQL_ROLLUP_ADD,
		    MC_ARGS(MC_INT(0), MC_INT(i), MC_INT(1), MC_INT(1),
			MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1),
			MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1)));
	/* Enough that the other thread has them. */
	for (i = 0; i < 30000; i++)
		mc_db_run_later(db, MC_SQL_RUN_SET,
		    MC_ARGS(MC_INT(1), MC_INT(1), MC_INT(1), MC_INT(1)));
	mc_db_rollback(db);
	OK(mc_db_begin(db, &err) == 0);
	OK(mc_db_commit(db, &err) == 0);
	IS(count(db, MC_SQL_CHECK_ROLLUP), 0);
}

static void
ends(void)
{
	char folder[] = "/tmp/motcua-many-XXXXXX", path[64];
	struct mc_db *db = NULL;

	if (!OK(mkdtemp(folder) != NULL))
		return;
	snprintf(path, sizeof(path), "%s/a.db", folder);
	if (!OK(mc_db_create(&db, path, &err) == 0))
		return;
	mc_db_bulk(db);
	fault(db, 3);
	fault(db, 100);
	forgotten(db);
	mc_db_close(db);
	mc_db_remove(path);
	IS(rmdir(folder), 0);
}

int
main(void)
{
	random_order(true);
	random_order(false);
	ends();
	return tap_done();
}
