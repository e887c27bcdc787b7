/* find.c - see motcua/find.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>

#include "find_internal.h"

int
mc_find_open(struct mc_find **out, struct mc_store *s, struct mc_rulebook **rb,
    const struct mc_find_query *q, struct mc_err *err)
{
	struct mc_find *f = mc_calloc(1, sizeof(*f));

	*out = NULL;
	f->store = s;
	f->rb = rb;
	f->q = *q;
	f->zone = mc_store_zone(s);
	f->today = mc_zone_day(f->zone, q->now);
	if (mc_find_read_question(f, err) == -1) {
		mc_find_free(f);
		return -1;
	}
	f->log = mc_log_new(mc_store_db(s));
	*out = f;
	return 0;
}

static void
forget_texts(struct mc_find *f)
{
	size_t i;

	for (i = 0; i < f->field.n; i++) {
		free(f->field.p[i].name);
		free(f->field.p[i].value);
	}
	f->field.n = 0;
	for (i = 0; i < MC_P__COUNT; i++) {
		free(f->personal[i]);
		f->personal[i] = NULL;
	}
}

void
mc_find_free(struct mc_find *f)
{
	if (f == NULL)
		return;
	mc_cur_close(f->cur);
	forget_texts(f);
	mc_vec_free(&f->field);
	mc_scope_free(f->unit);
	mc_scope_free(f->holder);
	mc_log_free(f->log);
	mc_buf_free(&f->code);
	mc_buf_free(&f->step_text);
	mc_buf_free(&f->holder_text);
	mc_buf_free(&f->officer_text);
	mc_buf_free(&f->events);
	mc_buf_free(&f->fields);
	mc_buf_free(&f->parent);
	mc_buf_free(&f->of);
	mc_buf_free(&f->scratch);
	mc_buf_free(&f->object);
	free(f);
}

/* ---- one row ---- */

/* Columns of FIND_ROW. */
enum {
	C_ID,
	C_PROCEDURE,
	C_PIN,
	C_UNIT,
	C_CHANNEL,
	C_RECEIVED,
	C_STATUS,
	C_DUE,
	C_DUE_DAY,
	C_FLAGS,
	C_FINISHED,
	C_RETURNED,
	C_VERDICT,
	C_HOLDER,
	C_OFFICER,
	C_PAUSED,
	C_VERSION,
	C_EVENTS,
	C_FIELDS
};

static int
verdict_rule(struct mc_find *f, int32_t pin, enum mc_verdict_rule *rule,
    struct mc_err *err)
{
	const struct mc_procedure *procedure;
	struct mc_policy policy = mc_policy_default;

	if (pin != MC_NOID &&
	    mc_store_definition(f->store, pin, &procedure, &policy, err) == -1)
		return -1;
	*rule = policy.verdict;
	return 0;
}

/*
 * How late it is, or was: 1 late with *days, 0 not, -1.  The rule by which
 * an open one is judged is looked up only where the days leave it open.
 */
static int
lateness(
    struct mc_find *f, struct mc_cur *cur, int64_t *days, struct mc_err *err)
{
	enum mc_status status = (enum mc_status)mc_cur_int(cur, C_STATUS, 0);
	struct mc_due due = { (int32_t)mc_cur_int(cur, C_DUE_DAY, MC_NODAY),
		mc_cur_int(cur, C_DUE, MC_NEVER), false };
	enum mc_verdict_rule rule;

	*days = 0;
	if (due.at == MC_NEVER)
		return 0;
	if (!mc_status_open(status)) {
		if (mc_cur_int(cur, C_VERDICT, MC_V_NONE) != MC_V_LATE)
			return 0;
		*days = mc_late_days(
		    due, mc_zone_day(
			     f->zone, mc_cur_int(cur, C_FINISHED, MC_NEVER)));
		return 1;
	}
	if (mc_status_paused(status) ||
	    (due.day >= f->today && due.at > f->q.now))
		return 0;
	if (verdict_rule(
		f, (int32_t)mc_cur_int(cur, C_PIN, MC_NOID), &rule, err) == -1)
		return -1;
	if (!mc_overdue(rule, due, f->q.now, f->zone))
		return 0;
	*days = mc_late_days(due, f->today);
	return 1;
}

static bool
is_voided(struct mc_cur *cur)
{
	return (mc_cur_int(cur, C_FLAGS, 0) & MC_FLAG_VOIDED) != 0;
}

static bool
is_kin(const struct mc_find *f, struct mc_cur *cur)
{
	bool child = (mc_cur_int(cur, C_FLAGS, 0) & MC_FLAG_CHILD) != 0;

	return f->q.kin == MC_FIND_ANY ||
	       child == (f->q.kin == MC_FIND_CHILDREN);
}

