/*
 * json.c - JSON documents by Jansson, behind a checker of our own.
 *
 * The checker reads the text first, without recursion, and is the one that
 * complains: it knows the place, it holds the limits, and it lets nothing
 * through that would make Jansson recurse, guess or round.  A number with
 * a fraction or an exponent reaches Jansson as a string that begins with a
 * NUL (which no document can hold, an escaped NUL being refused), so that
 * its text survives.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <motcua/json.h>
#include <motcua/text.h>

#define SAFE_INT INT64_C(9007199254740991) /* 2^53 - 1, RFC 8785 3.2.2.3 */
#define DECIMAL_MAX 64                     /* digits of an expanded number */

/* An open array or object. */
struct level {
	bool object;
	size_t at;      /* where its bracket stands */
	size_t members; /* keys seen so far */
	size_t key0;    /* its first entry in scan.key */
	size_t text0;   /* and where its keys' text begins */
};

struct key {
	uint64_t hash;
	size_t at, len; /* in scan.text */
};

struct scan {
	const char *p;
	size_t n, i;
	struct level level[MC_JSON_DEPTH];
	size_t depth;
	MC_VEC(struct key) key; /* of all open objects */
	struct mc_buf text;     /* those keys, unescaped */
	MC_VEC(size_t) real;    /* start and end of each real number */
	size_t bad;             /* where the trouble is */
	struct mc_err *err;
};

/* ---- places ---- */

/* A byte order mark is passed over, and is in nobody's column. */
static size_t
skip_bom(struct mc_str s)
{
	return s.len >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static void
place_of(struct mc_str text, size_t at, int64_t *line, int64_t *column)
{
	size_t i = skip_bom(text);

	*line = *column = 1;
	for (; i < at && i < text.len; i++) {
		if (text.p[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text.p[i] & 0xC0) != 0x80) {
			++*column;
		}
	}
}

/* ---- the checker ---- */

static int fail(struct scan *s, size_t at, const char *id, const char *fmt, ...)
    MC_PRINTF(4, 5);

static int
fail(struct scan *s, size_t at, const char *id, const char *fmt, ...)
{
	va_list ap;
	char msg[640];

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	mc_err(s->err, MC_EDATA, id, "%s", msg);
	s->bad = at;
	return -1;
}

/* "expected a value, found "x"": what was wanted, and what is there. */
static int
unexpected(struct scan *s, const char *wanted)
{
	size_t n = s->n - s->i, len = 0;

	if (s->i >= s->n)
		return fail(s, s->i, "E_JSON",
		    "the text ends where %s should be", wanted);
	if (n > 0)
		mc_utf8_decode(s->p + s->i, n, &len);
	return fail(s, s->i, "E_JSON", "%s should be here, not \"%.*s\"",
	    wanted, (int)len, s->p + s->i);
}

static void
skip_space(struct scan *s)
{
	while (s->i < s->n && (s->p[s->i] == ' ' || s->p[s->i] == '\n' ||
				  s->p[s->i] == '\t' || s->p[s->i] == '\r'))
		s->i++;
}

static int
hex4(const char *p, size_t n, uint32_t *out)
{
	size_t i;
	uint32_t v = 0;
	char c;

	if (n < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = p[i];
		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint32_t)(c - 'A' + 10);
		else
			return -1;
	}
	*out = v;
	return 0;
}

