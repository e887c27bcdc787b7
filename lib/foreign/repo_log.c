/* repo_log.c - which commits changed a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/repo.h>
#include <motcua/text.h>

#include "repo_internal.h"

struct mc_repo_log {
	struct mc_repo *repo;
	git_revwalk *walk;
	bool (*match)(void *arg, const char *path);
	void *arg;
	struct mc_buf author, summary, path;
};

int
mc_repo_log_open(struct mc_repo_log **out, struct mc_repo *repo,
    const char *rev, bool (*match)(void *arg, const char *path), void *arg,
    struct mc_err *err)
{
	struct mc_repo_log *log;
	char commit[MC_OID_HEX];
	git_oid oid;

	*out = NULL;
	if (mc_repo_resolve(repo, rev, commit, err) == -1)
		return -1;
	log = mc_calloc(1, sizeof(*log));
	log->repo = repo;
	log->match = match;
	log->arg = arg;
	if (git_oid_fromstr(&oid, commit) < 0 ||
	    git_revwalk_new(&log->walk, repo->git) < 0 ||
	    git_revwalk_sorting(
		log->walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME) < 0 ||
	    git_revwalk_push(log->walk, &oid) < 0) {
		mc_repo_log_free(log);
		mc_err(err, MC_EDAMAGED, "E_REV",
		    "cannot read the history of \"%s\": %s", rev,
		    mc_repo_why());
		return mc_err_at(err, repo->path, 0, 0);
	}
	*out = log;
	return 0;
}

void
mc_repo_log_free(struct mc_repo_log *log)
{
	if (log == NULL)
		return;
	git_revwalk_free(log->walk);
	mc_buf_free(&log->author);
	mc_buf_free(&log->summary);
	mc_buf_free(&log->path);
	free(log);
}

static int differs(struct mc_repo_log *log, struct mc_repo_walk *w,
    const git_oid *a, const git_oid *b, int depth, struct mc_err *err);

/* One name, with what stands there before and after; either may be NULL. */
static int
differs_at(struct mc_repo_log *log, struct mc_repo_walk *w,
    const struct mc_repo_item *a, const struct mc_repo_item *b, int depth,
    struct mc_err *err)
{
	const struct mc_repo_item *it = a != NULL ? a : b;
	const git_oid *da = a != NULL && a->dir ? &a->oid : NULL;
	const git_oid *db = b != NULL && b->dir ? &b->oid : NULL;
	size_t before;
	int rc = 0;

	if (a != NULL && b != NULL && a->dir == b->dir &&
	    git_oid_equal(&a->oid, &b->oid))
		return 0;
	before = mc_repo_enter(w, it->name, it->len);
	if (da != NULL || db != NULL)
		rc = differs(log, w, da, db, depth + 1, err);
	if (rc == 0 && ((a != NULL && !a->dir) || (b != NULL && !b->dir)) &&
	    log->match(log->arg, w->path.p)) {
		mc_buf_reset(&log->path);
		mc_buf_puts(&log->path, w->path.p);
		rc = 1;
	}
	mc_repo_leave(w, before);
	return rc;
}

/*
 * 1 when a matching path differs between two trees (NULL: no tree), else
 * 0.  Only what differs is read, under the same limits as any tree.
 */
static int
differs(struct mc_repo_log *log, struct mc_repo_walk *w, const git_oid *a,
    const git_oid *b, int depth, struct mc_err *err)
{
	static const struct mc_str none = { NULL, 0 };
	struct mc_repo_level la = { NULL, { 0 } }, lb = { NULL, { 0 } };
	const struct mc_repo_item *x, *y;
	size_t i = 0, j = 0;
	int d, rc = -1;

	if (depth > MC_REPO_DEPTH)
		return mc_repo_refuse(
		    w, none, err, "deeper than %d directories", MC_REPO_DEPTH);
	if (a != NULL && mc_repo_level_read(&la, w, a, err) == -1)
		return -1;
	if (b != NULL && mc_repo_level_read(&lb, w, b, err) == -1)
		goto done;
	rc = 0;
	while (rc == 0 && (i < la.v.n || j < lb.v.n)) {
		x = i < la.v.n ? &la.v.p[i] : NULL;
		y = j < lb.v.n ? &lb.v.p[j] : NULL;
		d = x == NULL ? 1 : y == NULL ? -1 : mc_repo_item_compare(x, y);
		rc = differs_at(
		    log, w, d <= 0 ? x : NULL, d >= 0 ? y : NULL, depth, err);
		i += d <= 0;
		j += d >= 0;
	}
done:
	mc_repo_level_free(&la);
	mc_repo_level_free(&lb);
	return rc;
}

/* 1 when the commit differs from every one of its parents. */
static int
touches(struct mc_repo_log *log, const git_commit *c, struct mc_err *err)
{
	char what[MC_OID_HEX + 8], hex[MC_OID_HEX];
	git_oid parent;
	unsigned i, n = git_commit_parentcount(c);
	int rc = 1;

	git_oid_tostr(hex, sizeof(hex), git_commit_id(c));
	snprintf(what, sizeof(what), "commit %s", hex);
	for (i = 0; rc == 1 && i < (n > 0 ? n : 1); i++) {
		struct mc_repo_walk w = { .repo = log->repo,
			.where = log->repo->path,
			.what = what };

		if (n > 0 && mc_repo_tree_of(&parent, log->repo,
				 git_commit_parent_id(c, i), err) == -1)
			return -1;
		rc = n > 0 && git_oid_equal(&parent, git_commit_tree_id(c))
			 ? 0
			 : differs(log, &w, n > 0 ? &parent : NULL,
			       git_commit_tree_id(c), 1, err);
		mc_buf_free(&w.path);
	}
	return rc;
}

static void
safe(struct mc_buf *b, const char *s)
{
	mc_buf_reset(b);
	mc_buf_puts(b, "");
	if (s != NULL)
		mc_text_safe(b, s, strlen(s));
}

int
mc_repo_log_next(
    struct mc_repo_log *log, struct mc_repo_commit *c, struct mc_err *err)
{
	git_commit *commit;
	git_oid oid;
	int rc;

	while ((rc = git_revwalk_next(&oid, log->walk)) == 0) {
		if (git_commit_lookup(&commit, log->repo->git, &oid) < 0)
			break;
		rc = touches(log, commit, err);
		if (rc == 1) {
			git_oid_tostr(c->id, sizeof(c->id), &oid);
			c->when = (int64_t)git_commit_time(commit) * 1000;
			safe(&log->author, git_commit_author(commit)->name);
			safe(&log->summary, git_commit_summary(commit));
			c->author = log->author.p;
			c->summary = log->summary.p;
			c->path = log->path.p;
		}
		git_commit_free(commit);
		if (rc != 0)
			return rc;
	}
	if (rc == GIT_ITEROVER)
		return 0;
	mc_err(err, MC_EDAMAGED, "E_REV", "cannot read the history: %s",
	    mc_repo_why());
	return mc_err_at(err, log->repo->path, 0, 0);
}
