/*
 * ocel.h - dossiers as an object-centric event log, OCEL 2.0 in JSON.
 *
 * Objects are dossiers and the units that they are of or were at; a dossier
 * is related to those that came with it, its children; events
 * have the kind of ours for their type, and activities their own name.
 * Written in one go: first all objects, then all events, then the types that
 * there were, as what they are is known last.  Times are in UTC, and every
 * value is text, as the format's schema wants it.
 */
#ifndef MOTCUA_OCEL_H
#define MOTCUA_OCEL_H

#include <motcua/buf.h>
#include <motcua/dict.h>
#include <motcua/event.h>
#include <motcua/find.h>

/* { .b = buffer } at first; the caller empties the buffer as it likes. */
struct mc_ocel_writer {
	struct mc_buf *b;
	struct mc_dictionary units, types;
	struct mc_dictionary children; /* that were named */
	struct mc_buf put;             /* a byte for each: is it out? */
	struct mc_buf kin;             /* the relations of the next dossier */
	bool any;                      /* of the list in hand */
};
void mc_ocel_free(struct mc_ocel_writer *w);

void mc_ocel_put_head(struct mc_ocel_writer *w);
/* A child of the dossier that is put next. */
void mc_ocel_add_child(struct mc_ocel_writer *w, struct mc_str code);
/* registered_at: where it was never received.  in_case: or "". */
void mc_ocel_put_dossier(struct mc_ocel_writer *w,
    const struct mc_find_row *row, int64_t registered_at, const char *in_case);
/*
 * After the last dossier, before the first event: the units, and of children
 * that were named and not put the bare objects, which relations need.
 */
void mc_ocel_put_units(struct mc_ocel_writer *w);
/* Only of dossiers that were put. */
void mc_ocel_put_event(
    struct mc_ocel_writer *w, const char *code, const struct mc_event *e);
void mc_ocel_put_tail(struct mc_ocel_writer *w);

#endif
