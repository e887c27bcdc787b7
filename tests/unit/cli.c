/* Options, defaults, messages: each row is a command line in a child. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <motcua/cli.h>

#include "tap.h"

#define MAX_ARGS 12

/* clang-format off */
static const struct mc_opt opts[] = {
	{ 'w', "warn", "TERM", "also list deadlines within TERM" },
	{ 'e', "exit-code", NULL, "exit 1 when something is listed" },
	{ MC_OPT_LONG, "set", "NAME=VALUE", "change NAME" },
};
/* clang-format on */

static struct mc_buf got, told;

/*
 * What a tool would do with the line: every option and its value, operands,
 * common values; messages go to stderr.  Returns the exit status.
 */
static int
tool(int argc, char **argv)
{
	struct mc_cli cli = MC_CLI("sla-check", "list what is late",
	    "[OPTION]... [CODE...|-]\n--explain CODE", opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_FORMAT |
		MC_CLI_DRY_RUN | MC_CLI_PERSONAL,
	    argc, argv);
	int c, i;

	cli.words = "start next";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case 'w':
		case MC_OPT_LONG:
			printf("%c(%s) ", c == 'w' ? 'w' : 's', cli.arg);
			break;
		case 'e':
			printf("e ");
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	for (i = 0; i < cli.argc; i++)
		printf("[%s]", cli.argv[i]);
	if (cli.argv[cli.argc] != NULL)
		return 99;
	printf(" %s %s%s%s%s now=%s actor=%s", cli.db, cli.format,
	    cli.dry_run ? " dry" : "", cli.personal ? " personal" : "",
	    cli.spreadsheet ? " spreadsheet" : "",
	    cli.now != NULL ? cli.now : "-",
	    cli.actor != NULL ? cli.actor : "-");
	return fflush(stdout) == 0 ? 0 : 98;
}

