/* replan_read.c - a plan's lines are read; see motcua/replan.h. */
#include <string.h>

#include <motcua/code.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "replan_internal.h"

#define SCHEMA "motcua.plan/1"
#define BASIS_MAX 400 /* bytes */

/* The members that matter, as text or number; p NULL: not there. */
enum member {
	M_SCHEMA,
	M_CODE,
	M_VERSION,
	M_ACTION,
	M_NEW_DUE_AT,
	M_NEW_DUE_DAY,
	M_PROVISIONAL,
	M_BASIS,
	M_REASON,
	M_RESULT,
	M_STEP,
	M_TO,
	M__COUNT
};
/* clang-format off */
#define MEMBER(name, type) { name, sizeof(name) - 1, type }
/* clang-format on */
static const struct {
	const char *name;
	size_t len;
	enum { TEXT, NUMBER, BOOLEAN, TEXT_OR_NULL } type;
} members[] = {
	[M_SCHEMA] = MEMBER("schema", TEXT),
	[M_CODE] = MEMBER("code", TEXT),
	[M_VERSION] = MEMBER("version", NUMBER),
	[M_ACTION] = MEMBER("action", TEXT),
	[M_NEW_DUE_AT] = MEMBER("new_due_at", TEXT),
	[M_NEW_DUE_DAY] = MEMBER("new_due_day", TEXT),
	[M_PROVISIONAL] = MEMBER("provisional", BOOLEAN),
	[M_BASIS] = MEMBER("basis", TEXT_OR_NULL),
	[M_REASON] = MEMBER("reason", TEXT),
	[M_RESULT] = MEMBER("result", TEXT),
	[M_STEP] = MEMBER("step", TEXT_OR_NULL),
	[M_TO] = MEMBER("to", TEXT_OR_NULL),
};

struct values {
	struct mc_str text[M__COUNT]; /* of a number or boolean: its JSON */
	bool dry_run;
};

static enum member
member_of(struct mc_str name)
{
	int m;

	for (m = 0; m < M__COUNT; m++)
		if (name.len == members[m].len &&
		    memcmp(name.p, members[m].name, name.len) == 0)
			break;
	return (enum member)m;
}

/* An integer, or a word of JSON; nothing else is looked at closely here. */
static bool
plain_scalar(struct mc_str s)
{
	size_t sign = s.len > 0 && s.p[0] == '-';
	int64_t ignored;

	if (s.len > sign + 1 && s.p[sign] == '0')
		return false;
	return mc_str_is(s, "null") || mc_str_is(s, "true") ||
	       mc_str_is(s, "false") ||
	       mc_int_parse(&ignored, s, INT64_MIN, INT64_MAX);
}

/*
 * The shape our own tool writes, without a parser: a flat object without
 * white space or escapes.  Whatever is not exactly that is left to json.h,
 * which also says what is wrong with it.
 */
static bool
read_simple(struct mc_str line, struct values *v)
{
	const char *p = line.p, *end = line.p + line.len, *q;
	struct mc_str key, value;
	enum member m;
	bool text;

	memset(v, 0, sizeof(*v));
	if (line.len < 2 || *p != '{' || end[-1] != '}')
		return false;
	while (p < end && (*p == ',' || p == line.p)) {
		if (++p == end || *p++ != '"' ||
		    (q = memchr(p, '"', (size_t)(end - p))) == NULL)
			return false;
		key = (struct mc_str){ p, (size_t)(q - p) };
		if (end - q < 3 || q[1] != ':' ||
		    memchr(key.p, '\\', key.len) != NULL)
			return false;
		p = q + 2;
		text = *p == '"';
		p += text;
		for (q = p; q < end && (unsigned char)*q >= 0x20 &&
			    *q != '\\' && *q != '"' &&
			    (text || (*q != ',' && *q != '}' && *q != '{' &&
					 *q != '[' && *q != ' '));)
			q++;
		if (q == end || (text ? *q != '"' : *q != ',' && *q != '}'))
			return false;
		value = (struct mc_str){ p, (size_t)(q - p) };
		p = q + text;
		if (!text && !plain_scalar(value))
			return false;
		m = member_of(key);
		if (m == M__COUNT && !mc_str_is(key, "dry_run"))
			continue;
		if (m == M__COUNT || v->text[m].p != NULL ||
		    text != (members[m].type == TEXT ||
				(members[m].type == TEXT_OR_NULL && text)))
			return false;
		if (members[m].type != TEXT_OR_NULL || text)
			v->text[m] = value;
		else if (!mc_str_is(value, "null"))
			return false;
	}
	return p == end - 1 && *p == '}';
}

static int
bad_member(enum member m, const char *what, struct mc_err *err)
{
	return mc_err(
	    err, MC_EDATA, "E_FIELD", "\"%s\" %s", members[m].name, what);
}

