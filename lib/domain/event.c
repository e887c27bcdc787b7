/* event.c - see motcua/event.h. */
#include <assert.h>
#include <string.h>

#include <motcua/event.h>
#include <motcua/json.h>
#include <motcua/text.h>

#include "event_internal.h"

static const struct mc_str kind_names[] = {
#define X(NAME, name) [MC_K_##NAME] = MC_STR_INIT(name),
	MC_KINDS(X)
#undef X
};
#define X(NAME, name, type)                                                    \
	static_assert(sizeof(name) + 2 <= MC_FIELD_KEY, "a longer key");
MC_EVENT_FIELDS(X)
#undef X

#define STR MC_FIELD_STR
#define RAW MC_FIELD_RAW
#define INT MC_FIELD_INT
#define TIME MC_FIELD_TIME
#define DAY MC_FIELD_DAY
#define BOOL MC_FIELD_BOOL
const struct mc_field_form mc_field_form[] = {
#define X(NAME, name, type)                                                    \
	[MC_F_##NAME] = { name, "\"" name "\":", sizeof(name) + 2, type },
	MC_EVENT_FIELDS(X)
#undef X
};

static const struct mc_str personal_names[] = {
	[MC_P_ADDRESS] = MC_STR_INIT("address"),
	[MC_P_APPLICANT_ID] = MC_STR_INIT("applicant_id"),
	[MC_P_APPLICANT_NAME] = MC_STR_INIT("applicant_name"),
	[MC_P_ATTRIBUTES] = MC_STR_INIT("attributes"),
	[MC_P_EMAIL] = MC_STR_INIT("email"),
	[MC_P_FIELDS] = MC_STR_INIT("fields"),
	[MC_P_NOTE] = MC_STR_INIT("note"),
	[MC_P_PHONE] = MC_STR_INIT("phone"),
	[MC_P_REASON] = MC_STR_INIT("reason"),
	[MC_P_SUBJECT] = MC_STR_INIT("subject"),
};

#define NAMED(name, label)                                                     \
	{                                                                      \
		MC_STR_INIT(name), MC_STR_INIT(label)                          \
	}

/* Labels of the national code list (DOMAIN 3.1). */
static const struct {
	struct mc_str name, label;
} statuses[] = {
	[MC_S_NONE] = NAMED("none", ""),
	[MC_S_REGISTERED] = NAMED("registered", "Mới đăng ký"),
	[MC_S_RECEIVED] = NAMED("received", "Được tiếp nhận"),
	[MC_S_NOT_ACCEPTED] = NAMED("not-accepted", "Không được tiếp nhận"),
	[MC_S_PROCESSING] = NAMED("processing", "Đang xử lý"),
	[MC_S_SUPPLEMENT] = NAMED("supplement", "Yêu cầu bổ sung giấy tờ"),
	[MC_S_PAYMENT] =
	    NAMED("payment", "Yêu cầu thực hiện nghĩa vụ tài chính"),
	[MC_S_WITHDRAWN] = NAMED("withdrawn", "Công dân yêu cầu rút hồ sơ"),
	[MC_S_STOPPED] = NAMED("stopped", "Dừng xử lý"),
	[MC_S_FINISHED] = NAMED("finished", "Đã xử lý xong"),
	[MC_S_RETURNED] = NAMED("returned", "Đã trả kết quả"),
};

static const struct {
	struct mc_str name, label;
} channels[] = {
	[MC_CH_NONE] = NAMED("", ""),
	[MC_CH_DIRECT] = NAMED("direct", "Trực tiếp"),
	[MC_CH_ONLINE] = NAMED("online", "Trực tuyến"),
	[MC_CH_POSTAL] = NAMED("postal", "Qua bưu chính công ích"),
};

const char *
mc_status_name(enum mc_status s)
{
	return statuses[s].name.p;
}

struct mc_str
mc_status_str(enum mc_status s)
{
	return statuses[s].name;
}

const char *
mc_status_label(enum mc_status s)
{
	return statuses[s].label.p;
}

enum mc_status
mc_status_parse(struct mc_str s)
{
	int64_t n;
	int i;

	if (s.len == 0)
		return MC_S_NONE;
	if (mc_int_parse(&n, s, MC_S_REGISTERED, MC_S_RETURNED))
		return (enum mc_status)n;
	for (i = MC_S_REGISTERED; i <= MC_S_RETURNED; i++)
		if (mc_str_same(s, statuses[i].name) ||
		    mc_str_same(s, statuses[i].label))
			return (enum mc_status)i;
	return MC_S_NONE;
}

bool
mc_status_open(enum mc_status s)
{
	return s == MC_S_REGISTERED || s == MC_S_RECEIVED ||
	       s == MC_S_PROCESSING || mc_status_paused(s);
}

bool
mc_status_paused(enum mc_status s)
{
	return s == MC_S_SUPPLEMENT || s == MC_S_PAYMENT || s == MC_S_STOPPED;
}

bool
mc_status_move(enum mc_status a, enum mc_status b)
{
	/* Bit b of row a, as DOMAIN 3.1 lists the legal moves. */
	static const uint16_t legal[] = {
		[MC_S_REGISTERED] = 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7,
		[MC_S_RECEIVED] = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 |
				  1 << 8 | 1 << 9,
		[MC_S_PROCESSING] = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9,
		[MC_S_SUPPLEMENT] = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 8,
		[MC_S_PAYMENT] = 1 << 4 | 1 << 7 | 1 << 8,
		[MC_S_STOPPED] = 1 << 4 | 1 << 7,
		[MC_S_FINISHED] = 1 << 10,
		[MC_S_RETURNED] = 0,
	};

	return (legal[a] >> b & 1) != 0;
}

const char *
mc_channel_name(enum mc_channel c)
{
	return channels[c].name.p;
}

struct mc_str
mc_channel_str(enum mc_channel c)
{
	return channels[c].name;
}

const char *
mc_channel_label(enum mc_channel c)
{
	return channels[c].label.p;
}

enum mc_channel
mc_channel_parse(struct mc_str s)
{
	int64_t n;
	int i;

	if (s.len == 0)
		return MC_CH_NONE;
	if (mc_int_parse(&n, s, MC_CH_DIRECT, MC_CH_POSTAL))
		return (enum mc_channel)n;
	for (i = MC_CH_DIRECT; i <= MC_CH_POSTAL; i++)
		if (mc_str_same(s, channels[i].name) ||
		    mc_str_same(s, channels[i].label))
			return (enum mc_channel)i;
	return MC_CH_NONE;
}

const char *
mc_kind_name(enum mc_kind k)
{
	return kind_names[k].p;
}

struct mc_str
mc_kind_str(enum mc_kind k)
{
	return kind_names[k];
}

const char *
mc_personal_name(enum mc_personal p)
{
	return personal_names[p].p;
}

void
mc_event_strz(struct mc_event *e, enum mc_event_field f, const char *s)
{
	mc_event_str(e, f, mc_str(s));
}

/* ---- encoding ---- */

/*
 * Writing goes through a bare pointer into room that was made for the whole
 * body: an import writes millions of them.
 */
static inline char *
put(char *to, const char *p, size_t n)
{
	memcpy(to, p, n);
	return to + n;
}
#define PUT(to, literal) put(to, literal, sizeof(literal) - 1)

static inline char *
put_str(char *to, struct mc_str s)
{
	return s.len == 0 ? to : put(to, s.p, s.len);
}

static inline char *
put_time(char *to, int64_t ms)
{
	*to++ = '"';
	to += mc_time_text_utc(to, ms);
	*to++ = '"';
	return to;
}

static inline char *
put_quoted(char *to, struct mc_str s)
{
	return mc_json_put(to, s.p, s.len);
}

static char *
put_field(char *to, enum mc_field_type type, const union mc_event_value *v)
{
	switch (type) {
	case STR:
		return put_quoted(to, v->s);
	case RAW:
		return put_str(to, v->s);
	case INT:
		return to + mc_int_text(to, v->i);
	case TIME:
		return put_time(to, v->i);
	case DAY:
		*to++ = '"';
		to += mc_day_text(to, (int32_t)v->i);
		*to++ = '"';
		return to;
	case BOOL:
		return v->i ? PUT(to, "true") : PUT(to, "false");
	}
	return to;
}

void
mc_event_frame_set(struct mc_event_frame *f, const struct mc_event *e)
{
	mc_buf_reset(&f->head);
	mc_buf_puts(&f->head, "{\"actor\":");
	mc_json_quote(&f->head, e->actor.p, e->actor.len);
	mc_buf_puts(&f->head, ",\"at\":");

	mc_buf_reset(&f->middle);
	mc_buf_puts(&f->middle, "\",\"recorded_at\":\"");
	mc_time_put_utc(&f->middle, e->recorded_at);
	mc_buf_puts(&f->middle, "\",\"schema\":\"motcua.leaf/1\",\"seq\":");

	mc_buf_reset(&f->tail);
	mc_buf_puts(&f->tail, ",\"site\":");
	mc_json_quote(&f->tail, e->site.p, e->site.len);
	if (e->sudo.len > 0) {
		mc_buf_puts(&f->tail, ",\"sudo\":");
		mc_json_quote(&f->tail, e->sudo.p, e->sudo.len);
	}
	mc_buf_puts(&f->tail, ",\"uid\":");
	mc_buf_int(&f->tail, e->uid);
	mc_buf_putc(&f->tail, '}');
}

void
mc_event_frame_free(struct mc_event_frame *f)
{
	mc_buf_free(&f->head);
	mc_buf_free(&f->middle);
	mc_buf_free(&f->tail);
}

#define FIXED 512 /* the time, the names of members, the commitment */
#define VALUE 64  /* the name and quotes of a value, or all of a number */

size_t
mc_event_inner_room(const struct mc_event *e)
{
	size_t n = FIXED + MC_JSON_ESCAPED * e->code.len;
	uint64_t left;
	int i;

	for (left = e->present; left != 0; left &= left - 1) {
		i = __builtin_ctzll(left);
		n += VALUE;
		if (mc_field_form[i].type == STR ||
		    mc_field_form[i].type == RAW)
			n += MC_JSON_ESCAPED * e->value[i].s.len;
	}
	return n;
}

char *
mc_event_inner(char *to, const struct mc_event *e)
{
	uint64_t left;
	int i;

	to = put_time(to, e->at);
	if (e->code.len > 0) {
		to = PUT(to, ",\"code\":");
		to = put_quoted(to, e->code);
	}
	to = PUT(to, ",\"data\":{");
	for (left = e->present; left != 0; left &= left - 1) {
		i = __builtin_ctzll(left);
		memcpy(to, mc_field_form[i].key, MC_FIELD_KEY);
		to += mc_field_form[i].key_len;
		to = put_field(to, mc_field_form[i].type, &e->value[i]);
		*to++ = ',';
	}
	if (e->present != 0)
		to--;
	to = PUT(to, "},\"kind\":\"");
	to = put_str(to, kind_names[e->kind]);
	if (e->has_personal) {
		to = PUT(to, "\",\"personal\":\"");
		to = mc_base64_text(to, e->commitment.b, MC_HASH_LEN);
	}
	*to = '\0';
	return to;
}

void
mc_event_commit(char *end, const struct mc_hash *commitment)
{
	mc_base64_text(
	    end - (MC_HASH_LEN + 2) / 3 * 4, commitment->b, MC_HASH_LEN);
}

int
mc_event_encode_in(struct mc_buf *b, const struct mc_event *e,
    const struct mc_event_frame *f, struct mc_err *err)
{
	size_t start = b->len, size;
	char *to = mc_buf_room(
	    b, f->head.len + f->middle.len + f->tail.len + VALUE +
		   (e->inner.len > 0 ? e->inner.len : mc_event_inner_room(e)));

	to = put(to, f->head.p, f->head.len);
	to = e->inner.len > 0 ? put(to, e->inner.p, e->inner.len)
			      : mc_event_inner(to, e);
	to = put(to, f->middle.p, f->middle.len);
	to += mc_int_text(to, (int64_t)e->seq);
	to = put(to, f->tail.p, f->tail.len);
	mc_buf_end(b, to);
	size = b->len - start;
	if (size > MC_EVENT_BODY_MAX) {
		b->len = start;
		b->p[start] = '\0';
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "an event of %d bytes would be over the limit of %d",
		    (int)size, MC_EVENT_BODY_MAX);
	}
	return 0;
}

