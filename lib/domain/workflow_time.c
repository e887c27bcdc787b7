/* workflow_time.c - actions that set or move the due date. */
#include <motcua/json.h>

#include "workflow_internal.h"

/* ---- dues ---- */

/* NULL when the organisation does not know it (any more). */
const struct mc_unit *
mc_workflow_receiving(struct mc_workflow_ctx *x)
{
	if (x->receiving == NULL && x->r->units != NULL)
		x->receiving = mc_unit_find(x->r->units,
		    mc_str(mc_workflow_name(x, MC_D_UNIT, x->c->unit)), x->day);
	return x->receiving;
}

int
mc_workflow_calendar(struct mc_workflow_ctx *x, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob)
{
	return x->r->calendar(x->r->arg, x->p != NULL ? x->p->calendar : NULL,
		   unit, cal, blob, x->err) == -1
		   ? mc_workflow_refused(x)
		   : 0;
}

void
mc_workflow_say_due(
    struct mc_event *e, struct mc_due due, bool given, const char *blob)
{
	if (due.at == MC_NEVER)
		return;
	mc_event_int(e, MC_F_DUE_AT, due.at);
	mc_event_int(e, MC_F_DUE_DAY, due.day);
	if (due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (given)
		mc_event_str(e, MC_F_DUE_SOURCE, MC_STR("given"));
	if (blob != NULL)
		mc_event_strz(e, MC_F_CALENDAR, blob);
}

/*
 * The same where another due was in force; nothing when it stays, unless what
 * was counted is a promise from now on.
 */
void
mc_workflow_put_due(struct mc_workflow_ctx *x, struct mc_event *e,
    struct mc_due due, bool given, const char *blob)
{
	if (due.at == x->due.at && due.day == x->due.day &&
	    (!given || x->c->due_given))
		return;
	if (x->due.at != MC_NEVER)
		mc_event_int(e, MC_F_OLD_DUE_AT, x->due.at);
	mc_workflow_say_due(e, due, given, blob);
	x->due = due;
}

void
mc_workflow_put_verdict(
    struct mc_workflow_ctx *x, struct mc_event *e, int64_t finished_at)
{
	enum mc_verdict v =
	    mc_verdict(x->c->rule, x->due, finished_at, x->r->names->zone);

