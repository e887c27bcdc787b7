/*
 * condition_cover.c - which of several conditions can ever decide.
 *
 * Conditions see of a value only where it lies among the constants it is
 * compared with.  So a field has finitely many cases: each constant, each
 * gap between two, and none at all; and all combinations can be tried.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/text.h>
#include <motcua/when.h>

#include "condition_internal.h"

#define WORK_MAX 2000000    /* combinations times tests, at most */
#define PAIR_WORK_MAX 50000 /* of two; there are many pairs */
#define VARS_MAX 64
#define MISSING (-1)

/* A field and where its values can lie: 2i + 1 is constant i, 2i before. */
struct var {
	const char *field;
	enum mc_field_type type;
	MC_VEC(const char *) value; /* sorted, each once */
	MC_VEC(int) at;             /* the cases to try */
	bool missing;               /* somebody asks whether it is there */
};

/* A condition with its fields and constants looked up. */
struct node {
	const struct mc_condition *c;
	struct node *part;
	int var, *at;
};

struct space {
	struct var var[VARS_MAX];
	int vars;
	size_t tests;
	bool too_many;
};

static bool
is_channel(const struct var *v)
{
	return strcmp(v->field, "channel") == 0;
}

/* Where the constant is, or would be. */
static size_t
place_of(const struct var *v, const char *value, bool *there)
{
	size_t i;
	int d = 1;

	for (i = 0; i < v->value.n; i++) {
		d = mc_field_compare(
		    v->type, mc_str(v->value.p[i]), mc_str(value));
		if (d >= 0)
			break;
	}
	*there = i < v->value.n && d == 0;
	return i;
}

static void
add_value(struct space *s, struct var *v, const char *value)
{
	bool there;
	size_t i = place_of(v, value, &there);

	if (there)
		return;
	/* Many constants make for many cases: not worth going on. */
	if (v->value.n > 1000) {
		s->too_many = true;
		return;
	}
	mc_vec_push(&v->value, value);
	memmove(v->value.p + i + 1, v->value.p + i,
	    (v->value.n - 1 - i) * sizeof(*v->value.p));
	v->value.p[i] = value;
}

static struct var *
var_of(struct space *s, const struct mc_condition *c)
{
	static const char *const channels[] = { "direct", "online", "postal" };
	struct var *v;
	int i;

	for (i = 0; i < s->vars; i++)
		if (strcmp(s->var[i].field, c->field) == 0)
			return &s->var[i];
	if (s->vars == VARS_MAX) {
		s->too_many = true;
		return NULL;
	}
	v = &s->var[s->vars++];
	v->field = c->field;
	v->type = c->type;
	for (i = 0; is_channel(v) && i < 3; i++)
		add_value(s, v, channels[i]);
	for (i = 0; c->type == MC_FIELD_BOOLEAN && i < 2; i++)
		add_value(s, v, i == 0 ? "false" : "true");
	return v;
}

/* Conditions are at most 16 deep: the parser sees to it. */
static void
gather(struct space *s, const struct mc_condition *c)
{
	struct var *v;
	size_t i;

	s->tests += 1 + c->values;
	for (i = 0; i < c->parts && !s->too_many; i++)
		gather(s, c->part[i]);
	if (c->field == NULL || s->too_many || (v = var_of(s, c)) == NULL)
		return;
	v->missing = v->missing || (c->op == MC_OP_PRESENT && !is_channel(v));
	for (i = 0; i < c->values && !s->too_many; i++)
		add_value(s, v, c->value[i]);
}

/* Can something lie before constant i (after the last, when i is n)? */
static bool
has_gap(const struct var *v, size_t i)
{
	int64_t low, high;
	int32_t from, to;

	if (is_channel(v) || v->type == MC_FIELD_BOOLEAN)
		return false;
	if (i == 0 || i == v->value.n)
		return true;
	if (v->type == MC_FIELD_INTEGER)
		return !mc_int_parse(&low, mc_str(v->value.p[i - 1]), INT64_MIN,
			   INT64_MAX) ||
		       !mc_int_parse(&high, mc_str(v->value.p[i]), INT64_MIN,
			   INT64_MAX) ||
		       low == INT64_MAX || high != low + 1;
	if (v->type == MC_FIELD_DATE) {
		from = mc_day_parse(mc_str(v->value.p[i - 1]));
		to = mc_day_parse(mc_str(v->value.p[i]));
		return to != from + 1;
	}
	return true;
}

static void
make_cases(struct var *v, const char *channel)
{
	size_t i;
	bool there;

	if (is_channel(v) && channel != NULL) {
		i = place_of(v, channel, &there);
		mc_vec_push(&v->at, (int)(2 * i + 1));
		return;
	}
	for (i = 0; i <= v->value.n; i++) {
		if (has_gap(v, i))
			mc_vec_push(&v->at, (int)(2 * i));
		if (i < v->value.n)
			mc_vec_push(&v->at, (int)(2 * i + 1));
	}
	if (v->missing)
		mc_vec_push(&v->at, MISSING);
}

