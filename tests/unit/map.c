/* map.c - unit tests of map.h: headings, values, times, and map files. */
#include <stdlib.h>

#include <motcua/map.h>

#include "tap.h"

static struct mc_zone *zone;

/* "code=0 unit=2 field.x=3" of a binding, in the order of our columns. */
static void
describe(const struct mc_binding *b, struct mc_buf *out)
{
	size_t i;
	int c;

	mc_buf_reset(out);
	for (c = 0; c < MC_COL__COUNT; c++)
		if (b->at[c] != -1)
			mc_buf_printf(out, "%s%s=%d", out->len > 0 ? " " : "",
			    mc_column_name((enum mc_column)c), b->at[c]);
	for (i = 0; i < b->n; i++)
		if (b->field[i] != -1)
			mc_buf_printf(out, " field.%.*s=%zu",
			    (int)b->field_name[b->field[i]].len,
			    b->field_name[b->field[i]].p, i);
}

static size_t
split(char *line, struct mc_str *part, size_t max)
{
	size_t n = 0;
	char *p = line, *end;

	for (; n < max; p = end + 1) {
		end = strchr(p, '|');
		part[n++] = (struct mc_str){ p,
			end == NULL ? strlen(p) : (size_t)(end - p) };
		if (end == NULL)
			break;
	}
	return n;
}

/* map NULL: the one that stands for none. */
static const struct {
	const char *map, *heading, *want; /* want: the binding, or the error */
} binds[] = {
	{ NULL, "code|procedure|unit|received_at",
	    "code=0 procedure=1 unit=2 received_at=3" },
	{ NULL, " code |procedure|unit|received_at|_line|_message",
	    "code=0 procedure=1 unit=2 received_at=3" },
	{ NULL, "MÃ HỒ SƠ|Mã thủ tục|Mã đơn vị|Ngày tiếp nhận|field.x",
	    "code=0 procedure=1 unit=2 received_at=3 field.x=4" },
	/* The same letters, composed otherwise. */
	{ NULL,
	    "Ma\xcc\x83 h\xc3\xb4\xcc\x80 "
	    "s\xc6\xa1|MaTTHC|MaDonVi|NgayTiepNhan",
	    "code=0 procedure=1 unit=2 received_at=3" },
	{ NULL, "code|code|procedure",
	    "f:1:2 E_DUPLICATE: two columns are \"code\"" },
	{ NULL, "code|Mã hồ sơ",
	    "f:1:2 E_DUPLICATE: two columns are \"code\"" },
	{ NULL, "code|at|what", "f:1:3 E_COLUMN: unknown column \"what\"" },
	{ NULL, "code|field.", "f:1:2 E_COLUMN: unknown column \"field.\"" },
	{ NULL, "code|procedure|unit",
	    "f:1 E_HEADER: the heading has no column \"received_at\"" },
	{ "{\"columns\":{\"code\":\"a\",\"unit\":\"c\"},"
	  "\"defaults\":{\"procedure\":\"1\",\"received_at\":\"2024-04-15\"}}",
	    "a|b|c|_d", "code=0 unit=2 ignored \"b\"" },
	{ "{\"columns\":{\"code\":\"_id\",\"alias\":\"_id\",\"field.x\":\"_"
	  "id\"},"
	  "\"defaults\":{\"procedure\":\"1\",\"received_at\":\"2024-04-15\","
	  "\"unit\":\"u\"}}",
	    "_id|_d", "code=0 alias=0 field.x=0" },
	{ "{\"columns\":{\"code\":\"a\",\"unit\":\"c\"}}", "a|b",
	    "f:1 E_COLUMN: the map's column \"c\" is not in the file" },
	{ "{\"optional\":[\"unit\"],\"columns\":{\"code\":\"a\",\"unit\":"
	  "\"c\"},\"defaults\":{\"procedure\":\"1\",\"received_at\":\"2024-04-"
	  "15\","
	  "\"unit\":\"u\"}}",
	    "a|b", "code=0 ignored \"b\"" },
	{ "{\"optional\":true,\"columns\":{\"code\":\"a\",\"field.x\":"
	  "\"c\"},\"defaults\":{\"procedure\":\"1\",\"received_at\":\"2024-04-"
	  "15\","
	  "\"unit\":\"u\"}}",
	    "a||",
	    "code=0 ignored column 2 without a name, column 3 without "
	    "a name" },
	/* The last part of a name, unless two columns end so. */
	{ "{\"heading\":[1,2],\"columns\":{\"code\":\"a\",\"due_at\":"
	  "\"Hẹn  trả\",\"received_at\":\"Ngày / Nhận\",\"note\":\"x\"},"
	  "\"optional\":[\"note\"],\"defaults\":{\"procedure\":\"1\","
	  "\"unit\":\"u\"}}",
	    "a|Ngày / Nhận|Ngày / Hẹn trả|b / x|c / x",
	    "code=0 received_at=1 due_at=2 ignored \"b / x\", \"c / x\"" },
	{ NULL, "code|procedure|unit|received_at||",
	    "code=0 procedure=1 unit=2 received_at=3" },
	{ "{\"columns\":{\"code\":\"a\",\"field.x\":\"c\"}}", "a|b",
	    "f:1 E_COLUMN: the map's column \"c\" is not in the file" },
	{ "{\"strict\":true,\"columns\":{\"code\":\"a\"}}", "a|b",
	    "f:1:2 E_COLUMN: unknown column \"b\"" },
	{ "{\"columns\":{\"code\":\"a\"}}", "a|a",
	    "f:1:2 E_DUPLICATE: two columns are \"code\"" },
	/* Our own names mean nothing where there is a map. */
	{ "{\"columns\":{\"code\":\"a\"},\"defaults\":{\"procedure\":\"1\","
	  "\"received_at\":\"2024-04-15\",\"unit\":\"u\"}}",
	    "a|phone", "code=0 ignored \"phone\"" },
	{ "{\"rows\":\"events\",\"columns\":{\"code\":\"a\"},\"defaults\":{"
	  "\"procedure\":\"1\",\"received_at\":\"2024-04-15\",\"unit\":\"u\"}}",
	    "a", "f:1 E_HEADER: the heading has no column \"activity\"" },
};

