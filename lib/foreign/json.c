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
		    (k.len == 0 || memcmp(s->text.p + s->key.p[i].at,
				       s->text.p + k.at, k.len) == 0))
			return fail(s, at, "E_DUPLICATE",
			    "the member \"%.*s\" is given twice", (int)k.len,
			    k.len == 0 ? "" : s->text.p + k.at);
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
