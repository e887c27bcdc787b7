/* dossier-db - the database itself; dossier-db(1). */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <motcua/check.h>
#include <motcua/cli.h>
#include <motcua/rulebook.h>

/* clang-format off */
enum { RULES = MC_OPT_LONG, ALL };
static const struct mc_opt opts[] = {
	{ RULES, "rules", "REPO[#REF]", "init: the rulebook; without it one is made" },
	{ ALL,   "all",   NULL,         "check: every check, the calendar's horizon too" },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	const char *rules;
	bool all;
	struct mc_store *store;
	struct mc_out *out;
};

/* ---- init ---- */

/* What init makes, to be taken back when it fails. */
struct init {
	struct mc_buf rules, ref; /* where the rulebook is, and what of it */
	struct mc_rulebook *rb;
	bool made_dir, made_rules, made_db;
};

/* NAME.rules for NAME.db: absolute, because that is what is kept. */
static int
rules_beside(const char *db, struct mc_buf *out, struct mc_err *err)
{
	char real[PATH_MAX];
	const char *slash = strrchr(db, '/'), *name = db, *dir = ".";
	char *copy = NULL;
	size_t len;

	if (slash != NULL) {
		name = slash + 1;
		dir = copy = slash == db ? mc_strdup("/")
					 : mc_strndup(db, (size_t)(slash - db));
	}
	if (realpath(dir, real) == NULL) {
		mc_err_sys(err, errno, "%s", dir);
		free(copy);
		return -1;
	}
	free(copy);
	len = strlen(name);
	if (len > 3 && strcmp(name + len - 3, ".db") == 0)
		len -= 3;
	mc_buf_printf(
	    out, "%s/%.*s.rules", real[1] == '\0' ? "" : real, (int)len, name);
	return 0;
}

/* REPO or REPO#REF, made absolute; a '#' may also be in a path's name. */
static int
rules_given(const char *text, struct init *in, struct mc_err *err)
{
	char real[PATH_MAX];
	const char *hash = strrchr(text, '#');
	struct stat st;
	char *path;

	if (hash == NULL || stat(text, &st) == 0)
		hash = text + strlen(text);
	else
		mc_buf_puts(&in->ref, hash + 1);
	path = mc_strndup(text, (size_t)(hash - text));
	if (realpath(path, real) == NULL)
		mc_err(err, MC_ENOTFOUND, "E_RULES",
		    "there is no rulebook \"%s\": %s", path, strerror(errno));
	else
		mc_buf_puts(&in->rules, real);
	free(path);
	return in->rules.len > 0 ? 0 : -1;
}

/* A branch or tag by its short name is kept by its full one. */
static int
full_ref(struct mc_repo *repo, struct mc_buf *ref, struct mc_err *err)
{
	static const char *const space[] = { "refs/heads/", "refs/tags/" };
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf full = { 0 };
	char commit[MC_OID_HEX];
	size_t i;

	if (ref->len == 0)
		return mc_repo_head(repo, ref, err);
	for (i = 0; i < 2; i++) {
		mc_buf_reset(&full);
		mc_buf_printf(&full, "%s%s", space[i], mc_buf_str(ref));
		if (mc_repo_resolve(repo, full.p, commit, &ignored) == 0) {
			mc_buf_free(ref);
			*ref = full;
			return 0;
		}
	}
	mc_buf_free(&full);
	return mc_repo_resolve(repo, mc_buf_str(ref), commit, err);
}

static int
open_rules(struct tool *t, struct init *in, int64_t now, struct mc_err *err)
{
	struct mc_repo *repo = NULL;
	int rc = -1;

	if (t->rules != NULL) {
		if (rules_given(t->rules, in, err) == -1)
			return -1;
	} else if (rules_beside(t->cli->db, &in->rules, err) == -1) {
		return -1;
	} else if (mc_rulebook_init(mc_buf_str(&in->rules), now, err) == -1) {
		if (strcmp(err->id, "E_EXISTS") == 0)
			mc_err_advise(err, "to use it: --rules=%s",
			    mc_buf_str(&in->rules));
		return -1;
	} else {
		in->made_rules = true;
	}
	if (mc_repo_open(&repo, mc_buf_str(&in->rules), err) == 0 &&
	    full_ref(repo, &in->ref, err) == 0)
		rc = mc_rulebook_open(
		    &in->rb, mc_buf_str(&in->rules), mc_buf_str(&in->ref), err);
	mc_repo_free(repo);
	return rc;
}

