/* stats.c - periods, slices, form II.06a and the recount. */
#include <stdlib.h>

#include <motcua/mem.h>
#include <motcua/rollup.h>
#include <motcua/when.h>

#include "form_world.h"

/* ---- periods ---- */

static const struct {
	const char *text;
	bool calendar;
	const char *from, *to, *name;
} good[] = {
	/* Statutory: NĐ 09/2019 art. 12, from the 15th to the 14th. */
	{ "2026-09", false, "2026-08-15", "2026-09-14", "Tháng 9 năm 2026" },
	{ "2026-01", false, "2025-12-15", "2026-01-14", "Tháng 1 năm 2026" },
	{ "2026-12", false, "2026-11-15", "2026-12-14", "Tháng 12 năm 2026" },
	{ "2026-Q1", false, "2025-12-15", "2026-03-14", "Quý I năm 2026" },
	{ "2026-Q2", false, "2026-03-15", "2026-06-14", "Quý II năm 2026" },
	{ "2026-Q3", false, "2026-06-15", "2026-09-14", "Quý III năm 2026" },
	{ "2026-Q4", false, "2026-09-15", "2026-12-14", "Quý IV năm 2026" },
	{ "2026-H1", false, "2025-12-15", "2026-06-14",
	    "6 tháng đầu năm 2026" },
	{ "2026-9M", false, "2025-12-15", "2026-09-14", "9 tháng năm 2026" },
	{ "2026", false, "2025-12-15", "2026-12-14", "Năm 2026" },
	/* The calendar's. */
	{ "2024-02", true, "2024-02-01", "2024-02-29", "Tháng 2 năm 2024" },
	{ "2026-12", true, "2026-12-01", "2026-12-31", "Tháng 12 năm 2026" },
	{ "2026-Q1", true, "2026-01-01", "2026-03-31", "Quý I năm 2026" },
	{ "2026-Q4", true, "2026-10-01", "2026-12-31", "Quý IV năm 2026" },
	{ "2026-H1", true, "2026-01-01", "2026-06-30", "6 tháng đầu năm 2026" },
	{ "2026-9M", true, "2026-01-01", "2026-09-30", "9 tháng năm 2026" },
	{ "2026", true, "2026-01-01", "2026-12-31", "Năm 2026" },
	{ "2199", true, "2199-01-01", "2199-12-31", "Năm 2199" },
	/* Days. */
	{ "2026-01-05..2026-02-10", false, "2026-01-05", "2026-02-10", "" },
	{ "2026-01-05..2026-01-05", true, "2026-01-05", "2026-01-05", "" },
};

static const struct {
	const char *text, *message;
} bad[] = {
	{ "", "no such period: \"\"" },
	{ "2026-13", "no such period: \"2026-13\"" },
	{ "2026-00", "no such period: \"2026-00\"" },
	{ "2026-Q0", "no such period: \"2026-Q0\"" },
	{ "2026-Q5", "no such period: \"2026-Q5\"" },
	{ "2026-H2", "no such period: \"2026-H2\"" },
	{ "2026-9", "no such period: \"2026-9\"" },
	{ "2026-", "no such period: \"2026-\"" },
	{ "26", "no such period: \"26\"" },
	{ "1900-01", "no such period: \"1900-01\"" },
	{ "2026-02-30..2026-03-01",
	    "no such period: \"2026-02-30..2026-03-01\"" },
	{ "2026-01-05..", "no such period: \"2026-01-05..\"" },
	{ "..", "no such period: \"..\"" },
	{ "2026-02-10..2026-01-05",
	    "the period \"2026-02-10..2026-01-05\" ends before it begins" },
};

static void
test_periods(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_period p;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].text);
		IS(mc_period_parse(
		       &p, mc_str(good[i].text), good[i].calendar, &err),
		    0);
		IS(p.from, mc_day_parse(mc_str(good[i].from)));
		IS(p.to, mc_day_parse(mc_str(good[i].to)));
		IS_STR(p.name, good[i].name);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].text);
		mc_err_clear(&err);
		IS(mc_period_parse(&p, mc_str(bad[i].text), false, &err), -1);
		IS(err.code, MC_EUSAGE);
		IS_STR(err.id, "E_PERIOD");
		IS_STR(err.msg, bad[i].message);
	}
	TAP_ROW(NULL);
	mc_err_clear(&err);
}

