/* workflow_repin.c - may a dossier go on under another definition? */
#include <string.h>

#include <motcua/json.h>

#include "workflow_internal.h"

const char *
mc_fit_name(enum mc_fit f)
{
	static const char *const name[] = { [MC_FIT_OK] = "fits",
		[MC_FIT_GONE] = "is no step of the new version",
		[MC_FIT_FINAL] =
		    "is a final step there, and the dossier is not finished",
		[MC_FIT_TWICE] = "would be open twice",
		[MC_FIT_DEAD] = "leads to no final step there" };

	return name[f];
}

static bool
ends(const struct mc_procedure *p, int step)
{
	int i;

	for (i = 0; i < p->steps; i++)
		if (p->step[i].final && mc_procedure_reaches(p, step, i))
			return true;
	return false;
}

int
mc_workflow_fit(const struct mc_procedure *p, struct mc_fit_step *s, int n)
{
	int i, k, misfits = 0;

	for (i = 0; i < n; i++) {
		s[i].at = mc_procedure_step(p, s[i].to);
		s[i].fit = s[i].at == -1            ? MC_FIT_GONE
			   : p->step[s[i].at].final ? MC_FIT_FINAL
			   : !ends(p, s[i].at)      ? MC_FIT_DEAD
						    : MC_FIT_OK;
		for (k = 0; k < i && s[i].fit == MC_FIT_OK; k++)
			if (s[k].at == s[i].at)
				s[i].fit = MC_FIT_TWICE;
		misfits += s[i].fit != MC_FIT_OK;
	}
	return misfits;
}

/* The walk along the branches that the dossier would take. */
struct walk {
	struct mc_workflow_ctx x;
	const char *asked; /* the field that a condition asked for last */
	bool seen[MC_PROCEDURE_STEPS];
	int todo[MC_PROCEDURE_STEPS], n;
};

static void
go_to(struct walk *w, int step)
{
	if (w->seen[step])
		return;
	w->seen[step] = true;
	w->todo[w->n++] = step;
}

static const char *
value_of(void *arg, const char *field)
{
	struct walk *w = arg;
	const struct mc_field *f = mc_procedure_field(w->x.p, mc_str(field));
	const char *v = mc_workflow_value(&w->x, field);
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf normal = { 0 };

	w->asked = field;
	/* It may have been of another type in the old version. */
	if (f != NULL && v != NULL &&
	    mc_field_normal(&normal, f->type, mc_str(v), &ignored) == -1)
		v = NULL;
	mc_buf_free(&normal);
	return v;
}

/* The branch to be taken; NULL: a condition cannot say. */
static const struct mc_branch *
branch_of(struct walk *w, const struct mc_step *s)
{
	int b, rc;

	for (b = 0; b < s->branches; b++) {
		rc = s->branch[b].when == NULL
			 ? 1
			 : mc_condition_eval(
			       s->branch[b].when, value_of, w, w->x.err);
		if (rc == -1)
			return NULL;
		if (rc == 1)
			return &s->branch[b];
	}
	w->asked = NULL;
	return NULL;
}

void
mc_workflow_blocks(const struct mc_rules *rules, const struct mc_case *c,
    const struct mc_fit_step *s, int n,
    void (*found)(void *arg, const char *step, const char *field), void *arg)
{
	struct mc_err why = MC_ERR_INIT;
	struct walk w = {
		.x = { .r = rules, .p = rules->procedure, .c = c, .err = &why }
	};
	const struct mc_branch *b;
	const struct mc_step *step;
	int i;

	for (i = 0; i < n; i++)
		if (s[i].at != -1)
			go_to(&w, s[i].at);
	if (n == 0 && w.x.p->steps > 0)
		go_to(&w, 0);
	while (w.n > 0) {
		step = &w.x.p->step[w.todo[--w.n]];
		if (step->final)
			continue;
		if ((b = branch_of(&w, step)) == NULL) {
			found(arg, step->id, w.asked);
			mc_err_clear(&why);
			continue;
		}
		for (i = 0; i < b->targets; i++)
			go_to(&w, b->target[i]);
	}
	mc_json_free(w.x.fields);
	mc_buf_free(&w.x.scratch);
}
