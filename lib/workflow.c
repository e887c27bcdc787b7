/* workflow.c - see motcua/workflow.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "workflow_internal.h"

#define BIT(s) (1u << (s))
/* Statuses in which somebody has the dossier and it may change hands. */
#define HELD                                                                   \
	(BIT(MC_S_REGISTERED) | BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING) |    \
	    BIT(MC_S_SUPPLEMENT) | BIT(MC_S_PAYMENT) | BIT(MC_S_STOPPED) |     \
	    BIT(MC_S_FINISHED))
#define ANY (BIT(MC_S_RETURNED + 1) - BIT(MC_S_REGISTERED))

/*
 * Statuses an action may be asked for in: of a received dossier, and of one
 * that is only registered (where 5 means that papers were asked for before
 * it was accepted: it can only be accepted, refused or withdrawn).
 */
/* clang-format off */
static const struct {
	const char *name;
	unsigned received, registered;
} actions[] = {
	[MC_A_RECEIVE] = { "receive", 0,
	    BIT(MC_S_REGISTERED) | BIT(MC_S_SUPPLEMENT) },
	[MC_A_START] = { "start", BIT(MC_S_RECEIVED), 0 },
	[MC_A_NEXT] = { "next", BIT(MC_S_PROCESSING) | BIT(MC_S_FINISHED), 0 },
	[MC_A_ASSIGN] = { "assign", HELD, HELD },
	[MC_A_TRANSFER] = { "transfer", HELD, HELD },
	[MC_A_SUPPLEMENT] = { "supplement",
	    BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING), BIT(MC_S_REGISTERED) },
	[MC_A_PAY] = { "pay", BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING), 0 },
	[MC_A_STOP] = { "stop", BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING) |
	    BIT(MC_S_SUPPLEMENT) | BIT(MC_S_PAYMENT), 0 },
	[MC_A_RESUME] = { "resume", BIT(MC_S_SUPPLEMENT) | BIT(MC_S_PAYMENT) |
	    BIT(MC_S_STOPPED), 0 },
	[MC_A_EXTEND] = { "extend",
	    BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING), 0 },
	[MC_A_REFUSE] = { "refuse", 0,
	    BIT(MC_S_REGISTERED) | BIT(MC_S_SUPPLEMENT) },
	[MC_A_WITHDRAW] = { "withdraw", HELD & ~BIT(MC_S_FINISHED),
	    HELD & ~BIT(MC_S_FINISHED) },
	[MC_A_FINISH] = { "finish",
	    BIT(MC_S_RECEIVED) | BIT(MC_S_PROCESSING), 0 },
	[MC_A_RETURN] = { "return", BIT(MC_S_FINISHED), 0 },
	[MC_A_REOPEN] = { "reopen",
	    BIT(MC_S_FINISHED) | BIT(MC_S_RETURNED), 0 },
	[MC_A_CORRECT] = { "correct", ANY, ANY },
};

/* clang-format on */
const char *
mc_action_name(enum mc_action a)
{
	return actions[a].name;
}

enum mc_action
mc_action_parse(struct mc_str s)
{
	int a;

	for (a = 0; a < MC_A__COUNT; a++)
		if (mc_str_is(s, actions[a].name))
			break;
	return (enum mc_action)a;
}

bool
mc_action_allowed(const struct mc_case *c, enum mc_action a)
{
	unsigned mask = c->received_at != MC_NEVER ? actions[a].received
						   : actions[a].registered;

	return (mask & BIT(c->status)) != 0;
}

/* ---- the request ---- */

