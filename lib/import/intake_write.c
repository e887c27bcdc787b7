/* intake_write.c - drafts into the log and the tables; motcua/intake.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

/* The run gets its number with the first thing that it writes. */
static int
begin_run(struct mc_intake *in, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(in->store);
	int64_t last;

	if (mc_db_int(db, MC_SQL_RUN_MAX, MC_NOARGS, &last, 0, err) == -1)
		return -1;
	in->run = in->sum.run = last + 1;
	return mc_db_run(db, MC_SQL_RUN_ADD,
	    MC_ARGS(MC_INT(in->run), MC_INT(in->o.now),
		MC_TEXT(mc_str(in->o.source)), MC_INT((int64_t)in->first_seq)),
	    err);
}

/* An event of the run is about to be written for the row. */
static int
note_event(struct mc_intake *in, struct draft *d, struct mc_event *e,
    struct mc_err *err)
{
	if (in->run == 0 && begin_run(in, err) == -1)
		return -1;
	in->dirty = true;
	e->code = d->v[MC_COL_CODE];
	mc_event_int(e, MC_F_RUN, in->run);
	d->events++;
	in->sum.events++;
	return 0;
}

int
mc_intake_append(struct mc_intake *in, struct draft *d, struct mc_event *e,
    struct mc_str personal, struct mc_err *err)
{
	if (note_event(in, d, e, err) == -1)
		return -1;
	if (mc_store_append(in->store, &in->c, e, personal, err) == -1)
		return -1;
	in->last_seq = e->seq;
	return 0;
}

/* The text of the definition is in the database with the first pin to it. */
static int
keep_definition(struct mc_intake *in, const struct draft *d, struct mc_err *err)
{
	const struct mc_version *v = d->version;
	struct version_text *t = mc_intake_version(in, v);
	int32_t known;

	if (t->kept >= in->chain_from)
		return 0; /* under this lock, seen to already */
	t->kept = in->portions;
	if (mc_store_has_definition(in->store, v->blob, &known, err) == -1)
		return -1;
	return known ? 0
		     : mc_store_keep_definition(in->store,
			   d->v[MC_COL_PROCEDURE], v->procedure->title,
			   v->procedure->field, v->blob, v->text, err);
}

int
mc_intake_first(struct mc_intake *in, struct draft *d, enum mc_kind kind,
    struct mc_str personal, struct mc_err *err)
{
	struct mc_event e;

	if (kind == MC_K_RECEIVED && keep_definition(in, d, err) == -1)
		return -1;
	mc_intake_first_event(in, d, kind, &e);
	return mc_intake_append(in, d, &e, personal, err);
}

/* One of the events that the row means; what was made of it before is used. */
static int
add_event(struct mc_intake *in, struct draft *d, int i,
    const struct row_event *what, struct mc_err *err)
{
	struct mc_event e;

	if (what->kind == MC_K_RECEIVED && keep_definition(in, d, err) == -1)
		return -1;
	mc_intake_row_event(in, d, i, what, &e);
	if (i > 0 || d->personal.len == 0 || d->sealed.text.len == 0)
		return mc_intake_append(in, d, &e,
		    i > 0 ? (struct mc_str){ NULL, 0 } : d->personal, err);
	if (note_event(in, d, &e, err) == -1)
		return -1;
	if (mc_store_append_sealed(in->store, &in->c, &e, &d->sealed, err) ==
	    -1)
		return -1;
	in->last_seq = e.seq;
	return 0;
}

/*
 * A pause that is over, as the dossier goes on or is finished, and nobody says
 * when it ended: the due date is the one without it.  Who was early by that
 * one is so by any.
 */
static void
warn_pause(struct mc_intake *in, const struct draft *d)
{
	bool goes_on =
	    d->status == MC_S_RECEIVED || d->status == MC_S_PROCESSING;
	bool finished =
	    d->status == MC_S_FINISHED || d->status == MC_S_RETURNED;

	if ((goes_on || (finished && d->verdict != MC_V_EARLY)) &&
	    d->paused_at != MC_NEVER && d->due.at != MC_NEVER &&
	    d->version->policy.pause != MC_PAUSE_NONE)
		mc_intake_warn(in, "W_PAUSE");
}

