/* encoding_internal.h - what the files of encoding share. */
#ifndef ENCODING_INTERNAL_H
#define ENCODING_INTERNAL_H

#include <motcua/encoding.h>

/* The part of VNI's marks that makes another letter. */
enum quality { Q_NONE, Q_CIRCUMFLEX, Q_BREVE };

/*
 * A letter with a quality and a tone put on it; 0 when it takes none.  A
 * letter that has a tone already takes no other.
 */
uint32_t mc_letter_compose(uint32_t cp, enum quality q, int tone);
/* Can anything be put on it? */
bool mc_letter_takes(uint32_t cp);
/* The byte that CP1252 or Latin-1 shows as this character; -1: none. */
int mc_byte_shown(uint32_t cp);

#endif
