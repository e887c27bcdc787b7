/* feed.c - see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/feed.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/text.h>

/* Columns that NDJSON rows had: a row with other members gets its own. */
#define SHAPES 64 /* kept */
struct shape {
	struct mc_binding binding;
	char **key;
	size_t n;
};

struct mc_feed {
	char *name;
	const struct mc_map *map;
	char delimiter;
	bool json;
	struct mc_source *src; /* NDJSON; CSV's is the reader's */
	struct mc_csv *csv;
	struct mc_binding binding;
	struct mc_buf head; /* the heading's bytes */
	bool mended;        /* it ends with what a reject file adds */
	struct mc_buf ignored;
	struct shape *shape[SHAPES];
	size_t shapes; /* made so far: the oldest gives way */
	MC_VEC(struct mc_str) value;
	struct mc_buf text; /* values of the row in hand */
};

/* What a reject file has behind the columns of its source. */
#define ADDED 4
static const char *const added[ADDED] = { "_line", "_column", "_code",
	"_message" };

/* A first look: JSON or CSV, and which delimiter. */
static int
look(struct mc_feed *f, struct mc_source *src, enum mc_feed_format format,
    struct mc_err *err)
{
	static const char candidates[] = ",;\t";
	size_t n = 0, i, count[3] = { 0, 0, 0 }, best = 0;
	const char *p, *c, *eol = NULL;
	bool quoted = false;
	int rc;

	do
		rc = mc_source_peek(src, &p, &n, n > 0, true, err);
	while (
	    rc == 1 && (eol = memchr(p, '\n', n)) == NULL && n < MC_LINE_MAX);
	if (rc == -1)
		return -1;
	if (format == MC_FEED_NDJSON && n >= 2 &&
	    (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0)) {
		mc_err(err, MC_EDATA, "E_ENCODING", "UTF-16, not UTF-8");
		mc_err_advise(
		    err, "convert it first: iconv -f UTF-16 -t UTF-8");
		return mc_err_at(err, f->name, 1, 0);
	}
	i = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	for (; i < n && strchr(" \t\r\n", p[i]) != NULL; i++)
		;
	f->json = format == MC_FEED_NDJSON ||
		  (format == MC_FEED_GUESS && i < n && p[i] == '{');
	if (f->delimiter != '\0')
		return 0;
	for (i = 0; i < n && (eol == NULL || p + i < eol); i++) {
		if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] != '\0' &&
			 (c = strchr(candidates, p[i])) != NULL)
			count[c - candidates]++;
	}
	for (i = 1; i < 3; i++)
		if (count[i] > count[best])
			best = i;
	f->delimiter = candidates[best];
	return 0;
}

static int
read_heading(struct mc_feed *f, struct mc_err *err)
{
	struct mc_row row;
	bool fatal;
	size_t i;
	int rc = mc_csv_next(f->csv, &row, true, &fatal, err);

	if (rc == 0) {
		mc_err(err, MC_EDATA, "E_HEADER", "there is no heading");
		return mc_err_at(err, f->name, 1, 0);
	}
	if (rc == -1)
		return -1;
	mc_buf_reset(&f->head);
	mc_buf_add(&f->head, row.raw.p, row.raw.len);
	f->mended = row.n > ADDED;
	for (i = 0; i < ADDED && f->mended; i++)
		f->mended = mc_str_is(
		    mc_str_trim(row.field[row.n - ADDED + i]), added[i]);
	mc_binding_free(&f->binding);
	mc_buf_reset(&f->ignored);
	return mc_map_bind(f->map, f->name, row.line, row.field, row.column,
	    row.n, &f->binding, &f->ignored, err);
}

int
mc_feed_open(struct mc_feed **out, const char *path, const char *label,
    enum mc_feed_format format, char delimiter, const struct mc_map *map,
    struct mc_err *err)
{
	struct mc_feed *f = mc_calloc(1, sizeof(*f));
	struct mc_source *src;