int
mc_intake_add(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct row_event what[MC_ROW_EVENTS];
	int n = mc_intake_row_events(d, what), i, rc;
	bool children = mc_intake_has_children(d);

	rc = mc_intake_free_alias(in, d, in->c.voided ? in->c.id : 0, err);
	if (rc == 1 && children)
		rc = mc_intake_plan_children(in, d, err);
	if (rc != 1)
		return rc;
	/* One that was voided goes on in the log where it ended. */
	if (!in->c.voided && d->place != INT64_MAX)
		mc_store_new_at(&in->c, d->place);
	else if (!in->c.voided &&
		 mc_store_new(in->store, d->v[MC_COL_CODE], &in->c, err) == -1)
		return -1;
	in->made++;
	for (i = 0; i < n; i++)
		if (add_event(in, d, i, &what[i], err) == -1)
			return -1;
	mc_intake_note_line(in, d, in->last_seq + 1 - (uint64_t)n);
	in->c.row_hash = d->row_hash;
	if (mc_store_save(in->store, &in->c, err) == -1)
		return -1;
	if (mc_intake_give_alias(in, d, err) == -1)
		return -1;
	if (d->number_key != 0)
		mc_db_run_later(mc_store_db(in->store), MC_SQL_NUMBER_ADD,
		    MC_ARGS(MC_INT(d->number_key), MC_INT(in->c.id)));
	mc_intake_remember(in, d->v[MC_COL_CODE]);
	in->c_code = d->v[MC_COL_CODE];
	d->result = MC_ROW_ADDED;
	warn_pause(in, d);
	return children ? mc_intake_write_children(in, err) : 0;
}

static int
add_new(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	in->c.voided = false; /* of another one */
	return mc_intake_add(in, d, err);
}

/*
 * Is the dossier there?  All rows of a portion were looked up before the first
 * was written (mc_intake_locate), so that reading and writing do not wait for
 * one another; what the portion itself has added since is remembered,
 * unless rows of one dossier stand side by side anyway.
 */
static size_t
slot_of(const struct mc_intake *in, struct mc_str code, uint64_t *hash)
{
	size_t mask = in->added_slots - 1, i;

	*hash = mc_text_hash(code.p, code.len) | 1;
	for (i = *hash >> 8 & mask; in->added[i] != 0 && in->added[i] != *hash;
	     i = (i + 1) & mask)
		;
	return i;
}

void
mc_intake_remember(struct mc_intake *in, struct mc_str code)
{
	uint64_t hash;
	size_t i;

	if (in->adjacent)
		return;
	i = slot_of(in, code, &hash);
	in->added[i] = hash;
}

bool
mc_intake_remembers(const struct mc_intake *in, struct mc_str code)
{
	uint64_t hash;

	return !in->adjacent && in->added[slot_of(in, code, &hash)] != 0;
}

/* A voided one that was found may be another's alias since. */
static int
find(struct mc_intake *in, const struct draft *d, int64_t *id,
    struct mc_err *err)
{
	struct mc_str code = d->v[MC_COL_CODE];
	bool made = mc_intake_remembers(in, code);

	*id = d->id;
	if (d->id != 0 && !made)
		return 1;
	if (in->c.id != 0 && mc_str_same(code, in->c_code)) {
		*id = in->c.id;
		return 1;
	}
	return made ? mc_store_find(in->store, code, id, err) : 0;
}

static int
load(
    struct mc_intake *in, const struct draft *d, int64_t id, struct mc_err *err)
{
	in->c_code = d->v[MC_COL_CODE];
	return mc_store_load(in->store, id, &in->c, err);
}

void
mc_intake_forget_added(struct mc_intake *in)
{
	while (in->added_slots < in->draft.n * 4 + 64) {
		in->added_slots =
		    in->added_slots == 0 ? 1024 : in->added_slots * 2;
		free(in->added);
		in->added = mc_calloc(in->added_slots, sizeof(*in->added));
	}
	memset(in->added, 0, in->added_slots * sizeof(*in->added));
}

