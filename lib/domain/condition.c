/* condition.c - the "when" of a branch: parsed once, evaluated often. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/condition.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "condition_internal.h"

#define DEPTH_MAX 16
#define PARTS_MAX 100 /* values of an "in", parts of an "all" */
#define DIGITS_MAX 30

static const char *const op_names[] = { "eq", "ne", "lt", "le", "gt", "ge",
	"in", "present", "all", "any", "not" };
#define OPS (sizeof(op_names) / sizeof(op_names[0]))

/* ---- values ---- */

/* [-]digits[.digits] without leading and trailing zeros, "-0" as "0". */
static bool
put_number(struct mc_buf *out, struct mc_str s, bool fraction)
{
	struct mc_str whole = s, part = { NULL, 0 };
	size_t i;
	bool minus = s.len > 0 && s.p[0] == '-';

	if (minus) {
		whole.p++;
		whole.len--;
	}
	if (fraction && mc_str_split(whole, '.', &whole, &part) &&
	    part.len == 0)
		return false;
	if (whole.len == 0 || whole.len + part.len > DIGITS_MAX)
		return false;
	for (i = 0; i < whole.len + part.len; i++) {
		char c = i < whole.len ? whole.p[i] : part.p[i - whole.len];

		if (c < '0' || c > '9')
			return false;
	}
	while (whole.len > 1 && whole.p[0] == '0') {
		whole.p++;
		whole.len--;
	}
	while (part.len > 0 && part.p[part.len - 1] == '0')
		part.len--;
	if (minus && (part.len > 0 || whole.p[0] != '0'))
		mc_buf_putc(out, '-');
	mc_buf_add(out, whole.p, whole.len);
	if (part.len > 0) {
		mc_buf_putc(out, '.');
		mc_buf_add(out, part.p, part.len);
	}
	return true;
}

/* The value itself may be personal and is not shown. */
int
mc_field_normal(struct mc_buf *out, enum mc_field_type type,
    struct mc_str value, struct mc_err *err)
{
	struct mc_buf scratch = { 0 };
	struct mc_str clean;

	switch (type) {
	case MC_FIELD_INTEGER:
		if (put_number(out, value, false))
			return 0;
		return mc_err(err, MC_EDATA, "E_FIELD",
		    "not a whole number of at most %d digits", DIGITS_MAX);
	case MC_FIELD_DECIMAL:
		if (put_number(out, value, true))
			return 0;
		return mc_err(err, MC_EDATA, "E_FIELD",
		    "not a decimal number (such as 62.5) of at most %d digits",
		    DIGITS_MAX);
	case MC_FIELD_DATE:
		if (mc_day_parse(value) == MC_NODAY)
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "not a date such as 2025-07-01");
		mc_buf_add(out, value.p, value.len);
		return 0;
	case MC_FIELD_BOOLEAN:
		if (!mc_str_is(value, "true") && !mc_str_is(value, "false"))
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "neither \"true\" nor \"false\"");
		mc_buf_add(out, value.p, value.len);
		return 0;
	case MC_FIELD_TEXT:
		break;
	}
	if (mc_utf8_check(value.p, value.len) != value.len ||
	    (value.len > 0 && memchr(value.p, '\0', value.len) != NULL))
		return mc_err(err, MC_EDATA, "E_FIELD", "not UTF-8 text");
	clean = mc_text_clean(value, &scratch);
	mc_buf_add(out, clean.p, clean.len);
	mc_buf_free(&scratch);
	return 0;
}

static int
compare_bytes(struct mc_str a, struct mc_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (d != 0)
		return d < 0 ? -1 : 1;
	return a.len < b.len ? -1 : a.len > b.len;
}

/* Normal forms: the longer whole part is the greater, then digit by digit. */
static int
compare_numbers(struct mc_str a, struct mc_str b)
{
	struct mc_str wa, wb, fa = { NULL, 0 }, fb = { NULL, 0 };
	bool ma = a.len > 0 && a.p[0] == '-', mb = b.len > 0 && b.p[0] == '-';
	int d;

	if (ma != mb)
		return ma ? -1 : 1;
	if (ma) {
		a = (struct mc_str){ a.p + 1, a.len - 1 };
		b = (struct mc_str){ b.p + 1, b.len - 1 };
	}
	wa = a;
	wb = b;
	mc_str_split(a, '.', &wa, &fa);
	mc_str_split(b, '.', &wb, &fb);
	if (wa.len != wb.len)
		d = wa.len < wb.len ? -1 : 1;
	else if ((d = compare_bytes(wa, wb)) == 0)
		d = compare_bytes(fa, fb);
	return ma ? -d : d;
}

