/*
 * when.c - instants, days, zones; see when.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <motcua/text.h>
#include <motcua/when.h>

#include "when_internal.h"

#define ZONEINFO "/usr/share/zoneinfo/"
#define NAME_MAX_LEN 64

/*
 * The table of a zone is cut into slots of 2^35 ms (398 days), so that the
 * slot of an instant is a shift away; each is made when first asked for.
 */
#define SLOT_SHIFT 35
#define SLOT_BASE ((MC_DAY_MIN - 2) * MC_MS_DAY)
#define SLOT_END ((MC_DAY_MAX + 3) * MC_MS_DAY)
#define SLOTS                                                                  \
	((int)((((int64_t)MC_DAY_MAX - MC_DAY_MIN + 5) * MC_MS_DAY) >>         \
	       SLOT_SHIFT) +                                                   \
	    1)
#define WEEK (7 * 86400)

struct segment {
	int64_t until; /* exclusive; INT64_MAX for the last of a slot */
	int32_t offset;
};

struct slot {
	MC_VEC(struct segment) seg;
};

struct mc_zone {
	char name[NAME_MAX_LEN + 1];
	_Atomic(struct slot *) slot[SLOTS];
};

/* glibc has one zone at a time: whose, is guarded together with the work. */
static pthread_mutex_t libc_lock = PTHREAD_MUTEX_INITIALIZER;
static char libc_zone[NAME_MAX_LEN + 1];

/* Days since 1970-01-01 of any Gregorian date (years from March on). */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = floor_div(y, 400);
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* ---- zones ---- */

static void
libc_use(const char *name)
{
	char tz[sizeof(ZONEINFO) + NAME_MAX_LEN + 1];
	size_t n = strlen(name);

	if (strcmp(libc_zone, name) == 0)
		return;
	if (strcmp(name, "UTC") == 0)
		memcpy(tz, "UTC0", sizeof("UTC0"));
	else {
		tz[0] = ':';
		memcpy(tz + 1, ZONEINFO, sizeof(ZONEINFO) - 1);
		memcpy(tz + sizeof(ZONEINFO), name, n + 1);
	}
	if (setenv("TZ", tz, 1) == -1)
		abort();
	tzset();
	memcpy(libc_zone, name, n + 1);
}

/* tm_gmtoff is not in POSIX; the difference of the two clocks is. */
static int32_t
libc_offset(int64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;
	int64_t local;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	local = days_from_civil(
		    (int64_t)tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) *
		    86400 +
		tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	return (int32_t)(local - s);
}

