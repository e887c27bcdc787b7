/*
 * condition.h - the "when" of a branch: DESIGN 2.
 *
 * Pure.  eq ne lt le gt ge in present, joined by all any not, over declared
 * fields and "channel".  Compared by the field's type: decimals exactly (as
 * text of at most 30 digits), dates by day, text by bytes.
 */
#ifndef MOTCUA_CONDITION_H
#define MOTCUA_CONDITION_H

#include <stdbool.h>

#include <motcua/err.h>
#include <motcua/json.h>

enum mc_field_type {
	MC_FIELD_TEXT,
	MC_FIELD_INTEGER,
	MC_FIELD_DECIMAL,
	MC_FIELD_DATE,
	MC_FIELD_BOOLEAN
};

/* Canonical text of a value of that type, or E_FIELD: "2.50" -> "2.5". */
int mc_field_normal(struct mc_buf *out, enum mc_field_type type,
    struct mc_str value, struct mc_err *err) MC_MUST_CHECK;
/* -1, 0, 1; both must be normal. */
int mc_field_compare(enum mc_field_type type, struct mc_str a, struct mc_str b);

struct mc_condition; /* parsed */

/* What a condition may name.  type_of: false when there is no such field. */
struct mc_condition_scope {
	bool (*type_of)(void *arg, const char *field, enum mc_field_type *type);
	void *arg;
};

/* path: where in `text` the object stands ("steps/1/next/0/when"). */
int mc_condition_parse(struct mc_condition **out, const struct mc_json *doc,
    const char *name, struct mc_str text, const char *path,
    const struct mc_condition_scope *scope, struct mc_err *err) MC_MUST_CHECK;
void mc_condition_free(struct mc_condition *c);

/*
 * 1 true, 0 false, -1 error.  value() returns the field's normal text or
 * NULL when the dossier has none: then everything but `present` is
 * E_MISSING (with the rule's place, never the value), never a silent false.
 */
typedef const char *mc_value_fn(void *arg, const char *field);
int mc_condition_eval(const struct mc_condition *c, mc_value_fn *value,
    void *arg, struct mc_err *err) MC_MUST_CHECK;

/* Calls back with each field name the condition reads. */
void mc_condition_fields(const struct mc_condition *c,
    void (*field)(void *arg, const char *name), void *arg);

/*
 * Which of n conditions, tried in order (NULL is always true), can be the
 * first that is true?  Decided over every combination of values that they
 * can tell apart; channel fixes that one, NULL leaves it open.  fate has n
 * entries.  false when there are too many combinations to try: then each is
 * said to be taken.
 */
enum mc_fate {
	MC_FATE_NEVER,   /* it is never true */
	MC_FATE_COVERED, /* whenever it is true, one before it has decided */
	MC_FATE_TAKEN
};
bool mc_condition_fates(const struct mc_condition *const *when, int n,
    const char *channel, enum mc_fate *fate);

/*
 * Are there values that meet both, and for each some that meet it alone?
 * false, too, where there are too many to try.
 */
bool mc_condition_rivals(
    const struct mc_condition *a, const struct mc_condition *b);

/*
 * The JSON of a condition for people: "floor_area gt 250", "all (a; b)".
 * Good or not; what comes from the file is not made safe here.  depth is 0.
 */
void mc_condition_put(struct mc_buf *b, const struct mc_json *doc, int depth);

#endif
