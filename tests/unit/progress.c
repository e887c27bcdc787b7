/* The progress line: on a terminal only, and gone before any message. */
#include <regex.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <motcua/progress.h>

#include "tap.h"

static const struct mc_opt opts[] = { { 'x', "x", NULL, "" } };

/* What a long import does to stderr, in 1.2 seconds. */
static void
work(void)
{
	char name[] = "import", *argv[] = { name, NULL };
	struct mc_cli cli = MC_CLI("import", "", "", opts, 0, 1, argv);
	struct timespec nap = { .tv_nsec = 100 * 1000 * 1000 };
	struct mc_progress *p;
	int i;

	if (mc_cli_next(&cli) != MC_CLI_END)
		exit(9);
	p = mc_progress_new(&cli, "rows");
	for (i = 0; i <= 12; i++) {
		mc_progress_show(p, i * 123456, i * 5, 240);
		nanosleep(&nap, NULL);
	}
	mc_cli_note(&cli, "told");
	mc_progress_free(p);
}

/* Its stderr, as a shell command shows it. */
static void
listen(
    struct mc_buf *b, const char *before, const char *self, const char *after)
{
	char command[512];
	FILE *f;
	size_t n;

	snprintf(command, sizeof(command), "%s%s%s", before, self, after);
	f = popen(command, "r");
	if (f == NULL)
		abort();
	mc_buf_reset(b);
	while ((n = fread(mc_buf_room(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	mc_buf_room(b, 1)[0] = '\0';
	IS(pclose(f), 0);
}

static bool
matches(const char *text, const char *pattern)
{
	regex_t re;
	bool found;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

int
main(int argc, char *argv[])
{
	struct mc_buf b = { 0 };

	if (argc > 1) {
		work();
		return 0;
	}
	listen(&b, "", argv[0], " work 2>&1");
	IS_STR(mc_buf_str(&b), "import: told\n");
	if (system("script -qec true /dev/null </dev/null >/dev/null 2>&1") !=
	    0) {
		puts("# SKIP the line itself: no terminal can be made here");
		mc_buf_free(&b);
		return tap_done();
	}
	listen(&b, "script -qec '", argv[0], " work' /dev/null </dev/null");
	/* How fast that was the machine decides. */
	OK(matches(mc_buf_str(&b), "\rimport: 1,234,560 rows, [0-9,]+/s, 20 %, "
				   "[0-9]+:[0-9][0-9] left\033\\[K"));
	OK(strstr(mc_buf_str(&b), "\r\033[Kimport: told\r\n") != NULL);
	mc_buf_free(&b);
	return tap_done();
}
