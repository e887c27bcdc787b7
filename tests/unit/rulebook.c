/* rulebook: the version in force, and a branch that moves on. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <motcua/rulebook.h>

#include "tap.h"

static char dir[] = "/tmp/motcua-rules-XXXXXX";
static struct mc_buf line;

/* A change and its commit, by git itself. */
static void
change(const char *script, const char *file)
{
	mc_buf_reset(&line);
	mc_buf_printf(&line,
	    "cd %s/r && sed -i '%s' %s && git -c user.name=T "
	    "-c user.email=t@example.org -c safe.directory='*' "
	    "-c commit.gpgsign=false commit -qam change",
	    dir, script, file);
	IS(system(line.p), 0);
}

static void
test_versions(struct mc_rulebook *rb)
{
	static const struct {
		int y, m, d;
		const char *path; /* NULL: E_VERSION */
	} rows[] = {
		{ 2014, 12, 31, NULL },
		{ 2015, 1, 1,
		    "procedures/construction/1.009994@2015-01-01"
		    ".json" },
		{ 2020, 12, 31,
		    "procedures/construction/1.009994@2015-01-01"
		    ".json" },
		{ 2021, 1, 1, "procedures/construction/1.009994.json" },
		{ 2025, 6, 30, "procedures/construction/1.009994.json" },
		{ 2025, 7, 1, NULL },
	};
	struct mc_err err = MC_ERR_INIT;
	const struct mc_version *v;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mc_err_clear(&err);
		rc = mc_rulebook_version(rb, MC_STR("1.009994"),
		    mc_day_of(rows[i].y, rows[i].m, rows[i].d), &v, &err);
		IS(rc, rows[i].path != NULL ? 0 : -1);
		IS_STR(v != NULL ? v->path : NULL, rows[i].path);
		IS_STR(err.id, rc == 0 ? "" : "E_VERSION");
		if (v != NULL)
			IS(v->policy.pause, MC_PAUSE_RESTART);
	}
	IS(mc_rulebook_version(rb, MC_STR("9.999999"), 0, &v, &err), -1);
	IS_STR(err.id, "E_PROCEDURE");
	IS(mc_rulebook_version(rb, MC_STR(""), 0, &v, &err), -1);
	IS_STR(err.id, "E_PROCEDURE");
}

static void
test_moving(struct mc_rulebook *rb)
{
	const char *file = "procedures/construction/1.009994.json";
	int32_t day = mc_day_of(2022, 1, 1);
	struct mc_err err = MC_ERR_INIT;
	const struct mc_version *old, *v;
	const struct mc_calendar *cal, *cal2;
	const struct mc_units *units, *units2;
	const char *blob, *blob2;
	char commit[MC_OID_HEX];

	IS(mc_rulebook_refresh(rb, &err), 0);
	memcpy(commit, mc_rulebook_commit(rb), sizeof(commit));
	IS(mc_rulebook_version(rb, MC_STR("1.009994"), day, &old, &err), 0);
	IS(mc_rulebook_calendar(rb, NULL, &cal, &blob, &err), 0);
	IS(mc_rulebook_units(rb, &units, &err), 0);
	change("s/\"15 days\"/\"10 days\"/", file);
	IS(mc_rulebook_version(rb, MC_STR("1.009994"), day, &v, &err), 0);
	OK(v == old); /* not before it is asked to look */
	IS(mc_rulebook_refresh(rb, &err), 1);
	IS(mc_rulebook_refresh(rb, &err), 0);
	OK(strcmp(mc_rulebook_commit(rb), commit) != 0);
	IS(mc_rulebook_version(rb, MC_STR("1.009994"), day, &v, &err), 0);
	IS(mc_procedure_limit(v->procedure, MC_CH_DIRECT).milli, 10000);
	IS_STR(v->commit, mc_rulebook_commit(rb));
	IS(mc_procedure_limit(old->procedure, MC_CH_DIRECT).milli, 15000);
	IS_STR(old->commit, commit);
	/* What has not changed is not read again. */
	IS(mc_rulebook_calendar(rb, "office", &cal2, &blob2, &err), 0);
	OK(cal2 == cal && strcmp(blob, blob2) == 0);
	IS(mc_rulebook_units(rb, &units2, &err), 0);
	OK(units2 == units);
	/* A broken file concerns its own code only. */
	change("s/\"10 days\"/\"soon\"/", file);
	IS(mc_rulebook_refresh(rb, &err), 1);
	IS(mc_rulebook_version(rb, MC_STR("1.009994"), day, &v, &err), -1);
	IS_STR(err.id, "E_TERM");
	IS_STR(err.where, "procedures/construction/1.009994.json:10:12");
	mc_err_clear(&err);
	IS(mc_rulebook_version(rb, MC_STR("1.001193"), day, &v, &err), 0);
	IS_STR(v != NULL ? v->procedure->code : NULL, "1.001193");
	/* Without rulebook.json what was read last stays. */
	change("s/motcua.rulebook/other/", "rulebook.json");
	memcpy(commit, mc_rulebook_commit(rb), sizeof(commit));
	IS(mc_rulebook_refresh(rb, &err), -1);
	IS_STR(err.id, "E_FIELD");
	IS_STR(mc_rulebook_commit(rb), commit);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	const struct mc_calendar *cal;
	const struct mc_version *const *all;
	struct mc_str text, code, when;
	struct mc_rulebook *rb = NULL;
	const char *blob;
	size_t n, i;

	if (mkdtemp(dir) == NULL)
		return tap_skip_all("no temporary directory");
	OK(mc_rulebook_procedure_path(
	    MC_STR("procedures/x/1.000001@2020-01-01.json"), &code, &when));
	OK(mc_str_is(code, "1.000001") && mc_str_is(when, "2020-01-01"));
	OK(!mc_rulebook_procedure_path(
	    MC_STR("procedures/1.000001.json"), &code, &when));
	OK(!mc_rulebook_procedure_path(
	    MC_STR("procedures/x/y/1.000001.json"), &code, &when));
	OK(!mc_rulebook_procedure_path(MC_STR(".json"), &code, &when));

	mc_buf_printf(&line, "%s/r", dir);
	IS(mc_rulebook_init(line.p, 1704067200000, &err), 0);
	IS(mc_rulebook_open(&rb, line.p, NULL, &err), 0);
	if (rb != NULL) {
		IS_STR(mc_rulebook_agency(rb), "H42");
		IS_STR(mc_zone_name(mc_rulebook_zone(rb)), "Asia/Ho_Chi_Minh");
		OK(!mc_rulebook_codes_standard(rb));
		IS(mc_rulebook_versions(rb, &all, &n, &err), 0);
		OK(n > 14);
		for (i = 1; i < n; i++)
			if (strcmp(all[i - 1]->procedure->code,
				all[i]->procedure->code) == 0)
				OK(all[i - 1]->procedure->effective_from <
				    all[i]->procedure->effective_from);
		IS(mc_rulebook_calendar(rb, "moon", &cal, &blob, &err), -1);
		IS_STR(err.id, "E_CALENDAR");
		IS(mc_rulebook_map(rb, "canonical", &text, &err), 0);
		OK(text.len > 0);
		IS(mc_rulebook_map(rb, "none", &text, &err), -1);
		IS_STR(err.id, "E_MAP");
		IS(mc_rulebook_map(rb, NULL, &text, &err), -1);
		test_versions(rb);
		test_moving(rb);
	}
	mc_rulebook_free(rb);
	mc_buf_reset(&line);
	mc_buf_printf(&line, "rm -rf %s", dir);
	IS(system(line.p), 0);
	mc_buf_free(&line);
	return tap_done();
}
