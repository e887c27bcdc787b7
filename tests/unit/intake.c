/*
 * intake.c - unit tests of intake.h: rows in, results out, batch by batch.
 * What each kind of row becomes is in tests/dossier-import.bats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/intake.h>

#include "tap.h"

#define NOW INT64_C(1714964400000) /* 2024-05-06 10:00 +07 */

static char folder[] = "/tmp/motcua-intake-XXXXXX";
static const struct mc_actor actor = { "tester", 1000, "tester", NULL };

struct base {
	char db[64], rules[64];
	struct mc_store *store;
	struct mc_rulebook *rb;
	struct mc_map *map;
	struct mc_binding binding;
};

static int
base_open(struct base *b, const char *name, struct mc_err *err)
{
	static const struct mc_str heading[] = {
		{ "code", 4 },
		{ "procedure", 9 },
		{ "unit", 4 },
		{ "received_at", 11 },
		{ "phone", 5 },
	};
	struct mc_buf ignored = { 0 };
	struct mc_site site = { "H42", "Asia/Ho_Chi_Minh", b->rules,
		"refs/heads/main" };
	int rc;

	memset(b, 0, sizeof(*b));
	snprintf(b->db, sizeof(b->db), "%s/%s.db", folder, name);
	snprintf(b->rules, sizeof(b->rules), "%s/rules", folder);
	b->map = mc_map_default();
	rc = access(b->rules, F_OK) == 0 ? 0
					 : mc_rulebook_init(b->rules, NOW, err);
	if (rc == 0)
		rc = mc_rulebook_open(&b->rb, b->rules, NULL, err);
	if (rc == 0)
		rc = mc_store_create(&b->store, b->db, &site, &actor, NOW, err);
	if (rc == 0)
		rc = mc_map_bind(b->map, "f", 1, heading, 5, false, &b->binding,
		    &ignored, err);
	mc_buf_free(&ignored);
	return rc;
}

static void
base_close(struct base *b)
{
	mc_binding_free(&b->binding);
	mc_map_free(b->map);
	mc_store_close(b->store);
	mc_rulebook_free(b->rb);
	mc_db_remove(b->db);
}

static struct mc_intake *
start(struct base *b, bool update, bool whole)
{
	struct mc_intake_options o = { .map = b->map,
		.update = update,
		.whole = whole,
		.now = NOW,
		.source = "f" };
	struct mc_err err = MC_ERR_INIT;
	struct mc_intake *in;

	IS(mc_intake_open(&in, b->store, b->rb, &o, &err), 0);
	IS_STR(err.msg, "");
	if (in != NULL)
		mc_intake_bind(in, "f", &b->binding);
	return in;
}

/* "A 1": a row of that code and telephone, in place of a file's line. */
static void
row(struct mc_intake *in, int64_t line, const char *code, const char *phone)
{
	const struct mc_str field[] = { mc_str(code), MC_STR("1.000894"),
		MC_STR("H42.31.21"), MC_STR("2024-04-15"), mc_str(phone) };

	mc_intake_row(in, field, NULL, 5, line, mc_str(code));
}

/* "A added 1, B rejected E_CODE 0", with lines and numbers of events. */
static void
results(struct mc_intake *in, const char *want)
{
	struct mc_intake_result r;
	struct mc_buf got = { 0 };
	size_t i;

	for (i = 0; mc_intake_result(in, i, &r); i++) {
		mc_buf_printf(&got, "%s%lld %s ", i > 0 ? ", " : "",
		    (long long)r.line, mc_intake_result_name(r.result).p);
		if (r.result == MC_ROW_REJECTED)
			mc_buf_printf(&got, "%s \"%.*s\" %d", r.id,
			    (int)r.raw.len, r.raw.p, (int)r.column);
		else
			mc_buf_printf(&got, "%.*s %d", (int)r.code.len,
			    r.code.p, r.events);
	}
	IS_STR(mc_buf_str(&got), want);
	mc_buf_free(&got);
}

static void
flush(struct mc_intake *in, const char *want)
{
	struct mc_err err = MC_ERR_INIT;

	IS(mc_intake_flush(in, &err), 0);
	IS_STR(err.msg, "");
	IS(mc_intake_waiting(in), 0);
	results(in, want);
}

static bool
there(struct base *b, const char *code)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t id;

	return mc_store_find(b->store, mc_str(code), &id, &err) == 1;
}

static void
sums(const struct mc_intake *in, const char *want)
{
	struct mc_intake_summary s;
	struct mc_buf got = { 0 };
	size_t i;

	mc_intake_summary(in, &s);
	mc_buf_printf(&got, "%lld rows %lld+ %lld= %lld~ %lld- %lld events",
	    (long long)s.rows, (long long)s.added, (long long)s.unchanged,
	    (long long)s.updated, (long long)s.rejected, (long long)s.events);
	for (i = 0; i < s.rejects; i++)
		mc_buf_printf(
		    &got, " %s %lld", s.reject[i].id, (long long)s.reject[i].n);
	IS_STR(mc_buf_str(&got), want);
	mc_buf_free(&got);
}

