/* procedure_lint.c - what parses, and still cannot work: DESIGN 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/procedure.h>

#include "procedure_internal.h"

#define PATH MC_PART_PATH
#define WAYS 4 /* direct, online, postal, and any of them */
#define ANY_CHANNEL 3
#define WORDS (MC_PROCEDURE_STEPS / 64 + 1)

static const char *const channels[] = { "direct", "online", "postal", NULL };

/* Steps and the branches that can be taken, of one channel or of any. */
struct way {
	uint32_t live[MC_PROCEDURE_STEPS]; /* bit b: branch b can be taken */
	uint64_t reach[MC_PROCEDURE_STEPS][WORDS];
	bool ends[MC_PROCEDURE_STEPS]; /* a final step can be reached */
};

struct lint {
	struct mc_procedure_sink *s;
	const struct mc_procedure *p;
	int64_t day_ms;
	struct way *way; /* [WAYS] */
};

static void MC_PRINTF(5, 6) about(struct lint *l, int step, const char *member,
    const char *id, const char *fmt, ...)
{
	char path[PATH], text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%d%s%s", l->p->steps_path, step,
	    member[0] != '\0' ? "/" : "", member);
	mc_procedure_found(l->s, path, id, "%s", text);
}

/* ---- branches ---- */

static bool
is_live(const struct way *w, int step, int branch)
{
	return (w->live[step] >> branch & 1) != 0;
}

static void
check_branch(
    struct lint *l, int step, int branch, bool after_else, enum mc_fate fate)
{
	char member[PATH];

	snprintf(member, sizeof(member), "next/%d", branch);
	if (after_else)
		about(l, step, member, "E_BRANCH",
		    "a branch before this one has no \"when\": it is never "
		    "tried");
	else if (fate == MC_FATE_COVERED)
		about(l, step, member, "E_BRANCH",
		    "the branch is never taken: whenever it would be, one "
		    "before it is");
	else if (fate == MC_FATE_NEVER)
		about(l, step, member, "E_BRANCH",
		    "the branch is never taken: nothing meets its condition");
}

static void
check_branches(struct lint *l)
{
	const struct mc_condition *when[MC_STEP_BRANCHES + 1];
	enum mc_fate fate[MC_STEP_BRANCHES + 1];
	const struct mc_step *s;
	int i, k, c;
	bool other;

	for (i = 0; i < l->p->steps; i++) {
		s = &l->p->step[i];
		for (k = 0; k < s->branches; k++)
			when[k] = s->branch[k].when;
		for (c = 0; c < WAYS; c++) {
			mc_condition_fates(
			    when, s->branches, channels[c], fate);
			for (k = 0; k < s->branches; k++)
				if (fate[k] == MC_FATE_TAKEN)
					l->way[c].live[i] |= UINT32_C(1) << k;
		}
		other = false;
		for (k = 0; k < s->branches; k++) {
			check_branch(l, i, k, other, fate[k]);
			other = other || when[k] == NULL;
		}
		if (s->branches > 0 && !other)
			about(l, i, "next", "E_BRANCH",
			    "the last branch has a \"when\": with none true "
			    "the step \"%s\" leads nowhere",
			    s->id);
	}
}

/* ---- paths ---- */

static bool
leads(const struct way *w, int from, int to)
{
	return (w->reach[from][to / 64] >> (to % 64) & 1) != 0;
}

static void
close_way(const struct mc_procedure *p, struct way *w)
{
	const struct mc_branch *b;
	int i, j, k, n;

	for (i = 0; i < p->steps; i++)
		for (j = 0; j < p->step[i].branches; j++) {
			b = &p->step[i].branch[j];
			for (k = 0; is_live(w, i, j) && k < b->targets; k++)
				w->reach[i][b->target[k] / 64] |=
				    UINT64_C(1) << (b->target[k] % 64);
		}
	for (k = 0; k < p->steps; k++)
		for (i = 0; i < p->steps; i++)
			for (n = 0; leads(w, i, k) && n < WORDS; n++)
				w->reach[i][n] |= w->reach[k][n];
	for (i = 0; i < p->steps; i++)
		for (k = 0; k < p->steps && !w->ends[i]; k++)
			w->ends[i] =
			    p->step[k].final && (i == k || leads(w, i, k));
}

