/* procedure.c - a definition from its JSON text: DESIGN 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/procedure.h>

#include "procedure_internal.h"

#define COPIES_MAX 100
#define AMOUNT_MAX INT64_C(1000000000000)

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

bool
mc_procedure_code_valid(const char *code)
{
	size_t n = strlen(code);

	return n >= 8 && code[0] >= '1' && code[0] <= '9' && code[1] == '.' &&
	       digits(code + 2, 6) && (n == 8 || authority(code + 8));
}

static void
check_code(const struct mc_part *p, const char *code)
{
	if (!mc_procedure_code_valid(code))
		mc_member_bad(p, "code", "E_CODE",
		    "\"%s\" is no procedure's code such as 1.004222 or "
		    "1.004222.H42",
		    code);
}

static void
read_fields(struct definition *d, const struct mc_part *p)
{
	static const char *const members[] = { "name", "title", "type",
		"public", NULL };
	static const char *const types[] = { "text", "integer", "decimal",
		"date", "boolean" };
	const struct mc_json *v;
	const char *type;
	char path[MC_PART_PATH];
	size_t i, k, n;

	v = mc_member_list(p, "fields", MC_PROCEDURE_FIELDS, &n);
	d->field = mc_calloc(n + 1, sizeof(*d->field));
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };
		struct mc_field f = { 0 };

		snprintf(path, sizeof(path), "fields/%zu", i);
		if (!mc_member_known(&q, "a field", members))
			continue;
		f.name = mc_member_identifier(&q, "name", "_");
		f.title = mc_member_title(&q, "title", false);
		f.public = mc_member_boolean(&q, "public", false);
		type = mc_member_string(&q, "type", true);
		for (k = 0; type != NULL && k < 5; k++)
			if (strcmp(type, types[k]) == 0)
				break;
		if (type != NULL && k == 5)
			mc_member_bad(&q, "type", "E_FIELD",
			    "no such type \"%s\": text, integer, decimal, "
			    "date or boolean",
			    type);
		f.type = type != NULL && k < 5 ? (enum mc_field_type)k
					       : MC_FIELD_TEXT;
		if (f.name == NULL)
			continue;
		if (strcmp(f.name, "channel") == 0)
			mc_member_bad(&q, "name", "E_FIELD",
			    "\"channel\" is every dossier's own and cannot "
			    "be declared");
		else if (mc_procedure_field(&d->pub, mc_str(f.name)) != NULL)
			mc_member_repeated(&q, "name", f.name);
		d->field[d->pub.n_fields++] = f;
		d->pub.fields = d->field;
	}
}

static void
read_fees(struct definition *d, const struct mc_part *p)
{
	static const char *const members[] = { "title", "amount", NULL };
	const struct mc_json *v;
	char path[MC_PART_PATH];
	size_t i, n;

	v = mc_member_list(p, "fee", MC_PROCEDURE_LIST, &n);
	d->fee = mc_calloc(n + 1, sizeof(*d->fee));
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };
		struct mc_fee *f = &d->fee[d->pub.n_fees];

		mc_member_path_at(path, p, "fee", i);
		if (!mc_member_known(&q, "a fee", members))
			continue;
		f->title = mc_member_title(&q, "title", true);
		if (mc_json_get(q.v, "amount") == NULL)
			mc_member_bad(
			    &q, "amount", "E_FIELD", "\"amount\" is missing");
		f->amount = mc_member_integer(&q, "amount", 0, AMOUNT_MAX, 0);
		d->pub.n_fees++;
	}
	d->pub.fees = d->fee;
}

static void
read_documents(struct definition *d, const struct mc_part *p)
{
	static const char *const members[] = { "id", "title", "copies",
		"required", NULL };
	const struct mc_json *v;
	char path[MC_PART_PATH];
	size_t i, n;
	int k;

	v = mc_member_list(p, "documents", MC_PROCEDURE_LIST, &n);
	d->document = mc_calloc(n + 1, sizeof(*d->document));
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };
		struct mc_document *x = &d->document[d->pub.n_documents];

		mc_member_path_at(path, p, "documents", i);
		if (!mc_member_known(&q, "a document", members))
			continue;
		x->id = mc_member_identifier(&q, "id", "_-");
		x->title = mc_member_title(&q, "title", true);
		x->copies =
		    (int)mc_member_integer(&q, "copies", 0, COPIES_MAX, 1);
		x->required = mc_member_boolean(&q, "required", true);
		if (x->id == NULL)
			continue;
		for (k = 0; k < d->pub.n_documents; k++)
			if (strcmp(d->document[k].id, x->id) == 0)
				mc_member_repeated(&q, "id", x->id);
		d->pub.n_documents++;
	}
	d->pub.documents = d->document;
}

static void
read_basis(struct definition *d, const struct mc_part *p)
{
	const struct mc_json *v;
	char key[MC_PART_PATH];
	const char *s;
	size_t i, n;

	v = mc_member_list(p, "legal_basis", MC_PROCEDURE_LIST, &n);
	d->basis = mc_calloc(n + 1, sizeof(*d->basis));
	for (i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "legal_basis/%zu", i);
		s = mc_json_str(mc_json_at(v, i));
		if (s == NULL || *s == '\0') {
			mc_member_bad(p, key, "E_FIELD",
			    "a legal basis is text, and not empty");
			continue;
		}
		mc_member_check_clean(p, key, s);
		d->basis[d->pub.legal_bases++] = s;
	}
	d->pub.legal_basis = d->basis;
}

static void
read_head(struct definition *d, const struct mc_part *p)
{
	struct mc_procedure *x = &d->pub;
	struct mc_err e = MC_ERR_INIT;
	struct mc_policy policy;
	const struct mc_json *v;

	x->code = mc_member_string(p, "code", true);
	if (x->code != NULL)
		check_code(p, x->code);
	x->title = mc_member_title(p, "title", true);
	x->field = mc_member_title(p, "field", true);
	x->level = mc_member_title(p, "level", true);
	x->result = mc_member_title(p, "result", false);
	(void)mc_member_title(p, "note", false);
	if (mc_json_get(p->v, "calendar") != NULL)
		x->calendar = mc_member_identifier(p, "calendar", "_-");
	x->service = mc_member_string(p, "service", false);
	if (x->service != NULL && strcmp(x->service, "information") != 0 &&
	    strcmp(x->service, "partial") != 0 &&
	    strcmp(x->service, "full") != 0)
		mc_member_bad(p, "service", "E_FIELD",
		    "no such service \"%s\": information, partial or full",
		    x->service);
	x->level_43 = (int)mc_member_integer(p, "level_43", 1, 4, 0);
	x->effective_from = mc_member_date(p, "effective_from", true);
	x->effective_to = mc_member_date(p, "effective_to", false);
	if (x->effective_from != MC_NODAY && x->effective_to != MC_NODAY &&
	    x->effective_to < x->effective_from)
		mc_member_bad(
		    p, "effective_to", "E_DATE", "it ends before it begins");
	(void)mc_member_limits(p, &x->limit);
	v = mc_json_get(p->v, "deadline");
	policy = mc_policy_default;
	if (v != NULL && mc_policy_read(&policy, v, p->s->name, p->s->text,
			     "deadline", &e) == -1)
		mc_member_pass_on(p->s, "deadline", &e);
}

/* ---- cases ---- */

