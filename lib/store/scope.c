/* scope.c - see motcua/scope.h. */
#include <stdlib.h>

#include <motcua/buf.h>
#include <motcua/mem.h>
#include <motcua/scope.h>

enum answer { UNASKED, IN, OUT };

struct mc_scope {
	struct mc_store *store;
	const struct mc_units *units;
	const struct mc_unit *top;
	int32_t day;
	bool successors;
	MC_VEC(unsigned char) known; /* enum answer by unit id */
};

int
mc_scope_rulebook(
    struct mc_rulebook **rb, struct mc_store *s, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(s);

	if (*rb != NULL)
		return 0;
	return mc_rulebook_open(rb, site->rules, site->ref, err);
}

/* Is there a line for exactly that code? */
static bool
is_unit(const struct mc_unit *u, struct mc_str code)
{
	return u != NULL && mc_str_is(code, u->code);
}

int
mc_scope_new(struct mc_scope **out, struct mc_store *s, struct mc_rulebook *rb,
    struct mc_str code, int32_t day, enum mc_scope_ended ended,
    struct mc_err *err)
{
	const struct mc_units *units;
	const struct mc_unit *top, *next;
	struct mc_scope *sc;

	*out = NULL;
	if (mc_rulebook_units(rb, &units, err) == -1)
		return -1;
	top = mc_unit_find(units, code, day);
	if (!is_unit(top, code))
		return mc_err(err, MC_EUSAGE, "E_UNIT",
		    "the rulebook has no unit \"%.*s\"", (int)code.len, code.p);
	next = mc_unit_successor(units, top, day);
	if (next != top && ended == MC_ENDED_REFUSED) {
		mc_err(err, MC_EUSAGE, "E_UNIT",
		    "the unit \"%s\" had ended by then", top->code);
		return mc_err_advise(
		    err, "\"%s\" took over from it", next->code);
	}
	sc = mc_calloc(1, sizeof(*sc));
	sc->store = s;
	sc->units = units;
	sc->top = top;
	sc->day = day;
	sc->successors = ended != MC_ENDED_ITSELF && next == top;
	*out = sc;
	return 0;
}

void
mc_scope_free(struct mc_scope *sc)
{
	if (sc == NULL)
		return;
	mc_vec_free(&sc->known);
	free(sc);
}

static enum answer
judge(const struct mc_scope *sc, int32_t unit)
{
	struct mc_str code = mc_str(mc_store_text(sc->store, MC_D_UNIT, unit));
	const struct mc_unit *u = mc_unit_find(sc->units, code, sc->day);

	if (!is_unit(u, code))
		return OUT;
	if (sc->successors)
		u = mc_unit_successor(sc->units, u, sc->day);
	return mc_unit_below(sc->units, u, sc->top) ? IN : OUT;
}

bool
mc_scope_has(struct mc_scope *sc, int32_t unit)
{
	if (sc == NULL)
		return true;
	if (unit <= MC_NOID)
		return false;
	while (sc->known.n <= (size_t)unit)
		mc_vec_push(&sc->known, UNASKED);
	if (sc->known.p[unit] == UNASKED)
		sc->known.p[unit] = (unsigned char)judge(sc, unit);
	return sc->known.p[unit] == IN;
}
