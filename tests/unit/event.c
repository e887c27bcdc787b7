/* event.c - unit tests of event.h: bodies there and back, and refusals. */
#include <stdlib.h>

#include <motcua/event.h>
#include <motcua/fold.h>
#include <motcua/json.h>

#define RND_SEED 20240205
#include "rnd.h"
#include "tap.h"

/* A small generator of our own, so that every run is the same run. */
/* Text with everything that JSON has to escape, and what it must not. */
static struct mc_str
random_text(struct mc_buf *b, size_t max)
{
	static const char *const piece[] = { "a", "Z", "0", " ", "\"", "\\",
		"/", "\b", "\f", "\n", "\r", "\t", "\x01", "\x1f", "\x7f", "đ",
		"ủ", "\xe2\x80\xa8", "\xef\xbf\xbf", "\xf0\x9f\x98\x80",
		"\\u0041" };
	size_t n = rnd(max + 1), start = b->len;

	while (n-- > 0)
		mc_buf_puts(b, piece[rnd(sizeof(piece) / sizeof(piece[0]))]);
	mc_buf_room(b, 0);
	return (struct mc_str){ b->p + start, b->len - start };
}

static const char types[] = {
#define STR 's'
#define RAW 'r'
#define INT 'i'
#define TIME 't'
#define DAY 'd'
#define BOOL 'b'
#define X(NAME, name, type) [MC_F_##NAME] = type,
	MC_EVENT_FIELDS(X)
#undef X
};

static const char *const names[] = {
#define X(NAME, name, type) name,
	MC_EVENT_FIELDS(X)
#undef X
};

static int64_t
random_time(void)
{
	int64_t day = (int64_t)rnd(MC_DAY_MAX - MC_DAY_MIN) + MC_DAY_MIN;

	return day * MC_MS_DAY + (int64_t)rnd(86400) * 1000 +
	       (rnd(2) ? (int64_t)rnd(1000) : 0);
}

static struct mc_str
random_raw(void)
{
	static const char *const raw[] = { "{}", "[]", "\"\"",
		"{\"a\":[1,{\"b\":\"}\"}],\"c\":null}", "[\"]\",\"\\\"\"]",
		"{\"\\\\\":\"\\n\",\"đ\":true}" };

	return mc_str(raw[rnd(sizeof(raw) / sizeof(raw[0]))]);
}

static void
inner_of(struct mc_buf *b, const struct mc_event *e)
{
	char *to = mc_buf_room(b, mc_event_inner_room(e));

	b->len = (size_t)(mc_event_inner(to, e) - b->p);
}

static void
random_event(struct mc_event *e, struct mc_buf *text)
{
	int f;

	memset(e, 0, sizeof(*e));
	mc_buf_reset(text);
	mc_buf_room(text, 1 << 16); /* so that views stay where they are */
	e->kind = (enum mc_kind)rnd(MC_K__COUNT);
	e->seq = rnd(8) ? rnd(1000000) : rnd(INT64_MAX);
	e->at = random_time();
	e->recorded_at = random_time();
	e->code = random_text(text, 20);
	e->site = random_text(text, 5);
	e->actor = random_text(text, 20);
	e->uid = (int64_t)rnd(100000);
	e->sudo = rnd(2) ? random_text(text, 5) : MC_STR("");
	e->has_personal = rnd(2) != 0;
	for (f = 0; e->has_personal && f < MC_HASH_LEN; f++)
		e->commitment.b[f] = (unsigned char)rnd(256);
	for (f = 0; f < MC_F__COUNT; f++) {
		if (rnd(3) != 0)
			continue;
		switch (types[f]) {
		case STR:
			mc_event_str(
			    e, (enum mc_event_field)f, random_text(text, 12));
			break;
		case RAW:
			mc_event_str(e, (enum mc_event_field)f, random_raw());
			break;
		case INT:
			mc_event_int(e, (enum mc_event_field)f,
			    (int64_t)rnd(1000) - 500);
			break;
		case TIME:
			mc_event_int(e, (enum mc_event_field)f, random_time());
			break;
		case DAY:
			mc_event_int(e, (enum mc_event_field)f,
			    random_time() / MC_MS_DAY);
			break;
		default:
			mc_event_int(
			    e, (enum mc_event_field)f, (int64_t)rnd(2));
		}
	}
}