int
mc_request_check(const struct mc_request *req, struct mc_err *err)
{
	/* Which actions take an option, and which need it. */
	static const unsigned takes_to = BIT(MC_A_NEXT) | BIT(MC_A_START) |
					 BIT(MC_A_TRANSFER) | BIT(MC_A_RESUME) |
					 BIT(MC_A_REOPEN);
	static const unsigned takes_step = BIT(MC_A_NEXT) | BIT(MC_A_ASSIGN) |
					   BIT(MC_A_TRANSFER) |
					   BIT(MC_A_REOPEN);
	enum mc_action a = req->action;
	const struct {
		const char *option;
		bool given;
		unsigned takes, needs;
	} t[] = {
		{ "--to", req->to.len > 0, takes_to, BIT(MC_A_TRANSFER) },
		{ "--step", req->step.len > 0, takes_step, 0 },
		{ "--officer", req->officer.len > 0, BIT(MC_A_ASSIGN),
		    BIT(MC_A_ASSIGN) },
		{ "--by", req->has_by, BIT(MC_A_EXTEND), 0 },
		{ "--until", req->until != MC_NEVER, BIT(MC_A_EXTEND), 0 },
		{ "--set", req->sets > 0, BIT(MC_A_CORRECT),
		    BIT(MC_A_CORRECT) },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (t[i].given && (t[i].takes & BIT(a)) == 0)
			return mc_err(err, MC_EUSAGE, "E_USAGE",
			    "%s does not take %s", actions[a].name,
			    t[i].option);
		if (!t[i].given && (t[i].needs & BIT(a)) != 0)
			return mc_err(err, MC_EUSAGE, "E_USAGE", "%s needs %s",
			    actions[a].name, t[i].option);
	}
	if (a == MC_A_EXTEND && req->has_by == (req->until != MC_NEVER))
		return mc_err(err, MC_EUSAGE, "E_USAGE",
		    "extend needs one of --by and --until");
	if (req->has_by && req->by.milli <= 0)
		return mc_err(err, MC_EUSAGE, "E_USAGE",
		    "--by: not an amount of time to extend by");
	if (req->officer.len > 0 && !mc_code_valid(req->officer))
		return mc_err(err, MC_EUSAGE, "E_USAGE",
		    "--officer: not 1 to %d visible characters", MC_CODE_MAX);
	if (req->reason.len > MC_REASON_MAX)
		return mc_err(err, MC_EUSAGE, "E_USAGE",
		    "--reason: more than %d bytes", MC_REASON_MAX);
	if (mc_utf8_check(req->reason.p, req->reason.len) != req->reason.len)
		return mc_err(err, MC_EUSAGE, "E_USAGE", "--reason: not UTF-8");
	return mc_workflow_check_sets(req, err);
}

/* ---- events ---- */

void
mc_outcome_free(struct mc_outcome *out)
{
	int i;

	for (i = 0; i < out->cap; i++) {
		mc_buf_free(&out->event[i].personal);
		mc_buf_free(&out->event[i].text);
		mc_buf_free(&out->event[i].fields);
	}
	free(out->event);
	memset(out, 0, sizeof(*out));
}

/* The reason goes with the first event: one act, one reason. */
struct mc_happening *
mc_workflow_emit(struct mc_workflow_ctx *x, enum mc_kind kind)
{
	struct mc_str personal[MC_P__COUNT] = { { NULL, 0 } };
	struct mc_outcome *out = x->out;
	struct mc_happening *h;
	int old = out->cap;

	if (out->n == out->cap) {
		out->cap = old == 0 ? 4 : old * 2;
		out->event = mc_realloc(
		    out->event, (size_t)out->cap, sizeof(*out->event));
		memset(out->event + old, 0,
		    (size_t)(out->cap - old) * sizeof(*out->event));
	}
	h = &out->event[out->n++];
	mc_buf_reset(&h->personal);
	mc_buf_reset(&h->text);
	mc_buf_reset(&h->fields);
	memset(&h->e, 0, sizeof(h->e));
	h->e.kind = kind;
	h->e.at = x->at;
	if (out->n == 1 && x->req->reason.len > 0 && kind != MC_K_CORRECTED) {
		personal[MC_P_REASON] = x->req->reason;
		mc_personal_put(&h->personal, personal);
	}
	return h;
}

static struct mc_str
text_of(const struct mc_happening *h)
{
	return (struct mc_str){ h->text.p, h->text.len };
}

static const char *
name_of(const struct mc_workflow_ctx *x, enum mc_dict dict, int32_t id)
{
	return x->r->names->text(x->r->names->arg, dict, id);
}

/* A failure of the rules is a refusal; one of the machine stays trouble. */
int
mc_workflow_refused(struct mc_workflow_ctx *x)
{
	if (x->err->code == MC_EDATA || x->err->code == MC_ENOTFOUND ||
	    x->err->code == MC_EUSAGE)
		x->err->code = MC_EREFUSED;
	return -1;
}

static int
bad_state(struct mc_workflow_ctx *x)
{
	char list[256] = "";
	size_t n = 0, len;
	int a;

	for (a = 0; a < MC_A__COUNT; a++) {
		if (!mc_action_allowed(x->c, (enum mc_action)a))
			continue;
		len = strlen(actions[a].name);
		if (n + len + 3 > sizeof(list))
			break;
		if (n > 0) {
			list[n++] = ',';
			list[n++] = ' ';
		}
		memcpy(list + n, actions[a].name, len + 1);
		n += len;
	}
	return mc_err(x->err, MC_EREFUSED, "E_STATE",
	    "%s is not for a dossier that is %s%s; allowed: %s",
	    actions[x->req->action].name, mc_status_name(x->c->status),
	    x->c->status == MC_S_SUPPLEMENT && x->c->received_at == MC_NEVER
		? " and not yet received"
		: "",
	    list);
}

