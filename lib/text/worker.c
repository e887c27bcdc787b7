/* worker.c - see motcua/worker.h. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/mem.h>
#include <motcua/worker.h>

struct mc_worker {
	enum mc_worker_order order;
	bool begun;
	struct mc_job *first, *last; /* not begun yet */
	unsigned at_work;            /* jobs that are being done */
	bool ends;                   /* its last ones are waited for */
	const struct mc_job *awaited;
	struct mc_worker *next;
};

#define MOST 4 /* no more is there to do at once, and each takes memory */

/*
 * The threads.  With one for each worker more of them are ready than there
 * are processors, and the kernel leaves one of those idle for milliseconds
 * while a thread waits in the other's queue: a thirteenth of an import.
 */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t given, done;
	struct mc_worker *first;
	uint64_t number;
	int threads, idle, most;
	bool stop;
	pthread_t thread[MOST];
} crew = { .mutex = PTHREAD_MUTEX_INITIALIZER,
	.given = PTHREAD_COND_INITIALIZER,
	.done = PTHREAD_COND_INITIALIZER };

/* A job that waits for another may wait for what its own thread is at. */
static _Thread_local bool in_job;

/* And who gives the jobs: a thread to spare, as one waits for the disk often. */
static int
most_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MOST ? MOST : (int)n;
}

struct mc_worker *
mc_worker_new(enum mc_worker_order order)
{
	struct mc_worker *w = mc_calloc(1, sizeof(*w));

	w->order = order;
	pthread_mutex_lock(&crew.mutex);
	if (crew.most == 0)
		crew.most = most_threads();
	w->next = crew.first;
	crew.first = w;
	pthread_mutex_unlock(&crew.mutex);
	return w;
}

static bool
may_begin(const struct mc_worker *w)
{
	return w->first != NULL &&
	       (w->at_work == 0 || w->order == MC_SIDE_BY_SIDE);
}

/*
 * The worker whose job is the oldest that may be begun now; NULL: none is.
 * Who waits for a worker is held up by what blocks there, but nowhere else.
 */
static struct mc_worker *
oldest(const struct mc_worker *waiting_for)
{
	struct mc_worker *w, *best = NULL;

	for (w = crew.first; w != NULL; w = w->next)
		if (may_begin(w) &&
		    (waiting_for == NULL || w->order != MC_MAY_BLOCK ||
			w == waiting_for) &&
		    (best == NULL || w->first->number < best->first->number))
			best = w;
	return best;
}

/* There is more that may be begun, and somebody who could. */
static void
call_another(void)
{
	if (crew.idle > 0 && oldest(NULL) != NULL)
		pthread_cond_signal(&crew.given);
}

/* Whichever is due.  False: there is none that may be begun. */
static bool
do_job(const struct mc_worker *waiting_for)
{
	struct mc_worker *w = oldest(waiting_for);
	struct mc_job *job;

	if (w == NULL)
		return false;
	job = w->first;
	w->first = job->next;
	w->at_work++;
	call_another();
	/* We may be long: what was left to us is for whoever waits. */
	if (w->order == MC_MAY_BLOCK)
		pthread_cond_broadcast(&crew.done);
	pthread_mutex_unlock(&crew.mutex);
	in_job = true;
	job->work(job);
	in_job = false;
	pthread_mutex_lock(&crew.mutex);
	w->at_work--;
	job->done = true;
	if (job == w->awaited || w->ends)
		pthread_cond_broadcast(&crew.done);
	return true;
}

static void *
run(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&crew.mutex);
	for (;;) {
		if (do_job(NULL))
			continue;
		if (crew.stop)
			break;
		crew.idle++;
		pthread_cond_wait(&crew.given, &crew.mutex);
		crew.idle--;
	}
	pthread_mutex_unlock(&crew.mutex);
	return NULL;
}

/* Somebody is to see to what may be begun. */
static void
call_one(void)
{
	if (crew.idle > 0)
		pthread_cond_signal(&crew.given);
	else if (crew.threads < crew.most &&
		 pthread_create(&crew.thread[crew.threads], NULL, run, NULL) ==
		     0)
		crew.threads++;
}

void
mc_worker_give(struct mc_worker *w, struct mc_job *job)
{
	job->next = NULL;
	job->done = false;
	pthread_mutex_lock(&crew.mutex);
	job->number = crew.number++;
	if (w->first == NULL)
		w->first = job;
	else
		w->last->next = job;
	w->last = job;
	w->begun = true;
	call_one();
	pthread_mutex_unlock(&crew.mutex);
}

static void
wait_for(struct mc_worker *w, const struct mc_job *job)
{
	bool helped = false;

	assert(!in_job);
	while (!job->done) {
		if (do_job(w)) {
			helped = true;
			continue;
		}
		w->awaited = job;
		pthread_cond_wait(&crew.done, &crew.mutex);
		w->awaited = NULL;
	}
	/* What our last job was in the way of, nobody was called for. */
	if (helped)
		call_another();
}

void
mc_worker_wait(struct mc_worker *w, const struct mc_job *job)
{
	if (!w->begun)
		return;
	pthread_mutex_lock(&crew.mutex);
	wait_for(w, job);
	pthread_mutex_unlock(&crew.mutex);
}

static void
unlink_worker(const struct mc_worker *w)
{
	struct mc_worker **at = &crew.first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

/* The last worker's end is the threads', too. */
static void
dismiss(void)
{
	int i;

	crew.stop = true;
	pthread_cond_broadcast(&crew.given);
	pthread_mutex_unlock(&crew.mutex);
	for (i = 0; i < crew.threads; i++)
		pthread_join(crew.thread[i], NULL);
	pthread_mutex_lock(&crew.mutex);
	crew.threads = 0;
	crew.stop = false;
}

void
mc_worker_free(struct mc_worker *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&crew.mutex);
	w->ends = true;
	while (w->first != NULL || w->at_work > 0)
		if (!do_job(w))
			pthread_cond_wait(&crew.done, &crew.mutex);
	call_another();
	unlink_worker(w);
	if (crew.first == NULL)
		dismiss();
	pthread_mutex_unlock(&crew.mutex);
	free(w);
}

bool
mc_job_is_done(const struct mc_job *job)
{
	bool done;

	pthread_mutex_lock(&crew.mutex);
	done = job->done;
	pthread_mutex_unlock(&crew.mutex);
	return done;
}

bool
mc_worker_runs(const struct mc_worker *w)
{
	return w->begun;
}
