/* term.c - every way people write a time limit, and what it is not. */
#include <stdlib.h>

#include <motcua/charset.h>
#include <motcua/term.h>

#include "tap.h"

static const struct {
	const char *text, *canonical;
	enum mc_term_unit unit;
	int64_t milli;
} good[] = {
	{ "15 Ngày làm việc", "15 working days", MC_TERM_WORKING_DAYS, 15000 },
	{ "07 Ngày làm việc", "7 working days", MC_TERM_WORKING_DAYS, 7000 },
	{ "01 ngày làm việc", "1 working day", MC_TERM_WORKING_DAYS, 1000 },
	{ "0,25 ngày làm việc", "0.25 working days", MC_TERM_WORKING_DAYS,
	    250 },
	{ "7.5 ngày làm việc", "7.5 working days", MC_TERM_WORKING_DAYS, 7500 },
	{ "10,0 ngày", "10 days", MC_TERM_DAYS, 10000 },
	{ "22,25 ngày", "22.25 days", MC_TERM_DAYS, 22250 },
	{ "1/2 ngày", "0.5 days", MC_TERM_DAYS, 500 },
	{ "3/4 ngày làm việc", "0.75 working days", MC_TERM_WORKING_DAYS, 750 },
	{ "0,125 ngày làm việc", "0.125 working days", MC_TERM_WORKING_DAYS,
	    125 },
	{ "0.125 ngày làm việc", "0.125 working days", MC_TERM_WORKING_DAYS,
	    125 },
	{ "1,125 ngày", "1.125 days", MC_TERM_DAYS, 1125 },
	{ "1.125 days", "1.125 days", MC_TERM_DAYS, 1125 },
	{ "0,2500 ngày", "0.25 days", MC_TERM_DAYS, 250 },
	{ "30 Ngày", "30 days", MC_TERM_DAYS, 30000 },
	{ "30 NGÀY", "30 days", MC_TERM_DAYS, 30000 },
	{ "30 ngay", "30 days", MC_TERM_DAYS, 30000 },
	{ "30ngày", "30 days", MC_TERM_DAYS, 30000 },
	{ "  30   Ngày  ", "30 days", MC_TERM_DAYS, 30000 },
	{ "30\xc2\xa0Ngày làm\xc2\xa0việc", "30 working days",
	    MC_TERM_WORKING_DAYS, 30000 },
	{ "\xef\xbb\xbf"
	  "30 Ngày\xe2\x80\x8b",
	    "30 days", MC_TERM_DAYS, 30000 },
	/* The same in NFD. */
	{ "5 Nga\xcc\x80y la\xcc\x80m vie\xcc\xa3\xcc\x82"
	  "c",
	    "5 working days", MC_TERM_WORKING_DAYS, 5000 },
	{ "01 Giờ", "1 working hour", MC_TERM_WORKING_HOURS, 1000 },
	{ "0,5 giờ", "0.5 working hours", MC_TERM_WORKING_HOURS, 500 },
	{ "04 giờ làm việc", "4 working hours", MC_TERM_WORKING_HOURS, 4000 },
	{ "30 phút", "30 working minutes", MC_TERM_WORKING_MINUTES, 30000 },
	{ "12 Tháng", "12 months", MC_TERM_MONTHS, 12000 },
	{ "1 month", "1 month", MC_TERM_MONTHS, 1000 },
	{ "15 working days", "15 working days", MC_TERM_WORKING_DAYS, 15000 },
	{ "1 Working Day", "1 working day", MC_TERM_WORKING_DAYS, 1000 },
	{ "4 working hours", "4 working hours", MC_TERM_WORKING_HOURS, 4000 },
	{ "30 working minutes", "30 working minutes", MC_TERM_WORKING_MINUTES,
	    30000 },
	{ "30 calendar days", "30 days", MC_TERM_DAYS, 30000 },
	{ "10000 days", "10000 days", MC_TERM_DAYS, 10000000 },
	{ "same day", "same day", MC_TERM_SAME_DAY, 0 },
	{ "SAME-DAY", "same day", MC_TERM_SAME_DAY, 0 },
	{ "trong ngày", "same day", MC_TERM_SAME_DAY, 0 },
	{ "Trong ngày làm việc", "same day", MC_TERM_SAME_DAY, 0 },
	{ "Ngay khi nhận", "same day", MC_TERM_SAME_DAY, 0 },
	{ "Không quy định", "no limit", MC_TERM_NONE, 0 },
	{ "KHÔNG QUY ĐỊNH", "no limit", MC_TERM_NONE, 0 },
	{ "no limit", "no limit", MC_TERM_NONE, 0 },
	{ "", "no limit", MC_TERM_NONE, 0 },
	{ " \t", "no limit", MC_TERM_NONE, 0 },
};

