/* workflow_assign.c - who of a unit gets a step, where, and what is told. */
#include "workflow_world.h"

static const char people_csv[] =
    "id,name,unit,role,valid_from,valid_to\n"
    /* not in the order of their ids */
    "cuc,Cuc,H42.30.1,construction land,2000-01-01,\n"
    "an,An,H42.30.1,,2000-01-01,\n"
    "bay,Bay,H42.30.1,land,2000-01-01,\n"
    "dao,Dao,H42.30.1,construction,2000-01-01,2024-03-31\n"
    "em,Em,H42.30.1,construction,2024-04-01,\n"
    "ha,Ha,H42.30,,2000-01-01,\n"
    "kim,Kim,H42.07,environment,2000-01-01,\n"
    "lan,Lan,H42.08,fire-police,2000-01-01,\n"
    "mai,Mai,H42.31.1,,2000-01-01,\n";

static const char away_csv[] = "id,from,to,reason\n"
			       "an,2024-03-11,2024-03-13,\n"
			       "an,2024-03-14,2024-03-15,x\n"
			       "cuc,2024-03-13,2024-03-20,x\n"
			       "dao,2024-03-15,,x\n";

#define STEPS(APPRAISE, BOTH)                                                  \
	HEAD "\"limit\":\"15 working days\",\"fields\":["                      \
	     "{\"name\":\"floor_area\",\"title\":\"Dien tich\","               \
	     "\"type\":\"decimal\",\"public\":true}],"                         \
	     "\"steps\":["                                                     \
	     "{\"id\":\"receive\",\"role\":\"one-stop\","                      \
	     "\"next\":\"appraise\"},"                                         \
	     "{\"id\":\"appraise\",\"role\":\"construction\"," APPRAISE        \
	     "\"next\":[{\"when\":{\"field\":\"floor_area\",\"gt\":250},"      \
	     "\"to\":[\"one\",\"two\",\"fire\"]},"                             \
	     "{\"to\":\"sign\"}]},"                                            \
	     "{\"id\":\"one\",\"role\":\"construction\"," BOTH                 \
	     "\"next\":\"sign\"},"                                             \
	     "{\"id\":\"two\",\"role\":\"construction\"," BOTH                 \
	     "\"next\":\"sign\"},"                                             \
	     "{\"id\":\"fire\",\"role\":\"fire-police\",\"unit\":\"H42.08\","  \
	     "\"next\":\"sign\"},"                                             \
	     "{\"id\":\"sign\",\"role\":\"leader\",\"join\":\"all\","          \
	     "\"assign\":\"least-load\",\"next\":\"return\"},"                 \
	     "{\"id\":\"return\",\"role\":\"one-stop\",\"final\":true}]}"

static const char least[] =
    STEPS("\"assign\":\"least-load\",", "\"assign\":\"least-load\",");
static const char robin[] =
    STEPS("\"assign\":\"round-robin\",", "\"assign\":\"round-robin\",");

/* ---- what the world knows of its officers ---- */

static int loads[9]; /* an bay cuc dao em ... by first letter's place */
static const char *last;

static int
give_load(
    void *arg, const struct mc_officer *o, int64_t *steps, struct mc_err *err)
{
	static const char letters[] = "abcdehklm";

	(void)arg;
	(void)err;
	*steps = loads[strchr(letters, o->id[0]) - letters];
	return 0;
}

static int
give_turn(void *arg, const struct mc_unit *unit, const char *step,
    const char **officer, struct mc_err *err)
{
	(void)arg;
	(void)err;
	OK(strcmp(unit->code, "H42.30.1") == 0);
	OK(strcmp(step, "appraise") == 0 || strcmp(step, "one") == 0 ||
	    strcmp(step, "two") == 0);
	*officer = last;
	return 0;
}

static int
no_load(
    void *arg, const struct mc_officer *o, int64_t *steps, struct mc_err *err)
{
	(void)arg;
	(void)o;
	(void)steps;
	return mc_err(err, MC_EDB, "E_DB", "no such luck");
}

