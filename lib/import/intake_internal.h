/* intake_internal.h - what the files of the intake share. */
#ifndef INTAKE_INTERNAL_H
#define INTAKE_INTERNAL_H

#include <stddef.h>

#include <motcua/calendar.h>
#include <motcua/charset.h>
#include <motcua/children.h>
#include <motcua/dict.h>
#include <motcua/intake.h>
#include <motcua/pool.h>
#include <motcua/text.h>

/* The events that a row means, at most. */
#define MC_ROW_EVENTS 4
struct row_event {
	enum mc_kind kind;
	int64_t at;
};

/* A field's name and normal text. */
struct field_pair {
	const char *name;
	struct mc_str value;
	bool public;
};
#define MC_INTAKE_FIELDS 32768 /* bytes of the public ones, as JSON */

/*
 * A row, checked and in our words.  Everything lives in the portion's pool.
 * v[] are the canonical texts of its columns: what is hashed, and what
 * --update compares.
 */
struct draft {
	/* What became of it: first, beside the code, as it is looked at often. */
	const struct mc_err *why; /* rejects */
	enum mc_row_result result;
	int events;
	int64_t id;      /* of the dossier before this portion; 0: it is new */
	int64_t place;   /* where it stands or will; INT64_MAX: not known yet */
	int32_t column;  /* the field it is about, from 1; 0: none */
	bool alias_held; /* another dossier had its alias before this portion */
	bool due_given;
	bool due_by_rules, due_said; /* the row says one, whosever it is */
	bool unreceived;             /* received_at is when it was registered */
	bool disordered;             /* counted as W_ORDER */
	bool fields_taken;
	bool plain; /* its fields are mc_text_plain() */
	bool no_event;

	struct mc_str v[MC_COL_DOSSIER__COUNT];

	/* What is written of one that is new and closed. */
	enum mc_status status;
	enum mc_channel channel;
	enum mc_verdict verdict;
	int32_t due_day; /* as the source says, or MC_NODAY */
	int64_t received_at, paused_at, finished_at, returned_at;
	struct mc_due due;
	const struct mc_version *version; /* in its case */
	struct mc_str calendar; /* the blob, if the due was computed with it */
	int64_t row_hash;
	int64_t number_key;      /* what it is known again by, once it is */
	struct mc_sealed sealed; /* personal, once it is */
	struct mc_str inner[MC_ROW_EVENTS]; /* of its events, or empty */
	struct mc_str personal; /* canonical JSON of the personal values */
	struct mc_str fields;   /* public fields, canonical JSON, or empty */
	struct mc_str said;     /* what has no meaning in its status, as JSON */
	int64_t line;
	struct mc_str changed; /* --update: what, as JSON */

	/* And the rest: other threads seldom ask for it. */
	struct mc_str raw;
	struct mc_str private_fields; /* inside personal */
	struct mc_str kept;   /* what else the source says of it (extra) */
	struct mc_str agency; /* it is to be numbered: under which */
	const struct mc_calendar *cal;
	struct mc_str cal_blob;
	const struct field_pair *pair; /* its fields, by name */
	size_t pairs;
	int16_t source[MC_COL_DOSSIER__COUNT]; /* their source columns, or -1 */

	/* where rows are events */
	struct mc_str activity, actor, attributes, event_kept;
	int64_t at;
	uint64_t event_hash;
};

/* The last imported row of a dossier, as its events tell it. */
struct old_row {
	struct mc_str v[MC_COL_DOSSIER__COUNT];
	struct mc_str fields, private_fields, kept;
	int64_t at[MC_COL_DOSSIER__COUNT]; /* the time columns */
	int64_t due;
	enum mc_status status;
	int64_t paused_at;   /* as an event of its own tells */
	int64_t reopened_at; /* in the shop: no row says so */
	bool received;
	bool implied; /* processed by its step: it may have said received */
	uint64_t seq; /* of the last event of an import's row */
	int64_t run;
};

/*
 * Where rows of this run stood, by the first event that was written for
 * each, counted from the run's first: the last of them, so that it stays
 * small.
 */
#define LINES (1u << 19)
struct line {
	uint32_t event, line;
};
struct lines {
	struct line *p;
	uint64_t n; /* so far; p[i % LINES] */
	MC_VEC(struct line_file {
		char *name;
		uint64_t from; /* its first one */
	})
	file;
};

struct tallies {
	struct mc_tally *p;
	size_t n, cap;
};
void mc_intake_count(struct tallies *t, const char *id, int64_t n);

struct drafts {
	struct draft **p;
	size_t n, cap;
};

/* The rulebook's answers for one unit code, kept. */
struct unit_rules {
	struct mc_str code;
	const struct mc_unit *unit;
	const struct mc_calendar *calendar; /* its own or the rulebook's */
	struct mc_str blob;
};

