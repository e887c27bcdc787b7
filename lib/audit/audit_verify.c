/* audit_verify.c - the database's own log, verified. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/text.h>

#include "audit_internal.h"

/* Values that should be there, until an `erased` event is met. */
struct missing {
	uint64_t seq, code; /* the code's hash */
};

struct verify {
	struct mc_walk w;
	struct mc_db *db;
	struct mc_vault_row row;
	struct mc_vault_item personal;
	bool more;       /* one is waiting */
	bool unreadable; /* part of the log is: no root */
	MC_VEC(struct missing) missing, erased;
};

static int
next_personal(struct verify *v, struct mc_err *err)
{
	int rc;

	while ((rc = mc_vault_next(&v->row, v->db, &v->personal, err)) == -1 &&
	       err->code == MC_EDAMAGED) {
		mc_walk_wrong(&v->w, "E_PERSONAL", (int64_t)v->row.seq, NO_CODE,
		    "%s", err->msg);
		mc_err_clear(err);
	}
	v->more = rc == 1;
	return rc == -1 ? -1 : 0;
}

static void
stray_personal(struct verify *v, int64_t seq)
{
	mc_walk_wrong(&v->w, "E_PERSONAL", seq, NO_CODE,
	    "there are personal values of event %" PRId64
	    ", which commits to none",
	    seq);
}

/* The rows up to this event's; they come in the log's order. */
static int
check_personal(struct verify *v, struct mc_err *err)
{
	const struct mc_event *e = &v->w.e;
	struct missing m = { e->seq, mc_text_hash(e->code.p, e->code.len) };
	int64_t seq = (int64_t)e->seq;

	if (e->kind == MC_K_ERASED)
		mc_vec_push(&v->erased, m);
	while (v->more && v->personal.seq < e->seq) {
		stray_personal(v, (int64_t)v->personal.seq);
		if (next_personal(v, err) == -1)
			return -1;
	}
	if (!v->more || v->personal.seq != e->seq) {
		if (e->has_personal)
			mc_vec_push(&v->missing, m);
		return 0;
	}
	if (!e->has_personal)
		stray_personal(v, seq);
	else if (!mc_walk_commits(e, v->personal.salt, v->personal.json))
		mc_walk_wrong(&v->w, "E_PERSONAL", seq, e->code,
		    "the personal values of event %" PRId64
		    " are not those that it commits to",
		    seq);
	return next_personal(v, err);
}

