/* when.c - days, zones, reading and writing of instants. */
#include <stdlib.h>
#include <time.h>

#include <motcua/when.h>

#include "tap.h"

/* Longer than a name of the database can be. */
#define LONG_NAME                                                              \
	"America/Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch_1"

static struct mc_zone *vn, *ams, *utc;

static void
test_days(void)
{
	int y, m, d, py = 1899, pm = 12, pd = 31, bad = 0;
	int32_t day;

	IS(mc_day_of(1970, 1, 1), 0);
	IS(mc_day_of(1900, 1, 1), MC_DAY_MIN);
	IS(mc_day_of(2199, 12, 31), MC_DAY_MAX);
	IS(mc_day_of(1899, 12, 31), MC_NODAY);
	IS(mc_day_of(2200, 1, 1), MC_NODAY);
	IS(mc_day_of(2025, 2, 29), MC_NODAY);
	IS(mc_day_of(2100, 2, 29), MC_NODAY);
	IS(mc_day_of(2000, 2, 29), 11016);
	IS(mc_day_of(2025, 4, 31), MC_NODAY);
	IS(mc_day_of(2025, 13, 1), MC_NODAY);
	IS(mc_day_of(2025, 0, 1), MC_NODAY);
	IS(mc_day_of(2025, 1, 0), MC_NODAY);
	/* Every day follows the one before it, and comes back. */
	for (day = MC_DAY_MIN; day <= MC_DAY_MAX; day++) {
		mc_day_civil(day, &y, &m, &d);
		if (mc_day_of(y, m, d) != day)
			bad++;
		if (!(y == py && m == pm && d == pd + 1) &&
		    !(d == 1 && m == pm + 1 && y == py) &&
		    !(d == 1 && m == 1 && pm == 12 && y == py + 1))
			bad++;
		py = y;
		pm = m;
		pd = d;
	}
	IS(bad, 0);
	IS(mc_day_weekday(0), 3);                     /* Thursday */
	IS(mc_day_weekday(mc_day_of(2024, 5, 4)), 5); /* Saturday */
	IS(mc_day_weekday(mc_day_of(1900, 1, 1)), 0); /* Monday */
	IS(mc_day_weekday(mc_day_of(1969, 12, 28)), 6);
}

static void
test_day_text(void)
{
	static const char *const bad[] = { "", "2024-2-05", "2024-02-5",
		"2024/02/05", "2024-02-30", "2024-02-05 ", " 2024-02-05",
		"24-02-05", "2024-00-05", "2024-02-0x", "1899-12-31",
		"2200-01-01", "٢٠٢٤-٠٢-٠٥" };
	static const struct {
		const char *text;
		int minutes;
	} clock[] = {
		{ "00:00", 0 },
		{ "07:30", 450 },
		{ "24:00", 1440 },
		{ "24:01", -1 },
		{ "7:30", -1 },
		{ "07:60", -1 },
		{ "07.30", -1 },
		{ "07:30 ", -1 },
		{ "", -1 },
		{ "-1:30", -1 },
	};
	struct mc_buf b = { 0 };
	size_t i;

	IS(mc_day_parse(MC_STR("2024-02-05")), mc_day_of(2024, 2, 5));
	IS(mc_day_parse((struct mc_str){ NULL, 0 }), MC_NODAY);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i]);
		IS(mc_day_parse(mc_str(bad[i])), MC_NODAY);
	}
	for (i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
		TAP_ROW(clock[i].text);
		IS(mc_minute_parse(mc_str(clock[i].text)), clock[i].minutes);
	}
	TAP_ROW(NULL);
	mc_day_put(&b, mc_day_of(2024, 2, 5));
	mc_buf_putc(&b, ' ');
	mc_day_put_human(&b, mc_day_of(2024, 2, 5));
	IS_STR(mc_buf_str(&b), "2024-02-05 05/02/2024");
	mc_buf_free(&b);
}

