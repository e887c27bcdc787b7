/* workflow_correct.c - `correct`: what can be set right, and what follows. */
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/json.h>
#include <motcua/text.h>

#include "workflow_internal.h"

/* clang-format off */
/* What `correct` can set besides field.NAME. */
enum set_kind {
	SET_DUE, SET_CASE, SET_TIME, SET_CHANNEL, SET_PUBLIC, SET_PERSONAL
};
static const struct {
	const char *name;
	enum set_kind kind;
	enum mc_personal personal;
} settable[] = { /* public ones sorted, as the event's `set` has them */
	{ "applicant_kind", SET_PUBLIC, MC_P__COUNT },
	{ "channel", SET_CHANNEL, MC_P__COUNT },
	{ "finished_at", SET_TIME, MC_P__COUNT },
	{ "received_at", SET_TIME, MC_P__COUNT },
	{ "returned_at", SET_TIME, MC_P__COUNT },
	{ "due_at", SET_DUE, MC_P__COUNT },
	{ "case", SET_CASE, MC_P__COUNT },
	{ "address", SET_PERSONAL, MC_P_ADDRESS },
	{ "applicant_id", SET_PERSONAL, MC_P_APPLICANT_ID },
	{ "applicant_name", SET_PERSONAL, MC_P_APPLICANT_NAME },
	{ "email", SET_PERSONAL, MC_P_EMAIL },
	{ "note", SET_PERSONAL, MC_P_NOTE },
	{ "phone", SET_PERSONAL, MC_P_PHONE },
	{ "subject", SET_PERSONAL, MC_P_SUBJECT },
};
/* clang-format on */
#define SETTABLE (sizeof(settable) / sizeof(settable[0]))
#define SET_VALUE_MAX 4000

static struct mc_str
field_name(struct mc_str name)
{
	struct mc_str head, tail;

	if (mc_str_split(name, '.', &head, &tail) && mc_str_is(head, "field"))
		return tail;
	return (struct mc_str){ NULL, 0 };
}

static const char not_settable[] = "cannot be corrected";

/* What is wrong with one --set; NULL: nothing.  Values are never told. */
static const char *
wrong_set(const struct mc_request *req, int i)
{
	const struct mc_set *set = &req->set[i];
	size_t k;
	int j;

	for (k = 0; k < SETTABLE; k++)
		if (mc_str_is(set->name, settable[k].name))
			break;
	if (k == SETTABLE && field_name(set->name).len == 0)
		return not_settable;
	_Static_assert(SET_VALUE_MAX == 4000, "what is said");
	if (set->value.len > SET_VALUE_MAX)
		return "has more than 4000 bytes";
	if (mc_utf8_check(set->value.p, set->value.len) != set->value.len)
		return "is not UTF-8";
	for (j = 0; j < i; j++)
		if (mc_str_same(set->name, req->set[j].name))
			return "stands twice";
	return NULL;
}

int
mc_workflow_check_sets(const struct mc_request *req, struct mc_err *err)
{
	struct mc_str name;
	const char *what;
	int i;

	if (req->sets > MC_SETS) {
		mc_err(err, MC_EUSAGE, "E_USAGE", "given more than %d times",
		    MC_SETS);
		return mc_err_at(err, "--set", 0, 0);
	}
	for (i = 0; i < req->sets; i++) {
		if ((what = wrong_set(req, i)) == NULL)
			continue;
		name = req->set[i].name;
		mc_err(err, MC_EUSAGE, "E_USAGE", "\"%.*s\" %s",
		    (int)(name.len < 64 ? name.len : 64), name.p, what);
		if (what == not_settable)
			mc_err_advise(err, "what can be corrected: "
					   "received_at, due_at, finished_at, "
					   "returned_at, channel, case, "
					   "applicant_kind, applicant_name, "
					   "applicant_id, phone, email, "
					   "address, subject, note, "
					   "field.NAME");
		return mc_err_at(err, "--set", 0, 0);
	}
	return 0;
}

struct correction {
	int64_t received_at, finished_at, returned_at;
	bool has_due;
	struct mc_due due;
	const struct mc_procedure *as; /* the procedure in its case */
	struct mc_str channel, kind;
	struct mc_str personal[MC_P__COUNT];
	struct mc_buf public_fields, private_fields; /* JSON objects */
};

static int
bad_value(struct mc_workflow_ctx *x, const char *name, const char *what)
{
	return mc_err(x->err, MC_EREFUSED, "E_FIELD",
	    "the value given for \"%s\" is not %s", name, what);
}

