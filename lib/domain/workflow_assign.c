/* workflow_assign.c - which officer of a unit gets a step. */
#include <string.h>

#include "workflow_internal.h"

void
mc_workflow_take(struct mc_workflow_ctx *x, int open)
{
	int32_t id = open != -1 ? x->c->step[open].officer : MC_NOID;

	if (id == MC_NOID)
		id = x->c->officer;
	if (id != MC_NOID)
		x->freed = mc_workflow_name(x, MC_D_OFFICER, id);
}

/* As it will be after this action, as far as it has come. */
static int
load_of(struct mc_workflow_ctx *x, const struct mc_officer *o, int64_t *load)
{
	int i;

	*load = 0;
	if (x->r->load != NULL && x->r->load(x->r->arg, o, load, x->err) == -1)
		return -1;
	if (x->freed != NULL && strcmp(x->freed, o->id) == 0)
		--*load;
	for (i = 0; i < x->n_given; i++)
		*load += x->given[i]->index == o->index;
	return 0;
}

/* Is `o` a better choice than the one so far?  They come in order of id. */
static int
compare(struct mc_workflow_ctx *x, struct mc_workflow_pick *p,
    const struct mc_officer *o)
{
	int64_t load;
	bool better;

	if (p->by == MC_ASSIGN_LEAST_LOAD) {
		if (load_of(x, o, &load) == -1)
			return -1;
		better = p->officer == NULL || load < p->open;
		if (better)
			p->open = load;
	} else {
		/* The first after the last one; else the first of all. */
		better = p->officer == NULL ||
			 (p->after != NULL && strcmp(o->id, p->after) > 0 &&
			     strcmp(p->officer->id, p->after) <= 0);
	}
	if (better)
		p->officer = o;
	return 0;
}

int
mc_workflow_assign(struct mc_workflow_ctx *x, const struct mc_step *s,
    const struct mc_unit *unit, struct mc_workflow_pick *p)
{
	const struct mc_officer *o;
	int32_t until;
	int at = 0;

	*p = (struct mc_workflow_pick){ .by = s->assign };
	if (s->assign == MC_ASSIGN_NONE || x->r->units == NULL)
		return 0;
	if (s->assign == MC_ASSIGN_ROUND_ROBIN && x->r->turn != NULL &&
	    x->r->turn(x->r->arg, unit, s->id, &p->after, x->err) == -1)
		return -1;
	while ((o = mc_unit_officer(x->r->units, unit, x->day, &at)) != NULL) {
		if (!mc_officer_can(o, s->role))
			continue;
		if (mc_officer_absent(x->r->units, o, x->day, &until)) {
			p->absent++;
			continue;
		}
		p->of++;
		if (compare(x, p, o) == -1)
			return -1;
	}
	if (p->officer != NULL && x->n_given < MC_STEP_TARGETS)
		x->given[x->n_given++] = p->officer;
	return 0;
}

/*
 * Where the rule finds nobody, whoever had the step keeps it: better one who
 * can say where it is than none.
 */
int
mc_workflow_reassign(
    struct mc_workflow_ctx *x, int open, const struct mc_unit *unit)
{
	const char *id = mc_workflow_name(x, MC_D_STEP, x->c->step[open].step);
	struct mc_workflow_choice choice = { .branch = -1 };
	struct mc_workflow_entry e = { .unit = unit, .forced = true };
	struct mc_happening *h;

	choice.from = x->p != NULL ? mc_procedure_step(x->p, mc_str(id)) : -1;
	if (choice.from == -1)
		return 0;
	e.step = &x->p->step[choice.from];
	mc_workflow_take(x, open);
	if (mc_workflow_assign(x, e.step, unit, &e.pick) == -1)
		return -1;
	if (e.pick.officer == NULL)
		return 0;
	e.home = mc_workflow_home(x);
	h = mc_workflow_emit(x, MC_K_ASSIGNED);
	mc_event_strz(&h->e, MC_F_OFFICER, e.pick.officer->id);
	mc_event_strz(&h->e, MC_F_STEP, id);
	mc_event_strz(&h->e, MC_F_UNIT, unit->code);
	mc_workflow_why(x, h, &choice, &e);
	return 0;
}
