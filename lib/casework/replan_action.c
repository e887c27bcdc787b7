/* replan_action.c - lines that do what route does to one; see replan.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/text.h>

#include "replan_internal.h"

/* ---- a line ---- */

static int
bad(const char *name, const char *what, struct mc_err *err)
{
	return mc_err(err, MC_EDATA, "E_FIELD", "\"%s\" %s", name, what);
}

/* Text or nothing; where it is null somebody has hidden it. */
static int
take_text(struct mc_apply *a, const struct mc_json *o, const char *name,
    struct mc_str *out, bool *hidden, struct mc_err *err)
{
	const struct mc_json *v = mc_json_get(o, name);
	const char *s = mc_json_str(v);

	if (v == NULL)
		return 0;
	if (mc_json_type(v) == MC_JSON_NULL && hidden != NULL) {
		*hidden = true;
		return 0;
	}
	if (s == NULL || *s == '\0')
		return bad(name, "must be text", err);
	*out = mc_pool_str(&a->pool, mc_str(s));
	return 0;
}

static int
take_time(struct mc_apply *a, const struct mc_json *o, const char *name,
    int64_t *out, bool *day_only, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;
	struct mc_str s = { NULL, 0 };

	if (take_text(a, o, name, &s, NULL, err) == -1)
		return -1;
	if (s.p != NULL && mc_time_parse(out, s, mc_store_zone(a->store),
			       day_only, NULL, &why) == -1)
		return bad(name, "must be a time", err);
	return 0;
}

static int
take_by(struct mc_apply *a, struct mc_request *r, const struct mc_json *o,
    struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;
	struct mc_str s = { NULL, 0 };

	if (take_text(a, o, "by", &s, NULL, err) == -1)
		return -1;
	r->has_by = s.p != NULL;
	if (r->has_by && mc_term_parse(&r->by, s, &why) == -1)
		return bad("by", "must be an amount of time", err);
	return 0;
}

static int
take_sets(struct mc_apply *a, struct mc_plan_action *x, const struct mc_json *o,
    struct mc_err *err)
{
	const struct mc_json *sets = mc_json_get(o, "set"), *v;
	size_t i, n = mc_json_count(sets);
	struct mc_set *set;
	const char *name;

	if (sets == NULL)
		return 0;
	if (mc_json_type(sets) != MC_JSON_OBJECT || n == 0 || n > MC_SETS)
		return bad("set", "must be an object of texts", err);
	set = mc_pool_get(&a->pool, n * sizeof(*set));
	for (i = 0; i < n; i++) {
		v = mc_json_member(sets, i, &name);
		set[i].name = mc_pool_str(&a->pool, mc_str(name));
		set[i].value = (struct mc_str){ "", 0 };
		if (mc_json_type(v) == MC_JSON_NULL)
			x->hidden = true;
		else if (mc_json_str(v) == NULL)
			return bad("set", "must be an object of texts", err);
		else
			set[i].value =
			    mc_pool_str(&a->pool, mc_str(mc_json_str(v)));
	}
	x->req.set = set;
	x->req.sets = (int)n;
	return 0;
}

static int
take_options(struct mc_apply *a, struct mc_plan_action *x,
    const struct mc_json *o, struct mc_err *err)
{
	static const char *const known[] = { "at", "to", "step", "officer",
		"case", "by", "until", "reason", "set" };
	struct mc_request *r = &x->req;
	const char *name;
	size_t i, k;

	if (mc_json_type(o) != MC_JSON_OBJECT)
		return bad("options", "must be an object", err);
	for (i = 0; i < mc_json_count(o); i++) {
		mc_json_member(o, i, &name);
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (strcmp(name, known[k]) == 0)
				break;
		if (k == sizeof(known) / sizeof(known[0]))
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "\"options\" has an unknown member \"%.64s\"",
			    name);
	}
	return take_time(a, o, "at", &r->at, NULL, err) == -1 ||
		       take_text(a, o, "to", &r->to, NULL, err) == -1 ||
		       take_text(a, o, "step", &r->step, NULL, err) == -1 ||
		       take_text(a, o, "officer", &r->officer, NULL, err) ==
			   -1 ||
		       take_text(a, o, "case", &r->in_case, NULL, err) == -1 ||
		       take_by(a, r, o, err) == -1 ||
		       take_time(a, o, "until", &r->until, &r->until_day,
			   err) == -1 ||
		       take_text(a, o, "reason", &r->reason, &x->hidden, err) ==
			   -1 ||
		       take_sets(a, x, o, err) == -1
		   ? -1
		   : 0;
}

/* What the line says will be: absent, null or text. */
static int
take_wanted(struct mc_apply *a, const struct mc_json *doc, const char *name,
    struct mc_plan_want *out, struct mc_err *err)
{
	const struct mc_json *v = mc_json_get(doc, name);

