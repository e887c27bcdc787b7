/* codes.c - see motcua/codes.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/codes.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/text.h>

struct mc_codes {
	int argc, next;
	char *const *argv;
	bool asked;            /* "-" was among the operands */
	struct mc_source *src; /* being read now */
	struct mc_buf code;    /* one that had to be copied */
	int64_t line;          /* of the code last returned; 0: an operand */
};

struct mc_codes *
mc_codes_new(int argc, char *const *argv)
{
	struct mc_codes *c = mc_calloc(1, sizeof(*c));

	c->argc = argc;
	c->argv = argv;
	return c;
}

struct mc_codes *
mc_codes_of(struct mc_source *src)
{
	struct mc_codes *c = mc_codes_new(0, NULL);

	c->src = src;
	return c;
}

void
mc_codes_free(struct mc_codes *c)
{
	if (c == NULL)
		return;
	mc_source_free(c->src);
	mc_buf_free(&c->code);
	free(c);
}

int
mc_codes_at(const struct mc_codes *c, struct mc_err *err)
{
	if (c->line > 0)
		mc_err_at(err, mc_source_name(c->src), c->line, 0);
	return -1;
}

/* ---- the shape our own tools write ---- */

/* Past a string without escapes that begins at p, or NULL. */
static const char *
skip_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	for (; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' || (unsigned char)*p < 0x20)
			return NULL;
	}
	return NULL;
}

static const char *
skip_digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : NULL;
}

/* Past null, true, false, an integer or a simple string, or NULL. */
static const char *
skip_scalar(const char *p, const char *end)
{
	static const char *const word[] = { "null", "true", "false" };
	size_t i, n;

	if (p == end)
		return NULL;
	if (*p == '"')
		return skip_string(p, end);
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		n = strlen(word[i]);
		if ((size_t)(end - p) > n && memcmp(p, word[i], n) == 0)
			return p + n;
	}
	if (*p == '-')
		p++;
	if (end - p > 1 && p[0] == '0' && p[1] >= '0' && p[1] <= '9')
		return NULL;
	return skip_digits(p, end);
}

static bool
is_key(struct mc_str quoted, const char *key)
{
	return quoted.len == strlen(key) + 2 &&
	       memcmp(quoted.p + 1, key, quoted.len - 2) == 0;
}

/*
 * {"schema":"...","code":"...", flat simple members}: the code without a
 * parser.  Whatever is not exactly that (white space, escapes, nested values,
 * reals, another "code" or "schema", a "dry_run") is left to the parser.
 */
static bool
read_simple(struct mc_str line, struct mc_str *code)
{
	static const char head[] = "{\"schema\":";
	const char *p = line.p, *end = line.p + line.len, *q;
	struct mc_str key, value;
	bool found = false;

	if (line.len < sizeof(head) || memcmp(p, head, sizeof(head) - 1) != 0)
		return false;
	p = skip_string(p + sizeof(head) - 1, end);
	while (p != NULL && p < end && *p == ',') {
		q = skip_string(++p, end);
		if (q == NULL || q == end || *q != ':')
			return false;
		key = (struct mc_str){ p, (size_t)(q - p) };
		p = ++q;
		if ((q = skip_scalar(p, end)) == NULL)
			return false;
		value = (struct mc_str){ p, (size_t)(q - p) };
		p = q;
		if (is_key(key, "dry_run") || is_key(key, "schema"))
			return false;
		if (!is_key(key, "code"))
			continue;
		if (found || value.p[0] != '"')
			return false;
		found = true;
		*code = (struct mc_str){ value.p + 1, value.len - 2 };
	}
	return found && p != NULL && p + 1 == end && *p == '}';
}

/* ---- every other line ---- */

static int
bad_code(const struct mc_codes *c, struct mc_err *err)
{
	mc_err(err, MC_EDATA, "E_CODE",
	    "a dossier code is 1 to %d visible characters", MC_CODE_MAX);
	return mc_codes_at(c, err);
}

/* The parser has seen one line only: its column is right, its line is not. */
static int
json_failed(const struct mc_codes *c, struct mc_err *err)
{
	const char *colon = strrchr(err->where, ':');
	int64_t column = 0;

	if (colon != NULL &&
	    !mc_int_parse(&column, mc_str(colon + 1), 1, MC_LINE_MAX))
		column = 0;
	err->where[0] = '\0';
	return mc_err_at(err, mc_source_name(c->src), c->line, column);
}

/* The parser's way: -1, or 0 with the code in c->code. */
static int
read_object(struct mc_codes *c, struct mc_str line, struct mc_err *err)
{
	struct mc_json *doc = NULL;
	const char *s;
	int rc = -1;

	if (mc_json_parse(&doc, mc_source_name(c->src), line, err) == -1)
		return json_failed(c, err);
	s = mc_json_str(mc_json_get(doc, "code"));
	if (mc_json_bool(mc_json_get(doc, "dry_run"))) {
		mc_err(err, MC_EREFUSED, "E_DRY_RUN",
		    "a record of a dry run: what it says did not happen");
		mc_codes_at(c, err);
	} else if (s == NULL) {
		mc_err(err, MC_EDATA, "E_CODE",
		    "a record without a string member \"code\"");
		mc_codes_at(c, err);
	} else {
		mc_buf_reset(&c->code);
		mc_buf_puts(&c->code, s);
		rc = 0;
	}
	mc_json_free(doc);
	return rc;
}

/* The next line that is not blank, as mc_codes_next(). */
static int
next_line(
    struct mc_codes *c, struct mc_str *code, bool wait, struct mc_err *err)
{
	struct mc_str line;
	int rc;

	do {
		rc = mc_line_next(c->src, &line, &c->line, wait, err);
		if (rc != 1)
			return rc;
		line = mc_str_trim(line);
	} while (line.len == 0);

	if (line.p[0] != '{')
		*code = line;
	else if (!read_simple(line, code)) {
		if (read_object(c, line, err) == -1)
			return -1;
		*code = (struct mc_str){ c->code.p, c->code.len };
	}
	return mc_code_valid(*code) ? 1 : bad_code(c, err);
}

int
mc_codes_next(
    struct mc_codes *c, struct mc_str *code, bool wait, struct mc_err *err)
{
	const char *s;
	int rc;

	for (;;) {
		if (c->src != NULL) {
			rc = next_line(c, code, wait, err);
			if (rc != 0)
				return rc;
			mc_source_free(c->src);
			c->src = NULL;
		}
		c->line = 0;
		if (c->next >= c->argc)
			return 0;
		s = c->argv[c->next++];
		if (strcmp(s, "-") != 0)
			break;
		if (c->asked)
			return mc_err(err, MC_EUSAGE, "E_USAGE",
			    "the operand \"-\" is given twice");
		c->asked = true;
		if (mc_source_open(&c->src, s, err) == -1)
			return -1;
	}
	*code = mc_str(s);
	if (mc_code_valid(*code))
		return 1;
	mc_err(err, MC_EDATA, "E_CODE",
	    "\"%s\": a dossier code is 1 to %d visible characters", s,
	    MC_CODE_MAX);
	return -1;
}
