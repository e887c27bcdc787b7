/* procedure - look at the rulebook, and check it; procedure(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/cli.h>
#include <motcua/json.h>
#include <motcua/out.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

enum { OPT_ALL = 'a', OPT_DATE = 'D', OPT_RULES = 'r', OPT_WORKTREE = 'w' };

/* clang-format off */
static const struct mc_opt opts[] = {
	{ OPT_ALL,      "all",      NULL,         "list every version, not only those in force" },
	{ OPT_DATE,     "date",     "DATE",       "what is in force on DATE, not today" },
	{ OPT_RULES,    "rules",    "REPO[#REF]", "the rulebook; default $MOTCUA_RULES, else \".\"" },
	{ OPT_WORKTREE, "worktree", NULL,         "lint the files as they are on disk" },
};
/* clang-format on */

static const char about[] = "Look at the rulebook, and check it.";
static const char synopsis[] = "init [DIR]\n"
			       "list [-a] [-D DATE] [-r REPO[#REF]]\n"
			       "show [-D DATE] [-r REPO[#REF]] CODE\n"
			       "lint [-w] [-r REPO[#REF]] [REV|REV..REV]\n"
			       "log [-r REPO[#REF]] CODE";

struct tool {
	struct mc_cli *cli;
	struct mc_out *out;
	struct mc_rulebook *rb;
	char *repo;
	const char *ref; /* NULL: the branch that HEAD names */
	const char *rules, *date, *operand;
	bool all, worktree;
	int32_t day;
	int errors, warnings;
};

/* ---- common ---- */

/* "REPO#REF"; a '#' belongs to the path when no ref follows it. */
static void
split_rules(struct tool *t)
{
	const char *given = t->rules, *hash;

	if (given == NULL)
		given = getenv("MOTCUA_RULES");
	if (given == NULL || *given == '\0')
		given = ".";
	hash = strrchr(given, '#');
	t->repo = mc_strdup(given);
	if (hash != NULL && hash != given && hash[1] != '\0') {
		t->repo[hash - given] = '\0';
		t->ref = hash + 1;
	}
}

/* The day in question: --date, else today in the rulebook's zone. */
static int
find_day(struct tool *t, const struct mc_zone *zone, struct mc_err *err)
{
	int64_t now;

	if (t->date != NULL) {
		t->day = mc_day_parse(mc_str(t->date));
		if (t->day != MC_NODAY)
			return 0;
		mc_err(
		    err, MC_EUSAGE, "E_DATE", _("no such day \"%s\""), t->date);
		return mc_err_at(err, "--date", 0, 0);
	}
	if (mc_cli_now(t->cli, zone, &now, NULL, err) == -1)
		return -1;
	t->day = mc_zone_day(zone, now);
	return 0;
}

static int
open_rules(struct tool *t, struct mc_err *err)
{
	if (mc_rulebook_open(&t->rb, t->repo, t->ref, err) == -1)
		return -1;
	return find_day(t, mc_rulebook_zone(t->rb), err);
}

static int
open_out(struct tool *t, const struct mc_zone *zone, struct mc_err *err)
{
	return mc_cli_out(t->cli, &t->out, zone, err);
}

static bool
for_people(const struct tool *t)
{
	return strcmp(t->cli->format, "table") == 0;
}

/* ---- init ---- */

static int
do_init(struct tool *t, struct mc_err *err)
{
	const char *dir = t->operand != NULL ? t->operand : "rules";
	char commit[MC_OID_HEX];
	struct mc_zone *utc;
	struct mc_repo *repo;
	int64_t now;
	int rc;

	if (mc_zone_open(&utc, "UTC", err) == -1)
		return -1;
	t->cli->writer = true;
	rc = mc_cli_now(t->cli, utc, &now, NULL, err);
	mc_zone_free(utc);
	if (rc == -1 || mc_rulebook_init(dir, now, err) == -1 ||
	    mc_repo_open(&repo, dir, err) == -1)
		return -1;
	rc = mc_repo_resolve(repo, "HEAD", commit, err);
	mc_repo_free(repo);
	if (rc == -1)
		return -1;
	mc_cli_note(t->cli, _("the starter rulebook is in \"%s\", commit %s"),
	    dir, commit);
	return MC_EXIT_OK;
}

