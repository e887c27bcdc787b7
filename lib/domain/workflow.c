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
	[MC_A_APOLOGISE] = { "apologise", BIT(MC_S_RECEIVED) |
	    BIT(MC_S_PROCESSING) | BIT(MC_S_SUPPLEMENT) | BIT(MC_S_PAYMENT) |
	    BIT(MC_S_STOPPED) | BIT(MC_S_FINISHED) | BIT(MC_S_RETURNED), 0 },
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

	if (a == MC_A_APOLOGISE && c->verdict != MC_V_NONE &&
	    c->verdict != MC_V_LATE)
		return false;
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
		{ "--case", req->in_case.len > 0, BIT(MC_A_RECEIVE), 0 },
		{ "--by", req->has_by, BIT(MC_A_EXTEND), 0 },
		{ "--until", req->until != MC_NEVER, BIT(MC_A_EXTEND), 0 },
		{ "--reason", req->reason.len > 0, BIT(MC_A__COUNT) - 1,
		    BIT(MC_A_APOLOGISE) },
		{ "--set", req->sets > 0, BIT(MC_A_CORRECT),
		    BIT(MC_A_CORRECT) },
	};
	size_t i;
	int bad = 0;

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
	if (req->has_by && req->by.milli <= 0) {
		mc_err(err, MC_EUSAGE, "E_USAGE",
		    "not an amount of time to extend by");
		return mc_err_at(err, "--by", 0, 0);
	}
	if (req->officer.len > 0 && !mc_code_valid(req->officer)) {
		mc_err(err, MC_EUSAGE, "E_USAGE",
		    "\"%.*s\" is not 1 to %d visible characters",
		    (int)(req->officer.len < 100 ? req->officer.len : 100),
		    req->officer.p, MC_CODE_MAX);
		return mc_err_at(err, "--officer", 0, 0);
	}
	if (req->reason.len > MC_REASON_MAX)
		bad = mc_err(err, MC_EUSAGE, "E_USAGE", "more than %d bytes",
		    MC_REASON_MAX);
	else if (mc_utf8_check(req->reason.p, req->reason.len) !=
		 req->reason.len)
		bad = mc_err(err, MC_EUSAGE, "E_USAGE", "not UTF-8");
	if (bad == -1)
		return mc_err_at(err, "--reason", 0, 0);
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

struct mc_str
mc_workflow_text(const struct mc_happening *h)
{
	return (struct mc_str){ h->text.p, h->text.len };
}

const char *
mc_workflow_name(const struct mc_workflow_ctx *x, enum mc_dict dict, int32_t id)
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
	const char *also = "";
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
	if (x->c->status == MC_S_SUPPLEMENT && x->c->received_at == MC_NEVER)
		also = " and not yet received";
	else if (x->req->action == MC_A_APOLOGISE &&
		 x->c->verdict != MC_V_NONE && x->c->status != MC_S_WITHDRAWN)
		also = " and was not late";
	return mc_err(x->err, MC_EREFUSED, "E_STATE",
	    "%s is not for a dossier that is %s%s; allowed: %s",
	    actions[x->req->action].name, mc_status_name(x->c->status), also,
	    list);
}

/* ---- who has it ---- */

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

/* Whoever names an officer may know more than the table; but is told. */
static void
warn_absent(struct mc_workflow_ctx *x, const struct mc_officer *o)
{
	struct mc_err *e = &x->out->warning;
	struct mc_buf b = { 0 };
	int32_t until;

	if (!mc_officer_absent(x->r->units, o, x->day, &until))
		return;
	if (until == MC_NODAY)
		mc_buf_puts(&b, "further notice");
	else
		mc_day_put(&b, until);
	mc_err(e, MC_EDATA, "W_ABSENCE",
	    "the officer \"%s\" is absent until %s", o->id, mc_buf_str(&b));
	mc_buf_free(&b);
}

