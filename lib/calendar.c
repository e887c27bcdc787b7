/*
 * calendar.c - working time with prefix sums; see calendar.h.
 *
 * A day has a pattern: a list of open spans.  Seven come from "weekly", one
 * more for each make-up day with its own hours.  Whatever is asked goes
 * through the table of a year, which is made when it is first needed.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <motcua/calendar.h>
#include <motcua/text.h>

#define SCHEMA "motcua.calendar/1"
#define YEARS 300 /* 1900 to 2199 */
#define DAYS (MC_DAY_MAX - MC_DAY_MIN + 1)
#define LISTED_MAX 20000 /* days off and make-up days, each */
#define MS_MINUTE INT64_C(60000)
#define HOURS_DEFAULT 8

static const char *const weekday_name[7] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun" };

struct pattern {
	struct mc_span span[MC_CALENDAR_SPANS];
	int n; /* 0: no open time */
};

/* A date of "days_off" or "working_days". */
struct listed {
	int32_t day;
	int pattern; /* of a make-up day */
	char *name, *basis;
};

struct list {
	MC_VEC(struct listed) v;
};

/* All that is asked of a day stands together: half a line of the cache. */
struct day {
	int64_t midnight;   /* the instant it begins at */
	int64_t work_to;    /* ms open in the year before it */
	int32_t open;       /* ms from midnight to the first opening */
	int32_t close;      /* and to the last closing */
	int16_t pattern;    /* -1 on a day off */
	int16_t working_to; /* working days of the year before it */
	bool plain;         /* no change of the clock in it */
};

struct year {
	int32_t first;       /* its first day */
	int days;            /* 365 or 366 */
	int working;         /* how many of them are working days */
	int64_t work;        /* ms open in the whole year */
	struct day day[367]; /* one more, for the sums of the whole year */
	int16_t nth[366];    /* index of the k-th working day, from 0 */
};

struct mc_calendar {
	char *name;
	const struct mc_zone *zone;
	int32_t known_until;
	int64_t day_ms;
	MC_VEC(struct pattern) pattern; /* 0 to 6 are Monday to Sunday */
	struct list off, on;            /* sorted by day once built */
	_Atomic(struct year *) year[YEARS];
};

