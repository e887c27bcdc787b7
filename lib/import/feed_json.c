/* feed_json.c - NDJSON rows; see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/text.h>

#include "feed_internal.h"

#define LISTED 1000 /* bytes of names that are passed over */

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
	size_t listed = f->ignored.len;
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
	rc = mc_map_bind(f->map, f->name, line, name, s->n, false, &s->binding,
	    &f->ignored, err);
	free(name);
	/* Rows of ever new members make no list without an end. */
	if (f->ignored.len > listed && (rc == -1 || listed >= LISTED)) {
		mc_buf_end(&f->ignored, f->ignored.p + listed);
		if (rc == 0 && !f->more)
			mc_buf_puts(&f->ignored, ", ...");
		f->more = f->more || rc == 0;
	}
	if (rc == -1) {
		mc_feed_free_shape(s);
		return -1;
	}
	i = f->shapes++ % SHAPES;
	mc_feed_free_shape(f->shape[i]);
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

/* Files of another kind have one such error a line: it is said once. */
static void
advise(struct mc_feed *f, const char *what, struct mc_err *err)
{
	if (!f->told_json)
		mc_err_advise(err, "%s", what);
	f->told_json = true;
}

/* Is it the beginning of an object that has a line for each member? */
static bool
goes_on(struct mc_str line)
{
	line = mc_str_trim(line);
	return line.len > 0 && memchr("{[,", line.p[line.len - 1], 3) != NULL;
}

static int
json_row(struct mc_feed *f, struct mc_intake *in, struct mc_str line,
    int64_t number, struct mc_err *err)
{
	struct mc_json *doc;
	struct shape *shape;
	const struct mc_json *v;
	const char *key;
	size_t i, at = 0, reals = 0;
	int32_t column;
	int rc = 0;

	if (mc_json_parse(&doc, f->name, line, err) == -1) {
		if (goes_on(line))
			advise(f,
			    "one object a line is read: jq -c . writes them so",
			    err);
		return -1;
	}
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = mc_err(err, MC_EDATA, "E_JSON", "a row is an object");
	else if (mc_json_bool(mc_json_get(doc, "dry_run")))
		rc = mc_err(err, MC_EREFUSED, "E_DRY_RUN",
		    "a record of a dry run: what it says did not happen");
	f->value.n = 0;
	mc_buf_reset(&f->text);
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		reals += mc_json_type(v) == MC_JSON_REAL;
		rc = take_value(f, v, key, err);
	}
	if (rc == -1 && mc_json_get(doc, "madonvi") != NULL)
		advise(f,
		    "messages of the national portal are read with "
		    "--input=dvcqg",
		    err);
	/* The texts stand still now: point at them. */
	for (i = 0; i < f->value.n; i++) {
		f->value.p[i].p = mc_buf_str(&f->text) + at;
		at += f->value.p[i].len;
	}
	if (rc == 0)
		rc = shape_of(f, doc, number, &shape, err);
	for (i = 0; i < f->value.n && reals > 0 && rc == 0; i++)
		rc = mc_feed_check_number(
		    &shape->binding, i, mc_json_member(doc, i, &key), err);
	if (rc == 0)
		rc = mc_feed_check(f, &shape->binding, f->value.p, f->value.n,
		    line, number, &column, err);
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

int
mc_feed_next_json(
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
