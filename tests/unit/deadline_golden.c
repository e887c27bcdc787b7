/*
 * deadline_golden.c - the golden files of another implementation, where
 * they are at hand.
 */
#include "due.h"

/* The whole of a file of the shared data; NULL when it is not there. */
static char *
shared_file(const char *name)
{
	const char *shared = getenv("MOTCUA_SHARED");
	struct mc_buf path = { 0 }, text = { 0 };
	FILE *f;
	size_t n;

	mc_buf_printf(&path, "%s/data/worktime/%s",
	    shared != NULL ? shared : "../shared", name);
	f = fopen(mc_buf_str(&path), "r");
	mc_buf_free(&path);
	if (f == NULL)
		return NULL;
	do {
		n = fread(mc_buf_room(&text, 65536), 1, 65536, f);
		text.len += n;
	} while (n > 0);
	fclose(f);
	*mc_buf_room(&text, 1) = '\0';
	return mc_buf_detach(&text);
}

/* Their calendar as ours. */
static struct mc_calendar *
convert(const char *theirs)
{
	struct mc_err err = MC_ERR_INIT;
	const struct mc_json *weekly, *list, *spans;
	struct mc_buf b = { 0 }, hours = { 0 };
	struct mc_calendar *cal;
	struct mc_json *doc;
	const char *day;
	size_t i, k;

	if (mc_json_parse(&doc, "golden", mc_str(theirs), &err) == -1)
		return NULL;
	mc_buf_printf(&b,
	    "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":%s,"
	    "\"weekly\":{",
	    mc_json_decimal(mc_json_get(doc, "day_hours"), &hours));
	weekly = mc_json_get(doc, "weekly");
	for (i = 0; i < mc_json_count(weekly); i++) {
		spans = mc_json_member(weekly, i, &day);
		mc_buf_printf(&b, "%s\"%s\":[", i > 0 ? "," : "", day);
		for (k = 0; k < mc_json_count(spans); k++)
			mc_buf_printf(&b, "%s\"%s\"", k > 0 ? "," : "",
			    mc_json_str(mc_json_at(spans, k)));
		mc_buf_putc(&b, ']');
	}
	mc_buf_puts(&b, "},\"days_off\":[");
	list = mc_json_get(doc, "days_off");
	for (i = 0; i < mc_json_count(list); i++)
		mc_buf_printf(&b, "%s{\"date\":\"%s\"}", i > 0 ? "," : "",
		    mc_json_str(mc_json_at(list, i)));
	mc_buf_puts(&b, "],\"working_days\":[");
	list = mc_json_get(doc, "extra_working");
	for (i = 0; i < mc_json_count(list); i++)
		mc_buf_printf(&b, "%s{\"date\":\"%s\",\"as\":\"mon\"}",
		    i > 0 ? "," : "", mc_json_str(mc_json_at(list, i)));
	mc_buf_puts(&b, "]}");
	cal = office_calendar(mc_buf_str(&b), vn);
	mc_buf_free(&b);
	mc_buf_free(&hours);
	mc_json_free(doc);
	return cal;
}

/* Fields of a line, separated by tabs; false at the end. */
static bool
next_line(char **text, char **field, int n)
{
	char *line = *text, *end;
	int i;

	if (line == NULL || *line == '\0')
		return false;
	end = strchr(line, '\n');
	if (end != NULL)
		*end = '\0';
	*text = end != NULL ? end + 1 : NULL;
	for (i = 0; i < n; i++) {
		field[i] = line;
		if (line != NULL && (line = strchr(line, '\t')) != NULL)
			*line++ = '\0';
	}
	return field[n - 1] != NULL;
}

/* ---- their rules as ours ---- */

/* A line of theirs. */
struct golden {
	int64_t start, n, want;
	const char *unit, *rule, *intake;
};

static void
ignore(void *arg, const struct mc_trace *line)
{
	(void)arg;
	(void)line;
}

/* By a term and a policy, with a trace and without. */
static bool
by_term(const struct mc_calendar *cal, const struct golden *g,
    enum mc_term_unit unit, int64_t milli)
{
	struct mc_policy p = mc_policy_default;
	struct mc_err err = MC_ERR_INIT;
	struct mc_term t = { unit, milli };
	struct mc_due due, again;

