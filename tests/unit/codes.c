/* Codes from operands and pipes. */
#include <stdlib.h>

#include <motcua/codes.h>

#include "tap.h"

/* What a piece of standard input gives: codes and "!E_ID" joined by spaces. */
static void
read_all(struct mc_buf *b, struct mc_buf *places, struct mc_codes *c)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str code;
	int rc;

	mc_buf_reset(b);
	mc_buf_reset(places);
	while ((rc = mc_codes_next(c, &code, true, &err)) != 0) {
		if (b->len > 0)
			mc_buf_putc(b, ' ');
		if (rc == 1) {
			mc_buf_add(b, code.p, code.len);
			continue;
		}
		mc_buf_printf(b, "!%s", err.id);
		mc_buf_printf(places, "%s;", err.where);
		if (err.code != MC_EDATA)
			break;
		mc_err_clear(&err);
	}
}

#define S "{\"schema\":\"motcua.x/1\","

static const struct {
	const char *name, *in, *want, *places;
} rows[] = {
	{ "bare", "H42.01-240205-0001\nB\r\n\n  C  \n", /* CR LF, blanks */
	    "H42.01-240205-0001 B C", "" },
	{ "no final newline", "A\nB", "A B", "" },
	{ "records",
	    S "\"code\":\"A\"}\n" S "\"code\":\"B\",\"n\":-1,"
	      "\"x\":null,\"y\":true,\"z\":\"s\"}\nC\n",
	    "A B C", "" },
	{ "any order", "{\"n\":{\"code\":\"no\"},\"code\":\"A\"}\n", "A", "" },
	{ "white space", "{ \"code\" : \"A\" }\n", "A", "" },
	{ "late code", S "\"n\":1,\"code\":\"A\"}\n", "A", "" },
	{ "nested after", S "\"code\":\"A\",\"l\":[{\"code\":\"B\"}]}\n", "A",
	    "" },
	{ "escape", S "\"code\":\"\\u0041\\/1\"}\n", "A/1", "" },
	{ "escaped key", "{\"\\u0063ode\":\"A\"}\n", "A", "" },
	{ "real", S "\"code\":\"A\",\"x\":1.5e3}\n", "A", "" },
	{ "Vietnamese", S "\"code\":\"HỒ-SƠ\"}\n", "HỒ-SƠ", "" },
	{ "no code", "A\n{\"n\":1}\nB\n", "A !E_CODE B", "t:2;" },
	{ "code is a number", "{\"code\":7}\n", "!E_CODE", "t:1;" },
	{ "code is null", S "\"code\":null}\n", "!E_CODE", "t:1;" },
	{ "a space in it", "A B\nC\n", "!E_CODE C", "t:1;" },
	{ "a space in a record", S "\"code\":\"A B\"}\n", "!E_CODE", "t:1;" },
	{ "empty", S "\"code\":\"\"}\nC\n", "!E_CODE C", "t:1;" },
	{ "bidi",
	    "A\xe2\x80\xae"
	    "B\n",
	    "!E_CODE", "t:1;" },
	{ "dry run", S "\"dry_run\":true,\"code\":\"A\"}\nB\n", "!E_DRY_RUN",
	    "t:1;" },
	{ "dry run, last", S "\"code\":\"A\",\"dry_run\":true}\n", "!E_DRY_RUN",
	    "t:1;" },
	{ "dry run, no code", "{\"dry_run\":true}\n", "!E_DRY_RUN", "t:1;" },
	{ "not a dry run", S "\"code\":\"A\",\"dry_run\":false}\n", "A", "" },
	{ "torn", "A\n" S "\"code\":\"B\",\nC\n", "A !E_JSON C", NULL },
	{ "torn string", S "\"code\":\"B\nC\n", "!E_JSON C", NULL },
	{ "two records in a line", S "\"code\":\"A\"}" S "\"code\":\"B\"}\n",
	    "!E_JSON", NULL },
	{ "twice", S "\"code\":\"A\",\"code\":\"B\"}\n", "!E_DUPLICATE", NULL },
	{ "leading zero", S "\"code\":\"A\",\"n\":01}\n", "!E_JSON", NULL },
	{ "bad word", S "\"code\":\"A\",\"n\":nul}\n", "!E_JSON", NULL },
	{ "UTF-8", "A\n\xff\nB\n", "A !E_UTF8 B", NULL },
};

