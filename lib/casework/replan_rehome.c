/* replan_rehome.c - lines that move dossiers to other units; see replan.h. */
#include <string.h>

#include <motcua/text.h>

#include "replan_internal.h"

#define TEXT_MAX 400 /* bytes of a unit, a step, a rule */

/* ---- a line ---- */

static int
bad_place(size_t i, const char *name, const char *what, struct mc_err *err)
{
	return mc_err(
	    err, MC_EDATA, "E_FIELD", "\"moves\"[%zu].%s %s", i, name, what);
}

/* Text of 1 to 400 bytes; p NULL where it is absent or null. */
static int
take_text(struct mc_apply *a, const struct mc_json *place, size_t i,
    const char *name, struct mc_str *out, struct mc_err *err)
{
	const struct mc_json *v = mc_json_get(place, name);
	struct mc_str s = mc_str(mc_json_str(v));

	*out = (struct mc_str){ NULL, 0 };
	if (v == NULL || mc_json_type(v) == MC_JSON_NULL)
		return 0;
	if (mc_json_str(v) == NULL || s.len == 0 || s.len > TEXT_MAX)
		return bad_place(
		    i, name, "must be text of 1 to 400 bytes, or null", err);
	*out = mc_pool_str(&a->pool, s);
	return 0;
}

static bool
repeated(const struct mc_plan_item *it, const struct mc_plan_move *p)
{
	int i;

	for (i = 0; i < it->places; i++)
		if ((p->step.p == NULL) == (it->place[i].step.p == NULL) &&
		    mc_str_same(p->step, it->place[i].step))
			return true;
	return false;
}

int
mc_rehome_read(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_json *doc, struct mc_err *err)
{
	const struct mc_json *moves = mc_json_get(doc, "moves"), *m;
	size_t i, n = mc_json_count(moves);
	struct mc_plan_move p;

	if (mc_json_type(moves) != MC_JSON_ARRAY || n == 0 ||
	    n > MC_CASE_STEPS + 1)
		return mc_err(err, MC_EDATA, "E_FIELD",
		    "\"moves\" must be an array of 1 to %d objects",
		    MC_CASE_STEPS + 1);
	it->places = 0;
	it->place = mc_pool_get(&a->pool, n * sizeof(*it->place));
	for (i = 0; i < n; i++) {
		m = mc_json_at(moves, i);
		p = (struct mc_plan_move){ .step_id = MC_NOID };
		if (mc_json_type(m) != MC_JSON_OBJECT)
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "\"moves\"[%zu] must be an object", i);
		if (take_text(a, m, i, "step", &p.step, err) == -1 ||
		    take_text(a, m, i, "from", &p.from, err) == -1 ||
		    take_text(a, m, i, "to", &p.to, err) == -1 ||
		    take_text(a, m, i, "rule", &p.rule, err) == -1)
			return -1;
		if (p.from.p == NULL)
			return bad_place(i, "from", "is missing", err);
		if (repeated(it, &p))
			return bad_place(i, "step", "stands there twice", err);
		it->place[it->places++] = p;
	}
	return 0;
}

bool
mc_rehome_same(const struct mc_plan_item *a, const struct mc_plan_item *b)
{
	int i;

	if (a->places != b->places || a->version != b->version)
		return false;
	for (i = 0; i < a->places; i++)
		if (!mc_str_same(a->place[i].step, b->place[i].step) ||
		    !mc_str_same(a->place[i].to, b->place[i].to))
			return false;
	return true;
}

/* ---- may it be done? ---- */

/* The unit of a place; MC_NOID: no such step is open. */
static int32_t
unit_at(const struct mc_case *c, int32_t step)
{
	int i;

	if (step == MC_NOID)
		return c->holder != MC_NOID ? c->holder : c->unit;
	for (i = 0; i < c->steps; i++)
		if (c->step[i].step == step)
			return c->step[i].unit;
	return MC_NOID;
}

static bool
is_at(struct mc_apply *a, const struct mc_case *c, int32_t step,
    struct mc_str unit)
{
	int32_t id = unit_at(c, step);