static void
test_open(void)
{
	static const char *const bad[] = { "", "Nowhere/Town", "../etc/passwd",
		"Asia/../UTC", "/etc/localtime", "Asia", "zone.tab",
		"Asia/Ho Chi Minh", "tzdata.zi", LONG_NAME };
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *z;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i]);
		z = vn;
		mc_err_clear(&err);
		IS(mc_zone_open(&z, bad[i], &err), -1);
		OK(z == NULL);
		IS(err.code, MC_EDATA);
		IS_STR(err.id, "E_ZONE");
	}
	TAP_ROW(NULL);
	mc_err_clear(&err);
	IS(mc_zone_open(&z, "Nowhere/Town", &err), -1);
	IS_STR(err.msg, "no such time zone \"Nowhere/Town\"");
	IS_STR(mc_zone_name(vn), "Asia/Ho_Chi_Minh");
	mc_zone_free(NULL);
}

/* An instant from numbers, in UTC. */
static int64_t
at(int y, int mo, int d, int h, int mi, int s)
{
	return mc_day_of(y, mo, d) * MC_MS_DAY +
	       ((h * 60 + mi) * 60 + s) * INT64_C(1000);
}

static void
test_zone(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *apia = NULL;
	int32_t day = mc_day_of(2024, 3, 31);
	int64_t h = 3600000, ms;

	IS(mc_zone_offset(vn, at(2024, 2, 5, 0, 0, 0)), 25200);
	IS(mc_zone_offset(utc, at(2024, 2, 5, 0, 0, 0)), 0);
	IS(mc_zone_day(vn, at(2024, 2, 4, 17, 0, 0)), mc_day_of(2024, 2, 5));
	IS(mc_zone_day(vn, at(2024, 2, 4, 16, 59, 59)), mc_day_of(2024, 2, 4));
	IS(mc_zone_ms_of_day(vn, at(2024, 2, 4, 17, 0, 1)), 1000);
	IS(mc_zone_ms_of_day(ams, at(1969, 12, 31, 22, 0, 0)), 23 * h);
	IS(mc_zone_instant(vn, mc_day_of(2024, 2, 5), 0),
	    at(2024, 2, 4, 17, 0, 0));
	IS(mc_zone_instant(vn, mc_day_of(2024, 2, 5), MC_MS_DAY),
	    at(2024, 2, 5, 17, 0, 0));
	/* Spring: 02:30 does not exist and becomes 03:30. */
	IS(mc_zone_offset(ams, at(2024, 3, 31, 0, 59, 59)), 3600);
	IS(mc_zone_offset(ams, at(2024, 3, 31, 1, 0, 0)), 7200);
	IS(mc_zone_instant(ams, day, 2 * h - 1), at(2024, 3, 31, 1, 0, 0) - 1);
	IS(mc_zone_instant(ams, day, 2 * h), at(2024, 3, 31, 1, 0, 0));
	IS(mc_zone_instant(ams, day, 2 * h + h / 2), at(2024, 3, 31, 1, 30, 0));
	IS(mc_zone_ms_of_day(ams, at(2024, 3, 31, 1, 30, 0)), 3 * h + h / 2);
	IS(mc_zone_instant(ams, day, 3 * h), at(2024, 3, 31, 1, 0, 0));
	/* Autumn: 02:30 is there twice, the first is taken. */
	day = mc_day_of(2024, 10, 27);
	IS(mc_zone_instant(ams, day, 2 * h + h / 2),
	    at(2024, 10, 27, 0, 30, 0));
	IS(mc_zone_instant(ams, day, 3 * h), at(2024, 10, 27, 2, 0, 0));
	IS(mc_zone_instant(ams, day, MC_MS_DAY) - mc_zone_instant(ams, day, 0),
	    25 * h);
	/* A whole day that was never there: Samoa, 30 December 2011. */
	IS(mc_zone_open(&apia, "Pacific/Apia", &err), 0);
	if (apia != NULL) {
		day = mc_day_of(2011, 12, 30);
		ms = mc_zone_instant(apia, day, 12 * h);
		IS(mc_zone_day(apia, ms), day + 1);
		IS(mc_zone_ms_of_day(apia, ms), 12 * h);
	}
	mc_zone_free(apia);
	/* Beyond the years: the edge's offset, and no trouble. */
	IS(mc_zone_offset(vn, INT64_MAX), 25200);
	OK(mc_zone_day(vn, MC_NEVER) < MC_DAY_MIN);
	OK(mc_zone_day(vn, INT64_MAX) > MC_DAY_MAX);
}

