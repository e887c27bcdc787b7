/* feed.c - see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/detect.h>
#include <motcua/text.h>

#include "feed_internal.h"

/* What "sep=;", which some spreadsheets write first, says; '\0': no such. */
static char
separator(struct mc_str text)
{
	const char *nl = text.len == 0 ? NULL : memchr(text.p, '\n', text.len);

	if (nl != NULL)
		text.len = (size_t)(nl - text.p);
	if (text.len > 0 && text.p[text.len - 1] == '\r')
		text.len--;
	return text.len == 5 && memcmp(text.p, "sep=", 4) == 0 ? text.p[4]
							       : '\0';
}

static int
refuse_utf16(struct mc_feed *f, struct mc_str s, struct mc_err *err)
{
	bool marked, big;

	if (s.len < 2)
		return 0;
	marked =
	    memcmp(s.p, "\xFF\xFE", 2) == 0 || memcmp(s.p, "\xFE\xFF", 2) == 0;
	big = s.p[0] == '\0';
	if (!marked && (big == (s.p[1] == '\0') || s.len < 4 ||
			   big != (s.p[2] == '\0') || big == (s.p[3] == '\0')))
		return 0;
	mc_err(err, MC_EDATA, "E_ENCODING", "UTF-16, not UTF-8");
	mc_err_advise(err, "say so: --encoding=utf-16%s",
	    marked ? ""
	    : big  ? "be"
		   : "le");
	return mc_err_at(err, f->name, 1, 0);
}

/*
 * The heading in what is in sight: from its first line on, as many line ends
 * outside quotes as it has lines.  False: not all of it is there yet.
 */
static bool
heading_text(const struct mc_heading *h, struct mc_str all, struct mc_str *text)
{
	int first = h->lines == 0 ? 1 : h->line[0], records;
	bool quoted = false;
	const char *nl;
	size_t i;

	if (all.len >= 3 && memcmp(all.p, "\xEF\xBB\xBF", 3) == 0) {
		all.p += 3;
		all.len -= 3;
	}
	for (; first > 1; first--) {
		nl = all.len == 0 ? NULL : memchr(all.p, '\n', all.len);
		i = nl == NULL ? all.len : (size_t)(nl - all.p) + 1;
		all.p += i;
		all.len -= i;
	}
	records = h->lines == 0 ? 1 : h->lines;
	for (i = 0; i < all.len && records > 0; i++)
		if (all.p[i] == '"')
			quoted = !quoted;
		else if (all.p[i] == '\n' && !quoted)
			records--;
	*text = (struct mc_str){ all.p, i };
	return records == 0;
}

/* A first look: JSON or CSV, and which delimiter. */
static int
look(struct mc_feed *f, struct mc_source *src, enum mc_feed_format format,
    struct mc_err *err)
{
	const struct mc_heading *h = mc_map_heading(f->map);
	struct mc_str all = { NULL, 0 }, text = { NULL, 0 };
	bool whole;
	size_t i;
	int rc;

	do {
		rc = mc_source_peek(
		    src, &all.p, &all.len, all.len > 0, true, err);
		if (rc == -1 || refuse_utf16(f, all, err) == -1)
			return -1;
		for (i = 0; i < all.len &&
			    strchr(" \t\r\n\xEF\xBB\xBF", all.p[i]) != NULL;
		     i++)
			;
		f->json =
		    format == MC_FEED_NDJSON ||
		    (format == MC_FEED_GUESS && i < all.len && all.p[i] == '{');
		whole = f->json ? memchr(all.p, '\n', all.len) != NULL
				: heading_text(h, all, &text);
	} while (rc == 1 && !whole && all.len < MC_LINE_MAX);
	if (f->json || f->delimiter != '\0')
		return 0;
	f->delimiter = separator(text);
	if (f->delimiter == '\0')
		f->delimiter = mc_csv_delimiter(text);
	return 0;
}

/* ---- the heading ---- */

/* Cells of the heading's lines, tidied; a column's name is made of them. */
struct grid {
	char *cell[MC_HEADING_LINES][MC_CSV_COLUMNS];
	size_t n;
};

