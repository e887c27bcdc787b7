/*
 * redue.h - a dossier's due, counted anew from what happened: DESIGN 3.
 *
 * Pure.  The due in force is what the events say; this is what they would
 * say if the rules had always been those given now: the receipt, each pause
 * and each extension by a term are counted again, one after the other.  A due
 * that somebody has named (a promise, an extension until a day, a correction)
 * stays what it is, and what comes after is counted from it.  Under rules
 * that have not changed the result is the due in force.
 *
 * That the due of an open dossier was not moved since its receipt (the fold
 * keeps mc_case.due_moved) saves the walk: it is then the one given, or
 * mc_deadline() of the receipt.
 */
#ifndef MOTCUA_REDUE_H
#define MOTCUA_REDUE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/calendar.h>
#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/term.h>
#include <motcua/when.h>

/* What a due is counted by.  Borrowed for the call. */
struct mc_redue_rules {
	const struct mc_policy *policy;
	const struct mc_calendar *cal;
	struct mc_term limit; /* MC_TERM_NONE: there is none */
};

/* Something that moves a due; private. */
struct mc_redue_fact;

struct mc_redue {
	const struct mc_zone *zone;
	struct mc_due due; /* by these rules, after the events so far */
	bool given;        /* named by somebody, or counted from such a one */
	struct mc_due in_force; /* what the events say */
	bool in_force_given;

	int64_t received_at, paused_at; /* MC_NEVER: not */
	struct mc_redue_fact *fact;
	int facts, cap;
};

/* Memory is kept when it is used again.  The zone is borrowed. */
void mc_redue_init(struct mc_redue *r, const struct mc_zone *zone);
void mc_redue_free(struct mc_redue *r);

/*
 * The dossier's next event, in the order recorded.  rules: those after the
 * event; NULL before the receipt, and where nothing is counted.  An event
 * `repinned` that says a computed due counts everything again, from the
 * receipt on, by its rules; one that says none leaves the due as it is.
 * So does a `rescheduled` that says a definition's blob, which follows a
 * `repinned` without a due; with a calendar alone it is an earlier recount's,
 * and ignored.
 *
 * The trace is that of deadline.h.  MC_EDATA as mc_deadline(); MC_EDAMAGED
 * (E_LOG) for an extension by what is no term.
 */
int mc_redue_event(struct mc_redue *r, const struct mc_event *e,
    const struct mc_redue_rules *rules, mc_trace_fn *trace, void *arg,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * The dossier's channel after an event, which was `was` before it.  Where
 * the limit depends on it, the rules given for a correction of it are those
 * of the new channel, and everything is counted again if it says a computed
 * due.
 */
enum mc_channel mc_redue_channel(const struct mc_event *e, enum mc_channel was);

/*
 * The members of the `rescheduled` event that makes a recounted due the one
 * in force.  blob: of the calendar it was counted with, or NULL; borrowed, like
 * all an event says.
 */
void mc_redue_put(struct mc_event *e, struct mc_due in_force, struct mc_due due,
    bool given, const char *blob);

/* Is it another due: instant, day, or whether it is provisional? */
bool mc_redue_differs(struct mc_due a, struct mc_due b);

#endif
