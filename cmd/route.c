/* route - dossiers go along their procedure; route(1). */
#include <stdlib.h>
#include <string.h>

#include <motcua/casework.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/pool.h>
#include <motcua/progress.h>
#include <motcua/text.h>

/* clang-format off */
enum { AT = MC_OPT_LONG, BY, UNTIL, TO, STEP, OFFICER, REASON, SET };
static const struct mc_opt opts[] = {
	{ AT,      "at",      "TIME",       "when it happened; default: now" },
	{ BY,      "by",      "TERM",       "extend: by so much, from the due date on" },
	{ OFFICER, "officer", "ID",         "assign: to this officer" },
	{ REASON,  "reason",  "TEXT",       "why; kept as personal data" },
	{ SET,     "set",     "NAME=VALUE", "correct: this value; may be repeated" },
	{ STEP,    "step",    "STEP",       "which open step; reopen: into which step" },
	{ TO,      "to",      "STEP|UNIT",  "next: to this step; transfer: to this unit" },
	{ UNTIL,   "until",   "TIME",       "extend: until then" },
};
/* clang-format on */

static const char about[] =
    "Move dossiers along their procedure.  ACTION is start (the default),\n"
    "receive, next, assign, transfer, supplement, pay, stop, resume, extend,\n"
    "refuse, withdraw, finish, return, reopen or correct.";

static const char columns[] =
    "code action from_step to_step from_unit to_unit officer status due_at "
    "version result error why";

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
put_move(struct tool *t, const struct mc_move *m)
{
	struct mc_out *out = t->out;
	bool known = m->status != MC_S_NONE;

	mc_out_begin(out, "motcua.route/1");
	mc_out_strn(out, "code", m->code);
	mc_out_str(out, "action", mc_action_name(t->req.action));
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
		put_move(t, &t->move[i]);
		if (t->move[i].result == MC_R_REFUSED)
			say_refusal(t, &t->move[i]);
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
	if (take_time(t, "--at", t->at, &t->req.at, NULL, err) == -1 ||
	    take_time(t, "--until", t->until, &t->req.until, &t->req.until_day,
		err) == -1 ||
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

/* NAME=VALUE */
static int
add_set(struct tool *t, const char *arg)
{
	struct mc_set *s = &t->set[t->req.sets];

	if (t->req.sets == MC_SETS)
		return mc_cli_usage(
		    t->cli, "more than %d times --set", MC_SETS);
	if (!mc_str_split(mc_str(arg), '=', &s->name, &s->value))
		return mc_cli_usage(t->cli, "--set takes NAME=VALUE");
	t->req.sets++;
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
		if (mc_term_parse(&t->req.by, mc_str(arg), &err) == -1)
			return mc_cli_usage(t->cli, "--by: %s", err.msg);
		return 0;
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
	case REASON:
		t->req.reason = mc_str(arg);
		return 0;
	case SET:
		return add_set(t, arg);
	default:
		return -1;
	}
}

/* The first operand is an action, or what `start` is done to. */
static void
take_action(struct tool *t)
{
	struct mc_cli *cli = t->cli;

	t->req.action = MC_A_START;
	if (cli->argc == 0 ||
	    mc_action_parse(mc_str(cli->argv[0])) == MC_A__COUNT)
		return;
	t->req.action = mc_action_parse(mc_str(cli->argv[0]));
	cli->argc--;
	cli->argv++;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli =
	    MC_CLI("route", about, "[ACTION] [OPTION...] CODE...|-", opts,
		MC_CLI_DB | MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_FORMAT |
		    MC_CLI_DRY_RUN | MC_CLI_WRITES,
		argc, argv);
	static struct tool tool;
	struct mc_err err = MC_ERR_INIT;
	int c, rc;

	cli.words = "receive start next assign transfer supplement pay stop "
		    "resume extend refuse withdraw finish return reopen "
		    "correct";
	tool.cli = &cli;
	tool.req = MC_REQUEST(MC_A_START);
	tool.req.set = tool.set;
	while ((c = mc_cli_next(&cli)) != MC_CLI_END) {
		if (c < 0)
			return mc_cli_exit(&cli, c);
		if ((rc = take_option(&tool, c, cli.arg)) != 0)
			return rc;
	}
	take_action(&tool);
	if (cli.argc == 0)
		return mc_cli_usage(
		    &cli, "no dossier; \"-\" reads codes from standard input");
	if (mc_request_check(&tool.req, &err) == -1)
		return mc_cli_fail(&cli, &err);
	rc = run(&tool, &err);
	return mc_cli_finish(&cli, &err, rc);
}
