/*
 * rnd.h - numbers that look random and are the same at every run; xorshift64
 * (G. Marsaglia, "Xorshift RNGs", 2003).  RND_SEED, not 0, is to be defined.
 */
#ifndef RND_H
#define RND_H

#include <stdint.h>

static uint64_t seed = RND_SEED;

static inline uint64_t
rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

#endif
