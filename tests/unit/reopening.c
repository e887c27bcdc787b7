/*
 * reopening.c - form II.06a of dossiers that were finished and reopened, in
 * lives and periods at random, against a count from the form's definition.
 */
#include <stdlib.h>

#include "form_world.h"
#define RND_SEED 20
#include "rnd.h"

#define DOSSIERS 500
#define EVENTS 16

static const char *const verdicts[] = { "early", "on-time", "late" };
static const char *const channels[] = { "direct", "online", "postal" };
static const char *const units[] = { "H42.01", "H42.02" };

/* What a naive count knows of a dossier; days from DAY0, never going back. */
struct life {
	struct {
		enum mc_kind kind;
		int day, verdict;
	} e[EVENTS];
	int n, received, due, channel, unit;
	bool child, voided;
};
static struct life life[DOSSIERS];

static struct life *l; /* of the dossier in hand */

static int
below(int n)
{
	return (int)rnd((uint64_t)n);
}

static void
fill(struct mc_event *e)
{
	fill_received(e, units[l->unit], channels[l->channel]);
	mc_event_int(
	    e, MC_F_DUE_AT, e->at + (l->due - l->received) * MC_MS_DAY);
	mc_event_int(e, MC_F_DUE_DAY, DAY0 + l->due);
	if (l->child)
		mc_event_strz(e, MC_F_PARENT, "H42-200101-0001");
}

static bool
happen(struct world *w, enum mc_kind kind, int day, struct mc_err *err)
{
	struct mc_event e = event_on(w, kind, day);
	int verdict = below(3);

	if (kind == MC_K_RECEIVED)
		fill(&e);
	if (kind == MC_K_FINISHED || kind == MC_K_CORRECTED)
		mc_event_strz(&e, MC_F_VERDICT, verdicts[verdict]);
	/* Where it is counted stays as it was. */
	if (kind == MC_K_CORRECTED && below(2) == 0)
		mc_event_strz(
		    &e, MC_F_SET, "{\"finished_at\":\"2024-12-30T03:00:00Z\"}");
	l->e[l->n].kind = kind;
	l->e[l->n].day = day;
	l->e[l->n++].verdict = verdict;
	return append(w, &e, err) &&
	       (below(5) > 0 || kind == MC_K_VOIDED || interrupt(w, err));
}

/* Received; then finished, corrected and reopened, some of it. */
static bool
live(struct world *w, struct life *its, struct mc_err *err)
{
	int day = below(60), turns = below(4);
	bool ok;

	l = its;
	*l = (struct life){ .received = day,
		.due = day + below(12),
		.channel = below(3),
		.unit = below(2),
		.child = below(4) == 0 };
	ok = happen(w, MC_K_RECEIVED, day, err);
	if (ok && l->child)
		ok = interrupt(w, err);
	if (ok && l->child)
		mc_store_parent(w->s, w->c.id, MC_STR("H42-200101-0001"));
	for (; ok && turns >= 0; turns--) {
		ok = happen(w, MC_K_FINISHED, day += below(15), err);
		if (ok && below(4) == 0)
			ok = happen(w, MC_K_CORRECTED, day += below(8), err);
		if (ok && turns > 0)
			ok = happen(w, MC_K_REOPENED, day += below(15), err);
		else if (ok && below(2) == 0)
			ok = happen(w, MC_K_RETURNED, day += below(2), err);
	}
	return ok;
}

/* Some are voided, and some of those come again: only that life counts. */
static bool
make_dossier(struct world *w, int i, struct mc_err *err)
{
	bool ok = new_dossier(w, i, err) && live(w, &life[i], err);

	if (ok && below(6) == 0) {
		/* As an undo does: of the receipt. */
		ok = happen(w, MC_K_VOIDED, life[i].received, err);
		life[i].n = 0;
		if (ok && below(2) == 0)
			ok = live(w, &life[i], err);
	}
	return ok && mc_store_save(w->s, &w->c, err) == 0;
}

/* ---- the count ---- */

/* How it stood at the end of a day. */
struct stand {
	bool received, open;
	int finished, verdict; /* where it is closed */
};

