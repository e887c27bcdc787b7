/* procedure_step.c - the steps of a definition; see motcua/procedure.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/procedure.h>

#include "procedure_internal.h"

/* Read-only to the users, but made here and to be freed here. */
static void *
own(const void *p)
{
	return (void *)(uintptr_t)p;
}

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
			for (w = 0; leads(d, i, k) && w < MC_PROCEDURE_WORDS;
			     w++)
				d->reach[i][w] |= d->reach[k][w];
}

void
mc_procedure_read_steps(struct definition *d, const struct mc_part *p)
{
	read_steps(d, p);
	close_reach(d);
}

void
mc_procedure_free_steps(struct definition *d)
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

bool
mc_procedure_reaches(const struct mc_procedure *p, int from, int to)
{
	return from != to && leads(own(p), from, to);
}
