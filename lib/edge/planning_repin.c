/* planning_repin.c - route plan --rules; see motcua/planning.h. */
#include <stdio.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/progress.h>
#include <motcua/text.h>

#include "planning_internal.h"

struct work {
	const struct mc_planning *p;
	struct mc_rulebook *rb;   /* of today: calendars */
	struct mc_rulebook *then; /* the revision meant */
	struct mc_replan *replan;
	struct mc_migration *migration;
	struct mc_progress *progress;
	MC_VEC(struct mc_migration_row) row;
	int64_t undecided, refused, redated;
};

/* ---- a line ---- */

/* What each open step is there; what may be chosen where nobody has. */
static void
put_steps(struct mc_jw *w, const struct mc_migration_row *row)
{
	const struct mc_fit_step *s;
	const struct mc_procedure *p;
	int i;

	mc_jw_open(w, '[');
	for (s = row->step; s < row->step + row->steps; s++) {
		mc_jw_open(w, '{');
		mc_jw_key(w, "step");
		mc_jw_strz(w, s->from);
		mc_jw_key(w, "to");
		if (s->fit == MC_FIT_OK && s->to.p != NULL)
			mc_jw_str(w, s->to);
		else
			mc_jw_null(w);
		if (s->fit != MC_FIT_OK && row->to != NULL) {
			p = row->to->procedure;
			mc_jw_key(w, "why");
			mc_jw_strz(w, mc_fit_name(s->fit));
			mc_jw_key(w, "choices");
			mc_jw_open(w, '[');
			for (i = 0; i < p->steps; i++)
				if (!p->step[i].final)
					mc_jw_strz(w, p->step[i].id);
			mc_jw_close(w, ']');
		}
		mc_jw_close(w, '}');
	}
	mc_jw_close(w, ']');
}

static void
put_missing(struct mc_jw *w, const struct mc_migration_row *row)
{
	const struct mc_block *b;

	mc_jw_open(w, '[');
	for (b = row->block; b < row->block + row->blocks; b++) {
		mc_jw_open(w, '{');
		mc_jw_key(w, "step");
		mc_jw_strz(w, b->step);
		mc_jw_key(w, "field");
		mc_jw_strz(w, b->field);
		mc_jw_close(w, '}');
	}
	mc_jw_close(w, ']');
}

static void
put_json(struct mc_out *out, const char *name, struct mc_buf *b,
    void (*put)(struct mc_jw *w, const struct mc_migration_row *row),
    const struct mc_migration_row *row)
{
	struct mc_jw w;

	mc_buf_reset(b);
	w = mc_jw(b);
	put(&w, row);
	mc_out_json(out, name, (struct mc_str){ b->p, b->len });
}

static void
put_dues(struct mc_out *out, const struct mc_migration_row *row, bool undo)
{
	mc_out_time(out, "due_at", row->due.at);
	mc_out_day(out, "due_day", row->due.day);
	mc_out_time(out, "new_due_at", row->new_due.at);
	mc_out_day(out, "new_due_day", row->new_due.day);
	mc_out_bool(out, "provisional", row->new_due.provisional);
	mc_out_str(out, "state", mc_state_name(row->state));
	mc_out_str(out, "new_state", mc_state_name(row->new_state));
	mc_out_str(
	    out, "deadline", undo ? "undo" : mc_redate_name(row->redate));
}

int
mc_planning_put_repin(const struct mc_planning *p,
    const struct mc_migration_row *row, const struct mc_pin *to, bool undo,
    struct mc_err *err)
{
	struct mc_out *out = p->out;
	struct mc_buf b = { 0 };
	struct mc_pin pin;

	if (mc_store_pin(p->store, row->pin, &pin, err) != 1 ||
	    mc_planning_line(p, row->id, row->version, "repin", row->procedure,
		row->unit, row->status, err) == -1)
		return -1;
	mc_out_str(out, "old_commit", pin.commit);
	mc_out_str(out, "old_path", pin.path);
	mc_out_str(out, "old_blob", pin.blob);
	mc_out_str(out, "commit", to->commit);
	mc_out_str(out, "path", to->path);
	mc_out_str(out, "blob", to->blob);
	put_dues(out, row, undo);
	put_json(out, "steps", &b, put_steps, row);
	put_json(out, "missing", &b, put_missing, row);
	mc_out_json(
	    out, "differs", mc_str(row->differs != NULL ? row->differs : "[]"));
	mc_out_str(out, "result", mc_migrate_name(row->result));
	mc_out_str(out, "error", row->error);
	mc_out_str(out, "reason", undo ? "undo" : "rules");
	mc_out_str(out, "basis", p->basis);
	mc_out_end(out);
	mc_buf_free(&b);
	return 0;
}

/* ---- what is told beside it ---- */

