/* sealed.c - see motcua/sealed.h. */
#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <motcua/number.h>
#include <motcua/pack.h>
#include <motcua/sealed.h>

#define FORM 1

#define MEMBERS 12
#define MEMBER 1 /* the stream of bit 0's member */
#define WHOLE (MEMBER + MEMBERS)
#define STREAMS (WHOLE + 1)
#define PACKED 3 /* the first stream that is in the frame */

#define SLACK 16 /* bytes that may be written behind what is copied */
#define NUMBER 5 /* bytes of a number of up to 12 digits */

/*
 * In the order in which a text has them.  What is no number is looked for
 * once more, as text.
 */
static const struct member {
	char key[24]; /* and how the value begins */
	size_t len;
	int bit;
	size_t digits; /* 0: no number */
	bool object;
} member[MEMBERS] = {
#define KEY(name, begin)                                                       \
	"\"" name "\":" begin, sizeof("\"" name "\":" begin) - 1
	{ KEY("address", "\""), 2, 0, false },
	{ KEY("applicant_id", "\""), 0, 12, false },
	{ KEY("applicant_id", "\""), 6, 0, false },
	{ KEY("applicant_name", "\""), 3, 0, false },
	{ KEY("attributes", "{"), 10, 0, true },
	{ KEY("email", "\""), 4, 0, false },
	{ KEY("fields", "{"), 11, 0, true },
	{ KEY("note", "\""), 8, 0, false },
	{ KEY("phone", "\""), 1, 10, false },
	{ KEY("phone", "\""), 7, 0, false },
	{ KEY("reason", "\""), 9, 0, false },
	{ KEY("subject", "\""), 5, 0, false },
#undef KEY
};

/* ---- values, from one place to another ---- */

/* Copies up to the next quote, and perhaps more; NULL: there is none. */
static inline const char *
copy_to_quote(char *to, const char *p, const char *end)
{
#ifdef __SSE2__
	__m128i v;
	int hits;

	for (; end - p >= 16; p += 16, to += 16) {
		memcpy(&v, p, 16);
		memcpy(to, &v, 16);
		hits = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
		if (hits != 0)
			return p + __builtin_ctz((unsigned)hits);
	}
#endif
	for (; p < end; p++)
		if ((*to++ = *p) == '"')
			return p;
	return NULL;
}

static bool
is_escaped(const char *start, const char *quote)
{
	const char *p = quote;

	while (p > start && p[-1] == '\\')
		p--;
	return (quote - p) % 2 != 0;
}

/* Copies a text with its closing quote; false: it has none. */
static inline bool
copy_text(char **to, const char **from, const char *end)
{
	const char *start = *from, *p = start, *quote;

	do {
		quote = copy_to_quote(*to + (p - start), p, end);
		if (quote == NULL)
			return false;
		p = quote + 1;
	} while (
	    quote > start && quote[-1] == '\\' && is_escaped(start, quote));
	*to += p - start;
	*from = p;
	return true;
}

/* The same of an object, with its closing brace. */
static bool
copy_object(char **to, const char **from, const char *end)
{
	const char *p = *from;
	char *t = *to;
	size_t depth = 1;

	while (p < end) {
		switch (*t++ = *p++) {
		case '"':
			if (!copy_text(&t, &p, end))
				return false;
			break;
		case '{':
			depth++;
			break;
		case '}':
			if (--depth > 0)
				break;
			*to = t;
			*from = p;
			return true;
		}
	}
	return false;
}

static inline bool
copy_value(
    const struct member *m, char **to, const char **from, const char *end)
{
	return m->object ? copy_object(to, from, end)
			 : copy_text(to, from, end);
}

/* ---- packing ---- */

static inline uint64_t
word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	return w;
}

/* Keys are of 8 to 24 bytes. */
static inline bool
stands(const char *p, const char *end, const struct member *m)
{
	size_t n = m->len, middle = n < 16 ? n - 8 : 8;

	return end - p >= (ptrdiff_t)n && word(p) == word(m->key) &&
	       word(p + middle) == word(m->key + middle) &&
	       word(p + n - 8) == word(m->key + n - 8);
}

#define EACH UINT64_C(0x0101010101010101)

