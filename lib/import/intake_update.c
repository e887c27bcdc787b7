/*
 * intake_update.c - --update: what differs between two rows, as events.
 */
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>

#include "intake_internal.h"

static bool
refuse(
    struct mc_intake *in, struct draft *d, enum mc_column c, const char *what)
{
	return mc_intake_refuse(in, d, d->source[c], "E_CONFLICT",
	    "%s of \"%.64s\" %s", mc_column_name(c), d->v[MC_COL_CODE].p, what);
}

/* What is to be done; decided before anything is written. */
struct plan {
	struct mc_due due;      /* the new one of a corrected receipt */
	bool has_due, promised; /* promised: the old one, with no limit now */
	bool leave_step, enter_step; /* `old->v[MC_COL_STEP]`, the row's */
	struct mc_str stays;         /* the row's or else the old one's, and */
	int32_t step;                /* its id where it is open; or none */
	struct mc_str said; /* what no event says, and nobody knows of before */
};

/* How far in its life a status is. */
static int
stage(enum mc_status s)
{
	return s == MC_S_REGISTERED ? 1
	       : s == MC_S_RECEIVED ? 2
	       : s == MC_S_RETURNED ? 5
	       : mc_status_open(s)  ? 3
				    : 4;
}

static bool
moves_back(enum mc_status from, enum mc_status to)
{
	if (from == to)
		return false;
	if (mc_status_paused(from) && to == MC_S_RECEIVED)
		return false; /* what was asked for has come */
	if (stage(from) == 4)
		return from != MC_S_FINISHED || to != MC_S_RETURNED;
	return stage(to) < stage(from);
}

/* Which open step, if any, has that name. */
static int
open_step(
    struct mc_intake *in, struct mc_str name, int32_t *step, struct mc_err *err)
{
	int32_t id;
	int rc = 0;

	*step = MC_NOID;
	if (name.len > 0)
		rc = mc_store_lookup(in->store, MC_D_STEP, name, &id, err);
	if (rc == 1 && mc_case_find_step(&in->c, id) != NULL)
		*step = id;
	return rc == -1 ? -1 : 0;
}

/*
 * A received one with an open step is processed, as a new row's is; and an
 * empty cell has not taken the step away.
 */
static void
mean_status(
    const struct mc_intake *in, struct draft *d, const struct old_row *old)
{
	bool goes_on = mc_status_paused(old->status) || old->implied,
	     step = d->v[MC_COL_STEP].len > 0 || old->v[MC_COL_STEP].len > 0;

	if (d->status != MC_S_RECEIVED || !old->received)
		return;
	if (goes_on ? step || in->c.steps > 0
		    : step && old->status == MC_S_RECEIVED)
		d->status = MC_S_PROCESSING;
}

/*
 * Another step than before: the old one is left.  1, or 0 when the dossier
 * stands somewhere else by now.
 */
static int
plan_step(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	int32_t was;

	/* An empty cell takes nothing away. */
	k->stays =
	    d->v[MC_COL_STEP].len > 0 ? d->v[MC_COL_STEP] : old->v[MC_COL_STEP];
	if (open_step(in, k->stays, &k->step, err) == -1 ||
	    open_step(in, old->v[MC_COL_STEP], &was, err) == -1)
		return -1;
	if (d->v[MC_COL_STEP].len == 0 || k->step != MC_NOID ||
	    mc_str_same(d->v[MC_COL_STEP], old->v[MC_COL_STEP]) ||
	    !mc_status_open(d->status) || !mc_status_open(in->c.status) ||
	    d->unreceived || in->c.received_at == MC_NEVER)
		return 1; /* closed, or receive() opens it */
	k->leave_step = was != MC_NOID;
	k->enter_step = true;
	return in->c.steps == (was != MC_NOID ? 1 : 0);
}

/*
 * Another moment of receipt moves a due that was computed from it, and so
 * does another channel that has another limit.  1, or 0
 * when the due has been moved since and does not follow from it any more.
 */
