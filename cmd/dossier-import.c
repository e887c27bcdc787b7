/* dossier-import - rows become dossiers; dossier-import(1). */
#include <stdlib.h>
#include <string.h>

#include <motcua/cli.h>
#include <motcua/detect.h>
#include <motcua/importer.h>
#include <motcua/outfile.h>
#include <motcua/progress.h>
#include <motcua/text.h>
#include <motcua/undo.h>

#define REJECTS_SHOWN 20

/* clang-format off */
enum {
	INPUT = MC_OPT_LONG, REJECTS, UPDATE, ATOMIC, CHECK_MAP, BATCH,
	MAX_ERRORS, NUMBER, RUNS, UNDO
};
static const struct mc_opt opts[] = {
	{ ATOMIC,    "atomic",    NULL,     "all rows go in, or none; holds the write lock" },
	{ BATCH,     "batch",     "N",      "rows a transaction, 1 to 65536" },
	{ CHECK_MAP, "check-map", "FILE",   "say what is wrong with a map file; imports nothing" },
	{ 't',       "delimiter", "C",      "the field separator; default: found in the heading" },
	{ 'e',       "encoding",  "NAME",   "of the file, default utf-8; detect: look which" },
	{ INPUT,     "input",     "FORMAT", "csv, ndjson, xes or dvcqg; default: by the first byte" },
	{ 'm',       "map",       "FILE",   "what the columns and values of the source mean" },
	{ MAX_ERRORS, "max-errors", "N",    "stop when N rows have been refused" },
	{ NUMBER,    "number",    NULL,     "give a number to rows that have no code" },
	{ REJECTS,   "rejects",   "FILE",   "write rows that are refused to FILE, to be mended" },
	{ RUNS,      "runs",      NULL,     "list the imports there were" },
	{ UNDO,      "undo",      "RUN",    "take an import back, where nobody has gone on" },
	{ UPDATE,    "update",    NULL,     "take over what differs from the last imported row" },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	struct mc_out *out;
	struct mc_outfile *rejects;
	bool update;        /* records say what changed */
	bool headed;        /* the reject file has a heading */
	struct mc_buf head; /* which */
	struct mc_buf text;
	struct mc_progress *progress;
	int64_t shown;
};

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static int
on_result(void *arg, const struct mc_intake_result *r, int64_t run,
    struct mc_err *err)
{
	struct tool *t = arg;

	(void)err;
	mc_out_begin(t->out, "motcua.import/1");
	mc_out_strn(t->out, "code", r->code);
	mc_out_strn(t->out, "result", mc_intake_result_name(r->result));
	mc_out_int(t->out, "line", r->line);
	mc_out_int(t->out, "events", r->events);
	if (run > 0)
		mc_out_int(t->out, "run", run);
	else
		mc_out_null(t->out, "run");
	if (t->update && r->changed.len > 0)
		mc_out_json(t->out, "changed", r->changed);
	else if (t->update)
		mc_out_null(t->out, "changed");
	mc_out_end(t->out);
	return 0;
}

static void
show_reject(struct tool *t, const struct mc_intake_result *r)
{
	struct mc_err e = MC_ERR_INIT;

	if (++t->shown > REJECTS_SHOWN)
		return;
	mc_err(&e, MC_EDATA, r->id, "%s", r->message);
	mc_err_at(&e, r->where, 0, 0);
	if (*r->advice != '\0')
		mc_err_advise(&e, "%s", r->advice);
	mc_cli_warn(t->cli, &e);
}

/* The reject file has one heading: that of all its rows. */
static int
on_opened(void *arg, const struct mc_feed *f, struct mc_err *err)
{
	struct tool *t = arg;
	struct mc_str head;

	if (t->rejects == NULL)
		return 0;
	mc_buf_reset(&t->text);
	mc_feed_reject_head(f, &t->text);
	head = (struct mc_str){ t->text.p, t->text.len };
	if (t->headed &&
	    !mc_str_same(head, (struct mc_str){ t->head.p, t->head.len })) {
		mc_err(err, MC_EDATA, "E_HEADER",
		    "not the heading of the file before it");
		mc_err_advise(err, "with --rejects files of different "
				   "headings are imported one by one");
		return mc_err_at(err, mc_feed_name(f), 0, 0);
	}
	if (t->headed)
		return 0;
	t->headed = true;
	mc_buf_add(&t->head, head.p, head.len);
	return mc_outfile_write(t->rejects, head, err);
}

