/* pool.c - unit tests of pool.h: pieces do not overlap, nothing is lost. */
#include <motcua/pool.h>

#define RND_SEED 3
#include "rnd.h"
#include "tap.h"

#define PIECES 4000

static void
fill(struct mc_pool *pool)
{
	static unsigned char *piece[PIECES];
	static size_t size[PIECES];
	size_t i, k;
	int crooked = 0, spoilt = 0;

	for (i = 0; i < PIECES; i++) {
		size[i] = rnd(100) == 0 ? rnd(300000) : rnd(200);
		piece[i] = mc_pool_get(pool, size[i]);
		crooked += (uintptr_t)piece[i] % 8 != 0;
		memset(piece[i], (int)(i & 0xff), size[i]);
	}
	for (i = 0; i < PIECES; i++)
		for (k = 0; k < size[i]; k++)
			spoilt += piece[i][k] != (i & 0xff);
	IS(crooked, 0);
	IS(spoilt, 0);
}

int
main(void)
{
	struct mc_pool pool = { 0 };
	struct mc_str s;
	char text[] = "Hồ sơ";

	s = mc_pool_str(&pool, mc_str(text));
	memset(text, 'x', sizeof(text) - 1);
	OK(mc_str_is(s, "Hồ sơ"));
	s = mc_pool_str(&pool, (struct mc_str){ NULL, 0 });
	IS(s.len, 0);
	mc_pool_reset(&pool);
	fill(&pool);
	mc_pool_reset(&pool);
	fill(&pool);
	mc_pool_free(&pool);
	OK(pool.first == NULL);
	mc_pool_reset(&pool);
	fill(&pool);
	mc_pool_free(&pool);
	mc_pool_free(&pool);
	return tap_done();
}