/* What the row alone can deny. */
static bool
may_fit(struct mc_find *f, struct mc_cur *cur)
{
	int64_t ms;

	if (is_voided(cur) != f->q.voided || !is_kin(f, cur))
		return false;
	if ((f->statuses != 0 &&
		(f->statuses >> mc_cur_int(cur, C_STATUS, 0) & 1) == 0) ||
	    (f->procedure != MC_NOID &&
		mc_cur_int(cur, C_PROCEDURE, 0) != f->procedure) ||
	    (f->channel != MC_CH_NONE &&
		mc_cur_int(cur, C_CHANNEL, 0) != f->channel) ||
	    (f->q.open && !mc_status_open(
			      (enum mc_status)mc_cur_int(cur, C_STATUS, 0))) ||
	    (f->unit != NULL &&
		!mc_scope_has(f->unit, (int32_t)mc_cur_int(cur, C_UNIT, 0))))
		return false;
	if (!mc_find_no_bounds(&f->received)) {
		ms = mc_cur_int(cur, C_RECEIVED, MC_NEVER);
		if (!mc_find_in_range(&f->received, ms,
			ms == MC_NEVER ? MC_NODAY : mc_zone_day(f->zone, ms)))
			return false;
	}
	return mc_find_in_range(&f->due, mc_cur_int(cur, C_DUE, MC_NEVER),
	    (int32_t)mc_cur_int(cur, C_DUE_DAY, MC_NODAY));
}

static void
add_name(struct mc_find *f, struct mc_buf *b, bool more, enum mc_dict dict,
    int64_t id)
{
	if (more)
		mc_buf_putc(b, '+');
	if (id != MC_NOID)
		mc_buf_puts(b, mc_store_text(f->store, dict, (int32_t)id));
}

/* The final step is open until the result is handed over. */
static bool
has_steps(enum mc_status s)
{
	return mc_status_open(s) || s == MC_S_FINISHED;
}

/*
 * Where it is: its open steps, each with its holder and officer in the same
 * place.  Without steps the dossier's own.  1 it fits, 0, -1.
 */
static int
place(struct mc_find *f, struct mc_cur *cur, struct mc_err *err)
{
	struct mc_find_row *r = &f->row;
	int64_t own_officer = mc_cur_int(cur, C_OFFICER, MC_NOID),
		own_holder = mc_cur_int(cur, C_HOLDER, MC_NOID), officer, unit,
		step;
	bool in_step = f->step == MC_NOID, in_officer = f->officer == MC_NOID,
	     in_holder = f->holder == NULL, any_officer = false;
	struct mc_cur *steps = NULL;
	int rc, n = 0;

	mc_buf_reset(&f->step_text);
	mc_buf_reset(&f->holder_text);
	mc_buf_reset(&f->officer_text);
	if (!has_steps((enum mc_status)mc_cur_int(cur, C_STATUS, 0)))
		rc = 0;
	else if (mc_cur_open(&steps, mc_store_db(f->store), MC_SQL_FIND_STEPS,
		     MC_ARGS(MC_INT(r->id)), err) == -1)
		return -1;
	while (steps != NULL && (rc = mc_cur_next(steps, err)) == 1) {
		step = mc_cur_int(steps, 0, MC_NOID);
		unit = mc_cur_int(steps, 1, MC_NOID);
		officer = mc_cur_int(steps, 2, own_officer);
		add_name(f, &f->step_text, n > 0, MC_D_STEP, step);
		add_name(f, &f->holder_text, n > 0, MC_D_UNIT, unit);
		add_name(f, &f->officer_text, n > 0, MC_D_OFFICER, officer);
		any_officer = any_officer || officer != MC_NOID;
		in_step = in_step || step == f->step;
		in_officer = in_officer || officer == f->officer;
		in_holder = in_holder || mc_scope_has(f->holder, (int32_t)unit);
		n++;
	}
	mc_cur_close(steps);
	if (n == 0) {
		/* Before the first step the one that received it has it. */
		if (own_holder == MC_NOID &&
		    has_steps((enum mc_status)mc_cur_int(cur, C_STATUS, 0)))
			own_holder = mc_cur_int(cur, C_UNIT, MC_NOID);
		add_name(f, &f->holder_text, false, MC_D_UNIT, own_holder);
		add_name(f, &f->officer_text, false, MC_D_OFFICER, own_officer);
		any_officer = own_officer != MC_NOID;
		in_officer = in_officer || own_officer == f->officer;
		in_holder =
		    in_holder || mc_scope_has(f->holder, (int32_t)own_holder);
	}
	r->step = n > 0 ? mc_buf_str(&f->step_text) : NULL;
	r->holder = f->holder_text.len > 0 ? mc_buf_str(&f->holder_text) : NULL;
	r->officer = any_officer ? mc_buf_str(&f->officer_text) : NULL;
	return rc == -1 ? -1 : in_step && in_officer && in_holder;
}

