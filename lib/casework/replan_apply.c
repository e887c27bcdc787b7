/* replan_apply.c - a plan's lines become events; see motcua/replan.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "replan_internal.h"

struct mc_apply *
mc_apply_new(struct mc_store *s)
{
	struct mc_apply *a = mc_calloc(1, sizeof(*a));

	a->store = s;
	mc_case_init(&a->past);
	return a;
}

void
mc_apply_free(struct mc_apply *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->cap; i++)
		mc_case_free(&a->item[i].c);
	mc_case_free(&a->past);
	mc_history_free(a->history);
	mc_repin_free(a);
	mc_elapsed_free(a->elapsed);
	mc_casework_free(a->work);
	mc_replan_free(a->replan);
	mc_rulebook_free(a->rb);
	mc_pool_free(&a->pool);
	mc_buf_free(&a->text);
	mc_buf_free(&a->scratch);
	free(a->item);
	free(a->order);
	free(a);
}

size_t
mc_apply_waiting(const struct mc_apply *a)
{
	return a->told ? 0 : a->n;
}

bool
mc_apply_result(struct mc_apply *a, size_t i, struct mc_move *out,
    const char **file, int64_t *line)
{
	if (!a->told || i >= a->n)
		return false;
	*out = a->item[i].move;
	*file = a->item[i].file;
	*line = a->item[i].line;
	return true;
}

const char *
mc_apply_action(const struct mc_apply *a, size_t i)
{
	static const char *const name[] = { [MC_PLAN_RESCHEDULE] = "reschedule",
		[MC_PLAN_REHOME] = "rehome",
		[MC_PLAN_REPIN] = "repin",
		[MC_PLAN_EXPIRE] = "expire",
		[MC_PLAN_ANSWER] = "answer" };

	return a->item[i].kind == MC_PLAN_ACTION
		   ? mc_action_name(a->item[i].action->req.action)
		   : name[a->item[i].kind];
}

/* ---- a batch ---- */

/* Before the lock is taken: reading a repository can take a while. */
static int
open_rulebook(struct mc_apply *a, int64_t now, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(a->store);

	if (a->rb == NULL) {
		if (mc_rulebook_open(&a->rb, site->rules, site->ref, err) == -1)
			return -1;
		a->replan = mc_replan_new(a->store, a->rb, now);
	} else if (mc_rulebook_refresh(a->rb, err) == -1) {
		return -1;
	}
	mc_replan_forget(a->replan, now);
	a->today = mc_zone_day(mc_store_zone(a->store), now);
	if (mc_repin_open(a, now, err) == -1 || mc_action_open(a, err) == -1)
		return -1;
	return mc_rulebook_units(a->rb, &a->units, err);
}