/* The escape at s->i (a backslash): passed over, its character in *cp. */
static int
scan_escape(struct scan *s, uint32_t *cp)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	size_t at = s->i;
	uint32_t low;
	char c;

	if (s->i + 1 >= s->n) {
		s->i = s->n;
		return unexpected(s, "the end of a string");
	}
	c = s->p[s->i + 1];
	if (c != 'u') {
		hit = c != '\0' ? strchr(from, c) : NULL;
		if (hit == NULL)
			return fail(
			    s, at, "E_JSON", "no such escape in a string");
		*cp = (unsigned char)to[hit - from];
		s->i += 2;
		return 0;
	}
	if (hex4(s->p + at + 2, s->n - at - 2, cp) == -1)
		return fail(s, at, "E_JSON",
		    "\\u is not followed by four hexadecimal digits");
	s->i += 6;
	if (*cp == 0)
		return fail(s, at, "E_NUL", "a NUL character in a string");
	if (*cp >= 0xD800 && *cp < 0xDC00 && s->n - s->i >= 6 &&
	    s->p[s->i] == '\\' && s->p[s->i + 1] == 'u' &&
	    hex4(s->p + s->i + 2, s->n - s->i - 2, &low) == 0 &&
	    low >= 0xDC00 && low < 0xE000) {
		*cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
		s->i += 6;
	}
	if (*cp >= 0xD800 && *cp < 0xE000)
		return fail(s, at, "E_JSON", "half of a surrogate pair");
	return 0;
}

/* The string at s->i (a quote): passed over, and unescaped into *out. */
static int
scan_string(struct scan *s, struct mc_buf *out)
{
	size_t start = s->i++, run = s->i;
	uint32_t cp;

	for (;;) {
		while (s->i < s->n && (unsigned char)s->p[s->i] >= 0x20 &&
		       s->p[s->i] != '"' && s->p[s->i] != '\\')
			s->i++;
		if (out != NULL && s->i > run)
			mc_buf_add(out, s->p + run, s->i - run);
		if (s->i >= s->n)
			return fail(s, start, "E_JSON",
			    "a string that begins here does not end");
		if (s->p[s->i] == '"') {
			s->i++;
			return 0;
		}
		if (s->p[s->i] != '\\')
			return fail(s, s->i, "E_JSON",
			    "a control character in a string (write it as "
			    "\\u%04x)",
			    (unsigned)(unsigned char)s->p[s->i]);
		if (scan_escape(s, &cp) == -1)
			return -1;
		if (out != NULL)
			mc_utf8_put(out, cp);
		run = s->i;
	}
}

static size_t
digits(const struct scan *s, size_t i)
{
	while (i < s->n && s->p[i] >= '0' && s->p[i] <= '9')
		i++;
	return i;
}

static int
scan_number(struct scan *s)
{
	size_t start = s->i, i = s->i, j;
	bool real = false;
	int64_t ignored;

	if (s->p[i] == '-')
		i++;
	j = digits(s, i);
	if (j == i || (s->p[i] == '0' && j > i + 1))
		goto bad;
	i = j;
	if (i < s->n && s->p[i] == '.') {
		real = true;
		j = digits(s, i + 1);
		if (j == i + 1)
			goto bad;
		i = j;
	}
	if (i < s->n && (s->p[i] == 'e' || s->p[i] == 'E')) {
		real = true;
		i++;
		if (i < s->n && (s->p[i] == '+' || s->p[i] == '-'))
			i++;
		j = digits(s, i);
		if (j == i)
			goto bad;
		i = j;
	}
	s->i = i;
	if (real) {
		mc_vec_push(&s->real, start);
		mc_vec_push(&s->real, i);
	} else if (!mc_int_parse(&ignored,
		       (struct mc_str){ s->p + start, i - start }, INT64_MIN,
		       INT64_MAX)) {
		return fail(
		    s, start, "E_JSON", "an integer of more than 64 bits");
	}
	return 0;
bad:
	return fail(s, start, "E_JSON", "not a number as JSON writes them");
}

static int
scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (s->n - s->i < len || memcmp(s->p + s->i, word, len) != 0)
		return unexpected(s, "a value");
	s->i += len;
	return 0;
}

