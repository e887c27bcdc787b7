/*
 * recompute.c - what it costs to count the due of every open dossier anew;
 * and to count and rewrite those rows of the table of open dossiers in one
 * pass over it: nothing else, no events.  For recompute.sh, on a copy of a
 * database that nobody else has.
 *
 * usage: recompute DATABASE
 * prints: dossiers, rows rewritten, then microseconds a dossier: counting by
 * the wall clock and by the CPU's, counting and rewriting likewise
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <motcua/replan.h>

struct stopwatch {
	double wall, cpu;
};

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct stopwatch
now(void)
{
	return (struct stopwatch){ seconds(CLOCK_MONOTONIC),
		seconds(CLOCK_PROCESS_CPUTIME_ID) };
}

static void
die(const char *what)
{
	fprintf(stderr, "recompute: %s\n", what);
	exit(2);
}

/* The second connection, which writes, and what it has counted. */
struct writer {
	sqlite3 *h;
	struct mc_replan *r;
	const struct mc_replan_row *row;
	int64_t rows;
};

static int64_t
number(sqlite3_value *v, int64_t none)
{
	return sqlite3_value_type(v) == SQLITE_NULL ? none
						    : sqlite3_value_int64(v);
}

/*
 * In SQL: moves(dossier, due_at, due_day, status, flags, unit, pin,
 * received_at): is that row's due another, counted anew?
 */
static void
moves(sqlite3_context *sql, int n, sqlite3_value **v)
{
	struct writer *w = sqlite3_user_data(sql);
	int flags = (int)number(v[4], 0);
	struct mc_replan_row row = { .id = number(v[0], 0),
		.due = { (int32_t)number(v[2], MC_NODAY),
		    number(v[1], MC_NEVER),
		    (flags & MC_FLAG_PROVISIONAL) != 0 },
		.status = (enum mc_status)number(v[3], MC_S_NONE),
		.unit = (int32_t)number(v[5], MC_NOID),
		.pin = (int32_t)number(v[6], MC_NOID),
		.received_at = number(v[7], MC_NEVER) };
	struct mc_err err = MC_ERR_INIT;

	(void)n;
	if (mc_replan_row(w->r, &row, flags, &w->row, &err) == -1)
		die(err.msg);
	w->rows += w->row->differs;
	sqlite3_result_int(sql, w->row->differs);
}

/* anew(dossier, i): of that due the instant, the day, the flag. */
static void
anew(sqlite3_context *sql, int n, sqlite3_value **v)
{
	struct writer *w = sqlite3_user_data(sql);
	const struct mc_due *due = &w->row->now.due;
	int i = sqlite3_value_int(v[1]);

	(void)n;
	if (w->row->id != sqlite3_value_int64(v[0]))
		die("a row was rewritten that was not counted last");
	sqlite3_result_int64(sql, i == 0             ? due->at
				  : i == 1           ? due->day
				  : due->provisional ? MC_FLAG_PROVISIONAL
						     : 0);
}

/* In one statement that walks through the table. */
static void
rewrite(struct writer *w, const char *path)
{
	if (sqlite3_open_v2(path, &w->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_create_function_v2(w->h, "moves", 8, SQLITE_UTF8, w, moves,
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function_v2(w->h, "anew", 2, SQLITE_UTF8, w, anew,
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(w->h,
		"PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
		"BEGIN IMMEDIATE; "
		"UPDATE open SET due_at = anew(dossier, 0), "
		"due_day = anew(dossier, 1), "
		"flags = flags & ~2 | anew(dossier, 2) "
		"WHERE pin IS NOT NULL AND moves(dossier, due_at, due_day, "
		"status, flags, unit, pin, received_at)",
		NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(w->h));
}

/* Every open dossier counted, nothing written; how many there are. */
static int64_t
count(struct mc_replan *r)
{
	const struct mc_replan_row *row;
	struct mc_err err = MC_ERR_INIT;
	int64_t n = 0;
	int rc;

	while ((rc = mc_replan_next(r, &row, &err)) == 1)
		n++;
	if (rc == -1)
		die(err.msg);
	return n;
}

static void
commit(struct writer *w)
{
	if (sqlite3_exec(w->h, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(w->h));
	sqlite3_close(w->h);
}

/* What is kept of the rules is read anew for each. */
static void
run(struct mc_store *s, struct mc_rulebook *rb, const char *path)
{
	struct mc_replan *r = mc_replan_new(s, rb, (int64_t)time(NULL) * 1000);
	struct writer w = { .r = r };
	struct mc_err err = MC_ERR_INIT;
	struct stopwatch a = now(), b, c;
	int64_t dossiers;
	double us;

	if (mc_db_read_begin(mc_store_db(s), &err) == -1)
		die(err.msg);
	dossiers = count(r);
	mc_db_read_end(mc_store_db(s));
	b = now();
	mc_replan_forget(r, (int64_t)time(NULL) * 1000);
	if (mc_db_read_begin(mc_store_db(s), &err) == -1)
		die(err.msg);
	rewrite(&w, path);
	/* Nobody may read while it is committed. */
	mc_db_read_end(mc_store_db(s));
	commit(&w);
	c = now();
	us = dossiers > 0 ? 1e6 / (double)dossiers : 0;
	printf("%lld %lld %.2f %.2f %.2f %.2f\n", (long long)dossiers,
	    (long long)w.rows, (b.wall - a.wall) * us, (b.cpu - a.cpu) * us,
	    (c.wall - b.wall) * us, (c.cpu - b.cpu) * us);
	mc_replan_free(r);
}

int
main(int argc, char *argv[])
{
	struct mc_store *s = NULL;
	struct mc_rulebook *rb = NULL;
	struct mc_err err = MC_ERR_INIT;

	if (argc != 2)
		die("usage: recompute DATABASE");
	if (mc_store_open(&s, argv[1], MC_DB_READ, &err) == -1 ||
	    mc_rulebook_open(&rb, mc_store_site(s)->rules,
		mc_store_site(s)->ref, &err) == -1)
		die(err.msg);
	run(s, rb, argv[1]);
	mc_rulebook_free(rb);
	mc_store_close(s);
	return 0;
}
