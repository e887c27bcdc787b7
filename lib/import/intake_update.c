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

static void
forget(struct old_row *old)
{
	size_t i;

	memset(old, 0, sizeof(*old));
	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++) {
		old->at[i] = MC_NEVER;
		old->v[i] = (struct mc_str){ "", 0 };
	}
	old->due = MC_NEVER;
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
		old->at[MC_COL_PAUSED_AT] = e->at;
		old->status =
		    e->kind == MC_K_STOPPED
			? MC_S_STOPPED
			: mc_status_parse(mc_event_get(e, MC_F_STATUS));
		break;
	case MC_K_RESUMED:
		old->at[MC_COL_PAUSED_AT] = MC_NEVER;
		old->status = mc_status_parse(mc_event_get(e, MC_F_STATUS));
		break;
	case MC_K_STARTED:
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
		    take_set(in, old, mc_event_get(e, MC_F_SET), err) == -1)
			return -1;
		if (mc_str_is(mc_event_get(e, MC_F_DUE_SOURCE), "given"))
			old->due = mc_event_num(e, MC_F_DUE_AT, MC_NEVER);
		break;
	default:
		return 0;
	}
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

static bool
refuse(
    struct mc_intake *in, struct draft *d, enum mc_column c, const char *what)
{
	return mc_intake_refuse(in, d, d->source[c], "E_CONFLICT",
	    "%s of \"%.64s\" %s", mc_column_name(c), d->v[MC_COL_CODE].p, what);
}

/* What is to be done; decided before anything is written. */
struct plan {
	struct mc_due due;      /* the new one of a corrected receipt */
	bool has_due, promised; /* promised: the old one, with no limit now */
	bool leave_step, enter_step; /* `old->v[MC_COL_STEP]`, the row's */
	int32_t step;                /* the row's, where it is open; or none */
};

/* How far in its life a status is. */
static int
stage(enum mc_status s)
{
	return s == MC_S_REGISTERED ? 1
	       : s == MC_S_RECEIVED ? 2
	       : s == MC_S_RETURNED ? 5
	       : mc_status_open(s)  ? 3
				    : 4;
}

static bool
moves_back(enum mc_status from, enum mc_status to)
{
	if (from == to)
		return false;
	if (mc_status_paused(from) && to == MC_S_RECEIVED)
		return false; /* what was asked for has come */
	if (stage(from) == 4)
		return from != MC_S_FINISHED || to != MC_S_RETURNED;
	return stage(to) < stage(from);
}

/* Which open step, if any, has that name. */
static int
open_step(
    struct mc_intake *in, struct mc_str name, int32_t *step, struct mc_err *err)
{
	int32_t id;
	int rc = 0;

	*step = MC_NOID;
	if (name.len > 0)
		rc = mc_store_lookup(in->store, MC_D_STEP, name, &id, err);
	if (rc == 1 && mc_case_find_step(&in->c, id) != NULL)
		*step = id;
	return rc == -1 ? -1 : 0;
}

/*
 * Another step than before: the old one is left.  1, or 0 when the dossier
 * stands somewhere else by now.
 */
static int
plan_step(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	int32_t was;

	if (open_step(in, d->v[MC_COL_STEP], &k->step, err) == -1 ||
	    open_step(in, old->v[MC_COL_STEP], &was, err) == -1)
		return -1;
	if (d->v[MC_COL_STEP].len == 0 || k->step != MC_NOID ||
	    mc_str_same(d->v[MC_COL_STEP], old->v[MC_COL_STEP]) ||
	    !mc_status_open(d->status) || !mc_status_open(in->c.status))
		return 1;
	k->leave_step = was != MC_NOID;
	k->enter_step = true;
	return in->c.steps == (was != MC_NOID ? 1 : 0);
}

static bool
differs(const struct draft *d, const struct old_row *old, enum mc_column c)
{
	return d->v[c].len > 0 && !mc_str_same(d->v[c], old->v[c]);
}

/*
 * Another moment of receipt moves a due that was computed from it, and so
 * does another channel that has another limit.  1, or 0
 * when the due has been moved since and does not follow from it any more.
 */