/* ---- dues ---- */

/* NULL when the organisation does not know it (any more). */
const struct mc_unit *
mc_workflow_receiving(struct mc_workflow_ctx *x)
{
	if (x->receiving == NULL && x->r->units != NULL)
		x->receiving = mc_unit_find(x->r->units,
		    mc_str(name_of(x, MC_D_UNIT, x->c->unit)), x->day);
	return x->receiving;
}

int
mc_workflow_calendar(struct mc_workflow_ctx *x, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob)
{
	return x->r->calendar(x->r->arg, x->p != NULL ? x->p->calendar : NULL,
		   unit, cal, blob, x->err) == -1
		   ? mc_workflow_refused(x)
		   : 0;
}

static void
put_due(struct mc_event *e, struct mc_due due, bool given, const char *blob)
{
	if (due.at == MC_NEVER)
		return;
	mc_event_int(e, MC_F_DUE_AT, due.at);
	mc_event_int(e, MC_F_DUE_DAY, due.day);
	if (due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (given)
		mc_event_strz(e, MC_F_DUE_SOURCE, "given");
	if (blob != NULL)
		mc_event_strz(e, MC_F_CALENDAR, blob);
}

/* The same where another due was in force; nothing when it stays. */
void
mc_workflow_put_due(struct mc_workflow_ctx *x, struct mc_event *e,
    struct mc_due due, bool given, const char *blob)
{
	if (due.at == x->due.at && due.day == x->due.day)
		return;
	if (x->due.at != MC_NEVER)
		mc_event_int(e, MC_F_OLD_DUE_AT, x->due.at);
	put_due(e, due, given, blob);
	x->due = due;
}

void
mc_workflow_put_verdict(
    struct mc_workflow_ctx *x, struct mc_event *e, int64_t finished_at)
{
	enum mc_verdict v =
	    mc_verdict(x->c->rule, x->due, finished_at, x->r->names->zone);

	mc_event_strz(e, MC_F_VERDICT, mc_verdict_name(v));
}

/* ---- steps ---- */

/* Index in the definition of the dossier's i-th open step, or -1. */
static int
open_index(const struct mc_workflow_ctx *x, int i)
{
	return x->p == NULL
		   ? -1
		   : mc_procedure_step(x->p,
			 mc_str(name_of(x, MC_D_STEP, x->c->step[i].step)));
}

/* "fire, environment" for messages, cut where it gets too long. */
static void
list_add(struct mc_buf *b, const char *id)
{
	if (b->len > 200)
		return;
	if (b->len > 0)
		mc_buf_puts(b, ", ");
	mc_buf_puts(b, b->len + strlen(id) > 200 ? "..." : id);
}

static int
bad_step(struct mc_workflow_ctx *x, const char *what, struct mc_str step)
{
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "\"%.*s\" is %s; there is: %s",
	    (int)(step.len < 100 ? step.len : 100), step.p, what,
	    mc_buf_str(&x->scratch));
}

/*
 * Which open step is meant: --step, or the only one.  *i is -1 when none is
 * open.
 */
static int
pick_step(struct mc_workflow_ctx *x, int *i)
{
	const struct mc_case *c = x->c;
	struct mc_str step = x->req->step;
	int k;

	mc_buf_reset(&x->scratch);
	*i = c->steps - 1;
	if (step.len == 0 && c->steps <= 1)
		return 0;
	for (k = 0; k < c->steps; k++) {
		list_add(&x->scratch, name_of(x, MC_D_STEP, c->step[k].step));
		if (mc_str_is(step, name_of(x, MC_D_STEP, c->step[k].step))) {
			*i = k;
			return 0;
		}
	}
	if (step.len == 0)
		return mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "several steps are open: %s; name one with --step",
		    mc_buf_str(&x->scratch));
	if (c->steps == 0)
		mc_buf_puts(&x->scratch, "none");
	return bad_step(x, "not an open step", step);
}

/* Value of a field for a condition. */
static const char *
field_value(void *arg, const char *name)
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

/* ---- why ---- */

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
			mc_jw_strz(w, field_value(x, r.name[i]));
	}
	mc_jw_close(w, '}');
}

/*
 * Which line of which file decided: the branch that was taken (and what was
 * read to get there), or the step itself when there was nothing to choose.
 */
