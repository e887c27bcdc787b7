/* children.c - see motcua/children.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/children.h>
#include <motcua/code.h>
#include <motcua/condition.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/workflow.h>

/* A child that is planned. */
struct child {
	struct mc_buf code, fields, private_fields, personal;
	const struct mc_version *version;
	struct mc_outcome outcome;
	int64_t id; /* it was voided, and comes again; 0: it is new */
};

struct mc_children {
	struct mc_store *store;
	struct mc_rulebook *rb, *own; /* own: opened here */
	const struct mc_units *units;
	struct child child[MC_PROCEDURE_CHILDREN];
	size_t n;
	struct mc_case c;
	uint64_t last_seq;

	struct mc_parent parent;
	struct mc_json *doc[2];         /* its fields */
	struct mc_json *private_fields; /* of the child in hand */
	const char *code;               /* its procedure's */
};

struct mc_children *
mc_children_new(struct mc_store *s)
{
	struct mc_children *ch = mc_calloc(1, sizeof(*ch));

	ch->store = s;
	return ch;
}

void
mc_children_free(struct mc_children *ch)
{
	struct child *k;

	if (ch == NULL)
		return;
	for (k = ch->child; k < ch->child + MC_PROCEDURE_CHILDREN; k++) {
		mc_buf_free(&k->code);
		mc_buf_free(&k->fields);
		mc_buf_free(&k->private_fields);
		mc_buf_free(&k->personal);
		mc_outcome_free(&k->outcome);
	}
	mc_case_free(&ch->c);
	mc_rulebook_free(ch->own);
	free(ch);
}

int
mc_children_use(
    struct mc_children *ch, struct mc_rulebook *rb, struct mc_err *err)
{
	ch->rb = rb;
	return mc_rulebook_units(rb, &ch->units, err);
}

int
mc_children_use_commit(
    struct mc_children *ch, const char *commit, struct mc_err *err)
{
	if (ch->own != NULL && strcmp(mc_rulebook_commit(ch->own), commit) == 0)
		return mc_children_use(ch, ch->own, err);
	ch->n = 0; /* plans lean on the one before */
	mc_rulebook_free(ch->own);
	ch->own = ch->rb = NULL;
	if (mc_rulebook_open(
		&ch->own, mc_store_site(ch->store)->rules, commit, err) == -1)
		return -1;
	return mc_children_use(ch, ch->own, err);
}

/* ---- what a child takes over ---- */

static const char *
parent_value(void *arg, const char *name)
{
	struct mc_children *ch = arg;
	const char *s = NULL;
	int i;

	if (strcmp(name, "channel") == 0)
		return mc_channel_name(ch->parent.channel);
	for (i = 0; i < 2 && s == NULL; i++)
		s = mc_json_str(mc_json_get(ch->doc[i], name));
	return s;
}

static int
by_name(const void *va, const void *vb)
{
	const struct mc_field *const *a = va, *const *b = vb;

	return strcmp((*a)->name, (*b)->name);
}

/* The shared fields, as canonical JSON: those that are public, or others. */
static void
put_fields(struct mc_children *ch, const struct mc_procedure *to, bool public,
    struct mc_buf *out)
{
	const struct mc_procedure *from = ch->parent.procedure;
	const struct mc_field *list[MC_PROCEDURE_FIELDS], *f, *g;
	struct mc_jw w = mc_jw(out);
	int i, n = 0;

	mc_buf_reset(out);
	for (i = 0; i < to->n_fields; i++) {
		f = &to->fields[i];
		g = mc_procedure_field(from, mc_str(f->name));
		if (g != NULL && g->type == f->type &&
		    (g->public && f->public) == public &&
		    parent_value(ch, f->name) != NULL)
			list[n++] = f;
	}
	if (n == 0)
		return;
	qsort(list, (size_t)n, sizeof(list[0]), by_name);
	mc_jw_open(&w, '{');
	for (i = 0; i < n; i++) {
		mc_jw_key(&w, list[i]->name);
		mc_jw_strz(&w, parent_value(ch, list[i]->name));
	}
	mc_jw_close(&w, '}');
}

static void
take_over(struct mc_children *ch, struct child *k)
{
	static const enum mc_personal shared[] = { MC_P_ADDRESS,
		MC_P_APPLICANT_ID, MC_P_APPLICANT_NAME, MC_P_EMAIL, MC_P_PHONE,
		MC_P_SUBJECT };
	struct mc_str v[MC_P__COUNT] = { { NULL, 0 } };
	size_t i;

	put_fields(ch, k->version->procedure, true, &k->fields);
	put_fields(ch, k->version->procedure, false, &k->private_fields);
	for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		v[shared[i]] = ch->parent.personal[shared[i]];
	v[MC_P_FIELDS] =
	    (struct mc_str){ k->private_fields.p, k->private_fields.len };
	mc_buf_reset(&k->personal);
	mc_personal_put(&k->personal, v);
}

