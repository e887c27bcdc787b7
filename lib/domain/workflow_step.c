/* workflow_step.c - starting, leaving, joining and reopening steps. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>

#include "workflow_internal.h"

/* Index in the definition of the dossier's i-th open step, or -1. */
static int
open_index(const struct mc_workflow_ctx *x, int i)
{
	return x->p == NULL ? -1
			    : mc_procedure_step(
				  x->p, mc_str(mc_workflow_name(
					    x, MC_D_STEP, x->c->step[i].step)));
}

/* "fire, environment" for messages, cut where it gets too long. */
static void
list_add(struct mc_buf *b, const char *id)
{
	if (b->len > 200)
		return;
	if (b->len > 0)
		mc_buf_puts(b, ", ");
	mc_buf_puts(b, b->len + strlen(id) > 200 ? "..." : id);
}

static int
bad_step(struct mc_workflow_ctx *x, const char *what, struct mc_str step)
{
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "\"%.*s\" is %s; there is: %s",
	    (int)(step.len < 100 ? step.len : 100), step.p, what,
	    mc_buf_str(&x->scratch));
}

/*
 * Which open step is meant: --step, or the only one.  *i is -1 when none is
 * open.
 */
int
mc_workflow_pick_step(struct mc_workflow_ctx *x, int *i)
{
	const struct mc_case *c = x->c;
	struct mc_str step = x->req->step;
	int k;

	mc_buf_reset(&x->scratch);
	*i = c->steps - 1;
	if (step.len == 0 && c->steps <= 1)
		return 0;
	for (k = 0; k < c->steps; k++) {
		list_add(&x->scratch,
		    mc_workflow_name(x, MC_D_STEP, c->step[k].step));
		if (mc_str_is(step,
			mc_workflow_name(x, MC_D_STEP, c->step[k].step))) {
			*i = k;
			return 0;
		}
	}
	if (step.len == 0)
		return mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "several steps are open: %s; name one with --step",
		    mc_buf_str(&x->scratch));
	if (c->steps == 0)
		mc_buf_puts(&x->scratch, "none");
	return bad_step(x, "not an open step", step);
}

/* ---- entering a step ---- */

const struct mc_unit *
mc_workflow_home(struct mc_workflow_ctx *x)
{
	const struct mc_unit *unit = mc_workflow_receiving(x);
	const struct mc_case *c = x->c;

	if (unit == NULL || c->received_at == MC_NEVER)
		return unit;
	return mc_unit_home(x->r->units, unit,
	    mc_zone_day(x->r->names->zone, c->received_at),
	    c->holder == MC_NOID
		? MC_STR("")
		: mc_str(mc_workflow_name(x, MC_D_UNIT, c->holder)),
	    x->day);
}

/*
 * Where a unit was named and several steps are entered, it is for those whose
 * role it has; enter_targets() sees to it that there is one.
 */
static int
unit_for(struct mc_workflow_ctx *x, struct mc_workflow_entry *e)
{
	const struct mc_unit *receiving = mc_workflow_home(x);
	const struct mc_step *s = e->step;
	const char *to = x->to_unit.len > 0 ? x->to_unit.p : NULL;

	e->forced = false;
	e->home = receiving;
	if (receiving == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_UNIT",
		    "the receiving unit \"%s\" is not in units.csv",
		    mc_workflow_name(x, MC_D_UNIT, x->c->unit));
	if (s->role == NULL && s->unit == NULL) {
		e->unit = receiving;
		return 0;
	}
	if (x->r->resolve(x->r->arg, receiving, s->role, s->unit, to, x->day,
		&e->unit, x->err) == 0) {
		e->forced = x->to_used = to != NULL;
		return 0;
	}
	(void)mc_workflow_refused(x);
	if (!x->to_shared || to == NULL || x->err->code != MC_EREFUSED)
		return -1;
	mc_err_clear(x->err);
	if (x->r->resolve(x->r->arg, receiving, s->role, s->unit, NULL, x->day,
		&e->unit, x->err) == -1)
		return mc_workflow_refused(x);
	return 0;
}

/* Fill what a started or reopened event says about the step entered. */
static int
put_step(struct mc_workflow_ctx *x, struct mc_happening *h, int step,
    struct mc_workflow_entry *entry)
{
	const struct mc_step *s = &x->p->step[step];
	const struct mc_calendar *cal;
	const char *blob;
	struct mc_due due;

