/* fold_posted.c - what a dossier has posted; see motcua/fold.h. */
#include <motcua/fold.h>
#include <motcua/mem.h>

static bool
is_finish(enum mc_counter c)
{
	return c == MC_C_CLOSED || c == MC_C_EARLY || c == MC_C_ON_TIME ||
	       c == MC_C_LATE;
}

static void
take_reopening(struct mc_posted *p, int32_t day)
{
	struct mc_reopening r = { .day = day };
	size_t i;

	for (i = p->since; i < p->v.n; i++) {
		r.finish = p->v.p[i];
		if (is_finish(r.finish.counter))
			mc_vec_push(&p->reopening, r);
	}
}

void
mc_posted_take(struct mc_posted *p, const struct mc_event *e,
    const struct mc_postings *out)
{
	int i;

	if (e->kind == MC_K_VOIDED)
		p->v.n = p->reopening.n = p->since = 0;
	for (i = 0; i < out->n; i++)
		if (out->p[i].counter == MC_C_CLOSED && out->p[i].delta < 0)
			break;
	if (i < out->n)
		take_reopening(p, out->p[i].day);
	for (i = 0; i < out->n; i++)
		mc_vec_push(&p->v, out->p[i]);
	if (e->kind == MC_K_REOPENED)
		p->since = p->v.n;
}

void
mc_posted_free(struct mc_posted *p)
{
	mc_vec_free(&p->v);
	mc_vec_free(&p->reopening);
	p->since = 0;
}
