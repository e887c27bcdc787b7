/*
 * entered_late.c - form II.06a of dossiers of which something is learnt late,
 * of a day before others that are known, against days painted one by one.
 */
#include <stdlib.h>

#include <motcua/check.h>
#include <motcua/stats.h>

#include "tap.h"
#define RND_SEED 23
#include "rnd.h"

static const struct mc_site site = { "H42", "Asia/Ho_Chi_Minh", "/nowhere",
	"refs/heads/main" };

static const char definition[] =
    "{\"code\":\"1.000001\",\"title\":\"T\",\"field\":\"F\","
    "\"level\":\"commune\",\"effective_from\":\"2020-01-01\","
    "\"limit\":\"3 working days\",\"steps\":[{\"id\":\"a\","
    "\"role\":\"r\",\"next\":\"z\"},{\"id\":\"z\",\"final\":true}]}";

#define DAY0 20000
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

struct world {
	struct mc_store *s;
	struct mc_case c;
	struct life *l; /* of c */
	int64_t noon;   /* of DAY0 */
	int64_t now;
	int last; /* the latest day so far */
};

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

static bool
begin(struct world *w, struct mc_err *err)
{
	struct mc_db *db;

	return mc_db_scratch(&db, err) == 0 &&
	       mc_store_scratch(&w->s, db, &site, err) == 0 &&
	       mc_store_begin(w->s, w->now, err) == 0 &&
	       mc_store_keep_definition(w->s, MC_STR("1.000001"), "T", "F",
		   "b1", mc_str(definition), err) == 0;
}

static void
put_due(struct mc_event *e, const struct world *w)
{
	mc_event_int(e, MC_F_DUE_AT, w->noon + w->l->due * MC_MS_DAY);
	mc_event_int(e, MC_F_DUE_DAY, DAY0 + w->l->due);
}

static void
fill(struct mc_event *e, const struct world *w)
{
	if (e->kind == MC_K_RECEIVED) {
		mc_event_strz(e, MC_F_PROCEDURE, "1.000001");
		mc_event_strz(e, MC_F_COMMIT, "c1");
		mc_event_strz(e, MC_F_PATH, "p1");
		mc_event_strz(e, MC_F_BLOB, "b1");
		mc_event_strz(e, MC_F_CHANNEL, "online");
		mc_event_strz(e, MC_F_UNIT, units[below(2)]);
	}
	if (e->kind == MC_K_RECEIVED || e->kind == MC_K_RESCHEDULED)
		put_due(e, w);
	if (e->kind == MC_K_FINISHED)
		mc_event_strz(e, MC_F_VERDICT, verdicts[w->l->verdict]);
	if (e->kind == MC_K_PAUSED)
		mc_event_strz(e, MC_F_STATUS, "supplement");
}

/* The case is written and read again, as another run of a tool does. */
static bool
interrupt(struct world *w, struct mc_err *err)
{
	int64_t id = w->c.id;

	return mc_store_save(w->s, &w->c, err) == 0 &&
	       mc_store_commit(w->s, err) == 0 &&
	       mc_store_begin(w->s, w->now, err) == 0 &&
	       mc_store_load(w->s, id, &w->c, err) == 1;
}

static bool
happen(struct world *w, enum mc_kind kind, int day, struct mc_err *err)
{
	struct mc_event e = { .kind = kind,
		.at = w->noon + day * MC_MS_DAY,
		.actor = MC_STR("tester") };

	fill(&e, w);
	w->last = day > w->last ? day : w->last;
	return mc_store_append(
		   w->s, &w->c, &e, (struct mc_str){ NULL, 0 }, err) == 0 &&
	       (below(3) > 0 || interrupt(w, err));
}

/* The clock runs from that day on, under the due in force. */
static void
run_clock(struct life *l, int day)
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
	struct life *l = w->l;
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
	struct life *l = w->l;
	int day = l->received - 5 + below(50);

	if (w->c.paused_at != MC_NEVER && below(2) == 0) {
		run_clock(l, w->last);
		return happen(w, MC_K_RESUMED, w->last, err);
	}
	if (below(2) == 0) {
		if (w->c.paused_at == MC_NEVER)
			paint(l->overdue, day, false);
		return happen(w, MC_K_PAUSED, day, err);
	}
	l->due = l->received + below(40);
	if (w->c.paused_at == MC_NEVER) {
		paint(l->overdue, day, false);
		run_clock(l, day);
	}
	return happen(w, MC_K_RESCHEDULED, day, err);
}

