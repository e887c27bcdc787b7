/* rulebook.c - rules as of one commit, parsed when asked for, then kept. */
#include <stdlib.h>
#include <string.h>

#include <motcua/embed.h>
#include <motcua/json.h>
#include <motcua/rulebook.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "rulebook_internal.h"
#include "starter.inc"

/* Parsed files live as long as the rulebook, and serve every commit. */
struct definition {
	struct mc_procedure *procedure;
	char *path, blob[MC_OID_HEX];
	struct mc_buf text;
};
struct calendar {
	struct mc_calendar *calendar;
	struct mc_zone *zone; /* borrowed */
	char *name, blob[MC_OID_HEX];
};
struct units {
	struct mc_units *units;
	char blob[MC_OID_HEX], officers[MC_OID_HEX], absences[MC_OID_HEX];
};

/* All files of one code. */
struct code {
	char *code;
	size_t first, files;        /* in snapshot.file */
	struct mc_version *version; /* once read: by effective_from */
	struct mc_err failed;
	bool read;
};

/* The rulebook at one commit. */
struct snapshot {
	struct mc_repo_tree *tree;
	struct mc_rulebook_config config;
	const struct mc_units *units;
	MC_VEC(const struct calendar *) calendar;
	MC_VEC(struct code) code;
	MC_VEC(const struct mc_repo_entry *) file; /* grouped by code */
	int *slot; /* hash of code: index + 1, 0 when empty */
	size_t mask;
	const struct mc_version **all;
	size_t n_all;
	bool all_read;
};

struct mc_rulebook {
	struct mc_repo *repo;
	char *path, *rev;
	struct snapshot *now; /* the last of: */
	MC_VEC(struct snapshot *) snapshot;
	MC_VEC(struct definition *) definition;
	MC_VEC(struct calendar *) calendar;
	MC_VEC(struct units *) units;
	MC_VEC(char *) map;
};

/* ---- paths ---- */

struct mc_str
mc_rulebook_stem(const char *path, const char *folder)
{
	static const struct mc_str none = { NULL, 0 };
	struct mc_str s = mc_str(path);
	size_t n = strlen(folder);

	if (s.len <= n + 6 || strncmp(path, folder, n) != 0 || path[n] != '/' ||
	    strcmp(path + s.len - 5, ".json") != 0)
		return none;
	s = (struct mc_str){ path + n + 1, s.len - n - 6 };
	return memchr(s.p, '/', s.len) == NULL ? s : none;
}

bool
mc_rulebook_procedure_path(
    struct mc_str path, struct mc_str *code, struct mc_str *when)
{
	struct mc_str folder, field, file;

	if (path.len < 6 || memcmp(path.p + path.len - 5, ".json", 5) != 0)
		return false;
	path.len -= 5;
	if (!mc_str_split(path, '/', &folder, &file) ||
	    !mc_str_is(folder, "procedures") ||
	    !mc_str_split(file, '/', &field, &file) || file.len == 0 ||
	    memchr(file.p, '/', file.len) != NULL)
		return false;
	*code = file;
	*when = (struct mc_str){ NULL, 0 };
	mc_str_split(file, '@', code, when);
	return true;
}

/* ---- a commit ---- */

static void
snapshot_free(struct snapshot *s)
{
	size_t i, k;

	for (i = 0; i < s->code.n; i++) {
		free(s->code.p[i].code);
		for (k = 0;
		     s->code.p[i].version != NULL && k < s->code.p[i].files;
		     k++)
			free(
			    (void *)(uintptr_t)s->code.p[i].version[k].in_case);
		free(s->code.p[i].version);
	}
	mc_vec_free(&s->code);
	mc_vec_free(&s->file);
	mc_vec_free(&s->calendar);
	mc_rulebook_config_free(&s->config);
	mc_repo_tree_free(s->tree);
	free(s->slot);
	free(s->all);
	free(s);
}

static struct mc_str
code_of(const struct mc_repo_entry *e)
{
	struct mc_str code = { NULL, 0 }, when;

	mc_rulebook_procedure_path(mc_str(e->path), &code, &when);
	return code;
}

static int
by_code(const void *a, const void *b)
{
	const struct mc_repo_entry *const *x = a, *const *y = b;
	struct mc_str cx = code_of(*x), cy = code_of(*y);
	int d = memcmp(cx.p, cy.p, cx.len < cy.len ? cx.len : cy.len);

	if (d != 0)
		return d;
	if (cx.len != cy.len)
		return cx.len < cy.len ? -1 : 1;
	return strcmp((*x)->path, (*y)->path);
}