/* ---- planning ---- */

static int
calendar(void *arg, const char *name, const struct mc_unit *unit,
    const struct mc_calendar **cal, const char **blob, struct mc_err *err)
{
	struct mc_children *ch = arg;

	return mc_rulebook_calendar_for(ch->rb, name, unit, cal, blob, err);
}

static const char *
private_value(void *arg, const char *name)
{
	struct mc_children *ch = arg;

	return mc_json_str(mc_json_get(ch->private_fields, name));
}

/* Its code, which nobody else may have. */
static int
name_child(
    struct mc_children *ch, struct child *k, int place, struct mc_err *err)
{
	struct mc_str code, parent = ch->parent.code;
	int rc;

	mc_buf_reset(&k->code);
	mc_buf_add(&k->code, parent.p, parent.len);
	mc_buf_printf(&k->code, ".%d", place);
	code = (struct mc_str){ k->code.p, k->code.len };
	k->id = 0;
	if (!mc_code_valid(code))
		return mc_err(err, MC_EREFUSED, "E_CHILD",
		    "its code \"%s\" would have more than %d characters",
		    mc_buf_str(&k->code), MC_CODE_MAX);
	if ((rc = mc_store_find(ch->store, code, &k->id, err)) == 0)
		return 0;
	if (rc == 1 &&
	    (rc = mc_store_find_own(ch->store, code, &k->id, err)) == 1 &&
	    (rc = mc_store_load(ch->store, k->id, &ch->c, err)) == 1 &&
	    ch->c.voided)
		return 0;
	return rc == -1 ? -1
			: mc_err(err, MC_EREFUSED, "E_CHILD",
			      "there is a dossier with its code \"%s\" already",
			      mc_buf_str(&k->code));
}

/* The child as one that is registered and waits to be received. */
static int
registered(struct mc_children *ch, const struct child *k,
    const struct mc_unit *unit, struct mc_err *err)
{
	const struct mc_names *names = mc_store_names(ch->store);
	struct mc_case *c = &ch->c;

	mc_case_init(c);
	c->status = MC_S_REGISTERED;
	c->channel = ch->parent.channel;
	mc_buf_add(&c->fields, k->fields.p, k->fields.len);
	return names->id(names->arg, MC_D_PROCEDURE, mc_str(ch->code),
		   &c->procedure, err) == -1
		   ? -1
		   : names->id(names->arg, MC_D_UNIT, mc_str(unit->code),
			 &c->unit, err);
}

static void
say_more(struct mc_children *ch, struct child *k)
{
	struct mc_event *e = &k->outcome.event[k->outcome.n - 1].e;

	mc_event_str(e, MC_F_PARENT, ch->parent.code);
	if (ch->parent.applicant_kind.len > 0)
		mc_event_str(e, MC_F_APPLICANT_KIND, ch->parent.applicant_kind);
	if (k->fields.len > 0)
		mc_event_str(e, MC_F_FIELDS,
		    (struct mc_str){ k->fields.p, k->fields.len });
}

static int
receive(struct mc_children *ch, struct child *k, const struct mc_unit *unit,
    int64_t now, struct mc_err *err)
{
	const struct mc_version *v = k->version;
	struct mc_request req = MC_REQUEST(MC_A_RECEIVE);
	const struct mc_rules rules = { .procedure = v->procedure,
		.policy = &v->policy,
		.commit = v->commit,
		.path = v->path,
		.blob = v->blob,
		.units = ch->units,
		.names = mc_store_names(ch->store),
		.calendar = calendar,
		.private_value = private_value,
		.revision = mc_rulebook_commit(ch->rb),
		.arg = ch };
	int rc;

	if (registered(ch, k, unit, err) == -1 ||
	    (k->private_fields.len > 0 &&
		mc_json_parse(&ch->private_fields, "fields",
		    (struct mc_str){
			k->private_fields.p, k->private_fields.len },
		    err) == -1))
		return -1;
	req.at = ch->parent.at;
	rc = mc_workflow(&k->outcome, &rules, &ch->c, &req,
	    now > req.at ? now : req.at, err);
	mc_json_free(ch->private_fields);
	ch->private_fields = NULL;
	if (rc == 0)
		say_more(ch, k);
	return rc;
}

