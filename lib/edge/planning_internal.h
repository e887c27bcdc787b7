/* planning_internal.h - what the files behind planning.h share. */
#ifndef PLANNING_INTERNAL_H
#define PLANNING_INTERNAL_H

#include <motcua/codes.h>
#include <motcua/migration.h>
#include <motcua/planning.h>

/* planning.c */
/* What every line begins with. */
int mc_planning_line(const struct mc_planning *p, int64_t id, int32_t version,
    const char *action, int32_t procedure, int32_t unit, enum mc_status status,
    struct mc_err *err);
/*
 * add() for each dossier asked for; what is wrong with one is told, *found
 * set, and the rest go on.
 */
typedef int mc_planning_add(void *arg, struct mc_str code, struct mc_err *err);
int mc_planning_codes(const struct mc_planning *p, mc_planning_add *add,
    void *arg, bool *found, struct mc_err *err);

/* planning_repin.c */
/* clang-format off */
/* A repinned dossier's columns, after those that every line begins with. */
#define MC_PLANNING_REPINNED						\
	"old_commit old_path old_blob commit path blob due_at due_day "	\
	"new_due_at new_due_day provisional state new_state deadline "	\
	"steps missing differs result error reason basis"
/* clang-format on */
int mc_planning_repin(
    const struct mc_planning *p, bool *found, struct mc_err *err);
/* to: what row->to says, or another pin.  undo: it takes a move back. */
int mc_planning_put_repin(const struct mc_planning *p,
    const struct mc_migration_row *row, const struct mc_pin *to, bool undo,
    struct mc_err *err);

/* planning_action.c */
int mc_planning_action(
    const struct mc_planning *p, bool *found, struct mc_err *err);

/* planning_due.c: `route plan --due` */
int mc_planning_due(
    const struct mc_planning *p, bool *found, struct mc_err *err) MC_MUST_CHECK;

#endif