static void
make_people(void)
{
	struct mc_err err = MC_ERR_INIT;

	mc_units_free(world.units);
	if (mc_units_new(&world.units, "units.csv", mc_str(units_csv),
		"officers.csv", mc_str(people_csv), &err) == -1 ||
	    mc_units_absences(
		world.units, "absences.csv", mc_str(away_csv), &err) == -1)
		die(&err);
}

/* A dossier about to be appraised. */
static struct dossier *
received(const char *definition, const char *unit, const char *fields)
{
	struct dossier *d = new_dossier(definition, unit, fields);

	d->rules.units = world.units;
	d->rules.load = give_load;
	d->rules.turn = give_turn;
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	return d;
}

/* "an" or "" of the first open step. */
static const char *
officer(const struct dossier *d, int step)
{
	int32_t id = d->c.step[step].officer;

	return id == MC_NOID ? "" : give_text(NULL, MC_D_OFFICER, id);
}

/* ---- one step ---- */

static const struct {
	const char *name, *definition, *day;
	int an, bay, cuc, dao, em;
	const char *last, *want, *why;
} rows[] = {
	{ "all alike: the first id", least, "2024-03-05", 0, 0, 0, 0, 0, NULL,
	    "an", "{\"by\":\"least-load\",\"of\":3,\"open\":0}" },
	{ "the least, who is not first", least, "2024-03-05", 3, 0, 2, 4, 0,
	    NULL, "cuc", "{\"by\":\"least-load\",\"of\":3,\"open\":2}" },
	{ "of two with the least the first id", least, "2024-03-05", 3, 0, 2, 2,
	    0, NULL, "cuc", "{\"by\":\"least-load\",\"of\":3,\"open\":2}" },
	{ "another role is passed over", least, "2024-03-05", 9, 0, 9, 9, 0,
	    NULL, "an", "{\"by\":\"least-load\",\"of\":3,\"open\":9}" },
	{ "who is absent is passed over", least, "2024-03-11", 0, 0, 5, 6, 0,
	    NULL, "cuc",
	    "{\"absent\":1,\"by\":\"least-load\",\"of\":2,\"open\":5}" },
	{ "the last day of an absence", least, "2024-03-15", 0, 0, 0, 0, 0,
	    NULL, "", "{\"absent\":3,\"by\":\"least-load\",\"of\":0}" },
	{ "the day after it", least, "2024-03-16", 7, 0, 0, 0, 0, NULL, "an",
	    "{\"absent\":2,\"by\":\"least-load\",\"of\":1,\"open\":7}" },
	{ "who has left, and who has come", least, "2024-04-01", 7, 0, 7, 0, 3,
	    NULL, "em", "{\"by\":\"least-load\",\"of\":3,\"open\":3}" },
	{ "nobody yet: the first", robin, "2024-03-05", 9, 0, 0, 0, 0, NULL,
	    "an", "{\"by\":\"round-robin\",\"of\":3}" },
	{ "the next, by id", robin, "2024-03-05", 9, 0, 0, 0, 0, "an", "cuc",
	    "{\"after\":\"an\",\"by\":\"round-robin\",\"of\":3}" },
	{ "and the next", robin, "2024-03-05", 0, 0, 0, 0, 0, "cuc", "dao",
	    "{\"after\":\"cuc\",\"by\":\"round-robin\",\"of\":3}" },
	{ "after the last one the first", robin, "2024-03-05", 0, 0, 0, 0, 0,
	    "dao", "an",
	    "{\"after\":\"dao\",\"by\":\"round-robin\",\"of\":3}" },
	{ "after one who is not here any more", robin, "2024-03-05", 0, 0, 0, 0,
	    0, "bob", "cuc",
	    "{\"after\":\"bob\",\"by\":\"round-robin\",\"of\":3}" },
	{ "over one who is absent", robin, "2024-03-13", 0, 0, 0, 0, 0, "an",
	    "dao",
	    "{\"absent\":2,\"after\":\"an\",\"by\":\"round-robin\","
	    "\"of\":1}" },
	{ "the only one, again", robin, "2024-03-13", 0, 0, 0, 0, 0, "dao",
	    "dao",
	    "{\"absent\":2,\"after\":\"dao\",\"by\":\"round-robin\","
	    "\"of\":1}" },
};

