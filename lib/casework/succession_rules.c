/* succession_rules.c - decisions read from a CSV; see motcua/succession.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/lines.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "succession_internal.h"

enum { D_FROM, D_TO, D_PROCEDURE, D_RECEIVING, D_FIELD, D_VALUE, D_COLUMNS };
#define VALUE_MAX 400 /* bytes */

static const char *const column[] = { "from", "to", "procedure", "receiving",
	"field", "value" };

bool
mc_succession_ended(const struct mc_unit *unit, int32_t today)
{
	return unit->valid_to != MC_NODAY && unit->valid_to < today;
}

bool
mc_succession_fits(const char *pattern, const char *text)
{
	size_t n;

	if (pattern == NULL)
		return true;
	n = strlen(pattern);
	if (n > 0 && pattern[n - 1] == '*')
		return strncmp(pattern, text, n - 1) == 0;
	return strcmp(pattern, text) == 0;
}

void
mc_succession_rules_free(struct mc_succession_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->text.n; i++)
		free(rules->text.p[i]);
	mc_vec_free(&rules->text);
	mc_vec_free(&rules->v);
}

static const char *
keep(struct mc_succession_rules *rules, struct mc_str s)
{
	char *copy = mc_strndup(s.p != NULL ? s.p : "", s.len);

	mc_vec_push(&rules->text, copy);
	return copy;
}

static int
read_header(const struct mc_row *row, int at[D_COLUMNS], struct mc_err *err)
{
	size_t i;
	int c;

	for (c = 0; c < D_COLUMNS; c++)
		at[c] = -1;
	for (i = 0; i < row->n; i++) {
		for (c = 0; c < D_COLUMNS; c++)
			if (mc_str_is(mc_str_trim(row->field[i]), column[c]))
				break;
		if (c == D_COLUMNS || at[c] != -1)
			return mc_err(err, MC_EDATA, "E_HEADER",
			    c == D_COLUMNS
				? "unknown column \"%.*s\""
				: "the column \"%.*s\" stands there twice",
			    (int)(row->field[i].len < 60 ? row->field[i].len
							 : 60),
			    row->field[i].len > 0 ? row->field[i].p : "");
		at[c] = (int)i;
	}
	for (c = D_FROM; c <= D_TO; c++)
		if (at[c] == -1)
			return mc_err(err, MC_EDATA, "E_HEADER",
			    "there is no column \"%s\"", column[c]);
	if ((at[D_FIELD] == -1) != (at[D_VALUE] == -1))
		return mc_err(err, MC_EDATA, "E_HEADER",
		    "\"field\" and \"value\" go together");
	return 0;
}

/* Has any line of that code ended? */
static bool
has_ended(const struct mc_units *u, const char *code, int32_t today)
{
	const struct mc_unit *x;
	int i, n = mc_units_count(u);

	for (i = 0; i < n; i++) {
		x = mc_units_at(u, i);
		if (mc_succession_ended(x, today) && strcmp(x->code, code) == 0)
			return true;
	}
	return false;
}

