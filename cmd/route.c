/* route - dossiers go along their procedure; route(1). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <motcua/casework.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/lines.h>
#include <motcua/planning.h>
#include <motcua/pool.h>
#include <motcua/progress.h>
#include <motcua/replan.h>
#include <motcua/text.h>

/* clang-format off */
enum { AT = MC_OPT_LONG, BY, UNTIL, TO, STEP, OFFICER, REASON, SET, RECOMPUTE,
    CASE, BASIS, SUCCESSION, DECISIONS, UNDO, RULES, MAP, DEADLINE, DUE };
static const struct mc_opt opts[] = {
	{ AT,      "at",      "TIME",       "when it happened; default: now" },
	{ BASIS,   "basis",   "TEXT",       "plan: the legal basis of what is planned" },
	{ BY,      "by",      "TERM",       "extend: by so much, from the due date on" },
	{ CASE,    "case",    "ID",         "receive: of this case of its procedure" },
	{ DEADLINE, "deadline", "HOW",      "plan --rules: keep, recount or recount-all" },
	{ DECISIONS, "decisions", "FILE",   "plan --succession: where what was split goes" },
	{ DUE,     "due",     NULL,         "plan: what time has decided by now" },
	{ MAP,     "map",     "OLD=NEW",    "plan --rules: a step's new name; may be repeated" },
	{ OFFICER, "officer", "ID",         "assign: to this officer" },
	{ RECOMPUTE, "recompute", NULL,     "plan: due dates by the present calendars" },
	{ REASON,  "reason",  "TEXT",       "why; kept as personal data" },
	{ RULES,   "rules",   "REV",        "plan: to the procedures of this revision" },
	{ SET,     "set",     "NAME=VALUE", "correct: this value; may be repeated" },
	{ STEP,    "step",    "STEP",       "which open step; reopen: into which step" },
	{ SUCCESSION, "succession", NULL,   "plan: out of units that have ended" },
	{ TO,      "to",      "STEP|UNIT",  "next: to this step; transfer: to this unit" },
	{ UNDO,    "undo",    "FILE",       "plan: to take back this plan" },
	{ UNTIL,   "until",   "TIME",       "extend: until then" },
};
/* clang-format on */

static const char about[] =
    "Move dossiers along their procedure.  ACTION is start (the default),\n"
    "receive, next, assign, transfer, supplement, pay, stop, resume, extend,\n"
    "apologise, refuse, withdraw, finish, return, reopen or correct; or plan,\n"
    "which says what would change, and apply, which does what a plan says.";

static const char synopsis[] = "[ACTION] [OPTION...] CODE...|-\n"
			       "plan [ACTION] [OPTION...] CODE...|-\n"
			       "plan --recompute [OPTION...] [CODE...|-]\n"
			       "plan --succession [OPTION...] [CODE...|-]\n"
			       "plan --rules=REV [OPTION...] [CODE...|-]\n"
			       "plan --due [OPTION...] [CODE...|-]\n"
			       "plan --undo=FILE [OPTION...]\n"
			       "apply [OPTION...] FILE|-";

static const char columns[] =
    "code action from_step to_step from_unit to_unit officer status due_at "
    "version result error why";
/* By what a plan's action has done. */
enum { RESCHEDULED, MOVED, REPINNED, EXPIRED, DONE, WAYS };
static int
way_of(const char *action)
{
	static const char *const name[] = { [RESCHEDULED] = "reschedule",
		[MOVED] = "rehome",
		[REPINNED] = "repin",
		[EXPIRED] = "expire" };
	int w;

	if (strcmp(action, "answer") == 0)
		return EXPIRED;

	for (w = 0; w < DONE; w++)
		if (strcmp(action, name[w]) == 0)
			break;
	return w;
}

struct tool {
	struct mc_cli *cli;
	struct mc_request req;
	const char *at, *until; /* as given; they need the zone */
	struct mc_set set[MC_SETS];
	struct mc_store *store;
	struct mc_casework *work;
	struct mc_codes *codes;
	struct mc_out *out;
	struct mc_progress *progress;
	struct mc_pool pool; /* codes of the batch */
	struct mc_move move[MC_MOVES];
	size_t n;
	int64_t done;
	bool refused;

	/* plan and apply */
	enum { ACT, PLAN, APPLY } mode;
	struct mc_planning plan;
	bool redate; /* --deadline was given */
	struct mc_apply *apply;
	struct mc_source *source;
	int64_t count[3]; /* by enum mc_result */
	int64_t lines[WAYS], done_lines[WAYS];
};