static int
act_assign(struct mc_workflow_ctx *x)
{
	const struct mc_case *c = x->c;
	struct mc_str id = x->req->officer;
	const struct mc_officer *o = NULL;
	struct mc_happening *h;
	const char *unit;
	int32_t had;
	int open;

	if (mc_workflow_pick_step(x, &open) == -1)
		return -1;
	unit = mc_workflow_name(x, MC_D_UNIT, unit_of(x, open));
	if (x->r->units != NULL && mc_officers_count(x->r->units) > 0) {
		o = mc_officer_find(x->r->units, id, x->day);
		if (o == NULL || !serves(x, o, unit))
			return mc_err(x->err, MC_EREFUSED, "E_OFFICER",
			    "\"%.*s\" is no officer of unit \"%s\" that day",
			    (int)id.len, id.p, unit);
	}
	had = open != -1 ? c->step[open].officer : c->officer;
	if (had != MC_NOID &&
	    mc_str_is(id, mc_workflow_name(x, MC_D_OFFICER, had))) {
		x->out->unchanged = true;
		return 0;
	}
	if (o != NULL)
		warn_absent(x, o);
	h = mc_workflow_emit(x, MC_K_ASSIGNED);
	mc_event_str(&h->e, MC_F_OFFICER, id);
	if (open != -1)
		mc_event_strz(&h->e, MC_F_STEP,
		    mc_workflow_name(x, MC_D_STEP, c->step[open].step));
	return 0;
}

static int
act_transfer(struct mc_workflow_ctx *x)
{
	const struct mc_unit *to = NULL, *next;
	struct mc_happening *h;
	struct mc_str code = x->req->to;
	int open;

	if (mc_workflow_pick_step(x, &open) == -1)
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
	if (strcmp(to->code,
		mc_workflow_name(x, MC_D_UNIT, unit_of(x, open))) == 0) {
		x->out->unchanged = true;
		return 0;
	}
	h = mc_workflow_emit(x, MC_K_TRANSFERRED);
	mc_event_strz(&h->e, MC_F_UNIT, to->code);
	if (open == -1)
		return 0;
	mc_event_strz(&h->e, MC_F_STEP,
	    mc_workflow_name(x, MC_D_STEP, x->c->step[open].step));
	return mc_workflow_reassign(x, open, to);
}

static int
act_pause(struct mc_workflow_ctx *x, enum mc_status status)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_PAUSED);

	mc_event_str(&h->e, MC_F_STATUS, mc_status_str(status));
	return 0;
}

static int
act_finish(struct mc_workflow_ctx *x)
{
	struct mc_happening *h;

	/* Past the step that waits, whichever is open now. */
	if (x->p != NULL && mc_procedure_waits(x->p) &&
	    mc_workflow_await_children(x, "the procedure") == -1)
		return -1;
	h = mc_workflow_emit(x, MC_K_FINISHED);
	mc_workflow_put_verdict(x, &h->e, x->at);
	return 0;
}

/* ---- the function ---- */

static int
act(struct mc_workflow_ctx *x)
{
	switch (x->req->action) {
	case MC_A_RECEIVE:
		return mc_workflow_receive(x);
	case MC_A_START:
		return mc_workflow_start(x);
	case MC_A_NEXT:
		return mc_workflow_next(x);
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
		return mc_workflow_resume(x);
	case MC_A_EXTEND:
		return mc_workflow_extend(x);
	case MC_A_APOLOGISE:
		return mc_workflow_apologise(x);
	case MC_A_REFUSE:
		mc_workflow_emit(x, MC_K_REFUSED);
		return 0;
	case MC_A_WITHDRAW:
		mc_workflow_emit(x, MC_K_WITHDRAWN);
		return mc_workflow_warn_children(x);
	case MC_A_FINISH:
		return act_finish(x);
	case MC_A_RETURN:
		mc_workflow_emit(x, MC_K_RETURNED);
		return 0;
	case MC_A_REOPEN:
		return mc_workflow_reopen(x);
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
	out->warning.code = MC_OK;
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
	if (rc == 0 && out->n > 0 && req->expired != NULL &&
	    req->action != MC_A_NEXT)
		mc_workflow_why_expired(&x, &out->event[0]);
	if (rc == -1)
		out->n = 0;
	mc_json_free(x.fields);
	mc_buf_free(&x.scratch);
	return rc;
}
