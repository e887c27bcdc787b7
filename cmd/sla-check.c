/* sla-check - who is late, who soon will be, and why. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/lines.h>
#include <motcua/out.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/term.h>
#include <motcua/text.h>
#include <motcua/watch.h>

enum { BY = MC_OPT_LONG, EXPLAIN };

/* clang-format off */
static const struct mc_opt opts[] = {
	{ BY,      "by",        "WHAT",  _("count by unit, procedure or officer") },
	{ 'e',     "exit-code", NULL,    _("exit 1 when something is overdue") },
	{ EXPLAIN, "explain",   "CODE",  _("show how its deadline came about") },
	{ 's',     "state",     "STATE", _("overdue, due-soon, in-time, paused") },
	{ 'u',     "unit",      "UNIT",  _("received by it or one below") },
	{ 'w',     "warn",      "TERM",  _("due soon; default 1 working day") },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	struct mc_watch_query q;
	int by; /* enum mc_watch_by, or -1 */
	const char *explain;
	bool exit_code, overdue, missing;

	struct mc_store *store;
	struct mc_rulebook *rb;
	struct mc_watch *watch;
	struct mc_codes *codes;
	struct mc_out *out;
};

/* ---- the list ---- */

static void
write_row(struct tool *t, const struct mc_watch_row *r)
{
	struct mc_out *o = t->out;
	bool table = strcmp(t->cli->format, "table") == 0;

	mc_out_begin(o, "motcua.sla/1");
	mc_out_str(o, "code", r->code);
	mc_out_str(o, "procedure", r->procedure);
	if (!table)
		mc_out_str(o, "title", r->title);
	mc_out_str(o, "unit", r->unit);
	mc_out_str(o, "step", r->step);
	mc_out_str(o, "officer", r->officer);
	mc_out_str(o, "status", mc_status_name(r->status));
	mc_out_time(o, "received_at", r->received_at);
	mc_out_time(o, "due_at", r->due_at);
	mc_out_bool(o, "provisional", r->provisional);
	mc_out_str(o, "state", mc_state_name(r->state));
	mc_out_int(o, "late_days", r->late_days);
	if (r->has_due)
		mc_out_int(o, "left_minutes", r->left_minutes);
	else
		mc_out_null(o, "left_minutes");
	if (table)
		mc_out_str(o, "title", r->title);
	mc_out_end(o);
}

static int
list(struct tool *t, struct mc_err *err)
{
	const struct mc_watch_row *r;
	int rc;

	mc_out_columns(t->out,
	    "code procedure title unit step officer status received_at due_at "
	    "provisional state late_days left_minutes");
	while ((rc = mc_watch_next(t->watch, &r, err)) == 1) {
		write_row(t, r);
		t->overdue = t->overdue || r->state == MC_OVERDUE;
	}
	return rc;
}

static int
count(struct tool *t, struct mc_err *err)
{
	static const char *const by[] = { "unit", "procedure", "officer" };
	struct mc_out *o = t->out;
	const struct mc_watch_count *c;
	size_t i, n;

	mc_out_columns(o, "by key state count");
	if (mc_watch_counts(t->watch, (enum mc_watch_by)t->by, &c, &n, err) ==
	    -1)
		return -1;
	for (i = 0; i < n; i++) {
		mc_out_begin(o, "motcua.sla-count/1");
		mc_out_str(o, "by", by[t->by]);
		mc_out_str(o, "key", c[i].key);
		mc_out_str(o, "state", mc_state_name(c[i].state));
		mc_out_int(o, "count", c[i].count);
		mc_out_end(o);
		t->overdue = t->overdue || c[i].state == MC_OVERDUE;
	}
	return 0;
}

/* All codes are read before the first is printed: the latest come first. */
static int
read_codes(struct tool *t, struct mc_err *err)
{
	struct mc_str code;
	int rc;

	if (t->cli->argc == 0)
		return 0;
	t->codes = mc_codes_new(t->cli->argc, t->cli->argv);
	while ((rc = mc_codes_next(t->codes, &code, true, err)) != 0) {
		if (rc == 1 && (rc = mc_watch_add(t->watch, code, err)) == -1)
			mc_codes_at(t->codes, err);
		if (rc != -1)
			continue;
		if (err->code != MC_EDATA && err->code != MC_ENOTFOUND)
			return -1;
		mc_cli_warn(t->cli, err);
		mc_err_clear(err);
		t->missing = true;
	}
	return 0;
}

