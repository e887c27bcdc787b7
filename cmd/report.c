/* report - statutory reports; here form II.06a. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/buf.h>
#include <motcua/cli.h>
#include <motcua/csv.h>
#include <motcua/html.h>
#include <motcua/out.h>
#include <motcua/outfile.h>
#include <motcua/rulebook.h>
#include <motcua/stats.h>
#include <motcua/store.h>
#include <motcua/text.h>

enum { BASIS = MC_OPT_LONG, BY, CALENDAR, LIST };

/* clang-format off */
static const struct mc_opt opts[] = {
	{ BASIS,    "basis",    "WHAT",   _("count submissions (default) or dossiers") },
	{ BY,       "by",       "WHAT",   _("rows by field, procedure or unit") },
	{ CALENDAR, "calendar", NULL,     _("calendar periods, not the 15th to 14th") },
	{ LIST,     "list",     NULL,     _("which reports there are") },
	{ 'o',      "output",   "FILE",   _("write to FILE, whole or not at all") },
	{ 'p',      "period",   "PERIOD", _("default: the month that is now") },
	{ 'u',      "unit",     "UNIT",   _("received by it or one below") },
};
/* clang-format on */

struct tool {
	struct mc_cli *cli;
	struct mc_form_query q;
	struct mc_str period;
	const char *file;
	bool calendar, list, basis; /* as options say */
	int64_t now;
	int findings;

	struct mc_store *store;
	struct mc_rulebook *rb;
	struct mc_form *form;
	struct mc_outfile *outfile;
	struct mc_out *out;
};

/* ---- formats ---- */

static const char *const basis_name[] = {
	[MC_BASIS_SUBMISSIONS] = "submissions",
	[MC_BASIS_DOSSIERS] = "dossiers",
};

static void
write_record(
    struct mc_out *o, const struct mc_form_row *r, enum mc_form_basis basis)
{
	mc_out_begin(o, "motcua.report-06a/1");
	mc_out_str(o, "key", r->key);
	mc_out_str(o, "title", r->title);
	mc_out_int(o, "received_total", r->received_total);
	mc_out_int(o, "received_online", r->received_online);
	mc_out_int(o, "received_other", r->received_other);
	mc_out_int(o, "carried_over", r->carried_over);
	mc_out_int(o, "finished_total", r->finished_total);
	mc_out_int(o, "finished_early", r->finished_early);
	mc_out_int(o, "finished_on_time", r->finished_on_time);
	mc_out_int(o, "finished_late", r->finished_late);
	mc_out_int(o, "open_total", r->open_total);
	mc_out_int(o, "open_in_time", r->open_in_time);
	mc_out_int(o, "open_overdue", r->open_overdue);
	mc_out_str(o, "basis", basis_name[basis]);
	mc_out_end(o);
}

static void
csv_field(struct mc_buf *b, const char *s)
{
	if (b->len > 0 && b->p[b->len - 1] != '\n')
		mc_buf_putc(b, ',');
	mc_csv_put(b, mc_str(s), ',', true);
}

/*
 * For spreadsheets: one line of the form's headings, numbers plain.  Where
 * rows are no fields, their codes stand in a column of their own; where a
 * basis was asked for, tables of both can be put together.
 */
static void
csv_row(struct mc_buf *b, const struct mc_form_row *r, enum mc_form_by by,
    size_t number, const char *basis)
{
	int i;

	if (r->key != NULL)
		mc_buf_int(b, (int64_t)number);
	if (by != MC_BY_FIELD) {
		mc_buf_putc(b, ',');
		mc_csv_put(b, mc_str(r->key), ',', true);
	}
	mc_buf_putc(b, ',');
	mc_csv_put(b,
	    mc_str(r->key == NULL     ? "Tổng số"
		   : r->title == NULL ? r->key
				      : r->title),
	    ',', true);
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++)
		mc_buf_printf(b, ",%" PRId64, mc_form_value(r, i));
	if (basis != NULL)
		mc_buf_printf(b, ",%s", basis);
	mc_buf_putc(b, '\n');
}

