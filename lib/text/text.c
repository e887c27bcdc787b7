/* text.c - UTF-8, numbers, and what may be shown to a terminal. */
#include <string.h>

#include <motcua/text.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* A range of code points, for binary search. */
struct range {
	uint32_t first, last;
};

/* Characters that take no column of their own. */
static const struct range no_width[] = {
	{ 0x0300, 0x036F },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05BD },
	{ 0x05BF, 0x05BF },
	{ 0x05C1, 0x05C2 },
	{ 0x05C4, 0x05C5 },
	{ 0x0610, 0x061A },
	{ 0x064B, 0x065F },
	{ 0x0E31, 0x0E31 },
	{ 0x0E34, 0x0E3A },
	{ 0x0E47, 0x0E4E },
	{ 0x0EB1, 0x0EB1 },
	{ 0x0EB4, 0x0EBC },
	{ 0x0EC8, 0x0ECD },
	{ 0x1AB0, 0x1AFF },
	{ 0x1DC0, 0x1DFF },
	{ 0x200B, 0x200D },
	{ 0x2060, 0x2064 },
	{ 0x20D0, 0x20F0 },
	{ 0x302A, 0x302D },
	{ 0x3099, 0x309A },
	{ 0xFE00, 0xFE0F },
	{ 0xFE20, 0xFE2F },
	{ 0xFEFF, 0xFEFF },
	{ 0xE0100, 0xE01EF },
};

/* Characters that take two (CJK, full-width forms, emoji). */
static const struct range two_wide[] = {
	{ 0x1100, 0x115F },
	{ 0x231A, 0x231B },
	{ 0x2329, 0x232A },
	{ 0x2E80, 0x3029 },
	{ 0x302E, 0x303E },
	{ 0x3041, 0x3098 },
	{ 0x309B, 0x4DBF },
	{ 0x4E00, 0xA4CF },
	{ 0xA960, 0xA97F },
	{ 0xAC00, 0xD7A3 },
	{ 0xF900, 0xFAFF },
	{ 0xFE30, 0xFE6F },
	{ 0xFF01, 0xFF60 },
	{ 0xFFE0, 0xFFE6 },
	{ 0x1F300, 0x1F64F },
	{ 0x1F680, 0x1F6FF },
	{ 0x1F900, 0x1F9FF },
	{ 0x20000, 0x3FFFD },
};

static bool
in_ranges(const struct range *r, size_t n, uint32_t cp)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > r[mid].last)
			lo = mid + 1;
		else if (cp < r[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}

/* Length of the well-formed character at p, or 0.  RFC 3629, table 3-7. */
static size_t
char_len(const unsigned char *p, size_t n)
{
	unsigned char c = p[0];

	if (c < 0x80)
		return 1;
	if (c < 0xC2 || c > 0xF4)
		return 0;
	if (c < 0xE0)
		return n >= 2 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
	if (n < 3 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80)
		return 0;
	if (c < 0xF0) {
		if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F))
			return 0;
		return 3;
	}
	if (n < 4 || (p[3] & 0xC0) != 0x80 || (c == 0xF0 && p[1] < 0x90) ||
	    (c == 0xF4 && p[1] > 0x8F))
		return 0;
	return 4;
}

size_t
mc_utf8_check(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	uint64_t a, b;
	size_t i = 0, len;

	while (i < n) {
		if (p[i] < 0x80) {
			/* A run of ASCII, as wide as possible. */
			while (n - i >= 16) {
				memcpy(&a, p + i, 8);
				memcpy(&b, p + i + 8, 8);
				if ((a | b) & HIGH_BITS)
					break;
				i += 16;
			}
			while (i < n && p[i] < 0x80)
				i++;
			continue;
		}
		len = char_len(p + i, n - i);
		if (len == 0)
			return i;
		i += len;
	}
	return n;
}

