/* importer.c - see motcua/importer.h. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <motcua/mem.h>
#include <motcua/worker.h>

#include "importer_internal.h"

/* A result that waits for its transaction: --atomic. */
struct held {
	enum mc_row_result result;
	int64_t line;
	int events;
	/* Of the code and of what changed, which follow in the spool. */
	uint16_t len;
	uint32_t changed;
};

/* Of the input, after which a portion is full, too: rows may be large. */
#define PORTION_BYTES (16 << 20)

/*
 * Portions that are read and checked while one is written.  With one alone
 * each side often waits for the other, and so do the threads behind them.
 */
#define AHEAD 3

/*
 * What the worker reads on.  While it has something to fill, nobody else
 * touches the feed, the front intake and the rulebook.
 */
struct reading {
	struct mc_feed *f;
	struct mc_intake *front;
	bool over;       /* nothing more is to be read */
	int64_t refused; /* rows, of all files */
};

/*
 * A portion to be filled.  It closes when it is full, or when the next read
 * would block: whoever waits behind us gets what there is.
 */
struct filling {
	struct mc_job job; /* first */
	struct reading *from;
	struct mc_portion *portion;
	size_t full;
	int64_t errors; /* so many refused rows end the reading, too */
	int64_t run;    /* 0: not known yet */
	int rc;         /* 1 full, MC_WOULD_BLOCK, 0 the file ends, -1 */
	struct mc_err err;
};

struct mc_imported {
	struct mc_intake *in;
	struct mc_store *copy; /* what a dry run of many rows works on */
};

struct job {
	const struct mc_import *im;
	struct mc_intake_options options;
	int files;
	struct mc_imported *done;
	struct mc_intake *in;
	struct reading reading;
	/* The worker has those from `first` on, in a ring; `given` of them. */
	struct filling filling[AHEAD];
	unsigned first, given;
	struct mc_worker *worker;
	size_t full;     /* rows of a portion */
	int last;        /* how the one in hand ended */
	int64_t in_hand; /* refused rows of the portion in hand, by checking */
	int64_t checked; /* of those before it */
	struct mc_telling *telling;
	bool more;  /* the file goes on, and is one */
	FILE *held; /* results in order; NULL: told at once */
	bool check_only;
	bool told; /* of columns passed over, in the first of two rounds */
	bool rejected;
	int64_t rejects;
	bool stopped; /* there were too many */
};

static int
hold(struct job *j, const struct mc_intake_result *r, struct mc_err *err)
{
	struct held h = { r->result, r->line, r->events, (uint16_t)r->code.len,
		(uint32_t)r->changed.len };

	if (fwrite(&h, sizeof(h), 1, j->held) == 1 &&
	    fwrite(r->code.p, 1, r->code.len, j->held) == r->code.len &&
	    (h.changed == 0 ||
		fwrite(r->changed.p, 1, h.changed, j->held) == h.changed))
		return 0;
	return mc_err_sys(err, errno, "temporary file");
}

/* The two texts behind it. */
static int
read_texts(struct job *j, const struct held *h, struct mc_buf *b)
{
	size_t n = (size_t)h->len + h->changed, got;
	char block[512];

	mc_buf_reset(b);
	for (; n > 0; n -= got) {
		got = n < sizeof(block) ? n : sizeof(block);
		if (fread(block, 1, got, j->held) != got)
			return -1;
		mc_buf_add(b, block, got);
	}
	return 0;
}

static int
tell_held(struct job *j, int64_t run, struct mc_err *err)
{
	struct mc_intake_result r;
	struct mc_buf text = { 0 };
	struct held h;
	int rc = 0;

	if (fflush(j->held) == EOF || fseek(j->held, 0, SEEK_SET) == -1)
		return mc_err_sys(err, errno, "temporary file");
	while (rc == 0 && fread(&h, sizeof(h), 1, j->held) == 1) {
		if (read_texts(j, &h, &text) == -1) {
			rc = mc_err_sys(err, EIO, "temporary file");
			break;
		}
		memset(&r, 0, sizeof(r));
		r.result = h.result;
		r.line = h.line;
		r.events = h.events;
		r.code = (struct mc_str){ text.p, h.len };
		if (h.changed > 0)
			r.changed =
			    (struct mc_str){ text.p + h.len, h.changed };
		rc = j->im->result(j->im->arg, &r, run, err);
	}
	mc_buf_free(&text);
	if (rc == 0 && ferror(j->held))
		rc = mc_err_sys(err, EIO, "temporary file");
	return rc;
}

