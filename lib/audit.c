/* audit.c - see motcua/audit.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/audit.h>
#include <motcua/code.h>
#include <motcua/json.h>
#include <motcua/text.h>

#define NONE ((struct mc_str){ NULL, 0 })

/* ---- findings ---- */

static void report(struct mc_findings *f, struct mc_finding *it,
    const char *fmt, va_list ap) MC_PRINTF(3, 0);

static void
report(
    struct mc_findings *f, struct mc_finding *it, const char *fmt, va_list ap)
{
	char text[640];

	vsnprintf(text, sizeof(text), fmt, ap);
	mc_buf_reset(&f->text);
	mc_text_safe(&f->text, text, strlen(text));
	it->message = mc_buf_str(&f->text);
	if (strncmp(it->error, "W_", 2) != 0)
		f->n++;
	f->found(f->arg, it);
}

void
mc_findings_add(struct mc_findings *f, const char *check, const char *error,
    int64_t seq, struct mc_str code, const char *fmt, ...)
{
	struct mc_finding it = { check, error, seq, 0, code, NULL };
	va_list ap;

	va_start(ap, fmt);
	report(f, &it, fmt, ap);
	va_end(ap);
}

void
mc_findings_free(struct mc_findings *f)
{
	mc_buf_free(&f->text);
}

void
mc_audit_result_free(struct mc_audit_result *r)
{
	mc_buf_free(&r->site);
	mc_buf_free(&r->id);
}

/* ---- ranges ---- */

int
mc_audit_bound(
    struct mc_store *s, const char *text, uint64_t *seq, struct mc_err *err)
{
	struct mc_log *log;
	int64_t n;
	int rc;

	if (mc_int_parse(&n, mc_str(text), 0, INT64_MAX)) {
		*seq = (uint64_t)n;
		return 0;
	}
	if (mc_time_parse(
		&n, mc_str(text), mc_store_zone(s), NULL, NULL, err) == -1)
		return -1;
	log = mc_log_new(mc_store_db(s));
	rc = mc_log_since(log, n, seq, err);
	mc_log_free(log);
	return rc;
}

/* ---- one body ---- */

/* What both walks keep from event to event. */
struct walk {
	struct mc_findings *f;
	struct mc_audit_result *r;
	struct mc_event e;
	struct mc_buf scratch, raw[MC_F__COUNT], again;
	struct mc_tree tree;
	int64_t last_at;
	uint64_t next; /* the number that comes now */
	int64_t line;
	bool selection; /* a file with gaps that does not begin with 0 */
};

static void
walk_free(struct walk *w)
{
	int i;

	for (i = 0; i < MC_F__COUNT; i++)
		mc_buf_free(&w->raw[i]);
	mc_buf_free(&w->scratch);
	mc_buf_free(&w->again);
}

static void wrong(struct walk *w, const char *error, int64_t seq,
    struct mc_str code, const char *fmt, ...) MC_PRINTF(5, 6);

static void
wrong(struct walk *w, const char *error, int64_t seq, struct mc_str code,
    const char *fmt, ...)
{
	struct mc_finding it = { "log", error, seq, w->line, code, NULL };
	va_list ap;

	va_start(ap, fmt);
	report(w->f, &it, fmt, ap);
	va_end(ap);
}

/* Is a nested value of a body in RFC 8785 form?  Most repeat the last one. */
static bool
raw_canonical(struct walk *w, int field, struct mc_str v)
{
	struct mc_buf *last = &w->raw[field];
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc = NULL;
	bool ok;

	if (mc_str_same(v, (struct mc_str){ last->p, last->len }))
		return true;
	mc_buf_reset(&w->again);
	ok = mc_json_parse(&doc, "", v, &ignored) == 0 &&
	     mc_json_canonical(&w->again, doc, &ignored) == 0 &&
	     mc_str_same(v, (struct mc_str){ w->again.p, w->again.len });
	mc_json_free(doc);
	if (ok) {
		mc_buf_reset(last);
		mc_buf_add(last, v.p, v.len);
	}
	return ok;
}

