/* The record writer: three formats, and no error lost. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/out.h>

#include "tap.h"

static FILE *file;
static struct mc_buf got;

static struct mc_out *
start(const char *format)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *o;

	file = tmpfile();
	if (file == NULL || mc_out_open(&o, fileno(file), format, NULL, &err))
		abort();
	return o;
}

/* Close, and what was written. */
static const char *
finish(struct mc_out *o, int want)
{
	struct mc_err err = MC_ERR_INIT;
	size_t n;

	IS(mc_out_close(o, &err), want);
	mc_out_free(o);
	mc_buf_reset(&got);
	rewind(file);
	while ((n = fread(mc_buf_room(&got, 4096), 1, 4096, file)) > 0)
		got.len += n;
	mc_buf_room(&got, 1)[0] = '\0';
	fclose(file);
	return mc_buf_str(&got);
}

static void
record(struct mc_out *o, const char *code, int64_t n, bool late, int64_t at)
{
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", code);
	mc_out_int(o, "n", n);
	mc_out_bool(o, "late", late);
	mc_out_time(o, "at", at);
	mc_out_day(o, "day", at == MC_NEVER ? MC_NODAY : 19758);
	mc_out_json(o, "body", MC_STR("{\"a\":[1]}"));
	mc_out_null(o, "gone");
	mc_out_end(o);
}

#define AT INT64_C(1707103200000) /* 2024-02-05T03:20:00Z */

static void
records(struct mc_out *o)
{
	record(o, "A-1", 7, true, AT);
	record(o, "Hồ \"sơ\",\n2", -12345, false, MC_NEVER);
	record(o, NULL, 0, false, AT);
}

