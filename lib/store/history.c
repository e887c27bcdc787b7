/* history.c - see motcua/history.h. */
#include <stdlib.h>

#include <motcua/history.h>
#include <motcua/json.h>
#include <motcua/log.h>
#include <motcua/mem.h>
#include <motcua/vault.h>

#define READERS 8
#define NEAR 8 /* a bundle is 256 events */

/* A place in the log, and when it was last read. */
struct reader {
	struct mc_log *log;
	uint64_t bundle, used;
};

struct mc_history {
	struct mc_store *store;
	struct reader reader[READERS];
	uint64_t reads;
	struct mc_buf scratch;
	struct mc_str seqs;
	size_t at;
	uint64_t seq;
};

struct mc_history *
mc_history_new(struct mc_store *s)
{
	struct mc_history *h = mc_calloc(1, sizeof(*h));

	h->store = s;
	return h;
}

void
mc_history_free(struct mc_history *h)
{
	int i;

	if (h == NULL)
		return;
	for (i = 0; i < READERS; i++)
		mc_log_free(h->reader[i].log);
	mc_buf_free(&h->scratch);
	free(h);
}

void
mc_history_begin(struct mc_history *h, const struct mc_case *c)
{
	h->seqs = (struct mc_str){ c->events.p, c->events.len };
	h->at = 0;
	h->seq = 0;
}

/* The one that has that part of the log, else the one idle for longest. */
static struct mc_log *
reader_at(struct mc_history *h, uint64_t seq)
{
	struct reader *r = &h->reader[0];
	uint64_t bundle = seq >> NEAR;
	int i;

	for (i = 0; i < READERS; i++) {
		if (h->reader[i].log != NULL && h->reader[i].bundle == bundle) {
			r = &h->reader[i];
			break;
		}
		if (h->reader[i].used < r->used)
			r = &h->reader[i];
	}
	if (r->log == NULL)
		r->log = mc_log_new(mc_store_db(h->store));
	r->bundle = bundle;
	r->used = ++h->reads;
	return r->log;
}

int
mc_history_next(struct mc_history *h, struct mc_event *e, struct mc_err *err)
{
	struct mc_str body;
	int rc;

	if (!mc_seqs_next(h->seqs, &h->at, &h->seq))
		return 0;
	rc = mc_log_get(reader_at(h, h->seq), h->seq, &body, err);
	if (rc == 0)
		return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "the event %llu of a dossier is not in the log",
		    (unsigned long long)h->seq);
	mc_buf_reset(&h->scratch);
	if (rc == 1 && mc_event_decode(e, body, &h->scratch, err) == -1)
		rc = -1;
	return rc;
}

/* kinds: of the last n each, or of all of them the same. */
static int
before(struct mc_history *h, const struct mc_case *c, int n,
    const enum mc_kind *kind, bool all, struct mc_case *out, struct mc_err *err)
{
	int first = c->version - n; /* of the last n */
	struct mc_postings ignored;
	struct mc_event e;
	int rc, i;

	if (n < 1 || n >= c->version)
		return 0;
	mc_case_init(out);
	out->id = c->id;
	mc_history_begin(h, c);
	for (i = 0; (rc = mc_history_next(h, &e, err)) == 1; i++) {
		if (i >= first && e.kind != kind[all ? 0 : i - first])
			return 0;
		if (i < first && mc_fold(out, &e, mc_store_names(h->store),
				     &ignored, err) == -1)
			return -1;
	}
	return rc == -1 ? -1 : 1;
}

int
mc_history_before(struct mc_history *h, const struct mc_case *c, int n,
    enum mc_kind kind, struct mc_case *out, struct mc_err *err)
{
	return before(h, c, n, &kind, true, out, err);
}

int
mc_history_before_these(struct mc_history *h, const struct mc_case *c, int n,
    const enum mc_kind *kind, struct mc_case *out, struct mc_err *err)
{
	return before(h, c, n, kind, false, out, err);
}

bool
mc_history_private(struct mc_store *s, const struct mc_case *c,
    const char *field, struct mc_buf *value)
{
	struct mc_str seqs = { c->events.p, c->events.len };
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_vault_item item;
	struct mc_json *doc;
	const char *v;
	uint64_t seq = 0, first;
	size_t at = 0;
	bool found = false;

	if (mc_store_life(s, c, &first, &ignored) == -1)
		return false;
	while (mc_seqs_next(seqs, &at, &seq)) {
		doc = NULL;
		if (seq < first ||
		    mc_store_personal(s, seq, &item, &ignored) != 1 ||
		    mc_json_parse(&doc, "personal", item.json, &ignored) == -1)
			continue;
		v = mc_json_str(mc_json_get(mc_json_get(doc, "fields"), field));
		if (v != NULL) {
			mc_buf_reset(value);
			mc_buf_puts(value, v);
			found = true;
		}
		mc_json_free(doc);
	}
	return found;
}
