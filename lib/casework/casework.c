/* casework.c - see motcua/casework.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/history.h>
#include <motcua/log.h>
#include <motcua/mem.h>

#include "casework_internal.h"

const char *
mc_result_name(enum mc_result r)
{
	static const char *const name[] = { [MC_R_DONE] = "done",
		[MC_R_UNCHANGED] = "unchanged",
		[MC_R_REFUSED] = "refused" };

	return name[r];
}

struct mc_casework *
mc_casework_new(struct mc_store *s)
{
	struct mc_casework *w = mc_calloc(1, sizeof(*w));

	w->store = s;
	return w;
}

void
mc_casework_free(struct mc_casework *w)
{
	size_t i;

	if (w == NULL)
		return;
	mc_children_free(w->children);
	mc_rulebook_free(w->rb);
	for (i = 0; i < w->ahead_cap; i++)
		mc_case_free(&w->ahead[i].c);
	free(w->ahead);
	mc_case_free(&w->c);
	mc_case_free(&w->would);
	mc_outcome_free(&w->outcome);
	free(w->before);
	mc_vec_free(&w->kept);
	mc_vec_free(&w->load);
	mc_vec_free(&w->officer_id);
	mc_pool_free(&w->pool);
	mc_buf_free(&w->text);
	mc_buf_free(&w->value);
	free(w);
}

/* ---- what the workflow asks for ---- */

static int
calendar(void *arg, const char *name, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob, struct mc_err *err)
{
	struct mc_casework *w = arg;

	return mc_rulebook_calendar_for(w->rb, name, unit, cal, blob, err);
}

static size_t
role_slot(const struct role *r)
{
	uintptr_t h = (uintptr_t)r->receiving >> 4;

	h = h * 31 + ((uintptr_t)r->role >> 1);
	h = h * 31 + ((uintptr_t)r->at >> 1);
	h = h * 31 + (uintptr_t)r->day;
	return (h ^ h >> 10 ^ h >> 20) & (ROLES - 1);
}

static int
resolve(void *arg, const struct mc_unit *receiving, const char *role,
    const char *at, const char *to, int32_t day, const struct mc_unit **out,
    struct mc_err *err)
{
	struct mc_casework *w = arg;
	struct role key = { w->units, receiving, role, at, day, NULL };
	struct role *slot = &w->role[role_slot(&key)];

	if (to != NULL)
		return mc_units_resolve(
		    w->units, receiving, role, at, to, day, out, err);
	if (slot->unit == NULL || slot->units != key.units ||
	    slot->receiving != receiving || slot->role != role ||
	    slot->at != at || slot->day != day) {
		if (mc_units_resolve(w->units, receiving, role, at, NULL, day,
			&key.unit, err) == -1)
			return -1;
		*slot = key;
	}
	*out = slot->unit;
	return 0;
}

static const char *
private_value(void *arg, const char *name)
{
	struct mc_casework *w = arg;

	return mc_history_private(w->store, &w->c, name, &w->value)
		   ? mc_buf_str(&w->value)
		   : NULL;
}

/* ---- the rulebook ---- */

static bool
needs_rulebook(enum mc_action a)
{
	switch (a) {
	case MC_A_SUPPLEMENT:
	case MC_A_PAY:
	case MC_A_STOP:
	case MC_A_APOLOGISE:
	case MC_A_REFUSE:
	case MC_A_WITHDRAW:
	case MC_A_FINISH:
	case MC_A_RETURN:
		return false;
	default:
		return true;
	}
}

/* Before the lock is taken: reading a repository can take a while. */
static int
open_rulebook(struct mc_casework *w, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(w->store);

	if (w->rb == NULL) {
		if (mc_rulebook_open(&w->rb, site->rules, site->ref, err) == -1)
			return -1;
	} else if (mc_rulebook_refresh(w->rb, err) == -1) {
		return -1;
	}
	return mc_rulebook_units(w->rb, &w->units, err);
}

/* The definition's text goes in with the first event that pins to it. */
static int
keep_definition(
    struct mc_casework *w, const struct mc_version *v, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < w->kept.n; i++)
		if (w->kept.p[i] == v)
			return 0;
	mc_vec_push(&w->kept, v);
	return mc_store_keep_definition(w->store, mc_str(v->procedure->code),
	    v->procedure->title, v->procedure->field, v->blob, v->text, err);
}

