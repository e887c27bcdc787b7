/* units_read.c - the tables of the organisation, from text; see units.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/lines.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "units_internal.h"

#define CODE_MAX 64

enum {
	U_CODE,
	U_NAME,
	U_LEVEL,
	U_ROLE,
	U_PARENT,
	U_FROM,
	U_TO,
	U_SUCCESSOR,
	U_CALENDAR,
	U_COLUMNS
};
enum { O_ID, O_NAME, O_UNIT, O_ROLE, O_FROM, O_TO, O_COLUMNS };
enum { A_ID, A_FROM, A_TO, A_REASON, A_COLUMNS };

static const char *const unit_columns[] = { "code", "name", "level", "role",
	"parent", "valid_from", "valid_to", "successor", "calendar" };
static const char *const officer_columns[] = { "id", "name", "unit", "role",
	"valid_from", "valid_to" };
static const char *const absence_columns[] = { "id", "from", "to", "reason" };

/* Where findings go; the place is that of the row being looked at. */
struct sink {
	const char *name;
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
};

static void MC_PRINTF(5, 6) report(const struct sink *s, int64_t line,
    int64_t column, const char *id, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", text);
	mc_err_at(&e, s->name, line, column);
	s->found(s->arg, &e);
}

static const char *
keep(struct mc_units *u, struct mc_str s)
{
	char *copy;

	if (s.len == 0)
		return NULL;
	copy = mc_strndup(s.p, s.len);
	mc_vec_push(&u->text, copy);
	return copy;
}

/* ---- tables ---- */

static void
table_make(struct mc_units_table *t, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	t->slot = mc_calloc(size, sizeof(*t->slot));
	t->mask = size - 1;
}

static const char *
unit_key(const struct mc_units *u, int i)
{
	return u->unit.p[i].pub.code;
}

static const char *
officer_key(const struct mc_units *u, int i)
{
	return u->officer.p[i].pub.id;
}

/* The slot where the key is, or would be. */
static int *
table_slot(const struct mc_units *u, const struct mc_units_table *t,
    const char *(*key)(const struct mc_units *, int), struct mc_str s)
{
	size_t at = mc_text_hash(s.p, s.len) & t->mask;

	while (t->slot[at] != 0 && !mc_str_is(s, key(u, t->slot[at] - 1)))
		at = (at + 1) & t->mask;
	return &t->slot[at];
}

int
mc_units_first(const struct mc_units *u, struct mc_str code)
{
	return *table_slot(u, &u->by_code, unit_key, code) - 1;
}

int
mc_units_first_officer(const struct mc_units *u, struct mc_str id)
{
	return *table_slot(u, &u->by_id, officer_key, id) - 1;
}

static bool
overlap(int32_t from_a, int32_t to_a, int32_t from_b, int32_t to_b)
{
	return (to_a == MC_NODAY || from_b <= to_a) &&
	       (to_b == MC_NODAY || from_a <= to_b);
}

/* ---- reading ---- */

/* Which field of a row is which column; -1 when the file has none. */
static bool
read_header(const struct sink *s, const struct mc_row *row,
    const char *const *names, int columns, int needed, int *at)
{
	bool good = true;
	size_t i;
	int c;

	for (c = 0; c < columns; c++)
		at[c] = -1;
	for (i = 0; i < row->n; i++) {
		for (c = 0; c < columns; c++)
			if (mc_str_is(row->field[i], names[c]))
				break;
		if (c < columns && at[c] == -1) {
			at[c] = (int)i;
			continue;
		}
		report(s, row->line, row->column[i], "E_HEADER",
		    c < columns ? "the column \"%.*s\" stands there twice"
				: "unknown column \"%.*s\"",
		    (int)(row->field[i].len < 100 ? row->field[i].len : 100),
		    row->field[i].p != NULL ? row->field[i].p : "");
		good = false;
	}
	for (c = 0; c < needed; c++)
		if (at[c] == -1) {
			report(s, row->line, 0, "E_HEADER",
			    "there is no column \"%s\"", names[c]);
			good = false;
		}
	return good;
}

struct reader {
	struct mc_units *u;
	struct sink sink;
	const struct mc_row *row;
	const int *at;
	const char *const *names;
	bool good; /* of this row */
};

