/*
 * json.c - fuzzes json.h.
 *
 *   - what is accepted, Jansson accepts (but for reals beyond a double, of
 *     which we keep the text); what is refused for anything but a limit of
 *     our own, Jansson refuses;
 *   - the canonical form read again has the same canonical form;
 *   - any text that is UTF-8 comes back from its quoted form;
 *   - a place is within the text, in broken documents too;
 *   - decimal text of a number is its own decimal text.
 */
#include <jansson.h>

#include <motcua/json.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_buf one, two;

static struct mc_str
without_bom(struct mc_str s)
{
	if (s.len >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0)
		return (struct mc_str){ s.p + 3, s.len - 3 };
	return s;
}

static void
against_jansson(struct mc_str text, bool taken, const struct mc_err *err)
{
	json_error_t why;
	json_t *root;

	text = without_bom(text);
	/* Jansson takes a NUL behind the value for the end of the text. */
	if (text.len > 0 && memchr(text.p, '\0', text.len) != NULL) {
		HOLDS(!taken);
		return;
	}
	root = json_loadb(text.p != NULL ? text.p : "", text.len,
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
	if (taken)
		HOLDS(root != NULL ||
		      json_error_code(&why) == json_error_numeric_overflow);
	else
		HOLDS(root == NULL || strcmp(err->id, "E_LIMIT") == 0);
	json_decref(root);
}

static void
place(struct mc_str text, const char *path)
{
	int64_t line = 0, column = 0;

	mc_json_place(text, path, &line, &column);
	HOLDS(line >= 1 && (uint64_t)line <= text.len + 1);
	HOLDS(column >= 1 && (uint64_t)column <= text.len + 1);
}

/* Every value, to the bottom. */
static void
walk(const struct mc_json *v)
{
	const struct mc_json *sub;
	const char *key = NULL, *text;
	int64_t number;
	size_t i;

	text = mc_json_decimal(v, &one);
	if (text != NULL) {
		mc_buf_reset(&two);
		mc_buf_printf(&two, "[\"%s\"]", text);
	}
	if (mc_json_type(v) == MC_JSON_INT)
		HOLDS(mc_json_int(v, &number) && text != NULL);
	HOLDS((mc_json_type(v) == MC_JSON_STRING) == (mc_json_str(v) != NULL));
	if (text != NULL) {
		struct mc_err err = MC_ERR_INIT;
		struct mc_json *doc;
		struct mc_buf same = { 0 };

		HOLDS(mc_json_parse(&doc, "d", fuzz_str(&two), &err) == 0);
		text = mc_json_decimal(mc_json_at(doc, 0), &same);
		HOLDS(text != NULL && mc_str_is(fuzz_str(&one), text));
		mc_buf_free(&same);
		mc_json_free(doc);
	}
	for (i = 0; i < mc_json_count(v) && i < 20; i++) {
		sub = mc_json_type(v) == MC_JSON_OBJECT
			  ? mc_json_member(v, i, &key)
			  : mc_json_at(v, i);
		HOLDS(sub != NULL);
		HOLDS(key == NULL || mc_json_get(v, key) == sub);
		walk(sub);
	}
}

static void
canonical(const struct mc_json *doc)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *same;

	mc_buf_reset(&one);
	mc_buf_reset(&two);
	if (mc_json_canonical(&one, doc, &err) == -1) {
		fuzz_refused(&err);
		HOLDS(one.len == 0);
		return;
	}
	HOLDS(mc_json_parse(&same, "d", fuzz_str(&one), &err) == 0);
	HOLDS(mc_json_canonical(&two, same, &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&one), fuzz_str(&two)));
	mc_json_free(same);
	fuzz_taken++;
}

static void
quoted(struct mc_str text)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *doc;

	if (text.len == 0 || mc_utf8_check(text.p, text.len) != text.len ||
	    memchr(text.p, '\0', text.len) != NULL)
		return;
	mc_buf_reset(&one);
	mc_json_quote(&one, text.p, text.len);
	HOLDS(mc_json_parse(&doc, "d", fuzz_str(&one), &err) == 0);
	HOLDS(mc_str_same(mc_str(mc_json_str(doc)), text));
	mc_json_free(doc);
}

int
fuzz_json(const uint8_t *p, size_t n)
{
	struct mc_str text = fuzz_input(p, n);
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *doc;
	int rc = mc_json_parse(&doc, "d", text, &err);

	place(text, "a/0/b~1/c");
	place(text, "0/1");
	place(text, "");
	quoted(text);
	against_jansson(text, rc == 0, &err);
	if (rc == -1) {
		fuzz_refused_at(&err);
		return 0;
	}
	walk(doc);
	canonical(doc);
	mc_json_free(doc);
	return 0;
}
