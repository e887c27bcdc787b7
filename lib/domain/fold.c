/* fold.c - see motcua/fold.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/fold.h>
#include <motcua/json.h>
#include <motcua/mem.h>

void
mc_case_init(struct mc_case *c)
{
	struct mc_buf events = c->events, fields = c->fields;
	struct mc_case_step *step = c->step;
	int step_cap = c->step_cap;

	memset(c, 0, sizeof(*c));
	events.len = fields.len = 0;
	c->events = events;
	c->fields = fields;
	c->step = step;
	c->step_cap = step_cap;
	c->received_at = c->paused_at = c->finished_at = c->returned_at =
	    c->changed_at = c->due.at = MC_NEVER;
	c->due.day = c->overdue_on = c->counted_on = MC_NODAY;
}

void
mc_case_free(struct mc_case *c)
{
	mc_buf_free(&c->events);
	mc_buf_free(&c->fields);
	free(c->step);
	memset(c, 0, sizeof(*c));
}

struct mc_case_step *
mc_case_find_step(struct mc_case *c, int32_t step)
{
	int i;

	for (i = 0; i < c->steps; i++)
		if (c->step[i].step == step)
			return &c->step[i];
	return NULL;
}

/* What every handler needs. */
struct ctx {
	struct mc_case *c;
	const struct mc_event *e;
	const struct mc_names *names;
	struct mc_postings *out;
	struct mc_err *err;
	int32_t day; /* of e->at; or that on which it counts */
	bool late;
};

static int
broken(struct ctx *x, const char *what)
{
	return mc_err(x->err, MC_EDAMAGED, "E_LOG", "event %llu (%s) has no %s",
	    (unsigned long long)x->e->seq, mc_kind_name(x->e->kind), what);
}

static int
name_id(struct ctx *x, enum mc_dict dict, enum mc_event_field f, int32_t *out)
{
	*out = MC_NOID;
	if (!mc_event_has(x->e, f))
		return 0;
	return x->names->id(
	    x->names->arg, dict, mc_event_get(x->e, f), out, x->err);
}

static void
post(struct ctx *x, enum mc_counter counter, int32_t day, int32_t delta)
{
	struct mc_case *c = x->c;

	x->out->p[x->out->n++] = (struct mc_posting){ day, c->procedure,
		c->unit, counter, delta, c->child };
	/* What the clock says of days to come is taken back where it stops. */
	if (counter == MC_C_BECAME || day <= c->counted_on)
		return;
	c->recounted = c->recounted || c->counted_on != MC_NODAY;
	c->counted_on = day;
}

static enum mc_counter
channel_counter(enum mc_channel ch)
{
	return ch == MC_CH_ONLINE   ? MC_C_ONLINE
	       : ch == MC_CH_POSTAL ? MC_C_POSTAL
				    : MC_C_DIRECT;
}

static enum mc_counter
verdict_counter(enum mc_verdict v)
{
	return v == MC_V_EARLY  ? MC_C_EARLY
	       : v == MC_V_LATE ? MC_C_LATE
				: MC_C_ON_TIME;
}

/*
 * The due in force starts to run: post the day it will become overdue, from
 * `day` on.  Later events never change an earlier report, because what was
 * posted is taken back only where that day is still to come.
 */
static void
clock_start(struct ctx *x, int32_t day)
{
	struct mc_case *c = x->c;
	int32_t on = mc_overdue_day(c->rule, c->due, x->names->zone);

	if (on == MC_NODAY)
		return;
	c->overdue_on = on > day ? on : day;
	post(x, MC_C_BECAME, c->overdue_on, 1);
}

static void
clock_stop(struct ctx *x, int32_t day)
{
	struct mc_case *c = x->c;

	/* It may have run and stopped on later days: mc_posted_take(). */
	if (x->late)
		x->out->late_on = day;
	if (x->late || c->overdue_on == MC_NODAY) {
		c->overdue_on = MC_NODAY;
		return;
	}
	if (day < c->overdue_on)
		post(x, MC_C_BECAME, c->overdue_on, -1);
	else
		post(x, MC_C_CEASED, day, 1);
	c->overdue_on = MC_NODAY;
}

