/* text.h: UTF-8, widths, what a terminal may see, numbers. */
#include <stdlib.h>

#include <motcua/text.h>

#include "tap.h"

/* RFC 3629 the slow way: decode, and see that it encodes to the same. */
static size_t
naive_check(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i = 0, k, j;
	uint32_t cp;

	while (i < n) {
		k = p[i] < 0x80   ? 1
		    : p[i] < 0xC0 ? 0
		    : p[i] < 0xE0 ? 2
		    : p[i] < 0xF0 ? 3
		    : p[i] < 0xF8 ? 4
				  : 0;
		if (k == 0 || i + k > n)
			return i;
		cp = k == 1 ? p[i] : p[i] & (0xFFu >> (k + 1));
		for (j = 1; j < k; j++) {
			if (p[i + j] >> 6 != 2)
				return i;
			cp = cp << 6 | (p[i + j] & 0x3F);
		}
		if (cp < least[k] || cp > 0x10FFFF ||
		    (cp >= 0xD800 && cp < 0xE000))
			return i;
		i += k;
	}
	return n;
}

static uint32_t seed = 12345;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void
utf8(void)
{
	static const unsigned char pool[] = { 'a', 'z', 0x80, 0x8F, 0x90, 0x9F,
		0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF,
		0xF0, 0xF1, 0xF4, 0xF5, 0xFF, 0x00, 0x7F };
	unsigned char s[64];
	struct mc_buf b = { 0 };
	uint32_t cp;
	size_t i, n, len;
	int k;
	bool same = true;

	/* Every pair and triple of the bytes that matter, behind ASCII. */
	for (k = 0; k < 23 * 23 * 23 * 4; k++) {
		n = 0;
		for (i = 0; i < (size_t)(k / (23 * 23 * 23)) * 7; i++)
			s[n++] = 'x';
		s[n++] = pool[k % 23];
		s[n++] = pool[k / 23 % 23];
		s[n++] = pool[k / 23 / 23 % 23];
		same = same && mc_utf8_check((char *)s, n) == naive_check(s, n);
	}
	OK(same);
	for (k = 0, same = true; k < 200000; k++) {
		n = dice(sizeof(s));
		for (i = 0; i < n; i++)
			s[i] = dice(3) ? 'a' : pool[dice(sizeof(pool))];
		same = same && mc_utf8_check((char *)s, n) == naive_check(s, n);
	}
	OK(same);
	for (cp = 0, same = true; cp <= 0x10FFFF; cp++) {
		if (cp == 0xD800)
			cp = 0xE000;
		mc_buf_reset(&b);
		mc_utf8_put(&b, cp);
		same = same && mc_utf8_check(b.p, b.len) == b.len &&
		       mc_utf8_decode(b.p, b.len, &len) == cp && len == b.len;
	}
	OK(same);
	mc_buf_reset(&b);
	mc_utf8_put(&b, 0xD800);
	mc_utf8_put(&b, 0x110000);
	IS_STR(b.p, "\uFFFD\uFFFD");
	mc_buf_free(&b);
	IS(mc_utf8_check(NULL, 0), 0);

	IS(mc_utf8_cut("abc", 3, 5), 3);
	IS(mc_utf8_cut("abc", 3, 2), 2);
	IS(mc_utf8_cut("aạb", 5, 3), 1);
	IS(mc_utf8_cut("aạb", 5, 4), 4);
	IS(mc_utf8_cut("ạ", 3, 0), 0);
}

static void
widths(void)
{
	static const struct {
		const char *s;
		int width;
	} row[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "Đường số 5", 10 },
		{ "a\u0301\u0323", 1 },
		{ "日本", 4 },
		{ "ＡＢ", 4 },
		{ "한", 2 },
		{ "e\u200B\uFEFF", 1 },
		{ "\U0001F600", 2 },
		{ "a\xFF\xFE", 3 },
		{ "\u2014", 1 },
		{ "\u20AB", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].s);
		IS(mc_text_width(row[i].s, strlen(row[i].s)), row[i].width);
	}
	TAP_ROW(NULL);
}

static void
safety(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "", "" },
		{ "hồ sơ", "hồ sơ" },
		{ "a\x1B[2Jb", "a\uFFFD[2Jb" },
		{ "\n", "\uFFFD" },
		{ "\xC2\x9Bx", "\uFFFDx" },
		{ "a\u202Eb\u200E", "a\uFFFDb\uFFFD" },
		{ "a\xC3", "a\uFFFD" },
		{ "\xE1\xBAz", "\uFFFD\uFFFDz" },
	};
	struct mc_buf b = { 0 };
	uint32_t cp;
	size_t i;
	int hostile = 0;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		mc_buf_reset(&b);
		mc_text_safe(&b, row[i].in, strlen(row[i].in));
		IS_STR(mc_buf_str(&b), row[i].out);
	}
	mc_buf_reset(&b);
	mc_text_safe(&b, "a\0b", 3);
	IS_STR(b.p, "a\uFFFDb");
	mc_buf_free(&b);
	for (cp = 0; cp <= 0x10FFFF; cp++)
		hostile += mc_char_hostile(cp);
	/* C0, DEL and C1, ALM LRM RLM, LS PS and embeddings, isolates */
	IS(hostile, 32 + 33 + 3 + 7 + 4);
}

