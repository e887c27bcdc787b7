/* store_case.c - a case and its rows; see motcua/store.h. */
#include <string.h>

#include <motcua/mem.h>

#include "store_internal.h"

static int64_t
flags_of(const struct mc_case *c)
{
	return (c->due_given ? MC_FLAG_GIVEN : 0) |
	       (c->due.provisional ? MC_FLAG_PROVISIONAL : 0) |
	       (c->apologised ? MC_FLAG_APOLOGISED : 0) |
	       (c->due_moved ? MC_FLAG_MOVED : 0) |
	       (c->voided ? MC_FLAG_VOIDED : 0) |
	       (c->revived ? MC_FLAG_REVIVED : 0) |
	       (c->child ? MC_FLAG_CHILD : 0) |
	       (c->recounted ? MC_FLAG_RECOUNTED : 0) |
	       (int64_t)c->extensions * MC_FLAG_EXTENSIONS;
}

static void
take_flags(struct mc_case *c, int64_t flags)
{
	c->due_given = (flags & MC_FLAG_GIVEN) != 0;
	c->due.provisional = (flags & MC_FLAG_PROVISIONAL) != 0;
	c->apologised = (flags & MC_FLAG_APOLOGISED) != 0;
	c->due_moved = (flags & MC_FLAG_MOVED) != 0;
	c->voided = (flags & MC_FLAG_VOIDED) != 0;
	c->revived = (flags & MC_FLAG_REVIVED) != 0;
	c->child = (flags & MC_FLAG_CHILD) != 0;
	c->recounted = (flags & MC_FLAG_RECOUNTED) != 0;
	c->extensions = (int32_t)(flags / MC_FLAG_EXTENSIONS);
}

/* Those of a step in a row of CASE_GET. */
enum {
	COL_STEP = 23,
	COL_STEP_UNIT,
	COL_STEP_OFFICER,
	COL_ENTERED,
	COL_STEP_DUE,
	COL_STEP_DAY
};

static bool
later_step(const struct mc_case_step *a, const struct mc_case_step *b)
{
	return a->entered_at != b->entered_at ? a->entered_at > b->entered_at
					      : a->step > b->step;
}

/* Into its place by time, then by name. */
static void
load_step(struct mc_case *c, struct mc_cur *cur)
{
	struct mc_case_step step = {
		.step = (int32_t)mc_cur_int(cur, COL_STEP, MC_NOID),
	};
	int i;

	if (step.step == MC_NOID)
		return;
	step.unit = (int32_t)mc_cur_int(cur, COL_STEP_UNIT, MC_NOID);
	step.officer = (int32_t)mc_cur_int(cur, COL_STEP_OFFICER, MC_NOID);
	step.entered_at = mc_cur_int(cur, COL_ENTERED, MC_NEVER);
	step.due_at = mc_cur_int(cur, COL_STEP_DUE, MC_NEVER);
	step.due_day = (int32_t)mc_cur_int(cur, COL_STEP_DAY, MC_NODAY);
	if (c->steps == c->step_cap) {
		c->step_cap = c->step_cap == 0 ? 4 : c->step_cap * 2;
		c->step =
		    mc_realloc(c->step, (size_t)c->step_cap, sizeof(*c->step));
	}
	for (i = c->steps++; i > 0 && later_step(&c->step[i - 1], &step); i--)
		c->step[i] = c->step[i - 1];
	c->step[i] = step;
}