static bool
live(struct world *w, struct life *l, struct mc_err *err)
{
	int turns = below(6);
	bool ok;

	*l = (struct life){
		.received = 10 + below(60), .closed = NEVER, .refused = NEVER
	};
	l->due = l->received - 3 + below(20);
	w->l = l;
	w->last = 0;
	paint(l->open, l->received, true);
	run_clock(l, l->received);
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
	struct mc_buf code = { 0 };
	bool ok;

	mc_buf_printf(&code, "H42-250101-%04d", i + 1);
	ok = mc_store_new(
		 w->s, (struct mc_str){ code.p, code.len }, &w->c, err) == 0 &&
	     live(w, &life[i], err);
	if (ok && below(6) == 0) {
		ok = happen(w, MC_K_VOIDED, life[i].received, err);
		life[i] = (struct life){ NEVER, NEVER, NEVER, 0, 0, { false },
			{ false } };
		if (ok && below(2) == 0)
			ok = live(w, &life[i], err);
	}
	mc_buf_free(&code);
	return ok && mc_store_save(w->s, &w->c, err) == 0;
}

/* ---- the count ---- */

static bool
within(int day, int from, int to)
{
	return day != NEVER && day >= from && day <= to;
}

static void
count(struct mc_form_row *r, const struct life *l, int from, int to)
{
	int64_t *verdict[] = { &r->finished_early, &r->finished_on_time,
		&r->finished_late };

	r->received_online +=
	    within(l->received, from, to) - within(l->refused, from, to);
	r->carried_over += l->open[from - 1];
	*verdict[l->verdict] += within(l->closed, from, to);
	r->open_total += l->open[to];
	r->open_overdue += l->overdue[to];
}

static bool
same(const struct mc_form_row *a, const struct mc_form_row *b)
{
	return a->received_online == b->received_online &&
	       a->received_other == 0 && a->carried_over == b->carried_over &&
	       a->finished_early == b->finished_early &&
	       a->finished_on_time == b->finished_on_time &&
	       a->finished_late == b->finished_late &&
	       a->open_total == b->open_total &&
	       a->open_overdue == b->open_overdue &&
	       a->received_total == a->finished_total + a->open_total;
}

static void
count_finding(void *arg, const struct mc_err *finding)
{
	if (strcmp(finding->id, "E_BALANCE") == 0)
		++*(int *)arg;
}

static bool
compare(struct world *w, int from, int to, struct mc_err *err)
{
	struct mc_form_query q = { .by = MC_BY_PROCEDURE,
		.period = { DAY0 + from, DAY0 + to, "" },
		.today = DAY0 + 1000 };
	struct mc_form_row want = { 0 };
	struct mc_rulebook *rb = NULL;
	struct mc_form *f;
	int i, findings = 0;
	bool ok;

	for (i = 0; i < DOSSIERS; i++)
		count(&want, &life[i], from, to);
	if (mc_form_06a(&f, w->s, &rb, &q, err) == -1)
		return false;
	ok = same(mc_form_total(f), &want);
	mc_form_check(f, count_finding, &findings);
	mc_form_free(f);
	return ok && findings == 0;
}

static void
ignore(void *arg, const struct mc_finding *finding)
{
	(void)arg;
	(void)finding;
}

/* What `dossier-db check balance replay` finds. */
static int64_t
checked(struct world *w, struct mc_err *err)
{
	struct mc_findings f = { .found = ignore };
	int64_t n;

	OK(mc_check(w->s, MC_CHECK_REPLAY, w->now, &f, err) == 0);
	OK(mc_check(w->s, MC_CHECK_BALANCE, w->now, &f, err) == 0);
	n = f.n;
	mc_findings_free(&f);
	return n;
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
	IS(checked(&w, &err), 0);
	mc_case_free(&w.c);
	mc_store_close(w.s);
	return tap_done();
}