/* glibc's own answer for random instants, in three zones that move. */
static void
test_against_libc(void)
{
	static const char *const names[] = { "Europe/Amsterdam",
		"Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo",
		"Asia/Ho_Chi_Minh" };
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *z;
	uint64_t x = 88172645463325252U;
	int64_t s, ms, local;
	struct tm tm;
	time_t t;
	size_t i;
	int n, bad_offset, bad_day, bad_back;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		TAP_ROW(names[i]);
		if (mc_zone_open(&z, names[i], &err) == -1) {
			OK(false);
			continue;
		}
		bad_offset = bad_day = bad_back = 0;
		for (n = 0; n < 20000; n++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			s = (int64_t)(x % (uint64_t)(9466848000)) - 2208988800;
			ms = s * 1000;
			local = ms + mc_zone_offset(z, ms) * INT64_C(1000);
			/* The last one opened set TZ when it was asked. */
			t = (time_t)s;
			localtime_r(&t, &tm);
			bad_offset += (int64_t)mc_day_of(1900 + (tm.tm_year), 1,
					  1) * 86400 +
					      tm.tm_yday * INT64_C(86400) +
					      tm.tm_hour * 3600 +
					      tm.tm_min * 60 + tm.tm_sec !=
					  local / 1000 - (local % 1000 < 0) &&
				      tm.tm_year >= 0 && tm.tm_year < 300;
			bad_day += mc_zone_day(z, ms) * MC_MS_DAY +
				       mc_zone_ms_of_day(z, ms) !=
				   local;
			/* Back by the clock, unless it shows this twice. */
			local = mc_zone_instant(
			    z, mc_zone_day(z, ms), mc_zone_ms_of_day(z, ms));
			bad_back += local != ms &&
				    !(local < ms && ms - local <= 3 * 3600000);
		}
		IS(bad_offset, 0);
		IS(bad_day, 0);
		IS(bad_back, 0);
		mc_zone_free(z);
	}
	TAP_ROW(NULL);
}

/* mc_zone_instant() by what its header says of offsets, without short ways. */
static int64_t
plain_instant(const struct mc_zone *z, int64_t local)
{
	int32_t before = mc_zone_offset(z, local - MC_MS_DAY);
	int32_t after = mc_zone_offset(z, local + MC_MS_DAY);
	int64_t first = local - before * INT64_C(1000);
	int64_t second = local - after * INT64_C(1000);

	if (mc_zone_offset(z, first) == before ||
	    mc_zone_offset(z, second) != after)
		return first;
	return second;
}