static void
put_why(struct mc_workflow_ctx *x, struct mc_happening *h, int from, int branch,
    bool forced)
{
	struct mc_jw w = mc_jw(&h->text);
	const struct mc_json *next;
	struct mc_buf rule = { 0 };

	mc_jw_open(&w, '{');
	if (x->r->commit != NULL) {
		mc_jw_key(&w, "commit");
		mc_jw_strz(&w, x->r->commit);
	}
	if (forced) {
		mc_jw_key(&w, "forced");
		mc_jw_bool(&w, true);
	}
	mc_buf_puts(&rule, x->r->path != NULL ? x->r->path : "");
	mc_buf_printf(&rule, "#/steps/%d", from);
	if (branch >= 0) {
		if (!forced)
			put_reads(x, &w, &x->p->step[from], branch);
		mc_buf_puts(&rule, "/next");
		next = mc_json_get(
		    mc_json_at(mc_json_get(x->p->doc, "steps"), (size_t)from),
		    "next");
		if (mc_json_type(mc_json_at(next, 0)) == MC_JSON_OBJECT)
			mc_buf_printf(&rule, "/%d", branch);
	}
	mc_jw_key(&w, "rule");
	mc_jw_str(&w, (struct mc_str){ rule.p, rule.len });
	mc_jw_close(&w, '}');
	mc_buf_free(&rule);
	mc_event_str(&h->e, MC_F_WHY, text_of(h));
}

/* ---- entering a step ---- */

static int
unit_for(struct mc_workflow_ctx *x, const struct mc_step *s,
    const struct mc_unit **unit)
{
	const struct mc_unit *receiving = mc_workflow_receiving(x);

	if (receiving == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_UNIT",
		    "the receiving unit \"%s\" is not in units.csv",
		    name_of(x, MC_D_UNIT, x->c->unit));
	if (s->role == NULL && s->unit == NULL) {
		*unit = receiving;
		return 0;
	}
	if (x->r->resolve(x->r->arg, receiving, s->role, s->unit,
		x->to_unit.len > 0 ? x->to_unit.p : NULL, x->day, unit,
		x->err) == -1)
		return mc_workflow_refused(x);
	return 0;
}

/* Fill what a started or reopened event says about the step entered. */
static int
put_step(struct mc_workflow_ctx *x, struct mc_happening *h, int step)
{
	const struct mc_step *s = &x->p->step[step];
	const struct mc_unit *unit;
	const struct mc_calendar *cal;
	const char *blob;
	struct mc_due due;

	if (unit_for(x, s, &unit) == -1)
		return -1;
	mc_event_strz(&h->e, MC_F_STEP, s->id);
	mc_event_strz(&h->e, MC_F_UNIT, unit->code);
	if (!s->has_limit)
		return 0;
	if (mc_workflow_calendar(x, unit, &cal, &blob) == -1)
		return -1;
	if (mc_deadline(&due, x->policy, cal, s->limit, x->at, NULL, NULL,
		x->err) == -1)
		return mc_workflow_refused(x);
	if (due.at != MC_NEVER) {
		mc_event_int(&h->e, MC_F_STEP_DUE_AT, due.at);
		mc_event_int(&h->e, MC_F_STEP_DUE_DAY, due.day);
		if (blob != NULL)
			mc_event_strz(&h->e, MC_F_CALENDAR, blob);
	}
	return 0;
}

/* Entering the final step finishes the dossier. */
static int
enter(struct mc_workflow_ctx *x, int step, int from, int branch, bool forced)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_STARTED);

	if (put_step(x, h, step) == -1)
		return -1;
	put_why(x, h, from, branch, forced);
	if (x->p->step[step].final && x->c->status != MC_S_FINISHED) {
		h = mc_workflow_emit(x, MC_K_FINISHED);
		mc_event_strz(&h->e, MC_F_STEP, x->p->step[step].id);
		mc_workflow_put_verdict(x, &h->e, x->at);
	}
	return 0;
}

static int
need_definition(struct mc_workflow_ctx *x)
{
	if (x->p != NULL && x->p->steps > 0)
		return 0;
	return mc_err(x->err, MC_EREFUSED, "E_VERSION",
	    "the dossier is not pinned to a definition with steps");
}

/* ---- next ---- */

static bool
targets(const struct mc_branch *b, int step)
{
	int i;

	for (i = 0; i < b->targets; i++)
		if (b->target[i] == step)
			return true;
	return false;
}