static int
tell_one(struct job *j, struct mc_feed *f, const struct mc_intake_result *r,
    int64_t run, struct mc_err *err)
{
	if (r->result != MC_ROW_REJECTED && j->check_only)
		return 0;
	if (j->held != NULL && r->result != MC_ROW_REJECTED &&
	    r->result != MC_ROW_MERGED)
		return hold(j, r, err);
	return mc_tell(j->im, f, r, run, err);
}

/* At once, where this is all; else when it is sure to be there. */
static int
tell(struct job *j, struct mc_feed *f, struct mc_err *err)
{
	uint64_t transaction = mc_intake_transaction(j->in);
	bool chained = mc_intake_chained(j->in);
	bool keep = chained || mc_telling_waits(j->telling);
	struct mc_intake_summary sum;
	struct mc_intake_result r;
	size_t i;
	int rc = keep ? 0 : mc_telling_end(j->telling, err);

	mc_intake_summary(j->in, &sum);
	for (i = 0; rc == 0 && mc_intake_result(j->in, i, &r); i++) {
		if (r.result == MC_ROW_REJECTED) {
			j->rejected = true;
			j->rejects++;
		}
		if (keep)
			mc_telling_keep(j->telling, transaction, &r);
		else
			rc = tell_one(j, f, &r, sum.run, err);
	}
	if (chained)
		return mc_telling_go(
		    j->telling, mc_intake_there(j->in), f, &sum, err);
	if (keep)
		return mc_telling_begin(j->telling, f, &sum, err);
	if (rc == 0 && j->held == NULL)
		rc = j->im->batch_done(j->im->arg, f, &sum, err);
	return rc;
}

/* Nothing more comes, or something went wrong: what is there is told. */
static int
end_chain(struct job *j, struct mc_feed *f, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_intake_summary sum;
	int rc = mc_intake_unchain(j->in, err);

	if (mc_intake_lost(j->in) > 0)
		mc_telling_drop(j->telling, mc_intake_lost(j->in));
	mc_intake_summary(j->in, &sum);
	if (mc_telling_waits(j->telling) &&
	    mc_telling_begin(j->telling, f, &sum, rc == -1 ? &ignored : err) ==
		-1)
		rc = -1;
	if (mc_telling_end(j->telling, rc == -1 ? &ignored : err) == -1)
		rc = -1;
	return rc;
}

static int
flush(struct job *j, struct mc_feed *f, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;

	if (mc_intake_waiting(j->in) == 0)
		return end_chain(j, f, err);
	if ((j->check_only ? mc_intake_drop(j->in, err)
			   : mc_intake_flush(j->in, err)) == -1) {
		(void)end_chain(j, f, &ignored);
		return -1;
	}
	/* All of a short dry run: over, before anything is told. */
	if (j->options.whole && !j->im->atomic &&
	    mc_intake_finish(j->in, false, err) == -1)
		return -1;
	return tell(j, f, err);
}

static void
read_portion(struct filling *b, struct reading *r)
{
	const struct mc_source *src = mc_feed_source(r->f);
	int64_t end = mc_source_offset(src) + PORTION_BYTES, refused;
	size_t waiting;

	mc_portion_fill(b->portion, r->front, b->run);
	do {
		waiting = mc_intake_waiting(r->front);
		b->rc = mc_feed_next(r->f, r->front, waiting == 0, &b->err);
		refused = r->refused + (int64_t)mc_intake_refused(r->front);
	} while (b->rc == 1 && waiting + 1 < b->full &&
		 mc_source_offset(src) < end && refused < b->errors);
	mc_portion_filled(b->portion, r->front);
	r->refused = refused;
	r->over = b->rc == 0 || b->rc == -1 || refused >= b->errors;
}