static void
take_due(struct ctx *x)
{
	struct mc_case *c = x->c;
	const struct mc_event *e = x->e;

	if (!mc_event_has(e, MC_F_DUE_AT))
		return;
	c->due.at = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
	c->due.day = (int32_t)mc_event_num(
	    e, MC_F_DUE_DAY, mc_zone_day(x->names->zone, c->due.at));
	c->due.provisional = mc_event_num(e, MC_F_PROVISIONAL, 0) != 0;
	c->due_given = mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given");
}

static bool
running(const struct mc_case *c)
{
	return c->paused_at == MC_NEVER && mc_status_open(c->status) &&
	       c->received_at != MC_NEVER;
}

/* A new due in force: the clock runs anew unless it stands. */
static void
change_due(struct ctx *x)
{
	bool runs = running(x->c);

	if (!mc_event_has(x->e, MC_F_DUE_AT))
		return;
	if (runs)
		clock_stop(x, x->day);
	take_due(x);
	if (runs)
		clock_start(x, x->day);
}

static int
open_step(struct ctx *x)
{
	struct mc_case *c = x->c;
	const struct mc_event *e = x->e;
	struct mc_case_step s, *old;

	memset(&s, 0, sizeof(s));
	if (name_id(x, MC_D_STEP, MC_F_STEP, &s.step) == -1 ||
	    name_id(x, MC_D_OFFICER, MC_F_OFFICER, &s.officer) == -1 ||
	    name_id(x, MC_D_UNIT,
		mc_event_has(e, MC_F_HOLDER) ? MC_F_HOLDER : MC_F_UNIT,
		&s.unit) == -1)
		return -1;
	if (s.step == MC_NOID || s.unit == MC_NOID)
		return broken(x, s.unit == MC_NOID ? "unit" : "step");
	s.entered_at = e->at;
	s.due_at = mc_event_num(e, MC_F_STEP_DUE_AT, MC_NEVER);
	s.due_day = (int32_t)mc_event_num(e, MC_F_STEP_DUE_DAY, MC_NODAY);
	if ((old = mc_case_find_step(c, s.step)) != NULL) {
		*old = s;
		return 0;
	}
	if (c->steps == MC_CASE_STEPS)
		return broken(x, "room for another open step");
	if (c->steps == c->step_cap) {
		c->step_cap = c->step_cap == 0 ? 4 : c->step_cap * 2;
		c->step = mc_realloc(c->step, (size_t)c->step_cap, sizeof(s));
	}
	c->step[c->steps++] = s;
	return 0;
}

static void
close_step(struct mc_case *c, int32_t step)
{
	struct mc_case_step *s = mc_case_find_step(c, step);

	if (s == NULL)
		return;
	c->steps--;
	memmove(s, s + 1, (size_t)(c->step + c->steps - s) * sizeof(*s));
}

/* What registered and received have in common. */
static int
take_identity(struct ctx *x)
{
	struct mc_case *c = x->c;
	const struct mc_event *e = x->e;
	struct mc_str fields = mc_event_get(e, MC_F_FIELDS);
	int32_t id;

	if (name_id(x, MC_D_PROCEDURE, MC_F_PROCEDURE, &id) == -1)
		return -1;
	if (id != MC_NOID)
		c->procedure = id;
	if (name_id(x, MC_D_UNIT, MC_F_UNIT, &id) == -1)
		return -1;
	if (id != MC_NOID)
		c->unit = id;
	if (mc_event_has(e, MC_F_CHANNEL))
		c->channel = mc_channel_parse(mc_event_get(e, MC_F_CHANNEL));
	if (c->procedure == MC_NOID || c->unit == MC_NOID ||
	    c->channel == MC_CH_NONE)
		return broken(x, "procedure, unit and channel");
	if (name_id(x, MC_D_UNIT, MC_F_HOLDER, &id) == -1)
		return -1;
	if (id != MC_NOID)
		c->holder = id;
	if (name_id(x, MC_D_OFFICER, MC_F_OFFICER, &id) == -1)
		return -1;
	if (id != MC_NOID)
		c->officer = id;
	if (fields.len > 0) {
		mc_buf_reset(&c->fields);
		mc_buf_add(&c->fields, fields.p, fields.len);
	}
	return 0;
}

