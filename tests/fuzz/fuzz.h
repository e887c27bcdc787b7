/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is a function of any bytes.  It says what must hold of the library
 * whatever they are, and aborts where it does not.  `make fuzz` gives each to
 * libFuzzer; tests/unit/fuzz_corpus.c runs all of them over their seeds and
 * simple mutations of these with every `make check`.
 */
#ifndef MOTCUA_FUZZ_H
#define MOTCUA_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/when.h>

/* Longer inputs find nothing that these do not, only later. */
#define FUZZ_MAX 4096

#define FUZZ_TARGETS(X)                                                        \
	X(audit)                                                               \
	X(bundle)                                                              \
	X(calendar)                                                            \
	X(code)                                                                \
	X(condition)                                                           \
	X(csv)                                                                 \
	X(encoding)                                                            \
	X(event)                                                               \
	X(hash)                                                                \
	X(json)                                                                \
	X(map)                                                                 \
	X(pack)                                                                \
	X(plan)                                                                \
	X(procedure)                                                           \
	X(sealed)                                                              \
	X(term)                                                                \
	X(text)                                                                \
	X(units)                                                               \
	X(when)

#define X(name) int fuzz_##name(const uint8_t *p, size_t n);
FUZZ_TARGETS(X)
#undef X

/*
 * How many inputs the library has accepted, so that a target all of whose
 * inputs are refused at the door is noticed.
 */
extern long fuzz_taken;

#define HOLDS(e) ((e) ? (void)0 : fuzz_broken(#e, __FILE__, __LINE__))
void fuzz_broken(const char *what, const char *file, int line)
    __attribute__((noreturn));

/* The input as text, cut to FUZZ_MAX. */
struct mc_str fuzz_input(const uint8_t *p, size_t n);
/* The text of a buffer. */
struct mc_str fuzz_str(const struct mc_buf *b);
/* Holds of every refusal: it has an id and a message that can be shown. */
void fuzz_refused(const struct mc_err *err);
/* The same, and it says where. */
void fuzz_refused_at(const struct mc_err *err);
/* Ho Chi Minh City's, and UTC; opened once. */
const struct mc_zone *fuzz_zone(void);
const struct mc_zone *fuzz_utc(void);

#endif
