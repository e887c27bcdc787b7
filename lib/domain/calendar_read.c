/*
 * calendar_read.c - a document as a calendar, and what is wrong with it; see
 * calendar.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <motcua/text.h>

#include "calendar_internal.h"

#define SCHEMA "motcua.calendar/1"
#define LISTED_MAX 20000 /* days off and make-up days, each */
#define MS_MINUTE INT64_C(60000)
#define HOURS_DEFAULT 8
#define TODAY 20454 /* 2026-01-01: any day of the years in use */

static const char *const weekday_name[7] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun" };

typedef void found_fn(void *arg, const struct mc_err *finding);

/* One pass over the document finds everything and fills the calendar. */
struct reader {
	const char *name;
	struct mc_str text;
	const struct mc_zone *zone;
	found_fn *found;
	void *arg;
	struct mc_calendar *cal;
	struct mc_buf path, scratch;
	const struct mc_err *first; /* only the first error is wanted: there */
};

static void finding(struct reader *r, const char *id, const char *advice,
    const char *fmt, ...) MC_PRINTF(4, 5);

/* Report something about the value at r->path. */
static void
finding(
    struct reader *r, const char *id, const char *advice, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	char msg[sizeof(e.msg)];
	int64_t line, column;
	va_list ap;

	/* A place is dear to find: none that nobody asks for. */
	if (r->first != NULL &&
	    (r->first->code != MC_OK || strncmp(id, "W_", 2) == 0))
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", msg);
	if (advice != NULL)
		mc_err_advise(&e, "%s", advice);
	mc_json_place(r->text, mc_buf_str(&r->path), &line, &column);
	mc_err_at(&e, r->name, line, column);
	r->found(r->arg, &e);
}

/* Step into a member; the result is given to leave(). */
static size_t
enter(struct reader *r, const char *key)
{
	size_t was = r->path.len;

	if (was > 0)
		mc_buf_putc(&r->path, '/');
	for (; *key != '\0'; key++)
		if (*key == '/')
			mc_buf_puts(&r->path, "~1");
		else if (*key == '~')
			mc_buf_puts(&r->path, "~0");
		else
			mc_buf_putc(&r->path, *key);
	return was;
}

static size_t
enter_at(struct reader *r, size_t i)
{
	size_t was = r->path.len;

	if (was > 0)
		mc_buf_putc(&r->path, '/');
	mc_buf_int(&r->path, (int64_t)i);
	return was;
}

static void
leave(struct reader *r, size_t was)
{
	r->path.len = was;
	if (r->path.p != NULL)
		r->path.p[was] = '\0';
}

/* Only these members, a NULL after the last.  False when it is no object. */
static bool
check_members(struct reader *r, const struct mc_json *v,
    const char *const *names, const char *advice)
{
	const char *key;
	size_t i, k, was;

	if (v == NULL || mc_json_type(v) != MC_JSON_OBJECT) {
		finding(r, "E_FIELD", advice, "an object is expected here");
		return false;
	}
	for (i = 0; i < mc_json_count(v); i++) {
		if (mc_json_member(v, i, &key) == NULL)
			continue;
		for (k = 0; names[k] != NULL; k++)
			if (strcmp(names[k], key) == 0)
				break;
		if (names[k] != NULL)
			continue;
		was = enter(r, key);
		finding(
		    r, "E_FIELD", advice, "\"%s\" is not a member here", key);
		leave(r, was);
	}
	return true;
}

/* A text member that is not empty; NULL when absent, or wrong and said so. */
static const char *
get_text(struct reader *r, const struct mc_json *object, const char *key,
    bool required)
{
	const struct mc_json *v = mc_json_get(object, key);
	const char *text = mc_json_str(v);
	size_t was;

	if (text != NULL && text[0] != '\0')
		return text;
	if (v == NULL && !required)
		return NULL;
	was = enter(r, key);
	if (v == NULL)
		finding(r, "E_FIELD", NULL, "\"%s\" is missing", key);
	else
		finding(r, "E_FIELD", NULL,
		    "\"%s\" must be a text that is not empty", key);
	leave(r, was);
	return NULL;
}

static int32_t
get_date(
    struct reader *r, const struct mc_json *object, const char *key, bool must)
{
	const char *text = get_text(r, object, key, must);
	int32_t day;
	size_t was;

