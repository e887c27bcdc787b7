/* workflow_why.c - what rules read, and how a decision is told. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>

#include "workflow_internal.h"

/* Value of a field for a condition. */
const char *
mc_workflow_value(void *arg, const char *name)
{
	struct mc_workflow_ctx *x = arg;
	const struct mc_field *f;
	const struct mc_json *j;
	struct mc_err ignored = MC_ERR_INIT;
	const char *v;

	if (strcmp(name, "channel") == 0)
		return mc_channel_name(x->c->channel);
	if ((f = mc_procedure_field(x->p, mc_str(name))) == NULL)
		return NULL;
	if (!f->public) {
		v = x->r->private_value != NULL
			? x->r->private_value(x->r->arg, name)
			: NULL;
	} else {
		if (x->fields == NULL &&
		    (x->c->fields.len == 0 ||
			mc_json_parse(&x->fields, "fields",
			    (struct mc_str){ x->c->fields.p, x->c->fields.len },
			    &ignored) == -1)) {
			x->fields = NULL;
			return NULL;
		}
		j = mc_json_get(x->fields, name);
		v = mc_json_str(j);
		if (v == NULL)
			v = mc_json_decimal(j, &x->scratch);
	}
	if (v == NULL)
		return NULL;
	if (v != x->scratch.p) {
		mc_buf_reset(&x->scratch);
		mc_buf_puts(&x->scratch, v);
	}
	/* What an import kept as it came is compared in its normal form. */
	{
		struct mc_buf raw = x->scratch;

		x->scratch = (struct mc_buf){ 0 };
		if (mc_field_normal(&x->scratch, f->type,
			(struct mc_str){ raw.p, raw.len }, &ignored) == -1) {
			mc_buf_reset(&x->scratch);
			mc_buf_add(&x->scratch, raw.p, raw.len);
		}
		mc_buf_free(&raw);
	}
	return mc_buf_str(&x->scratch);
}

struct reads {
	const char *name[MC_PROCEDURE_FIELDS + 1];
	int n;
};

static void
add_read(void *arg, const char *name)
{
	struct reads *r = arg;
	int i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->name[i], name) == 0)
			return;
	if (r->n < MC_PROCEDURE_FIELDS + 1)
		r->name[r->n++] = name;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names and public values of what branches 0 .. last of a step read. */
static void
put_reads(struct mc_workflow_ctx *x, struct mc_jw *w, const struct mc_step *s,
    int last)
{
	const struct mc_field *f;
	struct reads r = { .n = 0 };
	int i;

	for (i = 0; i <= last; i++)
		if (s->branch[i].when != NULL)
			mc_condition_fields(s->branch[i].when, add_read, &r);
	if (r.n == 0)
		return;
	qsort(r.name, (size_t)r.n, sizeof(r.name[0]), by_name);
	mc_jw_key(w, "read");
	mc_jw_open(w, '{');
	for (i = 0; i < r.n; i++) {
		f = mc_procedure_field(x->p, mc_str(r.name[i]));
		mc_jw_key(w, r.name[i]);
		if (f != NULL && !f->public)
			mc_jw_null(w);
		else
			mc_jw_strz(w, mc_workflow_value(x, r.name[i]));
	}
	mc_jw_close(w, '}');
}

/* ---- the step entered ---- */

/*
 * At which unit the role was found: at the one that got the step, where the
 * search had come to it, else at the one above it.
 */
static const char *
level_of(const struct mc_workflow_ctx *x, const struct mc_workflow_entry *e)
{
	const struct mc_unit *unit = e->unit;

	if (e->step->unit != NULL && e->step->unit[0] != '@')
		return e->step->unit;
	if (unit->parent == NULL || e->home == NULL ||
	    mc_unit_below(x->r->units, e->home, unit))
		return unit->code;
	return unit->parent->code;
}

static void
put_officer(struct mc_jw *w, const struct mc_workflow_pick *p)
{
	mc_jw_key(w, "officer");
	mc_jw_open(w, '{');
	if (p->absent > 0) {
		mc_jw_key(w, "absent");
		mc_jw_int(w, p->absent);
	}
	if (p->after != NULL) {
		mc_jw_key(w, "after");
		mc_jw_strz(w, p->after);
	}
	mc_jw_key(w, "by");
	mc_jw_strz(w, mc_assign_name(p->by));
	mc_jw_key(w, "of");
	mc_jw_int(w, p->of);
	if (p->officer != NULL && p->by == MC_ASSIGN_LEAST_LOAD) {
		mc_jw_key(w, "open");
		mc_jw_int(w, p->open);
	}
	mc_jw_close(w, '}');
}

