/*
 * bundle.h - 256 bodies of the log as one packed row, and back.
 *
 * Most of a body is in others, too.  What is not, its times, its code, its
 * commitment and its number, is cut out and kept as numbers; what is left, its
 * shape, is kept once for all bodies that have it, and packed (pack.h).  A
 * body comes back byte for byte, whatever it is: one that has no such parts is
 * a shape of its own.
 *
 * The form, all numbers with the highest byte first:
 *
 *   0x01, 4 bytes: the length of the values, the values, one zstd frame of
 *   the shapes.
 *   A shape: a byte, how many holes it has; for each 2 bytes, how much text
 *   stands before it, and a byte, its kind; 2 bytes, how much stands after
 *   the last; the text.
 *   A body's values: a byte, the number of its shape, by when it is first
 *   used; then for each hole of that shape:
 *     1 at, 2 recorded_at   how far the instant lies behind that of the body
 *                           before (of the first: behind 1970), in groups of
 *                           7 bits, the lowest first, all but the last with
 *                           the highest bit set; of that number the lowest
 *                           bit is set where it counts milliseconds, not
 *                           seconds, the next one where it lies before
 *     3 code                0: as the body before; or a byte, 1 and how many
 *                           of that one's bytes it begins with, a byte, how
 *                           many follow, these
 *     4 personal            the commitment's 32 bytes
 *     5 seq                 nothing
 */
#ifndef MOTCUA_BUNDLE_H
#define MOTCUA_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_BUNDLE 256 /* bodies, of at most MC_EVENT_BODY_MAX bytes */

/*
 * Append the packed form of a bundle whose first event has that number.  Its
 * bodies stand in plain, each behind the 2 bytes of its length, from at[i] on.
 */
void mc_bundle_pack(struct mc_buf *out, struct mc_str plain,
    const uint32_t at[MC_BUNDLE], uint64_t first);

/*
 * Append the plain form; at[]: where each begins, counted from there.
 * MC_EDAMAGED/E_LOG when it is no packed bundle; then nothing is appended.
 */
int mc_bundle_unpack(struct mc_buf *out, uint32_t at[MC_BUNDLE],
    struct mc_str packed, uint64_t first, struct mc_err *err) MC_MUST_CHECK;

#endif