	entry->step = s;
	if (unit_for(x, entry) == -1 ||
	    mc_workflow_assign(x, s, entry->unit, &entry->pick) == -1)
		return -1;
	mc_event_strz(&h->e, MC_F_STEP, s->id);
	mc_event_strz(&h->e, MC_F_UNIT, entry->unit->code);
	if (entry->pick.officer != NULL)
		mc_event_strz(&h->e, MC_F_OFFICER, entry->pick.officer->id);
	if (!s->has_limit)
		return 0;
	if (mc_workflow_calendar(x, entry->unit, &cal, &blob) == -1)
		return -1;
	if (mc_deadline(&due, x->policy, cal, s->limit, x->at, NULL, NULL,
		x->err) == -1)
		return mc_workflow_refused(x);
	if (due.at != MC_NEVER) {
		mc_event_int(&h->e, MC_F_STEP_DUE_AT, due.at);
		mc_event_int(&h->e, MC_F_STEP_DUE_DAY, due.day);
		if (blob != NULL)
			mc_event_strz(&h->e, MC_F_CALENDAR, blob);
	}
	return 0;
}

/* Entering the final step finishes the dossier. */
static int
enter(struct mc_workflow_ctx *x, int step,
    const struct mc_workflow_choice *choice)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_STARTED);
	struct mc_workflow_entry entry;

	if (put_step(x, h, step, &entry) == -1)
		return -1;
	mc_workflow_why(x, h, choice, &entry);
	if (x->p->step[step].final && x->c->status != MC_S_FINISHED) {
		/* Also where no step was left that says so. */
		if (mc_procedure_waits(x->p) &&
		    mc_workflow_await_children(x, "the procedure") == -1)
			return -1;
		h = mc_workflow_emit(x, MC_K_FINISHED);
		mc_event_strz(&h->e, MC_F_STEP, x->p->step[step].id);
		mc_workflow_put_verdict(x, &h->e, x->at);
	}
	return 0;
}

static int
need_definition(struct mc_workflow_ctx *x)
{
	if (x->p != NULL && x->p->steps > 0)
		return 0;
	return mc_err(x->err, MC_EREFUSED, "E_VERSION",
	    "the dossier is not pinned to a definition with steps");
}

/* ---- next ---- */

static bool
targets(const struct mc_branch *b, int step)
{
	int i;

	for (i = 0; i < b->targets; i++)
		if (b->target[i] == step)
			return true;
	return false;
}

/* The branch to take from a step, and with --to the one target of it. */
static int
choose(struct mc_workflow_ctx *x, int from, int *branch, int *only)
{
	const struct mc_step *s = &x->p->step[from];
	struct mc_str to = x->req->to;
	int step, b, i, rc;

	*only = -1;
	/* Imports of older versions could leave one open there. */
	if (s->final)
		return mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "step \"%s\" is final, and nothing comes after it: use "
		    "route finish",
		    s->id);
	if (to.len > 0) {
		step = mc_procedure_step(x->p, to);
		mc_buf_reset(&x->scratch);
		for (b = 0; b < s->branches; b++) {
			if (step != -1 && targets(&s->branch[b], step)) {
				*branch = b;
				*only = step;
				return 0;
			}
			for (i = 0; i < s->branch[b].targets; i++)
				list_add(&x->scratch,
				    x->p->step[s->branch[b].target[i]].id);
		}
		if (step != -1 || x->r->units == NULL ||
		    mc_unit_find(x->r->units, to, x->day) == NULL)
			return bad_step(x, "not a step to go to from here", to);
		x->to_unit = to;
	}
	for (b = 0; b < s->branches; b++) {
		rc = s->branch[b].when == NULL
			 ? 1
			 : mc_condition_eval(
			       s->branch[b].when, mc_workflow_value, x, x->err);
		if (rc == -1)
			return mc_workflow_refused(x);
		if (rc == 1) {
			*branch = b;
			return 0;
		}
	}
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "no branch of step \"%s\" fits the dossier", s->id);
}

static void
wait_for(struct mc_workflow_wait *w, int step)
{
	if (w->n < MC_CASE_STEPS)
		w->on[w->n++] = step;
}

