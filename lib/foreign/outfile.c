/* outfile.c - see motcua/outfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/hash.h>
#include <motcua/mem.h>
#include <motcua/outfile.h>

struct mc_outfile {
	char *path, *temporary;
	int fd;
	bool committed;
	struct mc_buf buf;
};

int
mc_outfile_open(struct mc_outfile **out, const char *path, unsigned mode,
    struct mc_err *err)
{
	struct mc_outfile *o = mc_calloc(1, sizeof(*o));
	struct mc_buf name = { 0 };
	unsigned char id[6];

	*out = NULL;
	mc_random(id, sizeof(id));
	mc_buf_printf(&name, "%s.", path);
	mc_hex_put(&name, id, sizeof(id));
	mc_buf_puts(&name, ".tmp");
	o->path = mc_strdup(path);
	o->temporary = mc_buf_detach(&name);
	o->fd = open(o->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (o->fd == -1) {
		mc_err_sys(err, errno, "%s", path);
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
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL
			? mc_strdup(".")
			: mc_strndup(path, (size_t)(slash - path) + 1);
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
	if (drain(o, err) == -1)
		return -1;
	if (fsync(o->fd) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	if (close(o->fd) == -1) {
		o->fd = -1;
		return mc_err_sys(err, errno, "%s", o->path);
	}
	o->fd = -1;
	if (rename(o->temporary, o->path) == -1)
		return mc_err_sys(err, errno, "%s", o->path);
	o->committed = true;
	return sync_directory(o->path, err);
}

void
mc_outfile_free(struct mc_outfile *o)
{
	if (o == NULL)
		return;
	if (o->fd != -1)
		close(o->fd);
	if (!o->committed)
		unlink(o->temporary);
	mc_buf_free(&o->buf);
	free(o->path);
	free(o->temporary);
	free(o);
}