/* By the version in force on that day. */
static int
rules_of_day(struct mc_casework *w, int32_t day, struct mc_rules *r,
    const struct mc_version **version, struct mc_err *err)
{
	const struct mc_version *v;

	if (mc_rulebook_version(w->rb,
		mc_str(mc_store_text(w->store, MC_D_PROCEDURE, w->c.procedure)),
		day, &v, err) == -1)
		return -1;
	r->procedure = v->procedure;
	r->policy = &v->policy;
	r->commit = v->commit;
	r->path = v->path;
	r->blob = v->blob;
	*version = v;
	return 0;
}

/* By the definition that the dossier is pinned to. */
static int
rules_of_pin(struct mc_casework *w, struct mc_rules *r,
    struct mc_policy *policy, struct mc_err *err)
{
	struct mc_pin pin;

	if (mc_store_pin(w->store, w->c.pin, &pin, err) != 1 ||
	    mc_store_definition(
		w->store, w->c.pin, &r->procedure, policy, err) == -1)
		return -1;
	r->policy = policy;
	r->commit = pin.commit;
	r->path = pin.path;
	r->blob = pin.blob;
	return 0;
}

/*
 * The rules for the dossier in w->c.  What is not received yet goes by the
 * version of the day: `receive` pins it (*version), and `correct` needs to
 * know the fields.
 */
static int
find_rules(struct mc_casework *w, const struct mc_request *req, int64_t now,
    struct mc_rules *r, struct mc_policy *policy,
    const struct mc_version **version, struct mc_err *err)
{
	const struct mc_names *names = mc_store_names(w->store);
	int64_t at = req->at != MC_NEVER ? req->at : now;
	const struct mc_version *unused;

	*version = NULL;
	*r = (struct mc_rules){ .units = w->units,
		.names = names,
		.calendar = calendar,
		.resolve = resolve,
		.private_value = private_value,
		.load = mc_casework_load,
		.turn = mc_casework_turn,
		.children = mc_casework_open_children,
		.revision = w->rb != NULL ? mc_rulebook_commit(w->rb) : NULL,
		.arg = w };
	if (w->c.pin != MC_NOID)
		return rules_of_pin(w, r, policy, err);
	if (!mc_action_allowed(&w->c, req->action))
		return 0; /* refused by the workflow, with a reason */
	if (req->action == MC_A_RECEIVE)
		return rules_of_day(
		    w, mc_zone_day(names->zone, at), r, version, err);
	if (req->action == MC_A_CORRECT)
		return rules_of_day(
		    w, mc_zone_day(names->zone, at), r, &unused, err);
	return 0;
}

/* May its registration have named the case it is to be received in? */
static bool
named_before(const struct mc_casework *w, const struct mc_request *req,
    const struct mc_rules *r)
{
	return req->action == MC_A_RECEIVE && req->in_case.len == 0 &&
	       w->c.received_at == MC_NEVER && r->procedure != NULL &&
	       r->procedure->n_cases > 0;
}

/* That case, or empty. */
static int
registered_case(struct mc_casework *w, struct mc_str *out, struct mc_err *err)
{
	struct mc_history *h = mc_history_new(w->store);
	struct mc_event e;
	int rc;

	mc_history_begin(h, &w->c);
	while ((rc = mc_history_next(h, &e, err)) == 1)
		if (e.kind == MC_K_REGISTERED)
			*out =
			    mc_pool_str(&w->pool, mc_event_get(&e, MC_F_CASE));
	mc_history_free(h);
	return rc;
}

/*
 * Public fields are kept with open dossiers only.  One that is to be opened
 * again gets them back from its events.
 */
