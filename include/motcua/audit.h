/*
 * audit.h - the log as evidence: ranges of it, and its verification.
 *
 * What verifies reads everything and believes nothing; what does not hold
 * is a finding, and the walk goes on.  Only trouble (I/O, a database that
 * cannot be read at all) ends it.
 */
#ifndef MOTCUA_AUDIT_H
#define MOTCUA_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/hash.h>
#include <motcua/lines.h>
#include <motcua/store.h>

/* Everything in it is borrowed for the length of the call. */
struct mc_finding {
	const char *check;  /* "log", "replay" ... */
	const char *error;  /* "E_LOG"; a warning's begins with "W_" */
	int64_t seq;        /* of an event; -1: none */
	int64_t line;       /* of a file, from 1; 0: none */
	struct mc_str code; /* of a dossier; empty: none */
	const char *message;
};
typedef void mc_found_fn(void *arg, const struct mc_finding *finding);

/* Who is told, and how many there were; warnings are not counted. */
struct mc_findings {
	mc_found_fn *found;
	void *arg;
	int64_t n;
	struct mc_buf text; /* scratch; mc_findings_free() */
};
void mc_findings_free(struct mc_findings *f);
/* Report one, its message formatted (control characters replaced). */
void mc_findings_add(struct mc_findings *f, const char *check,
    const char *error, int64_t seq, struct mc_str code, const char *fmt, ...)
    MC_PRINTF(6, 7);

/*
 * A bound of a range, "17" (an event's number) or a time in the store's zone
 * (of recording): the first event not before it.  MC_EUSAGE/E_DATE.
 */
int mc_audit_bound(struct mc_store *s, const char *text, uint64_t *seq,
    struct mc_err *err) MC_MUST_CHECK;

struct mc_audit_result {
	uint64_t first, events; /* where it begins, and how many */
	bool has_root;          /* all events from 0 on, and readable */
	struct mc_hash root;
	struct mc_buf site, id; /* of the log; empty when not known */
};
void mc_audit_result_free(struct mc_audit_result *r);

/*
 * The database's own log: bodies, numbers, times, leaves, bundle roots, the
 * right edge, commitments to personal values, and what the first event says
 * of the site.  The caller holds a read transaction.
 *   E_LOG       a body, a number, a time, a bundle, the edge
 *   E_PERSONAL  personal values that differ from their commitment, that are
 *               missing though no `erased` event says so, or that no event
 *               commits to
 *   E_SITE      the database says another site, id, zone or ref than event 0
 */
int mc_audit_verify(struct mc_store *s, struct mc_findings *f,
    struct mc_audit_result *out, struct mc_err *err) MC_MUST_CHECK;

/*
 * An NDJSON export (motcua.event/1), with line numbers.  Needs no database.
 *   E_JSON, E_FIELD  a line that is no such record
 *   E_LOG       a body that is none, or its hash is not the leaf given
 *   E_MEMBER    another member says something else than the body, or the
 *               code is not there
 *   E_DUPLICATE a number that a selection has twice
 *   E_PERSONAL  personal values that differ from their commitment
 *   E_GAP       a number that does not follow the one before, in a file that
 *               begins with event 0; W_GAP in any other (a selection), once
 */
int mc_audit_verify_file(struct mc_source *src, struct mc_findings *f,
    struct mc_audit_result *out, struct mc_err *err) MC_MUST_CHECK;

#endif