/*
 * A dossier that this run has met (rows: events).  It has many rows and one
 * record, which says what was written for it: so far as it was by the rows
 * that are told together with the one that has the record.
 */
struct met {
	int64_t id, line; /* of its first row */
	size_t order;     /* in which it was met */
	bool added;       /* by that row */
	bool fresh;       /* or with its parent, at least by this run */
	bool told;        /* it has its record, or will have */
	uint64_t portion; /* in which that is a row's: */
	struct draft *teller;
	uint64_t *left; /* hashes of stored activities not matched yet */
	uint32_t n_left;
};

struct version_text {
	const struct mc_version *version;
	struct mc_str commit, path, blob;
	struct mc_str policy; /* JSON of what differs from the default; ours */
	uint64_t kept;        /* the last portion that made sure of the text */
};

#define MC_VERSION_HINTS 64

/* Where a draft is written: by the id its dossier has or will have. */
struct place {
	int64_t place; /* INT64_MAX: after the others */
	uint32_t draft;
	uint32_t group; /* intake_order.c's */
};

/* A row whose personal values have no commitment yet. */
struct uncommitted {
	struct mc_sealed *sealed; /* NULL: there is none */
	char *end;                /* of its event's text; or NULL */
};

/* --number: what this portion, and this run, has given out. */
struct last_number {
	int64_t place; /* agency and day; 0: free */
	int32_t last;
};
struct numbers {
	struct mc_dictionary agency, alias;
	MC_VEC(struct draft *) of_alias; /* the portion's, by id - 1 */
	struct last_number *slot;        /* of the portion */
	size_t n, slots;
	/* Rows of the run: 44 bits of their keys, 20 of how often; 0: free. */
	uint64_t *seen;
	size_t n_seen, seen_slots;
};

struct mc_intake {
	struct mc_store *store;
	struct mc_rulebook *rb;
	char on_disk[MC_OID_HEX]; /* its commit that was looked after */
	char commit[MC_OID_HEX];  /* of the portion in hand */
	const struct mc_units *units;
	struct mc_intake_options o;
	const char *file;
	const struct mc_binding *b;
	uint64_t key; /* of the row hashes */

	struct mc_pool pool;
	const char *row_from; /* where the row stood of which this is a copy: */
	struct mc_str row;
	struct drafts draft; /* of the portion, by row */
	struct {
		struct place *p, *other; /* other: to sort them */
		size_t cap;
	} order; /* of writing; results keep the order of the rows */
	size_t waiting;
	size_t good; /* of those, not refused */
	struct mc_buf scratch, clean;
	struct mc_buf dressing;
	struct mc_salts salts;
	struct uncommitted uncommitted; /* the last row dressed; or none */

	MC_VEC(struct unit_rules *) unit_rules;
	struct unit_rules **unit_slot; /* open addressing by code */
	size_t unit_slots;

	MC_VEC(struct version_text) version_text;
	uint16_t version_hint[MC_VERSION_HINTS]; /* where one was, by address */
	uint64_t portions;                       /* counts from 1 */
	struct mc_case c;                        /* the dossier in hand */
	struct mc_str c_code; /* its code, where this portion met it */
	bool unsaved;         /* events of it are not in its rows yet */
	uint64_t *added;      /* hashes of codes that the portion has made */
	size_t added_slots;
	bool
	    adjacent; /* rows of one dossier follow one another: no need of it */
	int64_t run;  /* 0: nothing written yet */
	bool marked;  /* first_seq is known */
	bool dirty;   /* the open transaction writes something */
	uint64_t first_seq, last_seq; /* what the run has written lies there */
	uint64_t settled; /* what is before it can be read from the log */
	int64_t made;     /* dossiers */
	bool begun;       /* a whole run's transaction is open */
	/* Advice that was given once. */
	bool told_update, told_procedure, told_unit, told_day;
	/*
	 * Transactions one after another under one lock: the one that is open
	 * may have portions in it already, and the commit of the one before
	 * may be under way.
	 */
	bool open;            /* what comes goes into the same transaction */
	uint64_t transaction; /* the number of it; counts from 1 */
	bool first;           /* the portion in hand is the first in it */
	size_t rows;          /* that are in it */
	bool chained;         /* the commit before it was put off */
	uint64_t confirmed;   /* the last transaction known to be there */
	uint64_t lost;        /* the first one that is not there */
	uint64_t chain_from;  /* the number of the first portion */
	struct undone {
		uint64_t transaction;
		struct mc_intake_summary sum;
		struct tallies rejects;
	} at_begin, there; /* of the open one, of the one under way */
	struct mc_children *children; /* NULL: no row had any yet */
	struct mc_log *log;
	struct mc_err broken; /* the rulebook cannot be read on */

