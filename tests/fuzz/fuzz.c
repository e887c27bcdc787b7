/* fuzz.c - see fuzz.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/text.h>

#include "fuzz.h"

long fuzz_taken;

void
fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

struct mc_str
fuzz_input(const uint8_t *p, size_t n)
{
	return (struct mc_str){ (const char *)p, n < FUZZ_MAX ? n : FUZZ_MAX };
}

struct mc_str
fuzz_str(const struct mc_buf *b)
{
	return (struct mc_str){ mc_buf_str(b), b->len };
}

static void
presentable(const char *s)
{
	struct mc_str rest = mc_str(s);
	size_t len;

	HOLDS(mc_utf8_check(rest.p, rest.len) == rest.len);
	for (; rest.len > 0; rest.p += len, rest.len -= len)
		HOLDS(!mc_char_hostile(mc_utf8_decode(rest.p, rest.len, &len)));
}

void
fuzz_refused(const struct mc_err *err)
{
	HOLDS(err->code != MC_OK);
	HOLDS(strncmp(err->id, "E_", 2) == 0);
	HOLDS(err->msg[0] != '\0');
	presentable(err->msg);
	presentable(err->where);
	presentable(err->advice);
}

void
fuzz_refused_at(const struct mc_err *err)
{
	fuzz_refused(err);
	HOLDS(strchr(err->where, ':') != NULL);
}

static const struct mc_zone *
open_zone(const char *name)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *zone;

	if (mc_zone_open(&zone, name, &err) == -1)
		fuzz_broken(err.msg, __FILE__, __LINE__);
	return zone;
}

const struct mc_zone *
fuzz_zone(void)
{
	static const struct mc_zone *zone;

	if (zone == NULL)
		zone = open_zone("Asia/Ho_Chi_Minh");
	return zone;
}

const struct mc_zone *
fuzz_utc(void)
{
	static const struct mc_zone *zone;

	if (zone == NULL)
		zone = open_zone("UTC");
	return zone;
}