static int
say_refused(const struct work *w, const struct mc_migration_row *row,
    struct mc_err *err)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_buf code = { 0 };
	int n = (int)strcspn(row->error, ":");
	char id[20];

	if (mc_store_code(w->p->store, row->id, &code, err) == -1)
		return -1;
	snprintf(id, sizeof(id), "%.*s", n, row->error);
	mc_err(&e, MC_EREFUSED, id, "%s", row->error + n + 2);
	mc_err_at(&e, mc_buf_str(&code), 0, 0);
	mc_cli_warn(w->p->cli, &e);
	mc_buf_free(&code);
	return 0;
}

/* A name that serves no dossier may be a slip of the pen. */
static void
say_idle(const struct work *w)
{
	struct mc_err e = MC_ERR_INIT;
	struct mc_str from;
	int i = -1;

	while ((i = mc_migration_idle(w->migration, i, &from)) != -1) {
		mc_err(&e, MC_EDATA, "W_IDLE",
		    "\"%.*s\" leads no dossier's open step to one of its new "
		    "version",
		    (int)(from.len < 100 ? from.len : 100), from.p);
		mc_err_at(&e, "--map", 0, 0);
		mc_cli_warn(w->p->cli, &e);
		mc_err_clear(&e);
	}
}

static int
put(struct work *w, const struct mc_migration_row *row, struct mc_err *err)
{
	struct mc_pin to = { .commit = mc_rulebook_commit(w->then) };

	w->undecided += row->result == MC_MIGRATE_UNDECIDED;
	w->refused += row->result == MC_MIGRATE_REFUSED;
	w->redated += row->redated;
	if (row->to != NULL) {
		to.path = row->to->path;
		to.blob = row->to->blob;
	} else if (say_refused(w, row, err) == -1) {
		return -1;
	}
	return mc_planning_put_repin(w->p, row, &to, false, err);
}

/* ---- all of them ---- */

static int
find(struct work *w, struct mc_err *err)
{
	struct mc_migration_row row;
	int rc;

	if (mc_db_read_begin(mc_store_db(w->p->store), err) == -1)
		return -1;
	while ((rc = mc_migration_next(
		    w->migration, w->then, w->p->redate, &row, err)) == 1) {
		mc_vec_push(&w->row, row);
		mc_progress_show(
		    w->progress, mc_migration_seen(w->migration), 0, 0);
	}
	mc_db_read_end(mc_store_db(w->p->store));
	return rc;
}

static int
add(void *arg, struct mc_str code, struct mc_err *err)
{
	return mc_replan_add(arg, code, err);
}

static int
open_all(struct work *w, bool *found, struct mc_err *err)
{
	const struct mc_planning *p = w->p;
	const struct mc_site *site = mc_store_site(p->store);
	int i;

	if (mc_rulebook_open(&w->rb, site->rules, site->ref, err) == -1 ||
	    mc_rulebook_open(&w->then, site->rules, p->rules, err) == -1)
		return -1;
	w->replan = mc_replan_new(p->store, w->rb, p->now);
	w->migration = mc_migration_new(p->store, w->replan, p->now);
	for (i = 0; i < p->maps; i++)
		if (mc_migration_map(w->migration, p->map[i].name,
			p->map[i].value, err) == -1)
			return mc_err_at(err, "--map", 0, 0);
	return p->cli->argc == 0
		   ? 0
		   : mc_planning_codes(p, add, w->replan, found, err);
}

static int
plan(struct work *w, bool *found, struct mc_err *err)
{
	int64_t planned;
	size_t i;
	int rc = 0;

	if (open_all(w, found, err) == -1)
		return -1;
	w->progress = mc_progress_new(w->p->cli, "dossiers");
	rc = find(w, err);
	mc_progress_free(w->progress);
	mc_out_columns(w->p->out,
	    "code version action procedure unit status " MC_PLANNING_REPINNED);
	for (i = 0; i < w->row.n && rc == 0; i++)
		rc = put(w, &w->row.p[i], err);
	if (rc == -1)
		return -1;
	say_idle(w);
	*found |= w->undecided + w->refused > 0;
	planned = (int64_t)w->row.n - w->undecided - w->refused;
	mc_cli_note(w->p->cli,
	    "planned %lld of %lld open dossiers, %lld undecided, %lld refused; "
	    "%lld get another due date",
	    (long long)planned, (long long)mc_migration_seen(w->migration),
	    (long long)w->undecided, (long long)w->refused,
	    (long long)w->redated);
	return 0;
}

int
mc_planning_repin(const struct mc_planning *p, bool *found, struct mc_err *err)
{
	struct work w = { .p = p };
	int rc = plan(&w, found, err);

	mc_migration_free(w.migration);
	mc_replan_free(w.replan);
	mc_rulebook_free(w.then);
	mc_rulebook_free(w.rb);
	mc_vec_free(&w.row);
	return rc;
}
