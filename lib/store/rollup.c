/* rollup.c - see motcua/rollup.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/rollup.h>

struct cell {
	int32_t period, procedure, unit;
	int32_t c[MC_C__COUNT];
};

/* Cells of one level, found by their key. */
struct level {
	struct cell *cell;
	uint32_t n, cap;
	uint32_t last;  /* index of the one asked for last, where n > 0 */
	uint32_t *slot; /* index + 1; 0: free */
	uint32_t slots;
};

struct mc_rollup {
	struct level level[MC_ROLLUP_ALL];
	MC_VEC(struct mc_reopening) reopening; /* few */
};

struct mc_rollup *
mc_rollup_new(void)
{
	return mc_calloc(1, sizeof(struct mc_rollup));
}

void
mc_rollup_free(struct mc_rollup *r)
{
	int i;

	if (r == NULL)
		return;
	for (i = 0; i < MC_ROLLUP_ALL; i++) {
		free(r->level[i].cell);
		free(r->level[i].slot);
	}
	mc_vec_free(&r->reopening);
	free(r);
}

void
mc_rollup_forget(struct mc_rollup *r)
{
	int i;

	for (i = 0; i < MC_ROLLUP_ALL; i++) {
		if (r->level[i].n > 0)
			memset(r->level[i].slot, 0,
			    r->level[i].slots * sizeof(uint32_t));
		r->level[i].n = r->level[i].last = 0;
	}
	r->reopening.n = 0;
}

static bool
is_at(const struct cell *c, int32_t period, int32_t procedure, int32_t unit)
{
	return c->period == period && c->procedure == procedure &&
	       c->unit == unit;
}

static uint32_t
seat(const struct level *l, int32_t period, int32_t procedure, int32_t unit)
{
	uint64_t h = (uint64_t)(uint32_t)period * 0x9e3779b97f4a7c15u ^
		     (uint64_t)(uint32_t)procedure * 0xc2b2ae3d27d4eb4fu ^
		     (uint64_t)(uint32_t)unit * 0x165667b19e3779f9u;
	uint32_t mask = l->slots - 1, i = (uint32_t)(h >> 32) & mask;

	while (l->slot[i] != 0 &&
	       !is_at(&l->cell[l->slot[i] - 1], period, procedure, unit))
		i = (i + 1) & mask;
	return i;
}

static void
grow(struct level *l)
{
	uint32_t i;

	l->slots = l->slots == 0 ? 1024 : l->slots * 2;
	free(l->slot);
	l->slot = mc_calloc(l->slots, sizeof(*l->slot));
	for (i = 0; i < l->n; i++)
		l->slot[seat(l, l->cell[i].period, l->cell[i].procedure,
		    l->cell[i].unit)] = i + 1;
}

static struct cell *
cell_of(struct level *l, int32_t period, int32_t procedure, int32_t unit)
{
	uint32_t at;

	/* An event posts to the same one twice. */
	if (l->n > 0 && is_at(&l->cell[l->last], period, procedure, unit))
		return &l->cell[l->last];
	if (l->n + 1 > l->slots / 2)
		grow(l);
	at = seat(l, period, procedure, unit);
	if (l->slot[at] == 0) {
		if (l->n == l->cap) {
			l->cap = l->cap == 0 ? 512 : l->cap * 2;
			l->cell = mc_realloc(l->cell, l->cap, sizeof(*l->cell));
		}
		l->cell[l->n] = (struct cell){ period, procedure, unit, { 0 } };
		l->slot[at] = ++l->n;
	}
	l->last = l->slot[at] - 1;
	return &l->cell[l->last];
}

void
mc_rollup_post(struct mc_rollup *r, const struct mc_posting *p)
{
	struct level *l = &r->level[p->child ? MC_ROLLUP_LEVELS : 0];

	cell_of(l, p->day, p->procedure, p->unit)->c[p->counter] += p->delta;
}

void
mc_rollup_reopened(
    struct mc_rollup *r, const struct mc_reopening *p, int32_t times)
{
	struct mc_reopening taken = *p;

	taken.finish.delta *= times;
	mc_vec_push(&r->reopening, taken);
}

static int
by_key(const void *va, const void *vb)
{
	const struct cell *a = va, *b = vb;

	if (a->period != b->period)
		return a->period < b->period ? -1 : 1;
	if (a->procedure != b->procedure)
		return a->procedure < b->procedure ? -1 : 1;
	return (a->unit > b->unit) - (a->unit < b->unit);
}

static void
write_level(struct level *l, int level, struct mc_db *db)
{
	static const int32_t none[MC_C__COUNT];
	uint32_t i;
	const struct cell *c;

	/* In key order, so that the table is walked once. */
	if (l->n > 1)
		qsort(l->cell, l->n, sizeof(*l->cell), by_key);
	for (i = 0; i < l->n; i++) {
		c = &l->cell[i];
		if (memcmp(c->c, none, sizeof(none)) == 0)
			continue;
		mc_db_run_later(db, MC_SQL_ROLLUP_ADD,
		    MC_ARGS(MC_INT(level), MC_INT(c->period),
			MC_INT(c->procedure), MC_INT(c->unit), MC_INT(c->c[0]),
			MC_INT(c->c[1]), MC_INT(c->c[2]), MC_INT(c->c[3]),
			MC_INT(c->c[4]), MC_INT(c->c[5]), MC_INT(c->c[6]),
			MC_INT(c->c[7]), MC_INT(c->c[8]), MC_INT(c->c[9])));
	}
}

/* What a level gathered is part of the next. */
static void
add_up(struct level *to, const struct level *below)
{
	struct cell *c;
	uint32_t i;
	int k;

	for (i = 0; i < below->n; i++) {
		c = cell_of(to, below->cell[i].period >> MC_ROLLUP_SHIFT,
		    below->cell[i].procedure, below->cell[i].unit);
		for (k = 0; k < MC_C__COUNT; k++)
			c->c[k] += below->cell[i].c[k];
	}
}

static void
write_reopening(const struct mc_reopening *r, struct mc_db *db)
{
	const struct mc_posting *p = &r->finish;
#define DELTA(c) MC_INT(p->counter == (c) ? p->delta : 0)

	mc_db_run_later(db, MC_SQL_REOPENING_ADD,
	    MC_ARGS(MC_INT(r->day), MC_INT(p->day), MC_INT(p->procedure),
		MC_INT(p->unit), MC_INT(p->child), DELTA(MC_C_EARLY),
		DELTA(MC_C_ON_TIME), DELTA(MC_C_LATE), DELTA(MC_C_CLOSED)));
#undef DELTA
}

void
mc_rollup_flush(struct mc_rollup *r, struct mc_db *db)
{
	size_t i;
	int level;

	for (level = 1; level < MC_ROLLUP_ALL; level++)
		if (level % MC_ROLLUP_LEVELS != 0)
			add_up(&r->level[level], &r->level[level - 1]);
	for (level = 0; level < MC_ROLLUP_ALL; level++)
		write_level(&r->level[level], level, db);
	for (i = 0; i < r->reopening.n; i++)
		write_reopening(&r->reopening.p[i], db);
	mc_rollup_forget(r);
}
