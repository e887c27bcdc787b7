/* procedure.c - a definition from its JSON text: DESIGN 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/procedure.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "procedure_internal.h"

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
	size_t branches;          /* so far, of all steps */
	struct mc_procedure_case *cases;
	struct mc_procedure_child *children;
	/*
	 * Of the definition: what it is in each case.  What a case has not of
	 * its own is the definition's, also where pub points to it.
	 */
	struct definition *as;
	const struct definition *whole; /* NULL: this is it */
	char steps_path[MC_PART_PATH];
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

/* ---- steps ---- */

/* The index of a target, or -1 with a finding. */
static int
target(const struct definition *d, const struct mc_part *p, const char *key,
    const struct mc_json *v, int from)
{
	const char *s = mc_json_str(v);
	int to = s != NULL ? mc_procedure_step(&d->pub, mc_str(s)) : -1;

	if (s == NULL)
		mc_member_bad(p, key, "E_FIELD", "a target is a step's id");
	else if (to == -1)
		mc_member_bad(p, key, "E_STEP", "there is no step \"%s\"", s);
	else if (to == from)
		mc_member_bad(
		    p, key, "E_STEP", "the step \"%s\" leads to itself", s);
	return to == from ? -1 : to;
}

static void
add_target(struct mc_branch *b, const struct mc_part *p, const char *key,
    int to, const char *id)
{
	int i;

	if (to == -1)
		return;
	for (i = 0; i < b->targets; i++)
		if (b->target[i] == to)
			mc_member_repeated(p, key, id);
	b->target[b->targets++] = to;
}

static void
read_targets(const struct definition *d, struct mc_branch *b,
    const struct mc_part *p, const char *key, int from)
{
	const struct mc_json *v = mc_json_get(p->v, key), *t;
	char at[MC_PART_PATH];
	size_t i, n;

	if (v == NULL) {
		mc_member_bad(p, key, "E_FIELD", "\"%s\" is missing", key);
		return;
	}
	if (mc_json_type(v) != MC_JSON_ARRAY) {
		add_target(b, p, key, target(d, p, key, v, from), "");
		return;
	}
	if (mc_member_list(p, key, MC_STEP_TARGETS, &n) != NULL && n == 0)
		mc_member_bad(p, key, "E_FIELD", "\"%s\" names no step", key);
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

static void
read_branch(struct definition *d, struct mc_branch *b, const struct mc_part *p,
    int from)
{
	static const char *const members[] = { "when", "to", NULL };

	if (!mc_member_known(p, "a branch", members))
		return;
	b->when = mc_procedure_when(&d->pub, p);
	read_targets(d, b, p, "to", from);
}

/* "next": an id, or a list of branches that is tried in order. */
static void
read_next(
    struct definition *d, struct mc_step *s, const struct mc_part *p, int from)
{
	const struct mc_json *v = mc_json_get(p->v, "next"), *sole = NULL;
	struct mc_branch *b;
	char path[MC_PART_PATH];
	size_t i, n = 1;

	if (mc_json_type(v) == MC_JSON_STRING)
		sole = v;
	else if (mc_member_list(p, "next", MC_STEP_BRANCHES, &n) == NULL)
		return;
	if (n == 0)
		mc_member_bad(p, "next", "E_FIELD", "\"next\" names no step");
	d->branches += n;
	if (d->branches > MC_PROCEDURE_BRANCHES) {
		if (d->branches - n > MC_PROCEDURE_BRANCHES)
			return; /* told already */
		mc_member_bad(p, "next", "E_LIMIT",
		    "the steps up to here have %zu branches, at most %d",
		    d->branches, MC_PROCEDURE_BRANCHES);
		return;
	}
	b = mc_calloc(n + 1, sizeof(*b));
	s->branch = b;
	s->branches = (int)n;
	if (sole != NULL) {
		read_targets(d, b, p, "next", from);
		return;
	}
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };

		mc_member_path_at(path, p, "next", i);
		if (mc_json_type(q.v) == MC_JSON_STRING)
			mc_procedure_found(p->s, path, "E_FIELD",
			    "several targets are written "
			    "[{\"to\": [\"a\", \"b\"]}]");
		else
			read_branch(d, &b[i], &q, from);
	}
}

const char *
mc_assign_name(enum mc_assign a)
{
	static const char *const names[] = { NULL, "least-load",
		"round-robin" };

	return names[a];
}

static enum mc_assign
read_assign(const struct mc_part *p)
{
	const char *s = mc_member_string(p, "assign", false);
	int a;

	if (s == NULL)
		return MC_ASSIGN_NONE;
	for (a = MC_ASSIGN_LEAST_LOAD; a <= MC_ASSIGN_ROUND_ROBIN; a++)
		if (strcmp(s, mc_assign_name((enum mc_assign)a)) == 0)
			return (enum mc_assign)a;
	mc_member_bad(p, "assign", "E_FIELD",
	    "no such way to assign \"%s\": least-load or round-robin", s);
	return MC_ASSIGN_NONE;
}

/* "waits": "children" */
static bool
read_waits(const struct mc_part *p, const struct mc_step *s)
{
	const char *what = mc_member_string(p, "waits", false);

	if (what == NULL)
		return false;
	if (strcmp(what, "children") != 0)
		mc_member_bad(
		    p, "waits", "E_FIELD", "\"waits\" is \"children\"");
	else if (s->final)
		mc_member_bad(p, "waits", "E_STEP",
		    "the final step \"%s\" is for handing out the result, and "
		    "waits for nobody",
		    s->id);
	return true;
}