static int
plan_child(struct mc_children *ch, int at, const struct mc_unit *home,
    int64_t now, struct mc_err *err)
{
	const struct mc_procedure_child *def =
	    &ch->parent.procedure->children[at];
	int32_t day = mc_zone_day(mc_store_zone(ch->store), ch->parent.at);
	struct child *k = &ch->child[ch->n];
	const struct mc_unit *unit;
	int rc = 1;

	ch->code = def->procedure;
	if (def->when != NULL)
		rc = mc_condition_eval(def->when, parent_value, ch, err);
	if (rc != 1)
		return rc;
	if (mc_rulebook_version(
		ch->rb, mc_str(def->procedure), day, &k->version, err) == -1 ||
	    mc_units_resolve(ch->units, home, def->role, def->unit, NULL, day,
		&unit, err) == -1)
		return -1;
	take_over(ch, k);
	if (name_child(ch, k, at + 1, err) == -1 ||
	    receive(ch, k, unit, now, err) == -1)
		return -1;
	ch->n++;
	return 0;
}

/* The message says of which child; the code stays what it was. */
static int
of_child(struct mc_children *ch, int at, struct mc_err *err)
{
	struct mc_err e = *err;

	return mc_err(err, e.code, e.id, "child %d, procedure %s: %s%s%s",
	    at + 1, ch->code, e.where, e.where[0] != '\0' ? ": " : "", e.msg);
}

int
mc_children_plan(struct mc_children *ch, const struct mc_parent *p, int64_t now,
    struct mc_err *err)
{
	int32_t day = mc_zone_day(mc_store_zone(ch->store), p->at);
	const struct mc_unit *unit = mc_unit_find(ch->units, p->unit, day);
	int i, rc = 0;

	ch->n = 0;
	ch->parent = *p;
	if (unit == NULL)
		return mc_err(err, MC_EREFUSED, "E_UNIT",
		    "no unit has the code \"%.*s\"", (int)p->unit.len,
		    p->unit.p);
	unit = mc_unit_home(ch->units, unit, day, p->holder, day);
	for (i = 0; i < 2 && rc == 0; i++)
		if (p->fields[i].len > 0)
			rc = mc_json_parse(
			    &ch->doc[i], "fields", p->fields[i], err);
	for (i = 0; i < p->procedure->n_children && rc == 0; i++)
		if ((rc = plan_child(ch, i, unit, now, err)) == -1)
			of_child(ch, i, err);
	for (i = 0; i < 2; i++) {
		mc_json_free(ch->doc[i]);
		ch->doc[i] = NULL;
	}
	return rc;
}

size_t
mc_children_count(const struct mc_children *ch)
{
	return ch->n;
}

struct mc_str
mc_children_code(const struct mc_children *ch, size_t i)
{
	return (struct mc_str){ ch->child[i].code.p, ch->child[i].code.len };
}

uint64_t
mc_children_last_seq(const struct mc_children *ch)
{
	return ch->last_seq;
}

/* ---- writing ---- */

static int
write_child(
    struct mc_children *ch, struct child *k, int64_t run, struct mc_err *err)
{
	const struct mc_version *v = k->version;
	struct mc_event *e;
	int i, rc;

	rc = k->id != 0
		 ? mc_store_load(ch->store, k->id, &ch->c, err)
		 : mc_store_new(ch->store,
		       (struct mc_str){ k->code.p, k->code.len }, &ch->c, err);
	if (rc == -1 || mc_store_keep_definition(ch->store,
			    mc_str(v->procedure->code), v->procedure->title,
			    v->procedure->field, v->blob, v->text, err) == -1)
		return -1;
	for (i = 0; i < k->outcome.n; i++) {
		e = &k->outcome.event[i].e;
		if (run != 0)
			mc_event_int(e, MC_F_RUN, run);
		if (mc_store_append(ch->store, &ch->c, e,
			(struct mc_str){ k->personal.p, k->personal.len },
			err) == -1)
			return -1;
		ch->last_seq = e->seq;
	}
	if (mc_store_save(ch->store, &ch->c, err) == -1)
		return -1;
	mc_store_parent(ch->store, ch->c.id, ch->parent.code);
	return 0;
}

int
mc_children_write(struct mc_children *ch, int64_t run, struct mc_err *err)
{
	size_t i;

	for (i = 0; i < ch->n; i++)
		if (write_child(ch, &ch->child[i], run, err) == -1)
			return -1;
	return 0;
}