/* A member's name and its colon. */
static int
scan_key(struct scan *s)
{
	struct level *l = &s->level[s->depth - 1];
	struct key k = { .at = s->text.len };
	size_t at, i;

	skip_space(s);
	at = s->i;
	if (s->i >= s->n || s->p[s->i] != '"')
		return unexpected(s, "a member's name in quotes");
	if (scan_string(s, &s->text) == -1)
		return -1;
	k.len = s->text.len - k.at;
	if (k.len > MC_JSON_KEY)
		return fail(s, at, "E_LIMIT",
		    "a member's name of %zu bytes; the limit is %d", k.len,
		    MC_JSON_KEY);
	if (++l->members > MC_JSON_MEMBERS)
		return fail(s, at, "E_LIMIT",
		    "an object with more than %d members", MC_JSON_MEMBERS);
	k.hash = mc_text_hash(mc_buf_str(&s->text) + k.at, k.len);
	for (i = l->key0; i < s->key.n; i++)
		if (s->key.p[i].hash == k.hash && s->key.p[i].len == k.len &&
		    memcmp(s->text.p + s->key.p[i].at, s->text.p + k.at,
			k.len) == 0)
			return fail(s, at, "E_DUPLICATE",
			    "the member \"%.*s\" is given twice", (int)k.len,
			    s->text.p + k.at);
	mc_vec_push(&s->key, k);
	skip_space(s);
	if (s->i >= s->n || s->p[s->i] != ':')
		return unexpected(s, "a colon");
	s->i++;
	return 0;
}

static int
open_level(struct scan *s)
{
	struct level *l;

	if (s->depth == MC_JSON_DEPTH)
		return fail(s, s->i, "E_LIMIT",
		    "arrays and objects nested more than %d deep",
		    MC_JSON_DEPTH);
	l = &s->level[s->depth++];
	l->object = s->p[s->i] == '{';
	l->at = s->i++;
	l->members = 0;
	l->key0 = s->key.n;
	l->text0 = s->text.len;
	return 0;
}

static void
close_level(struct scan *s)
{
	struct level *l = &s->level[--s->depth];

	s->key.n = l->key0;
	s->text.len = l->text0;
	s->i++;
}

/* One value, or the opening of one; *open says which. */
static int
scan_value(struct scan *s, bool *open)
{
	char c, closing;

	*open = false;
	skip_space(s);
	c = s->i < s->n ? s->p[s->i] : '\0';
	switch (c) {
	case '{':
	case '[':
		closing = c == '{' ? '}' : ']';
		if (open_level(s) == -1)
			return -1;
		skip_space(s);
		if (s->i < s->n && s->p[s->i] == closing) {
			close_level(s);
			return 0;
		}
		*open = true;
		return c == '{' ? scan_key(s) : 0;
	case '"':
		return scan_string(s, NULL);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return scan_number(s);
		return unexpected(s, "a value");
	}
}

/* After a value: what follows it, up to where the next one begins. */
static int
scan_after(struct scan *s)
{
	struct level *l;

	while (s->depth > 0) {
		l = &s->level[s->depth - 1];
		skip_space(s);
		if (s->i < s->n && s->p[s->i] == ',') {
			s->i++;
			return l->object ? scan_key(s) : 0;
		}
		if (s->i >= s->n)
			return fail(s, l->at, "E_JSON",
			    l->object ? "an object that begins here does not "
					"end"
				      : "an array that begins here does not "
					"end");
		if (s->p[s->i] != (l->object ? '}' : ']'))
			return unexpected(s, l->object ? "a comma or \"}\""
						       : "a comma or \"]\"");
		close_level(s);
	}
	return 0;
}

static int
scan_document(struct scan *s)
{
	bool open;

	do {
		if (scan_value(s, &open) == -1 ||
		    (!open && scan_after(s) == -1))
			return -1;
	} while (s->depth > 0);
	skip_space(s);
	if (s->i < s->n)
		return unexpected(s, "the end of the text");
	return 0;
}

/* ---- reading ---- */

