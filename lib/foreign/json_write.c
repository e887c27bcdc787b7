/* json_write.c - the writer, and RFC 8785's form of a value. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "json_internal.h"

#define SAFE_INT INT64_C(9007199254740991) /* 2^53 - 1, RFC 8785 3.2.2.3 */

/* 0 = as it is, 'u' = \u00XX, anything else follows a backslash. */
/* clang-format off */
static const char escape[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\',
};
/* clang-format on */

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)
/* High bit of each byte that is zero (and perhaps of bytes after one). */
#define ZEROS(v) (((v)-ONES) & ~(v)&HIGHS)

/* Is any of the eight bytes one that must be escaped?  May say yes wrongly
 * only after one that must, which is no harm. */
static bool
needs_escape(uint64_t v)
{
	return (((v - ONES * 0x20) & ~v & HIGHS) | ZEROS(v ^ (ONES * '"')) |
		   ZEROS(v ^ (ONES * '\\'))) != 0;
}

/*
 * Texts are copied and looked at in one go, in pieces of a fixed size of
 * which the last two may overlap.  False: it does not stand in quotes as it
 * is, and what was written is of no use.
 */
#ifdef __SSE2__
/* needs_escape() of sixteen bytes, without its false alarms. */
static inline bool
copy16(char *to, const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	_mm_storeu_si128((__m128i *)(void *)to, v);
	return _mm_movemask_epi8(
		   _mm_or_si128(low, _mm_or_si128(quote, slash))) == 0;
}
#else
static inline bool
copy16(char *to, const char *p)
{
	uint64_t v[2];

	memcpy(v, p, 16);
	memcpy(to, v, 16);
	return !needs_escape(v[0]) && !needs_escape(v[1]);
}
#endif

static inline bool
copy_long(char *to, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i + 16 < n; i += 16)
		if (!copy16(to + i, p + i))
			return false;
	return copy16(to + n - 16, p + n - 16);
}

static inline bool
copy_plain(char *to, const char *p, size_t n)
{
	uint64_t v, w;
	uint32_t lo, hi;
	size_t i;

	if (n >= 16)
		return copy_long(to, p, n);
	if (n >= 8) {
		memcpy(&v, p, 8);
		memcpy(&w, p + n - 8, 8);
		memcpy(to, &v, 8);
		memcpy(to + n - 8, &w, 8);
		return !needs_escape(v) && !needs_escape(w);
	}
	if (n >= 4) {
		memcpy(&lo, p, 4);
		memcpy(&hi, p + n - 4, 4);
		memcpy(to, &lo, 4);
		memcpy(to + n - 4, &hi, 4);
		return !needs_escape((uint64_t)hi << 32 | lo);
	}
	for (i = 0; i < n; i++) {
		if (escape[(unsigned char)p[i]] != 0)
			return false;
		to[i] = p[i];
	}
	return true;
}

static char *
put_escaped(char *to, const char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;
	char how;

	for (i = 0; i < n; i++) {
		how = escape[(unsigned char)p[i]];
		if (how == 0) {
			*to++ = p[i];
			continue;
		}
		*to++ = '\\';
		*to++ = how;
		if (how != 'u')
			continue;
		*to++ = '0';
		*to++ = '0';
		*to++ = hex[(unsigned char)p[i] >> 4];
		*to++ = hex[(unsigned char)p[i] & 15];
	}
	return to;
}

char *
mc_json_put(char *to, const char *p, size_t n)
{
	*to++ = '"';
	to = copy_plain(to, p, n) ? to + n : put_escaped(to, p, n);
	*to++ = '"';
	return to;
}

/* Most texts need no more room than they have. */
void
mc_json_quote(struct mc_buf *b, const char *p, size_t n)
{
	char *to = mc_buf_room(b, n + 2);

	if (copy_plain(to + 1, p, n)) {
		to[0] = to[n + 1] = '"';
		to += n + 2;
	} else {
		to = mc_buf_room(b, n * MC_JSON_ESCAPED + 2);
		*to = '"';
		to = put_escaped(to + 1, p, n);
		*to++ = '"';
	}
	*to = '\0';
	b->len = (size_t)(to - b->p);
}

struct mc_jw
mc_jw(struct mc_buf *b)
{
	return (struct mc_jw){ .b = b, .depth = 0, .first = 1 };
}

/* The comma before a value, unless it is the first or follows its key. */
static void
separate(struct mc_jw *w)
{
	uint64_t bit = UINT64_C(1) << w->depth;

	if (w->first & bit)
		w->first &= ~bit;
	else
		mc_buf_putc(w->b, ',');
}

void
mc_jw_open(struct mc_jw *w, char bracket)
{
	if (w->depth >= 63)
		abort(); /* our own nesting, never the input's */
	separate(w);
	mc_buf_putc(w->b, bracket);
	w->first |= UINT64_C(1) << ++w->depth;
}

void
mc_jw_close(struct mc_jw *w, char bracket)
{
	if (w->depth == 0)
		abort();
	w->depth--;
	mc_buf_putc(w->b, bracket);
}

/* After the colon the value must have no comma: it counts as a first one. */
void
mc_jw_key(struct mc_jw *w, const char *key)
{
	mc_jw_name(w, mc_str(key));
}

