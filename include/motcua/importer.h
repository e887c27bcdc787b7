/*
 * importer.h - a whole import: files in, results and rejects out.
 *
 * The service behind dossier-import(1): feeds, portions, --atomic and
 * --dry-run.  What it has to tell goes through callbacks, always after the
 * transaction it was part of has ended.
 */
#ifndef MOTCUA_IMPORTER_H
#define MOTCUA_IMPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/feed.h>
#include <motcua/intake.h>

struct mc_import {
	struct mc_store *store;
	struct mc_rulebook *rb;
	const struct mc_map *map;
	enum mc_feed_format format;
	char delimiter;
	enum mc_encoding encoding; /* NONE: the map's, else UTF-8 */
	size_t batch; /* rows of a transaction; 0: as many as is best */
	bool update, atomic, dry_run;
	int64_t max_errors; /* so many refused rows end it (E_ERRORS); 0: no */
	bool number;        /* rows without a code get one (intake.h) */
	int64_t now;

	/* Rows that are not rejects, in order; the run's number with them. */
	int (*result)(void *arg, const struct mc_intake_result *r, int64_t run,
	    struct mc_err *err);
	/* A reject, and the feed that knows how to write it down. */
	int (*reject)(void *arg, const struct mc_feed *f,
	    const struct mc_intake_result *r, struct mc_err *err);
	/* All that is there was told: flush it; for progress, too. */
	int (*batch_done)(void *arg, const struct mc_feed *f,
	    const struct mc_intake_summary *sum, struct mc_err *err);
	/* A file's heading was read; none of its rows yet. */
	int (*opened)(void *arg, const struct mc_feed *f, struct mc_err *err);
	/* Columns of a file that are passed over. */
	void (*ignored)(void *arg, const char *file, const char *columns);
	/* Lines of a file that are no rows (feed.h), when it ends. */
	void (*passed)(void *arg, const char *file, int64_t n, int64_t first);
	/* What a file has to be told of (feed.h), when it ends. */
	void (*warned)(void *arg, const struct mc_err *w);
	/*
	 * What a conversion of a file cannot carry, before anything is
	 * written: once for each file of an older encoding.
	 */
	void (*lost)(void *arg, const char *file, enum mc_encoding e,
	    const struct mc_loss *loss);
	void *arg;
};

/*
 * Import the files ("-": standard input).  What is read twice (--atomic,
 * older encodings) must be a file; standard input becomes one, without a
 * name, beside the database.  A dry run never has the lock while it reads: it
 * writes what is there already in one transaction, and takes that back, or
 * else works on a copy of the database.
 *
 * *summary is complete also when it fails, and borrows from *done, which is
 * to be freed before the store; refused is set when --atomic refused the run
 * because of rejects: nothing of it is there.
 */
struct mc_imported;
int mc_import_run(const struct mc_import *im, char *const *file, int files,
    struct mc_intake_summary *summary, struct mc_imported **done, bool *refused,
    struct mc_err *err) MC_MUST_CHECK;
void mc_import_free(struct mc_imported *done);

#endif
