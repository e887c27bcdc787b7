/* encoding.h: each letter of each encoding, against iconv(3) where it can. */
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

#include <motcua/encoding.h>
#include <motcua/text.h>

#include "tap.h"

/* The 134 letters that are not ASCII, a tone after the other. */
static const char small[] =
    "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ";
static const char capital[] =
    "ÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬÉÈẺẼẸÊẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢÚÙỦŨỤƯỨỪỬỮỰÝỲỶỸỴĐ";

/* VNI, as its makers published it, in the same order; bytes in hex. */
static const char vni_small[] =
    "61F9 61F8 61FB 61F5 61EF 61EA 61E9 61E8 61FA 61FC 61EB "
    "61E2 61E1 61E0 61E5 61E3 61E4 65F9 65F8 65FB 65F5 65EF "
    "65E2 65E1 65E0 65E5 65E3 65E4 ED EC E6 F3 F2 "
    "6FF9 6FF8 6FFB 6FF5 6FEF 6FE2 6FE1 6FE0 6FE5 6FE3 6FE4 "
    "F4 F4F9 F4F8 F4FB F4F5 F4EF 75F9 75F8 75FB 75F5 75EF "
    "F6 F6F9 F6F8 F6FB F6F5 F6EF 79F9 79F8 79FB 79F5 EE F1";
static const char vni_capital[] =
    "41D9 41D8 41DB 41D5 41CF 41CA 41C9 41C8 41DA 41DC 41CB "
    "41C2 41C1 41C0 41C5 41C3 41C4 45D9 45D8 45DB 45D5 45CF "
    "45C2 45C1 45C0 45C5 45C3 45C4 CD CC C6 D3 D2 "
    "4FD9 4FD8 4FDB 4FD5 4FCF 4FC2 4FC1 4FC0 4FC5 4FC3 4FC4 "
    "D4 D4D9 D4D8 D4DB D4D5 D4CF 55D9 55D8 55DB 55D5 55CF "
    "D6 D6D9 D6D8 D6DB D6D5 D6CF 59D9 59D8 59DB 59D5 CE D1";

static void
unhex(struct mc_buf *b, const char *hex)
{
	char two[3] = "";

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		memcpy(two, hex++, 2);
		mc_buf_putc(b, (char)strtol(two, NULL, 16));
	}
}

/* In pieces of `step` bytes; 0: at once. */
static void
decode(struct mc_buf *out, enum mc_encoding e, const char *p, size_t n,
    size_t step, struct mc_loss *loss)
{
	struct mc_decoder d;
	size_t k;

	mc_buf_reset(out);
	mc_buf_puts(out, "");
	mc_decoder_init(&d, e);
	for (; n > 0; p += k, n -= k) {
		k = step == 0 || step > n ? n : step;
		mc_decode(&d, p, k, out);
	}
	mc_decode_end(&d, out);
	if (loss != NULL)
		*loss = d.loss;
}

static bool
by_iconv(struct mc_buf *out, const char *to, const char *text)
{
	iconv_t cd = iconv_open(to, "UTF-8");
	char buf[8192], *o = buf, in[8192], *i = in;
	size_t left = strlen(text), room = sizeof(buf);
	bool good;

	if (cd == (iconv_t)-1)
		return false;
	memcpy(in, text, left + 1);
	good = iconv(cd, &i, &left, &o, &room) != (size_t)-1;
	iconv_close(cd);
	mc_buf_reset(out);
	mc_buf_add(out, buf, sizeof(buf) - room);
	return good;
}

static void
letters(void)
{
	static const struct {
		enum mc_encoding e;
		const char *iconv;
		bool capitals;
	} row[] = {
		{ MC_ENC_CP1258, "CP1258", true },
		{ MC_ENC_VISCII, "VISCII", true },
		{ MC_ENC_TCVN3, "TCVN5712-1", false },
		{ MC_ENC_UTF16LE, "UTF-16LE", true },
		{ MC_ENC_UTF16BE, "UTF-16BE", true },
	};
	struct mc_buf text = { 0 }, bytes = { 0 }, got = { 0 };
	struct mc_loss loss;
	size_t i, step;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(mc_encoding_name(row[i].e));
		mc_buf_reset(&text);
		mc_buf_printf(&text,
		    "%s, %s.\r\nabcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ\"0123456789;",
		    small, row[i].capitals ? capital : "ĂÂÊÔƠƯĐ");
		if (!by_iconv(&bytes, row[i].iconv, text.p)) {
			OK(true);
			printf("# SKIP: iconv has no %s here\n", row[i].iconv);
			continue;
		}
		for (step = 0; step < 4; step++) {
			decode(&got, row[i].e, bytes.p, bytes.len, step, &loss);
			IS_STR(got.p, text.p);
			IS(loss.bad, 0);
		}
	}
	TAP_ROW("vni");
	mc_buf_reset(&bytes);
	unhex(&bytes, vni_small);
	unhex(&bytes, vni_capital);
	mc_buf_reset(&text);
	mc_buf_printf(&text, "%s%s", small, capital);
	for (step = 0; step < 4; step++) {
		decode(&got, MC_ENC_VNI, bytes.p, bytes.len, step, &loss);
		IS_STR(got.p, text.p);
		IS(loss.bad, 0);
	}
	TAP_ROW(NULL);
	mc_buf_free(&text);
	mc_buf_free(&bytes);
	mc_buf_free(&got);
}

