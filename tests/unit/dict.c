/* dict.c - unit tests of dict.h: names and numbers, both ways. */
#include <motcua/dict.h>

#include "tap.h"

#define NAMES 5000

static void
name_of(struct mc_buf *b, int i)
{
	mc_buf_reset(b);
	/* Some have a NUL inside: names are bytes, not strings. */
	mc_buf_printf(b, "H%d.%d", i % 97, i);
	if (i % 5 == 0) {
		mc_buf_putc(b, '\0');
		mc_buf_int(b, i % 3);
	}
}

int
main(void)
{
	struct mc_dictionary d = { 0 };
	struct mc_buf b = { 0 };
	const char *first;
	int i, wrong = 0;

	IS(mc_dict_find(&d, MC_STR("x")), 0);
	OK(mc_dict_name(&d, 1) == NULL);
	IS(mc_dict_add(&d, MC_STR("")), 1);
	first = mc_dict_name(&d, 1);
	for (i = 2; i <= NAMES; i++) {
		name_of(&b, i);
		wrong += mc_dict_find(&d, (struct mc_str){ b.p, b.len }) != 0;
		wrong += mc_dict_add(&d, (struct mc_str){ b.p, b.len }) != i;
	}
	for (i = 2; i <= NAMES; i++) {
		name_of(&b, i);
		wrong += mc_dict_find(&d, (struct mc_str){ b.p, b.len }) != i;
		wrong += memcmp(mc_dict_name(&d, i), b.p, b.len + 1) != 0;
	}
	IS(wrong, 0);
	IS(mc_dict_find(&d, MC_STR("")), 1);
	OK(mc_dict_name(&d, 1) == first); /* names stay where they are */
	IS(mc_dict_find(&d, MC_STR("H2.")), 0);
	OK(mc_dict_name(&d, 0) == NULL);
	OK(mc_dict_name(&d, -1) == NULL);
	OK(mc_dict_name(&d, NAMES + 1) == NULL);
	mc_dict_free(&d);
	IS(mc_dict_find(&d, MC_STR("")), 0);
	IS(mc_dict_add(&d, MC_STR("again")), 1);
	mc_dict_free(&d);
	mc_dict_free(&d);
	mc_buf_free(&b);
	return tap_done();
}
