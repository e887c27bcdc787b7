/* units: tables in, places of what is wrong, and who does what when. */
#include <string.h>

#include <motcua/units.h>

#include "tap.h"

#define HEAD "code,name,level,role,parent,valid_from,valid_to,successor\n"
#define OHEAD "id,name,unit,role,valid_from,valid_to\n"

/* A province in 2024; on 1 July 2025 its district goes, D joins C as E. */
static const char good[] =
    HEAD "P,Tỉnh,province,leader,,2010-01-01,,\n"
	 "P.1,Trung tâm,department,one-stop clerk,P,2010-01-01,,\n"
	 "P.2,Cảnh sát,department,fire-police,P,2010-01-01,,\n"
	 "H,Huyện,district,construction leader,P,2010-01-01,2025-06-30,\n"
	 "C,Xã cũ,commune,one-stop,H,2010-01-01,2025-06-30,E\n"
	 "C.1,Địa chính,office,land,C,2010-01-01,,\n"
	 "C.2,Tư pháp,office,justice land,C,2010-01-01,,\n"
	 "D,Xã khác,commune,one-stop,H,2010-01-01,2025-06-30,E\n"
	 "E,Xã mới,commune,one-stop construction,P,2025-07-01,,\n"
	 "R,Tên cũ,commune,one-stop,H,2010-01-01,2019-12-31,\n"
	 "R,Tên mới,commune,one-stop,H,2020-01-01,,\n";

static const char officers[] = OHEAD "a.1,Người Một,C,one-stop,2020-01-01,\n"
				     "a.2,Người Hai,C,,2020-01-01,2020-12-31\n"
				     "a.2,Người Hai,D,,2021-01-01,\n";

static const struct {
	const char *units, *officers, *where, *id, *message;
} bad[] = {
	{ "", "", "u.csv:1", "E_HEADER", "the file is empty" },
	{ "code,name\n", "", "u.csv:1", "E_HEADER",
	    "there is no column \"level\"" },
	{ HEAD "X,N,l,,,,2020-13-01,\n", "", "u.csv:2:10", "E_DATE",
	    "no such day \"2020-13-01\" in \"valid_to\"" },
	{ HEAD "X,N,l,,,2021-01-01,2020-01-01,\n", "", "u.csv:2:20", "E_DATE",
	    "ends before it begins" },
	{ HEAD "X,,l,,,,,\n", "", "u.csv:2:3", "E_FIELD", "\"name\" is empty" },
	{ HEAD "A B,N,l,,,,,\n", "", "u.csv:2:1", "E_CODE",
	    "\"code\" has 1 to 64 characters, no space, '+' or quote" },
	{ HEAD "X,N,l,,,,,\nX,N,l,,,,,\n", "", "u.csv:3", "E_DUPLICATE",
	    "the unit \"X\" is valid at the same time on line 2" },
	{ HEAD "X,N,l,,Y,,,\n", "", "u.csv:2", "E_UNIT",
	    "no unit \"Y\" above \"X\"" },
	{ HEAD "X,N,l,,,,,Y\n", "", "u.csv:2", "E_UNIT",
	    "no unit \"Y\" to succeed \"X\"" },
	{ HEAD "X,N,l,,Y,,,\nY,N,l,,X,,,\n", "", "u.csv:2", "E_CYCLE",
	    "the unit \"X\" is its own superior" },
	{ HEAD "X,N,l,,,,,Y\nY,N,l,,,,,X\n", "", "u.csv:2", "E_CYCLE",
	    "the unit \"X\" is its own successor" },
	/* The same day, each into the other. */
	{ HEAD "X,N,l,,,,2024-12-31,Y\nY,N,l,,,,2024-12-31,X\n", "", "u.csv:2",
	    "E_CYCLE", "the unit \"X\" is its own successor" },
	/* Split; one part is nowhere. */
	{ HEAD "X,N,l,,,,2024-12-31,Y Z\nY,N,l,,,,,\n", "", "u.csv:2", "E_UNIT",
	    "no unit \"Z\" to succeed \"X\"" },
	{ HEAD "X,N,l\n", "", "u.csv:2", "E_ROW",
	    "3 fields where the heading has 8" },
	{ "code,code,name\n", "", "u.csv:1:6", "E_HEADER",
	    "the column \"code\" stands there twice" },
	{ "code,colour\n", "", "u.csv:1:6", "E_HEADER",
	    "unknown column \"colour\"" },
	{ HEAD "X,N,l,,,,,\n", OHEAD "a,N,Z,,,\n", "o.csv:2", "E_UNIT",
	    "no such unit \"Z\"" },
	{ HEAD "X,N,l,,,,,\n", OHEAD "a,Tên Riêng,X,,,\na,N,X,,,\n", "o.csv:3",
	    "E_DUPLICATE",
	    "the officer \"a\" is valid at the same time on line 2" },
	{ HEAD "X,N,l,,,,,\n", OHEAD "a,N,X,,2024-01-02,2024-01-01\n",
	    "o.csv:2:19", "E_DATE", "ends before it begins" },
	{ HEAD "X,\"N\"x,l,,,,,\n", "", "u.csv:2:6", "E_QUOTE", NULL },
	{ HEAD "X,\xFF,l,,,,,\n", "", "u.csv:2:3", "E_UTF8", NULL },
};

