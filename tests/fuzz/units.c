/*
 * units.c - fuzzes units.h.
 *
 *   - files are refused with the first error that lint finds, and taken when
 *     it finds none;
 *   - in those that are taken every code finds its unit, nobody is his own
 *     superior, and successors come to an end.
 *
 * The input is units.csv, officers.csv and absences.csv, NULs between them.
 */
#include <motcua/text.h>
#include <motcua/units.h>

#include "fuzz.h"

struct first {
	struct mc_err error;
	int n;
};

static void
found(void *arg, const struct mc_err *finding)
{
	struct first *f = arg;

	if (strncmp(finding->id, "W_", 2) == 0)
		return;
	fuzz_refused(finding);
	if (f->n++ == 0)
		f->error = *finding;
}

static void
use(const struct mc_units *u)
{
	const struct mc_unit *unit, *up, *end;
	struct mc_err err = MC_ERR_INIT;
	int32_t day = mc_day_of(2025, 7, 1);
	int i, n = mc_units_count(u), steps, at = 0;

	for (i = 0; i < n && i < 20; i++) {
		unit = mc_units_at(u, i);
		HOLDS(unit->index == i && unit->code[0] != '\0');
		end = mc_unit_find(u, mc_str(unit->code), day);
		HOLDS(end != NULL && strcmp(end->code, unit->code) == 0);
		for (steps = 0, up = unit; up != NULL; up = up->parent)
			HOLDS(steps++ <= n);
		up = mc_unit_province(unit);
		HOLDS(up == NULL || mc_unit_below(u, unit, up));
		HOLDS(mc_unit_successor(u, unit, day) != NULL);
		HOLDS(mc_unit_below(u, unit, unit));
		if (mc_units_resolve(
			u, unit, "leader", NULL, NULL, day, &end, &err) == -1)
			fuzz_refused(&err);
		for (at = 0; mc_unit_officer(u, unit, day, &at) != NULL;)
			HOLDS(at <= FUZZ_MAX);
	}
}

/* On two that are the same, as both add to what is there. */
static void
absences(struct mc_units *u, struct mc_units *linted, struct mc_str text)
{
	struct mc_err err = MC_ERR_INIT;
	struct first first = { MC_ERR_INIT, 0 };

	mc_units_lint_absences(linted, "a.csv", text, found, &first);
	if (mc_units_absences(u, "a.csv", text, &err) == -1) {
		fuzz_refused(&err);
		HOLDS(first.n > 0 && strcmp(first.error.id, err.id) == 0);
	} else {
		HOLDS(first.n == 0);
	}
}

int
fuzz_units(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n), officers = { NULL, 0 };
	struct mc_str away = { NULL, 0 };
	struct mc_err err = MC_ERR_INIT;
	struct first first = { MC_ERR_INIT, 0 };
	struct mc_units *u, *same;

	mc_str_split(s, '\0', &s, &officers);
	mc_str_split(officers, '\0', &officers, &away);
	mc_units_lint("u.csv", s, "o.csv", officers, found, &first);
	if (mc_units_new(&u, "u.csv", s, "o.csv", officers, &err) == -1) {
		fuzz_refused(&err);
		HOLDS(first.n > 0 && strcmp(first.error.id, err.id) == 0);
		HOLDS(strcmp(first.error.where, err.where) == 0);
		return 0;
	}
	HOLDS(first.n == 0);
	fuzz_taken++;
	use(u);
	HOLDS(mc_units_new(&same, "u.csv", s, "o.csv", officers, &err) == 0);
	absences(u, same, away);
	mc_units_free(u);
	mc_units_free(same);
	return 0;
}