static bool
is_target(const struct mc_procedure *p, int step)
{
	int i, j, k;

	for (i = 0; i < p->steps; i++) {
		for (j = 0; j < p->step[i].branches; j++)
			for (k = 0; k < p->step[i].branch[j].targets; k++)
				if (p->step[i].branch[j].target[k] == step)
					return true;
		if (p->step[i].expires.to == step)
			return true;
	}
	return false;
}

/* Is it the first step of a loop that nothing leads out of? */
static bool
begins_loop(const struct mc_procedure *p, const struct way *w, int step)
{
	int k;

	if (!leads(w, step, step))
		return false;
	for (k = 0; k < p->steps; k++)
		if (leads(w, step, k) && (!leads(w, k, step) || k < step))
			return false;
	return true;
}

static bool
in_closed_loop(const struct mc_procedure *p, const struct way *w, int step)
{
	int k;

	for (k = 0; k < p->steps; k++)
		if (leads(w, step, k) && !leads(w, k, step))
			return false;
	return leads(w, step, step);
}

/* "a", "b" and "c", cut where it gets too long. */
static void
put_loop(
    struct mc_buf *b, const struct mc_procedure *p, const struct way *w, int at)
{
	int k, left = 0;

	for (k = 0; k < p->steps; k++)
		left += leads(w, at, k);
	mc_buf_puts(b, "");
	for (k = 0; k < p->steps; k++) {
		if (!leads(w, at, k))
			continue;
		if (b->len > 200) {
			mc_buf_printf(b, " and %d more", left);
			return;
		}
		left--;
		mc_buf_printf(b, "%s\"%s\"",
		    b->len == 0 ? ""
		    : left == 0 ? " and "
				: ", ",
		    p->step[k].id);
	}
}

/* The channels' own loops: of dossiers that can get there that way. */
static void
check_channel(struct lint *l, int c)
{
	const struct mc_procedure *p = l->p;
	const struct way *w = &l->way[c];
	struct mc_buf b = { 0 };
	int i;

	for (i = 0; i < p->steps; i++) {
		if (w->ends[i] || !l->way[ANY_CHANNEL].ends[i] ||
		    (i > 0 && !leads(w, 0, i)) || !begins_loop(p, w, i))
			continue;
		mc_buf_reset(&b);
		put_loop(&b, p, w, i);
		about(l, i, "", "E_LOOP",
		    "a dossier of the channel \"%s\" never leaves the loop of "
		    "the steps %s",
		    channels[c], b.p);
	}
	mc_buf_free(&b);
}

/*
 * All that a dossier can get to: what expires leads on, too.  That is no way
 * out of a loop for those who do their work in time.
 */
static void
get_to(const struct lint *l, int at, bool seen[MC_PROCEDURE_STEPS])
{
	const struct mc_step *s = &l->p->step[at];
	int j, k;

	if (seen[at])
		return;
	seen[at] = true;
	for (j = 0; j < s->branches; j++)
		for (k = 0; is_live(&l->way[ANY_CHANNEL], at, j) &&
			    k < s->branch[j].targets;
		     k++)
			get_to(l, s->branch[j].target[k], seen);
	if (s->expires.to != -1)
		get_to(l, s->expires.to, seen);
}