/* day, receiving, role, at, to; the unit, or what the message says */
static const struct {
	const char *day, *from, *role, *at, *to, *want, *message;
} asked[] = {
	{ "2024-06-01", "C", "one-stop", NULL, NULL, "C", NULL },
	{ "2024-06-01", "C", "justice", NULL, NULL, "C.2", NULL },
	{ "2024-06-01", "C", "land", NULL, NULL, NULL,
	    "several units have the role \"land\": C.1 C.2" },
	{ "2024-06-01", "C", "land", NULL, "C.1", "C.1", NULL },
	{ "2024-06-01", "C", "land", NULL, "H", NULL,
	    "\"H\" is none of the units for the role \"land\": C.1 C.2" },
	{ "2024-06-01", "C", "construction", NULL, NULL, "H", NULL },
	{ "2024-06-01", "C", "leader", NULL, NULL, "H", NULL },
	{ "2024-06-01", "C", "fire-police", NULL, NULL, "P.2", NULL },
	{ "2024-06-01", "C", "fire-police", "@province", NULL, "P.2", NULL },
	{ "2024-06-01", "C", "leader", "@province", NULL, "P", NULL },
	{ "2024-06-01", "C", "leader", "@parent", NULL, "H", NULL },
	{ "2024-06-01", "C", "leader", "@self", NULL, NULL,
	    "seen from unit \"C\" nobody has the role \"leader\"" },
	{ "2024-06-01", "C", "clerk", "P.1", NULL, "P.1", NULL },
	{ "2024-06-01", "C", "land", "C.1", NULL, "C.1", NULL },
	{ "2024-06-01", "C", "land", "@self", NULL, NULL,
	    "several units have the role \"land\": C.1 C.2" },
	{ "2024-06-01", "C", "land", "@self", "C.2", "C.2", NULL },
	{ "2024-06-01", "C", "one-stop", "@self", NULL, "C", NULL },
	{ "2024-06-01", "C.1", "one-stop", "@parent", NULL, "C", NULL },
	{ "2024-06-01", "C.1", "one-stop", NULL, NULL, "C", NULL },
	{ "2024-06-01", "C.1", "leader", "@province", NULL, "P", NULL },
	{ "2024-06-01", "P", "clerk", "@province", NULL, "P.1", NULL },
	{ "2024-06-01", "H", "one-stop", "@self", NULL, NULL,
	    "several units have the role \"one-stop\": C D R" },
	{ "2024-06-01", "C", "fire-police", "E", NULL, NULL,
	    "the unit \"E\" does not exist on that day" },
	/* On the next day H is gone, and what was below it with it. */
	{ "2025-07-01", "H", "one-stop", "@self", NULL, NULL,
	    "the unit \"H\" does not exist on that day" },
	{ "2025-07-01", "R", "leader", "@parent", NULL, NULL,
	    "the unit \"H\" does not exist on that day" },
	{ "2025-07-01", "R", "leader", NULL, NULL, "P", NULL },
	{ "2025-07-01", "P", "construction", NULL, NULL, "E", NULL },
	{ "2024-06-01", "C", "x", "Z", NULL, NULL,
	    "seen from unit \"C\" there is no \"Z\"" },
	{ "2024-06-01", "C", "x", NULL, NULL, NULL,
	    "seen from unit \"C\" nobody has the role \"x\"" },
	{ "2024-06-01", "C", "", "@parent", NULL, "H", NULL },
	{ "2024-06-01", "P", "x", "@parent", NULL, NULL,
	    "seen from unit \"P\" there is no \"@parent\"" },
	{ "2025-07-01", "E", "construction", NULL, NULL, "E", NULL },
	{ "2025-07-01", "E", "leader", NULL, NULL, "P", NULL },
	{ "2025-07-01", "C", "one-stop", NULL, NULL, NULL,
	    "the unit \"C\" does not exist on that day" },
};