static int
make(struct tool *t, struct init *in, struct mc_err *err)
{
	struct mc_actor actor;
	struct mc_zone *utc = NULL;
	struct mc_site site;
	int64_t now;
	int rc;

	/* The rulebook says its zone; until then, UTC and no refusal. */
	if (mc_cli_actor(t->cli, &actor, err) == -1 ||
	    mc_zone_open(&utc, "UTC", err) == -1)
		return -1;
	rc = mc_cli_now(t->cli, utc, &now, NULL, err);
	mc_zone_free(utc);
	if (rc == -1 || open_rules(t, in, now, err) == -1)
		return -1;
	site = (struct mc_site){
		.code = mc_rulebook_agency(in->rb),
		.zone = mc_zone_name(mc_rulebook_zone(in->rb)),
		.rules = mc_buf_str(&in->rules),
		.ref = mc_buf_str(&in->ref),
	};
	t->cli->writer = true;
	if (mc_cli_now(t->cli, mc_rulebook_zone(in->rb), &now, NULL, err) == -1)
		return -1;
	in->made_db = true;
	if (mc_store_create(&t->store, t->cli->db, &site, &actor, now, err) ==
	    -1)
		return -1;
	mc_cli_note(t->cli, "%s %s (%s of commit %.12s)",
	    in->made_rules ? "made the rulebook" : "rulebook", site.rules,
	    site.ref, mc_rulebook_commit(in->rb));
	mc_cli_note(t->cli, "made the database %s (site %s, zone %s)",
	    t->cli->db, site.code, site.zone);
	return MC_EXIT_OK;
}

static int
run_init(struct tool *t, struct mc_err *err)
{
	struct init in = { .made_db = false };
	char *dir;
	int rc = mc_db_ready(t->cli->db, &in.made_dir, err);

	if (rc == 0)
		rc = make(t, &in, err);
	if (rc == -1 && in.made_db)
		mc_db_remove(t->cli->db);
	if (rc == -1 && in.made_rules)
		mc_repo_remove(mc_buf_str(&in.rules));
	if (rc == -1 && in.made_dir) {
		dir = mc_strdup(t->cli->db);
		*strrchr(dir, '/') = '\0';
		rmdir(dir);
		free(dir);
	}
	mc_rulebook_free(in.rb);
	mc_buf_free(&in.rules);
	mc_buf_free(&in.ref);
	return rc;
}

/* ---- check ---- */

/* Which checks were asked for: bits of enum mc_check. */
static int
wanted(struct tool *t, unsigned *out, struct mc_err *err)
{
	enum mc_check c;
	int i;

	*out = 0;
	for (i = 1; i < t->cli->argc; i++) {
		c = mc_check_find(t->cli->argv[i]);
		if (c == MC_CHECK__COUNT)
			return mc_err(err, MC_EUSAGE, "E_USAGE",
			    _("there is no check \"%s\""), t->cli->argv[i]);
		*out |= 1u << c;
	}
	for (i = 0; i < MC_CHECK__COUNT; i++)
		if (t->all ||
		    (t->cli->argc == 1 && mc_check_usual((enum mc_check)i)))
			*out |= 1u << i;
	return 0;
}

static int
run_check(struct tool *t, struct mc_err *err)
{
	struct mc_findings f = { .found = mc_out_finding };
	unsigned checks;
	int64_t now;
	int i, rc = 0;

	if (wanted(t, &checks, err) == -1 ||
	    mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &now, NULL, err) ==
		-1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		return -1;
	f.arg = t->out;
	for (i = 0; i < MC_CHECK__COUNT && rc == 0; i++)
		if ((checks >> i & 1) != 0)
			rc = mc_check(t->store, (enum mc_check)i, now, &f, err);
	if (mc_out_close(t->out, err) == -1)
		rc = -1;
	mc_findings_free(&f);
	return rc == -1 ? -1 : f.n > 0 ? MC_EXIT_FOUND : MC_EXIT_OK;
}

/* ---- backup, info ---- */

static int
run_backup(struct tool *t, struct mc_err *err)
{
	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1)
		return -1;
	return mc_db_backup(mc_store_db(t->store), t->cli->argv[1], err);
}

/* In a table for people each member is a line of its own. */
static bool
member(struct tool *t, const char **name)
{
	if (strcmp(t->cli->format, "table") != 0)
		return false;
	mc_out_begin(t->out, "motcua.info/1");
	mc_out_str(t->out, "name", *name);
	*name = "value";
	return true;
}

static void
put_text(struct tool *t, const char *name, const char *text)
{
	bool row = member(t, &name);

	mc_out_str(t->out, name, text);
	if (row)
		mc_out_end(t->out);
}

static void
put_int(struct tool *t, const char *name, int64_t n)
{
	bool row = member(t, &name);

	mc_out_int(t->out, name, n);
	if (row)
		mc_out_end(t->out);
}

