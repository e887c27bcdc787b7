/*
 * rulebook_lint_internal.h - what the files that lint a rulebook share.
 */
#ifndef RULEBOOK_LINT_INTERNAL_H
#define RULEBOOK_LINT_INTERNAL_H

#include <motcua/rulebook.h>

#include "rulebook_internal.h"

/* A version met so far. */
struct met {
	char *code;
	const char *path; /* borrowed from the tree */
	bool dated;       /* the file's name has a day */
	int32_t from, to;
};

/* A calendar's nominal day; 0 when it cannot be read. */
struct nominal {
	char *name;
	int64_t day_ms;
};

struct lint {
	struct mc_repo *repo; /* may be NULL for a work tree */
	struct mc_repo_tree *tree;
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
	int32_t today;
	struct mc_rulebook_config config; /* zone NULL: not usable */
	struct mc_units *units;           /* NULL: not usable */
	const char *only; /* of two files judged together: findings of this */
	MC_VEC(struct met) met;
	MC_VEC(struct nominal) nominal;
	struct mc_families *families; /* NULL: nobody has asked yet */
	int64_t budget;               /* of looks at units, for all files */
	int told;                     /* findings of the file */
	bool failed;                  /* one of them an error */
};

/* rulebook_lint.c */
/* Every finding goes this way: none is without advice, and none too many. */
void mc_lint_advised(void *lint, const struct mc_err *finding);
/* At a member of the file's text, a path such as "steps/2/role", or NULL. */
void mc_lint_report(struct lint *l, const char *path, struct mc_str text,
    const char *at, const char *id, const char *fmt, ...) MC_PRINTF(6, 7);
/* What a deeper module has found; *e is cleared. */
void mc_lint_pass_on(struct lint *l, const char *path, struct mc_err *e);
/* A file's text in *out, as it stands in the tree. */
int mc_lint_read(struct lint *l, const struct mc_repo_entry *e,
    struct mc_buf *out, struct mc_err *err) MC_MUST_CHECK;
bool mc_lint_has_calendar(const struct lint *l, const char *name);

/* rulebook_lint_procedure.c */
void mc_lint_procedure(struct lint *l, const char *path, struct mc_str text);

#endif