/* Every single byte, as iconv reads it (CP1258 and VISCII are full). */
static void
bytes(void)
{
	static const struct {
		enum mc_encoding e;
		const char *iconv;
	} row[] = { { MC_ENC_CP1258, "CP1258" }, { MC_ENC_VISCII, "VISCII" } };
	struct mc_buf got = { 0 };
	char in[1], out[16], *i, *o;
	size_t k, left, room;
	int c, wrong;
	iconv_t cd;

	for (k = 0; k < 2; k++) {
		TAP_ROW(row[k].iconv);
		cd = iconv_open("UTF-8", row[k].iconv);
		for (c = 1, wrong = 0; cd != (iconv_t)-1 && c < 256; c++) {
			in[0] = (char)c;
			i = in;
			o = out;
			left = 1;
			room = sizeof(out);
			/* The second call lets go of a letter held back. */
			if (iconv(cd, &i, &left, &o, &room) == (size_t)-1) {
				iconv(cd, NULL, NULL, NULL, NULL);
				continue;
			}
			iconv(cd, NULL, NULL, &o, &room);
			decode(&got, row[k].e, in, 1, 0, NULL);
			if (got.len != sizeof(out) - room ||
			    memcmp(got.p, out, got.len) != 0)
				wrong++;
		}
		IS(wrong, 0);
		if (cd != (iconv_t)-1)
			iconv_close(cd);
	}
	TAP_ROW(NULL);
	mc_buf_free(&got);
}

static void
words(void)
{
	static const struct {
		enum mc_encoding e;
		const char *in, *out;
	} row[] = {
		{ MC_ENC_TCVN3,
		    "\xA7\xAD\xEA"
		    "ng Nguy\xD4n",
		    "Đường Nguyễn" },
		{ MC_ENC_TCVN3, "Ngu\xCF", "Nguẽ" },
		/* Punctuation of Windows, and a no-break space. */
		{ MC_ENC_VNI, "\x93x\x94\xA0", "“x”\u00A0" },
		/* Bases that take no such mark, and marks alone. */
		{ MC_ENC_VNI, "b\xF9", "b\xF9" },
		{ MC_ENC_VNI, "\xF9\xF9", "\xF9\xFF" },
		{ MC_ENC_VNI, "a\xF9\xF9", "á\xF9" },
		{ MC_ENC_CP1258, "n\xDE", "n\xCC\x83" }, /* left to NFC */
		{ MC_ENC_CP1258, "\xEA\xEC", "ế" },
		{ MC_ENC_CP1258, "\x81", "\x81" },
		/* Never a character made of two bad bytes. */
		{ MC_ENC_TCVN3, "\xC3\x80", "\xC3\xFF" },
	};
	struct mc_buf got = { 0 }, in = { 0 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(mc_encoding_name(row[i].e));
		decode(&got, row[i].e, row[i].in, strlen(row[i].in), 0, NULL);
		IS_STR(got.p, row[i].out);
	}
	TAP_ROW(NULL);
	unhex(&in, "D1F6F4F86E67204E67757965E36E2048 7565E4");
	decode(&got, MC_ENC_VNI, in.p, in.len, 1, NULL);
	IS_STR(got.p, "Đường Nguyễn Huệ");
	mc_buf_free(&got);
	mc_buf_free(&in);
}

static void
utf16(void)
{
	static const struct {
		const char *hex, *out;
		int bad;
	} row[] = {
		{ "FFFE6100",
		    "\xEF\xBB\xBF"
		    "a",
		    0 },
		{ "3DD800DE", "\xF0\x9F\x98\x80", 0 },
		{ "3DD86100",
		    "\xFF"
		    "a",
		    1 },
		{ "00DE6100",
		    "\xFF"
		    "a",
		    1 },
		{ "61003DD8", "a\xFF", 1 },
		{ "610062", "a\xFF", 1 },
		{ "0000", "", 0 },
	};
	struct mc_buf in = { 0 }, got = { 0 };
	struct mc_loss loss;
	size_t i, step;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		for (step = 0; step < 4; step++) {
			TAP_ROW(row[i].hex);
			mc_buf_reset(&in);
			unhex(&in, row[i].hex);
			decode(&got, MC_ENC_UTF16LE, in.p, in.len, step, &loss);
			IS_STR(got.p, row[i].out);
			IS(loss.bad, row[i].bad);
		}
	TAP_ROW(NULL);
	mc_buf_free(&in);
	mc_buf_free(&got);
}

