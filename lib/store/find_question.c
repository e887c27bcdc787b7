/* find_question.c - what is asked of dossiers, read; see motcua/find.h. */
#include <motcua/scope.h>
#include <motcua/text.h>

#include "find_internal.h"

/* ---- ranges ---- */

static int
no_range(const char *option, struct mc_err *err)
{
	mc_err_advise(err,
	    "a range is FROM..TO, of dates or times; either side may be empty");
	return mc_err_at(err, option, 0, 0);
}

static int
one_end(int32_t *day, int64_t *ms, const char *option, struct mc_str s,
    const struct mc_zone *zone, struct mc_err *err)
{
	struct mc_err why = MC_ERR_INIT;
	bool day_only;

	*day = MC_NODAY;
	*ms = MC_NEVER;
	s = mc_str_trim(s);
	if (s.len == 0)
		return 0;
	if (mc_time_parse(ms, s, zone, &day_only, NULL, &why) == -1) {
		mc_err(err, MC_EUSAGE, "E_DATE", "%s", why.msg);
		return no_range(option, err);
	}
	if (day_only) {
		*day = mc_zone_day(zone, *ms);
		*ms = MC_NEVER;
	}
	return 0;
}

int
mc_range_parse(struct mc_range *out, const char *option, struct mc_str s,
    const struct mc_zone *zone, struct mc_err *err)
{
	struct mc_str from = s, to = s;
	size_t i;

	/* A script's variable that is not set would select everything. */
	if (s.p != NULL && mc_str_trim(s).len == 0) {
		mc_err(err, MC_EUSAGE, "E_DATE", "no such time \"\"");
		return no_range(option, err);
	}
	for (i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '.' && s.p[i + 1] == '.') {
			from.len = i;
			to = (struct mc_str){ s.p + i + 2, s.len - i - 2 };
			break;
		}
	/* One date alone is that day. */
	if (one_end(&out->first_day, &out->first, option, from, zone, err) ==
		-1 ||
	    one_end(&out->last_day, &out->last, option, to, zone, err) == -1)
		return -1;
	if ((out->last_day != MC_NODAY && out->first_day > out->last_day) ||
	    (out->last != MC_NEVER && out->first > out->last)) {
		mc_err(err, MC_EUSAGE, "E_DATE",
		    "the range \"%.*s\" ends before it begins", (int)s.len,
		    s.p);
		return mc_err_at(err, option, 0, 0);
	}
	return 0;
}

bool
mc_find_no_bounds(const struct mc_range *r)
{
	return r->first_day == MC_NODAY && r->last_day == MC_NODAY &&
	       r->first == MC_NEVER && r->last == MC_NEVER;
}

bool
mc_find_in_range(const struct mc_range *r, int64_t ms, int32_t day)
{
	if (mc_find_no_bounds(r))
		return true;
	if (ms == MC_NEVER || day == MC_NODAY)
		return false;
	return (r->first_day == MC_NODAY || day >= r->first_day) &&
	       (r->last_day == MC_NODAY || day <= r->last_day) &&
	       (r->first == MC_NEVER || ms >= r->first) &&
	       (r->last == MC_NEVER || ms <= r->last);
}

/* ---- the question ---- */

static int
read_statuses(struct mc_find *f, struct mc_err *err)
{
	struct mc_str rest = f->q.status, word;
	enum mc_status s;

	while (rest.p != NULL) {
		word = rest;
		if (!mc_str_split(rest, ',', &word, &rest))
			rest = (struct mc_str){ NULL, 0 };
		s = mc_status_meant(mc_str_trim(word));
		if (s == MC_S_NONE) {
			mc_err(err, MC_EUSAGE, "E_STATUS",
			    "there is no status \"%.*s\"", (int)word.len,
			    word.p);
			mc_err_advise(err,
			    "they are registered, received, not-accepted, "
			    "processing, supplement, payment, withdrawn, "
			    "stopped, finished, returned");
			return mc_err_at(err, "--status", 0, 0);
		}
		f->statuses |= 1u << s;
	}
	return 0;
}

/*
 * Does the rulebook know a name that no dossier has had yet?  Then the
 * answer is empty; otherwise it is a mistake.
 */
static int
rules_know(struct mc_find *f, enum mc_dict dict, struct mc_str name,
    struct mc_err *err)
{
	const struct mc_version *const *v;
	const struct mc_units *units;
	size_t i, n;

