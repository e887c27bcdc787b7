/*
 * pack.c - fuzzes pack.h and hash.h's base64: what a hostile database has for
 * a bundle is refused, and nothing is added, or no larger than a bundle can
 * be; any bytes that are packed come back.
 */
#include <motcua/hash.h>
#include <motcua/pack.h>

#include "fuzz.h"

static struct mc_buf plain, packed, again;

static void
base64(struct mc_str s)
{
	struct mc_hash h;

	mc_buf_reset(&again);
	if (!mc_base64_get(s, h.b, MC_HASH_LEN))
		return;
	mc_base64_put(&again, h.b, MC_HASH_LEN);
	HOLDS(mc_str_same(fuzz_str(&again), s));
}

int
fuzz_pack(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);
	struct mc_err err = MC_ERR_INIT;

	mc_buf_reset(&plain);
	if (mc_unpack(&plain, s, &err) == -1) {
		fuzz_refused(&err);
		HOLDS(err.code == MC_EDAMAGED && plain.len == 0);
	} else {
		HOLDS(plain.len <= MC_PACK_MAX);
		fuzz_taken++;
	}
	base64(s);
	mc_buf_reset(&packed);
	mc_buf_reset(&plain);
	mc_pack(&packed, s);
	HOLDS(mc_unpack(&plain, fuzz_str(&packed), &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&plain), s));
	/* The last byte of a whole frame is needed. */
	packed.len--;
	mc_buf_reset(&plain);
	HOLDS(mc_unpack(&plain, fuzz_str(&packed), &err) == -1);
	return 0;
}
