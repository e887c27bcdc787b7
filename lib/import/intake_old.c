/*
 * intake_old.c - the last imported row of a dossier; motcua/intake.h.
 *
 * It is read back from the events that imports made of it, so nothing of it
 * is kept twice; values of the present state play no part.
 */
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>

#include "intake_internal.h"

static void
forget(struct old_row *old)
{
	size_t i;

	memset(old, 0, sizeof(*old));
	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++) {
		old->at[i] = MC_NEVER;
		old->v[i] = (struct mc_str){ "", 0 };
	}
	old->due = old->paused_at = old->reopened_at = MC_NEVER;
}

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
	{ MC_COL_CASE, MC_F_CASE },
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
	struct mc_vault_item item;
	size_t i;
	int rc = mc_store_personal(in->store, seq, &item, err);

	if (rc == 1)
		rc = mc_json_parse(&doc, "personal", item.json, err);
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
	if (rc != -1 && (v = mc_json_get(doc, "attributes")) != NULL) {
		mc_buf_reset(&json);
		rc = mc_json_canonical(&json, v, err);
		old->kept = copy(in, (struct mc_str){ json.p, json.len });
	}
	mc_json_free(doc);
done:
	mc_buf_free(&json);
	return rc == -1 ? -1 : 0;
}

static int
take_at(struct mc_intake *in, int64_t *out, const struct mc_json *v,
    struct mc_err *err)
{
	return mc_time_parse(out, mc_str(mc_json_str(v)),
	    mc_store_zone(in->store), NULL, NULL, err);
}

/*
 * Column names and their texts: `set` of an import's `corrected`, and `said`,
 * what a row has said in columns without a meaning, of which no event tells.
 */
static int
take_columns(struct mc_intake *in, struct old_row *old, const char *member,
    struct mc_str columns, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	struct mc_json *doc;
	struct mc_str field;
	const struct mc_json *v;
	enum mc_column c;
	const char *key;
	size_t i;
	int rc = 0;

	if (mc_json_parse(&doc, member, columns, err) == -1)
		return -1;
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		c = mc_column_parse(mc_str(key), &field);
		if (strcmp(key, "fields") == 0) {
			rc = mc_json_canonical(&b, v, err);
			old->fields = copy(in, (struct mc_str){ b.p, b.len });
		} else if (c == MC_COL_RECEIVED_AT || c == MC_COL_PAUSED_AT ||
			   c == MC_COL_FINISHED_AT || c == MC_COL_RETURNED_AT) {
			rc = take_at(in, &old->at[c], v, err);
		} else if (strcmp(key, MC_SET_REGISTERED_AT) == 0) {
			rc = take_at(in, &old->at[MC_COL_RECEIVED_AT], v, err);
		} else if (c == MC_COL_STATUS) {
			old->status = mc_status_parse(mc_str(mc_json_str(v)));
		} else if (c < MC_COL_DOSSIER__COUNT) {
			old->v[c] = copy(in, mc_str(mc_json_str(v)));
		}
	}
	mc_json_free(doc);
	mc_buf_free(&b);
	return rc;
}

/* After that event: is it processed, though the row may not have said so? */
static bool
is_implied(const struct old_row *old, const struct mc_event *e)
{
	switch (e->kind) {
	case MC_K_RECEIVED:
		return mc_event_has(e, MC_F_STEP) &&
		       !mc_event_has(e, MC_F_STATUS);
	case MC_K_RESUMED:
		return true;
	case MC_K_STARTED:
		return old->implied || old->status == MC_S_RECEIVED;
	case MC_K_PAUSED:
	case MC_K_STOPPED:
		return false;
	default:
		return old->implied;
	}
}

static int
take_old(struct mc_intake *in, struct old_row *old, const struct mc_event *e,
    struct mc_err *err)
{
	size_t i;

	old->implied = is_implied(old, e);
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
		old->received = e->kind == MC_K_RECEIVED;
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
		old->at[MC_COL_PAUSED_AT] = old->paused_at = e->at;
		old->status =
		    e->kind == MC_K_STOPPED
			? MC_S_STOPPED
			: mc_status_parse(mc_event_get(e, MC_F_STATUS));
		break;
	case MC_K_RESUMED:
		/* Rows may go on telling since when it was paused. */
		old->status = mc_status_parse(mc_event_get(e, MC_F_STATUS));
		break;
	case MC_K_STARTED:
		if (!mc_status_paused(old->status))
			old->status = MC_S_PROCESSING;
		old->v[MC_COL_STEP] = copy(in, mc_event_get(e, MC_F_STEP));
		old->v[MC_COL_HOLDER] = copy(in, mc_event_get(e, MC_F_HOLDER));
		old->v[MC_COL_OFFICER] =
		    copy(in, mc_event_get(e, MC_F_OFFICER));
		break;
	case MC_K_TRANSFERRED:
		old->v[MC_COL_HOLDER] = copy(in, mc_event_get(e, MC_F_UNIT));
		break;
	case MC_K_ASSIGNED:
		old->v[MC_COL_OFFICER] =
		    copy(in, mc_event_get(e, MC_F_OFFICER));
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
	case MC_K_VOIDED:
		forget(old); /* another dossier's */
		break;
	case MC_K_CORRECTED:
		if (mc_event_has(e, MC_F_ALIAS))
			old->v[MC_COL_ALIAS] =
			    copy(in, mc_event_get(e, MC_F_ALIAS));
		if (mc_event_has(e, MC_F_SET) &&
		    take_columns(
			in, old, "set", mc_event_get(e, MC_F_SET), err) == -1)
			return -1;
		if (mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given"))
			old->due = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
		break;
	default:
		return 0;
	}
	if (mc_event_has(e, MC_F_SAID) &&
	    take_columns(in, old, "said", mc_event_get(e, MC_F_SAID), err) ==
		-1)
		return -1;
	return e->has_personal ? take_personal(in, old, e->seq, err) : 0;
}

