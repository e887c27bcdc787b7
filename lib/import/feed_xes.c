/* feed_xes.c - rows of an event log in XES; see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/event.h>
#include <motcua/json.h>
#include <motcua/text.h>
#include <motcua/xes.h>

#include "feed_internal.h"

static int
bind_them(struct mc_feed *f, struct mc_err *err)
{
	mc_binding_free(&f->binding);
	if (mc_map_bind(f->map, f->name, 0, f->source.p, f->source.n, false,
		&f->binding, &f->ignored, err) == -1)
		return -1;
	f->binding.unplaced = true;
	return 0;
}

int
mc_feed_bind_sources(struct mc_feed *f, struct mc_err *err)
{
	f->source.p =
	    mc_calloc(MC_COL__COUNT + MC_MAP_FIELDS, sizeof(*f->source.p));
	f->source.cap = MC_COL__COUNT + MC_MAP_FIELDS;
	f->source.n = f->from_map = mc_map_sources(f->map, f->source.p);
	return bind_them(f, err);
}

static void
forget_fields(struct mc_feed *f)
{
	while (f->source.n > f->from_map)
		free((void *)(uintptr_t)f->source.p[--f->source.n].p);
}

void
mc_feed_free_sources(struct mc_feed *f)
{
	forget_fields(f);
	mc_vec_free(&f->source);
}

int
mc_feed_add_fields(struct mc_feed *f, size_t n,
    struct mc_str (*name)(const void *arg, size_t i), const void *arg,
    struct mc_err *err)
{
	size_t before = f->source.n, i;
	struct mc_str s, field;
	bool again = false;

	for (i = 0; i < n; i++) {
		s = name(arg, i);
		if (!mc_map_any_field(f->map, s, &field) ||
		    mc_feed_source_of(f, s) != -1)
			continue;
		/* Too many are other dossiers': only this one's, then. */
		if (f->source.n - f->from_map >= MC_MAP_FIELDS) {
			if (again)
				return mc_err(err, MC_EDATA, "E_LIMIT",
				    "more than %d fields", MC_MAP_FIELDS);
			again = true;
			forget_fields(f);
			before = SIZE_MAX;
			i = (size_t)-1;
			continue;
		}
		mc_vec_push(&f->source,
		    ((struct mc_str){ mc_strndup(s.p, s.len), s.len }));
	}
	return f->source.n == before ? 0 : bind_them(f, err);
}

/* The row's column of that name; -1: the map has none. */
int
mc_feed_source_of(const struct mc_feed *f, struct mc_str name)
{
	size_t i;

	for (i = 0; i < f->source.n; i++)
		if (mc_str_same(f->source.p[i], name))
			return (int)i;
	return -1;
}

/* An object brought to the form that is hashed. */
int
mc_feed_canonical(struct mc_str json, struct mc_buf *out, struct mc_err *err)
{
	struct mc_json *doc;
	int rc;

	mc_buf_reset(out);
	if (mc_json_parse(&doc, "", json, err) == -1)
		return -1;
	rc = mc_json_count(doc) == 0 ? 0 : mc_json_canonical(out, doc, err);
	mc_json_free(doc);
	return rc;
}

static void
put_member(struct mc_jw *w, const struct mc_xes_attr *a)
{
	/* A key is any text: the writer's own keys are plain. */
	mc_jw_name(w, a->name);
	mc_jw_str(w, a->value);
}

/* Attributes that no column takes: of the trace, public, the others. */
enum keep { KEEP_TRACE, KEEP_PLAIN, KEEP_EVENT, KEEP__COUNT };

static enum keep
kept_as(const struct mc_xes_attr *a)
{
	return a->trace ? KEEP_TRACE : a->plain ? KEEP_PLAIN : KEEP_EVENT;
}

/* What an export of ours adds, and a dossier or an event says anyway. */
static bool
is_ours(const struct mc_xes_attr *a)
{
	size_t skip = a->trace ? sizeof(MC_XES_TRACE) - 1 : 0,
	       n = sizeof(MC_XES_OURS) - 1;

	return a->name.len > skip + n &&
	       memcmp(a->name.p + skip, MC_XES_OURS, n) == 0;
}

static int
keep(struct mc_feed *f, const struct mc_xes_row *row, enum keep what,
    struct mc_buf *out, struct mc_err *err)
{
	struct mc_buf json = { 0 };
	struct mc_jw w = mc_jw(&json);
	bool any = false;
	size_t i;
	int rc = 0;

