/*
 * recompute.c - what it costs to count the due of every open dossier anew,
 * and to rewrite those rows of the table of open dossiers: nothing else, no
 * events.  For recompute.sh, on a copy of a database that nobody else has.
 *
 * usage: recompute DATABASE
 * prints: dossiers, rows rewritten, then microseconds a dossier: counting by
 * the wall clock and by the CPU's, both together likewise
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

/* The second connection, which writes. */
struct writer {
	sqlite3 *h;
	sqlite3_stmt *set;
};

static void
begin(struct writer *w, const char *path)
{
	static const char set[] = "UPDATE open SET due_at = ?2, due_day = ?3, "
				  "flags = flags & ~2 | ?4 WHERE dossier = ?1";

	if (sqlite3_open_v2(path, &w->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(w->h,
		"PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
		"BEGIN IMMEDIATE",
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(w->h, set, -1, &w->set, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(w->h));
}

static void
rewrite(struct writer *w, const struct mc_replan_row *r)
{
	sqlite3_bind_int64(w->set, 1, r->id);
	sqlite3_bind_int64(w->set, 2, r->now.due.at);
	sqlite3_bind_int64(w->set, 3, r->now.due.day);
	sqlite3_bind_int64(w->set, 4, r->now.due.provisional ? 2 : 0);
	if (sqlite3_step(w->set) != SQLITE_DONE)
		die(sqlite3_errmsg(w->h));
	sqlite3_reset(w->set);
}

static void
end(struct writer *w)
{
	sqlite3_finalize(w->set);
	if (sqlite3_exec(w->h, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(w->h));
	sqlite3_close(w->h);
}

/* Every open dossier once; with a writer its row is rewritten. */
static void
run(struct mc_store *s, struct mc_rulebook *rb, struct writer *w,
    int64_t *dossiers, int64_t *rows)
{
	struct mc_replan *r = mc_replan_new(s, rb, (int64_t)time(NULL) * 1000);
	const struct mc_replan_row *row;
	struct mc_err err = MC_ERR_INIT;
	int rc;

	*dossiers = *rows = 0;
	if (mc_db_read_begin(mc_store_db(s), &err) == -1)
		die(err.msg);
	while ((rc = mc_replan_next(r, &row, &err)) == 1) {
		++*dossiers;
		if (!row->differs)
			continue;
		++*rows;
		if (w != NULL)
			rewrite(w, row);
	}
	if (rc == -1)
		die(err.msg);
	mc_db_read_end(mc_store_db(s));
	mc_replan_free(r);
}

int
main(int argc, char *argv[])
{
	struct mc_store *s = NULL;
	struct mc_rulebook *rb = NULL;
	struct mc_err err = MC_ERR_INIT;
	struct stopwatch a, b, c;
	struct writer w;
	int64_t dossiers, rows;
	double us;

	if (argc != 2)
		die("usage: recompute DATABASE");
	if (mc_store_open(&s, argv[1], MC_DB_READ, &err) == -1 ||
	    mc_rulebook_open(&rb, mc_store_site(s)->rules,
		mc_store_site(s)->ref, &err) == -1)
		die(err.msg);
	a = now();
	run(s, rb, NULL, &dossiers, &rows);
	b = now();
	begin(&w, argv[1]);
	run(s, rb, &w, &dossiers, &rows);
	end(&w);
	c = now();
	us = dossiers > 0 ? 1e6 / (double)dossiers : 0;
	printf("%lld %lld %.2f %.2f %.2f %.2f\n", (long long)dossiers,
	    (long long)rows, (b.wall - a.wall) * us, (b.cpu - a.cpu) * us,
	    (c.wall - b.wall) * us, (c.cpu - b.cpu) * us);
	mc_rulebook_free(rb);
	mc_store_close(s);
	return 0;
}
