/* workflow.c - what each action does, in every state a dossier can have. */
#include <stdlib.h>
#include <string.h>

#include <motcua/dict.h>
#include <motcua/json.h>
#include <motcua/workflow.h>

#include "tap.h"

/* ---- a small province ---- */

static const char units_csv[] =
    "code,name,level,role,parent,valid_from,valid_to,successor\n"
    "H42,Tinh,province,,,2000-01-01,,\n"
    "H42.07,So Xay dung,department,environment,H42,2000-01-01,,\n"
    "H42.08,Cong an tinh,department,fire-police,H42,2000-01-01,,\n"
    "H42.30,Xa A,commune,one-stop,H42,2000-01-01,,\n"
    "H42.30.1,Dia chinh,office,construction,H42.30,2000-01-01,,\n"
    "H42.30.2,Lanh dao,office,leader,H42.30,2000-01-01,,\n"
    "H42.31,Xa B,commune,one-stop,H42,2000-01-01,,\n"
    "H42.31.1,Dia chinh 1,office,construction,H42.31,2000-01-01,,\n"
    "H42.31.2,Dia chinh 2,office,construction,H42.31,2000-01-01,,\n"
    "H42.39,Xa cu,commune,one-stop,H42,2000-01-01,2023-12-31,H42.30\n";

static const char officers_csv[] = "id,name,unit,role,valid_from,valid_to\n"
				   "an,An,H42.30.1,,2000-01-01,\n"
				   "binh,Binh,H42.30,,2000-01-01,2023-12-31\n"
				   "chi,Chi,H42.30,,2000-01-01,\n";

static const char calendar_json[] =
    "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":8,"
    "\"known_until\":\"2026-12-31\",\"weekly\":{"
    "\"mon\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"tue\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"wed\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"thu\":[\"07:30-11:30\",\"13:00-17:00\"],"
    "\"fri\":[\"07:30-11:30\",\"13:00-17:00\"]}}";

#define HEAD                                                                   \
	"{\"code\":\"1.009994\",\"title\":\"Cap giay phep\","                  \
	"\"field\":\"Xay dung\",\"level\":\"commune\","                        \
	"\"effective_from\":\"2021-01-01\",\"legal_basis\":[],"

/* The example of the design: a choice, two parallel steps, a join. */
#define BODY                                                                   \
	"\"fields\":["                                                         \
	"{\"name\":\"floor_area\",\"title\":\"Dien tich\","                    \
	"\"type\":\"decimal\",\"public\":true},"                               \
	"{\"name\":\"income\",\"title\":\"Thu nhap\",\"type\":\"integer\"}],"  \
	"\"steps\":["                                                          \
	"{\"id\":\"receive\",\"role\":\"one-stop\","                           \
	"\"limit\":\"4 working hours\",\"next\":\"appraise\"},"                \
	"{\"id\":\"appraise\",\"role\":\"construction\","                      \
	"\"limit\":\"4 working days\",\"next\":["                              \
	"{\"when\":{\"field\":\"floor_area\",\"gt\":250},"                     \
	"\"to\":[\"fire\",\"environment\"]},"                                  \
	"{\"when\":{\"field\":\"income\",\"gt\":1000},\"to\":\"receive\"},"    \
	"{\"to\":\"sign\"}]},"                                                 \
	"{\"id\":\"fire\",\"role\":\"fire-police\",\"unit\":\"@province\","    \
	"\"limit\":\"3 working days\",\"next\":\"sign\"},"                     \
	"{\"id\":\"environment\",\"role\":\"environment\","                    \
	"\"unit\":\"@province\",\"next\":\"sign\"},"                           \
	"{\"id\":\"sign\",\"role\":\"leader\",\"join\":\"all\","               \
	"\"next\":\"return\"},"                                                \
	"{\"id\":\"return\",\"role\":\"one-stop\",\"final\":true}]}"

static const char house[] = HEAD "\"limit\":\"15 working days\"," BODY;
static const char house_restart[] = HEAD
    "\"limit\":\"15 working days\",\"deadline\":{\"pause\":\"restart\"}," BODY;
static const char house_none[] = HEAD
    "\"limit\":\"15 working days\",\"deadline\":{\"pause\":\"none\"}," BODY;
static const char no_limit[] = HEAD BODY;
static const char at_once[] =
    HEAD "\"limit\":\"same day\",\"steps\":["
	 "{\"id\":\"only\",\"role\":\"one-stop\",\"final\":true}]}";
/* Two ways into the end, and a way back. */
static const char loop[] =
    HEAD "\"limit\":\"5 days\",\"steps\":["
	 "{\"id\":\"a\",\"role\":\"one-stop\",\"next\":[{\"when\":"
	 "{\"field\":\"channel\",\"eq\":\"online\"},\"to\":\"b\"},"
	 "{\"to\":\"end\"}]},"
	 "{\"id\":\"b\",\"role\":\"leader\",\"next\":[{\"when\":"
	 "{\"field\":\"channel\",\"eq\":\"postal\"},\"to\":\"a\"},"
	 "{\"to\":\"end\"}]},"
	 "{\"id\":\"end\",\"role\":\"one-stop\",\"final\":true}]}";

static struct {
	struct mc_zone *zone;
	struct mc_units *units, *no_officers;
	struct mc_json *calendar_doc;
	struct mc_calendar *calendar;
	struct mc_dictionary dict[MC_D__COUNT];
	struct mc_names names;
} world;

/* One dossier and the rules it is under. */
struct dossier {
	struct mc_procedure *p;
	struct mc_policy policy;
	struct mc_rules rules;
	struct mc_case c;
	struct mc_outcome out;
	struct mc_err err;
	uint64_t seq;
	int posted; /* received - closed, over all postings */
};

static int
give_id(void *arg, enum mc_dict dict, struct mc_str name, int32_t *out,
    struct mc_err *err)
{
	(void)arg;
	(void)err;
	*out = mc_dict_find(&world.dict[dict], name);
	if (*out == 0)
		*out = mc_dict_add(&world.dict[dict], name);
	return 0;
}

static int
give_pin(void *arg, const struct mc_event *e, int32_t *out,
    enum mc_verdict_rule *verdict, struct mc_err *err)
{
	(void)arg;
	(void)err;
	*out = 1;
	*verdict = strstr(mc_event_get(e, MC_F_POLICY).p, "instant") != NULL
		       ? MC_VERDICT_INSTANT
		       : MC_VERDICT_DATE;
	return 0;
}

static const char *
give_text(void *arg, enum mc_dict dict, int32_t id)
{
	(void)arg;
	return mc_dict_name(&world.dict[dict], id);
}

static int
give_calendar(void *arg, const char *name, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob, struct mc_err *err)
{
	(void)arg;
	(void)name;
	(void)unit;
	(void)err;
	*cal = world.calendar;
	*blob = "c0ffee";
	return 0;
}

