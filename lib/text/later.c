/* later.c - see motcua/later.h. */
#include <stdlib.h>

#include <motcua/later.h>
#include <motcua/mem.h>
#include <motcua/worker.h>

#define CHUNKS 64

struct chunk {
	struct mc_job job; /* first */
	const struct mc_later *l;
	struct mc_buf buf;
};

struct mc_later {
	size_t full; /* of a chunk */
	void (*work)(void *arg, const char *p, size_t n);
	void *arg;
	struct mc_worker *worker;
	/*
	 * One chunk is being filled; given[tail] to given[head - 1] are the
	 * worker's; of the others that which was in use last is in a cache
	 * yet, and used first.
	 */
	struct chunk chunk[CHUNKS], *filling;
	struct chunk *given[CHUNKS], *spare[CHUNKS];
	unsigned head, tail, spares;
};

static void
do_chunk(struct mc_job *job)
{
	const struct chunk *c = (const struct chunk *)job;

	c->l->work(c->l->arg, c->buf.p, c->buf.len);
}

struct mc_later *
mc_later_new(
    size_t chunk, void (*work)(void *arg, const char *p, size_t n), void *arg)
{
	struct mc_later *l = mc_calloc(1, sizeof(*l));
	int i;

	l->full = chunk;
	l->work = work;
	l->arg = arg;
	l->worker = mc_worker_new(MC_IN_ORDER);
	for (i = 0; i < CHUNKS; i++) {
		l->chunk[i].job.work = do_chunk;
		l->chunk[i].l = l;
		l->spare[l->spares++] = &l->chunk[i];
	}
	l->filling = l->spare[--l->spares];
	return l;
}

/*
 * Those that are done are spare again, the last one uppermost.  If there is
 * none, half of them is waited for: to be woken for each costs more.
 */
static void
take_back(struct mc_later *l)
{
	if (l->spares == 0)
		mc_worker_wait(
		    l->worker, &l->given[(l->tail + CHUNKS / 2) % CHUNKS]->job);
	while (l->tail != l->head &&
	       mc_job_is_done(&l->given[l->tail % CHUNKS]->job))
		l->spare[l->spares++] = l->given[l->tail++ % CHUNKS];
}

struct mc_buf *
mc_later_piece(struct mc_later *l)
{
	return &l->filling->buf;
}

unsigned
mc_later_hand(struct mc_later *l)
{
	l->given[l->head++ % CHUNKS] = l->filling;
	mc_worker_give(l->worker, &l->filling->job);
	take_back(l);
	l->filling = l->spare[--l->spares];
	mc_buf_reset(&l->filling->buf);
	return l->head;
}

void
mc_later_added(struct mc_later *l)
{
	if (l->filling->buf.len >= l->full)
		mc_later_hand(l);
}

void
mc_later_wait(struct mc_later *l, unsigned number)
{
	/* They are done in order. */
	if ((int)(number - l->tail) > 0)
		mc_worker_wait(
		    l->worker, &l->given[(number - 1) % CHUNKS]->job);
}

void
mc_later_drain(struct mc_later *l)
{
	struct mc_buf *b = &l->filling->buf;

	mc_later_wait(l, l->head);
	if (b->len > 0)
		l->work(l->arg, b->p, b->len);
	mc_buf_reset(b);
}

bool
mc_later_idle(const struct mc_later *l)
{
	return !mc_worker_runs(l->worker) && l->filling->buf.len == 0;
}

void
mc_later_drop(struct mc_later *l)
{
	mc_later_wait(l, l->head);
	mc_buf_reset(&l->filling->buf);
}

void
mc_later_free(struct mc_later *l)
{
	int i;

	if (l == NULL)
		return;
	mc_worker_free(l->worker);
	for (i = 0; i < CHUNKS; i++)
		mc_buf_free(&l->chunk[i].buf);
	free(l);
}
