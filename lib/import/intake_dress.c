/*
 * intake_dress.c - what can be made of a draft before its transaction: its
 * hash, its personal values, its events' texts; see motcua/intake.h.
 *
 * A seventh of an import's work, and none of it needs the lock: who checks the
 * row does it, while it is at hand and the portion before is written.
 */
#include <string.h>

#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

/* So far lie places apart that no text's length, which is in, too, bridges it. */
#define PLACE UINT64_C(0x9E3779B97F4A7C15)

/*
 * Not a commitment, only "the same as last time": fast, and keyed so that the
 * number alone says nothing about the row.  It is in databases: with another
 * one every row imported before would be a conflict.
 */
uint64_t
mc_intake_hash(const struct mc_intake *in, const struct mc_str *v, size_t n)
{
	uint64_t h = in->key;
	size_t i;

	/* Columns that say nothing count by their place. */
	for (i = 0; i < n; i++)
		if (v[i].len > 0)
			h = mc_text_hash_on(h + i * PLACE, v[i].p, v[i].len);
	return h == 0 ? 1 : h; /* 0 means "no row" */
}

/* ---- the events that a row means ---- */

static void
put_due(struct mc_event *e, const struct draft *d)
{
	if (d->due.at == MC_NEVER)
		return;
	mc_event_int(e, MC_F_DUE_AT, d->due.at);
	mc_event_int(e, MC_F_DUE_DAY, d->due.day);
	if (d->due_given)
		mc_event_str(e, MC_F_DUE_SOURCE, MC_STR("given"));
	else if (d->due.provisional)
		mc_event_int(e, MC_F_PROVISIONAL, 1);
	if (d->calendar.len > 0)
		mc_event_str(e, MC_F_CALENDAR, d->calendar);
}

static void
put_text(struct mc_event *e, enum mc_event_field f, struct mc_str s)
{
	if (s.len > 0)
		mc_event_str(e, f, s);
}

struct version_text *
mc_intake_version(struct mc_intake *in, const struct mc_version *v)
{
	uint16_t *hint =
	    &in->version_hint[(uintptr_t)v / sizeof(*v) % MC_VERSION_HINTS];
	struct mc_buf policy = { 0 };
	struct version_text t;
	size_t i;

	if (*hint < in->version_text.n &&
	    in->version_text.p[*hint].version == v)
		return &in->version_text.p[*hint];
	for (i = 0; i < in->version_text.n; i++)
		if (in->version_text.p[i].version == v) {
			*hint = (uint16_t)i;
			return &in->version_text.p[i];
		}
	mc_policy_put(&policy, &v->policy);
	t = (struct version_text){ .version = v,
		.commit = mc_str(v->commit),
		.path = mc_str(v->path),
		.blob = mc_str(v->blob),
		.policy = mc_str(mc_buf_detach(&policy)) };
	mc_vec_push(&in->version_text, t);
	return &in->version_text.p[in->version_text.n - 1];
}

static void
put_version(struct mc_intake *in, struct mc_event *e, const struct draft *d)
{
	const struct version_text *t = mc_intake_version(in, d->version);

	mc_event_str(e, MC_F_COMMIT, t->commit);
	mc_event_str(e, MC_F_PATH, t->path);
	mc_event_str(e, MC_F_BLOB, t->blob);
	if (t->policy.len > 2) /* not "{}" */
		mc_event_str(e, MC_F_POLICY, t->policy);
}

void
mc_intake_first_event(struct mc_intake *in, const struct draft *d,
    enum mc_kind kind, struct mc_event *e)
{
	mc_event_init(e, kind, d->received_at);
	mc_event_str(e, MC_F_PROCEDURE, d->v[MC_COL_PROCEDURE]);
	if (kind == MC_K_RECEIVED)
		put_version(in, e, d);
	put_text(e, MC_F_ALIAS, d->v[MC_COL_ALIAS]);
	put_text(e, MC_F_APPLICANT_KIND, d->v[MC_COL_APPLICANT_KIND]);
	put_text(e, MC_F_CASE, mc_intake_case_id(d));
	mc_event_str(e, MC_F_CHANNEL, mc_channel_str(d->channel));
	mc_event_str(e, MC_F_UNIT, d->v[MC_COL_UNIT]);
	put_text(e, MC_F_FIELDS, d->fields);
	put_text(e, MC_F_HOLDER, d->v[MC_COL_HOLDER]);
	put_text(e, MC_F_OFFICER, d->v[MC_COL_OFFICER]);
	put_text(e, MC_F_SAID, d->said);
	if (kind == MC_K_RECEIVED) {
		put_due(e, d);
		if (mc_status_open(d->status))
			put_text(e, MC_F_STEP, d->v[MC_COL_STEP]);
		if (d->status == MC_S_PROCESSING)
			mc_event_str(e, MC_F_STATUS, MC_STR("processing"));
	}
}

