/* out.c - see motcua/out.h. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/audit.h>
#include <motcua/csv.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/out.h>
#include <motcua/text.h>

#define BLOCK (64u * 1024) /* written at once */
#define TABLE_WIDTH_MAX 60 /* a column is never padded beyond this */

enum kind { NDJSON, CSV, TABLE, RAW };

struct column {
	const char *name;
	size_t width; /* on the terminal, as far as measured */
	bool number;  /* right-aligned: every value so far was one */
	bool seen;    /* any value but null */
	/* Named beforehand: this record's value, a piece of o->kept. */
	size_t at, len;
	bool filled, numeric;
};

struct label {
	const char *name, *label;
};

/* A table's cell while it is being measured: a piece of o->cells. */
struct cell {
	size_t at, len;
};

struct mc_out {
	enum kind kind;
	int fd;
	int errnum;         /* first failed write */
	const char *misfit; /* schema or member that fitted no column */
	const struct mc_zone *zone;
	bool dry_run, spreadsheet, terminal;
	bool bom; /* is still to be written */
	bool in_record;
	int64_t count;
	struct mc_buf b; /* output not yet written, with the record under way */
	size_t start;    /* of that record, in b */

	struct mc_jw w; /* NDJSON */

	/* CSV and table: the columns are the first record's members. */
	const char *schema, *columns;
	struct column col[MC_OUT_COLUMNS];
	size_t ncol;
	size_t at;          /* the next member's likely column */
	bool fixed, headed; /* columns known; heading printed */
	bool named;         /* ... beforehand: values are kept till the end */
	bool another;       /* not the first table: a line between */
	struct mc_buf names, kept;
	struct mc_buf value, safe;

	MC_VEC(struct label) labels;
	MC_VEC(struct cell) cell; /* ncol for each record */
	struct mc_buf cells;
};

int
mc_out_open(struct mc_out **out, int fd, const char *format,
    const struct mc_zone *zone, struct mc_err *err)
{
	struct mc_out *o;

	*out = NULL;
	if (fd < 0)
		return mc_err(err, MC_EIO, "E_IO", "output is closed");
	o = mc_calloc(1, sizeof(*o));
	o->fd = fd;
	o->zone = zone;
	if (strcmp(format, "ndjson") == 0)
		o->kind = NDJSON;
	else if (strcmp(format, "csv") == 0)
		o->kind = CSV;
	else if (strcmp(format, "table") == 0)
		o->kind = TABLE;
	else
		o->kind = RAW;
	*out = o;
	return 0;
}

void
mc_out_dry_run(struct mc_out *o)
{
	o->dry_run = true;
}

void
mc_out_spreadsheet(struct mc_out *o)
{
	o->spreadsheet = true;
}

void
mc_out_bom(struct mc_out *o)
{
	o->bom = o->kind == CSV;
}

void
mc_out_terminal(struct mc_out *o)
{
	o->terminal = true;
}

void
mc_out_columns(struct mc_out *o, const char *names)
{
	o->columns = names;
}

void
mc_out_label(struct mc_out *o, const char *name, const char *label)
{
	struct label l = { name, label };

	mc_vec_push(&o->labels, l);
}

int64_t
mc_out_count(const struct mc_out *o)
{
	return o->count;
}

/* ---- bytes ---- */

static void
write_all(struct mc_out *o, const char *p, size_t n)
{
	struct pollfd pfd = { .fd = o->fd, .events = POLLOUT };
	ssize_t k;

	while (n > 0 && o->errnum == 0) {
		k = write(o->fd, p, n);
		if (k >= 0) {
			p += k;
			n -= (size_t)k;
		} else if (errno == EAGAIN)
			(void)poll(&pfd, 1, -1);
		else if (errno != EINTR)
			o->errnum = errno;
	}
}

/*
 * Text with nothing in it that could reprogram a terminal.  NDJSON stays
 * NDJSON: such characters are only in its strings, and are escaped.
 */
