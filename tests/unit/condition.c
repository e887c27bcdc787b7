/* condition: values, parsing with places, evaluation. */
#include <stdlib.h>
#include <string.h>

#include <motcua/condition.h>

#include "tap.h"

static const struct {
	enum mc_field_type type;
	const char *in, *out; /* NULL: E_FIELD */
} normal[] = {
	{ MC_FIELD_TEXT, "Xã Gia Viễn", "Xã Gia Viễn" },
	{ MC_FIELD_TEXT, "Xa\xCC\x83", "X\xC3\xA3" }, /* NFD to NFC */
	{ MC_FIELD_TEXT, "\xFF", NULL },
	{ MC_FIELD_INTEGER, "007", "7" },
	{ MC_FIELD_INTEGER, "-0", "0" },
	{ MC_FIELD_INTEGER, "-12", "-12" },
	{ MC_FIELD_INTEGER, "1.5", NULL },
	{ MC_FIELD_INTEGER, "", NULL },
	{ MC_FIELD_INTEGER, "-", NULL },
	{ MC_FIELD_INTEGER, "+1", NULL },
	{ MC_FIELD_INTEGER, "123456789012345678901234567890",
	    "123456789012345678901234567890" },
	{ MC_FIELD_INTEGER, "1234567890123456789012345678901", NULL },
	{ MC_FIELD_DECIMAL, "2.50", "2.5" },
	{ MC_FIELD_DECIMAL, "002.0", "2" },
	{ MC_FIELD_DECIMAL, "-0.00", "0" },
	{ MC_FIELD_DECIMAL, "-0.50", "-0.5" },
	{ MC_FIELD_DECIMAL, ".25", NULL },
	{ MC_FIELD_DECIMAL, "5.", NULL },
	{ MC_FIELD_DECIMAL, "1.2.3", NULL },
	{ MC_FIELD_DECIMAL, "2,5", NULL },
	{ MC_FIELD_DECIMAL, "1e3", NULL },
	{ MC_FIELD_DATE, "2024-02-29", "2024-02-29" },
	{ MC_FIELD_DATE, "2025-02-29", NULL },
	{ MC_FIELD_BOOLEAN, "true", "true" },
	{ MC_FIELD_BOOLEAN, "True", NULL },
};

static const struct {
	enum mc_field_type type;
	const char *a, *b;
	int want;
} order[] = {
	{ MC_FIELD_DECIMAL, "9", "10", -1 },
	{ MC_FIELD_DECIMAL, "2.5", "2.49", 1 },
	{ MC_FIELD_DECIMAL, "2.5", "2.50000000000000000000000000001", -1 },
	{ MC_FIELD_DECIMAL, "-2", "-10", 1 },
	{ MC_FIELD_DECIMAL, "-1", "1", -1 },
	{ MC_FIELD_DECIMAL, "250", "250", 0 },
	{ MC_FIELD_INTEGER, "100000000000000000001", "100000000000000000000",
	    1 },
	{ MC_FIELD_DATE, "2024-12-31", "2025-01-01", -1 },
	{ MC_FIELD_TEXT, "9", "10", 1 },
	{ MC_FIELD_TEXT, "a", "ab", -1 },
};

static bool
type_of(void *arg, const char *field, enum mc_field_type *type)
{
	static const struct {
		const char *name;
		enum mc_field_type type;
	} known[] = { { "area", MC_FIELD_DECIMAL }, { "n", MC_FIELD_INTEGER },
		{ "day", MC_FIELD_DATE }, { "poor", MC_FIELD_BOOLEAN },
		{ "kind", MC_FIELD_TEXT }, { "none", MC_FIELD_INTEGER } };
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, field) == 0) {
			*type = known[i].type;
			return true;
		}
	return false;
}

static const char *
value(void *arg, const char *field)
{
	(void)arg;
	return strcmp(field, "area") == 0      ? "250.5"
	       : strcmp(field, "n") == 0       ? "3"
	       : strcmp(field, "day") == 0     ? "2025-07-01"
	       : strcmp(field, "poor") == 0    ? "true"
	       : strcmp(field, "kind") == 0    ? "nhà ở"
	       : strcmp(field, "channel") == 0 ? "online"
					       : NULL;
}

