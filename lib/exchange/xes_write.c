/* xes_write.c - dossiers as an event log in XES; see motcua/xes.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/event.h>
#include <motcua/find.h>
#include <motcua/json.h>
#include <motcua/text.h>
#include <motcua/xes.h>

static void
puts_to(struct mc_xes_writer *w, const char *s)
{
	mc_buf_puts(w->b, s);
}

/* XML 1.0 has no control characters but three, and not these two. */
static bool
is_char(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0xFFFE && cp != 0xFFFF
			  : cp == '\t' || cp == '\n' || cp == '\r';
}

/* In an attribute line ends and tabs would become spaces. */
static void
put_escaped(struct mc_xes_writer *w, struct mc_str s)
{
	size_t at, len;
	uint32_t cp;

	for (at = 0; at < s.len; at += len) {
		cp = mc_utf8_decode(s.p + at, s.len - at, &len);
		if (!is_char(cp)) {
			mc_utf8_put(w->b, 0xFFFD);
			w->replaced++;
		} else if (cp == '&') {
			puts_to(w, "&amp;");
		} else if (cp == '<') {
			puts_to(w, "&lt;");
		} else if (cp == '>') {
			puts_to(w, "&gt;");
		} else if (cp == '"') {
			puts_to(w, "&quot;");
		} else if (cp < 0x20) {
			mc_buf_printf(w->b, "&#%u;", (unsigned)cp);
		} else {
			mc_buf_add(w->b, s.p + at, len);
		}
	}
}

/* A key is a name of XML: what cannot be in one becomes an underline. */
static void
put_key(struct mc_xes_writer *w, struct mc_str key)
{
	size_t i;
	char c;
	bool ok;

	for (i = 0; i < key.len; i++) {
		c = key.p[i];
		ok =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_' || c == ':' ||
		    (i > 0 && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
		/*
		 * Beyond ASCII nearly all letters may be in one; what may not
		 * (signs) is not worth a table.
		 */
		if (!ok && (unsigned char)c >= 0xC3 && key.len - i > 1) {
			size_t len;
			uint32_t cp =
			    mc_utf8_decode(key.p + i, key.len - i, &len);

			ok = (cp >= 0xC0 && cp <= 0x1FF && cp != 0xD7 &&
				 cp != 0xF7) ||
			     (cp >= 0x1E00 && cp <= 0x1EFF);
			if (ok)
				mc_buf_add(w->b, key.p + i, len);
			else
				mc_buf_putc(w->b, '_');
			i += len - 1;
			continue;
		}
		mc_buf_putc(w->b, ok ? c : '_');
	}
}

static void
put_attr(struct mc_xes_writer *w, const char *indent, const char *type,
    struct mc_str key, struct mc_str value)
{
	puts_to(w, indent);
	mc_buf_putc(w->b, '<');
	puts_to(w, type);
	puts_to(w, " key=\"");
	put_key(w, key);
	puts_to(w, "\" value=\"");
	put_escaped(w, value);
	puts_to(w, "\"/>\n");
}

#define IN_TRACE "\t\t"
#define IN_EVENT "\t\t\t"

static void
put_str(struct mc_xes_writer *w, const char *indent, const char *key,
    struct mc_str value)
{
	if (value.len > 0)
		put_attr(w, indent, "string", mc_str(key), value);
}

static void
put_date(
    struct mc_xes_writer *w, const char *indent, const char *key, int64_t ms)
{
	char text[MC_TIME_TEXT];

	if (ms != MC_NEVER)
		put_attr(w, indent, "date", mc_str(key),
		    (struct mc_str){ text, mc_time_text_utc(text, ms) });
}

static void
put_int(struct mc_xes_writer *w, const char *key, int64_t n)
{
	struct mc_buf text = { 0 };

	mc_buf_int(&text, n);
	put_attr(w, IN_EVENT, "int", mc_str(key),
	    (struct mc_str){ text.p, text.len });
	mc_buf_free(&text);
}

/* Is it one that the writer writes itself? */
static bool
is_own(const char *key)
{
	static const char *const own[] = { "concept:name", "time:timestamp",
		"org:resource", "alias", "procedure", "case", "unit", "channel",
		"applicant_kind", "received_at", "due_at", "paused_at",
		"finished_at", "returned_at", "status", "step", "holder",
		"officer", "applicant_name", "applicant_id", "phone", "email",
		"address", "subject", "note", "reason" };
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(key, own[i]) == 0)
			return true;
	return strncmp(key, MC_XES_OURS, sizeof(MC_XES_OURS) - 1) == 0 ||
	       strncmp(key, "field.", 6) == 0;
}

