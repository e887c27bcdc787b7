/* workflow.c - what each action does. */
#include "workflow_world.h"

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
	    "1.009994.json#/steps/0/next\",\"step\":{\"at\":\"H42.30\","
	    "\"role\":\"construction\"}}");

	IS(act(d, MC_A_NEXT, "2024-03-06 10:00"), 1);
	IS_STR(steps(d), "sign@H42.30.2");
	IS_STR(due(d->c.step[0].due_at), "never");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"read\":{\"floor_area\":\"120\","
	    "\"income\":null},\"rule\":\"procedures/x/"
	    "1.009994.json#/steps/1/next/2\",\"step\":{\"at\":\"H42.30\","
	    "\"join\":\"all\",\"role\":\"leader\"}}");

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

static void
test_parallel(void)
{
	struct dossier *d = appraising(house, "{\"floor_area\":\"300\"}");

	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), 1);
	IS_STR(kinds(d), "completed started started");
	IS_STR(steps(d), "fire@H42.08+environment@H42.07");
	IS_STR(said(d, MC_K_STARTED, MC_F_WHY),
	    "{\"commit\":\"beef\",\"read\":{\"floor_area\":\"300\"},"
	    "\"rule\":\"procedures/x/1.009994.json#/steps/1/next/0\","
	    "\"step\":{\"at\":\"H42\",\"role\":\"fire-police\","
	    "\"unit\":\"@province\"}}");
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
	    "1.009994.json#/steps/1/next/0\",\"step\":{\"at\":\"H42\","
	    "\"role\":\"fire-police\",\"unit\":\"@province\"}}");
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
	    "the value given for \"floor_area\" is not a decimal number (such "
	    "as 62.5) of at most 30 digits");
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
	struct mc_request sorry = MC_REQUEST(MC_A_APOLOGISE);
	struct mc_request sorry_by = MC_REQUEST(MC_A_APOLOGISE);
	struct mc_request no_set = MC_REQUEST(MC_A_CORRECT);
	struct mc_request bad_set = MC_REQUEST(MC_A_CORRECT);
	struct mc_request two_sets = MC_REQUEST(MC_A_CORRECT);
	struct mc_request utf8 = MC_REQUEST(MC_A_STOP);
	const struct {
		const struct mc_request *r;
		const char *msg, *where;
	} row[] = {
		{ &to, "finish does not take --to", "" },
		{ &no_to, "transfer needs --to", "" },
		{ &no_officer, "assign needs --officer", "" },
		{ &space, "\"a b\" is not 1 to 64 visible characters",
		    "--officer" },
		{ &no_term, "extend needs one of --by and --until", "" },
		{ &both, "extend needs one of --by and --until", "" },
		{ &sorry, "apologise needs --reason", "" },
		{ &sorry_by, "apologise does not take --by", "" },
		{ &none, "not an amount of time to extend by", "--by" },
		{ &no_set, "correct needs --set", "" },
		{ &bad_set, "\"status\" cannot be corrected", "--set" },
		{ &two_sets, "\"note\" stands twice", "--set" },
		{ &utf8, "not UTF-8", "--reason" },
	};
	struct mc_err err;
	size_t i;

	to.to = MC_STR("x");
	space.officer = MC_STR("a b");
	both.has_by = none.has_by = true;
	sorry_by.reason = MC_STR("x");
	sorry_by.has_by = true;
	sorry_by.by = (struct mc_term){ MC_TERM_DAYS, 1000 };
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
		IS_STR(err.where, row[i].where);
	}
	TAP_ROW(NULL);
}

/* As an import of an older version could leave it: open, in the final step. */
static void
test_final(void)
{
	struct dossier *d = new_dossier(house, "H42.30", NULL);
	struct mc_request to = MC_REQUEST(MC_A_NEXT);
	struct mc_event e = { .kind = MC_K_STARTED };

	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	e.at = t("2024-03-04 09:00");
	mc_event_strz(&e, MC_F_STEP, "return");
	mc_event_strz(&e, MC_F_UNIT, "H42.30");
	fold(d, &e);
	IS(d->c.status, MC_S_PROCESSING);
	IS(act(d, MC_A_NEXT, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS_STR(d->err.msg,
	    "step \"return\" is final, and nothing comes after it: use route "
	    "finish");
	to.to = MC_STR("sign");
	IS(ask(d, &to, "2024-03-05 09:00"), -1);
	IS_STR(d->err.id, "E_STEP");
	IS(act(d, MC_A_FINISH, "2024-03-05 09:00"), 1);
	IS(d->c.status, MC_S_FINISHED);
	IS(act(d, MC_A_NEXT, "2024-03-06 09:00"), 1);
	IS(d->c.status, MC_S_RETURNED);
	free_dossier(d);
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
	test_people();
	test_reopen();
	test_correct();
	test_order();
	test_reason();
	test_no_definition();
	test_final();
	end_world();
	return tap_done();
}