static const struct {
	const char *json;
	int want; /* -1: E_MISSING */
} eval[] = {
	{ "{\"field\": \"area\", \"gt\": 250}", 1 },
	{ "{\"field\": \"area\", \"gt\": 250.5}", 0 },
	{ "{\"field\": \"area\", \"ge\": \"250.50\"}", 1 },
	{ "{\"field\": \"area\", \"lt\": 1e3}", 1 },
	{ "{\"field\": \"area\", \"le\": 250}", 0 },
	{ "{\"field\": \"n\", \"in\": [1, 2, 3]}", 1 },
	{ "{\"field\": \"n\", \"in\": [1, 2]}", 0 },
	{ "{\"field\": \"n\", \"ne\": 3}", 0 },
	{ "{\"field\": \"day\", \"ge\": \"2025-07-01\"}", 1 },
	{ "{\"field\": \"poor\", \"eq\": true}", 1 },
	{ "{\"field\": \"kind\", \"eq\": \"nhà ở\"}", 1 },
	{ "{\"field\": \"channel\", \"eq\": \"online\"}", 1 },
	{ "{\"field\": \"none\", \"present\": false}", 1 },
	{ "{\"field\": \"n\", \"present\": false}", 0 },
	{ "{\"field\": \"none\", \"eq\": 1}", -1 },
	{ "{\"not\": {\"field\": \"none\", \"eq\": 1}}", -1 },
	{ "{\"all\": [{\"field\": \"none\", \"present\": true},"
	  " {\"field\": \"none\", \"gt\": 5}]}",
	    0 },
	{ "{\"any\": [{\"field\": \"n\", \"eq\": 3},"
	  " {\"field\": \"none\", \"gt\": 5}]}",
	    1 },
	{ "{\"any\": [{\"field\": \"n\", \"eq\": 4},"
	  " {\"field\": \"none\", \"gt\": 5}]}",
	    -1 },
	{ "{\"not\": {\"field\": \"n\", \"eq\": 4}}", 1 },
};

static const struct {
	const char *json, *where, *message;
} bad[] = {
	{ "[]", "f:1:7",
	    "a condition is an object such as {\"field\": \"area\", "
	    "\"gt\": 250}" },
	{ "{\"field\": \"area\"}", "f:1:7",
	    "a condition has exactly one operator" },
	{ "{\"field\": \"area\", \"gt\": 1, \"lt\": 2}", "f:1:7",
	    "a condition has exactly one operator" },
	{ "{\"field\": \"area\", \"more\": 1}", "f:1:33",
	    "no such operator: \"more\"" },
	{ "{\"field\": \"size\", \"gt\": 1}", "f:1:17",
	    "the condition names the unknown field \"size\"" },
	{ "{\"gt\": 1}", "f:1:7", "\"gt\" needs a member \"field\"" },
	{ "{\"field\": \"area\", \"gt\": \"big\"}", "f:1:31",
	    "the field \"area\" is compared with \"big\", which is no "
	    "decimal" },
	{ "{\"field\": \"n\", \"gt\": true}", "f:1:28",
	    "the field \"n\" is compared with a value that is no integer" },
	{ "{\"field\": \"poor\", \"gt\": true}", "f:1:31",
	    "\"gt\" cannot be applied to the boolean field \"poor\"" },
	{ "{\"field\": \"channel\", \"eq\": \"fax\"}", "f:1:34",
	    "no such channel: \"fax\"" },
	{ "{\"field\": \"n\", \"in\": []}", "f:1:28",
	    "\"in\" is a list of 1 to 100 values" },
	{ "{\"field\": \"n\", \"in\": 3}", "f:1:28",
	    "\"in\" is a list of 1 to 100 values" },
	{ "{\"all\": []}", "f:1:15",
	    "\"all\" is a list of 1 to 100 conditions" },
	{ "{\"field\": \"n\", \"all\": [{\"field\": \"n\", \"eq\": 1}]}",
	    "f:1:17", "\"all\" takes no \"field\"" },
	{ "{\"field\": \"n\", \"present\": 1}", "f:1:33",
	    "\"present\" is true or false" },
	{ "{\"all\": [{\"field\": \"n\", \"eq\": 1}, {\"not\": 5}]}", "f:1:49",
	    "a condition is an object such as {\"field\": \"area\", "
	    "\"gt\": 250}" },
};

static const struct mc_condition_scope scope = { type_of, NULL };

