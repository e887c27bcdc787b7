/*
 * form_world.h - a store of one procedure, dossiers whose lives are told in
 * days from DAY0, and form II.06a of them: what its tests share.
 */
#ifndef FORM_WORLD_H
#define FORM_WORLD_H

#include <motcua/check.h>
#include <motcua/stats.h>

#include "tap.h"

#define DAY0 20000

static const struct mc_site site = { "H42", "Asia/Ho_Chi_Minh", "/nowhere",
	"refs/heads/main" };

static const char definition[] =
    "{\"code\":\"1.000001\",\"title\":\"T\",\"field\":\"F\","
    "\"level\":\"commune\",\"effective_from\":\"2020-01-01\","
    "\"limit\":\"3 working days\",\"steps\":[{\"id\":\"a\","
    "\"role\":\"r\",\"next\":\"z\"},{\"id\":\"z\",\"final\":true}]}";

struct world {
	struct mc_store *s;
	struct mc_case c;
	int64_t noon; /* of DAY0 */
	int64_t now;
};

/* What is written is recorded at w->now, which is to be set. */
static inline bool
begin(struct world *w, struct mc_err *err)
{
	struct mc_db *db;

	return mc_db_scratch(&db, err) == 0 &&
	       mc_store_scratch(&w->s, db, &site, err) == 0 &&
	       mc_store_begin(w->s, w->now, err) == 0 &&
	       mc_store_keep_definition(w->s, MC_STR("1.000001"), "T", "F",
		   "b1", mc_str(definition), err) == 0;
}

static inline struct mc_event
event_on(const struct world *w, enum mc_kind kind, int day)
{
	return (struct mc_event){ .kind = kind,
		.at = w->noon + day * MC_MS_DAY,
		.actor = MC_STR("tester") };
}

/* By the only procedure, at that unit, through that channel. */
static inline void
fill_received(struct mc_event *e, const char *unit, const char *channel)
{
	mc_event_strz(e, MC_F_PROCEDURE, "1.000001");
	mc_event_strz(e, MC_F_COMMIT, "c1");
	mc_event_strz(e, MC_F_PATH, "p1");
	mc_event_strz(e, MC_F_BLOB, "b1");
	mc_event_strz(e, MC_F_CHANNEL, channel);
	mc_event_strz(e, MC_F_UNIT, unit);
}

static inline bool
append(struct world *w, struct mc_event *e, struct mc_err *err)
{
	return mc_store_append(
		   w->s, &w->c, e, (struct mc_str){ NULL, 0 }, err) == 0;
}

/* The case is written and read again, as another run of a tool does. */
static inline bool
interrupt(struct world *w, struct mc_err *err)
{
	int64_t id = w->c.id;

	return mc_store_save(w->s, &w->c, err) == 0 &&
	       mc_store_commit(w->s, err) == 0 &&
	       mc_store_begin(w->s, w->now, err) == 0 &&
	       mc_store_load(w->s, id, &w->c, err) == 1;
}

/* The i-th, of which nothing has happened yet. */
static inline bool
new_dossier(struct world *w, int i, struct mc_err *err)
{
	struct mc_buf code = { 0 };
	int rc;

	mc_buf_printf(&code, "H42-250101-%04d", i + 1);
	rc =
	    mc_store_new(w->s, (struct mc_str){ code.p, code.len }, &w->c, err);
	mc_buf_free(&code);
	return rc == 0;
}

/* ---- the form ---- */

static inline bool
same_row(const struct mc_form_row *a, const struct mc_form_row *b)
{
	return a->received_online == b->received_online &&
	       a->received_other == b->received_other &&
	       a->carried_over == b->carried_over &&
	       a->finished_early == b->finished_early &&
	       a->finished_on_time == b->finished_on_time &&
	       a->finished_late == b->finished_late &&
	       a->open_total == b->open_total &&
	       a->open_overdue == b->open_overdue &&
	       a->received_total == a->finished_total + a->open_total;
}

static inline void
count_finding(void *arg, const struct mc_err *finding)
{
	if (strcmp(finding->id, "E_BALANCE") == 0)
		++*(int *)arg;
}

/* Is the form's total that row, and has it nothing to find? */
static inline bool
form_is(struct world *w, int from, int to, enum mc_form_basis basis,
    const struct mc_form_row *want, struct mc_err *err)
{
	struct mc_form_query q = { .by = MC_BY_PROCEDURE,
		.basis = basis,
		.period = { DAY0 + from, DAY0 + to, "" },
		.today = DAY0 + 1000 };
	struct mc_rulebook *rb = NULL;
	struct mc_form *f;
	int findings = 0;
	bool ok;

	if (mc_form_06a(&f, w->s, &rb, &q, err) == -1)
		return false;
	ok = same_row(mc_form_total(f), want);
	mc_form_check(f, count_finding, &findings);
	mc_form_free(f);
	return ok && findings == 0;
}

static inline void
ignore(void *arg, const struct mc_finding *finding)
{
	(void)arg;
	(void)finding;
}

/* How much `dossier-db check replay balance` finds. */
static inline int64_t
check_finds(struct world *w, struct mc_err *err)
{
	struct mc_findings f = { .found = ignore };
	int64_t n;

	OK(mc_check(w->s, MC_CHECK_REPLAY, w->now, &f, err) == 0);
	OK(mc_check(w->s, MC_CHECK_BALANCE, w->now, &f, err) == 0);
	n = f.n;
	mc_findings_free(&f);
	return n;
}

#endif
