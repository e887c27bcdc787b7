/* stats.c - periods, slices, form II.06a; see motcua/stats.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/mem.h>
#include <motcua/rollup.h>
#include <motcua/scope.h>
#include <motcua/stats.h>
#include <motcua/text.h>

#define LEVELS 3
#define FAN 32 /* periods of one level that make one of the next */

/* ---- periods ---- */

static int
bad_period(struct mc_str s, struct mc_err *err)
{
	mc_err(err, MC_EUSAGE, "E_PERIOD", "no such period: \"%.*s\"",
	    (int)(s.len > 60 ? 60 : s.len), s.p == NULL ? "" : s.p);
	return mc_err_advise(err, "a period is like 2026-09, 2026-Q3, "
				  "2026-H1, 2026-9M, 2026, or "
				  "2026-01-05..2026-02-10");
}

/* `months` from month `first` of the year: calendar, or from the 15th of
 * the month before to the 14th of the last. */
static bool
span(struct mc_period *p, int year, int first, int months, bool calendar)
{
	int from_year = year, from_month = first, to_year = year,
	    to_month = first + months - 1;

	if (calendar) {
		if (++to_month > 12) {
			to_month = 1;
			to_year++;
		}
		p->from = mc_day_of(from_year, from_month, 1);
		p->to = mc_day_of(to_year, to_month, 1);
		/* The end of the last year that is supported. */
		if (p->to == MC_NODAY && to_month == 1)
			p->to = MC_DAY_MAX + 1;
		if (p->to != MC_NODAY)
			p->to--;
	} else {
		if (--from_month < 1) {
			from_month = 12;
			from_year--;
		}
		p->from = mc_day_of(from_year, from_month, 15);
		p->to = mc_day_of(to_year, to_month, 14);
	}
	return p->from != MC_NODAY && p->to != MC_NODAY;
}

static void
name_period(struct mc_period *p, const char *fmt, int year, const char *part)
{
	struct mc_buf b = { 0 };

	mc_buf_puts(&b, fmt);
	if (part != NULL)
		mc_buf_puts(&b, part);
	mc_buf_printf(&b, " năm %d", year);
	memcpy(p->name, b.p, b.len + 1);
	mc_buf_free(&b);
}

static bool
month(struct mc_period *p, int year, int m, bool calendar)
{
	char part[3] = { 0 };

	if (m < 1 || m > 12)
		return false;
	part[0] = (char)('0' + (m > 9 ? m / 10 : m));
	if (m > 9)
		part[1] = (char)('0' + m % 10);
	name_period(p, "Tháng ", year, part);
	return span(p, year, m, 1, calendar);
}

static bool
named(struct mc_period *p, struct mc_str s, bool calendar)
{
	static const char *const roman[] = { "I", "II", "III", "IV" };
	struct mc_str y = s, part = { NULL, 0 };
	int64_t year, n;

	mc_str_split(s, '-', &y, &part);
	if (y.len != 4 || !mc_int_parse(&year, y, 1900, 2199))
		return false;
	if (part.p == NULL) {
		memcpy(p->name, "Năm ", sizeof("Năm "));
		memcpy(p->name + strlen(p->name), y.p, 4);
		return span(p, (int)year, 1, 12, calendar);
	}
	if (part.len != 2)
		return false;
	if (part.p[0] == 'Q' && part.p[1] >= '1' && part.p[1] <= '4') {
		n = part.p[1] - '1';
		name_period(p, "Quý ", (int)year, roman[n]);
		return span(p, (int)year, (int)n * 3 + 1, 3, calendar);
	}
	if (mc_str_is(part, "H1")) {
		name_period(p, "6 tháng đầu", (int)year, NULL);
		return span(p, (int)year, 1, 6, calendar);
	}
	if (mc_str_is(part, "9M")) {
		name_period(p, "9 tháng", (int)year, NULL);
		return span(p, (int)year, 1, 9, calendar);
	}
	return mc_int_parse(&n, part, 0, 99) &&
	       month(p, (int)year, (int)n, calendar);
}

