/* watch_explain.c - why a deadline is what it is; see motcua/watch.h. */
#include <string.h>

#include <motcua/buf.h>
#include <motcua/log.h>
#include <motcua/mem.h>
#include <motcua/redue.h>
#include <motcua/scope.h>
#include <motcua/watch.h>

struct explain {
	struct mc_store *s;
	struct mc_rulebook *rb;
	const struct mc_units *units;
	mc_explain_fn *line;
	void *arg;
	struct mc_err *err;
	int64_t now;
	struct mc_case c;

	/* What rules it, from its receipt or its last change of rules on. */
	int32_t pin; /* MC_NOID: nothing yet */
	const struct mc_procedure *procedure;
	enum mc_channel channel;
	struct mc_policy policy;
	const struct mc_calendar *cal;
	const char *cal_blob;
	struct mc_redue_rules by;

	struct mc_redue redue;  /* the walk: the due by today's calendars */
	struct mc_buf text;     /* of the line being made */
	struct mc_buf calendar; /* blob the event was computed with */
};

static struct mc_explain
new_line(const char *kind)
{
	return (struct mc_explain){ .kind = kind,
		.day = MC_NODAY,
		.n = -1,
		.from = MC_NEVER,
		.to = MC_NEVER,
		.amount = -1 };
}

static void
say(struct explain *x, struct mc_explain line)
{
	x->line(x->arg, &line);
}

static void
trace(void *arg, const struct mc_trace *t)
{
	static const char *const name[] = {
		[MC_TRACE_START] = "start",
		[MC_TRACE_SKIP] = "skip",
		[MC_TRACE_COUNT] = "count",
		[MC_TRACE_MAKE_UP] = "make-up",
		[MC_TRACE_WORK] = "work",
		[MC_TRACE_ROLL] = "roll",
		[MC_TRACE_DUE] = "due",
		[MC_TRACE_PAUSE] = "pause",
		[MC_TRACE_RESTART] = "restart",
		[MC_TRACE_PROVISIONAL] = "provisional",
	};
	struct mc_explain line = new_line(name[t->kind]);

	line.day = t->day;
	if (t->kind == MC_TRACE_COUNT || t->kind == MC_TRACE_MAKE_UP ||
	    (t->kind == MC_TRACE_PAUSE && t->n > 0))
		line.n = t->n; /* of a pause: calendar days added */
	line.from = t->from;
	line.to = t->to;
	if (t->kind == MC_TRACE_WORK ||
	    (t->kind == MC_TRACE_PAUSE && t->n == 0))
		line.amount = t->amount;
	line.name = t->name;
	line.basis = t->basis;
	line.rule = t->rule;
	say(arg, line);
}

/* ---- the rules ---- */

/* Whose limit that is, where the procedure has more than one. */
static void
say_case(struct explain *x)
{
	const struct mc_procedure *p = x->procedure;
	struct mc_explain line = new_line("case");

	if (p->of_case != -1) {
		line.name = p->cases[p->of_case].title;
		line.rule = p->cases[p->of_case].id;
		say(x, line);
	}
	if (p->limit.by_channel) {
		line = new_line("channel");
		line.name = mc_channel_name(x->channel);
		mc_buf_reset(&x->text);
		mc_limits_put(&x->text, &p->limit);
		line.rule = mc_buf_str(&x->text);
		say(x, line);
	}
}

