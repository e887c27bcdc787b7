/*
 * term.c - an amount of legal time; see term.h.
 *
 * The amount is read from the text itself (folding would lose its decimal
 * mark), the unit by its folded form, so that case, accents and normal form
 * do not matter.
 */
#include <string.h>

#include <motcua/charset.h>
#include <motcua/term.h>
#include <motcua/text.h>

#define TEXT_MAX 400       /* bytes; longer is prose, not a term */
#define QUOTE_MAX 60       /* bytes of it in a message */
#define MILLI_MAX 10000000 /* ten thousand of any unit */

/* Terms that are words only, folded. */
static const struct {
	const char *fold;
	enum mc_term_unit unit;
} whole[] = {
	{ "", MC_TERM_NONE },
	{ "khong-quy-dinh", MC_TERM_NONE },
	{ "khong-quy-dinh-thoi-han", MC_TERM_NONE },
	{ "khong-quy-dinh-thoi-gian", MC_TERM_NONE },
	{ "khong-co-thoi-han", MC_TERM_NONE },
	{ "none", MC_TERM_NONE },
	{ "no-limit", MC_TERM_NONE },
	{ "same-day", MC_TERM_SAME_DAY },
	{ "the-same-day", MC_TERM_SAME_DAY },
	{ "same-working-day", MC_TERM_SAME_DAY },
	{ "trong-ngay", MC_TERM_SAME_DAY },
	{ "ngay-trong-ngay", MC_TERM_SAME_DAY },
	{ "trong-ngay-lam-viec", MC_TERM_SAME_DAY },
	{ "ngay-trong-ngay-lam-viec", MC_TERM_SAME_DAY },
	{ "giai-quyet-trong-ngay", MC_TERM_SAME_DAY },
	{ "giai-quyet-ngay", MC_TERM_SAME_DAY },
	{ "giai-quyet-ngay-trong-ngay", MC_TERM_SAME_DAY },
	{ "ngay-khi-nhan", MC_TERM_SAME_DAY },
	{ "ngay-khi-nhan-ho-so", MC_TERM_SAME_DAY },
	{ "ngay-khi-nhan-du-ho-so", MC_TERM_SAME_DAY },
	{ "ngay-khi-nhan-duoc-ho-so", MC_TERM_SAME_DAY },
	{ "ngay-khi-tiep-nhan", MC_TERM_SAME_DAY },
	{ "ngay-khi-tiep-nhan-ho-so", MC_TERM_SAME_DAY },
	{ "ngay-sau-khi-nhan-du-ho-so", MC_TERM_SAME_DAY },
	{ "ngay-sau-khi-nhan-duoc-ho-so", MC_TERM_SAME_DAY },
};

/* Units, folded.  A comma is the decimal mark of Vietnamese, a point ours. */
static const struct unit {
	const char *fold;
	enum mc_term_unit unit;
	char mark;
} units[] = {
	{ "ngay-lam-viec", MC_TERM_WORKING_DAYS, ',' },
	{ "ngay", MC_TERM_DAYS, ',' },
	{ "gio", MC_TERM_WORKING_HOURS, ',' },
	{ "gio-lam-viec", MC_TERM_WORKING_HOURS, ',' },
	{ "phut", MC_TERM_WORKING_MINUTES, ',' },
	{ "phut-lam-viec", MC_TERM_WORKING_MINUTES, ',' },
	{ "thang", MC_TERM_MONTHS, ',' },
	{ "working-day", MC_TERM_WORKING_DAYS, '.' },
	{ "working-days", MC_TERM_WORKING_DAYS, '.' },
	{ "day", MC_TERM_DAYS, '.' },
	{ "days", MC_TERM_DAYS, '.' },
	{ "calendar-day", MC_TERM_DAYS, '.' },
	{ "calendar-days", MC_TERM_DAYS, '.' },
	{ "working-hour", MC_TERM_WORKING_HOURS, '.' },
	{ "working-hours", MC_TERM_WORKING_HOURS, '.' },
	{ "working-minute", MC_TERM_WORKING_MINUTES, '.' },
	{ "working-minutes", MC_TERM_WORKING_MINUTES, '.' },
	{ "month", MC_TERM_MONTHS, '.' },
	{ "months", MC_TERM_MONTHS, '.' },
};