static int
fold_received(struct ctx *x)
{
	struct mc_case *c = x->c;
	const struct mc_event *e = x->e;
	enum mc_status s;

	if (take_identity(x) == -1 ||
	    x->names->pin(x->names->arg, e, &c->pin, &c->rule, x->err) == -1)
		return -1;
	c->received_at = e->at;
	c->child = mc_event_has(e, MC_F_PARENT);
	s = mc_status_parse(mc_event_get(e, MC_F_STATUS));
	c->status = s == MC_S_PROCESSING ? s : MC_S_RECEIVED;
	take_due(x);
	post(x, channel_counter(c->channel), x->day, 1);
	post(x, MC_C_OPENED, x->day, 1);
	clock_start(x, x->day);
	if (mc_event_has(e, MC_F_STEP)) {
		c->status = MC_S_PROCESSING;
		return open_step(x);
	}
	return 0;
}

/* Received, and not refused since: then its receipt is counted. */
static bool
counted(const struct mc_case *c)
{
	return c->received_at != MC_NEVER && c->status != MC_S_NOT_ACCEPTED;
}

/* Received and then refused is not counted: taken back on that day. */
static void
uncount(struct ctx *x)
{
	if (!counted(x->c))
		return;
	post(x, channel_counter(x->c->channel), x->day, -1);
	post(x, MC_C_OPENED, x->day, -1);
}

static void
fold_closed(struct ctx *x, enum mc_status status, enum mc_verdict verdict)
{
	struct mc_case *c = x->c;

	clock_stop(x, x->day);
	c->status = status;
	c->was = MC_S_NONE;
	c->paused_at = MC_NEVER;
	c->verdict = verdict;
	c->finished_at = x->e->at;
	if (verdict != MC_V_NONE && c->received_at != MC_NEVER) {
		post(x, verdict_counter(verdict), x->day, 1);
		post(x, MC_C_CLOSED, x->day, 1);
	}
}

static enum mc_verdict
verdict_parse(struct mc_str s)
{
	int v;

	for (v = MC_V_EARLY; v <= MC_V_LATE; v++)
		if (mc_str_same(s, mc_verdict_str((enum mc_verdict)v)))
			return (enum mc_verdict)v;
	return MC_V_NONE;
}

static int
fold_finished(struct ctx *x)
{
	struct mc_case *c = x->c;
	enum mc_verdict v = verdict_parse(mc_event_get(x->e, MC_F_VERDICT));
	struct mc_case_step *s, last;
	int32_t step;

	if (v == MC_V_NONE)
		return broken(x, "verdict");
	if (name_id(x, MC_D_STEP, MC_F_STEP, &step) == -1)
		return -1;
	s = step == MC_NOID ? NULL : mc_case_find_step(c, step);
	if (s != NULL)
		last = *s;
	c->steps = 0;
	if (s != NULL)
		c->step[c->steps++] = last;
	fold_closed(x, MC_S_FINISHED, v);
	return 0;
}

static int
fold_paused(struct ctx *x, enum mc_status status)
{
	struct mc_case *c = x->c;

	if (!mc_status_paused(status))
		return broken(x, "status");
	if (c->paused_at == MC_NEVER) {
		clock_stop(x, x->day);
		c->was = c->status;
		c->paused_at = x->e->at;
	}
	c->status = status;
	return 0;
}