static int
on_reject(void *arg, const struct mc_feed *f, const struct mc_intake_result *r,
    struct mc_err *err)
{
	struct tool *t = arg;

	show_reject(t, r);
	if (t->rejects == NULL)
		return 0;
	mc_buf_reset(&t->text);
	mc_feed_reject(f, r, &t->text);
	return mc_outfile_write(
	    t->rejects, (struct mc_str){ t->text.p, t->text.len }, err);
}

static int
on_batch(void *arg, const struct mc_feed *f,
    const struct mc_intake_summary *sum, struct mc_err *err)
{
	struct tool *t = arg;
	struct mc_source *src = mc_feed_source((struct mc_feed *)(uintptr_t)f);

	mc_progress_show(
	    t->progress, sum->rows, mc_source_offset(src), mc_source_size(src));
	return mc_out_flush(t->out, err);
}

static void
on_ignored(void *arg, const char *file, const char *columns)
{
	struct tool *t = arg;

	mc_cli_note(t->cli, "%s: columns passed over: %s", file, columns);
}

static void
on_passed(void *arg, const char *file, int64_t n, int64_t first)
{
	struct tool *t = arg;

	mc_cli_note(t->cli, "%s: %lld line%s passed over, the first is %lld",
	    file, (long long)n, plural(n), (long long)first);
}

static void
on_warned(void *arg, const struct mc_err *w)
{
	const struct tool *t = arg;

	mc_cli_warn(t->cli, w);
}

/* Rows may be refused for it, or letters change: before it is done. */
static void
on_lost(
    void *arg, const char *file, enum mc_encoding e, const struct mc_loss *l)
{
	struct tool *t = arg;
	struct mc_err w = MC_ERR_INIT;

	if (l->bad > 0) {
		mc_err(&w, MC_EDATA, "W_BYTES",
		    "%lld byte%s in %s, the first 0x%02X", (long long)l->bad,
		    l->bad == 1 ? " means nothing" : "s mean nothing",
		    mc_encoding_name(e), (unsigned)l->bad_byte);
		mc_err_at(&w, file, l->bad_line, 0);
		mc_err_advise(&w, "their rows will be refused; is it the "
				  "right encoding? --encoding=detect");
		mc_cli_warn(t->cli, &w);
	}
	if (l->small > 0) {
		mc_err(&w, MC_EDATA, "W_CASE",
		    "%lld word%s in capitals %s letters that %s has as "
		    "small ones only",
		    (long long)l->small, plural(l->small),
		    l->small == 1 ? "has" : "have", mc_encoding_name(e));
		mc_err_at(&w, file, l->small_line, 0);
		mc_err_advise(&w, "its capitals are another font's, which no "
				  "file says: they come in small");
		mc_cli_warn(t->cli, &w);
	}
}

static void
put_tally(struct mc_buf *b, const struct mc_tally *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		mc_buf_printf(b, "%s%s %lld", i == 0 ? " (" : ", ", t[i].id,
		    (long long)t[i].n);
	mc_buf_puts(b, n == 0 ? "" : ")");
}

