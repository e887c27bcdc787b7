/* migration.c - see motcua/migration.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/history.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/migration.h>
#include <motcua/procedure_diff.h>

#define DIFFERS_MAX 20 /* told of one version */
#define BLOCKS_MAX 20  /* told of one dossier */

/* A definition that dossiers have, and the one they would get. */
#define HEADS 1024u /* a power of two */
struct pair {
	int32_t pin;
	const struct mc_version *to;
	const char *differs; /* NULL: nothing does */
	int next;            /* index + 1 */
};

struct mc_migration {
	struct mc_store *store;
	struct mc_replan *replan;
	int64_t now;
	MC_VEC(struct pair) pair;
	int head[HEADS];
	struct mc_pool kept; /* texts of pairs */
	struct mc_pool pool; /* of rows */
	struct mc_buf text, value;
	struct {
		struct mc_str from, to;
		bool used;
	} map[MC_SETS];
	int maps;
	int64_t seen;

	/* Of the dossier being judged. */
	const struct mc_case *c;
	MC_VEC(struct mc_block) block;
};

const char *
mc_redate_name(enum mc_redate r)
{
	static const char *const name[] = { [MC_REDATE_KEEP] = "keep",
		[MC_REDATE_RECOUNT] = "recount",
		[MC_REDATE_ALL] = "recount-all" };

	return name[r];
}

enum mc_redate
mc_redate_parse(struct mc_str s)
{
	int r;

	for (r = 0; r < MC_REDATE__COUNT; r++)
		if (mc_str_is(s, mc_redate_name((enum mc_redate)r)))
			break;
	return (enum mc_redate)r;
}

const char *
mc_migrate_name(enum mc_migrate r)
{
	static const char *const name[] = { [MC_MIGRATE_PLANNED] = "planned",
		[MC_MIGRATE_UNDECIDED] = "undecided",
		[MC_MIGRATE_REFUSED] = "refused" };

	return name[r];
}

struct mc_migration *
mc_migration_new(struct mc_store *s, struct mc_replan *r, int64_t now)
{
	struct mc_migration *m = mc_calloc(1, sizeof(*m));

	m->store = s;
	m->replan = r;
	m->now = now;
	return m;
}

void
mc_migration_free(struct mc_migration *m)
{
	if (m == NULL)
		return;
	mc_vec_free(&m->pair);
	mc_vec_free(&m->block);
	mc_pool_free(&m->kept);
	mc_pool_free(&m->pool);
	mc_buf_free(&m->text);
	mc_buf_free(&m->value);
	free(m);
}

void
mc_migration_reset(struct mc_migration *m)
{
	mc_pool_reset(&m->pool);
}

int64_t
mc_migration_seen(const struct mc_migration *m)
{
	return m->seen;
}

/* ---- names of steps ---- */

int
mc_migration_map(struct mc_migration *m, struct mc_str from, struct mc_str to,
    struct mc_err *err)
{
	int i;

	for (i = 0; i < m->maps; i++)
		if (mc_str_same(m->map[i].from, from))
			return mc_err(err, MC_EUSAGE, "E_USAGE",
			    "\"%.*s\" stands there twice",
			    (int)(from.len < 100 ? from.len : 100), from.p);
	if (m->maps == MC_SETS)
		return mc_err(err, MC_EUSAGE, "E_USAGE",
		    "given more than %d times", MC_SETS);
	m->map[m->maps].from = from;
	m->map[m->maps].used = false;
	m->map[m->maps++].to = to;
	return 0;
}

int
mc_migration_idle(const struct mc_migration *m, int i, struct mc_str *from)
{
	while (++i < m->maps)
		if (!m->map[i].used) {
			*from = m->map[i].from;
			return i;
		}
	return -1;
}

/* As it is mapped, where the version has such a step; else as before. */
static struct mc_str
name_in(struct mc_migration *m, const struct mc_procedure *p, const char *step)
{
	int i;

	for (i = 0; i < m->maps; i++)
		if (mc_str_is(m->map[i].from, step) &&
		    mc_procedure_step(p, m->map[i].to) != -1) {
			m->map[i].used = true;
			return m->map[i].to;
		}
	return mc_str(step);
}

static void
name_steps(struct mc_migration *m, const struct mc_case *c,
    struct mc_migration_row *row)
{
	int i;

	row->steps = c->steps;
	row->step =
	    mc_pool_get(&m->pool, (size_t)(c->steps + 1) * sizeof(*row->step));
	for (i = 0; i < c->steps; i++) {
		row->step[i] =
		    (struct mc_fit_step){ .from = mc_store_text(m->store,
					      MC_D_STEP, c->step[i].step) };
		row->step[i].to =
		    name_in(m, row->to->procedure, row->step[i].from);
	}
}

