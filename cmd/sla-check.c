/* sla-check - who is late, who soon will be, and why. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/buf.h>
#include <motcua/changes.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/explanation.h>
#include <motcua/lines.h>
#include <motcua/metrics.h>
#include <motcua/out.h>
#include <motcua/outfile.h>
#include <motcua/relay.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/term.h>
#include <motcua/text.h>
#include <motcua/watch.h>

enum {
	BY = MC_OPT_LONG,
	CHANGES,
	CRITICAL,
	EXPLAIN,
	NO_APOLOGY,
	STALE,
	STEPS,
	WARNING
};

/* clang-format off */
static const struct mc_opt opts[] = {
	{ BY,         "by",         "WHAT",  _("count by unit, procedure or officer") },
	{ CHANGES,    "changes",    "NAME",  _("only what is new since NAME's last run") },
	{ CRITICAL,   "critical",   "RANGE", _("nagios: of what is overdue; default 0") },
	{ 'e',        "exit-code",  NULL,    _("exit 1 when something is overdue") },
	{ EXPLAIN,    "explain",    "CODE",  _("show how its deadline came about") },
	{ NO_APOLOGY, "no-apology", NULL,    _("only what is late without an apology") },
	{ 'o',        "output",     "FILE",  _("write to FILE, whole or not at all") },
	{ STALE,      "stale",      "TERM",  _("nagios: unknown when no event for that long") },
	{ 's',        "state",      "STATE", _("overdue, due-soon, in-time, paused") },
	{ STEPS,      "steps",      NULL,    _("open steps, each by its own limit") },
	{ 'u',        "unit",       "UNIT",  _("received by it or one below") },
	{ 'w',        "warn",       "TERM",  _("due soon; default 1 working day") },
	{ WARNING,    "warning",    "RANGE", _("nagios: of what is due soon; default 0") },
};
/* clang-format on */

static const char *const by_name[] = { "unit", "procedure", "officer" };

struct tool {
	struct mc_cli *cli;
	struct mc_watch_query q;
	int by; /* enum mc_watch_by, or -1 */
	const char *explain, *changes_name, *file;
	bool exit_code, overdue, missing;
	bool states_given, thresholds_given;

	/* As a plugin of a monitoring system, or for Prometheus. */
	bool plugin, prometheus;
	struct mc_threshold warning, critical;
	struct mc_term stale;
	struct mc_buf said; /* a plugin has no stderr */

	struct mc_store *store;
	struct mc_rulebook *rb;
	struct mc_watch *watch;
	struct mc_codes *codes;
	struct mc_changes *changes;
	struct mc_relay *relay;
	struct mc_outfile *outfile;
	struct mc_out *out;
};

static bool
is_table(const struct tool *t)
{
	return strcmp(t->cli->format, "table") == 0;
}

/* ---- the list ---- */

static void
write_apology(struct mc_out *o, enum mc_apology a)
{
	if (a == MC_APOLOGY_NONE_DUE)
		mc_out_null(o, "apologised");
	else
		mc_out_bool(o, "apologised", a == MC_APOLOGY_GIVEN);
}

static void
write_row(struct tool *t, const struct mc_watch_row *r)
{
	struct mc_out *o = t->out;

	mc_out_begin(o, "motcua.sla/1");
	mc_out_str(o, "code", r->code);
	mc_out_str(o, "procedure", r->procedure);
	if (!is_table(t))
		mc_out_str(o, "title", r->title);
	mc_out_str(o, "unit", r->unit);
	mc_out_str(o, "step", r->step);
	mc_out_str(o, "officer", r->officer);
	mc_out_str(o, "status", mc_status_name(r->status));
	mc_out_time(o, "received_at", r->received_at);
	mc_out_time(o, "due_at", r->due_at);
	mc_out_bool(o, "provisional", r->provisional);
	mc_out_str(o, "state", mc_state_name(r->state));
	mc_out_int(o, "late_days", r->late_days);
	if (r->has_due)
		mc_out_int(o, "left_minutes", r->left_minutes);
	else
		mc_out_null(o, "left_minutes");
	write_apology(o, r->apology);
	if (t->q.steps) {
		mc_out_str(o, "holder", r->holder);
		mc_out_time(o, "dossier_due_at", r->dossier_due_at);
	}
	if (is_table(t))
		mc_out_str(o, "title", r->title);
	mc_out_end(o);
	t->overdue = t->overdue || r->state == MC_OVERDUE;
}

