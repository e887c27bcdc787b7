/* json_internal.h - Jansson behind a value, for the files of json. */
#ifndef JSON_INTERNAL_H
#define JSON_INTERNAL_H

#include <jansson.h>

#include <motcua/json.h>

static inline const json_t *
mc_jansson(const struct mc_json *v)
{
	return (const json_t *)v;
}

/* Jansson's iterators take what they do not change as not const. */
static inline json_t *
mc_jansson_loose(const struct mc_json *v)
{
	return (json_t *)(uintptr_t)v;
}

#endif
