/* csv.h: against libcsv, against known answers, and what is refused. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <csv.h>

#include <motcua/csv.h>
#include <motcua/json.h>

#include "tap.h"

static uint32_t seed = 99;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* ---- reading: what a text gives, written down ---- */

/* "[a|b]" for a row, "place id {raw}" for an error. */
static void
note(struct mc_buf *b, const struct mc_row *row, int rc,
    const struct mc_err *err)
{
	size_t i;

	if (rc == -1) {
		mc_buf_printf(b, "%s %s {", err->where, err->id);
		mc_buf_add(b, row->raw.p, row->raw.len);
		mc_buf_puts(b, "};");
		return;
	}
	mc_buf_printf(b, "%d", (int)row->line);
	for (i = 0; i < row->n; i++) {
		mc_buf_putc(b, i > 0 ? '|' : '[');
		mc_buf_add(b, row->field[i].p, row->field[i].len);
	}
	mc_buf_puts(b, "];");
}

static void
read_memory(struct mc_buf *b, const char *p, size_t n, char delimiter)
{
	struct mc_csv *csv = mc_csv_new(mc_source_memory("m", p, n), delimiter);
	struct mc_err err = MC_ERR_INIT;
	struct mc_row row;
	bool fatal = false;
	int rc;

	while (
	    !fatal && (rc = mc_csv_next(csv, &row, true, &fatal, &err)) != 0) {
		note(b, &row, rc, &err);
		mc_err_clear(&err);
	}
	if (fatal)
		mc_buf_puts(b, "fatal");
	mc_csv_free(csv);
}

/* The same through a pipe that gets it in pieces; nothing ever waits. */
static void
read_pipe(struct mc_buf *b, const char *p, size_t n, uint32_t piece)
{
	struct mc_source *src = NULL;
	struct mc_csv *csv;
	struct mc_err err = MC_ERR_INIT;
	struct mc_row row;
	char name[32];
	bool fatal = false;
	size_t k;
	int fd[2], rc = -1;

	if (pipe(fd) != 0)
		return;
	snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	if (mc_source_open(&src, name, &err) == -1) {
		printf("Bail out! %s: %s\n", name, err.msg);
		exit(1);
	}
	close(fd[0]);
	csv = mc_csv_new(src, ',');
	while (rc != 0 && !fatal) {
		rc = mc_csv_next(csv, &row, false, &fatal, &err);
		if (rc == 1 || rc == -1) {
			note(b, &row, rc, &err);
			mc_err_clear(&err);
			continue;
		}
		if (rc == 0)
			break;
		k = 1 + dice(piece);
		if (k > n)
			k = n;
		if (k > 0 && write(fd[1], p, k) != (ssize_t)k)
			break;
		p += k;
		n -= k;
		if (n == 0 && fd[1] != -1) {
			close(fd[1]);
			fd[1] = -1;
		}
	}
	if (fatal)
		mc_buf_puts(b, "fatal");
	if (fd[1] != -1)
		close(fd[1]);
	mc_csv_free(csv);
}

/* Places in pipes are of "/dev/fd/N": cut down to what memory says. */
static void
rename_places(struct mc_buf *b)
{
	char *p = b->p, *q;

	while (p != NULL && (p = strstr(p, "/dev/fd/")) != NULL) {
		for (q = p + 8; *q >= '0' && *q <= '9'; q++)
			;
		*p = 'm';
		memmove(p + 1, q, strlen(q) + 1);
	}
	b->len = b->p != NULL ? strlen(b->p) : 0;
}

