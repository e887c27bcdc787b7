/* replan_undo.c - the plan that takes a plan back; see motcua/replan.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "replan_internal.h"

struct undo {
	struct mc_apply *a;
	void (*undo)(void *arg, const struct mc_undo *u);
	void (*found)(void *arg, const struct mc_err *why);
	void *arg;
	int64_t *waiting;
	int64_t now;
	struct mc_undo_place place[MC_CASE_STEPS + 1];
	struct mc_fit_step step[MC_CASE_STEPS];
	struct mc_case c;
};

static void MC_PRINTF(4, 5) cannot(struct undo *x,
    const struct mc_plan_item *it, const char *id, const char *what, ...)
{
	struct mc_err e = MC_ERR_INIT;
	char text[200];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	mc_err(&e, MC_EREFUSED, id, "\"%.*s\": %s", (int)it->code.len,
	    it->code.p, text);
	mc_err_at(&e, it->file, it->line, 0);
	x->found(x->arg, &e);
}

/* The unit of a place, or NULL: it has none of its own. */
static const char *
unit_of(struct undo *x, struct mc_case *c, struct mc_str step, bool own)
{
	int32_t id = MC_NOID, name = MC_NOID;
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_case_step *s;

	if (step.p == NULL) {
		id = c->holder != MC_NOID || own ? c->holder : c->unit;
	} else if (mc_store_lookup(
		       x->a->store, MC_D_STEP, step, &name, &ignored) == 1 &&
		   (s = mc_case_find_step(c, name)) != NULL) {
		id = s->unit;
	}
	return id != MC_NOID ? mc_store_text(x->a->store, MC_D_UNIT, id) : NULL;
}

/* The places of the line as they are, and as they were. */
static bool
turn_round(struct undo *x, const struct mc_plan_item *it)
{
	struct mc_plan_move *p;
	const char *from;
	int i;

	for (i = 0; i < it->places; i++) {
		p = &it->place[i];
		from = unit_of(x, &x->c, p->step, false);
		if (from == NULL || p->to.p == NULL || !mc_str_is(p->to, from))
			return false;
		x->place[i] = (struct mc_undo_place){ p->step.p, from,
			unit_of(x, &x->a->past, p->step, true) };
	}
	return true;
}

/* The name that an open step had before. */
static struct mc_str
old_name(struct undo *x, const struct mc_plan_repin *r, const char *step)
{
	const struct mc_case *past = &x->a->past;
	const char *name;
	int i, k;

	for (i = 0; i < past->steps; i++) {
		name =
		    mc_store_text(x->a->store, MC_D_STEP, past->step[i].step);
		for (k = 0; k < r->steps; k++)
			if (strcmp(r->step[k].from, name) == 0)
				break;
		if (mc_str_is(
			k < r->steps ? r->step[k].to : mc_str(name), step))
			return mc_str(name);
	}
	return (struct mc_str){ NULL, 0 };
}

static enum mc_state
state_of(const struct undo *x, const struct mc_case *c)
{
	if (mc_status_paused(x->c.status))
		return MC_PAUSED;
	return mc_overdue(c->rule, c->due, x->now, mc_store_zone(x->a->store))
		   ? MC_OVERDUE
		   : MC_IN_TIME;
}

/* Back to the version before: 1 told, 0 it cannot be, -1. */
static int
turn_version(struct undo *x, const struct mc_plan_item *it, struct mc_err *err)
{
	const struct mc_case *c = &x->c, *past = &x->a->past;
	struct mc_migration_row row = { .id = it->id,
		.procedure = c->procedure,
		.unit = c->unit,
		.pin = c->pin,
		.version = c->version,
		.status = c->status,
		.step = x->step,
		.steps = c->steps,
		.differs = "[]",
		.due = c->due,
		.new_due = past->due,
		.state = state_of(x, c),
		.new_state = state_of(x, past) };
	struct mc_pin pin;
	int i;

	if (mc_store_pin(x->a->store, past->pin, &pin, err) != 1)
		return -1;
	row.redated = mc_redue_differs(c->due, past->due) ||
		      c->due_given != past->due_given;
	if (past->due.at == MC_NEVER && row.redated) {
		cannot(x, it, "E_PLAN",
		    "it had no due date before, and one in force stays");
		return 0;
	}
	for (i = 0; i < c->steps; i++) {
		row.step[i] =
		    (struct mc_fit_step){ .from = mc_store_text(x->a->store,
					      MC_D_STEP, c->step[i].step) };
		row.step[i].to = old_name(x, it->repin, row.step[i].from);
	}
	x->undo(x->arg, &(struct mc_undo){ it->id, c->procedure, c->unit,
			    c->version, c->status, NULL, 0, &row, &pin });
	return 1;
}

