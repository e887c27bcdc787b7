/*
 * outfile.h - where a tool is told to write: files that are whole or not
 * there, and what is no file.
 *
 * A file is written under a temporary name beside it (O_EXCL, O_NOFOLLOW),
 * synced, and renamed; a failed or killed run leaves the old file.  Where the
 * path is a link, this goes for the file that it leads to, and the link
 * stays.  A character device, a named pipe, and a descriptor that the caller
 * has open (/dev/stdout, /dev/fd/N), are written straight, as they come.
 */
#ifndef MOTCUA_OUTFILE_H
#define MOTCUA_OUTFILE_H

#include <stdbool.h>

#include <motcua/buf.h>
#include <motcua/err.h>

struct mc_outfile;

/*
 * Would writing the one take the other, which is to be read ("-": standard
 * input), away?  Not of devices: a terminal is both.
 */
bool mc_outfile_is(const char *path, const char *input);

/*
 * mode: of a file, whatever the umask; 0600 where there are personal data,
 * else 0640.  Waits for the reader of a named pipe, so no lock may be held.
 */
int mc_outfile_open(struct mc_outfile **out, const char *path, unsigned mode,
    struct mc_err *err) MC_MUST_CHECK;
int mc_outfile_fd(const struct mc_outfile *o);
int mc_outfile_write(
    struct mc_outfile *o, struct mc_str s, struct mc_err *err) MC_MUST_CHECK;
/* Sync and rename: the file is there under its name. */
int mc_outfile_commit(struct mc_outfile *o, struct mc_err *err) MC_MUST_CHECK;
void mc_outfile_free(struct mc_outfile *o); /* not committed: it is gone */

#endif
