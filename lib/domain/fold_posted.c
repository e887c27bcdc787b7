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

/*
 * What the clock has posted on days after that one is taken back; was the
 * dossier overdue on that day, it ceases to be so.  Returns the day of its
 * receipt, before which nothing of it counts.
 */
static int32_t
stop_late(struct mc_posted *p, int32_t day)
{
	struct mc_posting q, running = { .delta = 0 };
	int32_t opened = MC_NODAY;
	size_t i, n = p->v.n;

	for (i = 0; i < n; i++) {
		q = p->v.p[i];
		if (q.counter == MC_C_OPENED && q.delta > 0)
			opened = q.day;
		if (q.counter != MC_C_BECAME && q.counter != MC_C_CEASED)
			continue;
		q.delta = -q.delta;
		if (q.day > day) {
			mc_vec_push(&p->v, q);
			continue;
		}
		running.procedure = q.procedure;
		running.unit = q.unit;
		running.child = q.child;
		running.delta += q.counter == MC_C_BECAME ? -q.delta : q.delta;
	}
	running.day = day;
	running.counter = MC_C_CEASED;
	if (running.delta != 0)
		mc_vec_push(&p->v, running);
	return opened;
}

void
mc_posted_take(struct mc_posted *p, const struct mc_event *e,
    const struct mc_postings *out)
{
	int32_t first = MC_NODAY;
	struct mc_posting q;
	int i;

	if (e->kind == MC_K_VOIDED)
		p->v.n = p->reopening.n = p->since = 0;
	if (out->late_on != MC_NODAY)
		first = stop_late(p, out->late_on);
	for (i = 0; i < out->n; i++)
		if (out->p[i].counter == MC_C_CLOSED && out->p[i].delta < 0)
			break;
	if (i < out->n)
		take_reopening(p, out->p[i].day);
	for (i = 0; i < out->n; i++) {
		q = out->p[i];
		q.day = q.day > first ? q.day : first;
		mc_vec_push(&p->v, q);
	}
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