static void
name_columns(struct tool *t)
{
	mc_out_columns(t->out,
	    t->q.steps
		? "code procedure title unit step officer status received_at "
		  "due_at provisional state late_days left_minutes apologised "
		  "holder dossier_due_at"
		: "code procedure title unit step officer status received_at "
		  "due_at provisional state late_days left_minutes apologised");
}

static int
list(struct tool *t, struct mc_err *err)
{
	const struct mc_watch_row *r;
	int rc;

	name_columns(t);
	while ((rc = mc_watch_next(t->watch, &r, err)) == 1)
		write_row(t, r);
	return rc;
}

static int
count(struct tool *t, struct mc_err *err)
{
	struct mc_out *o = t->out;
	const struct mc_watch_count *c;
	size_t i, n;

	mc_out_columns(o, "by key state count");
	if (mc_watch_counts(t->watch, (enum mc_watch_by)t->by, &c, &n, err) ==
	    -1)
		return -1;
	for (i = 0; i < n; i++) {
		mc_out_begin(o, "motcua.sla-count/1");
		mc_out_str(o, "by", by_name[t->by]);
		mc_out_str(o, "key", c[i].key);
		mc_out_str(o, "state", mc_state_name(c[i].state));
		mc_out_int(o, "count", c[i].count);
		mc_out_end(o);
		t->overdue = t->overdue || c[i].state == MC_OVERDUE;
	}
	return 0;
}

/* All codes are read before the first is printed: the latest come first. */
static int
read_codes(struct tool *t, struct mc_err *err)
{
	struct mc_str code;
	int rc;

	if (t->cli->argc == 0)
		return 0;
	t->codes = mc_codes_new(t->cli->argc, t->cli->argv);
	while ((rc = mc_codes_next(t->codes, &code, true, err)) != 0) {
		if (rc == 1 && (rc = mc_watch_add(t->watch, code, err)) == -1)
			mc_codes_at(t->codes, err);
		if (rc != -1)
			continue;
		if (err->code != MC_EDATA && err->code != MC_ENOTFOUND)
			return -1;
		mc_cli_warn(t->cli, err);
		mc_err_clear(err);
		t->missing = true;
	}
	return 0;
}

/* ---- what is new ---- */

/* What is to be told now: each record leaves exactly once. */
static int
tell(struct tool *t, struct mc_err *err)
{
	const struct mc_watch_row *r;
	int rc;

	if (t->relay != NULL)
		t->out = mc_relay_out(t->relay);
	while ((rc = mc_changes_next(t->changes, &r, err)) == 1) {
		write_row(t, r);
		if (t->relay != NULL && mc_relay_end(t->relay, err) == -1)
			return -1;
	}
	if (rc == 0 && t->relay != NULL) {
		t->out = NULL;
		rc = mc_relay_send(t->relay, mc_changes_sent(t->changes), err);
	}
	return rc == -1 ? -1 : mc_changes_done(t->changes, err);
}

static int
changes(struct tool *t, struct mc_err *err)
{
	bool look = t->cli->dry_run;
	const struct mc_watch_row *r;
	int rc;

	if (mc_changes_open(
		&t->changes, t->store, t->changes_name, look, err) == -1 ||
	    (!look && mc_relay_open(&t->relay, t->cli, mc_store_zone(t->store),
			  err) == -1) ||
	    tell(t, err) == -1 || read_codes(t, err) == -1)
		return -1;
	while ((rc = mc_watch_next(t->watch, &r, err)) == 1)
		if (mc_changes_row(t->changes, r, err) == -1)
			return -1;
	if (rc == -1 || mc_changes_settle(t->changes, err) == -1)
		return -1;
	return tell(t, err);
}

/* ---- monitoring ---- */

