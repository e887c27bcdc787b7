/*
 * event.h - what happened: an event, and its leaf in the log.
 *
 * Pure.  An event's stored body is RFC 8785 canonical JSON, schema
 * motcua.leaf/1 (DESIGN 5): what is hashed is what is kept.  Since the
 * members of its data are a closed, sorted list, the encoder is a walk over
 * a bit mask, and the decoder reads back exactly what the encoder writes.
 */
#ifndef MOTCUA_EVENT_H
#define MOTCUA_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/hash.h>
#include <motcua/when.h>

#define MC_EVENT_BODY_MAX 65535

/* The national ten (DOMAIN 3.1). */
enum mc_status {
	MC_S_NONE,
	MC_S_REGISTERED,
	MC_S_RECEIVED,
	MC_S_NOT_ACCEPTED,
	MC_S_PROCESSING,
	MC_S_SUPPLEMENT,
	MC_S_PAYMENT,
	MC_S_WITHDRAWN,
	MC_S_STOPPED,
	MC_S_FINISHED,
	MC_S_RETURNED
};
const char *mc_status_name(enum mc_status s);  /* "not-accepted" */
struct mc_str mc_status_str(enum mc_status s); /* the same */
const char *mc_status_label(enum mc_status s); /* "Không được tiếp nhận" */
/* Name, number or Vietnamese label; MC_S_NONE when it is none of them. */
enum mc_status mc_status_parse(struct mc_str s);
/* The same as people write it, in any case (mc_text_caseless()). */
enum mc_status mc_status_meant(struct mc_str s);
bool mc_status_open(enum mc_status s);   /* 1, 2, 4, 5, 6, 8 */
bool mc_status_paused(enum mc_status s); /* 5, 6, 8 */
/* May a dossier go from a to b (DOMAIN 3.1, legal moves)? */
bool mc_status_move(enum mc_status a, enum mc_status b);

/*
 * In `set`, of a dossier that was never received: another moment of its
 * registration, which no state follows from.
 */
#define MC_SET_REGISTERED_AT "registered_at"

enum mc_channel { MC_CH_NONE, MC_CH_DIRECT, MC_CH_ONLINE, MC_CH_POSTAL };
const char *mc_channel_name(enum mc_channel c);
struct mc_str mc_channel_str(enum mc_channel c);   /* the same */
const char *mc_channel_label(enum mc_channel c);   /* "Trực tuyến" */
enum mc_channel mc_channel_parse(struct mc_str s); /* name, number, label */
enum mc_channel mc_channel_meant(struct mc_str s); /* the same, in any case */

/* clang-format off */
#define MC_KINDS(X) \
	X(CREATED, "created")       X(REGISTERED, "registered") \
	X(RECEIVED, "received")     X(REFUSED, "refused") \
	X(STARTED, "started")       X(COMPLETED, "completed") \
	X(ASSIGNED, "assigned")     X(TRANSFERRED, "transferred") \
	X(PAUSED, "paused")         X(RESUMED, "resumed") \
	X(EXTENDED, "extended")     X(RESCHEDULED, "rescheduled") \
	X(WITHDRAWN, "withdrawn")   X(STOPPED, "stopped") \
	X(FINISHED, "finished")     X(RETURNED, "returned") \
	X(REOPENED, "reopened")     X(CORRECTED, "corrected") \
	X(VOIDED, "voided")         X(ACTIVITY, "activity") \
	X(REPINNED, "repinned")     X(REHOMED, "rehomed") \
	X(APOLOGISED, "apologised") X(ERASED, "erased") \
	X(DISCLOSED, "disclosed")

/*
 * Members of an event's data, sorted by name: X(NAME, "name", type).
 * STR text; RAW canonical JSON; INT; TIME instant; DAY; BOOL.
 */