static void
test_rows(void)
{
	struct dossier *d;
	struct mc_buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TAP_ROW(rows[i].name);
		loads[0] = rows[i].an;
		loads[1] = rows[i].bay;
		loads[2] = rows[i].cuc;
		loads[3] = rows[i].dao;
		loads[4] = rows[i].em;
		last = rows[i].last;
		d = received(rows[i].definition, "H42.30", NULL);
		mc_buf_reset(&b);
		mc_buf_printf(&b, "%s 09:00", rows[i].day);
		IS(act(d, MC_A_NEXT, b.p), 1);
		IS_STR(steps(d), "appraise@H42.30.1");
		IS_STR(officer(d, 0), rows[i].want);
		IS_STR(said(d, MC_K_STARTED, MC_F_OFFICER),
		    rows[i].want[0] != '\0' ? rows[i].want : NULL);
		mc_buf_reset(&b);
		mc_buf_printf(&b,
		    "{\"commit\":\"beef\",\"rule\":\"procedures/x/"
		    "1.009994.json#/steps/0/next\",\"step\":{\"at\":\"H42.30\","
		    "\"officer\":%s,\"role\":\"construction\"}}",
		    rows[i].why);
		IS_STR(said(d, MC_K_STARTED, MC_F_WHY), b.p);
		free_dossier(d);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
	memset(loads, 0, sizeof(loads));
	last = NULL;
}

/* Without a word in the definition, or without officers: nobody, as ever. */
static void
test_nobody(void)
{
	struct dossier *d = received(house, "H42.30", NULL);

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "");
	OK(strstr(said(d, MC_K_STARTED, MC_F_WHY), "officer") == NULL);
	free_dossier(d);

	d = received(least, "H42.30", NULL);
	d->rules.units = world.no_officers;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "");
	OK(strstr(said(d, MC_K_STARTED, MC_F_WHY),
	       "\"officer\":{\"by\":\"least-load\",\"of\":0}") != NULL);
	free_dossier(d);

	/* What cannot be read is trouble, and nothing happens. */
	d = received(least, "H42.30", NULL);
	d->rules.load = no_load;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS(d->err.code, MC_EDB);
	IS(d->out.n, 0);
	/* Nothing known of loads and turns: the first. */
	d->rules.load = NULL;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	free_dossier(d);
}

/* ---- several at once ---- */

static const char *
told(const struct dossier *d)
{
	static struct mc_buf b;

	mc_buf_reset(&b);
	return mc_outcome_why(&d->out, &b) ? mc_buf_str(&b) : NULL;
}