/* Dates are written so that their bytes sort. */
int
mc_field_compare(enum mc_field_type type, struct mc_str a, struct mc_str b)
{
	if (type == MC_FIELD_INTEGER || type == MC_FIELD_DECIMAL)
		return compare_numbers(a, b);
	return compare_bytes(a, b);
}

/* ---- parsing ---- */

struct parser {
	const char *name;
	struct mc_str text;
	const struct mc_condition_scope *scope;
	struct mc_err *err;
	/* Of the whole: to look each part's place up would take too long. */
	int64_t line, column;
};

/* Add the place of a path (below `at`: member `key`, when not NULL). */
static int
place(const struct parser *ps, const char *at, const char *key)
{
	struct mc_buf b = { 0 };
	int64_t line, column;

	mc_buf_puts(&b, at);
	if (key != NULL)
		mc_buf_printf(&b, "/%s", key);
	mc_json_place(ps->text, b.p, &line, &column);
	mc_buf_free(&b);
	return mc_err_at(ps->err, ps->name, line, column);
}

static const char *
type_name(enum mc_field_type type)
{
	static const char *const names[] = { "text", "integer", "decimal",
		"date", "boolean" };

	return names[type];
}

static int
read_value(const struct parser *ps, struct mc_condition *c,
    const struct mc_json *v, const char *at, const char *key)
{
	static const char *const channels[] = { "direct", "online", "postal" };
	struct mc_buf number = { 0 }, normal = { 0 };
	const char *s = NULL;
	size_t i = 0;
	int rc = -1;

	switch (mc_json_type(v)) {
	case MC_JSON_BOOL:
		if (c->type == MC_FIELD_BOOLEAN)
			s = mc_json_bool(v) ? "true" : "false";
		break;
	case MC_JSON_INT:
	case MC_JSON_REAL:
		if (c->type == MC_FIELD_INTEGER || c->type == MC_FIELD_DECIMAL)
			s = mc_json_decimal(v, &number);
		break;
	case MC_JSON_STRING:
		if (c->type != MC_FIELD_BOOLEAN)
			s = mc_json_str(v);
		break;
	default:
		break;
	}
	if (s == NULL) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "the field \"%s\" is compared with a value that is no %s",
		    c->field, type_name(c->type));
		goto done;
	}
	if (mc_field_normal(&normal, c->type, mc_str(s), ps->err) == -1) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "the field \"%s\" is compared with \"%s\", which is no %s",
		    c->field, s, type_name(c->type));
		goto done;
	}
	if (strcmp(c->field, "channel") == 0) {
		while (i < 3 && strcmp(channels[i], s) != 0)
			i++;
		if (i == 3) {
			mc_err(ps->err, MC_EDATA, "E_CONDITION",
			    "no such channel: \"%s\"", s);
			mc_err_advise(
			    ps->err, "channels are direct, online and postal");
			goto done;
		}
	}
	mc_buf_puts(&normal, "");
	c->value[c->values++] = mc_buf_detach(&normal);
	rc = 0;
done:
	if (rc == -1)
		place(ps, at, key);
	mc_buf_free(&number);
	mc_buf_free(&normal);
	return rc;
}

static int
read_values(const struct parser *ps, struct mc_condition *c,
    const struct mc_json *v, const char *at)
{
	size_t i, n = mc_json_count(v);

	if (c->op != MC_OP_IN) {
		c->value = mc_calloc(1, sizeof(*c->value));
		return read_value(ps, c, v, at, op_names[c->op]);
	}
	if (mc_json_type(v) != MC_JSON_ARRAY || n == 0 || n > PARTS_MAX) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "\"in\" is a list of 1 to %d values", PARTS_MAX);
		return place(ps, at, "in");
	}
	c->value = mc_calloc(n, sizeof(*c->value));
	for (i = 0; i < n; i++)
		if (read_value(ps, c, mc_json_at(v, i), at, "in") == -1)
			return -1;
	return 0;
}

/* {"field": NAME, OP: VALUE} */
static int
read_test(const struct parser *ps, struct mc_condition *c,
    const struct mc_json *doc, const struct mc_json *operand, const char *at)
{
	const char *field = mc_json_str(mc_json_get(doc, "field"));

	if (field == NULL) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "\"%s\" needs a member \"field\"", op_names[c->op]);
		return place(ps, at, NULL);
	}
	c->type = MC_FIELD_TEXT;
	if (strcmp(field, "channel") != 0 &&
	    !ps->scope->type_of(ps->scope->arg, field, &c->type)) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "the condition names the unknown field \"%s\"", field);
		mc_err_advise(
		    ps->err, "declare it under \"fields\", or use \"channel\"");
		return place(ps, at, "field");
	}
	c->field = mc_strdup(field);
	if (c->op == MC_OP_PRESENT) {
		if (mc_json_type(operand) != MC_JSON_BOOL) {
			mc_err(ps->err, MC_EDATA, "E_CONDITION",
			    "\"present\" is true or false");
			return place(ps, at, "present");
		}
		c->want = mc_json_bool(operand);
		return 0;
	}
	if (c->op >= MC_OP_LT && c->op <= MC_OP_GE &&
	    c->type == MC_FIELD_BOOLEAN) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "\"%s\" cannot be applied to the boolean field \"%s\"",
		    op_names[c->op], field);
		return place(ps, at, op_names[c->op]);
	}
	return read_values(ps, c, operand, at);
}

