/* casework_child.c - a dossier's children; see motcua/children.h. */
#include <motcua/find.h>

#include "casework_internal.h"

/* Who applies, as it was registered: no row says it. */
static int
applicant_kind(struct mc_casework *w, struct mc_find *f, struct mc_parent *p,
    struct mc_err *err)
{
	struct mc_str ignored, kind;
	struct mc_event e;
	int rc;

	while ((rc = mc_find_event(f, &e, &ignored, err)) == 1) {
		kind = mc_event_get(&e, MC_F_APPLICANT_KIND);
		if (kind.len > 0)
			p->applicant_kind = mc_pool_str(&w->pool, kind);
	}
	return rc;
}

/* What its events have said of it; inside the transaction. */
static int
describe(struct mc_casework *w, struct mc_find **f, struct mc_parent *p,
    struct mc_err *err)
{
	const struct mc_find_query q = { .fields = true, .personal = true };
	struct mc_rulebook *unused = NULL;
	const struct mc_find_row *row;
	int i, rc;

	if (mc_find_open(f, w->store, &unused, &q, err) == -1 ||
	    (rc = mc_find_code(*f, p->code, &row, err)) == -1)
		return -1;
	if (rc == 0)
		return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "dossier \"%.*s\" is not to be found", (int)p->code.len,
		    p->code.p);
	p->fields[0] = row->fields;
	for (i = 0; i < MC_P__COUNT; i++)
		p->personal[i] = mc_str(row->personal[i]);
	return applicant_kind(w, *f, p, err);
}

int
mc_casework_plan_children(struct mc_casework *w, const struct mc_procedure *p,
    int64_t now, struct mc_err *why, struct mc_err *err)
{
	struct mc_parent parent = { .procedure = p,
		.unit = mc_str(mc_store_text(w->store, MC_D_UNIT, w->c.unit)),
		.holder = w->c.holder == MC_NOID
			      ? MC_STR("")
			      : mc_str(mc_store_text(
				    w->store, MC_D_UNIT, w->c.holder)),
		.channel = w->c.channel,
		.at = w->outcome.event[w->outcome.n - 1].e.at };
	struct mc_find *f = NULL;
	struct mc_buf code = { 0 };
	int rc;

	if (w->children == NULL)
		w->children = mc_children_new(w->store);
	rc = mc_store_code(w->store, w->c.id, &code, err);
	parent.code =
	    mc_pool_str(&w->pool, (struct mc_str){ code.p, code.len });
	mc_buf_free(&code);
	if (rc == 0)
		rc = mc_children_use(w->children, w->rb, err);
	if (rc == 0)
		rc = describe(w, &f, &parent, err);
	if (rc == 0 && mc_children_plan(w->children, &parent, now, why) == -1) {
		rc = 1;
		if (!mc_casework_refusal(why)) {
			*err = *why;
			rc = -1;
		}
	}
	mc_find_free(f);
	return rc == -1 ? -1 : rc == 0;
}

int
mc_casework_open_children(
    void *casework, struct mc_buf *names, int *n, struct mc_err *err)
{
	struct mc_casework *w = casework;
	struct mc_buf code = { 0 };
	int rc = mc_store_code(w->store, w->c.id, &code, err);

	if (rc == 0)
		rc = mc_store_open_children(
		    w->store, (struct mc_str){ code.p, code.len }, names, err);
	mc_buf_free(&code);
	*n = rc;
	return rc == -1 ? -1 : 0;
}
