/* json_value.c - looking at the values of a document that was read. */
#include <string.h>

#include <motcua/text.h>

#include "json_internal.h"

#define DECIMAL_MAX 64 /* digits of an expanded number */

const char *
mc_json_real(const struct mc_json *v)
{
	const json_t *j = mc_jansson(v);

	if (!json_is_string(j) || json_string_length(j) == 0 ||
	    json_string_value(j)[0] != '\0')
		return NULL;
	return json_string_value(j) + 1;
}

enum mc_json_type
mc_json_type(const struct mc_json *v)
{
	const json_t *j = mc_jansson(v);

	if (j == NULL)
		return MC_JSON_NULL;
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return MC_JSON_OBJECT;
	case JSON_ARRAY:
		return MC_JSON_ARRAY;
	case JSON_STRING:
		return mc_json_real(v) != NULL ? MC_JSON_REAL : MC_JSON_STRING;
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
	return (const struct mc_json *)json_object_get(mc_jansson(v), key);
}

size_t
mc_json_count(const struct mc_json *v)
{
	const json_t *j = mc_jansson(v);

	return json_is_object(j) ? json_object_size(j) : json_array_size(j);
}

const struct mc_json *
mc_json_at(const struct mc_json *array, size_t i)
{
	return (const struct mc_json *)json_array_get(mc_jansson(array), i);
}

const struct mc_json *
mc_json_member(const struct mc_json *object, size_t i, const char **key)
{
	json_t *j = mc_jansson_loose(object);
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
	return mc_json_real(v) != NULL ? NULL
				       : json_string_value(mc_jansson(v));
}

bool
mc_json_int(const struct mc_json *v, int64_t *out)
{
	if (!json_is_integer(mc_jansson(v)))
		return false;
	*out = json_integer_value(mc_jansson(v));
	return true;
}

bool
mc_json_bool(const struct mc_json *v)
{
	return json_is_true(mc_jansson(v));
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
	const json_t *j = mc_jansson(v);
	const char *real = mc_json_real(v);

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
