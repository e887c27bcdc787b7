/*
 * sealed.h - many events' personal values as one packed text, and back.
 *
 * Their texts (event.h) all have the same members, so that these are kept as
 * one number for each text.  Identity numbers and telephone numbers are kept
 * in binary, since nothing in them repeats itself; what is left, each
 * member's values one after another, is packed (pack.h).  A text comes back
 * byte for byte, whatever it is: one that is not of this kind is packed whole.
 *
 * The form, with numbers as number.h has them:
 *
 *   0x01; 14 numbers: how long each of 14 streams is; the first 3 streams; one
 *   zstd frame of the other 11.
 *   Stream 0 has a text's members, as a number, in which bit k says that it
 *   has a member whose value is the next one of stream 1 + k; 0 is a text that
 *   is kept whole in stream 13, and its length follows.
 *
 *     1 applicant_id    12 digits, as 5 bytes, the lowest first
 *     2 phone           10 digits, the same
 *     3 address         text: what is behind the opening quote, up to and with
 *     4 applicant_name  the closing one
 *     5 email
 *     6 subject
 *     7 applicant_id    one that is not 12 digits
 *     8 phone           one that is not 10 digits
 *     9 note
 *    10 reason
 *    11 attributes      an object: what is behind its opening brace, up to and
 *    12 fields          with the closing one
 */
#ifndef MOTCUA_SEALED_H
#define MOTCUA_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

/* The plain form: each text behind 4 bytes, its length. */
static inline void
mc_sealed_add(struct mc_buf *plain, struct mc_str text)
{
	uint32_t n = (uint32_t)text.len;

	mc_buf_add(plain, &n, sizeof(n));
	mc_buf_add(plain, text.p, text.len);
}

/* The first one of it, which is then what follows; false: there is none. */
static inline bool
mc_sealed_next(struct mc_str *plain, struct mc_str *text)
{
	uint32_t n;

	if (plain->len < sizeof(n))
		return false;
	memcpy(&n, plain->p, sizeof(n));
	if (n > plain->len - sizeof(n))
		return false;
	*text = (struct mc_str){ plain->p + sizeof(n), n };
	plain->p += sizeof(n) + n;
	plain->len -= sizeof(n) + n;
	return true;
}

/* Append the packed form. */
void mc_sealed_pack(struct mc_buf *out, struct mc_str plain);

/*
 * Append the plain form.  MC_EDAMAGED/E_LOG when it is no packed one, or one
 * of more than MC_PACK_MAX; then nothing is appended.
 */
int mc_sealed_unpack(
    struct mc_buf *out, struct mc_str packed, struct mc_err *err) MC_MUST_CHECK;

#endif