static int
check_units(const struct mc_succession_rule *r, const struct mc_units *u,
    int32_t today, struct mc_err *err)
{
	const struct mc_unit *to = mc_unit_find(u, mc_str(r->to), today);
	bool known = mc_unit_find(u, mc_str(r->from), today) != NULL;

	if (!known)
		return mc_err(err, MC_EDATA, "E_UNIT",
		    "no unit \"%s\" in units.csv", r->from);
	if (!has_ended(u, r->from, today))
		return mc_err(err, MC_EDATA, "E_UNIT",
		    "the unit \"%s\" has not ended: nothing is to be decided",
		    r->from);
	if (to == NULL || !mc_unit_valid(to, today))
		return mc_err(err, MC_EDATA, "E_UNIT",
		    to == NULL ? "no unit \"%s\" in units.csv"
			       : "the unit \"%s\" is not one of today",
		    r->to);
	return 0;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Does the line before leave nothing to this one? */
static int
check_reached(const struct mc_succession_rules *rules,
    const struct mc_succession_rule *r, struct mc_err *err)
{
	const struct mc_succession_rule *p;
	size_t i;

	/* Many lines for one unit are rare, and stand together. */
	for (i = rules->v.n; i-- > 0;) {
		p = &rules->v.p[i];
		if (strcmp(p->from, r->from) != 0)
			continue;
		if ((p->procedure == NULL ||
			same(p->procedure, r->procedure)) &&
		    (p->receiving == NULL ||
			same(p->receiving, r->receiving)) &&
		    (p->field == NULL ||
			(same(p->field, r->field) && same(p->value, r->value))))
			return mc_err(err, MC_EDATA, "E_DUPLICATE",
			    "line %" PRId64
			    " decides all of this for \"%s\" already",
			    p->line, r->from);
		if (rules->v.n - i > 1000)
			break;
	}
	return 0;
}

static int
read_rule(struct mc_succession_rules *rules, const char *name,
    const struct mc_row *row, const int at[D_COLUMNS],
    const struct mc_units *units, int32_t today, struct mc_err *err)
{
	const char *v[D_COLUMNS] = { NULL };
	struct mc_succession_rule r;
	struct mc_buf where = { 0 };
	struct mc_str s;
	int c;

	for (c = 0; c < D_COLUMNS; c++) {
		if (at[c] == -1 || (size_t)at[c] >= row->n)
			continue;
		s = mc_str_trim(row->field[at[c]]);
		if (s.len > VALUE_MAX)
			return mc_err(err, MC_EDATA, "E_LIMIT",
			    "\"%s\" has more than %d bytes", column[c],
			    VALUE_MAX);
		if (s.len > 0)
			v[c] = keep(rules, s);
	}
	for (c = D_FROM; c <= D_TO; c++)
		if (v[c] == NULL)
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "\"%s\" is empty", column[c]);
	if (v[D_VALUE] != NULL && v[D_FIELD] == NULL)
		return mc_err(
		    err, MC_EDATA, "E_FIELD", "a value, and of no field");
	r = (struct mc_succession_rule){ v[D_FROM], v[D_TO], v[D_PROCEDURE],
		v[D_RECEIVING], v[D_FIELD], v[D_VALUE], NULL, row->line, 0 };
	if (check_units(&r, units, today, err) == -1 ||
	    check_reached(rules, &r, err) == -1)
		return -1;
	if (rules->v.n == MC_SUCCESSION_RULES)
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "more than %d decisions", MC_SUCCESSION_RULES);
	mc_buf_printf(&where, "%s:%" PRId64, name, row->line);
	r.where = keep(rules, (struct mc_str){ where.p, where.len });
	mc_buf_free(&where);
	mc_vec_push(&rules->v, r);
	return 0;
}

int
mc_succession_read(struct mc_succession_rules *rules, const char *name,
    struct mc_str text, const struct mc_units *units, int32_t today,
    struct mc_err *err)
{
	struct mc_csv *csv =
	    mc_csv_new(mc_source_memory(name, text.p, text.len), ',');
	const char *slash = strrchr(name, '/');
	int at[D_COLUMNS], rc;
	bool fatal, first = true;
	struct mc_row row;

	while ((rc = mc_csv_next(csv, &row, true, &fatal, err)) == 1) {
		rc = first ? read_header(&row, at, err)
			   : read_rule(rules, slash != NULL ? slash + 1 : name,
				 &row, at, units, today, err);
		if (rc == -1) {
			mc_err_at(err, name, row.line, 0);
			break;
		}
		first = false;
	}
	if (rc == 0 && first) {
		rc = mc_err(err, MC_EDATA, "E_HEADER", "the file is empty");
		mc_err_at(err, name, 1, 0);
	}
	mc_csv_free(csv);
	return rc;
}
