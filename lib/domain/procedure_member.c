/* procedure_member.c - single members of a definition, each checked. */
#include <stdio.h>
#include <string.h>

#include <motcua/charset.h>
#include <motcua/procedure.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "procedure_internal.h"

#define ID_MAX 40

/* ---- findings and single members ---- */

static void
tell(struct mc_procedure_sink *s, const char *path, struct mc_err *e)
{
	int64_t line, column;

	mc_json_place(s->text, path, &line, &column);
	mc_err_at(e, s->name, line, column);
	s->errors += strncmp(e->id, "W_", 2) != 0;
	s->told++;
	s->found(s->arg, e);
}

/* The first error is, whatever warnings came before it. */
static bool
worth_telling(struct mc_procedure_sink *s, const char *id)
{
	struct mc_err e = MC_ERR_INIT;
	bool first = s->errors == 0 && strncmp(id, "W_", 2) != 0;

	if (s->told < MC_LINT_MAX || first)
		return true;
	s->errors += strncmp(id, "W_", 2) != 0;
	if (s->told++ == MC_LINT_MAX) {
		mc_err(&e, MC_EDATA, "W_MORE",
		    "more than %d findings; the others are not listed",
		    MC_LINT_MAX);
		mc_err_at(&e, s->name, 0, 0);
		s->found(s->arg, &e);
	}
	return false;
}

void
mc_procedure_found(struct mc_procedure_sink *s, const char *path,
    const char *id, const char *fmt, ...)
{
	struct mc_err e = MC_ERR_INIT;
	char text[400];
	va_list ap;

	if (!worth_telling(s, id))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mc_err(&e, MC_EDATA, id, "%s", text);
	tell(s, path, &e);
}

/* A finding that a deeper module has made. */
void
mc_member_pass_on(
    struct mc_procedure_sink *s, const char *path, struct mc_err *e)
{
	if (worth_telling(s, e->id))
		tell(s, path, e);
	mc_err_clear(e);
}

void
mc_member_path_of(
    char out[MC_PART_PATH], const struct mc_part *p, const char *key)
{
	snprintf(out, MC_PART_PATH, "%.60s%s%.60s", p->path,
	    p->path[0] != '\0' ? "/" : "", key);
}

void
mc_member_path_at(
    char out[MC_PART_PATH], const struct mc_part *p, const char *key, size_t at)
{
	size_t n;

	mc_member_path_of(out, p, key);
	n = strlen(out);
	snprintf(out + n, MC_PART_PATH - n, "/%zu", at);
}

void
mc_member_bad(const struct mc_part *p, const char *key, const char *id,
    const char *fmt, ...)
{
	char path[MC_PART_PATH], text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mc_member_path_of(path, p, key);
	mc_procedure_found(p->s, path, id, "%s", text);
}

/* Only these members; `names` ends with NULL. */
bool
mc_member_known(
    const struct mc_part *p, const char *what, const char *const *names)
{
	struct mc_buf path = { 0 };
	const char *key, *k;
	size_t i, j;

	if (mc_json_type(p->v) != MC_JSON_OBJECT) {
		mc_procedure_found(
		    p->s, p->path, "E_FIELD", "%s is no object", what);
		return false;
	}
	for (i = 0; i < mc_json_count(p->v); i++) {
		mc_json_member(p->v, i, &key);
		for (j = 0; names[j] != NULL; j++)
			if (strcmp(names[j], key) == 0)
				break;
		if (names[j] != NULL)
			continue;
		mc_buf_reset(&path);
		mc_buf_printf(
		    &path, "%s%s", p->path, p->path[0] != '\0' ? "/" : "");
		for (k = key; *k != '\0'; k++)
			if (*k == '/' || *k == '~')
				mc_buf_puts(&path, *k == '/' ? "~1" : "~0");
			else
				mc_buf_putc(&path, *k);
		mc_procedure_found(p->s, path.p, "E_FIELD",
		    "unknown member \"%s\" of %s", key, what);
	}
	mc_buf_free(&path);
	return true;
}

/* A member's string, or NULL; absent ones are errors only if needed. */
const char *
mc_member_string(const struct mc_part *p, const char *key, bool needed)
{
	const struct mc_json *v = mc_json_get(p->v, key);
	const char *s = mc_json_str(v);

	if (v == NULL) {
		if (needed)
			mc_member_bad(
			    p, key, "E_FIELD", "\"%s\" is missing", key);
		return NULL;
	}
	if (s == NULL || *s == '\0') {
		mc_member_bad(
		    p, key, "E_FIELD", "\"%s\" is text, and not empty", key);
		return NULL;
	}
	return s;
}

