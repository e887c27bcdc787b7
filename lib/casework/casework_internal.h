/* casework_internal.h - what the files behind casework.h share. */
#ifndef CASEWORK_INTERNAL_H
#define CASEWORK_INTERNAL_H

#include <motcua/casework.h>
#include <motcua/children.h>
#include <motcua/pool.h>
#include <motcua/rulebook.h>

/*
 * Answers of role look-up.  Roles are named by where their text stands: that
 * is stable while a definition is kept, and a rollback forgets them all.
 */
#define ROLES 1024u /* a power of two */
struct role {
	const struct mc_units *units;
	const struct mc_unit *receiving;
	const char *role, *at;
	int32_t day;
	const struct mc_unit *unit;
};

/*
 * A dossier that was read before the first of its batch was written: a read
 * waits for all writes before it, and so would every one of them.
 */
struct ahead {
	int rc;     /* of find(), as it told in move */
	bool again; /* another line of the batch is the same: read it then */
	struct mc_case c;
};

struct mc_casework {
	struct mc_store *store;
	struct mc_rulebook *rb; /* opened when first needed */
	const struct mc_units *units;
	struct mc_case c;
	struct mc_case would; /* what it would be, where that is asked */
	struct mc_outcome outcome;
	struct mc_children *children; /* NULL: nobody had any yet */
	struct ahead *ahead; /* dossiers of the batch, read before it */
	size_t ahead_cap;
	struct mc_case_step *before; /* open steps before the action */
	int steps_before, before_cap;
	MC_VEC(const struct mc_version *) kept; /* definitions written */
	struct mc_pool pool;                    /* texts of a batch's results */
	struct mc_buf text;
	struct mc_buf value; /* of a field that is not public */
	struct role role[ROLES];

	/* What officers have in hand, once a step has asked for it. */
	bool counted;
	MC_VEC(int64_t) load;       /* by id of the store */
	MC_VEC(int32_t) officer_id; /* by index in `units`; MC_NOID: unknown */
	const struct mc_units *ids_of; /* that officer_id is about */
	int64_t size;  /* of the log as our last transaction left it */
	int64_t begun; /* and as this one found it */
	int64_t appended;
};

/* casework.c: is it one, or trouble? */
bool mc_casework_refusal(const struct mc_err *err);
/* casework.c: the dossier of m->code into w->c: 1, 0 refused (told), -1 */
int mc_casework_find(
    struct mc_casework *w, struct mc_move *m, struct mc_err *err);
/* casework_ahead.c: the same of all of a batch; then one of them (NULL: now) */
int mc_casework_read_ahead(
    struct mc_casework *w, struct mc_move *move, size_t n, struct mc_err *err);
int mc_casework_take_ahead(struct mc_casework *w, struct mc_move *m,
    struct ahead *a, struct mc_err *err);
/*
 * casework_child.c: which children the dossier in w->c is received with, 1;
 * 0 it cannot be (*why says); -1.
 */
int mc_casework_plan_children(struct mc_casework *w,
    const struct mc_procedure *p, int64_t now, struct mc_err *why,
    struct mc_err *err);
/* Callback of mc_rules. */
int mc_casework_open_children(
    void *casework, struct mc_buf *names, int *n, struct mc_err *err);
/* casework_load.c: callbacks of mc_rules */
int mc_casework_load(void *casework, const struct mc_officer *o, int64_t *steps,
    struct mc_err *err);
int mc_casework_turn(void *casework, const struct mc_unit *unit,
    const char *step, const char **officer, struct mc_err *err);
/* A dossier's steps are n times more in their officers' hands. */
void mc_casework_add_load(struct mc_casework *w, bool open, int32_t officer,
    const struct mc_case_step *step, int steps, int64_t n);

#endif
