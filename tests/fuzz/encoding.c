/*
 * encoding.c - fuzzes encoding.h, and lines.h over what it converts.
 *
 *   - a text converted in pieces is what it is in one;
 *   - a conversion without a loss is UTF-8, and each line of it is read;
 *   - a line that is handed out is UTF-8 without NUL or newline, its number
 *     the next; one that is not is refused with its place;
 *   - recoding gives UTF-8, or nothing at all;
 *   - of n words at most n are syllables.
 *
 * The first byte is the encoding, the second the size of the pieces.
 */
#include <motcua/encoding.h>
#include <motcua/lines.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf whole, parts, one;

static bool
is_utf8(struct mc_str s)
{
	return mc_utf8_check(s.p, s.len) == s.len;
}

static void
decode(enum mc_encoding e, struct mc_str s, size_t piece)
{
	struct mc_decoder a, b;
	size_t i, k;

	mc_buf_reset(&whole);
	mc_buf_reset(&parts);
	mc_decoder_init(&a, e);
	mc_decode(&a, s.p, s.len, &whole);
	mc_decode_end(&a, &whole);
	mc_decoder_init(&b, e);
	for (i = 0; i < s.len; i += k) {
		k = s.len - i < piece ? s.len - i : piece;
		mc_decode(&b, s.p + i, k, &parts);
	}
	mc_decode_end(&b, &parts);
	HOLDS(mc_str_same(fuzz_str(&whole), fuzz_str(&parts)));
	HOLDS(a.loss.bad == b.loss.bad && a.loss.small == b.loss.small);
	HOLDS(a.loss.bad_line == b.loss.bad_line);
	HOLDS(is_utf8(fuzz_str(&whole)) == (a.loss.bad == 0));
}

static void
lines(enum mc_encoding e, struct mc_str s)
{
	struct mc_source *src = mc_source_memory("m", s.p, s.len);
	struct mc_err err = MC_ERR_INIT;
	struct mc_str line;
	int64_t number = 0, last = 0, refused = 0;
	int rc;

	if (mc_source_decode(src, e, &err) == -1) {
		fuzz_refused(&err);
		mc_source_free(src);
		return;
	}
	while ((rc = mc_line_next(src, &line, &number, true, &err)) != 0) {
		HOLDS(rc == 1 || rc == -1);
		HOLDS(number == last + 1);
		last = number;
		if (rc == -1) {
			refused++;
			fuzz_refused_at(&err);
			mc_err_clear(&err);
			continue;
		}
		HOLDS(is_utf8(line));
		HOLDS(line.len == 0 ||
		      (memchr(line.p, '\0', line.len) == NULL &&
			  memchr(line.p, '\n', line.len) == NULL));
	}
	HOLDS(mc_source_loss(src) == NULL || mc_source_loss(src)->bad == 0 ||
	      refused > 0);
	fuzz_taken += last > 0 && refused == 0;
	mc_source_free(src);
}

static void
recode(enum mc_encoding e, struct mc_str s)
{
	int64_t words = 0, good = 0;

	if (!is_utf8(s))
		return;
	mc_syllables(s, &words, &good);
	HOLDS(good >= 0 && good <= words);
	HOLDS(mc_mojibake(s) <= s.len);
	mc_buf_reset(&one);
	if (mc_recode(&one, s, e))
		HOLDS(is_utf8(fuzz_str(&one)));
	else
		HOLDS(one.len == 0);
}

int
fuzz_encoding(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);
	enum mc_encoding e;
	size_t piece;

	if (s.len < 2)
		return 0;
	e = (enum mc_encoding)((unsigned char)s.p[0] % MC_ENC__COUNT);
	piece = 1 + (unsigned char)s.p[1] % 16;
	s = (struct mc_str){ s.p + 2, s.len - 2 };
	mc_encoding_parse(s);
	lines(e, s);
	if (e == MC_ENC_NONE || e == MC_ENC_UTF8 || e == MC_ENC_UTF16)
		return 0;
	decode(e, s, piece);
	if (e >= MC_ENC_CP1258)
		recode(e, s);
	return 0;
}
