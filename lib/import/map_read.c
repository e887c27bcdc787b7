/* map_read.c - a map file's text; see motcua/map.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/event.h>
#include <motcua/json.h>
#include <motcua/text.h>

#include "map_internal.h"

/*
 * With a report each problem is told and reading goes on; without, the
 * first one ends it.  So a function here goes on when wrong() says 0.
 */
struct reader {
	struct mc_map *m;
	const char *name;
	struct mc_str text;
	struct mc_err *err;
	void (*report)(void *arg, const struct mc_err *e);
	void *arg;
	int problems;
};

static int
wrong(struct reader *r, const char *path, const char *id, const char *what)
{
	int64_t line = 0, column = 0;

	mc_err(r->err, MC_EDATA, id, "%s", what);
	mc_json_place(r->text, path, &line, &column);
	mc_err_at(r->err, r->name, line, column);
	r->problems++;
	if (r->report == NULL)
		return -1;
	r->report(r->arg, r->err);
	mc_err_clear(r->err);
	return 0;
}

/* The same with the name of the member after the text. */
static int
wrong_member(struct reader *r, const char *folder, const char *key,
    const char *id, const char *what)
{
	struct mc_buf path = { 0 }, msg = { 0 };
	const char *c;
	int rc;

	mc_buf_printf(&path, "%s%s", folder, *folder == '\0' ? "" : "/");
	for (c = key; *c != '\0'; c++)
		if (*c == '/')
			mc_buf_puts(&path, "~1");
		else
			mc_buf_putc(&path, *c);
	mc_buf_printf(&msg, "%s \"%s\"", what, key);
	rc = wrong(r, mc_buf_str(&path), id, mc_buf_str(&msg));
	mc_buf_free(&path);
	mc_buf_free(&msg);
	return rc;
}

/* As the file's own texts are brought to one form before they are compared. */
static char *
clean(const char *text)
{
	struct mc_buf scratch = { 0 };
	struct mc_str s = mc_text_clean(mc_str(text), &scratch);
	char *copy = mc_strndup(s.p, s.len);

	mc_buf_free(&scratch);
	return copy;
}

/* "field.*": "case:field.*" is any field that has no column of its own. */
static int
read_any_field(struct reader *r, const char *source)
{
	char *name = mc_map_tidy(mc_str(source)), *star = strchr(name, '*');
	int rc = 0;

	if (star == NULL || star == name || star[1] != '\0') {
		rc = wrong_member(r, "columns", "field.*", "E_MAP",
		    "a name that ends in *, and has no other, is missing for");
		free(name);
		return rc;
	}
	*star = '\0';
	r->m->field_prefix = name;
	return 0;
}

static int
read_columns(struct reader *r, const struct mc_json *v)
{
	struct mc_map *m = r->m;
	struct mc_str field;
	enum mc_column c;
	const char *key, *source, *what;
	size_t i;

	for (i = 0; i < mc_json_count(v); i++) {
		source = mc_json_str(mc_json_member(v, i, &key));
		c = mc_column_parse(mc_str(key), &field);
		what = NULL;
		if (source == NULL)
			what = "a column's name is text:";
		else if (c == MC_COL_NONE) {
			if (wrong_member(r, "columns", key, "E_COLUMN",
				"there is no column") == -1)
				return -1;
			continue;
		} else if (c == MC_COL_FIELD && m->fields == MC_MAP_FIELDS) {
			return wrong_member(r, "columns", key, "E_LIMIT",
			    "too many field columns, at");
		}
		if (what != NULL) {
			if (wrong_member(r, "columns", key, "E_MAP", what) ==
			    -1)
				return -1;
			continue;
		}
		if (c == MC_COL_FIELD && mc_str_is(field, "*")) {
			if (read_any_field(r, source) == -1)
				return -1;
		} else if (c != MC_COL_FIELD) {
			m->source[c] = mc_map_tidy(mc_str(source));
		} else {
			m->field[m->fields].source =
			    mc_map_tidy(mc_str(source));
			m->field[m->fields++].name =
			    mc_strndup(field.p, field.len);
		}
	}
	return 0;
}

