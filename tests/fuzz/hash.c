/*
 * hash.c - fuzzes hash.h.
 *
 *   - leaves hashed together are what they are one by one, which is
 *     libcrypto's work;
 *   - and so are they hashed without what makes leaves of them;
 *   - the root over all at once is that of pushing one after another.
 *
 * The input is bodies, one a line.
 */
#include <motcua/hash.h>
#include <motcua/text.h>

#include "fuzz.h"

#define BODIES 600

int
fuzz_hash(const uint8_t *p, size_t n)
{
	static struct mc_str body[BODIES];
	static struct mc_hash leaf[2 * BODIES];
	struct mc_str rest = fuzz_input(p, n);
	struct mc_tree tree = { .size = 0 };
	struct mc_hash want, got;
	size_t i, k = 0;

	while (k < BODIES - 1 && mc_str_split(rest, '\n', &body[k], &rest))
		k++;
	body[k++] = rest;
	mc_leaf_hashes(body, k, leaf);
	for (i = 0; i < k; i++) {
		mc_leaf_hash(body[i].p, body[i].len, &want);
		HOLDS(mc_hash_same(&want, &leaf[i]));
		mc_tree_push(&tree, &want);
	}
	for (i = 0; i < k && body[i].len > 0; i++)
		continue;
	mc_sha256_each(body, i, leaf + BODIES);
	while (i-- > 0) {
		mc_sha256(body[i].p, body[i].len, &want);
		HOLDS(mc_hash_same(&want, &leaf[BODIES + i]));
	}
	mc_tree_root(&tree, &want);
	mc_tree_root_of(leaf, k, &got);
	HOLDS(mc_hash_same(&want, &got));
	fuzz_taken += k > 1;
	return 0;
}