static void
test_period_of(void)
{
	static const struct {
		const char *day;
		bool calendar;
		const char *name;
	} row[] = {
		{ "2026-09-14", false, "Tháng 9 năm 2026" },
		{ "2026-09-15", false, "Tháng 10 năm 2026" },
		{ "2026-12-15", false, "Tháng 1 năm 2027" },
		{ "2026-12-15", true, "Tháng 12 năm 2026" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_period p;
	int32_t day;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].day);
		day = mc_day_parse(mc_str(row[i].day));
		IS(mc_period_of(&p, day, row[i].calendar, &err), 0);
		IS_STR(p.name, row[i].name);
		OK(p.from <= day && day <= p.to);
	}
	TAP_ROW(NULL);
}

/* ---- slices ---- */

static uint64_t seed = 42;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* How often each day of the range is counted: once inside, never outside. */
static bool
covers(int32_t from, int32_t to, int *periods)
{
	static signed char times[2 * 40000];
	struct mc_slice s[MC_SLICES];
	int32_t a, b, day, first = from == MC_NODAY ? MC_DAY_MIN : from;
	int i, n = mc_slices(s, from, to), width;

	memset(times, 0, sizeof(times));
	*periods = 0;
	if (n < 0 || n > MC_SLICES)
		return false;
	for (i = 0; i < n; i++) {
		width = s[i].level == 0 ? 1 : s[i].level == 1 ? 32 : 1024;
		*periods += s[i].last - s[i].first + 1;
		a = s[i].first * width;
		b = (s[i].last + 1) * width;
		if (a < -40000 || b > 40000 || a >= b)
			return false;
		for (day = a; day < b; day++)
			times[day + 40000] += (signed char)s[i].sign;
	}
	for (day = -40000; day < 40000; day++) {
		/* Since ever: what is before the first day does not matter. */
		if (from == MC_NODAY && day < MC_DAY_MIN)
			continue;
		if (times[day + 40000] != (day >= first && day <= to))
			return false;
	}
	return true;
}

static void
test_slices(void)
{
	int32_t from, to;
	int i, n, most = 0, wrong = 0, since = 0;

	for (i = 0; i < 3000; i++) {
		from = (int32_t)rnd(60000) - 25567;
		to = from + (int32_t)rnd(i % 3 == 0 ? 40 : 4000);
		wrong += !covers(from, to, &n);
		/* Middle blocks of 1,024 days aside. */
		if (n - 4000 / 1024 > most)
			most = n - 4000 / 1024;
	}
	IS(wrong, 0);
	OK(most <= 4 * 16 + 3);
	for (i = 0; i < 300; i++)
		since += !covers(MC_NODAY, (int32_t)rnd(30000), &n);
	IS(since, 0);
	OK(covers(0, 0, &n));
	IS(n, 1);
	OK(covers(0, 1023, &n));
	IS(n, 1);
	OK(covers(-1024, 1023, &n));
	IS(n, 2);
	OK(covers(-1, 32, &n));
}

/* ---- order ---- */

static void
test_order(void)
{
	static const char *const sorted[] = { "1", "An toàn", "Ánh sáng",
		"Bảo hiểm", "Chăn nuôi", "Dân tộc", "Đất đai",
		"Đất đai và môi trường", "Hộ tịch", "Y tế" };
	size_t i, j, n = sizeof(sorted) / sizeof(sorted[0]);

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			int rc = mc_vietnamese_order(sorted[i], sorted[j]);

			OK((rc > 0) - (rc < 0) == (i > j) - (i < j));
		}
	OK(mc_vietnamese_order("\xff", "a") != 0);
}

/* ---- a database of its own ---- */

static bool
happen(struct world *w, enum mc_kind kind, int32_t day,
    void (*fill)(struct mc_event *e, int32_t day), struct mc_err *err)
{
	struct mc_event e = event_on(w, kind, day);

	if (fill != NULL)
		fill(&e, day);
	return append(w, &e, err);
}

static int due_in;
static const char *channel, *unit, *verdict;

static void
fill_receipt(struct mc_event *e, int32_t day)
{
	fill_received(e, unit, channel);
	mc_event_int(e, MC_F_DUE_AT, e->at + due_in * MC_MS_DAY);
	mc_event_int(e, MC_F_DUE_DAY, DAY0 + day + due_in);
}

