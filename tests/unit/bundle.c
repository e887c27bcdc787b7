/* bundle.c - unit tests of bundle.h: any bodies come back, and refusals. */
#include <motcua/bundle.h>
#include <motcua/event.h>
#include <motcua/pack.h>
#include <motcua/when.h>

#define RND_SEED 256
#include "rnd.h"
#include "damage.h"
#include "tap.h"

static struct mc_buf plain, packed, back;
static uint32_t at[MC_BUNDLE], at_back[MC_BUNDLE];
static int bodies;

static void
begin(void)
{
	mc_buf_reset(&plain);
	bodies = 0;
}

static void
add(struct mc_str body)
{
	char length[2] = { (char)(body.len >> 8), (char)body.len };

	at[bodies++] = (uint32_t)plain.len;
	mc_buf_add(&plain, length, 2);
	mc_buf_add(&plain, body.p, body.len);
}

/* The rest of a bundle, of one letter each. */
static void
fill(void)
{
	while (bodies < MC_BUNDLE)
		add(MC_STR("x"));
}

static bool
comes_back(uint64_t first)
{
	struct mc_err err = MC_ERR_INIT;

	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	mc_bundle_pack(
	    &packed, (struct mc_str){ plain.p, plain.len }, at, first);
	return mc_bundle_unpack(&back, at_back,
		   (struct mc_str){ packed.p, packed.len }, first, &err) == 0 &&
	       back.len == plain.len &&
	       memcmp(back.p, plain.p, plain.len) == 0 &&
	       memcmp(at_back, at, sizeof(at)) == 0;
}

/* ---- bodies as events have them ---- */

static int64_t
random_time(void)
{
	int64_t day = (int64_t)rnd(MC_DAY_MAX - MC_DAY_MIN + 1) + MC_DAY_MIN;

	return day * MC_MS_DAY + (int64_t)rnd(86400) * 1000 +
	       (rnd(2) ? (int64_t)rnd(1000) : 0);
}

static struct mc_str
random_text(struct mc_buf *b, size_t max)
{
	static const char *const piece[] = { "a", "0", "-", "\"", "\\", "\n",
		"\x01", "đ", "ủ", ",\"at\":\"", ",\"seq\":1" };
	size_t n = rnd(max + 1), start = b->len;

	mc_buf_room(b, max * 16);
	while (n-- > 0)
		mc_buf_puts(b, piece[rnd(sizeof(piece) / sizeof(piece[0]))]);
	return (struct mc_str){ b->p + start, b->len - start };
}

static void
add_random_event(uint64_t seq, bool wild)
{
	static int64_t now;
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 }, text[4] = { { 0 } };
	struct mc_event e;
	size_t i;

	mc_event_init(&e, rnd(2) ? MC_K_RECEIVED : MC_K_ACTIVITY, 0);
	if (rnd(5) == 0)
		now = random_time();
	e.seq = seq;
	e.at = wild ? random_time() : now + (int64_t)rnd(100) * 1000;
	e.recorded_at = wild && rnd(2) ? random_time() : now;
	e.actor = wild ? random_text(&text[0], 5) : MC_STR("root");
	e.site = wild ? random_text(&text[1], 5) : MC_STR("H42");
	e.sudo = rnd(9) ? (struct mc_str){ "", 0 } : MC_STR("someone");
	e.code = random_text(&text[2], wild ? 40 : rnd(2) ? 0 : 3);
	mc_event_str(&e, MC_F_UNIT, random_text(&text[3], wild ? 90 : 1));
	if (rnd(2)) {
		e.has_personal = true;
		for (i = 0; i < MC_HASH_LEN; i++)
			e.commitment.b[i] = (unsigned char)rnd(256);
	}
	if (mc_event_encode(&b, &e, &err) == -1)
		OK(false);
	add((struct mc_str){ b.p, b.len });
	mc_buf_free(&b);
	for (i = 0; i < 4; i++)
		mc_buf_free(&text[i]);
}

