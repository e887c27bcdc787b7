/* watch_state.c - overdue, due soon, and by which calendar; watch.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/log.h>
#include <motcua/mem.h>

#include "watch_internal.h"

/* ---- calendars ---- */

static int
need_rules(struct mc_watch *w, struct mc_err *err)
{
	if (w->units != NULL)
		return 0;
	return mc_scope_rulebook(w->rb, w->store, err) == -1
		   ? -1
		   : mc_rulebook_units(*w->rb, &w->units, err);
}

int
mc_watch_rules(struct mc_watch *w, const struct mc_watch_item *it,
    const struct mc_calendar **cal, struct mc_policy *policy,
    struct mc_err *err)
{
	const struct mc_procedure *procedure = NULL;
	const struct mc_unit *unit;
	const char *code, *blob;
	int32_t id = it->step == MC_NOID ? it->unit : it->holder;

	if (need_rules(w, err) == -1)
		return -1;
	*policy = mc_policy_default;
	if (it->pin != MC_NOID && mc_store_definition(w->store, it->pin,
				      &procedure, policy, err) == -1)
		return -1;
	while (w->unit.n <= (size_t)id)
		mc_vec_push(&w->unit, NULL);
	unit = w->unit.p[id];
	if (unit == NULL) {
		code = mc_store_text(w->store, MC_D_UNIT, id);
		unit = mc_unit_find(w->units, mc_str(code), w->today);
		w->unit.p[id] = unit;
	}
	return mc_rulebook_calendar_for(*w->rb,
	    procedure == NULL ? NULL : procedure->calendar, unit, cal, &blob,
	    err);
}

int
mc_watch_provisional(struct mc_watch *w, const struct mc_watch_item *it,
    bool *out, struct mc_err *err)
{
	const struct mc_calendar *cal;
	struct mc_policy ignored;
	int32_t known;

	*out = it->provisional;
	if (it->step == MC_NOID)
		return 0;
	*out = false;
	if (it->due_at == MC_NEVER)
		return 0;
	if (mc_watch_rules(w, it, &cal, &ignored, err) == -1)
		return -1;
	known = mc_calendar_known_until(cal);
	*out = known != MC_NODAY && it->due_day > known;
	return 0;
}

static int
horizon_of(struct mc_watch *w, const struct mc_calendar *cal,
    const struct mc_policy *p, int64_t *until, struct mc_err *err)
{
	struct mc_due due;
	struct mc_watch_horizon h = { cal, p->due_time, p->late_intake,
		p->cutoff, 0 };
	const struct mc_watch_horizon *old;
	size_t i;

	for (i = 0; i < w->horizon.n; i++) {
		old = &w->horizon.p[i];
		if (old->cal == cal && old->due_time == p->due_time &&
		    old->late_intake == p->late_intake &&
		    old->cutoff == p->cutoff) {
			*until = old->until;
			return 0;
		}
	}
	if (mc_deadline(&due, p, cal, w->q.warn, w->q.now, NULL, NULL, err) ==
	    -1)
		return -1;
	*until = h.until = due.at;
	mc_vec_push(&w->horizon, h);
	return 0;
}

typedef int calendar_fn(struct mc_watch *w, const struct mc_calendar *cal,
    void *arg, struct mc_err *err);

static int
with_calendar(struct mc_watch *w, const char *name, calendar_fn *fn, void *arg,
    struct mc_err *err)
{
	const struct mc_calendar *cal;
	const char *blob;

	return mc_rulebook_calendar(*w->rb, name, &cal, &blob, err) == -1
		   ? -1
		   : fn(w, cal, arg, err);
}

/* The default one, and those that units or kept definitions name. */
static int
each_calendar(
    struct mc_watch *w, calendar_fn *fn, void *arg, struct mc_err *err)
{
	const struct mc_unit *u;
	struct mc_cur *cur;
	struct mc_str name;
	char *copy;
	int i, rc;

	if (need_rules(w, err) == -1 ||
	    with_calendar(w, NULL, fn, arg, err) == -1)
		return -1;
	for (i = 0; i < mc_units_count(w->units); i++) {
		u = mc_units_at(w->units, i);
		if (u->calendar != NULL &&
		    with_calendar(w, u->calendar, fn, arg, err) == -1)
			return -1;
	}
	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_WATCH_CALENDARS,
		MC_NOARGS, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		name = mc_cur_text(cur, 0);
		if (name.p == NULL)
			continue;
		copy = mc_strndup(name.p, name.len);
		rc = with_calendar(w, copy, fn, arg, err);
		free(copy);
		if (rc == -1)
			break;
	}
	mc_cur_close(cur);
	return rc;
}

/* The latest horizon that any policy could give by this calendar. */
static int
stretch(struct mc_watch *w, const struct mc_calendar *cal, void *arg,
    struct mc_err *err)
{
	struct mc_policy latest = mc_policy_default;
	int64_t at, *until = arg;

	latest.due_time = MC_DUE_MIDNIGHT;
	latest.cutoff = 0;
	if (horizon_of(w, cal, &latest, &at, err) == -1)
		return -1;
	if (at > *until)
		*until = at;
	return 0;
}

