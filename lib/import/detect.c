/* detect.c - see motcua/detect.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/csv.h>
#include <motcua/detect.h>
#include <motcua/lines.h>
#include <motcua/mem.h>
#include <motcua/text.h>

/* What is enough: so many words, so good, and so much better than the next. */
#define WORDS 10
#define GOOD 80
#define MARGIN 25

static const enum mc_encoding older[] = { MC_ENC_CP1258, MC_ENC_TCVN3,
	MC_ENC_VNI, MC_ENC_VISCII };
#define OLDER (sizeof(older) / sizeof(*older))

/* ---- counting ---- */

struct counter {
	struct mc_buf bytes, text;
};

static void
count_older(struct counter *c, struct mc_evidence *ev)
{
	struct mc_decoder d;
	size_t i;

	for (i = 0; i < OLDER; i++) {
		mc_decoder_init(&d, older[i]);
		mc_buf_reset(&c->text);
		mc_decode(&d, c->bytes.p, c->bytes.len, &c->text);
		mc_decode_end(&d, &c->text);
		ev->as[older[i]].bad += d.loss.bad;
		if (d.loss.bad > 0)
			continue;
		mc_syllables((struct mc_str){ c->text.p, c->text.len },
		    &ev->as[older[i]].words, &ev->as[older[i]].good);
	}
}

/* The same cell as UTF-8, and as UTF-8 with an older text inside. */
static void
count_utf8(struct counter *c, struct mc_evidence *ev)
{
	struct mc_str s = { c->bytes.p, c->bytes.len };
	size_t i;

	if (mc_utf8_check(s.p, s.len) != s.len) {
		ev->broken++;
		return;
	}
	mc_syllables(s, &ev->as[MC_ENC_UTF8].words, &ev->as[MC_ENC_UTF8].good);
	ev->garbled += mc_mojibake(s) < s.len;
	for (i = 0; i < OLDER; i++) {
		mc_buf_reset(&c->text);
		if (!mc_recode(&c->text, s, older[i])) {
			ev->inside[older[i]].bad++;
			continue;
		}
		mc_syllables((struct mc_str){ c->text.p, c->text.len },
		    &ev->inside[older[i]].words, &ev->inside[older[i]].good);
	}
}

/* Bytes that were read as characters become bytes again. */
static void
count_cell(struct counter *c, struct mc_evidence *ev, struct mc_str cell)
{
	size_t i, len;
	bool foreign = false;
	uint32_t cp;

	cell = mc_str_trim(cell);
	if (cell.len == 0)
		return;
	mc_buf_reset(&c->bytes);
	for (i = 0; i < cell.len; i += len) {
		cp = mc_utf8_decode(cell.p + i, cell.len - i, &len);
		foreign = foreign || cp >= 0x80;
		mc_buf_putc(&c->bytes, (char)cp);
	}
	ev->values++;
	if (!foreign)
		return;
	ev->foreign++;
	count_older(c, ev);
	count_utf8(c, ev);
}

static void
add_up(struct mc_evidence *sum, const struct mc_evidence *ev)
{
	int e;

	sum->values += ev->values;
	sum->foreign += ev->foreign;
	sum->broken += ev->broken;
	sum->garbled += ev->garbled;
	for (e = 0; e < MC_ENC__COUNT; e++) {
		sum->as[e].words += ev->as[e].words;
		sum->as[e].good += ev->as[e].good;
		sum->as[e].bad += ev->as[e].bad;
		sum->inside[e].words += ev->inside[e].words;
		sum->inside[e].good += ev->inside[e].good;
		sum->inside[e].bad += ev->inside[e].bad;
	}
}

/* ---- judging ---- */

static int
percent(int64_t good, int64_t words)
{
	return words == 0 ? 0 : (int)(good * 100 / words);
}

