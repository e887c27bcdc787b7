/* later.c - see motcua/later.h. */
#include <pthread.h>
#include <stdlib.h>

#include <motcua/later.h>
#include <motcua/mem.h>

#define CHUNKS 64

struct mc_later {
	size_t full; /* of a chunk */
	void (*work)(void *arg, const char *p, size_t n);
	void (*leave)(void);
	void *arg;
	/*
	 * One chunk is being filled; given[tail] to given[head - 1] are the
	 * thread's; of the others that which was in use last is in a cache
	 * yet, and used first.
	 */
	struct mc_buf chunk[CHUNKS], *filling;
	struct mc_buf *given[CHUNKS], *spare[CHUNKS];
	unsigned head, tail, spares;
	bool running, stop;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t more, less;
};

struct mc_later *
mc_later_new(size_t chunk, void (*work)(void *arg, const char *p, size_t n),
    void (*leave)(void), void *arg)
{
	struct mc_later *l = mc_calloc(1, sizeof(*l));

	while (l->spares < CHUNKS - 1) {
		l->spare[l->spares] = &l->chunk[l->spares + 1];
		l->spares++;
	}
	l->filling = &l->chunk[0];
	l->full = chunk;
	l->leave = leave;
	l->work = work;
	l->arg = arg;
	pthread_mutex_init(&l->mutex, NULL);
	pthread_cond_init(&l->more, NULL);
	pthread_cond_init(&l->less, NULL);
	return l;
}

static void *
worker(void *arg)
{
	struct mc_later *l = arg;
	struct mc_buf *b;

	pthread_mutex_lock(&l->mutex);
	for (;;) {
		while (l->tail == l->head && !l->stop)
			pthread_cond_wait(&l->more, &l->mutex);
		if (l->tail == l->head)
			break;
		b = l->given[l->tail % CHUNKS];
		pthread_mutex_unlock(&l->mutex);
		l->work(l->arg, b->p, b->len);
		pthread_mutex_lock(&l->mutex);
		l->tail++;
		l->spare[l->spares++] = b;
		pthread_cond_signal(&l->less);
	}
	pthread_mutex_unlock(&l->mutex);
	if (l->leave != NULL)
		l->leave();
	return NULL;
}

static void
hand_over(struct mc_later *l)
{
	pthread_mutex_lock(&l->mutex);
	l->given[l->head++ % CHUNKS] = l->filling;
	pthread_cond_signal(&l->more);
	while (l->spares == 0)
		pthread_cond_wait(&l->less, &l->mutex);
	l->filling = l->spare[--l->spares];
	pthread_mutex_unlock(&l->mutex);
	mc_buf_reset(l->filling);
}

struct mc_buf *
mc_later_piece(struct mc_later *l)
{
	return l->filling;
}

unsigned
mc_later_hand(struct mc_later *l)
{
	if (!l->running && pthread_create(&l->thread, NULL, worker, l) == 0)
		l->running = true;
	if (l->running)
		hand_over(l);
	else
		mc_later_drain(l); /* no thread to be had: we do it */
	return l->head;
}

void
mc_later_added(struct mc_later *l)
{
	if (l->filling->len >= l->full)
		mc_later_hand(l);
}

void
mc_later_wait(struct mc_later *l, unsigned number)
{
	if (!l->running)
		return;
	pthread_mutex_lock(&l->mutex);
	while ((int)(number - l->tail) > 0)
		pthread_cond_wait(&l->less, &l->mutex);
	pthread_mutex_unlock(&l->mutex);
}

static void
wait_idle(struct mc_later *l)
{
	if (!l->running)
		return;
	pthread_mutex_lock(&l->mutex);
	while (l->tail != l->head)
		pthread_cond_wait(&l->less, &l->mutex);
	pthread_mutex_unlock(&l->mutex);
}

void
mc_later_drain(struct mc_later *l)
{
	struct mc_buf *b = l->filling;

	wait_idle(l);
	if (b->len > 0)
		l->work(l->arg, b->p, b->len);
	mc_buf_reset(b);
}

bool
mc_later_idle(const struct mc_later *l)
{
	return !l->running && l->filling->len == 0;
}

void
mc_later_drop(struct mc_later *l)
{
	wait_idle(l);
	mc_buf_reset(l->filling);
}

void
mc_later_free(struct mc_later *l)
{
	int i;

	if (l == NULL)
		return;
	if (l->running) {
		pthread_mutex_lock(&l->mutex);
		l->stop = true;
		pthread_cond_signal(&l->more);
		pthread_mutex_unlock(&l->mutex);
		pthread_join(l->thread, NULL);
	}
	for (i = 0; i < CHUNKS; i++)
		mc_buf_free(&l->chunk[i]);
	pthread_mutex_destroy(&l->mutex);
	pthread_cond_destroy(&l->more);
	pthread_cond_destroy(&l->less);
	free(l);
}
