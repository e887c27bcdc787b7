/* map.c - see motcua/map.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/event.h>
#include <motcua/text.h>

#include "map_internal.h"

static const char *const names[] = {
	[MC_COL_CODE] = "code",
	[MC_COL_ALIAS] = "alias",
	[MC_COL_PROCEDURE] = "procedure",
	[MC_COL_CASE] = "case",
	[MC_COL_UNIT] = "unit",
	[MC_COL_SUBJECT] = "subject",
	[MC_COL_APPLICANT_KIND] = "applicant_kind",
	[MC_COL_APPLICANT_NAME] = "applicant_name",
	[MC_COL_APPLICANT_ID] = "applicant_id",
	[MC_COL_PHONE] = "phone",
	[MC_COL_EMAIL] = "email",
	[MC_COL_ADDRESS] = "address",
	[MC_COL_CHANNEL] = "channel",
	[MC_COL_RECEIVED_AT] = "received_at",
	[MC_COL_DUE_AT] = "due_at",
	[MC_COL_PAUSED_AT] = "paused_at",
	[MC_COL_FINISHED_AT] = "finished_at",
	[MC_COL_RETURNED_AT] = "returned_at",
	[MC_COL_STATUS] = "status",
	[MC_COL_STEP] = "step",
	[MC_COL_HOLDER] = "holder",
	[MC_COL_OFFICER] = "officer",
	[MC_COL_NOTE] = "note",
	[MC_COL_ACTIVITY] = "activity",
	[MC_COL_AT] = "at",
	[MC_COL_ACTOR] = "actor",
};

/*
 * Headings of registers and of the national portal's field list, folded
 * (charset.h): DOMAIN 1.3 and 3.2.
 */
