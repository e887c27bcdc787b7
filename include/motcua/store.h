/*
 * store.h - dossiers in the database: names, codes, cases, roll-ups.
 *
 * A write goes
 *   begin; { load or make a case; append events; save the case }...; commit
 * and everything that follows from an event (its leaf, the case's rows, the
 * roll-ups) is in that one transaction.
 */
#ifndef MOTCUA_STORE_H
#define MOTCUA_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/actor.h>
#include <motcua/db.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/fold.h>
#include <motcua/log.h>
#include <motcua/repo.h>
#include <motcua/vault.h>

struct mc_store;

/* What `init` fixes for good; strings are copied. */
struct mc_site {
	const char *code; /* agency, "H42" */
	const char *zone;
	const char *rules; /* absolute path of the rulebook's repository */
	const char *ref;   /* "refs/heads/main" */
};

int mc_store_create(struct mc_store **out, const char *path,
    const struct mc_site *site, const struct mc_actor *actor, int64_t now,
    struct mc_err *err) MC_MUST_CHECK;
int mc_store_open(struct mc_store **out, const char *path, enum mc_db_mode mode,
    struct mc_err *err) MC_MUST_CHECK;
/* Over a private copy of its database (mc_db_copy()), with its actor. */
int mc_store_copy(struct mc_store **out, struct mc_store *s,
    struct mc_err *err) MC_MUST_CHECK;
/* Over a database made by mc_db_scratch(), for replay. Takes over db. */
int mc_store_scratch(struct mc_store **out, struct mc_db *db,
    const struct mc_site *site, struct mc_err *err) MC_MUST_CHECK;
void mc_store_close(struct mc_store *s);

struct mc_db *mc_store_db(struct mc_store *s);
const struct mc_site *mc_store_site(const struct mc_store *s);
const char *mc_store_id(const struct mc_store *s); /* 32 hex digits */
const struct mc_zone *mc_store_zone(const struct mc_store *s);
const struct mc_names *mc_store_names(struct mc_store *s);

/*
 * Bits of the column `flags` of dossier and open, for statements that read
 * rows themselves; from MC_FLAG_EXTENSIONS up it counts extensions.
 */
enum {
	MC_FLAG_GIVEN = 1,       /* the due was named, not computed */
	MC_FLAG_PROVISIONAL = 2, /* it leans on days nobody knows yet */
	MC_FLAG_APOLOGISED = 4,
	MC_FLAG_MOVED = 8, /* it is not the receipt's any more */
	MC_FLAG_VOIDED = 16,
	MC_FLAG_REVIVED = 32,    /* its code has come again since */
	MC_FLAG_CHILD = 64,      /* it came with another dossier */
	MC_FLAG_RECOUNTED = 128, /* on other days than its receipt's */
	MC_FLAG_EXTENSIONS = 256
};

/* ---- names ---- */

/* 1 with the id, 0 when the name is not known, -1. */
int mc_store_lookup(struct mc_store *s, enum mc_dict dict, struct mc_str name,
    int32_t *id, struct mc_err *err) MC_MUST_CHECK;
/* Name of an id; "?" for one that is not there.  Borrowed until close. */
const char *mc_store_text(struct mc_store *s, enum mc_dict dict, int32_t id);
/* Title and field of a procedure (NULL when not known). */
void mc_store_procedure(
    struct mc_store *s, int32_t id, const char **title, const char **field);
