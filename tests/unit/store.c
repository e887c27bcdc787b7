/*
 * store.c - unit tests of store.h: what is saved is what is loaded, codes
 * lead to dossiers and back, a rollback leaves nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/code.h>
#include <motcua/store.h>

#include "tap.h"

#define CASES 400

static char folder[64], path[96];
static uint64_t seed = 21;

static int
rnd(int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)below);
}

static const struct mc_site site = { "H42", "Asia/Ho_Chi_Minh", "/no/rules",
	"refs/heads/main" };
static const struct mc_actor actor = { "tester", 1000, "tester", NULL };

#define T0 INT64_C(1714964400000) /* 2024-05-06 10:00 +07 */

/* Codes of every kind; those of the standard shape are packed. */
static void
code_of(struct mc_buf *b, int i)
{
	mc_buf_reset(b);
	switch (i % 5) {
	case 0:
		mc_buf_printf(b, "H42.%02d-240415-%04d", 10 + i % 7, i);
		break;
	case 1:
		mc_buf_printf(b, "000.00.%02d.H42-2404%02d-%04d", 10 + i % 7,
		    1 + i % 30, i);
		break;
	case 2:
		mc_buf_printf(b, "case-%d", i);
		break;
	case 3: /* standard, but not to be packed */
		mc_buf_printf(b, "H42-240415-10%05d", i);
		break;
	default:
		mc_buf_printf(b, "Hồ_sơ/%d", i);
		break;
	}
}

static struct mc_str
view(const struct mc_buf *b)
{
	return (struct mc_str){ b->p, b->len };
}

static int
append(struct mc_store *s, struct mc_case *c, struct mc_event *e,
    struct mc_err *err)
{
	return mc_store_append(s, c, e, (struct mc_str){ NULL, 0 }, err);
}

static int
receive(struct mc_store *s, struct mc_case *c, int i, struct mc_err *err)
{
	static const char *const channel[] = { "direct", "online", "postal" };
	struct mc_event e = { .kind = MC_K_RECEIVED, .at = T0 - i * 1000 };
	char unit[16];

	if (i % 11 == 0)
		e.kind = MC_K_REGISTERED;
	snprintf(unit, sizeof(unit), "H42.%d", i % 13);
	mc_event_strz(&e, MC_F_PROCEDURE, i % 2 ? "1.000001" : "1.000002");
	mc_event_strz(&e, MC_F_UNIT, unit);
	mc_event_strz(&e, MC_F_CHANNEL, channel[i % 3]);
	if (e.kind == MC_K_RECEIVED) {
		mc_event_strz(&e, MC_F_COMMIT, "c0ffee");
		mc_event_strz(&e, MC_F_PATH, "procedures/x.json");
		mc_event_strz(&e, MC_F_BLOB, i % 2 ? "b10b1" : "b10b2");
		if (i % 4 == 0)
			mc_event_strz(
			    &e, MC_F_POLICY, "{\"verdict\":\"instant\"}");
	}
	if (i % 3 == 0) {
		mc_event_int(&e, MC_F_DUE_AT, T0 + i * MC_MS_DAY / 10);
		if (i % 2 == 0)
			mc_event_strz(&e, MC_F_DUE_SOURCE, "given");
		else
			mc_event_int(&e, MC_F_PROVISIONAL, 1);
	}
	if (i % 5 == 0)
		mc_event_strz(&e, MC_F_FIELDS, "{\"diện_tích\":\"120\"}");
	if (i % 7 == 0)
		mc_event_strz(&e, MC_F_HOLDER, "H42.99");
	if (i % 8 == 0)
		mc_event_strz(&e, MC_F_OFFICER, "an");
	return append(s, c, &e, err);
}