static void
put_text(struct mc_out *out, const char *name, struct mc_str s)
{
	if (s.p == NULL)
		mc_out_null(out, name);
	else
		mc_out_strn(out, name, s);
}

static void
put_move(struct tool *t, const char *action, const struct mc_move *m)
{
	struct mc_out *out = t->out;
	bool known = m->status != MC_S_NONE;

	mc_out_begin(out, "motcua.route/1");
	mc_out_strn(out, "code", m->code);
	mc_out_str(out, "action", action);
	put_text(out, "from_step", m->from_step);
	put_text(out, "to_step", m->to_step);
	put_text(out, "from_unit", m->from_unit);
	put_text(out, "to_unit", m->to_unit);
	put_text(out, "officer", m->officer);
	mc_out_str(out, "status", known ? mc_status_name(m->status) : NULL);
	mc_out_time(out, "due_at", m->due_at);
	if (known)
		mc_out_int(out, "version", m->version);
	else
		mc_out_null(out, "version");
	mc_out_str(out, "result", mc_result_name(m->result));
	put_text(out, "error", m->error);
	if (m->why.p == NULL)
		mc_out_null(out, "why");
	else
		mc_out_json(out, "why", m->why);
	mc_out_end(out);
}

static void
say_refusal(struct tool *t, const struct mc_move *m)
{
	struct mc_err e = MC_ERR_INIT;

	mc_err(&e, MC_EREFUSED, m->error_id, "%s",
	    m->error.p + strlen(m->error_id) + 2);
	mc_err_at(&e, mc_pool_str(&t->pool, m->code).p, 0, 0);
	if (m->advice.p != NULL)
		mc_err_advise(&e, "%s", m->advice.p);
	mc_cli_warn(t->cli, &e);
	t->refused = true;
}

/* Done, but not as it should be. */
static void
say_warning(struct tool *t, const struct mc_move *m)
{
	struct mc_err e = MC_ERR_INIT;

	mc_err(&e, MC_EDATA, m->warning_id, "%s", m->warning.p);
	mc_err_at(&e, mc_pool_str(&t->pool, m->code).p, 0, 0);
	mc_cli_warn(t->cli, &e);
}

/* One transaction; what it did is printed after it has committed. */
static int
do_batch(struct tool *t, struct mc_err *err)
{
	int64_t now;
	size_t i;

	if (t->n == 0)
		return 0;
	if (mc_cli_now(t->cli, mc_store_zone(t->store), &now, NULL, err) ==
		-1 ||
	    mc_casework_batch(t->work, &t->req, now, t->cli->dry_run, t->move,
		t->n, err) == -1)
		return -1;
	for (i = 0; i < t->n; i++) {
		put_move(t, mc_action_name(t->req.action), &t->move[i]);
		if (t->move[i].result == MC_R_REFUSED)
			say_refusal(t, &t->move[i]);
		if (t->move[i].warning_id[0] != '\0')
			say_warning(t, &t->move[i]);
	}
	t->done += (int64_t)t->n;
	t->n = 0;
	mc_pool_reset(&t->pool);
	mc_progress_show(t->progress, t->done, 0, 0);
	return mc_out_flush(t->out, err);
}

/* A batch closes when it is full, or when the next code is not there yet. */
static int
do_all(struct tool *t, struct mc_err *err)
{
	struct mc_err bad = MC_ERR_INIT;
	struct mc_str code;
	int rc;

	while ((rc = mc_codes_next(t->codes, &code, t->n == 0, &bad)) != 0) {
		if (rc == -1 && bad.code != MC_EDATA) {
			*err = bad;
			return -1;
		}
		if (rc == -1) { /* this line only */
			mc_cli_warn(t->cli, &bad);
			mc_err_clear(&bad);
			t->refused = true;
		}
		if (rc == 1)
			t->move[t->n++].code = mc_pool_str(&t->pool, code);
		if ((rc == MC_WOULD_BLOCK || t->n == MC_MOVES) &&
		    do_batch(t, err) == -1)
			return -1;
	}
	return do_batch(t, err);
}

/*
 * A time given as an option.  With a date alone --at is its midnight, and
 * --until what the policy makes of a day.
 */