static void
make_safe(struct mc_out *o)
{
	const char *p = o->b.p, *end = p + o->b.len, *start;
	uint32_t cp;
	size_t len;

	mc_buf_reset(&o->safe);
	while (p < end) {
		for (start = p; p < end && *p != '\n'; p++)
			continue;
		if (o->kind != NDJSON)
			mc_text_safe(&o->safe, start, (size_t)(p - start));
		else
			for (; start < p; start += len) {
				cp = mc_utf8_decode(
				    start, (size_t)(p - start), &len);
				if (mc_char_hostile(cp) && cp <= 0xFFFF)
					mc_buf_printf(
					    &o->safe, "\\u%04x", (unsigned)cp);
				else
					mc_buf_add(&o->safe, start, len);
			}
		if (p < end) {
			mc_buf_putc(&o->safe, '\n');
			p++;
		}
	}
}

static void
write_out(struct mc_out *o)
{
	if (o->b.len == 0)
		return;
	if (o->terminal && (o->kind == NDJSON || o->kind == CSV)) {
		make_safe(o);
		write_all(o, o->safe.p, o->safe.len);
	} else
		write_all(o, o->b.p, o->b.len);
	mc_buf_reset(&o->b);
}

/* Before the first byte; on a terminal it would only be seen. */
static void
put_bom(struct mc_out *o)
{
	if (o->bom && !o->terminal)
		mc_buf_puts(&o->b, "\xEF\xBB\xBF");
	o->bom = false;
}

/* ---- columns: CSV and table ---- */

static const char *
heading(const struct mc_out *o, const char *name)
{
	size_t i;

	for (i = o->labels.n; i > 0; i--)
		if (strcmp(o->labels.p[i - 1].name, name) == 0)
			return o->labels.p[i - 1].label;
	return name;
}

static void
widen(struct column *col, const char *p, size_t n)
{
	size_t width = mc_text_width(p, n);

	if (width > TABLE_WIDTH_MAX)
		width = TABLE_WIDTH_MAX;
	if (width > col->width)
		col->width = width;
}

static void
pad(struct mc_buf *b, size_t n)
{
	while (n-- > 0)
		mc_buf_putc(b, ' ');
}

/* One cell of a printed line; the last ends it, without blanks behind. */
static void
print_cell(struct mc_out *o, size_t i, const char *p, size_t n)
{
	const struct column *col = &o->col[i];
	size_t width = mc_text_width(p, n);
	size_t blank = width < col->width ? col->width - width : 0;

	if (col->number)
		pad(&o->b, blank);
	mc_buf_add(&o->b, p, n);
	if (i + 1 == o->ncol)
		mc_buf_putc(&o->b, '\n');
	else
		pad(&o->b, (col->number ? 0 : blank) + 2);
}

/* The heading, and the rows that were kept back to learn the widths. */
static void
start_table(struct mc_out *o)
{
	const struct cell *c;
	const char *head;
	size_t i;

	if (o->headed || !o->fixed)
		return;
	o->headed = true;
	if (o->another)
		mc_buf_putc(&o->b, '\n');
	for (i = 0; i < o->ncol; i++) {
		head = heading(o, o->col[i].name);
		widen(&o->col[i], head, strlen(head));
	}
	for (i = 0; i < o->ncol; i++) {
		head = heading(o, o->col[i].name);
		print_cell(o, i, head, strlen(head));
	}
	for (i = 0; i < o->cell.n; i++) {
		c = &o->cell.p[i];
		print_cell(
		    o, i % o->ncol, mc_buf_str(&o->cells) + c->at, c->len);
	}
	o->cell.n = 0;
	mc_buf_reset(&o->cells);
}

/* What comes has other columns; what was kept back is printed. */
static void
begin_table(struct mc_out *o)
{
	start_table(o);
	o->another = true;
	o->ncol = 0;
	o->fixed = o->headed = o->named = false;
}

void
mc_out_name_columns(struct mc_out *o, const char *names)
{
	char *p, *end;

	assert(!o->in_record && (o->kind != CSV || o->count == 0));
	o->columns = names;
	if (o->kind != CSV && o->kind != TABLE)
		return;
	if (o->count > 0)
		begin_table(o);
	mc_buf_reset(&o->names);
	mc_buf_puts(&o->names, names);
	if (o->kind == CSV && o->dry_run)
		mc_buf_puts(&o->names, " dry_run");
	o->ncol = 0;
	for (p = o->names.p; p != NULL; p = end) {
		assert(o->ncol < MC_OUT_COLUMNS);
		o->col[o->ncol++] = (struct column){ .name = p };
		if ((end = strchr(p, ' ')) != NULL)
			*end++ = '\0';
	}
	o->named = true;
}