/* The branch to take from a step, and with --to the one target of it. */
static int
choose(struct mc_workflow_ctx *x, int from, int *branch, int *only)
{
	const struct mc_step *s = &x->p->step[from];
	struct mc_str to = x->req->to;
	int step, b, i, rc;

	*only = -1;
	if (to.len > 0) {
		step = mc_procedure_step(x->p, to);
		mc_buf_reset(&x->scratch);
		for (b = 0; b < s->branches; b++) {
			if (step != -1 && targets(&s->branch[b], step)) {
				*branch = b;
				*only = step;
				return 0;
			}
			for (i = 0; i < s->branch[b].targets; i++)
				list_add(&x->scratch,
				    x->p->step[s->branch[b].target[i]].id);
		}
		if (step != -1 || x->r->units == NULL ||
		    mc_unit_find(x->r->units, to, x->day) == NULL)
			return bad_step(x, "not a step to go to from here", to);
		x->to_unit = to;
	}
	for (b = 0; b < s->branches; b++) {
		rc = s->branch[b].when == NULL
			 ? 1
			 : mc_condition_eval(
			       s->branch[b].when, field_value, x, x->err);
		if (rc == -1)
			return mc_workflow_refused(x);
		if (rc == 1) {
			*branch = b;
			return 0;
		}
	}
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "no branch of step \"%s\" fits the dossier", s->id);
}

/*
 * May a target be entered?  Not when it is open already; and a joining step
 * only when nothing that is open, or opens now, can still reach it.
 */
static bool
may_enter(struct mc_workflow_ctx *x, int completed, const int *target, int n,
    int step)
{
	int i, k;

	for (i = 0; i < x->c->steps; i++) {
		if (i == completed)
			continue;
		k = open_index(x, i);
		if (k == step)
			return false;
		if (k != -1 && x->p->step[step].join_all &&
		    mc_procedure_reaches(x->p, k, step))
			return false;
	}
	for (i = 0; i < n && x->p->step[step].join_all; i++)
		if (target[i] != step &&
		    mc_procedure_reaches(x->p, target[i], step))
			return false;
	return true;
}

/* A dossier whose step the definition does not know needs to be told. */
static int
next_told(struct mc_workflow_ctx *x, int open)
{
	struct mc_happening *h;
	int step, i;

	mc_buf_reset(&x->scratch);
	for (i = 0; i < x->p->steps; i++)
		list_add(&x->scratch, x->p->step[i].id);
	if (x->req->to.len == 0)
		return mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "the dossier is in no step of its definition; name one "
		    "with --to: %s",
		    mc_buf_str(&x->scratch));
	if ((step = mc_procedure_step(x->p, x->req->to)) == -1)
		return bad_step(x, "not a step", x->req->to);
	if (open != -1) {
		h = mc_workflow_emit(x, MC_K_COMPLETED);
		mc_event_strz(&h->e, MC_F_STEP,
		    name_of(x, MC_D_STEP, x->c->step[open].step));
	}
	return enter(x, step, step, -1, true);
}

static int
act_next(struct mc_workflow_ctx *x)
{
	const struct mc_branch *b;
	struct mc_happening *h;
	const int *target;
	int open, from, branch = -1, only, n, i;

	if (pick_step(x, &open) == -1)
		return -1;
	if (x->c->status == MC_S_FINISHED) {
		if (open != -1) {
			h = mc_workflow_emit(x, MC_K_COMPLETED);
			mc_event_strz(&h->e, MC_F_STEP,
			    name_of(x, MC_D_STEP, x->c->step[open].step));
		}
		mc_workflow_emit(x, MC_K_RETURNED);
		return 0;
	}
	if (need_definition(x) == -1)
		return -1;
	if (open == -1 || (from = open_index(x, open)) == -1)
		return next_told(x, open);
	if (choose(x, from, &branch, &only) == -1)
		return -1;
	h = mc_workflow_emit(x, MC_K_COMPLETED);
	mc_event_strz(&h->e, MC_F_STEP, x->p->step[from].id);
	b = &x->p->step[from].branch[branch];
	target = only != -1 ? &only : b->target;
	n = only != -1 ? 1 : b->targets;
	for (i = 0; i < n; i++)
		if (may_enter(x, open, target, n, target[i]) &&
		    enter(x, target[i], from, branch, only != -1) == -1)
			return -1;
	return 0;
}

/* ---- the other actions ---- */