static int read_condition(struct mc_condition **out, const struct parser *ps,
    const struct mc_json *doc, const char *at, int depth);

/* {"all": [...]}, {"any": [...]}, {"not": {...}} */
static int
read_parts(const struct parser *ps, struct mc_condition *c,
    const struct mc_json *v, const char *at, int depth)
{
	struct mc_buf sub = { 0 };
	size_t i, n = c->op == MC_OP_NOT ? 1 : mc_json_count(v);
	int rc = 0;

	if (c->op != MC_OP_NOT &&
	    (mc_json_type(v) != MC_JSON_ARRAY || n == 0 || n > PARTS_MAX)) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "\"%s\" is a list of 1 to %d conditions", op_names[c->op],
		    PARTS_MAX);
		return place(ps, at, op_names[c->op]);
	}
	c->part = mc_calloc(n, sizeof(struct mc_condition *));
	for (i = 0; rc == 0 && i < n; i++) {
		mc_buf_reset(&sub);
		mc_buf_printf(&sub, "%s/%s", at, op_names[c->op]);
		if (c->op != MC_OP_NOT)
			mc_buf_printf(&sub, "/%zu", i);
		rc = read_condition(&c->part[i], ps,
		    c->op == MC_OP_NOT ? v : mc_json_at(v, i), sub.p,
		    depth + 1);
		c->parts += rc == 0;
	}
	mc_buf_free(&sub);
	return rc;
}

/* Exactly one operator; beside it "field", where the operator takes one. */
static int
find_operator(const struct parser *ps, const struct mc_json *doc,
    const char *at, enum mc_op *op, const struct mc_json **operand)
{
	const struct mc_json *v;
	const char *key;
	size_t i, k, found = 0;

	for (i = 0; i < mc_json_count(doc); i++) {
		v = mc_json_member(doc, i, &key);
		if (strcmp(key, "field") == 0)
			continue;
		for (k = 0; k < OPS && strcmp(op_names[k], key) != 0; k++)
			;
		if (k == OPS) {
			mc_err(ps->err, MC_EDATA, "E_CONDITION",
			    "no such operator: \"%s\"", key);
			mc_err_advise(ps->err,
			    "there are eq ne lt le gt ge in present, "
			    "all any not");
			return place(ps, at, key);
		}
		*op = (enum mc_op)k;
		*operand = v;
		found++;
	}
	if (found != 1) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "a condition has exactly one operator");
		mc_err_advise(ps->err, "join several with \"all\"");
		return place(ps, at, NULL);
	}
	if (*op >= MC_OP_ALL && mc_json_count(doc) != 1) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "\"%s\" takes no \"field\"", op_names[*op]);
		return place(ps, at, "field");
	}
	return 0;
}