static void
batches(struct base *b)
{
	struct mc_intake *in = start(b, false, false);
	struct mc_err why = MC_ERR_INIT;

	flush(in, "");
	row(in, 2, "A", "1");
	row(in, 3, "B 1", "1");
	row(in, 4, "A", "1");
	row(in, 5, "A", "2");
	mc_err(&why, MC_EDATA, "E_QUOTE", "broken");
	mc_err_at(&why, "f", 6, 17);
	mc_intake_bad_row(in, 6, MC_STR("\"x"), &why);
	IS(mc_intake_waiting(in), 5);
	results(in, ""); /* nothing is told before it is there */
	flush(in,
	    "2 added A 1, 3 rejected E_CODE \"B 1\" 1, 4 unchanged A 0, "
	    "5 rejected E_CONFLICT \"A\" 1, 6 rejected E_QUOTE \"\"x\" 0");
	row(in, 7, "A", "1");
	row(in, 8, "C", "1");
	flush(in, "7 unchanged A 0, 8 added C 1");
	sums(in, "7 rows 2+ 2= 0~ 3- 2 events E_CODE 1 E_CONFLICT 1 E_QUOTE 1");
	mc_intake_free(in);
	OK(there(b, "A") && there(b, "C") && !there(b, "B 1"));
}

static void
updates(struct base *b)
{
	struct mc_intake *in = start(b, true, false);

	row(in, 2, "A", "2");
	row(in, 3, "A", "3");
	row(in, 4, "A", "3");
	row(in, 5, "A", "");
	flush(in, "2 updated A 1, 3 updated A 1, 4 unchanged A 0, "
		  "5 updated A 0");
	sums(in, "4 rows 0+ 1= 3~ 0- 2 events");
	mc_intake_free(in);
}

/* Whole runs: rolled back, and committed. */
static void
whole(struct base *b)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_intake *in = start(b, false, true);

	row(in, 2, "W", "1");
	flush(in, "2 added W 1");
	row(in, 3, "W", "1");
	row(in, 4, "X", "1");
	flush(in, "3 unchanged W 0, 4 added X 1");
	IS(mc_intake_finish(in, false, &err), 0);
	IS(mc_intake_finish(in, false, &err), 0);
	mc_intake_free(in);
	OK(!there(b, "W") && !there(b, "X"));

	in = start(b, false, true);
	row(in, 2, "W", "1");
	row(in, 3, " ", "1");
	IS(mc_intake_drop(in, &err), 0);
	results(in, "2 added W 0, 3 rejected E_CODE \" \" 1");
	sums(in, "2 rows 1+ 0= 0~ 1- 0 events E_CODE 1");
	mc_intake_recount(in);
	sums(in, "0 rows 0+ 0= 0~ 0- 0 events");
	row(in, 2, "W", "1");
	flush(in, "2 added W 1");
	IS(mc_intake_finish(in, true, &err), 0);
	mc_intake_free(in);
	OK(there(b, "W"));

	/* Left in the middle: as if it had never been. */
	in = start(b, false, true);
	row(in, 2, "Y", "1");
	flush(in, "2 added Y 1");
	mc_intake_free(in);
	OK(!there(b, "Y"));
	IS_STR(err.msg, "");
}

/* A second intake prepares, the first one writes. */
static void
front(struct base *b)
{
	struct mc_intake *in = start(b, false, false), *f = mc_intake_front(in);
	struct mc_portion *p = mc_portion_new(), *q = mc_portion_new();
	struct mc_intake_summary sum;

	mc_intake_bind(f, "f", &b->binding);
	mc_portion_fill(p, f, 0);
	row(f, 2, "F1", "1");
	row(f, 3, "F 2", "1");
	IS(mc_intake_waiting(f), 2);
	mc_portion_filled(p, f);
	IS(mc_intake_waiting(f), 0);
	IS(mc_portion_rows(p), 2);
	IS(mc_portion_refused(p), 1);
	mc_portion_fill(q, f, 0);
	row(f, 4, "F1", "1");
	row(f, 5, "F3", "1");
	mc_intake_take(in, p);
	IS(mc_portion_rows(p), 0);
	flush(in, "2 added F1 1, 3 rejected E_CODE \"F 2\" 1");
	mc_portion_filled(q, f);
	mc_intake_summary(in, &sum);
	mc_portion_fill(p, f, sum.run);
	row(f, 6, "F4", "1");
	mc_portion_filled(p, f);
	mc_intake_take(in, q);
	flush(in, "4 unchanged F1 0, 5 added F3 1");
	mc_intake_take(in, p);
	flush(in, "6 added F4 1");
	sums(in, "5 rows 3+ 1= 0~ 1- 3 events E_CODE 1");
	mc_portion_free(p);
	mc_portion_free(q);
	mc_intake_free(f);
	mc_intake_free(in);
}

/* Hashes of rows are keyed: two databases do not betray equal rows. */
static void
keyed(struct base *b, struct base *other)
{
	struct mc_intake *in = start(other, false, false);
	struct mc_err err = MC_ERR_INIT;
	struct mc_case one = { 0 }, two = { 0 };
	int64_t id;

	row(in, 2, "C", "1");
	flush(in, "2 added C 1");
	mc_intake_free(in);
	IS(mc_store_find(b->store, MC_STR("C"), &id, &err), 1);
	IS(mc_store_load(b->store, id, &one, &err), 1);
	IS(mc_store_find(other->store, MC_STR("C"), &id, &err), 1);
	IS(mc_store_load(other->store, id, &two, &err), 1);
	OK(one.row_hash != 0 && two.row_hash != 0);
	OK(one.row_hash != two.row_hash);
	mc_case_free(&one);
	mc_case_free(&two);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct base one, two;
	char command[96];

	if (mkdtemp(folder) == NULL)
		return tap_skip_all("no temporary folder");
	if (base_open(&one, "one", &err) == 0 &&
	    base_open(&two, "two", &err) == 0) {
		batches(&one);
		updates(&one);
		whole(&one);
		front(&one);
		keyed(&one, &two);
		base_close(&two);
	}
	IS_STR(err.msg, "");
	base_close(&one);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	IS(system(command), 0);
	return tap_done();
}