static void
check_paths(struct lint *l)
{
	const struct mc_procedure *p = l->p;
	const struct way *w = &l->way[ANY_CHANNEL];
	bool seen[MC_PROCEDURE_STEPS] = { false };
	struct mc_buf b = { 0 };
	int i;

	if (p->steps > 0)
		get_to(l, 0, seen);
	for (i = 0; i < p->steps; i++) {
		if (!seen[i])
			about(l, i, "", "E_UNREACHABLE",
			    is_target(p, i) ? "no dossier can get "
					      "to the step \"%s\""
					    : "nothing leads to the step "
					      "\"%s\"",
			    p->step[i].id);
		if (w->ends[i])
			continue;
		if (begins_loop(p, w, i)) {
			mc_buf_reset(&b);
			put_loop(&b, p, w, i);
			about(l, i, "", "E_LOOP",
			    "nothing leads out of the loop of the steps %s",
			    b.p);
		} else if (!in_closed_loop(p, w, i)) {
			about(l, i, "", "E_DEAD_END",
			    "the step \"%s\" leads to no final step",
			    p->step[i].id);
		}
	}
	mc_buf_free(&b);
	for (i = 0; i < ANY_CHANNEL; i++)
		check_channel(l, i);
}

/* ---- joins ---- */

/*
 * A joining step is entered when nothing that is open, or opens with it, can
 * still reach it.  Where all that a branch opens are joins, each within
 * reach of another of them, none is entered.
 */
static bool
never_enters(
    const struct mc_procedure *p, const struct mc_branch *b, int *x, int *y)
{
	bool held;
	int i, k;

	for (i = 0; i < b->targets; i++) {
		held = false;
		for (k = 0; k < b->targets && !held; k++) {
			held =
			    p->step[b->target[i]].join_all && k != i &&
			    mc_procedure_reaches(p, b->target[k], b->target[i]);
			if (held) {
				*x = b->target[i];
				*y = b->target[k];
			}
		}
		if (!held)
			return false;
	}
	return b->targets > 0;
}

/*
 * Can the thread that starts at `from` get to a final step that does not
 * wait for the one that starts at `beside`?  Depth is bounded by the steps.
 */
static int
runs_ahead(struct lint *l, int from, int beside, bool seen[MC_PROCEDURE_STEPS])
{
	const struct mc_procedure *p = l->p;
	const struct mc_step *s = &p->step[from];
	int j, k, final;

	if (seen[from] || from == beside ||
	    (s->join_all && mc_procedure_reaches(p, beside, from)))
		return -1;
	seen[from] = true;
	if (s->final)
		return from;
	for (j = 0; j < s->branches; j++)
		for (k = 0; is_live(&l->way[ANY_CHANNEL], from, j) &&
			    k < s->branch[j].targets;
		     k++) {
			final =
			    runs_ahead(l, s->branch[j].target[k], beside, seen);
			if (final != -1)
				return final;
		}
	return s->expires.to != -1 ? runs_ahead(l, s->expires.to, beside, seen)
				   : -1;
}

/* One finding for a branch is enough. */
static void
check_fork(struct lint *l, int step, int branch)
{
	const struct mc_branch *b = &l->p->step[step].branch[branch];
	bool seen[MC_PROCEDURE_STEPS];
	char member[PATH];
	int i, k, final;

	for (i = 0; i < b->targets; i++)
		for (k = 0; k < b->targets; k++) {
			memset(seen, 0, sizeof(seen));
			if (i == k || (final = runs_ahead(l, b->target[i],
					   b->target[k], seen)) == -1)
				continue;
			snprintf(member, sizeof(member), "next/%d", branch);
			about(l, step, member, "W_JOIN",
			    "the final step \"%s\" can be entered by way of "
			    "\"%s\" while \"%s\" is still open",
			    l->p->step[final].id, l->p->step[b->target[i]].id,
			    l->p->step[b->target[k]].id);
			return;
		}
}

static void
check_joins(struct lint *l)
{
	const struct mc_procedure *p = l->p;
	int i, j, x, y;

	for (i = 0; i < p->steps; i++)
		for (j = 0; j < p->step[i].branches; j++) {
			if (!is_live(&l->way[ANY_CHANNEL], i, j))
				continue;
			if (never_enters(p, &p->step[i].branch[j], &x, &y))
				about(l, x < y ? x : y, "join", "E_JOIN",
				    "the steps \"%s\" and \"%s\" can wait for "
				    "each other for ever",
				    p->step[x < y ? x : y].id,
				    p->step[x < y ? y : x].id);
			else
				check_fork(l, i, j);
		}
}

/* ---- limits ---- */

