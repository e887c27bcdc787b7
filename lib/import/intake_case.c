/* intake_case.c - of which case of its procedure a row is; procedure.h. */
#include <string.h>

#include "intake_internal.h"

/* What conditions read. */
static const char *
value(void *arg, const char *name)
{
	const struct draft *d = arg;

	return strcmp(name, "channel") == 0 ? mc_channel_name(d->channel)
					    : mc_intake_field(d, name);
}

static int
column_of(const struct mc_intake *in, const struct mc_err *why)
{
	return strcmp(why->id, "E_CASE") == 0 ? in->b->at[MC_COL_CASE] : -1;
}

bool
mc_intake_case(struct mc_intake *in, struct draft *d, struct mc_str v[],
    const struct mc_str *field)
{
	const struct mc_procedure *p = d->version->procedure;
	struct mc_err err; /* what fails fills it */
	int rc;

	if (p->n_cases == 0 && v[MC_COL_CASE].len == 0)
		return true;
	if (!mc_intake_take_fields(in, d, field))
		return false;
	d->fields_taken = true;
	if (v[MC_COL_CASE].len == 0 && d->unreceived)
		return true;
	rc = mc_procedure_choose(&p, p, v[MC_COL_CASE], value, d, &err);
	if (rc == -1)
		return mc_intake_refuse(in, d, column_of(in, &err), err.id,
		    "%s%s%s", err.where, err.where[0] != '\0' ? ": " : "",
		    err.msg);
	d->version = mc_version_as(d->version, p);
	return true;
}

struct mc_str
mc_intake_case_id(const struct draft *d)
{
	const char *id = mc_procedure_case_id(d->version->procedure);

	return id != NULL ? mc_str(id) : MC_STR("");
}

/* ---- --update ---- */

bool
mc_intake_same_case(
    struct mc_intake *in, struct draft *d, const struct old_row *old)
{
	struct mc_str now = mc_intake_case_id(d), was = old->v[MC_COL_CASE];

	if (mc_str_same(now, was))
		return true;
	if (d->v[MC_COL_CASE].len > 0)
		return !old->received && !d->unreceived;
	if (old->received)
		mc_intake_warn(in, "W_RECASE");
	return true;
}

int
mc_intake_named_case(
    struct draft *d, const struct old_row *old, struct mc_err *err)
{
	const struct mc_procedure *p = d->version->procedure;

	if (d->v[MC_COL_CASE].len > 0 || old->v[MC_COL_CASE].len == 0 ||
	    (p = mc_procedure_in_case(p, old->v[MC_COL_CASE])) == NULL)
		return 0;
	d->version = mc_version_as(d->version, p);
	return d->due_given ? 0
			    : mc_deadline(&d->due, &d->version->policy, d->cal,
				  mc_procedure_limit(p, d->channel),
				  d->received_at, NULL, NULL, err);
}
