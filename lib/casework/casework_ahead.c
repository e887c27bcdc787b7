/* casework_ahead.c - dossiers of a batch, read before its first write. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>

#include "casework_internal.h"

struct seen {
	int64_t id;
	size_t i;
};

static int
by_id(const void *va, const void *vb)
{
	const struct seen *a = va, *b = vb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->i > b->i) - (a->i < b->i);
}

/* A dossier that stands there twice is read when its turn comes. */
static void
mark_twice(struct mc_casework *w, size_t n)
{
	struct seen *seen = mc_calloc(n, sizeof(*seen));
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (w->ahead[i].rc == 1)
			seen[k++] = (struct seen){ w->ahead[i].c.id, i };
	qsort(seen, k, sizeof(*seen), by_id);
	for (i = 1; i < k; i++)
		if (seen[i].id == seen[i - 1].id)
			w->ahead[seen[i].i].again = true;
	free(seen);
}

static void
swap_case(struct mc_casework *w, struct ahead *a)
{
	struct mc_case c = w->c;

	w->c = a->c;
	a->c = c;
}

int
mc_casework_read_ahead(
    struct mc_casework *w, struct mc_move *move, size_t n, struct mc_err *err)
{
	size_t i;

	if (w->ahead_cap < n) {
		w->ahead = mc_realloc(w->ahead, n, sizeof(*w->ahead));
		memset(w->ahead + w->ahead_cap, 0,
		    (n - w->ahead_cap) * sizeof(*w->ahead));
		w->ahead_cap = n;
	}
	for (i = 0; i < n; i++) {
		move[i] = (struct mc_move){ .code = move[i].code,
			.due_at = MC_NEVER };
		w->ahead[i].again = false;
		w->ahead[i].rc = mc_casework_find(w, &move[i], err);
		if (w->ahead[i].rc == -1)
			return -1;
		swap_case(w, &w->ahead[i]);
	}
	if (n > 1)
		mark_twice(w, n);
	return 0;
}

int
mc_casework_take_ahead(struct mc_casework *w, struct mc_move *m,
    struct ahead *a, struct mc_err *err)
{
	if (a != NULL && !a->again) {
		if (a->rc == 1)
			swap_case(w, a);
		return a->rc;
	}
	*m = (struct mc_move){ .code = m->code, .due_at = MC_NEVER };
	return mc_casework_find(w, m, err);
}
