/*
 * hash_pair.c - SHA-256 of two messages side by side.
 *
 * x86 has instructions for it, but every round waits for the one before, and
 * a message alone leaves half of their unit idle.  The log has hundreds of
 * messages at a time, and none of them waits for another.
 *
 * The standard is FIPS 180-4; sections are its sections.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "hash_internal.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

#define BLOCK 64 /* bytes of a block; four registers */

/* For processors that have the instructions, whatever else is built for. */
#define SHA __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE SHA __attribute__((always_inline)) static inline

/* ---- are they there ---- */

enum { UNKNOWN, ABSENT, PRESENT };

static atomic_int instructions = UNKNOWN;

static bool
has_instructions(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSSE3) == 0 ||
	    (c & bit_SSE4_1) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

bool
mc_hash_pair_able(void)
{
	int known = atomic_load_explicit(&instructions, memory_order_relaxed);

	/* Threads that ask at once find the same. */
	if (known == UNKNOWN) {
		known = has_instructions() ? PRESENT : ABSENT;
		atomic_store_explicit(
		    &instructions, known, memory_order_relaxed);
	}
	return known == PRESENT;
}

void
mc_hash_pair_use(bool on)
{
	atomic_store(&instructions, on ? UNKNOWN : ABSENT);
}

/* ---- a block (section 6.2.2) ---- */

/* Section 4.2.2: K. */
static const _Alignas(16) uint32_t constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, /* 0 */
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, /* 4 */
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, /* 8 */
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, /* 12 */
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, /* 16 */
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, /* 20 */
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, /* 24 */
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, /* 28 */
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, /* 32 */
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, /* 36 */
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, /* 40 */
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, /* 44 */
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, /* 48 */
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, /* 52 */
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, /* 56 */
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2, /* 60 */
};

/* A message under way: a byte of ours, and a body that is read in place. */
struct lane {
	/* H, in the order of the instructions: its first word on top. */
	__m128i abef, cdgh;
	const unsigned char *body;
	size_t whole;        /* blocks that are full of the message */
	size_t next, blocks; /* the one that comes now; how many with padding */
	struct mc_hash *out;

	__m128i first[4];          /* block 0, if it is a whole one */
	__m128i last[12];          /* the message's last 63 bytes; padding */
	const unsigned char *tail; /* in `last`: the blocks with padding */
};

/* The working variables a to h, and 16 words of the message schedule W. */
struct work {
	__m128i abef, cdgh, w[4];
};

INLINE __m128i
load(const unsigned char *p)
{
	return _mm_loadu_si128((const void *)p);
}

