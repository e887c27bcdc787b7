/* code.c - see motcua/code.h. */
#include <string.h>

#include <motcua/code.h>
#include <motcua/text.h>

/* Not zero where one of the eight bytes at p is not of '!' .. '~'. */
static inline uint64_t
hidden(const char *p)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t v;

	memcpy(&v, p, 8);
	return (v | (v - each * '!') | (v + each)) & each * 0x80;
}

/* What most codes are, and what needs no second look. */
static bool
visible_ascii(struct mc_str s)
{
	uint64_t bad;
	size_t i;

	if (s.len < 8)
		return false;
	bad = hidden(s.p + s.len - 8);
	for (i = 0; i + 8 < s.len; i += 8)
		bad |= hidden(s.p + i);
	return bad == 0;
}

bool
mc_code_valid(struct mc_str code)
{
	size_t i = 0, len, chars = 0;
	uint32_t cp;

	if (code.len <= MC_CODE_MAX && visible_ascii(code))
		return true;
	if (code.len == 0 || code.len > MC_CODE_MAX * 4 ||
	    mc_utf8_check(code.p, code.len) != code.len)
		return false;
	while (i < code.len) {
		cp = mc_utf8_decode(code.p + i, code.len - i, &len);
		if (mc_char_hostile(cp) || cp == ' ' || cp == 0xa0 ||
		    cp == 0x3000 || cp == 0xfeff ||
		    (cp >= 0x2000 && cp <= 0x200f))
			return false;
		i += len;
		chars++;
	}
	return chars <= MC_CODE_MAX;
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
alnum(char c)
{
	return digit(c) || (c >= 'A' && c <= 'Z');
}

/* H42, H42.12, H42.12.03 ...: big unit on the left. */
static bool
new_layout(struct mc_str a)
{
	size_t i;

	if (a.len < 3 || a.len > 3 + 15 * 3 || (a.len - 3) % 3 != 0 ||
	    !(a.p[0] >= 'A' && a.p[0] <= 'Z') || !digit(a.p[1]) ||
	    !digit(a.p[2]))
		return false;
	for (i = 3; i < a.len; i += 3)
		if (a.p[i] != '.' || !alnum(a.p[i + 1]) || !alnum(a.p[i + 2]))
			return false;
	return true;
}

/* 000.00.12.H42: big unit on the right (QCVN 102:2016). */
static bool
old_layout(struct mc_str a)
{
	static const char shape[] = "aaa.aa.aa.Hdd";
	size_t i;

	if (a.len != sizeof(shape) - 1)
		return false;
	for (i = 0; i < a.len; i++)
		switch (shape[i]) {
		case 'a':
			if (!alnum(a.p[i]))
				return false;
			break;
		case 'd':
			if (!digit(a.p[i]))
				return false;
			break;
		case 'H':
			if (a.p[i] < 'A' || a.p[i] > 'Z')
				return false;
			break;
		default:
			if (a.p[i] != '.')
				return false;
		}
	return true;
}

bool
mc_code_agency(struct mc_str s)
{
	return new_layout(s) || old_layout(s);
}

/* Groups in the other order; the old layout is filled up with zeros. */
static bool
to_new(struct mc_str a, char out[MC_AGENCY_MAX])
{
	static const int group[] = { 7, 4, 1 }; /* the last two of the first */
	int i, n = 3, last = 0;

	if (a.p[0] != '0')
		return false; /* three places, where there are two */
	memcpy(out, a.p + 10, 3);
	for (i = 0; i < 3; i++) {
		out[n] = '.';
		memcpy(out + n + 1, a.p + group[i], 2);
		n += 3;
		if (memcmp(a.p + group[i], "00", 2) != 0)
			last = n;
	}
	out[last == 0 ? 3 : last] = '\0';
	return true;
}

static bool
to_old(struct mc_str a, char out[MC_AGENCY_MAX])
{
	static const int group[] = { 7, 4, 1 };
	size_t i;

	if (a.len > 3 + 3 * 3)
		return false;
	memcpy(out, "000.00.00.", 10);
	memcpy(out + 10, a.p, 3);
	out[13] = '\0';
	for (i = 0; 3 + i * 3 < a.len; i++)
		memcpy(out + group[i], a.p + 4 + i * 3, 2);
	return true;
}

bool
mc_code_other_layout(struct mc_str agency, char out[MC_AGENCY_MAX])
{
	if (new_layout(agency))
		return to_old(agency, out);
	return old_layout(agency) && to_new(agency, out);
}

/* AGENCY-yymmdd-digits, the date a real one; *digits is their number. */
static bool
split(struct mc_code_parts *out, struct mc_str code, size_t *digits)
{
	size_t n = code.len, i;
	const char *p = code.p, *d;

	for (i = n; i > 0 && digit(p[i - 1]); i--)
		;
	*digits = n - i;
	if (*digits < 4 || *digits > 7 || i < 8 + 3 || p[i - 1] != '-' ||
	    p[i - 8] != '-')
		return false;
	d = p + i - 7;
	for (n = 0; n < 6; n++)
		if (!digit(d[n]))
			return false;
	out->day = mc_day_of(2000 + (d[0] - '0') * 10 + d[1] - '0',
	    (d[2] - '0') * 10 + d[3] - '0', (d[4] - '0') * 10 + d[5] - '0');
	out->agency = (struct mc_str){ p, i - 8 };
	out->sequence = 0;
	for (; i < code.len; i++)
		out->sequence = out->sequence * 10 + (p[i] - '0');
	return out->day != MC_NODAY &&
	       (new_layout(out->agency) || old_layout(out->agency));
}

bool
mc_code_standard(struct mc_str code)
{
	struct mc_code_parts parts;
	size_t digits;

	return split(&parts, code, &digits);
}

bool
mc_code_split(struct mc_code_parts *out, struct mc_str code)
{
	size_t digits;

	/* Four digits, or more without a leading zero: "%04d" gives it back. */
	return split(out, code, &digits) && out->sequence < 1 << 17 &&
	       (digits == 4 ||
		   out->sequence >= (digits == 5 ? 10000 : 100000)) &&
	       digits <= 6;
}

int64_t
mc_code_pack(int32_t day, int32_t agency, int32_t sequence)
{
	return (int64_t)day << 47 | (int64_t)agency << 17 | sequence;
}

void
mc_code_unpack(int64_t id, int32_t *day, int32_t *agency, int32_t *sequence)
{
	*day = (int32_t)(id >> 47);
	*agency = (int32_t)(id >> 17 & MC_CODE_AGENCY_MAX);
	*sequence = (int32_t)(id & ((1 << 17) - 1));
}

void
mc_code_put(
    struct mc_buf *b, struct mc_str agency, int32_t day, int32_t sequence)
{
	char tail[16];
	int year, month, dom, n = 0, width = 4, i;
	int32_t s = sequence;

	mc_day_civil(day, &year, &month, &dom);
	for (s = sequence / 10000; s > 0; s /= 10)
		width++;
	tail[n++] = '-';
	tail[n++] = (char)('0' + year % 100 / 10);
	tail[n++] = (char)('0' + year % 10);
	tail[n++] = (char)('0' + month / 10);
	tail[n++] = (char)('0' + month % 10);
	tail[n++] = (char)('0' + dom / 10);
	tail[n++] = (char)('0' + dom % 10);
	tail[n++] = '-';
	for (i = width - 1, s = sequence; i >= 0; i--, s /= 10)
		tail[n + i] = (char)('0' + s % 10);
	n += width;
	mc_buf_add(b, agency.p, agency.len);
	mc_buf_add(b, tail, (size_t)n);
}
