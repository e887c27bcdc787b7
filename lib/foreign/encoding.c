/* encoding.c - see motcua/encoding.h. */
#include <string.h>
#include <strings.h>

#include <motcua/text.h>

#include "encoding_internal.h"

/* The first name of each is the one that is shown. */
static const struct {
	const char *name;
	enum mc_encoding encoding;
} names[] = {
	{ "utf-8", MC_ENC_UTF8 },
	{ "utf8", MC_ENC_UTF8 },
	{ "utf-16", MC_ENC_UTF16 },
	{ "utf16", MC_ENC_UTF16 },
	{ "utf-16le", MC_ENC_UTF16LE },
	{ "utf16le", MC_ENC_UTF16LE },
	{ "utf-16be", MC_ENC_UTF16BE },
	{ "utf16be", MC_ENC_UTF16BE },
	{ "cp1258", MC_ENC_CP1258 },
	{ "windows-1258", MC_ENC_CP1258 },
	{ "tcvn3", MC_ENC_TCVN3 },
	{ "abc", MC_ENC_TCVN3 },
	{ "vni", MC_ENC_VNI },
	{ "vni-windows", MC_ENC_VNI },
	{ "viscii", MC_ENC_VISCII },
};

/* clang-format off */
/* From 0x80 on; 0: no letter. */
static const uint16_t cp1258[128] = {
	0x20AC, 0x0000, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0000, 0x2039, 0x0152, 0x0000, 0x0000, 0x0000,
	0x0000, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0000, 0x203A, 0x0153, 0x0000, 0x0000, 0x0178,
	0x00A0, 0x00A1, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7,
	0x00A8, 0x00A9, 0x00AA, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
	0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7,
	0x00B8, 0x00B9, 0x00BA, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x00BF,
	0x00C0, 0x00C1, 0x00C2, 0x0102, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
	0x00C8, 0x00C9, 0x00CA, 0x00CB, 0x0300, 0x00CD, 0x00CE, 0x00CF,
	0x0110, 0x00D1, 0x0309, 0x00D3, 0x00D4, 0x01A0, 0x00D6, 0x00D7,
	0x00D8, 0x00D9, 0x00DA, 0x00DB, 0x00DC, 0x01AF, 0x0303, 0x00DF,
	0x00E0, 0x00E1, 0x00E2, 0x0103, 0x00E4, 0x00E5, 0x00E6, 0x00E7,
	0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0301, 0x00ED, 0x00EE, 0x00EF,
	0x0111, 0x00F1, 0x0323, 0x00F3, 0x00F4, 0x01A1, 0x00F6, 0x00F7,
	0x00F8, 0x00F9, 0x00FA, 0x00FB, 0x00FC, 0x01B0, 0x20AB, 0x00FF,
};

static const uint16_t viscii[128] = {
	0x1EA0, 0x1EAE, 0x1EB0, 0x1EB6, 0x1EA4, 0x1EA6, 0x1EA8, 0x1EAC,
	0x1EBC, 0x1EB8, 0x1EBE, 0x1EC0, 0x1EC2, 0x1EC4, 0x1EC6, 0x1ED0,
	0x1ED2, 0x1ED4, 0x1ED6, 0x1ED8, 0x1EE2, 0x1EDA, 0x1EDC, 0x1EDE,
	0x1ECA, 0x1ECE, 0x1ECC, 0x1EC8, 0x1EE6, 0x0168, 0x1EE4, 0x1EF2,
	0x00D5, 0x1EAF, 0x1EB1, 0x1EB7, 0x1EA5, 0x1EA7, 0x1EA9, 0x1EAD,
	0x1EBD, 0x1EB9, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EC7, 0x1ED1,
	0x1ED3, 0x1ED5, 0x1ED7, 0x1EE0, 0x01A0, 0x1ED9, 0x1EDD, 0x1EDF,
	0x1ECB, 0x1EF0, 0x1EE8, 0x1EEA, 0x1EEC, 0x01A1, 0x1EDB, 0x01AF,
	0x00C0, 0x00C1, 0x00C2, 0x00C3, 0x1EA2, 0x0102, 0x1EB3, 0x1EB5,
	0x00C8, 0x00C9, 0x00CA, 0x1EBA, 0x00CC, 0x00CD, 0x0128, 0x1EF3,
	0x0110, 0x1EE9, 0x00D2, 0x00D3, 0x00D4, 0x1EA1, 0x1EF7, 0x1EEB,
	0x1EED, 0x00D9, 0x00DA, 0x1EF9, 0x1EF5, 0x00DD, 0x1EE1, 0x01B0,
	0x00E0, 0x00E1, 0x00E2, 0x00E3, 0x1EA3, 0x0103, 0x1EEF, 0x1EAB,
	0x00E8, 0x00E9, 0x00EA, 0x1EBB, 0x00EC, 0x00ED, 0x0129, 0x1EC9,
	0x0111, 0x1EF1, 0x00F2, 0x00F3, 0x00F4, 0x00F5, 0x1ECF, 0x1ECD,
	0x1EE5, 0x00F9, 0x00FA, 0x0169, 0x1EE7, 0x00FD, 0x1EE3, 0x1EEE,
};