static int
act_receive(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	const struct mc_calendar *cal;
	struct mc_due due = { .day = MC_NODAY, .at = MC_NEVER };
	struct mc_happening *h;
	const char *blob = NULL;

	if (x->p == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_VERSION",
		    "no definition of the procedure is in force that day");
	if (x->p->has_limit) {
		if (mc_workflow_calendar(
			x, mc_workflow_receiving(x), &cal, &blob) == -1)
			return -1;
		if (mc_deadline(&due, x->policy, cal, x->p->limit, x->at, NULL,
			NULL, x->err) == -1)
			return mc_workflow_refused(x);
	}
	if (c->status == MC_S_SUPPLEMENT)
		mc_workflow_emit(x, MC_K_RESUMED);
	h = mc_workflow_emit(x, MC_K_RECEIVED);
	mc_event_strz(
	    &h->e, MC_F_PROCEDURE, name_of(x, MC_D_PROCEDURE, c->procedure));
	mc_event_strz(&h->e, MC_F_UNIT, name_of(x, MC_D_UNIT, c->unit));
	mc_event_strz(&h->e, MC_F_CHANNEL, mc_channel_name(c->channel));
	mc_event_strz(&h->e, MC_F_COMMIT, x->r->commit);
	mc_event_strz(&h->e, MC_F_PATH, x->r->path);
	mc_event_strz(&h->e, MC_F_BLOB, x->r->blob);
	mc_policy_put(&h->text, x->policy);
	mc_event_str(&h->e, MC_F_POLICY, text_of(h));
	put_due(&h->e, due, false, blob);
	return 0;
}

static int
act_start(struct mc_workflow_ctx *x)
{
	if (need_definition(x) == -1)
		return -1;
	x->to_unit = x->req->to;
	return enter(x, 0, 0, -1, false);
}

/* The unit that answers for an open step, or for the dossier. */
static int32_t
unit_of(const struct mc_workflow_ctx *x, int open)
{
	const struct mc_case *c = x->c;

	return open != -1             ? c->step[open].unit
	       : c->holder != MC_NOID ? c->holder
				      : c->unit;
}

static bool
serves(const struct mc_workflow_ctx *x, const struct mc_officer *o,
    const char *code)
{
	const struct mc_unit *u =
	    mc_unit_find(x->r->units, mc_str(code), x->day);

	return u != NULL && (strcmp(o->unit->code, code) == 0 ||
				mc_unit_below(x->r->units, o->unit, u));
}

static int
act_assign(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	struct mc_str id = x->req->officer;
	const struct mc_officer *o;
	struct mc_happening *h;
	const char *unit;
	int32_t had;
	int open;

	if (pick_step(x, &open) == -1)
		return -1;
	unit = name_of(x, MC_D_UNIT, unit_of(x, open));
	if (x->r->units != NULL && mc_officers_count(x->r->units) > 0) {
		o = mc_officer_find(x->r->units, id, x->day);
		if (o == NULL || !serves(x, o, unit))
			return mc_err(x->err, MC_EREFUSED, "E_OFFICER",
			    "\"%.*s\" is no officer of unit \"%s\" that day",
			    (int)id.len, id.p, unit);
	}
	had = open != -1 ? c->step[open].officer : c->officer;
	if (had != MC_NOID && mc_str_is(id, name_of(x, MC_D_OFFICER, had))) {
		x->out->unchanged = true;
		return 0;
	}
	h = mc_workflow_emit(x, MC_K_ASSIGNED);
	mc_event_str(&h->e, MC_F_OFFICER, id);
	if (open != -1)
		mc_event_strz(&h->e, MC_F_STEP,
		    name_of(x, MC_D_STEP, c->step[open].step));
	return 0;
}

static int
act_transfer(struct mc_workflow_ctx *x)
{
	const struct mc_unit *to = NULL, *next;
	struct mc_happening *h;
	struct mc_str code = x->req->to;
	int open;

	if (pick_step(x, &open) == -1)
		return -1;
	if (x->r->units != NULL)
		to = mc_unit_find(x->r->units, code, x->day);
	if (to == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_UNIT",
		    "no unit has the code \"%.*s\"",
		    (int)(code.len < 100 ? code.len : 100), code.p);
	if (!mc_unit_valid(to, x->day)) {
		next = mc_unit_successor(x->r->units, to, x->day);
		mc_err(x->err, MC_EREFUSED, "E_UNIT",
		    "unit \"%s\" is not in being that day", to->code);
		if (next != NULL && next != to)
			mc_err_advise(
			    x->err, "its successor is \"%s\"", next->code);
		return -1;
	}
	if (strcmp(to->code, name_of(x, MC_D_UNIT, unit_of(x, open))) == 0) {
		x->out->unchanged = true;
		return 0;
	}
	h = mc_workflow_emit(x, MC_K_TRANSFERRED);
	mc_event_strz(&h->e, MC_F_UNIT, to->code);
	if (open != -1)
		mc_event_strz(&h->e, MC_F_STEP,
		    name_of(x, MC_D_STEP, x->c->step[open].step));
	return 0;
}

