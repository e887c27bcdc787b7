/* charset.h: normal form against utf8proc, cleaning, folding. */
#include <stdlib.h>

#include <utf8proc.h>

#include <motcua/charset.h>
#include <motcua/text.h>

#include "tap.h"

static struct mc_str
view(const struct mc_buf *b)
{
	return (struct mc_str){ mc_buf_str(b), b->len };
}

static bool
is_nfc(const struct mc_buf *b)
{
	utf8proc_uint8_t *nfc =
	    utf8proc_NFC((const utf8proc_uint8_t *)mc_buf_str(b));
	bool same = strcmp((const char *)nfc, mc_buf_str(b)) == 0;

	free(nfc);
	return same;
}

/* Where the quick check says yes, utf8proc must agree: each character by
 * itself, and behind each kind of letter. */
static void
quick_check(void)
{
	static const char *const before[] = { "", "a", "\u01A0", "\u1EA0",
		"\u1100", "\u09C7" };
	struct mc_buf b = { 0 };
	uint32_t cp;
	size_t i;
	int yes = 0, vietnamese = 0;
	bool right = true;

	for (cp = 1; cp <= 0x10FFFF; cp++) {
		if (cp == 0xD800)
			cp = 0xE000;
		for (i = 0; i < sizeof(before) / sizeof(*before); i++) {
			mc_buf_reset(&b);
			mc_buf_puts(&b, before[i]);
			if (i > 0 && !mc_nfc_is(view(&b)))
				continue;
			mc_utf8_put(&b, cp);
			if (!mc_nfc_is(view(&b)))
				continue;
			yes++;
			right = right && is_nfc(&b);
		}
		mc_buf_reset(&b);
		mc_utf8_put(&b, cp);
		if (cp >= 0x1EA0 && cp <= 0x1EF9)
			vietnamese += mc_nfc_is(view(&b));
	}
	OK(right);
	OK(yes > 3 * 20000);
	IS(vietnamese, 0x1EF9 - 0x1EA0 + 1);
	OK(mc_nfc_is(MC_STR("Đường số 5, phường Ninh Khánh")));
	OK(!mc_nfc_is(MC_STR("a\u0301")));
	OK(!mc_nfc_is(MC_STR("\u212B")));
	OK(mc_nfc_is(mc_str(NULL)));
	mc_buf_free(&b);
}

/* What mc_text_plain() says it takes, said again without haste. */
static bool
is_plain(struct mc_str s)
{
	size_t i = 0, len;
	uint32_t cp;

	if (mc_utf8_check(s.p, s.len) < s.len)
		return false;
	for (; i < s.len; i += len) {
		cp = mc_utf8_decode(s.p + i, s.len - i, &len);
		if (cp == 0 || (cp >= 0x80 && cp < 0xC0) || cp == 0xD0 ||
		    cp == 0xF0 || (cp >= 0x0300 && cp < 0x1E00) || cp > 0x1EFF)
			return false;
	}
	return true;
}

static uint64_t seed = 7;

static uint32_t
rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 11) % below);
}

/* Characters and bytes from which trouble comes, among what is plain. */
static void
random_text(struct mc_buf *b)
{
	static const char *const plain[] = { "a", " ", "0123456789", "đ", "ư",
		"ủ", "ế", "Ỹ", "Nguyễn Văn Đức", "\u00C0", "\u02FF", "\u1E00",
		"\u1EFF", "\x7F", "\t", "\n" };
	static const char *const other[] = { "\u0301", "\u0300", "e\u0302",
		"\u00A0", "\u00D0", "\u00F0", "\u00BF", "\u0300", "\u1DFF",
		"\u1F00", "\u200B", "\u202E", "\u2066", "\uFEFF", "\u212B",
		"\uD7FF", "\U0001F600", "\x80", "\xBF", "\xB0", "\x90",
		"\xC0\x80", "\xC1\xBF", "\xC3", "\xCB", "\xCC", "\xE1",
		"\xE1\xBA", "\xE1\xB8", "\xE1\xB7\xBF", "\xE0\x80\x80",
		"\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5",
		"\xFF" };
	uint32_t k, nasty = rnd(3);

	mc_buf_reset(b);
	mc_buf_puts(b, "");
	for (k = rnd(24); k > 0; k--)
		if (rnd(12) < nasty)
			mc_buf_puts(
			    b, other[rnd(sizeof(other) / sizeof(*other))]);
		else
			mc_buf_puts(
			    b, plain[rnd(sizeof(plain) / sizeof(*plain))]);
	if (rnd(16) == 0)
		mc_buf_add(b, "", 1);
	if (b->len > 0 && rnd(8) == 0) /* cut anywhere */
		b->len -= rnd((uint32_t)(b->len < 4 ? b->len : 4));
}