static int
by_id(const void *va, const void *vb)
{
	const struct mc_plan_item *const *a = va, *const *b = vb;

	if ((*a)->id != (*b)->id)
		return (*a)->id < (*b)->id ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

/* In the order of ids, so that the table is walked once. */
int
mc_apply_locate(struct mc_apply *a, struct mc_err *err)
{
	struct mc_plan_item *it;
	size_t i;
	int rc;

	if (a->order_cap < a->n) {
		a->order_cap = a->cap;
		a->order =
		    mc_realloc(a->order, a->order_cap, sizeof(*a->order));
	}
	for (i = 0; i < a->n; i++) {
		it = a->order[i] = &a->item[i];
		rc = mc_store_find(a->store, it->code, &it->id, err);
		if (rc == -1 && err->code == MC_ENOTFOUND) {
			it->several = mc_pool_str(&a->pool, mc_str(err->msg));
			mc_err_clear(err);
			rc = 0;
		}
		if (rc == -1)
			return -1;
		if (rc == 0)
			it->id = 0;
	}
	if (a->n > 1)
		qsort(a->order, a->n, sizeof(*a->order), by_id);
	return 0;
}

struct mc_str
mc_apply_keep(struct mc_apply *a)
{
	return mc_pool_str(
	    &a->pool, (struct mc_str){ mc_buf_str(&a->text), a->text.len });
}

void
mc_apply_refuse(struct mc_apply *a, struct mc_plan_item *it, const char *id,
    const char *what, const char *advice)
{
	size_t n = strlen(id);

	it->move.result = MC_R_REFUSED;
	if (n < sizeof(it->move.error_id))
		memcpy(it->move.error_id, id, n + 1);
	mc_buf_reset(&a->text);
	mc_buf_printf(&a->text, "%s: %s", id, what);
	it->move.error = mc_apply_keep(a);
	if (advice != NULL)
		it->move.advice = mc_str(advice);
}

/* Steps, or what else of a dossier is joined by "+". */
struct mc_str
mc_apply_join(struct mc_apply *a, enum mc_dict dict, const struct mc_case *c)
{
	int32_t id;
	int i;

	mc_buf_reset(&a->text);
	for (i = 0; i < c->steps; i++) {
		id = dict == MC_D_STEP   ? c->step[i].step
		     : dict == MC_D_UNIT ? c->step[i].unit
					 : c->step[i].officer;
		if (id == MC_NOID)
			continue;
		if (a->text.len > 0)
			mc_buf_putc(&a->text, '+');
		mc_buf_puts(&a->text, mc_store_text(a->store, dict, id));
	}
	id = dict == MC_D_STEP      ? MC_NOID
	     : dict == MC_D_OFFICER ? c->officer
	     : c->holder != MC_NOID ? c->holder
				    : c->unit;
	if (a->text.len == 0 && id != MC_NOID)
		mc_buf_puts(&a->text, mc_store_text(a->store, dict, id));
	return a->text.len > 0 ? mc_apply_keep(a) : (struct mc_str){ NULL, 0 };
}

/* Where it is by now. */
void
mc_apply_tell(struct mc_apply *a, struct mc_plan_item *it)
{
	struct mc_move *m = &it->move;

	m->from_step = m->to_step = mc_apply_join(a, MC_D_STEP, &it->c);
	m->to_unit = mc_apply_join(a, MC_D_UNIT, &it->c);
	if (m->from_unit.p == NULL)
		m->from_unit = m->to_unit;
	m->officer = mc_apply_join(a, MC_D_OFFICER, &it->c);
	m->status = it->c.status;
	m->due_at = it->c.due.at;
	m->version = it->c.version;
}

static void
refuse_plan(struct mc_apply *a, struct mc_plan_item *it)
{
	struct mc_buf b = { 0 };

	mc_buf_puts(&b, "the rules now give ");
	if (it->now.due.at == MC_NEVER)
		mc_buf_puts(&b, "no due date");
	else
		mc_time_put(&b, it->now.due.at, mc_store_zone(a->store));
	mc_buf_puts(&b, ", the plan says ");
	mc_time_put(&b, it->due.at, mc_store_zone(a->store));
	if (it->now.due.at == it->due.at)
		mc_buf_puts(&b, it->due.provisional ? " (provisional)"
						    : " (not provisional)");
	mc_apply_refuse(a, it, "E_PLAN", mc_buf_str(&b),
	    "make it anew: route plan --recompute");
	mc_buf_free(&b);
}

static const char *
again(const struct mc_plan_item *it)
{
	return it->kind == MC_PLAN_REHOME
		   ? "make it anew: route plan --succession"
	       : it->kind == MC_PLAN_REPIN ? "make it anew: route plan --rules"
	       : it->kind == MC_PLAN_RESCHEDULE
		   ? "make it anew: route plan --recompute"
		   : "make it anew: route plan --due";
}

void
mc_apply_stale(struct mc_apply *a, struct mc_plan_item *it)
{
	char text[128];

	snprintf(text, sizeof(text),
	    "it has changed since the plan was made: version %d, planned for "
	    "%d",
	    (int)it->c.version, (int)it->version);
	mc_apply_refuse(a, it, "E_STALE", text, again(it));
}

/*
 * May the line be done?  That what it says is so already comes first: so a
 * plan can be applied again after it was interrupted.
 */
static int
judge(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	const struct mc_case *c = &it->c;
	struct mc_err why = MC_ERR_INIT;

	it->move.result = MC_R_UNCHANGED;
	if (!mc_status_open(c->status) ||
	    (it->kind != MC_PLAN_REHOME &&
		(c->received_at == MC_NEVER || c->pin == MC_NOID))) {
		mc_buf_reset(&a->scratch);
		mc_buf_printf(&a->scratch, "the dossier is %s: %s",
		    mc_status_name(c->status),
		    mc_status_open(c->status)
			? "its clock does not run"
			: "what is not open any more never changes");
		mc_apply_refuse(
		    a, it, "E_STATE", mc_buf_str(&a->scratch), NULL);
	} else if (it->kind == MC_PLAN_REHOME) {
		return mc_rehome_judge(a, it, err);
	} else if (it->kind == MC_PLAN_REPIN) {
		return mc_repin_judge(a, it, err);
	} else if (!mc_redue_differs(c->due, it->due)) {
		return 0;
	} else if (c->version != it->version) {
		mc_apply_stale(a, it);
	} else if (mc_replan_case(a->replan, c, &it->now, &why) == -1) {
		if (why.code != MC_EDATA) {
			*err = why;
			return -1;
		}
		mc_apply_refuse(a, it, why.id, why.msg, NULL);
	} else if (mc_redue_differs(it->now.due, it->due)) {
		refuse_plan(a, it);
	} else {
		it->move.result = MC_R_DONE;
	}
	return 0;
}

/* A line before it is done in this batch: is it the same once more? */
static void
twice(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_plan_item *before)
{
	bool same = it->kind == before->kind;

	if (same && it->kind == MC_PLAN_REHOME)
		same = mc_rehome_same(it, before);
	else if (same && it->kind == MC_PLAN_REPIN)
		same = mc_repin_same(it, before);
	else if (same)
		same = !mc_redue_differs(before->now.due, it->due);
	if (before->kind == MC_PLAN_RESCHEDULE)
		it->c.due = before->now.due;
	it->c.version += before->kind == MC_PLAN_REHOME  ? before->places
			 : before->kind == MC_PLAN_REPIN ? before->repin->events
							 : 1;
	it->move.result = MC_R_UNCHANGED;
	if (!same)
		mc_apply_stale(a, it);
}

/* Every dossier is looked at before the first is written. */
static int
judge_all(struct mc_apply *a, struct mc_err *err)
{
	struct mc_plan_item *it, *before = NULL;
	int64_t timed = 0;
	size_t i;
	int rc;

	for (i = 0; i < a->n; i++) {
		it = a->order[i];
		if (it->kind == MC_PLAN_ACTION)
			continue;
		it->move =
		    (struct mc_move){ .code = it->code, .due_at = MC_NEVER };
		mc_case_init(&it->c);
		rc = it->id == 0 ? 0
				 : mc_store_load(a->store, it->id, &it->c, err);
		if (rc == -1)
			return -1;
		if (rc == 0) {
			it->several.p != NULL
			    ? mc_apply_refuse(
				  a, it, "E_ALIAS", it->several.p, NULL)
			    : mc_apply_refuse(a, it, "E_DOSSIER",
				  "there is no such dossier", NULL);
			continue;
		}
		/* These take their turn among the writes. */
		if (it->kind == MC_PLAN_EXPIRE || it->kind == MC_PLAN_ANSWER) {
			it->move.result = MC_R_DONE;
			timed = it->id;
			continue;
		}
		if (judge(a, it, err) == -1)
			return -1;
		if (it->id == timed && it->move.result == MC_R_DONE)
			mc_apply_stale(a, it);
		/* A dossier twice: the second line comes too late. */
		if (before != NULL && before->id == it->id &&
		    before->move.result == MC_R_DONE &&
		    it->move.result == MC_R_DONE) {
			twice(a, it, before);
		}
		if (it->move.result != MC_R_DONE)
			mc_apply_tell(a, it);
		else
			before = it;
	}
	return 0;
}

/* Which file of which commit it follows from. */
static struct mc_str
why_of(struct mc_apply *a, const struct mc_plan_item *it)
{
	struct mc_jw w;

	mc_buf_reset(&a->scratch);
	mc_buf_printf(&a->scratch, "calendars/%s.json", it->now.calendar);
	mc_buf_reset(&a->text);
	w = mc_jw(&a->text);
	mc_jw_open(&w, '{');
	mc_jw_key(&w, "commit");
	mc_jw_strz(&w, mc_rulebook_commit(a->rb));
	mc_jw_key(&w, "reason");
	mc_jw_strz(&w, "calendar");
	mc_jw_key(&w, "rule");
	mc_jw_strz(&w, mc_buf_str(&a->scratch));
	mc_jw_close(&w, '}');
	return mc_apply_keep(a);
}

/* The present, as far as this dossier goes (casework.c). */
static int64_t
present(const struct mc_apply *a, const struct mc_case *c, int64_t now)
{
	return c->changed_at <= now ||
		       c->changed_at > mc_store_recorded_at(a->store)
		   ? now
		   : c->changed_at;
}

static int
write_one(struct mc_apply *a, struct mc_plan_item *it, int64_t now,
    struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESCHEDULED,
		.at = present(a, &it->c, now) };
	struct mc_str was;

	if (it->kind == MC_PLAN_EXPIRE || it->kind == MC_PLAN_ANSWER)
		return mc_expire_do(a, it, now, err);
	if (it->kind == MC_PLAN_REHOME) {
		it->move.from_unit = mc_apply_join(a, MC_D_UNIT, &it->c);
		if (mc_rehome_write(a, it, e.at, err) == -1)
			return -1;
		mc_apply_tell(a, it);
		return 0;
	}
	if (it->kind == MC_PLAN_REPIN) {
		was = mc_apply_join(a, MC_D_STEP, &it->c);
		if (mc_repin_write(a, it, e.at, err) == -1)
			return -1;
		mc_apply_tell(a, it);
		it->move.from_step = was;
		return 0;
	}
	it->move.why = why_of(a, it);
	mc_redue_put(&e, it->c.due, it->now.due, it->now.given, it->now.blob);
	/* why_of() has left the calendar's file there. */
	mc_event_str(&e, MC_F_BASIS,
	    it->basis.p != NULL
		? it->basis
		: (struct mc_str){ a->scratch.p, a->scratch.len });
	mc_event_str(&e, MC_F_WHY, it->move.why);
	if (mc_store_append(
		a->store, &it->c, &e, (struct mc_str){ NULL, 0 }, err) == -1)
		return -1;
	mc_store_save_due(a->store, &it->c);
	mc_apply_tell(a, it);
	return 0;
}

