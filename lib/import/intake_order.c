/*
 * intake_order.c - in which order a portion's rows are written; see
 * motcua/intake.h.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/mem.h>

#include "intake_internal.h"

void
mc_intake_order(struct mc_intake *in)
{
	size_t i;

	if (in->order.cap < in->draft.n) {
		in->order.cap = in->draft.cap;
		in->order.p = mc_realloc(
		    in->order.p, in->order.cap, sizeof(*in->order.p));
		in->order.other = mc_realloc(
		    in->order.other, in->order.cap, sizeof(*in->order.other));
	}
	for (i = 0; i < in->draft.n; i++)
		in->order.p[i] = (struct place){ INT64_MAX, (uint32_t)i, 0 };
}

static int
by_place(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->draft > b->draft) - (a->draft < b->draft);
}

/* ---- by groups ---- */

/*
 * Rows come as time goes by, and codes count within an agency's day: there,
 * rows are in order, and only these groups have to be sorted.
 */
#define GROUPS 256
#define SLOTS (2 * GROUPS)

struct group {
	int64_t key, last; /* the place of the last one met */
	uint32_t n;
	uint32_t number; /* that rows know it by */
};

struct groups {
	struct group group[GROUPS];
	uint16_t slot[SLOTS]; /* by key; one more than the group, 0: free */
	uint32_t n;
};

/* The group of that key; NULL: it would be one too many. */
static struct group *
find(struct groups *g, int64_t key)
{
	uint32_t i = (uint32_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 32);

	for (i %= SLOTS; g->slot[i] != 0; i = (i + 1) % SLOTS)
		if (g->group[g->slot[i] - 1].key == key)
			return &g->group[g->slot[i] - 1];
	if (g->n == GROUPS)
		return NULL;
	g->group[g->n] = (struct group){ key, INT64_MIN, 0, g->n };
	g->slot[i] = (uint16_t)++g->n;
	return &g->group[g->n - 1];
}

/* Each row's group; false: they are too many, or one is not in order. */
static bool
gather(struct groups *g, struct place *p, size_t n)
{
	struct group *of;
	size_t i;

	g->n = 0;
	memset(g->slot, 0, sizeof(g->slot));
	for (i = 0; i < n; i++) {
		of = find(g, p[i].place / (MC_CODE_SEQUENCE_MAX + 1));
		if (of == NULL || p[i].place < of->last)
			return false;
		of->last = p[i].place;
		of->n++;
		p[i].group = (uint32_t)(of - g->group);
	}
	return true;
}

static int
by_key(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	return (a->key > b->key) - (a->key < b->key);
}

static void
distribute(struct groups *g, struct place *to, const struct place *p, size_t n)
{
	uint32_t at[GROUPS], i, sum = 0;
	size_t k;

	qsort(g->group, g->n, sizeof(*g->group), by_key);
	for (i = 0; i < g->n; i++) {
		at[g->group[i].number] = sum;
		sum += g->group[i].n;
	}
	for (k = 0; k < n; k++)
		to[at[p[k].group]++] = p[k];
}

bool
mc_places_sort(struct place *p, struct place *other, size_t n)
{
	struct groups g;

	if (gather(&g, p, n)) {
		distribute(&g, other, p, n);
		return true;
	}
	qsort(p, n, sizeof(*p), by_place);
	return false;
}

void
mc_intake_sort(struct mc_intake *in)
{
	struct place *p = in->order.p;

	if (!mc_places_sort(p, in->order.other, in->draft.n))
		return;
	in->order.p = in->order.other;
	in->order.other = p;
}
