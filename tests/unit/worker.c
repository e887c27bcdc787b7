/*
 * worker.c - unit tests of worker.h: every job is done once; in order, where
 * a worker does them so; and with no thread to be had, too.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

#include <motcua/worker.h>

#define RND_SEED 4711
#include "rnd.h"
#include "tap.h"

#define JOBS 20000
#define WORKERS 5

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* What one worker did. */
struct line {
	struct mc_worker *w;
	enum mc_worker_order order;
	int given;
	atomic_int done, at_once;
	atomic_bool together; /* two of its jobs were done at one time */
	atomic_bool disorder;
};

struct counted {
	struct mc_job job; /* first */
	struct line *of;
	int number;
	int times;
};
static struct counted job[JOBS];

static void
count(struct mc_job *j)
{
	struct counted *c = (struct counted *)j;
	struct line *l = c->of;

	if (atomic_fetch_add(&l->at_once, 1) > 0)
		l->together = true;
	if (atomic_fetch_add(&l->done, 1) != c->number)
		l->disorder = true;
	c->times++;
	atomic_fetch_sub(&l->at_once, 1);
}

/* Until it is let, which is_done() must not wait for. */
static void
stand(struct mc_job *j)
{
	(void)j;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void
give(struct counted *c, struct line *l)
{
	*c = (struct counted){
		.job = { .work = count }, .of = l, .number = l->given++
	};
	mc_worker_give(l->w, &c->job);
}

/*
 * One worker, every n-th job waited for.  Of one that does them in order all
 * before it are done then.
 */
static void
round_of(int n, enum mc_worker_order order)
{
	struct line l = { .w = mc_worker_new(order), .order = order };
	int i, k, wrong = 0;

	OK(!mc_worker_runs(l.w));
	for (i = 0; i < JOBS; i++) {
		give(&job[i], &l);
		if (i % n != n - 1)
			continue;
		mc_worker_wait(l.w, &job[i].job);
		wrong += !mc_job_is_done(&job[i].job);
		for (k = i - n + 1; order != MC_SIDE_BY_SIDE && k < i; k++)
			wrong += !mc_job_is_done(&job[k].job);
		mc_worker_wait(l.w, &job[i / 2].job);
	}
	OK(mc_worker_runs(l.w));
	IS(wrong, 0);
	mc_worker_free(l.w);
	IS(l.done, JOBS);
	for (i = 0; i < JOBS; i++)
		wrong += job[i].times != 1;
	IS(wrong, 0);
	if (order != MC_SIDE_BY_SIDE)
		OK(!l.together && !l.disorder);
}

/* Many workers at once, with waits and ends at random. */
static void
crowd(void)
{
	static const enum mc_worker_order orders[] = { MC_IN_ORDER,
		MC_SIDE_BY_SIDE, MC_MAY_BLOCK };
	struct line line[WORKERS] = { 0 }, *l;
	struct counted *last[WORKERS] = { 0 };
	int i, k, wrong = 0;

	for (i = 0; i < JOBS; i++) {
		k = (int)rnd(WORKERS);
		l = &line[k];
		if (l->w == NULL) {
			*l = (struct line){ .order = orders[k % 3] };
			l->w = mc_worker_new(l->order);
		}
		give(&job[i], l);
		last[k] = &job[i];
		k = (int)rnd(WORKERS);
		l = &line[k];
		if (l->w == NULL || rnd(8) != 0)
			continue;
		if (rnd(8) != 0) {
			mc_worker_wait(l->w, &last[k]->job);
			wrong += last[k]->times != 1;
		} else {
			mc_worker_free(l->w);
			l->w = NULL;
			wrong += l->done != l->given;
		}
		wrong +=
		    l->order != MC_SIDE_BY_SIDE && (l->together || l->disorder);
	}
	for (k = 0; k < WORKERS; k++)
		mc_worker_free(line[k].w);
	for (i = 0; i < JOBS; i++)
		wrong += job[i].times != 1;
	IS(wrong, 0);
}

/* A sanitizer would stop here, for want of memory of its own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* Where no thread can be begun, who waits does the jobs. */
static void
no_thread(void)
{
	struct line l = { .w = mc_worker_new(MC_IN_ORDER) }, other;
	struct mc_worker *in_order = mc_worker_new(MC_IN_ORDER),
			 *may_block = mc_worker_new(MC_MAY_BLOCK);
	struct rlimit was, none;
	int i;

	getrlimit(RLIMIT_AS, &was);
	none = was;
	none.rlim_cur = 1;
	setrlimit(RLIMIT_AS, &none);
	for (i = 0; i < 10; i++)
		give(&job[i], &l);
	IS(l.done, 0);
	mc_worker_wait(l.w, &job[4].job);
	IS(l.done, 5);
	mc_worker_free(l.w);
	IS(l.done, 10);
	/* What may block is in nobody's way but its own. */
	l = (struct line){ .w = may_block };
	other = (struct line){ .w = in_order };
	give(&job[0], &l);
	give(&job[1], &other);
	mc_worker_wait(other.w, &job[1].job);
	IS(l.done, 0);
	mc_worker_wait(l.w, &job[0].job);
	IS(l.done, 1);
	mc_worker_free(other.w);
	mc_worker_free(l.w);
	setrlimit(RLIMIT_AS, &was);
}

/* Sleeps until it is let, and not for ever. */
struct sleeper {
	struct mc_job job; /* first */
	const atomic_int *let;
	int most; /* centiseconds */
	atomic_bool begun;
};

static void
sleep_on(struct mc_job *j)
{
	static const struct timespec nap = { 0, 10000000 };
	struct sleeper *s = (struct sleeper *)j;

	s->begun = true;
	for (; *s->let == 0 && s->most > 0; s->most--)
		nanosleep(&nap, NULL);
}

/*
 * A single thread that goes from the job before the one that is waited for to
 * one that blocks: whoever waits goes on without it.
 */
static void
single_thread(void)
{
	struct line l = { .w = mc_worker_new(MC_IN_ORDER) };
	struct mc_worker *pipe = mc_worker_new(MC_MAY_BLOCK);
	static const atomic_int never;
	struct sleeper before = {
		.job = { .work = sleep_on }, .let = &never, .most = 20
	};
	struct sleeper reader = {
		.job = { .work = sleep_on }, .let = &l.done, .most = 1000
	};
	struct rlimit was, none;

	mc_worker_give(l.w, &before.job);
	while (!before.begun)
		;
	getrlimit(RLIMIT_AS, &was);
	none = was;
	none.rlim_cur = 1;
	setrlimit(RLIMIT_AS, &none);
	mc_worker_give(pipe, &reader.job);
	give(&job[0], &l);
	mc_worker_wait(l.w, &job[0].job);
	mc_worker_wait(pipe, &reader.job);
	OK(reader.most > 0);
	mc_worker_free(pipe);
	mc_worker_free(l.w);
	setrlimit(RLIMIT_AS, &was);
}

static void
few_threads(void)
{
	no_thread();
	single_thread();
}

#else

static void
few_threads(void)
{
}

#endif

int
main(void)
{
	struct mc_worker *w = mc_worker_new(MC_IN_ORDER);
	struct mc_job slow = { .work = stand };

	mc_worker_free(w);
	mc_worker_free(NULL);
	few_threads();
	w = mc_worker_new(MC_IN_ORDER);
	pthread_mutex_lock(&gate);
	mc_worker_give(w, &slow);
	OK(!mc_job_is_done(&slow));
	pthread_mutex_unlock(&gate);
	mc_worker_wait(w, &slow);
	OK(mc_job_is_done(&slow));
	mc_worker_free(w);
	round_of(1, MC_IN_ORDER);
	round_of(7, MC_IN_ORDER);
	round_of(JOBS, MC_IN_ORDER);
	round_of(7, MC_MAY_BLOCK);
	round_of(7, MC_SIDE_BY_SIDE);
	round_of(JOBS, MC_SIDE_BY_SIDE);
	crowd();
	return tap_done();
}