static void
load_row(struct mc_case *c, struct mc_cur *cur)
{
	struct mc_str s;
	size_t at = 0;

	c->procedure = (int32_t)mc_cur_int(cur, 0, MC_NOID);
	c->pin = (int32_t)mc_cur_int(cur, 1, MC_NOID);
	c->unit = (int32_t)mc_cur_int(cur, 2, MC_NOID);
	c->channel = (enum mc_channel)mc_cur_int(cur, 3, MC_CH_NONE);
	c->received_at = mc_cur_int(cur, 4, MC_NEVER);
	c->row_hash = mc_cur_int(cur, 5, 0);
	c->status = (enum mc_status)mc_cur_int(cur, 6, MC_S_NONE);
	c->was = (enum mc_status)mc_cur_int(cur, 7, MC_S_NONE);
	c->due.at = mc_cur_int(cur, 8, MC_NEVER);
	c->due.day = (int32_t)mc_cur_int(cur, 9, MC_NODAY);
	take_flags(c, mc_cur_int(cur, 10, 0));
	c->paused_at = mc_cur_int(cur, 11, MC_NEVER);
	c->overdue_on = (int32_t)mc_cur_int(cur, 12, MC_NODAY);
	c->finished_at = mc_cur_int(cur, 13, MC_NEVER);
	c->returned_at = mc_cur_int(cur, 14, MC_NEVER);
	c->verdict = (enum mc_verdict)mc_cur_int(cur, 15, MC_V_NONE);
	c->holder = (int32_t)mc_cur_int(cur, 16, MC_NOID);
	c->officer = (int32_t)mc_cur_int(cur, 17, MC_NOID);
	c->changed_at = mc_cur_int(cur, 18, MC_NEVER);
	c->version = (int32_t)mc_cur_int(cur, 19, 0);
	s = mc_cur_blob(cur, 20);
	mc_buf_add(&c->events, s.p, s.len);
	while (mc_seqs_next(s, &at, &c->last_seq))
		;
	s = mc_cur_text(cur, 21);
	if (s.len > 0)
		mc_buf_add(&c->fields, s.p, s.len);
	c->stored.open = mc_cur_int(cur, 22, 0) != 0;
}

/* As far as the row tells. */
static int32_t
counted_on(const struct mc_case *c, const struct mc_zone *zone)
{
	if (c->recounted)
		return MC_ANYDAY;
	return c->received_at == MC_NEVER ? MC_NODAY
					  : mc_zone_day(zone, c->received_at);
}

static void
remember(struct mc_case *c)
{
	int i;

	c->stored.there = true;
	c->stored.open = mc_status_open(c->status);
	c->stored.steps = c->steps;
	for (i = 0; i < c->steps && i < MC_STORED_STEPS; i++)
		c->stored.step[i] = c->step[i];
	c->stored.holder = c->holder;
	c->stored.officer = c->officer;
	c->stored.procedure = c->procedure;
	c->stored.pin = c->pin;
	c->stored.unit = c->unit;
	c->stored.channel = c->channel;
	c->stored.received_at = c->received_at;
	c->stored.row_hash = c->row_hash;
}

int
mc_store_load(
    struct mc_store *s, int64_t id, struct mc_case *c, struct mc_err *err)
{
	struct mc_cur *cur;
	struct pin_row *row;
	int rc;

