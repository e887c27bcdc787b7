/* changes.c - see motcua/changes.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/changes.h>
#include <motcua/hash.h>
#include <motcua/json.h>
#include <motcua/mem.h>

struct told {
	int64_t dossier;
	int32_t step;
	enum mc_state state;
	int64_t due_at;
	bool seen;
};

/* A record to be sent: a piece of c->text. */
struct news {
	struct told key;
	size_t at, len;
};

struct mc_changes {
	struct mc_store *store;
	struct mc_str name;
	bool look;
	struct mc_sent *sent;
	MC_VEC(struct told) told; /* by dossier and step */
	MC_VEC(struct news) news;
	struct mc_buf text;
	int64_t run; /* of what is to be sent; 0: nothing is */
	size_t at;   /* the next of news */
	struct mc_watch_row row;
	struct mc_json *doc; /* what row borrows from */
};

bool
mc_changes_name_ok(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n <= MC_CHANGES_NAME && name[n] == '\0';
}

/* ---- records, as they wait to be sent ---- */

static void
pack(struct mc_buf *b, const struct mc_watch_row *r)
{
	struct mc_jw w = mc_jw(b);
	const struct {
		const char *key, *value;
	} text[] = { { "code", r->code }, { "procedure", r->procedure },
		{ "title", r->title }, { "unit", r->unit }, { "step", r->step },
		{ "officer", r->officer }, { "holder", r->holder } };
	const struct {
		const char *key;
		int64_t value;
	} number[] = { { "status", r->status }, { "state", r->state },
		{ "received_at", r->received_at }, { "due_at", r->due_at },
		{ "dossier_due_at", r->dossier_due_at },
		{ "provisional", r->provisional }, { "apology", r->apology },
		{ "has_due", r->has_due }, { "left_minutes", r->left_minutes },
		{ "late_days", r->late_days } };
	size_t i;

	mc_jw_open(&w, '{');
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		mc_jw_key(&w, text[i].key);
		mc_jw_strz(&w, text[i].value);
	}
	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		mc_jw_key(&w, number[i].key);
		mc_jw_int(&w, number[i].value);
	}
	mc_jw_close(&w, '}');
}

static int64_t
number(const struct mc_json *doc, const char *key)
{
	int64_t n;

	return mc_json_int(mc_json_get(doc, key), &n) ? n : 0;
}

static const char *
text(const struct mc_json *doc, const char *key)
{
	return mc_json_str(mc_json_get(doc, key));
}

static int
unpack(struct mc_changes *c, struct mc_str record, struct mc_err *err)
{
	const struct mc_json *d;

	mc_json_free(c->doc);
	c->doc = NULL;
	if (mc_json_parse(&c->doc, "told", record, err) == -1)
		return -1;
	d = c->doc;
	c->row = (struct mc_watch_row){
		.code = text(d, "code"),
		.procedure = text(d, "procedure"),
		.title = text(d, "title"),
		.unit = text(d, "unit"),
		.step = text(d, "step"),
		.officer = text(d, "officer"),
		.holder = text(d, "holder"),
		.status = (enum mc_status)number(d, "status"),
		.state = (enum mc_state)number(d, "state"),
		.received_at = number(d, "received_at"),
		.due_at = number(d, "due_at"),
		.dossier_due_at = number(d, "dossier_due_at"),
		.provisional = number(d, "provisional") != 0,
		.apology = (enum mc_apology)number(d, "apology"),
		.has_due = number(d, "has_due") != 0,
		.left_minutes = number(d, "left_minutes"),
		.late_days = number(d, "late_days"),
	};
	return 0;
}

static void
add_news(struct mc_changes *c, struct told key, struct mc_str record)
{
	struct news n = { key, c->text.len, record.len };

	mc_buf_add(&c->text, record.p, record.len);
	mc_vec_push(&c->news, n);
}

/* ---- opening ---- */

static int
by_key(const void *va, const void *vb)
{
	const struct told *a = va, *b = vb;

	if (a->dossier != b->dossier)
		return a->dossier < b->dossier ? -1 : 1;
	return (a->step > b->step) - (a->step < b->step);
}

static int
read_told(struct mc_changes *c, struct mc_err *err)
{
	struct mc_cur *cur;
	struct told t;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(c->store), MC_SQL_TOLD_ALL,
		MC_ARGS(MC_TEXT(c->name)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		t = (struct told){ .dossier = mc_cur_int(cur, 0, 0),
			.step = (int32_t)mc_cur_int(cur, 1, MC_NOID),
			.state = (enum mc_state)mc_cur_int(cur, 2, 0),
			.due_at = mc_cur_int(cur, 3, MC_NEVER) };
		mc_vec_push(&c->told, t);
	}
	mc_cur_close(cur);
	return rc;
}

/* What was to be told when a run ended before its time. */
static int
read_pending(struct mc_changes *c, struct mc_err *err)
{
	const struct told none = { .seen = true };
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(c->store), MC_SQL_TOLD_PENDING,
		MC_ARGS(MC_TEXT(c->name)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		c->run = mc_cur_int(cur, 0, 0);
		add_news(c, none, mc_cur_text(cur, 1));
	}
	mc_cur_close(cur);
	if (rc == 0 && c->sent != NULL)
		c->at = mc_sent_count(c->sent, c->run);
	if (c->at > c->news.n)
		c->at = c->news.n;
	return rc;
}