/*
 * What a path takes at least: working time (ms of a nominal working day),
 * and thousandths of calendar days; the two cannot be compared.
 */
struct length {
	int64_t working, calendar;
};

/* `most`: what the term allows, else the least that it takes. */
static struct length
worth(const struct lint *l, struct mc_term t, bool most)
{
	const int64_t hour = 3600000;
	struct length n = { 0, 0 };

	switch (t.unit) {
	case MC_TERM_SAME_DAY:
		n.working = most ? l->day_ms : 0;
		break;
	case MC_TERM_WORKING_DAYS:
		n.working = t.milli * l->day_ms / 1000;
		break;
	case MC_TERM_WORKING_HOURS:
		n.working = t.milli * hour / 1000;
		break;
	case MC_TERM_WORKING_MINUTES:
		n.working = t.milli * (hour / 60) / 1000;
		break;
	case MC_TERM_DAYS:
		n.calendar = t.milli;
		break;
	case MC_TERM_MONTHS:
		n.calendar = t.milli * (most ? 31 : 28);
		break;
	case MC_TERM_NONE:
		break;
	}
	return n;
}

struct longest {
	const struct lint *l;
	bool calendar; /* which of the two is being made long */
	int way;
	int64_t sum[MC_PROCEDURE_STEPS];
	char state[MC_PROCEDURE_STEPS]; /* 0 new, 1 on the path, 2 done */
};

/*
 * A way back to a step on the path (rework) is not part of it.  Depth is
 * bounded by MC_PROCEDURE_STEPS.
 */
static int64_t
longest_from(struct longest *g, int at)
{
	const struct mc_step *s = &g->l->p->step[at];
	int64_t best = 0, n;
	struct length own;
	int i, k, to = s->expires.to;

	if (g->state[at] == 2)
		return g->sum[at];
	g->state[at] = 1;
	for (i = 0; i < s->branches; i++)
		for (k = 0; is_live(&g->l->way[g->way], at, i) &&
			    k < s->branch[i].targets;
		     k++) {
			if (g->state[s->branch[i].target[k]] == 1)
				continue;
			n = longest_from(g, s->branch[i].target[k]);
			if (n > best)
				best = n;
		}
	if (to != -1 && g->state[to] != 1 && (n = longest_from(g, to)) > best)
		best = n;
	/* A step without a limit of its own lasts until it expires. */
	if (s->has_limit || to != -1) {
		own = worth(
		    g->l, s->has_limit ? s->limit : s->expires.after, false);
		best += g->calendar ? own.calendar : own.working;
	}
	g->sum[at] = best;
	g->state[at] = 2;
	return best;
}

/* Working time as days to the quarter, or as hours where that is odd. */
static void
put_sum(struct mc_buf *b, const struct lint *l, int64_t n, bool calendar)
{
	struct mc_term t = { MC_TERM_DAYS, n };

	if (!calendar && n * 4 % l->day_ms == 0)
		t = (struct mc_term){ MC_TERM_WORKING_DAYS,
			n * 1000 / l->day_ms };
	else if (!calendar)
		t = (struct mc_term){ MC_TERM_WORKING_HOURS, n / 3600 };
	mc_term_put(b, t);
}

/*
 * Only what is certain: working time against working time, calendar days
 * against calendar days; and working days against calendar days where they
 * are more, since no day has two working days.
 */
static bool
check_limit(struct lint *l, const char *path, struct mc_term limit, int way)
{
	struct mc_buf legal = { 0 }, sum = { 0 };
	struct length allowed;
	int64_t n, bound;
	bool over = false;
	int i;

	if (limit.unit == MC_TERM_NONE || l->p->steps == 0)
		return false;
	allowed = worth(l, limit, true);
	for (i = 0; i < 2 && !over; i++) {
		struct longest g = { .l = l, .calendar = i == 1, .way = way };

		bound = i == 1 ? allowed.calendar
			: allowed.calendar > 0
			    ? allowed.calendar * l->day_ms / 1000
			    : allowed.working;
		n = longest_from(&g, 0);
		over = n > bound && (i == 0 || allowed.calendar > 0);
		if (over)
			put_sum(&sum, l, n, i == 1);
	}
	if (over) {
		mc_term_put(&legal, limit);
		mc_procedure_found(l->s, path, "W_LIMIT",
		    "the steps on the longest path%s%s%s add up to %s, the "
		    "limit is %s",
		    way == ANY_CHANNEL ? "" : " of the channel \"",
		    way == ANY_CHANNEL ? "" : channels[way],
		    way == ANY_CHANNEL ? "" : "\"", sum.p, legal.p);
	}
	mc_buf_free(&legal);
	mc_buf_free(&sum);
	return over;
}