/* One row's dossier; `last` is the row before, if any. */
static int
locate(struct mc_intake *in, struct draft *d, const struct draft *last,
    struct mc_err *err)
{
	int rc;

	if (last != NULL &&
	    mc_str_same(d->v[MC_COL_CODE], last->v[MC_COL_CODE])) {
		d->id = last->id;
		d->place = last->place;
	} else {
		rc = mc_store_locate(
		    in->store, d->v[MC_COL_CODE], &d->id, &d->place, err);
		if (rc != 1)
			d->id = 0;
		if (rc == -1)
			return mc_intake_several(
				   in, d, d->source[MC_COL_CODE], err)
				   ? 0
				   : -1;
	}
	return mc_intake_locate_alias(in, d, err);
}

/*
 * A large portion is written in the order of its dossiers' ids, so that the
 * tables grow at their end: a tenth of the time.  Rows of one dossier keep
 * their order; a small portion, and events, keep the file's.
 */
#define SORT_FROM 1024

int
mc_intake_locate(struct mc_intake *in, struct mc_err *err)
{
	bool sorted = in->draft.n >= SORT_FROM && !mc_map_events(in->o.map);
	bool aliases = false;
	struct draft *d, *last = NULL;
	size_t i;

	in->adjacent = sorted;
	mc_intake_order(in);
	if (in->o.number && mc_intake_number(in, err) == -1)
		return -1;
	for (i = 0; i < in->draft.n; i++) {
		if (i + 4 < in->draft.n)
			mc_intake_fetch_head(
			    in->draft.p[i + 4], in->draft.p[i + 2]);
		d = in->draft.p[i];
		if (d->why != NULL)
			continue;
		if (locate(in, d, last, err) == -1)
			return -1;
		if (d->why != NULL)
			continue;
		in->order.p[i].place = d->place;
		aliases = aliases || d->v[MC_COL_ALIAS].len > 0;
		if (d->place == INT64_MAX || aliases)
			in->adjacent = false;
		last = d;
	}
	mc_db_aside_end(mc_store_db(in->store));
	if (!in->adjacent)
		mc_intake_forget_added(in);
	if (sorted && !(aliases && mc_intake_aliases_meet(in)))
		mc_intake_sort(in);
	return 0;
}

int
mc_intake_save(struct mc_intake *in, struct mc_err *err)
{
	bool unsaved = in->unsaved;

	in->unsaved = false;
	return unsaved ? mc_store_save(in->store, &in->c, err) : 0;
}

/* ---- where rows are events ---- */

static struct met *
find_met(struct mc_intake *in, int64_t id)
{
	size_t i, k, old = in->met_slots;
	struct met *slots;

	if ((in->met_n + 1) * 2 > in->met_slots) {
		slots = in->met;
		in->met_slots = old == 0 ? 1024 : old * 2;
		in->met = mc_calloc(in->met_slots, sizeof(*in->met));
		for (i = 0; i < old; i++) {
			if (slots[i].id == 0)
				continue;
			k = (uint64_t)slots[i].id * 0x9e3779b97f4a7c15u >> 20 &
			    (in->met_slots - 1);
			while (in->met[k].id != 0)
				k = (k + 1) & (in->met_slots - 1);
			in->met[k] = slots[i];
		}
		free(slots);
	}
	i = (uint64_t)id * 0x9e3779b97f4a7c15u >> 20 & (in->met_slots - 1);
	while (in->met[i].id != 0 && in->met[i].id != id)
		i = (i + 1) & (in->met_slots - 1);
	return &in->met[i];
}

void
mc_intake_free_met(struct mc_intake *in)
{
	size_t i;

	for (i = 0; i < in->met_slots; i++)
		free(in->met[i].left);
	free(in->met);
	mc_vec_free(&in->untouched);
}

