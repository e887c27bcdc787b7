/*
 * encoding_vn.c - the Vietnamese letters, and whether words are Vietnamese.
 */
#include <string.h>

#include <motcua/text.h>

#include "encoding_internal.h"

#define BASES 12 /* a ă â e ê i o ô ơ u ư y */
#define TONES 6  /* none, acute, grave, hook, tilde, dot below */

/* clang-format off */
static const uint16_t vowels[2][BASES][TONES] = {
	{
		{ 0x0061, 0x00E1, 0x00E0, 0x1EA3, 0x00E3, 0x1EA1 },
		{ 0x0103, 0x1EAF, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EB7 },
		{ 0x00E2, 0x1EA5, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EAD },
		{ 0x0065, 0x00E9, 0x00E8, 0x1EBB, 0x1EBD, 0x1EB9 },
		{ 0x00EA, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EC7 },
		{ 0x0069, 0x00ED, 0x00EC, 0x1EC9, 0x0129, 0x1ECB },
		{ 0x006F, 0x00F3, 0x00F2, 0x1ECF, 0x00F5, 0x1ECD },
		{ 0x00F4, 0x1ED1, 0x1ED3, 0x1ED5, 0x1ED7, 0x1ED9 },
		{ 0x01A1, 0x1EDB, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EE3 },
		{ 0x0075, 0x00FA, 0x00F9, 0x1EE7, 0x0169, 0x1EE5 },
		{ 0x01B0, 0x1EE9, 0x1EEB, 0x1EED, 0x1EEF, 0x1EF1 },
		{ 0x0079, 0x00FD, 0x1EF3, 0x1EF7, 0x1EF9, 0x1EF5 },
	},
	{
		{ 0x0041, 0x00C1, 0x00C0, 0x1EA2, 0x00C3, 0x1EA0 },
		{ 0x0102, 0x1EAE, 0x1EB0, 0x1EB2, 0x1EB4, 0x1EB6 },
		{ 0x00C2, 0x1EA4, 0x1EA6, 0x1EA8, 0x1EAA, 0x1EAC },
		{ 0x0045, 0x00C9, 0x00C8, 0x1EBA, 0x1EBC, 0x1EB8 },
		{ 0x00CA, 0x1EBE, 0x1EC0, 0x1EC2, 0x1EC4, 0x1EC6 },
		{ 0x0049, 0x00CD, 0x00CC, 0x1EC8, 0x0128, 0x1ECA },
		{ 0x004F, 0x00D3, 0x00D2, 0x1ECE, 0x00D5, 0x1ECC },
		{ 0x00D4, 0x1ED0, 0x1ED2, 0x1ED4, 0x1ED6, 0x1ED8 },
		{ 0x01A0, 0x1EDA, 0x1EDC, 0x1EDE, 0x1EE0, 0x1EE2 },
		{ 0x0055, 0x00DA, 0x00D9, 0x1EE6, 0x0168, 0x1EE4 },
		{ 0x01AF, 0x1EE8, 0x1EEA, 0x1EEC, 0x1EEE, 0x1EF0 },
		{ 0x0059, 0x00DD, 0x1EF2, 0x1EF6, 0x1EF8, 0x1EF4 },
	},
};
/* clang-format on */

/* Where the circumflex and the breve lead; -1: nowhere. */
static const signed char circumflex[BASES] = { 2, -1, -1, 4, -1, -1, 7, -1, -1,
	-1, -1, -1 };
static const signed char breve[BASES] = { 1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1 };

static bool
find(uint32_t cp, int *upper, int *base, int *tone)
{
	for (*upper = 0; *upper < 2; ++*upper)
		for (*base = 0; *base < BASES; ++*base)
			for (*tone = 0; *tone < TONES; ++*tone)
				if (vowels[*upper][*base][*tone] == cp)
					return true;
	return false;
}

