/*
 * xml.h - XML as a stream of tags (expat behind it).
 *
 * For data, not for documents: text between tags, comments and processing
 * instructions are passed over, and a document type declaration is refused,
 * so that there are no entities to expand and nothing is ever fetched.
 * Memory is bounded by MC_XML_TOKEN and the depth, whatever the input.
 */
#ifndef MOTCUA_XML_H
#define MOTCUA_XML_H

#include <stdbool.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>
#include <motcua/lines.h>

#define MC_XML_DEPTH 64         /* elements within each other */
#define MC_XML_TOKEN (2u << 20) /* bytes of one tag, comment ... */

struct mc_xml;

enum mc_xml_kind { MC_XML_OPEN, MC_XML_CLOSE };

/* Names are without their namespace.  Borrowed until the next call. */
struct mc_xml_tag {
	enum mc_xml_kind kind;
	const char *name;
	const char *attr; /* name, value, name, value ..., each with its NUL */
	size_t attrs;     /* how many such pairs (of MC_XML_OPEN) */
	int64_t line, column; /* from 1 */
	int depth;            /* of the element; the outermost is 1 */
};
/* The value of an attribute; NULL: the tag has none of that name. */
const char *mc_xml_attr(const struct mc_xml_tag *t, const char *name);

/* Borrows the source, whose name is used in messages. */
struct mc_xml *mc_xml_new(struct mc_source *src);
void mc_xml_free(struct mc_xml *x);

/*
 * 1, 0 at the end of the document, MC_WOULD_BLOCK if !wait, -1: E_XML (not
 * well-formed, or cut off), E_DTD, E_ENCODING (the declaration names one that
 * is not UTF-8, UTF-16, ISO-8859-1 or US-ASCII), E_LIMIT, with line and
 * column; nothing can be read after it.
 */
int mc_xml_next(struct mc_xml *x, struct mc_xml_tag *tag, bool wait,
    struct mc_err *err) MC_MUST_CHECK;

#endif