/* With the punctuation that Windows puts into any text. */
static const uint16_t tcvn3[128] = {
	0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x2026, 0x0000, 0x0000,
	0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
	0x0000, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
	0x00A0, 0x0102, 0x00C2, 0x00CA, 0x00D4, 0x01A0, 0x01AF, 0x0110,
	0x0103, 0x00E2, 0x00EA, 0x00F4, 0x01A1, 0x01B0, 0x0111, 0x0000,
	0x0300, 0x0309, 0x0303, 0x0301, 0x0323, 0x00E0, 0x1EA3, 0x00E3,
	0x00E1, 0x1EA1, 0x0000, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EAF, 0x0000,
	0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x1EB7, 0x1EA7,
	0x1EA9, 0x1EAB, 0x1EA5, 0x1EAD, 0x00E8, 0x0000, 0x1EBB, 0x1EBD,
	0x00E9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0x00EC,
	0x1EC9, 0x0000, 0x0000, 0x0000, 0x0129, 0x00ED, 0x1ECB, 0x00F2,
	0x0000, 0x1ECF, 0x00F5, 0x00F3, 0x1ECD, 0x1ED3, 0x1ED5, 0x1ED7,
	0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0x00F9,
	0x0000, 0x1EE7, 0x0169, 0x00FA, 0x1EE5, 0x1EEB, 0x1EED, 0x1EEF,
	0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0x00FD, 0x1EF5, 0x0000,
};
/* clang-format on */

enum mc_encoding
mc_encoding_parse(struct mc_str name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) == name.len && name.len > 0 &&
		    strncasecmp(names[i].name, name.p, name.len) == 0)
			return names[i].encoding;
	return MC_ENC_NONE;
}

const char *
mc_encoding_name(enum mc_encoding e)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].encoding == e)
			return names[i].name;
	return "utf-8";
}

const char *
mc_encoding_names(void)
{
	return "utf-8, utf-16, utf-16le, utf-16be, cp1258, tcvn3, vni, viscii";
}

void
mc_decoder_init(struct mc_decoder *d, enum mc_encoding e)
{
	memset(d, 0, sizeof(*d));
	d->encoding = e;
	d->line = 1;
}

/* ---- what goes out ---- */

