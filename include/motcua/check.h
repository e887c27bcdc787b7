/*
 * check.h - the named checks of `dossier-db check`.
 *
 * Each reads one snapshot and reports what does not hold as findings
 * (audit.h), at most MC_CHECK_FINDINGS each.
 */
#ifndef MOTCUA_CHECK_H
#define MOTCUA_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/audit.h>
#include <motcua/err.h>
#include <motcua/store.h>

#define MC_CHECK_FINDINGS 1000

/*
 *   sqlite        E_SQLITE   the file's structure
 *   foreign-keys  E_KEY      rows that refer to nothing
 *   log           as mc_audit_verify()
 *   replay        E_REPLAY   rows that are not what the log gives
 *   rules         E_RULES    a pin's commit or file that the rulebook does
 *                            not have; a definition that is not the one its
 *                            id names, or cannot be read
 *   balance       E_BALANCE  roll-ups that contradict each other, or what
 *                            is open
 *   calendar      E_HORIZON  a calendar that is known for less than
 *                            MC_CHECK_HORIZON days from now; open dossiers
 *                            with provisional deadlines
 */
#define MC_CHECK_HORIZON 30

enum mc_check {
	MC_CHECK_SQLITE,
	MC_CHECK_KEYS,
	MC_CHECK_LOG,
	MC_CHECK_REPLAY,
	MC_CHECK_RULES,
	MC_CHECK_BALANCE,
	MC_CHECK_CALENDAR,
	MC_CHECK__COUNT
};
const char *mc_check_name(enum mc_check c);
/* Is it among those that run without names? */
bool mc_check_usual(enum mc_check c);
/* By name; MC_CHECK__COUNT when there is none of it. */
enum mc_check mc_check_find(const char *name);

/*
 * Run one.  Stored data too damaged for the check to go on is a finding
 * too; -1 is for trouble of other kinds.
 */
int mc_check(struct mc_store *s, enum mc_check c, int64_t now,
    struct mc_findings *f, struct mc_err *err) MC_MUST_CHECK;

/* What `dossier-db info` says; the texts live as long as the store. */
struct mc_info {
	int64_t dossiers, open;
	struct mc_tree tree;
	int64_t last_at; /* MC_NEVER */
	int64_t bytes;   /* of the file */
};
int mc_check_info(
    struct mc_store *s, struct mc_info *out, struct mc_err *err) MC_MUST_CHECK;

#endif
