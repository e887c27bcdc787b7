/* map_value.c - times and numbers as people write them; motcua/map.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/text.h>

#include "map_internal.h"

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- times ---- */

#define EXCEL_1900 (-25569) /* day 0 of its calendar: 30 December 1899 */
#define EXCEL_1904 (-24107) /* 1 January 1904 */
#define EXCEL_FIRST 61      /* 1 March 1900: from here on it counts right */

/* Days, and a fraction with a point or a comma, to the nearest second. */
static bool
excel(struct mc_str s, int32_t epoch, const struct mc_zone *zone, int64_t *ms,
    bool *day_only)
{
	int64_t whole, part = 0, unit = 1, seconds = 0;
	size_t i = 0, n;

	while (i < s.len && digit(s.p[i]))
		i++;
	if (!mc_int_parse(&whole, (struct mc_str){ s.p, i }, 0, 200000) ||
	    (epoch == EXCEL_1900 && whole < EXCEL_FIRST))
		return false;
	*day_only = i == s.len;
	if (i < s.len) {
		if ((s.p[i] != '.' && s.p[i] != ',') || i + 1 == s.len)
			return false;
		for (n = 0, i++; i < s.len; i++, n++) {
			if (!digit(s.p[i]))
				return false;
			if (n < 12) {
				part = part * 10 + (s.p[i] - '0');
				unit *= 10;
			}
		}
		seconds = (part * 86400 + unit / 2) / unit;
		if (seconds == 86400) {
			seconds = 0;
			whole++;
		}
	}
	if (whole + epoch < MC_DAY_MIN || whole + epoch > MC_DAY_MAX)
		return false;
	*ms = mc_zone_instant(zone, (int32_t)whole + epoch, seconds * 1000);
	return true;
}

static bool
in_format(struct mc_str s, const char *format, const struct mc_zone *zone,
    int64_t *ms, bool *day_only, bool *cut)
{
	if (strcmp(format, "excel") == 0)
		return excel(s, EXCEL_1900, zone, ms, day_only);
	if (strcmp(format, "excel-1904") == 0)
		return excel(s, EXCEL_1904, zone, ms, day_only);
	return mc_time_scan(ms, s, format, zone, day_only, cut);
}

/* 2024-02-05T10:20:00+07:00: no format is needed to read it. */
static bool
is_instant(struct mc_str s)
{
	return s.len >= 20 && s.p[10] == 'T' &&
	       (s.p[s.len - 1] == 'Z' || s.p[s.len - 6] == '+' ||
		   s.p[s.len - 6] == '-');
}

static bool
iso(struct mc_str s, const struct mc_zone *zone, int64_t *ms, bool *day_only,
    bool *cut)
{
	struct mc_err ignored;

	return mc_time_parse(ms, s, zone, day_only, cut, &ignored) == 0;
}

bool
mc_map_time(const struct mc_map *m, enum mc_column c, struct mc_str s,
    const struct mc_zone *zone, int64_t *ms, bool *day_only, bool *cut)
{
	static const char *const human[] = { "%d/%m/%Y %H:%M:%S",
		"%d/%m/%Y %H:%M", "%d/%m/%Y" };
	const struct formats *f =
	    m->column_time[c] != NULL ? m->column_time[c] : &m->time;
	size_t i;
	int k;

	for (k = 0; k < f->n; k++)
		if (in_format(s, f->format[k], zone, ms, day_only, cut))
			return true;
	if (f->n > 0)
		return is_instant(s) && iso(s, zone, ms, day_only, cut);
	/* The commonest form first, without the cost of a failed parse. */
	if (mc_time_usual(ms, s, zone)) {
		*day_only = *cut = false;
		return true;
	}
	for (i = 0; i < sizeof(human) / sizeof(human[0]); i++)
		if (mc_time_scan(ms, s, human[i], zone, day_only, cut))
			return true;
	return iso(s, zone, ms, day_only, cut);
}

/*
 * Does it read "9/9/99", with that sign between and perhaps a time behind?
 * *rest: where it begins.
 */
static bool
dated(
    struct mc_str s, char sign, int part[3], size_t *year_digits, size_t *rest)
{
	size_t i = 0, n;
	int k;

	for (k = 0; k < 3; k++) {
		for (n = part[k] = 0; i < s.len && n < 4 && digit(s.p[i]);
		     i++, n++)
			part[k] = part[k] * 10 + (s.p[i] - '0');
		if (n == 0 || (k < 2 && (i == s.len || s.p[i++] != sign)))
			return false;
	}
	*year_digits = n;
	*rest = i;
	return i == s.len || s.p[i] == ' ';
}

/* The map's line for a date in that form, by what stands behind it. */
struct known {
	const char *date, *minutes, *seconds;
};
#define KNOWN(what, form)                                                      \
	{                                                                      \
		what " A map says so: \"time\": \"" form "\"",                 \
		    what " A map says so: \"time\": \"" form " %H:%M\"",       \
		    what " A map says so: \"time\": \"" form " %H:%M:%S\""     \
	}

static const char *
known_as(const struct known *k, struct mc_str s, size_t rest)
{
	size_t i, colons = 0;

	for (i = rest; i < s.len; i++) {
		colons += s.p[i] == ':';
		if (!digit(s.p[i]) && s.p[i] != ':' && s.p[i] != ' ')
			return NULL;
	}
	return colons == 0 && rest == s.len ? k->date
	       : colons == 1                ? k->minutes
	       : colons == 2                ? k->seconds
					    : NULL;
}

