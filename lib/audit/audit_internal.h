/* audit_internal.h - what the two walks over a log share. */
#ifndef AUDIT_INTERNAL_H
#define AUDIT_INTERNAL_H

#include <motcua/audit.h>

#define NO_CODE ((struct mc_str){ NULL, 0 })

/* Numbers of a file that follow each other, one a line: from .. to - 1. */
struct mc_stretch {
	uint64_t from, to;
	int64_t line; /* of the first */
};

/* What both walks keep from event to event. */
struct mc_walk {
	struct mc_findings *f;
	struct mc_audit_result *r;
	struct mc_event e;
	struct mc_buf scratch, raw[MC_F__COUNT], again;
	struct mc_tree tree;
	int64_t last_at;
	uint64_t next; /* the number that comes now */
	int64_t line;
	bool selection; /* a file with gaps that does not begin with 0 */
	MC_VEC(struct mc_stretch) stretch; /* of a file that does not */
};

void mc_walk_free(struct mc_walk *w);
void mc_walk_wrong(struct mc_walk *w, const char *error, int64_t seq,
    struct mc_str code, const char *fmt, ...) MC_PRINTF(5, 6);
/* Of the event in w->e: nested values are in canonical form ... */
void mc_walk_raw(struct mc_walk *w);
/* ... and it is where it should be. */
void mc_walk_place(struct mc_walk *w);
bool mc_walk_commits(
    const struct mc_event *e, const unsigned char salt[16], struct mc_str json);

#endif