static struct stand
stand_on(const struct life *of, int day)
{
	struct stand s = { 0 };
	enum mc_kind kind;
	int i;

	for (i = 0; i < of->n && of->e[i].day <= day; i++) {
		kind = of->e[i].kind;
		if (kind == MC_K_RECEIVED || kind == MC_K_REOPENED)
			s.received = s.open = true;
		if (kind == MC_K_FINISHED) {
			s.open = false;
			s.finished = of->e[i].day;
		}
		if (kind == MC_K_FINISHED || kind == MC_K_CORRECTED)
			s.verdict = of->e[i].verdict;
	}
	return s;
}

/*
 * DOMAIN 5.2: carried over is what was received before and is open or was
 * finished in the period.  A verdict that is corrected later than the period
 * of its finish counts with the correction.
 */
static void
count(struct mc_form_row *r, const struct life *of, int from, int to)
{
	struct stand s = stand_on(of, to), was = stand_on(of, from - 1);
	int64_t *verdict[] = { &r->finished_early, &r->finished_on_time,
		&r->finished_late };

	if (!s.received)
		return;
	if (of->received >= from)
		++*(of->channel == 1 ? &r->received_online
				     : &r->received_other);
	else if (s.open || s.finished >= from)
		r->carried_over++;
	r->open_total += s.open;
	r->open_overdue += s.open && to > of->due;
	if (s.open)
		return;
	++*verdict[s.verdict];
	if (s.finished < from)
		--*verdict[was.verdict];
}

static bool
compare(struct world *w, int from, int to, enum mc_form_basis basis,
    struct mc_err *err)
{
	struct mc_form_row want = { 0 };
	int i;

	for (i = 0; i < DOSSIERS; i++)
		if (basis == MC_BASIS_DOSSIERS || !life[i].child)
			count(&want, &life[i], from, to);
	return form_is(w, from, to, basis, &want, err);
}

static int
recount(struct world *w, struct mc_err *err)
{
	int findings = 0;
	int64_t n = mc_stats_recount(w->s, count_finding, &findings, err);

	IS(n, findings);
	return findings;
}

/* Behind everybody's back: one more was taken back on that day. */
static bool
tamper(struct world *w, int late, int closed, struct mc_err *err)
{
	return mc_store_begin(w->s, w->noon, err) == 0 &&
	       mc_db_run(mc_store_db(w->s), MC_SQL_REOPENING_ADD,
		   MC_ARGS(MC_INT(DAY0 + 30), MC_INT(DAY0 + 20), MC_INT(1),
		       MC_INT(1), MC_INT(0), MC_INT(0), MC_INT(0), MC_INT(late),
		       MC_INT(closed)),
		   err) == 0 &&
	       mc_store_commit(w->s, err) == 0;
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct world w = { .noon = (int64_t)DAY0 * MC_MS_DAY + 5 * 3600000 };
	int i, from, wrong = 0;
	bool ok;

	w.now = w.noon;
	ok = begin(&w, &err);
	for (i = 0; i < DOSSIERS && ok; i++)
		ok = make_dossier(&w, i, &err);
	ok = ok && mc_store_commit(w.s, &err) == 0;
	if (!OK(ok)) {
		printf("# %s: %s\n", err.id, err.msg);
		return tap_done();
	}
	for (i = 0; i < 600; i++) {
		from = below(150) - 20;
		wrong += !compare(&w, from, from + below(i % 2 ? 5 : 90),
		    i % 3 == 0 ? MC_BASIS_DOSSIERS : MC_BASIS_SUBMISSIONS,
		    &err);
	}
	IS(wrong, 0);
	OK(compare(&w, -30, 300, MC_BASIS_DOSSIERS, &err));
	IS(recount(&w, &err), 0);
	IS(check_finds(&w, &err), 0);

	/* Counters that disagree; then some that no identity can tell. */
	OK(tamper(&w, 0, 1, &err));
	OK(!compare(&w, 25, 40, MC_BASIS_SUBMISSIONS, &err));
	IS(recount(&w, &err), 1);
	OK(tamper(&w, 1, 0, &err));
	IS(recount(&w, &err), 2);
	IS(check_finds(&w, &err), 1);
	mc_case_free(&w.c);
	mc_store_close(w.s);
	return tap_done();
}
