/*
 * worker.h - jobs done beside, by the few threads of the process.
 *
 * A job is the caller's memory, from when it is given until it was waited
 * for; what it gives is in it then.  One thread gives a worker its jobs and
 * waits for them.
 *
 * A worker is a line of jobs and has no thread of its own.  All of them share
 * as many as there are processors, whichever job was given first is begun
 * first, and who waits does jobs meanwhile, of any worker.  So a job must
 * not wait for another, one that may wait for something else says so, and
 * where no thread is to be had everything is done by those who wait.
 */
#ifndef MOTCUA_WORKER_H
#define MOTCUA_WORKER_H

#include <stdbool.h>
#include <stdint.h>

/* To be embedded; work() finds the rest around it. */
struct mc_job {
	void (*work)(struct mc_job *job);
	struct mc_job *next; /* the worker's, as are these */
	uint64_t number;
	bool done;
};

enum mc_worker_order {
	MC_IN_ORDER,     /* one job at a time, in the order they are given */
	MC_SIDE_BY_SIDE, /* begun in that order, and they share nothing */
	/*
	 * In order, and a job may wait for what may never come, a pipe's input:
	 * it is not done by those who wait for another worker.
	 */
	MC_MAY_BLOCK
};

struct mc_worker;
struct mc_worker *mc_worker_new(enum mc_worker_order order);
void mc_worker_free(struct mc_worker *w); /* what was given is done first */

bool mc_worker_runs(const struct mc_worker *w); /* was it given a job yet? */
void mc_worker_give(struct mc_worker *w, struct mc_job *job);
void mc_worker_wait(struct mc_worker *w, const struct mc_job *job);
bool mc_job_is_done(const struct mc_job *job);

#endif
