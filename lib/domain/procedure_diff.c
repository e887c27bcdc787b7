/* procedure_diff.c - two documents compared by what they mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/condition.h>
#include <motcua/procedure_diff.h>
#include <motcua/term.h>
#include <motcua/text.h>

#define WORDS_MAX 300 /* bytes of one value in words */

struct diff {
	mc_change_fn *change;
	void *arg;
	struct mc_buf path;  /* "steps/appraise" */
	struct mc_buf words; /* "step \"appraise\": " */
};

const char *
mc_change_name(enum mc_change_kind kind)
{
	static const char *const names[] = { "added", "removed", "changed" };

	return names[kind];
}

/* ---- values ---- */

/* Depth is bounded by MC_JSON_DEPTH. */
void
mc_diff_put_json(struct mc_buf *b, const struct mc_json *v)
{
	enum mc_json_type type = mc_json_type(v);
	struct mc_buf scratch = { 0 };
	const char *s, *key;
	size_t i;

	switch (type) {
	case MC_JSON_NULL:
		mc_buf_puts(b, "null");
		break;
	case MC_JSON_BOOL:
		mc_buf_puts(b, mc_json_bool(v) ? "true" : "false");
		break;
	case MC_JSON_INT:
	case MC_JSON_REAL:
		s = mc_json_decimal(v, &scratch);
		mc_buf_puts(b, s != NULL ? s : "null");
		break;
	case MC_JSON_STRING:
		s = mc_json_str(v);
		mc_json_quote(b, s, strlen(s));
		break;
	case MC_JSON_ARRAY:
	case MC_JSON_OBJECT:
		mc_buf_putc(b, type == MC_JSON_ARRAY ? '[' : '{');
		for (i = 0; i < mc_json_count(v); i++) {
			mc_buf_puts(b, i > 0 ? "," : "");
			if (type == MC_JSON_ARRAY) {
				mc_diff_put_json(b, mc_json_at(v, i));
				continue;
			}
			s = NULL;
			key = "";
			mc_json_member(v, i, &key);
			mc_json_quote(b, key, strlen(key));
			mc_buf_putc(b, ':');
			mc_diff_put_json(b, mc_json_member(v, i, &key));
		}
		mc_buf_putc(b, type == MC_JSON_ARRAY ? ']' : '}');
		break;
	}
	mc_buf_free(&scratch);
}

static bool
is_plain(const struct mc_json *v)
{
	return mc_json_type(v) != MC_JSON_ARRAY &&
	       mc_json_type(v) != MC_JSON_OBJECT;
}

static bool
is_object(const struct mc_json *v)
{
	return v != NULL && mc_json_type(v) == MC_JSON_OBJECT;
}

static bool
all_plain(const struct mc_json *list)
{
	size_t i;

	for (i = 0; i < mc_json_count(list); i++)
		if (!is_plain(mc_json_at(list, i)))
			return false;
	return mc_json_type(list) == MC_JSON_ARRAY;
}

static void
put_plain(struct mc_buf *b, const struct mc_json *v)
{
	const char *s = mc_json_str(v);

	if (s != NULL)
		mc_buf_puts(b, s);
	else
		mc_diff_put_json(b, v);
}

/* "fire + environment when area gt 250; otherwise sign" */
static void
put_next(struct mc_buf *b, const struct mc_json *v)
{
	const struct mc_json *branch, *to, *when;
	size_t i, k, n = is_plain(v) ? 1 : mc_json_count(v);

	for (i = 0; i < n; i++) {
		branch = is_plain(v) ? v : mc_json_at(v, i);
		to = is_plain(branch) ? branch : mc_json_get(branch, "to");
		when = mc_json_get(branch, "when");
		mc_buf_puts(b, i > 0 ? "; " : "");
		if (i > 0 && when == NULL)
			mc_buf_puts(b, "otherwise ");
		if (to != NULL && is_plain(to))
			put_plain(b, to);
		for (k = 0;
		     mc_json_type(to) == MC_JSON_ARRAY && k < mc_json_count(to);
		     k++) {
			mc_buf_puts(b, k > 0 ? " + " : "");
			put_plain(b, mc_json_at(to, k));
		}
		if (when != NULL) {
			mc_buf_puts(b, " when ");
			mc_condition_put(b, when, 0);
		}
	}
}

static void put_words(
    struct mc_buf *b, const char *member, const struct mc_json *v);

