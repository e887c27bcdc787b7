/*
 * embed.h - files that travel inside the programs.
 *
 * lib/embed.sh turns files into $B/NAME.inc, which defines
 *   static const struct mc_file NAME_files[];
 * in the order given, ended by an entry without a path.  The one module
 * that owns NAME includes it.
 */
#ifndef MOTCUA_EMBED_H
#define MOTCUA_EMBED_H

#include <stddef.h>

struct mc_file {
	const char *path; /* below the folder that was embedded; NULL ends */
	const char *data; /* as it was, with a NUL after the last byte */
	size_t size;      /* without that NUL */
};

#endif