/* The quick answer, and what it promises of cleaning. */
static void
plain(void)
{
	struct mc_buf b = { 0 }, scratch = { 0 };
	struct mc_str got;
	uint32_t cp, i;
	int wrong = 0, unclean = 0, yes = 0, n;

	/* Each character, before and behind the ends of blocks. */
	for (cp = 1; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 61)
		for (i = 0; i < 36; i += cp < 0x3000 ? 1 : 7) {
			if (cp >= 0xD800 && cp < 0xE000)
				continue;
			mc_buf_reset(&b);
			mc_buf_printf(&b, "%*s", (int)i, "");
			mc_utf8_put(&b, cp);
			wrong += mc_text_plain(view(&b)) != is_plain(view(&b));
			mc_buf_puts(&b, "0123456789abcdef");
			wrong += mc_text_plain(view(&b)) != is_plain(view(&b));
		}
	IS(wrong, 0);
	for (n = 0; n < 300000; n++) {
		random_text(&b);
		wrong += mc_text_plain(view(&b)) != is_plain(view(&b));
		if (!mc_text_plain(view(&b)))
			continue;
		yes++;
		got = mc_text_clean(view(&b), &scratch);
		unclean += !mc_nfc_is(view(&b)) ||
			   !mc_str_same(got, mc_str_trim(view(&b)));
	}
	IS(wrong, 0);
	IS(unclean, 0);
	OK(yes > 50000 && yes < 250000);
	OK(mc_text_plain(mc_str(NULL)));
	mc_buf_free(&b);
	mc_buf_free(&scratch);
}

/* Every Vietnamese letter, taken apart, comes back in one piece. */
static void
letters(void)
{
	static const char *const vowel[] = { "a", "ă", "â", "e", "ê", "i", "o",
		"ô", "ơ", "u", "ư", "y", "A", "Ă", "Â", "E", "Ê", "I", "O", "Ô",
		"Ơ", "U", "Ư", "Y" };
	static const char *const tone[] = { "", "\u0300", "\u0301", "\u0303",
		"\u0309", "\u0323" };
	struct mc_buf b = { 0 }, scratch = { 0 };
	struct mc_str got;
	utf8proc_uint8_t *nfd, *nfc;
	size_t v, t;
	int pieces = 0, wrong = 0;

	for (v = 0; v < sizeof(vowel) / sizeof(*vowel); v++) {
		for (t = 0; t < sizeof(tone) / sizeof(*tone); t++) {
			mc_buf_reset(&b);
			mc_buf_printf(&b, "x%s%sy", vowel[v], tone[t]);
			nfc = utf8proc_NFC((const utf8proc_uint8_t *)b.p);
			nfd = utf8proc_NFD((const utf8proc_uint8_t *)b.p);
			got = mc_text_clean(mc_str((char *)nfd), &scratch);
			wrong += !mc_str_is(got, (char *)nfc);
			got = mc_text_clean(view(&b), &scratch);
			wrong += !mc_str_is(got, (char *)nfc);
			/* composed: one letter between x and y */
			wrong += mc_utf8_decode((char *)nfc + 1,
				     strlen((char *)nfc) - 1,
				     &(size_t){ 0 }) < 0x80 &&
				 strlen((char *)nfc) != 3;
			got = mc_text_clean(mc_str((char *)nfc), &scratch);
			wrong += got.p != (char *)nfc;
			wrong += !mc_text_plain(mc_str((char *)nfc));
			wrong += mc_text_plain(mc_str((char *)nfd)) !=
				 (strcmp((char *)nfd, (char *)nfc) == 0);
			pieces++;
			free(nfc);
			free(nfd);
		}
	}
	IS(pieces, 144);
	IS(wrong, 0);
	mc_buf_free(&b);
	mc_buf_free(&scratch);
}

