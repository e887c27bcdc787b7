/*
 * sealed.c - fuzzes sealed.h: any texts come back; what a hostile database has
 * for a row of personal values is refused, and nothing is added, or texts come
 * of it.
 *
 * The input is texts, one a line; and it is a row, whose frame has all behind
 * the first line.
 */
#include <motcua/pack.h>
#include <motcua/sealed.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf plain, packed, back;

static void
texts(struct mc_str s)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str text, rest = s;

	mc_buf_reset(&plain);
	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	while (mc_str_split(rest, '\n', &text, &rest))
		mc_sealed_add(&plain, text);
	mc_sealed_add(&plain, rest);
	mc_sealed_pack(&packed, fuzz_str(&plain));
	HOLDS(mc_sealed_unpack(&back, fuzz_str(&packed), &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&back), fuzz_str(&plain)));
}

static void
hostile(struct mc_str s)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str head, frame, text, rest;

	if (!mc_str_split(s, '\n', &head, &frame))
		return;
	mc_buf_reset(&packed);
	mc_buf_reset(&back);
	mc_buf_add(&packed, head.p, head.len);
	mc_pack(&packed, frame);
	if (mc_sealed_unpack(&back, fuzz_str(&packed), &err) == -1) {
		fuzz_refused(&err);
		HOLDS(err.code == MC_EDAMAGED && back.len == 0);
		return;
	}
	fuzz_taken++;
	HOLDS(back.len <= MC_PACK_MAX);
	for (rest = fuzz_str(&back); mc_sealed_next(&rest, &text);)
		;
	HOLDS(rest.len == 0);
}

int
fuzz_sealed(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);

	texts(s);
	hostile(s);
	return 0;
}