static const struct {
	const char *text, *message, *advice; /* advice: a piece of it */
} bad[] = {
	{ "5", "a term without a unit: \"5\"", "say of what" },
	{ "140,000", "a term without a unit: \"140,000\"", "say of what" },
	{ "0", "a term without a unit: \"0\"", "say of what" },
	{ "10-25", "a term in no known unit: \"10-25\"", "15 working days" },
	{ "0 Giờ", "a term of nothing: \"0 Giờ\"", "same day" },
	{ "0,0 ngày", "a term of nothing: \"0,0 ngày\"", "same day" },
	{ "-5 ngày", "no term of time: \"-5 ngày\"", "15 working days" },
	{ "+5 ngày", "no term of time: \"+5 ngày\"", "15 working days" },
	{ "ngày", "no term of time: \"ngày\"", "15 working days" },
	{ "---", "no term of time: \"---\"", "15 working days" },
	{ "5 wd", "a term in no known unit: \"5 wd\"", "15 working days" },
	{ "8h", "a term in no known unit: \"8h\"", "15 working days" },
	{ "5 hours", "hours of the clock or working: \"5 hours\"",
	    "working hours" },
	{ "5 working ngày", "a term in no known unit: \"5 working ngày\"",
	    "15 working days" },
	{ "15 ngày làm việc; trong đó 5 ngày ở xã",
	    "a term with more than one amount or with a condition: "
	    "\"15 ngày làm việc; trong đó 5 ngày ở xã\"",
	    "one amount" },
	{ "5 ngày 4 giờ",
	    "a term with more than one amount or with a condition: "
	    "\"5 ngày 4 giờ\"",
	    "one amount" },
	{ "5 ngày kể từ ngày nhận đủ hồ sơ",
	    "a term with more than one amount or with a condition: "
	    "\"5 ngày kể từ ngày nhận đủ hồ sơ\"",
	    "one amount" },
	{ "5 days, 4 working hours",
	    "a term with more than one amount or with a condition: "
	    "\"5 days, 4 working hours\"",
	    "one amount" },
	{ "1,500 days", "thousands or a decimal mark: \"1,500 days\"",
	    "decimal point" },
	{ "1.500 ngày", "thousands or a decimal mark: \"1.500 ngày\"",
	    "decimal comma" },
	{ "0,0001 ngày", "a term finer than a thousandth: \"0,0001 ngày\"",
	    "smaller unit" },
	{ "1/3 ngày", "a term finer than a thousandth: \"1/3 ngày\"",
	    "smaller unit" },
	{ "3/2 ngày", "no term of time: \"3/2 ngày\"", "15 working days" },
	{ "1/0 ngày", "no term of time: \"1/0 ngày\"", "15 working days" },
	{ "0/2 ngày", "no term of time: \"0/2 ngày\"", "15 working days" },
	{ "10001 ngày", "a term beyond ten thousand units: \"10001 ngày\"",
	    "amount right" },
	{ "10000,5 ngày", "a term beyond ten thousand units: \"10000,5 ngày\"",
	    "amount right" },
	{ "99999999999999999999999 ngày",
	    "a term beyond ten thousand units: "
	    "\"99999999999999999999999 ngày\"",
	    "amount right" },
	{ "1.5 months", "a fraction of a month has no length: \"1.5 months\"",
	    "whole months" },
	{ "1. ngày",
	    "a term with more than one amount or with a condition: "
	    "\"1. ngày\"",
	    "one amount" },
	{ "Chậm nhất là ngay trước khi tàu rời cảng",
	    "no term of time: \"Chậm nhất là ngay trước khi tàu rời cảng\"",
	    "15 working days" },
	{ "5 ng\xe0y", "a term that is not UTF-8: \"5 ng\"",
	    "15 working days" },
};

