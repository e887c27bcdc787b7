/*
 * pool.h - memory for a batch: given piece by piece, taken back at once.
 */
#ifndef MOTCUA_POOL_H
#define MOTCUA_POOL_H

#include <stddef.h>

#include <motcua/buf.h>

struct mc_pool {
	struct mc_pool_block *first, *now;
	char *at; /* in `now`: what is free */
	size_t left;
};

void mc_pool_grow(struct mc_pool *p, size_t n); /* for the two that follow */

/* The same as mc_pool_get() of a multiple of 8 that is not 0. */
static inline void *
mc_pool_take(struct mc_pool *p, size_t n)
{
	void *out;

	if (n > p->left)
		mc_pool_grow(p, n);
	out = p->at;
	p->at += n;
	p->left -= n;
	return out;
}

/*
 * Where mc_pool_take() will give up to n bytes: they can be written before it
 * is known how many they are.
 */
static inline char *
mc_pool_room(struct mc_pool *p, size_t n)
{
	if (n > p->left)
		mc_pool_grow(p, n);
	return p->at;
}

/* n bytes, aligned to 8. */
static inline void *
mc_pool_get(struct mc_pool *p, size_t n)
{
	return mc_pool_take(p, n == 0 ? 8 : (n + 7) & ~(size_t)7);
}

/* A copy, with a NUL behind it. */
static inline struct mc_str
mc_pool_str(struct mc_pool *p, struct mc_str s)
{
	char *copy;

	if (s.len == 0)
		return (struct mc_str){ "", 0 };
	copy = mc_pool_take(p, (s.len + 8) & ~(size_t)7);
	memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return (struct mc_str){ copy, s.len };
}

void mc_pool_reset(struct mc_pool *p); /* memory kept for the next batch */
void mc_pool_free(struct mc_pool *p);  /* and { 0 } again */

#endif
