/* dvcqg.h: dossiers out of envelopes, and the objects that are written. */
#include <stdlib.h>

#include <motcua/dvcqg.h>
#include <motcua/json.h>

#include "tap.h"

/* "text@line/unit" of each, "+" where it is bare, "!ID where". */
static char *
items(const char *text)
{
	struct mc_source *src = mc_source_memory("f", text, strlen(text));
	struct mc_dvcqg_reader *r = mc_dvcqg_reader_new(src);
	struct mc_err err = MC_ERR_INIT;
	struct mc_dvcqg_item it;
	struct mc_buf b = { 0 };
	int rc;

	mc_buf_puts(&b, "");
	while ((rc = mc_dvcqg_next(r, &it, true, &err)) == 1) {
		mc_buf_add(&b, it.text.p, it.text.len);
		mc_buf_printf(
		    &b, "@%d/%s%s", (int)it.line, it.unit, it.bare ? "+" : "");
	}
	if (rc == -1)
		mc_buf_printf(&b, "!%s %s", err.id, err.where);
	mc_dvcqg_reader_free(r);
	mc_source_free(src);
	return mc_buf_detach(&b);
}

static void
reading(void)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "", "" },
		{ " \n", "" },
		{ "{\"madonvi\":\"H\",\"data\":[]}", "" },
		{ "{\"madonvi\":\"H\",\"data\":[{},{\"a\":1}]}",
		    "{}@1/H{\"a\":1}@1/H" },
		{ "{\"madonvi\":\"H\",\n\"data\" : [\n{} ,\n{}\n]\n}\n",
		    "{}@3/H{}@4/H" },
		{ "{\"data\":[{}],\"madonvi\":\"H\"}", "{}@1/" },
		{ "{\"madonvi\":\"G\",\"data\":[{}]}{\"madonvi\":\"H\","
		  "\"data\":[{}]}",
		    "{}@1/G{}@1/H" },
		{ "{\"madonvi\":\"G\",\"data\":[{}]}{\"data\":[{}]}",
		    "{}@1/G{}@1/" },
		/* brackets in strings, and lists that are not the data */
		{ "{\"x\":[1,{\"data\":[2]}],\"y\":\"\\\"]}{\",\"data\":[{"
		  "\"b\":"
		  "\"}]\\\\\"}]}",
		    "{\"b\":\"}]\\\\\"}@1/" },
		{ "{\"MaHoSo\":\"1\"}\n{\"MaHoSo\":\"2\",\"x\":[]}",
		    "{\"MaHoSo\":\"1\"}@1/+{\"MaHoSo\":\"2\",\"x\":[]}@2/+" },
		{ "[{},{}]", "{}@1/+{}@1/+" },
		{ "[]", "" },
		{ "\xEF\xBB\xBF[{}]", "{}@1/+" },
		{ "x", "!E_JSON f:1" },
		{ "[1]", "!E_JSON f:1" },
		{ "[{},]", "{}@1/+!E_JSON f:1" },
		{ "[,{}]", "!E_JSON f:1" },
		{ "[{}{}]", "{}@1/+!E_JSON f:1" },
		{ "[{}", "{}@1/+!E_JSON f:1" },
		{ "{\"data\":[{\"a\":\"", "!E_JSON f:1" },
		{ "{\"data\":[{}]", "{}@1/!E_JSON f:1" },
		{ "{\"data\":[{}],}", "{}@1/!E_JSON f:1" },
		{ "\n{x,\"data\":[{}]}", "!E_JSON f:2" },
		{ "{\"service\":\"LayThuTuc\",\"data\":[{}]}",
		    "!E_SERVICE f:1" },
		{ "{\"service\":\"DongBoHoSoMC\",\"data\":[{}]}", "{}@1/" },
	};
	char *got, label[24];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(label, sizeof(label), "row %zu", i + 1);
		TAP_ROW(label);
		got = items(row[i].text);
		IS_STR(got, row[i].want);
		free(got);
	}
	TAP_ROW(NULL);
}

/* The member of what is written for a dossier, as text or JSON. */
static char *
member(const struct mc_find_row *row, const char *kind, const char *name,
    int64_t *cuts)
{
	const struct mc_dvcqg_dossier d = { .row = row,
		.registered_at = MC_NEVER,
		.kind = kind,
		.alias = "",
		.in_case = "",
		.personal = true };
	struct mc_dvcqg_cuts c = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 }, text = { 0 };
	const struct mc_json *v;
	struct mc_zone *zone;
	struct mc_json *doc;

	if (mc_zone_open(&zone, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_dvcqg_put(&b, &d, zone, &c, &err) == -1 ||
	    mc_json_parse(&doc, "", (struct mc_str){ b.p, b.len }, &err) == -1)
		abort();
	v = mc_json_get(doc, name);
	if (mc_json_str(v) != NULL)
		mc_buf_puts(&text, mc_json_str(v));
	else if (v == NULL || mc_json_canonical(&text, v, &err) == -1)
		mc_buf_puts(&text, "(none)");
	*cuts = c.n;
	mc_json_free(doc);
	mc_zone_free(zone);
	mc_buf_free(&b);
	return mc_buf_detach(&text);
}

