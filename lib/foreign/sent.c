/* sent.c - see motcua/sent.h. */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <motcua/mem.h>

#include "sent_internal.h"

#define PAGE 4096
#define SOURCE_MAX (16 << 20) /* then the lines go into another file */
#define LOOK_MAX (64 << 20)   /* of a file that was appended to */

struct mc_sent {
	int fd;
	struct sent_shared *map; /* NULL: nothing to look at */
	struct sent_count count;
	int source; /* the lines, for sendfile(2); -1: none */
	off_t at;   /* its end */
	bool writable;
	bool plain; /* the output does not take sendfile(2) */
	bool named; /* append.path is that of the output */
	size_t cut; /* so much of append.line ends the file it went to */
};

/* ---- the file ---- */

/* At first often, for most runs are short. */
static int
nap(int waited_ms)
{
	int ms = waited_ms < 1000 ? 10 : 100;
	struct timespec t = { 0, ms * 1000000L };

	nanosleep(&t, NULL);
	return ms;
}

static int
lock(struct mc_sent *s, const char *what, struct mc_err *err)
{
	int waited = 0;

	while (flock(s->fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return mc_err_sys(err, errno, "%s", what);
		if (waited >= MC_SENT_WAIT_MS) {
			mc_err(err, MC_EBUSY, "E_BUSY",
			    "%s: another run has not ended after %d seconds",
			    what, MC_SENT_WAIT_MS / 1000);
			return mc_err_advise(
			    err, "try again; nothing was told");
		}
		waited += nap(waited);
	}
	return 0;
}

static int
map(struct mc_sent *s, const char *path, struct mc_err *err)
{
	void *p = mmap(NULL, sizeof(*s->map),
	    s->writable ? PROT_READ | PROT_WRITE : PROT_READ,
	    s->writable ? MAP_SHARED : MAP_PRIVATE, s->fd, 0);

	if (p == MAP_FAILED)
		return mc_err_sys(err, errno, "%s", path);
	s->map = p;
	s->count = (struct sent_count){
		.fd = s->fd, .file = p, .writable = s->writable
	};
	mc_sent_count_attach(&s->count);
	return 0;
}

static struct mc_sent *
new_sent(bool writable)
{
	struct mc_sent *s = mc_calloc(1, sizeof(*s));

	s->fd = s->source = -1;
	s->writable = writable;
	return s;
}

int
mc_sent_open(struct mc_sent **out, const char *path, const char *what,
    struct mc_err *err)
{
	struct mc_sent *s = new_sent(true);
	struct stat st;
	int rc = -1;

	*out = NULL;
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (s->fd == -1 || fstat(s->fd, &st) == -1)
		mc_err_sys(err, errno, "%s", path);
	else if (!S_ISREG(st.st_mode))
		mc_err(err, MC_EDATA, "E_FILE", "\"%s\" is not a regular file",
		    path);
	else if (lock(s, what, err) == 0) {
		/* Room on the disk now, not a SIGBUS later. */
		errno = posix_fallocate(s->fd, 0, sizeof(*s->map));
		rc = errno != 0 ? mc_err_sys(err, errno, "%s", path)
				: map(s, path, err);
	}
	if (rc == -1) {
		mc_sent_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

int
mc_sent_look(struct mc_sent **out, const char *path, struct mc_err *err)
{
	struct mc_sent *s = new_sent(false);
	struct stat st;

	*out = NULL;
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd == -1 ? errno != ENOENT
			: fstat(s->fd, &st) == -1 ||
			      (st.st_size >= (off_t)sizeof(*s->map) &&
				  map(s, path, err) == -1)) {
		if (err->code == MC_OK)
			mc_err_sys(err, errno, "%s", path);
		mc_sent_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
mc_sent_free(struct mc_sent *s)
{
	if (s == NULL)
		return;
	mc_sent_count_detach(&s->count);
	if (s->map != NULL)
		munmap(s->map, sizeof(*s->map));
	if (s->source != -1)
		close(s->source);
	if (s->fd != -1)
		close(s->fd);
	free(s);
}

/* ---- counting ---- */

void
mc_sent_begin(struct mc_sent *s, int64_t batch)
{
	s->map->append.index = -1;
	mc_sent_count_begin(&s->count, batch);
}

void
mc_sent_end(struct mc_sent *s)
{
	mc_sent_count_end(&s->count);
}

/* ---- was it appended? ---- */

/* All of the file behind that place, within reason. */
static void
read_tail(int fd, int64_t from, struct mc_buf *b)
{
	ssize_t k;

	do {
		k = pread(fd, mc_buf_room(b, PAGE), PAGE,
		    (off_t)(from + (int64_t)b->len));
		if (k > 0)
			b->len += (size_t)k;
	} while (k > 0 && b->len < LOOK_MAX);
}

static bool
is_file(const struct sent_shared *m, int fd, int64_t *size)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || (int64_t)st.st_dev != m->append.dev ||
	    (int64_t)st.st_ino != m->append.ino)
		return false;
	*size = (int64_t)st.st_size;
	return true;
}

/* Is it there?  Else *cut says how much of it ends the file. */
static bool
was_appended(const struct sent_shared *m, size_t *cut)
{
	struct mc_buf b = { 0 };
	size_t n = (size_t)m->append.len;
	bool found = false;
	int64_t size;
	int fd;

	*cut = 0;
	if (m->append.len <= 0 || m->append.len > MC_SENT_LINE ||
	    memchr(m->append.path, '\0', PATH_MAX) == NULL)
		return false;
	fd = open(
	    m->append.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return false;
	if (is_file(m, fd, &size)) {
		read_tail(fd, m->append.size, &b);
		if (b.len >= n)
			found = memmem(b.p, b.len, m->append.line, n) != NULL;
		else if (b.len > 0 && memcmp(b.p, m->append.line, b.len) == 0)
			*cut = b.len;
	}
	mc_buf_free(&b);
	close(fd);
	return found;
}

size_t
mc_sent_count(struct mc_sent *s, int64_t batch)
{
	struct sent_shared *m = s->map;
	int64_t n;

	if (m == NULL || batch == 0 || mc_sent_count_batch(&s->count) != batch)
		return 0;
	n = mc_sent_count_now(&s->count);
	if (m->append.index != n)
		return (size_t)n;
	if (was_appended(m, &s->cut)) {
		if (s->writable)
			mc_sent_count_left(&s->count,
			    mc_sent_count_prepare(&s->count, n, 0, 1), n);
		return (size_t)n + 1;
	}
	return (size_t)n;
}

/* ---- sending ---- */

static bool
retry(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	if (errno == EAGAIN) {
		(void)poll(&pfd, 1, -1);
		return true;
	}
	return errno == EINTR;
}

/* The line at a place of its own that is never written again: what a pipe
 * holds are this file's pages.  -1 where there is no such file. */
static int
put_source(struct mc_sent *s, struct mc_str line)
{
	size_t done = 0;
	ssize_t k;

	if (s->source != -1 && s->at > SOURCE_MAX) {
		close(s->source);
		s->source = -1;
	}
	if (s->source == -1) {
		s->source = memfd_create("motcua", MFD_CLOEXEC);
		s->at = PAGE;
	}
	/* Within one page, which a pipe takes as a whole or not at all. */
	if (s->at % PAGE + (off_t)line.len > PAGE)
		s->at += PAGE - s->at % PAGE;
	while (s->source != -1 && done < line.len) {
		k = pwrite(s->source, line.p + done, line.len - done,
		    s->at + (off_t)done);
		if (k <= 0)
			return -1;
		done += (size_t)k;
	}
	return s->source == -1 ? -1 : 0;
}

static bool
name_output(struct mc_sent *s, int fd)
{
	struct mc_buf name = { 0 };
	char *path = s->map->append.path;
	ssize_t n;

	mc_buf_printf(&name, "/proc/self/fd/%d", fd);
	n = readlink(name.p, path, PATH_MAX - 1);
	mc_buf_free(&name);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return path[0] == '/';
}

/* So that it can be found out later what became of the line in a file. */
static void
remember(struct mc_sent *s, int fd, int64_t index, struct mc_str line)
{
	struct sent_shared *m = s->map;
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    line.len > MC_SENT_LINE ||
	    ((flags & O_APPEND) == 0 && lseek(fd, 0, SEEK_CUR) != st.st_size) ||
	    (!s->named && !name_output(s, fd))) {
		m->append.index = -1;
		return;
	}
	s->named = true;
	m->append.index = -1;
	memcpy(m->append.line, line.p, line.len);
	m->append.len = (int64_t)line.len;
	m->append.dev = (int64_t)st.st_dev;
	m->append.ino = (int64_t)st.st_ino;
	m->append.size = (int64_t)st.st_size;
	m->append.index = index;
}

/* 1 it has left, 0 this descriptor cannot do that, -1. */
static int
send_counted(struct mc_sent *s, int fd, int64_t index, struct mc_str line,
    struct mc_err *err)
{
	struct sent_slot *slot;
	off_t from, to;

	if (s->plain || put_source(s, line) == -1)
		return 0;
	from = s->at;
	to = from + (off_t)line.len;
	slot = mc_sent_count_prepare(&s->count, index, from, to);
	while (slot->off < to)
		if (sendfile(fd, s->source, (off_t *)(uintptr_t)&slot->off,
			(size_t)(to - slot->off)) <= 0 &&
		    !retry(fd)) {
			if (slot->off == from &&
			    (errno == EINVAL || errno == ENOSYS)) {
				s->plain = true;
				return 0;
			}
			return mc_err_sys(
			    err, errno, "cannot write the output");
		}
	s->at = to;
	mc_sent_count_left(&s->count, slot, index);
	return 1;
}

static int
send_plain(struct mc_sent *s, int fd, int64_t index, struct mc_str line,
    struct mc_err *err)
{
	const char *p = line.p;
	struct sent_slot *slot;
	size_t n = line.len;
	ssize_t k;

	slot = mc_sent_count_prepare(&s->count, index, 0, 1);
	while (n > 0) {
		k = write(fd, p, n);
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		} else if (k == 0 || !retry(fd)) {
			return mc_err_sys(err, k == 0 ? EIO : errno,
			    "cannot write the output");
		}
	}
	mc_sent_count_left(&s->count, slot, index);
	return 0;
}

/*
 * A kill can cut a line where the file's pages meet.  What is missing is
 * written behind it, if this is the same file and nobody was faster.
 */
static int
send_rest(
    struct mc_sent *s, int fd, int64_t index, bool *done, struct mc_err *err)
{
	const struct sent_shared *m = s->map;
	struct mc_buf b = { 0 };
	size_t cut = s->cut;
	int64_t size;
	int rc;

	s->cut = 0;
	*done = cut > 0 && is_file(m, fd, &size) &&
		size == m->append.size + (int64_t)cut;
	if (!*done)
		return 0;
	mc_buf_add(&b, m->append.line + cut, (size_t)m->append.len - cut);
	remember(s, fd, index, (struct mc_str){ b.p, b.len });
	rc = send_plain(s, fd, index, (struct mc_str){ b.p, b.len }, err);
	mc_buf_free(&b);
	return rc;
}

int
mc_sent_line(struct mc_sent *s, int fd, struct mc_str line, struct mc_err *err)
{
	int64_t index = mc_sent_count_now(&s->count);
	bool done;
	int rc = send_rest(s, fd, index, &done, err);

	if (done || rc == -1)
		return rc;
	remember(s, fd, index, line);
	rc = send_counted(s, fd, index, line, err);
	if (rc == 0)
		rc = send_plain(s, fd, index, line, err);
	return rc == -1 ? -1 : 0;
}
