/* html.c - see motcua/html.h. */
#include <string.h>

#include <motcua/html.h>
#include <motcua/text.h>

static const char received[] = "Tiếp nhận", finished[] = "Đã giải quyết",
		  open[] = "Đang giải quyết";

const struct mc_form_column mc_form_column[MC_FORM_COLUMNS] = {
	{ NULL, "TT" },
	{ NULL, "Lĩnh vực, công việc giải quyết theo cấp" },
	{ received, "Tổng số" },
	{ received, "Trực tuyến" },
	{ received, "Trực tiếp, dịch vụ bưu chính" },
	{ received, "Từ kỳ trước" },
	{ finished, "Tổng số" },
	{ finished, "Trước hạn" },
	{ finished, "Đúng hạn" },
	{ finished, "Quá hạn" },
	{ open, "Tổng số" },
	{ open, "Trong hạn" },
	{ open, "Quá hạn" },
};

const char mc_form_title[] = "Tình hình, kết quả giải quyết thủ tục hành "
			     "chính tại cơ quan, đơn vị trực tiếp giải "
			     "quyết thủ tục hành chính";

const char mc_form_negative_note[] =
    "Số âm: trong kỳ này có hồ sơ đã tính ở kỳ trước được đính chính; báo cáo "
    "của kỳ trước không thay đổi. Đề nghị đối chiếu trước khi ký.";

const struct mc_form_signer mc_form_signer[2] = {
	{ "Người lập biểu", "(Ký, ghi rõ họ tên)" },
	{ "Thủ trưởng đơn vị", "(Ký, ghi rõ họ tên, đóng dấu)" },
};

const char mc_form_sign_date[] =
    ".................., ngày ...... tháng ...... năm ..........";

int64_t
mc_form_value(const struct mc_form_row *r, int column)
{
	const int64_t v[MC_FORM_COLUMNS] = { 0, 0, r->received_total,
		r->received_online, r->received_other, r->carried_over,
		r->finished_total, r->finished_early, r->finished_on_time,
		r->finished_late, r->open_total, r->open_in_time,
		r->open_overdue };

	return v[column];
}

const char *
mc_form_subject(enum mc_form_by by)
{
	return by == MC_BY_PROCEDURE ? "Thủ tục hành chính"
	       : by == MC_BY_UNIT    ? "Đơn vị"
				     : mc_form_column[1].label;
}

const char *
mc_form_basis_note(enum mc_form_basis basis)
{
	return basis == MC_BASIS_DOSSIERS
		   ? ", tính cả hồ sơ thành phần của thủ tục liên thông"
		   : "";
}

static void
put_as_of(struct mc_buf *b, int64_t at, const struct mc_zone *zone)
{
	int minute = (int)(mc_zone_ms_of_day(zone, at) / 60000);

	mc_buf_printf(b, ", số liệu đến %02d:%02d ", minute / 60, minute % 60);
	mc_day_put_human(b, mc_zone_day(zone, at));
}

void
mc_form_period(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone)
{
	const struct mc_period *p = &mc_form_query(f)->period;

	mc_buf_puts(b, "Kỳ báo cáo");
	if (p->name[0] != '\0')
		mc_buf_printf(b, ": %s", p->name);
	mc_buf_puts(b, " (Từ ngày ");
	mc_day_put_human(b, p->from);
	mc_buf_puts(b, " đến ngày ");
	mc_day_put_human(b, p->to);
	mc_buf_putc(b, ')');
	if (mc_zone_day(zone, made_at) <= p->to)
		put_as_of(b, made_at, zone);
}

void
mc_html_text(struct mc_buf *b, const char *s)
{
	struct mc_buf safe = { 0 };
	const char *p;

	mc_text_safe(&safe, s, strlen(s));
	for (p = mc_buf_str(&safe); *p != '\0'; p++)
		switch (*p) {
		case '&':
			mc_buf_puts(b, "&amp;");
			break;
		case '<':
			mc_buf_puts(b, "&lt;");
			break;
		case '>':
			mc_buf_puts(b, "&gt;");
			break;
		case '"':
			mc_buf_puts(b, "&quot;");
			break;
		case '\'':
			mc_buf_puts(b, "&#39;");
			break;
		default:
			mc_buf_putc(b, *p);
		}
	mc_buf_free(&safe);
}