/* 0, or what the plugin exits with; -1. */
static int
monitor(struct tool *t, struct mc_err *err)
{
	struct mc_metrics m = { .steps = t->q.steps,
		.states = t->q.states,
		.unit = t->q.unit.p,
		.now = t->q.now,
		.zone = mc_store_zone(t->store) };
	struct mc_buf b = { 0 };
	int rc = 0;

	if (mc_watch_sums(t->watch, &m.sum, &m.n, err) == -1 ||
	    mc_watch_health(t->watch, t->stale, &m.health, err) == -1)
		return -1;
	if (t->plugin)
		rc = (int)mc_metrics_plugin(
		    &b, &m, &t->warning, &t->critical, t->stale);
	else
		mc_metrics_prometheus(&b, &m);
	mc_out_raw(t->out, b.p, b.len);
	mc_buf_free(&b);
	t->overdue = m.sum[m.n - 1].n[MC_OVERDUE] > 0;
	return rc;
}

/*
 * Before the options are read: is it a plugin, whose every word goes to
 * standard output?  Options that take no value may stand before -f.
 */
static bool
asked_for_plugin(int argc, char *const *argv)
{
	static const char name[] = "--format";
	const char *s, *value;
	bool plugin = false;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		s = argv[i];
		value = NULL;
		if (strncmp(s, name, sizeof(name) - 1) == 0)
			value = s + sizeof(name) - 1;
		else if (s[0] == '-' && s[1] != '-')
			value = strchr(s, 'f');
		if (value == NULL)
			continue;
		if (value[0] == 'f' && value != s + 1 + strspn(s + 1, "ehn"))
			continue;
		if (value[0] != '\0' && value[1] != '\0')
			value++; /* the rest is the value */
		else
			value = i + 1 < argc ? argv[i + 1] : "";
		plugin = strcmp(value, "nagios") == 0;
	}
	return plugin;
}

/* A plugin says it on standard output, on one line, and exits with 3. */
static int
leave(struct tool *t, int rc)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_str line = { t->said.p, t->said.len };
	struct mc_out *o = NULL;
	size_t name = strlen(t->cli->tool) + 2; /* "sla-check: " */

	if (!t->plugin)
		return rc;
	if (t->said.len == 0)
		return rc;
	mc_str_split(line, '\n', &line, &(struct mc_str){ NULL, 0 });
	if (line.len > name)
		line = (struct mc_str){ line.p + name, line.len - name };
	mc_metrics_unknown(&b, line);
	if (mc_out_open(&o, STDOUT_FILENO, "nagios", NULL, &err) == 0) {
		mc_out_raw(o, b.p, b.len);
		if (mc_out_close(o, &err) == -1) {
			t->cli->said = NULL;
			mc_cli_warn(t->cli, &err);
		}
	}
	mc_out_free(o);
	mc_buf_free(&b);
	mc_buf_free(&t->said);
	return MC_PLUGIN_UNKNOWN;
}

/* ---- the explanation ---- */

static int
explain(struct tool *t, struct mc_err *err)
{
	struct mc_explanation x = { .out = t->out,
		.zone = mc_store_zone(t->store),
		.code = t->explain };

	mc_out_columns(t->out, mc_explanation_columns);
	return mc_watch_explain(t->store, &t->rb, mc_str(t->explain), t->q.now,
	    is_table(t) ? mc_explanation_text : mc_explanation_record, &x, err);
}

/* ---- the tool ---- */

static int
open_file(struct tool *t, struct mc_err *err)
{
	if (t->file == NULL)
		return 0;
	/* Who collects metrics is another user; there is nothing personal. */
	return mc_outfile_open(
	    &t->outfile, t->file, t->prometheus ? 0644 : 0640, err);
}

static int
open_output(struct tool *t, struct mc_err *err)
{
	const struct mc_zone *zone = mc_store_zone(t->store);

	if (t->file == NULL)
		return mc_cli_out(t->cli, &t->out, zone, err);
	return mc_cli_out_to(
	    t->cli, &t->out, mc_outfile_fd(t->outfile), zone, err);
}

