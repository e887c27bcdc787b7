/* dvcqg.c - reading envelopes; see motcua/dvcqg.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/dvcqg.h>
#include <motcua/json.h>
#include <motcua/mem.h>

#define ITEM_MAX (4u << 20)

/* Where the scanner is, outside strings. */
enum where {
	OUTSIDE, /* between envelopes */
	HEAD,    /* in an envelope, and not in its data */
	BETWEEN, /* in its data, before a dossier or the end */
	BEHIND,  /* in its data, behind a dossier */
	ITEM     /* in a dossier */
};

struct mc_dvcqg_reader {
	struct mc_source *src;
	enum where where;
	int depth; /* of brackets, in the envelope's head or in the dossier */
	bool string, escape;
	bool first; /* no dossier of these data was seen yet */
	bool has_data, list;
	struct mc_buf head, item;
	struct mc_buf unit;
	int64_t line, head_line, item_line;
	bool ended;
};

struct mc_dvcqg_reader *
mc_dvcqg_reader_new(struct mc_source *src)
{
	struct mc_dvcqg_reader *r = mc_calloc(1, sizeof(*r));

	r->src = src;
	r->line = 1;
	return r;
}

void
mc_dvcqg_reader_free(struct mc_dvcqg_reader *r)
{
	if (r == NULL)
		return;
	mc_buf_free(&r->head);
	mc_buf_free(&r->item);
	mc_buf_free(&r->unit);
	free(r);
}

static int
wrong(struct mc_dvcqg_reader *r, int64_t line, const char *id, const char *what,
    struct mc_err *err)
{
	mc_err(err, MC_EDATA, id, "%s", what);
	return mc_err_at(err, mc_source_name(r->src), line, 0);
}

static bool
space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Does the head end in "data": as one of the envelope's own members? */
static bool
data_comes(const struct mc_buf *head)
{
	size_t n = head->len;
	const char *p = head->p;

	while (n > 0 && space(p[n - 1]))
		n--;
	if (n == 0 || p[--n] != ':')
		return false;
	while (n > 0 && space(p[n - 1]))
		n--;
	if (n < 6 || memcmp(p + n - 6, "\"data\"", 6) != 0)
		return false;
	n -= 6;
	while (n > 0 && space(p[n - 1]))
		n--;
	return n > 0 && (p[n - 1] == '{' || p[n - 1] == ',');
}

/* The envelope's own members, as far as they have come. */
static int
look_at_head(struct mc_dvcqg_reader *r, bool whole, struct mc_err *err)
{
	struct mc_json *doc;
	const char *s;
	size_t n = r->head.len;
	int rc = 0;

	if (!whole)
		mc_buf_puts(&r->head, "[]}");
	rc = mc_json_parse(&doc, mc_source_name(r->src),
	    (struct mc_str){ r->head.p, r->head.len }, err);
	r->head.len = n;
	if (rc == -1) {
		err->where[0] = '\0';
		return mc_err_at(err, mc_source_name(r->src), r->head_line, 0);
	}
	s = mc_json_str(mc_json_get(doc, "service"));
	mc_buf_reset(&r->unit);
	mc_buf_puts(&r->unit, mc_json_str(mc_json_get(doc, "madonvi")) != NULL
				  ? mc_json_str(mc_json_get(doc, "madonvi"))
				  : "");
	if (s != NULL && strcmp(s, MC_DVCQG_SERVICE) != 0) {
		mc_err(err, MC_EDATA, "E_SERVICE",
		    "service \"%.40s\" carries no dossiers; " MC_DVCQG_SERVICE
		    " does",
		    s);
		rc = mc_err_at(err, mc_source_name(r->src), r->head_line, 0);
	}
	mc_json_free(doc);
	return rc;
}

static int
begin_item(struct mc_dvcqg_reader *r)
{
	r->where = ITEM;
	r->depth = 0;
	r->item_line = r->line;
	mc_buf_reset(&r->item);
	return 0;
}