	return id != MC_NOID &&
	       mc_str_is(unit, mc_store_text(a->store, MC_D_UNIT, id));
}

/* Where it goes back to what it was: is it there? */
static bool
arrived(
    struct mc_apply *a, const struct mc_plan_item *it, const struct mc_case *c)
{
	const struct mc_plan_move *p;
	int i;

	for (i = 0; i < it->places; i++) {
		p = &it->place[i];
		if (p->to.p == NULL) {
			if (!it->undo || c->holder != MC_NOID)
				return false;
		} else if (!is_at(a, c, p->step_id, p->to) ||
			   (it->undo && p->step.p == NULL &&
			       c->holder == MC_NOID)) {
			return false;
		}
	}
	return true;
}

/* Is anything of it to another unit?  A code can have been given anew. */
static bool
moves_on(const struct mc_plan_item *it)
{
	int i;

	for (i = 0; i < it->places; i++)
		if (!mc_str_same(it->place[i].from, it->place[i].to))
			return true;
	return false;
}

/*
 * Since the plan was made the dossier has changed: is what the line says so
 * by now?  Where only the unit behind a code is another, the log says.
 */
static int
done_before(struct mc_apply *a, const struct mc_plan_item *it, bool *done,
    struct mc_err *err)
{
	int rc;

	*done = arrived(a, it, &it->c);
	if (!*done || moves_on(it))
		return 0;
	*done = false;
	if (it->c.version != it->version + it->places)
		return 0;
	if (a->history == NULL)
		a->history = mc_history_new(a->store);
	rc = mc_history_before(
	    a->history, &it->c, it->places, MC_K_REHOMED, &a->past, err);
	*done = rc == 1;
	return rc == -1 ? -1 : 0;
}

static int
find_steps(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	struct mc_plan_move *p;
	int i;

	for (i = 0; i < it->places; i++) {
		p = &it->place[i];
		p->step_id = MC_NOID;
		if (p->step.p == NULL)
			continue;
		if (mc_store_lookup(
			a->store, MC_D_STEP, p->step, &p->step_id, err) == -1)
			return -1;
		if (p->step_id == MC_NOID)
			p->step_id = -1; /* nobody has ever heard of it */
	}
	return 0;
}

static void
refuse_place(struct mc_apply *a, struct mc_plan_item *it, const char *id,
    const struct mc_plan_move *p, const char *what, struct mc_str value)
{
	struct mc_buf b = { 0 };

	if (p->step.p != NULL)
		mc_buf_printf(
		    &b, "step \"%.*s\": ", (int)p->step.len, p->step.p);
	mc_buf_printf(&b, "%s \"%.*s\"", what, (int)value.len,
	    value.p != NULL ? value.p : "");
	mc_apply_refuse(a, it, id, mc_buf_str(&b), NULL);
	mc_buf_free(&b);
}

/* Where it comes from and where it goes to: false when it is refused. */
static bool
check_place(
    struct mc_apply *a, struct mc_plan_item *it, const struct mc_plan_move *p)
{
	const struct mc_unit *to;

	if (unit_at(&it->c, p->step_id) == MC_NOID) {
		refuse_place(
		    a, it, "E_PLAN", p, "is not open; it was at", p->from);
		return false;
	}
	if (!is_at(a, &it->c, p->step_id, p->from)) {
		refuse_place(a, it, "E_PLAN", p, "is not at", p->from);
		return false;
	}
	if (p->to.p == NULL && !(it->undo && p->step.p == NULL)) {
		refuse_place(a, it, "E_PLAN", p,
		    "nobody has decided where it goes from", p->from);
		return false;
	}
	if (it->undo)
		return true;
	to = mc_unit_find(a->units, p->to, a->today);
	if (to == NULL || !mc_unit_valid(to, a->today)) {
		refuse_place(a, it, "E_UNIT", p,
		    to == NULL ? "there is no unit" : "not a unit of today:",
		    p->to);
		return false;
	}
	return true;
}