/* The quick reading of the usual form, and the other of every form. */
static void
test_usual(void)
{
	static const char *const names[] = { "Europe/Amsterdam",
		"Australia/Lord_Howe", "Asia/Ho_Chi_Minh", "UTC" };
	static const char other[] = "0123456789-: T./;\x7F\xFF\xB0\0";
	struct mc_err err = MC_ERR_INIT;
	uint64_t x = 88172645463325252U;
	int64_t quick, slow;
	struct mc_zone *z;
	char text[24];
	bool day, cut, good, same;
	size_t i;
	int n, wrong, right;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		TAP_ROW(names[i]);
		if (!IS(mc_zone_open(&z, names[i], &err), 0))
			continue;
		for (n = wrong = right = 0; n < 100000; n++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			snprintf(text, sizeof(text),
			    "%04u-%02u-%02u %02u:%02u:%02u",
			    1898 + (unsigned)(x % 304), (unsigned)(x >> 9) % 14,
			    (unsigned)(x >> 14) % 33, (unsigned)(x >> 19) % 25,
			    (unsigned)(x >> 25) % 61, (unsigned)(x >> 32) % 61);
			if (x >> 40 & 1)
				text[(x >> 41) % 19] =
				    other[(x >> 46) % sizeof(other)];
			quick = slow = MC_NEVER;
			good = mc_time_usual(
			    &quick, (struct mc_str){ text, 19 }, z);
			same = good == mc_time_scan(&slow,
					   (struct mc_str){ text, 19 },
					   "%Y-%m-%d %H:%M:%S", z, &day, &cut);
			wrong += !same || quick != slow;
			right += good;
			slow = (int64_t)(x % 9504000) * 1000000 +
			       MC_DAY_MIN * MC_MS_DAY;
			wrong += mc_zone_instant(z, 0, slow) !=
				 plain_instant(z, slow);
		}
		IS(wrong, 0);
		OK(right > 30000 && right < 90000);
		OK(!mc_time_usual(&quick, MC_STR("2024-02-05 1:02:03"), z));
		OK(!mc_time_usual(&quick, MC_STR("2024-02-05 10:02:031"), z));
		OK(!mc_time_usual(&quick, mc_str(NULL), z));
		mc_zone_free(z);
	}
	TAP_ROW(NULL);
}

static void
test_parse(void)
{
	static const struct {
		const char *text, *utc;
		bool day_only, cut;
	} good[] = {
		{ "2024-02-05", "2024-02-04T17:00:00Z", true, false },
		{ "2024-02-05 10:20", "2024-02-05T03:20:00Z", false, false },
		{ "2024-02-05T10:20:07", "2024-02-05T03:20:07Z", false, false },
		{ "2024-02-05 10:20:07.5", "2024-02-05T03:20:07.500Z", false,
		    false },
		{ "2024-02-05T10:20:07.123456789", "2024-02-05T03:20:07.123Z",
		    false, true },
		{ "2024-02-05T10:20:07.123000", "2024-02-05T03:20:07.123Z",
		    false, false },
		{ "2024-02-05T10:20:07Z", "2024-02-05T10:20:07Z", false,
		    false },
		{ "2024-02-05t10:20:07z", "2024-02-05T10:20:07Z", false,
		    false },
		{ "2024-02-05T10:20:07-00:00", "2024-02-05T10:20:07Z", false,
		    false },
		{ "2024-02-05 10:20:07.25+02:00", "2024-02-05T08:20:07.250Z",
		    false, false },
		{ "2024-12-31T23:30:00-05:30", "2025-01-01T05:00:00Z", false,
		    false },
		{ "1900-01-01T12:00:00Z", "1900-01-01T12:00:00Z", false,
		    false },
		{ "2199-12-31T12:00:00Z", "2199-12-31T12:00:00Z", false,
		    false },
	};
	static const char *const bad[] = { "", "2024", "2024-02-30",
		"2024-02-05 ", "2024-02-05 1:20", "2024-02-05 24:00",
		"2024-02-05 10:60", "2024-02-05 10:20:60", "2024-02-05 10",
		"2024-02-05  10:20", "2024-02-05 10:20.5",
		"2024-02-05 10:20:07.", "2024-02-05T10:20:07+0700",
		"2024-02-05T10:20:07+07", "2024-02-05T10:20:07+24:00",
		"2024-02-05T10:20:07+07:60", "2024-02-05T10:20:07Zx",
		"2024-02-05Z", "2199-12-31T23:59:59-12:00", "yesterday",
		"1899-12-31T00:00:00Z", "05/02/2024",
		/* Still 1899 in UTC, which the log is written in. */
		"1900-01-01", "1900-01-01 00:00:00.000" };
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	bool day_only, cut;
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].text);
		mc_buf_reset(&b);
		if (!IS(mc_time_parse(&ms, mc_str(good[i].text), vn, &day_only,
			    &cut, &err),
			0))
			continue;
		mc_time_put_utc(&b, ms);
		IS_STR(mc_buf_str(&b), good[i].utc);
		IS(day_only, good[i].day_only);
		IS(cut, good[i].cut);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i]);
		mc_err_clear(&err);
		IS(mc_time_parse(&ms, mc_str(bad[i]), vn, NULL, NULL, &err),
		    -1);
		IS(err.code, MC_EUSAGE);
		IS_STR(err.id, "E_DATE");
	}
	TAP_ROW(NULL);
	IS(mc_time_parse(&ms, MC_STR("05/02/2024"), vn, NULL, NULL, &err), -1);
	IS_STR(err.msg, "no such time \"05/02/2024\"");
	IS(mc_time_parse(&ms, (struct mc_str){ NULL, 0 }, vn, NULL, NULL, &err),
	    -1);
	IS(mc_time_parse(&ms, MC_STR("2024-02-05"), vn, NULL, NULL, &err), 0);
	mc_buf_free(&b);
}