static int
make(struct mc_units **u, const char *units, const char *people,
    struct mc_err *err)
{
	return mc_units_new(
	    u, "u.csv", mc_str(units), "o.csv", mc_str(people), err);
}

static void
count(void *arg, const struct mc_err *finding)
{
	(void)finding;
	++*(int *)arg;
}

static void
test_finding(const struct mc_units *u)
{
	int32_t before = mc_day_of(2025, 6, 30), after = before + 1;
	const struct mc_unit *c = mc_unit_find(u, MC_STR("C"), before);
	const struct mc_unit *p = mc_unit_find(u, MC_STR("P"), before);

	IS(mc_units_count(u), 11);
	OK(mc_unit_find(u, MC_STR("nobody"), before) == NULL);
	IS_STR(mc_unit_find(u, MC_STR("R"), mc_day_of(2019, 12, 31))->name,
	    "Tên cũ");
	IS_STR(mc_unit_find(u, MC_STR("R"), mc_day_of(2020, 1, 1))->name,
	    "Tên mới");
	IS_STR(mc_unit_find(u, MC_STR("R"), mc_day_of(2000, 1, 1))->name,
	    "Tên cũ"); /* before all: the first */
	OK(mc_unit_find(u, MC_STR("C"), after) == c); /* the last before */
	OK(mc_unit_valid(c, before) && !mc_unit_valid(c, after));
	OK(mc_unit_below(u, c, p) && mc_unit_below(u, p, p));
	OK(!mc_unit_below(u, p, c));
	IS_STR(mc_unit_province(c)->code, "P");
	IS_STR(mc_unit_successor(u, c, after)->code, "E");
	IS_STR(mc_unit_successor(u, c, before)->code, "C");
	OK(mc_unit_has_role(u, mc_units_at(u, 1), "clerk"));
	OK(!mc_unit_has_role(u, mc_units_at(u, 1), "cler"));
	OK(mc_units_role_known(u, "justice"));
	OK(!mc_units_role_known(u, "astronaut"));
	IS_STR(mc_officer_find(u, MC_STR("a.2"), mc_day_of(2020, 6, 1))
		   ->unit->code,
	    "C");
	IS_STR(mc_officer_find(u, MC_STR("a.2"), mc_day_of(2021, 6, 1))
		   ->unit->code,
	    "D");
	OK(mc_officer_find(u, MC_STR("a.2"), mc_day_of(2019, 6, 1)) == NULL);
	OK(mc_officer_find(u, MC_STR("a.3"), mc_day_of(2021, 6, 1)) == NULL);
}

static void
test_asked(const struct mc_units *u)
{
	struct mc_err err = MC_ERR_INIT;
	const struct mc_unit *out;
	int32_t day;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		TAP_ROW(asked[i].role);
		mc_err_clear(&err);
		day = mc_day_parse(mc_str(asked[i].day));
		rc = mc_units_resolve(u,
		    mc_unit_find(u, mc_str(asked[i].from), day), asked[i].role,
		    asked[i].at, asked[i].to, day, &out, &err);
		IS(rc, asked[i].want != NULL ? 0 : -1);
		IS_STR(out != NULL ? out->code : NULL, asked[i].want);
		if (asked[i].message != NULL) {
			IS_STR(err.id, "E_ROLE");
			IS_STR(err.msg, asked[i].message);
		}
	}
	TAP_ROW(NULL);
}

#define AHEAD "id,from,to,reason\n"

static const struct {
	const char *text, *where, *id, *message;
} away_bad[] = {
	{ "", "a.csv:1", "E_HEADER", "the file is empty" },
	{ "id,from\n", "a.csv:1", "E_HEADER", "there is no column \"to\"" },
	{ "id,from,to,why\n", "a.csv:1:12", "E_HEADER",
	    "unknown column \"why\"" },
	{ AHEAD "a.3,2024-01-01,,\n", "a.csv:2:1", "E_OFFICER",
	    "there is no officer \"a.3\"" },
	{ AHEAD ",2024-01-01,,\n", "a.csv:2:1", "E_FIELD", "\"id\" is empty" },
	{ AHEAD "a.1,,2024-01-01,\n", "a.csv:2:5", "E_FIELD",
	    "\"from\" is empty" },
	{ AHEAD "a.1,2024-01-01,2024-02-30,\n", "a.csv:2:16", "E_DATE",
	    "no such day \"2024-02-30\" in \"to\"" },
	{ AHEAD "a.1,2024-01-02,2024-01-01,Bệnh riêng\n", "a.csv:2:16",
	    "E_DATE", "ends before it begins" },
	{ AHEAD "a.1,2024-01-02\n", "a.csv:2", "E_ROW",
	    "2 fields where the heading has 4" },
};

