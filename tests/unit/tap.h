/*
 * tap.h - the whole test framework of the unit tests: TAP on stdout.
 *
 * Each macro is one test.  Tests are tables, so a label says which row
 * failed: TAP_ROW(name) before the checks of a row, TAP_ROW(NULL) after.
 */
#ifndef MOTCUA_TAP_H
#define MOTCUA_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;
static const char *tap_row;

static inline bool
tap_ok(bool ok, const char *what, const char *file, int line)
{
	printf("%sok %d%s%s\n", ok ? "" : "not ", ++tap_count,
	    tap_row != NULL ? " - " : "", tap_row != NULL ? tap_row : "");
	if (!ok) {
		tap_failed++;
		printf("# %s:%d: %s\n", file, line, what);
	}
	fflush(stdout);
	return ok;
}

static inline bool
tap_int(int64_t got, int64_t want, const char *what, const char *file, int line)
{
	bool ok = tap_ok(got == want, what, file, line);

	if (!ok)
		printf("#  got %" PRId64 "\n# want %" PRId64 "\n", got, want);
	return ok;
}

/* A text as comments, however many lines it has. */
static inline void
tap_text(const char *label, const char *s)
{
	printf("# %s ", label);
	for (s = s != NULL ? s : "(null)"; *s != '\0'; s++)
		printf("%c%s", *s, *s == '\n' ? "#      " : "");
	printf("\n");
}

static inline bool
tap_str(const char *got, const char *want, const char *what, const char *file,
    int line)
{
	bool ok =
	    got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;

	tap_ok(ok, what, file, line);
	if (!ok) {
		tap_text(" got", got);
		tap_text("want", want);
	}
	return ok;
}

/* The rest of the file is not run, and why. */
static inline int
tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#define TAP_ROW(name) (tap_row = (name))
#define OK(e) tap_ok((e), #e, __FILE__, __LINE__)
#define IS(got, want)                                                          \
	tap_int((int64_t)(got), (int64_t)(want), #got " is " #want, __FILE__,  \
	    __LINE__)
#define IS_STR(got, want)                                                      \
	tap_str((got), (want), #got " is " #want, __FILE__, __LINE__)

#endif
