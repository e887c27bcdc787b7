/*
 * term.c - fuzzes term.h: a term that is understood is within its limits,
 * and its canonical text means the same.
 */
#include <motcua/term.h>

#include "fuzz.h"

static struct mc_buf one;

int
fuzz_term(const uint8_t *p, size_t n)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_term t, same;

	if (mc_term_parse(&t, fuzz_input(p, n), &err) == -1) {
		fuzz_refused(&err);
		HOLDS(strcmp(err.id, "E_TERM") == 0);
		return 0;
	}
	fuzz_taken++;
	if (t.unit == MC_TERM_NONE || t.unit == MC_TERM_SAME_DAY)
		HOLDS(t.milli == 0);
	else
		HOLDS(t.milli > 0 && t.milli <= 10000000);
	HOLDS(t.unit != MC_TERM_MONTHS || t.milli % 1000 == 0);
	mc_buf_reset(&one);
	mc_term_put(&one, t);
	HOLDS(mc_term_parse(&same, fuzz_str(&one), &err) == 0);
	HOLDS(same.unit == t.unit && same.milli == t.milli);
	return 0;
}
