/* dossier-find - select dossiers, show one and its history. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/find.h>
#include <motcua/json.h>
#include <motcua/lines.h>
#include <motcua/out.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/text.h>

enum {
	HOLDER = MC_OPT_LONG,
	OFFICER,
	CHANNEL,
	RECEIVED,
	DUE,
	LATE,
	OPEN,
	HISTORY,
	PARENT,
	VOIDED
};

/* clang-format off */
static const struct mc_opt opts[] = {
	{ CHANNEL,  "channel",   "CHANNEL",  _("came by it") },
	{ DUE,      "due",       "FROM..TO", _("due then; dates or times") },
	{ HISTORY,  "history",   NULL,       _("and what happened to each") },
	{ HOLDER,   "holder",    "UNIT",     _("the unit or one below has it") },
	{ 'L',      "limit",     "N",        _("at most N of them") },
	{ LATE,     "late",      NULL,       _("overdue, or finished late") },
	{ OFFICER,  "officer",   "ID",       _("the officer has it") },
	{ OPEN,     "open",      NULL,       _("not finished") },
	{ PARENT,   "parent",    "CODE",     _("came with that dossier") },
	{ 'p',      "procedure", "CODE",     _("of that procedure") },
	{ RECEIVED, "received",  "FROM..TO", _("received then") },
	{ 's',      "status",    "STATUS",   _("in one of these; with commas") },
	{ 'S',      "step",      "STEP",     _("in that step") },
	{ 'u',      "unit",      "UNIT",     _("received by it or one below") },
	{ VOIDED,   "voided",    NULL,       _("of imports that were taken back") },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	struct mc_find_query q;
	bool history;
	int64_t limit, shown; /* limit -1: none */
	bool missing;         /* a code that no dossier has */

	struct mc_store *store;
	struct mc_rulebook *rb;
	struct mc_find *find;
	struct mc_codes *codes;
	struct mc_out *out;
};

static bool
format_is(const struct tool *t, const char *name)
{
	return strcmp(t->cli->format, name) == 0;
}

static void
write_personal(struct mc_out *o, const struct mc_find_row *r)
{
	mc_out_str(o, "subject", r->personal[MC_P_SUBJECT]);
	mc_out_str(o, "applicant_name", r->personal[MC_P_APPLICANT_NAME]);
	mc_out_str(o, "applicant_id", r->personal[MC_P_APPLICANT_ID]);
	mc_out_str(o, "phone", r->personal[MC_P_PHONE]);
	mc_out_str(o, "email", r->personal[MC_P_EMAIL]);
	mc_out_str(o, "address", r->personal[MC_P_ADDRESS]);
	mc_out_str(o, "note", r->personal[MC_P_NOTE]);
}

/* What people need of a list; a dossier asked for by code has it all. */
static void
write_line(struct tool *t, const struct mc_find_row *r)
{
	struct mc_out *o = t->out;

	mc_out_begin(o, "motcua.dossier/1");
	mc_out_str(o, "code", r->code);
	mc_out_str(o, "procedure", r->procedure);
	mc_out_str(o, "unit", r->unit);
	mc_out_str(o, "status", r->status);
	mc_out_str(o, "step", r->step);
	mc_out_str(o, "officer", r->officer);
	mc_out_time(o, "received_at", r->received_at);
	mc_out_time(o, "due_at", r->due_at);
	mc_out_time(o, "finished_at", r->finished_at);
	mc_out_str(o, "verdict", r->verdict);
	mc_out_int(o, "late_days", r->late_days);
	if (t->q.personal) {
		mc_out_str(
		    o, "applicant_name", r->personal[MC_P_APPLICANT_NAME]);
		mc_out_str(o, "subject", r->personal[MC_P_SUBJECT]);
	}
	mc_out_end(o);
}

static void
write_record(struct tool *t, const struct mc_find_row *r)
{
	struct mc_out *o = t->out;

	mc_out_begin(o, "motcua.dossier/1");
	mc_out_str(o, "code", r->code);
	mc_out_str(o, "procedure", r->procedure);
	mc_out_str(o, "title", r->title);
	mc_out_str(o, "field", r->field);
	mc_out_str(o, "revision", r->revision);
	mc_out_str(o, "case", r->in_case);
	mc_out_str(o, "parent", r->parent);
	mc_out_str(o, "unit", r->unit);
	mc_out_str(o, "channel", r->channel);
	mc_out_str(o, "status", r->status);
	mc_out_str(o, "step", r->step);
	mc_out_str(o, "holder", r->holder);
	mc_out_str(o, "officer", r->officer);
	mc_out_time(o, "received_at", r->received_at);
	mc_out_time(o, "due_at", r->due_at);
	mc_out_str(o, "due_source", r->due_source);
	mc_out_bool(o, "provisional", r->provisional);
	mc_out_time(o, "paused_at", r->paused_at);
	mc_out_time(o, "finished_at", r->finished_at);
	mc_out_time(o, "returned_at", r->returned_at);
	mc_out_str(o, "verdict", r->verdict);
	mc_out_int(o, "late_days", r->late_days);
	mc_out_int(o, "version", r->version);
	if (t->q.fields) {
		if (r->fields.len > 0)
			mc_out_json(o, "fields", r->fields);
		else
			mc_out_null(o, "fields");
	}
	if (t->q.personal)
		write_personal(o, r);
	mc_out_end(o);
}

