/* sealed.c - unit tests of sealed.h: any texts come back, and refusals. */
#include <motcua/event.h>
#include <motcua/number.h>
#include <motcua/pack.h>
#include <motcua/sealed.h>

#define RND_SEED 257
#include "rnd.h"
#include "damage.h"
#include "tap.h"

static struct mc_buf plain, packed, back;

static struct mc_str
str(const struct mc_buf *b)
{
	return (struct mc_str){ mc_buf_str(b), b->len };
}

static void
add(const char *text)
{
	mc_sealed_add(&plain, mc_str(text));
}

static bool
comes_back(void)
{
	struct mc_err err = MC_ERR_INIT;

	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	mc_buf_puts(&packed, "p");
	mc_buf_puts(&back, "b");
	mc_sealed_pack(&packed, str(&plain));
	return mc_sealed_unpack(&back,
		   (struct mc_str){ packed.p + 1, packed.len - 1 },
		   &err) == 0 &&
	       back.len == 1 + plain.len &&
	       (plain.len == 0 || memcmp(back.p + 1, plain.p, plain.len) == 0);
}

/* Only this one, the last, the first and between others. */
static bool
one_comes_back(struct mc_str text)
{
	static const char before[] = "{\"phone\":\"0123456789\"}",
			  after[] = "{\"note\":\"\\\"\"}";
	bool well;

	mc_buf_reset(&plain);
	mc_sealed_add(&plain, text);
	well = comes_back();
	add(after);
	well = well && comes_back();
	mc_buf_reset(&plain);
	add(before);
	mc_sealed_add(&plain, text);
	well = well && comes_back();
	add(after);
	mc_sealed_add(&plain, text);
	return well && comes_back();
}

/* Where the first stream is of what was packed last. */
static const char *
lengths(uint64_t len[14])
{
	const char *p = packed.p + 2, *end = packed.p + packed.len;
	int i;

	for (i = 0; i < 14; i++)
		if (!mc_number_get(&p, end, &len[i]))
			return NULL;
	return p;
}

static bool
none_whole(void)
{
	uint64_t len[14];

	return lengths(len) != NULL && len[13] == 0;
}

/* And all names are gone from the frame. */
static bool
taken_apart(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf frame = { 0 };
	uint64_t len[14];
	const char *p = lengths(len);
	bool none = false;

	if (p == NULL)
		return false;
	p += len[0] + len[1] + len[2];
	if (mc_unpack(&frame,
		(struct mc_str){ p, (size_t)(packed.p + packed.len - p) },
		&err) == 0)
		none =
		    len[13] == 0 && strstr(mc_buf_str(&frame), "\":") == NULL;
	mc_buf_free(&frame);
	return none;
}

/* ---- texts as events have them ---- */

static void
random_value(struct mc_buf *b, size_t max)
{
	static const char *const piece[] = { "a", "0", " ", "\"", "\\", "\n",
		"\x01", "đ", "ủ", "{", "}", "\":\"", "\",\"note\":\"",
		"0123456789" };
	size_t n = 1 + rnd(max);

	while (n-- > 0)
		mc_buf_puts(b, piece[rnd(sizeof(piece) / sizeof(piece[0]))]);
}

static void
random_digits(struct mc_buf *b, size_t n)
{
	while (n-- > 0)
		mc_buf_putc(b, (char)('0' + rnd(10)));
}

static void
add_random(bool wild)
{
	struct mc_buf b = { 0 }, value[MC_P__COUNT] = { { 0 } };
	struct mc_str v[MC_P__COUNT] = { { NULL, 0 } };
	int i;

	for (i = 0; i < MC_P__COUNT; i++) {
		if (rnd(2))
			continue;
		if (i == MC_P_FIELDS || i == MC_P_ATTRIBUTES)
			mc_buf_puts(&value[i],
			    rnd(2) ? "{\"a\":\"}\\\"\",\"b\":{\"c\":\"{\"}}"
				   : "{}");
		else if (i == MC_P_APPLICANT_ID)
			random_digits(&value[i], wild ? 1 + rnd(20) : 12);
		else if (i == MC_P_PHONE)
			random_digits(&value[i], wild ? 1 + rnd(20) : 10);
		if (value[i].len == 0 ||
		    (wild && value[i].p[0] != '{' && rnd(4) == 0))
			random_value(&value[i], rnd(9) ? 9 : 200);
		v[i] = str(&value[i]);
	}
	if (mc_personal_put(&b, v))
		mc_sealed_add(&plain, str(&b));
	mc_buf_free(&b);
	for (i = 0; i < MC_P__COUNT; i++)
		mc_buf_free(&value[i]);
}

