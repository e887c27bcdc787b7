/*
 * worker.h - a second thread that does jobs in the order they are given.
 *
 * A job is the caller's memory, from when it is given until it was waited
 * for; what it gives is in it then.  One thread gives jobs and waits for them.
 * The second begins with the first job, and where there is none to be had a
 * job is done as it is given.
 */
#ifndef MOTCUA_WORKER_H
#define MOTCUA_WORKER_H

#include <stdbool.h>

/* To be embedded; work() finds the rest around it. */
struct mc_job {
	void (*work)(struct mc_job *job);
	struct mc_job *next; /* the worker's, as is done */
	bool done;
};

struct mc_worker;
/* leave() is called as the thread ends; NULL: nothing to do. */
struct mc_worker *mc_worker_new(void (*leave)(void));
void mc_worker_free(struct mc_worker *w); /* what was given is done first */

bool mc_worker_runs(const struct mc_worker *w); /* has it a thread yet? */
void mc_worker_give(struct mc_worker *w, struct mc_job *job);
void mc_worker_wait(struct mc_worker *w, const struct mc_job *job);
bool mc_worker_has_done(struct mc_worker *w, const struct mc_job *job);

#endif