static int
fill_row(struct mc_find *f, struct mc_cur *cur, struct mc_err *err)
{
	struct mc_find_row *r = &f->row;
	int32_t procedure = (int32_t)mc_cur_int(cur, C_PROCEDURE, MC_NOID),
		pin_id = (int32_t)mc_cur_int(cur, C_PIN, MC_NOID);
	int64_t flags = mc_cur_int(cur, C_FLAGS, 0);
	struct mc_str events = mc_cur_blob(cur, C_EVENTS);
	struct mc_pin pin;
	int rc;

	mc_buf_reset(&f->code);
	if (mc_store_code(f->store, r->id, &f->code, err) == -1)
		return -1;
	r->code = mc_buf_str(&f->code);
	r->procedure = mc_store_text(f->store, MC_D_PROCEDURE, procedure);
	mc_store_procedure(f->store, procedure, &r->title, &r->field);
	r->revision = r->in_case = NULL;
	f->pin = pin_id;
	if (pin_id != MC_NOID) {
		if ((rc = mc_store_pin(f->store, pin_id, &pin, err)) == -1)
			return -1;
		r->revision = rc == 1 ? pin.commit : NULL;
		if (rc == 1 && pin.in_case[0] != '\0')
			r->in_case = pin.in_case;
	}
	r->unit = mc_store_text(
	    f->store, MC_D_UNIT, (int32_t)mc_cur_int(cur, C_UNIT, MC_NOID));
	r->channel = mc_channel_name(
	    (enum mc_channel)mc_cur_int(cur, C_CHANNEL, MC_CH_NONE));
	r->status = mc_status_name(
	    (enum mc_status)mc_cur_int(cur, C_STATUS, MC_S_NONE));
	if (f->q.voided)
		r->status = NULL; /* none of the ten */
	r->received_at = mc_cur_int(cur, C_RECEIVED, MC_NEVER);
	r->due_at = mc_cur_int(cur, C_DUE, MC_NEVER);
	r->due_day = (int32_t)mc_cur_int(cur, C_DUE_DAY, MC_NODAY);
	r->due_source = r->due_at == MC_NEVER          ? NULL
			: (flags & MC_FLAG_GIVEN) != 0 ? "given"
						       : "computed";
	r->provisional =
	    r->due_at != MC_NEVER && (flags & MC_FLAG_PROVISIONAL) != 0;
	r->paused_at = mc_cur_int(cur, C_PAUSED, MC_NEVER);
	r->finished_at = mc_cur_int(cur, C_FINISHED, MC_NEVER);
	r->returned_at = mc_cur_int(cur, C_RETURNED, MC_NEVER);
	r->verdict = mc_verdict_name(
	    (enum mc_verdict)mc_cur_int(cur, C_VERDICT, MC_V_NONE));
	r->version = mc_cur_int(cur, C_VERSION, 0);
	r->parent = NULL;
	mc_buf_reset(&f->parent);
	if ((flags & MC_FLAG_CHILD) != 0) {
		rc = mc_store_parent_of(f->store, r->id, &f->parent, err);
		if (rc == -1)
			return -1;
		r->parent = rc == 1 ? mc_buf_str(&f->parent) : NULL;
	}
	mc_buf_reset(&f->events);
	mc_buf_add(&f->events, events.p, events.len);
	f->at = 0;
	f->seq = 0;
	return 0;
}

/* ---- texts that are folded from the events ---- */

static void
set_field(struct mc_find *f, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < f->field.n; i++)
		if (strcmp(f->field.p[i].name, name) == 0) {
			free(f->field.p[i].value);
			f->field.p[i].value = mc_strdup(value);
			return;
		}
	mc_vec_push(
	    &f->field, ((struct field){ mc_strdup(name), mc_strdup(value) }));
}

static void
take_fields(struct mc_find *f, const struct mc_json *object)
{
	const struct mc_json *v;
	const char *name;
	size_t i;

	for (i = 0; i < mc_json_count(object); i++) {
		v = mc_json_member(object, i, &name);
		if (mc_json_str(v) != NULL)
			set_field(f, name, mc_json_str(v));
	}
}