	out->told = v != NULL;
	if (v == NULL || mc_json_type(v) == MC_JSON_NULL)
		return 0;
	if (mc_json_str(v) == NULL)
		return bad(name, "must be text or null", err);
	out->text = mc_pool_str(&a->pool, mc_str(mc_json_str(v)));
	return 0;
}

int
mc_action_read(struct mc_apply *a, struct mc_plan_item *it,
    enum mc_action action, const struct mc_json *doc, struct mc_err *err)
{
	static const char *const wanted[] = { [MC_WANT_STEP] = "to_step",
		[MC_WANT_UNIT] = "to_unit",
		[MC_WANT_OFFICER] = "officer",
		[MC_WANT_STATUS] = "new_status",
		[MC_WANT_DUE] = "new_due_day" };
	struct mc_plan_action *x = mc_pool_get(&a->pool, sizeof(*x));
	int i;

	memset(x, 0, sizeof(*x));
	x->req = MC_REQUEST(action);
	it->action = x;
	if (take_options(a, x, mc_json_get(doc, "options"), err) == -1)
		return -1;
	for (i = 0; i < MC_WANT__COUNT; i++)
		if (take_wanted(a, doc, wanted[i], &x->want[i], err) == -1)
			return -1;
	/* What is hidden is none, and that is told when it is to be done. */
	if (!x->hidden && mc_request_check(&x->req, err) == -1) {
		err->code = MC_EDATA;
		memcpy(err->id, "E_FIELD", sizeof("E_FIELD"));
		return -1;
	}
	return 0;
}

/* ---- doing it ---- */

int
mc_action_open(struct mc_apply *a, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (a->item[i].kind != MC_PLAN_ACTION)
			continue;
		if (a->work == NULL)
			a->work = mc_casework_new(a->store);
		if (mc_casework_open(
			a->work, a->item[i].action->req.action, err) == -1)
			return -1;
	}
	return 0;
}

/* Does the text that is told differ from what would be? */
static int
other(const struct mc_plan_want *w, const char *what, struct mc_str would,
    struct mc_err *why)
{
	if (!w->told || ((w->text.p == NULL) == (would.p == NULL) &&
			    mc_str_same(w->text, would)))
		return 0;
	mc_err(why, MC_EREFUSED, "E_PLAN",
	    "the rules now give %s %s%.*s%s, the plan says %s%.*s%s", what,
	    would.p != NULL ? "\"" : "none",
	    (int)(would.len < 100 ? would.len : 100),
	    would.p != NULL ? would.p : "", would.p != NULL ? "\"" : "",
	    w->text.p != NULL ? "\"" : "none",
	    (int)(w->text.len < 100 ? w->text.len : 100),
	    w->text.p != NULL ? w->text.p : "", w->text.p != NULL ? "\"" : "");
	return mc_err_advise(why, "make it anew: route plan");
}

/*
 * Whoever reads an officer's name in a plan holds to it; none is for whom the
 * rules give it to.
 */
static int
accept(void *arg, const struct mc_move *would, struct mc_err *why)
{
	const struct mc_plan_item *it = arg;
	const struct mc_plan_want *w = it->action->want;
	struct mc_buf day = { 0 };
	int rc;

	if (!it->unchanged && would->result == MC_R_UNCHANGED)
		return mc_err(why, MC_EREFUSED, "E_PLAN",
		    "there is nothing to do any more");
	if (would->due.day != MC_NODAY)
		mc_day_put(&day, would->due.day);
	rc = other(&w[MC_WANT_STEP], "step", would->to_step, why) == -1 ||
		     other(&w[MC_WANT_UNIT], "unit", would->to_unit, why) ==
			 -1 ||
		     (w[MC_WANT_OFFICER].text.p != NULL &&
			 other(&w[MC_WANT_OFFICER], "officer", would->officer,
			     why) == -1) ||
		     other(&w[MC_WANT_STATUS], "status",
			 mc_status_str(would->status), why) == -1 ||
		     other(&w[MC_WANT_DUE], "due day",
			 (struct mc_str){ day.p, day.len }, why) == -1
		 ? -1
		 : 0;
	mc_buf_free(&day);
	return rc;
}

static int
one(struct mc_apply *a, struct mc_plan_item *it, int64_t now,
    struct mc_err *err)
{
	const struct mc_wanted wanted = { it->version, accept, it };

	it->move = (struct mc_move){ .code = it->code, .due_at = MC_NEVER };
	if (it->action->hidden)
		mc_apply_refuse(a, it, "E_HIDDEN",
		    "the plan hides a reason or a value",
		    "make it anew with --personal, or write it in");
	else if (it->refused)
		mc_apply_refuse(a, it, "E_PLAN",
		    "it was refused when it was planned", NULL);
	else
		return mc_casework_one(
		    a->work, &it->action->req, &wanted, now, &it->move, err);
	return 0;
}

int
mc_action_do(struct mc_apply *a, int64_t now, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->item[i].kind == MC_PLAN_ACTION &&
		    one(a, &a->item[i], now, err) == -1)
			return -1;
	return 0;
}
