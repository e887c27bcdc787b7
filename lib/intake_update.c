/*
 * intake_update.c - --update: what differs between two rows, as events.
 *
 * The old row is read back from the events that imports made of it, so
 * nothing of it is kept twice; values of the present state play no part.
 */
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>

#include "intake_internal.h"

/* The last imported row, as its events tell it. */
struct old_row {
	struct mc_str v[MC_COL_DOSSIER__COUNT];
	struct mc_str fields, private_fields;
	int64_t at[MC_COL_DOSSIER__COUNT]; /* the time columns */
	int64_t due;
	enum mc_status status;
};

static struct mc_str
copy(struct mc_intake *in, struct mc_str s)
{
	return s.len == 0 ? (struct mc_str){ "", 0 }
			  : mc_pool_str(&in->pool, s);
}

static const struct {
	enum mc_column column;
	enum mc_event_field field;
} public_columns[] = {
	{ MC_COL_ALIAS, MC_F_ALIAS },
	{ MC_COL_PROCEDURE, MC_F_PROCEDURE },
	{ MC_COL_UNIT, MC_F_UNIT },
	{ MC_COL_APPLICANT_KIND, MC_F_APPLICANT_KIND },
	{ MC_COL_CHANNEL, MC_F_CHANNEL },
	{ MC_COL_STEP, MC_F_STEP },
	{ MC_COL_HOLDER, MC_F_HOLDER },
	{ MC_COL_OFFICER, MC_F_OFFICER },
};

static const struct {
	enum mc_column column;
	enum mc_personal personal;
} personal_columns[] = {
	{ MC_COL_ADDRESS, MC_P_ADDRESS },
	{ MC_COL_APPLICANT_ID, MC_P_APPLICANT_ID },
	{ MC_COL_APPLICANT_NAME, MC_P_APPLICANT_NAME },
	{ MC_COL_EMAIL, MC_P_EMAIL },
	{ MC_COL_NOTE, MC_P_NOTE },
	{ MC_COL_PHONE, MC_P_PHONE },
	{ MC_COL_SUBJECT, MC_P_SUBJECT },
};

/* A JSON object's text members over those of the row. */
static int
take_personal(
    struct mc_intake *in, struct old_row *old, uint64_t seq, struct mc_err *err)
{
	const struct mc_json *v;
	struct mc_json *doc;
	struct mc_buf json = { 0 };
	unsigned char salt[16];
	size_t i;
	int rc = mc_log_personal(mc_store_db(in->store), seq, salt, &json, err);

	if (rc == 1)
		rc = mc_json_parse(
		    &doc, "personal", (struct mc_str){ json.p, json.len }, err);
	else
		goto done; /* none, or erased */
	if (rc == -1)
		goto done;
	for (i = 0; i < sizeof(personal_columns) / sizeof(personal_columns[0]);
	     i++) {
		v = mc_json_get(
		    doc, mc_personal_name(personal_columns[i].personal));
		if (mc_json_str(v) != NULL)
			old->v[personal_columns[i].column] =
			    copy(in, mc_str(mc_json_str(v)));
	}
	if ((v = mc_json_get(doc, "fields")) != NULL) {
		mc_buf_reset(&json);
		rc = mc_json_canonical(&json, v, err);
		old->private_fields =
		    copy(in, (struct mc_str){ json.p, json.len });
	}
	mc_json_free(doc);
done:
	mc_buf_free(&json);
	return rc == -1 ? -1 : 0;
}

/* "set" of an import's `corrected`: column names and their texts. */
static int
take_set(struct mc_intake *in, struct old_row *old, struct mc_str set,
    struct mc_err *err)
{
	struct mc_buf b = { 0 };
	struct mc_json *doc;
	struct mc_str field;
	const struct mc_json *v;
	enum mc_column c;
	const char *key;
	size_t i;
	int rc = 0;

	if (mc_json_parse(&doc, "set", set, err) == -1)
		return -1;
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		c = mc_column_parse(mc_str(key), &field);
		if (strcmp(key, "fields") == 0) {
			rc = mc_json_canonical(&b, v, err);
			old->fields = copy(in, (struct mc_str){ b.p, b.len });
		} else if (c == MC_COL_RECEIVED_AT || c == MC_COL_FINISHED_AT ||
			   c == MC_COL_RETURNED_AT) {
			rc = mc_time_parse(&old->at[c], mc_str(mc_json_str(v)),
			    mc_store_zone(in->store), NULL, NULL, err);
		} else if (c < MC_COL_DOSSIER__COUNT) {
			old->v[c] = copy(in, mc_str(mc_json_str(v)));
		}
	}
	mc_json_free(doc);
	mc_buf_free(&b);
	return rc;
}

static int
take_old(struct mc_intake *in, struct old_row *old, const struct mc_event *e,
    struct mc_err *err)
{
	size_t i;

