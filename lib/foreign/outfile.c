/* outfile.c - see motcua/outfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <motcua/hash.h>
#include <motcua/mem.h>
#include <motcua/outfile.h>
#include <motcua/text.h>

#define LINKS 40 /* as the kernel follows */

struct mc_outfile {
	char *path;      /* as it was given */
	char *target;    /* where its links lead */
	char *temporary; /* beside the target; NULL: written straight */
	int fd;
	bool committed;
	struct mc_buf buf;
};

/* ---- what a path is ---- */

/* Where the last part of a path begins. */
static size_t
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* "." or the path of the directory, with its slash. */
static char *
directory(const char *path)
{
	size_t n = last_part(path);

	return n == 0 ? mc_strdup(".") : mc_strndup(path, n);
}

/* N of /proc/self/fd/N, which /dev/fd/N is, or -1. */
static int
descriptor(const char *path)
{
	const char *last = path + last_part(path);
	char own[40], *dir, *real;
	int64_t n;

	if (!mc_int_parse(&n, mc_str(last), 0, INT_MAX))
		return -1;
	dir = directory(path);
	real = realpath(dir, NULL);
	snprintf(own, sizeof(own), "/proc/%ld/fd", (long)getpid());
	if (real == NULL || strcmp(real, own) != 0)
		n = -1;
	free(real);
	free(dir);
	return (int)n;
}

/*
 * The path that the last part of this one leads to, there or not, or NULL
 * with errno.  It ends at a descriptor of ours: what the system says of that
 * is where the file was when it was opened.
 */
static char *
follow(const char *path)
{
	char link[PATH_MAX], *at = mc_strdup(path);
	struct mc_buf next;
	ssize_t n;
	int i;

	for (i = 0; i < LINKS; i++) {
		if (descriptor(at) != -1 ||
		    (n = readlink(at, link, sizeof(link))) == -1)
			return at;
		next = (struct mc_buf){ 0 };
		if (link[0] != '/')
			mc_buf_add(&next, at, last_part(at));
		mc_buf_add(&next, link, (size_t)n);
		free(at);
		at = mc_buf_detach(&next);
	}
	free(at);
	errno = ELOOP;
	return NULL;
}

/*
 * The path and what was read of its links are the same, or both not there.
 * The kernel follows no link that a stranger has put into a public folder,
 * so neither do we.
 */
static int
compare(struct mc_outfile *o, struct stat *st, struct mc_err *err)
{
	struct stat t;
	int a = stat(o->path, st), e = errno, b = lstat(o->target, &t);

	if (a == -1 && e != ENOENT)
		return mc_err_sys(err, e, "%s", o->path);
	if (a == b &&
	    (a == -1 || (st->st_dev == t.st_dev && st->st_ino == t.st_ino)))
		return a == 0;
	return mc_err(err, MC_EIO, "E_IO",
	    "%s: somebody else is changing what it is", o->path);
}

bool
mc_outfile_is(const char *path, const char *input)
{
	struct stat a, b;
	bool there = stat(path, &a) == 0 &&
		     (strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &b)
					      : stat(input, &b)) == 0;

	return there && !S_ISCHR(a.st_mode) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* ---- opening it ---- */

/*
 * One that the caller had opened for us: its place in a file goes on from
 * there.  One that is closed on exec is our own, the database for one.
 */