static void
bind(void)
{
	struct mc_buf got = { 0 }, ignored = { 0 };
	struct mc_str part[16];
	struct mc_binding b;
	struct mc_err err;
	struct mc_map *m;
	char line[200];
	size_t i, n;

	for (i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		TAP_ROW(binds[i].heading);
		mc_err_clear(&err);
		snprintf(line, sizeof(line), "%s", binds[i].heading);
		n = split(line, part, 16);
		if (binds[i].map == NULL)
			m = mc_map_default();
		else
			IS(mc_map_parse(&m, "m", mc_str(binds[i].map), &err),
			    0);
		mc_buf_reset(&ignored);
		if (mc_map_bind(m, "f", 1, part, n, true, &b, &ignored, &err) ==
		    0) {
			describe(&b, &got);
			if (ignored.len > 0)
				mc_buf_printf(
				    &got, " ignored %s", mc_buf_str(&ignored));
			mc_binding_free(&b);
		} else {
			mc_buf_reset(&got);
			mc_buf_printf(
			    &got, "%s %s: %s", err.where, err.id, err.msg);
		}
		IS_STR(mc_buf_str(&got), binds[i].want);
		mc_map_free(m);
	}
	TAP_ROW(NULL);
	mc_buf_free(&got);
	mc_buf_free(&ignored);
}

