/*
 * sql.c - every statement of sql.def is prepared on a fresh database, and
 * its plan read: daily work may not walk through a table or sort one.
 *
 * The only test that talks to SQLite past db.h, because the plan is about
 * the statement, not about its results.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/db.h>

#include "tap.h"

/* Who may read a whole table, or sort, and why that is right. */
static const struct {
	enum mc_sql id;
	const char *why;
} allowed[] = {
	/* Checking is reading everything once. */
	{ MC_SQL_CHECK_DOSSIER, "check replay" },
	{ MC_SQL_CHECK_OPEN, "check replay" },
	{ MC_SQL_CHECK_STEP, "check replay" },
	{ MC_SQL_CHECK_TURN, "check replay" },
	{ MC_SQL_CHECK_ALIAS, "check replay: by dossier, not by its key" },
	{ MC_SQL_CHECK_CHILD, "check replay" },
	{ MC_SQL_CHECK_ROLLUP, "check replay" },
	{ MC_SQL_CHECK_REOPENING, "check replay" },
	{ MC_SQL_CHECK_CODE, "check replay" },
	{ MC_SQL_CHECK_RUN, "check replay" },
	{ MC_SQL_CHECK_RUN_DROP, "check replay" },
	{ MC_SQL_CHECK_DEFINITION, "check replay" },
	{ MC_SQL_CHECK_ENTRIES, "at most 255 rows" },
	{ MC_SQL_CHECK_BUNDLES, "check log: is none missing?" },
	{ MC_SQL_CHECK_CELLS, "check balance" },
	{ MC_SQL_CHECK_SUMS, "check balance" },
	{ MC_SQL_CHECK_BALANCE, "check balance" },
	{ MC_SQL_CHECK_COUNTS, "dossier-db info" },
	{ MC_SQL_PIN_COMMIT, "a row for each version that has dossiers" },
	/* Asked for everything, or for all that is open. */
	{ MC_SQL_FIND_ALL, "dossier-find without --open" },
	{ MC_SQL_FIND_ALL_CHILDREN, "audit-export: all children" },
	{ MC_SQL_FIND_OPEN, "what is open" },
	{ MC_SQL_REPLAN_ALL, "what is open" },
	{ MC_SQL_ELAPSED_ALL, "route plan --due: what is open" },
	{ MC_SQL_PLACES_ALL, "route plan --succession: what is open" },
	{ MC_SQL_STATS_DOSSIERS, "report --by=field and the like: a recount" },
	{ MC_SQL_WATCH_COUNT_ALL, "sla-check: what is open" },
	{ MC_SQL_WATCH_STEPS, "sla-check --steps: what is open" },
	{ MC_SQL_WATCH_CALENDARS, "a definition a version of a procedure" },
	/* The few open steps of one dossier are sorted. */
	{ MC_SQL_FIND_STEPS, "by time, not by key" },
	{ MC_SQL_OFFICER_LOADS, "once a run of route, and only to assign" },
	{ MC_SQL_LOAD_STEPS, "procedure graph --load: what is open" },
	{ MC_SQL_LOAD_IDLE, "procedure graph --load: what is open" },
	{ MC_SQL_RUN_ALL, "dossier-import --runs" },
	{ MC_SQL_OPEN_SET_MANY, "all that was put off" },
	{ MC_SQL_ROLLUP_ADD_MANY, "all that was put off" },
	/* LIMIT 1: is there any? */
	{ MC_SQL_ALIAS_ANY, "one row" },
	{ MC_SQL_STATS_ANY_CHILD, "one row" },
};

static const char *
reason(enum mc_sql id)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i].id == id)
			return allowed[i].why;
	return NULL;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* A step of a plan that costs what the table holds. */
static bool
costs(const char *detail)
{
	/* A constant row, or what the statement itself has gathered. */
	if (begins(detail, "SCAN CONSTANT ROW") ||
	    (begins(detail, "SCAN ") && strstr(detail, "CONSTANT ROW") != NULL))
		return false;
	return begins(detail, "SCAN ") || begins(detail, "USE TEMP B-TREE") ||
	       strstr(detail, "AUTOMATIC") != NULL;
}

static int
plan(sqlite3 *h, enum mc_sql id)
{
	sqlite3_stmt *st = NULL;
	const char *detail;
	char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", mc_sql_text(id));
	int found = 0;

	if (sqlite3_prepare_v2(h, text, -1, &st, NULL) != SQLITE_OK) {
		printf("# %s\n", sqlite3_errmsg(h));
		found = -1;
	}
	while (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		detail = (const char *)sqlite3_column_text(st, 3);
		if (!costs(detail))
			continue;
		if (reason(id) == NULL)
			printf("# %s: %s\n", mc_sql_name(id), detail);
		found++;
	}
	sqlite3_finalize(st);
	sqlite3_free(text);
	return found;
}

/* Parameters are ?1, ?2 ... without gaps, each used. */
static bool
numbered(const char *text, int n)
{
	char name[16];
	int i;

	for (i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "?%d", i);
		if (strstr(text, name) == NULL)
			return false;
	}
	return true;
}

static void
statements(sqlite3 *h)
{
	sqlite3_stmt *st;
	const char *tail;
	int i, rc, n;

	for (i = 0; i < MC_SQL__COUNT; i++) {
		enum mc_sql id = (enum mc_sql)i;

		TAP_ROW(mc_sql_name(id));
		rc = sqlite3_prepare_v2(h, mc_sql_text(id), -1, &st, &tail);
		IS(rc, SQLITE_OK);
		if (rc != SQLITE_OK) {
			printf("# %s\n", sqlite3_errmsg(h));
			continue;
		}
		OK(*tail == '\0'); /* one statement, not several */
		OK(numbered(mc_sql_text(id), sqlite3_bind_parameter_count(st)));
		sqlite3_finalize(st);
		n = plan(h, id);
		if (reason(id) == NULL)
			IS(n, 0);
		else
			OK(n > 0); /* or it needs no permission */
	}
	TAP_ROW(NULL);
}

/* The virtual table of db_many.c has what was put off, and no more. */
static const char later[] =
    "CREATE TEMP TABLE later (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, "
    "c12, c13, c14, c15, c16, c17, c18)";

int
main(void)
{
	char folder[] = "/tmp/motcua-sql-XXXXXX", path[64];
	struct mc_err err = MC_ERR_INIT;
	struct mc_db *db = NULL;
	sqlite3 *h = NULL;

	if (mkdtemp(folder) == NULL)
		return tap_skip_all("no temporary folder");
	snprintf(path, sizeof(path), "%s/m.db", folder);
	IS(mc_db_create(&db, path, &err), 0);
	mc_db_close(db);
	if (sqlite3_open(path, &h) == SQLITE_OK &&
	    sqlite3_exec(h, later, NULL, NULL, NULL) == SQLITE_OK)
		statements(h);
	else
		OK(false);
	sqlite3_close(h);
	mc_db_remove(path);
	rmdir(folder);
	return tap_done();
}
