/*
 * csv.c - the CSV scanner, and writing one field.
 *
 * A record is looked at only when all of it is in the source's window, so
 * nothing is kept between calls: with more bytes it is scanned again from
 * its start.  Fields are pieces of the window; only those with doubled
 * quotes are copied.
 */
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <motcua/charset.h>
#include <motcua/csv.h>
#include <motcua/text.h>

enum found {
	FOUND_ROW,
	FOUND_MORE,    /* the window ends first */
	FOUND_INSIDE,  /* a quote behind spaces */
	FOUND_AFTER,   /* text after a closing quote */
	FOUND_UNCLOSED /* the input ends in a quoted field */
};

struct mc_csv {
	struct mc_source *src;
	char delimiter;
	bool started;
	int64_t line; /* that the next record starts on */
	struct mc_str field[MC_CSV_COLUMNS];
	int32_t column[MC_CSV_COLUMNS];
	size_t doubled[MC_CSV_COLUMNS]; /* fields with doubled quotes */
	struct mc_buf scratch;          /* those fields, undoubled */
};

/* What one scan saw; offsets are from the record's start. */
struct scan {
	const char *record, *line; /* its start, and that of the line in hand */
	const char *stop; /* the end of the last field, with its quotes */
	bool eof;
	size_t fields, doubled;
	size_t len;       /* of the record, without its line end */
	size_t total;     /* with it */
	int64_t newlines; /* inside quoted fields */
	size_t at;        /* of what is wrong */
	size_t big;       /* 1 + index of the first field over the limit */
	size_t big_at, over_at;
};

struct mc_csv *
mc_csv_new(struct mc_source *src, char delimiter)
{
	struct mc_csv *csv = mc_calloc(1, sizeof(*csv));

	csv->src = src;
	csv->delimiter = delimiter;
	csv->line = 1;
	return csv;
}

void
mc_csv_free(struct mc_csv *csv)
{
	if (csv == NULL)
		return;
	mc_source_free(csv->src);
	mc_buf_free(&csv->scratch);
	free(csv);
}

struct mc_source *
mc_csv_source(struct mc_csv *csv)
{
	return csv->src;
}

/*
 * Delimiters, quotes and newlines, one after another: those of a block of
 * the text are found at once, and wait as bits.
 */
#define BLOCK 32
struct marks {
	const char *block, *end; /* whose the hits are, and of the text */
	uint32_t hits;
	char delimiter;
};

static uint32_t
find_marks_bytewise(const char *p, size_t n, char delimiter)
{
	uint32_t hits = 0;
	size_t i;

	for (i = 0; i < n && i < BLOCK; i++)
		if (p[i] == delimiter || p[i] == '"' || p[i] == '\n')
			hits |= UINT32_C(1) << i;
	return hits;
}

#ifdef __SSE2__
static inline uint32_t
find_marks_16(const char *p, char delimiter)
{
	__m128i x, d, q, l;

	memcpy(&x, p, sizeof(x));
	d = _mm_cmpeq_epi8(x, _mm_set1_epi8(delimiter));
	q = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
	l = _mm_cmpeq_epi8(x, _mm_set1_epi8('\n'));
	return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(d, q), l));
}
#endif

/* Of the block at p, of which n bytes are there. */
static inline uint32_t
find_marks(const char *p, size_t n, char delimiter)
{
#ifdef __SSE2__
	if (n >= BLOCK)
		return find_marks_16(p, delimiter) |
		       find_marks_16(p + 16, delimiter) << 16;
#endif
	return find_marks_bytewise(p, n, delimiter);
}

/* The next one, or the end. */
static inline const char *
next_mark(struct marks *m)
{
	const char *p;

	while (m->hits == 0) {
		if (m->end - m->block <= BLOCK)
			return m->end;
		m->block += BLOCK;
		m->hits = find_marks(
		    m->block, (size_t)(m->end - m->block), m->delimiter);
	}
	p = m->block + __builtin_ctz(m->hits);
	m->hits &= m->hits - 1;
	return p;
}

/*
 * The closing quote of a field whose opening one is behind, or NULL when that
 * is not in sight (or may be half of a doubled one).
 */
