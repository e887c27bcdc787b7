/* json.h: what is read, refused and where; what is written. */
#include <dirent.h>
#include <stdlib.h>

#include <jansson.h>

#include <motcua/json.h>

#include "tap.h"

static struct mc_json *
parse(const char *text, struct mc_err *err)
{
	struct mc_json *j;

	mc_err_clear(err);
	if (mc_json_parse(&j, "f", mc_str(text), err) == -1)
		return NULL;
	return j;
}

static void
refusals(void)
{
	static const struct {
		const char *text, *where, *id, *msg;
	} row[] = {
		{ "", "f:1:1", "E_JSON",
		    "the text ends where a value should be" },
		{ " \n ", "f:2:2", "E_JSON",
		    "the text ends where a value should be" },
		{ "{\"a\":1,}", "f:1:8", "E_JSON",
		    "a member's name in quotes should be here, not \"}\"" },
		{ "{\"a\" 1}", "f:1:6", "E_JSON",
		    "a colon should be here, not \"1\"" },
		{ "[1 2]", "f:1:4", "E_JSON",
		    "a comma or \"]\" should be here, not \"2\"" },
		{ "{\"a\":1 ạ", "f:1:8", "E_JSON",
		    "a comma or \"}\" should be here, not \"ạ\"" },
		{ "[\"đường\",x]", "f:1:10", "E_JSON",
		    "a value should be here, not \"x\"" },
		{ "{\n \"a\": [1,\n  2", "f:2:7", "E_JSON",
		    "an array that begins here does not end" },
		{ "{\"a\":1", "f:1:1", "E_JSON",
		    "an object that begins here does not end" },
		{ "{} {}", "f:1:4", "E_JSON",
		    "the end of the text should be here, not \"{\"" },
		{ "[\"abc", "f:1:2", "E_JSON",
		    "a string that begins here does not end" },
		{ "\"a\tb\"", "f:1:3", "E_JSON",
		    "a control character in a string (write it as \\u0009)" },
		{ "\"\\x\"", "f:1:2", "E_JSON", "no such escape in a string" },
		{ "\"\\u12G4\"", "f:1:2", "E_JSON",
		    "\\u is not followed by four hexadecimal digits" },
		{ "\"\\ud800x\"", "f:1:2", "E_JSON",
		    "half of a surrogate pair" },
		{ "\"\\udc00\"", "f:1:2", "E_JSON",
		    "half of a surrogate pair" },
		{ "[\"\\u0000\"]", "f:1:3", "E_NUL",
		    "a NUL character in a string" },
		{ "[01]", "f:1:2", "E_JSON",
		    "not a number as JSON writes them" },
		{ "[1.]", "f:1:2", "E_JSON",
		    "not a number as JSON writes them" },
		{ "[-]", "f:1:2", "E_JSON",
		    "not a number as JSON writes them" },
		{ "[1e]", "f:1:2", "E_JSON",
		    "not a number as JSON writes them" },
		{ "[9223372036854775808]", "f:1:2", "E_JSON",
		    "an integer of more than 64 bits" },
		{ "[nul]", "f:1:2", "E_JSON",
		    "a value should be here, not \"n\"" },
		{ "{\"a\":1,\n\"b\":2, \"\\u0061\":3}", "f:2:8", "E_DUPLICATE",
		    "the member \"a\" is given twice" },
		{ "{\"\":1,\"\":2}", "f:1:7", "E_DUPLICATE",
		    "the member \"\" is given twice" },
		{ "{\"x\":{\"a\":1,\"a\":2}}", "f:1:13", "E_DUPLICATE",
		    "the member \"a\" is given twice" },
		{ "[\"a\xFF\"]", "f:1:4", "E_UTF8", "not UTF-8: byte 0xFF" },
		{ "[\"\xED\xA0\x80\"]", "f:1:3", "E_UTF8",
		    "not UTF-8: byte 0xED" },
		{ "\xFF\xFE[", "f:1:1", "E_ENCODING",
		    "the text is UTF-16, not UTF-8" },
		{ "\xEF\xBB\xBF[x]", "f:1:2", "E_JSON",
		    "a value should be here, not \"x\"" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *j;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].msg);
		j = parse(row[i].text, &err);
		OK(j == NULL);
		IS(err.code, MC_EDATA);
		IS_STR(err.where, row[i].where);
		IS_STR(err.id, row[i].id);
		IS_STR(err.msg, row[i].msg);
		mc_json_free(j);
	}
	TAP_ROW(NULL);
	OK(mc_json_parse(&j, "f", (struct mc_str){ "[\0", 2 }, &err) == -1);
	OK(mc_json_parse(&j, "f", (struct mc_str){ "[1\0]", 4 }, &err) == -1);
	OK(mc_json_parse(&j, "f", (struct mc_str){ NULL, 0 }, &err) == -1);
	OK(j == NULL);
}

