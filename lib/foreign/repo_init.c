/* repo_init.c - a new repository with one commit: all of it, or nothing. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/repo.h>

#include "repo_internal.h"

/*
 * Remove what a failed attempt has made.  Links are not followed; the depth
 * is that of a new repository with our own files in it.
 */
static void
remove_all(int at, const char *name, int depth)
{
	struct dirent *d;
	DIR *dir;
	int fd;

	if (unlinkat(at, name, 0) == 0 || depth > 2 * MC_REPO_DEPTH)
		return;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return;
	if ((dir = fdopendir(fd)) == NULL) {
		close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			remove_all(dirfd(dir), d->d_name, depth + 1);
	closedir(dir);
	unlinkat(at, name, AT_REMOVEDIR);
}

static int
sync_path(const char *path, struct mc_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd == -1 || fsync(fd) == -1)
		rc = mc_err_sys(err, errno, "%s", path);
	if (fd != -1)
		close(fd);
	return rc;
}

/* Absent or an empty directory is fine. */
static int
check_absent(const char *path, struct mc_err *err)
{
	struct dirent *d = NULL;
	DIR *dir = opendir(path);

	if (dir == NULL && errno == ENOENT)
		return 0;
	if (dir != NULL) {
		while ((d = readdir(dir)) != NULL)
			if (strcmp(d->d_name, ".") != 0 &&
			    strcmp(d->d_name, "..") != 0)
				break;
		closedir(dir);
		if (d == NULL)
			return 0;
	}
	mc_err(err, MC_EREFUSED, "E_EXISTS",
	    "\"%s\" exists and is not an empty directory", path);
	return mc_err_advise(err, "name a directory that does not exist yet");
}

/* The directories above root/file, each synced into the one above it. */
static int
make_parents(const char *root, const char *file, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	const char *slash = file;
	int rc = 0;

	while (rc == 0 && (slash = strchr(slash, '/')) != NULL) {
		mc_buf_reset(&b);
		mc_buf_printf(&b, "%s/%.*s", root, (int)(slash - file), file);
		if (mkdir(b.p, 0777) == -1 && errno != EEXIST)
			rc = mc_err_sys(err, errno, "%s", b.p);
		slash++;
	}
	mc_buf_free(&b);
	return rc;
}

