/*
 * children.h - dossiers that come with another: liên thông.
 *
 * A service.  When a dossier is received whose procedure names others as its
 * children (procedure.h), each of these is received with it, in the same
 * transaction: at its own unit, under its own definition and limit.  Its
 * code is the parent's, a dot, and its place in the list, from 1; it is of
 * no standard shape, whatever the rulebook asks of codes from elsewhere.
 *
 * What the child's definition declares and the parent's does, too, of the
 * same type, is taken over: public only where it is in both.  So are the
 * applicant and the subject, but no note or reason: what the child's agency
 * needs to know of a person, and no more.
 */
#ifndef MOTCUA_CHILDREN_H
#define MOTCUA_CHILDREN_H

#include <stddef.h>
#include <stdint.h>

#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/procedure.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>

/* A dossier that is being received; all of it borrowed until it is. */
struct mc_parent {
	struct mc_str code;
	const struct mc_procedure *procedure;
	struct mc_str unit;   /* that receives it */
	struct mc_str holder; /* the one that has it, where that is another */
	enum mc_channel channel;
	int64_t at;
	struct mc_str fields[2]; /* JSON objects of its fields, or empty */
	struct mc_str applicant_kind;
	struct mc_str personal[MC_P__COUNT];
};

struct mc_children;

struct mc_children *mc_children_new(struct mc_store *s); /* borrowed */
void mc_children_free(struct mc_children *ch);
/* The rulebook to go by: somebody's, borrowed; or that commit, opened. */
int mc_children_use(struct mc_children *ch, struct mc_rulebook *rb,
    struct mc_err *err) MC_MUST_CHECK;
int mc_children_use_commit(struct mc_children *ch, const char *commit,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * Inside a transaction, before the parent's events: which children it has,
 * and what becomes of them.  -1: it cannot be received like this, with
 *   E_CHILD    a child's code would be too long, or is taken
 *   E_VERSION, E_PROCEDURE   no definition is in force that day
 *   E_ROLE, E_UNIT           no unit for a child
 *   E_MISSING                a "when" reads a field without a value
 * and what receiving a dossier refuses (workflow.h); other codes than those
 * of refusals are trouble.
 */
int mc_children_plan(struct mc_children *ch, const struct mc_parent *p,
    int64_t now, struct mc_err *err) MC_MUST_CHECK;
size_t mc_children_count(const struct mc_children *ch); /* of those planned */
struct mc_str mc_children_code(const struct mc_children *ch, size_t i);
/* After the parent's events: they are received.  run: of an import, or 0. */
int mc_children_write(
    struct mc_children *ch, int64_t run, struct mc_err *err) MC_MUST_CHECK;
uint64_t mc_children_last_seq(const struct mc_children *ch);

#endif
