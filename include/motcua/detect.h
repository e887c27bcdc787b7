/*
 * detect.h - which encoding may a file of unknown origin be?
 *
 * Every byte of the older encodings is a letter of Latin-1, so no file says
 * what it is.  But Vietnamese syllables have few shapes: read by the right
 * table nearly all words with marks are syllables, by a wrong one few.  That
 * is counted for each column by itself, as columns of one file may differ.
 */
#ifndef MOTCUA_DETECT_H
#define MOTCUA_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/encoding.h>
#include <motcua/err.h>
#include <motcua/map.h>

enum mc_verdict_text {
	MC_TEXT_THIN,    /* too little, or nothing fits well enough */
	MC_TEXT_ASCII,   /* no letter outside ASCII: any will do */
	MC_TEXT_IS,      /* `encoding` */
	MC_TEXT_INSIDE,  /* UTF-8, whose characters are bytes of `encoding` */
	MC_TEXT_GARBLED, /* UTF-8 that was read as Latin-1 and saved again */
	MC_TEXT_MIXED    /* the file only: columns differ */
};

struct mc_evidence {
	char *name;      /* of the column, as UTF-8; NULL: no heading */
	int64_t values;  /* cells that are not empty */
	int64_t foreign; /* of these, with bytes outside ASCII */
	int64_t broken;  /* of these, no UTF-8 */
	int64_t garbled;
	struct {
		int64_t words; /* with letters outside ASCII, read so */
		int64_t good;  /* that could be Vietnamese syllables */
		int64_t bad;   /* bytes that mean nothing */
	} as[MC_ENC__COUNT], inside[MC_ENC__COUNT];
	enum mc_verdict_text verdict;
	enum mc_encoding encoding;
};

struct mc_detect {
	struct mc_evidence *column; /* n of them */
	size_t n;
	struct mc_evidence file;
	const char *alien; /* mc_detect_alien() of it */
	bool nul;          /* NUL bytes are in it */
};

/*
 * Read all of a CSV file; nothing of what its cells say is kept but the
 * heading, and that only if some of its names are known.  map (NULL: none) is
 * asked where the heading is.  Rows that cannot be taken apart, such as those
 * of NDJSON, count for the file, and as one value each.  UTF-16 is known by
 * its first bytes, and has no columns here; nor has what is no text at all.
 */
int mc_detect_file(struct mc_detect **out, const char *path, char delimiter,
    const struct mc_map *map, struct mc_err *err) MC_MUST_CHECK;
void mc_detect_free(struct mc_detect *d);

/* A file that begins so is neither CSV nor NDJSON: what it is; else NULL. */
const char *mc_detect_alien(struct mc_str begin);

/* "tcvn3", "tcvn3 in utf-8", "ascii" ...; NULL: thin. */
const char *mc_evidence_text(const struct mc_evidence *e, char text[40]);
/* Good words in a hundred, read as e; -1: some bytes mean nothing in it. */
int mc_evidence_percent(const struct mc_evidence *ev, enum mc_encoding e);

#endif