static void
keep(void *arg, const struct mc_err *finding)
{
	struct mc_buf *b = arg;

	mc_buf_printf(
	    b, "%s %s %s\n", finding->where, finding->id, finding->msg);
}

/* NODAY where he is there, else the last day of it; -1: not known. */
static int32_t
away(const struct mc_units *u, const char *id, const char *day)
{
	int32_t d = mc_day_parse(mc_str(day)), until = MC_NODAY;

	if (!mc_officer_absent(u,
		mc_officer_find(u, mc_str(id), mc_day_of(2020, 6, 1)), d,
		&until))
		return MC_NODAY;
	return until == MC_NODAY ? -1 : until;
}

static void
test_absences(struct mc_units *u)
{
	/* Not in order; two that overlap, two that follow each other. */
	static const char text[] =
	    AHEAD "a.2,2024-05-01,2024-05-03,Việc riêng\n"
		  "a.1,2024-03-10,2024-03-20,\n"
		  "a.1,2024-03-01,2024-03-15,\n"
		  "a.1,2024-03-21,2024-03-22,\n"
		  "a.1,2024-03-12,2024-03-13,\n"
		  "a.2,2024-06-01,,\n";
	int32_t end = mc_day_of(2024, 3, 22);
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	size_t i;

	IS(away(u, "a.1", "2024-03-10"), MC_NODAY); /* none read yet */
	for (i = 0; i < sizeof(away_bad) / sizeof(away_bad[0]); i++) {
		TAP_ROW(away_bad[i].text);
		mc_err_clear(&err);
		make(&u, good, officers, &err);
		IS(mc_units_absences(
		       u, "a.csv", mc_str(away_bad[i].text), &err),
		    -1);
		IS_STR(err.where, away_bad[i].where);
		IS_STR(err.id, away_bad[i].id);
		IS_STR(err.msg, away_bad[i].message);
		mc_units_free(u);
	}
	TAP_ROW(NULL);
	mc_err_clear(&err);
	make(&u, good, officers, &err);
	IS(mc_units_absences(u, "a.csv", mc_str(text), &err), 0);
	IS(away(u, "a.1", "2024-02-29"), MC_NODAY);
	IS(away(u, "a.1", "2024-03-01"), end);
	IS(away(u, "a.1", "2024-03-14"), end);
	IS(away(u, "a.1", "2024-03-20"), end);
	IS(away(u, "a.1", "2024-03-22"), end);
	IS(away(u, "a.1", "2024-03-23"), MC_NODAY);
	IS(away(u, "a.2", "2024-05-03"), mc_day_of(2024, 5, 3));
	IS(away(u, "a.2", "2024-05-04"), MC_NODAY);
	IS(away(u, "a.2", "2024-06-01"), -1);
	IS(away(u, "a.2", "2090-01-01"), -1);
	mc_units_free(u);

	make(&u, good, officers, &err);
	mc_units_lint_absences(u, "a.csv", mc_str(text), keep, &b);
	IS_STR(mc_buf_str(&b),
	    "a.csv:3 W_ABSENCE the officer \"a.1\" is absent then already, by "
	    "line 4\n"
	    "a.csv:6 W_ABSENCE the officer \"a.1\" is absent then already, by "
	    "line 3\n");

	/* More of the same are added to what is there. */
	IS(mc_units_absences(u, "b.csv",
	       MC_STR("id,from,to\na.2,2024-01-05,2024-01-06\n"), &err),
	    0);
	IS(away(u, "a.2", "2024-01-05"), mc_day_of(2024, 1, 6));
	IS(away(u, "a.1", "2024-03-01"), end);
	mc_units_free(u);
	mc_buf_free(&b);
}

/* "a.1 a.2": who is in office at a unit that day. */
static const char *
there(const struct mc_units *u, const char *unit, const char *day)
{
	static struct mc_buf b;
	const struct mc_officer *o;
	int32_t d = mc_day_parse(mc_str(day));
	int at = 0;

	mc_buf_reset(&b);
	mc_buf_puts(&b, "");
	while ((o = mc_unit_officer(
		    u, mc_unit_find(u, mc_str(unit), d), d, &at)) != NULL)
		mc_buf_printf(&b, "%s%s", b.len > 0 ? " " : "", o->id);
	return mc_buf_str(&b);
}

