/* planning.c - see motcua/planning.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/lines.h>
#include <motcua/progress.h>
#include <motcua/replan.h>
#include <motcua/rulebook.h>
#include <motcua/succession.h>
#include <motcua/text.h>

#include "planning_internal.h"

#define DECISIONS_MAX (64u << 20) /* bytes */

struct work {
	const struct mc_planning *p;
	bool *found;
	struct mc_rulebook *rb;
	struct mc_replan *replan;
	struct mc_succession *succession;
	struct mc_apply *apply;
	struct mc_progress *progress;
	MC_VEC(struct mc_replan_row) due;
	MC_VEC(struct mc_succession_row) row;
	struct mc_buf moves;
	int64_t done, waiting, undone;
	unsigned undo_kinds; /* REHOMES, REPINS: what has columns */
	struct mc_err late;  /* of put_undo() */
};

static const char due_columns[] =
    "code version action procedure unit status due_at due_day new_due_at "
    "new_due_day provisional state new_state reason basis calendar blob "
    "commit";
static const char move_columns[] =
    "code version action procedure unit status moves result reason basis "
    "commit";

/* What an undo takes back may be moves to units, to versions, or both. */
static const char repin_columns[] =
    "code version action procedure unit status " MC_PLANNING_REPINNED;
static const char both_columns[] =
    "code version action procedure unit status moves " MC_PLANNING_REPINNED;

enum { REHOMES = 1, REPINS = 2 };

static void
warn(struct work *w, const struct mc_err *e)
{
	mc_cli_warn(w->p->cli, e);
	*w->found = true;
}

int
mc_planning_codes(const struct mc_planning *p, mc_planning_add *add, void *arg,
    bool *found, struct mc_err *err)
{
	struct mc_codes *codes = mc_codes_new(p->cli->argc, p->cli->argv);
	struct mc_str code;
	int rc;

	while ((rc = mc_codes_next(codes, &code, true, err)) != 0) {
		if (rc == 1 && (rc = add(arg, code, err)) == -1)
			mc_codes_at(codes, err);
		if (rc != -1)
			continue;
		if (err->code != MC_EDATA && err->code != MC_ENOTFOUND)
			break;
		mc_cli_warn(p->cli, err);
		*found = true;
		mc_err_clear(err);
	}
	mc_codes_free(codes);
	return rc;
}

static int
add_code(void *arg, struct mc_str code, struct mc_err *err)
{
	struct work *w = arg;

	return w->replan != NULL ? mc_replan_add(w->replan, code, err)
				 : mc_succession_add(w->succession, code, err);
}

/* The dossiers asked for; what is wrong with one does not stop the rest. */
static int
take_codes(struct work *w, struct mc_err *err)
{
	return mc_planning_codes(w->p, add_code, w, w->found, err);
}

int
mc_planning_line(const struct mc_planning *p, int64_t id, int32_t version,
    const char *action, int32_t procedure, int32_t unit, enum mc_status status,
    struct mc_err *err)
{
	struct mc_store *s = p->store;
	struct mc_out *out = p->out;
	struct mc_buf code = { 0 };

	if (mc_store_code(s, id, &code, err) == -1)
		return -1;
	mc_out_begin(out, "motcua.plan/1");
	mc_out_str(out, "code", mc_buf_str(&code));
	mc_out_int(out, "version", version);
	mc_out_str(out, "action", action);
	mc_out_str(
	    out, "procedure", mc_store_text(s, MC_D_PROCEDURE, procedure));
	mc_out_str(out, "unit", mc_store_text(s, MC_D_UNIT, unit));
	mc_out_str(out, "status", mc_status_name(status));
	mc_buf_free(&code);
	return 0;
}

static int
begin_line(struct work *w, int64_t id, int32_t version, const char *action,
    int32_t procedure, int32_t unit, enum mc_status status, struct mc_err *err)
{
	return mc_planning_line(
	    w->p, id, version, action, procedure, unit, status, err);
}

/* ---- due dates by the present calendars ---- */

/* All is read from one state of the database, and printed after that. */
static int
find_dues(struct work *w, struct mc_err *err)
{
	const struct mc_replan_row *row;
	int rc;

	if (mc_db_read_begin(mc_store_db(w->p->store), err) == -1)
		return -1;
	while ((rc = mc_replan_next(w->replan, &row, err)) == 1) {
		mc_progress_show(w->progress, ++w->done, 0, 0);
		/* Without a limit by now: nothing to put in its place. */
		if (row->differs && row->now.due.at != MC_NEVER)
			mc_vec_push(&w->due, *row);
	}
	mc_db_read_end(mc_store_db(w->p->store));
	return rc;
}