static int
undo_repin(struct undo *x, const struct mc_plan_item *it, struct mc_err *err)
{
	const struct mc_plan_repin *r = it->repin;
	struct mc_pin pin;
	int rc = 0, events = 0;

	if (mc_store_pin(x->a->store, x->c.pin, &pin, err) != 1)
		return -1;
	if (x->c.version > it->version && mc_str_is(r->commit, pin.commit) &&
	    mc_str_is(r->path, pin.path) && mc_str_is(r->blob, pin.blob) &&
	    (rc = mc_repin_before(x->a, &x->c, &events, err)) == 1)
		rc = x->c.version == it->version + events;
	if (rc == 1)
		return turn_version(x, it, err) == -1 ? -1 : 0;
	if (rc == 0)
		cannot(x, it, "E_STALE",
		    "it has changed since: version %d, planned for %d",
		    (int)x->c.version, (int)it->version);
	return rc;
}

static int
one(struct undo *x, const struct mc_plan_item *it, struct mc_err *err)
{
	int rc;

	if (it->kind == MC_PLAN_ACTION) {
		cannot(x, it, "E_PLAN",
		    "what was done to one dossier is not taken back like "
		    "this: see route reopen and route correct");
		return 0;
	}
	if (it->kind == MC_PLAN_RESCHEDULE || it->undo) {
		cannot(x, it, "E_PLAN", "%s",
		    it->undo ? "this line takes back itself; apply the "
			       "first plan again"
			     : "due dates go back with the calendar: route "
			       "plan --recompute");
		return 0;
	}
	if (it->undecided || it->refused) {
		++*x->waiting;
		return 0;
	}
	rc = it->id == 0 ? 0 : mc_store_load(x->a->store, it->id, &x->c, err);
	if (rc != 1) {
		if (rc == 0)
			cannot(x, it, "E_DOSSIER", "there is no such dossier");
		return rc;
	}
	if (!mc_status_open(x->c.status)) {
		cannot(x, it, "E_STATE", "the dossier is %s",
		    mc_status_name(x->c.status));
		return 0;
	}
	if (x->c.version == it->version) {
		++*x->waiting;
		return 0;
	}
	if (it->kind == MC_PLAN_REPIN)
		return undo_repin(x, it, err);
	rc = x->c.version != it->version + it->places
		 ? 0
		 : mc_history_before(x->a->history, &x->c, it->places,
		       MC_K_REHOMED, &x->a->past, err);
	if (rc == 1 && turn_round(x, it)) {
		x->undo(x->arg, &(struct mc_undo){ it->id, x->c.procedure,
				    x->c.unit, x->c.version, x->c.status,
				    x->place, it->places, NULL, NULL });
		return 0;
	}
	if (rc != -1)
		cannot(x, it, "E_STALE",
		    "it has changed since: version %d, the plan left %d",
		    (int)x->c.version, (int)(it->version + it->places));
	return rc == -1 ? -1 : 0;
}

int
mc_apply_undo(struct mc_apply *a, int64_t now,
    void (*undo)(void *arg, const struct mc_undo *u),
    void (*found)(void *arg, const struct mc_err *why), void *arg,
    int64_t *waiting, struct mc_err *err)
{
	struct undo *x;
	size_t i;
	int rc = 0;

	if (mc_apply_waiting(a) == 0)
		return 0;
	x = mc_calloc(1, sizeof(*x));
	x->a = a;
	x->now = now;
	x->undo = undo;
	x->found = found;
	x->arg = arg;
	x->waiting = waiting;
	mc_case_init(&x->c);
	if (a->history == NULL)
		a->history = mc_history_new(a->store);
	rc = mc_apply_locate(a, err);
	for (i = 0; i < a->n && rc == 0; i++)
		rc = one(x, a->order[i], err);
	a->told = true; /* the next line begins anew */
	mc_case_free(&x->c);
	free(x);
	return rc;
}
