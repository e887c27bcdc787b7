/*
 * intake_differ.c - what two rows of a dossier differ in, and where the
 * earlier one was; see motcua/intake.h.
 *
 * Values of personal columns are in neither the report nor a message.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

#define NAMED 8        /* columns that a message names */
#define FILE_BYTES 100 /* bytes of a file's name in it */

/* ---- differences ---- */

struct list {
	struct mc_intake *in;
	struct mc_jw w;
	bool full; /* of a conflict: what is missing now counts, too */
	struct mc_buf names;
	int n;
};

/* old and new are text; personal: not to be told. */
static void
add(struct list *l, struct mc_str name, bool personal, struct mc_str old,
    struct mc_str new)
{
	if (++l->n <= NAMED) {
		mc_buf_puts(&l->names, l->n == 1 ? "" : ", ");
		mc_buf_add(&l->names, name.p, name.len);
	}
	mc_jw_open(&l->w, '{');
	mc_jw_key(&l->w, "name");
	mc_jw_str(&l->w, name);
	if (!personal) {
		mc_jw_key(&l->w, "old");
		old.len > 0 ? mc_jw_str(&l->w, old) : mc_jw_null(&l->w);
		mc_jw_key(&l->w, "new");
		new.len > 0 ? mc_jw_str(&l->w, new) : mc_jw_null(&l->w);
	}
	mc_jw_close(&l->w, '}');
}

static bool
differs(const struct list *l, struct mc_str old, struct mc_str new)
{
	return (new.len > 0 || l->full) && !mc_str_same(old, new);
}

static bool
is_personal(enum mc_column c)
{
	switch (c) {
	case MC_COL_SUBJECT:
	case MC_COL_APPLICANT_NAME:
	case MC_COL_APPLICANT_ID:
	case MC_COL_PHONE:
	case MC_COL_EMAIL:
	case MC_COL_ADDRESS:
	case MC_COL_NOTE:
		return true;
	default:
		return false;
	}
}

static void
add_time(struct list *l, enum mc_column c, int64_t old, int64_t new)
{
	const struct mc_zone *z = mc_store_zone(l->in->store);
	struct mc_buf a = { 0 }, b = { 0 };

	if (old == new || (new == MC_NEVER && !l->full))
		return;
	if (old != MC_NEVER)
		mc_time_put(&a, old, z);
	if (new != MC_NEVER)
		mc_time_put(&b, new, z);
	add(l, mc_str(mc_column_name(c)), false, (struct mc_str){ a.p, a.len },
	    (struct mc_str){ b.p, b.len });
	mc_buf_free(&a);
	mc_buf_free(&b);
}

static void
add_field(struct list *l, const char *name, bool personal, const char *old,
    const char *new)
{
	struct mc_str a = { "", 0 }, b = { "", 0 };
	struct mc_buf label = { 0 };

	if (old != NULL)
		a = mc_str(old);
	if (new != NULL)
		b = mc_str(new);
	if (differs(l, a, b)) {
		mc_buf_puts(&label, "field.");
		mc_buf_puts(&label, name);
		add(l, mc_str(mc_buf_str(&label)), personal, a, b);
	}
	mc_buf_free(&label);
}

/* Two objects of texts, member by member. */
static void
add_fields(
    struct list *l, struct mc_str old_text, struct mc_str text, bool personal)
{
	struct mc_json *old = NULL, *new = NULL;
	struct mc_err ignored = MC_ERR_INIT;
	const struct mc_json *v;
	const char *name;
	size_t i;

	if (mc_str_same(old_text, text))
		return;
	if ((old_text.len == 0 ||
		mc_json_parse(&old, "fields", old_text, &ignored) == 0) &&
	    (text.len == 0 ||
		mc_json_parse(&new, "fields", text, &ignored) == 0)) {
		for (i = 0; i < mc_json_count(new); i++) {
			v = mc_json_member(new, i, &name);
			add_field(l, name, personal,
			    mc_json_str(mc_json_get(old, name)),
			    mc_json_str(v));
		}
		for (i = 0; i < mc_json_count(old); i++) {
			v = mc_json_member(old, i, &name);
			if (mc_json_get(new, name) == NULL)
				add_field(
				    l, name, personal, mc_json_str(v), NULL);
		}
	}
	mc_json_free(old);
	mc_json_free(new);
}