static int
act_pause(struct mc_workflow_ctx *x, enum mc_status status)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_PAUSED);

	mc_event_strz(&h->e, MC_F_STATUS, mc_status_name(status));
	return 0;
}

/*
 * After payment or a stop the dossier goes on being processed (DOMAIN 3.1:
 * 6 and 8 lead to 4), so one that had not been started yet is.
 */
static int
act_resume(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	const struct mc_calendar *cal;
	struct mc_due due = x->due;
	struct mc_happening *h;
	struct mc_term limit = { .unit = MC_TERM_NONE };
	const char *blob;

	if (mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, &blob) ==
	    -1)
		return -1;
	if (x->p != NULL && x->p->has_limit)
		limit = x->p->limit;
	if (c->paused_at != MC_NEVER &&
	    mc_deadline_resume(&due, x->policy, cal, limit, x->due,
		c->paused_at, x->at, NULL, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	h = mc_workflow_emit(x, MC_K_RESUMED);
	mc_workflow_put_due(x, &h->e, due,
	    c->due_given && (x->policy->pause != MC_PAUSE_RESTART ||
				limit.unit == MC_TERM_NONE),
	    blob);
	if (c->status == MC_S_SUPPLEMENT || c->was != MC_S_RECEIVED)
		return 0;
	return act_start(x);
}

static int
act_extend(struct mc_workflow_ctx *x)
{
	const struct mc_request *req = x->req;
	const struct mc_calendar *cal;
	struct mc_happening *h;
	struct mc_buf text = { 0 };
	struct mc_due due;
	const char *blob;

	if (x->due.at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the dossier has no due date to move");
	if (x->c->extensions >= x->policy->extensions)
		return mc_err(x->err, MC_EREFUSED, "E_EXTEND",
		    "extended %d times already; the policy allows %d",
		    x->c->extensions, x->policy->extensions);
	if (!x->policy->extend_after_expiry &&
	    mc_overdue(x->c->rule, x->due, x->at, x->r->names->zone))
		return mc_err(x->err, MC_EREFUSED, "E_EXTEND",
		    "the due date has passed; the policy allows extending "
		    "only before it");
	if (mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, &blob) ==
	    -1)
		return -1;
	if (req->until != MC_NEVER)
		due = mc_due_given(x->policy, cal, req->until, req->until_day);
	else if (mc_deadline_extend(&due, x->policy, cal, x->due, req->by, NULL,
		     NULL, x->err) == -1)
		return mc_workflow_refused(x);
	if (due.at <= x->due.at) {
		mc_time_put(&text, x->due.at, x->r->names->zone);
		mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the new due date is not later than the present one, %s",
		    mc_buf_str(&text));
		mc_buf_free(&text);
		return -1;
	}
	h = mc_workflow_emit(x, MC_K_EXTENDED);
	mc_workflow_put_due(
	    x, &h->e, due, req->until != MC_NEVER || x->c->due_given, blob);
	return 0;
}

static int
act_finish(struct mc_workflow_ctx *x)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_FINISHED);

	mc_workflow_put_verdict(x, &h->e, x->at);
	return 0;
}

/* Back into the step named, or the only one that leads to the final step. */
static int
reopen_step(struct mc_workflow_ctx *x, int *step)
{
	const struct mc_procedure *p = x->p;
	int i, b, t, n = 0;
	bool leads;

	*step = -1;
	mc_buf_reset(&x->scratch);
	for (i = 0; i < p->steps; i++)
		if (!p->step[i].final)
			list_add(&x->scratch, p->step[i].id);
	if (x->req->step.len > 0) {
		*step = mc_procedure_step(p, x->req->step);
		if (*step == -1 || p->step[*step].final)
			return bad_step(
			    x, "not a step to work in", x->req->step);
		return 0;
	}
	for (i = 0; i < p->steps; i++) {
		leads = false;
		for (b = 0; b < p->step[i].branches; b++)
			for (t = 0; t < p->step[i].branch[b].targets; t++)
				leads = leads ||
					p->step[p->step[i].branch[b].target[t]]
					    .final;
		if (leads && !p->step[i].final) {
			*step = i;
			n++;
		}
	}
	if (n == 1)
		return 0;
	return mc_err(x->err, MC_EREFUSED, "E_STEP",
	    "name the step to go back to with --step: %s",
	    mc_buf_str(&x->scratch));
}

