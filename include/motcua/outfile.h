/*
 * outfile.h - files that are whole or not there.
 *
 * Written under a temporary name beside the target (O_EXCL, O_NOFOLLOW),
 * synced, and renamed; a failed or killed run leaves the old file.
 */
#ifndef MOTCUA_OUTFILE_H
#define MOTCUA_OUTFILE_H

#include <motcua/buf.h>
#include <motcua/err.h>

struct mc_outfile;

/* mode: 0600 where there are personal data, else 0640. */
int mc_outfile_open(struct mc_outfile **out, const char *path, unsigned mode,
    struct mc_err *err) MC_MUST_CHECK;
int mc_outfile_fd(const struct mc_outfile *o);
int mc_outfile_write(
    struct mc_outfile *o, struct mc_str s, struct mc_err *err) MC_MUST_CHECK;
/* Sync and rename: the file is there under its name. */
int mc_outfile_commit(struct mc_outfile *o, struct mc_err *err) MC_MUST_CHECK;
void mc_outfile_free(struct mc_outfile *o); /* not committed: it is gone */

#endif