static int
something(struct mc_store *s, struct mc_case *c, int k, struct mc_err *err)
{
	struct mc_event e = { .at = T0 + k };
	char step[16];

	snprintf(step, sizeof(step), "step%d", rnd(4));
	switch (rnd(8)) {
	case 0:
		e.kind = MC_K_STARTED;
		mc_event_strz(&e, MC_F_STEP, step);
		mc_event_strz(&e, MC_F_UNIT, "H42.7");
		if (rnd(2))
			mc_event_strz(&e, MC_F_OFFICER, "bình");
		if (rnd(2)) {
			mc_event_int(&e, MC_F_STEP_DUE_AT, T0 + k);
			mc_event_int(&e, MC_F_STEP_DUE_DAY, 19850);
		}
		break;
	case 1:
		e.kind = MC_K_COMPLETED;
		mc_event_strz(&e, MC_F_STEP, step);
		break;
	case 2:
		e.kind = MC_K_PAUSED;
		mc_event_strz(&e, MC_F_STATUS, "supplement");
		break;
	case 3:
		e.kind = MC_K_EXTENDED;
		mc_event_int(&e, MC_F_DUE_AT, T0 + 50 * MC_MS_DAY);
		break;
	case 4:
		e.kind = MC_K_APOLOGISED;
		break;
	case 5:
		e.kind = MC_K_ACTIVITY;
		mc_event_strz(&e, MC_F_ACTIVITY, "x");
		break;
	case 6:
		if (!mc_status_open(c->status) || c->received_at == MC_NEVER ||
		    rnd(3))
			return 0;
		e.kind = MC_K_FINISHED;
		mc_event_strz(&e, MC_F_VERDICT, rnd(2) ? "late" : "early");
		break;
	default:
		e.kind = MC_K_CORRECTED;
		mc_event_strz(&e, MC_F_SET, "{\"channel\":\"postal\"}");
		break;
	}
	if (!mc_status_open(c->status) && e.kind != MC_K_ACTIVITY)
		return 0;
	return append(s, c, &e, err);
}

/* Members that loading must bring back; the name of one that differs. */
static const char *
differs(const struct mc_case *a, const struct mc_case *b)
{
	int i, k;

#define SAME(m)                                                                \
	if (a->m != b->m)                                                      \
	return #m
	SAME(id);
	SAME(procedure);
	SAME(pin);
	SAME(unit);
	SAME(channel);
	SAME(received_at);
	SAME(row_hash);
	SAME(status);
	SAME(due.at);
	SAME(due.day);
	SAME(due.provisional);
	SAME(due_given);
	SAME(extensions);
	SAME(apologised);
	SAME(finished_at);
	SAME(returned_at);
	SAME(verdict);
	SAME(holder);
	SAME(officer);
	SAME(changed_at);
	SAME(version);
	SAME(last_seq);
	SAME(steps);
	if (a->pin != MC_NOID)
		SAME(rule);
	/* What only an open dossier needs. */
	if (mc_status_open(a->status)) {
		SAME(was);
		SAME(paused_at);
		SAME(overdue_on);
		if (!mc_str_same(view(&a->fields), view(&b->fields)))
			return "fields";
	}
	/* Steps are a set: they come back in the order of their times. */
	for (i = 0; i < a->steps; i++) {
		for (k = 0; k < b->steps; k++)
			if (b->step[k].step == a->step[i].step)
				break;
		if (k == b->steps || a->step[i].unit != b->step[k].unit ||
		    a->step[i].officer != b->step[k].officer ||
		    a->step[i].entered_at != b->step[k].entered_at ||
		    a->step[i].due_at != b->step[k].due_at ||
		    a->step[i].due_day != b->step[k].due_day)
			return "step";
	}
	for (i = 1; i < b->steps; i++)
		if (b->step[i - 1].entered_at > b->step[i].entered_at ||
		    (b->step[i - 1].entered_at == b->step[i].entered_at &&
			b->step[i - 1].step >= b->step[i].step))
			return "order of steps";
#undef SAME
	return mc_str_same(view(&a->events), view(&b->events)) ? NULL
							       : "events";
}

static struct mc_case made[CASES];

