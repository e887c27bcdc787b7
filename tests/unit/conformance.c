/*
 * conformance.c - the public table of deadlines, tests/conformance: every
 * case comes to the due, the mark and the verdict that stand there, with a
 * trace and without.
 */
#include <stdlib.h>

#include <motcua/deadline.h>
#include <motcua/text.h>

#include "tap.h"
#include "office.h"

#define FOLDER "tests/conformance"
#define CASES_MIN 600
#define CALENDARS_MAX 32

enum {
	ID,
	CALENDAR,
	POLICY,
	TERM,
	START,
	EVENTS,
	FINISHED,
	DUE,
	DAY,
	MARK,
	VERDICT,
	LATE_DAYS,
	RULE,
	SOURCE,
	FIELDS
};

struct world {
	char *name;
	struct mc_zone *zone;
	struct mc_calendar *cal;
};

static struct world worlds[CALENDARS_MAX];

static char *
read_file(const char *path)
{
	struct mc_buf text = { 0 };
	FILE *f = fopen(path, "r");
	size_t n;

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

/* The calendar of that name, in the zone it names; NULL with the error. */
static const struct world *
find_world(const char *name)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf path = { 0 };
	struct mc_json *doc = NULL;
	struct world *w = worlds;
	char *text;

	while (w->name != NULL && strcmp(w->name, name) != 0)
		if (++w == worlds + CALENDARS_MAX - 1)
			return NULL;
	if (w->cal != NULL)
		return w;
	mc_buf_printf(&path, FOLDER "/calendars/%s.json", name);
	text = read_file(mc_buf_str(&path));
	if (text == NULL ||
	    mc_json_parse(&doc, mc_buf_str(&path), mc_str(text), &err) == -1 ||
	    mc_zone_open(
		&w->zone, mc_json_str(mc_json_get(doc, "zone")), &err) == -1 ||
	    mc_calendar_new(&w->cal, mc_buf_str(&path), doc, mc_str(text),
		w->zone, &err) == -1)
		printf("# %s: %s %s\n", mc_buf_str(&path), err.where, err.msg);
	else
		w->name = mc_strdup(name);
	mc_json_free(doc);
	mc_buf_free(&path);
	free(text);
	return w->cal != NULL ? w : NULL;
}

/* "due_time=midnight cutoff=15:00" as the JSON it stands for. */
static int
read_policy(struct mc_policy *p, const char *text, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	struct mc_json *doc;
	const char *equals;
	int rc;

	*p = mc_policy_default;
	if (strcmp(text, "-") == 0)
		return 0;
	mc_buf_putc(&b, '{');
	while ((equals = strchr(text, '=')) != NULL) {
		mc_buf_printf(&b, "%s\"%.*s\":\"%.*s\"", b.len > 1 ? "," : "",
		    (int)(equals - text), text, (int)strcspn(equals + 1, " "),
		    equals + 1);
		text = equals + 1 + strcspn(equals + 1, " ");
		text += *text == ' ';
	}
	mc_buf_putc(&b, '}');
	rc = mc_json_parse(&doc, "policy", mc_str(mc_buf_str(&b)), err);
	if (rc == 0) {
		rc = mc_policy_read(
		    p, doc, "policy", mc_str(mc_buf_str(&b)), "", err);
		mc_json_free(doc);
	}
	mc_buf_free(&b);
	return rc;
}

static int
read_time(int64_t *at, bool *day_only, struct mc_str s, const struct world *w,
    struct mc_err *err)
{
	return mc_time_parse(at, s, w->zone, day_only, NULL, err);
}

static void
count_line(void *arg, const struct mc_trace *line)
{
	int *n = arg;

	*n += line->kind == MC_TRACE_DUE;
}

/* "FROM..TO" */
static bool
split_span(struct mc_str s, struct mc_str *from, struct mc_str *to)
{
	size_t i;

	for (i = 0; i + 2 < s.len; i++)
		if (s.p[i] == '.' && s.p[i + 1] == '.') {
			*from = (struct mc_str){ s.p, i };
			*to = (struct mc_str){ s.p + i + 2, s.len - i - 2 };
			return true;
		}
	return false;
}

/* One event of the column. */
static int
apply(struct mc_due *due, const struct world *w, const struct mc_policy *p,
    struct mc_term limit, struct mc_str e, mc_trace_fn *trace, int *lines,
    struct mc_err *err)
{
	struct mc_str kind, what, from, to;
	struct mc_term by;
	int64_t a, b;
	bool day_only;

