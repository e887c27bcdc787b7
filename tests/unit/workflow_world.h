/*
 * workflow_world.h - a small province, and dossiers to do things to: what the
 * tests of the workflow share.
 */
#ifndef WORKFLOW_WORLD_H
#define WORKFLOW_WORLD_H

#include <stdlib.h>
#include <string.h>

#include <motcua/dict.h>
#include <motcua/json.h>
#include <motcua/mem.h>
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
    "\"fri\":[\"07:30-11:30\",\"13:00-17:00\"]},"
    "\"days_off\":[{\"date\":\"2024-04-30\",\"name\":\"Giai phong\"}]}";

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
static const char house_twice[] =
    HEAD "\"limit\":\"15 working days\",\"deadline\":{\"extensions\":2,"
	 "\"extend_after_expiry\":true}," BODY;
static const char house_never[] =
    HEAD "\"limit\":\"15 working days\",\"deadline\":{\"extensions\":0,"
	 "\"extend_after_expiry\":false}," BODY;
static const char house_instant[] =
    HEAD "\"limit\":\"15 working days\",\"deadline\":{"
	 "\"verdict\":\"instant\"}," BODY;
static const char house_midnight[] =
    HEAD "\"limit\":\"15 working days\",\"deadline\":{"
	 "\"due_time\":\"midnight\"}," BODY;
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

/*
 * Cases by condition, one to be named; limits by channel; steps of their own
 * that share all but the last but one.
 */
static const char cased[] =
    HEAD "\"limit\":{\"online\":\"3 working days\","
	 "\"default\":\"5 working days\"},\"cases\":["
	 "{\"id\":\"works\",\"title\":\"Cong trinh\",\"when\":"
	 "{\"field\":\"floor_area\",\"ge\":1000},"
	 "\"limit\":\"20 working days\",\"steps\":["
	 "{\"id\":\"receive\",\"role\":\"one-stop\","
	 "\"next\":\"appraise\"},"
	 "{\"id\":\"appraise\",\"role\":\"construction\","
	 "\"next\":\"inspect\"},"
	 "{\"id\":\"inspect\",\"role\":\"environment\","
	 "\"unit\":\"@province\",\"next\":\"return\"},"
	 "{\"id\":\"return\",\"role\":\"one-stop\","
	 "\"final\":true}]},"
	 "{\"id\":\"hurry\",\"title\":\"Khan\","
	 "\"limit\":\"1 working day\"},"
	 "{\"id\":\"open\",\"title\":\"Khong thoi han\",\"when\":"
	 "{\"field\":\"income\",\"gt\":1000},\"limit\":\"none\"}]," BODY;

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

static inline int
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

static inline int
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

static inline const char *
give_text(void *arg, enum mc_dict dict, int32_t id)
{
	(void)arg;
	return mc_dict_name(&world.dict[dict], id);
}

static inline int
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

static inline int
give_unit(void *arg, const struct mc_unit *receiving, const char *role,
    const char *at, const char *to, int32_t day, const struct mc_unit **out,
    struct mc_err *err)
{
	(void)arg;
	return mc_units_resolve(
	    world.units, receiving, role, at, to, day, out, err);
}

static inline const char *
give_private(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "income") == 0 ? "500" : NULL;
}

static inline void
die(const struct mc_err *err)
{
	printf("Bail out! %s: %s: %s\n", err->where, err->id, err->msg);
	exit(1);
}

static inline void
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

static inline void
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

static inline int64_t
t(const char *s)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t at;

	if (mc_time_parse(&at, mc_str(s), world.zone, NULL, NULL, &err) == -1)
		die(&err);
	return at;
}

/* ---- doing things ---- */

static inline void
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
	/* What it is pinned to from now on. */
	if (again.kind == MC_K_RECEIVED || again.kind == MC_K_REPINNED)
		d->rules.procedure =
		    mc_procedure_in_case(d->p, mc_event_get(&again, MC_F_CASE));
	mc_buf_free(&body);
	mc_buf_free(&scratch);
}

static inline struct dossier *
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

static inline void
free_dossier(struct dossier *d)
{
	mc_case_free(&d->c);
	mc_outcome_free(&d->out);
	mc_procedure_free(d->p);
	free(d);
}

/* 1 done, 0 unchanged, -1 refused. */
static inline int
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

static inline int
act(struct dossier *d, enum mc_action a, const char *at)
{
	struct mc_request r = MC_REQUEST(a);

	return ask(d, &r, at);
}

static inline int
act_to(struct dossier *d, enum mc_action a, const char *to, const char *step,
    const char *at)
{
	struct mc_request r = MC_REQUEST(a);

	r.to = mc_str(to);
	r.step = mc_str(step);
	return ask(d, &r, at);
}

static inline int
set(struct dossier *d, const char *name, const char *value, const char *at)
{
	struct mc_request r = MC_REQUEST(MC_A_CORRECT);
	struct mc_set s = { mc_str(name), mc_str(value) };

	r.set = &s;
	r.sets = 1;
	return ask(d, &r, at);
}

/* "appraise@H42.30.1+..." of the open steps. */
static inline const char *
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

static inline const char *
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
static inline const char *
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
static inline const char *
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

static inline struct dossier *
appraising(const char *definition, const char *fields)
{
	struct dossier *d = new_dossier(definition, "H42.30", fields);

	act(d, MC_A_RECEIVE, "2024-03-04 09:00");
	act(d, MC_A_START, "2024-03-04 09:00");
	act(d, MC_A_NEXT, "2024-03-04 09:00");
	IS_STR(steps(d), "appraise@H42.30.1");
	return d;
}

#endif