static void
reading(void)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "", "" },
		{ "\n\r\n\n", "" },
		{ "\r", "" },
		{ "a", "1[a];" },
		{ "a,b", "1[a|b];" },
		{ "a,b\n", "1[a|b];" },
		{ "a,b\r\n", "1[a|b];" },
		{ "a,b\r", "1[a|b];" },
		{ "a,\n", "1[a|];" },
		{ "a,", "1[a|];" },
		{ ",", "1[|];" },
		{ ",\r\n,,", "1[|];2[||];" },
		{ "a\n\nb\r\n\r\nc", "1[a];3[b];5[c];" },
		{ " a , b ", "1[ a | b ];" },
		{ "\"a\"", "1[a];" },
		{ "\"\"", "1[];" },
		{ "\"\",\"\"\r", "1[|];" },
		{ "\"a,b\",\"c\nd\"\ne", "1[a,b|c\nd];3[e];" },
		{ "\"a\r\n\r\nb\"\r\nc", "1[a\r\n\r\nb];4[c];" },
		{ "\"a\"\"b\",\"\"\"\",\"\"\"\"\"\"", "1[a\"b|\"|\"\"];" },
		{ "a\rb,c\n", "1[a\rb|c];" },
		{ "\"a\"\r", "1[a];" },
		{ "\xEF\xBB\xBFmã,tên\nx,y", "1[mã|tên];2[x|y];" },
		{ "a,b\n1\n1,2,3\n", "1[a|b];2[1];3[1|2|3];" },
		{ "0123456789abcdef,0123456789abcdef0\n",
		    "1[0123456789abcdef|0123456789abcdef0];" },
		/* broken quotes cost their first line */
		/* a quote inside a field that begins with none is text */
		{ "a\"b,c\nok", "1[a\"b|c];2[ok];" },
		{ "a\",6'30\"\r\nok", "1[a\"|6'30\"];2[ok];" },
		{ "a\"b\"\"c\"", "1[a\"b\"\"c\"];" },
		{ "a, \"b\"\nok", "m:1:4 E_QUOTE {a, \"b\"};2[ok];" },
		{ "ok\nx,\"a\"b,c\r\nok",
		    "1[ok];m:2:6 E_QUOTE {x,\"a\"b,c};3[ok];" },
		{ "\"a\"\rb\nok", "m:1:4 E_QUOTE {\"a\"\rb};2[ok];" },
		{ "x,\"a\nok,1\n", "m:1:3 E_QUOTE {x,\"a};2[ok|1];" },
		{ "\"a", "m:1:1 E_QUOTE {\"a};" },
		{ "\"", "m:1:1 E_QUOTE {\"};" },
		{ "\"a\"\"", "m:1:1 E_QUOTE {\"a\"\"};" },
		/* the quote that opens line 2 closes the lost one of line 1 */
		{ "x,\"a\n\"b\",1\nok", "m:2:2 E_QUOTE {x,\"a};2[b|1];3[ok];" },
		{ "\"a\nb\",\"c\nd\n",
		    "m:2:4 E_QUOTE {\"a};m:2:4 E_QUOTE {b\",\"c};3[d];" },
		/* broken bytes cost their record */
		{ "a\xFF,b\nok", "m:1:2 E_UTF8 {a\xFF,b};2[ok];" },
		{ "ạ,\"x\ny\xC3\",b\nok",
		    "m:2:2 E_UTF8 {ạ,\"x\ny\xC3\",b};3[ok];" },
		{ "\xFF\xFE"
		  "a",
		    "m:1 E_ENCODING {};fatal" },
		{ "\xFE\xFF", "m:1 E_ENCODING {};fatal" },
	};
	struct mc_buf a = { 0 }, b = { 0 };
	size_t i;
	uint32_t piece;
	char label[16];

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		/* the texts have lines that would look like TAP */
		snprintf(label, sizeof(label), "text %zu", i);
		TAP_ROW(label);
		mc_buf_reset(&a);
		read_memory(&a, row[i].in, strlen(row[i].in), ',');
		IS_STR(mc_buf_str(&a), row[i].out);
		for (piece = 1; piece < 4; piece++) {
			mc_buf_reset(&b);
			read_pipe(&b, row[i].in, strlen(row[i].in), piece);
			rename_places(&b);
			IS_STR(mc_buf_str(&b), row[i].out);
		}
	}
	TAP_ROW(NULL);
	mc_buf_reset(&a);
	read_memory(&a, "a\0b,c\nok", 8, ',');
	IS(a.len, 26);
	OK(memcmp(a.p, "m:1:2 E_NUL {a\0b,c};2[ok];", 26) == 0);
	mc_buf_reset(&a);
	read_memory(&a, "a\0;\0b\0", 6, ',');
	IS_STR(a.p, "m:1 E_ENCODING {};fatal");
	mc_buf_reset(&a);
	read_memory(&a, "\0a\0;\0b", 6, ',');
	IS_STR(a.p, "m:1 E_ENCODING {};fatal");
	mc_buf_reset(&a);
	read_memory(&a, "a;\"b;c\";d,e\n", 12, ';');
	IS_STR(a.p, "1[a|b;c|d,e];");
	mc_buf_reset(&a);
	read_memory(&a, "a\t\"b\"\t", 6, '\t');
	IS_STR(a.p, "1[a|b|];");
	mc_buf_free(&a);
	mc_buf_free(&b);
}

