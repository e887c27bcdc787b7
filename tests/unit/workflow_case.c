/* workflow_case.c - cases of a procedure: chosen at receipt, and corrected. */
#include "workflow_world.h"

static const char small[] = "{\"floor_area\":\"100\"}";
static const char large[] = "{\"floor_area\":\"2000\"}";

static const char *
now_in(const struct dossier *d)
{
	const char *id = mc_procedure_case_id(d->rules.procedure);

	return id != NULL ? id : "none";
}

static int
receive(struct dossier *d, const char *in_case)
{
	struct mc_request r = MC_REQUEST(MC_A_RECEIVE);

	r.in_case = mc_str(in_case);
	return ask(d, &r, "2024-03-04 09:00");
}

/* Monday the 4th of March; 30 April alone is off. */
static const struct {
	const char *channel, *fields, *named, *in_case, *due;
} chosen[] = {
	{ "direct", small, "", "none", "2024-03-11T17:00:00+07:00" },
	{ "online", small, "", "none", "2024-03-07T17:00:00+07:00" },
	{ "postal", small, "", "none", "2024-03-11T17:00:00+07:00" },
	{ "direct", large, "", "works", "2024-04-01T17:00:00+07:00" },
	{ "online", large, "", "works", "2024-04-01T17:00:00+07:00" },
	{ "direct", large, "none", "none", "2024-03-11T17:00:00+07:00" },
	{ "direct", large, "hurry", "hurry", "2024-03-05T17:00:00+07:00" },
	{ "direct", NULL, "hurry", "hurry", "2024-03-05T17:00:00+07:00" },
	{ "direct", small, "works", "works", "2024-04-01T17:00:00+07:00" },
	{ "direct", small, "open", "open", "never" },
};

static void
test_chosen(void)
{
	struct dossier *d;
	size_t i;

	for (i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		TAP_ROW(chosen[i].due);
		d = new_dossier(cased, "H42.30", chosen[i].fields);
		IS(set(d, "channel", chosen[i].channel, NULL), 1);
		IS(receive(d, chosen[i].named), 1);
		IS_STR(now_in(d), chosen[i].in_case);
		IS_STR(due(d->c.due.at), chosen[i].due);
		if (strcmp(chosen[i].in_case, "none") == 0)
			OK(said(d, MC_K_RECEIVED, MC_F_CASE) == NULL);
		else
			IS_STR(said(d, MC_K_RECEIVED, MC_F_CASE),
			    chosen[i].in_case);
		free_dossier(d);
	}
	TAP_ROW(NULL);
}

static void
test_refused(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", NULL);
	struct mc_request r = MC_REQUEST(MC_A_START);
	struct mc_err err = MC_ERR_INIT;

	IS(receive(d, ""), -1);
	IS_STR(d->err.id, "E_MISSING");
	OK(strstr(d->err.where, "1.009994.json:1:") != NULL);
	IS(receive(d, "wroks"), -1);
	IS_STR(d->err.id, "E_CASE");
	IS_STR(d->err.msg, "1.009994 has no case \"wroks\"");
	IS_STR(d->err.advice, "there is: works, hurry, open, none");
	IS(d->err.code, MC_EREFUSED);
	IS(d->c.received_at, MC_NEVER);
	/* Nothing to correct yet; and only `receive` takes a name. */
	IS(set(d, "case", "works", NULL), -1);
	IS_STR(d->err.id, "E_FIELD");
	r.in_case = MC_STR("works");
	IS(mc_request_check(&r, &err), -1);
	IS_STR(err.msg, "start does not take --case");
	free_dossier(d);
	d = new_dossier(house, "H42.30", small);
	IS(receive(d, "works"), -1);
	IS_STR(d->err.advice, "there is: none");
	IS(receive(d, "none"), 1);
	free_dossier(d);
}

/* Its own steps, and where it is told that they decided. */
static void
test_steps(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", large);

	IS(receive(d, ""), 1);
	act(d, MC_A_START, NULL);
	act(d, MC_A_NEXT, NULL);
	IS_STR(steps(d), "appraise@H42.30.1");
	act(d, MC_A_NEXT, NULL);
	IS_STR(steps(d), "inspect@H42.07");
	OK(strstr(said(d, MC_K_STARTED, MC_F_WHY),
	       "1.009994.json#/cases/0/steps/1/next\"") != NULL);
	/* Not one of the other case's steps. */
	IS(set(d, "case", "hurry", NULL), -1);
	IS_STR(d->err.id, "E_STEP");
	IS_STR(now_in(d), "works");
	free_dossier(d);
}