static int
check_encoding(struct scan *s)
{
	const char *p = s->p;
	size_t bad;

	if (s->n >= 2 &&
	    (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0 ||
		(p[0] == '\0') != (p[1] == '\0'))) {
		fail(s, 0, "E_ENCODING", "the text is UTF-16, not UTF-8");
		return mc_err_advise(
		    s->err, "convert it first: iconv -f UTF-16 -t UTF-8");
	}
	bad = mc_utf8_check(p, s->n);
	if (bad < s->n)
		return fail(s, bad, "E_UTF8", "not UTF-8: byte 0x%02X",
		    (unsigned)(unsigned char)p[bad]);
	return 0;
}

/* The text with its real numbers as marked strings. */
static void
mark_reals(struct mc_buf *b, const struct scan *s, size_t from)
{
	size_t i;

	for (i = 0; i < s->real.n; i += 2) {
		mc_buf_add(b, s->p + from, s->real.p[i] - from);
		mc_buf_puts(b, "\"\\u0000");
		mc_buf_add(
		    b, s->p + s->real.p[i], s->real.p[i + 1] - s->real.p[i]);
		mc_buf_putc(b, '"');
		from = s->real.p[i + 1];
	}
	mc_buf_add(b, s->p + from, s->n - from);
}

int
mc_json_parse(struct mc_json **out, const char *name, struct mc_str text,
    struct mc_err *err)
{
	struct scan s = { .p = text.p, .n = text.len, .err = err };
	struct mc_buf marked = { 0 };
	const size_t flags =
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_error_t why;
	json_t *root = NULL;
	int64_t line, column;
	size_t bom = skip_bom(text);
	int rc = -1;

	*out = NULL;
	s.i = bom;
	if (text.len == 0)
		s.p = "";
	if (check_encoding(&s) == -1 || scan_document(&s) == -1)
		goto done;
	if (s.real.n > 0) {
		mark_reals(&marked, &s, bom);
		root = json_loadb(marked.p, marked.len, flags, &why);
	} else {
		root = json_loadb(s.p + bom, s.n - bom, flags, &why);
	}
	if (root == NULL) {
		fail(&s, bom, "E_JSON", "%s", why.text);
		goto done;
	}
	*out = (struct mc_json *)root;
	rc = 0;
done:
	if (rc == -1) {
		place_of(text, s.bad, &line, &column);
		mc_err_at(err, name, line, column);
	}
	mc_vec_free(&s.key);
	mc_vec_free(&s.real);
	mc_buf_free(&s.text);
	mc_buf_free(&marked);
	return rc;
}

void
mc_json_free(struct mc_json *root)
{
	json_decref((json_t *)root);
}

static const json_t *
jansson(const struct mc_json *v)
{
	return (const json_t *)v;
}

/* Jansson's iterators take what they do not change as not const. */
static json_t *
loose(const struct mc_json *v)
{
	return (json_t *)(uintptr_t)v;
}

/* The text of a real number, or NULL. */
static const char *
real_text(const json_t *j)
{
	if (!json_is_string(j) || json_string_length(j) == 0 ||
	    json_string_value(j)[0] != '\0')
		return NULL;
	return json_string_value(j) + 1;
}

enum mc_json_type
mc_json_type(const struct mc_json *v)
{
	const json_t *j = jansson(v);

	if (j == NULL)
		return MC_JSON_NULL;
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return MC_JSON_OBJECT;
	case JSON_ARRAY:
		return MC_JSON_ARRAY;
	case JSON_STRING:
		return real_text(j) != NULL ? MC_JSON_REAL : MC_JSON_STRING;
	case JSON_INTEGER:
		return MC_JSON_INT;
	case JSON_REAL:
		return MC_JSON_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return MC_JSON_BOOL;
	case JSON_NULL:
		break;
	}
	return MC_JSON_NULL;
}

const struct mc_json *
mc_json_get(const struct mc_json *v, const char *key)
{
	return (const struct mc_json *)json_object_get(jansson(v), key);
}