static int *
slot_of(const struct snapshot *s, struct mc_str code)
{
	size_t at = mc_text_hash(code.p, code.len) & s->mask;

	while (s->slot[at] != 0 &&
	       !mc_str_is(code, s->code.p[s->slot[at] - 1].code))
		at = (at + 1) & s->mask;
	return &s->slot[at];
}

/* Which files there are of which code: names only, nothing is read. */
static void
index_codes(struct snapshot *s)
{
	struct mc_str code, when;
	size_t i, size = 16;

	for (i = 0; i < s->tree->n; i++)
		if (mc_rulebook_procedure_path(
			mc_str(s->tree->entry[i].path), &code, &when))
			mc_vec_push(&s->file, &s->tree->entry[i]);
	if (s->file.n > 1)
		qsort(s->file.p, s->file.n, sizeof(*s->file.p), by_code);
	for (i = 0; i < s->file.n; i++) {
		struct code c = { .first = i, .files = 1 };

		code = code_of(s->file.p[i]);
		if (s->code.n > 0 &&
		    mc_str_is(code, s->code.p[s->code.n - 1].code)) {
			s->code.p[s->code.n - 1].files++;
			continue;
		}
		c.code = mc_strndup(code.p, code.len);
		mc_vec_push(&s->code, c);
	}
	while (size < 2 * s->code.n)
		size *= 2;
	s->slot = mc_calloc(size, sizeof(*s->slot));
	s->mask = size - 1;
	for (i = 0; i < s->code.n; i++)
		*slot_of(s, mc_str(s->code.p[i].code)) = (int)i + 1;
}

static int
missing(const struct mc_rulebook *rb, const struct snapshot *s, const char *id,
    const char *file, struct mc_err *err)
{
	mc_err(err, MC_ENOTFOUND, id, "there is no file \"%s\" in commit %s",
	    file, s->tree->commit);
	return mc_err_at(err, rb->path, 0, 0);
}

static int
load(struct mc_rulebook *rb, const char *commit, struct mc_err *err)
{
	struct snapshot *s = mc_calloc(1, sizeof(*s));
	const struct mc_repo_entry *e;
	struct mc_buf text = { 0 };
	int rc = -1;

	if (mc_repo_tree(rb->repo, commit, &s->tree, err) == -1)
		goto done;
	e = mc_repo_tree_find(s->tree, MC_RULEBOOK_FILE);
	if (e == NULL) {
		missing(rb, s, "E_RULES", MC_RULEBOOK_FILE, err);
		goto done;
	}
	if (mc_repo_blob(rb->repo, e->blob, &text, err) == -1 ||
	    mc_rulebook_config_read(&s->config,
		(struct mc_str){ mc_buf_str(&text), text.len }, err) == -1)
		goto done;
	index_codes(s);
	mc_vec_push(&rb->snapshot, s);
	rb->now = s;
	rc = 0;
done:
	mc_buf_free(&text);
	if (rc == -1)
		snapshot_free(s);
	return rc;
}

int
mc_rulebook_open(struct mc_rulebook **out, const char *repo, const char *rev,
    struct mc_err *err)
{
	struct mc_rulebook *rb = mc_calloc(1, sizeof(*rb));
	struct mc_buf ref = { 0 };
	char commit[MC_OID_HEX];
	int rc;

	*out = NULL;
	/* A relative path must still be right after a change of directory. */
	rb->path = realpath(repo, NULL);
	if (rb->path == NULL)
		rb->path = mc_strdup(repo);
	rc = mc_repo_open(&rb->repo, repo, err);
	if (rc == 0 && rev == NULL)
		rc = mc_repo_head(rb->repo, &ref, err);
	if (rc == 0) {
		rb->rev = mc_strdup(rev != NULL ? rev : mc_buf_str(&ref));
		rc = mc_repo_resolve(rb->repo, rb->rev, commit, err);
	}
	if (rc == 0)
		rc = load(rb, commit, err);
	mc_buf_free(&ref);
	if (rc == -1) {
		mc_rulebook_free(rb);
		return -1;
	}
	*out = rb;
	return 0;
}

