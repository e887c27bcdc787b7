/* store_names.c - dictionaries, pins, definitions, codes; store.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "store_internal.h"

/* A copy that lives until the store is closed. */
static const char *
keep(struct mc_store *s, struct mc_str v)
{
	char *copy = mc_strndup(v.p == NULL ? "" : v.p, v.len);

	mc_vec_push(&s->text, copy);
	return copy;
}

static struct mc_str
keep_text(struct mc_store *s, struct mc_str v)
{
	return (struct mc_str){ keep(s, v), v.len };
}

/* ---- names ---- */

static const struct {
	enum mc_sql from, add;
} dict_sql[] = {
	[MC_D_UNIT] = { MC_SQL_UNIT_FROM, MC_SQL_UNIT_ADD },
	[MC_D_OFFICER] = { MC_SQL_OFFICER_FROM, MC_SQL_OFFICER_ADD },
	[MC_D_STEP] = { MC_SQL_STEP_NAME_FROM, MC_SQL_STEP_NAME_ADD },
	[MC_D_PROCEDURE] = { MC_SQL_PROCEDURE_FROM, MC_SQL_PROCEDURE_ADD },
	[MC_D_AGENCY] = { MC_SQL_AGENCY_FROM, MC_SQL_AGENCY_ADD },
};

static int
gap(struct mc_store *s, struct mc_err *err)
{
	return mc_err(err, MC_EDAMAGED, "E_DAMAGED",
	    "%s: the ids of its names have gaps", mc_db_path(s->db));
}

static int
read_dict(struct mc_store *s, enum mc_dict d, struct mc_err *err)
{
	struct mc_dictionary *dict = &s->dict[d];
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, s->db, dict_sql[d].from, MC_ARGS(MC_INT(dict->n)),
		err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1)
		if (mc_cur_int(cur, 0, 0) !=
		    mc_dict_add(dict, mc_cur_text(cur, 1))) {
			rc = gap(s, err);
			break;
		}
	mc_cur_close(cur);
	return rc;
}

static enum mc_verdict_rule
verdict_of(const char *policy)
{
	/* Canonical JSON of what differs from the default (deadline.h). */
	return strstr(policy, "\"verdict\":\"instant\"") != NULL
		   ? MC_VERDICT_INSTANT
		   : MC_VERDICT_DATE;
}

static void
pin_key(struct mc_buf *b, struct mc_str procedure, const struct pin_text *t)
{
	const struct mc_str part[] = { procedure, t->commit, t->path, t->blob,
		t->policy, t->in_case };
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		mc_buf_add(b, part[i].p, part[i].len);
		mc_buf_putc(b, '\n');
	}
}

static void
add_pin(struct mc_store *s, int32_t procedure, const struct pin_text *t)
{
	struct mc_buf key = { 0 };
	struct pin_row row;

	pin_key(&key, mc_dict_str(&s->dict[MC_D_PROCEDURE], procedure), t);
	mc_dict_add(&s->pin_key, (struct mc_str){ key.p, key.len });
	mc_buf_free(&key);
	memset(&row, 0, sizeof(row));
	row.text = (struct pin_text){ keep_text(s, t->commit),
		keep_text(s, t->path), keep_text(s, t->blob),
		keep_text(s, t->policy), keep_text(s, t->in_case) };
	row.pin =
	    (struct mc_pin){ procedure, row.text.commit.p, row.text.path.p,
		    row.text.blob.p, row.text.policy.p, row.text.in_case.p };
	row.verdict = verdict_of(row.pin.policy);
	mc_vec_push(&s->pin, row);
}

static int
read_pins(struct mc_store *s, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, s->db, MC_SQL_PIN_FROM,
		MC_ARGS(MC_INT((int64_t)s->pin.n)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		if (mc_cur_int(cur, 0, 0) != (int64_t)s->pin.n + 1) {
			rc = gap(s, err);
			break;
		}
		add_pin(s, (int32_t)mc_cur_int(cur, 1, 0),
		    &(struct pin_text){ mc_cur_text(cur, 2),
			mc_cur_text(cur, 3), mc_cur_text(cur, 4),
			mc_cur_text(cur, 5), mc_cur_text(cur, 6) });
	}
	mc_cur_close(cur);
	return rc;
}

