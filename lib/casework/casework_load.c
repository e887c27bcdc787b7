/* casework_load.c - what officers have in hand, and whose turn it is. */
#include "casework_internal.h"

static int64_t *
load_of(struct mc_casework *w, int32_t officer)
{
	while (w->load.n <= (size_t)officer)
		mc_vec_push(&w->load, 0);
	return &w->load.p[officer];
}

static int
count_loads(struct mc_casework *w, struct mc_err *err)
{
	struct mc_cur *cur;
	int32_t officer;
	int rc;

	w->load.n = 0;
	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_OFFICER_LOADS,
		MC_NOARGS, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		officer = (int32_t)mc_cur_int(cur, 0, MC_NOID);
		*load_of(w, officer) += mc_cur_int(cur, 1, 0);
	}
	mc_cur_close(cur);
	w->counted = rc == 0;
	return rc;
}

/* As OFFICER_LOADS counts the rows of one dossier. */
void
mc_casework_add_load(struct mc_casework *w, bool open, int32_t officer,
    const struct mc_case_step *step, int steps, int64_t n)
{
	int32_t id;
	int i;

	if (open && steps == 0)
		*load_of(w, officer) += n;
	for (i = 0; i < steps; i++) {
		id = step[i].officer;
		if (id == MC_NOID && open)
			id = officer;
		*load_of(w, id) += n;
	}
}

/* The store's id of an officer; one that it has not met yet has none. */
static int
id_of(struct mc_casework *w, const struct mc_officer *o, int32_t *id,
    struct mc_err *err)
{
	if (w->ids_of != w->units) {
		w->officer_id.n = 0;
		w->ids_of = w->units;
	}
	while (w->officer_id.n <= (size_t)o->index)
		mc_vec_push(&w->officer_id, MC_NOID);
	*id = w->officer_id.p[o->index];
	if (*id != MC_NOID)
		return 0;
	if (mc_store_lookup(w->store, MC_D_OFFICER, mc_str(o->id), id, err) ==
	    -1)
		return -1;
	w->officer_id.p[o->index] = *id;
	return 0;
}

int
mc_casework_load(
    void *arg, const struct mc_officer *o, int64_t *steps, struct mc_err *err)
{
	struct mc_casework *w = arg;
	int32_t id;

	if ((!w->counted && count_loads(w, err) == -1) ||
	    id_of(w, o, &id, err) == -1)
		return -1;
	*steps = id != MC_NOID ? *load_of(w, id) : 0;
	return 0;
}

int
mc_casework_turn(void *arg, const struct mc_unit *unit, const char *step,
    const char **officer, struct mc_err *err)
{
	struct mc_casework *w = arg;
	int32_t u, s, o;

	*officer = NULL;
	if (mc_store_lookup(w->store, MC_D_UNIT, mc_str(unit->code), &u, err) ==
		-1 ||
	    mc_store_lookup(w->store, MC_D_STEP, mc_str(step), &s, err) == -1)
		return -1;
	if (u == MC_NOID || s == MC_NOID)
		return 0;
	if (mc_store_turn(w->store, u, s, &o, err) == -1)
		return -1;
	if (o != MC_NOID)
		*officer = mc_store_text(w->store, MC_D_OFFICER, o);
	return 0;
}
