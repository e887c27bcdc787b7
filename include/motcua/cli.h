/*
 * cli.h - the edge of every tool: options, messages, exit statuses.
 *
 * One option table per tool is the source of parsing, --help, completions
 * and the manual's check.  This is the only module that looks at the
 * environment, the clock, the user and the terminal.
 *
 *   struct mc_cli cli = MC_CLI("sla-check", about, synopsis, opts,
 *       MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT, argc, argv);
 *
 *   while ((c = mc_cli_next(&cli)) != MC_CLI_END)
 *           switch (c) {
 *           case 'w': ... cli.arg ...
 *                   break;
 *           default:
 *                   return mc_cli_exit(&cli, c);
 *           }
 *   (cli.argc operands in cli.argv)
 *
 * Options and operands may be mixed; "--" ends options; a lone "-" is an
 * operand.  "--name=VALUE", "--name VALUE", "-nVALUE", "-n VALUE", bundled
 * switches.  Names are never abbreviated: a script would break when an
 * option is added.  Of an option given twice the last one counts.
 */
#ifndef MOTCUA_CLI_H
#define MOTCUA_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/actor.h>
#include <motcua/err.h>
#include <motcua/out.h>
#include <motcua/when.h>

/* Every text for people passes this, so that gettext can follow. */
#define _(text) (text)

#define MC_EXIT_OK 0    /* done */
#define MC_EXIT_FOUND 1 /* done, with findings */
#define MC_EXIT_FAIL 2  /* trouble */
#define MC_EXIT_BUSY 75 /* the database stayed busy; try again */

/* A row: letter ('w', or a number of one's own from MC_OPT_LONG up). */
#define MC_OPT_LONG 256
struct mc_opt {
	int letter;
	const char *name; /* "warn" */
	const char *arg;  /* "TERM"; NULL: a switch */
	const char *help; /* one line, lower case, no full stop */
};

/* Common options, mixed in by flags; --help and --version always are. */
#define MC_CLI_DB 0x01u       /* -d, --db=FILE */
#define MC_CLI_NOW 0x02u      /* --now=TIME */
#define MC_CLI_ACTOR 0x04u    /* --actor=NAME */
#define MC_CLI_FORMAT 0x08u   /* -f, --format=FORMAT; --spreadsheet */
#define MC_CLI_DRY_RUN 0x10u  /* -n, --dry-run */
#define MC_CLI_PERSONAL 0x20u /* --personal */
#define MC_CLI_WRITES 0x40u   /* a --now later than the clock is refused */

/* mc_cli_next() besides an option's letter. */
#define MC_CLI_END (-1)  /* all options seen */
#define MC_CLI_DONE (-2) /* --help or the like was answered */
#define MC_CLI_BAD (-3)  /* a usage error was reported */

struct mc_cli {
	const char *tool; /* after the first _next: as it was called */
	const char *about;
	const char *synopsis; /* after the name; one line for each form */
	const struct mc_opt *opt;
	size_t nopt;
	unsigned flags;

	/* Before _next: argc and argv of main.  After END: the operands. */
	int argc;
	char **argv;

	const char *arg; /* the value of the option just returned */

	/* May be set before the first _next. */
	const char *formats;        /* default "ndjson table csv" */
	const char *default_format; /* default: table on a terminal, ndjson */
	const char *words;   /* first operands worth completing: "init check" */
	bool writer;         /* as MC_CLI_WRITES; may also be set after END */
	struct mc_buf *said; /* messages go there instead of to stderr */

	/* Results of the common options, complete after END. */
	const char *db;     /* --db, $MOTCUA_DB, /var/lib/motcua/motcua.db */
	const char *now;    /* as given, or NULL: see mc_cli_now() */
	const char *actor;  /* as given, or NULL: see mc_cli_actor() */
	const char *format; /* one of formats, never NULL */
	bool format_given;  /* not the default */
	bool dry_run;
	bool personal;
	bool spreadsheet; /* only with the format csv */
	bool terminal;    /* stdout is one */

	/* Private. */
	const char *cluster; /* rest of "-abc" */
	int next, noperands;
	bool started, only_operands;
	bool line_shown; /* a progress line stands on the terminal */
};