static void
test_tables(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_term t, again;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].text);
		mc_buf_reset(&b);
		if (!IS(mc_term_parse(&t, mc_str(good[i].text), &err), 0))
			continue;
		IS(t.unit, good[i].unit);
		IS(t.milli, good[i].milli);
		mc_term_put(&b, t);
		IS_STR(mc_buf_str(&b), good[i].canonical);
		OK(mc_term_parse(&again, mc_str(mc_buf_str(&b)), &err) == 0 &&
		    again.unit == t.unit && again.milli == t.milli);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].text);
		mc_err_clear(&err);
		t = (struct mc_term){ MC_TERM_MONTHS, 42 };
		IS(mc_term_parse(&t, mc_str(bad[i].text), &err), -1);
		IS(err.code, MC_EDATA);
		IS_STR(err.id, "E_TERM");
		IS_STR(err.msg, bad[i].message);
		OK(strstr(err.advice, bad[i].advice) != NULL);
		IS(t.milli, 42);
	}
	TAP_ROW(NULL);
	IS(mc_term_parse(&t, (struct mc_str){ NULL, 0 }, &err), 0);
	IS(t.unit, MC_TERM_NONE);
	mc_buf_free(&b);
}

/* What is written can be read, for every amount and unit. */
static void
test_round_trip(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_term t, again;
	int unit, wrong = 0;

	for (unit = MC_TERM_WORKING_DAYS; unit <= MC_TERM_MONTHS; unit++)
		for (t.milli = 1; t.milli <= 10000000; t.milli += 997) {
			t.unit = (enum mc_term_unit)unit;
			if (unit == MC_TERM_MONTHS)
				t.milli += 1000 - t.milli % 1000;
			if (t.milli > 10000000)
				break;
			mc_buf_reset(&b);
			mc_term_put(&b, t);
			wrong += mc_term_parse(&again, mc_str(mc_buf_str(&b)),
				     &err) != 0 ||
				 again.unit != t.unit || again.milli != t.milli;
		}
	IS(wrong, 0);
	mc_buf_free(&b);
}

static void
test_long(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_term t;
	char text[1000];

	memset(text, '9', sizeof(text));
	IS(mc_term_parse(&t, (struct mc_str){ text, sizeof(text) }, &err), -1);
	IS_STR(err.id, "E_TERM");
	OK(strstr(err.msg, "a text where a term belongs: \"999") != NULL);
	OK(strstr(err.msg, "...\"") != NULL);
}

/* The last field of a line of the list: a term, perhaps in quotes. */
static struct mc_str
csv_term(char *line)
{
	char *p = strchr(line, ','), *end = strrchr(line, ',');

	if (p == NULL || p == end)
		return (struct mc_str){ NULL, 0 };
	p++;
	if (*p == '"') {
		p++;
		end--;
	}
	return (struct mc_str){ p, (size_t)(end - p) };
}

enum meaning { REFUSED, NO_LIMIT, AMOUNT, MEANINGS };

/*
 * What a spelling of the list means, read more simply than the library does:
 * a plain amount above zero and a unit, "Không quy định", nothing at all, or
 * else no meaning.
 */
