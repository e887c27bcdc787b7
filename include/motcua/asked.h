/*
 * asked.h - the dossiers that somebody asked for by code, each once.
 */
#ifndef MOTCUA_ASKED_H
#define MOTCUA_ASKED_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/store.h>

/* { 0 } at first. */
struct mc_asked {
	bool only; /* some were asked for: else all are meant */
	bool sorted;
	size_t at;
	MC_VEC(int64_t) id;
};

/* 1; MC_ENOTFOUND/E_DOSSIER: there is none with that code or alias. */
int mc_asked_add(struct mc_asked *a, struct mc_store *s, struct mc_str code,
    struct mc_err *err) MC_MUST_CHECK;
/* The next by id; false at the end.  None is added after the first. */
bool mc_asked_next(struct mc_asked *a, int64_t *id);
void mc_asked_free(struct mc_asked *a);

#endif