/* The first second in (lo, hi] with another offset than lo's; hi has one. */
static int64_t
find_change(int64_t lo, int64_t hi, int32_t offset)
{
	int64_t mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (libc_offset(mid) == offset)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

static struct slot *
slot_make(int k)
{
	struct slot *slot = mc_calloc(1, sizeof(*slot));
	int64_t lo = SLOT_BASE + ((int64_t)k << SLOT_SHIFT);
	int64_t hi = lo + (INT64_C(1) << SLOT_SHIFT);
	int64_t at = floor_div(lo, 1000), end = floor_div(hi - 1, 1000), next;
	int32_t offset = libc_offset(at), other;
	struct segment seg;

	while (at < end) {
		next = at + WEEK < end ? at + WEEK : end;
		while ((other = libc_offset(next)) != offset) {
			at = find_change(at, next, offset);
			seg = (struct segment){ at * 1000, offset };
			mc_vec_push(&slot->seg, seg);
			offset = libc_offset(at);
		}
		at = next;
	}
	seg = (struct segment){ INT64_MAX, offset };
	mc_vec_push(&slot->seg, seg);
	return slot;
}

/* Kept out of its callers, whose usual path is a few instructions. */
__attribute__((noinline, cold)) static const struct slot *
slot_load(const struct mc_zone *zone, int k)
{
	/* The table is a cache: filling it leaves the zone what it was. */
	union {
		const struct mc_zone *in;
		struct mc_zone *out;
	} z = { .in = zone };
	struct slot *slot;

	pthread_mutex_lock(&libc_lock);
	slot = atomic_load_explicit(&zone->slot[k], memory_order_relaxed);
	if (slot == NULL) {
		libc_use(zone->name);
		slot = slot_make(k);
		atomic_store_explicit(
		    &z.out->slot[k], slot, memory_order_release);
	}
	pthread_mutex_unlock(&libc_lock);
	return slot;
}

/* Plain relative name, no "..", and a compiled zone file behind it? */
static bool
zone_exists(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789_+-/";
	char path[sizeof(ZONEINFO) + NAME_MAX_LEN], magic[4];
	struct stat st;
	size_t n = strlen(name);
	bool ok;
	int fd;

	if (strcmp(name, "UTC") == 0)
		return true;
	if (n == 0 || n > NAME_MAX_LEN || name[0] == '/' ||
	    strspn(name, plain) != n)
		return false;
	memcpy(path, ZONEINFO, sizeof(ZONEINFO) - 1);
	memcpy(path + sizeof(ZONEINFO) - 1, name, n + 1);
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	ok = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	     memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return ok;
}

int
mc_zone_open(struct mc_zone **out, const char *name, struct mc_err *err)
{
	struct mc_zone *zone;

	*out = NULL;
	if (!zone_exists(name)) {
		mc_err(err, MC_EDATA, "E_ZONE", "no such time zone \"%.*s\"",
		    (int)mc_utf8_cut(name, strlen(name), NAME_MAX_LEN), name);
		return mc_err_advise(err,
		    "names are those of the tz database, such as "
		    "\"Asia/Ho_Chi_Minh\"; it is in the package tzdata");
	}
	zone = mc_calloc(1, sizeof(*zone));
	memcpy(zone->name, name, strlen(name) + 1);
	*out = zone;
	return 0;
}

void
mc_zone_free(struct mc_zone *zone)
{
	struct slot *slot;
	int i;

	if (zone == NULL)
		return;
	for (i = 0; i < SLOTS; i++) {
		slot = atomic_load(&zone->slot[i]);
		if (slot != NULL)
			mc_vec_free(&slot->seg);
		free(slot);
	}
	free(zone);
}

const char *
mc_zone_name(const struct mc_zone *zone)
{
	return zone->name;
}

static int64_t
clamp(int64_t ms)
{
	return ms < SLOT_BASE ? SLOT_BASE : ms > SLOT_END ? SLOT_END : ms;
}

/* Of an instant that is clamped. */
static inline int32_t
offset_at(const struct mc_zone *zone, int64_t ms)
{
	const struct slot *slot;
	const struct segment *seg;
	int k;

	k = (int)((ms - SLOT_BASE) >> SLOT_SHIFT);
	slot = atomic_load_explicit(&zone->slot[k], memory_order_acquire);
	if (slot == NULL)
		slot = slot_load(zone, k);
	for (seg = slot->seg.p; ms >= seg->until;)
		seg++;
	return seg->offset;
}

int32_t
mc_zone_offset(const struct mc_zone *zone, int64_t ms)
{
	return offset_at(zone, clamp(ms));
}

/*
 * Does one offset hold from a day before to a day after?  Then it is that of
 * the local time, as none is larger than a day.  False: not known here.
 */
static inline bool
steady(const struct mc_zone *zone, int64_t local, int32_t *offset)
{
	int64_t from = local - MC_MS_DAY, to = local + MC_MS_DAY;
	int64_t k = (from - SLOT_BASE) >> SLOT_SHIFT;
	const struct segment *seg;
	const struct slot *slot;

	if (from < SLOT_BASE || to > SLOT_END ||
	    (to - SLOT_BASE) >> SLOT_SHIFT != k)
		return false;
	slot = atomic_load_explicit(&zone->slot[k], memory_order_acquire);
	if (slot == NULL)
		return false;
	for (seg = slot->seg.p; from >= seg->until;)
		seg++;
	*offset = seg->offset;
	return to < seg->until;
}

/*
 * Offsets a day before and a day after bracket the true one (none is larger
 * than a day).  Where they differ, the one before the change wins whenever
 * it holds (which is the first of two) and when neither does (a gap: the
 * clock is read on as if it had not been moved).
 */
int64_t
mc_zone_instant(const struct mc_zone *zone, int32_t day, int64_t ms_of_day)
{
	int64_t local = day * MC_MS_DAY + ms_of_day, first, second;
	int32_t before, after;

	if (steady(zone, local, &before))
		return local - before * INT64_C(1000);
	before = mc_zone_offset(zone, local - MC_MS_DAY);
	after = mc_zone_offset(zone, local + MC_MS_DAY);
	first = local - before * INT64_C(1000);
	if (before == after || mc_zone_offset(zone, first) == before)
		return first;
	second = local - after * INT64_C(1000);
	return mc_zone_offset(zone, second) == after ? second : first;
}

int32_t
mc_zone_day(const struct mc_zone *zone, int64_t ms)
{
	ms = clamp(ms);
	return (int32_t)floor_div(
	    ms + offset_at(zone, ms) * INT64_C(1000), MC_MS_DAY);
}

int64_t
mc_zone_ms_of_day(const struct mc_zone *zone, int64_t ms)
{
	int64_t local;

	ms = clamp(ms);
	local = ms + offset_at(zone, ms) * INT64_C(1000);
	return local - floor_div(local, MC_MS_DAY) * MC_MS_DAY;
}

/* ---- days ---- */

/* days_from_civil() of our years, where no number is below zero. */
static inline int32_t
day_of_good(int year, int month, int day)
{
	unsigned y = (unsigned)(year - (month <= 2));
	unsigned m = (unsigned)(month + (month > 2 ? -3 : 9));

	return (int32_t)(y * 365 + y / 4 - y / 100 + y / 400 +
			 (153 * m + 2) / 5 + (unsigned)day - 1) -
	       719468;
}

int32_t
mc_day_of(int year, int month, int day)
{
	static const int8_t length[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 ||
	    day > length[month - 1])
		return MC_NODAY;
	if (month == 2 && day == 29 &&
	    (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return MC_NODAY;
	return day_of_good(year, month, day);
}

/*
 * Divisions by constants, and remainders without a second one: C. Neri and
 * L. Schneider, "Euclidean affine functions and their application to calendar
 * algorithms" (2022).  Any int32_t, as years of either sign.
 */
#define ERAS 14700 /* of 400 years: more than there are below zero */
void
mc_day_civil(int32_t day, int *year, int *month, int *dom)
{
	/* Days from 1 March of a year far enough back, a multiple of 400. */
	uint64_t n = (uint64_t)(day + 719468 + INT64_C(146097) * ERAS) * 4 + 3;
	uint32_t of_century = (uint32_t)(n % 146097) | 3;
	uint64_t y = (uint64_t)of_century * 2939745;
	uint32_t of_year = (uint32_t)y / 2939745 / 4;
	uint32_t m = of_year * 2141 + 197913;
	bool next = of_year >= 306; /* January and February */

	*dom = (int)((m & 0xFFFF) / 2141) + 1;
	*month = (int)(m >> 16) - (next ? 12 : 0);
	*year =
	    (int)((int64_t)(n / 146097 * 100 + (y >> 32)) - 400 * ERAS) + next;
}

int
mc_day_weekday(int32_t day)
{
	int w = (int)(((int64_t)day + 3) % 7);

	return w < 0 ? w + 7 : w;
}

/* ---- reading ---- */

struct scan {
	const char *p, *end;
};

static struct scan
scan_of(struct mc_str s)
{
	return (struct scan){ s.p, s.len == 0 ? s.p : s.p + s.len };
}

/* Between min and max digits, as many as there are; -1 when there are not. */
static int
scan_int(struct scan *s, int min, int max)
{
	int v = 0, n = 0;

	while (n < max && s->p < s->end && (unsigned)(*s->p - '0') < 10) {
		v = v * 10 + (*s->p++ - '0');
		n++;
	}
	return n < min ? -1 : v;
}

static bool
scan_char(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* Milliseconds of a decimal fraction; -1 without 1 to `max` digits. */
static int
scan_fraction(struct scan *s, int max, bool *cut)
{
	int ms = 0, scale = 100, n;

	for (n = 0; s->p < s->end && (unsigned)(*s->p - '0') < 10; n++) {
		if (n == max)
			return -1;
		ms += (*s->p - '0') * scale;
		if (n >= 3 && *s->p != '0')
			*cut = true;
		scale /= 10;
		s->p++;
	}
	return n == 0 ? -1 : ms;
}

/*
 * Z, +07:00 and, when `loose`, +07 and +0700: minutes east into *out.
 */
static bool
scan_offset(struct scan *s, bool loose, int *out)
{
	int sign, h, m = 0;
	bool colon;

	if (scan_char(s, 'Z') || scan_char(s, 'z')) {
		*out = 0;
		return true;
	}
	if (scan_char(s, '+'))
		sign = 1;
	else if (scan_char(s, '-'))
		sign = -1;
	else
		return false;
	if ((h = scan_int(s, 2, 2)) == -1 || h > 23)
		return false;
	colon = scan_char(s, ':');
	if (colon || !loose ||
	    (s->p < s->end && (unsigned)(*s->p - '0') < 10)) {
		if (!colon && !loose)
			return false;
		if ((m = scan_int(s, 2, 2)) == -1 || m > 59)
			return false;
	}
	*out = sign * (h * 60 + m);
	return true;
}

int32_t
mc_day_parse(struct mc_str s)
{
	struct scan in = scan_of(s);
	int y, m, d;

	if (s.len != 10 || (y = scan_int(&in, 4, 4)) == -1 ||
	    !scan_char(&in, '-') || (m = scan_int(&in, 2, 2)) == -1 ||
	    !scan_char(&in, '-') || (d = scan_int(&in, 2, 2)) == -1)
		return MC_NODAY;
	return mc_day_of(y, m, d);
}

int32_t
mc_minute_parse(struct mc_str s)
{
	struct scan in = scan_of(s);
	int h, m;

	if (s.len != 5 || (h = scan_int(&in, 2, 2)) == -1 ||
	    !scan_char(&in, ':') || (m = scan_int(&in, 2, 2)) == -1 || m > 59 ||
	    h * 60 + m > 1440)
		return -1;
	return h * 60 + m;
}

/* What was read, before it is an instant. */
struct stamp {
	int32_t day;
	int h, m, s, ms;
	int offset; /* minutes east */
	bool has_offset, day_only, cut;
};

static bool
stamp_instant(int64_t *out, const struct stamp *t, const struct mc_zone *zone)
{
	int64_t of_day, at;
	int32_t day, offset;

	if (t->day == MC_NODAY || t->h > 23 || t->m > 59 || t->s > 59)
		return false;
	of_day = ((t->h * 60 + t->m) * 60 + t->s) * INT64_C(1000) + t->ms;
	if (t->has_offset) {
		at = t->day * MC_MS_DAY + of_day - t->offset * INT64_C(60000);
		day = mc_zone_day(zone, at);
	} else if (steady(zone, t->day * MC_MS_DAY + of_day, &offset)) {
		at = t->day * MC_MS_DAY + of_day - offset * INT64_C(1000);
		day = t->day;
	} else {
		at = mc_zone_instant(zone, t->day, of_day);
		day = mc_zone_day(zone, at);
	}
	/* In UTC too: the log writes it so, and reads nothing else again. */
	if (day < MC_DAY_MIN || day > MC_DAY_MAX ||
	    at < MC_DAY_MIN * MC_MS_DAY || at >= (MC_DAY_MAX + 1) * MC_MS_DAY)
		return false;
	*out = at;
	return true;
}

static bool
stamp_read(struct stamp *t, struct mc_str s)
{
	struct scan in = scan_of(s);

	if (s.len < 10)
		return false;
	t->day = mc_day_parse((struct mc_str){ s.p, 10 });
	in.p += 10;
	t->day_only = in.p == in.end;
	if (t->day_only)
		return true;
	if (!scan_char(&in, 'T') && !scan_char(&in, ' ') &&
	    !scan_char(&in, 't'))
		return false;
	if ((t->h = scan_int(&in, 2, 2)) == -1 || !scan_char(&in, ':') ||
	    (t->m = scan_int(&in, 2, 2)) == -1)
		return false;
	if (scan_char(&in, ':')) {
		if ((t->s = scan_int(&in, 2, 2)) == -1)
			return false;
		if (scan_char(&in, '.') &&
		    (t->ms = scan_fraction(&in, 30, &t->cut)) == -1)
			return false;
	}
	if (in.p != in.end) {
		if (!scan_offset(&in, false, &t->offset))
			return false;
		t->has_offset = true;
	}
	return in.p == in.end;
}

static void
stamp_flags(const struct stamp *t, bool *day_only, bool *cut)
{
	if (day_only != NULL)
		*day_only = t->day_only;
	if (cut != NULL)
		*cut = t->cut;
}

int
mc_time_parse(int64_t *out, struct mc_str s, const struct mc_zone *zone,
    bool *day_only, bool *cut, struct mc_err *err)
{
	struct stamp t = { 0 };

	if (stamp_read(&t, s) && stamp_instant(out, &t, zone)) {
		stamp_flags(&t, day_only, cut);
		return 0;
	}
	mc_err(err, MC_EUSAGE, "E_DATE", "no such time \"%.*s\"",
	    (int)(s.len == 0 ? 0 : mc_utf8_cut(s.p, s.len, 40)),
	    s.len == 0 ? "" : s.p);
	return mc_err_advise(err,
	    "write it as 2024-02-05, \"2024-02-05 10:20\" or "
	    "2024-02-05T10:20:00+07:00; years 1900 to 2199");
}

bool
mc_time_scan(int64_t *out, struct mc_str s, const char *format,
    const struct mc_zone *zone, bool *day_only, bool *cut)
{
	struct scan in = scan_of(s);
	struct stamp t = { .day_only = true };
	int y = -1, mo = -1, d = -1, v = 0;
	const char *f;

	for (f = format; *f != '\0'; f++) {
		if (*f != '%') {
			if (in.p == in.end || *in.p++ != *f)
				return false;
			continue;
		}
		switch (*++f) {
		case 'Y':
			v = y = scan_int(&in, 4, 4);
			break;
		case 'm':
			v = mo = scan_int(&in, 1, 2);
			break;
		case 'd':
			v = d = scan_int(&in, 1, 2);
			break;
		case 'H':
			v = t.h = scan_int(&in, 1, 2);
			t.day_only = false;
			break;
		case 'M':
			v = t.m = scan_int(&in, 2, 2);
			break;
		case 'S':
			v = t.s = scan_int(&in, 2, 2);
			break;
		case 'y':
			if ((v = scan_int(&in, 2, 2)) != -1)
				y = v < 70 ? 2000 + v : 1900 + v;
			break;
		case 'f':
			v = t.ms = scan_fraction(&in, 9, &t.cut);
			break;
		case 'z':
			t.has_offset = true;
			v = scan_offset(&in, true, &t.offset) ? 0 : -1;
			break;
		case '%':
			v = scan_char(&in, '%') ? 0 : -1;
			break;
		default:
			return false;
		}
		if (v == -1)
			return false;
	}
	if (in.p != in.end)
		return false;
	t.day = mc_day_of(y, mo, d);
	if (!stamp_instant(out, &t, zone))
		return false;
	stamp_flags(&t, day_only, cut);
	return true;
}

/*
 * Zero where the eight characters at p are those of `shape`, a digit where
 * it has '0'; slack is what each may still be over: 6 for a digit (so that
 * none passes 15), else 15.
 */
static inline uint64_t
misfit(const char *p, const char *shape, const char *slack)
{
	const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0);
	uint64_t over, want, more;

	memcpy(&over, p, 8);
	memcpy(&want, shape, 8);
	memcpy(&more, slack, 8);
	over ^= want;
	return (over | (over + more)) & high;
}

static inline int
two_digits(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

bool
mc_time_usual(int64_t *out, struct mc_str s, const struct mc_zone *zone)
{
	struct stamp t = { 0 };
	const char *p = s.p;

	if (s.len != 19 ||
	    (misfit(p, "0000-00-", "\6\6\6\6\17\6\6\17") |
		misfit(p + 8, "00 00:00", "\6\6\17\6\6\17\6\6") |
		misfit(p + 11, "00:00:00", "\6\6\17\6\6\17\6\6")) != 0)
		return false;
	t.day = mc_day_of(two_digits(p) * 100 + two_digits(p + 2),
	    two_digits(p + 5), two_digits(p + 8));
	t.h = two_digits(p + 11);
	t.m = two_digits(p + 14);
	t.s = two_digits(p + 17);
	return stamp_instant(out, &t, zone);
}

bool
mc_time_format_ok(const char *format)
{
	static const char known[] = "YymdHMSfz";
	unsigned seen = 0, bit;
	const char *f, *at;

	for (f = format; *f != '\0'; f++) {
		if (*f != '%' || *++f == '%')
			continue;
		if (*f == '\0' || (at = strchr(known, *f)) == NULL)
			return false;
		bit = 1U << (at == known ? 1 : at - known); /* Y and y alike */
		if (seen & bit)
			return false;
		seen |= bit;
	}
	/* y m d there; then each of H M S f only with the one before it. */
	if ((seen & 0xeU) != 0xeU)
		return false;
	seen = seen >> 4 & 0xfU;
	return (seen & (seen + 1)) == 0;
}
