/*
 * find.h - dossiers by what they are: selecting, showing, their history.
 *
 * Reads only.  A look-up by code touches neither the rulebook nor git; a
 * question about units opens the rulebook when it is asked.
 */
#ifndef MOTCUA_FIND_H
#define MOTCUA_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/event.h>
#include <motcua/rulebook.h>
#include <motcua/store.h>
#include <motcua/when.h>

/*
 * FROM..TO, either side may be empty.  A date stands for the whole day and
 * is compared with days, a time with instants, both inclusive.
 */
struct mc_range {
	int32_t first_day, last_day; /* MC_NODAY: no bound */
	int64_t first, last;         /* MC_NEVER: no bound */
};
/*
 * MC_EUSAGE/E_DATE at `option` ("--due").  s.p is NULL where that is not given,
 * which has no bounds.
 */
int mc_range_parse(struct mc_range *out, const char *option, struct mc_str s,
    const struct mc_zone *zone, struct mc_err *err) MC_MUST_CHECK;

/* Which of them: any, those that came by themselves, or with another. */
enum mc_find_kin { MC_FIND_ANY, MC_FIND_NO_CHILDREN, MC_FIND_CHILDREN };

/* Text that is not asked for has p NULL. */
struct mc_find_query {
	struct mc_str status; /* names, numbers or labels, with commas */
	struct mc_str procedure, unit, holder, officer, step, channel;
	struct mc_str received, due; /* FROM..TO */
	struct mc_str parent;        /* code of the dossier they came with */
	enum mc_find_kin kin;
	bool late, open;
	bool voided;   /* those that count nowhere, and no others */
	bool fields;   /* read public fields too */
	bool personal; /* and what is not public */
	int64_t now;
};

/* Text is borrowed until the next row. */
struct mc_find_row {
	int64_t id;
	const char *code, *procedure, *title, *field, *revision, *unit;
	const char *in_case;                 /* of the procedure; NULL: none */
	const char *parent;                  /* code; NULL: it came by itself */
	const char *channel, *status;        /* status NULL: voided */
	const char *step, *holder, *officer; /* joined by '+'; or NULL */
	int64_t received_at, due_at;
	int32_t due_day;        /* the day before, where it is 24:00 of it */
	const char *due_source; /* "given", "computed"; NULL: no due */
	bool provisional;
	int64_t paused_at, finished_at, returned_at;
	const char *verdict; /* NULL while open */
	int64_t late_days;
	int64_t version;

	/* With query.fields: a JSON object, or empty. */
	struct mc_str fields;
	/* With query.personal; NULL: none, or erased.  Attributes are JSON. */
	const char *personal[MC_P__COUNT];
};

struct mc_find;

/*
 * E_STATUS, E_CHANNEL, E_DATE, E_PROCEDURE, E_UNIT, E_OFFICER, E_STEP,
 * E_DOSSIER for
 * what neither the database nor its rulebook knows.  Borrows the store; the
 * rulebook is opened into *rb where the question needs it.
 */
int mc_find_open(struct mc_find **out, struct mc_store *s,
    struct mc_rulebook **rb, const struct mc_find_query *q,
    struct mc_err *err) MC_MUST_CHECK;
void mc_find_free(struct mc_find *f);

/* The next dossier that fits, in the order of ids: 1, 0, -1. */
int mc_find_next(struct mc_find *f, const struct mc_find_row **row,
    struct mc_err *err) MC_MUST_CHECK;
/*
 * The one with this code: 1, 0 it does not fit, -1 (E_DOSSIER: none;
 * E_VOIDED: it was voided, and that is not asked for).
 */
int mc_find_code(struct mc_find *f, struct mc_str code,
    const struct mc_find_row **row, struct mc_err *err) MC_MUST_CHECK;

/*
 * The events of the row last returned, oldest first: 1, 0, -1.  The event's
 * text is borrowed until the next call; *personal is its personal object
 * where the query asks for it and it is still there, else empty.
 */
int mc_find_event(struct mc_find *f, struct mc_event *e,
    struct mc_str *personal, struct mc_err *err) MC_MUST_CHECK;
/* From the first of them again. */
void mc_find_rewind(struct mc_find *f);

/*
 * The case of the row last returned as an import names it: the case's id, or
 * MC_NO_CASE where its definition has cases and it is of none, NULL where
 * that has none.  1; 0: it was never received; -1.
 */
int mc_find_case(
    struct mc_find *f, const char **in_case, struct mc_err *err) MC_MUST_CHECK;
/* child(arg, code) for each dossier that came with the row last returned. */
int mc_find_children(struct mc_find *f,
    void (*child)(void *arg, struct mc_str code), void *arg,
    struct mc_err *err) MC_MUST_CHECK;

#endif