static int
read_condition(struct mc_condition **out, const struct parser *ps,
    const struct mc_json *doc, const char *at, int depth)
{
	const struct mc_json *operand = NULL;
	struct mc_condition *c;
	enum mc_op op = MC_OP_EQ;

	*out = NULL;
	if (mc_json_type(doc) != MC_JSON_OBJECT) {
		mc_err(ps->err, MC_EDATA, "E_CONDITION",
		    "a condition is an object such as "
		    "{\"field\": \"area\", \"gt\": 250}");
		return place(ps, at, NULL);
	}
	if (depth > DEPTH_MAX) {
		mc_err(ps->err, MC_EDATA, "E_LIMIT",
		    "conditions are nested deeper than %d", DEPTH_MAX);
		return place(ps, at, NULL);
	}
	if (find_operator(ps, doc, at, &op, &operand) == -1)
		return -1;
	c = mc_calloc(1, sizeof(*c));
	c->op = op;
	c->file = mc_strdup(ps->name);
	c->line = ps->line;
	c->column = ps->column;
	if ((op >= MC_OP_ALL ? read_parts(ps, c, operand, at, depth)
			     : read_test(ps, c, doc, operand, at)) == -1) {
		mc_condition_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

int
mc_condition_parse(struct mc_condition **out, const struct mc_json *doc,
    const char *name, struct mc_str text, const char *path,
    const struct mc_condition_scope *scope, struct mc_err *err)
{
	struct parser ps = {
		.name = name, .text = text, .scope = scope, .err = err
	};

	mc_json_place(text, path, &ps.line, &ps.column);
	return read_condition(out, &ps, doc, path, 1);
}

void
mc_condition_free(struct mc_condition *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->parts; i++)
		mc_condition_free(c->part[i]);
	for (i = 0; i < c->values; i++)
		free(c->value[i]);
	free(c->part);
	free(c->value);
	free(c->field);
	free(c->file);
	free(c);
}

/* ---- evaluation ---- */

static bool
test(const struct mc_condition *c, struct mc_str have)
{
	size_t i;
	int d;

	for (i = 0; i < c->values; i++) {
		d = mc_field_compare(c->type, have, mc_str(c->value[i]));
		switch (c->op) {
		case MC_OP_EQ:
		case MC_OP_IN:
			if (d == 0)
				return true;
			break;
		case MC_OP_NE:
			return d != 0;
		case MC_OP_LT:
			return d < 0;
		case MC_OP_LE:
			return d <= 0;
		case MC_OP_GT:
			return d > 0;
		case MC_OP_GE:
			return d >= 0;
		default:
			return false;
		}
	}
	return false;
}

/*
 * "all" and "any" stop at the part that decides, so that a rule may ask for
 * presence before it compares.
 */
int
mc_condition_eval(const struct mc_condition *c, mc_value_fn *value, void *arg,
    struct mc_err *err)
{
	const char *have;
	size_t i;
	int rc;

	switch (c->op) {
	case MC_OP_ALL:
	case MC_OP_ANY:
		for (i = 0; i < c->parts; i++) {
			rc = mc_condition_eval(c->part[i], value, arg, err);
			if (rc == -1 || rc == (c->op == MC_OP_ANY))
				return rc;
		}
		return c->op == MC_OP_ALL;
	case MC_OP_NOT:
		rc = mc_condition_eval(c->part[0], value, arg, err);
		return rc == -1 ? -1 : !rc;
	default:
		break;
	}
	have = value(arg, c->field);
	if (c->op == MC_OP_PRESENT)
		return (have != NULL) == c->want;
	if (have == NULL) {
		mc_err(err, MC_EREFUSED, "E_MISSING",
		    "the dossier has no \"%s\", which the rule compares",
		    c->field);
		return mc_err_at(err, c->file, c->line, c->column);
	}
	return test(c, mc_str(have));
}

void
mc_condition_fields(const struct mc_condition *c,
    void (*field)(void *arg, const char *name), void *arg)
{
	size_t i;

	if (c->field != NULL)
		field(arg, c->field);
	for (i = 0; i < c->parts; i++)
		mc_condition_fields(c->part[i], field, arg);
}

/* ---- for people ---- */

static void
put_value(struct mc_buf *b, const struct mc_json *v)
{
	struct mc_buf scratch = { 0 };
	const char *s = mc_json_str(v);

	if (mc_json_type(v) == MC_JSON_BOOL)
		s = mc_json_bool(v) ? "true" : "false";
	if (s == NULL)
		s = mc_json_decimal(v, &scratch);
	mc_buf_puts(b, s != NULL ? s : "null");
	mc_buf_free(&scratch);
}

static void
put_parts(struct mc_buf *b, const struct mc_json *v, bool values, int depth)
{
	size_t i;

	mc_buf_putc(b, '(');
	if (mc_json_type(v) == MC_JSON_OBJECT)
		mc_condition_put(b, v, depth + 1);
	for (i = 0; mc_json_type(v) == MC_JSON_ARRAY && i < mc_json_count(v);
	     i++) {
		mc_buf_puts(b, i > 0 ? "; " : "");
		if (values)
			put_value(b, mc_json_at(v, i));
		else
			mc_condition_put(b, mc_json_at(v, i), depth + 1);
	}
	mc_buf_putc(b, ')');
}

void
mc_condition_put(struct mc_buf *b, const struct mc_json *doc, int depth)
{
	const struct mc_json *v, *field = mc_json_get(doc, "field");
	const char *key;
	size_t i;

	if (depth > DEPTH_MAX) {
		mc_buf_puts(b, "...");
		return;
	}
	if (field != NULL)
		put_value(b, field);
	for (i = 0; i < mc_json_count(doc); i++) {
		v = mc_json_member(doc, i, &key);
		if (v == field)
			continue;
		mc_buf_printf(b, "%s%s ", field != NULL ? " " : "", key);
		if (mc_json_type(v) == MC_JSON_ARRAY ||
		    mc_json_type(v) == MC_JSON_OBJECT)
			put_parts(b, v, field != NULL, depth);
		else
			put_value(b, v);
	}
}