static void
summarise(struct tool *t, const struct mc_intake_summary *s, bool refused)
{
	struct mc_buf b = { 0 };
	int64_t warned = 0;
	size_t i;

	for (i = 0; i < s->warnings; i++)
		warned += s->warning[i].n;
	mc_buf_printf(&b, "%lld row%s: ", (long long)s->rows, plural(s->rows));
	if (refused)
		mc_buf_puts(&b, "nothing went in, ");
	else
		mc_buf_printf(&b, "%lld added, %lld updated, %lld unchanged, ",
		    (long long)s->added, (long long)s->updated,
		    (long long)s->unchanged);
	mc_buf_printf(&b, "%lld rejected", (long long)s->rejected);
	put_tally(&b, s->reject, s->rejects);
	if (warned > 0) {
		mc_buf_printf(
		    &b, ", %lld warning%s", (long long)warned, plural(warned));
		put_tally(&b, s->warning, s->warnings);
	}
	if (!refused && s->run > 0)
		mc_buf_printf(&b, "; %lld event%s, run %lld",
		    (long long)s->events, plural(s->events), (long long)s->run);
	if (t->cli->dry_run)
		mc_buf_puts(&b, " (dry run: nothing was written)");
	if (t->shown > REJECTS_SHOWN)
		mc_cli_note(t->cli, "... and %lld more reject%s%s",
		    (long long)(t->shown - REJECTS_SHOWN),
		    plural(t->shown - REJECTS_SHOWN),
		    t->rejects == NULL ? "; --rejects=FILE keeps them all"
				       : "");
	mc_cli_note(t->cli, "%s", mc_buf_str(&b));
	mc_buf_free(&b);
}

/* All of a small file; text lives as long as the source. */
static int
read_text(const char *path, struct mc_source **src, struct mc_str *text,
    struct mc_err *err)
{
	int rc;

	if (mc_source_open(src, path, err) == -1)
		return -1;
	text->len = 0;
	while ((rc = mc_source_peek(
		    *src, &text->p, &text->len, true, true, err)) == 1 &&
	       text->len <= MC_REPO_BLOB)
		;
	if (text->len > MC_REPO_BLOB) {
		mc_err(err, MC_EDATA, "E_LIMIT", "a map has at most %u bytes",
		    MC_REPO_BLOB);
		rc = mc_err_at(err, path, 0, 0);
	}
	return rc;
}

static int
read_map(const char *path, enum mc_feed_format format, struct mc_map **out,
    struct mc_err *err)
{
	const char *own = mc_feed_format_map(format);
	struct mc_source *src = NULL;
	struct mc_str text;
	int rc;

	if (path == NULL && own != NULL)
		return mc_map_parse(
		    out, own, mc_rulebook_starter_file(own), err);
	if (path == NULL) {
		*out = mc_map_default();
		return 0;
	}
	rc = read_text(path, &src, &text, err);
	if (rc == 0)
		rc = mc_map_parse(out, path, text, err);
	mc_source_free(src);
	return rc;
}

static void
show_problem(void *arg, const struct mc_err *e)
{
	const struct tool *t = arg;

	mc_cli_warn(t->cli, e);
}

/* --check-map: that file, and the operands. */
static int
check_maps(struct tool *t, const char *first, bool number, struct mc_err *err)
{
	struct mc_source *src;
	struct mc_str text;
	const char *path = first;
	int i, rc = MC_EXIT_OK;

	for (i = -1; i < t->cli->argc; i++) {
		path = i == -1 ? first : t->cli->argv[i];
		src = NULL;
		if (read_text(path, &src, &text, err) == -1) {
			mc_source_free(src);
			return -1;
		}
		if (mc_map_check(path, text, number, show_problem, t) > 0)
			rc = MC_EXIT_FOUND;
		mc_source_free(src);
	}
	return rc;
}

/* ---- --encoding=detect ---- */

static void
put_percent(struct tool *t, const struct mc_evidence *ev, enum mc_encoding e,
    const char *name)
{
	int p = mc_evidence_percent(ev, e);

	if (p == -1 || ev->foreign == 0)
		mc_out_null(t->out, name);
	else
		mc_out_int(t->out, name, p);
}

