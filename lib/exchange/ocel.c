/* ocel.c - see motcua/ocel.h. */
#include <string.h>

#include <motcua/json.h>
#include <motcua/ocel.h>
#include <motcua/text.h>

#define DOSSIER "dossier:" /* ids of the two kinds cannot meet */
#define UNIT "unit:"

static const char *const object_attributes[] = { "procedure", "case", "title",
	"field", "channel", "received_at", "due_at", "finished_at",
	"returned_at", "status", "verdict" };
static const char *const event_attributes[] = { "kind", "resource", "step",
	"status" };

void
mc_ocel_free(struct mc_ocel_writer *w)
{
	mc_dict_free(&w->units);
	mc_dict_free(&w->types);
	mc_dict_free(&w->children);
	mc_buf_free(&w->put);
	mc_buf_free(&w->kin);
}

static void
quote(struct mc_ocel_writer *w, const char *prefix, struct mc_str s)
{
	struct mc_buf text = { 0 };

	mc_buf_puts(&text, prefix);
	mc_buf_add(&text, s.p, s.len);
	mc_json_quote(w->b, text.p, text.len);
	mc_buf_free(&text);
}

static void
separate(struct mc_ocel_writer *w)
{
	mc_buf_puts(w->b, w->any ? ",\n" : "\n");
	w->any = true;
}

/* An attribute of an object is one at a time: that of the beginning. */
#define BEGINNING ",\"time\":\"1970-01-01T00:00:00Z\""

static void
put_attr(struct mc_ocel_writer *w, bool *any, const char *name,
    struct mc_str value, const char *time)
{
	if (value.len == 0)
		return;
	mc_buf_printf(
	    w->b, "%s{\"name\":\"%s\",\"value\":", *any ? "," : "", name);
	mc_json_quote(w->b, value.p, value.len);
	mc_buf_printf(w->b, "%s}", time);
	*any = true;
}

static void
put_time(struct mc_ocel_writer *w, bool *any, const char *name, int64_t ms)
{
	char text[MC_TIME_TEXT];

	if (ms != MC_NEVER)
		put_attr(w, any, name,
		    (struct mc_str){ text, mc_time_text_utc(text, ms) },
		    BEGINNING);
}

static void
put_relation(struct mc_ocel_writer *w, bool *any, const char *prefix,
    struct mc_str id, const char *qualifier)
{
	mc_buf_printf(w->b, "%s{\"objectId\":", *any ? "," : "");
	quote(w, prefix, id);
	mc_buf_printf(w->b, ",\"qualifier\":\"%s\"}", qualifier);
	*any = true;
}

static void
relate_unit(struct mc_ocel_writer *w, bool *any, struct mc_str unit,
    const char *qualifier)
{
	if (unit.len == 0)
		return;
	if (mc_dict_find(&w->units, unit) == 0)
		mc_dict_add(&w->units, unit);
	put_relation(w, any, UNIT, unit, qualifier);
}

void
mc_ocel_put_head(struct mc_ocel_writer *w)
{
	mc_buf_puts(w->b, "{\"objects\":[");
	w->any = false;
}

/* A child is known, and whether it is out; it may come before its parent. */
static void
note_child(struct mc_ocel_writer *w, struct mc_str code, bool out)
{
	int32_t id = mc_dict_find(&w->children, code);

	if (id == 0) {
		id = mc_dict_add(&w->children, code);
		mc_buf_putc(&w->put, 0);
	}
	if (out)
		w->put.p[id - 1] = 1;
}

void
mc_ocel_add_child(struct mc_ocel_writer *w, struct mc_str code)
{
	note_child(w, code, false);
	mc_buf_add(&w->kin, code.p, code.len);
	mc_buf_putc(&w->kin, '\0');
}

static void
relate_children(struct mc_ocel_writer *w, bool *any)
{
	const char *p = w->kin.p, *end = p + w->kin.len;

	for (; p < end; p += strlen(p) + 1)
		put_relation(w, any, DOSSIER, mc_str(p), "parent of");
	mc_buf_reset(&w->kin);
}

