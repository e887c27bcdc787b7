/* xes.c - see motcua/xes.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/event.h>
#include <motcua/mem.h>
#include <motcua/text.h>
#include <motcua/xes.h>
#include <motcua/xml.h>

#define TEXT_MAX (4u << 20) /* bytes of a trace's, an event's attributes */
#define KEY_MAX 250         /* with "case:" before it, JSON takes it */

/* Where an attribute's texts stand. */
struct piece {
	size_t name, name_len, value, value_len;
	bool number, plain;
};

struct part {
	MC_VEC(struct piece) v;
	struct mc_buf text;
	struct mc_err bad;
};

struct mc_xes {
	struct mc_source *src;
	struct mc_xml *xml;
	struct part of[2]; /* trace, event */
	MC_VEC(struct mc_xes_attr) attr;
	bool in_log, in_trace, in_event, in_attribute;
	bool has_events; /* the trace */
	int skip;        /* open elements inside one that is passed over */
	uint64_t traces;
	int64_t line, column; /* of the event, or its trace */
	int64_t nested, nested_line, nested_column;
};
enum { TRACE, EVENT };

struct mc_xes *
mc_xes_new(struct mc_source *src)
{
	struct mc_xes *x = mc_calloc(1, sizeof(*x));

	x->src = src;
	x->xml = mc_xml_new(src);
	return x;
}

void
mc_xes_free(struct mc_xes *x)
{
	int i;

	if (x == NULL)
		return;
	mc_xml_free(x->xml);
	for (i = 0; i < 2; i++) {
		mc_vec_free(&x->of[i].v);
		mc_buf_free(&x->of[i].text);
	}
	mc_vec_free(&x->attr);
	free(x);
}

int64_t
mc_xes_nested(const struct mc_xes *x, int64_t *line, int64_t *column)
{
	*line = x->nested_line;
	*column = x->nested_column;
	return x->nested;
}

static void
begin(struct part *p)
{
	p->v.n = 0;
	mc_buf_reset(&p->text);
	mc_err_clear(&p->bad);
}

/* What has a value of its own, and what has only parts. */
static bool
is_attribute(const char *name)
{
	static const char *const types[] = { "string", "date", "int", "float",
		"boolean", "id", "list", "container" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(name, types[i]) == 0)
			return true;
	return false;
}

static bool
has_value(const char *name)
{
	return strcmp(name, "list") != 0 && strcmp(name, "container") != 0;
}