/* Each choice counts for the next, and what was completed no more. */
static void
test_parallel(void)
{
	struct dossier *d =
	    received(least, "H42.30", "{\"floor_area\":\"300\"}");

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	loads[0] = loads[2] = 1; /* an has this one, cuc another */
	loads[3] = 1;
	d->rules.revision = "f00d";
	IS(act(d, MC_A_NEXT, "2024-03-05 10:00"), 1);
	IS_STR(steps(d), "one@H42.30.1+two@H42.30.1+fire@H42.08");
	IS_STR(officer(d, 0), "an");
	IS_STR(officer(d, 1), "an");
	IS_STR(officer(d, 2), "");
	IS_STR(told(d),
	    "{\"commit\":\"beef\",\"read\":{\"floor_area\":\"300\"},"
	    "\"rule\":\"procedures/x/1.009994.json#/steps/1/next/0\","
	    "\"steps\":["
	    "{\"step\":\"one\",\"at\":\"H42.30\",\"commit\":\"f00d\","
	    "\"officer\":{\"by\":\"least-load\",\"of\":3,\"open\":0},"
	    "\"role\":\"construction\"},"
	    "{\"step\":\"two\",\"at\":\"H42.30\",\"commit\":\"f00d\","
	    "\"officer\":{\"by\":\"least-load\",\"of\":3,\"open\":1},"
	    "\"role\":\"construction\"},"
	    "{\"step\":\"fire\",\"at\":\"H42.08\",\"commit\":\"f00d\","
	    "\"role\":\"fire-police\",\"unit\":\"H42.08\"}]}");

	/* The join: who is waited for is kept with what was completed. */
	IS(act_to(d, MC_A_NEXT, NULL, "two", "2024-03-06 09:00"), 1);
	IS_STR(kinds(d), "completed");
	IS_STR(said(d, MC_K_COMPLETED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json"
	    "#/steps/3/next\",\"waits\":{\"sign\":[\"one\",\"fire\"]}}");
	IS_STR(told(d), said(d, MC_K_COMPLETED, MC_F_WHY));
	IS(act_to(d, MC_A_NEXT, NULL, "fire", "2024-03-06 09:00"), 1);
	IS_STR(said(d, MC_K_COMPLETED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json"
	    "#/steps/4/next\",\"waits\":{\"sign\":[\"one\"]}}");
	IS(act(d, MC_A_NEXT, "2024-03-06 09:00"), 1);
	IS_STR(kinds(d), "completed started");
	OK(said(d, MC_K_COMPLETED, MC_F_WHY) == NULL);
	/* H42.30.2 has no officers. */
	IS_STR(told(d),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json"
	    "#/steps/2/next\",\"steps\":[{\"step\":\"sign\",\"at\":\"H42.30\","
	    "\"commit\":\"f00d\",\"join\":\"all\",\"officer\":{"
	    "\"by\":\"least-load\",\"of\":0},\"role\":\"leader\"}]}");
	memset(loads, 0, sizeof(loads));
	free_dossier(d);
}

/* A dossier's own officer has what no step gives to another. */
static void
test_own(void)
{
	struct dossier *d = new_dossier(least, "H42.30", NULL);
	struct mc_request r = MC_REQUEST(MC_A_ASSIGN);

	d->rules.units = world.units;
	d->rules.load = give_load;
	r.officer = MC_STR("an");
	IS(ask(d, &r, "2024-03-04 09:00"), 1);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	loads[0] = 1; /* this one */
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	OK(strstr(said(d, MC_K_STARTED, MC_F_WHY), "\"open\":0}") != NULL);
	loads[0] = 0;
	free_dossier(d);
}

/* ---- by hand ---- */

static int
assign(struct dossier *d, const char *who, const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_ASSIGN);

	r.officer = mc_str(who);
	return ask(d, &r, at);
}

static void
test_by_hand(void)
{
	struct dossier *d = received(robin, "H42.30", NULL);

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	/* Somebody else's role: whoever names him knows why. */
	IS(assign(d, "bay", "2024-03-05 10:00"), 1);
	IS(d->out.warning.code, MC_OK);
	OK(said(d, MC_K_ASSIGNED, MC_F_UNIT) == NULL);
	IS(assign(d, "an", "2024-03-11 10:00"), 1);
	IS_STR(officer(d, 0), "an");
	IS_STR(d->out.warning.id, "W_ABSENCE");
	/* One absence goes into the next. */
	IS_STR(d->out.warning.msg,
	    "the officer \"an\" is absent until 2024-03-15");
	IS(assign(d, "an", "2024-03-11 10:00"), 0);
	IS(d->out.warning.code, MC_OK);
	IS(assign(d, "dao", "2024-03-18 10:00"), 1);
	IS_STR(d->out.warning.msg,
	    "the officer \"dao\" is absent until further notice");
	IS(act(d, MC_A_STOP, "2024-03-18 10:00"), 1);
	IS(d->out.warning.code, MC_OK);
	free_dossier(d);
}

/* ---- a named unit ---- */

static void
test_named(void)
{
	struct dossier *d =
	    received(least, "H42.31", "{\"floor_area\":\"300\"}");

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_ROLE");
	IS(act_to(d, MC_A_NEXT, "H42.31.1", NULL, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "mai");
	IS_STR(told(d),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json"
	    "#/steps/0/next\",\"steps\":[{\"step\":\"appraise\","
	    "\"at\":\"H42.31\",\"forced\":true,\"officer\":{"
	    "\"by\":\"least-load\",\"of\":1,\"open\":0},"
	    "\"role\":\"construction\"}]}");
	/* Of three steps it is for the two whose role it has. */
	IS(act(d, MC_A_NEXT, "2024-03-05 10:00"), -1);
	IS_STR(d->err.id, "E_ROLE");
	IS(act_to(d, MC_A_NEXT, "H42.07", NULL, "2024-03-05 10:00"), -1);
	IS_STR(d->err.msg,
	    "several units have the role \"construction\": H42.31.1 H42.31.2");
	IS(act_to(d, MC_A_NEXT, "H42.31.2", NULL, "2024-03-05 10:00"), 1);
	IS_STR(steps(d), "one@H42.31.2+two@H42.31.2+fire@H42.08");
	OK(strstr(told(d), "{\"step\":\"fire\",\"at\":\"H42.08\",\"role\"") !=
	    NULL);
	OK(strstr(told(d), "{\"step\":\"one\",\"at\":\"H42.31\","
			   "\"forced\":true") != NULL);
	free_dossier(d);

	/* One that no step has a use for is a slip. */
	d = received(least, "H42.30", "{\"floor_area\":\"300\"}");
	act(d, MC_A_NEXT, "2024-03-05 09:00");
	IS(act_to(d, MC_A_NEXT, "H42.07", NULL, "2024-03-05 10:00"), -1);
	IS_STR(d->err.id, "E_ROLE");
	IS_STR(d->err.msg,
	    "\"H42.07\" is none of the units for the steps entered");
	IS(d->out.n, 0);
	free_dossier(d);
}

/* Another unit's officers cannot go on with it: theirs are chosen from. */
static void
test_transfer(void)
{
	struct dossier *d = received(least, "H42.30", NULL);

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	IS(act_to(d, MC_A_TRANSFER, "H42.31.1", NULL, "2024-03-05 10:00"), 1);
	IS_STR(kinds(d), "transferred assigned");
	IS_STR(steps(d), "appraise@H42.31.1");
	IS_STR(officer(d, 0), "mai");
	IS_STR(said(d, MC_K_ASSIGNED, MC_F_UNIT), "H42.31.1");
	IS_STR(told(d),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json"
	    "#/steps/1\",\"steps\":[{\"step\":\"appraise\",\"at\":\"H42.31\","
	    "\"forced\":true,\"officer\":{\"by\":\"least-load\",\"of\":1,"
	    "\"open\":0},\"role\":\"construction\"}]}");
	/* Nobody there: who had it keeps it. */
	IS(act_to(d, MC_A_TRANSFER, "H42.31.2", NULL, "2024-03-05 10:00"), 1);
	IS_STR(kinds(d), "transferred");
	IS_STR(officer(d, 0), "mai");
	OK(told(d) == NULL);
	free_dossier(d);
}

static void
test_received(void)
{
	struct dossier *d = new_dossier(least, "H42.30", NULL);

	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	IS_STR(told(d),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/1.009994.json\"}");
	/* A reopened step is given like any other. */
	act(d, MC_A_FINISH, "2024-03-04 09:00");
	d->rules.units = world.units;
	IS(act_to(d, MC_A_REOPEN, NULL, "one", "2024-03-05 09:00"), 1);
	IS_STR(officer(d, 0), "an");
	OK(strstr(told(d), "\"forced\":true,\"rule\"") != NULL);
	free_dossier(d);
}

int
main(void)
{
	make_world();
	make_people();
	test_rows();
	test_nobody();
	test_parallel();
	test_own();
	test_by_hand();
	test_named();
	test_transfer();
	test_received();
	end_world();
	return tap_done();
}