/* Whatever members one has, none of it is packed whole. */
static void
test_events(void)
{
	int round, fails = 0;
	size_t n;

	for (round = 0; round < 400; round++) {
		mc_buf_reset(&plain);
		for (n = rnd(200); n > 0; n--)
			add_random(round % 2 == 0);
		fails += !comes_back() || !none_whole();
	}
	IS(fails, 0);
	mc_buf_reset(&plain);
	add("{\"address\":\"a\",\"applicant_id\":\"012345678901\","
	    "\"applicant_name\":\"\\\"b\\\\\",\"email\":\"\",\"phone\":\"0\","
	    "\"reason\":\"r\",\"subject\":\"s\"}");
	OK(comes_back());
	OK(taken_apart());
	/* Each name is one that the form knows. */
	mc_buf_reset(&plain);
	for (n = 0; n < MC_P__COUNT; n++) {
		struct mc_buf b = { 0 };

		mc_buf_printf(&b, "{\"%s\":%s}", mc_personal_name(n),
		    n == MC_P_FIELDS || n == MC_P_ATTRIBUTES ? "{}" : "\"\"");
		mc_sealed_add(&plain, str(&b));
		mc_buf_free(&b);
	}
	OK(comes_back());
	OK(taken_apart());
}

/* What looks like such texts, but is not, or is not ended. */
static void
test_odd(void)
{
	static const char *const odd[] = {
		"",
		"{",
		"}",
		"{}",
		"{},",
		"\"",
		"[]",
		"null",
		"{\"note\":\"",
		"{\"note\":\"\"",
		"{\"note\":\"\"}",
		"{\"note\":\"\"},",
		"{\"note\":\"\"}}",
		"{\"note\":\"\",}",
		"{\"note\":\"\",",
		"{\"note\":\"\"x",
		"{\"note\":\"\"x}",
		"{\"note\":\"\\\"}",
		"{\"note\":\"\\\\\"}",
		"{\"note\":\"\\\\\\\"}",
		"{\"note\":\"\\\\\\\"\"}",
		"{\"note\": \"a\"}",
		"{ \"note\":\"a\"}",
		"{\"note\":\"a\"} ",
		"{\"note\":\"a\" }",
		"{\"note\":null}",
		"{\"note\":1}",
		"{\"note\":{}}",
		"{\"note\":\"a\",\"note\":\"b\"}",
		"{\"subject\":\"a\",\"address\":\"b\"}",
		"{\"address\":\"a\",\"other\":\"b\"}",
		"{\"address\":\"a\",\"applicant_\":\"b\"}",
		"{\"address\":\"a\",\"applicant_namE\":\"b\"}",
		"{\"applicantXname\":\"b\"}",
		"{\"applicant_n@me\":\"b\"}",
		"{\"address\":\"a\"\"phone\":\"b\"}",
		"{\"fields\":\"a\"}",
		"{\"fields\":{}",
		"{\"fields\":{",
		"{\"fields\":{{}",
		"{\"fields\":{\"",
		"{\"fields\":{\"}",
		"{\"fields\":{\"a\":\"}\"}}",
		"{\"fields\":{\"a\":\"b\"}",
		"{\"fields\":{\"a\":[{\"b\":{}},{}]}}",
		"{\"fields\":{]}}",
		"{\"attributes\":{},\"fields\":{}}",
		"{\"fields\":{},\"attributes\":{}}",
		"{\"phone\":\"0123456789\"",
		"{\"phone\":\"0123456789",
		"{\"phone\":\"012345678\"}",
		"{\"phone\":\"01234567890\"}",
		"{\"phone\":\"0123456789\\\"\"}",
		"{\"phone\":\"0000000000\"}",
		"{\"phone\":\"9999999999\"}",
		"{\"phone\":\"+843456789\"}",
		"{\"phone\":\"012345678/\"}",
		"{\"phone\":\"012345678:\"}",
		"{\"phone\":\"/123456789\"}",
		"{\"phone\":\":123456789\"}",
		"{\"phone\":\"01234 6789\"}",
		"{\"phone\":\"0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\"}",
		"{\"phone\":\"0123456789\",\"phone\":\"a\"}",
		"{\"phone\":\"a\",\"phone\":\"0123456789\"}",
		"{\"phone\":\"0123456789\",\"phone\":\"0123456789\"}",
		"{\"applicant_id\":\"000000000000\"}",
		"{\"applicant_id\":\"999999999999\"}",
		"{\"applicant_id\":\"012345678\"}",
		"{\"applicant_id\":\"0123456789012\"}",
		"{\"applicant_id\":\"01234567890x\"}",
		"{\"applicant_id\":\"x12345678901\"}",
		"{\"applicant_id\":\"0123456x8901\"}",
		"{\"applicant_id\":0123456789012}",
	};
	struct mc_buf b = { 0 };
	size_t i, n, k, count = sizeof(odd) / sizeof(odd[0]);
	int fails = 0;

	for (i = 0; i < count; i++) {
		TAP_ROW(odd[i]);
		OK(one_comes_back(mc_str(odd[i])));
	}
	TAP_ROW(NULL);
	/* Next to each other in any order. */
	for (i = 0; i < 500; i++) {
		mc_buf_reset(&plain);
		for (k = 0; k < 40; k++)
			add(odd[rnd(count)]);
		fails += !comes_back();
	}
	IS(fails, 0);
	OK(one_comes_back((struct mc_str){ "\0\1\2{\"\0\3\xff", 8 }));
	OK(one_comes_back((struct mc_str){ "{\"note\":\"\0\"}", 12 }));
	/* A quote anywhere within what is looked at in one step. */
	for (n = 0; n < 70; n++)
		for (k = 0; k <= n; k++) {
			mc_buf_reset(&b);
			mc_buf_puts(&b, "{\"address\":\"");
			for (i = 0; i < n; i++)
				mc_buf_puts(&b, i == k ? "\\\"" : "x");
			mc_buf_puts(&b, "\",\"email\":\"e\"}");
			fails += !one_comes_back(str(&b));
		}
	IS(fails, 0);
	/* None of them. */
	mc_buf_reset(&plain);
	OK(comes_back());
	mc_buf_free(&b);
}