/* Words whose capitals were lost: TCVN3 only. */
static void
watch_word(struct mc_decoder *d, uint32_t cp)
{
	int tone;
	bool capital;

	if (cp < 0x80 && !((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z')) {
		if (d->marked > 0 && d->capitals > 1 && d->smalls == 0 &&
		    d->loss.small++ == 0)
			d->loss.small_line = d->line;
		d->capitals = d->smalls = d->marked = 0;
	} else if (cp < 0x80) {
		if (cp < 'a')
			d->capitals++;
		else
			d->smalls++;
	} else if (mc_letter_parse(cp, &tone, &capital) != -1) {
		/* Ă, Đ and the like have their own byte, as small ones do. */
		if (!capital && tone > 0)
			d->marked++;
		else if (!capital)
			d->smalls++;
		else
			d->capitals++;
	}
}

static void
emit(struct mc_decoder *d, uint32_t cp, struct mc_buf *out)
{
	d->after_bad = false;
	if (d->encoding == MC_ENC_TCVN3)
		watch_word(d, cp);
	if (cp == '\n')
		d->line++;
	if (cp < 0x80)
		mc_buf_putc(out, (char)cp);
	else
		mc_utf8_put(out, cp);
}

static void
release(struct mc_decoder *d, struct mc_buf *out)
{
	if (d->letter != 0)
		emit(d, d->letter, out);
	d->letter = 0;
}

/* Two bad bytes side by side might make a character: never the second. */
static void
bad(struct mc_decoder *d, unsigned char byte, struct mc_buf *out)
{
	release(d, out);
	if (d->loss.bad++ == 0) {
		d->loss.bad_byte = byte;
		d->loss.bad_line = d->line;
	}
	mc_buf_putc(out, d->after_bad || byte < 0x80 ? '\xFF' : (char)byte);
	d->after_bad = true;
}

static void
put(struct mc_decoder *d, uint32_t cp, struct mc_buf *out)
{
	release(d, out);
	if (mc_letter_takes(cp))
		d->letter = cp;
	else
		emit(d, cp, out);
}

/* A mark onto the letter before it; false: it takes none. */
static bool
mark(struct mc_decoder *d, enum quality q, int tone)
{
	uint32_t cp =
	    d->letter == 0 ? 0 : mc_letter_compose(d->letter, q, tone);

	if (cp != 0)
		d->letter = cp;
	return cp != 0;
}

/* ---- the encodings ---- */

/* The tone of a combining character; 0: it is none. */
static int
tone_of(uint32_t cp)
{
	switch (cp) {
	case 0x0301:
		return 1;
	case 0x0300:
		return 2;
	case 0x0309:
		return 3;
	case 0x0303:
		return 4;
	case 0x0323:
		return 5;
	default:
		return 0;
	}
}

static void
by_table(struct mc_decoder *d, const uint16_t *table, unsigned char c,
    struct mc_buf *out)
{
	uint32_t cp = table[c - 0x80];
	int tone = tone_of(cp);

	if (cp == 0)
		bad(d, c, out);
	else if (tone == 0)
		put(d, cp, out);
	else if (!mark(d, Q_NONE, tone)) {
		release(d, out);
		emit(d, cp, out);
	}
}

static void
viscii_byte(struct mc_decoder *d, unsigned char c, struct mc_buf *out)
{
	switch (c) {
	case 0x02:
		put(d, 0x1EB2, out);
		break;
	case 0x05:
		put(d, 0x1EB4, out);
		break;
	case 0x06:
		put(d, 0x1EAA, out);
		break;
	case 0x14:
		put(d, 0x1EF6, out);
		break;
	case 0x19:
		put(d, 0x1EF8, out);
		break;
	case 0x1E:
		put(d, 0x1EF4, out);
		break;
	default:
		put(d, c < 0x80 ? c : viscii[c - 0x80], out);
	}
}

/* Letters of VNI that are one byte; capitals stand 32 lower. */
static uint32_t
vni_letter(unsigned char small)
{
	switch (small) {
	case 0xF1:
		return 0x0111;
	case 0xF4:
		return 0x01A1;
	case 0xF6:
		return 0x01B0;
	case 0xED:
		return 0x00ED;
	case 0xEC:
		return 0x00EC;
	case 0xE6:
		return 0x1EC9;
	case 0xF3:
		return 0x0129;
	case 0xF2:
		return 0x1ECB;
	case 0xEE:
		return 0x1EF5;
	default:
		return 0;
	}
}

static uint32_t
capital_of(uint32_t small)
{
	switch (small) {
	case 0x0111:
	case 0x01A1:
	case 0x01B0:
		return small == 0x0111 ? 0x0110 : small - 1;
	case 0x00ED:
	case 0x00EC:
		return small - 32;
	default:
		return small - 1;
	}
}

static bool
vni_mark(struct mc_decoder *d, unsigned char small)
{
	/* From 0xE0 on: quality and tone, both 0 where there is no mark. */
	static const struct {
		unsigned char quality, tone;
	} marks[32] = {
		[0x00] = { Q_CIRCUMFLEX, 2 },
		[0x01] = { Q_CIRCUMFLEX, 1 },
		[0x02] = { Q_CIRCUMFLEX, 0 },
		[0x03] = { Q_CIRCUMFLEX, 4 },
		[0x04] = { Q_CIRCUMFLEX, 5 },
		[0x05] = { Q_CIRCUMFLEX, 3 },
		[0x08] = { Q_BREVE, 2 },
		[0x09] = { Q_BREVE, 1 },
		[0x0A] = { Q_BREVE, 0 },
		[0x0B] = { Q_BREVE, 5 },
		[0x0F] = { Q_NONE, 5 },
		[0x15] = { Q_NONE, 4 },
		[0x18] = { Q_NONE, 2 },
		[0x19] = { Q_NONE, 1 },
		[0x1A] = { Q_BREVE, 3 },
		[0x1B] = { Q_NONE, 3 },
		[0x1C] = { Q_BREVE, 4 },
	};
	unsigned i = small - 0xE0u;

	return (marks[i].quality != Q_NONE || marks[i].tone != 0) &&
	       mark(d, (enum quality)marks[i].quality, marks[i].tone);
}

static void
vni_byte(struct mc_decoder *d, unsigned char c, struct mc_buf *out)
{
	unsigned char small = c | 0x20;
	uint32_t cp;

	if (c < 0x80) {
		put(d, c, out);
	} else if (c < 0xC0) {
		/* What Windows puts into any text, as in TCVN3. */
		cp = c < 0xA0 || c == 0xA0 ? tcvn3[c - 0x80] : 0;
		if (cp != 0)
			put(d, cp, out);
		else
			bad(d, c, out);
	} else if ((cp = vni_letter(small)) != 0) {
		put(d, c < 0xE0 ? capital_of(cp) : cp, out);
	} else if (!vni_mark(d, small)) {
		bad(d, c, out);
	}
}

static void
utf16_unit(struct mc_decoder *d, uint32_t unit, struct mc_buf *out)
{
	bool low = unit >= 0xDC00 && unit <= 0xDFFF;

	if (d->high != 0) {
		if (low)
			emit(d,
			    0x10000 + ((d->high - 0xD800) << 10) +
				(unit - 0xDC00),
			    out);
		else
			bad(d, 0xFF, out);
		d->high = 0;
		if (low)
			return;
	}
	if (unit >= 0xD800 && unit <= 0xDBFF)
		d->high = unit;
	else if (low)
		bad(d, 0xFF, out);
	else
		emit(d, unit, out);
}

static void
utf16_byte(struct mc_decoder *d, unsigned char c, struct mc_buf *out)
{
	if (!d->has_odd) {
		d->odd = c;
		d->has_odd = true;
		return;
	}
	d->has_odd = false;
	utf16_unit(d,
	    d->encoding == MC_ENC_UTF16LE ? (uint32_t)c << 8 | d->odd
					  : (uint32_t)d->odd << 8 | c,
	    out);
}

void
mc_decode(struct mc_decoder *d, const void *p, size_t n, struct mc_buf *out)
{
	const unsigned char *c = p, *end = c + n;

	for (; c < end; c++)
		switch (d->encoding) {
		case MC_ENC_UTF16LE:
		case MC_ENC_UTF16BE:
			utf16_byte(d, *c, out);
			break;
		case MC_ENC_VISCII:
			viscii_byte(d, *c, out);
			break;
		case MC_ENC_VNI:
			vni_byte(d, *c, out);
			break;
		case MC_ENC_CP1258:
		case MC_ENC_TCVN3:
			if (*c < 0x80)
				put(d, *c, out);
			else
				by_table(d,
				    d->encoding == MC_ENC_TCVN3 ? tcvn3
								: cp1258,
				    *c, out);
			break;
		default:
			emit(d, *c, out);
		}
}

void
mc_decode_end(struct mc_decoder *d, struct mc_buf *out)
{
	if (d->high != 0 || d->has_odd)
		bad(d, 0xFF, out);
	d->high = 0;
	d->has_odd = false;
	release(d, out);
	if (d->encoding == MC_ENC_TCVN3)
		watch_word(d, ' ');
}

bool
mc_recode(struct mc_buf *out, struct mc_str s, enum mc_encoding e)
{
	struct mc_decoder d;
	size_t start = out->len, i, len;
	unsigned char byte;
	bool good = true;
	int b;

	mc_decoder_init(&d, e);
	for (i = 0; i < s.len && good; i += len) {
		b = mc_byte_shown(mc_utf8_decode(s.p + i, s.len - i, &len));
		byte = (unsigned char)b;
		good = b != -1;
		if (good)
			mc_decode(&d, &byte, 1, out);
	}
	mc_decode_end(&d, out);
	good = good && d.loss.bad == 0;
	if (!good) {
		out->len = start;
		if (out->p != NULL)
			out->p[start] = '\0';
	}
	return good;
}
