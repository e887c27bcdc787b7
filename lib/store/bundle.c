/* bundle.c - see motcua/bundle.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/bundle.h>
#include <motcua/event.h>
#include <motcua/hash.h>
#include <motcua/pack.h>
#include <motcua/when.h>

#define FORM 1
#define HEAD 5 /* it, and the length of the values */

enum hole { AT = 1, RECORDED_AT, CODE, PERSONAL, SEQ };
#define HOLES 5

#define COMMITMENT 44 /* base64 digits of 32 bytes */
#define CODE_TEXT 254 /* a longer one is left where it is */
#define NUMBER 10     /* bytes of 64 bits, at most */
#define SEQ_TEXT 20
/* What one body's values take at most, and a shape's head. */
#define VALUES (1 + 2 * NUMBER + 2 + CODE_TEXT + MC_HASH_LEN)
#define SHAPE_HEAD (1 + 3 * HOLES + 2)

/* What both sides know of the body before. */
struct before {
	int64_t at, recorded_at; /* instants */
	char code[CODE_TEXT];
	size_t code_len;
};

static void
nothing_before(struct before *b)
{
	b->at = b->recorded_at = 0;
	b->code_len = 0;
}

/* How many bytes two texts begin with alike. */
static size_t
shared(const char *a, size_t na, const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb, i;

	for (i = 0; i < n && a[i] == b[i]; i++)
		;
	return i;
}

static inline char *
put_number(char *to, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*to++ = (char)(n | 0x80);
	*to++ = (char)n;
	return to;
}

static inline char *
put_2(char *to, size_t n)
{
	to[0] = (char)(n >> 8);
	to[1] = (char)n;
	return to + 2;
}