static enum meaning
meaning_of(struct mc_term *t, struct mc_str s)
{
	static const struct {
		const char *fold;
		enum mc_term_unit unit;
	} ends[] = {
		{ "ngay", MC_TERM_DAYS },
		{ "ngay-lam-viec", MC_TERM_WORKING_DAYS },
		{ "gio", MC_TERM_WORKING_HOURS },
		{ "gio-lam-viec", MC_TERM_WORKING_HOURS },
		{ "thang", MC_TERM_MONTHS },
	};
	struct mc_buf fold = { 0 };
	enum meaning meaning = REFUSED;
	double amount = 0, part = 0, scale = 1;
	size_t i, n = 0;

	*t = (struct mc_term){ MC_TERM_NONE, 0 };
	for (; n < s.len && s.p[n] >= '0' && s.p[n] <= '9'; n++)
		amount = amount * 10 + (s.p[n] - '0');
	if (n > 0 && n < s.len && (s.p[n] == ',' || s.p[n] == '.'))
		for (n++; n < s.len && s.p[n] >= '0' && s.p[n] <= '9'; n++)
			part += (s.p[n] - '0') / (scale *= 10);
	else if (n > 0 && n < s.len && s.p[n] == '/') {
		for (n++; n < s.len && s.p[n] >= '0' && s.p[n] <= '9'; n++)
			part = part * 10 + (s.p[n] - '0');
		amount /= part;
		part = 0;
	}
	mc_text_fold(&fold, (struct mc_str){ s.p + n, s.len - n });
	if (s.len == 0 || strcmp(mc_buf_str(&fold), "khong-quy-dinh") == 0)
		meaning = NO_LIMIT;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (amount + part > 0 &&
		    strcmp(mc_buf_str(&fold), ends[i].fold) == 0) {
			t->unit = ends[i].unit;
			t->milli = (int64_t)((amount + part) * 1000 + 0.5);
			meaning = AMOUNT;
		}
	mc_buf_free(&fold);
	return meaning;
}

/* Is it read as it is meant, and is what is written of it read alike? */
static bool
read_as_meant(struct mc_str s, enum meaning meaning, struct mc_term want)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_term t, again;
	bool ok;

	if (mc_term_parse(&t, s, &err) == -1)
		return meaning == REFUSED && strcmp(err.id, "E_TERM") == 0 &&
		       err.advice[0] != '\0';
	mc_term_put(&b, t);
	ok = meaning != REFUSED && t.unit == want.unit &&
	     t.milli == want.milli &&
	     mc_term_parse(&again, mc_str(mc_buf_str(&b)), &err) == 0 &&
	     again.unit == t.unit && again.milli == t.milli;
	mc_buf_free(&b);
	return ok;
}

/* Hundreds of real spellings, where they are at hand. */
static void
test_real(void)
{
	const char *shared = getenv("MOTCUA_SHARED");
	struct mc_buf path = { 0 };
	int n[MEANINGS] = { 0 }, wrong = 0;
	enum meaning meaning;
	char line[1024];
	struct mc_term t;
	struct mc_str s;
	FILE *f;

	mc_buf_printf(&path, "%s/data/vn/term_strings.csv",
	    shared != NULL ? shared : "../shared");
	f = fopen(mc_buf_str(&path), "r");
	mc_buf_free(&path);
	if (f == NULL) {
		printf(
		    "ok %d # SKIP no term_strings.csv at hand\n", ++tap_count);
		return;
	}
	OK(fgets(line, sizeof(line), f) != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		s = csv_term(line);
		meaning = meaning_of(&t, s);
		n[meaning]++;
		if (!read_as_meant(s, meaning, t)) {
			wrong++;
			printf("# %.*s\n", (int)s.len, s.p);
		}
	}
	fclose(f);
	IS(wrong, 0);
	/* Each line is one of these; a list that changes is looked at again. */
	IS(n[AMOUNT], 267);
	IS(n[NO_LIMIT], 4);
	IS(n[REFUSED], 42);
}

int
main(void)
{
	test_tables();
	test_round_trip();
	test_long();
	test_real();
	return tap_done();
}