static void
free_grid(struct grid *g)
{
	size_t i;
	int k;

	for (k = 0; k < MC_HEADING_LINES; k++)
		for (i = 0; i < MC_CSV_COLUMNS; i++)
			free(g->cell[k][i]);
	free(g);
}

static const char *
cell(const struct grid *g, int k, size_t i)
{
	return g->cell[k][i] == NULL ? "" : g->cell[k][i];
}

static void
add_line(struct grid *g, int k, const struct mc_row *row)
{
	size_t i;

	if (row->n > g->n)
		g->n = row->n;
	for (i = 0; i < row->n; i++)
		g->cell[k][i] = mc_map_tidy(row->field[i]);
}

/*
 * What stands over column i on line k of `lines`.  A cell that spans several
 * columns is written in the first of them, so an empty one belongs to the
 * next to its left, as far as there is something below both and what is
 * above is the same.
 */
static const char *
over(const struct grid *g, int k, int lines, size_t i)
{
	const char *below = cell(g, lines - 1, i);
	size_t j = i;
	int up;

	if (k == lines - 1 || *cell(g, k, i) != '\0' || *below == '\0' ||
	    *below == '_')
		return cell(g, k, i);
	do {
		if (j == 0)
			return "";
		j--;
		for (up = 0; up < k; up++)
			if (strcmp(over(g, up, lines, j),
				over(g, up, lines, i)) != 0)
				return "";
	} while (*cell(g, k, j) == '\0');
	return *cell(g, lines - 1, j) == '\0' ? "" : cell(g, k, j);
}

static void
name_column(const struct grid *g, int lines, size_t i, struct mc_buf *name)
{
	const char *part, *before = "";
	int k;

	mc_buf_reset(name);
	mc_buf_puts(name, "");
	for (k = 0; k < lines; k++) {
		part = over(g, k, lines, i);
		if (*part == '\0' || strcmp(part, before) == 0)
			continue;
		if (name->len > 0)
			mc_buf_puts(name, MC_HEADING_JOIN);
		mc_buf_puts(name, part);
		before = part;
	}
}

/*
 * A reject file begins as the source does, line for line, so that the same
 * map finds the heading in it.
 */
static void
keep(struct mc_feed *f, struct mc_buf *b, const struct mc_row *row)
{
	size_t i;

	for (; f->next_line < row->line; f->next_line++)
		mc_buf_putc(b, '\n');
	mc_buf_add(b, row->raw.p, row->raw.len);
	for (i = 0; i < row->raw.len; i++)
		f->next_line += row->raw.p[i] == '\n';
	mc_buf_putc(b, '\n');
	f->next_line++;
}

static int
no_heading(struct mc_feed *f, int64_t line, struct mc_err *err)
{
	if (line <= 1) {
		mc_err(err, MC_EDATA, "E_HEADER", "there is no heading");
		return mc_err_at(err, f->name, 1, 0);
	}
	mc_err(err, MC_EDATA, "E_HEADER",
	    "no row begins on line %d, where the map has the heading",
	    (int)line);
	return mc_err_at(err, f->name, line, 0);
}

/* The lines of the heading, and all before them. */
static int
read_lines(struct mc_feed *f, struct grid *g, int64_t *line, struct mc_err *err)
{
	const struct mc_heading *h = mc_map_heading(f->map);
	int k = 0, lines = h->lines == 0 ? 1 : h->lines, rc;
	struct mc_row row;
	bool fatal;

	while (k < lines) {
		rc = mc_csv_next(f->csv, &row, true, &fatal, err);
		if (rc == 0)
			return no_heading(f, h->line[k], err);
		if (h->lines > 0 && row.line < h->line[k] && !fatal) {
			mc_err_clear(err);
			keep(f, &f->head, &row);
			continue;
		}
		if (rc == -1)
			return -1;
		if (h->lines == 0 && row.line == 1 &&
		    separator(row.raw) != '\0') {
			keep(f, &f->head, &row);
			continue;
		}
		if (h->lines > 0 && row.line != h->line[k])
			return no_heading(f, h->line[k], err);
		keep(f, &f->head, &row);
		*line = row.line;
		add_line(g, k++, &row);
	}
	f->head.len--; /* the names that a reject file adds come here */
	return 0;
}