/* Words of a message are big-endian, and ours are not. */
INLINE __m128i
swap(__m128i v)
{
	return _mm_shuffle_epi8(
	    v, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

/* Step 1 for t below 16, the block as it is; step 2. */
INLINE void
enter(struct work *x, const struct lane *l, const unsigned char *block)
{
	x->w[0] = swap(load(block));
	x->w[1] = swap(load(block + 16));
	x->w[2] = swap(load(block + 32));
	x->w[3] = swap(load(block + 48));
	x->abef = l->abef;
	x->cdgh = l->cdgh;
}

/*
 * Step 3 from t to t + 3, whose words are w[i].  An instruction is two rounds
 * with the two lower words, and gives a, b, e and f; what these were are the
 * new c, d, g and h.
 */
INLINE void
rounds(struct work *x, int i, int t)
{
	__m128i kw = _mm_add_epi32(
	    x->w[i], _mm_load_si128((const void *)(constant + t)));

	x->cdgh = _mm_sha256rnds2_epu32(x->cdgh, x->abef, kw);
	kw = _mm_shuffle_epi32(kw, 0x0e);
	x->abef = _mm_sha256rnds2_epu32(x->abef, x->cdgh, kw);
}

/*
 * Step 1 for t from 16 on: w[i] has the words t - 16 to t - 13, and will have
 * t to t + 3.  The first instruction adds sigma0 of word t - 15 to t - 16,
 * the last sigma1 of word t - 2; word t - 7 comes from between two registers.
 */
INLINE void
expand(struct work *x, int i)
{
	__m128i minus_16 = x->w[i], minus_12 = x->w[(i + 1) % 4],
		minus_8 = x->w[(i + 2) % 4], minus_4 = x->w[(i + 3) % 4];
	__m128i v = _mm_sha256msg1_epu32(minus_16, minus_12);

	v = _mm_add_epi32(v, _mm_alignr_epi8(minus_4, minus_8, 4));
	x->w[i] = _mm_sha256msg2_epu32(v, minus_4);
}

/* Step 4: the next value of H. */
INLINE void
leave(struct lane *l, const struct work *x)
{
	l->abef = _mm_add_epi32(l->abef, x->abef);
	l->cdgh = _mm_add_epi32(l->cdgh, x->cdgh);
}

/* Four rounds of a and of b, and the words that come 16 rounds later. */
INLINE void
four(struct work *a, struct work *b, int i, int t)
{
	rounds(a, i, t);
	if (b != NULL)
		rounds(b, i, t);
	if (t >= 48)
		return;
	expand(a, i);
	if (b != NULL)
		expand(b, i);
}

/* Written out, so that everything is in registers. */
INLINE void
sixteen(struct work *a, struct work *b, int t)
{
	four(a, b, 0, t);
	four(a, b, 1, t + 4);
	four(a, b, 2, t + 8);
	four(a, b, 3, t + 12);
}

static inline const unsigned char *
next_block(struct lane *l)
{
	size_t i = l->next++;

	if (i >= l->whole)
		return l->tail + (i - l->whole) * BLOCK;
	return i == 0 ? (const unsigned char *)l->first
		      : l->body + i * BLOCK - 1;
}

/* A block of each.  b is NULL, or not, where this is compiled into. */
INLINE void
compress(struct lane *a, struct lane *b)
{
	struct work x, other, *y = b != NULL ? &other : NULL;

	enter(&x, a, next_block(a));
	if (b != NULL)
		enter(y, b, next_block(b));
	sixteen(&x, y, 0);
	sixteen(&x, y, 16);
	sixteen(&x, y, 32);
	sixteen(&x, y, 48);
	leave(a, &x);
	if (b != NULL)
		leave(b, y);
}

SHA static void
compress_two(struct lane *a, struct lane *b)
{
	compress(a, b);
}

SHA static void
compress_one(struct lane *a)
{
	compress(a, NULL);
}

/* ---- a message ---- */

/*
 * Section 5.1.1: the message is followed by a one, zeros, and its length in
 * bits.  The constants are H of section 5.3.3.
 *
 * Copies are of one size whatever the length, and block 0 is written in the
 * widths that it is read in at once: bytes that have to be collected from
 * several writes are waited for.
 */
SHA static void
begin(struct lane *l, unsigned char prefix, const void *body, size_t n,
    struct mc_hash *out)
{
	const unsigned char *p = body;
	unsigned char *last = (unsigned char *)l->last, *tail;
	size_t rest = (n + 1) % BLOCK, padded = rest < BLOCK - 8 ? 1 : 2;
	uint64_t bits = __builtin_bswap64(((uint64_t)n + 1) * 8);

	l->abef = _mm_set_epi32(
	    0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
	l->cdgh =
	    _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
	l->body = p;
	l->whole = (n + 1) / BLOCK;
	l->next = 0;
	l->blocks = l->whole + padded;
	l->out = out;

	l->tail = tail = last + BLOCK - rest;
	if (l->whole > 0) {
		l->first[0] = _mm_or_si128(
		    _mm_slli_si128(load(p), 1), _mm_cvtsi32_si128(prefix));
		l->first[1] = load(p + 15);
		l->first[2] = load(p + 31);
		l->first[3] = load(p + 47);
		memcpy(last + 1, p + n - (BLOCK - 1), BLOCK - 1);
	} else {
		tail[0] = prefix;
		if (n > 0)
			memcpy(tail + 1, p, n);
	}
	l->last[4] = _mm_cvtsi32_si128(0x80);
	l->last[5] = l->last[6] = l->last[7] = _mm_setzero_si128();
	l->last[8] = l->last[9] = _mm_setzero_si128();
	l->last[10] = l->last[11] = _mm_setzero_si128();
	memcpy(tail + padded * BLOCK - 8, &bits, 8);
}

static inline bool
at_end(const struct lane *l)
{
	return l->next == l->blocks;
}

/* H from a to h, big-endian. */
SHA static void
end(const struct lane *l)
{
	__m128i abef = _mm_shuffle_epi32(l->abef, 0x1b); /* a lowest */
	__m128i cdgh = _mm_shuffle_epi32(l->cdgh, 0x1b);
	unsigned char *to = l->out->b;

	_mm_storeu_si128((void *)to, swap(_mm_unpacklo_epi64(abef, cdgh)));
	_mm_storeu_si128(
	    (void *)(to + 16), swap(_mm_unpackhi_epi64(abef, cdgh)));
}

static void
end_alone(struct lane *l)
{
	while (!at_end(l))
		compress_one(l);
	end(l);
}

/* ---- messages ---- */

/* Those that no lane has taken yet. */
struct queue {
	const struct mc_str *message;
	struct mc_hash *out;
	size_t n;
	bool leaves; /* bodies of leaves: a zero goes before each */
};

static bool
take(struct lane *l, struct queue *q)
{
	const struct mc_str *m = q->message;

	if (q->n == 0)
		return false;
	if (q->leaves)
		begin(l, 0x00, m->p, m->len, q->out);
	else
		begin(l, (unsigned char)m->p[0], m->p + 1, m->len - 1, q->out);
	q->message++;
	q->out++;
	q->n--;
	return true;
}

/* Each lane takes the next message as soon as it is free. */
static void
hash_all(struct queue q)
{
	struct lane a, b;
	bool in_a = take(&a, &q), in_b = take(&b, &q);

	while (in_a && in_b) {
		compress_two(&a, &b);
		if (at_end(&a)) {
			end(&a);
			in_a = take(&a, &q);
		}
		if (at_end(&b)) {
			end(&b);
			in_b = take(&b, &q);
		}
	}
	if (in_a)
		end_alone(&a);
	if (in_b)
		end_alone(&b);
}

void
mc_hash_pair_leaves(const struct mc_str *body, size_t n, struct mc_hash *out)
{
	hash_all((struct queue){ body, out, n, true });
}

void
mc_hash_pair_each(const struct mc_str *message, size_t n, struct mc_hash *out)
{
	hash_all((struct queue){ message, out, n, false });
}

/* These are of one length, so the lanes stay side by side. */
void
mc_hash_pair_nodes(const struct mc_hash *h, size_t n, struct mc_hash *out)
{
	struct lane a, b;

	for (; n >= 2; n -= 2, h += 4, out += 2) {
		begin(&a, 0x01, h, 2 * MC_HASH_LEN, &out[0]);
		begin(&b, 0x01, h + 2, 2 * MC_HASH_LEN, &out[1]);
		while (!at_end(&a))
			compress_two(&a, &b);
		end(&a);
		end(&b);
	}
	if (n == 0)
		return;
	begin(&a, 0x01, h, 2 * MC_HASH_LEN, out);
	end_alone(&a);
}

#else /* nothing but libcrypto */

bool
mc_hash_pair_able(void)
{
	return false;
}

void
mc_hash_pair_use(bool on)
{
	(void)on;
}

void
mc_hash_pair_leaves(const struct mc_str *body, size_t n, struct mc_hash *out)
{
	(void)body, (void)n, (void)out;
	abort();
}

void
mc_hash_pair_each(const struct mc_str *message, size_t n, struct mc_hash *out)
{
	(void)message, (void)n, (void)out;
	abort();
}

void
mc_hash_pair_nodes(const struct mc_hash *h, size_t n, struct mc_hash *out)
{
	(void)h, (void)n, (void)out;
	abort();
}

#endif