static const char *
closing_quote(struct marks *m, struct scan *s, bool *doubled)
{
	const char *p;

	*doubled = false;
	while ((p = next_mark(m)) != m->end) {
		if (*p == '\n') {
			s->newlines++;
			s->line = p + 1;
		}
		if (*p != '"')
			continue;
		if (p + 1 == m->end)
			return s->eof ? p : NULL;
		if (p[1] != '"')
			return p;
		*doubled = true;
		next_mark(m);
	}
	return NULL;
}

static void
keep_field(struct mc_csv *csv, struct scan *s, const char *p, size_t len,
    size_t column, bool doubled)
{
	size_t i = s->fields++;

	if (len > MC_CSV_FIELD && s->big == 0) {
		s->big = i + 1;
		s->big_at = (size_t)(p - s->record);
	}
	if (i >= MC_CSV_COLUMNS) {
		if (i == MC_CSV_COLUMNS)
			s->over_at = (size_t)(p - s->record);
		return;
	}
	csv->field[i] = (struct mc_str){ p, len };
	csv->column[i] = (int32_t)column;
	if (doubled)
		csv->doubled[s->doubled++] = i;
}

static bool
only_spaces(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p == end;
}

/*
 * The short way for most fields: from `start` on, those that have no quote
 * and end at a delimiter.  Returns where the first other one begins.
 */
static const char *
take_simple(
    struct mc_csv *csv, struct marks *m, struct scan *s, const char *start)
{
	const char *block = m->block, *line = s->line, *at;
	const char delimiter = m->delimiter;
	uint32_t hits = m->hits;
	size_t i = s->fields;

	while (i < MC_CSV_COLUMNS) {
		if (hits == 0) {
			if (m->end - block <= BLOCK)
				break;
			block += BLOCK;
			hits = find_marks(
			    block, (size_t)(m->end - block), delimiter);
			continue;
		}
		at = block + __builtin_ctz(hits);
		if (*at != delimiter || at - start > (ptrdiff_t)MC_CSV_FIELD)
			break;
		csv->field[i] = (struct mc_str){ start, (size_t)(at - start) };
		csv->column[i++] = (int32_t)(start - line + 1);
		hits &= hits - 1;
		start = at + 1;
	}
	s->fields = i;
	m->block = block;
	m->hits = hits;
	return start;
}

/*
 * Any field that does not begin with a quote; *at is the first mark in it, and
 * then the one that it ends at.  FOUND_ROW: it is taken.
 */
static enum found
take_bare(struct mc_csv *csv, struct marks *m, struct scan *s,
    const char *start, const char **at)
{
	const char *p = *at;

	while (p < m->end && *p == '"') {
		if (only_spaces(start, p)) {
			s->at = (size_t)(p - s->record);
			return FOUND_INSIDE;
		}
		p = next_mark(m);
	}
	if (p == m->end && !s->eof)
		return FOUND_MORE;
	*at = s->stop = p;
	if ((p == m->end || *p == '\n') && p > start && p[-1] == '\r')
		s->stop--;
	keep_field(csv, s, start, (size_t)(s->stop - start),
	    (size_t)(start - s->line) + 1, false);
	return FOUND_ROW;
}

/* A field that does: where its quote closes, it has to end. */
static enum found
take_quoted(struct mc_csv *csv, struct marks *m, struct scan *s,
    const char *start, const char **at)
{
	size_t column = (size_t)(start - s->line) + 1;
	const char *p, *end = m->end;
	bool doubled;

	p = closing_quote(m, s, &doubled);
	if (p == NULL) {
		s->at = (size_t)(start - s->record);
		return s->eof ? FOUND_UNCLOSED : FOUND_MORE;
	}
	keep_field(csv, s, start + 1, (size_t)(p - start) - 1, column, doubled);
	s->stop = ++p;
	if (p < end && *p == '\r') {
		if (p + 1 == end && !s->eof)
			return FOUND_MORE;
		if (p + 1 == end || p[1] == '\n')
			p++;
	}
	*at = p;
	if (p == end)
		return s->eof ? FOUND_ROW : FOUND_MORE;
	if (*p != '\n' && *p != m->delimiter) {
		s->at = (size_t)(p - s->record);
		return FOUND_AFTER;
	}
	next_mark(m);
	return FOUND_ROW;
}

/* Scan one record; nothing is consumed. */
static enum found
scan_record(
    struct mc_csv *csv, const char *p, size_t n, bool eof, struct scan *s)
{
	struct marks m = { p, p + n, find_marks(p, n, csv->delimiter),
		csv->delimiter };
	const char *start, *at;
	enum found found;

