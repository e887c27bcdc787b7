/* rulebook_diff.c - two revisions of a rulebook, compared by their meaning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/json.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "rulebook_internal.h"

#define COLUMNS 64   /* of a table that are compared */
#define RUN_MAX 1000 /* of one code; where there are more, all are new */

/* One of the two trees. */
struct side {
	const struct mc_rulebook_at *at;
	struct mc_repo_tree *tree;
};

/* A procedure's file. */
struct file {
	const struct mc_repo_entry *entry;
	struct mc_str code;
	struct mc_json *doc;
	int32_t from;
	struct file *other; /* the same version on the other side */
};
struct files {
	MC_VEC(struct file) v; /* by code, then by path */
};

struct diff {
	struct side old, new;
	mc_rulebook_change_fn *change;
	void *arg;
	struct mc_err *err;
	struct mc_rulebook_change now; /* file, old_file and code are set */
};

static void
tell(void *arg, const struct mc_change *c)
{
	struct diff *d = arg;

	d->now.change = *c;
	d->change(d->arg, &d->now);
}

static void MC_PRINTF(3, 4)
    say(struct diff *d, enum mc_change_kind kind, const char *fmt, ...)
{
	struct mc_change c = { .kind = kind, .path = "" };
	struct mc_buf b = { 0 };
	char words[2400]; /* a path and more */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	/* The buffer may have cut a character in two. */
	mc_text_safe(&b, words, strlen(words));
	c.words = mc_buf_str(&b);
	tell(d, &c);
	mc_buf_free(&b);
}

/* ---- reading ---- */

static int
open_side(struct side *s, const struct mc_rulebook_at *at, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	char commit[MC_OID_HEX];
	size_t i;
	int rc;

	s->at = at;
	if (at->rev != NULL) {
		rc = mc_repo_resolve(at->repo, at->rev, commit, err);
		return rc == -1 ? -1
				: mc_repo_tree(at->repo, commit, &s->tree, err);
	}
	rc = mc_repo_worktree(at->path, &s->tree, err);
	for (i = 0; rc == 0 && i < s->tree->n; i++) {
		mc_buf_reset(&b);
		rc = mc_repo_read(
		    at->repo, s->tree, &s->tree->entry[i], &b, err);
		if (rc == 0)
			mc_repo_blob_id(
			    (struct mc_str){ mc_buf_str(&b), b.len },
			    s->tree->entry[i].blob);
	}
	mc_buf_free(&b);
	return rc;
}

/* "main~2:units.csv", as git writes it; a file on disk by its path. */
static void
name_of(struct mc_buf *b, const struct side *s, const struct mc_repo_entry *e)
{
	mc_buf_reset(b);
	if (s->at->rev != NULL)
		mc_buf_printf(b, "%s:", s->at->rev);
	mc_buf_puts(b, e->path);
}

static int
read_text(struct diff *d, const struct side *s, const struct mc_repo_entry *e,
    struct mc_buf *text)
{
	mc_buf_reset(text);
	mc_buf_puts(text, "");
	return mc_repo_read(s->at->repo, s->tree, e, text, d->err);
}

static int
read_json(struct diff *d, const struct side *s, const struct mc_repo_entry *e,
    struct mc_json **doc)
{
	struct mc_buf text = { 0 }, name = { 0 };
	int rc;

	*doc = NULL;
	name_of(&name, s, e);
	rc = read_text(d, s, e, &text);
	if (rc == 0)
		rc = mc_json_parse(
		    doc, name.p, (struct mc_str){ text.p, text.len }, d->err);
	mc_buf_free(&text);
	mc_buf_free(&name);
	return rc;
}

static bool
same(const struct mc_repo_entry *a, const struct mc_repo_entry *b)
{
	return strcmp(a->blob, b->blob) == 0;
}

/* ---- procedures ---- */

static int
compare_codes(struct mc_str a, struct mc_str b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}

static int
by_code(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int c = compare_codes(x->code, y->code);

	return c != 0 ? c : strcmp(x->entry->path, y->entry->path);
}

