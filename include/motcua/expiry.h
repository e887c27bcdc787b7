/*
 * expiry.h - time that runs out where nobody does anything: a step that
 * expires (an opinion not given is consent, DOMAIN 4.1), papers that do not
 * come, a submission that is not answered.
 *
 * Pure.  Time that the dossier's clock stood still does not count, as its
 * policy says of deadlines.
 */
#ifndef MOTCUA_EXPIRY_H
#define MOTCUA_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/calendar.h>
#include <motcua/deadline.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/term.h>

/* The clock stood still [from, to). */
struct mc_pause {
	int64_t from, to;
};

/* The pauses of a dossier that are over.  { .since = MC_NEVER } at first. */
struct mc_pauses {
	struct mc_pause *p;
	int n, cap;
	int64_t since; /* of the one that is not over; MC_NEVER */
};
/* The dossier's next event, in the order recorded. */
void mc_pauses_event(struct mc_pauses *x, const struct mc_event *e);
void mc_pauses_free(struct mc_pauses *x);

/*
 * The end of `after`, counted from `since` as a deadline is (deadline.h);
 * pauses, in their order, move it as they would move that.  What was over
 * before `since` does not count, and of one that was under way then only what
 * came after.  MC_EDATA/E_RANGE as mc_deadline().
 */
int mc_expiry(struct mc_due *out, const struct mc_policy *p,
    const struct mc_calendar *cal, struct mc_term after, int64_t since,
    const struct mc_pause *pause, int pauses, struct mc_err *err) MC_MUST_CHECK;

/*
 * Is it over?  Whole days when the last of them is (Civil Code 148: it ends at
 * 24:00), whatever time of that day the due names; hours and fractions of a
 * day at the instant after it.
 */
bool mc_expired(struct mc_term after, struct mc_due end, int64_t now,
    const struct mc_zone *zone);

/* That, as the reason of an action (workflow.h).  Borrowed. */
struct mc_expired {
	struct mc_term after;
	int64_t since;
	struct mc_due end;
	const char *rule;   /* where it stands; NULL: with the step */
	const char *commit; /* likewise; NULL: the definition's */
	const char *basis;  /* of law; or NULL */
};

#endif