/* format NULL: no map. */
static const struct {
	const char *format, *text, *want; /* UTC, then "day" or "cut"; or "" */
} times[] = {
	{ NULL, "2024-04-15", "2024-04-14T17:00:00Z day" },
	{ NULL, "2024-04-15 08:30:05", "2024-04-15T01:30:05Z" },
	{ NULL, "2024-04-15 08:30", "2024-04-15T01:30:00Z" },
	{ NULL, "2024-04-15T08:30:05.125Z", "2024-04-15T08:30:05.125Z" },
	{ NULL, "2024-04-15T08:30:05.1259+07:00",
	    "2024-04-15T01:30:05.125Z cut" },
	{ NULL, "15/04/2024", "2024-04-14T17:00:00Z day" },
	{ NULL, "5/4/2024 8:05", "2024-04-05T01:05:00Z" },
	{ NULL, "15/04/2024 08:30:05", "2024-04-15T01:30:05Z" },
	{ NULL, "04/15/2024", "" },
	{ NULL, "15/04/24", "" },
	{ NULL, "2024-02-30", "" },
	{ NULL, "29/02/2023", "" },
	{ NULL, "2024-04-15 08:30:05x", "" },
	{ NULL, "20240415083005", "" },
	{ NULL, "", "" },
	{ "\"%Y%m%d%H%M%S\"", "20240415083005", "2024-04-15T01:30:05Z" },
	{ "\"%Y%m%d%H%M%S\"", "2024-04-15", "" },
	{ "[\"%d.%m.%Y %H:%M\",\"%d.%m.%Y\"]", "15.04.2024",
	    "2024-04-14T17:00:00Z day" },
	{ "[\"%d.%m.%Y %H:%M\",\"%d.%m.%Y\"]", "15.04.2024 08:30",
	    "2024-04-15T01:30:00Z" },
	/* Two digits of the year: 70 to 99 are of the last century. */
	{ "\"%d/%m/%y\"", "5/4/24", "2024-04-04T17:00:00Z day" },
	{ "\"%d/%m/%y\"", "05/04/69", "2069-04-04T17:00:00Z day" },
	{ "\"%d/%m/%y\"", "05/04/70",
	    "1970-04-04T16:00:00Z day" }, /* it was +08 then */
	{ "\"%d/%m/%y\"", "05/04/2024", "" },
	{ "\"%d/%m/%Y\"", "05/04/24", "" },
	/* Excel: 45397 is 15 April 2024; 60 is a day that never was. */
	{ "\"excel\"", "45397", "2024-04-14T17:00:00Z day" },
	{ "\"excel\"", "45397.5", "2024-04-15T05:00:00Z" },
	{ "\"excel\"", "45397,34375", "2024-04-15T01:15:00Z" },
	{ "\"excel\"", "45397.3437499999999", "2024-04-15T01:15:00Z" },
	{ "\"excel\"", "45396.999999", "2024-04-14T17:00:00Z" },
	{ "\"excel\"", "45397.0", "2024-04-14T17:00:00Z" },
	{ "\"excel\"", "61", "1900-02-28T16:53:30Z day" },
	{ "\"excel\"", "60", "" },
	{ "\"excel\"", "1", "" },
	{ "\"excel\"", "0", "" },
	{ "\"excel\"", "-45397", "" },
	{ "\"excel\"", "45397.", "" },
	{ "\"excel\"", ".5", "" },
	{ "\"excel\"", "45397.5x", "" },
	{ "\"excel\"", "109574", "2199-12-30T17:00:00Z day" },
	{ "\"excel\"", "109575", "" },
	{ "\"excel\"", "99999999999999999999", "" },
	{ "\"excel\"", "15/04/2024", "" },
	{ "[\"excel\",\"%d/%m/%Y\"]", "15/04/2024",
	    "2024-04-14T17:00:00Z day" },
	{ "\"excel-1904\"", "43935", "2024-04-14T17:00:00Z day" },
	{ "\"excel-1904\"", "0", "1903-12-31T16:53:30Z day" },
	/* By column: another's form, the column's, and the others'. */
	{ "{\"due_at\":\"excel\"}", "45397", "" },
	{ "{\"due_at\":\"excel\"}", "15/04/2024", "2024-04-14T17:00:00Z day" },
	{ "{\"received_at\":\"excel\",\"*\":\"%Y%m%d\"}", "45397",
	    "2024-04-14T17:00:00Z day" },
	{ "{\"received_at\":\"excel\",\"*\":\"%Y%m%d\"}", "20240415", "" },
	{ "{\"due_at\":\"excel\",\"*\":\"%Y%m%d\"}", "20240415",
	    "2024-04-14T17:00:00Z day" },
};

static void
read_times(void)
{
	struct mc_buf map = { 0 }, got = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_map *m;
	bool day, cut;
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		TAP_ROW(times[i].text);
		mc_buf_reset(&map);
		mc_buf_reset(&got);
		mc_buf_puts(&map, "{\"columns\":{}");
		if (times[i].format != NULL)
			mc_buf_printf(&map, ",\"time\":%s", times[i].format);
		mc_buf_puts(&map, "}");
		IS(mc_map_parse(
		       &m, "m", (struct mc_str){ map.p, map.len }, &err),
		    0);
		day = cut = false;
		if (mc_map_time(m, MC_COL_RECEIVED_AT, mc_str(times[i].text),
			zone, &ms, &day, &cut)) {
			mc_time_put_utc(&got, ms);
			mc_buf_puts(&got, day ? " day" : "");
			mc_buf_puts(&got, cut ? " cut" : "");
		}
		IS_STR(mc_buf_str(&got), times[i].want);
		mc_map_free(m);
	}
	TAP_ROW(NULL);
	mc_buf_free(&map);
	mc_buf_free(&got);
}

