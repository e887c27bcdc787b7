/* impact.c - see motcua/impact.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "impact_internal.h"

const char *
mc_cause_name(enum mc_cause c)
{
	static const char *const name[] = { [MC_CAUSE_CALENDAR] = "calendar",
		[MC_CAUSE_LIMIT] = "limit",
		[MC_CAUSE_POLICY] = "policy",
		[MC_CAUSE_ROUTE] = "route",
		[MC_CAUSE_UNIT] = "unit" };

	return name[c];
}

void
mc_impact_free(struct mc_impact *im)
{
	if (im == NULL)
		return;
	mc_replan_free(im->replan);
	mc_rulebook_free(im->then);
	mc_rulebook_free(im->now);
	mc_vec_free(&im->row);
	mc_vec_free(&im->procedure);
	mc_vec_free(&im->unit);
	mc_vec_free(&im->told);
	mc_impact_free_routes(im);
	free(im);
}

const char *
mc_impact_commit(const struct mc_impact *im)
{
	return mc_rulebook_commit(im->then);
}

/* ---- counting ---- */

static void
count_into(struct mc_impact_count *c, const struct mc_impact_row *r)
{
	if (r == NULL) {
		c->open++;
		return;
	}
	if (r->cause == MC_CAUSE_ROUTE || r->cause == MC_CAUSE_UNIT) {
		c->routes++;
		return;
	}
	if (r->cause != MC_CAUSE_CALENDAR) {
		c->pinned++;
		return;
	}
	c->later += r->new_due.at > r->due.at;
	c->earlier += r->new_due.at < r->due.at;
	c->definite += r->new_due.at == r->due.at;
	c->late += r->new_state == MC_OVERDUE && r->state != MC_OVERDUE;
	c->not_late += r->state == MC_OVERDUE && r->new_state != MC_OVERDUE;
}

/* row: what happens to it; NULL: it is there. */
static void
count(struct mc_impact *im, int32_t procedure, int32_t unit,
    const struct mc_impact_row *row)
{
	const struct mc_impact_count none = { NULL, 0, 0, 0, 0, 0, 0, 0, 0 };

	while (im->procedure.n <= (size_t)procedure)
		mc_vec_push(&im->procedure, none);
	while (im->unit.n <= (size_t)unit)
		mc_vec_push(&im->unit, none);
	count_into(&im->procedure.p[0], row);
	count_into(&im->procedure.p[procedure], row);
	count_into(&im->unit.p[unit], row);
}

static int
by_key(const void *va, const void *vb)
{
	const struct mc_impact_count *a = va, *b = vb;

	return strcmp(a->key, b->key);
}

void
mc_impact_counts(struct mc_impact *im, enum mc_impact_by by,
    const struct mc_impact_count **out, size_t *n)
{
	bool unit = by == MC_IMPACT_UNIT;
	const struct mc_impact_count *all = unit ? im->unit.p : im->procedure.p;
	size_t i, max = unit ? im->unit.n : im->procedure.n;
	struct mc_impact_count c;

	im->told.n = 0;
	if (by == MC_IMPACT_ALL && max > 0)
		mc_vec_push(&im->told, all[0]);
	for (i = 1; by != MC_IMPACT_ALL && i < max; i++) {
		c = all[i];
		if (c.later + c.earlier + c.definite + c.pinned + c.routes == 0)
			continue;
		c.key = mc_store_text(
		    im->store, unit ? MC_D_UNIT : MC_D_PROCEDURE, (int32_t)i);
		mc_vec_push(&im->told, c);
	}
	if (im->told.n > 1)
		qsort(im->told.p, im->told.n, sizeof(*im->told.p), by_key);
	*out = im->told.p;
	*n = im->told.n;
}

/* ---- one dossier ---- */

static bool
same_term(struct mc_term a, struct mc_term b)
{
	return a.unit == b.unit &&
	       (a.unit == MC_TERM_NONE || a.milli == b.milli);
}

static bool
same_policy(const struct mc_policy *a, const struct mc_policy *b)
{
	return a->due_time == b->due_time && a->late_intake == b->late_intake &&
	       a->pause == b->pause && a->verdict == b->verdict &&
	       a->cutoff == b->cutoff && a->extensions == b->extensions &&
	       a->extend_after_expiry == b->extend_after_expiry;
}

/*
 * The version of the day of receipt by a rulebook, in the dossier's case;
 * NULL where it has none (any more), which is for `lint` and `diff` to say.
 */
int
mc_impact_version(struct mc_impact *im, struct mc_rulebook *rb,
    const struct mc_replan_row *r, const char *in_case,
    const struct mc_version **out, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;

	if (mc_rulebook_version(rb,
		mc_str(mc_store_text(im->store, MC_D_PROCEDURE, r->procedure)),
		mc_zone_day(im->zone, r->received_at), out, &why) == 0) {
		*out = mc_version_in_case(*out, in_case);
		return 0;
	}
	*out = NULL;
	if (why.code == MC_ENOTFOUND)
		return 0;
	*err = why;
	return -1;
}

static enum mc_state
state_of(const struct mc_impact *im, const struct mc_replan_row *r,
    enum mc_verdict_rule rule, struct mc_due due)
{
	if (mc_status_paused(r->status))
		return MC_PAUSED;
	return mc_overdue(rule, due, im->at, im->zone) ? MC_OVERDUE
						       : MC_IN_TIME;
}

/* Looked up only where a limit depends on it. */
static int
channel_of(struct mc_impact *im, const struct mc_procedure *pinned,
    const struct mc_version *then, enum mc_channel *out, struct mc_err *err)
{
	const struct mc_case *c;

	*out = MC_CH_NONE;
	if (!pinned->limit.by_channel &&
	    (then == NULL || !then->procedure->limit.by_channel))
		return 0;
	if (mc_replan_load(im->replan, &c, err) == -1)
		return -1;
	*out = c->channel;
	return 0;
}