/* "expires": after how long a step is taken for done, and what follows. */
static void
read_expires(const struct definition *d, struct mc_step *s,
    const struct mc_part *p, int at)
{
	static const char *const members[] = { "after", "to", "basis", NULL };
	char path[MC_PART_PATH];
	struct mc_part q = { p->s, mc_json_get(p->v, "expires"), path };

	if (q.v == NULL)
		return;
	mc_member_path_of(path, p, "expires");
	if (!mc_member_known(&q, "\"expires\"", members))
		return;
	if (s->final)
		mc_member_bad(p, "expires", "E_STEP",
		    "the final step \"%s\" does not expire", s->id);
	if (mc_json_get(q.v, "after") == NULL)
		mc_member_bad(&q, "after", "E_FIELD", "\"after\" is missing");
	else if (!mc_member_term(&q, "after", &s->expires.after) &&
		 q.s->errors == 0)
		mc_member_bad(&q, "after", "E_TERM",
		    "\"after\" must be an amount of time");
	s->expires.basis = mc_member_title(&q, "basis", false);
	if (mc_json_get(q.v, "to") == NULL)
		mc_member_bad(&q, "to", "E_FIELD", "\"to\" is missing");
	else
		s->expires.to = target(d, &q, "to", mc_json_get(q.v, "to"), at);
}

static void
read_step(struct definition *d, const struct mc_part *p, int at)
{
	static const char *const members[] = { "id", "title", "role", "unit",
		"limit", "next", "join", "final", "assign", "expires", "waits",
		NULL };
	struct mc_step *s = &d->step[at];
	const char *join;

	s->expires.to = -1;
	if (!mc_member_known(p, "a step", members))
		return;
	s->title = mc_member_title(p, "title", false);
	s->final = mc_member_boolean(p, "final", false);
	s->role = mc_member_role(p, "a step", !s->final);
	s->unit = mc_member_unit(p);
	s->has_limit = mc_member_limit(p, &s->limit);
	join = mc_member_string(p, "join", false);
	if (join != NULL && strcmp(join, "all") != 0)
		mc_member_bad(p, "join", "E_FIELD", "\"join\" is \"all\"");
	s->join_all = join != NULL;
	s->waits = read_waits(p, s);
	s->assign = read_assign(p);
	read_expires(d, s, p, at);
	if (mc_json_get(p->v, "next") != NULL) {
		if (s->final)
			mc_member_bad(p, "next", "E_STEP",
			    "the final step \"%s\" leads nowhere", s->id);
		else
			read_next(d, s, p, at);
	} else if (!s->final) {
		mc_member_bad(p, "next", "E_FIELD",
		    "\"next\" is missing, and the step is not final");
	}
}

/* Ids first, so that a step may lead to one further down. */
static void
read_steps(struct definition *d, const struct mc_part *p)
{
	const struct mc_json *v;
	char path[MC_PART_PATH];
	size_t i, n;
	int finals = 0, joins = 0;

	v = mc_member_list(p, "steps", MC_PROCEDURE_STEPS, &n);
	if (mc_json_get(p->v, "steps") == NULL || (v != NULL && n == 0))
		mc_member_bad(p, "steps", "E_FIELD", "there are no steps");
	d->step = mc_calloc(n + 1, sizeof(*d->step));
	d->reach = mc_calloc(n + 1, sizeof(*d->reach));
	d->pub.step = d->step;
	d->pub.steps = 0;
	d->pub.steps_doc = v;
	mc_member_path_of(d->steps_path, p, "steps");
	d->pub.steps_path = d->steps_path;
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };

		mc_member_path_at(path, p, "steps", i);
		d->step[i].id = mc_member_identifier(&q, "id", "_-");
		if (d->step[i].id == NULL)
			d->step[i].id = "";
		else if (mc_procedure_step(&d->pub, mc_str(d->step[i].id)) !=
			 -1)
			mc_member_repeated(&q, "id", d->step[i].id);
		d->pub.steps = (int)i + 1;
	}
	for (i = 0; i < n; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };

		mc_member_path_at(path, p, "steps", i);
		read_step(d, &q, (int)i);
		if (d->step[i].waits && d->pub.n_children == 0)
			mc_member_bad(&q, "waits", "E_CHILD",
			    "the procedure has no children to wait for");
		finals += d->step[i].final;
		joins += d->step[i].join_all;
	}
	if (n > 0 && finals == 0)
		mc_member_bad(p, "steps", "E_STEP", "no step is final");
	if (joins > MC_PROCEDURE_JOINS)
		mc_member_bad(p, "steps", "E_LIMIT",
		    "%d steps join, at most %d", joins, MC_PROCEDURE_JOINS);
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

	for (i = 0; i < d->pub.steps; i++) {
		for (j = 0; j < d->step[i].branches; j++) {
			b = &d->step[i].branch[j];
			for (k = 0; k < b->targets; k++)
				d->reach[i][b->target[k] / 64] |=
				    UINT64_C(1) << (b->target[k] % 64);
		}
		if ((k = d->step[i].expires.to) != -1)
			d->reach[i][k / 64] |= UINT64_C(1) << (k % 64);
	}
	for (k = 0; k < d->pub.steps; k++)
		for (i = 0; i < d->pub.steps; i++)
			for (w = 0; leads(d, i, k) && w < WORDS; w++)
				d->reach[i][w] |= d->reach[k][w];
}

/* ---- cases ---- */

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
		read_steps(x, p);
		close_reach(x);
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
	read_steps(d, &p);
	close_reach(d);
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
	int i, k;

	for (i = 0; d->step != NULL && i < d->pub.steps; i++) {
		for (k = 0; k < d->step[i].branches; k++)
			mc_condition_free(own(d->step[i].branch[k].when));
		free(own(d->step[i].branch));
	}
	if (d->step != NULL)
		free(d->reach);
	free(d->step);
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
