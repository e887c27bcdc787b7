/*
 * err.h - how every fallible function in libmotcua reports failure.
 *
 * Convention (no exceptions):
 *   int f(..., struct mc_err *err)     0 = done, -1 = failed, *err filled
 *   int f_next(..., struct mc_err *)   1 = item, 0 = end, -1 = failed
 *   void f_free(struct f *)            never fails, NULL is fine
 * `err` is never NULL.  On success *err is left untouched, so one struct
 * serves a whole function.  The library never prints and never exits,
 * except on memory exhaustion (mem.h).
 *
 * A person reads an error as
 *   tool: PLACE: E_CODE: what is wrong with "value"
 *   one line of advice, where one helps
 * The tool's name is added by cli.h; everything else is complete here.
 * No personal value is ever put into a message.
 */
#ifndef MOTCUA_ERR_H
#define MOTCUA_ERR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define MC_MUST_CHECK __attribute__((warn_unused_result))
#define MC_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* What the caller can do about it; the exit status follows from this. */
enum mc_code {
	MC_OK = 0,
	MC_EUSAGE,    /* caller or user passed something malformed */
	MC_EDATA,     /* an input record or file is refused */
	MC_ENOTFOUND, /* a named thing does not exist */
	MC_EREFUSED,  /* the rules do not allow it */
	MC_EBUSY,     /* database locked by another process; retry later */
	MC_EIO,       /* the operating system refused; message has strerror */
	MC_EDB,       /* SQLite failed; message has the statement's name */
	MC_ESCHEMA,   /* not our database, or of a version we cannot read */
	MC_EDAMAGED   /* stored data contradict themselves */
};

struct mc_err {
	enum mc_code code;
	char id[20];      /* "E_DATE": stable, listed in motcua(7) */
	char where[320];  /* "file:line:column", or "" */
	char msg[512];    /* one line, no trailing newline or full stop */
	char advice[256]; /* one line, or "" */
};

/* clang-format off */
#define MC_ERR_INIT { .code = MC_OK }
/* clang-format on */

/*
 * Fill *err (clearing place and advice) and return -1, so that callers
 * write `return mc_err(err, MC_EDATA, "E_DATE", "no such day \"%s\"", s)`.
 * Control characters and broken UTF-8 in the formatted text are replaced.
 */
int mc_err(struct mc_err *err, enum mc_code code, const char *id,
    const char *fmt, ...) MC_PRINTF(4, 5);

/* The same for an operating system failure: MC_EIO, id E_IO, strerror. */
int mc_err_sys(struct mc_err *err, int errnum, const char *fmt, ...)
    MC_PRINTF(3, 4);

/*
 * Add the place, unless a deeper function has already set one.  line and
 * column count from 1; 0 leaves them out.  Returns -1.
 */
int mc_err_at(
    struct mc_err *err, const char *file, int64_t line, int64_t column);

/* Add the line of advice.  Returns -1. */
int mc_err_advise(struct mc_err *err, const char *fmt, ...) MC_PRINTF(2, 3);

/* Make *err say MC_OK again. */
void mc_err_clear(struct mc_err *err);

#endif
