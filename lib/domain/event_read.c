/* event_read.c - from a body back to its event; see motcua/event.h. */
#include <string.h>

#include <motcua/event.h>
#include <motcua/text.h>

#include "event_internal.h"

/* A cursor over the one form that the encoder writes. */
struct in {
	const char *p, *end;
	struct mc_buf *scratch;
};

static bool
lit(struct in *in, const char *s)
{
	size_t n = strlen(s);

	if ((size_t)(in->end - in->p) < n || memcmp(in->p, s, n) != 0)
		return false;
	in->p += n;
	return true;
}

static int
hex4(const char *p)
{
	int v = 0, i;

	for (i = 0; i < 4; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			v = v * 16 + p[i] - '0';
		else if (p[i] >= 'a' && p[i] <= 'f')
			v = v * 16 + p[i] - 'a' + 10;
		else
			return -1;
	}
	return v;
}

/* Undo the escapes of s into the scratch buffer, which has room already. */
static bool
unescape(struct in *in, const char *s, const char *end, struct mc_str *out)
{
	static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
	size_t start = in->scratch->len;
	const char *e;
	int v;

	for (; s < end; s++) {
		if (*s != '\\') {
			mc_buf_putc(in->scratch, *s);
			continue;
		}
		s++;
		if (s < end && *s != '\0' && (e = strchr(from, *s)) != NULL) {
			mc_buf_putc(in->scratch, to[e - from]);
		} else if (end - s >= 5 && *s == 'u' && (v = hex4(s + 1)) > 0 &&
			   v < 0x20 && memchr("\b\f\n\r\t", v, 5) == NULL) {
			mc_buf_putc(in->scratch, (char)v);
			s += 4;
		} else {
			return false;
		}
	}
	*out =
	    (struct mc_str){ in->scratch->p + start, in->scratch->len - start };
	return true;
}

static bool
quoted(struct in *in, struct mc_str *out)
{
	const char *s;
	bool escaped = false;

	if (in->p >= in->end || *in->p != '"')
		return false;
	s = ++in->p;
	while (in->p < in->end && *in->p != '"') {
		if ((unsigned char)*in->p < 0x20)
			return false;
		if (*in->p == '\\') {
			escaped = true;
			if (++in->p == in->end)
				return false;
		}
		in->p++;
	}
	if (in->p >= in->end)
		return false;
	*out = (struct mc_str){ s, (size_t)(in->p - s) };
	return escaped ? unescape(in, s, in->p++, out) : (in->p++, true);
}

/* A balanced value; what is in it was checked when it was written. */
static bool
raw(struct in *in, struct mc_str *out)
{
	const char *s = in->p;
	int depth = 0;
	struct mc_str skip;
	size_t mark;

	do {
		if (in->p >= in->end)
			return false;
		switch (*in->p) {
		case '{':
		case '[':
			depth++;
			in->p++;
			break;
		case '}':
		case ']':
			depth--;
			in->p++;
			break;
		case '"':
			mark = in->scratch->len;
			if (!quoted(in, &skip))
				return false;
			in->scratch->len = mark;
			break;
		default:
			in->p++;
		}
	} while (depth > 0);
	*out = (struct mc_str){ s, (size_t)(in->p - s) };
	return out->len > 1;
}

static bool
integer(struct in *in, int64_t *out)
{
	const char *s = in->p;

	if (in->end - in->p < 2) /* a body never ends with a number */
		return false;
	if (*in->p == '-')
		in->p++;
	while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
		in->p++;
	/* One text a number: no "-0", no "007". */
	return (*s != '-' || s[1] != '0') && (*s != '0' || in->p == s + 1) &&
	       mc_int_parse(out, (struct mc_str){ s, (size_t)(in->p - s) },
		   INT64_MIN + 1, INT64_MAX);
}

static bool
two(const char *p, int *out)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*out = (p[0] - '0') * 10 + p[1] - '0';
	return true;
}

/* "2026-01-15T03:20:00Z", or with ".788" before the Z. */
static bool
utc(struct in *in, int64_t *out)
{
	struct mc_str s;
	int32_t day;
	int h, m, sec, ms = 0;

	if (!quoted(in, &s) || (s.len != 20 && s.len != 24) ||
	    (day = mc_day_parse((struct mc_str){ s.p, 10 })) == MC_NODAY ||
	    s.p[10] != 'T' || !two(s.p + 11, &h) || s.p[13] != ':' ||
	    !two(s.p + 14, &m) || s.p[16] != ':' || !two(s.p + 17, &sec) ||
	    h > 23 || m > 59 || sec > 59 || s.p[s.len - 1] != 'Z')
		return false;
	if (s.len == 24) {
		if (s.p[19] != '.' || !two(s.p + 20, &ms) || s.p[22] < '0' ||
		    s.p[22] > '9')
			return false;
		ms = ms * 10 + s.p[22] - '0';
		if (ms == 0)
			return false;
	}
	*out = day * MC_MS_DAY + ((h * 60 + m) * 60 + sec) * INT64_C(1000) + ms;
	return true;
}

