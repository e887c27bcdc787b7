/* procedure.c - a definition from its JSON text: DESIGN 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/procedure.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "procedure_internal.h"

#define PATH 128 /* bytes of "steps/199/next/31/to/15", and to spare */
#define ID_MAX 40
#define COPIES_MAX 100
#define AMOUNT_MAX INT64_C(1000000000000)
#define WORDS (MC_PROCEDURE_STEPS / 64 + 1)

/* What users see, and what it stands on. */
struct definition {
	struct mc_procedure pub;
	struct mc_json *doc;
	char *name;
	struct mc_step *step;
	struct mc_field *field;
	struct mc_fee *fee;
	struct mc_document *document;
	const char **basis;
	uint64_t (*reach)[WORDS]; /* reach[i]: steps that i leads to */
};

/* Read-only to the users, but made here and to be freed here. */
static void *
own(const void *p)
{
	return (void *)(uintptr_t)p;
}

static struct definition *
whole(const struct mc_procedure *p)
{
	return own(p);
}

/* ---- findings and single members ---- */

void
mc_procedure_found(struct mc_procedure_sink *s, const char *path,
    const char *id, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	char text[400];
	int64_t line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", text);
	mc_json_place(s->text, path, &line, &column);
	mc_err_at(&e, s->name, line, column);
	s->errors += strncmp(id, "W_", 2) != 0;
	s->found(s->arg, &e);
}

/* A finding that a deeper module has made. */
static void
pass_on(struct mc_procedure_sink *s, const char *path, struct mc_err *e)
{
	int64_t line, column;

	mc_json_place(s->text, path, &line, &column);
	mc_err_at(e, s->name, line, column);
	s->errors++;
	s->found(s->arg, e);
	mc_err_clear(e);
}

/* An object of the document, and where it stands. */
struct part {
	struct mc_procedure_sink *s;
	const struct mc_json *v;
	const char *path; /* "" for the document itself */
};

static void
path_of(char out[PATH], const struct part *p, const char *key)
{
	snprintf(out, PATH, "%.60s%s%.60s", p->path,
	    p->path[0] != '\0' ? "/" : "", key);
}

static void MC_PRINTF(4, 5) bad(
    const struct part *p, const char *key, const char *id, const char *fmt, ...)
{
	char path[PATH], text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	path_of(path, p, key);
	mc_procedure_found(p->s, path, id, "%s", text);
}

/* Only these members; `names` ends with NULL. */
static bool
known(const struct part *p, const char *what, const char *const *names)
{
	struct mc_buf path = { 0 };
	const char *key, *k;
	size_t i, j;

	if (mc_json_type(p->v) != MC_JSON_OBJECT) {
		mc_procedure_found(
		    p->s, p->path, "E_FIELD", "%s is no object", what);
		return false;
	}
	for (i = 0; i < mc_json_count(p->v); i++) {
		mc_json_member(p->v, i, &key);
		for (j = 0; names[j] != NULL; j++)
			if (strcmp(names[j], key) == 0)
				break;
		if (names[j] != NULL)
			continue;
		mc_buf_reset(&path);
		mc_buf_printf(
		    &path, "%s%s", p->path, p->path[0] != '\0' ? "/" : "");
		for (k = key; *k != '\0'; k++)
			if (*k == '/' || *k == '~')
				mc_buf_puts(&path, *k == '/' ? "~1" : "~0");
			else
				mc_buf_putc(&path, *k);
		mc_procedure_found(p->s, path.p, "E_FIELD",
		    "unknown member \"%s\" of %s", key, what);
	}
	mc_buf_free(&path);
	return true;
}

/* A member's string, or NULL; absent ones are errors only if needed. */
static const char *
string(const struct part *p, const char *key, bool needed)
{
	const struct mc_json *v = mc_json_get(p->v, key);
	const char *s = mc_json_str(v);

	if (v == NULL) {
		if (needed)
			bad(p, key, "E_FIELD", "\"%s\" is missing", key);
		return NULL;
	}
	if (s == NULL || *s == '\0') {
		bad(p, key, "E_FIELD", "\"%s\" is text, and not empty", key);
		return NULL;
	}
	return s;
}

