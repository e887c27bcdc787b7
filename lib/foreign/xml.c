/* xml.c - see motcua/xml.h. */
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include <motcua/mem.h>
#include <motcua/xml.h>

#define CHUNK 65536 /* parsed at a time: what waits to be handed out */

/* A tag that waits; its texts begin at `at` in the queue's text. */
struct waiting {
	enum mc_xml_kind kind;
	size_t at, attrs;
	int64_t line, column;
	int depth;
};

struct mc_xml {
	struct mc_source *src;
	XML_Parser parser;
	MC_VEC(struct waiting) queue;
	struct mc_buf text;
	size_t next; /* of the queue */
	int depth;
	int64_t fed, seen; /* bytes; and where the last known token began */
	bool ended;
	struct mc_err err; /* told when the queue is empty */
};

/* "namespace name": the part behind the space. */
static const char *
local(const char *name)
{
	const char *space = strrchr(name, ' ');

	return space == NULL ? name : space + 1;
}

static void
place(struct mc_xml *x)
{
	mc_err_at(&x->err, mc_source_name(x->src),
	    (int64_t)XML_GetCurrentLineNumber(x->parser),
	    (int64_t)XML_GetCurrentColumnNumber(x->parser) + 1);
}

static void
stop(struct mc_xml *x, const char *id, const char *what)
{
	if (x->err.code != MC_OK)
		return;
	mc_err(&x->err, MC_EDATA, id, "%s", what);
	place(x);
	XML_StopParser(x->parser, XML_FALSE);
}

static void
push(struct mc_xml *x, enum mc_xml_kind kind, const char *name,
    const char *const *attr)
{
	struct waiting w = { .kind = kind,
		.at = x->text.len,
		.line = (int64_t)XML_GetCurrentLineNumber(x->parser),
		.column = (int64_t)XML_GetCurrentColumnNumber(x->parser) + 1,
		.depth = x->depth };

	name = local(name);
	mc_buf_add(&x->text, name, strlen(name) + 1);
	for (; attr != NULL && *attr != NULL; attr += 2, w.attrs++) {
		name = local(attr[0]);
		mc_buf_add(&x->text, name, strlen(name) + 1);
		mc_buf_add(&x->text, attr[1], strlen(attr[1]) + 1);
	}
	mc_vec_push(&x->queue, w);
}

static void XMLCALL
on_open(void *arg, const XML_Char *name, const XML_Char **attr)
{
	struct mc_xml *x = arg;

	if (x->err.code != MC_OK)
		return;
	if (x->depth == MC_XML_DEPTH) {
		stop(x, "E_LIMIT", "elements are nested more than 64 deep");
		return;
	}
	x->depth++;
	push(x, MC_XML_OPEN, name, (const char *const *)attr);
}

static void XMLCALL
on_close(void *arg, const XML_Char *name)
{
	struct mc_xml *x = arg;

	if (x->err.code != MC_OK)
		return;
	push(x, MC_XML_CLOSE, name, NULL);
	x->depth--;
}

static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid,
    const XML_Char *pubid, int internal)
{
	struct mc_xml *x = arg;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	stop(x, "E_DTD", "a document type declaration (DTD) is not taken");
	mc_err_advise(&x->err, "take the lines of <!DOCTYPE ...> out; data "
			       "need none");
}

/* Memory is there, or the process ends: none of its calls fails for it. */
static void *
take(size_t n)
{
	return mc_alloc(n == 0 ? 1 : n);
}

static void *
take_again(void *p, size_t n)
{
	return mc_realloc(p, n == 0 ? 1 : n, 1);
}

static const XML_Memory_Handling_Suite memory = { take, take_again, free };

struct mc_xml *
mc_xml_new(struct mc_source *src)
{
	struct mc_xml *x = mc_calloc(1, sizeof(*x));

	x->src = src;
	x->parser = XML_ParserCreate_MM(NULL, &memory, " ");
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_open, on_close);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	return x;
}

