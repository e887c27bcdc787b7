/* log.c - unit tests of log.h: appended in any batches, read back, one tree. */
#include <motcua/event.h>
#include <motcua/log.h>
#include <motcua/pack.h>

#define RND_SEED 7
#include "rnd.h"
#include "tap.h"

#define MAX 14000

/* The Merkle tree as RFC 6962 defines it, word for word. */
static void
naive(const struct mc_hash *leaf, size_t n, struct mc_hash *out)
{
	struct mc_hash l, r;
	size_t k = 1;

	if (n == 0) {
		mc_sha256(NULL, 0, out);
		return;
	}
	if (n == 1) {
		*out = leaf[0];
		return;
	}
	while (k * 2 < n)
		k *= 2;
	naive(leaf, k, &l);
	naive(leaf + k, n - k, &r);
	mc_node_hash(&l, &r, out);
}

static struct mc_hash leaves[MAX];

/* Event number seq: its times grow by a second, its size varies. */
static void
body_of(struct mc_buf *b, uint64_t seq)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf text = { 0 };
	struct mc_event e;
	uint64_t i;

	memset(&e, 0, sizeof(e));
	for (i = 0; i < seq * 7919 % 60; i++)
		mc_buf_puts(&text, "đ");
	e.kind = MC_K_ACTIVITY;
	e.seq = seq;
	e.at = e.recorded_at = (int64_t)seq * 1000;
	e.actor = e.site = MC_STR("x");
	mc_event_str(&e, MC_F_ACTIVITY, (struct mc_str){ text.p, text.len });
	mc_buf_reset(b);
	if (mc_event_encode(b, &e, &err) == -1)
		OK(false);
	mc_buf_free(&text);
}

static void
check_tree(struct mc_db *db, uint64_t size)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_hash got, want;
	struct mc_tree tree;
	int64_t last;

	IS(mc_log_tree(db, &tree, &last, &err), 0);
	IS(tree.size, size);
	IS(last, size == 0 ? MC_NEVER : (int64_t)(size - 1) * 1000);
	mc_tree_root(&tree, &got);
	naive(leaves, size, &want);
	OK(mc_hash_same(&got, &want));
}

static int
append(struct mc_log_writer *w, uint64_t n, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	uint64_t seq;
	int rc = 0;

	while (n-- > 0 && rc == 0) {
		seq = mc_log_size(w);
		body_of(&b, seq);
		mc_leaf_hash(b.p, b.len, &leaves[seq]);
		rc = mc_log_append(
		    w, (struct mc_str){ b.p, b.len }, (int64_t)seq * 1000, err);
	}
	mc_buf_free(&b);
	return rc;
}

/* Two writers over one database take turns, as two processes would. */
static uint64_t
write_log(struct mc_db *db, struct mc_worker *worker)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_log_writer *w[2] = { mc_log_writer_new(db, worker),
		mc_log_writer_new(db, worker) };
	/* The last is more than the worker may have at a time. */
	static const uint64_t batch[] = { 1, 0, 254, 1, 1, 255, 256, 257, 3,
		9000 };
	uint64_t size = 0, n;
	size_t i = 0;
	int fails = 0, k;

	while (size < 12000) {
		n = i < sizeof(batch) / sizeof(batch[0]) ? batch[i] : rnd(600);
		i++;
		if (size + n > MAX)
			break;
		k = (int)rnd(2);
		if (mc_db_begin(db, &err) == -1 ||
		    mc_log_begin(w[k], &err) == -1 ||
		    mc_log_size(w[k]) != size || append(w[k], n, &err) == -1) {
			fails++;
			break;
		}
		mc_log_flush(w[k]);
		if (mc_db_commit(db, &err) == -1) {
			fails++;
			break;
		}
		size += n;
		check_tree(db, size);
	}
	IS(fails, 0);
	IS_STR(err.msg, "");
	mc_log_writer_free(w[0]);
	mc_log_writer_free(w[1]);
	mc_log_writer_free(NULL);
	return size;
}