/* Two texts that look the same must be the same: NFC, nothing invisible. */
static void
check_clean(const struct part *p, const char *key, const char *s)
{
	struct mc_buf scratch = { 0 };
	size_t i, len, n = strlen(s);
	bool hostile = false;

	for (i = 0; i < n && !hostile; i += len)
		hostile = mc_char_hostile(mc_utf8_decode(s + i, n - i, &len));
	if (hostile)
		bad(p, key, "E_FIELD", "a control character in \"%s\"", key);
	else if (!mc_str_same(mc_text_clean(mc_str(s), &scratch), mc_str(s)))
		bad(p, key, "E_NFC",
		    "\"%s\" is not in Unicode form NFC, or has invisible "
		    "characters or space at its ends",
		    key);
	mc_buf_free(&scratch);
}

static const char *
title(const struct part *p, const char *key, bool needed)
{
	const char *s = string(p, key, needed);

	if (s != NULL)
		check_clean(p, key, s);
	return s;
}

/* An id of lower-case letters, digits and the `more` characters. */
static const char *
identifier(const struct part *p, const char *key, const char *more)
{
	const char *s = string(p, key, true);
	size_t i, n = s != NULL ? strlen(s) : 0;

	for (i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= '0' && s[i] <= '9') ||
			strchr(more, s[i]) != NULL))
			break;
	if (s == NULL || (i == n && n <= ID_MAX))
		return s;
	bad(p, key, "E_CODE",
	    "\"%s\" is no name of 1 to %d characters a-z 0-9 %s", s, ID_MAX,
	    more);
	return NULL;
}

static int64_t
integer(const struct part *p, const char *key, int64_t min, int64_t max,
    int64_t otherwise)
{
	const struct mc_json *v = mc_json_get(p->v, key);
	int64_t n;

	if (v == NULL)
		return otherwise;
	if (mc_json_int(v, &n) && n >= min && n <= max)
		return n;
	bad(p, key, "E_FIELD", "\"%s\" is a whole number from %lld to %lld",
	    key, (long long)min, (long long)max);
	return otherwise;
}

static bool
boolean(const struct part *p, const char *key, bool otherwise)
{
	const struct mc_json *v = mc_json_get(p->v, key);

	if (v == NULL)
		return otherwise;
	if (mc_json_type(v) != MC_JSON_BOOL)
		bad(p, key, "E_FIELD", "\"%s\" is true or false", key);
	return mc_json_bool(v);
}

static int32_t
date(const struct part *p, const char *key, bool needed)
{
	const char *s = string(p, key, needed);
	int32_t d = s != NULL ? mc_day_parse(mc_str(s)) : MC_NODAY;

	if (s != NULL && d == MC_NODAY)
		bad(p, key, "E_DATE", "no such day \"%s\"", s);
	return d;
}

/* Whether there is a limit at all. */
static bool
limit(const struct part *p, struct mc_term *term)
{
	struct mc_err e = MC_ERR_INIT;
	char path[PATH];
	const char *s = string(p, "limit", false);

	if (s == NULL)
		return false;
	if (mc_term_parse(term, mc_str(s), &e) == 0)
		return term->unit != MC_TERM_NONE;
	path_of(path, p, "limit");
	pass_on(p->s, path, &e);
	return false;
}

