/* rulebook_lint_procedure.c - what a rulebook makes of its procedures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/when.h>

#include "rulebook_lint_internal.h"

static void
check_name(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	struct mc_str code, when;
	int32_t day;

	if (!mc_rulebook_procedure_path(mc_str(path), &code, &when))
		return;
	if (!mc_str_is(code, p->code))
		mc_lint_report(l, path, text, "code", "E_NAME",
		    "the file is named after \"%.*s\", the code is \"%s\"",
		    (int)code.len, code.p, p->code);
	day = mc_day_parse(when);
	if (when.p != NULL && day != p->effective_from)
		mc_lint_report(l, path, text, "effective_from", "E_NAME",
		    "the file is named after the day \"%.*s\", in force "
		    "is it from another",
		    (int)when.len, when.p);
}

static void
check_steps(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	const struct mc_step *s;
	char at[96];
	int i;

	for (i = 0; l->units != NULL && i < p->steps; i++) {
		s = &p->step[i];
		snprintf(at, sizeof(at), "%s/%d/role", p->steps_path, i);
		if (s->role != NULL && !mc_units_role_known(l->units, s->role))
			mc_lint_report(l, path, text, at, "W_ROLE",
			    "no unit has the role \"%s\"", s->role);
		snprintf(at, sizeof(at), "%s/%d/unit", p->steps_path, i);
		if (s->unit != NULL && s->unit[0] != '@' &&
		    mc_unit_find(
			l->units, mc_str(s->unit), p->effective_from) == NULL)
			mc_lint_report(l, path, text, at, "E_UNIT",
			    "there is no unit \"%s\"", s->unit);
	}
}

static void
check_child(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p, int i)
{
	const struct mc_procedure_child *c = &p->children[i];
	char at[40];

	snprintf(at, sizeof(at), "children/%d/procedure", i);
	switch (mc_rulebook_kinship(l->families, p->code, c->procedure)) {
	case MC_KIN_UNKNOWN:
		mc_lint_report(l, path, text, at, "E_PROCEDURE",
		    "there is no procedure \"%s\"", c->procedure);
		break;
	case MC_KIN_ROUND:
		mc_lint_report(l, path, text, at, "E_CHILD",
		    "the children of \"%s\" lead back to \"%s\"", c->procedure,
		    p->code);
		break;
	case MC_KIN_OWN:
		mc_lint_report(l, path, text, at, "W_CHILD",
		    "\"%s\" has children of its own, which are not made for a "
		    "child",
		    c->procedure);
		break;
	case MC_KIN_FINE:
		break;
	}
	snprintf(at, sizeof(at), "children/%d/role", i);
	if (l->units != NULL && c->role != NULL &&
	    !mc_units_role_known(l->units, c->role))
		mc_lint_report(l, path, text, at, "W_ROLE",
		    "no unit has the role \"%s\"", c->role);
	snprintf(at, sizeof(at), "children/%d/unit", i);
	if (l->units != NULL && c->unit != NULL && c->unit[0] != '@' &&
	    mc_unit_find(l->units, mc_str(c->unit), p->effective_from) == NULL)
		mc_lint_report(l, path, text, at, "E_UNIT",
		    "there is no unit \"%s\"", c->unit);
}

static void
check_children(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	int i;

	if (p->n_children > 0 && l->families == NULL)
		l->families = mc_rulebook_families(l->repo, l->tree);
	for (i = 0; i < p->n_children; i++)
		check_child(l, path, text, p, i);
}

struct place {
	struct lint *l;
	const char *path;
	struct mc_str text;
	const struct mc_procedure *p;
};

static void
nobody(void *arg, int step, int units, const struct mc_err *why)
{
	struct place *at = arg;
	char member[96];

	snprintf(member, sizeof(member), "%s/%d/role", at->p->steps_path, step);
	mc_lint_report(at->l, at->path, at->text, member, "W_ROLE",
	    "wherever it is received (%d %s), nobody can be told to do the "
	    "step \"%.60s\": %.200s",
	    units, units == 1 ? "unit" : "units", at->p->step[step].id,
	    why->msg);
}

/* Is there anybody who could be given it, at any unit with its role? */
static bool
has_officer(struct lint *l, const struct mc_step *s, int32_t day)
{
	const struct mc_officer *o;
	const struct mc_unit *u;
	int i, at;

	for (i = 0; i < mc_units_count(l->units) && l->budget > 0; i++) {
		l->budget--;
		u = mc_units_at(l->units, i);
		if (s->role != NULL && !mc_unit_has_role(l->units, u, s->role))
			continue;
		for (at = 0;
		     (o = mc_unit_officer(l->units, u, day, &at)) != NULL;
		     l->budget--)
			if (mc_officer_can(o, s->role))
				return true;
	}
	return l->budget <= 0;
}