/* Words that stand for what there is a list of must be on it. */
static bool
known_word(enum mc_column c, const char *word)
{
	if (*word == '\0')
		return true;
	if (c == MC_COL_CHANNEL)
		return mc_channel_parse(mc_str(word)) != MC_CH_NONE;
	if (c == MC_COL_STATUS)
		return mc_status_parse(mc_str(word)) != MC_S_NONE;
	return true;
}

/* Of the last word that was added. */
static void
add_caseless(struct words *w, const char *word)
{
	struct mc_buf key = { 0 };
	struct mc_str s;
	int last = (int)w->to.n - 1, *of;
	int32_t id;

	mc_text_caseless(&key, mc_str(word));
	s = (struct mc_str){ key.p, key.len };
	if ((id = mc_dict_find(&w->caseless, s)) == 0) {
		mc_dict_add(&w->caseless, s);
		mc_vec_push(&w->of, last);
	} else {
		of = &w->of.p[id - 1];
		if (*of != -1 && strcmp(w->to.p[*of], w->to.p[last]) != 0)
			*of = -1;
	}
	mc_buf_free(&key);
}

static int
read_words(struct reader *r, enum mc_column c, const char *column,
    const struct mc_json *list)
{
	struct words *w = r->m->words[c];
	struct mc_buf folder = { 0 };
	const char *from, *to;
	char *word;
	size_t k;
	int rc = 0;

	if (w == NULL)
		w = r->m->words[c] = mc_calloc(1, sizeof(*w));
	mc_buf_printf(&folder, "values/%s", column);
	for (k = 0; k < mc_json_count(list) && rc == 0; k++) {
		to = mc_json_str(mc_json_member(list, k, &from));
		if (to == NULL) {
			rc = wrong_member(r, mc_buf_str(&folder), from, "E_MAP",
			    "a value is text:");
			continue;
		}
		if (!known_word(c, to)) {
			rc = wrong_member(r, mc_buf_str(&folder), from,
			    c == MC_COL_CHANNEL ? "E_CHANNEL" : "E_STATUS",
			    c == MC_COL_CHANNEL
				? "no channel of ours is given for"
				: "no status of ours is given for");
			continue;
		}
		word = clean(from);
		if (mc_dict_find(&w->from, mc_str(word)) == 0) {
			mc_dict_add(&w->from, mc_str(word));
			mc_vec_push(&w->to, clean(to));
			add_caseless(w, word);
		}
		free(word);
	}
	mc_buf_free(&folder);
	return rc;
}

static int
read_values(struct reader *r, const struct mc_json *v)
{
	const struct mc_json *list;
	struct mc_str field;
	enum mc_column c;
	const char *key;
	size_t i;
	int rc = 0;

	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		list = mc_json_member(v, i, &key);
		c = mc_column_parse(mc_str(key), &field);
		if (c >= MC_COL__COUNT || mc_json_type(list) != MC_JSON_OBJECT)
			rc = wrong_member(r, "values", key, "E_COLUMN",
			    "no column with words of its own:");
		else
			rc = read_words(r, c, key, list);
	}
	return rc;
}

static int
read_defaults(struct reader *r, const struct mc_json *v)
{
	struct mc_str field;
	enum mc_column c;
	const char *key, *value;
	size_t i;
	int rc = 0;

	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		value = mc_json_str(mc_json_member(v, i, &key));
		c = mc_column_parse(mc_str(key), &field);
		if (c >= MC_COL__COUNT || value == NULL)
			rc = wrong_member(r, "defaults", key, "E_COLUMN",
			    "no column that can have a default:");
		else if (!known_word(c, value))
			rc = wrong_member(r, "defaults", key,
			    c == MC_COL_CHANNEL ? "E_CHANNEL" : "E_STATUS",
			    "no value of ours is given for");
		else
			r->m->fallback[c] = clean(value);
	}
	return rc;
}

