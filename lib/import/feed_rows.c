/* feed_rows.c - rows of CSV, and rejects; see motcua/feed.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/text.h>

#include "feed_internal.h"

const char *const mc_feed_added[ADDED] = { "_line", "_column", "_code",
	"_message" };

static int
garbled(struct mc_feed *f, const struct mc_binding *b,
    const struct mc_str *field, size_t n, int32_t *column, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < n && i < b->n; i++) {
		if (b->column[i] == MC_COL_NONE ||
		    mc_mojibake(field[i]) == field[i].len)
			continue;
		*column = (int32_t)i + 1;
		mc_err(err, MC_EDATA, "E_MOJIBAKE",
		    "%s was UTF-8, read as Latin-1, and saved again",
		    mc_column_name(b->column[i]));
		if (!f->garbled)
			mc_err_advise(err,
			    "export it anew as UTF-8; or this brings it back: "
			    "iconv -f UTF-8 -t CP1252");
		f->garbled = true;
		return -1;
	}
	return 0;
}

/* The quick look: is there a plus before the last digits? */
static inline bool
has_plus(struct mc_str s)
{
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	return s.len >= 4 && (s.p[s.len - 2] == '+' || s.p[s.len - 3] == '+');
}

/*
 * Identity numbers of 12 or 9 digits begin with a zero as often as not, and
 * phones always do; a spreadsheet that takes them for numbers drops it.
 */
static bool
is_short(enum mc_column c, struct mc_str s)
{
	size_t i;

	if (c == MC_COL_PHONE ? s.len != 9 : s.len != 8 && s.len != 11)
		return false;
	for (i = 0; i < s.len; i++)
		if (s.p[i] < (i == 0 ? '1' : '0') || s.p[i] > '9')
			return false;
	return true;
}

static void
count_short(struct mc_feed *f, const struct mc_binding *b,
    const struct mc_str *field, size_t n, int64_t line)
{
	static const enum mc_column numbers[] = { MC_COL_APPLICANT_ID,
		MC_COL_PHONE };
	size_t i;
	int at;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		at = b->at[numbers[i]];
		if (at == -1 || (size_t)at >= n ||
		    !is_short(numbers[i], field[at]))
			continue;
		if (f->short_digits++ == 0)
			mc_err_at(&f->short_first, f->name, line,
			    f->json || b->unplaced ? 0 : at + 1);
	}
}

/* What is told of the whole file, when it has ended. */
static void
warn_short(struct mc_feed *f)
{
	if (f->short_digits == 0 || f->warning.code != MC_OK)
		return;
	mc_err(&f->warning, MC_EDATA, "W_DIGITS",
	    "%lld identity number%s or phone%s without a first zero, it seems: "
	    "kept as they are",
	    (long long)f->short_digits, f->short_digits == 1 ? "" : "s",
	    f->short_digits == 1 ? "" : "s");
	mc_err_at(&f->warning, f->short_first.where, 0, 0);
	mc_err_advise(
	    &f->warning, "spreadsheets drop it: export these columns as text");
}

/* What is text, though it has nothing but digits. */
static const enum mc_column digits[] = { MC_COL_CODE, MC_COL_ALIAS,
	MC_COL_APPLICANT_ID, MC_COL_PHONE };
#define DIGITS (sizeof(digits) / sizeof(*digits))

static int
spoilt(enum mc_column c, struct mc_err *err)
{
	mc_err(err, MC_EDATA, "E_NUMBER",
	    "%s: a spreadsheet made a number of it and lost its digits "
	    "(as in 3.7E+10)",
	    mc_column_name(c));
	return mc_err_advise(err, "export it anew with that column as text");
}

int
mc_feed_check_number(const struct mc_binding *b, size_t at,
    const struct mc_json *v, struct mc_err *err)
{
	const char *real = mc_json_real(v);
	size_t i;

	if (real == NULL || strpbrk(real, "eE") == NULL)
		return 0;
	for (i = 0; i < DIGITS; i++)
		if (b->at[digits[i]] == (int)at)
			return spoilt(digits[i], err);
	return 0;
}