static int
restore_fields(struct mc_casework *w, struct mc_err *err)
{
	struct mc_log *log = mc_log_new(mc_store_db(w->store));
	struct mc_str seqs = { w->c.events.p, w->c.events.len }, body;
	struct mc_buf scratch = { 0 };
	struct mc_postings ignored;
	struct mc_event e;
	struct mc_case c;
	uint64_t seq = 0;
	size_t at = 0;
	int rc = 1;

	memset(&c, 0, sizeof(c));
	mc_case_init(&c);
	while (rc == 1 && mc_seqs_next(seqs, &at, &seq)) {
		rc = mc_log_get(log, seq, &body, err);
		mc_buf_reset(&scratch);
		if (rc == 1 &&
		    (mc_event_decode(&e, body, &scratch, err) == -1 ||
			mc_fold(&c, &e, mc_store_names(w->store), &ignored,
			    err) == -1))
			rc = -1;
	}
	if (rc == 0)
		rc = mc_err(err, MC_EDAMAGED, "E_LOG",
		    "the log has no event %llu", (unsigned long long)seq);
	if (rc == 1) {
		mc_buf_reset(&w->c.fields);
		mc_buf_add(&w->c.fields, c.fields.p, c.fields.len);
	}
	mc_case_free(&c);
	mc_buf_free(&scratch);
	mc_log_free(log);
	return rc == -1 ? -1 : 0;
}

/* ---- results ---- */

static bool
same_step(const struct mc_case_step *a, const struct mc_case_step *b)
{
	return a->step == b->step && a->unit == b->unit &&
	       a->officer == b->officer && a->entered_at == b->entered_at;
}

static bool
has_step(const struct mc_case_step *list, int n, const struct mc_case_step *s)
{
	int i;

	for (i = 0; i < n; i++)
		if (same_step(&list[i], s))
			return true;
	return false;
}

/*
 * The names of one column of steps, joined; `not_in` are left out.  p is
 * NULL when there is none.
 */
static struct mc_str
join(struct mc_casework *w, enum mc_dict dict, const struct mc_case_step *list,
    int n, const struct mc_case_step *not_in, int n_not)
{
	int32_t id, last = MC_NOID;
	bool any = false;
	int i;

	mc_buf_reset(&w->text);
	for (i = 0; i < n; i++) {
		if (has_step(not_in, n_not, &list[i]))
			continue;
		id = dict == MC_D_STEP   ? list[i].step
		     : dict == MC_D_UNIT ? list[i].unit
					 : list[i].officer;
		if (id == MC_NOID || id == last)
			continue;
		if (any)
			mc_buf_putc(&w->text, '+');
		mc_buf_puts(&w->text, mc_store_text(w->store, dict, id));
		any = true;
		last = id;
	}
	if (!any)
		return (struct mc_str){ NULL, 0 };
	return mc_pool_str(&w->pool, (struct mc_str){ w->text.p, w->text.len });
}

static struct mc_str
name(struct mc_casework *w, enum mc_dict dict, int32_t id)
{
	if (id == MC_NOID)
		return (struct mc_str){ NULL, 0 };
	return mc_pool_str(&w->pool, mc_str(mc_store_text(w->store, dict, id)));
}

/* The unit that has a dossier outside any step. */
static int32_t
holder(const struct mc_case *c)
{
	return c->holder != MC_NOID ? c->holder : c->unit;
}

/*
 * From and to are the steps that the action changed; where it changed none
 * they are those that are open.
 */
static void
tell(struct mc_casework *w, struct mc_move *m, const struct mc_case *c,
    int32_t holder_before)
{
	const struct mc_case_step *a = w->before, *b = c->step;
	int n = w->steps_before, k = c->steps, i;
	bool changed = false;

	for (i = 0; i < n; i++)
		changed = changed || !has_step(b, k, &a[i]);
	for (i = 0; i < k; i++)
		changed = changed || !has_step(a, n, &b[i]);
	m->from_step = join(w, MC_D_STEP, a, n, b, changed ? k : 0);
	m->to_step = join(w, MC_D_STEP, b, k, a, changed ? n : 0);
	m->from_unit = join(w, MC_D_UNIT, a, n, b, changed ? k : 0);
	m->to_unit = join(w, MC_D_UNIT, b, k, a, changed ? n : 0);
	m->officer = join(w, MC_D_OFFICER, b, k, a, changed ? n : 0);
	if (m->from_unit.p == NULL)
		m->from_unit = name(w, MC_D_UNIT, holder_before);
	if (m->to_unit.p == NULL)
		m->to_unit = name(w, MC_D_UNIT, holder(c));
	if (m->officer.p == NULL)
		m->officer = name(w, MC_D_OFFICER, c->officer);
	m->status = c->status;
	m->due_at = c->due.at;
	m->due = c->due;
	m->version = c->version;
}

