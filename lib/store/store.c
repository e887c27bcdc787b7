/* store.c - opening, transactions, appending; see motcua/store.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/pack.h>

#include "store_internal.h"

static int
meta_get(struct mc_store *s, const char *name, char **out, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str v;
	int rc;

	if (mc_cur_open(&cur, s->db, MC_SQL_META_GET,
		MC_ARGS(MC_TEXT(mc_str(name))), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		v = mc_cur_text(cur, 0);
		*out = mc_strndup(v.p, v.len);
	} else if (rc == 0) {
		mc_err(err, MC_EDAMAGED, "E_DAMAGED", "%s does not say its %s",
		    mc_db_path(s->db), name);
	}
	mc_cur_close(cur);
	return rc == 1 ? 0 : -1;
}

static struct mc_store *
new_store(struct mc_db *db)
{
	struct mc_store *s = mc_calloc(1, sizeof(*s));

	s->db = db;
	s->worker = mc_worker_new(MC_SIDE_BY_SIDE);
	s->log = mc_log_writer_new(db, s->worker);
	s->vault.worker = s->worker;
	s->rollup = mc_rollup_new();
	s->actor = mc_strdup("?");
	mc_store_init_names(s);
	return s;
}

static int
use_zone(struct mc_store *s, struct mc_err *err)
{
	if (mc_zone_open(&s->zone, s->site.zone, err) == -1)
		return -1;
	s->names.zone = s->zone;
	return 0;
}

/* Over an open database, which it takes over. */
static int
open_over(struct mc_store **out, struct mc_db *db, struct mc_err *err)
{
	struct mc_store *s = new_store(db);
	char *zone = NULL;
	int rc;

	rc = meta_get(s, "site", &s->code, err) == -1 ||
		     meta_get(s, "zone", &zone, err) == -1 ||
		     meta_get(s, "rules", &s->rules, err) == -1 ||
		     meta_get(s, "ref", &s->ref, err) == -1 ||
		     meta_get(s, "id", &s->id, err) == -1
		 ? -1
		 : 0;
	s->site = (struct mc_site){ s->code, zone, s->rules, s->ref };
	if (rc == 0)
		rc = use_zone(s, err);
	s->site.zone = s->zone == NULL ? NULL : mc_zone_name(s->zone);
	free(zone);
	if (rc == -1) {
		mc_store_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

int
mc_store_open(struct mc_store **out, const char *path, enum mc_db_mode mode,
    struct mc_err *err)
{
	struct mc_db *db;

	*out = NULL;
	return mc_db_open(&db, path, mode, err) == -1 ? -1
						      : open_over(out, db, err);
}

int
mc_store_copy(struct mc_store **out, struct mc_store *s, struct mc_err *err)
{
	const struct mc_actor actor = {
		.name = s->actor, .sudo = s->sudo, .uid = s->uid
	};
	struct mc_db *db;

	*out = NULL;
	if (mc_db_copy(&db, s->db, err) == -1 || open_over(out, db, err) == -1)
		return -1;
	mc_store_set_actor(*out, &actor);
	return 0;
}

/* Copies what the site says; the zone must be one. */
static int
take_site(struct mc_store *s, const struct mc_site *site, struct mc_err *err)
{
	s->code = mc_strdup(site->code);
	s->rules = mc_strdup(site->rules);
	s->ref = mc_strdup(site->ref);
	s->site = (struct mc_site){ s->code, site->zone, s->rules, s->ref };
	if (use_zone(s, err) == -1)
		return -1;
	s->site.zone = mc_zone_name(s->zone);
	return 0;
}

int
mc_store_scratch(struct mc_store **out, struct mc_db *db,
    const struct mc_site *site, struct mc_err *err)
{
	*out = new_store(db);
	if (take_site(*out, site, err) == 0)
		return 0;
	mc_store_close(*out);
	*out = NULL;
	return -1;
}

static int append_body(
    struct mc_store *s, struct mc_event *e, struct mc_err *err);

static int
first_event(struct mc_store *s, int64_t now, struct mc_err *err)
{
	struct mc_event e = { .kind = MC_K_CREATED, .at = now };

	mc_event_strz(&e, MC_F_ID, s->id);
	mc_event_strz(&e, MC_F_REF, s->ref);
	mc_event_strz(&e, MC_F_RULES, s->rules);
	mc_event_strz(&e, MC_F_ZONE, s->site.zone);
	return append_body(s, &e, err);
}

static int
write_meta(struct mc_store *s, struct mc_err *err)
{
	struct mc_buf key = { 0 };
	unsigned char raw[16];
	int rc = 0;
	size_t i;

	mc_random(raw, sizeof(raw));
	mc_hex_put(&key, raw, sizeof(raw));
	{
		const char *const meta[][2] = {
			{ "site", s->code },
			{ "zone", s->site.zone },
			{ "rules", s->rules },
			{ "ref", s->ref },
			{ "id", s->id },
			/* Keys the hashes of imported rows (intake.c). */
			{ "row_key", mc_buf_str(&key) },
		};

		for (i = 0; i < sizeof(meta) / sizeof(meta[0]) && rc == 0; i++)
			rc = mc_db_run(s->db, MC_SQL_META_SET,
			    MC_ARGS(MC_TEXT(mc_str(meta[i][0])),
				MC_TEXT(mc_str(meta[i][1]))),
			    err);
	}
	mc_buf_free(&key);
	return rc;
}

int
mc_store_create(struct mc_store **out, const char *path,
    const struct mc_site *site, const struct mc_actor *actor, int64_t now,
    struct mc_err *err)
{
	struct mc_buf id = { 0 };
	struct mc_store *s;
	struct mc_db *db;
	unsigned char raw[16];

	*out = NULL;
	if (mc_db_create(&db, path, err) == -1)
		return -1;
	s = new_store(db);
	mc_random(raw, sizeof(raw));
	mc_hex_put(&id, raw, sizeof(raw));
	s->id = mc_buf_detach(&id);
	mc_store_set_actor(s, actor);
	if (take_site(s, site, err) == 0 && mc_store_begin(s, now, err) == 0 &&
	    write_meta(s, err) == 0 && first_event(s, now, err) == 0 &&
	    mc_store_commit(s, err) == 0) {
		*out = s;
		return 0;
	}
	mc_store_close(s);
	return -1;
}

void
mc_store_close(struct mc_store *s)
{
	if (s == NULL)
		return;
	mc_store_rollback(s);
	mc_store_free_names(s);
	mc_log_writer_free(s->log);
	mc_log_free(s->own);
	mc_rollup_free(s->rollup);
	mc_store_forget_turns(s);
	mc_zone_free(s->zone);
	mc_db_close(s->db);
	mc_event_frame_free(&s->frame);
	mc_vault_free(&s->vault);
	mc_worker_free(s->worker);
	mc_vault_row_free(&s->kept);
	free(s->touched.page);
	mc_buf_free(&s->body);
	free(s->code);
	free(s->rules);
	free(s->ref);
	free(s->id);
	free(s->actor);
	free(s->sudo);
	free(s);
}

struct mc_db *
mc_store_db(struct mc_store *s)
{
	return s->db;
}

const struct mc_site *
mc_store_site(const struct mc_store *s)
{
	return &s->site;
}

const char *
mc_store_id(const struct mc_store *s)
{
	return s->id;
}

const struct mc_zone *
mc_store_zone(const struct mc_store *s)
{
	return s->zone;
}

const struct mc_names *
mc_store_names(struct mc_store *s)
{
	return &s->names;
}

/* What the events of this transaction say of themselves. */
static void
sign(const struct mc_store *s, struct mc_event *e)
{
	e->recorded_at = s->recorded_at;
	e->site = s->site_text;
	if (e->actor.p == NULL)
		e->actor = s->actor_text;
	e->uid = s->uid;
	e->sudo = s->sudo_text;
}

static void
set_frame(struct mc_store *s)
{
	struct mc_event e;

	s->site_text = mc_str(s->site.code);
	s->actor_text = mc_str(s->actor);
	s->sudo_text = mc_str(s->sudo);
	mc_event_init(&e, MC_K_CREATED, 0);
	sign(s, &e);
	mc_event_frame_set(&s->frame, &e);
}

void
mc_store_set_actor(struct mc_store *s, const struct mc_actor *actor)
{
	free(s->actor);
	free(s->sudo);
	s->actor = mc_strdup(actor->name);
	s->sudo = mc_strdup(actor->sudo);
	s->uid = actor->uid;
	if (s->in_write)
		set_frame(s);
}

/* ---- transactions ---- */

int
mc_store_begin(struct mc_store *s, int64_t now, struct mc_err *err)
{
	if (mc_db_begin(s->db, err) == -1)
		return -1;
	s->in_write = true;
	s->last_odd = s->last_id = s->aliases = -1;
	mc_store_forget_touched(s);
	s->kept.some = false; /* others may have erased some of it since */
	if (mc_log_begin(s->log, err) == -1 ||
	    mc_store_refresh_names(s, err) == -1) {
		mc_store_rollback(s);
		return -1;
	}
	s->base = mc_log_size(s->log);
	/* The clock may have gone back; the order recorded never does. */
	s->recorded_at =
	    mc_log_last_at(s->log) > now ? mc_log_last_at(s->log) : now;
	set_frame(s);
	return 0;
}

static void
flush(struct mc_store *s)
{
	assert(s->in_write);
	mc_rollup_flush(s->rollup, s->db);
	mc_store_flush_turns(s);
	mc_vault_flush(&s->vault, s->db);
	mc_log_flush(s->log);
}

void
mc_store_commit_later(struct mc_store *s)
{
	flush(s);
	mc_db_commit_later(s->db);
	/* What is known of the database stays true: nobody else writes. */
	s->base = mc_log_size(s->log);
}

int
mc_store_commit(struct mc_store *s, struct mc_err *err)
{
	flush(s);
	if (mc_db_commit(s->db, err) == -1) {
		mc_store_rollback(s);
		return -1;
	}
	s->in_write = false;
	s->names_size = mc_log_size(s->log);
	return 0;
}

void
mc_store_rollback(struct mc_store *s)
{
	if (!s->in_write)
		return;
	mc_db_rollback(s->db);
	mc_log_forget(s->log);
	mc_rollup_forget(s->rollup);
	mc_vault_forget(&s->vault);
	mc_store_forget_turns(s);
	mc_store_forget_names(s);
	s->in_write = false;
}

int64_t
mc_store_recorded_at(const struct mc_store *s)
{
	return s->recorded_at;
}

/* ---- appending ---- */

static int
append_body(struct mc_store *s, struct mc_event *e, struct mc_err *err)
{
	bool framed = e->actor.p == NULL;

	assert(s->in_write);
	e->seq = mc_log_size(s->log);
	sign(s, e);
	return mc_log_append_event(s->log, e, framed ? &s->frame : NULL, err);
}

void
mc_store_set_past(struct mc_store *s, struct mc_log *past)
{
	s->past = past;
}

int
mc_store_is_voided(struct mc_str code, struct mc_err *err)
{
	return mc_err(err, MC_ENOTFOUND, "E_VOIDED",
	    "dossier \"%.*s\" was voided: its import was taken back",
	    (int)code.len, code.p);
}

/* One event of the past: what it posted; the names it gave, if they go. */
static int
take_past(struct mc_store *s, struct mc_case *c, struct mc_posted *posted,
    struct mc_log *log, uint64_t seq, bool voided, struct mc_err *err)
{
	struct mc_buf scratch = { 0 };
	struct mc_postings out;
	struct mc_event e;
	struct mc_str body;
	int rc = mc_log_get(log, seq, &body, err);

	if (rc == 0)
		rc = mc_err(err, MC_EDAMAGED, "E_LOG",
		    "the log is damaged: event %llu", (unsigned long long)seq);
	if (rc == 1 && (rc = mc_event_decode(&e, body, &scratch, err)) == 0 &&
	    (rc = mc_fold(c, &e, &s->names, &out, err)) == 0) {
		mc_posted_take(posted, &e, &out);
		if (voided && mc_event_has(&e, MC_F_ALIAS))
			mc_db_run_later(s->db, MC_SQL_ALIAS_DROP,
			    MC_ARGS(MC_TEXT(mc_event_get(&e, MC_F_ALIAS)),
				MC_INT(c->id)));
		if (voided && mc_event_has(&e, MC_F_PARENT))
			mc_db_run_later(
			    s->db, MC_SQL_CHILD_DROP, MC_ARGS(MC_INT(c->id)));
	}
	mc_buf_free(&scratch);
	return rc;
}

/* What the dossier has posted so far, by its events in the log. */
static int
read_past(struct mc_store *s, const struct mc_case *c, bool voided,
    struct mc_posted *posted, struct mc_err *err)
{
	struct mc_str events = { c->events.p, c->events.len };
	struct mc_log *log = s->past;
	struct mc_case was = { 0 };
	uint64_t seq = 0;
	size_t at = 0;
	int rc = 0;

	if (log == NULL) {
		if (s->own == NULL)
			s->own = mc_log_new(s->db);
		log = s->own;
		if (c->last_seq >= s->base)
			mc_store_settle(s);
	}
	mc_case_init(&was);
	was.id = c->id;
	while (rc == 0 && mc_seqs_next(events, &at, &seq))
		rc = take_past(s, &was, posted, log, seq, voided, err);
	mc_case_free(&was);
	return rc;
}

/* The dossier is voided: it counts nowhere, and no alias leads to it. */
static int
take_back(struct mc_store *s, const struct mc_case *c, struct mc_err *err)
{
	struct mc_posted posted = { 0 };
	size_t i;
	int rc = read_past(s, c, true, &posted, err);

	for (i = 0; rc == 0 && i < posted.v.n; i++) {
		posted.v.p[i].delta = -posted.v.p[i].delta;
		mc_rollup_post(s->rollup, &posted.v.p[i]);
	}
	for (i = 0; rc == 0 && i < posted.reopening.n; i++)
		mc_rollup_reopened(s->rollup, &posted.reopening.p[i], -1);
	s->aliases = -1;
	mc_posted_free(&posted);
	return rc;
}

int
mc_store_life(struct mc_store *s, const struct mc_case *c, uint64_t *first,
    struct mc_err *err)
{
	struct mc_str events = { c->events.p, c->events.len }, body;
	struct mc_buf scratch = { 0 };
	struct mc_event e;
	uint64_t seq = 0;
	size_t at = 0;
	int rc = 1;

	*first = 0;
	if (!c->revived)
		return 0;
	if (s->own == NULL)
		s->own = mc_log_new(s->db);
	while (rc == 1 && mc_seqs_next(events, &at, &seq)) {
		rc = mc_log_get(s->own, seq, &body, err);
		if (rc == 1 && mc_event_decode(&e, body, &scratch, err) == -1)
			rc = -1;
		if (rc == 1 && e.kind == MC_K_VOIDED)
			*first = seq + 1;
	}
	mc_buf_free(&scratch);
	if (rc == 0)
		mc_err(err, MC_EDAMAGED, "E_LOG",
		    "the log is damaged: event %llu", (unsigned long long)seq);
	return rc == 1 ? 0 : -1;
}

/* Behind what it has posted so far, where that has a say in it. */
static void
post_after(struct mc_store *s, const struct mc_event *e,
    const struct mc_postings *out, struct mc_posted *past)
{
	size_t n = past->v.n, k = past->reopening.n;

	for (mc_posted_take(past, e, out); n < past->v.n; n++)
		mc_rollup_post(s->rollup, &past->v.p[n]);
	for (; k < past->reopening.n; k++)
		mc_rollup_reopened(s->rollup, &past->reopening.p[k], 1);
}

int
mc_store_refold(struct mc_store *s, struct mc_case *c, const struct mc_event *e,
    struct mc_err *err)
{
	/* Its row does not say on which days it was counted. */
	bool after =
	    e->kind == MC_K_REOPENED || mc_fold_late(c, e, s->names.zone);
	struct mc_posted past = { 0 };
	struct mc_postings out;
	int rc = 0, i;

	if (e->kind == MC_K_VOIDED)
		rc = take_back(s, c, err);
	else if (after)
		rc = read_past(s, c, false, &past, err);
	if (rc == 0)
		rc = mc_fold(c, e, &s->names, &out, err);
	if (rc == 0 && after)
		post_after(s, e, &out, &past);
	else if (rc == 0)
		for (i = 0; i < out.n; i++)
			mc_rollup_post(s->rollup, &out.p[i]);
	mc_posted_free(&past);
	return rc == 0 ? mc_store_take_turn(s, e, err) : -1;
}

int
mc_store_append_sealed(struct mc_store *s, struct mc_case *c,
    struct mc_event *e, const struct mc_sealed *sealed, struct mc_err *err)
{
	struct mc_buf code = { 0 };
	int rc = 0;

	if (e->code.len == 0) {
		rc = mc_store_code(s, c->id, &code, err);
		e->code = (struct mc_str){ code.p, code.len };
	}
	if (rc == 0 && sealed != NULL)
		mc_vault_add(&s->vault, s->db, mc_log_size(s->log), sealed);
	if (rc == 0)
		rc = append_body(s, e, err);
	if (rc == 0)
		rc = mc_store_refold(s, c, e, err);
	if (code.p != NULL)
		e->code = (struct mc_str){ NULL, 0 };
	mc_buf_free(&code);
	return rc;
}

int
mc_store_append(struct mc_store *s, struct mc_case *c, struct mc_event *e,
    struct mc_str personal, struct mc_err *err)
{
	struct mc_sealed sealed;

	if (personal.len == 0)
		return mc_store_append_sealed(s, c, e, NULL, err);
	mc_personal_seal(&sealed, &s->salts, personal);
	e->commitment = sealed.commitment;
	e->has_personal = true;
	return mc_store_append_sealed(s, c, e, &sealed, err);
}

void
mc_store_settle(struct mc_store *s)
{
	mc_vault_flush(&s->vault, s->db);
	mc_log_flush(s->log);
}

int
mc_store_personal(struct mc_store *s, uint64_t seq, struct mc_vault_item *out,
    struct mc_err *err)
{
	if (s->in_write)
		mc_vault_flush(&s->vault, s->db);
	return mc_vault_get(&s->kept, s->db, seq, out, err);
}