int
mc_intake_row_events(const struct draft *d, struct row_event out[MC_ROW_EVENTS])
{
	bool told_back = d->status == MC_S_WITHDRAWN ||
			 d->status == MC_S_FINISHED ||
			 d->status == MC_S_RETURNED;
	int n = 0;

	out[n++] =
	    (struct row_event){ d->unreceived ? MC_K_REGISTERED : MC_K_RECEIVED,
		    d->received_at };
	/* A pause that is over belongs to what is told of a closed one. */
	if (told_back && d->paused_at != MC_NEVER)
		out[n++] = (struct row_event){ MC_K_PAUSED, d->paused_at };
	switch (d->status) {
	case MC_S_NOT_ACCEPTED:
		out[n++] = (struct row_event){ MC_K_REFUSED, d->finished_at };
		break;
	case MC_S_WITHDRAWN:
		out[n++] = (struct row_event){ MC_K_WITHDRAWN, d->finished_at };
		break;
	case MC_S_STOPPED:
		out[n++] = (struct row_event){ MC_K_STOPPED, d->paused_at };
		break;
	case MC_S_SUPPLEMENT:
	case MC_S_PAYMENT:
		out[n++] = (struct row_event){ MC_K_PAUSED, d->paused_at };
		break;
	case MC_S_RETURNED:
		out[n++] = (struct row_event){ MC_K_FINISHED, d->finished_at };
		out[n++] = (struct row_event){ MC_K_RETURNED, d->returned_at };
		break;
	case MC_S_FINISHED:
		out[n++] = (struct row_event){ MC_K_FINISHED, d->finished_at };
		break;
	default:
		break;
	}
	return n;
}

void
mc_intake_row_event(struct mc_intake *in, const struct draft *d, int i,
    const struct row_event *what, struct mc_event *e)
{
	if (i == 0) {
		mc_intake_first_event(in, d, what->kind, e);
		e->has_personal = d->sealed.text.len > 0;
		e->commitment = d->sealed.commitment;
	} else {
		mc_event_init(e, what->kind, what->at);
		if (what->kind == MC_K_FINISHED)
			mc_event_str(
			    e, MC_F_VERDICT, mc_verdict_str(d->verdict));
		if (what->kind == MC_K_PAUSED)
			mc_event_str(e, MC_F_STATUS,
			    mc_status_str(mc_status_paused(d->status)
					      ? d->status
					      : MC_S_SUPPLEMENT));
	}
	e->inner = d->inner[i];
}

/* ---- dressing ---- */

void
mc_intake_canonical_time(struct mc_intake *in, struct mc_str *v, int64_t ms)
{
	if (ms == MC_NEVER) {
		*v = (struct mc_str){ "", 0 };
		return;
	}
	/* Eight bytes are as good as text for comparing, and faster made. */
	*v = mc_pool_str(
	    &in->pool, (struct mc_str){ (const char *)&ms, sizeof(ms) });
}

/* What was written into the pool's room stays there. */
static struct mc_str
keep(struct mc_intake *in, const char *from, const char *end)
{
	mc_pool_get(&in->pool, (size_t)(end - from) + 1);
	return (struct mc_str){ from, (size_t)(end - from) };
}

/* Behind their salt, so that both are hashed as one text. */
static void
put_personal(struct mc_intake *in, struct draft *d)
{
	struct mc_str p[MC_P__COUNT] = { { NULL, 0 } };
	char *salt, *text, *end;
	size_t room;

	p[MC_P_ADDRESS] = d->v[MC_COL_ADDRESS];
	p[MC_P_APPLICANT_ID] = d->v[MC_COL_APPLICANT_ID];
	p[MC_P_APPLICANT_NAME] = d->v[MC_COL_APPLICANT_NAME];
	p[MC_P_ATTRIBUTES] = d->kept;
	p[MC_P_EMAIL] = d->v[MC_COL_EMAIL];
	p[MC_P_FIELDS] = d->private_fields;
	p[MC_P_NOTE] = d->v[MC_COL_NOTE];
	p[MC_P_PHONE] = d->v[MC_COL_PHONE];
	p[MC_P_SUBJECT] = d->v[MC_COL_SUBJECT];
	if ((room = mc_personal_room(p)) == 0)
		return;
	salt = mc_pool_room(&in->pool, MC_SALT_LEN + room + 8);
	text = salt + MC_SALT_LEN;
	end = mc_personal_text(text, p);
	keep(in, salt, end);
	d->personal = (struct mc_str){ text, (size_t)(end - text) };
	/* Of events in rows of their own each is sealed as it is written. */
	if (mc_map_events(in->o.map))
		return;
	mc_personal_salt(&d->sealed, &in->salts, salt);
	d->sealed.text = d->personal;
}

/* ---- commitments ---- */

static void
commit_both(struct uncommitted *a, struct uncommitted *b)
{
	mc_personal_commit(a->sealed, b->sealed);
	if (a->end != NULL)
		mc_event_commit(a->end, &a->sealed->commitment);
	if (b->end != NULL)
		mc_event_commit(b->end, &b->sealed->commitment);
	a->sealed = NULL;
}

void
mc_intake_dressed(struct mc_intake *in)
{
	struct uncommitted none = { NULL, NULL };

	if (in->uncommitted.sealed != NULL)
		commit_both(&in->uncommitted, &none);
}