static int
say_rules(struct explain *x)
{
	struct mc_explain line;
	struct mc_pin pin;

	if (mc_store_pin(x->s, x->pin, &pin, x->err) != 1)
		return -1;
	line = new_line("procedure");
	line.name = x->procedure->title;
	line.commit = pin.commit;
	line.path = pin.path;
	line.blob = pin.blob;
	mc_buf_reset(&x->text);
	if (x->by.limit.unit != MC_TERM_NONE)
		mc_term_put(&x->text, x->by.limit);
	line.rule = x->text.len > 0 ? mc_buf_str(&x->text) : NULL;
	say(x, line);
	say_case(x);

	line = new_line("policy");
	mc_buf_reset(&x->text);
	mc_policy_describe(&x->text, &x->policy);
	line.name = mc_buf_str(&x->text);
	line.rule = pin.policy;
	say(x, line);

	line = new_line("calendar");
	line.name = mc_calendar_name(x->cal);
	line.commit = mc_rulebook_commit(x->rb);
	line.blob = x->cal_blob;
	line.day = mc_calendar_known_until(x->cal);
	say(x, line);
	return 0;
}

/* The rules an event pins the dossier to. */
static int
take_rules(struct explain *x, const struct mc_event *e)
{
	const struct mc_names *names = mc_store_names(x->s);
	const struct mc_unit *unit;
	enum mc_verdict_rule ignored;

	if (names->pin(names->arg, e, &x->pin, &ignored, x->err) == -1 ||
	    mc_store_definition(
		x->s, x->pin, &x->procedure, &x->policy, x->err) == -1)
		return -1;
	unit = mc_unit_find(x->units,
	    mc_str(mc_store_text(x->s, MC_D_UNIT, x->c.unit)),
	    mc_zone_day(mc_store_zone(x->s), x->now));
	if (mc_rulebook_calendar_for(x->rb, x->procedure->calendar, unit,
		&x->cal, &x->cal_blob, x->err) == -1)
		return -1;
	x->by.policy = &x->policy;
	x->by.cal = x->cal;
	x->by.limit = mc_procedure_limit(x->procedure, x->channel);
	return say_rules(x);
}

/* ---- events ---- */

/* Today's answer beside the one that is in force. */
static void
compare(struct explain *x, const struct mc_event *e)
{
	struct mc_due today = x->redue.due, then = x->redue.in_force;
	struct mc_str blob = mc_event_get(e, MC_F_CALENDAR);
	struct mc_explain line = new_line("differs");

	if (today.at == then.at && today.day == then.day)
		return;
	line.from = then.at;
	line.to = today.at;
	line.day = today.day;
	mc_buf_reset(&x->calendar);
	mc_buf_add(&x->calendar, blob.p, blob.len);
	if (blob.len > 0)
		line.blob = mc_buf_str(&x->calendar);
	if (blob.len == 0 || x->cal_blob == NULL ||
	    mc_str_is(blob, x->cal_blob))
		line.rule = "same-calendar";
	else
		line.rule = "calendar-changed";
	say(x, line);
}

/*
 * A due that was promised, and what the limit would have been: nobody can
 * tell from the promise alone whether it was kept within the law.
 */
static int
say_given(struct explain *x, const struct mc_event *e)
{
	struct mc_explain line = new_line("given");
	struct mc_due due;

	line.to = x->redue.in_force.at;
	line.day = x->redue.in_force.day;
	say(x, line);
	if (e->kind != MC_K_RECEIVED || x->by.limit.unit == MC_TERM_NONE)
		return 0;
	if (mc_deadline(&due, &x->policy, x->cal, x->by.limit, e->at, NULL,
		NULL, x->err) == -1)
		return -1;
	line = new_line("computed");
	line.to = due.at;
	line.day = due.day;
	mc_buf_reset(&x->text);
	mc_term_put(&x->text, x->by.limit);
	line.rule = mc_buf_str(&x->text);
	say(x, line);
	return 0;
}

/* A due that somebody has set, or that a recount has. */
static void
say_set(struct explain *x, const struct mc_event *e)
{
	struct mc_explain line = new_line("due");

	line.from = mc_event_num(e, MC_F_OLD_DUE_AT, MC_NEVER);
	line.to = x->redue.in_force.at;
	line.day = x->redue.in_force.day;
	line.rule = mc_kind_name(e->kind);
	say(x, line);
}

