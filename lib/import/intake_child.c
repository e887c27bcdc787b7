/* intake_child.c - dossiers that come with a row's; motcua/children.h. */
#include <string.h>

#include "intake_internal.h"

/*
 * What a row tells of the past has been done already, wherever that was:
 * only what is received and still open is for other agencies to begin with.
 */
bool
mc_intake_has_children(const struct draft *d)
{
	return d->version != NULL && d->version->procedure->n_children > 0 &&
	       mc_status_open(d->status) && !d->unreceived;
}

static bool
is_refusal(const struct mc_err *err)
{
	return err->code == MC_EREFUSED || err->code == MC_EDATA ||
	       err->code == MC_ENOTFOUND || err->code == MC_EUSAGE;
}

int
mc_intake_plan_children(
    struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_parent p = { .code = d->v[MC_COL_CODE],
		.procedure = d->version->procedure,
		.unit = d->v[MC_COL_UNIT],
		.holder = d->v[MC_COL_HOLDER],
		.channel = d->channel,
		.at = d->received_at,
		.fields = { d->fields, d->private_fields },
		.applicant_kind = d->v[MC_COL_APPLICANT_KIND] };
	struct mc_err why = MC_ERR_INIT;

	p.personal[MC_P_ADDRESS] = d->v[MC_COL_ADDRESS];
	p.personal[MC_P_APPLICANT_ID] = d->v[MC_COL_APPLICANT_ID];
	p.personal[MC_P_APPLICANT_NAME] = d->v[MC_COL_APPLICANT_NAME];
	p.personal[MC_P_EMAIL] = d->v[MC_COL_EMAIL];
	p.personal[MC_P_PHONE] = d->v[MC_COL_PHONE];
	p.personal[MC_P_SUBJECT] = d->v[MC_COL_SUBJECT];
	if (in->children == NULL)
		in->children = mc_children_new(in->store);
	/* Of its own: another thread reads the next rows by in->rb. */
	if (mc_children_use_commit(in->children, d->version->commit, err) == -1)
		return -1;
	if (mc_children_plan(in->children, &p, in->o.now, &why) == 0)
		return 1;
	if (!is_refusal(&why)) {
		*err = why;
		return -1;
	}
	mc_intake_refuse(in, d, -1, why.id, "%s", why.msg);
	return 0;
}

int
mc_intake_write_children(struct mc_intake *in, struct mc_err *err)
{
	size_t i, n = mc_children_count(in->children);

	if (n == 0)
		return 0;
	if (mc_children_write(in->children, in->run, err) == -1)
		return -1;
	for (i = 0; i < n; i++)
		mc_intake_remember(in, mc_children_code(in->children, i));
	in->last_seq = mc_children_last_seq(in->children);
	in->sum.events += (int64_t)n;
	in->made += (int64_t)n;
	return 0;
}
