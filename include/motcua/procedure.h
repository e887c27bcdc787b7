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
#include <motcua/event.h>
#include <motcua/json.h>
#include <motcua/term.h>

#define MC_PROCEDURE_STEPS 200
#define MC_PROCEDURE_FIELDS 200
#define MC_PROCEDURE_LIST 200 /* documents, fees, legal bases */
#define MC_PROCEDURE_JOINS 32 /* steps that say "join" */
#define MC_STEP_TARGETS 16
#define MC_STEP_BRANCHES 32
#define MC_PROCEDURE_BRANCHES 1000 /* of all steps */
#define MC_PROCEDURE_CASES 50
#define MC_PROCEDURE_CHILDREN 16

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
	bool waits; /* for the dossier's children: "waits" */
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
/*
 * How long the office may take, by the channel that the dossier came by:
 *	"limit": "5 working days"
 *	"limit": {"online": "3 working days", "default": "5 working days"}
 * The object's members are the channels that conditions know, so that a rule
 * is said in the same words everywhere; "default" is every other channel's
 * and may only be left out where all three are named: a dossier without a
 * limit has to be meant ("none"), not forgotten.
 */
struct mc_limits {
	bool by_channel;
	struct mc_term on[MC_CH_POSTAL + 1]; /* MC_CH_NONE: any other */
};

/*
 * One of the cases (trường hợp) of a procedure: what it says takes the place
 * of the procedure's own limit, fee, documents and steps, each as a whole;
 * everything else, fields and deadline policy among it, is common to all.
 *
 * Which case a dossier is of is decided once, when it is received: by the
 * name that is given, else by the first case whose "when" its fields and
 * channel meet, else it is of none and the procedure's own values hold.  A
 * case without a "when" has to be named.  The decision is part of the pin.
 */
struct mc_procedure_case {
	const char *id, *title;
	const struct mc_condition *when;   /* NULL: it has to be named */
	const struct mc_procedure *as;     /* the procedure in this case */
	bool limit, fee, documents, steps; /* which of them are its own */
};
#define MC_NO_CASE "none" /* the name for it: no case has it as its id */

/*
 * A procedure of another agency that is done with this one (liên thông): when
 * a dossier is received, each child whose "when" it meets is received with
 * it, at the unit that "unit" and "role" find as they do for a step (neither:
 * where the parent was received).  A child has no children of its own,
 * whatever its procedure says.  They are common to all cases.
 */
struct mc_procedure_child {
	const char *procedure;
	const char *unit, *role;         /* or NULL */
	const struct mc_condition *when; /* NULL: always */
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
	struct mc_limits limit;
	const struct mc_field *fields;
	int n_fields;
	const struct mc_fee *fees;
	int n_fees;
	const struct mc_document *documents;
	int n_documents;
	const struct mc_step *step; /* step[0] is where `start` goes */
	int steps;
	const struct mc_procedure_child *children;
	int n_children;
	const struct mc_procedure_case *cases;
	int n_cases;
	int of_case; /* which of them this is; -1: it is in none */
	const struct mc_json *doc;       /* the whole document, borrowed */
	const struct mc_json *steps_doc; /* the list of its steps, borrowed */
	const char *steps_path;          /* its place: "cases/0/steps" */
};

/*
 * name: the file's path, for messages.  The first error found: E_JSON,
 * E_FIELD (unknown or missing member), E_CHILD (itself; or none to wait for), E_CODE, E_TERM, E_DATE, E_STEP
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
/* How long for a dossier of that channel; MC_TERM_NONE: as long as it takes. */
struct mc_term mc_procedure_limit(
    const struct mc_procedure *p, enum mc_channel channel);
/* "5 working days", "3 working days (online), else ..."; "" for none. */
void mc_limits_put(struct mc_buf *b, const struct mc_limits *l);
/* Does any channel have one?  Are both the same? */
bool mc_limits_any(const struct mc_limits *l);
bool mc_limits_same(const struct mc_limits *a, const struct mc_limits *b);

/* Id of the case that p is the procedure in; NULL: in none. */
const char *mc_procedure_case_id(const struct mc_procedure *p);
/*
 * The procedure in the case of that id (empty, or MC_NO_CASE: in none),
 * whichever case p is in; NULL: there is no such case.
 */
const struct mc_procedure *mc_procedure_in_case(
    const struct mc_procedure *p, struct mc_str id);
/*
 * The procedure in the case that is named (empty: nobody has), else in the
 * first whose condition is met (value: as in mc_condition_eval()), else in
 * none.  MC_EREFUSED/E_CASE: there is no such case; E_MISSING with the
 * place of the condition whose field has no value.
 */
int mc_procedure_choose(const struct mc_procedure **out,
    const struct mc_procedure *p, struct mc_str named, mc_value_fn *value,
    void *arg, struct mc_err *err) MC_MUST_CHECK;

/* Does any of its steps wait for children? */
bool mc_procedure_waits(const struct mc_procedure *p);

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
 *   E_CASE         a case that is never chosen: nothing meets its "when", or
 *                  one before it has it first
 *   W_CASES        cases that people cannot tell apart: they share a title,
 *                  or are both met by some dossier, so that their order says
 *                  what it pays and how long it waits
 *   W_JOIN         a final step that does not wait for a parallel step
 *   W_LIMIT        limits of steps that add up to more than the legal one,
 *                  along the longest path that the channel can take
 *   W_EXPIRES      a step that expires before or after its own limit
 * Steps and limits are looked at in each case that has its own.
 * Working hours and days are compared by day_ms, the calendar's nominal day
 * (0: eight hours).  Calendar days are not compared with working time, but
 * that n working days do not fit into fewer than n days is known.
 */
#define MC_LINT_MAX 100 /* findings of a file; then W_MORE, and no more */
#define MC_NOMINAL_DAY (INT64_C(8) * 3600000)
void mc_procedure_lint(const char *name, struct mc_str text, int64_t day_ms,
    void (*found)(void *arg, const struct mc_err *finding), void *arg);

#endif