size_t
mc_json_count(const struct mc_json *v)
{
	const json_t *j = jansson(v);

	return json_is_object(j) ? json_object_size(j) : json_array_size(j);
}

const struct mc_json *
mc_json_at(const struct mc_json *array, size_t i)
{
	return (const struct mc_json *)json_array_get(jansson(array), i);
}

const struct mc_json *
mc_json_member(const struct mc_json *object, size_t i, const char **key)
{
	json_t *j = loose(object);
	void *it;

	if (!json_is_object(j) || i >= json_object_size(j))
		return NULL;
	for (it = json_object_iter(j); it != NULL && i > 0; i--)
		it = json_object_iter_next(j, it);
	if (it == NULL)
		return NULL;
	*key = json_object_iter_key(it);
	return (const struct mc_json *)json_object_iter_value(it);
}

const char *
mc_json_str(const struct mc_json *v)
{
	const json_t *j = jansson(v);

	return real_text(j) != NULL ? NULL : json_string_value(j);
}

bool
mc_json_int(const struct mc_json *v, int64_t *out)
{
	if (!json_is_integer(jansson(v)))
		return false;
	*out = json_integer_value(jansson(v));
	return true;
}

bool
mc_json_bool(const struct mc_json *v)
{
	return json_is_true(jansson(v));
}

/*
 * Decimal text of [-]digits[.digits][e[+-]digits], without an exponent and
 * without zeros that say nothing.  False when it is not that or too long.
 */
static bool
decimal(struct mc_buf *b, struct mc_str s, bool exponent)
{
	char digit[2 * DECIMAL_MAX];
	size_t n = 0, i = 0, whole = 0, frac = 0, j;
	int64_t point, e = 0;
	bool minus = false, in_frac = false;
	char c;

	if (s.len > 0 && s.p[0] == '-') {
		minus = true;
		i++;
	}
	for (; i < s.len; i++) {
		c = s.p[i];
		if (c == '.' && !in_frac && whole > 0) {
			in_frac = true;
		} else if (c >= '0' && c <= '9') {
			if (!in_frac && whole == 1 && n == 0)
				return false; /* a leading zero */
			if (in_frac)
				frac++;
			else
				whole++;
			if (n == 0 && c == '0')
				continue;
			if (n == sizeof(digit))
				return false;
			digit[n++] = c;
		} else {
			break;
		}
	}
	if (whole == 0 || (in_frac && frac == 0))
		return false;
	if (i < s.len) {
		if (!exponent || (s.p[i] != 'e' && s.p[i] != 'E'))
			return false;
		i++;
		if (i < s.len && s.p[i] == '+')
			i++;
		if (!mc_int_parse(&e, (struct mc_str){ s.p + i, s.len - i },
			-100000, 100000) &&
		    n > 0)
			return false;
	}
	while (n > 0 && digit[n - 1] == '0' && frac > 0) {
		n--;
		frac--;
	}
	if (n == 0) {
		mc_buf_putc(b, '0');
		return true;
	}
	/* The value is 0.DIGITS times ten to the power of `point`. */
	point = (int64_t)n - (int64_t)frac + e;
	while (n > 0 && digit[n - 1] == '0')
		n--;
	if (point > DECIMAL_MAX || (int64_t)n - point > DECIMAL_MAX)
		return false;
	if (minus)
		mc_buf_putc(b, '-');
	if (point <= 0) {
		mc_buf_puts(b, "0.");
		for (; point < 0; point++)
			mc_buf_putc(b, '0');
		mc_buf_add(b, digit, n);
		return true;
	}
	for (j = 0; j < (size_t)point; j++)
		mc_buf_putc(b, j < n ? digit[j] : '0');
	if (n > (size_t)point) {
		mc_buf_putc(b, '.');
		mc_buf_add(b, digit + point, n - (size_t)point);
	}
	return true;
}