/* Each limit from both sides. */
static void
limits(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_json *j;
	int over, i;

	for (over = 0; over < 2; over++) {
		mc_buf_reset(&b);
		for (i = 0; i < MC_JSON_DEPTH + over; i++)
			mc_buf_putc(&b, '[');
		for (i = 0; i < MC_JSON_DEPTH + over; i++)
			mc_buf_putc(&b, ']');
		j = parse(b.p, &err);
		IS(j != NULL, !over);
		mc_json_free(j);
	}
	IS_STR(err.where, "f:1:65");
	IS_STR(err.id, "E_LIMIT");
	IS_STR(err.msg, "arrays and objects nested more than 64 deep");
	for (over = 0; over < 2; over++) {
		mc_buf_reset(&b);
		for (i = 0; i < MC_JSON_MEMBERS + over; i++)
			mc_buf_printf(
			    &b, "%s\"k%d\":%d", i ? ",\n" : "{", i, i);
		mc_buf_putc(&b, '}');
		j = parse(b.p, &err);
		IS(j != NULL, !over);
		if (j != NULL)
			IS(mc_json_count(j), MC_JSON_MEMBERS);
		mc_json_free(j);
	}
	IS_STR(err.where, "f:1001:1");
	IS_STR(err.id, "E_LIMIT");
	IS_STR(err.msg, "an object with more than 1000 members");
	for (over = 0; over < 2; over++) {
		mc_buf_reset(&b);
		mc_buf_puts(&b, "{\"");
		for (i = 0; i < MC_JSON_KEY + over; i++)
			mc_buf_putc(&b, 'k');
		mc_buf_puts(&b, "\":1}");
		j = parse(b.p, &err);
		IS(j != NULL, !over);
		mc_json_free(j);
	}
	IS_STR(err.where, "f:1:2");
	IS_STR(err.msg, "a member's name of 257 bytes; the limit is 256");
	/* A hundred thousand brackets are refused, not recursed into. */
	mc_buf_reset(&b);
	for (i = 0; i < 100000; i++)
		mc_buf_puts(&b, i % 2 ? "{\"a\":" : "[");
	OK(parse(b.p, &err) == NULL);
	IS_STR(err.id, "E_LIMIT");
	mc_buf_free(&b);
}