uint32_t
mc_utf8_decode(const char *s, size_t n, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c = p[0];

	if (c < 0xC0 || n < 2) {
		*len = 1;
		return c;
	}
	if (c < 0xE0 || n < 3) {
		*len = 2;
		return (c & 0x1F) << 6 | (p[1] & 0x3F);
	}
	if (c < 0xF0 || n < 4) {
		*len = 3;
		return (c & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 |
		       (p[2] & 0x3F);
	}
	*len = 4;
	return (c & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
	       (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}

void
mc_utf8_put(struct mc_buf *b, uint32_t cp)
{
	char c[4];
	size_t n;

	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	if (cp < 0x80) {
		c[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		c[0] = (char)(0xC0 | cp >> 6);
		c[1] = (char)(0x80 | (cp & 0x3F));
		n = 2;
	} else if (cp < 0x10000) {
		c[0] = (char)(0xE0 | cp >> 12);
		c[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		c[2] = (char)(0x80 | (cp & 0x3F));
		n = 3;
	} else {
		c[0] = (char)(0xF0 | cp >> 18);
		c[1] = (char)(0x80 | (cp >> 12 & 0x3F));
		c[2] = (char)(0x80 | (cp >> 6 & 0x3F));
		c[3] = (char)(0x80 | (cp & 0x3F));
		n = 4;
	}
	mc_buf_add(b, c, n);
}

size_t
mc_utf8_cut(const char *p, size_t n, size_t max)
{
	size_t k = max;

	if (n <= max)
		return n;
	while (k > 0 && ((unsigned char)p[k] & 0xC0) == 0x80)
		k--;
	return k;
}

size_t
mc_text_width(const char *p, size_t n)
{
	size_t i = 0, len, width = 0;
	uint32_t cp;

	while (i < n) {
		len = char_len((const unsigned char *)p + i, n - i);
		if (len <= 1) { /* a broken byte is shown as U+FFFD */
			i++;
			width++;
			continue;
		}
		cp = mc_utf8_decode(p + i, n - i, &len);
		i += len;
		if (cp < 0x0300 || (cp >= 0x1E00 && cp < 0x1F00))
			width++;
		else if (in_ranges(no_width,
			     sizeof(no_width) / sizeof(*no_width), cp))
			continue;
		else
			width += in_ranges(two_wide,
				     sizeof(two_wide) / sizeof(*two_wide), cp)
				     ? 2
				     : 1;
	}
	return width;
}

bool
mc_char_hostile(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x061C ||
	       cp == 0x200E || cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

void
mc_text_safe(struct mc_buf *b, const char *p, size_t n)
{
	size_t i = 0, done = 0, len;
	bool ok;

	while (i < n) {
		len = char_len((const unsigned char *)p + i, n - i);
		if (len == 0) {
			ok = false;
			len = 1;
		} else {
			ok = !mc_char_hostile(
			    mc_utf8_decode(p + i, n - i, &len));
		}
		if (!ok) {
			mc_buf_add(b, p + done, i - done);
			mc_utf8_put(b, 0xFFFD);
			done = i + len;
		}
		i += len;
	}
	mc_buf_add(b, n > 0 ? p + done : p, n - done);
}

bool
mc_int_parse(int64_t *out, struct mc_str s, int64_t min, int64_t max)
{
	uint64_t u = 0, limit = INT64_MAX;
	size_t i = 0;
	unsigned digit;
	bool minus = false;
	int64_t n;

	if (s.len > 0 && s.p[0] == '-') {
		minus = true;
		limit++;
		i = 1;
	}
	if (i == s.len)
		return false;
	for (; i < s.len; i++) {
		digit = (unsigned char)s.p[i] - (unsigned)'0';
		if (digit > 9 || u > (limit - digit) / 10)
			return false;
		u = u * 10 + digit;
	}
	if (minus)
		n = u > INT64_MAX ? INT64_MIN : -(int64_t)u;
	else
		n = (int64_t)u;
	if (n < min || n > max)
		return false;
	*out = n;
	return true;
}

size_t
mc_text_distance(struct mc_str a, struct mc_str b)
{
	unsigned char row[65]; /* a[0 .. i) to each b[0 .. j) */
	unsigned char left, up, best;
	size_t i, j;

	if (a.len >= sizeof(row) || b.len >= sizeof(row))
		return SIZE_MAX;
	for (j = 0; j <= b.len; j++)
		row[j] = (unsigned char)j;
	for (i = 0; i < a.len; i++) {
		left = row[0]; /* what row[j - 1] was before this line */
		row[0] = (unsigned char)(i + 1);
		for (j = 1; j <= b.len; j++) {
			up = row[j];
			best = (unsigned char)(left + (a.p[i] != b.p[j - 1]));
			if (up + 1 < best)
				best = (unsigned char)(up + 1);
			if (row[j - 1] + 1 < best)
				best = (unsigned char)(row[j - 1] + 1);
			row[j] = best;
			left = up;
		}
	}
	return row[b.len];
}

/* Up to eight bytes as a number; the length is told apart elsewhere. */
static uint64_t
few_bytes(const unsigned char *s, size_t n)
{
	uint32_t lo, hi;
	uint64_t v = 0;

	if (n == 8) {
		memcpy(&v, s, 8);
	} else if (n >= 4) {
		memcpy(&lo, s, 4);
		memcpy(&hi, s + n - 4, 4);
		v = (uint64_t)hi << 32 | lo;
	} else if (n > 0) {
		v = (uint64_t)s[0] << 16 | (uint64_t)s[n / 2] << 8 | s[n - 1];
	}
	return v;
}

static uint64_t
stir(uint64_t h, uint64_t v)
{
	v *= UINT64_C(0x87C37B91114253D5);
	v ^= v >> 31;
	h = (h ^ v) * UINT64_C(0x4CF5AD432745937F);
	return h ^ h >> 29;
}

uint64_t
mc_text_hash_on(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t i = 0;

	h ^= n;
	for (; n - i > 8; i += 8)
		h = stir(h, few_bytes(s + i, 8));
	if (n > 0)
		h = stir(h, few_bytes(s + i, n - i));
	h ^= h >> 33;
	h *= UINT64_C(0xFF51AFD7ED558CCD);
	h ^= h >> 33;
	h *= UINT64_C(0xC4CEB9FE1A85EC53);
	return h ^ h >> 33;
}

uint64_t
mc_text_hash(const void *p, size_t n)
{
	return mc_text_hash_on(UINT64_C(0x9E3779B97F4A7C15), p, n);
}

bool
mc_str_split(struct mc_str s, char at, struct mc_str *head, struct mc_str *tail)
{
	const char *p = s.len > 0 ? memchr(s.p, at, s.len) : NULL;

	if (p == NULL)
		return false;
	*head = (struct mc_str){ s.p, (size_t)(p - s.p) };
	*tail = (struct mc_str){ p + 1, s.len - head->len - 1 };
	return true;
}
