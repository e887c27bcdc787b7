/*
 * csv.c - fuzzes csv.h.
 *
 *   - what is read and what is refused together are all there was, in order;
 *   - a text without errors has the rows that libcsv finds in it;
 *   - a text refused for its quotes is refused by libcsv too, in its strict
 *     mode (a quote within a field that began without one is text for us);
 *   - rows written and read again are the same, and no field written for a
 *     spreadsheet is a formula.
 *
 * libcsv is told to keep spaces.  It knows lone CRs as line ends, so they
 * are another byte for it.
 */
#include <csv.h>

#include <motcua/csv.h>

#include "fuzz.h"

#define BARE_CR '\x01'

static struct mc_buf ours, theirs, plain, again, twice;

static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void
lib_field(void *p, size_t n, void *arg)
{
	struct mc_buf *b = arg;

	mc_buf_putc(b, '\x02');
	mc_buf_add(b, p, n);
}

static void
lib_row(int c, void *arg)
{
	(void)c;
	mc_buf_putc(arg, '\x03');
}

static bool
libcsv(struct mc_buf *b, struct mc_str text, char delimiter, bool strict)
{
	struct csv_parser p;
	bool ok;

	mc_buf_reset(b);
	csv_init(
	    &p, (unsigned char)(CSV_STRICT_FINI | (strict ? CSV_STRICT : 0)));
	csv_set_space_func(&p, no_space);
	csv_set_delim(&p, (unsigned char)delimiter);
	ok = csv_parse(&p, text.p, text.len, lib_field, lib_row, b) ==
		 text.len &&
	     csv_fini(&p, lib_field, lib_row, b) == 0;
	csv_free(&p);
	return ok;
}

/* CRs that are no part of a line end. */
static struct mc_str
without_bare_cr(struct mc_buf *b, struct mc_str s)
{
	size_t i;

	mc_buf_reset(b);
	mc_buf_add(b, s.p, s.len);
	for (i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '\r' && s.p[i + 1] != '\n')
			b->p[i] = BARE_CR;
	return fuzz_str(b);
}

/* The form that lib_field() writes; and the row as CSV once more. */
static void
note(const struct mc_row *r, char delimiter)
{
	struct mc_str f;
	size_t i, k;

	for (i = 0; i < r->n; i++) {
		f = r->field[i];
		mc_buf_putc(&ours, '\x02');
		for (k = 0; k < f.len; k++)
			mc_buf_putc(&ours,
			    f.p[k] == '\r' &&
				    (k + 1 == f.len || f.p[k + 1] != '\n')
				? BARE_CR
				: f.p[k]);
		if (i > 0)
			mc_buf_putc(&again, delimiter);
		mc_csv_put(&again, f, delimiter, false);
		mc_buf_reset(&twice);
		mc_csv_put(&twice, f, delimiter, true);
		HOLDS(twice.len == 0 ||
		      strchr("=+@\t\r\n", mc_buf_str(&twice)[0]) == NULL);
	}
	mc_buf_putc(&ours, '\x03');
	/* A row of one empty field would be a blank line. */
	if (r->n == 1 && r->field[0].len == 0)
		mc_buf_puts(&again, "\"\"");
	mc_buf_putc(&again, '\n');
}

/* Reads to the end; *first is the first error, if there is one. */
static void
read_all(struct mc_str text, char delimiter, struct mc_err *first)
{
	struct mc_csv *csv =
	    mc_csv_new(mc_source_memory("m", text.p, text.len), delimiter);
	const char *at = text.p, *end = text.p + text.len;
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	int64_t line = 0;
	bool fatal = false;
	int rc;

	if (text.len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
		at += 3;
	while (!fatal && (rc = mc_csv_next(csv, &r, true, &fatal, &err)) != 0) {
		HOLDS(rc == 1 || rc == -1);
		if (rc == -1) {
			fuzz_refused_at(&err);
			if (first->code == MC_OK)
				*first = err;
			mc_err_clear(&err);
			if (fatal)
				break;
		} else if (first->code == MC_OK) {
			note(&r, delimiter);
		}
		HOLDS(r.line > line);
		line = r.line;
		for (; at < r.raw.p; at++)
			HOLDS(*at == '\r' || *at == '\n');
		HOLDS(at == r.raw.p);
		at += r.raw.len;
	}
	for (; !fatal && at < end; at++)
		HOLDS(*at == '\r' || *at == '\n');
	mc_csv_free(csv);
}

int
fuzz_csv(const uint8_t *p, size_t n)
{
	static const char delimiters[] = { ',', ';', '\t', '|' };
	struct mc_str text = fuzz_input(p, n), rows;
	struct mc_err err = MC_ERR_INIT;
	char delimiter;

	if (text.len == 0)
		return 0;
	delimiter = delimiters[(unsigned char)*text.p++ % 4];
	text.len--;
	mc_csv_delimiter(text);
	mc_buf_reset(&ours);
	mc_buf_reset(&again);
	read_all(text, delimiter, &err);
	if (text.len >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		text = (struct mc_str){ text.p + 3, text.len - 3 };
	rows = without_bare_cr(&plain, text);
	if (strcmp(err.id, "E_QUOTE") == 0)
		HOLDS(!libcsv(&theirs, rows, delimiter, true));
	if (err.code != MC_OK)
		return 0;
	HOLDS(libcsv(&theirs, rows, delimiter, false));
	HOLDS(mc_str_same(fuzz_str(&ours), fuzz_str(&theirs)));
	fuzz_taken += ours.len > 0;

	/* The heading keeps a mark at the beginning from being one. */
	mc_buf_reset(&plain);
	mc_buf_add(&plain, "x\n", 2);
	mc_buf_add(&plain, mc_buf_str(&again), again.len);
	mc_buf_reset(&theirs);
	mc_buf_puts(&theirs, "\x02x\x03");
	mc_buf_add(&theirs, mc_buf_str(&ours), ours.len);
	mc_buf_reset(&ours);
	read_all(fuzz_str(&plain), delimiter, &err);
	HOLDS(err.code == MC_OK);
	HOLDS(mc_str_same(fuzz_str(&ours), fuzz_str(&theirs)));
	return 0;
}