static struct mc_str
field(const struct reader *r, int c)
{
	static const struct mc_str none = { NULL, 0 };

	return r->at[c] == -1 ? none : mc_str_trim(r->row->field[r->at[c]]);
}

static void MC_PRINTF(4, 5)
    complain(struct reader *r, int c, const char *id, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report(&r->sink, r->row->line,
	    r->at[c] == -1 ? 0 : r->row->column[r->at[c]], id, "%s", text);
	r->good = false;
}

static const char *
need(struct reader *r, int c)
{
	struct mc_str s = field(r, c);

	if (s.len == 0)
		complain(r, c, "E_FIELD", "\"%s\" is empty", r->names[c]);
	return keep(r->u, s);
}

/* Codes, levels and roles: no spaces, so that lists of them can be split. */
static const char *
token(struct reader *r, int c, bool needed)
{
	struct mc_str s = field(r, c);
	size_t i;

	if (s.len == 0 && needed)
		complain(r, c, "E_FIELD", "\"%s\" is empty", r->names[c]);
	for (i = 0; i < s.len && s.len <= CODE_MAX; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F ||
		    s.p[i] == '"' || s.p[i] == '+')
			break;
	if (i < s.len)
		complain(r, c, "E_CODE",
		    "\"%s\" has 1 to %d characters, no space, '+' or quote",
		    r->names[c], CODE_MAX);
	return keep(r->u, s);
}

static int32_t
day(struct reader *r, int c)
{
	struct mc_str s = field(r, c);
	int32_t d = s.len > 0 ? mc_day_parse(s) : MC_NODAY;

	if (s.len > 0 && d == MC_NODAY)
		complain(r, c, "E_DATE", "no such day \"%.*s\" in \"%s\"",
		    (int)(s.len < 40 ? s.len : 40), s.p, r->names[c]);
	return d;
}

static void
validity(struct reader *r, int from, int to, int32_t *f, int32_t *t)
{
	*f = day(r, from);
	*t = day(r, to);
	if (*f != MC_NODAY && *t != MC_NODAY && *t < *f)
		complain(r, to, "E_DATE", "ends before it begins");
}

/* One code, or the several of a unit that was split, with spaces between. */
static void
read_successor(struct reader *r, struct mc_unit *u)
{
	struct mc_str s = field(r, U_SUCCESSOR);

	if (s.len > 0 && memchr(s.p, ' ', s.len) != NULL)
		u->split = keep(r->u, s);
	else
		u->successor = token(r, U_SUCCESSOR, false);
}

static void
read_unit(struct reader *r)
{
	struct mc_units_unit x = {
		.line = r->row->line, .next = -1, .sibling = -1, .child = -1
	};

	x.pub.code = token(r, U_CODE, true);
	x.pub.name = need(r, U_NAME);
	x.pub.level = token(r, U_LEVEL, true);
	x.roles = keep(r->u, field(r, U_ROLE));
	x.parent = token(r, U_PARENT, false);
	read_successor(r, &x.pub);
	x.pub.calendar = token(r, U_CALENDAR, false);
	validity(r, U_FROM, U_TO, &x.pub.valid_from, &x.pub.valid_to);
	x.pub.index = (int)r->u->unit.n;
	if (r->good)
		mc_vec_push(&r->u->unit, x);
}

static void
read_officer(struct reader *r)
{
	struct mc_units_officer x = { .line = r->row->line, .next = -1 };

	x.pub.id = token(r, O_ID, true);
	x.pub.name = need(r, O_NAME);
	x.unit = token(r, O_UNIT, true);
	x.pub.role = keep(r->u, field(r, O_ROLE));
	validity(r, O_FROM, O_TO, &x.pub.valid_from, &x.pub.valid_to);
	if (r->good)
		mc_vec_push(&r->u->officer, x);
}