static int
give_unit(void *arg, const struct mc_unit *receiving, const char *role,
    const char *at, const char *to, int32_t day, const struct mc_unit **out,
    struct mc_err *err)
{
	(void)arg;
	return mc_units_resolve(
	    world.units, receiving, role, at, to, day, out, err);
}

static const char *
give_private(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "income") == 0 ? "500" : NULL;
}

static void
die(const struct mc_err *err)
{
	printf("Bail out! %s: %s: %s\n", err->where, err->id, err->msg);
	exit(1);
}

static void
make_world(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_str cal = mc_str(calendar_json);

	if (mc_zone_open(&world.zone, "Asia/Ho_Chi_Minh", &err) == -1 ||
	    mc_units_new(&world.units, "units.csv", mc_str(units_csv),
		"officers.csv", mc_str(officers_csv), &err) == -1 ||
	    mc_units_new(&world.no_officers, "units.csv", mc_str(units_csv),
		"officers.csv", MC_STR(""), &err) == -1 ||
	    mc_json_parse(&world.calendar_doc, "c", cal, &err) == -1 ||
	    mc_calendar_new(&world.calendar, "c", world.calendar_doc, cal,
		world.zone, &err) == -1)
		die(&err);
	world.names =
	    (struct mc_names){ give_id, give_pin, give_text, NULL, world.zone };
}

static void
end_world(void)
{
	int d;

	for (d = 0; d < MC_D__COUNT; d++)
		mc_dict_free(&world.dict[d]);
	mc_units_free(world.units);
	mc_units_free(world.no_officers);
	mc_calendar_free(world.calendar);
	mc_json_free(world.calendar_doc);
	mc_zone_free(world.zone);
}

static int64_t
t(const char *s)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t at;

	if (mc_time_parse(&at, mc_str(s), world.zone, NULL, NULL, &err) == -1)
		die(&err);
	return at;
}

/* ---- doing things ---- */

static void
fold(struct dossier *d, struct mc_event *e)
{
	struct mc_postings post;
	struct mc_event again;
	struct mc_buf body = { 0 }, scratch = { 0 };
	int i;

	/* What is stored must be readable, and canonical. */
	e->seq = d->seq++;
	e->site = MC_STR("H42");
	e->actor = MC_STR("t");
	e->code = MC_STR("X-1");
	if (mc_event_encode(&body, e, &d->err) == -1 ||
	    mc_event_decode(&again, (struct mc_str){ body.p, body.len },
		&scratch, &d->err) == -1 ||
	    mc_fold(&d->c, &again, &world.names, &post, &d->err) == -1)
		die(&d->err);
	for (i = 0; i < post.n; i++)
		if (post.p[i].counter == MC_C_OPENED)
			d->posted += post.p[i].delta;
		else if (post.p[i].counter == MC_C_CLOSED)
			d->posted -= post.p[i].delta;
	mc_buf_free(&body);
	mc_buf_free(&scratch);
}

static struct dossier *
new_dossier(const char *definition, const char *unit, const char *fields)
{
	struct dossier *d = mc_calloc(1, sizeof(*d));
	struct mc_event e = { .kind = MC_K_REGISTERED };

	d->policy = mc_policy_default;
	if (mc_procedure_parse(&d->p, "procedures/x/1.009994.json",
		mc_str(definition), &d->err) == -1 ||
	    mc_procedure_policy(d->p, &d->policy, &d->err) == -1)
		die(&d->err);
	d->rules = (struct mc_rules){ .procedure = d->p,
		.policy = &d->policy,
		.commit = "beef",
		.path = "procedures/x/1.009994.json",
		.blob = "b10b",
		.units = world.no_officers,
		.names = &world.names,
		.calendar = give_calendar,
		.resolve = give_unit,
		.private_value = give_private };
	mc_case_init(&d->c);
	e.at = t("2024-03-04 08:00");
	mc_event_strz(&e, MC_F_PROCEDURE, "1.009994");
	mc_event_strz(&e, MC_F_UNIT, unit);
	mc_event_strz(&e, MC_F_CHANNEL, "direct");
	if (fields != NULL)
		mc_event_strz(&e, MC_F_FIELDS, fields);
	fold(d, &e);
	return d;
}

static void
free_dossier(struct dossier *d)
{
	mc_case_free(&d->c);
	mc_outcome_free(&d->out);
	mc_procedure_free(d->p);
	free(d);
}

/* 1 done, 0 unchanged, -1 refused. */
static int
ask(struct dossier *d, struct mc_request *r, const char *at)
{
	int64_t now = at != NULL ? t(at) : d->c.changed_at;
	int i;

	mc_err_clear(&d->err);
	if (mc_request_check(r, &d->err) == -1)
		die(&d->err);
	if (mc_workflow(&d->out, &d->rules, &d->c, r, now, &d->err) == -1)
		return -1;
	for (i = 0; i < d->out.n; i++)
		fold(d, &d->out.event[i].e);
	return !d->out.unchanged;
}

static int
act(struct dossier *d, enum mc_action a, const char *at)
{
	struct mc_request r = MC_REQUEST(a);

	return ask(d, &r, at);
}

static int
act_to(struct dossier *d, enum mc_action a, const char *to, const char *step,
    const char *at)
{
	struct mc_request r = MC_REQUEST(a);

	r.to = mc_str(to);
	r.step = mc_str(step);
	return ask(d, &r, at);
}

static int
set(struct dossier *d, const char *name, const char *value, const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_CORRECT);
	struct mc_set s = { mc_str(name), mc_str(value) };

	r.set = &s;
	r.sets = 1;
	return ask(d, &r, at);
}

/* "appraise@H42.30.1+..." of the open steps. */
static const char *
steps(const struct dossier *d)
{
	static struct mc_buf b;
	int i;

	mc_buf_reset(&b);
	for (i = 0; i < d->c.steps; i++)
		mc_buf_printf(&b, "%s%s@%s", i > 0 ? "+" : "",
		    give_text(NULL, MC_D_STEP, d->c.step[i].step),
		    give_text(NULL, MC_D_UNIT, d->c.step[i].unit));
	mc_buf_puts(&b, "");
	return b.len == 0 ? "" : b.p;
}

static const char *
due(int64_t at)
{
	static struct mc_buf b;

	if (at == MC_NEVER)
		return "never";
	mc_buf_reset(&b);
	mc_time_put(&b, at, world.zone);
	return b.p;
}

/* Kinds of the last outcome's events. */
static const char *
kinds(const struct dossier *d)
{
	static struct mc_buf b;
	int i;

	mc_buf_reset(&b);
	for (i = 0; i < d->out.n; i++)
		mc_buf_printf(&b, "%s%s", i > 0 ? " " : "",
		    mc_kind_name(d->out.event[i].e.kind));
	mc_buf_puts(&b, "");
	return b.len == 0 ? "" : b.p;
}