/* clang-format off */
static const char style[] =
"@page{size:A4 landscape;margin:12mm}\n"
"*{box-sizing:border-box}\n"
"html{color-scheme:light;-webkit-text-size-adjust:100%}\n"
"body{margin:0 auto;padding:1.5rem;max-width:80rem;color:#1b1b1b;"
"background:#fff;font:1rem/1.45 system-ui,\"Segoe UI\",Roboto,"
"\"Noto Sans\",\"DejaVu Sans\",sans-serif}\n"
".top{display:flex;flex-wrap:wrap;justify-content:space-between;"
"gap:.25rem 2rem;margin-bottom:1rem}\n"
".top p{margin:0}\n"
"h1{margin:0;font-size:1.3em;line-height:1.3;text-align:center;"
"text-wrap:balance}\n"
".period{margin:.4em 0 1em;text-align:center}\n"
"#unit{margin:0 0 .4rem;text-align:right;font-size:.925em;"
"font-style:italic}\n"
".sheet{overflow-x:auto;border:1px solid #6b6b6b}\n"
".sheet:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}\n"
"table{border-collapse:separate;border-spacing:0;width:100%;"
"font-size:.925em;font-variant-numeric:tabular-nums}\n"
"th,td{padding:.4rem .5rem;border:solid #9a9a9a;border-width:1px 0 0 1px}\n"
"tr>:first-child{border-left-width:0}\n"
"thead tr+tr>:first-child{border-left-width:1px}\n"
"thead th{background:#eef2f7;font-weight:600;vertical-align:middle}\n"
"thead .no th{padding:.1rem;font-weight:400;font-size:.85em}\n"
"thead .no th:first-child{border-left-width:0}\n"
"td{text-align:right;white-space:nowrap}\n"
"td.tt{text-align:center;color:#4a4a4a}\n"
"tbody th{text-align:left;font-weight:400;min-width:12rem;"
"background:#fff}\n"
"tbody th span{display:block;font-size:.85em;color:#4a4a4a}\n"
"tbody tr:nth-child(even)>*{background:#f7f9fb}\n"
"td.sum{font-weight:600}\n"
"td.late{color:#a50e0e;font-weight:600}\n"
"tbody tr.total>*{background:#e3e9f1;font-weight:700;"
"border-top:2px solid #4a4a4a}\n"
".sign{display:flex;flex-wrap:wrap;justify-content:space-around;"
"gap:1em 2em;margin-top:1em;text-align:center;break-inside:avoid}\n"
".sign p{margin:0;min-height:9em}\n"
".note{margin:.8em 0 0;font-size:.85em;color:#4a4a4a}\n"
"footer .note{margin-top:.2em}\n"
"@media screen{thead tr:first-child>*{border-top-width:0}\n"
"tbody th,thead .subject{position:sticky;left:0;"
"z-index:1}\n"
"tbody th,thead .subject{box-shadow:1px 0 0 #6b6b6b}}\n"
"@media screen and (max-width:48rem){body{padding:1rem .75rem}\n"
"h1{font-size:1.1em}\n"
"#unit{text-align:left}\n"
".tt{display:none}\n"
"thead .no th:nth-child(2){border-left-width:0}\n"
"tbody th,thead .subject{min-width:8.5rem;max-width:11rem;"
"border-left-width:0;overflow-wrap:anywhere}}\n"
"@media print{body{padding:0;max-width:none;font-size:10pt;"
"line-height:1.3}\n"
".note,footer,.sign{break-before:avoid}\n"
"#unit{font-size:9pt}\n"
".sheet{overflow:visible;border-width:0}\n"
"table{font-size:9pt;border-collapse:collapse}\n"
"th,td{padding:.25rem .4rem}\n"
"th,td,tr>:first-child,thead .no th:first-child{border-width:1px}\n"
"thead{display:table-header-group}\n"
"tr{break-inside:avoid}\n"
"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";
/* clang-format on */

