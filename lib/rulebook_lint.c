/* rulebook_lint.c - every problem of a rulebook, file by file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/map.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "rulebook_internal.h"

/* A version met so far. */
struct met {
	char *code;
	const char *path; /* borrowed from the tree */
	int32_t from, to;
};

struct lint {
	struct mc_repo *repo; /* NULL for a work tree */
	struct mc_repo_tree *tree;
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
	int32_t today;
	struct mc_rulebook_config config; /* zone NULL: not usable */
	struct mc_units *units;           /* NULL: not usable */
	const char *only; /* of two files judged together: findings of this */
	MC_VEC(struct met) met;
};

static void MC_PRINTF(6, 7) report(struct lint *l, const char *path,
    struct mc_str text, const char *at, const char *id, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	int64_t line = 0, column = 0;
	char msg[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", msg);
	if (at != NULL)
		mc_json_place(text, at, &line, &column);
	mc_err_at(&e, path, line, column);
	l->found(l->arg, &e);
}

static void
pass_on(struct lint *l, const char *path, struct mc_err *e)
{
	mc_err_at(e, path, 0, 0);
	l->found(l->arg, e);
	mc_err_clear(e);
}

static int
read_file(struct lint *l, const struct mc_repo_entry *e, struct mc_buf *out,
    struct mc_err *err)
{
	mc_buf_reset(out);
	mc_buf_puts(out, "");
	return mc_repo_read(l->repo, l->tree, e, out, err);
}

static bool
has_calendar(const struct lint *l, const char *name)
{
	struct mc_buf path = { 0 };
	bool found;

	mc_buf_printf(&path, "calendars/%s.json", name);
	found = mc_repo_tree_find(l->tree, path.p) != NULL;
	mc_buf_free(&path);
	return found;
}

/* ---- single files ---- */

static void
lint_config(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_rulebook_config c;
	struct mc_err e = MC_ERR_INIT;

	if (mc_rulebook_config_read(&c, text, &e) == -1) {
		pass_on(l, path, &e);
		return;
	}
	if (!has_calendar(l, c.calendar))
		report(l, path, text, "calendar", "E_CALENDAR",
		    "there is no calendar \"%s\"", c.calendar);
	mc_rulebook_config_free(&c);
}

static void
lint_horizon(struct lint *l, const char *path, const struct mc_json *doc,
    struct mc_str text)
{
	const char *s = mc_json_str(mc_json_get(doc, "known_until"));
	int32_t until = s != NULL ? mc_day_parse(mc_str(s)) : MC_NODAY;

	if (l->today == MC_NODAY)
		return;
	if (until == MC_NODAY)
		report(l, path, text, "known_until", "W_HORIZON",
		    "it is not said until when the calendar is known");
	else if (until < l->today + MC_RULEBOOK_HORIZON)
		report(l, path, text, "known_until", "W_HORIZON",
		    "the calendar is known until %s only", s);
}

static void
lint_calendar(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_json *doc;

	if (mc_json_parse(&doc, path, text, &e) == -1) {
		pass_on(l, path, &e);
		return;
	}
	if (l->config.zone != NULL)
		mc_calendar_lint(
		    path, doc, text, l->config.zone, l->found, l->arg);
	lint_horizon(l, path, doc, text);
	mc_json_free(doc);
}

static void
lint_map(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_map *map;

	if (mc_map_parse(&map, path, text, &e) == -1)
		pass_on(l, path, &e);
	else
		mc_map_free(map);
}

/* The two tables are judged together, and reported apart. */
static void
of_this_file(void *arg, const struct mc_err *finding)
{
	struct lint *l = arg;
	size_t n = strlen(l->only);

	if (strncmp(finding->where, l->only, n) == 0 &&
	    (finding->where[n] == ':' || finding->where[n] == '\0'))
		l->found(l->arg, finding);
}

static void
lint_tables(struct lint *l, const char *path, struct mc_str text)
{
	bool officers = strcmp(path, MC_RULEBOOK_OFFICERS) == 0;
	const struct mc_repo_entry *other = mc_repo_tree_find(
	    l->tree, officers ? MC_RULEBOOK_UNITS : MC_RULEBOOK_OFFICERS);
	const struct mc_unit *u;
	struct mc_buf b = { 0 };
	struct mc_err e = MC_ERR_INIT;
	struct mc_str second;
	int i;

	if (other != NULL && read_file(l, other, &b, &e) == -1)
		mc_buf_reset(&b);
	second = (struct mc_str){ mc_buf_str(&b), b.len };
	l->only = path;
	mc_units_lint(MC_RULEBOOK_UNITS, officers ? second : text,
	    MC_RULEBOOK_OFFICERS, officers ? text : second, of_this_file, l);
	mc_buf_free(&b);
	for (i = 0;
	     !officers && l->units != NULL && i < mc_units_count(l->units);
	     i++) {
		u = mc_units_at(l->units, i);
		if (u->calendar != NULL && !has_calendar(l, u->calendar))
			report(l, path, text, NULL, "E_CALENDAR",
			    "the unit \"%s\" has the unknown calendar \"%s\"",
			    u->code, u->calendar);
	}
}

/* ---- procedures ---- */

static void
check_name(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	struct mc_str code, when;
	int32_t day;

	if (!mc_rulebook_procedure_path(mc_str(path), &code, &when))
		return;
	if (!mc_str_is(code, p->code))
		report(l, path, text, "code", "E_NAME",
		    "the file is named after \"%.*s\", the code is \"%s\"",
		    (int)code.len, code.p, p->code);
	day = mc_day_parse(when);
	if (when.p != NULL && day != p->effective_from)
		report(l, path, text, "effective_from", "E_NAME",
		    "the file is named after the day \"%.*s\", in force "
		    "is it from another",
		    (int)when.len, when.p);
}

static void
check_steps(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	const struct mc_step *s;
	char at[64];
	int i;

	for (i = 0; l->units != NULL && i < p->steps; i++) {
		s = &p->step[i];
		snprintf(at, sizeof(at), "steps/%d/role", i);
		if (s->role != NULL && !mc_units_role_known(l->units, s->role))
			report(l, path, text, at, "W_ROLE",
			    "no unit has the role \"%s\"", s->role);
		snprintf(at, sizeof(at), "steps/%d/unit", i);
		if (s->unit != NULL && s->unit[0] != '@' &&
		    mc_unit_find(
			l->units, mc_str(s->unit), p->effective_from) == NULL)
			report(l, path, text, at, "E_UNIT",
			    "there is no unit \"%s\"", s->unit);
	}
}

/*
 * A later version ends an open earlier one; but two that both begin on one
 * day, or an end that lies after the next beginning, contradict each other.
 */
static void
check_overlap(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	struct met me = { mc_strdup(p->code), path, p->effective_from,
		p->effective_to };
	const struct met *a, *b;
	size_t i;

	for (i = 0; i < l->met.n; i++) {
		if (strcmp(l->met.p[i].code, me.code) != 0)
			continue;
		a = l->met.p[i].from <= me.from ? &l->met.p[i] : &me;
		b = a == &me ? &l->met.p[i] : &me;
		if (a->from == b->from ||
		    (a->to != MC_NODAY && a->to >= b->from))
			report(l, path, text, "effective_from", "E_OVERLAP",
			    "it is in force at the same time as \"%s\"",
			    l->met.p[i].path);
	}
	mc_vec_push(&l->met, me);
}

static void
lint_procedure(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_procedure *p;

	mc_procedure_lint(path, text, l->found, l->arg);
	if (mc_procedure_parse(&p, path, text, &e) == -1)
		return; /* what is wrong has been said */
	check_name(l, path, text, p);
	if (p->calendar != NULL && !has_calendar(l, p->calendar))
		report(l, path, text, "calendar", "E_CALENDAR",
		    "there is no calendar \"%s\"", p->calendar);
	check_steps(l, path, text, p);
	check_overlap(l, path, text, p);
	mc_procedure_free(p);
}

/* ---- the whole ---- */

static bool
harmless(const char *path)
{
	static const char *const names[] = { "README", "LICENSE", "COPYING",
		"CHANGES", ".gitignore", ".gitattributes", ".mailmap" };
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		if (strncmp(path, names[i], n) == 0 &&
		    (path[n] == '\0' || path[n] == '.') &&
		    strchr(path, '/') == NULL)
			return true;
	}
	return false;
}