	*s = (struct scan){ .record = p, .line = p, .eof = eof };
	for (start = p;; start = at + 1) {
		start = take_simple(csv, &m, s, start);
		at = next_mark(&m);
		if (at == start && at < m.end && *at == '"')
			found = take_quoted(csv, &m, s, start, &at);
		else
			found = take_bare(csv, &m, s, start, &at);
		if (found != FOUND_ROW)
			return found;
		if (at == m.end || *at == '\n')
			break;
	}
	s->len = (size_t)(s->stop - p);
	s->total = (size_t)(at - p) + (at < m.end);
	return FOUND_ROW;
}

/* Fields with doubled quotes, into memory that is reserved for all first. */
static void
undouble(struct mc_csv *csv, const struct scan *s)
{
	struct mc_str *f;
	const char *p, *end, *q;
	size_t i, room = 0;
	char *to;

	for (i = 0; i < s->doubled; i++)
		room += csv->field[csv->doubled[i]].len;
	mc_buf_reset(&csv->scratch);
	to = mc_buf_room(&csv->scratch, room);
	for (i = 0; i < s->doubled; i++) {
		f = &csv->field[csv->doubled[i]];
		p = f->p;
		end = p + f->len;
		f->p = to;
		while ((q = memchr(p, '"', (size_t)(end - p))) != NULL) {
			memcpy(to, p, (size_t)(q + 1 - p));
			to += q + 1 - p;
			p = q + 2;
		}
		memcpy(to, p, (size_t)(end - p));
		to += end - p;
		f->len = (size_t)(to - f->p);
	}
}

/* Fill in where: `at` bytes into the record at p. */
static int
error_at(const struct mc_csv *csv, const char *p, size_t at, struct mc_err *err)
{
	int64_t line = csv->line;
	const char *nl, *from = p;

	while ((nl = memchr(from, '\n', (size_t)(p + at - from))) != NULL) {
		line++;
		from = nl + 1;
	}
	return mc_err_at(
	    err, mc_source_name(csv->src), line, (int64_t)(p + at - from) + 1);
}

/* A UTF-16 byte order mark, or two letters of ASCII in either order? */
static bool
utf16(const char *p, size_t n)
{
	if (n < 2)
		return false;
	if (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0)
		return true;
	if ((p[0] == '\0') == (p[1] == '\0'))
		return false;
	return n < 4 || ((p[0] == '\0') == (p[2] == '\0') &&
			    (p[1] == '\0') == (p[3] == '\0'));
}

/*
 * Byte order mark and UTF-16.  As few bytes are waited for as can decide.
 * Returns like a _next: 1 = go on.
 */
static int
begin(struct mc_csv *csv, bool wait, struct mc_err *err)
{
	const char *p;
	size_t n, need;
	bool more = false;
	int rc;

	for (;; more = true) {
		rc = mc_source_peek(csv->src, &p, &n, more, wait, err);
		if (rc == -1 || rc == MC_WOULD_BLOCK)
			return rc;
		need = 2;
		if (n > 0 && p[0] == '\xEF')
			need = 3;
		else if (n > 1 && (p[0] == '\0') != (p[1] == '\0'))
			need = 4;
		if (n >= need || rc == 0)
			break;
	}
	if (utf16(p, n)) {
		mc_err(err, MC_EDATA, "E_ENCODING", "UTF-16, not UTF-8");
		mc_err_advise(
		    err, "convert it first: iconv -f UTF-16 -t UTF-8");
		return mc_err_at(err, mc_source_name(csv->src), 1, 0);
	}
	if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		mc_source_consume(csv->src, 3);
	csv->started = true;
	return 1;
}

/*
 * A record that is broken ends, for us, with its first line: what stands on
 * the lines after it is read for itself, so that one lost quote costs one
 * line and not everything up to the next quote.
 * Returns -1, or 0 when that line's end is not in sight yet.
 */
static int
broken(struct mc_csv *csv, enum found found, const struct scan *s,
    const char *p, size_t n, bool eof, struct mc_row *row, bool *fatal,
    struct mc_err *err)
{
	const char *nl = memchr(p, '\n', n);
	size_t len = nl != NULL ? (size_t)(nl - p) : n, total;