static int
plan_due(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	const struct mc_procedure *p;
	struct mc_policy policy;
	struct mc_term limit, other;
	struct mc_due was;
	bool moved = d->received_at != old->at[MC_COL_RECEIVED_AT];

	if ((!moved && !differs(d, old, MC_COL_CHANNEL)) || d->due_given ||
	    !old->received || in->c.due_given || in->c.due.at == MC_NEVER)
		return 1;
	if (mc_store_definition(in->store, in->c.pin, &p, &policy, err) == -1)
		return -1;
	limit = mc_procedure_limit(p, in->c.channel);
	other = mc_procedure_limit(p, d->channel);
	if (limit.unit == MC_TERM_NONE ||
	    (!moved && limit.unit == other.unit && limit.milli == other.milli))
		return 1;
	if (other.unit == MC_TERM_NONE) {
		k->has_due = k->promised = true;
		k->due = in->c.due;
		return 1;
	}
	if (mc_deadline(&was, &policy, d->cal, limit, in->c.received_at, NULL,
		NULL, err) == -1 ||
	    mc_deadline(&k->due, &policy, d->cal, other,
		moved ? d->received_at : in->c.received_at, NULL, NULL,
		err) == -1)
		return -1;
	k->has_due = true;
	/* A pause that moved nothing can move it by another limit. */
	if (in->c.due_moved &&
	    (limit.unit != other.unit || limit.milli != other.milli))
		return 0;
	return was.at == in->c.due.at && in->c.extensions == 0;
}

/* Can it be done?  1, 0 (d->why is set), -1. */
static int
make_plan(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct plan *k, struct mc_err *err)
{
	static const enum mc_column fixed[] = { MC_COL_PROCEDURE, MC_COL_UNIT };
	size_t i;
	int rc;

	memset(k, 0, sizeof(*k));
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!mc_str_same(d->v[fixed[i]], old->v[fixed[i]]))
			return refuse(
			    in, d, fixed[i], "differs, and cannot be updated");
	if (!mc_intake_same_case(in, d, old))
		return refuse(in, d, MC_COL_CASE,
		    "differs: once decided or named it stays; see route "
		    "correct --set=case=ID, and receive --case=ID");
	if (moves_back(old->status, d->status))
		return refuse(in, d, MC_COL_STATUS,
		    "would move back, which an update never does");
	if (mc_status_paused(d->status) && mc_status_paused(old->status) &&
	    d->paused_at != old->at[MC_COL_PAUSED_AT])
		return refuse(in, d, MC_COL_PAUSED_AT,
		    "differs: when it was resumed in between is not known");
	if ((rc = plan_step(in, d, old, k, err)) == 0)
		return refuse(in, d, MC_COL_STEP,
		    "differs, and the dossier has been moved on since");
	if (rc == 1 && (rc = plan_due(in, d, old, k, err)) == 0)
		return refuse(in, d,
		    d->received_at != old->at[MC_COL_RECEIVED_AT]
			? MC_COL_RECEIVED_AT
			: MC_COL_CHANNEL,
		    "differs, and the due date has been moved since");
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
		mc_event_strz(&e, MC_F_STATUS,
		    mc_status_name(mc_status_paused(d->status)
				       ? d->status
				       : MC_S_SUPPLEMENT));
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/* Registered before, received now: the event that a new row would give. */
static int
receive(struct mc_intake *in, struct draft *d, struct old_row *old,
    struct mc_err *err)
{
	size_t i;

	if (in->c.received_at != MC_NEVER || d->unreceived)
		return 0;
	if (mc_intake_named_case(d, old, err) == -1)
		return -1;
	/* What was asked for before it was accepted has come. */
	if (mc_status_paused(in->c.status) &&
	    plain(in, d, MC_K_RESUMED, d->received_at, err) == -1)
		return -1;
	for (i = 0; i < sizeof(public_columns) / sizeof(public_columns[0]); i++)
		old->v[public_columns[i].column] =
		    d->v[public_columns[i].column];
	old->fields = d->fields;
	old->status = d->status == MC_S_PROCESSING || d->v[MC_COL_STEP].len > 0
			  ? MC_S_PROCESSING
			  : MC_S_RECEIVED;
	old->at[MC_COL_RECEIVED_AT] = d->received_at;
	old->received = true;
	old->due = d->due_given ? d->due.at : MC_NEVER;
	return mc_intake_first(
	    in, d, MC_K_RECEIVED, (struct mc_str){ NULL, 0 }, err);
}