static int
put_due(struct work *w, const struct mc_replan_row *r, struct mc_err *err)
{
	struct mc_out *out = w->p->out;

	if (begin_line(w, r->id, r->version, "reschedule", r->procedure,
		r->unit, r->status, err) == -1)
		return -1;
	mc_out_time(out, "due_at", r->due.at);
	mc_out_day(out, "due_day", r->due.day);
	mc_out_time(out, "new_due_at", r->now.due.at);
	mc_out_day(out, "new_due_day", r->now.due.day);
	mc_out_bool(out, "provisional", r->now.due.provisional);
	mc_out_str(out, "state", mc_state_name(r->state));
	mc_out_str(out, "new_state", mc_state_name(r->new_state));
	mc_out_str(out, "reason", "calendar");
	mc_out_str(out, "basis", w->p->basis);
	mc_out_str(out, "calendar", r->now.calendar);
	mc_out_str(out, "blob", r->now.blob);
	mc_out_str(out, "commit", mc_rulebook_commit(w->rb));
	mc_out_end(out);
	return 0;
}

static void
say_dues(struct work *w)
{
	int64_t later = 0, earlier = 0, late = 0, not_late = 0;
	const struct mc_replan_row *r;
	size_t i;

	for (i = 0; i < w->due.n; i++) {
		r = &w->due.p[i];
		later += r->now.due.at > r->due.at;
		earlier += r->now.due.at < r->due.at;
		late += r->new_state == MC_OVERDUE && r->state != MC_OVERDUE;
		not_late +=
		    r->state == MC_OVERDUE && r->new_state != MC_OVERDUE;
	}
	mc_cli_note(w->p->cli,
	    "planned %zu of %lld open dossiers: %lld due later, %lld earlier; "
	    "%lld become late, %lld stop being late",
	    w->due.n, (long long)w->done, (long long)later, (long long)earlier,
	    (long long)late, (long long)not_late);
}

static int
plan_dues(struct work *w, struct mc_err *err)
{
	size_t i;
	int rc;

	w->replan = mc_replan_new(w->p->store, w->rb, w->p->now);
	if (w->p->cli->argc > 0 && take_codes(w, err) == -1)
		return -1;
	w->progress = mc_progress_new(w->p->cli, "dossiers");
	rc = find_dues(w, err);
	mc_progress_free(w->progress);
	mc_out_columns(w->p->out, due_columns);
	for (i = 0; i < w->due.n && rc == 0; i++)
		rc = put_due(w, &w->due.p[i], err);
	if (rc == 0)
		say_dues(w);
	return rc;
}

/* ---- units that have ended ---- */

static void
put_choices(struct work *w, struct mc_jw *j, const struct mc_succession_move *m)
{
	struct mc_str to;
	size_t at = 0;

	mc_jw_key(j, "choices");
	mc_jw_open(j, '[');
	while (mc_succession_choice(w->succession, m, &at, &to))
		mc_jw_str(j, to);
	mc_jw_close(j, ']');
}

static int
put_move(struct work *w, const struct mc_succession_row *r, struct mc_err *err)
{
	struct mc_store *s = w->p->store;
	struct mc_out *out = w->p->out;
	const struct mc_succession_move *m;
	struct mc_jw j;

	if (begin_line(w, r->id, r->version, "rehome", r->procedure, r->unit,
		r->status, err) == -1)
		return -1;
	mc_buf_reset(&w->moves);
	j = mc_jw(&w->moves);
	mc_jw_open(&j, '[');
	for (m = r->move; m < r->move + r->moves; m++) {
		mc_jw_open(&j, '{');
		mc_jw_key(&j, "step");
		mc_jw_strz(&j, m->step != MC_NOID
				   ? mc_store_text(s, MC_D_STEP, m->step)
				   : NULL);
		mc_jw_key(&j, "from");
		mc_jw_strz(&j, mc_store_text(s, MC_D_UNIT, m->from));
		mc_jw_key(&j, "to");
		mc_jw_strz(&j, m->to);
		mc_jw_key(&j, "rule");
		mc_jw_strz(&j, m->rule);
		if (m->to == NULL)
			put_choices(w, &j, m);
		mc_jw_close(&j, '}');
	}
	mc_jw_close(&j, ']');
	mc_out_json(out, "moves", (struct mc_str){ w->moves.p, w->moves.len });
	mc_out_str(out, "result", r->undecided ? "undecided" : "planned");
	mc_out_str(out, "reason", "succession");
	mc_out_str(out, "basis", w->p->basis);
	mc_out_str(out, "commit", mc_rulebook_commit(w->rb));
	mc_out_end(out);
	return 0;
}

