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
};

/* A finding at a path such as "steps/2/next". */
void mc_procedure_found(struct mc_procedure_sink *s, const char *path,
    const char *id, const char *fmt, ...) MC_PRINTF(4, 5);

/*
 * As much of the definition as can be read, every error through the sink.
 * NULL when it is no JSON object.  Only without errors is it whole.
 */
struct mc_procedure *mc_procedure_read(struct mc_procedure_sink *s);

#endif
