/* replan_repin.c - lines that move dossiers to another version; replan.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/text.h>

#include "replan_internal.h"

#define TEXT_MAX 400 /* bytes of a step, a path */
#define HEX 40       /* of an id */

/* ---- a line ---- */

static int
bad(const char *name, const char *what, struct mc_err *err)
{
	return mc_err(err, MC_EDATA, "E_FIELD", "\"%s\" %s", name, what);
}

/* Text that is there, of at most 400 bytes. */
static int
take_text(struct mc_apply *a, const struct mc_json *doc, const char *name,
    struct mc_str *out, struct mc_err *err)
{
	struct mc_str s = mc_str(mc_json_str(mc_json_get(doc, name)));

	if (s.len == 0 || s.len > TEXT_MAX)
		return bad(name, "must be text of 1 to 400 bytes", err);
	*out = mc_pool_str(&a->pool, s);
	return 0;
}

static int
take_id(struct mc_apply *a, const struct mc_json *doc, const char *name,
    struct mc_str *out, struct mc_err *err)
{
	size_t i;

	if (take_text(a, doc, name, out, err) == -1)
		return -1;
	for (i = 0; i < out->len; i++)
		if (strchr("0123456789abcdef", out->p[i]) == NULL)
			break;
	return out->len == HEX && i == HEX
		   ? 0
		   : bad(name, "must be 40 hexadecimal digits", err);
}

static int
take_step(struct mc_apply *a, struct mc_plan_repin *r, const struct mc_json *s,
    struct mc_err *err)
{
	const struct mc_json *to = mc_json_get(s, "to");
	struct mc_str from;
	int i;

	if (mc_json_type(s) != MC_JSON_OBJECT)
		return bad("steps", "must be an array of objects", err);
	if (take_text(a, s, "step", &from, err) == -1)
		return -1;
	for (i = 0; i < r->steps; i++)
		if (mc_str_is(from, r->step[i].from))
			return bad("steps", "has a step twice", err);
	r->step[r->steps] = (struct mc_fit_step){ .from = from.p, .at = -1 };
	if (to != NULL && mc_json_type(to) != MC_JSON_NULL &&
	    take_text(a, s, "to", &r->step[r->steps].to, err) == -1)
		return -1;
	r->steps++;
	return 0;
}

static int
take_steps(struct mc_apply *a, struct mc_plan_repin *r,
    const struct mc_json *steps, struct mc_err *err)
{
	size_t i, n = mc_json_count(steps);

	if (mc_json_type(steps) != MC_JSON_ARRAY || n > MC_CASE_STEPS)
		return bad("steps", "must be an array of objects", err);
	r->step = mc_pool_get(&a->pool, (n + 1) * sizeof(*r->step));
	for (i = 0; i < n; i++)
		if (take_step(a, r, mc_json_at(steps, i), err) == -1)
			return -1;
	return 0;
}

/* The due that the dossier will have; null where it has none. */
static int
take_due(struct mc_apply *a, struct mc_plan_repin *r, const struct mc_json *doc,
    struct mc_err *err)
{
	const struct mc_json *at = mc_json_get(doc, "new_due_at");
	const struct mc_json *p = mc_json_get(doc, "provisional");
	const char *day = mc_json_str(mc_json_get(doc, "new_due_day"));
	struct mc_err why = MC_ERR_INIT;
	bool day_only = false;

	r->due = (struct mc_due){ MC_NODAY, MC_NEVER, mc_json_bool(p) };
	if (at == NULL)
		return bad("new_due_at", "is missing", err);
	if (p != NULL && mc_json_type(p) != MC_JSON_BOOL)
		return bad("provisional", "must be true or false", err);
	if (mc_json_type(at) == MC_JSON_NULL)
		return 0;
	if (mc_json_str(at) == NULL ||
	    mc_time_parse(&r->due.at, mc_str(mc_json_str(at)),
		mc_store_zone(a->store), &day_only, NULL, &why) == -1 ||
	    day_only)
		return bad("new_due_at", "must be a time", err);
	r->due.day = mc_day_parse(mc_str(day));
	return r->due.day != MC_NODAY
		   ? 0
		   : bad("new_due_day", "must be a day", err);
}

