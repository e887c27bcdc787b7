/* bundle_internal.h - the parts of a bundle's form; see motcua/bundle.h. */
#ifndef BUNDLE_INTERNAL_H
#define BUNDLE_INTERNAL_H

#include <stdint.h>
#include <string.h>

#include <motcua/bundle.h>

#define FORM 1
#define HEAD 5 /* it, and the length of the values */

enum hole { AT = 1, RECORDED_AT, CODE, PERSONAL, SEQ };
#define HOLES 5

#define COMMITMENT 44 /* base64 digits of 32 bytes */
#define CODE_TEXT 254 /* a longer one is left where it is */
#define SEQ_TEXT 20

/* What both sides know of the body before. */
struct before {
	int64_t at, recorded_at; /* instants */
	char code[CODE_TEXT];
	size_t code_len;
};

static inline void
nothing_before(struct before *b)
{
	b->at = b->recorded_at = 0;
	b->code_len = 0;
}

static inline char *
put_2(char *to, size_t n)
{
	to[0] = (char)(n >> 8);
	to[1] = (char)n;
	return to + 2;
}

static inline size_t
get_2(const char *p)
{
	return (size_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static inline size_t
put_digits(char *to, uint64_t n)
{
	char digits[SEQ_TEXT], *p = digits + sizeof(digits);
	size_t len;

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	len = (size_t)(digits + sizeof(digits) - p);
	memcpy(to, p, len);
	return len;
}

#endif