static inline size_t
get_2(const char *p)
{
	return (size_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static size_t
put_digits(char *to, uint64_t n)
{
	char digits[SEQ_TEXT], *p = digits + sizeof(digits);
	size_t len;

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	len = (size_t)(digits + sizeof(digits) - p);
	memcpy(to, p, len);
	return len;
}

/* ---- packing ---- */

/* What a hole takes out of a body. */
struct cut {
	size_t from, len;
	enum hole kind;
	int64_t ms;                       /* of an instant */
	unsigned char bytes[MC_HASH_LEN]; /* of a commitment */
};

/* Shapes are found again by a hash of them. */
#define SLOTS 512
#define STEP 32 /* bytes that are hashed at once */

struct packer {
	struct before before;
	/* A day and its text: it stays the same for many bodies. */
	int32_t day;
	char date[10];
	size_t head; /* bytes of the last body until its time */
	size_t tail; /* and after its number */
	struct mc_buf shapes;
	struct {
		uint32_t from, len;
	} shape[MC_BUNDLE];
	int n;
	struct {
		uint64_t hash;
		int16_t shape; /* from 1; 0: free */
	} slot[SLOTS];
};

static inline bool
digit_pair(const char *p, int *out)
{
	unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';

	*out = (int)(a * 10 + b);
	return a <= 9 && b <= 9;
}

static bool
is_day(struct packer *pk, const char *p)
{
	if (pk->day == MC_NODAY || memcmp(pk->date, p, 10) != 0) {
		pk->day = mc_day_parse((struct mc_str){ p, 10 });
		memcpy(pk->date, p, 10);
	}
	return pk->day != MC_NODAY;
}

/* The instant that stands there in the one way to write it; its length, or 0. */
static size_t
take_instant(struct packer *pk, const char *p, size_t left, int64_t *out)
{
	int h, m, s, ms = 0;

	if (left < 20 || p[10] != 'T' || p[13] != ':' || p[16] != ':' ||
	    !digit_pair(p + 11, &h) || !digit_pair(p + 14, &m) ||
	    !digit_pair(p + 17, &s) || h > 23 || m > 59 || s > 59)
		return 0;
	if (p[19] == '.') {
		if (left < 24 || p[23] != 'Z' || p[20] < '0' || p[20] > '9' ||
		    !digit_pair(p + 21, &ms))
			return 0;
		ms += (p[20] - '0') * 100;
		if (ms == 0)
			return 0;
	} else if (p[19] != 'Z') {
		return 0;
	}
	if (!is_day(pk, p))
		return 0;
	*out =
	    pk->day * MC_MS_DAY + ((h * 60 + m) * 60 + s) * INT64_C(1000) + ms;
	return ms == 0 ? 20 : 24;
}

static bool
stands(struct mc_str body, size_t at, const char *text, size_t n)
{
	return at <= body.len && body.len - at >= n &&
	       memcmp(body.p + at, text, n) == 0;
}
#define STANDS(body, at, text) stands(body, at, text, sizeof(text) - 1)

/* Where the first time begins: mostly where it did in the body before. */
static bool
find_time(struct packer *pk, struct mc_str body)
{
	static const char key[] = ",\"at\":\"";
	const size_t n = sizeof(key) - 1;
	size_t at;

	if (pk->head >= n && stands(body, pk->head - n, key, n))
		return true;
	for (at = 0; at < body.len && !stands(body, at, key, n); at++)
		;
	pk->head = at + n;
	return at < body.len;
}

/* Where `"seq":` and the digits begin, or 0; mostly by how much follows. */
static size_t
find_seq(struct packer *pk, struct mc_str body, const char *digits, size_t n)
{
	static const char key[] = ",\"seq\":";
	const size_t k = sizeof(key) - 1;
	size_t at;

	if (body.len > pk->tail + n + k) {
		at = body.len - pk->tail - n - k;
		if (stands(body, at, key, k) && stands(body, at + k, digits, n))
			return at;
	}
	/* From the end: what is behind it is short. */
	for (at = body.len; at > 0; at--)
		if (body.p[at - 1] == ',' && stands(body, at - 1, key, k))
			break;
	if (at == 0 || !stands(body, at - 1 + k, digits, n))
		return 0;
	at--;
	pk->tail = body.len - at - k - n;
	return at;
}

/* The time and the code at the body's beginning. */
static int
cut_head(struct packer *pk, struct mc_str body, struct cut *cut)
{
	static const char key[] = "\",\"code\":\"";
	const char *end;
	size_t at, len;
	int n = 0;

	if (!find_time(pk, body))
		return 0;
	at = pk->head;
	len = take_instant(pk, body.p + at, body.len - at, &cut[n].ms);
	if (len == 0)
		return 0;
	cut[n].from = at;
	cut[n].len = len;
	cut[n++].kind = AT;
	at += len;
	if (!STANDS(body, at, key))
		return n;
	at += sizeof(key) - 1;
	end = memchr(body.p + at, '"', body.len - at);
	if (end == NULL || (len = (size_t)(end - body.p) - at) > CODE_TEXT)
		return n;
	cut[n].from = at;
	cut[n].len = len;
	cut[n++].kind = CODE;
	return n;
}

/* What stands between the data and the end, if it begins behind `from`. */
static int
cut_tail(struct packer *pk, struct mc_str body, size_t from, uint64_t seq,
    struct cut *cut)
{
	static const char recorded[] = ",\"recorded_at\":\"",
			  personal[] = ",\"personal\":\"",
			  schema[] = "\",\"schema\":\"motcua.leaf/1\"";
	const size_t r = sizeof(recorded) - 1, p = sizeof(personal) - 1,
		     s = sizeof(schema) - 1;
	struct cut instant = { .kind = RECORDED_AT };
	char digits[SEQ_TEXT];
	size_t len = put_digits(digits, seq), at, number;
	int n = 0;

	number = find_seq(pk, body, digits, len);
	if (number < from + s + 24 + r)
		return 0;
	at = number - s;
	if (STANDS(body, at, schema)) {
		instant.len = body.p[at - 5] == '.' ? 24 : 20;
		instant.from = at - instant.len;
		if (!stands(body, instant.from - r, recorded, r) ||
		    take_instant(pk, body.p + instant.from, instant.len,
			&instant.ms) != instant.len)
			instant.len = 0;
	}
	if (instant.len > 0) {
		at = instant.from - r;
		if (at >= from + p + COMMITMENT + 1) {
			at -= COMMITMENT + 1;
			if (stands(body, at - p, personal, p) &&
			    mc_base64_get(
				(struct mc_str){ body.p + at, COMMITMENT },
				cut[n].bytes, MC_HASH_LEN)) {
				cut[n].from = at;
				cut[n].len = COMMITMENT;
				cut[n++].kind = PERSONAL;
			}
		}
		cut[n++] = instant;
	}
	cut[n].from = number + sizeof(",\"seq\":") - 1;
	cut[n].len = len;
	cut[n++].kind = SEQ;
	return n;
}

static inline uint64_t
word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	return w;
}

/*
 * To find a shape again while its bundle is packed: it is kept nowhere.  The
 * text is followed by zeros, up to a whole step.
 */
static uint64_t
hash(const char *p, size_t n)
{
	const uint64_t k = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t a = n, b = 0, c = 0, d = 0;
	size_t i;

	for (i = 0; i < n; i += STEP, p += STEP) {
		a = (a ^ word(p)) * k;
		b = (b ^ word(p + 8)) * k;
		c = (c ^ word(p + 16)) * k;
		d = (d ^ word(p + 24)) * k;
	}
	a ^= b >> 29 ^ c >> 31 ^ d >> 33;
	a = (a ^ b << 7 ^ c << 13 ^ d) * k;
	return a ^ a >> 32;
}

/* What is left of the body, at the end of the shapes. */
static size_t
add_shape(struct packer *pk, struct mc_str body, const struct cut *cut, int n)
{
	char *start = mc_buf_room(&pk->shapes, SHAPE_HEAD + body.len + STEP);
	char *head = start, *text;
	size_t from = 0;
	int i;

	*head++ = (char)n;
	text = start + 1 + 3 * n + 2;
	for (i = 0; i < n; i++) {
		head = put_2(head, cut[i].from - from);
		*head++ = (char)cut[i].kind;
		memcpy(text, body.p + from, cut[i].from - from);
		text += cut[i].from - from;
		from = cut[i].from + cut[i].len;
	}
	put_2(head, body.len - from);
	memcpy(text, body.p + from, body.len - from);
	text += body.len - from;
	memset(text, 0, STEP);
	return (size_t)(text - start);
}

/* Its number; a new one stays where it is. */
static int
number_shape(struct packer *pk, size_t len)
{
	const char *p = pk->shapes.p + pk->shapes.len;
	uint64_t h = hash(p, len);
	size_t i = h % SLOTS;
	int k;

	for (; (k = pk->slot[i].shape) != 0; i = (i + 1) % SLOTS)
		if (pk->slot[i].hash == h && pk->shape[k - 1].len == len &&
		    memcmp(pk->shapes.p + pk->shape[k - 1].from, p, len) == 0)
			return k - 1;
	pk->slot[i].hash = h;
	pk->slot[i].shape = (int16_t)(pk->n + 1);
	pk->shape[pk->n].from = (uint32_t)pk->shapes.len;
	pk->shape[pk->n].len = (uint32_t)len;
	pk->shapes.len += len;
	return pk->n++;
}

static char *
put_instant(char *to, int64_t ms, int64_t *before)
{
	int64_t by = ms - *before;
	uint64_t n = by < 0 ? 0 - (uint64_t)by : (uint64_t)by;
	bool exact = n % 1000 != 0;

	*before = ms;
	n = (exact ? n : n / 1000) << 2 | (uint64_t)(by < 0) << 1 | exact;
	return put_number(to, n);
}

static char *
put_code(char *to, struct mc_str code, struct before *before)
{
	size_t n = shared(code.p, code.len, before->code, before->code_len);

	if (n == code.len && n == before->code_len) {
		*to++ = 0;
		return to;
	}
	*to++ = (char)(n + 1);
	*to++ = (char)(code.len - n);
	memcpy(to, code.p + n, code.len - n);
	memcpy(before->code + n, code.p + n, code.len - n);
	before->code_len = code.len;
	return to + code.len - n;
}

static char *
put_values(struct packer *pk, char *to, struct mc_str body,
    const struct cut *cut, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		switch (cut[i].kind) {
		case AT:
			to = put_instant(to, cut[i].ms, &pk->before.at);
			break;
		case RECORDED_AT:
			to =
			    put_instant(to, cut[i].ms, &pk->before.recorded_at);
			break;
		case CODE:
			to = put_code(to,
			    (struct mc_str){ body.p + cut[i].from, cut[i].len },
			    &pk->before);
			break;
		case PERSONAL:
			memcpy(to, cut[i].bytes, MC_HASH_LEN);
			to += MC_HASH_LEN;
			break;
		case SEQ:
			break;
		}
	}
	return to;
}