static void
compare(struct list *l, const struct draft *d, const struct old_row *old)
{
	const int64_t at[MC_COL_DOSSIER__COUNT] = {
		[MC_COL_RECEIVED_AT] = d->received_at,
		/* Before the receipt there is none: it does not change. */
		[MC_COL_DUE_AT] = d->due_given && (l->full || !d->unreceived)
				      ? d->due.at
				      : MC_NEVER,
		[MC_COL_PAUSED_AT] = d->paused_at,
		[MC_COL_FINISHED_AT] = d->finished_at,
		[MC_COL_RETURNED_AT] = d->returned_at,
	};
	bool open = mc_status_open(d->status);
	enum mc_column c;
	int i;

	mc_jw_open(&l->w, '[');
	for (i = 0; i < MC_COL_DOSSIER__COUNT; i++) {
		c = (enum mc_column)i;
		switch (c) {
		case MC_COL_CODE:
			break; /* or an alias of it */
		case MC_COL_CASE:
			break; /* decided at the receipt */
		case MC_COL_RECEIVED_AT:
		case MC_COL_PAUSED_AT:
		case MC_COL_FINISHED_AT:
		case MC_COL_RETURNED_AT:
			add_time(l, c, old->at[c], at[c]);
			break;
		case MC_COL_DUE_AT:
			add_time(l, c, old->due, at[c]);
			break;
		case MC_COL_STATUS:
			if (old->status != d->status)
				add(l, mc_str("status"), false,
				    mc_status_str(old->status),
				    mc_status_str(d->status));
			break;
		default:
			/* A closed one's step is not kept. */
			if (differs(l, old->v[c], d->v[c]) &&
			    (c != MC_COL_STEP || open))
				add(l, mc_str(mc_column_name(c)),
				    is_personal(c), old->v[c], d->v[c]);
			break;
		}
	}
	add_fields(l, old->fields, d->fields, false);
	add_fields(l, old->private_fields, d->private_fields, true);
	if (differs(l, old->kept, d->kept))
		add(l, mc_str(mc_personal_name(MC_P_ATTRIBUTES)), true,
		    old->kept, d->kept);
	mc_jw_close(&l->w, ']');
}

void
mc_intake_note_changes(
    struct mc_intake *in, struct draft *d, const struct old_row *old)
{
	struct mc_buf json = { 0 };
	struct list l = { .in = in, .w = mc_jw(&json) };

	compare(&l, d, old);
	if (l.n > 0)
		d->changed =
		    mc_pool_str(&in->pool, (struct mc_str){ json.p, json.len });
	mc_buf_free(&json);
	mc_buf_free(&l.names);
}

/* ---- places ---- */

void
mc_intake_note_line(struct mc_intake *in, const struct draft *d, uint64_t seq)
{
	struct lines *l = &in->lines;

	if (l->p == NULL)
		l->p = mc_realloc(NULL, LINES, sizeof(*l->p));
	if (l->file.n == 0 ||
	    strcmp(l->file.p[l->file.n - 1].name, in->file) != 0)
		mc_vec_push(&l->file,
		    ((struct line_file){ mc_strdup(in->file), l->n }));
	l->p[l->n++ % LINES] =
	    (struct line){ (uint32_t)(seq - in->first_seq), (uint32_t)d->line };
}

void
mc_intake_free_lines(struct mc_intake *in)
{
	size_t i;

	for (i = 0; i < in->lines.file.n; i++)
		free(in->lines.file.p[i].name);
	mc_vec_free(&in->lines.file);
	free(in->lines.p);
}

/*
 * The row that event `seq` of this run was written for, and its file; NULL:
 * too long ago.
 */
static const struct line *
line_of(const struct mc_intake *in, uint64_t seq, const char **file)
{
	const struct lines *l = &in->lines;
	uint64_t first = l->n > LINES ? l->n - LINES : 0, from = first,
		 to = l->n, mid, event = seq - in->first_seq;
	size_t i;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (l->p[mid % LINES].event <= event)
			from = mid + 1;
		else
			to = mid;
	}
	if (from == first || event > UINT32_MAX)
		return NULL;
	for (i = l->file.n - 1; i > 0 && l->file.p[i].from > from - 1; i--)
		;
	*file = l->file.p[i].name;
	return &l->p[(from - 1) % LINES];
}