static void
messages(void)
{
	static const struct {
		const char *in, *msg;
	} row[] = {
		{ " \"a\"", "a quote behind spaces: quote the whole field, or "
			    "nothing" },
		{ "\"a\"b", "text after a closing quote" },
		{ "\"a", "a quote that is not closed" },
		{ "\xC0", "not UTF-8: byte 0xC0" },
		{ "\xFF\xFE", "UTF-16, not UTF-8" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_csv *csv;
	struct mc_row r;
	bool fatal;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		csv = mc_csv_new(
		    mc_source_memory("m", row[i].in, strlen(row[i].in)), ',');
		IS(mc_csv_next(csv, &r, true, &fatal, &err), -1);
		IS_STR(err.msg, row[i].msg);
		IS(err.code, MC_EDATA);
		mc_csv_free(csv);
	}
	IS_STR(err.advice, "convert it first: iconv -f UTF-16 -t UTF-8");
}

static void
columns(void)
{
	static const char text[] = "ạ,\"b\",c\n\"x\ny\",z,\"\"\"\"\n";
	struct mc_csv *csv =
	    mc_csv_new(mc_source_memory("m", text, sizeof(text) - 1), ',');
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	bool fatal;

	IS(mc_csv_next(csv, &r, true, &fatal, &err), 1);
	IS(r.n, 3);
	IS(r.line, 1);
	IS(r.column[0], 1);
	IS(r.column[1], 5);
	IS(r.column[2], 9);
	OK(mc_str_is(r.raw, "ạ,\"b\",c"));
	IS(mc_csv_next(csv, &r, true, &fatal, &err), 1);
	IS(r.line, 2);
	IS(r.column[0], 1);
	IS(r.column[1], 4); /* in the line it starts on */
	IS(r.column[2], 6);
	OK(mc_str_is(r.field[2], "\""));
	OK(mc_str_is(r.raw, "\"x\ny\",z,\"\"\"\""));
	IS(mc_csv_next(csv, &r, true, &fatal, &err), 0);
	IS(mc_csv_next(csv, &r, true, &fatal, &err), 0);
	OK(mc_source_offset(mc_csv_source(csv)) == sizeof(text) - 1);
	mc_csv_free(csv);
	mc_csv_free(NULL);
}

/* Each limit from both sides, and what is read after it. */
static void
fill(struct mc_buf *b, char c, size_t n)
{
	memset(mc_buf_room(b, n), c, n);
	b->len += n;
	b->p[b->len] = '\0';
}

static void
limit(const char *what, const struct mc_buf *text, const char *place,
    const char *id, const char *msg, size_t raw, bool dies)
{
	struct mc_csv *csv =
	    mc_csv_new(mc_source_memory("m", text->p, text->len), ',');
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	bool fatal, last = false;
	int rc;

	TAP_ROW(what);
	IS(mc_csv_next(csv, &r, true, &fatal, &err), place == NULL ? 1 : -1);
	IS(r.raw.len, raw);
	IS(r.line, 1);
	IS(fatal, dies);
	if (place != NULL) {
		IS_STR(err.where, place);
		IS_STR(err.id, id);
		IS_STR(err.msg, msg);
	}
	if (!dies) {
		while ((rc = mc_csv_next(csv, &r, true, &fatal, &err)) == 1)
			last = r.n == 1 && mc_str_is(r.field[0], "ok");
		IS(rc, 0);
		OK(last);
	}
	TAP_ROW(NULL);
	mc_csv_free(csv);
}

static void
limits(void)
{
	struct mc_buf b = { 0 };
	int over;

	for (over = 0; over < 2; over++) {
		mc_buf_reset(&b);
		fill(&b, ',', MC_CSV_COLUMNS - 1 + (size_t)over);
		mc_buf_puts(&b, "\nok\n");
		limit("columns", &b, over ? "m:1:257" : NULL, "E_LIMIT",
		    "more than 256 columns", MC_CSV_COLUMNS - 1 + (size_t)over,
		    false);

		mc_buf_reset(&b);
		mc_buf_puts(&b, "x,");
		fill(&b, 'f', MC_CSV_FIELD + (size_t)over);
		mc_buf_puts(&b, "\r\nok\n");
		limit("field", &b, over ? "m:1:3" : NULL, "E_LIMIT",
		    "a field of more than 1048576 bytes",
		    2 + MC_CSV_FIELD + (size_t)over, false);

		mc_buf_reset(&b);
		mc_buf_puts(&b, "\"\n");
		fill(&b, 'f', MC_CSV_FIELD - 1 + (size_t)over);
		mc_buf_puts(&b, "\",x\nok\n");
		limit("quoted field", &b, over ? "m:1:2" : NULL, "E_LIMIT",
		    "a field of more than 1048576 bytes",
		    MC_CSV_FIELD + 4 + (size_t)over, false);

		mc_buf_reset(&b);
		for (int i = 0; i < 3; i++) {
			fill(&b, 'f', MC_CSV_FIELD);
			mc_buf_putc(&b, ',');
		}
		fill(&b, 'f', MC_CSV_FIELD - 3 + (size_t)over);
		mc_buf_puts(&b, "\r\nok\n");
		limit("record", &b, over ? "m:1:1" : NULL, "E_LIMIT",
		    "a line of more than 4194304 bytes",
		    over ? 0 : MC_CSV_RECORD, over);
	}
	/* A quote that is lost in a large file. */
	mc_buf_reset(&b);
	mc_buf_puts(&b, "x,\"lost\r\n");
	while (b.len < MC_CSV_RECORD + 100)
		mc_buf_puts(&b, "a,b,c\n");
	mc_buf_puts(&b, "ok\n");
	limit("lost quote", &b, "m:1:1", "E_QUOTE",
	    "a record of more than 4194304 bytes: is a quote not closed?", 7,
	    false);
	mc_buf_free(&b);
}

/* ---- libcsv ---- */

static void
lib_field(void *p, size_t n, void *arg)
{
	struct mc_buf *b = arg;

	mc_buf_putc(b, '<');
	mc_buf_add(b, p, n);
	mc_buf_putc(b, '>');
}

static void
lib_row(int c, void *arg)
{
	(void)c;
	mc_buf_putc(arg, '\x1E');
}

static void
our_rows(struct mc_buf *b, const struct mc_buf *text)
{
	struct mc_csv *csv =
	    mc_csv_new(mc_source_memory("m", text->p, text->len), ',');
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	bool fatal;
	size_t i;

	while (mc_csv_next(csv, &r, true, &fatal, &err) == 1) {
		for (i = 0; i < r.n; i++) {
			mc_buf_putc(b, '<');
			mc_buf_add(b, r.field[i].p, r.field[i].len);
			mc_buf_putc(b, '>');
		}
		mc_buf_putc(b, '\x1E');
	}
	if (err.code != MC_OK)
		mc_buf_printf(b, "%s %s", err.where, err.msg);
	mc_csv_free(csv);
}

/* A random well-formed table; libcsv would trim spaces outside quotes. */
static void
random_table(struct mc_buf *b)
{
	static const char *const piece[] = { "a", "bc", "Đường", "0123456789",
		"abcdefghijklmnopqrstuvwxyz", ",", "\"", "\n", "\r\n", "\r",
		" ", "ạ", "\U0001F600", "\"\"", "'" };
	struct mc_buf f = { 0 };
	const char *end = dice(2) ? "\n" : "\r\n";
	uint32_t rows = dice(6), cols = 2 + dice(6), r, c, k;

	for (r = 0; r < rows; r++) {
		if (dice(8) == 0)
			mc_buf_puts(b, end);
		for (c = 0; c < cols; c++) {
			mc_buf_reset(&f);
			for (k = dice(5); k > 0; k--)
				mc_buf_puts(&f, piece[dice(dice(2) ? 5 : 15)]);
			if (c > 0)
				mc_buf_putc(b, ',');
			if (dice(20) == 0) {
				mc_buf_puts(b, "36'37.8\"N \"\"x\"");
				continue;
			}
			mc_csv_put(b, (struct mc_str){ mc_buf_str(&f), f.len },
			    ',', false);
			if (f.len == 0 && dice(3) == 0)
				mc_buf_puts(b, "\"\"");
		}
		if (r + 1 < rows || dice(2))
			mc_buf_puts(b, end);
	}
	mc_buf_free(&f);
}

static void
against_libcsv(void)
{
	struct mc_buf text = { 0 }, ours = { 0 }, theirs = { 0 };
	struct csv_parser p;
	int i, wrong = 0, refused = 0;
	size_t bytes = 0;

	for (i = 0; i < 20000; i++) {
		mc_buf_reset(&text);
		mc_buf_reset(&ours);
		mc_buf_reset(&theirs);
		random_table(&text);
		bytes += text.len;
		csv_init(&p, CSV_STRICT_FINI);
		if (csv_parse(&p, mc_buf_str(&text), text.len, lib_field,
			lib_row, &theirs) != text.len ||
		    csv_fini(&p, lib_field, lib_row, &theirs) != 0)
			refused++;
		csv_free(&p);
		our_rows(&ours, &text);
		if (!mc_str_same((struct mc_str){ mc_buf_str(&ours), ours.len },
			(struct mc_str){ mc_buf_str(&theirs), theirs.len }) &&
		    wrong++ == 0)
			printf("# %s\n# ours %s\n# libcsv %s\n",
			    mc_buf_str(&text), mc_buf_str(&ours),
			    mc_buf_str(&theirs));
	}
	IS(refused, 0);
	IS(wrong, 0);
	OK(bytes > 500000);
	mc_buf_free(&text);
	mc_buf_free(&ours);
	mc_buf_free(&theirs);
}

/* The fields of a record without quotes are those of one with all quoted. */
static void
quoted_or_not(void)
{
	static const char *const piece[] = { "a", "bc", "Đường",
		"0123456789abcdef", " ", "\u00A0", "ạ", ";", "'", "=\r=" };
	struct mc_buf f = { 0 }, bare = { 0 }, quoted = { 0 }, a = { 0 },
		      b = { 0 };
	uint32_t cols, c, k;
	int i, wrong = 0;

	for (i = 0; i < 20000; i++) {
		mc_buf_reset(&bare);
		mc_buf_reset(&quoted);
		mc_buf_reset(&a);
		mc_buf_reset(&b);
		for (c = 0, cols = 2 + dice(40); c < cols; c++) {
			mc_buf_reset(&f);
			for (k = dice(4); k > 0; k--)
				mc_buf_puts(&f, piece[dice(10)]);
			mc_buf_printf(
			    &bare, "%s%s", c > 0 ? "," : "", mc_buf_str(&f));
			mc_buf_printf(&quoted, "%s\"%s\"", c > 0 ? "," : "",
			    mc_buf_str(&f));
		}
		if (dice(2)) {
			mc_buf_puts(&bare, "\n");
			mc_buf_puts(&quoted, "\r\n");
		}
		our_rows(&a, &bare);
		our_rows(&b, &quoted);
		wrong += !mc_str_same((struct mc_str){ a.p, a.len },
		    (struct mc_str){ b.p, b.len });
	}
	IS(wrong, 0);
	mc_buf_free(&f);
	mc_buf_free(&bare);
	mc_buf_free(&quoted);
	mc_buf_free(&a);
	mc_buf_free(&b);
}

/*
 * Any bytes at all: pieces of any size give what the whole gives, and what
 * is read and what is refused together are all there was, in order.
 */
static void
any_bytes(void)
{
	static const char pool[] = "aab,,,\"\"\"\n\n\r\r\n\xC3\xA1\xFF z";
	char text[200];
	struct mc_buf whole = { 0 }, parts = { 0 };
	struct mc_csv *csv;
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	const char *at;
	size_t n, i;
	int k, rc, uneven = 0, lost = 0, rows = 0, errors = 0;
	bool fatal;

	for (k = 0; k < 20000; k++) {
		n = dice(sizeof(text));
		for (i = 0; i < n; i++)
			text[i] = pool[dice(sizeof(pool) - 1)];
		mc_buf_reset(&whole);
		read_memory(&whole, text, n, ',');
		if (k < 4000) {
			mc_buf_reset(&parts);
			read_pipe(&parts, text, n, 1 + dice(20));
			rename_places(&parts);
			uneven +=
			    strcmp(mc_buf_str(&whole), mc_buf_str(&parts)) != 0;
		}
		csv = mc_csv_new(mc_source_memory("m", text, n), ',');
		at = text;
		fatal = false;
		while (!fatal &&
		       (rc = mc_csv_next(csv, &r, true, &fatal, &err)) != 0) {
			if (fatal) {
				at = text + n;
				break;
			}
			rows += rc == 1;
			errors += rc == -1;
			for (; at < r.raw.p; at++)
				lost += *at != '\r' && *at != '\n';
			lost += at != r.raw.p;
			at = r.raw.p + r.raw.len;
		}
		for (; at < text + n; at++)
			lost += *at != '\r' && *at != '\n';
		mc_csv_free(csv);
	}
	IS(uneven, 0);
	IS(lost, 0);
	OK(rows > 10000 && errors > 10000);
	mc_buf_free(&whole);
	mc_buf_free(&parts);
}

/* ---- known answers ---- */

static bool
slurp(const char *path, struct mc_buf *b)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	mc_buf_reset(b);
	while ((n = fread(mc_buf_room(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	fclose(f);
	return true;
}

/* The stored CSV files have lost their CRs, the answers have not. */
static bool
same_text(struct mc_str got, const char *want)
{
	size_t i = 0;

	for (; *want != '\0'; want++) {
		if (want[0] == '\r' && want[1] == '\n')
			continue;
		if (i == got.len || got.p[i] != *want)
			return false;
		if (++i < got.len && got.p[i] == '\r')
			i++;
	}
	return i == got.len;
}

static int
compare(struct mc_csv *csv, const struct mc_json *want)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	struct mc_buf head = { 0 };
	MC_VEC(size_t) name = { 0 };
	size_t i, n = 0;
	const char *value;
	bool fatal;
	int wrong = 0;

	if (mc_csv_next(csv, &r, true, &fatal, &err) != 1)
		wrong++;
	for (i = 0; i < r.n; i++) {
		mc_vec_push(&name, head.len);
		mc_buf_add(&head, r.field[i].p, r.field[i].len);
		mc_buf_putc(&head, '\0');
	}
	while (mc_csv_next(csv, &r, true, &fatal, &err) == 1) {
		wrong += r.n != name.n;
		for (i = 0; i < r.n && i < name.n; i++) {
			value = mc_json_str(mc_json_get(mc_json_at(want, n),
			    mc_buf_str(&head) + name.p[i]));
			wrong += value == NULL || !same_text(r.field[i], value);
		}
		n++;
	}
	wrong += err.code != MC_OK || n != mc_json_count(want) || n == 0;
	mc_vec_free(&name);
	mc_buf_free(&head);
	return wrong;
}

/*
 * 37°36'37.8"N, not quoted.  Its answer is one object, with another phone
 * number than the file has.
 */
static void
bare_quote(struct mc_csv *csv, const struct mc_json *want)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_row r;
	bool fatal;

	IS(mc_csv_next(csv, &r, true, &fatal, &err), 1);
	IS(mc_csv_next(csv, &r, true, &fatal, &err), 1);
	IS(r.n, 4);
	OK(mc_str_is(r.field[0], "2095257564"));
	OK(mc_str_is(r.field[1],
	    mc_json_str(mc_json_get(want, "Location Coordinates"))));
	OK(mc_str_is(r.field[2], mc_json_str(mc_json_get(want, "Cities"))));
	IS(mc_csv_next(csv, &r, true, &fatal, &err), 0);
}

static void
spectrum(void)
{
	const char *shared = getenv("MOTCUA_SHARED");
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf path = { 0 }, text = { 0 }, answer = { 0 };
	struct dirent *e;
	struct mc_json *want;
	struct mc_csv *csv;
	DIR *d;
	size_t root;
	int files = 0;

	mc_buf_printf(&path, "%s/data/corpora/csv-spectrum/",
	    shared != NULL ? shared : "../shared");
	root = path.len;
	mc_buf_puts(&path, "csvs");
	d = opendir(path.p);
	if (d == NULL) {
		printf("# SKIP csv-spectrum: no %s\n", path.p);
		mc_buf_free(&path);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".csv") == NULL)
			continue;
		TAP_ROW(e->d_name);
		path.len = root;
		mc_buf_printf(&path, "csvs/%s", e->d_name);
		OK(slurp(path.p, &text));
		path.len = root;
		mc_buf_printf(&path, "json/%.*s.json",
		    (int)(strlen(e->d_name) - 4), e->d_name);
		OK(slurp(path.p, &answer));
		IS(mc_json_parse(&want, path.p,
		       (struct mc_str){ mc_buf_str(&answer), answer.len },
		       &err),
		    0);
		csv = mc_csv_new(
		    mc_source_memory(e->d_name, text.p, text.len), ',');
		if (strcmp(e->d_name, "location_coordinates.csv") == 0)
			bare_quote(csv, want);
		else
			IS(compare(csv, want), 0);
		mc_csv_free(csv);
		mc_json_free(want);
		files++;
	}
	TAP_ROW(NULL);
	OK(files > 10);
	closedir(d);
	mc_buf_free(&path);
	mc_buf_free(&text);
	mc_buf_free(&answer);
}

