/* repo: a repository made, read, logged; work trees; what is refused. */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/repo.h>

#include "tap.h"

static char dir[] = "/tmp/motcua-repo-XXXXXX";

static struct mc_buf path_buf;

static const char *
at(const char *name)
{
	mc_buf_reset(&path_buf);
	mc_buf_printf(&path_buf, "%s/%s", dir, name);
	return path_buf.p;
}

static void
write_file(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0666);

	OK(fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool
any(void *arg, const char *path)
{
	const char *prefix = arg;

	return strncmp(path, prefix, strlen(prefix)) == 0;
}

static int
count_log(struct mc_repo *r, const char *prefix)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_repo_commit c;
	struct mc_repo_log *log;
	struct mc_buf arg = { 0 };
	int n = 0, rc;

	mc_buf_puts(&arg, prefix);
	rc = mc_repo_log_open(&log, r, "HEAD", any, arg.p, &err);
	IS(rc, 0);
	while (rc == 0 && (rc = mc_repo_log_next(log, &c, &err)) == 1) {
		n++;
		OK(strlen(c.id) == 40 && any(arg.p, c.path));
		IS_STR(c.author, "motcua");
		IS(c.when, 1704067200000);
		rc = 0;
	}
	IS(rc, 0);
	mc_repo_log_free(log);
	mc_buf_free(&arg);
	return n;
}

static void
test_init(void)
{
	static const struct mc_repo_file files[] = {
		{ "b.txt", { "bee\n", 4 } },
		{ "a/deep/c.txt", { "sea\n", 4 } },
		{ "a/empty", { "", 0 } },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_repo_tree *tree = NULL;
	struct mc_buf b = { 0 };
	struct mc_repo *r = NULL;
	char commit[MC_OID_HEX], again[MC_OID_HEX];

	IS(mc_repo_init(at("new"), files, 3, "First\n", 1704067200000, &err),
	    0);
	IS(access(at("new/a/deep/c.txt"), R_OK), 0);
	IS(mc_repo_init(at("new"), files, 3, "First\n", 0, &err), -1);
	IS_STR(err.id, "E_EXISTS");
	mc_err_clear(&err);
	IS(mkdir(at("empty"), 0777), 0);
	IS(mc_repo_init(at("empty"), files, 1, "First\n", 0, &err), 0);

	IS(mc_repo_open(&r, at("nothing"), &err), -1);
	IS_STR(err.id, "E_RULES");
	IS(err.code, MC_ENOTFOUND);
	OK(r == NULL);
	IS(mc_repo_open(&r, at("new"), &err), 0);
	if (r == NULL)
		return;
	IS(mc_repo_head(r, &b, &err), 0);
	IS_STR(mc_buf_str(&b), "refs/heads/main");
	IS(mc_repo_resolve(r, "refs/heads/main", commit, &err), 0);
	IS(mc_repo_resolve(r, "HEAD", again, &err), 0);
	IS_STR(again, commit);
	IS(mc_repo_resolve(r, commit, again, &err), 0);
	OK(mc_repo_has(r, commit));
	OK(!mc_repo_has(r, "0000000000000000000000000000000000000001"));
	OK(!mc_repo_has(r, "xyz"));
	mc_err_clear(&err);
	IS(mc_repo_resolve(r, "nobody", again, &err), -1);
	IS_STR(err.id, "E_REV");
	IS(mc_repo_resolve(
	       r, "0000000000000000000000000000000000000001", again, &err),
	    -1);
	IS(mc_repo_tree(r, commit, &tree, &err), 0);
	if (tree != NULL && IS(tree->n, 3)) {
		IS_STR(tree->commit, commit);
		IS_STR(tree->entry[0].path, "a/deep/c.txt");
		IS_STR(tree->entry[1].path, "a/empty");
		IS_STR(tree->entry[2].path, "b.txt");
		IS(tree->entry[2].size, 4);
		mc_buf_reset(&b);
		IS(mc_repo_blob(r, tree->entry[2].blob, &b, &err), 0);
		IS_STR(b.p, "bee\n");
		OK(mc_repo_tree_find(tree, "a/empty") == &tree->entry[1]);
		OK(mc_repo_tree_find(tree, "a") == NULL);
		/* A tree's or a commit's id is no file's. */
		IS(mc_repo_blob(r, commit, &b, &err), -1);
		IS_STR(err.id, "E_TREE");
	}
	IS(count_log(r, ""), 1);
	IS(count_log(r, "a/deep"), 1);
	IS(count_log(r, "c"), 0);
	mc_repo_tree_free(tree);
	mc_buf_free(&b);
	mc_repo_free(r);
}

static void
refused(const char *message)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_repo_tree *tree;

	IS(mc_repo_worktree(at("new"), &tree, &err), -1);
	OK(tree == NULL);
	IS_STR(err.id, "E_TREE");
	IS_STR(err.msg, message);
}

static void
test_worktree(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_repo_tree *tree = NULL;
	struct mc_buf b = { 0 };
	char target[64];

	write_file("new/a/new.txt", "new\n");
	write_file("new/.gitignore", "*.o\n");
	write_file("new/junk.o", "ignored\n");
	IS(mc_repo_worktree(at("new"), &tree, &err), 0);
	if (tree != NULL && IS(tree->n, 5)) {
		IS_STR(tree->commit, "");
		IS_STR(tree->entry[0].path, ".gitignore");
		IS_STR(tree->entry[3].path, "a/new.txt");
		IS(mc_repo_read(NULL, tree, &tree->entry[3], &b, &err), 0);
		IS_STR(mc_buf_str(&b), "new\n");
	}
	mc_repo_tree_free(tree);

	write_file("new/a/x~", "");
	refused("\"a/x~\" in the work tree: names are made of letters, "
		"digits and . _ @ -");
	unlink(at("new/a/x~"));
	write_file("new/a/NEW.txt", "");
	refused("\"a/new.txt\" in the work tree: the name stands there "
		"twice, apart from case");
	unlink(at("new/a/NEW.txt"));
	snprintf(target, sizeof(target), "%s", "/etc/passwd");
	IS(symlink(target, at("new/a/link")), 0);
	refused("\"a/link\" in the work tree: a symbolic link");
	unlink(at("new/a/link"));
	IS(mkfifo(at("new/a/pipe"), 0666), 0);
	refused("\"a/pipe\" in the work tree: not a regular file");
	unlink(at("new/a/pipe"));
	write_file("new/a/big", "");
	IS(truncate(at("new/a/big"), MC_REPO_BLOB), 0);
	IS(mc_repo_worktree(at("new"), &tree, &err), 0);
	mc_repo_tree_free(tree);
	IS(truncate(at("new/a/big"), MC_REPO_BLOB + 1), 0);
	refused("\"a/big\" in the work tree: 1048577 bytes; a file has at "
		"most 1048576");
	unlink(at("new/a/big"));
	mc_buf_free(&b);
}

int
main(void)
{
	char clean[64];

	if (mkdtemp(dir) == NULL)
		return tap_skip_all("no temporary directory");
	umask(077);
	test_init();
	test_worktree();
	snprintf(clean, sizeof(clean), "rm -rf %s", dir);
	IS(system(clean), 0);
	mc_buf_free(&path_buf);
	return tap_done();
}
