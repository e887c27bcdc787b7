/* places.c - the order of writing is that of qsort(), whatever the places. */
#include <stdlib.h>

#include <motcua/mem.h>

#include "import/intake_internal.h"
#define RND_SEED 3
#include "rnd.h"
#include "tap.h"

static int
compare(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->draft > b->draft) - (a->draft < b->draft);
}

/*
 * n places of so many agencies' days, each counted on from the last one of it,
 * but one in `odd` not; some are not known.
 */
static bool
same(size_t n, uint64_t days, uint64_t odd)
{
	struct place *p = mc_calloc(3 * n + 1, sizeof(*p)), *want = p + n;
	int64_t *last = mc_calloc(days, sizeof(*last));
	const struct place *got;
	bool all = true;
	uint64_t day;
	size_t i;

	for (i = 0; i < n; i++) {
		day = rnd(days);
		last[day] += (int64_t)rnd(3);
		p[i] = (struct place){ (int64_t)(day * day << 17) + last[day],
			(uint32_t)i, 0 };
		if (odd > 0 && rnd(odd) == 0)
			p[i].place = rnd(2) == 0 ? INT64_MAX : (int64_t)rnd(99);
		want[i] = p[i];
	}
	qsort(want, n, sizeof(*want), compare);
	got = mc_places_sort(p, p + 2 * n, n) ? p + 2 * n : p;
	for (i = 0; i < n; i++)
		all = all && got[i].place == want[i].place &&
		      got[i].draft == want[i].draft;
	free(p);
	free(last);
	return all;
}

int
main(void)
{
	static const uint64_t days[] = { 1, 2, 30, 255, 256, 257, 2000 };
	size_t i, k;

	for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		for (k = 0; k < 50; k++) {
			OK(same(rnd(3000), days[i], 0));
			OK(same(rnd(3000), days[i], 1 + rnd(3000)));
		}
	}
	OK(same(0, 1, 0));
	return tap_done();
}