static bool
same_event(const struct mc_event *a, const struct mc_event *b)
{
	int f;

	if (a->kind != b->kind || a->seq != b->seq || a->at != b->at ||
	    a->recorded_at != b->recorded_at || a->uid != b->uid ||
	    !mc_str_same(a->code, b->code) || !mc_str_same(a->site, b->site) ||
	    !mc_str_same(a->actor, b->actor) ||
	    !mc_str_same(a->sudo, b->sudo) ||
	    a->has_personal != b->has_personal || a->present != b->present ||
	    (a->has_personal && !mc_hash_same(&a->commitment, &b->commitment)))
		return false;
	for (f = 0; f < MC_F__COUNT; f++) {
		if (!mc_event_has(a, (enum mc_event_field)f))
			continue;
		if (types[f] == STR || types[f] == RAW) {
			if (!mc_str_same(a->value[f].s, b->value[f].s))
				return false;
		} else if (a->value[f].i != b->value[f].i) {
			return false;
		}
	}
	return true;
}

/* Jansson reads it as it was meant, and would write the same bytes. */
static bool
is_canonical(struct mc_buf *body)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *v = NULL;
	struct mc_buf again = { 0 };
	bool ok;

	ok = mc_json_parse(
		 &v, "body", (struct mc_str){ body->p, body->len }, &err) == 0;
	if (ok && mc_json_canonical(&again, v, &err) == 0)
		ok = again.len == body->len &&
		     memcmp(again.p, body->p, body->len) == 0;
	else /* a seq beyond 2^53 has no canonical form; nothing else fails */
		ok = ok && strstr(err.msg, "53 bits") != NULL;
	mc_json_free(v);
	mc_buf_free(&again);
	return ok;
}

static void
round_trip(void)
{
	struct mc_buf text = { 0 }, body = { 0 }, scratch = { 0 }, two = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e, back;
	struct mc_event_frame frame = { { 0 }, { 0 }, { 0 } };
	struct mc_buf inner = { 0 };
	int i, encoded = 0, decoded = 0, same = 0, again = 0, canonical = 0,
	       parts = 0;

	for (i = 0; i < 20000; i++) {
		random_event(&e, &text);
		mc_buf_reset(&body);
		encoded += mc_event_encode(&body, &e, &err) == 0;
		decoded +=
		    mc_event_decode(&back, (struct mc_str){ body.p, body.len },
			&scratch, &err) == 0;
		same += same_event(&e, &back);
		/* The same bytes, when it is made in two parts. */
		mc_event_frame_set(&frame, &e);
		mc_buf_reset(&inner);
		inner_of(&inner, &e);
		e.inner = (struct mc_str){ inner.p, inner.len };
		mc_buf_reset(&two);
		parts += mc_event_encode_in(&two, &e, &frame, &err) == 0 &&
			 two.len == body.len &&
			 memcmp(two.p, body.p, two.len) == 0;
		mc_buf_reset(&two);
		again += mc_event_encode(&two, &back, &err) == 0 &&
			 two.len == body.len &&
			 memcmp(two.p, body.p, two.len) == 0;
		canonical += is_canonical(&body);
	}
	IS(encoded, i);
	IS(decoded, i);
	IS(same, i);
	IS(parts, i);
	IS(again, i);
	IS(canonical, i);
	IS(err.code, MC_OK);
	mc_event_frame_free(&frame);
	mc_buf_free(&inner);
	mc_buf_free(&text);
	mc_buf_free(&body);
	mc_buf_free(&scratch);
	mc_buf_free(&two);
}