/* basis: its name, or NULL: nobody has asked. */
static void
write_csv(struct mc_buf *b, const struct mc_form *f, const char *basis)
{
	enum mc_form_by by = mc_form_query(f)->by;
	const struct mc_form_row *row;
	struct mc_buf head = { 0 };
	size_t n, k;
	int i;

	csv_field(b, mc_form_column[0].label);
	if (by != MC_BY_FIELD)
		csv_field(b, by == MC_BY_UNIT ? "Mã đơn vị" : "Mã TTHC");
	csv_field(b, mc_form_subject(by));
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++) {
		mc_buf_reset(&head);
		mc_buf_printf(&head, "%s: %s", mc_form_column[i].group,
		    mc_form_column[i].label);
		csv_field(b, mc_buf_str(&head));
	}
	if (basis != NULL)
		csv_field(b, "Cách tính");
	mc_buf_putc(b, '\n');
	row = mc_form_rows(f, &n);
	for (k = 0; k < n; k++)
		csv_row(b, &row[k], by, k + 1, basis);
	csv_row(b, mc_form_total(f), by, 0, basis);
	mc_buf_free(&head);
}

/* ---- the form as text ---- */

#define NUMBER 8   /* columns of a number, with the space before it */
#define SUBJECT 40 /* and of what the row is, at most */

static void
pad(struct mc_buf *b, size_t n)
{
	while (n-- > 0)
		mc_buf_putc(b, ' ');
}

/* Right-aligned; what is too wide stands a space after the last. */
static void
cell(struct mc_buf *b, const char *s, size_t width)
{
	size_t n = mc_text_width(s, strlen(s));

	pad(b, n < width ? width - n : 1);
	mc_buf_puts(b, s);
}

static void
text_numbers(struct mc_buf *b, const struct mc_form_row *r)
{
	struct mc_buf n = { 0 };
	int i;

	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++) {
		mc_buf_reset(&n);
		mc_buf_int(&n, mc_form_value(r, i));
		cell(b, mc_buf_str(&n), NUMBER);
	}
	mc_buf_putc(b, '\n');
	mc_buf_free(&n);
}

/* What the row is, on several lines where it is long. */
static void
text_row(struct mc_buf *b, const struct mc_form_row *r, enum mc_form_by by,
    size_t number)
{
	struct mc_buf s = { 0 };
	const char *p;
	size_t n, left, line = 0;

	if (r->key == NULL)
		mc_buf_puts(&s, "Tổng số");
	else if (by == MC_BY_FIELD || r->title == NULL)
		mc_text_safe(&s, r->key, strlen(r->key));
	else {
		mc_text_safe(&s, r->key, strlen(r->key));
		mc_buf_putc(&s, ' ');
		mc_text_safe(&s, r->title, strlen(r->title));
	}
	for (p = mc_buf_str(&s), left = s.len; left > 0 || line == 0;
	     line++, p += n, left -= n) {
		/* As many whole words as there is room for. */
		n = left;
		while (n > 0 && mc_text_width(p, n) > SUBJECT) {
			n = mc_utf8_cut(p, left, n - 1);
			while (n > 0 && p[n] != ' ')
				n--;
		}
		if (n == 0)
			n = left;
		if (line > 0)
			mc_buf_puts(b, "    ");
		else if (r->key == NULL)
			mc_buf_puts(b, "    ");
		else
			mc_buf_printf(b, "%3zu ", number);
		mc_buf_add(b, p, n);
		if (line == 0) {
			pad(b, SUBJECT - (mc_text_width(p, n) < SUBJECT
						 ? mc_text_width(p, n)
						 : SUBJECT));
			text_numbers(b, r);
		} else {
			mc_buf_putc(b, '\n');
		}
		while (n < left && p[n] == ' ')
			n++;
	}
	mc_buf_free(&s);
}

