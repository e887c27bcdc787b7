/*
 * json.h - JSON: Jansson for documents, a small writer for hot output.
 *
 * Reading is strict RFC 8259 with limits (depth 64, 1,000 members, keys of
 * 256 bytes, no repeated key, no escaped NUL), each an error with line and
 * column (in characters).  Numbers that are no integers are kept as their
 * text.  A byte order mark at the beginning is passed over.
 */
#ifndef MOTCUA_JSON_H
#define MOTCUA_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_JSON_DEPTH 64     /* arrays and objects within each other */
#define MC_JSON_MEMBERS 1000 /* of one object */
#define MC_JSON_KEY 256      /* bytes in a member's name */

/* ---- reading: a value tree (Jansson behind it) ---- */

struct mc_json; /* a value; borrowed from its root, which is freed once */

enum mc_json_type {
	MC_JSON_NULL,
	MC_JSON_BOOL,
	MC_JSON_INT,
	MC_JSON_REAL, /* has a fraction or an exponent */
	MC_JSON_STRING,
	MC_JSON_ARRAY,
	MC_JSON_OBJECT
};

/*
 * `name` is for messages.  Free the root with mc_json_free().  Errors are
 * MC_EDATA with their place: E_JSON (no JSON, or an integer of more than 64
 * bits), E_LIMIT, E_DUPLICATE (a repeated member), E_NUL, E_UTF8, E_ENCODING
 * (UTF-16).
 */
int mc_json_parse(struct mc_json **out, const char *name, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
void mc_json_free(struct mc_json *root);

enum mc_json_type mc_json_type(const struct mc_json *v);
/* Member of an object, or NULL (also when v is NULL or no object). */
const struct mc_json *mc_json_get(const struct mc_json *v, const char *key);
size_t mc_json_count(const struct mc_json *v); /* array or object; else 0 */
const struct mc_json *mc_json_at(const struct mc_json *array, size_t i);
/* Members in the document's order: i-th key and value. */
const struct mc_json *mc_json_member(
    const struct mc_json *object, size_t i, const char **key);
const char *mc_json_str(const struct mc_json *v);        /* NULL if no string */
bool mc_json_int(const struct mc_json *v, int64_t *out); /* false: none */
bool mc_json_bool(const struct mc_json *v); /* true only for true */
/*
 * A number (or a string that is one, without exponent) as decimal text,
 * canonical and exact: "2.50" and 25e-1 are "2.5", -0.0 is "0".  NULL for
 * anything else, and for numbers of more than 64 digits before or after the
 * point.  Lives in `scratch`.
 */
const char *mc_json_decimal(const struct mc_json *v, struct mc_buf *scratch);
/* A number with a fraction or an exponent, as it was written; else NULL. */
const char *mc_json_real(const struct mc_json *v);

/*
 * Where a value of a parsed document stands: line and column from 1.  Found
 * by scanning the text for the path, so for messages only.  path is like
 * "steps/2/next/0/to" (members and indexes; member names with '/' escaped
 * as ~1).  With the value itself absent, the place of its nearest parent.
 */
void mc_json_place(
    struct mc_str text, const char *path, int64_t *line, int64_t *column);

/* ---- writing ---- */

/*
 * Appends JSON to a buffer.  Commas are the writer's business.  Escapes
 * like Jansson's JSON_COMPACT: only what RFC 8259 demands, plus nothing
 * (control characters as \u00xx in lower case, as RFC 8785 wants them);
 * equal to RFC 8785 when the caller writes members in sorted order.
 * Strings must be valid UTF-8.  Depth is at most 63.
 */
struct mc_jw {
	struct mc_buf *b;
	unsigned depth;
	uint64_t first; /* bit d: nothing written yet at depth d */
};

struct mc_jw mc_jw(struct mc_buf *b);
void mc_jw_open(struct mc_jw *w, char bracket);      /* '{' or '[' */
void mc_jw_close(struct mc_jw *w, char bracket);     /* '}' or ']' */
void mc_jw_key(struct mc_jw *w, const char *key);    /* plain ASCII key */
void mc_jw_name(struct mc_jw *w, struct mc_str key); /* any text */
void mc_jw_str(struct mc_jw *w, struct mc_str s);
void mc_jw_strz(struct mc_jw *w, const char *s); /* NULL writes null */
void mc_jw_int(struct mc_jw *w, int64_t n);
void mc_jw_bool(struct mc_jw *w, bool v);
void mc_jw_null(struct mc_jw *w);
void mc_jw_raw(struct mc_jw *w, struct mc_str json); /* a complete value */

/* The escaped string with its quotes: the one place that knows how. */
void mc_json_quote(struct mc_buf *b, const char *p, size_t n);
/*
 * The same where there is room for its quotes and MC_JSON_ESCAPED bytes for
 * each of n; returns its end.
 */
#define MC_JSON_ESCAPED 6
char *mc_json_put(char *to, const char *p, size_t n);

/*
 * RFC 8785 form of a parsed value: members sorted by UTF-16 code units,
 * shortest escapes.  Reals, and integers beyond 53 bits, are refused
 * (MC_EDATA, nothing appended): they are to be strings.
 */
int mc_json_canonical(struct mc_buf *b, const struct mc_json *v,
    struct mc_err *err) MC_MUST_CHECK;
/* The same for any value that was read: all its numbers, as they were. */
void mc_json_again(struct mc_buf *b, const struct mc_json *v);

#endif