static int
parse(struct mc_condition **c, const char *json, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	struct mc_json *doc;
	struct mc_str text;
	int rc;

	mc_buf_printf(&b, "{\"w\": %s}", json);
	text = (struct mc_str){ b.p, b.len };
	*c = NULL;
	rc = mc_json_parse(&doc, "f", text, err);
	if (rc == 0)
		rc = mc_condition_parse(
		    c, mc_json_get(doc, "w"), "f", text, "w", &scope, err);
	mc_json_free(doc);
	mc_buf_free(&b);
	return rc;
}

static void
count(void *arg, const char *name)
{
	mc_buf_printf(arg, "%s ", name);
}

static void
test_deep(void)
{
	struct mc_buf b = { 0 };
	struct mc_condition *c;
	struct mc_err err = MC_ERR_INIT;
	int i;

	for (i = 0; i < 40; i++)
		mc_buf_puts(&b, "{\"not\": ");
	mc_buf_puts(&b, "{\"field\": \"n\", \"eq\": 1}");
	for (i = 0; i < 40; i++)
		mc_buf_putc(&b, '}');
	IS(parse(&c, b.p, &err), -1);
	IS_STR(err.id, "E_LIMIT");
	mc_buf_free(&b);
}

/* ---- which can ever decide ---- */

/* Branches in order; T taken, C covered, N never. */
static const struct {
	const char *when[4];
	const char *channel, *fates;
} fates[] = {
	{ { "{\"field\": \"n\", \"gt\": 1}", "" }, NULL, "TT" },
	{ { "", "{\"field\": \"n\", \"gt\": 1}" }, NULL, "TC" },
	{ { "{\"field\": \"n\", \"gt\": 100}",
	      "{\"field\": \"n\", \"gt\": 250}", "" },
	    NULL, "TCT" },
	{ { "{\"field\": \"n\", \"gt\": 250}",
	      "{\"field\": \"n\", \"gt\": 100}", "" },
	    NULL, "TTT" },
	/* together they leave nothing over */
	{ { "{\"field\": \"n\", \"le\": 5}", "{\"field\": \"n\", \"gt\": 5}",
	      "" },
	    NULL, "TTC" },
	{ { "{\"field\": \"n\", \"lt\": 5}", "{\"field\": \"n\", \"gt\": 5}",
	      "" },
	    NULL, "TTT" },
	/* between whole numbers there is nothing, between decimals there is */
	{ { "{\"all\": [{\"field\": \"n\", \"gt\": 1},"
	    "{\"field\": \"n\", \"lt\": 2}]}",
	      "" },
	    NULL, "NT" },
	{ { "{\"all\": [{\"field\": \"area\", \"gt\": 1},"
	    "{\"field\": \"area\", \"lt\": 2}]}",
	      "" },
	    NULL, "TT" },
	/* presence: who asks for it first may compare afterwards */
	{ { "{\"field\": \"n\", \"present\": false}",
	      "{\"field\": \"n\", \"present\": true}", "" },
	    NULL, "TTC" },
	/* channels are three */
	{ { "{\"field\": \"channel\", \"in\": [\"direct\", \"online\"]}",
	      "{\"field\": \"channel\", \"eq\": \"postal\"}", "" },
	    NULL, "TTC" },
	{ { "{\"field\": \"channel\", \"eq\": \"online\"}", "" }, "online",
	    "TC" },
	{ { "{\"field\": \"channel\", \"eq\": \"online\"}", "" }, "direct",
	    "NT" },
	{ { "{\"not\": {\"field\": \"channel\", \"ne\": \"online\"}}", "" },
	    "direct", "NT" },
	{ { "{\"any\": [{\"field\": \"n\", \"ne\": 3},"
	    "{\"field\": \"n\", \"eq\": 3}]}",
	      "" },
	    NULL, "TC" },
};

static void
test_fates(void)
{
	const struct mc_condition *when[4];
	enum mc_fate fate[4];
	struct mc_condition *c[4];
	struct mc_err err = MC_ERR_INIT;
	char got[5];
	size_t i;
	int k, n;

	for (i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		TAP_ROW(fates[i].fates);
		for (n = 0; n < 4 && fates[i].when[n] != NULL; n++) {
			c[n] = NULL;
			if (fates[i].when[n][0] != '\0')
				IS(parse(&c[n], fates[i].when[n], &err), 0);
			when[n] = c[n];
		}
		OK(mc_condition_fates(when, n, fates[i].channel, fate));
		for (k = 0; k < n; k++) {
			got[k] = "NCT"[fate[k]];
			mc_condition_free(c[k]);
		}
		got[n] = '\0';
		IS_STR(got, fates[i].fates);
	}
	TAP_ROW(NULL);
}

