/*
 * damage.h - a packed form, cut off, prolonged and changed: what the tests of
 * such forms share.  rnd.h is to be included first.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/pack.h>

#include "tap.h"

/* Appends what was packed; -1 with *err. */
typedef int unpack_fn(
    struct mc_buf *out, struct mc_str packed, struct mc_err *err);

/* As damaged, and nothing is appended.  *back has what it gave else. */
static inline bool
refused_by(unpack_fn *unpack, struct mc_buf *back, struct mc_str s)
{
	struct mc_err err = MC_ERR_INIT;
	size_t len;
	bool no;

	mc_buf_reset(back);
	mc_buf_puts(back, "before");
	len = back->len;
	no = unpack(back, s, &err) == -1;
	return no && err.code == MC_EDAMAGED && back->len == len;
}

/* Of a changed one something may come, but nothing too large. */
static inline void
test_changed(
    unpack_fn *unpack, struct mc_buf *back, struct mc_str copy, char *p)
{
	int fails = 0, refusals = 0, k;
	size_t i;
	char was;

	for (i = 0; i < copy.len; i++)
		for (k = 0; k < 3; k++) {
			was = p[i];
			p[i] =
			    k < 2 ? (char)(was ^ 1 << rnd(8)) : (char)rnd(256);
			refusals += refused_by(unpack, back, copy);
			fails += back->len > 6 + MC_PACK_MAX;
			p[i] = was;
		}
	IS(fails, 0);
	OK(refusals > (int)copy.len / 4);
}

static inline void
test_damage(unpack_fn *unpack, struct mc_buf *back, struct mc_str packed)
{
	struct mc_buf copy = { 0 };
	int fails = 0;
	size_t i;

	mc_buf_add(&copy, packed.p, packed.len);
	/* What it said would be said twice, or not to the end. */
	for (i = 0; i < copy.len; i++)
		fails +=
		    !refused_by(unpack, back, (struct mc_str){ copy.p, i });
	IS(fails, 0);
	mc_buf_putc(&copy, 0);
	OK(refused_by(unpack, back, (struct mc_str){ copy.p, copy.len }));
	copy.len--;
	test_changed(unpack, back, (struct mc_str){ copy.p, copy.len }, copy.p);
	mc_buf_free(&copy);
}

#endif
