/* err.h: what a message may hold, and what becomes of the rest. */
#include <errno.h>
#include <string.h>

#include <motcua/err.h>
#include <motcua/text.h>

#include "tap.h"

static void
messages(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "no such day \"31/02\"", "no such day \"31/02\"" },
		{ "Đường số 5", "Đường số 5" },
		{ "a\nb\tc\x1B[31m", "a\uFFFDb\uFFFDc\uFFFD[31m" },
		{ "a\x7F\xC2\x85z", "a\uFFFD\uFFFDz" },
		{ "a\u202Eb\u2066c\u200Fd\u061Ce\u2028f",
		    "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf" },
		{ "\xFF\xC3(\xED\xA0\x80", "\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD" },
		{ "\xC0\xAF", "\uFFFD\uFFFD" },
		{ "\U0001F600", "\U0001F600" },
		{ "", "" },
	};
	struct mc_err err = MC_ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].out);
		IS(mc_err(&err, MC_EDATA, "E_X", "%s", row[i].in), -1);
		IS_STR(err.msg, row[i].out);
	}
	TAP_ROW(NULL);
}

static void
long_messages(void)
{
	struct mc_err err = MC_ERR_INIT;
	char big[5001];
	size_t pad, n;
	bool whole = true, ends = true;

	memset(big, 'a', sizeof(big));
	big[511] = '\0';
	mc_err(&err, MC_EDATA, "E_X", "%s", big);
	IS(strlen(err.msg), 511);
	OK(strcmp(err.msg, big) == 0);
	/* Whatever stands at the cut, it is cut between characters. */
	for (pad = 0; pad < 8; pad++) {
		for (n = 0; n < pad; n++)
			big[n] = 'a';
		for (; n + 3 < sizeof(big); n += 3)
			memcpy(big + n, "\u1EA1", 3);
		big[n] = '\0';
		mc_err(&err, MC_EDATA, "E_X", "%s", big);
		n = strlen(err.msg);
		whole = whole && mc_utf8_check(err.msg, n) == n &&
			strstr(err.msg, "\uFFFD") == NULL;
		ends = ends && n > 505 && strcmp(err.msg + n - 3, "…") == 0;
	}
	OK(whole);
	OK(ends);
	memset(big, 'f', sizeof(big));
	big[600] = '\0';
	mc_err(&err, MC_EDATA, "E_X", "x");
	mc_err_at(&err, big, 12, 345);
	IS(strlen(err.where), 319);
	IS_STR(err.where + 308, "f…:12:345");
}

static void
places(void)
{
	struct mc_err err = MC_ERR_INIT;

	mc_err(&err, MC_EDATA, "E_DATE", "x");
	IS(mc_err_at(&err, "a.csv", 3, 7), -1);
	IS_STR(err.where, "a.csv:3:7");
	mc_err_at(&err, "b.csv", 1, 1);
	IS_STR(err.where, "a.csv:3:7"); /* the deeper place stays */
	IS(mc_err_advise(&err, "try %s", "this\n"), -1);
	IS_STR(err.advice, "try this\uFFFD");
	IS(err.code, MC_EDATA);
	IS_STR(err.id, "E_DATE");
	mc_err(&err, MC_EIO, "E_IO", "%s again", err.msg);
	IS_STR(err.msg, "x again");
	IS_STR(err.where, "");
	IS_STR(err.advice, "");
	mc_err_at(&err, "a\nb", 3, 0);
	IS_STR(err.where, "a\uFFFDb:3");
	mc_err(&err, MC_EIO, "E_IO", "y");
	mc_err_at(&err, "dir", 0, 9);
	IS_STR(err.where, "dir");
	mc_err_clear(&err);
	IS(err.code, MC_OK);
	IS_STR(err.msg, "");
	IS(mc_err_sys(&err, ENOENT, "cannot open \"%s\"", "x"), -1);
	IS_STR(err.msg, "cannot open \"x\": No such file or directory");
	IS(err.code, MC_EIO);
	IS_STR(err.id, "E_IO");
	mc_err(&err, MC_EDATA, "E_A_VERY_LONG_NAME_INDEED", "x");
	IS(strlen(err.id), 19);
}

int
main(void)
{
	messages();
	long_messages();
	places();
	return tap_done();
}