/* Any changed byte is refused, or means another event in canonical form. */
static void
mutations(void)
{
	struct mc_buf text = { 0 }, body = { 0 }, scratch = { 0 }, two = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e;
	int i, tried = 0, wrong = 0, raw;

	for (i = 0; i < 20000; i++) {
		random_event(&e, &text);
		/* What is inside raw values is the writer's business. */
		for (raw = 0; raw < MC_F__COUNT; raw++)
			if (types[raw] == RAW)
				e.present &= ~(UINT64_C(1) << raw);
		mc_buf_reset(&body);
		if (mc_event_encode(&body, &e, &err) == -1)
			continue;
		switch (rnd(3)) {
		case 0:
			body.p[rnd(body.len)] = (char)rnd(256);
			break;
		case 1:
			body.len = rnd(body.len);
			break;
		default:
			body.p[rnd(body.len)] = "0-\"\\{}[],:u. "[rnd(13)];
		}
		tried++;
		if (mc_event_decode(&e, (struct mc_str){ body.p, body.len },
			&scratch, &err) == -1)
			continue;
		mc_buf_reset(&two);
		if (mc_event_encode(&two, &e, &err) == -1 ||
		    two.len != body.len ||
		    memcmp(two.p, body.p, two.len) != 0) {
			wrong++;
			printf("# %.*s\n", (int)body.len, body.p);
		}
	}
	IS(tried, i);
	IS(wrong, 0);
	mc_buf_free(&text);
	mc_buf_free(&body);
	mc_buf_free(&scratch);
	mc_buf_free(&two);
}

/* The example of the format, and what one change each makes of it. */
#define A                                                                       \
	"{\"actor\":\"kế toán 3\",\"at\":\"2026-01-15T03:20:00Z\",\"code\":" \
	"\"H42.12-260115-0001\",\"data\":{\"channel\":\"online\",\"due_at\":"   \
	"\"2026-01-29T10:00:00Z\",\"procedure\":\"1.009994\",\"unit\":"         \
	"\"H42.12\"},\"kind\":\"received\",\"personal\":"                       \
	"\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\",\"recorded_at\":"     \
	"\"2026-01-15T03:20:07.001Z\",\"schema\":\"motcua.leaf/1\",\"seq\":41"  \
	",\"site\":\"H42\",\"uid\":1000}"

static const struct {
	const char *name, *from, *to;
} bad[] = {
	{ "another order", "\"actor\":\"kế toán 3\",", "" },
	{ "white space", "{\"actor\"", "{ \"actor\"" },
	{ "a trailing newline", "1000}", "1000}\n" },
	{ "an unknown kind", "received\"", "reviewed\"" },
	{ "no kind", "\"received\"", "\"\"" },
	{ "an unknown member", "\"uid\"", "\"vid\"" },
	{ "an unknown member of data", "\"channel\"", "\"chanxxl\"" },
	{ "data not sorted",
	    "\"channel\":\"online\",\"due_at\":\"2026-01-29T10:00:00Z\"",
	    "\"due_at\":\"2026-01-29T10:00:00Z\",\"channel\":\"online\"" },
	{ "a member twice", "\"channel\":\"online\"",
	    "\"channel\":\"online\",\"channel\":\"online\"" },
	{ "a comma too many", "\"H42.12\"}", "\"H42.12\",}" },
	{ "an empty code", "\"H42.12-260115-0001\"", "\"\"" },
	{ "a time with an offset", "03:20:00Z", "10:20:00+07:00" },
	{ "milliseconds that are zero", "07.001Z", "07.000Z" },
	{ "milliseconds of two digits", "07.001Z", "07.01Z" },
	{ "hour 24", "T03:20:00Z", "T24:00:00Z" },
	{ "second 60", "T03:20:00Z", "T03:20:60Z" },
	{ "no such day", "2026-01-15T03:20:00Z", "2026-02-29T03:20:00Z" },
	{ "year 2200", "2026-01-15T03:20:00Z", "2200-01-15T03:20:00Z" },
	{ "a number with a leading zero", "\"seq\":41", "\"seq\":041" },
	{ "a negative seq", "\"seq\":41", "\"seq\":-41" },
	{ "minus zero", "\"uid\":1000", "\"uid\":-0" },
	{ "a fraction", "\"uid\":1000", "\"uid\":1000.0" },
	{ "a quoted number", "\"uid\":1000", "\"uid\":\"1000\"" },
	{ "65 bits", "\"uid\":1000", "\"uid\":18446744073709551616" },
	{ "an escaped solidus", "H42\",\"uid", "H4\\/\",\"uid" },
	{ "a long escape where a short one is", "H42\",\"uid",
	    "H4\\u000a\",\"uid" },
	{ "an escape in upper case", "H42\",\"uid", "H4\\u001F\",\"uid" },
	{ "an escape where none is needed", "H42\",\"uid",
	    "H4\\u0041\",\"uid" },
	{ "a raw control character", "H42\",\"uid", "H4\x01\",\"uid" },
	{ "broken UTF-8", "H42\",\"uid", "H4\xff\",\"uid" },
	{ "base64 without padding", "Hh8=", "Hh8" },
	{ "base64 with bits left over", "Hh8=", "Hh9=" },
	{ "base64 of 29 bytes", "GBka", "" },
	{ "another schema", "motcua.leaf/1", "motcua.leaf/2" },
	{ "an empty sudo", "\"uid\"", "\"sudo\":\"\",\"uid\"" },
	{ "the end missing", "1000}", "1000" },
	{ "a second document", "1000}", "1000}{}" },
};

