/* vault.c - unit tests of vault.h: what went in comes out, until erased. */
#include <stdlib.h>

#include <motcua/mem.h>
#include <motcua/pack.h>
#include <motcua/sealed.h>
#include <motcua/vault.h>

#define RND_SEED 11
#include "rnd.h"
#include "tap.h"

#define MAX 4000

/* The model: what each event has. */
static struct {
	unsigned char salt[MC_SALT_LEN];
	char *text; /* NULL: none */
} model[MAX];

static char *
text_of(uint64_t seq)
{
	struct mc_buf b = { 0 };
	uint64_t n = seq % 97 == 0 ? rnd(100000) : rnd(200);

	if (seq % 2 == 0)
		mc_buf_printf(&b,
		    "{\"applicant_id\":\"%012llu\",\"phone\":\"%010llu\","
		    "\"subject\":\"",
		    (unsigned long long)rnd(UINT64_C(1000000000000)),
		    (unsigned long long)seq);
	else
		mc_buf_printf(&b, "{\"note\":\"%llu ", (unsigned long long)seq);
	while (n-- > 0)
		mc_buf_putc(&b, (char)('a' + rnd(26)));
	mc_buf_puts(&b, "\"}");
	return mc_buf_detach(&b);
}

/* In transactions of any length, some of them rolled back. */
static void
write_some(struct mc_db *db, struct mc_vault *v, uint64_t *seq)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_sealed sealed;
	uint64_t n = 1 + rnd(400), first = *seq, i;
	bool keep = rnd(5) > 0;

	if (!OK(mc_db_begin(db, &err) == 0))
		return;
	for (; n > 0 && *seq < MAX; n--, *seq += 1 + rnd(3) * rnd(200)) {
		memset(&sealed, 0, sizeof(sealed));
		for (i = 0; i < MC_SALT_LEN; i++)
			sealed.salt[i] = (unsigned char)rnd(256);
		model[*seq].text = text_of(*seq);
		memcpy(model[*seq].salt, sealed.salt, MC_SALT_LEN);
		sealed.text = mc_str(model[*seq].text);
		mc_vault_add(v, db, *seq, &sealed);
	}
	if (keep) {
		mc_vault_flush(v, db);
		OK(mc_db_commit(db, &err) == 0);
		return;
	}
	mc_vault_forget(v);
	mc_db_rollback(db);
	for (i = first; i < MAX; i++) {
		free(model[i].text);
		model[i].text = NULL;
	}
	*seq = first;
}

static bool
same(const struct mc_vault_item *item, uint64_t seq)
{
	return item->seq == seq && model[seq].text != NULL &&
	       memcmp(item->salt, model[seq].salt, MC_SALT_LEN) == 0 &&
	       mc_str_is(item->json, model[seq].text);
}

static void
compare(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault_row row = { 0 }, walk = { 0 };
	struct mc_vault_item item;
	uint64_t seq, wrong = 0;
	int i, rc;

	/* In order, then anywhere: the row that is kept must not matter. */
	for (i = 0; i < 2 * MAX; i++) {
		seq = i < MAX ? (uint64_t)i : rnd(MAX);
		rc = mc_vault_get(&row, db, seq, &item, &err);
		wrong += rc == 1 ? !same(&item, seq)
				 : rc == -1 || model[seq].text != NULL;
	}
	IS(wrong, 0);
	seq = 0;
	while ((rc = mc_vault_next(&walk, db, &item, &err)) == 1) {
		while (seq < MAX && model[seq].text == NULL)
			seq++;
		wrong += seq == MAX || !same(&item, seq++);
	}
	while (seq < MAX && model[seq].text == NULL)
		seq++;
	IS(rc, 0);
	IS(seq, MAX);
	IS(wrong, 0);
	mc_vault_row_free(&row);
	mc_vault_row_free(&walk);
}

/* The salt stands in its row as it is, so it can be looked for. */
static bool
in_any_row(struct mc_db *db, const unsigned char salt[MC_SALT_LEN])
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	bool found = false;
	size_t i;

	while (mc_vault_next(&row, db, &item, &err) == 1)
		for (i = 0; i + MC_SALT_LEN <= row.head.len; i++)
			found = found ||
				memcmp(row.head.p + i, salt, MC_SALT_LEN) == 0;
	mc_vault_row_free(&row);
	return found;
}

static void
erase(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	uint64_t seq, wrong = 0;
	int i, rc;

	OK(mc_db_begin(db, &err) == 0);
	for (i = 0; i < 300; i++) {
		seq = rnd(MAX);
		rc = mc_vault_erase(db, seq, &err);
		wrong += rc != (model[seq].text != NULL);
		if (rc == 1 && i % 50 == 0)
			wrong += in_any_row(db, model[seq].salt);
		free(model[seq].text);
		model[seq].text = NULL;
	}
	OK(mc_db_commit(db, &err) == 0);
	IS(wrong, 0);
}

