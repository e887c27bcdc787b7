/*
 * text.c - fuzzes text.h and charset.h.
 *
 *   - mc_utf8_check() agrees with utf8proc, byte by byte;
 *   - text made safe is UTF-8 without hostile characters, and safe text is
 *     left alone;
 *   - clean text is clean, folded text is what it folds to, both UTF-8; a
 *     folded text neither begins nor ends with '-';
 *   - cutting leaves whole characters; distances are symmetric;
 *   - an integer read is written back as it was, but for "-0" and zeros.
 */
#include <utf8proc.h>

#include <motcua/charset.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf one, two;

static size_t
utf8proc_check(struct mc_str s)
{
	utf8proc_int32_t cp;
	utf8proc_ssize_t len;
	size_t i;

	for (i = 0; i < s.len; i += (size_t)len) {
		len = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i,
		    (utf8proc_ssize_t)(s.len - i), &cp);
		if (len <= 0)
			break;
	}
	return i;
}

static bool
is_utf8(const struct mc_buf *b)
{
	return mc_utf8_check(mc_buf_str(b), b->len) == b->len;
}

static void
safe(struct mc_str s)
{
	size_t i, len;

	mc_buf_reset(&one);
	mc_buf_reset(&two);
	mc_text_safe(&one, s.p, s.len);
	HOLDS(is_utf8(&one));
	for (i = 0; i < one.len; i += len)
		HOLDS(!mc_char_hostile(
		    mc_utf8_decode(one.p + i, one.len - i, &len)));
	mc_text_safe(&two, mc_buf_str(&one), one.len);
	HOLDS(mc_str_same(fuzz_str(&one), fuzz_str(&two)));
	mc_text_width(mc_buf_str(&one), one.len);
}

static void
clean(struct mc_str s)
{
	struct mc_str a, b;

	a = mc_text_clean(s, &one);
	HOLDS(a.len == 0 || mc_utf8_check(a.p, a.len) == a.len);
	b = mc_text_clean(a, &two);
	HOLDS(mc_str_same(a, b));
}

static void
fold(struct mc_str s)
{
	mc_buf_reset(&one);
	mc_text_fold(&one, s);
	HOLDS(is_utf8(&one));
	if (one.len == 0)
		return;
	HOLDS(one.p[0] != '-' && one.p[one.len - 1] != '-');
	HOLDS(strstr(one.p, "--") == NULL);
	mc_buf_reset(&two);
	mc_text_fold(&two, fuzz_str(&one));
	HOLDS(mc_str_same(fuzz_str(&one), fuzz_str(&two)));
}

static void
integer(struct mc_str s)
{
	int64_t v;

	if (!mc_int_parse(&v, s, INT64_MIN, INT64_MAX))
		return;
	mc_buf_reset(&one);
	mc_buf_int(&one, v);
	if (s.p[s.p[0] == '-'] != '0')
		HOLDS(mc_str_same(fuzz_str(&one), s));
	HOLDS(!mc_int_parse(&v, s, 1, 0));
}

int
fuzz_text(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);
	size_t good = mc_utf8_check(s.p, s.len), half, len;
	struct mc_str head = { s.p, good }, tail;

	HOLDS(good == utf8proc_check(s));
	safe(s);
	integer(s);
	if (good == 0)
		return 0;
	half = mc_utf8_cut(s.p, good, good / 2);
	HOLDS(half <= good / 2 && mc_utf8_check(s.p, half) == half);
	tail = (struct mc_str){ s.p + half, good - half };
	if (good < 60) {
		len = mc_text_distance((struct mc_str){ s.p, half }, tail);
		HOLDS(len ==
		      mc_text_distance(tail, (struct mc_str){ s.p, half }));
		HOLDS(len <= good);
		HOLDS(mc_text_distance(head, head) == 0);
	}
	if (memchr(s.p, '\0', good) != NULL)
		return 0;
	clean(head);
	fold(head);
	fuzz_taken += good == s.len;
	return 0;
}