static int
plan_due(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	const struct mc_procedure *p;
	struct mc_policy policy;
	struct mc_term limit, other;
	struct mc_due was;
	bool moved = d->received_at != old->at[MC_COL_RECEIVED_AT];

	if ((!moved && !mc_intake_differs(d, old, MC_COL_CHANNEL)) ||
	    d->due_given || !old->received || in->c.due_given ||
	    in->c.due.at == MC_NEVER)
		return 1;
	if (mc_store_definition(in->store, in->c.pin, &p, &policy, err) == -1)
		return -1;
	limit = mc_procedure_limit(p, in->c.channel);
	other = mc_procedure_limit(p, d->channel);
	if (limit.unit == MC_TERM_NONE ||
	    (!moved && limit.unit == other.unit && limit.milli == other.milli))
		return 1;
	if (other.unit == MC_TERM_NONE) {
		k->has_due = k->promised = true;
		k->due = in->c.due;
		return 1;
	}
	if (mc_deadline(&was, &policy, d->cal, limit, in->c.received_at, NULL,
		NULL, err) == -1 ||
	    mc_deadline(&k->due, &policy, d->cal, other,
		moved ? d->received_at : in->c.received_at, NULL, NULL,
		err) == -1)
		return -1;
	k->has_due = true;
	/* A pause that moved nothing can move it by another limit. */
	if (in->c.due_moved &&
	    (limit.unit != other.unit || limit.milli != other.milli))
		return 0;
	return was.at == in->c.due.at && in->c.extensions == 0;
}

/* Closed by the row before: a row that says so again does not close it. */
static bool
is_reopened(const struct mc_intake *in, const struct draft *d,
    const struct old_row *old)
{
	return !mc_status_open(d->status) && !mc_status_open(old->status) &&
	       mc_status_open(in->c.status);
}

/*
 * Reopened in the shop, after what the row has to tell: when it was paused, or
 * closed for the first time.  The column; CODE: no.
 */
static enum mc_column
before_reopening(const struct mc_intake *in, const struct draft *d,
    const struct old_row *old)
{
	int64_t reopened = old->reopened_at;
	bool closed = !mc_status_open(d->status);

	if (reopened == MC_NEVER || d->status == old->status ||
	    !mc_status_open(in->c.status))
		return MC_COL_CODE;
	if (closed && d->finished_at < reopened)
		return MC_COL_FINISHED_AT;
	if ((mc_status_paused(d->status) ||
		(closed && d->paused_at != old->paused_at)) &&
	    d->paused_at != MC_NEVER && d->paused_at < reopened)
		return MC_COL_PAUSED_AT;
	return MC_COL_CODE;
}

/* Can it be done?  1, 0 (d->why is set), -1. */
static int
make_plan(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	static const enum mc_column fixed[] = { MC_COL_PROCEDURE, MC_COL_UNIT };
	enum mc_column c;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!mc_str_same(d->v[fixed[i]], old->v[fixed[i]]))
			return refuse(
			    in, d, fixed[i], "differs, and cannot be updated");
	if (!mc_intake_same_case(in, d, old))
		return refuse(in, d, MC_COL_CASE,
		    "differs: once decided or named it stays; see route "
		    "correct --set=case=ID, and receive --case=ID");
	if (moves_back(old->status, d->status) ||
	    (d->unreceived && old->received))
		return refuse(in, d, MC_COL_STATUS,
		    "would move back, which an update never does");
	if (mc_status_paused(d->status) && mc_status_paused(old->status) &&
	    d->paused_at != old->at[MC_COL_PAUSED_AT])
		return refuse(in, d, MC_COL_PAUSED_AT,
		    "differs: when it was resumed in between is not known");
	if (is_reopened(in, d, old) &&
	    (d->status != old->status ||
		d->finished_at != old->at[MC_COL_FINISHED_AT] ||
		d->returned_at != old->at[MC_COL_RETURNED_AT]))
		return refuse(in, d, MC_COL_STATUS,
		    "differs, and the dossier was reopened since");
	if ((c = before_reopening(in, d, old)) != MC_COL_CODE)
		return refuse(in, d, c, "lies before the dossier was reopened");
	if ((rc = plan_step(in, d, old, k, err)) == 0)
		return refuse(in, d, MC_COL_STEP,
		    "differs, and the dossier has been moved on since");
	if (rc == 1 && (rc = plan_due(in, d, old, k, err)) == 0)
		return refuse(in, d,
		    d->received_at != old->at[MC_COL_RECEIVED_AT]
			? MC_COL_RECEIVED_AT
			: MC_COL_CHANNEL,
		    "differs, and the due date has been moved since");
	return rc;
}