static void
values(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *j = parse("\xEF\xBB\xBF{\"z\":1,\"a\":[true,false,null,"
				  "\"s\",-7,2.5,{}],\"\":\"\\u0111\\ud83d"
				  "\\ude00\\/\\n\"}",
	    &err);
	static const enum mc_json_type type[] = { MC_JSON_BOOL, MC_JSON_BOOL,
		MC_JSON_NULL, MC_JSON_STRING, MC_JSON_INT, MC_JSON_REAL,
		MC_JSON_OBJECT };
	const struct mc_json *a;
	const char *key = NULL;
	int64_t n = 0;
	size_t i;

	OK(j != NULL);
	IS(mc_json_type(j), MC_JSON_OBJECT);
	IS(mc_json_count(j), 3);
	a = mc_json_get(j, "a");
	IS(mc_json_type(a), MC_JSON_ARRAY);
	IS(mc_json_count(a), 7);
	for (i = 0; i < 7; i++)
		IS(mc_json_type(mc_json_at(a, i)), type[i]);
	OK(mc_json_at(a, 7) == NULL);
	OK(mc_json_bool(mc_json_at(a, 0)));
	OK(!mc_json_bool(mc_json_at(a, 1)));
	OK(!mc_json_bool(mc_json_at(a, 3)));
	OK(mc_json_int(mc_json_at(a, 4), &n));
	IS(n, -7);
	OK(!mc_json_int(mc_json_at(a, 5), &n));
	OK(mc_json_str(mc_json_at(a, 5)) == NULL);
	OK(mc_json_str(mc_json_at(a, 4)) == NULL);
	IS_STR(mc_json_str(mc_json_at(a, 3)), "s");
	IS_STR(mc_json_str(mc_json_get(j, "")), "đ\U0001F600/\n");
	/* The document's order, not the alphabet's. */
	OK(mc_json_member(j, 0, &key) == mc_json_get(j, "z"));
	IS_STR(key, "z");
	OK(mc_json_member(j, 1, &key) == a);
	IS_STR(key, "a");
	OK(mc_json_member(j, 2, &key) != NULL);
	IS_STR(key, "");
	OK(mc_json_member(j, 3, &key) == NULL);
	OK(mc_json_member(a, 0, &key) == NULL);
	OK(mc_json_get(j, "b") == NULL);
	OK(mc_json_get(a, "b") == NULL);
	OK(mc_json_get(NULL, "b") == NULL);
	OK(mc_json_at(j, 0) == NULL);
	IS(mc_json_count(NULL), 0);
	IS(mc_json_count(mc_json_get(j, "z")), 0);
	IS(mc_json_type(NULL), MC_JSON_NULL);
	OK(mc_json_str(NULL) == NULL);
	OK(!mc_json_bool(NULL));
	mc_json_free(j);
	mc_json_free(NULL);
}

static void
decimals(void)
{
	static const struct {
		const char *json, *text;
	} row[] = {
		{ "2.5", "2.5" },
		{ "2.50", "2.5" },
		{ "0.25", "0.25" },
		{ "250", "250" },
		{ "2.5e2", "250" },
		{ "25E-1", "2.5" },
		{ "1e+3", "1000" },
		{ "-0.0", "0" },
		{ "0.000", "0" },
		{ "0e999999999999999999999", "0" },
		{ "-12.340", "-12.34" },
		{ "1.0", "1" },
		{ "100.00", "100" },
		{ "1.00e2", "100" },
		{ "0.1e-2", "0.001" },
		{ "0.30000000000000004", "0.30000000000000004" },
		{ "0.1", "0.1" },
		{ "123456789012345678.123456789012345678",
		    "123456789012345678.123456789012345678" },
		{ "1e63",
		    "1000000000000000000000000000000000000000000000000000000"
		    "000000000" },
		{ "1e64", NULL },
		{ "1e-64",
		    "0.00000000000000000000000000000000000000000000000000000"
		    "00000000001" },
		{ "1e-65", NULL },
		{ "1e99999999999999999999", NULL },
		{ "\"0.25\"", "0.25" },
		{ "\"-2.50\"", "-2.5" },
		{ "\"7\"", "7" },
		{ "\"2e3\"", NULL },
		{ "\"007\"", NULL },
		{ "\".5\"", NULL },
		{ "\"5.\"", NULL },
		{ "\"0,25\"", NULL },
		{ "\"\"", NULL },
		{ "\"-\"", NULL },
		{ "\"1 \"", NULL },
		{ "\"1.2.3\"", NULL },
		{ "true", NULL },
		{ "null", NULL },
		{ "[1]", NULL },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_json *j;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].json);
		j = parse(row[i].json, &err);
		OK(j != NULL);
		IS_STR(mc_json_decimal(j, &b), row[i].text);
		mc_json_free(j);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

