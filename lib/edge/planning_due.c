/* planning_due.c - `route plan --due`: what time has decided by now. */
#include <stdlib.h>

#include <motcua/buf.h>
#include <motcua/codes.h>
#include <motcua/elapsed.h>
#include <motcua/progress.h>

#include "planning_internal.h"

struct work {
	const struct mc_planning *p;
	bool *found;
	struct mc_rulebook *rb;
	struct mc_elapsed *elapsed;
	struct mc_codes *codes;
	MC_VEC(struct mc_elapsed_row) row;
	struct mc_buf text;
};

static const char columns[] =
    "code version action procedure unit status step to after since due_at "
    "due_day provisional result reason basis rule commit";

static void
warn(struct work *w, const struct mc_err *e)
{
	mc_cli_warn(w->p->cli, e);
	*w->found = true;
}

/* The dossiers asked for; what is wrong with one does not stop the rest. */
static int
take_codes(struct work *w, struct mc_err *err)
{
	struct mc_str code;
	int rc;

	w->codes = mc_codes_new(w->p->cli->argc, w->p->cli->argv);
	while ((rc = mc_codes_next(w->codes, &code, true, err)) != 0) {
		if (rc == 1 &&
		    (rc = mc_elapsed_add(w->elapsed, code, err)) == -1)
			mc_codes_at(w->codes, err);
		if (rc != -1)
			continue;
		if (err->code != MC_EDATA && err->code != MC_ENOTFOUND)
			return -1;
		warn(w, err);
		mc_err_clear(err);
	}
	return 0;
}

/* All is read from one state of the database, and printed after that. */
static int
find(struct work *w, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(w->p->store);
	struct mc_progress *progress = mc_progress_new(w->p->cli, "dossiers");
	struct mc_elapsed_row row;
	int rc;

	if ((rc = mc_db_read_begin(db, err)) == 0) {
		while ((rc = mc_elapsed_next(w->elapsed, &row, err)) == 1) {
			mc_vec_push(&w->row, row);
			mc_progress_show(
			    progress, mc_elapsed_seen(w->elapsed), 0, 0);
		}
		mc_db_read_end(db);
	}
	mc_progress_free(progress);
	return rc;
}

/*
 * What leans on days that the calendar does not know yet is for people to
 * decide: there may have been a day off among them.
 */
static const char *
result_of(const struct mc_elapsed_row *r)
{
	return r->what == MC_ELAPSED_ANSWER ? "listed"
	       : r->end.provisional         ? "undecided"
					    : "planned";
}

static int
put(struct work *w, const struct mc_elapsed_row *r, struct mc_err *err)
{
	static const char *const reason[] = { [MC_ELAPSED_STEP] = "step",
		[MC_ELAPSED_SUPPLEMENT] = "supplement",
		[MC_ELAPSED_ANSWER] = "answer" };
	struct mc_store *s = w->p->store;
	struct mc_out *out = w->p->out;

	mc_buf_reset(&w->text);
	if (mc_store_code(s, r->id, &w->text, err) == -1)
		return -1;
	mc_out_begin(out, "motcua.plan/1");
	mc_out_str(out, "code", mc_buf_str(&w->text));
	mc_out_int(out, "version", r->version);
	mc_out_str(
	    out, "action", r->what == MC_ELAPSED_ANSWER ? "answer" : "expire");
	mc_out_str(
	    out, "procedure", mc_store_text(s, MC_D_PROCEDURE, r->procedure));
	mc_out_str(out, "unit", mc_store_text(s, MC_D_UNIT, r->unit));
	mc_out_str(out, "status", mc_status_name(r->status));
	mc_out_str(out, "step",
	    r->step != MC_NOID ? mc_store_text(s, MC_D_STEP, r->step) : NULL);
	mc_out_str(out, "to", r->to);
	mc_buf_reset(&w->text);
	mc_term_put(&w->text, r->after);
	mc_out_str(out, "after", mc_buf_str(&w->text));
	mc_out_time(out, "since", r->since);
	mc_out_time(out, "due_at", r->end.at);
	mc_out_day(out, "due_day", r->end.day);
	mc_out_bool(out, "provisional", r->end.provisional);
	mc_out_str(out, "result", result_of(r));
	mc_out_str(out, "reason", reason[r->what]);
	mc_out_str(out, "basis", w->p->basis != NULL ? w->p->basis : r->basis);
	mc_buf_reset(&w->text);
	mc_elapsed_rule(&w->text, r);
	mc_out_str(out, "rule", mc_buf_str(&w->text));
	mc_out_str(out, "commit", r->commit);
	mc_out_end(out);
	return 0;
}

static void
say(struct work *w)
{
	int64_t n[3] = { 0 }, undecided = 0;
	size_t i;

	for (i = 0; i < w->row.n; i++) {
		n[w->row.p[i].what]++;
		undecided += w->row.p[i].what != MC_ELAPSED_ANSWER &&
			     w->row.p[i].end.provisional;
	}
	mc_cli_note(w->p->cli,
	    "planned %lld of %lld open dossiers: %lld steps expire, %lld wait "
	    "for papers in vain, %lld undecided; %lld submissions are not "
	    "answered",
	    (long long)(n[MC_ELAPSED_STEP] + n[MC_ELAPSED_SUPPLEMENT] -
			undecided),
	    (long long)mc_elapsed_seen(w->elapsed),
	    (long long)n[MC_ELAPSED_STEP], (long long)n[MC_ELAPSED_SUPPLEMENT],
	    (long long)undecided, (long long)n[MC_ELAPSED_ANSWER]);
	*w->found |= undecided > 0 || n[MC_ELAPSED_ANSWER] > 0;
}

static int
run(struct work *w, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(w->p->store);
	size_t i;
	int rc = 0;

	if (mc_rulebook_open(&w->rb, site->rules, site->ref, err) == -1)
		return -1;
	w->elapsed = mc_elapsed_new(w->p->store, w->rb, w->p->now);
	if ((w->p->cli->argc > 0 && take_codes(w, err) == -1) ||
	    find(w, err) == -1)
		return -1;
	mc_out_columns(w->p->out, columns);
	for (i = 0; i < w->row.n && rc == 0; i++)
		rc = put(w, &w->row.p[i], err);
	if (rc == 0)
		say(w);
	return rc;
}

int
mc_planning_due(const struct mc_planning *p, bool *found, struct mc_err *err)
{
	struct work w = { .p = p, .found = found };
	int rc = run(&w, err);

	mc_codes_free(w.codes);
	mc_elapsed_free(w.elapsed);
	mc_rulebook_free(w.rb);
	mc_vec_free(&w.row);
	mc_buf_free(&w.text);
	return rc;
}
