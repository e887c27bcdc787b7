/* db_lock.c - one writer at a time, and in fair turn; see motcua/db.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "db_internal.h"

static int64_t
clock_ms(void)
{
	struct timespec t;

	/* How long we have waited; the time of day is never asked here. */
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait for try(fd) to succeed, in small steps, until `until`. */
static int
wait_for(int (*try)(int fd), int fd, int64_t until)
{
	struct timespec nap = { 0, 500000 };

	while (try(fd) == -1) {
		if (errno != EWOULDBLOCK && errno != EAGAIN &&
		    errno != EACCES && errno != EINTR)
			return -1;
		if (clock_ms() >= until) {
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 4000000)
			nap.tv_nsec *= 2;
	}
	return 0;
}

static int
try_turn(int fd)
{
	struct flock l = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1 };

	return fcntl(fd, F_SETLK, &l);
}

bool
mc_db_wanted(const struct mc_db *db)
{
	struct flock l = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1 };

	/* Who waits for the lock holds the turnstile. */
	return db->lock_fd != -1 &&
	       (fcntl(db->lock_fd, F_GETLK, &l) == -1 || l.l_type != F_UNLCK);
}

static int
try_lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB);
}

static void
leave_turn(int fd)
{
	struct flock l = { .l_type = F_UNLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 1 };

	fcntl(fd, F_SETLK, &l);
}

static int
busy(struct mc_db *db, struct mc_err *err)
{
	char pid[24] = "";
	ssize_t n = pread(db->lock_fd, pid, sizeof(pid) - 1, 1);
	long who = n > 0 ? strtol(pid, NULL, 10) : 0;

	if (who > 0)
		mc_err(err, MC_EBUSY, "E_BUSY",
		    "%s: still locked by process %ld after %d seconds",
		    db->path, who, MC_DB_WAIT_MS / 1000);
	else
		mc_err(err, MC_EBUSY, "E_BUSY",
		    "%s: still locked by another process after %d seconds",
		    db->path, MC_DB_WAIT_MS / 1000);
	return mc_err_advise(err, "try again; nothing was written");
}

int
mc_db_lock(struct mc_db *db, struct mc_err *err)
{
	int64_t until = clock_ms() + MC_DB_WAIT_MS;
	char pid[24];
	int n, rc;

	if (wait_for(try_turn, db->lock_fd, until) == -1)
		return errno == EWOULDBLOCK
			   ? busy(db, err)
			   : mc_err_sys(err, errno, "%s.lock", db->path);
	rc = wait_for(try_lock, db->lock_fd, until);
	n = errno;
	leave_turn(db->lock_fd);
	if (rc == -1)
		return n == EWOULDBLOCK
			   ? busy(db, err)
			   : mc_err_sys(err, n, "%s.lock", db->path);
	/* For the message of whoever waits in vain; byte 0 is the turnstile. */
	n = snprintf(pid, sizeof(pid), " %ld\n", (long)getpid());
	if (pwrite(db->lock_fd, pid, (size_t)n, 0) != n)
		return mc_err_sys(err, errno, "%s.lock", db->path);
	return 0;
}

void
mc_db_unlock(struct mc_db *db)
{
	if (db->lock_fd != -1)
		flock(db->lock_fd, LOCK_UN);
}
