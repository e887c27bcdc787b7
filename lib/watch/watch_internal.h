/* watch_internal.h - what the files of watch share. */
#ifndef WATCH_INTERNAL_H
#define WATCH_INTERNAL_H

#include <motcua/buf.h>
#include <motcua/scope.h>
#include <motcua/watch.h>

/* An open dossier that is to be listed, or an open step. */
struct mc_watch_item {
	int64_t id, due_at, paused_at, received_at;
	int64_t dossier_due_at; /* of a step; else due_at */
	int32_t due_day, dossier_due_day;
	int32_t step;    /* MC_NOID: the dossier as a whole */
	int32_t unit;    /* that received it */
	int32_t holder;  /* of the step; else unit */
	int32_t officer; /* of the step, else of the dossier */
	int32_t pin, procedure;
	enum mc_status status;
	enum mc_state state;
	bool provisional, apologised;
	size_t code_at;   /* where its code begins in w->codes */
	const char *code; /* once w->codes is complete, like step_name */
	const char *step_name;
};

/* Until when things are due soon, by one calendar and policy. */
struct mc_watch_horizon {
	const struct mc_calendar *cal;
	enum mc_due_time due_time;
	enum mc_late_intake late_intake;
	int32_t cutoff;
	int64_t until;
};

struct mc_watch_key_count {
	int32_t key;
	int64_t n[MC_STATES];
};

struct mc_watch {
	struct mc_store *store;
	struct mc_rulebook **rb;
	struct mc_watch_query q;
	const struct mc_zone *zone;
	int32_t today;
	struct mc_scope *scope;
	const struct mc_units *units;
	MC_VEC(const struct mc_unit *) unit; /* by id; NULL: not looked up */
	MC_VEC(struct mc_watch_horizon) horizon;
	MC_VEC(struct mc_watch_known) known;

	bool counting; /* no order, and no columns of the dossier's row */
	struct mc_cur *cur;
	enum {
		MC_WATCH_START,
		MC_WATCH_DUE,
		MC_WATCH_REST,
		MC_WATCH_END
	} phase;
	bool has_ahead;
	struct mc_watch_item ahead; /* read, but of the next due */
	/* Those of one due; with query.only or query.steps all. */
	MC_VEC(struct mc_watch_item) item;
	size_t at;
	struct mc_buf codes;

	struct mc_watch_row row;
	struct mc_buf step, officer;

	MC_VEC(struct mc_watch_key_count) key_count;
	MC_VEC(struct mc_watch_count) count;
	MC_VEC(struct mc_watch_sum) sum;
};

static inline bool
mc_watch_wants(const struct mc_watch *w, enum mc_state s)
{
	return (w->q.states >> s & 1) != 0;
}

/* ---- watch_state.c ---- */

/* The calendar (at the step's unit, or the receiving one) and policy. */
int mc_watch_rules(struct mc_watch *w, const struct mc_watch_item *it,
    const struct mc_calendar **cal, struct mc_policy *policy,
    struct mc_err *err) MC_MUST_CHECK;
/* No dossier that is due later can be due soon, whatever its calendar. */
int mc_watch_last_horizon(
    struct mc_watch *w, int64_t *until, struct mc_err *err) MC_MUST_CHECK;
/* May it yet move?  Of a step that is seen by its calendar. */
int mc_watch_provisional(struct mc_watch *w, const struct mc_watch_item *it,
    bool *out, struct mc_err *err) MC_MUST_CHECK;
/* Fills it->state. */
int mc_watch_judge(struct mc_watch *w, struct mc_watch_item *it,
    struct mc_err *err) MC_MUST_CHECK;
int mc_watch_apology(struct mc_watch *w, const struct mc_watch_item *it,
    enum mc_apology *out, struct mc_err *err) MC_MUST_CHECK;

/* ---- watch.c ---- */

/* The next wanted item: by due, those without one last; or in any order,
 * when counting.  1, 0, -1. */
int mc_watch_scan(struct mc_watch *w, struct mc_watch_item *it,
    struct mc_err *err) MC_MUST_CHECK;
/* Those that were given: sorted, each once. */
void mc_watch_sort(struct mc_watch *w);

#endif