/* An object's members: text as text, what has parts as its JSON. */
static void
put_members(
    struct mc_xes_writer *w, const char *indent, const struct mc_json *object)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf text = { 0 }, name = { 0 };
	const struct mc_json *v;
	const char *key;
	size_t i, skip = sizeof(MC_XES_TRACE) - 1;

	for (i = 0; i < mc_json_count(object); i++) {
		v = mc_json_member(object, i, &key);
		if (strncmp(key, MC_XES_TRACE, skip) == 0 && key[skip] != '\0')
			key += skip;
		if (strcmp(key, "lifecycle:transition") == 0)
			continue; /* is written with every event */
		/* No key may stand twice. */
		mc_buf_reset(&name);
		mc_buf_puts(&name, is_own(key) ? "source:" : "");
		mc_buf_puts(&name, key);
		mc_buf_reset(&text);
		if (mc_json_str(v) != NULL)
			mc_buf_puts(&text, mc_json_str(v));
		else if (mc_json_canonical(&text, v, &ignored) == -1)
			continue; /* what is stored is canonical */
		put_attr(w, indent, "string",
		    (struct mc_str){ name.p, name.len },
		    (struct mc_str){ text.p, text.len });
	}
	mc_buf_free(&text);
	mc_buf_free(&name);
}

static void
put_object(struct mc_xes_writer *w, const char *indent, struct mc_str json)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc;

	if (json.len == 0 || mc_json_parse(&doc, "", json, &ignored) == -1)
		return;
	put_members(w, indent, doc);
	mc_json_free(doc);
}

void
mc_xes_put_head(struct mc_xes_writer *w)
{
	static const char *const extensions[][3] = {
		{ "Concept", "concept",
		    "http://www.xes-standard.org/"
		    "concept.xesext" },
		{ "Time", "time", "http://www.xes-standard.org/time.xesext" },
		{ "Organizational", "org",
		    "http://www.xes-standard.org/"
		    "org.xesext" },
		{ "Lifecycle", "lifecycle",
		    "http://www.xes-standard.org/"
		    "lifecycle.xesext" },
	};
	size_t i;

	puts_to(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<log xes.version=\"1849.2016\" xes.features=\"\">\n");
	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		mc_buf_printf(w->b,
		    "\t<extension name=\"%s\" prefix=\"%s\" uri=\"%s\"/>\n",
		    extensions[i][0], extensions[i][1], extensions[i][2]);
	puts_to(w,
	    "\t<global scope=\"trace\">\n"
	    "\t\t<string key=\"concept:name\" value=\"-\"/>\n"
	    "\t</global>\n"
	    "\t<global scope=\"event\">\n"
	    "\t\t<string key=\"concept:name\" value=\"-\"/>\n"
	    "\t\t<date key=\"time:timestamp\" "
	    "value=\"1970-01-01T00:00:00Z\"/>\n"
	    "\t\t<string key=\"lifecycle:transition\" value=\"complete\"/>\n"
	    "\t\t<string key=\"motcua:kind\" value=\"activity\"/>\n"
	    "\t\t<int key=\"motcua:seq\" value=\"0\"/>\n"
	    "\t</global>\n"
	    "\t<classifier name=\"Activity\" scope=\"event\" "
	    "keys=\"concept:name\"/>\n"
	    "\t<classifier name=\"Resource\" scope=\"event\" "
	    "keys=\"org:resource\"/>\n"
	    "\t<string key=\"lifecycle:model\" value=\"standard\"/>\n");
}

/* Several steps are joined by '+': a row has one. */
static struct mc_str
only(const char *joined)
{
	struct mc_str s = mc_str(joined), head, tail;

	return mc_str_split(s, '+', &head, &tail) ? (struct mc_str){ "", 0 }
						  : s;
}

static void
put_times(struct mc_xes_writer *w, const struct mc_xes_dossier *d)
{
	const struct mc_find_row *r = d->row;
	char day[MC_TIME_TEXT];

	put_date(w, IN_TRACE, "received_at",
	    r->received_at != MC_NEVER ? r->received_at : d->registered_at);
	if (r->received_at == MC_NEVER)
		put_date(w, IN_TRACE, MC_XES_REGISTERED_AT, d->registered_at);
	/* Who reads it cannot know what has moved it since the receipt. */
	put_date(w, IN_TRACE, "due_at", r->due_at);
	put_str(w, IN_TRACE, MC_XES_DUE_SOURCE, mc_str(r->due_source));
	if (r->due_at != MC_NEVER &&
	    r->due_day != mc_zone_day(d->zone, r->due_at))
		put_attr(w, IN_TRACE, "string", mc_str(MC_XES_DUE_DAY),
		    (struct mc_str){ day, mc_day_text(day, r->due_day) });
	put_date(w, IN_TRACE, "paused_at", r->paused_at);
	put_date(w, IN_TRACE, "finished_at", r->finished_at);
	put_date(w, IN_TRACE, "returned_at", r->returned_at);
}

/* Of the procedure's: texts by name. */
static void
put_fields(struct mc_xes_writer *w, struct mc_str json)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_buf name = { 0 };
	struct mc_json *doc;
	const struct mc_json *v;
	const char *key;
	size_t i;

	if (json.len == 0 || mc_json_parse(&doc, "", json, &ignored) == -1)
		return;
	for (i = 0; i < mc_json_count(doc); i++) {
		v = mc_json_member(doc, i, &key);
		mc_buf_reset(&name);
		mc_buf_printf(&name, "field.%s", key);
		put_str(w, IN_TRACE, mc_buf_str(&name), mc_str(mc_json_str(v)));
	}
	mc_buf_free(&name);
	mc_json_free(doc);
}