static void
slurp(struct mc_buf *b, FILE *f)
{
	size_t n;

	mc_buf_reset(b);
	rewind(f);
	while ((n = fread(mc_buf_room(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	mc_buf_room(b, 1)[0] = '\0';
	fclose(f);
}

/* Run `main_` on argv in a child; got and told are its stdout and stderr. */
static int
run(int (*main_)(int, char **), int argc, char **argv)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		status = main_(argc, argv);
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	slurp(&got, out);
	slurp(&told, err);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
run_words(int (*main_)(int, char **), const char *words)
{
	char copy[512], *argv[MAX_ARGS + 1], *p = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	while (p != NULL && argc < MAX_ARGS) {
		argv[argc++] = p;
		p = strchr(p, ' ');
		if (p != NULL)
			*p++ = '\0';
	}
	argv[argc] = NULL;
	return run(main_, argc, argv);
}

#define D " /db ndjson now=- actor=-"

static const struct {
	const char *line, *want;
} good[] = {
	{ "sla-check", D },
	{ "sla-check A -", "[A][-]" D },
	{ "sla-check -w 1d A", "w(1d) [A]" D },
	{ "sla-check -w1d A", "w(1d) [A]" D },
	{ "sla-check --warn=1d A", "w(1d) [A]" D },
	{ "sla-check --warn= A", "w() [A]" D },
	{ "sla-check --warn 1d A", "w(1d) [A]" D },
	{ "sla-check A -ew1d B -e", "e w(1d) e [A][B]" D },
	{ "sla-check -e -- -e --", "e [-e][--]" D },
	{ "sla-check --warn -- -e", "w(--) e " D },
	{ "sla-check --set a=b=c", "s(a=b=c) " D },
	{ "sla-check --set=a=b", "s(a=b) " D },
	{ "sla-check -d x --db=y A", "[A] y ndjson now=- actor=-" },
	{ "sla-check -f csv -n --personal",
	    " /db csv dry personal now=- actor=-" },
	{ "sla-check --spreadsheet -f csv",
	    " /db csv spreadsheet now=- actor=-" },
	{ "sla-check --now=2026 --actor=Lan",
	    " /db ndjson now=2026 actor=Lan" },
};

static const struct {
	const char *line, *want, *place;
} wrong[] = {
	{ "sla-check -x", "unknown option \"-x\"", "" },
	{ "sla-check -ex", "unknown option \"-x\"", "" },
	{ "sla-check -\xe1\xbb\x93", "unknown option \"-\xe1\xbb\x93\"", "" },
	{ "sla-check --nothing", "unknown option \"--nothing\"", "" },
	{ "sla-check --war", "unknown option \"--war\"; did you mean --warn?",
	    "" },
	{ "sla-check --formats=csv",
	    "unknown option \"--formats\"; did you mean --format?", "" },
	{ "sla-check --w=1", "unknown option \"--w\"", "" },
	{ "sla-check -w", "-w needs a value: TERM", "" },
	{ "sla-check --warn", "--warn needs a value: TERM", "" },
	{ "sla-check --db=", "--db needs a value: FILE", "" },
	{ "sla-check -d ", "--db needs a value: FILE", "" },
	{ "sla-check --exit-code=1", "--exit-code takes no value", "" },
	{ "sla-check --format=xml", "\"xml\" is none of: ndjson table csv",
	    "--format: " },
	{ "sla-check --format=", "\"\" is none of: ndjson table csv",
	    "--format: " },
	{ "sla-check -f tab", "\"tab\" is none of: ndjson table csv",
	    "--format: " },
};

static void
test_lines(void)
{
	struct mc_buf want = { 0 };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].line);
		IS(run_words(tool, good[i].line), 0);
		IS_STR(mc_buf_str(&got), good[i].want);
		IS_STR(mc_buf_str(&told), "");
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		TAP_ROW(wrong[i].line);
		IS(run_words(tool, wrong[i].line), MC_EXIT_FAIL);
		mc_buf_reset(&want);
		mc_buf_printf(&want,
		    "sla-check: %sE_USAGE: %s\nTry 'sla-check --help'.\n",
		    wrong[i].place, wrong[i].want);
		IS_STR(mc_buf_str(&told), mc_buf_str(&want));
	}
	TAP_ROW(NULL);
	mc_buf_free(&want);
}

static void
test_meant(void)
{
	static const struct {
		const char *operand, *word;
	} row[] = {
		{ "nxt", "next" },
		{ "neext", "next" },
		{ "start", "start" },
		{ "strat", "start" },
		{ "resum", "resume" },
		{ "reusme", "resume" },
		{ "py", "pay" },
		/* Not like any, too short to tell, or a code. */
		{ "", "" },
		{ "-", "" },
		{ "a", "" },
		{ "nonesuch", "" },
		{ "NEXT", "" },
		{ "next1", "" },
		{ "H42.30-260105-0007", "" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "" },
	};
	static const struct mc_opt no_options[1];
	struct mc_cli cli = MC_CLI("route", "", "", no_options, 0, 0, NULL);
	struct mc_str s;
	size_t i;

	cli.words = "start next pay resume";
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].operand);
		s = mc_cli_meant(&cli, row[i].operand);
		OK(mc_str_is(s, row[i].word));
	}
	TAP_ROW(NULL);
}