static void
read_table(struct mc_units *u, const struct sink *sink, struct mc_str text,
    const char *const *names, int columns, int needed,
    void (*take)(struct reader *r))
{
	struct mc_csv *csv;
	struct mc_row row;
	struct mc_err e = MC_ERR_INIT;
	struct reader r = {
		.u = u, .sink = *sink, .row = &row, .names = names
	};
	int at[U_COLUMNS], rc;
	bool fatal = false, header = false;
	size_t width = 0;

	csv = mc_csv_new(mc_source_memory(sink->name, text.p, text.len), ',');
	r.at = at;
	while (!fatal && (rc = mc_csv_next(csv, &row, true, &fatal, &e)) != 0) {
		if (rc == -1) {
			sink->found(sink->arg, &e);
			mc_err_clear(&e);
			continue;
		}
		if (!header) {
			header = true;
			width = row.n;
			if (!read_header(
				sink, &row, names, columns, needed, at))
				break;
			continue;
		}
		if (row.n != width) {
			report(sink, row.line, 0, "E_ROW",
			    "%zu fields where the heading has %zu", row.n,
			    width);
			continue;
		}
		r.good = true;
		take(&r);
	}
	if (!header && !fatal)
		report(sink, 1, 0, "E_HEADER", "the file is empty");
	mc_csv_free(csv);
}

/* ---- joining the lines ---- */

/* Lines of one code hang on the first; they must not overlap. */
static void
join_codes(struct mc_units *u, const struct sink *s)
{
	struct mc_units_unit *x, *y;
	int i, j, *slot;

	table_make(&u->by_code, u->unit.n);
	for (i = 0; i < (int)u->unit.n; i++) {
		x = &u->unit.p[i];
		slot =
		    table_slot(u, &u->by_code, unit_key, mc_str(x->pub.code));
		if (*slot == 0) {
			*slot = i + 1;
			continue;
		}
		for (j = *slot - 1;; j = y->next) {
			y = &u->unit.p[j];
			if (overlap(x->pub.valid_from, x->pub.valid_to,
				y->pub.valid_from, y->pub.valid_to)) {
				report(s, x->line, 0, "E_DUPLICATE",
				    "the unit \"%s\" is valid at the same time "
				    "on line %" PRId64,
				    x->pub.code, y->line);
				break;
			}
			if (y->next == -1)
				break;
		}
		while (y->next != -1)
			y = &u->unit.p[y->next];
		y->next = i;
	}
}

static void
check_successor(struct mc_units *u, const struct sink *s,
    const struct mc_units_unit *x, struct mc_str code)
{
	if (code.len > 0 && mc_units_first(u, code) == -1)
		report(s, x->line, 0, "E_UNIT",
		    "no unit \"%.*s\" to succeed \"%s\"",
		    (int)(code.len < 100 ? code.len : 100), code.p,
		    x->pub.code);
}

static void
check_successors(
    struct mc_units *u, const struct sink *s, const struct mc_units_unit *x)
{
	struct mc_str rest = mc_str(x->pub.split), code;

	if (x->pub.successor != NULL)
		check_successor(u, s, x, mc_str(x->pub.successor));
	while (rest.len > 0) {
		if (!mc_str_split(rest, ' ', &code, &rest)) {
			code = rest;
			rest.len = 0;
		}
		check_successor(u, s, x, code);
	}
}

static void
join_parents(struct mc_units *u, const struct sink *s)
{
	struct mc_units_unit *x, *p;
	const struct mc_units_unit *best;
	int i, j, first;

	for (i = (int)u->unit.n - 1; i >= 0; i--) {
		x = &u->unit.p[i];
		check_successors(u, s, x);
		if (x->parent == NULL)
			continue;
		first = mc_units_first(u, mc_str(x->parent));
		if (first == -1) {
			report(s, x->line, 0, "E_UNIT",
			    "no unit \"%s\" above \"%s\"", x->parent,
			    x->pub.code);
			continue;
		}
		p = &u->unit.p[first];
		x->sibling = p->child;
		p->child = i;
		best = NULL;
		for (j = first; j != -1; j = u->unit.p[j].next)
			if (overlap(x->pub.valid_from, x->pub.valid_to,
				u->unit.p[j].pub.valid_from,
				u->unit.p[j].pub.valid_to))
				best = &u->unit.p[j];
		if (best == NULL)
			report(s, x->line, 0, "W_UNIT",
			    "\"%s\" is never valid together with \"%s\" "
			    "above it",
			    x->pub.code, x->parent);
		x->pub.parent = best != NULL ? &best->pub : &p->pub;
	}
}

static const struct mc_units_unit *
above(const struct mc_units *u, const struct mc_units_unit *x)
{
	return x->pub.parent != NULL ? &u->unit.p[x->pub.parent->index] : NULL;
}

static const struct mc_units_unit *
after(const struct mc_units *u, const struct mc_units_unit *x)
{
	const struct mc_unit *next = mc_units_after(u, &x->pub);

	return next != NULL ? &u->unit.p[next->index] : NULL;
}