static const char *
date_advice(const struct mc_map *m, struct mc_str s)
{
	static const struct known two =
	    KNOWN("with two digits of the year?", "%d/%m/%y");
	static const struct known year =
	    KNOWN("the year first, with slashes?", "%Y/%m/%d");
	static const struct known month =
	    KNOWN("with the month first?", "%m/%d/%Y");
	static const struct known dashes =
	    KNOWN("the day first, with dashes?", "%d-%m-%Y");
	static const struct known dots =
	    KNOWN("the day first, with points?", "%d.%m.%Y");
	int p[3];
	size_t n, rest;

	if (dated(s, '/', p, &n, &rest)) {
		if (p[0] > 31)
			return p[0] < 1900 || m->time.n > 0
				   ? NULL
				   : known_as(&year, s, rest);
		if (n == 2)
			return known_as(&two, s, rest);
		if (n == 4 && p[1] > 12 && p[1] <= 31 && p[0] <= 12)
			return m->time.n > 0 ? NULL : known_as(&month, s, rest);
		return NULL;
	}
	if (dated(s, '-', p, &n, &rest)) {
		return n < 4 || m->time.n > 0 ? NULL
					      : known_as(&dashes, s, rest);
	}
	if (dated(s, '.', p, &n, &rest) && n == 4 && m->time.n == 0)
		return known_as(&dots, s, rest);
	return NULL;
}

bool
mc_map_time_like(struct mc_str s)
{
	size_t i, letters = 0, run = 0;
	char low;

	for (i = 0; i < s.len; i++) {
		low = (char)(s.p[i] | 0x20);
		letters += low >= 'a' && low <= 'z';
		run = digit(s.p[i]) ? run + 1 : 0;
		if ((s.p[i] & 0x80) != 0 ||
		    (run >= 9 && run <= 12 &&
			(i + 1 == s.len || !digit(s.p[i + 1]))))
			return false;
	}
	return letters <= 4;
}

const char *
mc_map_time_advice(const struct mc_map *m, struct mc_str s)
{
	size_t i;

	if (s.len > 1 && s.p[0] == '#' && s.p[1] == '#')
		return "a spreadsheet's column was too narrow: widen it and "
		       "export again";
	for (i = 0; i < s.len && digit(s.p[i]); i++)
		;
	if (i == 5 && (i == s.len || s.p[i] == '.' || s.p[i] == ',') &&
	    s.p[0] >= '1' && s.p[0] <= '6')
		return "a day's number from Excel? A map says so: "
		       "\"time\": \"excel\"";
	return date_advice(m, s);
}

/* ---- numbers ---- */

/*
 * Digits in groups of three where `group` divides them, then perhaps
 * `point` and more digits: as "1234.5" into `to`.
 */
static bool
strict(struct mc_str s, char point, char group, char *to, size_t *len)
{
	size_t i = 0, n = 0, run = 0, k = 0;
	bool grouped = false;

	if (i < s.len && s.p[i] == '-')
		to[k++] = s.p[i++];
	for (; i < s.len && s.p[i] != point; i++) {
		if (digit(s.p[i])) {
			to[k++] = s.p[i];
			run++;
			n++;
			continue;
		}
		if (s.p[i] != group || run == 0 || (grouped && run != 3) ||
		    run > 3)
			return false;
		grouped = true;
		run = 0;
	}
	if (n == 0 || (grouped && run != 3))
		return false;
	if (i < s.len) {
		to[k++] = '.';
		for (run = 0, i++; i < s.len; i++, run++) {
			if (!digit(s.p[i]))
				return false;
			to[k++] = s.p[i];
		}
		if (run == 0)
			return false;
	}
	*len = k;
	return true;
}

/* Which sign is the decimal one, by the text alone; '\0': both may be. */
static char
decimal_sign(struct mc_str s, size_t points, size_t commas)
{
	const char *comma = memchr(s.p, ',', s.len);
	size_t whole, behind;

	if (points > 0 && commas > 0)
		return memchr(comma, '.', s.len - (size_t)(comma - s.p)) != NULL
			   ? '.'
			   : ',';
	if (commas > 1)
		return '.';
	if (commas == 0)
		return points > 1 ? ',' : '.';
	whole = (size_t)(comma - s.p) - (s.p[0] == '-');
	behind = s.len - (size_t)(comma - s.p) - 1;
	if (behind != 3 || whole > 3 ||
	    (whole > 0 && s.p[s.p[0] == '-'] == '0'))
		return ',';
	return '\0';
}

bool
mc_map_number(const struct mc_map *m, struct mc_str s, char to[MC_MAP_NUMBER],
    struct mc_str *out)
{
	size_t i, points = 0, commas = 0, len;
	char point = m->decimal, other;

	*out = s;
	for (i = 0; i < s.len; i++) {
		points += s.p[i] == '.';
		commas += s.p[i] == ',';
	}
	if (s.len == 0 || s.len >= MC_MAP_NUMBER ||
	    (commas == 0 && points <= 1 && point != ','))
		return true;
	if (point == '\0' && (point = decimal_sign(s, points, commas)) == '\0')
		return false;
	other = point == ',' ? '.' : ',';
	if (!strict(s, point, other, to, &len))
		return m->decimal == '\0' || !strict(s, other, point, to, &len);
	*out = (struct mc_str){ to, len };
	return true;
}

bool
mc_map_spoilt(struct mc_str s)
{
	size_t i;

	/* Digits behind E+; most texts have no '+' there. */
	if (s.len < 4 || (s.p[s.len - 2] != '+' && s.p[s.len - 3] != '+'))
		return false;
	for (i = 0;
	     i < s.len && (digit(s.p[i]) || s.p[i] == '.' || s.p[i] == ',');
	     i++)
		;
	if (i == 0 || i + 2 >= s.len || (s.p[i] | 0x20) != 'e' ||
	    s.p[i + 1] != '+')
		return false;
	for (i += 2; i < s.len; i++)
		if (!digit(s.p[i]))
			return false;
	return true;
}
