/* watch_count.c - how many instead of which; see motcua/watch.h. */
#include <stdlib.h>
#include <string.h>

#include "watch_internal.h"

static void
count_one(struct mc_watch *w, int32_t key, enum mc_state state)
{
	struct mc_watch_key_count k = { .key = key };

	while (w->key_count.n <= (size_t)key) {
		k.key = (int32_t)w->key_count.n;
		mc_vec_push(&w->key_count, k);
	}
	w->key_count.p[key].n[state]++;
}

/* For each officer once, whatever he has of it. */
static int
count_officers(
    struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	int32_t seen[MC_CASE_STEPS], officer;
	struct mc_cur *cur;
	int rc, i, n = 0;

	if (mc_cur_open(&cur, mc_store_db(w->store), MC_SQL_FIND_STEPS,
		MC_ARGS(MC_INT(it->id)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1 && n < MC_CASE_STEPS) {
		officer = (int32_t)mc_cur_int(cur, 2, it->officer);
		for (i = 0; i < n && seen[i] != officer;)
			i++;
		if (i == n) {
			seen[n++] = officer;
			count_one(w, officer, it->state);
		}
	}
	mc_cur_close(cur);
	if (n == 0)
		count_one(w, it->officer, it->state);
	return rc == -1 ? -1 : 0;
}

static int
count_item(struct mc_watch *w, const struct mc_watch_item *it,
    enum mc_watch_by by, struct mc_err *err)
{
	switch (by) {
	case MC_WATCH_OFFICER:
		if (it->step == MC_NOID)
			return count_officers(w, it, err);
		count_one(w, it->officer, it->state);
		return 0;
	case MC_WATCH_PROCEDURE:
		count_one(w, it->procedure, it->state);
		return 0;
	case MC_WATCH_UNIT:
		break;
	}
	count_one(w, it->unit, it->state);
	return 0;
}

/* Those that were given, or all, each once. */
static int
next_item(struct mc_watch *w, size_t *at, struct mc_watch_item *it,
    struct mc_err *err)
{
	if (!w->q.only)
		return mc_watch_scan(w, it, err);
	if (*at == 0)
		mc_watch_sort(w);
	if (*at == w->item.n)
		return 0;
	*it = w->item.p[(*at)++];
	return 1;
}

/* Nobody comes last. */
static int
by_count_key(const void *va, const void *vb)
{
	const struct mc_watch_count *a = va, *b = vb;
	int rc;

	if (a->key == NULL || b->key == NULL)
		rc = (a->key == NULL) - (b->key == NULL);
	else
		rc = strcmp(a->key, b->key);
	return rc != 0 ? rc : (int)a->state - (int)b->state;
}

static void
make_counts(struct mc_watch *w, enum mc_watch_by by)
{
	static const enum mc_dict dict[] = { MC_D_UNIT, MC_D_PROCEDURE,
		MC_D_OFFICER };
	const struct mc_watch_key_count *k;
	const char *key;
	size_t i;
	int s;

	for (i = 0; i < w->key_count.n; i++) {
		k = &w->key_count.p[i];
		key = k->key == MC_NOID
			  ? NULL
			  : mc_store_text(w->store, dict[by], k->key);
		for (s = 0; s < MC_STATES; s++)
			if (k->n[s] > 0)
				mc_vec_push(&w->count,
				    ((struct mc_watch_count){
					key, (enum mc_state)s, k->n[s] }));
	}
	if (w->count.n > 0)
		qsort(
		    w->count.p, w->count.n, sizeof(*w->count.p), by_count_key);
}

int
mc_watch_counts(struct mc_watch *w, enum mc_watch_by by,
    const struct mc_watch_count **out, size_t *n, struct mc_err *err)
{
	struct mc_watch_item it;
	size_t at = 0;
	int rc;

	w->counting = by != MC_WATCH_PROCEDURE && !w->q.steps;
	while ((rc = next_item(w, &at, &it, err)) == 1)
		if (count_item(w, &it, by, err) == -1)
			return -1;
	if (rc == -1)
		return -1;
	make_counts(w, by);
	*out = w->count.p;
	*n = w->count.n;
	return 0;
}

/* ---- sums ---- */

static int
add_to_sum(
    struct mc_watch *w, const struct mc_watch_item *it, struct mc_err *err)
{
	const struct mc_watch_sum none = { .unit = NULL };
	enum mc_apology apology = MC_APOLOGY_NONE_DUE;
	struct mc_watch_sum *s;
	bool provisional;
	int64_t days;

	if (mc_watch_provisional(w, it, &provisional, err) == -1)
		return -1;
	/* Only what is late can want one; it may cost a look at the pin. */
	if ((it->state == MC_OVERDUE || it->step != MC_NOID) &&
	    mc_watch_apology(w, it, &apology, err) == -1)
		return -1;
	while (w->sum.n <= (size_t)it->unit)
		mc_vec_push(&w->sum, none);
	s = &w->sum.p[it->unit];
	s->n[it->state]++;
	s->provisional += provisional;
	s->no_apology += apology == MC_APOLOGY_OWED;
	if (it->state != MC_OVERDUE)
		return 0;
	days = mc_late_days(
	    (struct mc_due){ it->due_day, it->due_at, false }, w->today);
	if (days > s->late_days)
		s->late_days = days;
	if (w->q.now - it->due_at > s->late_ms)
		s->late_ms = w->q.now - it->due_at;
	return 0;
}

static int
by_unit(const void *va, const void *vb)
{
	const struct mc_watch_sum *a = va, *b = vb;

	return strcmp(a->unit, b->unit);
}

static bool
any(const struct mc_watch_sum *s)
{
	int i;

	for (i = 0; i < MC_STATES; i++)
		if (s->n[i] > 0)
			return true;
	return false;
}

/* From sums by the unit's number to those with any, by code; the total. */
static void
finish_sums(struct mc_watch *w)
{
	struct mc_watch_sum total = { .unit = NULL }, *s;
	size_t id, n = 0;
	int i;

	for (id = 0; id < w->sum.n; id++) {
		s = &w->sum.p[id];
		if (!any(s))
			continue;
		for (i = 0; i < MC_STATES; i++)
			total.n[i] += s->n[i];
		total.provisional += s->provisional;
		total.no_apology += s->no_apology;
		if (s->late_days > total.late_days)
			total.late_days = s->late_days;
		if (s->late_ms > total.late_ms)
			total.late_ms = s->late_ms;
		s->unit = mc_store_text(w->store, MC_D_UNIT, (int32_t)id);
		w->sum.p[n++] = *s;
	}
	w->sum.n = n;
	if (n > 1)
		qsort(w->sum.p, n, sizeof(*w->sum.p), by_unit);
	mc_vec_push(&w->sum, total);
}

int
mc_watch_sums(struct mc_watch *w, const struct mc_watch_sum **out, size_t *n,
    struct mc_err *err)
{
	struct mc_watch_item it;
	size_t at = 0;
	int rc;

	w->counting = !w->q.steps;
	w->sum.n = 0;
	while ((rc = next_item(w, &at, &it, err)) == 1)
		if (add_to_sum(w, &it, err) == -1)
			return -1;
	if (rc == -1)
		return -1;
	finish_sums(w);
	*out = w->sum.p;
	*n = w->sum.n;
	return 0;
}
