/* units.c - the organisation, searched by day; see units_read.c. */
#include <string.h>

#include <motcua/text.h>

#include "units_internal.h"

int
mc_units_count(const struct mc_units *u)
{
	return (int)u->unit.n;
}

const struct mc_unit *
mc_units_at(const struct mc_units *u, int i)
{
	return &u->unit.p[i].pub;
}

bool
mc_unit_valid(const struct mc_unit *unit, int32_t d)
{
	return d >= unit->valid_from &&
	       (unit->valid_to == MC_NODAY || d <= unit->valid_to);
}

const struct mc_unit *
mc_unit_find(const struct mc_units *u, struct mc_str code, int32_t d)
{
	const struct mc_unit *x, *before = NULL;
	int i, first = mc_units_first(u, code);

	for (i = first; i != -1; i = u->unit.p[i].next) {
		x = &u->unit.p[i].pub;
		if (mc_unit_valid(x, d))
			return x;
		if (x->valid_to != MC_NODAY && x->valid_to < d &&
		    (before == NULL || x->valid_to > before->valid_to))
			before = x;
	}
	if (before != NULL || first == -1)
		return before;
	return &u->unit.p[first].pub;
}

bool
mc_units_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p = list;

	while (p != NULL && n > 0) {
		p += strspn(p, " ");
		if (strncmp(p, word, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
			return true;
		p = strchr(p, ' ');
	}
	return false;
}

bool
mc_unit_has_role(
    const struct mc_units *u, const struct mc_unit *unit, const char *role)
{
	return mc_units_word(u->unit.p[unit->index].roles, role);
}

bool
mc_unit_below(const struct mc_units *u, const struct mc_unit *unit,
    const struct mc_unit *top)
{
	(void)u;
	while (unit != NULL && strcmp(unit->code, top->code) != 0)
		unit = unit->parent;
	return unit != NULL;
}

const struct mc_unit *
mc_unit_province(const struct mc_unit *unit)
{
	while (unit != NULL && strcmp(unit->level, "province") != 0)
		unit = unit->parent;
	return unit;
}

/*
 * The line of the successor's code that follows on: codes are used again, so
 * neither an older line of it nor its present one need be meant.  Without a
 * successor, a line of the same code from the next day on is the same unit
 * with another name or role.
 */
const struct mc_unit *
mc_units_after(const struct mc_units *u, const struct mc_unit *unit)
{
	const struct mc_unit *x, *next = NULL;
	const char *code =
	    unit->successor != NULL ? unit->successor : unit->code;
	int i;

	if (unit->split != NULL ||
	    (unit->successor == NULL && unit->valid_to == MC_NODAY))
		return NULL;
	if (unit->valid_to == MC_NODAY)
		return mc_unit_find(u, mc_str(code), MC_NODAY);
	for (i = mc_units_first(u, mc_str(code)); i != -1;
	     i = u->unit.p[i].next) {
		x = &u->unit.p[i].pub;
		if (mc_unit_valid(x, unit->valid_to + 1))
			return x;
		if (x->valid_from != MC_NODAY &&
		    x->valid_from > unit->valid_to &&
		    (next == NULL || x->valid_from < next->valid_from))
			next = x;
	}
	if (unit->successor == NULL)
		return NULL; /* another unit, after a while, of the same code */
	return next != NULL ? next
			    : mc_unit_find(u, mc_str(code), unit->valid_to + 1);
}

const struct mc_unit *
mc_unit_successor(
    const struct mc_units *u, const struct mc_unit *unit, int32_t d)
{
	const struct mc_unit *next;
	size_t n = 0;

	while (!mc_unit_valid(unit, d) && n++ < u->unit.n &&
	       (next = mc_units_after(u, unit)) != NULL)
		unit = next;
	return unit;
}

const struct mc_unit *
mc_unit_home(const struct mc_units *u, const struct mc_unit *unit,
    int32_t received, struct mc_str holder, int32_t d)
{
	const struct mc_unit *next;

	if (mc_unit_valid(unit, d) && mc_unit_valid(unit, received))
		return unit;
	next = mc_unit_find(u, mc_str(unit->code), received);
	next = mc_unit_successor(u, next, d);
	if (!mc_unit_valid(next, d) && holder.len > 0)
		next = mc_unit_find(u, holder, d);
	return next != NULL && mc_unit_valid(next, d) ? next : unit;
}

bool
mc_units_role_known(const struct mc_units *u, const char *role)
{
	size_t i;

	for (i = 0; i < u->unit.n; i++)
		if (mc_units_word(u->unit.p[i].roles, role))
			return true;
	return false;
}

/* ---- who does a step ---- */

struct search {
	const struct mc_units *u;
	const char *role, *to;
	int32_t day;
	const struct mc_unit *found; /* the only one, or the one called for */
	int matches;
	struct mc_buf names;
};

static void
consider(struct search *s, const struct mc_unit *unit)
{
	if (!mc_unit_valid(unit, s->day) ||
	    (s->role != NULL && !mc_unit_has_role(s->u, unit, s->role)))
		return;
	s->matches++;
	if (s->to == NULL ? s->matches == 1 : strcmp(unit->code, s->to) == 0)
		s->found = unit;
	if (s->names.len < 200)
		mc_buf_printf(
		    &s->names, "%s%s", s->names.len > 0 ? " " : "", unit->code);
}

/* The unit itself, else its children; with `to`, whichever of them it is. */
static void
look_at(struct search *s, const struct mc_unit *unit)
{
	int i, first = mc_units_first(s->u, mc_str(unit->code));

	consider(s, unit);
	if (s->role == NULL || (s->matches > 0 && s->to == NULL))
		return;
	for (i = s->u->unit.p[first].child; i != -1;
	     i = s->u->unit.p[i].sibling)
		consider(s, &s->u->unit.p[i].pub);
}

static const struct mc_unit *
same_day(const struct mc_units *u, const struct mc_unit *unit, int32_t d)
{
	return unit != NULL ? mc_unit_find(u, mc_str(unit->code), d) : NULL;
}

static int
start_at(struct search *s, const struct mc_unit *receiving, const char *at,
    const struct mc_unit **unit, struct mc_err *err)
{
	if (at == NULL || strcmp(at, "@self") == 0)
		*unit = receiving;
	else if (strcmp(at, "@parent") == 0)
		*unit = same_day(s->u, receiving->parent, s->day);
	else if (strcmp(at, "@province") == 0)
		*unit = same_day(s->u, mc_unit_province(receiving), s->day);
	else
		*unit = mc_unit_find(s->u, mc_str(at), s->day);
	if (*unit == NULL)
		return mc_err(err, MC_EREFUSED, "E_ROLE",
		    "seen from unit \"%s\" there is no \"%s\"", receiving->code,
		    at != NULL ? at : "");
	if (mc_unit_valid(*unit, s->day))
		return 0;
	mc_err(err, MC_EREFUSED, "E_ROLE",
	    "the unit \"%s\" does not exist on that day", (*unit)->code);
	if ((*unit)->successor != NULL)
		mc_err_advise(err, "its successor is \"%s\"",
		    mc_unit_successor(s->u, *unit, s->day)->code);
	return -1;
}

static int
judge(struct search *s, const struct mc_unit *receiving, struct mc_err *err)
{
	if (s->to != NULL && s->found != NULL)
		return 0;
	if (s->matches == 0)
		return mc_err(err, MC_EREFUSED, "E_ROLE",
		    "seen from unit \"%s\" nobody has the role \"%s\"",
		    receiving->code, s->role != NULL ? s->role : "");
	if (s->to != NULL)
		return mc_err(err, MC_EREFUSED, "E_ROLE",
		    "\"%s\" is none of the units for the role \"%s\": %s",
		    s->to, s->role != NULL ? s->role : "", s->names.p);
	if (s->matches == 1)
		return 0;
	mc_err(err, MC_EREFUSED, "E_ROLE",
	    "several units have the role \"%s\": %s", s->role, s->names.p);
	return mc_err_advise(err, "say which one");
}

int
mc_units_resolve(const struct mc_units *u, const struct mc_unit *receiving,
    const char *role, const char *at, const char *to, int32_t d,
    const struct mc_unit **out, struct mc_err *err)
{
	struct search s = { .u = u, .to = to, .day = d };
	const struct mc_unit *unit;
	size_t n;
	int rc;

	*out = NULL;
	s.role = role != NULL && *role != '\0' ? role : NULL;
	if (start_at(&s, receiving, at, &unit, err) == -1)
		return -1;
	look_at(&s, unit);
	/* Bounded: lines of several days could still form a circle. */
	for (n = u->unit.n;
	     at == NULL && s.matches == 0 && n > 0 && unit->parent != NULL;
	     n--) {
		unit = same_day(u, unit->parent, d);
		look_at(&s, unit);
	}
	rc = judge(&s, receiving, err);
	if (rc == 0)
		*out = s.found;
	mc_buf_free(&s.names);
	return rc;
}

/* ---- who is there ---- */

static bool
in_office(const struct mc_officer *o, int32_t d)
{
	return d >= o->valid_from &&
	       (o->valid_to == MC_NODAY || d <= o->valid_to);
}

int
mc_officers_count(const struct mc_units *u)
{
	return (int)u->officer.n;
}

const struct mc_officer *
mc_officer_find(const struct mc_units *u, struct mc_str id, int32_t d)
{
	int i;

	for (i = mc_units_first_officer(u, id); i != -1;
	     i = u->officer.p[i].next)
		if (in_office(&u->officer.p[i].pub, d))
			return &u->officer.p[i].pub;
	return NULL;
}

bool
mc_officer_absent(const struct mc_units *u, const struct mc_officer *o,
    int32_t d, int32_t *until)
{
	const struct mc_units_officer *first = &u->officer.p[o->index];
	const struct mc_units_absence *a = u->absence.p + first->absence,
				      *end = a + first->absences;
	bool absent = false;

	if (first->absences == 0)
		return false;
	for (; a < end && a->from <= d; a++) {
		if (a->to != MC_NODAY && a->to < d)
			continue;
		absent = true;
		*until = d = a->to;
		if (d == MC_NODAY)
			return true;
		d++; /* and straight into the next one? */
	}
	return absent;
}

bool
mc_officer_can(const struct mc_officer *o, const char *role)
{
	return o->role == NULL || role == NULL || mc_units_word(o->role, role);
}

const struct mc_officer *
mc_unit_officer(
    const struct mc_units *u, const struct mc_unit *unit, int32_t d, int *at)
{
	const struct mc_units_unit *first =
	    &u->unit.p[mc_units_first(u, mc_str(unit->code))];
	const struct mc_officer *o;

	while (*at < first->officers) {
		o = u->by_unit.p[first->officer + (*at)++];
		if (in_office(o, d))
			return o;
	}
	return NULL;
}