static int
read_names(struct mc_store *s, struct mc_err *err)
{
	int d;

	for (d = 0; d < MC_D__COUNT; d++)
		if (read_dict(s, (enum mc_dict)d, err) == -1)
			return -1;
	if (read_pins(s, err) == -1)
		return -1;
	s->names_known = true;
	return 0;
}

int
mc_store_refresh_names(struct mc_store *s, struct mc_err *err)
{
	/* Names are only added together with events. */
	if (s->names_known && s->names_size == mc_log_size(s->log))
		return 0;
	s->names_size = mc_log_size(s->log);
	return read_names(s, err);
}

void
mc_store_forget_names(struct mc_store *s)
{
	size_t i;
	int d;

	for (d = 0; d < MC_D__COUNT; d++)
		mc_dict_free(&s->dict[d]);
	mc_dict_free(&s->pin_key);
	for (i = 0; i < s->pin.n; i++)
		mc_procedure_free(s->pin.p[i].procedure);
	s->pin.n = s->title.n = s->field.n = 0;
	memset(s->pin_cache, 0, sizeof(s->pin_cache));
	s->names_known = false;
}

void
mc_store_free_names(struct mc_store *s)
{
	size_t i;

	mc_store_forget_names(s);
	for (i = 0; i < s->text.n; i++)
		free(s->text.p[i]);
	mc_vec_free(&s->text);
	mc_vec_free(&s->pin);
	mc_vec_free(&s->title);
	mc_vec_free(&s->field);
}

int
mc_store_lookup(struct mc_store *s, enum mc_dict dict, struct mc_str name,
    int32_t *id, struct mc_err *err)
{
	*id = mc_dict_find(&s->dict[dict], name);
	if (*id == 0 && !s->in_write) {
		if (read_names(s, err) == -1)
			return -1;
		*id = mc_dict_find(&s->dict[dict], name);
	}
	return *id != 0;
}

const char *
mc_store_text(struct mc_store *s, enum mc_dict dict, int32_t id)
{
	struct mc_err ignored = MC_ERR_INIT;
	const char *name = mc_dict_name(&s->dict[dict], id);

	if (name == NULL && id > 0 && !s->in_write &&
	    read_names(s, &ignored) == 0)
		name = mc_dict_name(&s->dict[dict], id);
	return name == NULL ? "?" : name;
}

static int
names_id(void *arg, enum mc_dict dict, struct mc_str name, int32_t *out,
    struct mc_err *err)
{
	struct mc_store *s = arg;

	if ((*out = mc_dict_find(&s->dict[dict], name)) != 0)
		return 0;
	*out = mc_dict_add(&s->dict[dict], name);
	return mc_db_run(s->db, dict_sql[dict].add,
	    MC_ARGS(MC_INT(*out), MC_TEXT(name)), err);
}

static const char *
names_text(void *arg, enum mc_dict dict, int32_t id)
{
	return mc_store_text(arg, dict, id);
}

int
mc_store_settle_rules(struct mc_store *s, struct mc_repo *repo,
    const char *commit, struct mc_err *err)
{
	int64_t known;

	if (mc_db_int(s->db, MC_SQL_PIN_COMMIT,
		MC_ARGS(MC_TEXT(mc_str(commit))), &known, 0, err) == -1)
		return -1;
	return known == 1 ? 0 : mc_repo_settle(repo, err);
}

static bool
same_pin(struct mc_store *s, int32_t id, struct mc_str code,
    const struct pin_text *t)
{
	const struct pin_row *row = &s->pin.p[id - 1];
	const struct pin_text *p = &row->text;

	return mc_str_same(t->blob, p->blob) &&
	       mc_str_same(t->commit, p->commit) &&
	       mc_str_same(t->policy, p->policy) &&
	       mc_str_same(t->path, p->path) &&
	       mc_str_same(t->in_case, p->in_case) &&
	       mc_str_same(code,
		   mc_dict_str(&s->dict[MC_D_PROCEDURE], row->pin.procedure));
}

