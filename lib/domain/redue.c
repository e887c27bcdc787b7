/* redue.c - see motcua/redue.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/redue.h>
#include <motcua/when.h>

struct mc_redue_fact {
	enum { RECEIVED, PAUSE, EXTEND, NAMED } kind;
	int64_t from, to;  /* RECEIVED: from; PAUSE: both */
	struct mc_term by; /* EXTEND */
	struct mc_due due; /* NAMED */
};

/* What every handler needs. */
struct ctx {
	struct mc_redue *r;
	const struct mc_event *e;
	const struct mc_redue_rules *rules;
	mc_trace_fn *trace;
	void *arg;
	struct mc_err *err;
};

static const struct mc_due no_due = { MC_NODAY, MC_NEVER, false };

void
mc_redue_init(struct mc_redue *r, const struct mc_zone *zone)
{
	struct mc_redue_fact *fact = r->fact;
	int cap = r->cap;

	*r = (struct mc_redue){ .zone = zone,
		.due = no_due,
		.in_force = no_due,
		.received_at = MC_NEVER,
		.paused_at = MC_NEVER,
		.fact = fact,
		.cap = cap };
}

void
mc_redue_free(struct mc_redue *r)
{
	free(r->fact);
	memset(r, 0, sizeof(*r));
}

bool
mc_redue_differs(struct mc_due a, struct mc_due b)
{
	return a.at != b.at || a.day != b.day || a.provisional != b.provisional;
}

