/*
 * map.c - fuzzes map.h.
 *
 *   - a map that is refused has something that the check reports, one that
 *     is taken at most a column that it lacks;
 *   - whatever is looked up by it is text, a time within the supported years,
 *     or a number with a point;
 *   - a heading of any names is bound or refused.
 *
 * The input is the map, then a NUL and text to look up; without a map, the
 * one that stands for none.
 */
#include <motcua/map.h>
#include <motcua/text.h>

#include "fuzz.h"

#define COLUMNS 40

static void
report(void *arg, const struct mc_err *e)
{
	bool *other = arg;

	fuzz_refused(e);
	*other = *other || strcmp(e->id, "E_HEADER") != 0;
}

static void
number(const struct mc_map *m, struct mc_str s)
{
	char to[MC_MAP_NUMBER];
	struct mc_str out = { NULL, 0 };

	if (!mc_map_number(m, s, to, &out) || mc_str_same(out, s))
		return;
	HOLDS(out.len > 0 && out.len <= sizeof(to));
	HOLDS(strspn(out.p, "-0123456789.") >= out.len);
}

static void
cell(const struct mc_map *m, enum mc_column c, struct mc_str s)
{
	bool day_only = false, cut = false;
	int64_t ms = 0;
	int32_t day;

	mc_map_value_default(m, c);
	mc_map_value(m, c, s);
	mc_map_recode(m, c);
	if (!mc_map_time(m, c, s, fuzz_zone(), &ms, &day_only, &cut))
		return;
	day = mc_zone_day(fuzz_zone(), ms);
	HOLDS(day >= MC_DAY_MIN && day <= MC_DAY_MAX);
}

/* The lines of the text are a heading. */
static void
bind(const struct mc_map *m, struct mc_str s)
{
	struct mc_str name[COLUMNS], rest = s;
	struct mc_binding b;
	struct mc_buf ignored = { 0 };
	struct mc_err err = MC_ERR_INIT;
	size_t n = 0, i;

	while (n < COLUMNS && mc_str_split(rest, '\n', &name[n], &rest))
		n++;
	memset(&b, 0, sizeof(b));
	if (mc_map_bind(m, "f", 1, name, n, true, &b, &ignored, &err) == -1) {
		fuzz_refused(&err);
	} else {
		HOLDS(b.n == n && b.fields <= MC_MAP_FIELDS);
		for (i = 0; i < n; i++)
			HOLDS(b.field[i] >= -1 && b.field[i] < b.fields);
		for (i = 0; i < MC_COL__COUNT; i++)
			HOLDS(b.at[i] >= -1 && b.at[i] < (int)n);
	}
	mc_binding_free(&b);
	mc_buf_free(&ignored);
}

static void
use(const struct mc_map *m, struct mc_str s)
{
	const struct mc_heading *h = mc_map_heading(m);
	char *tidy;
	int c;

	HOLDS(h == NULL || h->lines <= MC_HEADING_LINES);
	if (mc_utf8_check(s.p, s.len) != s.len ||
	    (s.len > 0 && memchr(s.p, '\0', s.len) != NULL))
		return;
	for (c = 0; c < MC_COL__COUNT; c++)
		cell(m, (enum mc_column)c, s);
	number(m, s);
	mc_map_spoilt(s);
	mc_map_row(m, s);
	mc_map_time_advice(m, s);
	tidy = mc_map_tidy(s);
	HOLDS(mc_utf8_check(tidy, strlen(tidy)) == strlen(tidy));
	free(tidy);
	bind(m, s);
}

int
fuzz_map(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n), text = { NULL, 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_map *m;
	bool other = false;
	int found;

	mc_str_split(s, '\0', &s, &text);
	if (s.len == 0) {
		m = mc_map_default();
	} else {
		found = mc_map_check("m.json", s, false, report, &other);
		if (mc_map_parse(&m, "m.json", s, &err) == -1) {
			fuzz_refused(&err);
			HOLDS(found > 0);
			return 0;
		}
		HOLDS(!other);
		fuzz_taken++;
	}
	use(m, text);
	mc_map_free(m);
	return 0;
}
