/* repo_tree.c - what a rulebook's tree may hold: RELIABILITY 4.14. */
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

#define NAME_MAX_LEN 100

int
mc_repo_refuse(const struct mc_repo_walk *w, struct mc_str name,
    struct mc_err *err, const char *fmt, ...)
{
	char reason[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	mc_err(err, MC_EDATA, "E_TREE", "\"%s%s%.*s\" in %s: %s",
	    mc_buf_str(&w->path), w->path.len > 0 && name.len > 0 ? "/" : "",
	    (int)(name.len < 200 ? name.len : 200), name.len > 0 ? name.p : "",
	    w->what, reason);
	return mc_err_at(err, w->where, 0, 0);
}

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* By folded name, so that twins meet; then by the bytes. */
int
mc_repo_item_compare(const void *a, const void *b)
{
	const struct mc_repo_item *x = a, *y = b;
	size_t i, n = x->len < y->len ? x->len : y->len;
	int d;

	for (i = 0; i < n; i++)
		if (fold(x->name[i]) != fold(y->name[i]))
			return fold(x->name[i]) < fold(y->name[i]) ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	d = memcmp(x->name, y->name, n);
	return d < 0 ? -1 : d > 0;
}

static bool
twins(const struct mc_repo_item *a, const struct mc_repo_item *b)
{
	size_t i;

	if (a->len != b->len)
		return false;
	for (i = 0; i < a->len; i++)
		if (fold(a->name[i]) != fold(b->name[i]))
			return false;
	return true;
}

static int
check_name(const struct mc_repo_walk *w, struct mc_str name, struct mc_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._@-";
	struct mc_repo_item git = { .name = ".git", .len = 4 };
	struct mc_repo_item me = { .name = name.p, .len = name.len };
	size_t i;

	if (name.len == 0 || name.len > NAME_MAX_LEN)
		return mc_repo_refuse(w, name, err,
		    "a name has 1 to %d characters", NAME_MAX_LEN);
	for (i = 0; i < name.len; i++)
		if (name.p[i] == '\0' || strchr(plain, name.p[i]) == NULL)
			return mc_repo_refuse(w, name, err,
			    "names are made of letters, digits and . _ @ -");
	if (mc_str_is(name, ".") || mc_str_is(name, "..") || twins(&me, &git))
		return mc_repo_refuse(
		    w, name, err, "such a name is not allowed");
	return 0;
}

/* All names are there: sort them, and refuse two that a folding FS merges. */
static int
check_level(struct mc_repo_walk *w, struct mc_repo_level *l, struct mc_err *err)
{
	size_t i;

	if (l->v.n > 1)
		qsort(l->v.p, l->v.n, sizeof(*l->v.p), mc_repo_item_compare);
	for (i = 1; i < l->v.n; i++)
		if (twins(&l->v.p[i - 1], &l->v.p[i]))
			return mc_repo_refuse(w,
			    (struct mc_str){ l->v.p[i].name, l->v.p[i].len },
			    err,
			    "the name stands there twice, apart from case");
	return 0;
}

static int
count_entry(struct mc_repo_walk *w, struct mc_str name, struct mc_err *err)
{
	if (++w->entries > MC_REPO_ENTRIES)
		return mc_repo_refuse(
		    w, name, err, "more than %d files", MC_REPO_ENTRIES);
	return 0;
}

static int
count_bytes(struct mc_repo_walk *w, struct mc_str name, uint64_t size,
    struct mc_err *err)
{
	if (size > MC_REPO_BLOB)
		return mc_repo_refuse(w, name, err,
		    "%llu bytes; a file has at most %u",
		    (unsigned long long)size, MC_REPO_BLOB);
	w->bytes += size;
	if (w->bytes > MC_REPO_TOTAL)
		return mc_repo_refuse(w, name, err,
		    "more than %u bytes in all files", MC_REPO_TOTAL);
	return 0;
}

void
mc_repo_level_free(struct mc_repo_level *l)
{
	git_odb_object_free(l->obj);
	mc_vec_free(&l->v);
}

static int
octal(unsigned *out, const char *p, size_t n)
{
	unsigned v = 0;
	size_t i;

	if (n == 0 || n > 6)
		return -1;
	for (i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '7')
			return -1;
		v = v * 8 + (unsigned)(p[i] - '0');
	}
	*out = v;
	return 0;
}

