/*
 * number.h - numbers in as few bytes as they need.
 *
 * In groups of 7 bits, the lowest first; all but the last have the highest
 * bit of their byte set.
 */
#ifndef MOTCUA_NUMBER_H
#define MOTCUA_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define MC_NUMBER_MAX 10 /* bytes of 64 bits, at most */

/* Where the next one goes. */
static inline char *
mc_number_put(char *to, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*to++ = (char)(n | 0x80);
	*to++ = (char)n;
	return to;
}

/* From *p, which goes on behind it; false: none of 63 bits ends before end. */
static inline bool
mc_number_get(const char **p, const char *end, uint64_t *n)
{
	unsigned char c;
	int shift;

	*n = 0;
	for (shift = 0; shift < 63 && *p < end; shift += 7) {
		c = (unsigned char)*(*p)++;
		*n |= (uint64_t)(c & 0x7F) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

#endif
