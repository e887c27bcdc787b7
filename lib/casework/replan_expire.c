/* replan_expire.c - lines of a plan that say that time has run out. */
#include <string.h>

#include "replan_internal.h"

static bool
timed(const struct mc_plan_item *it)
{
	return it->kind == MC_PLAN_EXPIRE || it->kind == MC_PLAN_ANSWER;
}

int
mc_expire_open(struct mc_apply *a, int64_t now, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < a->n && !timed(&a->item[i]); i++)
		;
	if (i == a->n)
		return 0;
	if (a->work == NULL)
		a->work = mc_casework_new(a->store);
	if (a->elapsed == NULL)
		a->elapsed = mc_elapsed_new(a->store, a->rb, now);
	if (a->history == NULL)
		a->history = mc_history_new(a->store);
	mc_elapsed_forget(a->elapsed, now);
	return mc_casework_open(a->work, MC_A_NEXT, err);
}

/* ---- was it done already? ---- */

static bool
says_expired(const struct mc_event *e)
{
	struct mc_str why = mc_event_get(e, MC_F_WHY);
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc = NULL;
	bool is = false;

	if (why.len > 0 && mc_json_parse(&doc, "why", why, &ignored) == 0)
		is = mc_json_get(doc, "expired") != NULL;
	mc_json_free(doc);
	return is;
}

/*
 * What has become of the dossier since the plan was made.  Another step of
 * it may have expired; that is no reason not to go on.
 */
static int
since_then(struct mc_apply *a, const struct mc_plan_item *it, bool *done,
    bool *only, struct mc_err *err)
{
	struct mc_event e;
	int32_t n = 0;
	bool expired;
	int rc;

	*done = false;
	*only = true;
	mc_history_begin(a->history, &it->c);
	while ((rc = mc_history_next(a->history, &e, err)) == 1) {
		if (n++ < it->version)
			continue;
		switch (e.kind) {
		case MC_K_COMPLETED:
			expired = says_expired(&e);
			*only = *only && expired;
			*done = *done || (expired && it->step.p != NULL &&
					     mc_str_same(it->step,
						 mc_event_get(&e, MC_F_STEP)));
			break;
		case MC_K_STARTED: /* what a step that expired leads to */
		case MC_K_FINISHED:
			break;
		case MC_K_REFUSED:
		case MC_K_WITHDRAWN:
		case MC_K_STOPPED:
			*only = false;
			*done =
			    *done || (it->step.p == NULL && says_expired(&e));
			break;
		default:
			*only = false;
		}
	}
	return rc;
}

/* ---- doing it ---- */

static int
plan_again(struct mc_apply *a, struct mc_plan_item *it, const char *what)
{
	mc_apply_refuse(
	    a, it, "E_PLAN", what, "make it anew: route plan --due");
	mc_apply_tell(a, it);
	return 0;
}

static enum mc_action
action_of(const struct mc_elapsed_row *row)
{
	if (row->what == MC_ELAPSED_STEP)
		return MC_A_NEXT;
	return mc_str_is(mc_str(row->to), mc_status_name(MC_S_STOPPED))
		   ? MC_A_STOP
	       : mc_str_is(mc_str(row->to), mc_status_name(MC_S_WITHDRAWN))
		   ? MC_A_WITHDRAW
		   : MC_A_REFUSE;
}

static int
act(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_elapsed_row *row, int64_t now, struct mc_err *err)
{
	struct mc_request req = MC_REQUEST(action_of(row));
	struct mc_expired why = { .after = row->after,
		.since = row->since,
		.end = row->end,
		.commit = row->commit,
		.basis = it->basis.p };

	mc_buf_reset(&a->scratch);
	mc_elapsed_rule(&a->scratch, row);
	why.rule = mc_buf_str(&a->scratch);
	if (row->what == MC_ELAPSED_STEP)
		req.step = it->step;
	req.expired = &why;
	it->move.code = it->code;
	return mc_casework_one(a->work, &req, NULL, now, &it->move, err);
}

/* By the rules as they are now, which may no longer be those of the plan. */
static int
judge(struct mc_apply *a, struct mc_plan_item *it, int64_t now,
    struct mc_err *err)
{
	struct mc_elapsed_row row;
	struct mc_err why = MC_ERR_INIT;
	int32_t step = MC_NOID;
	int rc;

	if (it->step.p != NULL &&
	    mc_store_lookup(a->store, MC_D_STEP, it->step, &step, err) == -1)
		return -1;
	if (it->step.p != NULL && step == MC_NOID)
		return plan_again(a, it, "it is not in that step");
	rc = mc_elapsed_case(a->elapsed, &it->c, step, &row, &why);
	if (rc == -1 && why.code != MC_EDATA) {
		*err = why;
		return -1;
	}
	if (rc == -1) {
		mc_apply_refuse(a, it, why.id, why.msg, NULL);
		mc_apply_tell(a, it);
		return 0;
	}
	if (rc == 0 || row.to == NULL)
		return plan_again(
		    a, it, "by the rules of today its time has not run out");
	if (!mc_str_is(it->to, row.to))
		return plan_again(a, it, "its rule leads elsewhere");
	return act(a, it, &row, now, err);
}

int
mc_expire_do(struct mc_apply *a, struct mc_plan_item *it, int64_t now,
    struct mc_err *err)
{
	bool done = false, only = true;

	/* Lines before it may have changed it. */
	if (mc_store_load(a->store, it->id, &it->c, err) != 1)
		return err->code != MC_OK
			   ? -1
			   : mc_err(err, MC_EDAMAGED, "E_DAMAGED",
				 "a dossier is gone");
	it->move.result = MC_R_UNCHANGED;
	if (it->kind == MC_PLAN_ANSWER) {
		mc_apply_tell(a, it);
		return 0;
	}
	if (it->c.version != it->version) {
		mc_store_settle(a->store);
		if (since_then(a, it, &done, &only, err) == -1)
			return -1;
	}
	if (done) {
		mc_apply_tell(a, it);
		return 0;
	}
	if (!only || it->c.version < it->version) {
		mc_apply_stale(a, it);
		mc_apply_tell(a, it);
		return 0;
	}
	if (!mc_status_open(it->c.status)) {
		mc_apply_refuse(a, it, "E_STATE",
		    "what is not open any more never changes", NULL);
		mc_apply_tell(a, it);
		return 0;
	}
	if (it->undecided)
		return plan_again(a, it,
		    "nobody has decided: the calendar does not know those "
		    "days yet");
	return judge(a, it, now, err);
}