static int
check_mode(const struct mc_repo_walk *w, struct mc_str name, unsigned mode,
    struct mc_err *err)
{
	switch (mode) {
	case GIT_FILEMODE_TREE:
	case GIT_FILEMODE_BLOB:
	case GIT_FILEMODE_BLOB_EXECUTABLE:
		return 0;
	case GIT_FILEMODE_LINK:
		return mc_repo_refuse(w, name, err, "a symbolic link");
	case GIT_FILEMODE_COMMIT:
		return mc_repo_refuse(w, name, err, "a submodule");
	default:
		return mc_repo_refuse(w, name, err, "mode %06o", mode);
	}
}

/*
 * One tree object, parsed here from its bytes: libgit2's own reader lists
 * names and modes that no file can have.  On failure nothing is held.
 */
int
mc_repo_level_read(struct mc_repo_level *l, struct mc_repo_walk *w,
    const git_oid *oid, struct mc_err *err)
{
	static const struct mc_str none = { NULL, 0 };
	size_t n, size;
	git_object_t type;
	const char *p, *end, *sp, *nul;
	unsigned mode;

	memset(l, 0, sizeof(*l));
	if (git_odb_read_header(&size, &type, w->repo->odb, oid) < 0)
		return mc_repo_refuse(w, none, err, "%s", mc_repo_why());
	if (type != GIT_OBJECT_TREE || size > MC_REPO_OBJECT)
		return mc_repo_refuse(w, none, err, "not a usable directory");
	if (git_odb_read(&l->obj, w->repo->odb, oid) < 0)
		return mc_repo_refuse(w, none, err, "%s", mc_repo_why());
	p = git_odb_object_data(l->obj);
	end = p + git_odb_object_size(l->obj);
	for (; p < end; p = nul + 1 + GIT_OID_RAWSZ) {
		struct mc_repo_item it = { .dir = false };
		struct mc_str name;

		n = (size_t)(end - p);
		sp = memchr(p, ' ', n);
		nul = memchr(p, '\0', n);
		if (sp == NULL || nul == NULL || sp > nul ||
		    (size_t)(end - nul) < 1 + GIT_OID_RAWSZ ||
		    octal(&mode, p, (size_t)(sp - p)) == -1) {
			mc_repo_refuse(w, none, err, "a damaged directory");
			goto fail;
		}
		name = (struct mc_str){ sp + 1, (size_t)(nul - sp) - 1 };
		if (check_name(w, name, err) == -1 ||
		    check_mode(w, name, mode, err) == -1 ||
		    count_entry(w, name, err) == -1)
			goto fail;
		it.dir = mode == GIT_FILEMODE_TREE;
		it.name = name.p;
		it.len = name.len;
		git_oid_fromraw(&it.oid, (const unsigned char *)nul + 1);
		mc_vec_push(&l->v, it);
	}
	if (check_level(w, l, err) == 0)
		return 0;
fail:
	mc_repo_level_free(l);
	return -1;
}

/* Go down into, and come back from, a name. */
size_t
mc_repo_enter(struct mc_repo_walk *w, const char *name, size_t len)
{
	size_t before = w->path.len;

	if (before > 0)
		mc_buf_putc(&w->path, '/');
	mc_buf_add(&w->path, name, len);
	return before;
}

void
mc_repo_leave(struct mc_repo_walk *w, size_t before)
{
	w->path.len = before;
	w->path.p[before] = '\0';
}

static void
keep_file(struct mc_repo_walk *w, uint64_t size, const git_oid *oid)
{
	struct mc_repo_entry e = { .size = size };

	e.path = mc_strdup(w->path.p);
	if (oid != NULL)
		git_oid_tostr(e.blob, sizeof(e.blob), oid);
	mc_vec_push(&w->found, e);
}

static int
file_size(
    struct mc_repo_walk *w, const struct mc_repo_item *it, struct mc_err *err)
{
	struct mc_str name = { NULL, 0 };
	git_object_t type;
	size_t size;