/* A member's list; NULL (and *n 0) when it is absent or no list. */
static const struct mc_json *
list(const struct part *p, const char *key, size_t max, size_t *n)
{
	const struct mc_json *v = mc_json_get(p->v, key);

	*n = 0;
	if (v == NULL)
		return NULL;
	if (mc_json_type(v) != MC_JSON_ARRAY) {
		bad(p, key, "E_FIELD", "\"%s\" is no list", key);
		return NULL;
	}
	if (mc_json_count(v) > max) {
		bad(p, key, "E_LIMIT", "\"%s\" has %zu entries, at most %zu",
		    key, mc_json_count(v), max);
		return NULL;
	}
	*n = mc_json_count(v);
	return v;
}

static void
repeated(const struct part *p, const char *key, const char *value)
{
	bad(p, key, "E_DUPLICATE", "\"%s\" stands there twice", value);
}

/* ---- the parts around the steps ---- */

static bool
digits(const char *s, size_t n)
{
	while (n > 0 && *s >= '0' && *s <= '9') {
		s++;
		n--;
	}
	return n == 0;
}

/* ".H42", or the old layout ".000.00.00.H42". */
static bool
authority(const char *s)
{
	static const char old[] = ".xxx.xx.xx";
	size_t i;

	if (strlen(s) == sizeof(old) - 1 + 4) {
		for (i = 0; old[i] != '\0'; i++, s++)
			if (old[i] == '.'
				? *s != '.'
				: !(digits(s, 1) || (*s >= 'A' && *s <= 'Z')))
				return false;
	}
	return strlen(s) == 4 && s[0] == '.' && s[1] >= 'A' && s[1] <= 'Z' &&
	       digits(s + 2, 2);
}

static void
check_code(const struct part *p, const char *code)
{
	size_t n = strlen(code);

	if (n >= 8 && code[0] >= '1' && code[0] <= '9' && code[1] == '.' &&
	    digits(code + 2, 6) && (n == 8 || authority(code + 8)))
		return;
	bad(p, "code", "E_CODE",
	    "\"%s\" is no procedure's code such as 1.004222 or 1.004222.H42",
	    code);
}

static void
read_fields(struct definition *d, const struct part *p)
{
	static const char *const members[] = { "name", "title", "type",
		"public", NULL };
	static const char *const types[] = { "text", "integer", "decimal",
		"date", "boolean" };
	const struct mc_json *v;
	const char *type;
	char path[PATH];
	size_t i, k, n;

	v = list(p, "fields", MC_PROCEDURE_FIELDS, &n);
	d->field = mc_calloc(n + 1, sizeof(*d->field));
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };
		struct mc_field f = { 0 };

		snprintf(path, sizeof(path), "fields/%zu", i);
		if (!known(&q, "a field", members))
			continue;
		f.name = identifier(&q, "name", "_");
		f.title = title(&q, "title", false);
		f.public = boolean(&q, "public", false);
		type = string(&q, "type", true);
		for (k = 0; type != NULL && k < 5; k++)
			if (strcmp(type, types[k]) == 0)
				break;
		if (type != NULL && k == 5)
			bad(&q, "type", "E_FIELD",
			    "no such type \"%s\": text, integer, decimal, "
			    "date or boolean",
			    type);
		f.type = type != NULL && k < 5 ? (enum mc_field_type)k
					       : MC_FIELD_TEXT;
		if (f.name == NULL)
			continue;
		if (strcmp(f.name, "channel") == 0)
			bad(&q, "name", "E_FIELD",
			    "\"channel\" is every dossier's own and cannot "
			    "be declared");
		else if (mc_procedure_field(&d->pub, mc_str(f.name)) != NULL)
			repeated(&q, "name", f.name);
		d->field[d->pub.n_fields++] = f;
		d->pub.fields = d->field;
	}
}