static bool
type_of(void *arg, const char *name, enum mc_field_type *type)
{
	const struct mc_procedure *p = arg;
	const struct mc_field *f = mc_procedure_field(p, mc_str(name));

	if (f != NULL)
		*type = f->type;
	return f != NULL;
}

struct mc_condition *
mc_procedure_when(const struct mc_procedure *of, const struct mc_part *p)
{
	struct mc_condition_scope scope = { type_of, own(of) };
	struct mc_err e = MC_ERR_INIT;
	struct mc_condition *c = NULL;
	const struct mc_json *when = mc_json_get(p->v, "when");
	char path[MC_PART_PATH];

	mc_member_path_of(path, p, "when");
	if (when != NULL && mc_condition_parse(&c, when, p->s->name, p->s->text,
				path, &scope, &e) == -1)
		mc_member_pass_on(p->s, path, &e);
	return c;
}

/* The definition with what the case has of its own. */
static void
read_view(struct definition *d, const struct mc_part *p, int at)
{
	struct definition *x = &d->as[at];
	struct mc_procedure_case *c = &d->cases[at];
	struct mc_limits limit;

	x->pub = d->pub;
	x->pub.of_case = at;
	x->whole = d;
	x->branches = d->branches;
	x->reach = d->reach;
	c->as = &x->pub;
	c->fee = mc_json_get(p->v, "fee") != NULL;
	c->documents = mc_json_get(p->v, "documents") != NULL;
	c->steps = mc_json_get(p->v, "steps") != NULL;
	if ((c->limit = mc_member_limits(p, &limit)))
		x->pub.limit = limit;
	if (c->fee) {
		x->pub.n_fees = 0;
		read_fees(x, p);
	}
	if (c->documents) {
		x->pub.n_documents = 0;
		read_documents(x, p);
	}
	if (c->steps) {
		mc_procedure_read_steps(x, p);
	}
	d->branches = x->branches;
}