int
mc_repin_read(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_json *doc, struct mc_err *err)
{
	struct mc_plan_repin *r = mc_pool_get(&a->pool, sizeof(*r));
	struct mc_str how;

	memset(r, 0, sizeof(*r));
	it->repin = r;
	/* There is no version to go to, and the line says so. */
	if (mc_str_is(
		mc_str(mc_json_str(mc_json_get(doc, "result"))), "refused"))
		return 0;
	if (take_id(a, doc, "commit", &r->commit, err) == -1 ||
	    take_text(a, doc, "path", &r->path, err) == -1 ||
	    take_id(a, doc, "blob", &r->blob, err) == -1 ||
	    take_text(a, doc, "deadline", &how, err) == -1 ||
	    take_steps(a, r, mc_json_get(doc, "steps"), err) == -1 ||
	    take_due(a, r, doc, err) == -1)
		return -1;
	r->redate = mc_redate_parse(how);
	if (r->redate == MC_REDATE__COUNT && !mc_str_is(how, "undo"))
		return bad("deadline",
		    "must be \"keep\", \"recount\" or \"recount-all\"", err);
	return 0;
}

bool
mc_repin_same(const struct mc_plan_item *a, const struct mc_plan_item *b)
{
	const struct mc_plan_repin *x = a->repin, *y = b->repin;
	int i;

	if (!mc_str_same(x->commit, y->commit) ||
	    !mc_str_same(x->path, y->path) || !mc_str_same(x->blob, y->blob) ||
	    x->redate != y->redate || x->steps != y->steps ||
	    a->version != b->version || mc_redue_differs(x->due, y->due))
		return false;
	for (i = 0; i < x->steps; i++)
		if (strcmp(x->step[i].from, y->step[i].from) != 0 ||
		    !mc_str_same(x->step[i].to, y->step[i].to))
			return false;
	return true;
}

/* ---- rulebooks ---- */

/*
 * The rulebook at a line's commit, opened once.  What is wrong with it is
 * kept: it is what every line that names it is refused with.
 */
static int
open_commit(struct mc_apply *a, struct mc_plan_repin *r, struct mc_err *err)
{
	struct mc_plan_rules *x;
	size_t i;

	for (i = 0; i < a->rules.n; i++)
		if (mc_str_is(r->commit, a->rules.p[i]->commit)) {
			r->rules = a->rules.p[i];
			return 0;
		}
	x = mc_calloc(1, sizeof(*x));
	memcpy(x->commit, r->commit.p, HEX);
	mc_vec_push(&a->rules, x);
	r->rules = x;
	if (a->rules.n > MC_APPLY_COMMITS) {
		mc_err(&x->why, MC_EREFUSED, "E_LIMIT",
		    "lines with more than %d commits", MC_APPLY_COMMITS);
		return 0;
	}
	if (mc_repo_durable(mc_rulebook_repo(a->rb), x->commit, &x->why) ==
		-1 ||
	    mc_rulebook_open(&x->rb, mc_store_site(a->store)->rules, x->commit,
		&x->why) == -1) {
		if (x->why.code == MC_EIO) {
			*err = x->why;
			a->rules.n--;
			free(x);
			return -1;
		}
	}
	return 0;
}

int
mc_repin_open(struct mc_apply *a, int64_t now, struct mc_err *err)
{
	struct mc_plan_item *it;
	size_t i;

	for (i = 0; i < a->n; i++) {
		it = &a->item[i];
		if (it->kind == MC_PLAN_REPIN && !it->undo && !it->refused &&
		    open_commit(a, it->repin, err) == -1)
			return -1;
	}
	/* Pins have other ids after a rollback. */
	mc_migration_free(a->migration);
	a->migration = mc_migration_new(a->store, a->replan, now);
	return 0;
}

void
mc_repin_free(struct mc_apply *a)
{
	size_t i;

	for (i = 0; i < a->rules.n; i++) {
		mc_rulebook_free(a->rules.p[i]->rb);
		free(a->rules.p[i]);
	}
	mc_vec_free(&a->rules);
	mc_migration_free(a->migration);
}

/* ---- may it be done? ---- */

static void MC_PRINTF(4, 5) refuse(struct mc_apply *a, struct mc_plan_item *it,
    const char *id, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mc_apply_refuse(a, it, id, text, NULL);
}

/* 0, or -1 with trouble; what the rules refuse the line is refused with. */
static int
refused(struct mc_apply *a, struct mc_plan_item *it, const struct mc_err *why,
    struct mc_err *err)
{
	if (why->code != MC_EDATA && why->code != MC_ENOTFOUND &&
	    why->code != MC_EREFUSED) {
		*err = *why;
		return -1;
	}
	refuse(a, it, why->id, "%s", why->msg);
	if (why->advice[0] != '\0')
		it->move.advice = mc_pool_str(&a->pool, mc_str(why->advice));
	return 0;
}