static void
fill_verdict(struct mc_event *e, int32_t day)
{
	(void)day;
	mc_event_strz(e, MC_F_VERDICT, verdict);
}

static void
fill_pause(struct mc_event *e, int32_t day)
{
	(void)day;
	mc_event_strz(e, MC_F_STATUS, "supplement");
}

/* What a naive count knows of a dossier; days from DAY0. */
#define NEVER (-1000)
struct truth {
	int received, finished, reopened, finished_again, refused;
	int due, paused, resumed;
	bool online;
	int verdict; /* 0 early, 1 on time, 2 late */
};
#define N 400
static struct truth truth[N];
static const char *const verdicts[] = { "early", "on-time", "late" };

static bool
make_dossier(struct world *w, int i, struct mc_err *err)
{
	struct truth *t = &truth[i];
	int day, kind = (int)rnd(8);
	bool ok;

	*t = (struct truth){ (int)rnd(90), NEVER, NEVER, NEVER, NEVER, 0, NEVER,
		NEVER, rnd(2) == 0, (int)rnd(3) };
	due_in = (int)rnd(12);
	t->due = t->received + due_in;
	channel = t->online ? "online" : rnd(2) == 0 ? "direct" : "postal";
	unit = rnd(2) == 0 ? "H42.01" : "H42.02";
	verdict = verdicts[t->verdict];
	ok = new_dossier(w, i, err) &&
	     happen(w, MC_K_RECEIVED, day = t->received, fill_receipt, err);
	if (ok && kind == 0) {
		ok = happen(
		    w, MC_K_REFUSED, t->refused = day + (int)rnd(9), NULL, err);
	} else if (ok && kind == 1) {
		t->paused = day += (int)rnd(15);
		ok = happen(w, MC_K_PAUSED, day, fill_pause, err);
		if (ok && rnd(2) == 0) {
			t->resumed = day += (int)rnd(10);
			ok = happen(w, MC_K_RESUMED, day, NULL, err);
		}
	} else if (ok && kind >= 3) {
		t->finished = day += (int)rnd(20);
		ok = happen(w, MC_K_FINISHED, day, fill_verdict, err);
		if (ok && kind == 3) {
			t->reopened = day += (int)rnd(10);
			ok = happen(w, MC_K_REOPENED, day, NULL, err);
			t->finished_again = day += (int)rnd(10);
			ok = ok &&
			     happen(w, MC_K_FINISHED, day, fill_verdict, err);
		} else if (ok && kind > 5) {
			ok = happen(w, MC_K_RETURNED, day + 1, NULL, err);
		}
	}
	return ok && mc_store_save(w->s, &w->c, err) == 0;
}

/* Was it open at the end of that day? */
static bool
open_on(const struct truth *t, int day)
{
	if (day < t->received || (t->refused != NEVER && day >= t->refused))
		return false;
	if (t->finished == NEVER || day < t->finished)
		return true;
	return t->reopened != NEVER && day >= t->reopened &&
	       day < t->finished_again;
}

static bool
overdue_on(const struct truth *t, int day)
{
	bool paused = t->paused != NEVER && day >= t->paused &&
		      (t->resumed == NEVER || day < t->resumed);

	return open_on(t, day) && day > t->due && !paused;
}

static bool
within(int day, int from, int to)
{
	return day != NEVER && day >= from && day <= to;
}

/* By the form's definition: what is reopened in a period was not finished. */
static struct mc_form_row
naive(int from, int to, int today)
{
	struct mc_form_row r = { 0 };
	const struct truth *t;
	int i;
	bool again;

	/* After today nothing has happened. */
	if (to > today)
		to = today;
	for (i = 0; i < N; i++) {
		t = &truth[i];
		/* Refused: taken back on that day. */
		*(t->online ? &r.received_online : &r.received_other) +=
		    within(t->received, from, to) -
		    within(t->refused, from, to);
		again = within(t->reopened, from, to);
		r.carried_over += open_on(t, to < from ? to : from - 1) ||
				  (again && t->finished < from);
		*(t->verdict == 0     ? &r.finished_early
		    : t->verdict == 1 ? &r.finished_on_time
				      : &r.finished_late) +=
		    within(again ? t->finished_again : t->finished, from, to) ||
		    within(t->finished_again, from, to);
		r.open_total += open_on(t, to);
		r.open_overdue += overdue_on(t, to);
	}
	return r;
}