/* The fields as they are now, since no row keeps those of a closed dossier. */
static int
put_fields(struct mc_workflow_ctx *x, struct mc_happening *h)
{
	struct mc_str now = { x->c->fields.p, x->c->fields.len };

	if (now.len == 0)
		return 0;
	if (x->fields == NULL &&
	    mc_json_parse(&x->fields, "fields", now, x->err) == -1)
		return mc_workflow_refused(x);
	if (mc_json_canonical(&h->fields, x->fields, x->err) == -1)
		return mc_workflow_refused(x);
	mc_event_str(
	    &h->e, MC_F_FIELDS, (struct mc_str){ h->fields.p, h->fields.len });
	return 0;
}

static int
act_reopen(struct mc_workflow_ctx *x)
{
	struct mc_happening *h;
	int step;

	if (need_definition(x) == -1 || reopen_step(x, &step) == -1)
		return -1;
	x->to_unit = x->req->to;
	h = mc_workflow_emit(x, MC_K_REOPENED);
	if (put_step(x, h, step) == -1 || put_fields(x, h) == -1)
		return -1;
	put_why(x, h, step, -1, x->req->step.len > 0);
	return 0;
}

/* ---- the function ---- */

static int
act(struct mc_workflow_ctx *x)
{
	switch (x->req->action) {
	case MC_A_RECEIVE:
		return act_receive(x);
	case MC_A_START:
		return act_start(x);
	case MC_A_NEXT:
		return act_next(x);
	case MC_A_ASSIGN:
		return act_assign(x);
	case MC_A_TRANSFER:
		return act_transfer(x);
	case MC_A_SUPPLEMENT:
		return act_pause(x, MC_S_SUPPLEMENT);
	case MC_A_PAY:
		return act_pause(x, MC_S_PAYMENT);
	case MC_A_STOP:
		mc_workflow_emit(x, MC_K_STOPPED);
		return 0;
	case MC_A_RESUME:
		return act_resume(x);
	case MC_A_EXTEND:
		return act_extend(x);
	case MC_A_REFUSE:
		mc_workflow_emit(x, MC_K_REFUSED);
		return 0;
	case MC_A_WITHDRAW:
		mc_workflow_emit(x, MC_K_WITHDRAWN);
		return 0;
	case MC_A_FINISH:
		return act_finish(x);
	case MC_A_RETURN:
		mc_workflow_emit(x, MC_K_RETURNED);
		return 0;
	case MC_A_REOPEN:
		return act_reopen(x);
	case MC_A_CORRECT:
		return mc_workflow_correct(x);
	case MC_A__COUNT:
		break;
	}
	return mc_err(x->err, MC_EREFUSED, "E_STATE", "no such action");
}

static int
check_order(struct mc_workflow_ctx *x)
{
	struct mc_buf t = { 0 };
	const char *what;
	int64_t bound;

	if (x->at > x->now) {
		what = "the time given lies after now,";
		bound = x->now;
	} else if (x->c->changed_at != MC_NEVER && x->at < x->c->changed_at &&
		   x->req->action != MC_A_CORRECT) {
		what = "the time given lies before the dossier's last change,";
		bound = x->c->changed_at;
	} else {
		return 0;
	}
	mc_time_put(&t, bound, x->r->names->zone);
	mc_err(x->err, MC_EREFUSED, "E_ORDER", "%s %s", what, mc_buf_str(&t));
	mc_buf_free(&t);
	return -1;
}

int
mc_workflow(struct mc_outcome *out, const struct mc_rules *rules,
    const struct mc_case *c, const struct mc_request *req, int64_t now,
    struct mc_err *err)
{
	struct mc_workflow_ctx x = { .out = out,
		.r = rules,
		.p = rules->procedure,
		.policy =
		    rules->policy != NULL ? rules->policy : &mc_policy_default,
		.c = c,
		.req = req,
		.err = err,
		.now = now,
		.at = req->at != MC_NEVER ? req->at : now,
		.due = c->due };
	int rc;

	out->n = 0;
	out->unchanged = false;
	if (!mc_action_allowed(c, req->action)) {
		if (req->action != MC_A_START || c->status == MC_S_REGISTERED)
			return bad_state(&x);
		out->unchanged = true;
		return 0;
	}
	if (check_order(&x) == -1)
		return -1;
	x.day = mc_zone_day(rules->names->zone, x.at);
	rc = act(&x);
	if (rc == -1)
		out->n = 0;
	mc_json_free(x.fields);
	mc_buf_free(&x.scratch);
	return rc;
}
