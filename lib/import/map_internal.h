/* map_internal.h - what the files of map share. */
#ifndef MAP_INTERNAL_H
#define MAP_INTERNAL_H

#include <motcua/dict.h>
#include <motcua/map.h>
#include <motcua/mem.h>

#define FORMATS 16
#define PHRASES 16

/* Source words of one column and ours for them. */
struct words {
	struct mc_dictionary from;
	MC_VEC(char *) to;
	/* The same without case: which of `to`; -1: two say different things. */
	struct mc_dictionary caseless;
	MC_VEC(int) of;
};

/* Forms of a time, tried in turn. */
struct formats {
	char *format[FORMATS];
	int n;
};

/* How rows begin that are none, folded. */
struct phrases {
	char *text[PHRASES];
	int n;
};

struct mc_map {
	bool given, events, strict, ragged;
	bool number; /* a row may be without a code */
	bool optional[MC_COL__COUNT], all_optional;
	char delimiter;
	char decimal; /* '\0': not said */
	enum mc_encoding encoding;
	struct mc_heading heading;
	struct phrases totals, end;
	struct formats time;
	struct formats *column_time[MC_COL__COUNT]; /* NULL: as the others */
	char *source[MC_COL__COUNT]; /* the file's name of each column */
	char *fallback[MC_COL__COUNT];
	struct words *words[MC_COL__COUNT];
	enum mc_encoding recode[MC_COL__COUNT];
	struct {
		char *source, *name;
		bool optional;
	} field[MC_MAP_FIELDS];
	int fields;
	/* "case:field." of "case:field.*": any other field; or NULL. */
	char *field_prefix;
};

#endif
