/* mem.c - allocation that cannot fail; see mem.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

static _Noreturn void
exhausted(void)
{
	fputs("motcua: out of memory\n", stderr);
	abort();
}

void *
mc_alloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		exhausted();
	return p;
}

void *
mc_calloc(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		exhausted();
	return p;
}

void *
mc_realloc(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		exhausted();
	p = realloc(p, n * size > 0 ? n * size : 1);
	if (p == NULL)
		exhausted();
	return p;
}

char *
mc_strdup(const char *s)
{
	return s == NULL ? NULL : mc_strndup(s, strlen(s));
}

char *
mc_strndup(const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		exhausted();
	p = mc_alloc(len + 1);
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}
