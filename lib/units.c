/* units.c - the organisation, read from two tables and searched by day. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/lines.h>
#include <motcua/text.h>
#include <motcua/units.h>

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

static const char *const unit_columns[] = { "code", "name", "level", "role",
	"parent", "valid_from", "valid_to", "successor", "calendar" };
static const char *const officer_columns[] = { "id", "name", "unit", "role",
	"valid_from", "valid_to" };

/* A line of units.csv: what users see, and what finds it. */
struct unit {
	struct mc_unit pub;
	const char *roles; /* separated by spaces */
	const char *parent;
	int64_t line;
	int next;    /* line of the same code, or -1 */
	int sibling; /* next line with the same parent code, or -1 */
	int child;   /* on a code's first line: the first child, or -1 */
};

struct officer {
	struct mc_officer pub;
	const char *unit;
	int64_t line;
	int next;
};

/* Open addressing; holds the first line of each key. */
struct table {
	int *slot; /* index + 1, 0 when empty */
	size_t mask;
};

struct mc_units {
	MC_VEC(struct unit) unit;
	MC_VEC(struct officer) officer;
	MC_VEC(char *) text; /* everything the pointers above point to */
	struct table by_code, by_id;
};

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
table_make(struct table *t, size_t n)
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
table_slot(const struct mc_units *u, const struct table *t,
    const char *(*key)(const struct mc_units *, int), struct mc_str s)
{
	size_t at = mc_text_hash(s.p, s.len) & t->mask;

	while (t->slot[at] != 0 && !mc_str_is(s, key(u, t->slot[at] - 1)))
		at = (at + 1) & t->mask;
	return &t->slot[at];
}

static int
first_of(const struct mc_units *u, struct mc_str code)
{
	return *table_slot(u, &u->by_code, unit_key, code) - 1;
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

static void
read_unit(struct reader *r)
{
	struct unit x = {
		.line = r->row->line, .next = -1, .sibling = -1, .child = -1
	};

	x.pub.code = token(r, U_CODE, true);
	x.pub.name = need(r, U_NAME);
	x.pub.level = token(r, U_LEVEL, true);
	x.roles = keep(r->u, field(r, U_ROLE));
	x.parent = token(r, U_PARENT, false);
	x.pub.successor = token(r, U_SUCCESSOR, false);
	x.pub.calendar = token(r, U_CALENDAR, false);
	validity(r, U_FROM, U_TO, &x.pub.valid_from, &x.pub.valid_to);
	x.pub.index = (int)r->u->unit.n;
	if (r->good)
		mc_vec_push(&r->u->unit, x);
}

static void
read_officer(struct reader *r)
{
	struct officer x = { .line = r->row->line, .next = -1 };

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
	struct unit *x, *y;
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
join_parents(struct mc_units *u, const struct sink *s)
{
	struct unit *x, *p;
	const struct unit *best;
	int i, j, first;

	for (i = (int)u->unit.n - 1; i >= 0; i--) {
		x = &u->unit.p[i];
		if (x->pub.successor != NULL &&
		    first_of(u, mc_str(x->pub.successor)) == -1)
			report(s, x->line, 0, "E_UNIT",
			    "no unit \"%s\" to succeed \"%s\"",
			    x->pub.successor, x->pub.code);
		if (x->parent == NULL)
			continue;
		first = first_of(u, mc_str(x->parent));
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

static const struct unit *
above(const struct mc_units *u, const struct unit *x)
{
	return x->pub.parent != NULL ? &u->unit.p[x->pub.parent->index] : NULL;
}

static const struct unit *
after(const struct mc_units *u, const struct unit *x)
{
	int first = -1;

	if (x->pub.successor != NULL)
		first = first_of(u, mc_str(x->pub.successor));
	return first != -1 ? &u->unit.p[first] : NULL;
}

/*
 * Colour each chain once: a line met again on its own chain is on a cycle.
 * A cycle is cut, so that walking upwards always ends.
 */
static void
find_cycles(struct mc_units *u, const struct sink *s,
    const struct unit *(*step)(const struct mc_units *, const struct unit *),
    const char *what)
{
	int *seen = mc_calloc(u->unit.n + 1, sizeof(*seen));
	const struct unit *x;
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
	struct officer *x, *y;
	int i, j, *slot;

	table_make(&u->by_id, u->officer.n);
	for (i = 0; i < (int)u->officer.n; i++) {
		x = &u->officer.p[i];
		x->pub.unit =
		    mc_unit_find(u, mc_str(x->unit), x->pub.valid_from);
		if (x->pub.unit == NULL)
			report(s, x->line, 0, "E_UNIT", "no such unit \"%s\"",
			    x->unit);
		slot = table_slot(u, &u->by_id, officer_key, mc_str(x->pub.id));
		if (*slot == 0) {
			*slot = i + 1;
			continue;
		}
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
	free(u->by_code.slot);
	free(u->by_id.slot);
	free(u);
}

/* ---- asking ---- */

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
	int i, first = first_of(u, code);

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

static bool
has_word(const char *list, const char *word)
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
	return has_word(u->unit.p[unit->index].roles, role);
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

const struct mc_unit *
mc_unit_successor(
    const struct mc_units *u, const struct mc_unit *unit, int32_t d)
{
	const struct mc_unit *next;
	size_t n = 0;

	while (!mc_unit_valid(unit, d) && unit->successor != NULL &&
	       n++ < u->unit.n &&
	       (next = mc_unit_find(u, mc_str(unit->successor), d)) != NULL)
		unit = next;
	return unit;
}

bool
mc_units_role_known(const struct mc_units *u, const char *role)
{
	size_t i;

	for (i = 0; i < u->unit.n; i++)
		if (has_word(u->unit.p[i].roles, role))
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
	int i, first = first_of(s->u, mc_str(unit->code));

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

int
mc_officers_count(const struct mc_units *u)
{
	return (int)u->officer.n;
}

const struct mc_officer *
mc_officer_find(const struct mc_units *u, struct mc_str id, int32_t d)
{
	const struct mc_officer *x;
	int i;

	for (i = *table_slot(u, &u->by_id, officer_key, id) - 1; i != -1;
	     i = u->officer.p[i].next) {
		x = &u->officer.p[i].pub;
		if (d >= x->valid_from &&
		    (x->valid_to == MC_NODAY || d <= x->valid_to))
			return x;
	}
	return NULL;
}