/* ---- writing ---- */

static void
writing(void)
{
	static const struct {
		const char *in, *exact, *sheet;
	} row[] = {
		{ "", "", "" },
		{ "abc", "abc", "abc" },
		{ "hồ sơ 5", "hồ sơ 5", "hồ sơ 5" },
		{ "a,b", "\"a,b\"", "\"a,b\"" },
		{ "a;b", "a;b", "a;b" },
		{ "a\"b", "\"a\"\"b\"", "\"a\"\"b\"" },
		{ "\"", "\"\"\"\"", "\"\"\"\"" },
		{ "a\nb", "\"a\nb\"", "\"a\nb\"" },
		{ "a\rb", "\"a\rb\"", "\"a\rb\"" },
		{ " a", "\" a\"", "\" a\"" },
		{ "a ", "\"a \"", "\"a \"" },
		{ "=1+1", "=1+1", "\"'=1+1\"" },
		{ "=\"a\"", "\"=\"\"a\"\"\"", "\"'=\"\"a\"\"\"" },
		{ "+84912", "+84912", "\"'+84912\"" },
		{ "@x", "@x", "\"'@x\"" },
		{ "\tx", "\tx", "\"'\tx\"" },
		{ "\rx", "\"\rx\"", "\"'\rx\"" },
		{ "\nx", "\"\nx\"", "\"'\nx\"" },
		{ "-5", "-5", "-5" },
		{ "-1.234.567,5", "\"-1.234.567,5\"", "\"-1.234.567,5\"" },
		{ "-1.5", "-1.5", "-1.5" },
		{ "-", "-", "\"'-\"" },
		{ "-5.", "-5.", "\"'-5.\"" },
		{ "-5+cmd", "-5+cmd", "\"'-5+cmd\"" },
		{ "-A1", "-A1", "\"'-A1\"" },
		{ "＝1", "＝1", "\"'＝1\"" },
		{ "＋1", "＋1", "\"'＋1\"" },
		{ "－1", "－1", "\"'－1\"" },
		{ "＠1", "＠1", "\"'＠1\"" },
		{ "5-3=2", "5-3=2", "5-3=2" },
		/* Looked at in pieces: at the end of one, over the next. */
		{ "H42.67-250801-0001", "H42.67-250801-0001",
		    "H42.67-250801-0001" },
		{ "0123456789abcde,g", "\"0123456789abcde,g\"",
		    "\"0123456789abcde,g\"" },
		{ "0123456789abcdefg\r", "\"0123456789abcdefg\r\"",
		    "\"0123456789abcdefg\r\"" },
		{ "0123456789abcdef\"h", "\"0123456789abcdef\"\"h\"",
		    "\"0123456789abcdef\"\"h\"" },
	};
	struct mc_buf b = { 0 };
	char label[16];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(label, sizeof(label), "field %zu", i);
		TAP_ROW(label);
		mc_buf_reset(&b);
		mc_csv_put(&b, mc_str(row[i].in), ',', false);
		IS_STR(mc_buf_str(&b), row[i].exact);
		mc_buf_reset(&b);
		mc_csv_put(&b, mc_str(row[i].in), ',', true);
		IS_STR(mc_buf_str(&b), row[i].sheet);
	}
	TAP_ROW(NULL);
	mc_buf_reset(&b);
	mc_csv_put(&b, MC_STR("a;b"), ';', false);
	IS_STR(b.p, "\"a;b\"");
	mc_buf_free(&b);
}

int
main(void)
{
	reading();
	messages();
	columns();
	limits();
	against_libcsv();
	quoted_or_not();
	any_bytes();
	spectrum();
	writing();
	return tap_done();
}
