/*
 * repo_internal.h - what the files behind repo.h share: the only ones that
 * see libgit2.
 */
#ifndef MOTCUA_REPO_INTERNAL_H
#define MOTCUA_REPO_INTERNAL_H

#include <git2.h>

#include <motcua/repo.h>

#define MC_REPO_OBJECT (4u << 20) /* a commit, or one level of a tree */

struct mc_repo {
	git_repository *git;
	git_odb *odb;
	char *path;
};

/* One thing in a directory, from a tree object or from a disk. */
struct mc_repo_item {
	bool dir;
	const char *name; /* not terminated in a tree object */
	size_t len;
	char *own; /* the same, on a disk */
	git_oid oid;
	uint64_t size;
};

/* One directory: what it holds, sorted by folded name. */
struct mc_repo_level {
	git_odb_object *obj;
	MC_VEC(struct mc_repo_item) v;
};

/* A walk through a tree, with what it may still use. */
struct mc_repo_walk {
	struct mc_repo *repo; /* NULL on a disk */
	const char *where;    /* for messages: the repository's path */
	const char *what;     /* for messages: "commit 0123...", "work tree" */
	size_t entries;
	uint64_t bytes;
	struct mc_buf path;
	MC_VEC(struct mc_repo_entry) found;
};

int mc_repo_start(struct mc_err *err) MC_MUST_CHECK; /* libgit2, once */
const char *mc_repo_why(void); /* libgit2's last message; never NULL */

/* The id of a commit's tree. */
int mc_repo_tree_of(git_oid *tree, struct mc_repo *repo, const git_oid *oid,
    struct mc_err *err) MC_MUST_CHECK;

/* One directory, checked and sorted; on failure nothing is held. */
int mc_repo_level_read(struct mc_repo_level *l, struct mc_repo_walk *w,
    const git_oid *oid, struct mc_err *err) MC_MUST_CHECK;
void mc_repo_level_free(struct mc_repo_level *l);
int mc_repo_item_compare(const void *a, const void *b);

/* Go down into, and come back from, a name. */
size_t mc_repo_enter(struct mc_repo_walk *w, const char *name, size_t len);
void mc_repo_leave(struct mc_repo_walk *w, size_t before);

/* E_TREE for a name in the directory the walk is in; returns -1. */
int mc_repo_refuse(const struct mc_repo_walk *w, struct mc_str name,
    struct mc_err *err, const char *fmt, ...) MC_PRINTF(4, 5);

#endif