/* `text` with the first `from` made `to`. */
static void
replace(struct mc_buf *b, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	mc_buf_reset(b);
	if (!OK(at != NULL))
		return;
	mc_buf_add(b, text, (size_t)(at - text));
	mc_buf_puts(b, to);
	mc_buf_puts(b, at + strlen(from));
}

static void
refusals(void)
{
	struct mc_buf b = { 0 }, scratch = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e;
	size_t i;

	if (OK(mc_event_decode(&e, MC_STR(A), &scratch, &err) == 0)) {
		IS(e.seq, 41);
		IS(e.kind, MC_K_RECEIVED);
		IS(e.uid, 1000);
		OK(e.has_personal);
		IS(e.commitment.b[31], 31);
		OK(mc_str_is(e.actor, "kế toán 3"));
		OK(mc_str_is(mc_event_get(&e, MC_F_UNIT), "H42.12"));
		OK(mc_event_get(&e, MC_F_STEP).p == NULL);
		IS(mc_event_num(&e, MC_F_DUE_AT, 0), INT64_C(1769680800000));
		IS(mc_event_num(&e, MC_F_RUN, -7), -7);
		IS(e.recorded_at % 1000, 1);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].name);
		replace(&b, A, bad[i].from, bad[i].to);
		mc_err_clear(&err);
		IS(mc_event_decode(
		       &e, (struct mc_str){ b.p, b.len }, &scratch, &err),
		    -1);
		IS(err.code, MC_EDAMAGED);
		IS_STR(err.id, "E_LOG");
	}
	TAP_ROW(NULL);
	for (i = 0; i < sizeof(A) - 1; i++)
		if (mc_event_decode(
			&e, (struct mc_str){ A, i }, &scratch, &err) == 0)
			break;
	IS(i, sizeof(A) - 1); /* no prefix is an event */
	mc_buf_free(&b);
	mc_buf_free(&scratch);
}

/* A body may have 65,535 bytes and not one more. */
static void
limit(void)
{
	struct mc_buf b = { 0 }, text = { 0 }, scratch = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e, back;
	size_t i, spare;

	memset(&e, 0, sizeof(e));
	e.kind = MC_K_ACTIVITY;
	e.actor = e.site = MC_STR("x");
	mc_event_strz(&e, MC_F_ACTIVITY, "");
	OK(mc_event_encode(&b, &e, &err) == 0);
	spare = MC_EVENT_BODY_MAX - b.len;
	for (i = 0; i < spare + 1; i++)
		mc_buf_putc(&text, 'x');
	mc_event_str(&e, MC_F_ACTIVITY, (struct mc_str){ text.p, spare });
	mc_buf_reset(&b);
	OK(mc_event_encode(&b, &e, &err) == 0);
	IS(b.len, MC_EVENT_BODY_MAX);
	IS(mc_event_decode(
	       &back, (struct mc_str){ b.p, b.len }, &scratch, &err),
	    0);
	mc_event_str(&e, MC_F_ACTIVITY, (struct mc_str){ text.p, spare + 1 });
	b.len = 3;
	IS(mc_event_encode(&b, &e, &err), -1);
	IS_STR(err.id, "E_LIMIT");
	IS(err.code, MC_EDATA);
	IS(b.len, 3); /* as before */
	mc_buf_free(&b);
	mc_buf_free(&text);
	mc_buf_free(&scratch);
}

