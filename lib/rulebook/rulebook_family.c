/* rulebook_family.c - children of procedures, held against each other. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>

#include "rulebook_internal.h"

/* A code of the tree, and the children that any version of it names. */
struct node {
	struct mc_str code; /* of a path, borrowed from the tree */
	MC_VEC(char *) child;
	bool seen;
};

struct mc_families {
	MC_VEC(struct node) node;
};

static struct node *
find(const struct mc_families *f, struct mc_str code)
{
	size_t i;

	for (i = 0; i < f->node.n; i++)
		if (mc_str_same(f->node.p[i].code, code))
			return &f->node.p[i];
	return NULL;
}

/* What of the text can be read; the rest is found when its turn comes. */
static void
take_children(struct node *n, const char *path, struct mc_str text)
{
	struct mc_err ignored = MC_ERR_INIT;
	const struct mc_json *list;
	struct mc_json *doc;
	const char *code;
	size_t i;

	if (strstr(text.p, "\"children\"") == NULL ||
	    mc_json_parse(&doc, path, text, &ignored) == -1)
		return;
	list = mc_json_get(doc, "children");
	for (i = 0; i < mc_json_count(list) && i < MC_PROCEDURE_CHILDREN; i++) {
		code =
		    mc_json_str(mc_json_get(mc_json_at(list, i), "procedure"));
		if (code != NULL)
			mc_vec_push(&n->child, mc_strdup(code));
	}
	mc_json_free(doc);
}

struct mc_families *
mc_rulebook_families(struct mc_repo *repo, const struct mc_repo_tree *tree)
{
	struct mc_families *f = mc_calloc(1, sizeof(*f));
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct node fresh = { 0 }, *n;
	struct mc_str date;
	size_t i;

	for (i = 0; i < tree->n; i++) {
		const struct mc_repo_entry *e = &tree->entry[i];

		if (!mc_rulebook_procedure_path(
			mc_str(e->path), &fresh.code, &date))
			continue;
		/* Versions of a code mostly stand side by side. */
		n = f->node.n > 0 ? &f->node.p[f->node.n - 1] : NULL;
		if (n == NULL || !mc_str_same(n->code, fresh.code))
			n = find(f, fresh.code);
		if (n == NULL) {
			mc_vec_push(&f->node, fresh);
			n = &f->node.p[f->node.n - 1];
		}
		mc_buf_reset(&b);
		mc_buf_puts(&b, "");
		if (mc_repo_read(repo, tree, e, &b, &ignored) == 0)
			take_children(
			    n, e->path, (struct mc_str){ b.p, b.len });
		mc_err_clear(&ignored);
	}
	mc_buf_free(&b);
	return f;
}

void
mc_rulebook_families_free(struct mc_families *f)
{
	size_t i, k;

	if (f == NULL)
		return;
	for (i = 0; i < f->node.n; i++) {
		for (k = 0; k < f->node.p[i].child.n; k++)
			free(f->node.p[i].child.p[k]);
		mc_vec_free(&f->node.p[i].child);
	}
	mc_vec_free(&f->node);
	free(f);
}

/* Does `to` come back from there?  Every code is looked at once. */
static bool
reaches(struct mc_families *f, struct node *from, struct mc_str to)
{
	MC_VEC(struct node *) open = { 0 };
	struct node *n, *next;
	bool found = false;
	size_t i;

	for (i = 0; i < f->node.n; i++)
		f->node.p[i].seen = false;
	mc_vec_push(&open, from);
	while (open.n > 0 && !found) {
		n = open.p[--open.n];
		for (i = 0; i < n->child.n && !found; i++) {
			found = mc_str_is(to, n->child.p[i]);
			next = find(f, mc_str(n->child.p[i]));
			if (next != NULL && !next->seen) {
				next->seen = true;
				mc_vec_push(&open, next);
			}
		}
	}
	mc_vec_free(&open);
	return found;
}

enum mc_kinship
mc_rulebook_kinship(
    struct mc_families *f, const char *parent, const char *child)
{
	struct node *n = find(f, mc_str(child));

	if (n == NULL)
		return MC_KIN_UNKNOWN;
	if (reaches(f, n, mc_str(parent)))
		return MC_KIN_ROUND;
	return n->child.n > 0 ? MC_KIN_OWN : MC_KIN_FINE;
}
