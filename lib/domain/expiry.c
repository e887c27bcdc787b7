/* expiry.c - see motcua/expiry.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/expiry.h>
#include <motcua/mem.h>

void
mc_pauses_event(struct mc_pauses *x, const struct mc_event *e)
{
	switch (e->kind) {
	case MC_K_PAUSED:
	case MC_K_STOPPED:
		if (x->since == MC_NEVER)
			x->since = e->at;
		break;
	case MC_K_RESUMED:
		if (x->since == MC_NEVER)
			break;
		if (x->n == x->cap) {
			x->cap = x->cap == 0 ? 8 : x->cap * 2;
			x->p = mc_realloc(x->p, (size_t)x->cap, sizeof(*x->p));
		}
		x->p[x->n++] = (struct mc_pause){ x->since, e->at };
		x->since = MC_NEVER;
		break;
	case MC_K_REFUSED:
	case MC_K_WITHDRAWN:
	case MC_K_FINISHED:
	case MC_K_VOIDED:
		x->since = MC_NEVER;
		break;
	default:
		break;
	}
}

void
mc_pauses_free(struct mc_pauses *x)
{
	free(x->p);
	*x = (struct mc_pauses){ .since = MC_NEVER };
}

static bool
by_the_clock(struct mc_term t)
{
	return t.unit == MC_TERM_WORKING_HOURS ||
	       t.unit == MC_TERM_WORKING_MINUTES || t.milli % 1000 != 0;
}

/* A pause that begins when it has run out already changes nothing. */
int
mc_expiry(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term after, int64_t since,
    const struct mc_pause *pause, int pauses, struct mc_err *err)
{
	struct mc_policy policy = *p;
	int64_t from;
	int i;

	policy.verdict =
	    by_the_clock(after) ? MC_VERDICT_INSTANT : MC_VERDICT_DATE;
	if (mc_deadline(out, &policy, cal, after, since, NULL, NULL, err) == -1)
		return -1;
	for (i = 0; i < pauses; i++) {
		from = pause[i].from > since ? pause[i].from : since;
		if (pause[i].to > from &&
		    mc_deadline_resume(out, &policy, cal, after, *out, from,
			pause[i].to, NULL, NULL, err) == -1)
			return -1;
	}
	return 0;
}

bool
mc_expired(struct mc_term after, struct mc_due end, int64_t now,
    const struct mc_zone *zone)
{
	return mc_overdue(
	    by_the_clock(after) ? MC_VERDICT_INSTANT : MC_VERDICT_DATE, end,
	    now, zone);
}