	*out = NULL;
	f->map = map;
	f->delimiter = delimiter != '\0' ? delimiter : mc_map_delimiter(map);
	if (mc_source_open(&src, path, err) == -1)
		goto fail;
	f->name = mc_strdup(label != NULL ? label : mc_source_name(src));
	if (look(f, src, format, err) == -1) {
		mc_source_free(src);
		goto fail;
	}
	if (f->json)
		f->src = src;
	else
		f->csv = mc_csv_new(src, f->delimiter);
	if (f->csv != NULL && read_heading(f, err) == -1)
		goto fail;
	*out = f;
	return 0;
fail:
	mc_feed_free(f);
	return -1;
}

static void
free_shape(struct shape *s)
{
	size_t k;

	if (s == NULL)
		return;
	mc_binding_free(&s->binding);
	for (k = 0; k < s->n; k++)
		free(s->key[k]);
	free(s->key);
	free(s);
}

void
mc_feed_free(struct mc_feed *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < SHAPES; i++)
		free_shape(f->shape[i]);
	mc_vec_free(&f->value);
	mc_source_free(f->src);
	mc_csv_free(f->csv);
	mc_binding_free(&f->binding);
	mc_buf_free(&f->head);
	mc_buf_free(&f->ignored);
	mc_buf_free(&f->text);
	free(f->name);
	free(f);
}

static int
next_csv(struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	struct mc_row row;
	bool fatal = false;
	int rc;

	mc_intake_bind(in, f->name, &f->binding);
	rc = mc_csv_next(f->csv, &row, wait, &fatal, err);
	if (rc == 1) {
		mc_intake_row(
		    in, row.field, row.column, row.n, row.line, row.raw);
	} else if (rc == -1 && !fatal) {
		mc_intake_bad_row(in, row.line, row.raw, err);
		mc_err_clear(err);
		rc = 1;
	}
	return rc;
}

/* ---- NDJSON ---- */

static bool
same_keys(const struct shape *s, const struct mc_json *doc)
{
	const char *key;
	size_t i;

	if (s->n != mc_json_count(doc))
		return false;
	for (i = 0; i < s->n; i++) {
		mc_json_member(doc, i, &key);
		if (strcmp(key, s->key[i]) != 0)
			return false;
	}
	return true;
}

static int
shape_of(struct mc_feed *f, const struct mc_json *doc, int64_t line,
    struct shape **out, struct mc_err *err)
{
	struct mc_buf passed = { 0 };
	struct mc_str *name;
	struct shape *s;
	const char *key;
	size_t i;
	int rc;

	for (i = 0; i < SHAPES && f->shape[i] != NULL; i++)
		if (same_keys(f->shape[i], doc)) {
			*out = f->shape[i];
			return 0;
		}
	s = mc_calloc(1, sizeof(*s));
	s->n = mc_json_count(doc);
	s->key = mc_calloc(s->n + 1, sizeof(*s->key));
	name = mc_calloc(s->n + 1, sizeof(*name));
	for (i = 0; i < s->n; i++) {
		mc_json_member(doc, i, &key);
		s->key[i] = mc_strdup(key);
		/* "schema" names the record's kind, and is no column. */
		name[i] = strcmp(key, "schema") == 0 ? MC_STR("_schema")
						     : mc_str(s->key[i]);
	}
	/* What the first row has that is passed over stands for them all. */
	rc = mc_map_bind(f->map, f->name, line, name, NULL, s->n, &s->binding,
	    f->shapes == 0 ? &f->ignored : &passed, err);
	free(name);
	mc_buf_free(&passed);
	if (rc == -1) {
		free_shape(s);
		return -1;
	}
	i = f->shapes++ % SHAPES;
	free_shape(f->shape[i]);
	*out = f->shape[i] = s;
	return 0;
}

/* Scalars as the text that a CSV cell would have. */
static int
take_value(struct mc_feed *f, const struct mc_json *v, const char *key,
    struct mc_err *err)
{
	struct mc_buf scratch = { 0 };
	const char *s = NULL;

