/* map.c - see motcua/map.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/dict.h>
#include <motcua/json.h>
#include <motcua/map.h>
#include <motcua/mem.h>

#define FORMATS 16

static const char *const names[] = {
	[MC_COL_CODE] = "code",
	[MC_COL_ALIAS] = "alias",
	[MC_COL_PROCEDURE] = "procedure",
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
	{ "so-bien-nhan", MC_COL_CODE },
	{ "ma-ho-so-khac", MC_COL_ALIAS },
	{ "mahosokhac", MC_COL_ALIAS },
	{ "ma-tthc", MC_COL_PROCEDURE },
	{ "matthc", MC_COL_PROCEDURE },
	{ "ma-thu-tuc", MC_COL_PROCEDURE },
	{ "ma-thu-tuc-hanh-chinh", MC_COL_PROCEDURE },
	{ "ma-don-vi", MC_COL_UNIT },
	{ "madonvi", MC_COL_UNIT },
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
	{ "nguoi-nop", MC_COL_APPLICANT_NAME },
	{ "ten-to-chuc-ca-nhan", MC_COL_APPLICANT_NAME },
	{ "to-chuc-ca-nhan", MC_COL_APPLICANT_NAME },
	{ "cccd", MC_COL_APPLICANT_ID },
	{ "so-cccd", MC_COL_APPLICANT_ID },
	{ "cmnd", MC_COL_APPLICANT_ID },
	{ "so-cmnd", MC_COL_APPLICANT_ID },
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
	{ "ngay-nhan", MC_COL_RECEIVED_AT },
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
	{ "buoc", MC_COL_STEP },
	{ "buoc-xu-ly", MC_COL_STEP },
	{ "don-vi-xu-ly", MC_COL_HOLDER },
	{ "donvixuly", MC_COL_HOLDER },
	{ "nguoi-xu-ly", MC_COL_OFFICER },
	{ "can-bo-xu-ly", MC_COL_OFFICER },
	{ "ghi-chu", MC_COL_NOTE },
	{ "ghichu", MC_COL_NOTE },
};

/* Source words of one column and ours for them. */
struct words {
	struct mc_dictionary from;
	MC_VEC(char *) to;
};