void
mc_xes_put_trace(struct mc_xes_writer *w, const struct mc_xes_dossier *d)
{
	static const struct {
		const char *key;
		enum mc_personal personal;
	} personal[] = {
		{ "applicant_name", MC_P_APPLICANT_NAME },
		{ "applicant_id", MC_P_APPLICANT_ID },
		{ "phone", MC_P_PHONE },
		{ "email", MC_P_EMAIL },
		{ "address", MC_P_ADDRESS },
		{ "subject", MC_P_SUBJECT },
		{ "note", MC_P_NOTE },
	};
	const struct mc_find_row *r = d->row;
	size_t i;

	puts_to(w, "\t<trace>\n");
	put_str(w, IN_TRACE, "concept:name", mc_str(r->code));
	put_str(w, IN_TRACE, "alias", mc_str(d->alias));
	put_str(w, IN_TRACE, "procedure", mc_str(r->procedure));
	put_str(w, IN_TRACE, "case", mc_str(d->in_case));
	put_str(w, IN_TRACE, "unit", mc_str(r->unit));
	put_str(w, IN_TRACE, "channel", mc_str(r->channel));
	put_str(w, IN_TRACE, "applicant_kind", mc_str(d->kind));
	put_times(w, d);
	put_str(w, IN_TRACE, "status", mc_str(r->status));
	put_str(w, IN_TRACE, "step", only(r->step));
	put_str(w, IN_TRACE, "holder", only(r->holder));
	put_str(w, IN_TRACE, "officer", only(r->officer));
	put_str(w, IN_TRACE, "motcua:parent", mc_str(r->parent));
	put_str(w, IN_TRACE, "motcua:title", mc_str(r->title));
	put_str(w, IN_TRACE, "motcua:field", mc_str(r->field));
	put_str(w, IN_TRACE, "motcua:verdict", mc_str(r->verdict));
	for (i = 0; i < sizeof(personal) / sizeof(personal[0]); i++)
		put_str(w, IN_TRACE, personal[i].key,
		    mc_str(r->personal[personal[i].personal]));
	put_fields(w, r->fields);
	put_object(w, IN_TRACE, mc_str(r->personal[MC_P_ATTRIBUTES]));
}

/* An activity whose source names nobody has the importer's name: not his. */
static struct mc_str
resource(const struct mc_event *e)
{
	if (mc_event_has(e, MC_F_OFFICER))
		return mc_event_get(e, MC_F_OFFICER);
	return e->kind == MC_K_ACTIVITY ? (struct mc_str){ "", 0 } : e->actor;
}

void
mc_xes_put_event(
    struct mc_xes_writer *w, const struct mc_event *e, struct mc_str personal)
{
	struct mc_str json = mc_event_get(e, MC_F_ATTRIBUTES),
		      transition = MC_STR("complete");
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc = NULL, *own = NULL;
	const struct mc_json *v;
	bool activity = e->kind == MC_K_ACTIVITY;

	if (json.len > 0 && mc_json_parse(&doc, "", json, &ignored) == 0) {
		v = mc_json_get(doc, "lifecycle:transition");
		if (mc_json_str(v) != NULL)
			transition = mc_str(mc_json_str(v));
	}
	puts_to(w, "\t\t<event>\n");
	put_str(w, IN_EVENT, "concept:name",
	    activity ? mc_event_get(e, MC_F_ACTIVITY) : mc_kind_str(e->kind));
	put_date(w, IN_EVENT, "time:timestamp", e->at);
	put_str(w, IN_EVENT, "org:resource", resource(e));
	put_str(w, IN_EVENT, "lifecycle:transition", transition);
	put_str(w, IN_EVENT, "step", mc_event_get(e, MC_F_STEP));
	put_str(w, IN_EVENT, "unit", mc_event_get(e, MC_F_UNIT));
	put_str(w, IN_EVENT, "status", mc_event_get(e, MC_F_STATUS));
	put_members(w, IN_EVENT, doc);
	if (personal.len > 0 &&
	    mc_json_parse(&own, "", personal, &ignored) == 0) {
		put_str(w, IN_EVENT, "reason",
		    mc_str(mc_json_str(mc_json_get(own, "reason"))));
		/* Of the receipt they are the trace's. */
		if (activity)
			put_members(
			    w, IN_EVENT, mc_json_get(own, "attributes"));
	}
	put_str(w, IN_EVENT, MC_XES_KIND, mc_kind_str(e->kind));
	put_int(w, "motcua:seq", (int64_t)e->seq);
	puts_to(w, "\t\t</event>\n");
	mc_json_free(doc);
	mc_json_free(own);
}

void
mc_xes_put_trace_end(struct mc_xes_writer *w)
{
	puts_to(w, "\t</trace>\n");
}

void
mc_xes_put_tail(struct mc_xes_writer *w)
{
	puts_to(w, "</log>\n");
}
