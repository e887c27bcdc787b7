/* bundle_pack.c - bodies are taken apart; see motcua/bundle.h. */
#include <motcua/event.h>
#include <motcua/hash.h>
#include <motcua/number.h>
#include <motcua/pack.h>
#include <motcua/when.h>

#include "bundle_internal.h"

/* What one body's values take at most, and a shape's head. */
#define VALUES (1 + 2 * MC_NUMBER_MAX + 2 + CODE_TEXT + MC_HASH_LEN)
#define SHAPE_HEAD (1 + 3 * HOLES + 2)

/* How many bytes two texts begin with alike. */
static size_t
shared(const char *a, size_t na, const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb, i;

	for (i = 0; i < n && a[i] == b[i]; i++)
		;
	return i;
}

/* What a hole takes out of a body. */
struct cut {
	size_t from, len;
	enum hole kind;
	int64_t ms; /* of an instant */
};

/* Shapes are found again by a hash of them. */
#define SLOTS 512
#define STEP 32 /* bytes that are hashed at once */

struct packer {
	struct before before;
	/* A day and its text: it stays the same for many bodies. */
	int32_t day;
	char date[10];
	size_t head;            /* bytes of the last body until its time */
	size_t tail;            /* and after its number */
	struct mc_str recorded; /* the last instant of that kind, as text */
	char seq[SEQ_TEXT];     /* the number of the body in hand */
	size_t seq_len;
	unsigned char commitment[MC_HASH_LEN]; /* its own */
	struct mc_buf shapes;
	struct {
		uint32_t from, len;
		int16_t next; /* the shape of the body after it, last time */
	} shape[MC_BUNDLE];
	int n, last; /* last: the shape of the body before */
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

/* Where `,"seq":` begins, or 0: mostly as far from the end as the last one. */
static size_t
find_seq(struct packer *pk, struct mc_str body)
{
	static const char key[] = ",\"seq\":";
	const size_t k = sizeof(key) - 1, n = pk->seq_len;
	size_t at;

	if (body.len > pk->tail + n + k) {
		at = body.len - pk->tail - n - k;
		if (stands(body, at, key, k) &&
		    stands(body, at + k, pk->seq, n))
			return at;
	}
	/* From the end: what is behind it is short. */
	for (at = body.len; at > 0; at--)
		if (body.p[at - 1] == ',' && stands(body, at - 1, key, k))
			break;
	if (at == 0 || !stands(body, at - 1 + k, pk->seq, n))
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
	if (!stands(body, at, key, sizeof(key) - 1))
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

/* When it was recorded, which the text up to `end` says; is it there? */
static bool
cut_recorded(struct packer *pk, struct mc_str body, size_t from, size_t end,
    struct cut *cut)
{
	static const char key[] = ",\"recorded_at\":\"";
	const size_t k = sizeof(key) - 1;

	if (end < from + k + 24)
		return false;
	cut->kind = RECORDED_AT;
	cut->len = body.p[end - 5] == '.' ? 24 : 20;
	cut->from = end - cut->len;
	if (!stands(body, cut->from - k, key, k))
		return false;
	/* That of a whole import is one. */
	if (pk->recorded.len == cut->len &&
	    memcmp(pk->recorded.p, body.p + cut->from, cut->len) == 0) {
		cut->ms = pk->before.recorded_at;
		return true;
	}
	if (take_instant(pk, body.p + cut->from, cut->len, &cut->ms) !=
	    cut->len)
		return false;
	pk->recorded = (struct mc_str){ body.p + cut->from, cut->len };
	return true;
}

static bool
cut_personal(struct packer *pk, struct mc_str body, size_t from, size_t end,
    struct cut *cut)
{
	static const char key[] = ",\"personal\":\"";
	const size_t k = sizeof(key) - 1;

	if (end < from + k + COMMITMENT + 1)
		return false;
	cut->kind = PERSONAL;
	cut->len = COMMITMENT;
	cut->from = end - COMMITMENT - 1;
	return stands(body, cut->from - k, key, k) &&
	       mc_base64_get((struct mc_str){ body.p + cut->from, COMMITMENT },
		   pk->commitment, MC_HASH_LEN);
}

/* What stands between the data and the end, if it begins behind `from`. */
static int
cut_tail(struct packer *pk, struct mc_str body, size_t from, struct cut *cut)
{
	static const char schema[] = "\",\"schema\":\"motcua.leaf/1\"";
	const size_t s = sizeof(schema) - 1, number = find_seq(pk, body);
	struct cut instant;
	int n = 0;

	if (number < from + s)
		return 0;
	if (stands(body, number - s, schema, s) &&
	    cut_recorded(pk, body, from, number - s, &instant)) {
		n += cut_personal(pk, body, from,
		    instant.from - (sizeof(",\"recorded_at\":\"") - 1),
		    &cut[n]);
		cut[n++] = instant;
	}
	cut[n++] = (struct cut){ .kind = SEQ,
		.from = number + sizeof(",\"seq\":") - 1,
		.len = pk->seq_len };
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

/* Is what is left of the body that shape? */
static bool
is_shape(const struct packer *pk, int k, struct mc_str body,
    const struct cut *cut, int n)
{
	const char *head = pk->shapes.p + pk->shape[k].from;
	const char *text = head + 1 + 3 * n + 2;
	size_t from = 0, piece;
	int i;

	if (*head++ != n)
		return false;
	for (i = 0; i < n; i++, head += 3) {
		piece = cut[i].from - from;
		if (get_2(head) != piece || head[2] != (char)cut[i].kind ||
		    memcmp(text, body.p + from, piece) != 0)
			return false;
		text += piece;
		from = cut[i].from + cut[i].len;
	}
	return get_2(head) == body.len - from &&
	       memcmp(text, body.p + from, body.len - from) == 0;
}

/* The number of the one that stands at the end; a new one stays there. */
static int
find_shape(struct packer *pk, size_t len)
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
	pk->shape[pk->n].next = -1;
	pk->shapes.len += len;
	return pk->n++;
}

/* Mostly the same follows a shape as did before. */
static int
number_shape(
    struct packer *pk, struct mc_str body, const struct cut *cut, int n)
{
	int16_t *next = pk->last == -1 ? NULL : &pk->shape[pk->last].next;
	int k = next == NULL ? -1 : *next;

	if (k == -1 || !is_shape(pk, k, body, cut, n))
		k = find_shape(pk, add_shape(pk, body, cut, n));
	if (next != NULL)
		*next = (int16_t)k;
	pk->last = k;
	return k;
}

static char *
put_instant(char *to, int64_t ms, int64_t *before)
{
	int64_t by = ms - *before;
	uint64_t n = by < 0 ? 0 - (uint64_t)by : (uint64_t)by;
	bool exact = n % 1000 != 0;

	*before = ms;
	n = (exact ? n : n / 1000) << 2 | (uint64_t)(by < 0) << 1 | exact;
	return mc_number_put(to, n);
}

static char *
put_code(char *to, struct mc_str code, struct before *before)
{
	size_t n;

	if (code.len == before->code_len &&
	    memcmp(code.p, before->code, code.len) == 0) {
		*to++ = 0;
		return to;
	}
	n = shared(code.p, code.len, before->code, before->code_len);
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
			memcpy(to, pk->commitment, MC_HASH_LEN);
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
	pk.recorded = (struct mc_str){ NULL, 0 };
	pk.n = 0;
	pk.last = -1;
	memset(pk.slot, 0, sizeof(pk.slot));
	pk.shapes = (struct mc_buf){ 0 };
	mc_buf_room(&pk.shapes, plain.len + MC_BUNDLE * SHAPE_HEAD + STEP);
	for (i = 0; i < MC_BUNDLE; i++) {
		body = (struct mc_str){ plain.p + at[i] + 2,
			get_2(plain.p + at[i]) };
		n = cut_head(&pk, body, cut);
		pk.seq_len = put_digits(pk.seq, first + (uint64_t)i);
		n += cut_tail(&pk, body,
		    n > 0 ? cut[n - 1].from + cut[n - 1].len : 0, cut + n);
		*to++ = (char)number_shape(&pk, body, cut, n);
		to = put_values(&pk, to, body, cut, n);
	}
	out->p[start] = FORM;
	put_2(out->p + start + 1, (size_t)(to - values) >> 16);
	put_2(out->p + start + 3, (size_t)(to - values) & 0xFFFF);
	out->len = start + HEAD + (size_t)(to - values);
	mc_pack(out, (struct mc_str){ pk.shapes.p, pk.shapes.len });
	mc_buf_free(&pk.shapes);
}