void
mc_ocel_put_dossier(struct mc_ocel_writer *w, const struct mc_find_row *r,
    int64_t registered_at, const char *in_case)
{
	struct mc_str holders = mc_str(r->holder), one, rest;
	bool any = false;

	if (r->parent != NULL)
		note_child(w, mc_str(r->code), true);
	separate(w);
	mc_buf_puts(w->b, "{\"id\":");
	quote(w, DOSSIER, mc_str(r->code));
	mc_buf_puts(w->b, ",\"type\":\"dossier\",\"attributes\":[");
	put_attr(w, &any, "procedure", mc_str(r->procedure), BEGINNING);
	put_attr(w, &any, "case", mc_str(in_case), BEGINNING);
	put_attr(w, &any, "title", mc_str(r->title), BEGINNING);
	put_attr(w, &any, "field", mc_str(r->field), BEGINNING);
	put_attr(w, &any, "channel", mc_str(r->channel), BEGINNING);
	put_time(w, &any, "received_at",
	    r->received_at != MC_NEVER ? r->received_at : registered_at);
	put_time(w, &any, "due_at", r->due_at);
	put_time(w, &any, "finished_at", r->finished_at);
	put_time(w, &any, "returned_at", r->returned_at);
	put_attr(w, &any, "status", mc_str(r->status), BEGINNING);
	put_attr(w, &any, "verdict", mc_str(r->verdict), BEGINNING);
	mc_buf_puts(w->b, "],\"relationships\":[");
	any = false;
	relate_unit(w, &any, mc_str(r->unit), "received by");
	while (mc_str_split(holders, '+', &one, &rest)) {
		relate_unit(w, &any, one, "held by");
		holders = rest;
	}
	relate_unit(w, &any, holders, "held by");
	relate_children(w, &any);
	mc_buf_puts(w->b, "]}");
}

/* What is related must be there. */
static void
put_bare_children(struct mc_ocel_writer *w)
{
	int32_t i;

	for (i = 0; i < w->children.n; i++) {
		if (w->put.p[i] != 0)
			continue;
		separate(w);
		mc_buf_puts(w->b, "{\"id\":");
		quote(w, DOSSIER, w->children.name[i]);
		mc_buf_puts(w->b, ",\"type\":\"dossier\"}");
	}
}

void
mc_ocel_put_units(struct mc_ocel_writer *w)
{
	int32_t i;

	put_bare_children(w);
	for (i = 0; i < w->units.n; i++) {
		separate(w);
		mc_buf_puts(w->b, "{\"id\":");
		quote(w, UNIT, w->units.name[i]);
		mc_buf_puts(w->b, ",\"type\":\"unit\"}");
	}
	mc_buf_puts(w->b, "\n],\n\"events\":[");
	w->any = false;
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
mc_ocel_put_event(
    struct mc_ocel_writer *w, const char *code, const struct mc_event *e)
{
	struct mc_str kind = mc_kind_str(e->kind), type = kind,
		      unit = mc_event_get(e, MC_F_UNIT);
	bool any = false;

	if (e->kind == MC_K_ACTIVITY)
		type = mc_event_get(e, MC_F_ACTIVITY);
	if (mc_dict_find(&w->types, type) == 0)
		mc_dict_add(&w->types, type);
	separate(w);
	mc_buf_printf(
	    w->b, "{\"id\":\"%llu\",\"type\":", (unsigned long long)e->seq);
	quote(w, "", type);
	mc_buf_puts(w->b, ",\"time\":\"");
	mc_time_put_utc(w->b, e->at);
	mc_buf_puts(w->b, "\",\"attributes\":[");
	put_attr(w, &any, "kind", kind, "");
	put_attr(w, &any, "resource", resource(e), "");
	put_attr(w, &any, "step", mc_event_get(e, MC_F_STEP), "");
	put_attr(w, &any, "status", mc_event_get(e, MC_F_STATUS), "");
	mc_buf_puts(w->b, "],\"relationships\":[");
	any = false;
	put_relation(w, &any, DOSSIER, mc_str(code), "dossier");
	/* A unit that no dossier has any more is no object here. */
	if (unit.len > 0 && mc_dict_find(&w->units, unit) != 0)
		put_relation(w, &any, UNIT, unit, "unit");
	mc_buf_puts(w->b, "]}");
}

static void
put_names(struct mc_ocel_writer *w, const char *const *name, size_t n)
{
	size_t i;

	mc_buf_puts(w->b, ",\"attributes\":[");
	for (i = 0; i < n; i++)
		mc_buf_printf(w->b, "%s{\"name\":\"%s\",\"type\":\"%s\"}",
		    i > 0 ? "," : "", name[i],
		    strlen(name[i]) > 3 &&
			    strcmp(name[i] + strlen(name[i]) - 3, "_at") == 0
			? "time"
			: "string");
	mc_buf_puts(w->b, "]}");
}

void
mc_ocel_put_tail(struct mc_ocel_writer *w)
{
	int32_t i;

	mc_buf_puts(w->b, "\n],\n\"eventTypes\":[");
	w->any = false;
	for (i = 0; i < w->types.n; i++) {
		separate(w);
		mc_buf_puts(w->b, "{\"name\":");
		quote(w, "", w->types.name[i]);
		put_names(w, event_attributes,
		    sizeof(event_attributes) / sizeof(event_attributes[0]));
	}
	mc_buf_puts(w->b, "\n],\n\"objectTypes\":[\n{\"name\":\"dossier\"");
	put_names(w, object_attributes,
	    sizeof(object_attributes) / sizeof(object_attributes[0]));
	mc_buf_puts(w->b, ",\n{\"name\":\"unit\",\"attributes\":[]}\n]}\n");
}