static int
names_pin(void *arg, const struct mc_event *e, int32_t *out,
    enum mc_verdict_rule *verdict, struct mc_err *err)
{
	struct mc_store *s = arg;
	struct mc_str code = mc_event_get(e, MC_F_PROCEDURE);
	struct pin_text t = { mc_event_get(e, MC_F_COMMIT),
		mc_event_get(e, MC_F_PATH), mc_event_get(e, MC_F_BLOB),
		mc_event_get(e, MC_F_POLICY), mc_event_get(e, MC_F_CASE) };
	uint32_t at =
	    t.blob.len < 8 ? 0 : (uint32_t)(mc_text_hash(t.blob.p, 8) % 64);
	int32_t procedure;

	if (t.policy.len == 0)
		t.policy = MC_STR("{}");
	if (t.in_case.len == 0)
		t.in_case = MC_STR("");
	*out = s->pin_cache[at];
	if (*out != 0 && same_pin(s, *out, code, &t)) {
		*verdict = s->pin.p[*out - 1].verdict;
		return 0;
	}
	mc_buf_reset(&s->body);
	pin_key(&s->body, code, &t);
	*out = mc_dict_find(
	    &s->pin_key, (struct mc_str){ s->body.p, s->body.len });
	if (*out == 0) {
		if (names_id(s, MC_D_PROCEDURE, code, &procedure, err) == -1)
			return -1;
		add_pin(s, procedure, &t);
		*out = (int32_t)s->pin.n;
		if (mc_db_run(s->db, MC_SQL_PIN_ADD,
			MC_ARGS(MC_INT(*out), MC_INT(procedure),
			    MC_TEXT(t.commit), MC_TEXT(t.path), MC_TEXT(t.blob),
			    MC_TEXT(t.policy), MC_TEXT(t.in_case)),
			err) == -1)
			return -1;
	}
	*verdict = s->pin.p[*out - 1].verdict;
	s->pin_cache[at] = *out;
	return 0;
}

void
mc_store_init_names(struct mc_store *s)
{
	s->names = (struct mc_names){
		.id = names_id, .pin = names_pin, .text = names_text, .arg = s
	};
}

/* ---- procedures, pins, definitions ---- */

static void
read_titles(struct mc_store *s, int32_t id)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct mc_cur *cur;
	struct mc_str t;

	if (mc_cur_open(&cur, s->db, MC_SQL_PROCEDURE_GET, MC_ARGS(MC_INT(id)),
		&ignored) == -1)
		return;
	if (mc_cur_next(cur, &ignored) == 1) {
		t = mc_cur_text(cur, 0);
		s->title.p[id - 1] = t.p == NULL ? NULL : keep(s, t);
		t = mc_cur_text(cur, 1);
		s->field.p[id - 1] = t.p == NULL ? NULL : keep(s, t);
	}
	mc_cur_close(cur);
}

void
mc_store_procedure(
    struct mc_store *s, int32_t id, const char **title, const char **field)
{
	*title = *field = NULL;
	if (id <= 0 || mc_store_text(s, MC_D_PROCEDURE, id)[0] == '?')
		return;
	while ((int32_t)s->title.n < id) {
		mc_vec_push(&s->title, NULL);
		mc_vec_push(&s->field, NULL);
	}
	if (s->title.p[id - 1] == NULL)
		read_titles(s, id);
	*title = s->title.p[id - 1];
	*field = s->field.p[id - 1];
}

static int
pin_row(
    struct mc_store *s, int32_t id, struct pin_row **out, struct mc_err *err)
{
	if (id > (int32_t)s->pin.n && !s->in_write && read_names(s, err) == -1)
		return -1;
	if (id <= 0 || id > (int32_t)s->pin.n)
		return 0;
	*out = &s->pin.p[id - 1];
	return 1;
}