static int
fold_resumed(struct ctx *x)
{
	struct mc_case *c = x->c;
	enum mc_status s = mc_status_parse(mc_event_get(x->e, MC_F_STATUS));

	c->status = s != MC_S_NONE        ? s
		    : c->was != MC_S_NONE ? c->was
					  : MC_S_PROCESSING;
	c->was = MC_S_NONE;
	c->paused_at = MC_NEVER;
	take_due(x);
	if (c->received_at != MC_NEVER) {
		c->due_moved = true; /* by nothing, maybe; that can change */
		clock_start(x, x->day);
	}
	return 0;
}

static int
fold_reopened(struct ctx *x)
{
	struct mc_case *c = x->c;
	struct mc_str fields = mc_event_get(x->e, MC_F_FIELDS);

	if (c->verdict != MC_V_NONE) {
		post(x, verdict_counter(c->verdict), x->day, -1);
		post(x, MC_C_CLOSED, x->day, -1);
	}
	c->status = MC_S_PROCESSING;
	c->verdict = MC_V_NONE;
	c->finished_at = c->returned_at = MC_NEVER;
	c->steps = 0;
	/* Not kept with a closed dossier: the event brings them back. */
	if (fields.len > 0) {
		mc_buf_reset(&c->fields);
		mc_buf_add(&c->fields, fields.p, fields.len);
	}
	take_due(x);
	clock_start(x, x->day);
	return mc_event_has(x->e, MC_F_STEP) ? open_step(x) : 0;
}

static int
fold_moved(struct ctx *x, enum mc_dict dict, enum mc_event_field f)
{
	struct mc_case *c = x->c;
	struct mc_case_step *s = NULL;
	int32_t step, id;

	if (name_id(x, MC_D_STEP, MC_F_STEP, &step) == -1 ||
	    name_id(x, dict, f, &id) == -1)
		return -1;
	if (id == MC_NOID)
		return broken(x, f == MC_F_OFFICER ? "officer" : "unit");
	if (step != MC_NOID && (s = mc_case_find_step(c, step)) == NULL)
		return broken(x, "open step of that name");
	if (dict == MC_D_OFFICER)
		*(s != NULL ? &s->officer : &c->officer) = id;
	else
		*(s != NULL ? &s->unit : &c->holder) = id;
	return 0;
}

static int
set_text(struct ctx *x, const char *key, const char *value)
{
	struct mc_case *c = x->c;
	enum mc_channel ch;
	int32_t id;

	if (strcmp(key, "channel") == 0) {
		ch = mc_channel_parse(mc_str(value));
		if (ch == MC_CH_NONE)
			return broken(x, "such channel");
		if (counted(c)) {
			post(x, channel_counter(c->channel), x->day, -1);
			post(x, channel_counter(ch), x->day, 1);
		}
		c->channel = ch;
	} else if (strcmp(key, "officer") == 0) {
		if (x->names->id(x->names->arg, MC_D_OFFICER, mc_str(value),
			&id, x->err) == -1)
			return -1;
		c->officer = id;
	} else if (strcmp(key, "holder") == 0) {
		if (x->names->id(x->names->arg, MC_D_UNIT, mc_str(value), &id,
			x->err) == -1)
			return -1;
		c->holder = id;
	} else if (strcmp(key, "status") == 0 && c->status == MC_S_RECEIVED &&
		   mc_status_parse(mc_str(value)) == MC_S_PROCESSING) {
		c->status = MC_S_PROCESSING; /* an import knows no step */
	}
	return 0;
}

