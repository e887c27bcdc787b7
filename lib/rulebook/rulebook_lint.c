/* rulebook_lint.c - every problem of a rulebook, file by file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/json.h>
#include <motcua/map.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "rulebook_lint_internal.h"

#define ROLES_BUDGET INT64_C(50000000) /* units looked at, in all */

/* The first error of a file is told, whatever came before it. */
static bool
worth_telling(const struct lint *l, const char *id)
{
	return l->told < MC_LINT_MAX ||
	       (!l->failed && strncmp(id, "W_", 2) != 0);
}

void
mc_lint_advised(void *arg, const struct mc_err *finding)
{
	struct lint *l = arg;
	struct mc_err e = *finding;
	const char *advice;
	char file[sizeof(e.where)];

	if (!worth_telling(l, e.id)) {
		if (l->told++ > MC_LINT_MAX)
			return;
		memcpy(file, e.where, sizeof(file));
		file[strcspn(file, ":")] = '\0';
		mc_err(&e, MC_EDATA, "W_MORE",
		    "more than %d findings; the others are not listed",
		    MC_LINT_MAX);
		mc_err_at(&e, file, 0, 0);
	}
	l->failed = l->failed || strncmp(e.id, "W_", 2) != 0;
	l->told++;
	advice = mc_rulebook_advice(e.id);
	if (e.advice[0] == '\0' && advice != NULL)
		mc_err_advise(&e, "%s", advice);
	l->found(l->arg, &e);
}