int
mc_evidence_percent(const struct mc_evidence *ev, enum mc_encoding e)
{
	if (e == MC_ENC_UTF8 ? ev->broken > 0 : ev->as[e].bad > 0)
		return -1;
	return percent(ev->as[e].good, ev->as[e].words);
}

/* The best of the older encodings, when it is clearly that. */
static enum mc_encoding
best(const struct mc_evidence *ev, bool inside)
{
	enum mc_encoding first = MC_ENC_NONE, e;
	int top = 0, next = 0, p;
	int64_t words, good, bad, seen = 0;
	size_t i;

	for (i = 0; i < OLDER; i++) {
		e = older[i];
		words = inside ? ev->inside[e].words : ev->as[e].words;
		good = inside ? ev->inside[e].good : ev->as[e].good;
		bad = inside ? ev->inside[e].bad : ev->as[e].bad;
		/* A stray byte in a large file decides nothing. */
		if (bad * 50 > words)
			continue;
		p = percent(good, words);
		if (p > top) {
			next = top;
			top = p;
			first = e;
			seen = words;
		} else if (p > next) {
			next = p;
		}
	}
	return seen >= WORDS && top >= GOOD && top - next >= MARGIN
		   ? first
		   : MC_ENC_NONE;
}

static void
judge(struct mc_evidence *ev)
{
	enum mc_encoding e;
	int good = percent(ev->as[MC_ENC_UTF8].good, ev->as[MC_ENC_UTF8].words);

	ev->verdict = MC_TEXT_THIN;
	ev->encoding = MC_ENC_NONE;
	if (ev->foreign == 0) {
		ev->verdict = MC_TEXT_ASCII;
		ev->encoding = MC_ENC_UTF8;
	} else if (ev->broken > 0) {
		ev->encoding = best(ev, false);
		if (ev->encoding != MC_ENC_NONE)
			ev->verdict = MC_TEXT_IS;
	} else if (ev->garbled * 2 > ev->foreign) {
		ev->verdict = MC_TEXT_GARBLED;
	} else if (good < 50 && (e = best(ev, true)) != MC_ENC_NONE) {
		ev->verdict = MC_TEXT_INSIDE;
		ev->encoding = e;
	} else if ((ev->as[MC_ENC_UTF8].words >= 3 && good >= 50) ||
		   ev->foreign >= WORDS) {
		/* Well-formed by chance that often? */
		ev->verdict = MC_TEXT_IS;
		ev->encoding = MC_ENC_UTF8;
	}
}

static void
judge_all(struct mc_detect *d)
{
	const struct mc_evidence *c;
	size_t i;

	for (i = 0; i < d->n; i++) {
		judge(&d->column[i]);
		add_up(&d->file, &d->column[i]);
	}
	judge(&d->file);
	/* Nothing outside ASCII, and no text either? */
	if (d->nul && d->file.verdict == MC_TEXT_ASCII)
		d->file.verdict = MC_TEXT_THIN;
	for (i = 0; i < d->n; i++) {
		c = &d->column[i];
		if (c->verdict == MC_TEXT_THIN || c->verdict == MC_TEXT_ASCII)
			continue;
		if (d->file.verdict == MC_TEXT_THIN ||
		    c->verdict != d->file.verdict ||
		    c->encoding != d->file.encoding) {
			d->file.verdict = MC_TEXT_MIXED;
			d->file.encoding = MC_ENC_NONE;
		}
	}
}

const char *
mc_evidence_text(const struct mc_evidence *e, char text[40])
{
	switch (e->verdict) {
	case MC_TEXT_ASCII:
		return "ascii";
	case MC_TEXT_IS:
		return mc_encoding_name(e->encoding);
	case MC_TEXT_INSIDE:
		snprintf(
		    text, 40, "%s in utf-8", mc_encoding_name(e->encoding));
		return text;
	case MC_TEXT_GARBLED:
		return "garbled";
	case MC_TEXT_MIXED:
		return "mixed";
	case MC_TEXT_THIN:
		break;
	}
	return NULL;
}

