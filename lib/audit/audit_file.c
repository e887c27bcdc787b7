/* audit_file.c - an exported file, verified. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/text.h>

#include "audit_internal.h"

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
	size_t n = 0;
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
differs(struct mc_walk *w, enum member m)
{
	mc_walk_wrong(w, "E_MEMBER", (int64_t)w->e.seq, w->e.code,
	    "\"%s\" of event %" PRIu64 " is not what its body says", members[m],
	    w->e.seq);
}

/* Absent members say nothing; null says that there is none. */
static void
same_text(struct mc_walk *w, const struct record *r, enum member m,
    struct mc_str want)
{
	const struct value *v = &r->v[m];

	if (v->type != ABSENT &&
	    (v->type == IS_NULL ? want.p != NULL
				: v->type != IS_TEXT || want.p == NULL ||
				      !mc_str_same(v->s, want)))
		differs(w, m);
}

static void
same_int(struct mc_walk *w, const struct record *r, enum member m, bool present,
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
same_time(struct mc_walk *w, const struct record *r, enum member m,
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
file_personal(struct mc_walk *w, const struct record *r)
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
	    !mc_walk_commits(
		&w->e, raw, (struct mc_str){ w->again.p, w->again.len }))
		mc_walk_wrong(w, "E_PERSONAL", (int64_t)w->e.seq, w->e.code,
		    "the personal values of event %" PRIu64
		    " are not those that it commits to",
		    w->e.seq);
}

/* What repeats the body has to agree with it. */
static void
same_members(
    struct mc_walk *w, const struct record *r, const struct mc_zone *utc)
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

	/* By the code events are selected, so it does not do to leave it out. */
	if (r->v[M_CODE].type == ABSENT && e->code.len > 0)
		differs(w, M_CODE);
	same_int(w, r, M_SEQ, true, (int64_t)e->seq);
	same_text(w, r, M_CODE, e->code.len > 0 ? e->code : NO_CODE);
	same_time(w, r, M_AT, utc, e->at);
	same_time(w, r, M_RECORDED_AT, utc, e->recorded_at);
	same_text(w, r, M_KIND, mc_kind_str(e->kind));
	same_text(w, r, M_ACTOR, e->actor);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		same_text(
		    w, r, texts[i].member, mc_event_get(e, texts[i].field));
	same_time(w, r, M_DUE_AT, utc, mc_event_num(e, MC_F_DUE_AT, MC_NEVER));
	same_int(w, r, M_RUN, mc_event_has(e, MC_F_RUN),
	    mc_event_num(e, MC_F_RUN, 0));
	file_personal(w, r);
}

static void
note_number(struct mc_walk *w, uint64_t seq)
{
	struct mc_stretch *last =
	    w->stretch.n > 0 ? &w->stretch.p[w->stretch.n - 1] : NULL;

	if (last != NULL && last->to == seq &&
	    last->line + (int64_t)(seq - last->from) == w->line)
		last->to++;
	else
		mc_vec_push(&w->stretch,
		    ((struct mc_stretch){ seq, seq + 1, w->line }));
}

