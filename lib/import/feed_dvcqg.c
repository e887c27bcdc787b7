/* feed_dvcqg.c - rows of the national portal's JSON; see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/dvcqg.h>
#include <motcua/json.h>
#include <motcua/text.h>

#include "feed_internal.h"

static bool
is_empty(const struct mc_json *v)
{
	switch (mc_json_type(v)) {
	case MC_JSON_NULL:
		return true;
	case MC_JSON_STRING:
		return *mc_json_str(v) == '\0';
	case MC_JSON_ARRAY:
	case MC_JSON_OBJECT:
		return mc_json_count(v) == 0;
	default:
		return false;
	}
}

/* Kept values are nested in what they are kept in, and that in an event. */
#define DEPTH 32

static bool put_value(struct mc_jw *w, const struct mc_json *v, int depth);

static bool
put_parts(struct mc_jw *w, const struct mc_json *v, int depth)
{
	bool list = mc_json_type(v) == MC_JSON_ARRAY, ok = true;
	const struct mc_json *part;
	const char *key;
	size_t i;

	if (depth == DEPTH)
		return false;
	mc_jw_open(w, list ? '[' : '{');
	for (i = 0; i < mc_json_count(v) && ok; i++) {
		part = list ? mc_json_at(v, i) : mc_json_member(v, i, &key);
		if (!list)
			mc_jw_name(w, mc_str(key));
		ok = put_value(w, part, depth + 1);
	}
	mc_jw_close(w, list ? ']' : '}');
	return ok;
}

/* Any value, numbers that have no one form as text; false: too deep. */
static bool
put_value(struct mc_jw *w, const struct mc_json *v, int depth)
{
	struct mc_buf scratch = { 0 };
	const char *s;
	int64_t n;

	switch (mc_json_type(v)) {
	case MC_JSON_NULL:
		mc_jw_null(w);
		break;
	case MC_JSON_BOOL:
		mc_jw_bool(w, mc_json_bool(v));
		break;
	case MC_JSON_STRING:
		mc_jw_strz(w, mc_json_str(v));
		break;
	case MC_JSON_INT:
	case MC_JSON_REAL:
		s = mc_json_decimal(v, &scratch);
		if (mc_json_int(v, &n) && n > -(INT64_C(1) << 53) &&
		    n < INT64_C(1) << 53)
			mc_jw_int(w, n);
		else
			mc_jw_strz(w, s != NULL ? s : mc_json_real(v));
		break;
	case MC_JSON_ARRAY:
	case MC_JSON_OBJECT:
		return put_parts(w, v, depth);
	}
	mc_buf_free(&scratch);
	return true;
}

/* The text of a member that is to be one; "" for none. */
static const char *
text_of(const struct mc_json *doc, const char *name)
{
	const char *s = mc_json_str(mc_json_get(doc, name));

	return s == NULL ? "" : s;
}

static struct mc_str *
column(struct mc_feed *f, const char *name)
{
	int c = mc_feed_source_of(f, mc_str(name));

	return c == -1 ? NULL : &f->value.p[c];
}

static void
fill(struct mc_feed *f, const char *name, const char *text, bool *used)
{
	struct mc_str *to = column(f, name);

	if (to == NULL || to->len > 0 || *text == '\0')
		return;
	*to = mc_str(text);
	if (used != NULL)
		*used = true;
}

static struct mc_str
member_name(const void *doc, size_t i)
{
	const char *key;

	mc_json_member(doc, i, &key);
	return mc_str(key);
}

/* Scalars of the members that are columns; numbers' texts go to `text`. */
static int
take_columns(struct mc_feed *f, const struct mc_json *doc, struct mc_err *err)
{
	const struct mc_json *v;
	struct mc_buf scratch = { 0 };
	const char *key, *s;
	size_t i;
	int c, rc = 0;

	if (mc_feed_add_fields(f, mc_json_count(doc), member_name, doc, err) ==
	    -1)
		return -1;
	f->value.n = 0;
	for (i = 0; i < f->source.n; i++)
		mc_vec_push(&f->value, ((struct mc_str){ "", 0 }));
	mc_buf_reset(&f->text);
	mc_buf_room(&f->text, 64 * mc_json_count(doc)); /* views stay */
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		if ((c = mc_feed_source_of(f, mc_str(key))) == -1)
			continue;
		if (mc_json_type(v) == MC_JSON_STRING) {
			f->value.p[c] = mc_str(mc_json_str(v));
		} else if (mc_json_type(v) == MC_JSON_BOOL) {
			f->value.p[c] =
			    mc_str(mc_json_bool(v) ? "true" : "false");
		} else if (!is_empty(v)) {
			s = mc_json_decimal(v, &scratch);
			if (s == NULL || strlen(s) >= 64) {
				rc = mc_err(err, MC_EDATA, "E_JSON",
				    "\"%s\" is no single value", key);
				break;
			}
			f->value.p[c].len = strlen(s);
			f->value.p[c].p = f->text.p + f->text.len;
			mc_buf_puts(&f->text, s);
			rc = mc_feed_check_number(
			    &f->binding, (size_t)c, v, err);
		}
	}
	mc_buf_free(&scratch);
	return rc;
}