	struct numbers numbers;
	struct lines lines;
	struct met *met; /* open addressing by id */
	size_t met_n, met_slots;
	MC_VEC(const struct met *) untouched; /* at the end, in their order */
	size_t next_untouched;

	struct mc_intake_summary sum;
	struct tallies rejects, warnings;
};

/*
 * A portion is larger than the cache: bring in what comes a little later.  Of
 * the next one its first bytes, of which the near one's code is known then.
 */
static inline void
mc_intake_fetch_head(const struct draft *next, const struct draft *near)
{
	__builtin_prefetch(next);
	__builtin_prefetch((const char *)next + 64);
	__builtin_prefetch(near->v[MC_COL_CODE].p);
}

/* What is written of it, but for the texts in the middle of its columns. */
static inline void
mc_intake_fetch(const struct draft *next, const struct draft *near)
{
	const char *p = (const char *)next;
	size_t i;

	for (i = 0; i < offsetof(struct draft, raw); i += 64)
		if (i < offsetof(struct draft, v[MC_COL_APPLICANT_NAME]) ||
		    i + 64 > offsetof(struct draft, v[MC_COL_PAUSED_AT]))
			__builtin_prefetch(p + i);
	__builtin_prefetch(near->v[MC_COL_CODE].p);
}

/*
 * And the texts of its personal values and events, which stand together.  (A
 * loop to where they really end is taken for one that does nothing.)
 */
static inline void
mc_intake_fetch_texts(const struct draft *near)
{
	const char *p = near->personal.p;
	size_t i;

	for (i = 0; i < 20; i++)
		__builtin_prefetch(p + i * 64);
}

/* prepare: check a row and make a draft of it; false: d->why is set. */
bool mc_intake_prepare(struct mc_intake *in, struct draft *d,
    const struct mc_str *field, const int32_t *column, size_t n);
/* Set d->why; always false. */
bool mc_intake_refuse(struct mc_intake *in, struct draft *d, int column,
    const char *id, const char *fmt, ...) MC_PRINTF(5, 6);
void mc_intake_warn(struct mc_intake *in, const char *id);
/* A line of advice for a row that was refused; NULL: there is none. */
void mc_intake_advise(struct mc_intake *in, struct draft *d, const char *text);
/* A column's clean text: of the row, or of in->clean, until the next one. */
static inline struct mc_str
mc_intake_clean(struct mc_intake *in, const struct draft *d, struct mc_str s)
{
	return d->plain ? mc_str_trim(s) : mc_text_clean(s, &in->clean);
}

/* fields: brought to their normal form; false: d->why is set. */
bool mc_intake_take_fields(
    struct mc_intake *in, struct draft *d, const struct mc_str *field);
/* The normal text of one that was taken, or NULL. */
const char *mc_intake_field(const struct draft *d, const char *name);

/* dress: the rest that can be made before the transaction. */
void mc_intake_dress(struct mc_intake *in, struct draft *d);
/* All rows that were dressed are now: the last one may wait for a next. */
void mc_intake_dressed(struct mc_intake *in);
uint64_t mc_intake_hash(
    const struct mc_intake *in, const struct mc_str *v, size_t n);
int64_t mc_intake_row_hash(const struct mc_intake *in, const struct draft *d);
/* The event member `said` with what the row says in these columns. */
struct mc_str mc_intake_said(struct mc_intake *in, const struct draft *d,
    const bool column[MC_COL_DOSSIER__COUNT]);
/* A time as it is hashed. */
void mc_intake_canonical_time(
    struct mc_intake *in, struct mc_str *v, int64_t ms);
/* What a version says in an event, made once; kept[] is the writer's. */
struct version_text *mc_intake_version(
    struct mc_intake *in, const struct mc_version *v);
/* What the row says of the dossier itself. */
void mc_intake_first_event(struct mc_intake *in, const struct draft *d,
    enum mc_kind kind, struct mc_event *e);
/* All that the row means for a new dossier, in order; their number. */
int mc_intake_row_events(
    const struct draft *d, struct row_event out[MC_ROW_EVENTS]);
void mc_intake_row_event(struct mc_intake *in, const struct draft *d, int i,
    const struct row_event *what, struct mc_event *e);