static bool
matters(enum mc_kind k)
{
	switch (k) {
	case MC_K_STARTED:
	case MC_K_COMPLETED:
	case MC_K_ASSIGNED:
	case MC_K_TRANSFERRED:
	case MC_K_REHOMED:
	case MC_K_ACTIVITY:
	case MC_K_ERASED:
	case MC_K_DISCLOSED:
		return false;
	default:
		return true;
	}
}

/* The event itself, before what follows from it. */
static void
say_event(struct explain *x, const struct mc_event *e)
{
	struct mc_explain line = new_line(mc_kind_name(e->kind));
	struct mc_str basis = mc_event_get(e, MC_F_BASIS),
		      by = mc_event_get(e, MC_F_BY),
		      verdict = mc_event_get(e, mc_event_has(e, MC_F_VERDICT)
						    ? MC_F_VERDICT
						    : MC_F_STATUS);
	size_t basis_at, rule_at;

	/* Views of the log are not terminated: copies, one after another. */
	mc_buf_reset(&x->text);
	mc_buf_add(&x->text, e->actor.p, e->actor.len);
	mc_buf_putc(&x->text, '\0');
	basis_at = x->text.len;
	mc_buf_add(&x->text, basis.p, basis.len);
	mc_buf_putc(&x->text, '\0');
	rule_at = x->text.len;
	if (by.len > 0)
		mc_buf_puts(&x->text, "by ");
	mc_buf_add(&x->text, by.len > 0 ? by.p : verdict.p,
	    by.len > 0 ? by.len : verdict.len);
	line.from = e->at;
	line.name = mc_buf_str(&x->text);
	line.basis = basis.len > 0 ? x->text.p + basis_at : NULL;
	line.rule = x->text.len > rule_at ? x->text.p + rule_at : NULL;
	say(x, line);
}