	switch (mc_json_type(v)) {
	case MC_JSON_STRING:
		s = mc_json_str(v);
		break;
	case MC_JSON_INT:
	case MC_JSON_REAL:
		s = mc_json_decimal(v, &scratch);
		if (s == NULL)
			return mc_err(err, MC_EDATA, "E_JSON",
			    "\"%s\" is no number that can be kept", key);
		break;
	case MC_JSON_BOOL:
		s = mc_json_bool(v) ? "true" : "false";
		break;
	case MC_JSON_NULL:
		s = "";
		break;
	case MC_JSON_ARRAY:
	case MC_JSON_OBJECT:
		return mc_err(
		    err, MC_EDATA, "E_JSON", "\"%s\" is no single value", key);
	}
	mc_vec_push(
	    &f->value, ((struct mc_str){ NULL, s == NULL ? 0 : strlen(s) }));
	mc_buf_puts(&f->text, s == NULL ? "" : s);
	mc_buf_free(&scratch);
	return 0;
}

static int
json_row(struct mc_feed *f, struct mc_intake *in, struct mc_str line,
    int64_t number, struct mc_err *err)
{
	struct mc_json *doc;
	struct shape *shape;
	const struct mc_json *v;
	const char *key;
	size_t i, at = 0;
	int rc = 0;

	if (mc_json_parse(&doc, f->name, line, err) == -1)
		return -1;
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = mc_err(err, MC_EDATA, "E_JSON", "a row is an object");
	else if (mc_json_bool(mc_json_get(doc, "dry_run")))
		rc = mc_err(err, MC_EREFUSED, "E_DRY_RUN",
		    "a record of a dry run: what it says did not happen");
	f->value.n = 0;
	mc_buf_reset(&f->text);
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		rc = take_value(f, v, key, err);
	}
	/* The texts stand still now: point at them. */
	for (i = 0; i < f->value.n; i++) {
		f->value.p[i].p = mc_buf_str(&f->text) + at;
		at += f->value.p[i].len;
	}
	if (rc == 0)
		rc = shape_of(f, doc, number, &shape, err);
	if (rc == 0) {
		mc_intake_bind(in, f->name, &shape->binding);
		mc_intake_row(in, f->value.p, NULL, f->value.n, number, line);
	}
	mc_json_free(doc);
	return rc;
}

/* A parser has seen one line only: its column is right, its line is not. */
static void
put_line(const struct mc_feed *f, int64_t number, struct mc_err *err)
{
	size_t n = strlen(f->name);
	const char *colon = strncmp(err->where, f->name, n) != 0
				? NULL
				: strrchr(err->where + n, ':');
	int64_t column = 0;

	/* name:1:column */
	if (colon == NULL || colon == err->where + n ||
	    !mc_int_parse(&column, mc_str(colon + 1), 1, MC_LINE_MAX))
		column = 0;
	err->where[0] = '\0';
	mc_err_at(err, f->name, number, column);
}

static int
next_json(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	struct mc_str line;
	int64_t number = 0;
	int rc;

	do
		rc = mc_line_next(f->src, &line, &number, wait, err);
	while (rc == 1 && mc_str_trim(line).len == 0);
	if (rc == -1 && err->code != MC_EDATA)
		return -1;
	if (rc == 1 && json_row(f, in, line, number, err) == -1) {
		put_line(f, number, err);
		if (err->code != MC_EDATA)
			return -1;
		rc = -1;
	}
	if (rc == -1) {
		mc_intake_bind(in, f->name, &f->binding);
		mc_intake_bad_row(in, number, line, err);
		mc_err_clear(err);
		rc = 1;
	}
	return rc;
}

int
mc_feed_next(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	return f->json ? next_json(f, in, wait, err)
		       : next_csv(f, in, wait, err);
}

const char *
mc_feed_name(const struct mc_feed *f)
{
	return f->name;
}

const char *
mc_feed_ignored(const struct mc_feed *f)
{
	return mc_buf_str(&f->ignored);
}

struct mc_source *
mc_feed_source(struct mc_feed *f)
{
	return f->json ? f->src : mc_csv_source(f->csv);
}