/* Eight characters, the first one lowest, as a number. */
static inline bool
eight_digits(uint64_t w, uint64_t *n)
{
	uint64_t d = w ^ EACH * '0';

	if (((d | (d + EACH * (0x7F - 9))) & EACH * 0x80) != 0)
		return false;
	d = (d * 10 + (d >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
	d = (d * 100 + (d >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
	*n = (d * 10000 + (d >> 32)) & UINT32_MAX;
	return true;
}

/* Exactly that many digits, 8 to 16, and the closing quote. */
static inline bool
take_number(size_t digits, char **to, const char **from, const char *end)
{
	static const uint64_t power[] = { 1, 10, 100, 1000, 10000 };
	const char *p = *from;
	uint64_t first, last, both = UINT64_MAX >> 8 * (digits - 8), n;

	if (end - p <= (ptrdiff_t)digits || p[digits] != '"')
		return false;
	/* Of the last eight those that are among the first do not count. */
	last = (le64toh(word(p + digits - 8)) & ~both) | (EACH * '0' & both);
	if (!eight_digits(le64toh(word(p)), &first) ||
	    !eight_digits(last, &last))
		return false;
	n = htole64(first * power[digits - 8] + last);
	memcpy(*to, &n, 8);
	*to += NUMBER;
	*from = p + digits + 1;
	return true;
}

/* What stands behind the key, which is there; false: it is another kind. */
static inline bool
take_value(
    const struct member *m, char **to, const char **from, const char *end)
{
	const char *p = *from + m->len;

	if (m->digits != 0 ? !take_number(m->digits, to, &p, end)
			   : !copy_value(m, to, &p, end))
		return false;
	*from = p;
	return true;
}

/*
 * Members into their streams; which ones, or 0 when the text is of another
 * kind, and nothing is taken.  A value may be looked for behind the text, up
 * to `limit`: the end of that is further away, and a step is 16 bytes.
 */
static unsigned
take_members(char *to[STREAMS], struct mc_str text, const char *limit)
{
	const char *p = text.p, *end = p + text.len;
	char *was[STREAMS], **stream;
	const struct member *m;
	unsigned members = 0;

	if (p == end || *p++ != '{')
		return 0;
	for (m = member; m < member + MEMBERS; m++) {
		if (!stands(p, end, m))
			continue;
		stream = &to[MEMBER + m->bit];
		was[MEMBER + m->bit] = *stream;
		if (!take_value(m, stream, &p, m->object ? end : limit))
			continue;
		members |= 1u << m->bit;
		if (end - p == 1 && *p == '}')
			return members;
		if (p >= end || *p++ != ',')
			break;
	}
	for (m = member; m < member + MEMBERS; m++)
		if (members >> m->bit & 1)
			to[MEMBER + m->bit] = was[MEMBER + m->bit];
	return 0;
}

static void
take_texts(char *to[STREAMS], struct mc_str plain)
{
	const char *limit = plain.p + plain.len;
	struct mc_str text;
	unsigned members;

	while (mc_sealed_next(&plain, &text)) {
		members = take_members(to, text, limit);
		to[0] = mc_number_put(to[0], members);
		if (members != 0)
			continue;
		to[0] = mc_number_put(to[0], text.len);
		memcpy(to[WHOLE], text.p, text.len);
		to[WHOLE] += text.len;
	}
}

void
mc_sealed_pack(struct mc_buf *out, struct mc_str plain)
{
	/* No stream gets longer than all texts with their lengths. */
	size_t room = plain.len + SLACK, n;
	struct mc_buf b = { 0 };
	char *from = mc_buf_room(&b, STREAMS * room), *text, *to[STREAMS], *p;
	int i;

	for (i = 0; i < STREAMS; i++)
		to[i] = from + (size_t)i * room;
	take_texts(to, plain);
	p = mc_buf_room(out, 1 + STREAMS * MC_NUMBER_MAX + PACKED * room);
	*p++ = FORM;
	for (i = 0; i < STREAMS; i++)
		p = mc_number_put(p, (size_t)(to[i] - from) - (size_t)i * room);
	for (i = 0; i < PACKED; i++, from += room) {
		memcpy(p, from, (size_t)(to[i] - from));
		p += to[i] - from;
	}
	*p = '\0';
	out->len = (size_t)(p - out->p);
	for (text = from; i < STREAMS; i++, from += room, text += n) {
		n = (size_t)(to[i] - from);
		memmove(text, from, n);
	}
	from = b.p + PACKED * room;
	mc_pack(out, (struct mc_str){ from, (size_t)(text - from) });
	mc_buf_free(&b);
}

/* ---- unpacking ---- */

struct streams {
	const char *at[STREAMS], *end[STREAMS];
};

/* What a text is, at most, but for the values of the frame. */
#define KEYS (MEMBERS * (sizeof(member[0].key) + 16))

/* An even number of digits. */
static bool
put_number(size_t digits, char **to, const char **from, const char *end)
{
	uint64_t n;
	uint32_t low;
	size_t i;

	if (end - *from < NUMBER)
		return false;
	memcpy(&low, *from, sizeof(low));
	n = (uint64_t)(unsigned char)(*from)[4] << 32 | le32toh(low);
	*from += NUMBER;
	for (i = digits; i > 0; i -= 2, n /= 100) {
		(*to)[i - 1] = (char)('0' + n % 10);
		(*to)[i - 2] = (char)('0' + n / 10 % 10);
	}
	(*to)[digits] = '"';
	*to += digits + 1;
	return n == 0;
}

static char *
put_members(struct streams *s, char *to, uint64_t members)
{
	const struct member *m;
	const char **from, *end;

	*to++ = '{';
	for (m = member; m < member + MEMBERS; m++) {
		if ((members >> m->bit & 1) == 0)
			continue;
		memcpy(to, m->key, sizeof(m->key));
		to += m->len;
		from = &s->at[MEMBER + m->bit];
		end = s->end[MEMBER + m->bit];
		if (m->digits != 0 ? !put_number(m->digits, &to, from, end)
				   : !copy_value(m, &to, from, end))
			return NULL;
		*to++ = ',';
	}
	to[-1] = '}';
	return to;
}

static char *
put_whole(struct streams *s, char *to)
{
	uint64_t n;

	if (!mc_number_get(&s->at[0], s->end[0], &n) ||
	    n > (uint64_t)(s->end[WHOLE] - s->at[WHOLE]))
		return NULL;
	memcpy(to, s->at[WHOLE], n);
	s->at[WHOLE] += n;
	return to + n;
}

/* All texts; `frame`: no more than so many bytes of one are in the frame. */
static bool
put_texts(struct streams *s, struct mc_buf *out, size_t frame)
{
	size_t start = out->len;
	char *from, *to;
	uint64_t members;
	uint32_t n;
	int i;

	while (s->at[0] < s->end[0]) {
		if (!mc_number_get(&s->at[0], s->end[0], &members) ||
		    members >> MEMBERS != 0)
			return false;
		from = mc_buf_room(out, sizeof(n) + KEYS + frame + SLACK);
		to = from + sizeof(n);
		to = members == 0 ? put_whole(s, to)
				  : put_members(s, to, members);
		if (to == NULL)
			return false;
		n = (uint32_t)(to - from - (ptrdiff_t)sizeof(n));
		memcpy(from, &n, sizeof(n));
		*to = '\0';
		out->len = (size_t)(to - out->p);
		if (out->len - start > MC_PACK_MAX)
			return false;
	}
	for (i = 0; i < STREAMS; i++)
		if (s->at[i] != s->end[i])
			return false;
	return true;
}

/* Where the streams i to n - 1 are, one after another from p on. */
static bool
place(struct streams *s, const uint64_t len[STREAMS], int i, int n,
    const char **p, const char *end)
{
	for (; i < n; i++) {
		if (len[i] > (uint64_t)(end - *p))
			return false;
		s->at[i] = *p;
		s->end[i] = *p += len[i];
	}
	return true;
}

static bool
unpack(struct mc_buf *out, struct mc_str packed, struct mc_buf *frame,
    struct mc_err *err)
{
	const char *p = packed.p, *end = p + packed.len;
	uint64_t len[STREAMS];
	struct streams s;
	int i;

	if (packed.len == 0 || *p++ != FORM)
		return false;
	for (i = 0; i < STREAMS; i++)
		if (!mc_number_get(&p, end, &len[i]))
			return false;
	if (!place(&s, len, 0, PACKED, &p, end) ||
	    mc_unpack(frame, (struct mc_str){ p, (size_t)(end - p) }, err) ==
		-1)
		return false;
	p = mc_buf_str(frame);
	end = p + frame->len;
	return place(&s, len, PACKED, STREAMS, &p, end) && p == end &&
	       put_texts(&s, out, frame->len);
}

int
mc_sealed_unpack(struct mc_buf *out, struct mc_str packed, struct mc_err *err)
{
	struct mc_buf frame = { 0 };
	size_t start = out->len;
	bool whole = unpack(out, packed, &frame, err);

	mc_buf_free(&frame);
	if (whole)
		return 0;
	out->len = start;
	return mc_err(err, MC_EDAMAGED, "E_LOG", "personal values are damaged");
}