/* Is its due one that was not counted just now? */
static bool
says_due(const struct mc_event *e)
{
	return e->kind == MC_K_RESCHEDULED ||
	       (!mc_event_has(e, MC_F_BY) && e->kind != MC_K_RESUMED &&
		   mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given"));
}

static int
on_event(struct explain *x, const struct mc_event *e)
{
	struct mc_due before = x->redue.due;

	if (!matters(e->kind))
		return 0;
	say_event(x, e);
	x->channel = mc_redue_channel(e, x->channel);
	if (e->kind == MC_K_RECEIVED || e->kind == MC_K_REPINNED) {
		if (take_rules(x, e) == -1)
			return -1;
	} else if (x->pin != MC_NOID) {
		x->by.limit = mc_procedure_limit(x->procedure, x->channel);
	}
	if (mc_redue_event(&x->redue, e, x->pin == MC_NOID ? NULL : &x->by,
		trace, x, x->err) == -1)
		return -1;
	if (mc_event_has(e, MC_F_DUE_AT) && says_due(e)) {
		if (e->kind != MC_K_RECEIVED)
			say_set(x, e);
		else if (say_given(x, e) == -1)
			return -1;
	}
	if (mc_event_has(e, MC_F_DUE_AT) ||
	    mc_redue_differs(before, x->redue.due))
		compare(x, e);
	return 0;
}

static int
walk(struct explain *x)
{
	struct mc_log *log = mc_log_new(mc_store_db(x->s));
	struct mc_str seqs = { x->c.events.p, x->c.events.len }, body;
	struct mc_buf scratch = { 0 };
	struct mc_event e;
	uint64_t seq = 0, first;
	size_t at = 0;
	int rc = mc_store_life(x->s, &x->c, &first, x->err);

	while (rc == 0 && mc_seqs_next(seqs, &at, &seq)) {
		if (seq < first)
			continue; /* voided */
		rc = mc_log_get(log, seq, &body, x->err);
		if (rc == 0)
			mc_err(x->err, MC_EDAMAGED, "E_DAMAGED",
			    "its event %llu is not in the log",
			    (unsigned long long)seq);
		if (rc == 1 && mc_event_decode(&e, body, &scratch, x->err) == 0)
			rc = on_event(x, &e);
		else
			rc = -1;
	}
	mc_buf_free(&scratch);
	mc_log_free(log);
	return rc;
}

/* What `route plan --recompute` would do. */
static void
say_recompute(struct explain *x)
{
	struct mc_due now = x->redue.due, then = x->c.due;
	struct mc_explain line = new_line("recompute");

	if (!mc_status_open(x->c.status) || x->c.received_at == MC_NEVER ||
	    x->pin == MC_NOID || !mc_redue_differs(now, then) ||
	    now.at == MC_NEVER)
		return;
	line.from = then.at;
	line.to = now.at;
	line.day = now.day;
	line.rule = now.at > then.at   ? "later"
		    : now.at < then.at ? "earlier"
		    : now.provisional  ? "provisional"
				       : "no longer provisional";
	line.name = mc_calendar_name(x->cal);
	line.blob = x->cal_blob;
	say(x, line);
}

/* DOMAIN 1.2: who is late owes an apology. */
static void
say_late(struct explain *x, bool late)
{
	const struct mc_zone *zone = mc_store_zone(x->s);
	const struct mc_case *c = &x->c;
	struct mc_explain line = new_line("no-apology");

	if (!late || c->apologised || c->extensions > 0)
		return;
	line.n = mc_late_days(
	    c->due, mc_zone_day(zone,
			c->finished_at != MC_NEVER ? c->finished_at : x->now));
	say(x, line);
}

static void
say_end(struct explain *x)
{
	struct mc_explain line = new_line("in-force");
	const struct mc_case *c = &x->c;
	bool late = c->verdict == MC_V_LATE;

	line.to = c->due.at;
	line.day = c->due.day;
	if (!mc_status_open(c->status)) {
		line.rule = mc_verdict_name(c->verdict);
	} else if (mc_status_paused(c->status)) {
		line.rule = mc_state_name(MC_PAUSED);
	} else {
		late = mc_overdue(c->rule, c->due, x->now, mc_store_zone(x->s));
		line.rule = mc_state_name(late ? MC_OVERDUE : MC_IN_TIME);
	}
	say_recompute(x);
	say_late(x, late);
	say(x, line);
}

static int
explain(struct explain *x, struct mc_str code)
{
	int32_t ignored;
	int64_t id;
	int rc;

	/* Looking for what is not there brings all names and pins in. */
	if (mc_store_lookup(x->s, MC_D_UNIT, MC_STR(""), &ignored, x->err) ==
	    -1)
		return -1;
	if ((rc = mc_store_find(x->s, code, &id, x->err)) == 1)
		rc = mc_store_load(x->s, id, &x->c, x->err);
	if (rc == 0)
		return mc_err(x->err, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)code.len, code.p);
	if (rc == 1 && x->c.voided)
		return mc_store_is_voided(code, x->err);
	if (rc == -1 || mc_rulebook_units(x->rb, &x->units, x->err) == -1 ||
	    walk(x) == -1)
		return -1;
	say_end(x);
	return 0;
}

int
mc_watch_explain(struct mc_store *s, struct mc_rulebook **rb,
    struct mc_str code, int64_t now, mc_explain_fn *line, void *arg,
    struct mc_err *err)
{
	struct explain x = {
		.s = s, .line = line, .arg = arg, .err = err, .now = now
	};
	int rc;

	if (mc_scope_rulebook(rb, s, err) == -1 ||
	    mc_db_read_begin(mc_store_db(s), err) == -1)
		return -1;
	x.rb = *rb;
	mc_case_init(&x.c);
	mc_redue_init(&x.redue, mc_store_zone(s));
	rc = explain(&x, code);
	mc_db_read_end(mc_store_db(s));
	mc_case_free(&x.c);
	mc_redue_free(&x.redue);
	mc_buf_free(&x.text);
	mc_buf_free(&x.calendar);
	return rc;
}
