/*
 * encoding.h - text of other encodings as UTF-8.
 *
 * Tables of our own: iconv(3) has no VNI, its modules are missing on small
 * systems, and it does not say which byte it could not read.  Where iconv
 * knows an encoding, the unit test compares the two, letter by letter.
 *
 * VISCII is RFC 1456; CP1258 is a letter and, behind it, a byte for the
 * tone; TCVN3 ("ABC", the .VnTime fonts) has one byte for each small letter
 * and leaves capitals with a tone to another font; VNI writes a letter and
 * one byte for all of its marks.
 */
#ifndef MOTCUA_ENCODING_H
#define MOTCUA_ENCODING_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>

enum mc_encoding {
	MC_ENC_NONE, /* not said */
	MC_ENC_UTF8,
	MC_ENC_UTF16, /* in the order that its mark says */
	MC_ENC_UTF16LE,
	MC_ENC_UTF16BE,
	MC_ENC_CP1258,
	MC_ENC_TCVN3,
	MC_ENC_VNI,
	MC_ENC_VISCII,
	MC_ENC_BYTES, /* byte 0xE3 is U+00E3: to look at unknown text */
	MC_ENC__COUNT
};

/* "tcvn3" and other usual names of it, in any case; NONE: no such. */
enum mc_encoding mc_encoding_parse(struct mc_str name);
/* "tcvn3"; of NONE "utf-8". */
const char *mc_encoding_name(enum mc_encoding e);
/* "utf-8, utf-16, ...": for messages. */
const char *mc_encoding_names(void);

/* What a conversion could not carry. */
struct mc_loss {
	int64_t bad; /* bytes that mean nothing */
	int64_t bad_line;
	unsigned char bad_byte; /* the first of them, and its line */
	/*
	 * TCVN3: words otherwise in capitals that have small letters where
	 * the capital is another font's.
	 */
	int64_t small;
	int64_t small_line;
};

struct mc_decoder {
	enum mc_encoding encoding;
	uint32_t letter; /* held back: a mark may follow */
	uint32_t high;   /* a high surrogate, 0 none */
	unsigned char letter_byte;
	unsigned char odd; /* half of a unit of UTF-16 */
	bool has_odd, after_bad;
	int64_t line;
	uint32_t capitals, smalls, marked; /* of the word in hand */
	struct mc_loss loss;
};

/* Not for UTF8, UTF16 and NONE, which are the caller's to resolve. */
void mc_decoder_init(struct mc_decoder *d, enum mc_encoding e);
/*
 * Append as UTF-8 what n bytes give; a text may come in any pieces.  A byte
 * that means nothing becomes a byte that is no UTF-8, so that the row it is
 * in is refused: itself, or 0xFF where it would be part of a character.
 */
void mc_decode(
    struct mc_decoder *d, const void *p, size_t n, struct mc_buf *out);
void mc_decode_end(struct mc_decoder *d, struct mc_buf *out);

/*
 * Text of an old font inside a document that is Unicode: each character
 * stands for the byte that CP1252 shows so, and the bytes are of encoding e.
 * Appends what they mean; false, with nothing appended, when a character is
 * no byte or a byte means nothing.
 */
bool mc_recode(struct mc_buf *out, struct mc_str s, enum mc_encoding e);

/*
 * A Vietnamese letter taken apart: the letter without its tone, small, as
 * index into "aăâeêioôơuưy" or 12 for đ; -1 when it is none of these.
 * *tone is 0 to 5.
 */
int mc_letter_parse(uint32_t cp, int *tone, bool *capital);
/*
 * Of the words of a text (UTF-8) that have letters outside ASCII: how many
 * there are, and how many of them could be Vietnamese syllables.
 */
void mc_syllables(struct mc_str s, int64_t *words, int64_t *good);

/*
 * Text in UTF-8 that was read as Latin-1 or CP1252 and written as UTF-8
 * again?  Offset of the first such character, or s.len.
 */
size_t mc_mojibake(struct mc_str s);

#endif