static int
by_code(const void *va, const void *vb)
{
	const struct missing *a = va, *b = vb;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Missing values are right where an erasure of that dossier came later. */
static void
check_missing(struct verify *v)
{
	size_t i, lo, hi, mid;

	if (v->erased.n > 1)
		qsort(v->erased.p, v->erased.n, sizeof(*v->erased.p), by_code);
	for (i = 0; i < v->missing.n; i++) {
		for (lo = 0, hi = v->erased.n; lo < hi;) {
			mid = lo + (hi - lo) / 2;
			if (by_code(&v->erased.p[mid], &v->missing.p[i]) < 0)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo == v->erased.n ||
		    v->erased.p[lo].code != v->missing.p[i].code)
			mc_walk_wrong(&v->w, "E_PERSONAL",
			    (int64_t)v->missing.p[i].seq, NO_CODE,
			    "the personal values of event %" PRIu64
			    " are missing, and were never erased",
			    v->missing.p[i].seq);
	}
}

/* One event of the log, at its place. */
static int
check_event(
    struct verify *v, uint64_t seq, struct mc_str body, struct mc_err *err)
{
	struct mc_walk *w = &v->w;
	struct mc_err why = MC_ERR_INIT;

	if (mc_event_decode(&w->e, body, &w->scratch, &why) == -1) {
		mc_walk_wrong(w, "E_LOG", (int64_t)seq, NO_CODE,
		    "event %" PRIu64 ": %s", seq, why.msg);
		return 0;
	}
	if (w->e.seq != seq) {
		mc_walk_wrong(w, "E_LOG", (int64_t)seq, w->e.code,
		    "event %" PRIu64 " calls itself %" PRIu64, seq, w->e.seq);
		return 0;
	}
	mc_walk_raw(w);
	mc_walk_place(w);
	return check_personal(v, err);
}

/* What a bundle's row says of its 256 events, which go into the tree. */
static int
check_bundle(struct verify *v, uint64_t n, const struct mc_hash *leaf,
    struct mc_err *err)
{
	struct mc_hash have, root;
	int64_t last;
	int rc = mc_log_bundle_root(v->db, n, &have, err);

	mc_tree_root_of(leaf, MC_BUNDLE, &root);
	mc_tree_push_subtree(&v->w.tree, MC_BUNDLE_LEVEL, &root);
	if (rc == 1 && !mc_hash_same(&have, &root))
		mc_walk_wrong(&v->w, "E_LOG", (int64_t)(n * MC_BUNDLE), NO_CODE,
		    "bundle %" PRIu64 " (events %" PRIu64 " to %" PRIu64
		    ") has another root than its events",
		    n, n * MC_BUNDLE, n * MC_BUNDLE + MC_BUNDLE - 1);
	if (rc == 1)
		rc = mc_db_int(v->db, MC_SQL_BUNDLE_LAST_AT,
		    MC_ARGS(MC_INT((int64_t)n)), &last, MC_NEVER, err);
	if (rc == 1 && last != v->w.last_at)
		mc_walk_wrong(&v->w, "E_LOG", (int64_t)(n * MC_BUNDLE), NO_CODE,
		    "bundle %" PRIu64 " has another time than its last event",
		    n);
	return rc == -1 ? -1 : 0;
}

/* Events from `w.next` on: a bundle, or one of the tail.  1, 0 at the end. */
static int
check_some(
    struct verify *v, struct mc_log *log, uint64_t size, struct mc_err *err)
{
	struct mc_hash leaf[MC_BUNDLE];
	uint64_t seq = v->w.next, n = seq / MC_BUNDLE, i;
	struct mc_str body;
	bool whole = (n + 1) * MC_BUNDLE <= size;
	int rc;

	if (seq >= size)
		return 0;
	for (i = 0; i < (whole ? MC_BUNDLE : 1); i++) {
		rc = mc_log_get(log, seq + i, &body, err);
		if (rc == 0 || (rc == -1 && err->code == MC_EDAMAGED)) {
			mc_walk_wrong(&v->w, "E_LOG", (int64_t)(seq + i),
			    NO_CODE, "event %" PRIu64 " cannot be read: %s",
			    seq + i, rc == 0 ? "it is not there" : err->msg);
			mc_err_clear(err);
			v->unreadable = true;
			v->w.next = whole ? (n + 1) * MC_BUNDLE : seq + 1;
			return 1;
		}
		if (rc == -1)
			return -1;
		mc_leaf_hash(body.p, body.len, &leaf[i]);
		if (!whole)
			mc_tree_push(&v->w.tree, &leaf[i]);
		if (check_event(v, seq + i, body, err) == -1)
			return -1;
	}
	v->w.next = seq + i;
	return whole && check_bundle(v, n, leaf, err) == -1 ? -1 : 1;
}

/* Rows where the tree says there are none. */
static int
check_rows(struct verify *v, uint64_t size, struct mc_err *err)
{
	static const enum mc_sql id[] = { MC_SQL_CHECK_BUNDLES,
		MC_SQL_CHECK_ENTRIES };
	const uint64_t bundles = size / MC_BUNDLE, tail = size % MC_BUNDLE;
	const struct {
		const char *what;
		uint64_t n, first;
	} want[] = { { "bundles", bundles, 0 },
		{ "entries", tail, bundles * MC_BUNDLE } };
	struct mc_cur *cur;
	int i, rc;

	for (i = 0; i < 2; i++) {
		if (mc_cur_open(&cur, v->db, id[i], MC_NOARGS, err) == -1)
			return -1;
		rc = mc_cur_next(cur, err);
		if (rc == 1 &&
		    (mc_cur_int(cur, 2, 0) != (int64_t)want[i].n ||
			(want[i].n > 0 &&
			    mc_cur_int(cur, 0, -1) != (int64_t)want[i].first)))
			mc_walk_wrong(&v->w, "E_LOG", -1, NO_CODE,
			    "a log of %" PRIu64 " events has %" PRIu64
			    " %s from %" PRIu64 " on; here are %" PRId64
			    " from %" PRId64 " on",
			    size, want[i].n, want[i].what, want[i].first,
			    mc_cur_int(cur, 2, 0), mc_cur_int(cur, 0, 0));
		mc_cur_close(cur);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* The edge that is stored, against the one that the bodies give. */
static void
check_edge(struct verify *v, const struct mc_tree *have, int64_t last_at)
{
	struct mc_tree *tree = &v->w.tree;

	if (v->unreadable)
		return;
	if (memcmp(have->edge, tree->edge,
		(size_t)mc_tree_edge(tree) * MC_HASH_LEN) != 0)
		mc_walk_wrong(&v->w, "E_LOG", -1, NO_CODE,
		    "the tree's right edge is not that of its %" PRIu64
		    " events",
		    tree->size);
	if (last_at != v->w.last_at)
		mc_walk_wrong(&v->w, "E_LOG", -1, NO_CODE,
		    "the tree has another time than its last event");
}

/* The site was fixed when the database was made. */
static int
check_site(struct verify *v, struct mc_store *s, struct mc_log *log,
    struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(s);
	struct mc_err why = MC_ERR_INIT;
	struct mc_event *e = &v->w.e;
	struct mc_str body;
	int rc = mc_log_get(log, 0, &body, err);
	size_t i;

	if (rc != 1 || mc_event_decode(e, body, &v->w.scratch, &why) == -1) {
		mc_err_clear(err); /* it was a finding before */
		return 0;
	}
	{
		const struct {
			const char *what, *now;
			struct mc_str was;
		} fixed[] = {
			{ "site", site->code, e->site },
			{ "zone", site->zone, mc_event_get(e, MC_F_ZONE) },
			{ "ref", site->ref, mc_event_get(e, MC_F_REF) },
			{ "id", mc_store_id(s), mc_event_get(e, MC_F_ID) },
		};

		for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
			if (!mc_str_is(fixed[i].was, fixed[i].now))
				mc_walk_wrong(&v->w, "E_SITE", 0, NO_CODE,
				    "the database says %s \"%s\", its first "
				    "event \"%.*s\"",
				    fixed[i].what, fixed[i].now,
				    (int)(fixed[i].was.len < 80
					      ? fixed[i].was.len
					      : 80),
				    fixed[i].was.len > 0 ? fixed[i].was.p : "");
	}
	return 0;
}

static int
verify(struct verify *v, struct mc_store *s, struct mc_log *log,
    struct mc_err *err)
{
	struct mc_tree have;
	int64_t last_at;
	int rc;

	if (mc_log_tree(v->db, &have, &last_at, err) == -1) {
		if (err->code != MC_EDAMAGED)
			return -1;
		mc_walk_wrong(&v->w, "E_LOG", -1, NO_CODE, "%s", err->msg);
		mc_err_clear(err);
		return 0;
	}
	if (next_personal(v, err) == -1)
		return -1;
	if (have.size == 0)
		mc_walk_wrong(
		    &v->w, "E_LOG", -1, NO_CODE, "there is no event in it");
	while ((rc = check_some(v, log, have.size, err)) == 1)
		;
	for (; rc == 0 && v->more; rc = next_personal(v, err))
		stray_personal(v, (int64_t)v->personal.seq);
	if (rc == -1 || check_rows(v, have.size, err) == -1)
		return -1;
	check_missing(v);
	check_edge(v, &have, last_at);
	v->w.r->events = have.size;
	v->w.r->has_root = !v->unreadable;
	mc_tree_root(&v->w.tree, &v->w.r->root);
	return check_site(v, s, log, err);
}

int
mc_audit_verify(struct mc_store *s, struct mc_findings *f,
    struct mc_audit_result *out, struct mc_err *err)
{
	struct verify v = { .w = { .f = f, .r = out, .last_at = MC_NEVER },
		.db = mc_store_db(s) };
	struct mc_log *log = mc_log_new(v.db);
	int rc;

	memset(out, 0, sizeof(*out));
	rc = verify(&v, s, log, err);
	mc_vault_row_free(&v.row);
	mc_log_free(log);
	mc_vec_free(&v.missing);
	mc_vec_free(&v.erased);
	mc_walk_free(&v.w);
	return rc;
}