static void
put_time(struct mc_intake *in, struct mc_jw *w, const struct draft *d,
    enum mc_column c, bool *any)
{
	int64_t at = c == MC_COL_FINISHED_AT   ? d->finished_at
		     : c == MC_COL_RECEIVED_AT ? d->received_at
					       : d->returned_at;

	mc_jw_key(w, mc_column_name(c));
	mc_buf_reset(&in->clean);
	mc_time_put_utc(&in->clean, at);
	mc_jw_str(w, (struct mc_str){ in->clean.p, in->clean.len });
	*any = true;
}

/* A time that was known and is another one now. */
static bool
redated(int64_t now, int64_t before, int64_t state)
{
	return now != MC_NEVER && before != MC_NEVER && now != before &&
	       state != MC_NEVER;
}

static void
put_due(struct mc_event *e, struct mc_due due, bool given, int64_t old)
{
	mc_event_int(e, MC_F_DUE_AT, due.at);
	mc_event_int(e, MC_F_DUE_DAY, due.day);
	if (given)
		mc_event_strz(e, MC_F_DUE_SOURCE, "given");
	else if (due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (old != MC_NEVER)
		mc_event_int(e, MC_F_OLD_DUE_AT, old);
}

/* What `set` of a correction says; its members are sorted. */
static bool
put_set(struct mc_intake *in, const struct draft *d, const struct old_row *old,
    struct mc_buf *set)
{
	static const enum mc_column texts[] = { MC_COL_APPLICANT_KIND,
		MC_COL_CHANNEL };
	const struct mc_case *c = &in->c;
	struct mc_jw w = mc_jw(set);
	bool any = false;
	size_t i;

	mc_jw_open(&w, '{');
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (differs(d, old, texts[i])) {
			mc_jw_key(&w, mc_column_name(texts[i]));
			mc_jw_str(&w, d->v[texts[i]]);
			any = true;
		}
	if (d->fields.len > 0 && !mc_str_same(d->fields, old->fields)) {
		mc_jw_key(&w, "fields");
		mc_jw_raw(&w, d->fields);
		any = true;
	}
	if (redated(
		d->finished_at, old->at[MC_COL_FINISHED_AT], c->finished_at))
		put_time(in, &w, d, MC_COL_FINISHED_AT, &any);
	if (!mc_status_open(c->status) && differs(d, old, MC_COL_OFFICER)) {
		mc_jw_key(&w, "officer");
		mc_jw_str(&w, d->v[MC_COL_OFFICER]);
		any = true;
	}
	if (old->received && redated(d->received_at,
				 old->at[MC_COL_RECEIVED_AT], c->received_at))
		put_time(in, &w, d, MC_COL_RECEIVED_AT, &any);
	if (redated(
		d->returned_at, old->at[MC_COL_RETURNED_AT], c->returned_at))
		put_time(in, &w, d, MC_COL_RETURNED_AT, &any);
	if (old->status == MC_S_RECEIVED && d->status == MC_S_PROCESSING &&
	    c->status == MC_S_RECEIVED && d->v[MC_COL_STEP].len == 0) {
		mc_jw_key(&w, "status");
		mc_jw_strz(&w, mc_status_name(d->status));
		any = true;
	}
	mc_jw_close(&w, '}');
	return any;
}

/* The due and the verdict that follow from a correction. */
static bool
put_consequences(struct mc_intake *in, const struct draft *d,
    const struct old_row *old, const struct plan *k, struct mc_event *e)
{
	const struct mc_case *c = &in->c;
	bool finish = redated(
	    d->finished_at, old->at[MC_COL_FINISHED_AT], c->finished_at);
	struct mc_due due = c->due;
	bool moved = false;

	if (k->has_due) {
		due = k->due;
		moved = true;
		put_due(e, due, k->promised, c->due.at);
	} else if (d->due_given && d->due.at != old->due &&
		   !mc_status_open(c->status)) {
		due = d->due;
		moved = true;
		put_due(e, due, true, c->due.at);
	}
	if ((moved || finish) && c->verdict != MC_V_NONE &&
	    c->status != MC_S_WITHDRAWN)
		mc_event_strz(e, MC_F_VERDICT,
		    mc_verdict_name(mc_verdict(c->rule, due,
			finish ? d->finished_at : c->finished_at,
			mc_store_zone(in->store))));
	return moved;
}

/* Public and personal values that differ: one `corrected` event. */
static int
correct(struct mc_intake *in, struct draft *d, const struct old_row *old,
    const struct plan *k, struct mc_err *err)
{
	struct mc_str p[MC_P__COUNT] = { { NULL, 0 } };
	struct mc_event e = { .kind = MC_K_CORRECTED, .at = in->o.now };
	struct mc_buf set = { 0 }, personal = { 0 };
	enum mc_column c;
	bool any = put_set(in, d, old, &set);
	size_t i;
	int rc = 0;

	if (any)
		mc_event_str(&e, MC_F_SET, (struct mc_str){ set.p, set.len });
	if (differs(d, old, MC_COL_ALIAS)) {
		mc_event_str(&e, MC_F_ALIAS, d->v[MC_COL_ALIAS]);
		any = true;
	}
	any = put_consequences(in, d, old, k, &e) || any;
	for (i = 0; i < sizeof(personal_columns) / sizeof(personal_columns[0]);
	     i++) {
		c = personal_columns[i].column;
		if (differs(d, old, c))
			p[personal_columns[i].personal] = d->v[c];
	}
	if (!mc_str_same(d->private_fields, old->private_fields))
		p[MC_P_FIELDS] = d->private_fields;
	if (!mc_str_same(d->kept, old->kept))
		p[MC_P_ATTRIBUTES] = d->kept;
	if (mc_personal_put(&personal, p) || any)
		rc = mc_intake_append(in, d, &e,
		    (struct mc_str){ personal.p, personal.len }, err);
	mc_buf_free(&set);
	mc_buf_free(&personal);
	return rc;
}

/* Another step, another holder, another officer. */
static int
hand_over(struct mc_intake *in, struct draft *d, const struct old_row *old,
    const struct plan *k, struct mc_err *err)
{
	static const struct {
		enum mc_column column;
		enum mc_kind kind;
		enum mc_event_field field;
	} moved[] = {
		{ MC_COL_HOLDER, MC_K_TRANSFERRED, MC_F_UNIT },
		{ MC_COL_OFFICER, MC_K_ASSIGNED, MC_F_OFFICER },
	};
	const struct mc_str none = { NULL, 0 };
	struct mc_event e;
	size_t i;

	if (k->leave_step) {
		e = (struct mc_event){ .kind = MC_K_COMPLETED,
			.at = in->o.now };
		mc_event_str(&e, MC_F_STEP, old->v[MC_COL_STEP]);
		if (mc_intake_append(in, d, &e, none, err) == -1)
			return -1;
	}
	if (k->enter_step) {
		e = (struct mc_event){ .kind = MC_K_STARTED, .at = in->o.now };
		mc_event_str(&e, MC_F_STEP, d->v[MC_COL_STEP]);
		mc_event_str(&e, MC_F_UNIT, d->v[MC_COL_UNIT]);
		if (d->v[MC_COL_HOLDER].len > 0)
			mc_event_str(&e, MC_F_HOLDER, d->v[MC_COL_HOLDER]);
		if (d->v[MC_COL_OFFICER].len > 0)
			mc_event_str(&e, MC_F_OFFICER, d->v[MC_COL_OFFICER]);
		return mc_intake_append(in, d, &e, none, err);
	}
	if (!mc_status_open(d->status) || !mc_status_open(in->c.status) ||
	    (in->c.steps > 0 && k->step == MC_NOID))
		return 0; /* closed, or routed to another step since */
	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		if (!differs(d, old, moved[i].column))
			continue;
		e = (struct mc_event){ .kind = moved[i].kind, .at = in->o.now };
		if (k->step != MC_NOID)
			mc_event_str(&e, MC_F_STEP, d->v[MC_COL_STEP]);
		mc_event_str(&e, moved[i].field, d->v[moved[i].column]);
		if (mc_intake_append(in, d, &e, none, err) == -1)
			return -1;
	}
	return 0;
}

