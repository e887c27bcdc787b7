/*
 * code.c - fuzzes code.h.
 *
 *   - a code that can be split is of the standard shape, and is put together
 *     again as it was;
 *   - packing gives an id above those of other codes, the parts come back,
 *     and ids sort as their parts do;
 *   - a code of the standard shape is a valid one.
 *
 * The input is two codes, with a NUL between them.
 */
#include <motcua/code.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf one;

/* The id that it would have with this agency; 0: it cannot be packed. */
static int64_t
pack(struct mc_str s, int32_t agency)
{
	struct mc_code_parts part;
	int32_t day, unit, sequence;
	int64_t id;

	HOLDS(!mc_code_standard(s) || mc_code_valid(s));
	if (!mc_code_split(&part, s))
		return 0;
	fuzz_taken++;
	HOLDS(mc_code_standard(s));
	mc_buf_reset(&one);
	mc_code_put(&one, part.agency, part.day, part.sequence);
	HOLDS(mc_str_same(fuzz_str(&one), s));
	id = mc_code_pack(part.day, agency, part.sequence);
	HOLDS(id >= MC_CODE_ODD);
	mc_code_unpack(id, &day, &unit, &sequence);
	HOLDS(day == part.day && unit == agency && sequence == part.sequence);
	return id;
}

int
fuzz_code(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n), other = { NULL, 0 };
	struct mc_code_parts a, b;
	int64_t x, y;

	mc_str_split(s, '\0', &s, &other);
	x = pack(s, 1);
	HOLDS(pack(s, MC_CODE_AGENCY_MAX) >= x);
	y = pack(other, 1);
	if (x == 0 || y == 0)
		return 0;
	HOLDS(mc_code_split(&a, s) && mc_code_split(&b, other));
	if (a.day != b.day)
		HOLDS((x < y) == (a.day < b.day));
	else
		HOLDS((x < y) == (a.sequence < b.sequence));
	return 0;
}