static void
values(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_map *m;

	IS(mc_map_parse(&m, "m",
	       MC_STR("{\"columns\":{},\"delimiter\":\";\",\"rows\":\"events\","
		      "\"strict\":true,\"values\":{\"channel\":{"
		      "\" Ma\xcc\xa3ng \":\"online\",\"\":\"postal\"}},"
		      "\"defaults\":{\"unit\":\"H42\"}}"),
	       &err),
	    0);
	OK(mc_map_events(m) && mc_map_strict(m) && mc_map_given(m));
	IS(mc_map_delimiter(m), ';');
	OK(mc_str_is(
	    mc_map_value(m, MC_COL_CHANNEL, MC_STR("Mạng")), "online"));
	OK(mc_str_is(
	    mc_map_value(m, MC_COL_CHANNEL, MC_STR("mẠNG")), "online"));
	OK(mc_str_is(mc_map_value(m, MC_COL_CHANNEL, MC_STR("màng")), "màng"));
	OK(mc_str_is(mc_map_value(m, MC_COL_UNIT, MC_STR("Mạng")), "Mạng"));
	OK(mc_str_is(mc_map_value_default(m, MC_COL_UNIT), "H42"));
	IS(mc_map_value_default(m, MC_COL_CODE).len, 0);
	mc_map_free(m);
	m = mc_map_default();
	OK(!mc_map_events(m) && !mc_map_strict(m) && !mc_map_given(m));
	IS(mc_map_delimiter(m), '\0');
	OK(mc_str_is(mc_map_value(m, MC_COL_UNIT, MC_STR("x")), "x"));
	mc_map_free(m);
	mc_map_free(NULL);
}

static void
delimiters(void)
{
	static const char good[] = ",;\t|:/~^*", bad[] = "\"'ab0-._ \n\r\x7f";
	char text[2] = "";
	size_t i;

	for (i = 0; good[i] != '\0'; i++) {
		text[0] = good[i];
		IS(mc_map_delimiter_parse(text), good[i]);
	}
	for (i = 0; bad[i] != '\0'; i++) {
		text[0] = bad[i];
		IS(mc_map_delimiter_parse(text), '\0');
	}
	IS(mc_map_delimiter_parse("tab"), '\t');
	IS(mc_map_delimiter_parse("\\t"), '\t');
	IS(mc_map_delimiter_parse(""), '\0');
	IS(mc_map_delimiter_parse(",,"), '\0');
	IS(mc_map_delimiter_parse("\xc4"), '\0');
}

static struct mc_map *
map_of(const char *text)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_map *m = NULL;

	if (mc_map_parse(&m, "m", mc_str(text), &err) == -1)
		printf("# %s %s\n", err.where, err.msg);
	return m;
}

/* decimal NULL: not said.  want NULL: two readings. */
static const struct {
	const char *decimal, *text, *want;
} numbers[] = {
	{ NULL, "12", "12" },
	{ NULL, "12.5", "12.5" },
	{ NULL, "1.234", "1.234" }, /* the canonical form, as ever */
	{ NULL, "12,5", "12.5" },
	{ NULL, "-12,5", "-12.5" },
	{ NULL, "0,125", "0.125" },
	{ NULL, "1234,567", "1234.567" },
	{ NULL, "1,23456", "1.23456" },
	{ NULL, "1,234", NULL },
	{ NULL, "-1,234", NULL },
	{ NULL, "123,456", NULL },
	{ NULL, "1.234.567", "1234567" },
	{ NULL, "1,234,567", "1234567" },
	{ NULL, "1.234,5", "1234.5" },
	{ NULL, "1,234.5", "1234.5" },
	{ NULL, "1.234.567,5", "1234567.5" },
	{ NULL, "1.23.567,5", "1.23.567,5" }, /* no number: not ours to say */
	{ NULL, "1,2,3", "1,2,3" },
	{ NULL, ",5", ",5" },
	{ NULL, "12,", "12," },
	{ NULL, "a,b", "a,b" },
	{ NULL, "", "" },
	{ ",", "1,234", "1.234" },
	{ ",", "1.234", "1234" },
	{ ",", "12", "12" },
	{ ",", "12.5", NULL },
	{ ",", "-0.25", NULL },
	{ ",", "1,234.5", NULL },
	{ ",", "1.23.567,5", "1.23.567,5" },
	{ ",", "1,2,3", "1,2,3" },
	{ ",", "12,", "12," },
	{ ",", "x", "x" },
	{ ",", "1e5", "1e5" },
	{ ",", "12abc", "12abc" },
	{ ".", "1.2.3", "1.2.3" },
	{ ".", "1,5x", "1,5x" },
	{ ",", "1.234.567,25", "1234567.25" },
	{ ".", "1,234", "1234" },
	{ ".", "12,5", NULL },
	{ ".", "12.5", "12.5" },
};

