/* procedure_lint.c - what parses, and still cannot work: DESIGN 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/procedure.h>

#include "procedure_internal.h"

#define HOUR INT64_C(3600000)
#define DAY (8 * HOUR) /* the law's nominal working day */
#define PATH 64

struct lint {
	struct mc_procedure_sink *s;
	const struct mc_procedure *p;
};

static void MC_PRINTF(5, 6) about(struct lint *l, int step, const char *member,
    const char *id, const char *fmt, ...)
{
	char path[PATH], text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "steps/%d%s%s", step,
	    member[0] != '\0' ? "/" : "", member);
	mc_procedure_found(l->s, path, id, "%s", text);
}

/* Mark the steps from which `to` is got to without passing `without`. */
static void
mark(const struct mc_procedure *p, int to, int without,
    bool marked[MC_PROCEDURE_STEPS])
{
	const struct mc_step *s;
	bool more = true;
	int i, j, k;

	memset(marked, 0, MC_PROCEDURE_STEPS * sizeof(bool));
	marked[to] = true;
	while (more) {
		more = false;
		for (i = 0; i < p->steps; i++) {
			s = &p->step[i];
			for (j = 0; j < s->branches && !marked[i]; j++)
				for (k = 0; k < s->branch[j].targets; k++)
					if (i != without &&
					    marked[s->branch[j].target[k]])
						marked[i] = more = true;
		}
	}
}

static void
check_paths(struct lint *l)
{
	const struct mc_procedure *p = l->p;
	bool ends;
	int i, k;

	for (i = 0; i < p->steps; i++) {
		if (i > 0 && !mc_procedure_reaches(p, 0, i))
			about(l, i, "", "E_UNREACHABLE",
			    "nothing leads to the step \"%s\"", p->step[i].id);
		ends = p->step[i].final;
		for (k = 0; k < p->steps && !ends; k++)
			ends =
			    p->step[k].final && mc_procedure_reaches(p, i, k);
		if (!ends)
			about(l, i, "", "E_DEAD_END",
			    "the step \"%s\" leads to no final step",
			    p->step[i].id);
	}
}

static void
check_branches(struct lint *l)
{
	const struct mc_step *s;
	char member[PATH];
	int i, k;

	for (i = 0; i < l->p->steps; i++) {
		s = &l->p->step[i];
		for (k = 0; k + 1 < s->branches; k++)
			if (s->branch[k].when == NULL) {
				snprintf(
				    member, sizeof(member), "next/%d", k + 1);
				about(l, i, member, "E_BRANCH",
				    "the branch before this one has no "
				    "\"when\": it is never tried");
			}
		if (s->branches > 0 && s->branch[s->branches - 1].when != NULL)
			about(l, i, "next", "E_BRANCH",
			    "the last branch has a \"when\": with none true "
			    "the step \"%s\" leads nowhere",
			    s->id);
	}
}

/* Do two parallel targets lead, one to x and the other to y, apart? */
static bool
forks_to(const struct mc_procedure *p, int x, int y)
{
	bool to_x[MC_PROCEDURE_STEPS], to_y[MC_PROCEDURE_STEPS];
	const struct mc_branch *b;
	int i, j, k, nx, ny, both;

	mark(p, x, y, to_x);
	mark(p, y, x, to_y);
	for (i = 0; i < p->steps; i++)
		for (j = 0; j < p->step[i].branches; j++) {
			b = &p->step[i].branch[j];
			nx = ny = both = 0;
			for (k = 0; k < b->targets; k++) {
				nx += to_x[b->target[k]];
				ny += to_y[b->target[k]];
				both +=
				    to_x[b->target[k]] && to_y[b->target[k]];
			}
			/* One target that leads to both is no fork. */
			if (nx > 0 && ny > 0 && nx + ny - both > 1)
				return true;
		}
	return false;
}