static void
test_ndjson(void)
{
	struct mc_out *o = start("ndjson");

	records(o);
	IS(mc_out_count(o), 3);
	IS_STR(finish(o, 0),
	    "{\"schema\":\"motcua.test/1\",\"code\":\"A-1\",\"n\":7,"
	    "\"late\":true,\"at\":\"2024-02-05T03:20:00Z\","
	    "\"day\":\"2024-02-05\",\"body\":{\"a\":[1]},\"gone\":null}\n"
	    "{\"schema\":\"motcua.test/1\","
	    "\"code\":\"Hồ \\\"sơ\\\",\\n2\",\"n\":-12345,"
	    "\"late\":false,\"at\":null,\"day\":null,"
	    "\"body\":{\"a\":[1]},\"gone\":null}\n"
	    "{\"schema\":\"motcua.test/1\",\"code\":null,\"n\":0,"
	    "\"late\":false,\"at\":\"2024-02-05T03:20:00Z\","
	    "\"day\":\"2024-02-05\",\"body\":{\"a\":[1]},\"gone\":null}\n");

	o = start("ndjson");
	mc_out_dry_run(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_strn(o, "code", MC_STR("B"));
	mc_out_end(o);
	IS_STR(finish(o, 0), "{\"schema\":\"motcua.test/1\",\"dry_run\":true,"
			     "\"code\":\"B\"}\n");

	/* Escape, C1, and bidi override: escaped, still the same JSON text. */
	o = start("ndjson");
	mc_out_terminal(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "ế\x1b[2J\xc2\x9b\xe2\x80\xae!");
	mc_out_end(o);
	IS_STR(finish(o, 0), "{\"schema\":\"motcua.test/1\","
			     "\"code\":\"ế\\u001b[2J\\u009b\\u202e!\"}\n");
}

static void
test_csv(void)
{
	struct mc_out *o = start("csv");

	records(o);
	IS_STR(finish(o, 0),
	    "code,n,late,at,day,body,gone\n"
	    "A-1,7,true,2024-02-05T03:20:00Z,2024-02-05,"
	    "\"{\"\"a\"\":[1]}\",\n"
	    "\"Hồ \"\"sơ\"\",\n2\",-12345,false,,,\"{\"\"a\"\":[1]}\",\n"
	    ",0,false,2024-02-05T03:20:00Z,2024-02-05,"
	    "\"{\"\"a\"\":[1]}\",\n");

	o = start("csv");
	mc_out_dry_run(o);
	mc_out_spreadsheet(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "=1+1");
	mc_out_int(o, "n", -5);
	mc_out_end(o);
	IS_STR(finish(o, 0), "code,n,dry_run\n\"'=1+1\",-5,true\n");

	/* The mark stands before the heading, of an empty table too. */
	o = start("csv");
	mc_out_bom(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "a");
	mc_out_end(o);
	IS_STR(finish(o, 0), "\xEF\xBB\xBF"
			     "code\na\n");
	o = start("csv");
	mc_out_bom(o);
	mc_out_columns(o, "code due_at");
	IS_STR(finish(o, 0), "\xEF\xBB\xBF"
			     "code,due_at\n");
	o = start("csv");
	mc_out_bom(o);
	mc_out_raw(o, "a\n", 2);
	mc_out_raw(o, "b\n", 2);
	IS_STR(finish(o, 0), "\xEF\xBB\xBF"
			     "a\nb\n");
	o = start("ndjson");
	mc_out_bom(o);
	mc_out_raw(o, "a\n", 2);
	IS_STR(finish(o, 0), "a\n");

	/* A member left out of a later record is an empty field. */
	o = start("csv");
	records(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_int(o, "n", 1);
	mc_out_json(o, "body", MC_STR("2"));
	mc_out_end(o);
	OK(strstr(finish(o, 0), "\n,1,,,,2,\n") != NULL);

	o = start("csv");
	mc_out_columns(o, "code due_at");
	IS_STR(finish(o, 0), "code,due_at\n");
}

/* Records of two kinds, whose members come in another order. */
static void
kinds(struct mc_out *o)
{
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "A-1");
	mc_out_json(o, "moves", MC_STR("[1]"));
	mc_out_null(o, "commit");
	mc_out_end(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "A-2");
	mc_out_str(o, "commit", "c0");
	mc_out_int(o, "steps", 12);
	mc_out_bool(o, "late", false);
	mc_out_end(o);
}

static void
test_named(void)
{
	static const char columns[] = "code commit late moves steps";
	struct mc_out *o = start("csv");
	int i;

	mc_out_name_columns(o, columns);
	kinds(o);
	IS_STR(finish(o, 0), "code,commit,late,moves,steps\n"
			     "A-1,,,[1],\n"
			     "A-2,c0,false,,12\n");

	o = start("csv");
	mc_out_dry_run(o);
	mc_out_name_columns(o, columns);
	kinds(o);
	IS_STR(finish(o, 0), "code,commit,late,moves,steps,dry_run\n"
			     "A-1,,,[1],,true\n"
			     "A-2,c0,false,,12,true\n");

	o = start("table");
	mc_out_name_columns(o, columns);
	kinds(o);
	IS_STR(finish(o, 0), "code  commit  late  moves  steps\n"
			     "A-1   -       -     [1]        -\n"
			     "A-2   c0      no    -         12\n");

	/* Other columns from here on; what has no row has no heading. */
	o = start("table");
	mc_out_name_columns(o, "late code n at day body gone");
	for (i = 0; i < 2; i++)
		record(o, "B", i, true, MC_NEVER);
	mc_out_name_columns(o, columns);
	kinds(o);
	mc_out_name_columns(o, "gone");
	IS_STR(finish(o, 0), "late  code  n  at  day  body       gone\n"
			     "yes   B     0  -   -    {\"a\":[1]}  -\n"
			     "yes   B     1  -   -    {\"a\":[1]}  -\n\n"
			     "code  commit  late  moves  steps\n"
			     "A-1   -       -     [1]        -\n"
			     "A-2   c0      no    -         12\n");

	o = start("table");
	mc_out_name_columns(o, columns);
	IS_STR(finish(o, 0), "");
	o = start("csv");
	mc_out_name_columns(o, columns);
	IS_STR(finish(o, 0), "code,commit,late,moves,steps\n");
	o = start("ndjson");
	mc_out_name_columns(o, columns);
	kinds(o);
	IS_STR(finish(o, 0),
	    "{\"schema\":\"motcua.test/1\",\"code\":\"A-1\","
	    "\"moves\":[1],\"commit\":null}\n"
	    "{\"schema\":\"motcua.test/1\",\"code\":\"A-2\","
	    "\"commit\":\"c0\",\"steps\":12,\"late\":false}\n");

	o = start("csv");
	mc_out_name_columns(o, "code moves commit");
	kinds(o);
	OK(strstr(finish(o, -1), "A-2") == NULL);
}

/* Nothing is dropped in silence. */
static void
test_misfit(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *o = start("csv");

	records(o);
	mc_out_begin(o, "motcua.test/1");
	mc_out_str(o, "code", "begun");
	mc_out_str(o, "surprise", "x");
	mc_out_end(o);
	IS(mc_out_flush(o, &err), -1);
	IS_STR(err.id, "E_FORMAT");
	OK(strstr(err.msg, "\"surprise\"") != NULL);
	OK(strstr(finish(o, -1), "begun") == NULL);
	OK(got.len > 2 && strcmp(got.p + got.len - 2, ",\n") == 0);

	o = start("csv");
	records(o);
	mc_out_begin(o, "motcua.other/1");
	mc_out_str(o, "code", "x");
	mc_out_end(o);
	finish(o, -1);
}

static void
test_table(void)
{
	struct mc_out *o = start("table");

	mc_out_label(o, "n", "number");
	records(o);
	mc_out_begin(o, "motcua.other/1");
	mc_out_str(o, "kind", "b");
	mc_out_end(o);
	IS_STR(finish(o, 0),
	    "code        number  late  at                    day         "
	    "body       gone\n"
	    "A-1              7  yes   2024-02-05T03:20:00Z  05/02/2024  "
	    "{\"a\":[1]}  -\n"
	    "Hồ \"sơ\",\xef\xbf\xbd"
	    "2  -12345  no    -                     -           "
	    "{\"a\":[1]}  -\n"
	    "-                0  no    2024-02-05T03:20:00Z  05/02/2024  "
	    "{\"a\":[1]}  -\n"
	    "\nkind\nb\n");

	o = start("table");
	IS_STR(finish(o, 0), "");

	/* Free text comes after the rows before it. */
	o = start("table");
	mc_out_begin(o, "motcua.test/1");
	mc_out_int(o, "n", 1);
	mc_out_end(o);
	mc_out_printf(o, "%s %d\n", "total", 1);
	IS_STR(finish(o, 0), "n\n1\ntotal 1\n");
}

/* After the measured rows the widths stand, wider cells stick out. */
static void
test_table_stream(void)
{
	struct mc_out *o = start("table");
	const char *p;
	unsigned i, lines = 0;

	for (i = 0; i < MC_OUT_TABLE_ROWS + 5; i++) {
		mc_out_begin(o, "motcua.test/1");
		mc_out_str(o, "code", i < MC_OUT_TABLE_ROWS ? "ab" : "longer");
		mc_out_int(o, "n", 5);
		mc_out_end(o);
	}
	p = finish(o, 0);
	IS(strncmp(p, "code  n\nab    5\n", 16), 0);
	IS_STR(p + got.len - 10, "longer  5\n");
	for (; *p != '\0'; p++)
		lines += *p == '\n';
	IS(lines, MC_OUT_TABLE_ROWS + 6);
}

/* More than a block, through a flush, comes out whole and in order. */
static void
test_blocks(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *o = start("ndjson");
	char line[128];
	const char *p;
	int i, good = 0;

	for (i = 0; i < 20000; i++) {
		mc_out_begin(o, "motcua.test/1");
		mc_out_int(o, "n", i);
		mc_out_end(o);
		if (i == 7)
			IS(mc_out_flush(o, &err), 0);
	}
	p = finish(o, 0);
	for (i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line),
		    "{\"schema\":\"motcua.test/1\",\"n\":%d}\n", i);
		good += strncmp(p, line, strlen(line)) == 0;
		p += strlen(line);
	}
	IS(good, 20000);
	IS_STR(p, "");
}