/* Room for a field of CSV and the comma before it, which is put. */
static char *
begin_field(struct mc_out *o, size_t size)
{
	char *to = mc_buf_room(&o->b, size + 1);

	if (o->at > 0)
		*to++ = ',';
	return to;
}

static void
lay_field(struct mc_out *o, struct mc_str v)
{
	char *to = begin_field(o, MC_CSV_ROOM(v.len));

	mc_buf_end(&o->b, mc_csv_text(to, v, ',', o->spreadsheet));
}

/* The value of the column that comes next; o->at moves on. */
static void
lay_cell(struct mc_out *o, struct mc_str v, bool number, bool null)
{
	struct column *col = &o->col[o->at];
	struct cell c;

	if (o->kind == CSV)
		lay_field(o, null ? (struct mc_str){ NULL, 0 } : v);
	else if (o->headed)
		print_cell(o, o->at, v.p, v.len);
	else {
		c = (struct cell){ o->cells.len, v.len };
		mc_buf_add(&o->cells, v.p, v.len);
		mc_vec_push(&o->cell, c);
		widen(col, v.p, v.len);
		if (!null) {
			col->number = number && (col->number || !col->seen);
			col->seen = true;
		}
	}
	o->at++;
}

static void
lay_null(struct mc_out *o)
{
	lay_cell(o, MC_STR("-"), false, true);
}

/* A member's value: where columns were named, its turn comes at the end. */
static void
put_cell(struct mc_out *o, struct mc_str v, bool number)
{
	struct column *col = &o->col[o->at];

	if (!o->named) {
		lay_cell(o, v, number, false);
		return;
	}
	col->filled = true;
	col->numeric = number;
	col->at = o->kept.len;
	col->len = v.len;
	mc_buf_add(&o->kept, v.p, v.len);
}

static void
put_null(struct mc_out *o)
{
	if (!o->named)
		lay_null(o);
}

/* The record whose columns were named, in their order. */
static void
lay_named(struct mc_out *o)
{
	struct column *col;

	for (o->at = 0; o->at < o->ncol;) {
		col = &o->col[o->at];
		if (col->filled)
			lay_cell(o,
			    (struct mc_str){
				mc_buf_str(&o->kept) + col->at, col->len },
			    col->numeric, false);
		else
			lay_null(o);
		col->filled = false;
	}
	mc_buf_reset(&o->kept);
}

/*
 * Make o->at the column of this member.  The first record makes columns,
 * where nobody has named them; later ones may leave members out, but not
 * bring new ones.
 */
static bool
search_column(struct mc_out *o, const char *name)
{
	size_t i;

	if (o->misfit != NULL)
		return false;
	if (!o->fixed && !o->named) {
		assert(o->ncol < MC_OUT_COLUMNS);
		o->col[o->ncol++] = (struct column){ .name = name };
		return true;
	}
	for (i = o->named ? 0 : o->at; i < o->ncol; i++)
		if (o->col[i].name == name || strcmp(o->col[i].name, name) == 0)
			break;
	if (i == o->ncol) {
		o->misfit = name;
		return false;
	}
	if (o->named)
		o->at = i;
	while (o->at < i)
		lay_null(o);
	return true;
}

/* Mostly it is the next, named by the same literal as before. */
static inline bool
find_column(struct mc_out *o, const char *name)
{
	assert(o->in_record);
	if (o->misfit == NULL && o->at < o->ncol && o->col[o->at].name == name)
		return true;
	return search_column(o, name);
}

static bool
is_rows(const struct mc_out *o)
{
	return o->kind == CSV || o->kind == TABLE;
}

/* ---- records ---- */

void
mc_out_begin(struct mc_out *o, const char *schema)
{
	assert(!o->in_record);
	o->in_record = true;
	if (o->kind == NDJSON) {
		o->w = mc_jw(&o->b);
		mc_jw_open(&o->w, '{');
		mc_jw_key(&o->w, "schema");
		mc_jw_strz(&o->w, schema);
		if (o->dry_run) {
			mc_jw_key(&o->w, "dry_run");
			mc_jw_bool(&o->w, true);
		}
		return;
	}
	if (o->schema != NULL && o->schema != schema &&
	    strcmp(o->schema, schema) != 0) {
		if (o->kind == CSV)
			o->misfit = schema;
		else if (o->kind == TABLE)
			begin_table(o);
	}
	o->schema = schema;
	o->at = 0;
	o->start = o->b.len;
}