static void
put_line(struct mc_buf *b, const char *file, int64_t line)
{
	mc_buf_printf(b, "at %.*s:%lld",
	    (int)mc_utf8_cut(file, strlen(file), FILE_BYTES), file,
	    (long long)line);
}

/* "b.csv:17", or the run that imported it. */
static int
put_place(struct mc_intake *in, const struct old_row *old, struct mc_buf *b,
    struct mc_err *err)
{
	const struct line *line;
	struct mc_cur *cur;
	struct mc_str source;
	const char *name;
	int rc;

	if (old->run == in->run && old->seq >= in->first_seq) {
		line = line_of(in, old->seq, &name);
		if (line == NULL)
			mc_buf_puts(b, "earlier in this run");
		else
			put_line(b, name, line->line);
		return 0;
	}
	if (mc_cur_open(&cur, mc_store_db(in->store), MC_SQL_RUN_GET,
		MC_ARGS(MC_INT(old->run)), err) == -1)
		return -1;
	mc_buf_printf(b, "by run %lld", (long long)old->run);
	if ((rc = mc_cur_next(cur, err)) == 1) {
		mc_buf_puts(b, " of ");
		mc_time_put(b, mc_cur_int(cur, 1, 0) / 1000 * 1000,
		    mc_store_zone(in->store));
		source = mc_cur_text(cur, 2);
		if (!mc_str_is(source, "-"))
			mc_buf_printf(b, " (%.*s)",
			    (int)mc_utf8_cut(source.p, source.len, FILE_BYTES),
			    source.p);
	}
	mc_cur_close(cur);
	return rc == -1 ? -1 : 0;
}

/*
 * A row of the same portion: its events cannot be read from the log without
 * writing what is there of it first, and need not be.
 */
static bool
take_neighbour(struct mc_intake *in, const struct draft *d, struct old_row *old,
    struct mc_buf *place)
{
	const struct draft *e = NULL;
	size_t i;

	if (in->c.last_seq < in->settled)
		return false;
	for (i = 0; i < in->draft.n; i++) {
		e = in->draft.p[i];
		if (e != d && e->why == NULL && e->events > 0 &&
		    e->row_hash == in->c.row_hash &&
		    mc_str_same(e->v[MC_COL_CODE], d->v[MC_COL_CODE]))
			break;
	}
	if (i == in->draft.n)
		return false;
	memset(old, 0, sizeof(*old));
	memcpy(old->v, e->v, sizeof(old->v));
	old->fields = e->fields;
	old->private_fields = e->private_fields;
	old->kept = e->kept;
	old->at[MC_COL_RECEIVED_AT] = e->received_at;
	old->at[MC_COL_PAUSED_AT] = e->paused_at;
	old->at[MC_COL_FINISHED_AT] = e->finished_at;
	old->at[MC_COL_RETURNED_AT] = e->returned_at;
	old->due = e->due_given ? e->due.at : MC_NEVER;
	old->status = e->status;
	put_line(place, in->file, e->line);
	return true;
}

int
mc_intake_conflict(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_buf json = { 0 }, place = { 0 };
	struct list l = { .in = in, .w = mc_jw(&json), .full = true };
	struct old_row old;
	int rc = 0;

	if (!take_neighbour(in, d, &old, &place)) {
		rc = mc_intake_read_old(in, &old, err);
		if (rc == 0)
			rc = put_place(in, &old, &place, err);
	}
	if (rc == 0) {
		compare(&l, d, &old);
		if (l.n > NAMED)
			mc_buf_printf(&l.names, " and %d more", l.n - NAMED);
		mc_intake_refuse(in, d, d->source[MC_COL_CODE], "E_CONFLICT",
		    "\"%.64s\" was imported before with another content, "
		    "%s%s%s",
		    d->v[MC_COL_CODE].p, mc_buf_str(&place),
		    l.n > 0 ? "; different: " : "", mc_buf_str(&l.names));
		if (!in->told_update)
			mc_err_advise((struct mc_err *)(uintptr_t)d->why,
			    "--update takes over what differs between the two "
			    "rows");
		in->told_update = true;
	}
	mc_buf_free(&json);
	mc_buf_free(&place);
	mc_buf_free(&l.names);
	return rc;
}