static void
numbers(void)
{
	static const struct {
		const char *s;
		int64_t min, max, n;
		bool ok;
	} row[] = {
		{ "0", 0, 9, 0, true },
		{ "007", 0, 9, 7, true },
		{ "-5", -9, 9, -5, true },
		{ "-5", 0, 9, 0, false },
		{ "10", 0, 9, 0, false },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX,
		    true },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN,
		    true },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, 0, false },
		{ "99999999999999999999", INT64_MIN, INT64_MAX, 0, false },
		{ "", 0, 9, 0, false },
		{ "-", -9, 9, 0, false },
		{ "+1", 0, 9, 0, false },
		{ " 1", 0, 9, 0, false },
		{ "1 ", 0, 9, 0, false },
		{ "1a", 0, 9, 0, false },
		{ "0x1", 0, 9, 0, false },
		{ "1.0", 0, 9, 0, false },
		{ "١", 0, 9, 0, false },
	};
	size_t i;
	int64_t n;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].s);
		n = 0;
		IS(mc_int_parse(&n, mc_str(row[i].s), row[i].min, row[i].max),
		    row[i].ok);
		IS(n, row[i].n);
	}
	TAP_ROW(NULL);
}

static void
pieces(void)
{
	struct mc_str head, tail;

	OK(mc_str_is(mc_str_trim(MC_STR(" \t a b\r\n")), "a b"));
	IS(mc_str_trim(MC_STR(" \n ")).len, 0);
	IS(mc_str_trim(mc_str(NULL)).len, 0);
	OK(mc_str_split(MC_STR("a:b:c"), ':', &head, &tail));
	OK(mc_str_is(head, "a") && mc_str_is(tail, "b:c"));
	OK(mc_str_split(MC_STR(":"), ':', &head, &tail));
	OK(head.len == 0 && tail.len == 0);
	OK(!mc_str_split(MC_STR("abc"), ':', &head, &tail));
	OK(!mc_str_split(mc_str(NULL), ':', &head, &tail));
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
hashes(void)
{
	static uint64_t h[100000];
	char s[32];
	size_t i, n, low[64] = { 0 }, most = 0;
	bool same = true, distinct = true;

	for (i = 0; i < 100000; i++) {
		n = (size_t)snprintf(s, sizeof(s), "H42.12-260115-%04zu", i);
		h[i] = mc_text_hash(s, n);
		low[h[i] & 63]++;
		same = same && h[i] == mc_text_hash(s, n);
	}
	qsort(h, 100000, sizeof(*h), by_value);
	for (i = 1; i < 100000; i++)
		distinct = distinct && h[i] != h[i - 1];
	for (i = 0; i < 64; i++)
		most = low[i] > most ? low[i] : most;
	OK(same);
	OK(distinct);
	OK(most < 100000 / 64 * 6 / 5);
	OK(mc_text_hash("", 0) != mc_text_hash("\0", 1));
}

/* Texts of every length, one byte of which is another, hash apart. */
static void
hashes_of_lengths(void)
{
	char s[40];
	uint64_t h, other;
	size_t n, i;
	bool apart = true;

	for (n = 1; n < sizeof(s); n++) {
		memset(s, 'a', n);
		h = mc_text_hash(s, n);
		apart = apart && h != mc_text_hash(s, n - 1);
		for (i = 0; i < n; i++) {
			s[i] = 'b';
			other = mc_text_hash(s, n);
			s[i] = 'a';
			apart = apart && other != h;
		}
	}
	OK(apart);
}

/* One text after another: where the border lies counts, and so does a key. */
static void
hashes_in_a_row(void)
{
	static const char s[] = "thu tuc hanh chinh";
	const size_t n = sizeof(s) - 1;
	uint64_t h[sizeof(s)];
	size_t i, j;
	bool apart = true;

	for (i = 0; i <= n; i++) {
		h[i] = mc_text_hash_on(mc_text_hash_on(7, s, i), s + i, n - i);
		for (j = 0; j < i; j++)
			apart = apart && h[i] != h[j];
		apart = apart && h[i] != mc_text_hash_on(8, s, n);
	}
	OK(apart);
	OK(mc_text_hash_on(mc_text_hash_on(7, "", 0), s, n) !=
	    mc_text_hash_on(7, s, n));
	OK(mc_text_hash_on(7, s, n) != mc_text_hash_on(8, s, n));
	/* Databases have such hashes of their rows. */
	OK(mc_text_hash_on(7, s, n) == UINT64_C(0xA7312E794424D055));
}

static void
distances(void)
{
	static const struct {
		const char *a, *b;
		size_t d;
	} row[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "next", "next", 0 },
		{ "nxt", "next", 1 },
		{ "nexxt", "next", 1 },
		{ "neyt", "next", 1 },
		{ "nxet", "next", 2 },
		{ "kitten", "sitting", 3 },
		{ "flaw", "lawn", 2 },
		{ "abcdef", "uvwxyz", 6 },
	};
	static char longest[65];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].a);
		IS(mc_text_distance(mc_str(row[i].a), mc_str(row[i].b)),
		    row[i].d);
		IS(mc_text_distance(mc_str(row[i].b), mc_str(row[i].a)),
		    row[i].d);
	}
	TAP_ROW(NULL);
	memset(longest, 'x', sizeof(longest));
	IS(mc_text_distance((struct mc_str){ longest, 64 }, MC_STR("")), 64);
	OK(mc_text_distance((struct mc_str){ longest, 65 }, MC_STR("")) ==
	    SIZE_MAX);
	OK(mc_text_distance(MC_STR(""), (struct mc_str){ longest, 65 }) ==
	    SIZE_MAX);
}

int
main(void)
{
	hashes_of_lengths();
	hashes_in_a_row();
	distances();
	utf8();
	widths();
	safety();
	numbers();
	pieces();
	hashes();
	return tap_done();
}