static void
tables(void)
{
	int i, sorted = 0, j;

	for (i = 1; i < MC_F__COUNT; i++)
		sorted += strcmp(names[i - 1], names[i]) < 0;
	IS(sorted, MC_F__COUNT - 1);
	for (i = 1, sorted = 0; i < MC_P__COUNT; i++)
		sorted += strcmp(mc_personal_name((enum mc_personal)(i - 1)),
			      mc_personal_name((enum mc_personal)i)) < 0;
	IS(sorted, MC_P__COUNT - 1);
	for (i = MC_S_REGISTERED; i <= MC_S_RETURNED; i++) {
		enum mc_status s = (enum mc_status)i;
		char number[16];

		snprintf(number, sizeof(number), "%d", i);
		TAP_ROW(mc_status_name(s));
		IS(mc_status_parse(mc_str(mc_status_name(s))), i);
		IS(mc_status_parse(mc_str(mc_status_label(s))), i);
		IS(mc_status_parse(mc_str(number)), i);
		OK(mc_str_is(mc_status_str(s), mc_status_name(s)));
		OK(!mc_status_paused(s) || mc_status_open(s));
		for (j = MC_S_REGISTERED; j <= MC_S_RETURNED; j++)
			if (mc_status_move(s, (enum mc_status)j) &&
			    !mc_status_open(s))
				IS(i * 100 + j,
				    MC_S_FINISHED * 100 + MC_S_RETURNED);
	}
	TAP_ROW(NULL);
	IS(mc_status_parse(MC_STR("none")), MC_S_NONE);
	IS(mc_status_parse(MC_STR("")), MC_S_NONE);
	IS(mc_status_parse(MC_STR("0")), MC_S_NONE);
	IS(mc_status_parse(MC_STR("11")), MC_S_NONE);
	IS(mc_status_parse(MC_STR("Received")), MC_S_NONE);
	IS(mc_status_meant(MC_STR("4")), MC_S_PROCESSING);
	IS(mc_status_meant(MC_STR("NOT-accepted")), MC_S_NOT_ACCEPTED);
	IS(mc_status_meant(MC_STR("đang xử lý")), MC_S_PROCESSING);
	IS(mc_status_meant(MC_STR("ĐANG XỬ LÝ")), MC_S_PROCESSING);
	IS(mc_status_meant(MC_STR("đang xử lí")), MC_S_NONE);
	IS(mc_status_meant(MC_STR("")), MC_S_NONE);
	IS(mc_status_meant(MC_STR("none")), MC_S_NONE);
	IS(mc_channel_meant(MC_STR("trực TUYẾN")), MC_CH_ONLINE);
	IS(mc_channel_meant(MC_STR("Postal")), MC_CH_POSTAL);
	IS(mc_channel_meant(MC_STR("")), MC_CH_NONE);
	IS(mc_channel_meant(MC_STR("pigeon")), MC_CH_NONE);
	IS(mc_channel_parse(MC_STR("online")), MC_CH_ONLINE);
	IS(mc_channel_parse(MC_STR("3")), MC_CH_POSTAL);
	IS(mc_channel_parse(MC_STR("Trực tiếp")), MC_CH_DIRECT);
	IS(mc_channel_parse(MC_STR("")), MC_CH_NONE);
	IS(mc_channel_parse(MC_STR("4")), MC_CH_NONE);
	IS_STR(mc_kind_name(MC_K_RECEIVED), "received");
}

