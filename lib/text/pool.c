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

/* The block that is given from. */
static void
use(struct mc_pool *p, struct mc_pool_block *b)
{
	p->now = b;
	p->at = b == NULL ? NULL : (char *)b->data;
	p->left = b == NULL ? 0 : b->size;
}

void
mc_pool_grow(struct mc_pool *p, size_t n)
{
	struct mc_pool_block *b;

	if (p->now != NULL && p->now->next != NULL && p->now->next->size >= n) {
		b = p->now->next;
	} else {
		b = new_block(n > BLOCK ? n : BLOCK);
		if (p->now == NULL) {
			p->first = b;
		} else {
			b->next = p->now->next;
			p->now->next = b;
		}
	}
	use(p, b);
}

void
mc_pool_reset(struct mc_pool *p)
{
	use(p, p->first);
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