	if (mc_scope_rulebook(f->rb, f->store, err) == -1)
		return -1;
	if (dict == MC_D_OFFICER) {
		if (mc_rulebook_units(*f->rb, &units, err) == -1)
			return -1;
		return mc_officer_find(units, name, f->today) != NULL;
	}
	if (mc_rulebook_versions(*f->rb, &v, &n, err) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (dict == MC_D_PROCEDURE
			? mc_str_is(name, v[i]->procedure->code)
			: mc_procedure_step(v[i]->procedure, name) != -1)
			return 1;
	return 0;
}

static int
read_name(struct mc_find *f, enum mc_dict dict, struct mc_str name, int32_t *id,
    struct mc_err *err)
{
	static const struct {
		const char *id, *option, *what;
	} text[MC_D__COUNT] = {
		[MC_D_OFFICER] = { "E_OFFICER", "--officer", "officer" },
		[MC_D_STEP] = { "E_STEP", "--step", "step" },
		[MC_D_PROCEDURE] = { "E_PROCEDURE", "--procedure",
		    "procedure" },
	};
	int rc;

	*id = MC_NOID;
	if (name.p == NULL)
		return 0;
	if ((rc = mc_store_lookup(f->store, dict, name, id, err)) != 0)
		return rc == 1 ? 0 : -1;
	*id = -1;
	if ((rc = rules_know(f, dict, name, err)) != 0)
		return rc == 1 ? 0 : -1;
	mc_err(err, MC_EUSAGE, text[dict].id,
	    "neither the database nor its rulebook knows %s \"%.*s\"",
	    text[dict].what, (int)name.len, name.p);
	return mc_err_at(err, text[dict].option, 0, 0);
}

static int
read_scope(struct mc_find *f, const char *option, struct mc_str code,
    enum mc_scope_ended ended, struct mc_scope **out, struct mc_err *err)
{
	if (code.p == NULL)
		return 0;
	if (mc_scope_rulebook(f->rb, f->store, err) == -1)
		return -1;
	if (mc_scope_new(out, f->store, *f->rb, code, f->today, ended, err) ==
	    0)
		return 0;
	return err->code == MC_EUSAGE ? mc_err_at(err, option, 0, 0) : -1;
}

/* By its own code, as the log names it, where an alias is given. */
static int
read_parent(struct mc_find *f, struct mc_err *err)
{
	struct mc_str code = f->q.parent;
	int64_t id;
	int rc = mc_store_find(f->store, code, &id, err);

	if (rc == 1)
		return mc_store_code(f->store, id, &f->of, err);
	if (rc == 0)
		mc_err(err, MC_EUSAGE, "E_DOSSIER",
		    "there is no dossier \"%.*s\"",
		    (int)(code.len < 100 ? code.len : 100), code.p);
	return mc_err_at(err, "--parent", 0, 0);
}

int
mc_find_read_question(struct mc_find *f, struct mc_err *err)
{
	const struct mc_find_query *q = &f->q;

	if (read_statuses(f, err) == -1 ||
	    mc_range_parse(
		&f->received, "--received", q->received, f->zone, err) == -1 ||
	    mc_range_parse(&f->due, "--due", q->due, f->zone, err) == -1 ||
	    read_name(f, MC_D_PROCEDURE, q->procedure, &f->procedure, err) ==
		-1 ||
	    read_name(f, MC_D_OFFICER, q->officer, &f->officer, err) == -1 ||
	    read_name(f, MC_D_STEP, q->step, &f->step, err) == -1 ||
	    read_scope(f, "--unit", q->unit, MC_ENDED_SUCCESSOR, &f->unit,
		err) == -1 ||
	    read_scope(f, "--holder", q->holder, MC_ENDED_ITSELF, &f->holder,
		err) == -1)
		return -1;
	if (q->parent.p != NULL && read_parent(f, err) == -1)
		return -1;
	if (q->channel.p == NULL)
		return 0;
	f->channel = mc_channel_meant(q->channel);
	if (f->channel != MC_CH_NONE)
		return 0;
	mc_err(err, MC_EUSAGE, "E_CHANNEL", "there is no channel \"%.*s\"",
	    (int)q->channel.len, q->channel.p);
	mc_err_advise(err, "they are direct, online, postal");
	return mc_err_at(err, "--channel", 0, 0);
}