/*
 * Colour each chain once: a line met again on its own chain is on a cycle.
 * A cycle is cut, so that walking upwards always ends.
 */
static void
find_cycles(struct mc_units *u, const struct sink *s,
    const struct mc_units_unit *(*step)(
	const struct mc_units *, const struct mc_units_unit *),
    const char *what)
{
	int *seen = mc_calloc(u->unit.n + 1, sizeof(*seen));
	const struct mc_units_unit *x;
	int i;

	for (i = 0; i < (int)u->unit.n; i++) {
		for (x = &u->unit.p[i]; x != NULL && seen[x->pub.index] == 0;
		     x = step(u, x))
			seen[x->pub.index] = i + 1;
		if (x == NULL || seen[x->pub.index] != i + 1)
			continue;
		report(s, x->line, 0, "E_CYCLE",
		    "the unit \"%s\" is its own %s", x->pub.code, what);
		u->unit.p[x->pub.index].pub.parent = NULL;
	}
	free(seen);
}

static void
join_officers(struct mc_units *u, const struct sink *s)
{
	struct mc_units_officer *x, *y;
	int i, j, *slot;

	table_make(&u->by_id, u->officer.n);
	for (i = 0; i < (int)u->officer.n; i++) {
		x = &u->officer.p[i];
		x->pub.unit =
		    mc_unit_find(u, mc_str(x->unit), x->pub.valid_from);
		if (x->pub.unit == NULL)
			report(s, x->line, 0, "E_UNIT", "no such unit \"%s\"",
			    x->unit);
		x->pub.index = i;
		slot = table_slot(u, &u->by_id, officer_key, mc_str(x->pub.id));
		if (*slot == 0) {
			*slot = i + 1;
			continue;
		}
		x->pub.index = *slot - 1;
		for (j = *slot - 1; j != -1; j = y->next) {
			y = &u->officer.p[j];
			if (overlap(x->pub.valid_from, x->pub.valid_to,
				y->pub.valid_from, y->pub.valid_to)) {
				report(s, x->line, 0, "E_DUPLICATE",
				    "the officer \"%s\" is valid at the same "
				    "time on line %" PRId64,
				    x->pub.id, y->line);
				break;
			}
		}
		for (y = &u->officer.p[*slot - 1]; y->next != -1;)
			y = &u->officer.p[y->next];
		y->next = i;
	}
}

static int
by_unit(const void *a, const void *b)
{
	const struct mc_officer *const *x = a, *const *y = b;
	int c = strcmp((*x)->unit->code, (*y)->unit->code);

	if (c == 0)
		c = strcmp((*x)->id, (*y)->id);
	return c != 0 ? c : (*x > *y) - (*x < *y);
}

/* Who there is at a unit, whatever the day. */
static void
list_officers(struct mc_units *u)
{
	struct mc_units_unit *x;
	size_t i;

	for (i = 0; i < u->officer.n; i++)
		if (u->officer.p[i].pub.unit != NULL)
			mc_vec_push(&u->by_unit, &u->officer.p[i].pub);
	if (u->by_unit.n > 1)
		qsort(
		    u->by_unit.p, u->by_unit.n, sizeof(*u->by_unit.p), by_unit);
	for (i = u->by_unit.n; i-- > 0;) {
		x = &u->unit.p[mc_units_first(
		    u, mc_str(u->by_unit.p[i]->unit->code))];
		x->officer = (int)i;
		x->officers++;
	}
}

static struct mc_units *
build(struct sink *s, const char *units_name, struct mc_str units,
    const char *officers_name, struct mc_str officers)
{
	struct mc_units *u = mc_calloc(1, sizeof(*u));

	s->name = units_name;
	read_table(u, s, units, unit_columns, U_COLUMNS, U_CALENDAR, read_unit);
	join_codes(u, s);
	join_parents(u, s);
	find_cycles(u, s, above, "superior");
	find_cycles(u, s, after, "successor");
	s->name = officers_name;
	if (officers.len > 0)
		read_table(u, s, officers, officer_columns, O_COLUMNS,
		    O_COLUMNS, read_officer);
	join_officers(u, s);
	list_officers(u);
	return u;
}