static int
read_time(
    struct reader *r, const char *path, struct formats *f, const char *format)
{
	if (format == NULL)
		return wrong(r, path, "E_MAP", "a time format is text");
	if (strcmp(format, "excel") != 0 && strcmp(format, "excel-1904") != 0 &&
	    !mc_time_format_ok(format))
		return wrong(r, path, "E_MAP",
		    "not a time format: %Y or %y, %m and %d, if wanted %H %M "
		    "%S %f %z, and text; or \"excel\"");
	f->format[f->n++] = mc_strdup(format);
	return 0;
}

static int
read_formats(struct reader *r, const char *path, struct formats *f,
    const struct mc_json *v)
{
	size_t i;
	int rc = 0;

	if (mc_json_str(v) != NULL)
		return read_time(r, path, f, mc_json_str(v));
	if (mc_json_type(v) != MC_JSON_ARRAY || mc_json_count(v) == 0 ||
	    mc_json_count(v) > FORMATS)
		return wrong(r, path, "E_MAP",
		    "\"time\" is a format, a list of up to 16, or an object "
		    "of these by column");
	for (i = 0; i < mc_json_count(v) && rc == 0; i++)
		rc = read_time(r, path, f, mc_json_str(mc_json_at(v, i)));
	return rc;
}

static bool
is_time(enum mc_column c)
{
	return c == MC_COL_RECEIVED_AT || c == MC_COL_DUE_AT ||
	       c == MC_COL_PAUSED_AT || c == MC_COL_FINISHED_AT ||
	       c == MC_COL_RETURNED_AT || c == MC_COL_AT;
}

static int
read_times(struct reader *r, const struct mc_json *v)
{
	struct mc_buf path = { 0 };
	struct formats *f;
	struct mc_str field;
	enum mc_column c;
	const struct mc_json *list;
	const char *key;
	size_t i;
	int rc = 0;

	if (mc_json_type(v) != MC_JSON_OBJECT)
		return read_formats(r, "time", &r->m->time, v);
	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		list = mc_json_member(v, i, &key);
		c = mc_column_parse(mc_str(key), &field);
		if (strcmp(key, "*") == 0) {
			f = &r->m->time;
		} else if (is_time(c)) {
			f = mc_calloc(1, sizeof(*f));
			r->m->column_time[c] = f;
		} else {
			rc = wrong_member(
			    r, "time", key, "E_COLUMN", "no column of times:");
			continue;
		}
		mc_buf_reset(&path);
		mc_buf_printf(&path, "time/%s", key);
		rc = read_formats(r, mc_buf_str(&path), f, list);
	}
	mc_buf_free(&path);
	return rc;
}

static int
read_heading(struct reader *r, const struct mc_json *v)
{
	static const char lines[] =
	    "the heading's \"lines\" are 1 to 4 numbers "
	    "of lines, one after the other";
	struct mc_heading *h = &r->m->heading;
	const struct mc_json *list = v, *flag;
	const char *key;
	int64_t n;
	size_t i, count;

	if (mc_json_type(v) == MC_JSON_OBJECT) {
		for (i = 0; i < mc_json_count(v); i++) {
			mc_json_member(v, i, &key);
			if (strcmp(key, "lines") != 0 &&
			    strcmp(key, "numbered") != 0 &&
			    wrong_member(r, "heading", key, "E_FIELD",
				"unknown member") == -1)
				return -1;
		}
		flag = mc_json_get(v, "numbered");
		if (flag != NULL && mc_json_type(flag) != MC_JSON_BOOL &&
		    wrong(r, "heading/numbered", "E_MAP",
			"\"numbered\" is true or false") == -1)
			return -1;
		h->numbered = mc_json_bool(flag);
		list = mc_json_get(v, "lines");
		if (list == NULL)
			return wrong(r, "heading", "E_MAP", lines);
	}
	count = mc_json_type(list) == MC_JSON_ARRAY ? mc_json_count(list) : 1;
	if (count == 0 || count > MC_HEADING_LINES)
		return wrong(r, "heading", "E_MAP", lines);
	for (i = 0; i < count; i++) {
		if (!mc_json_int(mc_json_type(list) == MC_JSON_ARRAY
				     ? mc_json_at(list, i)
				     : list,
			&n) ||
		    n < 1 || n > 1000 || (i > 0 && n <= h->line[i - 1]))
			return wrong(r, "heading", "E_MAP", lines);
		h->line[i] = (int)n;
	}
	h->lines = (int)count;
	return 0;
}