void
mc_out_strn(struct mc_out *o, const char *name, struct mc_str s)
{
	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_str(&o->w, s);
	} else if (is_rows(o) && find_column(o, name)) {
		if (o->kind == TABLE) {
			mc_buf_reset(&o->value);
			mc_text_safe(&o->value, s.p, s.len);
			s = (struct mc_str){ mc_buf_str(&o->value),
				o->value.len };
		}
		put_cell(o, s, false);
	}
}

void
mc_out_str(struct mc_out *o, const char *name, const char *s)
{
	if (s == NULL)
		mc_out_null(o, name);
	else
		mc_out_strn(o, name, mc_str(s));
}

void
mc_out_int(struct mc_out *o, const char *name, int64_t n)
{
	char *to;

	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_int(&o->w, n);
	} else if (is_rows(o) && find_column(o, name)) {
		/* Never in quotes. */
		if (o->kind == CSV && !o->spreadsheet && !o->named) {
			to = begin_field(o, MC_INT_TEXT);
			mc_buf_end(&o->b, to + mc_int_text(to, n));
			o->at++;
			return;
		}
		mc_buf_reset(&o->value);
		mc_buf_int(&o->value, n);
		put_cell(o, (struct mc_str){ o->value.p, o->value.len }, true);
	}
}

void
mc_out_bool(struct mc_out *o, const char *name, bool v)
{
	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_bool(&o->w, v);
	} else if (is_rows(o) && find_column(o, name)) {
		if (o->kind == CSV)
			put_cell(
			    o, v ? MC_STR("true") : MC_STR("false"), false);
		else
			put_cell(o, v ? MC_STR("yes") : MC_STR("no"), false);
	}
}

void
mc_out_null(struct mc_out *o, const char *name)
{
	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_null(&o->w);
	} else if (is_rows(o) && find_column(o, name))
		put_null(o);
}

/* o->value holds a formatted time or day. */
static void
put_when(struct mc_out *o, const char *name)
{
	struct mc_str v = { o->value.p, o->value.len };

	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_str(&o->w, v);
	} else if (is_rows(o) && find_column(o, name))
		put_cell(o, v, false);
}

void
mc_out_time(struct mc_out *o, const char *name, int64_t ms)
{
	if (ms == MC_NEVER) {
		mc_out_null(o, name);
		return;
	}
	mc_buf_reset(&o->value);
	if (o->zone == NULL)
		mc_time_put_utc(&o->value, ms);
	else if (o->kind == TABLE)
		mc_time_put_human(&o->value, ms, o->zone);
	else
		mc_time_put(&o->value, ms, o->zone);
	put_when(o, name);
}

void
mc_out_day(struct mc_out *o, const char *name, int32_t day)
{
	if (day == MC_NODAY) {
		mc_out_null(o, name);
		return;
	}
	mc_buf_reset(&o->value);
	if (o->kind == TABLE)
		mc_day_put_human(&o->value, day);
	else
		mc_day_put(&o->value, day);
	put_when(o, name);
}

void
mc_out_json(struct mc_out *o, const char *name, struct mc_str json)
{
	if (o->kind == NDJSON) {
		mc_jw_key(&o->w, name);
		mc_jw_raw(&o->w, json);
	} else
		mc_out_strn(o, name, json);
}

/* The header line of CSV, the columns' names: before the first record. */
static void
csv_header(struct mc_out *o)
{
	struct mc_buf first = { 0 };
	size_t i;

	mc_buf_add(&first, mc_buf_str(&o->b) + o->start, o->b.len - o->start);
	o->b.len = o->start;
	put_bom(o);
	for (i = 0; i < o->ncol; i++) {
		if (i > 0)
			mc_buf_putc(&o->b, ',');
		mc_csv_put(&o->b, mc_str(o->col[i].name), ',', false);
	}
	mc_buf_putc(&o->b, '\n');
	mc_buf_add(&o->b, mc_buf_str(&first), first.len);
	mc_buf_free(&first);
	o->headed = true;
}