static void
tell_refusal(struct mc_casework *w, struct mc_move *m, const struct mc_err *why)
{
	m->result = MC_R_REFUSED;
	memcpy(m->error_id, why->id, sizeof(m->error_id));
	mc_buf_reset(&w->text);
	mc_buf_printf(&w->text, "%s: %s%s%s", why->id, why->where,
	    why->where[0] != '\0' ? ": " : "", why->msg);
	m->error =
	    mc_pool_str(&w->pool, (struct mc_str){ w->text.p, w->text.len });
	if (why->advice[0] != '\0')
		m->advice = mc_pool_str(&w->pool, mc_str(why->advice));
}

static void
tell_why(struct mc_casework *w, struct mc_move *m)
{
	const struct mc_err *warning = &w->outcome.warning;

	mc_buf_reset(&w->text);
	if (mc_outcome_why(&w->outcome, &w->text))
		m->why = mc_pool_str(
		    &w->pool, (struct mc_str){ w->text.p, w->text.len });
	if (warning->code == MC_OK)
		return;
	memcpy(m->warning_id, warning->id, sizeof(m->warning_id));
	m->warning = mc_pool_str(&w->pool, mc_str(warning->msg));
}

/* ---- the batch ---- */

bool
mc_casework_refusal(const struct mc_err *err)
{
	return err->code == MC_EREFUSED || err->code == MC_EDATA ||
	       err->code == MC_ENOTFOUND || err->code == MC_EUSAGE;
}

static void
keep_steps(struct mc_casework *w)
{
	const struct mc_case *c = &w->c;

	if (c->steps > w->before_cap) {
		w->before_cap = c->steps;
		w->before = mc_realloc(
		    w->before, (size_t)w->before_cap, sizeof(*w->before));
	}
	if (c->steps > 0)
		memcpy(
		    w->before, c->step, (size_t)c->steps * sizeof(*w->before));
	w->steps_before = c->steps;
}

/* What the rules decided becomes true. */
static int
happen(struct mc_casework *w, const struct mc_version *version, bool children,
    struct mc_err *err)
{
	struct mc_happening *h;
	int i;

	if (version != NULL && keep_definition(w, version, err) == -1)
		return -1;
	for (i = 0; i < w->outcome.n; i++) {
		h = &w->outcome.event[i];
		if (mc_store_append(w->store, &w->c, &h->e,
			(struct mc_str){ h->personal.p, h->personal.len },
			err) == -1)
			return -1;
	}
	w->appended += w->outcome.n;
	if (mc_store_save(w->store, &w->c, err) == -1)
		return -1;
	if (!children)
		return 0;
	w->appended += (int64_t)mc_children_count(w->children);
	return mc_children_write(w->children, 0, err);
}

/* An alias may have been given: which dossier it was is told. */
static int
tell_code(struct mc_casework *w, struct mc_move *m, struct mc_err *err)
{
	struct mc_str own;

	mc_buf_reset(&w->text);
	if (mc_store_code(w->store, w->c.id, &w->text, err) == -1)
		return -1;
	own = (struct mc_str){ w->text.p, w->text.len };
	if (!mc_str_same(own, m->code))
		m->code = mc_pool_str(&w->pool, own);
	return 1;
}

/* 1 found, 0 refused (told), -1. */
int
mc_casework_find(struct mc_casework *w, struct mc_move *m, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;
	int64_t id;
	int rc;

	if ((rc = mc_store_find(w->store, m->code, &id, err)) == 1)
		rc = mc_store_load(w->store, id, &w->c, err);
	if (rc == 0) {
		mc_err(&why, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)m->code.len,
		    m->code.p);
		tell_refusal(w, m, &why);
	} else if (rc == 1 && w->c.voided) {
		mc_store_is_voided(m->code, &why);
		tell_refusal(w, m, &why);
		rc = 0;
	} else if (rc == -1 && err->code == MC_ENOTFOUND) {
		tell_refusal(w, m, err); /* an alias of several */
		mc_err_clear(err);
		rc = 0;
	}
	return rc == 1 ? tell_code(w, m, err) : rc;
}