int
mc_period_parse(
    struct mc_period *out, struct mc_str s, bool calendar, struct mc_err *err)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '.' && s.p[i + 1] == '.')
			break;
	if (i + 1 >= s.len)
		return named(out, s, calendar) ? 0 : bad_period(s, err);
	out->from = mc_day_parse((struct mc_str){ s.p, i });
	out->to = mc_day_parse((struct mc_str){ s.p + i + 2, s.len - i - 2 });
	if (out->from == MC_NODAY || out->to == MC_NODAY)
		return bad_period(s, err);
	if (out->from > out->to)
		return mc_err(err, MC_EUSAGE, "E_PERIOD",
		    "the period \"%.*s\" ends before it begins", (int)s.len,
		    s.p);
	return 0;
}

int
mc_period_of(
    struct mc_period *out, int32_t day, bool calendar, struct mc_err *err)
{
	int y, m, d;

	memset(out, 0, sizeof(*out));
	mc_day_civil(day, &y, &m, &d);
	if (!calendar && d >= 15 && ++m > 12) {
		m = 1;
		y++;
	}
	if (month(out, y, m, calendar))
		return 0;
	return mc_err(
	    err, MC_EUSAGE, "E_PERIOD", "the present is out of range");
}

static int32_t
floor_fan(int32_t n)
{
	return n >= 0 ? n / FAN : -((FAN - 1 - n) / FAN);
}

int
mc_slices(struct mc_slice out[MC_SLICES], int32_t from, int32_t to)
{
	int32_t a, b = to + 1, whole, rest;
	int level = 0, n = 0;

	a = from != MC_NODAY ? from
			     : floor_fan(floor_fan(MC_DAY_MIN)) * FAN * FAN;
	for (; level < LEVELS - 1 && b - a >= FAN; level++) {
		/* Half a block at most: else take all and give back. */
		whole = floor_fan(a);
		rest = a - whole * FAN;
		if (rest > FAN / 2)
			out[n++] =
			    (struct mc_slice){ level, a, ++whole * FAN - 1, 1 };
		else if (rest > 0)
			out[n++] =
			    (struct mc_slice){ level, whole * FAN, a - 1, -1 };
		a = whole;
		whole = floor_fan(b);
		rest = b - whole * FAN;
		if (rest > FAN / 2)
			out[n++] = (struct mc_slice){ level, b,
				++whole * FAN - 1, -1 };
		else if (rest > 0)
			out[n++] =
			    (struct mc_slice){ level, whole * FAN, b - 1, 1 };
		b = whole;
	}
	if (a < b)
		out[n++] = (struct mc_slice){ level, a, b - 1, 1 };
	return n;
}

/* ---- order of titles ---- */

static uint32_t
lower(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde))
		return c + 0x20;
	if (c == 0x102 || c == 0x110 || c == 0x128 || c == 0x168 ||
	    c == 0x1a0 || c == 0x1af ||
	    (c >= 0x1ea0 && c <= 0x1ef9 && c % 2 == 0))
		return c + 1;
	return c;
}

/* A letter's place; what is no Vietnamese letter stands where its code is,
 * digits and spaces before the letters. */
static uint32_t
rank(uint32_t c)
{
	static const char order[] = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfgh"
				    "iìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrst"
				    "uùủũúụưừửữứựvwxyỳỷỹýỵz";
	uint32_t n = 'a';
	size_t i, len;

	c = lower(c);
	for (i = 0; i < sizeof(order) - 1; i += len, n++)
		if (mc_utf8_decode(order + i, sizeof(order) - 1 - i, &len) == c)
			return n;
	return c < 'a' ? c : c + 0x1000;
}