static int
plain(struct mc_intake *in, struct draft *d, enum mc_kind kind, int64_t at,
    struct mc_err *err)
{
	struct mc_event e = { .kind = kind, .at = at };

	/* Kept as the source has it; counted once for a row. */
	if (at < in->c.changed_at && !d->disordered)
		mc_intake_warn(in, "W_ORDER");
	d->disordered = d->disordered || at < in->c.changed_at;
	if (kind == MC_K_FINISHED)
		mc_event_str(&e, MC_F_VERDICT,
		    mc_verdict_str(mc_verdict(
			in->c.rule, in->c.due, at, mc_store_zone(in->store))));
	if (kind == MC_K_PAUSED)
		mc_event_str(&e, MC_F_STATUS,
		    mc_status_str(mc_status_paused(d->status)
				      ? d->status
				      : MC_S_SUPPLEMENT));
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/* Registered before, received now; not if it was refused or withdrawn since. */
static bool
is_receipt(const struct mc_intake *in, const struct draft *d)
{
	return in->c.received_at == MC_NEVER && mc_status_open(in->c.status) &&
	       !d->unreceived;
}

/* The event that a new row would give. */
static int
receive(struct mc_intake *in, struct draft *d, struct old_row *old,
    struct mc_err *err)
{
	if (!is_receipt(in, d))
		return 0;
	if (mc_intake_named_case(d, old, err) == -1)
		return -1;
	/* What was asked for before it was accepted has come. */
	if (mc_status_paused(in->c.status) &&
	    plain(in, d, MC_K_RESUMED, d->received_at, err) == -1)
		return -1;
	mc_intake_old_received(old, d);
	return mc_intake_first(
	    in, d, MC_K_RECEIVED, (struct mc_str){ NULL, 0 }, err);
}

static void
put_time(struct mc_intake *in, struct mc_jw *w, const char *name, int64_t at,
    bool *any)
{
	mc_jw_key(w, name);
	mc_buf_reset(&in->clean);
	mc_time_put_utc(&in->clean, at);
	mc_jw_str(w, (struct mc_str){ in->clean.p, in->clean.len });
	*any = true;
}

/* A time that was known and is another one now. */
static bool
redated(int64_t now, int64_t before, int64_t state)
{
	return now != MC_NEVER && before != MC_NEVER && now != before &&
	       state != MC_NEVER;
}

static void
put_due(struct mc_event *e, struct mc_due due, bool given, int64_t old)
{
	mc_event_int(e, MC_F_DUE_AT, due.at);
	mc_event_int(e, MC_F_DUE_DAY, due.day);
	if (given)
		mc_event_str(e, MC_F_DUE_SOURCE, MC_STR("given"));
	else if (due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (old != MC_NEVER)
		mc_event_int(e, MC_F_OLD_DUE_AT, old);
}

static void
put_text(const struct draft *d, const struct old_row *old, enum mc_column c,
    struct mc_jw *w, bool *any)
{
	if (!mc_intake_differs(d, old, c))
		return;
	mc_jw_key(w, mc_column_name(c));
	mc_jw_str(w, d->v[c]);
	*any = true;
}

/* The times that were known; one that was never received was registered. */
static void
put_times(struct mc_intake *in, const struct draft *d,
    const struct old_row *old, struct mc_jw *w, bool *any)
{
	const struct mc_case *c = &in->c;
	int64_t received = old->at[MC_COL_RECEIVED_AT];

	if (c->received_at == MC_NEVER && redated(d->received_at, received, 0))
		put_time(in, w, MC_SET_REGISTERED_AT, d->received_at, any);
	else if (old->received &&
		 redated(d->received_at, received, c->received_at))
		put_time(in, w, "received_at", d->received_at, any);
	if (redated(
		d->returned_at, old->at[MC_COL_RETURNED_AT], c->returned_at))
		put_time(in, w, "returned_at", d->returned_at, any);
}

/* What `set` of a correction says; its members are sorted. */
static bool
put_set(struct mc_intake *in, const struct draft *d, const struct old_row *old,
    struct mc_buf *set)
{
	const struct mc_case *c = &in->c;
	struct mc_jw w = mc_jw(set);
	bool any = false;

	mc_jw_open(&w, '{');
	put_text(d, old, MC_COL_APPLICANT_KIND, &w, &any);
	put_text(d, old, MC_COL_CHANNEL, &w, &any);
	if (d->fields.len > 0 && !mc_str_same(d->fields, old->fields)) {
		mc_jw_key(&w, "fields");
		mc_jw_raw(&w, d->fields);
		any = true;
	}
	if (redated(
		d->finished_at, old->at[MC_COL_FINISHED_AT], c->finished_at))
		put_time(in, &w, "finished_at", d->finished_at, &any);
	/* Nobody hands over what is closed, or will be by this row. */
	if (!mc_status_open(c->status) || !mc_status_open(d->status)) {
		put_text(d, old, MC_COL_HOLDER, &w, &any);
		put_text(d, old, MC_COL_OFFICER, &w, &any);
	}
	put_times(in, d, old, &w, &any);
	if (old->status == MC_S_RECEIVED && d->status == MC_S_PROCESSING &&
	    c->status == MC_S_RECEIVED && d->v[MC_COL_STEP].len == 0) {
		mc_jw_key(&w, "status");
		mc_jw_strz(&w, mc_status_name(d->status));
		any = true;
	}
	mc_jw_close(&w, '}');
	return any;
}

/* Nothing is promised before it is received, as by a new row. */
static bool
is_promised(const struct mc_intake *in, const struct draft *d,
    const struct old_row *old)
{
	return d->due_given && d->due.at != old->due && !d->unreceived &&
	       in->c.received_at != MC_NEVER;
}

/* The due and the verdict that follow from a correction. */
static bool
put_consequences(struct mc_intake *in, const struct draft *d,
    const struct old_row *old, const struct plan *k, struct mc_event *e)
{
	const struct mc_case *c = &in->c;
	bool finish = redated(
	    d->finished_at, old->at[MC_COL_FINISHED_AT], c->finished_at);
	struct mc_due due = c->due;
	bool moved = false;

	if (k->has_due) {
		due = k->due;
		moved = true;
		put_due(e, due, k->promised, c->due.at);
	} else if (is_promised(in, d, old) && !mc_status_open(c->status)) {
		due = d->due;
		moved = true;
		put_due(e, due, true, c->due.at);
	}
	if ((moved || finish) && c->verdict != MC_V_NONE &&
	    c->status != MC_S_WITHDRAWN)
		mc_event_str(e, MC_F_VERDICT,
		    mc_verdict_str(mc_verdict(c->rule, due,
			finish ? d->finished_at : c->finished_at,
			mc_store_zone(in->store))));
	return moved;
}

/* Public and personal values that differ: one `corrected` event. */
static int
correct(struct mc_intake *in, struct draft *d, const struct old_row *old,
    const struct plan *k, struct mc_err *err)
{
	struct mc_str p[MC_P__COUNT] = { { NULL, 0 } };
	struct mc_event e = { .kind = MC_K_CORRECTED, .at = in->o.now };
	struct mc_buf set = { 0 }, personal = { 0 };
	bool any = put_set(in, d, old, &set);
	int rc = 0;

	if (any)
		mc_event_str(&e, MC_F_SET, (struct mc_str){ set.p, set.len });
	if (mc_intake_differs(d, old, MC_COL_ALIAS)) {
		mc_event_str(&e, MC_F_ALIAS, d->v[MC_COL_ALIAS]);
		any = true;
	}
	if (k->said.len > 0) {
		mc_intake_warn(in, "W_COLUMN");
		mc_event_str(&e, MC_F_SAID, k->said);
		any = true;
	}
	any = put_consequences(in, d, old, k, &e) || any;
	mc_intake_old_personal(old, d, p);
	if (mc_personal_put(&personal, p) || any)
		rc = mc_intake_append(in, d, &e,
		    (struct mc_str){ personal.p, personal.len }, err);
	mc_buf_free(&set);
	mc_buf_free(&personal);
	return rc;
}

/* Another step, another holder, another officer. */
static int
hand_over(struct mc_intake *in, struct draft *d, const struct old_row *old,
    const struct plan *k, struct mc_err *err)
{
	static const struct {
		enum mc_column column;
		enum mc_kind kind;
		enum mc_event_field field;
	} moved[] = {
		{ MC_COL_HOLDER, MC_K_TRANSFERRED, MC_F_UNIT },
		{ MC_COL_OFFICER, MC_K_ASSIGNED, MC_F_OFFICER },
	};
	const struct mc_str none = { NULL, 0 };
	struct mc_event e;
	size_t i;

	if (k->leave_step) {
		e = (struct mc_event){ .kind = MC_K_COMPLETED,
			.at = in->o.now };
		mc_event_str(&e, MC_F_STEP, old->v[MC_COL_STEP]);
		if (mc_intake_append(in, d, &e, none, err) == -1)
			return -1;
	}
	if (k->enter_step) {
		e = (struct mc_event){ .kind = MC_K_STARTED, .at = in->o.now };
		mc_event_str(&e, MC_F_STEP, d->v[MC_COL_STEP]);
		mc_event_str(&e, MC_F_UNIT, d->v[MC_COL_UNIT]);
		if (d->v[MC_COL_HOLDER].len > 0)
			mc_event_str(&e, MC_F_HOLDER, d->v[MC_COL_HOLDER]);
		if (d->v[MC_COL_OFFICER].len > 0)
			mc_event_str(&e, MC_F_OFFICER, d->v[MC_COL_OFFICER]);
		return mc_intake_append(in, d, &e, none, err);
	}
	if (!mc_status_open(d->status) || !mc_status_open(in->c.status) ||
	    (in->c.steps > 0 && k->step == MC_NOID))
		return 0; /* closed, or routed to another step since */
	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		if (!mc_intake_differs(d, old, moved[i].column))
			continue;
		e = (struct mc_event){ .kind = moved[i].kind, .at = in->o.now };
		if (k->step != MC_NOID)
			mc_event_str(&e, MC_F_STEP, k->stays);
		mc_event_str(&e, moved[i].field, d->v[moved[i].column]);
		if (mc_intake_append(in, d, &e, none, err) == -1)
			return -1;
	}
	return 0;
}

static int
pause_it(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	return plain(in, d,
	    d->status == MC_S_STOPPED ? MC_K_STOPPED : MC_K_PAUSED,
	    d->paused_at, err);
}

/*
 * It goes on.  Since when, a row does not say: since now.  A due that the row
 * gives is the one in force; else the policy says what the pause did to it.
 */
static int
resume(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESUMED, .at = in->o.now };
	struct mc_term limit = { .unit = MC_TERM_NONE };
	const struct mc_case *c = &in->c;
	const struct mc_procedure *p;
	struct mc_policy policy;
	struct mc_due due;