/* A row's commitment is hashed beside the next one's. */
static void
commit_later(struct mc_intake *in, struct uncommitted u)
{
	if (in->uncommitted.sealed == NULL)
		in->uncommitted = u;
	else
		commit_both(&in->uncommitted, &u);
}

/* Where a row is a dossier, it is most likely new: its events' texts. */
static void
put_events(struct mc_intake *in, struct draft *d)
{
	struct uncommitted u = { &d->sealed, NULL };
	struct row_event what[MC_ROW_EVENTS];
	struct mc_event e;
	int n = mc_intake_row_events(d, what), i;
	char *text, *end;

	/* The events name the run, which may have no number yet. */
	if (in->run == 0 || d->v[MC_COL_CODE].len == 0)
		n = 0;
	for (i = 0; i < n; i++) {
		mc_intake_row_event(in, d, i, &what[i], &e);
		e.code = d->v[MC_COL_CODE];
		mc_event_int(&e, MC_F_RUN, in->run);
		text = mc_pool_room(&in->pool, mc_event_inner_room(&e) + 8);
		end = mc_event_inner(text, &e);
		d->inner[i] = keep(in, text, end);
		if (e.has_personal)
			u.end = end;
	}
	if (d->personal.len > 0)
		commit_later(in, u);
}

static void
put_said_time(
    struct mc_intake *in, struct mc_jw *w, enum mc_column c, int64_t at)
{
	mc_jw_key(w, mc_column_name(c));
	mc_buf_reset(&in->clean);
	mc_time_put_utc(&in->clean, at);
	mc_jw_str(w, (struct mc_str){ in->clean.p, in->clean.len });
}

struct mc_str
mc_intake_said(struct mc_intake *in, const struct draft *d,
    const bool column[MC_COL_DOSSIER__COUNT])
{
	struct mc_jw w = mc_jw(&in->dressing);

	mc_buf_reset(&in->dressing);
	mc_jw_open(&w, '{');
	if (column[MC_COL_PAUSED_AT])
		put_said_time(in, &w, MC_COL_PAUSED_AT, d->paused_at);
	if (column[MC_COL_RETURNED_AT])
		put_said_time(in, &w, MC_COL_RETURNED_AT, d->returned_at);
	if (column[MC_COL_STEP]) {
		mc_jw_key(&w, mc_column_name(MC_COL_STEP));
		mc_jw_str(&w, d->v[MC_COL_STEP]);
	}
	mc_jw_close(&w, '}');
	return mc_pool_str(
	    &in->pool, (struct mc_str){ in->dressing.p, in->dressing.len });
}

/*
 * What the row says and its events do not: kept beside them, so that the next
 * row can be compared with it.
 */
static void
put_said(struct mc_intake *in, struct draft *d)
{
	bool column[MC_COL_DOSSIER__COUNT] = { false };
	bool open = mc_status_open(d->status);

	column[MC_COL_PAUSED_AT] = d->paused_at != MC_NEVER &&
				   ((open && !mc_status_paused(d->status)) ||
				       d->status == MC_S_NOT_ACCEPTED);
	column[MC_COL_RETURNED_AT] =
	    d->returned_at != MC_NEVER && d->status != MC_S_RETURNED;
	column[MC_COL_STEP] =
	    d->v[MC_COL_STEP].len > 0 && d->unreceived && open;
	if (column[MC_COL_PAUSED_AT] || column[MC_COL_RETURNED_AT] ||
	    column[MC_COL_STEP])
		d->said = mc_intake_said(in, d, column);
}

int64_t
mc_intake_row_hash(const struct mc_intake *in, const struct draft *d)
{
	struct mc_str hashed[MC_COL_DOSSIER__COUNT + 3];
	int i;

	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++)
		hashed[i] = d->v[i];
	/* The dossier is found by it, or by an alias, or it gets one. */
	hashed[MC_COL_CODE] = (struct mc_str){ "", 0 };
	hashed[i++] = d->fields;
	hashed[i++] = d->private_fields;
	if (d->kept.len > 0)
		hashed[i++] = d->kept;
	return (int64_t)mc_intake_hash(in, hashed, (size_t)i);
}

void
mc_intake_dress(struct mc_intake *in, struct draft *d)
{
	mc_intake_canonical_time(in, &d->v[MC_COL_RECEIVED_AT], d->received_at);
	mc_intake_canonical_time(in, &d->v[MC_COL_PAUSED_AT], d->paused_at);
	mc_intake_canonical_time(in, &d->v[MC_COL_FINISHED_AT], d->finished_at);
	mc_intake_canonical_time(in, &d->v[MC_COL_RETURNED_AT], d->returned_at);
	mc_intake_canonical_time(
	    in, &d->v[MC_COL_DUE_AT], d->due_said ? d->due.at : MC_NEVER);
	d->v[MC_COL_CHANNEL] = mc_channel_str(d->channel);
	d->v[MC_COL_STATUS] = mc_status_str(d->status);
	d->row_hash = mc_intake_row_hash(in, d);
	put_said(in, d);
	put_personal(in, d);
	if (!mc_map_events(in->o.map))
		put_events(in, d);
}