	if (!mc_str_split(e, ' ', &kind, &what))
		return mc_err(err, MC_EDATA, "E_EVENT", "no event");
	if (mc_str_is(kind, "given")) {
		if (read_time(&a, &day_only, what, w, err) == -1)
			return -1;
		*due = mc_due_given(p, w->cal, a, day_only);
		return 0;
	}
	if (mc_str_is(kind, "extend"))
		return mc_term_parse(&by, what, err) == -1
			   ? -1
			   : mc_deadline_extend(
				 due, p, w->cal, *due, by, trace, lines, err);
	if (!mc_str_is(kind, "pause") || !split_span(what, &from, &to))
		return mc_err(err, MC_EDATA, "E_EVENT", "no pause");
	if (read_time(&a, &day_only, from, w, err) == -1 ||
	    read_time(&b, &day_only, to, w, err) == -1)
		return -1;
	return mc_deadline_resume(
	    due, p, w->cal, limit, *due, a, b, trace, lines, err);
}

static int
compute(struct mc_due *due, char **f, const struct world *w,
    const struct mc_policy *p, mc_trace_fn *trace, int *lines,
    struct mc_err *err)
{
	struct mc_term limit;
	const char *e = f[EVENTS], *end;
	int64_t start;

	if (mc_term_parse(&limit, mc_str(f[TERM]), err) == -1 ||
	    read_time(&start, NULL, mc_str(f[START]), w, err) == -1 ||
	    mc_deadline(due, p, w->cal, limit, start, trace, lines, err) == -1)
		return -1;
	for (; strcmp(e, "-") != 0 && *e != '\0'; e = end) {
		end = strstr(e, "; ");
		if (end == NULL)
			end = e + strlen(e);
		if (apply(due, w, p, limit,
			(struct mc_str){ e, (size_t)(end - e) }, trace, lines,
			err) == -1)
			return -1;
		end += *end == ';' ? 2 : 0;
	}
	return 0;
}

static void
put_result(struct mc_buf *b, char **f, const struct world *w,
    const struct mc_policy *p, int rc, struct mc_due due,
    const struct mc_err *err)
{
	struct mc_err bad = MC_ERR_INIT;
	enum mc_verdict v;
	int64_t finished;

	mc_buf_reset(b);
	if (rc == -1) {
		mc_buf_printf(b, "%s - - - -", err->id);
		return;
	}
	if (due.day == MC_NODAY)
		mc_buf_puts(b, "none - -");
	else {
		mc_time_put(b, due.at, w->zone);
		mc_buf_putc(b, ' ');
		mc_day_put(b, due.day);
		mc_buf_puts(b, due.provisional ? " provisional" : " -");
	}
	if (strcmp(f[FINISHED], "-") == 0) {
		mc_buf_puts(b, " - -");
		return;
	}
	if (read_time(&finished, NULL, mc_str(f[FINISHED]), w, &bad) == -1) {
		mc_buf_printf(b, " %s", bad.msg);
		return;
	}
	v = mc_verdict(p->verdict, due, finished, w->zone);
	mc_buf_printf(b, " %s %" PRId64, mc_verdict_name(v),
	    mc_late_days(due, mc_zone_day(w->zone, finished)));
}

static void
test_case(char **f)
{
	const struct world *w = find_world(f[CALENDAR]);
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf want = { 0 }, got = { 0 };
	struct mc_due due = { MC_NODAY, MC_NEVER, false };
	struct mc_policy p;
	int pass, rc, lines = 0;

	TAP_ROW(f[ID]);
	if (!OK(w != NULL) || !IS(read_policy(&p, f[POLICY], &err), 0))
		return;
	mc_buf_printf(&want, "%s %s %s %s %s", f[DUE], f[DAY], f[MARK],
	    f[VERDICT], f[LATE_DAYS]);
	/* Shortest path first, once with cold tables and once with warm ones;
	   then the path that tells what it does. */
	for (pass = 0; pass < 3; pass++) {
		mc_err_clear(&err);
		rc = compute(&due, f, w, &p, pass == 2 ? count_line : NULL,
		    &lines, &err);
		put_result(&got, f, w, &p, rc, due, &err);
		if (pass == 0 || strcmp(mc_buf_str(&got), mc_buf_str(&want)))
			IS_STR(mc_buf_str(&got), mc_buf_str(&want));
	}
	mc_buf_free(&want);
	mc_buf_free(&got);
}

static bool
split(char *line, char **f)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		f[i] = line;
		line = strchr(line, '\t');
		if (line == NULL)
			return i == FIELDS - 1;
		*line++ = '\0';
	}
	return false;
}

int
main(void)
{
	char *text = read_file(FOLDER "/deadlines.tsv"), *line, *end;
	char *f[FIELDS];
	struct world *w;
	int n = 0;

	if (text == NULL) {
		printf("Bail out! no " FOLDER "/deadlines.tsv here\n");
		return 1;
	}
	for (line = text; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		n++;
		if (OK(split(line, f)))
			test_case(f);
	}
	TAP_ROW(NULL);
	printf("# %d cases\n", n);
	OK(n >= CASES_MIN);
	free(text);
	for (w = worlds; w->name != NULL; w++) {
		mc_calendar_free(w->cal);
		mc_zone_free(w->zone);
		free(w->name);
	}
	return tap_done();
}