/* column 0: the file as a whole. */
static void
put_evidence(struct tool *t, const char *file, size_t column,
    const struct mc_evidence *ev)
{
	char text[40];

	mc_out_begin(t->out, "motcua.encoding/1");
	mc_out_str(t->out, "file", file);
	if (column == 0)
		mc_out_null(t->out, "column");
	else
		mc_out_int(t->out, "column", (int64_t)column);
	mc_out_str(t->out, "name", ev->name);
	mc_out_int(t->out, "values", ev->values);
	mc_out_int(t->out, "foreign", ev->foreign);
	put_percent(t, ev, MC_ENC_UTF8, "utf_8");
	put_percent(t, ev, MC_ENC_CP1258, "cp1258");
	put_percent(t, ev, MC_ENC_TCVN3, "tcvn3");
	put_percent(t, ev, MC_ENC_VNI, "vni");
	put_percent(t, ev, MC_ENC_VISCII, "viscii");
	mc_out_str(t->out, "verdict", mc_evidence_text(ev, text));
	mc_out_end(t->out);
}

static void
advise_encoding(struct tool *t, const char *file, const struct mc_detect *d)
{
	const struct mc_evidence *ev = &d->file;
	const char *name = mc_encoding_name(ev->encoding);

	switch (ev->verdict) {
	case MC_TEXT_ASCII:
		mc_cli_note(t->cli, "%s: ASCII: any encoding will do", file);
		break;
	case MC_TEXT_IS:
		mc_cli_note(t->cli, "%s: %s: import it with --encoding=%s",
		    file, name, name);
		break;
	case MC_TEXT_INSIDE:
		mc_cli_note(t->cli,
		    "%s: UTF-8, with text of an old font: name the columns in "
		    "a map: \"recode\": {\"applicant_name\": \"%s\", ...}",
		    file, name);
		break;
	case MC_TEXT_GARBLED:
		mc_cli_note(t->cli,
		    "%s: UTF-8 that was read as Latin-1 and saved again: "
		    "export it anew, or iconv -f UTF-8 -t CP1252",
		    file);
		break;
	case MC_TEXT_MIXED:
		mc_cli_note(t->cli,
		    "%s: the columns differ: split the file, or where it is "
		    "UTF-8, a map recodes columns (\"recode\")",
		    file);
		break;
	case MC_TEXT_THIN:
		mc_cli_note(t->cli, "%s: %s", file,
		    d->alien != NULL ? d->alien
				     : "too little to go by, nothing is "
				       "guessed: whoever made the file knows");
	}
}

static int
detect(struct tool *t, const struct mc_import *im, const char *map,
    struct mc_err *err)
{
	struct mc_detect *d = NULL;
	struct mc_map *m = NULL;
	size_t k;
	int i, rc = MC_EXIT_OK;

	if (read_map(map, MC_FEED_GUESS, &m, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, NULL, err) == -1)
		rc = -1;
	for (i = 0; i < t->cli->argc && rc != -1; i++) {
		if (mc_detect_file(
			&d, t->cli->argv[i], im->delimiter, m, err) == -1) {
			rc = -1;
			break;
		}
		for (k = 0; k < d->n; k++)
			put_evidence(t, t->cli->argv[i], k + 1, &d->column[k]);
		put_evidence(t, t->cli->argv[i], 0, &d->file);
		advise_encoding(t, t->cli->argv[i], d);
		if (d->file.verdict != MC_TEXT_IS &&
		    d->file.verdict != MC_TEXT_ASCII)
			rc = MC_EXIT_FOUND;
		mc_detect_free(d);
	}
	if (t->out != NULL && mc_out_close(t->out, err) == -1)
		rc = -1;
	mc_out_free(t->out);
	mc_map_free(m);
	return rc;
}

/* Was there a row that was taken or refused? */
static bool
any_row(const struct mc_intake_summary *s)
{
	return s->added + s->updated + s->unchanged + s->rejected > 0;
}

/* Open everything, run, and close in the order that makes it true. */
static int
run(struct tool *t, struct mc_import *im, const char *map, const char *rejects,
    struct mc_err *err)
{
	struct mc_intake_summary sum;
	struct mc_imported *done = NULL;
	struct mc_map *m = NULL;
	struct mc_actor actor;
	const struct mc_site *site;
	bool refused = false;
	int rc = -1;

