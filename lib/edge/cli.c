/* cli.c - see motcua/cli.h. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <motcua/buf.h>
#include <motcua/cli.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#define DEFAULT_DB "/var/lib/motcua/motcua.db"
#define DEFAULT_FORMATS "ndjson table csv"
#define ACTOR_MAX 64   /* characters */
#define HELP_COLUMN 28 /* where --help explains an option */

/* Ids of the common long options: beyond every tool's own. */
enum {
	OPT_NOW = 0x10000,
	OPT_ACTOR,
	OPT_PERSONAL,
	OPT_SPREADSHEET,
	OPT_VERSION,
	OPT_DUMP
};

/* clang-format off */
static const struct common {
	unsigned flag; /* 0: every tool has it */
	struct mc_opt opt;
} common[] = {
	{ MC_CLI_DB, { 'd', "db", "FILE",
	    _("the database; default $MOTCUA_DB") } },
	{ MC_CLI_NOW, { OPT_NOW, "now", "TIME",
	    _("take TIME for the present") } },
	{ MC_CLI_ACTOR, { OPT_ACTOR, "actor", "NAME",
	    _("who acts; default $MOTCUA_ACTOR, then the login name") } },
	{ MC_CLI_FORMAT, { 'f', "format", "FORMAT", _("output as FORMAT") } },
	{ MC_CLI_FORMAT, { OPT_SPREADSHEET, "spreadsheet", NULL,
	    _("CSV that spreadsheets take no formulas from") } },
	{ MC_CLI_DRY_RUN, { 'n', "dry-run", NULL,
	    _("say what would be done, write nothing") } },
	{ MC_CLI_PERSONAL, { OPT_PERSONAL, "personal", NULL,
	    _("show personal data too") } },
	{ 0, { 'h', "help", NULL, _("print this") } },
	{ 0, { OPT_VERSION, "version", NULL, _("print the version") } },
};
/* clang-format on */

#define NCOMMON (sizeof(common) / sizeof(common[0]))

/* For completions and the manual's check; in no list. */
static const struct mc_opt dump_option = { OPT_DUMP, "dump-options", NULL, "" };

static const char version[] =
#include "version.inc"
    ;

const char *
mc_version(void)
{
	return version;
}

/* ---- messages ---- */

/*
 * One write, so that the lines of a pipe's tools do not mix.  A stderr that
 * takes nothing leaves nobody to tell.
 */
