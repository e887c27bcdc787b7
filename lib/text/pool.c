/* pool.c - see motcua/pool.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/pool.h>

#define BLOCK (256u << 10)

struct mc_pool_block {
	struct mc_pool_block *next;
	size_t size;
	max_align_t data[];
};

static struct mc_pool_block *
new_block(size_t size)
{
	struct mc_pool_block *b = mc_alloc(sizeof(*b) + size);

	b->next = NULL;
	b->size = size;
	return b;
}

void *
mc_pool_get(struct mc_pool *p, size_t n)
{
	struct mc_pool_block *b;
	void *out;

	n = (n + 7) & ~(size_t)7;
	while (p->now == NULL || p->now->size - p->used < n) {
		if (p->now != NULL && p->now->next != NULL &&
		    p->now->next->size >= n) {
			p->now = p->now->next;
		} else {
			b = new_block(n > BLOCK ? n : BLOCK);
			if (p->now == NULL) {
				p->first = b;
			} else {
				b->next = p->now->next;
				p->now->next = b;
			}
			p->now = b;
		}
		p->used = 0;
	}
	out = (char *)p->now->data + p->used;
	p->used += n;
	return out;
}

struct mc_str
mc_pool_str(struct mc_pool *p, struct mc_str s)
{
	char *copy;

	if (s.len == 0)
		return (struct mc_str){ "", 0 };
	copy = mc_pool_get(p, s.len + 1);
	memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return (struct mc_str){ copy, s.len };
}

void
mc_pool_reset(struct mc_pool *p)
{
	p->now = p->first;
	p->used = 0;
}

void
mc_pool_free(struct mc_pool *p)
{
	struct mc_pool_block *b = p->first, *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	*p = (struct mc_pool){ 0 };
}