static int
make_cases(struct mc_store *s, struct mc_err *err)
{
	struct mc_buf code = { 0 };
	int i, k, rc = 0;

	rc = mc_store_begin(s, T0, err);
	if (rc == 0 && (mc_store_keep_definition(s, MC_STR("1.000001"), "Một",
			    "A", "b10b1", MC_STR("{}"), err) == -1 ||
			   mc_store_keep_definition(s, MC_STR("1.000002"),
			       "Hai", "B", "b10b2", MC_STR("{}"), err) == -1))
		rc = -1;
	for (i = 0; i < CASES && rc == 0; i++) {
		code_of(&code, i);
		rc = mc_store_new(s, view(&code), &made[i], err);
		if (rc == 0)
			rc = receive(s, &made[i], i, err);
		for (k = rnd(8); k > 0 && rc == 0; k--) {
			rc = something(s, &made[i], k, err);
			/* Saved in between, it is changed again. */
			if (rc == 0 && rnd(3) == 0)
				rc = mc_store_save(s, &made[i], err);
		}
		made[i].row_hash = rnd(1000) - 500;
		if (rc == 0)
			rc = mc_store_save(s, &made[i], err);
	}
	mc_buf_free(&code);
	return rc == 0 ? mc_store_commit(s, err) : -1;
}

static void
round_trip(struct mc_store *s)
{
	struct mc_buf code = { 0 }, back = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_case c = { 0 };
	const char *what;
	int64_t id;
	int i, wrong = 0;

	for (i = CASES - 1; i >= 0; i--) {
		code_of(&code, i);
		if (mc_store_find(s, view(&code), &id, &err) != 1 ||
		    mc_store_load(s, id, &c, &err) != 1) {
			wrong++;
			continue;
		}
		mc_buf_reset(&back);
		wrong += mc_store_code(s, id, &back, &err) == -1 ||
			 !mc_str_same(view(&code), view(&back));
		wrong += (id >= MC_CODE_ODD) != (i % 5 < 2);
		if ((what = differs(&made[i], &c)) != NULL) {
			printf("# %s: %s differs\n", mc_buf_str(&code), what);
			wrong++;
		}
	}
	IS(wrong, 0);
	IS_STR(err.msg, "");
	IS(mc_store_find(s, MC_STR("no such"), &id, &err), 0);
	IS(mc_store_find(s, MC_STR("H42.10-240415-9999"), &id, &err), 0);
	IS(mc_store_load(s, 77777777, &c, &err), 0);
	mc_case_free(&c);
	mc_buf_free(&code);
	mc_buf_free(&back);
}

/* What two connections do in turn, each finds of the other. */
static void
two(struct mc_store *a, struct mc_store *b)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e = { .kind = MC_K_ASSIGNED, .at = T0 };
	struct mc_case c = { 0 };
	int64_t id;
	int32_t officer;

	mc_event_strz(&e, MC_F_OFFICER, "mới");
	IS(mc_store_begin(a, T0, &err), 0);
	IS(mc_store_find(a, MC_STR("case-2"), &id, &err), 1);
	IS(mc_store_load(a, id, &c, &err), 1);
	IS(append(a, &c, &e, &err), 0);
	IS(mc_store_save(a, &c, &err), 0);
	IS(mc_store_alias(a, MC_STR("CU-2"), id, &err), 0);
	IS(mc_store_commit(a, &err), 0);
	IS(mc_store_lookup(b, MC_D_OFFICER, MC_STR("mới"), &officer, &err), 1);
	IS_STR(mc_store_text(b, MC_D_OFFICER, officer), "mới");
	IS(mc_store_find(b, MC_STR("CU-2"), &id, &err), 1);
	IS(mc_store_load(b, id, &c, &err), 1);
	IS(c.officer, officer);
	IS(mc_store_begin(b, T0, &err), 0);
	IS(mc_store_find(b, MC_STR("CU-2"), &id, &err), 1);
	mc_store_rollback(b);
	mc_store_rollback(b);
	mc_case_free(&c);
	IS_STR(err.msg, "");
}

