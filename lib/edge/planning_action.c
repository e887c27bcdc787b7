/* planning_action.c - route plan ACTION; see motcua/planning.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/casework.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/pool.h>
#include <motcua/text.h>

#include "planning_internal.h"

struct work {
	const struct mc_planning *p;
	struct mc_casework *work;
	struct mc_pool pool;
	MC_VEC(struct mc_move) move;
	struct mc_buf text;
	int64_t count[3]; /* by enum mc_result */
};

static const char columns[] =
    "code version action procedure unit status options from_step to_step "
    "from_unit to_unit officer new_status due_at due_day new_due_at "
    "new_due_day provisional result error why";

/* ---- a line ---- */

static void
put_text(struct mc_out *out, const char *name, struct mc_str s)
{
	if (s.p == NULL)
		mc_out_null(out, name);
	else
		mc_out_strn(out, name, s);
}

static void
option(struct mc_jw *w, const char *name, struct mc_str s)
{
	if (s.len == 0)
		return;
	mc_jw_key(w, name);
	mc_jw_str(w, s);
}

/* A time as it was given: at most a day, or to the instant. */
static void
option_time(const struct work *w, struct mc_jw *j, const char *name, int64_t at,
    bool day)
{
	const struct mc_zone *zone = mc_store_zone(w->p->store);
	struct mc_buf b = { 0 };

	if (at == MC_NEVER)
		return;
	if (day)
		mc_day_put(&b, mc_zone_day(zone, at));
	else
		mc_time_put(&b, at, zone);
	mc_jw_key(j, name);
	mc_jw_strz(j, b.p);
	mc_buf_free(&b);
}

/* Personal values are null where they are not to be shown. */
static void
option_personal(const struct work *w, struct mc_jw *j, struct mc_str value)
{
	if (w->p->cli->personal)
		mc_jw_str(j, value);
	else
		mc_jw_null(j);
}

/* What has to be said to do it again: only what was given. */
static void
put_options(struct work *w)
{
	const struct mc_request *r = w->p->req;
	struct mc_buf by = { 0 };
	struct mc_jw j;
	int i;

	mc_buf_reset(&w->text);
	j = mc_jw(&w->text);
	mc_jw_open(&j, '{');
	option_time(w, &j, "at", r->at, false);
	option(&j, "to", r->to);
	option(&j, "step", r->step);
	option(&j, "officer", r->officer);
	option(&j, "case", r->in_case);
	if (r->has_by) {
		mc_term_put(&by, r->by);
		option(&j, "by", (struct mc_str){ by.p, by.len });
	}
	option_time(w, &j, "until", r->until, r->until_day);
	if (r->reason.len > 0) {
		mc_jw_key(&j, "reason");
		option_personal(w, &j, r->reason);
	}
	if (r->sets > 0) {
		mc_jw_key(&j, "set");
		mc_jw_open(&j, '{');
		for (i = 0; i < r->sets; i++) {
			mc_jw_name(&j, r->set[i].name);
			option_personal(w, &j, r->set[i].value);
		}
		mc_jw_close(&j, '}');
	}
	mc_jw_close(&j, '}');
	mc_buf_free(&by);
	mc_out_json(
	    w->p->out, "options", (struct mc_str){ w->text.p, w->text.len });
}

static const char *
result_name(enum mc_result r)
{
	return r == MC_R_DONE ? "planned" : mc_result_name(r);
}

static int
put(struct work *w, const struct mc_move *m, struct mc_err *err)
{
	struct mc_out *out = w->p->out;

	if (mc_planning_line(w->p, m->id, m->was_version,
		mc_action_name(w->p->req->action), m->procedure, m->unit,
		m->was_status, err) == -1)
		return -1;
	put_options(w);
	put_text(out, "from_step", m->from_step);
	put_text(out, "to_step", m->to_step);
	put_text(out, "from_unit", m->from_unit);
	put_text(out, "to_unit", m->to_unit);
	put_text(out, "officer", m->officer);
	mc_out_str(out, "new_status", mc_status_name(m->status));
	mc_out_time(out, "due_at", m->was_due.at);
	mc_out_day(out, "due_day", m->was_due.day);
	mc_out_time(out, "new_due_at", m->due.at);
	mc_out_day(out, "new_due_day", m->due.day);
	mc_out_bool(out, "provisional", m->due.provisional);
	mc_out_str(out, "result", result_name(m->result));
	put_text(out, "error", m->error);
	if (m->why.p == NULL)
		mc_out_null(out, "why");
	else
		mc_out_json(out, "why", m->why);
	mc_out_end(out);
	return 0;
}

static void
say(struct work *w, const struct mc_move *m)
{
	struct mc_err e = MC_ERR_INIT;

	if (m->result == MC_R_REFUSED) {
		mc_err(&e, MC_EREFUSED, m->error_id, "%s",
		    m->error.p + strlen(m->error_id) + 2);
		if (m->advice.p != NULL)
			mc_err_advise(&e, "%s", m->advice.p);
	} else if (m->warning_id[0] != '\0') {
		mc_err(&e, MC_EDATA, m->warning_id, "%s", m->warning.p);
	} else {
		return;
	}
	mc_err_at(&e, mc_pool_str(&w->pool, m->code).p, 0, 0);
	mc_cli_warn(w->p->cli, &e);
}

/* ---- all of them ---- */

static int
add(void *arg, struct mc_str code, struct mc_err *err)
{
	struct work *w = arg;
	struct mc_move m = { .code = mc_pool_str(&w->pool, code) };

	if (w->move.n == MC_PLANNING_MAX)
		return mc_err(err, MC_EREFUSED, "E_LIMIT",
		    "more than %d dossiers in one plan", MC_PLANNING_MAX);
	mc_vec_push(&w->move, m);
	return 1;
}

/* Done in one transaction that is taken back, so that each sees the others. */
static int
plan(struct work *w, bool *found, struct mc_err *err)
{
	const struct mc_planning *p = w->p;
	size_t i;

	mc_out_columns(p->out, columns);
	w->work = mc_casework_new(p->store);
	if (mc_planning_codes(p, add, w, found, err) == -1 ||
	    (w->move.n > 0 && mc_casework_batch(w->work, p->req, p->now, true,
				  w->move.p, w->move.n, err) == -1))
		return -1;
	for (i = 0; i < w->move.n; i++) {
		/* Of one that is not there nothing can be said but that. */
		if (w->move.p[i].was_status != MC_S_NONE &&
		    put(w, &w->move.p[i], err) == -1)
			return -1;
		say(w, &w->move.p[i]);
		w->count[w->move.p[i].result]++;
	}
	*found |= w->count[MC_R_REFUSED] > 0;
	mc_cli_note(p->cli, "planned %lld, %lld unchanged, %lld refused",
	    (long long)w->count[MC_R_DONE], (long long)w->count[MC_R_UNCHANGED],
	    (long long)w->count[MC_R_REFUSED]);
	return 0;
}

int
mc_planning_action(const struct mc_planning *p, bool *found, struct mc_err *err)
{
	struct work w = { .p = p };
	int rc = plan(&w, found, err);

	mc_casework_free(w.work);
	mc_pool_free(&w.pool);
	mc_vec_free(&w.move);
	mc_buf_free(&w.text);
	return rc;
}