static void
read_fees(struct definition *d, const struct part *p)
{
	static const char *const members[] = { "title", "amount", NULL };
	const struct mc_json *v;
	char path[PATH];
	size_t i, n;

	v = list(p, "fee", MC_PROCEDURE_LIST, &n);
	d->fee = mc_calloc(n + 1, sizeof(*d->fee));
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };
		struct mc_fee *f = &d->fee[d->pub.n_fees];

		snprintf(path, sizeof(path), "fee/%zu", i);
		if (!known(&q, "a fee", members))
			continue;
		f->title = title(&q, "title", true);
		if (mc_json_get(q.v, "amount") == NULL)
			bad(&q, "amount", "E_FIELD", "\"amount\" is missing");
		f->amount = integer(&q, "amount", 0, AMOUNT_MAX, 0);
		d->pub.n_fees++;
	}
	d->pub.fees = d->fee;
}

static void
read_documents(struct definition *d, const struct part *p)
{
	static const char *const members[] = { "id", "title", "copies",
		"required", NULL };
	const struct mc_json *v;
	char path[PATH];
	size_t i, n;
	int k;

	v = list(p, "documents", MC_PROCEDURE_LIST, &n);
	d->document = mc_calloc(n + 1, sizeof(*d->document));
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };
		struct mc_document *x = &d->document[d->pub.n_documents];

		snprintf(path, sizeof(path), "documents/%zu", i);
		if (!known(&q, "a document", members))
			continue;
		x->id = identifier(&q, "id", "_-");
		x->title = title(&q, "title", true);
		x->copies = (int)integer(&q, "copies", 0, COPIES_MAX, 1);
		x->required = boolean(&q, "required", true);
		if (x->id == NULL)
			continue;
		for (k = 0; k < d->pub.n_documents; k++)
			if (strcmp(d->document[k].id, x->id) == 0)
				repeated(&q, "id", x->id);
		d->pub.n_documents++;
	}
	d->pub.documents = d->document;
}

static void
read_basis(struct definition *d, const struct part *p)
{
	const struct mc_json *v;
	char key[PATH];
	const char *s;
	size_t i, n;

	v = list(p, "legal_basis", MC_PROCEDURE_LIST, &n);
	d->basis = mc_calloc(n + 1, sizeof(*d->basis));
	for (i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "legal_basis/%zu", i);
		s = mc_json_str(mc_json_at(v, i));
		if (s == NULL || *s == '\0') {
			bad(p, key, "E_FIELD",
			    "a legal basis is text, and not empty");
			continue;
		}
		check_clean(p, key, s);
		d->basis[d->pub.legal_bases++] = s;
	}
	d->pub.legal_basis = d->basis;
}

static void
read_head(struct definition *d, const struct part *p)
{
	struct mc_procedure *x = &d->pub;
	struct mc_err e = MC_ERR_INIT;
	struct mc_policy policy;
	const struct mc_json *v;

	x->code = string(p, "code", true);
	if (x->code != NULL)
		check_code(p, x->code);
	x->title = title(p, "title", true);
	x->field = title(p, "field", true);
	x->level = title(p, "level", true);
	x->result = title(p, "result", false);
	if (mc_json_get(p->v, "calendar") != NULL)
		x->calendar = identifier(p, "calendar", "_-");
	x->service = string(p, "service", false);
	if (x->service != NULL && strcmp(x->service, "information") != 0 &&
	    strcmp(x->service, "partial") != 0 &&
	    strcmp(x->service, "full") != 0)
		bad(p, "service", "E_FIELD",
		    "no such service \"%s\": information, partial or full",
		    x->service);
	x->level_43 = (int)integer(p, "level_43", 1, 4, 0);
	x->effective_from = date(p, "effective_from", true);
	x->effective_to = date(p, "effective_to", false);
	if (x->effective_from != MC_NODAY && x->effective_to != MC_NODAY &&
	    x->effective_to < x->effective_from)
		bad(p, "effective_to", "E_DATE", "it ends before it begins");
	x->has_limit = limit(p, &x->limit);
	v = mc_json_get(p->v, "deadline");
	policy = mc_policy_default;
	if (v != NULL && mc_policy_read(&policy, v, p->s->name, p->s->text,
			     "deadline", &e) == -1)
		pass_on(p->s, "deadline", &e);
}