static void
check_raw(struct walk *w)
{
	static const enum mc_event_field raw[] = { MC_F_ATTRIBUTES, MC_F_FIELDS,
		MC_F_POLICY, MC_F_SET, MC_F_WHY };
	size_t i;

	for (i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		if (mc_event_has(&w->e, raw[i]) &&
		    !raw_canonical(w, raw[i], mc_event_get(&w->e, raw[i])))
			wrong(w, "E_LOG", (int64_t)w->e.seq, w->e.code,
			    "the body of event %" PRIu64
			    " is not in canonical form",
			    w->e.seq);
}

static bool
is_id(struct mc_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (strchr("0123456789abcdef", s.p[i]) == NULL ||
		    s.p[i] == '\0')
			return false;
	return s.len == 32;
}

/* The first event names the log; every other belongs to a dossier. */
static void
check_place(struct walk *w)
{
	const struct mc_event *e = &w->e;
	struct mc_str id = mc_event_get(e, MC_F_ID);

	if ((e->seq == 0) != (e->kind == MC_K_CREATED))
		wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " is \"%s\"; \"created\" is the first "
		    "event and no other",
		    e->seq, mc_kind_name(e->kind));
	else if (e->seq == 0 && !is_id(id))
		wrong(w, "E_LOG", 0, NONE,
		    "the first event has no id of 32 hexadecimal digits");
	else if (e->seq > 0 && !mc_code_valid(e->code))
		wrong(w, "E_LOG", (int64_t)e->seq, NONE,
		    "event %" PRIu64 " has no dossier's code", e->seq);
	if (e->seq == 0) {
		mc_buf_reset(&w->r->id);
		mc_buf_add(&w->r->id, id.p, id.len);
	}
	if (w->r->site.len == 0)
		mc_buf_add(&w->r->site, e->site.p, e->site.len);
	else if (!mc_str_is(e->site, mc_buf_str(&w->r->site)))
		wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " is of site \"%.*s\", not \"%s\"", e->seq,
		    (int)(e->site.len < 64 ? e->site.len : 64), e->site.p,
		    mc_buf_str(&w->r->site));
	if (w->last_at != MC_NEVER && e->recorded_at < w->last_at)
		wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " was recorded before the one before it",
		    e->seq);
	w->last_at = e->recorded_at;
}

static bool
commits_to(
    const struct mc_event *e, const unsigned char salt[16], struct mc_str json)
{
	struct mc_hash h;

	mc_sha256_two(salt, 16, json.p, json.len, &h);
	return mc_hash_same(&h, &e->commitment);
}

/* ---- the database's log ---- */

/* Values that should be there, until an `erased` event is met. */
struct missing {
	uint64_t seq, code; /* the code's hash */
};

struct verify {
	struct walk w;
	struct mc_db *db;
	struct mc_cur *personal;
	bool more;       /* a row of it is waiting */
	bool unreadable; /* part of the log is: no root */
	MC_VEC(struct missing) missing, erased;
};

static int
next_personal(struct verify *v, struct mc_err *err)
{
	int rc = mc_cur_next(v->personal, err);

	v->more = rc == 1;
	return rc == -1 ? -1 : 0;
}

