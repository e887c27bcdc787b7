/* procedure - look at the rulebook, and check it; procedure(1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/cli.h>
#include <motcua/db.h>
#include <motcua/describe.h>
#include <motcua/graph.h>
#include <motcua/impact_report.h>
#include <motcua/load.h>
#include <motcua/out.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

enum {
	OPT_ALL = 'a',
	OPT_BY = 'b',
	OPT_CASE = 'c',
	OPT_DATE = 'D',
	OPT_LOAD = 'l',
	OPT_RULES = 'r',
	OPT_WORKTREE = 'w'
};

/* clang-format off */
static const struct mc_opt opts[] = {
	{ OPT_ALL,      "all",      NULL,         "list every version, not only those in force" },
	{ OPT_BY,       "by",       "WHAT",       "impact: count by procedure or unit" },
	{ OPT_CASE,     "case",     "ID",         "show or draw it in this case" },
	{ OPT_DATE,     "date",     "DATE",       "what is in force on DATE, not today" },
	{ OPT_LOAD,     "load",     NULL,         "draw how many dossiers are in each step" },
	{ OPT_RULES,    "rules",    "REPO[#REF]", "the rulebook; default $MOTCUA_RULES, else \".\"" },
	{ OPT_WORKTREE, "worktree", NULL,         "lint or compare the files as they are on disk" },
};
/* clang-format on */

static const char about[] = "Look at the rulebook, and check it.";
static const char synopsis[] =
    "init [DIR]\n"
    "list [-a] [-D DATE] [-r REPO[#REF]]\n"
    "show [-c ID] [-D DATE] [-r REPO[#REF]] CODE\n"
    "lint [-w] [-r REPO[#REF]] [REV|REV..REV]\n"
    "log [-r REPO[#REF]] CODE\n"
    "diff [-r REPO[#REF]] REV..REV [CODE]\n"
    "diff -w [-r REPO[#REF]] [REV] [CODE]\n"
    "graph [-c ID] [-l] [-d FILE] [-D DATE] [-r REPO[#REF]] CODE\n"
    "impact [-b procedure|unit] [-d FILE] REV";