static int
read_phrases(struct reader *r, const char *key, struct phrases *p,
    const struct mc_json *v)
{
	struct mc_buf b = { 0 };
	const char *s;
	size_t i, n = mc_json_type(v) == MC_JSON_ARRAY ? mc_json_count(v) : 1;
	int rc = 0;

	if (n == 0 || n > PHRASES)
		return wrong(r, key, "E_MAP",
		    "a text, or a list of up to 16, goes here");
	for (i = 0; i < n && rc == 0; i++) {
		s = mc_json_str(
		    mc_json_type(v) == MC_JSON_ARRAY ? mc_json_at(v, i) : v);
		mc_buf_reset(&b);
		if (s != NULL)
			mc_text_fold(&b, mc_str(s));
		if (b.len == 0)
			rc = wrong(r, key, "E_MAP",
			    "how such a row begins is text with letters");
		else
			p->text[p->n++] = mc_strndup(b.p, b.len);
	}
	mc_buf_free(&b);
	return rc;
}

static int
mark_optional(struct reader *r, const char *name)
{
	struct mc_str field;
	enum mc_column c = mc_column_parse(mc_str(name), &field);
	int k, found = 0;

	if (c < MC_COL__COUNT && r->m->source[c] != NULL) {
		r->m->optional[c] = true;
		return 0;
	}
	if (c == MC_COL_FIELD && mc_str_is(field, "*"))
		return 0; /* it always is */
	for (k = 0; c == MC_COL_FIELD && k < r->m->fields; k++)
		if (mc_str_is(field, r->m->field[k].name))
			found = r->m->field[k].optional = true;
	return found ? 0
		     : wrong_member(r, "", "optional", "E_COLUMN",
			   "a column that \"columns\" does not have, in");
}

/* After the columns, wherever it stands. */
static int
read_optional(struct reader *r, const struct mc_json *v)
{
	const char *name;
	size_t i;
	int rc = 0;

	if (v == NULL)
		return 0;
	if (mc_json_type(v) == MC_JSON_BOOL) {
		r->m->all_optional = mc_json_bool(v);
		return 0;
	}
	if (mc_json_type(v) != MC_JSON_ARRAY)
		return wrong(r, "optional", "E_MAP",
		    "\"optional\" is a list of columns, or true for all");
	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		name = mc_json_str(mc_json_at(v, i));
		rc = mark_optional(r, name == NULL ? "" : name);
	}
	return rc;
}

static int
read_recode(struct reader *r, const struct mc_json *v)
{
	struct mc_str field;
	enum mc_column c;
	enum mc_encoding e;
	const char *key, *s;
	size_t i;
	int rc = 0;

	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		s = mc_json_str(mc_json_member(v, i, &key));
		c = mc_column_parse(mc_str(key), &field);
		e = s == NULL ? MC_ENC_NONE : mc_encoding_parse(mc_str(s));
		if (c >= MC_COL__COUNT)
			rc = wrong_member(r, "recode", key, "E_COLUMN",
			    "no column that can be of another encoding:");
		else if (e < MC_ENC_CP1258)
			rc = wrong_member(r, "recode", key, "E_ENCODING",
			    "cp1258, tcvn3, vni or viscii is missing for");
		else
			r->m->recode[c] = e;
	}
	return rc;
}