static void
writing(void)
{
	const struct mc_find_row plain = { .code = "A-1",
		.procedure = "1.001193",
		.unit = "H42",
		.channel = "online",
		.status = "returned",
		.received_at = 0,
		.due_at = MC_NEVER,
		.paused_at = MC_NEVER,
		.finished_at = MC_NEVER,
		.returned_at = 999 };
	static const struct {
		const char *status, *kind, *id, *kept, *name, *want;
	} row[] = {
		{ "returned", "", NULL, NULL, "TrangThaiHoSo", "10" },
		{ "stopped", "", NULL, NULL, "TrangThaiHoSo", "8" },
		{ "supplement", "", NULL, NULL, "TrangThaiHoSo", "5" },
		{ "payment", "", NULL, NULL, "TrangThaiHoSo", "6" },
		{ "received", "", NULL, NULL, "NgayTiepNhan",
		    "19700101080000" },
		{ "received", "", NULL, NULL, "NgayHenTra", "" },
		{ "received", "", NULL, NULL, "KenhThucHien", "2" },
		{ "received", "", NULL, NULL, "LoaiDoiTuong", "1" },
		{ "received", "agency", NULL, NULL, "LoaiDoiTuong", "3" },
		{ "received", "2", NULL, NULL, "LoaiDoiTuong", "2" },
		{ "received", "guild", NULL, NULL, "LoaiDoiTuong", "4" },
		{ "received", "", NULL, NULL, "DinhDanhCHS", "[]" },
		{ "received", "", "03700000000x", NULL, "DinhDanhCHS", "[]" },
		{ "received", "", "037000000001", NULL, "DinhDanhCHS",
		    "[{\"LoaiDinhDanh\":\"1\",\"SoDinhDanh\":"
		    "\"037000000001\"}]" },
		{ "received", "", "037000000",
		    "{\"DinhDanhCHS\":[{\"SoDinhDanh\":\"037000000\"}]}",
		    "DinhDanhCHS", "[{\"SoDinhDanh\":\"037000000\"}]" },
		/* corrected since */
		{ "received", "", "037000001",
		    "{\"DinhDanhCHS\":[{\"SoDinhDanh\":\"037000000\"}]}",
		    "DinhDanhCHS",
		    "[{\"LoaiDinhDanh\":\"2\",\"SoDinhDanh\":"
		    "\"037000001\"}]" },
		{ "received", "", NULL, "{\"MaTTHC\":\"1.001193.H42\"}",
		    "MaTTHC", "1.001193.H42" },
		{ "received", "", NULL, "{\"MaTTHC\":\"1.001194.H42\"}",
		    "MaTTHC", "1.001193" },
		{ "received", "", NULL, "{\"Fax\":\"1\",\"Moi\":[1]}", "Fax",
		    "1" },
		{ "received", "", NULL, "{\"Fax\":\"1\",\"Moi\":[1]}", "Moi",
		    "[1]" },
		{ "received", "", NULL, NULL, "TrichYeuHoSo",
		    MC_DVCQG_NO_SUBJECT },
	};
	struct mc_find_row r;
	int64_t cuts;
	char *got, label[24];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(label, sizeof(label), "row %zu", i + 1);
		TAP_ROW(label);
		r = plain;
		r.status = row[i].status;
		r.personal[MC_P_APPLICANT_ID] = row[i].id;
		r.personal[MC_P_ATTRIBUTES] = row[i].kept;
		got = member(&r, row[i].kind, row[i].name, &cuts);
		IS_STR(got, row[i].want);
		IS(cuts, 0);
		free(got);
	}
	TAP_ROW(NULL);
}

/* Characters are 16-bit units, and none is halved. */
static void
cutting(void)
{
	struct mc_find_row r = { .code = "A-1",
		.unit = "H42",
		.channel = "direct",
		.status = "received",
		.received_at = 0,
		.due_at = MC_NEVER,
		.paused_at = MC_NEVER,
		.finished_at = MC_NEVER,
		.returned_at = MC_NEVER };
	static const struct {
		const char *unit;
		int n;
		size_t want; /* bytes */
		int64_t cuts;
	} row[] = {
		{ "a", 1000, 1000, 0 },
		{ "a", 1001, 1000, 1 },
		{ "\xE1\xBA\xBF", 1000, 3000, 0 },
		{ "\xE1\xBA\xBF", 1001, 3000, 1 },
		{ "\xF0\x9F\x98\x80", 500, 2000, 0 },
		{ "\xF0\x9F\x98\x80", 501, 2000, 1 },
	};
	struct mc_buf text = { 0 };
	int64_t cuts;
	char *got;
	size_t i;
	int k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		mc_buf_reset(&text);
		for (k = 0; k < row[i].n; k++)
			mc_buf_puts(&text, row[i].unit);
		r.personal[MC_P_SUBJECT] = mc_buf_str(&text);
		got = member(&r, "", "TrichYeuHoSo", &cuts);
		IS((int64_t)strlen(got), (int64_t)row[i].want);
		IS(cuts, row[i].cuts);
		free(got);
	}
	mc_buf_free(&text);
}

int
main(void)
{
	reading();
	writing();
	cutting();
	return tap_done();
}