static int
read_decisions(struct work *w, struct mc_err *err)
{
	const char *name = w->p->decisions, *p;
	struct mc_source *src;
	struct mc_err ignored = MC_ERR_INIT;
	size_t n = 0;
	int rc;

	if (name == NULL)
		return 0;
	if (mc_source_open(&src, name, err) == -1)
		return -1;
	while ((rc = mc_source_peek(src, &p, &n, true, true, err)) == 1)
		if (n > DECISIONS_MAX)
			break;
	if (rc == 1) {
		rc = mc_err(err, MC_EDATA, "E_LIMIT", "more than %u bytes",
		    DECISIONS_MAX);
		mc_err_at(err, name, 0, 0);
	} else if (rc == 0 &&
		   mc_source_peek(src, &p, &n, false, true, &ignored) != -1) {
		rc = mc_succession_decide(
		    w->succession, name, (struct mc_str){ p, n }, err);
	}
	mc_source_free(src);
	return rc;
}

/* A decision that decides nothing may be a slip of the pen. */
static void
say_idle(struct work *w)
{
	struct mc_err e = MC_ERR_INIT;
	int64_t line = 0, first = 0, n = 0;

	if (w->p->decisions == NULL || w->p->cli->argc > 0)
		return;
	while ((line = mc_succession_idle(w->succession, line)) != 0) {
		first = first == 0 ? line : first;
		n++;
	}
	if (n == 0)
		return;
	mc_err(&e, MC_EDATA, "W_IDLE",
	    n == 1 ? "this decision moves no dossier"
		   : "this and %lld more decisions move no dossier",
	    (long long)n - 1);
	mc_err_at(&e, w->p->decisions, first, 0);
	mc_cli_warn(w->p->cli, &e);
}

static int
find_moves(struct work *w, struct mc_err *err)
{
	struct mc_succession_row row;
	int rc;

	if (mc_db_read_begin(mc_store_db(w->p->store), err) == -1)
		return -1;
	while ((rc = mc_succession_next(w->succession, &row, err)) == 1) {
		mc_vec_push(&w->row, row);
		mc_progress_show(
		    w->progress, mc_succession_seen(w->succession), 0, 0);
	}
	mc_db_read_end(mc_store_db(w->p->store));
	return rc;
}

static int
plan_moves(struct work *w, struct mc_err *err)
{
	int64_t undecided = 0;
	size_t i;
	int rc;

	w->succession = mc_succession_new(w->p->store, w->rb, w->p->now);
	if (read_decisions(w, err) == -1 ||
	    (w->p->cli->argc > 0 && take_codes(w, err) == -1))
		return -1;
	w->progress = mc_progress_new(w->p->cli, "dossiers");
	rc = find_moves(w, err);
	mc_progress_free(w->progress);
	mc_out_columns(w->p->out, move_columns);
	for (i = 0; i < w->row.n && rc == 0; i++) {
		undecided += w->row.p[i].undecided;
		rc = put_move(w, &w->row.p[i], err);
	}
	if (rc == -1)
		return -1;
	say_idle(w);
	*w->found |= undecided > 0;
	mc_cli_note(w->p->cli,
	    "planned %lld of %lld open dossiers, %lld undecided",
	    (long long)w->row.n - (long long)undecided,
	    (long long)mc_succession_seen(w->succession), (long long)undecided);
	return 0;
}

/* ---- taking a plan back ---- */

static void
put_undo(void *arg, const struct mc_undo *u)
{
	struct work *w = arg;
	struct mc_out *out = w->p->out;
	const struct mc_undo_place *p;
	struct mc_jw j;

	if (w->late.code == MC_OK && u->row != NULL) {
		if (mc_planning_put_repin(
			w->p, u->row, u->to, true, &w->late) == 0)
			w->undone++;
		return;
	}
	if (w->late.code != MC_OK ||
	    begin_line(w, u->id, u->version, "rehome", u->procedure, u->unit,
		u->status, &w->late) == -1)
		return;
	mc_buf_reset(&w->moves);
	j = mc_jw(&w->moves);
	mc_jw_open(&j, '[');
	for (p = u->place; p < u->place + u->places; p++) {
		mc_jw_open(&j, '{');
		mc_jw_key(&j, "step");
		mc_jw_strz(&j, p->step);
		mc_jw_key(&j, "from");
		mc_jw_strz(&j, p->from);
		mc_jw_key(&j, "to");
		mc_jw_strz(&j, p->to);
		mc_jw_key(&j, "rule");
		mc_jw_null(&j);
		mc_jw_close(&j, '}');
	}
	mc_jw_close(&j, ']');
	mc_out_json(out, "moves", (struct mc_str){ w->moves.p, w->moves.len });
	mc_out_str(out, "result", "planned");
	mc_out_str(out, "reason", "undo");
	mc_out_str(out, "basis", w->p->basis);
	mc_out_null(out, "commit");
	mc_out_end(out);
	w->undone++;
}

