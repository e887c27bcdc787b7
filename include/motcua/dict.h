/*
 * dict.h - names and their numbers, in memory.
 *
 * Ids count from 1 in the order of adding.  Names are copied and live as
 * long as the dictionary.
 */
#ifndef MOTCUA_DICT_H
#define MOTCUA_DICT_H

#include <stdint.h>

#include <motcua/buf.h>

struct mc_dict_slot {
	uint32_t hash;
	int32_t id; /* 0: free */
};
struct mc_dictionary {
	struct mc_str *name; /* name[id - 1]; NUL-terminated */
	int32_t n, cap;
	struct mc_dict_slot *slot;
	uint32_t slots; /* a power of two, or 0 */
};

/* Id of the name, 0 when it is not there. */
int32_t mc_dict_find(const struct mc_dictionary *d, struct mc_str name);
/* Adds it at the next id; it must not be there. */
int32_t mc_dict_add(struct mc_dictionary *d, struct mc_str name);
/* NULL for an id that is not there; NUL-terminated. */
const char *mc_dict_name(const struct mc_dictionary *d, int32_t id);
/* The same; empty for such an id. */
struct mc_str mc_dict_str(const struct mc_dictionary *d, int32_t id);
void mc_dict_free(struct mc_dictionary *d); /* and { 0 } again */

#endif