static const char advice_usual[] =
    "a term is like \"15 working days\", \"30 days\", \"4 working hours\", "
    "\"0,5 ngày làm việc\", \"same day\" or \"Không quy định\"";
static const char advice_compound[] =
    "give one amount for the whole; what belongs to a part of it goes to the "
    "steps";

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
refuse(
    struct mc_err *err, struct mc_str text, const char *why, const char *advice)
{
	int n = (int)mc_utf8_cut(text.p, text.len, QUOTE_MAX);

	mc_err(err, MC_EDATA, "E_TERM", "%s: \"%.*s%s\"", why, n, text.p,
	    (size_t)n < text.len ? "..." : "");
	return mc_err_advise(err, "%s", advice);
}

/* What stands before the unit. */
struct amount {
	int64_t milli;
	char mark;   /* its decimal mark, or 0 */
	bool triple; /* as in 1,500: three digits after it, not 0 before */
	bool fine;   /* has more than thousandths */
};

/*
 * Digits, digits with a decimal mark, or a/b; the bytes read, 0 when the
 * text does not begin so.  Values are held below 10 * MILLI_MAX.
 */
static size_t
read_amount(struct amount *a, struct mc_str s)
{
	int64_t v = 0, w = 0, scale = 1000;
	size_t i = 0, from;

	*a = (struct amount){ 0 };
	for (; i < s.len && digit(s.p[i]); i++)
		if (v <= MILLI_MAX)
			v = v * 10 + (s.p[i] - '0');
	if (i == 0)
		return 0;
	a->milli = v * 1000;
	if (i + 1 >= s.len || !digit(s.p[i + 1]))
		return i;
	from = i + 1;
	if (s.p[i] == '/') {
		for (i = from; i < s.len && digit(s.p[i]); i++)
			if (w <= MILLI_MAX)
				w = w * 10 + (s.p[i] - '0');
		/* Not 3/2, nor 30/4, which is a date. */
		if (v == 0 || w <= v)
			return 0;
		a->fine = v * 1000 % w != 0;
		a->milli = v * 1000 / w;
		return i;
	}
	if (s.p[i] != '.' && s.p[i] != ',')
		return i;
	a->mark = s.p[i];
	for (i = from; i < s.len && digit(s.p[i]); i++) {
		scale /= 10;
		a->milli += (s.p[i] - '0') * scale;
		if (scale == 0 && s.p[i] != '0')
			a->fine = true;
	}
	a->triple = v != 0 && i - from == 3;
	return i;
}

/* A unit and more behind it ("ngày làm việc; trong đó ...")? */
static bool
begins_with_unit(const char *fold)
{
	size_t i, n;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		n = strlen(units[i].fold);
		if (strncmp(fold, units[i].fold, n) == 0 &&
		    (fold[n] == '-' || fold[n] == '\0'))
			return true;
	}
	return false;
}

static const struct unit *
find_unit(const char *fold)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(fold, units[i].fold) == 0)
			return &units[i];
	return NULL;
}