static void
compare_periods(struct world *w, struct mc_err *err)
{
	struct mc_form_query q = { .by = MC_BY_PROCEDURE };
	struct mc_rulebook *rb = NULL;
	struct mc_form *f;
	struct mc_form_row want;
	int i, from, to, today, wrong = 0, findings = 0;

	for (i = 0; i < 300; i++) {
		from = (int)rnd(150) - 20;
		to = from + (int)rnd(100);
		today = rnd(3) == 0 ? from - 5 + (int)rnd(60) : 1000;
		q.period.from = DAY0 + from;
		q.period.to = DAY0 + to;
		q.today = DAY0 + today;
		if (mc_form_06a(&f, w->s, &rb, &q, err) == -1) {
			OK(!"form");
			return;
		}
		want = naive(from, to, today);
		wrong += !same_row(mc_form_total(f), &want);
		mc_form_check(f, count_finding, &findings);
		mc_form_free(f);
	}
	IS(wrong, 0);
	IS(findings, 0);
	OK(rb == NULL);
}

/* A roll-up that is changed behind everybody's back. */
static void
tamper(struct world *w, int level, int32_t period, struct mc_err *err)
{
	OK(mc_store_begin(w->s, w->noon, err) == 0 &&
	    mc_db_run(mc_store_db(w->s), MC_SQL_ROLLUP_ADD,
		MC_ARGS(MC_INT(level), MC_INT(period), MC_INT(1), MC_INT(1),
		    MC_INT(0), MC_INT(0), MC_INT(0), MC_INT(0), MC_INT(0),
		    MC_INT(1), MC_INT(0), MC_INT(1), MC_INT(0), MC_INT(0)),
		err) == 0 &&
	    mc_store_commit(w->s, err) == 0);
}

static void
test_world(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct world w = { .noon = (int64_t)DAY0 * MC_MS_DAY + 5 * 3600000 };
	struct mc_form_query q = { .by = MC_BY_FIELD,
		.period = { DAY0, DAY0 + 100, "" },
		.today = 21000 };
	struct mc_rulebook *rb = NULL;
	struct mc_form *f;
	int i, findings = 0;
	bool ok;

	w.now = w.noon;
	ok = begin(&w, &err);
	for (i = 0; i < N && ok; i++)
		ok = make_dossier(&w, i, &err);
	ok = ok && mc_store_commit(w.s, &err) == 0;
	if (!OK(ok)) {
		printf("# %s: %s\n", err.id, err.msg);
		return;
	}
	compare_periods(&w, &err);
	IS(mc_stats_recount(w.s, count_finding, &findings, &err), 0);
	IS(findings, 0);

	/* A finish that no dossier had. */
	for (i = 0; i < MC_ROLLUP_LEVELS; i++)
		tamper(&w, i, 20050 >> (i * MC_ROLLUP_SHIFT), &err);
	OK(mc_form_06a(&f, w.s, &rb, &q, &err) == 0);
	findings = 0;
	/* The totals disagree in the row and in the sum of rows. */
	OK(mc_form_check(f, count_finding, &findings) == 0);
	mc_form_free(f);
	findings = 0;
	OK(mc_stats_recount(w.s, count_finding, &findings, &err) > 0);
	OK(findings > 1); /* the day, and dossiers that count on it */
	OK(findings <= 1 + MC_RECOUNT_CODES);

	/* A level that is not the sum of the one below. */
	tamper(&w, 0, 20051, &err);
	q.period.from = 20040;
	q.period.to = 20060;
	OK(mc_form_06a(&f, w.s, &rb, &q, &err) == 0);
	findings = 0;
	OK(mc_form_check(f, count_finding, &findings) > 0);
	mc_form_free(f);
	findings = 0;
	OK(mc_stats_recount(w.s, count_finding, &findings, &err) > 1);
	mc_case_free(&w.c);
	mc_store_close(w.s);
}

int
main(void)
{
	test_periods();
	test_period_of();
	test_slices();
	test_order();
	test_world();
	return tap_done();
}
