/* worker.c - unit tests of worker.h: every job is done once, in order. */
#include <pthread.h>

#include <motcua/worker.h>

#include "tap.h"

#define JOBS 20000

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int order, left; /* the worker's; left: its thread has ended */

struct counted {
	struct mc_job job;
	int done_as; /* 1, 2, ... */
};
static struct counted job[JOBS];

static void
count(struct mc_job *j)
{
	((struct counted *)j)->done_as = ++order;
}

/* Until it is let, which has_done() must not wait for. */
static void
stand(struct mc_job *j)
{
	(void)j;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void
leave(void)
{
	left++;
}

/* All of them given, each n-th of them waited for. */
static void
round_of(int n)
{
	struct mc_worker *w = mc_worker_new(leave);
	int i, wrong = 0;

	order = left = 0;
	OK(!mc_worker_runs(w));
	for (i = 0; i < JOBS; i++) {
		job[i] = (struct counted){ .job = { .work = count } };
		mc_worker_give(w, &job[i].job);
		if (i % n == n - 1) {
			mc_worker_wait(w, &job[i].job);
			wrong += job[i].done_as != i + 1 ||
				 !mc_worker_has_done(w, &job[i].job);
			mc_worker_wait(w, &job[i / 2].job);
		}
	}
	OK(mc_worker_runs(w));
	IS(wrong, 0);
	mc_worker_free(w);
	IS(left, 1);
	for (i = 0; i < JOBS; i++)
		wrong += job[i].done_as != i + 1;
	IS(wrong, 0);
}

int
main(void)
{
	struct mc_worker *w = mc_worker_new(leave);
	struct mc_job slow = { .work = stand };

	/* Without a job no thread is begun. */
	left = 0;
	mc_worker_free(w);
	IS(left, 0);
	mc_worker_free(NULL);
	w = mc_worker_new(NULL);
	pthread_mutex_lock(&gate);
	mc_worker_give(w, &slow);
	OK(!mc_worker_has_done(w, &slow));
	pthread_mutex_unlock(&gate);
	mc_worker_wait(w, &slow);
	OK(mc_worker_has_done(w, &slow));
	mc_worker_free(w);
	round_of(1);
	round_of(7);
	round_of(JOBS);
	return tap_done();
}