/* Two joins that parallel paths enter apart, each able to reach the other. */
static void
check_joins(struct lint *l)
{
	const struct mc_procedure *p = l->p;
	int x, y;

	for (x = 0; x < p->steps; x++)
		for (y = x + 1; y < p->steps; y++)
			if (p->step[x].join_all && p->step[y].join_all &&
			    mc_procedure_reaches(p, x, y) &&
			    mc_procedure_reaches(p, y, x) && forks_to(p, x, y))
				about(l, x, "join", "E_JOIN",
				    "the steps \"%s\" and \"%s\" can wait for "
				    "each other for ever",
				    p->step[x].id, p->step[y].id);
}

/* ---- limits ---- */

/* Nominal working time, ms.  n calendar days are floor(5n/7) working days. */
static int64_t
worth(struct mc_term t)
{
	switch (t.unit) {
	case MC_TERM_SAME_DAY:
		return DAY;
	case MC_TERM_WORKING_DAYS:
		return t.milli * DAY / 1000;
	case MC_TERM_WORKING_HOURS:
		return t.milli * HOUR / 1000;
	case MC_TERM_WORKING_MINUTES:
		return t.milli * (HOUR / 60) / 1000;
	case MC_TERM_DAYS:
		return t.milli * 5 / 7000 * DAY;
	case MC_TERM_MONTHS:
		return t.milli * 30 * 5 / 7000 * DAY;
	case MC_TERM_NONE:
		break;
	}
	return 0;
}

/* Steps once entered and not yet left stand on the path: a way back to one
 * of them (rework) is not part of the planned path. */
struct longest {
	const struct mc_procedure *p;
	int64_t ms[MC_PROCEDURE_STEPS];
	char state[MC_PROCEDURE_STEPS]; /* 0 new, 1 on the path, 2 done */
};

/* Depth is bounded by MC_PROCEDURE_STEPS. */
static int64_t
longest_from(struct longest *g, int at)
{
	const struct mc_step *s = &g->p->step[at];
	int64_t best = 0, ms;
	int i, k;

	if (g->state[at] == 2)
		return g->ms[at];
	g->state[at] = 1;
	for (i = 0; i < s->branches; i++)
		for (k = 0; k < s->branch[i].targets; k++) {
			if (g->state[s->branch[i].target[k]] == 1)
				continue;
			ms = longest_from(g, s->branch[i].target[k]);
			if (ms > best)
				best = ms;
		}
	g->ms[at] = best + (s->has_limit ? worth(s->limit) : 0);
	g->state[at] = 2;
	return g->ms[at];
}

/* "10.5 working days", to the half hour, as the law's 8-hour days. */
static void
put_days(struct mc_buf *b, int64_t ms)
{
	struct mc_term t = { MC_TERM_WORKING_DAYS, ms * 1000 / DAY };

	mc_term_put(b, t);
}

static void
check_limit(struct lint *l)
{
	struct longest g = { .p = l->p };
	struct mc_buf legal = { 0 }, sum = { 0 };
	int64_t ms;

	if (!l->p->has_limit || l->p->steps == 0)
		return;
	ms = longest_from(&g, 0);
	if (ms > worth(l->p->limit)) {
		mc_term_put(&legal, l->p->limit);
		if (l->p->limit.unit == MC_TERM_DAYS ||
		    l->p->limit.unit == MC_TERM_MONTHS) {
			mc_buf_puts(&legal, ", about ");
			put_days(&legal, worth(l->p->limit));
		}
		put_days(&sum, ms);
		mc_procedure_found(l->s, "limit", "W_LIMIT",
		    "the steps on the longest path add up to %s, the limit "
		    "is %s",
		    sum.p, legal.p);
	}
	mc_buf_free(&legal);
	mc_buf_free(&sum);
}

void
mc_procedure_lint(const char *name, struct mc_str text,
    void (*found)(void *arg, const struct mc_err *finding), void *arg)
{
	struct mc_procedure_sink s = { name, text, found, arg, 0 };
	struct mc_procedure *p = mc_procedure_read(&s);
	struct lint l = { &s, p };

	/* Of a definition with errors the paths would be guesses. */
	if (p != NULL && s.errors == 0) {
		check_paths(&l);
		check_branches(&l);
		check_joins(&l);
		check_limit(&l);
	}
	mc_procedure_free(p);
}