/* A member of the last outcome's event of that kind, as a C string. */
static const char *
said(const struct dossier *d, enum mc_kind kind, enum mc_event_field f)
{
	static struct mc_buf b;
	struct mc_str s;
	int i;

	for (i = 0; i < d->out.n; i++) {
		if (d->out.event[i].e.kind != kind ||
		    !mc_event_has(&d->out.event[i].e, f))
			continue;
		s = mc_event_get(&d->out.event[i].e, f);
		mc_buf_reset(&b);
		mc_buf_add(&b, s.p, s.len);
		return mc_buf_str(&b);
	}
	return NULL;
}

/* ---- the tests ---- */

static void
test_names(void)
{
	int a;

	for (a = 0; a < MC_A__COUNT; a++)
		IS(mc_action_parse(mc_str(mc_action_name((enum mc_action)a))),
		    a);
	IS(mc_action_parse(MC_STR("finis")), MC_A__COUNT);
	IS(mc_action_parse(MC_STR("")), MC_A__COUNT);
}

static void
test_whole_way(void)
{
	struct dossier *d = new_dossier(house, "H42.30", NULL);
	static const char fields[] = "{\"floor_area\":\"120\"}";

	mc_buf_puts(&d->c.fields, fields);
	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	IS(d->c.status, MC_S_RECEIVED);
	IS_STR(due(d->c.due.at), "2024-03-25T17:00:00+07:00");
	IS_STR(said(d, MC_K_RECEIVED, MC_F_PATH), "procedures/x/1.009994.json");
	IS_STR(said(d, MC_K_RECEIVED, MC_F_BLOB), "b10b");
	IS_STR(said(d, MC_K_RECEIVED, MC_F_COMMIT), "beef");
	IS_STR(said(d, MC_K_RECEIVED, MC_F_CALENDAR), "c0ffee");
	IS_STR(said(d, MC_K_RECEIVED, MC_F_POLICY), "{}");

	IS(act(d, MC_A_START, "2024-03-04 09:30"), 1);
	IS(d->c.status, MC_S_PROCESSING);
	IS_STR(steps(d), "receive@H42.30");
	IS_STR(due(d->c.step[0].due_at), "2024-03-04T15:00:00+07:00");
	IS(act(d, MC_A_START, "2024-03-04 09:40"), 0);
	IS_STR(kinds(d), "");

	IS(act(d, MC_A_NEXT, "2024-03-04 10:00"), 1);
	IS_STR(kinds(d), "completed started");
	IS_STR(steps(d), "appraise@H42.30.1");
	IS_STR(due(d->c.step[0].due_at), "2024-03-08T17:00:00+07:00");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"rule\":\"procedures/x/"
	    "1.009994.json#/steps/0/next\"}");

	IS(act(d, MC_A_NEXT, "2024-03-06 10:00"), 1);
	IS_STR(steps(d), "sign@H42.30.2");
	IS_STR(due(d->c.step[0].due_at), "never");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"read\":{\"floor_area\":\"120\","
	    "\"income\":null},\"rule\":\"procedures/x/"
	    "1.009994.json#/steps/1/next/2\"}");

	IS(act(d, MC_A_NEXT, "2024-03-07 10:00"), 1);
	IS_STR(kinds(d), "completed started finished");
	IS(d->c.status, MC_S_FINISHED);
	IS(d->c.verdict, MC_V_EARLY);
	IS_STR(steps(d), "return@H42.30");

	IS(act(d, MC_A_NEXT, "2024-03-08 10:00"), 1);
	IS_STR(kinds(d), "completed returned");
	IS(d->c.status, MC_S_RETURNED);
	IS(d->c.steps, 0);
	IS(d->posted, 0);
	IS(act(d, MC_A_NEXT, "2024-03-08 10:00"), -1);
	IS_STR(d->err.id, "E_STATE");
	free_dossier(d);
}

static struct dossier *
appraising(const char *definition, const char *fields)
{
	struct dossier *d = new_dossier(definition, "H42.30", fields);

	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	act(d, MC_A_NEXT, "2024-03-04 09:00");
	IS_STR(steps(d), "appraise@H42.30.1");
	return d;
}

static void
test_parallel(void)
{
	struct dossier *d = appraising(house, "{\"floor_area\":\"300\"}");

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(kinds(d), "completed started started");
	IS_STR(steps(d), "fire@H42.08+environment@H42.07");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"read\":{\"floor_area\":\"300\"},"
	    "\"rule\":\"procedures/x/1.009994.json#/steps/1/next/0\"}");
	IS(act(d, MC_A_NEXT, "2024-03-05 10:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS_STR(d->err.msg,
	    "several steps are open: fire, environment; name one with --step");
	IS(act_to(d, MC_A_NEXT, NULL, "appraise", "2024-03-05 10:00"), -1);
	IS_STR(d->err.msg,
	    "\"appraise\" is not an open step; there is: fire, environment");
	/* The join waits for the other one, in either order. */
	IS(act_to(d, MC_A_NEXT, NULL, "environment", "2024-03-05 10:00"), 1);
	IS_STR(kinds(d), "completed");
	IS_STR(steps(d), "fire@H42.08");
	IS(d->c.status, MC_S_PROCESSING);
	IS(act(d, MC_A_NEXT, "2024-03-06 10:00"), 1);
	IS_STR(steps(d), "sign@H42.30.2");
	free_dossier(d);

	d = appraising(house, "{\"floor_area\":\"250.01\"}");
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(steps(d), "fire@H42.08+environment@H42.07");
	/* Finished from the middle: everything is closed. */
	IS(act(d, MC_A_FINISH, "2024-03-05 10:00"), 1);
	IS(d->c.steps, 0);
	IS(d->c.status, MC_S_FINISHED);
	IS(act(d, MC_A_NEXT, "2024-03-05 11:00"), 1);
	IS_STR(kinds(d), "returned");
	IS(d->posted, 0);
	free_dossier(d);
}

