/* repo.c - git, kept at arm's length: see repo.h and RELIABILITY 4.14. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <git2.h>

#include <motcua/repo.h>
#include <motcua/text.h>

#include "repo_internal.h"

const char *
mc_repo_why(void)
{
	const git_error *e = git_error_last();

	return e != NULL && e->message != NULL ? e->message : "unknown error";
}

/*
 * The user's and the system's git settings must not change what a rulebook
 * says, another owner is accepted because the content is not trusted
 * anyway, and a commit that was acknowledged must survive a power cut.
 */
int
mc_repo_start(struct mc_err *err)
{
	static bool started;

	if (started)
		return 0;
	if (git_libgit2_init() < 0 ||
	    git_libgit2_opts(
		GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_SYSTEM, "") < 0 ||
	    git_libgit2_opts(
		GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, "") < 0 ||
	    git_libgit2_opts(
		GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_XDG, "") < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH,
		GIT_CONFIG_LEVEL_PROGRAMDATA, "") < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "") < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0)
		return mc_err(err, MC_EIO, "E_RULES",
		    "cannot start libgit2: %s", mc_repo_why());
	started = true;
	return 0;
}

int
mc_repo_open(struct mc_repo **out, const char *path, struct mc_err *err)
{
	struct mc_repo *r;
	int rc;

	*out = NULL;
	if (mc_repo_start(err) == -1)
		return -1;
	r = mc_calloc(1, sizeof(*r));
	r->path = mc_strdup(path);
	rc = git_repository_open_ext(
	    &r->git, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (rc == 0)
		rc = git_repository_odb(&r->odb, r->git);
	if (rc < 0) {
		mc_repo_free(r);
		mc_err(err, rc == GIT_ENOTFOUND ? MC_ENOTFOUND : MC_EDATA,
		    "E_RULES", "cannot open \"%s\" as a git repository: %s",
		    path, mc_repo_why());
		return -1;
	}
	*out = r;
	return 0;
}

int
mc_repo_objects(struct mc_repo *repo, const char *dir, struct mc_err *err)
{
	if (git_odb_add_disk_alternate(repo->odb, dir) == 0)
		return 0;
	return mc_err(err, MC_EIO, "E_RULES",
	    "cannot read objects in \"%s\": %s", dir, mc_repo_why());
}

void
mc_repo_free(struct mc_repo *repo)
{
	if (repo == NULL)
		return;
	git_odb_free(repo->odb);
	git_repository_free(repo->git);
	free(repo->path);
	free(repo);
}

int
mc_repo_head(struct mc_repo *repo, struct mc_buf *ref, struct mc_err *err)
{
	git_reference *head = NULL;

	if (git_reference_lookup(&head, repo->git, "HEAD") < 0) {
		mc_err(err, MC_EDATA, "E_REV", "no HEAD: %s", mc_repo_why());
		return mc_err_at(err, repo->path, 0, 0);
	}
	mc_buf_puts(ref, git_reference_type(head) == GIT_REFERENCE_SYMBOLIC
			     ? git_reference_symbolic_target(head)
			     : "HEAD");
	git_reference_free(head);
	return 0;
}

/* A ref's value is one small file; only what else people write is parsed. */
static int
look_up(git_object **obj, struct mc_repo *repo, const char *rev)
{
	git_oid oid;
	int rc;

	if (strlen(rev) == GIT_OID_HEXSZ && git_oid_fromstr(&oid, rev) == 0)
		return git_object_lookup(obj, repo->git, &oid, GIT_OBJECT_ANY);
	if (strncmp(rev, "refs/", 5) == 0) {
		rc = git_reference_name_to_id(&oid, repo->git, rev);
		if (rc == 0)
			return git_object_lookup(
			    obj, repo->git, &oid, GIT_OBJECT_ANY);
	}
	return git_revparse_single(obj, repo->git, rev);
}

int
mc_repo_resolve(struct mc_repo *repo, const char *rev, char commit[MC_OID_HEX],
    struct mc_err *err)
{
	git_object *obj = NULL, *c = NULL;
	int rc;

	rc = look_up(&obj, repo, rev);
	if (rc == 0)
		rc = git_object_peel(&c, obj, GIT_OBJECT_COMMIT);
	git_object_free(obj);
	if (rc < 0) {
		switch (rc) {
		case GIT_ENOTFOUND:
		case GIT_EINVALIDSPEC:
		case GIT_EAMBIGUOUS:
		case GIT_EPEEL:
			mc_err(err, MC_ENOTFOUND, "E_REV",
			    "no such commit \"%s\": %s", rev, mc_repo_why());
			break;
		default:
			mc_err(err, MC_EDAMAGED, "E_REV",
			    "cannot read commit \"%s\": %s", rev,
			    mc_repo_why());
		}
		return mc_err_at(err, repo->path, 0, 0);
	}
	git_oid_tostr(commit, MC_OID_HEX, git_object_id(c));
	git_object_free(c);
	return 0;
}

bool
mc_repo_has(struct mc_repo *repo, const char *oid)
{
	git_oid id;

	return strlen(oid) == GIT_OID_HEXSZ && git_oid_fromstr(&id, oid) == 0 &&
	       git_odb_exists(repo->odb, &id);
}

/* The id of a commit's tree.  libgit2 would load a commit of any size. */
int
mc_repo_tree_of(
    git_oid *tree, struct mc_repo *repo, const git_oid *oid, struct mc_err *err)
{
	char hex[MC_OID_HEX];
	git_commit *c = NULL;
	git_object_t type;
	size_t size;
	int rc;

	git_oid_tostr(hex, sizeof(hex), oid);
	rc = git_odb_read_header(&size, &type, repo->odb, oid);
	if (rc == 0 && (type != GIT_OBJECT_COMMIT || size > MC_REPO_OBJECT)) {
		mc_err(err, MC_EDATA, "E_REV", "\"%s\" is no commit", hex);
		return mc_err_at(err, repo->path, 0, 0);
	}
	if (rc == 0)
		rc = git_commit_lookup(&c, repo->git, oid);
	if (rc < 0) {
		mc_err(err, MC_EDAMAGED, "E_REV",
		    "cannot read commit \"%s\": %s", hex, mc_repo_why());
		return mc_err_at(err, repo->path, 0, 0);
	}
	git_oid_cpy(tree, git_commit_tree_id(c));
	git_commit_free(c);
	return 0;
}

int
mc_repo_blob(struct mc_repo *repo, const char *blob, struct mc_buf *out,
    struct mc_err *err)
{
	git_odb_object *obj = NULL;
	git_object_t type;
	git_oid oid;
	size_t size;
	int rc;

	if (strlen(blob) != GIT_OID_HEXSZ || git_oid_fromstr(&oid, blob) < 0)
		return mc_err(
		    err, MC_EUSAGE, "E_REV", "\"%s\" is no blob's id", blob);
	rc = git_odb_read_header(&size, &type, repo->odb, &oid);
	if (rc == 0 && (type != GIT_OBJECT_BLOB || size > MC_REPO_BLOB)) {
		mc_err(err, MC_EDATA, "E_TREE",
		    "blob %s is no file of at most %u bytes", blob,
		    MC_REPO_BLOB);
		return mc_err_at(err, repo->path, 0, 0);
	}
	if (rc == 0)
		rc = git_odb_read(&obj, repo->odb, &oid);
	if (rc < 0) {
		mc_err(err, MC_EDAMAGED, "E_TREE", "cannot read blob %s: %s",
		    blob, mc_repo_why());
		return mc_err_at(err, repo->path, 0, 0);
	}
	mc_buf_add(out, git_odb_object_data(obj), git_odb_object_size(obj));
	git_odb_object_free(obj);
	return 0;
}

static int
read_disk(const struct mc_repo_tree *tree, const struct mc_repo_entry *entry,
    struct mc_buf *out, struct mc_err *err)
{
	struct mc_buf path = { 0 };
	struct stat st;
	ssize_t n;
	int fd, rc = -1;

	mc_buf_printf(&path, "%s/%s", tree->root, entry->path);
	fd = open(path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		mc_err_sys(err, errno, "%s", path.p);
		goto done;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > MC_REPO_BLOB) {
		mc_err(err, MC_EDATA, "E_TREE",
		    "\"%s\" is no regular file of at most %u bytes",
		    entry->path, MC_REPO_BLOB);
		goto done;
	}
	while ((n = read(fd, mc_buf_room(out, 1 << 16), 1 << 16)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || out->len > MC_REPO_BLOB) {
			mc_err_sys(err, n == -1 ? errno : EFBIG, "%s", path.p);
			goto done;
		}
		out->len += (size_t)n;
		out->p[out->len] = '\0';
	}
	rc = 0;
done:
	if (fd != -1)
		close(fd);
	mc_buf_free(&path);
	return rc;
}

int
mc_repo_read(struct mc_repo *repo, const struct mc_repo_tree *tree,
    const struct mc_repo_entry *entry, struct mc_buf *out, struct mc_err *err)
{
	if (tree->root != NULL)
		return read_disk(tree, entry, out, err);
	return mc_repo_blob(repo, entry->blob, out, err);
}

void
mc_repo_blob_id(struct mc_str text, char id[MC_OID_HEX])
{
	struct mc_err ignored = MC_ERR_INIT;
	git_oid oid;

	/* Hashing needs no repository, and fails only without memory. */
	if (mc_repo_start(&ignored) == -1 ||
	    git_odb_hash(&oid, text.len > 0 ? text.p : "", text.len,
		GIT_OBJECT_BLOB) != 0)
		abort();
	git_oid_tostr(id, MC_OID_HEX, &oid);
}
