/*
 * procedure.c - fuzzes procedure.h and procedure_diff.h.
 *
 *   - what refuses a definition is what lint says of it, and that only;
 *   - one that is taken is within its limits, and all that its steps name is
 *     there;
 *   - lint's findings are bounded, and each says where;
 *   - a document does not differ from itself.
 */
#include <motcua/procedure.h>
#include <motcua/procedure_diff.h>

#include "fuzz.h"

struct first {
	struct mc_err error;
	int n;
};

static void
found(void *arg, const struct mc_err *finding)
{
	struct first *f = arg;

	HOLDS(finding->msg[0] != '\0' && finding->where[0] != '\0');
	HOLDS(finding->id[1] == '_');
	if (f->n++ == 0)
		f->error = *finding;
}

static void
changed(void *arg, const struct mc_change *c)
{
	(void)arg;
	(void)c;
	fuzz_broken("a document differs from itself", __FILE__, __LINE__);
}

static void
use_one(const struct mc_procedure *p)
{
	struct mc_policy policy = mc_policy_default;
	struct mc_err err = MC_ERR_INIT;
	const struct mc_step *s;
	int i, b, t;

	HOLDS(p->code != NULL && p->title != NULL);
	HOLDS(p->steps >= 1 && p->steps <= MC_PROCEDURE_STEPS);
	HOLDS(p->n_fields <= MC_PROCEDURE_FIELDS);
	HOLDS(p->n_documents <= MC_PROCEDURE_LIST);
	HOLDS(p->n_fees <= MC_PROCEDURE_LIST);
	for (i = 0; i < p->n_fields; i++)
		HOLDS(mc_procedure_field(p, mc_str(p->fields[i].name)) ==
		      &p->fields[i]);
	for (i = 0; i < p->steps; i++) {
		s = &p->step[i];
		HOLDS(mc_procedure_step(p, mc_str(s->id)) == i);
		HOLDS(s->branches <= MC_STEP_BRANCHES);
		for (b = 0; b < s->branches; b++) {
			HOLDS(s->branch[b].targets >= 1);
			HOLDS(s->branch[b].targets <= MC_STEP_TARGETS);
			for (t = 0; t < s->branch[b].targets; t++) {
				HOLDS(s->branch[b].target[t] >= 0);
				HOLDS(s->branch[b].target[t] < p->steps);
				HOLDS(s->branch[b].target[t] == i ||
				      mc_procedure_reaches(
					  p, i, s->branch[b].target[t]));
			}
		}
	}
	if (mc_procedure_policy(p, &policy, &err) == -1)
		fuzz_refused_at(&err);
}

/* The definition, and what it is in each of its cases. */
static void
use(const struct mc_procedure *p)
{
	const struct mc_procedure *as;
	struct mc_buf b = { 0 };
	int i;

	use_one(p);
	HOLDS(p->of_case == -1 && p->n_cases <= MC_PROCEDURE_CASES);
	for (i = 0; i < p->n_cases; i++) {
		as = p->cases[i].as;
		HOLDS(as->of_case == i && as->n_cases == p->n_cases);
		HOLDS(mc_procedure_in_case(as, mc_str(p->cases[i].id)) == as);
		HOLDS(mc_procedure_in_case(as, MC_STR("")) == p);
		use_one(as);
		mc_limits_put(&b, &as->limit);
		HOLDS((b.len > 0) == mc_limits_any(&as->limit));
		mc_buf_reset(&b);
	}
	mc_buf_free(&b);
	mc_diff_documents(p->doc, p->doc, NULL, changed, NULL);
}

int
fuzz_procedure(const uint8_t *p, size_t n)
{
	struct mc_str s = fuzz_input(p, n);
	struct mc_err err = MC_ERR_INIT;
	struct first first = { MC_ERR_INIT, 0 };
	struct mc_procedure *procedure;

	mc_procedure_lint("p.json", s, MC_NOMINAL_DAY, found, &first);
	HOLDS(first.n <= MC_LINT_MAX + 1);
	if (mc_procedure_parse(&procedure, "p.json", s, &err) == -1) {
		fuzz_refused_at(&err);
		HOLDS(first.n > 0 && strcmp(first.error.id, err.id) == 0);
		HOLDS(strcmp(first.error.where, err.where) == 0);
		return 0;
	}
	fuzz_taken++;
	use(procedure);
	mc_procedure_free(procedure);
	return 0;
}
