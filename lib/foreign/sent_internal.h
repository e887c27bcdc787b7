/* sent_internal.h - between sent.c and sent_count.c. */
#ifndef MOTCUA_SENT_INTERNAL_H
#define MOTCUA_SENT_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <motcua/sent.h>

/*
 * A line under way: it has left when off is at `to`.  Two take turns, so that
 * one of them always says how many have left, whatever has been stored of the
 * other.
 */
struct sent_slot {
	volatile int64_t index; /* of the line */
	volatile off_t to, off; /* `to` is never 0 */
};
struct sent_counter {
	volatile int64_t batch; /* 0: none */
	struct sent_slot slot[2];
};

/* The file's content. */
struct sent_shared {
	struct sent_counter counter;
	volatile int64_t segment; /* id, which may be 0; -1: there is none */
	/* The file, if it is one, that the line `index` went to the end of. */
	struct {
		volatile int64_t index; /* -1: none */
		int64_t dev, ino, size, len;
		char path[PATH_MAX];
		char line[MC_SENT_LINE];
	} append;
};

struct sent_count {
	int fd;                       /* of the file */
	struct sent_shared *file;     /* mapped */
	struct sent_counter *segment; /* NULL: the file counts itself */
	bool writable;
};

/* Go on with the file's batch, if it has one. */
void mc_sent_count_attach(struct sent_count *c);
/* Only a process that is killed leaves its segment. */
void mc_sent_count_detach(struct sent_count *c);
void mc_sent_count_begin(struct sent_count *c, int64_t batch);
/* No batch from now on. */
void mc_sent_count_end(struct sent_count *c);
int64_t mc_sent_count_batch(const struct sent_count *c);
/* How many lines of the batch have left. */
int64_t mc_sent_count_now(const struct sent_count *c);
/* The slot for that line, whose position goes from `from` to `to`. */
struct sent_slot *mc_sent_count_prepare(
    struct sent_count *c, int64_t index, off_t from, off_t to);
/* It has left, if the slot does not say so already. */
void mc_sent_count_left(
    struct sent_count *c, struct sent_slot *slot, int64_t index);

#endif