/* A member of a parsed line as the text that read_simple() would give. */
static int
take_member(struct mc_apply *a, const struct mc_json *doc, enum member m,
    struct values *v, struct mc_err *err)
{
	static const char *const want[] = { [TEXT] = "must be text",
		[NUMBER] = "must be a whole number",
		[BOOLEAN] = "must be true or false",
		[TEXT_OR_NULL] = "must be text or null" };
	const struct mc_json *j = mc_json_get(doc, members[m].name);
	enum mc_json_type type = mc_json_type(j);
	int64_t n;

	if (j == NULL ||
	    (members[m].type == TEXT_OR_NULL && type == MC_JSON_NULL))
		return 0;
	mc_buf_reset(&a->text);
	if (type == MC_JSON_STRING &&
	    (members[m].type == TEXT || members[m].type == TEXT_OR_NULL))
		mc_buf_puts(&a->text, mc_json_str(j));
	else if (members[m].type == NUMBER && mc_json_int(j, &n))
		mc_buf_int(&a->text, n);
	else if (members[m].type == BOOLEAN && type == MC_JSON_BOOL)
		mc_buf_puts(&a->text, mc_json_bool(j) ? "true" : "false");
	else
		return bad_member(m, want[members[m].type], err);
	v->text[m] = mc_pool_str(
	    &a->pool, (struct mc_str){ mc_buf_str(&a->text), a->text.len });
	return 0;
}

static int
read_json(struct mc_apply *a, struct mc_plan_item *it, struct mc_str line,
    struct values *v, struct mc_err *err)
{
	struct mc_json *doc;
	enum mc_action action;
	struct mc_str name;
	bool dues; /* of a reschedule; the others read their own */
	int m, rc = 0;

	memset(v, 0, sizeof(*v));
	if (mc_json_parse(&doc, "", line, err) == -1)
		return -1;
	name = mc_str(mc_json_str(mc_json_get(doc, "action")));
	action = mc_action_parse(name);
	dues = action == MC_A__COUNT && !mc_str_is(name, "repin");
	if (mc_json_type(doc) != MC_JSON_OBJECT)
		rc = mc_err(err, MC_EDATA, "E_JSON",
		    "a line of a plan is a JSON object");
	for (m = 0; m < M__COUNT && rc == 0; m++)
		if (dues || m < M_NEW_DUE_AT || m > M_PROVISIONAL)
			rc = take_member(a, doc, (enum member)m, v, err);
	v->dry_run = mc_json_bool(mc_json_get(doc, "dry_run"));
	if (rc == 0 && !v->dry_run && mc_str_is(name, "rehome"))
		rc = mc_rehome_read(a, it, doc, err);
	else if (rc == 0 && !v->dry_run && action != MC_A__COUNT)
		rc = mc_action_read(a, it, action, doc, err);
	else if (rc == 0 && !v->dry_run && !dues)
		rc = mc_repin_read(a, it, doc, err);
	mc_json_free(doc);
	return rc;
}

/* What must be there, and be what it is called. */
static int
check_basis(struct mc_str s, struct mc_err *err)
{
	if (s.p == NULL)
		return 0;
	if (s.len == 0 || s.len > BASIS_MAX ||
	    mc_utf8_check(s.p, s.len) != s.len)
		return bad_member(M_BASIS, "must be 1 to 400 bytes", err);
	return 0;
}

static int
take_due(struct mc_apply *a, struct mc_plan_item *it, const struct values *v,
    struct mc_err *err)
{
	const struct mc_zone *zone = mc_store_zone(a->store);
	struct mc_err why = MC_ERR_INIT;
	bool day_only = false;
	int m;

	for (m = M_NEW_DUE_AT; m <= M_NEW_DUE_DAY; m++)
		if (v->text[m].p == NULL)
			return bad_member((enum member)m, "is missing", err);
	if (mc_time_parse(&it->due.at, v->text[M_NEW_DUE_AT], zone, &day_only,
		NULL, &why) == -1 ||
	    day_only)
		return bad_member(M_NEW_DUE_AT, "must be a time", err);
	it->due.day = mc_day_parse(v->text[M_NEW_DUE_DAY]);
	if (it->due.day == MC_NODAY)
		return bad_member(M_NEW_DUE_DAY, "must be a day", err);
	it->due.provisional = mc_str_is(v->text[M_PROVISIONAL], "true");
	if (v->text[M_PROVISIONAL].p != NULL && !it->due.provisional &&
	    !mc_str_is(v->text[M_PROVISIONAL], "false"))
		return bad_member(M_PROVISIONAL, "must be true or false", err);
	return 0;
}

static int
take_values(struct mc_apply *a, struct mc_plan_item *it, const struct values *v,
    struct mc_err *err)
{
	int64_t n;
	int m;