static void
fill(struct mc_job *job)
{
	struct filling *b = (struct filling *)job;

	if (!b->from->over)
		read_portion(b, b->from);
}

static int64_t
errors_left(const struct job *j)
{
	int64_t max = j->im->max_errors;

	return max == 0 ? INT64_MAX : max - j->rejects;
}

/* The next to be filled; ready for it. */
static struct filling *
next_filling(struct job *j)
{
	struct filling *b = &j->filling[(j->first + j->given) % AHEAD];
	struct mc_intake_summary sum;

	mc_intake_summary(j->in, &sum);
	b->full = j->full;
	/* Of those that were told, the writing refused some, too. */
	b->errors = errors_left(j);
	if (b->errors != INT64_MAX)
		b->errors += j->checked;
	b->run = sum.run;
	return b;
}

/* Reading it on never waits for anybody. */
static bool
is_file(struct mc_feed *f)
{
	return mc_source_size(mc_feed_source(f)) != -1;
}

/* How many it is worth to have filled while the one in hand is written. */
static unsigned
ahead(const struct job *j)
{
	struct mc_intake_summary sum;

	mc_intake_summary(j->in, &sum);
	return is_file(j->reading.f) && sum.run != 0 && !j->im->update ? AHEAD
								       : 1;
}

/* The written portion's callback (intake.h): go on, if there is more. */
static void
fill_ahead(void *arg)
{
	struct job *j = arg;
	unsigned n = ahead(j);

	if (j->last != 1 || errors_left(j) <= j->in_hand)
		return;
	for (; j->given < n; j->given++)
		mc_worker_give(j->worker, &next_filling(j)->job);
}

static struct filling *
fill_end(struct job *j)
{
	struct filling *b;

	if (j->given == 0) {
		assert(!j->reading.over); /* or this would never end */
		b = next_filling(j);
		fill(&b->job);
	} else {
		b = &j->filling[j->first];
		mc_worker_wait(j->worker, &b->job);
		j->given--;
	}
	j->first = (j->first + 1) % AHEAD;
	return b;
}
/* Nothing is being filled when this returns. */
static void
fill_pause(void *arg)
{
	struct job *j = arg;

	if (j->given > 0)
		mc_worker_wait(j->worker,
		    &j->filling[(j->first + j->given - 1) % AHEAD].job);
}

static void
begin_reading(struct job *j)
{
	int i;

	j->reading.front = mc_intake_front(j->in);
	for (i = 0; i < AHEAD; i++) {
		j->filling[i].job.work = fill;
		j->filling[i].from = &j->reading;
		j->filling[i].portion = mc_portion_new();
	}
}

static void
end_reading(struct job *j)
{
	int i;

	for (i = 0; i < AHEAD; i++)
		mc_portion_free(j->filling[i].portion);
	mc_intake_free(j->reading.front);
}

/* As many rows were refused as may be. */
static int
check_errors(struct job *j, const struct mc_feed *f, struct mc_err *err)
{
	if (errors_left(j) > 0)
		return 0;
	j->stopped = true;
	mc_err(err, MC_EDATA, "E_ERRORS",
	    "stopped after %lld refused row%s, of at most %lld",
	    (long long)j->rejects, j->rejects == 1 ? "" : "s",
	    (long long)j->im->max_errors);
	if (!j->im->atomic && !j->im->dry_run)
		mc_err_advise(
		    err, "what went in stays; mend the rows and import again");
	return mc_err_at(err, mc_feed_name(f), 0, 0);
}

/*
 * The run ends for *err.  Where rows that were to be there are lost only now,
 * that is what has to be told.
 */
static int
end_run(struct job *j, struct mc_feed *f, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;
	bool lost = mc_intake_lost(j->in) > 0;

	if (end_chain(j, f, &why) == -1 && !lost && mc_intake_lost(j->in) > 0)
		*err = why;
	return -1;
}

static int
open_intake(struct job *j, struct mc_store *store, struct mc_err *err)
{
	mc_intake_free(j->done->in);
	j->done->in = NULL;
	if (mc_intake_open(&j->in, store, j->im->rb, &j->options, err) == -1)
		return -1;
	j->done->in = j->in;
	mc_db_bulk(mc_store_db(store));
	return 0;
}

