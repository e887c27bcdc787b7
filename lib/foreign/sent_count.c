/*
 * sent_count.c - how many lines of a batch have left.
 *
 * The kernel stores the position of sendfile(2) at the caller's address after
 * it has written.  That store must not fail: a process under SIGKILL that
 * meets a page fault there which cannot be served at once dies without it,
 * and the line is sent again.  A page of a file is such a page whenever the
 * file is being written back.  A segment of System V shared memory is not: it
 * has no file, nobody writes it back, and it outlives the process.  The file
 * keeps the segment's id, and a copy of the count for the time after a
 * reboot, or where there is no such memory.
 */
#define _GNU_SOURCE /* SHM_LOCK */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "sent_internal.h"

#define PRIVATE 0660

/* ---- a counter ---- */

static int64_t
says(const struct sent_slot *slot)
{
	return slot->index + (slot->off == slot->to);
}

static int64_t
lines(const struct sent_counter *n)
{
	int64_t a = says(&n->slot[0]), b = says(&n->slot[1]);

	return a > b ? a : b;
}

/* Each store leaves a state in which lines() is right. */
static struct sent_slot *
put(struct sent_counter *n, int64_t index, off_t from, off_t to)
{
	struct sent_slot *slot = &n->slot[index & 1];

	slot->off = 0;
	slot->index = index;
	slot->to = to;
	slot->off = from;
	return slot;
}

/* ---- the segment ---- */

/* Ours to trust: of that size, and nobody's outside owner and group. */
static bool
is_ours(int id)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) == 0 &&
	       ds.shm_segsz >= sizeof(struct sent_counter) &&
	       (ds.shm_perm.mode & 07) == 0;
}

static struct sent_counter *
attach(int id, bool writable)
{
	void *p = shmat(id, NULL, writable ? 0 : SHM_RDONLY);

	return (intptr_t)p == -1 ? NULL : p;
}

/* Whoever may use the file may use the segment. */
static void
share(int id, int fd)
{
	struct shmid_ds ds;
	struct stat st;

	if (fstat(fd, &st) == -1 || shmctl(id, IPC_STAT, &ds) == -1)
		return;
	ds.shm_perm.gid = st.st_gid;
	ds.shm_perm.mode = PRIVATE;
	(void)shmctl(id, IPC_SET, &ds);
	/* So that it is not swapped out either; else it nearly never is. */
	(void)shmctl(id, SHM_LOCK, NULL);
}

static void
create(struct sent_count *c)
{
	int id = shmget(IPC_PRIVATE, sizeof(*c->segment), IPC_CREAT | PRIVATE);

	if (id == -1)
		return;
	share(id, c->fd);
	c->segment = attach(id, true);
	if (c->segment == NULL) {
		(void)shmctl(id, IPC_RMID, NULL);
		return;
	}
	*c->segment = c->file->counter;
	c->file->segment = id;
}

/* The one that the file names, if it is there and of the same batch. */
static void
find(struct sent_count *c)
{
	const struct sent_shared *m = c->file;
	struct sent_counter *p;

	if (m->segment < 0 || !is_ours((int)m->segment) ||
	    (p = attach((int)m->segment, c->writable)) == NULL)
		return;
	/* After a reboot the id may be another's. */
	if (p->batch == m->counter.batch)
		c->segment = p;
	else
		shmdt(p);
}

void
mc_sent_count_attach(struct sent_count *c)
{
	if (c->file->counter.batch == 0)
		return;
	find(c);
	if (c->writable && c->segment == NULL)
		create(c);
}

/* What the segment says, into the file. */
static void
copy(const struct sent_count *c)
{
	int64_t n = lines(c->segment);

	if (n > lines(&c->file->counter))
		put(&c->file->counter, n - 1, 0, 1)->off = 1;
}

void
mc_sent_count_detach(struct sent_count *c)
{
	int64_t id;

	if (c->segment != NULL && c->writable) {
		/* No line is under way: the file's copy is right, once it has
		 * the line whose run was killed before it could copy.  Another
		 * user's segment stays, a page until the next reboot. */
		copy(c);
		id = c->file->segment;
		c->file->segment = -1;
		(void)shmctl((int)id, IPC_RMID, NULL);
	}
	if (c->segment != NULL)
		shmdt(c->segment);
	c->segment = NULL;
}

/* ---- counting ---- */

static struct sent_counter *
counter(const struct sent_count *c)
{
	return c->segment != NULL ? c->segment : &c->file->counter;
}

int64_t
mc_sent_count_batch(const struct sent_count *c)
{
	return c->file->counter.batch;
}

int64_t
mc_sent_count_now(const struct sent_count *c)
{
	return lines(counter(c));
}

struct sent_slot *
mc_sent_count_prepare(struct sent_count *c, int64_t index, off_t from, off_t to)
{
	return put(counter(c), index, from, to);
}

void
mc_sent_count_left(struct sent_count *c, struct sent_slot *slot, int64_t index)
{
	if (slot->off != slot->to)
		slot->off = slot->to;
	if (c->segment != NULL)
		put(&c->file->counter, index, 0, 1)->off = 1;
}

void
mc_sent_count_begin(struct sent_count *c, int64_t batch)
{
	struct sent_counter *n = &c->file->counter;
	int i;

	mc_sent_count_end(c);
	for (i = 0; i < 2; i++) {
		n->slot[i].off = 0;
		n->slot[i].to = 1;
		n->slot[i].index = 0;
	}
	n->batch = batch;
	create(c);
}

void
mc_sent_count_end(struct sent_count *c)
{
	c->file->counter.batch = 0;
	mc_sent_count_detach(c);
}