#define MC_EVENT_FIELDS(X) \
	X(ACTIVITY, "activity", STR)    /* what was done, as the source says */ \
	X(ALIAS, "alias", STR)          /* another number of the dossier */ \
	X(APPLICANT_KIND, "applicant_kind", STR) \
	X(ATTRIBUTES, "attributes", RAW) /* of an activity, unmapped columns */ \
	X(BASIS, "basis", STR)          /* legal basis of a change */ \
	X(BLOB, "blob", STR)            /* of the definition (rescheduled: by \
					   which it was counted anew) */ \
	X(BY, "by", STR)                /* the term of an extension */ \
	X(CALENDAR, "calendar", STR)    /* blob id the due was computed with */ \
	X(CASE, "case", STR)            /* of the procedure; absent: none */ \
	X(CHANNEL, "channel", STR) \
	X(COMMIT, "commit", STR) \
	X(DUE_AT, "due_at", TIME) \
	X(DUE_DAY, "due_day", DAY) \
	X(DUE_SOURCE, "due_source", STR) /* "given"; absent: computed */ \
	X(FIELDS, "fields", RAW)        /* public fields, {"name":"value"} */ \
	X(HOLDER, "holder", STR)        /* unit that has it now */ \
	X(ID, "id", STR)                /* of the database (created) */ \
	X(OFFICER, "officer", STR) \
	X(OLD_DUE_AT, "old_due_at", TIME) \
	X(PARENT, "parent", STR)        /* code of the dossier it is done with */ \
	X(PATH, "path", STR)            /* of the definition */ \
	X(POLICY, "policy", RAW)        /* deadline policy, as resolved */ \
	X(PROCEDURE, "procedure", STR) \
	X(PROVISIONAL, "provisional", BOOL) \
	X(REF, "ref", STR)              /* the rulebook's (created) */ \
	X(RULES, "rules", STR)          /* path of the rulebook (created) */ \
	X(RUN, "run", INT)              /* of the import */ \
	X(SAID, "said", RAW)            /* {"name":"text"} columns of an \
					   import's row without a meaning */ \
	X(SET, "set", RAW)              /* corrected: {"name":value} public */ \
	X(STATUS, "status", STR) \
	X(STEP, "step", STR) \
	X(STEP_DUE_AT, "step_due_at", TIME) \
	X(STEP_DUE_DAY, "step_due_day", DAY) \
	X(STEPS, "steps", RAW)          /* repinned: {"old":"new"} open ones */ \
	X(UNIT, "unit", STR)            /* receiving unit; of a step: its unit */ \
	X(VERDICT, "verdict", STR) \
	X(WHY, "why", RAW)              /* which rule decided, what it read */ \
	X(ZONE, "zone", STR)            /* the rulebook's (created) */
/* clang-format on */

enum mc_kind {
#define X(NAME, name) MC_K_##NAME,
	MC_KINDS(X)
#undef X
	    MC_K__COUNT
};
const char *mc_kind_name(enum mc_kind k);
struct mc_str mc_kind_str(enum mc_kind k); /* the same */

enum mc_event_field {
#define X(NAME, name, type) MC_F_##NAME,
	MC_EVENT_FIELDS(X)
#undef X
	    MC_F__COUNT
};

union mc_event_value {
	struct mc_str s; /* borrowed */
	int64_t i;
};

struct mc_event {
	enum mc_kind kind;
	uint64_t seq;
	int64_t at, recorded_at;
	struct mc_str code; /* empty for events of the site (created) */
	struct mc_str site, actor;
	int64_t uid;
	struct mc_str sudo; /* who became root, or empty */
	bool has_personal;
	struct mc_hash commitment;
	struct mc_str inner; /* mc_event_inner() of it, made before; or empty */
	uint64_t present;    /* bit MC_F_x: value[MC_F_x] is set */
	union mc_event_value value[MC_F__COUNT];
};

/* Everything is empty; value[], which `present` guards, is left alone. */
static inline void
mc_event_init(struct mc_event *e, enum mc_kind kind, int64_t at)
{
	memset(e, 0, offsetof(struct mc_event, value));
	e->kind = kind;
	e->at = at;
}

static inline void
mc_event_str(struct mc_event *e, enum mc_event_field f, struct mc_str s)
{
	e->value[f].s = s;
	e->present |= UINT64_C(1) << f;
}
void mc_event_strz(struct mc_event *e, enum mc_event_field f, const char *s);
static inline void
mc_event_int(struct mc_event *e, enum mc_event_field f, int64_t n)
{
	e->value[f].i = n;
	e->present |= UINT64_C(1) << f;
}
static inline bool
mc_event_has(const struct mc_event *e, enum mc_event_field f)
{
	return (e->present >> f & 1) != 0;
}
/* The text (empty when absent), the number (`none` when absent). */
static inline struct mc_str
mc_event_get(const struct mc_event *e, enum mc_event_field f)
{
	return mc_event_has(e, f) ? e->value[f].s : (struct mc_str){ NULL, 0 };
}
static inline int64_t
mc_event_num(const struct mc_event *e, enum mc_event_field f, int64_t none)
{
	return mc_event_has(e, f) ? e->value[f].i : none;
}