int
mc_store_pin(
    struct mc_store *s, int32_t id, struct mc_pin *out, struct mc_err *err)
{
	struct pin_row *row;
	int rc = pin_row(s, id, &row, err);

	if (rc == 1)
		*out = row->pin;
	return rc;
}

static int
parse_definition(struct mc_store *s, struct pin_row *row, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_json *doc = NULL;
	struct mc_str policy = mc_str(row->pin.policy);
	int rc;

	if (mc_cur_open(&cur, s->db, MC_SQL_DEFINITION_GET,
		MC_ARGS(MC_TEXT(mc_str(row->pin.blob))), err) == -1)
		return -1;
	rc = mc_cur_next(cur, err);
	if (rc == 0)
		rc = mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "%s: the definition %s is not kept", mc_db_path(s->db),
		    row->pin.blob);
	else if (rc == 1)
		rc = mc_procedure_parse(
		    &row->procedure, row->pin.path, mc_cur_text(cur, 0), err);
	mc_cur_close(cur);
	row->policy = mc_policy_default;
	if (rc == 0)
		rc = mc_json_parse(&doc, "policy", policy, err);
	if (rc == 0)
		rc = mc_policy_read(
		    &row->policy, doc, "policy", policy, "", err);
	mc_json_free(doc);
	if (rc == 0)
		row->in_case = mc_procedure_in_case(
		    row->procedure, mc_str(row->pin.in_case));
	if (rc == 0 && row->in_case == NULL)
		rc = mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "%s: the definition %s has no case \"%s\"",
		    mc_db_path(s->db), row->pin.blob, row->pin.in_case);
	if (rc == -1) {
		mc_procedure_free(row->procedure);
		row->procedure = NULL;
	}
	return rc;
}

int
mc_store_definition(struct mc_store *s, int32_t pin,
    const struct mc_procedure **procedure, struct mc_policy *policy,
    struct mc_err *err)
{
	struct pin_row *row = NULL;
	int rc = pin_row(s, pin, &row, err);

	*procedure = NULL;
	if (rc == 0)
		rc = mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "%s: there is no pin %d", mc_db_path(s->db), (int)pin);
	if (rc == -1 ||
	    (row->procedure == NULL && parse_definition(s, row, err) == -1))
		return -1;
	*procedure = row->in_case;
	*policy = row->policy;
	return 0;
}

int
mc_store_keep_definition(struct mc_store *s, struct mc_str code,
    const char *title, const char *field, const char *blob, struct mc_str text,
    struct mc_err *err)
{
	int32_t id;

	if (names_id(s, MC_D_PROCEDURE, code, &id, err) == -1 ||
	    mc_db_run(s->db, MC_SQL_DEFINITION_ADD,
		MC_ARGS(MC_TEXT(mc_str(blob)), MC_TEXT(text)), err) == -1)
		return -1;
	if ((size_t)id <= s->title.n) {
		s->title.p[id - 1] = keep(s, mc_str(title));
		s->field.p[id - 1] = keep(s, mc_str(field));
	}
	return mc_db_run(s->db, MC_SQL_PROCEDURE_TITLE,
	    MC_ARGS(MC_INT(id), MC_TEXT(mc_str(title)), MC_TEXT(mc_str(field))),
	    err);
}

int
mc_store_has_definition(
    struct mc_store *s, const char *blob, int32_t *known, struct mc_err *err)
{
	struct mc_cur *cur;
	size_t i;
	int rc;

	/* A pin's definition is kept before the pin is made. */
	for (i = s->pin.n; i > 0; i--)
		if (strcmp(s->pin.p[i - 1].pin.blob, blob) == 0) {
			*known = 1;
			return 0;
		}
	if (mc_cur_open(&cur, s->db, MC_SQL_DEFINITION_GET,
		MC_ARGS(MC_TEXT(mc_str(blob))), err) == -1)
		return -1;
	rc = mc_cur_next(cur, err);
	mc_cur_close(cur);
	*known = rc == 1;
	return rc == -1 ? -1 : 0;
}

/* ---- codes ---- */