void
mc_jw_name(struct mc_jw *w, struct mc_str key)
{
	uint64_t bit = UINT64_C(1) << w->depth;
	char *to = mc_buf_room(w->b, key.len * MC_JSON_ESCAPED + 4);

	/* As separate() has it, but that there is room already. */
	if ((w->first & bit) == 0)
		*to++ = ',';
	w->first |= bit;
	to = mc_json_put(to, key.p, key.len);
	*to++ = ':';
	*to = '\0';
	w->b->len = (size_t)(to - w->b->p);
}

void
mc_jw_str(struct mc_jw *w, struct mc_str s)
{
	separate(w);
	mc_json_quote(w->b, s.p, s.len);
}

void
mc_jw_strz(struct mc_jw *w, const char *s)
{
	if (s == NULL)
		mc_jw_null(w);
	else
		mc_jw_str(w, mc_str(s));
}

void
mc_jw_int(struct mc_jw *w, int64_t n)
{
	separate(w);
	mc_buf_int(w->b, n);
}

void
mc_jw_bool(struct mc_jw *w, bool v)
{
	separate(w);
	mc_buf_puts(w->b, v ? "true" : "false");
}

void
mc_jw_null(struct mc_jw *w)
{
	separate(w);
	mc_buf_puts(w->b, "null");
}

void
mc_jw_raw(struct mc_jw *w, struct mc_str json)
{
	separate(w);
	mc_buf_add(w->b, json.p, json.len);
}

/* ---- RFC 8785 ---- */

/*
 * UTF-16 code units sort like UTF-8 bytes but for one thing: characters
 * above U+FFFF (lead byte F0 and up) are written with surrogates, which
 * sort before U+E000..U+FFFF (lead bytes EE and EF).
 */
static int
by_utf16(const void *pa, const void *pb)
{
	const unsigned char *a = *(const unsigned char *const *)pa;
	const unsigned char *b = *(const unsigned char *const *)pb;
	int x, y;

	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	x = *a == 0xEE || *a == 0xEF ? *a + 0x10 : *a;
	y = *b == 0xEE || *b == 0xEF ? *b + 0x10 : *b;
	return x - y;
}

static int canonical(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    bool any, struct mc_err *err);

static int
canonical_object(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    bool any, struct mc_err *err)
{
	MC_VEC(const char *) key = { 0 };
	json_t *j = mc_jansson_loose(v);
	void *it;
	size_t i;
	int rc = 0;

	for (it = json_object_iter(j); it != NULL;
	     it = json_object_iter_next(j, it))
		mc_vec_push(&key, json_object_iter_key(it));
	if (key.n > 1)
		qsort(key.p, key.n, sizeof(*key.p), by_utf16);
	mc_buf_putc(b, '{');
	for (i = 0; i < key.n && rc == 0; i++) {
		if (i > 0)
			mc_buf_putc(b, ',');
		mc_json_quote(b, key.p[i], strlen(key.p[i]));
		mc_buf_putc(b, ':');
		rc = canonical(b, mc_json_get(v, key.p[i]), deep + 1, any, err);
	}
	mc_buf_putc(b, '}');
	mc_vec_free(&key);
	return rc;
}

static int
canonical_array(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    bool any, struct mc_err *err)
{
	size_t i, n = mc_json_count(v);

	mc_buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			mc_buf_putc(b, ',');
		if (canonical(b, mc_json_at(v, i), deep + 1, any, err) == -1)
			return -1;
	}
	mc_buf_putc(b, ']');
	return 0;
}

/*
 * any: numbers too that have no canonical form.  Recursion is bounded by the
 * depth that mc_json_parse() lets through.
 */
static int
canonical(struct mc_buf *b, const struct mc_json *v, unsigned deep, bool any,
    struct mc_err *err)
{
	const char *s;
	int64_t n;

	if (deep > MC_JSON_DEPTH)
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "arrays and objects nested more than %d deep",
		    MC_JSON_DEPTH);
	switch (mc_json_type(v)) {
	case MC_JSON_OBJECT:
		return canonical_object(b, v, deep, any, err);
	case MC_JSON_ARRAY:
		return canonical_array(b, v, deep, any, err);
	case MC_JSON_STRING:
		s = mc_json_str(v);
		mc_json_quote(b, s, strlen(s));
		return 0;
	case MC_JSON_INT:
		if (!mc_json_int(v, &n) ||
		    (!any && (n > SAFE_INT || n < -SAFE_INT)))
			return mc_err(err, MC_EDATA, "E_JSON",
			    "an integer of more than 53 bits has no "
			    "canonical form; write it as a string");
		mc_buf_int(b, n);
		return 0;
	case MC_JSON_REAL:
		if (any) {
			mc_buf_puts(b, mc_json_real(v));
			return 0;
		}
		return mc_err(err, MC_EDATA, "E_JSON",
		    "a number with a fraction or an exponent; write it as a "
		    "string");
	case MC_JSON_BOOL:
		mc_buf_puts(b, mc_json_bool(v) ? "true" : "false");
		return 0;
	case MC_JSON_NULL:
		break;
	}
	mc_buf_puts(b, "null");
	return 0;
}

int
mc_json_canonical(struct mc_buf *b, const struct mc_json *v, struct mc_err *err)
{
	size_t before = b->len;

	if (canonical(b, v, 0, false, err) == 0)
		return 0;
	b->len = before;
	if (b->p != NULL)
		b->p[before] = '\0';
	return -1;
}

void
mc_json_again(struct mc_buf *b, const struct mc_json *v)
{
	struct mc_err never = MC_ERR_INIT;
	int rc = canonical(b, v, 0, true, &never);

	assert(rc == 0);
	(void)rc;
}
