/* bundle.c - bodies are put together again; see motcua/bundle.h. */
#include <motcua/event.h>
#include <motcua/hash.h>
#include <motcua/number.h>
#include <motcua/pack.h>
#include <motcua/when.h>

#include "bundle_internal.h"

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

	if (!mc_number_get(&u->value, u->value_end, &n))
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