/* Two texts that look the same must be the same: NFC, nothing invisible. */
void
mc_member_check_clean(const struct mc_part *p, const char *key, const char *s)
{
	struct mc_buf scratch = { 0 };
	size_t i, len, n = strlen(s);
	bool hostile = false;

	for (i = 0; i < n && !hostile; i += len)
		hostile = mc_char_hostile(mc_utf8_decode(s + i, n - i, &len));
	if (hostile)
		mc_member_bad(
		    p, key, "E_FIELD", "a control character in \"%s\"", key);
	else if (!mc_str_same(mc_text_clean(mc_str(s), &scratch), mc_str(s)))
		mc_member_bad(p, key, "E_NFC",
		    "\"%s\" is not in Unicode form NFC, or has invisible "
		    "characters or space at its ends",
		    key);
	mc_buf_free(&scratch);
}

const char *
mc_member_title(const struct mc_part *p, const char *key, bool needed)
{
	const char *s = mc_member_string(p, key, needed);

	if (s != NULL)
		mc_member_check_clean(p, key, s);
	return s;
}

/* An id of lower-case letters, digits and the `more` characters. */
const char *
mc_member_identifier(const struct mc_part *p, const char *key, const char *more)
{
	const char *s = mc_member_string(p, key, true);
	size_t i, n = s != NULL ? strlen(s) : 0;

	for (i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= '0' && s[i] <= '9') ||
			strchr(more, s[i]) != NULL))
			break;
	if (s == NULL || (i == n && n <= ID_MAX))
		return s;
	mc_member_bad(p, key, "E_CODE",
	    "\"%s\" is no name of 1 to %d characters a-z 0-9 %s", s, ID_MAX,
	    more);
	return NULL;
}

int64_t
mc_member_integer(const struct mc_part *p, const char *key, int64_t min,
    int64_t max, int64_t otherwise)
{
	const struct mc_json *v = mc_json_get(p->v, key);
	int64_t n;

	if (v == NULL)
		return otherwise;
	if (mc_json_int(v, &n) && n >= min && n <= max)
		return n;
	mc_member_bad(p, key, "E_FIELD",
	    "\"%s\" is a whole number from %lld to %lld", key, (long long)min,
	    (long long)max);
	return otherwise;
}

bool
mc_member_boolean(const struct mc_part *p, const char *key, bool otherwise)
{
	const struct mc_json *v = mc_json_get(p->v, key);

	if (v == NULL)
		return otherwise;
	if (mc_json_type(v) != MC_JSON_BOOL)
		mc_member_bad(
		    p, key, "E_FIELD", "\"%s\" is true or false", key);
	return mc_json_bool(v);
}

int32_t
mc_member_date(const struct mc_part *p, const char *key, bool needed)
{
	const char *s = mc_member_string(p, key, needed);
	int32_t d = s != NULL ? mc_day_parse(mc_str(s)) : MC_NODAY;

	if (s != NULL && d == MC_NODAY)
		mc_member_bad(p, key, "E_DATE", "no such day \"%s\"", s);
	return d;
}

/* Whether there is a limit at all. */
bool
mc_member_limit(const struct mc_part *p, struct mc_term *term)
{
	return mc_member_term(p, "limit", term);
}

bool
mc_member_term(const struct mc_part *p, const char *key, struct mc_term *term)
{
	struct mc_err e = MC_ERR_INIT;
	char path[MC_PART_PATH];
	const char *s = mc_member_string(p, key, false);

	if (s == NULL)
		return false;
	if (mc_term_parse(term, mc_str(s), &e) == 0)
		return term->unit != MC_TERM_NONE;
	mc_member_path_of(path, p, key);
	mc_member_pass_on(p->s, path, &e);
	return false;
}

/* A member's list; NULL (and *n 0) when it is absent or no list. */
const struct mc_json *
mc_member_list(const struct mc_part *p, const char *key, size_t max, size_t *n)
{
	const struct mc_json *v = mc_json_get(p->v, key);

	*n = 0;
	if (v == NULL)
		return NULL;
	if (mc_json_type(v) != MC_JSON_ARRAY) {
		mc_member_bad(p, key, "E_FIELD", "\"%s\" is no list", key);
		return NULL;
	}
	if (mc_json_count(v) > max) {
		mc_member_bad(p, key, "E_LIMIT",
		    "\"%s\" has %zu entries, at most %zu", key,
		    mc_json_count(v), max);
		return NULL;
	}
	*n = mc_json_count(v);
	return v;
}

void
mc_member_repeated(const struct mc_part *p, const char *key, const char *value)
{
	mc_member_bad(
	    p, key, "E_DUPLICATE", "\"%s\" stands there twice", value);
}