/* The latest date of a request for papers. */
static const char *
requested(const struct mc_json *doc)
{
	const struct mc_json *list = mc_json_get(doc, "DanhSachHoSoBoSung");
	const char *last = "", *s;
	size_t i;

	for (i = 0;
	     mc_json_type(list) == MC_JSON_ARRAY && i < mc_json_count(list);
	     i++) {
		s = text_of(mc_json_at(list, i), "NgayBoSung");
		if (strcmp(s, last) > 0)
			last = s;
	}
	return last;
}

/* 1.001193.000.00.00.H42: the code, and the agency that published it. */
static void
split_procedure(struct mc_feed *f, bool *whole)
{
	struct mc_str *p = column(f, "MaTTHC");
	size_t i;

	*whole = false;
	if (p == NULL || p->len < 10 || p->p[1] != '.' || p->p[8] != '.')
		return;
	for (i = 0; i < 8; i++)
		if (i != 1 && (p->p[i] < '0' || p->p[i] > '9'))
			return;
	p->len = 8;
	*whole = true;
}

/* A unit's name where its code could be is kept, and is no holder. */
static void
only_code(struct mc_feed *f, bool *name)
{
	struct mc_str *p = column(f, "DonViXuLy");
	size_t i;

	*name = false;
	for (i = 0; p != NULL && i < p->len && !*name; i++)
		*name = !((p->p[i] >= '0' && p->p[i] <= '9') ||
			  (p->p[i] >= 'A' && p->p[i] <= 'Z') || p->p[i] == '.');
	if (*name)
		*p = (struct mc_str){ "", 0 };
}

/* What of the message a column's own member does not say. */
struct used {
	bool submitted, refused, procedure, holder;
};

static void
fill_columns(struct mc_feed *f, const struct mc_json *doc, const char *unit,
    struct used *u)
{
	const struct mc_json *ids = mc_json_get(doc, "DinhDanhCHS");
	struct mc_str *status = column(f, "TrangThaiHoSo"),
		      *subject = column(f, "TrichYeuHoSo");
	enum mc_status s =
	    status == NULL ? MC_S_NONE : mc_status_parse(mc_str_trim(*status));

	memset(u, 0, sizeof(*u));
	fill(f, "madonvi", unit, NULL);
	split_procedure(f, &u->procedure);
	only_code(f, &u->holder);
	if (subject != NULL && mc_str_is(*subject, MC_DVCQG_NO_SUBJECT))
		*subject = (struct mc_str){ "", 0 };
	if (mc_json_type(ids) == MC_JSON_ARRAY)
		fill(f, "SoGiayToChuHoSo",
		    text_of(mc_json_at(ids, 0), "SoDinhDanh"), NULL);
	if (s == MC_S_REGISTERED || s == MC_S_NOT_ACCEPTED ||
	    s == MC_S_SUPPLEMENT || s == MC_S_WITHDRAWN)
		fill(f, "NgayTiepNhan", text_of(doc, "NgayNopHoSo"),
		    &u->submitted);
	if (s == MC_S_NOT_ACCEPTED)
		fill(f, "NgayKetThucXuLy", text_of(doc, "NgayTuChoi"),
		    &u->refused);
	if (s == MC_S_SUPPLEMENT)
		fill(f, "NgayTamDung", requested(doc), NULL);
}

static bool
is_used(const struct mc_feed *f, const char *key, const struct used *u)
{
	if (key[0] == '_' || strcmp(key, "schema") == 0 ||
	    strcmp(key, MC_DVCQG_DUE_SOURCE) == 0 ||
	    strcmp(key, MC_DVCQG_DUE_DAY) == 0)
		return true;
	if (strcmp(key, "NgayNopHoSo") == 0)
		return u->submitted;
	if (strcmp(key, "NgayTuChoi") == 0)
		return u->refused;
	if ((strcmp(key, "MaTTHC") == 0 && u->procedure) ||
	    (strcmp(key, "DonViXuLy") == 0 && u->holder))
		return false;
	return mc_feed_source_of(f, mc_str(key)) != -1;
}

