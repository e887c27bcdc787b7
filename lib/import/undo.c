/* undo.c - taking a run of dossier-import back; see motcua/undo.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/log.h>
#include <motcua/mem.h>
#include <motcua/pool.h>
#include <motcua/text.h>
#include <motcua/undo.h>

/* A dossier of the run, in the batch. */
struct item {
	struct mc_undone told;
	uint64_t seq; /* of the run's event by which it was found */
	int64_t from; /* when its life in the log begins */
};

struct job {
	const struct mc_undo *o;
	struct mc_undo_summary *sum;
	struct mc_run run;
	struct mc_log *walk, *past; /* the run's events; a dossier's */
	struct mc_buf scratch;
	struct mc_case c, kin; /* the item's; one that came with it */
	bool families;         /* are there any? */
	struct mc_pool pool;   /* codes of the batch */
	MC_VEC(struct item) item;
	uint64_t *met; /* hashes of codes, open addressing */
	size_t n_met, slots;
};

const char *
mc_undo_result_name(enum mc_undo_result r)
{
	return r == MC_UNDO_VOIDED ? "voided"
	       : r == MC_UNDO_KEPT ? "kept"
				   : "unchanged";
}

/* ---- runs ---- */

static struct mc_run
read_run(struct mc_cur *cur)
{
	return (struct mc_run){ .id = mc_cur_int(cur, 0, 0),
		.started_at = mc_cur_int(cur, 1, MC_NEVER),
		.source = mc_cur_text(cur, 2),
		.first_seq = (uint64_t)mc_cur_int(cur, 3, 0),
		.last_seq = (uint64_t)mc_cur_int(cur, 4, 0),
		.events = mc_cur_int(cur, 5, 0),
		.added = mc_cur_int(cur, 6, 0),
		.voided = mc_cur_int(cur, 7, 0) };
}

int
mc_runs(struct mc_store *s,
    int (*each)(void *arg, const struct mc_run *run, struct mc_err *err),
    void *arg, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_run run;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(s), MC_SQL_RUN_ALL, MC_NOARGS, err) ==
	    -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		run = read_run(cur);
		if (each(arg, &run, err) == -1) {
			rc = -1;
			break;
		}
	}
	mc_cur_close(cur);
	return rc;
}

static int
find_run(struct job *j, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(j->o->store), MC_SQL_RUN_GET,
		MC_ARGS(MC_INT(j->o->run)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1)
		j->run = read_run(cur);
	j->run.source = (struct mc_str){ NULL, 0 };
	mc_cur_close(cur);
	if (rc == 0)
		mc_err(err, MC_ENOTFOUND, "E_RUN", "there was no run %lld",
		    (long long)j->o->run);
	return rc == 1 ? 0 : -1;
}

/* ---- one dossier ---- */

/* Is this the first event of the run that is met of the dossier? */
static bool
first_met(struct job *j, struct mc_str code)
{
	uint64_t hash = mc_text_hash(code.p, code.len) | 1, *old = j->met;
	size_t i, k, n = j->slots;

	if (j->n_met * 2 >= j->slots) {
		j->slots = n == 0 ? 4096 : n * 2;
		j->met = mc_calloc(j->slots, sizeof(*j->met));
		for (i = 0; i < n; i++) {
			if (old[i] == 0)
				continue;
			k = old[i] >> 8 & (j->slots - 1);
			while (j->met[k] != 0)
				k = (k + 1) & (j->slots - 1);
			j->met[k] = old[i];
		}
		free(old);
	}
	for (i = hash >> 8 & (j->slots - 1); j->met[i] != 0;
	     i = (i + 1) & (j->slots - 1))
		if (j->met[i] == hash)
			return false;
	j->met[i] = hash;
	j->n_met++;
	return true;
}

static int
read_event(struct job *j, uint64_t seq, struct mc_event *e, struct mc_err *err)
{
	struct mc_str body;
	int rc = mc_log_get(j->past, seq, &body, err);

	if (rc == 0)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "the log is damaged: event %llu", (unsigned long long)seq);
	return rc == -1 ? -1 : mc_event_decode(e, body, &j->scratch, err);
}

static void
keep(struct item *it, const struct mc_event *e, const char *why)
{
	it->told.result = MC_UNDO_KEPT;
	it->told.why = why;
	it->told.seq = e->seq;
	it->told.kind = e->kind;
	it->told.recorded_at = e->recorded_at;
}

/*
 * Whose is it?  A dossier that was voided and came again has a life for each
 * time; what counts is the last one.
 */