	if (text == NULL)
		return MC_NODAY;
	day = mc_day_parse(mc_str(text));
	if (day == MC_NODAY) {
		was = enter(r, key);
		finding(r, "E_DATE",
		    "dates are written 2024-02-05, years 1900 to 2199",
		    "there is no day \"%s\"", text);
		leave(r, was);
	}
	return day;
}

/* "07:30-11:30", in order and apart.  False when a finding was made. */
static bool
read_spans(struct reader *r, const struct mc_json *v, struct cal_pattern *p)
{
	static const char in_order[] =
	    "spans stand in order, and none reaches into the next";
	static const char advice[] =
	    "open spans are a list such as [\"07:30-11:30\", \"13:30-17:00\"]";
	struct mc_span span;
	const char *text;
	size_t i, was;
	bool ok = true;

	p->n = 0;
	if (mc_json_type(v) != MC_JSON_ARRAY ||
	    mc_json_count(v) > MC_CALENDAR_SPANS) {
		finding(r, "E_CALENDAR", advice,
		    "a list of at most %d open spans is expected here",
		    MC_CALENDAR_SPANS);
		return false;
	}
	for (i = 0; i < mc_json_count(v); i++) {
		was = enter_at(r, i);
		text = mc_json_str(mc_json_at(v, i));
		span = (struct mc_span){ -1, -1 };
		if (text != NULL && strlen(text) == 11 && text[5] == '-') {
			span.from = mc_minute_parse((struct mc_str){ text, 5 });
			span.to =
			    mc_minute_parse((struct mc_str){ text + 6, 5 });
		}
		if (span.from < 0 || span.to < 0)
			finding(r, "E_CALENDAR", advice,
			    "\"%s\" is no span of time",
			    text != NULL ? text : "");
		else if (span.from >= span.to)
			finding(r, "E_CALENDAR", advice,
			    "the span \"%s\" ends before it has begun", text);
		else if (p->n > 0 && span.from < p->span[p->n - 1].to)
			finding(r, "E_CALENDAR", in_order,
			    "the span \"%s\" begins before the one before it "
			    "has ended",
			    text);
		else {
			p->span[p->n++] = span;
			leave(r, was);
			continue;
		}
		ok = false;
		leave(r, was);
	}
	return ok;
}

static int
weekday_of(const char *name)
{
	int i;

	for (i = 0; i < 7; i++)
		if (strcmp(name, weekday_name[i]) == 0)
			return i;
	return -1;
}

static void
read_weekly(struct reader *r, const struct mc_json *doc)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun", NULL };
	const struct mc_json *weekly = mc_json_get(doc, "weekly"), *v;
	size_t was = enter(r, "weekly"), was_day;
	bool open = false, ok = true;
	int i;

	if (weekly == NULL)
		finding(r, "E_FIELD", NULL, "\"weekly\" is missing");
	else if (check_members(r, weekly, names,
		     "the days are mon tue wed thu fri sat sun")) {
		for (i = 0; i < 7; i++) {
			if ((v = mc_json_get(weekly, names[i])) == NULL)
				continue;
			was_day = enter(r, names[i]);
			ok = read_spans(r, v, &r->cal->pattern.p[i]) && ok;
			leave(r, was_day);
			open = open || r->cal->pattern.p[i].n > 0;
		}
		if (!open && ok)
			finding(r, "E_CALENDAR",
			    "give at least one day of the week open spans",
			    "the office is not open on any day of the week");
	}
	leave(r, was);
}

/* The pattern of a make-up day: "as" a weekday, or its own "hours". */
static int
read_make_up(struct reader *r, const struct mc_json *v)
{
	static const char advice[] =
	    "a make-up day has \"as\" with a day of the week, or \"hours\"";
	const struct mc_json *as = mc_json_get(v, "as"),
			     *hours = mc_json_get(v, "hours");
	struct cal_pattern own;
	const char *name;
	size_t was;
	int day;

	if ((as == NULL) == (hours == NULL)) {
		finding(r, "E_CALENDAR", advice,
		    as == NULL ? "which hours are worked is missing"
			       : "\"as\" and \"hours\" are both there");
		return -1;
	}
	if (hours != NULL) {
		was = enter(r, "hours");
		if (!read_spans(r, hours, &own)) {
			leave(r, was);
			return -1;
		}
		if (own.n == 0)
			finding(r, "E_CALENDAR",
			    "a day without open time belongs in days_off",
			    "a make-up day has no hours");
		leave(r, was);
		mc_vec_push(&r->cal->pattern, own);
		return (int)r->cal->pattern.n - 1;
	}
	was = enter(r, "as");
	name = mc_json_str(as);
	day = name != NULL ? weekday_of(name) : -1;
	if (day == -1)
		finding(
		    r, "E_CALENDAR", advice, "\"as\" is no day of the week");
	else if (r->cal->pattern.p[day].n == 0)
		finding(r, "E_CALENDAR",
		    "name a day of the week that is worked, or give \"hours\"",
		    "\"%s\" has no open time to take over", name);
	leave(r, was);
	return day;
}

