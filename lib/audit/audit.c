/* audit.c - see motcua/audit.h: findings, ranges, one event. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/json.h>
#include <motcua/text.h>

#include "audit_internal.h"

/* ---- findings ---- */

static void report(struct mc_findings *f, struct mc_finding *it,
    const char *fmt, va_list ap) MC_PRINTF(3, 0);

static void
report(
    struct mc_findings *f, struct mc_finding *it, const char *fmt, va_list ap)
{
	char text[640];

	vsnprintf(text, sizeof(text), fmt, ap);
	mc_buf_reset(&f->text);
	mc_text_safe(&f->text, text, strlen(text));
	it->message = mc_buf_str(&f->text);
	if (strncmp(it->error, "W_", 2) != 0)
		f->n++;
	f->found(f->arg, it);
}

void
mc_findings_add(struct mc_findings *f, const char *check, const char *error,
    int64_t seq, struct mc_str code, const char *fmt, ...)
{
	struct mc_finding it = { check, error, seq, 0, code, NULL };
	va_list ap;

	va_start(ap, fmt);
	report(f, &it, fmt, ap);
	va_end(ap);
}

void
mc_findings_free(struct mc_findings *f)
{
	mc_buf_free(&f->text);
}

void
mc_audit_result_free(struct mc_audit_result *r)
{
	mc_buf_free(&r->site);
	mc_buf_free(&r->id);
}

/* ---- ranges ---- */

int
mc_audit_bound(
    struct mc_store *s, const char *text, uint64_t *seq, struct mc_err *err)
{
	struct mc_log *log;
	int64_t n;
	int rc;

	if (mc_int_parse(&n, mc_str(text), 0, INT64_MAX)) {
		*seq = (uint64_t)n;
		return 0;
	}
	if (mc_time_parse(
		&n, mc_str(text), mc_store_zone(s), NULL, NULL, err) == -1)
		return -1;
	log = mc_log_new(mc_store_db(s));
	rc = mc_log_since(log, n, seq, err);
	mc_log_free(log);
	return rc;
}

/* ---- one body ---- */

void
mc_walk_free(struct mc_walk *w)
{
	int i;

	for (i = 0; i < MC_F__COUNT; i++)
		mc_buf_free(&w->raw[i]);
	mc_vec_free(&w->stretch);
	mc_buf_free(&w->scratch);
	mc_buf_free(&w->again);
}

void
mc_walk_wrong(struct mc_walk *w, const char *error, int64_t seq,
    struct mc_str code, const char *fmt, ...)
{
	struct mc_finding it = { "log", error, seq, w->line, code, NULL };
	va_list ap;

	va_start(ap, fmt);
	report(w->f, &it, fmt, ap);
	va_end(ap);
}

/* Is a nested value of a body in RFC 8785 form?  Most repeat the last one. */
static bool
raw_canonical(struct mc_walk *w, int field, struct mc_str v)
{
	struct mc_buf *last = &w->raw[field];
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_json *doc = NULL;
	bool ok;

	if (mc_str_same(v, (struct mc_str){ last->p, last->len }))
		return true;
	mc_buf_reset(&w->again);
	ok = mc_json_parse(&doc, "", v, &ignored) == 0 &&
	     mc_json_canonical(&w->again, doc, &ignored) == 0 &&
	     mc_str_same(v, (struct mc_str){ w->again.p, w->again.len });
	mc_json_free(doc);
	if (ok) {
		mc_buf_reset(last);
		mc_buf_add(last, v.p, v.len);
	}
	return ok;
}

void
mc_walk_raw(struct mc_walk *w)
{
	static const enum mc_event_field raw[] = { MC_F_ATTRIBUTES, MC_F_FIELDS,
		MC_F_POLICY, MC_F_SAID, MC_F_SET, MC_F_WHY };
	size_t i;

	for (i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		if (mc_event_has(&w->e, raw[i]) &&
		    !raw_canonical(w, raw[i], mc_event_get(&w->e, raw[i])))
			mc_walk_wrong(w, "E_LOG", (int64_t)w->e.seq, w->e.code,
			    "the body of event %" PRIu64
			    " is not in canonical form",
			    w->e.seq);
}

static bool
is_id(struct mc_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (strchr("0123456789abcdef", s.p[i]) == NULL ||
		    s.p[i] == '\0')
			return false;
	return s.len == 32;
}

/* The first event names the log; every other belongs to a dossier. */
void
mc_walk_place(struct mc_walk *w)
{
	const struct mc_event *e = &w->e;
	struct mc_str id = mc_event_get(e, MC_F_ID);

	if ((e->seq == 0) != (e->kind == MC_K_CREATED))
		mc_walk_wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " is \"%s\"; \"created\" is the first "
		    "event and no other",
		    e->seq, mc_kind_name(e->kind));
	else if (e->seq == 0 && !is_id(id))
		mc_walk_wrong(w, "E_LOG", 0, NO_CODE,
		    "the first event has no id of 32 hexadecimal digits");
	else if (e->seq > 0 && !mc_code_valid(e->code))
		mc_walk_wrong(w, "E_LOG", (int64_t)e->seq, NO_CODE,
		    "event %" PRIu64 " has no dossier's code", e->seq);
	if (e->seq == 0) {
		mc_buf_reset(&w->r->id);
		mc_buf_add(&w->r->id, id.p, id.len);
	}
	if (w->r->site.len == 0)
		mc_buf_add(&w->r->site, e->site.p, e->site.len);
	else if (!mc_str_is(e->site, mc_buf_str(&w->r->site)))
		mc_walk_wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " is of site \"%.*s\", not \"%s\"", e->seq,
		    (int)(e->site.len < 64 ? e->site.len : 64), e->site.p,
		    mc_buf_str(&w->r->site));
	if (w->last_at != MC_NEVER && e->recorded_at < w->last_at)
		mc_walk_wrong(w, "E_LOG", (int64_t)e->seq, e->code,
		    "event %" PRIu64 " was recorded before the one before it",
		    e->seq);
	w->last_at = e->recorded_at;
}

bool
mc_walk_commits(
    const struct mc_event *e, const unsigned char salt[16], struct mc_str json)
{
	struct mc_hash h;

	mc_sha256_two(salt, 16, json.p, json.len, &h);
	return mc_hash_same(&h, &e->commitment);
}