static int
judge(
    struct job *j, const struct mc_case *c, struct item *it, struct mc_err *err)
{
	struct mc_str events = { c->events.p, c->events.len };
	struct mc_event e;
	uint64_t seq = 0;
	size_t at = 0;
	bool begun = false;

	it->told.result = MC_UNDO_VOIDED;
	it->told.why = NULL;
	while (mc_seqs_next(events, &at, &seq)) {
		if (read_event(j, seq, &e, err) == -1)
			return -1;
		if (e.kind == MC_K_VOIDED) {
			begun = false;
			it->told.result = MC_UNDO_UNCHANGED;
			it->told.why = NULL;
			continue;
		}
		if (!begun) {
			begun = true;
			it->from = e.at;
			it->told.result = MC_UNDO_VOIDED;
			if (it->seq < seq) /* imported again since */
				it->told.result = MC_UNDO_UNCHANGED;
			else if (mc_event_num(&e, MC_F_RUN, 0) != j->run.id)
				keep(it, &e, "updated");
		} else if (it->told.result == MC_UNDO_VOIDED &&
			   mc_event_num(&e, MC_F_RUN, 0) != j->run.id) {
			keep(it, &e, "touched");
		}
	}
	return 0;
}

/*
 * One of the family, whose fate the item shares: what has been done to it is
 * what keeps the item.  One that the run has voided already has gone first.
 */
static int
judge_kin(struct job *j, struct item *it, int64_t id, struct mc_err *err)
{
	struct item kin = { .seq = UINT64_MAX };
	int rc =
	    id == j->c.id ? 0 : mc_store_load(j->o->store, id, &j->kin, err);

	if (rc != 1 || j->kin.voided)
		return rc == -1 ? -1 : 0;
	if (judge(j, &j->kin, &kin, err) == -1)
		return -1;
	if (kin.told.result != MC_UNDO_KEPT)
		return 0;
	kin.told.code = it->told.code;
	it->told = kin.told;
	it->told.why = "family";
	return 0;
}

/* A dossier goes with all that came with it, or none of them does. */
static int
judge_family(struct job *j, struct item *it, struct mc_err *err)
{
	struct mc_store *s = j->o->store;
	struct mc_buf parent = { 0 };
	MC_VEC(int64_t) kin = { 0 };
	struct mc_cur *cur;
	struct mc_str code;
	int64_t id;
	size_t i;
	int rc = mc_store_parent_of(s, j->c.id, &parent, err);

	code =
	    rc == 1 ? (struct mc_str){ parent.p, parent.len } : it->told.code;
	if (rc == 1 && (rc = mc_store_find_own(s, code, &id, err)) == 1)
		mc_vec_push(&kin, id);
	if (rc != -1)
		rc = mc_cur_open(&cur, mc_store_db(s), MC_SQL_CHILD_OF,
		    MC_ARGS(MC_TEXT(code)), err);
	if (rc == 0) {
		while ((rc = mc_cur_next(cur, err)) == 1)
			mc_vec_push(&kin, mc_cur_int(cur, 0, 0));
		mc_cur_close(cur);
	}
	for (i = 0; rc == 0 && i < kin.n && it->told.result == MC_UNDO_VOIDED;
	     i++)
		rc = judge_kin(j, it, kin.p[i], err);
	mc_vec_free(&kin);
	mc_buf_free(&parent);
	return rc;
}

/* It was never received: entered as of the day when it was. */
static int
void_it(struct job *j, struct item *it, struct mc_err *err)
{
	struct mc_event e;

	mc_event_init(&e, MC_K_VOIDED, it->from);
	mc_event_int(&e, MC_F_RUN, j->run.id);
	e.code = it->told.code;
	if (mc_store_append(
		j->o->store, &j->c, &e, (struct mc_str){ NULL, 0 }, err) == -1)
		return -1;
	j->c.row_hash = 0; /* no row is the same as its last one */
	return mc_store_save(j->o->store, &j->c, err);
}

static int
take_item(struct job *j, struct item *it, struct mc_err *err)
{
	int64_t id;
	int rc = mc_store_find_own(j->o->store, it->told.code, &id, err);

	if (rc == 1)
		rc = mc_store_load(j->o->store, id, &j->c, err);
	if (rc == 0)
		return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "\"%.*s\" is in the log, and there is no such dossier",
		    (int)it->told.code.len, it->told.code.p);
	if (rc == -1 || judge(j, &j->c, it, err) == -1 ||
	    (j->families && it->told.result == MC_UNDO_VOIDED &&
		judge_family(j, it, err) == -1))
		return -1;
	if (it->told.result != MC_UNDO_VOIDED || j->o->dry_run)
		return 0;
	return void_it(j, it, err);
}

