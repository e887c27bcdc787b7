/*
 * code.h - dossier codes: the standard shape, and packing it.
 *
 * Pure.  AGENCY-yymmdd-SEQ (DOMAIN 2.2) is packed into a positive int64 as
 * day (16 bits, since 1970-01-01), agency (30, a dictionary id) and sequence
 * (17), only where unpacking gives the same bytes; every other code has a
 * side table and an id below MC_CODE_ODD.  So the ids of a day are
 * neighbours, and a code is found without an index on text.
 */
#ifndef MOTCUA_CODE_H
#define MOTCUA_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/when.h>

#define MC_CODE_MAX 64 /* characters */
#define MC_CODE_ODD (INT64_C(1) << 47)
#define MC_CODE_AGENCY_MAX ((1 << 30) - 1)
#define MC_CODE_SEQUENCE_MAX ((1 << 17) - 1) /* that packs */

/* 1 to 64 visible characters of valid UTF-8 (no space, no control). */
bool mc_code_valid(struct mc_str code);
/* An agency's identifier, of the new layout or the old (DOMAIN 2.1)? */
bool mc_code_agency(struct mc_str s);
/*
 * The same agency in the other layout: H42.12 for 000.00.12.H42, and back.
 * What that gives is likely, not certain: it must be looked up.  False where
 * the other layout has no room for it.
 */
#define MC_AGENCY_MAX 64
bool mc_code_other_layout(struct mc_str agency, char out[MC_AGENCY_MAX]);
/* Of the standard shape (grammar of DOMAIN 2.2, a date that exists)? */
bool mc_code_standard(struct mc_str code);

/*
 * The parts of a code that can be packed: false for every other, also for
 * standard ones whose sequence has seven digits or needless zeros.
 */
struct mc_code_parts {
	struct mc_str agency;
	int32_t day;
	int32_t sequence;
};
bool mc_code_split(struct mc_code_parts *out, struct mc_str code);
int64_t mc_code_pack(int32_t day, int32_t agency, int32_t sequence);
void mc_code_unpack(
    int64_t id, int32_t *day, int32_t *agency, int32_t *sequence);
void mc_code_put(
    struct mc_buf *b, struct mc_str agency, int32_t day, int32_t sequence);

#endif