/* What a pin says; strings borrowed until close.  1, 0, -1. */
struct mc_pin {
	int32_t procedure;
	const char *commit, *path, *blob;
	const char *policy;  /* JSON of what differs from the default */
	const char *in_case; /* of the procedure; "": it is in none */
};
int mc_store_pin(struct mc_store *s, int32_t id, struct mc_pin *out,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * Before anything is written that a commit of the rulebook decided: the
 * commit outlives a power cut (DESIGN 7).  One that a dossier is pinned to
 * already was looked after then.  Not inside a transaction: it waits for the
 * disk.
 */
int mc_store_settle_rules(struct mc_store *s, struct mc_repo *repo,
    const char *commit, struct mc_err *err) MC_MUST_CHECK;
/*
 * The pinned definition, parsed, in the pin's case, and its policy; kept for
 * the next time.
 * Works without the rulebook: the text is in the database.
 */
struct mc_procedure;
int mc_store_definition(struct mc_store *s, int32_t pin,
    const struct mc_procedure **procedure, struct mc_policy *policy,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- codes ---- */

/*
 * 1 with the id, 0 when there is no such dossier (aliases count, behind codes),
 * -1; E_ALIAS (MC_ENOTFOUND): more than one dossier has it as its alias.
 */
int mc_store_find(struct mc_store *s, struct mc_str code, int64_t *id,
    struct mc_err *err) MC_MUST_CHECK;
/* The same by its own code only, which is what the log names it by. */
int mc_store_find_own(struct mc_store *s, struct mc_str code, int64_t *id,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * As mc_store_find(), and where the dossier stands among all or, if it is
 * new, would: its id, or INT64_MAX where that is not known yet.  Rows are
 * cheapest added in this order.
 */
int mc_store_locate(struct mc_store *s, struct mc_str code, int64_t *id,
    int64_t *place, struct mc_err *err) MC_MUST_CHECK;
/* The code of an id, appended. */
int mc_store_code(struct mc_store *s, int64_t id, struct mc_buf *out,
    struct mc_err *err) MC_MUST_CHECK;

/* ---- writing ---- */

void mc_store_set_actor(struct mc_store *s, const struct mc_actor *actor);
/* now: what recorded_at will be, unless the log's last is later. */
int mc_store_begin(
    struct mc_store *s, int64_t now, struct mc_err *err) MC_MUST_CHECK;
int mc_store_commit(struct mc_store *s, struct mc_err *err) MC_MUST_CHECK;
/*
 * The same, put off, and the next transaction begun with the lock kept:
 * mc_db_commit_later(), and ask mc_db_committed() before that one ends.
 */
void mc_store_commit_later(struct mc_store *s);
void mc_store_rollback(struct mc_store *s); /* harmless when none is open */
int64_t mc_store_recorded_at(const struct mc_store *s);

/* 1 loaded, 0 there is no such dossier, -1.  Also outside a transaction. */
int mc_store_load(struct mc_store *s, int64_t id, struct mc_case *c,
    struct mc_err *err) MC_MUST_CHECK;
/* A new case with this code; its id is reserved.  Nothing is written yet. */
int mc_store_new(struct mc_store *s, struct mc_str code, struct mc_case *c,
    struct mc_err *err) MC_MUST_CHECK;
/* The same at the place that mc_store_locate() knew. */
void mc_store_new_at(struct mc_case *c, int64_t place);
/*
 * Append an event of the case: fills seq, recorded_at, site, actor (unless
 * e->actor is set), uid and sudo, code (when empty), and the commitment to
 * `personal` (a canonical JSON object, or empty); writes body and personal
 * row, folds into *c.
 */
int mc_store_append(struct mc_store *s, struct mc_case *c, struct mc_event *e,
    struct mc_str personal, struct mc_err *err) MC_MUST_CHECK;
/*
 * The same with personal values sealed before (NULL: none); the event has
 * their commitment already.
 */
int mc_store_append_sealed(struct mc_store *s, struct mc_case *c,
    struct mc_event *e, const struct mc_sealed *sealed,
    struct mc_err *err) MC_MUST_CHECK;
/* What this transaction has appended can be read from the log, too. */
void mc_store_settle(struct mc_store *s);
/*
 * The personal values of an event, of this transaction, too: 1 (borrowed
 * until the next call), 0 none, or erased, -1.
 */
int mc_store_personal(struct mc_store *s, uint64_t seq,
    struct mc_vault_item *out, struct mc_err *err) MC_MUST_CHECK;
/* Write the case's rows as they are now. */
int mc_store_save(
    struct mc_store *s, struct mc_case *c, struct mc_err *err) MC_MUST_CHECK;
/* The same where an open dossier's due (and what follows) is all that moved. */
void mc_store_save_due(struct mc_store *s, const struct mc_case *c);
/*
 * Keep the text of a definition (once), so that dossiers live on when the
 * repository's history is rewritten; title and field go to `procedure`.
 */
int mc_store_keep_definition(struct mc_store *s, struct mc_str code,
    const char *title, const char *field, const char *blob, struct mc_str text,
    struct mc_err *err) MC_MUST_CHECK;
/* Is the text of that blob kept already? */
int mc_store_has_definition(struct mc_store *s, const char *blob,
    int32_t *known, struct mc_err *err) MC_MUST_CHECK;
/*
 * The officer to whom that step at that unit went last (MC_NOID: to nobody
 * yet), by the events so far, those of this transaction too.
 */
int mc_store_turn(struct mc_store *s, int32_t unit, int32_t step,
    int32_t *officer, struct mc_err *err) MC_MUST_CHECK;
/*
 * Another number by which mc_store_find() finds the dossier; one that has a
 * holder is not to be given away.
 */
int mc_store_alias(struct mc_store *s, struct mc_str alias, int64_t id,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * Which dossier, other than `own` and not voided, has that name as its code or
 * alias: 1 with its id, 0 none, -1.
 */
int mc_store_holder(struct mc_store *s, struct mc_str name, int64_t own,
    int64_t *id, struct mc_err *err) MC_MUST_CHECK;
/* The dossier's row is saved, and came with that of this code. */
void mc_store_parent(struct mc_store *s, int64_t id, struct mc_str parent);
/* With whose submission it came, appended: 1, 0 with its own, -1. */
int mc_store_parent_of(struct mc_store *s, int64_t id, struct mc_buf *out,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * Append the codes of the open dossiers that came with that one, at most
 * MC_CHILDREN_NAMED of them; how many there are, or -1.
 */
#define MC_CHILDREN_NAMED 5
int mc_store_open_children(struct mc_store *s, struct mc_str parent,
    struct mc_buf *names, struct mc_err *err) MC_MUST_CHECK;
/* Fold an event read from the log (replay): no body is written. */
int mc_store_refold(struct mc_store *s, struct mc_case *c,
    const struct mc_event *e, struct mc_err *err) MC_MUST_CHECK;
/*
 * The event with which what a dossier is now begins: 0, but where its code
 * has come again after it was voided.
 */
int mc_store_life(struct mc_store *s, const struct mc_case *c, uint64_t *first,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * Where a scratch store finds the events that a voided dossier had: the
 * log's own database.  Borrowed.
 */
void mc_store_set_past(struct mc_store *s, struct mc_log *past);
/* E_VOIDED: an import was taken back, and this dossier with it; -1. */
int mc_store_is_voided(struct mc_str code, struct mc_err *err);

#endif