/* number: inside the transaction, before anything is looked up. */
int mc_intake_number(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
void mc_intake_free_numbers(struct mc_intake *in);

/* order: that of the rows; and, once their places are known, by place. */
void mc_intake_order(struct mc_intake *in);
void mc_intake_sort(struct mc_intake *in);
/* n of them, in rising order of their drafts; true: they are in `other`. */
bool mc_places_sort(struct place *p, struct place *other, size_t n);

/* write: inside the transaction; first where the rows' dossiers are. */
int mc_intake_locate(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
/* child: has a new dossier of the row children? */
bool mc_intake_has_children(const struct draft *d);
/* Before its events: 1, 0 the row is refused for one of them, -1. */
int mc_intake_plan_children(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_write_children(
    struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
/* The portion has made a dossier of that code, or given one that alias. */
void mc_intake_remember(struct mc_intake *in, struct mc_str code);
void mc_intake_forget_added(struct mc_intake *in); /* nothing yet */
/* Has it made a dossier of that code, or given one that alias? */
bool mc_intake_remembers(const struct mc_intake *in, struct mc_str code);
/* The rows of the case in hand, where events wait for them. */
int mc_intake_save(struct mc_intake *in, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_write(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
/* The first event, and its version's text where that is not kept yet. */
int mc_intake_first(struct mc_intake *in, struct draft *d, enum mc_kind kind,
    struct mc_str personal, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_add(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_update(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_activity(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;

/* old: what the events of its imports say was the dossier's last row. */
int mc_intake_read_old(struct mc_intake *in, struct old_row *old,
    struct mc_err *err) MC_MUST_CHECK;
/* Another value than it had; an empty cell takes nothing away. */
static inline bool
mc_intake_differs(
    const struct draft *d, const struct old_row *old, enum mc_column c)
{
	return d->v[c].len > 0 && !mc_str_same(d->v[c], old->v[c]);
}
/* As if the row before had been received as this one says. */
void mc_intake_old_received(struct old_row *old, const struct draft *d);
/* Personal values that are others now. */
void mc_intake_old_personal(const struct old_row *old, const struct draft *d,
    struct mc_str p[MC_P__COUNT]);
/*
 * Not all that a row says is in its events.  Had the last one the same in
 * these columns, or (empty) nothing, as far as its hash tells?  False: no, or
 * something else that it said is not known either.
 */
bool mc_intake_old_had(struct mc_intake *in, const struct draft *d,
    const struct old_row *old, const bool column[MC_COL_DOSSIER__COUNT],
    bool empty);

/*
 * alias: no two dossiers may be found by the same number.  First what is
 * known before the portion is written, then, before the dossier `own` gets
 * the row's alias: 1, 0 the row is refused as another one has it, -1.
 */
int mc_intake_locate_alias(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
int mc_intake_free_alias(struct mc_intake *in, struct draft *d, int64_t own,
    struct mc_err *err) MC_MUST_CHECK;
/* The dossier in hand, whose row is there, has it now. */
int mc_intake_give_alias(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;
/*
 * Does the order of writing decide what becomes of the portion's rows, as one
 * has an alias that is the code, or the alias, of another one?
 */
bool mc_intake_aliases_meet(struct mc_intake *in);
/* An error of looking a number up: its row's fault?  Then it is refused. */
bool mc_intake_several(
    struct mc_intake *in, struct draft *d, int column, struct mc_err *err);

/* differ: what two rows differ in, and where the other one was. */
void mc_intake_note_changes(
    struct mc_intake *in, struct draft *d, const struct old_row *old);
void mc_intake_note_line(
    struct mc_intake *in, const struct draft *d, uint64_t seq);
void mc_intake_free_lines(struct mc_intake *in);
/* Refuses the draft: the dossier in hand has another last row. */
int mc_intake_conflict(
    struct mc_intake *in, struct draft *d, struct mc_err *err) MC_MUST_CHECK;

int mc_intake_append(struct mc_intake *in, struct draft *d, struct mc_event *e,
    struct mc_str personal, struct mc_err *err) MC_MUST_CHECK;
void mc_intake_free_met(struct mc_intake *in);

/* ---- intake_case.c ---- */

/*
 * Of which case of its procedure the row is: d->version is then the one in
 * that case.  Of a row that is only registered just the name is looked at:
 * what it is, is decided at its receipt.
 */
bool mc_intake_case(struct mc_intake *in, struct draft *d, struct mc_str v[],
    const struct mc_str *field);
/* The id of that case, or empty. */
struct mc_str mc_intake_case_id(const struct draft *d);
/*
 * What is decided at the receipt stays, and so does what the registration
 * has named: a row that names another case is refused (false); where only its
 * fields would make it another one, that is counted.
 */
bool mc_intake_same_case(
    struct mc_intake *in, struct draft *d, const struct old_row *old);
/* A row that says nothing else is received in the case that was named. */
int mc_intake_named_case(struct draft *d, const struct old_row *old,
    struct mc_err *err) MC_MUST_CHECK;

#endif