/*
 * CSV has the columns of both kinds, whatever the plan turns out to hold; a
 * table those of the lines so far.
 */
static void
undo_columns(struct work *w)
{
	unsigned kinds = 0;
	const char *action;
	size_t i, n = mc_apply_waiting(w->apply);

	for (i = 0; i < n; i++) {
		action = mc_apply_action(w->apply, i);
		kinds |= strcmp(action, "rehome") == 0  ? REHOMES
			 : strcmp(action, "repin") == 0 ? REPINS
							: 0;
	}
	if (strcmp(w->p->cli->format, "csv") == 0)
		kinds = REHOMES | REPINS;
	if ((kinds & ~w->undo_kinds) == 0)
		return;
	w->undo_kinds |= kinds;
	mc_out_name_columns(w->p->out, w->undo_kinds == REHOMES ? move_columns
				       : w->undo_kinds == REPINS
					   ? repin_columns
					   : both_columns);
}

static void
put_why_not(void *arg, const struct mc_err *why)
{
	warn(arg, why);
}

static int
undo_batch(struct work *w, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(w->p->store);
	int rc;

	undo_columns(w);
	if (mc_db_read_begin(db, err) == -1)
		return -1;
	rc = mc_apply_undo(
	    w->apply, w->p->now, put_undo, put_why_not, w, &w->waiting, err);
	mc_db_read_end(db);
	if (rc == 0 && w->late.code != MC_OK) {
		*err = w->late;
		rc = -1;
	}
	return rc;
}

static int
undo_lines(struct work *w, struct mc_source *src, struct mc_err *err)
{
	const char *file = mc_source_name(src);
	struct mc_str line;
	int64_t n;
	int rc;

	while ((rc = mc_line_next(src, &line, &n, true, err)) != 0) {
		if (rc == 1 && mc_str_trim(line).len > 0)
			rc = mc_apply_line(
			    w->apply, file, n, mc_str_trim(line), err);
		if (rc == -1) {
			if (err->code != MC_EDATA)
				return -1;
			warn(w, err);
			mc_err_clear(err);
		}
		if (mc_apply_waiting(w->apply) == MC_APPLY_BATCH &&
		    undo_batch(w, err) == -1)
			return -1;
	}
	return undo_batch(w, err);
}

static int
plan_undo(struct work *w, struct mc_err *err)
{
	struct mc_source *src;
	int rc;

	if (mc_source_open(&src, w->p->undo, err) == -1)
		return -1;
	w->apply = mc_apply_new(w->p->store);
	rc = undo_lines(w, src, err);
	mc_source_free(src);
	if (rc == 0)
		mc_cli_note(w->p->cli, "planned %lld, %lld were not done yet",
		    (long long)w->undone, (long long)w->waiting);
	return rc;
}

/* ---- all of them ---- */

static int
run(struct work *w, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(w->p->store);

	if (w->p->what == MC_PLANNED_UNDO)
		return plan_undo(w, err);
	if (w->p->what == MC_PLANNED_RULES)
		return mc_planning_repin(w->p, w->found, err);
	if (w->p->what == MC_PLANNED_ACTION)
		return mc_planning_action(w->p, w->found, err);
	if (mc_rulebook_open(&w->rb, site->rules, site->ref, err) == -1)
		return -1;
	return w->p->what == MC_PLANNED_RECOMPUTE ? plan_dues(w, err)
						  : plan_moves(w, err);
}

int
mc_planning_run(const struct mc_planning *p, bool *found, struct mc_err *err)
{
	struct work w = { .p = p, .found = found, .late = MC_ERR_INIT };
	int rc = p->what == MC_PLANNED_DUE ? mc_planning_due(p, found, err)
					   : run(&w, err);

	mc_succession_free(w.succession);
	mc_replan_free(w.replan);
	mc_apply_free(w.apply);
	mc_rulebook_free(w.rb);
	mc_vec_free(&w.due);
	mc_vec_free(&w.row);
	mc_buf_free(&w.moves);
	return rc;
}