void
mc_bundle_pack(struct mc_buf *out, struct mc_str plain,
    const uint32_t at[MC_BUNDLE], uint64_t first)
{
	struct packer pk;
	struct cut cut[HOLES];
	struct mc_str body;
	size_t start = out->len;
	char *values = mc_buf_room(out, HEAD + MC_BUNDLE * VALUES) + HEAD;
	char *to = values;
	int i, n;

	nothing_before(&pk.before);
	pk.day = MC_NODAY;
	pk.head = pk.tail = 0;
	pk.n = 0;
	memset(pk.slot, 0, sizeof(pk.slot));
	pk.shapes = (struct mc_buf){ 0 };
	mc_buf_room(&pk.shapes, plain.len + MC_BUNDLE * SHAPE_HEAD + STEP);
	for (i = 0; i < MC_BUNDLE; i++) {
		body = (struct mc_str){ plain.p + at[i] + 2,
			get_2(plain.p + at[i]) };
		n = cut_head(&pk, body, cut);
		n += cut_tail(&pk, body,
		    n > 0 ? cut[n - 1].from + cut[n - 1].len : 0,
		    first + (uint64_t)i, cut + n);
		*to++ = (char)number_shape(&pk, add_shape(&pk, body, cut, n));
		to = put_values(&pk, to, body, cut, n);
	}
	out->p[start] = FORM;
	put_2(out->p + start + 1, (size_t)(to - values) >> 16);
	put_2(out->p + start + 3, (size_t)(to - values) & 0xFFFF);
	out->len = start + HEAD + (size_t)(to - values);
	mc_pack(out, (struct mc_str){ pk.shapes.p, pk.shapes.len });
	mc_buf_free(&pk.shapes);
}

