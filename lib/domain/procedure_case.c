/* procedure_case.c - cases of a procedure, limits by channel; procedure.h. */
#include <string.h>

#include <motcua/procedure.h>
#include <motcua/text.h>

#include "procedure_internal.h"

/* ---- limits ---- */

struct mc_term
mc_procedure_limit(const struct mc_procedure *p, enum mc_channel channel)
{
	return p->limit.on[channel];
}

bool
mc_limits_any(const struct mc_limits *l)
{
	int c;

	for (c = MC_CH_NONE; c <= MC_CH_POSTAL; c++)
		if (l->on[c].unit != MC_TERM_NONE)
			return true;
	return false;
}

static bool
same_term(struct mc_term a, struct mc_term b)
{
	return a.unit == b.unit &&
	       (a.unit == MC_TERM_NONE || a.milli == b.milli);
}

bool
mc_limits_same(const struct mc_limits *a, const struct mc_limits *b)
{
	int c;

	for (c = MC_CH_DIRECT; c <= MC_CH_POSTAL; c++)
		if (!same_term(a->on[c], b->on[c]))
			return false;
	return true;
}

static void
put_term(struct mc_buf *b, struct mc_term t)
{
	if (t.unit == MC_TERM_NONE)
		mc_buf_puts(b, "none");
	else
		mc_term_put(b, t);
}

/* The channels that have a limit of their own, then the others. */
void
mc_limits_put(struct mc_buf *b, const struct mc_limits *l)
{
	const struct mc_term *on = l->on;
	int c, own = 0;

	if (!mc_limits_any(l))
		return;
	for (c = MC_CH_DIRECT; l->by_channel && c <= MC_CH_POSTAL; c++) {
		if (same_term(on[c], on[MC_CH_NONE]))
			continue;
		mc_buf_puts(b, own++ > 0 ? ", " : "");
		put_term(b, on[c]);
		mc_buf_printf(b, " (%s)", mc_channel_name((enum mc_channel)c));
	}
	if (own == MC_CH_POSTAL)
		return;
	mc_buf_puts(b, own > 0 ? ", else " : "");
	put_term(b, on[MC_CH_NONE]);
}

/* One member of an object of limits; absent ones are the default's. */
static bool
read_on(const struct mc_part *p, const char *key, struct mc_term *out)
{
	struct mc_err e = MC_ERR_INIT;
	char path[MC_PART_PATH];
	const char *s = mc_member_string(p, key, false);

	if (s == NULL)
		return mc_json_get(p->v, key) != NULL;
	mc_member_path_of(path, p, key);
	if (mc_term_parse(out, mc_str(s), &e) == -1)
		mc_member_pass_on(p->s, path, &e);
	return true;
}

bool
mc_member_limits(const struct mc_part *p, struct mc_limits *out)
{
	static const char *const members[] = { "default", "direct", "online",
		"postal", NULL };
	const struct mc_term none = { .unit = MC_TERM_NONE };
	char path[MC_PART_PATH];
	struct mc_part q = { p->s, mc_json_get(p->v, "limit"), path };
	struct mc_term term = none;
	int c, named = 0;
	bool rest;

	for (c = MC_CH_NONE; c <= MC_CH_POSTAL; c++)
		out->on[c] = none;
	out->by_channel = false;
	if (mc_json_type(q.v) != MC_JSON_OBJECT) {
		if (mc_member_limit(p, &term))
			for (c = MC_CH_NONE; c <= MC_CH_POSTAL; c++)
				out->on[c] = term;
		return q.v != NULL;
	}
	mc_member_path_of(path, p, "limit");
	if (!mc_member_known(&q, "a limit", members))
		return true;
	out->by_channel = true;
	rest = read_on(&q, "default", &term);
	out->on[MC_CH_NONE] = term;
	for (c = MC_CH_DIRECT; c <= MC_CH_POSTAL; c++) {
		out->on[c] = term;
		named += read_on(
		    &q, mc_channel_name((enum mc_channel)c), &out->on[c]);
	}
	if (!rest && named < MC_CH_POSTAL)
		mc_member_bad(p, "limit", "E_FIELD",
		    "\"default\" is missing, and not every channel is named");
	return true;
}

/* ---- cases ---- */

const char *
mc_procedure_case_id(const struct mc_procedure *p)
{
	return p->of_case == -1 ? NULL : p->cases[p->of_case].id;
}

const struct mc_procedure *
mc_procedure_in_case(const struct mc_procedure *p, struct mc_str id)
{
	int i;

	if (id.len == 0 || mc_str_is(id, MC_NO_CASE))
		return mc_procedure_whole(p);
	for (i = 0; i < p->n_cases; i++)
		if (mc_str_is(id, p->cases[i].id))
			return p->cases[i].as;
	return NULL;
}

static int
no_such_case(
    const struct mc_procedure *p, struct mc_str named, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	int i;

	mc_err(err, MC_EREFUSED, "E_CASE", "%s has no case \"%.*s\"", p->code,
	    (int)(named.len < 64 ? named.len : 64), named.p);
	for (i = 0; i < p->n_cases && b.len < 200; i++)
		mc_buf_printf(&b, "%s, ", p->cases[i].id);
	mc_err_advise(err, "there is: %s%s%s",
	    p->n_cases > 0 ? mc_buf_str(&b) : "", i < p->n_cases ? "..., " : "",
	    MC_NO_CASE);
	mc_buf_free(&b);
	return -1;
}

int
mc_procedure_choose(const struct mc_procedure **out,
    const struct mc_procedure *p, struct mc_str named, mc_value_fn *value,
    void *arg, struct mc_err *err)
{
	int i, rc;

	*out = mc_procedure_in_case(p, named);
	if (*out == NULL)
		return no_such_case(p, named, err);
	for (i = 0; named.len == 0 && i < p->n_cases; i++) {
		if (p->cases[i].when == NULL)
			continue;
		rc = mc_condition_eval(p->cases[i].when, value, arg, err);
		if (rc == 1)
			*out = p->cases[i].as;
		if (rc != 0)
			return rc == -1 ? -1 : 0;
	}
	return 0;
}