int
mc_event_encode(struct mc_buf *b, const struct mc_event *e, struct mc_err *err)
{
	struct mc_event_frame f = { { 0 }, { 0 }, { 0 } };
	int rc;

	mc_event_frame_set(&f, e);
	rc = mc_event_encode_in(b, e, &f, err);
	mc_event_frame_free(&f);
	return rc;
}

/* ---- personal values ---- */

static void
draw_salt(struct mc_sealed *out, struct mc_salts *salts)
{
	if (salts->left == 0) {
		mc_random_many(salts->p, sizeof(salts->p));
		salts->left = sizeof(salts->p);
	}
	salts->left -= sizeof(out->salt);
	memcpy(out->salt, salts->p + salts->left, sizeof(out->salt));
}

void
mc_personal_salt(
    struct mc_sealed *out, struct mc_salts *salts, char room[MC_SALT_LEN])
{
	draw_salt(out, salts);
	memcpy(room, out->salt, MC_SALT_LEN);
}

static struct mc_str
salted(const struct mc_sealed *s)
{
	return (struct mc_str){ s->text.p - MC_SALT_LEN,
		s->text.len + MC_SALT_LEN };
}

void
mc_personal_commit(struct mc_sealed *a, struct mc_sealed *b)
{
	struct mc_str message[2] = { salted(a) };
	struct mc_hash out[2];

	if (b != NULL)
		message[1] = salted(b);
	mc_sha256_each(message, b != NULL ? 2 : 1, out);
	a->commitment = out[0];
	if (b != NULL)
		b->commitment = out[1];
}