/* What else the source said: the last import's word. */
static int
take_attributes(struct mc_find *f, const struct mc_json *v, struct mc_err *err)
{
	struct mc_buf text = { 0 };

	if (mc_json_type(v) != MC_JSON_OBJECT)
		return 0;
	if (mc_json_canonical(&text, v, err) == -1)
		return -1;
	free(f->personal[MC_P_ATTRIBUTES]);
	f->personal[MC_P_ATTRIBUTES] = mc_buf_detach(&text);
	return 0;
}

/* Text members over what earlier events said. */
static int
take_personal(struct mc_find *f, struct mc_str text, struct mc_err *err)
{
	struct mc_json *doc;
	const char *v;
	int i;

	if (text.len == 0)
		return 0;
	if (mc_json_parse(&doc, "personal", text, err) == -1)
		return -1;
	for (i = 0; i < MC_P__COUNT; i++) {
		v = mc_json_str(
		    mc_json_get(doc, mc_personal_name((enum mc_personal)i)));
		if (v == NULL || i == MC_P_REASON)
			continue;
		free(f->personal[i]);
		f->personal[i] = mc_strdup(v);
	}
	take_fields(f, mc_json_get(doc, "fields"));
	i = take_attributes(f, mc_json_get(doc, "attributes"), err);
	mc_json_free(doc);
	return i;
}

static int
take_public(struct mc_find *f, const struct mc_event *e, struct mc_err *err)
{
	bool set = mc_event_has(e, MC_F_SET);
	struct mc_str text = mc_event_get(e, set ? MC_F_SET : MC_F_FIELDS);
	struct mc_json *doc;

	if (text.len == 0)
		return 0;
	if (mc_json_parse(&doc, "event", text, err) == -1)
		return -1;
	take_fields(f, set ? mc_json_get(doc, "fields") : doc);
	mc_json_free(doc);
	return 0;
}

static int
read_texts(struct mc_find *f, struct mc_err *err)
{
	struct mc_jw w = mc_jw(&f->fields);
	struct mc_str personal;
	struct mc_event e;
	size_t i;
	int rc;

	forget_texts(f);
	mc_buf_reset(&f->fields);
	while ((rc = mc_find_event(f, &e, &personal, err)) == 1) {
		if (e.kind == MC_K_VOIDED && !f->q.voided)
			forget_texts(f); /* its code has come again */
		if (e.kind != MC_K_REGISTERED && e.kind != MC_K_RECEIVED &&
		    e.kind != MC_K_CORRECTED)
			continue;
		if (take_public(f, &e, err) == -1 ||
		    take_personal(f, personal, err) == -1)
			return -1;
	}
	f->at = 0;
	f->seq = 0;
	if (rc == 0 && f->field.n > 0) {
		mc_jw_open(&w, '{');
		for (i = 0; i < f->field.n; i++) {
			mc_jw_key(&w, f->field.p[i].name);
			mc_jw_strz(&w, f->field.p[i].value);
		}
		mc_jw_close(&w, '}');
	}
	f->row.fields = (struct mc_str){ f->fields.p, f->fields.len };
	for (i = 0; i < MC_P__COUNT; i++)
		f->row.personal[i] = f->personal[i];
	return rc;
}

void
mc_find_rewind(struct mc_find *f)
{
	f->at = 0;
	f->seq = 0;
}

int
mc_find_event(struct mc_find *f, struct mc_event *e, struct mc_str *personal,
    struct mc_err *err)
{
	struct mc_str events = { f->events.p, f->events.len }, body;
	struct mc_vault_item item;
	int rc;

	*personal = (struct mc_str){ NULL, 0 };
	if (!mc_seqs_next(events, &f->at, &f->seq))
		return 0;
	if ((rc = mc_log_get(f->log, f->seq, &body, err)) != 1)
		return rc == -1
			   ? -1
			   : mc_err(err, MC_EDAMAGED, "E_DAMAGED",
				 "dossier %s: its event %llu is not in the log",
				 f->row.code, (unsigned long long)f->seq);
	if (mc_event_decode(e, body, &f->scratch, err) == -1)
		return -1;
	if (!f->q.personal || !e->has_personal)
		return 1;
	rc = mc_store_personal(f->store, f->seq, &item, err);
	if (rc == 1) {
		mc_buf_reset(&f->object);
		mc_buf_add(&f->object, item.json.p, item.json.len);
		*personal = (struct mc_str){ f->object.p, f->object.len };
	}
	return rc == -1 ? -1 : 1;
}

