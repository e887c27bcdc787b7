/* audit-export - the event log out, and its verification; audit-export(1). */
#include <string.h>

#include <motcua/audit.h>
#include <motcua/cli.h>
#include <motcua/codes.h>
#include <motcua/dict.h>
#include <motcua/dvcqg.h>
#include <motcua/json.h>
#include <motcua/ocel.h>
#include <motcua/xes.h>

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
	struct mc_buf scratch, text, salt;
	bool missed;               /* a code that there is not */
	struct mc_dictionary done; /* ids of the dossiers that are out */

	/* Where each dossier is one thing: xes, dvcqg. */
	struct mc_find *find;
	struct mc_xes_writer xes;
	struct mc_ocel_writer ocel;
	bool events; /* of ocel: the objects are out */
	struct mc_dvcqg_cuts cuts;
	struct mc_buf alias, kind, in_case;
	struct mc_buf unit; /* of the envelope that is open */
	bool updating;      /* that one is */
	int inside;         /* dossiers in it; 0: none is open */
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
	struct mc_vault_item item;
	int rc = 0;

	if (t->cli->personal && t->e.has_personal)
		rc = mc_store_personal(t->store, t->e.seq, &item, err);
	if (rc == -1)
		return -1;
	if (rc == 0) {
		mc_out_null(t->out, "personal");
		mc_out_null(t->out, "salt");
		return 0;
	}
	mc_buf_reset(&t->salt);
	mc_base64_put(&t->salt, item.salt, MC_SALT_LEN);
	mc_out_json(t->out, "personal", item.json);
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

/* Nothing goes out twice, however often its dossier is named. */
static bool
first_time(struct tool *t, int64_t id)
{
	const struct mc_str key = { (const char *)&id, sizeof(id) };

	if (mc_dict_find(&t->done, key) != 0)
		return false;
	mc_dict_add(&t->done, key);
	return true;
}