/* All of them: the table is empty. */
static void
erase_all(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	uint64_t seq, wrong = 0;

	OK(mc_db_begin(db, &err) == 0);
	for (seq = 0; seq < MAX; seq++) {
		wrong +=
		    mc_vault_erase(db, seq, &err) != (model[seq].text != NULL);
		free(model[seq].text);
		model[seq].text = NULL;
	}
	OK(mc_db_commit(db, &err) == 0);
	IS(wrong, 0);
	IS(mc_vault_next(&row, db, &item, &err), 0);
	OK(!row.some && row.head.p == NULL);
	mc_vault_row_free(&row);
}

/* The row of event 7 is that. */
static void
put_row(struct mc_db *db, struct mc_str head, struct mc_str data)
{
	struct mc_err err = MC_ERR_INIT;

	OK(mc_db_run(db, MC_SQL_PERSONAL_DROP, MC_ARGS(MC_INT(7)), &err) == 0);
	OK(mc_db_run(db, MC_SQL_PERSONAL_ADD,
	       MC_ARGS(MC_INT(7), MC_BLOB(head), MC_BLOB(data)), &err) == 0);
}

/* Is it damaged, once all of it is read? */
static bool
refused(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	bool no = mc_vault_get(&row, db, 400, &item, &err) == -1 &&
		  err.code == MC_EDAMAGED;

	mc_err_clear(&err);
	mc_vault_row_free(&row);
	return no;
}

/* Every cut of a row is noticed, and texts that are more or less than heads. */
static void
damage(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	struct mc_sealed sealed = { .text = MC_STR("{\"note\":\"n\"}") };
	struct mc_vault v = { 0 };
	struct mc_buf head = { 0 }, plain = { 0 }, data[3] = { { 0 } };
	struct mc_str h, d;
	size_t i;
	int k, cuts = 0;

	OK(mc_db_begin(db, &err) == 0);
	mc_vault_add(&v, db, 7, &sealed);
	mc_vault_add(&v, db, 300, &sealed);
	mc_vault_flush(&v, db);
	IS(mc_vault_get(&row, db, 300, &item, &err), 1);
	mc_buf_add(&head, row.head.p, row.head.len);
	h = (struct mc_str){ head.p, head.len };
	for (k = 0; k < 3; k++) {
		mc_sealed_add(&plain, sealed.text);
		mc_sealed_pack(&data[k], (struct mc_str){ plain.p, plain.len });
	}
	d = (struct mc_str){ data[1].p, data[1].len };
	put_row(db, h, d);
	OK(!refused(db));
	for (i = 0; i < h.len; i++) {
		put_row(db, (struct mc_str){ h.p, i }, d);
		cuts += refused(db);
	}
	IS(cuts, h.len);
	for (i = 0; i < d.len; i++) {
		put_row(db, h, (struct mc_str){ d.p, i });
		cuts += refused(db);
	}
	IS(cuts, h.len + d.len);
	for (k = 0; k < 3; k += 2) {
		put_row(db, h, (struct mc_str){ data[k].p, data[k].len });
		OK(refused(db));
		mc_buf_free(&data[k]);
	}
	put_row(db, h, MC_STR("of another form"));
	OK(refused(db));
	mc_buf_free(&data[1]);
	mc_buf_free(&plain);
	mc_db_rollback(db);
	mc_vault_free(&v);
	mc_vault_row_free(&row);
	mc_buf_free(&head);
}

static void
nothing(struct mc_job *job)
{
	(void)job;
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_vault v = { 0 };
	struct mc_job job = { .work = nothing };
	struct mc_db *db = NULL;
	uint64_t seq, i;
	int round;

	/* First packed by whoever writes, then by a worker that runs. */
	for (round = 0; round < 2; round++) {
		if (!OK(mc_db_scratch(&db, &err) == 0))
			return tap_done();
		compare(db);
		for (seq = 3; seq < MAX;)
			write_some(db, &v, &seq);
		compare(db);
		erase(db);
		compare(db);
		erase_all(db);
		damage(db);
		mc_vault_free(&v);
		mc_db_close(db);
		for (i = 0; i < MAX; i++) {
			free(model[i].text);
			model[i].text = NULL;
		}
		mc_worker_free(v.worker);
		v.worker = mc_worker_new(MC_SIDE_BY_SIDE);
		mc_worker_give(v.worker, &job);
	}
	mc_worker_free(v.worker);
	return tap_done();
}
