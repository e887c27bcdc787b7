/*
 * charset.h - Unicode normal forms and folding (utf8proc behind it).
 */
#ifndef MOTCUA_CHARSET_H
#define MOTCUA_CHARSET_H

#include <stdbool.h>

#include <motcua/buf.h>
#include <motcua/err.h>

/* Already NFC, by a quick check that may say false for text that is. */
bool mc_nfc_is(struct mc_str s);

/*
 * Nothing but ASCII without NUL and the precomposed letters U+00C0 .. U+02FF
 * and U+1E00 .. U+1EFF, without Eth: so valid UTF-8, in NFC, and what
 * mc_text_clean() changes nothing of but the ends, of any piece of it that
 * is whole characters.  Vietnamese text as it mostly is; any bytes may be
 * asked about, and the answer costs little.
 */
bool mc_text_plain(struct mc_str s);

/*
 * Clean text as it comes from the field: NFC, zero-width characters and
 * BOMs dropped, no-break spaces to spaces, Icelandic Eth (U+00D0, U+00F0),
 * which is drawn like it, to D with stroke (U+0110, U+0111), leading and
 * trailing ASCII white space dropped.  Input must be valid UTF-8.  Returns a
 * view of s when only its ends changed, else of `scratch` (whose contents
 * are replaced; s must not be in it).
 */
struct mc_str mc_text_clean(struct mc_str s, struct mc_buf *scratch);

/*
 * The folding key for comparing headings and labels: NFC, lower case,
 * without marks, D with stroke as d, runs of anything but letters and
 * digits as one '-', none at the ends.  "Mã hồ sơ" and "MA  HO SO" are
 * both "ma-ho-so".  Appends; input must be valid UTF-8.
 */
void mc_text_fold(struct mc_buf *b, struct mc_str s);
/*
 * The key for comparing words of a source that mean something, where marks
 * must not be lost: lower case, the tone of each syllable behind it, so that
 * it does not matter over which vowel it stood ("hoà", "Hòa"), and runs of
 * white space as one space.  Appends; input must be valid UTF-8.
 */
void mc_text_caseless(struct mc_buf *b, struct mc_str s);

#endif
