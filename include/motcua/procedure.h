/*
 * procedure.h - a procedure's definition: DESIGN 2, parsed and checked.
 *
 * Pure: from text to a read-only structure.  Everything is owned by the
 * procedure and lives until mc_procedure_free().
 */
#ifndef MOTCUA_PROCEDURE_H
#define MOTCUA_PROCEDURE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/condition.h>
#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/json.h>
#include <motcua/term.h>

#define MC_PROCEDURE_STEPS 200
#define MC_PROCEDURE_FIELDS 200
#define MC_PROCEDURE_LIST 200 /* documents, fees, legal bases */
#define MC_PROCEDURE_JOINS 32 /* steps that say "join" */
#define MC_STEP_TARGETS 16
#define MC_STEP_BRANCHES 32
#define MC_PROCEDURE_BRANCHES 1000 /* of all steps */

struct mc_field {
	const char *name, *title;
	enum mc_field_type type;
	bool public;
};
struct mc_fee {
	const char *title;
	int64_t amount; /* đồng */
};
struct mc_document {
	const char *id, *title;
	int copies;
	bool required;
};
struct mc_branch {
	const struct mc_condition *when; /* NULL: always */
	int target[MC_STEP_TARGETS];     /* indexes of steps */
	int targets;
};
/* Who of the step's unit gets it (workflow.h). */
enum mc_assign { MC_ASSIGN_NONE, MC_ASSIGN_LEAST_LOAD, MC_ASSIGN_ROUND_ROBIN };
const char *mc_assign_name(enum mc_assign a); /* "least-load"; NULL: none */

struct mc_step {
	const char *id, *title; /* title may be NULL */
	const char *role;       /* may be NULL for a final step */
	const char *unit;       /* "@province", a code, or NULL */
	bool has_limit;
	struct mc_term limit;
	bool join_all, final;
	enum mc_assign assign;
	/* Not done by then it is taken for done (expiry.h): "expires". */
	struct mc_expires {
		int to; /* index of the step that follows; -1: never */
		struct mc_term after;
		const char *basis; /* or NULL */
	} expires;
	const struct mc_branch *branch;
	int branches;
};
struct mc_procedure {
	const char *code, *title, *field, *level;
	const char *service;  /* information, partial, full; or NULL */
	int level_43;         /* 1 to 4, for the years before 2022; or 0 */
	const char *result;   /* or NULL */
	const char *calendar; /* name, or NULL */
	int32_t effective_from, effective_to; /* to: MC_NODAY when open */
	const char *const *legal_basis;
	int legal_bases;
	bool has_limit;
	struct mc_term limit;
	const struct mc_field *fields;
	int n_fields;
	const struct mc_fee *fees;
	int n_fees;
	const struct mc_document *documents;
	int n_documents;
	const struct mc_step *step; /* step[0] is where `start` goes */
	int steps;
	const struct mc_json *doc; /* the whole document, borrowed */
};

/*
 * name: the file's path, for messages.  The first error found: E_JSON,
 * E_FIELD (unknown or missing member), E_CODE, E_TERM, E_DATE, E_STEP
 * (unknown target), E_DUPLICATE, E_NFC, E_LIMIT, E_CONDITION ...
 */
int mc_procedure_parse(struct mc_procedure **out, const char *name,
    struct mc_str text, struct mc_err *err) MC_MUST_CHECK;
void mc_procedure_free(struct mc_procedure *p);

/*
 * Overlay the procedure's "deadline" member onto *policy.
 */
int mc_procedure_policy(const struct mc_procedure *p, struct mc_policy *policy,
    struct mc_err *err) MC_MUST_CHECK;

/* Index of a step by id, or -1. */
int mc_procedure_step(const struct mc_procedure *p, struct mc_str id);
const struct mc_field *mc_procedure_field(
    const struct mc_procedure *p, struct mc_str name);
/*
 * Can step `to` be reached from step `from` by any branch, or by what expires
 * (from != to)?
 */
bool mc_procedure_reaches(const struct mc_procedure *p, int from, int to);

/*
 * Every finding, errors and warnings (W_...), of one definition: what parse
 * refuses; else
 *   E_BRANCH       a branch that is never taken (one before it has no
 *                  "when", or covers it, or nothing meets its condition); a
 *                  last branch that has one
 *   E_UNREACHABLE  a step that no branch leads to, or none that is ever taken
 *   E_LOOP         steps that lead round and never out, for every dossier or
 *                  for those of one channel; or that expire into each other
 *   E_DEAD_END     a step from which there is no way to a final one
 *   E_JOIN         joins that can never be entered
 *   W_JOIN         a final step that does not wait for a parallel step
 *   W_LIMIT        limits of steps that add up to more than the legal one,
 *                  along the longest path
 *   W_EXPIRES      a step that expires before or after its own limit
 * Working hours and days are compared by day_ms, the calendar's nominal day
 * (0: eight hours).  Calendar days are not compared with working time, but
 * that n working days do not fit into fewer than n days is known.
 */
#define MC_LINT_MAX 100 /* findings of a file; then W_MORE, and no more */
#define MC_NOMINAL_DAY (INT64_C(8) * 3600000)
void mc_procedure_lint(const char *name, struct mc_str text, int64_t day_ms,
    void (*found)(void *arg, const struct mc_err *finding), void *arg);

#endif