static int
read_flag(
    struct reader *r, const char *key, const struct mc_json *v, bool *flag)
{
	char text[64];

	if (mc_json_type(v) != MC_JSON_BOOL) {
		snprintf(text, sizeof(text), "\"%s\" is true or false", key);
		return wrong(r, key, "E_MAP", text);
	}
	*flag = mc_json_bool(v);
	return 0;
}

static int
read_encoding(struct reader *r, const char *s)
{
	struct mc_buf b = { 0 };
	int rc;

	r->m->encoding = s == NULL ? MC_ENC_NONE : mc_encoding_parse(mc_str(s));
	if (r->m->encoding != MC_ENC_NONE)
		return 0;
	mc_buf_printf(&b, "\"encoding\" is one of %s", mc_encoding_names());
	rc = wrong(r, "encoding", "E_ENCODING", mc_buf_str(&b));
	mc_buf_free(&b);
	return rc;
}

/* Objects have one shape each; what else there is, is a scalar. */
static int
read_object(struct reader *r, const char *key, const struct mc_json *v)
{
	static const struct {
		const char *name;
		int (*read)(struct reader *r, const struct mc_json *v);
	} part[] = {
		{ "columns", read_columns },
		{ "values", read_values },
		{ "defaults", read_defaults },
		{ "recode", read_recode },
	};
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(*part); i++) {
		if (strcmp(key, part[i].name) != 0)
			continue;
		if (mc_json_type(v) == MC_JSON_OBJECT)
			return part[i].read(r, v);
		snprintf(text, sizeof(text), "\"%s\" is an object", key);
		return wrong(r, key, "E_MAP", text);
	}
	return wrong_member(r, "", key, "E_FIELD", "unknown member");
}

static int
read_member(struct reader *r, const char *key, const struct mc_json *v)
{
	const char *s = mc_json_str(v);

	if (strcmp(key, "schema") == 0)
		return s != NULL && strcmp(s, "motcua.map/1") == 0
			   ? 0
			   : wrong(r, key, "E_MAP",
				 "the schema of a map is \"motcua.map/1\"");
	if (strcmp(key, "rows") == 0) {
		if (s == NULL ||
		    (strcmp(s, "events") != 0 && strcmp(s, "dossiers") != 0))
			return wrong(r, key, "E_MAP",
			    "\"rows\" is \"dossiers\" or \"events\"");
		r->m->events = strcmp(s, "events") == 0;
		return 0;
	}
	if (strcmp(key, "encoding") == 0)
		return read_encoding(r, s);
	if (strcmp(key, "delimiter") == 0) {
		r->m->delimiter = s == NULL ? '\0' : mc_map_delimiter_parse(s);
		return r->m->delimiter != '\0'
			   ? 0
			   : wrong(r, key, "E_MAP",
				 "\"delimiter\" is one character, or \"tab\"");
	}
	if (strcmp(key, "decimal") == 0) {
		if (s == NULL || (strcmp(s, ",") != 0 && strcmp(s, ".") != 0))
			return wrong(
			    r, key, "E_MAP", "\"decimal\" is \",\" or \".\"");
		r->m->decimal = s[0];
		return 0;
	}
	if (strcmp(key, "strict") == 0)
		return read_flag(r, key, v, &r->m->strict);
	if (strcmp(key, "ragged") == 0)
		return read_flag(r, key, v, &r->m->ragged);
	if (strcmp(key, "time") == 0)
		return read_times(r, v);
	if (strcmp(key, "heading") == 0)
		return read_heading(r, v);
	if (strcmp(key, "totals") == 0)
		return read_phrases(r, key, &r->m->totals, v);
	if (strcmp(key, "end") == 0)
		return read_phrases(r, key, &r->m->end, v);
	if (strcmp(key, "note") == 0 || strcmp(key, "optional") == 0)
		return 0;
	return read_object(r, key, v);
}