/* What is taken back was the last that happened, and was as it says. */
static int
check_undo(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	int rc;

	if (a->history == NULL)
		a->history = mc_history_new(a->store);
	rc = mc_history_before(
	    a->history, &it->c, it->places, MC_K_REHOMED, &a->past, err);
	if (rc == 1 && !arrived(a, it, &a->past))
		rc = 0;
	if (rc == 0)
		mc_apply_refuse(a, it, "E_PLAN",
		    "that is not what its last move has left",
		    "make it anew: route plan --undo");
	return rc == -1 ? -1 : 0;
}

int
mc_rehome_judge(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	bool done;
	int i;

	if (find_steps(a, it, err) == -1)
		return -1;
	if (it->undecided) {
		mc_apply_refuse(a, it, "E_PLAN",
		    "nobody has decided where it goes",
		    "route plan --succession --decisions=FILE, or write it "
		    "into the line and say \"result\":\"planned\"");
		return 0;
	}
	if (it->c.version != it->version) {
		if (done_before(a, it, &done, err) == -1)
			return -1;
		if (!done)
			mc_apply_stale(a, it);
		return 0;
	}
	if (!it->undo && moves_on(it) && arrived(a, it, &it->c))
		return 0;
	for (i = 0; i < it->places; i++)
		if (!check_place(a, it, &it->place[i]))
			return 0;
	if (it->undo) {
		if (check_undo(a, it, err) == -1)
			return -1;
		if (it->move.result == MC_R_REFUSED)
			return 0;
	}
	it->move.result = MC_R_DONE;
	return 0;
}

/* ---- doing it ---- */

static struct mc_str
why_of(struct mc_apply *a, const struct mc_plan_item *it,
    const struct mc_plan_move *p)
{
	struct mc_jw w;

	mc_buf_reset(&a->text);
	w = mc_jw(&a->text);
	mc_jw_open(&w, '{');
	mc_jw_key(&w, "commit");
	mc_jw_strz(&w, mc_rulebook_commit(a->rb));
	mc_jw_key(&w, "reason");
	mc_jw_strz(&w, it->undo ? "undo" : "succession");
	if (p->rule.p != NULL) {
		mc_jw_key(&w, "rule");
		mc_jw_str(&w, p->rule);
	}
	mc_jw_close(&w, '}');
	return mc_apply_keep(a);
}

/* The rows; of the dossier's only what a move changes. */
static void
save(struct mc_apply *a, const struct mc_plan_item *it)
{
	const struct mc_case *c = &it->c;
	struct mc_str events = { c->events.p, c->events.len };
	struct mc_db *db = mc_store_db(a->store);
	int i;

	mc_db_run_later(db, MC_SQL_OPEN_HOLDER,
	    MC_ARGS(MC_INT(c->id), MC_INT_OR_NULL(c->holder, MC_NOID),
		MC_INT(c->version), MC_BLOB(events)));
	for (i = 0; i < it->places; i++)
		if (it->place[i].step_id != MC_NOID)
			mc_db_run_later(db, MC_SQL_STEP_UNIT,
			    MC_ARGS(MC_INT(c->id), MC_INT(it->place[i].step_id),
				MC_INT(unit_at(c, it->place[i].step_id))));
}

int
mc_rehome_write(
    struct mc_apply *a, struct mc_plan_item *it, int64_t at, struct mc_err *err)
{
	const struct mc_plan_move *p;
	struct mc_event e;
	int i;

	for (i = 0; i < it->places; i++) {
		p = &it->place[i];
		mc_event_init(&e, MC_K_REHOMED, at);
		it->move.why = why_of(a, it, p);
		if (p->step.p != NULL)
			mc_event_str(&e, MC_F_STEP, p->step);
		if (p->to.p != NULL)
			mc_event_str(&e, MC_F_UNIT, p->to);
		if (it->basis.p != NULL)
			mc_event_str(&e, MC_F_BASIS, it->basis);
		mc_event_str(&e, MC_F_WHY, it->move.why);
		if (mc_store_append(a->store, &it->c, &e,
			(struct mc_str){ NULL, 0 }, err) == -1)
			return -1;
	}
	save(a, it);
	return 0;
}