/* ---- unpacking ---- */

/* A shape, and where its text begins. */
struct shape {
	const char *head, *text;
	size_t len; /* of the text */
	int holes;
};

struct unpacker {
	struct before before;
	const char *value, *value_end;
	const char *next, *shapes_end; /* the first shape not used yet */
	struct shape shape[MC_BUNDLE];
	int n;
	uint64_t seq;
};

/* What a text can say. */
#define FIRST_MS (MC_DAY_MIN * MC_MS_DAY)
#define LAST_MS ((MC_DAY_MAX + 1) * MC_MS_DAY - 1)

static bool
get_byte(struct unpacker *u, int *out)
{
	if (u->value == u->value_end)
		return false;
	*out = (unsigned char)*u->value++;
	return true;
}

static bool
get_number(struct unpacker *u, uint64_t *out)
{
	int shift, c;

	*out = 0;
	for (shift = 0; shift < 63; shift += 7) {
		if (!get_byte(u, &c))
			return false;
		*out |= (uint64_t)(c & 0x7F) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static bool
read_shape(struct unpacker *u)
{
	struct shape *s = &u->shape[u->n];
	const char *p = u->next;
	size_t left = (size_t)(u->shapes_end - p), head;
	int i;

	if (left < 1)
		return false;
	s->holes = (unsigned char)*p;
	head = 1 + 3 * (size_t)s->holes + 2;
	if (s->holes > HOLES || left < head)
		return false;
	s->head = p + 1;
	s->text = p + head;
	for (s->len = 0, i = 0; i <= s->holes; i++)
		s->len += get_2(s->head + 3 * i);
	if (left - head < s->len)
		return false;
	u->next = s->text + s->len;
	u->n++;
	return true;
}

static char *
copy(char *to, const char *p, size_t n)
{
	memcpy(to, p, n);
	return to + n;
}

/* Each of these writes one hole's text; NULL: it has no value. */
static char *
text_instant(struct unpacker *u, char *to, int64_t *before)
{
	uint64_t n, by;

	if (!get_number(u, &n))
		return NULL;
	by = n >> 2;
	if ((n & 1) == 0) {
		if (by > (uint64_t)(LAST_MS - FIRST_MS) / 1000)
			return NULL;
		by *= 1000;
	}
	if (by > (uint64_t)(LAST_MS - FIRST_MS))
		return NULL;
	*before += (n & 2) != 0 ? -(int64_t)by : (int64_t)by;
	if (*before < FIRST_MS || *before > LAST_MS)
		return NULL;
	return to + mc_time_text_utc(to, *before);
}

static char *
text_code(struct unpacker *u, char *to)
{
	struct before *b = &u->before;
	int same, more;

	if (!get_byte(u, &same))
		return NULL;
	if (same == 0)
		return copy(to, b->code, b->code_len);
	if (!get_byte(u, &more) || (size_t)--same > b->code_len ||
	    same + more > CODE_TEXT || u->value_end - u->value < more)
		return NULL;
	memcpy(b->code + same, u->value, (size_t)more);
	u->value += more;
	b->code_len = (size_t)(same + more);
	return copy(to, b->code, b->code_len);
}

static char *
text_hole(struct unpacker *u, char *to, int kind)
{
	switch (kind) {
	case AT:
		return text_instant(u, to, &u->before.at);
	case RECORDED_AT:
		return text_instant(u, to, &u->before.recorded_at);
	case CODE:
		return text_code(u, to);
	case PERSONAL:
		if (u->value_end - u->value < MC_HASH_LEN)
			return NULL;
		u->value += MC_HASH_LEN;
		return mc_base64_text(to, u->value - MC_HASH_LEN, MC_HASH_LEN);
	case SEQ:
		return to + put_digits(to, u->seq);
	default:
		return NULL;
	}
}

/* What the holes of one body can become, at most. */
#define HOLES_TEXT (HOLES * (CODE_TEXT + MC_TIME_TEXT))

static bool
add_body(struct unpacker *u, struct mc_buf *out)
{
	const struct shape *s;
	const char *text;
	char *start, *to;
	size_t piece;
	int k, i;

	if (!get_byte(u, &k) || k > u->n || (k == u->n && !read_shape(u)))
		return false;
	s = &u->shape[k];
	start = mc_buf_room(out, 2 + s->len + HOLES_TEXT);
	to = start + 2;
	text = s->text;
	for (i = 0; i < s->holes; i++) {
		piece = get_2(s->head + 3 * i);
		to = copy(to, text, piece);
		text += piece;
		to = text_hole(u, to, (unsigned char)s->head[3 * i + 2]);
		if (to == NULL)
			return false;
	}
	to = copy(to, text, get_2(s->head + 3 * i));
	piece = (size_t)(to - start) - 2;
	if (piece > MC_EVENT_BODY_MAX)
		return false;
	put_2(start, piece);
	*to = '\0';
	out->len = (size_t)(to - out->p);
	u->seq++;
	return true;
}

static bool
add_bodies(struct unpacker *u, struct mc_buf *out, uint32_t at[MC_BUNDLE])
{
	size_t start = out->len;
	int i;

	for (i = 0; i < MC_BUNDLE; i++) {
		at[i] = (uint32_t)(out->len - start);
		if (!add_body(u, out))
			return false;
	}
	return u->value == u->value_end && u->next == u->shapes_end;
}

int
mc_bundle_unpack(struct mc_buf *out, uint32_t at[MC_BUNDLE],
    struct mc_str packed, uint64_t first, struct mc_err *err)
{
	struct mc_buf shapes = { 0 };
	struct unpacker u;
	size_t start = out->len, n = 0;
	bool whole = packed.len >= HEAD && packed.p[0] == FORM;

	if (whole)
		n = get_2(packed.p + 1) << 16 | get_2(packed.p + 3);
	if (!whole || n > packed.len - HEAD)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "a bundle of the log is damaged");
	nothing_before(&u.before);
	u.value = packed.p + HEAD;
	u.value_end = u.value + n;
	u.n = 0;
	u.seq = first;
	if (mc_unpack(&shapes,
		(struct mc_str){ u.value_end, packed.len - HEAD - n },
		err) == -1) {
		mc_buf_free(&shapes);
		return -1;
	}
	u.next = mc_buf_str(&shapes);
	u.shapes_end = u.next + shapes.len;
	whole = add_bodies(&u, out, at);
	mc_buf_free(&shapes);
	if (whole)
		return 0;
	out->len = start;
	return mc_err(
	    err, MC_EDAMAGED, "E_LOG", "a bundle of the log is damaged");
}