/* ---- versions ---- */

struct telling {
	struct mc_jw w;
	int n;
};

static void
tell_change(void *arg, const struct mc_change *c)
{
	struct telling *t = arg;

	if (t->n++ < DIFFERS_MAX)
		mc_jw_strz(&t->w, c->words);
}

/* What the rulebook says and not the file is a difference, too. */
static void
tell_policy(struct mc_migration *m, struct telling *t,
    const struct mc_policy *a, const struct mc_policy *b)
{
	struct mc_buf x = { 0 }, y = { 0 };

	mc_policy_describe(&x, a);
	mc_policy_describe(&y, b);
	if (strcmp(mc_buf_str(&x), mc_buf_str(&y)) != 0) {
		mc_buf_reset(&m->value);
		mc_buf_printf(&m->value, "policy %s → %s", x.p, y.p);
		mc_jw_strz(&t->w, mc_buf_str(&m->value));
	}
	mc_buf_free(&x);
	mc_buf_free(&y);
}

static int
compare(struct mc_migration *m, struct pair *p, struct mc_err *err)
{
	const struct mc_procedure *old;
	struct mc_policy policy;
	struct mc_pin pin;
	struct telling t;
	bool same_policy;

	if (mc_store_pin(m->store, p->pin, &pin, err) != 1 ||
	    mc_store_definition(m->store, p->pin, &old, &policy, err) == -1)
		return -1;
	mc_buf_reset(&m->text);
	mc_policy_put(&m->text, &p->to->policy);
	same_policy = strcmp(mc_buf_str(&m->text), pin.policy) == 0;
	if (same_policy && strcmp(pin.blob, p->to->blob) == 0)
		return 0;
	mc_buf_reset(&m->text);
	t = (struct telling){ .w = mc_jw(&m->text) };
	mc_jw_open(&t.w, '[');
	mc_diff_documents(
	    old->doc, p->to->procedure->doc, NULL, tell_change, &t);
	if (!same_policy)
		tell_policy(m, &t, &policy, &p->to->policy);
	if (t.n > DIFFERS_MAX)
		mc_jw_strz(&t.w, "...");
	mc_jw_close(&t.w, ']');
	p->differs =
	    mc_pool_str(&m->kept, (struct mc_str){ m->text.p, m->text.len }).p;
	return 0;
}

static int
pair_of(struct mc_migration *m, int32_t pin, const struct mc_version *to,
    const struct pair **out, struct mc_err *err)
{
	uint32_t h =
	    ((uint32_t)pin * 31 + (uint32_t)((uintptr_t)to >> 4)) & (HEADS - 1);
	struct pair p = { pin, to, NULL, m->head[h] };
	int i;

	for (i = m->head[h]; i != 0; i = m->pair.p[i - 1].next) {
		*out = &m->pair.p[i - 1];
		if ((*out)->pin == pin && (*out)->to == to)
			return 0;
	}
	if (compare(m, &p, err) == -1)
		return -1;
	mc_vec_push(&m->pair, p);
	m->head[h] = (int)m->pair.n;
	*out = &m->pair.p[m->pair.n - 1];
	return 0;
}

int
mc_migration_version(struct mc_migration *m, const struct mc_case *c,
    struct mc_rulebook *rb, const struct mc_version **out, struct mc_err *err)
{
	const struct pair *p;
	struct mc_pin pin;

	if (mc_store_pin(m->store, c->pin, &pin, err) != 1 ||
	    mc_rulebook_version(rb,
		mc_str(mc_store_text(m->store, MC_D_PROCEDURE, c->procedure)),
		mc_zone_day(mc_store_zone(m->store), c->received_at), out,
		err) == -1)
		return -1;
	/* Its case was decided at its receipt: it keeps it. */
	if (mc_procedure_in_case((*out)->procedure, mc_str(pin.in_case)) ==
	    NULL) {
		mc_err(err, MC_EDATA, "E_CASE",
		    "its case \"%.64s\" is none of the new version's",
		    pin.in_case);
		mc_err_advise(
		    err, "correct --set=case=ID gives it one that both have");
		return -1;
	}
	*out = mc_version_in_case(*out, pin.in_case);
	if (pair_of(m, c->pin, *out, &p, err) == -1)
		return -1;
	return p->differs != NULL;
}

/* ---- one dossier ---- */

static const char *
private_value(void *arg, const char *field)
{
	struct mc_migration *m = arg;

	return mc_history_private(m->store, m->c, field, &m->value)
		   ? mc_buf_str(&m->value)
		   : NULL;
}

static void
add_block(void *arg, const char *step, const char *field)
{
	struct mc_migration *m = arg;

	if (m->block.n < BLOCKS_MAX)
		mc_vec_push(&m->block, ((struct mc_block){ step, field }));
}