/*
 * Append the canonical body.  E_LIMIT when it is over MC_EVENT_BODY_MAX
 * (the buffer is then as before).
 */
int mc_event_encode(struct mc_buf *b, const struct mc_event *e,
    struct mc_err *err) MC_MUST_CHECK;

/*
 * What all events of a transaction have in common, made once: their actor,
 * recorded_at, site, sudo and uid are then not looked at again.  { 0 } at
 * first; memory is kept when set again.
 */
struct mc_event_frame {
	struct mc_buf head, middle, tail;
};
void mc_event_frame_set(struct mc_event_frame *f, const struct mc_event *e);
void mc_event_frame_free(struct mc_event_frame *f);
/*
 * The part of the body between the frame's pieces: all that depends neither on
 * the transaction nor on the place in the log, so that it can be made before
 * either is known.  It is written where there is room for so many bytes; its
 * end, where a NUL stands.
 */
size_t mc_event_inner_room(const struct mc_event *e);
char *mc_event_inner(char *to, const struct mc_event *e);
/*
 * Put a commitment into such a text that ends at `end`, of an event that has
 * personal values, in the place of the one that it was made with.
 */
void mc_event_commit(char *end, const struct mc_hash *commitment);
/* mc_event_encode() of an event that fits the frame. */
int mc_event_encode_in(struct mc_buf *b, const struct mc_event *e,
    const struct mc_event_frame *f, struct mc_err *err) MC_MUST_CHECK;

/*
 * Read a body back: exactly the canonical form is accepted (MC_EDAMAGED,
 * E_LOG otherwise; an unknown kind or member refuses it).  Values are views
 * of `body`, or of `scratch` where escapes had to be undone.
 */
int mc_event_decode(struct mc_event *e, struct mc_str body,
    struct mc_buf *scratch, struct mc_err *err) MC_MUST_CHECK;

/*
 * Personal values: a canonical JSON object, committed to as
 * SHA-256(salt || object).
 */
enum mc_personal {
	MC_P_ADDRESS,
	MC_P_APPLICANT_ID,
	MC_P_APPLICANT_NAME,
	MC_P_ATTRIBUTES, /* what else the source said: an object */
	MC_P_EMAIL,
	MC_P_FIELDS, /* an object of text values */
	MC_P_NOTE,
	MC_P_PHONE,
	MC_P_REASON,
	MC_P_SUBJECT,
	MC_P__COUNT
};
const char *mc_personal_name(enum mc_personal p);
/* Personal values as an event commits to them. */
#define MC_SALT_LEN 16
struct mc_sealed {
	struct mc_str text; /* the object; borrowed */
	unsigned char salt[MC_SALT_LEN];
	struct mc_hash commitment;
};
/* The salt is the system's, read for many at a time: { 0 } at first. */
struct mc_salts {
	unsigned char p[4096];
	size_t left;
};
void mc_personal_seal(
    struct mc_sealed *out, struct mc_salts *salts, struct mc_str text);
/*
 * The same in two steps, to commit to two at once, which is faster: a salt,
 * put into `room`, too; then, once `text` stands right behind its salt, the
 * commitments.  The second may be NULL.
 */
void mc_personal_salt(
    struct mc_sealed *out, struct mc_salts *salts, char room[MC_SALT_LEN]);
void mc_personal_commit(struct mc_sealed *a, struct mc_sealed *b);
/* Append the object of the values that are not empty; false: none is. */
bool mc_personal_put(struct mc_buf *b, const struct mc_str v[MC_P__COUNT]);
/* The same where there is room for so many bytes (0: none is); its end. */
size_t mc_personal_room(const struct mc_str v[MC_P__COUNT]);
char *mc_personal_text(char *to, const struct mc_str v[MC_P__COUNT]);

#endif
