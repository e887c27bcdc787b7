/*
 * store_turn.c - to whom a step at a unit went last.
 *
 * A fold of the log like everything else: the officer of the last event by
 * which a rule gave that step at that unit to one, whatever the dossier; an
 * officer named by hand (assigned, without a unit) takes nobody's turn.  Rows
 * are written when the transaction ends, one for each step and unit.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "store_internal.h"

static struct turn *
slot_of(const struct turns *t, int32_t unit, int32_t step)
{
	size_t at = ((uint32_t)unit * UINT32_C(2654435761) ^
			(uint32_t)step * UINT32_C(40503)) &
		    (t->size - 1);

	while (t->slot[at].unit != MC_NOID &&
	       (t->slot[at].unit != unit || t->slot[at].step != step))
		at = (at + 1) & (t->size - 1);
	return &t->slot[at];
}

static void
grow(struct turns *t)
{
	struct turn *old = t->slot;
	size_t size = t->size, i;

	t->size = size == 0 ? 64 : 2 * size;
	t->slot = mc_calloc(t->size, sizeof(*t->slot));
	for (i = 0; i < size; i++)
		if (old[i].unit != MC_NOID)
			*slot_of(t, old[i].unit, old[i].step) = old[i];
	free(old);
}

/* What is known of it in this transaction; unit is NOID when nothing is. */
static struct turn *
find(struct turns *t, int32_t unit, int32_t step)
{
	if (2 * (t->n + 1) > t->size)
		grow(t);
	return slot_of(t, unit, step);
}

static struct turn *
add(struct turns *t, struct turn *at, int32_t unit, int32_t step)
{
	if (at->unit == MC_NOID) {
		*at = (struct turn){ .unit = unit, .step = step };
		t->n++;
	}
	return at;
}

int
mc_store_take_turn(
    struct mc_store *s, const struct mc_event *e, struct mc_err *err)
{
	static const struct {
		enum mc_event_field field;
		enum mc_dict dict;
	} part[] = { { MC_F_UNIT, MC_D_UNIT }, { MC_F_STEP, MC_D_STEP },
		{ MC_F_OFFICER, MC_D_OFFICER } };
	struct turn *t;
	int32_t id[3];
	int i;

	if ((e->kind != MC_K_STARTED && e->kind != MC_K_REOPENED &&
		e->kind != MC_K_ASSIGNED) ||
	    !mc_event_has(e, MC_F_OFFICER))
		return 0;
	for (i = 0; i < 3; i++) {
		if (!mc_event_has(e, part[i].field))
			return 0;
		if (s->names.id(s->names.arg, part[i].dict,
			mc_event_get(e, part[i].field), &id[i], err) == -1)
			return -1;
	}
	t = add(&s->turns, find(&s->turns, id[0], id[1]), id[0], id[1]);
	t->officer = id[2];
	t->changed = true;
	return 0;
}

int
mc_store_turn(struct mc_store *s, int32_t unit, int32_t step, int32_t *officer,
    struct mc_err *err)
{
	struct turn *t = find(&s->turns, unit, step);
	int64_t id = MC_NOID;

	if (t->unit == MC_NOID) {
		if (mc_db_int(s->db, MC_SQL_TURN_GET,
			MC_ARGS(MC_INT(unit), MC_INT(step)), &id, MC_NOID,
			err) == -1)
			return -1;
		t = add(&s->turns, t, unit, step);
		t->officer = (int32_t)id;
	}
	*officer = t->officer;
	return 0;
}

/* In the order of the table's key: the log's fold is written the same way. */
static int
by_key(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return (x->step > y->step) - (x->step < y->step);
}

void
mc_store_flush_turns(struct mc_store *s)
{
	struct turns *t = &s->turns;
	size_t i;

	if (t->n > 0)
		qsort(t->slot, t->size, sizeof(*t->slot), by_key);
	for (i = 0; i < t->size; i++)
		if (t->slot[i].changed)
			mc_db_run_later(s->db, MC_SQL_TURN_SET,
			    MC_ARGS(MC_INT(t->slot[i].unit),
				MC_INT(t->slot[i].step),
				MC_INT(t->slot[i].officer)));
	mc_store_forget_turns(s);
}

/* Others may write as soon as this transaction is over. */
void
mc_store_forget_turns(struct mc_store *s)
{
	free(s->turns.slot);
	memset(&s->turns, 0, sizeof(s->turns));
}
