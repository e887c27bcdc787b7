/* hash_internal.h - between hash.c and the processor's SHA instructions. */
#ifndef HASH_INTERNAL_H
#define HASH_INTERNAL_H

#include <motcua/hash.h>

/* Has this processor the instructions, and may they be used? */
bool mc_hash_pair_able(void);
/* For tests: false is a processor without them, true the one that is there. */
void mc_hash_pair_use(bool on);

/*
 * Only where mc_hash_pair_able().  out[i] is mc_leaf_hash() of body[i], for n
 * bodies; mc_sha256() of message[i], for n that are not empty; mc_node_hash()
 * of h[2 * i] and h[2 * i + 1], for n such pairs, and there out may be h.
 */
void mc_hash_pair_leaves(
    const struct mc_str *body, size_t n, struct mc_hash *out);
void mc_hash_pair_each(
    const struct mc_str *message, size_t n, struct mc_hash *out);
void mc_hash_pair_nodes(const struct mc_hash *h, size_t n, struct mc_hash *out);

#endif
