/*
 * deadline_policy.c - the policy of a deadline as JSON; see deadline.h.
 */
#include "deadline_internal.h"

#define EXTENSIONS_MAX 100

const struct mc_policy mc_policy_default = {
	.due_time = MC_DUE_END_OF_DAY,
	.late_intake = MC_INTAKE_NEXT_WORKING_DAY,
	.pause = MC_PAUSE_EXTEND,
	.verdict = MC_VERDICT_DATE,
	.cutoff = -1,
	.extensions = 1,
	.extend_after_expiry = false,
	.answer = { MC_TERM_NONE, 0 },
	.supplement = { MC_TERM_NONE, 0 },
	.supplement_then = MC_LAPSE_WITHDRAW,
};

const char *const mc_due_time_names[] = { [MC_DUE_END_OF_DAY] = "end-of-day",
	[MC_DUE_SAME_TIME] = "same-time",
	[MC_DUE_MIDNIGHT] = "midnight",
	NULL };
const char *const mc_late_intake_names[] = { [MC_INTAKE_NEXT_WORKING_DAY] =
						 "next-working-day",
	[MC_INTAKE_AS_IS] = "as-is",
	NULL };
const char *const mc_pause_names[] = { [MC_PAUSE_EXTEND] = "extend",
	[MC_PAUSE_EXTEND_CALENDAR] = "extend-calendar",
	[MC_PAUSE_RESTART] = "restart",
	[MC_PAUSE_NONE] = "none",
	NULL };
const char *const mc_verdict_rule_names[] = {
	[MC_VERDICT_DATE] = "date", [MC_VERDICT_INSTANT] = "instant", NULL
};

static const char *const lapse_names[] = {
	[MC_LAPSE_WITHDRAW] = "withdraw", [MC_LAPSE_STOP] = "stop", NULL
};

/* ---- the policy as JSON ---- */

struct policy_reader {
	const char *name, *path;
	struct mc_str text;
	struct mc_err *err;
};

/* The place of a member is added to *err; -1. */
static int
at_member(struct policy_reader *r, const char *key)
{
	struct mc_buf path = { 0 };
	int64_t line, column;

	mc_buf_puts(&path, r->path);
	if (path.len > 0)
		mc_buf_putc(&path, '/');
	for (; *key != '\0'; key++)
		if (*key == '/')
			mc_buf_puts(&path, "~1");
		else if (*key == '~')
			mc_buf_puts(&path, "~0");
		else
			mc_buf_putc(&path, *key);
	mc_json_place(r->text, mc_buf_str(&path), &line, &column);
	mc_buf_free(&path);
	return mc_err_at(r->err, r->name, line, column);
}

