/*
 * gen - a generated period of a province, as canonical CSV on stdout.
 *
 * The same options give the same bytes everywhere: no clock, no locale, no
 * foreign library, a generator of its own.  Units, procedures and days off
 * are those of lib/starter, so that a fresh database takes every good row.
 * With --truth=FILE it says what an importer must find; with --mended=FILE,
 * row by row, and what each bad row is when it has been mended: a reject file
 * after that.  With --mend the rows come mended in the first place.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ROWS_MAX 100000000u
#define DAYS_MAX 6000
#define TAIL 200 /* days after the period, for what finishes later */

enum kind { COMMUNE, POLICE, DISTRICT, CENTRE };
enum limit { SAME_DAY, WORKING, CALENDAR };
enum channel { DIRECT, ONLINE, POSTAL };

/* clang-format off */
#define NEVER 99991231
static const struct place {
	const char *code, *name;
	enum kind kind;
	const char *police;  /* of a commune: what follows its code */
	int from, to;        /* yyyymmdd, both inclusive */
	int size;
} places[] = {
	{ "H42.02", "tỉnh Ninh Bình", CENTRE, NULL, 20100101, NEVER, 40 },
	{ "H42.31", "thành phố Ninh Bình", DISTRICT, NULL, 20100101, 20241231, 9 },
	{ "H42.32", "huyện Hoa Lư", DISTRICT, NULL, 20100101, 20241231, 5 },
	{ "H42.33", "thành phố Hoa Lư", DISTRICT, NULL, 20250101, 20250630, 13 },
	{ "H42.34", "huyện Gia Viễn", DISTRICT, NULL, 20100101, 20250630, 8 },
	{ "H42.35", "thành phố Tam Điệp", DISTRICT, NULL, 20100101, 20250630, 6 },
	{ "H42.36", "huyện Yên Khánh", DISTRICT, NULL, 20100101, 20250630, 8 },
	{ "H42.31.21", "phường Đông Thành", COMMUNE, ".01", 20100101, 20241231, 7 },
	{ "H42.31.22", "phường Vân Giang", COMMUNE, ".01", 20100101, 20241231, 5 },
	{ "H42.31.23", "phường Ninh Phong", COMMUNE, ".01", 20100101, 20241231, 6 },
	{ "H42.31.24", "xã Ninh Nhất", COMMUNE, ".01", 20100101, 20241231, 4 },
	{ "H42.32.21", "xã Trường Yên", COMMUNE, ".01", 20100101, 20241231, 6 },
	{ "H42.32.22", "xã Ninh Hải", COMMUNE, ".01", 20100101, 20241231, 4 },
	{ "H42.33.21", "phường Đông Thành", COMMUNE, ".01", 20250101, 20250630, 7 },
	{ "H42.33.22", "phường Vân Giang", COMMUNE, ".01", 20250101, 20250630, 5 },
	{ "H42.33.23", "phường Ninh Phong", COMMUNE, ".01", 20250101, 20250630, 6 },
	{ "H42.33.24", "xã Ninh Nhất", COMMUNE, ".01", 20250101, 20250630, 4 },
	{ "H42.33.25", "xã Trường Yên", COMMUNE, ".01", 20250101, 20250630, 6 },
	{ "H42.33.26", "xã Ninh Hải", COMMUNE, ".01", 20250101, 20250630, 4 },
	{ "H42.34.21", "thị trấn Me", COMMUNE, ".01", 20100101, 20241231, 5 },
	{ "H42.34.22", "xã Gia Vân", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.34.23", "xã Gia Tân", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.34.24", "xã Gia Trấn", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.34.25", "thị trấn Thịnh Vượng", COMMUNE, ".01", 20250101, 20250630, 7 },
	{ "H42.35.21", "phường Bắc Sơn", COMMUNE, ".01", 20100101, 20250630, 6 },
	{ "H42.35.22", "phường Trung Sơn", COMMUNE, ".01", 20100101, 20250630, 5 },
	{ "H42.35.23", "xã Yên Sơn", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.36.21", "thị trấn Yên Ninh", COMMUNE, ".01", 20100101, 20250630, 6 },
	{ "H42.36.22", "xã Khánh Nhạc", COMMUNE, ".01", 20100101, 20250630, 5 },
	{ "H42.36.23", "xã Khánh Hòa", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.36.24", "xã Khánh Thiện", COMMUNE, ".01", 20100101, 20250630, 4 },
	{ "H42.60", "phường Hoa Lư", COMMUNE, ".04", 20250701, NEVER, 14 },
	{ "H42.61", "phường Tây Hoa Lư", COMMUNE, ".04", 20250701, NEVER, 8 },
	{ "H42.62", "phường Nam Hoa Lư", COMMUNE, ".04", 20250701, NEVER, 8 },
	{ "H42.63", "phường Đông Hoa Lư", COMMUNE, ".04", 20250701, NEVER, 7 },
	{ "H42.64", "phường Tam Điệp", COMMUNE, ".04", 20250701, NEVER, 7 },
	{ "H42.65", "phường Trung Sơn", COMMUNE, ".04", 20250701, NEVER, 5 },
	{ "H42.66", "phường Yên Sơn", COMMUNE, ".04", 20250701, NEVER, 4 },
	{ "H42.67", "xã Gia Viễn", COMMUNE, ".04", 20250701, NEVER, 7 },
	{ "H42.68", "xã Gia Vân", COMMUNE, ".04", 20250701, NEVER, 5 },
	{ "H42.69", "xã Gia Trấn", COMMUNE, ".04", 20250701, NEVER, 5 },
	{ "H42.70", "xã Yên Khánh", COMMUNE, ".04", 20250701, NEVER, 8 },
	{ "H42.71", "xã Khánh Nhạc", COMMUNE, ".04", 20250701, NEVER, 6 },
	{ "H42.72", "xã Khánh Thiện", COMMUNE, ".04", 20250701, NEVER, 4 },
	{ "H42.73", "phường Phủ Lý", COMMUNE, ".04", 20250701, NEVER, 12 },
	{ "H42.74", "phường Nam Định", COMMUNE, ".04", 20250701, NEVER, 15 },
};

enum who { CITIZEN, HOUSEHOLD, COMPANY };
static const struct procedure {
	const char *code, *subject;
	enum kind kind;
	int from, to;
	int weight;
	enum limit limit;
	int n;
	enum who who;
	int floor_area;      /* at most, in square metres; 0: no such field */
} procedures[] = {
	{ "2.000635", "Cấp bản sao trích lục hộ tịch", COMMUNE, 20160101, NEVER, 180, SAME_DAY, 0, CITIZEN, 0 },
	{ "2.000635", "Cấp bản sao trích lục hộ tịch", CENTRE, 20160101, NEVER, 10, SAME_DAY, 0, CITIZEN, 0 },
	{ "1.001193", "Đăng ký khai sinh", COMMUNE, 20160101, NEVER, 90, SAME_DAY, 0, CITIZEN, 0 },
	{ "1.000656", "Đăng ký khai tử", COMMUNE, 20160101, NEVER, 40, SAME_DAY, 0, CITIZEN, 0 },
	{ "1.000894", "Đăng ký kết hôn", COMMUNE, 20160101, NEVER, 40, SAME_DAY, 0, CITIZEN, 0 },
	{ "1.004873", "Xác nhận tình trạng hôn nhân", COMMUNE, 20160101, NEVER, 80, WORKING, 3, CITIZEN, 0 },
	{ "1.004859", "Cải chính thông tin hộ tịch", COMMUNE, 20160101, NEVER, 15, WORKING, 3, CITIZEN, 0 },
	{ "1.004884", "Đăng ký lại khai sinh", COMMUNE, 20160101, NEVER, 10, WORKING, 5, CITIZEN, 0 },
	{ "1.004222", "Đăng ký thường trú", POLICE, 20070701, 20210630, 100, CALENDAR, 15, CITIZEN, 0 },
	{ "1.004222", "Đăng ký thường trú", POLICE, 20210701, NEVER, 100, WORKING, 7, CITIZEN, 0 },
	{ "1.004194", "Đăng ký tạm trú", POLICE, 20070701, NEVER, 140, WORKING, 3, CITIZEN, 0 },
	{ "1.002755", "Gia hạn tạm trú", POLICE, 20070701, NEVER, 50, WORKING, 3, CITIZEN, 0 },
	{ "1.003197", "Xóa đăng ký thường trú", POLICE, 20210701, 20250109, 20, WORKING, 1, CITIZEN, 0 },
	{ "1.003197", "Xóa đăng ký thường trú", POLICE, 20250110, NEVER, 20, WORKING, 5, CITIZEN, 0 },
	{ "1.010038", "Tách hộ", POLICE, 20210701, NEVER, 15, WORKING, 5, CITIZEN, 0 },
	{ "1.010041", "Xác nhận thông tin về cư trú", POLICE, 20210701, NEVER, 80, WORKING, 1, CITIZEN, 0 },
	{ "1.001612", "Đăng ký thành lập hộ kinh doanh", DISTRICT, 20151101, 20250630, 60, WORKING, 3, HOUSEHOLD, 0 },
	{ "1.001612", "Đăng ký thành lập hộ kinh doanh", COMMUNE, 20250701, NEVER, 30, WORKING, 3, HOUSEHOLD, 0 },
	{ "2.000720", "Thay đổi nội dung đăng ký hộ kinh doanh", DISTRICT, 20151101, 20250630, 20, WORKING, 3, HOUSEHOLD, 0 },
	{ "2.000720", "Thay đổi nội dung đăng ký hộ kinh doanh", COMMUNE, 20250701, NEVER, 10, WORKING, 3, HOUSEHOLD, 0 },
	{ "1.014034", "Hiệu đính thông tin đăng ký hộ kinh doanh", COMMUNE, 20250701, NEVER, 8, WORKING, 3, HOUSEHOLD, 0 },
	{ "2.001610", "Thành lập doanh nghiệp tư nhân", CENTRE, 20150701, NEVER, 6, WORKING, 3, COMPANY, 0 },
	{ "2.001583", "Thành lập công ty TNHH một thành viên", CENTRE, 20150701, NEVER, 30, WORKING, 3, COMPANY, 0 },
	{ "2.001199", "Thành lập công ty TNHH hai thành viên", CENTRE, 20150701, NEVER, 18, WORKING, 3, COMPANY, 0 },
	{ "2.002043", "Thành lập công ty cổ phần", CENTRE, 20150701, NEVER, 10, WORKING, 3, COMPANY, 0 },
	{ "1.009994", "Cấp giấy phép xây dựng nhà ở riêng lẻ", DISTRICT, 20150101, 20250630, 60, CALENDAR, 15, CITIZEN, 480 },
	{ "1.013225", "Cấp giấy phép xây dựng nhà ở riêng lẻ", COMMUNE, 20250701, NEVER, 30, CALENDAR, 15, CITIZEN, 480 },
	{ "1.013227", "Gia hạn giấy phép xây dựng", COMMUNE, 20250701, NEVER, 4, WORKING, 5, CITIZEN, 0 },
	{ "1.009974", "Cấp giấy phép xây dựng công trình", CENTRE, 20150101, 20201231, 8, CALENDAR, 30, COMPANY, 6000 },
	{ "1.009974", "Cấp giấy phép xây dựng công trình", CENTRE, 20210101, 20250630, 8, CALENDAR, 20, COMPANY, 6000 },
	{ "1.013236", "Cấp giấy phép xây dựng công trình", CENTRE, 20250701, NEVER, 8, CALENDAR, 20, COMPANY, 6000 },
	{ "1.012753", "Cấp Giấy chứng nhận quyền sử dụng đất lần đầu", DISTRICT, 20140701, 20240731, 50, CALENDAR, 30, CITIZEN, 0 },
	{ "1.012753", "Cấp Giấy chứng nhận quyền sử dụng đất lần đầu", DISTRICT, 20240801, 20250630, 50, WORKING, 20, CITIZEN, 0 },
	{ "1.012753", "Cấp Giấy chứng nhận quyền sử dụng đất lần đầu", COMMUNE, 20250701, NEVER, 4, WORKING, 20, COMPANY, 0 },
	{ "1.013978", "Cấp Giấy chứng nhận quyền sử dụng đất lần đầu", COMMUNE, 20250701, NEVER, 25, WORKING, 20, CITIZEN, 0 },
};

/* Days off that would else be working, and days made up for. */
static const int days_off[] = {
	20180101, 20180214, 20180215, 20180216, 20180219, 20180220, 20180425,
	20180430, 20180501, 20180903, 20181231,
	20190101, 20190204, 20190205, 20190206, 20190207, 20190208, 20190415,
	20190429, 20190430, 20190501, 20190902,
	20200101, 20200123, 20200124, 20200127, 20200128, 20200129, 20200402,
	20200430, 20200501, 20200902,
	20210101, 20210210, 20210211, 20210212, 20210215, 20210216, 20210421,
	20210430, 20210503, 20210902, 20210903,
	20220103, 20220131, 20220201, 20220202, 20220203, 20220204, 20220411,
	20220502, 20220503, 20220901, 20220902,
	20230102, 20230120, 20230123, 20230124, 20230125, 20230126, 20230501,
	20230502, 20230503, 20230901, 20230904,
	20240101, 20240208, 20240209, 20240212, 20240213, 20240214, 20240418,
	20240429, 20240430, 20240501, 20240902, 20240903,
	20250101, 20250127, 20250128, 20250129, 20250130, 20250131, 20250407,
	20250430, 20250501, 20250502, 20250901, 20250902,
	20260101, 20260102, 20260216, 20260217, 20260218, 20260219, 20260220,
	20260427, 20260430, 20260501, 20260831, 20260901, 20260902, 20261124,
};
static const int saturdays_off[] = { /* of the police's Saturday mornings */
	20180217, 20200125, 20210213, 20210501, 20220101, 20220430, 20230121,
	20230429, 20230902, 20240210, 20250201,
};
static const int made_up[] = {
	20190105, 20190504, 20240504, 20250426, 20260110, 20260822,
};

static const struct { const char *name, *ascii; } families[] = {
	{ "Nguyễn", "nguyen" }, { "Nguyễn", "nguyen" }, { "Nguyễn", "nguyen" },
	{ "Nguyễn", "nguyen" }, { "Trần", "tran" }, { "Trần", "tran" },
	{ "Lê", "le" }, { "Lê", "le" }, { "Phạm", "pham" }, { "Phạm", "pham" },
	{ "Đinh", "dinh" }, { "Đinh", "dinh" }, { "Vũ", "vu" }, { "Bùi", "bui" },
	{ "Hoàng", "hoang" }, { "Phan", "phan" }, { "Đặng", "dang" },
	{ "Đỗ", "do" }, { "Ngô", "ngo" }, { "Dương", "duong" }, { "Lã", "la" },
	{ "Tạ", "ta" }, { "Trịnh", "trinh" }, { "Mai", "mai" },
	{ "Phùng", "phung" }, { "Tống", "tong" }, { "Lưu", "luu" },
	{ "Quách", "quach" },
};
static const char *const middles[2][8] = {
	{ "Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công", "Ngọc" },
	{ "Thị", "Thị", "Thị Thu", "Thị Kim", "Ngọc", "Thị Hồng", "Thanh", "Thị Mỹ" },
};
static const struct { const char *name, *ascii; } givens[2][24] = {
	{ { "An", "an" }, { "Bình", "binh" }, { "Cường", "cuong" },
	  { "Dũng", "dung" }, { "Đạt", "dat" }, { "Giang", "giang" },
	  { "Hải", "hai" }, { "Hiếu", "hieu" }, { "Hùng", "hung" },
	  { "Huy", "huy" }, { "Khánh", "khanh" }, { "Long", "long" },
	  { "Mạnh", "manh" }, { "Nam", "nam" }, { "Phong", "phong" },
	  { "Phúc", "phuc" }, { "Quân", "quan" }, { "Sơn", "son" },
	  { "Thắng", "thang" }, { "Thành", "thanh" }, { "Toàn", "toan" },
	  { "Trung", "trung" }, { "Tuấn", "tuan" }, { "Việt", "viet" } },
	{ { "Anh", "anh" }, { "Chi", "chi" }, { "Dung", "dung" },
	  { "Duyên", "duyen" }, { "Hà", "ha" }, { "Hạnh", "hanh" },
	  { "Hằng", "hang" }, { "Hiền", "hien" }, { "Hoa", "hoa" },
	  { "Huệ", "hue" }, { "Hương", "huong" }, { "Lan", "lan" },
	  { "Liên", "lien" }, { "Linh", "linh" }, { "Loan", "loan" },
	  { "Mai", "mai" }, { "Nga", "nga" }, { "Nhung", "nhung" },
	  { "Oanh", "oanh" }, { "Phương", "phuong" }, { "Thảo", "thao" },
	  { "Thúy", "thuy" }, { "Trang", "trang" }, { "Yến", "yen" } },
};
static const char *const trades[] = {
	"Xây dựng", "Thương mại", "Vận tải", "Du lịch", "Cơ khí", "May mặc",
	"Nông sản", "Vật liệu",
};
static const char *const prefixes[] = {
	"032", "035", "038", "086", "090", "091", "094", "097", "098",
};
static const char *const channels[] = { "direct", "online", "postal" };

/* What a bad row is found to be; the order of --truth. */
enum dirt {
	CLEAN, E_DATE, E_PROCEDURE, E_UNIT, E_STATUS, E_CODE, E_UTF8,
	E_CONFLICT, E_FIELDS, E_CHANNEL, DIRTS
};
static const char *const dirt_names[DIRTS] = {
	"", "E_DATE", "E_PROCEDURE", "E_UNIT", "E_STATUS", "E_CODE", "E_UTF8",
	"E_CONFLICT", "E_FIELDS", "E_CHANNEL",
};
/* clang-format on */

struct unit {
	char code[20];
	const struct place *place;
	enum kind kind;
	uint32_t sequence; /* of the day */
};
struct pair {
	int unit, procedure;
	uint32_t sum; /* of the weights up to and with this one */
};
/* One of two: the offices', the police desks' with Saturday mornings. */
struct calendar {
	bool *open;   /* by day of the table */
	int *ordinal; /* working days before it */
	int *working; /* the days of each ordinal */
	int n;
};
struct target { /* a good row of today: what a conflict repeats */
	int pair;
	uint32_t sequence;
};
struct moment {
	int day; /* of the table; -1: none */
	int second;
};

struct gen {
	uint64_t rows, seed;
	int from, days;
	int dirt, late, open;
	const char *truth;
	bool mend;
	FILE *mended;

	uint64_t line; /* of the row */
	uint64_t state;
	int first; /* day number of table day 0 */
	int table;
	char (*date)[11];
	int *ymd;
	struct calendar calendar[2];
	struct unit unit[2 * LEN(places)];
	int units;
	struct pair pair[2 * LEN(places) * LEN(procedures)];
	int pairs;
	struct target target[64];
	int targets;
	uint64_t found[DIRTS];
};

static char out[1 << 20];
static size_t out_n;

static void die(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

static void
die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("gen: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void *
take(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (p == NULL)
		die("out of memory");
	return p;
}

/* splitmix64: one state, every seed as good as another. */
static uint32_t
draw(struct gen *g, uint32_t below)
{
	uint64_t z = (g->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (uint32_t)(((z >> 32) * below) >> 32);
}

static bool
chance(struct gen *g, int permille)
{
	return (int)draw(g, 1000) < permille;
}

static void
flush(void)
{
	if (fwrite(out, 1, out_n, stdout) != out_n)
		die("standard output: %s", strerror(errno));
	out_n = 0;
}

static void
put(const char *s)
{
	size_t n = strlen(s);

	memcpy(out + out_n, s, n);
	out_n += n;
}

static void
put_char(char c)
{
	out[out_n++] = c;
}

static void
put_number(uint32_t v, int width)
{
	char s[10];
	int n = 0;

	do {
		s[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (width-- > n)
		put_char('0');
	while (n > 0)
		put_char(s[--n]);
}

static void
put_digits(struct gen *g, int n)
{
	uint32_t below = 1;
	int i;

	for (i = 0; i < n; i++)
		below *= 10;
	put_number(draw(g, below), n);
}

static void
put_clock(int second)
{
	put_number((uint32_t)second / 3600, 2);
	put_char(':');
	put_number((uint32_t)second / 60 % 60, 2);
	put_char(':');
	put_number((uint32_t)second % 60, 2);
}

static void
put_moment(const struct gen *g, struct moment m)
{
	if (m.day < 0)
		return;
	put(g->date[m.day]);
	put_char(' ');
	put_clock(m.second);
}

/* Days since 1970-01-01 and back, proleptic Gregorian. */
static int
day_number(int y, int m, int d)
{
	int era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int
day_ymd(int day)
{
	int z = day + 719468, era = z / 146097, doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153, m = mp < 10 ? mp + 3 : mp - 9;

	return (yoe + era * 400 + (m <= 2)) * 10000 + m * 100 + doy -
	       (153 * mp + 2) / 5 + 1;
}

static bool
listed(const int *list, size_t n, int ymd)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] == ymd)
			return true;
	return false;
}

static int
weekday(const struct gen *g, int day)
{
	return (g->first + day + 3) % 7; /* 0: Monday */
}

static void
make_calendar(struct gen *g, struct calendar *c, bool police)
{
	int i, last = police ? 5 : 4;

	c->open = take((size_t)g->table, sizeof(*c->open));
	c->ordinal = take((size_t)g->table, sizeof(*c->ordinal));
	c->working = take((size_t)g->table, sizeof(*c->working));
	for (i = 0; i < g->table; i++) {
		int ymd = g->ymd[i];

		c->open[i] = weekday(g, i) <= last &&
			     !listed(days_off, LEN(days_off), ymd) &&
			     !listed(saturdays_off, LEN(saturdays_off), ymd);
		if (listed(made_up, LEN(made_up), ymd))
			c->open[i] = true;
		c->ordinal[i] = c->n;
		if (c->open[i])
			c->working[c->n++] = i;
	}
}

/* Half days are the police's Saturdays that make up for nothing. */
static int
closing(const struct gen *g, int day)
{
	bool half =
	    weekday(g, day) == 5 && !listed(made_up, LEN(made_up), g->ymd[day]);

	return half ? 11 * 3600 + 1800 : 17 * 3600;
}

static void
make_tables(struct gen *g)
{
	size_t i;
	int d;

	g->first =
	    day_number(g->from / 10000, g->from / 100 % 100, g->from % 100);
	g->table = g->days + TAIL;
	g->date = take((size_t)g->table, sizeof(*g->date));
	g->ymd = take((size_t)g->table, sizeof(*g->ymd));
	for (d = 0; d < g->table; d++) {
		int ymd = day_ymd(g->first + d);

		g->ymd[d] = ymd;
		snprintf(g->date[d], sizeof(g->date[d]), "%04u-%02u-%02u",
		    (unsigned)ymd / 10000 % 10000, (unsigned)ymd / 100 % 100,
		    (unsigned)ymd % 100);
	}
	make_calendar(g, &g->calendar[0], false);
	make_calendar(g, &g->calendar[1], true);
	for (i = 0; i < LEN(places); i++) {
		struct unit *u = &g->unit[g->units++];

		u->place = &places[i];
		u->kind = places[i].kind;
		snprintf(u->code, sizeof(u->code), "%s", places[i].code);
		if (places[i].police == NULL)
			continue;
		u = &g->unit[g->units++];
		u->place = &places[i];
		u->kind = POLICE;
		snprintf(u->code, sizeof(u->code), "%s%s", places[i].code,
		    places[i].police);
	}
}

/* Who receives what on that day, and how often. */
static void
make_pairs(struct gen *g, int ymd)
{
	uint32_t sum = 0;
	size_t p;
	int u;

	g->pairs = 0;
	for (u = 0; u < g->units; u++) {
		const struct place *at = g->unit[u].place;

		g->unit[u].sequence = 0;
		if (ymd < at->from || ymd > at->to)
			continue;
		for (p = 0; p < LEN(procedures); p++) {
			const struct procedure *pr = &procedures[p];

			if (pr->kind != g->unit[u].kind || ymd < pr->from ||
			    ymd > pr->to)
				continue;
			sum += (uint32_t)(pr->weight * at->size);
			g->pair[g->pairs].unit = u;
			g->pair[g->pairs].procedure = (int)p;
			g->pair[g->pairs++].sum = sum;
		}
	}
	if (g->pairs == 0)
		die("no unit of the tables is valid on %d", ymd);
}

static int
draw_pair(struct gen *g)
{
	uint32_t x = draw(g, g->pair[g->pairs - 1].sum);
	int low = 0, high = g->pairs - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (g->pair[middle].sum > x)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* How much of a period comes in on that day. */
static uint32_t
day_weight(struct gen *g, int day)
{
	static const uint32_t week[7] = { 1150, 1050, 1000, 1000, 920, 130,
		50 };
	uint32_t w = week[weekday(g, day)];

	if (g->calendar[0].open[day] && w < 500)
		w = 900;
	else if (!g->calendar[0].open[day] && w > 500)
		w = 40;
	return w * (90 + draw(g, 21)) / 100;
}

static int
online_share(int ymd)
{
	return ymd < 20210101 ? 60 : ymd < 20250101 ? 250 : 480;
}

/* Seconds of the day: mostly office hours, online also around them. */
static uint32_t
draw_second(struct gen *g, int day)
{
	uint32_t u = draw(g, 1000);

	if (g->calendar[1].open[day] &&
	    !chance(g, online_share(g->ymd[day]) / 4)) {
		if (closing(g, day) < 12 * 3600 || u < 600)
			return 27000 + draw(g, 14400);
		return 48600 + draw(g, 12600);
	}
	if (u < 100)
		return 18000 + draw(g, 9000); /* before opening */
	return u < 350 ? 41400 + draw(g, 7200) : 61200 + draw(g, 23400);
}

static int
compare_seconds(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A working day counted from an ordinal, kept inside the table. */
static int
nth(const struct calendar *c, int ordinal)
{
	return c->working[ordinal < c->n ? ordinal : c->n - 1];
}

/* The ordinal of the working day on which the clock starts. */
static int
start_ordinal(const struct gen *g, const struct calendar *c, struct moment at)
{
	if (c->open[at.day] && at.second >= closing(g, at.day))
		return c->ordinal[at.day] + 1;
	return c->ordinal[at.day];
}

static int
due_ordinal(const struct gen *g, const struct calendar *c,
    const struct procedure *p, struct moment at)
{
	int start = start_ordinal(g, c, at), day;

	switch (p->limit) {
	case SAME_DAY:
		return start +
		       (nth(c, start) == at.day && at.second >= 15 * 3600);
	case WORKING:
		return start + p->n;
	case CALENDAR:
		break;
	}
	day = nth(c, start) + p->n;
	return c->ordinal[day < g->table ? day : g->table - 1];
}

/* A moment in office hours of a day, not before `after` when it is today. */
static struct moment
office_moment(struct gen *g, int day, struct moment after)
{
	struct moment m = { day, 0 };
	int from = 27600, to = closing(g, day) - 60;

	if (after.day == day && after.second + 600 > from)
		from = after.second + 600;
	m.second = from < to ? from + (int)draw(g, (uint32_t)(to - from)) : to;
	if (m.second > 41400 && m.second < 48600)
		m.second += 7200;
	if (m.second > to)
		m.second = to;
	if (after.day == day && m.second < after.second)
		m.second = after.second;
	return m;
}

static struct moment
draw_finish(struct gen *g, const struct calendar *c, const struct procedure *p,
    struct moment at, int due)
{
	int start = start_ordinal(g, c, at), n = due - start, k;

	if (chance(g, g->late))
		k = n + 1 + (p->limit == SAME_DAY) +
		    (int)draw(g, 4) * (int)draw(g, 4);
	else if (n <= 0 || chance(g, 350))
		k = n;
	else
		k = n / 3 + (int)draw(g, (uint32_t)(n - n / 3));
	if (k == 0 && n > 0 && nth(c, start) == at.day &&
	    at.second + 3600 > closing(g, at.day))
		k = 1;
	return office_moment(g, nth(c, start + k), at);
}

static struct moment
draw_return(struct gen *g, const struct calendar *c, struct moment done,
    enum channel channel)
{
	struct moment none = { -1, 0 };
	int wait = (int)draw(g, 4);

	if (chance(g, 80))
		return none; /* not collected yet */
	if (channel == ONLINE || wait == 0) {
		done.second += 120 + (int)draw(g, 600);
		return done;
	}
	return office_moment(g, nth(c, c->ordinal[done.day] + wait), done);
}

/* Numbers are drawn one a statement: C leaves the order of arguments open. */
static void
put_name(int sex, uint32_t family, uint32_t middle, uint32_t given)
{
	put(families[family].name);
	put_char(' ');
	put(middles[sex][middle]);
	put_char(' ');
	put(givens[sex][given].name);
}

/* applicant_kind,applicant_name,applicant_id,phone,email,address */
static void
put_applicant(struct gen *g, const struct procedure *p, const struct unit *unit,
    enum dirt dirt)
{
	static const char *const broken[] = { "\xc3\x28", "\xff", "\xc0\xaf",
		"\xed\xa0\x80" };
	static const char digits[] = "0123";
	int sex = (int)draw(g, 2);
	uint32_t family = draw(g, LEN(families)), given = draw(g, 24);
	uint32_t middle = draw(g, 8);
	bool company = p->who == COMPANY && chance(g, 700);

	put(company ? "business," : "citizen,");
	if (company) {
		put("Công ty TNHH ");
		put(trades[draw(g, LEN(trades))]);
		put_char(' ');
		put(givens[sex][given].name);
	} else
		put_name(sex, family, middle, given);
	if (dirt == E_UTF8)
		put(broken[draw(g, LEN(broken))]);
	put(",037");
	put_char(digits[sex + 2 * (int)draw(g, 2)]);
	put_digits(g, 8);
	put_char(',');
	put(prefixes[draw(g, LEN(prefixes))]);
	put_digits(g, 7);
	put_char(',');
	if (chance(g, 200)) {
		put(givens[sex][given].ascii);
		put_char('.');
		put(families[family].ascii);
		put_digits(g, 3);
		put("@example.com");
	}
	put(",\"");
	put(unit->place->name[0] == 'x' ? "Thôn " : "Tổ dân phố ");
	put_number(1 + draw(g, 18), 1);
	put(", ");
	put(unit->place->name);
	put("\",");
}

static void
put_subject(struct gen *g, const struct procedure *p, enum dirt dirt)
{
	uint32_t u = draw(g, 100), family = draw(g, LEN(families));
	uint32_t middle = draw(g, 8), given = draw(g, 24);

	if (p->who == HOUSEHOLD && u < 40) { /* with quotes to be doubled */
		put_char('"');
		put(p->subject);
		put(" \"\"Tạp hóa ");
		put(givens[1][given].name);
		put("\"\"");
		if (dirt == E_CONFLICT)
			put(" (lần 2)");
		put("\",");
		return;
	}
	put(p->subject);
	if (u < 30) {
		put(" - ");
		put_name((int)(u & 1), family, middle, given);
	}
	if (dirt == E_CONFLICT)
		put(" (lần 2)");
	put_char(',');
}

static void
put_received(struct gen *g, struct moment at, enum dirt dirt)
{
	uint32_t year = (uint32_t)g->ymd[at.day] / 10000;

	if (dirt != E_DATE) {
		put_moment(g, at);
		return;
	}
	switch (draw(g, 3)) {
	case 0: /* no such day */
		put("31/02/");
		put_number(year, 4);
		break;
	case 1: /* which of the three is the year? */
		put_number(1 + draw(g, 12), 2);
		put_char('/');
		put_number(1 + draw(g, 12), 2);
		put_char('/');
		put_number(year % 100, 2);
		break;
	default:
		put_number(year, 4);
		put("-13-01");
	}
	put_char(' ');
	put_clock(at.second);
}

static void
put_status(struct gen *g, bool finished, bool returned, enum dirt dirt)
{
	static const char *const wrong[] = { "xong roi", "99", "done?" };
	static const char *const right[3][3] = {
		{ "received", "2", "Được tiếp nhận" },
		{ "finished", "9", "Đã xử lý xong" },
		{ "returned", "10", "Đã trả kết quả" },
	};

	if (dirt == E_STATUS)
		put(wrong[draw(g, LEN(wrong))]);
	else if (chance(g, 60))
		put(right[returned ? 2 : finished][draw(g, 3)]);
}

/* Everything after the channel. */
static void
put_dates(struct gen *g, const struct procedure *p, const struct unit *unit,
    struct moment at, enum channel channel, enum dirt dirt)
{
	const struct calendar *c = &g->calendar[unit->kind == POLICE];
	struct moment done = { -1, 0 }, back = { -1, 0 };
	int due = due_ordinal(g, c, p, at);

	if (!chance(g, g->open))
		done = draw_finish(g, c, p, at, due);
	if (done.day >= g->days) /* not within the period: still open */
		done.day = -1;
	if (done.day >= 0)
		back = draw_return(g, c, done, channel);
	if (back.day >= g->days)
		back.day = -1;
	put_received(g, at, dirt);
	put_char(',');
	if (chance(g, 30)) {
		put(g->date[nth(c, due)]);
		if (chance(g, 500)) {
			put_char(' ');
			put_clock(closing(g, nth(c, due)));
		}
	}
	put_char(',');
	put_moment(g, done);
	put_char(',');
	put_moment(g, back);
	put_char(',');
	put_status(g, done.day >= 0, back.day >= 0, dirt);
	put_char(',');
	if (p->floor_area > 0) {
		put_number(45 + draw(g, (uint32_t)p->floor_area - 45), 1);
		if (chance(g, 500))
			put(".5");
	}
}

static void
put_code(struct gen *g, const struct unit *unit, int day, uint32_t sequence)
{
	put(unit->code);
	put_char('-');
	put_number((uint32_t)g->ymd[day] % 1000000, 6);
	put_char('-');
	put_number(sequence, 4);
}

static enum channel
draw_channel(struct gen *g, const struct unit *unit, struct moment at)
{
	const struct calendar *c = &g->calendar[unit->kind == POLICE];
	bool office = c->open[at.day] && at.second >= 27000 &&
		      at.second < closing(g, at.day) &&
		      (at.second < 41400 || at.second >= 48600);

	if (!office || chance(g, online_share(g->ymd[at.day])))
		return ONLINE;
	return chance(g, 40) ? POSTAL : DIRECT;
}

static enum dirt
draw_dirt(struct gen *g)
{
	enum dirt d;

	if (!chance(g, g->dirt))
		return CLEAN;
	d = (enum dirt)(1 + draw(g, DIRTS - 1));
	if (d == E_CONFLICT && g->targets == 0)
		d = E_STATUS;
	return d;
}

/*
 * A row with that dirt.  was: what it had before it was mended, which decides
 * about its number.
 */
static void
put_row(struct gen *g, struct moment at, enum dirt dirt, enum dirt was)
{
	static const char *const no_procedure[] = { "9.999999", "1.00119" };
	static const char *const no_unit[] = { "H42.99", "H99.01" };
	static const char *const no_channel[] = { "pigeon", "9" };
	int pair = draw_pair(g);
	uint32_t sequence = 0;
	const struct procedure *p;
	struct unit *unit;
	enum channel channel;

	if (dirt == E_CONFLICT) {
		const struct target *t;

		t = &g->target[draw(g, (uint32_t)g->targets)];
		pair = t->pair;
		sequence = t->sequence;
	}
	unit = &g->unit[g->pair[pair].unit];
	p = &procedures[g->pair[pair].procedure];
	if (was == E_CODE || was == E_CONFLICT) /* it had none of its own */
		sequence = 100000 +
			   (uint32_t)(g->found[E_CODE] + g->found[E_CONFLICT]);
	else if (was != CLEAN)
		sequence = unit->sequence;
	else if (dirt != E_CONFLICT && dirt != E_CODE)
		sequence = ++unit->sequence;
	channel = draw_channel(g, unit, at);

	if (dirt != E_CODE)
		put_code(g, unit, at.day, sequence);
	put_char(',');
	put(dirt == E_PROCEDURE ? no_procedure[draw(g, 2)] : p->code);
	put_char(',');
	put(dirt == E_UNIT ? no_unit[draw(g, 2)] : unit->code);
	put_char(',');
	put_subject(g, p, dirt);
	put_applicant(g, p, unit, dirt);
	put(dirt == E_CHANNEL ? no_channel[draw(g, 2)] : channels[channel]);
	if (dirt != E_FIELDS || chance(g, 500)) {
		put_char(',');
		put_dates(g, p, unit, at, channel, dirt);
		if (dirt == E_FIELDS)
			put(",thừa");
	}
	if (was != CLEAN)
		return;
	g->found[dirt]++;
	if (dirt == CLEAN) { /* the last 64 good rows of the day */
		struct target *t = &g->target[g->found[CLEAN] % 64];

		if (g->targets < 64)
			t = &g->target[g->targets++];
		t->pair = pair;
		t->sequence = sequence;
	}
}

/* The same row without its dirt, in the file of those, or in its place. */
static void
mend_row(struct gen *g, struct moment at, enum dirt dirt, uint64_t state,
    size_t start)
{
	uint64_t after = g->state;
	size_t from = g->mend ? start : out_n;

	out_n = from;
	g->state = state;
	put_row(g, at, CLEAN, dirt);
	g->state = after;
	if (g->mended != NULL) {
		fwrite(out + from, 1, out_n - from, g->mended);
		fprintf(g->mended, ",%llu,,%s,\n", (unsigned long long)g->line,
		    dirt_names[dirt]);
	}
	if (!g->mend)
		out_n = from;
}

static void
next_row(struct gen *g, struct moment at)
{
	enum dirt dirt = draw_dirt(g);
	uint64_t state = g->state;
	size_t start = out_n;

	g->line++;
	put_row(g, at, dirt, CLEAN);
	if (dirt != CLEAN && (g->mend || g->mended != NULL))
		mend_row(g, at, dirt, state, start);
	put_char('\n');
	if (out_n > sizeof(out) - 4096)
		flush();
}

#define HEADING                                                                \
	"code,procedure,unit,subject,applicant_kind,applicant_name,"           \
	"applicant_id,phone,email,address,channel,received_at,due_at,"         \
	"finished_at,returned_at,status,field.floor_area"

static void
generate(struct gen *g)
{
	uint32_t *weight = take((size_t)g->days, sizeof(*weight));
	uint64_t total = 0, sum = 0, done = 0;
	uint32_t *second;
	int day;

	for (day = 0; day < g->days; day++)
		total += weight[day] = day_weight(g, day);
	put(HEADING "\n");
	g->line = 1;
	if (g->mended != NULL)
		fputs(HEADING ",_line,_column,_code,_message\n", g->mended);
	for (day = 0; day < g->days; day++) {
		struct moment at = { day, 0 };
		size_t n, i;

		sum += weight[day];
		n = (size_t)(g->rows * sum / total - done);
		done += n;
		make_pairs(g, g->ymd[day]);
		g->targets = 0;
		second = take(n, sizeof(*second));
		for (i = 0; i < n; i++)
			second[i] = draw_second(g, day);
		qsort(second, n, sizeof(*second), compare_seconds);
		for (i = 0; i < n; i++) {
			at.second = (int)second[i];
			next_row(g, at);
		}
		free(second);
	}
	flush();
	if (fclose(stdout) != 0)
		die("standard output: %s", strerror(errno));
	free(weight);
}

static void
write_truth(const struct gen *g)
{
	FILE *f = fopen(g->truth, "w");
	uint64_t bad = g->rows - g->found[CLEAN];
	int i, failed;

	if (f == NULL)
		die("%s: %s", g->truth, strerror(errno));
	fprintf(f, "{\"rows\":%llu,\"bad\":%llu,\"bad_by_code\":{",
	    (unsigned long long)g->rows, (unsigned long long)bad);
	for (i = 1; i < DIRTS; i++)
		fprintf(f, "%s\"%s\":%llu", i > 1 ? "," : "", dirt_names[i],
		    (unsigned long long)g->found[i]);
	fprintf(f, "},\"good\":%llu}\n", (unsigned long long)g->found[CLEAN]);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		die("%s: %s", g->truth, strerror(errno));
}

static bool
option(const char *arg, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (strncmp(arg, name, n) != 0 || arg[n] != '=')
		return false;
	*value = arg + n + 1;
	return true;
}

static uint64_t
number(const char *name, const char *s, uint64_t max)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(s, &end, 10);
	if (s[0] < '0' || s[0] > '9' || *end != '\0' || errno != 0 || v > max)
		die("%s: a number from 0 to %llu, not \"%s\"", name,
		    (unsigned long long)max, s);
	return v;
}

static int
date(const char *s)
{
	int y, m, d, ymd;
	char end;

	if (strlen(s) != 10 ||
	    sscanf(s, "%4d-%2d-%2d%c", &y, &m, &d, &end) != 3 || m < 1 ||
	    m > 12 || d < 1)
		die("--from: a date as YYYY-MM-DD, not \"%s\"", s);
	ymd = y * 10000 + m * 100 + d;
	if (day_ymd(day_number(y, m, d)) != ymd)
		die("--from: no such day: \"%s\"", s);
	if (y < 2018 || y > 2099)
		die("--from: a day from 2018 to 2099, not \"%s\"", s);
	return ymd;
}

static void
usage(FILE *f)
{
	fputs("usage: gen [--rows=N] [--seed=S] [--from=YYYY-MM-DD] [--days=D]"
	      "\n           [--dirt=PERMILLE] [--late=PERMILLE]"
	      " [--open=PERMILLE] [--truth=FILE]\n"
	      "           [--mended=FILE] [--mend]\n",
	    f);
}

int
main(int argc, char **argv)
{
	static struct gen g;
	const char *v;
	int i;

	g.rows = 5000;
	g.seed = 1;
	g.from = 20260915; /* October 2026, as reports count it */
	g.days = 30;
	g.dirt = 10;
	g.late = 40;
	g.open = 20;
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
			return 0;
		} else if (option(argv[i], "--rows", &v))
			g.rows = number("--rows", v, ROWS_MAX);
		else if (option(argv[i], "--seed", &v))
			g.seed = number("--seed", v, UINT64_MAX);
		else if (option(argv[i], "--from", &v))
			g.from = date(v);
		else if (option(argv[i], "--days", &v))
			g.days = (int)number("--days", v, DAYS_MAX);
		else if (option(argv[i], "--dirt", &v))
			g.dirt = (int)number("--dirt", v, 1000);
		else if (option(argv[i], "--late", &v))
			g.late = (int)number("--late", v, 1000);
		else if (option(argv[i], "--open", &v))
			g.open = (int)number("--open", v, 1000);
		else if (option(argv[i], "--truth", &v))
			g.truth = v;
		else if (strcmp(argv[i], "--mend") == 0)
			g.mend = true;
		else if (!option(argv[i], "--mended", &v)) {
			usage(stderr);
			return 2;
		} else if ((g.mended = fopen(v, "w")) == NULL)
			die("%s: %s", v, strerror(errno));
	}
	if (g.days < 1)
		die("--days: at least 1");
	g.state = g.seed;
	make_tables(&g);
	generate(&g);
	if (g.mended != NULL && (ferror(g.mended) | fclose(g.mended)) != 0)
		die("--mended: %s", strerror(errno));
	if (g.truth != NULL)
		write_truth(&g);
	return 0;
}
