/* event_internal.h - the members of a body's data, for both ways. */
#ifndef EVENT_INTERNAL_H
#define EVENT_INTERNAL_H

#include <motcua/event.h>

enum mc_field_type {
	MC_FIELD_STR,
	MC_FIELD_RAW, /* JSON as it is */
	MC_FIELD_INT,
	MC_FIELD_TIME,
	MC_FIELD_DAY,
	MC_FIELD_BOOL
};

/*
 * key is the name as it stands in the body: all of it is copied, which is
 * faster than so many bytes as it has.
 */
#define MC_FIELD_KEY 24
struct mc_field_form {
	const char *name;
	char key[MC_FIELD_KEY];
	size_t key_len;
	enum mc_field_type type;
};
extern const struct mc_field_form mc_field_form[MC_F__COUNT];

#endif
