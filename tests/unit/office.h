/*
 * office.h - a slow office to check the fast calendar against: it knows its
 * hours as plain lists and walks from day to day and from span to span.
 */
#ifndef MOTCUA_TEST_OFFICE_H
#define MOTCUA_TEST_OFFICE_H

#include <stdlib.h>

#include <motcua/calendar.h>
#include <motcua/json.h>

#define OFFICE_SPANS 3
#define OFFICE_LISTED 60

struct office_hours {
	struct mc_span span[OFFICE_SPANS];
	int n;
};

struct office {
	const struct mc_zone *zone;
	struct office_hours week[7];
	int32_t off[OFFICE_LISTED], on[OFFICE_LISTED];
	int as[OFFICE_LISTED]; /* weekday of a make-up day, or -1: own hours */
	struct office_hours own[OFFICE_LISTED];
	int n_off, n_on;
	int32_t known_until;
	int milli_hours; /* hours_per_day */
};

struct office_rng {
	uint64_t x;
};

static inline int64_t
office_below(struct office_rng *r, int64_t n)
{
	r->x ^= r->x << 13;
	r->x ^= r->x >> 7;
	r->x ^= r->x << 17;
	return (int64_t)((r->x >> 11) % (uint64_t)n);
}

/* MOTCUA_SEED, or always the same. */
static inline struct office_rng
office_seed(void)
{
	const char *text = getenv("MOTCUA_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 0;

	printf("# seed %llu\n", (unsigned long long)seed);
	return (struct office_rng){ seed * 0x9e3779b97f4a7c15U +
				    0x2545f4914f6cdd1dU };
}

/* MOTCUA_CASES asks for more of them, never for fewer. */
static inline int64_t
office_cases(int64_t usual)
{
	const char *text = getenv("MOTCUA_CASES");
	int64_t n = text != NULL ? strtoll(text, NULL, 10) : 0;

	return n > usual ? n : usual;
}

/* One to three spans, touching now and then, some at night. */
static inline struct office_hours
office_random_hours(struct office_rng *r)
{
	static const struct office_hours usual = {
		{ { 450, 690 }, { 810, 1020 } }, 2
	};
	struct office_hours h = { .n = 0 };
	int at = 0, i, n, to;

	if (office_below(r, 2) == 0)
		return usual;
	n = 1 + (int)office_below(r, OFFICE_SPANS);
	for (i = 0; i < n; i++) {
		if (office_below(r, 5) != 0)
			at += (int)office_below(r, 400);
		if (at >= 1440)
			break;
		to = at + 1 + (int)office_below(r, 500);
		if (to > 1440 || office_below(r, 20) == 0)
			to = 1440;
		h.span[h.n++] = (struct mc_span){ at, to };
		at = to;
	}
	return h.n > 0 ? h : usual;
}

static inline bool
office_has(const int32_t *days, int n, int32_t day)
{
	int i;

	for (i = 0; i < n; i++)
		if (days[i] == day)
			return true;
	return false;
}

/*
 * An office whose listed days lie in the 400 days after `first`.  In one of
 * three every worked day has the same hours, or all but for a make-up day.
 */
static inline struct office
office_random(struct office_rng *r, const struct mc_zone *zone, int32_t first)
{
	struct office o = { .zone = zone, .known_until = MC_NODAY };
	bool alike = office_below(r, 3) == 0;
	int i, n, day;

	o.week[0] = office_random_hours(r);
	for (i = 1; i < 7; i++)
		if (i < 5 ? office_below(r, 12) != 0 : office_below(r, 4) == 0)
			o.week[i] = alike ? o.week[0] : office_random_hours(r);
	if (!alike && office_below(r, 12) == 0)
		o.week[0].n = 0;
	if (o.week[0].n == 0 && o.week[1].n == 0)
		o.week[1] = office_random_hours(r);
	for (n = (int)office_below(r, OFFICE_LISTED); n > 0; n--) {
		day = first + (int32_t)office_below(r, 400);
		if (!office_has(o.off, o.n_off, day))
			o.off[o.n_off++] = day;
	}
	for (n = (int)office_below(r, 20); n > 0; n--) {
		day = first + (int32_t)office_below(r, 400);
		if (office_has(o.on, o.n_on, day))
			continue;
		o.on[o.n_on] = day;
		i = (int)office_below(r, 7);
		o.as[o.n_on] = o.week[i].n > 0 ? i : -1;
		if (o.as[o.n_on] == -1)
			o.own[o.n_on] = alike && office_below(r, 100) != 0
					    ? o.week[0]
					    : office_random_hours(r);
		o.n_on++;
	}
	if (office_below(r, 3) == 0)
		o.known_until = first + (int32_t)office_below(r, 400);
	o.milli_hours = (int)office_below(r, 3) == 0
			    ? 1 + (int)office_below(r, 24000)
			    : 8000;
	return o;
}

static inline void
office_put_hours(struct mc_buf *b, const struct office_hours *h)
{
	int i;

	mc_buf_putc(b, '[');
	for (i = 0; i < h->n; i++)
		mc_buf_printf(b, "%s\"%02d:%02d-%02d:%02d\"", i > 0 ? "," : "",
		    (int)h->span[i].from / 60, (int)h->span[i].from % 60,
		    (int)h->span[i].to / 60, (int)h->span[i].to % 60);
	mc_buf_putc(b, ']');
}

/* The calendar's document. */
static inline void
office_json(struct mc_buf *b, const struct office *o)
{
	static const char *const name[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };
	int i;

	mc_buf_printf(b,
	    "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":%d.%03d",
	    o->milli_hours / 1000, o->milli_hours % 1000);
	if (o->known_until != MC_NODAY) {
		mc_buf_puts(b, ",\"known_until\":\"");
		mc_day_put(b, o->known_until);
		mc_buf_putc(b, '"');
	}
	mc_buf_puts(b, ",\"weekly\":{");
	for (i = 0; i < 7; i++) {
		mc_buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", name[i]);
		office_put_hours(b, &o->week[i]);
	}
	mc_buf_puts(b, "},\"days_off\":[");
	for (i = 0; i < o->n_off; i++) {
		mc_buf_puts(b, i > 0 ? ",{\"date\":\"" : "{\"date\":\"");
		mc_day_put(b, o->off[i]);
		mc_buf_puts(b, "\"}");
	}
	mc_buf_puts(b, "],\"working_days\":[");
	for (i = 0; i < o->n_on; i++) {
		mc_buf_puts(b, i > 0 ? ",{\"date\":\"" : "{\"date\":\"");
		mc_day_put(b, o->on[i]);
		if (o->as[i] != -1)
			mc_buf_printf(b, "\",\"as\":\"%s\"}", name[o->as[i]]);
		else {
			mc_buf_puts(b, "\",\"hours\":");
			office_put_hours(b, &o->own[i]);
			mc_buf_putc(b, '}');
		}
	}
	mc_buf_puts(b, "]}");
}

/* A calendar from its text; NULL with the error printed. */
static inline struct mc_calendar *
office_calendar(const char *text, const struct mc_zone *zone)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_calendar *cal = NULL;
	struct mc_json *doc;

	if (mc_json_parse(&doc, "c.json", mc_str(text), &err) == -1) {
		printf("# %s: %s\n", err.where, err.msg);
		return NULL;
	}
	if (mc_calendar_new(&cal, "c.json", doc, mc_str(text), zone, &err) ==
	    -1)
		printf("# %s: %s: %s\n", err.where, err.id, err.msg);
	mc_json_free(doc);
	return cal;
}