	if (git_odb_read_header(&size, &type, w->repo->odb, &it->oid) < 0)
		return mc_repo_refuse(w, name, err, "%s", mc_repo_why());
	if (type != GIT_OBJECT_BLOB)
		return mc_repo_refuse(w, name, err, "not a file's content");
	if (count_bytes(w, name, size, err) == -1)
		return -1;
	keep_file(w, size, &it->oid);
	return 0;
}

/* Recursion is bounded by MC_REPO_DEPTH, work by MC_REPO_ENTRIES. */
static int
walk_tree(
    struct mc_repo_walk *w, const git_oid *oid, int depth, struct mc_err *err)
{
	static const struct mc_str none = { NULL, 0 };
	struct mc_repo_level l;
	size_t i, before;
	int rc = 0;

	if (depth > MC_REPO_DEPTH)
		return mc_repo_refuse(
		    w, none, err, "deeper than %d directories", MC_REPO_DEPTH);
	if (mc_repo_level_read(&l, w, oid, err) == -1)
		return -1;
	for (i = 0; rc == 0 && i < l.v.n; i++) {
		before = mc_repo_enter(w, l.v.p[i].name, l.v.p[i].len);
		rc = l.v.p[i].dir ? walk_tree(w, &l.v.p[i].oid, depth + 1, err)
				  : file_size(w, &l.v.p[i], err);
		mc_repo_leave(w, before);
	}
	mc_repo_level_free(&l);
	return rc;
}