/* Keys of the standard's extensions whose values name no person. */
bool
mc_xes_is_plain(struct mc_str key)
{
	static const char *const keys[] = { "concept:instance",
		"lifecycle:model", "lifecycle:state", "lifecycle:transition",
		"org:group", "org:role", "cost:total", "cost:currency" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (mc_str_is(key, keys[i]))
			return true;
	return false;
}

static void
bad(struct mc_xes *x, struct part *p, const struct mc_xml_tag *t,
    const char *id, const char *what)
{
	if (p->bad.code != MC_OK)
		return;
	mc_err(&p->bad, MC_EDATA, id, "%s", what);
	mc_err_at(&p->bad, mc_source_name(x->src), t->line, t->column);
}

static bool
has_key(const struct part *p, struct mc_str key)
{
	const struct piece *a;
	size_t i;

	for (i = 0; i < p->v.n; i++) {
		a = &p->v.p[i];
		if (a->name_len == key.len &&
		    memcmp(p->text.p + a->name, key.p, key.len) == 0)
			return true;
	}
	return false;
}

static void
pass_over(struct mc_xes *x, const struct mc_xml_tag *t)
{
	if (x->nested++ == 0) {
		x->nested_line = t->line;
		x->nested_column = t->column;
	}
}

static void
add(struct mc_xes *x, struct part *p, const struct mc_xml_tag *t)
{
	const char *key = mc_xml_attr(t, "key"),
		   *value = mc_xml_attr(t, "value");
	bool of_trace = p == &x->of[TRACE];
	struct piece a = { .name = p->text.len };
	struct mc_str name;

	if (!has_value(t->name)) {
		pass_over(x, t);
		return;
	}
	if (key == NULL || *key == '\0' || value == NULL) {
		bad(x, p, t, "E_XES",
		    "an attribute has a \"key\" and a \"value\"");
		return;
	}
	if (strlen(key) > KEY_MAX || p->v.n == MC_XES_ATTRIBUTES ||
	    strlen(value) > TEXT_MAX - p->text.len - KEY_MAX - 8) {
		bad(x, p, t, "E_LIMIT",
		    "a key of more than 250 bytes, more than 1000 attributes, "
		    "or more than 4 MiB of them");
		return;
	}
	mc_buf_puts(&p->text, of_trace ? MC_XES_TRACE : "");
	mc_buf_puts(&p->text, key);
	a.name_len = p->text.len - a.name;
	name = (struct mc_str){ p->text.p + a.name, a.name_len };
	if (has_key(p, name)) {
		p->text.len = a.name;
		bad(x, p, t, "E_DUPLICATE", "two attributes have one key");
		return;
	}
	a.value = p->text.len;
	a.value_len = strlen(value);
	mc_buf_add(&p->text, value, a.value_len);
	a.number = strcmp(t->name, "int") == 0 || strcmp(t->name, "float") == 0;
	a.plain = !of_trace && mc_xes_is_plain(mc_str(key));
	mc_vec_push(&p->v, a);
}

static void
put_part(struct mc_xes *x, const struct part *p, bool trace)
{
	const struct piece *a;
	size_t i;

	for (i = 0; i < p->v.n; i++) {
		a = &p->v.p[i];
		mc_vec_push(&x->attr,
		    ((struct mc_xes_attr){
			.name = { p->text.p + a->name, a->name_len },
			.value = { p->text.p + a->value, a->value_len },
			.trace = trace,
			.number = a->number,
			.plain = a->plain }));
	}
}

/* In a log of ours: one of the kinds that are no activity. */
static bool
repeats(const struct mc_xes *x, size_t from)
{
	size_t i;
	int k;

	for (i = from; i < x->attr.n; i++)
		if (mc_str_is(x->attr.p[i].name, MC_XES_KIND))
			for (k = 0; k < MC_K__COUNT; k++)
				if (k != MC_K_ACTIVITY &&
				    mc_str_is(x->attr.p[i].value,
					mc_kind_name((enum mc_kind)k)))
					return true;
	return false;
}

static int
make_row(struct mc_xes *x, bool no_event, struct mc_xes_row *row)
{
	memset(row, 0, sizeof(*row));
	x->attr.n = 0;
	if (x->in_trace || no_event)
		put_part(x, &x->of[TRACE], true);
	row->of_trace = x->attr.n;
	if (!no_event)
		put_part(x, &x->of[EVENT], false);
	row->trace = x->in_trace || no_event ? x->traces : 0;
	row->no_event = no_event || repeats(x, row->of_trace);
	row->attr = x->attr.p;
	row->n = x->attr.n;
	row->line = x->line;
	row->column = x->column;
	if (row->trace > 0)
		row->bad = x->of[TRACE].bad;
	if (row->bad.code == MC_OK && !no_event)
		row->bad = x->of[EVENT].bad;
	return 1;
}

static int
no_log(struct mc_xes *x, const struct mc_xml_tag *t, struct mc_err *err,
    const char *what)
{
	mc_err(err, MC_EDATA, "E_XES", "%s", what);
	return mc_err_at(err, mc_source_name(x->src), t->line, t->column);
}

static void
open_event(struct mc_xes *x, const struct mc_xml_tag *t)
{
	x->in_event = x->has_events = true;
	x->line = t->line;
	x->column = t->column;
	begin(&x->of[EVENT]);
}

static int
open_in_log(struct mc_xes *x, const struct mc_xml_tag *t)
{
	if (strcmp(t->name, "trace") == 0) {
		x->in_trace = true;
		x->has_events = false;
		x->traces++;
		x->line = t->line;
		x->column = t->column;
		begin(&x->of[TRACE]);
	} else if (strcmp(t->name, "event") == 0) {
		open_event(x, t);
	} else {
		x->skip = 1; /* of the log as a whole */
	}
	return 0;
}

static int
on_open(struct mc_xes *x, const struct mc_xml_tag *t, struct mc_err *err)
{
	if (x->skip > 0) {
		x->skip++;
		return 0;
	}
	if (!x->in_log) {
		if (strcmp(t->name, "log") != 0)
			return no_log(x, t, err,
			    "no event log in XES: its outermost element is "
			    "not <log>");
		x->in_log = true;
		return 0;
	}
	if (x->in_attribute) {
		pass_over(x, t);
		x->skip = 1;
	} else if (!x->in_trace && !x->in_event) {
		return open_in_log(x, t);
	} else if (is_attribute(t->name)) {
		if (!x->in_event && x->has_events)
			return no_log(x, t, err,
			    "an attribute of a trace behind its events");
		add(x, &x->of[x->in_event ? EVENT : TRACE], t);
		x->in_attribute = true;
	} else if (!x->in_event && strcmp(t->name, "event") == 0) {
		open_event(x, t);
	} else {
		pass_over(x, t);
		x->skip = 1;
	}
	return 0;
}

/* 1 with a row, 0. */
static int
on_close(struct mc_xes *x, struct mc_xes_row *row)
{
	if (x->skip > 0) {
		x->skip--;
	} else if (x->in_attribute) {
		x->in_attribute = false;
	} else if (x->in_event) {
		x->in_event = false;
		return make_row(x, false, row);
	} else if (x->in_trace) {
		x->in_trace = false;
		if (!x->has_events)
			return make_row(x, true, row);
	}
	return 0;
}

int
mc_xes_next(
    struct mc_xes *x, struct mc_xes_row *row, bool wait, struct mc_err *err)
{
	struct mc_xml_tag t;
	int rc;

	while ((rc = mc_xml_next(x->xml, &t, wait, err)) == 1) {
		if (t.kind == MC_XML_CLOSE) {
			if (on_close(x, row) == 1)
				return 1;
		} else if (on_open(x, &t, err) == -1) {
			return -1;
		}
	}
	return rc;
}