static void
test_events(void)
{
	uint64_t first, i;
	int round, fails = 0;

	for (round = 0; round < 200; round++) {
		first = rnd(2) ? rnd(UINT64_C(1) << 40) * MC_BUNDLE
			       : rnd(5) * MC_BUNDLE;
		begin();
		for (i = 0; i < MC_BUNDLE; i++)
			add_random_event(
			    rnd(50) ? first + i : rnd(1000), round % 2 == 0);
		fails += !comes_back(first);
	}
	IS(fails, 0);
}

/* What looks like such parts, but is not, or is elsewhere. */
static void
test_odd(void)
{
	static const char *const odd[] = {
		"",
		",\"at\":\"",
		",\"seq\":",
		",\"seq\":0",
		"{\"actor\":\"\",\"at\":\"2025-02-29T00:00:00Z\",\"code\":"
		"\"a\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T24:00:00Z\",\"code\":"
		"\"a\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:60:00Z\",\"code\":"
		"\"a\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:60Z\",\"code\":"
		"\"a\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59.000Z\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59.001Z\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59.1Z\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59.+01Z\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:5 :59Z\"",
		"{\"actor\":\"\",\"at\":\"9999-12-31T23:59:59Z\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":\"\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":"
		"\"a\"",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":"
		"\"a\","
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":18",
		"{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":"
		"\"a\","
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":018}",
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":20}",
		",\"personal\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
		"\","
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":21}",
		/* Its last digit has bits that no byte takes. */
		",\"personal\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="
		"\","
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":22}",
		"nal\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\","
		"\"recorded_at\":\"2025-02-28T23:59:59Z\",\"schema\":\"motcua."
		"leaf/1\",\"seq\":23}",
		",\"seq\":24,\"seq\":24,\"seq\":99",
	};
	static char large[MC_EVENT_BODY_MAX];
	char code[400];
	size_t i, n;

	begin();
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		add(mc_str(odd[i]));
	/* Codes about as long as one may be to be cut out. */
	for (n = 250; n < 260; n++) {
		size_t k = (size_t)snprintf(code, sizeof(code),
		    "{\"actor\":\"\",\"at\":\"2025-02-28T23:59:59Z\",\"code\":"
		    "\"%0*d\",",
		    (int)n, (int)n);

		add((struct mc_str){ code, k });
	}
	add((struct mc_str){ "\0\1\2\3\4\5\0", 7 });
	fill();
	OK(comes_back(0));
	begin();
	for (i = 0; i < MC_BUNDLE; i++) {
		for (n = 0; n < sizeof(large); n++)
			large[n] = (char)rnd(256);
		add((struct mc_str){ large, sizeof(large) - rnd(2) });
	}
	OK(comes_back(UINT64_MAX - MC_BUNDLE + 1));
}

/*
 * The form is in databases: this is what two events become, and all others
 * that are the same but for their number.
 */