/*
 * The present, as far as this dossier goes: where the clock has gone back
 * behind its last change, that is now.
 */
static int64_t
present(const struct mc_casework *w, const struct mc_request *req, int64_t now)
{
	int64_t last = w->c.changed_at;

	if (req->at != MC_NEVER || last <= now ||
	    last > mc_store_recorded_at(w->store))
		return now;
	return last;
}

/* The same dossier, with memory of its own. */
static void
copy_case(struct mc_case *to, const struct mc_case *from)
{
	struct mc_case own;

	mc_case_init(to);
	own = *to;
	if (own.step_cap < from->steps) {
		own.step_cap = from->steps;
		own.step = mc_realloc(
		    own.step, (size_t)own.step_cap, sizeof(*own.step));
	}
	*to = *from;
	to->events = own.events;
	to->fields = own.fields;
	to->step = own.step;
	to->step_cap = own.step_cap;
	mc_buf_add(&to->events, from->events.p, from->events.len);
	mc_buf_add(&to->fields, from->fields.p, from->fields.len);
	if (from->steps > 0)
		memcpy(to->step, from->step,
		    (size_t)from->steps * sizeof(*to->step));
}

/*
 * Is what would come of it what is wanted?  1, 0 (*why says), -1.  Names and
 * a definition it brings with it stay known, also where it is refused.
 */
static int
accepted(struct mc_casework *w, const struct mc_wanted *wanted,
    const struct mc_version *version, const struct mc_move *m,
    int32_t holder_before, struct mc_err *why, struct mc_err *err)
{
	struct mc_move would = *m;
	struct mc_postings ignored;
	int i;

	copy_case(&w->would, &w->c);
	if (version != NULL && keep_definition(w, version, err) == -1)
		return -1;
	for (i = 0; i < w->outcome.n; i++)
		if (mc_fold(&w->would, &w->outcome.event[i].e,
			mc_store_names(w->store), &ignored, err) == -1)
			return -1;
	if (w->outcome.unchanged)
		would.result = MC_R_UNCHANGED;
	tell(w, &would, &w->would, holder_before);
	return wanted->accept(wanted->arg, &would, why) == 0;
}

static void
tell_before(struct mc_move *m, const struct mc_case *c)
{
	m->id = c->id;
	m->procedure = c->procedure;
	m->unit = c->unit;
	m->was_status = c->status;
	m->was_version = c->version;
	m->was_due = c->due;
}

static int
stale(const struct mc_casework *w, const struct mc_wanted *wanted,
    struct mc_err *why)
{
	if (wanted == NULL || wanted->version == w->c.version)
		return 0;
	return mc_err(why, MC_EREFUSED, "E_STALE",
	    "it has changed since the plan was made: version %d, planned for "
	    "%d",
	    (int)w->c.version, (int)wanted->version);
}

/* What the rules make of it: 1, 0 refused (*why says), -1. */
static int
decide(struct mc_casework *w, const struct mc_request *req,
    const struct mc_wanted *wanted, int64_t now, const struct mc_move *m,
    const struct mc_version **version, struct mc_err *why, struct mc_err *err)
{
	int32_t holder_before = holder(&w->c);
	struct mc_request in_case;
	struct mc_policy policy;
	struct mc_rules rules;
	int rc;

	if (stale(w, wanted, why) == -1)
		return 0;
	rc = find_rules(w, req, now, &rules, &policy, version, why);
	if (rc == 0 && named_before(w, req, &rules)) {
		in_case = *req;
		if (registered_case(w, &in_case.in_case, err) == -1)
			return -1;
		req = &in_case;
	}
	if (rc == -1 ||
	    mc_workflow(&w->outcome, &rules, &w->c, req, now, why) == -1) {
		if (mc_casework_refusal(why))
			return 0;
		*err = *why;
		return -1;
	}
	return wanted == NULL
		   ? 1
		   : accepted(w, wanted, *version, m, holder_before, why, err);
}

