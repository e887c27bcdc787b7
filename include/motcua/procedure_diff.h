/*
 * procedure_diff.h - what differs between two documents of a rulebook, as
 * somebody who reads rules would say it.
 *
 * Pure: from two JSON documents.  They need not be good: a proposal is
 * compared before it is linted.  What means the same is no difference: "10
 * ngày" and "10 days", a member that says its default, a step that moved
 * within the list.
 */
#ifndef MOTCUA_PROCEDURE_DIFF_H
#define MOTCUA_PROCEDURE_DIFF_H

#include <motcua/buf.h>
#include <motcua/json.h>

enum mc_change_kind { MC_ADDED, MC_REMOVED, MC_CHANGED };
const char *mc_change_name(enum mc_change_kind kind); /* "added" */

/* All borrowed for the call.  Texts of the files are not made safe here. */
struct mc_change {
	enum mc_change_kind kind;
	const char *path;      /* "steps/appraise/limit", by ids; '/' is ~1 */
	const char *old, *new; /* JSON; NULL: there is none */
	const char *words;     /* limit 15 days → 10 working days */
};
typedef void mc_change_fn(void *arg, const struct mc_change *c);

/*
 * Members of two objects, in the old one's order, then what is new.  Lists
 * of objects are compared by their members' "id", "date", "name" or "title",
 * a step's "next" as a whole.  skip: a member to leave out, or NULL.
 */
void mc_diff_documents(const struct mc_json *old, const struct mc_json *new,
    const char *skip, mc_change_fn *change, void *arg);

/* A value as JSON without spaces; numbers as they are written. */
void mc_diff_put_json(struct mc_buf *b, const struct mc_json *v);

#endif