/* "online 3 working days, default 5 working days" */
static void
put_limits(struct mc_buf *b, const struct mc_json *v)
{
	const char *channel;
	size_t i;

	for (i = 0; i < mc_json_count(v); i++) {
		const struct mc_json *term = mc_json_member(v, i, &channel);

		mc_buf_printf(b, "%s%s ", i > 0 ? ", " : "", channel);
		put_words(b, is_plain(term) ? "limit" : "", term);
	}
}

/* Whole in *b, so that two of them can be compared. */
static void
put_words(struct mc_buf *b, const char *member, const struct mc_json *v)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_term term;
	size_t i;

	if ((strcmp(member, "limit") == 0 || strcmp(member, "after") == 0 ||
		strcmp(member, "answer") == 0) &&
	    mc_json_str(v) != NULL &&
	    mc_term_parse(&term, mc_str(mc_json_str(v)), &ignored) == 0) {
		mc_term_put(b, term);
	} else if (strcmp(member, "limit") == 0 && is_object(v)) {
		put_limits(b, v);
	} else if (strcmp(member, "when") == 0 && is_object(v)) {
		mc_condition_put(b, v, 0);
	} else if (strcmp(member, "next") == 0) {
		put_next(b, v);
	} else if (is_plain(v)) {
		put_plain(b, v);
	} else if (all_plain(v)) {
		for (i = 0; i < mc_json_count(v); i++) {
			mc_buf_puts(b, i > 0 ? ", " : "");
			put_plain(b, mc_json_at(v, i));
		}
	} else {
		mc_diff_put_json(b, v);
	}
}

/* What a member means that is not there; NULL: nothing. */
static const char *
by_default(const char *member)
{
	static const char *const defaults[][2] = { { "copies", "1" },
		{ "required", "true" }, { "public", "false" },
		{ "final", "false" } };
	size_t i;

	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcmp(defaults[i][0], member) == 0)
			return defaults[i][1];
	return NULL;
}

/* ---- telling ---- */

static void
put_cut(struct mc_buf *b, const char *s)
{
	size_t n = strlen(s), cut = mc_utf8_cut(s, n, WORDS_MAX);

	mc_buf_add(b, s, cut);
	mc_buf_puts(b, cut < n ? "..." : "");
}

/* As in RFC 6901: a '/' within a name is ~1. */
static size_t
enter(struct mc_buf *path, const char *name)
{
	size_t before = path->len;

	mc_buf_puts(path, before > 0 ? "/" : "");
	for (; *name != '\0'; name++)
		if (*name == '/' || *name == '~')
			mc_buf_puts(path, *name == '/' ? "~1" : "~0");
		else
			mc_buf_putc(path, *name);
	return before;
}

static void
leave(struct mc_buf *b, size_t before)
{
	mc_buf_puts(b, "");
	b->len = before;
	b->p[before] = '\0';
}

static void
tell(struct diff *d, enum mc_change_kind kind, const struct mc_json *old,
    const struct mc_json *new)
{
	struct mc_buf a = { 0 }, b = { 0 };
	struct mc_change c = { .kind = kind,
		.path = mc_buf_str(&d->path),
		.words = mc_buf_str(&d->words) };

	if (old != NULL)
		mc_diff_put_json(&a, old);
	if (new != NULL)
		mc_diff_put_json(&b, new);
	c.old = old != NULL ? mc_buf_str(&a) : NULL;
	c.new = new != NULL ? mc_buf_str(&b) : NULL;
	d->change(d->arg, &c);
	mc_buf_free(&a);
	mc_buf_free(&b);
}

/* A member that is said in one go: "limit 15 days → 10 working days". */
static void
diff_value(struct diff *d, const char *member, const struct mc_json *old,
    const struct mc_json *new)
{
	struct mc_buf a = { 0 }, b = { 0 };
	size_t words = d->words.len, path;
	const char *x = by_default(member), *y = x;

	if (old != NULL) {
		put_words(&a, member, old);
		x = mc_buf_str(&a);
	}
	if (new != NULL) {
		put_words(&b, member, new);
		y = mc_buf_str(&b);
	}
	if (x == NULL || y == NULL || strcmp(x, y) != 0) {
		path = enter(&d->path, member);
		mc_buf_printf(&d->words, "%s ", member);
		if (x != NULL)
			put_cut(&d->words, x);
		if (x != NULL && y != NULL)
			mc_buf_puts(&d->words, " → ");
		if (y != NULL)
			put_cut(&d->words, y);
		if (x == NULL || y == NULL)
			mc_buf_puts(
			    &d->words, x == NULL ? " added" : " removed");
		tell(d,
		    x == NULL   ? MC_ADDED
		    : y == NULL ? MC_REMOVED
				: MC_CHANGED,
		    old, new);
		leave(&d->path, path);
		leave(&d->words, words);
	}
	mc_buf_free(&a);
	mc_buf_free(&b);
}