static void
test_pipe(void)
{
	struct mc_buf got = { 0 }, places = { 0 };
	struct mc_codes *c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TAP_ROW(rows[i].name);
		c = mc_codes_of(
		    mc_source_memory("t", rows[i].in, strlen(rows[i].in)));
		read_all(&got, &places, c);
		IS_STR(mc_buf_str(&got), rows[i].want);
		if (rows[i].places != NULL)
			IS_STR(mc_buf_str(&places), rows[i].places);
		else
			OK(strncmp(mc_buf_str(&places), "t:", 2) == 0);
		mc_codes_free(c);
	}
	TAP_ROW(NULL);
	mc_buf_free(&got);
	mc_buf_free(&places);
}

/* The line of a JSON error is the pipe's, the column the parser's. */
static void
test_json_place(void)
{
	static const char in[] = "A\n\n{\"code\":x}\n";
	struct mc_err err = MC_ERR_INIT;
	struct mc_str code;
	struct mc_codes *c = mc_codes_of(mc_source_memory("t", in, strlen(in)));

	IS(mc_codes_next(c, &code, true, &err), 1);
	IS(mc_codes_next(c, &code, true, &err), -1);
	IS_STR(err.id, "E_JSON");
	OK(strncmp(err.where, "t:3:", 4) == 0);
	mc_err_clear(&err);
	IS(mc_codes_next(c, &code, true, &err), 0);
	mc_codes_free(c);
}

static void
test_operands(void)
{
	char a[] = "A", b[] = "B C", d[] = "D";
	char *argv[] = { a, b, d };
	struct mc_err err = MC_ERR_INIT;
	struct mc_str code;
	struct mc_codes *c = mc_codes_new(3, argv);

	IS(mc_codes_next(c, &code, true, &err), 1);
	OK(mc_str_is(code, "A"));
	mc_codes_at(c, &err);
	IS_STR(err.where, "");
	IS(mc_codes_next(c, &code, false, &err), -1);
	IS(err.code, MC_EDATA);
	IS_STR(
	    err.msg, "\"B C\": a dossier code is 1 to 64 visible characters");
	IS(mc_codes_next(c, &code, false, &err), 1);
	OK(mc_str_is(code, "D"));
	IS(mc_codes_next(c, &code, false, &err), 0);
	IS(mc_codes_next(c, &code, false, &err), 0);
	mc_codes_free(c);
}

/* 64 characters, whatever their bytes; 65 are too many. */
static void
test_length(void)
{
	struct mc_buf b = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_str code;
	struct mc_codes *c;
	int i;

	for (i = 0; i < MC_CODE_MAX; i++)
		mc_buf_puts(&b, "Ồ");
	mc_buf_putc(&b, '\n');
	mc_buf_add(&b, "x", 1);
	for (i = 0; i < MC_CODE_MAX; i++)
		mc_buf_puts(&b, "Ồ");
	c = mc_codes_of(mc_source_memory("t", b.p, b.len));
	IS(mc_codes_next(c, &code, true, &err), 1);
	IS(code.len, MC_CODE_MAX * 3);
	IS(mc_codes_next(c, &code, true, &err), -1);
	IS_STR(err.where, "t:2");
	mc_codes_free(c);
	mc_buf_free(&b);
}

int
main(void)
{
	test_pipe();
	test_json_place();
	test_operands();
	test_length();
	return tap_done();
}