static void
lint_file(struct lint *l, const struct mc_repo_entry *e, struct mc_buf *b)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str code, when, text;
	void (*lint)(struct lint *, const char *, struct mc_str) = NULL;

	if (strcmp(e->path, MC_RULEBOOK_FILE) == 0)
		lint = lint_config;
	else if (strcmp(e->path, MC_RULEBOOK_UNITS) == 0 ||
		 strcmp(e->path, MC_RULEBOOK_OFFICERS) == 0)
		lint = lint_tables;
	else if (mc_rulebook_procedure_path(mc_str(e->path), &code, &when))
		lint = lint_procedure;
	else if (mc_rulebook_stem(e->path, "calendars").len > 0)
		lint = lint_calendar;
	else if (mc_rulebook_stem(e->path, "maps").len > 0)
		lint = lint_map;
	if (lint == NULL) {
		if (!harmless(e->path))
			report(l, e->path, (struct mc_str){ NULL, 0 }, NULL,
			    "W_FILE", "such a file means nothing here");
		return;
	}
	if (read_file(l, e, b, &err) == -1) {
		pass_on(l, e->path, &err);
		return;
	}
	text = (struct mc_str){ mc_buf_str(b), b->len };
	lint(l, e->path, text);
}

static void
need_file(struct lint *l, const char *path, const char *id)
{
	if (mc_repo_tree_find(l->tree, path) == NULL)
		report(l, path, (struct mc_str){ NULL, 0 }, NULL, id,
		    "there is no such file");
}

