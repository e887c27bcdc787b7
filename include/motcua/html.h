/*
 * html.h - form II.06a as people know it: its words, and a page of HTML.
 *
 * Everything goes into a buffer; nothing is written.
 */
#ifndef MOTCUA_HTML_H
#define MOTCUA_HTML_H

#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/stats.h>
#include <motcua/when.h>

#define MC_FORM_COLUMNS 13
#define MC_FORM_NUMBERS 2 /* index of the first column of numbers */

/* A column of the form: (1) is index 0.  group is NULL for (1) and (2). */
struct mc_form_column {
	const char *group, *label;
};
extern const struct mc_form_column mc_form_column[MC_FORM_COLUMNS];
int64_t mc_form_value(const struct mc_form_row *r, int column);

#define MC_FORM_NUMBER "Biểu số II.06a/VPCP/KSTT"
extern const char mc_form_title[];

/* Column (2): fields, procedures or units. */
const char *mc_form_subject(enum mc_form_by by);
/*
 * "Kỳ báo cáo: Quý III năm 2026 (Từ ngày ... đến ngày ...)"; while the period
 * goes on, that the numbers are those of made_at.
 */
void mc_form_period(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone);

/* Where no unit is known that receives it: to be filled in. */
#define MC_FORM_BLANK "........................................"
/* Who signs it: the one who made it, and the head of the unit. */
struct mc_form_signer {
	const char *title, *how;
};
extern const struct mc_form_signer mc_form_signer[2];
extern const char mc_form_sign_date[]; /* to be filled in */

/* What follows "số hồ sơ": nothing, or that children are counted, too. */
const char *mc_form_basis_note(enum mc_form_basis basis);

/* Why a number is below 0, where one is (mc_form_negative()). */
extern const char mc_form_negative_note[];

/* Text as HTML content or an attribute's value; controls are replaced. */
void mc_html_text(struct mc_buf *b, const char *s);

/*
 * A page that needs nothing else: no script, no other file.
 */
void mc_html_form(struct mc_buf *b, const struct mc_form *f, int64_t made_at,
    const struct mc_zone *zone);

#endif
