/*
 * actor.h - who acts: a claim, and what the system knows beside it.
 */
#ifndef MOTCUA_ACTOR_H
#define MOTCUA_ACTOR_H

#include <stdint.h>

struct mc_actor {
	const char *name;  /* --actor, $MOTCUA_ACTOR, or the login name */
	int64_t uid;       /* the real one */
	const char *login; /* its name; "uid:1000" when it has none */
	const char *sudo;  /* SUDO_USER, only where uid is 0; or NULL */
};

#endif