/* What other files are held against: quietly, their turn comes. */
static void
prepare(struct lint *l)
{
	const struct mc_repo_entry *c, *u, *o;
	struct mc_buf a = { 0 }, b = { 0 };
	struct mc_err ignored = MC_ERR_INIT;

	c = mc_repo_tree_find(l->tree, MC_RULEBOOK_FILE);
	u = mc_repo_tree_find(l->tree, MC_RULEBOOK_UNITS);
	o = mc_repo_tree_find(l->tree, MC_RULEBOOK_OFFICERS);
	if (c != NULL && read_file(l, c, &a, &ignored) == 0 &&
	    mc_rulebook_config_read(
		&l->config, (struct mc_str){ a.p, a.len }, &ignored) == -1)
		l->config.zone = NULL;
	mc_buf_reset(&a);
	if (u != NULL && read_file(l, u, &a, &ignored) == 0 &&
	    (o == NULL || read_file(l, o, &b, &ignored) == 0) &&
	    mc_units_new(&l->units, MC_RULEBOOK_UNITS,
		(struct mc_str){ a.p, a.len }, MC_RULEBOOK_OFFICERS,
		(struct mc_str){ b.p, b.len }, &ignored) == -1)
		l->units = NULL;
	mc_buf_free(&a);
	mc_buf_free(&b);
}

static int
open_tree(struct lint *l, const char *repo, const char *rev, struct mc_err *err)
{
	char commit[MC_OID_HEX];

	if (rev == NULL)
		return mc_repo_worktree(repo, &l->tree, err);
	if (mc_repo_open(&l->repo, repo, err) == -1 ||
	    mc_repo_resolve(l->repo, rev, commit, err) == -1)
		return -1;
	return mc_repo_tree(l->repo, commit, &l->tree, err);
}

int
mc_rulebook_lint(const char *repo, const char *rev, int32_t today,
    void (*found)(void *arg, const struct mc_err *finding), void *arg,
    struct mc_err *err)
{
	struct lint l = { .found = found, .arg = arg, .today = today };
	struct mc_err e = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	size_t i;
	int rc = open_tree(&l, repo, rev, &e);

	if (rc == -1 && strcmp(e.id, "E_TREE") == 0) {
		found(arg, &e);
		rc = 0;
	} else if (rc == -1) {
		*err = e;
	} else {
		prepare(&l);
		need_file(&l, MC_RULEBOOK_FILE, "E_RULES");
		need_file(&l, MC_RULEBOOK_UNITS, "E_UNIT");
		for (i = 0; i < l.tree->n; i++)
			lint_file(&l, &l.tree->entry[i], &b);
	}
	for (i = 0; i < l.met.n; i++)
		free(l.met.p[i].code);
	mc_vec_free(&l.met);
	mc_buf_free(&b);
	mc_units_free(l.units);
	mc_rulebook_config_free(&l.config);
	mc_repo_tree_free(l.tree);
	mc_repo_free(l.repo);
	return rc;
}

/* ---- what is new ---- */

struct known {
	MC_VEC(char *) key; /* of the base's findings, sorted */
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
};

/* A finding without its line and column, which move with every edit. */
static char *
key_of(const struct mc_err *finding)
{
	struct mc_buf b = { 0 };
	size_t n = strcspn(finding->where, ":");

	mc_buf_printf(&b, "%.*s:%s:%s", (int)n, finding->where, finding->id,
	    finding->msg);
	return mc_buf_detach(&b);
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static void
remember(void *arg, const struct mc_err *finding)
{
	struct known *k = arg;
	char *key = key_of(finding);

	mc_vec_push(&k->key, key);
}

static void
if_new(void *arg, const struct mc_err *finding)
{
	struct known *k = arg;
	char *key = key_of(finding);

	if (k->key.n == 0 || bsearch(&key, k->key.p, k->key.n,
				 sizeof(*k->key.p), by_text) == NULL)
		k->found(k->arg, finding);
	free(key);
}

int
mc_rulebook_lint_new(const char *repo, const char *base, const char *rev,
    int32_t today, void (*found)(void *arg, const struct mc_err *finding),
    void *arg, struct mc_err *err)
{
	struct known k = { .found = found, .arg = arg };
	size_t i;
	int rc;

	rc = mc_rulebook_lint(repo, base, today, remember, &k, err);
	if (k.key.n > 1)
		qsort(k.key.p, k.key.n, sizeof(*k.key.p), by_text);
	if (rc == 0)
		rc = mc_rulebook_lint(repo, rev, today, if_new, &k, err);
	for (i = 0; i < k.key.n; i++)
		free(k.key.p[i]);
	mc_vec_free(&k.key);
	return rc;
}