int
mc_find_case(struct mc_find *f, const char **in_case, struct mc_err *err)
{
	const struct mc_procedure *p;
	struct mc_policy policy;

	*in_case = f->row.in_case;
	if (f->pin == MC_NOID)
		return 0;
	if (*in_case != NULL)
		return 1;
	if (mc_store_definition(f->store, f->pin, &p, &policy, err) == -1)
		return -1;
	if (p->n_cases > 0)
		*in_case = MC_NO_CASE;
	return 1;
}

int
mc_find_children(struct mc_find *f,
    void (*child)(void *arg, struct mc_str code), void *arg, struct mc_err *err)
{
	struct mc_buf code = { 0 };
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(f->store), MC_SQL_CHILD_OF,
		MC_ARGS(MC_TEXT(mc_str(f->row.code))), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		mc_buf_reset(&code);
		rc = mc_store_code(f->store, mc_cur_int(cur, 0, 0), &code, err);
		if (rc == -1)
			break;
		child(arg, (struct mc_str){ code.p, code.len });
	}
	mc_cur_close(cur);
	mc_buf_free(&code);
	return rc;
}

/* ---- rows ---- */

/* Does the dossier the cursor stands on fit?  Then f->row has it. */
static int
judge(struct mc_find *f, struct mc_cur *cur, struct mc_err *err)
{
	int late, rc;

	if (!may_fit(f, cur))
		return 0;
	if ((late = lateness(f, cur, &f->row.late_days, err)) == -1)
		return -1;
	if (f->q.late && late == 0)
		return 0;
	f->row.id = mc_cur_int(cur, C_ID, 0);
	if ((rc = place(f, cur, err)) != 1)
		return rc;
	if (fill_row(f, cur, err) == -1)
		return -1;
	if (f->of.len > 0 &&
	    (f->row.parent == NULL || strcmp(f->row.parent, f->of.p) != 0))
		return 0;
	if ((f->q.fields || f->q.personal) && read_texts(f, err) == -1)
		return -1;
	return 1;
}

/* Can only open dossiers fit? */
static bool
only_open(const struct mc_find *f)
{
	int s;

	if (f->q.open)
		return true;
	if (f->statuses == 0)
		return false;
	for (s = MC_S_REGISTERED; s <= MC_S_RETURNED; s++)
		if ((f->statuses >> s & 1) != 0 &&
		    !mc_status_open((enum mc_status)s))
			return false;
	return true;
}

static enum mc_sql
rows_of(const struct mc_find *f)
{
	return only_open(f)                   ? MC_SQL_FIND_OPEN
	       : f->q.kin == MC_FIND_CHILDREN ? MC_SQL_FIND_ALL_CHILDREN
					      : MC_SQL_FIND_ALL;
}

int
mc_find_next(
    struct mc_find *f, const struct mc_find_row **row, struct mc_err *err)
{
	int rc = 0;

	*row = NULL;
	if (f->cur == NULL && f->of.len > 0 &&
	    mc_cur_open(&f->cur, mc_store_db(f->store), MC_SQL_FIND_CHILDREN,
		MC_ARGS(MC_TEXT(((struct mc_str){ f->of.p, f->of.len }))),
		err) == -1)
		return -1;
	if (f->cur == NULL && mc_cur_open(&f->cur, mc_store_db(f->store),
				  rows_of(f), MC_NOARGS, err) == -1)
		return -1;
	while ((rc = mc_cur_next(f->cur, err)) == 1)
		if ((rc = judge(f, f->cur, err)) != 0)
			break;
	if (rc == 1)
		*row = &f->row;
	return rc;
}

int
mc_find_code(struct mc_find *f, struct mc_str code,
    const struct mc_find_row **row, struct mc_err *err)
{
	struct mc_cur *cur;
	int64_t id;
	int rc;

	*row = NULL;
	if ((rc = mc_store_find(f->store, code, &id, err)) == -1)
		return -1;
	if (rc == 1) {
		if (mc_cur_open(&cur, mc_store_db(f->store), MC_SQL_FIND_ONE,
			MC_ARGS(MC_INT(id)), err) == -1)
			return -1;
		if ((rc = mc_cur_next(cur, err)) == 1) {
			if (is_voided(cur) && !f->q.voided)
				rc = mc_store_is_voided(code, err);
			else if ((rc = judge(f, cur, err)) == 1)
				*row = &f->row;
			mc_cur_close(cur);
			return rc;
		}
		mc_cur_close(cur);
	}
	return rc == -1
		   ? -1
		   : mc_err(err, MC_ENOTFOUND, "E_DOSSIER",
			 "there is no dossier \"%.*s\"", (int)code.len, code.p);
}
