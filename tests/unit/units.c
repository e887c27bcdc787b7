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
	mc_err_clear(&err);
	IS(make(&u, good, officers, &err), 0);
	IS_STR(err.msg, "");
	if (u != NULL) {
		test_finding(u);
		test_asked(u);
	}
	mc_units_free(u);
	return tap_done();
}
