/*
 * when.c - fuzzes when.h.
 *
 *   - a time that is understood lies on a day of the supported years, and
 *     what is written of it, in its zone and in UTC, is the same instant;
 *   - a day, a minute of the day are written back as they were;
 *   - what ISO's format finds in a text, the reader of ISO's form finds too;
 *   - a format is usable or is said not to be.
 *
 * The text is the input up to its first NUL, a format what follows.
 */
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf one;

static bool
in_range(const struct mc_zone *zone, int64_t ms)
{
	int32_t day = mc_zone_day(zone, ms);

	return day >= MC_DAY_MIN && day <= MC_DAY_MAX;
}

static void
instant(int64_t ms, const struct mc_zone *zone)
{
	struct mc_err err = MC_ERR_INIT;
	char text[MC_TIME_TEXT];
	int64_t again;
	size_t n;

	HOLDS(in_range(zone, ms));
	HOLDS(mc_zone_instant(zone, mc_zone_day(zone, ms),
		  mc_zone_ms_of_day(zone, ms)) <= ms);
	mc_buf_reset(&one);
	mc_time_put(&one, ms, zone);
	HOLDS(one.len <= MC_TIME_TEXT);
	HOLDS(
	    mc_time_parse(&again, fuzz_str(&one), zone, NULL, NULL, &err) == 0);
	HOLDS(again == ms);
	n = mc_time_text_utc(text, ms);
	HOLDS(n <= sizeof(text));
	mc_buf_reset(&one);
	mc_time_put_utc(&one, ms);
	HOLDS(mc_str_same(fuzz_str(&one), (struct mc_str){ text, n }));
	HOLDS(mc_time_parse(
		  &again, fuzz_str(&one), fuzz_utc(), NULL, NULL, &err) == 0);
	HOLDS(again == ms);
	mc_buf_reset(&one);
	mc_time_put_human(&one, ms, zone);
	HOLDS(one.len == 16);
	fuzz_taken++;
}

static void
day(struct mc_str s)
{
	int32_t d = mc_day_parse(s);
	int year, month, dom;

	if (d == MC_NODAY)
		return;
	HOLDS(d >= MC_DAY_MIN && d <= MC_DAY_MAX);
	mc_day_civil(d, &year, &month, &dom);
	HOLDS(mc_day_of(year, month, dom) == d);
	HOLDS(mc_day_weekday(d) == (d - MC_DAY_MIN) % 7); /* a Monday */
	mc_buf_reset(&one);
	mc_day_put(&one, d);
	HOLDS(mc_str_same(fuzz_str(&one), s));
	fuzz_taken++;
}

static void
minute(struct mc_str s)
{
	int32_t m = mc_minute_parse(s);

	if (m == -1)
		return;
	mc_buf_reset(&one);
	mc_buf_printf(&one, "%02d:%02d", (int)m / 60, (int)m % 60);
	HOLDS(mc_str_same(fuzz_str(&one), s));
}

static void
iso(struct mc_str s, const struct mc_zone *zone)
{
	static const char *const formats[] = { "%Y-%m-%d %H:%M:%S%z",
		"%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d" };
	struct mc_err err = MC_ERR_INIT;
	bool day_a, day_b, cut_a, cut_b;
	int64_t a, b;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		HOLDS(mc_time_format_ok(formats[i]));
		if (!mc_time_scan(&a, s, formats[i], zone, &day_a, &cut_a))
			continue;
		/* It takes single digits and offsets without a colon. */
		if (mc_time_parse(&b, s, zone, &day_b, &cut_b, &err) == 0)
			HOLDS(a == b && day_a == day_b && cut_a == cut_b);
		else
			fuzz_refused(&err);
	}
}

static void
both(struct mc_str s, const char *format, const struct mc_zone *zone)
{
	struct mc_err err = MC_ERR_INIT;
	bool day_only = false, cut = false;
	int64_t ms = 0;

	if (mc_time_parse(&ms, s, zone, &day_only, &cut, &err) == 0) {
		instant(ms, zone);
		HOLDS(!day_only || mc_day_parse(s) == mc_zone_day(zone, ms));
	} else {
		fuzz_refused(&err);
	}
	if (mc_time_format_ok(format) &&
	    mc_time_scan(&ms, s, format, zone, &day_only, &cut))
		instant(ms, zone);
	iso(s, zone);
}

int
fuzz_when(const uint8_t *p, size_t n)
{
	static struct mc_buf format;
	struct mc_str s = fuzz_input(p, n), rest;

	mc_buf_reset(&format);
	if (mc_str_split(s, '\0', &s, &rest))
		mc_buf_add(&format, rest.p, rest.len);
	/* Whoever calls has text: messages quote it. */
	day(s);
	minute(s);
	both(s, mc_buf_str(&format), fuzz_zone());
	both(s, mc_buf_str(&format), fuzz_utc());
	return 0;
}