static const struct {
	const char *folded;
	enum mc_column column;
} headings[] = {
	{ "ma-ho-so", MC_COL_CODE },
	{ "mahoso", MC_COL_CODE },
	{ "so-ho-so", MC_COL_CODE },
	{ "ma-so-ho-so", MC_COL_CODE },
	{ "so-bien-nhan", MC_COL_CODE },
	{ "ma-ho-so-khac", MC_COL_ALIAS },
	{ "mahosokhac", MC_COL_ALIAS },
	{ "ma-tthc", MC_COL_PROCEDURE },
	{ "matthc", MC_COL_PROCEDURE },
	{ "ma-thu-tuc", MC_COL_PROCEDURE },
	{ "ma-thu-tuc-hanh-chinh", MC_COL_PROCEDURE },
	{ "truong-hop", MC_COL_CASE },
	{ "truonghop", MC_COL_CASE },
	{ "ma-truong-hop", MC_COL_CASE },
	{ "ma-don-vi", MC_COL_UNIT },
	{ "madonvi", MC_COL_UNIT },
	{ "ma-don-vi-tiep-nhan", MC_COL_UNIT },
	{ "ma-co-quan", MC_COL_UNIT },
	{ "don-vi-tiep-nhan", MC_COL_UNIT },
	{ "co-quan-tiep-nhan", MC_COL_UNIT },
	{ "trich-yeu", MC_COL_SUBJECT },
	{ "trich-yeu-ho-so", MC_COL_SUBJECT },
	{ "trichyeuhoso", MC_COL_SUBJECT },
	{ "noi-dung", MC_COL_SUBJECT },
	{ "loai-doi-tuong", MC_COL_APPLICANT_KIND },
	{ "loaidoituong", MC_COL_APPLICANT_KIND },
	{ "chu-ho-so", MC_COL_APPLICANT_NAME },
	{ "chuhoso", MC_COL_APPLICANT_NAME },
	{ "ho-va-ten", MC_COL_APPLICANT_NAME },
	{ "ho-ten", MC_COL_APPLICANT_NAME },
	{ "ten-chu-ho-so", MC_COL_APPLICANT_NAME },
	{ "nguoi-nop", MC_COL_APPLICANT_NAME },
	{ "nguoi-nop-ho-so", MC_COL_APPLICANT_NAME },
	{ "ten-to-chuc-ca-nhan", MC_COL_APPLICANT_NAME },
	{ "to-chuc-ca-nhan", MC_COL_APPLICANT_NAME },
	{ "cccd", MC_COL_APPLICANT_ID },
	{ "so-cccd", MC_COL_APPLICANT_ID },
	{ "cmnd", MC_COL_APPLICANT_ID },
	{ "so-cmnd", MC_COL_APPLICANT_ID },
	{ "cccd-cmnd", MC_COL_APPLICANT_ID },
	{ "cmnd-cccd", MC_COL_APPLICANT_ID },
	{ "so-cccd-cmnd", MC_COL_APPLICANT_ID },
	{ "so-cmnd-cccd", MC_COL_APPLICANT_ID },
	{ "so-giay-to", MC_COL_APPLICANT_ID },
	{ "so-giay-to-chu-ho-so", MC_COL_APPLICANT_ID },
	{ "so-giay-to-tuy-than", MC_COL_APPLICANT_ID },
	{ "so-dinh-danh", MC_COL_APPLICANT_ID },
	{ "so-dinh-danh-ca-nhan", MC_COL_APPLICANT_ID },
	{ "sogiaytochuhoso", MC_COL_APPLICANT_ID },
	{ "dien-thoai", MC_COL_PHONE },
	{ "so-dien-thoai", MC_COL_PHONE },
	{ "sodienthoai", MC_COL_PHONE },
	{ "sdt", MC_COL_PHONE },
	{ "email", MC_COL_EMAIL },
	{ "thu-dien-tu", MC_COL_EMAIL },
	{ "dia-chi", MC_COL_ADDRESS },
	{ "diachi", MC_COL_ADDRESS },
	{ "kenh", MC_COL_CHANNEL },
	{ "kenh-tiep-nhan", MC_COL_CHANNEL },
	{ "kenh-thuc-hien", MC_COL_CHANNEL },
	{ "kenhthuchien", MC_COL_CHANNEL },
	{ "hinh-thuc-nop", MC_COL_CHANNEL },
	{ "hinh-thuc-tiep-nhan", MC_COL_CHANNEL },
	{ "ngay-tiep-nhan", MC_COL_RECEIVED_AT },
	{ "ngaytiepnhan", MC_COL_RECEIVED_AT },
	{ "ngay-tiep-nhan-ho-so", MC_COL_RECEIVED_AT },
	{ "ngay-nhan", MC_COL_RECEIVED_AT },
	{ "ngay-nhan-ho-so", MC_COL_RECEIVED_AT },
	{ "thoi-gian-tiep-nhan", MC_COL_RECEIVED_AT },
	{ "ngay-hen-tra", MC_COL_DUE_AT },
	{ "ngayhentra", MC_COL_DUE_AT },
	{ "ngay-hen-tra-ket-qua", MC_COL_DUE_AT },
	{ "han-giai-quyet", MC_COL_DUE_AT },
	{ "ngay-yeu-cau-bo-sung", MC_COL_PAUSED_AT },
	{ "ngay-ket-thuc-xu-ly", MC_COL_FINISHED_AT },
	{ "ngayketthucxuly", MC_COL_FINISHED_AT },
	{ "ngay-ket-thuc", MC_COL_FINISHED_AT },
	{ "ngay-hoan-thanh", MC_COL_FINISHED_AT },
	{ "ngay-xu-ly-xong", MC_COL_FINISHED_AT },
	{ "ngay-tra", MC_COL_RETURNED_AT },
	{ "ngaytra", MC_COL_RETURNED_AT },
	{ "ngay-tra-ket-qua", MC_COL_RETURNED_AT },
	{ "trang-thai", MC_COL_STATUS },
	{ "trang-thai-ho-so", MC_COL_STATUS },
	{ "trangthaihoso", MC_COL_STATUS },
	{ "tinh-trang", MC_COL_STATUS },
	{ "tinh-trang-ho-so", MC_COL_STATUS },
	{ "buoc", MC_COL_STEP },
	{ "buoc-xu-ly", MC_COL_STEP },
	{ "don-vi-xu-ly", MC_COL_HOLDER },
	{ "donvixuly", MC_COL_HOLDER },
	{ "nguoi-xu-ly", MC_COL_OFFICER },
	{ "can-bo-xu-ly", MC_COL_OFFICER },
	{ "can-bo-thu-ly", MC_COL_OFFICER },
	{ "ghi-chu", MC_COL_NOTE },
	{ "ghichu", MC_COL_NOTE },
};

const char *
mc_column_name(enum mc_column c)
{
	return c < MC_COL__COUNT ? names[c] : "field";
}

enum mc_column
mc_column_parse(struct mc_str name, struct mc_str *field)
{
	int c;

	if (name.len > 6 && memcmp(name.p, "field.", 6) == 0) {
		*field = (struct mc_str){ name.p + 6, name.len - 6 };
		return MC_COL_FIELD;
	}
	for (c = 0; c < MC_COL__COUNT; c++)
		if (mc_str_is(name, names[c]))
			return (enum mc_column)c;
	return MC_COL_NONE;
}

