/* log.c - see motcua/log.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/bundle.h>
#include <motcua/log.h>
#include <motcua/mem.h>

static int
damaged(struct mc_err *err, const char *what, uint64_t n)
{
	return mc_err(err, MC_EDAMAGED, "E_LOG", "the log is damaged: %s %llu",
	    what, (unsigned long long)n);
}

int
mc_log_tree(struct mc_db *db, struct mc_tree *tree, int64_t *last_at,
    struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str edge;
	int rc;

	tree->size = 0;
	*last_at = MC_NEVER;
	if (mc_cur_open(&cur, db, MC_SQL_TREE_GET, MC_NOARGS, err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		tree->size = (uint64_t)mc_cur_int(cur, 0, 0);
		*last_at = mc_cur_int(cur, 1, MC_NEVER);
		edge = mc_cur_blob(cur, 2);
		if (edge.len != (size_t)mc_tree_edge(tree) * MC_HASH_LEN)
			rc = damaged(err, "right edge of size", tree->size);
		else if (edge.len > 0)
			memcpy(tree->edge, edge.p, edge.len);
	}
	mc_cur_close(cur);
	return rc == -1 ? -1 : 0;
}

/* ---- appending ---- */

/*
 * Hashing and compressing a full bundle, a quarter of a long import, is left
 * to other threads: the first goes on with the next bundle.  JOBS bounds the
 * memory, and results are taken in order, so nothing else changes.
 */
#define JOBS 64

struct job {
	struct mc_job job;   /* first */
	struct mc_buf plain; /* bodies with their 2-byte lengths ... */
	/* ... which stand here: to find one would be to wait for another. */
	uint32_t at[MC_BUNDLE];
	struct mc_buf packed;
	struct mc_hash root;
	uint64_t first; /* the number of its first event */
	int64_t last_at;
};

struct mc_log_writer {
	struct mc_db *db;
	struct mc_worker *worker; /* NULL: none */
	struct mc_tree tree;      /* over the bundles that are in the table */
	int64_t last_at;
	int entries;   /* in the unfinished bundle: job[head] */
	int stored;    /* of those, rows of `entry` already */
	bool known;    /* what is here is what the database has */
	bool sealed;   /* a bundle was finished since begin */
	uint64_t size; /* of the log, with what is under way */

	/* job[head] is being filled; tail .. head - 1 are the worker's. */
	struct job job[JOBS];
	unsigned head, tail;
};

struct mc_log_writer *
mc_log_writer_new(struct mc_db *db, struct mc_worker *worker)
{
	struct mc_log_writer *w = mc_calloc(1, sizeof(*w));

	w->db = db;
	w->worker = worker;
	return w;
}

/* The first n bodies, and what the tree has of them. */
static void
leaves(const struct job *j, int n, struct mc_str *body, struct mc_hash *leaf)
{
	size_t end;
	int i;

	for (i = 0; i < n; i++) {
		end = i + 1 < n ? j->at[i + 1] : j->plain.len;
		body[i] = (struct mc_str){ j->plain.p + j->at[i] + 2,
			end - j->at[i] - 2 };
	}
	mc_leaf_hashes(body, (size_t)n, leaf);
}

static void
finish(struct mc_job *job)
{
	struct job *j = (struct job *)job;
	struct mc_str body[MC_BUNDLE];
	struct mc_hash leaf[MC_BUNDLE];

	leaves(j, MC_BUNDLE, body, leaf);
	mc_tree_root_of(leaf, MC_BUNDLE, &j->root);
	mc_buf_reset(&j->packed);
	mc_bundle_pack(&j->packed, (struct mc_str){ j->plain.p, j->plain.len },
	    j->at, j->first);
}

static void
await(struct mc_log_writer *w, unsigned job)
{
	mc_worker_wait(w->worker, &w->job[job % JOBS].job);
}

/* The worker has none of our jobs any more. */
static void
settle(struct mc_log_writer *w)
{
	for (; w->tail != w->head; w->tail++)
		await(w, w->tail);
}