static bool
get_field(struct in *in, enum mc_field_type type, union mc_event_value *v)
{
	struct mc_str s;

	switch (type) {
	case MC_FIELD_STR:
		return quoted(in, &v->s);
	case MC_FIELD_RAW:
		return raw(in, &v->s);
	case MC_FIELD_INT:
		return integer(in, &v->i);
	case MC_FIELD_TIME:
		return utc(in, &v->i);
	case MC_FIELD_DAY:
		if (!quoted(in, &s))
			return false;
		v->i = mc_day_parse(s);
		return v->i != MC_NODAY;
	case MC_FIELD_BOOL:
		v->i = in->p < in->end && *in->p == 't';
		return lit(in, v->i ? "true" : "false");
	}
	return false;
}

/* The members of data come in the table's order, so one walk finds them. */
static bool
get_data(struct in *in, struct mc_event *e)
{
	size_t n;
	int f = 0;

	if (!lit(in, "{"))
		return false;
	while (!lit(in, "}")) {
		if ((e->present != 0 && !lit(in, ",")) || !lit(in, "\""))
			return false;
		for (;; f++) {
			if (f == MC_F__COUNT)
				return false;
			n = strlen(mc_field_form[f].name);
			if ((size_t)(in->end - in->p) > n + 1 &&
			    memcmp(in->p, mc_field_form[f].name, n) == 0 &&
			    in->p[n] == '"' && in->p[n + 1] == ':')
				break;
		}
		in->p += n + 2;
		if (!get_field(in, mc_field_form[f].type, &e->value[f]))
			return false;
		e->present |= UINT64_C(1) << f;
		f++;
	}
	return true;
}

static bool
get_kind(struct in *in, struct mc_event *e)
{
	struct mc_str s;
	int k;

	if (!quoted(in, &s))
		return false;
	for (k = 0; k < MC_K__COUNT; k++)
		if (mc_str_same(s, mc_kind_str((enum mc_kind)k))) {
			e->kind = (enum mc_kind)k;
			return true;
		}
	return false;
}

static bool
get_body(struct in *in, struct mc_event *e)
{
	struct mc_str s;
	int64_t seq;

	if (!lit(in, "{\"actor\":") || !quoted(in, &e->actor) ||
	    !lit(in, ",\"at\":") || !utc(in, &e->at))
		return false;
	if (lit(in, ",\"code\":") &&
	    (!quoted(in, &e->code) || e->code.len == 0))
		return false;
	if (!lit(in, ",\"data\":") || !get_data(in, e) ||
	    !lit(in, ",\"kind\":") || !get_kind(in, e))
		return false;
	if (lit(in, ",\"personal\":")) {
		if (!quoted(in, &s) ||
		    !mc_base64_get(s, e->commitment.b, MC_HASH_LEN))
			return false;
		e->has_personal = true;
	}
	if (!lit(in, ",\"recorded_at\":") || !utc(in, &e->recorded_at) ||
	    !lit(in, ",\"schema\":\"motcua.leaf/1\",\"seq\":") ||
	    !integer(in, &seq) || seq < 0 || !lit(in, ",\"site\":") ||
	    !quoted(in, &e->site))
		return false;
	e->seq = (uint64_t)seq;
	if (lit(in, ",\"sudo\":") &&
	    (!quoted(in, &e->sudo) || e->sudo.len == 0))
		return false;
	return lit(in, ",\"uid\":") && integer(in, &e->uid) && lit(in, "}") &&
	       in->p == in->end;
}

int
mc_event_decode(struct mc_event *e, struct mc_str body, struct mc_buf *scratch,
    struct mc_err *err)
{
	struct in in = { body.p, body.p + body.len, scratch };

	/*
	 * Only what the decoder leaves out has to be cleared: the values are
	 * covered by `present`.
	 */
	e->code = e->sudo = e->inner = (struct mc_str){ NULL, 0 };
	e->has_personal = false;
	e->present = 0;
	scratch->len = 0;
	mc_buf_room(scratch, body.len); /* views of it stay where they are */
	if (body.len > MC_EVENT_BODY_MAX ||
	    mc_utf8_check(body.p, body.len) != body.len || !get_body(&in, e))
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "an event's body is not in the form that was written "
		    "(byte %d of %d)",
		    (int)(in.p - body.p), (int)body.len);
	return 0;
}
