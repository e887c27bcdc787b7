/* dossier-import - rows become dossiers; dossier-import(1). */
#include <stdlib.h>
#include <string.h>

#include <motcua/cli.h>
#include <motcua/importer.h>
#include <motcua/outfile.h>
#include <motcua/progress.h>

#define REJECTS_SHOWN 20

/* clang-format off */
enum { INPUT = MC_OPT_LONG, REJECTS, UPDATE, ATOMIC };
static const struct mc_opt opts[] = {
	{ ATOMIC,  "atomic",    NULL,     "all rows go in, or none; holds the write lock" },
	{ 't',     "delimiter", "C",      "the field separator; default: found in the heading" },
	{ INPUT,   "input",     "FORMAT", "csv or ndjson; default: by the first byte" },
	{ 'm',     "map",       "FILE",   "what the columns and values of the source mean" },
	{ REJECTS, "rejects",   "FILE",   "write rows that are refused to FILE, to be mended" },
	{ UPDATE,  "update",    NULL,     "take over what differs from the last imported row" },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	struct mc_out *out;
	struct mc_outfile *rejects;
	bool headed;        /* the reject file has a heading */
	struct mc_buf head; /* which */
	struct mc_buf text;
	struct mc_progress *progress;
	int64_t shown;
};

static int
on_result(void *arg, const struct mc_intake_result *r, int64_t run,
    struct mc_err *err)
{
	struct tool *t = arg;

	(void)err;
	mc_out_begin(t->out, "motcua.import/1");
	mc_out_strn(t->out, "code", r->code);
	mc_out_str(t->out, "result", mc_intake_result_name(r->result));
	mc_out_int(t->out, "line", r->line);
	mc_out_int(t->out, "events", r->events);
	if (run > 0)
		mc_out_int(t->out, "run", run);
	else
		mc_out_null(t->out, "run");
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
put_tally(struct mc_buf *b, const struct mc_tally *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		mc_buf_printf(b, "%s%s %lld", i == 0 ? " (" : ", ", t[i].id,
		    (long long)t[i].n);
	mc_buf_puts(b, n == 0 ? "" : ")");
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
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

static int
read_map(const char *path, struct mc_map **out, struct mc_err *err)
{
	struct mc_source *src;
	const char *p;
	size_t n = 0;
	int rc;

	if (path == NULL) {
		*out = mc_map_default();
		return 0;
	}
	if (mc_source_open(&src, path, err) == -1)
		return -1;
	while ((rc = mc_source_peek(src, &p, &n, true, true, err)) == 1 &&
	       n <= MC_REPO_BLOB)
		;
	if (n > MC_REPO_BLOB)
		rc = mc_err(err, MC_EDATA, "E_LIMIT",
		    "%s: a map has at most %u bytes", path, MC_REPO_BLOB);
	if (rc == 0)
		rc = mc_map_parse(out, path, (struct mc_str){ p, n }, err);
	mc_source_free(src);
	return rc;
}

/* Open everything, run, and close in the order that makes it true. */
static int
run(struct tool *t, struct mc_import *im, const char *map, const char *rejects,
    struct mc_err *err)
{
	struct mc_intake_summary sum;
	struct mc_intake *in = NULL;
	struct mc_map *m = NULL;
	struct mc_actor actor;
	const struct mc_site *site;
	bool refused = false;
	int rc = -1;

	if (read_map(map, &m, err) == -1 ||
	    mc_cli_actor(t->cli, &actor, err) == -1 ||
	    mc_store_open(&im->store, t->cli->db, MC_DB_WRITE, err) == -1)
		goto done;
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
	mc_out_columns(t->out, "code result line events run");
	t->progress = mc_progress_new(t->cli, "rows");
	rc = mc_import_run(
	    im, t->cli->argv, t->cli->argc, &sum, &in, &refused, err);
	mc_progress_free(t->progress);
	if (t->rejects != NULL && mc_outfile_commit(t->rejects, err) == -1)
		rc = -1;
	if (mc_out_close(t->out, err) == -1)
		rc = -1;
	if (rc == 0 || sum.added + sum.updated + sum.unchanged + sum.rejected)
		summarise(t, &sum, refused || (rc == -1 && im->atomic));
	if (rc == 0)
		rc = refused            ? MC_EXIT_FAIL
		     : sum.rejected > 0 ? MC_EXIT_FOUND
					: MC_EXIT_OK;
done:
	mc_intake_free(in);
	mc_map_free(m);
	mc_outfile_free(t->rejects);
	mc_out_free(t->out);
	mc_buf_free(&t->text);
	mc_buf_free(&t->head);
	mc_rulebook_free(im->rb);
	mc_store_close(im->store);
	return rc;
}

/* One character; "\\t", because a tab is hard to type.  NUL: neither. */
static char
delimiter(const char *s)
{
	if (strcmp(s, "\\t") == 0)
		return '\t';
	return s[0] != '\0' && s[1] == '\0' && mc_map_delimits(s[0]) ? s[0]
								     : '\0';
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("dossier-import",
	    "Take dossiers from files into the database.",
	    "[OPTION...] FILE...|-", opts,
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
		.arg = &tool };
	const char *map = NULL, *rejects = NULL;
	int c;

	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case ATOMIC:
			im.atomic = true;
			break;
		case 't':
			im.delimiter = delimiter(cli.arg);
			if (im.delimiter == '\0')
				return mc_cli_usage(&cli,
				    "--delimiter is one character, not \"%s\"",
				    cli.arg);
			break;
		case INPUT:
			im.format = strcmp(cli.arg, "csv") == 0 ? MC_FEED_CSV
				    : strcmp(cli.arg, "ndjson") == 0
					? MC_FEED_NDJSON
					: MC_FEED_GUESS;
			if (im.format == MC_FEED_GUESS)
				return mc_cli_usage(&cli,
				    "--input is csv or ndjson, not \"%s\"",
				    cli.arg);
			break;
		case 'm':
			map = cli.arg;
			break;
		case REJECTS:
			rejects = cli.arg;
			break;
		case UPDATE:
			im.update = true;
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if (cli.argc == 0)
		return mc_cli_usage(&cli, "no file; \"-\" is standard input");
	im.dry_run = cli.dry_run;
	return mc_cli_finish(&cli, &err, run(&tool, &im, map, rejects, &err));
}