	if (read_map(map, im->format, &m, err) == -1 ||
	    mc_cli_actor(t->cli, &actor, err) == -1 ||
	    mc_store_open(&im->store, t->cli->db, MC_DB_WRITE, err) == -1)
		goto done;
	if (im->number && mc_map_events(m)) {
		mc_err(err, MC_EUSAGE, "E_USAGE",
		    "rows that are events say which dossier they are of");
		mc_err_at(err, "--number", 0, 0);
		goto done;
	}
	if (im->number)
		mc_map_numbering(m);
	site = mc_store_site(im->store);
	mc_store_set_actor(im->store, &actor);
	im->map = m;
	if (mc_cli_now(t->cli, mc_store_zone(im->store), &im->now, NULL, err) ==
		-1 ||
	    mc_rulebook_open(&im->rb, site->rules, site->ref, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(im->store), err) == -1 ||
	    (rejects != NULL &&
		mc_outfile_open(&t->rejects, rejects, 0600, err) == -1))
		goto done;
	t->update = im->update;
	mc_out_columns(t->out, im->update
				   ? "code result line events run changed"
				   : "code result line events run");
	t->progress = mc_progress_new(t->cli, "rows");
	rc = mc_import_run(
	    im, t->cli->argv, t->cli->argc, &sum, &done, &refused, err);
	mc_progress_free(t->progress);
	/* A run that read nothing says nothing about the old rejects. */
	if (t->rejects != NULL && (rc == 0 || any_row(&sum)) &&
	    mc_outfile_commit(t->rejects, err) == -1)
		rc = -1;
	if (mc_out_close(t->out, err) == -1)
		rc = -1;
	if (rc == 0 || any_row(&sum))
		summarise(t, &sum, refused || (rc == -1 && im->atomic));
	if (rc == 0)
		rc = refused            ? MC_EXIT_FAIL
		     : sum.rejected > 0 ? MC_EXIT_FOUND
					: MC_EXIT_OK;
done:
	mc_import_free(done);
	mc_map_free(m);
	mc_outfile_free(t->rejects);
	mc_out_free(t->out);
	mc_buf_free(&t->text);
	mc_buf_free(&t->head);
	mc_rulebook_free(im->rb);
	mc_store_close(im->store);
	return rc;
}

/* ---- --runs, --undo ---- */

static int
on_run(void *arg, const struct mc_run *r, struct mc_err *err)
{
	struct tool *t = arg;

	(void)err;
	mc_out_begin(t->out, "motcua.run/1");
	mc_out_int(t->out, "run", r->id);
	mc_out_time(t->out, "started_at", r->started_at);
	mc_out_strn(t->out, "source", r->source);
	mc_out_int(t->out, "events", r->events);
	mc_out_int(t->out, "added", r->added);
	mc_out_int(t->out, "voided", r->voided);
	mc_out_end(t->out);
	return 0;
}

static int
list_runs(struct tool *t, struct mc_err *err)
{
	struct mc_store *s = NULL;
	int rc = -1;

	if (mc_store_open(&s, t->cli->db, MC_DB_READ, err) == 0 &&
	    mc_cli_out(t->cli, &t->out, mc_store_zone(s), err) == 0) {
		mc_out_columns(
		    t->out, "run started_at source events added voided");
		rc = mc_runs(s, on_run, t, err);
		if (mc_out_close(t->out, err) == -1)
			rc = -1;
	}
	mc_out_free(t->out);
	mc_store_close(s);
	return rc;
}

static int
on_undone(void *arg, const struct mc_undone *r, struct mc_err *err)
{
	struct tool *t = arg;

	(void)err;
	mc_out_begin(t->out, "motcua.undo/1");
	mc_out_strn(t->out, "code", r->code);
	mc_out_str(t->out, "result", mc_undo_result_name(r->result));
	mc_out_str(t->out, "why", r->why);
	if (r->why != NULL)
		mc_out_int(t->out, "seq", (int64_t)r->seq);
	else
		mc_out_null(t->out, "seq");
	mc_out_str(
	    t->out, "kind", r->why == NULL ? NULL : mc_kind_name(r->kind));
	mc_out_time(
	    t->out, "recorded_at", r->why == NULL ? MC_NEVER : r->recorded_at);
	mc_out_end(t->out);
	return 0;
}