static void
find_blocks(struct mc_migration *m, struct mc_migration_row *row)
{
	struct mc_rules rules = { .procedure = row->to->procedure,
		.names = mc_store_names(m->store),
		.private_value = private_value,
		.arg = m };
	struct mc_block *copy;

	m->block.n = 0;
	mc_workflow_blocks(&rules, m->c, row->step, row->steps, add_block, m);
	row->blocks = (int)m->block.n;
	if (row->blocks == 0)
		return;
	copy = mc_pool_get(&m->pool, m->block.n * sizeof(*copy));
	memcpy(copy, m->block.p, m->block.n * sizeof(*copy));
	row->block = copy;
}

static enum mc_state
state_of(const struct mc_migration *m, const struct mc_case *c,
    enum mc_verdict_rule rule, struct mc_due due)
{
	if (mc_status_paused(c->status))
		return MC_PAUSED;
	return mc_overdue(rule, due, m->now, mc_store_zone(m->store))
		   ? MC_OVERDUE
		   : MC_IN_TIME;
}

/* Without a limit in the new version there is nothing to put in its place. */
static int
redate(struct mc_migration *m, const struct mc_case *c,
    struct mc_migration_row *row, struct mc_err *err)
{
	row->redated = false;
	row->due = row->new_due = c->due;
	if (row->redate == MC_REDATE_ALL ||
	    (row->redate == MC_REDATE_RECOUNT && !c->due_given)) {
		if (mc_replan_anew(m->replan, c, row->to, &row->now, err) == -1)
			return -1;
		if (row->now.due.at != MC_NEVER &&
		    (mc_redue_differs(c->due, row->now.due) || c->due_given)) {
			row->redated = true;
			row->new_due = row->now.due;
		}
	}
	row->state = state_of(m, c, c->rule, c->due);
	row->new_state = state_of(m, c, row->to->policy.verdict, row->new_due);
	return 0;
}

int
mc_migration_judge(struct mc_migration *m, const struct mc_case *c,
    struct mc_migration_row *row, struct mc_err *err)
{
	const struct pair *p;

	m->c = c;
	row->id = c->id;
	row->procedure = c->procedure;
	row->unit = c->unit;
	row->pin = c->pin;
	row->version = c->version;
	row->status = c->status;
	row->error = NULL;
	row->block = NULL;
	row->blocks = 0;
	if (pair_of(m, c->pin, row->to, &p, err) == -1)
		return -1;
	row->differs = p->differs != NULL ? p->differs : "[]";
	row->misfits =
	    mc_workflow_fit(row->to->procedure, row->step, row->steps);
	find_blocks(m, row);
	row->result = row->misfits + row->blocks > 0 ? MC_MIGRATE_UNDECIDED
						     : MC_MIGRATE_PLANNED;
	return redate(m, c, row, err);
}

/* ---- all of them ---- */

/* What is wrong with one is told of it, and the others go on. */
static int
refuse(struct mc_migration *m, const struct mc_case *c,
    struct mc_migration_row *row, struct mc_err *err)
{
	if (err->code != MC_EDATA && err->code != MC_ENOTFOUND)
		return -1;
	row->id = c->id;
	row->procedure = c->procedure;
	row->unit = c->unit;
	row->pin = c->pin;
	row->version = c->version;
	row->status = c->status;
	row->result = MC_MIGRATE_REFUSED;
	row->to = NULL;
	row->due = row->new_due = c->due;
	row->state = row->new_state = state_of(m, c, c->rule, c->due);
	mc_buf_reset(&m->text);
	mc_buf_printf(&m->text, "%s: %s%s%s", err->id, err->where,
	    err->where[0] != '\0' ? ": " : "", err->msg);
	row->error = mc_pool_str(
	    &m->pool, (struct mc_str){ mc_buf_str(&m->text), m->text.len })
			 .p;
	mc_err_clear(err);
	return 1;
}

int
mc_migration_next(struct mc_migration *m, struct mc_rulebook *rb,
    enum mc_redate how, struct mc_migration_row *row, struct mc_err *err)
{
	const struct mc_replan_row *r;
	const struct mc_case *c;
	int rc;

	while ((rc = mc_replan_next(m->replan, &r, err)) == 1) {
		m->seen++;
		if (mc_replan_load(m->replan, &c, err) == -1)
			return -1;
		*row = (struct mc_migration_row){ .redate = how };
		rc = mc_migration_version(m, c, rb, &row->to, err);
		if (rc == 0)
			continue;
		if (rc == 1) {
			name_steps(m, c, row);
			rc = mc_migration_judge(m, c, row, err);
		}
		return rc == 0 ? 1 : refuse(m, c, row, err);
	}
	return rc;
}