static void
test_large(void)
{
	struct mc_buf b = { 0 };
	size_t i;
	int round;

	for (round = 0; round < 4; round++) {
		mc_buf_reset(&b);
		if (round < 2)
			mc_buf_puts(&b, "{\"note\":\"");
		for (i = 0; i < 1000000; i++)
			mc_buf_putc(&b, round % 2 == 0 ? (char)('a' + rnd(26))
						       : (char)rnd(256));
		if (round < 2)
			mc_buf_puts(&b, "\"}");
		OK(one_comes_back(str(&b)));
	}
	/* Of objects in objects, too. */
	mc_buf_reset(&b);
	mc_buf_puts(&b, "{\"fields\":");
	for (i = 0; i < 100000; i++)
		mc_buf_puts(&b, "{\"a\":");
	OK(one_comes_back(str(&b)));
	for (i = 0; i < 100000; i++)
		mc_buf_putc(&b, '}');
	mc_buf_putc(&b, '}');
	OK(one_comes_back(str(&b)));
	mc_buf_free(&b);
}

/* The form is in databases. */
static void
test_form(void)
{
	static const char text[] = "a\"b\\\"c\"s\"9\"n\"r\"\"f\":{}}null";
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf frame = { 0 };
	const unsigned char *p;

	mc_buf_reset(&plain);
	add("{\"address\":\"a\",\"applicant_id\":\"012345678901\","
	    "\"applicant_name\":\"b\\\"c\",\"phone\":\"0987654321\","
	    "\"subject\":\"s\"}");
	add("{\"applicant_id\":\"9\",\"fields\":{\"f\":{}},\"note\":\"n\","
	    "\"reason\":\"r\"}");
	add("null");
	OK(comes_back());
	p = (const unsigned char *)packed.p + 1;
	OK(memcmp(p,
	       "\x01"
	       "\x05\x05\x05\x02\x05\x00\x02\x02\x00\x02\x02\x00\x07\x04",
	       15) == 0);
	/* Streams 1, 2, 3, 4, 6; 7, 9, 10, 12; a text of 4 bytes. */
	OK(memcmp(p + 15, "\x2F\xC0\x16\x00\x04", 5) == 0);
	/* 12345678901 and 987654321. */
	OK(memcmp(p + 20, "\x35\x1C\xDC\xDF\x02\xB1\x68\xDE\x3A\x00", 10) == 0);
	IS(mc_unpack(
	       &frame, (struct mc_str){ packed.p + 31, packed.len - 31 }, &err),
	    0);
	OK(mc_str_is(str(&frame), text));
	mc_buf_free(&frame);
}

/* ---- what is not one ---- */

static bool
refused(struct mc_str s)
{
	return refused_by(mc_sealed_unpack, &back, s);
}

static void
test_damaged(void)
{
	size_t i;

	mc_buf_reset(&plain);
	for (i = 0; i < 100; i++)
		add_random(i % 16 == 0);
	add("null");
	OK(comes_back());
	test_damage(mc_sealed_unpack, &back,
	    (struct mc_str){ packed.p + 1, packed.len - 1 });
}