static void
read_numbers(void)
{
	char json[80], to[MC_MAP_NUMBER], long_one[100];
	struct mc_str out;
	struct mc_map *m;
	bool ok;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		TAP_ROW(numbers[i].text);
		snprintf(json, sizeof(json), "{\"columns\":{}%s%s%s}",
		    numbers[i].decimal == NULL ? "" : ",\"decimal\":\"",
		    numbers[i].decimal == NULL ? "" : numbers[i].decimal,
		    numbers[i].decimal == NULL ? "" : "\"");
		m = map_of(json);
		ok = mc_map_number(m, mc_str(numbers[i].text), to, &out);
		IS(ok, numbers[i].want != NULL);
		if (ok && numbers[i].want != NULL)
			OK(mc_str_is(out, numbers[i].want));
		mc_map_free(m);
	}
	TAP_ROW(NULL);
	memset(long_one, '1', sizeof(long_one) - 1);
	long_one[50] = ',';
	long_one[99] = '\0';
	m = mc_map_default();
	OK(mc_map_number(m, mc_str(long_one), to, &out));
	IS(out.len, 99);
	mc_map_free(m);
}

static void
spoilt(void)
{
	static const char *const yes[] = { "3.7E+10", "3,70991E+10", "4E+05",
		"1.23e+9" };
	static const char *const no[] = { "", "E+10", "037099012345",
		"+84912345678", "A-1E+1x", "3.7E10", "3.7E+", "H42+12", "+12",
		"3.7E+1a" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		OK(mc_map_spoilt(mc_str(yes[i])));
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		OK(!mc_map_spoilt(mc_str(no[i])));
}

static void
advice(void)
{
	static const struct {
		const char *text, *has; /* NULL: no advice */
	} row[] = {
		{ "45397", "\"excel\"" },
		{ "45397.25", "\"excel\"" },
		{ "15/4/24", "%d/%m/%y" },
		{ "04/15/2024", "%m/%d/%Y" },
		{ "04/15/2024 08:00", "%m/%d/%Y" },
		{ "########", "narrow" },
		{ "31/02/2024", NULL },
		{ "20240415", NULL },
		{ "", NULL },
		{ "x", NULL },
	};
	struct mc_map *m = mc_map_default();
	const char *got;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].text);
		got = mc_map_time_advice(m, mc_str(row[i].text));
		OK(row[i].has == NULL
			? got == NULL
			: got != NULL && strstr(got, row[i].has) != NULL);
	}
	TAP_ROW(NULL);
	mc_map_free(m);
}

static void
phrases(void)
{
	struct mc_map *m = map_of("{\"columns\":{},\"totals\":[\"Tổng cộng\","
				  "\"Tổng số\"],\"end\":\"Người lập\"}");

	OK(mc_map_has_phrases(m));
	IS(mc_map_row(m, MC_STR("Tổng cộng")), MC_MAP_TOTAL);
	IS(mc_map_row(m, MC_STR(" TỔNG CỘNG: 25 hồ sơ")), MC_MAP_TOTAL);
	IS(mc_map_row(m, MC_STR("Tổng")), MC_MAP_DATA);
	IS(mc_map_row(m, MC_STR("Tổng cộngx")), MC_MAP_DATA);
	IS(mc_map_row(m, MC_STR("")), MC_MAP_DATA);
	IS(mc_map_row(m, MC_STR("Người lập biểu")), MC_MAP_END);
	mc_map_free(m);
	m = mc_map_default();
	OK(!mc_map_has_phrases(m));
	mc_map_free(m);
}

static void
on_problem(void *arg, const struct mc_err *e)
{
	mc_buf_printf(arg, "%s %s;", e->where, e->id);
}