static void
read_case(struct definition *d, const struct mc_part *p)
{
	static const char *const members[] = { "id", "title", "when", "limit",
		"fee", "documents", "steps", "note", NULL };
	struct mc_procedure_case *c = &d->cases[d->pub.n_cases];
	int i;

	if (!mc_member_known(p, "a case", members))
		return;
	c->id = mc_member_identifier(p, "id", "_-");
	c->title = mc_member_title(p, "title", true);
	(void)mc_member_title(p, "note", false);
	c->when = mc_procedure_when(&d->pub, p);
	if (c->id == NULL)
		c->id = "";
	if (strcmp(c->id, MC_NO_CASE) == 0)
		mc_member_bad(p, "id", "E_CODE",
		    "\"%s\" is the name for no case at all", c->id);
	for (i = 0; i < d->pub.n_cases; i++)
		if (c->id[0] != '\0' && strcmp(d->cases[i].id, c->id) == 0)
			mc_member_repeated(p, "id", c->id);
	read_view(d, p, d->pub.n_cases++);
}

static void
read_cases(struct definition *d, const struct mc_part *p)
{
	const struct mc_json *v;
	char path[MC_PART_PATH];
	size_t i, n;
	int k;

	v = mc_member_list(p, "cases", MC_PROCEDURE_CASES, &n);
	d->cases = mc_calloc(n + 1, sizeof(*d->cases));
	d->as = mc_calloc(n + 1, sizeof(*d->as));
	d->pub.cases = d->cases;
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };

		mc_member_path_at(path, p, "cases", i);
		read_case(d, &q);
	}
	for (k = 0; k < d->pub.n_cases; k++)
		d->as[k].pub.n_cases = d->pub.n_cases;
}

const struct mc_procedure *
mc_procedure_whole(const struct mc_procedure *p)
{
	const struct definition *d = whole(p);

	return d->whole != NULL ? &d->whole->pub : p;
}

/* ---- the whole ---- */

struct mc_procedure *
mc_procedure_read(struct mc_procedure_sink *s)
{
	static const char *const members[] = { "code", "title", "field",
		"level", "service", "level_43", "effective_from",
		"effective_to", "legal_basis", "limit", "deadline", "calendar",
		"fee", "fields", "documents", "result", "steps", "children",
		"cases", "note", NULL };
	struct mc_err e = MC_ERR_INIT;
	struct definition *d = mc_calloc(1, sizeof(*d));
	struct mc_part p = { s, NULL, "" };

	if (mc_json_parse(&d->doc, s->name, s->text, &e) == -1) {
		s->errors++;
		s->found(s->arg, &e);
		free(d);
		return NULL;
	}
	d->name = mc_strdup(s->name);
	d->pub.of_case = -1;
	d->pub.doc = p.v = d->doc;
	if (!mc_member_known(&p, "a procedure", members)) {
		mc_procedure_free(&d->pub);
		return NULL;
	}
	read_head(d, &p);
	read_basis(d, &p);
	read_fees(d, &p);
	read_documents(d, &p);
	read_fields(d, &p);
	mc_procedure_read_children(
	    &d->pub, &p, &d->children, &d->pub.n_children);
	d->pub.children = d->children;
	mc_procedure_read_steps(d, &p);
	read_cases(d, &p);
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
	struct mc_procedure_sink s = { name, text, keep_first, &first, 0, 0 };

	*out = mc_procedure_read(&s);
	if (s.errors == 0)
		return 0;
	mc_procedure_free(*out);
	*out = NULL;
	*err = first;
	return -1;
}

static void
free_parts(struct definition *d)
{
	mc_procedure_free_steps(d);
	free(d->fee);
	free(d->document);
}

void
mc_procedure_free(struct mc_procedure *p)
{
	struct definition *d = whole(p);
	int i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n_cases; i++) {
		mc_condition_free(own(d->cases[i].when));
		free_parts(&d->as[i]);
	}
	free_parts(d);
	mc_procedure_free_children(d->children, d->pub.n_children);
	free(d->cases);
	free(d->as);
	free(d->field);
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
	return mc_policy_read(policy, v,
	    (whole(p)->whole != NULL ? whole(p)->whole : whole(p))->name,
	    MC_STR("{}"), "deadline", err);
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
