/*
 * condition.c - fuzzes condition.h.
 *
 *   - the normal form of a value is normal, and normal values have an order;
 *   - a condition says true, false or that a value is missing, and which;
 *   - of several conditions in turn, the first that is true for some dossier
 *     is none that was said never to decide.
 *
 * The input is a JSON list of conditions, then a NUL and bytes that choose
 * the dossiers' values.
 */
#include <motcua/condition.h>
#include <motcua/text.h>

#include "fuzz.h"

#define CONDITIONS 8
#define DOSSIERS 24

static const struct {
	const char *name;
	enum mc_field_type type;
	const char *value[8];
} fields[] = {
	{ "area", MC_FIELD_DECIMAL,
	    { "0", "-1", "0.5", "1", "250", "250.01", "99999", NULL } },
	{ "n", MC_FIELD_INTEGER,
	    { "0", "-3", "1", "2", "3", "10", "123456789012345678901234567890",
		NULL } },
	{ "day", MC_FIELD_DATE,
	    { "1900-01-01", "2024-02-29", "2024-12-31", "2025-01-01",
		"2025-07-01", "2199-12-31", "2025-07-02", NULL } },
	{ "poor", MC_FIELD_BOOLEAN,
	    { "true", "false", "true", "false", NULL, "true", "false", NULL } },
	{ "kind", MC_FIELD_TEXT,
	    { "a", "b", "", "house", "Nhà ở", "x", "0", NULL } },
	{ "channel", MC_FIELD_TEXT,
	    { "direct", "online", "postal", "direct", "online", "postal",
		"direct", "online" } },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static struct mc_buf one, two;

static bool
type_of(void *arg, const char *field, enum mc_field_type *type)
{
	size_t i;

	(void)arg;
	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, field) == 0) {
			*type = fields[i].type;
			return true;
		}
	return false;
}

/* arg: which value of each field. */
static const char *
value(void *arg, const char *field)
{
	const unsigned char *choice = arg;
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, field) == 0)
			return fields[i].value[choice[i] % 8];
	fuzz_broken("a field that was not declared", __FILE__, __LINE__);
}

static void
named(void *arg, const char *name)
{
	enum mc_field_type type;

	HOLDS(type_of(arg, name, &type));
}

static void
normal(struct mc_str s)
{
	struct mc_err err = MC_ERR_INIT;
	int type;

	for (type = MC_FIELD_TEXT; type <= MC_FIELD_BOOLEAN; type++) {
		mc_buf_reset(&one);
		mc_buf_reset(&two);
		if (mc_field_normal(&one, (enum mc_field_type)type, s, &err) ==
		    -1) {
			fuzz_refused(&err);
			HOLDS(one.len == 0);
			continue;
		}
		HOLDS(mc_field_normal(&two, (enum mc_field_type)type,
			  fuzz_str(&one), &err) == 0);
		HOLDS(mc_str_same(fuzz_str(&one), fuzz_str(&two)));
		HOLDS(mc_field_compare((enum mc_field_type)type, fuzz_str(&one),
			  fuzz_str(&two)) == 0);
		if (type != MC_FIELD_INTEGER && type != MC_FIELD_DECIMAL)
			continue;
		HOLDS(mc_field_compare((enum mc_field_type)type, fuzz_str(&one),
			  mc_str("0")) ==
		      -mc_field_compare((enum mc_field_type)type, mc_str("0"),
			  fuzz_str(&one)));
	}
}

/* The first that is true is one that may be. */
static void
decide(struct mc_condition *const *when, int n, struct mc_str bytes)
{
	static const char *const channel[] = { NULL, "direct", "online",
		"postal" };
	enum mc_fate fate[4][CONDITIONS];
	unsigned char choice[FIELDS];
	struct mc_err err = MC_ERR_INIT;
	bool known[4];
	size_t d, f;
	int i, k, rc = 0;

	for (k = 0; k < 4; k++)
		known[k] =
		    mc_condition_fates((const struct mc_condition *const *)when,
			n, channel[k], fate[k]);
	for (d = 0; d < DOSSIERS; d++) {
		for (f = 0; f < FIELDS; f++)
			choice[f] =
			    bytes.len == 0
				? (unsigned char)(d * (f + 1) + d / 7)
				: (unsigned char)(bytes.p[(d * FIELDS + f) %
							  bytes.len] +
						  (int)d);
		for (i = 0; i < n; i++) {
			rc = mc_condition_eval(when[i], value, choice, &err);
			HOLDS(rc == 0 || rc == 1 || rc == -1);
			if (rc != 0)
				break;
		}
		if (rc == -1)
			fuzz_refused_at(&err);
		mc_err_clear(&err);
		if (i == n || rc == -1)
			continue;
		HOLDS(!known[0] || fate[0][i] == MC_FATE_TAKEN);
		for (k = 1; k < 4; k++)
			if (strcmp(channel[k], value(choice, "channel")) == 0)
				HOLDS(!known[k] || fate[k][i] == MC_FATE_TAKEN);
	}
}

int
fuzz_condition(const uint8_t *p, size_t n)
{
	static const struct mc_condition_scope scope = { type_of, NULL };
	struct mc_str s = fuzz_input(p, n), bytes = { NULL, 0 };
	struct mc_condition *when[CONDITIONS];
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *doc;
	char path[8] = "0";
	int k = 0;

	normal(s);
	mc_str_split(s, '\0', &s, &bytes);
	normal(s);
	if (mc_json_parse(&doc, "r", s, &err) == -1)
		return 0;
	for (; k < CONDITIONS && mc_json_at(doc, (size_t)k) != NULL; k++) {
		path[0] = (char)('0' + k);
		mc_buf_reset(&one);
		mc_condition_put(&one, mc_json_at(doc, (size_t)k), 0);
		HOLDS(mc_utf8_check(mc_buf_str(&one), one.len) == one.len);
		if (mc_condition_parse(&when[k], mc_json_at(doc, (size_t)k),
			"r", s, path, &scope, &err) == -1) {
			fuzz_refused_at(&err);
			break;
		}
		mc_condition_fields(when[k], named, NULL);
	}
	if (k > 0) {
		fuzz_taken++;
		decide(when, k, bytes);
	}
	while (k > 0)
		mc_condition_free(when[--k]);
	mc_json_free(doc);
	return 0;
}