	total = len + (nl != NULL);
	if (len > 0 && p[len - 1] == '\r')
		len--;
	if (len > MC_CSV_RECORD) {
		*fatal = true;
		mc_err(err, MC_EDATA, "E_LIMIT", "a line of more than %u bytes",
		    MC_CSV_RECORD);
		return error_at(csv, p, 0, err);
	}
	if (nl == NULL && !eof)
		return 0;
	if (found == FOUND_INSIDE)
		mc_err(err, MC_EDATA, "E_QUOTE",
		    "a quote behind spaces: quote the whole field, or nothing");
	else if (found == FOUND_AFTER)
		mc_err(err, MC_EDATA, "E_QUOTE", "text after a closing quote");
	else if (found == FOUND_UNCLOSED)
		mc_err(err, MC_EDATA, "E_QUOTE", "a quote that is not closed");
	else
		mc_err(err, MC_EDATA, "E_QUOTE",
		    "a record of more than %u bytes: is a quote not closed?",
		    MC_CSV_RECORD);
	error_at(csv, p, found == FOUND_MORE ? 0 : s->at, err);
	mc_source_consume(csv->src, total);
	row->raw = (struct mc_str){ p, len };
	row->line = csv->line++;
	return -1;
}

/* A whole record, well formed; are its bytes and sizes? */
static int
check_record(const struct mc_csv *csv, const struct scan *s, const char *p,
    bool *plain, struct mc_err *err)
{
	const char *nul;
	size_t bad;

	if (s->fields > MC_CSV_COLUMNS) {
		mc_err(err, MC_EDATA, "E_LIMIT", "more than %d columns",
		    MC_CSV_COLUMNS);
		return error_at(csv, p, s->over_at, err);
	}
	if (s->big > 0) {
		mc_err(err, MC_EDATA, "E_LIMIT",
		    "a field of more than %u bytes", MC_CSV_FIELD);
		return error_at(csv, p, s->big_at, err);
	}
	if ((*plain = mc_text_plain((struct mc_str){ p, s->len })))
		return 0;
	bad = mc_utf8_check(p, s->len);
	nul = memchr(p, '\0', bad);
	if (nul != NULL) {
		mc_err(err, MC_EDATA, "E_NUL", "a NUL byte");
		return error_at(csv, p, (size_t)(nul - p), err);
	}
	if (bad < s->len) {
		mc_source_bad_byte(csv->src, (unsigned char)p[bad], err);
		return error_at(csv, p, bad, err);
	}
	return 0;
}

/* Bytes of blank line at p: 0 = none, or not all in sight. */
static size_t
blank(const char *p, size_t n, bool eof)
{
	if (n > 0 && p[0] == '\n')
		return 1;
	if (n > 1 && p[0] == '\r' && p[1] == '\n')
		return 2;
	return n == 1 && p[0] == '\r' && eof ? 1 : 0;
}

int
mc_csv_next(struct mc_csv *csv, struct mc_row *row, bool wait, bool *fatal,
    struct mc_err *err)
{
	struct scan s;
	enum found found;
	const char *p;
	size_t n, k;
	bool more = false, eof;
	int rc;

	*row = (struct mc_row){ .line = csv->line };
	*fatal = false;
	if (!csv->started && (rc = begin(csv, wait, err)) != 1) {
		*fatal = rc == -1;
		return rc;
	}
	for (;;) {
		rc = mc_source_peek(csv->src, &p, &n, more, wait, err);
		if (rc == -1)
			*fatal = true;
		if (rc == -1 || rc == MC_WOULD_BLOCK)
			return rc;
		eof = rc == 0;
		more = false;
		while ((k = blank(p, n, eof)) > 0) {
			mc_source_consume(csv->src, k);
			csv->line++;
			p += k;
			n -= k;
		}
		if (n == 0) {
			if (eof)
				return 0;
			continue;
		}
		found = scan_record(csv, p, n, eof, &s);
		if (found == FOUND_ROW && s.len <= MC_CSV_RECORD)
			break;
		/* Two more, so that a line end in sight makes no difference. */
		if (found != FOUND_MORE || n > MC_CSV_RECORD + 2) {
			if (found == FOUND_ROW || s.at > MC_CSV_RECORD + 2 ||
			    (found == FOUND_UNCLOSED && n > MC_CSV_RECORD + 2))
				found = FOUND_MORE;
			rc = broken(csv, found, &s, p, n, eof, row, fatal, err);
			if (rc == -1)
				return -1;
		}
		more = true;
	}
	mc_source_consume(csv->src, s.total);
	row->line = csv->line;
	row->raw = (struct mc_str){ p, s.len };
	rc = check_record(csv, &s, p, &row->plain, err);
	csv->line += s.newlines + 1;
	if (rc == -1)
		return -1;
	if (s.doubled > 0)
		undouble(csv, &s);
	row->field = csv->field;
	row->column = csv->column;
	row->n = s.fields;
	return 1;
}