/* Streams that do not go together. */
static void
test_hostile(void)
{
	static const struct {
		const char *what;
		unsigned char len[14];
		const char *plain, *frame; /* NUL is '~' */
	} row[] = {
		{ "a text without its length", { 1 }, "~", "" },
		{ "a text longer than all", { [0] = 2, [13] = 3 }, "~\x4",
		    "abc" },
		{ "a text shorter than all", { [0] = 2, [13] = 3 }, "~\x2",
		    "abc" },
		{ "no such members", { [0] = 2, [3] = 2 }, "\x84\x20", "a\"" },
		{ "members without an end", { [0] = 1, [3] = 2 }, "\x84",
		    "a\"" },
		{ "no value", { 1 }, "\x4", "" },
		{ "a value without an end", { [0] = 1, [3] = 1 }, "\x4", "a" },
		{ "a value whose end is escaped", { [0] = 1, [3] = 2 }, "\x4",
		    "\\\"" },
		{ "a value ended in another's", { [0] = 1, [3] = 1, [4] = 1 },
		    "\x4", "a\"" },
		{ "a value that nobody has", { [0] = 1, [3] = 2, [5] = 1 },
		    "\x4", "a\"\"" },
		{ "a value that nobody ends", { [0] = 1, [3] = 3 }, "\x4",
		    "a\"b" },
		{ "no number", { 1 }, "\x1", "" },
		{ "a number too short", { [0] = 1, [1] = 4 }, "\x1~~~~", "" },
		{ "a number of 13 digits", { [0] = 1, [1] = 5 },
		    "\x1~\x10\xA5\xD4\xE8", "" },
		{ "a number of 11 digits", { [0] = 1, [2] = 5 },
		    "\x2~\xE4\x0B\x54\x02", "" },
		{ "a number that nobody has", { [0] = 1, [1] = 5, [3] = 1 },
		    "\x4~~~~~", "\"" },
		{ "no object", { [0] = 2 }, "\x80\x8", "" },
		{ "an object without an end", { [0] = 2, [11] = 3 }, "\x80\x8",
		    "\"a}" },
		{ "one that is opened once more", { [0] = 2, [11] = 2 },
		    "\x80\x8", "{}" },
		{ "streams longer than the frame", { [0] = 1, [3] = 2 }, "\x4",
		    "\"" },
		{ "streams shorter than it", { [0] = 1, [3] = 1 }, "\x4",
		    "\"\"" },
		{ "streams and no texts", { [3] = 1 }, "", "\"" },
	};
	struct mc_buf b = { 0 };
	size_t i, k, n, rows = sizeof(row) / sizeof(row[0]);

	for (i = 0; i < rows; i++) {
		TAP_ROW(row[i].what);
		mc_buf_reset(&b);
		mc_buf_putc(&b, 1);
		mc_buf_add(&b, row[i].len, 14);
		n = strlen(row[i].plain);
		for (k = 0; k < n; k++)
			mc_buf_putc(&b,
			    row[i].plain[k] == '~' ? '\0' : row[i].plain[k]);
		mc_pack(&b, mc_str(row[i].frame));
		OK(refused(str(&b)));
	}
	TAP_ROW("a stream of 63 bits");
	mc_buf_reset(&b);
	mc_buf_add(&b, "\1\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
	for (k = 0; k < 13; k++)
		mc_buf_putc(&b, 0);
	mc_pack(&b, mc_str(""));
	OK(refused(str(&b)));
	TAP_ROW("another form");
	mc_buf_reset(&b);
	mc_buf_putc(&b, 2);
	for (k = 0; k < 14; k++)
		mc_buf_putc(&b, 0);
	mc_pack(&b, mc_str(""));
	OK(refused(str(&b)));
	b.p[0] = 1;
	OK(!refused(str(&b)));
	TAP_ROW("texts too large together");
	{
		struct mc_buf values = { 0 };
		char len[MC_NUMBER_MAX];

		/* 18 bytes come of each. */
		n = MC_PACK_MAX / 16 + 1;
		mc_buf_reset(&b);
		mc_buf_putc(&b, 1);
		k = (size_t)(mc_number_put(len, n) - len);
		mc_buf_add(&b, len, k);
		mc_buf_add(&b, "\0\0", 2);
		mc_buf_add(&b, len, k);
		mc_buf_add(&b, "\0\0\0\0\0\0\0\0\0\0", 10);
		for (i = 0; i < n; i++)
			mc_buf_putc(&b, 4);
		for (i = 0; i < n; i++)
			mc_buf_putc(&values, '"');
		mc_pack(&b, str(&values));
		OK(refused(str(&b)));
		mc_buf_free(&values);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

int
main(void)
{
	test_events();
	test_odd();
	test_large();
	test_form();
	test_damaged();
	test_hostile();
	mc_buf_free(&plain);
	mc_buf_free(&packed);
	mc_buf_free(&back);
	return tap_done();
}
