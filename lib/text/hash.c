/* hash.c - SHA-256 by libcrypto, base64, and the Merkle tree's right edge. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/*
 * The low-level functions: EVP's bookkeeping costs more than hashing an event
 * does, and there are seven hashes to a dossier.  They are deprecated for
 * programs that choose their algorithm; ours is the format's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "hash_internal.h"

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Hashing in memory cannot fail but for a library that is broken. */
static void
must(int ok)
{
	if (ok != 1)
		abort();
}

void
mc_sha256(const void *p, size_t n, struct mc_hash *out)
{
	mc_sha256_two(p, n, NULL, 0, out);
}

void
mc_sha256_two(
    const void *a, size_t na, const void *b, size_t nb, struct mc_hash *out)
{
	SHA256_CTX ctx;

	must(SHA256_Init(&ctx));
	if (na > 0)
		must(SHA256_Update(&ctx, a, na));
	if (nb > 0)
		must(SHA256_Update(&ctx, b, nb));
	must(SHA256_Final(out->b, &ctx));
}

void
mc_sha256_each(const struct mc_str *message, size_t n, struct mc_hash *out)
{
	size_t i;

	if (mc_hash_pair_able()) {
		mc_hash_pair_each(message, n, out);
		return;
	}
	for (i = 0; i < n; i++)
		mc_sha256(message[i].p, message[i].len, &out[i]);
}

bool
mc_hash_same(const struct mc_hash *a, const struct mc_hash *b)
{
	return memcmp(a->b, b->b, MC_HASH_LEN) == 0;
}

void
mc_hex_put(struct mc_buf *b, const void *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = p;
	char *to;
	size_t i;

	if (n > SIZE_MAX / 4)
		abort();
	to = mc_buf_room(b, 2 * n);
	for (i = 0; i < n; i++) {
		*to++ = hex[s[i] >> 4];
		*to++ = hex[s[i] & 15];
	}
	*to = '\0';
	b->len += 2 * n;
}

char *
mc_base64_text(char *to, const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t i;
	uint32_t v;

	for (i = 0; i + 3 <= n; i += 3) {
		v = (uint32_t)s[i] << 16 | (uint32_t)s[i + 1] << 8 | s[i + 2];
		*to++ = base64[v >> 18];
		*to++ = base64[v >> 12 & 63];
		*to++ = base64[v >> 6 & 63];
		*to++ = base64[v & 63];
	}
	if (i < n) {
		v = (uint32_t)s[i] << 16;
		if (n - i == 2)
			v |= (uint32_t)s[i + 1] << 8;
		*to++ = base64[v >> 18];
		*to++ = base64[v >> 12 & 63];
		*to++ = n - i == 2 ? base64[v >> 6 & 63] : '=';
		*to++ = '=';
	}
	return to;
}

void
mc_base64_put(struct mc_buf *b, const void *p, size_t n)
{
	if (n > SIZE_MAX / 4)
		abort();
	*mc_base64_text(mc_buf_room(b, (n + 2) / 3 * 4), p, n) = '\0';
	b->len += (n + 2) / 3 * 4;
}

/* A digit's value and 1; 0: it is none. */
static const unsigned char base64_digit[256] = {
	['A'] = 1,
	['B'] = 2,
	['C'] = 3,
	['D'] = 4,
	['E'] = 5,
	['F'] = 6,
	['G'] = 7,
	['H'] = 8,
	['I'] = 9,
	['J'] = 10,
	['K'] = 11,
	['L'] = 12,
	['M'] = 13,
	['N'] = 14,
	['O'] = 15,
	['P'] = 16,
	['Q'] = 17,
	['R'] = 18,
	['S'] = 19,
	['T'] = 20,
	['U'] = 21,
	['V'] = 22,
	['W'] = 23,
	['X'] = 24,
	['Y'] = 25,
	['Z'] = 26,
	['a'] = 27,
	['b'] = 28,
	['c'] = 29,
	['d'] = 30,
	['e'] = 31,
	['f'] = 32,
	['g'] = 33,
	['h'] = 34,
	['i'] = 35,
	['j'] = 36,
	['k'] = 37,
	['l'] = 38,
	['m'] = 39,
	['n'] = 40,
	['o'] = 41,
	['p'] = 42,
	['q'] = 43,
	['r'] = 44,
	['s'] = 45,
	['t'] = 46,
	['u'] = 47,
	['v'] = 48,
	['w'] = 49,
	['x'] = 50,
	['y'] = 51,
	['z'] = 52,
	['0'] = 53,
	['1'] = 54,
	['2'] = 55,
	['3'] = 56,
	['4'] = 57,
	['5'] = 58,
	['6'] = 59,
	['7'] = 60,
	['8'] = 61,
	['9'] = 62,
	['+'] = 63,
	['/'] = 64,
};

static inline bool
base64_four(const char *p, uint32_t *out)
{
	unsigned a = base64_digit[(unsigned char)p[0]],
		 b = base64_digit[(unsigned char)p[1]],
		 c = base64_digit[(unsigned char)p[2]],
		 d = base64_digit[(unsigned char)p[3]];

	*out = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	return a != 0 && b != 0 && c != 0 && d != 0;
}