/*
 * May a target be entered?  Not when it is open already; and a joining step
 * only when nothing that is open, or opens now, can still reach it.
 */
static bool
may_enter(struct mc_workflow_ctx *x, int completed, const int *target, int n,
    int step, struct mc_workflow_wait *w)
{
	int i, k;

	w->step = step;
	w->open = false;
	w->n = 0;
	for (i = 0; i < x->c->steps; i++) {
		if (i == completed)
			continue;
		k = open_index(x, i);
		if (k == step)
			w->open = true;
		else if (k != -1 && x->p->step[step].join_all &&
			 mc_procedure_reaches(x->p, k, step))
			wait_for(w, k);
	}
	for (i = 0; i < n && x->p->step[step].join_all; i++)
		if (target[i] != step &&
		    mc_procedure_reaches(x->p, target[i], step))
			wait_for(w, target[i]);
	return !w->open && w->n == 0;
}

/* A dossier whose step the definition does not know needs to be told. */
static int
next_told(struct mc_workflow_ctx *x, int open)
{
	struct mc_happening *h;
	int step, i;

	mc_buf_reset(&x->scratch);
	for (i = 0; i < x->p->steps; i++)
		list_add(&x->scratch, x->p->step[i].id);
	if (x->req->to.len == 0)
		return mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "the dossier is in no step of its definition; name one "
		    "with --to: %s",
		    mc_buf_str(&x->scratch));
	if ((step = mc_procedure_step(x->p, x->req->to)) == -1)
		return bad_step(x, "not a step", x->req->to);
	if (open != -1) {
		h = mc_workflow_emit(x, MC_K_COMPLETED);
		mc_event_strz(&h->e, MC_F_STEP,
		    mc_workflow_name(x, MC_D_STEP, x->c->step[open].step));
	}
	return enter(x, step,
	    &(struct mc_workflow_choice){
		.from = step, .branch = -1, .forced = true });
}

/* What is not entered is told with what was completed. */
static int
enter_targets(struct mc_workflow_ctx *x, int open, const int *target, int n,
    struct mc_workflow_choice *choice)
{
	struct mc_workflow_wait wait[MC_STEP_TARGETS];
	bool may[MC_STEP_TARGETS];
	int i;

	choice->waits = 0;
	for (i = 0; i < n; i++) {
		may[i] = may_enter(
		    x, open, target, n, target[i], &wait[choice->waits]);
		choice->waits += !may[i];
	}
	choice->wait = wait;
	if (choice->waits > 0)
		mc_workflow_why(x, &x->out->event[x->out->n - 1], choice, NULL);
	x->to_shared = n - choice->waits > 1;
	for (i = 0; i < n; i++)
		if (may[i] && enter(x, target[i], choice) == -1)
			return -1;
	if (x->to_shared && x->to_unit.len > 0 && !x->to_used)
		return mc_err(x->err, MC_EREFUSED, "E_ROLE",
		    "\"%.*s\" is none of the units for the steps entered",
		    (int)(x->to_unit.len < 100 ? x->to_unit.len : 100),
		    x->to_unit.p);
	return 0;
}

/* Not done in time: its definition says what follows. */
static int
next_expired(struct mc_workflow_ctx *x, int open, int from)
{
	struct mc_workflow_choice choice = {
		.from = from, .branch = -1, .expired = true
	};
	const struct mc_step *s = &x->p->step[from];
	struct mc_happening *h;

	if (s->expires.to == -1) {
		mc_buf_reset(&x->scratch);
		list_add(&x->scratch, s->id);
		return bad_step(x, "no step that expires", x->req->step);
	}
	h = mc_workflow_emit(x, MC_K_COMPLETED);
	mc_event_strz(&h->e, MC_F_STEP, s->id);
	if (x->req->expired->basis != NULL)
		mc_event_strz(&h->e, MC_F_BASIS, x->req->expired->basis);
	mc_workflow_why(x, h, &choice, NULL);
	return enter_targets(x, open, &s->expires.to, 1, &choice);
}