const char *
mc_json_decimal(const struct mc_json *v, struct mc_buf *scratch)
{
	const json_t *j = jansson(v);
	const char *real = real_text(j);

	mc_buf_reset(scratch);
	if (json_is_integer(j)) {
		mc_buf_int(scratch, json_integer_value(j));
		return mc_buf_str(scratch);
	}
	if (!json_is_string(j))
		return NULL;
	if (!decimal(scratch,
		mc_str(real != NULL ? real : json_string_value(j)),
		real != NULL))
		return NULL;
	return mc_buf_str(scratch);
}

/* ---- the place of a value ---- */

/* Pass over the value at s->i; false when the text is broken there. */
static bool
skip_value(struct scan *s)
{
	size_t depth = 0;

	do {
		skip_space(s);
		if (s->i >= s->n)
			return false;
		switch (s->p[s->i]) {
		case '{':
		case '[':
			depth++;
			s->i++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return false;
			depth--;
			s->i++;
			break;
		case '"':
			if (scan_string(s, NULL) == -1)
				return false;
			break;
		case ',':
		case ':':
			if (depth == 0)
				return false;
			s->i++;
			break;
		default:
			/* A word or number; at least one byte, even a NUL. */
			do
				s->i++;
			while (s->i < s->n &&
			       (s->p[s->i] == '\0' || strchr(" \t\r\n,:]}[{\"",
							  s->p[s->i]) == NULL));
		}
	} while (depth > 0);
	return true;
}

/* From an open bracket to the member `want`; s->i is left at its value. */
static bool
enter(struct scan *s, struct mc_str want, struct mc_buf *key)
{
	bool object = s->p[s->i] == '{', found;
	int64_t index = -1, i;

	if (!object &&
	    (s->p[s->i] != '[' || !mc_int_parse(&index, want, 0, INT64_MAX)))
		return false;
	s->i++;
	for (i = 0;; i++) {
		skip_space(s);
		if (s->i >= s->n || s->p[s->i] == '}' || s->p[s->i] == ']')
			return false;
		found = i == index;
		if (object) {
			mc_buf_reset(key);
			if (s->p[s->i] != '"' || scan_string(s, key) == -1)
				return false;
			skip_space(s);
			if (s->i >= s->n || s->p[s->i] != ':')
				return false;
			s->i++;
			skip_space(s);
			found = mc_str_same(
			    (struct mc_str){ mc_buf_str(key), key->len }, want);
		}
		if (found)
			return s->i < s->n;
		if (!skip_value(s))
			return false;
		skip_space(s);
		if (s->i >= s->n || s->p[s->i] != ',')
			return false;
		s->i++;
	}
}

/* One name of a path, with ~1 as '/' and ~0 as '~' (RFC 6901). */
static void
unescape_name(struct mc_buf *b, struct mc_str s)
{
	size_t i;

	mc_buf_reset(b);
	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '~' && i + 1 < s.len &&
		    (s.p[i + 1] == '0' || s.p[i + 1] == '1'))
			mc_buf_putc(b, s.p[++i] == '1' ? '/' : '~');
		else
			mc_buf_putc(b, s.p[i]);
	}
}

void
mc_json_place(
    struct mc_str text, const char *path, int64_t *line, int64_t *column)
{
	struct mc_err ignored = MC_ERR_INIT;
	struct scan s = { .p = text.p, .n = text.len, .err = &ignored };
	struct mc_buf name = { 0 }, key = { 0 };
	struct mc_str rest = mc_str(path), head;
	size_t at;

	s.i = skip_bom(text);
	skip_space(&s);
	at = s.i;
	while (rest.len > 0 && s.i < s.n) {
		if (!mc_str_split(rest, '/', &head, &rest)) {
			head = rest;
			rest = (struct mc_str){ NULL, 0 };
		}
		unescape_name(&name, head);
		if (!enter(&s, (struct mc_str){ mc_buf_str(&name), name.len },
			&key))
			break;
		at = s.i;
	}
	place_of(text, at, line, column);
	mc_buf_free(&name);
	mc_buf_free(&key);
}

