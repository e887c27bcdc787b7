/*
 * pack.h - the log's bundles, compressed (zstd behind it).
 *
 * Bodies of events repeat themselves: 256 of them shrink to a fifteenth,
 * which is what makes keeping every byte affordable.
 */
#ifndef MOTCUA_PACK_H
#define MOTCUA_PACK_H

#include <motcua/buf.h>
#include <motcua/err.h>

/* 256 bodies of at most 65,535 bytes, and their lengths. */
#define MC_PACK_MAX (256u * 65537u)

/* Append the compressed form of s (a quarter of a microsecond an event). */
void mc_pack(struct mc_buf *out, struct mc_str s);

/* Before a thread that has packed ends: give back what was kept for it. */
void mc_pack_thread_done(void);

/*
 * Append the plain form.  MC_EDAMAGED/E_LOG when it is no whole frame or
 * says it is larger than MC_PACK_MAX (checked before memory is taken).
 */
int mc_unpack(
    struct mc_buf *out, struct mc_str packed, struct mc_err *err) MC_MUST_CHECK;

#endif