int
mc_workflow_next(struct mc_workflow_ctx *x)
{
	struct mc_workflow_choice choice = { .branch = -1 };
	const struct mc_branch *b;
	struct mc_happening *h;
	int open, only;

	if (mc_workflow_pick_step(x, &open) == -1)
		return -1;
	if (x->c->status == MC_S_FINISHED) {
		if (open != -1) {
			h = mc_workflow_emit(x, MC_K_COMPLETED);
			mc_event_strz(&h->e, MC_F_STEP,
			    mc_workflow_name(
				x, MC_D_STEP, x->c->step[open].step));
		}
		mc_workflow_emit(x, MC_K_RETURNED);
		return 0;
	}
	if (need_definition(x) == -1)
		return -1;
	mc_workflow_take(x, open);
	if (open == -1 || (choice.from = open_index(x, open)) == -1)
		return next_told(x, open);
	if (x->p->step[choice.from].waits) {
		mc_buf_reset(&x->scratch);
		mc_buf_printf(
		    &x->scratch, "the step \"%s\"", x->p->step[choice.from].id);
		if (mc_workflow_await_children(x, mc_buf_str(&x->scratch)) ==
		    -1)
			return -1;
	}
	if (x->req->expired != NULL)
		return next_expired(x, open, choice.from);
	if (choose(x, choice.from, &choice.branch, &only) == -1)
		return -1;
	choice.forced = only != -1;
	h = mc_workflow_emit(x, MC_K_COMPLETED);
	mc_event_strz(&h->e, MC_F_STEP, x->p->step[choice.from].id);
	b = &x->p->step[choice.from].branch[choice.branch];
	return only != -1
		   ? enter_targets(x, open, &only, 1, &choice)
		   : enter_targets(x, open, b->target, b->targets, &choice);
}

int
mc_workflow_start(struct mc_workflow_ctx *x)
{
	if (need_definition(x) == -1)
		return -1;
	x->to_unit = x->req->to;
	mc_workflow_take(x, -1);
	return enter(x, 0, &(struct mc_workflow_choice){ .branch = -1 });
}

/* ---- reopen ---- */

/* Back into the step named, or the only one that leads to the final step. */
static int
reopen_step(struct mc_workflow_ctx *x, int *step)
{
	const struct mc_procedure *p = x->p;
	int i, b, t, n = 0;
	bool leads;

	*step = -1;
	mc_buf_reset(&x->scratch);
	for (i = 0; i < p->steps; i++)
		if (!p->step[i].final)
			list_add(&x->scratch, p->step[i].id);
	if (x->req->step.len > 0) {
		*step = mc_procedure_step(p, x->req->step);
		if (*step == -1 || p->step[*step].final)
			return bad_step(
			    x, "not a step to work in", x->req->step);
		return 0;
	}
	for (i = 0; i < p->steps; i++) {
		leads = false;
		for (b = 0; b < p->step[i].branches; b++)
			for (t = 0; t < p->step[i].branch[b].targets; t++)
				leads = leads ||
					p->step[p->step[i].branch[b].target[t]]
					    .final;
		if (leads && !p->step[i].final) {
			*step = i;
			n++;
		}
	}
	if (n == 1)
		return 0;
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "name the step to go back to with --step: %s",
	    mc_buf_str(&x->scratch));
}

/* The fields as they are now, since no row keeps those of a closed dossier. */
static int
put_fields(struct mc_workflow_ctx *x, struct mc_happening *h)
{
	struct mc_str now = { x->c->fields.p, x->c->fields.len };

	if (now.len == 0)
		return 0;
	if (x->fields == NULL &&
	    mc_json_parse(&x->fields, "fields", now, x->err) == -1)
		return mc_workflow_refused(x);
	if (mc_json_canonical(&h->fields, x->fields, x->err) == -1)
		return mc_workflow_refused(x);
	mc_event_str(
	    &h->e, MC_F_FIELDS, (struct mc_str){ h->fields.p, h->fields.len });
	return 0;
}

int
mc_workflow_reopen(struct mc_workflow_ctx *x)
{
	struct mc_workflow_choice choice = { .branch = -1,
		.forced = x->req->step.len > 0 };
	struct mc_workflow_entry entry;
	struct mc_happening *h;

	if (need_definition(x) == -1 || reopen_step(x, &choice.from) == -1)
		return -1;
	x->to_unit = x->req->to;
	h = mc_workflow_emit(x, MC_K_REOPENED);
	if (put_step(x, h, choice.from, &entry) == -1 || put_fields(x, h) == -1)
		return -1;
	mc_workflow_why(x, h, &choice, &entry);
	return 0;
}
