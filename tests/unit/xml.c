/* xml.h: tags in order and in their places, and what is refused. */
#include <stdlib.h>

#include <motcua/xml.h>

#include "tap.h"

/* "<name k=v ...@line:column/depth" or ">name", "!ID where", one after another. */
static char *
tags(const char *text, size_t n)
{
	struct mc_source *src = mc_source_memory("f", text, n);
	struct mc_xml *x = mc_xml_new(src);
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_xml_tag t;
	const char *p;
	size_t i;
	int rc;

	while ((rc = mc_xml_next(x, &t, true, &err)) == 1) {
		mc_buf_puts(&b, t.kind == MC_XML_OPEN ? "<" : ">");
		mc_buf_puts(&b, t.name);
		for (i = 0, p = t.attr; i < t.attrs; i++) {
			mc_buf_printf(&b, " %s=", p);
			p += strlen(p) + 1;
			mc_buf_puts(&b, p);
			p += strlen(p) + 1;
		}
		if (t.kind == MC_XML_OPEN)
			mc_buf_printf(&b, "@%d:%d/%d", (int)t.line,
			    (int)t.column, t.depth);
	}
	if (rc == -1)
		mc_buf_printf(&b, "!%s %s", err.id, err.where);
	/* It stays so. */
	if (rc == -1 && mc_xml_next(x, &t, true, &err) != -1)
		mc_buf_puts(&b, " and went on");
	mc_xml_free(x);
	mc_source_free(src);
	return mc_buf_detach(&b);
}

static void
documents(void)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "<a/>", "<a@1:1/1>a" },
		{ "<?xml version='1.0'?>\n<a>\n <b k='1' l=\"&lt;&#10;\"/></a>",
		    "<a@2:1/1<b k=1 l=<\n@3:2/2>b>a" },
		{ "<a xmlns='u' xmlns:x='v' x:k='1'><x:b/></a>",
		    "<a k=1@1:1/1<b@1:34/2>b>a" },
		{ "<a>text<!-- c --><?p i?><![CDATA[<b>]]></a>", "<a@1:1/1>a" },
		{ "\xEF\xBB\xBF<\xC4\x91/>", "<\xC4\x91@1:2/1>\xC4\x91" },
		{ "<?xml version='1.0' encoding='ISO-8859-1'?><a k='\xE9'/>",
		    "<a k=\xC3\xA9@1:44/1>a" },
		{ "", "!E_XML f:1:1" },
		{ " ", "!E_XML f:1:2" },
		{ "a", "!E_XML f:1:1" },
		{ "<a>", "<a@1:1/1!E_XML f:1:4" },
		{ "<a><b></a>", "<a@1:1/1<b@1:4/2!E_XML f:1:9" },
		{ "<a/><b/>", "<a@1:1/1>a!E_XML f:1:5" },
		{ "<a k='1' k='2'/>", "!E_XML f:1:10" },
		{ "<a k='<'/>", "!E_XML f:1:7" },
		{ "<a>&b;</a>", "<a@1:1/1!E_XML f:1:4" },
		{ "<x:a/>", "!E_XML f:1:1" },
		{ "<a>\xC3\x28</a>", "<a@1:1/1!E_XML f:1:4" },
		{ "<a>\x01</a>", "<a@1:1/1!E_XML f:1:4" },
		{ "<!DOCTYPE a><a/>", "!E_DTD f:1:12" },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "!E_DTD f:1:13" },
		{ "<?xml version='1.0' encoding='cp1258'?><a/>",
		    "!E_ENCODING f:1:31" },
	};
	char *got, label[24];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(label, sizeof(label), "row %zu", i + 1);
		TAP_ROW(label);
		got = tags(row[i].text, strlen(row[i].text));
		IS_STR(got, row[i].want);
		free(got);
	}
	TAP_ROW(NULL);
}

/* `depth` elements within each other. */
static char *
nested(int depth)
{
	struct mc_buf b = { 0 };
	char *got;
	int i;

	for (i = 0; i < depth; i++)
		mc_buf_puts(&b, "<a>");
	for (i = 0; i < depth; i++)
		mc_buf_puts(&b, "</a>");
	got = tags(b.p, b.len);
	mc_buf_free(&b);
	return got;
}

/* A document with a value of n bytes. */
static char *
long_value(size_t n)
{
	struct mc_buf b = { 0 };
	char *got;

	mc_buf_puts(&b, "<a k='");
	memset(mc_buf_room(&b, n), 'x', n);
	b.len += n;
	mc_buf_puts(&b, "'/>");
	got = tags(b.p, b.len);
	mc_buf_free(&b);
	return got;
}

static void
limits(void)
{
	char *got = nested(MC_XML_DEPTH);

	OK(strchr(got, '!') == NULL);
	free(got);
	got = nested(MC_XML_DEPTH + 1);
	IS_STR(strchr(got, '!'), "!E_LIMIT f:1:193");
	free(got);
	got = long_value(MC_XML_TOKEN - 1000);
	OK(strncmp(got, "<a k=xxx", 8) == 0 && strchr(got, '!') == NULL);
	free(got);
	got = long_value(MC_XML_TOKEN + 200000);
	IS_STR(got, "!E_LIMIT f:1:1");
	free(got);
}

static void
attributes(void)
{
	static const char text[] = "<a one='1' two=''/>";
	struct mc_source *src = mc_source_memory("f", text, strlen(text));
	struct mc_xml *x = mc_xml_new(src);
	struct mc_err err = MC_ERR_INIT;
	struct mc_xml_tag t;

	IS(mc_xml_next(x, &t, true, &err), 1);
	IS_STR(mc_xml_attr(&t, "one"), "1");
	IS_STR(mc_xml_attr(&t, "two"), "");
	OK(mc_xml_attr(&t, "three") == NULL);
	mc_xml_free(x);
	mc_source_free(src);
	mc_xml_free(NULL);
}

int
main(void)
{
	documents();
	limits();
	attributes();
	return tap_done();
}