/* After a rollback neither names nor dossiers nor events are there. */
static void
rolled_back(struct mc_store *s)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_case c = { 0 };
	struct mc_tree before, after;
	int64_t id, at;
	int32_t unit;

	IS(mc_log_tree(mc_store_db(s), &before, &at, &err), 0);
	IS(mc_store_begin(s, T0, &err), 0);
	IS(mc_store_new(s, MC_STR("gone"), &c, &err), 0);
	IS(receive(s, &c, 5, &err), 0);
	c.unit = 0;
	IS(mc_store_names(s)->id(
	       mc_store_names(s)->arg, MC_D_UNIT, MC_STR("gone"), &unit, &err),
	    0);
	mc_store_rollback(s);
	IS(mc_store_find(s, MC_STR("gone"), &id, &err), 0);
	IS(mc_store_lookup(s, MC_D_UNIT, MC_STR("gone"), &unit, &err), 0);
	IS(mc_log_tree(mc_store_db(s), &after, &at, &err), 0);
	IS(after.size, before.size);
	mc_case_free(&c);
}

/* What is appended can be read back before it is committed. */
static void
settle(struct mc_store *s)
{
	struct mc_log *log = mc_log_new(mc_store_db(s));
	struct mc_err err = MC_ERR_INIT;
	struct mc_case c = { 0 };
	struct mc_buf scratch = { 0 };
	struct mc_event e;
	struct mc_str body;
	int i;

	IS(mc_store_begin(s, T0, &err), 0);
	IS(mc_store_new(s, MC_STR("settled"), &c, &err), 0);
	for (i = 0; i < 600; i++)
		if (receive(s, &c, 5, &err) == -1)
			OK(false);
	mc_store_settle(s);
	for (i = 0; i < 3; i++) {
		IS(mc_log_get(log, c.last_seq - (uint64_t)i * 290, &body, &err),
		    1);
		IS(mc_event_decode(&e, body, &scratch, &err), 0);
		OK(mc_str_is(e.code, "settled"));
	}
	IS(receive(s, &c, 5, &err), 0);
	mc_store_settle(s);
	IS(mc_log_get(log, c.last_seq, &body, &err), 1);
	IS(mc_log_get(log, c.last_seq + 1, &body, &err), 0);
	IS(mc_store_save(s, &c, &err), 0);
	IS(mc_store_commit(s, &err), 0);
	IS_STR(err.msg, "");
	mc_case_free(&c);
	mc_buf_free(&scratch);
	mc_log_free(log);
}

static void
clock_back(struct mc_store *s)
{
	struct mc_err err = MC_ERR_INIT;

	IS(mc_store_begin(s, T0 - MC_MS_DAY, &err), 0);
	OK(mc_store_recorded_at(s) >= T0);
	mc_store_rollback(s);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_store *s = NULL, *other = NULL;
	const char *title, *field, *tmp = getenv("BATS_TMPDIR");
	int i;

	snprintf(folder, sizeof(folder), "%s/motcua-store-XXXXXX",
	    tmp == NULL || strlen(tmp) > 30 ? "/tmp" : tmp);
	if (mkdtemp(folder) == NULL)
		return tap_skip_all("no temporary folder");
	snprintf(path, sizeof(path), "%s/m.db", folder);
	IS(mc_store_create(&s, path, &site, &actor, T0, &err), 0);
	IS(make_cases(s, &err), 0);
	IS_STR(err.msg, "");
	round_trip(s);
	mc_store_close(s);
	IS(mc_store_open(&s, path, MC_DB_WRITE, &err), 0);
	mc_store_set_actor(s, &actor);
	IS_STR(mc_store_site(s)->code, site.code);
	IS_STR(mc_store_site(s)->rules, site.rules);
	IS_STR(mc_store_site(s)->ref, site.ref);
	IS(strlen(mc_store_id(s)), 32);
	round_trip(s);
	mc_store_procedure(s, 1, &title, &field);
	IS_STR(title, "Một");
	IS_STR(field, "A");
	mc_store_procedure(s, 99, &title, &field);
	OK(title == NULL && field == NULL);
	rolled_back(s);
	IS(mc_store_open(&other, path, MC_DB_WRITE, &err), 0);
	two(s, other);
	settle(s);
	clock_back(other);
	mc_store_close(other);
	mc_store_close(s);
	mc_store_close(NULL);
	IS(mc_store_create(&s, path, &site, &actor, T0, &err), -1);
	OK(s == NULL);
	IS_STR(err.id, "E_EXISTS");
	for (i = 0; i < CASES; i++)
		mc_case_free(&made[i]);
	mc_db_remove(path);
	rmdir(folder);
	return tap_done();
}