int
mc_intake_read_old(
    struct mc_intake *in, struct old_row *old, struct mc_err *err)
{
	struct mc_str packed = { in->c.events.p, in->c.events.len }, body;
	struct mc_event e;
	uint64_t seq = 0;
	size_t at = 0;

	forget(old);
	/* An earlier row of this run may have written some of it. */
	if (in->c.last_seq >= in->first_seq && in->c.last_seq >= in->settled) {
		mc_store_settle(in->store);
		in->settled = in->c.last_seq + 1;
	}
	while (mc_seqs_next(packed, &at, &seq)) {
		if (mc_log_get(in->log, seq, &body, err) != 1)
			return mc_err(err, MC_EDAMAGED, "E_LOG",
			    "the log is damaged: event %llu",
			    (unsigned long long)seq);
		if (mc_event_decode(&e, body, &in->scratch, err) == -1)
			return -1;
		if (e.kind == MC_K_REOPENED)
			old->reopened_at = e.at;
		if (!mc_event_has(&e, MC_F_RUN))
			continue;
		if (take_old(in, old, &e, err) == -1)
			return -1;
		if (e.kind != MC_K_ACTIVITY) {
			old->seq = seq;
			old->run = mc_event_num(&e, MC_F_RUN, 0);
		}
	}
	return 0;
}

void
mc_intake_old_received(struct old_row *old, const struct draft *d)
{
	enum mc_column c;
	size_t i;

	for (i = 0; i < sizeof(public_columns) / sizeof(public_columns[0]);
	     i++) {
		c = public_columns[i].column;
		old->v[c] = d->v[c];
	}
	old->fields = d->fields;
	old->status = d->status == MC_S_PROCESSING || d->v[MC_COL_STEP].len > 0
			  ? MC_S_PROCESSING
			  : MC_S_RECEIVED;
	old->at[MC_COL_RECEIVED_AT] = d->received_at;
	old->received = true;
	old->due = d->due_given ? d->due.at : MC_NEVER;
}

void
mc_intake_old_personal(const struct old_row *old, const struct draft *d,
    struct mc_str p[MC_P__COUNT])
{
	enum mc_column c;
	size_t i;

	for (i = 0; i < sizeof(personal_columns) / sizeof(personal_columns[0]);
	     i++) {
		c = personal_columns[i].column;
		if (mc_intake_differs(d, old, c))
			p[personal_columns[i].personal] = d->v[c];
	}
	if (!mc_str_same(d->private_fields, old->private_fields))
		p[MC_P_FIELDS] = d->private_fields;
	if (!mc_str_same(d->kept, old->kept))
		p[MC_P_ATTRIBUTES] = d->kept;
}

/* Is it in the events of such a row?  Else the new row is all that tells. */
static bool
is_told(const struct draft *d, const struct old_row *old, enum mc_column c)
{
	switch (c) {
	case MC_COL_CODE:
	case MC_COL_CASE: /* as decided, not as it was said */
		return false;
	case MC_COL_STATUS: /* received with a step is processed */
		return d->status != old->status;
	case MC_COL_STEP:
		return mc_status_open(old->status) && old->received;
	case MC_COL_DUE_AT:
		return old->received &&
		       (d->due_given || d->v[MC_COL_DUE_AT].len == 0);
	default:
		return true;
	}
}

bool
mc_intake_old_had(struct mc_intake *in, const struct draft *d,
    const struct old_row *old, const bool column[MC_COL_DOSSIER__COUNT],
    bool empty)
{
	struct draft was = *d;
	enum mc_column c;
	int i;

	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++) {
		c = (enum mc_column)i;
		if (column[i] && empty)
			was.v[i] = (struct mc_str){ "", 0 };
		if (column[i] || !is_told(d, old, c))
			continue;
		if (c == MC_COL_STATUS)
			was.v[i] = mc_status_str(old->status);
		else if (c == MC_COL_DUE_AT)
			mc_intake_canonical_time(in, &was.v[i], old->due);
		else if (c == MC_COL_RECEIVED_AT || c == MC_COL_PAUSED_AT ||
			 c == MC_COL_FINISHED_AT || c == MC_COL_RETURNED_AT)
			mc_intake_canonical_time(in, &was.v[i], old->at[i]);
		else
			was.v[i] = old->v[i];
	}
	was.fields = old->fields;
	was.private_fields = old->private_fields;
	was.kept = old->kept;
	return mc_intake_row_hash(in, &was) == in->c.row_hash;
}