static void
card_line(struct mc_out *o, const char *name, const char *value)
{
	struct mc_buf b = { 0 };

	if (value == NULL || *value == '\0')
		return;
	mc_text_safe(&b, value, strlen(value));
	mc_out_printf(o, "%-14s  %s\n", name, mc_buf_str(&b));
	mc_buf_free(&b);
}

static void
card_time(struct tool *t, const char *name, int64_t ms)
{
	struct mc_buf b = { 0 };

	if (ms == MC_NEVER)
		return;
	mc_time_put_human(&b, ms, mc_store_zone(t->store));
	card_line(t->out, name, mc_buf_str(&b));
	mc_buf_free(&b);
}

/* One dossier for a person who asked for it: a line for each value. */
static void
write_card(struct tool *t, const struct mc_find_row *r)
{
	struct mc_out *o = t->out;
	struct mc_buf b = { 0 };
	int i;

	if (t->shown > 0)
		mc_out_puts(o, "\n");
	card_line(o, "code", r->code);
	card_line(o, "procedure", r->procedure);
	card_line(o, "title", r->title);
	card_line(o, "field", r->field);
	card_line(o, "revision", r->revision);
	card_line(o, "case", r->in_case);
	card_line(o, "parent", r->parent);
	card_line(o, "unit", r->unit);
	card_line(o, "channel", r->channel);
	card_line(o, "status", r->status);
	card_line(o, "step", r->step);
	card_line(o, "holder", r->holder);
	card_line(o, "officer", r->officer);
	card_time(t, "received_at", r->received_at);
	card_time(t, "due_at", r->due_at);
	card_line(o, "due_source", r->due_source);
	card_line(o, "provisional", r->provisional ? "true" : NULL);
	card_time(t, "paused_at", r->paused_at);
	card_time(t, "finished_at", r->finished_at);
	card_time(t, "returned_at", r->returned_at);
	card_line(o, "verdict", r->verdict);
	if (r->late_days > 0) {
		mc_buf_int(&b, r->late_days);
		card_line(o, "late_days", mc_buf_str(&b));
	}
	mc_buf_reset(&b);
	mc_buf_add(&b, r->fields.p, r->fields.len);
	card_line(o, "fields", b.len > 0 ? mc_buf_str(&b) : NULL);
	for (i = 0; i < MC_P__COUNT && t->q.personal; i++)
		if (i != MC_P_FIELDS && i != MC_P_REASON &&
		    i != MC_P_ATTRIBUTES)
			card_line(o, mc_personal_name((enum mc_personal)i),
			    r->personal[i]);
	mc_buf_free(&b);
}

/* A text of an event; absent is null. */
static void
event_text(struct mc_out *o, const char *name, const struct mc_event *e,
    enum mc_event_field f)
{
	if (mc_event_has(e, f))
		mc_out_strn(o, name, mc_event_get(e, f));
	else
		mc_out_null(o, name);
}

static int
write_event(struct tool *t, const char *code, const struct mc_event *e,
    struct mc_str personal, struct mc_err *err)
{
	struct mc_out *o = t->out;
	struct mc_json *doc = NULL;

	if (personal.len > 0 &&
	    mc_json_parse(&doc, "personal", personal, err) == -1)
		return -1;
	mc_out_begin(o, "motcua.history/1");
	mc_out_str(o, "code", code);
	mc_out_int(o, "seq", (int64_t)e->seq);
	mc_out_time(o, "at", e->at);
	mc_out_time(o, "recorded_at", e->recorded_at);
	mc_out_str(o, "kind", mc_kind_name(e->kind));
	event_text(o, "activity", e, MC_F_ACTIVITY);
	mc_out_strn(o, "actor", e->actor);
	event_text(o, "unit", e,
	    mc_event_has(e, MC_F_HOLDER) ? MC_F_HOLDER : MC_F_UNIT);
	event_text(o, "case", e, MC_F_CASE);
	event_text(o, "parent", e, MC_F_PARENT);
	event_text(o, "step", e, MC_F_STEP);
	event_text(o, "officer", e, MC_F_OFFICER);
	event_text(o, "status", e, MC_F_STATUS);
	mc_out_time(o, "due_at", mc_event_num(e, MC_F_DUE_AT, MC_NEVER));
	mc_out_time(
	    o, "old_due_at", mc_event_num(e, MC_F_OLD_DUE_AT, MC_NEVER));
	event_text(o, "verdict", e, MC_F_VERDICT);
	event_text(o, "basis", e, MC_F_BASIS);
	mc_out_str(o, "reason", mc_json_str(mc_json_get(doc, "reason")));
	if (t->q.personal && !format_is(t, "table")) {
		if (personal.len > 0)
			mc_out_json(o, "personal", personal);
		else
			mc_out_null(o, "personal");
	}
	mc_out_end(o);
	mc_json_free(doc);
	return 0;
}