static int
work(struct tool *t, struct mc_err *err)
{
	int rc;

	if (t->explain != NULL)
		return explain(t, err);
	if (t->plugin || t->prometheus)
		return monitor(t, err);
	if (read_codes(t, err) == -1)
		return -1;
	rc = t->by != -1 ? count(t, err) : list(t, err);
	return rc;
}

static int
open_all(struct tool *t, struct mc_err *err)
{
	bool write = t->changes_name != NULL && !t->cli->dry_run;

	t->cli->writer = write;
	return open_file(t, err) == -1 ||
		       mc_store_open(&t->store, t->cli->db,
			   write ? MC_DB_WRITE : MC_DB_READ, err) == -1 ||
		       mc_cli_now(t->cli, mc_store_zone(t->store), &t->q.now,
			   NULL, err) == -1 ||
		       (!write && open_output(t, err) == -1) ||
		       mc_watch_open(&t->watch, t->store, &t->rb, &t->q, err) ==
			   -1
		   ? -1
		   : 0;
}

static int
run(struct tool *t, struct mc_err *err)
{
	int rc = open_all(t, err);

	if (rc == 0)
		rc = t->changes_name != NULL ? changes(t, err) : work(t, err);
	if (rc != -1 && t->out != NULL && mc_out_close(t->out, err) == -1)
		rc = -1;
	if (rc != -1 && t->outfile != NULL &&
	    mc_outfile_commit(t->outfile, err) == -1)
		rc = -1;
	mc_codes_free(t->codes);
	if (t->relay == NULL)
		mc_out_free(t->out);
	mc_relay_free(t->relay);
	mc_outfile_free(t->outfile);
	mc_changes_free(t->changes);
	mc_watch_free(t->watch);
	mc_rulebook_free(t->rb);
	mc_store_close(t->store);
	if (rc == -1)
		return MC_EXIT_FAIL;
	if (t->plugin)
		return rc;
	return t->missing || (t->exit_code && t->overdue) ? MC_EXIT_FOUND
							  : MC_EXIT_OK;
}

static int
take_range(struct tool *t, const char *option, struct mc_threshold *out)
{
	t->thresholds_given = true;
	if (mc_threshold_parse(out, t->cli->arg))
		return 0;
	return mc_cli_usage_at(t->cli, option,
	    _("\"%s\" is no range; they are 10, 10:, ~:10, 10:20 and @10:20"),
	    t->cli->arg);
}

static int
take_term(struct tool *t, const char *option, struct mc_term *out)
{
	struct mc_err err = MC_ERR_INIT;

	if (mc_term_parse(out, mc_str(t->cli->arg), &err) == 0)
		return 0;
	mc_err_at(&err, option, 0, 0);
	return mc_cli_fail(t->cli, &err);
}

static int
take_by(struct tool *t)
{
	for (t->by = 0; t->by < 3; t->by++)
		if (strcmp(t->cli->arg, by_name[t->by]) == 0)
			return 0;
	return mc_cli_usage_at(t->cli, "--by",
	    _("\"%s\" is none of: unit procedure officer"), t->cli->arg);
}

static int
take_states(struct tool *t)
{
	struct mc_err err = MC_ERR_INIT;

	t->states_given = true;
	if (mc_states_parse(&t->q.states, mc_str(t->cli->arg), &err) == 0)
		return 0;
	mc_err_at(&err, "--state", 0, 0);
	return mc_cli_fail(t->cli, &err);
}

/* 0, or the exit status. */
static int
take_option(struct tool *t, int c)
{
	const char *arg = t->cli->arg;

	switch (c) {
	case BY:
		return take_by(t);
	case CHANGES:
		t->changes_name = arg;
		if (mc_changes_name_ok(arg))
			return 0;
		return mc_cli_usage_at(t->cli, "--changes",
		    _("\"%s\" is no name: 1 to %d letters, digits, \".\", "
		      "\"_\" and \"-\""),
		    arg, MC_CHANGES_NAME);
	case CRITICAL:
		return take_range(t, "--critical", &t->critical);
	case 'e':
		t->exit_code = true;
		return 0;
	case EXPLAIN:
		t->explain = arg;
		return 0;
	case NO_APOLOGY:
		t->q.no_apology = true;
		return 0;
	case 'o':
		t->file = arg;
		return 0;
	case STALE:
		t->thresholds_given = true;
		return take_term(t, "--stale", &t->stale);
	case 's':
		return take_states(t);
	case STEPS:
		t->q.steps = true;
		return 0;
	case 'u':
		t->q.unit = mc_str(arg);
		return 0;
	case 'w':
		return take_term(t, "--warn", &t->q.warn);
	case WARNING:
		return take_range(t, "--warning", &t->warning);
	default:
		return mc_cli_exit(t->cli, c);
	}
}