void
mc_rulebook_free(struct mc_rulebook *rb)
{
	size_t i;

	if (rb == NULL)
		return;
	for (i = 0; i < rb->definition.n; i++) {
		mc_procedure_free(rb->definition.p[i]->procedure);
		mc_buf_free(&rb->definition.p[i]->text);
		free(rb->definition.p[i]->path);
		free(rb->definition.p[i]);
	}
	for (i = 0; i < rb->calendar.n; i++) {
		mc_calendar_free(rb->calendar.p[i]->calendar);
		free(rb->calendar.p[i]->name);
		free(rb->calendar.p[i]);
	}
	for (i = 0; i < rb->units.n; i++) {
		mc_units_free(rb->units.p[i]->units);
		free(rb->units.p[i]);
	}
	for (i = 0; i < rb->map.n; i++)
		free(rb->map.p[i]);
	for (i = 0; i < rb->snapshot.n; i++)
		snapshot_free(rb->snapshot.p[i]);
	mc_vec_free(&rb->definition);
	mc_vec_free(&rb->calendar);
	mc_vec_free(&rb->units);
	mc_vec_free(&rb->map);
	mc_vec_free(&rb->snapshot);
	mc_repo_free(rb->repo);
	free(rb->path);
	free(rb->rev);
	free(rb);
}

int
mc_rulebook_refresh(struct mc_rulebook *rb, struct mc_err *err)
{
	char commit[MC_OID_HEX];

	if (mc_repo_resolve(rb->repo, rb->rev, commit, err) == -1)
		return -1;
	if (strcmp(commit, rb->now->tree->commit) == 0)
		return 0;
	return load(rb, commit, err) == -1 ? -1 : 1;
}

const char *
mc_rulebook_commit(const struct mc_rulebook *rb)
{
	return rb->now->tree->commit;
}

const char *
mc_rulebook_path(const struct mc_rulebook *rb)
{
	return rb->path;
}

const char *
mc_rulebook_name(const struct mc_rulebook *rb)
{
	return rb->now->config.name;
}

const char *
mc_rulebook_agency(const struct mc_rulebook *rb)
{
	return rb->now->config.agency;
}

const struct mc_zone *
mc_rulebook_zone(const struct mc_rulebook *rb)
{
	return rb->now->config.zone;
}

bool
mc_rulebook_codes_standard(const struct mc_rulebook *rb)
{
	return rb->now->config.standard;
}

struct mc_repo *
mc_rulebook_repo(struct mc_rulebook *rb)
{
	return rb->repo;
}

const struct mc_policy *
mc_rulebook_policy(const struct mc_rulebook *rb)
{
	return &rb->now->config.policy;
}

/* ---- units and calendars ---- */

/* The tables of the organisation whose blobs x names. */
static int
read_units(struct mc_rulebook *rb, struct units *x, struct mc_err *err)
{
	struct mc_buf units = { 0 }, officers = { 0 }, absences = { 0 };
	int rc;

	rc = mc_repo_blob(rb->repo, x->blob, &units, err);
	if (rc == 0 && x->officers[0] != '\0')
		rc = mc_repo_blob(rb->repo, x->officers, &officers, err);
	if (rc == 0 && x->absences[0] != '\0')
		rc = mc_repo_blob(rb->repo, x->absences, &absences, err);
	if (rc == 0)
		rc = mc_units_new(&x->units, MC_RULEBOOK_UNITS,
		    (struct mc_str){ units.p, units.len }, MC_RULEBOOK_OFFICERS,
		    (struct mc_str){ officers.p, officers.len }, err);
	if (rc == 0 && x->absences[0] != '\0')
		rc = mc_units_absences(x->units, MC_RULEBOOK_ABSENCES,
		    (struct mc_str){ absences.p, absences.len }, err);
	mc_buf_free(&units);
	mc_buf_free(&officers);
	mc_buf_free(&absences);
	return rc;
}

int
mc_rulebook_units(
    struct mc_rulebook *rb, const struct mc_units **out, struct mc_err *err)
{
	struct snapshot *s = rb->now;
	const struct mc_repo_entry *u, *o, *a;
	struct units *x;
	size_t i;