/* at: where the limits stand; "cases/0/limit". */
static void
check_limits(struct lint *l, const char *at, const struct mc_json *doc)
{
	const struct mc_limits *limit = &l->p->limit;
	char path[PATH];
	bool own, told = false;
	int c;

	if (!limit->by_channel) {
		(void)check_limit(l, at, limit->on[MC_CH_NONE], ANY_CHANNEL);
		return;
	}
	for (c = 0; c < ANY_CHANNEL; c++) {
		own = mc_json_get(doc, channels[c]) != NULL;
		if (!own && told)
			continue; /* the default, once */
		snprintf(path, sizeof(path), "%.60s/%s", at,
		    own ? channels[c] : "default");
		if (check_limit(l, path, limit->on[MC_CH_DIRECT + c], c))
			told = told || !own;
	}
}

/* ---- cases ---- */

static void MC_PRINTF(5, 6) about_case(struct lint *l, int at,
    const char *member, const char *id, const char *fmt, ...)
{
	char path[PATH], text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "cases/%d/%s", at, member);
	mc_procedure_found(l->s, path, id, "%s", text);
}

/*
 * A narrow case before a wide one is how an exception is said.  Where each
 * has dossiers that the other has not, nothing but their order tells to
 * whom those of both belong.
 */
static void
check_pair(struct lint *l, int a, int b)
{
	const struct mc_procedure_case *x = &l->p->cases[a],
				       *y = &l->p->cases[b];

	if (strcmp(x->title, y->title) == 0)
		about_case(l, b, "title", "W_CASES",
		    "the cases \"%s\" and \"%s\" have the same title", x->id,
		    y->id);
	if (x->when != NULL && y->when != NULL &&
	    mc_condition_rivals(x->when, y->when))
		about_case(l, b, "when", "W_CASES",
		    "a dossier can be of the case \"%s\" and of \"%s\"; it "
		    "is of \"%s\", which stands first",
		    x->id, y->id, x->id);
}

static void
check_cases(struct lint *l)
{
	const struct mc_condition *when[MC_PROCEDURE_CASES] = { NULL };
	enum mc_fate fate[MC_PROCEDURE_CASES];
	int at[MC_PROCEDURE_CASES], i, k, n = 0;

	for (i = 0; i < l->p->n_cases; i++) {
		if (l->p->cases[i].when != NULL) {
			at[n] = i;
			when[n++] = l->p->cases[i].when;
		}
		for (k = 0; k < i; k++)
			check_pair(l, k, i);
	}
	mc_condition_fates(when, n, NULL, fate);
	for (i = 0; i < n; i++)
		if (fate[i] == MC_FATE_COVERED)
			about_case(l, at[i], "when", "E_CASE",
			    "the case is never chosen: whenever it would be, "
			    "one before it is");
		else if (fate[i] == MC_FATE_NEVER)
			about_case(l, at[i], "when", "E_CASE",
			    "the case is never chosen: nothing meets its "
			    "condition");
}

/* ---- steps that expire ---- */

/* Is a certainly more than b?  Only like is compared with like. */
static bool
longer(const struct lint *l, struct mc_term a, struct mc_term b)
{
	struct length x = worth(l, a, false), y = worth(l, b, true);

	return (x.working > y.working && y.calendar == 0) ||
	       (x.calendar > y.calendar && y.working == 0);
}