int
mc_vietnamese_order(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), i = 0, j = 0, len;
	uint32_t ra, rb;

	if (mc_utf8_check(a, na) != na || mc_utf8_check(b, nb) != nb)
		return strcmp(a, b);
	while (i < na && j < nb) {
		ra = rank(mc_utf8_decode(a + i, na - i, &len));
		i += len;
		rb = rank(mc_utf8_decode(b + j, nb - j, &len));
		j += len;
		if (ra != rb)
			return ra < rb ? -1 : 1;
	}
	if (i < na || j < nb)
		return i < na ? 1 : -1;
	return strcmp(a, b);
}

/* ---- form II.06a ---- */

/* What the counters of one row add up to. */
struct tally {
	int64_t in[MC_C__COUNT];        /* within the period */
	int64_t before, after, overdue; /* open before it, at its end */
};

struct line {
	const char *key, *title;
	struct tally t;
};

struct mc_form {
	struct mc_store *store;
	struct mc_form_query q;
	const struct mc_units *units; /* NULL: not needed */
	struct mc_scope *scope;
	char *unit, *receiver;
	MC_VEC(struct line) line;
	MC_VEC(int32_t) of; /* procedure or unit id: index of line + 1 */
	MC_VEC(struct mc_form_row) row;
	struct mc_form_row total;
};

enum { WITHIN = 1, BEFORE = 2, AFTER = 4, OVERDUE = 8 };

static int32_t
line_of_key(struct mc_form *f, const char *key, const char *title)
{
	struct line l = { .key = key, .title = title };
	size_t i;

	for (i = 0; i < f->line.n; i++)
		if (strcmp(f->line.p[i].key, key) == 0)
			return (int32_t)i + 1;
	mc_vec_push(&f->line, l);
	return (int32_t)f->line.n;
}

static int32_t
line_of_procedure(struct mc_form *f, int32_t procedure)
{
	const char *code = mc_store_text(f->store, MC_D_PROCEDURE, procedure);
	const char *title, *field;

	mc_store_procedure(f->store, procedure, &title, &field);
	if (f->q.by == MC_BY_PROCEDURE)
		return line_of_key(f, code, title);
	if (field == NULL)
		field = code;
	return line_of_key(f, field, field);
}

/* A unit that has ended counts as the one that took over. */
static int32_t
line_of_unit(struct mc_form *f, int32_t unit)
{
	const char *code = mc_store_text(f->store, MC_D_UNIT, unit);
	const struct mc_unit *u =
	    mc_unit_find(f->units, mc_str(code), f->q.period.to);

	if (u == NULL || strcmp(u->code, code) != 0)
		return line_of_key(f, code, NULL);
	u = mc_unit_successor(f->units, u, f->q.period.to);
	return line_of_key(f, u->code, u->name);
}

static struct tally *
tally_of(struct mc_form *f, int32_t procedure, int32_t unit)
{
	int32_t id = f->q.by == MC_BY_UNIT ? unit : procedure;
	int32_t line;

	if (id <= MC_NOID || !mc_scope_has(f->scope, unit))
		return NULL;
	while (f->of.n <= (size_t)id)
		mc_vec_push(&f->of, 0);
	if (f->of.p[id] == 0) {
		line = f->q.by == MC_BY_UNIT ? line_of_unit(f, id)
					     : line_of_procedure(f, id);
		f->of.p[id] = line;
	}
	return &f->line.p[f->of.p[id] - 1].t;
}

static void
count(struct tally *t, int what, int sign, struct mc_cur *cur)
{
	int64_t open, late;
	int i;

	if ((what & WITHIN) != 0)
		for (i = 0; i < MC_C__COUNT; i++)
			t->in[i] += sign * mc_cur_int(cur, 2 + i, 0);
	if ((what & (BEFORE | AFTER)) != 0) {
		open = sign * (mc_cur_int(cur, 2 + MC_C_OPENED, 0) -
				  mc_cur_int(cur, 2 + MC_C_CLOSED, 0));
		t->before += (what & BEFORE) != 0 ? open : 0;
		t->after += (what & AFTER) != 0 ? open : 0;
	}
	if ((what & OVERDUE) != 0) {
		late = mc_cur_int(cur, 2 + MC_C_BECAME, 0) -
		       mc_cur_int(cur, 2 + MC_C_CEASED, 0);
		t->overdue += sign * late;
	}
}

