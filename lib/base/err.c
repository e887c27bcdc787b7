/* err.c - filling in struct mc_err; nothing here allocates. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <motcua/err.h>

#define RAW_MAX 2048

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
static const char ellipsis[] = "\xE2\x80\xA6";    /* U+2026 */

/*
 * Decode one character of possibly broken text; *len is what to pass over.
 * Broken bytes and characters that could forge a line or reorder one (the
 * rule of mc_char_hostile, which this layer cannot call) give false.
 */
static bool
harmless(const unsigned char *p, size_t n, size_t *len)
{
	uint32_t c = p[0], min;
	size_t i, k;

	*len = 1;
	if (c < 0x80)
		return c >= 0x20 && c != 0x7F;
	if (c >= 0xC2 && c < 0xE0) {
		k = 2;
		c &= 0x1F;
		min = 0x80;
	} else if (c >= 0xE0 && c < 0xF0) {
		k = 3;
		c &= 0x0F;
		min = 0x800;
	} else if (c >= 0xF0 && c < 0xF5) {
		k = 4;
		c &= 0x07;
		min = 0x10000;
	} else {
		return false;
	}
	if (n < k)
		return false;
	for (i = 1; i < k; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return false;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < min || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return false;
	*len = k;
	return !(c < 0xA0 || c == 0x061C || c == 0x200E || c == 0x200F ||
		 (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
}

/* Copy made harmless; what does not fit ends in an ellipsis. */
static void
put_safe(char *out, size_t size, const char *text, bool cut)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = strlen(text), i = 0, o = 0, len, fit = 0, w;
	const char *from;

	while (i < n) {
		if (harmless(p + i, n - i, &len)) {
			from = text + i;
			w = len;
		} else {
			from = replacement;
			w = sizeof(replacement) - 1;
		}
		if (o + w > size - 1) {
			cut = true;
			break;
		}
		memcpy(out + o, from, w);
		o += w;
		i += len;
		if (o + sizeof(ellipsis) - 1 <= size - 1)
			fit = o;
	}
	if (cut) {
		memcpy(out + fit, ellipsis, sizeof(ellipsis) - 1);
		o = fit + sizeof(ellipsis) - 1;
	}
	out[o] = '\0';
}

/* A character cut in two by the raw buffer's end is not shown as broken. */
static void
drop_partial(char *raw)
{
	size_t n = strlen(raw), i = n;

	while (i > 0 && n - i < 3 && ((unsigned char)raw[i - 1] & 0xC0) == 0x80)
		i--;
	if (i > 0 && (unsigned char)raw[i - 1] >= 0xC0)
		raw[i - 1] = '\0';
}

static void format(char *out, size_t size, const char *tail, const char *fmt,
    va_list ap) __attribute__((format(printf, 4, 0)));

static void
format(char *out, size_t size, const char *tail, const char *fmt, va_list ap)
{
	char raw[RAW_MAX];
	int n;
	size_t len;
	bool cut = false;

	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (n < 0)
		raw[0] = '\0';
	else if ((size_t)n >= sizeof(raw)) {
		drop_partial(raw);
		cut = true;
	}
	if (tail != NULL && !cut) {
		len = strlen(raw);
		n = snprintf(raw + len, sizeof(raw) - len, "%s%s",
		    len > 0 ? ": " : "", tail);
		cut = n < 0 || (size_t)n >= sizeof(raw) - len;
	}
	put_safe(out, size, raw, cut);
}

static void
start(struct mc_err *err, enum mc_code code, const char *id)
{
	err->code = code;
	snprintf(err->id, sizeof(err->id), "%s", id);
	err->where[0] = '\0';
	err->advice[0] = '\0';
}

/* Formatted before anything is cleared: arguments may point into *err. */
int
mc_err(
    struct mc_err *err, enum mc_code code, const char *id, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	format(msg, sizeof(msg), NULL, fmt, ap);
	va_end(ap);
	start(err, code, id);
	memcpy(err->msg, msg, sizeof(msg));
	return -1;
}

int
mc_err_sys(struct mc_err *err, int errnum, const char *fmt, ...)
{
	char msg[sizeof(err->msg)], reason[128];
	va_list ap;

	if (strerror_r(errnum, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errnum);
	va_start(ap, fmt);
	format(msg, sizeof(msg), reason, fmt, ap);
	va_end(ap);
	start(err, MC_EIO, "E_IO");
	memcpy(err->msg, msg, sizeof(msg));
	return -1;
}

int
mc_err_at(struct mc_err *err, const char *file, int64_t line, int64_t column)
{
	char tail[48] = "";
	size_t len, used;

	if (err->where[0] != '\0')
		return -1;
	if (line > 0 && column > 0)
		snprintf(
		    tail, sizeof(tail), ":%" PRId64 ":%" PRId64, line, column);
	else if (line > 0)
		snprintf(tail, sizeof(tail), ":%" PRId64, line);
	len = strlen(tail);
	put_safe(err->where, sizeof(err->where) - len, file != NULL ? file : "",
	    false);
	used = strlen(err->where);
	memcpy(err->where + used, tail, len + 1);
	return -1;
}

int
mc_err_advise(struct mc_err *err, const char *fmt, ...)
{
	char advice[sizeof(err->advice)];
	va_list ap;

	va_start(ap, fmt);
	format(advice, sizeof(advice), NULL, fmt, ap);
	va_end(ap);
	memcpy(err->advice, advice, sizeof(advice));
	return -1;
}

void
mc_err_clear(struct mc_err *err)
{
	err->code = MC_OK;
	err->id[0] = err->where[0] = err->msg[0] = err->advice[0] = '\0';
}