char
mc_csv_delimiter(struct mc_str heading)
{
	static const char candidates[] = { ',', ';', '\t' };
	size_t i, k, count[3] = { 0, 0, 0 }, best = 0;
	bool quoted = false;

	for (i = 0; i < heading.len; i++) {
		if (heading.p[i] == '"')
			quoted = !quoted;
		for (k = 0; k < 3 && !quoted; k++)
			count[k] += heading.p[i] == candidates[k];
	}
	for (k = 1; k < 3; k++)
		if (count[k] > count[best])
			best = k;
	return candidates[best];
}

/* ---- writing ---- */

/* -5, -1.5, -1.234.567,5: what no spreadsheet takes for a formula. */
static bool
negative_number(struct mc_str f)
{
	size_t i;
	bool digit = false;

	for (i = 1; i < f.len; i++) {
		if (f.p[i] >= '0' && f.p[i] <= '9')
			digit = true;
		else if ((f.p[i] == '.' || f.p[i] == ',') && digit)
			digit = false;
		else
			return false;
	}
	return digit;
}

static bool
formula(struct mc_str f)
{
	static const char wide[][4] = { "\xEF\xBC\x9D", "\xEF\xBC\x8B",
		"\xEF\xBC\x8D", "\xEF\xBC\xA0" };
	size_t i;

	if (f.len == 0)
		return false;
	switch (f.p[0]) {
	case '=':
	case '+':
	case '@':
	case '\t':
	case '\r':
	case '\n':
		return true;
	case '-':
		return !negative_number(f);
	default:
		break;
	}
	for (i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (f.len >= 3 && memcmp(f.p, wide[i], 3) == 0)
			return true;
	return false;
}

#ifdef __SSE2__
static bool
is_special_16(const char *p, char delimiter)
{
	__m128i x;

	memcpy(&x, p, sizeof(x));
	x = _mm_cmpeq_epi8(x, _mm_set1_epi8('\r'));
	return find_marks_16(p, delimiter) != 0 || _mm_movemask_epi8(x) != 0;
}
#endif

/* Is anything in it that only quotes keep from being taken for an end? */
static bool
is_special(const char *p, size_t n, char delimiter)
{
	size_t i = 0;

#ifdef __SSE2__
	for (; i + 16 <= n; i += 16)
		if (is_special_16(p + i, delimiter))
			return true;
	/* What is left, with some of what was seen. */
	if (n >= 16)
		return is_special_16(p + n - 16, delimiter);
#endif
	for (; i < n; i++)
		if (p[i] == delimiter || p[i] == '"' || p[i] == '\n' ||
		    p[i] == '\r')
			return true;
	return false;
}

static char *
put_quoted(char *to, struct mc_str field, bool defuse)
{
	size_t i;

	*to++ = '"';
	if (defuse)
		*to++ = '\'';
	for (i = 0; i < field.len; i++) {
		*to++ = field.p[i];
		if (field.p[i] == '"')
			*to++ = '"';
	}
	*to++ = '"';
	return to;
}

char *
mc_csv_text(char *to, struct mc_str field, char delimiter, bool spreadsheet)
{
	if (field.len == 0)
		return to;
	if (spreadsheet && formula(field))
		return put_quoted(to, field, true);
	if (field.p[0] == ' ' || field.p[field.len - 1] == ' ' ||
	    is_special(field.p, field.len, delimiter))
		return put_quoted(to, field, false);
	memcpy(to, field.p, field.len);
	return to + field.len;
}

void
mc_csv_put(
    struct mc_buf *b, struct mc_str field, char delimiter, bool spreadsheet)
{
	char *to = mc_buf_room(b, MC_CSV_ROOM(field.len));

	mc_buf_end(b, mc_csv_text(to, field, delimiter, spreadsheet));
}
