/* workflow_case.c - of which case of its procedure a dossier is. */
#include <string.h>

#include <motcua/json.h>

#include "workflow_internal.h"

/* ---- at its receipt ---- */

int
mc_workflow_choose_case(struct mc_workflow_ctx *x)
{
	const struct mc_procedure *p;

	if (mc_procedure_choose(
		&p, x->p, x->req->in_case, mc_workflow_value, x, x->err) == -1)
		return mc_workflow_refused(x);
	x->p = p;
	return 0;
}

/* ---- corrected ---- */

int
mc_workflow_find_case(struct mc_workflow_ctx *x, struct mc_str id,
    const struct mc_procedure **out)
{
	const struct mc_procedure *p;
	const char *step;
	int i;

	if (x->c->received_at == MC_NEVER) {
		mc_err(x->err, MC_EREFUSED, "E_FIELD",
		    "the dossier is not received yet");
		return mc_err_advise(x->err,
		    "its case is decided at the receipt: receive --case=ID");
	}
	if (x->p == NULL)
		return mc_err(x->err, MC_EREFUSED, "E_VERSION",
		    "the dossier has no definition");
	if (id.len == 0)
		id = mc_str(MC_NO_CASE);
	if (mc_procedure_choose(&p, x->p, id, NULL, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	for (i = 0; i < x->c->steps; i++) {
		step = mc_workflow_name(x, MC_D_STEP, x->c->step[i].step);
		if (mc_procedure_step(x->p, mc_str(step)) == -1 ||
		    mc_procedure_step(p, mc_str(step)) != -1)
			continue;
		mc_err(x->err, MC_EREFUSED, "E_STEP",
		    "the case \"%.*s\" has not the step \"%s\", which the "
		    "dossier is in",
		    (int)(id.len < 64 ? id.len : 64), id.p, step);
		return mc_err_advise(
		    x->err, "lead it to a step that both have first");
	}
	*out = p;
	return 0;
}

void
mc_workflow_repin(struct mc_workflow_ctx *x, const struct mc_procedure *p,
    const struct mc_due *due, bool given, const char *blob)
{
	struct mc_happening *h = mc_workflow_emit(x, MC_K_REPINNED);

	mc_event_strz(&h->e, MC_F_PROCEDURE,
	    mc_workflow_name(x, MC_D_PROCEDURE, x->c->procedure));
	mc_event_strz(&h->e, MC_F_COMMIT, x->r->commit);
	mc_event_strz(&h->e, MC_F_PATH, x->r->path);
	mc_event_strz(&h->e, MC_F_BLOB, x->r->blob);
	if (mc_procedure_case_id(p) != NULL)
		mc_event_strz(&h->e, MC_F_CASE, mc_procedure_case_id(p));
	/* Common to all cases of a procedure. */
	mc_policy_put(&h->text, x->policy);
	mc_event_str(&h->e, MC_F_POLICY, mc_workflow_text(h));
	if (due == NULL)
		return;
	/* Said although it is the same: it follows from other rules now. */
	if (x->due.at != MC_NEVER && x->due.at != due->at)
		mc_event_int(&h->e, MC_F_OLD_DUE_AT, x->due.at);
	mc_workflow_say_due(&h->e, *due, given, blob);
}

/* ---- what its corrected values would make it ---- */

struct corrected {
	struct mc_workflow_ctx *x;
	const char *channel; /* NULL: as it was */
	struct mc_json *doc[2];
};

static const char *
value(void *arg, const char *name)
{
	struct corrected *k = arg;
	const char *s = NULL;
	int i;

	if (k->channel != NULL && strcmp(name, "channel") == 0)
		return k->channel;
	for (i = 0; i < 2 && s == NULL; i++)
		s = mc_json_str(mc_json_get(k->doc[i], name));
	return s != NULL ? s : mc_workflow_value(k->x, name);
}

void
mc_workflow_warn_case(struct mc_workflow_ctx *x, struct mc_str channel,
    struct mc_str public_fields, struct mc_str private_fields)
{
	const struct mc_str text[2] = { public_fields, private_fields };
	const struct mc_procedure *before, *after;
	struct mc_err *e = &x->out->warning, ignored = MC_ERR_INIT;
	struct corrected k = { .x = x };
	const char *was, *now;
	int i, rc;

	if (x->p == NULL || x->p->n_cases == 0 || x->c->received_at == MC_NEVER)
		return;
	if (channel.len > 0)
		k.channel = mc_channel_name(mc_channel_parse(channel));
	for (i = 0; i < 2; i++)
		if (text[i].len > 0 &&
		    mc_json_parse(&k.doc[i], "fields", text[i], &ignored) == -1)
			k.doc[i] = NULL;
	/* One that was named has nothing to do with them. */
	rc = mc_procedure_choose(&before, x->p, (struct mc_str){ NULL, 0 },
	    mc_workflow_value, x, &ignored);
	if (rc == 0 && before == x->p)
		rc = mc_procedure_choose(&after, x->p,
		    (struct mc_str){ NULL, 0 }, value, &k, &ignored);
	else
		rc = -1;
	mc_json_free(k.doc[0]);
	mc_json_free(k.doc[1]);
	if (rc == -1 || after == x->p)
		return;
	was = mc_procedure_case_id(x->p);
	now = mc_procedure_case_id(after);
	now = now != NULL ? now : MC_NO_CASE;
	mc_err(e, MC_EDATA, "W_RECASE",
	    "it stays of the case \"%s\", which was decided at its receipt; by "
	    "what it says now it would be \"%s\"",
	    was != NULL ? was : MC_NO_CASE, now);
}