static int
take_time(struct tool *t, const char *name, const char *text, int64_t *out,
    bool *day_only, struct mc_err *err)
{
	if (text == NULL ||
	    mc_time_parse(out, mc_str(text), mc_store_zone(t->store), day_only,
		NULL, err) == 0)
		return 0;
	return mc_err_at(err, name, 0, 0);
}

static int
take_times(struct tool *t, struct mc_err *err)
{
	return take_time(t, "--at", t->at, &t->req.at, NULL, err) == -1 ||
		       take_time(t, "--until", t->until, &t->req.until,
			   &t->req.until_day, err) == -1
		   ? -1
		   : 0;
}

/* Open everything, work, and close: the exit status, or -1. */
static int
run(struct tool *t, struct mc_err *err)
{
	struct mc_actor actor;
	struct mc_err late = MC_ERR_INIT;
	int rc = -1;

	if (mc_cli_actor(t->cli, &actor, err) == -1 ||
	    mc_store_open(&t->store, t->cli->db, MC_DB_WRITE, err) == -1)
		goto done;
	mc_store_set_actor(t->store, &actor);
	if (take_times(t, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		goto done;
	mc_out_columns(t->out, columns);
	t->work = mc_casework_new(t->store);
	t->codes = mc_codes_new(t->cli->argc, t->cli->argv);
	t->progress = mc_progress_new(t->cli, "dossiers");
	rc = do_all(t, err);
	mc_progress_free(t->progress);
	/* What was committed is told, whatever came after it. */
	if (mc_out_close(t->out, rc == -1 ? &late : err) == -1)
		rc = -1;
	if (rc == 0)
		rc = t->refused ? MC_EXIT_FOUND : MC_EXIT_OK;
done:
	mc_codes_free(t->codes);
	mc_casework_free(t->work);
	mc_out_free(t->out);
	mc_store_close(t->store);
	mc_pool_free(&t->pool);
	return rc;
}

/* ---- apply ---- */

/* Refused, or not even taken: what the line's place is. */
static void
say_bad_line(
    struct tool *t, const struct mc_move *m, const char *file, int64_t line)
{
	struct mc_err e = MC_ERR_INIT;

	mc_err(&e, MC_EREFUSED, m->error_id, "\"%.*s\": %s", (int)m->code.len,
	    m->code.p, m->error.p + strlen(m->error_id) + 2);
	mc_err_at(&e, file, line, 0);
	if (m->advice.p != NULL)
		mc_err_advise(&e, "%s", m->advice.p);
	mc_cli_warn(t->cli, &e);
	t->refused = true;
}

static int
apply_batch(struct tool *t, struct mc_err *err)
{
	struct mc_move move;
	const char *file;
	int64_t now, line;
	size_t i;
	int way;

	if (mc_apply_waiting(t->apply) == 0)
		return 0;
	if (mc_cli_now(t->cli, mc_store_zone(t->store), &now, NULL, err) ==
		-1 ||
	    mc_apply_batch(t->apply, now, t->cli->dry_run, err) == -1)
		return -1;
	for (i = 0; mc_apply_result(t->apply, i, &move, &file, &line); i++) {
		put_move(t, mc_apply_action(t->apply, i), &move);
		if (move.result == MC_R_REFUSED)
			say_bad_line(t, &move, file, line);
		t->count[move.result]++;
		way = way_of(mc_apply_action(t->apply, i));
		t->lines[way]++;
		t->done_lines[way] += move.result == MC_R_DONE;
	}
	t->done += (int64_t)i;
	mc_progress_show(t->progress, t->done, 0, 0);
	return mc_out_flush(t->out, err);
}

/*
 * The next line of the plan.  One that is on its way is waited for, for a
 * moment: many small transactions would cost much more.
 */
static int
plan_line(struct tool *t, struct mc_str *line, int64_t *n, struct mc_err *err)
{
	const struct timespec ms = { 0, 1000000 };
	bool wait = mc_apply_waiting(t->apply) == 0;
	int rc, i;

	rc = mc_line_next(t->source, line, n, wait, err);
	for (i = 0; i < 100 && rc == MC_WOULD_BLOCK; i++) {
		nanosleep(&ms, NULL);
		rc = mc_line_next(t->source, line, n, false, err);
	}
	return rc;
}

static void
say_applied(struct tool *t)
{
	static const char *const name[] = { [RESCHEDULED] = "rescheduled",
		[MOVED] = "moved",
		[REPINNED] = "repinned",
		[EXPIRED] = "expired",
		[DONE] = "done" };
	static const int order[] = { MOVED, EXPIRED, RESCHEDULED, REPINNED,
		DONE };
	struct mc_buf b = { 0 };
	int i, w;

	for (i = 0; i < WAYS; i++) {
		w = order[i];
		if (t->lines[w] > 0)
			mc_buf_printf(&b, "%lld %s, ",
			    (long long)t->done_lines[w], name[w]);
	}
	mc_cli_note(t->cli, "%s%lld unchanged, %lld refused",
	    b.len > 0 ? b.p : "0 rescheduled, ",
	    (long long)t->count[MC_R_UNCHANGED],
	    (long long)t->count[MC_R_REFUSED]);
	mc_buf_free(&b);
}

static int
apply_plan(struct tool *t, struct mc_err *err)
{
	const char *file = mc_source_name(t->source);
	struct mc_str line;
	int64_t n;
	int rc;

	while ((rc = plan_line(t, &line, &n, err)) != 0) {
		if (rc == 1 && mc_str_trim(line).len > 0)
			rc = mc_apply_line(
			    t->apply, file, n, mc_str_trim(line), err);
		if (rc == -1) {
			if (err->code != MC_EDATA)
				return -1;
			mc_cli_warn(t->cli, err);
			mc_err_clear(err);
			t->refused = true;
		}
		if ((rc == MC_WOULD_BLOCK ||
			mc_apply_waiting(t->apply) == MC_APPLY_BATCH) &&
		    apply_batch(t, err) == -1)
			return -1;
	}
	if (apply_batch(t, err) == -1)
		return -1;
	say_applied(t);
	return 0;
}

static int
run_apply(struct tool *t, struct mc_err *err)
{
	int rc;

	mc_out_columns(t->out, columns);
	t->apply = mc_apply_new(t->store);
	if (mc_source_open(&t->source, t->cli->argv[0], err) == -1)
		return -1;
	t->progress = mc_progress_new(t->cli, "dossiers");
	rc = apply_plan(t, err);
	mc_progress_free(t->progress);
	return rc;
}

/* ---- either ---- */

static int
run_planned(struct tool *t, struct mc_err *err)
{
	bool apply = t->mode == APPLY;
	/* An action is done, and taken back. */
	bool write = apply || t->plan.what == MC_PLANNED_ACTION;
	struct mc_actor actor;
	struct mc_err late = MC_ERR_INIT;
	int64_t now;
	int rc = -1;

	if ((write && mc_cli_actor(t->cli, &actor, err) == -1) ||
	    mc_store_open(&t->store, t->cli->db,
		write ? MC_DB_WRITE : MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &now, NULL, err) ==
		-1 ||
	    take_times(t, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		goto done;
	if (write)
		mc_store_set_actor(t->store, &actor);
	if (apply) {
		rc = run_apply(t, err);
	} else {
		t->plan.cli = t->cli;
		t->plan.store = t->store;
		t->plan.out = t->out;
		t->plan.now = now;
		rc = mc_planning_run(&t->plan, &t->refused, err);
	}
	/* What was committed is told, whatever came after it. */
	if (mc_out_close(t->out, rc == -1 ? &late : err) == -1)
		rc = -1;
	if (rc == 0)
		rc = t->refused ? MC_EXIT_FOUND : MC_EXIT_OK;
done:
	mc_apply_free(t->apply);
	mc_source_free(t->source);
	mc_out_free(t->out);
	mc_store_close(t->store);
	mc_pool_free(&t->pool);
	return rc;
}

/* ---- options ---- */

/* NAME=VALUE */
static int
add_set(struct tool *t, const char *arg)
{
	struct mc_set *s = &t->set[t->req.sets];

	if (t->req.sets == MC_SETS)
		return mc_cli_usage_at(
		    t->cli, "--set", "given more than %d times", MC_SETS);
	if (!mc_str_split(mc_str(arg), '=', &s->name, &s->value))
		return mc_cli_usage_at(t->cli, "--set", "not NAME=VALUE");
	t->req.sets++;
	return 0;
}

static int
add_plan(struct tool *t, enum mc_planned what)
{
	if (t->plan.what != MC_PLANNED_NONE && t->plan.what != what)
		return mc_cli_usage(t->cli,
		    "one of --recompute, --succession, --rules, --due and "
		    "--undo at a time");
	t->plan.what = what;
	return 0;
}

/* OLD=NEW */
static int
add_map(struct tool *t, const char *arg)
{
	struct mc_set *s = &t->plan.map[t->plan.maps];

	if (t->plan.maps == MC_SETS)
		return mc_cli_usage_at(
		    t->cli, "--map", "given more than %d times", MC_SETS);
	if (!mc_str_split(mc_str(arg), '=', &s->name, &s->value) ||
	    s->name.len == 0 || s->value.len == 0)
		return mc_cli_usage_at(t->cli, "--map", "not OLD=NEW");
	t->plan.maps++;
	return 0;
}

static int
take_option(struct tool *t, int c, const char *arg)
{
	struct mc_err err = MC_ERR_INIT;

	switch (c) {
	case AT:
		t->at = arg;
		return 0;
	case BY:
		t->req.has_by = true;
		if (mc_term_parse(&t->req.by, mc_str(arg), &err) == 0)
			return 0;
		mc_err_at(&err, "--by", 0, 0);
		return mc_cli_fail(t->cli, &err);
	case UNTIL:
		t->until = arg;
		t->req.until = 0; /* given: take_time() reads it */
		return 0;
	case TO:
		t->req.to = mc_str(arg);
		return 0;
	case STEP:
		t->req.step = mc_str(arg);
		return 0;
	case OFFICER:
		t->req.officer = mc_str(arg);
		return 0;
	case CASE:
		t->req.in_case = mc_str(arg);
		return 0;
	case REASON:
		t->req.reason = mc_str(arg);
		return 0;
	case SET:
		return add_set(t, arg);
	case RECOMPUTE:
		return add_plan(t, MC_PLANNED_RECOMPUTE);
	case SUCCESSION:
		return add_plan(t, MC_PLANNED_SUCCESSION);
	case DUE:
		return add_plan(t, MC_PLANNED_DUE);
	case UNDO:
		t->plan.undo = arg;
		return add_plan(t, MC_PLANNED_UNDO);
	case DECISIONS:
		t->plan.decisions = arg;
		return 0;
	case RULES:
		t->plan.rules = arg;
		return add_plan(t, MC_PLANNED_RULES);
	case MAP:
		return add_map(t, arg);
	case DEADLINE:
		t->plan.redate = mc_redate_parse(mc_str(arg));
		t->redate = true;
		return t->plan.redate != MC_REDATE__COUNT
			   ? 0
			   : mc_cli_usage_at(t->cli, "--deadline",
				 "\"%s\" is not keep, recount or recount-all",
				 arg);
	case BASIS:
		t->plan.basis = arg;
		return 0;
	default:
		return -1;
	}
}

/* Was one of the options given that are for plan only? */
static bool
planned(const struct tool *t)
{
	return t->plan.what != MC_PLANNED_NONE || t->plan.basis != NULL ||
	       t->plan.decisions != NULL || t->plan.maps > 0 || t->redate;
}

/* Has anything been given that is for an action? */
static bool
acts(const struct tool *t)
{
	const struct mc_request none = MC_REQUEST(MC_A_START);
	const struct mc_request *r = &t->req;

	return t->at != NULL || r->until != none.until || r->has_by ||
	       r->to.len + r->step.len + r->officer.len + r->reason.len +
		       r->in_case.len >
		   0 ||
	       r->sets > 0;
}

/* What goes with which plan. */
static int
check_plan(struct tool *t)
{
	struct mc_cli *cli = t->cli;
	enum mc_planned what = t->plan.what;
	const char *basis = t->plan.basis;

	if (t->plan.decisions != NULL && what != MC_PLANNED_SUCCESSION)
		return mc_cli_usage(cli, "--decisions is for --succession");
	if ((t->plan.maps > 0 || t->redate) && what != MC_PLANNED_RULES)
		return mc_cli_usage(
		    cli, "--map and --deadline are for --rules");
	if (cli->personal && what != MC_PLANNED_ACTION)
		return mc_cli_usage(
		    cli, "--personal is for plan with an action");
	if (basis != NULL && what == MC_PLANNED_ACTION)
		return mc_cli_usage(cli, "an action takes no --basis");
	if (what == MC_PLANNED_UNDO && cli->argc > 0)
		return mc_cli_usage(
		    cli, "--undo takes back what is in the plan: no codes");
	if (cli->dry_run)
		return mc_cli_usage(cli, "plan writes nothing: no --dry-run");
	if (basis != NULL &&
	    (*basis == '\0' || strlen(basis) > 400 ||
		mc_utf8_check(basis, strlen(basis)) != strlen(basis)))
		return mc_cli_usage(
		    cli, "--basis: not 1 to 400 bytes of UTF-8");
	return 0;
}

/* Options and operands of apply, and of plan without an action. */
static int
check_planned(struct tool *t)
{
	struct mc_cli *cli = t->cli;

	if (acts(t) || (t->mode == APPLY && (planned(t) || cli->personal)))
		return mc_cli_usage(cli,
		    "%s does not take one of these options",
		    t->mode == PLAN ? "plan" : "apply");
	if (t->mode == APPLY && cli->argc != 1)
		return mc_cli_usage(
		    cli, "apply takes one plan; \"-\" is standard input");
	return t->mode == PLAN ? check_plan(t) : 0;
}

/*
 * The first operand is an action, or what `start` is done to.  One that is
 * nearly an action is neither: the others would be started.
 */
static int
pick_action(struct tool *t)
{
	struct mc_cli *cli = t->cli;
	enum mc_action a = MC_A__COUNT;
	struct mc_str like;

	if (cli->argc > 0) {
		a = mc_action_parse(mc_str(cli->argv[0]));
		like = mc_cli_meant(cli, cli->argv[0]);
		if (a != MC_A__COUNT) {
			cli->argc--;
			cli->argv++;
		} else if (mc_str_is(like, cli->argv[0])) {
			return mc_cli_usage(cli,
			    "\"%s\" is no action that can be planned",
			    cli->argv[0]);
		} else if (like.len > 0) {
			return mc_cli_usage(cli,
			    "\"%s\" is no action; did you mean %.*s?",
			    cli->argv[0], (int)like.len, like.p);
		}
	}
	t->req.action = a != MC_A__COUNT ? a : MC_A_START;
	return cli->argc > 0
		   ? 0
		   : mc_cli_usage(cli,
			 "no dossier; \"-\" reads codes from standard input");
}

/* What would an action do? */
static int
plan_action(struct tool *t)
{
	int rc;

	if (t->cli->argc == 0)
		return mc_cli_usage(t->cli,
		    "plan what?  an action, --recompute, --succession, "
		    "--rules, --due or --undo");
	if ((rc = pick_action(t)) != 0)
		return rc;
	t->plan.what = MC_PLANNED_ACTION;
	t->plan.req = &t->req;
	return check_plan(t);
}

static int
take_action(struct tool *t)
{
	struct mc_cli *cli = t->cli;

	if (cli->argc > 0 && (strcmp(cli->argv[0], "plan") == 0 ||
				 strcmp(cli->argv[0], "apply") == 0)) {
		t->mode = cli->argv[0][0] == 'p' ? PLAN : APPLY;
		cli->argc--;
		cli->argv++;
		return t->mode == PLAN && t->plan.what == MC_PLANNED_NONE
			   ? plan_action(t)
			   : check_planned(t);
	}
	if (planned(t) || cli->personal)
		return mc_cli_usage(cli,
		    "--recompute, --succession, --rules, --due, --undo and "
		    "what goes with them are for plan");
	return pick_action(t);
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("route", about, synopsis, opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_FORMAT |
		MC_CLI_DRY_RUN | MC_CLI_PERSONAL | MC_CLI_WRITES,
	    argc, argv);
	static struct tool tool;
	struct mc_err err = MC_ERR_INIT;
	int c, rc;

	cli.words = "receive start next assign transfer supplement pay stop "
		    "resume extend apologise refuse withdraw finish return "
		    "reopen correct plan apply";
	tool.cli = &cli;
	tool.req = MC_REQUEST(MC_A_START);
	tool.req.set = tool.set;
	while ((c = mc_cli_next(&cli)) != MC_CLI_END) {
		if (c < 0)
			return mc_cli_exit(&cli, c);
		if ((rc = take_option(&tool, c, cli.arg)) != 0)
			return rc;
	}
	if ((rc = take_action(&tool)) != 0)
		return rc;
	if ((tool.mode == ACT || tool.plan.what == MC_PLANNED_ACTION) &&
	    mc_request_check(&tool.req, &err) == -1)
		return mc_cli_fail(&cli, &err);
	rc = tool.mode == ACT ? run(&tool, &err) : run_planned(&tool, &err);
	return mc_cli_finish(&cli, &err, rc);
}