static int
move_one(struct mc_casework *w, const struct mc_request *req,
    const struct mc_wanted *wanted, int64_t now, struct mc_move *m,
    struct ahead *ahead, struct mc_err *err)
{
	const struct mc_version *version;
	struct mc_err why = MC_ERR_INIT;
	int32_t holder_before, officer_before;
	bool open_before, children;
	int rc;

	if ((rc = mc_casework_take_ahead(w, m, ahead, err)) != 1)
		return rc;
	tell_before(m, &w->c);
	if (req->action == MC_A_REOPEN &&
	    mc_action_allowed(&w->c, MC_A_REOPEN) &&
	    restore_fields(w, err) == -1)
		return -1;
	now = present(w, req, now);
	keep_steps(w);
	holder_before = holder(&w->c);
	officer_before = w->c.officer;
	open_before = mc_status_open(w->c.status);
	rc = decide(w, req, wanted, now, m, &version, &why, err);
	children = rc == 1 && req->action == MC_A_RECEIVE &&
		   version->procedure->n_children > 0;
	if (children)
		rc = mc_casework_plan_children(
		    w, version->procedure, now, &why, err);
	if (rc != 1) {
		if (rc == 0) {
			tell_refusal(w, m, &why);
			tell(w, m, &w->c, holder_before);
		}
		return rc;
	}
	if (w->outcome.unchanged)
		m->result = MC_R_UNCHANGED;
	else if (happen(w, version, children, err) == -1)
		return -1;
	else
		tell_why(w, m);
	if (w->counted && !w->outcome.unchanged) {
		mc_casework_add_load(w, open_before, officer_before, w->before,
		    w->steps_before, -1);
		mc_casework_add_load(w, mc_status_open(w->c.status),
		    w->c.officer, w->c.step, w->c.steps, 1);
	}
	tell(w, m, &w->c, holder_before);
	return 0;
}

int
mc_casework_open(
    struct mc_casework *w, enum mc_action action, struct mc_err *err)
{
	if (needs_rulebook(action) && open_rulebook(w, err) == -1)
		return -1;
	if (action != MC_A_RECEIVE)
		return 0;
	return mc_store_settle_rules(
	    w->store, mc_rulebook_repo(w->rb), mc_rulebook_commit(w->rb), err);
}

/*
 * What was counted stays true while nobody else writes: every change adds
 * to the log.
 */
int
mc_casework_begin(struct mc_casework *w, struct mc_err *err)
{
	mc_pool_reset(&w->pool);
	w->appended = 0;
	if (mc_db_int(mc_store_db(w->store), MC_SQL_TREE_GET, MC_NOARGS,
		&w->begun, 0, err) == -1)
		return -1;
	if (w->begun != w->size)
		w->counted = false;
	return 0;
}

int
mc_casework_one(struct mc_casework *w, const struct mc_request *req,
    const struct mc_wanted *wanted, int64_t now, struct mc_move *move,
    struct mc_err *err)
{
	return move_one(w, req, wanted, now, move, NULL, err);
}

/* A rollback forgets names and definitions, and so what leans on them. */
void
mc_casework_end(struct mc_casework *w, bool committed)
{
	if (committed) {
		w->size = w->begun + w->appended;
		return;
	}
	memset(w->role, 0, sizeof(w->role));
	w->kept.n = 0;
	w->counted = false;
	w->officer_id.n = 0;
}

int
mc_casework_batch(struct mc_casework *w, const struct mc_request *req,
    int64_t now, bool dry_run, struct mc_move *move, size_t n,
    struct mc_err *err)
{
	size_t i;
	int rc;

	if (mc_casework_open(w, req->action, err) == -1 ||
	    mc_store_begin(w->store, now, err) == -1)
		return -1;
	rc = mc_casework_begin(w, err);
	if (rc == 0)
		rc = mc_casework_read_ahead(w, move, n, err);
	for (i = 0; i < n && rc == 0; i++)
		rc = move_one(w, req, NULL, now, &move[i], &w->ahead[i], err);
	if (rc == -1 || dry_run)
		mc_store_rollback(w->store);
	else
		rc = mc_store_commit(w->store, err);
	/* A commit that failed was rolled back. */
	mc_casework_end(w, rc == 0 && !dry_run);
	return rc;
}