struct mc_map {
	bool given, events, strict;
	char delimiter;
	char *format[FORMATS];
	int formats;
	char *source[MC_COL__COUNT]; /* the file's name of each column */
	char *fallback[MC_COL__COUNT];
	struct words *words[MC_COL__COUNT];
	struct {
		char *source, *name;
	} field[MC_MAP_FIELDS];
	int fields;
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

void
mc_map_free(struct mc_map *m)
{
	size_t k;
	int i;

	if (m == NULL)
		return;
	for (i = 0; i < m->formats; i++)
		free(m->format[i]);
	for (i = 0; i < m->fields; i++) {
		free(m->field[i].source);
		free(m->field[i].name);
	}
	for (i = 0; i < MC_COL__COUNT; i++) {
		free(m->source[i]);
		free(m->fallback[i]);
		if (m->words[i] == NULL)
			continue;
		for (k = 0; k < m->words[i]->to.n; k++)
			free(m->words[i]->to.p[k]);
		mc_vec_free(&m->words[i]->to);
		mc_dict_free(&m->words[i]->from);
		free(m->words[i]);
	}
	free(m);
}

/* ---- reading a map file ---- */

struct reader {
	struct mc_map *m;
	const char *name;
	struct mc_str text;
	struct mc_err *err;
};

static int
refuse(struct reader *r, const char *path, const char *id, const char *what)
{
	int64_t line = 0, column = 0;

	mc_err(r->err, MC_EDATA, id, "%s", what);
	mc_json_place(r->text, path, &line, &column);
	return mc_err_at(r->err, r->name, line, column);
}

static int
refuse_member(struct reader *r, const char *folder, const char *key,
    const char *id, const char *what)
{
	struct mc_buf path = { 0 }, msg = { 0 };
	int rc;

	mc_buf_printf(&path, "%s%s%s", folder, *folder == '\0' ? "" : "/", key);
	mc_buf_printf(&msg, "%s \"%s\"", what, key);
	rc = refuse(r, mc_buf_str(&path), id, mc_buf_str(&msg));
	mc_buf_free(&path);
	mc_buf_free(&msg);
	return rc;
}

/* As the file's own texts are brought to one form before they are compared. */
static char *
clean(const char *text)
{
	struct mc_buf scratch = { 0 };
	struct mc_str s = mc_text_clean(mc_str(text), &scratch);
	char *copy = mc_strndup(s.p, s.len);

	mc_buf_free(&scratch);
	return copy;
}

static int
read_columns(struct reader *r, const struct mc_json *v)
{
	struct mc_str field;
	enum mc_column c;
	const char *key, *source;
	size_t i;

	for (i = 0; i < mc_json_count(v); i++) {
		source = mc_json_str(mc_json_member(v, i, &key));
		if (source == NULL)
			return refuse_member(r, "columns", key, "E_MAP",
			    "a column's name is text:");
		c = mc_column_parse(mc_str(key), &field);
		if (c == MC_COL_NONE)
			return refuse_member(r, "columns", key, "E_COLUMN",
			    "there is no column");
		if (c != MC_COL_FIELD) {
			r->m->source[c] = clean(source);
		} else if (r->m->fields < MC_MAP_FIELDS) {
			r->m->field[r->m->fields].source = clean(source);
			r->m->field[r->m->fields++].name =
			    mc_strndup(field.p, field.len);
		} else {
			return refuse_member(r, "columns", key, "E_LIMIT",
			    "too many field columns, at");
		}
	}
	return 0;
}

static int
read_values(struct reader *r, const struct mc_json *v)
{
	const struct mc_json *list;
	struct mc_str field;
	struct words *w;
	enum mc_column c;
	const char *key, *from, *to;
	char *word;
	size_t i, k;

	for (i = 0; i < mc_json_count(v); i++) {
		list = mc_json_member(v, i, &key);
		c = mc_column_parse(mc_str(key), &field);
		if (c >= MC_COL__COUNT || mc_json_type(list) != MC_JSON_OBJECT)
			return refuse_member(r, "values", key, "E_COLUMN",
			    "no column with words of its own:");
		w = r->m->words[c] = mc_calloc(1, sizeof(*w));
		for (k = 0; k < mc_json_count(list); k++) {
			to = mc_json_str(mc_json_member(list, k, &from));
			if (to == NULL)
				return refuse_member(r, "values", key, "E_MAP",
				    "a value that is no text, in");
			word = clean(from);
			if (mc_dict_find(&w->from, mc_str(word)) == 0) {
				mc_dict_add(&w->from, mc_str(word));
				mc_vec_push(&w->to, clean(to));
			}
			free(word);
		}
	}
	return 0;
}

static int
read_defaults(struct reader *r, const struct mc_json *v)
{
	struct mc_str field;
	enum mc_column c;
	const char *key, *value;
	size_t i;

	for (i = 0; i < mc_json_count(v); i++) {
		value = mc_json_str(mc_json_member(v, i, &key));
		c = mc_column_parse(mc_str(key), &field);
		if (c >= MC_COL__COUNT || value == NULL)
			return refuse_member(r, "defaults", key, "E_COLUMN",
			    "no column that can have a default:");
		r->m->fallback[c] = clean(value);
	}
	return 0;
}

static int
read_time(struct reader *r, const char *format)
{
	if (format == NULL)
		return refuse(r, "time", "E_MAP", "a time format is text");
	if (!mc_time_format_ok(format))
		return refuse(r, "time", "E_MAP",
		    "not a time format: %Y %m %d %H %M %S %f %z and text");
	r->m->format[r->m->formats++] = mc_strdup(format);
	return 0;
}

static int
read_times(struct reader *r, const struct mc_json *v)
{
	size_t i;

	if (mc_json_str(v) != NULL)
		return read_time(r, mc_json_str(v));
	if (mc_json_type(v) != MC_JSON_ARRAY || mc_json_count(v) > FORMATS)
		return refuse(r, "time", "E_MAP",
		    "\"time\" is a format or a list of up to 16");
	for (i = 0; i < mc_json_count(v); i++)
		if (read_time(r, mc_json_str(mc_json_at(v, i))) == -1)
			return -1;
	return 0;
}

static int
read_member(struct reader *r, const char *key, const struct mc_json *v)
{
	const char *s = mc_json_str(v);

	if (strcmp(key, "rows") == 0) {
		if (s == NULL ||
		    (strcmp(s, "events") != 0 && strcmp(s, "dossiers") != 0))
			return refuse(r, key, "E_MAP",
			    "\"rows\" is \"dossiers\" or \"events\"");
		r->m->events = strcmp(s, "events") == 0;
		return 0;
	}
	if (strcmp(key, "encoding") == 0)
		return s != NULL && strcmp(s, "utf-8") == 0
			   ? 0
			   : refuse(r, key, "E_ENCODING",
				 "\"encoding\" other than \"utf-8\" is not "
				 "known");
	if (strcmp(key, "delimiter") == 0) {
		if (s == NULL || strlen(s) != 1 || !mc_map_delimits(s[0]))
			return refuse(
			    r, key, "E_MAP", "\"delimiter\" is one character");
		r->m->delimiter = s[0];
		return 0;
	}
	if (strcmp(key, "strict") == 0) {
		if (mc_json_type(v) != MC_JSON_BOOL)
			return refuse(
			    r, key, "E_MAP", "\"strict\" is true or false");
		r->m->strict = mc_json_bool(v);
		return 0;
	}
	if (strcmp(key, "time") == 0)
		return read_times(r, v);
	if (strcmp(key, "columns") == 0)
		return read_columns(r, v);
	if (strcmp(key, "values") == 0)
		return read_values(r, v);
	if (strcmp(key, "defaults") == 0)
		return read_defaults(r, v);
	if (strcmp(key, "schema") == 0 || strcmp(key, "note") == 0)
		return 0;
	return refuse_member(r, "", key, "E_FIELD", "unknown member");
}

int
mc_map_parse(struct mc_map **out, const char *name, struct mc_str text,
    struct mc_err *err)
{
	struct mc_map *m;
	struct mc_json *doc;
	struct reader r;
	const struct mc_json *v;
	const char *key;
	size_t i;
	int rc = 0;

