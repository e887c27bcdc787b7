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
split(char *line, struct mc_str *part, int32_t *place, size_t max)
{
	size_t n = 0;
	char *p = line, *end;

	for (; n < max; p = end + 1) {
		end = strchr(p, '|');
		part[n] = (struct mc_str){ p,
			end == NULL ? strlen(p) : (size_t)(end - p) };
		place[n++] = (int32_t)(p - line) + 1;
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
	    "f:1:6 E_DUPLICATE: two columns are \"code\"" },
	{ NULL, "code|Mã hồ sơ",
	    "f:1:6 E_DUPLICATE: two columns are \"code\"" },
	{ NULL, "code|at|what", "f:1:9 E_COLUMN: unknown column \"what\"" },
	{ NULL, "code|field.", "f:1:6 E_COLUMN: unknown column \"field.\"" },
	{ NULL, "code|procedure|unit",
	    "f:1 E_HEADER: the heading has no column \"received_at\"" },
	{ "{\"columns\":{\"code\":\"a\",\"unit\":\"c\"},"
	  "\"defaults\":{\"procedure\":\"1\",\"received_at\":\"x\"}}",
	    "a|b|c|_d", "code=0 unit=2 ignored \"b\"" },
	{ "{\"columns\":{\"code\":\"_id\",\"alias\":\"_id\",\"field.x\":\"_"
	  "id\"},"
	  "\"defaults\":{\"procedure\":\"1\",\"received_at\":\"x\","
	  "\"unit\":\"u\"}}",
	    "_id|_d", "code=0 alias=0 field.x=0" },
	{ "{\"columns\":{\"code\":\"a\",\"unit\":\"c\"}}", "a|b",
	    "f:1 E_COLUMN: the map's column \"c\" is not in the file" },
	{ "{\"columns\":{\"code\":\"a\",\"field.x\":\"c\"}}", "a|b",
	    "f:1 E_COLUMN: the map's column \"c\" is not in the file" },
	{ "{\"strict\":true,\"columns\":{\"code\":\"a\"}}", "a|b",
	    "f:1:3 E_COLUMN: unknown column \"b\"" },
	{ "{\"columns\":{\"code\":\"a\"}}", "a|a",
	    "f:1:3 E_DUPLICATE: two columns are \"code\"" },
	/* Our own names mean nothing where there is a map. */
	{ "{\"columns\":{\"code\":\"a\"},\"defaults\":{\"procedure\":\"1\","
	  "\"received_at\":\"x\",\"unit\":\"u\"}}",
	    "a|phone", "code=0 ignored \"phone\"" },
	{ "{\"rows\":\"events\",\"columns\":{\"code\":\"a\"},\"defaults\":{"
	  "\"procedure\":\"1\",\"received_at\":\"x\",\"unit\":\"u\"}}",
	    "a", "f:1 E_HEADER: the heading has no column \"activity\"" },
};

static void
bind(void)
{
	struct mc_buf got = { 0 }, ignored = { 0 };
	struct mc_str part[16];
	int32_t place[16];
	struct mc_binding b;
	struct mc_err err;
	struct mc_map *m;
	char line[200];
	size_t i, n;

	for (i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		TAP_ROW(binds[i].heading);
		mc_err_clear(&err);
		snprintf(line, sizeof(line), "%s", binds[i].heading);
		n = split(line, part, place, 16);
		if (binds[i].map == NULL)
			m = mc_map_default();
		else
			IS(mc_map_parse(&m, "m", mc_str(binds[i].map), &err),
			    0);
		mc_buf_reset(&ignored);
		if (mc_map_bind(
			m, "f", 1, part, place, n, &b, &ignored, &err) == 0) {
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
		if (mc_map_time(
			m, mc_str(times[i].text), zone, &ms, &day, &cut)) {
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
	OK(mc_str_is(mc_map_value(m, MC_COL_CHANNEL, MC_STR("mạng")), "mạng"));
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
	const char *good = ",;\t|:/~^*", *bad = "\"'ab0-._ \n\r\x7f";
	size_t i;

	for (i = 0; good[i] != '\0'; i++)
		OK(mc_map_delimits(good[i]));
	for (i = 0; bad[i] != '\0'; i++)
		OK(!mc_map_delimits(bad[i]));
	OK(!mc_map_delimits('\0'));
	OK(!mc_map_delimits((char)0xc4));
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
	read_times();
	mc_zone_free(zone);
	return tap_done();
}
