/* vault.c - see motcua/vault.h; the form of a row: schema/0001-base.sql. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/number.h>
#include <motcua/sealed.h>
#include <motcua/vault.h>

/*
 * Of the plain form.  Seven rows of an import fill a page of the database;
 * three times as much packs a tenth better, but what reads one event unpacks
 * its whole row.
 */
#define FULL (17u << 10)

/* ---- writing ---- */

static void
add(struct mc_vault *v, uint64_t gap, const unsigned char *salt,
    struct mc_str json)
{
	char *start = mc_buf_room(&v->head, MC_NUMBER_MAX);

	v->head.len += (size_t)(mc_number_put(start, gap) - start);
	mc_buf_add(&v->head, salt, MC_SALT_LEN);
	mc_sealed_add(&v->text, json);
}

/* A row that the worker packs. */
struct mc_vault_job {
	struct mc_job job; /* first */
	uint64_t first;
	struct mc_buf head, text, packed;
};

static void
pack_row(struct mc_job *job)
{
	struct mc_vault_job *j = (struct mc_vault_job *)job;

	mc_buf_reset(&j->packed);
	mc_sealed_pack(&j->packed, (struct mc_str){ j->text.p, j->text.len });
}

static struct mc_vault_job *
job_at(const struct mc_vault *v, unsigned i)
{
	return &v->job[i % MC_VAULT_JOBS];
}

static void
add_row(struct mc_db *db, uint64_t first, const struct mc_buf *head,
    const struct mc_buf *packed)
{
	mc_db_run_later(db, MC_SQL_PERSONAL_ADD,
	    MC_ARGS(MC_INT((int64_t)first),
		MC_BLOB(((struct mc_str){ head->p, head->len })),
		MC_BLOB(((struct mc_str){ packed->p, packed->len }))));
}

/* The oldest row that the worker has, when it is packed. */
static void
collect(struct mc_vault *v, struct mc_db *db)
{
	struct mc_vault_job *j = job_at(v, v->tail_job++);

	mc_worker_wait(v->worker, &j->job);
	add_row(db, j->first, &j->head, &j->packed);
}

/* Until the worker has no more than so many.  See make_room() of log.c. */
static void
make_room(struct mc_vault *v, struct mc_db *db, unsigned left)
{
	unsigned until = v->head_job - left;

	if (until == v->tail_job)
		return;
	mc_worker_wait(v->worker, &job_at(v, until - 1)->job);
	while (v->tail_job != until)
		collect(v, db);
}

static void
swap(struct mc_buf *a, struct mc_buf *b)
{
	struct mc_buf was = *a;

	*a = *b;
	*b = was;
}

/* The row is full: the worker gets it, and we its buffers. */
static void
hand_over(struct mc_vault *v, struct mc_db *db)
{
	struct mc_vault_job *j;

	if (v->job == NULL)
		v->job = mc_calloc(MC_VAULT_JOBS, sizeof(*v->job));
	if (v->head_job - v->tail_job == MC_VAULT_JOBS)
		make_room(v, db, MC_VAULT_JOBS / 2);
	j = job_at(v, v->head_job++);
	j->job.work = pack_row;
	j->first = v->first;
	swap(&j->head, &v->head);
	swap(&j->text, &v->text);
	mc_worker_give(v->worker, &j->job);
	mc_buf_reset(&v->head);
	mc_buf_reset(&v->text);
}

static void
write_row(struct mc_vault *v, struct mc_db *db)
{
	if (v->head.len > 0) {
		mc_buf_reset(&v->packed);
		mc_sealed_pack(
		    &v->packed, (struct mc_str){ v->text.p, v->text.len });
		add_row(db, v->first, &v->head, &v->packed);
	}
	mc_buf_reset(&v->head);
	mc_buf_reset(&v->text);
}

void
mc_vault_add(struct mc_vault *v, struct mc_db *db, uint64_t seq,
    const struct mc_sealed *sealed)
{
	if (v->head.len == 0)
		v->first = v->last = seq;
	add(v, seq - v->last, sealed->salt, sealed->text);
	v->last = seq;
	if (v->text.len < FULL)
		return;
	if (v->worker != NULL && mc_worker_runs(v->worker))
		hand_over(v, db);
	else
		write_row(v, db);
}

void
mc_vault_flush(struct mc_vault *v, struct mc_db *db)
{
	make_room(v, db, 0);
	write_row(v, db);
}

void
mc_vault_forget(struct mc_vault *v)
{
	for (; v->tail_job != v->head_job; v->tail_job++)
		mc_worker_wait(v->worker, &job_at(v, v->tail_job)->job);
	mc_buf_reset(&v->head);
	mc_buf_reset(&v->text);
}

void
mc_vault_free(struct mc_vault *v)
{
	int i;

	mc_vault_forget(v);
	for (i = 0; v->job != NULL && i < MC_VAULT_JOBS; i++) {
		mc_buf_free(&v->job[i].head);
		mc_buf_free(&v->job[i].text);
		mc_buf_free(&v->job[i].packed);
	}
	free(v->job);
	mc_buf_free(&v->head);
	mc_buf_free(&v->text);
	mc_buf_free(&v->packed);
	*v = (struct mc_vault){ .worker = v->worker };
}