static int
write_file(const char *root, const struct mc_repo_file *f, struct mc_err *err)
{
	struct mc_buf path = { 0 };
	const char *p = f->data.p;
	size_t left = f->data.len;
	ssize_t n;
	int fd, rc = -1;

	if (make_parents(root, f->path, err) == -1)
		return -1;
	mc_buf_printf(&path, "%s/%s", root, f->path);
	fd = open(
	    path.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd == -1)
		goto fail;
	while (left > 0) {
		n = write(fd, p, left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			goto fail;
		p += n;
		left -= (size_t)n;
	}
	if (fsync(fd) == -1)
		goto fail;
	rc = 0;
fail:
	if (rc == -1)
		mc_err_sys(err, errno, "%s", path.p);
	if (fd != -1)
		close(fd);
	mc_buf_free(&path);
	return rc;
}

/* Every directory of the new tree to disk, the deepest first. */
static int
sync_tree(const char *path, int depth, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	struct dirent *d;
	struct stat st;
	DIR *dir = opendir(path);
	int rc = 0;

	if (dir == NULL)
		return mc_err_sys(err, errno, "%s", path);
	while (rc == 0 && depth < 2 * MC_REPO_DEPTH &&
	       (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		mc_buf_reset(&b);
		mc_buf_printf(&b, "%s/%s", path, d->d_name);
		if (lstat(b.p, &st) == -1)
			rc = mc_err_sys(err, errno, "%s", b.p);
		else if (S_ISDIR(st.st_mode))
			rc = sync_tree(b.p, depth + 1, err);
	}
	closedir(dir);
	mc_buf_free(&b);
	return rc == 0 ? sync_path(path, err) : -1;
}

static int
commit_all(git_repository *git, const struct mc_repo_file *files, size_t n,
    const char *message, int64_t when_ms)
{
	git_signature *sig = NULL;
	git_index *index = NULL;
	git_tree *tree = NULL;
	git_oid oid;
	size_t i;
	int rc;

	rc = git_repository_set_ident(git, "motcua", "motcua@localhost");
	if (rc == 0)
		rc = git_signature_new(&sig, "motcua", "motcua@localhost",
		    (git_time_t)(when_ms / 1000), 0);
	if (rc == 0)
		rc = git_repository_index(&index, git);
	for (i = 0; rc == 0 && i < n; i++)
		rc = git_index_add_bypath(index, files[i].path);
	if (rc == 0)
		rc = git_index_write(index);
	if (rc == 0)
		rc = git_index_write_tree(&oid, index);
	if (rc == 0)
		rc = git_tree_lookup(&tree, git, &oid);
	if (rc == 0)
		rc = git_commit_create_v(
		    &oid, git, "HEAD", sig, sig, NULL, message, tree, 0);
	git_tree_free(tree);
	git_index_free(index);
	git_signature_free(sig);
	return rc;
}

static int
build(const char *root, const struct mc_repo_file *files, size_t n,
    const char *message, int64_t when_ms, struct mc_err *err)
{
	git_repository_init_options o = {
		.version = GIT_REPOSITORY_INIT_OPTIONS_VERSION,
		.flags = GIT_REPOSITORY_INIT_NO_REINIT,
		.mode = GIT_REPOSITORY_INIT_SHARED_UMASK,
		.initial_head = "main",
	};
	git_repository *git = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = write_file(root, &files[i], err);
	if (rc == -1)
		return -1;
	rc = git_repository_init_ext(&git, root, &o);
	if (rc == 0)
		rc = commit_all(git, files, n, message, when_ms);
	git_repository_free(git);
	if (rc < 0)
		return mc_err(err, MC_EIO, "E_RULES",
		    "cannot make the repository \"%s\": %s", root,
		    mc_repo_why());
	return sync_tree(root, 0, err);
}

/* An empty directory is filled where it is: somebody may stand in it. */
static int
fill(const char *path, const struct mc_repo_file *files, size_t n,
    const char *message, int64_t when_ms, struct mc_err *err)
{
	struct dirent *d;
	DIR *dir;

	if (build(path, files, n, message, when_ms, err) == 0)
		return 0;
	if ((dir = opendir(path)) == NULL)
		return -1;
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			remove_all(dirfd(dir), d->d_name, 0);
	closedir(dir);
	return -1;
}

/* A temporary directory beside path, with the mode a new one would have. */
static int
make_beside(struct mc_buf *tmp, struct mc_buf *parent, const char *path,
    struct mc_err *err)
{
	const char *slash;
	size_t len = strlen(path);
	struct stat st;
	mode_t mask;

	while (len > 1 && path[len - 1] == '/')
		len--;
	mc_buf_add(tmp, path, len);
	slash = strrchr(tmp->p, '/');
	if (slash == NULL)
		mc_buf_puts(parent, ".");
	else
		mc_buf_add(parent, tmp->p,
		    slash == tmp->p ? 1 : (size_t)(slash - tmp->p));
	mc_buf_puts(tmp, ".new-XXXXXX");
	if (mkdtemp(tmp->p) == NULL)
		return mc_err_sys(err, errno, "%s", path);
	mask = umask(0);
	umask(mask);
	/* The group of a setgid directory goes on below it. */
	if (stat(tmp->p, &st) == 0 &&
	    chmod(tmp->p, (0777 & ~mask) | (st.st_mode & S_ISGID)) == 0)
		return 0;
	mc_err_sys(err, errno, "%s", tmp->p);
	rmdir(tmp->p);
	return -1;
}

/*
 * A new directory is made beside its final name and then renamed, so that
 * a rulebook under that name is always whole.
 */
int
mc_repo_init(const char *path, const struct mc_repo_file *files, size_t n,
    const char *message, int64_t when_ms, struct mc_err *err)
{
	struct mc_buf tmp = { 0 }, parent = { 0 };
	struct stat st;
	int rc;

	if (mc_repo_start(err) == -1 || check_absent(path, err) == -1)
		return -1;
	if (stat(path, &st) == 0)
		return fill(path, files, n, message, when_ms, err);
	rc = make_beside(&tmp, &parent, path, err);
	if (rc == 0) {
		rc = build(tmp.p, files, n, message, when_ms, err);
		if (rc == 0 && rename(tmp.p, path) == -1)
			rc = mc_err_sys(err, errno, "%s", path);
		if (rc == 0)
			rc = sync_path(parent.p, err);
		else
			remove_all(AT_FDCWD, tmp.p, 0);
	}
	mc_buf_free(&parent);
	mc_buf_free(&tmp);
	return rc;
}

void
mc_repo_remove(const char *path)
{
	remove_all(AT_FDCWD, path, 0);
}