/* Bits under the last byte must be zero, or two texts would mean one value. */
bool
mc_base64_get(struct mc_str s, void *out, size_t len)
{
	unsigned char *to = out;
	char last[4] = { 'A', 'A', 'A', 'A' };
	const char *p = s.p;
	size_t left = len;
	uint32_t v;

	if (len > SIZE_MAX / 4 || s.len != (len + 2) / 3 * 4)
		return false;
	for (; left >= 3; left -= 3, p += 4) {
		if (!base64_four(p, &v))
			return false;
		*to++ = (unsigned char)(v >> 16);
		*to++ = (unsigned char)(v >> 8);
		*to++ = (unsigned char)v;
	}
	if (left == 0)
		return true;
	memcpy(last, p, left + 1);
	if (memcmp(p + left + 1, "==", 3 - left) != 0 ||
	    !base64_four(last, &v) || (v & 0xFFFFFF >> 8 * left) != 0)
		return false;
	*to++ = (unsigned char)(v >> 16);
	if (left == 2)
		*to = (unsigned char)(v >> 8);
	return true;
}

void
mc_random(void *p, size_t n)
{
	unsigned char *to = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(to, n, 0);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		to += got;
		n -= (size_t)got;
	}
}

void
mc_random_many(void *p, size_t n)
{
	if (RAND_bytes(p, (int)n) != 1)
		abort();
}

void
mc_leaf_hash(const void *body, size_t n, struct mc_hash *out)
{
	mc_sha256_two("\0", 1, body, n, out);
}

void
mc_node_hash(
    const struct mc_hash *l, const struct mc_hash *r, struct mc_hash *out)
{
	unsigned char pass[1 + 2 * MC_HASH_LEN];

	pass[0] = 0x01;
	memcpy(pass + 1, l->b, MC_HASH_LEN);
	memcpy(pass + 1 + MC_HASH_LEN, r->b, MC_HASH_LEN);
	mc_sha256(pass, sizeof(pass), out);
}

void
mc_leaf_hashes(const struct mc_str *body, size_t n, struct mc_hash *out)
{
	size_t i;

	if (mc_hash_pair_able()) {
		mc_hash_pair_leaves(body, n, out);
		return;
	}
	for (i = 0; i < n; i++)
		mc_leaf_hash(body[i].p, body[i].len, &out[i]);
}

/* out[i] is over h[2 * i] and h[2 * i + 1]; out may be h. */
static void
node_hashes(const struct mc_hash *h, size_t n, struct mc_hash *out)
{
	size_t i;

	if (mc_hash_pair_able()) {
		mc_hash_pair_nodes(h, n, out);
		return;
	}
	for (i = 0; i < n; i++)
		mc_node_hash(&h[2 * i], &h[2 * i + 1], &out[i]);
}

int
mc_tree_edge(const struct mc_tree *t)
{
	return __builtin_popcountll(t->size);
}

/* Like adding one to a binary counter: each carry joins two subtrees. */
void
mc_tree_push_subtree(
    struct mc_tree *t, unsigned level, const struct mc_hash *root)
{
	struct mc_hash h = *root;
	uint64_t i;
	int n = mc_tree_edge(t);

	if (level >= MC_TREE_DEPTH ||
	    t->size >=
		(UINT64_C(1) << MC_TREE_DEPTH) - (UINT64_C(1) << level) ||
	    (t->size & ((UINT64_C(1) << level) - 1)) != 0)
		abort();
	for (i = t->size >> level; i & 1; i >>= 1)
		mc_node_hash(&t->edge[--n], &h, &h);
	t->edge[n] = h;
	t->size += UINT64_C(1) << level;
}

void
mc_tree_push(struct mc_tree *t, const struct mc_hash *leaf)
{
	mc_tree_push_subtree(t, 0, leaf);
}

/* The root of all: subtrees of the edge, and what is right of them in *h. */
static void
join(const struct mc_hash *edge, int n, struct mc_hash *h)
{
	while (n > 0)
		mc_node_hash(&edge[--n], h, h);
}

void
mc_tree_root(const struct mc_tree *t, struct mc_hash *out)
{
	int n = mc_tree_edge(t);

	if (n == 0) {
		mc_sha256(NULL, 0, out);
		return;
	}
	*out = t->edge[--n];
	join(t->edge, n, out);
}

/*
 * Level by level, for nodes of a level can be hashed together.  A last one
 * without a neighbour moves up as it is, which is the same tree: all to its
 * left are then subtrees of the largest powers of two.
 */
#define LEVEL 8
#define LEAVES (1 << LEVEL)

/* 1 to LEAVES. */
static void
root_of_some(const struct mc_hash *h, size_t n, struct mc_hash *out)
{
	struct mc_hash level[LEAVES / 2];

	for (; n > 1; n = n / 2 + n % 2, h = level) {
		node_hashes(h, n / 2, level);
		if (n % 2 == 1)
			level[n / 2] = h[n - 1];
	}
	*out = h[0];
}

void
mc_tree_root_of(const struct mc_hash *h, size_t n, struct mc_hash *out)
{
	struct mc_tree t = { .size = 0 };
	struct mc_hash root;

	if (n == 0) {
		mc_tree_root(&t, out);
		return;
	}
	for (; n > LEAVES; n -= LEAVES, h += LEAVES) {
		root_of_some(h, LEAVES, &root);
		mc_tree_push_subtree(&t, LEVEL, &root);
	}
	root_of_some(h, n, out);
	join(t.edge, mc_tree_edge(&t), out);
}