/* ---- writing ---- */

/* 0 = as it is, 'u' = \u00XX, anything else follows a backslash. */
/* clang-format off */
static const char escape[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\',
};
/* clang-format on */

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)
/* High bit of each byte that is zero (and perhaps of bytes after one). */
#define ZEROS(v) (((v)-ONES) & ~(v)&HIGHS)

/* Is any of the eight bytes one that must be escaped?  May say yes wrongly
 * only after one that must, which is no harm. */
static bool
needs_escape(uint64_t v)
{
	return (((v - ONES * 0x20) & ~v & HIGHS) | ZEROS(v ^ (ONES * '"')) |
		   ZEROS(v ^ (ONES * '\\'))) != 0;
}

void
mc_json_quote(struct mc_buf *b, const char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t i = 0, run = 0;
	uint64_t v;
	char how, six[6] = "\\u00";

	mc_buf_room(b, n + 2);
	mc_buf_putc(b, '"');
	while (i < n) {
		if (n - i >= 8) {
			memcpy(&v, p + i, 8);
			if (!needs_escape(v)) {
				i += 8;
				continue;
			}
		}
		how = escape[(unsigned char)p[i]];
		if (how == 0) {
			i++;
			continue;
		}
		mc_buf_add(b, p + run, i - run);
		six[1] = how;
		six[4] = hex[(unsigned char)p[i] >> 4];
		six[5] = hex[(unsigned char)p[i] & 15];
		mc_buf_add(b, six, how == 'u' ? 6 : 2);
		run = ++i;
	}
	if (n > run)
		mc_buf_add(b, p + run, n - run);
	mc_buf_putc(b, '"');
}

struct mc_jw
mc_jw(struct mc_buf *b)
{
	return (struct mc_jw){ .b = b, .depth = 0, .first = 1 };
}

/* The comma before a value, unless it is the first or follows its key. */
static void
separate(struct mc_jw *w)
{
	uint64_t bit = UINT64_C(1) << w->depth;

	if (w->first & bit)
		w->first &= ~bit;
	else
		mc_buf_putc(w->b, ',');
}

void
mc_jw_open(struct mc_jw *w, char bracket)
{
	if (w->depth >= 63)
		abort(); /* our own nesting, never the input's */
	separate(w);
	mc_buf_putc(w->b, bracket);
	w->first |= UINT64_C(1) << ++w->depth;
}

void
mc_jw_close(struct mc_jw *w, char bracket)
{
	if (w->depth == 0)
		abort();
	w->depth--;
	mc_buf_putc(w->b, bracket);
}

/* After the colon the value must have no comma: it counts as a first one. */
void
mc_jw_key(struct mc_jw *w, const char *key)
{
	separate(w);
	mc_json_quote(w->b, key, strlen(key));
	mc_buf_putc(w->b, ':');
	w->first |= UINT64_C(1) << w->depth;
}

void
mc_jw_str(struct mc_jw *w, struct mc_str s)
{
	separate(w);
	mc_json_quote(w->b, s.p, s.len);
}

void
mc_jw_strz(struct mc_jw *w, const char *s)
{
	if (s == NULL)
		mc_jw_null(w);
	else
		mc_jw_str(w, mc_str(s));
}

void
mc_jw_int(struct mc_jw *w, int64_t n)
{
	separate(w);
	mc_buf_int(w->b, n);
}

void
mc_jw_bool(struct mc_jw *w, bool v)
{
	separate(w);
	mc_buf_puts(w->b, v ? "true" : "false");
}

void
mc_jw_null(struct mc_jw *w)
{
	separate(w);
	mc_buf_puts(w->b, "null");
}

void
mc_jw_raw(struct mc_jw *w, struct mc_str json)
{
	separate(w);
	mc_buf_add(w->b, json.p, json.len);
}