static int
open_sent(struct mc_changes *c, struct mc_err *err)
{
	const char *db = mc_db_path(mc_store_db(c->store));
	struct mc_buf path = { 0 }, what = { 0 };
	int rc;

	mc_buf_printf(&path, "%s.told-%.*s", db, (int)c->name.len, c->name.p);
	mc_buf_printf(&what, "--changes=%.*s", (int)c->name.len, c->name.p);
	rc = c->look ? mc_sent_look(&c->sent, path.p, err)
		     : mc_sent_open(&c->sent, path.p, what.p, err);
	mc_buf_free(&path);
	mc_buf_free(&what);
	return rc;
}

int
mc_changes_open(struct mc_changes **out, struct mc_store *s, const char *name,
    bool look, struct mc_err *err)
{
	struct mc_changes *c = mc_calloc(1, sizeof(*c));

	*out = NULL;
	c->store = s;
	c->name = mc_str(name);
	c->look = look;
	/* The lock first: what is read is then nobody else's to change. */
	if (open_sent(c, err) == -1 || read_told(c, err) == -1 ||
	    read_pending(c, err) == -1) {
		mc_changes_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
mc_changes_free(struct mc_changes *c)
{
	if (c == NULL)
		return;
	mc_sent_free(c->sent);
	mc_vec_free(&c->told);
	mc_vec_free(&c->news);
	mc_buf_free(&c->text);
	mc_json_free(c->doc);
	free(c);
}

/* ---- the present selection ---- */

int
mc_changes_row(
    struct mc_changes *c, const struct mc_watch_row *row, struct mc_err *err)
{
	const struct told now = { .dossier = row->id,
		.step = row->step_id,
		.state = row->state,
		.due_at = row->due_at };
	struct mc_buf b = { 0 };
	struct told *was = NULL;

	(void)err;
	if (c->told.n > 0)
		was = bsearch(&now, c->told.p, c->told.n, sizeof(now), by_key);
	if (was != NULL) {
		was->seen = true;
		if (was->state == now.state && was->due_at == now.due_at)
			return 0;
	}
	pack(&b, row);
	add_news(c, now, (struct mc_str){ b.p, b.len });
	mc_buf_free(&b);
	return 1;
}

static int
forget(struct mc_changes *c, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(c->store);
	size_t i;

	for (i = 0; i < c->told.n; i++)
		if (!c->told.p[i].seen &&
		    mc_db_run(db, MC_SQL_TOLD_DROP,
			MC_ARGS(MC_TEXT(c->name), MC_INT(c->told.p[i].dossier),
			    MC_INT(c->told.p[i].step)),
			err) == -1)
			return -1;
	return 0;
}

static int
keep(struct mc_changes *c, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(c->store);
	const struct news *n;
	size_t i;

	for (i = 0; i < c->news.n; i++) {
		n = &c->news.p[i];
		if (mc_db_run(db, MC_SQL_TOLD_SET,
			MC_ARGS(MC_TEXT(c->name), MC_INT(n->key.dossier),
			    MC_INT(n->key.step), MC_INT(n->key.state),
			    MC_INT_OR_NULL(n->key.due_at, MC_NEVER),
			    MC_INT(c->run), MC_INT((int64_t)i),
			    MC_TEXT((
				(struct mc_str){ c->text.p + n->at, n->len }))),
			err) == -1)
			return -1;
	}
	return 0;
}

/* Another number for each batch; not 0. */
static int64_t
new_run(void)
{
	unsigned char raw[8];
	uint64_t n;

	do {
		mc_random(raw, sizeof(raw));
		memcpy(&n, raw, sizeof(n));
		n &= INT64_MAX;
	} while (n == 0);
	return (int64_t)n;
}

int
mc_changes_settle(struct mc_changes *c, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(c->store);
	bool left = false;
	size_t i;

	for (i = 0; i < c->told.n && !left; i++)
		left = !c->told.p[i].seen;
	if (c->look || (c->news.n == 0 && !left))
		return 0;
	c->run = new_run();
	mc_sent_begin(c->sent, c->run);
	if (mc_db_begin(db, err) == -1)
		return -1;
	if (forget(c, err) == -1 || keep(c, err) == -1) {
		mc_db_rollback(db);
		return -1;
	}
	return mc_db_commit(db, err);
}

/* ---- sending ---- */

int
mc_changes_next(
    struct mc_changes *c, const struct mc_watch_row **row, struct mc_err *err)
{
	const struct news *n;

	*row = NULL;
	if (c->at == c->news.n)
		return 0;
	n = &c->news.p[c->at++];
	if (unpack(c, (struct mc_str){ c->text.p + n->at, n->len }, err) == -1)
		return -1;
	*row = &c->row;
	return 1;
}

struct mc_sent *
mc_changes_sent(struct mc_changes *c)
{
	return c->look ? NULL : c->sent;
}

int
mc_changes_done(struct mc_changes *c, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(c->store);
	bool any = c->news.n > 0;

	c->news.n = c->at = 0;
	mc_buf_reset(&c->text);
	if (c->look || !any)
		return 0;
	if (mc_db_begin(db, err) == -1)
		return -1;
	if (mc_db_run(db, MC_SQL_TOLD_SENT, MC_ARGS(MC_TEXT(c->name)), err) ==
	    -1) {
		mc_db_rollback(db);
		return -1;
	}
	if (mc_db_commit(db, err) == -1)
		return -1;
	mc_sent_end(c->sent);
	return 0;
}
