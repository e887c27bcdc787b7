/* buf.c - growing bytes, and borrowed pieces of text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <motcua/buf.h>

#define FIRST_CAP 64

void
mc_buf_grow(struct mc_buf *b, size_t n)
{
	size_t cap = b->cap;

	if (n > SIZE_MAX / 2 - b->len - 1)
		/* Cannot be satisfied: let mem.c say so. */
		mc_realloc(b->p, SIZE_MAX, 2);
	if (cap < FIRST_CAP)
		cap = FIRST_CAP;
	while (cap < b->len + n + 1)
		cap *= 2;
	b->p = mc_realloc(b->p, cap, 1);
	b->cap = cap;
	b->p[b->len] = '\0';
}

size_t
mc_int_text(char *to, int64_t n)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, bound;
	size_t len = n < 0 ? 2 : 1, i;

	/* The greatest has 19 digits: there is a bound above it. */
	for (bound = 10; u >= bound; bound *= 10)
		len++;
	to[0] = '-';
	for (i = len; i > (n < 0 ? 1 : 0); u /= 10)
		to[--i] = (char)('0' + u % 10);
	return len;
}

void
mc_buf_int(struct mc_buf *b, int64_t n)
{
	char *to = mc_buf_room(b, MC_INT_TEXT);

	mc_buf_end(b, to + mc_int_text(to, n));
}

void
mc_buf_printf(struct mc_buf *b, const char *fmt, ...)
{
	va_list ap;
	size_t room;
	char *to = mc_buf_room(b, 0);
	int n;

	room = b->cap - b->len;
	va_start(ap, fmt);
	n = vsnprintf(to, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room) {
		to = mc_buf_room(b, (size_t)n);
		va_start(ap, fmt);
		n = vsnprintf(to, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n > 0)
		b->len += (size_t)n;
	b->p[b->len] = '\0';
}

void
mc_buf_reset(struct mc_buf *b)
{
	b->len = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
mc_buf_free(struct mc_buf *b)
{
	free(b->p);
	*b = (struct mc_buf){ 0 };
}

const char *
mc_buf_str(const struct mc_buf *b)
{
	return b->p != NULL ? b->p : "";
}

char *
mc_buf_detach(struct mc_buf *b)
{
	char *p = b->p != NULL ? b->p : mc_strdup("");

	*b = (struct mc_buf){ 0 };
	return p;
}

struct mc_str
mc_str(const char *s)
{
	return (struct mc_str){ s, s != NULL ? strlen(s) : 0 };
}