	if (strcmp(g->intake, "asis") == 0)
		p.late_intake = MC_INTAKE_AS_IS;
	if (strcmp(g->rule, "clock") == 0)
		p.due_time = MC_DUE_SAME_TIME;
	if (strcmp(g->rule, "midnight") == 0)
		p.due_time = MC_DUE_MIDNIGHT;
	return mc_deadline(&due, &p, cal, t, g->start, NULL, NULL, &err) == 0 &&
	       mc_deadline(&again, &p, cal, t, g->start, ignore, NULL, &err) ==
		   0 &&
	       due.at == g->want && again.at == g->want && again.day == due.day;
}

static bool
working_days(const struct mc_calendar *cal, const struct golden *g)
{
	return by_term(cal, g, MC_TERM_WORKING_DAYS, g->n * 1000);
}

/* Due that day, or the next working day: not a term we have. */
static bool
no_days(const struct mc_calendar *cal, const struct golden *g)
{
	int32_t day = mc_calendar_add_days(cal, mc_zone_day(vn, g->start), 0);

	return mc_calendar_close(cal, day) == g->want;
}

/* A day consumed as its hours. */
static bool
day_spans(const struct mc_calendar *cal, const struct golden *g)
{
	return by_term(cal, g, MC_TERM_WORKING_HOURS,
	    g->n * mc_calendar_day_ms(cal) / (HOUR / 1000));
}

static bool
days(const struct mc_calendar *cal, const struct golden *g)
{
	return by_term(cal, g, MC_TERM_DAYS, g->n * 1000);
}

static bool
clock_hours(const struct mc_calendar *cal, const struct golden *g)
{
	(void)cal;
	return g->start + g->n * HOUR == g->want;
}

static bool
hours_left(const struct mc_calendar *cal, const struct golden *g)
{
	return by_term(cal, g, MC_TERM_WORKING_HOURS, g->n * 1000) &&
	       mc_calendar_add_work(cal, g->start, g->n * HOUR) == g->want;
}

/* No time at all: theirs stays put, ours goes to the next opening. */
static bool
no_hours(const struct mc_calendar *cal, const struct golden *g)
{
	return g->want == g->start && mc_calendar_add_work(cal, g->start, 0) ==
					  mc_calendar_next_open(cal, g->want);
}

static bool
hours_right(const struct mc_calendar *cal, const struct golden *g)
{
	return mc_calendar_add_work_right(cal, g->start, g->n * HOUR) ==
	       g->want;
}

static bool
minutes_left(const struct mc_calendar *cal, const struct golden *g)
{
	return by_term(cal, g, MC_TERM_WORKING_MINUTES, g->n * 1000) &&
	       mc_calendar_add_work(cal, g->start, g->n * MINUTE) == g->want;
}

static bool
minutes_right(const struct mc_calendar *cal, const struct golden *g)
{
	return mc_calendar_add_work_right(cal, g->start, g->n * MINUTE) ==
	       g->want;
}

static bool
seconds_left(const struct mc_calendar *cal, const struct golden *g)
{
	return mc_calendar_add_work(cal, g->start, g->n * 1000) == g->want;
}

/*
 * What each of their rules is with us, and how many lines have it: a line
 * that is left out, or a rule that nobody checks, is seen.
 */
static const struct {
	const char *unit, *rule, *intake;
	bool zero; /* n = 0 */
	int lines;
	bool (*agrees)(const struct mc_calendar *cal, const struct golden *g);
} mapping[] = {
	{ "wd", "eod", "asis", false, 100, working_days },
	{ "wd", "eod", "asis", true, 100, no_days },
	{ "wd", "eod", "next", false, 100, working_days },
	{ "wd", "clock", "asis", false, 100, working_days },
	{ "wd", "clock", "next", false, 100, working_days },
	{ "wd", "midnight", "asis", false, 100, working_days },
	{ "wd", "midnight", "next", false, 100, working_days },
	{ "wd", "span", "asis", false, 100, day_spans },
	{ "wd", "span", "next", false, 100, day_spans },
	{ "cd", "eod", "asis", false, 100, days },
	{ "cd", "clock", "asis", false, 100, days },
	{ "cd", "midnight", "asis", false, 100, days },
	{ "ch", "-", "asis", false, 100, clock_hours },
	{ "wh", "left", "asis", false, 87, hours_left },
	{ "wh", "left", "asis", true, 13, no_hours },
	{ "wh", "right", "asis", false, 83, hours_right },
	{ "wh", "right", "asis", true, 17, hours_right },
	{ "wm", "left", "asis", false, 100, minutes_left },
	{ "wm", "right", "asis", false, 100, minutes_right },
	{ "ws", "left", "next", false, 100, seconds_left },
};
#define MAPPINGS (sizeof(mapping) / sizeof(mapping[0]))

