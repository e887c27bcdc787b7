/* workflow_states.c - every action in every state, and random walks. */
#include "workflow_world.h"

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
	        resume extend apologise refuse withdraw finish return reopen
	        correct */
	{ "registered", MC_S_REGISTERED, { MC_A__COUNT }, 0,
	    { 2, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 3, 7, 0, 0, 0, 1 } },
	{ "received", MC_S_RECEIVED, { MC_A_RECEIVE }, 1,
	    { 0, 4, 0, 2, 2, 5, 6, 8, 0, 2, 2, 0, 7, 9, 0, 0, 2 } },
	{ "not-accepted", MC_S_NOT_ACCEPTED, { MC_A_REFUSE }, 1,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 } },
	{ "processing", MC_S_PROCESSING, { MC_A_RECEIVE, MC_A_START }, 2,
	    { 0, -1, 4, 4, 4, 5, 6, 8, 0, 4, 4, 0, 7, 9, 0, 0, 4 } },
	{ "supplement", MC_S_SUPPLEMENT,
	    { MC_A_RECEIVE, MC_A_START, MC_A_SUPPLEMENT }, 3,
	    { 0, -1, 0, 5, 5, 0, 0, 8, 4, 0, 5, 0, 7, 0, 0, 0, 5 } },
	{ "supplement before start", MC_S_SUPPLEMENT,
	    { MC_A_RECEIVE, MC_A_SUPPLEMENT }, 2,
	    { 0, -1, 0, 5, 5, 0, 0, 8, 2, 0, 5, 0, 7, 0, 0, 0, 5 } },
	{ "supplement, never received", MC_S_SUPPLEMENT,
	    { MC_A_SUPPLEMENT }, 1,
	    { 2, -1, 0, 5, 5, 0, 0, 0, 0, 0, 0, 3, 7, 0, 0, 0, 5 } },
	{ "payment", MC_S_PAYMENT, { MC_A_RECEIVE, MC_A_START, MC_A_PAY }, 3,
	    { 0, -1, 0, 6, 6, 0, 0, 8, 4, 0, 6, 0, 7, 0, 0, 0, 6 } },
	{ "payment before start", MC_S_PAYMENT,
	    { MC_A_RECEIVE, MC_A_PAY }, 2,
	    { 0, -1, 0, 6, 6, 0, 0, 8, 4, 0, 6, 0, 7, 0, 0, 0, 6 } },
	{ "withdrawn", MC_S_WITHDRAWN, { MC_A_WITHDRAW }, 1,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 } },
	{ "withdrawn after receipt", MC_S_WITHDRAWN,
	    { MC_A_RECEIVE, MC_A_WITHDRAW }, 2,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 } },
	{ "stopped", MC_S_STOPPED, { MC_A_RECEIVE, MC_A_START, MC_A_STOP }, 3,
	    { 0, -1, 0, 8, 8, 0, 0, 0, 4, 0, 8, 0, 7, 0, 0, 0, 8 } },
	{ "stopped before start", MC_S_STOPPED,
	    { MC_A_RECEIVE, MC_A_STOP }, 2,
	    { 0, -1, 0, 8, 8, 0, 0, 0, 4, 0, 8, 0, 7, 0, 0, 0, 8 } },
	{ "finished", MC_S_FINISHED, { MC_A_RECEIVE, MC_A_FINISH }, 2,
	    { 0, -1, 10, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 4, 9 } },
	{ "returned", MC_S_RETURNED,
	    { MC_A_RECEIVE, MC_A_START, MC_A_FINISH, MC_A_RETURN }, 4,
	    { 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 10 } },
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
	if (a == MC_A_APOLOGISE)
		r.reason = MC_STR("late");
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
	const struct mc_procedure *p = d->rules.procedure;
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
		(c->steps == 1 && !p->step[mc_procedure_step(p,
					       mc_str(give_text(NULL, MC_D_STEP,
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
		house_none, no_limit, loop, at_once, cased };
	static const char *const fields[] = { NULL, "{\"floor_area\":\"300\"}",
		"{\"floor_area\":\"12\"}", "{\"floor_area\":\"2000\"}" };
	static const char *const cases[] = { "works", "hurry", "open", "none" };
	static const enum mc_action often[] = { MC_A_NEXT, MC_A_NEXT, MC_A_NEXT,
		MC_A_RESUME, MC_A_START, MC_A_RECEIVE };
	const struct mc_procedure *p;
	const char *what = NULL;
	struct dossier *d;
	struct mc_request r;
	struct mc_set as;
	enum mc_action a = MC_A_START;
	enum mc_status before;
	int64_t now;
	int walk, i, j, done = 0, refused = 0, left = 0;

	for (walk = 0; walk < 3000 && what == NULL; walk++) {
		d = new_dossier(definition[rnd(7)], "H42.30", fields[rnd(4)]);
		/* What a field says only the definition may use. */
		if (d->p->n_fields == 0)
			mc_buf_reset(&d->c.fields);
		for (i = 0; i < 30 && what == NULL; i++) {
			a = rnd(2) == 0 ? often[rnd(6)]
					: (enum mc_action)rnd(MC_A_CORRECT);
			if (d->p->n_cases > 0 && rnd(6) == 0)
				a = MC_A_CORRECT;
			r = MC_REQUEST(a);
			p = d->rules.procedure;
			if (a == MC_A_CORRECT) {
				as = (struct mc_set){ MC_STR("case"),
					mc_str(cases[rnd(4)]) };
				r.set = &as;
				r.sets = 1;
			}
			if (a == MC_A_RECEIVE && d->p->n_cases > 0 &&
			    rnd(2) == 0)
				r.in_case = mc_str(cases[rnd(4)]);
			if (a == MC_A_ASSIGN)
				r.officer = MC_STR("an");
			if (a == MC_A_TRANSFER)
				r.to = MC_STR("H42.07");
			if (a == MC_A_EXTEND) {
				r.has_by = true;
				r.by = (struct mc_term){ MC_TERM_DAYS, 5000 };
			}
			if ((a == MC_A_NEXT || a == MC_A_REOPEN) && rnd(2) == 0)
				r.step =
				    mc_str(p->step[rnd((uint32_t)p->steps)].id);
			if (a == MC_A_NEXT && rnd(4) == 0)
				r.to =
				    mc_str(p->step[rnd((uint32_t)p->steps)].id);
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
	test_states();
	test_walks();
	end_world();
	return tap_done();
}