static void
list_files(struct files *f, const struct side *s, const char *code)
{
	struct file x = { .from = MC_NODAY };
	struct mc_str when;
	size_t i;

	for (i = 0; i < s->tree->n; i++) {
		x.entry = &s->tree->entry[i];
		if (mc_rulebook_procedure_path(
			mc_str(x.entry->path), &x.code, &when) &&
		    (code == NULL || mc_str_is(x.code, code)))
			mc_vec_push(&f->v, x);
	}
	if (f->v.n > 1)
		qsort(f->v.p, f->v.n, sizeof(*f->v.p), by_code);
}

static void
free_files(struct files *f)
{
	size_t i;

	for (i = 0; i < f->v.n; i++)
		mc_json_free(f->v.p[i].doc);
	mc_vec_free(&f->v);
}

/* The files of one code, from *at on. */
static size_t
run_of(const struct files *f, size_t at, struct mc_str code)
{
	size_t n = 0;

	while (at + n < f->v.n && compare_codes(f->v.p[at + n].code, code) == 0)
		n++;
	return n;
}

static int
read_run(struct diff *d, const struct side *s, struct file *f, size_t n)
{
	const char *from;
	size_t i;

	for (i = 0; i < n; i++) {
		if (read_json(d, s, f[i].entry, &f[i].doc) == -1)
			return -1;
		from = mc_json_str(mc_json_get(f[i].doc, "effective_from"));
		f[i].from =
		    from != NULL ? mc_day_parse(mc_str(from)) : MC_NODAY;
	}
	return 0;
}

static void
pair(struct file *a, struct file *b)
{
	a->other = b;
	b->other = a;
}

/* The same beginning, else the same path, else what is left over. */
static void
pair_versions(struct file *a, size_t n, struct file *b, size_t m)
{
	struct file *left[2] = { NULL, NULL };
	size_t i, k, alone[2] = { 0, 0 };
	int by;

	for (by = 0; by < 2 && n <= RUN_MAX && m <= RUN_MAX; by++)
		for (i = 0; i < n; i++)
			for (k = 0; k < m && a[i].other == NULL; k++)
				if (b[k].other == NULL &&
				    (by == 0 ? a[i].from == b[k].from
					     : strcmp(a[i].entry->path,
						   b[k].entry->path) == 0))
					pair(&a[i], &b[k]);
	for (i = 0; i < n; i++)
		if (a[i].other == NULL) {
			left[0] = &a[i];
			alone[0]++;
		}
	for (k = 0; k < m; k++)
		if (b[k].other == NULL) {
			left[1] = &b[k];
			alone[1]++;
		}
	if (alone[0] == 1 && alone[1] == 1)
		pair(left[0], left[1]);
}

static void
about(struct diff *d, const struct file *old, const struct file *new)
{
	d->now.old_file = old != NULL ? old->entry->path : NULL;
	d->now.file = (new != NULL ? new : old)->entry->path;
}

static void
put_version(struct mc_buf *b, const struct file *f, bool only)
{
	const char *title = mc_json_str(mc_json_get(f->doc, "title"));

	mc_buf_reset(b);
	if (!only) {
		mc_buf_puts(b, "version from ");
		if (f->from != MC_NODAY)
			mc_day_put(b, f->from);
		else
			mc_buf_puts(b, "an unknown day");
		return;
	}
	mc_buf_puts(b, "procedure");
	if (title != NULL)
		mc_buf_printf(b, " \"%.*s\"",
		    (int)mc_utf8_cut(title, strlen(title), 200), title);
}

/* A new version is told by what it changes in the one before it. */
static void
tell_added(struct diff *d, const struct file *f, const struct file *all,
    size_t n, bool only)
{
	const struct file *before = NULL;
	struct mc_buf b = { 0 };
	size_t i;

	about(d, NULL, f);
	put_version(&b, f, only);
	for (i = 0; i < n; i++)
		if (&all[i] != f && all[i].from != MC_NODAY &&
		    all[i].from < f->from &&
		    (before == NULL || all[i].from > before->from))
			before = &all[i];
	if (before == NULL)
		say(d, MC_ADDED, "%s added", b.p);
	else
		say(d, MC_ADDED, "%s added; what it changes in %s:", b.p,
		    before->entry->path);
	if (before != NULL) {
		about(d, before, f);
		mc_diff_documents(
		    before->doc, f->doc, "effective_from", tell, d);
	}
	mc_buf_free(&b);
}