/* Punctuation or digits: something else than a unit follows the amount. */
static bool
more_than_words(struct mc_str s)
{
	size_t i;
	char c;

	for (i = 0; i < s.len; i++) {
		c = s.p[i];
		if (c > ' ' && c < 0x7f && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z'))
			return true;
	}
	return false;
}

static int
parse_amount(struct mc_term *out, struct mc_str s, const struct amount *a,
    struct mc_str rest, const char *fold, struct mc_err *err)
{
	const struct unit *unit = find_unit(fold);

	if (unit == NULL || more_than_words(rest)) {
		if (fold[0] == '\0')
			return refuse(err, s, "a term without a unit",
			    "say of what: \"ngày làm việc\", \"ngày\", "
			    "\"giờ\", \"working days\", \"days\"");
		if (strncmp(fold, "hour", 4) == 0 ||
		    strncmp(fold, "minute", 6) == 0)
			return refuse(err, s, "hours of the clock or working",
			    "write \"working hours\" or \"working minutes\"; "
			    "terms run in the open time of the office");
		if (begins_with_unit(fold))
			return refuse(err, s,
			    "a term with more than one "
			    "amount or with a condition",
			    advice_compound);
		return refuse(err, s, "a term in no known unit", advice_usual);
	}
	if (a->triple && a->mark != unit->mark)
		return refuse(err, s, "thousands or a decimal mark",
		    unit->mark == ','
			? "write a decimal comma, or no mark at all"
			: "write a decimal point, or no mark at all");
	if (a->fine)
		return refuse(err, s, "a term finer than a thousandth",
		    "use a smaller unit, such as working minutes");
	if (a->milli == 0)
		return refuse(err, s, "a term of nothing",
		    "write \"same day\" (\"trong ngày\"), or leave it empty "
		    "where there is no limit");
	if (a->milli > MILLI_MAX)
		return refuse(err, s, "a term beyond ten thousand units",
		    "no limit is that long; is the amount right?");
	if (unit->unit == MC_TERM_MONTHS && a->milli % 1000 != 0)
		return refuse(err, s, "a fraction of a month has no length",
		    "write whole months, or days");
	*out = (struct mc_term){ unit->unit, a->milli };
	return 0;
}

int
mc_term_parse(struct mc_term *out, struct mc_str text, struct mc_err *err)
{
	struct mc_buf clean = { 0 }, fold = { 0 };
	struct mc_str s, rest;
	struct amount a;
	size_t i, n;
	int rc = 0;

	if (text.len == 0) {
		*out = (struct mc_term){ MC_TERM_NONE, 0 };
		return 0;
	}
	n = mc_utf8_check(text.p, text.len);
	if (n < text.len)
		return refuse(err, (struct mc_str){ text.p, n },
		    "a term that is not UTF-8", advice_usual);
	if (text.len > TEXT_MAX)
		return refuse(
		    err, text, "a text where a term belongs", advice_usual);
	s = mc_text_clean(text, &clean);
	n = read_amount(&a, s);
	rest = (struct mc_str){ s.len > 0 ? s.p + n : s.p, s.len - n };
	mc_text_fold(&fold, rest);
	if (n > 0)
		rc = parse_amount(out, s, &a, rest, mc_buf_str(&fold), err);
	else {
		for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
			if (strcmp(mc_buf_str(&fold), whole[i].fold) == 0)
				break;
		/* "---" folds to nothing too, but says nothing. */
		if (i == sizeof(whole) / sizeof(whole[0]) ||
		    (i == 0 && s.len > 0))
			rc = refuse(err, text, "no term of time", advice_usual);
		else
			*out = (struct mc_term){ whole[i].unit, 0 };
	}
	mc_buf_free(&clean);
	mc_buf_free(&fold);
	return rc;
}

void
mc_term_put(struct mc_buf *b, struct mc_term t)
{
	static const char *const name[] = {
		[MC_TERM_WORKING_DAYS] = "working day",
		[MC_TERM_DAYS] = "day",
		[MC_TERM_WORKING_HOURS] = "working hour",
		[MC_TERM_WORKING_MINUTES] = "working minute",
		[MC_TERM_MONTHS] = "month",
	};
	int part = (int)(t.milli % 1000);
	char digits[4];

	if (t.unit == MC_TERM_NONE || t.unit == MC_TERM_SAME_DAY) {
		mc_buf_puts(
		    b, t.unit == MC_TERM_NONE ? "no limit" : "same day");
		return;
	}
	mc_buf_int(b, t.milli / 1000);
	if (part > 0) {
		digits[0] = (char)('0' + part / 100);
		digits[1] = (char)('0' + part / 10 % 10);
		digits[2] = (char)('0' + part % 10);
		digits[3] = '\0';
		mc_buf_putc(b, '.');
		mc_buf_puts(b, digits);
		while (b->p[b->len - 1] == '0')
			b->p[--b->len] = '\0';
	}
	mc_buf_putc(b, ' ');
	mc_buf_puts(b, name[t.unit]);
	if (t.milli != 1000)
		mc_buf_putc(b, 's');
}
