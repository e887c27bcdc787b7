/*
 * hash.h - SHA-256, base64, random bytes, and the RFC 6962 Merkle tree.
 *
 * The tree is the one of Certificate Transparency (RFC 6962 section 2.1):
 * leaf = SHA-256(0x00 || body), node = SHA-256(0x01 || left || right), n
 * leaves split at the largest power of two below n.
 */
#ifndef MOTCUA_HASH_H
#define MOTCUA_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_HASH_LEN 32
#define MC_TREE_DEPTH 63

struct mc_hash {
	unsigned char b[MC_HASH_LEN];
};

void mc_sha256(const void *p, size_t n, struct mc_hash *out);
void mc_sha256_two(const void *a, size_t na, const void *b, size_t nb,
    struct mc_hash *out); /* of the concatenation */
/*
 * out[i] is mc_sha256() of message[i], for n that are not empty.  For two or
 * more it is faster: processors with instructions for it have two under way at
 * once.
 */
void mc_sha256_each(
    const struct mc_str *message, size_t n, struct mc_hash *out);
bool mc_hash_same(const struct mc_hash *a, const struct mc_hash *b);

void mc_hex_put(struct mc_buf *b, const void *p, size_t n);    /* lower case */
void mc_base64_put(struct mc_buf *b, const void *p, size_t n); /* padded */
/* The same where there is room; returns its end. */
char *mc_base64_text(char *to, const void *p, size_t n);
/* Exactly len bytes, canonical padding; false otherwise. */
bool mc_base64_get(struct mc_str s, void *out, size_t len);

void mc_random(void *p, size_t n); /* from the system; aborts if it cannot */
/* The same by libcrypto's generator, which the system seeds: for many bytes. */
void mc_random_many(void *p, size_t n);

void mc_leaf_hash(const void *body, size_t n, struct mc_hash *out);
/*
 * out[i] is mc_leaf_hash() of body[i], for n bodies; faster as
 * mc_sha256_each() is.
 */
void mc_leaf_hashes(const struct mc_str *body, size_t n, struct mc_hash *out);
void mc_node_hash(
    const struct mc_hash *l, const struct mc_hash *r, struct mc_hash *out);

/*
 * The right edge of a tree: the roots of its complete subtrees, largest
 * first.  n = number of one bits of size.  Appending is O(1) amortised.
 */
struct mc_tree {
	uint64_t size;
	struct mc_hash edge[MC_TREE_DEPTH];
};

void mc_tree_push(struct mc_tree *t, const struct mc_hash *leaf);
/*
 * Append a complete subtree of 2^level leaves by its root; the size before
 * must be a multiple of 2^level.
 */
void mc_tree_push_subtree(
    struct mc_tree *t, unsigned level, const struct mc_hash *root);
int mc_tree_edge(const struct mc_tree *t); /* how many hashes are in use */
void mc_tree_root(const struct mc_tree *t, struct mc_hash *out);

/* The root over n given hashes (a tile's, or any subtree's leaves). */
void mc_tree_root_of(const struct mc_hash *h, size_t n, struct mc_hash *out);

#endif