static void
test_answers(void)
{
	IS(run_words(tool, "/usr/bin/motcua-sla-check --help"), 0);
	IS_STR(mc_buf_str(&got),
	    "usage: motcua-sla-check [OPTION]... [CODE...|-]\n"
	    "       motcua-sla-check --explain CODE\n"
	    "list what is late\n"
	    "\n"
	    "  -w, --warn=TERM           also list deadlines within TERM\n"
	    "  -e, --exit-code           exit 1 when something is listed\n"
	    "      --set=NAME=VALUE      change NAME\n"
	    "  -d, --db=FILE             the database; default $MOTCUA_DB\n"
	    "      --now=TIME            take TIME for the present\n"
	    "      --actor=NAME          who acts; default $MOTCUA_ACTOR, "
	    "then the login name\n"
	    "  -f, --format=FORMAT       output as FORMAT: ndjson, table, csv\n"
	    "      --spreadsheet         CSV that spreadsheets take no "
	    "formulas "
	    "from\n"
	    "  -n, --dry-run             say what would be done, "
	    "write nothing\n"
	    "      --personal            show personal data too\n"
	    "  -h, --help                print this\n"
	    "      --version             print the version\n"
	    "\n"
	    "More in motcua-sla-check(1) and motcua(7).\n");
	IS(run_words(tool, "./other --version"), 0);
	OK(strncmp(mc_buf_str(&got), "sla-check (motcua) ", 19) == 0);
	OK(strstr(mc_buf_str(&got), mc_version()) != NULL);
	IS(run_words(tool, "x --dump-options"), 0);
	OK(strncmp(mc_buf_str(&got),
	       "w\t--warn\tTERM\talso list deadlines within TERM\n"
	       "e\t--exit-code\t\texit 1 when something is listed\n"
	       "\t--set\tNAME=VALUE\tchange NAME\n"
	       "d\t--db\tFILE\tthe database; default $MOTCUA_DB\n",
	       150) == 0);
	OK(strstr(mc_buf_str(&got), "\n\t\tstart next\t\n") != NULL);
	OK(strstr(mc_buf_str(&got), "dump-options") == NULL);
}

/* ---- statuses and messages ---- */

static int
failing(int argc, char **argv)
{
	struct mc_cli cli = MC_CLI("route", "", "", opts, 0, argc, argv);
	struct mc_err err = MC_ERR_INIT;

	if (mc_cli_next(&cli) != MC_CLI_END)
		return 97;
	if (mc_cli_finish(&cli, &err, 1) != 1)
		return 96;
	mc_err(&err, MC_EDATA, "E_DATE", "no such day \"%s\"", "31/02");
	mc_err_at(&err, "a\x1b[2J.csv", 3, 7);
	mc_err_advise(&err, "days are %s", "dd/mm/yyyy");
	mc_cli_warn(&cli, &err);
	mc_cli_note(&cli, "%d rows, %d rejected", 7, 1);
	if (mc_cli_finish(&cli, &err, 0) != 2)
		return 95;
	mc_err(&err, MC_EBUSY, "E_BUSY", "busy");
	return mc_cli_fail(&cli, &err);
}

static void
test_messages(void)
{
	IS(run_words(failing, "route"), MC_EXIT_BUSY);
	IS_STR(mc_buf_str(&got), "");
	IS_STR(mc_buf_str(&told),
	    "route: a\xef\xbf\xbd[2J.csv:3:7: E_DATE: no such day \"31/02\"\n"
	    "days are dd/mm/yyyy\n"
	    "route: 7 rows, 1 rejected\n"
	    "route: a\xef\xbf\xbd[2J.csv:3:7: E_DATE: no such day \"31/02\"\n"
	    "days are dd/mm/yyyy\n"
	    "route: E_BUSY: busy\n");
}

/* ---- the present and the actor ---- */

