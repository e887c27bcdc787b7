/* audit-export - the event log out, and its verification; audit-export(1). */
#include <string.h>

#include <motcua/audit.h>
#include <motcua/cli.h>
#include <motcua/codes.h>

/* clang-format off */
enum { SINCE = MC_OPT_LONG, UNTIL, VERIFY };
static const struct mc_opt opts[] = {
	{ SINCE,  "since",  "SEQ|TIME", "from that event, or from what was recorded then, on" },
	{ UNTIL,  "until",  "SEQ|TIME", "up to but without that event or time" },
	{ VERIFY, "verify", NULL,       "check the database's log, or an exported FILE" },
};
/* clang-format on */

struct tool {
	const struct mc_cli *cli;
	struct mc_store *store;
	struct mc_out *out;
	struct mc_log *log;
	uint64_t from, to; /* to is not in it */
	struct mc_event e;
	struct mc_case c;
	struct mc_buf scratch, text, personal, salt;
	bool missed; /* a code that there is not */
};

static void
put_field(struct tool *t, const char *name, enum mc_event_field f)
{
	if (mc_event_has(&t->e, f))
		mc_out_strn(t->out, name, mc_event_get(&t->e, f));
	else
		mc_out_null(t->out, name);
}

/* The values and their salt: who has both can check the commitment. */
static int
put_personal(struct tool *t, struct mc_err *err)
{
	unsigned char salt[16];
	int rc = 0;

	if (t->cli->personal && t->e.has_personal)
		rc = mc_log_personal(
		    mc_store_db(t->store), t->e.seq, salt, &t->personal, err);
	if (rc == -1)
		return -1;
	if (rc == 0) {
		mc_out_null(t->out, "personal");
		mc_out_null(t->out, "salt");
		return 0;
	}
	mc_buf_reset(&t->salt);
	mc_base64_put(&t->salt, salt, sizeof(salt));
	mc_out_json(t->out, "personal",
	    (struct mc_str){ t->personal.p, t->personal.len });
	mc_out_str(t->out, "salt", mc_buf_str(&t->salt));
	return 0;
}

static int
put_event(struct tool *t, struct mc_str body, struct mc_err *err)
{
	struct mc_event *e = &t->e;
	struct mc_out *o = t->out;
	struct mc_hash leaf;
	int rc;

	if (mc_event_decode(e, body, &t->scratch, err) == -1)
		return -1;
	mc_leaf_hash(body.p, body.len, &leaf);
	mc_buf_reset(&t->text);
	mc_base64_put(&t->text, leaf.b, sizeof(leaf.b));
	mc_out_begin(o, "motcua.event/1");
	mc_out_int(o, "seq", (int64_t)e->seq);
	if (e->code.len > 0)
		mc_out_strn(o, "code", e->code);
	else
		mc_out_null(o, "code");
	mc_out_time(o, "at", e->at);
	mc_out_time(o, "recorded_at", e->recorded_at);
	mc_out_str(o, "kind", mc_kind_name(e->kind));
	put_field(t, "activity", MC_F_ACTIVITY);
	mc_out_strn(o, "actor", e->actor);
	put_field(t, "unit", MC_F_UNIT);
	put_field(t, "step", MC_F_STEP);
	put_field(t, "officer", MC_F_OFFICER);
	put_field(t, "status", MC_F_STATUS);
	put_field(t, "channel", MC_F_CHANNEL);
	put_field(t, "procedure", MC_F_PROCEDURE);
	mc_out_time(o, "due_at", mc_event_num(e, MC_F_DUE_AT, MC_NEVER));
	put_field(t, "verdict", MC_F_VERDICT);
	if (mc_event_has(e, MC_F_RUN))
		mc_out_int(o, "run", mc_event_num(e, MC_F_RUN, 0));
	else
		mc_out_null(o, "run");
	rc = put_personal(t, err);
	mc_out_strn(o, "body", body);
	mc_out_strn(o, "leaf", (struct mc_str){ t->text.p, t->text.len });
	mc_out_end(o);
	return rc;
}

/*
 * No transaction is held while writing, so the tail may have become a bundle
 * between two looks: the second look finds it.
 */
static int
put_seq(struct tool *t, uint64_t seq, struct mc_err *err)
{
	struct mc_str body;
	int rc = mc_log_get(t->log, seq, &body, err);

	if (rc == 0)
		rc = mc_log_get(t->log, seq, &body, err);
	if (rc == 0)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "the log is damaged: event %llu is not there",
		    (unsigned long long)seq);
	return rc == 1 ? put_event(t, body, err) : -1;
}

static int
put_dossier(struct tool *t, struct mc_str code, struct mc_err *err)
{
	struct mc_str packed;
	uint64_t seq = 0;
	size_t at = 0;
	int64_t id;
	int rc = mc_store_find(t->store, code, &id, err);

	if (rc == 1)
		rc = mc_store_load(t->store, id, &t->c, err);
	if (rc == 0)
		return mc_err(err, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)code.len, code.p);
	if (rc == -1)
		return -1;
	packed = (struct mc_str){ t->c.events.p, t->c.events.len };
	while (mc_seqs_next(packed, &at, &seq))
		if (seq >= t->from && seq < t->to && put_seq(t, seq, err) == -1)
			return -1;
	return 0;
}