void
mc_xml_free(struct mc_xml *x)
{
	if (x == NULL)
		return;
	XML_ParserFree(x->parser);
	mc_vec_free(&x->queue);
	mc_buf_free(&x->text);
	free(x);
}

static void
not_xml(struct mc_xml *x)
{
	enum XML_Error e = XML_GetErrorCode(x->parser);

	if (x->err.code != MC_OK)
		return;
	if (e == XML_ERROR_UNKNOWN_ENCODING ||
	    e == XML_ERROR_INCORRECT_ENCODING) {
		mc_err(&x->err, MC_EDATA, "E_ENCODING",
		    "not an encoding that XML is read in here: UTF-8, UTF-16, "
		    "ISO-8859-1 and US-ASCII are");
		mc_err_advise(
		    &x->err, "iconv makes UTF-8 of it; mend its <?xml ...?>");
	} else if (x->fed == 0) {
		mc_err(&x->err, MC_EDATA, "E_XML", "there is nothing in it");
	} else if (x->ended && (e == XML_ERROR_NO_ELEMENTS ||
				   e == XML_ERROR_UNCLOSED_TOKEN ||
				   e == XML_ERROR_PARTIAL_CHAR)) {
		mc_err(&x->err, MC_EDATA, "E_XML",
		    "cut off: it ends before its outermost element does");
	} else {
		mc_err(&x->err, MC_EDATA, "E_XML", "not XML: %s",
		    XML_ErrorString(e));
	}
	place(x);
}

/* What the parser holds back is a token whose end it has not seen. */
static void
feed(struct mc_xml *x, const char *p, size_t n, bool end)
{
	int64_t at;

	x->fed += (int64_t)n;
	if (XML_Parse(x->parser, p, (int)n, end) == XML_STATUS_ERROR) {
		not_xml(x);
		return;
	}
	/* Newer parsers wait before they try again, and then have no index. */
	at = (int64_t)XML_GetCurrentByteIndex(x->parser);
	if (at > x->seen)
		x->seen = at;
	if (x->err.code == MC_OK && x->fed - x->seen > MC_XML_TOKEN)
		stop(x, "E_LIMIT", "a tag of more than 2 MiB");
}

/* More of the input through the parser: 1, MC_WOULD_BLOCK, -1. */
static int
parse_some(struct mc_xml *x, bool wait, struct mc_err *err)
{
	const char *p;
	size_t n;
	int rc = mc_source_peek(x->src, &p, &n, false, wait, err);

	if (rc == -1 || rc == MC_WOULD_BLOCK)
		return rc;
	x->queue.n = x->next = 0;
	mc_buf_reset(&x->text);
	if (n > CHUNK)
		n = CHUNK;
	x->ended = rc == 0 && n == 0;
	feed(x, p, n, x->ended);
	mc_source_consume(x->src, n);
	return 1;
}

int
mc_xml_next(
    struct mc_xml *x, struct mc_xml_tag *tag, bool wait, struct mc_err *err)
{
	const struct waiting *w;
	const char *p;
	int rc;

	while (x->next == x->queue.n) {
		if (x->err.code != MC_OK) {
			*err = x->err;
			return -1;
		}
		if (x->ended)
			return 0;
		rc = parse_some(x, wait, err);
		if (rc != 1)
			return rc;
	}
	w = &x->queue.p[x->next++];
	p = x->text.p + w->at;
	*tag = (struct mc_xml_tag){ .kind = w->kind,
		.name = p,
		.attr = p + strlen(p) + 1,
		.attrs = w->attrs,
		.line = w->line,
		.column = w->column,
		.depth = w->depth };
	return 1;
}

const char *
mc_xml_attr(const struct mc_xml_tag *t, const char *name)
{
	const char *p = t->attr, *value;
	size_t i;

	for (i = 0; i < t->attrs; i++) {
		value = p + strlen(p) + 1;
		if (strcmp(p, name) == 0)
			return value;
		p = value + strlen(value) + 1;
	}
	return NULL;
}
