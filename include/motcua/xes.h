/*
 * xes.h - event logs in XES (IEEE 1849) as rows, one for each event.
 *
 * An event's own attributes have their keys for names, those of its trace
 * "case:" before the key, as other tools name the columns of a table made of
 * a log; so one map serves both forms.
 */
#ifndef MOTCUA_XES_H
#define MOTCUA_XES_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/lines.h>

#define MC_XES_ATTRIBUTES 1000 /* of a trace or an event; E_LIMIT */
#define MC_XES_TRACE "case:"
#define MC_XES_OURS "motcua:"
#define MC_XES_KIND MC_XES_OURS "kind" /* what it is in a log of ours */
#define MC_XES_DUE_SOURCE MC_XES_OURS "due_source"       /* given, computed */
#define MC_XES_DUE_DAY MC_XES_OURS "due_day"             /* of a due at 24:00 */
#define MC_XES_REGISTERED_AT MC_XES_OURS "registered_at" /* never received */

struct mc_xes;

/* Borrowed until the next call. */
struct mc_xes_attr {
	struct mc_str name, value;
	bool trace;
	bool number; /* an int or a float */
	/* Of a standard extension, and about no person. */
	bool plain;
};

struct mc_xes_row {
	const struct mc_xes_attr *attr; /* the trace's, then the event's */
	size_t n, of_trace;
	uint64_t trace; /* counts from 1; 0: an event of no trace */
	/*
	 * Not an activity: a trace without events, or an event in a log of
	 * ours that only repeats what the trace's attributes say.
	 */
	bool no_event;
	int64_t line, column;
	struct mc_err bad; /* .code: the row cannot be taken, and why */
};

/* Borrows the source. */
struct mc_xes *mc_xes_new(struct mc_source *src);
void mc_xes_free(struct mc_xes *x);
/*
 * 1, 0, MC_WOULD_BLOCK, -1: the errors of xml.h, and E_XES for a document
 * that is no log.
 */
int mc_xes_next(struct mc_xes *x, struct mc_xes_row *row, bool wait,
    struct mc_err *err) MC_MUST_CHECK;
/* One of the keys for mc_xes_attr.plain? */
bool mc_xes_is_plain(struct mc_str key);
/* How many attributes within attributes were passed over, and where first. */
int64_t mc_xes_nested(const struct mc_xes *x, int64_t *line, int64_t *column);

/* ---- writing ---- */

struct mc_find_row;
struct mc_event;

/* What of a dossier its row does not say; borrowed. */
struct mc_xes_dossier {
	const struct mc_find_row *row; /* personal[] as far as it may go out */
	const struct mc_zone *zone;
	int64_t registered_at; /* when it was; MC_NEVER: received at once */
	const char *kind;      /* the applicant's; "" */
	const char *alias;     /* "" */
	const char *in_case;   /* as an import names it; "" */
};

/*
 * IEEE 1849-2016 without a namespace, as its schema wants it; times in UTC,
 * as common readers pass over offsets.  Characters that XML cannot hold
 * become U+FFFD and are counted.  Attributes of ours that no reader needs to
 * know begin with "motcua:".  `personal` is the event's personal object, or
 * empty.
 */
struct mc_xes_writer {
	struct mc_buf *b;
	int64_t replaced;
};
void mc_xes_put_head(struct mc_xes_writer *w);
void mc_xes_put_trace(struct mc_xes_writer *w, const struct mc_xes_dossier *d);
void mc_xes_put_event(
    struct mc_xes_writer *w, const struct mc_event *e, struct mc_str personal);
void mc_xes_put_trace_end(struct mc_xes_writer *w);
void mc_xes_put_tail(struct mc_xes_writer *w);

#endif