/* ---- reading ---- */

static struct mc_evidence *
column(struct mc_detect *d, size_t i)
{
	if (i >= d->n) {
		d->column = mc_realloc(d->column, i + 1, sizeof(*d->column));
		memset(
		    d->column + d->n, 0, (i + 1 - d->n) * sizeof(*d->column));
		d->n = i + 1;
	}
	return &d->column[i];
}

/* A cell of the heading: its bytes, until it is known what they are. */
static void
keep_name(struct mc_evidence *ev, struct mc_str cell)
{
	struct mc_buf b = { 0 };
	size_t i, len;

	cell = mc_str_trim(cell);
	if (cell.len > 6 && memcmp(cell.p, "\u00EF\u00BB\u00BF", 6) == 0) {
		cell.p += 6; /* a byte order mark */
		cell.len -= 6;
	}
	mc_buf_puts(&b, "");
	for (i = 0; i < cell.len && b.len < 200; i += len)
		mc_buf_putc(
		    &b, (char)mc_utf8_decode(cell.p + i, cell.len - i, &len));
	free(ev->name);
	ev->name = mc_buf_detach(&b);
}

static void
read_name(struct mc_evidence *ev, enum mc_encoding e)
{
	struct mc_buf b = { 0 };
	struct mc_decoder d;
	const char *s = ev->name == NULL ? "" : ev->name;

	mc_buf_puts(&b, "");
	if (mc_utf8_check(s, strlen(s)) == strlen(s) || e < MC_ENC_CP1258) {
		mc_text_safe(&b, s, strlen(s));
	} else {
		mc_decoder_init(&d, e);
		mc_decode(&d, s, strlen(s), &b);
		mc_decode_end(&d, &b);
	}
	free(ev->name);
	ev->name = mc_buf_detach(&b);
}

static int
count_rows(struct mc_detect *d, struct mc_csv *csv, int64_t heading,
    struct mc_err *err)
{
	struct counter c = { 0 };
	struct mc_row row;
	bool fatal = false;
	size_t i;
	int rc;

	while ((rc = mc_csv_next(csv, &row, true, &fatal, err)) != 0) {
		if (rc == -1 && fatal)
			break;
		if (rc == -1) {
			/* What cannot be taken apart is of no column. */
			if (strcmp(err->id, "E_NUL") == 0)
				d->nul = true;
			else
				count_cell(&c, &d->file, row.raw);
			mc_err_clear(err);
			continue;
		}
		for (i = 0; i < row.n; i++) {
			if (row.line == heading)
				keep_name(column(d, i), row.field[i]);
			count_cell(&c, column(d, i), row.field[i]);
		}
	}
	mc_buf_free(&c.bytes);
	mc_buf_free(&c.text);
	return rc;
}

/* UTF-16, by its mark or by the zeros of ASCII in it. */
static enum mc_encoding
wide(const char *p, size_t n)
{
	if (n >= 2 &&
	    (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0))
		return MC_ENC_UTF16;
	if (n < 4 || (p[0] == '\0') == (p[1] == '\0') ||
	    (p[0] == '\0') != (p[2] == '\0') ||
	    (p[1] == '\0') != (p[3] == '\0'))
		return MC_ENC_NONE;
	return p[0] == '\0' ? MC_ENC_UTF16BE : MC_ENC_UTF16LE;
}

static const char workbook[] = "a workbook is no text: save its sheet as CSV "
			       "in UTF-8, and import that";
static const char page[] = "a page of the web, whatever its name: open it in a "
			   "spreadsheet, and save it as CSV in UTF-8";

