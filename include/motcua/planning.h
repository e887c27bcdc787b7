/*
 * planning.h - what `route plan` prints: motcua.plan/1.
 *
 * At the edge: reads what is asked for, writes records and messages.
 */
#ifndef MOTCUA_PLANNING_H
#define MOTCUA_PLANNING_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/cli.h>
#include <motcua/err.h>
#include <motcua/migration.h>
#include <motcua/out.h>
#include <motcua/store.h>

enum mc_planned {
	MC_PLANNED_NONE,
	MC_PLANNED_RECOMPUTE,
	MC_PLANNED_SUCCESSION,
	MC_PLANNED_UNDO,
	MC_PLANNED_RULES,
	MC_PLANNED_ACTION,
	MC_PLANNED_DUE
};

#define MC_PLANNING_MAX 1000000 /* dossiers of a plan of an action */

struct mc_planning {
	struct mc_cli *cli;
	struct mc_store *store;
	struct mc_out *out;
	enum mc_planned what;
	const char *basis;          /* of every line, or NULL */
	const char *decisions;      /* file of a succession, or NULL */
	const char *undo;           /* the plan to be taken back */
	const char *rules;          /* the revision whose versions are meant */
	enum mc_redate redate;      /* what becomes of due dates there */
	struct mc_set map[MC_SETS]; /* old and new names of open steps */
	int maps;
	const struct mc_request *req; /* the action; needs a store to write */
	int64_t now;
};

/* *found: a line was refused, or not decided. */
int mc_planning_run(
    const struct mc_planning *p, bool *found, struct mc_err *err) MC_MUST_CHECK;

#endif