static void
end_row(struct mc_out *o)
{
	if (o->kind == CSV && o->dry_run)
		mc_out_bool(o, "dry_run", true);
	if (o->named)
		lay_named(o);
	else if (o->fixed)
		while (o->at < o->ncol)
			lay_null(o);
	o->fixed = true;
	if (o->kind == CSV) {
		if (!o->headed)
			csv_header(o);
		mc_buf_putc(&o->b, '\n');
	} else if (!o->headed && o->cell.n >= MC_OUT_TABLE_ROWS * o->ncol)
		start_table(o);
}

void
mc_out_end(struct mc_out *o)
{
	assert(o->in_record);
	if (o->kind == NDJSON) {
		mc_jw_close(&o->w, '}');
		mc_buf_putc(&o->b, '\n');
	} else if (is_rows(o) && o->misfit == NULL)
		end_row(o);
	else if (o->kind == CSV && o->b.len > o->start)
		/* What fitted of it. */
		mc_buf_end(&o->b, o->b.p + o->start);
	o->in_record = false;
	o->count++;
	if (o->b.len >= BLOCK)
		write_out(o);
}

/* ---- free text ---- */

void
mc_out_raw(struct mc_out *o, const char *p, size_t n)
{
	assert(!o->in_record);
	start_table(o);
	put_bom(o);
	mc_buf_add(&o->b, p, n);
	if (o->b.len >= BLOCK)
		write_out(o);
}

void
mc_out_puts(struct mc_out *o, const char *s)
{
	mc_out_raw(o, s, strlen(s));
}

void
mc_out_printf(struct mc_out *o, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	text = mc_alloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	mc_out_raw(o, text, (size_t)n);
	free(text);
}

/* ---- findings ---- */

void
mc_out_finding(void *out, const struct mc_finding *f)
{
	struct mc_out *o = out;

	mc_out_begin(o, "motcua.finding/1");
	mc_out_str(o, "check", f->check);
	mc_out_str(o, "error", f->error);
	if (f->code.len > 0)
		mc_out_strn(o, "code", f->code);
	else
		mc_out_null(o, "code");
	if (f->seq >= 0)
		mc_out_int(o, "seq", f->seq);
	else
		mc_out_null(o, "seq");
	if (f->line > 0)
		mc_out_int(o, "line", f->line);
	else
		mc_out_null(o, "line");
	mc_out_str(o, "message", f->message);
	mc_out_end(o);
}

/* ---- the end ---- */

static int
verdict(const struct mc_out *o, struct mc_err *err)
{
	if (o->errnum != 0)
		return mc_err_sys(err, o->errnum, "cannot write the output");
	if (o->misfit == NULL)
		return 0;
	mc_err(err, MC_EUSAGE, "E_FORMAT",
	    "\"%s\" does not fit the columns of the records before it",
	    o->misfit);
	return mc_err_advise(err, "--format=ndjson takes records of any kind");
}

int
mc_out_flush(struct mc_out *o, struct mc_err *err)
{
	assert(!o->in_record);
	write_out(o);
	return verdict(o, err);
}

int
mc_out_close(struct mc_out *o, struct mc_err *err)
{
	const char *p;
	int fd;

	assert(!o->in_record);
	start_table(o);
	if (o->kind == CSV && o->count == 0 && o->columns != NULL) {
		put_bom(o);
		for (p = o->columns; *p != '\0'; p++)
			mc_buf_putc(&o->b, *p == ' ' ? ',' : *p);
		mc_buf_putc(&o->b, '\n');
	}
	write_out(o);
	/* What a network file system has kept for itself it tells a close. */
	if (o->errnum == 0 && o->count > 0) {
		fd = dup(o->fd);
		if (fd == -1 || close(fd) == -1)
			o->errnum = errno;
	}
	return verdict(o, err);
}

void
mc_out_free(struct mc_out *o)
{
	if (o == NULL)
		return;
	mc_buf_free(&o->b);
	mc_buf_free(&o->value);
	mc_buf_free(&o->safe);
	mc_buf_free(&o->cells);
	mc_buf_free(&o->names);
	mc_buf_free(&o->kept);
	mc_vec_free(&o->labels);
	mc_vec_free(&o->cell);
	free(o);
}