struct mc_map *
mc_map_default(void)
{
	return mc_calloc(1, sizeof(struct mc_map));
}

static void
free_formats(struct formats *f)
{
	int i;

	for (i = 0; f != NULL && i < f->n; i++)
		free(f->format[i]);
}

static void
free_words(struct words *w)
{
	size_t k;

	if (w == NULL)
		return;
	for (k = 0; k < w->to.n; k++)
		free(w->to.p[k]);
	mc_vec_free(&w->to);
	mc_dict_free(&w->from);
	mc_vec_free(&w->of);
	mc_dict_free(&w->caseless);
	free(w);
}

void
mc_map_free(struct mc_map *m)
{
	int i;

	if (m == NULL)
		return;
	free_formats(&m->time);
	for (i = 0; i < m->totals.n; i++)
		free(m->totals.text[i]);
	for (i = 0; i < m->end.n; i++)
		free(m->end.text[i]);
	free(m->field_prefix);
	for (i = 0; i < m->fields; i++) {
		free(m->field[i].source);
		free(m->field[i].name);
	}
	for (i = 0; i < MC_COL__COUNT; i++) {
		free(m->source[i]);
		free(m->fallback[i]);
		free_formats(m->column_time[i]);
		free(m->column_time[i]);
		free_words(m->words[i]);
	}
	free(m);
}