static void
test_choice(void)
{
	struct dossier *d = appraising(house, NULL);

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_MISSING");
	OK(strncmp(d->err.where, "procedures/x/1.009994.json:", 27) == 0);
	IS(d->err.code, MC_EREFUSED);
	IS(d->out.n, 0);
	/* Forced: only the target named, and no condition is read. */
	IS(act_to(d, MC_A_NEXT, "return", NULL, "2024-03-05 09:00"), -1);
	IS_STR(d->err.msg,
	    "\"return\" is not a step to go to from here; there is: fire, "
	    "environment, receive, sign");
	IS(act_to(d, MC_A_NEXT, "nowhere", NULL, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS(act_to(d, MC_A_NEXT, "fire", NULL, "2024-03-05 09:00"), 1);
	IS_STR(steps(d), "fire@H42.08");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"forced\":true,\"rule\":\"procedures/x/"
	    "1.009994.json#/steps/1/next/0\"}");
	free_dossier(d);

	/* A private field decides, and its value is in no event. */
	d = appraising(house, "{\"floor_area\":\"10\"}");
	d->rules.private_value = NULL;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_MISSING");
	d->rules.private_value = give_private;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(steps(d), "sign@H42.30.2");
	OK(strstr(said(d, MC_K_STARTED, MC_F_WHY), "500") == NULL);
	free_dossier(d);

	/* "channel" is always there. */
	d = new_dossier(loop, "H42.30", NULL);
	IS(set(d, "channel", "online", "2024-03-04 08:30"), 1);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	IS(act(d, MC_A_NEXT, "2024-03-04 09:00"), 1);
	IS_STR(steps(d), "b@H42.30.2");
	IS(set(d, "channel", "3", "2024-03-04 09:30"), 1);
	IS_STR(said(d, MC_K_CORRECTED, MC_F_SET), "{\"channel\":\"postal\"}");
	IS(act(d, MC_A_NEXT, "2024-03-04 10:00"), 1);
	IS_STR(steps(d), "a@H42.30");
	IS(act(d, MC_A_NEXT, "2024-03-04 11:00"), 1);
	IS(d->c.status, MC_S_FINISHED);
	free_dossier(d);
}

static void
test_roles(void)
{
	struct dossier *d = new_dossier(house, "H42.31", NULL);

	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	IS(act(d, MC_A_NEXT, "2024-03-04 09:00"), -1);
	IS_STR(d->err.id, "E_ROLE");
	OK(strstr(d->err.msg, "H42.31.1") != NULL &&
	    strstr(d->err.msg, "H42.31.2") != NULL);
	IS_STR(steps(d), "receive@H42.31");
	IS(d->out.n, 0);
	/* --to says which of them. */
	IS(act_to(d, MC_A_NEXT, "H42.31.2", NULL, "2024-03-04 09:00"), 1);
	IS_STR(steps(d), "appraise@H42.31.2");
	/* Nobody has it. */
	IS(act_to(d, MC_A_NEXT, "sign", NULL, "2024-03-04 09:00"), -1);
	IS_STR(d->err.id, "E_ROLE");
	free_dossier(d);

	d = new_dossier(house, "H42.99", NULL);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	IS(act(d, MC_A_START, "2024-03-04 09:00"), -1);
	IS_STR(d->err.id, "E_UNIT");
	IS_STR(d->err.msg, "the receiving unit \"H42.99\" is not in units.csv");
	free_dossier(d);

	/* A single step that is final. */
	d = new_dossier(at_once, "H42.30", NULL);
	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	IS(act(d, MC_A_START, "2024-03-04 09:10"), 1);
	IS_STR(kinds(d), "started finished");
	IS(d->c.status, MC_S_FINISHED);
	IS(d->c.verdict, MC_V_ON_TIME);
	free_dossier(d);
}

static void
test_pauses(void)
{
	static const struct {
		const char *name, *definition, *due;
	} row[] = {
		{ "extend", house, "2024-03-27T17:00:00+07:00" },
		{ "restart", house_restart, "2024-03-28T17:00:00+07:00" },
		{ "none", house_none, "2024-03-25T17:00:00+07:00" },
		{ "no limit", no_limit, "never" },
	};
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].name);
		d = appraising(row[i].definition, NULL);
		IS(act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00"), 1);
		IS(d->c.status, MC_S_SUPPLEMENT);
		IS_STR(steps(d), "appraise@H42.30.1");
		IS(act(d, MC_A_RESUME, "2024-03-07 09:00"), 1);
		IS(d->c.status, MC_S_PROCESSING);
		IS_STR(due(d->c.due.at), row[i].due);
		IS(d->c.due_given, false);
		OK((said(d, MC_K_RESUMED, MC_F_CALENDAR) != NULL) == (i < 2));
		OK(mc_event_has(&d->out.event[0].e, MC_F_OLD_DUE_AT) ==
		    (i < 2));
		free_dossier(d);
	}
	TAP_ROW(NULL);

	/* Stopped while papers are awaited: one pause, from its beginning. */
	d = appraising(house, NULL);
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	IS(act(d, MC_A_STOP, "2024-03-06 09:00"), 1);
	IS(d->c.status, MC_S_STOPPED);
	IS(act(d, MC_A_RESUME, "2024-03-07 09:00"), 1);
	IS(d->c.status, MC_S_PROCESSING);
	IS_STR(due(d->c.due.at), "2024-03-27T17:00:00+07:00");
	free_dossier(d);

	/* Not started yet: papers bring it back, money and a stop start it. */
	d = new_dossier(house, "H42.30", NULL);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	IS(act(d, MC_A_RESUME, "2024-03-05 10:00"), 1);
	IS(d->c.status, MC_S_RECEIVED);
	act(d, MC_A_PAY, "2024-03-05 11:00");
	IS(d->c.status, MC_S_PAYMENT);
	IS(act(d, MC_A_RESUME, "2024-03-05 13:30"), 1);
	IS_STR(kinds(d), "resumed started");
	IS(d->c.status, MC_S_PROCESSING);
	IS_STR(steps(d), "receive@H42.30");
	free_dossier(d);

	/* Asked for papers before it was accepted. */
	d = new_dossier(house, "H42.30", NULL);
	IS(act(d, MC_A_SUPPLEMENT, "2024-03-04 09:00"), 1);
	IS(act(d, MC_A_STOP, "2024-03-04 09:00"), -1);
	IS_STR(d->err.msg,
	    "stop is not for a dossier that is supplement and not yet "
	    "received; allowed: receive, assign, transfer, refuse, withdraw, "
	    "correct");
	IS(act(d, MC_A_RECEIVE, "2024-03-05 09:00"), 1);
	IS_STR(kinds(d), "resumed received");
	IS(d->c.status, MC_S_RECEIVED);
	IS(d->c.paused_at, MC_NEVER);
	IS_STR(due(d->c.due.at), "2024-03-26T17:00:00+07:00");
	free_dossier(d);
}

static void
test_verdicts(void)
{
	static const struct {
		const char *at;
		enum mc_verdict verdict;
	} row[] = {
		{ "2024-03-24 23:00", MC_V_EARLY },
		{ "2024-03-25 07:00", MC_V_ON_TIME },
		{ "2024-03-25 23:59", MC_V_ON_TIME },
		{ "2024-03-26 00:00", MC_V_LATE },
	};
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].at);
		d = appraising(house, NULL);
		IS(act(d, MC_A_FINISH, row[i].at), 1);
		IS(d->c.verdict, row[i].verdict);
		free_dossier(d);
	}
	TAP_ROW(NULL);
	d = appraising(no_limit, NULL);
	IS(act(d, MC_A_FINISH, "2025-03-25 00:00"), 1);
	IS(d->c.verdict, MC_V_ON_TIME);
	free_dossier(d);
	d = appraising(house, NULL);
	IS(act(d, MC_A_WITHDRAW, "2024-05-25 00:00"), 1);
	IS(d->c.verdict, MC_V_ON_TIME);
	IS(d->c.steps, 0);
	free_dossier(d);
}