static void
places(void)
{
	static const char text[] =
	    "{\n"
	    "  \"title\": \"Thẩm định\", \"x\": 5,\n"
	    "  \"steps\": [\n"
	    "    {\"id\": \"a\"},\n"
	    "    {\"id\": \"b}]\", \"next\": [1, -2.5e3,\n"
	    "      {\"t\\u006f\": true}]}\n"
	    "  ],\n"
	    "  \"a/b\": null, \"a~b\": []\n"
	    "}\n";
	static const struct {
		const char *path;
		int line, column;
	} row[] = {
		{ "", 1, 1 },
		{ "title", 2, 12 },
		{ "x", 2, 30 },
		{ "steps", 3, 12 },
		{ "steps/0", 4, 5 },
		{ "steps/1/id", 5, 12 },
		{ "steps/1/next", 5, 27 },
		{ "steps/1/next/1", 5, 31 },
		{ "steps/1/next/2/to", 6, 19 },
		{ "steps/1/next/2/from", 6, 7 }, /* the nearest parent */
		{ "steps/7/next", 3, 12 },
		{ "steps/x", 3, 12 },
		{ "nothing/at/all", 1, 1 },
		{ "a~1b", 8, 10 },
		{ "a~0b", 8, 23 },
		{ "a~0b/0", 8, 23 },
		{ "x/y", 2, 30 },
	};
	int64_t line, column;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].path);
		mc_json_place(mc_str(text), row[i].path, &line, &column);
		IS(line, row[i].line);
		IS(column, row[i].column);
	}
	TAP_ROW(NULL);
	/* Broken text has no places, but must not be harmful. */
	for (i = 0; i < sizeof(text); i++)
		mc_json_place((struct mc_str){ text, i }, "steps/1/next/2/to/x",
		    &line, &column);
	mc_json_place((struct mc_str){ "[\0\0,5]", 6 }, "1", &line, &column);
	IS(column, 5);
	mc_json_place(mc_str(NULL), "a", &line, &column);
	IS(line, 1);
	IS(column, 1);
}

static void
writer(void)
{
	struct mc_buf b = { 0 };
	struct mc_jw w = mc_jw(&b);
	int i;

	mc_jw_open(&w, '{');
	mc_jw_key(&w, "a");
	mc_jw_int(&w, INT64_MIN);
	mc_jw_key(&w, "b");
	mc_jw_open(&w, '[');
	mc_jw_close(&w, ']');
	mc_jw_key(&w, "c");
	mc_jw_open(&w, '[');
	mc_jw_bool(&w, true);
	mc_jw_null(&w);
	mc_jw_strz(&w, NULL);
	mc_jw_open(&w, '{');
	mc_jw_close(&w, '}');
	mc_jw_open(&w, '{');
	mc_jw_key(&w, "d");
	mc_jw_bool(&w, false);
	mc_jw_close(&w, '}');
	mc_jw_close(&w, ']');
	mc_jw_key(&w, "e");
	mc_jw_raw(&w, MC_STR("[1]"));
	mc_jw_key(&w, "f");
	mc_jw_strz(&w, "đ\"");
	mc_jw_close(&w, '}');
	IS_STR(b.p,
	    "{\"a\":-9223372036854775808,\"b\":[],\"c\":[true,null,null,{},"
	    "{\"d\":false}],\"e\":[1],\"f\":\"đ\\\"\"}");
	mc_buf_reset(&b);
	w = mc_jw(&b);
	for (i = 0; i < 63; i++)
		mc_jw_open(&w, '[');
	mc_jw_int(&w, 1);
	mc_jw_int(&w, 2);
	for (i = 0; i < 63; i++)
		mc_jw_close(&w, ']');
	IS(b.len, 63 * 2 + 3);
	mc_buf_free(&b);
}

static uint32_t seed = 7;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Ours against Jansson's, which writes \u001F where RFC 8785 has \u001f. */
/* One byte to be escaped, wherever it stands in a text of any length. */
static void
quoting_anywhere(void)
{
	static const struct {
		char c;
		const char *as;
	} odd[] = { { '"', "\\\"" }, { '\\', "\\\\" }, { '\n', "\\n" },
		{ '\x1F', "\\u001f" }, { '\0', "\\u0000" }, { ' ', " " },
		{ '!', "!" }, { '#', "#" }, { '[', "[" }, { ']', "]" },
		{ '\x7F', "\x7F" } };
	struct mc_buf want = { 0 }, q = { 0 };
	char text[50];
	size_t n, at, k;
	bool same = true;

	for (n = 1; n <= sizeof(text); n++)
		for (at = 0; at < n; at++)
			for (k = 0; k < sizeof(odd) / sizeof(*odd); k++) {
				memset(text, 'x', n);
				text[at] = odd[k].c;
				mc_buf_reset(&want);
				mc_buf_printf(&want, "\"%.*s%s%.*s\"", (int)at,
				    text, odd[k].as, (int)(n - at - 1),
				    text + at + 1);
				mc_buf_reset(&q);
				mc_json_quote(&q, text, n);
				same = same && q.len == want.len &&
				       memcmp(q.p, want.p, q.len) == 0;
			}
	OK(same);
	mc_buf_free(&want);
	mc_buf_free(&q);
}