static bool
has_pin(const struct mc_plan_repin *r, const struct mc_pin *pin)
{
	return mc_str_is(r->commit, pin->commit) &&
	       mc_str_is(r->path, pin->path) && mc_str_is(r->blob, pin->blob);
}

/* The line's word on each open step; one it does not name is as before. */
static bool
name_steps(struct mc_apply *a, struct mc_plan_item *it)
{
	struct mc_plan_repin *r = it->repin;
	struct mc_fit_step *open;
	int i, k, told = 0;

	open = mc_pool_get(&a->pool, (size_t)(it->c.steps + 1) * sizeof(*open));
	for (i = 0; i < it->c.steps; i++) {
		open[i] =
		    (struct mc_fit_step){ .from = mc_store_text(a->store,
					      MC_D_STEP, it->c.step[i].step) };
		open[i].to = mc_str(open[i].from);
		for (k = 0; k < r->steps; k++)
			if (strcmp(r->step[k].from, open[i].from) == 0)
				break;
		if (k == r->steps)
			continue;
		told++;
		open[i].to = r->step[k].to;
		if (open[i].to.p == NULL) {
			refuse(a, it, "E_PLAN",
			    "nobody has decided what step \"%.100s\" is there",
			    open[i].from);
			return false;
		}
	}
	r->row.step = open;
	r->row.steps = it->c.steps;
	if (told < r->steps)
		mc_apply_refuse(
		    a, it, "E_PLAN", "it names a step that is not open", NULL);
	return told == r->steps;
}

static bool
check_steps(struct mc_apply *a, struct mc_plan_item *it)
{
	const struct mc_fit_step *s;
	int i;

	for (i = 0; i < it->repin->row.steps; i++) {
		s = &it->repin->row.step[i];
		if (s->fit == MC_FIT_OK)
			continue;
		refuse(a, it, "E_STEP", "step \"%.100s\": \"%.*s\" %s", s->from,
		    (int)(s->to.len < 100 ? s->to.len : 100), s->to.p,
		    mc_fit_name(s->fit));
		return false;
	}
	return true;
}

static void
refuse_due(struct mc_apply *a, struct mc_plan_item *it, struct mc_due due)
{
	struct mc_buf b = { 0 };

	mc_buf_puts(&b, "the rules now give ");
	if (due.at == MC_NEVER)
		mc_buf_puts(&b, "no due date");
	else
		mc_time_put(&b, due.at, mc_store_zone(a->store));
	mc_buf_puts(&b, ", the plan says another");
	mc_apply_refuse(a, it, "E_PLAN", mc_buf_str(&b),
	    "make it anew: route plan --rules");
	mc_buf_free(&b);
}

static int
judge_move(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	struct mc_plan_repin *r = it->repin;
	struct mc_err why = MC_ERR_INIT;
	int rc;

	if (r->rules->why.code != MC_OK)
		return refused(a, it, &r->rules->why, err);
	rc = mc_migration_version(
	    a->migration, &it->c, r->rules->rb, &r->row.to, &why);
	if (rc == -1)
		return refused(a, it, &why, err);
	if (!mc_str_is(r->path, r->row.to->path) ||
	    !mc_str_is(r->blob, r->row.to->blob)) {
		refuse(a, it, "E_PLAN",
		    "of its day of receipt that commit has %s, not what the "
		    "plan says",
		    r->row.to->path);
		return 0;
	}
	if (rc == 0 || !name_steps(a, it))
		return 0; /* it has that text and policy, or refused */
	r->row.redate = r->redate;
	if (mc_migration_judge(a->migration, &it->c, &r->row, &why) == -1)
		return refused(a, it, &why, err);
	if (!check_steps(a, it))
		return 0;
	if (mc_redue_differs(r->due, r->row.new_due)) {
		refuse_due(a, it, r->row.new_due);
		return 0;
	}
	r->events = 1 + r->row.redated;
	it->move.result = MC_R_DONE;
	return 0;
}

/*
 * The dossier as it was before the move that was its last, in a->past: 1, 0,
 * -1.
 */
int
mc_repin_before(struct mc_apply *a, const struct mc_case *c, int *events,
    struct mc_err *err)
{
	static const enum mc_kind kinds[] = { MC_K_REPINNED, MC_K_RESCHEDULED };
	int rc = 0;