/* "received_at" and its like are RFC 3339 text in UTC. */
static int
set_time(struct ctx *x, const char *key, const char *value)
{
	struct mc_case *c = x->c;
	int64_t ms;

	if (mc_time_parse(
		&ms, mc_str(value), x->names->zone, NULL, NULL, x->err) == -1)
		return broken(x, "readable time");
	if (strcmp(key, "received_at") == 0) {
		c->received_at = ms;
		c->recounted = true; /* it counts where it did */
	}
	if (strcmp(key, "finished_at") == 0)
		c->finished_at = ms;
	if (strcmp(key, "returned_at") == 0)
		c->returned_at = ms;
	return 0;
}

/* Public fields are kept as one JSON object: replace the members given. */
static void
merge_fields(struct mc_case *c, const struct mc_json *set)
{
	struct mc_buf out = { 0 };
	struct mc_jw w = mc_jw(&out);
	struct mc_json *old = NULL;
	struct mc_err ignored = MC_ERR_INIT;
	const struct mc_json *v;
	const char *key;
	size_t i;

	if (c->fields.len > 0 &&
	    mc_json_parse(&old, "fields",
		(struct mc_str){ c->fields.p, c->fields.len }, &ignored) == -1)
		old = NULL;
	mc_jw_open(&w, '{');
	for (i = 0; i < mc_json_count(old); i++) {
		v = mc_json_member(old, i, &key);
		if (mc_json_get(set, key) != NULL || mc_json_str(v) == NULL)
			continue;
		mc_jw_key(&w, key);
		mc_jw_strz(&w, mc_json_str(v));
	}
	for (i = 0; i < mc_json_count(set); i++) {
		v = mc_json_member(set, i, &key);
		if (mc_json_str(v) == NULL)
			continue;
		mc_jw_key(&w, key);
		mc_jw_strz(&w, mc_json_str(v));
	}
	mc_jw_close(&w, '}');
	mc_json_free(old);
	mc_buf_free(&c->fields);
	c->fields = out;
}

static int
fold_corrected(struct ctx *x)
{
	struct mc_str text = mc_event_get(x->e, MC_F_SET);
	const struct mc_json *v, *fields;
	struct mc_json *set = NULL;
	enum mc_verdict old = x->c->verdict, verdict;
	const char *key;
	size_t i;
	int rc = 0;

	if (text.len > 0 && mc_json_parse(&set, "set", text, x->err) == -1)
		return broken(x, "readable set");
	for (i = 0; i < mc_json_count(set) && rc == 0; i++) {
		v = mc_json_member(set, i, &key);
		if (mc_json_str(v) == NULL)
			continue;
		if (strcmp(key, "received_at") == 0 ||
		    strcmp(key, "finished_at") == 0 ||
		    strcmp(key, "returned_at") == 0)
			rc = set_time(x, key, mc_json_str(v));
		else
			rc = set_text(x, key, mc_json_str(v));
	}
	if ((fields = mc_json_get(set, "fields")) != NULL)
		merge_fields(x->c, fields);
	mc_json_free(set);
	if (rc == 0 && mc_event_has(x->e, MC_F_VERDICT) && old != MC_V_NONE) {
		verdict = verdict_parse(mc_event_get(x->e, MC_F_VERDICT));
		post(x, verdict_counter(old), x->day, -1);
		post(x, verdict_counter(verdict), x->day, 1);
		x->c->verdict = verdict;
	}
	if (rc == 0)
		change_due(x);
	return rc;
}

/* A dossier that never was; what it has posted the caller takes back. */
static void
fold_voided(struct ctx *x)
{
	struct mc_case *c = x->c;

	c->status = MC_S_NOT_ACCEPTED;
	c->voided = true;
	c->verdict = MC_V_NONE;
	c->overdue_on = MC_NODAY;
	c->paused_at = MC_NEVER;
	c->was = MC_S_NONE;
	c->steps = 0;
}

/* Its code comes again: another dossier, with the log of both. */
static void
begin_anew(struct mc_case *c)
{
	struct mc_case old = *c;

	c->events = (struct mc_buf){ 0 };
	mc_case_init(c);
	c->events = old.events;
	c->id = old.id;
	c->version = old.version;
	c->last_seq = old.last_seq;
	c->stored = old.stored;
	c->revived = true;
}