static void
quoting(void)
{
	static const char *const piece[] = { "a", "bcdefghij", "ạ", "đường",
		"\U0001F600", "\"", "\\", "/", "\b", "\f", "\n", "\r", "\t",
		"\x01", "\x1F", "\x0B", "\x7F", "\xC2\x80", "\u2028", " " };
	struct mc_buf s = { 0 }, q = { 0 };
	char *theirs, *p;
	json_t *j;
	int i, k;
	bool same = true, sizes = true;

	for (i = 0; i < 20000; i++) {
		mc_buf_reset(&s);
		for (k = (int)dice(12); k > 0; k--)
			mc_buf_puts(
			    &s, piece[dice(sizeof(piece) / sizeof(*piece))]);
		mc_buf_reset(&q);
		mc_json_quote(&q, mc_buf_str(&s), s.len);
		j = json_stringn(mc_buf_str(&s), s.len);
		theirs = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
		for (p = theirs; (p = strstr(p, "\\u00")) != NULL; p += 4)
			for (k = 4; k < 6; k++)
				if (p[k] >= 'A' && p[k] <= 'F')
					p[k] = (char)(p[k] - 'A' + 'a');
		same = same && strcmp(theirs, q.p) == 0;
		sizes = sizes && strlen(q.p) == q.len;
		free(theirs);
		json_decref(j);
	}
	OK(same);
	OK(sizes);
	mc_buf_reset(&q);
	mc_json_quote(&q, "\x1F\x00", 2);
	IS_STR(q.p, "\"\\u001f\\u0000\"");
	mc_buf_reset(&q);
	mc_json_quote(&q, NULL, 0);
	IS_STR(q.p, "\"\"");
	mc_buf_free(&s);
	mc_buf_free(&q);
}

