/*
 * buf.h - the two containers: growing bytes, and growing arrays.
 *
 * A buffer is { 0 } initialised, always NUL-terminated once touched (the
 * terminator is not counted in len), and owned by whoever declared it.
 */
#ifndef MOTCUA_BUF_H
#define MOTCUA_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/err.h>
#include <motcua/mem.h>

struct mc_buf {
	char *p; /* NULL until first touched; use mc_buf_str() to print */
	size_t len;
	size_t cap;
};

/* A borrowed piece of text, not terminated.  p may be NULL if len is 0. */
struct mc_str {
	const char *p;
	size_t len;
};

/* One whose length the compiler counts; the first for initialisers. */
#define MC_STR_INIT(lit)                                                       \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}
#define MC_STR(lit) ((struct mc_str)MC_STR_INIT(lit))

void mc_buf_grow(struct mc_buf *b, size_t n); /* for mc_buf_room() */

/* Room for n more bytes and the terminator; returns where they go. */
static inline char *
mc_buf_room(struct mc_buf *b, size_t n)
{
	if (b->p == NULL || n >= b->cap - b->len)
		mc_buf_grow(b, n);
	return b->p + b->len;
}

static inline void
mc_buf_add(struct mc_buf *b, const void *p, size_t n)
{
	char *to = mc_buf_room(b, n);

	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	b->len += n;
}

static inline void
mc_buf_puts(struct mc_buf *b, const char *s)
{
	mc_buf_add(b, s, strlen(s));
}

static inline void
mc_buf_putc(struct mc_buf *b, char c)
{
	char *to = mc_buf_room(b, 1);

	to[0] = c;
	to[1] = '\0';
	b->len++;
}

/* What was put into the room that was made ends here. */
static inline void
mc_buf_end(struct mc_buf *b, char *end)
{
	*end = '\0';
	b->len = (size_t)(end - b->p);
}

#define MC_INT_TEXT 20 /* digits and sign, at most */
/* Into room that is there; its length; no NUL behind it. */
size_t mc_int_text(char *to, int64_t n);
void mc_buf_int(struct mc_buf *b, int64_t n);
void mc_buf_printf(struct mc_buf *b, const char *fmt, ...) MC_PRINTF(2, 3);
void mc_buf_reset(struct mc_buf *b);            /* len = 0, memory kept */
void mc_buf_free(struct mc_buf *b);             /* and { 0 } again */
const char *mc_buf_str(const struct mc_buf *b); /* never NULL; borrowed */
char *mc_buf_detach(struct mc_buf *b); /* caller frees; buffer is { 0 } */

struct mc_str mc_str(const char *s); /* borrowed view; NULL gives len 0 */

static inline bool
mc_str_same(struct mc_str a, struct mc_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Inline, so that the length of a literal is known; NULL is "". */
static inline bool
mc_str_is(struct mc_str a, const char *b)
{
	/* Words differ in their first letter, mostly. */
	if (a.len > 0 && (b == NULL || a.p[0] != b[0]))
		return false;
	return mc_str_same(a, (struct mc_str){ b, b == NULL ? 0 : strlen(b) });
}

/*
 * MC_VEC(struct thing) v = { 0 };  v.p[i], v.n;
 * Indexes below v.n are valid; pointers into v.p until the next push.
 */
#define MC_VEC(T)                                                              \
	struct {                                                               \
		T *p;                                                          \
		size_t n, cap;                                                 \
	}

#define mc_vec_room(v)                                                         \
	((v)->n < (v)->cap                                                     \
		? (void)0                                                      \
		: (void)((v)->cap = (v)->cap ? (v)->cap * 2 : 8,               \
		      (v)->p = mc_realloc((v)->p, (v)->cap, sizeof(*(v)->p))))
#define mc_vec_push(v, x) (mc_vec_room(v), (v)->p[(v)->n++] = (x))
#define mc_vec_free(v) (free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)

#endif