static size_t
find_mapping(const struct golden *g)
{
	size_t i;

	for (i = 0; i < MAPPINGS; i++)
		if (strcmp(mapping[i].unit, g->unit) == 0 &&
		    strcmp(mapping[i].rule, g->rule) == 0 &&
		    strcmp(mapping[i].intake, g->intake) == 0 &&
		    mapping[i].zero == (g->n == 0))
			break;
	return i;
}

static void
test_golden_due(const struct mc_calendar *cal, char *text)
{
	int lines[MAPPINGS] = { 0 }, n = 0, bad = 0;
	char *f[7], *rest = text, row[64];
	struct golden g;
	size_t i;

	while (next_line(&rest, f, 7)) {
		if (f[0][0] == '#')
			continue;
		n++;
		g = (struct golden){ at(f[1]), strtoll(f[2], NULL, 10),
			at(f[6]), f[3], f[4], f[5] };
		i = find_mapping(&g);
		if (i < MAPPINGS)
			lines[i]++;
		if (i < MAPPINGS && mapping[i].agrees(cal, &g))
			continue;
		if (bad++ < 10)
			printf("# %s %s %s %s %s %s: want %s\n", f[0], f[1],
			    f[2], f[3], f[4], f[5], show(g.want));
	}
	IS(n, 1800);
	IS(bad, 0);
	for (i = 0; i < MAPPINGS; i++) {
		snprintf(row, sizeof(row), "%s %s %s%s", mapping[i].unit,
		    mapping[i].rule, mapping[i].intake,
		    mapping[i].zero ? " n = 0" : "");
		TAP_ROW(row);
		IS(lines[i], mapping[i].lines);
	}
	TAP_ROW(NULL);
}

static void
test_golden_between(const struct mc_calendar *cal, char *text)
{
	char *f[5], *rest = text;
	int64_t from, to, work, days;
	int n = 0, bad = 0;

	while (next_line(&rest, f, 5)) {
		if (f[0][0] == '#')
			continue;
		n++;
		from = at(f[1]);
		to = at(f[2]);
		work = mc_calendar_work_between(cal, from, to) / 1000;
		days = mc_calendar_count_days(
		    cal, mc_zone_day(vn, from), mc_zone_day(vn, to));
		/* They give nothing for a span turned round. */
		if (to < from)
			work = days = 0;
		if (work != strtoll(f[3], NULL, 10) ||
		    days != strtoll(f[4], NULL, 10))
			if (bad++ < 10)
				printf("# %s: got %" PRId64 " s, %" PRId64
				       " days\n",
				    f[0], work, days);
	}
	IS(n, 400);
	IS(bad, 0);
}

static void
test_golden(void)
{
	char *theirs = shared_file("vn_confirmed.json");
	char *due = shared_file("golden_due_vn_confirmed.tsv");
	char *between = shared_file("golden_between_vn_confirmed.tsv");
	struct mc_calendar *cal;

	if (theirs == NULL || due == NULL || between == NULL)
		printf("ok %d # SKIP no golden files at hand\n", ++tap_count);
	else {
		cal = convert(theirs);
		if (OK(cal != NULL)) {
			test_golden_due(cal, due);
			test_golden_between(cal, between);
		}
		mc_calendar_free(cal);
	}
	free(theirs);
	free(due);
	free(between);
}

int
main(void)
{
	if (!due_begin())
		return 1;
	test_golden();
	return due_end();
}
