/*
 * rollup.c - unit tests of rollup.h: every level has the sum of what was
 * posted, however it was spread over transactions, children on their own.
 */
#include <stdlib.h>

#include <motcua/rollup.h>

#include "tap.h"

#define DAYS 3000 /* from FIRST on: three periods of the upper level */
#define FIRST (-1500)
#define PROCEDURES 3
#define UNITS 4

static uint64_t seed = 5;

static int
rnd(int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)below);
}

static int64_t sum[2][DAYS][PROCEDURES][UNITS][MC_C__COUNT];

static void
post(struct mc_rollup *r, bool count)
{
	struct mc_posting p = { .day = FIRST + rnd(DAYS),
		.procedure = 1 + rnd(PROCEDURES),
		.unit = 1 + rnd(UNITS),
		.counter = (enum mc_counter)rnd(MC_C__COUNT),
		.delta = rnd(3) - 1,
		.child = rnd(2) == 0 };

	mc_rollup_post(r, &p);
	if (count)
		sum[p.child][p.day - FIRST][p.procedure - 1][p.unit - 1]
		   [p.counter] += p.delta;
}

/* floor(a / 2^b) for negative days, too. */
static int
period_of(int day, int level)
{
	int width = 1 << (MC_ROLLUP_SHIFT * (level % MC_ROLLUP_LEVELS));

	return day >= 0 ? day / width : -((-day + width - 1) / width);
}

/* What a level must hold, less what its rows do: all zero. */
static int64_t
difference(struct mc_db *db, int level, struct mc_err *err)
{
	static int64_t want[DAYS + 2][PROCEDURES][UNITS][MC_C__COUNT];
	int first = period_of(FIRST, level), d, p, u, c, seen = 0;
	struct mc_cur *cur;
	int64_t wrong = 0;
	int32_t last[3] = { INT32_MIN, 0, 0 }, now[3];

	memset(want, 0, sizeof(want));
	for (d = 0; d < DAYS; d++)
		for (p = 0; p < PROCEDURES; p++)
			for (u = 0; u < UNITS; u++)
				for (c = 0; c < MC_C__COUNT; c++)
					want[period_of(FIRST + d, level) -
					     first][p][u][c] +=
					    sum[level / MC_ROLLUP_LEVELS][d][p]
					       [u][c];
	if (mc_cur_open(&cur, db, MC_SQL_CHECK_ROLLUP, MC_NOARGS, err) == -1)
		return -1;
	while (mc_cur_next(cur, err) == 1) {
		if (mc_cur_int(cur, 0, -1) != level)
			continue;
		for (c = 0; c < 3; c++)
			now[c] = (int32_t)mc_cur_int(cur, 1 + c, 0);
		wrong += memcmp(now, last, sizeof(now)) == 0;
		memcpy(last, now, sizeof(now));
		for (c = 0; c < MC_C__COUNT; c++)
			want[now[0] - first][now[1] - 1][now[2] - 1][c] -=
			    mc_cur_int(cur, 4 + c, 0);
		seen++;
	}
	mc_cur_close(cur);
	for (d = 0; d < DAYS + 2; d++)
		for (p = 0; p < PROCEDURES; p++)
			for (u = 0; u < UNITS; u++)
				for (c = 0; c < MC_C__COUNT; c++)
					wrong += want[d][p][u][c] != 0;
	OK(seen > 0);
	return wrong;
}

static int
names(struct mc_db *db, struct mc_err *err)
{
	char code[16];
	int i;

	for (i = 1; i <= UNITS; i++) {
		snprintf(code, sizeof(code), "U%d", i);
		if (mc_db_run(db, MC_SQL_UNIT_ADD,
			MC_ARGS(MC_INT(i), MC_TEXT(mc_str(code))), err) == -1)
			return -1;
		if (i <= PROCEDURES &&
		    mc_db_run(db, MC_SQL_PROCEDURE_ADD,
			MC_ARGS(MC_INT(i), MC_TEXT(mc_str(code))), err) == -1)
			return -1;
	}
	return 0;
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_rollup *r = mc_rollup_new();
	struct mc_db *db;
	int batch, i, level, fails = 0;

	IS(mc_db_scratch(&db, &err), 0);
	fails += mc_db_begin(db, &err) == -1 || names(db, &err) == -1 ||
		 mc_db_commit(db, &err) == -1;
	for (batch = 0; batch < 12 && fails == 0; batch++) {
		bool keep = batch % 4 != 3;

		fails += mc_db_begin(db, &err) == -1;
		for (i = rnd(3000); i > 0; i--)
			post(r, keep);
		if (!keep) { /* rolled back: nothing of it comes again */
			mc_rollup_forget(r);
			mc_db_rollback(db);
			continue;
		}
		mc_rollup_flush(r, db);
		/* There is nothing left to add a second time. */
		mc_rollup_flush(r, db);
		fails += mc_db_commit(db, &err) == -1;
	}
	IS(fails, 0);
	IS_STR(err.msg, "");
	for (level = 0; level < MC_ROLLUP_ALL; level++)
		IS(difference(db, level, &err), 0);
	IS_STR(err.msg, "");
	mc_rollup_free(r);
	mc_rollup_free(NULL);
	mc_db_close(db);
	return tap_done();
}