/* (1), 2, (3)=(1)+(2), A: the number of a column, or how it is computed. */
static bool
is_number(struct mc_str s)
{
	size_t i;

	s = mc_str_trim(s);
	for (i = 0; i < s.len; i++)
		if (strchr("0123456789()[]+-=*/. ABCDEabcde", s.p[i]) == NULL)
			return false;
	return s.len <= 40;
}

static int
read_numbers(struct mc_feed *f, int64_t line, struct mc_err *err)
{
	struct mc_row row;
	size_t i, some = 0;
	bool fatal;
	int rc = mc_csv_next(f->csv, &row, true, &fatal, err);

	if (rc == -1)
		return -1;
	for (i = 0; rc == 1 && i < row.n; i++) {
		if (!is_number(row.field[i]))
			rc = 0;
		some += mc_str_trim(row.field[i]).len > 0;
	}
	if (rc == 0 || some == 0) {
		mc_err(err, MC_EDATA, "E_HEADER",
		    "no row of column numbers, such as (1) (2), stands below "
		    "the heading");
		mc_err_advise(err, "the map says that there is one: "
				   "\"numbered\": true");
		return mc_err_at(err, f->name, line + 1, 0);
	}
	keep(f, &f->below, &row);
	return 0;
}

/* Names of columns, and what a row is to be looked at for. */
static int
bind_names(struct mc_feed *f, const struct grid *g, int lines, int64_t line,
    struct mc_err *err)
{
	struct mc_buf name = { 0 };
	struct mc_str *part = mc_calloc(g->n + 1, sizeof(*part));
	size_t i;
	int rc, c;

	for (i = 0; i < g->n; i++) {
		name_column(g, lines, i, &name);
		part[i] =
		    (struct mc_str){ mc_strndup(name.p, name.len), name.len };
	}
	f->mended = g->n > ADDED;
	for (i = 0; i < ADDED && f->mended; i++)
		f->mended = mc_str_is(part[g->n - ADDED + i], mc_feed_added[i]);
	rc = mc_map_bind(f->map, f->name, line, part, g->n, true, &f->binding,
	    &f->ignored, err);
	for (i = 0; rc == 0 && f->binding.unnamed && i < g->n; i++)
		if (part[i].len == 0 && f->binding.column[i] == MC_COL_NONE)
			mc_vec_push(&f->nameless, i);
	for (c = 0; c < MC_COL__COUNT && rc == 0; c++)
		if (mc_map_recode(f->map, (enum mc_column)c) != MC_ENC_NONE &&
		    f->binding.at[c] != -1)
			f->recodes = true;
	for (i = 0; i < g->n; i++)
		free((void *)(uintptr_t)part[i].p);
	free(part);
	mc_buf_free(&name);
	return rc;
}

static int
read_heading(struct mc_feed *f, struct mc_err *err)
{
	const struct mc_heading *h = mc_map_heading(f->map);
	struct grid *g = mc_calloc(1, sizeof(*g));
	int64_t line = 1;
	int rc;

	rc = read_lines(f, g, &line, err);
	if (rc == 0 && h->numbered)
		rc = read_numbers(f, line, err);
	if (rc == 0)
		rc = bind_names(f, g, h->lines == 0 ? 1 : h->lines, line, err);
	free_grid(g);
	if (rc == -1 && strcmp(err->id, "E_UTF8") == 0)
		mc_err_advise(
		    err, "which encoding is it? --encoding=detect looks at it");
	return rc;
}

static const struct {
	const char *name, *map;
} formats[] = {
	[MC_FEED_GUESS] = { NULL, NULL },
	[MC_FEED_CSV] = { "csv", NULL },
	[MC_FEED_NDJSON] = { "ndjson", NULL },
	[MC_FEED_XES] = { "xes", "maps/xes.json" },
	[MC_FEED_DVCQG] = { "dvcqg", "maps/dvcqg.json" },
};