static unsigned
any_of(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* A random condition over "n" (0 to 3), "area" and "channel". */
static void
put_random(struct mc_buf *b, unsigned *seed, int depth)
{
	static const char *const ops[] = { "eq", "ne", "lt", "le", "gt", "ge" };
	static const char *const ways[] = { "direct", "online", "postal" };
	int kind = (int)any_of(seed, depth > 2 ? 4 : 7), i;

	if (kind == 0) {
		mc_buf_printf(b, "{\"field\": \"channel\", \"eq\": \"%s\"}",
		    ways[any_of(seed, 3)]);
	} else if (kind == 1) {
		mc_buf_printf(b, "{\"field\": \"area\", \"present\": %s}",
		    any_of(seed, 2) ? "true" : "false");
	} else if (kind < 4) {
		mc_buf_printf(b, "{\"field\": \"%s\", \"%s\": %u}",
		    kind == 2 ? "n" : "area", ops[any_of(seed, 6)],
		    any_of(seed, 4));
	} else if (kind == 4) {
		mc_buf_puts(b, "{\"not\": ");
		put_random(b, seed, depth + 1);
		mc_buf_putc(b, '}');
	} else {
		mc_buf_printf(b, "{\"%s\": [", kind == 5 ? "all" : "any");
		for (i = 0; i < 2; i++) {
			mc_buf_puts(b, i > 0 ? ", " : "");
			put_random(b, seed, depth + 1);
		}
		mc_buf_puts(b, "]}");
	}
}

struct world {
	const char *n, *area, *channel;
};

static const char *
of_world(void *arg, const char *field)
{
	const struct world *w = arg;

	return strcmp(field, "n") == 0      ? w->n
	       : strcmp(field, "area") == 0 ? w->area
					    : w->channel;
}

/* Every value that can matter, one by one, by mc_condition_eval() itself. */
static void
count_taken(struct mc_condition *const *c, int n, bool *taken)
{
	static const char *const whole[] = { "-1", "0", "1", "2", "3", "4" };
	static const char *const part[] = { NULL, "-1", "0", "0.5", "1", "1.5",
		"2", "2.5", "3", "3.5" };
	static const char *const ways[] = { "direct", "online", "postal" };
	struct mc_err err = MC_ERR_INIT;
	struct world w;
	size_t i, j, k;
	int b, rc;

	for (i = 0; i < 6; i++)
		for (j = 0; j < 10; j++)
			for (k = 0; k < 3; k++) {
				w = (struct world){ whole[i], part[j],
					ways[k] };
				for (b = 0, rc = 0; b < n && rc == 0; b++) {
					rc = mc_condition_eval(
					    c[b], of_world, &w, &err);
					taken[b] = taken[b] || rc == 1;
				}
			}
}

static void
test_random_fates(void)
{
	const struct mc_condition *when[3];
	struct mc_condition *c[3];
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	enum mc_fate fate[3];
	unsigned seed = 1;
	int round, i, wrong = 0, never = 0;

	for (round = 0; round < 2000; round++) {
		bool taken[3] = { false, false, false };

		for (i = 0; i < 3; i++) {
			mc_buf_reset(&b);
			put_random(&b, &seed, 0);
			if (parse(&c[i], b.p, &err) == -1)
				abort();
			when[i] = c[i];
		}
		count_taken(c, 3, taken);
		wrong += !mc_condition_fates(when, 3, NULL, fate);
		for (i = 0; i < 3; i++) {
			if ((fate[i] == MC_FATE_TAKEN) != taken[i])
				wrong++;
			never += !taken[i];
			mc_condition_free(c[i]);
		}
	}
	IS(wrong, 0);
	/* Of either kind there were enough to tell. */
	OK(never > 500 && never < 5500);
	mc_buf_free(&b);
}

/* Too many combinations: nothing is claimed, and at once. */
static void
test_many_fates(void)
{
	const struct mc_condition *when[1];
	struct mc_condition *c;
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	enum mc_fate fate[1];
	int i;

	mc_buf_puts(&b, "{\"all\": [{\"field\": \"n\", \"lt\": 0},"
			"{\"field\": \"n\", \"gt\": 0}, {\"any\": [");
	for (i = 0; i < 99; i++)
		mc_buf_printf(&b,
		    "{\"all\": [{\"field\": \"area\", \"eq\": %d},"
		    "{\"field\": \"n\", \"eq\": %d},"
		    "{\"field\": \"kind\", \"eq\": \"%d\"}]},",
		    i, i, i);
	mc_buf_puts(&b, "{\"field\": \"n\", \"eq\": 1}]}]}");
	IS(parse(&c, b.p, &err), 0);
	when[0] = c;
	OK(!mc_condition_fates(when, 1, NULL, fate));
	IS(fate[0], MC_FATE_TAKEN);
	mc_condition_free(c);
	mc_buf_free(&b);
}

static void
test_words(void)
{
	static const char *const rows[][2] = {
		{ "{\"field\": \"n\", \"gt\": 250}", "n gt 250" },
		{ "{\"field\": \"area\", \"in\": [1, 2.50]}",
		    "area in (1; 2.5)" },
		{ "{\"not\": {\"any\": [{\"field\": \"n\", \"eq\": 1},"
		  "{\"field\": \"area\", \"present\": true}]}}",
		    "not (any (n eq 1; area present true))" },
	};
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_json *doc;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		IS(mc_json_parse(&doc, "f", mc_str(rows[i][0]), &err), 0);
		mc_buf_reset(&b);
		mc_condition_put(&b, doc, 0);
		IS_STR(mc_buf_str(&b), rows[i][1]);
		mc_json_free(doc);
	}
	mc_buf_free(&b);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_condition *c;
	struct mc_buf b = { 0 };
	size_t i;
	int rc;

	for (i = 0; i < sizeof(normal) / sizeof(normal[0]); i++) {
		TAP_ROW(normal[i].in);
		mc_buf_reset(&b);
		mc_err_clear(&err);
		rc = mc_field_normal(
		    &b, normal[i].type, mc_str(normal[i].in), &err);
		IS(rc, normal[i].out != NULL ? 0 : -1);
		if (normal[i].out != NULL)
			IS_STR(mc_buf_str(&b), normal[i].out);
		else
			IS_STR(err.id, "E_FIELD");
		if (rc == -1 && normal[i].in[0] != '\0' &&
		    normal[i].in[0] != '-')
			OK(strstr(err.msg, normal[i].in) == NULL);
	}
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		TAP_ROW(order[i].a);
		IS(mc_field_compare(
		       order[i].type, mc_str(order[i].a), mc_str(order[i].b)),
		    order[i].want);
		IS(mc_field_compare(
		       order[i].type, mc_str(order[i].b), mc_str(order[i].a)),
		    -order[i].want);
	}
	for (i = 0; i < sizeof(eval) / sizeof(eval[0]); i++) {
		TAP_ROW(eval[i].json);
		mc_err_clear(&err);
		IS(parse(&c, eval[i].json, &err), 0);
		if (c == NULL)
			continue;
		IS(mc_condition_eval(c, value, NULL, &err), eval[i].want);
		if (eval[i].want == -1) {
			IS_STR(err.id, "E_MISSING");
			OK(strncmp(err.where, "f:1:", 4) == 0);
			IS_STR(err.msg, "the dossier has no \"none\", which "
					"the rule compares");
		}
		mc_condition_free(c);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].json);
		mc_err_clear(&err);
		IS(parse(&c, bad[i].json, &err), -1);
		OK(c == NULL);
		IS_STR(err.id, "E_CONDITION");
		IS_STR(err.where, bad[i].where);
		IS_STR(err.msg, bad[i].message);
	}
	TAP_ROW(NULL);
	test_deep();
	test_fates();
	test_random_fates();
	test_many_fates();
	test_words();
	mc_buf_reset(&b);
	mc_err_clear(&err);
	IS(parse(&c, eval[16].json, &err), 0);
	mc_condition_fields(c, count, &b);
	IS_STR(mc_buf_str(&b), "none none ");
	mc_condition_free(c);
	mc_buf_free(&b);
	return tap_done();
}
