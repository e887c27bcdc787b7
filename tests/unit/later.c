/* Work handed to a thread: all of it, in order, whatever the amounts. */
#include <stdlib.h>
#include <string.h>

#include <motcua/later.h>

#include "tap.h"

struct seen {
	uint32_t next; /* the number that must come */
	uint32_t wrong;
	uint64_t bytes;
};

static void
work(void *arg, const char *p, size_t n)
{
	struct seen *s = arg;
	uint32_t head[2];
	const char *end = p + n;

	for (; p < end; p += head[1]) {
		memcpy(head, p, sizeof(head));
		if (head[0] != s->next++ || head[1] > (size_t)(end - p))
			s->wrong++;
		s->bytes += head[1];
	}
}

static void
add(struct mc_later *l, uint32_t number, uint32_t size)
{
	struct mc_buf *b = mc_later_piece(l);
	uint32_t head[2] = { number, size };

	memcpy(mc_buf_room(b, size), head, sizeof(head));
	b->len += size;
	mc_later_added(l);
}

/* n pieces of up to `most` bytes, drained every `every` of them. */
static void
round_of(uint32_t n, uint32_t most, uint32_t every)
{
	struct seen s = { 0, 0, 0 };
	struct mc_later *l = mc_later_new(256u << 10, work, &s);
	uint64_t bytes = 0;
	uint32_t i, size;

	OK(mc_later_idle(l));
	srand(n);
	for (i = 0; i < n; i++) {
		size = 8 + (uint32_t)rand() % most;
		bytes += size;
		add(l, i, size);
		if (i % every == every - 1) {
			mc_later_drain(l);
			IS(s.next, i + 1);
		}
	}
	mc_later_drain(l);
	IS(s.next, n);
	IS(s.wrong, 0);
	OK(s.bytes == bytes);
	mc_later_free(l);
}

int
main(void)
{
	struct seen s = { 0, 0, 0 };
	struct mc_later *l;
	unsigned number = 0;
	uint32_t i;

	round_of(0, 8, 1);
	round_of(100, 100, 7);        /* never a thread */
	round_of(100000, 400, 30000); /* several chunks under way */
	round_of(50, 1u << 20, 20);   /* pieces larger than a chunk */

	/* Handed over early: done once it has been waited for. */
	l = mc_later_new(256u << 10, work, &s);
	for (i = 0; i < 200; i++) {
		add(l, i, 64);
		number = mc_later_hand(l);
		if (i % 50 == 49) {
			mc_later_wait(l, number);
			IS(s.next, i + 1);
		}
	}
	mc_later_wait(l, number - 3);
	OK(s.next == 200 && s.wrong == 0);
	mc_later_free(l);
	s = (struct seen){ 0, 0, 0 };

	/* Dropped: what was not begun is not done, and the rest goes on. */
	l = mc_later_new(256u << 10, work, &s);
	add(l, 0, 64);
	mc_later_drop(l);
	IS(s.next, 0);
	OK(mc_later_idle(l));
	add(l, 0, 64);
	mc_later_drain(l);
	IS(s.next, 1);
	mc_later_free(l);
	mc_later_free(NULL);
	return tap_done();
}
