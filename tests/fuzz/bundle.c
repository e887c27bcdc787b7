/*
 * bundle.c - fuzzes bundle.h: any bodies come back; what a hostile database
 * has for a bundle is refused, and nothing is added, or bodies come of it.
 *
 * The input is bodies, one a line, the last as often as a bundle needs it; and
 * it is a bundle, whose values end, and whose shapes begin, with its first
 * line.
 */
#include <motcua/bundle.h>
#include <motcua/event.h>
#include <motcua/pack.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf plain, packed, back;
static uint32_t at[MC_BUNDLE], at_back[MC_BUNDLE];

static void
add(int i, struct mc_str body)
{
	char length[2] = { (char)(body.len >> 8), (char)body.len };

	at[i] = (uint32_t)plain.len;
	mc_buf_add(&plain, length, 2);
	mc_buf_add(&plain, body.p, body.len);
}

static void
bodies(struct mc_str s)
{
	/* So that some numbers are what their bodies say. */
	uint64_t first = s.len > 0 ? (unsigned char)s.p[0] * 8u : 0;
	struct mc_err err = MC_ERR_INIT;
	struct mc_str body, rest = s;
	int i;

	mc_buf_reset(&plain);
	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	for (i = 0; i < MC_BUNDLE; i++) {
		if (i == MC_BUNDLE - 1 ||
		    !mc_str_split(rest, '\n', &body, &rest))
			body = rest;
		add(i, body);
	}
	mc_bundle_pack(&packed, fuzz_str(&plain), at, first);
	HOLDS(mc_bundle_unpack(
		  &back, at_back, fuzz_str(&packed), first, &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&back), fuzz_str(&plain)));
	HOLDS(memcmp(at, at_back, sizeof(at)) == 0);
}

static void
hostile(struct mc_str s)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str values, shapes;
	int i;

	if (!mc_str_split(s, '\n', &values, &shapes))
		return;
	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	mc_buf_add(&packed, "\1\0", 2);
	mc_buf_putc(&packed, (char)(values.len >> 16));
	mc_buf_putc(&packed, (char)(values.len >> 8));
	mc_buf_putc(&packed, (char)values.len);
	mc_buf_add(&packed, values.p, values.len);
	mc_pack(&packed, shapes);
	if (mc_bundle_unpack(&back, at, fuzz_str(&packed), 0, &err) == -1) {
		fuzz_refused(&err);
		HOLDS(err.code == MC_EDAMAGED && back.len == 0);
		return;
	}
	fuzz_taken++;
	for (i = 0; i < MC_BUNDLE; i++)
		HOLDS((i + 1 < MC_BUNDLE ? at[i + 1] : back.len) - at[i] - 2 <=
		      MC_EVENT_BODY_MAX);
}

int
fuzz_bundle(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);

	bodies(s);
	hostile(s);
	return 0;
}