	mc_jw_open(&w, '{');
	for (i = 0; i < row->n; i++) {
		if (kept_as(&row->attr[i]) != what || is_ours(&row->attr[i]) ||
		    mc_feed_source_of(f, row->attr[i].name) != -1)
			continue;
		put_member(&w, &row->attr[i]);
		any = true;
	}
	mc_jw_close(&w, '}');
	mc_buf_reset(out);
	if (any)
		rc = mc_feed_canonical(
		    (struct mc_str){ json.p, json.len }, out, err);
	mc_buf_free(&json);
	return rc;
}

/* The row as a reject file has it: NDJSON that the same map reads. */
static void
put_raw(struct mc_feed *f, const struct mc_xes_row *row)
{
	struct mc_jw w;
	size_t i;

	mc_buf_reset(&f->text);
	w = mc_jw(&f->text);
	mc_jw_open(&w, '{');
	for (i = 0; i < row->n; i++)
		if (!mc_str_is(row->attr[i].name, MC_XES_KIND))
			put_member(&w, &row->attr[i]);
	if (row->no_event) {
		mc_jw_key(&w, MC_XES_KIND);
		mc_jw_strz(&w, mc_kind_name(MC_K_RECEIVED));
	}
	mc_jw_close(&w, '}');
}

static struct mc_str
attribute_name(const void *row, size_t i)
{
	return ((const struct mc_xes_row *)row)->attr[i].name;
}

/* What the row's trace says of itself in a log of ours; "": nothing. */
static struct mc_str
said(const struct mc_xes_row *row, const char *key)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (row->attr[i].trace && mc_str_is(row->attr[i].name, key))
			return row->attr[i].value;
	return (struct mc_str){ "", 0 };
}

static int
take_row(struct mc_feed *f, const struct mc_xes_row *row,
    struct mc_intake_extra *extra, int32_t *column, struct mc_err *err)
{
	struct mc_str raw = { f->text.p, f->text.len };
	size_t i;
	int c;

	if (row->bad.code != MC_OK) {
		*err = row->bad;
		return -1;
	}
	if (mc_feed_add_fields(f, row->n, attribute_name, row, err) == -1)
		return -1;
	f->value.n = 0;
	for (i = 0; i < f->source.n; i++)
		mc_vec_push(&f->value, ((struct mc_str){ "", 0 }));
	for (i = 0; i < row->n; i++) {
		c = mc_feed_source_of(f, row->attr[i].name);
		if (c != -1)
			f->value.p[c] = row->attr[i].value;
	}
	if (row->trace != f->trace || row->trace == 0) {
		if (keep(f, row, KEEP_TRACE, &f->kept[0], err) == -1)
			return -1;
		f->trace = row->trace;
	}
	if (keep(f, row, KEEP_PLAIN, &f->kept[1], err) == -1 ||
	    keep(f, row, KEEP_EVENT, &f->kept[2], err) == -1)
		return -1;
	*extra = (struct mc_intake_extra){
		.dossier = { f->kept[0].p, f->kept[0].len },
		.attributes = { f->kept[1].p, f->kept[1].len },
		.event = { f->kept[2].p, f->kept[2].len },
		.no_event = row->no_event,
		/* Of a log that is not ours each was promised. */
		.due_by_rules = mc_str_is(
		    said(row, MC_XES_TRACE MC_XES_DUE_SOURCE), "computed"),
		.due_day = said(row, MC_XES_TRACE MC_XES_DUE_DAY),
		.unreceived =
		    said(row, MC_XES_TRACE MC_XES_REGISTERED_AT).len > 0,
	};
	return mc_feed_check(f, &f->binding, f->value.p, f->value.n, raw,
	    row->line, column, err);
}

static void
warn_nested(struct mc_feed *f)
{
	int64_t line, column, n = mc_xes_nested(f->xes, &line, &column);

	if (n == 0 || f->warning.code != MC_OK)
		return;
	mc_err(&f->warning, MC_EDATA, "W_NESTED",
	    "%lld attribute%s or list%s inside others: passed over",
	    (long long)n, n == 1 ? "" : "s", n == 1 ? "" : "s");
	mc_err_at(&f->warning, f->name, line, column);
}

