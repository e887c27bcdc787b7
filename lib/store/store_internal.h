/* store_internal.h - what the three files of the store share. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <motcua/buf.h>
#include <motcua/dict.h>
#include <motcua/procedure.h>
#include <motcua/rollup.h>
#include <motcua/store.h>
#include <motcua/vault.h>
#include <motcua/worker.h>

/* What an event says of the pin, or a row of `pin`; no case is "". */
struct pin_text {
	struct mc_str commit, path, blob, policy, in_case;
};

struct pin_row {
	struct mc_pin pin;
	struct pin_text text; /* the same, with lengths: compared for events */
	enum mc_verdict_rule verdict;
	struct mc_procedure *procedure;     /* parsed when first asked for */
	const struct mc_procedure *in_case; /* that, in the pin's case */
	struct mc_policy policy;
};

/* To whom a step at a unit went last; what this transaction knows of it. */
struct turn {
	int32_t unit, step, officer;
	bool changed;
};
struct turns {
	struct turn *slot; /* unit is MC_NOID where it is free */
	size_t n, size;    /* size: a power of two, or 0 */
};

/*
 * Dossiers that were written since the lock was taken.  Of all others it is
 * known without what was put off whether they are there: those after `last_id`
 * are not, and of those before it the last commit knows.  The ids of an
 * agency's day follow one another (code.h), so that a page of bits has room
 * for most of them, and stays in the cache.
 */
#define TOUCHED_PAGES (1u << 16)
#define TOUCHED_IDS 256 /* to a page */
struct touched_page {
	int64_t number; /* counts from 1; 0: free */
	uint64_t bit[TOUCHED_IDS / 64];
};
struct touched {
	struct touched_page *page; /* open addressing by number */
	size_t n;
	int64_t max;
	bool some; /* more than these were written: up to last_id */
};

struct mc_store {
	struct mc_db *db;
	char *code, *rules, *ref, *id;
	struct mc_site site;
	struct mc_zone *zone;
	struct mc_names names;

	struct mc_dictionary dict[MC_D__COUNT];
	struct mc_dictionary pin_key; /* the five parts, joined by newlines */
	MC_VEC(struct pin_row) pin;
	MC_VEC(char *) text;               /* what pins and titles point into */
	MC_VEC(const char *) title, field; /* by procedure id - 1 */
	bool names_known;    /* dictionaries are as the last commit left them */
	uint64_t names_size; /* the log's size then */
	int32_t pin_cache[64]; /* ids by their blob's first bytes */
	/* Of this transaction; -1: not read yet. */
	int64_t last_odd; /* greatest id of `code` */
	int64_t last_id;  /* greatest id of `dossier` when it was asked */
	struct touched touched;
	int64_t aliases; /* are there any? */

	struct mc_worker *worker; /* hashes and packs what the log gets */
	struct mc_log_writer *log;
	struct mc_log *past; /* another database's; NULL: this one's */
	struct mc_log *own;  /* its reader, once it was needed */
	uint64_t base;       /* the log's size when the transaction began */
	struct mc_rollup *rollup;
	bool in_write;
	int64_t recorded_at;
	char *actor, *sudo;
	int64_t uid;
	/* Of this transaction and actor: */
	struct mc_event_frame frame;
	struct mc_str site_text, actor_text, sudo_text;
	struct mc_buf body;
	struct mc_salts salts;
	struct mc_vault vault;
	struct mc_vault_row kept; /* the row of it that was read last */
	struct turns turns;
};

/* store_names.c: a dossier was made, or its row changed. */
void mc_store_touch(struct mc_store *s, int64_t id);
void mc_store_forget_touched(struct mc_store *s);

/* store_alias.c: is it known that there are none?  Imports mostly have none. */
int mc_store_no_aliases(struct mc_store *s, struct mc_err *err) MC_MUST_CHECK;
/* Whose alias it is: 1 with the id, 0 nobody's, -1. */
int mc_store_find_alias(struct mc_store *s, struct mc_str alias, int64_t *id,
    struct mc_err *err) MC_MUST_CHECK;
/* 1, 0 the dossier was voided, -1. */
int mc_store_is_living(
    struct mc_store *s, int64_t id, struct mc_err *err) MC_MUST_CHECK;

/* store_turn.c */
int mc_store_take_turn(struct mc_store *s, const struct mc_event *e,
    struct mc_err *err) MC_MUST_CHECK;
void mc_store_flush_turns(struct mc_store *s);
void mc_store_forget_turns(struct mc_store *s);

/* Read the names that other processes have added since. */
int mc_store_refresh_names(
    struct mc_store *s, struct mc_err *err) MC_MUST_CHECK;
/* After a rollback: ids given inside it are void. */
void mc_store_forget_names(struct mc_store *s);
void mc_store_free_names(struct mc_store *s);
void mc_store_init_names(struct mc_store *s);

#endif