static void
read_log(struct mc_db *db, uint64_t size)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_log *log = mc_log_new(db);
	struct mc_buf want = { 0 };
	struct mc_hash root, have;
	struct mc_str body;
	uint64_t seq, i;
	int wrong = 0, rc;

	for (i = 0; (rc = mc_log_next(log, &seq, &body, &err)) == 1; i++) {
		body_of(&want, i);
		wrong += seq != i || body.len != want.len ||
			 memcmp(body.p, want.p, want.len) != 0;
	}
	IS(rc, 0);
	IS(i, size);
	IS(wrong, 0);
	for (i = 0; i < 300; i++) {
		seq = rnd(size);
		body_of(&want, seq);
		wrong += mc_log_get(log, seq, &body, &err) != 1 ||
			 body.len != want.len ||
			 memcmp(body.p, want.p, want.len) != 0;
	}
	IS(wrong, 0);
	IS(mc_log_get(log, size, &body, &err), 0);
	IS(mc_log_get(log, UINT64_C(1) << 60, &body, &err), 0);
	for (i = 0; i < size / MC_BUNDLE; i++) {
		mc_tree_root_of(leaves + i * MC_BUNDLE, MC_BUNDLE, &root);
		wrong += mc_log_bundle_root(db, i, &have, &err) != 1 ||
			 !mc_hash_same(&root, &have);
	}
	IS(wrong, 0);
	IS(mc_log_bundle_root(db, i, &have, &err), 0);
	mc_log_seek(log, size - 1);
	IS(mc_log_next(log, &seq, &body, &err), 1);
	IS(seq, size - 1);
	IS(mc_log_next(log, &seq, &body, &err), 0);
	for (i = 0; i < 200; i++) {
		int64_t ms = (int64_t)rnd((size + 2) * 1000) - 500;
		uint64_t from = ms <= 0 ? 0 : ((uint64_t)ms + 999) / 1000;

		if (from > size)
			from = size;
		wrong += mc_log_since(log, ms, &seq, &err) != 0 || seq != from;
	}
	IS(wrong, 0);
	mc_buf_free(&want);
	mc_log_free(log);
	mc_log_free(NULL);
}

/*
 * A transaction that failed leaves a writer that reads everything anew.
 * (The scratch database keeps no journal: nothing was flushed here.)
 */
static void
forgets(struct mc_db *db, struct mc_worker *worker, uint64_t size, uint64_t n)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_log_writer *w = mc_log_writer_new(db, worker);
	static struct mc_hash kept[1000];

	memcpy(kept, leaves + size, sizeof(kept));
	OK(mc_db_begin(db, &err) == 0 && mc_log_begin(w, &err) == 0);
	IS(append(w, n, &err), 0);
	mc_db_rollback(db);
	mc_log_forget(w);
	memcpy(leaves + size, kept, sizeof(kept));
	OK(mc_db_begin(db, &err) == 0 && mc_log_begin(w, &err) == 0);
	IS(mc_log_size(w), size);
	IS(append(w, 2, &err), 0);
	mc_log_flush(w);
	OK(mc_db_commit(db, &err) == 0);
	check_tree(db, size + 2);
	mc_log_writer_free(w);
}

static void
limits(struct mc_db *db)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_log_writer *w = mc_log_writer_new(db, NULL);
	struct mc_buf b = { 0 };

	mc_buf_room(&b, MC_EVENT_BODY_MAX + 1);
	memset(b.p, 'x', MC_EVENT_BODY_MAX + 1);
	OK(mc_db_begin(db, &err) == 0 && mc_log_begin(w, &err) == 0);
	IS(mc_log_append(
	       w, (struct mc_str){ b.p, MC_EVENT_BODY_MAX + 1 }, 0, &err),
	    -1);
	IS_STR(err.id, "E_LIMIT");
	mc_db_rollback(db);
	mc_log_writer_free(w);
	mc_buf_free(&b);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_worker *worker = NULL;
	struct mc_db *db = NULL;
	uint64_t size;
	int i;

	for (i = 0; i < 2; i++) {
		if (!OK(mc_db_scratch(&db, &err) == 0))
			return tap_done();
		check_tree(db, 0);
		size = write_log(db, worker);
		read_log(db, size);
		forgets(db, worker, size, 3);
		forgets(db, worker, size + 2, 900);
		limits(db);
		mc_db_close(db);
		mc_worker_free(worker);
		worker = mc_worker_new(MC_SIDE_BY_SIDE);
	}
	mc_worker_free(worker);
	return tap_done();
}