bool
mc_letter_takes(uint32_t cp)
{
	/* a e i o u y of ASCII, in either case, by their last five bits */
	static const uint32_t ascii =
	    1u << 1 | 1u << 5 | 1u << 9 | 1u << 15 | 1u << 21 | 1u << 25;
	int upper, base;

	if (cp < 0x80)
		return cp >= 'A' && (ascii >> (cp & 31) & 1) != 0;
	for (upper = 0; upper < 2; upper++)
		for (base = 0; base < BASES; base++)
			if (vowels[upper][base][0] == cp)
				return true;
	return false;
}

uint32_t
mc_letter_compose(uint32_t cp, enum quality q, int tone)
{
	int upper, base, old;

	if (!find(cp, &upper, &base, &old) || old != 0)
		return 0;
	if (q != Q_NONE)
		base = q == Q_CIRCUMFLEX ? circumflex[base] : breve[base];
	return base == -1 ? 0 : vowels[upper][base][tone];
}

int
mc_letter_parse(uint32_t cp, int *tone, bool *capital)
{
	int upper, base;

	*tone = 0;
	*capital = cp == 0x0110;
	if (cp == 0x0110 || cp == 0x0111)
		return BASES;
	if (!find(cp, &upper, &base, tone)) {
		*tone = 0;
		return -1;
	}
	*capital = upper == 1;
	return base;
}

/* ---- words ---- */

/*
 * What may stand after the first consonants.  'w' is written for ư, 'A' for
 * ă, 'a' 'e' 'o' with 1 for â ê ô, and with 2 for ơ: a word is brought to
 * the same letters before it is looked for.
 */
static const char *const rhymes[] = { "a", "ac", "ach", "ai", "am", "an", "ang",
	"anh", "ao", "ap", "at", "au", "ay", "Ac", "Am", "An", "Ang", "Ap",
	"At", "a1c", "a1m", "a1n", "a1ng", "a1p", "a1t", "a1u", "a1y", "e",
	"ec", "em", "en", "eng", "eo", "ep", "et", "e1", "e1ch", "e1m", "e1n",
	"e1nh", "e1p", "e1t", "e1u", "i", "ia", "ich", "ie1c", "ie1m", "ie1n",
	"ie1ng", "ie1p", "ie1t", "ie1u", "im", "in", "inh", "ip", "it", "iu",
	"o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao",
	"oap", "oat", "oay", "oAc", "oAm", "oAn", "oAng", "oAt", "oc", "oe",
	"oen", "oeo", "oet", "oi", "om", "on", "ong", "ooc", "oong", "op", "ot",
	"o1", "o1c", "o1i", "o1m", "o1n", "o1ng", "o1p", "o1t", "o2", "o2i",
	"o2m", "o2n", "o2p", "o2t", "u", "ua", "ua1n", "ua1ng", "ua1t", "ua1y",
	"uc", "ue1", "ue1ch", "ue1nh", "ui", "um", "un", "ung", "uo1c", "uo1i",
	"uo1m", "uo1n", "uo1ng", "uo1t", "uo2", "up", "ut", "uy", "uya", "uych",
	"uye1n", "uye1t", "uyn", "uynh", "uyp", "uyt", "uyu", "w", "wa", "wc",
	"wi", "wm", "wn", "wng", "wo2c", "wo2i", "wo2m", "wo2n", "wo2ng",
	"wo2p", "wo2t", "wo2u", "wt", "wu", "y", "ye1m", "ye1n", "ye1ng",
	"ye1t", "ye1u", "ych", "yt", "ynh" };
static const char *const onsets[] = { "", "b", "c", "ch", "d", "D", "g", "gh",
	"gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu",
	"q", "r", "s", "t", "th", "tr", "v", "x" };
static const char *const spelt[BASES + 1] = { "a", "A", "a1", "e", "e1", "i",
	"o", "o1", "o2", "u", "w", "y", "D" };

static bool
listed(const char *const *list, size_t n, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(list[i]) == len && memcmp(list[i], p, len) == 0)
			return true;
	return false;
}