static void
test_full(const char *format)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *o;
	int fd = open("/dev/full", O_WRONLY);

	if (fd == -1)
		return;
	TAP_ROW(format);
	IS(mc_out_open(&o, fd, format, NULL, &err), 0);
	records(o);
	IS(mc_out_close(o, &err), -1);
	IS(err.code, MC_EIO);
	IS_STR(err.id, "E_IO");
	OK(strstr(err.msg, "No space left on device") != NULL);
	mc_out_free(o);
	TAP_ROW(NULL);
	close(fd);
}

static void
test_zone(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *zone;
	struct mc_out *o;

	IS(mc_zone_open(&zone, "Asia/Ho_Chi_Minh", &err), 0);
	file = tmpfile();
	IS(mc_out_open(&o, fileno(file), "table", zone, &err), 0);
	mc_out_begin(o, "motcua.test/1");
	mc_out_time(o, "at", AT);
	mc_out_end(o);
	IS_STR(finish(o, 0), "at\n05/02/2024 10:20\n");
	file = tmpfile();
	IS(mc_out_open(&o, fileno(file), "csv", zone, &err), 0);
	mc_out_begin(o, "motcua.test/1");
	mc_out_time(o, "at", AT);
	mc_out_end(o);
	IS_STR(finish(o, 0), "at\n2024-02-05T10:20:00+07:00\n");
	mc_zone_free(zone);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_out *o;

	test_ndjson();
	test_csv();
	test_named();
	test_misfit();
	test_table();
	test_table_stream();
	test_blocks();
	test_full("ndjson");
	test_full("csv");
	test_full("table");
	test_zone();
	IS(mc_out_open(&o, -1, "csv", NULL, &err), -1);
	OK(o == NULL);
	mc_buf_free(&got);
	return tap_done();
}