static int
read_slice(struct mc_form *f, const struct mc_slice *s, int base, int what,
    struct mc_err *err)
{
	struct mc_cur *cur;
	struct tally *t;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(f->store), MC_SQL_STATS_SLICE,
		MC_ARGS(
		    MC_INT(base + s->level), MC_INT(s->first), MC_INT(s->last)),
		err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		t = tally_of(f, (int32_t)mc_cur_int(cur, 0, MC_NOID),
		    (int32_t)mc_cur_int(cur, 1, MC_NOID));
		if (t != NULL)
			count(t, what, s->sign, cur);
	}
	mc_cur_close(cur);
	return rc;
}

static int
read_days(
    struct mc_form *f, int32_t from, int32_t to, int what, struct mc_err *err)
{
	bool both = f->q.basis == MC_BASIS_DOSSIERS;
	struct mc_slice s[MC_SLICES];
	int i, n, rc = 0;

	n = mc_slices(s, from, to);
	for (i = 0; i < n && rc == 0; i++) {
		rc = read_slice(f, &s[i], 0, what, err);
		if (rc == 0 && both)
			rc = read_slice(f, &s[i], MC_ROLLUP_LEVELS, what, err);
	}
	return rc;
}

/*
 * What was finished before the period and reopened in it is carried over: it
 * was not finished, and the reopening takes nothing back that the period has.
 */
static int
read_reopenings(struct mc_form *f, int32_t from, int32_t to, struct mc_err *err)
{
	int children = f->q.basis == MC_BASIS_DOSSIERS;
	struct mc_cur *cur;
	struct tally *t;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(f->store), MC_SQL_STATS_REOPENING,
		MC_ARGS(MC_INT(from), MC_INT(to), MC_INT(children)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		t = tally_of(f, (int32_t)mc_cur_int(cur, 0, MC_NOID),
		    (int32_t)mc_cur_int(cur, 1, MC_NOID));
		if (t == NULL)
			continue;
		t->in[MC_C_EARLY] += mc_cur_int(cur, 2, 0);
		t->in[MC_C_ON_TIME] += mc_cur_int(cur, 3, 0);
		t->in[MC_C_LATE] += mc_cur_int(cur, 4, 0);
		t->in[MC_C_CLOSED] += mc_cur_int(cur, 5, 0);
		t->before += mc_cur_int(cur, 5, 0);
	}
	mc_cur_close(cur);
	return rc;
}

/*
 * Every sum is read by itself, although some follow from others: that is
 * what makes the identities a check.  All are read to the same day: after
 * today nothing has happened yet, though the log may go on.
 */
static int
read_tallies(struct mc_form *f, struct mc_err *err)
{
	const struct mc_period *p = &f->q.period;
	struct mc_db *db = mc_store_db(f->store);
	int32_t to = f->q.today < p->to ? f->q.today : p->to;
	int32_t before = p->from - 1 < to ? p->from - 1 : to;
	int rc;

	if (mc_db_read_begin(db, err) == -1)
		return -1;
	rc = to < p->from ? 0 : read_days(f, p->from, to, WITHIN, err);
	if (rc == 0)
		rc = read_reopenings(f, p->from, to, err);
	if (rc == 0)
		rc = read_days(f, MC_NODAY, before, BEFORE, err);
	if (rc == 0)
		rc = read_days(f, MC_NODAY, to, AFTER | OVERDUE, err);
	mc_db_read_end(db);
	return rc;
}

