/*
 * intake_portion.c - portions that a thread fills while others are written;
 * see motcua/intake.h.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "intake_internal.h"

struct mc_portion {
	struct mc_pool pool;
	struct drafts draft;
	size_t waiting, good;
	const char *file;
	const struct mc_binding *b;
	struct tallies warnings;
	struct mc_err broken;
	char commit[MC_OID_HEX]; /* of the rulebook, that it was checked by */
};

struct mc_intake *
mc_intake_front(const struct mc_intake *in)
{
	struct mc_intake *front = mc_calloc(1, sizeof(*front));

	front->store = in->store;
	front->rb = in->rb;
	front->units = in->units;
	front->o = in->o;
	front->key = in->key;
	return front;
}

struct mc_portion *
mc_portion_new(void)
{
	return mc_calloc(1, sizeof(struct mc_portion));
}

void
mc_portion_free(struct mc_portion *p)
{
	if (p == NULL)
		return;
	mc_vec_free(&p->draft);
	mc_pool_free(&p->pool);
	free(p->warnings.p);
	free(p);
}

size_t
mc_portion_rows(const struct mc_portion *p)
{
	return p->waiting;
}

size_t
mc_portion_refused(const struct mc_portion *p)
{
	return p->waiting - p->good;
}

/* Each has what the other had. */
static void
swap(struct mc_intake *in, struct mc_portion *p)
{
	struct mc_pool pool = in->pool;
	struct drafts draft = in->draft;

	in->pool = p->pool;
	in->draft = p->draft;
	p->pool = pool;
	p->draft = draft;
}

void
mc_portion_fill(struct mc_portion *p, struct mc_intake *front, int64_t run)
{
	front->run = run;
	swap(front, p);
	front->draft.n = 0;
}

void
mc_portion_filled(struct mc_portion *p, struct mc_intake *front)
{
	struct tallies warnings = p->warnings;

	mc_intake_dressed(front);
	swap(front, p);
	p->waiting = front->waiting;
	p->good = front->good;
	p->file = front->file;
	p->b = front->b;
	p->broken = front->broken;
	p->warnings = front->warnings;
	memcpy(p->commit, front->commit, sizeof(p->commit));
	front->warnings = warnings;
	front->waiting = front->good = front->warnings.n = 0;
}

void
mc_intake_take(struct mc_intake *in, struct mc_portion *p)
{
	size_t i;

	swap(in, p);
	in->waiting = p->waiting;
	in->good = p->good;
	in->file = p->file;
	in->b = p->b;
	in->sum.rows += (int64_t)p->waiting;
	memcpy(in->commit, p->commit, sizeof(in->commit));
	if (in->broken.code == MC_OK)
		in->broken = p->broken;
	for (i = 0; i < p->warnings.n; i++)
		mc_intake_count(
		    &in->warnings, p->warnings.p[i].id, p->warnings.p[i].n);
	p->waiting = p->good = p->draft.n = p->warnings.n = 0;
}
