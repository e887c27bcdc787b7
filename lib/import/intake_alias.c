/*
 * intake_alias.c - a number finds one dossier; motcua/intake.h.
 *
 * Whoever has a code or an alias keeps it: a row that would give it to a second
 * dossier is refused, as what is looked up by it later would be the wrong one
 * of the two.  Those that were voided have neither any more.
 */
#include "intake_internal.h"

int
mc_intake_locate_alias(
    struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	int64_t id;
	int rc = 0;

	if (d->v[MC_COL_ALIAS].len > 0)
		rc = mc_store_holder(
		    in->store, d->v[MC_COL_ALIAS], d->id, &id, err);
	d->alias_held = rc == 1;
	return rc == -1 ? -1 : 0;
}

int
mc_intake_free_alias(
    struct mc_intake *in, struct draft *d, int64_t own, struct mc_err *err)
{
	struct mc_str alias = d->v[MC_COL_ALIAS];
	int64_t id;
	int rc;

	if (alias.len == 0 ||
	    (!d->alias_held && !mc_intake_remembers(in, alias)))
		return 1;
	rc = mc_store_holder(in->store, alias, own, &id, err);
	if (rc != 1)
		return rc == 0 ? 1 : -1;
	mc_buf_reset(&in->scratch);
	if (mc_store_code(in->store, id, &in->scratch, err) == -1)
		return -1;
	mc_intake_refuse(in, d, d->source[MC_COL_ALIAS], "E_CONFLICT",
	    "alias \"%.64s\" is of \"%.64s\" already", alias.p,
	    mc_buf_str(&in->scratch));
	return 0;
}

int
mc_intake_give_alias(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_str alias = d->v[MC_COL_ALIAS];

	if (alias.len == 0)
		return 0;
	mc_intake_remember(in, alias);
	return mc_store_alias(in->store, alias, in->c.id, err);
}

bool
mc_intake_aliases_meet(struct mc_intake *in)
{
	const struct draft *d;
	bool meet = false;
	size_t i;

	for (i = 0; i < in->draft.n; i++)
		if (in->draft.p[i]->why == NULL)
			mc_intake_remember(in, in->draft.p[i]->v[MC_COL_CODE]);
	for (i = 0; i < in->draft.n && !meet; i++) {
		d = in->draft.p[i];
		if (d->why != NULL || d->v[MC_COL_ALIAS].len == 0)
			continue;
		meet = mc_intake_remembers(in, d->v[MC_COL_ALIAS]);
		mc_intake_remember(in, d->v[MC_COL_ALIAS]);
	}
	mc_intake_forget_added(in);
	return meet;
}

bool
mc_intake_several(
    struct mc_intake *in, struct draft *d, int column, struct mc_err *err)
{
	if (err->code != MC_ENOTFOUND)
		return false;
	mc_intake_refuse(in, d, column, err->id, "%s", err->msg);
	mc_err_clear(err);
	return true;
}