const char *
mc_detect_alien(struct mc_str begin)
{
	static const struct {
		const char *magic, *what;
	} alien[] = {
		{ "PK\3\4", workbook },
		{ "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", workbook },
		{ "<html", page },
		{ "<!doctype html", page },
		{ "<table", page },
		{ "<", "XML: an event log in XES is read with --input=xes" },
		{ "[", "an array of JSON: one object a line is read, and "
		       "jq -c '.[]' writes them so" },
	};
	size_t i, n;

	while (begin.len > 0 &&
	       memchr(" \t\r\n\xEF\xBB\xBF", *begin.p, 7) != NULL) {
		begin.p++;
		begin.len--;
	}
	for (i = 0; i < sizeof(alien) / sizeof(*alien); i++) {
		n = strlen(alien[i].magic);
		if (begin.len >= n &&
		    strncasecmp(begin.p, alien[i].magic, n) == 0)
			return alien[i].what;
	}
	return NULL;
}

/* Takes over *src where it reads on. */
static int
read_file(struct mc_detect *d, struct mc_source **src, char delimiter,
    int64_t heading, struct mc_err *err)
{
	struct mc_str line = { NULL, 0 };
	struct mc_csv *csv;
	const char *p, *nl = NULL;
	size_t n = 0;
	int64_t k;
	int rc;

	do
		rc = mc_source_peek(*src, &p, &n, n > 0, true, err);
	while (rc == 1 && n < 8);
	if (rc == -1)
		return -1;
	d->alien = mc_detect_alien((struct mc_str){ p, n });
	if (d->alien == workbook)
		return 0;
	d->file.encoding = wide(p, n);
	if (d->file.encoding != MC_ENC_NONE) {
		d->file.verdict = MC_TEXT_IS;
		return 0;
	}
	if (mc_source_decode(*src, MC_ENC_BYTES, err) == -1 ||
	    mc_source_peek(*src, &p, &n, false, true, err) == -1)
		return -1;
	line = (struct mc_str){ p, n };
	for (k = 1; (nl = memchr(line.p, '\n', line.len)) != NULL; k++) {
		if (k == heading) {
			line.len = (size_t)(nl - line.p);
			break;
		}
		line.len -= (size_t)(nl + 1 - line.p);
		line.p = nl + 1;
	}
	if (delimiter == '\0')
		delimiter = mc_csv_delimiter(line);
	csv = mc_csv_new(*src, delimiter);
	*src = NULL;
	rc = count_rows(d, csv, heading, err);
	mc_csv_free(csv);
	if (rc == 0)
		judge_all(d);
	return rc;
}

/*
 * Names are shown only where the row is a heading: in a file that has none,
 * they would be what its first row says of a person.
 */
static void
read_names(struct mc_detect *d, const struct mc_map *map)
{
	struct mc_map *none = map == NULL ? mc_map_default() : NULL;
	size_t i, known = 0;

	for (i = 0; i < d->n; i++) {
		read_name(&d->column[i], d->file.encoding);
		known += mc_map_knows(
		    none != NULL ? none : map, mc_str(d->column[i].name));
	}
	for (i = 0; i < d->n && known < 2; i++) {
		free(d->column[i].name);
		d->column[i].name = NULL;
	}
	mc_map_free(none);
}

int
mc_detect_file(struct mc_detect **out, const char *path, char delimiter,
    const struct mc_map *map, struct mc_err *err)
{
	const struct mc_heading *h = map == NULL ? NULL : mc_map_heading(map);
	struct mc_detect *d;
	struct mc_source *src;
	int rc;

	*out = NULL;
	if (mc_source_open(&src, path, err) == -1)
		return -1;
	if (delimiter == '\0' && map != NULL)
		delimiter = mc_map_delimiter(map);
	d = mc_calloc(1, sizeof(*d));
	rc = read_file(d, &src, delimiter,
	    h == NULL || h->lines == 0 ? 1 : h->line[h->lines - 1], err);
	mc_source_free(src);
	read_names(d, map);
	if (rc == -1)
		mc_detect_free(d);
	else
		*out = d;
	return rc;
}

void
mc_detect_free(struct mc_detect *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->n; i++)
		free(d->column[i].name);
	free(d->column);
	free(d);
}