static void
test_form(void)
{
	static const char *const text[] = {
		"{\"actor\":\"root\",\"at\":\"2025-08-01T05:02:57Z\",\"code\":"
		"\"H42-250801-0001\",\"data\":{\"run\":1},\"kind\":"
		"\"received\","
		"\"personal\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\","
		"\"recorded_at\":\"2025-08-01T05:02:57.001Z\",\"schema\":"
		"\"motcua.leaf/1\",\"seq\":512,\"site\":\"H42\",\"uid\":0}",
		"{\"actor\":\"root\",\"at\":\"2025-08-01T05:02:56Z\",\"code\":"
		"\"H42-250801-0019\",\"data\":{\"run\":1},\"kind\":"
		"\"returned\","
		"\"recorded_at\":\"2025-08-01T05:02:57.001Z\",\"schema\":"
		"\"motcua.leaf/1\",\"seq\":513,\"site\":\"H42\",\"uid\":0}",
	};
	static const unsigned char head[] = { 0x01, 0x00, 0x00, 0x04, 0x3D };
	static const char *const shape[] = { "{\"actor\":\"root\",\"at\":\"",
		"\",\"code\":\"",
		"\",\"data\":{\"run\":1},\"kind\":\"received\",\"personal\":\"",
		"\",\"recorded_at\":\"",
		"\",\"schema\":\"motcua.leaf/1\",\"seq\":",
		",\"site\":\"H42\",\"uid\":0}" };
	static const char kinds[] = { 1, 3, 4, 2, 5 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 }, want = { 0 }, shapes = { 0 };
	const unsigned char *v;
	size_t values, i;

	begin();
	add(mc_str(text[0]));
	while (bodies < MC_BUNDLE) {
		mc_buf_reset(&b);
		mc_buf_puts(&b, text[1]);
		b.p[strstr(b.p, "513") - b.p + 2] =
		    (char)('0' + (512 + bodies) % 10);
		b.p[strstr(b.p, "seq\":") - b.p + 6] =
		    (char)('0' + (512 + bodies) / 10 % 10);
		b.p[strstr(b.p, "seq\":") - b.p + 5] =
		    (char)('0' + (512 + bodies) / 100);
		add((struct mc_str){ b.p, b.len });
	}
	OK(comes_back(512));
	OK(memcmp(packed.p, head, sizeof(head)) == 0);
	v = (const unsigned char *)packed.p + sizeof(head);
	values = (size_t)head[3] << 8 | head[4];
	/* 1754024577 s: shifted by two, in groups of seven bits. */
	OK(memcmp(v, "\x00\x84\xd4\xc4\x91\x1a", 6) == 0);
	OK(memcmp(v + 6, "\x01\x0fH42-250801-0001\x01\x02\x03", 20) == 0);
	/* 1754024577001 ms. */
	OK(memcmp(v + 55, "\xa5\xbf\xb0\x80\x99\xcc\x01", 7) == 0);
	/* A second before; 13 bytes of the code are the same, two are not. */
	OK(memcmp(v + 62,
	       "\x01\x06\x0e\x02"
	       "19\x00",
	       7) == 0);
	OK(memcmp(v + 69, "\x01\x00\x00\x00\x01\x00\x00\x00", 8) == 0);
	IS(values, 69 + 254 * 4);
	IS(mc_unpack(&shapes,
	       (struct mc_str){ packed.p + sizeof(head) + values,
		   packed.len - sizeof(head) - values },
	       &err),
	    0);
	mc_buf_putc(&want, 5);
	for (i = 0; i < 6; i++) {
		mc_buf_putc(&want, 0);
		mc_buf_putc(&want, (char)strlen(shape[i]));
		if (i < 5)
			mc_buf_putc(&want, kinds[i]);
	}
	for (i = 0; i < 6; i++)
		mc_buf_puts(&want, shape[i]);
	OK(shapes.len > want.len && memcmp(shapes.p, want.p, want.len) == 0);
	mc_buf_free(&b);
	mc_buf_free(&want);
	mc_buf_free(&shapes);
}

/* ---- what is not one ---- */

static int
unpack(struct mc_buf *out, struct mc_str s, struct mc_err *err)
{
	return mc_bundle_unpack(out, at_back, s, 0, err);
}

static bool
refused(struct mc_str s)
{
	return refused_by(unpack, &back, s);
}

static void
test_damaged(void)
{
	size_t i;

	begin();
	for (i = 0; i < MC_BUNDLE; i++)
		add_random_event(i, i % 16 == 0);
	OK(comes_back(0));
	test_damage(unpack, &back, (struct mc_str){ packed.p, packed.len });
}