	*out = s->units;
	if (s->units != NULL)
		return 0;
	u = mc_repo_tree_find(s->tree, MC_RULEBOOK_UNITS);
	o = mc_repo_tree_find(s->tree, MC_RULEBOOK_OFFICERS);
	a = mc_repo_tree_find(s->tree, MC_RULEBOOK_ABSENCES);
	if (u == NULL)
		return missing(rb, s, "E_UNIT", MC_RULEBOOK_UNITS, err);
	for (i = 0; i < rb->units.n; i++) {
		x = rb->units.p[i];
		if (strcmp(x->blob, u->blob) == 0 &&
		    strcmp(x->officers, o != NULL ? o->blob : "") == 0 &&
		    strcmp(x->absences, a != NULL ? a->blob : "") == 0) {
			*out = s->units = x->units;
			return 0;
		}
	}
	x = mc_calloc(1, sizeof(*x));
	memcpy(x->blob, u->blob, sizeof(x->blob));
	if (o != NULL)
		memcpy(x->officers, o->blob, sizeof(x->officers));
	if (a != NULL)
		memcpy(x->absences, a->blob, sizeof(x->absences));
	if (read_units(rb, x, err) == -1) {
		mc_units_free(x->units);
		free(x);
		return -1;
	}
	mc_vec_push(&rb->units, x);
	*out = s->units = x->units;
	return 0;
}

static int
parse_calendar(struct mc_rulebook *rb, struct calendar *c, const char *path,
    struct mc_err *err)
{
	struct mc_buf text = { 0 };
	struct mc_json *doc = NULL;
	struct mc_str s;
	int rc;

	rc = mc_repo_blob(rb->repo, c->blob, &text, err);
	s = (struct mc_str){ mc_buf_str(&text), text.len };
	if (rc == 0)
		rc = mc_json_parse(&doc, path, s, err);
	if (rc == 0)
		rc = mc_calendar_new(&c->calendar, path, doc, s, c->zone, err);
	mc_json_free(doc);
	mc_buf_free(&text);
	return rc;
}

/* Not yet looked at in this commit; maybe known from another one. */
static int
find_calendar(struct mc_rulebook *rb, const char *name,
    const struct calendar **out, struct mc_err *err)
{
	struct snapshot *s = rb->now;
	const struct mc_repo_entry *e;
	struct mc_buf path = { 0 };
	struct calendar *c;
	size_t i;

	mc_buf_printf(&path, "calendars/%s.json", name);
	e = mc_repo_tree_find(s->tree, path.p);
	if (e == NULL) {
		mc_buf_free(&path);
		mc_err(err, MC_ENOTFOUND, "E_CALENDAR",
		    "there is no calendar \"%s\" in commit %s", name,
		    s->tree->commit);
		return mc_err_at(err, rb->path, 0, 0);
	}
	for (i = 0; i < rb->calendar.n; i++) {
		c = rb->calendar.p[i];
		if (strcmp(c->blob, e->blob) == 0 &&
		    strcmp(c->name, name) == 0 &&
		    strcmp(mc_zone_name(c->zone),
			mc_zone_name(s->config.zone)) == 0)
			break;
	}
	if (i == rb->calendar.n) {
		c = mc_calloc(1, sizeof(*c));
		memcpy(c->blob, e->blob, sizeof(c->blob));
		c->zone = s->config.zone;
		if (parse_calendar(rb, c, path.p, err) == -1) {
			mc_buf_free(&path);
			free(c);
			return -1;
		}
		c->name = mc_strdup(name);
		mc_vec_push(&rb->calendar, c);
	}
	mc_buf_free(&path);
	*out = rb->calendar.p[i];
	mc_vec_push(&s->calendar, *out);
	return 0;
}

int
mc_rulebook_calendar(struct mc_rulebook *rb, const char *name,
    const struct mc_calendar **out, const char **blob, struct mc_err *err)
{
	const struct snapshot *s = rb->now;
	const struct calendar *c = NULL;
	size_t i;

	*out = NULL;
	if (name == NULL)
		name = s->config.calendar;
	for (i = 0; i < s->calendar.n && c == NULL; i++)
		if (strcmp(s->calendar.p[i]->name, name) == 0)
			c = s->calendar.p[i];
	if (c == NULL && find_calendar(rb, name, &c, err) == -1)
		return -1;
	*out = c->calendar;
	*blob = c->blob;
	return 0;
}

int
mc_rulebook_calendar_for(struct mc_rulebook *rb, const char *procedure_calendar,
    const struct mc_unit *receiving, const struct mc_calendar **out,
    const char **blob, struct mc_err *err)
{
	const char *name = procedure_calendar;

	if (name == NULL && receiving != NULL)
		name = receiving->calendar;
	return mc_rulebook_calendar(rb, name, out, blob, err);
}

/* ---- procedures ---- */