static void
stray_personal(struct verify *v, int64_t seq)
{
	wrong(&v->w, "E_PERSONAL", seq, NONE,
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
	int64_t seq = (int64_t)e->seq, have;
	struct mc_str salt;

	if (e->kind == MC_K_ERASED)
		mc_vec_push(&v->erased, m);
	while (v->more && (have = mc_cur_int(v->personal, 0, -1)) < seq) {
		stray_personal(v, have);
		if (next_personal(v, err) == -1)
			return -1;
	}
	if (!v->more || mc_cur_int(v->personal, 0, -1) != seq) {
		if (e->has_personal)
			mc_vec_push(&v->missing, m);
		return 0;
	}
	salt = mc_cur_blob(v->personal, 1);
	if (!e->has_personal)
		stray_personal(v, seq);
	else if (salt.len != 16 || !commits_to(e, (const unsigned char *)salt.p,
				       mc_cur_text(v->personal, 2)))
		wrong(&v->w, "E_PERSONAL", seq, e->code,
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
			wrong(&v->w, "E_PERSONAL", (int64_t)v->missing.p[i].seq,
			    NONE,
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
	struct walk *w = &v->w;
	struct mc_err why = MC_ERR_INIT;

	if (mc_event_decode(&w->e, body, &w->scratch, &why) == -1) {
		wrong(w, "E_LOG", (int64_t)seq, NONE, "event %" PRIu64 ": %s",
		    seq, why.msg);
		return 0;
	}
	if (w->e.seq != seq) {
		wrong(w, "E_LOG", (int64_t)seq, w->e.code,
		    "event %" PRIu64 " calls itself %" PRIu64, seq, w->e.seq);
		return 0;
	}
	check_raw(w);
	check_place(w);
	return check_personal(v, err);
}

/* What a bundle's row says of its 256 events. */
static int
check_bundle(struct verify *v, uint64_t n, const struct mc_hash *leaf,
    struct mc_err *err)
{
	struct mc_hash have, root;
	int64_t last;
	int rc = mc_log_bundle_root(v->db, n, &have, err);

	mc_tree_root_of(leaf, MC_BUNDLE, &root);
	if (rc == 1 && !mc_hash_same(&have, &root))
		wrong(&v->w, "E_LOG", (int64_t)(n * MC_BUNDLE), NONE,
		    "bundle %" PRIu64 " (events %" PRIu64 " to %" PRIu64
		    ") has another root than its events",
		    n, n * MC_BUNDLE, n * MC_BUNDLE + MC_BUNDLE - 1);
	if (rc == 1)
		rc = mc_db_int(v->db, MC_SQL_BUNDLE_LAST_AT,
		    MC_ARGS(MC_INT((int64_t)n)), &last, MC_NEVER, err);
	if (rc == 1 && last != v->w.last_at)
		wrong(&v->w, "E_LOG", (int64_t)(n * MC_BUNDLE), NONE,
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
			wrong(&v->w, "E_LOG", (int64_t)(seq + i), NONE,
			    "event %" PRIu64 " cannot be read: %s", seq + i,
			    rc == 0 ? "it is not there" : err->msg);
			mc_err_clear(err);
			v->unreadable = true;
			v->w.next = whole ? (n + 1) * MC_BUNDLE : seq + 1;
			return 1;
		}
		if (rc == -1)
			return -1;
		mc_leaf_hash(body.p, body.len, &leaf[i]);
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
			wrong(&v->w, "E_LOG", -1, NONE,
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
		wrong(&v->w, "E_LOG", -1, NONE,
		    "the tree's right edge is not that of its %" PRIu64
		    " events",
		    tree->size);
	if (last_at != v->w.last_at)
		wrong(&v->w, "E_LOG", -1, NONE,
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
				wrong(&v->w, "E_SITE", 0, NONE,
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
		wrong(&v->w, "E_LOG", -1, NONE, "%s", err->msg);
		mc_err_clear(err);
		return 0;
	}
	if (mc_cur_open(&v->personal, v->db, MC_SQL_CHECK_PERSONAL, MC_NOARGS,
		err) == -1 ||
	    next_personal(v, err) == -1)
		return -1;
	if (have.size == 0)
		wrong(&v->w, "E_LOG", -1, NONE, "there is no event in it");
	while ((rc = check_some(v, log, have.size, err)) == 1)
		;
	for (; rc == 0 && v->more; rc = next_personal(v, err))
		stray_personal(v, mc_cur_int(v->personal, 0, -1));
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
	mc_cur_close(v.personal);
	mc_log_free(log);
	mc_vec_free(&v.missing);
	mc_vec_free(&v.erased);
	walk_free(&v.w);
	return rc;
}

/* ---- a file ---- */

/* A record's members that are looked at, in the order they are written in. */
enum member {
	M_SCHEMA,
	M_SEQ,
	M_CODE,
	M_AT,
	M_RECORDED_AT,
	M_KIND,
	M_ACTIVITY,
	M_ACTOR,
	M_UNIT,
	M_STEP,
	M_OFFICER,
	M_STATUS,
	M_CHANNEL,
	M_PROCEDURE,
	M_DUE_AT,
	M_VERDICT,
	M_RUN,
	M_PERSONAL,
	M_SALT,
	M_BODY,
	M_LEAF,
	M__COUNT
};

static const char *const members[] = {
	[M_SCHEMA] = "schema",
	[M_SEQ] = "seq",
	[M_CODE] = "code",
	[M_AT] = "at",
	[M_RECORDED_AT] = "recorded_at",
	[M_KIND] = "kind",
	[M_ACTIVITY] = "activity",
	[M_ACTOR] = "actor",
	[M_UNIT] = "unit",
	[M_STEP] = "step",
	[M_OFFICER] = "officer",
	[M_STATUS] = "status",
	[M_CHANNEL] = "channel",
	[M_PROCEDURE] = "procedure",
	[M_DUE_AT] = "due_at",
	[M_VERDICT] = "verdict",
	[M_RUN] = "run",
	[M_PERSONAL] = "personal",
	[M_SALT] = "salt",
	[M_BODY] = "body",
	[M_LEAF] = "leaf",
};

struct value {
	enum { ABSENT, IS_NULL, IS_INT, IS_TEXT, OTHER } type;
	struct mc_str s;
	int64_t n;
};

struct record {
	struct value v[M__COUNT];
	const struct mc_json *personal;
	struct mc_buf text; /* what had to be unescaped */
};

/*
 * Most lines are as audit-export wrote them: flat, plain escapes, known
 * members in their order.  Reading those needs no tree.  For anything else
 * these return false, and the whole line goes through the parser.
 */
static bool
plain_string(
    struct record *r, const char **pp, const char *end, struct mc_str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = *pp, *start = p, *e;
	size_t at = r->text.len;
	bool escaped = false;

	for (; p < end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return false;
		if (*p != '\\')
			continue;
		if (++p == end || *p == '\0' || (e = strchr(from, *p)) == NULL)
			return false;
		mc_buf_add(&r->text, start, (size_t)(p - 1 - start));
		mc_buf_putc(&r->text, to[e - from]);
		start = p + 1;
		escaped = true;
	}
	if (p == end)
		return false;
	*pp = p + 1;
	*out = (struct mc_str){ start, (size_t)(p - start) };
	if (escaped) {
		mc_buf_add(&r->text, start, (size_t)(p - start));
		*out = (struct mc_str){ r->text.p + at, r->text.len - at };
	}
	return true;
}

static bool
plain_value(struct record *r, const char **pp, const char *end, struct value *v)
{
	const char *p = *pp, *start = p;

	if (p < end && *p == '"') {
		v->type = IS_TEXT;
		++*pp;
		return plain_string(r, pp, end, &v->s);
	}
	if (end - p > 4 && memcmp(p, "null", 4) == 0) {
		v->type = IS_NULL;
		*pp = p + 4;
		return true;
	}
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	v->type = IS_INT;
	*pp = p;
	return (p - start < 2 || *start != '0') &&
	       mc_int_parse(&v->n,
		   (struct mc_str){ start, (size_t)(p - start) }, 0, INT64_MAX);
}

static bool
plain_record(struct record *r, struct mc_str line)
{
	const char *p = line.p, *end = p + line.len;
	size_t n;
	int m = 0;

	mc_buf_reset(&r->text);
	mc_buf_room(&r->text, line.len); /* so that views of it stay */
	if (p == end || *p++ != '{')
		return false;
	for (;; p++) {
		for (; m < M__COUNT; m++) {
			n = strlen(members[m]);
			if ((size_t)(end - p) > n + 3 && p[0] == '"' &&
			    memcmp(p + 1, members[m], n) == 0 &&
			    p[n + 1] == '"' && p[n + 2] == ':')
				break;
		}
		if (m == M__COUNT)
			return false;
		p += n + 3;
		if (!plain_value(r, &p, end, &r->v[m++]) || p == end)
			return false;
		if (*p == '}')
			return p + 1 == end;
		if (*p != ',')
			return false;
	}
}

static void
parsed_record(struct record *r, const struct mc_json *doc)
{
	const struct mc_json *v;
	struct value *to;
	int m;

	for (m = 0; m < M__COUNT; m++) {
		to = &r->v[m];
		v = mc_json_get(doc, members[m]);
		to->type = OTHER;
		if (v == NULL)
			to->type = ABSENT;
		else if (mc_json_type(v) == MC_JSON_NULL)
			to->type = IS_NULL;
		else if (mc_json_int(v, &to->n))
			to->type = IS_INT;
		else if (mc_json_str(v) != NULL) {
			to->type = IS_TEXT;
			to->s = mc_str(mc_json_str(v));
		}
	}
	r->personal = mc_json_get(doc, members[M_PERSONAL]);
}

static void
differs(struct walk *w, enum member m)
{
	wrong(w, "E_MEMBER", (int64_t)w->e.seq, w->e.code,
	    "\"%s\" of event %" PRIu64 " is not what its body says", members[m],
	    w->e.seq);
}

/* Absent members say nothing; null says that there is none. */
static void
same_text(
    struct walk *w, const struct record *r, enum member m, struct mc_str want)
{
	const struct value *v = &r->v[m];

	if (v->type != ABSENT &&
	    (v->type == IS_NULL ? want.p != NULL
				: v->type != IS_TEXT || want.p == NULL ||
				      !mc_str_same(v->s, want)))
		differs(w, m);
}

static void
same_int(struct walk *w, const struct record *r, enum member m, bool present,
    int64_t want)
{
	const struct value *v = &r->v[m];

	if (v->type != ABSENT &&
	    (v->type == IS_NULL
		    ? present
		    : v->type != IS_INT || !present || v->n != want))
		differs(w, m);
}

/* RFC 3339 has its own offset: any zone will do. */
static void
same_time(struct walk *w, const struct record *r, enum member m,
    const struct mc_zone *utc, int64_t want)
{
	const struct value *v = &r->v[m];
	struct mc_err ignored = MC_ERR_INIT;
	bool cut = false, day_only = false;
	int64_t ms;

	if (v->type != ABSENT &&
	    (v->type == IS_NULL ? want != MC_NEVER
				: v->type != IS_TEXT ||
				      mc_time_parse(&ms, v->s, utc, &day_only,
					  &cut, &ignored) == -1 ||
				      day_only || cut || ms != want))
		differs(w, m);
}

static void
file_personal(struct walk *w, const struct record *r)
{
	const struct value *salt = &r->v[M_SALT];
	struct mc_err ignored = MC_ERR_INIT;
	unsigned char raw[16];

	if (r->v[M_PERSONAL].type <= IS_NULL)
		return;
	mc_buf_reset(&w->again);
	if (r->personal == NULL || !w->e.has_personal ||
	    salt->type != IS_TEXT ||
	    !mc_base64_get(salt->s, raw, sizeof(raw)) ||
	    mc_json_canonical(&w->again, r->personal, &ignored) == -1 ||
	    !commits_to(
		&w->e, raw, (struct mc_str){ w->again.p, w->again.len }))
		wrong(w, "E_PERSONAL", (int64_t)w->e.seq, w->e.code,
		    "the personal values of event %" PRIu64
		    " are not those that it commits to",
		    w->e.seq);
}

/* What repeats the body has to agree with it. */
static void
same_members(struct walk *w, const struct record *r, const struct mc_zone *utc)
{
	static const struct {
		enum member member;
		enum mc_event_field field;
	} texts[] = {
		{ M_ACTIVITY, MC_F_ACTIVITY },
		{ M_UNIT, MC_F_UNIT },
		{ M_STEP, MC_F_STEP },
		{ M_OFFICER, MC_F_OFFICER },
		{ M_STATUS, MC_F_STATUS },
		{ M_CHANNEL, MC_F_CHANNEL },
		{ M_PROCEDURE, MC_F_PROCEDURE },
		{ M_VERDICT, MC_F_VERDICT },
	};
	const struct mc_event *e = &w->e;
	size_t i;

	same_int(w, r, M_SEQ, true, (int64_t)e->seq);
	same_text(w, r, M_CODE, e->code.len > 0 ? e->code : NONE);
	same_time(w, r, M_AT, utc, e->at);
	same_time(w, r, M_RECORDED_AT, utc, e->recorded_at);
	same_text(w, r, M_KIND, mc_str(mc_kind_name(e->kind)));
	same_text(w, r, M_ACTOR, e->actor);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		same_text(
		    w, r, texts[i].member, mc_event_get(e, texts[i].field));
	same_time(w, r, M_DUE_AT, utc, mc_event_num(e, MC_F_DUE_AT, MC_NEVER));
	same_int(w, r, M_RUN, mc_event_has(e, MC_F_RUN),
	    mc_event_num(e, MC_F_RUN, 0));
	file_personal(w, r);
}

/* Numbers follow each other, but in what somebody has selected. */
static void
check_number(struct walk *w, const struct mc_hash *leaf)
{
	uint64_t seq = w->e.seq;

	if (w->r->events == 0) {
		w->r->first = seq;
		w->r->has_root = seq == 0;
	} else if (seq != w->next && w->r->first == 0) {
		w->r->has_root = false;
		wrong(w, "E_GAP", (int64_t)seq, w->e.code,
		    "event %" PRIu64 " stands where %" PRIu64 " should", seq,
		    w->next);
	} else if (seq != w->next && !w->selection) {
		w->selection = true; /* said once is enough */
		wrong(w, "W_GAP", (int64_t)seq, w->e.code,
		    "a selection: event %" PRIu64 " stands where %" PRIu64
		    " would, were it all; each was verified by itself",
		    seq, w->next);
	}
	if (w->r->has_root)
		mc_tree_push(&w->tree, leaf);
	/* In a selection by dossier, times begin anew with each. */
	if (w->selection)
		w->last_at = MC_NEVER;
	w->r->events++;
	w->next = seq + 1;
}

/* A line that cannot be read stood for an event, as it seems. */
static void
lost(struct walk *w)
{
	w->r->has_root = false;
	w->next++;
}

static void
check_record(struct walk *w, const struct record *r, const struct mc_zone *utc)
{
	const struct value *v = r->v;
	struct mc_err why = MC_ERR_INIT;
	struct mc_hash have, want;

	if (v[M_SCHEMA].type != IS_TEXT ||
	    !mc_str_is(v[M_SCHEMA].s, "motcua.event/1") ||
	    v[M_BODY].type != IS_TEXT || v[M_LEAF].type != IS_TEXT) {
		lost(w);
		wrong(w, "E_FIELD", -1, NONE,
		    "no motcua.event/1 record with body and leaf");
		return;
	}
	mc_leaf_hash(v[M_BODY].s.p, v[M_BODY].s.len, &have);
	if (mc_event_decode(&w->e, v[M_BODY].s, &w->scratch, &why) == -1) {
		lost(w);
		wrong(w, "E_LOG", -1, NONE, "%s", why.msg);
		return;
	}
	if (!mc_base64_get(v[M_LEAF].s, want.b, MC_HASH_LEN) ||
	    !mc_hash_same(&have, &want))
		wrong(w, "E_LOG", (int64_t)w->e.seq, w->e.code,
		    "the leaf of event %" PRIu64 " is not the hash of its body",
		    w->e.seq);
	check_number(w, &have);
	check_raw(w);
	check_place(w);
	same_members(w, r, utc);
}

/* One line; false when it is no record at all. */
static bool
check_line(struct walk *w, struct record *r, struct mc_str line,
    const struct mc_zone *utc, struct mc_err *why)
{
	struct mc_json *doc;

	memset(r->v, 0, sizeof(r->v));
	r->personal = NULL;
	if (plain_record(r, line)) {
		check_record(w, r, utc);
		return true;
	}
	if (mc_json_parse(&doc, "", line, why) == -1)
		return false;
	parsed_record(r, doc);
	check_record(w, r, utc);
	mc_json_free(doc);
	return true;
}

static int
check_lines(struct walk *w, struct mc_source *src, const struct mc_zone *utc,
    struct mc_err *err)
{
	struct record r = { .personal = NULL };
	struct mc_err why = MC_ERR_INIT;
	struct mc_str line;
	int rc;

	while ((rc = mc_line_next(src, &line, &w->line, true, err)) != 0) {
		if (rc == -1 && err->code != MC_EDATA)
			break;
		mc_err_clear(&why);
		if (rc == -1) {
			why = *err;
			mc_err_clear(err);
		} else if (check_line(w, &r, line, utc, &why)) {
			continue;
		}
		lost(w);
		wrong(w, "E_JSON", -1, NONE, "%s", why.msg);
	}
	mc_buf_free(&r.text);
	return rc;
}

int
mc_audit_verify_file(struct mc_source *src, struct mc_findings *f,
    struct mc_audit_result *out, struct mc_err *err)
{
	struct walk w = { .f = f, .r = out, .last_at = MC_NEVER };
	struct mc_zone *utc = NULL;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (mc_zone_open(&utc, "UTC", err) == 0)
		rc = check_lines(&w, src, utc, err);
	w.line = 0;
	if (rc == 0 && out->events == 0 && f->n == 0)
		wrong(&w, "E_LOG", -1, NONE, "there is no event in it");
	mc_tree_root(&w.tree, &out->root);
	mc_zone_free(utc);
	walk_free(&w);
	return rc;
}
