/*
 * find_internal.h - between the question and the rows that answer it.
 */
#ifndef FIND_INTERNAL_H
#define FIND_INTERNAL_H

#include <motcua/find.h>
#include <motcua/log.h>
#include <motcua/scope.h>

struct field {
	char *name, *value;
};

struct mc_find {
	struct mc_store *store;
	struct mc_rulebook **rb;
	struct mc_find_query q;
	const struct mc_zone *zone;
	int32_t today;

	/* The question, as ids; MC_NOID asks for nothing, -1 for nobody. */
	unsigned statuses; /* bit per status; 0: all */
	int32_t procedure, officer, step;
	enum mc_channel channel;
	struct mc_scope *unit, *holder;
	struct mc_range received, due;

	struct mc_cur *cur; /* while mc_find_next() goes on */
	struct mc_find_row row;
	int32_t pin; /* of the row */
	struct mc_buf code, step_text, holder_text, officer_text;
	struct mc_buf events, fields, parent;
	/* The parent that is asked for; empty: any, or none. */
	struct mc_buf of;
	MC_VEC(struct field) field;
	char *personal[MC_P__COUNT];

	struct mc_log *log;
	size_t at;
	uint64_t seq;
	struct mc_buf scratch, object;
};

/* find_question.c */
/* f->q as ids and bounds, or what is wrong with it. */
int mc_find_read_question(struct mc_find *f, struct mc_err *err) MC_MUST_CHECK;
bool mc_find_no_bounds(const struct mc_range *r);
/* ms, day: MC_NEVER, MC_NODAY: only no bounds at all take that in. */
bool mc_find_in_range(const struct mc_range *r, int64_t ms, int32_t day);

#endif