static int
define(struct mc_rulebook *rb, const struct mc_repo_entry *e,
    const struct definition **out, struct mc_err *err)
{
	struct mc_str code = code_of(e);
	struct definition *d;
	size_t i;

	/* Only a commit after the first can meet what is known already. */
	for (i = 0; rb->snapshot.n > 1 && i < rb->definition.n; i++) {
		d = rb->definition.p[i];
		if (strcmp(d->blob, e->blob) == 0 &&
		    strcmp(d->path, e->path) == 0) {
			*out = d;
			return 0;
		}
	}
	d = mc_calloc(1, sizeof(*d));
	d->path = mc_strdup(e->path);
	memcpy(d->blob, e->blob, sizeof(d->blob));
	if (mc_repo_blob(rb->repo, e->blob, &d->text, err) == -1 ||
	    mc_procedure_parse(&d->procedure, e->path,
		(struct mc_str){ mc_buf_str(&d->text), d->text.len },
		err) == -1)
		goto fail;
	if (!mc_str_is(code, d->procedure->code)) {
		mc_err(err, MC_EDATA, "E_NAME",
		    "the file of \"%.*s\" defines the code \"%s\"",
		    (int)code.len, code.p, d->procedure->code);
		mc_err_at(err, e->path, 0, 0);
		goto fail;
	}
	mc_vec_push(&rb->definition, d);
	*out = d;
	return 0;
fail:
	mc_procedure_free(d->procedure);
	mc_buf_free(&d->text);
	free(d->path);
	free(d);
	return -1;
}

static int
by_date(const void *a, const void *b)
{
	const struct mc_version *x = a, *y = b;

	if (x->procedure->effective_from != y->procedure->effective_from)
		return x->procedure->effective_from <
			       y->procedure->effective_from
			   ? -1
			   : 1;
	return strcmp(x->path, y->path);
}

/* Once it stands where it stays. */
static void
add_cases(struct mc_version *v)
{
	const struct mc_procedure *p = v->procedure;
	struct mc_version *as = NULL;
	int i;

	v->whole = v;
	if (p->n_cases > 0)
		as = mc_calloc((size_t)p->n_cases, sizeof(*as));
	for (i = 0; i < p->n_cases; i++) {
		as[i] = *v;
		as[i].procedure = p->cases[i].as;
	}
	v->in_case = as;
}

/* All versions of a code, once; a file that is wrong fails all of them. */
static int
read_code(struct mc_rulebook *rb, struct code *c)
{
	struct snapshot *s = rb->now;
	const struct mc_repo_entry *e;
	const struct definition *d;
	struct mc_version *v;
	size_t i;

	c->read = true;
	c->version = mc_calloc(c->files, sizeof(*c->version));
	for (i = 0; i < c->files; i++) {
		e = s->file.p[c->first + i];
		v = &c->version[i];
		v->policy = s->config.policy;
		if (define(rb, e, &d, &c->failed) == -1 ||
		    mc_procedure_policy(d->procedure, &v->policy, &c->failed) ==
			-1)
			return -1;
		v->procedure = d->procedure;
		v->commit = s->tree->commit;
		v->path = e->path;
		v->blob = e->blob;
		v->text = (struct mc_str){ d->text.p, d->text.len };
	}
	qsort(c->version, c->files, sizeof(*c->version), by_date);
	for (i = 0; i < c->files; i++)
		add_cases(&c->version[i]);
	return 0;
}

const struct mc_version *
mc_version_in_case(const struct mc_version *v, const char *id)
{
	const struct mc_procedure *as =
	    mc_procedure_in_case(v->procedure, mc_str(id != NULL ? id : ""));

	return as != NULL ? mc_version_as(v, as) : v->whole;
}

const struct mc_version *
mc_version_as(const struct mc_version *v, const struct mc_procedure *as)
{
	return as->of_case == -1 ? v->whole : &v->whole->in_case[as->of_case];
}

static int
unknown_code(struct mc_rulebook *rb, struct mc_str code, struct mc_err *err)
{
	return mc_err(err, MC_ENOTFOUND, "E_PROCEDURE",
	    "no procedure \"%.*s\" in commit %.10s",
	    (int)(code.len < 64 ? code.len : 64), code.len > 0 ? code.p : "",
	    rb->now->tree->commit);
}