	if (a->history == NULL)
		a->history = mc_history_new(a->store);
	for (*events = 1; *events <= 2; ++*events) {
		rc = mc_history_before_these(
		    a->history, c, *events, kinds, &a->past, err);
		if (rc != 0)
			break;
	}
	return rc;
}

/* Are the open steps, once renamed as the line says, those of before? */
static bool
steps_go_back(struct mc_apply *a, const struct mc_fit_step *s, int n)
{
	int i, k;

	if (n != a->past.steps)
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < a->past.steps; k++)
			if (mc_str_is(
				s[i].to, mc_store_text(a->store, MC_D_STEP,
					     a->past.step[k].step)))
				break;
		if (k == a->past.steps)
			return false;
	}
	return true;
}

static int
judge_undo(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	struct mc_plan_repin *r = it->repin;
	const struct mc_case *past = &a->past;
	struct mc_pin pin;
	int rc = mc_repin_before(a, &it->c, &r->events, err);

	if (rc == 1)
		rc = mc_store_pin(a->store, past->pin, &pin, err);
	if (rc == -1)
		return -1;
	if (rc == 1 && has_pin(r, &pin) &&
	    !mc_redue_differs(r->due, past->due)) {
		if (!name_steps(a, it))
			return 0;
		if (steps_go_back(a, r->row.step, r->row.steps)) {
			r->past_pin = past->pin;
			r->past_given = past->due_given;
			r->row.redated = r->events == 2;
			it->move.result = MC_R_DONE;
			return 0;
		}
	}
	mc_apply_refuse(a, it, "E_PLAN",
	    "that is not what its last move has left",
	    "make it anew: route plan --undo");
	return 0;
}

int
mc_repin_judge(struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err)
{
	struct mc_pin pin;

	if (it->undecided || it->refused) {
		mc_apply_refuse(a, it, "E_PLAN",
		    it->refused ? "it was refused when it was planned"
				: "nobody has decided how it goes on",
		    "route plan --rules=REV --map=OLD=NEW, or write it into "
		    "the line and say \"result\":\"planned\"");
		return 0;
	}
	if (mc_store_pin(a->store, it->c.pin, &pin, err) != 1)
		return -1;
	if (has_pin(it->repin, &pin))
		return 0;
	if (it->c.version != it->version) {
		mc_apply_stale(a, it);
		return 0;
	}
	return it->undo ? judge_undo(a, it, err) : judge_move(a, it, err);
}

/* ---- doing it ---- */

static struct mc_str
why_of(struct mc_apply *a, const struct mc_plan_item *it)
{
	const struct mc_plan_repin *r = it->repin;
	struct mc_jw w;

	mc_buf_reset(&a->text);
	w = mc_jw(&a->text);
	mc_jw_open(&w, '{');
	mc_jw_key(&w, "commit");
	mc_jw_str(&w, r->commit);
	if (!it->undo) {
		mc_jw_key(&w, "deadline");
		mc_jw_strz(&w, mc_redate_name(r->redate));
	}
	mc_jw_key(&w, "reason");
	mc_jw_strz(&w, it->undo ? "undo" : "rules");
	mc_jw_key(&w, "rule");
	mc_jw_str(&w, r->path);
	mc_jw_close(&w, '}');
	return mc_apply_keep(a);
}

/* Those that have another name by now; p NULL: none. */
static int
renamed(struct mc_apply *a, const struct mc_plan_repin *r, struct mc_str *out,
    struct mc_err *err)
{
	struct mc_json *doc;
	bool any = false;
	struct mc_jw w;
	int i, rc;

	*out = (struct mc_str){ NULL, 0 };
	mc_buf_reset(&a->scratch);
	w = mc_jw(&a->scratch);
	mc_jw_open(&w, '{');
	for (i = 0; i < r->row.steps; i++) {
		if (mc_str_is(r->row.step[i].to, r->row.step[i].from))
			continue;
		any = true;
		mc_jw_name(&w, mc_str(r->row.step[i].from));
		mc_jw_str(&w, r->row.step[i].to);
	}
	mc_jw_close(&w, '}');
	if (!any)
		return 0;
	if (mc_json_parse(&doc, "steps",
		(struct mc_str){ a->scratch.p, a->scratch.len }, err) == -1)
		return -1;
	mc_buf_reset(&a->text);
	rc = mc_json_canonical(&a->text, doc, err);
	mc_json_free(doc);
	if (rc == 0)
		*out = mc_apply_keep(a);
	return rc;
}