static int
on_undo_batch(
    void *arg, int64_t dossiers, int64_t at, int64_t total, struct mc_err *err)
{
	struct tool *t = arg;

	mc_progress_show(t->progress, dossiers, at, total);
	return mc_out_flush(t->out, err);
}

static int
undo(struct tool *t, int64_t number, size_t batch, struct mc_err *err)
{
	struct mc_undo o = { .run = number,
		.batch = batch,
		.dry_run = t->cli->dry_run,
		.result = on_undone,
		.batch_done = on_undo_batch,
		.arg = t };
	struct mc_undo_summary sum = { 0 };
	struct mc_actor actor;
	int rc = -1;

	if (mc_cli_actor(t->cli, &actor, err) == -1 ||
	    mc_store_open(&o.store, t->cli->db, MC_DB_WRITE, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(o.store), &o.now, NULL, err) ==
		-1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(o.store), err) == -1)
		goto done;
	mc_store_set_actor(o.store, &actor);
	mc_out_columns(t->out, "code result why seq kind recorded_at");
	t->progress = mc_progress_new(t->cli, "dossiers");
	rc = mc_undo_run(&o, &sum, err);
	mc_progress_free(t->progress);
	if (mc_out_close(t->out, err) == -1)
		rc = -1;
	if (rc == 0 || sum.voided + sum.kept + sum.unchanged > 0)
		mc_cli_note(t->cli,
		    "run %lld: %lld voided, %lld kept, %lld were voided "
		    "before%s",
		    (long long)number, (long long)sum.voided,
		    (long long)sum.kept, (long long)sum.unchanged,
		    t->cli->dry_run ? " (dry run: nothing was written)" : "");
	if (rc == 0 && sum.kept > 0)
		rc = MC_EXIT_FOUND;
done:
	mc_out_free(t->out);
	mc_store_close(o.store);
	return rc;
}

/* What the options say. */
struct wish {
	const char *map, *rejects, *check_map;
	bool detect, runs;
	int64_t undo; /* 0: not asked for */
};

/* One of our own options: 0, or the status of a usage error. */
static int
take_option(
    const struct mc_cli *cli, int c, struct mc_import *im, struct wish *w)
{
	int64_t n;

	switch (c) {
	case ATOMIC:
		im->atomic = true;
		break;
	case BATCH:
		if (!mc_int_parse(&n, mc_str(cli->arg), 1, 65536))
			return mc_cli_usage_at(cli, "--batch",
			    "\"%s\" is no number from 1 to 65536", cli->arg);
		im->batch = (size_t)n;
		break;
	case MAX_ERRORS:
		if (!mc_int_parse(
			&im->max_errors, mc_str(cli->arg), 1, INT64_MAX))
			return mc_cli_usage_at(cli, "--max-errors",
			    "\"%s\" is no number of rows", cli->arg);
		break;
	case NUMBER:
		im->number = true;
		break;
	case RUNS:
		w->runs = true;
		break;
	case UNDO:
		if (!mc_int_parse(&w->undo, mc_str(cli->arg), 1, INT64_MAX))
			return mc_cli_usage_at(cli, "--undo",
			    "\"%s\" is no number of a run; --runs lists them",
			    cli->arg);
		break;
	case CHECK_MAP:
		w->check_map = cli->arg;
		break;
	case 't':
		im->delimiter = mc_map_delimiter_parse(cli->arg);
		if (im->delimiter == '\0')
			return mc_cli_usage_at(cli, "--delimiter",
			    "\"%s\" is no delimiter: one character, or tab",
			    cli->arg);
		break;
	case 'e':
		w->detect = strcmp(cli->arg, "detect") == 0;
		im->encoding = mc_encoding_parse(mc_str(cli->arg));
		if (im->encoding == MC_ENC_NONE && !w->detect)
			return mc_cli_usage_at(cli, "--encoding",
			    "\"%s\" is none of: %s, detect", cli->arg,
			    mc_encoding_names());
		break;
	case INPUT:
		im->format = mc_feed_format_parse(cli->arg);
		if (im->format == MC_FEED_GUESS)
			return mc_cli_usage_at(cli, "--input",
			    "\"%s\" is none of: %s", cli->arg,
			    mc_feed_formats());
		break;
	case 'm':
		w->map = cli->arg;
		break;
	case REJECTS:
		w->rejects = cli->arg;
		break;
	case UPDATE:
		im->update = true;
		break;
	default:
		return mc_cli_exit(cli, c);
	}
	return 0;
}