	mc_event_str(&e, MC_F_STATUS, mc_status_str(d->status));
	if (!d->due_given && c->due.at != MC_NEVER) {
		if (mc_store_definition(in->store, c->pin, &p, &policy, err) ==
		    -1)
			return -1;
		limit = mc_procedure_limit(p, c->channel);
		if (mc_deadline_resume(&due, &policy, d->cal, limit, c->due,
			c->paused_at, e.at, NULL, NULL, err) == -1)
			return -1;
		if (due.at != c->due.at) {
			put_due(&e, due,
			    c->due_given && (policy.pause != MC_PAUSE_RESTART ||
						limit.unit == MC_TERM_NONE),
			    c->due.at);
			mc_event_str(&e, MC_F_CALENDAR, d->cal_blob);
		}
	}
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/* Finished while paused, it is judged without the pause: not if early. */
static int
warn_pause(struct mc_intake *in, const struct draft *d, struct mc_err *err)
{
	const struct mc_case *c = &in->c;
	const struct mc_procedure *p;
	struct mc_policy policy;

	if (c->paused_at == MC_NEVER || c->due.at == MC_NEVER ||
	    mc_verdict(c->rule, c->due, d->finished_at,
		mc_store_zone(in->store)) == MC_V_EARLY)
		return 0;
	if (mc_store_definition(in->store, c->pin, &p, &policy, err) == -1)
		return -1;
	if (policy.pause != MC_PAUSE_NONE)
		mc_intake_warn(in, "W_PAUSE");
	return 0;
}

/*
 * What the new row knows and the old one did not, in the order of a life.
 * Where the dossier is further on than the row says, nothing is to be done.
 */
static int
move_on(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	const struct mc_case *c = &in->c;
	bool paused = mc_status_paused(d->status),
	     closed = !mc_status_open(d->status);

	if (!mc_status_open(c->status))
		return d->status == MC_S_RETURNED && c->status == MC_S_FINISHED
			   ? plain(in, d, MC_K_RETURNED, d->returned_at, err)
			   : 0;
	if (is_reopened(in, d, old))
		return 0;
	if ((paused ? d->status != old->status
		    : closed && d->paused_at != MC_NEVER &&
			  d->paused_at != old->paused_at) &&
	    (!mc_status_paused(c->status) || paused) &&
	    pause_it(in, d, err) == -1)
		return -1;
	if (!paused && !closed && !d->unreceived &&
	    mc_status_paused(old->status) && mc_status_paused(c->status))
		return resume(in, d, err);
	if (!closed)
		return 0;
	if (d->status == MC_S_WITHDRAWN)
		return plain(in, d, MC_K_WITHDRAWN, d->finished_at, err);
	if (d->status == MC_S_NOT_ACCEPTED)
		return plain(in, d, MC_K_REFUSED, d->finished_at, err);
	if (warn_pause(in, d, err) == -1 ||
	    plain(in, d, MC_K_FINISHED, d->finished_at, err) == -1)
		return -1;
	return d->status == MC_S_RETURNED
		   ? plain(in, d, MC_K_RETURNED, d->returned_at, err)
		   : 0;
}

/* Another promise while it is open; for a closed one see correct(). */
static int
promise(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESCHEDULED, .at = in->o.now };

