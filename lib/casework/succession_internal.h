/* succession_internal.h - decisions, as read. */
#ifndef SUCCESSION_INTERNAL_H
#define SUCCESSION_INTERNAL_H

#include <motcua/succession.h>

/* A line; NULL: not looked at. */
struct mc_succession_rule {
	const char *from, *to, *procedure, *receiving, *field, *value;
	const char *where; /* "FILE:LINE" */
	int64_t line, used;
};

struct mc_succession_rules {
	MC_VEC(struct mc_succession_rule) v;
	MC_VEC(char *) text; /* everything the pointers point to */
};

int mc_succession_read(struct mc_succession_rules *rules, const char *name,
    struct mc_str text, const struct mc_units *units, int32_t today,
    struct mc_err *err);
void mc_succession_rules_free(struct mc_succession_rules *rules);
/* Does `text` fit the pattern (NULL: everything does)? */
bool mc_succession_fits(const char *pattern, const char *text);
/* Has the unit ended before that day? */
bool mc_succession_ended(const struct mc_unit *unit, int32_t today);

#endif