/* Index of the value among the words; -1 with the error. */
static int
read_word(struct policy_reader *r, const char *key, const struct mc_json *v,
    const char *const *words)
{
	const char *text = mc_json_str(v);
	struct mc_buf list = { 0 };
	int i;

	for (i = 0; text != NULL && words[i] != NULL; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	for (i = 0; words[i] != NULL; i++)
		mc_buf_printf(&list, "%s\"%s\"", i > 0 ? ", " : "", words[i]);
	mc_err(r->err, MC_EDATA, "E_POLICY", "\"%s\" is no value of \"%s\"",
	    text != NULL ? text : "", key);
	mc_err_advise(r->err, "it is one of %s", mc_buf_str(&list));
	mc_buf_free(&list);
	return at_member(r, key);
}

/* An amount of time; "no limit" takes back what the rulebook says. */
static int
read_wait(struct mc_term *out, struct policy_reader *r, const char *key,
    const struct mc_json *v)
{
	const char *text = mc_json_str(v);

	if (text == NULL) {
		mc_err(r->err, MC_EDATA, "E_POLICY",
		    "\"%s\" must be an amount of time such as \"8 working "
		    "hours\"",
		    key);
		return at_member(r, key);
	}
	return mc_term_parse(out, mc_str(text), r->err) == -1
		   ? at_member(r, key)
		   : 0;
}

/* "supplement": how long papers are waited for, and what then. */
static int
read_supplement(
    struct mc_policy *p, struct policy_reader *r, const struct mc_json *v)
{
	struct mc_buf path = { 0 };
	struct policy_reader in = *r;
	const struct mc_json *m;
	const char *key;
	size_t i;
	int rc = 0, w;

	if (mc_json_type(v) != MC_JSON_OBJECT) {
		mc_err(r->err, MC_EDATA, "E_POLICY",
		    "\"supplement\" must be an object with \"after\" and, if "
		    "wanted, \"then\"");
		return at_member(r, "supplement");
	}
	mc_buf_printf(
	    &path, "%s%ssupplement", r->path, r->path[0] != '\0' ? "/" : "");
	in.path = mc_buf_str(&path);
	for (i = 0; i < mc_json_count(v) && rc == 0; i++) {
		m = mc_json_member(v, i, &key);
		if (strcmp(key, "after") == 0) {
			rc = read_wait(&p->supplement, &in, key, m);
		} else if (strcmp(key, "then") == 0) {
			w = read_word(&in, key, m, lapse_names);
			rc = w == -1 ? -1 : 0;
			p->supplement_then =
			    w == -1 ? MC_LAPSE_WITHDRAW : (enum mc_lapse)w;
		} else {
			mc_err(in.err, MC_EDATA, "E_FIELD",
			    "\"%s\" is no member of \"supplement\"", key);
			mc_err_advise(in.err, "members are after and then");
			rc = at_member(&in, key);
		}
	}
	mc_buf_free(&path);
	return rc;
}

static int
read_member(struct mc_policy *p, struct policy_reader *r, const char *key,
    const struct mc_json *v)
{
	static const char members[] =
	    "members are due_time, late_intake, cutoff, pause, verdict, "
	    "extensions, extend_after_expiry, answer, supplement";
	const char *text;
	int64_t n;
	int w;

	if (strcmp(key, "due_time") == 0) {
		if ((w = read_word(r, key, v, mc_due_time_names)) == -1)
			return -1;
		p->due_time = (enum mc_due_time)w;
	} else if (strcmp(key, "late_intake") == 0) {
		if ((w = read_word(r, key, v, mc_late_intake_names)) == -1)
			return -1;
		p->late_intake = (enum mc_late_intake)w;
	} else if (strcmp(key, "pause") == 0) {
		if ((w = read_word(r, key, v, mc_pause_names)) == -1)
			return -1;
		p->pause = (enum mc_pause_rule)w;
	} else if (strcmp(key, "verdict") == 0) {
		if ((w = read_word(r, key, v, mc_verdict_rule_names)) == -1)
			return -1;
		p->verdict = (enum mc_verdict_rule)w;
	} else if (strcmp(key, "cutoff") == 0) {
		text = mc_json_str(v);
		w = text != NULL ? mc_minute_parse(mc_str(text)) : -1;
		if (w == -1) {
			mc_err(r->err, MC_EDATA, "E_POLICY",
			    "\"%s\" is no value of \"cutoff\"",
			    text != NULL ? text : "");
			mc_err_advise(r->err,
			    "it is a time of the day such as \"15:00\"");
			return at_member(r, key);
		}
		p->cutoff = w == 1440 ? -1 : w;
	} else if (strcmp(key, "extensions") == 0) {
		if (!mc_json_int(v, &n) || n < 0 || n > EXTENSIONS_MAX) {
			mc_err(r->err, MC_EDATA, "E_POLICY",
			    "\"extensions\" must be a whole number from 0 to "
			    "%d",
			    EXTENSIONS_MAX);
			return at_member(r, key);
		}
		p->extensions = (int32_t)n;
	} else if (strcmp(key, "extend_after_expiry") == 0) {
		if (mc_json_type(v) != MC_JSON_BOOL) {
			mc_err(r->err, MC_EDATA, "E_POLICY",
			    "\"extend_after_expiry\" must be true or false");
			return at_member(r, key);
		}
		p->extend_after_expiry = mc_json_bool(v);
	} else if (strcmp(key, "answer") == 0) {
		return read_wait(&p->answer, r, key, v);
	} else if (strcmp(key, "supplement") == 0) {
		return read_supplement(p, r, v);
	} else {
		mc_err(r->err, MC_EDATA, "E_FIELD",
		    "\"%s\" is no member of a deadline policy", key);
		mc_err_advise(r->err, "%s", members);
		return at_member(r, key);
	}
	return 0;
}

int
mc_policy_read(struct mc_policy *p, const struct mc_json *object,
    const char *name, struct mc_str text, const char *path, struct mc_err *err)
{
	struct policy_reader r = { name, path, text, err };
	struct mc_policy next = *p;
	int64_t line, column;
	const char *key;
	const struct mc_json *v;
	size_t i;

	if (object == NULL || mc_json_type(object) != MC_JSON_OBJECT) {
		mc_err(err, MC_EDATA, "E_FIELD",
		    "a deadline policy must be an object");
		mc_json_place(text, path, &line, &column);
		return mc_err_at(err, name, line, column);
	}
	for (i = 0; i < mc_json_count(object); i++) {
		v = mc_json_member(object, i, &key);
		if (read_member(&next, &r, key, v) == -1)
			return -1;
	}
	*p = next;
	return 0;
}

static void
put_wait(struct mc_jw *w, const char *key, struct mc_term term)
{
	struct mc_buf s = { 0 };

	mc_term_put(&s, term);
	mc_jw_key(w, key);
	mc_jw_strz(w, mc_buf_str(&s));
	mc_buf_free(&s);
}

void
mc_policy_put(struct mc_buf *b, const struct mc_policy *p)
{
	const struct mc_policy *d = &mc_policy_default;
	struct mc_jw w = mc_jw(b);
	char cutoff[6];

	mc_jw_open(&w, '{');
	if (p->cutoff != d->cutoff) {
		cutoff[0] = (char)('0' + p->cutoff / 600);
		cutoff[1] = (char)('0' + p->cutoff / 60 % 10);
		cutoff[2] = ':';
		cutoff[3] = (char)('0' + p->cutoff % 60 / 10);
		cutoff[4] = (char)('0' + p->cutoff % 10);
		cutoff[5] = '\0';
		mc_jw_key(&w, "cutoff");
		mc_jw_strz(&w, cutoff);
	}
	if (p->due_time != d->due_time) {
		mc_jw_key(&w, "due_time");
		mc_jw_strz(&w, mc_due_time_names[p->due_time]);
	}
	if (p->extend_after_expiry != d->extend_after_expiry) {
		mc_jw_key(&w, "extend_after_expiry");
		mc_jw_bool(&w, p->extend_after_expiry);
	}
	if (p->extensions != d->extensions) {
		mc_jw_key(&w, "extensions");
		mc_jw_int(&w, p->extensions);
	}
	if (p->late_intake != d->late_intake) {
		mc_jw_key(&w, "late_intake");
		mc_jw_strz(&w, mc_late_intake_names[p->late_intake]);
	}
	if (p->pause != d->pause) {
		mc_jw_key(&w, "pause");
		mc_jw_strz(&w, mc_pause_names[p->pause]);
	}
	if (p->supplement.unit != d->supplement.unit ||
	    p->supplement_then != d->supplement_then) {
		mc_jw_key(&w, "supplement");
		mc_jw_open(&w, '{');
		if (p->supplement.unit != d->supplement.unit)
			put_wait(&w, "after", p->supplement);
		if (p->supplement_then != d->supplement_then) {
			mc_jw_key(&w, "then");
			mc_jw_strz(&w, lapse_names[p->supplement_then]);
		}
		mc_jw_close(&w, '}');
	}
	if (p->verdict != d->verdict) {
		mc_jw_key(&w, "verdict");
		mc_jw_strz(&w, mc_verdict_rule_names[p->verdict]);
	}
	mc_jw_close(&w, '}');
}

void
mc_policy_describe(struct mc_buf *b, const struct mc_policy *p)
{
	mc_buf_printf(b,
	    "due_time %s, late_intake %s, pause %s, verdict %s, extensions %d",
	    mc_due_time_names[p->due_time],
	    mc_late_intake_names[p->late_intake], mc_pause_names[p->pause],
	    mc_verdict_rule_names[p->verdict], (int)p->extensions);
	if (p->extend_after_expiry)
		mc_buf_puts(b, ", extend_after_expiry");
	if (p->cutoff != mc_policy_default.cutoff)
		mc_buf_printf(b, ", cutoff %02d:%02d", (int)p->cutoff / 60,
		    (int)p->cutoff % 60);
	if (p->answer.unit != MC_TERM_NONE) {
		mc_buf_puts(b, ", answer ");
		mc_term_put(b, p->answer);
	}
	if (p->supplement.unit != MC_TERM_NONE) {
		mc_buf_puts(b, ", supplement ");
		mc_term_put(b, p->supplement);
		mc_buf_printf(b, " then %s", lapse_names[p->supplement_then]);
	}
}