static int
put_dossier(struct tool *t, struct mc_str code, struct mc_err *err)
{
	struct mc_str packed;
	uint64_t seq = 0;
	size_t at = 0;
	int64_t id;
	int rc = mc_store_find(t->store, code, &id, err);

	if (rc == 1 && !first_time(t, id))
		return 0;
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

/* ---- dossier by dossier: xes, dvcqg ---- */

/* What its events say of a dossier beside its row. */
struct life {
	uint64_t first;  /* event of this life: before it another dossier's */
	bool any, known; /* events in the range, and before it */
	int64_t registered_at;
};

static void
set_text(struct mc_buf *b, struct mc_str s)
{
	mc_buf_reset(b);
	mc_buf_add(b, s.p, s.len);
}

static int
take_corrected(
    struct tool *t, struct life *l, struct mc_str set, struct mc_err *err)
{
	struct mc_json *doc;
	const char *s;
	int rc = 0;

	if (mc_json_parse(&doc, "set", set, err) == -1)
		return -1;
	s = mc_json_str(mc_json_get(doc, "applicant_kind"));
	if (s != NULL)
		set_text(&t->kind, mc_str(s));
	s = mc_json_str(mc_json_get(doc, MC_SET_REGISTERED_AT));
	if (s != NULL)
		rc = mc_time_parse(&l->registered_at, mc_str(s),
		    mc_store_zone(t->store), NULL, NULL, err);
	mc_json_free(doc);
	return rc;
}

static int
look_at_life(struct tool *t, struct life *l, struct mc_err *err)
{
	struct mc_str personal;
	struct mc_event *e = &t->e;
	int rc;

	*l = (struct life){ .registered_at = MC_NEVER };
	mc_buf_reset(&t->alias);
	mc_buf_reset(&t->kind);
	mc_buf_reset(&t->in_case);
	mc_find_rewind(t->find);
	while ((rc = mc_find_event(t->find, e, &personal, err)) == 1) {
		if (e->kind == MC_K_VOIDED) {
			*l = (struct life){ .registered_at = MC_NEVER,
				.first = e->seq + 1 };
			mc_buf_reset(&t->alias);
			mc_buf_reset(&t->kind);
			mc_buf_reset(&t->in_case);
			continue;
		}
		if (e->kind == MC_K_REGISTERED) {
			l->registered_at = e->at;
			set_text(&t->in_case, mc_event_get(e, MC_F_CASE));
		}
		if (mc_event_has(e, MC_F_ALIAS))
			set_text(&t->alias, mc_event_get(e, MC_F_ALIAS));
		if (mc_event_has(e, MC_F_APPLICANT_KIND))
			set_text(
			    &t->kind, mc_event_get(e, MC_F_APPLICANT_KIND));
		if (mc_event_has(e, MC_F_SET) &&
		    take_corrected(t, l, mc_event_get(e, MC_F_SET), err) == -1)
			return -1;
		l->known = l->known || e->seq < t->from;
		l->any = l->any || (e->seq >= t->from && e->seq < t->to);
	}
	return rc;
}

/* Once it is received its definition says it, before that who registered it. */
static int
take_case(struct tool *t, struct mc_err *err)
{
	const char *in_case;
	int rc = mc_find_case(t->find, &in_case, err);

	if (rc == 1)
		set_text(&t->in_case, mc_str(in_case));
	return rc;
}

static void
flush_text(struct tool *t)
{
	mc_out_raw(t->out, mc_buf_str(&t->text), t->text.len);
	mc_buf_reset(&t->text);
}

static int
put_trace(struct tool *t, const struct mc_find_row *row, const struct life *l,
    struct mc_err *err)
{
	const struct mc_xes_dossier d = { .row = row,
		.zone = mc_store_zone(t->store),
		.registered_at = l->registered_at,
		.in_case = mc_buf_str(&t->in_case),
		.kind = mc_buf_str(&t->kind),
		.alias = mc_buf_str(&t->alias) };
	struct mc_str personal;
	int rc;

	mc_xes_put_trace(&t->xes, &d);
	mc_find_rewind(t->find);
	while ((rc = mc_find_event(t->find, &t->e, &personal, err)) == 1) {
		if (t->e.seq >= l->first && t->e.seq >= t->from &&
		    t->e.seq < t->to)
			mc_xes_put_event(&t->xes, &t->e, personal);
		if (t->text.len > 65536)
			flush_text(t);
	}
	mc_xes_put_trace_end(&t->xes);
	return rc;
}

static void
add_child(void *arg, struct mc_str code)
{
	mc_ocel_add_child(arg, code);
}

/* First all dossiers, and in a second round their events. */
static int
put_objects(struct tool *t, const struct mc_find_row *row, const struct life *l,
    struct mc_err *err)
{
	struct mc_str personal;
	int rc;

	if (!t->events) {
		if (mc_find_children(t->find, add_child, &t->ocel, err) == -1)
			return -1;
		mc_ocel_put_dossier(
		    &t->ocel, row, l->registered_at, mc_buf_str(&t->in_case));
		return 0;
	}
	mc_find_rewind(t->find);
	while ((rc = mc_find_event(t->find, &t->e, &personal, err)) == 1) {
		if (t->e.seq >= l->first && t->e.seq >= t->from &&
		    t->e.seq < t->to)
			mc_ocel_put_event(&t->ocel, row->code, &t->e);
		if (t->text.len > 65536)
			flush_text(t);
	}
	return rc;
}

static void
close_envelope(struct tool *t)
{
	if (t->inside > 0)
		mc_dvcqg_close(&t->text);
	t->inside = 0;
}

/* Of one unit, and new to the portal or not: that is an envelope's. */
static int
put_message(struct tool *t, const struct mc_find_row *row, const struct life *l,
    struct mc_err *err)
{
	const struct mc_dvcqg_dossier d = { .row = row,
		.personal = t->cli->personal,
		.registered_at = l->registered_at,
		.in_case = mc_buf_str(&t->in_case),
		.kind = mc_buf_str(&t->kind),
		.alias = mc_buf_str(&t->alias) };

	if (t->inside == MC_DVCQG_BATCH || l->known != t->updating ||
	    strcmp(row->unit, mc_buf_str(&t->unit)) != 0)
		close_envelope(t);
	if (t->inside++ == 0) {
		set_text(&t->unit, mc_str(row->unit));
		t->updating = l->known;
		mc_dvcqg_open(&t->text, row->unit, l->known);
	} else {
		mc_buf_putc(&t->text, ',');
	}
	return mc_dvcqg_put(
	    &t->text, &d, mc_store_zone(t->store), &t->cuts, err);
}

static int
put_whole(struct tool *t, const struct mc_find_row *row, struct mc_err *err)
{
	struct life l;
	int rc = look_at_life(t, &l, err);

	if (rc == -1 || !l.any)
		return rc;
	if (take_case(t, err) == -1)
		return -1;
	rc = t->xes.b != NULL    ? put_trace(t, row, &l, err)
	     : t->ocel.b != NULL ? put_objects(t, row, &l, err)
				 : put_message(t, row, &l, err);
	flush_text(t);
	return rc;
}

static int
put_found(struct tool *t, struct mc_str code, struct mc_err *err)
{
	const struct mc_find_row *row;
	int rc = mc_find_code(t->find, code, &row, err);

	if (rc == 1 && !first_time(t, row->id))
		return 0;
	return rc == 1 ? put_whole(t, row, err) : rc;
}

static int
put_all_found(struct tool *t, struct mc_err *err)
{
	const struct mc_find_row *row;
	int rc;

	while ((rc = mc_find_next(t->find, &row, err)) == 1)
		if (put_whole(t, row, err) == -1)
			return -1;
	return rc;
}

/* What could not go out as it is; the log has it. */
static void
tell_changes(struct tool *t)
{
	struct mc_err w = MC_ERR_INIT;

	if (t->xes.b == NULL && t->ocel.b == NULL && !t->cli->personal)
		mc_cli_note(t->cli,
		    "names, numbers and what else is personal were left "
		    "empty; the portal wants them: --personal");
	if (t->xes.replaced > 0) {
		mc_err(&w, MC_EDATA, "W_XML",
		    "%lld character%s that XML cannot hold: U+FFFD stands for "
		    "%s",
		    (long long)t->xes.replaced, t->xes.replaced == 1 ? "" : "s",
		    t->xes.replaced == 1 ? "it" : "them");
		mc_cli_warn(t->cli, &w);
	}
	if (t->cuts.n > 0) {
		mc_err(&w, MC_EDATA, "W_CUT",
		    "%lld text%s cut to the length that the portal takes, the "
		    "last in %s",
		    (long long)t->cuts.n, t->cuts.n == 1 ? "" : "s",
		    t->cuts.member);
		mc_cli_warn(t->cli, &w);
	}
}

static int put_dossiers(
    struct tool *t, struct mc_codes *codes, struct mc_err *err);

/* Each dossier once; an object's id stands for one. */
static int
put_round(struct tool *t, const struct mc_find_query *q, struct mc_err *err)
{
	struct mc_rulebook *rb = NULL;
	struct mc_codes *codes;
	int rc = mc_find_open(&t->find, t->store, &rb, q, err);

	if (rc == 0 && t->cli->argc > 0) {
		codes = mc_codes_new(t->cli->argc, t->cli->argv);
		rc = put_dossiers(t, codes, err);
		mc_codes_free(codes);
	} else if (rc == 0) {
		rc = put_all_found(t, err);
	}
	mc_rulebook_free(rb);
	return rc;
}

/* What comes between two rounds is in neither. */
static int
end_now(struct tool *t, struct mc_err *err)
{
	struct mc_tree tree;
	int64_t last_at;

	if (mc_log_tree(mc_store_db(t->store), &tree, &last_at, err) == -1)
		return -1;
	if (t->to > tree.size)
		t->to = tree.size;
	return 0;
}

/* Children come last: an import makes them with their parent. */
static int
put_families(struct tool *t, struct mc_find_query q, struct mc_err *err)
{
	if (t->cli->argc > 0)
		return put_round(t, &q, err);
	q.kin = MC_FIND_NO_CHILDREN;
	if (end_now(t, err) == -1 || put_round(t, &q, err) == -1)
		return -1;
	mc_find_free(t->find);
	t->find = NULL;
	q.kin = MC_FIND_CHILDREN;
	return put_round(t, &q, err);
}

static int
put_ocel(struct tool *t, const struct mc_find_query *q, struct mc_err *err)
{
	if (end_now(t, err) == -1)
		return -1;
	t->ocel.b = &t->text;
	mc_ocel_put_head(&t->ocel);
	if (put_round(t, q, err) == -1)
		return -1;
	mc_ocel_put_units(&t->ocel);
	mc_find_free(t->find);
	t->find = NULL;
	t->events = true;
	if (put_round(t, q, err) == -1)
		return -1;
	mc_ocel_put_tail(&t->ocel);
	flush_text(t);
	return 0;
}

static int
put_wholes(struct tool *t, struct mc_err *err)
{
	const struct mc_find_query q = { .fields = true,
		.personal = t->cli->personal };
	int rc;

	if (strcmp(t->cli->format, "ocel") == 0)
		return put_ocel(t, &q, err);
	if (strcmp(t->cli->format, "xes") == 0) {
		t->xes.b = &t->text;
		mc_xes_put_head(&t->xes);
		flush_text(t);
	}
	rc = put_families(t, q, err);
	if (t->xes.b != NULL)
		mc_xes_put_tail(&t->xes);
	else
		close_envelope(t);
	flush_text(t);
	if (rc == 0)
		tell_changes(t);
	return rc;
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
			rc = t->find != NULL ? put_found(t, code, err)
					     : put_dossier(t, code, err);
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
	uint64_t seq;

	if (end_now(t, err) == -1)
		return -1;
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
	if (strcmp(t->cli->format, "xes") == 0 ||
	    strcmp(t->cli->format, "ocel") == 0 ||
	    strcmp(t->cli->format, "dvcqg") == 0) {
		rc = put_wholes(t, err);
	} else if (t->cli->argc > 0) {
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

/* CSV is one table, of findings or of what holds: there warnings are told. */
static void
on_finding(void *arg, const struct mc_finding *f)
{
	struct tool *t = arg;
	struct mc_err w = MC_ERR_INIT;

	if (strcmp(t->cli->format, "csv") != 0 ||
	    strncmp(f->error, "W_", 2) != 0) {
		mc_out_finding(t->out, f);
		return;
	}
	mc_err(&w, MC_EDATA, f->error, "%s", f->message);
	if (t->cli->argc > 0)
		mc_err_at(&w, t->cli->argv[0], f->line, 0);
	mc_cli_warn(t->cli, &w);
}

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
	struct mc_findings f = { .found = on_finding, .arg = t };
	struct mc_source *src = NULL;
	int rc;

	if (mc_cli_out(t->cli, &t->out, NULL, err) == -1)
		return -1;
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

	cli.formats = "ndjson csv xes ocel dvcqg";
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

	if (strcmp(cli.format, "ocel") == 0 && (cli.argc > 0 || cli.personal))
		return mc_cli_usage(
		    &cli, _("--format=ocel takes no codes and no --personal"));
	if (check && strcmp(cli.format, "ndjson") != 0 &&
	    strcmp(cli.format, "csv") != 0)
		return mc_cli_usage(&cli, _("--verify prints ndjson or csv"));

	/* Nothing is held above this line. */
	rc = check ? verify(&t, &err) : export(&t, since, until, &err);
	rc = mc_cli_finish(&cli, &err, rc);
	mc_find_free(t.find);
	mc_ocel_free(&t.ocel);
	mc_log_free(t.log);
	mc_buf_free(&t.alias);
	mc_buf_free(&t.kind);
	mc_buf_free(&t.in_case);
	mc_buf_free(&t.unit);
	mc_case_free(&t.c);
	mc_store_close(t.store);
	mc_out_free(t.out);
	mc_buf_free(&t.scratch);
	mc_buf_free(&t.text);
	mc_buf_free(&t.salt);
	mc_dict_free(&t.done);
	return rc;
}