/* Values and shapes that do not go together. */
static void
test_hostile(void)
{
	static const struct {
		const char *what;
		size_t values;
		const char *value;
		size_t shapes;
		const char *shape;
	} row[] = {
		{ "no shapes", 1, "\0", 0, "" },
		{ "a number ahead", 1, "\1", 4, "\0\0\1x" },
		{ "more holes than there are kinds", 1, "\0", 28,
		    "\6\0\0\5\0\0\5\0\0\5\0\0\5\0\0\5\0\0\5\0\0       " },
		{ "more text than there is", 1, "\0", 4, "\0\0\2x" },
		{ "no such kind", 2, "\0\0", 6, "\1\0\0\6\0\0" },
		{ "kind 0", 2, "\0\0", 6, "\1\0\0\0\0\0" },
		{ "no instant", 1, "\0", 6, "\1\0\0\1\0\0" },
		{ "an instant without its end", 3, "\0\x80\x80", 6,
		    "\1\0\0\1\0\0" },
		{ "an instant of 80 bits", 12,
		    "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 6,
		    "\1\0\0\1\0\0" },
		{ "an instant of 63 bits", 10,
		    "\0\xfd\xff\xff\xff\xff\xff\xff\xff\x7f", 6,
		    "\1\0\0\1\0\0" },
		{ "an instant too late", 8, "\0\xfc\xff\xff\xff\xff\xff\1", 6,
		    "\1\0\0\2\0\0" },
		{ "one too early", 8, "\0\xfe\xff\xff\xff\xff\xff\1", 6,
		    "\1\0\0\2\0\0" },
		{ "no code", 1, "\0", 6, "\1\0\0\3\0\0" },
		{ "a code without its length", 2, "\0\1", 6, "\1\0\0\3\0\0" },
		{ "a code without its end", 4, "\0\1\2a", 6, "\1\0\0\3\0\0" },
		{ "more of the code before than there is", 4, "\0\2\1a", 6,
		    "\1\0\0\3\0\0" },
		{ "a code too long", 258, NULL, 6, "\1\0\0\3\0\0" },
		{ "a commitment without its end", 32, NULL, 6, "\1\0\0\4\0\0" },
		{ "bodies missing", 5, "\0\0\0\0\0", 4, "\0\0\1x" },
	};
	struct mc_buf b = { 0 };
	char value[300];
	size_t i, k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].what);
		memset(value, 0, sizeof(value));
		if (row[i].value != NULL)
			memcpy(value, row[i].value, row[i].values);
		else
			memcpy(value, "\0\1\xff", 3);
		mc_buf_reset(&b);
		mc_buf_add(&b, "\1\0\0", 3);
		mc_buf_putc(&b, (char)(row[i].values >> 8));
		mc_buf_putc(&b, (char)row[i].values);
		mc_buf_add(&b, value, row[i].values);
		mc_pack(&b, (struct mc_str){ row[i].shape, row[i].shapes });
		OK(refused((struct mc_str){ b.p, b.len }));
	}
	TAP_ROW("values or shapes that nobody uses");
	for (k = 0; k < 3; k++) {
		size_t n = MC_BUNDLE + (k == 1), s = k == 2 ? 8 : 4;

		mc_buf_reset(&b);
		mc_buf_add(&b, "\1\0\0", 3);
		mc_buf_putc(&b, (char)(n >> 8));
		mc_buf_putc(&b, (char)n);
		for (i = 0; i < n; i++)
			mc_buf_putc(&b, 0);
		mc_pack(&b, (struct mc_str){ "\0\0\1x\0\0\1y", s });
		IS(refused((struct mc_str){ b.p, b.len }), k > 0);
	}
	TAP_ROW("a body too large");
	mc_buf_reset(&b);
	mc_buf_add(&b, "\1\0\1\1", 4);
	mc_buf_putc(&b, 6);
	mc_buf_add(&b, "\0\1\3aaa", 6);
	for (i = 1; i < MC_BUNDLE; i++)
		mc_buf_add(&b, "\0", 1);
	{
		struct mc_buf shape = { 0 };

		mc_buf_add(&shape, "\1\0\0\3\xff\xff", 6);
		for (i = 0; i < 65535; i++)
			mc_buf_putc(&shape, 'x');
		mc_pack(&b, (struct mc_str){ shape.p, shape.len });
		mc_buf_free(&shape);
	}
	OK(refused((struct mc_str){ b.p, b.len }));
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

int
main(void)
{
	test_events();
	test_odd();
	test_form();
	test_damaged();
	test_hostile();
	mc_buf_free(&plain);
	mc_buf_free(&packed);
	mc_buf_free(&back);
	return tap_done();
}