/* Formats may stand behind them.  Which zone it is says no map. */
static int
check_default_times(struct reader *r)
{
	const struct mc_map *m = r->m;
	struct mc_zone *zone = NULL;
	int64_t ms;
	bool day_only, cut;
	int c, rc = mc_zone_open(&zone, "UTC", r->err);

	for (c = 0; c < MC_COL__COUNT && rc == 0; c++)
		if (is_time((enum mc_column)c) && m->fallback[c] != NULL &&
		    *m->fallback[c] != '\0' &&
		    !mc_map_time(m, (enum mc_column)c, mc_str(m->fallback[c]),
			zone, &ms, &day_only, &cut))
			rc = wrong_member(r, "defaults",
			    mc_column_name((enum mc_column)c), "E_DATE",
			    "no date, or in a form that is not known, is "
			    "given for");
	mc_zone_free(zone);
	return rc;
}

/* What the members say together. */
static int
read_together(struct reader *r, const struct mc_json *doc)
{
	struct mc_map *m = r->m;
	enum mc_column c;
	int rc;

	if (mc_json_get(doc, "columns") == NULL)
		return wrong(r, "", "E_MAP", "a map has \"columns\"");
	if (read_optional(r, mc_json_get(doc, "optional")) == -1)
		return -1;
	for (c = MC_COL_DOSSIER__COUNT; c < MC_COL__COUNT; c++) {
		if (m->events || m->source[c] == NULL)
			continue;
		rc = wrong_member(r, "columns", mc_column_name(c), "E_COLUMN",
		    "with \"rows\": \"events\" only:");
		if (rc == -1)
			return -1;
	}
	return check_default_times(r);
}

static int
read_map(struct reader *r)
{
	struct mc_json *doc;
	const struct mc_json *v;
	const char *key;
	size_t i;
	int rc = 0;

	if (mc_json_parse(&doc, r->name, r->text, r->err) == -1) {
		r->problems++;
		if (r->report != NULL)
			r->report(r->arg, r->err);
		return -1;
	}
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = wrong(r, "", "E_MAP", "a map is a JSON object");
	else
		for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
			v = mc_json_member(doc, i, &key);
			rc = read_member(r, key, v);
		}
	if (rc == 0 && mc_json_type(doc) == MC_JSON_OBJECT)
		rc = read_together(r, doc);
	mc_json_free(doc);
	return rc;
}

int
mc_map_parse(struct mc_map **out, const char *name, struct mc_str text,
    struct mc_err *err)
{
	struct reader r = { .name = name, .text = text, .err = err };

	*out = NULL;
	r.m = mc_map_default();
	r.m->given = true;
	if (read_map(&r) == -1) {
		mc_map_free(r.m);
		return -1;
	}
	*out = r.m;
	return 0;
}

/* A name that is mistyped is told as such, and not that it is missing. */
static void
check_lacks(struct reader *r)
{
	enum mc_column lacks[MC_MAP_NEEDED];
	char what[80];
	size_t i, n = mc_map_lacks(r->m, lacks);

	for (i = 0; i < n; i++) {
		snprintf(what, sizeof(what),
		    "neither a column nor a default for \"%s\"",
		    mc_column_name(lacks[i]));
		wrong(r, "columns", "E_HEADER", what);
	}
}

int
mc_map_check(const char *name, struct mc_str text, bool number,
    void (*report)(void *arg, const struct mc_err *e), void *arg)
{
	struct mc_err err = MC_ERR_INIT;
	struct reader r = { .name = name,
		.text = text,
		.err = &err,
		.report = report,
		.arg = arg };

	r.m = mc_map_default();
	r.m->given = true;
	r.m->number = number;
	if (read_map(&r) == 0 && r.problems == 0)
		check_lacks(&r);
	mc_map_free(r.m);
	return r.problems;
}
