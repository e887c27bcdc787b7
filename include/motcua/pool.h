/*
 * pool.h - memory for a batch: given piece by piece, taken back at once.
 */
#ifndef MOTCUA_POOL_H
#define MOTCUA_POOL_H

#include <stddef.h>

#include <motcua/buf.h>

struct mc_pool {
	struct mc_pool_block *first, *now;
	size_t used; /* of `now` */
};

void *mc_pool_get(struct mc_pool *p, size_t n); /* aligned to 8 */
struct mc_str mc_pool_str(struct mc_pool *p, struct mc_str s); /* a copy */
void mc_pool_reset(struct mc_pool *p); /* memory kept for the next batch */
void mc_pool_free(struct mc_pool *p);  /* and { 0 } again */

#endif