static void
keep_first(void *arg, const struct mc_err *finding)
{
	struct mc_err *err = arg;

	if (err->code == MC_OK && strncmp(finding->id, "W_", 2) != 0)
		*err = *finding;
}

int
mc_units_new(struct mc_units **out, const char *units_name, struct mc_str units,
    const char *officers_name, struct mc_str officers, struct mc_err *err)
{
	struct mc_err first = MC_ERR_INIT;
	struct sink s = { NULL, keep_first, &first };

	*out = build(&s, units_name, units, officers_name, officers);
	if (first.code == MC_OK)
		return 0;
	mc_units_free(*out);
	*out = NULL;
	*err = first;
	return -1;
}

void
mc_units_lint(const char *units_name, struct mc_str units,
    const char *officers_name, struct mc_str officers,
    void (*found)(void *arg, const struct mc_err *finding), void *arg)
{
	struct sink s = { NULL, found, arg };

	mc_units_free(build(&s, units_name, units, officers_name, officers));
}

/* ---- absences ---- */

static void
read_absence(struct reader *r)
{
	struct mc_units_absence x = { .line = r->row->line };
	struct mc_str id = field(r, A_ID);

	x.officer = mc_units_first_officer(r->u, id);
	if (id.len == 0)
		complain(r, A_ID, "E_FIELD", "\"id\" is empty");
	else if (x.officer == -1)
		complain(r, A_ID, "E_OFFICER", "there is no officer \"%.*s\"",
		    (int)(id.len < 100 ? id.len : 100), id.p);
	if (field(r, A_FROM).len == 0)
		complain(r, A_FROM, "E_FIELD", "\"from\" is empty");
	validity(r, A_FROM, A_TO, &x.from, &x.to);
	if (r->good)
		mc_vec_push(&r->u->absence, x);
}

static int
by_officer(const void *a, const void *b)
{
	const struct mc_units_absence *x = a, *y = b;

	if (x->officer != y->officer)
		return x->officer < y->officer ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* That they overlap does no harm; but one of the two is not as it was meant. */
static void
join_absences(struct mc_units *u, const struct sink *s)
{
	const struct mc_units_absence *x, *last = NULL; /* that ends last */
	struct mc_units_officer *o;
	size_t i;

	for (i = 0; i < u->officer.n; i++)
		u->officer.p[i].absences = 0;
	if (u->absence.n > 1)
		qsort(u->absence.p, u->absence.n, sizeof(*u->absence.p),
		    by_officer);
	for (i = 0; i < u->absence.n; i++) {
		x = &u->absence.p[i];
		o = &u->officer.p[x->officer];
		if (o->absences++ == 0) {
			o->absence = (int)i;
			last = x;
			continue;
		}
		if (last->to == MC_NODAY || x->from <= last->to)
			report(s, x->line, 0, "W_ABSENCE",
			    "the officer \"%s\" is absent then already, by "
			    "line %" PRId64,
			    o->pub.id, last->line);
		if (last->to != MC_NODAY &&
		    (x->to == MC_NODAY || x->to > last->to))
			last = x;
	}
}

static void
add_absences(struct mc_units *u, struct sink *s, struct mc_str text)
{
	read_table(
	    u, s, text, absence_columns, A_COLUMNS, A_REASON, read_absence);
	join_absences(u, s);
}

int
mc_units_absences(struct mc_units *u, const char *name, struct mc_str text,
    struct mc_err *err)
{
	struct mc_err first = MC_ERR_INIT;
	struct sink s = { name, keep_first, &first };

	add_absences(u, &s, text);
	if (first.code == MC_OK)
		return 0;
	*err = first;
	return -1;
}

void
mc_units_lint_absences(struct mc_units *u, const char *name, struct mc_str text,
    void (*found)(void *arg, const struct mc_err *finding), void *arg)
{
	struct sink s = { name, found, arg };

	add_absences(u, &s, text);
}

void
mc_units_free(struct mc_units *u)
{
	size_t i;

	if (u == NULL)
		return;
	for (i = 0; i < u->text.n; i++)
		free(u->text.p[i]);
	mc_vec_free(&u->text);
	mc_vec_free(&u->unit);
	mc_vec_free(&u->officer);
	mc_vec_free(&u->absence);
	mc_vec_free(&u->by_unit);
	free(u->by_code.slot);
	free(u->by_id.slot);
	free(u);
}