static int
append(struct mc_apply *a, struct mc_plan_item *it, struct mc_event *e,
    struct mc_err *err)
{
	if (it->basis.p != NULL)
		mc_event_str(e, MC_F_BASIS, it->basis);
	mc_event_str(e, MC_F_WHY, it->move.why);
	return mc_store_append(
	    a->store, &it->c, e, (struct mc_str){ NULL, 0 }, err);
}

/* Its text is kept with the first that goes there. */
static int
keep_definition(
    struct mc_apply *a, const struct mc_version *v, struct mc_err *err)
{
	if (a->kept == v)
		return 0;
	a->kept = v;
	return mc_store_keep_definition(a->store, mc_str(v->procedure->code),
	    v->procedure->title, v->procedure->field, v->blob, v->text, err);
}

/* A due that was counted is counted again, where that gives the same. */
static int
put_old_due(struct mc_apply *a, struct mc_plan_item *it, struct mc_event *e,
    struct mc_err *err)
{
	struct mc_plan_repin *r = it->repin;
	struct mc_version v = { .blob = r->blob.p };
	struct mc_err ignored = MC_ERR_INIT;

	if (!r->past_given) {
		if (mc_store_definition(a->store, r->past_pin, &v.procedure,
			&v.policy, err) == -1)
			return -1;
		if (mc_replan_anew(
			a->replan, &it->c, &v, &r->row.now, &ignored) == 0 &&
		    !mc_redue_differs(r->row.now.due, r->due)) {
			mc_redue_put(
			    e, it->c.due, r->due, false, r->row.now.blob);
			mc_event_str(e, MC_F_BLOB, r->blob);
			return 0;
		}
	}
	mc_redue_put(e, it->c.due, r->due, r->past_given, NULL);
	return 0;
}

static int
put_due(struct mc_apply *a, struct mc_plan_item *it, struct mc_event *e,
    struct mc_err *err)
{
	struct mc_plan_repin *r = it->repin;

	if (it->undo)
		return put_old_due(a, it, e, err);
	mc_redue_put(
	    e, it->c.due, r->row.new_due, r->row.now.given, r->row.now.blob);
	mc_event_str(e, MC_F_BLOB, r->blob);
	return 0;
}

int
mc_repin_write(
    struct mc_apply *a, struct mc_plan_item *it, int64_t at, struct mc_err *err)
{
	struct mc_plan_repin *r = it->repin;
	struct mc_buf policy = { 0 };
	const char *in_case;
	struct mc_str steps;
	struct mc_event e, due;
	struct mc_pin pin;
	int rc;

	/* Counted by the events so far. */
	mc_event_init(&due, MC_K_RESCHEDULED, at);
	if (r->row.redated && put_due(a, it, &due, err) == -1)
		return -1;
	mc_event_init(&e, MC_K_REPINNED, at);
	if (it->undo) {
		if (mc_store_pin(a->store, r->past_pin, &pin, err) != 1)
			return -1;
		mc_buf_puts(&policy, pin.policy);
		in_case = pin.in_case[0] != '\0' ? pin.in_case : NULL;
	} else {
		if (keep_definition(a, r->row.to, err) == -1)
			return -1;
		mc_policy_put(&policy, &r->row.to->policy);
		in_case = mc_procedure_case_id(r->row.to->procedure);
	}
	mc_event_strz(&e, MC_F_PROCEDURE,
	    mc_store_text(a->store, MC_D_PROCEDURE, it->c.procedure));
	mc_event_str(&e, MC_F_COMMIT, r->commit);
	mc_event_str(&e, MC_F_PATH, r->path);
	mc_event_str(&e, MC_F_BLOB, r->blob);
	mc_event_strz(&e, MC_F_POLICY, mc_buf_str(&policy));
	if (in_case != NULL)
		mc_event_strz(&e, MC_F_CASE, in_case);
	if (renamed(a, r, &steps, err) == -1) {
		mc_buf_free(&policy);
		return -1;
	}
	if (steps.p != NULL)
		mc_event_str(&e, MC_F_STEPS, steps);
	it->move.why = why_of(a, it);
	rc = append(a, it, &e, err);
	mc_buf_free(&policy);
	if (rc == 0 && r->row.redated)
		rc = append(a, it, &due, err);
	return rc == -1 ? -1 : mc_store_save(a->store, &it->c, err);
}