static int
no_version(const struct code *c, int32_t day, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	size_t i;

	mc_buf_printf(
	    &b, "no version of procedure \"%s\" is in force on ", c->code);
	mc_day_put(&b, day);
	mc_err(err, MC_ENOTFOUND, "E_VERSION", "%s", b.p);
	mc_buf_reset(&b);
	for (i = 0; i < c->files && i < 8; i++) {
		mc_buf_puts(&b, i == 0 ? "in force: " : ", ");
		mc_day_put(&b, c->version[i].procedure->effective_from);
		mc_buf_puts(&b, " to ");
		if (c->version[i].procedure->effective_to != MC_NODAY)
			mc_day_put(&b, c->version[i].procedure->effective_to);
		else
			mc_buf_puts(&b, "today");
	}
	mc_err_advise(err, "%s", mc_buf_str(&b));
	mc_buf_free(&b);
	return -1;
}

int
mc_rulebook_version(struct mc_rulebook *rb, struct mc_str code, int32_t day,
    const struct mc_version **out, struct mc_err *err)
{
	const struct mc_procedure *p;
	struct code *c;
	size_t i;
	int at = *slot_of(rb->now, code);

	*out = NULL;
	if (at == 0)
		return unknown_code(rb, code, err);
	c = &rb->now->code.p[at - 1];
	if (!c->read)
		read_code(rb, c);
	if (c->failed.code != MC_OK) {
		*err = c->failed;
		return -1;
	}
	for (i = c->files; i > 0; i--) {
		p = c->version[i - 1].procedure;
		if (p->effective_from <= day &&
		    (p->effective_to == MC_NODAY || day <= p->effective_to)) {
			*out = &c->version[i - 1];
			return 0;
		}
	}
	return no_version(c, day, err);
}

int
mc_rulebook_versions(struct mc_rulebook *rb,
    const struct mc_version *const **out, size_t *n, struct mc_err *err)
{
	struct snapshot *s = rb->now;
	struct code *c;
	size_t i, k;

	*out = NULL;
	*n = 0;
	for (i = 0; !s->all_read && i < s->code.n; i++) {
		c = &s->code.p[i];
		if (!c->read)
			read_code(rb, c);
		if (c->failed.code != MC_OK) {
			*err = c->failed;
			return -1;
		}
	}
	if (!s->all_read) {
		s->all = mc_calloc(s->file.n + 1, sizeof(*s->all));
		for (i = 0; i < s->code.n; i++)
			for (k = 0; k < s->code.p[i].files; k++)
				s->all[s->n_all++] = &s->code.p[i].version[k];
		s->all_read = true;
	}
	*out = s->all;
	*n = s->n_all;
	return 0;
}

int
mc_rulebook_map(struct mc_rulebook *rb, const char *name, struct mc_str *text,
    struct mc_err *err)
{
	const struct mc_repo_entry *e = NULL;
	struct mc_buf path = { 0 }, b = { 0 };
	char *copy;

	if (name != NULL) {
		mc_buf_printf(&path, "maps/%s.json", name);
		e = mc_repo_tree_find(rb->now->tree, path.p);
	}
	mc_buf_free(&path);
	if (e == NULL) {
		mc_err(err, MC_ENOTFOUND, "E_MAP",
		    "there is no map \"%s\" in commit %s",
		    name != NULL ? name : "", rb->now->tree->commit);
		return mc_err_at(err, rb->path, 0, 0);
	}
	if (mc_repo_blob(rb->repo, e->blob, &b, err) == -1)
		return -1;
	mc_buf_puts(&b, "");
	text->len = b.len;
	text->p = copy = mc_buf_detach(&b);
	mc_vec_push(&rb->map, copy);
	return 0;
}

struct mc_str
mc_rulebook_starter_file(const char *path)
{
	const struct mc_file *f;

	for (f = starter_files; f->path != NULL; f++)
		if (strcmp(f->path, path) == 0)
			return (struct mc_str){ f->data, f->size };
	return (struct mc_str){ "", 0 };
}

int
mc_rulebook_init(const char *path, int64_t now, struct mc_err *err)
{
	MC_VEC(struct mc_repo_file) v = { 0 };
	const struct mc_file *f;
	int rc;

	for (f = starter_files; f->path != NULL; f++) {
		struct mc_repo_file x = { f->path, { f->data, f->size } };

		mc_vec_push(&v, x);
	}
	rc = mc_repo_init(
	    path, v.p, v.n, "Start with the starter rulebook\n", now, err);
	mc_vec_free(&v);
	return rc;
}