enum mc_feed_format
mc_feed_format_parse(const char *name)
{
	int i;

	for (i = MC_FEED_CSV; i <= MC_FEED_DVCQG; i++)
		if (strcmp(formats[i].name, name) == 0)
			return (enum mc_feed_format)i;
	return MC_FEED_GUESS;
}

const char *
mc_feed_formats(void)
{
	return "csv ndjson xes dvcqg";
}

const char *
mc_feed_format_map(enum mc_feed_format f)
{
	return formats[f].map;
}

const struct mc_err *
mc_feed_warning(const struct mc_feed *f)
{
	return &f->warning;
}

/* Of a form that says itself what it is written in. */
static int
open_other(struct mc_feed *f, const char *path, const char *label,
    enum mc_feed_format format, struct mc_err *err)
{
	f->said = MC_ENC_NONE;
	if (mc_source_open(&f->src, path, err) == -1)
		return -1;
	f->name = mc_strdup(label != NULL ? label : path);
	mc_source_call(f->src, f->name);
	return format == MC_FEED_XES ? mc_feed_open_xes(f, err)
				     : mc_feed_open_dvcqg(f, err);
}

int
mc_feed_open(struct mc_feed **out, const char *path, const char *label,
    const struct mc_feed_options *o, const struct mc_map *map,
    struct mc_err *err)
{
	struct mc_feed *f = mc_calloc(1, sizeof(*f));
	struct mc_str begin = { NULL, 0 };
	struct mc_source *src;
	const char *alien;
	int rc;

	*out = NULL;
	f->map = map;
	f->next_line = 1;
	f->delimiter =
	    o->delimiter != '\0' ? o->delimiter : mc_map_delimiter(map);
	f->said =
	    o->encoding != MC_ENC_NONE ? o->encoding : mc_map_encoding(map);
	if (mc_feed_format_map(o->format) != NULL) {
		if (open_other(f, path, label, o->format, err) == -1)
			goto fail;
		*out = f;
		return 0;
	}
	if (mc_source_open(&src, path, err) == -1)
		goto fail;
	f->name = mc_strdup(label != NULL ? label : path);
	mc_source_call(src, f->name);
	rc = mc_source_peek(src, &begin.p, &begin.len, false, true, err);
	alien = mc_detect_alien(begin);
	if (rc == -1 || mc_source_decode(src, f->said, err) == -1 ||
	    look(f, src, o->format, err) == -1) {
		mc_source_free(src);
		goto fail;
	}
	if (f->json)
		f->src = src;
	else
		f->csv = mc_csv_new(src, f->delimiter);
	if (f->csv != NULL && read_heading(f, err) == -1) {
		if (alien != NULL && err->code == MC_EDATA)
			mc_err_advise(err, "%s", alien);
		goto fail;
	}
	f->looks = f->recodes || f->nameless.n > 0 || mc_map_ragged(map) ||
		   mc_map_has_phrases(map);
	*out = f;
	return 0;
fail:
	mc_feed_free(f);
	return -1;
}

void
mc_feed_free_shape(struct shape *s)
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
		mc_feed_free_shape(f->shape[i]);
	mc_feed_free_xes(f);
	mc_feed_free_dvcqg(f);
	mc_feed_free_sources(f);
	for (i = 0; i < 3; i++)
		mc_buf_free(&f->kept[i]);
	mc_vec_free(&f->value);
	mc_source_free(f->src);
	mc_csv_free(f->csv);
	mc_binding_free(&f->binding);
	mc_buf_free(&f->head);
	mc_buf_free(&f->below);
	mc_vec_free(&f->nameless);
	mc_buf_free(&f->ignored);
	mc_buf_free(&f->text);
	free(f->name);
	free(f);
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

int64_t
mc_feed_passed(const struct mc_feed *f, int64_t *first)
{
	*first = f->first_passed;
	return f->passed;
}