/* ---- steps ---- */

/* The index of a target, or -1 with a finding. */
static int
target(const struct definition *d, const struct part *p, const char *key,
    const struct mc_json *v, int from)
{
	const char *s = mc_json_str(v);
	int to = s != NULL ? mc_procedure_step(&d->pub, mc_str(s)) : -1;

	if (s == NULL)
		bad(p, key, "E_FIELD", "a target is a step's id");
	else if (to == -1)
		bad(p, key, "E_STEP", "there is no step \"%s\"", s);
	else if (to == from)
		bad(p, key, "E_STEP", "the step \"%s\" leads to itself", s);
	return to == from ? -1 : to;
}

static void
add_target(struct mc_branch *b, const struct part *p, const char *key, int to,
    const char *id)
{
	int i;

	if (to == -1)
		return;
	for (i = 0; i < b->targets; i++)
		if (b->target[i] == to)
			repeated(p, key, id);
	b->target[b->targets++] = to;
}

static void
read_targets(const struct definition *d, struct mc_branch *b,
    const struct part *p, const char *key, int from)
{
	const struct mc_json *v = mc_json_get(p->v, key), *t;
	char at[PATH];
	size_t i, n;

	if (v == NULL) {
		bad(p, key, "E_FIELD", "\"%s\" is missing", key);
		return;
	}
	if (mc_json_type(v) != MC_JSON_ARRAY) {
		add_target(b, p, key, target(d, p, key, v, from), "");
		return;
	}
	if (list(p, key, MC_STEP_TARGETS, &n) != NULL && n == 0)
		bad(p, key, "E_FIELD", "\"%s\" names no step", key);
	for (i = 0; i < n; i++) {
		t = mc_json_at(v, i);
		snprintf(at, sizeof(at), "%s/%zu", key, i);
		add_target(b, p, at, target(d, p, at, t, from),
		    mc_json_str(t) != NULL ? mc_json_str(t) : "");
	}
}

static bool
type_of(void *arg, const char *name, enum mc_field_type *type)
{
	const struct mc_procedure *p = arg;
	const struct mc_field *f = mc_procedure_field(p, mc_str(name));

	if (f != NULL)
		*type = f->type;
	return f != NULL;
}

static void
read_branch(
    struct definition *d, struct mc_branch *b, const struct part *p, int from)
{
	static const char *const members[] = { "when", "to", NULL };
	struct mc_condition_scope scope = { type_of, &d->pub };
	struct mc_err e = MC_ERR_INIT;
	struct mc_condition *c = NULL;
	const struct mc_json *when;
	char path[PATH];

	if (!known(p, "a branch", members))
		return;
	when = mc_json_get(p->v, "when");
	path_of(path, p, "when");
	if (when != NULL && mc_condition_parse(&c, when, p->s->name, p->s->text,
				path, &scope, &e) == -1)
		pass_on(p->s, path, &e);
	b->when = c;
	read_targets(d, b, p, "to", from);
}

/* "next": an id, or a list of branches that is tried in order. */
static void
read_next(
    struct definition *d, struct mc_step *s, const struct part *p, int from)
{
	const struct mc_json *v = mc_json_get(p->v, "next"), *sole = NULL;
	struct mc_branch *b;
	char path[PATH];
	size_t i, n = 1;

	if (mc_json_type(v) == MC_JSON_STRING)
		sole = v;
	else if (list(p, "next", MC_STEP_BRANCHES, &n) == NULL)
		return;
	if (n == 0)
		bad(p, "next", "E_FIELD", "\"next\" names no step");
	b = mc_calloc(n + 1, sizeof(*b));
	s->branch = b;
	s->branches = (int)n;
	if (sole != NULL) {
		read_targets(d, b, p, "next", from);
		return;
	}
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };

		snprintf(path, sizeof(path), "steps/%d/next/%zu", from, i);
		if (mc_json_type(q.v) == MC_JSON_STRING)
			mc_procedure_found(p->s, path, "E_FIELD",
			    "several targets are written "
			    "[{\"to\": [\"a\", \"b\"]}]");
		else
			read_branch(d, &b[i], &q, from);
	}
}

