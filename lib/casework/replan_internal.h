/* replan_internal.h - lines of a plan, between the files that do them. */
#ifndef REPLAN_INTERNAL_H
#define REPLAN_INTERNAL_H

#include <motcua/elapsed.h>
#include <motcua/history.h>
#include <motcua/json.h>
#include <motcua/migration.h>
#include <motcua/pool.h>
#include <motcua/replan.h>

#define MC_APPLY_COMMITS 32 /* that the lines of one plan name, at most */

enum mc_plan_kind {
	MC_PLAN_RESCHEDULE,
	MC_PLAN_REHOME,
	MC_PLAN_REPIN,
	MC_PLAN_EXPIRE,
	MC_PLAN_ANSWER,
	MC_PLAN_ACTION
};

/* Where one open step, or the dossier itself, goes. */
struct mc_plan_move {
	struct mc_str step;     /* p NULL: the dossier */
	struct mc_str from, to; /* to.p NULL: as at first (undo) */
	struct mc_str rule;
	int32_t step_id; /* MC_NOID: the dossier */
};

/* The rulebook at a commit that lines name, or why not. */
struct mc_plan_rules {
	char commit[MC_OID_HEX];
	struct mc_rulebook *rb;
	struct mc_err why;
};

/* To which version a dossier goes, and how. */
struct mc_plan_repin {
	struct mc_str commit, path, blob;
	enum mc_redate redate;
	struct mc_fit_step *step; /* those the line names; to.p may be NULL */
	int steps;
	struct mc_due due; /* afterwards */
	struct mc_plan_rules *rules;
	struct mc_migration_row row;
	int events; /* that it makes, or that it takes back */
	int32_t past_pin;
	bool past_given;
};

/* What route does to one, and what the line says will come of it. */
enum {
	MC_WANT_STEP,
	MC_WANT_UNIT,
	MC_WANT_OFFICER,
	MC_WANT_STATUS,
	MC_WANT_DUE, /* the day of it */
	MC_WANT__COUNT
};
struct mc_plan_want {
	bool told;
	struct mc_str text; /* p NULL: null */
};
struct mc_plan_action {
	struct mc_request req;
	struct mc_plan_want want[MC_WANT__COUNT];
	bool hidden; /* a value that it needs is not in the line */
};

/* A line, and what becomes of it. */
struct mc_plan_item {
	const char *file;
	int64_t line;
	enum mc_plan_kind kind;
	struct mc_str code, basis; /* basis.p NULL: what follows from `why` */
	int32_t version;
	struct mc_due due;          /* reschedule */
	struct mc_plan_move *place; /* rehome */
	int places;
	struct mc_plan_repin *repin; /* repin */
	struct mc_plan_action *action;
	bool undo, undecided, refused, unchanged; /* as the line says */
	struct mc_str step, to; /* expire; step.p NULL: of the dossier */
	int64_t id;             /* 0: there is none */
	struct mc_str several;  /* p NULL unless the code is an alias of such */
	struct mc_replan_due now;
	struct mc_move move;
	struct mc_case c;
};

struct mc_apply {
	struct mc_store *store;
	struct mc_rulebook *rb; /* opened when first needed */
	struct mc_replan *replan;
	const struct mc_units *units;
	int32_t today;
	MC_VEC(struct mc_plan_rules *) rules;
	struct mc_migration *migration;
	struct mc_casework *work;      /* made when first needed */
	const struct mc_version *kept; /* the last definition written */
	struct mc_history *history;    /* made when first needed */
	struct mc_elapsed *elapsed;    /* likewise: expire */
	struct mc_case past;
	struct mc_plan_item *item;
	size_t n, cap, order_cap;
	struct mc_plan_item **order; /* by id, then as given */
	bool told;           /* the batch is done, its results can be read */
	struct mc_pool pool; /* texts of the batch */
	struct mc_buf text, scratch;
};

/* replan_apply.c */
struct mc_str mc_apply_keep(struct mc_apply *a); /* a->text */
void mc_apply_refuse(struct mc_apply *a, struct mc_plan_item *it,
    const char *id, const char *what, const char *advice);
void mc_apply_stale(struct mc_apply *a, struct mc_plan_item *it);
void mc_apply_tell(struct mc_apply *a, struct mc_plan_item *it);
int mc_apply_locate(struct mc_apply *a, struct mc_err *err);
/* Its units, or what else of it is joined by "+" in results. */
struct mc_str mc_apply_join(
    struct mc_apply *a, enum mc_dict dict, const struct mc_case *c);

/* replan_expire.c */
/* Before the transaction, if a line needs it; and after it. */
int mc_expire_open(struct mc_apply *a, int64_t now, struct mc_err *err);
void mc_expire_end(struct mc_apply *a, bool committed);
/* Judged and done at once: several lines may be of one dossier. */
int mc_expire_do(struct mc_apply *a, struct mc_plan_item *it, int64_t now,
    struct mc_err *err);

/* replan_rehome.c */
int mc_rehome_read(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_json *doc, struct mc_err *err);
int mc_rehome_judge(
    struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err);
int mc_rehome_write(struct mc_apply *a, struct mc_plan_item *it, int64_t at,
    struct mc_err *err);
bool mc_rehome_same(const struct mc_plan_item *a, const struct mc_plan_item *b);

/* replan_repin.c */
int mc_repin_read(struct mc_apply *a, struct mc_plan_item *it,
    const struct mc_json *doc, struct mc_err *err);
/* What the lines waiting need; before the lock is taken. */
int mc_repin_open(struct mc_apply *a, int64_t now, struct mc_err *err);
void mc_repin_free(struct mc_apply *a);
int mc_repin_judge(
    struct mc_apply *a, struct mc_plan_item *it, struct mc_err *err);
int mc_repin_write(struct mc_apply *a, struct mc_plan_item *it, int64_t at,
    struct mc_err *err);
bool mc_repin_same(const struct mc_plan_item *a, const struct mc_plan_item *b);
/* The dossier before the move that was its last, in a->past: 1, 0, -1. */
int mc_repin_before(struct mc_apply *a, const struct mc_case *c, int *events,
    struct mc_err *err);

/* replan_action.c */
int mc_action_read(struct mc_apply *a, struct mc_plan_item *it,
    enum mc_action action, const struct mc_json *doc, struct mc_err *err);
int mc_action_open(struct mc_apply *a, struct mc_err *err);
int mc_action_do(struct mc_apply *a, int64_t now, struct mc_err *err);

#endif
