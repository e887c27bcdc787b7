/* asked.c - see motcua/asked.h. */
#include <stdlib.h>

#include <motcua/asked.h>
#include <motcua/mem.h>

int
mc_asked_add(struct mc_asked *a, struct mc_store *s, struct mc_str code,
    struct mc_err *err)
{
	int64_t id;
	int rc;

	a->only = true;
	if ((rc = mc_store_find(s, code, &id, err)) == 1)
		mc_vec_push(&a->id, id);
	if (rc == 0)
		return mc_err(err, MC_ENOTFOUND, "E_DOSSIER",
		    "there is no dossier \"%.*s\"", (int)code.len, code.p);
	return rc;
}

static int
by_id(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

bool
mc_asked_next(struct mc_asked *a, int64_t *id)
{
	if (!a->sorted && a->id.n > 1)
		qsort(a->id.p, a->id.n, sizeof(*a->id.p), by_id);
	a->sorted = true;
	while (a->at > 0 && a->at < a->id.n &&
	       a->id.p[a->at] == a->id.p[a->at - 1])
		a->at++;
	if (a->at >= a->id.n)
		return false;
	*id = a->id.p[a->at++];
	return true;
}

void
mc_asked_free(struct mc_asked *a)
{
	mc_vec_free(&a->id);
}