static void
losses(void)
{
	static const struct {
		const char *text; /* as UTF-8, written in TCVN3 by iconv */
		int small, line;
	} row[] = {
		{ "NGUYễN VăN A", 1, 1 },
		{ "x\nTRầN THị Bé\n", 2, 2 },
		{ "Nguyễn Văn Hà, Hà, Lê, Ý", 0, 0 },
		{ "UBND xã", 0, 0 },
		{ "ĐINH TIÊN", 0, 0 },
		{ "CấP", 1, 1 },
	};
	struct mc_buf in = { 0 }, got = { 0 };
	struct mc_loss loss;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW("small letters among capitals");
		if (!by_iconv(&in, "TCVN5712-1", row[i].text)) {
			OK(true);
			continue;
		}
		decode(&got, MC_ENC_TCVN3, in.p, in.len, 0, &loss);
		IS(loss.small, row[i].small);
		IS(loss.small_line, row[i].line);
	}
	TAP_ROW(NULL);
	decode(&got, MC_ENC_TCVN3, "a\n\x80\x81", 4, 1, &loss);
	IS(loss.bad, 2);
	IS(loss.bad_byte, 0x80);
	IS(loss.bad_line, 2);
	mc_buf_free(&in);
	mc_buf_free(&got);
}

static void
names(void)
{
	int e;

	for (e = MC_ENC_UTF8; e < MC_ENC_BYTES; e++)
		IS(mc_encoding_parse(mc_str(mc_encoding_name(e))), e);
	IS(mc_encoding_parse(MC_STR("ABC")), MC_ENC_TCVN3);
	IS(mc_encoding_parse(MC_STR("Windows-1258")), MC_ENC_CP1258);
	IS(mc_encoding_parse(MC_STR("")), MC_ENC_NONE);
	IS(mc_encoding_parse(MC_STR("detect")), MC_ENC_NONE);
	IS(mc_encoding_parse(MC_STR("tcvn3 ")), MC_ENC_NONE);
}

static void
syllables(void)
{
	static const struct {
		const char *text;
		int words, good;
	} row[] = {
		{ "", 0, 0 },
		{ "plain words only", 0, 0 },
		{ "Nguyễn Văn Kín, xã Gia Thủy", 5, 5 },
		{ "NGUYỄN THỊ HƯỜNG", 3, 3 },
		{ "giếng gì quyết nghiêng khuỷu thuở quốc huýt", 8, 8 },
		{ "Đăng ký khai sinh trẻ em bị bỏ rơi", 6, 6 },
		{ "Đắk Lắk, Kôn", 3, 1 }, /* names of other tongues */
		{ "NguyÔn V¨n TrÇn ThÞ", 4, 0 },
		{ "àá ạộ", 2, 0 },
		{ "Việt Nam", 1, 1 },
		{ "được người nước trường", 4, 4 },
	};
	int64_t w, g;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].text);
		w = g = 0;
		mc_syllables(mc_str(row[i].text), &w, &g);
		IS(w, row[i].words);
		IS(g, row[i].good);
	}
	TAP_ROW(NULL);
}

static void
mojibake(void)
{
	static const struct {
		const char *text;
		int at; /* -1: none */
	} row[] = {
		{ "Nguyễn Văn Kín", -1 },
		{ "Nguyá»…n VÄƒn KÃ­n", 4 },
		{ "Tráº§n", 2 },
		{ "LÃª", 1 },
		{ "HÃ  Ná»™i", 6 },
		{ "Äo Ä‘o", 4 },
		{ "PhÆ°Æ¡ng", 2 },
		{ "a â€“ b", 2 },
		{ "XÃ\u00A0HỘI, xã «á» ", -1 },
		{ "Ã", -1 },
		{ "\u00C3\u00BB", -1 },
		{ "100 m², 5 °C, § 3, «xã»", -1 },
		{ "Tri\u00E1\u00BB\xC2\x87u", 3 },
	};
	struct mc_str s;
	size_t i, at;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].text);
		s = mc_str(row[i].text);
		at = mc_mojibake(s);
		IS(at == s.len ? -1 : (int)at, row[i].at);
	}
	TAP_ROW(NULL);
}

/* .VnTime text that a spreadsheet keeps as Unicode. */
static void
recode(void)
{
	struct mc_buf out = { 0 };

	OK(mc_recode(&out, MC_STR("NguyÔn V¨n H\u00B5"), MC_ENC_TCVN3));
	IS_STR(out.p, "Nguyễn Văn Hà");
	mc_buf_reset(&out);
	OK(mc_recode(&out, MC_STR("Ñöôøng Nguyeãn Hueä"), MC_ENC_VNI));
	IS_STR(out.p, "Đường Nguyễn Huệ");
	OK(!mc_recode(&out, MC_STR("Nguyễn"), MC_ENC_VNI));
	IS_STR(out.p, "Đường Nguyễn Huệ");
	OK(!mc_recode(&out, MC_STR("b\u00F9"), MC_ENC_VNI));
	mc_buf_free(&out);
}

int
main(void)
{
	letters();
	bytes();
	words();
	utf16();
	losses();
	names();
	syllables();
	mojibake();
	recode();
	return tap_done();
}