	switch (e->kind) {
	case MC_K_REGISTERED:
	case MC_K_RECEIVED:
		for (i = 0;
		     i < sizeof(public_columns) / sizeof(public_columns[0]);
		     i++)
			old->v[public_columns[i].column] =
			    copy(in, mc_event_get(e, public_columns[i].field));
		old->fields = copy(in, mc_event_get(e, MC_F_FIELDS));
		old->at[MC_COL_RECEIVED_AT] = e->at;
		old->status =
		    e->kind == MC_K_REGISTERED ? MC_S_REGISTERED
		    : mc_event_has(e, MC_F_STEP) || mc_event_has(e, MC_F_STATUS)
			? MC_S_PROCESSING
			: MC_S_RECEIVED;
		if (mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given"))
			old->due = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
		break;
	case MC_K_PAUSED:
	case MC_K_STOPPED:
		old->at[MC_COL_PAUSED_AT] = e->at;
		old->status =
		    e->kind == MC_K_STOPPED
			? MC_S_STOPPED
			: mc_status_parse(mc_event_get(e, MC_F_STATUS));
		break;
	case MC_K_RESUMED:
		old->at[MC_COL_PAUSED_AT] = MC_NEVER;
		old->status = MC_S_PROCESSING;
		break;
	case MC_K_REFUSED:
	case MC_K_WITHDRAWN:
	case MC_K_FINISHED:
		old->at[MC_COL_FINISHED_AT] = e->at;
		old->status = e->kind == MC_K_REFUSED     ? MC_S_NOT_ACCEPTED
			      : e->kind == MC_K_WITHDRAWN ? MC_S_WITHDRAWN
							  : MC_S_FINISHED;
		break;
	case MC_K_RETURNED:
		old->at[MC_COL_RETURNED_AT] = e->at;
		old->status = MC_S_RETURNED;
		break;
	case MC_K_RESCHEDULED:
		old->due = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
		break;
	case MC_K_CORRECTED:
		if (mc_event_has(e, MC_F_SET) &&
		    take_set(in, old, mc_event_get(e, MC_F_SET), err) == -1)
			return -1;
		break;
	default:
		return 0;
	}
	return e->has_personal ? take_personal(in, old, e->seq, err) : 0;
}

static int
read_old(struct mc_intake *in, struct old_row *old, struct mc_err *err)
{
	struct mc_str packed = { in->c.events.p, in->c.events.len }, body;
	struct mc_event e;
	uint64_t seq = 0;
	size_t at = 0, i;

	memset(old, 0, sizeof(*old));
	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++) {
		old->at[i] = MC_NEVER;
		old->v[i] = (struct mc_str){ "", 0 };
	}
	old->due = MC_NEVER;
	while (mc_seqs_next(packed, &at, &seq)) {
		if (mc_log_get(in->log, seq, &body, err) != 1)
			return mc_err(err, MC_EDAMAGED, "E_LOG",
			    "the log is damaged: event %llu",
			    (unsigned long long)seq);
		if (mc_event_decode(&e, body, &in->scratch, err) == -1)
			return -1;
		if (mc_event_has(&e, MC_F_RUN) &&
		    take_old(in, old, &e, err) == -1)
			return -1;
	}
	return 0;
}

static bool
refuse(
    struct mc_intake *in, struct draft *d, enum mc_column c, const char *what)
{
	return mc_intake_refuse(in, d, d->source[c], "E_CONFLICT",
	    "%s of \"%.64s\" %s", mc_column_name(c), d->v[MC_COL_CODE].p, what);
}

/* Columns that an update cannot mean: another procedure is another dossier. */
static bool
check(struct mc_intake *in, struct draft *d, const struct old_row *old)
{
	static const enum mc_column fixed[] = { MC_COL_PROCEDURE, MC_COL_UNIT,
		MC_COL_STEP, MC_COL_HOLDER };
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!mc_str_same(d->v[fixed[i]], old->v[fixed[i]]) &&
		    (i < 2 || mc_status_open(d->status)))
			return refuse(
			    in, d, fixed[i], "differs, and cannot be updated");
	if (!mc_status_open(old->status) && mc_status_open(d->status))
		return refuse(in, d, MC_COL_STATUS,
		    "would move back, which an update never does");
	return true;
}