/* ---- reading ---- */

static int
damaged(const struct mc_vault_row *row, struct mc_err *err)
{
	return mc_err(err, MC_EDAMAGED, "E_LOG",
	    "the personal values from event %llu on are damaged",
	    (unsigned long long)row->seq);
}

static void
begin(struct mc_vault_row *row)
{
	row->head_at = row->text_at = 0;
	row->at = row->seq;
	row->any = false;
}

/* The row that the statement finds: 1, 0, -1. */
static int
load(struct mc_vault_row *row, struct mc_db *db, enum mc_sql id, uint64_t seq,
    struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str s;
	int rc;

	row->some = false;
	if (mc_cur_open(&cur, db, id, MC_ARGS(MC_INT((int64_t)seq)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		row->seq = (uint64_t)mc_cur_int(cur, 0, 0);
		s = mc_cur_blob(cur, 1);
		mc_buf_reset(&row->head);
		mc_buf_reset(&row->text);
		mc_buf_add(&row->head, s.p, s.len);
		if (mc_sealed_unpack(&row->text, mc_cur_blob(cur, 2), err) ==
		    -1)
			rc = damaged(row, err);
		else
			row->some = true;
		begin(row);
	}
	mc_cur_close(cur);
	return rc;
}

/* The next one of the row: 1, 0 at its end, -1. */
static int
next(struct mc_vault_row *row, struct mc_vault_item *out, struct mc_err *err)
{
	const char *p = mc_buf_str(&row->head), *end = p + row->head.len;
	struct mc_str rest = { mc_buf_str(&row->text), row->text.len }, json;
	uint64_t gap;

	p += row->head_at;
	rest.p += row->text_at;
	rest.len -= row->text_at;
	if (p == end) {
		row->some = false;
		return rest.len == 0 ? 0 : damaged(row, err);
	}
	if (!mc_number_get(&p, end, &gap) || (gap == 0 && row->any) ||
	    gap > UINT64_MAX / 2 - row->at || end - p < MC_SALT_LEN ||
	    !mc_sealed_next(&rest, &json)) {
		row->some = false;
		return damaged(row, err);
	}
	row->at += gap;
	row->any = true;
	*out =
	    (struct mc_vault_item){ row->at, (const unsigned char *)p, json };
	row->head_at = (size_t)(p + MC_SALT_LEN - row->head.p);
	row->text_at = row->text.len - rest.len;
	return 1;
}

/* Among those of the row: 1, 0, -1. */
static int
find(struct mc_vault_row *row, uint64_t seq, struct mc_vault_item *out,
    struct mc_err *err)
{
	int rc;

	if (row->any && seq <= row->at)
		begin(row);
	while ((rc = next(row, out, err)) == 1)
		if (out->seq >= seq)
			return out->seq == seq;
	return rc;
}

int
mc_vault_get(struct mc_vault_row *row, struct mc_db *db, uint64_t seq,
    struct mc_vault_item *out, struct mc_err *err)
{
	int rc;

	if (row->some && seq >= row->seq) {
		rc = find(row, seq, out, err);
		/* Behind its last one other rows may follow. */
		if (rc != 0 || row->some)
			return rc;
	}
	rc = load(row, db, MC_SQL_PERSONAL_GET, seq, err);
	return rc == 1 ? find(row, seq, out, err) : rc;
}

int
mc_vault_next(struct mc_vault_row *row, struct mc_db *db,
    struct mc_vault_item *out, struct mc_err *err)
{
	uint64_t from;
	int rc;

	for (;;) {
		if (row->some && (rc = next(row, out, err)) != 0)
			return rc;
		/* head.p: some row was there before. */
		from = row->head.p == NULL ? 0 : row->seq + 1;
		if ((rc = load(row, db, MC_SQL_PERSONAL_FROM, from, err)) != 1)
			return rc;
	}
}

void
mc_vault_row_free(struct mc_vault_row *row)
{
	mc_buf_free(&row->head);
	mc_buf_free(&row->text);
	row->some = false;
}

/* ---- erasing ---- */

/* The row as it was, without that event's. */
static int
rewrite(struct mc_vault_row *row, struct mc_db *db, uint64_t seq,
    struct mc_err *err)
{
	struct mc_vault rest = { .first = row->seq, .last = row->seq };
	struct mc_vault_item item;
	int rc;

	begin(row);
	while ((rc = next(row, &item, err)) == 1) {
		if (item.seq == seq)
			continue;
		add(&rest, item.seq - rest.last, item.salt, item.json);
		rest.last = item.seq;
	}
	if (rc == 0)
		rc = mc_db_run(db, MC_SQL_PERSONAL_DROP,
		    MC_ARGS(MC_INT((int64_t)row->seq)), err);
	if (rc == 0)
		mc_vault_flush(&rest, db);
	mc_vault_free(&rest);
	return rc;
}

int
mc_vault_erase(struct mc_db *db, uint64_t seq, struct mc_err *err)
{
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	int rc;

	mc_db_wipe(db);
	rc = mc_vault_get(&row, db, seq, &item, err);
	if (rc == 1 && rewrite(&row, db, seq, err) == -1)
		rc = -1;
	mc_vault_row_free(&row);
	return rc;
}