static void
test_corrected(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", large);
	struct mc_request r = MC_REQUEST(MC_A_CORRECT);
	struct mc_set s[] = { { MC_STR("case"), MC_STR("hurry") },
		{ MC_STR("field.floor_area"), MC_STR("12") } };

	IS(receive(d, ""), 1);
	IS(set(d, "case", "works", NULL), 0);
	IS(set(d, "case", "hurry", NULL), 1);
	IS_STR(kinds(d), "repinned");
	IS_STR(said(d, MC_K_REPINNED, MC_F_CASE), "hurry");
	IS_STR(said(d, MC_K_REPINNED, MC_F_BLOB), "b10b");
	IS_STR(due(d->c.due.at), "2024-03-05T17:00:00+07:00");
	/* Into none of them, and with another value. */
	s[0].value = MC_STR("none");
	r.set = s;
	r.sets = 2;
	IS(ask(d, &r, NULL), 1);
	IS_STR(kinds(d), "corrected repinned");
	OK(said(d, MC_K_CORRECTED, MC_F_DUE_AT) == NULL);
	OK(said(d, MC_K_REPINNED, MC_F_CASE) == NULL);
	IS_STR(due(d->c.due.at), "2024-03-11T17:00:00+07:00");
	IS_STR(d->c.fields.p, "{\"floor_area\":\"12\"}");
	/* No limit any more: what was told stays. */
	IS(set(d, "case", "open", NULL), 1);
	IS_STR(due(d->c.due.at), "2024-03-11T17:00:00+07:00");
	OK(d->c.due_given);
	/* And does not follow the receipt any more. */
	IS(set(d, "received_at", "2024-03-01 08:00", NULL), 1);
	IS_STR(due(d->c.due.at), "2024-03-11T17:00:00+07:00");
	free_dossier(d);
}

/* What was moved since the receipt has to be said; a promise stays. */
static void
test_moved(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", large);

	IS(receive(d, ""), 1);
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	act(d, MC_A_RESUME, "2024-03-07 09:00");
	IS(set(d, "case", "hurry", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	IS_STR(now_in(d), "works");
	free_dossier(d);
	d = new_dossier(cased, "H42.30", large);
	IS(receive(d, "open"), 1);
	act(d, MC_A_STOP, "2024-03-05 09:00");
	act(d, MC_A_RESUME, "2024-03-07 09:00");
	IS(set(d, "case", "hurry", "2024-03-08 09:00"), -1);
	IS_STR(d->err.id, "E_DUE");
	free_dossier(d);
	d = new_dossier(cased, "H42.30", large);
	IS(receive(d, ""), 1);
	IS(set(d, "due_at", "2024-03-29 10:00", NULL), 1);
	IS(set(d, "case", "hurry", NULL), 1);
	IS_STR(due(d->c.due.at), "2024-03-29T10:00:00+07:00");
	OK(d->c.due_given);
	free_dossier(d);
	/* From no limit to one. */
	d = new_dossier(cased, "H42.30", large);
	IS(receive(d, "open"), 1);
	IS(set(d, "case", "hurry", NULL), 1);
	IS_STR(due(d->c.due.at), "2024-03-05T17:00:00+07:00");
	free_dossier(d);
}

/* Of a closed one the verdict follows. */
static void
test_verdict(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", large);

	IS(receive(d, ""), 1);
	act(d, MC_A_FINISH, "2024-03-08 09:00");
	IS(d->c.verdict, MC_V_EARLY);
	IS(set(d, "case", "hurry", "2024-03-08 10:00"), 1);
	IS_STR(kinds(d), "corrected repinned");
	IS(d->c.verdict, MC_V_LATE);
	IS(d->posted, 0);
	free_dossier(d);
}

/* Its values do not move it, but somebody is told. */
static void
test_values(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", small);

	IS(receive(d, ""), 1);
	IS(set(d, "field.floor_area", "500", NULL), 1);
	IS(d->out.warning.code, MC_OK);
	IS(set(d, "field.floor_area", "5000", NULL), 1);
	IS_STR(d->out.warning.id, "W_RECASE");
	IS_STR(d->out.warning.msg,
	    "it stays of the case \"none\", which was decided at its receipt; "
	    "by what it says now it would be \"works\"");
	IS_STR(now_in(d), "none");
	IS(set(d, "note", "x", NULL), 1);
	IS(d->out.warning.code, MC_OK);
	IS(set(d, "case", "works", NULL), 1);
	IS(d->out.warning.code, MC_OK);
	/* Nobody asked the values for this one. */
	IS(set(d, "case", "hurry", NULL), 1);
	IS(set(d, "field.floor_area", "10", NULL), 1);
	IS(d->out.warning.code, MC_OK);
	free_dossier(d);
}

/* The limit follows the channel. */
static void
test_channel(void)
{
	struct dossier *d = new_dossier(cased, "H42.30", small);

	IS(receive(d, ""), 1);
	IS(set(d, "channel", "postal", NULL), 1);
	OK(said(d, MC_K_CORRECTED, MC_F_DUE_AT) == NULL);
	IS(set(d, "channel", "online", NULL), 1);
	IS_STR(due(d->c.due.at), "2024-03-07T17:00:00+07:00");
	OK(!d->c.due_given);
	act(d, MC_A_SUPPLEMENT, "2024-03-05 09:00");
	act(d, MC_A_RESUME, "2024-03-06 09:00");
	IS_STR(due(d->c.due.at), "2024-03-08T17:00:00+07:00");
	IS(set(d, "channel", "direct", NULL), -1);
	IS_STR(d->err.id, "E_DUE");
	free_dossier(d);
}

int
main(void)
{
	make_world();
	test_chosen();
	test_refused();
	test_steps();
	test_corrected();
	test_moved();
	test_verdict();
	test_values();
	test_channel();
	end_world();
	return tap_done();
}