	*out = NULL;
	if (mc_json_parse(&doc, name, text, err) == -1)
		return -1;
	m = mc_map_default();
	m->given = true;
	r = (struct reader){ m, name, text, err };
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = refuse(&r, "", "E_MAP", "a map is a JSON object");
	for (i = 0; i < mc_json_count(doc) && rc == 0; i++) {
		v = mc_json_member(doc, i, &key);
		rc = read_member(&r, key, v);
	}
	if (rc == 0 && mc_json_get(doc, "columns") == NULL)
		rc = refuse(&r, "", "E_MAP", "a map has \"columns\"");
	mc_json_free(doc);
	if (rc == 0)
		*out = m;
	else
		mc_map_free(m);
	return rc;
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

bool
mc_map_delimits(char c)
{
	return c == '\t' ||
	       (c > ' ' && c < 127 && strchr("\"'._-", c) == NULL &&
		   !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		   !(c >= 'a' && c <= 'z'));
}

struct mc_str
mc_map_value_default(const struct mc_map *m, enum mc_column c)
{
	return mc_str(m->fallback[c]);
}

struct mc_str
mc_map_value(const struct mc_map *m, enum mc_column c, struct mc_str value)
{
	int32_t id;

	if (m->words[c] == NULL ||
	    (id = mc_dict_find(&m->words[c]->from, value)) == 0)
		return value;
	return mc_str(m->words[c]->to.p[id - 1]);
}

bool
mc_map_time(const struct mc_map *m, struct mc_str s, const struct mc_zone *zone,
    int64_t *ms, bool *day_only, bool *cut)
{
	static const char *const human[] = { "%d/%m/%Y %H:%M:%S",
		"%d/%m/%Y %H:%M", "%d/%m/%Y" };
	struct mc_err ignored = MC_ERR_INIT;
	size_t i;
	int k;

	for (k = 0; k < m->formats; k++)
		if (mc_time_scan(ms, s, m->format[k], zone, day_only, cut))
			return true;
	if (m->formats > 0)
		return false;
	/* The commonest form first, without the cost of a failed parse. */
	if (s.len == 19 && s.p[4] == '-' &&
	    mc_time_scan(ms, s, "%Y-%m-%d %H:%M:%S", zone, day_only, cut))
		return true;
	for (i = 0; i < sizeof(human) / sizeof(human[0]); i++)
		if (mc_time_scan(ms, s, human[i], zone, day_only, cut))
			return true;
	return mc_time_parse(ms, s, zone, day_only, cut, &ignored) == 0;
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

/* All that the map makes of a column: 1, 0 when it does not name it, -1. */
static int
bind_mapped(const struct mc_map *m, struct mc_str name, struct mc_binding *b,
    size_t i, struct mc_err *err)
{
	int k, found = 0;

	for (k = 0; k < MC_COL__COUNT; k++)
		if (m->source[k] != NULL && mc_str_is(name, m->source[k])) {
			if (bind_column(b, i, (enum mc_column)k, err) == -1)
				return -1;
			found = 1;
		}
	for (k = 0; k < m->fields; k++)
		if (mc_str_is(name, m->field[k].source)) {
			if (bind_field(b, i, mc_str(m->field[k].name), err) ==
			    -1)
				return -1;
			found = 1;
		}
	return found;
}

static int
bind_one(const struct mc_map *m, struct mc_str name, struct mc_binding *b,
    size_t i, struct mc_buf *ignored, struct mc_err *err)
{
	struct mc_str field = { NULL, 0 };
	enum mc_column c;
	int rc;

	if (m->given && (rc = bind_mapped(m, name, b, i, err)) != 0)
		return rc == 1 ? 0 : -1;
	if (name.len > 0 && name.p[0] == '_')
		return 0; /* a reject file's */
	c = m->given ? MC_COL_NONE : heading(name, &field);
	if (c == MC_COL_FIELD)
		return bind_field(b, i, field, err);
	if (c != MC_COL_NONE)
		return bind_column(b, i, c, err);
	if (m->given && !m->strict) {
		mc_buf_printf(ignored, "%s\"%.*s\"",
		    ignored->len > 0 ? ", " : "", (int)name.len, name.p);
		return 0;
	}
	mc_err(err, MC_EDATA, "E_COLUMN", "unknown column \"%.*s\"",
	    (int)name.len, name.p);
	return mc_err_advise(
	    err, m->given ? "the map is strict: name the column in it"
			  : "name the columns in a map: --map=FILE");
}

static int
lacks(const char *source, const char *file, int64_t line, struct mc_err *err)
{
	mc_err(err, MC_EDATA, "E_COLUMN",
	    "the map's column \"%s\" is not in the file", source);
	return mc_err_at(err, file, line, 0);
}

/* Every column that the map names. */
static int
check_all_there(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_binding *b, struct mc_err *err)
{
	int k, f;

	for (k = 0; k < MC_COL__COUNT; k++)
		if (m->source[k] != NULL && b->at[k] == -1)
			return lacks(m->source[k], file, line, err);
	for (k = 0; k < m->fields; k++) {
		for (f = 0; f < b->fields; f++)
			if (mc_str_is(b->field_name[f], m->field[k].name))
				break;
		if (f == b->fields)
			return lacks(m->field[k].source, file, line, err);
	}
	return 0;
}

/* Without these no row could go in. */
static int
check_enough(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_binding *b, struct mc_err *err)
{
	static const enum mc_column needed[] = { MC_COL_CODE, MC_COL_PROCEDURE,
		MC_COL_UNIT, MC_COL_RECEIVED_AT, MC_COL_ACTIVITY, MC_COL_AT };
	size_t n = m->events ? 6 : 4, i;

	for (i = 0; i < n; i++) {
		if (b->at[needed[i]] != -1 || m->fallback[needed[i]] != NULL)
			continue;
		mc_err(err, MC_EDATA, "E_HEADER",
		    "the heading has no column \"%s\"", names[needed[i]]);
		mc_err_advise(err,
		    "a map can say which it is, or give a default: --map=FILE");
		return mc_err_at(err, file, line, 0);
	}
	return 0;
}

int
mc_map_bind(const struct mc_map *m, const char *file, int64_t line,
    const struct mc_str *header, const int32_t *place, size_t n,
    struct mc_binding *out, struct mc_buf *ignored, struct mc_err *err)
{
	struct mc_buf scratch = { 0 };
	size_t i;
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
	}
	for (i = 0; i < n && rc == 0; i++)
		if (bind_one(m, mc_text_clean(header[i], &scratch), out, i,
			ignored, err) == -1)
			rc = mc_err_at(
			    err, file, line, place == NULL ? 0 : place[i]);
	/* A JSON row may leave out what it has no value for. */
	if (rc == 0 && place != NULL)
		rc = check_all_there(m, file, line, out, err);
	if (rc == 0 && place != NULL)
		rc = check_enough(m, file, line, out, err);
	mc_buf_free(&scratch);
	if (rc == -1)
		mc_binding_free(out);
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