static void
hand_over(struct mc_feed *f, struct mc_intake *in, const struct mc_xes_row *row)
{
	struct mc_intake_extra extra;
	struct mc_err err = MC_ERR_INIT;
	int32_t column = 0;
	struct mc_str raw;

	put_raw(f, row);
	raw = (struct mc_str){ f->text.p, f->text.len };
	mc_intake_bind(in, f->name, &f->binding);
	if (take_row(f, row, &extra, &column, &err) == -1) {
		mc_err_at(&err, f->name, row->line, row->column);
		mc_intake_bad_row(in, row->line, raw, &err);
		return;
	}
	mc_intake_row_with(
	    in, f->value.p, NULL, f->value.n, row->line, raw, &extra);
}

/* ---- a reject file's rows ---- */

static void
take_member(struct mc_feed *f, const struct mc_json *v, const char *key,
    struct mc_xes_row *row)
{
	struct mc_xes_attr a = { .name = mc_str(key),
		.value = mc_str(mc_json_str(v)) };
	size_t n = sizeof(MC_XES_TRACE) - 1;

	if (key[0] == '_')
		return;
	if (mc_json_str(v) == NULL && row->bad.code == MC_OK)
		mc_err(&row->bad, MC_EDATA, "E_JSON", "\"%s\" is no text", key);
	a.trace = strncmp(key, MC_XES_TRACE, n) == 0;
	a.plain = !a.trace && mc_xes_is_plain(a.name);
	if (strcmp(key, MC_XES_KIND) == 0)
		row->no_event = true;
	mc_vec_push(&f->attr, a);
}

static int
next_reject(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	struct mc_xes_row row = { .n = 0 };
	struct mc_json *doc = NULL;
	const struct mc_json *v;
	struct mc_str line;
	const char *key;
	size_t i;
	int rc;

	do
		rc = mc_line_next(f->src, &line, &row.line, wait, err);
	while (rc == 1 && mc_str_trim(line).len == 0);
	if (rc == 0 || rc == MC_WOULD_BLOCK ||
	    (rc == -1 && err->code != MC_EDATA))
		return rc;
	f->attr.n = 0;
	if (rc == -1 || mc_json_parse(&doc, f->name, line, err) == -1 ||
	    mc_json_type(doc) != MC_JSON_OBJECT) {
		if (err->code == MC_OK)
			mc_err(err, MC_EDATA, "E_JSON", "a row is an object");
		err->where[0] = '\0';
		mc_err_at(err, f->name, row.line, 0);
		mc_intake_bind(in, f->name, &f->binding);
		mc_intake_bad_row(in, row.line, line, err);
		mc_err_clear(err);
	} else {
		for (i = 0; i < mc_json_count(doc); i++) {
			v = mc_json_member(doc, i, &key);
			take_member(f, v, key, &row);
		}
		row.attr = f->attr.p;
		row.n = f->attr.n;
		hand_over(f, in, &row);
	}
	mc_json_free(doc);
	return 1;
}

int
mc_feed_next_xes(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	struct mc_xes_row row;
	int rc;

	if (f->mended)
		return next_reject(f, in, wait, err);
	rc = mc_xes_next(f->xes, &row, wait, err);
	if (rc == 0)
		warn_nested(f);
	if (rc == 1)
		hand_over(f, in, &row);
	return rc;
}

void
mc_feed_free_xes(struct mc_feed *f)
{
	mc_xes_free(f->xes);
	mc_vec_free(&f->attr);
}

/* Is it what a reject file of ours is, and not XML? */
static int
look(struct mc_feed *f, struct mc_err *err)
{
	const char *p;
	size_t n;

	if (mc_source_peek(f->src, &p, &n, false, true, err) == -1)
		return -1;
	f->mended = n > 0 && p[0] == '{';
	return 0;
}

int
mc_feed_open_xes(struct mc_feed *f, struct mc_err *err)
{
	if (!mc_map_events(f->map)) {
		mc_err(err, MC_EDATA, "E_MAP",
		    "rows of XES are events, those of the map are not");
		return mc_err_advise(
		    err, "say so in the map: \"rows\": \"events\"");
	}
	f->xes = mc_xes_new(f->src);
	f->json = true; /* what its rejects are */
	return look(f, err) == -1 ? -1 : mc_feed_bind_sources(f, err);
}