/* Would another limit or policy hold for it?  1 (*row is filled), 0, -1. */
static int
pinned_elsewhere(struct mc_impact *im, const struct mc_replan_row *r,
    struct mc_impact_row *row, struct mc_err *err)
{
	const struct mc_procedure *pinned;
	const struct mc_version *then, *today;
	struct mc_replan_due due;
	const struct mc_case *c;
	struct mc_policy policy;
	struct mc_term limit;
	const char *in_case;
	enum mc_channel channel;

	if (mc_store_definition(im->store, r->pin, &pinned, &policy, err) == -1)
		return -1;
	in_case = mc_procedure_case_id(pinned);
	if (mc_impact_version(im, im->then, r, in_case, &then, err) == -1 ||
	    mc_impact_version(im, im->now, r, in_case, &today, err) == -1 ||
	    channel_of(im, pinned, then, &channel, err) == -1)
		return -1;
	row->limit = row->new_limit = mc_procedure_limit(pinned, channel);
	if (then == NULL)
		return 0;
	limit = mc_procedure_limit(then->procedure, channel);
	if (!same_term(limit, row->limit) &&
	    (today == NULL ||
		!same_term(
		    limit, mc_procedure_limit(today->procedure, channel))))
		row->cause = MC_CAUSE_LIMIT;
	else if (!same_policy(&then->policy, &policy) &&
		 (today == NULL || !same_policy(&then->policy, &today->policy)))
		row->cause = MC_CAUSE_POLICY;
	else
		return 0;
	if (mc_replan_load(im->replan, &c, err) == -1 ||
	    mc_replan_as(im->replan, c, then, &due, err) == -1)
		return -1;
	row->new_due = due.due;
	row->calendar = due.calendar;
	row->new_limit = limit;
	row->new_state = state_of(im, r, then->policy.verdict, due.due);
	return 1;
}

static void
add(struct mc_impact *im, const struct mc_replan_row *r,
    const struct mc_impact_row *row)
{
	mc_vec_push(&im->row, *row);
	count(im, r->procedure, r->unit, row);
}

/* Its due stays; a dossier of both causes is counted once. */
static int
add_routes(struct mc_impact *im, const struct mc_replan_row *r,
    struct mc_impact_row row, struct mc_err *err)
{
	const char *route, *units;

	if (mc_impact_routes(im, r, &route, &units, err) == -1)
		return -1;
	row.new_due = row.due;
	row.new_state = row.state;
	row.cause = MC_CAUSE_ROUTE;
	row.route = route;
	if (route != NULL)
		add(im, r, &row);
	row.cause = MC_CAUSE_UNIT;
	row.route = units;
	if (units != NULL && route != NULL)
		mc_vec_push(&im->row, row);
	else if (units != NULL)
		add(im, r, &row);
	return 0;
}

static int
look_at(struct mc_impact *im, const struct mc_replan_row *r, struct mc_err *err)
{
	struct mc_impact_row row = { .id = r->id,
		.version = r->version,
		.procedure =
		    mc_store_text(im->store, MC_D_PROCEDURE, r->procedure),
		.unit = mc_store_text(im->store, MC_D_UNIT, r->unit),
		.due = r->due,
		.state = r->state,
		.calendar = r->now.calendar };
	struct mc_impact_row other = row;
	int rc;

	count(im, r->procedure, r->unit, NULL);
	if ((rc = pinned_elsewhere(im, r, &other, err)) == -1)
		return -1;
	row.limit = row.new_limit = other.limit;
	row.cause = MC_CAUSE_CALENDAR;
	row.new_due = r->now.due;
	row.new_state = r->new_state;
	if (r->differs)
		add(im, r, &row);
	if (rc == 1)
		add(im, r, &other);
	return add_routes(im, r, row, err);
}

/* ---- all of them ---- */

static int
look_at_all(struct mc_impact *im, struct mc_err *err)
{
	const struct mc_replan_row *r;
	int rc;

	if (mc_db_read_begin(mc_store_db(im->store), err) == -1)
		return -1;
	while ((rc = mc_replan_next(im->replan, &r, err)) == 1)
		if (look_at(im, r, err) == -1) {
			rc = -1;
			break;
		}
	mc_db_read_end(mc_store_db(im->store));
	return rc;
}

int
mc_impact_open(struct mc_impact **out, struct mc_store *s, const char *rev,
    int64_t now, struct mc_err *err)
{
	struct mc_impact *im = mc_calloc(1, sizeof(*im));
	const struct mc_site *site = mc_store_site(s);
	const struct mc_impact_count none = { NULL, 0, 0, 0, 0, 0, 0, 0, 0 };

	*out = NULL;
	im->store = s;
	im->zone = mc_store_zone(s);
	im->at = now;
	mc_vec_push(&im->procedure, none);
	mc_vec_push(&im->unit, none);
	if (mc_rulebook_open(&im->then, site->rules, rev, err) == 0 &&
	    mc_rulebook_open(&im->now, site->rules, site->ref, err) == 0) {
		im->replan = mc_replan_new(s, im->then, now);
		if (mc_impact_begin_routes(im, err) == 0 &&
		    look_at_all(im, err) == 0) {
			*out = im;
			return 0;
		}
	}
	mc_impact_free(im);
	return -1;
}

bool
mc_impact_next(struct mc_impact *im, const struct mc_impact_row **row)
{
	if (im->next == im->row.n)
		return false;
	*row = &im->row.p[im->next++];
	return true;
}