/* All problems, each with its place. */
static void
check(void)
{
	static const struct {
		const char *map, *want;
	} row[] = {
		{ "{\"columns\":{\"code\":\"a\"},\"defaults\":{\"procedure\":"
		  "\"1\",\"unit\":\"u\",\"received_at\":\"2024-04-15\"}}",
		    "" },
		{ "{\"columns\":{\"code\":\"a\"}}",
		    "m:1:12 E_HEADER;m:1:12 E_HEADER;m:1:12 E_HEADER;" },
		{ "{\"columns\":{\"code\":\"a\"},\"defaults\":{\"procedure\":"
		  "\"1\",\"unit\":\"u\",\"received_at\":\"foo\"}}",
		    "m:1:78 E_DATE;" },
		/* The formats may come behind. */
		{ "{\"columns\":{},\"defaults\":{\"due_at\":\"15.4.2024\","
		  "\"paused_at\":\"\",\"finished_at\":\"2024-04-15\"},"
		  "\"time\":{\"due_at\":\"%d.%m.%Y\",\"*\":\"excel\"}}",
		    "m:1:77 E_DATE;" },
		{ "{\"rows\":1,\n\"colour\":2,\n\"columns\":{\"kode\":\"a\",\n"
		  "\"unit\":7},\"time\":[\"%H\",\"%d\"]}",
		    "m:1:9 E_MAP;m:2:10 E_FIELD;m:3:19 E_COLUMN;m:4:8 "
		    "E_MAP;m:4:18 E_MAP;m:4:18 E_MAP;" },
		{ "{\"columns\":", "m:1:12 E_JSON;" },
		{ "[]", "m:1:1 E_MAP;" },
		{ "{\"columns\":[]}", "m:1:12 E_MAP;" },
		{ "{\"columns\":{},\"heading\":{\"lines\":[6,5]}}",
		    "m:1:25 E_MAP;" },
		{ "{\"columns\":{},\"heading\":{\"line\":5}}",
		    "m:1:33 E_FIELD;m:1:25 E_MAP;" },
		{ "{\"columns\":{},\"heading\":0}", "m:1:25 E_MAP;" },
		{ "{\"columns\":{},\"totals\":[\"--\"]}", "m:1:24 E_MAP;" },
		{ "{\"columns\":{},\"optional\":[\"note\"]}",
		    "m:1:26 E_COLUMN;" },
		{ "{\"columns\":{},\"recode\":{\"note\":\"utf-8\"}}",
		    "m:1:32 E_ENCODING;" },
		{ "{\"columns\":{\"actor\":\"x\"}}", "m:1:21 E_COLUMN;" },
		{ "{\"columns\":{},\"values\":{\"status\":{\"x\":\"y\"}}}",
		    "m:1:39 E_STATUS;" },
		{ "{\"columns\":{},\"defaults\":{\"channel\":\"y\"}}",
		    "m:1:37 E_CHANNEL;" },
		{ "{\"columns\":{},\"schema\":\"x\"}", "m:1:24 E_MAP;" },
		{ "{\"columns\":{},\"time\":{\"note\":\"excel\"}}",
		    "m:1:30 E_COLUMN;" },
		{ "{\"columns\":{},\"decimal\":\"'\",\"ragged\":1}",
		    "m:1:25 E_MAP;m:1:38 E_MAP;" },
	};
	struct mc_buf got = { 0 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW("check");
		mc_buf_reset(&got);
		mc_buf_puts(&got, "");
		mc_map_check("m", mc_str(row[i].map), false, on_problem, &got);
		IS_STR(got.p, row[i].want);
	}
	TAP_ROW(NULL);
	mc_buf_free(&got);
}

static void
names(void)
{
	struct mc_str field;
	int c;

	for (c = 0; c < MC_COL__COUNT; c++)
		IS(mc_column_parse(
		       mc_str(mc_column_name((enum mc_column)c)), &field),
		    c);
	IS(mc_column_parse(MC_STR("field.floor_area"), &field), MC_COL_FIELD);
	OK(mc_str_is(field, "floor_area"));
	IS(mc_column_parse(MC_STR("field."), &field), MC_COL_NONE);
	IS(mc_column_parse(MC_STR("Code"), &field), MC_COL_NONE);
	IS(mc_column_parse(MC_STR(""), &field), MC_COL_NONE);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;

	IS(mc_zone_open(&zone, "Asia/Ho_Chi_Minh", &err), 0);
	names();
	bind();
	values();
	delimiters();
	read_numbers();
	spoilt();
	advice();
	phrases();
	check();
	read_times();
	mc_zone_free(zone);
	return tap_done();
}