/* ---- rejects ---- */

void
mc_feed_reject_head(const struct mc_feed *f, struct mc_buf *out)
{
	size_t i;

	if (f->json)
		return;
	mc_buf_add(out, f->head.p, f->head.len);
	for (i = 0; i < ADDED && !f->mended; i++)
		mc_buf_printf(out, "%c%s", f->delimiter, added[i]);
	mc_buf_putc(out, '\n');
}

static void
reject_json(const struct mc_intake_result *r, struct mc_buf *out)
{
	struct mc_jw w;
	struct mc_str raw = mc_str_trim(r->raw);
	struct mc_json *doc = NULL;
	struct mc_err ignored = MC_ERR_INIT;
	const struct mc_json *v;
	struct mc_buf text = { 0 };
	const char *key;
	size_t i;

	w = mc_jw(out);
	mc_jw_open(&w, '{');
	if (mc_json_parse(&doc, "", raw, &ignored) == 0 &&
	    mc_json_type(doc) == MC_JSON_OBJECT) {
		for (i = 0; i < mc_json_count(doc); i++) {
			v = mc_json_member(doc, i, &key);
			if (key[0] == '_')
				continue;
			mc_buf_reset(&text);
			mc_jw_key(&w, key);
			if (mc_json_type(v) == MC_JSON_REAL)
				mc_jw_strz(&w, mc_json_decimal(v, &text));
			else if (mc_json_canonical(&text, v, &ignored) == 0)
				mc_jw_raw(
				    &w, (struct mc_str){ text.p, text.len });
			else
				mc_jw_null(&w);
		}
	} else {
		mc_buf_reset(&text);
		mc_text_safe(&text, raw.p, raw.len);
		mc_jw_key(&w, "_raw");
		mc_jw_str(&w, (struct mc_str){ text.p, text.len });
	}
	mc_jw_key(&w, "_line");
	mc_jw_int(&w, r->line);
	mc_jw_key(&w, "_column");
	mc_jw_int(&w, r->column);
	mc_jw_key(&w, "_code");
	mc_jw_strz(&w, r->id);
	mc_jw_key(&w, "_message");
	mc_jw_strz(&w, r->message);
	mc_jw_close(&w, '}');
	mc_buf_putc(out, '\n');
	mc_json_free(doc);
	mc_buf_free(&text);
}

/*
 * The row's own bytes, then the four columns.  Rows that could not be taken
 * apart stand quoted in the first column; too few fields are filled up, so
 * that the reason is where it belongs.
 */
void
mc_feed_reject(const struct mc_feed *f, const struct mc_intake_result *r,
    struct mc_buf *out)
{
	struct mc_csv *csv;
	struct mc_row row;
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf n = { 0 };
	bool fatal;
	size_t want = f->binding.n, have = 1, i;

	if (f->json) {
		reject_json(r, out);
		return;
	}
	if (f->mended)
		want -= ADDED;
	csv = mc_csv_new(
	    mc_source_memory("", r->raw.p, r->raw.len), f->delimiter);
	if (mc_csv_next(csv, &row, true, &fatal, &ignored) == 1) {
		have = row.n;
		if (f->mended && have == want + ADDED)
			have = want;
		for (i = 0; i < have; i++) {
			if (i > 0)
				mc_buf_putc(out, f->delimiter);
			mc_csv_put(out, row.field[i], f->delimiter, false);
		}
	} else {
		mc_csv_put(out, r->raw, f->delimiter, false);
	}
	for (; have < want; have++)
		mc_buf_putc(out, f->delimiter);
	mc_csv_free(csv);
	mc_buf_printf(out, "%c%lld%c%d%c%s%c", f->delimiter, (long long)r->line,
	    f->delimiter, (int)r->column, f->delimiter, r->id, f->delimiter);
	mc_buf_puts(&n, r->message);
	mc_csv_put(out, (struct mc_str){ n.p, n.len }, f->delimiter, false);
	mc_buf_free(&n);
	mc_buf_putc(out, '\n');
}
