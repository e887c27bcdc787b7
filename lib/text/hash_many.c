/*
 * hash_many.c - SHA-256 of many messages at once; see motcua/hash.h.
 *
 * A round of SHA-256 waits for the one before, so one message leaves the
 * processor's SHA instructions idle half of the time.  Two messages side by
 * side take hardly longer than one: that is all this file is for.  Where
 * there are no such instructions, libcrypto hashes one after another;
 * tests/unit/hash.c compares the two.
 */
#include <string.h>

#include <motcua/hash.h>

static void
one_by_one(const struct mc_str *msg, size_t n, struct mc_hash *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		mc_sha256(msg[i].p, msg[i].len, &out[i]);
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define BLOCK 64

/* FIPS 180-4, 4.2.2. */
static const uint32_t K[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138,
	0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
	0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f,
	0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

/* A message on its way: its state as the instructions want it. */
struct lane {
	__m128i abef, cdgh;
	const unsigned char *p; /* its next block */
	size_t left;            /* blocks in p, then those of `tail` */
	size_t tail_left;
	unsigned char tail[2 * BLOCK]; /* what is left of it, and the padding */
	size_t i;                      /* which message; its number */
};

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* H0 to H7 of FIPS 180-4, 5.3.3, in the order ABEF, CDGH. */
TARGET static void
start(struct lane *l, const struct mc_str *msg, size_t i)
{
	size_t n = msg[i].len, rest = n % BLOCK, pad;
	uint64_t bits = (uint64_t)n * 8;
	int k;

	l->abef = _mm_set_epi32(
	    0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
	l->cdgh =
	    _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
	l->i = i;
	l->p = (const unsigned char *)msg[i].p;
	l->left = n / BLOCK;
	l->tail_left = rest + 9 <= BLOCK ? 1 : 2;
	pad = l->tail_left * BLOCK - rest;
	if (rest > 0)
		memcpy(l->tail, l->p + n - rest, rest);
	memset(l->tail + rest, 0, pad);
	l->tail[rest] = 0x80;
	for (k = 0; k < 8; k++, bits >>= 8)
		l->tail[l->tail_left * BLOCK - 1 - (size_t)k] =
		    (unsigned char)bits;
	if (l->left == 0) {
		l->p = l->tail;
		l->left = l->tail_left;
		l->tail_left = 0;
	}
}

/* A block of it is done; true: it was the last. */
static bool
advance(struct lane *l)
{
	l->p += BLOCK;
	if (--l->left > 0)
		return false;
	l->p = l->tail;
	l->left = l->tail_left;
	l->tail_left = 0;
	return l->left == 0;
}

TARGET static void
finish(const struct lane *l, struct mc_hash *out)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i x = _mm_shuffle_epi32(l->abef, 0x1B); /* FEBA */
	__m128i y = _mm_shuffle_epi32(l->cdgh, 0xB1); /* DCHG */
	__m128i abcd = _mm_blend_epi16(x, y, 0xF0);
	__m128i efgh = _mm_alignr_epi8(y, x, 8);

	_mm_storeu_si128(
	    (__m128i *)(void *)out->b, _mm_shuffle_epi8(abcd, swap));
	_mm_storeu_si128(
	    (__m128i *)(void *)(out->b + 16), _mm_shuffle_epi8(efgh, swap));
}

/* Four rounds; w holds the last 16 words of the schedule in turn. */
#define ROUNDS(i, w, p, abef, cdgh)                                            \
	do {                                                                   \
		__m128i m;                                                     \
                                                                               \
		if ((i) < 4)                                                   \
			(w)[(i)&3] = _mm_shuffle_epi8(                         \
			    _mm_loadu_si128(                                   \
				(const __m128i *)(const void *)((p) +          \
								16 * (i))),    \
			    swap);                                             \
		else                                                           \
			(w)[(i)&3] = _mm_sha256msg2_epu32(                     \
			    _mm_add_epi32(_mm_sha256msg1_epu32(                \
					      (w)[(i)&3], (w)[((i) + 1) & 3]), \
				_mm_alignr_epi8((w)[((i) + 3) & 3],            \
				    (w)[((i) + 2) & 3], 4)),                   \
			    (w)[((i) + 3) & 3]);                               \
		m = _mm_add_epi32((w)[(i)&3],                                  \
		    _mm_loadu_si128(                                           \
			(const __m128i *)(const void *)&K[4 * (i)]));          \
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, m);                   \
		abef = _mm_sha256rnds2_epu32(                                  \
		    abef, cdgh, _mm_shuffle_epi32(m, 0x0E));                   \
	} while (0)

TARGET static void
one_block(struct lane *l)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i abef = l->abef, cdgh = l->cdgh, w[4];

#pragma GCC unroll 16
	for (int i = 0; i < 16; i++)
		ROUNDS(i, w, l->p, abef, cdgh);
	l->abef = _mm_add_epi32(l->abef, abef);
	l->cdgh = _mm_add_epi32(l->cdgh, cdgh);
}

TARGET static void
two_blocks(struct lane *a, struct lane *b)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i abef = a->abef, cdgh = a->cdgh, w[4];
	__m128i abef2 = b->abef, cdgh2 = b->cdgh, w2[4];

#pragma GCC unroll 16
	for (int i = 0; i < 16; i++) {
		ROUNDS(i, w, a->p, abef, cdgh);
		ROUNDS(i, w2, b->p, abef2, cdgh2);
	}
	a->abef = _mm_add_epi32(a->abef, abef);
	a->cdgh = _mm_add_epi32(a->cdgh, cdgh);
	b->abef = _mm_add_epi32(b->abef, abef2);
	b->cdgh = _mm_add_epi32(b->cdgh, cdgh2);
}

TARGET static void
in_pairs(const struct mc_str *msg, size_t n, struct mc_hash *out)
{
	struct lane lane[2];
	size_t next = 2, i;
	bool busy = true;

	start(&lane[0], msg, 0);
	start(&lane[1], msg, 1);
	while (busy) {
		two_blocks(&lane[0], &lane[1]);
		for (i = 0; i < 2; i++) {
			if (!advance(&lane[i]))
				continue;
			finish(&lane[i], &out[lane[i].i]);
			if (next < n) {
				start(&lane[i], msg, next++);
			} else {
				lane[i].i = n;
				busy = false;
			}
		}
	}
	for (i = 0; i < 2; i++) {
		if (lane[i].i == n)
			continue;
		do
			one_block(&lane[i]);
		while (!advance(&lane[i]));
		finish(&lane[i], &out[lane[i].i]);
	}
}

static bool
has_instructions(void)
{
	unsigned a, b, c, d, c1;

	if (!__get_cpuid(1, &a, &b, &c1, &d) ||
	    !__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return false;
	return (b & bit_SHA) != 0 && (c1 & bit_SSE4_1) != 0 &&
	       (c1 & bit_SSSE3) != 0;
}

void
mc_sha256_many(const struct mc_str *msg, size_t n, struct mc_hash *out)
{
	static _Thread_local int has = -1;

	if (has == -1)
		has = has_instructions();
	if (has && n > 1)
		in_pairs(msg, n, out);
	else
		one_by_one(msg, n, out);
}

#else

void
mc_sha256_many(const struct mc_str *msg, size_t n, struct mc_hash *out)
{
	one_by_one(msg, n, out);
}

#endif
