/*
 * explanation.h - why a deadline is what it is, as records or as a text.
 *
 * The lines are those of mc_watch_explain(); both writers are its sinks.
 */
#ifndef MOTCUA_EXPLANATION_H
#define MOTCUA_EXPLANATION_H

#include <motcua/out.h>
#include <motcua/watch.h>
#include <motcua/when.h>

/* The sinks' argument; everything is borrowed. */
struct mc_explanation {
	struct mc_out *out;
	const struct mc_zone *zone;
	const char *code; /* of the dossier */
};

/* motcua.explain/1 */
extern const char mc_explanation_columns[];
void mc_explanation_record(void *explanation, const struct mc_explain *line);
/* For people, through mc_out_puts(). */
void mc_explanation_text(void *explanation, const struct mc_explain *line);

#endif