static void
test_officers(const struct mc_units *u)
{
	const struct mc_officer *one, *two;

	IS_STR(there(u, "C", "2020-06-01"), "a.1 a.2");
	IS_STR(there(u, "C", "2021-06-01"), "a.1");
	IS_STR(there(u, "D", "2021-06-01"), "a.2");
	IS_STR(there(u, "D", "2020-06-01"), "");
	IS_STR(there(u, "P", "2020-06-01"), "");
	one = mc_officer_find(u, MC_STR("a.1"), mc_day_of(2020, 6, 1));
	OK(mc_officer_can(one, "one-stop"));
	OK(!mc_officer_can(one, "one-sto"));
	OK(!mc_officer_can(one, "land"));
	OK(mc_officer_can(one, NULL));
	two = mc_officer_find(u, MC_STR("a.2"), mc_day_of(2020, 6, 1));
	OK(mc_officer_can(two, "land"));
	IS(two->index,
	    mc_officer_find(u, MC_STR("a.2"), mc_day_of(2021, 6, 1))->index);
	OK(one->index != two->index);
}

/*
 * Codes that were given anew: a successor is the line that follows on, not
 * the code's first or last.
 */
static const char reused[] =
    HEAD "X,Một,commune,,,2000-01-01,2019-12-31,Y\n"
	 "Y,Hai,commune,,,2000-01-01,2024-12-31,Z\n"
	 "Z,Ba,commune,,,2000-01-01,2024-12-31,Z\n"
	 "Z,Mới,commune,,,2025-01-01,2025-06-30,\n"
	 "Z,Mới hơn,commune,x,,2025-07-01,,\n"
	 "X,Khác,commune,,,2025-01-01,,\n"
	 "Y,Khác nữa,commune,,,2025-01-01,,\n"
	 "S,Chia,commune,,,2000-01-01,2024-12-31,X Y\n"
	 "T,Vào Chia,commune,,,2000-01-01,2019-12-31,S\n"
	 "V,Hết,commune,,,2000-01-01,2019-12-31,\n"
	 "V,Sau này,commune,,,2022-01-01,,\n";

static void
test_reused(void)
{
	/* code and day of a line; the unit of 2 July 2025 that follows it */
	static const struct {
		const char *code, *day, *next, *name;
	} row[] = {
		{ "X", "2019-01-01", "Z", "Mới hơn" },
		{ "X", "2025-01-01", "X", "Khác" },
		{ "Y", "2024-12-31", "Z", "Mới hơn" },
		{ "Z", "2024-12-31", "Z", "Mới hơn" },
		{ "Z", "2025-01-01", "Z", "Mới hơn" },
		{ "S", "2024-01-01", "S", "Chia" },
		{ "T", "2019-01-01", "S", "Chia" },
		{ "V", "2019-01-01", "V", "Hết" },
		{ "V", "2022-01-01", "V", "Sau này" },
	};
	const int32_t day = mc_day_parse(MC_STR("2025-07-02"));
	struct mc_err err = MC_ERR_INIT;
	const struct mc_unit *u;
	struct mc_units *units;
	size_t i;

	IS(make(&units, reused, "", &err), 0);
	IS_STR(err.msg, "");
	for (i = 0; units != NULL && i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].code);
		u = mc_unit_find(units, mc_str(row[i].code),
		    mc_day_parse(mc_str(row[i].day)));
		u = mc_unit_successor(units, u, day);
		IS_STR(u->code, row[i].next);
		IS_STR(u->name, row[i].name);
	}
	TAP_ROW(NULL);
	mc_units_free(units);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_units *u;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].id);
		mc_err_clear(&err);
		IS(make(&u, bad[i].units, bad[i].officers, &err), -1);
		OK(u == NULL);
		IS_STR(err.id, bad[i].id);
		IS_STR(err.where, bad[i].where);
		if (bad[i].message != NULL)
			IS_STR(err.msg, bad[i].message);
	}
	TAP_ROW(NULL);
	mc_units_lint("u.csv", MC_STR(HEAD "X,,l,,Y,,x,\nA,N,,,,,,\n"), "o.csv",
	    MC_STR(""), count, &n);
	IS(n, 3); /* an empty name, a bad day, an empty level */
	test_reused();
	mc_err_clear(&err);
	IS(make(&u, good, officers, &err), 0);
	IS_STR(err.msg, "");
	if (u != NULL) {
		test_finding(u);
		test_asked(u);
		test_officers(u);
		test_absences(u);
	}
	mc_units_free(u);
	return tap_done();
}