#define MC_CLI(tool_, about_, synopsis_, opts_, flags_, argc_, argv_)          \
	{                                                                      \
		.tool = (tool_), .about = (about_), .synopsis = (synopsis_),   \
		.opt = (opts_), .nopt = sizeof(opts_) / sizeof((opts_)[0]),    \
		.flags = (flags_), .argc = (argc_), .argv = (argv_)            \
	}

/*
 * The next option of the tool's own table.  The first call also prepares
 * the process: umask 007; closed standard descriptors opened so that using
 * them fails instead of hitting a database; SIGPIPE default; SIGXFSZ an
 * error of write(2).
 */
int mc_cli_next(struct mc_cli *cli);

/* The exit status for MC_CLI_DONE and MC_CLI_BAD. */
int mc_cli_exit(const struct mc_cli *cli, int c);

/*
 * Print "tool: E_USAGE: ..." and where help is; returns MC_EXIT_FAIL, so
 * that callers write `return mc_cli_usage(&cli, "...")`.
 */
int mc_cli_usage(const struct mc_cli *cli, const char *fmt, ...)
    MC_PRINTF(2, 3);

/*
 * The same for the value of one option: "tool: --name: E_USAGE: ...".  What
 * is said should quote the value.
 */
int mc_cli_usage_at(const struct mc_cli *cli, const char *option,
    const char *fmt, ...) MC_PRINTF(3, 4);

/*
 * An option's file that would be written over what is read ("-": standard
 * input), or over the database and what stands beside it: E_USAGE and
 * MC_EXIT_FAIL, else 0.
 */
int mc_cli_not_read(const struct mc_cli *cli, const char *option,
    const char *path, const char *input);
int mc_cli_not_db(
    const struct mc_cli *cli, const char *option, const char *path);

/*
 * Was one of `words` meant by the first operand?  Then that word, else an
 * empty one.  A word with a digit never is a misspelt one: codes have some.
 */
struct mc_str mc_cli_meant(const struct mc_cli *cli, const char *operand);

/*
 * Print a failure, after an E_USAGE without advice where help is; returns
 * the exit status that follows from it.
 */
int mc_cli_fail(const struct mc_cli *cli, const struct mc_err *err);

/* rc, or what mc_cli_fail() says when *err holds a failure. */
int mc_cli_finish(const struct mc_cli *cli, const struct mc_err *err, int rc);

/* The same print for a finding, a reject or a warning: no status. */
void mc_cli_warn(const struct mc_cli *cli, const struct mc_err *err);

/* "tool: text" on stderr: summaries, and where things are. */
void mc_cli_note(const struct mc_cli *cli, const char *fmt, ...)
    MC_PRINTF(2, 3);

/*
 * The present: --now read in `zone`, or the real clock.  *real (may be NULL)
 * is always the real clock.  MC_EUSAGE/E_DATE for no such time; for writers
 * MC_EUSAGE/E_NOW for one that lies after the real clock.
 */
int mc_cli_now(const struct mc_cli *cli, const struct mc_zone *zone,
    int64_t *now, int64_t *real, struct mc_err *err) MC_MUST_CHECK;

/*
 * Who acts.  name is --actor, $MOTCUA_ACTOR, or the login name: a claim.
 * What the system knows stands beside it.  Text is kept by the module.
 * MC_EUSAGE/E_ACTOR: empty, over 64 characters, or not plain text.
 */
int mc_cli_actor(const struct mc_cli *cli, struct mc_actor *out,
    struct mc_err *err) MC_MUST_CHECK;

/* A writer on stdout as the common options say (format, dry run). */
int mc_cli_out(const struct mc_cli *cli, struct mc_out **out,
    const struct mc_zone *zone, struct mc_err *err) MC_MUST_CHECK;

/* The same on another descriptor, which no terminal is behind. */
int mc_cli_out_to(const struct mc_cli *cli, struct mc_out **out, int fd,
    const struct mc_zone *zone, struct mc_err *err) MC_MUST_CHECK;

/* For progress.c: is that descriptor a terminal; ms that only go forward. */
bool mc_cli_terminal(int fd);
int64_t mc_cli_ticks(void);

/* The version that --version prints. */
const char *mc_version(void);

#endif
