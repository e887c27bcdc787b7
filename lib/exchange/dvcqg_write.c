/* dvcqg_write.c - dossiers as the national portal wants them; dvcqg.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/dvcqg.h>
#include <motcua/json.h>
#include <motcua/text.h>

struct writer {
	struct mc_jw w;
	const struct mc_dvcqg_dossier *d;
	const struct mc_find_row *row;
	const struct mc_zone *zone;
	const struct mc_json *kept; /* NULL: nothing */
	struct mc_dvcqg_cuts *cuts;
	struct mc_buf text;
};

/* The members of a dossier, in the order of the portal's list. */
enum member {
	MA_HO_SO,
	MA_TTHC,
	TEN_TTHC,
	TEN_LINH_VUC,
	KENH,
	SO_GIAY_TO,
	CHU_HO_SO,
	LOAI_DOI_TUONG,
	EMAIL,
	DIEN_THOAI,
	TRICH_YEU,
	NGAY_TIEP_NHAN,
	NGAY_HEN_TRA,
	TRANG_THAI,
	NGAY_TRA,
	NGAY_KET_THUC,
	DON_VI_XU_LY,
	GHI_CHU,
	BO_SUNG,
	NOI_NOP,
	NGAY_TU_CHOI,
	DINH_DANH,
	NGAY_NOP,
	TEXT, /* only what was kept, or "" */
	LIST  /* the same, or [] */
};
static const struct {
	const char *name;
	enum member is;
} members[] = {
	{ "MaHoSo", MA_HO_SO },
	{ "MaTTHC", MA_TTHC },
	{ "TenTTHC", TEN_TTHC },
	{ "MaLinhVuc", TEXT },
	{ "TenLinhVuc", TEN_LINH_VUC },
	{ "KenhThucHien", KENH },
	{ "SoGiayToChuHoSo", SO_GIAY_TO },
	{ "ChuHoSo", CHU_HO_SO },
	{ "LoaiDoiTuong", LOAI_DOI_TUONG },
	{ "MaDoiTuong", TEXT },
	{ "ThongTinKhac", TEXT },
	{ "Email", EMAIL },
	{ "Fax", TEXT },
	{ "SoDienThoai", DIEN_THOAI },
	{ "TrichYeuHoSo", TRICH_YEU },
	{ "NgayTiepNhan", NGAY_TIEP_NHAN },
	{ "NgayHenTra", NGAY_HEN_TRA },
	{ "TrangThaiHoSo", TRANG_THAI },
	{ "NgayTra", NGAY_TRA },
	{ "ThongTinTra", TEXT },
	{ "HinhThuc", TEXT },
	{ "NgayKetThucXuLy", NGAY_KET_THUC },
	{ "DonViXuLy", DON_VI_XU_LY },
	{ "GhiChu", GHI_CHU },
	{ "TaiLieuNop", LIST },
	{ "DanhSachLePhi", LIST },
	{ "DanhSachTepDinhKemKhac", LIST },
	{ "DanhSachHoSoBoSung", BO_SUNG },
	{ "DanhSachGiayToKetQua", LIST },
	{ "NoiNopHoSo", NOI_NOP },
	{ "HoSoCoThanhPhanSoHoa", TEXT },
	{ "TaiKhoanDuocXacThucVoiVNeID", TEXT },
	{ "DuocThanhToanTrucTuyen", TEXT },
	{ "NgayTuChoi", NGAY_TU_CHOI },
	{ "DinhDanhCHS", DINH_DANH },
	{ "NgayNopHoSo", NGAY_NOP },
	{ "DSKetNoiCSDL", LIST },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/*
 * At most `max` characters, counted as the portal's software does, in 16-bit
 * units; what is cut is cut between characters.
 */
static void
put_text(struct writer *x, const char *name, const char *s, size_t max)
{
	size_t n = s == NULL ? 0 : strlen(s), at = 0, units = 0, len;
	uint32_t cp;

	while (at < n) {
		cp = mc_utf8_decode(s + at, n - at, &len);
		units += cp > 0xFFFF ? 2 : 1;
		if (max > 0 && units > max)
			break;
		at += len;
	}
	if (at < n) {
		x->cuts->n++;
		x->cuts->member = name;
	}
	mc_jw_key(&x->w, name);
	mc_jw_str(&x->w, (struct mc_str){ s == NULL ? "" : s, at });
}

static void
put_time(struct writer *x, const char *name, int64_t ms)
{
	int32_t day;
	int64_t s;
	int y, m, d;

	mc_jw_key(&x->w, name);
	if (ms == MC_NEVER) {
		mc_jw_strz(&x->w, "");
		return;
	}
	day = mc_zone_day(x->zone, ms);
	s = mc_zone_ms_of_day(x->zone, ms) / 1000;
	mc_day_civil(day, &y, &m, &d);
	mc_buf_reset(&x->text);
	mc_buf_printf(&x->text, "%04d%02d%02d%02d%02d%02d", y, m, d,
	    (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	mc_jw_strz(&x->w, mc_buf_str(&x->text));
}

static int
put_raw(struct writer *x, const char *name, const struct mc_json *v,
    struct mc_err *err)
{
	mc_buf_reset(&x->text);
	if (mc_json_canonical(&x->text, v, err) == -1)
		return -1;
	mc_jw_name(&x->w, mc_str(name));
	mc_jw_raw(&x->w, (struct mc_str){ x->text.p, x->text.len });
	return 0;
}

static const struct mc_json *
kept(const struct writer *x, const char *name)
{
	return mc_json_get(x->kept, name);
}

/* What an import has kept of the member, else what we say. */
static int
put_kept(
    struct writer *x, const char *name, const char *ours, struct mc_err *err)
{
	const struct mc_json *v = kept(x, name);

	if (v != NULL)
		return put_raw(x, name, v, err);
	put_text(x, name, ours, 0);
	return 0;
}

static void
put_open_list(struct writer *x, const char *name)
{
	mc_jw_key(&x->w, name);
	mc_jw_open(&x->w, '[');
}

/*
 * Since when papers are awaited.  Its members are sorted, as those of what is
 * kept are: what goes out, comes in and goes out again is the same.
 */
static int
put_requests(struct writer *x, const char *name, struct mc_err *err)
{
	static const char *const behind[] = { "NgayHenTraMoi",
		"NgayHenTraTruoc", "NgayTiepNhanBoSung", "NguoiTiepNhanBoSung",
		"NguoiYeuCauBoSung", "NoiDungBoSung", "ThongTinTiepNhan",
		"TrangThaiBoSung" };
	size_t i;

	if (kept(x, name) != NULL)
		return put_raw(x, name, kept(x, name), err);
	put_open_list(x, name);
	if (strcmp(x->row->status, "supplement") == 0) {
		mc_jw_open(&x->w, '{');
		put_open_list(x, "DanhSachGiayToBoSung");
		mc_jw_close(&x->w, ']');
		put_open_list(x, "DanhSachLePhiBoSung");
		mc_jw_close(&x->w, ']');
		put_text(x, "HoSoBoSungId", "", 0);
		put_time(x, "NgayBoSung", x->row->paused_at);
		for (i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
			put_text(x, behind[i], "", 0);
		mc_jw_close(&x->w, '}');
	}
	mc_jw_close(&x->w, ']');
	return 0;
}

/* Is what was kept of the applicant's numbers still true? */
static bool
names_id(const struct mc_json *list, const char *id)
{
	const char *s;
	size_t i;

	if (list == NULL || id == NULL || *id == '\0')
		return list != NULL;
	for (i = 0; i < mc_json_count(list); i++) {
		s = mc_json_str(mc_json_get(mc_json_at(list, i), "SoDinhDanh"));
		if (s != NULL && strcmp(s, id) == 0)
			return true;
	}
	return false;
}

/* 12 digits are a personal number, 9 an old card; nothing is made up. */
static int
put_ids(struct writer *x, const char *name, struct mc_err *err)
{
	const char *id = x->row->personal[MC_P_APPLICANT_ID];
	size_t n = id == NULL ? 0 : strspn(id, "0123456789");

	if (names_id(kept(x, name), id))
		return put_raw(x, name, kept(x, name), err);
	put_open_list(x, name);
	if ((n == 12 || n == 9) && id[n] == '\0') {
		mc_jw_open(&x->w, '{');
		put_text(x, "LoaiDinhDanh", n == 12 ? "1" : "2", 0);
		put_text(x, "SoDinhDanh", id, 0);
		mc_jw_close(&x->w, '}');
	}
	mc_jw_close(&x->w, ']');
	return 0;
}

static const char *
kind_code(const char *kind)
{
	static const struct {
		const char *word, *code;
	} words[] = {
		{ "", "1" },
		{ "person", "1" },
		{ "citizen", "1" },
		{ "enterprise", "2" },
		{ "business", "2" },
		{ "agency", "3" },
		{ "organisation", "4" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(kind, words[i].word) == 0)
			return words[i].code;
	return strlen(kind) == 1 && *kind >= '1' && *kind <= '4' ? kind : "4";
}

static const char *
channel_code(const char *name)
{
	static const char *const codes[] = { "", "1", "2", "3" };

	return codes[mc_channel_parse(mc_str(name))];
}

/* Several steps are joined by '+': the portal knows of one unit. */
static struct mc_str
only(const char *joined)
{
	struct mc_str s = mc_str(joined), head, tail;

	return mc_str_split(s, '+', &head, &tail) ? (struct mc_str){ "", 0 }
						  : s;
}

/* The code with the agency that published it, where that was said. */
static int
put_procedure(struct writer *x, const char *name, struct mc_err *err)
{
	const char *whole = mc_json_str(kept(x, name)),
		   *code = x->row->procedure == NULL ? "" : x->row->procedure;
	size_t n = strlen(code);

	if (whole != NULL && n > 0 && strncmp(whole, code, n) == 0 &&
	    whole[n] == '.')
		return put_raw(x, name, kept(x, name), err);
	put_text(x, name, code, 0);
	return 0;
}

static int
put_holder(struct writer *x, const char *name, struct mc_err *err)
{
	struct mc_str s = only(x->row->holder);

	if (s.len == 0)
		return put_kept(x, name, "", err);
	mc_jw_key(&x->w, name);
	mc_jw_str(&x->w, s);
	return 0;
}

static int
put_member(
    struct writer *x, const char *name, enum member is, struct mc_err *err)
{
	const struct mc_find_row *r = x->row;
	const char *const *p = r->personal, *subject = p[MC_P_SUBJECT];
	enum mc_status s = mc_status_parse(mc_str(r->status));
	bool online = strcmp(r->channel, "online") == 0;
	char number[2] = { (char)('0' + s), '\0' };

	switch (is) {
	case MA_HO_SO:
		put_text(x, name, r->code, 0);
		break;
	case MA_TTHC:
		return put_procedure(x, name, err);
	case TEN_TTHC:
		return put_kept(x, name, r->title, err);
	case TEN_LINH_VUC:
		return put_kept(x, name, r->field, err);
	case KENH:
		put_text(x, name, channel_code(r->channel), 0);
		break;
	case SO_GIAY_TO:
		put_text(x, name, p[MC_P_APPLICANT_ID], 0);
		break;
	case CHU_HO_SO:
		put_text(x, name, p[MC_P_APPLICANT_NAME], 0);
		break;
	case LOAI_DOI_TUONG:
		put_text(x, name, kind_code(x->d->kind), 0);
		break;
	case EMAIL:
		put_text(x, name, p[MC_P_EMAIL], 0);
		break;
	case DIEN_THOAI:
		put_text(x, name, p[MC_P_PHONE], 0);
		break;
	case TRICH_YEU:
		put_text(x, name,
		    subject != NULL && *subject != '\0' ? subject
		    : x->d->personal                    ? MC_DVCQG_NO_SUBJECT
							: "",
		    1000);
		break;
	case NGAY_TIEP_NHAN:
		put_time(x, name, r->received_at);
		break;
	case NGAY_HEN_TRA:
		put_time(x, name, r->due_at);
		break;
	case TRANG_THAI:
		put_text(x, name, s == MC_S_RETURNED ? "10" : number, 0);
		break;
	case NGAY_TRA:
		put_time(x, name, r->returned_at);
		break;
	case NGAY_KET_THUC:
		put_time(x, name,
		    s == MC_S_NOT_ACCEPTED ? MC_NEVER : r->finished_at);
		break;
	case DON_VI_XU_LY:
		return put_holder(x, name, err);
	case GHI_CHU:
		put_text(x, name, p[MC_P_NOTE], 0);
		break;
	case BO_SUNG:
		return put_requests(x, name, err);
	case NOI_NOP:
		return put_kept(x, name, online ? "" : "2", err);
	case NGAY_TU_CHOI:
		put_time(x, name,
		    s == MC_S_NOT_ACCEPTED ? r->finished_at : MC_NEVER);
		break;
	case DINH_DANH:
		return put_ids(x, name, err);
	case NGAY_NOP:
		if (kept(x, name) != NULL)
			return put_raw(x, name, kept(x, name), err);
		put_time(x, name, x->d->registered_at);
		break;
	case TEXT:
		return put_kept(x, name, "", err);
	case LIST:
		if (kept(x, name) != NULL)
			return put_raw(x, name, kept(x, name), err);
		put_open_list(x, name);
		mc_jw_close(&x->w, ']');
		break;
	}
	return 0;
}

static int
put_fields(struct writer *x, struct mc_err *err)
{
	struct mc_json *doc;
	const struct mc_json *v;
	const char *key;
	size_t i;

	if (x->row->fields.len == 0)
		return 0;
	if (mc_json_parse(&doc, "fields", x->row->fields, err) == -1)
		return -1;
	for (i = 0; i < mc_json_count(doc); i++) {
		v = mc_json_member(doc, i, &key);
		mc_buf_reset(&x->text);
		mc_buf_printf(&x->text, "field.%s", key);
		mc_jw_name(&x->w, mc_str(mc_buf_str(&x->text)));
		mc_jw_strz(&x->w, mc_json_str(v));
	}
	mc_json_free(doc);
	return 0;
}

/* What we know and the portal's list has no member for. */
static void
put_ours(struct writer *x)
{
	const struct mc_find_row *r = x->row;
	struct mc_str step = only(r->step), officer = only(r->officer);

	if (*x->d->alias != '\0')
		put_text(x, "MaHoSoKhac", x->d->alias, 0);
	if (*x->d->in_case != '\0')
		put_text(x, "TruongHop", x->d->in_case, 0);
	if (r->personal[MC_P_ADDRESS] != NULL)
		put_text(x, "DiaChi", r->personal[MC_P_ADDRESS], 0);
	/* Else one that the rules come to would be taken for theirs. */
	if (r->due_source != NULL && strcmp(r->due_source, "given") == 0)
		put_text(x, MC_DVCQG_DUE_SOURCE, r->due_source, 0);
	if (r->due_at != MC_NEVER &&
	    r->due_day != mc_zone_day(x->zone, r->due_at)) {
		mc_buf_reset(&x->text);
		mc_day_put(&x->text, r->due_day);
		put_text(x, MC_DVCQG_DUE_DAY, mc_buf_str(&x->text), 0);
	}
	if (r->paused_at != MC_NEVER)
		put_time(x, "NgayTamDung", r->paused_at);
	if (step.len > 0) {
		mc_jw_key(&x->w, "BuocXuLy");
		mc_jw_str(&x->w, step);
	}
	if (officer.len > 0) {
		mc_buf_reset(&x->text);
		mc_buf_add(&x->text, officer.p, officer.len);
		put_text(x, "NguoiXuLy", mc_buf_str(&x->text), 50);
	}
}

static bool
is_member(const char *name)
{
	static const char *const ours[] = { "MaHoSoKhac", "TruongHop", "DiaChi",
		MC_DVCQG_DUE_SOURCE, MC_DVCQG_DUE_DAY, "NgayTamDung",
		"BuocXuLy", "NguoiXuLy" };
	size_t i;

	for (i = 0; i < MEMBERS; i++)
		if (strcmp(name, members[i].name) == 0)
			return true;
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return strncmp(name, "field.", 6) == 0;
}

static int
put_dossier(struct writer *x, struct mc_err *err)
{
	const struct mc_json *v;
	const char *key;
	size_t i;

	mc_jw_open(&x->w, '{');
	for (i = 0; i < MEMBERS; i++)
		if (put_member(x, members[i].name, members[i].is, err) == -1)
			return -1;
	put_ours(x);
	if (put_fields(x, err) == -1)
		return -1;
	for (i = 0; i < mc_json_count(x->kept); i++) {
		v = mc_json_member(x->kept, i, &key);
		if (!is_member(key) && put_raw(x, key, v, err) == -1)
			return -1;
	}
	mc_jw_close(&x->w, '}');
	return 0;
}

int
mc_dvcqg_put(struct mc_buf *b, const struct mc_dvcqg_dossier *d,
    const struct mc_zone *zone, struct mc_dvcqg_cuts *cuts, struct mc_err *err)
{
	const char *attributes = d->row->personal[MC_P_ATTRIBUTES];
	struct writer x = {
		.w = mc_jw(b), .d = d, .row = d->row, .zone = zone, .cuts = cuts
	};
	struct mc_json *doc = NULL;
	int rc = 0;

	if (attributes != NULL)
		rc = mc_json_parse(&doc, "attributes", mc_str(attributes), err);
	x.kept = doc;
	if (rc == 0)
		rc = put_dossier(&x, err);
	mc_json_free(doc);
	mc_buf_free(&x.text);
	return rc;
}

/* The session is the sender's, who has logged in. */
void
mc_dvcqg_open(struct mc_buf *b, const char *unit, bool updating)
{
	struct mc_jw w = mc_jw(b);

	mc_buf_puts(b, "{\"session\":\"\",\"madonvi\":");
	mc_jw_strz(&w, unit);
	mc_buf_printf(b,
	    ",\"service\":\"" MC_DVCQG_SERVICE "\",\"isUpdating\":\"%s\","
	    "\"data\":[",
	    updating ? "True" : "False");
}

void
mc_dvcqg_close(struct mc_buf *b)
{
	mc_buf_puts(b, "]}\n");
}