/* ---- a batch ---- */

static int
take_batch(struct job *j, int64_t *voided, struct mc_err *err)
{
	size_t i;

	*voided = 0;
	for (i = 0; i < j->item.n; i++) {
		if (take_item(j, &j->item.p[i], err) == -1)
			return -1;
		*voided += j->item.p[i].told.result == MC_UNDO_VOIDED;
	}
	return 0;
}

static int
write_batch(struct job *j, struct mc_err *err)
{
	struct mc_store *s = j->o->store;
	int64_t voided;

	if (mc_store_begin(s, j->o->now, err) == -1)
		return -1;
	if (take_batch(j, &voided, err) == -1) {
		mc_store_rollback(s);
		return -1;
	}
	if (voided == 0) {
		mc_store_rollback(s);
		return 0;
	}
	mc_db_run_later(mc_store_db(s), MC_SQL_RUN_VOIDED,
	    MC_ARGS(MC_INT(j->run.id), MC_INT(voided)));
	return mc_store_commit(s, err);
}

static void
count(struct mc_undo_summary *sum, enum mc_undo_result r)
{
	switch (r) {
	case MC_UNDO_VOIDED:
		sum->voided++;
		break;
	case MC_UNDO_KEPT:
		sum->kept++;
		break;
	case MC_UNDO_UNCHANGED:
		sum->unchanged++;
		break;
	}
}

static int
flush(struct job *j, uint64_t seq, struct mc_err *err)
{
	int64_t ignored;
	size_t i;

	if (j->item.n == 0)
		return 0;
	if ((j->o->dry_run ? take_batch(j, &ignored, err)
			   : write_batch(j, err)) == -1)
		return -1;
	for (i = 0; i < j->item.n; i++) {
		count(j->sum, j->item.p[i].told.result);
		if (j->o->result(j->o->arg, &j->item.p[i].told, err) == -1)
			return -1;
	}
	j->item.n = 0;
	mc_pool_reset(&j->pool);
	return j->o->batch_done(j->o->arg,
	    j->sum->voided + j->sum->kept + j->sum->unchanged,
	    (int64_t)(seq - j->run.first_seq),
	    (int64_t)(j->run.last_seq - j->run.first_seq), err);
}

/* The dossiers of the run's events, in the order of the log. */
static int
all(struct job *j, struct mc_err *err)
{
	size_t full = j->o->batch == 0 ? MC_UNDO_BATCH : j->o->batch;
	struct mc_buf scratch = { 0 };
	struct mc_event e;
	struct item it;
	struct mc_str body;
	uint64_t seq = 0;
	int rc;

	mc_log_seek(j->walk, j->run.first_seq);
	while ((rc = mc_log_next(j->walk, &seq, &body, err)) == 1 &&
	       seq <= j->run.last_seq) {
		if ((rc = mc_event_decode(&e, body, &scratch, err)) == -1)
			break;
		if (e.kind == MC_K_VOIDED || e.code.len == 0 ||
		    mc_event_num(&e, MC_F_RUN, 0) != j->run.id ||
		    !first_met(j, e.code))
			continue;
		it = (struct item){ .seq = seq,
			.told.code = mc_pool_str(&j->pool, e.code) };
		mc_vec_push(&j->item, it);
		if (j->item.n == full && (rc = flush(j, seq, err)) == -1)
			break;
	}
	mc_buf_free(&scratch);
	return rc == -1 ? -1 : flush(j, j->run.last_seq, err);
}

int
mc_undo_run(
    const struct mc_undo *o, struct mc_undo_summary *sum, struct mc_err *err)
{
	struct job j = { .o = o, .sum = sum };
	int64_t families = 0;
	int rc;

	memset(sum, 0, sizeof(*sum));
	j.walk = mc_log_new(mc_store_db(o->store));
	j.past = mc_log_new(mc_store_db(o->store));
	rc = find_run(&j, err);
	if (rc == 0 && mc_db_int(mc_store_db(o->store), MC_SQL_STATS_ANY_CHILD,
			   MC_NOARGS, &families, 0, err) == -1)
		rc = -1;
	j.families = families != 0;
	if (rc == 0)
		rc = all(&j, err);
	mc_log_free(j.walk);
	mc_log_free(j.past);
	mc_case_free(&j.c);
	mc_case_free(&j.kin);
	mc_pool_free(&j.pool);
	mc_buf_free(&j.scratch);
	mc_vec_free(&j.item);
	free(j.met);
	return rc;
}