static void
compile(struct node *n, struct space *s, const struct mc_condition *c)
{
	struct var *v;
	size_t i;
	bool there;

	n->c = c;
	n->part = mc_calloc(c->parts + 1, sizeof(*n->part));
	n->at = mc_calloc(c->values + 1, sizeof(*n->at));
	for (i = 0; i < c->parts; i++)
		compile(&n->part[i], s, c->part[i]);
	if (c->field == NULL)
		return;
	v = var_of(s, c);
	n->var = (int)(v - s->var);
	for (i = 0; i < c->values; i++)
		n->at[i] = (int)(2 * place_of(v, c->value[i], &there) + 1);
}

static void
release(struct node *n)
{
	size_t i;

	for (i = 0; n->c != NULL && i < n->c->parts; i++)
		release(&n->part[i]);
	free(n->part);
	free(n->at);
}

static bool
test(const struct node *n, int have)
{
	size_t i;

	switch (n->c->op) {
	case MC_OP_NE:
		return have != n->at[0];
	case MC_OP_LT:
		return have < n->at[0];
	case MC_OP_LE:
		return have <= n->at[0];
	case MC_OP_GT:
		return have > n->at[0];
	case MC_OP_GE:
		return have >= n->at[0];
	default:
		break;
	}
	for (i = 0; i < n->c->values; i++)
		if (have == n->at[i])
			return true;
	return false;
}

/* As mc_condition_eval(): 1, 0, or -1 for a value that is not there. */
static int
eval(const struct node *n, const int *world)
{
	enum mc_op op = n->c->op;
	size_t i;
	int rc;

	if (op == MC_OP_ALL || op == MC_OP_ANY) {
		for (i = 0; i < n->c->parts; i++) {
			rc = eval(&n->part[i], world);
			if (rc == -1 || rc == (op == MC_OP_ANY))
				return rc;
		}
		return op == MC_OP_ALL;
	}
	if (op == MC_OP_NOT) {
		rc = eval(&n->part[0], world);
		return rc == -1 ? -1 : !rc;
	}
	if (op == MC_OP_PRESENT)
		return (world[n->var] != MISSING) == n->c->want;
	return world[n->var] == MISSING ? -1 : test(n, world[n->var]);
}

/*
 * What one combination of values does to the conditions, in order.  Which of
 * the first two it meets: bit 0, bit 1.
 */
static unsigned
try_world(const struct node *node, int n, const int *world, enum mc_fate *fate)
{
	bool decided = false;
	unsigned met = 0;
	int i, rc;

	for (i = 0; i < n; i++) {
		rc = node[i].c == NULL ? 1 : eval(&node[i], world);
		if (rc == 1 && !decided)
			fate[i] = MC_FATE_TAKEN;
		else if (rc == 1 && fate[i] == MC_FATE_NEVER)
			fate[i] = MC_FATE_COVERED;
		decided = decided || rc != 0;
		met |= (unsigned)(rc == 1 && i < 2) << (i & 1);
	}
	return met;
}

/*
 * Every combination, like the digits of a counter.  What they met: bit 1
 * that some met the first alone, bit 2 the second, bit 3 both.
 */
static unsigned
try_all(
    const struct space *s, const struct node *node, int n, enum mc_fate *fate)
{
	size_t digit[VARS_MAX] = { 0 };
	int world[VARS_MAX] = { 0 }, i;
	unsigned seen = 0;

	do {
		for (i = 0; i < s->vars; i++)
			world[i] = s->var[i].at.p[digit[i]];
		seen |= 1u << try_world(node, n, world, fate);
		for (i = 0; i < s->vars; i++) {
			if (++digit[i] < s->var[i].at.n)
				break;
			digit[i] = 0;
		}
	} while (i < s->vars);
	return seen;
}

static bool
judge(const struct mc_condition *const *when, int n, const char *channel,
    size_t work, enum mc_fate *fate, unsigned *seen)
{
	struct space *s = mc_calloc(1, sizeof(*s));
	struct node *node = mc_calloc((size_t)n + 1, sizeof(*node));
	size_t worlds = 1;
	bool known;
	int i;

	for (i = 0; i < n && !s->too_many; i++)
		if (when[i] != NULL)
			gather(s, when[i]);
	for (i = 0; i < s->vars && !s->too_many; i++) {
		make_cases(&s->var[i], channel);
		worlds *= s->var[i].at.n;
		s->too_many = worlds > work / (s->tests + 1);
	}
	known = !s->too_many;
	for (i = 0; i < n; i++)
		fate[i] = known ? MC_FATE_NEVER : MC_FATE_TAKEN;
	for (i = 0; i < n && known; i++)
		if (when[i] != NULL)
			compile(&node[i], s, when[i]);
	if (known)
		*seen = try_all(s, node, n, fate);
	for (i = 0; i < n; i++)
		release(&node[i]);
	for (i = 0; i < s->vars; i++) {
		mc_vec_free(&s->var[i].value);
		mc_vec_free(&s->var[i].at);
	}
	free(node);
	free(s);
	return known;
}

bool
mc_condition_fates(const struct mc_condition *const *when, int n,
    const char *channel, enum mc_fate *fate)
{
	unsigned ignored;

	return judge(when, n, channel, WORK_MAX, fate, &ignored);
}

bool
mc_condition_rivals(const struct mc_condition *a, const struct mc_condition *b)
{
	const struct mc_condition *const when[] = { a, b };
	enum mc_fate fate[2];
	unsigned seen;

	return judge(when, 2, NULL, PAIR_WORK_MAX, fate, &seen) &&
	       (seen & 0xe) == 0xe;
}