static void
say(const struct mc_cli *cli, const struct mc_buf *b)
{
	static const char erase[] = "\r\033[K";
	const char *p = mc_buf_str(b);
	size_t n = b->len;
	ssize_t k = 0;

	if (cli->said != NULL) {
		mc_buf_add(cli->said, p, n);
		return;
	}
	if (cli->line_shown)
		k = write(STDERR_FILENO, erase, sizeof(erase) - 1);
	while (n > 0 && (k != -1 || errno == EINTR)) {
		k = write(STDERR_FILENO, p, n);
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
}

static void
add_safe(struct mc_buf *b, const char *s)
{
	mc_text_safe(b, s, strlen(s));
}

static void add_args(struct mc_buf *b, const char *fmt, va_list ap)
    MC_PRINTF(2, 0);

static void
add_args(struct mc_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(n >= 0);
	text = mc_alloc((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	add_safe(b, text);
	free(text);
}

void
mc_cli_warn(const struct mc_cli *cli, const struct mc_err *err)
{
	struct mc_buf b = { 0 };

	mc_buf_printf(&b, "%s: ", cli->tool);
	if (err->where[0] != '\0') {
		add_safe(&b, err->where);
		mc_buf_puts(&b, ": ");
	}
	if (err->id[0] != '\0')
		mc_buf_printf(&b, "%s: ", err->id);
	add_safe(&b, err->msg);
	mc_buf_putc(&b, '\n');
	if (err->advice[0] != '\0') {
		add_safe(&b, err->advice);
		mc_buf_putc(&b, '\n');
	}
	say(cli, &b);
	mc_buf_free(&b);
}

int
mc_cli_fail(const struct mc_cli *cli, const struct mc_err *err)
{
	struct mc_err told = *err;

	if (strcmp(told.id, "E_USAGE") == 0 && told.advice[0] == '\0')
		mc_err_advise(&told, _("Try '%s --help'."), cli->tool);
	mc_cli_warn(cli, &told);
	return told.code == MC_EBUSY ? MC_EXIT_BUSY : MC_EXIT_FAIL;
}

int
mc_cli_finish(const struct mc_cli *cli, const struct mc_err *err, int rc)
{
	return err->code == MC_OK ? rc : mc_cli_fail(cli, err);
}

static int usage(const struct mc_cli *cli, const char *option, const char *fmt,
    va_list ap) MC_PRINTF(3, 0);

static int
usage(const struct mc_cli *cli, const char *option, const char *fmt, va_list ap)
{
	struct mc_buf b = { 0 };

	mc_buf_printf(&b, "%s: ", cli->tool);
	if (option != NULL)
		mc_buf_printf(&b, "%s: ", option);
	mc_buf_puts(&b, "E_USAGE: ");
	add_args(&b, fmt, ap);
	mc_buf_printf(&b, _("\nTry '%s --help'.\n"), cli->tool);
	say(cli, &b);
	mc_buf_free(&b);
	return MC_EXIT_FAIL;
}

int
mc_cli_usage(const struct mc_cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	usage(cli, NULL, fmt, ap);
	va_end(ap);
	return MC_EXIT_FAIL;
}

int
mc_cli_usage_at(
    const struct mc_cli *cli, const char *option, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	usage(cli, option, fmt, ap);
	va_end(ap);
	return MC_EXIT_FAIL;
}

struct mc_str
mc_cli_meant(const struct mc_cli *cli, const char *operand)
{
	struct mc_str rest = mc_str(cli->words), word, like = { NULL, 0 };
	size_t d, least = 3; /* two letters wrong, and one right */

	if (strpbrk(operand, "0123456789") != NULL)
		return like;
	if (strlen(operand) < least)
		least = strlen(operand);
	while (rest.len > 0) {
		word = rest;
		if (!mc_str_split(rest, ' ', &word, &rest))
			rest.len = 0;
		d = mc_text_distance(mc_str(operand), word);
		if (d < least) {
			least = d;
			like = word;
		}
	}
	return like;
}

void
mc_cli_note(const struct mc_cli *cli, const char *fmt, ...)
{
	struct mc_buf b = { 0 };
	va_list ap;

	mc_buf_printf(&b, "%s: ", cli->tool);
	va_start(ap, fmt);
	add_args(&b, fmt, ap);
	va_end(ap);
	mc_buf_putc(&b, '\n');
	say(cli, &b);
	mc_buf_free(&b);
}

/* ---- the process ---- */

/*
 * A closed standard descriptor would be given to the next file opened, the
 * database for one.  Each is opened so that using it is an error.
 */
static void
hold_descriptors(void)
{
	int fd, mode;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", mode) != fd)
			abort();
	}
}

/* As it was called ("motcua-route"), when that is a name of this tool. */
static const char *
called_as(const char *path, const char *tool)
{
	const char *base = strrchr(path, '/');
	size_t n, t = strlen(tool);

	base = base != NULL ? base + 1 : path;
	n = strlen(base);
	return n >= t && strcmp(base + n - t, tool) == 0 ? base : tool;
}

static void
start(struct mc_cli *cli)
{
	hold_descriptors();
	umask(007);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
	if (cli->argc > 0)
		cli->tool = called_as(cli->argv[0], cli->tool);
	if (cli->formats == NULL)
		cli->formats = DEFAULT_FORMATS;
	if ((cli->flags & MC_CLI_WRITES) != 0)
		cli->writer = true;
	cli->terminal = mc_cli_terminal(STDOUT_FILENO);
	cli->next = 1;
	cli->started = true;
}

/* The environment is for the one who started us, not for a set-id program. */
static const char *
environment(const char *name)
{
	const char *value;

	if (geteuid() != getuid() || getegid() != getgid())
		return NULL;
	value = getenv(name);
	return value != NULL && *value != '\0' ? value : NULL;
}

bool
mc_cli_terminal(int fd)
{
	return isatty(fd) == 1;
}

int64_t
mc_cli_ticks(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- options ---- */

/* The i-th option, the tool's own first; NULL after the last. */
static const struct mc_opt *
option_at(const struct mc_cli *cli, size_t i)
{
	size_t k;

	if (i < cli->nopt)
		return &cli->opt[i];
	i -= cli->nopt;
	for (k = 0; k < NCOMMON; k++)
		if ((common[k].flag == 0 ||
			(common[k].flag & cli->flags) != 0) &&
		    i-- == 0)
			return &common[k].opt;
	return NULL;
}

static bool
is_own(const struct mc_cli *cli, const struct mc_opt *o)
{
	return o >= cli->opt && o < cli->opt + cli->nopt;
}

/* The common --format also says what this tool's formats are. */
static void
put_help_text(
    struct mc_buf *b, const struct mc_cli *cli, const struct mc_opt *o)
{
	const char *p;

	mc_buf_puts(b, o->help);
	if (is_own(cli, o) || o->letter != 'f')
		return;
	mc_buf_puts(b, ": ");
	for (p = cli->formats; *p != '\0'; p++)
		if (*p == ' ')
			mc_buf_puts(b, ", ");
		else
			mc_buf_putc(b, *p);
}

static void
put_usage(struct mc_buf *b, const struct mc_cli *cli)
{
	const char *p = cli->synopsis, *end;
	bool first = true;

	do {
		end = strchr(p, '\n');
		mc_buf_printf(
		    b, "%s %s ", first ? _("usage:") : "      ", cli->tool);
		mc_buf_add(b, p, end != NULL ? (size_t)(end - p) : strlen(p));
		mc_buf_putc(b, '\n');
		first = false;
		p = end != NULL ? end + 1 : NULL;
	} while (p != NULL);
}

/* A list of formats may be too long for the line that begins there. */
static void
wrap_help(struct mc_buf *b, size_t from)
{
	struct mc_buf rest = { 0 };
	size_t at = from + 80;

	if (b->len <= at)
		return;
	while (at > from + HELP_COLUMN && b->p[at] != ' ')
		at--;
	mc_buf_puts(&rest, b->p + at + 1);
	b->len = at;
	mc_buf_printf(b, "\n%*s%s", HELP_COLUMN, "", rest.p);
	mc_buf_free(&rest);
}

static void
put_help(struct mc_buf *b, const struct mc_cli *cli)
{
	const struct mc_opt *o;
	size_t i, from;

	put_usage(b, cli);
	mc_buf_printf(b, "%s\n\n", cli->about);
	for (i = 0; (o = option_at(cli, i)) != NULL; i++) {
		from = b->len;
		if (o->letter < MC_OPT_LONG)
			mc_buf_printf(b, "  -%c, --%s", o->letter, o->name);
		else
			mc_buf_printf(b, "      --%s", o->name);
		if (o->arg != NULL)
			mc_buf_printf(b, "=%s", o->arg);
		if (b->len - from > HELP_COLUMN - 2) {
			mc_buf_putc(b, '\n');
			from = b->len;
		}
		while (b->len - from < HELP_COLUMN)
			mc_buf_putc(b, ' ');
		put_help_text(b, cli, o);
		wrap_help(b, from);
		mc_buf_putc(b, '\n');
	}
	mc_buf_printf(b, _("\nMore in %s(1) and motcua(7).\n"), cli->tool);
}

/*
 * One line an option: letter, name, argument, help, with tabs between; the
 * line without a name has the words that can be the first operand.
 */
static void
put_dump(struct mc_buf *b, const struct mc_cli *cli)
{
	const struct mc_opt *o;
	size_t i;

	for (i = 0; (o = option_at(cli, i)) != NULL; i++) {
		if (o->letter < MC_OPT_LONG)
			mc_buf_putc(b, (char)o->letter);
		mc_buf_printf(
		    b, "\t--%s\t%s\t", o->name, o->arg != NULL ? o->arg : "");
		put_help_text(b, cli, o);
		mc_buf_putc(b, '\n');
	}
	if (cli->words != NULL)
		mc_buf_printf(b, "\t\t%s\t\n", cli->words);
}

static int
answer(const struct mc_cli *cli, int id)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *out = NULL;
	struct mc_buf b = { 0 };
	int c = MC_CLI_BAD;

	if (id == OPT_VERSION)
		mc_buf_printf(&b, "%s (motcua) %s\n", cli->tool, version);
	else if (id == OPT_DUMP)
		put_dump(&b, cli);
	else
		put_help(&b, cli);
	if (mc_out_open(&out, STDOUT_FILENO, "text", NULL, &err) == 0) {
		mc_out_raw(out, b.p, b.len);
		if (mc_out_close(out, &err) == 0)
			c = MC_CLI_DONE;
	}
	if (c == MC_CLI_BAD)
		mc_cli_fail(cli, &err);
	mc_out_free(out);
	mc_buf_free(&b);
	return c;
}

/* Is `word` one of the words of `list` (spaces between)? */
static bool
in_list(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p = list, *end;

	for (; p != NULL; p = end != NULL ? end + 1 : NULL) {
		end = strchr(p, ' ');
		if ((end != NULL ? (size_t)(end - p) : strlen(p)) == n &&
		    strncmp(p, word, n) == 0)
			return true;
	}
	return false;
}

/*
 * An option is complete.  A common one is kept, and 0 returned; one of the
 * tool's own is for the caller.
 */
static int
take(struct mc_cli *cli, const struct mc_opt *o)
{
	/* No file has such a name; whoever opens it could not say whose. */
	if (cli->arg != NULL && *cli->arg == '\0' &&
	    strcmp(o->arg, "FILE") == 0) {
		mc_cli_usage(cli, _("--%s needs a value: %s"), o->name, o->arg);
		return MC_CLI_BAD;
	}
	if (is_own(cli, o))
		return o->letter;
	switch (o->letter) {
	case 'd':
		cli->db = cli->arg;
		return 0;
	case 'f':
		cli->format = cli->arg;
		cli->format_given = true;
		if (in_list(cli->formats, cli->format))
			return 0;
		mc_cli_usage_at(cli, "--format", _("\"%s\" is none of: %s"),
		    cli->format, cli->formats);
		return MC_CLI_BAD;
	case 'n':
		cli->dry_run = true;
		return 0;
	case OPT_NOW:
		cli->now = cli->arg;
		return 0;
	case OPT_ACTOR:
		cli->actor = cli->arg;
		return 0;
	case OPT_PERSONAL:
		cli->personal = true;
		return 0;
	case OPT_SPREADSHEET:
		cli->spreadsheet = true;
		return 0;
	default:
		return answer(cli, o->letter);
	}
}

/* A letter of a cluster; the rest of it is the value, if one is needed. */
static int
short_option(struct mc_cli *cli)
{
	const struct mc_opt *o;
	const char *s = cli->cluster;
	size_t i;

	for (i = 0; (o = option_at(cli, i)) != NULL; i++)
		if (o->letter == (unsigned char)*s)
			break;
	if (o == NULL) {
		mc_cli_usage(cli, _("unknown option \"-%.*s\""),
		    (int)mc_utf8_cut(s, strlen(s), 4), s);
		return MC_CLI_BAD;
	}
	cli->arg = NULL;
	cli->cluster = s[1] != '\0' ? s + 1 : NULL;
	if (o->arg != NULL) {
		cli->arg = cli->cluster;
		cli->cluster = NULL;
		if (cli->arg == NULL && cli->next < cli->argc)
			cli->arg = cli->argv[cli->next++];
		if (cli->arg == NULL) {
			mc_cli_usage(
			    cli, _("-%c needs a value: %s"), o->letter, o->arg);
			return MC_CLI_BAD;
		}
	}
	return take(cli, o);
}

/* An unknown name: say which was meant, if one begins like it. */
static int
unknown(const struct mc_cli *cli, const char *s, size_t n)
{
	const struct mc_opt *o, *like = NULL;
	size_t i, k;

	for (i = 0; (o = option_at(cli, i)) != NULL; i++) {
		k = strlen(o->name);
		if (n >= 2 && strncmp(o->name, s, k < n ? k : n) == 0)
			like = o;
	}
	if (like != NULL)
		mc_cli_usage(cli,
		    _("unknown option \"--%.*s\"; did you mean --%s?"), (int)n,
		    s, like->name);
	else
		mc_cli_usage(cli, _("unknown option \"--%.*s\""), (int)n, s);
	return MC_CLI_BAD;
}

static int
long_option(struct mc_cli *cli, const char *s)
{
	const struct mc_opt *o;
	const char *value = strchr(s, '=');
	size_t i, n = value != NULL ? (size_t)(value - s) : strlen(s);

	for (i = 0; (o = option_at(cli, i)) != NULL; i++)
		if (strlen(o->name) == n && strncmp(o->name, s, n) == 0)
			break;
	if (o == NULL && strcmp(s, dump_option.name) == 0)
		o = &dump_option;
	if (o == NULL)
		return unknown(cli, s, n < 256 ? n : 256);
	cli->arg = NULL;
	if (o->arg == NULL && value != NULL) {
		mc_cli_usage(cli, _("--%s takes no value"), o->name);
		return MC_CLI_BAD;
	}
	if (o->arg != NULL) {
		if (value != NULL)
			cli->arg = value + 1;
		else if (cli->next < cli->argc)
			cli->arg = cli->argv[cli->next++];
		else {
			mc_cli_usage(
			    cli, _("--%s needs a value: %s"), o->name, o->arg);
			return MC_CLI_BAD;
		}
	}
	return take(cli, o);
}

/* All options are seen: what was not given gets its default. */
static void
settle(struct mc_cli *cli)
{
	if (cli->db == NULL)
		cli->db = environment("MOTCUA_DB");
	if (cli->db == NULL)
		cli->db = DEFAULT_DB;
	if (cli->format == NULL)
		cli->format = cli->default_format;
	if (cli->format == NULL)
		cli->format = cli->terminal ? "table" : "ndjson";
	if (cli->argc > 0)
		cli->argv++;
	cli->argc = cli->noperands;
	cli->argv[cli->argc] = NULL;
}

int
mc_cli_next(struct mc_cli *cli)
{
	char *s;
	int c;

	if (!cli->started)
		start(cli);
	for (;;) {
		if (cli->cluster != NULL) {
			if ((c = short_option(cli)) != 0)
				return c;
			continue;
		}
		if (cli->next >= cli->argc)
			break;
		s = cli->argv[cli->next++];
		if (cli->only_operands || s[0] != '-' || s[1] == '\0') {
			/* Never ahead of what is read: argv is its own list. */
			cli->argv[1 + cli->noperands++] = s;
		} else if (s[1] != '-')
			cli->cluster = s + 1;
		else if (s[2] == '\0')
			cli->only_operands = true;
		else if ((c = long_option(cli, s + 2)) != 0)
			return c;
	}
	settle(cli);
	if (!cli->spreadsheet || strcmp(cli->format, "csv") == 0)
		return MC_CLI_END;
	mc_cli_usage(cli, _("--spreadsheet goes with --format=csv"));
	return MC_CLI_BAD;
}

int
mc_cli_exit(const struct mc_cli *cli, int c)
{
	/* Whatever else: an option of the table without a case of its own. */
	assert(c == MC_CLI_DONE || c == MC_CLI_BAD);
	(void)cli;
	return c == MC_CLI_DONE ? MC_EXIT_OK : MC_EXIT_FAIL;
}

/* ---- the present, the actor, the output ---- */

int
mc_cli_now(const struct mc_cli *cli, const struct mc_zone *zone, int64_t *now,
    int64_t *real, struct mc_err *err)
{
	struct timespec ts;
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &ts);
	ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (real != NULL)
		*real = ms;
	*now = ms;
	if (cli->now == NULL)
		return 0;
	if (mc_time_parse(now, mc_str(cli->now), zone, NULL, NULL, err) == -1)
		return mc_err_at(err, "--now", 0, 0);
	if (!cli->writer || *now <= ms)
		return 0;
	mc_err(err, MC_EUSAGE, "E_NOW", _("\"%s\" lies after the clock"),
	    cli->now);
	return mc_err_at(err, "--now", 0, 0);
}

/* Plain text that a person could be called: not empty, nothing hidden. */
static bool
actor_valid(const char *s)
{
	size_t len, n = strlen(s), chars = 0;
	bool visible = false;
	uint32_t cp;

	if (mc_utf8_check(s, n) < n)
		return false;
	for (; n > 0; s += len, n -= len) {
		cp = mc_utf8_decode(s, n, &len);
		if (mc_char_hostile(cp) || ++chars > ACTOR_MAX)
			return false;
		visible = visible || cp != ' ';
	}
	return visible;
}

int
mc_cli_actor(const struct mc_cli *cli, struct mc_actor *out, struct mc_err *err)
{
	static struct mc_buf login, sudo;
	const struct passwd *pw = getpwuid(getuid());
	const char *s;

	out->uid = (int64_t)getuid();
	mc_buf_reset(&login);
	if (pw != NULL && actor_valid(pw->pw_name))
		mc_buf_puts(&login, pw->pw_name);
	else
		mc_buf_printf(&login, "uid:%lld", (long long)out->uid);
	out->login = mc_buf_str(&login);

	out->sudo = NULL;
	s = out->uid == 0 ? environment("SUDO_USER") : NULL;
	if (s != NULL && actor_valid(s)) {
		mc_buf_reset(&sudo);
		mc_buf_puts(&sudo, s);
		out->sudo = mc_buf_str(&sudo);
	}

	out->name = cli->actor;
	if (out->name == NULL)
		out->name = environment("MOTCUA_ACTOR");
	if (out->name == NULL)
		out->name = out->login;
	if (actor_valid(out->name))
		return 0;
	mc_err(err, MC_EUSAGE, "E_ACTOR",
	    _("an actor is 1 to %d characters of plain text"), ACTOR_MAX);
	return mc_err_at(
	    err, cli->actor != NULL ? "--actor" : "$MOTCUA_ACTOR", 0, 0);
}

int
mc_cli_out_to(const struct mc_cli *cli, struct mc_out **out, int fd,
    const struct mc_zone *zone, struct mc_err *err)
{
	if (mc_out_open(out, fd, cli->format, zone, err) == -1)
		return -1;
	if (cli->dry_run)
		mc_out_dry_run(*out);
	if (cli->spreadsheet) {
		mc_out_spreadsheet(*out);
		mc_out_bom(*out);
	}
	if (fd == STDOUT_FILENO ? cli->terminal : mc_cli_terminal(fd))
		mc_out_terminal(*out);
	return 0;
}

int
mc_cli_out(const struct mc_cli *cli, struct mc_out **out,
    const struct mc_zone *zone, struct mc_err *err)
{
	return mc_cli_out_to(cli, out, STDOUT_FILENO, zone, err);
}