static void
read_step(struct definition *d, const struct part *p, int at)
{
	static const char *const members[] = { "id", "title", "role", "unit",
		"limit", "next", "join", "final", NULL };
	struct mc_step *s = &d->step[at];
	const char *join;

	if (!known(p, "a step", members))
		return;
	s->title = title(p, "title", false);
	s->final = boolean(p, "final", false);
	s->role = string(p, "role", !s->final);
	if (s->role != NULL && strpbrk(s->role, " \t") != NULL)
		bad(p, "role", "E_FIELD",
		    "a step has one role, without "
		    "spaces: \"%s\"",
		    s->role);
	s->unit = string(p, "unit", false);
	if (s->unit != NULL && s->unit[0] == '@' &&
	    strcmp(s->unit, "@self") != 0 && strcmp(s->unit, "@parent") != 0 &&
	    strcmp(s->unit, "@province") != 0)
		bad(p, "unit", "E_FIELD",
		    "no such place \"%s\": @self, @parent, @province or a "
		    "unit's code",
		    s->unit);
	s->has_limit = limit(p, &s->limit);
	join = string(p, "join", false);
	if (join != NULL && strcmp(join, "all") != 0)
		bad(p, "join", "E_FIELD", "\"join\" is \"all\"");
	s->join_all = join != NULL;
	if (mc_json_get(p->v, "next") != NULL) {
		if (s->final)
			bad(p, "next", "E_STEP",
			    "the final step \"%s\" leads nowhere", s->id);
		else
			read_next(d, s, p, at);
	} else if (!s->final) {
		bad(p, "next", "E_FIELD",
		    "\"next\" is missing, and the step is not final");
	}
}

/* Ids first, so that a step may lead to one further down. */
static void
read_steps(struct definition *d, const struct part *p)
{
	const struct mc_json *v;
	char path[PATH];
	size_t i, n;
	int finals = 0, joins = 0;

	v = list(p, "steps", MC_PROCEDURE_STEPS, &n);
	if (mc_json_get(p->v, "steps") == NULL || (v != NULL && n == 0))
		bad(p, "steps", "E_FIELD", "there are no steps");
	d->step = mc_calloc(n + 1, sizeof(*d->step));
	d->reach = mc_calloc(n + 1, sizeof(*d->reach));
	d->pub.step = d->step;
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };

		snprintf(path, sizeof(path), "steps/%zu", i);
		d->step[i].id = identifier(&q, "id", "_-");
		if (d->step[i].id == NULL)
			d->step[i].id = "";
		else if (mc_procedure_step(&d->pub, mc_str(d->step[i].id)) !=
			 -1)
			repeated(&q, "id", d->step[i].id);
		d->pub.steps = (int)i + 1;
	}
	for (i = 0; i < n; i++) {
		struct part q = { p->s, mc_json_at(v, i), path };

		snprintf(path, sizeof(path), "steps/%zu", i);
		read_step(d, &q, (int)i);
		finals += d->step[i].final;
		joins += d->step[i].join_all;
	}
	if (n > 0 && finals == 0)
		bad(p, "steps", "E_STEP", "no step is final");
	if (joins > MC_PROCEDURE_JOINS)
		bad(p, "steps", "E_LIMIT", "%d steps join, at most %d", joins,
		    MC_PROCEDURE_JOINS);
}

static bool
leads(const struct definition *d, int from, int to)
{
	return (d->reach[from][to / 64] >> (to % 64) & 1) != 0;
}