static int
show(struct tool *t, const struct mc_find_row *r, struct mc_err *err)
{
	bool table = format_is(t, "table");
	struct mc_str personal;
	struct mc_event e;
	int rc = 0;

	/* CSV has one kind of record: with --history, the events. */
	if (table)
		t->codes != NULL ? write_card(t, r) : write_line(t, r);
	else if (!t->history || format_is(t, "ndjson"))
		write_record(t, r);
	if (t->history && table && t->codes != NULL)
		mc_out_puts(t->out, "\n");
	while (t->history &&
	       (rc = mc_find_event(t->find, &e, &personal, err)) == 1)
		if (write_event(t, r->code, &e, personal, err) == -1)
			return -1;
	t->shown++;
	return rc;
}

static int
find_all(struct tool *t, struct mc_err *err)
{
	const struct mc_find_row *r;
	int rc;

	while (
	    t->shown != t->limit && (rc = mc_find_next(t->find, &r, err)) == 1)
		if (show(t, r, err) == -1)
			return -1;
	return t->shown == t->limit ? 0 : rc;
}

/* A code that is none, or that no dossier has, stops nothing. */
static bool
is_finding(const struct mc_err *err)
{
	return err->code == MC_EDATA || err->code == MC_ENOTFOUND;
}

static int
find_codes(struct tool *t, struct mc_err *err)
{
	const struct mc_find_row *r;
	struct mc_str code;
	bool wait = false;
	int rc;

	while (t->shown != t->limit &&
	       (rc = mc_codes_next(t->codes, &code, wait, err)) != 0) {
		if (rc == MC_WOULD_BLOCK) {
			/* Nobody waits for what is already known. */
			if (mc_out_flush(t->out, err) == -1)
				return -1;
			wait = true;
			continue;
		}
		wait = false;
		if (rc == 1 &&
		    (rc = mc_find_code(t->find, code, &r, err)) == -1)
			mc_codes_at(t->codes, err);
		if (rc == 1 && show(t, r, err) == -1)
			return -1;
		if (rc != -1)
			continue;
		if (!is_finding(err))
			return -1;
		mc_cli_warn(t->cli, err);
		mc_err_clear(err);
		t->missing = true;
	}
	return 0;
}

static int
run(struct tool *t, struct mc_err *err)
{
	int rc = MC_EXIT_FAIL;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &t->q.now, NULL, err) ==
		-1 ||
	    mc_find_open(&t->find, t->store, &t->rb, &t->q, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		goto done;
	mc_out_columns(t->out,
	    t->history
		? "code seq at recorded_at kind activity actor unit case "
		  "parent step "
		  "officer status due_at old_due_at verdict basis reason"
		: "code procedure title field revision case parent unit "
		  "channel "
		  "status "
		  "step holder officer received_at due_at due_source "
		  "provisional paused_at finished_at returned_at verdict "
		  "late_days version");
	if (t->cli->argc > 0)
		t->codes = mc_codes_new(t->cli->argc, t->cli->argv);
	if ((t->codes != NULL ? find_codes(t, err) : find_all(t, err)) == 0 &&
	    mc_out_close(t->out, err) == 0)
		rc = t->missing ? MC_EXIT_FOUND : MC_EXIT_OK;
done:
	mc_codes_free(t->codes);
	mc_out_free(t->out);
	mc_find_free(t->find);
	mc_rulebook_free(t->rb);
	mc_store_close(t->store);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("dossier-find",
	    _("Select dossiers, show one and its history."),
	    "[OPTION...] [CODE...|-]", opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT | MC_CLI_PERSONAL, argc,
	    argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli, .limit = -1 };
	const struct {
		int letter;
		struct mc_str *to;
	} text[] = {
		{ CHANNEL, &t.q.channel },
		{ DUE, &t.q.due },
		{ HOLDER, &t.q.holder },
		{ OFFICER, &t.q.officer },
		{ PARENT, &t.q.parent },
		{ 'p', &t.q.procedure },
		{ RECEIVED, &t.q.received },
		{ 's', &t.q.status },
		{ 'S', &t.q.step },
		{ 'u', &t.q.unit },
	};
	size_t i;
	int c;

	while ((c = mc_cli_next(&cli)) != MC_CLI_END) {
		for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
			if (text[i].letter == c)
				break;
		if (i < sizeof(text) / sizeof(text[0]))
			*text[i].to = mc_str(cli.arg);
		else if (c == LATE)
			t.q.late = true;
		else if (c == OPEN)
			t.q.open = true;
		else if (c == HISTORY)
			t.history = true;
		else if (c == VOIDED)
			t.q.voided = true;
		else if (c != 'L')
			return mc_cli_exit(&cli, c);
		else if (!mc_int_parse(&t.limit, mc_str(cli.arg), 0, INT64_MAX))
			return mc_cli_usage_at(
			    &cli, "--limit", "\"%s\" is no number", cli.arg);
	}
	t.q.personal = cli.personal;
	t.q.fields = cli.personal || cli.argc > 0;
	return mc_cli_finish(&cli, &err, run(&t, &err));
}
