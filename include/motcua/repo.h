/*
 * repo.h - a git repository, read as untrusted data (libgit2 behind it).
 *
 * Only committed objects count, never the work tree.  Opening is lazy work
 * for the caller to avoid (libgit2's start costs 10 to 24 ms).  Limits of
 * RELIABILITY 4.14 hold for every tree before any blob is read: regular
 * files only, names [A-Za-z0-9._@-]{1,100} unique after case folding, depth
 * 16, 10,000 entries, blobs of 1 MiB (size read first), 64 MiB in all.
 */
#ifndef MOTCUA_REPO_H
#define MOTCUA_REPO_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_OID_HEX 41 /* 40 hex digits and the terminator */
#define MC_REPO_ENTRIES 10000
#define MC_REPO_DEPTH 16
#define MC_REPO_BLOB (1u << 20)
#define MC_REPO_TOTAL (64u << 20)

struct mc_repo;

/* Any owner is accepted.  E_RULES names the path. */
int mc_repo_open(
    struct mc_repo **out, const char *path, struct mc_err *err) MC_MUST_CHECK;
/*
 * A new repository with one commit holding the given files (fsynced before
 * this returns).  E_EXISTS when path exists and is not an empty directory.
 */
struct mc_repo_file {
	const char *path;
	struct mc_str data;
};
int mc_repo_init(const char *path, const struct mc_repo_file *files, size_t n,
    const char *message, int64_t when_ms, struct mc_err *err) MC_MUST_CHECK;
void mc_repo_free(struct mc_repo *repo);
/*
 * Objects in a further directory count too: those of a push that a hook has
 * still to decide on (git keeps them in $GIT_QUARANTINE_PATH).
 */
int mc_repo_objects(
    struct mc_repo *repo, const char *dir, struct mc_err *err) MC_MUST_CHECK;

/* The branch HEAD names ("refs/heads/main"), into hex-safe buf. */
int mc_repo_head(
    struct mc_repo *repo, struct mc_buf *ref, struct mc_err *err) MC_MUST_CHECK;
/* A ref, revision ("HEAD~2", "v1", hex) to its commit; E_REV. */
int mc_repo_resolve(struct mc_repo *repo, const char *rev,
    char commit[MC_OID_HEX], struct mc_err *err) MC_MUST_CHECK;
/*
 * Will the commit outlive a power cut and git's housekeeping?  A branch or
 * tag must lead to it (else MC_EREFUSED/E_REV; unknown: MC_ENOTFOUND/E_REV),
 * and what was written of it is on the disk when this returns.
 */
int mc_repo_durable(
    struct mc_repo *repo, const char *commit, struct mc_err *err) MC_MUST_CHECK;
/* What has been written of the repository is on the disk. */
int mc_repo_settle(struct mc_repo *repo, struct mc_err *err) MC_MUST_CHECK;
/* Does the object exist in the repository? */
bool mc_repo_has(struct mc_repo *repo, const char *oid);

/*
 * All files of a commit's tree, sorted by path, checked against the limits;
 * what is refused is E_TREE with its path.  Free with mc_repo_tree_free().
 */
struct mc_repo_entry {
	char *path; /* "procedures/land/1.012753.json" */
	char blob[MC_OID_HEX];
	uint64_t size;
};
struct mc_repo_tree {
	char commit[MC_OID_HEX]; /* "" for a work tree */
	char *root;              /* a work tree's directory, else NULL */
	struct mc_repo_entry *entry;
	size_t n;
};
int mc_repo_tree(struct mc_repo *repo, const char *commit,
    struct mc_repo_tree **out, struct mc_err *err) MC_MUST_CHECK;
void mc_repo_tree_free(struct mc_repo_tree *tree);
const struct mc_repo_entry *mc_repo_tree_find(
    const struct mc_repo_tree *tree, const char *path); /* NULL: none */

/*
 * The same over a work tree on disk (procedure lint --worktree only): what
 * git would commit, so .git and ignored files are left out.  No blob ids.
 */
int mc_repo_worktree(const char *path, struct mc_repo_tree **out,
    struct mc_err *err) MC_MUST_CHECK;

/* Text of a blob (by id) appended to buf. */
int mc_repo_blob(struct mc_repo *repo, const char *blob, struct mc_buf *out,
    struct mc_err *err) MC_MUST_CHECK;
/* The same for a file of a tree of either kind; a work tree needs no repo. */
int mc_repo_read(struct mc_repo *repo, const struct mc_repo_tree *tree,
    const struct mc_repo_entry *entry, struct mc_buf *out,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * Commits that changed any file whose path matches, newest first: against
 * their parent, a merge against every parent, a root against nothing.
 */
struct mc_repo_commit {
	char id[MC_OID_HEX];
	int64_t when;                 /* ms UTC */
	const char *author, *summary; /* borrowed until the next call */
	const char *path;             /* the first that matched; likewise */
};
struct mc_repo_log;
int mc_repo_log_open(struct mc_repo_log **out, struct mc_repo *repo,
    const char *rev, bool (*match)(void *arg, const char *path), void *arg,
    struct mc_err *err) MC_MUST_CHECK;
int mc_repo_log_next(struct mc_repo_log *log, struct mc_repo_commit *c,
    struct mc_err *err) MC_MUST_CHECK;
void mc_repo_log_free(struct mc_repo_log *log);

/* The id git gives a blob of these bytes: 40 hex digits. */
void mc_repo_blob_id(struct mc_str text, char id[MC_OID_HEX]);

/* Remove a repository that mc_repo_init() has just made. */
void mc_repo_remove(const char *path);

#endif