static int
pause_it(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	return plain(in, d,
	    d->status == MC_S_STOPPED ? MC_K_STOPPED : MC_K_PAUSED,
	    d->paused_at, err);
}

/*
 * It goes on.  Since when, a row does not say: since now.  A due that the row
 * gives is the one in force; else the policy says what the pause did to it.
 */
static int
resume(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESUMED, .at = in->o.now };
	struct mc_term limit = { .unit = MC_TERM_NONE };
	const struct mc_case *c = &in->c;
	const struct mc_procedure *p;
	struct mc_policy policy;
	struct mc_due due;

	mc_event_strz(&e, MC_F_STATUS, mc_status_name(d->status));
	if (!d->due_given && c->due.at != MC_NEVER) {
		if (mc_store_definition(in->store, c->pin, &p, &policy, err) ==
		    -1)
			return -1;
		limit = mc_procedure_limit(p, c->channel);
		if (mc_deadline_resume(&due, &policy, d->cal, limit, c->due,
			c->paused_at, e.at, NULL, NULL, err) == -1)
			return -1;
		if (due.at != c->due.at) {
			put_due(&e, due,
			    c->due_given && (policy.pause != MC_PAUSE_RESTART ||
						limit.unit == MC_TERM_NONE),
			    c->due.at);
			mc_event_strz(&e, MC_F_CALENDAR, d->cal_blob);
		}
	}
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