static inline struct mc_calendar *
office_open(const struct office *o)
{
	struct mc_buf b = { 0 };
	struct mc_calendar *cal;

	office_json(&b, o);
	cal = office_calendar(mc_buf_str(&b), o->zone);
	mc_buf_free(&b);
	return cal;
}

/* The hours of a day; none on a day off. */
static inline const struct office_hours *
office_day(const struct office *o, int32_t day)
{
	static const struct office_hours closed;
	int i;

	for (i = 0; i < o->n_on; i++)
		if (o->on[i] == day)
			return o->as[i] != -1 ? &o->week[o->as[i]] : &o->own[i];
	if (office_has(o->off, o->n_off, day))
		return &closed;
	return &o->week[mc_day_weekday(day)];
}

/* The k-th span as instants, cut where the one before reaches into it. */
static inline bool
office_span(
    const struct office *o, int32_t day, int k, int64_t *from, int64_t *to)
{
	const struct office_hours *h = office_day(o, day);
	int64_t end;
	int i;

	*from = mc_zone_instant(o->zone, day, h->span[k].from * INT64_C(60000));
	*to = mc_zone_instant(o->zone, day, h->span[k].to * INT64_C(60000));
	for (i = 0; i < k; i++) {
		end = mc_zone_instant(
		    o->zone, day, h->span[i].to * INT64_C(60000));
		if (*from < end)
			*from = end;
	}
	return *from < *to;
}

/* Is there a moment at which it is open?  The clock may jump over all. */
static inline bool
office_works(const struct office *o, int32_t day)
{
	int64_t from, to;
	int k;

	for (k = 0; k < office_day(o, day)->n; k++)
		if (office_span(o, day, k, &from, &to))
			return true;
	return false;
}

static inline int32_t
office_next_day(const struct office *o, int32_t day)
{
	while (!office_works(o, ++day))
		if (day > MC_DAY_MAX)
			return MC_NODAY;
	return day;
}

/* The first open instant at or after one. */
static inline int64_t
office_next_open(const struct office *o, int64_t at)
{
	int32_t day;
	int64_t from, to;
	int k;

	for (day = mc_zone_day(o->zone, at);; day++)
		for (k = 0; k < office_day(o, day)->n; k++)
			if (office_span(o, day, k, &from, &to) && at < to)
				return at > from ? at : from;
}

/* The earliest instant by which so much open time is spent. */
static inline int64_t
office_walk(const struct office *o, int64_t at, int64_t work)
{
	int32_t day;
	int64_t from, to;
	int k;

	if (work == 0)
		return office_next_open(o, at);
	for (day = mc_zone_day(o->zone, at);; day++)
		for (k = 0; k < office_day(o, day)->n; k++) {
			if (!office_span(o, day, k, &from, &to) || at >= to)
				continue;
			if (from < at)
				from = at;
			if (work <= to - from)
				return from + work;
			work -= to - from;
		}
}

/* Open ms from one instant to a later one. */
static inline int64_t
office_between(const struct office *o, int64_t at, int64_t end)
{
	int32_t day, last = mc_zone_day(o->zone, end);
	int64_t from, to, sum = 0;
	int k;

	for (day = mc_zone_day(o->zone, at); day <= last; day++)
		for (k = 0; k < office_day(o, day)->n; k++) {
			if (!office_span(o, day, k, &from, &to))
				continue;
			if (from < at)
				from = at;
			if (to > end)
				to = end;
			if (from < to)
				sum += to - from;
		}
	return sum;
}

static inline int64_t
office_close(const struct office *o, int32_t day)
{
	int64_t from, to, close = MC_NEVER;
	int k;

	for (k = 0; k < office_day(o, day)->n; k++)
		if (office_span(o, day, k, &from, &to))
			close = to;
	return close;
}

#endif