/* 1234567 as 1.234.567. */
static void
put_number(struct mc_buf *b, int64_t n)
{
	struct mc_buf digits = { 0 };
	size_t i;

	mc_buf_int(&digits, n < 0 ? -n : n);
	if (n < 0)
		mc_buf_putc(b, '-');
	for (i = 0; i < digits.len; i++) {
		if (i > 0 && (digits.len - i) % 3 == 0)
			mc_buf_putc(b, '.');
		mc_buf_putc(b, digits.p[i]);
	}
	mc_buf_free(&digits);
}

static void
put_head(struct mc_buf *b, enum mc_form_by by)
{
	const struct mc_form_column *c = mc_form_column;
	int i, j;

	mc_buf_puts(b, "<thead>\n<tr><th scope=\"col\" rowspan=\"2\" "
		       "class=\"tt\">TT</th><th scope=\"col\" rowspan=\"2\" "
		       "class=\"subject\">");
	mc_html_text(b, mc_form_subject(by));
	mc_buf_puts(b, "</th>");
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i = j) {
		for (j = i; j < MC_FORM_COLUMNS && c[j].group == c[i].group;)
			j++;
		mc_buf_printf(
		    b, "<th scope=\"colgroup\" colspan=\"%d\">", j - i);
		mc_html_text(b, c[i].group);
		mc_buf_puts(b, "</th>");
	}
	mc_buf_puts(b, "</tr>\n<tr>");
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++) {
		mc_buf_puts(b, "<th scope=\"col\">");
		mc_html_text(b, c[i].label);
		mc_buf_puts(b, "</th>");
	}
	mc_buf_puts(b, "</tr>\n<tr class=\"no\" aria-hidden=\"true\">");
	for (i = 0; i < MC_FORM_COLUMNS; i++)
		mc_buf_printf(b, "<th%s>(%d)</th>",
		    i == 0   ? " class=\"tt\""
		    : i == 1 ? " class=\"subject\""
			     : "",
		    i + 1);
	mc_buf_puts(b, "</tr>\n</thead>\n");
}

static void
put_row(struct mc_buf *b, const struct mc_form_row *r, enum mc_form_by by,
    size_t number)
{
	bool total = r->key == NULL, late;
	int64_t v;
	int i;

	mc_buf_puts(b, total ? "<tr class=\"total\"><td class=\"tt\">"
			     : "<tr><td class=\"tt\">");
	if (!total)
		mc_buf_int(b, (int64_t)number);
	mc_buf_puts(b, "</td><th scope=\"row\">");
	if (total)
		mc_buf_puts(b, "Tổng số");
	else
		mc_html_text(b, r->title != NULL ? r->title : r->key);
	if (!total && by != MC_BY_FIELD && r->title != NULL) {
		mc_buf_puts(b, "<span>");
		mc_html_text(b, r->key);
		mc_buf_puts(b, "</span>");
	}
	mc_buf_puts(b, "</th>");
	for (i = MC_FORM_NUMBERS; i < MC_FORM_COLUMNS; i++) {
		v = mc_form_value(r, i);
		late = v > 0 && strcmp(mc_form_column[i].label, "Quá hạn") == 0;
		mc_buf_puts(b, late ? "<td class=\"late\">"
			       : strcmp(mc_form_column[i].label, "Tổng số") == 0
				   ? "<td class=\"sum\">"
				   : "<td>");
		put_number(b, v);
		mc_buf_puts(b, "</td>");
	}
	mc_buf_puts(b, "</tr>\n");
}

static void
put_unit(struct mc_buf *b, const char *label, const char *unit)
{
	mc_buf_puts(b, label);
	mc_buf_puts(b, "<strong>");
	mc_html_text(b, unit);
	mc_buf_puts(b, "</strong>");
}