	mc_event_str(e, MC_F_VERDICT, mc_verdict_str(v));
}

/* ---- actions ---- */

int
mc_workflow_receive(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	const struct mc_calendar *cal;
	struct mc_due due = { .day = MC_NODAY, .at = MC_NEVER };
	struct mc_happening *h;
	struct mc_term limit;
	const char *blob = NULL;

	if (x->p == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_VERSION",
		    "no definition of the procedure is in force that day");
	if (mc_workflow_choose_case(x) == -1)
		return -1;
	limit = mc_procedure_limit(x->p, c->channel);
	if (limit.unit != MC_TERM_NONE) {
		if (mc_workflow_calendar(
			x, mc_workflow_receiving(x), &cal, &blob) == -1)
			return -1;
		if (mc_deadline(&due, x->policy, cal, limit, x->at, NULL, NULL,
			x->err) == -1)
			return mc_workflow_refused(x);
	}
	if (c->status == MC_S_SUPPLEMENT)
		mc_workflow_emit(x, MC_K_RESUMED);
	h = mc_workflow_emit(x, MC_K_RECEIVED);
	mc_event_strz(&h->e, MC_F_PROCEDURE,
	    mc_workflow_name(x, MC_D_PROCEDURE, c->procedure));
	mc_event_strz(
	    &h->e, MC_F_UNIT, mc_workflow_name(x, MC_D_UNIT, c->unit));
	mc_event_str(&h->e, MC_F_CHANNEL, mc_channel_str(c->channel));
	mc_event_strz(&h->e, MC_F_COMMIT, x->r->commit);
	mc_event_strz(&h->e, MC_F_PATH, x->r->path);
	mc_event_strz(&h->e, MC_F_BLOB, x->r->blob);
	if (mc_procedure_case_id(x->p) != NULL)
		mc_event_strz(&h->e, MC_F_CASE, mc_procedure_case_id(x->p));
	mc_policy_put(&h->text, x->policy);
	mc_event_str(&h->e, MC_F_POLICY, mc_workflow_text(h));
	mc_workflow_say_due(&h->e, due, false, blob);
	return 0;
}

/*
 * After payment or a stop the dossier goes on being processed (DOMAIN 3.1:
 * 6 and 8 lead to 4), so one that had not been started yet is.
 */
int
mc_workflow_resume(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	const struct mc_calendar *cal;
	struct mc_due due = x->due;
	struct mc_happening *h;
	struct mc_term limit = { .unit = MC_TERM_NONE };
	const char *blob;

	if (mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, &blob) ==
	    -1)
		return -1;
	if (x->p != NULL)
		limit = mc_procedure_limit(x->p, c->channel);
	if (c->paused_at != MC_NEVER &&
	    mc_deadline_resume(&due, x->policy, cal, limit, x->due,
		c->paused_at, x->at, NULL, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	h = mc_workflow_emit(x, MC_K_RESUMED);
	mc_workflow_put_due(x, &h->e, due,
	    c->due_given && (x->policy->pause != MC_PAUSE_RESTART ||
				limit.unit == MC_TERM_NONE),
	    blob);
	if (c->status == MC_S_SUPPLEMENT || c->was != MC_S_RECEIVED)
		return 0;
	return mc_workflow_start(x);
}

/*
 * Where the policy's word on extending stands, for messages.  A definition
 * is pinned with its text; what it does not say was the rulebook's word on
 * the day of receipt, of which only the policy is kept: whether it said what
 * holds without it, nobody knows.
 */
static void
put_origin(struct mc_buf *b, const struct mc_workflow_ctx *x,
    const char *member, bool is_default)
{
	const struct mc_json *own =
	    x->p != NULL ? mc_json_get(x->p->doc, "deadline") : NULL;

	mc_buf_printf(b, "\"%s\" ", member);
	if (mc_json_get(own, member) != NULL)
		mc_buf_printf(b, "in %s",
		    x->r->path != NULL ? x->r->path : "its definition");
	else
		mc_buf_printf(b, "in rulebook.json%s",
		    is_default ? ", or by default" : "");
}

static int
not_by_policy(struct mc_workflow_ctx *x)
{
	return mc_err_advise(x->err,
	    "the policy is the one of the day of receipt; without a new date "
	    "an apology can be recorded: route apologise --reason=TEXT");
}

/* As often and as late as the policy allows. */
static int
may_extend(struct mc_workflow_ctx *x)
{
	const struct mc_policy *p = x->policy, *d = &mc_policy_default;
	int n = x->c->extensions;
	struct mc_buf b = { 0 };

	if (n >= p->extensions) {
		put_origin(&b, x, "extensions", p->extensions == d->extensions);
		if (p->extensions == 0)
			mc_err(x->err, MC_EREFUSED, "E_EXTEND",
			    "the policy allows no extension (%s)",
			    mc_buf_str(&b));
		else
			mc_err(x->err, MC_EREFUSED, "E_EXTEND",
			    "extended %d time%s already; the policy allows %d "
			    "(%s)",
			    n, n == 1 ? "" : "s", p->extensions,
			    mc_buf_str(&b));
		mc_buf_free(&b);
		return not_by_policy(x);
	}
	if (!p->extend_after_expiry &&
	    mc_overdue(x->c->rule, x->due, x->at, x->r->names->zone)) {
		mc_time_put(&b, x->due.at, x->r->names->zone);
		mc_buf_puts(&b, " has passed; the policy allows extending "
				"only before (");
		put_origin(&b, x, "extend_after_expiry", true);
		mc_err(x->err, MC_EREFUSED, "E_EXTEND", "the due date %s)",
		    mc_buf_str(&b));
		mc_buf_free(&b);
		return not_by_policy(x);
	}
	return 0;
}

/*
 * A new date is told to the applicant, who comes to a closed door on a day
 * off; and by law a term that would end there ends on the next working day
 * (Civil Code 148).  Which of the two was meant is for the officer to say.
 */
static int
day_off(struct mc_workflow_ctx *x, const struct mc_calendar *cal, int32_t day)
{
	struct mc_day_info info = mc_calendar_day(cal, day);
	int32_t next = mc_calendar_add_days(cal, day, 1);
	struct mc_buf b = { 0 };

	mc_day_put(&b, day);
	mc_err(x->err, MC_EREFUSED, "E_DUE",
	    "the new due date, %s, is a day off%s%.100s%s", mc_buf_str(&b),
	    info.name != NULL ? " (" : "", info.name != NULL ? info.name : "",
	    info.name != NULL ? ")" : "");
	if (next != MC_NODAY) {
		mc_buf_reset(&b);
		mc_day_put(&b, next);
		mc_err_advise(x->err,
		    "a term that ends on a day off ends on the next working "
		    "day: --until=%s",
		    mc_buf_str(&b));
	}
	mc_buf_free(&b);
	return -1;
}

/* Later than the due in force, not over already, and the office is open. */
static int
check_extension(
    struct mc_workflow_ctx *x, const struct mc_calendar *cal, struct mc_due due)
{
	const struct mc_zone *zone = x->r->names->zone;
	struct mc_buf b = { 0 };

	if (due.at <= x->due.at) {
		mc_time_put(&b, x->due.at, zone);
		mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the new due date is not later than the present one, %s",
		    mc_buf_str(&b));
	} else if (mc_overdue(x->c->rule, due, x->at, zone)) {
		mc_time_put(&b, due.at, zone);
		mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the new due date, %s, has passed already", mc_buf_str(&b));
		mc_err_advise(x->err, "name a later one with --until");
	} else if (x->req->until != MC_NEVER &&
		   !mc_calendar_working(cal, due.day)) {
		return day_off(x, cal, due.day);
	} else {
		return 0;
	}
	mc_buf_free(&b);
	return -1;
}

int
mc_workflow_extend(struct mc_workflow_ctx *x)
{
	const struct mc_request *req = x->req;
	const struct mc_calendar *cal;
	struct mc_happening *h;
	struct mc_due due;
	const char *blob;

	if (x->due.at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the dossier has no due date to move");
	if (may_extend(x) == -1 ||
	    mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, &blob) ==
		-1)
		return -1;
	if (req->until != MC_NEVER)
		due = mc_due_given(x->policy, cal, req->until, req->until_day);
	else if (mc_deadline_extend(&due, x->policy, cal, x->due, req->by, NULL,
		     NULL, x->err) == -1)
		return mc_workflow_refused(x);
	if (check_extension(x, cal, due) == -1)
		return -1;
	h = mc_workflow_emit(x, MC_K_EXTENDED);
	if (req->has_by) {
		mc_term_put(&h->text, req->by);
		mc_event_str(&h->e, MC_F_BY, mc_workflow_text(h));
	}
	mc_workflow_put_due(
	    x, &h->e, due, req->until != MC_NEVER || x->c->due_given, blob);
	return 0;
}

/*
 * Form 04 without a new date.  One is enough; an extension before it does
 * not stand in its way, since that was about a date now past.
 */
int
mc_workflow_apologise(struct mc_workflow_ctx *x)
{
	if (x->due.at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the dossier has no due date to be late for");
	if (x->c->apologised)
		x->out->unchanged = true;
	else
		mc_workflow_emit(x, MC_K_APOLOGISED);
	return 0;
}