/* ---- the explanation ---- */

static void
explain_record(void *arg, const struct mc_explain *e)
{
	struct tool *t = arg;
	struct mc_out *o = t->out;

	mc_out_begin(o, "motcua.explain/1");
	mc_out_str(o, "code", t->explain);
	mc_out_str(o, "kind", e->kind);
	mc_out_day(o, "day", e->day);
	if (e->n >= 0)
		mc_out_int(o, "n", e->n);
	else
		mc_out_null(o, "n");
	mc_out_time(o, "from", e->from);
	mc_out_time(o, "to", e->to);
	if (e->amount >= 0)
		mc_out_int(o, "amount", e->amount);
	else
		mc_out_null(o, "amount");
	mc_out_str(o, "name", e->name);
	mc_out_str(o, "basis", e->basis);
	mc_out_str(o, "rule", e->rule);
	mc_out_str(o, "commit", e->commit);
	mc_out_str(o, "path", e->path);
	mc_out_str(o, "blob", e->blob);
	mc_out_end(o);
}

/*
 * What a line says to people.  In the pattern %d is the day, %f and %t the
 * instants, %n the number (%k unpadded), %m the amount in minutes, %r the
 * rule, %N the name, %B the basis, %c %p %b commit, path and blob.  What
 * stands in [brackets] is left out when a value in it is missing.
 */
static const struct {
	const char *kind, *pattern;
} says[] = {
	{ "procedure", "procedure    %N[, limit %r]\n"
		       "             %p in commit %c" },
	{ "policy", "policy       %r (beside the defaults)" },
	{ "calendar", "calendar     %N[, known until %d]\n"
		      "             blob %b in commit %c" },
	{ "given", "  given      %t, not computed" },
	{ "differs",
	    "  differs    today's rules would give %t[ (%d)], in force "
	    "is %f: %r[; calendar then: %b]" },
	{ "in-force", "in force     %t[ (due day %d)][, %r]" },
	{ "start", "  start      %f: the clock starts at %t (%r)" },
	{ "skip", "  %d           not counted[: %N][ (%B)]" },
	{ "count", "  %d  %n" },
	{ "make-up", "  %d  %n  worked[: %N][ (%B)]" },
	{ "work", "  %d           %f to %t: %m minutes" },
	{ "roll", "  %d           falls on a day off, moves on" },
	{ "due", "  due        %t (due day %d)[ by %r]" },
	{ "pause", "  pause      %f to %t[: adds %m minutes of working time][: "
		   "adds %k days]" },
	{ "restart", "  restart    the whole limit anew from %t" },
	{ "provisional", "  provisional: the calendar is known until %d" },
};

static void
put_minutes(struct mc_buf *b, int64_t ms)
{
	mc_buf_int(b, ms / 60000);
}

/* One value of the pattern; false: there is none. */
static bool
put_value(struct tool *t, struct mc_buf *b, char c, const struct mc_explain *e)
{
	const struct mc_zone *zone = mc_store_zone(t->store);
	const char *s = c == 'r'   ? e->rule
			: c == 'N' ? e->name
			: c == 'B' ? e->basis
			: c == 'c' ? e->commit
			: c == 'p' ? e->path
			: c == 'b' ? e->blob
				   : NULL;
	int64_t at = c == 'f' ? e->from : e->to;
	size_t n;

	switch (c) {
	case 'd':
		if (e->day != MC_NODAY)
			mc_day_put_human(b, e->day);
		return e->day != MC_NODAY;
	case 'n':
		mc_buf_printf(b, "%9" PRId64, e->n);
		return e->n >= 0;
	case 'k':
		mc_buf_int(b, e->n);
		return e->n >= 0;
	case 'm':
		put_minutes(b, e->amount);
		return e->amount >= 0;
	case 'f':
	case 't':
		if (at != MC_NEVER)
			mc_time_put_human(b, at, zone);
		else
			mc_buf_puts(b, "none");
		return at != MC_NEVER;
	default:
		/* Of an object id people need the beginning. */
		n = s == NULL              ? 0
		    : c == 'c' || c == 'b' ? strnlen(s, 12)
					   : strlen(s);
		mc_text_safe(b, s, n);
		return s != NULL;
	}
}