static void
text_head(struct mc_buf *b, enum mc_form_by by)
{
	static const char *const label[] = { "Tổng", "Tr.tuyến", "Khác",
		"Kỳ trước", "Tổng", "Trước", "Đúng", "Quá", "Tổng", "Trong",
		"Quá" };
	static const char *const below[] = { "số", "", "", "", "số", "hạn",
		"hạn", "hạn", "số", "hạn", "hạn" };
	const struct mc_form_column *c = mc_form_column;
	struct mc_buf no = { 0 };
	size_t n;
	int i, j, k;

	pad(b, 4 + SUBJECT);
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i = j) {
		for (j = i; j < MC_FORM_COLUMNS && c[j].group == c[i].group;)
			j++;
		n = mc_text_width(c[i].group, strlen(c[i].group));
		mc_buf_puts(b, "  ");
		mc_buf_puts(b, c[i].group);
		mc_buf_putc(b, ' ');
		for (k = (int)n + 3; k < (j - i) * NUMBER; k++)
			mc_buf_putc(b, '-');
	}
	mc_buf_puts(b, "\n TT ");
	mc_buf_puts(b, mc_form_subject(by));
	pad(b, SUBJECT - mc_text_width(
			     mc_form_subject(by), strlen(mc_form_subject(by))));
	for (i = 0; i < MC_FORM_COLUMNS - MC_FORM_NUMBERS; i++)
		cell(b, label[i], NUMBER);
	mc_buf_putc(b, '\n');
	pad(b, 4 + SUBJECT);
	for (i = 0; i < MC_FORM_COLUMNS - MC_FORM_NUMBERS; i++)
		cell(b, below[i], NUMBER);
	mc_buf_puts(b, "\n(1) (2)");
	pad(b, SUBJECT - 3);
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++) {
		mc_buf_reset(&no);
		mc_buf_printf(&no, "(%d)", i + 1);
		cell(b, mc_buf_str(&no), NUMBER);
	}
	mc_buf_putc(b, '\n');
	mc_buf_free(&no);
}

static void
rule(struct mc_buf *b)
{
	int i;

	for (i = 0; i < 4 + SUBJECT + 11 * NUMBER; i++)
		mc_buf_putc(b, '-');
	mc_buf_putc(b, '\n');
}

/* Each in the middle of its half of a line. */
static void
text_halves(struct mc_buf *b, const char *left, const char *right)
{
	const size_t half = (4 + SUBJECT + 11 * NUMBER) / 2;
	size_t n = mc_text_width(left, strlen(left)), at = (half - n) / 2;

	if (n > 0)
		pad(b, at);
	mc_buf_puts(b, left);
	pad(b, half - (n > 0 ? at + n : 0) +
		   (half - mc_text_width(right, strlen(right))) / 2);
	mc_buf_puts(b, right);
	mc_buf_putc(b, '\n');
}

static void
text_signers(struct mc_buf *b)
{
	const struct mc_form_signer *s = mc_form_signer;

	mc_buf_putc(b, '\n');
	text_halves(b, "", mc_form_sign_date);
	text_halves(b, s[0].title, s[1].title);
	text_halves(b, s[0].how, s[1].how);
	mc_buf_puts(b, "\n\n\n\n");
}

static void
text_top(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone)
{
	const char *unit = mc_form_unit(f), *receiver = mc_form_receiver(f);

	mc_buf_puts(b, MC_FORM_NUMBER "\n");
	mc_buf_puts(b, mc_form_title);
	mc_buf_puts(b, "\nĐơn vị báo cáo: ");
	mc_text_safe(b, unit, strlen(unit));
	mc_buf_puts(b, "\nĐơn vị nhận báo cáo: ");
	if (receiver != NULL)
		mc_text_safe(b, receiver, strlen(receiver));
	else
		mc_buf_puts(b, MC_FORM_BLANK);
	mc_buf_putc(b, '\n');
	mc_form_period(b, f, made_at, zone);
	mc_buf_puts(b, "\nĐơn vị tính: số hồ sơ");
	mc_buf_puts(b, mc_form_basis_note(mc_form_query(f)->basis));
	mc_buf_puts(b, "\n\n");
}