/* Hashes of the activities that the dossier had before this run. */
static int
stored_activities(struct mc_intake *in, struct met *m, struct mc_err *err)
{
	struct mc_str packed = { in->c.events.p, in->c.events.len }, body,
		      key[3];
	struct mc_event e;
	size_t at = 0;
	uint64_t seq = 0;
	uint32_t cap = 0;

	while (mc_seqs_next(packed, &at, &seq) && seq < in->first_seq) {
		if (mc_log_get(in->log, seq, &body, err) != 1)
			return mc_err(err, MC_EDAMAGED, "E_LOG",
			    "the log is damaged: event %llu",
			    (unsigned long long)seq);
		if (mc_event_decode(&e, body, &in->scratch, err) == -1)
			return -1;
		if (e.kind == MC_K_VOIDED)
			m->n_left = 0;
		if (e.kind != MC_K_ACTIVITY)
			continue;
		key[0] = mc_event_get(&e, MC_F_ACTIVITY);
		key[1] = (struct mc_str){ (const char *)&e.at, sizeof(e.at) };
		/* No actor of its own: the importer's name was put there. */
		key[2] = mc_event_has(&e, MC_F_OFFICER)
			     ? mc_event_get(&e, MC_F_OFFICER)
			     : (struct mc_str){ "", 0 };
		if (m->n_left == cap) {
			cap = cap == 0 ? 8 : cap * 2;
			m->left = mc_realloc(m->left, cap, sizeof(*m->left));
		}
		m->left[m->n_left++] = mc_intake_hash(in, key, 3);
	}
	return 0;
}

static bool
take_left(struct met *m, uint64_t hash)
{
	uint32_t i;

	for (i = 0; i < m->n_left; i++)
		if (m->left[i] == hash) {
			m->left[i] = m->left[--m->n_left];
			return true;
		}
	return false;
}

static bool
has_seq(struct mc_str packed, uint64_t first)
{
	size_t at = 0;
	uint64_t seq = 0;

	return mc_seqs_next(packed, &at, &seq) && seq >= first;
}

/* The dossier in hand is met with this row. */
static struct met *
remember_met(struct mc_intake *in, struct met *m, const struct draft *d)
{
	*m = (struct met){ .id = in->c.id,
		.line = d->line,
		.order = in->met_n++,
		.fresh =
		    has_seq((struct mc_str){ in->c.events.p, in->c.events.len },
			in->first_seq) };
	return m;
}

/*
 * What was written for the row is told with the dossier's record, which is
 * this row's if it has none yet.  A dossier that nothing is written for has
 * its record when the run is over.
 */
static void
tell(struct mc_intake *in, struct draft *d, struct met *m)
{
	bool written = d->events > 0 || d->result == MC_ROW_UPDATED;

	if (!written || m->told) {
		d->result = MC_ROW_MERGED;
		if (written && m->portion == in->portions)
			m->teller->events += d->events;
		return;
	}
	d->result = m->added ? MC_ROW_ADDED : MC_ROW_UPDATED;
	d->line = m->line;
	m->told = true;
	m->portion = in->portions;
	m->teller = d;
}

/* The dossier of an event's row: made, or compared, when first met. */
static int
meet(
    struct mc_intake *in, struct draft *d, struct met **out, struct mc_err *err)
{
	struct met *m;
	int64_t id = 0;
	int rc;

	*out = NULL;
	rc = find(in, d, &id, err);
	if (rc == -1)
		return -1;
	if ((rc == 0 || in->c.id != id) && mc_intake_save(in, err) == -1)
		return -1;
	if (rc == 1 && in->c.id != id && load(in, d, id, err) == -1)
		return -1;
	if (rc == 0 || in->c.voided) {
		if ((rc == 0 ? add_new(in, d, err)
			     : mc_intake_add(in, d, err)) == -1)
			return -1;
		if (d->why != NULL)
			return 0; /* one of its children is in the way */
		*out = remember_met(in, find_met(in, in->c.id), d);
		(*out)->added = (*out)->fresh = true;
		return 0;
	}
	m = find_met(in, id);
	if (m->id != 0) {
		if (in->c.row_hash != d->row_hash)
			mc_intake_warn(in, "W_ATTR");
		*out = m;
		return 0;
	}
	if (in->c.row_hash != d->row_hash && in->o.update) {
		if (mc_intake_update(in, d, err) == -1)
			return -1;
		if (d->why != NULL)
			return 0;
	} else if (in->c.row_hash != d->row_hash) {
		return mc_intake_conflict(in, d, err);
	}
	*out = remember_met(in, m, d);
	return m->fresh ? 0 : stored_activities(in, m, err);
}