static void
check_assign(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p, int32_t day)
{
	char at[96];
	int i;

	for (i = 0; i < p->steps; i++) {
		if (p->step[i].assign == MC_ASSIGN_NONE ||
		    has_officer(l, &p->step[i], day))
			continue;
		snprintf(at, sizeof(at), "%s/%d/assign", p->steps_path, i);
		mc_lint_report(l, path, text, at, "W_OFFICER",
		    "there is no officer to give the step \"%.60s\" to",
		    p->step[i].id);
	}
}

/* Not of what is over: its units may be gone with it. */
static void
check_roles(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	struct place at = { l, path, text, p };
	int32_t day = p->effective_from;

	if (l->today != MC_NODAY && l->today > day)
		day = l->today;
	if (l->units == NULL ||
	    (p->effective_to != MC_NODAY && p->effective_to < day))
		return;
	mc_rulebook_roles(l->units, p, day, &l->budget, nobody, &at);
	check_assign(l, path, text, p, day);
}

/* The nominal day of a procedure's calendar; 0 when that is not known. */
static int64_t
day_of(struct lint *l, const struct mc_procedure *p)
{
	const char *name =
	    p->calendar != NULL ? p->calendar : l->config.calendar;
	const struct mc_repo_entry *e;
	struct mc_calendar *cal;
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc;
	struct mc_buf b = { 0 };
	struct nominal n;
	struct mc_str text;
	size_t i;

	if (name == NULL || l->config.zone == NULL)
		return 0;
	for (i = 0; i < l->nominal.n; i++)
		if (strcmp(l->nominal.p[i].name, name) == 0)
			return l->nominal.p[i].day_ms;
	n = (struct nominal){ mc_strdup(name), 0 };
	mc_buf_printf(&b, "calendars/%s.json", name);
	e = mc_repo_tree_find(l->tree, b.p);
	if (e != NULL && mc_lint_read(l, e, &b, &ignored) == 0) {
		text = (struct mc_str){ b.p, b.len };
		/* Without the text, whose places nobody will see. */
		if (mc_json_parse(&doc, e->path, text, &ignored) == 0 &&
		    mc_calendar_new(&cal, e->path, doc, MC_STR(""),
			l->config.zone, &ignored) == 0) {
			n.day_ms = mc_calendar_day_ms(cal);
			mc_calendar_free(cal);
		}
		mc_json_free(doc);
	}
	mc_buf_free(&b);
	mc_vec_push(&l->nominal, n);
	return n.day_ms;
}

/*
 * A later version ends an open earlier one; but two that both begin on one
 * day, or an end that lies after the next beginning, contradict each other.
 */
static void
check_overlap(struct lint *l, const char *path, struct mc_str text,
    const struct mc_procedure *p)
{
	struct met me = { .code = mc_strdup(p->code),
		.path = path,
		.dated = strchr(path, '@') != NULL,
		.from = p->effective_from,
		.to = p->effective_to };
	const struct met *a, *b;
	size_t i;

	for (i = 0; i < l->met.n; i++) {
		if (strcmp(l->met.p[i].code, me.code) != 0)
			continue;
		a = l->met.p[i].from <= me.from ? &l->met.p[i] : &me;
		b = a == &me ? &l->met.p[i] : &me;
		if (a->from == b->from ||
		    (a->to != MC_NODAY && a->to >= b->from))
			mc_lint_report(l, path, text, "effective_from",
			    "E_OVERLAP",
			    "it is in force at the same time as \"%s\"",
			    l->met.p[i].path);
		else if (!a->dated && !b->dated)
			mc_lint_report(l, path, text, "code", "E_DUPLICATE",
			    "the code has another file without a day in its "
			    "name, \"%s\"",
			    l->met.p[i].path);
	}
	mc_vec_push(&l->met, me);
}

void
mc_lint_procedure(struct lint *l, const char *path, struct mc_str text)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_procedure *p;
	int i;

	if (mc_procedure_parse(&p, path, text, &e) == -1) {
		mc_procedure_lint(path, text, 0, mc_lint_advised, l);
		return;
	}
	mc_procedure_lint(path, text, day_of(l, p), mc_lint_advised, l);
	check_name(l, path, text, p);
	if (p->calendar != NULL && !mc_lint_has_calendar(l, p->calendar))
		mc_lint_report(l, path, text, "calendar", "E_CALENDAR",
		    "there is no calendar \"%s\"", p->calendar);
	check_children(l, path, text, p);
	check_steps(l, path, text, p);
	check_roles(l, path, text, p);
	for (i = 0; i < p->n_cases; i++) {
		if (!p->cases[i].steps)
			continue;
		check_steps(l, path, text, p->cases[i].as);
		check_roles(l, path, text, p->cases[i].as);
	}
	check_overlap(l, path, text, p);
	mc_procedure_free(p);
}
