/*
 * progress.h - one line on stderr while something takes long.
 *
 * Only on a terminal, only after a second, a few times a second at most;
 * elsewhere every call is nearly free.
 */
#ifndef MOTCUA_PROGRESS_H
#define MOTCUA_PROGRESS_H

#include <stdint.h>

#include <motcua/cli.h>

struct mc_progress;

/* `unit` is what is counted ("rows"); both are borrowed. */
struct mc_progress *mc_progress_new(struct mc_cli *cli, const char *unit);

/*
 * So many are done.  at of total says how far that is (bytes of a file, or
 * the count itself); total <= 0: unknown.
 */
void mc_progress_show(
    struct mc_progress *p, int64_t done, int64_t at, int64_t total);

/* The line goes away.  NULL is fine. */
void mc_progress_free(struct mc_progress *p);

#endif