static void
tell_pair(struct diff *d, const struct file *a, const struct file *b)
{
	about(d, a, b);
	if (strcmp(a->entry->path, b->entry->path) != 0)
		say(d, MC_CHANGED, "moved from %s", a->entry->path);
	if (!same(a->entry, b->entry))
		mc_diff_documents(a->doc, b->doc, NULL, tell, d);
}

static int
diff_code(struct diff *d, struct file *a, size_t n, struct file *b, size_t m)
{
	struct mc_buf words = { 0 };
	char *code;
	size_t i;
	bool changed = n != m;

	for (i = 0; i < n && !changed; i++)
		changed = !same(a[i].entry, b[i].entry) ||
			  strcmp(a[i].entry->path, b[i].entry->path) != 0;
	if (!changed)
		return 0;
	if (read_run(d, &d->old, a, n) == -1 ||
	    read_run(d, &d->new, b, m) == -1)
		return -1;
	pair_versions(a, n, b, m);
	code = mc_strndup(
	    n > 0 ? a->code.p : b->code.p, n > 0 ? a->code.len : b->code.len);
	d->now.code = code;
	for (i = 0; i < n; i++) {
		if (a[i].other != NULL)
			continue;
		about(d, &a[i], NULL);
		put_version(&words, &a[i], m == 0);
		say(d, MC_REMOVED, "%s removed", words.p);
	}
	for (i = 0; i < m; i++)
		if (b[i].other != NULL)
			tell_pair(d, b[i].other, &b[i]);
		else
			tell_added(d, &b[i], b, m, n == 0);
	d->now.code = NULL;
	free(code);
	mc_buf_free(&words);
	return 0;
}

static int
diff_procedures(struct diff *d, const char *code)
{
	struct files a = { { 0 } }, b = { { 0 } };
	size_t i = 0, k = 0, n, m;
	int c, rc = 0;

	list_files(&a, &d->old, code);
	list_files(&b, &d->new, code);
	while (rc == 0 && (i < a.v.n || k < b.v.n)) {
		c = i == a.v.n   ? 1
		    : k == b.v.n ? -1
				 : compare_codes(a.v.p[i].code, b.v.p[k].code);
		n = c <= 0 ? run_of(&a, i, a.v.p[i].code) : 0;
		m = c >= 0 ? run_of(&b, k, b.v.p[k].code) : 0;
		rc = diff_code(d, a.v.p + i, n, b.v.p + k, m);
		i += n;
		k += m;
	}
	if (rc == 0 && code != NULL && a.v.n + b.v.n == 0)
		rc = mc_err(d->err, MC_ENOTFOUND, "E_PROCEDURE",
		    "neither revision has a procedure \"%s\"", code);
	free_files(&a);
	free_files(&b);
	return rc;
}

/* ---- tables ---- */

struct line {
	struct mc_str key; /* code or id */
	struct mc_str field[COLUMNS];
	size_t n, at;
	bool matched;
	struct line *other;
};
struct table {
	struct mc_buf text; /* all fields, one after the other */
	char *head[COLUMNS];
	size_t columns;
	MC_VEC(struct line) line;
};

static void
free_table(struct table *t)
{
	size_t i;

	for (i = 0; i < t->columns; i++)
		free(t->head[i]);
	mc_vec_free(&t->line);
	mc_buf_free(&t->text);
}

/* Fields are kept as offsets first, since the text still moves. */
static void
take_row(struct table *t, const struct mc_row *row)
{
	struct line l = { .at = t->line.n };
	struct mc_str s;
	size_t i;

	if (t->columns == 0) {
		for (i = 0; i < row->n && i < COLUMNS; i++) {
			s = row->field[i];
			t->head[i] = mc_strndup(s.len > 0 ? s.p : "", s.len);
		}
		t->columns = i;
		return;
	}
	for (i = 0; i < row->n && i < t->columns; i++) {
		s = mc_str_trim(row->field[i]);
		l.field[i] = (struct mc_str){ NULL, s.len };
		mc_buf_add(&t->text, s.len > 0 ? s.p : "", s.len);
	}
	l.n = i;
	mc_vec_push(&t->line, l);
}