static int
open_descriptor(struct mc_outfile *o, int n, struct mc_err *err)
{
	int flags = fcntl(n, F_GETFD), how = fcntl(n, F_GETFL);
	struct stat st;

	if (flags != -1 && fstat(n, &st) == 0 && S_ISDIR(st.st_mode))
		return mc_err_sys(err, EISDIR, "%s", o->path);
	if (flags != -1 && (flags & FD_CLOEXEC) == 0 && how != -1 &&
	    (how & O_ACCMODE) != O_RDONLY)
		o->fd = fcntl(n, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		errno = EBADF;
	return o->fd == -1 ? mc_err_sys(err, errno, "%s", o->path) : 0;
}

static bool
is_stream(const struct stat *st)
{
	return S_ISCHR(st->st_mode) || S_ISFIFO(st->st_mode);
}

static int
not_writable(const struct mc_outfile *o, struct mc_err *err)
{
	return mc_err(err, MC_EIO, "E_IO",
	    "%s: not a file, a terminal or a pipe", o->path);
}

/* A device or a pipe; not what may stand there by now. */
static int
open_stream(struct mc_outfile *o, struct mc_err *err)
{
	struct stat st;

	do
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	while (o->fd == -1 && errno == EINTR);
	if (o->fd == -1 || fstat(o->fd, &st) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	return is_stream(&st) ? 0 : not_writable(o, err);
}

static int
open_temporary(struct mc_outfile *o, unsigned mode, struct mc_err *err)
{
	struct mc_buf name = { 0 };
	unsigned char id[6];

	mc_random(id, sizeof(id));
	mc_buf_printf(&name, "%s.", o->target);
	mc_hex_put(&name, id, sizeof(id));
	mc_buf_puts(&name, ".tmp");
	o->temporary = mc_buf_detach(&name);
	o->fd = open(o->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (o->fd == -1) {
		free(o->temporary);
		o->temporary = NULL;
		return mc_err_sys(err, errno, "%s", o->path);
	}
	/* The umask is for what nobody has thought about. */
	(void)fchmod(o->fd, mode);
	return 0;
}

static int
open_it(struct mc_outfile *o, unsigned mode, struct mc_err *err)
{
	struct stat st;
	int n, there;

	if ((o->target = follow(o->path)) == NULL)
		return mc_err_sys(err, errno, "%s", o->path);
	if ((n = descriptor(o->target)) != -1)
		return open_descriptor(o, n, err);
	if ((there = compare(o, &st, err)) == -1)
		return -1;
	if (there == 0 || S_ISREG(st.st_mode))
		return open_temporary(o, mode, err);
	if (S_ISDIR(st.st_mode))
		return mc_err_sys(err, EISDIR, "%s", o->path);
	return is_stream(&st) ? open_stream(o, err) : not_writable(o, err);
}

int
mc_outfile_open(struct mc_outfile **out, const char *path, unsigned mode,
    struct mc_err *err)
{
	struct mc_outfile *o = mc_calloc(1, sizeof(*o));

	*out = NULL;
	o->fd = -1;
	o->path = mc_strdup(path);
	if (open_it(o, mode, err) == -1) {
		mc_outfile_free(o);
		return -1;
	}
	*out = o;
	return 0;
}

int
mc_outfile_fd(const struct mc_outfile *o)
{
	return o->fd;
}

static int
drain(struct mc_outfile *o, struct mc_err *err)
{
	size_t at = 0;
	ssize_t n;

	while (at < o->buf.len) {
		n = write(o->fd, o->buf.p + at, o->buf.len - at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return mc_err_sys(
			    err, n == 0 ? EIO : errno, "%s", o->path);
		at += (size_t)n;
	}
	mc_buf_reset(&o->buf);
	return 0;
}

int
mc_outfile_write(struct mc_outfile *o, struct mc_str s, struct mc_err *err)
{
	mc_buf_add(&o->buf, s.p, s.len);
	return o->buf.len >= 65536 ? drain(o, err) : 0;
}

/* The directory's entry is durable too, or the file may vanish. */
static int
sync_directory(const char *path, struct mc_err *err)
{
	char *dir = directory(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd == -1 || (fsync(fd) == -1 && errno != EINVAL))
		rc = mc_err_sys(err, errno, "%s", dir);
	if (fd != -1)
		close(fd);
	free(dir);
	return rc;
}

int
mc_outfile_commit(struct mc_outfile *o, struct mc_err *err)
{
	int fd = o->fd;

	if (drain(o, err) == -1)
		return -1;
	if (o->temporary != NULL && fsync(fd) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	o->fd = -1;
	if (close(fd) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	if (o->temporary == NULL)
		return 0;
	if (rename(o->temporary, o->target) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	o->committed = true;
	return sync_directory(o->target, err);
}

void
mc_outfile_free(struct mc_outfile *o)
{
	if (o == NULL)
		return;
	if (o->fd != -1)
		close(o->fd);
	if (o->temporary != NULL && !o->committed)
		unlink(o->temporary);
	mc_buf_free(&o->buf);
	free(o->path);
	free(o->target);
	free(o->temporary);
	free(o);
}