/* What makes no sense together: 0, or the exit status. */
static int
check_options(struct tool *t)
{
	bool codes = t->cli->argc > 0, by = t->by != -1;
	bool changes_on = t->changes_name != NULL;
	bool monitored = t->plugin || t->prometheus;
	const struct {
		bool bad;
		const char *why;
	} rule[] = {
		{ t->explain != NULL &&
			(by || codes || changes_on || monitored || t->q.steps),
		    _("--explain says it of one dossier") },
		{ monitored && (by || codes || changes_on || t->q.no_apology),
		    _("a monitoring format counts by unit, and takes neither "
		      "codes nor --by, --changes or --no-apology") },
		{ t->plugin && (t->exit_code || t->file != NULL),
		    _("--format=nagios has its own exit status, and no "
		      "--output") },
		{ t->thresholds_given && !t->plugin,
		    _("--warning, --critical and --stale go with "
		      "--format=nagios") },
		{ changes_on && (by || t->file != NULL),
		    _("--changes lists, to standard output") },
		{ t->cli->dry_run && !changes_on,
		    _("--dry-run goes with --changes; nothing else is "
		      "written") },
		{ t->q.no_apology && (t->q.states & 1u << MC_OVERDUE) == 0,
		    _("--no-apology is about what is overdue") },
	};
	size_t i;

	for (i = 0; i < sizeof(rule) / sizeof(rule[0]); i++)
		if (rule[i].bad)
			return mc_cli_usage(t->cli, "%s", rule[i].why);
	return t->file == NULL ? 0 : mc_cli_not_db(t->cli, "--output", t->file);
}

/* What the options mean for the query. */
static void
settle_query(struct tool *t)
{
	t->q.only = t->cli->argc > 0;
	if (t->q.no_apology && !t->q.steps)
		t->q.states = 1u << MC_OVERDUE;
	if (t->plugin)
		t->q.states |= 1u << MC_OVERDUE | 1u << MC_DUE_SOON;
	if (t->prometheus && !t->states_given)
		t->q.states = (1u << MC_STATES) - 1;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("sla-check",
	    _("List dossiers that are late or soon will be, and say why."),
	    "[OPTION...] [CODE...|-]", opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT | MC_CLI_DRY_RUN, argc,
	    argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli,
		.by = -1,
		.plugin = asked_for_plugin(argc, argv),
		.stale = { MC_TERM_WORKING_DAYS, 2000 },
		.q.warn = { MC_TERM_WORKING_DAYS, 1000 },
		.q.states = 1u << MC_OVERDUE | 1u << MC_DUE_SOON };
	int c, rc;

	cli.formats = "ndjson table csv nagios prometheus";
	if (!mc_threshold_parse(&t.warning, "0") ||
	    !mc_threshold_parse(&t.critical, "0"))
		abort();
	if (t.plugin)
		cli.said = &t.said;
	while ((c = mc_cli_next(&cli)) != MC_CLI_END) {
		if (c == MC_CLI_DONE && t.plugin)
			return MC_PLUGIN_UNKNOWN;
		if ((rc = take_option(&t, c)) != 0 || c == MC_CLI_DONE)
			return leave(&t, rc);
	}
	t.prometheus = strcmp(cli.format, "prometheus") == 0;
	if ((rc = check_options(&t)) != 0)
		return leave(&t, rc);
	settle_query(&t);
	return leave(&t, mc_cli_finish(&cli, &err, run(&t, &err)));
}
