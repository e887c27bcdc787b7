/*
 * lines.h - bytes from a file or standard input, a line at a time.
 *
 * A batch closes when the next read would block (DESIGN 1.1), so every
 * reader can be asked not to wait.
 */
#ifndef MOTCUA_LINES_H
#define MOTCUA_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/encoding.h>
#include <motcua/err.h>

#define MC_LINE_MAX (4u << 20) /* bytes in a line; E_LIMIT beyond */

#define MC_WOULD_BLOCK 2 /* a `_next` that was told not to wait */

struct mc_source; /* raw bytes: an fd with a growing window */

/* path "-" is standard input (a closed one is E_IO).  Named as given. */
int mc_source_open(
    struct mc_source **out, const char *path, struct mc_err *err) MC_MUST_CHECK;
/* Bytes already in memory, borrowed until free (tests, fuzzers). */
struct mc_source *mc_source_memory(const char *name, const void *p, size_t n);
void mc_source_free(struct mc_source *s);
const char *mc_source_name(const struct mc_source *s);
void mc_source_call(struct mc_source *s, const char *name); /* in messages */
/* Bytes consumed so far, and of the whole file (-1 unknown): for progress. */
int64_t mc_source_offset(const struct mc_source *s);
int64_t mc_source_size(const struct mc_source *s);

/*
 * The window of unconsumed bytes: *p of *n bytes, borrowed until the next
 * call.  `more` asks for at least one byte beyond what the last call gave.
 * Returns 1 with bytes, 0 at the end (then *n may still be > 0: what is
 * left), MC_WOULD_BLOCK if !wait and nothing new can be read now, -1.
 */
int mc_source_peek(struct mc_source *s, const char **p, size_t *n, bool more,
    bool wait, struct mc_err *err) MC_MUST_CHECK;
void mc_source_consume(struct mc_source *s, size_t n);
/*
 * The bytes are of this encoding, and what is peeked at is UTF-8 from now
 * on.  Before anything is consumed; waits for the first three bytes.  A byte
 * order mark in the file goes before what is said: with that of UTF-8, and
 * with NONE and UTF8, bytes stay as they are.  E_ENCODING: UTF16 without a
 * mark, or the mark of UTF-16 where another encoding is said.
 */
int mc_source_decode(
    struct mc_source *s, enum mc_encoding e, struct mc_err *err) MC_MUST_CHECK;
/* What it is read as: UTF8 unless converted. */
enum mc_encoding mc_source_encoding(const struct mc_source *s);
/* What the conversion so far could not carry; NULL: there is none. */
const struct mc_loss *mc_source_loss(const struct mc_source *s);
/*
 * Say that a byte of what was read is no text: E_UTF8, of converted input
 * E_ENCODING.  Returns -1.
 */
int mc_source_bad_byte(
    const struct mc_source *s, unsigned char byte, struct mc_err *err);
/* Read from the beginning again; -1 with E_IO on a pipe. */
int mc_source_rewind(struct mc_source *s, struct mc_err *err) MC_MUST_CHECK;

/*
 * The next line without its newline (CR LF or LF); *number counts from 1.
 * 1, 0, -1 or MC_WOULD_BLOCK.  Borrowed until the next call.  Lines over
 * MC_LINE_MAX: E_LIMIT; NUL or bad UTF-8: E_UTF8, with line and column; the
 * caller may go on after either (the line has been passed over; all but one
 * that is too long is in *line all the same, for reject files).
 */
int mc_line_next(struct mc_source *s, struct mc_str *line, int64_t *number,
    bool wait, struct mc_err *err) MC_MUST_CHECK;

#endif