/* ---- RFC 8785 ---- */

/*
 * UTF-16 code units sort like UTF-8 bytes but for one thing: characters
 * above U+FFFF (lead byte F0 and up) are written with surrogates, which
 * sort before U+E000..U+FFFF (lead bytes EE and EF).
 */
static int
by_utf16(const void *pa, const void *pb)
{
	const unsigned char *a = *(const unsigned char *const *)pa;
	const unsigned char *b = *(const unsigned char *const *)pb;
	int x, y;

	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	x = *a == 0xEE || *a == 0xEF ? *a + 0x10 : *a;
	y = *b == 0xEE || *b == 0xEF ? *b + 0x10 : *b;
	return x - y;
}

static int canonical(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    struct mc_err *err);

static int
canonical_object(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    struct mc_err *err)
{
	MC_VEC(const char *) key = { 0 };
	json_t *j = loose(v);
	void *it;
	size_t i;
	int rc = 0;

	for (it = json_object_iter(j); it != NULL;
	     it = json_object_iter_next(j, it))
		mc_vec_push(&key, json_object_iter_key(it));
	if (key.n > 1)
		qsort(key.p, key.n, sizeof(*key.p), by_utf16);
	mc_buf_putc(b, '{');
	for (i = 0; i < key.n && rc == 0; i++) {
		if (i > 0)
			mc_buf_putc(b, ',');
		mc_json_quote(b, key.p[i], strlen(key.p[i]));
		mc_buf_putc(b, ':');
		rc = canonical(b, mc_json_get(v, key.p[i]), deep + 1, err);
	}
	mc_buf_putc(b, '}');
	mc_vec_free(&key);
	return rc;
}

static int
canonical_array(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    struct mc_err *err)
{
	size_t i, n = mc_json_count(v);

	mc_buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			mc_buf_putc(b, ',');
		if (canonical(b, mc_json_at(v, i), deep + 1, err) == -1)
			return -1;
	}
	mc_buf_putc(b, ']');
	return 0;
}

/* Recursion is bounded by the depth that mc_json_parse() lets through. */
static int
canonical(struct mc_buf *b, const struct mc_json *v, unsigned deep,
    struct mc_err *err)
{
	const char *s;
	int64_t n;

	if (deep > MC_JSON_DEPTH)
		return mc_err(err, MC_EDATA, "E_LIMIT",
		    "arrays and objects nested more than %d deep",
		    MC_JSON_DEPTH);
	switch (mc_json_type(v)) {
	case MC_JSON_OBJECT:
		return canonical_object(b, v, deep, err);
	case MC_JSON_ARRAY:
		return canonical_array(b, v, deep, err);
	case MC_JSON_STRING:
		s = mc_json_str(v);
		mc_json_quote(b, s, strlen(s));
		return 0;
	case MC_JSON_INT:
		if (!mc_json_int(v, &n) || n > SAFE_INT || n < -SAFE_INT)
			return mc_err(err, MC_EDATA, "E_JSON",
			    "an integer of more than 53 bits has no "
			    "canonical form; write it as a string");
		mc_buf_int(b, n);
		return 0;
	case MC_JSON_REAL:
		return mc_err(err, MC_EDATA, "E_JSON",
		    "a number with a fraction or an exponent; write it as a "
		    "string");
	case MC_JSON_BOOL:
		mc_buf_puts(b, mc_json_bool(v) ? "true" : "false");
		return 0;
	case MC_JSON_NULL:
		break;
	}
	mc_buf_puts(b, "null");
	return 0;
}

int
mc_json_canonical(struct mc_buf *b, const struct mc_json *v, struct mc_err *err)
{
	size_t before = b->len;

	if (canonical(b, v, 0, err) == 0)
		return 0;
	b->len = before;
	if (b->p != NULL)
		b->p[before] = '\0';
	return -1;
}