/* Open steps that have another name in the new version: all at once. */
static int
rename_steps(struct ctx *x)
{
	struct mc_str text = mc_event_get(x->e, MC_F_STEPS);
	struct mc_case *c = x->c;
	int32_t id[MC_CASE_STEPS];
	struct mc_json *map;
	const char *to;
	size_t named = 0;
	int i, k, rc = 0;

	if (text.len == 0)
		return 0;
	if (mc_json_parse(&map, "steps", text, x->err) == -1)
		return broken(x, "readable steps");
	for (i = 0; i < c->steps && rc == 0; i++) {
		id[i] = c->step[i].step;
		to = mc_json_str(mc_json_get(
		    map, x->names->text(x->names->arg, MC_D_STEP, id[i])));
		if (to == NULL)
			continue;
		named++;
		rc = x->names->id(
		    x->names->arg, MC_D_STEP, mc_str(to), &id[i], x->err);
	}
	if (rc == 0 && named != mc_json_count(map))
		rc = broken(x, "open step of that name");
	mc_json_free(map);
	for (i = 0; i < c->steps && rc == 0; i++)
		for (k = 0; k < i && rc == 0; k++)
			if (id[k] == id[i])
				rc = broken(x, "one name for each open step");
	for (i = 0; i < c->steps && rc == 0; i++)
		c->step[i].step = id[i];
	return rc;
}

static int
fold_repinned(struct ctx *x)
{
	struct mc_case *c = x->c;
	enum mc_verdict_rule rule = c->rule;
	bool has_due = mc_event_has(x->e, MC_F_DUE_AT);

	if (x->names->pin(x->names->arg, x->e, &c->pin, &c->rule, x->err) ==
		-1 ||
	    rename_steps(x) == -1)
		return -1;
	if (has_due) {
		change_due(x);
		return 0;
	}
	c->due_moved = true; /* it is one of the rules before */
	/* By another rule it can be overdue on another day. */
	if (c->rule != rule && running(c)) {
		clock_stop(x, x->day);
		clock_start(x, x->day);
	}
	return 0;
}

static int
fold_kind(struct ctx *x)
{
	struct mc_case *c = x->c;
	enum mc_kind kind = x->e->kind;
	int32_t step;

	if (c->voided && kind != MC_K_ERASED && kind != MC_K_DISCLOSED) {
		if (kind != MC_K_REGISTERED && kind != MC_K_RECEIVED)
			return broken(x, "dossier any more: it was voided");
		begin_anew(c);
	}
	switch (kind) {
	case MC_K_REGISTERED:
		c->status = MC_S_REGISTERED;
		return take_identity(x);
	case MC_K_RECEIVED:
		return fold_received(x);
	case MC_K_REFUSED:
		uncount(x);
		fold_closed(x, MC_S_NOT_ACCEPTED, MC_V_NONE);
		c->steps = 0;
		return 0;
	case MC_K_STARTED:
		if (c->status == MC_S_RECEIVED)
			c->status = MC_S_PROCESSING;
		return open_step(x);
	case MC_K_COMPLETED:
		if (name_id(x, MC_D_STEP, MC_F_STEP, &step) == -1)
			return -1;
		close_step(c, step);
		return 0;
	case MC_K_ASSIGNED:
		return fold_moved(x, MC_D_OFFICER, MC_F_OFFICER);
	case MC_K_REHOMED:
		/* Taken back: with the unit that received it, as at first. */
		if (!mc_event_has(x->e, MC_F_UNIT) &&
		    !mc_event_has(x->e, MC_F_STEP)) {
			c->holder = MC_NOID;
			return 0;
		}
		return fold_moved(x, MC_D_UNIT, MC_F_UNIT);
	case MC_K_TRANSFERRED:
		return fold_moved(x, MC_D_UNIT, MC_F_UNIT);
	case MC_K_PAUSED:
		return fold_paused(
		    x, mc_status_parse(mc_event_get(x->e, MC_F_STATUS)));
	case MC_K_STOPPED:
		return fold_paused(x, MC_S_STOPPED);
	case MC_K_RESUMED:
		return fold_resumed(x);
	case MC_K_EXTENDED:
		c->extensions++;
		c->due_moved = true;
		change_due(x);
		return 0;
	case MC_K_RESCHEDULED:
		change_due(x);
		return 0;
	case MC_K_WITHDRAWN:
		fold_closed(x, MC_S_WITHDRAWN, MC_V_ON_TIME);
		c->steps = 0;
		return 0;
	case MC_K_FINISHED:
		return fold_finished(x);
	case MC_K_RETURNED:
		c->status = MC_S_RETURNED;
		c->returned_at = x->e->at;
		c->steps = 0;
		return 0;
	case MC_K_REOPENED:
		return fold_reopened(x);
	case MC_K_CORRECTED:
		return fold_corrected(x);
	case MC_K_VOIDED:
		fold_voided(x);
		return 0;
	case MC_K_REPINNED:
		return fold_repinned(x);
	case MC_K_APOLOGISED:
		c->apologised = true;
		return 0;
	case MC_K_ACTIVITY:
	case MC_K_ERASED:
	case MC_K_DISCLOSED:
		return 0;
	case MC_K_CREATED:
	case MC_K__COUNT:
		break;
	}
	return broken(x, "place in a dossier");
}

