/* code.c - unit tests of code.h: what packs comes back byte for byte. */
#include <motcua/code.h>

#define RND_SEED 42
#include "rnd.h"
#include "tap.h"

/* Identifiers of agencies, and what they are in the other layout. */
static const struct {
	const char *code, *other; /* NULL: it has no room for it */
	bool ok;
} agencies[] = {
	{ "H42", "000.00.00.H42", true },
	{ "H42.12", "000.00.12.H42", true },
	{ "H42.12.23", "000.23.12.H42", true },
	{ "H42.12.23.05", "005.23.12.H42", true },
	{ "H42.12.23.05.07", NULL, true },
	{ "000.00.00.H42", "H42", true },
	{ "000.00.12.H42", "H42.12", true },
	{ "000.23.12.H42", "H42.12.23", true },
	{ "005.23.12.H42", "H42.12.23.05", true },
	{ "000.23.00.H42", "H42.00.23", true }, /* odd, and kept */
	{ "105.23.12.H42", NULL, true },
	{ "H42.1", NULL, false },
	{ "H4", NULL, false },
	{ "h42", NULL, false },
	{ "42H", NULL, false },
	{ "000.00.12.042", NULL, false },
	{ "000.00.12H42", NULL, false },
	{ "000.00.12.H42-240415-0001", NULL, false },
	{ "", NULL, false },
};

static void
layouts(void)
{
	char other[MC_AGENCY_MAX];
	struct mc_str s;
	size_t i;

	for (i = 0; i < sizeof(agencies) / sizeof(agencies[0]); i++) {
		TAP_ROW(agencies[i].code);
		s = mc_str(agencies[i].code);
		IS(mc_code_agency(s), agencies[i].ok);
		IS(mc_code_other_layout(s, other), agencies[i].other != NULL);
		if (agencies[i].other != NULL)
			IS_STR(other, agencies[i].other);
	}
	TAP_ROW(NULL);
}

static const char digit[] = "0123456789";
static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* A code of the standard shape, also with needless zeros and long numbers. */
static void
random_code(struct mc_buf *b)
{
	static const char old[] = "aaa.aa.aa.Add-";
	const char *p;
	int i, n, year, month, dom;

	mc_buf_reset(b);
	if (rnd(4) == 0) {
		for (p = old; *p != '\0'; p++)
			mc_buf_putc(b, *p == 'a'   ? alnum[rnd(36)]
				       : *p == 'A' ? alnum[10 + rnd(26)]
				       : *p == 'd' ? digit[rnd(10)]
						   : *p);
	} else {
		mc_buf_putc(b, alnum[10 + rnd(26)]);
		mc_buf_putc(b, digit[rnd(10)]);
		mc_buf_putc(b, digit[rnd(10)]);
		for (n = (int)rnd(4); n > 0; n--) {
			mc_buf_putc(b, '.');
			mc_buf_putc(b, alnum[rnd(36)]);
			mc_buf_putc(b, alnum[rnd(36)]);
		}
		mc_buf_putc(b, '-');
	}
	mc_day_civil(
	    mc_day_of(2000, 1, 1) + (int32_t)rnd(36525), &year, &month, &dom);
	mc_buf_printf(b, "%02d%02d%02d-", year % 100, month, dom);
	for (i = 0, n = 4 + (int)rnd(4); i < n; i++)
		mc_buf_putc(b, digit[rnd(10)]);
}

static void
property(void)
{
	struct mc_code_parts parts;
	struct mc_buf b = { 0 }, back = { 0 };
	struct mc_str code;
	int32_t day, agency, sequence;
	int i, standard = 0, packed = 0, wrong = 0;
	int64_t id;

	for (i = 0; i < 200000; i++) {
		random_code(&b);
		code = (struct mc_str){ b.p, b.len };
		standard += mc_code_standard(code) && mc_code_valid(code);
		if (!mc_code_split(&parts, code))
			continue;
		packed++;
		agency = 1 + (int32_t)rnd(MC_CODE_AGENCY_MAX);
		id = mc_code_pack(parts.day, agency, parts.sequence);
		if (id < MC_CODE_ODD)
			wrong++;
		mc_code_unpack(id, &day, &agency, &sequence);
		mc_buf_reset(&back);
		mc_code_put(&back, parts.agency, day, sequence);
		wrong += back.len != b.len || memcmp(back.p, b.p, b.len) != 0 ||
			 day != parts.day;
	}
	IS(standard, i);
	IS(wrong, 0);
	OK(packed > i / 4); /* four digits always, others now and then */
	mc_buf_free(&b);
	mc_buf_free(&back);
}

