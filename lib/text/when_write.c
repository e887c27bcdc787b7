/* when_write.c - days and instants as text; see when.h. */
#include <assert.h>
#include <string.h>

#include <motcua/when.h>

#include "when_internal.h"

/* v from 0 to 99; of a year that no text can say, some digits. */
static void
put2(char *p, int v)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	memcpy(p, pairs + 2 * ((unsigned)v % 100), 2);
}

static void
spell_date(char *p, int32_t day)
{
	int y, m, d;

	mc_day_civil(day, &y, &m, &d);
	put2(p, y / 100 % 100);
	put2(p + 2, y % 100);
	p[4] = p[7] = '-';
	put2(p + 5, m);
	put2(p + 8, d);
}

/*
 * "2024-02-05" into 10 bytes.  Those that were written lately are at hand:
 * what is written in a row is mostly of the same weeks.
 */
static void
put_date(char *p, int32_t day)
{
	static _Thread_local struct {
		int32_t day;
		char text[12]; /* "": none */
	} late[64], *at;

	at = &late[(uint32_t)day % 64];
	if (at->day != day || at->text[0] == '\0') {
		at->day = day;
		spell_date(at->text, day);
	}
	memcpy(p, at->text, 10);
}

/* "05/02/2024" into 10 bytes. */
static void
put_date_human(char *p, int32_t day)
{
	int y, m, d;

	mc_day_civil(day, &y, &m, &d);
	put2(p, d);
	p[2] = p[5] = '/';
	put2(p + 3, m);
	put2(p + 6, y / 100 % 100);
	put2(p + 8, y % 100);
}

size_t
mc_day_text(char *p, int32_t day)
{
	assert(day != MC_NODAY);
	put_date(p, day);
	return 10;
}

void
mc_day_put(struct mc_buf *b, int32_t day)
{
	char text[10];
	size_t n = mc_day_text(text, day);

	mc_buf_add(b, text, n);
}

void
mc_day_put_human(struct mc_buf *b, int32_t day)
{
	char text[10];

	assert(day != MC_NODAY);
	put_date_human(text, day);
	mc_buf_add(b, text, sizeof(text));
}

/* The clock `east` minutes ahead of UTC: date, T, time; returns the length. */
static size_t
put_clock(char *p, int64_t ms, int east)
{
	int64_t local, of_day;
	int32_t day;
	int s, frac;

	assert(ms != MC_NEVER);
	local = ms + east * INT64_C(60000);
	day = (int32_t)floor_div(local, MC_MS_DAY);
	of_day = local - day * MC_MS_DAY;
	s = (int)(of_day / 1000);
	frac = (int)(of_day % 1000);
	put_date(p, day);
	p[10] = 'T';
	put2(p + 11, s / 3600);
	p[13] = ':';
	put2(p + 14, s / 60 % 60);
	p[16] = ':';
	put2(p + 17, s % 60);
	if (frac == 0)
		return 19;
	p[19] = '.';
	p[20] = (char)('0' + frac / 100);
	put2(p + 21, frac % 100);
	return 23;
}

/*
 * Offsets of the days of local mean time have seconds, which RFC 3339 cannot
 * say: the minute below is written and the clock shown to fit, so that the
 * text is still the instant.
 */
void
mc_time_put(struct mc_buf *b, int64_t ms, const struct mc_zone *zone)
{
	int east = (int)floor_div(mc_zone_offset(zone, ms), 60);
	char text[32];
	size_t n = put_clock(text, ms, east);

	text[n] = east < 0 ? '-' : '+';
	if (east < 0)
		east = -east;
	put2(text + n + 1, east / 60);
	text[n + 3] = ':';
	put2(text + n + 4, east % 60);
	mc_buf_add(b, text, n + 6);
}

size_t
mc_time_text_utc(char *p, int64_t ms)
{
	size_t n = put_clock(p, ms, 0);

	p[n] = 'Z';
	return n + 1;
}

void
mc_time_put_utc(struct mc_buf *b, int64_t ms)
{
	char text[MC_TIME_TEXT];
	size_t n = mc_time_text_utc(text, ms);

	mc_buf_add(b, text, n);
}

void
mc_time_put_human(struct mc_buf *b, int64_t ms, const struct mc_zone *zone)
{
	int64_t of_day;
	char text[16];

	assert(ms != MC_NEVER);
	of_day = mc_zone_ms_of_day(zone, ms);
	put_date_human(text, mc_zone_day(zone, ms));
	text[10] = ' ';
	put2(text + 11, (int)(of_day / 3600000));
	text[13] = ':';
	put2(text + 14, (int)(of_day / 60000 % 60));
	mc_buf_add(b, text, sizeof(text));
}