static int
compare_paths(const void *a, const void *b)
{
	const struct mc_repo_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* What the walk found becomes a tree; the walk is finished either way. */
static struct mc_repo_tree *
harvest(struct mc_repo_walk *w, bool good)
{
	struct mc_repo_tree *t = mc_calloc(1, sizeof(*t));

	t->entry = w->found.p;
	t->n = w->found.n;
	if (t->n > 1)
		qsort(t->entry, t->n, sizeof(*t->entry), compare_paths);
	mc_buf_free(&w->path);
	if (!good) {
		mc_repo_tree_free(t);
		return NULL;
	}
	return t;
}

int
mc_repo_tree(struct mc_repo *repo, const char *commit,
    struct mc_repo_tree **out, struct mc_err *err)
{
	char what[MC_OID_HEX + 8];
	struct mc_repo_walk w = {
		.repo = repo, .where = repo->path, .what = what
	};
	git_oid oid, tree;
	int rc;

	*out = NULL;
	if (strlen(commit) != GIT_OID_HEXSZ ||
	    git_oid_fromstr(&oid, commit) < 0)
		return mc_err(err, MC_EUSAGE, "E_REV",
		    "\"%s\" is no commit's id", commit);
	snprintf(what, sizeof(what), "commit %s", commit);
	if (mc_repo_tree_of(&tree, repo, &oid, err) == -1)
		return -1;
	rc = walk_tree(&w, &tree, 1, err);
	*out = harvest(&w, rc == 0);
	if (rc == -1)
		return -1;
	memcpy((*out)->commit, commit, MC_OID_HEX);
	return 0;
}

void
mc_repo_tree_free(struct mc_repo_tree *tree)
{
	size_t i;

	if (tree == NULL)
		return;
	for (i = 0; i < tree->n; i++)
		free(tree->entry[i].path);
	free(tree->entry);
	free(tree->root);
	free(tree);
}

const struct mc_repo_entry *
mc_repo_tree_find(const struct mc_repo_tree *tree, const char *path)
{
	size_t lo = 0, hi = tree->n, mid;
	int d;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		d = strcmp(tree->entry[mid].path, path);
		if (d == 0)
			return &tree->entry[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* ---- a work tree on disk ---- */

/* A directory's names, owned by the level's items (freed by disk_free). */
static int
disk_read(struct mc_repo_level *l, struct mc_repo_walk *w, int fd,
    git_repository *git, struct mc_err *err)
{
	struct dirent *d;
	struct stat st;
	DIR *dir;
	int ignored, rc = 0, copy = dup(fd);

	memset(l, 0, sizeof(*l));
	if (copy == -1 || (dir = fdopendir(copy)) == NULL) {
		rc = errno;
		if (copy != -1)
			close(copy);
		return mc_err_sys(
		    err, rc, "%s/%s", w->where, mc_buf_str(&w->path));
	}
	while (rc == 0 && (errno = 0, d = readdir(dir)) != NULL) {
		struct mc_repo_item it = { .dir = false };
		struct mc_str name = mc_str(d->d_name);
		size_t before;

		if (mc_str_is(name, ".") || mc_str_is(name, "..") ||
		    (w->path.len == 0 && mc_str_is(name, ".git")))
			continue;
		before = mc_repo_enter(w, name.p, name.len);
		ignored = 0;
		if (git != NULL && git_ignore_path_is_ignored(
				       &ignored, git, mc_buf_str(&w->path)) < 0)
			ignored = 0;
		mc_repo_leave(w, before);
		if (ignored)
			continue;
		if (check_name(w, name, err) == -1 ||
		    count_entry(w, name, err) == -1)
			rc = -1;
		else if (fstatat(fd, name.p, &st, AT_SYMLINK_NOFOLLOW) == -1)
			rc = mc_err_sys(err, errno, "%s", name.p);
		else if (S_ISLNK(st.st_mode))
			rc = mc_repo_refuse(w, name, err, "a symbolic link");
		else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			rc = mc_repo_refuse(w, name, err, "not a regular file");
		if (rc == 0) {
			it.dir = S_ISDIR(st.st_mode);
			it.size = (uint64_t)st.st_size;
			it.name = it.own = mc_strdup(name.p);
			it.len = name.len;
			mc_vec_push(&l->v, it);
		}
	}
	if (rc == 0 && errno != 0)
		rc = mc_err_sys(err, errno, "%s", w->where);
	closedir(dir);
	if (rc == 0)
		rc = check_level(w, l, err);
	return rc;
}

static void
disk_free(struct mc_repo_level *l)
{
	size_t i;

	for (i = 0; i < l->v.n; i++)
		free(l->v.p[i].own);
	mc_repo_level_free(l);
}

static int
walk_disk(struct mc_repo_walk *w, int fd, git_repository *git, int depth,
    struct mc_err *err)
{
	static const struct mc_str none = { NULL, 0 };
	const struct mc_repo_item *it;
	struct mc_repo_level l;
	size_t i, before;
	int sub, rc;

	if (depth > MC_REPO_DEPTH)
		return mc_repo_refuse(
		    w, none, err, "deeper than %d directories", MC_REPO_DEPTH);
	rc = disk_read(&l, w, fd, git, err);
	for (i = 0; rc == 0 && i < l.v.n; i++) {
		it = &l.v.p[i];
		before = mc_repo_enter(w, it->name, it->len);
		if (!it->dir) {
			rc = count_bytes(w, none, it->size, err);
			if (rc == 0)
				keep_file(w, it->size, NULL);
		} else if ((sub = openat(fd, it->name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				    O_CLOEXEC)) == -1) {
			rc = mc_err_sys(err, errno, "%s", w->path.p);
		} else {
			rc = walk_disk(w, sub, git, depth + 1, err);
			close(sub);
		}
		mc_repo_leave(w, before);
	}
	disk_free(&l);
	return rc;
}

int
mc_repo_worktree(
    const char *path, struct mc_repo_tree **out, struct mc_err *err)
{
	struct mc_repo_walk w = { .what = "the work tree" };
	git_repository *git = NULL;
	const char *dir = path;
	int fd = -1, rc = -1;

	*out = NULL;
	if (mc_repo_start(err) == -1)
		return -1;
	/* A directory that is no repository yet can be looked at as well. */
	if (git_repository_open_ext(
		&git, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) == 0)
		dir = git_repository_workdir(git);
	w.where = path;
	if (dir == NULL) {
		mc_err(err, MC_EUSAGE, "E_RULES",
		    "\"%s\" is a repository without a work tree", path);
		goto done;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1) {
		mc_err_sys(err, errno, "%s", dir);
		goto done;
	}
	rc = walk_disk(&w, fd, git, 1, err);
	*out = harvest(&w, rc == 0);
	if (rc == 0)
		(*out)->root = mc_strdup(dir);
done:
	if (fd != -1)
		close(fd);
	git_repository_free(git);
	return rc;
}
