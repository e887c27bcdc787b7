/* rulebook_roles.c - does somebody do each step, wherever it is received? */
#include <string.h>

#include "rulebook_internal.h"

/* Where dossiers of the procedure come in on that day. */
static bool
receives(const struct mc_units *u, const struct mc_unit *unit,
    const struct mc_procedure *p, int32_t day, bool level)
{
	return mc_unit_valid(unit, day) &&
	       (!level || strcmp(unit->level, p->level) == 0) &&
	       mc_unit_has_role(u, unit, p->step[0].role);
}

static int
count(const struct mc_units *u, const struct mc_procedure *p, int32_t day,
    bool level)
{
	int i, n = 0;

	for (i = 0; i < mc_units_count(u); i++)
		n += receives(u, mc_units_at(u, i), p, day, level);
	return n;
}

/* -1: nobody is found from any of them, and *why is the first reason. */
static int
search(const struct mc_units *u, const struct mc_procedure *p, int step,
    int32_t day, bool level, int64_t *budget, struct mc_err *why)
{
	const struct mc_step *s = &p->step[step];
	const struct mc_unit *unit, *found;
	struct mc_err e = MC_ERR_INIT;
	int i;

	for (i = 0; i < mc_units_count(u); i++) {
		unit = mc_units_at(u, i);
		if (!receives(u, unit, p, day, level))
			continue;
		*budget -= mc_units_count(u);
		if (*budget < 0 || mc_units_resolve(u, unit, s->role, s->unit,
				       NULL, day, &found, &e) == 0)
			return 0;
		if (why->code == MC_OK)
			*why = e;
	}
	return -1;
}

void
mc_rulebook_roles(const struct mc_units *u, const struct mc_procedure *p,
    int32_t day, int64_t *budget,
    void (*none)(void *arg, int step, int units, const struct mc_err *why),
    void *arg)
{
	struct mc_err why;
	bool level = true;
	int i, n;

	if (p->step[0].role == NULL || *budget < 0)
		return;
	*budget -= 2 * (int64_t)mc_units_count(u);
	n = count(u, p, day, true);
	if (n == 0) {
		level = false;
		n = count(u, p, day, false);
	}
	for (i = 1; n > 0 && i < p->steps; i++) {
		if (p->step[i].role == NULL ||
		    !mc_units_role_known(u, p->step[i].role) ||
		    (p->step[i].unit != NULL && p->step[i].unit[0] != '@' &&
			mc_unit_find(u, mc_str(p->step[i].unit), day) == NULL))
			continue; /* told already */
		mc_err_clear(&why);
		if (search(u, p, i, day, level, budget, &why) == -1)
			none(arg, i, n, &why);
	}
}