char *
mc_map_tidy(struct mc_str text)
{
	struct mc_buf scratch = { 0 };
	struct mc_str s = mc_text_clean(text, &scratch);
	char *copy = mc_strndup(s.p, s.len), *to = copy;
	const char *p;

	for (p = copy; *p != '\0'; p++)
		if (strchr(" \t\r\n", *p) == NULL)
			*to++ = *p;
		else if (to > copy && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	mc_buf_free(&scratch);
	return copy;
}

/* ---- using it ---- */

bool
mc_map_events(const struct mc_map *m)
{
	return m->events;
}

bool
mc_map_strict(const struct mc_map *m)
{
	return m->strict;
}

bool
mc_map_given(const struct mc_map *m)
{
	return m->given;
}

char
mc_map_delimiter(const struct mc_map *m)
{
	return m->delimiter;
}

char
mc_map_delimiter_parse(const char *s)
{
	char c = s[0];

	if (strcmp(s, "\\t") == 0 || strcmp(s, "tab") == 0 ||
	    strcmp(s, "\t") == 0)
		return '\t';
	if (c <= ' ' || c >= 127 || s[1] != '\0' ||
	    strchr("\"'._-", c) != NULL || (c >= '0' && c <= '9') ||
	    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return '\0';
	return c;
}

char
mc_map_decimal(const struct mc_map *m)
{
	return m->decimal;
}

enum mc_encoding
mc_map_encoding(const struct mc_map *m)
{
	return m->encoding;
}

bool
mc_map_ragged(const struct mc_map *m)
{
	return m->ragged;
}

enum mc_encoding
mc_map_recode(const struct mc_map *m, enum mc_column c)
{
	return c < MC_COL__COUNT ? m->recode[c] : MC_ENC_NONE;
}

const struct mc_heading *
mc_map_heading(const struct mc_map *m)
{
	return &m->heading;
}

bool
mc_map_has_phrases(const struct mc_map *m)
{
	return m->totals.n + m->end.n > 0;
}

static bool
begins(const struct phrases *p, const struct mc_buf *folded)
{
	size_t len;
	int i;

	for (i = 0; i < p->n; i++) {
		len = strlen(p->text[i]);
		if (folded->len >= len &&
		    memcmp(folded->p, p->text[i], len) == 0 &&
		    (folded->len == len || folded->p[len] == '-'))
			return true;
	}
	return false;
}

enum mc_map_row
mc_map_row(const struct mc_map *m, struct mc_str cell)
{
	struct mc_buf folded = { 0 };
	enum mc_map_row row = MC_MAP_DATA;

	mc_text_fold(&folded, cell);
	if (folded.len > 0 && begins(&m->end, &folded))
		row = MC_MAP_END;
	else if (folded.len > 0 && begins(&m->totals, &folded))
		row = MC_MAP_TOTAL;
	mc_buf_free(&folded);
	return row;
}

struct mc_str
mc_map_value_default(const struct mc_map *m, enum mc_column c)
{
	return mc_str(m->fallback[c]);
}

struct mc_str
mc_map_value(const struct mc_map *m, enum mc_column c, struct mc_str value)
{
	const struct words *w = m->words[c];
	struct mc_buf key = { 0 };
	int32_t id;

	if (w == NULL)
		return value;
	if ((id = mc_dict_find(&w->from, value)) != 0)
		return mc_str(w->to.p[id - 1]);
	mc_text_caseless(&key, value);
	id = mc_dict_find(&w->caseless, (struct mc_str){ key.p, key.len });
	mc_buf_free(&key);
	return id == 0 || w->of.p[id - 1] == -1
		   ? value
		   : mc_str(w->to.p[w->of.p[id - 1]]);
}

/* A heading that is one of our names, or one of the usual. */
static enum mc_column
heading(struct mc_str name, struct mc_str *field)
{
	struct mc_buf folded = { 0 };
	enum mc_column c = mc_column_parse(name, field);
	size_t i;

	if (c != MC_COL_NONE)
		return c;
	mc_text_fold(&folded, name);
	for (i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
		if (strcmp(mc_buf_str(&folded), headings[i].folded) == 0)
			c = headings[i].column;
	mc_buf_free(&folded);
	return c;
}

static int
bind_column(
    struct mc_binding *b, size_t i, enum mc_column c, struct mc_err *err)
{
	if (b->at[c] != -1)
		return mc_err(err, MC_EDATA, "E_DUPLICATE",
		    "two columns are \"%s\"", names[c]);
	b->column[i] = c;
	b->at[c] = (int)i;
	return 0;
}

static int
bind_field(
    struct mc_binding *b, size_t i, struct mc_str field, struct mc_err *err)
{
	int k;

	for (k = 0; k < b->fields; k++)
		if (mc_str_same(b->field_name[k], field))
			return mc_err(err, MC_EDATA, "E_DUPLICATE",
			    "two columns are \"field.%.*s\"", (int)field.len,
			    field.p);
	if (b->fields == MC_MAP_FIELDS)
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "more than %d field columns", MC_MAP_FIELDS);
	b->column[i] = MC_COL_FIELD;
	b->field[i] = b->fields;
	b->field_name[b->fields++] =
	    (struct mc_str){ mc_strndup(field.p, field.len), field.len };
	return 0;
}

/* A column's name, and the last part of it where that is enough. */
struct label {
	char *name;
	const char *last; /* within name; NULL: it is not */
};

static bool
is_called(const struct label *l, const char *source)
{
	return strcmp(l->name, source) == 0 ||
	       (l->last != NULL && strcmp(l->last, source) == 0);
}

static const char *
last_part(const char *name)
{
	const char *last = NULL, *p = name;

	while ((p = strstr(p, MC_HEADING_JOIN)) != NULL)
		last = p += strlen(MC_HEADING_JOIN);
	return last;
}

static struct label *
make_labels(const struct mc_map *m, const struct mc_str *header, size_t n)
{
	struct label *l = mc_calloc(n == 0 ? 1 : n, sizeof(*l));
	const char *other;
	size_t i, k;

	for (i = 0; i < n; i++)
		l[i].name = mc_map_tidy(header[i]);
	for (i = 0; i < n && m->heading.lines > 1; i++) {
		l[i].last = last_part(l[i].name);
		for (k = 0; k < n && l[i].last != NULL; k++) {
			other = last_part(l[k].name);
			if (k != i && (strcmp(l[k].name, l[i].last) == 0 ||
					  (other != NULL &&
					      strcmp(other, l[i].last) == 0)))
				l[i].last = NULL;
		}
	}
	return l;
}

static void
free_labels(struct label *l, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(l[i].name);
	free(l);
}

bool
mc_map_any_field(
    const struct mc_map *m, struct mc_str name, struct mc_str *field)
{
	size_t n = m->field_prefix == NULL ? 0 : strlen(m->field_prefix);

	if (m->field_prefix == NULL || name.len <= n ||
	    memcmp(name.p, m->field_prefix, n) != 0)
		return false;
	*field = (struct mc_str){ name.p + n, name.len - n };
	return true;
}

/* All that the map makes of a column: 1, 0 when it does not name it, -1. */
static int
bind_mapped(const struct mc_map *m, const struct label *l, struct mc_binding *b,
    size_t i, struct mc_err *err)
{
	struct mc_str field;
	int k, found = 0;

	for (k = 0; k < MC_COL__COUNT; k++)
		if (m->source[k] != NULL && is_called(l, m->source[k])) {
			if (bind_column(b, i, (enum mc_column)k, err) == -1)
				return -1;
			found = 1;
		}
	for (k = 0; k < m->fields; k++)
		if (is_called(l, m->field[k].source)) {
			if (bind_field(b, i, mc_str(m->field[k].name), err) ==
			    -1)
				return -1;
			found = 1;
		}
	if (found == 0 && mc_map_any_field(m, mc_str(l->name), &field))
		found = bind_field(b, i, field, err) == -1 ? -1 : 1;
	return found;
}

/* In the list once, though row after row has it. */
static void
pass_over(struct mc_buf *ignored, const char *name, size_t i)
{
	struct mc_buf one = { 0 };

	if (*name == '\0')
		mc_buf_printf(&one, "column %zu without a name", i + 1);
	else
		mc_buf_printf(&one, "\"%s\"", name);
	if (strstr(mc_buf_str(ignored), one.p) == NULL) {
		if (ignored->len > 0)
			mc_buf_puts(ignored, ", ");
		mc_buf_add(ignored, one.p, one.len);
	}
	mc_buf_free(&one);
}

static int
bind_one(const struct mc_map *m, const struct label *l, struct mc_binding *b,
    size_t i, bool csv, struct mc_buf *ignored, struct mc_err *err)
{
	struct mc_str field = { NULL, 0 };
	enum mc_column c;
	int rc;

	if (m->given && (rc = bind_mapped(m, l, b, i, err)) != 0)
		return rc == 1 ? 0 : -1;
	if (l->name[0] == '_')
		return 0; /* a reject file's */
	c = m->given ? MC_COL_NONE : heading(mc_str(l->name), &field);
	if (c == MC_COL_FIELD)
		return bind_field(b, i, field, err);
	if (c != MC_COL_NONE)
		return bind_column(b, i, c, err);
	if (m->given && !m->strict) {
		pass_over(ignored, l->name, i);
		return 0;
	}
	if (csv && l->name[0] == '\0') {
		b->unnamed = true;
		return 0;
	}
	if (mc_mojibake(mc_str(l->name)) < strlen(l->name)) {
		mc_err(err, MC_EDATA, "E_MOJIBAKE",
		    "the heading was UTF-8, read as Latin-1, and saved again");
		return mc_err_advise(err, "export it anew as UTF-8");
	}
	mc_err(err, MC_EDATA, "E_COLUMN", "unknown column \"%s\"", l->name);
	return mc_err_advise(err, "%s",
	    m->given    ? "the map is strict: name the column in it"
	    : b->sparse ? "is the heading further down? A map says where: "
			  "\"heading\": LINE"
			: "name the columns in a map: --map=FILE");
}

static int
lacks(const struct mc_map *m, const char *source, const char *file,
    int64_t line, struct mc_err *err)
{
	mc_err(err, MC_EDATA, "E_COLUMN",
	    "the map's column \"%s\" is not in the file", source);
	if (m->heading.lines == 0)
		mc_err_advise(err, "is the heading further down? "
				   "\"heading\": LINE says where");
	return mc_err_at(err, file, line, 0);
}

/* Every column that the map names. */
static int
check_all_there(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_binding *b, struct mc_err *err)
{
	int k, f;

	if (m->all_optional)
		return 0;
	for (k = 0; k < MC_COL__COUNT; k++)
		if (m->source[k] != NULL && b->at[k] == -1 && !m->optional[k])
			return lacks(m, m->source[k], file, line, err);
	for (k = 0; k < m->fields; k++) {
		for (f = 0; f < b->fields; f++)
			if (mc_str_is(b->field_name[f], m->field[k].name))
				break;
		if (f == b->fields && !m->field[k].optional)
			return lacks(m, m->field[k].source, file, line, err);
	}
	return 0;
}

/* Without these no row could go in. */
static const enum mc_column needed[] = { MC_COL_CODE, MC_COL_PROCEDURE,
	MC_COL_UNIT, MC_COL_RECEIVED_AT, MC_COL_ACTIVITY, MC_COL_AT };

bool
mc_map_knows(const struct mc_map *m, struct mc_str name)
{
	struct label l = { mc_map_tidy(name), NULL };
	struct mc_str field;
	bool known = heading(mc_str(l.name), &field) != MC_COL_NONE;
	int k;

	l.last = last_part(l.name);
	for (k = 0; k < MC_COL__COUNT && !known; k++)
		known = m->source[k] != NULL && is_called(&l, m->source[k]);
	for (k = 0; k < m->fields && !known; k++)
		known = is_called(&l, m->field[k].source);
	known = known || mc_map_any_field(m, mc_str(l.name), &field);
	free(l.name);
	return known;
}

static size_t
add_source(struct mc_str *out, size_t n, const char *name)
{
	size_t i;

	if (name == NULL)
		return n;
	for (i = 0; i < n; i++)
		if (mc_str_is(out[i], name))
			return n;
	out[n] = mc_str(name);
	return n + 1;
}

size_t
mc_map_sources(const struct mc_map *m, struct mc_str *out)
{
	size_t n = 0;
	int k;

	for (k = 0; k < MC_COL__COUNT; k++)
		n = add_source(out, n, m->source[k]);
	for (k = 0; k < m->fields; k++)
		n = add_source(out, n, m->field[k].source);
	return n;
}

/* The dossier of an event is never numbered. */
static bool
numbered(const struct mc_map *m, enum mc_column c)
{
	return c == MC_COL_CODE && m->number && !m->events;
}

size_t
mc_map_lacks(const struct mc_map *m, enum mc_column lacks[MC_MAP_NEEDED])
{
	int i, n = m->events ? 6 : 4;
	size_t k = 0;

	for (i = 0; i < n; i++)
		if (m->source[needed[i]] == NULL &&
		    m->fallback[needed[i]] == NULL && !numbered(m, needed[i]))
			lacks[k++] = needed[i];
	return k;
}

void
mc_map_numbering(struct mc_map *m)
{
	m->number = true;
}

static int
check_enough(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_binding *b, struct mc_err *err)
{
	int i, n = m->events ? 6 : 4;

	for (i = 0; i < n; i++) {
		if (b->at[needed[i]] != -1 || m->fallback[needed[i]] != NULL ||
		    numbered(m, needed[i]))
			continue;
		mc_err(err, MC_EDATA, "E_HEADER",
		    "the heading has no column \"%s\"", names[needed[i]]);
		mc_err_advise(err,
		    "a map can say which it is, or give a default: --map=FILE");
		return mc_err_at(err, file, line, 0);
	}
	return 0;
}

/* What does not change from row to row. */
static void
derive(const struct mc_map *m, struct mc_binding *b)
{
	struct mc_bound x;
	size_t i;
	int c;

	for (c = 0; c < MC_COL_DOSSIER__COUNT; c++)
		b->source[c] = (int16_t)b->at[c];
	for (c = 0; c < MC_COL__COUNT; c++) {
		x = (struct mc_bound){ (enum mc_column)c, b->at[c],
			m->words[c] != NULL, m->fallback[c] != NULL };
		if (x.at != -1 || x.fallback)
			b->bound[b->n_bound++] = x;
	}
	for (i = 0; i < b->n; i++)
		if (b->field[i] != -1)
			b->field_at[b->n_field_at++] = (int)i;
}

int
mc_map_bind(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_str *header, size_t n, bool csv, struct mc_binding *out,
    struct mc_buf *ignored, struct mc_err *err)
{
	struct label *l = make_labels(m, header, n);
	size_t i, named = 0;
	int c, rc = 0;

	memset(out, 0, sizeof(*out));
	out->n = n;
	out->column = mc_calloc(n == 0 ? 1 : n, sizeof(*out->column));
	out->field = mc_calloc(n == 0 ? 1 : n, sizeof(*out->field));
	for (c = 0; c < MC_COL__COUNT; c++)
		out->at[c] = -1;
	for (i = 0; i < n; i++) {
		out->column[i] = MC_COL_NONE;
		out->field[i] = -1;
		named += l[i].name[0] != '\0';
	}
	out->sparse = named * 2 < n;
	for (i = 0; i < n && rc == 0; i++)
		if (bind_one(m, &l[i], out, i, csv, ignored, err) == -1)
			rc = mc_err_at(err, file, line, csv ? (int)i + 1 : 0);
	/* A JSON row may leave out what it has no value for. */
	if (rc == 0 && csv)
		rc = check_all_there(m, file, line, out, err);
	if (rc == 0 && csv)
		rc = check_enough(m, file, line, out, err);
	free_labels(l, n);
	if (rc == -1)
		mc_binding_free(out);
	else
		derive(m, out);
	return rc;
}

void
mc_binding_free(struct mc_binding *b)
{
	int i;

	for (i = 0; i < b->fields; i++)
		free((void *)(uintptr_t)b->field_name[i].p);
	free(b->column);
	free(b->field);
	memset(b, 0, sizeof(*b));
}