static void
write_text(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone)
{
	enum mc_form_by by = mc_form_query(f)->by;
	const struct mc_form_row *row;
	size_t i, n;

	text_top(b, f, made_at, zone);
	text_head(b, by);
	rule(b);
	row = mc_form_rows(f, &n);
	for (i = 0; i < n; i++)
		text_row(b, &row[i], by, i + 1);
	if (n > 0)
		rule(b);
	text_row(b, mc_form_total(f), by, 0);
	if (mc_form_negative(f, NULL, NULL) > 0) {
		mc_buf_putc(b, '\n');
		mc_buf_puts(b, mc_form_negative_note);
		mc_buf_putc(b, '\n');
	}
	text_signers(b);
	mc_buf_puts(b, "Lập lúc ");
	mc_time_put_human(b, made_at, zone);
	mc_buf_putc(b, '\n');
}

/* ---- the tool ---- */

static void
write_form(struct tool *t)
{
	const char *format = t->cli->format;
	const struct mc_form_row *row;
	struct mc_buf b = { 0 };
	size_t i, n;

	if (strcmp(format, "ndjson") == 0) {
		row = mc_form_rows(t->form, &n);
		for (i = 0; i < n; i++)
			write_record(t->out, &row[i], t->q.basis);
		write_record(t->out, mc_form_total(t->form), t->q.basis);
		return;
	}
	if (strcmp(format, "csv") == 0)
		write_csv(
		    &b, t->form, t->basis ? basis_name[t->q.basis] : NULL);
	else if (strcmp(format, "html") == 0)
		mc_html_form(&b, t->form, t->now, mc_store_zone(t->store));
	else
		write_text(&b, t->form, t->now, mc_store_zone(t->store));
	mc_out_raw(t->out, b.p, b.len);
	mc_buf_free(&b);
}

static void
on_finding(void *arg, const struct mc_err *finding)
{
	struct tool *t = arg;

	mc_cli_warn(t->cli, finding);
	t->findings++;
}

static void
on_warning(void *arg, const struct mc_err *finding)
{
	mc_cli_warn(((struct tool *)arg)->cli, finding);
}

static int
make_form(struct tool *t, struct mc_err *err)
{
	const char *format = t->cli->format;
	int32_t today;

	if (mc_store_open(&t->store, t->cli->db, MC_DB_READ, err) == -1 ||
	    mc_cli_now(t->cli, mc_store_zone(t->store), &t->now, NULL, err) ==
		-1)
		return -1;
	today = mc_zone_day(mc_store_zone(t->store), t->now);
	t->q.today = today;
	t->q.names =
	    strcmp(format, "html") == 0 || strcmp(format, "table") == 0;
	if (t->period.p == NULL) {
		if (mc_period_of(&t->q.period, today, t->calendar, err) == -1)
			return mc_err_at(err, "--now", 0, 0);
	} else if (mc_period_parse(&t->q.period, t->period, t->calendar, err) ==
		   -1) {
		return mc_err_at(err, "--period", 0, 0);
	}
	if (mc_form_06a(&t->form, t->store, &t->rb, &t->q, err) == 0)
		return 0;
	/* The unit is all that is left to have been given wrongly. */
	return err->code == MC_EUSAGE ? mc_err_at(err, "--unit", 0, 0) : -1;
}

static int
open_output(struct tool *t, struct mc_err *err)
{
	const struct mc_zone *zone =
	    t->store == NULL ? NULL : mc_store_zone(t->store);

	if (t->file == NULL)
		return mc_cli_out(t->cli, &t->out, zone, err);
	return mc_cli_out_to(
	    t->cli, &t->out, mc_outfile_fd(t->outfile), zone, err);
}

static void
write_list(struct tool *t)
{
	struct mc_out *o = t->out;

	mc_out_begin(o, "motcua.report-list/1");
	mc_out_str(o, "name", "06a");
	mc_out_str(o, "title", MC_FORM_NUMBER);
	mc_out_end(o);
}

