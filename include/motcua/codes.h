/*
 * codes.h - the dossiers a tool was asked about: operands, or a pipe.
 *
 * The operand "-" stands for standard input: NDJSON objects with a string
 * member "code", or one bare code a line, in any mixture; blank lines are
 * skipped.  Nothing else is ever read from standard input.
 */
#ifndef MOTCUA_CODES_H
#define MOTCUA_CODES_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/code.h>
#include <motcua/err.h>
#include <motcua/lines.h>

struct mc_codes;

/* argv is borrowed until free. */
struct mc_codes *mc_codes_new(int argc, char *const *argv);
/* The same from any source, which is taken over (for tests). */
struct mc_codes *mc_codes_of(struct mc_source *src);
void mc_codes_free(struct mc_codes *c);

/*
 * The next code, borrowed until the next call.  1, 0, -1, or MC_WOULD_BLOCK
 * (only if !wait).  After MC_EDATA (E_CODE, E_JSON, E_UTF8, E_LIMIT: this
 * line only, with its place) the caller may go on.  Final are MC_EREFUSED
 * (E_DRY_RUN: a record of a dry run), MC_EIO (a closed standard input,
 * among others), and MC_EUSAGE ("-" given twice).
 */
int mc_codes_next(struct mc_codes *c, struct mc_str *code, bool wait,
    struct mc_err *err) MC_MUST_CHECK;

/* Adds the place of the code last returned, if it came from a pipe; -1. */
int mc_codes_at(const struct mc_codes *c, struct mc_err *err);

#endif