static int
present(int argc, char **argv)
{
	struct mc_cli cli = MC_CLI("route", "", "", opts,
	    MC_CLI_NOW | MC_CLI_ACTOR | MC_CLI_WRITES, argc, argv);
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *zone = NULL;
	struct mc_actor actor;
	int64_t now = 0, real = 0;
	int rc = 0;

	while (mc_cli_next(&cli) != MC_CLI_END)
		cli.writer = false; /* -e: a reader */
	if (mc_zone_open(&zone, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_cli_now(&cli, zone, &now, &real, &err) == -1 ||
	    mc_cli_actor(&cli, &actor, &err) == -1)
		rc = mc_cli_fail(&cli, &err);
	else
		printf("%lld %s %d %s",
		    cli.now != NULL ? (long long)now : (long long)(real - now),
		    actor.name, actor.uid == (int64_t)getuid(),
		    actor.sudo != NULL ? actor.sudo : "-");
	mc_zone_free(zone);
	return rc;
}

static void
test_present(void)
{
	const char *sudo = getuid() == 0 ? "lan" : "-";
	char want[128];

	setenv("MOTCUA_ACTOR", "desk 4", 1);
	setenv("SUDO_USER", "lan", 1);
	snprintf(want, sizeof(want), "0 desk 4 1 %s", sudo);
	IS(run_words(present, "route"), 0);
	IS_STR(mc_buf_str(&got), want);
	snprintf(want, sizeof(want), "1707103200000 Lan 1 %s", sudo);
	IS(run_words(present, "route --now=2024-02-05T10:20 --actor=Lan"), 0);
	IS_STR(mc_buf_str(&got), want);
	IS(run_words(present, "route --now=2190-01-01 -e"), 0);
	IS(run_words(present, "route --now=2190-01-01"), 2);
	IS_STR(mc_buf_str(&told),
	    "route: --now: E_NOW: \"2190-01-01\" lies after the clock\n");
	IS(run_words(present, "route --now=yesterday"), 2);
	OK(strncmp(mc_buf_str(&told), "route: --now: E_DATE: ", 22) == 0);
	IS(run_words(present, "route --actor="), 2);
	IS_STR(mc_buf_str(&told),
	    "route: --actor: E_ACTOR: an actor is 1 to 64 characters of plain "
	    "text\n");
	IS(run_words(present, "route --actor=a\nb"), 2);
	IS(run_words(present, "route --actor=\xff"), 2);
	setenv("MOTCUA_ACTOR", "a\nb", 1);
	IS(run_words(present, "route"), 2);
	OK(strncmp(mc_buf_str(&told), "route: $MOTCUA_ACTOR: E_ACTOR: ", 31) ==
	    0);
	unsetenv("MOTCUA_ACTOR");
	unsetenv("SUDO_USER");
}

static void
test_environment(void)
{
	unsetenv("MOTCUA_DB");
	IS(run_words(tool, "sla-check"), 0);
	IS_STR(mc_buf_str(&got),
	    " /var/lib/motcua/motcua.db ndjson now=- actor=-");
	setenv("MOTCUA_DB", "", 1);
	IS(run_words(tool, "sla-check"), 0);
	IS_STR(mc_buf_str(&got),
	    " /var/lib/motcua/motcua.db ndjson now=- actor=-");
	setenv("MOTCUA_DB", "/db", 1);
}

/* ---- the process ---- */

static int
closed(int argc, char **argv)
{
	struct mc_cli cli = MC_CLI("route", "", "", opts, 0, argc, argv);
	char c = 0;
	int bad = 0;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	if (mc_cli_next(&cli) != MC_CLI_END)
		return 97;
	bad |= read(STDIN_FILENO, &c, 1) != -1;
	bad |= (write(STDOUT_FILENO, &c, 1) != -1) << 1;
	bad |= (open("/dev/null", O_RDONLY) <= STDERR_FILENO) << 2;
	bad |= (umask(0) != 007) << 3;
	bad |= (signal(SIGPIPE, SIG_DFL) != SIG_DFL) << 4;
	bad |= (signal(SIGXFSZ, SIG_DFL) != SIG_IGN) << 5;
	return bad;
}

static int
full(int argc, char **argv)
{
	int fd = open("/dev/full", O_WRONLY);

	if (fd != -1)
		dup2(fd, STDOUT_FILENO);
	return fd != -1 ? tool(argc, argv) : 2;
}

int
main(void)
{
	char *none[] = { NULL };

	signal(SIGPIPE, SIG_IGN);
	setenv("MOTCUA_DB", "/db", 1);
	test_lines();
	test_meant();
	IS(run(tool, 0, none), 0);
	test_answers();
	test_messages();
	test_present();
	test_environment();
	IS(run_words(closed, "route"), 0);
	IS(run_words(full, "sla-check --help"), MC_EXIT_FAIL);
	OK(strstr(mc_buf_str(&told), "No space left") != NULL);
	mc_buf_free(&got);
	mc_buf_free(&told);
	return tap_done();
}