/* How its unit and its officer were found. */
static void
put_entry(struct mc_workflow_ctx *x, struct mc_jw *w,
    const struct mc_workflow_entry *e)
{
	const struct mc_step *s = e->step;
	const char *now = x->r->revision;

	mc_jw_key(w, "at");
	mc_jw_strz(w, level_of(x, e));
	if (now != NULL &&
	    (x->r->commit == NULL || strcmp(now, x->r->commit) != 0)) {
		mc_jw_key(w, "commit");
		mc_jw_strz(w, now);
	}
	if (e->forced) {
		mc_jw_key(w, "forced");
		mc_jw_bool(w, true);
	}
	if (s->join_all) {
		mc_jw_key(w, "join");
		mc_jw_strz(w, "all");
	}
	if (e->pick.by != MC_ASSIGN_NONE)
		put_officer(w, &e->pick);
	if (s->role != NULL) {
		mc_jw_key(w, "role");
		mc_jw_strz(w, s->role);
	}
	if (s->unit != NULL) {
		mc_jw_key(w, "unit");
		mc_jw_strz(w, s->unit);
	}
}

/* ---- why ---- */

/* Targets that are not entered, as they are open already. */
static void
put_open(struct mc_jw *w, const struct mc_workflow_ctx *x,
    const struct mc_workflow_wait *wait, int n)
{
	bool any = false;
	int i;

	for (i = 0; i < n; i++) {
		if (!wait[i].open)
			continue;
		if (!any) {
			mc_jw_key(w, "open");
			mc_jw_open(w, '[');
		}
		any = true;
		mc_jw_strz(w, x->p->step[wait[i].step].id);
	}
	if (any)
		mc_jw_close(w, ']');
}

/* The joins that are not entered yet, and what each waits for. */
static void
put_waits(struct mc_jw *w, const struct mc_workflow_ctx *x,
    const struct mc_workflow_wait *wait, int n)
{
	int i, k;

	mc_jw_open(w, '{');
	for (i = 0; i < n; i++) {
		if (wait[i].open || wait[i].n == 0)
			continue;
		mc_jw_key(w, x->p->step[wait[i].step].id);
		mc_jw_open(w, '[');
		for (k = 0; k < wait[i].n; k++)
			mc_jw_strz(w, x->p->step[wait[i].on[k]].id);
		mc_jw_close(w, ']');
	}
	mc_jw_close(w, '}');
}

static void
put_rule(struct mc_workflow_ctx *x, struct mc_jw *w,
    const struct mc_workflow_choice *c)
{
	const struct mc_json *next;
	struct mc_buf rule = { 0 };

	mc_buf_puts(&rule, x->r->path != NULL ? x->r->path : "");
	mc_buf_printf(&rule, "#/%s/%d", x->p->steps_path, c->from);
	if (c->branch >= 0) {
		mc_buf_puts(&rule, "/next");
		next = mc_json_get(
		    mc_json_at(x->p->steps_doc, (size_t)c->from), "next");
		if (mc_json_type(mc_json_at(next, 0)) == MC_JSON_OBJECT)
			mc_buf_printf(&rule, "/%d", c->branch);
	}
	if (c->expired)
		mc_buf_puts(&rule, "/expires");
	mc_jw_key(w, "rule");
	mc_jw_str(w, (struct mc_str){ rule.p, rule.len });
	mc_buf_free(&rule);
}

/* How long it was waited for, since when, and until when. */
static void
put_expired(struct mc_workflow_ctx *x, struct mc_jw *w)
{
	const struct mc_expired *e = x->req->expired;
	const struct mc_zone *zone = x->r->names->zone;
	struct mc_buf s = { 0 };

	mc_jw_key(w, "expired");
	mc_jw_open(w, '{');
	mc_term_put(&s, e->after);
	mc_jw_key(w, "after");
	mc_jw_strz(w, mc_buf_str(&s));
	mc_buf_reset(&s);
	mc_time_put(&s, e->end.at, zone);
	mc_jw_key(w, "due_at");
	mc_jw_strz(w, mc_buf_str(&s));
	mc_buf_reset(&s);
	mc_time_put(&s, e->since, zone);
	mc_jw_key(w, "since");
	mc_jw_strz(w, mc_buf_str(&s));
	mc_jw_close(w, '}');
	mc_buf_free(&s);
}

static bool
any_waits(const struct mc_workflow_wait *wait, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!wait[i].open && wait[i].n > 0)
			return true;
	return false;
}

/*
 * Which line of which file decided: the branch that was taken (and what was
 * read to get there), or the step itself when there was nothing to choose;
 * then what is about this event alone, so that those of one action can be
 * told together.
 */