/*
 * A dry run has nothing to lock others out for.  When its rows are all there
 * one transaction will do, which is taken back; else it is an import like any
 * other, into a copy that nobody else sees.
 */
static int
go_dry(struct job *j, bool all, size_t rows, struct mc_err *err)
{
	if (!j->im->dry_run || j->check_only || j->done->copy != NULL ||
	    (all && j->files == 1) || rows == 0)
		return 0;
	if (mc_store_copy(&j->done->copy, j->im->store, err) == -1)
		return -1;
	j->options.whole = false;
	return open_intake(j, j->done->copy, err);
}

static bool
goes_on(void *arg)
{
	return ((struct job *)arg)->more;
}

/*
 * Rows that are read ahead: of a file, of which more can always be had, a
 * part of a transaction; else all of one, so that none is open while we wait.
 */
static size_t
portion(const struct job *j, struct mc_feed *f)
{
	size_t batch = j->im->batch, part;

	if (!is_file(f))
		return batch == 0 ? MC_INTAKE_BATCH / 4 : batch;
	part = ((batch == 0 ? MC_INTAKE_BATCH : batch) + 7) / 8;
	return part < MC_INTAKE_PORTION ? part : MC_INTAKE_PORTION;
}

/* The first one has nothing to be read beside: writing begins soon. */
#define FIRST_PORTION 1024

static size_t
first_portion(const struct job *j, struct mc_feed *f)
{
	size_t n = portion(j, f);

	return is_file(f) && n > FIRST_PORTION ? FIRST_PORTION : n;
}

/* A portion that was filled is written and told. */
static int
write_portion(
    struct job *j, struct filling *b, struct mc_feed *f, struct mc_err *err)
{
	int rc;

	if (go_dry(j, b->rc == 0, mc_portion_rows(b->portion), err) == -1)
		return -1;
	j->last = b->rc;
	j->more = b->rc == 1 && is_file(f) && !mc_telling_full(j->telling);
	j->in_hand = (int64_t)mc_portion_refused(b->portion);
	mc_intake_take(j->in, b->portion);
	rc = flush(j, f, err);
	j->checked += j->in_hand;
	j->in_hand = 0;
	return rc == 0 ? check_errors(j, f, err) : rc;
}

/* Rows until the file ends. */
static int
one_file(struct job *j, struct mc_feed *f, struct mc_err *err)
{
	struct filling *b;
	int rc;

	j->reading.f = f;
	j->reading.over = false;
	j->full = first_portion(j, f);
	do {
		b = fill_end(j);
		j->full = portion(j, f);
		*err = b->err;
		rc = b->rc == -1 ? -1 : write_portion(j, b, f, err);
	} while (rc == 0 && j->last != 0);
	/* What is filled behind it is not asked for. */
	while (j->given > 0)
		fill_end(j);
	return rc == 0 ? mc_telling_end(j->telling, err) : end_run(j, f, err);
}

/*
 * Nobody may have to wait for input while the lock is held, and some of it is
 * read twice: a pipe that has a name will not do.
 */