/* A character outside of everything, or between dossiers. */
static int
between(struct mc_dvcqg_reader *r, char c, struct mc_err *err)
{
	if (space(c))
		return 0;
	if (r->where == OUTSIDE) {
		r->has_data = false;
		r->list = c == '[';
		r->head_line = r->line;
		mc_buf_reset(&r->head);
		mc_buf_reset(&r->unit);
		r->depth = 0;
		r->where = r->list ? BETWEEN : HEAD;
		r->first = true;
		if (c == '{' || c == '[')
			return 0;
		return wrong(r, r->line, "E_JSON",
		    "no message of the portal: it begins with neither { nor [",
		    err);
	}
	if (c == ']' && (r->where == BEHIND || r->first)) {
		r->where = r->list ? OUTSIDE : HEAD;
		r->depth = 1;
		mc_buf_puts(&r->head, "[]");
		return 0;
	}
	if (c == ',' && r->where == BEHIND) {
		r->where = BETWEEN;
		return 0;
	}
	if (c == '{' && r->where == BETWEEN) {
		r->first = false;
		return begin_item(r);
	}
	return wrong(r, r->line, "E_JSON",
	    "an object, a dossier, is to come here, or the data's end", err);
}

/* One character more; 1: an item is complete, or a bare dossier. */
static int
inside(struct mc_dvcqg_reader *r, char c, struct mc_err *err)
{
	struct mc_buf *b = r->where == ITEM ? &r->item : &r->head;

	if (b->len >= ITEM_MAX)
		return wrong(r, r->where == ITEM ? r->item_line : r->head_line,
		    "E_LIMIT",
		    "a dossier, or an envelope without its data, of more than "
		    "4 MiB",
		    err);
	mc_buf_putc(b, c);
	if (r->string) {
		if (r->escape)
			r->escape = false;
		else if (c == '\\')
			r->escape = true;
		else if (c == '"')
			r->string = false;
		return 0;
	}
	if (c == '"') {
		r->string = true;
	} else if (c == '{' || c == '[') {
		r->depth++;
		if (c == '[' && r->where == HEAD && r->depth == 2 &&
		    !r->has_data) {
			b->len--;
			b->p[b->len] = '\0';
			if (!data_comes(b)) {
				mc_buf_putc(b, c);
				return 0;
			}
			r->has_data = r->first = true;
			if (look_at_head(r, false, err) == -1)
				return -1;
			r->where = BETWEEN;
		}
	} else if ((c == '}' || c == ']') && --r->depth == 0) {
		return 1;
	}
	return 0;
}

/* What is complete now: 1 with the item, 0 when it is none. */
static int
complete(
    struct mc_dvcqg_reader *r, struct mc_dvcqg_item *item, struct mc_err *err)
{
	if (r->where == ITEM) {
		r->where = BEHIND;
		*item = (struct mc_dvcqg_item){
			.text = { r->item.p, r->item.len },
			.line = r->item_line,
			.unit = mc_buf_str(&r->unit),
			.bare = r->list,
		};
		return 1;
	}
	r->where = OUTSIDE;
	if (r->has_data)
		return look_at_head(r, true, err);
	*item = (struct mc_dvcqg_item){ .text = { r->head.p, r->head.len },
		.line = r->head_line,
		.unit = "",
		.bare = true };
	return 1;
}

static int
step(struct mc_dvcqg_reader *r, char c, struct mc_dvcqg_item *item,
    struct mc_err *err)
{
	int rc = 0;

	if (r->where != HEAD && r->where != ITEM) {
		rc = between(r, c, err);
		/* The bracket that has begun it belongs to it. */
		if (rc == 0 && (r->where == HEAD || r->where == ITEM) &&
		    c == '{')
			rc = inside(r, c, err);
	} else {
		rc = inside(r, c, err);
	}
	if (rc == 1)
		rc = complete(r, item, err);
	r->line += c == '\n';
	return rc;
}

int
mc_dvcqg_next(struct mc_dvcqg_reader *r, struct mc_dvcqg_item *item, bool wait,
    struct mc_err *err)
{
	const char *p;
	size_t n, i;
	int rc, got = 0;

	for (;;) {
		rc = mc_source_peek(r->src, &p, &n, false, wait, err);
		if (rc == -1 || rc == MC_WOULD_BLOCK)
			return rc;
		if (n == 0)
			break;
		i = 0;
		if (mc_source_offset(r->src) == 0 && n >= 3 &&
		    memcmp(p, "\xEF\xBB\xBF", 3) == 0)
			i = 3;
		for (got = 0; i < n && got == 0; i++)
			got = step(r, p[i], item, err);
		mc_source_consume(r->src, i);
		if (got != 0)
			return got;
	}
	if (r->where == OUTSIDE)
		return 0;
	return wrong(
	    r, r->line, "E_JSON", "the file ends inside a message", err);
}