/*
 * A date alone means what it means in an import: a receipt counts from the
 * opening of that day, anything else as its close.
 */
static int
set_time(struct mc_workflow_ctx *x, const char *name, struct mc_str value,
    int64_t *out)
{
	const struct mc_zone *zone = x->r->names->zone;
	const struct mc_calendar *cal;
	const char *blob;
	bool day_only;
	int32_t day;
	int64_t at;

	if (mc_time_parse(out, value, zone, &day_only, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	if (day_only) {
		if (mc_workflow_calendar(
			x, mc_workflow_receiving(x), &cal, &blob) == -1)
			return -1;
		day = mc_zone_day(zone, *out);
		at = strcmp(name, "received_at") == 0
			 ? mc_calendar_open(cal, day)
			 : mc_calendar_close(cal, day);
		if (at != MC_NEVER)
			*out = at;
	}
	if (*out > x->now)
		return mc_err(x->err, MC_EREFUSED, "E_ORDER",
		    "%s lies in the future", name);
	return 0;
}

static int
set_due(struct mc_workflow_ctx *x, struct mc_str value, struct mc_due *due)
{
	const struct mc_calendar *cal;
	const char *blob;
	bool day_only;
	int64_t at;

	if (mc_time_parse(
		&at, value, x->r->names->zone, &day_only, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	if (mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, &blob) ==
	    -1)
		return -1;
	*due = mc_due_given(x->policy, cal, at, day_only);
	return 0;
}

static int
by_set_name(const void *a, const void *b)
{
	const struct mc_set *const *s = a, *const *t = b;
	size_t n = (*s)->name.len, m = (*t)->name.len;
	int d = memcmp((*s)->name.p, (*t)->name.p, n < m ? n : m);

	return d != 0 ? d : (n > m) - (n < m);
}

/* field.NAME, in the order of names, into the object it belongs to. */
static int
set_fields(struct mc_workflow_ctx *x, struct correction *k)
{
	const struct mc_set *set[MC_SETS] = { NULL };
	const struct mc_field *f;
	struct mc_buf normal = { 0 };
	struct mc_err why = MC_ERR_INIT;
	struct mc_jw pub = mc_jw(&k->public_fields);
	struct mc_jw priv = mc_jw(&k->private_fields);
	struct mc_jw *w;
	struct mc_str name;
	int i, n = 0, n_pub = 0, n_priv = 0;

	for (i = 0; i < x->req->sets; i++)
		if (field_name(x->req->set[i].name).len > 0)
			set[n++] = &x->req->set[i];
	qsort(set, (size_t)n, sizeof(set[0]), by_set_name);
	mc_jw_open(&pub, '{');
	mc_jw_open(&priv, '{');
	for (i = 0; i < n; i++) {
		name = field_name(set[i]->name);
		f = x->p != NULL ? mc_procedure_field(x->p, name) : NULL;
		if (f == NULL) {
			mc_buf_free(&normal);
			return mc_err(x->err, MC_EREFUSED, "E_FIELD",
			    "the procedure declares no field \"%.*s\"",
			    (int)(name.len < 64 ? name.len : 64), name.p);
		}
		mc_buf_reset(&normal);
		if (mc_field_normal(&normal, f->type, set[i]->value, &why) ==
		    -1) {
			mc_buf_free(&normal);
			return mc_err(x->err, MC_EREFUSED, "E_FIELD",
			    "the value given for \"%s\" is %s", f->name,
			    why.msg);
		}
		w = f->public ? &pub : &priv;
		*(f->public ? &n_pub : &n_priv) += 1;
		mc_jw_key(w, f->name);
		mc_jw_str(w, (struct mc_str){ normal.p, normal.len });
	}
	mc_jw_close(&pub, '}');
	mc_jw_close(&priv, '}');
	mc_buf_free(&normal);
	if (n_pub == 0)
		mc_buf_reset(&k->public_fields);
	if (n_priv > 0)
		k->personal[MC_P_FIELDS] = (struct mc_str){ k->private_fields.p,
			k->private_fields.len };
	return 0;
}

static int
set_one(
    struct mc_workflow_ctx *x, const struct mc_set *set, struct correction *k)
{
	enum mc_channel ch;
	size_t i;

	for (i = 0; i < SETTABLE; i++)
		if (mc_str_is(set->name, settable[i].name))
			break;
	if (i == SETTABLE)
		return 0; /* field.NAME: set_fields() */
	switch (settable[i].kind) {
	case SET_DUE:
		k->has_due = true;
		return set_due(x, set->value, &k->due);
	case SET_CASE:
		return mc_workflow_find_case(x, set->value, &k->as);
	case SET_TIME:
		return set_time(x, settable[i].name, set->value,
		    settable[i].name[0] == 'f'   ? &k->finished_at
		    : settable[i].name[2] == 'c' ? &k->received_at
						 : &k->returned_at);
	case SET_CHANNEL:
		ch = mc_channel_meant(set->value);
		if (ch == MC_CH_NONE)
			return bad_value(x, "channel", "a channel");
		k->channel = mc_channel_str(ch);
		return 0;
	case SET_PUBLIC:
		if (!mc_code_valid(set->value))
			return bad_value(x, settable[i].name, "one word");
		k->kind = set->value;
		return 0;
	case SET_PERSONAL:
		k->personal[settable[i].personal] = set->value;
		return 0;
	}
	return 0;
}

/*
 * Another moment of receipt moves a due that was computed from it, and so
 * does another limit, of another case or channel.  One that was moved by a
 * pause or an extension since cannot be derived from the state alone, so it
 * has to be said; by another limit a pause can move it that moved nothing by
 * the old one.  Where there is no limit any more, what was told is a promise
 * from now on.
 */
static int
redate(struct mc_workflow_ctx *x, struct correction *k, bool *given,
    const char **blob)
{
	const struct mc_case *c = x->c;
	const struct mc_calendar *cal;
	struct mc_due was = { .day = MC_NODAY, .at = MC_NEVER };
	struct mc_term limit, other;
	bool other_limit;
	int64_t at =
	    k->received_at != MC_NEVER ? k->received_at : c->received_at;

	*given = k->has_due;
	if (k->has_due || c->due_given || x->p == NULL || at == MC_NEVER)
		return 0;
	limit = mc_procedure_limit(x->p, c->channel);
	other = mc_procedure_limit(k->as,
	    k->channel.len > 0 ? mc_channel_parse(k->channel) : c->channel);
	other_limit = limit.unit != other.unit || limit.milli != other.milli;
	if (limit.unit != MC_TERM_NONE && x->due.at == MC_NEVER)
		return 0;
	if (at == c->received_at && !other_limit) {
		k->has_due = k->as != x->p && x->due.at != MC_NEVER &&
			     !c->due_moved && c->extensions == 0;
		k->due = x->due;
		return 0;
	}
	if (other.unit == MC_TERM_NONE) {
		*given = k->has_due = x->due.at != MC_NEVER;
		k->due = x->due;
		return 0;
	}
	if (mc_workflow_calendar(x, mc_workflow_receiving(x), &cal, blob) == -1)
		return -1;
	if (mc_deadline(&was, x->policy, cal, limit, c->received_at, NULL, NULL,
		x->err) == -1 ||
	    mc_deadline(
		&k->due, x->policy, cal, other, at, NULL, NULL, x->err) == -1)
		return mc_workflow_refused(x);
	if (was.at != x->due.at || c->extensions > 0 ||
	    (other_limit && c->due_moved)) {
		mc_err(x->err, MC_EREFUSED, "E_DUE",
		    "the due date has been moved since the receipt and does "
		    "not follow from it");
		return mc_err_advise(x->err, "give it too: --set=due_at=TIME");
	}
	k->has_due = true;
	return 0;
}

static int
check_times(struct mc_workflow_ctx *x, const struct correction *k)
{
	const struct mc_case *c = x->c;
	int64_t received =
	    k->received_at != MC_NEVER ? k->received_at : c->received_at;
	int64_t finished =
	    k->finished_at != MC_NEVER ? k->finished_at : c->finished_at;
	int64_t returned =
	    k->returned_at != MC_NEVER ? k->returned_at : c->returned_at;

	if ((k->received_at != MC_NEVER || k->has_due) &&
	    c->received_at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_FIELD",
		    "the dossier is not received yet");
	if (k->finished_at != MC_NEVER && c->finished_at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_FIELD",
		    "the dossier is not finished yet");
	if (k->returned_at != MC_NEVER && c->returned_at == MC_NEVER)
		return mc_err(x->err, MC_EREFUSED, "E_FIELD",
		    "the dossier is not returned yet");
	if ((finished != MC_NEVER && finished < received) ||
	    (returned != MC_NEVER && returned < finished))
		return mc_err(x->err, MC_EREFUSED, "E_ORDER",
		    "received, finished and returned would be out of order");
	return 0;
}

static void
put_set(struct mc_happening *h, const struct correction *k)
{
	struct mc_jw w = mc_jw(&h->text);
	struct mc_buf t = { 0 };
	const struct {
		const char *name;
		int64_t at;
	} times[] = {
		{ "finished_at", k->finished_at },
		{ "received_at", k->received_at },
		{ "returned_at", k->returned_at },
	};
	size_t i, empty;

	mc_jw_open(&w, '{');
	empty = h->text.len;
	if (k->kind.len > 0) {
		mc_jw_key(&w, "applicant_kind");
		mc_jw_str(&w, k->kind);
	}
	if (k->channel.len > 0) {
		mc_jw_key(&w, "channel");
		mc_jw_str(&w, k->channel);
	}
	if (k->public_fields.len > 0) {
		mc_jw_key(&w, "fields");
		mc_jw_raw(&w, (struct mc_str){
				  k->public_fields.p, k->public_fields.len });
	}
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (times[i].at == MC_NEVER)
			continue;
		mc_buf_reset(&t);
		mc_time_put_utc(&t, times[i].at);
		mc_jw_key(&w, times[i].name);
		mc_jw_str(&w, (struct mc_str){ t.p, t.len });
	}
	mc_buf_free(&t);
	if (h->text.len == empty) {
		mc_buf_reset(&h->text);
		return;
	}
	mc_jw_close(&w, '}');
	mc_event_str(
	    &h->e, MC_F_SET, (struct mc_str){ h->text.p, h->text.len });
}

static bool
only_case(const struct mc_request *req)
{
	return req->sets == 1 && mc_str_is(req->set[0].name, "case");
}

/*
 * What is said of all but the case.  A due that moves with the case is part
 * of that event, which comes after: it counts from what is corrected here.
 */
static void
put_corrected(struct mc_workflow_ctx *x, const struct correction *k, bool given,
    const char *blob, bool recased)
{
	const struct mc_case *c = x->c;
	struct mc_happening *h = mc_workflow_emit(x, MC_K_CORRECTED);
	struct mc_due due = k->has_due ? k->due : x->due;

	put_set(h, k);
	if (k->has_due && !recased)
		mc_workflow_put_due(x, &h->e, k->due, given, blob);
	if (c->verdict != MC_V_NONE && c->status != MC_S_WITHDRAWN &&
	    (k->has_due || k->finished_at != MC_NEVER))
		mc_event_str(&h->e, MC_F_VERDICT,
		    mc_verdict_str(mc_verdict(c->rule, due,
			k->finished_at != MC_NEVER ? k->finished_at
						   : c->finished_at,
			x->r->names->zone)));
	mc_personal_put(&h->personal, k->personal);
}

static int
correct(struct mc_workflow_ctx *x, struct correction *k)
{
	const char *blob = NULL;
	bool given, recased;
	int i;

	k->as = x->p;
	for (i = 0; i < x->req->sets; i++)
		if (set_one(x, &x->req->set[i], k) == -1)
			return -1;
	if (set_fields(x, k) == -1 || check_times(x, k) == -1)
		return -1;
	if (redate(x, k, &given, &blob) == -1)
		return -1;
	k->personal[MC_P_REASON] = x->req->reason;
	recased = k->as != x->p;
	if (!recased)
		mc_workflow_warn_case(x, k->channel,
		    (struct mc_str){ k->public_fields.p, k->public_fields.len },
		    k->personal[MC_P_FIELDS]);
	if (!recased && only_case(x->req)) {
		x->out->unchanged = true;
		return 0;
	}
	if (!recased || !only_case(x->req) ||
	    (k->has_due && x->c->verdict != MC_V_NONE))
		put_corrected(x, k, given, blob, recased);
	if (recased)
		mc_workflow_repin(
		    x, k->as, k->has_due ? &k->due : NULL, given, blob);
	return 0;
}

int
mc_workflow_correct(struct mc_workflow_ctx *x)
{
	struct correction k;
	int rc;

	memset(&k, 0, sizeof(k));
	k.received_at = k.finished_at = k.returned_at = MC_NEVER;
	rc = correct(x, &k);
	mc_buf_free(&k.public_fields);
	mc_buf_free(&k.private_fields);
	return rc;
}