static int
extend(struct dossier *d, const char *by, const char *until, bool day,
    const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_EXTEND);

	if (by != NULL) {
		r.has_by = true;
		if (mc_term_parse(&r.by, mc_str(by), &d->err) == -1)
			die(&d->err);
	}
	if (until != NULL) {
		r.until = t(until);
		r.until_day = day;
	}
	return ask(d, &r, at);
}

static void
test_extend(void)
{
	struct dossier *d = appraising(house, NULL);

	IS(extend(d, "3 working days", NULL, false, "2024-03-20 09:00"), 1);
	IS_STR(due(d->c.due.at), "2024-03-28T17:00:00+07:00");
	IS(d->c.due_given, false);
	IS(d->out.event[0].e.value[MC_F_OLD_DUE_AT].i, t("2024-03-25 17:00"));
	IS(extend(d, "3 working days", NULL, false, "2024-03-20 09:00"), -1);
	IS_STR(d->err.id, "E_EXTEND");
	IS_STR(d->err.msg, "extended 1 times already; the policy allows 1");
	free_dossier(d);

	d = appraising(house, NULL);
	IS(extend(d, NULL, "2024-03-25", true, "2024-03-20 09:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	IS_STR(d->err.msg,
	    "the new due date is not later than the present one, "
	    "2024-03-25T17:00:00+07:00");
	IS(extend(d, NULL, "2024-03-29", true, "2024-03-20 09:00"), 1);
	IS_STR(due(d->c.due.at), "2024-03-29T17:00:00+07:00");
	IS(d->c.due_given, true);
	free_dossier(d);

	d = appraising(house, NULL);
	IS(extend(d, "3 days", NULL, false, "2024-03-26 09:00"), -1);
	IS_STR(d->err.id, "E_EXTEND");
	d->policy.extend_after_expiry = true;
	IS(extend(d, "3 days", NULL, false, "2024-03-26 09:00"), 1);
	free_dossier(d);

	d = appraising(no_limit, NULL);
	IS(extend(d, "3 days", NULL, false, "2024-03-26 09:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	free_dossier(d);
}

static int
assign(struct dossier *d, const char *officer, const char *step, const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_ASSIGN);

	r.officer = mc_str(officer);
	r.step = mc_str(step);
	return ask(d, &r, at);
}

static void
test_people(void)
{
	struct dossier *d = appraising(house, "{\"floor_area\":\"300\"}");

	/* No officers.csv: any id will do. */
	IS(assign(d, "whoever", NULL, "2024-03-05 09:00"), 1);
	IS_STR(give_text(NULL, MC_D_OFFICER, d->c.step[0].officer), "whoever");
	IS(assign(d, "whoever", NULL, "2024-03-05 09:00"), 0);
	d->rules.units = world.units;
	IS(assign(d, "an", NULL, "2024-03-05 09:00"), 1);
	IS(assign(d, "whoever", NULL, "2024-03-05 09:00"), -1);
	IS_STR(d->err.msg,
	    "\"whoever\" is no officer of unit \"H42.30.1\" that day");
	IS_STR(d->err.id, "E_OFFICER");
	IS(assign(d, "chi", NULL, "2024-03-05 09:00"), -1);
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS(assign(d, "an", NULL, "2024-03-05 10:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	free_dossier(d);

	/* Outside any step, the dossier's own; who has left is refused. */
	d = new_dossier(house, "H42.30", NULL);
	d->rules.units = world.units;
	IS(assign(d, "binh", NULL, "2024-03-05 09:00"), -1);
	IS(assign(d, "an", NULL, "2024-03-05 09:00"), 1);
	IS_STR(give_text(NULL, MC_D_OFFICER, d->c.officer), "an");
	IS(act_to(d, MC_A_TRANSFER, "H42.07", NULL, "2024-03-05 09:00"), 1);
	IS_STR(give_text(NULL, MC_D_UNIT, d->c.holder), "H42.07");
	IS(act_to(d, MC_A_TRANSFER, "H42.07", NULL, "2024-03-05 09:00"), 0);
	free_dossier(d);

	d = appraising(house, NULL);
	IS(act_to(d, MC_A_TRANSFER, "H42.40", NULL, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_UNIT");
	IS_STR(d->err.msg, "no unit has the code \"H42.40\"");
	IS(act_to(d, MC_A_TRANSFER, "H42.39", NULL, "2024-03-05 09:00"), -1);
	IS_STR(d->err.msg, "unit \"H42.39\" is not in being that day");
	IS_STR(d->err.advice, "its successor is \"H42.30\"");
	IS(act_to(d, MC_A_TRANSFER, "H42.07", "appraise", "2024-03-05 09:00"),
	    1);
	IS_STR(steps(d), "appraise@H42.07");
	free_dossier(d);
}

static void
test_reopen(void)
{
	struct dossier *d = appraising(house, "{\"floor_area\":\"1\"}");

	act(d, MC_A_NEXT, "2024-03-05 09:00");
	act(d, MC_A_NEXT, "2024-03-06 09:00");
	IS(d->c.status, MC_S_FINISHED);
	IS(d->posted, 0);
	/* Only `sign` leads to the end. */
	IS(act(d, MC_A_REOPEN, "2024-03-07 09:00"), 1);
	IS_STR(kinds(d), "reopened");
	IS_STR(said(d, MC_K_REOPENED, MC_F_FIELDS), "{\"floor_area\":\"1\"}");
	IS(d->c.status, MC_S_PROCESSING);
	IS(d->c.verdict, MC_V_NONE);
	IS(d->c.finished_at, MC_NEVER);
	IS_STR(steps(d), "sign@H42.30.2");
	IS(d->posted, 1);
	IS(act(d, MC_A_NEXT, "2024-03-08 09:00"), 1);
	act(d, MC_A_RETURN, "2024-03-08 09:00");
	IS(d->c.status, MC_S_RETURNED);
	IS(act_to(d, MC_A_REOPEN, NULL, "return", "2024-03-09 09:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS(act_to(d, MC_A_REOPEN, NULL, "appraise", "2024-03-09 09:00"), 1);
	IS_STR(steps(d), "appraise@H42.30.1");
	IS_STR(due(d->c.step[0].due_at), "2024-03-15T17:00:00+07:00");
	IS_STR(mc_buf_str(&d->c.fields), "{\"floor_area\":\"1\"}");
	free_dossier(d);

	d = new_dossier(loop, "H42.30", NULL);
	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_FINISH, "2024-03-04 09:00");
	IS(act(d, MC_A_REOPEN, "2024-03-07 09:00"), -1);
	IS_STR(d->err.msg, "name the step to go back to with --step: a, b");
	free_dossier(d);
}

static void
test_correct(void)
{
	struct dossier *d = appraising(house, "{\"floor_area\":\"1\"}");

	/* The due follows the receipt ... */
	IS(set(d, "received_at", "2024-03-01 09:00", "2024-03-05 09:00"), 1);
	IS_STR(due(d->c.received_at), "2024-03-01T09:00:00+07:00");
	IS_STR(due(d->c.due.at), "2024-03-22T17:00:00+07:00");
	IS_STR(said(d, MC_K_CORRECTED, MC_F_SET),
	    "{\"received_at\":\"2024-03-01T02:00:00Z\"}");
	IS(d->c.due_given, false);
	/* ... a date alone is the opening of that day ... */
	IS(set(d, "received_at", "2024-03-04", "2024-03-05 09:00"), 1);
	IS_STR(due(d->c.received_at), "2024-03-04T07:30:00+07:00");
	/* ... and a due that has moved since does not follow. */
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	act(d, MC_A_RESUME, "2024-03-07 09:00");
	IS(set(d, "received_at", "2024-03-01 09:00", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	IS(set(d, "received_at", "2024-03-09 09:00", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_ORDER");
	IS(set(d, "received_at", "soon", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_DATE");
	IS(set(d, "finished_at", "2024-03-07 09:00", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_FIELD");

	IS(set(d, "field.floor_area", "300.50", "2024-03-08 09:00"), 1);
	IS_STR(said(d, MC_K_CORRECTED, MC_F_SET),
	    "{\"fields\":{\"floor_area\":\"300.5\"}}");
	IS_STR(mc_buf_str(&d->c.fields), "{\"floor_area\":\"300.5\"}");
	IS(set(d, "field.floor_area", "wide", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_FIELD");
	IS_STR(d->err.msg,
	    "the value given for \"floor_area\" is not of its type");
	IS(set(d, "field.colour", "red", "2024-03-08 09:00"), -1);
	IS_STR(d->err.msg, "the procedure declares no field \"colour\"");
	IS(set(d, "channel", "pigeon", "2024-03-08 09:00"), -1);
	IS_STR(d->err.msg, "the value given for \"channel\" is not a channel");

	/* Personal values are in the personal object only. */
	IS(set(d, "field.income", "900", "2024-03-08 09:00"), 1);
	OK(!mc_event_has(&d->out.event[0].e, MC_F_SET));
	IS_STR(mc_buf_str(&d->out.event[0].personal),
	    "{\"fields\":{\"income\":\"900\"}}");
	IS(set(d, "applicant_name", "Nguyen Van A", "2024-03-08 09:00"), 1);
	OK(!mc_event_has(&d->out.event[0].e, MC_F_SET));
	IS_STR(mc_buf_str(&d->out.event[0].personal),
	    "{\"applicant_name\":\"Nguyen Van A\"}");

	/* What is corrected after the end can change the verdict. */
	act(d, MC_A_FINISH, "2024-03-28 09:00");
	IS(d->c.verdict, MC_V_LATE);
	IS(set(d, "finished_at", "2024-03-26", "2024-03-29 09:00"), 1);
	IS_STR(due(d->c.finished_at), "2024-03-26T17:00:00+07:00");
	IS(d->c.verdict, MC_V_EARLY);
	IS(set(d, "due_at", "2024-03-26", "2024-03-29 09:00"), 1);
	IS(d->c.verdict, MC_V_ON_TIME);
	IS(d->c.due_given, true);
	IS(set(d, "finished_at", "2024-02-26", "2024-03-29 09:00"), -1);
	IS_STR(d->err.id, "E_ORDER");
	IS(d->posted, 0);
	free_dossier(d);
}

static void
test_order(void)
{
	struct dossier *d = appraising(house, NULL);
	struct mc_request r = MC_REQUEST(MC_A_FINISH);

	r.at = t("2024-03-05 09:00");
	IS(ask(d, &r, "2024-03-05 08:59"), -1);
	IS_STR(d->err.id, "E_ORDER");
	IS_STR(d->err.msg,
	    "the time given lies after now, 2024-03-05T08:59:00+07:00");
	r.at = t("2024-03-04 08:59:59");
	IS(ask(d, &r, "2024-03-05 09:00"), -1);
	IS_STR(d->err.msg,
	    "the time given lies before the dossier's last change, "
	    "2024-03-04T09:00:00+07:00");
	r.at = t("2024-03-04 09:00");
	IS(ask(d, &r, "2024-03-05 09:00"), 1);
	IS(d->c.finished_at, t("2024-03-04 09:00"));
	free_dossier(d);
}

static void
test_reason(void)
{
	struct dossier *d = appraising(house, NULL);
	struct mc_request r = MC_REQUEST(MC_A_SUPPLEMENT);

	r.reason = MC_STR("thieu \"ban ve\"");
	IS(ask(d, &r, "2024-03-05 09:00"), 1);
	IS_STR(mc_buf_str(&d->out.event[0].personal),
	    "{\"reason\":\"thieu \\\"ban ve\\\"\"}");
	free_dossier(d);
}

static void
test_no_definition(void)
{
	struct dossier *d = appraising(house, NULL);

	d->rules.procedure = NULL;
	d->rules.policy = NULL;
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_VERSION");
	IS(act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00"), 1);
	IS(act(d, MC_A_RESUME, "2024-03-05 10:00"), 1);
	IS(act(d, MC_A_FINISH, "2024-03-05 11:00"), 1);
	free_dossier(d);

	/* A step that the definition does not have: told where to go. */
	d = appraising(house, NULL);
	give_id(
	    NULL, MC_D_STEP, MC_STR("old-step"), &d->c.step[0].step, &d->err);
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS(act_to(d, MC_A_NEXT, "sign", NULL, "2024-03-05 09:00"), 1);
	IS_STR(kinds(d), "completed started");
	IS_STR(steps(d), "sign@H42.30.2");
	free_dossier(d);
}

static void
test_requests(void)
{
	static const struct mc_set twice[] = { { { "note", 4 }, { "a", 1 } },
		{ { "note", 4 }, { "b", 1 } } };
	static const struct mc_set bad[] = { { { "status", 6 }, { "4", 1 } } };
	struct mc_request to = MC_REQUEST(MC_A_FINISH);
	struct mc_request no_to = MC_REQUEST(MC_A_TRANSFER);
	struct mc_request no_officer = MC_REQUEST(MC_A_ASSIGN);
	struct mc_request space = MC_REQUEST(MC_A_ASSIGN);
	struct mc_request no_term = MC_REQUEST(MC_A_EXTEND);
	struct mc_request both = MC_REQUEST(MC_A_EXTEND);
	struct mc_request none = MC_REQUEST(MC_A_EXTEND);
	struct mc_request no_set = MC_REQUEST(MC_A_CORRECT);
	struct mc_request bad_set = MC_REQUEST(MC_A_CORRECT);
	struct mc_request two_sets = MC_REQUEST(MC_A_CORRECT);
	struct mc_request utf8 = MC_REQUEST(MC_A_STOP);
	const struct {
		const struct mc_request *r;
		const char *msg;
	} row[] = {
		{ &to, "finish does not take --to" },
		{ &no_to, "transfer needs --to" },
		{ &no_officer, "assign needs --officer" },
		{ &space, "--officer: not 1 to 64 visible characters" },
		{ &no_term, "extend needs one of --by and --until" },
		{ &both, "extend needs one of --by and --until" },
		{ &none, "--by: not an amount of time to extend by" },
		{ &no_set, "correct needs --set" },
		{ &bad_set, "--set: \"status\" cannot be corrected" },
		{ &two_sets, "--set: \"note\" stands twice" },
		{ &utf8, "--reason: not UTF-8" },
	};
	struct mc_err err;
	size_t i;

	to.to = MC_STR("x");
	space.officer = MC_STR("a b");
	both.has_by = none.has_by = true;
	both.by = (struct mc_term){ MC_TERM_DAYS, 1000 };
	both.until = 0;
	bad_set.set = bad;
	bad_set.sets = 1;
	two_sets.set = twice;
	two_sets.sets = 2;
	utf8.reason = MC_STR("\xff");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TAP_ROW(row[i].msg);
		mc_err_clear(&err);
		IS(mc_request_check(row[i].r, &err), -1);
		IS(err.code, MC_EUSAGE);
		IS_STR(err.msg, row[i].msg);
	}
	TAP_ROW(NULL);
}

/* ---- every action in every state ---- */

/* How to get into a state from registered, and what it is called. */
static const struct {
	const char *name;
	enum mc_status status;
	enum mc_action way[6];
	int n;
	/* By action, the status it leads to; 0 refused, -1 unchanged. */
	int to[MC_A__COUNT];
} state[] = {
	/* clang-format off */
	/*      receive start next assign transfer supplement pay stop
	        resume extend refuse withdraw finish return reopen correct */
	{ "registered", MC_S_REGISTERED, { MC_A__COUNT }, 0,
	    { 2, 0, 0, 1, 1, 5, 0, 0, 0, 0, 3, 7, 0, 0, 0, 1 } },
	{ "received", MC_S_RECEIVED, { MC_A_RECEIVE }, 1,
	    { 0, 4, 0, 2, 2, 5, 6, 8, 0, 2, 0, 7, 9, 0, 0, 2 } },
	{ "not-accepted", MC_S_NOT_ACCEPTED, { MC_A_REFUSE }, 1,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 } },
	{ "processing", MC_S_PROCESSING, { MC_A_RECEIVE, MC_A_START }, 2,
	    { 0, -1, 4, 4, 4, 5, 6, 8, 0, 4, 0, 7, 9, 0, 0, 4 } },
	{ "supplement", MC_S_SUPPLEMENT,
	    { MC_A_RECEIVE, MC_A_START, MC_A_SUPPLEMENT }, 3,
	    { 0, -1, 0, 5, 5, 0, 0, 8, 4, 0, 0, 7, 0, 0, 0, 5 } },
	{ "supplement before start", MC_S_SUPPLEMENT,
	    { MC_A_RECEIVE, MC_A_SUPPLEMENT }, 2,
	    { 0, -1, 0, 5, 5, 0, 0, 8, 2, 0, 0, 7, 0, 0, 0, 5 } },
	{ "supplement, never received", MC_S_SUPPLEMENT,
	    { MC_A_SUPPLEMENT }, 1,
	    { 2, -1, 0, 5, 5, 0, 0, 0, 0, 0, 3, 7, 0, 0, 0, 5 } },
	{ "payment", MC_S_PAYMENT, { MC_A_RECEIVE, MC_A_START, MC_A_PAY }, 3,
	    { 0, -1, 0, 6, 6, 0, 0, 8, 4, 0, 0, 7, 0, 0, 0, 6 } },
	{ "payment before start", MC_S_PAYMENT,
	    { MC_A_RECEIVE, MC_A_PAY }, 2,
	    { 0, -1, 0, 6, 6, 0, 0, 8, 4, 0, 0, 7, 0, 0, 0, 6 } },
	{ "withdrawn", MC_S_WITHDRAWN, { MC_A_WITHDRAW }, 1,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 } },
	{ "withdrawn after receipt", MC_S_WITHDRAWN,
	    { MC_A_RECEIVE, MC_A_WITHDRAW }, 2,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 } },
	{ "stopped", MC_S_STOPPED, { MC_A_RECEIVE, MC_A_START, MC_A_STOP }, 3,
	    { 0, -1, 0, 8, 8, 0, 0, 0, 4, 0, 0, 7, 0, 0, 0, 8 } },
	{ "stopped before start", MC_S_STOPPED,
	    { MC_A_RECEIVE, MC_A_STOP }, 2,
	    { 0, -1, 0, 8, 8, 0, 0, 0, 4, 0, 0, 7, 0, 0, 0, 8 } },
	{ "finished", MC_S_FINISHED, { MC_A_RECEIVE, MC_A_FINISH }, 2,
	    { 0, -1, 10, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 10, 4, 9 } },
	{ "returned", MC_S_RETURNED,
	    { MC_A_RECEIVE, MC_A_START, MC_A_FINISH, MC_A_RETURN }, 4,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 10 } },
	/* clang-format on */
};
#define STATES ((int)(sizeof(state) / sizeof(state[0])))

/* Every action with the options it needs. */
static int
act_any(struct dossier *d, enum mc_action a, const char *at)
{
	static const struct mc_set note = { { "note", 4 }, { "x", 1 } };
	struct mc_request r = MC_REQUEST(a);

	if (a == MC_A_ASSIGN)
		r.officer = MC_STR("an");
	if (a == MC_A_TRANSFER)
		r.to = MC_STR("H42.07");
	if (a == MC_A_EXTEND) {
		r.has_by = true;
		r.by = (struct mc_term){ MC_TERM_DAYS, 5000 };
	}
	if (a == MC_A_CORRECT) {
		r.set = &note;
		r.sets = 1;
	}
	return ask(d, &r, at);
}

static void
test_states(void)
{
	char label[80];
	struct dossier *d;
	int i, k, a, rc;

	for (i = 0; i < STATES; i++)
		for (a = 0; a < MC_A__COUNT; a++) {
			snprintf(label, sizeof(label), "%s: %s", state[i].name,
			    mc_action_name((enum mc_action)a));
			TAP_ROW(label);
			d = new_dossier(house, "H42.30", NULL);
			for (k = 0; k < state[i].n; k++)
				act(d, state[i].way[k], "2024-03-04 09:00");
			OK(d->c.status == state[i].status);
			rc = act_any(d, (enum mc_action)a, "2024-03-05 09:00");
			if (state[i].to[a] > 0) {
				IS(rc, 1);
				IS(d->c.status, state[i].to[a]);
				OK(d->c.status == state[i].status ||
				    a == MC_A_REOPEN ||
				    mc_status_move(
					state[i].status, d->c.status));
			} else if (state[i].to[a] == -1) {
				IS(rc, 0);
				IS(d->out.n, 0);
			} else {
				IS(rc, -1);
				IS_STR(d->err.id, "E_STATE");
				IS(d->err.code, MC_EREFUSED);
				OK(strstr(d->err.msg, "allowed: ") != NULL);
			}
			IS(d->c.status, state[i].to[a] > 0
					    ? state[i].to[a]
					    : (int)state[i].status);
			free_dossier(d);
		}
	TAP_ROW(NULL);
}

/* ---- random walks ---- */

static uint64_t seed = 88172645463325252u;

static uint32_t
rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

/* What holds for every dossier at every moment; the first that does not. */
static const char *
broken(const struct dossier *d, enum mc_status before, enum mc_action a)
{
	const struct mc_case *c = &d->c;
	enum mc_status s = c->status;
	bool closed =
	    s == MC_S_WITHDRAWN || s == MC_S_FINISHED || s == MC_S_RETURNED;
	int i, k;

	if (s < MC_S_REGISTERED || s > MC_S_RETURNED)
		return "a status of the ten";
	/* Into processing, and at once into a final step: two moves. */
	if (s != before && a != MC_A_REOPEN && !mc_status_move(before, s) &&
	    (a != MC_A_RESUME || s != MC_S_FINISHED))
		return "a legal move";
	if (s == MC_S_PROCESSING && c->steps == 0)
		return "processing has a step";
	if (c->steps > 0 && s != MC_S_PROCESSING && !mc_status_paused(s) &&
	    s != MC_S_FINISHED)
		return "no steps outside processing";
	if (s == MC_S_FINISHED &&
	    (c->steps > 1 ||
		(c->steps == 1 &&
		    !d->p->step[mc_procedure_step(
				    d->p, mc_str(give_text(NULL, MC_D_STEP,
					      c->step[0].step)))]
			 .final)))
		return "finished is in the final step";
	if ((c->paused_at != MC_NEVER) != mc_status_paused(s) ||
	    (c->was != MC_S_NONE) != mc_status_paused(s))
		return "paused has a beginning";
	if ((c->verdict != MC_V_NONE) != closed)
		return "closed has a verdict";
	if (closed == (c->finished_at == MC_NEVER))
		return s == MC_S_NOT_ACCEPTED ? NULL : "closed has an end";
	if (c->version != (int32_t)d->seq)
		return "version counts events";
	if (d->posted !=
	    (c->received_at != MC_NEVER && mc_status_open(s) ? 1 : 0))
		return "open is counted once";
	for (i = 0; i < c->steps; i++)
		for (k = 0; k < i; k++)
			if (c->step[i].step == c->step[k].step)
				return "a step is open once";
	if (c->received_at != MC_NEVER && c->changed_at < c->received_at)
		return "time goes forward";
	return NULL;
}

static void
test_walks(void)
{
	static const char *const definition[] = { house, house_restart,
		house_none, no_limit, loop, at_once };
	static const char *const fields[] = { NULL, "{\"floor_area\":\"300\"}",
		"{\"floor_area\":\"12\"}" };
	static const enum mc_action often[] = { MC_A_NEXT, MC_A_NEXT, MC_A_NEXT,
		MC_A_RESUME, MC_A_START, MC_A_RECEIVE };
	const char *what = NULL;
	struct dossier *d;
	struct mc_request r;
	enum mc_action a = MC_A_START;
	enum mc_status before;
	int64_t now;
	int walk, i, j, done = 0, refused = 0, left = 0;

	for (walk = 0; walk < 3000 && what == NULL; walk++) {
		d = new_dossier(definition[rnd(6)], "H42.30", fields[rnd(3)]);
		/* What a field says only the definition may use. */
		if (d->p->n_fields == 0)
			mc_buf_reset(&d->c.fields);
		for (i = 0; i < 30 && what == NULL; i++) {
			a = rnd(2) == 0 ? often[rnd(6)]
					: (enum mc_action)rnd(MC_A_CORRECT);
			r = MC_REQUEST(a);
			if (a == MC_A_ASSIGN)
				r.officer = MC_STR("an");
			if (a == MC_A_TRANSFER)
				r.to = MC_STR("H42.07");
			if (a == MC_A_EXTEND) {
				r.has_by = true;
				r.by = (struct mc_term){ MC_TERM_DAYS, 5000 };
			}
			if ((a == MC_A_NEXT || a == MC_A_REOPEN) && rnd(2) == 0)
				r.step = mc_str(
				    d->p->step[rnd((uint32_t)d->p->steps)].id);
			if (a == MC_A_NEXT && rnd(4) == 0)
				r.to = mc_str(
				    d->p->step[rnd((uint32_t)d->p->steps)].id);
			before = d->c.status;
			now = d->c.changed_at + (int64_t)rnd(4) * 36000000;
			mc_err_clear(&d->err);
			if (mc_workflow(&d->out, &d->rules, &d->c, &r, now,
				&d->err) == -1) {
				refused++;
				if (d->err.code != MC_EREFUSED)
					what = "a refusal is a refusal";
				continue;
			}
			for (j = 0; j < d->out.n; j++)
				fold(d, &d->out.event[j].e);
			done++;
			what = broken(d, before, a);
		}
		left += d->c.status == MC_S_RETURNED;
		if (what != NULL)
			printf("# walk %d, action %d: %s of %s: %s\n", walk, i,
			    mc_action_name(a), mc_status_name(d->c.status),
			    what);
		free_dossier(d);
	}
	IS_STR(what, NULL);
	/* The walks went somewhere. */
	OK(done > 10000);
	OK(refused > 10000);
	OK(left > 300);
}

int
main(void)
{
	make_world();
	test_names();
	test_requests();
	test_whole_way();
	test_parallel();
	test_choice();
	test_roles();
	test_pauses();
	test_verdicts();
	test_extend();
	test_people();
	test_reopen();
	test_correct();
	test_order();
	test_reason();
	test_no_definition();
	test_states();
	test_walks();
	end_world();
	return tap_done();
}