/* Activities, and what is done with the record, are no change of state. */
static bool
changes_state(enum mc_kind k)
{
	return k != MC_K_ACTIVITY && k != MC_K_CORRECTED &&
	       k != MC_K_APOLOGISED && k != MC_K_ERASED &&
	       k != MC_K_DISCLOSED && k != MC_K_RESCHEDULED &&
	       k != MC_K_REPINNED && k != MC_K_REHOMED && k != MC_K_VOIDED;
}

/* Those that stop the clock. */
static bool
stops_clock(enum mc_kind k)
{
	return k == MC_K_REFUSED || k == MC_K_PAUSED || k == MC_K_STOPPED ||
	       k == MC_K_EXTENDED || k == MC_K_RESCHEDULED ||
	       k == MC_K_WITHDRAWN || k == MC_K_FINISHED ||
	       k == MC_K_CORRECTED || k == MC_K_REPINNED;
}

/* Of a day before one that it has counted on?  Today's event is not. */
static bool
is_early(const struct mc_case *c, const struct mc_event *e, int32_t day,
    const struct mc_zone *zone)
{
	return day < c->counted_on && stops_clock(e->kind) &&
	       day < mc_zone_day(zone, e->recorded_at);
}

bool
mc_fold_late(const struct mc_case *c, const struct mc_event *e,
    const struct mc_zone *zone)
{
	return c->recounted && is_early(c, e, mc_zone_day(zone, e->at), zone);
}

int
mc_fold(struct mc_case *c, const struct mc_event *e,
    const struct mc_names *names, struct mc_postings *out, struct mc_err *err)
{
	struct ctx x = { c, e, names, out, err, mc_zone_day(names->zone, e->at),
		false };

	/* Before its receipt nothing of it counts. */
	if (is_early(c, e, x.day, names->zone)) {
		x.late = c->recounted;
		x.day = c->recounted ? x.day : c->counted_on;
	}
	out->n = 0;
	out->late_on = MC_NODAY;
	if (fold_kind(&x) == -1)
		return -1;
	/* The first event always sets it: the row cannot be without. */
	if (c->changed_at == MC_NEVER ||
	    (changes_state(e->kind) && e->at > c->changed_at))
		c->changed_at = e->at;
	c->version++;
	mc_seqs_add(&c->events, &c->last_seq, e->seq);
	return 0;
}