static pthread_mutex_t year_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- reading the document ---- */

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
read_spans(struct reader *r, const struct mc_json *v, struct pattern *p)
{
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
			finding(r, "E_CALENDAR", NULL,
			    "the span \"%s\" ends before it has begun", text);
		else if (p->n > 0 && span.from < p->span[p->n - 1].to)
			finding(r, "E_CALENDAR", NULL,
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
			finding(r, "E_CALENDAR", NULL,
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
	struct pattern own;
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
			finding(r, "E_CALENDAR", NULL,
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
		finding(r, "E_CALENDAR", NULL,
		    "\"%s\" has no open time to take over", name);
	leave(r, was);
	return day;
}

static int
by_day(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static void
read_list(struct reader *r, const struct mc_json *doc, const char *key,
    struct list *list, bool make_up)
{
	static const char *const off_names[] = { "date", "name", "basis",
		"note", NULL };
	static const char *const on_names[] = { "date", "as", "hours", "name",
		"basis", "note", NULL };
	const struct mc_json *array = mc_json_get(doc, key), *v;
	size_t was, was_item, was_date, i, n = mc_json_count(array);
	struct listed item;
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
	seen = mc_calloc(DAYS, sizeof(*seen));
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
		item = (struct listed){ .day = get_date(r, v, "date", true) };
		item.pattern = make_up ? read_make_up(r, v) : -1;
		item.name = mc_strdup(get_text(r, v, "name", false));
		item.basis = mc_strdup(get_text(r, v, "basis", false));
		get_text(r, v, "note", false);
		if (item.day != MC_NODAY && seen[item.day - MC_DAY_MIN]) {
			was_date = enter(r, "date");
			finding(r, "E_DATE", NULL,
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
	finding(r, "E_CALENDAR", NULL,
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
	static const struct pattern closed;
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
	struct reader r = { name, text, zone, found, arg, .cal = NULL };

	reader_run(&r, doc);
	mc_calendar_free(r.cal);
}

/* Keeps the first finding that is no warning. */
static void
keep_error(void *arg, const struct mc_err *e)
{
	struct mc_err *first = arg;

	if (first->code == MC_OK && strncmp(e->id, "W_", 2) != 0)
		*first = *e;
}

int
mc_calendar_new(struct mc_calendar **out, const char *name,
    const struct mc_json *doc, struct mc_str text, const struct mc_zone *zone,
    struct mc_err *err)
{
	struct mc_err first = MC_ERR_INIT;
	struct reader r = { name, text, zone, keep_error, &first, .cal = NULL };

	*out = NULL;
	reader_run(&r, doc);
	if (first.code != MC_OK) {
		*err = first;
		mc_calendar_free(r.cal);
		return -1;
	}
	*out = r.cal;
	return 0;
}

static void
list_free(struct list *list)
{
	size_t i;

	for (i = 0; i < list->v.n; i++) {
		free(list->v.p[i].name);
		free(list->v.p[i].basis);
	}
	mc_vec_free(&list->v);
}

void
mc_calendar_free(struct mc_calendar *cal)
{
	int i;

	if (cal == NULL)
		return;
	for (i = 0; i < YEARS; i++)
		free(atomic_load(&cal->year[i]));
	list_free(&cal->off);
	list_free(&cal->on);
	mc_vec_free(&cal->pattern);
	free(cal->name);
	free(cal);
}

const char *
mc_calendar_name(const struct mc_calendar *cal)
{
	return cal->name;
}

const struct mc_zone *
mc_calendar_zone(const struct mc_calendar *cal)
{
	return cal->zone;
}

int32_t
mc_calendar_known_until(const struct mc_calendar *cal)
{
	return cal->known_until;
}

int64_t
mc_calendar_day_ms(const struct mc_calendar *cal)
{
	return cal->day_ms;
}

/* ---- the tables ---- */

/* First day of the n-th year after 1900 (2100 is the one exception). */
static inline int32_t
year_first(int n)
{
	return MC_DAY_MIN + 365 * n + (n > 0 ? (n - 1) / 4 : 0) - (n > 200);
}

static inline int
year_index(int32_t day)
{
	int n = (int)((uint32_t)(day - MC_DAY_MIN) * 4U / 1461U);

	if (year_first(n) > day)
		n--;
	else if (n + 1 < YEARS && year_first(n + 1) <= day)
		n++;
	return n;
}

static const struct listed *
list_find(const struct list *list, int32_t day)
{
	size_t lo = 0, hi = list->v.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (list->v.p[mid].day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < list->v.n && list->v.p[lo].day == day ? &list->v.p[lo]
							  : NULL;
}

/* Make-up day beats day off beats weekday; -1 when nobody works. */
static int
day_pattern(const struct mc_calendar *cal, int32_t day)
{
	const struct listed *on = list_find(&cal->on, day);
	int weekday = mc_day_weekday(day);

	if (on != NULL)
		return on->pattern;
	if (list_find(&cal->off, day) != NULL || cal->pattern.p[weekday].n == 0)
		return -1;
	return weekday;
}

/*
 * The open spans of the i-th day of a year as instants.  A span that the
 * clock jumps over moves forward, perhaps onto the next one: no instant is
 * open twice.
 */
static int
year_spans(const struct mc_calendar *cal, const struct year *y, int i,
    struct mc_open_span *out)
{
	const struct day *d = &y->day[i];
	const struct pattern *p;
	int64_t from, to, open_until = INT64_MIN;
	int k, n = 0;

	if (d->pattern == -1)
		return 0;
	p = &cal->pattern.p[d->pattern];
	if (d->plain) {
		for (k = 0; k < p->n; k++) {
			out[k].from = d->midnight + p->span[k].from * MS_MINUTE;
			out[k].to = d->midnight + p->span[k].to * MS_MINUTE;
		}
		return p->n;
	}
	for (k = 0; k < p->n; k++) {
		from = mc_zone_instant(
		    cal->zone, y->first + i, p->span[k].from * MS_MINUTE);
		to = mc_zone_instant(
		    cal->zone, y->first + i, p->span[k].to * MS_MINUTE);
		if (from < open_until)
			from = open_until;
		if (from >= to)
			continue;
		out[n++] = (struct mc_open_span){ from, to };
		open_until = to;
	}
	return n;
}

static struct year *
year_make(const struct mc_calendar *cal, int index)
{
	struct year *y = mc_calloc(1, sizeof(*y));
	struct mc_open_span span[MC_CALENDAR_SPANS];
	struct day *d;
	int i, k, n;

	y->first = year_first(index);
	y->days = year_first(index + 1) - y->first;
	for (i = 0; i <= y->days; i++)
		y->day[i].midnight =
		    mc_zone_instant(cal->zone, y->first + i, 0);
	for (i = 0; i < y->days; i++) {
		d = &y->day[i];
		d->pattern = (int16_t)day_pattern(cal, y->first + i);
		d->plain = d[1].midnight - d->midnight == MC_MS_DAY &&
			   mc_zone_offset(cal->zone, d->midnight) ==
			       mc_zone_offset(cal->zone, d[1].midnight);
		d->working_to = (int16_t)y->working;
		d->work_to = y->work;
		if (d->pattern == -1)
			continue;
		y->nth[y->working++] = (int16_t)i;
		n = year_spans(cal, y, i, span);
		for (k = 0; k < n; k++)
			y->work += span[k].to - span[k].from;
		d->open = (int32_t)(span[0].from - d->midnight);
		d->close = (int32_t)(span[n - 1].to - d->midnight);
	}
	y->day[i].working_to = (int16_t)y->working;
	y->day[i].work_to = y->work;
	return y;
}

/* Kept out of its callers, whose usual path is a few instructions. */
__attribute__((noinline, cold)) static const struct year *
year_load(const struct mc_calendar *cal, int index)
{
	/* The table is a cache: filling it leaves the calendar what it was. */
	union {
		const struct mc_calendar *in;
		struct mc_calendar *out;
	} c = { .in = cal };
	struct year *y;

	pthread_mutex_lock(&year_lock);
	y = atomic_load_explicit(&cal->year[index], memory_order_relaxed);
	if (y == NULL) {
		y = year_make(cal, index);
		atomic_store_explicit(
		    &c.out->year[index], y, memory_order_release);
	}
	pthread_mutex_unlock(&year_lock);
	return y;
}

static inline const struct year *
year_get(const struct mc_calendar *cal, int index)
{
	const struct year *y =
	    atomic_load_explicit(&cal->year[index], memory_order_acquire);

	return y != NULL ? y : year_load(cal, index);
}

static inline bool
in_range(int32_t day)
{
	return day >= MC_DAY_MIN && day <= MC_DAY_MAX;
}

/* NULL outside the range. */
static inline const struct day *
day_get(const struct mc_calendar *cal, int32_t day)
{
	const struct year *y;

	if (!in_range(day))
		return NULL;
	y = year_get(cal, year_index(day));
	return &y->day[day - y->first];
}

/* ---- days ---- */

struct mc_day_info
mc_calendar_day(const struct mc_calendar *cal, int32_t day)
{
	struct mc_day_info info = { 0 };
	const struct listed *on, *off;
	const struct year *y;
	int index;

	if (!in_range(day))
		return info;
	on = list_find(&cal->on, day);
	off = list_find(&cal->off, day);
	y = year_get(cal, year_index(day));
	index = y->day[day - y->first].pattern;
	if (index != -1) {
		info.working = true;
		info.span = cal->pattern.p[index].span;
		info.spans = cal->pattern.p[index].n;
	}
	if (on != NULL) {
		info.make_up = true;
		info.name = on->name;
		info.basis = on->basis;
	} else if (off != NULL) {
		info.off_listed = true;
		info.name = off->name;
		info.basis = off->basis;
	}
	return info;
}

bool
mc_calendar_working(const struct mc_calendar *cal, int32_t day)
{
	const struct day *d = day_get(cal, day);

	return d != NULL && d->pattern != -1;
}

int32_t
mc_calendar_add_days(const struct mc_calendar *cal, int32_t day, int64_t n)
{
	const struct year *y;
	int index;

	if (!in_range(day) || n < 0 || n > DAYS)
		return MC_NODAY;
	index = year_index(day);
	y = year_get(cal, index);
	if (n == 0) {
		if (y->day[day - y->first].pattern != -1)
			return day;
		n = 1;
	}
	n += y->day[day - y->first + 1].working_to - 1;
	while (n >= y->working) {
		n -= y->working;
		if (++index == YEARS)
			return MC_NODAY;
		y = year_get(cal, index);
	}
	return y->first + y->nth[n];
}

int64_t
mc_calendar_count_days(const struct mc_calendar *cal, int32_t from, int32_t to)
{
	const struct year *y;
	int64_t n;
	int index, last;

	if (to < from)
		return -mc_calendar_count_days(cal, to, from);
	if (from < MC_DAY_MIN - 1)
		from = MC_DAY_MIN - 1;
	if (to > MC_DAY_MAX)
		to = MC_DAY_MAX;
	if (to <= from)
		return 0;
	/* Of the days from + 1 to `to`. */
	index = year_index(from + 1);
	last = year_index(to);
	y = year_get(cal, index);
	n = -y->day[from + 1 - y->first].working_to;
	for (; index < last; y = year_get(cal, ++index))
		n += y->working;
	return n + y->day[to - y->first + 1].working_to;
}

/* ---- instants ---- */

int
mc_calendar_spans(
    const struct mc_calendar *cal, int32_t day, struct mc_open_span *out)
{
	const struct year *y;

	if (!in_range(day))
		return 0;
	y = year_get(cal, year_index(day));
	return year_spans(cal, y, day - y->first, out);
}

int64_t
mc_calendar_open(const struct mc_calendar *cal, int32_t day)
{
	const struct day *d = day_get(cal, day);

	return d != NULL && d->pattern != -1 ? d->midnight + d->open : MC_NEVER;
}

int64_t
mc_calendar_close(const struct mc_calendar *cal, int32_t day)
{
	const struct day *d = day_get(cal, day);

	return d != NULL && d->pattern != -1 ? d->midnight + d->close
					     : MC_NEVER;
}

int64_t
mc_calendar_clock(const struct mc_calendar *cal, int32_t day, int64_t ms_of_day)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int i, n = mc_calendar_spans(cal, day, span);
	int64_t at;

	if (n == 0)
		return MC_NEVER;
	at = mc_zone_instant(cal->zone, day, ms_of_day);
	for (i = 0; i < n; i++) {
		if (at < span[i].from)
			return span[i].from;
		if (at <= span[i].to)
			return at;
	}
	return span[n - 1].to;
}

int64_t
mc_calendar_next_open(const struct mc_calendar *cal, int64_t ms)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int32_t day = mc_zone_day(cal->zone, ms);
	const struct year *y;
	const struct day *d;
	int k;

	if (!in_range(day))
		return MC_NEVER;
	y = year_get(cal, year_index(day));
	d = &y->day[day - y->first];
	if (d->pattern != -1 && ms < d->midnight + d->close) {
		if (ms <= d->midnight + d->open)
			return d->midnight + d->open;
		year_spans(cal, y, day - y->first, span);
		for (k = 0; ms >= span[k].to; k++)
			;
		return ms > span[k].from ? ms : span[k].from;
	}
	k = d[1].working_to;
	if (k < y->working) {
		d = &y->day[y->nth[k]];
		return d->midnight + d->open;
	}
	day = mc_calendar_add_days(cal, day, 1);
	return day == MC_NODAY ? MC_NEVER : mc_calendar_open(cal, day);
}

bool
mc_calendar_is_open(const struct mc_calendar *cal, int64_t ms)
{
	return ms != MC_NEVER && mc_calendar_next_open(cal, ms) == ms;
}

/* Open ms of the i-th day of a year that are over at `ms`. */
static int64_t
spent_of_day(
    const struct mc_calendar *cal, const struct year *y, int i, int64_t ms)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	const struct day *d = &y->day[i];
	int64_t spent = 0;
	int k, n;

	if (d->pattern == -1 || ms <= d->midnight + d->open)
		return 0;
	if (ms >= d->midnight + d->close)
		return d[1].work_to - d->work_to;
	n = year_spans(cal, y, i, span);
	for (k = 0; k < n && ms > span[k].from; k++)
		spent += (ms < span[k].to ? ms : span[k].to) - span[k].from;
	return spent;
}

/*
 * The day on which the year's open time reaches `target` (1 to y->work).
 * Working days are about equally long, so the share of the year is at most
 * a step or two off.
 */
static int
day_reaching(const struct year *y, int64_t target)
{
	int k = (int)((target - 1) * y->working / y->work);

	while (y->day[y->nth[k]].work_to >= target)
		k--;
	while (y->day[y->nth[k] + 1].work_to < target)
		k++;
	return y->nth[k];
}

int64_t
mc_calendar_add_work(const struct mc_calendar *cal, int64_t from, int64_t work)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int32_t day = mc_zone_day(cal->zone, from);
	const struct year *y;
	int index, i, k;

	if (work == 0)
		return mc_calendar_next_open(cal, from);
	if (!in_range(day) || work < 0 || work > DAYS * MC_MS_DAY)
		return MC_NEVER;
	index = year_index(day);
	y = year_get(cal, index);
	i = day - y->first;
	work += y->day[i].work_to + spent_of_day(cal, y, i, from);
	while (work > y->work) {
		work -= y->work;
		if (++index == YEARS)
			return MC_NEVER;
		y = year_get(cal, index);
	}
	i = day_reaching(y, work);
	work -= y->day[i].work_to;
	year_spans(cal, y, i, span);
	for (k = 0; work > span[k].to - span[k].from; k++)
		work -= span[k].to - span[k].from;
	return span[k].from + work;
}

int64_t
mc_calendar_add_work_right(
    const struct mc_calendar *cal, int64_t from, int64_t work)
{
	int64_t at = mc_calendar_add_work(cal, from, work);

	return at == MC_NEVER ? MC_NEVER : mc_calendar_next_open(cal, at);
}

int64_t
mc_calendar_work_between(
    const struct mc_calendar *cal, int64_t from, int64_t to)
{
	const struct year *y;
	int32_t day_from, day_to;
	int64_t work;
	int index, last;

	if (to < from)
		return -mc_calendar_work_between(cal, to, from);
	day_from = mc_zone_day(cal->zone, from);
	day_to = mc_zone_day(cal->zone, to);
	if (day_from > MC_DAY_MAX || day_to < MC_DAY_MIN)
		return 0;
	if (day_from < MC_DAY_MIN) {
		day_from = MC_DAY_MIN;
		from = mc_zone_instant(cal->zone, day_from, 0);
	}
	if (day_to > MC_DAY_MAX) {
		day_to = MC_DAY_MAX;
		to = mc_zone_instant(cal->zone, day_to, MC_MS_DAY);
	}
	index = year_index(day_from);
	last = year_index(day_to);
	y = year_get(cal, index);
	work = -y->day[day_from - y->first].work_to -
	       spent_of_day(cal, y, day_from - y->first, from);
	for (; index < last; y = year_get(cal, ++index))
		work += y->work;
	return work + y->day[day_to - y->first].work_to +
	       spent_of_day(cal, y, day_to - y->first, to);
}