	mc_case_init(c);
	if (mc_cur_open(
		&cur, s->db, MC_SQL_CASE_GET, MC_ARGS(MC_INT(id)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		load_row(c, cur);
		c->id = id;
		c->counted_on = counted_on(c, s->names.zone);
	}
	for (; rc == 1 && c->steps < MC_CASE_STEPS; rc = mc_cur_next(cur, err))
		load_step(c, cur);
	mc_cur_close(cur);
	if (rc == -1 || c->id == 0)
		return rc;
	if (c->pin != MC_NOID) {
		struct mc_pin pin;

		/* Brings the names of pins in, where they are not yet. */
		if (mc_store_pin(s, c->pin, &pin, err) != 1)
			return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
			    "%s: there is no pin %d", mc_db_path(s->db),
			    (int)c->pin);
		row = &s->pin.p[c->pin - 1];
		c->rule = row->verdict;
	}
	remember(c);
	return 1;
}

/* What `open` has while it is open is NULL in `dossier`. */
static void
save_dossier(struct mc_store *s, const struct mc_case *c)
{
	bool open = mc_status_open(c->status);
	struct mc_str events = { c->events.p, c->events.len };
	const struct mc_arg null = MC_NULL;
	const struct mc_arg args[] = {
		MC_INT(c->id),
		MC_INT(c->procedure),
		MC_INT_OR_NULL(c->pin, MC_NOID),
		MC_INT(c->unit),
		MC_INT(c->channel),
		MC_INT_OR_NULL(c->received_at, MC_NEVER),
		MC_INT_OR_NULL(c->row_hash, 0),
		open ? null : MC_INT(c->status),
		open ? null : MC_INT_OR_NULL(c->due.day, MC_NODAY),
		open ? null : MC_INT_OR_NULL(c->due.at, MC_NEVER),
		open ? null : MC_INT(flags_of(c)),
		MC_INT_OR_NULL(c->finished_at, MC_NEVER),
		MC_INT_OR_NULL(c->returned_at, MC_NEVER),
		MC_INT_OR_NULL(c->verdict, MC_V_NONE),
		open ? null : MC_INT_OR_NULL(c->holder, MC_NOID),
		open ? null : MC_INT_OR_NULL(c->officer, MC_NOID),
		open ? null : MC_INT(c->changed_at),
		open ? null : MC_INT(c->version),
		open ? null : MC_BLOB(events),
	};

	mc_db_run_later(s->db,
	    c->stored.there ? MC_SQL_DOSSIER_SET : MC_SQL_DOSSIER_ADD, args,
	    sizeof(args) / sizeof(args[0]));
	mc_store_touch(s, c->id);
}

/* In the hands it was in, as most are: no foreign key is touched. */
static bool
hands_stand(const struct mc_case *c)
{
	return c->stored.there && c->stored.open &&
	       c->stored.procedure == c->procedure && c->stored.pin == c->pin &&
	       c->stored.unit == c->unit && c->stored.holder == c->holder &&
	       c->stored.officer == c->officer &&
	       c->stored.received_at == c->received_at;
}

static void
save_open_state(struct mc_store *s, const struct mc_case *c)
{
	struct mc_str events = { c->events.p, c->events.len };
	struct mc_str fields = { c->fields.len > 0 ? c->fields.p : NULL,
		c->fields.len };

	mc_db_run_later(s->db, MC_SQL_OPEN_STATE,
	    MC_ARGS(MC_INT(c->id), MC_INT_OR_NULL(c->due.at, MC_NEVER),
		MC_INT_OR_NULL(c->due.day, MC_NODAY), MC_INT(c->status),
		MC_INT_OR_NULL(c->was, MC_S_NONE), MC_INT(flags_of(c)),
		MC_INT_OR_NULL(c->paused_at, MC_NEVER),
		MC_INT_OR_NULL(c->overdue_on, MC_NODAY), MC_INT(c->changed_at),
		MC_INT(c->version), MC_BLOB(events), MC_TEXT_OR_NULL(fields)));
}

static void
save_open(struct mc_store *s, const struct mc_case *c)
{
	struct mc_str events = { c->events.p, c->events.len };
	struct mc_str fields = { c->fields.len > 0 ? c->fields.p : NULL,
		c->fields.len };

	mc_db_run_later(s->db, MC_SQL_OPEN_SET,
	    MC_ARGS(MC_INT(c->id), MC_INT_OR_NULL(c->due.at, MC_NEVER),
		MC_INT_OR_NULL(c->due.day, MC_NODAY), MC_INT(c->status),
		MC_INT_OR_NULL(c->was, MC_S_NONE), MC_INT(flags_of(c)),
		MC_INT(c->unit), MC_INT_OR_NULL(c->pin, MC_NOID),
		MC_INT_OR_NULL(c->paused_at, MC_NEVER),
		MC_INT_OR_NULL(c->overdue_on, MC_NODAY),
		MC_INT_OR_NULL(c->holder, MC_NOID),
		MC_INT_OR_NULL(c->officer, MC_NOID), MC_INT(c->changed_at),
		MC_INT(c->version), MC_BLOB(events), MC_TEXT_OR_NULL(fields),
		MC_INT(c->procedure),
		MC_INT_OR_NULL(c->received_at, MC_NEVER)));
}

static const struct mc_case_step *
stored_step(const struct mc_case *c, int32_t step)
{
	int i;

	for (i = 0; i < c->stored.steps; i++)
		if (c->stored.step[i].step == step)
			return &c->stored.step[i];
	return NULL;
}

static bool
same_step(const struct mc_case_step *a, const struct mc_case_step *b)
{
	return a->unit == b->unit && a->officer == b->officer &&
	       a->entered_at == b->entered_at && a->due_at == b->due_at &&
	       a->due_day == b->due_day;
}

static bool
has_step(const struct mc_case *c, int32_t step)
{
	int i;

	for (i = 0; i < c->steps; i++)
		if (c->step[i].step == step)
			return true;
	return false;
}

/*
 * By their keys where they are few: to drop whatever a dossier has, SQLite
 * gathers the keys in a table of its own first, which costs more than all
 * else here; and to be ready to take back a statement that looks at foreign
 * keys in the middle, it copies every page.
 */
static void
save_steps(struct mc_store *s, const struct mc_case *c)
{
	bool few = c->stored.steps <= MC_STORED_STEPS;
	const struct mc_case_step *p, *old;
	int i;

	if (!few)
		mc_db_run_later(
		    s->db, MC_SQL_STEP_DROP, MC_ARGS(MC_INT(c->id)));
	for (i = 0; few && i < c->stored.steps; i++)
		if (!has_step(c, c->stored.step[i].step))
			mc_db_run_later(s->db, MC_SQL_STEP_DROP_ONE,
			    MC_ARGS(
				MC_INT(c->id), MC_INT(c->stored.step[i].step)));
	for (i = 0; i < c->steps; i++) {
		p = &c->step[i];
		old = few ? stored_step(c, p->step) : NULL;
		if (old != NULL && same_step(old, p))
			continue;
		mc_db_run_later(s->db,
		    old != NULL ? MC_SQL_STEP_SET : MC_SQL_STEP_ADD,
		    MC_ARGS(MC_INT(c->id), MC_INT(p->step), MC_INT(p->unit),
			MC_INT_OR_NULL(p->officer, MC_NOID),
			MC_INT(p->entered_at),
			MC_INT_OR_NULL(p->due_at, MC_NEVER),
			MC_INT_OR_NULL(p->due_day, MC_NODAY)));
	}
}

/* The wide row is left alone while only what `open` has has changed. */
static bool
dossier_stands(const struct mc_case *c)
{
	return c->stored.there && c->stored.open && mc_status_open(c->status) &&
	       c->stored.procedure == c->procedure && c->stored.pin == c->pin &&
	       c->stored.unit == c->unit && c->stored.channel == c->channel &&
	       c->stored.received_at == c->received_at &&
	       c->stored.row_hash == c->row_hash;
}

int
mc_store_save(struct mc_store *s, struct mc_case *c, struct mc_err *err)
{
	bool open = mc_status_open(c->status);

	(void)err;
	if (!dossier_stands(c))
		save_dossier(s, c);
	if (open && hands_stand(c))
		save_open_state(s, c);
	else if (open)
		save_open(s, c);
	else if (c->stored.open)
		mc_db_run_later(
		    s->db, MC_SQL_OPEN_DROP, MC_ARGS(MC_INT(c->id)));
	save_steps(s, c);
	remember(c);
	return 0;
}

void
mc_store_save_due(struct mc_store *s, const struct mc_case *c)
{
	struct mc_str events = { c->events.p, c->events.len };

	mc_db_run_later(s->db, MC_SQL_OPEN_DUE,
	    MC_ARGS(MC_INT(c->id), MC_INT_OR_NULL(c->due.at, MC_NEVER),
		MC_INT_OR_NULL(c->due.day, MC_NODAY), MC_INT(flags_of(c)),
		MC_INT_OR_NULL(c->overdue_on, MC_NODAY), MC_INT(c->version),
		MC_BLOB(events)));
}

/* ---- children ---- */

void
mc_store_parent(struct mc_store *s, int64_t id, struct mc_str parent)
{
	mc_db_run_later(
	    s->db, MC_SQL_CHILD_ADD, MC_ARGS(MC_INT(id), MC_TEXT(parent)));
}

int
mc_store_parent_of(
    struct mc_store *s, int64_t id, struct mc_buf *out, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str v;
	int rc;

	if (mc_cur_open(&cur, s->db, MC_SQL_CHILD_PARENT, MC_ARGS(MC_INT(id)),
		err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		v = mc_cur_text(cur, 0);
		mc_buf_add(out, v.p, v.len);
	}
	mc_cur_close(cur);
	return rc;
}

int
mc_store_open_children(struct mc_store *s, struct mc_str parent,
    struct mc_buf *names, struct mc_err *err)
{
	int64_t id[MC_CHILDREN_NAMED];
	struct mc_cur *cur;
	int i, n = 0, rc;

	if (mc_cur_open(&cur, s->db, MC_SQL_CHILD_OPEN,
		MC_ARGS(MC_TEXT(parent)), err) == -1)
		return -1;
	for (; (rc = mc_cur_next(cur, err)) == 1; n++)
		if (n < MC_CHILDREN_NAMED)
			id[n] = mc_cur_int(cur, 0, 0);
	mc_cur_close(cur);
	for (i = 0; rc == 0 && i < n && i < MC_CHILDREN_NAMED; i++) {
		mc_buf_puts(names, i > 0 ? ", " : "");
		rc = mc_store_code(s, id[i], names, err);
	}
	if (rc == 0 && n > MC_CHILDREN_NAMED)
		mc_buf_puts(names, ", ...");
	return rc == -1 ? -1 : n;
}
