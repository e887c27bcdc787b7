/*
 * pack.h - texts that repeat themselves, compressed (zstd behind it).
 *
 * What is left of the log's bodies in a bundle (bundle.h), and of personal
 * values (sealed.h): keeping every byte is affordable only so.
 */
#ifndef MOTCUA_PACK_H
#define MOTCUA_PACK_H

#include <motcua/buf.h>
#include <motcua/err.h>

/* 256 bodies of at most 65,535 bytes, and what a bundle says of each. */
#define MC_PACK_MAX (256u * (65535u + 32))

/*
 * Append the compressed form of s, a gigabyte or more a second.  What it takes
 * is kept for the thread until that ends.
 */
void mc_pack(struct mc_buf *out, struct mc_str s);

/*
 * Append the plain form.  MC_EDAMAGED/E_LOG when it is no whole frame or
 * says it is larger than MC_PACK_MAX (checked before memory is taken).
 */
int mc_unpack(
    struct mc_buf *out, struct mc_str packed, struct mc_err *err) MC_MUST_CHECK;

#endif