static void
canonical(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "{}", "{}" },
		{ " [ 1 , \"a\" ] ", "[1,\"a\"]" },
		{ "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}",
		    "{\"a\":{\"c\":null,\"d\":[]},\"b\":1}" },
		/* The example of RFC 8785 section 3.2.3. */
		{ "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
		  "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
		  "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji\","
		  "\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin\"}",
		    "{\"\\r\":\"Carriage Return\",\"1\":\"One\","
		    "\"\xC2\x80\":\"Control\",\"ö\":\"Latin\","
		    "\"€\":\"Euro Sign\",\"\U0001F600\":\"Emoji\","
		    "\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}" },
		{ "\"\\u001F\\u000f\\u0041\\/\\u00e9\"",
		    "\"\\u001f\\u000fA/é\"" },
		{ "{\"a\":1,\"\":2,\"aa\":3}", "{\"\":2,\"a\":1,\"aa\":3}" },
		{ "[-9007199254740991,0,-0]", "[-9007199254740991,0,0]" },
		{ "[true,false]", "[true,false]" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_json *j;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		mc_buf_reset(&b);
		j = parse(row[i].in, &err);
		OK(j != NULL);
		IS(mc_json_canonical(&b, j, &err), 0);
		IS_STR(mc_buf_str(&b), row[i].out);
		mc_json_free(j);
		/* What is canonical stays as it is. */
		j = parse(row[i].out, &err);
		mc_buf_reset(&b);
		IS(mc_json_canonical(&b, j, &err), 0);
		IS_STR(mc_buf_str(&b), row[i].out);
		mc_json_free(j);
	}
	mc_buf_reset(&b);
	mc_buf_puts(&b, "kept");
	j = parse("{\"a\":[1,2.5]}", &err);
	IS(mc_json_canonical(&b, j, &err), -1);
	IS(err.code, MC_EDATA);
	IS_STR(err.msg,
	    "a number with a fraction or an exponent; write it as a string");
	IS_STR(b.p, "kept");
	mc_json_free(j);
	j = parse("9007199254740992", &err);
	IS(mc_json_canonical(&b, j, &err), -1);
	IS_STR(err.msg,
	    "an integer of more than 53 bits has no canonical form; write it "
	    "as a string");
	mc_json_free(j);
	/* Written again, numbers are what they were. */
	mc_buf_reset(&b);
	j = parse(
	    "[{\"b\":1.50,\"a\":[-2E+400]}, 9223372036854775807, \"1.5\"]",
	    &err);
	mc_json_again(&b, j);
	IS_STR(mc_buf_str(&b),
	    "[{\"a\":[-2E+400],\"b\":1.50},9223372036854775807,\"1.5\"]");
	IS_STR(mc_json_real(mc_json_get(mc_json_at(j, 0), "b")), "1.50");
	OK(mc_json_real(mc_json_at(j, 1)) == NULL);
	OK(mc_json_real(mc_json_at(j, 2)) == NULL);
	mc_json_free(j);
	/* The deepest document that can be read can be written. */
	mc_buf_reset(&b);
	for (i = 0; i < MC_JSON_DEPTH - 1; i++)
		mc_buf_puts(&b, "[");
	for (i = 0; i < MC_JSON_DEPTH - 1; i++)
		mc_buf_puts(&b, "]");
	j = parse(b.p, &err);
	mc_buf_reset(&b);
	IS(mc_json_canonical(&b, j, &err), 0);
	IS(b.len, 2 * (MC_JSON_DEPTH - 1));
	mc_json_free(j);
	mc_buf_reset(&b);
	for (i = 0; i < MC_JSON_DEPTH; i++)
		mc_buf_puts(&b, "[");
	for (i = 0; i < MC_JSON_DEPTH; i++)
		mc_buf_puts(&b, "]");
	j = parse(b.p, &err);
	mc_buf_reset(&b);
	OK(j != NULL);
	IS(mc_json_canonical(&b, j, &err), 0);
	IS(b.len, 2 * MC_JSON_DEPTH);
	mc_json_free(j);
	mc_buf_free(&b);
}

static bool
slurp(const char *path, struct mc_buf *b)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	mc_buf_reset(b);
	while ((n = fread(mc_buf_room(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	fclose(f);
	return true;
}

/* y_ must be read, n_ refused; i_ may be either, but must end. */
static void
corpus(void)
{
	const char *shared = getenv("MOTCUA_SHARED");
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf path = { 0 }, text = { 0 };
	struct dirent *e;
	struct mc_json *j;
	DIR *d;
	int y = 0, n = 0, named = 0;
	bool read;
	size_t root;

	mc_buf_printf(&path, "%s/data/corpora/json/",
	    shared != NULL ? shared : "../shared");
	root = path.len;
	d = opendir(path.p);
	if (d == NULL) {
		printf("# SKIP the JSON corpus: no %s\n", path.p);
		mc_buf_free(&path);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		path.len = root;
		mc_buf_puts(&path, e->d_name);
		if (strstr(e->d_name, ".json") == NULL || !slurp(path.p, &text))
			continue;
		mc_err_clear(&err);
		read = mc_json_parse(&j, e->d_name,
			   (struct mc_str){ mc_buf_str(&text), text.len },
			   &err) == 0;
		TAP_ROW(e->d_name);
		OK(read == (j != NULL) && read == (err.code == MC_OK));
		if (e->d_name[0] == 'y') {
			y++;
			if (!read)
				named++;
			OK(read || strcmp(err.id, "E_NUL") == 0 ||
			    strcmp(err.id, "E_DUPLICATE") == 0);
		} else if (e->d_name[0] == 'n') {
			n++;
			OK(!read);
		}
		mc_json_free(j);
	}
	TAP_ROW(NULL);
	OK(y > 90 && n > 180);
	OK(named < 6);
	closedir(d);
	mc_buf_free(&path);
	mc_buf_free(&text);
}

int
main(void)
{
	refusals();
	limits();
	values();
	decimals();
	places();
	writer();
	quoting();
	quoting_anywhere();
	canonical();
	corpus();
	return tap_done();
}