/* ---- list ---- */

static void
put_term(struct mc_out *out, const char *name, bool has, struct mc_term term)
{
	struct mc_buf b = { 0 };

	if (has)
		mc_term_put(&b, term);
	mc_out_str(out, name, has ? mc_buf_str(&b) : NULL);
	mc_buf_free(&b);
}

static void
put_version(struct mc_out *out, const struct mc_version *v)
{
	const struct mc_procedure *p = v->procedure;

	mc_out_begin(out, "motcua.procedure/1");
	mc_out_str(out, "code", p->code);
	mc_out_str(out, "title", p->title);
	mc_out_str(out, "field", p->field);
	mc_out_str(out, "level", p->level);
	mc_out_str(out, "service", p->service);
	put_term(out, "limit", p->has_limit, p->limit);
	mc_out_day(out, "effective_from", p->effective_from);
	mc_out_day(out, "effective_to", p->effective_to);
	mc_out_str(out, "path", v->path);
	mc_out_str(out, "blob", v->blob);
	mc_out_end(out);
}

static int
do_list(struct tool *t, struct mc_err *err)
{
	const struct mc_version *const *all, *now;
	struct mc_err none = MC_ERR_INIT;
	size_t i, n;

	if (open_rules(t, err) == -1 ||
	    open_out(t, mc_rulebook_zone(t->rb), err) == -1 ||
	    mc_rulebook_versions(t->rb, &all, &n, err) == -1)
		return -1;
	mc_out_columns(t->out,
	    "code title field level service limit effective_from "
	    "effective_to path blob");
	for (i = 0; i < n; i++) {
		if (!t->all &&
		    (mc_rulebook_version(t->rb, mc_str(all[i]->procedure->code),
			 t->day, &now, &none) == -1 ||
			now != all[i]))
			continue;
		put_version(t->out, all[i]);
	}
	return MC_EXIT_OK;
}

/* ---- show ---- */

/* JSON text without the white space between its parts. */
static void
compact(struct mc_buf *b, struct mc_str text)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (inside && text.p[i] == '\\' && i + 1 < text.len)
			mc_buf_putc(b, text.p[i++]);
		else if (text.p[i] == '"')
			inside = !inside;
		else if (!inside && strchr(" \t\r\n", text.p[i]) != NULL)
			continue;
		mc_buf_putc(b, text.p[i]);
	}
}

