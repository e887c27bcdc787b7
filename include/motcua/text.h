/*
 * text.h - UTF-8, numbers, and what may be shown to a terminal.
 */
#ifndef MOTCUA_TEXT_H
#define MOTCUA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>

/*
 * Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no
 * overlongs, no surrogates, nothing above U+10FFFF), or n.  NUL is valid
 * UTF-8; callers that cannot hold it look for it themselves.
 */
size_t mc_utf8_check(const char *p, size_t n);

/* One code point at p (n > 0 bytes of valid UTF-8); *len its length. */
uint32_t mc_utf8_decode(const char *p, size_t n, size_t *len);
void mc_utf8_put(struct mc_buf *b, uint32_t cp);

/* Largest k <= max such that cutting s at k leaves whole characters. */
size_t mc_utf8_cut(const char *p, size_t n, size_t max);

/* Columns a terminal uses (wide and combining characters considered). */
size_t mc_text_width(const char *p, size_t n);

/* A control (C0, DEL, C1), bidi control or line separator character? */
bool mc_char_hostile(uint32_t cp);

/*
 * Append text for people: hostile characters become U+FFFD, broken UTF-8
 * too.  Nothing reaches a terminal without passing this.
 */
void mc_text_safe(struct mc_buf *b, const char *p, size_t n);

/* Whole text is an integer in [min, max]?  No sign but '-', no spaces. */
bool mc_int_parse(int64_t *out, struct mc_str s, int64_t min, int64_t max);

static inline bool
mc_char_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without leading and trailing ASCII white space. */
static inline struct mc_str
mc_str_trim(struct mc_str s)
{
	/* Mostly there is none. */
	if (s.len > 0 && (unsigned char)s.p[0] > ' ' &&
	    (unsigned char)s.p[s.len - 1] > ' ')
		return s;
	while (s.len > 0 && mc_char_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && mc_char_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

/*
 * How many bytes have to be put in, taken out or replaced to make b of a;
 * more than 64 bytes are like nothing else (SIZE_MAX).
 */
size_t mc_text_distance(struct mc_str a, struct mc_str b);

/* 64-bit hash for tables and for "the same as last time": no commitment. */
uint64_t mc_text_hash(const void *p, size_t n);
/* Of a text that follows one whose hash is h, or a key. */
uint64_t mc_text_hash_on(uint64_t h, const void *p, size_t n);

/*
 * Split at the first `at`: true with both parts, false when it is absent.
 */
bool mc_str_split(
    struct mc_str s, char at, struct mc_str *head, struct mc_str *tail);

#endif