static struct mc_form_row
row_of(const struct line *l)
{
	const struct tally *t = &l->t;
	struct mc_form_row r = { .key = l->key, .title = l->title };

	r.received_total = t->before + t->in[MC_C_OPENED];
	r.received_online = t->in[MC_C_ONLINE];
	r.received_other = t->in[MC_C_DIRECT] + t->in[MC_C_POSTAL];
	r.carried_over = t->before;
	r.finished_total = t->in[MC_C_CLOSED];
	r.finished_early = t->in[MC_C_EARLY];
	r.finished_on_time = t->in[MC_C_ON_TIME];
	r.finished_late = t->in[MC_C_LATE];
	r.open_total = t->after;
	r.open_overdue = t->overdue;
	r.open_in_time = t->after - t->overdue;
	return r;
}

static bool
is_empty(const struct tally *t)
{
	static const struct tally none;

	return memcmp(t, &none, sizeof(none)) == 0;
}

static int
by_title(const void *va, const void *vb)
{
	const struct mc_form_row *a = va, *b = vb;

	return mc_vietnamese_order(a->key, b->key);
}

static int
by_key(const void *va, const void *vb)
{
	const struct mc_form_row *a = va, *b = vb;

	return strcmp(a->key, b->key);
}

static void
make_rows(struct mc_form *f)
{
	struct line total = { 0 };
	const struct tally *t;
	size_t i;
	int k;

	for (i = 0; i < f->line.n; i++) {
		t = &f->line.p[i].t;
		for (k = 0; k < MC_C__COUNT; k++)
			total.t.in[k] += t->in[k];
		total.t.before += t->before;
		total.t.after += t->after;
		total.t.overdue += t->overdue;
		if (!is_empty(t))
			mc_vec_push(&f->row, row_of(&f->line.p[i]));
	}
	if (f->row.n > 0)
		qsort(f->row.p, f->row.n, sizeof(*f->row.p),
		    f->q.by == MC_BY_FIELD ? by_title : by_key);
	f->total = row_of(&total);
}

static int
open_rules(struct mc_form *f, struct mc_rulebook **rb, struct mc_err *err)
{
	const struct mc_form_query *q = &f->q;
	struct mc_str code = q->unit;
	const struct mc_unit *u;

	if (code.p == NULL && q->by != MC_BY_UNIT && !q->names)
		return 0;
	if (mc_scope_rulebook(rb, f->store, err) == -1 ||
	    mc_rulebook_units(*rb, &f->units, err) == -1 ||
	    (code.p != NULL && mc_scope_new(&f->scope, f->store, *rb, code,
				   q->period.to, MC_ENDED_REFUSED, err) == -1))
		return -1;
	if (code.p == NULL)
		code = mc_str(mc_rulebook_agency(*rb));
	u = mc_unit_find(f->units, code, q->period.to);
	if (u == NULL || !mc_str_is(code, u->code))
		return 0;
	free(f->unit);
	f->unit = mc_strdup(u->name);
	if (u->parent != NULL)
		u = mc_unit_find(
		    f->units, mc_str(u->parent->code), q->period.to);
	else
		u = NULL;
	if (u != NULL)
		f->receiver = mc_strdup(u->name);
	return 0;
}

int
mc_form_06a(struct mc_form **out, struct mc_store *s, struct mc_rulebook **rb,
    const struct mc_form_query *q, struct mc_err *err)
{
	struct mc_form *f = mc_calloc(1, sizeof(*f));

	*out = NULL;
	f->store = s;
	f->q = *q;
	f->unit = q->unit.p != NULL ? mc_strndup(q->unit.p, q->unit.len)
				    : mc_strdup(mc_store_site(s)->code);
	if (open_rules(f, rb, err) == -1 || read_tallies(f, err) == -1) {
		mc_form_free(f);
		return -1;
	}
	make_rows(f);
	*out = f;
	return 0;
}

void
mc_form_free(struct mc_form *f)
{
	if (f == NULL)
		return;
	mc_scope_free(f->scope);
	free(f->unit);
	free(f->receiver);
	mc_vec_free(&f->line);
	mc_vec_free(&f->of);
	mc_vec_free(&f->row);
	free(f);
}