void
mc_redue_put(struct mc_event *e, struct mc_due in_force, struct mc_due due,
    bool given, const char *blob)
{
	if (in_force.at != MC_NEVER)
		mc_event_int(e, MC_F_OLD_DUE_AT, in_force.at);
	mc_event_int(e, MC_F_DUE_AT, due.at);
	mc_event_int(e, MC_F_DUE_DAY, due.day);
	if (due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (given)
		mc_event_str(e, MC_F_DUE_SOURCE, MC_STR("given"));
	if (blob != NULL)
		mc_event_strz(e, MC_F_CALENDAR, blob);
}

/* ---- counting ---- */

static int
count_pause(struct ctx *x, const struct mc_redue_fact *f)
{
	struct mc_redue *r = x->r;
	const struct mc_redue_rules *rules = x->rules;
	struct mc_due due;

	if (mc_deadline_resume(&due, rules->policy, rules->cal, rules->limit,
		r->due, f->from, f->to, x->trace, x->arg, x->err) == -1)
		return -1;
	if (due.at == r->due.at && due.day == r->due.day)
		return 0; /* as workflow.c: it stays as it is */
	/* Counted anew as a whole it is no longer the one that was named. */
	if (rules->policy->pause == MC_PAUSE_RESTART &&
	    rules->limit.unit != MC_TERM_NONE)
		r->given = false;
	r->due = due;
	return 0;
}

static int
count(struct ctx *x, const struct mc_redue_fact *f)
{
	struct mc_redue *r = x->r;
	const struct mc_redue_rules *rules = x->rules;

	if (f->kind == NAMED) {
		r->due = f->due;
		r->given = true;
		return 0;
	}
	if (rules == NULL)
		return 0;
	switch (f->kind) {
	case RECEIVED:
		r->given = false;
		return mc_deadline(&r->due, rules->policy, rules->cal,
		    rules->limit, f->from, x->trace, x->arg, x->err);
	case PAUSE:
		return count_pause(x, f);
	case EXTEND:
		if (r->due.day == MC_NODAY)
			return 0; /* the rules now have no limit at all */
		return mc_deadline_extend(&r->due, rules->policy, rules->cal,
		    r->due, f->by, x->trace, x->arg, x->err);
	case NAMED:
		break;
	}
	return 0;
}

/* Kept for a recount by other rules. */
static void
keep(struct mc_redue *r, struct mc_redue_fact f)
{
	if (r->facts == r->cap) {
		r->cap = r->cap == 0 ? 8 : r->cap * 2;
		r->fact = mc_realloc(r->fact, (size_t)r->cap, sizeof(*r->fact));
	}
	r->fact[r->facts++] = f;
}

static int
take(struct ctx *x, struct mc_redue_fact f)
{
	keep(x->r, f);
	return count(x, &f);
}

/* Everything again; what was named does not hold under other rules. */
static int
recount(struct ctx *x)
{
	struct mc_redue *r = x->r;
	int i;

	r->due = no_due;
	r->given = false;
	for (i = 0; i < r->facts; i++)
		if (r->fact[i].kind != NAMED && count(x, &r->fact[i]) == -1)
			return -1;
	return 0;
}

/* ---- events ---- */

static bool
names_due(const struct mc_event *e)
{
	return mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given");
}

/* The due in force; as fold.c takes it. */
static void
take_in_force(struct ctx *x)
{
	struct mc_redue *r = x->r;
	const struct mc_event *e = x->e;

	if (!mc_event_has(e, MC_F_DUE_AT))
		return;
	r->in_force.at = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
	r->in_force.day = (int32_t)mc_event_num(
	    e, MC_F_DUE_DAY, mc_zone_day(r->zone, r->in_force.at));
	r->in_force.provisional = mc_event_num(e, MC_F_PROVISIONAL, 0) != 0;
	r->in_force_given = names_due(e);
}

static int
take_named(struct ctx *x)
{
	return take(
	    x, (struct mc_redue_fact){ .kind = NAMED, .due = x->r->in_force });
}

/* A receipt is where counting begins; what was before does not matter. */
static int
take_receipt(struct ctx *x, int64_t at)
{
	struct mc_redue_fact f = { .kind = RECEIVED, .from = at };

	x->r->received_at = at;
	x->r->facts = 0;
	if (!names_due(x->e))
		return take(x, f);
	keep(x->r, f);
	return take_named(x);
}

/*
 * An import that gives the due says what is in force after the pause, too;
 * without one it leaves the counting to the policy.
 */
static int
take_resumption(struct ctx *x)
{
	struct mc_redue *r = x->r;
	struct mc_redue_fact f = {
		.kind = PAUSE, .from = r->paused_at, .to = x->e->at
	};

	r->paused_at = MC_NEVER;
	if (f.from == MC_NEVER || r->received_at == MC_NEVER)
		return 0;
	if (r->given && mc_event_has(x->e, MC_F_RUN) &&
	    !mc_event_has(x->e, MC_F_DUE_AT))
		return 0;
	return take(x, f);
}

static int
take_extension(struct ctx *x)
{
	struct mc_redue_fact f = { .kind = EXTEND };
	struct mc_err why = MC_ERR_INIT;

	if (!mc_event_has(x->e, MC_F_BY))
		return mc_event_has(x->e, MC_F_DUE_AT) ? take_named(x) : 0;
	if (mc_term_parse(&f.by, mc_event_get(x->e, MC_F_BY), &why) == -1)
		return mc_err(x->err, MC_EDAMAGED, "E_LOG",
		    "event %llu (extended) has no term",
		    (unsigned long long)x->e->seq);
	return take(x, f);
}

/* A correction's moment of receipt; MC_NEVER: it is not corrected. */
static int
corrected_receipt(struct ctx *x, int64_t *at)
{
	struct mc_str text = mc_event_get(x->e, MC_F_SET);
	struct mc_json *set = NULL;
	struct mc_err why = MC_ERR_INIT;
	const char *value;
	int rc = 0;

	*at = MC_NEVER;
	if (text.len == 0)
		return 0;
	rc = mc_json_parse(&set, "set", text, &why);
	value = mc_json_str(mc_json_get(set, "received_at"));
	if (rc == 0 && value != NULL)
		rc = mc_time_parse(
		    at, mc_str(value), x->r->zone, NULL, NULL, &why);
	mc_json_free(set);
	if (rc == -1)
		return mc_err(x->err, MC_EDAMAGED, "E_LOG",
		    "event %llu (corrected) has no readable set",
		    (unsigned long long)x->e->seq);
	return 0;
}

static int
take_correction(struct ctx *x)
{
	struct mc_redue *r = x->r;
	int64_t at;

	if (corrected_receipt(x, &at) == -1)
		return -1;
	if (at != MC_NEVER) {
		/* A due that was named stays; else it follows the receipt. */
		if (!r->given || names_due(x->e))
			return take_receipt(x, at);
		r->received_at = at;
		return 0;
	}
	if (names_due(x->e))
		return take_named(x);
	/* Another channel has another limit. */
	return mc_event_has(x->e, MC_F_DUE_AT) ? recount(x) : 0;
}

enum mc_channel
mc_redue_channel(const struct mc_event *e, enum mc_channel was)
{
	struct mc_str text = mc_event_get(e, MC_F_SET);
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *set = NULL;
	enum mc_channel now = was;
	const char *value;

	if (mc_event_has(e, MC_F_CHANNEL))
		return mc_channel_parse(mc_event_get(e, MC_F_CHANNEL));
	if (e->kind != MC_K_CORRECTED || text.len == 0 ||
	    mc_json_parse(&set, "set", text, &ignored) == -1)
		return was;
	value = mc_json_str(mc_json_get(set, "channel"));
	if (value != NULL)
		now = mc_channel_parse(mc_str(value));
	mc_json_free(set);
	return now;
}

static int
take_pin(struct ctx *x)
{
	if (!mc_event_has(x->e, MC_F_DUE_AT))
		return 0;
	return names_due(x->e) ? take_named(x) : recount(x);
}

int
mc_redue_event(struct mc_redue *r, const struct mc_event *e,
    const struct mc_redue_rules *rules, mc_trace_fn *trace, void *arg,
    struct mc_err *err)
{
	struct ctx x = { r, e, rules, trace, arg, err };

	take_in_force(&x);
	switch (e->kind) {
	case MC_K_RECEIVED:
		return take_receipt(&x, e->at);
	case MC_K_PAUSED:
	case MC_K_STOPPED:
		if (r->paused_at == MC_NEVER)
			r->paused_at = e->at;
		return 0;
	case MC_K_RESUMED:
		return take_resumption(&x);
	case MC_K_EXTENDED:
		return take_extension(&x);
	case MC_K_RESCHEDULED:
		if (mc_event_has(e, MC_F_BLOB))
			return recount(&x);
		return mc_event_has(e, MC_F_CALENDAR) ? 0 : take_named(&x);
	case MC_K_CORRECTED:
		return take_correction(&x);
	case MC_K_REPINNED:
		return take_pin(&x);
	case MC_K_REFUSED:
	case MC_K_WITHDRAWN:
	case MC_K_FINISHED:
	case MC_K_VOIDED:
		r->paused_at = MC_NEVER;
		return 0;
	default:
		return 0;
	}
}
