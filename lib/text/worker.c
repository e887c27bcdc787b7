/* worker.c - see motcua/worker.h. */
#include <pthread.h>
#include <stdlib.h>

#include <motcua/mem.h>
#include <motcua/worker.h>

struct mc_worker {
	void (*leave)(void);
	struct mc_job *first, *last; /* not begun yet */
	const struct mc_job *awaited;
	bool running, stop;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t given, done;
};

struct mc_worker *
mc_worker_new(void (*leave)(void))
{
	struct mc_worker *w = mc_calloc(1, sizeof(*w));

	w->leave = leave;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->given, NULL);
	pthread_cond_init(&w->done, NULL);
	return w;
}

static void *
run(void *arg)
{
	struct mc_worker *w = arg;
	struct mc_job *job;

	pthread_mutex_lock(&w->mutex);
	for (;;) {
		while (w->first == NULL && !w->stop)
			pthread_cond_wait(&w->given, &w->mutex);
		if ((job = w->first) == NULL)
			break;
		w->first = job->next;
		pthread_mutex_unlock(&w->mutex);
		job->work(job);
		pthread_mutex_lock(&w->mutex);
		job->done = true;
		if (job != w->awaited)
			continue;
		/* Whoever wakes up takes the lock at once. */
		pthread_mutex_unlock(&w->mutex);
		pthread_cond_signal(&w->done);
		pthread_mutex_lock(&w->mutex);
	}
	pthread_mutex_unlock(&w->mutex);
	if (w->leave != NULL)
		w->leave();
	return NULL;
}

void
mc_worker_free(struct mc_worker *w)
{
	if (w == NULL)
		return;
	if (w->running) {
		pthread_mutex_lock(&w->mutex);
		w->stop = true;
		pthread_cond_signal(&w->given);
		pthread_mutex_unlock(&w->mutex);
		pthread_join(w->thread, NULL);
	}
	pthread_mutex_destroy(&w->mutex);
	pthread_cond_destroy(&w->given);
	pthread_cond_destroy(&w->done);
	free(w);
}

bool
mc_worker_runs(const struct mc_worker *w)
{
	return w->running;
}

void
mc_worker_give(struct mc_worker *w, struct mc_job *job)
{
	job->next = NULL;
	job->done = false;
	if (!w->running)
		w->running = pthread_create(&w->thread, NULL, run, w) == 0;
	if (!w->running) {
		job->work(job);
		job->done = true;
		return;
	}
	pthread_mutex_lock(&w->mutex);
	if (w->first == NULL)
		w->first = job;
	else
		w->last->next = job;
	w->last = job;
	pthread_mutex_unlock(&w->mutex);
	pthread_cond_signal(&w->given);
}

void
mc_worker_wait(struct mc_worker *w, const struct mc_job *job)
{
	if (!w->running)
		return;
	pthread_mutex_lock(&w->mutex);
	w->awaited = job;
	while (!job->done)
		pthread_cond_wait(&w->done, &w->mutex);
	w->awaited = NULL;
	pthread_mutex_unlock(&w->mutex);
}

bool
mc_worker_has_done(struct mc_worker *w, const struct mc_job *job)
{
	bool done;

	pthread_mutex_lock(&w->mutex);
	done = job->done;
	pthread_mutex_unlock(&w->mutex);
	return done;
}