/* What the rulebook adds; without it the rest is still worth telling. */
static void
put_rules(struct tool *t, struct mc_rulebook *rb)
{
	const char *blob, *name = "known_until";
	const struct mc_calendar *cal;
	struct mc_err why = MC_ERR_INIT;
	int32_t until = MC_NODAY;
	bool row;

	put_text(t, "commit", rb == NULL ? NULL : mc_rulebook_commit(rb));
	if (rb != NULL &&
	    mc_rulebook_calendar(rb, NULL, &cal, &blob, &why) == 0)
		until = mc_calendar_known_until(cal);
	row = member(t, &name);
	mc_out_day(t->out, name, until);
	if (row)
		mc_out_end(t->out);
	if (why.code != MC_OK)
		mc_cli_warn(t->cli, &why);
}

static void
put_info(struct tool *t, const struct mc_info *i, struct mc_rulebook *rb)
{
	const struct mc_site *site = mc_store_site(t->store);
	const char *last = "last_recorded_at";
	struct mc_buf root = { 0 };
	struct mc_hash h;
	bool row;

	mc_tree_root(&i->tree, &h);
	mc_base64_put(&root, h.b, sizeof(h.b));
	if (strcmp(t->cli->format, "table") != 0)
		mc_out_begin(t->out, "motcua.info/1");
	put_text(t, "site", site->code);
	put_text(t, "id", mc_store_id(t->store));
	put_text(t, "zone", site->zone);
	put_int(t, "dossiers", i->dossiers);
	put_int(t, "open", i->open);
	put_int(t, "events", (int64_t)i->tree.size);
	put_text(t, "root", mc_buf_str(&root));
	row = member(t, &last);
	mc_out_time(t->out, last, i->last_at);
	if (row)
		mc_out_end(t->out);
	put_int(t, "bytes", i->bytes);
	put_int(
	    t, "schema_version", mc_db_schema_version(mc_store_db(t->store)));
	put_text(t, "sqlite", mc_db_sqlite_version());
	put_text(t, "rules", site->rules);
	put_text(t, "ref", site->ref);
	put_rules(t, rb);
	if (strcmp(t->cli->format, "table") != 0)
		mc_out_end(t->out);
	mc_buf_free(&root);
}

static int
run_info(struct tool *t, struct mc_err *err)
{
	struct mc_rulebook *rb = NULL;
	struct mc_err why = MC_ERR_INIT;
	struct mc_info info;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_check_info(t->store, &info, err) == -1 ||
	    mc_cli_out(t->cli, &t->out, mc_store_zone(t->store), err) == -1)
		return -1;
	if (mc_rulebook_open(&rb, mc_store_site(t->store)->rules,
		mc_store_site(t->store)->ref, &why) == -1)
		mc_cli_warn(t->cli, &why);
	put_info(t, &info, rb);
	mc_rulebook_free(rb);
	return mc_out_close(t->out, err);
}

/* clang-format off */
static const struct {
	const char *name;
	int (*run)(struct tool *t, struct mc_err *err);
	int min, max; /* operands after the name */
} commands[] = {
	{ "init",   run_init,   0, 0 },
	{ "check",  run_check,  0, MC_CHECK__COUNT },
	{ "backup", run_backup, 1, 1 },
	{ "info",   run_info,   0, 0 },
};
/* clang-format on */
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int
main(int argc, char *argv[])
{
	struct mc_cli cli = MC_CLI("dossier-db", "Make and keep the database.",
	    "init [--rules=REPO[#REF]]\ncheck [--all] [NAME...]\n"
	    "backup FILE\ninfo",
	    opts, MC_CLI_DB | MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_FORMAT, argc,
	    argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli };
	size_t i;
	int c, rc;

	cli.words = "init check backup info";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case RULES:
			t.rules = cli.arg;
			break;
		case ALL:
			t.all = true;
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if (cli.argc == 0)
		return mc_cli_usage(&cli, _("say what to do"));
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, cli.argv[0]) == 0)
			break;
	if (i == COMMANDS)
		return mc_cli_usage(
		    &cli, _("there is no command \"%s\""), cli.argv[0]);
	if (cli.argc - 1 < commands[i].min || cli.argc - 1 > commands[i].max)
		return mc_cli_usage(&cli, _("%s takes %s"), commands[i].name,
		    commands[i].min == 1 ? _("one file") : _("no operands"));
	if ((t.rules != NULL && commands[i].run != run_init) ||
	    (t.all && commands[i].run != run_check))
		return mc_cli_usage(
		    &cli, _("%s does not take that option"), commands[i].name);

	/* Nothing is held above this line. */
	rc = commands[i].run(&t, &err);
	rc = mc_cli_finish(&cli, &err, rc);
	mc_store_close(t.store);
	mc_out_free(t.out);
	return rc;
}