/* Public and personal texts that differ: one `corrected` event. */
static int
correct(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	static const enum mc_column texts[] = { MC_COL_ALIAS,
		MC_COL_APPLICANT_KIND, MC_COL_CHANNEL, MC_COL_OFFICER };
	struct mc_str p[MC_P__COUNT] = { { NULL, 0 } };
	struct mc_event e = { .kind = MC_K_CORRECTED, .at = in->o.now };
	struct mc_buf set = { 0 }, personal = { 0 };
	struct mc_jw w = mc_jw(&set);
	bool any = false;
	size_t i;
	int rc = 0;

	/* Sorted: alias applicant_kind channel fields officer received_at. */
	mc_jw_open(&w, '{');
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i] == MC_COL_OFFICER && d->fields.len > 0 &&
		    !mc_str_same(d->fields, old->fields)) {
			mc_jw_key(&w, "fields");
			mc_jw_raw(&w, d->fields);
			any = true;
		}
		if (mc_str_same(d->v[texts[i]], old->v[texts[i]]) ||
		    d->v[texts[i]].len == 0)
			continue;
		mc_jw_key(&w, mc_column_name(texts[i]));
		mc_jw_str(&w, d->v[texts[i]]);
		any = true;
	}
	if (d->received_at != old->at[MC_COL_RECEIVED_AT]) {
		mc_jw_key(&w, "received_at");
		mc_buf_reset(&in->clean);
		mc_time_put_utc(&in->clean, d->received_at);
		mc_jw_str(&w, (struct mc_str){ in->clean.p, in->clean.len });
		if (!d->due_given && d->due.at != MC_NEVER) {
			mc_event_int(&e, MC_F_DUE_AT, d->due.at);
			mc_event_int(&e, MC_F_DUE_DAY, d->due.day);
			mc_event_int(&e, MC_F_OLD_DUE_AT, in->c.due.at);
		}
		any = true;
	}
	mc_jw_close(&w, '}');
	if (any)
		mc_event_str(&e, MC_F_SET, (struct mc_str){ set.p, set.len });
	for (i = 0; i < sizeof(personal_columns) / sizeof(personal_columns[0]);
	     i++)
		if (!mc_str_same(d->v[personal_columns[i].column],
			old->v[personal_columns[i].column]))
			p[personal_columns[i].personal] =
			    d->v[personal_columns[i].column];
	if (!mc_str_same(d->private_fields, old->private_fields))
		p[MC_P_FIELDS] = d->private_fields;
	if (mc_personal_put(&personal, p) || any)
		rc = mc_intake_append(in, d, &e,
		    (struct mc_str){ personal.p, personal.len }, err);
	mc_buf_free(&set);
	mc_buf_free(&personal);
	return rc;
}

static int
plain(struct mc_intake *in, struct draft *d, enum mc_kind kind, int64_t at,
    struct mc_err *err)
{
	struct mc_event e = { .kind = kind, .at = at };

	if (kind == MC_K_FINISHED)
		mc_event_strz(&e, MC_F_VERDICT,
		    mc_verdict_name(mc_verdict(
			in->c.rule, in->c.due, at, mc_store_zone(in->store))));
	if (kind == MC_K_PAUSED)
		mc_event_strz(&e, MC_F_STATUS, mc_status_name(d->status));
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/* What the new row knows and the old one did not, in the order of a life. */
static int
move_on(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	bool open = mc_status_open(in->c.status);

	if (mc_status_paused(d->status) &&
	    d->paused_at != old->at[MC_COL_PAUSED_AT] && open &&
	    !mc_status_paused(in->c.status) &&
	    plain(in, d, d->status == MC_S_STOPPED ? MC_K_STOPPED : MC_K_PAUSED,
		d->paused_at, err) == -1)
		return -1;
	if (d->finished_at != old->at[MC_COL_FINISHED_AT] && open) {
		if (d->status == MC_S_WITHDRAWN)
			return plain(
			    in, d, MC_K_WITHDRAWN, d->finished_at, err);
		if ((d->status == MC_S_FINISHED ||
			d->status == MC_S_RETURNED) &&
		    plain(in, d, MC_K_FINISHED, d->finished_at, err) == -1)
			return -1;
	}
	if (d->status == MC_S_RETURNED && in->c.status == MC_S_FINISHED)
		return plain(in, d, MC_K_RETURNED, d->returned_at, err);
	return 0;
}

static int
promise(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESCHEDULED, .at = in->o.now };

	if (!d->due_given || d->due.at == old->due ||
	    !mc_status_open(in->c.status))
		return 0;
	mc_event_int(&e, MC_F_DUE_AT, d->due.at);
	mc_event_int(&e, MC_F_DUE_DAY, d->due.day);
	mc_event_strz(&e, MC_F_DUE_SOURCE, "given");
	if (in->c.due.at != MC_NEVER)
		mc_event_int(&e, MC_F_OLD_DUE_AT, in->c.due.at);
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

int
mc_intake_update(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct old_row old;

	if (read_old(in, &old, err) == -1)
		return -1;
	if (!check(in, d, &old))
		return 0;
	if (promise(in, d, &old, err) == -1 ||
	    correct(in, d, &old, err) == -1 || move_on(in, d, &old, err) == -1)
		return -1;
	if (d->v[MC_COL_ALIAS].len > 0 &&
	    mc_store_alias(in->store, d->v[MC_COL_ALIAS], in->c.id, err) == -1)
		return -1;
	in->c.row_hash = d->row_hash;
	in->dirty = true;
	d->result = MC_ROW_UPDATED;
	return mc_store_save(in->store, &in->c, err);
}