static void
cleaning(void)
{
	static const struct {
		const char *in, *out;
		bool same; /* a piece of the input, not a copy */
	} row[] = {
		{ "", "", true },
		{ "abc", "abc", true },
		{ "Nguyễn Văn Đức", "Nguyễn Văn Đức", true },
		{ "  two ends\t\r\n", "two ends", true },
		{ "a  b", "a  b", true },
		{ "\u00A0x\u202Fy\u2007z\u00A0", "x y z", false },
		{ "\uFEFFhồ\u200B sơ\u200D", "hồ sơ", false },
		{ "\u2060\u200C", "", false },
		{ "Ðường QÐ-UBND ðến", "Đường QĐ-UBND đến", false },
		{ "o\u031B\u0301", "ớ", false },
		{ "ơ\u0301", "ớ", false },
		{ "o\u0301\u031B", "ớ", false },
		{ "a\u0323\u0302", "ậ", false },
		{ "a\u200B\u0301", "á", false }, /* joined, then composed */
		{ "\u1EA5", "ấ", true },
		{ "\u212B", "Å", false },
		{ "日本", "日本", true },
		{ "\U0001F600", "\U0001F600", true },
	};
	struct mc_buf scratch = { 0 };
	struct mc_str in, got;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].out);
		in = mc_str(row[i].in);
		got = mc_text_clean(in, &scratch);
		OK(mc_str_is(got, row[i].out));
		IS(got.p >= in.p && got.p <= in.p + in.len, row[i].same);
		OK(mc_str_is(
		    mc_text_clean(mc_str(row[i].out), &scratch), row[i].out));
	}
	TAP_ROW(NULL);
	mc_buf_free(&scratch);
}

static void
folding(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "", "" },
		{ "Mã hồ sơ", "ma-ho-so" },
		{ "MA  HO SO", "ma-ho-so" },
		{ "MÃ HỒ SƠ", "ma-ho-so" },
		{ "ma_ho_so", "ma-ho-so" },
		{ "Ma\u0303 ho\u0302\u0300 so\u031B", "ma-ho-so" },
		{ " Ngày nhận (*) ", "ngay-nhan" },
		{ "(*) Ngày nhận", "ngay-nhan" },
		{ "Đã giải quyết / ĐÚNG HẠN", "da-giai-quyet-dung-han" },
		{ "Ðịa chỉ", "dia-chi" },
		{ "ngày\u00A0hẹn\u200Btrả", "ngay-hentra" },
		{ "ƯỞNG", "uong" },
		{ "06a/VPCP", "06a-vpcp" },
		{ "ＣＯＤＥ", "code" },
		{ "---", "" },
		{ "…", "" },
		{ "Straße", "strasse" },
		{ "日本", "日本" },
	};
	struct mc_buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].in);
		mc_buf_reset(&b);
		mc_text_fold(&b, mc_str(row[i].in));
		IS_STR(mc_buf_str(&b), row[i].out);
	}
	TAP_ROW(NULL);
	/* Appends, and what stands before has no say. */
	mc_buf_reset(&b);
	mc_buf_puts(&b, "x=");
	mc_text_fold(&b, MC_STR(" A"));
	mc_text_fold(&b, MC_STR("-Đ"));
	IS_STR(b.p, "x=ad");
	mc_buf_free(&b);
}

/* Which texts are the same word? */
static void
caseless(void)
{
	static const struct {
		const char *a, *b;
		bool same;
	} row[] = {
		{ "hòa", "hoà", true },
		{ "HÒA  BÌNH", "Hoà Bình", true },
		{ "thủy", "THUỶ", true },
		{ "Nguyễn", "nguyê\xcc\x83n", true },
		{ "Đăng ký khai sinh", "ĐĂNG KÝ KHAI SINH", true },
		{ "tòa.an", "toà.an", true },
		{ "a\tb", "a b", true },
		{ "hòa", "hóa", false },
		{ "hòa", "hoa", false },
		{ "Vân", "Văn", false },
		{ "hòa bình", "hoa bình", false },
		{ "hoa bình", "hòa binh", false },
		{ "ab", "a b", false },
	};
	struct mc_buf a = { 0 }, b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].a);
		mc_buf_reset(&a);
		mc_buf_reset(&b);
		mc_text_caseless(&a, mc_str(row[i].a));
		mc_text_caseless(&b, mc_str(row[i].b));
		IS(strcmp(mc_buf_str(&a), mc_buf_str(&b)) == 0, row[i].same);
	}
	TAP_ROW(NULL);
	mc_buf_free(&a);
	mc_buf_free(&b);
}

int
main(void)
{
	quick_check();
	plain();
	letters();
	cleaning();
	folding();
	caseless();
	return tap_done();
}