int
mc_watch_last_horizon(struct mc_watch *w, int64_t *until, struct mc_err *err)
{
	*until = w->q.now;
	return each_calendar(w, stretch, until, err);
}

/* ---- states ---- */

/* Past that due, by the verdict's rule of its policy? */
static int
dossier_late(
    struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	const struct mc_due due = { it->dossier_due_day, it->dossier_due_at,
		false };
	const struct mc_procedure *ignored;
	struct mc_policy policy = mc_policy_default;

	if (it->dossier_due_at == MC_NEVER ||
	    (it->dossier_due_day >= w->today && it->dossier_due_at > w->q.now))
		return 0;
	if (it->pin != MC_NOID && mc_store_definition(w->store, it->pin,
				      &ignored, &policy, err) == -1)
		return -1;
	return mc_overdue(policy.verdict, due, w->q.now, w->zone);
}

static int
late(struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	const struct mc_due due = { it->due_day, it->due_at, false };

	/* A step is controlled by the clock, a dossier as its policy says. */
	return it->step != MC_NOID
		   ? mc_overdue(MC_VERDICT_INSTANT, due, w->q.now, w->zone)
		   : dossier_late(w, it, err);
}

int
mc_watch_judge(struct mc_watch *w, struct mc_watch_item *it, struct mc_err *err)
{
	const struct mc_calendar *cal;
	struct mc_policy policy;
	int64_t until;
	int rc;

	it->state = MC_IN_TIME;
	if (mc_status_paused(it->status)) {
		it->state = MC_PAUSED;
		return 0;
	}
	if (it->due_at == MC_NEVER)
		return 0;
	if ((rc = late(w, it, err)) != 0) {
		it->state = MC_OVERDUE;
		return rc == -1 ? -1 : 0;
	}
	if (!mc_watch_wants(w, MC_DUE_SOON) && !mc_watch_wants(w, MC_IN_TIME))
		return 0;
	if (mc_watch_rules(w, it, &cal, &policy, err) == -1 ||
	    horizon_of(w, cal, &policy, &until, err) == -1)
		return -1;
	if (it->due_at <= until)
		it->state = MC_DUE_SOON;
	return 0;
}

int
mc_watch_apology(struct mc_watch *w, const struct mc_watch_item *it,
    enum mc_apology *out, struct mc_err *err)
{
	int rc = it->state == MC_OVERDUE && it->step == MC_NOID ? 1
		 : it->state == MC_PAUSED                       ? 0
					  : dossier_late(w, it, err);

	*out = rc != 1          ? MC_APOLOGY_NONE_DUE
	       : it->apologised ? MC_APOLOGY_GIVEN
				: MC_APOLOGY_OWED;
	return rc == -1 ? -1 : 0;
}

/* ---- can the answer be right? ---- */

static int
add_known(struct mc_watch *w, const struct mc_calendar *cal, void *arg,
    struct mc_err *err)
{
	struct mc_watch_known k = { mc_calendar_name(cal),
		mc_calendar_known_until(cal) };
	size_t i;

	(void)arg;
	(void)err;
	for (i = 0; i < w->known.n; i++)
		if (strcmp(w->known.p[i].calendar, k.calendar) == 0)
			return 0;
	mc_vec_push(&w->known, k);
	return 0;
}

/* More than that working time since the last event? */
static int
is_stale(struct mc_watch *w, struct mc_term term, int64_t last_at,
    struct mc_err *err)
{
	struct mc_policy policy = mc_policy_default;
	const struct mc_calendar *cal;
	struct mc_due due;
	const char *blob;

	if (term.unit == MC_TERM_NONE || last_at >= w->q.now)
		return 0;
	policy.due_time = MC_DUE_SAME_TIME;
	policy.late_intake = MC_INTAKE_AS_IS;
	if (mc_rulebook_calendar(*w->rb, NULL, &cal, &blob, err) == -1 ||
	    mc_deadline(&due, &policy, cal, term, last_at, NULL, NULL, err) ==
		-1)
		return -1;
	return w->q.now > due.at;
}

int
mc_watch_health(struct mc_watch *w, struct mc_term stale,
    struct mc_watch_health *out, struct mc_err *err)
{
	struct mc_tree tree;
	size_t i;
	int rc;

	memset(out, 0, sizeof(*out));
	w->known.n = 0;
	if (mc_log_tree(mc_store_db(w->store), &tree, &out->last_at, err) ==
		-1 ||
	    each_calendar(w, add_known, NULL, err) == -1 ||
	    (rc = is_stale(w, stale, out->last_at, err)) == -1)
		return -1;
	out->stale = rc == 1;
	out->known = w->known.p;
	out->nknown = w->known.n;
	for (i = 0; i < w->known.n && out->over == NULL; i++)
		if (w->known.p[i].until != MC_NODAY &&
		    w->today > w->known.p[i].until)
			out->over = &w->known.p[i];
	return 0;
}