/* The id's page, or the free place for it. */
static struct touched_page *
touched_page(const struct touched *t, int64_t id)
{
	int64_t number = id / TOUCHED_IDS + 1;
	size_t i =
	    (size_t)((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	    (TOUCHED_PAGES - 1);

	while (t->page[i].number != 0 && t->page[i].number != number)
		i = (i + 1) & (TOUCHED_PAGES - 1);
	return &t->page[i];
}

static void
clear(struct touched *t)
{
	if (t->n > 0)
		memset(t->page, 0, TOUCHED_PAGES * sizeof(*t->page));
	t->n = 0;
	t->max = 0;
}

void
mc_store_forget_touched(struct mc_store *s)
{
	clear(&s->touched);
	s->touched.some = false;
}

void
mc_store_touch(struct mc_store *s, int64_t id)
{
	struct touched *t = &s->touched;
	struct touched_page *p;

	/* Nobody asked yet. */
	if (s->last_id == -1) {
		t->some = true;
		return;
	}
	if (t->page == NULL)
		t->page = mc_calloc(TOUCHED_PAGES, sizeof(*t->page));
	p = touched_page(t, id);
	if (p->number == 0) {
		p->number = id / TOUCHED_IDS + 1;
		t->n++;
	}
	p->bit[id % TOUCHED_IDS / 64] |= UINT64_C(1) << id % 64;
	if (id > t->max)
		t->max = id;
	/* So many are asked for again. */
	if (t->n > TOUCHED_PAGES / 2) {
		if (t->max > s->last_id)
			s->last_id = t->max;
		clear(t);
		t->some = true;
	}
}

static bool
is_touched(const struct touched *t, int64_t id)
{
	const struct touched_page *p;

	if (t->n == 0)
		return false;
	p = touched_page(t, id);
	return p->number != 0 &&
	       (p->bit[id % TOUCHED_IDS / 64] >> id % 64 & 1) != 0;
}

/* Imports come mostly in the order of their days: behind all there is. */
static int
exists(struct mc_store *s, int64_t id, int64_t *row_hash, struct mc_err *err)
{
	if (s->in_write && s->last_id == -1 &&
	    mc_db_int(
		s->db, MC_SQL_CASE_LAST, MC_NOARGS, &s->last_id, 0, err) == -1)
		return -1;
	if (s->in_write && !is_touched(&s->touched, id)) {
		if (id > s->last_id)
			return 0;
		if (!s->touched.some)
			return mc_db_int_aside(s->db, MC_SQL_CASE_EXISTS,
			    MC_ARGS(MC_INT(id)), row_hash, 0, err);
	}
	return mc_db_int(
	    s->db, MC_SQL_CASE_EXISTS, MC_ARGS(MC_INT(id)), row_hash, 0, err);
}

/*
 * A code that was found.  Where its dossier was voided and the code is an
 * alias of another one now, that is meant.
 */
static int
prefer_living(
    struct mc_store *s, struct mc_str code, int64_t *id, struct mc_err *err)
{
	int64_t row_hash = 0, other;
	int rc = mc_store_no_aliases(s, err);

	if (rc != 0)
		return rc;
	if (exists(s, *id, &row_hash, err) == -1)
		return -1;
	/* No last row: it was voided, or never had one, as a child. */
	if (row_hash != 0 || (rc = mc_store_is_living(s, *id, err)) != 0)
		return rc == -1 ? -1 : 1;
	rc = mc_store_find_alias(s, code, &other, err);
	if (rc == 1)
		*id = other;
	return rc == -1 ? -1 : 1;
}

/*
 * The id that the code has, or would: 0 where that is not known, as for any
 * code that is not of the standard shape, or of an agency never met.
 */
static int
id_of(struct mc_store *s, struct mc_str code, int64_t *id, struct mc_err *err)
{
	struct mc_code_parts parts;
	int32_t agency;
	int rc;

	*id = 0;
	if (!mc_code_split(&parts, code))
		return 0;
	rc = mc_store_lookup(s, MC_D_AGENCY, parts.agency, &agency, err);
	if (rc == 1)
		*id = mc_code_pack(parts.day, agency, parts.sequence);
	return rc == -1 ? -1 : 0;
}

/* Of a code whose id_of() is *id; *row_hash is 0 where it is not known, too. */
static int
find_own(struct mc_store *s, struct mc_str code, int64_t *id, int64_t *row_hash,
    struct mc_err *err)
{
	struct mc_code_parts parts;

	*row_hash = 0;
	if (*id != 0)
		return exists(s, *id, row_hash, err);
	if (mc_code_split(&parts, code))
		return 0; /* no dossier of that agency */
	return mc_db_int(
	    s->db, MC_SQL_CODE_FIND, MC_ARGS(MC_TEXT(code)), id, 0, err);
}

int
mc_store_find_own(
    struct mc_store *s, struct mc_str code, int64_t *id, struct mc_err *err)
{
	int64_t ignored;

	return id_of(s, code, id, err) == -1
		   ? -1
		   : find_own(s, code, id, &ignored, err);
}

static int
find(struct mc_store *s, struct mc_str code, int64_t *id, struct mc_err *err)
{
	int64_t row_hash;
	int rc = find_own(s, code, id, &row_hash, err);

	if (rc == 1 && row_hash == 0)
		return prefer_living(s, code, id, err);
	return rc != 0 ? rc : mc_store_find_alias(s, code, id, err);
}

int
mc_store_find(
    struct mc_store *s, struct mc_str code, int64_t *id, struct mc_err *err)
{
	return id_of(s, code, id, err) == -1 ? -1 : find(s, code, id, err);
}

int
mc_store_locate(struct mc_store *s, struct mc_str code, int64_t *id,
    int64_t *place, struct mc_err *err)
{
	int rc;

	*place = INT64_MAX;
	if (id_of(s, code, id, err) == -1)
		return -1;
	if (*id != 0)
		*place = *id;
	if ((rc = find(s, code, id, err)) == 1)
		*place = *id;
	return rc;
}

int
mc_store_code(
    struct mc_store *s, int64_t id, struct mc_buf *out, struct mc_err *err)
{
	struct mc_cur *cur;
	struct mc_str code;
	int32_t day, agency, sequence;
	int rc;

	if (id >= MC_CODE_ODD) {
		mc_code_unpack(id, &day, &agency, &sequence);
		mc_code_put(out, mc_str(mc_store_text(s, MC_D_AGENCY, agency)),
		    day, sequence);
		return 0;
	}
	if (mc_cur_open(
		&cur, s->db, MC_SQL_CODE_GET, MC_ARGS(MC_INT(id)), err) == -1)
		return -1;
	if ((rc = mc_cur_next(cur, err)) == 1) {
		code = mc_cur_text(cur, 0);
		mc_buf_add(out, code.p, code.len);
	} else if (rc == 0) {
		mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "%s: a dossier has no code", mc_db_path(s->db));
	}
	mc_cur_close(cur);
	return rc == 1 ? 0 : -1;
}

void
mc_store_new_at(struct mc_case *c, int64_t place)
{
	mc_case_init(c);
	c->id = place;
}

int
mc_store_new(struct mc_store *s, struct mc_str code, struct mc_case *c,
    struct mc_err *err)
{
	struct mc_code_parts parts;
	int32_t agency;

	mc_case_init(c);
	if (mc_code_split(&parts, code)) {
		if (names_id(s, MC_D_AGENCY, parts.agency, &agency, err) == -1)
			return -1;
		c->id = mc_code_pack(parts.day, agency, parts.sequence);
		return 0;
	}
	if (s->last_odd == -1 && mc_db_int(s->db, MC_SQL_CODE_MAX, MC_NOARGS,
				     &s->last_odd, 0, err) == -1)
		return -1;
	c->id = ++s->last_odd;
	return mc_db_run(
	    s->db, MC_SQL_CODE_ADD, MC_ARGS(MC_INT(c->id), MC_TEXT(code)), err);
}