static int
check_file(const char *path, struct mc_err *err)
{
	struct stat st;

	if (stat(path, &st) == -1 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return 0; /* or opening it will say what is wrong */
	mc_err(err, MC_EIO, "E_IO", "not a file, and to be read twice");
	mc_err_advise(err, "give it as standard input: -");
	return mc_err_at(err, path, 0, 0);
}

/*
 * A file without a name, beside the database: there is room for what will be
 * in it, and nobody else may read it.
 */
static int
temporary(const struct job *j, int *fd, struct mc_err *err)
{
	struct mc_buf path = { 0 };

	mc_buf_printf(
	    &path, "%s.XXXXXX", mc_db_path(mc_store_db(j->im->store)));
	*fd = mkstemp(path.p);
	if (*fd == -1)
		mc_err_sys(err, errno, "%s", path.p);
	else
		unlink(path.p);
	mc_buf_free(&path);
	return *fd == -1 ? -1 : 0;
}

/* For the same reasons standard input goes into such a file. */
static int
spool(const struct job *j, char name[32], int *fd, struct mc_err *err)
{
	char block[65536];
	const char *p;
	ssize_t n, done;

	if (fcntl(STDIN_FILENO, F_GETFD) == -1)
		return mc_err_sys(err, EBADF, "-: cannot read");
	if (temporary(j, fd, err) == -1)
		return -1;
	while ((n = read(STDIN_FILENO, block, sizeof(block))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return mc_err_sys(err, errno, "-: cannot read");
		for (p = block; n > 0; p += done, n -= done)
			if ((done = write(*fd, p, (size_t)n)) == -1) {
				if (errno != EINTR)
					return mc_err_sys(
					    err, errno, "temporary file");
				done = 0;
			}
	}
	snprintf(name, 32, "/dev/fd/%d", *fd);
	return 0;
}

/* The encoding, where it can lose something: those that are older. */
static enum mc_encoding
older(const struct mc_import *im)
{
	enum mc_encoding e =
	    mc_feed_format_map(im->format) != NULL ? MC_ENC_NONE
	    : im->encoding != MC_ENC_NONE          ? im->encoding
						   : mc_map_encoding(im->map);

	return e >= MC_ENC_CP1258 ? e : MC_ENC_NONE;
}

/* What is lost on the way is told before anything is written. */
static int
survey(struct job *j, const char *file, const char *path, struct mc_err *err)
{
	struct mc_source *src;
	const char *p;
	size_t n;
	int rc;

	if (mc_source_open(&src, path, err) == -1)
		return -1;
	mc_source_call(src, file);
	rc = mc_source_decode(src, older(j->im), err);
	while (rc == 0 &&
	       (rc = mc_source_peek(src, &p, &n, false, true, err)) == 1) {
		mc_source_consume(src, n);
		rc = 0;
		if (n == 0)
			break;
	}
	if (rc == 0 && mc_source_loss(src) != NULL)
		j->im->lost(j->im->arg, file, mc_source_encoding(src),
		    mc_source_loss(src));
	mc_source_free(src);
	return rc;
}

static void
tell_ignored(
    struct job *j, const struct mc_feed *f, const char *file, bool *told)
{
	if (*told || *mc_feed_ignored(f) == '\0')
		return;
	*told = true;
	j->im->ignored(j->im->arg, file, mc_feed_ignored(f));
}

static int
all_files(struct job *j, char *const *file, int files, const char *spooled,
    struct mc_err *err)
{
	const struct mc_feed_options o = { .format = j->im->format,
		.delimiter = j->im->delimiter,
		.encoding = j->im->encoding };
	struct mc_feed *f;
	bool own, told;
	int64_t passed, first;
	int i, rc = 0;

	for (i = 0; i < files && rc == 0; i++) {
		told = j->told;
		own = spooled != NULL && strcmp(file[i], "-") == 0;
		rc = mc_feed_open(&f, own ? spooled : file[i], own ? "-" : NULL,
		    &o, j->im->map, err);
		if (rc == -1)
			break;
		tell_ignored(j, f, file[i], &told);
		if ((rc = j->im->opened(j->im->arg, f, err)) == 0)
			rc = one_file(j, f, err);
		/* NDJSON has no heading: its rows told. */
		tell_ignored(j, f, file[i], &told);
		passed = mc_feed_passed(f, &first);
		if (passed > 0 && rc == 0 && !j->told)
			j->im->passed(j->im->arg, file[i], passed, first);
		if (mc_feed_warning(f)->code != MC_OK && rc == 0 && !j->told)
			j->im->warned(j->im->arg, mc_feed_warning(f));
		mc_feed_free(f);
	}
	return rc;
}

/*
 * The run is over, well or with too many refused rows: nothing was written for
 * the dossiers that are left, and nothing more will be.
 */
static int
tell_untouched(struct job *j, int rc, struct mc_err *err)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_intake_summary sum;
	struct mc_intake_result r;
	int more;

	if (rc == -1 && (!j->stopped || j->im->atomic))
		return -1;
	if (rc == -1)
		err = &ignored; /* it says why */
	mc_intake_summary(j->in, &sum);
	while ((more = mc_intake_untouched(j->in, &r, err)) == 1)
		if (j->im->result(j->im->arg, &r, sum.run, err) == -1)
			return -1;
	return more == -1 ? -1 : rc;
}

static int
whole_run(struct job *j, char *const *file, int files, const char *spooled,
    bool *refused, struct mc_err *err)
{
	struct mc_intake_summary sum;
	int rc;

	/* First without the lock: every check that needs no database. */
	j->check_only = true;
	rc = all_files(j, file, files, spooled, err);
	j->check_only = false;
	*refused = j->rejected;
	if (rc == -1 || *refused)
		return rc;
	j->told = true;
	mc_intake_recount(j->in);
	j->rejects = j->checked = j->reading.refused = 0;
	rc = all_files(j, file, files, spooled, err);
	*refused = rc == 0 && j->rejected;
	mc_intake_summary(j->in, &sum);
	if (rc == 0)
		rc = mc_intake_finish(j->in, !*refused && !j->im->dry_run, err);
	if (rc == 0 && !*refused)
		rc = tell_held(j, sum.run, err);
	return rc;
}

/* What is read twice is there to be read, and what it loses is told. */
static int
make_ready(struct job *j, char *const *file, int files, bool whole,
    char spooled[32], int *fd, struct mc_err *err)
{
	int i, rc = 0;

	if (!whole && older(j->im) == MC_ENC_NONE)
		return 0;
	for (i = 0; i < files && rc == 0; i++)
		if (strcmp(file[i], "-") != 0)
			rc = check_file(file[i], err);
		else if (*fd == -1)
			rc = spool(j, spooled, fd, err);
	for (i = 0; i < files && rc == 0 && older(j->im) != MC_ENC_NONE; i++)
		rc = survey(j, file[i],
		    strcmp(file[i], "-") == 0 ? spooled : file[i], err);
	return rc;
}

int
mc_import_run(const struct mc_import *im, char *const *file, int files,
    struct mc_intake_summary *summary, struct mc_imported **out, bool *refused,
    struct mc_err *err)
{
	struct job j = { .im = im,
		.files = files,
		.options = { .map = im->map,
		    .update = im->update,
		    .number = im->number,
		    .whole = im->atomic || im->dry_run,
		    .batch = im->batch,
		    .now = im->now,
		    .source = files > 0 ? file[0] : "-",
		    .written = fill_ahead,
		    .alone = fill_pause,
		    .more = goes_on,
		    .arg = &j } };
	char spooled[32] = "";
	const char *own = spooled;
	int fd = -1, held = -1, rc;

	*refused = false;
	memset(summary, 0, sizeof(*summary));
	*out = j.done = mc_calloc(1, sizeof(*j.done));
	if (open_intake(&j, im->store, err) == -1)
		return -1;
	begin_reading(&j);
	j.worker = mc_worker_new(MC_MAY_BLOCK);
	j.telling = mc_telling_new(im);
	rc = make_ready(&j, file, files, im->atomic, spooled, &fd, err);
	if (fd == -1)
		own = NULL;
	if (rc == 0 && im->atomic && (rc = temporary(&j, &held, err)) == 0 &&
	    (j.held = fdopen(held, "w+")) == NULL)
		rc = mc_err_sys(err, errno, "temporary file");
	if (rc == 0 && im->atomic)
		rc = whole_run(&j, file, files, own, refused, err);
	else if (rc == 0)
		rc = all_files(&j, file, files, own, err);
	if (!*refused)
		rc = tell_untouched(&j, rc, err);
	if (j.held != NULL)
		fclose(j.held);
	else if (held != -1)
		close(held);
	if (fd != -1)
		close(fd);
	mc_worker_free(j.worker);
	end_reading(&j);
	mc_telling_free(j.telling);
	if (j.done->in != NULL)
		mc_intake_summary(j.done->in, summary);
	return rc;
}

void
mc_import_free(struct mc_imported *done)
{
	if (done == NULL)
		return;
	mc_intake_free(done->in);
	mc_store_close(done->copy);
	free(done);
}