void
mc_lint_report(struct lint *l, const char *path, struct mc_str text,
    const char *at, const char *id, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	int64_t line = 0, column = 0;
	char msg[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", msg);
	if (at != NULL && worth_telling(l, id))
		mc_json_place(text, at, &line, &column);
	mc_err_at(&e, path, line, column);
	mc_lint_advised(l, &e);
}

void
mc_lint_pass_on(struct lint *l, const char *path, struct mc_err *e)
{
	mc_err_at(e, path, 0, 0);
	mc_lint_advised(l, e);
	mc_err_clear(e);
}

int
mc_lint_read(struct lint *l, const struct mc_repo_entry *e, struct mc_buf *out,
    struct mc_err *err)
{
	mc_buf_reset(out);
	mc_buf_puts(out, "");
	return mc_repo_read(l->repo, l->tree, e, out, err);
}

bool
mc_lint_has_calendar(const struct lint *l, const char *name)
{
	struct mc_buf path = { 0 };
	bool found;

	mc_buf_printf(&path, "calendars/%s.json", name);
	found = mc_repo_tree_find(l->tree, path.p) != NULL;
	mc_buf_free(&path);
	return found;
}

/* ---- single files ---- */

/* The member's path goes on with `name`, whose own '/' are escaped. */
static void
go_down(struct mc_buf *path, const char *name)
{
	mc_buf_puts(path, path->len > 0 ? "/" : "");
	for (; *name != '\0'; name++)
		if (*name == '/' || *name == '~')
			mc_buf_puts(path, *name == '/' ? "~1" : "~0");
		else
			mc_buf_putc(path, *name);
}

/* Every text of a document; depth is bounded by MC_JSON_DEPTH. */
static void
walk_texts(struct lint *l, const char *path, struct mc_str text,
    const struct mc_json *v, struct mc_buf *at)
{
	enum mc_json_type type = mc_json_type(v);
	struct mc_buf scratch = { 0 };
	const struct mc_json *part;
	const char *name = mc_json_str(v);
	size_t i, before = at->len;
	char index[24];

	if (name != NULL &&
	    !mc_str_same(mc_text_clean(mc_str(name), &scratch), mc_str(name)))
		mc_lint_report(l, path, text, at->p, "E_NFC",
		    "the text is not in Unicode form NFC, or has invisible "
		    "characters or space at its ends");
	mc_buf_free(&scratch);
	if (type != MC_JSON_OBJECT && type != MC_JSON_ARRAY)
		return;
	for (i = 0; i < mc_json_count(v); i++) {
		snprintf(index, sizeof(index), "%zu", i);
		name = index;
		part = type == MC_JSON_ARRAY ? mc_json_at(v, i)
					     : mc_json_member(v, i, &name);
		go_down(at, name);
		walk_texts(l, path, text, part, at);
		at->len = before;
		at->p[before] = '\0';
	}
}

static void
lint_texts(struct lint *l, const char *path, struct mc_str text,
    const struct mc_json *doc)
{
	struct mc_buf at = { 0 };

	mc_buf_puts(&at, "");
	walk_texts(l, path, text, doc, &at);
	mc_buf_free(&at);
}

static void
lint_config(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_rulebook_config c;
	struct mc_err e = MC_ERR_INIT;
	struct mc_json *doc;

	if (mc_json_parse(&doc, path, text, &e) == 0)
		lint_texts(l, path, text, doc);
	mc_json_free(doc);
	mc_err_clear(&e);
	if (mc_rulebook_config_read(&c, text, &e) == -1) {
		mc_lint_pass_on(l, path, &e);
		return;
	}
	if (!mc_lint_has_calendar(l, c.calendar))
		mc_lint_report(l, path, text, "calendar", "E_CALENDAR",
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
		mc_lint_report(l, path, text, "known_until", "W_HORIZON",
		    "it is not said until when the calendar is known");
	else if (until < l->today + MC_RULEBOOK_HORIZON)
		mc_lint_report(l, path, text, "known_until", "W_HORIZON",
		    "the calendar is known until %s only", s);
}

struct tally {
	struct mc_err first;
	int n;
};

static void
count_finding(void *arg, const struct mc_err *finding)
{
	struct tally *t = arg;

	if (t->n++ == 0)
		t->first = *finding;
}

/*
 * Each place costs a walk through the text; of a calendar with thousands of
 * faults none is worth one.
 */
static void
lint_days(struct lint *l, const char *path, struct mc_str text,
    const struct mc_json *doc)
{
	struct tally t = { MC_ERR_INIT, 0 };

	mc_calendar_lint(
	    path, doc, MC_STR(""), l->config.zone, count_finding, &t);
	if (t.n <= MC_LINT_MAX) {
		mc_calendar_lint(
		    path, doc, text, l->config.zone, mc_lint_advised, l);
		return;
	}
	snprintf(t.first.where, sizeof(t.first.where), "%s", path);
	mc_lint_pass_on(l, path, &t.first);
	mc_lint_report(l, path, text, NULL, "W_MORE",
	    "%d findings; only the first is listed", t.n);
}

static void
lint_calendar(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_json *doc;

	if (mc_json_parse(&doc, path, text, &e) == -1) {
		mc_lint_pass_on(l, path, &e);
		return;
	}
	if (l->config.zone != NULL)
		lint_days(l, path, text, doc);
	lint_horizon(l, path, doc, text);
	lint_texts(l, path, text, doc);
	mc_json_free(doc);
}

static void
lint_map(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_map *map;

	if (mc_map_parse(&map, path, text, &e) == -1)
		mc_lint_pass_on(l, path, &e);
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
		mc_lint_advised(l, finding);
}

/* Tables line by line: what is in them may be nobody's business here. */
static void
lint_lines(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_buf scratch = { 0 };
	struct mc_err e = MC_ERR_INIT;
	struct mc_str line, clean;
	int64_t n = 0;
	size_t i;

	if (mc_utf8_check(text.p, text.len) != text.len)
		return; /* said already */
	if (text.len >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		text = (struct mc_str){ text.p + 3, text.len - 3 };
	while (text.len > 0) {
		n++;
		if (!mc_str_split(text, '\n', &line, &text)) {
			line = text;
			text.len = 0;
		}
		line = mc_str_trim(line);
		clean = mc_text_clean(line, &scratch);
		if (mc_str_same(clean, line))
			continue;
		for (i = 0; i < clean.len && i < line.len; i++)
			if (clean.p[i] != line.p[i])
				break;
		mc_err(&e, MC_EDATA, "E_NFC",
		    "a text is not in Unicode form NFC, or has invisible "
		    "characters");
		mc_err_at(&e, path, n, (int64_t)i + 1);
		mc_lint_advised(l, &e);
	}
	mc_buf_free(&scratch);
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

	if (other != NULL && mc_lint_read(l, other, &b, &e) == -1)
		mc_buf_reset(&b);
	second = (struct mc_str){ mc_buf_str(&b), b.len };
	l->only = path;
	mc_units_lint(MC_RULEBOOK_UNITS, officers ? second : text,
	    MC_RULEBOOK_OFFICERS, officers ? text : second, of_this_file, l);
	mc_buf_free(&b);
	lint_lines(l, path, text);
	for (i = 0;
	     !officers && l->units != NULL && i < mc_units_count(l->units);
	     i++) {
		u = mc_units_at(l->units, i);
		if (u->calendar != NULL &&
		    !mc_lint_has_calendar(l, u->calendar))
			mc_lint_report(l, path, text, NULL, "E_CALENDAR",
			    "the unit \"%s\" has the unknown calendar \"%s\"",
			    u->code, u->calendar);
	}
}

static void
lint_absences(struct lint *l, const char *path, struct mc_str text)
{
	if (l->units != NULL)
		mc_units_lint_absences(
		    l->units, path, text, mc_lint_advised, l);
	lint_lines(l, path, text);
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

	l->told = 0;
	l->failed = false;
	if (strcmp(e->path, MC_RULEBOOK_FILE) == 0)
		lint = lint_config;
	else if (strcmp(e->path, MC_RULEBOOK_UNITS) == 0 ||
		 strcmp(e->path, MC_RULEBOOK_OFFICERS) == 0)
		lint = lint_tables;
	else if (strcmp(e->path, MC_RULEBOOK_ABSENCES) == 0)
		lint = lint_absences;
	else if (mc_rulebook_procedure_path(mc_str(e->path), &code, &when))
		lint = mc_lint_procedure;
	else if (mc_rulebook_stem(e->path, "calendars").len > 0)
		lint = lint_calendar;
	else if (mc_rulebook_stem(e->path, "maps").len > 0)
		lint = lint_map;
	if (lint == NULL) {
		if (!harmless(e->path))
			mc_lint_report(l, e->path, (struct mc_str){ NULL, 0 },
			    NULL, "W_FILE", "such a file means nothing here");
		return;
	}
	if (mc_lint_read(l, e, b, &err) == -1) {
		mc_lint_pass_on(l, e->path, &err);
		return;
	}
	text = (struct mc_str){ mc_buf_str(b), b->len };
	lint(l, e->path, text);
}

static void
need_file(struct lint *l, const char *path, const char *id)
{
	if (mc_repo_tree_find(l->tree, path) == NULL)
		mc_lint_report(l, path, (struct mc_str){ NULL, 0 }, NULL, id,
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
	if (c != NULL && mc_lint_read(l, c, &a, &ignored) == 0 &&
	    mc_rulebook_config_read(
		&l->config, (struct mc_str){ a.p, a.len }, &ignored) == -1)
		l->config.zone = NULL;
	mc_buf_reset(&a);
	if (u != NULL && mc_lint_read(l, u, &a, &ignored) == 0 &&
	    (o == NULL || mc_lint_read(l, o, &b, &ignored) == 0) &&
	    mc_units_new(&l->units, MC_RULEBOOK_UNITS,
		(struct mc_str){ a.p, a.len }, MC_RULEBOOK_OFFICERS,
		(struct mc_str){ b.p, b.len }, &ignored) == -1)
		l->units = NULL;
	mc_buf_free(&a);
	mc_buf_free(&b);
}

static int
open_tree(struct lint *l, const struct mc_rulebook_at *at, struct mc_err *err)
{
	char commit[MC_OID_HEX];

	l->repo = at->repo;
	if (at->rev == NULL)
		return mc_repo_worktree(at->path, &l->tree, err);
	if (mc_repo_resolve(at->repo, at->rev, commit, err) == -1)
		return -1;
	return mc_repo_tree(at->repo, commit, &l->tree, err);
}

static void
release(struct lint *l)
{
	size_t i;

	for (i = 0; i < l->met.n; i++)
		free(l->met.p[i].code);
	for (i = 0; i < l->nominal.n; i++)
		free(l->nominal.p[i].name);
	mc_vec_free(&l->met);
	mc_vec_free(&l->nominal);
	mc_rulebook_families_free(l->families);
	mc_units_free(l->units);
	mc_rulebook_config_free(&l->config);
	mc_repo_tree_free(l->tree);
}

int
mc_rulebook_lint(const struct mc_rulebook_at *at, int32_t today,
    void (*found)(void *arg, const struct mc_err *finding), void *arg,
    struct mc_err *err)
{
	struct lint l = { .found = found,
		.arg = arg,
		.today = today,
		.budget = ROLES_BUDGET };
	struct mc_err e = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	size_t i;
	int rc = open_tree(&l, at, &e);

	if (rc == -1 && strcmp(e.id, "E_TREE") == 0) {
		mc_lint_advised(&l, &e);
		rc = 0;
	} else if (rc == -1) {
		*err = e;
	} else {
		prepare(&l);
		need_file(&l, MC_RULEBOOK_FILE, "E_RULES");
		need_file(&l, MC_RULEBOOK_UNITS, "E_RULES");
		for (i = 0; i < l.tree->n; i++)
			lint_file(&l, &l.tree->entry[i], &b);
	}
	mc_buf_free(&b);
	release(&l);
	return rc;
}