void
mc_log_writer_free(struct mc_log_writer *w)
{
	int i;

	if (w == NULL)
		return;
	settle(w);
	for (i = 0; i < JOBS; i++) {
		mc_buf_free(&w->job[i].plain);
		mc_buf_free(&w->job[i].packed);
	}
	free(w);
}

void
mc_log_forget(struct mc_log_writer *w)
{
	settle(w);
	w->head = w->tail = 0;
	w->entries = w->stored = 0;
	w->known = false;
}

static struct job *
filling(struct mc_log_writer *w)
{
	return &w->job[w->head % JOBS];
}

static void
tail_add(struct mc_log_writer *w, struct mc_str body)
{
	struct job *j = filling(w);
	struct mc_buf *b = &j->plain;
	char *p = mc_buf_room(b, body.len + 2);

	j->at[w->entries] = (uint32_t)b->len;
	p[0] = (char)(body.len >> 8);
	p[1] = (char)body.len;
	memcpy(p + 2, body.p, body.len);
	b->len += body.len + 2;
	b->p[b->len] = '\0';
	w->entries++;
}

static int
read_tail(struct mc_log_writer *w, struct mc_err *err)
{
	uint64_t from = w->tree.size;
	struct mc_cur *cur;
	int rc;

	mc_buf_reset(&filling(w)->plain);
	w->entries = 0;
	if (mc_cur_open(&cur, w->db, MC_SQL_ENTRY_FROM,
		MC_ARGS(MC_INT((int64_t)from)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		if (w->entries == MC_BUNDLE - 1 ||
		    mc_cur_int(cur, 0, -1) != (int64_t)from + w->entries) {
			rc = damaged(err, "entry", from);
			break;
		}
		tail_add(w, mc_cur_blob(cur, 1));
	}
	mc_cur_close(cur);
	if (rc == 0 && from + (uint64_t)w->entries != w->size)
		rc = damaged(err, "entries after", from);
	w->stored = w->entries;
	return rc;
}

/* The edge without the leaves of the unfinished bundle: its first hashes. */
static void
whole_bundles(struct mc_tree *t)
{
	t->size -= t->size % MC_BUNDLE;
}

int
mc_log_begin(struct mc_log_writer *w, struct mc_err *err)
{
	uint64_t size = w->size;

	w->sealed = false;
	/*
	 * Nothing else writes but through here, and sizes only grow: the same
	 * size is the same log.
	 */
	if (mc_log_tree(w->db, &w->tree, &w->last_at, err) == -1)
		return -1;
	w->size = w->tree.size;
	whole_bundles(&w->tree);
	if (w->known && size == w->size)
		return 0;
	if (read_tail(w, err) == -1)
		return -1;
	w->known = true;
	return 0;
}

uint64_t
mc_log_size(const struct mc_log_writer *w)
{
	return w->size;
}

int64_t
mc_log_last_at(const struct mc_log_writer *w)
{
	return w->last_at;
}

/* The oldest bundle that is full goes into the table, when it is finished. */
static void
collect(struct mc_log_writer *w)
{
	struct job *j = &w->job[w->tail % JOBS];

	if (w->worker != NULL)
		await(w, w->tail);
	mc_db_run_later(w->db, MC_SQL_BUNDLE_ADD,
	    MC_ARGS(MC_INT((int64_t)(w->tree.size / MC_BUNDLE)),
		MC_INT(j->last_at),
		MC_BLOB(
		    ((struct mc_str){ (const char *)j->root.b, MC_HASH_LEN })),
		MC_BLOB(((struct mc_str){ j->packed.p, j->packed.len }))));
	mc_tree_push_subtree(&w->tree, MC_BUNDLE_LEVEL, &j->root);
	w->tail++;
}

/*
 * Until the worker has no more than so many.  The last is waited for first: to
 * be woken for each would be two changes of threads a bundle.
 */
static void
make_room(struct mc_log_writer *w, unsigned left)
{
	unsigned until = w->head - left;

	if (until == w->tail)
		return;
	if (w->worker != NULL)
		await(w, until - 1);
	while (w->tail != until)
		collect(w);
}

/*
 * The bundle is full.  The first of a transaction is finished here: most
 * writes never fill a second one, and need no thread.
 */
static void
seal(struct mc_log_writer *w)
{
	bool aside =
	    w->worker != NULL && (w->sealed || mc_worker_runs(w->worker));
	struct job *j = filling(w);

	j->first = w->size - MC_BUNDLE;
	j->last_at = w->last_at;
	j->job.work = finish;
	if (aside)
		mc_worker_give(w->worker, &j->job);
	else
		finish(&j->job);
	w->sealed = true;
	w->head++;
	w->entries = w->stored = 0;
	if (!aside)
		make_room(w, 0);
	else if (w->head - w->tail == JOBS - 1)
		make_room(w, JOBS / 2);
	mc_buf_reset(&filling(w)->plain);
}

static void
appended(struct mc_log_writer *w, int64_t recorded_at)
{
	w->size++;
	w->last_at = recorded_at;
	if (w->entries == MC_BUNDLE)
		seal(w);
}

int
mc_log_append(struct mc_log_writer *w, struct mc_str body, int64_t recorded_at,
    struct mc_err *err)
{
	if (body.len > MC_EVENT_BODY_MAX)
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "an event is over %d bytes", MC_EVENT_BODY_MAX);
	tail_add(w, body);
	appended(w, recorded_at);
	return 0;
}

int
mc_log_append_event(struct mc_log_writer *w, const struct mc_event *e,
    const struct mc_event_frame *f, struct mc_err *err)
{
	/* Written where it will stand: a copy less of every body. */
	struct job *j = filling(w);
	struct mc_buf *b = &j->plain;
	size_t at = b->len, size;

	mc_buf_add(b, "\0", 2); /* the length, once it is known */
	if ((f != NULL ? mc_event_encode_in(b, e, f, err)
		       : mc_event_encode(b, e, err)) == -1) {
		b->len = at;
		return -1;
	}
	size = b->len - at - 2;
	b->p[at] = (char)(size >> 8);
	b->p[at + 1] = (char)size;
	j->at[w->entries] = (uint32_t)at;
	w->entries++;
	appended(w, e->recorded_at);
	return 0;
}

void
mc_log_flush(struct mc_log_writer *w)
{
	struct mc_str body[MC_BUNDLE];
	struct mc_hash leaf[MC_BUNDLE];
	struct mc_tree tree;
	int i;

	make_room(w, 0);
	if (w->sealed)
		mc_db_run_later(w->db, MC_SQL_ENTRY_DROP,
		    MC_ARGS(MC_INT((int64_t)w->tree.size)));
	tree = w->tree;
	leaves(filling(w), w->entries, body, leaf);
	for (i = 0; i < w->entries; i++) {
		mc_tree_push(&tree, &leaf[i]);
		if (i >= w->stored)
			mc_db_run_later(w->db, MC_SQL_ENTRY_ADD,
			    MC_ARGS(MC_INT((int64_t)w->tree.size + i),
				MC_BLOB(body[i])));
	}
	w->stored = w->entries;
	w->sealed = false;
	mc_db_run_later(w->db, MC_SQL_TREE_SET,
	    MC_ARGS(MC_INT((int64_t)tree.size), MC_INT(w->last_at),
		MC_BLOB(((struct mc_str){ (const char *)tree.edge,
		    (size_t)mc_tree_edge(&tree) * MC_HASH_LEN }))));
}

/* ---- reading ---- */

struct mc_log {
	struct mc_db *db;
	int64_t bundle; /* the one in `plain`; -1: none */
	struct mc_buf plain;
	uint32_t at[MC_BUNDLE + 1]; /* where each entry begins */
	struct mc_buf body;         /* of a single entry */
	uint64_t next;
};

struct mc_log *
mc_log_new(struct mc_db *db)
{
	struct mc_log *log = mc_calloc(1, sizeof(*log));

	log->db = db;
	log->bundle = -1;
	return log;
}

void
mc_log_free(struct mc_log *log)
{
	if (log == NULL)
		return;
	mc_buf_free(&log->plain);
	mc_buf_free(&log->body);
	free(log);
}

static int
load_bundle(struct mc_log *log, int64_t n, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	if (log->bundle == n)
		return 1;
	log->bundle = -1;
	mc_buf_reset(&log->plain);
	if (mc_cur_open(&cur, log->db, MC_SQL_BUNDLE_GET, MC_ARGS(MC_INT(n)),
		err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1 &&
	    mc_bundle_unpack(&log->plain, log->at, mc_cur_blob(cur, 0),
		(uint64_t)n * MC_BUNDLE, err) == -1) {
		mc_err_at(err, mc_db_path(log->db), 0, 0);
		rc = -1;
	}
	mc_cur_close(cur);
	if (rc == 1) {
		log->at[MC_BUNDLE] = (uint32_t)log->plain.len;
		log->bundle = n;
	}
	return rc;
}

int
mc_log_get(
    struct mc_log *log, uint64_t seq, struct mc_str *body, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str s;
	size_t i = seq % MC_BUNDLE;
	int rc = load_bundle(log, (int64_t)(seq / MC_BUNDLE), err);

	if (rc == 1)
		*body = (struct mc_str){ log->plain.p + log->at[i] + 2,
			log->at[i + 1] - log->at[i] - 2 };
	if (rc != 0)
		return rc;
	if (mc_cur_open(&cur, log->db, MC_SQL_ENTRY_GET,
		MC_ARGS(MC_INT((int64_t)seq)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		s = mc_cur_blob(cur, 0);
		mc_buf_reset(&log->body);
		mc_buf_add(&log->body, s.p, s.len);
		*body = (struct mc_str){ log->body.p, log->body.len };
	}
	mc_cur_close(cur);
	return rc;
}

void
mc_log_seek(struct mc_log *log, uint64_t seq)
{
	log->next = seq;
}

int
mc_log_next(
    struct mc_log *log, uint64_t *seq, struct mc_str *body, struct mc_err *err)
{
	int rc = mc_log_get(log, log->next, body, err);

	if (rc == 1)
		*seq = log->next++;
	return rc;
}

int
mc_log_bundle_root(
    struct mc_db *db, uint64_t n, struct mc_hash *root, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str s;
	int rc;

	if (mc_cur_open(&cur, db, MC_SQL_BUNDLE_GET,
		MC_ARGS(MC_INT((int64_t)n)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		s = mc_cur_blob(cur, 1);
		if (s.len != MC_HASH_LEN)
			rc = damaged(err, "root of bundle", n);
		else
			memcpy(root->b, s.p, MC_HASH_LEN);
	}
	mc_cur_close(cur);
	return rc;
}

int
mc_log_since(struct mc_log *log, int64_t ms, uint64_t *seq, struct mc_err *err)
{
	struct mc_tree tree;
	struct mc_event e;
	struct mc_buf scratch = { 0 };
	struct mc_str body;
	int64_t last_at, at, lo = 0, hi, mid;
	int rc = 0;

	if (mc_log_tree(log->db, &tree, &last_at, err) == -1)
		return -1;
	/* The first bundle whose last event is not before ms. */
	hi = (int64_t)(tree.size / MC_BUNDLE);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (mc_db_int(log->db, MC_SQL_BUNDLE_LAST_AT,
			MC_ARGS(MC_INT(mid)), &at, MC_NEVER, err) == -1)
			return -1;
		if (at >= ms)
			hi = mid;
		else
			lo = mid + 1;
	}
	for (*seq = (uint64_t)lo * MC_BUNDLE; *seq < tree.size; ++*seq) {
		if ((rc = mc_log_get(log, *seq, &body, err)) != 1 ||
		    (rc = mc_event_decode(&e, body, &scratch, err)) == -1 ||
		    e.recorded_at >= ms)
			break;
	}
	mc_buf_free(&scratch);
	return rc == -1 ? -1 : 0;
}