static void
check_expiry(struct lint *l, int step)
{
	const struct mc_step *s = &l->p->step[step];
	struct mc_buf after = { 0 }, limit = { 0 };
	const char *what = NULL;

	if (s->has_limit && longer(l, s->expires.after, s->limit))
		what = "it is late for a while before that, with a limit of";
	else if (s->has_limit && longer(l, s->limit, s->expires.after))
		what = "that is before its limit is over,";
	if (what != NULL) {
		mc_term_put(&after, s->expires.after);
		mc_term_put(&limit, s->limit);
		about(l, step, "expires/after", "W_EXPIRES",
		    "the step \"%s\" expires after %s: %s %s", s->id, after.p,
		    what, limit.p);
	}
	mc_buf_free(&after);
	mc_buf_free(&limit);
}

/* Where nobody does anything, each expires into the next: does that end? */
static void
check_expiries(struct lint *l)
{
	const struct mc_procedure *p = l->p;
	int i, at, n, least;

	for (i = 0; i < p->steps; i++) {
		if (p->step[i].expires.to == -1)
			continue;
		check_expiry(l, i);
		least = at = i;
		for (n = 0; n < p->steps; n++) {
			at = p->step[at].expires.to;
			if (at == -1 || at == i)
				break;
			least = at < least ? at : least;
		}
		/* Told once, at its first step. */
		if (at == i && least == i)
			about(l, i, "expires/to", "E_LOOP",
			    "a dossier that nobody looks at goes from \"%s\" "
			    "round to \"%s\" for ever",
			    p->step[i].id, p->step[i].id);
	}
}

/* ---- the whole ---- */

/* Steps as they are in the definition, or in a case. */
static void
check_steps(struct lint *l)
{
	int c;

	memset(l->way, 0, WAYS * sizeof(*l->way));
	check_branches(l);
	for (c = 0; c < WAYS; c++)
		close_way(l->p, &l->way[c]);
	check_paths(l);
	check_joins(l);
	check_expiries(l);
}

/* Its limit with the steps that are in l->way. */
static void
check_limit_in(struct lint *l, const struct mc_procedure *p, int at)
{
	const struct mc_procedure_case *c = &p->cases[at];
	const struct mc_json *doc =
	    mc_json_at(mc_json_get(p->doc, "cases"), (size_t)at);
	char path[PATH];

	l->p = c->as;
	if (c->limit)
		snprintf(path, sizeof(path), "cases/%d/limit", at);
	else
		snprintf(path, sizeof(path), "%s", c->as->steps_path);
	if (c->limit || !c->as->limit.by_channel)
		check_limits(l, path, mc_json_get(doc, "limit"));
	else
		check_limits(l, "limit", mc_json_get(p->doc, "limit"));
	l->p = p;
}

/* Those that have the definition's steps first: l->way is theirs. */
static void
check_in_cases(struct lint *l, const struct mc_procedure *p)
{
	int i;

	for (i = 0; i < p->n_cases; i++)
		if (p->cases[i].limit && !p->cases[i].steps)
			check_limit_in(l, p, i);
	for (i = 0; i < p->n_cases; i++) {
		if (!p->cases[i].steps)
			continue;
		l->p = p->cases[i].as;
		check_steps(l);
		check_limit_in(l, p, i);
	}
}

void
mc_procedure_lint(const char *name, struct mc_str text, int64_t day_ms,
    void (*found)(void *arg, const struct mc_err *finding), void *arg)
{
	struct mc_procedure_sink s = { name, text, found, arg, 0, 0 };
	struct mc_procedure *p = mc_procedure_read(&s);
	struct lint l = { &s, p, day_ms > 0 ? day_ms : MC_NOMINAL_DAY, NULL };

	/* Of a definition with errors the paths would be guesses. */
	if (p != NULL && s.errors == 0) {
		l.way = mc_calloc(WAYS, sizeof(*l.way));
		check_steps(&l);
		check_limits(&l, "limit", mc_json_get(p->doc, "limit"));
		check_cases(&l);
		check_in_cases(&l, p);
		free(l.way);
	}
	mc_procedure_free(p);
}