static int
by_number(const void *va, const void *vb)
{
	const struct mc_stretch *a = va, *b = vb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* A selection has each event once, in whatever order. */
static void
check_twice(struct mc_walk *w)
{
	const struct mc_stretch *s, *far = w->stretch.p;
	uint64_t seq;
	int64_t lines[2];
	size_t i;

	if (w->stretch.n > 1)
		qsort(w->stretch.p, w->stretch.n, sizeof(*w->stretch.p),
		    by_number);
	for (i = 1; i < w->stretch.n; i++) {
		s = &w->stretch.p[i];
		for (seq = s->from; seq < s->to && seq < far->to; seq++) {
			lines[0] = far->line + (int64_t)(seq - far->from);
			lines[1] = s->line + (int64_t)(seq - s->from);
			w->line = lines[lines[0] < lines[1]];
			mc_walk_wrong(w, "E_DUPLICATE", (int64_t)seq, NO_CODE,
			    "event %" PRIu64 " stands in line %" PRId64
			    " already",
			    seq, lines[lines[0] > lines[1]]);
		}
		if (s->to > far->to)
			far = s;
	}
}

/* Numbers follow each other, but in what somebody has selected. */
static void
check_number(struct mc_walk *w, const struct mc_hash *leaf)
{
	uint64_t seq = w->e.seq;

	if (w->r->events == 0) {
		w->r->first = seq;
		w->r->has_root = seq == 0;
	} else if (seq != w->next && w->r->first == 0) {
		w->r->has_root = false;
		mc_walk_wrong(w, "E_GAP", (int64_t)seq, w->e.code,
		    "event %" PRIu64 " stands where %" PRIu64 " should", seq,
		    w->next);
	} else if (seq != w->next && seq + 1 != w->next && !w->selection) {
		w->selection = true; /* said once is enough */
		mc_walk_wrong(w, "W_GAP", (int64_t)seq, w->e.code,
		    "a selection: event %" PRIu64 " stands where %" PRIu64
		    " would, were it all; each was verified by itself",
		    seq, w->next);
	}
	if (w->r->first > 0)
		note_number(w, seq);
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
lost(struct mc_walk *w)
{
	w->r->has_root = false;
	w->next++;
}

static void
check_record(
    struct mc_walk *w, const struct record *r, const struct mc_zone *utc)
{
	const struct value *v = r->v;
	struct mc_err why = MC_ERR_INIT;
	struct mc_hash have, want;

	if (v[M_SCHEMA].type != IS_TEXT ||
	    !mc_str_is(v[M_SCHEMA].s, "motcua.event/1") ||
	    v[M_BODY].type != IS_TEXT || v[M_LEAF].type != IS_TEXT) {
		lost(w);
		mc_walk_wrong(w, "E_FIELD", -1, NO_CODE,
		    "no motcua.event/1 record with body and leaf");
		return;
	}
	mc_leaf_hash(v[M_BODY].s.p, v[M_BODY].s.len, &have);
	if (mc_event_decode(&w->e, v[M_BODY].s, &w->scratch, &why) == -1) {
		lost(w);
		mc_walk_wrong(w, "E_LOG", -1, NO_CODE, "%s", why.msg);
		return;
	}
	if (!mc_base64_get(v[M_LEAF].s, want.b, MC_HASH_LEN) ||
	    !mc_hash_same(&have, &want))
		mc_walk_wrong(w, "E_LOG", (int64_t)w->e.seq, w->e.code,
		    "the leaf of event %" PRIu64 " is not the hash of its body",
		    w->e.seq);
	check_number(w, &have);
	mc_walk_raw(w);
	mc_walk_place(w);
	same_members(w, r, utc);
}

/* One line; false when it is no record at all. */
static bool
check_line(struct mc_walk *w, struct record *r, struct mc_str line,
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
check_lines(struct mc_walk *w, struct mc_source *src, const struct mc_zone *utc,
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
		mc_walk_wrong(w, "E_JSON", -1, NO_CODE, "%s", why.msg);
	}
	mc_buf_free(&r.text);
	return rc;
}

int
mc_audit_verify_file(struct mc_source *src, struct mc_findings *f,
    struct mc_audit_result *out, struct mc_err *err)
{
	struct mc_walk w = { .f = f, .r = out, .last_at = MC_NEVER };
	struct mc_zone *utc = NULL;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (mc_zone_open(&utc, "UTC", err) == 0)
		rc = check_lines(&w, src, utc, err);
	if (rc == 0)
		check_twice(&w);
	w.line = 0;
	if (rc == 0 && out->events == 0 && f->n == 0)
		mc_walk_wrong(
		    &w, "E_LOG", -1, NO_CODE, "there is no event in it");
	mc_tree_root(&w.tree, &out->root);
	mc_zone_free(utc);
	mc_walk_free(&w);
	return rc;
}