static void
test_scan(void)
{
	static const struct {
		const char *format, *text, *utc; /* NULL: refused */
		bool day_only, cut;
	} row[] = {
		{ "%Y-%m-%d %H:%M:%S", "2024-02-05 10:20:07",
		    "2024-02-05T03:20:07Z", false, false },
		{ "%d/%m/%Y", "5/2/2024", "2024-02-04T17:00:00Z", true, false },
		{ "%d/%m/%Y", "05/02/2024", "2024-02-04T17:00:00Z", true,
		    false },
		{ "%d/%m/%Y %H:%M", "05/02/2024 7:05", "2024-02-05T00:05:00Z",
		    false, false },
		{ "%H:%M %d-%m-%y", "07:05 05-02-69", "2069-02-05T00:05:00Z",
		    false, false },
		{ "%d.%m.%y", "05.02.70", "1970-02-04T16:00:00Z", true, false },
		{ "%Y-%m-%d %H:%M:%S.%f%z", "2010-10-02 07:20:39.266000+00:00",
		    "2010-10-02T07:20:39.266Z", false, false },
		{ "%Y-%m-%dT%H:%M:%S.%f", "2010-10-02T07:20:39.2661",
		    "2010-10-02T00:20:39.266Z", false, true },
		{ "%Y-%m-%d %H:%M%z", "2010-10-02 07:20+0200",
		    "2010-10-02T05:20:00Z", false, false },
		{ "%Y-%m-%d %H:%M%z", "2010-10-02 07:20-02",
		    "2010-10-02T09:20:00Z", false, false },
		{ "%Y-%m-%d %H:%M %z", "2010-10-02 07:20 Z",
		    "2010-10-02T07:20:00Z", false, false },
		{ "%Y%m%d", "20240205", "2024-02-04T17:00:00Z", true, false },
		{ "%d%%%m%%%Y", "05%02%2024", "2024-02-04T17:00:00Z", true,
		    false },
		{ "%d/%m/%Y", "31/02/2024", NULL, false, false },
		{ "%d/%m/%Y", "01/01/1900", NULL, false, false },
		{ "%d/%m/%Y", "05/02/24", NULL, false, false },
		{ "%d/%m/%Y", "05/02/2024 ", NULL, false, false },
		{ "%d/%m/%Y", "05-02-2024", NULL, false, false },
		{ "%d/%m/%Y", "", NULL, false, false },
		{ "%d/%m/%Y %H:%M", "05/02/2024", NULL, false, false },
		{ "%d/%m/%Y %H:%M", "05/02/2024 25:00", NULL, false, false },
		{ "%d/%m/%Y %H:%M", "05/02/2024 10:7", NULL, false, false },
		{ "%Y-%m-%d %H:%M:%S.%f", "2010-10-02 07:20:39.", NULL, false,
		    false },
		{ "%Y-%m-%d %H:%M:%S.%f", "2010-10-02 07:20:39.1234567890",
		    NULL, false, false },
		{ "%Y-%m-%d%z", "2010-10-02+7", NULL, false, false },
		{ "%Y-%m", "2010-10", NULL, false, false },
		{ "%q", "2010-10", NULL, false, false },
		{ "%", "%", NULL, false, false },
	};
	static const struct {
		const char *format;
		bool ok;
	} format[] = {
		{ "%Y-%m-%d", true },
		{ "%d/%m/%y %H:%M", true },
		{ "%Y-%m-%dT%H:%M:%S.%f%z", true },
		{ "100%% %d/%m/%Y", true },
		{ "%Y-%m", false },
		{ "%d/%m/%Y %M", false },
		{ "%d/%m/%Y %H:%M.%f", false },
		{ "%d/%m/%Y %y", false },
		{ "%d/%d/%m/%Y", false },
		{ "%d/%b/%Y", false },
		{ "%d/%m/%Y%", false },
		{ "", false },
	};
	struct mc_buf b = { 0 };
	bool day_only, cut;
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].text);
		mc_buf_reset(&b);
		ms = 42;
		if (row[i].utc == NULL) {
			OK(!mc_time_scan(&ms, mc_str(row[i].text),
			    row[i].format, vn, NULL, NULL));
			IS(ms, 42);
			continue;
		}
		if (!OK(mc_time_scan(&ms, mc_str(row[i].text), row[i].format,
			vn, &day_only, &cut)))
			continue;
		mc_time_put_utc(&b, ms);
		IS_STR(mc_buf_str(&b), row[i].utc);
		IS(day_only, row[i].day_only);
		IS(cut, row[i].cut);
	}
	for (i = 0; i < sizeof(format) / sizeof(format[0]); i++) {
		TAP_ROW(format[i].format);
		IS(mc_time_format_ok(format[i].format), format[i].ok);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

static void
test_put(void)
{
	struct mc_buf b = { 0 };

	mc_time_put(&b, at(2024, 2, 5, 3, 20, 0), vn);
	IS_STR(mc_buf_str(&b), "2024-02-05T10:20:00+07:00");
	mc_buf_reset(&b);
	mc_time_put(&b, at(2024, 2, 5, 3, 20, 0) + 7, vn);
	IS_STR(mc_buf_str(&b), "2024-02-05T10:20:00.007+07:00");
	mc_buf_reset(&b);
	mc_time_put_utc(&b, at(1969, 12, 31, 23, 59, 59) + 999);
	IS_STR(mc_buf_str(&b), "1969-12-31T23:59:59.999Z");
	mc_buf_reset(&b);
	mc_time_put_human(&b, at(2024, 2, 5, 3, 20, 59), vn);
	IS_STR(mc_buf_str(&b), "05/02/2024 10:20");
	/* Saigon's mean time was 7:06:30 ahead: same instant, whole minutes. */
	mc_buf_reset(&b);
	mc_time_put(&b, at(1905, 1, 1, 0, 0, 0), vn);
	IS_STR(mc_buf_str(&b), "1905-01-01T07:06:00+07:06");
	mc_buf_free(&b);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;

	if (mc_zone_open(&vn, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_zone_open(&ams, "Europe/Amsterdam", &err) == -1 ||
	    mc_zone_open(&utc, "UTC", &err) == -1) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	test_days();
	test_day_text();
	test_open();
	test_zone();
	test_against_libc();
	test_usual();
	test_parse();
	test_scan();
	test_put();
	mc_zone_free(vn);
	mc_zone_free(ams);
	mc_zone_free(utc);
	return tap_done();
}