/* --runs and --undo read no rows: what is for these is not for them. */
static int
check_runs(
    const struct mc_cli *cli, const struct mc_import *im, const struct wish *w)
{
	const char *what = w->runs ? "--runs" : "--undo";
	bool rows = im->atomic || im->update || im->number || w->detect ||
		    im->max_errors > 0 || im->delimiter != '\0' ||
		    im->encoding != MC_ENC_NONE ||
		    im->format != MC_FEED_GUESS || w->map != NULL ||
		    w->rejects != NULL || w->check_map != NULL;

	if (!w->runs && w->undo == 0)
		return 0;
	if (cli->argc > 0)
		return mc_cli_usage_at(cli, what, "it takes no file");
	if (rows || (w->runs && (w->undo > 0 || im->batch > 0)))
		return mc_cli_usage(
		    cli, "%s does not take one of these options", what);
	return 0;
}

/* Rejects are written last of all: over what they came from, for one. */
static int
check_rejects(const struct mc_cli *cli, const struct wish *w)
{
	const char *o = "--rejects";
	int i, rc;

	if (w->rejects == NULL)
		return 0;
	rc = mc_cli_not_db(cli, o, w->rejects);
	if (rc == 0)
		rc = mc_cli_not_read(cli, o, w->rejects, w->map);
	for (i = 0; i < cli->argc && rc == 0; i++)
		rc = mc_cli_not_read(cli, o, w->rejects, cli->argv[i]);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("dossier-import",
	    "Take dossiers from files into the database.",
	    "[OPTION...] FILE...|-\n[OPTION...] --undo=RUN\n"
	    "[OPTION...] --runs",
	    opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_FORMAT |
		MC_CLI_DRY_RUN | MC_CLI_WRITES,
	    argc, argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool tool = { .cli = &cli };
	struct mc_import im = { .result = on_result,
		.reject = on_reject,
		.batch_done = on_batch,
		.opened = on_opened,
		.ignored = on_ignored,
		.passed = on_passed,
		.warned = on_warned,
		.lost = on_lost,
		.arg = &tool };
	struct wish w = { 0 };
	int c, rc;

	while ((c = mc_cli_next(&cli)) != MC_CLI_END) {
		if (c == MC_CLI_DONE || c == MC_CLI_BAD)
			return mc_cli_exit(&cli, c);
		if ((rc = take_option(&cli, c, &im, &w)) != 0)
			return rc;
	}
	if ((rc = check_runs(&cli, &im, &w)) != 0)
		return rc;
	if (w.check_map != NULL)
		return mc_cli_finish(&cli, &err,
		    check_maps(&tool, w.check_map, im.number, &err));
	if (w.runs)
		return mc_cli_finish(&cli, &err, list_runs(&tool, &err));
	if (w.undo > 0)
		return mc_cli_finish(
		    &cli, &err, undo(&tool, w.undo, im.batch, &err));
	if (cli.argc == 0)
		return mc_cli_usage(&cli, "no file; \"-\" is standard input");
	if (w.detect)
		return mc_cli_finish(
		    &cli, &err, detect(&tool, &im, w.map, &err));
	if (im.encoding != MC_ENC_NONE && mc_feed_format_map(im.format) != NULL)
		return mc_cli_usage_at(&cli, "--encoding",
		    "XML and JSON say themselves what they are written in");
	if ((rc = check_rejects(&cli, &w)) != 0)
		return rc;
	im.dry_run = cli.dry_run;
	return mc_cli_finish(
	    &cli, &err, run(&tool, &im, w.map, w.rejects, &err));
}