/* Transitive closure, a row of bits at a time. */
static void
close_reach(struct definition *d)
{
	const struct mc_branch *b;
	int i, j, k, w;

	for (i = 0; i < d->pub.steps; i++)
		for (j = 0; j < d->step[i].branches; j++) {
			b = &d->step[i].branch[j];
			for (k = 0; k < b->targets; k++)
				d->reach[i][b->target[k] / 64] |=
				    UINT64_C(1) << (b->target[k] % 64);
		}
	for (k = 0; k < d->pub.steps; k++)
		for (i = 0; i < d->pub.steps; i++)
			for (w = 0; leads(d, i, k) && w < WORDS; w++)
				d->reach[i][w] |= d->reach[k][w];
}

/* ---- the whole ---- */

struct mc_procedure *
mc_procedure_read(struct mc_procedure_sink *s)
{
	static const char *const members[] = { "code", "title", "field",
		"level", "service", "level_43", "effective_from",
		"effective_to", "legal_basis", "limit", "deadline", "calendar",
		"fee", "fields", "documents", "result", "steps", NULL };
	struct mc_err e = MC_ERR_INIT;
	struct definition *d = mc_calloc(1, sizeof(*d));
	struct part p = { s, NULL, "" };

	if (mc_json_parse(&d->doc, s->name, s->text, &e) == -1) {
		s->errors++;
		s->found(s->arg, &e);
		free(d);
		return NULL;
	}
	d->name = mc_strdup(s->name);
	d->pub.doc = p.v = d->doc;
	if (!known(&p, "a procedure", members)) {
		mc_procedure_free(&d->pub);
		return NULL;
	}
	read_head(d, &p);
	read_basis(d, &p);
	read_fees(d, &p);
	read_documents(d, &p);
	read_fields(d, &p);
	read_steps(d, &p);
	close_reach(d);
	return &d->pub;
}

static void
keep_first(void *arg, const struct mc_err *finding)
{
	struct mc_err *first = arg;

	if (first->code == MC_OK)
		*first = *finding;
}

int
mc_procedure_parse(struct mc_procedure **out, const char *name,
    struct mc_str text, struct mc_err *err)
{
	struct mc_err first = MC_ERR_INIT;
	struct mc_procedure_sink s = { name, text, keep_first, &first, 0 };

	*out = mc_procedure_read(&s);
	if (s.errors == 0)
		return 0;
	mc_procedure_free(*out);
	*out = NULL;
	*err = first;
	return -1;
}

void
mc_procedure_free(struct mc_procedure *p)
{
	struct definition *d = whole(p);
	int i, k;

	if (p == NULL)
		return;
	for (i = 0; i < p->steps; i++) {
		for (k = 0; k < d->step[i].branches; k++)
			mc_condition_free(own(d->step[i].branch[k].when));
		free(own(d->step[i].branch));
	}
	free(d->step);
	free(d->reach);
	free(d->field);
	free(d->fee);
	free(d->document);
	free(d->basis);
	free(d->name);
	mc_json_free(d->doc);
	free(d);
}

/* The text is gone by now, and was found good: places are not needed. */
int
mc_procedure_policy(
    const struct mc_procedure *p, struct mc_policy *policy, struct mc_err *err)
{
	const struct mc_json *v = mc_json_get(p->doc, "deadline");

	if (v == NULL)
		return 0;
	return mc_policy_read(
	    policy, v, whole(p)->name, MC_STR("{}"), "deadline", err);
}

int
mc_procedure_step(const struct mc_procedure *p, struct mc_str id)
{
	int i;

	for (i = 0; i < p->steps; i++)
		if (mc_str_is(id, p->step[i].id))
			return i;
	return -1;
}

const struct mc_field *
mc_procedure_field(const struct mc_procedure *p, struct mc_str name)
{
	int i;

	for (i = 0; i < p->n_fields; i++)
		if (mc_str_is(name, p->fields[i].name))
			return &p->fields[i];
	return NULL;
}

bool
mc_procedure_reaches(const struct mc_procedure *p, int from, int to)
{
	return from != to && leads(whole(p), from, to);
}