static void
personal(void)
{
	struct mc_str v[MC_P__COUNT] = { { 0 } };
	struct mc_buf b = { 0 };

	OK(!mc_personal_put(&b, v));
	IS(b.len, 0);
	v[MC_P_SUBJECT] = MC_STR("cấp \"phép\"");
	v[MC_P_APPLICANT_NAME] = MC_STR("An");
	v[MC_P_FIELDS] = MC_STR("{\"x\":\"1\"}");
	OK(mc_personal_put(&b, v));
	IS_STR(mc_buf_str(&b),
	    "{\"applicant_name\":\"An\",\"fields\":{\"x\":\"1\"},"
	    "\"subject\":\"cấp \\\"phép\\\"\"}");
	mc_buf_free(&b);
}

/* Packed sequence numbers come back, whatever the gaps. */
static void
seqs(void)
{
	struct mc_buf b = { 0 };
	uint64_t want[500], last, seq, s;
	size_t i, n, at;
	int round, wrong = 0;

	for (round = 0; round < 200; round++) {
		mc_buf_reset(&b);
		n = rnd(500);
		s = rnd(3) ? rnd(1000) : 0;
		last = 0;
		for (i = 0; i < n; i++) {
			want[i] = s;
			mc_seqs_add(&b, &last, s);
			s += 1 + (rnd(4) ? rnd(300) : rnd(UINT64_C(1) << 50));
		}
		mc_buf_room(&b, 0);
		for (i = 0, at = 0, seq = 0;
		     mc_seqs_next((struct mc_str){ b.p, b.len }, &at, &seq);
		     i++)
			wrong += i >= n || seq != want[i];
		wrong += i != n;
	}
	IS(wrong, 0);
	/* Damaged bytes end the walk and never leave the buffer. */
	at = 0;
	seq = 0;
	OK(mc_seqs_next(MC_STR("\xff\xff"), &at, &seq));
	OK(!mc_seqs_next(MC_STR("\xff\xff"), &at, &seq));
	mc_buf_free(&b);
}

/* Two are committed to as each alone is, and what names them follows. */
static void
commitments(void)
{
	char text[2][MC_SALT_LEN + 200];
	struct mc_sealed s[2], one;
	struct mc_salts salts = { .left = 0 };
	struct mc_event e;
	struct mc_buf before = { 0 }, after = { 0 };
	struct mc_hash want;
	int i;

	for (i = 0; i < 2; i++) {
		memset(text[i], 'a' + i, sizeof(text[i]));
		mc_personal_salt(&s[i], &salts, text[i]);
		OK(memcmp(s[i].salt, text[i], MC_SALT_LEN) == 0);
		s[i].text = (struct mc_str){ text[i] + MC_SALT_LEN,
			(size_t)(37 + 90 * i) };
	}
	OK(memcmp(s[0].salt, s[1].salt, MC_SALT_LEN) != 0);
	mc_personal_commit(&s[0], &s[1]);
	for (i = 0; i < 2; i++) {
		mc_sha256(text[i], MC_SALT_LEN + s[i].text.len, &want);
		OK(mc_hash_same(&s[i].commitment, &want));
	}
	one = s[1];
	memset(&one.commitment, 0, sizeof(one.commitment));
	mc_personal_commit(&one, NULL);
	OK(mc_hash_same(&one.commitment, &want));
	mc_personal_seal(&one, &salts, s[1].text);
	mc_sha256_two(one.salt, MC_SALT_LEN, one.text.p, one.text.len, &want);
	OK(mc_hash_same(&one.commitment, &want));

	mc_event_init(&e, MC_K_RECEIVED, 0);
	e.has_personal = true;
	memset(&e.commitment, 0, sizeof(e.commitment));
	inner_of(&before, &e);
	e.commitment = one.commitment;
	inner_of(&after, &e);
	OK(strcmp(mc_buf_str(&before), mc_buf_str(&after)) != 0);
	mc_event_commit(before.p + before.len, &one.commitment);
	IS_STR(mc_buf_str(&before), mc_buf_str(&after));
	mc_buf_free(&before);
	mc_buf_free(&after);
}

int
main(void)
{
	tables();
	round_trip();
	mutations();
	refusals();
	limit();
	personal();
	commitments();
	seqs();
	return tap_done();
}