void
mc_workflow_why(struct mc_workflow_ctx *x, struct mc_happening *h,
    const struct mc_workflow_choice *c, const struct mc_workflow_entry *e)
{
	struct mc_jw w;

	mc_buf_reset(&h->text); /* of what expired: more is known by now */
	w = mc_jw(&h->text);
	mc_jw_open(&w, '{');
	if (x->r->commit != NULL) {
		mc_jw_key(&w, "commit");
		mc_jw_strz(&w, x->r->commit);
	}
	if (c->expired)
		put_expired(x, &w);
	if (c->forced) {
		mc_jw_key(&w, "forced");
		mc_jw_bool(&w, true);
	}
	put_open(&w, x, c->wait, e == NULL ? c->waits : 0);
	if (c->branch >= 0 && !c->forced)
		put_reads(x, &w, &x->p->step[c->from], c->branch);
	put_rule(x, &w, c);
	h->why_head = h->text.len;
	h->why_from = h->why_to = 0;
	if (e != NULL) {
		mc_jw_key(&w, "step");
		mc_jw_open(&w, '{');
		h->why_from = h->text.len;
		put_entry(x, &w, e);
		h->why_to = h->text.len;
		mc_jw_close(&w, '}');
	} else if (any_waits(c->wait, c->waits)) {
		mc_jw_key(&w, "waits");
		h->why_from = h->text.len;
		put_waits(&w, x, c->wait, c->waits);
		h->why_to = h->text.len;
	}
	mc_jw_close(&w, '}');
	mc_event_str(&h->e, MC_F_WHY, mc_workflow_text(h));
}

void
mc_workflow_why_expired(struct mc_workflow_ctx *x, struct mc_happening *h)
{
	const struct mc_expired *e = x->req->expired;
	const char *commit = e->commit != NULL ? e->commit : x->r->commit;
	struct mc_jw w = mc_jw(&h->text);

	mc_jw_open(&w, '{');
	if (commit != NULL) {
		mc_jw_key(&w, "commit");
		mc_jw_strz(&w, commit);
	}
	put_expired(x, &w);
	mc_jw_key(&w, "rule");
	mc_jw_strz(&w, e->rule);
	h->why_head = h->text.len;
	h->why_from = h->why_to = 0;
	mc_jw_close(&w, '}');
	mc_event_str(&h->e, MC_F_WHY, mc_workflow_text(h));
	if (e->basis != NULL)
		mc_event_strz(&h->e, MC_F_BASIS, e->basis);
}

/* ---- all of it ---- */

static struct mc_str
slice(const struct mc_happening *h, size_t from, size_t to)
{
	return (struct mc_str){ h->text.p + from, to - from };
}

/* By which version of the definition it was received. */
static void
put_version(struct mc_buf *b, const struct mc_event *e)
{
	struct mc_jw w = mc_jw(b);

	mc_jw_open(&w, '{');
	if (mc_event_has(e, MC_F_CASE)) {
		mc_jw_key(&w, "case");
		mc_jw_str(&w, mc_event_get(e, MC_F_CASE));
	}
	mc_jw_key(&w, "commit");
	mc_jw_str(&w, mc_event_get(e, MC_F_COMMIT));
	mc_jw_key(&w, "rule");
	mc_jw_str(&w, mc_event_get(e, MC_F_PATH));
	mc_jw_close(&w, '}');
}

bool
mc_outcome_why(const struct mc_outcome *out, struct mc_buf *b)
{
	const struct mc_happening *h, *waits = NULL;
	struct mc_str s;
	bool any = false, steps = false;
	int i;

	for (i = 0; i < out->n; i++) {
		h = &out->event[i];
		if (h->e.kind == MC_K_RECEIVED &&
		    mc_event_has(&h->e, MC_F_COMMIT)) {
			put_version(b, &h->e);
			return true;
		}
		if (!mc_event_has(&h->e, MC_F_WHY))
			continue;
		if (!any)
			mc_buf_add(b, h->text.p, h->why_head);
		any = true;
		if (h->e.kind == MC_K_COMPLETED) {
			waits = h;
			continue;
		}
		if (h->why_to == 0)
			continue; /* it enters no step */
		mc_buf_puts(
		    b, steps ? ",{\"step\":" : ",\"steps\":[{\"step\":");
		steps = true;
		s = mc_event_get(&h->e, MC_F_STEP);
		mc_json_quote(b, s.p, s.len);
		mc_buf_putc(b, ',');
		s = slice(h, h->why_from, h->why_to);
		mc_buf_add(b, s.p, s.len);
		mc_buf_putc(b, '}');
	}
	if (steps)
		mc_buf_putc(b, ']');
	if (waits != NULL && waits->why_to > 0) {
		s = slice(waits, waits->why_from, waits->why_to);
		mc_buf_puts(b, ",\"waits\":");
		mc_buf_add(b, s.p, s.len);
	}
	if (any)
		mc_buf_putc(b, '}');
	return any;
}