static void
put_pattern(
    struct tool *t, struct mc_buf *b, const char *p, const struct mc_explain *e)
{
	size_t mark = 0;
	bool optional = false, whole = true, there;

	for (; *p != '\0'; p++) {
		if (*p == '[') {
			optional = whole = true;
			mark = b->len;
		} else if (*p == ']') {
			if (!whole)
				b->len = mark;
			optional = false;
		} else if (*p == '%') {
			there = put_value(t, b, *++p, e);
			whole = whole && (there || !optional);
		} else {
			mc_buf_putc(b, *p);
		}
	}
}

static void
explain_text(void *arg, const struct mc_explain *e)
{
	struct tool *t = arg;
	struct mc_buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		if (strcmp(says[i].kind, e->kind) == 0)
			break;
	if (i < sizeof(says) / sizeof(says[0])) {
		put_pattern(t, &b, says[i].pattern, e);
	} else {
		/* An event. */
		mc_buf_printf(&b, "%-12s ", e->kind);
		put_pattern(t, &b, "%f[ by %N][ (%B)][: %r]", e);
	}
	mc_buf_putc(&b, '\n');
	mc_out_puts(t->out, mc_buf_str(&b));
	mc_buf_free(&b);
}

static int
explain(struct tool *t, struct mc_err *err)
{
	bool table = strcmp(t->cli->format, "table") == 0;

	mc_out_columns(t->out, "code kind day n from to amount name basis "
			       "rule commit path blob");
	return mc_watch_explain(t->store, &t->rb, mc_str(t->explain), t->q.now,
	    table ? explain_text : explain_record, t, err);
}

/* ---- the tool ---- */

static int
run(struct tool *t, struct mc_err *err)
{
	int rc = -1;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &t->q.now, NULL, err) ==
		-1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1 ||
	    mc_watch_open(&t->watch, t->store, &t->rb, &t->q, err) == -1)
		goto done;
	if (t->explain != NULL)
		rc = explain(t, err);
	else if (read_codes(t, err) == 0)
		rc = t->by != -1 ? count(t, err) : list(t, err);
	if (rc == 0)
		rc = mc_out_close(t->out, err);
done:
	mc_codes_free(t->codes);
	mc_out_free(t->out);
	mc_watch_free(t->watch);
	mc_rulebook_free(t->rb);
	mc_store_close(t->store);
	if (rc == -1)
		return MC_EXIT_FAIL;
	return t->missing || (t->exit_code && t->overdue) ? MC_EXIT_FOUND
							  : MC_EXIT_OK;
}

int
main(int argc, char *argv[])
{
	static const char *const by[] = { "unit", "procedure", "officer" };
	struct mc_cli cli = MC_CLI("sla-check",
	    _("List dossiers that are late or soon will be, and say why."),
	    "[OPTION...] [CODE...|-]", opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT, argc, argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli,
		.by = -1,
		.q.warn = { MC_TERM_WORKING_DAYS, 1000 },
		.q.states = 1u << MC_OVERDUE | 1u << MC_DUE_SOON };
	int c;

	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case BY:
			for (t.by = 0; t.by < 3; t.by++)
				if (strcmp(cli.arg, by[t.by]) == 0)
					break;
			if (t.by == 3)
				return mc_cli_usage(&cli,
				    "--by is unit, procedure or officer, not "
				    "\"%s\"",
				    cli.arg);
			break;
		case 'e':
			t.exit_code = true;
			break;
		case EXPLAIN:
			t.explain = cli.arg;
			break;
		case 's':
			if (mc_states_parse(
				&t.q.states, mc_str(cli.arg), &err) == -1)
				return mc_cli_fail(&cli, &err);
			break;
		case 'u':
			t.q.unit = mc_str(cli.arg);
			break;
		case 'w':
			if (mc_term_parse(&t.q.warn, mc_str(cli.arg), &err) ==
			    -1)
				return mc_cli_fail(&cli, &err);
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if (t.explain != NULL && (t.by != -1 || cli.argc > 0))
		return mc_cli_usage(&cli, "--explain says it of one dossier");
	t.q.only = cli.argc > 0;
	return mc_cli_finish(&cli, &err, run(&t, &err));
}
