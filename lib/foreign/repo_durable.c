/* repo_durable.c - will a commit be there tomorrow?  See motcua/repo.h. */
#define _GNU_SOURCE /* syncfs() */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "repo_internal.h"

/* What every branch and tag points to. */
struct tips {
	MC_VEC(git_oid) v;
};

static int
add_tip(git_reference *ref, void *arg)
{
	struct tips *t = arg;
	git_object *c = NULL;

	/* A ref to something else leads to no commit. */
	if (git_reference_peel(&c, ref, GIT_OBJECT_COMMIT) == 0)
		mc_vec_push(&t->v, *git_object_id(c));
	git_object_free(c);
	git_reference_free(ref);
	return 0;
}

/* A commit that no branch and no tag leads to is git's to throw away. */
static int
reachable(struct mc_repo *repo, const git_oid *id, struct mc_err *err)
{
	struct tips tips = { 0 };
	int rc = git_reference_foreach(repo->git, add_tip, &tips);

	if (rc == 0)
		rc = git_graph_reachable_from_any(
		    repo->git, id, tips.v.p, tips.v.n);
	mc_vec_free(&tips.v);
	if (rc >= 0)
		return rc;
	mc_err(err, MC_EDAMAGED, "E_RULES", "cannot read its history: %s",
	    mc_repo_why());
	return mc_err_at(err, repo->path, 0, 0);
}

/*
 * git writes objects without waiting for the disk.  Which files it has put
 * them into nobody needs to know: the file system is told to finish.
 */
int
mc_repo_settle(struct mc_repo *repo, struct mc_err *err)
{
	int fd = open(
	    git_repository_path(repo->git), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd == -1 || syncfs(fd) == -1)
		rc = mc_err_sys(err, errno, "%s", repo->path);
	if (fd != -1)
		close(fd);
	return rc;
}

int
mc_repo_durable(struct mc_repo *repo, const char *commit, struct mc_err *err)
{
	git_oid id;
	int rc;

	if (git_oid_fromstr(&id, commit) < 0 ||
	    !git_odb_exists(repo->odb, &id)) {
		mc_err(err, MC_ENOTFOUND, "E_REV", "no such commit \"%.40s\"",
		    commit);
		return mc_err_at(err, repo->path, 0, 0);
	}
	if ((rc = reachable(repo, &id, err)) == -1)
		return -1;
	if (rc == 0) {
		mc_err(err, MC_EREFUSED, "E_REV",
		    "no branch and no tag leads to commit %.12s, and git may "
		    "throw it away",
		    commit);
		mc_err_at(err, repo->path, 0, 0);
		return mc_err_advise(err, "put it on a branch first");
	}
	return mc_repo_settle(repo, err);
}