static int
do_all(struct mc_apply *a, int64_t now, struct mc_err *err)
{
	size_t i;

	if (mc_apply_locate(a, err) == -1 || judge_all(a, err) == -1 ||
	    (a->work != NULL && mc_casework_begin(a->work, err) == -1))
		return -1;
	for (i = 0; i < a->n; i++)
		if (a->order[i]->kind != MC_PLAN_ACTION &&
		    a->order[i]->move.result == MC_R_DONE &&
		    write_one(a, a->order[i], now, err) == -1)
			return -1;
	return mc_action_do(a, now, err);
}

int
mc_apply_batch(
    struct mc_apply *a, int64_t now, bool dry_run, struct mc_err *err)
{
	int rc;

	if (mc_apply_waiting(a) == 0) {
		a->n = 0;
		return 0;
	}
	if (open_rulebook(a, now, err) == -1 ||
	    mc_expire_open(a, now, err) == -1 ||
	    mc_store_begin(a->store, now, err) == -1)
		return -1;
	rc = do_all(a, now, err);
	if (rc == -1 || dry_run)
		mc_store_rollback(a->store);
	else
		rc = mc_store_commit(a->store, err);
	if (a->work != NULL)
		mc_casework_end(a->work, rc == 0 && !dry_run);
	a->told = rc == 0;
	return rc;
}