const struct mc_form_query *
mc_form_query(const struct mc_form *f)
{
	return &f->q;
}

const char *
mc_form_unit(const struct mc_form *f)
{
	return f->unit;
}

const char *
mc_form_receiver(const struct mc_form *f)
{
	return f->receiver;
}

const struct mc_form_row *
mc_form_rows(const struct mc_form *f, size_t *n)
{
	*n = f->row.n;
	return f->row.p;
}

const struct mc_form_row *
mc_form_total(const struct mc_form *f)
{
	return &f->total;
}

static int
check_row(const struct mc_form_row *r, mc_finding_fn *found, void *arg)
{
	const struct {
		const char *left;
		int64_t sum;
		const char *right;
		int64_t parts;
		bool holds;
	} id[] = {
		{ "received_total", r->received_total,
		    "received_online + received_other + carried_over",
		    r->received_online + r->received_other + r->carried_over,
		    true },
		{ "finished_total", r->finished_total,
		    "finished_early + finished_on_time + finished_late",
		    r->finished_early + r->finished_on_time + r->finished_late,
		    true },
		{ "open_total", r->open_total, "open_in_time + open_overdue",
		    r->open_in_time + r->open_overdue,
		    r->open_in_time >= 0 && r->open_overdue >= 0 },
		{ "received_total", r->received_total,
		    "finished_total + open_total",
		    r->finished_total + r->open_total, true },
	};
	struct mc_err e = MC_ERR_INIT;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
		if (id[i].sum == id[i].parts && id[i].holds)
			continue;
		if (id[i].holds)
			mc_err(&e, MC_EDAMAGED, "E_BALANCE",
			    "\"%s\": %s is %" PRId64 ", but %s is %" PRId64,
			    r->key != NULL ? r->key : "Tổng số", id[i].left,
			    id[i].sum, id[i].right, id[i].parts);
		else
			mc_err(&e, MC_EDAMAGED, "E_BALANCE",
			    "\"%s\": of %" PRId64 " open dossiers %" PRId64
			    " are overdue",
			    r->key != NULL ? r->key : "Tổng số", r->open_total,
			    r->open_overdue);
		found(arg, &e);
		n++;
	}
	return n;
}

int
mc_form_check(const struct mc_form *f, mc_finding_fn *found, void *arg)
{
	size_t i;
	int n = 0;

	for (i = 0; i < f->row.n; i++)
		n += check_row(&f->row.p[i], found, arg);
	return n + check_row(&f->total, found, arg);
}

static int
negative_cells(const struct mc_form_row *r, mc_finding_fn *found, void *arg)
{
	const struct {
		const char *name;
		int64_t n;
	} cell[] = {
		{ "received_online", r->received_online },
		{ "received_other", r->received_other },
		{ "carried_over", r->carried_over },
		{ "finished_early", r->finished_early },
		{ "finished_on_time", r->finished_on_time },
		{ "finished_late", r->finished_late },
		{ "open_in_time", r->open_in_time },
		{ "open_overdue", r->open_overdue },
	};
	struct mc_err e = MC_ERR_INIT;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(cell) / sizeof(cell[0]); i++) {
		if (cell[i].n >= 0)
			continue;
		n++;
		if (found == NULL)
			continue;
		mc_err(&e, MC_EDATA, "W_NEGATIVE",
		    "\"%s\": %s is %" PRId64 ": what an earlier period has "
		    "counted was corrected in this one",
		    r->key, cell[i].name, cell[i].n);
		found(arg, &e);
	}
	return n;
}

int
mc_form_negative(const struct mc_form *f, mc_finding_fn *found, void *arg)
{
	size_t i;
	int n = 0;

	for (i = 0; i < f->row.n; i++)
		n += negative_cells(&f->row.p[i], found, arg);
	return n;
}