	if (!is_promised(in, d, old) || !mc_status_open(in->c.status))
		return 0;
	put_due(&e, d->due, true, in->c.due.at);
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/* ---- what no event says ---- */

static int64_t
time_of(const struct draft *d, enum mc_column c)
{
	return c == MC_COL_PAUSED_AT ? d->paused_at : d->returned_at;
}

/*
 * Has the row another value in a column that has no meaning, or came too
 * late, in the state that it tells?  Where the dossier itself is further on
 * there is nothing to do (move_on).
 */
static bool
is_lost(const struct mc_intake *in, const struct draft *d,
    const struct old_row *old, enum mc_column c)
{
	bool was_open = mc_status_open(old->status);

	if (c == MC_COL_STEP)
		return d->unreceived && mc_status_open(d->status) &&
		       mc_intake_differs(d, old, c);
	if (time_of(d, c) == MC_NEVER || time_of(d, c) == old->at[c])
		return false;
	if (c == MC_COL_RETURNED_AT)
		return d->status != MC_S_RETURNED;
	if (mc_status_open(d->status))
		return !mc_status_paused(d->status) &&
		       mc_status_open(in->c.status);
	return !was_open;
}

static bool
is_known(const struct old_row *old, enum mc_column c)
{
	return c == MC_COL_STEP ? old->v[c].len > 0 : old->at[c] != MC_NEVER;
}

/*
 * 1 nothing is lost, 0 the row is refused as it cannot all be applied.  What
 * an old log does not tell is no reason to: it would be one for ever.
 */
static int
check_lost(
    struct mc_intake *in, struct draft *d, struct old_row *old, struct plan *k)
{
	static const enum mc_column at_stake[] = { MC_COL_PAUSED_AT,
		MC_COL_RETURNED_AT, MC_COL_STEP };
	bool lost[MC_COL_DOSSIER__COUNT] = { false }, known = false, had;
	struct mc_buf names = { 0 };
	enum mc_column c, first = MC_COL_CODE;
	size_t i, n = 0;