struct tool {
	struct mc_cli *cli;
	struct mc_out *out;
	struct mc_rulebook *rb;
	struct mc_repo *git; /* lint and diff work on trees */
	struct mc_db *db;
	struct mc_store *store;
	struct mc_impact *impact;
	enum mc_impact_by by;
	char *repo;
	const char *ref; /* NULL: the branch that HEAD names */
	const char *rules, *date, *in_case, *operand, *second;
	bool all, load, worktree;
	int32_t day;
	int errors, warnings;
	char *last; /* diff for people: the file it is in */
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
put_limit(struct mc_out *out, const char *name, const struct mc_limits *limit)
{
	struct mc_buf b = { 0 };

	mc_limits_put(&b, limit);
	mc_out_str(out, name, b.len > 0 ? mc_buf_str(&b) : NULL);
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
	put_limit(out, "limit", &p->limit);
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
	mc_out_str(t->out, "case", mc_procedure_case_id(v->procedure));
	mc_out_json(
	    t->out, "definition", (struct mc_str){ mc_buf_str(&b), b.len });
	mc_out_end(t->out);
	mc_buf_free(&b);
}

/* The version of the day, in the case that is asked for. */
static int
find_version(struct tool *t, const struct mc_version **out, struct mc_err *err)
{
	struct mc_str named = mc_str(t->in_case != NULL ? t->in_case : "");
	const struct mc_procedure *as;
	const struct mc_version *v;

	if (mc_rulebook_version(t->rb, mc_str(t->operand), t->day, &v, err) ==
		-1 ||
	    (named.len > 0 && mc_procedure_choose(&as, v->procedure, named,
				  NULL, NULL, err) == -1))
		return -1;
	*out = named.len > 0 ? mc_version_as(v, as) : v;
	return 0;
}

static int
do_show(struct tool *t, struct mc_err *err)
{
	const struct mc_version *v;
	struct mc_buf b = { 0 };

	if (open_rules(t, err) == -1 ||
	    open_out(t, mc_rulebook_zone(t->rb), err) == -1 ||
	    find_version(t, &v, err) == -1)
		return -1;
	if (for_people(t)) {
		mc_describe_version(&b, v);
		mc_out_raw(t->out, b.p, b.len);
		mc_buf_free(&b);
	} else {
		show_record(t, v);
	}
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

/*
 * The repository, and in a hook what is being pushed, which git keeps apart
 * until the hook has agreed.
 */
static int
open_git(struct tool *t, struct mc_err *err)
{
	const char *pushed = getenv("GIT_QUARANTINE_PATH");

	if (mc_repo_open(&t->git, t->repo, err) == -1)
		return -1;
	return pushed != NULL && *pushed != '\0'
		   ? mc_repo_objects(t->git, pushed, err)
		   : 0;
}

/* "A..B", where either may be left out; else *base is NULL.  Freed by it. */
static void
split_range(
    const struct tool *t, const char *range, char **base, const char **rev)
{
	const char *now = t->ref != NULL ? t->ref : "HEAD";
	const char *dots = range != NULL ? strstr(range, "..") : NULL;

	*base = NULL;
	*rev = range != NULL ? range : now;
	if (dots == NULL)
		return;
	*base = dots == range ? mc_strdup(now)
			      : mc_strndup(range, (size_t)(dots - range));
	*rev = dots[2] != '\0' ? dots + 2 : now;
}

static int
do_lint(struct tool *t, struct mc_err *err)
{
	struct mc_rulebook_at old = { 0 }, at = { .path = t->repo };
	char *base = NULL;
	int rc = -1;

	if (today(t, err) == -1 || open_out(t, NULL, err) == -1 ||
	    (!t->worktree && open_git(t, err) == -1))
		return -1;
	if (!t->worktree)
		split_range(t, t->operand, &base, &at.rev);
	at.repo = old.repo = t->git;
	old.rev = base;
	mc_out_columns(t->out, "file line column error message advice");
	if (base != NULL)
		rc = mc_rulebook_lint_new(&old, &at, t->day, finding, t, err);
	else
		rc = mc_rulebook_lint(&at, t->day, finding, t, err);
	free(base);
	if (rc == -1 || mc_out_flush(t->out, err) == -1)
		return -1;
	if (t->errors + t->warnings > 0)
		mc_cli_note(t->cli, _("errors: %d, warnings: %d"), t->errors,
		    t->warnings);
	return t->errors > 0 ? MC_EXIT_FOUND : MC_EXIT_OK;
}

/* ---- diff ---- */

static void
put_json(struct mc_out *out, const char *name, const char *json)
{
	if (json != NULL)
		mc_out_json(out, name, mc_str(json));
	else
		mc_out_null(out, name);
}

/* A heading for each file, and what changed in it below. */
static void
change_people(struct tool *t, const struct mc_rulebook_change *c)
{
	struct mc_buf b = { 0 }, head = { 0 };

	mc_buf_printf(&head, "%s%s%s", c->code != NULL ? c->code : "",
	    c->code != NULL ? "  " : "", c->file);
	if (t->last == NULL || strcmp(t->last, head.p) != 0) {
		mc_text_safe(&b, head.p, head.len);
		mc_buf_putc(&b, '\n');
		free(t->last);
		t->last = mc_buf_detach(&head);
	}
	mc_buf_putc(&b, '\t');
	mc_text_safe(&b, c->change.words, strlen(c->change.words));
	mc_buf_putc(&b, '\n');
	mc_out_raw(t->out, b.p, b.len);
	mc_buf_free(&b);
	mc_buf_free(&head);
}

static void
change(void *arg, const struct mc_rulebook_change *c)
{
	struct tool *t = arg;

	if (for_people(t)) {
		change_people(t, c);
		return;
	}
	mc_out_begin(t->out, "motcua.diff/1");
	mc_out_str(t->out, "file", c->file);
	mc_out_str(t->out, "old_file", c->old_file);
	mc_out_str(t->out, "code", c->code);
	mc_out_str(t->out, "path", c->change.path);
	mc_out_str(t->out, "change", mc_change_name(c->change.kind));
	put_json(t->out, "old", c->change.old);
	put_json(t->out, "new", c->change.new);
	mc_out_end(t->out);
}

/* "1.004222", as opposed to a revision. */
static bool
looks_like_code(const char *s)
{
	return s[0] >= '0' && s[0] <= '9' && s[1] == '.' &&
	       strspn(s + 2, "0123456789") >= 6;
}

static int
do_diff(struct tool *t, struct mc_err *err)
{
	struct mc_rulebook_at old = { 0 }, at = { .path = t->repo };
	const char *range = t->operand, *code = t->second, *rev;
	char *base = NULL;
	int rc;

	if (t->worktree && range != NULL && code == NULL &&
	    looks_like_code(range)) {
		code = range;
		range = NULL;
	}
	if (open_git(t, err) == -1 || open_out(t, NULL, err) == -1)
		return -1;
	split_range(t, range, &base, &rev);
	old.repo = at.repo = t->git;
	old.rev = base != NULL ? base : rev;
	if (!t->worktree && base != NULL)
		at.rev = rev;
	else if (!t->worktree)
		at.rev = t->ref != NULL ? t->ref : "HEAD";
	mc_out_columns(t->out, "file old_file code path change old new");
	rc = mc_rulebook_diff(&old, &at, code, change, t, err);
	free(base);
	return rc;
}

/* ---- graph ---- */

/* What the procedures are called that day; one that is not in force: NULL. */
static void
child_titles(struct tool *t, const struct mc_procedure *p, const char **title)
{
	struct mc_err ignored = MC_ERR_INIT;
	const struct mc_version *v;
	int i;

	for (i = 0; i < p->n_children; i++) {
		title[i] = NULL;
		if (mc_rulebook_version(t->rb, mc_str(p->children[i].procedure),
			t->day, &v, &ignored) == 0)
			title[i] = v->procedure->title;
		mc_err_clear(&ignored);
	}
}

static int
do_graph(struct tool *t, struct mc_err *err)
{
	const char *title[MC_PROCEDURE_CHILDREN];
	const struct mc_version *v;
	struct mc_load load = { .v = { 0 } };
	MC_VEC(struct mc_graph_load) in = { 0 };
	struct mc_buf b = { 0 };
	size_t i;

	t->cli->format = "dot";
	if (open_rules(t, err) == -1 || open_out(t, NULL, err) == -1 ||
	    find_version(t, &v, err) == -1)
		return -1;
	if (t->load &&
	    (mc_db_open(&t->db, t->cli->db, MC_DB_READ, err) == -1 ||
		mc_load_read(&load, t->db, mc_str(t->operand), err) == -1))
		return -1;
	for (i = 0; i < load.v.n; i++) {
		struct mc_graph_load g = { load.v.p[i].step,
			load.v.p[i].dossiers };

		mc_vec_push(&in, g);
	}
	child_titles(t, v->procedure, title);
	mc_graph_put(&b, v->procedure, title, in.p, in.n);
	mc_out_raw(t->out, b.p, b.len);
	mc_buf_free(&b);
	mc_vec_free(&in);
	mc_load_free(&load);
	return MC_EXIT_OK;
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

/* ---- impact ---- */

static int
do_impact(struct tool *t, struct mc_err *err)
{
	int64_t now;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &now, NULL, err) ==
		-1 ||
	    open_out(t, mc_store_zone(t->store), err) == -1 ||
	    mc_impact_open(&t->impact, t->store, t->operand, now, err) == -1)
		return -1;
	if (mc_impact_write(t->impact, t->store, t->by, t->out, err) == -1 ||
	    mc_out_flush(t->out, err) == -1)
		return -1;
	mc_impact_say(t->impact, t->cli);
	return MC_EXIT_OK;
}

/* "procedure" or "unit". */
static int
take_by(struct tool *t, const char *text)
{
	t->by = strcmp(text, "procedure") == 0 ? MC_IMPACT_PROCEDURE
		: strcmp(text, "unit") == 0    ? MC_IMPACT_UNIT
					       : MC_IMPACT_ALL;
	return t->by != MC_IMPACT_ALL
		   ? 0
		   : mc_cli_usage(t->cli,
			 _("--by is procedure or unit, not \"%s\""), text);
}

/* ---- the tool ---- */

/* Options that an action may take. */
#define T_ALL 0x01u
#define T_DATE 0x02u
#define T_RULES 0x04u
#define T_WORKTREE 0x08u
#define T_LOAD 0x10u
#define T_BY 0x20u
#define T_CASE 0x40u

static const struct action {
	const char *name;
	int (*run)(struct tool *t, struct mc_err *err); /* exit status or -1 */
	int min, max;                                   /* operands */
	unsigned takes;
	const char *wants; /* the first operand */
} actions[] = {
	{ "init", do_init, 0, 1, 0, NULL },
	{ "list", do_list, 0, 0, T_ALL | T_DATE | T_RULES, NULL },
	{ "show", do_show, 1, 1, T_CASE | T_DATE | T_RULES,
	    "a procedure's code" },
	{ "lint", do_lint, 0, 1, T_RULES | T_WORKTREE, NULL },
	{ "log", do_log, 1, 1, T_RULES, "a procedure's code" },
	{ "diff", do_diff, 1, 2, T_RULES | T_WORKTREE, "REV..REV" },
	{ "graph", do_graph, 1, 1, T_CASE | T_DATE | T_RULES | T_LOAD,
	    "a procedure's code" },
	{ "impact", do_impact, 1, 1, T_BY, "a revision" },
};

/* The action named by the operands, or NULL when the usage is wrong. */
static const struct action *
choose(struct tool *t)
{
	struct mc_cli *cli = t->cli;
	const size_t n = sizeof(actions) / sizeof(actions[0]);
	const struct action *a = actions, *end = actions + n;
	unsigned given = (t->all ? T_ALL : 0) | (t->load ? T_LOAD : 0) |
			 (t->date != NULL ? T_DATE : 0) |
			 (t->in_case != NULL ? T_CASE : 0) |
			 (t->rules != NULL ? T_RULES : 0) |
			 (t->by != MC_IMPACT_ALL ? T_BY : 0) |
			 (t->worktree ? T_WORKTREE : 0);

	while (cli->argc > 0 && a < end && strcmp(a->name, cli->argv[0]) != 0)
		a++;
	if (cli->argc == 0)
		mc_cli_usage(cli,
		    _("init, list, show, lint, log, diff, graph or impact?"));
	else if (a == end)
		mc_cli_usage(cli, _("no such action: \"%s\""), cli->argv[0]);
	else if (cli->argc - 1 < a->min - (t->worktree ? 1 : 0))
		mc_cli_usage(cli, _("%s: %s is missing"), a->name, a->wants);
	else if (cli->argc - 1 > a->max)
		mc_cli_usage(cli, _("%s: too many operands"), a->name);
	else if ((given & ~a->takes) != 0)
		mc_cli_usage(
		    cli, _("%s does not take one of these options"), a->name);
	else if (a->run == do_graph && cli->format_given)
		mc_cli_usage(cli, _("graph writes DOT, and takes no --format"));
	else if (a->run == do_lint && t->worktree && cli->argc > 1)
		mc_cli_usage(cli, _("lint takes --worktree or a revision"));
	else if (a->run == do_diff && t->worktree && cli->argc > 1 &&
		 strstr(cli->argv[1], "..") != NULL)
		mc_cli_usage(cli,
		    _("diff takes --worktree or two revisions: \"%s\""),
		    cli->argv[1]);
	else
		return a;
	return NULL;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("procedure", about, synopsis, opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT, argc, argv);
	struct tool t = { .cli = &cli };
	struct mc_err err = MC_ERR_INIT, close_err = MC_ERR_INIT;
	const struct action *a;
	int c, rc;

	cli.words = "init list show lint log diff graph impact";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case OPT_ALL:
			t.all = true;
			break;
		case OPT_BY:
			if (take_by(&t, cli.arg) != 0)
				return MC_EXIT_FAIL;
			break;
		case OPT_CASE:
			t.in_case = cli.arg;
			break;
		case OPT_DATE:
			t.date = cli.arg;
			break;
		case OPT_LOAD:
			t.load = true;
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
	t.second = cli.argc > 2 ? cli.argv[2] : NULL;

	/* Nothing is held above this line. */
	split_rules(&t);
	rc = a->run(&t, &err);
	if (strcmp(err.id, "E_RULES") == 0 && strcmp(t.repo, ".") == 0 &&
	    (a->takes & T_RULES) != 0)
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
	mc_repo_free(t.git);
	mc_db_close(t.db);
	mc_impact_free(t.impact);
	mc_store_close(t.store);
	free(t.last);
	free(t.repo);
	return rc;
}