static int
by_day(const void *a, const void *b)
{
	const struct cal_listed *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static void
read_list(struct reader *r, const struct mc_json *doc, const char *key,
    struct cal_list *list, bool make_up)
{
	static const char *const off_names[] = { "date", "name", "basis",
		"note", NULL };
	static const char *const on_names[] = { "date", "as", "hours", "name",
		"basis", "note", NULL };
	const struct mc_json *array = mc_json_get(doc, key), *v;
	size_t was, was_item, was_date, i, n = mc_json_count(array);
	struct cal_listed item;
	bool *seen;

	if (array == NULL)
		return;
	was = enter(r, key);
	if (mc_json_type(array) != MC_JSON_ARRAY || n > LISTED_MAX) {
		finding(r, "E_FIELD", NULL,
		    "\"%s\" must be a list of at most %d days", key,
		    LISTED_MAX);
		leave(r, was);
		return;
	}
	seen = mc_calloc(CAL_DAYS, sizeof(*seen));
	for (i = 0; i < n; i++) {
		was_item = enter_at(r, i);
		v = mc_json_at(array, i);
		if (!check_members(r, v, make_up ? on_names : off_names,
			make_up
			    ? "members are date, as or hours, name, basis, note"
			    : "members are date, name, basis, note")) {
			leave(r, was_item);
			continue;
		}
		item =
		    (struct cal_listed){ .day = get_date(r, v, "date", true) };
		item.pattern = make_up ? read_make_up(r, v) : -1;
		item.name = mc_strdup(get_text(r, v, "name", false));
		item.basis = mc_strdup(get_text(r, v, "basis", false));
		get_text(r, v, "note", false);
		if (item.day != MC_NODAY && seen[item.day - MC_DAY_MIN]) {
			was_date = enter(r, "date");
			finding(r, "E_DATE",
			    "a date stands once in a list; in both lists it is "
			    "worked",
			    "\"%s\" stands twice in \"%s\"",
			    mc_json_str(mc_json_get(v, "date")), key);
			leave(r, was_date);
		} else if (item.day != MC_NODAY)
			seen[item.day - MC_DAY_MIN] = true;
		mc_vec_push(&list->v, item);
		leave(r, was_item);
	}
	free(seen);
	leave(r, was);
	if (list->v.n > 0)
		qsort(list->v.p, list->v.n, sizeof(*list->v.p), by_day);
}

/* Hours as decimal text to milliseconds; -1 unless 0 < hours <= 24. */
static int64_t
hours_ms(const char *text)
{
	struct mc_str whole, part = { NULL, 0 };
	int64_t h, milli = 0;
	size_t i;

	if (!mc_str_split(mc_str(text), '.', &whole, &part))
		whole = mc_str(text);
	if (part.len > 3 || !mc_int_parse(&h, whole, 0, 24) ||
	    (part.len > 0 && !mc_int_parse(&milli, part, 0, 999)))
		return -1;
	for (i = part.len; i < 3; i++)
		milli *= 10;
	milli += h * 1000;
	return milli > 0 && milli <= 24000 ? milli * 3600 : -1;
}

static void
read_hours(struct reader *r, const struct mc_json *doc)
{
	const struct mc_json *v = mc_json_get(doc, "hours_per_day");
	const char *text;
	int64_t ms;
	size_t was;

	r->cal->day_ms = HOURS_DEFAULT * 60 * MS_MINUTE;
	if (v == NULL)
		return;
	text = mc_json_decimal(v, &r->scratch);
	if (text != NULL && (ms = hours_ms(text)) != -1) {
		r->cal->day_ms = ms;
		return;
	}
	was = enter(r, "hours_per_day");
	finding(r, "E_CALENDAR", "it is the law's day, 8 unless told otherwise",
	    "\"hours_per_day\" must be a number above 0, at most 24, with at "
	    "most 3 decimals");
	leave(r, was);
}

/* A year without a day off between two that have some was likely forgotten. */
static void
check_years(struct reader *r)
{
	size_t i, was = enter(r, "days_off");
	int32_t day;
	int y, m, d, last = 0;

	for (i = 0; i < r->cal->off.v.n; i++) {
		if ((day = r->cal->off.v.p[i].day) == MC_NODAY)
			continue;
		mc_day_civil(day, &y, &m, &d);
		for (; last != 0 && last < y - 1; last++)
			finding(r, "W_YEAR", NULL,
			    "no day off is listed in %d, between years that "
			    "have some",
			    last + 1);
		last = y;
	}
	leave(r, was);
}

static void
read_document(struct reader *r, const struct mc_json *doc)
{
	static const char *const names[] = { "schema", "name", "zone",
		"hours_per_day", "known_until", "weekly", "days_off",
		"working_days", "note", NULL };
	struct mc_calendar *cal = r->cal;
	static const struct cal_pattern closed;
	const char *text;
	size_t was;
	int i;

	for (i = 0; i < 7; i++)
		mc_vec_push(&cal->pattern, closed);
	cal->known_until = MC_NODAY;
	cal->zone = r->zone;
	if (!check_members(r, doc, names,
		"members are schema, name, zone, hours_per_day, known_until, "
		"weekly, days_off, working_days, note"))
		return;
	text = get_text(r, doc, "schema", true);
	if (text != NULL && strcmp(text, SCHEMA) != 0) {
		was = enter(r, "schema");
		finding(r, "E_FIELD", NULL,
		    "\"schema\" is \"%s\", not \"" SCHEMA "\"", text);
		leave(r, was);
	}
	text = get_text(r, doc, "name", false);
	cal->name = mc_strdup(text != NULL ? text : r->name);
	get_text(r, doc, "note", false);
	text = get_text(r, doc, "zone", false);
	if (text != NULL && strcmp(text, mc_zone_name(r->zone)) != 0) {
		was = enter(r, "zone");
		finding(r, "E_ZONE",
		    "a rulebook has one zone; a calendar need not name it",
		    "\"%s\" is not the rulebook's zone, \"%s\"", text,
		    mc_zone_name(r->zone));
		leave(r, was);
	}
	read_hours(r, doc);
	cal->known_until = get_date(r, doc, "known_until", false);
	read_weekly(r, doc);
	read_list(r, doc, "days_off", &cal->off, false);
	read_list(r, doc, "working_days", &cal->on, true);
	check_years(r);
}

static void
reader_run(struct reader *r, const struct mc_json *doc)
{
	r->cal = mc_calloc(1, sizeof(*r->cal));
	read_document(r, doc);
	mc_buf_free(&r->path);
	mc_buf_free(&r->scratch);
}

void
mc_calendar_lint(const char *name, const struct mc_json *doc,
    struct mc_str text, const struct mc_zone *zone,
    void (*found)(void *arg, const struct mc_err *finding), void *arg)
{
	struct reader r = { name, text, zone, found, arg, .first = NULL };

	reader_run(&r, doc);
	mc_calendar_free(r.cal);
}

static void
keep_error(void *arg, const struct mc_err *e)
{
	*(struct mc_err *)arg = *e;
}

int
mc_calendar_new(struct mc_calendar **out, const char *name,
    const struct mc_json *doc, struct mc_str text, const struct mc_zone *zone,
    struct mc_err *err)
{
	struct mc_err first = MC_ERR_INIT;
	struct reader r = { name, text, zone, keep_error, &first,
		.first = &first };

	*out = NULL;
	reader_run(&r, doc);
	if (first.code != MC_OK) {
		*err = first;
		mc_calendar_free(r.cal);
		return -1;
	}
	r.cal->base = MC_DAY_MIN * MC_MS_DAY -
		      mc_zone_offset(zone, TODAY * MC_MS_DAY) * INT64_C(1000);
	r.cal->horizon =
	    r.cal->known_until != MC_NODAY ? r.cal->known_until : INT32_MAX;
	*out = r.cal;
	return 0;
}