int
mc_feed_check(struct mc_feed *f, const struct mc_binding *b,
    const struct mc_str *field, size_t n, struct mc_str raw, int64_t line,
    int32_t *column, struct mc_err *err)
{
	size_t i;
	int at;

	for (i = 0; i < DIGITS; i++) {
		at = b->at[digits[i]];
		if (at == -1 || (size_t)at >= n || !has_plus(field[at]) ||
		    !mc_map_spoilt(mc_str_trim(field[at])))
			continue;
		*column = at + 1;
		return spoilt(digits[i], err);
	}
	count_short(f, b, field, n, line);
	/*
	 * Nearly all that is garbled has characters from U+0080 to U+00BF,
	 * and hardly anything else has.
	 */
	if (f->garbled || memchr(raw.p, 0xC2, raw.len) != NULL)
		return garbled(f, b, field, n, column, err);
	return 0;
}

/* Nothing but delimiters: what spreadsheets put behind a table. */
static bool
is_blank(const struct mc_feed *f, struct mc_str raw)
{
	size_t i;

	for (i = 0; i < raw.len; i++)
		if (raw.p[i] != f->delimiter &&
		    strchr(" \t\"", raw.p[i]) == NULL)
			return false;
	return true;
}

/* A line of totals, or the end of the table?  (A code makes it a row.) */
static bool
is_no_row(struct mc_feed *f, const struct mc_row *row)
{
	int code = f->binding.at[MC_COL_CODE];
	size_t i;

	if (f->ended)
		return true;
	for (i = 0; i < row->n; i++)
		if (mc_str_trim(row->field[i]).len > 0)
			break;
	if (i == row->n)
		return true;
	if (code != -1 && (size_t)code != i && (size_t)code < row->n &&
	    mc_str_trim(row->field[code]).len > 0)
		return false;
	switch (mc_map_row(f->map, row->field[i])) {
	case MC_MAP_END:
		f->ended = true;
		return true;
	case MC_MAP_TOTAL:
		return true;
	case MC_MAP_DATA:
		break;
	}
	return false;
}

/* The fields of a row of our own making. */
static int
rewrite(
    struct mc_feed *f, struct mc_row *row, int32_t *column, struct mc_err *err)
{
	enum mc_encoding e;
	struct mc_str s;
	size_t i, at = 0;

	f->value.n = 0;
	mc_buf_reset(&f->text);
	for (i = 0; i < f->binding.n; i++) {
		s = i < row->n ? row->field[i] : (struct mc_str){ "", 0 };
		e = f->binding.column[i] == MC_COL_NONE
			? MC_ENC_NONE
			: mc_map_recode(f->map, f->binding.column[i]);
		at = f->text.len;
		if (e == MC_ENC_NONE) {
			mc_buf_add(&f->text, s.p, s.len);
		} else if (!mc_recode(&f->text, s, e)) {
			*column = (int32_t)i + 1;
			return mc_err(err, MC_EDATA, "E_ENCODING",
			    "%s has characters that %s does not have",
			    mc_column_name(f->binding.column[i]),
			    mc_encoding_name(e));
		}
		s.len = f->text.len - at;
		mc_vec_push(&f->value, s);
	}
	for (at = i = 0; i < f->value.n; at += f->value.p[i++].len)
		f->value.p[i].p = mc_buf_str(&f->text) + at;
	row->field = f->value.p;
	row->n = f->value.n;
	row->plain = false;
	return 0;
}

static bool
may_be_cut(const struct mc_feed *f, const struct mc_row *row)
{
	size_t i;

	for (i = f->binding.n; i < row->n; i++)
		if (mc_str_trim(row->field[i]).len > 0)
			return false;
	return true;
}

/* 1 = a row for the intake, 0 = none, -1 = a bad one. */
static int
look_at(
    struct mc_feed *f, struct mc_row *row, int32_t *column, struct mc_err *err)
{
	size_t i, at;