	for (i = 0; i < sizeof(at_stake) / sizeof(at_stake[0]); i++) {
		c = at_stake[i];
		if (!is_lost(in, d, old, c))
			continue;
		lost[c] = true;
		known = known || is_known(old, c);
		first = n == 0 ? c : first;
		mc_buf_puts(&names, n++ == 0 ? "" : " and ");
		mc_buf_puts(&names, mc_column_name(c));
	}
	had = n == 0 || mc_intake_old_had(in, d, old, lost, false);
	if (!had && (known || mc_intake_old_had(in, d, old, lost, true)))
		mc_intake_refuse(in, d, d->source[first], "E_CONFLICT",
		    "%s of \"%.64s\" cannot be updated in status \"%s\"",
		    mc_buf_str(&names), d->v[MC_COL_CODE].p,
		    mc_status_name(d->status));
	else if (!had)
		k->said = mc_intake_said(in, d, lost);
	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++)
		if (lost[i] && i == MC_COL_STEP)
			old->v[i] = d->v[i];
		else if (lost[i])
			old->at[i] = time_of(d, (enum mc_column)i);
	mc_buf_free(&names);
	return d->why == NULL;
}

int
mc_intake_update(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct old_row old;
	struct plan k = { 0 };
	bool children;
	int rc;

	if (mc_intake_read_old(in, &old, err) == -1)
		return -1;
	mean_status(in, d, &old);
	if ((rc = make_plan(in, d, &old, &k, err)) != 1)
		return rc;
	if (check_lost(in, d, &old, &k) == 0)
		return 0;
	children = is_receipt(in, d) && mc_intake_has_children(d);
	if (mc_intake_differs(d, &old, MC_COL_ALIAS))
		rc = mc_intake_free_alias(in, d, in->c.id, err);
	if (rc == 1 && children)
		rc = mc_intake_plan_children(in, d, err);
	if (rc != 1)
		return rc;
	mc_intake_note_changes(in, d, &old);
	if (receive(in, d, &old, err) == -1 ||
	    promise(in, d, &old, err) == -1 ||
	    correct(in, d, &old, &k, err) == -1 ||
	    hand_over(in, d, &old, &k, err) == -1 ||
	    move_on(in, d, &old, err) == -1)
		return -1;
	if (mc_intake_give_alias(in, d, err) == -1)
		return -1;
	if (d->events > 0)
		mc_intake_note_line(
		    in, d, in->last_seq + 1 - (uint64_t)d->events);
	in->c.row_hash = d->row_hash;
	in->dirty = true;
	d->result = MC_ROW_UPDATED;
	rc = mc_store_save(in->store, &in->c, err);
	return rc == 0 && children ? mc_intake_write_children(in, err) : rc;
}