static int
keep(struct mc_feed *f, const struct mc_json *doc, const struct used *u,
    struct mc_err *err)
{
	struct mc_buf json = { 0 };
	struct mc_jw w = mc_jw(&json);
	const struct mc_json *v;
	const char *key;
	bool ok = true;
	size_t i;
	int rc;

	mc_jw_open(&w, '{');
	for (i = 0; i < mc_json_count(doc) && ok; i++) {
		v = mc_json_member(doc, i, &key);
		if (is_empty(v) || is_used(f, key, u))
			continue;
		mc_jw_name(&w, mc_str(key));
		ok = put_value(&w, v, 0);
	}
	mc_jw_close(&w, '}');
	if (ok)
		rc = mc_feed_canonical(
		    (struct mc_str){ json.p, json.len }, &f->kept[0], err);
	else
		rc = mc_err(err, MC_EDATA, "E_LIMIT",
		    "a member to be kept is nested more than %d deep", DEPTH);
	mc_buf_free(&json);
	return rc;
}

/* What a reject file has: the dossier with its envelope's unit, bare. */
static void
put_raw(struct mc_feed *f, const struct mc_dvcqg_item *item)
{
	size_t i = 0;

	mc_buf_reset(&f->kept[1]);
	if (item->bare || *item->unit == '\0') {
		mc_buf_add(&f->kept[1], item->text.p, item->text.len);
		return;
	}
	while (i < item->text.len && item->text.p[i] != '{')
		i++;
	mc_buf_puts(&f->kept[1], "{\"madonvi\":");
	mc_json_quote(&f->kept[1], item->unit, strlen(item->unit));
	for (i++;
	     i < item->text.len && strchr(" \t\r\n", item->text.p[i]) != NULL;
	     i++)
		;
	if (i < item->text.len && item->text.p[i] != '}')
		mc_buf_putc(&f->kept[1], ',');
	if (i < item->text.len)
		mc_buf_add(&f->kept[1], item->text.p + i, item->text.len - i);
}

static int
take_item(struct mc_feed *f, struct mc_intake *in,
    const struct mc_dvcqg_item *item, struct mc_err *err)
{
	struct mc_str raw = { f->kept[1].p, f->kept[1].len };
	struct mc_intake_extra extra = { 0 };
	struct mc_json *doc;
	struct used used;
	int32_t at = 0;
	int rc;

	if (mc_json_parse(&doc, f->name, item->text, err) == -1) {
		err->where[0] = '\0'; /* its line is the dossier's, below */
		return -1;
	}
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = mc_err(err, MC_EDATA, "E_JSON", "a dossier is an object");
	else
		rc = take_columns(f, doc, err);
	if (rc == 0) {
		fill_columns(f, doc, item->unit, &used);
		rc = keep(f, doc, &used, err);
	}
	if (rc == 0)
		rc = mc_feed_check(f, &f->binding, f->value.p, f->value.n, raw,
		    item->line, &at, err);
	if (rc == 0) {
		extra.due_by_rules =
		    strcmp(text_of(doc, MC_DVCQG_DUE_SOURCE), "given") != 0;
		extra.due_day = mc_str(text_of(doc, MC_DVCQG_DUE_DAY));
		extra.unreceived = used.submitted;
		extra.dossier = (struct mc_str){ f->kept[0].p, f->kept[0].len };
		mc_intake_row_with(
		    in, f->value.p, NULL, f->value.n, item->line, raw, &extra);
	}
	mc_json_free(doc);
	return rc;
}

int
mc_feed_next_dvcqg(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	struct mc_dvcqg_item item = { 0 };
	int rc = mc_dvcqg_next(f->dvcqg, &item, wait, err);

	if (rc != 1)
		return rc;
	put_raw(f, &item);
	mc_intake_bind(in, f->name, &f->binding);
	if (take_item(f, in, &item, err) == -1) {
		mc_err_at(err, f->name, item.line, 0);
		mc_intake_bad_row(in, item.line,
		    (struct mc_str){ f->kept[1].p, f->kept[1].len }, err);
		mc_err_clear(err);
	}
	return 1;
}

void
mc_feed_free_dvcqg(struct mc_feed *f)
{
	mc_dvcqg_reader_free(f->dvcqg);
}

int
mc_feed_open_dvcqg(struct mc_feed *f, struct mc_err *err)
{
	if (mc_map_events(f->map)) {
		mc_err(err, MC_EDATA, "E_MAP",
		    "the portal's messages are dossiers, rows of the map are "
		    "events");
		return mc_err_advise(
		    err, "say so in the map: \"rows\": \"dossiers\"");
	}
	f->dvcqg = mc_dvcqg_reader_new(f->src);
	f->json = true; /* what its rejects are */
	return mc_feed_bind_sources(f, err);
}