	for (m = M_SCHEMA; m <= M_ACTION; m++)
		if (v->text[m].p == NULL)
			return bad_member((enum member)m, "is missing", err);
	if (!mc_str_is(v->text[M_SCHEMA], SCHEMA))
		return bad_member(M_SCHEMA, "must be \"" SCHEMA "\"", err);
	if (!mc_code_valid(v->text[M_CODE]))
		return mc_err(err, MC_EDATA, "E_CODE",
		    "\"code\" must be 1 to %d visible characters", MC_CODE_MAX);
	if (!mc_int_parse(&n, v->text[M_VERSION], 1, INT32_MAX))
		return bad_member(M_VERSION, "must be a whole number", err);
	it->version = (int32_t)n;
	it->undo = mc_str_is(v->text[M_REASON], "undo");
	it->undecided = mc_str_is(v->text[M_RESULT], "undecided");
	it->refused = mc_str_is(v->text[M_RESULT], "refused");
	it->unchanged = mc_str_is(v->text[M_RESULT], "unchanged");
	if (mc_str_is(v->text[M_ACTION], "reschedule")) {
		it->kind = MC_PLAN_RESCHEDULE;
		if (take_due(a, it, v, err) == -1)
			return -1;
	} else if (mc_str_is(v->text[M_ACTION], "rehome")) {
		it->kind = MC_PLAN_REHOME;
		if (it->places == 0)
			return mc_err(err, MC_EDATA, "E_FIELD",
			    "\"moves\" must be an array of 1 to %d objects",
			    MC_CASE_STEPS + 1);
	} else if (it->repin != NULL) {
		it->kind = MC_PLAN_REPIN;
	} else if (it->action != NULL) {
		it->kind = MC_PLAN_ACTION;
	} else if (mc_str_is(v->text[M_ACTION], "expire")) {
		it->kind = MC_PLAN_EXPIRE;
		if (v->text[M_TO].p == NULL)
			return bad_member(M_TO, "is missing", err);
	} else if (mc_str_is(v->text[M_ACTION], "answer")) {
		it->kind = MC_PLAN_ANSWER;
	} else {
		return bad_member(M_ACTION,
		    "must be \"reschedule\", \"rehome\", \"repin\", "
		    "\"expire\", \"answer\" or an action of route",
		    err);
	}
	return check_basis(v->text[M_BASIS], err);
}

static struct mc_plan_item *
next_item(struct mc_apply *a)
{
	size_t old = a->cap;

	if (a->told) {
		a->told = false;
		a->n = 0;
		mc_pool_reset(&a->pool);
	}
	if (a->n == a->cap) {
		a->cap = old == 0 ? 64 : old * 2;
		a->item = mc_realloc(a->item, a->cap, sizeof(*a->item));
		memset(a->item + old, 0, (a->cap - old) * sizeof(*a->item));
	}
	return &a->item[a->n];
}

/* The last number of a place; 0: there is none. */
static int64_t
column_of(const char *where)
{
	const char *colon = strrchr(where, ':');
	int64_t n = 0;

	return colon != NULL &&
		       mc_int_parse(&n, mc_str(colon + 1), 1, INT32_MAX)
		   ? n
		   : 0;
}

/* Is there more to such a line than members that are plain? */
static bool
has_more(struct mc_str action)
{
	return !mc_str_is(action, "reschedule") &&
	       (mc_str_is(action, "repin") ||
		   mc_action_parse(action) != MC_A__COUNT);
}

int
mc_apply_line(struct mc_apply *a, const char *file, int64_t number,
    struct mc_str line, struct mc_err *err)
{
	struct mc_plan_item *it = next_item(a);
	struct values v;
	int64_t column;

	it->file = file;
	it->line = number;
	it->places = 0;
	it->repin = NULL;
	it->action = NULL;
	if ((!read_simple(line, &v) || has_more(v.text[M_ACTION])) &&
	    read_json(a, it, line, &v, err) == -1) {
		column = column_of(err->where);
		err->where[0] = '\0'; /* that was within the line */
		return mc_err_at(err, file, number, column);
	}
	if (v.dry_run) {
		mc_err(err, MC_EREFUSED, "E_DRY_RUN",
		    "a record of a dry run is nothing to go on with");
		return mc_err_at(err, file, number, 0);
	}
	if (take_values(a, it, &v, err) == -1)
		return mc_err_at(err, file, number, 0);
	it->code = mc_pool_str(&a->pool, v.text[M_CODE]);
	it->basis = v.text[M_BASIS];
	if (it->basis.p != NULL)
		it->basis = mc_pool_str(&a->pool, it->basis);
	it->step = it->to = it->several = (struct mc_str){ NULL, 0 };
	if (v.text[M_STEP].p != NULL)
		it->step = mc_pool_str(&a->pool, v.text[M_STEP]);
	if (v.text[M_TO].p != NULL)
		it->to = mc_pool_str(&a->pool, v.text[M_TO]);
	a->n++;
	return 0;
}