static void
put_top(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone)
{
	const char *receiver = mc_form_receiver(f);

	mc_buf_puts(b, "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n"
		       "<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, "
		       "initial-scale=1\">\n<title>");
	mc_html_text(b, MC_FORM_NUMBER ", ");
	mc_html_text(b, mc_form_unit(f));
	mc_buf_puts(b, "</title>\n<style>\n");
	mc_buf_puts(b, style);
	mc_buf_puts(b,
	    "</style>\n</head>\n<body>\n<header>\n"
	    "<div class=\"top\"><p><strong>" MC_FORM_NUMBER "</strong></p><p>");
	put_unit(b, "Đơn vị báo cáo: ", mc_form_unit(f));
	mc_buf_puts(b, "<br>\n");
	if (receiver != NULL)
		put_unit(b, "Đơn vị nhận báo cáo: ", receiver);
	else
		mc_buf_puts(b, "Đơn vị nhận báo cáo: " MC_FORM_BLANK);
	mc_buf_puts(b, "</p></div>\n<h1 id=\"title\">");
	mc_html_text(b, mc_form_title);
	mc_buf_puts(b, "</h1>\n<p class=\"period\">");
	mc_form_period(b, f, made_at, zone);
	mc_buf_puts(b, "</p>\n</header>\n<main>\n");
}

static void
put_signers(struct mc_buf *b)
{
	int i;

	mc_buf_puts(b, "<div class=\"sign\">\n");
	for (i = 0; i < 2; i++) {
		mc_buf_puts(b, "<p>");
		/* Beside the head of the unit, as on every such paper. */
		if (i == 1)
			mc_html_text(b, mc_form_sign_date);
		mc_buf_puts(b, "<br>\n<strong>");
		mc_html_text(b, mc_form_signer[i].title);
		mc_buf_puts(b, "</strong><br>\n");
		mc_html_text(b, mc_form_signer[i].how);
		mc_buf_puts(b, "</p>\n");
	}
	mc_buf_puts(b, "</div>\n");
}

void
mc_html_form(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone)
{
	const struct mc_form_row *row;
	enum mc_form_by by = mc_form_query(f)->by;
	size_t i, n;

	put_top(b, f, made_at, zone);
	/* Not the table's caption, which would scroll away with it. */
	mc_buf_puts(b, "<p id=\"unit\">Đơn vị tính: số hồ sơ");
	mc_buf_puts(b, mc_form_basis_note(mc_form_query(f)->basis));
	mc_buf_puts(b, "</p>\n<div class=\"sheet\" role=\"region\" "
		       "aria-labelledby=\"title\" tabindex=\"0\">\n"
		       "<table aria-labelledby=\"title\" "
		       "aria-describedby=\"unit\">\n");
	put_head(b, by);
	mc_buf_puts(b, "<tbody>\n");
	row = mc_form_rows(f, &n);
	for (i = 0; i < n; i++)
		put_row(b, &row[i], by, i + 1);
	put_row(b, mc_form_total(f), by, 0);
	mc_buf_puts(b,
	    "</tbody>\n</table>\n</div>\n<p class=\"note\">Cột (9) gồm cả hồ "
	    "sơ xin rút; cột (12) gồm cả hồ sơ chờ bổ sung, chờ thực hiện "
	    "nghĩa vụ tài chính và tạm dừng. (3) = (4) + (5) + (6) = (7) + "
	    "(11); (7) = (8) + (9) + (10); (11) = (12) + (13).</p>\n");
	if (mc_form_negative(f, NULL, NULL) > 0) {
		mc_buf_puts(b, "<p class=\"note\"><strong>");
		mc_html_text(b, mc_form_negative_note);
		mc_buf_puts(b, "</strong></p>\n");
	}
	mc_buf_puts(b, "</main>\n<footer>\n<p class=\"note\">Lập lúc ");
	mc_time_put_human(b, made_at, zone);
	mc_buf_puts(b, "</p>\n");
	put_signers(b);
	mc_buf_puts(b, "</footer>\n</body>\n</html>\n");
}
