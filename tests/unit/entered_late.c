/*
 * entered_late.c - form II.06a of dossiers of which something is learnt late,
 * of a day before others that are known, against days painted one by one.
 */
#include <stdlib.h>

#include "form_world.h"
#define RND_SEED 23
#include "rnd.h"

#define DAYS 200
#define NEVER (-1000)
#define DOSSIERS 400

static const char *const verdicts[] = { "early", "on-time", "late" };
static const char *const units[] = { "H42.01", "H42.02" };

/* What is known in the end of each day, from DAY0. */
struct life {
	int received, closed, refused, verdict, due;
	bool open[DAYS], overdue[DAYS];
};
static struct life life[DOSSIERS];

static struct life *l; /* of the dossier in hand */
static int last;       /* its latest day so far */

static int
below(int n)
{
	return (int)rnd((uint64_t)n);
}

static void
paint(bool *day, int from, bool to)
{
	int i;

	for (i = from > 0 ? from : 0; i < DAYS; i++)
		day[i] = to;
}

static void
put_due(struct mc_event *e, const struct world *w)
{
	mc_event_int(e, MC_F_DUE_AT, w->noon + l->due * MC_MS_DAY);
	mc_event_int(e, MC_F_DUE_DAY, DAY0 + l->due);
}

static void
fill(struct mc_event *e, const struct world *w)
{
	if (e->kind == MC_K_RECEIVED)
		fill_received(e, units[below(2)], "online");
	if (e->kind == MC_K_RECEIVED || e->kind == MC_K_RESCHEDULED)
		put_due(e, w);
	if (e->kind == MC_K_FINISHED)
		mc_event_strz(e, MC_F_VERDICT, verdicts[l->verdict]);
	if (e->kind == MC_K_PAUSED)
		mc_event_strz(e, MC_F_STATUS, "supplement");
}

static bool
happen(struct world *w, enum mc_kind kind, int day, struct mc_err *err)
{
	struct mc_event e = event_on(w, kind, day);

	fill(&e, w);
	last = day > last ? day : last;
	return append(w, &e, err) && (below(3) > 0 || interrupt(w, err));
}

/* The clock runs from that day on, under the due in force. */
static void
run_clock(int day)
{
	day = day > l->received ? day : l->received;
	paint(l->overdue, l->due >= day ? l->due + 1 : day, true);
}

/* A closed one counts as received first. */
static bool
closes(struct world *w, int day, struct mc_err *err)
{
	static const enum mc_kind kinds[] = { MC_K_FINISHED, MC_K_FINISHED,
		MC_K_WITHDRAWN, MC_K_REFUSED };
	enum mc_kind kind = kinds[below(4)];
	int counted = day > l->received ? day : l->received;

	l->verdict = kind == MC_K_FINISHED ? below(3) : 1;
	paint(l->overdue, day, false);
	paint(l->open, counted, false);
	*(kind == MC_K_REFUSED ? &l->refused : &l->closed) = counted;
	return happen(w, kind, day, err) &&
	       (kind != MC_K_FINISHED || below(2) == 0 ||
		   happen(w, MC_K_RETURNED, day + below(3), err));
}

/* Of any day, but that it goes on after all that was known. */
static bool
goes_on(struct world *w, struct mc_err *err)
{
	int day = l->received - 5 + below(50);

	if (w->c.paused_at != MC_NEVER && below(2) == 0) {
		run_clock(last);
		return happen(w, MC_K_RESUMED, last, err);
	}
	if (below(2) == 0) {
		if (w->c.paused_at == MC_NEVER)
			paint(l->overdue, day, false);
		return happen(w, MC_K_PAUSED, day, err);
	}
	l->due = l->received + below(40);
	if (w->c.paused_at == MC_NEVER) {
		paint(l->overdue, day, false);
		run_clock(day);
	}
	return happen(w, MC_K_RESCHEDULED, day, err);
}

static bool
live(struct world *w, struct life *its, struct mc_err *err)
{
	int turns = below(6);
	bool ok;

	l = its;
	*l = (struct life){
		.received = 10 + below(60), .closed = NEVER, .refused = NEVER
	};
	l->due = l->received - 3 + below(20);
	last = 0;
	paint(l->open, l->received, true);
	run_clock(l->received);
	ok = happen(w, MC_K_RECEIVED, l->received, err);
	while (ok && turns-- > 0)
		ok = goes_on(w, err);
	if (ok && below(4) > 0)
		ok = closes(w, l->received - 8 + below(60), err);
	return ok;
}

/* Some are voided, and some of those come again: only that life counts. */
static bool
make_dossier(struct world *w, int i, struct mc_err *err)
{
	bool ok = new_dossier(w, i, err) && live(w, &life[i], err);

	if (ok && below(6) == 0) {
		ok = happen(w, MC_K_VOIDED, life[i].received, err);
		life[i] = (struct life){ NEVER, NEVER, NEVER, 0, 0, { false },
			{ false } };
		if (ok && below(2) == 0)
			ok = live(w, &life[i], err);
	}
	return ok && mc_store_save(w->s, &w->c, err) == 0;
}

/* ---- the count ---- */

static bool
within(int day, int from, int to)
{
	return day != NEVER && day >= from && day <= to;
}

static void
count(struct mc_form_row *r, const struct life *of, int from, int to)
{
	int64_t *verdict[] = { &r->finished_early, &r->finished_on_time,
		&r->finished_late };

	r->received_online +=
	    within(of->received, from, to) - within(of->refused, from, to);
	r->carried_over += of->open[from - 1];
	*verdict[of->verdict] += within(of->closed, from, to);
	r->open_total += of->open[to];
	r->open_overdue += of->overdue[to];
}

static bool
compare(struct world *w, int from, int to, struct mc_err *err)
{
	struct mc_form_row want = { 0 };
	int i;

	for (i = 0; i < DOSSIERS; i++)
		count(&want, &life[i], from, to);
	return form_is(w, from, to, MC_BASIS_DOSSIERS, &want, err);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct world w = { .noon = (int64_t)DAY0 * MC_MS_DAY + 5 * 3600000 };
	int i, from, wrong = 0;
	bool ok;

	w.now = w.noon + 500 * MC_MS_DAY;
	ok = begin(&w, &err);
	for (i = 0; i < DOSSIERS && ok; i++)
		ok = make_dossier(&w, i, &err);
	ok = ok && mc_store_commit(w.s, &err) == 0;
	if (!OK(ok)) {
		printf("# %s: %s\n", err.id, err.msg);
		return tap_done();
	}
	for (i = 1; i < DAYS; i++)
		wrong += !compare(&w, i, i, &err);
	for (i = 0; i < 300; i++) {
		from = 1 + below(150);
		wrong += !compare(&w, from, from + below(50), &err);
	}
	IS(wrong, 0);
	IS(check_finds(&w, &err), 0);
	mc_case_free(&w.c);
	mc_store_close(w.s);
	return tap_done();
}