/* ---- lists whose entries have names ---- */

struct entry {
	const char *key;
	const struct mc_json *v;
	size_t at;
	bool matched;
	const struct entry *other;
};

static int
by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

static int
by_place(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static bool
has_keys(const struct mc_json *list, const char *key)
{
	size_t i;

	if (list != NULL && mc_json_type(list) != MC_JSON_ARRAY)
		return false;
	for (i = 0; i < mc_json_count(list); i++)
		if (mc_json_str(mc_json_get(mc_json_at(list, i), key)) == NULL)
			return false;
	return true;
}

/* The member that names the entries of both lists, or NULL. */
static const char *
key_of(const struct mc_json *old, const struct mc_json *new)
{
	static const char *const keys[] = { "id", "date", "name", "title",
		"procedure" };
	size_t i;

	if (mc_json_count(old) + mc_json_count(new) == 0)
		return NULL;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (has_keys(old, keys[i]) && has_keys(new, keys[i]))
			return keys[i];
	return NULL;
}

/* key NULL: a list of texts, which name themselves. */
static struct entry *
read_entries(const struct mc_json *list, const char *key)
{
	size_t i, n = mc_json_count(list);
	struct entry *e = mc_calloc(n + 1, sizeof(*e));

	for (i = 0; i < n; i++) {
		e[i].v = mc_json_at(list, i);
		e[i].key = mc_json_str(
		    key != NULL ? mc_json_get(e[i].v, key) : e[i].v);
		if (e[i].key == NULL) /* not a text: lint will say so */
			e[i].key = "";
		e[i].at = i;
	}
	qsort(e, n, sizeof(*e), by_key);
	return e;
}

/* The first with the first of the same key, the second with the second. */
static void
match(struct entry *a, size_t n, struct entry *b, size_t m)
{
	size_t i = 0, k = 0;
	int c;

	while (i < n && k < m) {
		c = strcmp(a[i].key, b[k].key);
		if (c == 0) {
			a[i].matched = b[k].matched = true;
			a[i].other = &b[k];
		}
		i += c <= 0;
		k += c >= 0;
	}
}

static const char *
noun_of(const char *list)
{
	static const char *const nouns[][2] = { { "steps", "step" },
		{ "documents", "document" }, { "fields", "field" },
		{ "fee", "fee" }, { "legal_basis", "legal basis" },
		{ "days_off", "day off" }, { "working_days", "working day" },
		{ "cases", "case" }, { "children", "child" } };
	size_t i;

	for (i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++)
		if (strcmp(nouns[i][0], list) == 0)
			return nouns[i][1];
	return list;
}

static void
put_entry(struct diff *d, const char *list, const struct entry *e)
{
	const char *name = mc_json_str(mc_json_get(e->v, "name"));
	const char *date = mc_json_str(mc_json_get(e->v, "date"));

	mc_buf_printf(&d->words, date != NULL ? "%s %s" : "%s \"%s\"",
	    noun_of(list), e->key);
	if (date != NULL && name != NULL)
		mc_buf_printf(&d->words, " (%s)", name);
}

static void
tell_entry(struct diff *d, const char *list, const struct entry *e, bool added)
{
	size_t words = d->words.len, path = enter(&d->path, e->key);

	put_entry(d, list, e);
	mc_buf_puts(&d->words, added ? " added" : " removed");
	tell(d, added ? MC_ADDED : MC_REMOVED, added ? NULL : e->v,
	    added ? e->v : NULL);
	leave(&d->path, path);
	leave(&d->words, words);
}

static void diff_members(struct diff *d, const struct mc_json *old,
    const struct mc_json *new, const char *skip);

static void
diff_entries(struct diff *d, const char *list, const struct mc_json *old,
    const struct mc_json *new, const char *key)
{
	struct entry *a = read_entries(old, key), *b = read_entries(new, key);
	size_t i, n = mc_json_count(old), m = mc_json_count(new), words, path;
	struct entry *other;

	match(a, n, b, m);
	/* Those of a keep pointing into b: only a may be put in order. */
	qsort(a, n, sizeof(*a), by_place);
	for (i = 0; i < n; i++) {
		if (!a[i].matched)
			tell_entry(d, list, &a[i], false);
		if (!a[i].matched || key == NULL)
			continue;
		words = d->words.len;
		path = enter(&d->path, a[i].key);
		put_entry(d, list, &a[i]);
		mc_buf_puts(&d->words, ": ");
		diff_members(d, a[i].v, a[i].other->v, NULL);
		leave(&d->path, path);
		leave(&d->words, words);
	}
	qsort(b, m, sizeof(*b), by_place);
	for (i = 0; i < m; i++) {
		other = &b[i];
		if (!other->matched)
			tell_entry(d, list, other, true);
	}
	free(a);
	free(b);
}

/* Where a dossier starts is the one thing that the steps' order says. */
static void
diff_first(struct diff *d, const struct mc_json *old, const struct mc_json *new)
{
	const struct mc_json *a = mc_json_get(mc_json_at(old, 0), "id");
	const struct mc_json *b = mc_json_get(mc_json_at(new, 0), "id");
	size_t words = d->words.len, path;

	if (mc_json_str(a) == NULL || mc_json_str(b) == NULL ||
	    strcmp(mc_json_str(a), mc_json_str(b)) == 0)
		return;
	path = enter(&d->path, "0");
	mc_buf_printf(&d->words, "first step \"%s\" → \"%s\"", mc_json_str(a),
	    mc_json_str(b));
	tell(d, MC_CHANGED, a, b);
	leave(&d->path, path);
	leave(&d->words, words);
}

/* ---- members ---- */

/* Said in one go, although it is an object: DESIGN 2. */
static bool
is_value(const char *member)
{
	return strcmp(member, "limit") == 0 || strcmp(member, "when") == 0;
}

static void
diff_member(struct diff *d, const char *member, const struct mc_json *old,
    const struct mc_json *new)
{
	const char *key = NULL;
	size_t path, words;
	bool texts = strcmp(member, "legal_basis") == 0 &&
		     (old == NULL || all_plain(old)) &&
		     (new == NULL || all_plain(new));

	if (is_value(member)) {
		diff_value(d, member, old, new);
		return;
	}
	if (strcmp(member, "next") != 0 && !texts)
		key = key_of(old, new);
	if (texts || key != NULL) {
		path = enter(&d->path, member);
		diff_entries(d, member, old, new, key);
		if (strcmp(member, "steps") == 0)
			diff_first(d, old, new);
		leave(&d->path, path);
	} else if ((is_object(old) && (new == NULL || is_object(new))) ||
		   (old == NULL && is_object(new))) {
		path = enter(&d->path, member);
		words = d->words.len;
		mc_buf_printf(&d->words, "%s: ", member);
		diff_members(d, old, new, NULL);
		leave(&d->path, path);
		leave(&d->words, words);
	} else {
		diff_value(d, member, old, new);
	}
}

/* Depth is bounded by MC_JSON_DEPTH. */
static void
diff_members(struct diff *d, const struct mc_json *old,
    const struct mc_json *new, const char *skip)
{
	const struct mc_json *v;
	const char *member;
	size_t i;

	for (i = 0; i < mc_json_count(old); i++) {
		v = mc_json_member(old, i, &member);
		if (skip == NULL || strcmp(member, skip) != 0)
			diff_member(d, member, v, mc_json_get(new, member));
	}
	for (i = 0; i < mc_json_count(new); i++) {
		v = mc_json_member(new, i, &member);
		if (mc_json_get(old, member) == NULL &&
		    (skip == NULL || strcmp(member, skip) != 0))
			diff_member(d, member, NULL, v);
	}
}

void
mc_diff_documents(const struct mc_json *old, const struct mc_json *new,
    const char *skip, mc_change_fn *change, void *arg)
{
	struct diff d = { .change = change, .arg = arg };

	mc_buf_puts(&d.path, "");
	mc_buf_puts(&d.words, "");
	if (is_object(old) && is_object(new))
		diff_members(&d, old, new, skip);
	else
		tell(&d, MC_CHANGED, old, new);
	mc_buf_free(&d.path);
	mc_buf_free(&d.words);
}