/* A word in those letters, with its tones counted. */
static bool
syllable(const char *w, size_t len, int tones)
{
	size_t k;

	if (tones > 1)
		return false;
	for (k = 0; k <= 3 && k < len; k++) {
		if (listed(onsets, sizeof(onsets) / sizeof(*onsets), w, k) &&
		    listed(rhymes, sizeof(rhymes) / sizeof(*rhymes), w + k,
			len - k))
			return true;
	}
	/* "gì", "giếng": the i is the rhyme's as well. */
	return len > 1 && memcmp(w, "gi", 2) == 0 &&
	       listed(rhymes, sizeof(rhymes) / sizeof(*rhymes), w + 1, len - 1);
}

void
mc_syllables(struct mc_str s, int64_t *words, int64_t *good)
{
	char w[32];
	size_t i, len = 0, n = 0;
	uint32_t cp;
	int base, tone, tones = 0;
	bool capital, marked = false, strange = false;

	for (i = 0; i <= s.len; i += len) {
		len = 1;
		cp =
		    i == s.len ? ' ' : mc_utf8_decode(s.p + i, s.len - i, &len);
		if (cp >= 'A' && cp <= 'Z')
			cp += 'a' - 'A';
		base = mc_letter_parse(cp, &tone, &capital);
		if (base == -1 && cp < 0x80 && !(cp >= 'a' && cp <= 'z')) {
			if (marked) {
				++*words;
				*good += !strange && syllable(w, n, tones);
			}
			n = 0;
			tones = 0;
			marked = strange = false;
			continue;
		}
		marked = marked || cp >= 0x80;
		tones += tone > 0;
		if ((base == -1 && cp >= 0x80) || n + 2 > sizeof(w)) {
			strange = true;
		} else if (base == -1) {
			w[n++] = (char)cp;
		} else {
			memcpy(w + n, spelt[base], strlen(spelt[base]));
			n += strlen(spelt[base]);
		}
	}
}

/* ---- UTF-8 that was read as something else ---- */

int
mc_byte_shown(uint32_t cp)
{
	static const uint16_t from80[32] = { 0x20AC, 0, 0x201A, 0x0192, 0x201E,
		0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
		0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013,
		0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
		0x0178 };
	int i;

	if (cp < 0x100)
		return (int)cp;
	for (i = 0; i < 32; i++)
		if (from80[i] == cp)
			return 0x80 + i;
	return -1;
}

/*
 * The bytes that the characters at s stand for: do they make a letter of
 * Vietnamese or a usual sign, in UTF-8?  Two such bytes could by chance be
 * text ("Ã" before a no-break space), so what they would be decides.
 */
static bool
hides(struct mc_str s)
{
	char byte[4];
	uint32_t cp;
	size_t i, k, len, want = 0;
	int b, tone;
	bool capital;

	for (i = k = 0; i < s.len && k < sizeof(byte); i += len) {
		b = mc_byte_shown(mc_utf8_decode(s.p + i, s.len - i, &len));
		if (k == 0)
			want = b >= 0xE1 && b <= 0xE2   ? 3
			       : b >= 0xC3 && b <= 0xC6 ? 2
							: 0;
		if (b == -1 || want == 0)
			return false;
		byte[k++] = (char)b;
		if (k == want)
			break;
	}
	if (k != want || mc_utf8_check(byte, k) != k)
		return false;
	/* "XÃ" and a no-break space are text as well. */
	if (want == 2 && byte[1] == '\xA0')
		return false;
	cp = mc_utf8_decode(byte, k, &len);
	if (cp >= 0x2010 && cp <= 0x2026)
		return true;
	return mc_letter_parse(cp, &tone, &capital) != -1;
}

size_t
mc_mojibake(struct mc_str s)
{
	size_t i;
	unsigned char c;

	/* C3 and C4: where U+00C3 to U+00C6, U+00E1 and U+00E2 begin. */
	for (i = 0; i + 3 < s.len; i++) {
		c = (unsigned char)s.p[i];
		if (c == 0xC3 && hides((struct mc_str){ s.p + i, s.len - i }))
			return i;
	}
	return s.len;
}
