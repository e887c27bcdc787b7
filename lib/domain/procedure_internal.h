/*
 * procedure_internal.h - between reading a definition and judging it.
 */
#ifndef MOTCUA_PROCEDURE_INTERNAL_H
#define MOTCUA_PROCEDURE_INTERNAL_H

#include <motcua/procedure.h>

/* Where findings go, and the document they are about. */
struct mc_procedure_sink {
	const char *name;
	struct mc_str text;
	void (*found)(void *arg, const struct mc_err *finding);
	void *arg;
	int errors; /* counted, W_ ids not */
	int told;   /* findings passed on; after MC_LINT_MAX only one more */
};

/* A finding at a path such as "steps/2/next". */
void mc_procedure_found(struct mc_procedure_sink *s, const char *path,
    const char *id, const char *fmt, ...) MC_PRINTF(4, 5);

/*
 * As much of the definition as can be read, every error through the sink.
 * NULL when it is no JSON object.  Only without errors is it whole.
 */
struct mc_procedure *mc_procedure_read(struct mc_procedure_sink *s);

/* The definition that a case is of; itself. */
const struct mc_procedure *mc_procedure_whole(const struct mc_procedure *p);

struct mc_part;

#define MC_PART_PATH 128 /* of "cases/49/steps/199/next/31/to/15", and more */
#define MC_PROCEDURE_WORDS (MC_PROCEDURE_STEPS / 64 + 1)

/* What users see, and what it stands on. */
struct definition {
	struct mc_procedure pub;
	struct mc_json *doc;
	char *name;
	struct mc_step *step;
	struct mc_field *field;
	struct mc_fee *fee;
	struct mc_document *document;
	const char **basis;
	/* reach[i]: steps that i leads to */
	uint64_t (*reach)[MC_PROCEDURE_WORDS];
	size_t branches; /* so far, of all steps */
	struct mc_procedure_case *cases;
	struct mc_procedure_child *children;
	/*
	 * Of the definition: what it is in each case.  What a case has not of
	 * its own is the definition's, also where pub points to it.
	 */
	struct definition *as;
	const struct definition *whole; /* NULL: this is it */
	char steps_path[MC_PART_PATH];
};

/* procedure.c */
/* The member "when", NULL where there is none; freed by the owner. */
struct mc_condition *mc_procedure_when(
    const struct mc_procedure *of, const struct mc_part *p);
bool mc_procedure_code_valid(const char *code);

/* procedure_step.c */
/* "steps", and where they lead; fields and children have been read. */
void mc_procedure_read_steps(struct definition *d, const struct mc_part *p);
void mc_procedure_free_steps(struct definition *d);

/* procedure_child.c: *out is the owner's, to be freed so. */
void mc_procedure_read_children(const struct mc_procedure *of,
    const struct mc_part *p, struct mc_procedure_child **out, int *n);
void mc_procedure_free_children(struct mc_procedure_child *list, int n);
/* "unit" of a step or a child. */
const char *mc_member_unit(const struct mc_part *p);
/* "role" of a step or a child. */
const char *mc_member_role(
    const struct mc_part *p, const char *what, bool needed);

/* procedure_member.c */
/* An object of the document, and where it stands. */
struct mc_part {
	struct mc_procedure_sink *s;
	const struct mc_json *v;
	const char *path; /* "" for the document itself */
};

void mc_member_path_of(
    char out[MC_PART_PATH], const struct mc_part *p, const char *key);
/* The place of an entry of the member's list. */
void mc_member_path_at(char out[MC_PART_PATH], const struct mc_part *p,
    const char *key, size_t at);
/* A finding at a member. */
void mc_member_bad(const struct mc_part *p, const char *key, const char *id,
    const char *fmt, ...) MC_PRINTF(4, 5);
/* A finding that a deeper module has made. */
void mc_member_pass_on(
    struct mc_procedure_sink *s, const char *path, struct mc_err *e);
void mc_member_repeated(
    const struct mc_part *p, const char *key, const char *value);

/*
 * A member's value.  What is wrong is found and told; then, and where the
 * member is absent, it is NULL, MC_NODAY or `otherwise`.
 */
/* Only these members; `names` ends with NULL.  false: it is no object. */
bool mc_member_known(
    const struct mc_part *p, const char *what, const char *const *names);
const char *mc_member_string(
    const struct mc_part *p, const char *key, bool needed);
/* In form NFC, and without anything invisible: for people. */
const char *mc_member_title(
    const struct mc_part *p, const char *key, bool needed);
void mc_member_check_clean(
    const struct mc_part *p, const char *key, const char *s);
/* Of lower-case letters, digits and the `more` characters. */
const char *mc_member_identifier(
    const struct mc_part *p, const char *key, const char *more);
int64_t mc_member_integer(const struct mc_part *p, const char *key, int64_t min,
    int64_t max, int64_t otherwise);
bool mc_member_boolean(
    const struct mc_part *p, const char *key, bool otherwise);
int32_t mc_member_date(const struct mc_part *p, const char *key, bool needed);
/* "limit" of a step: is there one at all? */
bool mc_member_limit(const struct mc_part *p, struct mc_term *term);
/* "limit" of a procedure or a case; false: the member is absent. */
bool mc_member_limits(const struct mc_part *p, struct mc_limits *out);
/* The same of a member of another name. */
bool mc_member_term(
    const struct mc_part *p, const char *key, struct mc_term *term);
/* *n is 0 when it is absent, no list, or too long. */
const struct mc_json *mc_member_list(
    const struct mc_part *p, const char *key, size_t max, size_t *n);

#endif