static int
by_key(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int c = compare_codes(x->key, y->key);

	return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

static int
read_table(
    struct diff *d, const struct side *s, const char *path, struct table *t)
{
	const struct mc_repo_entry *e = mc_repo_tree_find(s->tree, path);
	struct mc_buf text = { 0 }, name = { 0 };
	struct mc_csv *csv;
	struct mc_row row;
	size_t i, k, at = 0;
	bool fatal;
	int rc = 0;

	if (e == NULL)
		return 0;
	if (read_text(d, s, e, &text) == -1) {
		mc_buf_free(&text);
		return -1;
	}
	name_of(&name, s, e);
	csv = mc_csv_new(
	    mc_source_memory(name.p, mc_buf_str(&text), text.len), ',');
	mc_buf_puts(&t->text, "");
	while ((rc = mc_csv_next(csv, &row, true, &fatal, d->err)) == 1)
		take_row(t, &row);
	mc_csv_free(csv);
	mc_buf_free(&text);
	mc_buf_free(&name);
	for (i = 0; i < t->line.n; i++) {
		for (k = 0; k < t->line.p[i].n; k++) {
			t->line.p[i].field[k].p = t->text.p + at;
			at += t->line.p[i].field[k].len;
		}
		t->line.p[i].key = t->line.p[i].field[0];
	}
	if (t->line.n > 1)
		qsort(t->line.p, t->line.n, sizeof(*t->line.p), by_key);
	return rc;
}

/* The field under that heading; empty where there is none. */
static struct mc_str
under(const struct table *t, const struct line *l, const char *head)
{
	size_t i;

	for (i = 0; i < t->columns && i < l->n; i++)
		if (strcmp(t->head[i], head) == 0)
			return l->field[i];
	return MC_STR("");
}

static size_t
run_of_key(const struct table *t, size_t at)
{
	size_t n = 1;

	while (at + n < t->line.n &&
	       mc_str_same(t->line.p[at + n].key, t->line.p[at].key))
		n++;
	return n;
}

static bool
is_absences(const char *path)
{
	return strcmp(path, MC_RULEBOOK_ABSENCES) == 0;
}

/* The day on which what a line says begins. */
static struct mc_str
since(const struct table *t, const struct line *l)
{
	struct mc_str from = under(t, l, "valid_from");

	return from.len > 0 ? from : under(t, l, "from");
}

static bool
personal(const char *path, const char *head)
{
	return (strcmp(path, MC_RULEBOOK_OFFICERS) == 0 &&
		   strcmp(head, "name") == 0) ||
	       (is_absences(path) && strcmp(head, "reason") == 0);
}

static void
put_line_json(struct mc_buf *b, const char *path, const struct table *t,
    const struct line *l)
{
	struct mc_str s;
	size_t i;

	mc_buf_putc(b, '{');
	for (i = 0; i < l->n; i++) {
		if (personal(path, t->head[i]))
			continue;
		s = l->field[i];
		mc_buf_puts(b, b->len > 1 ? "," : "");
		mc_json_quote(b, t->head[i], strlen(t->head[i]));
		mc_buf_putc(b, ':');
		mc_json_quote(b, s.p, s.len);
	}
	mc_buf_putc(b, '}');
}

/* What a person calls a line: unit "H42.05" (Sở Tư pháp), officer "an". */
static void
put_line(struct mc_buf *b, const char *path, const struct table *t,
    const struct line *l, bool many)
{
	bool officer = strcmp(path, MC_RULEBOOK_OFFICERS) == 0;
	struct mc_str name = under(t, l, "name"), from = since(t, l);

	mc_buf_printf(b, "%s \"%.*s\"",
	    officer             ? "officer"
	    : is_absences(path) ? "absence of"
				: "unit",
	    (int)l->key.len, l->key.p);
	if (many && from.len > 0)
		mc_buf_printf(b, " from %.*s", (int)from.len, from.p);
	if (!officer && name.len > 0)
		mc_buf_printf(b, " (%.*s)", (int)name.len, name.p);
}

static void
put_path(
    struct mc_buf *b, const struct table *t, const struct line *l, bool many)
{
	struct mc_str from = since(t, l);

	mc_buf_reset(b);
	mc_buf_add(b, l->key.p, l->key.len);
	if (many && from.len > 0)
		mc_buf_printf(b, "@%.*s", (int)from.len, from.p);
}

static void
tell_line(struct diff *d, const char *path, const struct table *t,
    const struct line *l, bool many, bool added)
{
	struct mc_buf words = { 0 }, json = { 0 }, at = { 0 };
	struct mc_change c = { .kind = added ? MC_ADDED : MC_REMOVED };

	put_line(&words, path, t, l, many);
	mc_buf_puts(&words, added ? " added" : " removed");
	put_line_json(&json, path, t, l);
	put_path(&at, t, l, many);
	c.path = at.p;
	c.words = words.p;
	c.old = added ? NULL : json.p;
	c.new = added ? json.p : NULL;
	tell(d, &c);
	mc_buf_free(&words);
	mc_buf_free(&json);
	mc_buf_free(&at);
}

static void
tell_field(struct diff *d, const char *path, const char *head,
    const struct mc_buf *at, const struct mc_buf *who, struct mc_str old,
    struct mc_str new)
{
	struct mc_buf words = { 0 }, a = { 0 }, b = { 0 }, p = { 0 };
	struct mc_change c = { .kind = MC_CHANGED };

	mc_buf_printf(&p, "%s/%s", at->p, head);
	mc_buf_printf(&words, "%s: %s ", who->p, head);
	if (personal(path, head)) {
		mc_buf_puts(&words, "changed");
	} else {
		mc_json_quote(&a, old.p, old.len);
		mc_json_quote(&b, new.p, new.len);
		c.old = a.p;
		c.new = b.p;
		mc_buf_printf(&words, "%.*s → %.*s",
		    old.len > 0 ? (int)old.len : 4,
		    old.len > 0 ? old.p : "none",
		    new.len > 0 ? (int)new.len : 4,
		    new.len > 0 ? new.p : "none");
	}
	c.path = p.p;
	c.words = words.p;
	tell(d, &c);
	mc_buf_free(&words);
	mc_buf_free(&a);
	mc_buf_free(&b);
	mc_buf_free(&p);
}

/* Headings of the one, then those that only the other has. */
static void
diff_line(struct diff *d, const char *path, const struct table *a,
    const struct line *x, const struct table *b, const struct line *y,
    bool many)
{
	struct mc_buf at = { 0 }, who = { 0 };
	struct mc_str old, new;
	const char *head;
	size_t i, k;

	put_path(&at, b, y, many);
	put_line(&who, path, b, y, many);
	for (i = 0; i < a->columns + b->columns; i++) {
		head = i < a->columns ? a->head[i] : b->head[i - a->columns];
		for (k = 0; i >= a->columns && k < a->columns; k++)
			if (strcmp(a->head[k], head) == 0)
				break;
		if (i >= a->columns && k < a->columns)
			continue;
		old = under(a, x, head);
		new = under(b, y, head);
		if (!mc_str_same(old, new))
			tell_field(d, path, head, &at, &who, old, new);
	}
	mc_buf_free(&at);
	mc_buf_free(&who);
}

/* Lines of one code: those that begin on one day, else the next left over. */
static void
diff_lines(struct diff *d, const char *path, const struct table *a,
    struct line *x, size_t n, const struct table *b, struct line *y, size_t m)
{
	bool many = n > 1 || m > 1 || is_absences(path);
	size_t i, k;
	int by;

	for (by = 0; by < 2 && n <= RUN_MAX && m <= RUN_MAX; by++)
		for (i = 0; i < n; i++)
			for (k = 0; k < m && !x[i].matched; k++)
				if (!y[k].matched &&
				    (by == 1 || mc_str_same(since(a, &x[i]),
						    since(b, &y[k])))) {
					x[i].matched = y[k].matched = true;
					y[k].other = &x[i];
				}
	for (i = 0; i < n; i++)
		if (!x[i].matched)
			tell_line(d, path, a, &x[i], many, false);
	for (k = 0; k < m; k++)
		if (y[k].matched)
			diff_line(d, path, a, y[k].other, b, &y[k], many);
		else
			tell_line(d, path, b, &y[k], many, true);
}

static int
diff_table(struct diff *d, const char *path)
{
	struct table a = { .columns = 0 }, b = { .columns = 0 };
	size_t i = 0, k = 0, n, m;
	int c, rc = -1;

	if (read_table(d, &d->old, path, &a) == -1 ||
	    read_table(d, &d->new, path, &b) == -1)
		goto done;
	while (i < a.line.n || k < b.line.n) {
		c = i == a.line.n ? 1
		    : k == b.line.n
			? -1
			: compare_codes(a.line.p[i].key, b.line.p[k].key);
		n = c <= 0 ? run_of_key(&a, i) : 0;
		m = c >= 0 ? run_of_key(&b, k) : 0;
		diff_lines(d, path, &a, a.line.p + i, n, &b, b.line.p + k, m);
		i += n;
		k += m;
	}
	rc = 0;
done:
	free_table(&a);
	free_table(&b);
	return rc;
}

/* ---- other files ---- */

static const char *
noun_of(const char *path)
{
	return mc_rulebook_stem(path, "calendars").len > 0 ? "calendar"
	       : mc_rulebook_stem(path, "maps").len > 0    ? "map"
							   : "file";
}

static int
diff_document(struct diff *d, const struct mc_repo_entry *a,
    const struct mc_repo_entry *b)
{
	struct mc_json *x = NULL, *y = NULL;
	int rc = -1;

	if (read_json(d, &d->old, a, &x) == 0 &&
	    read_json(d, &d->new, b, &y) == 0) {
		mc_diff_documents(x, y, NULL, tell, d);
		rc = 0;
	}
	mc_json_free(x);
	mc_json_free(y);
	return rc;
}

/* One of a and b may be NULL: the file is new, or gone. */
static int
diff_file(struct diff *d, const struct mc_repo_entry *a,
    const struct mc_repo_entry *b)
{
	const struct mc_repo_entry *there = a != NULL ? a : b;
	const char *path = there->path;
	bool added = a == NULL, removed = b == NULL;
	struct mc_str code, when;
	size_t n = strlen(path);

	if (mc_rulebook_procedure_path(mc_str(path), &code, &when))
		return 0;
	d->now.file = path;
	d->now.old_file = added ? NULL : path;
	if (added || removed) {
		say(d, added ? MC_ADDED : MC_REMOVED, "%s %s", noun_of(path),
		    added ? "added" : "removed");
		return 0;
	}
	if (same(a, b))
		return 0;
	if (strcmp(path, MC_RULEBOOK_UNITS) == 0 ||
	    strcmp(path, MC_RULEBOOK_OFFICERS) == 0 || is_absences(path))
		return diff_table(d, path);
	else if (n > 5 && strcmp(path + n - 5, ".json") == 0)
		return diff_document(d, a, b);
	else
		say(d, MC_CHANGED, "file changed");
	return 0;
}

static int
diff_others(struct diff *d)
{
	const struct mc_repo_tree *a = d->old.tree, *b = d->new.tree;
	size_t i = 0, k = 0;
	int c, rc = 0;

	while (rc == 0 && (i < a->n || k < b->n)) {
		c = i == a->n   ? 1
		    : k == b->n ? -1
				: strcmp(a->entry[i].path, b->entry[k].path);
		rc = diff_file(d, c <= 0 ? &a->entry[i] : NULL,
		    c >= 0 ? &b->entry[k] : NULL);
		i += c <= 0;
		k += c >= 0;
	}
	return rc;
}

int
mc_rulebook_diff(const struct mc_rulebook_at *old,
    const struct mc_rulebook_at *new, const char *code,
    mc_rulebook_change_fn *change, void *arg, struct mc_err *err)
{
	struct diff d = { .change = change, .arg = arg, .err = err };
	int rc = -1;

	if (open_side(&d.old, old, err) == 0 &&
	    open_side(&d.new, new, err) == 0 &&
	    (code != NULL || diff_others(&d) == 0))
		rc = diff_procedures(&d, code);
	mc_repo_tree_free(d.old.tree);
	mc_repo_tree_free(d.new.tree);
	return rc;
}