/* Codes that do not name a dossier are told, and the rest goes on. */
static int
put_dossiers(struct tool *t, struct mc_codes *codes, struct mc_err *err)
{
	struct mc_str code;
	int rc;

	for (;;) {
		rc = mc_codes_next(codes, &code, false, err);
		if (rc == MC_WOULD_BLOCK) {
			if (mc_out_flush(t->out, err) == -1)
				return -1;
			rc = mc_codes_next(codes, &code, true, err);
		}
		if (rc == 0)
			return 0;
		if (rc == 1) {
			rc = put_dossier(t, code, err);
			if (rc == -1 && err->code == MC_ENOTFOUND)
				mc_codes_at(codes, err);
		}
		if (rc == -1 && err->code != MC_EDATA &&
		    err->code != MC_ENOTFOUND)
			return -1;
		if (rc == -1) {
			mc_cli_warn(t->cli, err);
			mc_err_clear(err);
			t->missed = true;
		}
	}
}

/* The whole range, as it is now. */
static int
put_range(struct tool *t, struct mc_err *err)
{
	struct mc_tree tree;
	int64_t last_at;
	uint64_t seq;

	if (mc_log_tree(mc_store_db(t->store), &tree, &last_at, err) == -1)
		return -1;
	if (t->to > tree.size)
		t->to = tree.size;
	for (seq = t->from; seq < t->to; seq++)
		if (put_seq(t, seq, err) == -1)
			return -1;
	return 0;
}

static int
bound(struct tool *t, const char *option, const char *text, uint64_t *seq,
    struct mc_err *err)
{
	if (text == NULL || mc_audit_bound(t->store, text, seq, err) == 0)
		return 0;
	return err->code == MC_EUSAGE ? mc_err_at(err, option, 0, 0) : -1;
}

static int export(
    struct tool *t, const char *since, const char *until, struct mc_err *err)
{
	struct mc_codes *codes;
	int rc = 0;

	t->to = INT64_MAX;
	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    bound(t, "--since", since, &t->from, err) == -1 ||
	    bound(t, "--until", until, &t->to, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		return -1;
	mc_out_columns(t->out,
	    "seq code at recorded_at kind activity actor unit step officer "
	    "status channel procedure due_at verdict run personal salt body "
	    "leaf");
	t->log = mc_log_new(mc_store_db(t->store));
	if (t->cli->argc > 0) {
		codes = mc_codes_new(t->cli->argc, t->cli->argv);
		rc = put_dossiers(t, codes, err);
		mc_codes_free(codes);
	} else {
		rc = put_range(t, err);
	}
	if (rc == -1 || mc_out_close(t->out, err) == -1)
		return -1;
	return t->missed ? MC_EXIT_FOUND : MC_EXIT_OK;
}

/* ---- verification ---- */

static void
put_verified(struct tool *t, const struct mc_audit_result *r)
{
	mc_buf_reset(&t->text);
	mc_base64_put(&t->text, r->root.b, sizeof(r->root.b));
	mc_out_begin(t->out, "motcua.verify/1");
	mc_out_str(t->out, "site", r->site.len > 0 ? r->site.p : NULL);
	mc_out_str(t->out, "id", r->id.len > 0 ? r->id.p : NULL);
	mc_out_int(t->out, "first", (int64_t)r->first);
	mc_out_int(t->out, "events", (int64_t)r->events);
	mc_out_str(t->out, "root", r->has_root ? mc_buf_str(&t->text) : NULL);
	mc_out_end(t->out);
}

static int
verify_database(struct tool *t, struct mc_findings *f,
    struct mc_audit_result *r, struct mc_err *err)
{
	int rc;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_db_read_begin(mc_store_db(t->store), err) == -1)
		return -1;
	rc = mc_audit_verify(t->store, f, r, err);
	mc_db_read_end(mc_store_db(t->store));
	return rc;
}

static int
verify(struct tool *t, struct mc_err *err)
{
	struct mc_audit_result r = { .events = 0 };
	struct mc_findings f = { .found = mc_out_finding };
	struct mc_source *src = NULL;
	int rc;

	if (mc_cli_out(t->cli, &t->out, NULL, err) == -1)
		return -1;
	f.arg = t->out;
	if (t->cli->argc == 0)
		rc = verify_database(t, &f, &r, err);
	else if ((rc = mc_source_open(&src, t->cli->argv[0], err)) == 0)
		rc = mc_audit_verify_file(src, &f, &r, err);
	mc_source_free(src);
	if (rc == 0 && f.n == 0)
		put_verified(t, &r);
	if (mc_out_close(t->out, err) == -1)
		rc = -1;
	if (rc == 0)
		rc = f.n > 0 ? MC_EXIT_FOUND : MC_EXIT_OK;
	mc_audit_result_free(&r);
	mc_findings_free(&f);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct mc_cli cli =
	    MC_CLI("audit-export", "Write the event log out, and verify it.",
		"[--since=SEQ|TIME] [--until=SEQ|TIME] [CODE...|-]\n"
		"--verify [FILE|-]",
		opts, MC_CLI_DB | MC_CLI_FORMAT | MC_CLI_PERSONAL, argc, argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli };
	const char *since = NULL, *until = NULL;
	bool check = false;
	int c, rc;

	cli.formats = "ndjson csv";
	cli.default_format = "ndjson";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case SINCE:
			since = cli.arg;
			break;
		case UNTIL:
			until = cli.arg;
			break;
		case VERIFY:
			check = true;
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if (check && (since != NULL || until != NULL || cli.personal))
		return mc_cli_usage(&cli,
		    _("--verify takes no --since, --until or --personal"));
	if (check && cli.argc > 1)
		return mc_cli_usage(&cli, _("--verify takes one file"));

	/* Nothing is held above this line. */
	rc = check ? verify(&t, &err) : export(&t, since, until, &err);
	rc = mc_cli_finish(&cli, &err, rc);
	mc_log_free(t.log);
	mc_case_free(&t.c);
	mc_store_close(t.store);
	mc_out_free(t.out);
	mc_buf_free(&t.scratch);
	mc_buf_free(&t.text);
	mc_buf_free(&t.personal);
	mc_buf_free(&t.salt);
	return rc;
}