void
mc_personal_seal(
    struct mc_sealed *out, struct mc_salts *salts, struct mc_str text)
{
	draw_salt(out, salts);
	out->text = text;
	mc_sha256_two(
	    out->salt, sizeof(out->salt), text.p, text.len, &out->commitment);
}

size_t
mc_personal_room(const struct mc_str v[MC_P__COUNT])
{
	size_t n = 0, i;

	for (i = 0; i < MC_P__COUNT; i++)
		if (v[i].len > 0)
			n += VALUE + MC_JSON_ESCAPED * v[i].len;
	return n;
}

char *
mc_personal_text(char *to, const struct mc_str v[MC_P__COUNT])
{
	size_t i;

	*to = '{';
	for (i = 0; i < MC_P__COUNT; i++) {
		if (v[i].len == 0)
			continue;
		*++to = '"';
		to = put(to + 1, personal_names[i].p, personal_names[i].len);
		to = PUT(to, "\":");
		to = i == MC_P_FIELDS || i == MC_P_ATTRIBUTES
			 ? put_str(to, v[i])
			 : put_quoted(to, v[i]);
		*to = ',';
	}
	*to++ = '}';
	*to = '\0';
	return to;
}

bool
mc_personal_put(struct mc_buf *b, const struct mc_str v[MC_P__COUNT])
{
	size_t n = mc_personal_room(v);

	if (n == 0)
		return false;
	b->len = (size_t)(mc_personal_text(mc_buf_room(b, n), v) - b->p);
	return true;
}