int
mc_intake_activity(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_str p[MC_P__COUNT] = { { NULL, 0 } };
	struct mc_event e;
	struct met *m;
	int rc;

	mc_event_init(&e, MC_K_ACTIVITY, d->at);
	if (meet(in, d, &m, err) == -1)
		return -1;
	if (m == NULL)
		return 0; /* refused */
	if (d->no_event || (!m->fresh && take_left(m, d->event_hash))) {
		tell(in, d, m);
		return 0;
	}
	mc_event_str(&e, MC_F_ACTIVITY, d->activity);
	if (d->actor.len > 0) {
		e.actor = d->actor;
		mc_event_str(&e, MC_F_OFFICER, d->actor);
	}
	if (d->attributes.len > 0)
		mc_event_str(&e, MC_F_ATTRIBUTES, d->attributes);
	p[MC_P_ATTRIBUTES] = d->event_kept;
	mc_buf_reset(&in->scratch);
	mc_personal_put(&in->scratch, p);
	rc = mc_intake_append(
	    in, d, &e, (struct mc_str){ in->scratch.p, in->scratch.len }, err);
	if (rc == -1)
		return -1;
	tell(in, d, m);
	in->unsaved = true; /* the dossier's next event may follow at once */
	return 0;
}

static int
by_order(const void *va, const void *vb)
{
	const struct met *const *a = va, *const *b = vb;

	return ((*a)->order > (*b)->order) - ((*a)->order < (*b)->order);
}

static void
gather_untouched(struct mc_intake *in)
{
	const struct met *m;
	size_t i;

	for (i = 0; i < in->met_slots; i++) {
		m = &in->met[i];
		if (m->id != 0 && !m->fresh && !m->told)
			mc_vec_push(&in->untouched, m);
	}
	if (in->untouched.n > 1)
		qsort(in->untouched.p, in->untouched.n,
		    sizeof(*in->untouched.p), by_order);
	in->sum.unchanged += (int64_t)in->untouched.n;
}

int
mc_intake_untouched(
    struct mc_intake *in, struct mc_intake_result *out, struct mc_err *err)
{
	const struct met *m;

	if (in->untouched.n == 0)
		gather_untouched(in);
	if (in->next_untouched >= in->untouched.n)
		return 0;
	m = in->untouched.p[in->next_untouched++];
	mc_buf_reset(&in->scratch);
	if (mc_store_code(in->store, m->id, &in->scratch, err) == -1)
		return -1;
	*out = (struct mc_intake_result){ .result = MC_ROW_UNCHANGED,
		.code = { in->scratch.p, in->scratch.len },
		.line = m->line };
	return 1;
}

/* ---- one draft ---- */

int
mc_intake_write(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	int64_t id = 0;
	int rc;

	if (mc_map_events(in->o.map))
		return mc_intake_activity(in, d, err);
	rc = find(in, d, &id, err);
	if (rc == -1)
		return -1;
	if (rc == 0)
		return add_new(in, d, err);
	/* The row before may have made it: to read it again is to wait for it. */
	if ((in->c.id != id || in->c_code.p == NULL || in->o.update) &&
	    load(in, d, id, err) == -1)
		return -1;
	if (in->c.voided)
		return mc_intake_add(in, d, err);
	if (in->c.row_hash == d->row_hash) {
		d->result = MC_ROW_UNCHANGED;
		return 0;
	}
	if (in->o.update)
		return mc_intake_update(in, d, err);
	return mc_intake_conflict(in, d, err);
}
