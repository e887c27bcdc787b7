/*
 * charset.c - normal form, cleaning and folding; utf8proc where it is needed.
 *
 * Ordinary Vietnamese text is ASCII and precomposed letters, so each
 * function first looks for anything else and mostly finds nothing.
 */
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <utf8proc.h>

#include <motcua/charset.h>
#include <motcua/text.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* First byte from i on that is not ASCII, or n. */
static size_t
skip_ascii(const char *p, size_t n, size_t i)
{
	uint64_t v;

	while (n - i >= 8) {
		memcpy(&v, p + i, 8);
		if (v & HIGH_BITS)
			break;
		i += 8;
	}
	while (i < n && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

/*
 * A character that text in NFC may hold anywhere: it neither decomposes
 * nor combines with what stands before it.  Not all such, only the ranges
 * that occur; the unit test compares them with utf8proc.
 */
static bool
inert(uint32_t cp)
{
	return cp < 0x0300 || (cp >= 0x1E00 && cp <= 0x1EFF) ||
	       (cp >= 0x2002 && cp <= 0x20CF) || (cp >= 0x4E00 && cp <= 0x9FFF);
}

bool
mc_nfc_is(struct mc_str s)
{
	size_t i = 0, len;

	while ((i = skip_ascii(s.p, s.len, i)) < s.len) {
		if (!inert(mc_utf8_decode(s.p + i, s.len - i, &len)))
			return false;
		i += len;
	}
	return true;
}

/* What a character becomes before normalisation: 0 = nothing. */
static uint32_t
cleaned(uint32_t cp)
{
	switch (cp) {
	case 0x00A0: /* no-break space */
	case 0x2007: /* figure space */
	case 0x202F: /* narrow no-break space */
		return ' ';
	case 0x00D0: /* Eth, drawn like D with stroke */
		return 0x0110;
	case 0x00F0:
		return 0x0111;
	case 0x200B: /* zero-width space, non-joiner, joiner */
	case 0x200C:
	case 0x200D:
	case 0x2060: /* word joiner */
	case 0xFEFF: /* byte order mark */
		return 0;
	default:
		return cp;
	}
}

static bool
is_clean(struct mc_str s)
{
	size_t i = 0, len;
	uint32_t cp;

	while ((i = skip_ascii(s.p, s.len, i)) < s.len) {
		cp = mc_utf8_decode(s.p + i, s.len - i, &len);
		if (!inert(cp) || cleaned(cp) != cp)
			return false;
		i += len;
	}
	return true;
}

static bool
follows(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* mc_text_plain() of what begins at p[i], character by character. */
static bool
plain_from(const unsigned char *p, size_t n, size_t i)
{
	while (i < n)
		if (p[i] < 0x80 && p[i] != '\0')
			i++;
		else if (p[i] >= 0xC3 && p[i] <= 0xCB && n - i >= 2 &&
			 follows(p[i + 1]) &&
			 (p[i] != 0xC3 || (p[i + 1] & 0xDF) != 0x90))
			i += 2;
		else if (p[i] == 0xE1 && n - i >= 3 &&
			 (p[i + 1] & 0xFC) == 0xB8 && follows(p[i + 2]))
			i += 3;
		else
			return false;
	return true;
}

#ifdef __SSE2__
static inline __m128i
equal(__m128i x, int c)
{
	return _mm_cmpeq_epi8(x, _mm_set1_epi8((char)c));
}

static inline __m128i
masked_equal(__m128i x, int mask, int c)
{
	return equal(_mm_and_si128(x, _mm_set1_epi8((char)mask)), c);
}

/* first .. last, both from 80 on: so they are below zero. */
static inline __m128i
within(__m128i x, int first, int last)
{
	return _mm_and_si128(
	    _mm_cmpgt_epi8(x, _mm_set1_epi8((char)(first - 1))),
	    _mm_cmplt_epi8(x, _mm_set1_epi8((char)(last + 1))));
}

/*
 * Not zero where plain_from() would not pass: a byte of x, or as the lead of
 * what follows it the byte before each, or the one two before.
 */
static inline __m128i
wrong_bytes(__m128i x, __m128i lead, __m128i second)
{
	/* Signed, 80 .. BF are the least of all, C0 .. FF what is below zero. */
	__m128i follow = _mm_cmplt_epi8(x, _mm_set1_epi8((char)0xC0));
	__m128i any_lead =
	    _mm_andnot_si128(_mm_cmplt_epi8(lead, _mm_set1_epi8((char)0xC0)),
		_mm_cmplt_epi8(lead, _mm_setzero_si128()));
	__m128i three = equal(lead, 0xE1);
	__m128i good_lead = _mm_or_si128(within(lead, 0xC3, 0xCB), three);
	__m128i expected = _mm_or_si128(good_lead, equal(second, 0xE1));
	__m128i eth =
	    _mm_and_si128(equal(lead, 0xC3), masked_equal(x, 0xDF, 0x90));
	__m128i no_letter =
	    _mm_andnot_si128(masked_equal(x, 0xFC, 0xB8), three);

	return _mm_or_si128(_mm_or_si128(_mm_xor_si128(any_lead, good_lead),
				_mm_xor_si128(expected, follow)),
	    _mm_or_si128(eth, no_letter));
}

/* From which character on plain_from() has to look; n + 1: it is not plain. */
static size_t
plain_blocks(const unsigned char *p, size_t n)
{
	__m128i x, lead, second, wrong = _mm_setzero_si128();
	size_t i;

	for (i = 0; n - i >= 16; i += 16) {
		memcpy(&x, p + i, sizeof(x));
		if (i == 0) {
			lead = _mm_slli_si128(x, 1);
			second = _mm_slli_si128(x, 2);
		} else {
			memcpy(&lead, p + i - 1, sizeof(x));
			memcpy(&second, p + i - 2, sizeof(x));
		}
		wrong = _mm_or_si128(wrong, equal(x, '\0'));
		if (_mm_movemask_epi8(_mm_or_si128(x, second)) != 0)
			wrong =
			    _mm_or_si128(wrong, wrong_bytes(x, lead, second));
	}
	if (_mm_movemask_epi8(wrong) != 0)
		return n + 1;
	/* Back to the start of a character that goes on. */
	if (i > 0 && p[i - 1] >= 0xC0)
		return i - 1;
	return i > 0 && p[i - 2] >= 0xE0 ? i - 2 : i;
}
#else
static size_t
plain_blocks(const unsigned char *p, size_t n)
{
	(void)p;
	(void)n;
	return 0;
}
#endif

bool
mc_text_plain(struct mc_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = plain_blocks(p, s.len);

	return i <= s.len && plain_from(p, s.len, i);
}

/*
 * utf8proc's decomposition of s, in memory of our own (utf8proc_map would
 * use malloc).  The caller frees.  The options never make it fail on valid
 * UTF-8; what it cannot read counts as empty.
 */
static utf8proc_int32_t *
decompose(struct mc_str s, utf8proc_option_t options, size_t *count)
{
	utf8proc_ssize_t cap = (utf8proc_ssize_t)s.len + 16, n;
	utf8proc_int32_t *cp = mc_realloc(NULL, (size_t)cap, sizeof(*cp));

	n = utf8proc_decompose((const utf8proc_uint8_t *)s.p,
	    (utf8proc_ssize_t)s.len, cp, cap, options);
	if (n > cap) {
		cap = n;
		cp = mc_realloc(cp, (size_t)cap, sizeof(*cp));
		n = utf8proc_decompose((const utf8proc_uint8_t *)s.p,
		    (utf8proc_ssize_t)s.len, cp, cap, options);
	}
	*count = n > 0 && n <= cap ? (size_t)n : 0;
	return cp;
}

static void
put_nfc(struct mc_buf *b, struct mc_str s)
{
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_int32_t *cp;
	utf8proc_ssize_t n;
	size_t count, i;

	cp = decompose(s, options, &count);
	n = utf8proc_normalize_utf32(cp, (utf8proc_ssize_t)count, options);
	for (i = 0; n > 0 && i < (size_t)n; i++)
		mc_utf8_put(b, (uint32_t)cp[i]);
	free(cp);
}

struct mc_str
mc_text_clean(struct mc_str s, struct mc_buf *scratch)
{
	struct mc_buf plain = { 0 };
	struct mc_str r;
	size_t i, len;
	uint32_t cp;

	s = mc_str_trim(s);
	if (mc_text_plain(s) || is_clean(s))
		return s;
	for (i = 0; i < s.len; i += len) {
		cp = cleaned(mc_utf8_decode(s.p + i, s.len - i, &len));
		if (cp != 0)
			mc_utf8_put(&plain, cp);
	}
	r = (struct mc_str){ mc_buf_str(&plain), plain.len };
	mc_buf_reset(scratch);
	if (mc_nfc_is(r))
		mc_buf_add(scratch, r.p, r.len);
	else
		put_nfc(scratch, r);
	mc_buf_free(&plain);
	r = mc_str_trim((struct mc_str){ mc_buf_str(scratch), scratch->len });
	if (r.len == s.len && memcmp(r.p, s.p, s.len) == 0)
		return s;
	return r;
}

static bool
is_word(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return false;
	}
}

/* Add one folded character; between is true after anything but words. */
static void
fold_put(struct mc_buf *b, size_t start, uint32_t cp, bool *between)
{
	if (*between && b->len > start)
		mc_buf_putc(b, '-');
	*between = false;
	mc_utf8_put(b, cp);
}

void
mc_text_fold(struct mc_buf *b, struct mc_str s)
{
	const utf8proc_option_t options =
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
	    UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK;
	size_t start = b->len, i, count;
	utf8proc_int32_t *cp;
	bool between = false;
	char c;

	if (skip_ascii(s.p, s.len, 0) == s.len) {
		for (i = 0; i < s.len; i++) {
			c = s.p[i];
			if (c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
			if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
				fold_put(b, start, (unsigned char)c, &between);
			else
				between = true;
		}
		return;
	}
	cp = decompose(s, options, &count);
	for (i = 0; i < count; i++) {
		if (cp[i] == 0x0111 || cp[i] == 0x00F0)
			fold_put(b, start, 'd', &between);
		else if (is_word((uint32_t)cp[i]))
			fold_put(b, start, (uint32_t)cp[i], &between);
		else if (cleaned((uint32_t)cp[i]) != 0)
			between = true;
	}
	free(cp);
}

/* The marks of the five tones that are written. */
static bool
is_tone(utf8proc_int32_t cp)
{
	return cp == 0x0300 || cp == 0x0301 || cp == 0x0303 || cp == 0x0309 ||
	       cp == 0x0323;
}

void
mc_text_caseless(struct mc_buf *b, struct mc_str s)
{
	const utf8proc_option_t options =
	    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
	size_t start = b->len, i, count;
	utf8proc_int32_t tone = 0, *cp = decompose(s, options, &count);

	for (i = 0; i <= count; i++) {
		if (i < count && is_tone(cp[i]) && tone == 0) {
			tone = cp[i];
			continue;
		}
		if (tone != 0 &&
		    (i == count || (!is_word((uint32_t)cp[i]) &&
				       utf8proc_category(cp[i]) !=
					   UTF8PROC_CATEGORY_MN))) {
			mc_utf8_put(b, (uint32_t)tone);
			tone = 0;
		}
		if (i == count)
			break;
		if (utf8proc_category(cp[i]) == UTF8PROC_CATEGORY_ZS ||
		    cp[i] == '\n' || cp[i] == '\t' || cp[i] == '\r') {
			if (b->len > start && b->p[b->len - 1] != ' ')
				mc_buf_putc(b, ' ');
		} else {
			mc_utf8_put(b, (uint32_t)cp[i]);
		}
	}
	free(cp);
}