	if (mc_map_has_phrases(f->map) && is_no_row(f, row))
		return 0;
	for (i = 0; i < f->nameless.n; i++) {
		at = f->nameless.p[i];
		if (at >= row->n || mc_str_trim(row->field[at]).len == 0)
			continue;
		*column = (int32_t)at + 1;
		return mc_err(err, MC_EDATA, "E_COLUMN",
		    "a value in a column without a name");
	}
	if ((mc_map_ragged(f->map) && row->n != f->binding.n &&
		may_be_cut(f, row)) ||
	    (f->recodes && row->n == f->binding.n))
		return rewrite(f, row, column, err) == -1 ? -1 : 1;
	return 1;
}

static void
pass(struct mc_feed *f, int64_t line)
{
	if (f->passed++ == 0)
		f->first_passed = line;
}

/* A row that is refused here: its place is the field. */
static void
refuse(struct mc_feed *f, struct mc_intake *in, const struct mc_row *row,
    int32_t column, struct mc_err *err)
{
	mc_err_at(err, f->name, row->line, column);
	mc_intake_bad_field(in, row->line, column, row->raw, err);
	mc_err_clear(err);
}

static int
next_csv(struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	static const struct mc_intake_extra plain = { .plain = true };
	struct mc_row row;
	bool fatal = false;
	int32_t column = 0;
	int rc, fit = 1;

	mc_intake_bind(in, f->name, &f->binding);
	for (;;) {
		rc = mc_csv_next(f->csv, &row, wait, &fatal, err);
		if (rc == 0 || rc == MC_WOULD_BLOCK || fatal)
			return rc;
		if (rc == -1 && f->ended) {
			mc_err_clear(err);
		} else if (rc == -1) {
			if (strcmp(err->id, "E_UTF8") == 0 && !f->told_utf8) {
				f->told_utf8 = true;
				mc_err_advise(err, "which encoding is it? "
						   "--encoding=detect looks "
						   "at it");
			}
			mc_intake_bad_row(in, row.line, row.raw, err);
			mc_err_clear(err);
			return 1;
		} else if ((row.raw.p[0] == f->delimiter ||
			       row.raw.p[0] == '"' || row.raw.p[0] == ' ') &&
			   is_blank(f, row.raw)) {
			continue;
		} else if (!f->looks ||
			   (fit = look_at(f, &row, &column, err)) != 0) {
			break;
		}
		pass(f, row.line);
	}
	/* What garbled text is told by, plain text has not. */
	if (fit == -1 ||
	    mc_feed_check(f, &f->binding, row.field, row.n,
		row.plain ? MC_STR("") : row.raw, row.line, &column, err) == -1)
		refuse(f, in, &row, column, err);
	else
		mc_intake_row_with(in, row.field, row.column, row.n, row.line,
		    row.raw, row.plain ? &plain : NULL);
	return 1;
}

int
mc_feed_next(
    struct mc_feed *f, struct mc_intake *in, bool wait, struct mc_err *err)
{
	int rc;

	if (f->xes != NULL)
		rc = mc_feed_next_xes(f, in, wait, err);
	else if (f->dvcqg != NULL)
		rc = mc_feed_next_dvcqg(f, in, wait, err);
	else
		rc = f->json ? mc_feed_next_json(f, in, wait, err)
			     : next_csv(f, in, wait, err);
	if (rc == 0)
		warn_short(f);
	return rc;
}

/* ---- rejects ---- */

void
mc_feed_reject_head(const struct mc_feed *f, struct mc_buf *out)
{
	size_t i;

	/* It is UTF-8, whatever will be said of it again. */
	if (f->said != MC_ENC_NONE && f->said != MC_ENC_UTF8)
		mc_buf_puts(out, "\xEF\xBB\xBF");
	if (f->json)
		return;
	mc_buf_add(out, f->head.p, f->head.len);
	for (i = 0; i < ADDED && !f->mended; i++)
		mc_buf_printf(out, "%c%s", f->delimiter, mc_feed_added[i]);
	mc_buf_putc(out, '\n');
	mc_buf_add(out, f->below.p, f->below.len);
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
			mc_json_again(&text, v);
			mc_jw_key(&w, key);
			mc_jw_raw(&w, (struct mc_str){ text.p, text.len });
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