static void
show_record(struct tool *t, const struct mc_version *v)
{
	struct mc_str text = v->text;
	struct mc_buf b = { 0 };

	if (text.len >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		text = (struct mc_str){ text.p + 3, text.len - 3 };
	compact(&b, text);
	mc_out_begin(t->out, "motcua.definition/1");
	mc_out_str(t->out, "code", v->procedure->code);
	mc_out_str(t->out, "commit", v->commit);
	mc_out_str(t->out, "path", v->path);
	mc_out_str(t->out, "blob", v->blob);
	mc_out_json(
	    t->out, "definition", (struct mc_str){ mc_buf_str(&b), b.len });
	mc_out_end(t->out);
	mc_buf_free(&b);
}

/* Text padded to a width in columns, safe for a terminal. */
static void
put_cell(struct mc_buf *b, const char *s, size_t width)
{
	size_t n, len = s != NULL ? strlen(s) : 0;

	n = mc_text_width(s, len);
	mc_text_safe(b, s != NULL ? s : "", len);
	for (; n < width; n++)
		mc_buf_putc(b, ' ');
}

static void
put_line(struct mc_buf *b, const char *label, const char *s)
{
	if (s == NULL || *s == '\0')
		return;
	mc_buf_printf(b, "  %-12s", label);
	put_cell(b, s, 0);
	mc_buf_putc(b, '\n');
}

static void
put_scalar(struct mc_buf *b, const struct mc_json *v)
{
	struct mc_buf scratch = { 0 };
	const char *s = mc_json_str(v);

	if (mc_json_type(v) == MC_JSON_BOOL)
		s = mc_json_bool(v) ? "true" : "false";
	if (s == NULL)
		s = mc_json_decimal(v, &scratch);
	put_cell(b, s != NULL ? s : "null", 0);
	mc_buf_free(&scratch);
}

/* "floor_area gt 250", "all (a; b)": depth is bounded by the parser. */
static void
put_condition(struct mc_buf *b, const struct mc_json *c)
{
	const struct mc_json *v, *field = mc_json_get(c, "field");
	const char *key;
	size_t i, k, n;

	if (field != NULL)
		put_scalar(b, field);
	for (i = 0; i < mc_json_count(c); i++) {
		v = mc_json_member(c, i, &key);
		if (v == field)
			continue;
		mc_buf_printf(b, "%s%s ", field != NULL ? " " : "", key);
		n = mc_json_count(v);
		if (mc_json_type(v) != MC_JSON_ARRAY &&
		    mc_json_type(v) != MC_JSON_OBJECT) {
			put_scalar(b, v);
			continue;
		}
		mc_buf_putc(b, '(');
		if (mc_json_type(v) == MC_JSON_OBJECT)
			put_condition(b, v);
		for (k = 0; mc_json_type(v) == MC_JSON_ARRAY && k < n; k++) {
			mc_buf_puts(b, k > 0 ? "; " : "");
			if (field != NULL)
				put_scalar(b, mc_json_at(v, k));
			else
				put_condition(b, mc_json_at(v, k));
		}
		mc_buf_putc(b, ')');
	}
}

static void
put_next(struct mc_buf *b, const struct mc_procedure *p, int step)
{
	const struct mc_json *next = mc_json_get(
	    mc_json_at(mc_json_get(p->doc, "steps"), (size_t)step), "next");
	const struct mc_step *s = &p->step[step];
	const struct mc_branch *br;
	int i, k;

	for (i = 0; i < s->branches; i++) {
		br = &s->branch[i];
		mc_buf_printf(b, "%17s-> ", "");
		for (k = 0; k < br->targets; k++) {
			mc_buf_puts(b, k > 0 ? " + " : "");
			put_cell(b, p->step[br->target[k]].id, 0);
		}
		if (br->when != NULL) {
			mc_buf_puts(b, _("  when "));
			put_condition(b,
			    mc_json_get(mc_json_at(next, (size_t)i), "when"));
		} else if (s->branches > 1) {
			mc_buf_puts(b, _("  otherwise"));
		}
		mc_buf_putc(b, '\n');
	}
}

static void
put_steps(struct mc_buf *b, const struct mc_procedure *p)
{
	const struct mc_step *s;
	struct mc_buf term = { 0 };
	int i;

	mc_buf_puts(b, _("\nSteps\n"));
	for (i = 0; i < p->steps; i++) {
		s = &p->step[i];
		mc_buf_printf(b, "  %3d  ", i + 1);
		put_cell(b, s->id, 14);
		put_cell(b, " ", 1);
		put_cell(b, s->title, 0);
		mc_buf_printf(b, "\n%17s", "");
		put_cell(b, s->role != NULL ? s->role : "-", 0);
		if (s->unit != NULL) {
			mc_buf_puts(b, _(" at "));
			put_cell(b, s->unit, 0);
		}
		if (s->has_limit) {
			mc_buf_reset(&term);
			mc_term_put(&term, s->limit);
			mc_buf_printf(b, ", %s", term.p);
		}
		mc_buf_puts(b, s->join_all ? _(", waits for all") : "");
		mc_buf_puts(b, s->final ? _(", final\n") : "\n");
		put_next(b, p, i);
	}
	mc_buf_free(&term);
}

static void
put_lists(struct mc_buf *b, const struct mc_procedure *p)
{
	static const char *const types[] = { "text", "integer", "decimal",
		"date", "boolean" };
	int i;

	mc_buf_puts(b, p->n_documents > 0 ? _("\nDocuments\n") : "");
	for (i = 0; i < p->n_documents; i++) {
		mc_buf_printf(b, "  %3d x  ", p->documents[i].copies);
		put_cell(b, p->documents[i].title, 0);
		mc_buf_puts(
		    b, p->documents[i].required ? "\n" : _(" (if any)\n"));
	}
	mc_buf_puts(b, p->n_fees > 0 ? _("\nFees (đồng)\n") : "");
	for (i = 0; i < p->n_fees; i++) {
		mc_buf_printf(b, "  %10lld  ", (long long)p->fees[i].amount);
		put_cell(b, p->fees[i].title, 0);
		mc_buf_putc(b, '\n');
	}
	mc_buf_puts(b, p->n_fields > 0 ? _("\nFields\n") : "");
	for (i = 0; i < p->n_fields; i++) {
		mc_buf_puts(b, "  ");
		put_cell(b, p->fields[i].name, 20);
		mc_buf_printf(b, " %-8s ", types[p->fields[i].type]);
		put_cell(b, p->fields[i].title, 0);
		mc_buf_puts(b, p->fields[i].public ? _(" (public)\n") : "\n");
	}
	mc_buf_puts(b, p->legal_bases > 0 ? _("\nLegal basis\n") : "");
	for (i = 0; i < p->legal_bases; i++) {
		mc_buf_puts(b, "  ");
		put_cell(b, p->legal_basis[i], 0);
		mc_buf_putc(b, '\n');
	}
}

static void
show_people(struct tool *t, const struct mc_version *v)
{
	const struct mc_procedure *p = v->procedure;
	struct mc_buf b = { 0 }, s = { 0 };

	put_cell(&b, p->code, 0);
	mc_buf_puts(&b, "  ");
	put_cell(&b, p->title, 0);
	mc_buf_putc(&b, '\n');
	put_line(&b, _("field"), p->field);
	put_line(&b, _("level"), p->level);
	put_line(&b, _("service"), p->service);
	mc_day_put_human(&s, p->effective_from);
	mc_buf_puts(&s, " -");
	if (p->effective_to != MC_NODAY) {
		mc_buf_putc(&s, ' ');
		mc_day_put_human(&s, p->effective_to);
	}
	put_line(&b, _("in force"), s.p);
	mc_buf_reset(&s);
	if (p->has_limit)
		mc_term_put(&s, p->limit);
	put_line(&b, _("limit"), p->has_limit ? s.p : _("none"));
	mc_buf_reset(&s);
	mc_policy_put(&s, &v->policy);
	put_line(&b, _("deadline"), strcmp(s.p, "{}") != 0 ? s.p : NULL);
	put_line(&b, _("calendar"), p->calendar);
	put_line(&b, _("result"), p->result);
	put_line(&b, _("path"), v->path);
	put_line(&b, _("commit"), v->commit);
	put_lists(&b, p);
	put_steps(&b, p);
	mc_out_raw(t->out, b.p, b.len);
	mc_buf_free(&b);
	mc_buf_free(&s);
}

static int
do_show(struct tool *t, struct mc_err *err)
{
	const struct mc_version *v;

	if (open_rules(t, err) == -1 ||
	    open_out(t, mc_rulebook_zone(t->rb), err) == -1 ||
	    mc_rulebook_version(t->rb, mc_str(t->operand), t->day, &v, err) ==
		-1)
		return -1;
	if (for_people(t))
		show_people(t, v);
	else
		show_record(t, v);
	return MC_EXIT_OK;
}

/* ---- lint ---- */

/* The number after the last ':' of where[0..*n), which is cut off; or 0. */
static int64_t
cut_number(const char *where, size_t *n)
{
	int64_t value;
	size_t at = *n;

	while (at > 0 && where[at - 1] != ':')
		at--;
	if (at == 0 ||
	    !mc_int_parse(
		&value, (struct mc_str){ where + at, *n - at }, 1, INT32_MAX))
		return 0;
	*n = at - 1;
	return value;
}

static void
put_number(struct mc_out *out, const char *name, int64_t n)
{
	if (n > 0)
		mc_out_int(out, name, n);
	else
		mc_out_null(out, name);
}

static void
finding(void *arg, const struct mc_err *f)
{
	struct tool *t = arg;
	size_t n = strlen(f->where);
	int64_t line, column;

	if (strncmp(f->id, "W_", 2) == 0)
		t->warnings++;
	else
		t->errors++;
	if (for_people(t)) {
		mc_out_printf(t->out, "%s%s%s: %s\n", f->where,
		    n > 0 ? ": " : "", f->id, f->msg);
		if (f->advice[0] != '\0')
			mc_out_printf(t->out, "\t%s\n", f->advice);
		return;
	}
	column = cut_number(f->where, &n);
	line = cut_number(f->where, &n);
	if (line == 0) {
		line = column;
		column = 0;
	}
	mc_out_begin(t->out, "motcua.lint/1");
	mc_out_strn(t->out, "file", (struct mc_str){ f->where, n });
	put_number(t->out, "line", line);
	put_number(t->out, "column", column);
	mc_out_str(t->out, "error", f->id);
	mc_out_str(t->out, "message", f->msg);
	mc_out_str(t->out, "advice", f->advice[0] != '\0' ? f->advice : NULL);
	mc_out_end(t->out);
}

/* A rulebook's zone cannot be asked for before it is known to be good. */
static int
today(struct tool *t, struct mc_err *err)
{
	struct mc_zone *zone;
	int rc;

	if (mc_zone_open(&zone, "UTC", err) == -1)
		return -1;
	rc = find_day(t, zone, err);
	mc_zone_free(zone);
	return rc;
}

static int
do_lint(struct tool *t, struct mc_err *err)
{
	const char *rev = t->operand != NULL ? t->operand : t->ref, *dots;
	char *base = NULL;
	int rc;

	if (today(t, err) == -1 || open_out(t, NULL, err) == -1)
		return -1;
	if (rev == NULL)
		rev = "HEAD";
	mc_out_columns(t->out, "file line column error message advice");
	dots = strstr(rev, "..");
	if (t->worktree) {
		rc = mc_rulebook_lint(t->repo, NULL, t->day, finding, t, err);
	} else if (dots != NULL) {
		base = dots == rev ? mc_strdup("HEAD")
				   : mc_strndup(rev, (size_t)(dots - rev));
		rev = dots[2] == '\0' ? "HEAD" : dots + 2;
		rc = mc_rulebook_lint_new(
		    t->repo, base, rev, t->day, finding, t, err);
	} else {
		rc = mc_rulebook_lint(t->repo, rev, t->day, finding, t, err);
	}
	free(base);
	if (rc == -1)
		return -1;
	if (t->errors + t->warnings > 0)
		mc_cli_note(t->cli, _("errors: %d, warnings: %d"), t->errors,
		    t->warnings);
	return t->errors > 0 ? MC_EXIT_FOUND : MC_EXIT_OK;
}

/* ---- log ---- */

static bool
is_code(void *arg, const char *path)
{
	struct mc_str code, when;

	return mc_rulebook_procedure_path(mc_str(path), &code, &when) &&
	       mc_str_is(code, arg);
}

static int
do_log(struct tool *t, struct mc_err *err)
{
	struct mc_repo_log *log;
	struct mc_repo_commit c;
	char *code;
	int rc;

	if (open_rules(t, err) == -1 ||
	    open_out(t, mc_rulebook_zone(t->rb), err) == -1)
		return -1;
	code = mc_strdup(t->operand);
	rc = mc_repo_log_open(&log, mc_rulebook_repo(t->rb),
	    mc_rulebook_commit(t->rb), is_code, code, err);
	mc_out_columns(t->out, "commit at author summary path");
	while (rc == 0 && (rc = mc_repo_log_next(log, &c, err)) == 1) {
		mc_out_begin(t->out, "motcua.commit/1");
		mc_out_str(t->out, "commit", c.id);
		mc_out_time(t->out, "at", c.when);
		mc_out_str(t->out, "author", c.author);
		mc_out_str(t->out, "summary", c.summary);
		mc_out_str(t->out, "path", c.path);
		mc_out_end(t->out);
		rc = 0;
	}
	mc_repo_log_free(log);
	free(code);
	if (rc == 0 && mc_out_count(t->out) == 0)
		rc = mc_err(err, MC_ENOTFOUND, "E_PROCEDURE",
		    _("no commit has touched a procedure \"%s\""), t->operand);
	return rc;
}

/* ---- the tool ---- */

static const struct action {
	const char *name;
	int (*run)(struct tool *t, struct mc_err *err); /* exit status or -1 */
	int min, max;                                   /* operands */
	bool all, date, rules, worktree;                /* options taken */
} actions[] = {
	{ "init", do_init, 0, 1, false, false, false, false },
	{ "list", do_list, 0, 0, true, true, true, false },
	{ "show", do_show, 1, 1, false, true, true, false },
	{ "lint", do_lint, 0, 1, false, false, true, true },
	{ "log", do_log, 1, 1, false, false, true, false },
};

/* The action named by the operands, or NULL when the usage is wrong. */
static const struct action *
choose(struct tool *t)
{
	struct mc_cli *cli = t->cli;
	const struct action *a = actions, *end = actions + 5;

	while (cli->argc > 0 && a < end && strcmp(a->name, cli->argv[0]) != 0)
		a++;
	if (cli->argc == 0)
		mc_cli_usage(cli, _("init, list, show, lint or log?"));
	else if (a == end)
		mc_cli_usage(cli, _("no such action: \"%s\""), cli->argv[0]);
	else if (cli->argc - 1 < a->min)
		mc_cli_usage(
		    cli, _("%s: a procedure's code is missing"), a->name);
	else if (cli->argc - 1 > a->max)
		mc_cli_usage(cli, _("%s: too many operands"), a->name);
	else if ((t->all && !a->all) || (t->date != NULL && !a->date) ||
		 (t->rules != NULL && !a->rules) ||
		 (t->worktree && !a->worktree))
		mc_cli_usage(
		    cli, _("%s does not take one of these options"), a->name);
	else if (t->worktree && cli->argc > 1)
		mc_cli_usage(cli, _("lint takes --worktree or a revision"));
	else
		return a;
	return NULL;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("procedure", about, synopsis, opts,
	    MC_CLI_NOW | MC_CLI_FORMAT, argc, argv);
	struct tool t = { .cli = &cli };
	struct mc_err err = MC_ERR_INIT, close_err = MC_ERR_INIT;
	const struct action *a;
	int c, rc;

	cli.words = "init list show lint log";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case OPT_ALL:
			t.all = true;
			break;
		case OPT_DATE:
			t.date = cli.arg;
			break;
		case OPT_RULES:
			t.rules = cli.arg;
			break;
		case OPT_WORKTREE:
			t.worktree = true;
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if ((a = choose(&t)) == NULL)
		return MC_EXIT_FAIL;
	t.operand = cli.argc > 1 ? cli.argv[1] : NULL;

	/* Nothing is held above this line. */
	split_rules(&t);
	rc = a->run(&t, &err);
	if (strcmp(err.id, "E_RULES") == 0 && strcmp(t.repo, ".") == 0)
		mc_err_advise(
		    &err, _("name one: --rules=REPO, or $MOTCUA_RULES"));
	if (t.out != NULL && mc_out_close(t.out, &close_err) == -1) {
		rc = -1;
		if (err.code == MC_OK)
			err = close_err;
	}
	rc = mc_cli_finish(&cli, &err, rc);
	mc_out_free(t.out);
	mc_rulebook_free(t.rb);
	free(t.repo);
	return rc;
}