static int
run(struct tool *t, struct mc_err *err)
{
	int rc = MC_EXIT_FAIL;

	if ((t->file != NULL &&
		mc_outfile_open(&t->outfile, t->file, 0640, err) == -1) ||
	    (!t->list && make_form(t, err) == -1) || open_output(t, err) == -1)
		goto done;
	if (t->list)
		write_list(t);
	else
		write_form(t);
	if (mc_out_close(t->out, err) == -1 ||
	    (t->outfile != NULL && mc_outfile_commit(t->outfile, err) == -1))
		goto done;
	if (!t->list)
		mc_form_negative(t->form, on_warning, t);
	/* An identity that does not hold: which dossiers are counted wrong? */
	if (!t->list && mc_form_check(t->form, on_finding, t) > 0 &&
	    mc_stats_recount(t->store, on_finding, t, err) == -1)
		goto done;
	rc = t->findings > 0 ? MC_EXIT_FOUND : MC_EXIT_OK;
done:
	mc_out_free(t->out);
	mc_outfile_free(t->outfile);
	mc_form_free(t->form);
	mc_rulebook_free(t->rb);
	mc_store_close(t->store);
	return rc;
}

/* What the options and operands mean together: 0, or it was told. */
static int
check_usage(const struct tool *t)
{
	const struct mc_cli *cli = t->cli;

	if (t->list ? cli->argc > 0 : cli->argc != 1)
		return mc_cli_usage(cli,
		    t->list ? "--list takes no report"
			    : "name one report; --list says which there are");
	if (t->list && strcmp(cli->format, "html") == 0)
		return mc_cli_usage(
		    cli, "--list has no html; it is table, csv or ndjson");
	if (!t->list && strcmp(cli->argv[0], "06a") != 0)
		return mc_cli_usage(cli,
		    "no report \"%s\"; --list says which there are",
		    cli->argv[0]);
	return t->file == NULL ? 0 : mc_cli_not_db(cli, "--output", t->file);
}

int
main(int argc, char *argv[])
{
	static const char *const by[] = { "field", "procedure", "unit" };
	struct mc_cli cli = MC_CLI("report", _("Print statutory reports."),
	    "[OPTION...] 06a\n--list", opts,
	    MC_CLI_DB | MC_CLI_NOW | MC_CLI_FORMAT, argc, argv);
	struct mc_err err = MC_ERR_INIT;
	struct tool t = { .cli = &cli };
	int c, i;

	cli.formats = "table csv ndjson html";
	cli.default_format = "table";
	cli.words = "06a";
	while ((c = mc_cli_next(&cli)) != MC_CLI_END)
		switch (c) {
		case BASIS:
			for (i = 0;
			     i < 2 && strcmp(cli.arg, basis_name[i]) != 0;)
				i++;
			if (i == 2)
				return mc_cli_usage_at(&cli, "--basis",
				    "\"%s\" is none of: submissions dossiers",
				    cli.arg);
			t.q.basis = (enum mc_form_basis)i;
			t.basis = true;
			break;
		case BY:
			for (i = 0; i < 3 && strcmp(cli.arg, by[i]) != 0;)
				i++;
			if (i == 3)
				return mc_cli_usage_at(&cli, "--by",
				    "\"%s\" is none of: field procedure unit",
				    cli.arg);
			t.q.by = (enum mc_form_by)i;
			break;
		case CALENDAR:
			t.calendar = true;
			break;
		case LIST:
			t.list = true;
			break;
		case 'o':
			t.file = cli.arg;
			break;
		case 'p':
			t.period = mc_str(cli.arg);
			break;
		case 'u':
			t.q.unit = mc_str(cli.arg);
			break;
		default:
			return mc_cli_exit(&cli, c);
		}
	if ((c = check_usage(&t)) != 0)
		return c;
	return mc_cli_finish(&cli, &err, run(&t, &err));
}