/* One changed byte: what still packs gives that byte back too. */
static void
mutations(void)
{
	struct mc_code_parts parts;
	struct mc_buf b = { 0 }, back = { 0 };
	int32_t day, agency, sequence;
	int i, wrong = 0;

	for (i = 0; i < 200000; i++) {
		random_code(&b);
		b.p[rnd(b.len)] = (char)(rnd(3) ? 32 + rnd(96) : rnd(256));
		if (!mc_code_split(&parts, (struct mc_str){ b.p, b.len }))
			continue;
		mc_code_unpack(mc_code_pack(parts.day, 7, parts.sequence), &day,
		    &agency, &sequence);
		mc_buf_reset(&back);
		mc_code_put(&back, parts.agency, day, sequence);
		wrong += agency != 7 || back.len != b.len ||
			 memcmp(back.p, b.p, b.len) != 0;
	}
	IS(wrong, 0);
	mc_buf_free(&b);
	mc_buf_free(&back);
}

static const struct {
	const char *code;
	bool valid, standard, packs;
} codes[] = {
	{ "H42-240205-0001", true, true, true },
	{ "H42.12.03-240205-0001", true, true, true },
	{ "H42-240205-0000", true, true, true },
	{ "H42-240205-99999", true, true, true },
	{ "H42-240205-131071", true, true, true },
	{ "H42-240205-131072", true, true, false },
	{ "H42-240205-00001", true, true, false },
	{ "H42-240205-012345", true, true, false },
	{ "H42-240205-1234567", true, true, false },
	{ "H42-240205-001", true, false, false },
	{ "H42-240205-12345678", true, false, false },
	{ "000.00.12.H42-240229-0001", true, true, true },
	{ "000.00.12.H42-230229-0001", true, false, false },
	{ "H42-241301-0001", true, false, false },
	{ "H42-240205_0001", true, false, false },
	{ "h42-240205-0001", true, false, false },
	{ "H42.1-240205-0001", true, false, false },
	{ "H42.-240205-0001", true, false, false },
	{ "-240205-0001", true, false, false },
	{ "42-240205-0001", true, false, false },
	{ "case-10011", true, false, false },
	{ "Hồ-sơ/7", true, false, false },
	{ "", false, false, false },
	{ "a b", false, false, false },
	{ "a\xc2\xa0"
	  "b",
	    false, false, false },
	{ "a\tb", false, false, false },
	{ "a\x7f", false, false, false },
	{ "a\xe2\x80\xae", false, false, false },
	{ "a\xff", false, false, false },
};

static void
table(void)
{
	struct mc_code_parts parts;
	struct mc_buf b = { 0 };
	struct mc_str s;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		s = mc_str(codes[i].code);
		TAP_ROW(codes[i].code[0] < 0x20 ? "bytes" : codes[i].code);
		IS(mc_code_valid(s), codes[i].valid);
		IS(mc_code_standard(s), codes[i].standard);
		IS(mc_code_split(&parts, s), codes[i].packs);
	}
	TAP_ROW(NULL);
	OK(mc_code_split(&parts, MC_STR("H42.12-240205-0017")));
	OK(mc_str_is(parts.agency, "H42.12"));
	IS(parts.day, mc_day_of(2024, 2, 5));
	IS(parts.sequence, 17);
	/* 64 characters, not bytes; one more is too many. */
	for (i = 0; i < MC_CODE_MAX; i++)
		mc_buf_puts(&b, "ủ");
	OK(mc_code_valid((struct mc_str){ b.p, b.len }));
	mc_buf_putc(&b, 'x');
	OK(!mc_code_valid((struct mc_str){ b.p, b.len }));
	OK(!mc_code_valid(((struct mc_str){ "a\0b", 3 })));
	mc_buf_free(&b);
}

/* ASCII is judged eight bytes at once, but not behind another letter. */
static void
ascii(void)
{
	static const char odd[] = { ' ', '\t', '\0', 0x1F, 0x7F, '!', '~' };
	struct mc_buf b = { 0 };
	int i, wrong = 0, valid = 0;
	uint64_t k, n;
	bool quick;

	for (i = 0; i < 200000; i++) {
		mc_buf_reset(&b);
		n = rnd(MC_CODE_MAX - 1) + 1;
		for (k = 0; k < n; k++)
			mc_buf_putc(&b, (char)('!' + (int)rnd('~' - '!' + 1)));
		if (rnd(2))
			b.p[rnd(n)] = odd[rnd(sizeof(odd))];
		quick = mc_code_valid((struct mc_str){ b.p, b.len });
		valid += quick;
		mc_buf_puts(&b, "ủ");
		wrong += quick != mc_code_valid((struct mc_str){ b.p, b.len });
	}
	IS(wrong, 0);
	OK(valid > 100000 && valid < 180000);
	mc_buf_free(&b);
}

int
main(void)
{
	table();
	layouts();
	property();
	mutations();
	ascii();
	return tap_done();
}
