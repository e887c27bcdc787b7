/* rulebook_lint_new.c - what a revision adds to the problems of another. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/rulebook.h>

/* What the base says, sorted; how often each was met again. */
struct known {
	MC_VEC(char *) key;
	size_t *used;
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
};

/* A finding without its line and column, which move with every edit. */
static char *
key_of(const struct mc_err *finding)
{
	struct mc_buf b = { 0 };
	size_t n = strcspn(finding->where, ":");

	mc_buf_printf(&b, "%.*s:%s:%s", (int)n, finding->where, finding->id,
	    finding->msg);
	return mc_buf_detach(&b);
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static void
remember(void *arg, const struct mc_err *finding)
{
	struct known *k = arg;
	char *key = key_of(finding);

	mc_vec_push(&k->key, key);
}

/* The first of its kind in the list, or k->key.n. */
static size_t
first_of(const struct known *k, const char *key)
{
	size_t lo = 0, hi = k->key.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(k->key.p[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < k->key.n && strcmp(k->key.p[lo], key) == 0 ? lo : k->key.n;
}

/* What the base says twice may be said twice, and is new the third time. */
static void
if_new(void *arg, const struct mc_err *finding)
{
	struct known *k = arg;
	char *key = key_of(finding);
	size_t i = first_of(k, key), at = i;

	if (i < k->key.n)
		at += k->used[i]++;
	if (at >= k->key.n || strcmp(k->key.p[at], key) != 0)
		k->found(k->arg, finding);
	free(key);
}

int
mc_rulebook_lint_new(const struct mc_rulebook_at *base,
    const struct mc_rulebook_at *at, int32_t today,
    void (*found)(void *arg, const struct mc_err *finding), void *arg,
    struct mc_err *err)
{
	struct known k = { .found = found, .arg = arg };
	size_t i;
	int rc;

	rc = mc_rulebook_lint(base, today, remember, &k, err);
	if (k.key.n > 1)
		qsort(k.key.p, k.key.n, sizeof(*k.key.p), by_text);
	k.used = mc_calloc(k.key.n + 1, sizeof(*k.used));
	if (rc == 0)
		rc = mc_rulebook_lint(at, today, if_new, &k, err);
	for (i = 0; i < k.key.n; i++)
		free(k.key.p[i]);
	mc_vec_free(&k.key);
	free(k.used);
	return rc;
}
