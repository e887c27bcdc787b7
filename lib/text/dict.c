/* dict.c - see motcua/dict.h. */
#include <stdlib.h>

#include <motcua/dict.h>
#include <motcua/mem.h>
#include <motcua/text.h>

static uint32_t
hash(struct mc_str name)
{
	uint64_t h = mc_text_hash(name.p, name.len);

	return (uint32_t)(h ^ h >> 32);
}

/* Where the name is, or the free slot where it would go. */
static uint32_t
seat(const struct mc_dictionary *d, struct mc_str name, uint32_t h)
{
	uint32_t mask = d->slots - 1, i = h & mask;

	while (d->slot[i].id != 0 &&
	       (d->slot[i].hash != h ||
		   !mc_str_same(d->name[d->slot[i].id - 1], name)))
		i = (i + 1) & mask;
	return i;
}

int32_t
mc_dict_find(const struct mc_dictionary *d, struct mc_str name)
{
	return d->slots == 0 ? 0 : d->slot[seat(d, name, hash(name))].id;
}

static void
grow(struct mc_dictionary *d)
{
	int32_t id;
	uint32_t h;

	free(d->slot);
	d->slots = d->slots == 0 ? 64 : d->slots * 2;
	d->slot = mc_calloc(d->slots, sizeof(*d->slot));
	for (id = 1; id <= d->n; id++) {
		h = hash(d->name[id - 1]);
		d->slot[seat(d, d->name[id - 1], h)] =
		    (struct mc_dict_slot){ h, id };
	}
}

int32_t
mc_dict_add(struct mc_dictionary *d, struct mc_str name)
{
	uint32_t h = hash(name);

	if ((uint32_t)d->n + 1 > d->slots / 2)
		grow(d);
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 32 : d->cap * 2;
		d->name = mc_realloc(d->name, (size_t)d->cap, sizeof(*d->name));
	}
	d->name[d->n] =
	    (struct mc_str){ mc_strndup(name.p, name.len), name.len };
	d->n++;
	d->slot[seat(d, name, h)] = (struct mc_dict_slot){ h, d->n };
	return d->n;
}

struct mc_str
mc_dict_str(const struct mc_dictionary *d, int32_t id)
{
	return id >= 1 && id <= d->n ? d->name[id - 1]
				     : (struct mc_str){ NULL, 0 };
}

const char *
mc_dict_name(const struct mc_dictionary *d, int32_t id)
{
	return mc_dict_str(d, id).p;
}

void
mc_dict_free(struct mc_dictionary *d)
{
	int32_t i;

	for (i = 0; i < d->n; i++)
		free((void *)(uintptr_t)d->name[i].p);
	free(d->name);
	free(d->slot);
	*d = (struct mc_dictionary){ 0 };
}