/*
 * What the new row knows and the old one did not, in the order of a life.
 * Where the dossier is further on than the row says, nothing is to be done.
 */
static int
move_on(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	const struct mc_case *c = &in->c;
	bool paused = mc_status_paused(d->status),
	     closed = !mc_status_open(d->status);

	if (!mc_status_open(c->status))
		return d->status == MC_S_RETURNED && c->status == MC_S_FINISHED
			   ? plain(in, d, MC_K_RETURNED, d->returned_at, err)
			   : 0;
	if ((paused ? d->status != old->status
		    : closed && d->paused_at != MC_NEVER &&
			  d->paused_at != old->at[MC_COL_PAUSED_AT]) &&
	    (!mc_status_paused(c->status) || paused) &&
	    pause_it(in, d, err) == -1)
		return -1;
	if (!paused && !closed && !d->unreceived &&
	    mc_status_paused(old->status) && mc_status_paused(c->status))
		return resume(in, d, err);
	if (!closed)
		return 0;
	if (d->status == MC_S_WITHDRAWN)
		return plain(in, d, MC_K_WITHDRAWN, d->finished_at, err);
	if (d->status == MC_S_NOT_ACCEPTED)
		return plain(in, d, MC_K_REFUSED, d->finished_at, err);
	if (plain(in, d, MC_K_FINISHED, d->finished_at, err) == -1)
		return -1;
	return d->status == MC_S_RETURNED
		   ? plain(in, d, MC_K_RETURNED, d->returned_at, err)
		   : 0;
}

/* Another promise while it is open; for a closed one see correct(). */
static int
promise(struct mc_intake *in, struct draft *d, const struct old_row *old,
    struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_RESCHEDULED, .at = in->o.now };

	if (!d->due_given || d->due.at == old->due ||
	    !mc_status_open(in->c.status))
		return 0;
	put_due(&e, d->due, true, in->c.due.at);
	return mc_intake_append(in, d, &e, (struct mc_str){ NULL, 0 }, err);
}

int
mc_intake_update(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct old_row old;
	struct plan k;
	bool children;
	int rc;

	if (mc_intake_read_old(in, &old, err) == -1)
		return -1;
	if ((rc = make_plan(in, d, &old, &k, err)) != 1)
		return rc;
	children = in->c.received_at == MC_NEVER && mc_intake_has_children(d);
	if (differs(d, &old, MC_COL_ALIAS))
		rc = mc_intake_free_alias(in, d, in->c.id, err);
	if (rc == 1 && children)
		rc = mc_intake_plan_children(in, d, err);
	if (rc != 1)
		return rc;
	mc_intake_note_changes(in, d, &old);
	if (receive(in, d, &old, err) == -1 ||
	    promise(in, d, &old, err) == -1 ||
	    correct(in, d, &old, &k, err) == -1 ||
	    hand_over(in, d, &old, &k, err) == -1 ||
	    move_on(in, d, &old, err) == -1)
		return -1;
	if (mc_intake_give_alias(in, d, err) == -1)
		return -1;
	if (d->events > 0)
		mc_intake_note_line(
		    in, d, in->last_seq + 1 - (uint64_t)d->events);
	in->c.row_hash = d->row_hash;
	in->dirty = true;
	d->result = MC_ROW_UPDATED;
	rc = mc_store_save(in->store, &in->c, err);
	return rc == 0 && children ? mc_intake_write_children(in, err) : rc;
}
