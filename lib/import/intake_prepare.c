/* intake_prepare.c - from a row's text to a draft; see motcua/intake.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/hash.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

void
mc_intake_count(struct tallies *v, const char *id, int64_t n)
{
	struct mc_tally t;
	size_t i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->p[i].id, id) == 0) {
			v->p[i].n += n;
			return;
		}
	memset(&t, 0, sizeof(t));
	snprintf(t.id, sizeof(t.id), "%s", id);
	t.n = n;
	mc_vec_push(v, t);
}

void
mc_intake_warn(struct mc_intake *in, const char *id)
{
	mc_intake_count(&in->warnings, id, 1);
}

/*
 * column: the source column from 0; -1: the whole row.  A personal value
 * never gets here: callers quote only codes, dates and names of things.
 */
bool
mc_intake_refuse(struct mc_intake *in, struct draft *d, int column,
    const char *id, const char *fmt, ...)
{
	struct mc_err *e = mc_pool_get(&in->pool, sizeof(*e));
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memset(e, 0, sizeof(*e));
	mc_err(e, MC_EDATA, id, "%s", text);
	d->column = column < 0 || in->b->unplaced ? 0 : column + 1;
	mc_err_at(e, in->file, d->line, d->column);
	d->why = e;
	d->result = MC_ROW_REJECTED;
	return false;
}

/* Where our column stands in the source, for messages. */
static int
place(const struct mc_intake *in, enum mc_column c)
{
	return in->b->at[c];
}

/* Limits of the texts that become part of an event. */
#define TEXT_MAX 8192
#define WORD_MAX 64 /* who did it: names that many rows share */

static bool
too_long(enum mc_column c, size_t len, size_t *max)
{
	*max = c == MC_COL_APPLICANT_KIND || c == MC_COL_OFFICER ||
		       c == MC_COL_ACTOR
		   ? WORD_MAX
		   : TEXT_MAX;
	return len > *max;
}

/*
 * A text in the pool.  What goes on as text alone (others have to end with a
 * NUL) may stand there already, in the copy of the row.
 */
static struct mc_str
copy_of(struct mc_intake *in, enum mc_column c, struct mc_str s)
{
	static const bool text[MC_COL__COUNT] = {
		[MC_COL_SUBJECT] = true,
		[MC_COL_APPLICANT_NAME] = true,
		[MC_COL_APPLICANT_ID] = true,
		[MC_COL_PHONE] = true,
		[MC_COL_EMAIL] = true,
		[MC_COL_ADDRESS] = true,
		[MC_COL_NOTE] = true,
	};
	uintptr_t at = (uintptr_t)s.p - (uintptr_t)in->row_from;

	if (text[c] && at < in->row.len && s.len <= in->row.len - at)
		return (struct mc_str){ in->row.p + at, s.len };
	return mc_pool_str(&in->pool, s);
}

/*
 * Clean texts of all columns, with the map's values and defaults, copied to
 * the pool.
 */
static bool
take_texts(struct mc_intake *in, struct draft *d, struct mc_str v[],
    const struct mc_str *field)
{
	const struct mc_bound *b = in->b->bound, *end = b + in->b->n_bound;
	struct mc_str s;
	size_t max;
	int i;

	memcpy(d->source, in->b->source, sizeof(d->source));
	for (i = 0; i < MC_COL__COUNT; i++)
		v[i] = (struct mc_str){ "", 0 };
	for (; b < end; b++) {
		s = b->at == -1 ? MC_STR("") : field[b->at];
		if (s.len == 0 && !b->fallback)
			continue;
		s = mc_intake_clean(in, d, s);
		if (s.len > WORD_MAX && too_long(b->c, s.len, &max))
			return mc_intake_refuse(in, d, b->at, "E_LIMIT",
			    "%s is longer than %zu bytes", mc_column_name(b->c),
			    max);
		if (b->words && s.len > 0)
			s = mc_map_value(in->o.map, b->c, s);
		if (b->fallback && s.len == 0)
			s = mc_map_value_default(in->o.map, b->c);
		v[b->c] = copy_of(in, b->c, s);
	}
	return true;
}

void
mc_intake_advise(struct mc_intake *in, struct draft *d, const char *text)
{
	struct mc_err *e;

	if (text == NULL)
		return;
	e = mc_pool_get(&in->pool, sizeof(*e));
	*e = *d->why;
	mc_err_advise(e, "%s", text);
	d->why = e;
}

static bool
read_time(struct mc_intake *in, struct draft *d, struct mc_str s,
    enum mc_column c, int64_t *ms, bool *day_only)
{
	bool cut = false;

	if (!mc_map_time(in->o.map, c, s, mc_store_zone(in->store), ms,
		day_only, &cut)) {
		if (mc_map_time_like(s))
			mc_intake_refuse(in, d, place(in, c), "E_DATE",
			    "%s: \"%.40s\" is no date, or in a form that "
			    "is not known",
			    mc_column_name(c), s.p);
		else
			mc_intake_refuse(in, d, place(in, c), "E_DATE",
			    "%s is no date, or in a form that is not known",
			    mc_column_name(c));
		mc_intake_advise(in, d, mc_map_time_advice(in->o.map, s));
		return false;
	}
	if (cut)
		mc_intake_warn(in, "W_TIME");
	return true;
}

/* A time column: its instant, and whether only the day was said. */
static inline bool
take_time(struct mc_intake *in, struct draft *d, struct mc_str v[],
    enum mc_column c, int64_t *ms, bool *day_only)
{
	*ms = MC_NEVER;
	*day_only = false;
	return v[c].len == 0 || read_time(in, d, v[c], c, ms, day_only);
}

/* The unit and its calendar; looked up once for each code. */
static struct unit_rules *
unit_rules(struct mc_intake *in, struct mc_str code, int32_t day)
{
	struct unit_rules *u;
	const struct mc_unit *unit;
	size_t i, k, mask, old;
	struct unit_rules **slots;

	if (in->unit_rules.n * 2 >= in->unit_slots) {
		old = in->unit_slots;
		slots = in->unit_slot;
		in->unit_slots = old == 0 ? 256 : old * 2;
		in->unit_slot = mc_calloc(in->unit_slots, sizeof(*slots));
		for (i = 0; i < old; i++) {
			if (slots[i] == NULL)
				continue;
			k = mc_text_hash(slots[i]->code.p, slots[i]->code.len) &
			    (in->unit_slots - 1);
			while (in->unit_slot[k] != NULL)
				k = (k + 1) & (in->unit_slots - 1);
			in->unit_slot[k] = slots[i];
		}
		free(slots);
	}
	mask = in->unit_slots - 1;
	for (i = mc_text_hash(code.p, code.len) & mask;
	     (u = in->unit_slot[i]) != NULL; i = (i + 1) & mask)
		if (mc_str_same(u->code, code) && mc_unit_valid(u->unit, day))
			return u;
	unit = mc_unit_find(in->units, code, day);
	if (unit == NULL)
		return NULL;
	/* The same code may stand for several units, one after another. */
	for (k = mc_text_hash(code.p, code.len) & mask;
	     (u = in->unit_slot[k]) != NULL; k = (k + 1) & mask)
		if (u->unit == unit)
			return u;
	u = mc_calloc(1, sizeof(*u));
	u->unit = unit;
	u->code = mc_str(unit->code);
	mc_vec_push(&in->unit_rules, u);
	in->unit_slot[k] = u;
	return u;
}

/* A code of the other layout is taken for the same agency's, and counted. */
static struct unit_rules *
known_unit(struct mc_intake *in, struct mc_str *code, int32_t day)
{
	struct unit_rules *u = unit_rules(in, *code, day);
	char other[MC_AGENCY_MAX];

	if (u != NULL || !mc_code_other_layout(*code, other))
		return u;
	u = unit_rules(in, mc_str(other), day);
	if (u == NULL)
		return NULL;
	*code = mc_pool_str(&in->pool, u->code);
	mc_intake_warn(in, "W_LAYOUT");
	return u;
}

static int
calendar_of(struct mc_intake *in, struct draft *d, struct unit_rules *u,
    const struct mc_calendar **cal, struct mc_str *blob, struct mc_err *err)
{
	const char *own =
	    d->version == NULL ? NULL : d->version->procedure->calendar;
	const char *id;

	if (own == NULL && u->calendar != NULL) {
		*cal = u->calendar;
		*blob = u->blob;
		return 0;
	}
	if (mc_rulebook_calendar_for(in->rb, own, u->unit, cal, &id, err) == -1)
		return -1;
	*blob = mc_str(id);
	if (own == NULL) {
		u->calendar = *cal;
		u->blob = *blob;
	}
	return 0;
}

/* A date without a time: a receipt counts from that day's opening ... */
static int64_t
opening(const struct mc_calendar *cal, int64_t ms)
{
	int64_t t =
	    mc_calendar_open(cal, mc_zone_day(mc_calendar_zone(cal), ms));

	return t == MC_NEVER ? ms : t;
}

/* ... and a finish as its close. */
static int64_t
closing(const struct mc_calendar *cal, int64_t ms)
{
	const struct mc_zone *z = mc_calendar_zone(cal);
	int32_t day = mc_zone_day(z, ms);
	int64_t t = mc_calendar_close(cal, day);

	return t == MC_NEVER ? mc_zone_instant(z, day, 17 * 3600000) : t;
}

/* What the dates say, where the status is not given. */
static enum mc_status
derived(const struct draft *d, const struct mc_str v[])
{
	if (d->returned_at != MC_NEVER)
		return MC_S_RETURNED;
	if (d->finished_at != MC_NEVER)
		return MC_S_FINISHED;
	if (d->paused_at != MC_NEVER)
		return MC_S_SUPPLEMENT;
	return v[MC_COL_STEP].len > 0 ? MC_S_PROCESSING : MC_S_RECEIVED;
}

/* Statuses of dossiers that nobody has received, or may not have. */
static bool
unreceived(const struct draft *d)
{
	return d->status == MC_S_REGISTERED || d->status == MC_S_NOT_ACCEPTED ||
	       (d->unreceived && (d->status == MC_S_SUPPLEMENT ||
				     d->status == MC_S_WITHDRAWN));
}

static bool
take_status(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	struct mc_str s = v[MC_COL_STATUS];

	d->status = s.len == 0 ? derived(d, v) : mc_status_meant(s);
	if (d->status == MC_S_NONE)
		return mc_intake_refuse(in, d, place(in, MC_COL_STATUS),
		    "E_STATUS", "unknown status \"%.40s\"", s.p);
	d->unreceived = unreceived(d);
	switch (d->status) {
	case MC_S_RETURNED:
		if (d->returned_at == MC_NEVER)
			d->returned_at = d->finished_at;
		if (d->finished_at == MC_NEVER)
			d->finished_at = d->returned_at;
		break;
	case MC_S_WITHDRAWN:
	case MC_S_NOT_ACCEPTED:
		if (d->finished_at == MC_NEVER)
			d->finished_at = d->returned_at;
		if (d->finished_at == MC_NEVER &&
		    d->status == MC_S_NOT_ACCEPTED)
			d->finished_at = d->received_at;
		break;
	default:
		break;
	}
	if (d->finished_at == MC_NEVER &&
	    (d->status == MC_S_FINISHED || d->status == MC_S_RETURNED ||
		d->status == MC_S_WITHDRAWN))
		return mc_intake_refuse(in, d, place(in, MC_COL_STATUS),
		    "E_STATUS", "status \"%s\" needs finished_at",
		    mc_status_name(d->status));
	if (mc_status_paused(d->status) && d->paused_at == MC_NEVER)
		return mc_intake_refuse(in, d, place(in, MC_COL_STATUS),
		    "E_STATUS", "status \"%s\" needs paused_at",
		    mc_status_name(d->status));
	if (mc_status_open(d->status) &&
	    (d->finished_at != MC_NEVER || d->returned_at != MC_NEVER))
		return mc_intake_refuse(in, d, place(in, MC_COL_STATUS),
		    "E_STATUS", "status \"%s\", but it was finished",
		    mc_status_name(d->status));
	return true;
}

/* Do the rules come to the same instant?  Then it is theirs. */
static bool
rules_say(struct draft *d, const struct mc_calendar *cal, struct mc_str blob)
{
	struct mc_term limit =
	    mc_procedure_limit(d->version->procedure, d->channel);
	struct mc_err ignored;
	struct mc_due due;

	if (limit.unit == MC_TERM_NONE ||
	    mc_deadline(&due, &d->version->policy, cal, limit, d->received_at,
		NULL, NULL, &ignored) == -1 ||
	    due.at != d->due.at)
		return false;
	d->due = due;
	d->calendar = blob;
	return true;
}

static bool
take_due(struct mc_intake *in, struct draft *d, struct mc_str v[],
    const struct mc_calendar *cal, struct mc_str blob)
{
	struct mc_term limit =
	    mc_procedure_limit(d->version->procedure, d->channel);
	const struct mc_zone *zone = mc_store_zone(in->store);
	struct mc_err err; /* what fails fills it */
	bool day_only;
	int64_t ms;

	if (!take_time(in, d, v, MC_COL_DUE_AT, &ms, &day_only))
		return false;
	if (ms != MC_NEVER) {
		d->due = mc_due_given(&d->version->policy, cal, ms, day_only);
		if (d->due_day != MC_NODAY &&
		    ms == mc_zone_instant(zone, d->due_day + 1, 0))
			d->due.day = d->due_day;
		d->due_said = true;
		d->due_given = !d->due_by_rules || !rules_say(d, cal, blob);
		return true;
	}
	if (limit.unit == MC_TERM_NONE)
		return true;
	if (mc_deadline(&d->due, &d->version->policy, cal, limit,
		d->received_at, NULL, NULL, &err) == -1)
		return mc_intake_refuse(in, d, place(in, MC_COL_RECEIVED_AT),
		    err.id, "%s", err.msg);
	if (d->due.at != MC_NEVER)
		d->calendar = blob;
	return true;
}

static bool
broken_rules(struct mc_intake *in, struct draft *d, const struct mc_err *err)
{
	if (in->broken.code == MC_OK)
		in->broken = *err;
	return mc_intake_refuse(in, d, -1, err->id, "%s", err->msg);
}

/* The code, and behind it the identifier of who published it? */
static bool
has_authority(struct mc_str code)
{
	size_t i;

	if (code.len < 10 || code.p[1] != '.' || code.p[8] != '.')
		return false;
	for (i = 0; i < 8; i++)
		if (i != 1 && (code.p[i] < '0' || code.p[i] > '9'))
			return false;
	return mc_code_agency((struct mc_str){ code.p + 9, code.len - 9 });
}

static int
known_procedure(struct mc_intake *in, struct draft *d, struct mc_str v[],
    int32_t day, struct mc_err *err)
{
	struct mc_str *code = &v[MC_COL_PROCEDURE];

	if (mc_rulebook_version(in->rb, *code, day, &d->version, err) == 0)
		return 0;
	if (strcmp(err->id, "E_PROCEDURE") != 0 || !has_authority(*code))
		return -1;
	mc_err_clear(err);
	*code = mc_pool_str(&in->pool, (struct mc_str){ code->p, 8 });
	if (mc_rulebook_version(in->rb, *code, day, &d->version, err) == -1)
		return -1;
	mc_intake_warn(in, "W_AUTHORITY");
	return 0;
}

/* Registers name procedures; what they name beside it is nobody's business. */
static bool
no_procedure(struct mc_intake *in, struct draft *d, struct mc_str code,
    const struct mc_err *err)
{
	int at = place(in, MC_COL_PROCEDURE);
	bool named = code.len < 2 || code.p[1] != '.', advised;

	if (named && at != -1 && at == place(in, MC_COL_SUBJECT))
		mc_intake_refuse(in, d, at, err->id,
		    "no procedure is called what this subject says");
	else
		mc_intake_refuse(in, d, at, err->id, "%s", err->msg);
	advised = in->told_procedure;
	in->told_procedure = advised || named;
	if (named && !advised)
		mc_intake_advise(in, d,
		    "a map says which code a name means: \"values\": "
		    "{\"procedure\": {NAME: CODE}}");
	return false;
}

static bool
no_unit(struct mc_intake *in, struct draft *d, struct mc_str code)
{
	size_t i;

	mc_intake_refuse(in, d, place(in, MC_COL_UNIT), "E_UNIT",
	    "unknown unit \"%.64s\"", code.p);
	for (i = 0; i < code.len; i++)
		if (code.p[i] == ' ' || (unsigned char)code.p[i] >= 0x80)
			break;
	if (i < code.len && !in->told_unit) {
		in->told_unit = true;
		mc_intake_advise(in, d,
		    "a map says which code a name means: \"values\": "
		    "{\"unit\": {NAME: CODE}}");
	}
	return false;
}

/*
 * Times later than now are errors of the source: the log has none.  Only
 * those that the row has are looked at, so that its message names a column
 * of it; the others follow from these.  day: which are days without a time.
 */
static bool
check_past(struct mc_intake *in, struct draft *d, const bool day[4])
{
	static const enum mc_column column[] = { MC_COL_RECEIVED_AT,
		MC_COL_PAUSED_AT, MC_COL_FINISHED_AT, MC_COL_RETURNED_AT };
	const int64_t at[] = { d->received_at, d->paused_at, d->finished_at,
		d->returned_at };
	const struct mc_zone *zone = mc_store_zone(in->store);
	size_t i;

	for (i = 0; i < 4 && (at[i] == MC_NEVER || at[i] <= in->o.now); i++)
		;
	if (i == 4)
		return true;
	mc_intake_refuse(in, d, place(in, column[i]), "E_FUTURE",
	    "%s lies after now", mc_column_name(column[i]));
	if (day[i] && !in->told_day &&
	    mc_zone_day(zone, at[i]) == mc_zone_day(zone, in->o.now)) {
		in->told_day = true;
		mc_intake_advise(in, d,
		    i < 2 ? "a day without a time is that day's opening, "
			    "which is still to come"
			  : "a day without a time is that day's close, which "
			    "is still to come");
	}
	return false;
}

/* Dates, procedure, unit and due: what the rulebook has a say in. */
static bool
take_rules(struct mc_intake *in, struct draft *d, struct mc_str v[],
    const struct mc_str *field)
{
	const struct mc_zone *zone = mc_store_zone(in->store);
	bool day[4] = { false, false, false, false };
	const struct mc_calendar *cal;
	struct mc_err err; /* what fails fills it */
	struct unit_rules *u;
	struct mc_str blob;
	int32_t received;

	if (!take_time(
		in, d, v, MC_COL_RECEIVED_AT, &d->received_at, &day[0]) ||
	    !take_time(in, d, v, MC_COL_PAUSED_AT, &d->paused_at, &day[1]) ||
	    !take_time(
		in, d, v, MC_COL_FINISHED_AT, &d->finished_at, &day[2]) ||
	    !take_time(in, d, v, MC_COL_RETURNED_AT, &d->returned_at, &day[3]))
		return false;
	if (d->received_at == MC_NEVER)
		return mc_intake_refuse(in, d, place(in, MC_COL_RECEIVED_AT),
		    "E_DATE", "received_at is missing");
	received = mc_zone_day(zone, d->received_at);
	if (v[MC_COL_UNIT].len == 0)
		return mc_intake_refuse(
		    in, d, place(in, MC_COL_UNIT), "E_UNIT", "unit is missing");
	if ((u = known_unit(in, &v[MC_COL_UNIT], received)) == NULL)
		return no_unit(in, d, v[MC_COL_UNIT]);
	if (!mc_unit_valid(u->unit, received))
		mc_intake_warn(in, "W_VALIDITY");
	if (v[MC_COL_PROCEDURE].len == 0)
		return mc_intake_refuse(in, d, place(in, MC_COL_PROCEDURE),
		    "E_PROCEDURE", "procedure is missing");
	if (known_procedure(in, d, v, received, &err) == -1) {
		/* A broken rulebook is not the row's fault: the run ends. */
		if (strcmp(err.id, "E_PROCEDURE") != 0 &&
		    strcmp(err.id, "E_VERSION") != 0)
			return broken_rules(in, d, &err);
		return no_procedure(in, d, v[MC_COL_PROCEDURE], &err);
	}
	if (calendar_of(in, d, u, &cal, &blob, &err) == -1)
		return broken_rules(in, d, &err);
	d->cal = cal;
	d->cal_blob = blob;
	if (day[0])
		d->received_at = opening(cal, d->received_at);
	if (day[1])
		d->paused_at = opening(cal, d->paused_at);
	if (day[2])
		d->finished_at = closing(cal, d->finished_at);
	if (day[3])
		d->returned_at = closing(cal, d->returned_at);
	if (!check_past(in, d, day) || !take_status(in, d, v) ||
	    !mc_intake_case(in, d, v, field) || !take_due(in, d, v, cal, blob))
		return false;
	if (d->status == MC_S_WITHDRAWN)
		d->verdict = MC_V_ON_TIME;
	else if (d->finished_at != MC_NEVER)
		d->verdict = mc_verdict(
		    d->version->policy.verdict, d->due, d->finished_at, zone);
	return true;
}

/* Times that go backwards are kept as the source has them, and counted. */
static void
check_order(struct mc_intake *in, struct draft *d)
{
	d->disordered =
	    (d->finished_at != MC_NEVER &&
		(d->finished_at < d->received_at ||
		    d->finished_at < d->paused_at)) ||
	    (d->paused_at != MC_NEVER && d->paused_at < d->received_at) ||
	    (d->returned_at != MC_NEVER && d->finished_at != MC_NEVER &&
		d->returned_at < d->finished_at);
	if (d->disordered)
		mc_intake_warn(in, "W_ORDER");
}

/* A code that does not conform is kept as the alias of the one to come. */
static bool
make_alias(struct mc_intake *in, struct mc_str v[])
{
	if (!in->o.number || (v[MC_COL_ALIAS].len > 0 &&
				 !mc_str_same(v[MC_COL_ALIAS], v[MC_COL_CODE])))
		return false;
	v[MC_COL_ALIAS] = v[MC_COL_CODE];
	v[MC_COL_CODE] = (struct mc_str){ "", 0 };
	return true;
}

static bool
take_code(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	struct mc_str code = v[MC_COL_CODE];

	if (code.len == 0 && !in->o.number)
		return mc_intake_refuse(
		    in, d, place(in, MC_COL_CODE), "E_CODE", "code is missing");
	if (code.len > 0 && !mc_code_valid(code))
		return mc_intake_refuse(in, d, place(in, MC_COL_CODE), "E_CODE",
		    "a code has 1 to %d visible characters, without spaces",
		    MC_CODE_MAX);
	if (code.len > 0 && mc_rulebook_codes_standard(in->rb) &&
	    !mc_code_standard(code) && !make_alias(in, v))
		return mc_intake_refuse(in, d, place(in, MC_COL_CODE), "E_CODE",
		    "\"%.64s\" is not of the standard shape", code.p);
	if (v[MC_COL_ALIAS].len > 0 && !mc_code_valid(v[MC_COL_ALIAS]))
		return mc_intake_refuse(in, d, place(in, MC_COL_ALIAS),
		    "E_CODE", "an alias has 1 to %d visible characters",
		    MC_CODE_MAX);
	return true;
}

static bool
take_channel(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	struct mc_str s = v[MC_COL_CHANNEL];

	d->channel = s.len == 0 ? MC_CH_DIRECT : mc_channel_meant(s);
	if (d->channel == MC_CH_NONE)
		return mc_intake_refuse(in, d, place(in, MC_COL_CHANNEL),
		    "E_CHANNEL", "unknown channel \"%.40s\"", s.p);
	return true;
}

/*
 * A step must be one of the procedure's, its holder a unit.  Who enters the
 * final step is finished: nothing leads out of it.
 */
static bool
take_step(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	const struct mc_zone *zone = mc_store_zone(in->store);
	const struct mc_procedure *p = d->version->procedure;
	struct mc_str step = v[MC_COL_STEP];
	int i = step.len > 0 ? mc_procedure_step(p, step) : -1;

	if (step.len > 0 && i == -1)
		return mc_intake_refuse(in, d, place(in, MC_COL_STEP), "E_STEP",
		    "the procedure has no step \"%.40s\"", step.p);
	if (i != -1 && p->step[i].final && mc_status_open(d->status))
		return mc_intake_refuse(in, d, place(in, MC_COL_STEP),
		    "E_STATUS",
		    "status \"%s\", but step \"%.40s\" is final: finished_at "
		    "is "
		    "needed",
		    mc_status_name(d->status), step.p);
	if (v[MC_COL_HOLDER].len > 0 &&
	    known_unit(in, &v[MC_COL_HOLDER],
		mc_zone_day(zone, d->received_at)) == NULL)
		return mc_intake_refuse(in, d, place(in, MC_COL_HOLDER),
		    "E_UNIT", "unknown unit \"%.64s\"", v[MC_COL_HOLDER].p);
	return true;
}

/* The event of a row, where rows are events. */
static bool
take_event(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	struct mc_str key[3];
	bool day_only;

	if (d->no_event)
		return true;
	if (v[MC_COL_ACTIVITY].len == 0)
		return mc_intake_refuse(in, d, place(in, MC_COL_ACTIVITY),
		    "E_ACTIVITY", "activity is missing");
	if (!take_time(in, d, v, MC_COL_AT, &d->at, &day_only))
		return false;
	if (d->at == MC_NEVER)
		return mc_intake_refuse(
		    in, d, place(in, MC_COL_AT), "E_DATE", "at is missing");
	if (d->at > in->o.now)
		return mc_intake_refuse(in, d, place(in, MC_COL_AT), "E_FUTURE",
		    "at lies after now");
	if (d->at < d->received_at ||
	    (d->finished_at != MC_NEVER && d->at > d->finished_at))
		mc_intake_warn(in, "W_ORDER");
	d->activity = v[MC_COL_ACTIVITY];
	d->actor = v[MC_COL_ACTOR];
	key[0] = d->activity;
	key[1] = (struct mc_str){ (const char *)&d->at, sizeof(d->at) };
	key[2] = d->actor;
	d->event_hash = mc_intake_hash(in, key, 3);
	return true;
}

/*
 * A number begins with the receiving unit's identifier; an office that has
 * none of its own numbers under the first unit above it that has.
 */
static bool
take_agency(struct mc_intake *in, struct draft *d, struct mc_str v[])
{
	const struct unit_rules *u = unit_rules(in, v[MC_COL_UNIT],
	    mc_zone_day(mc_store_zone(in->store), d->received_at));
	const struct mc_unit *unit = u == NULL ? NULL : u->unit;
	struct mc_str agency = mc_str(mc_rulebook_agency(in->rb));

	while (unit != NULL && !mc_code_agency(mc_str(unit->code)))
		unit = unit->parent;
	if (unit != NULL)
		agency = mc_str(unit->code);
	if (!mc_code_agency(agency))
		return mc_intake_refuse(in, d, place(in, MC_COL_UNIT), "E_CODE",
		    "no number: neither \"%.64s\" nor a unit above it has an "
		    "agency's identifier",
		    v[MC_COL_UNIT].p);
	d->agency = mc_pool_str(&in->pool, agency);
	return true;
}

bool
mc_intake_prepare(struct mc_intake *in, struct draft *d,
    const struct mc_str *field, const int32_t *column, size_t n)
{
	struct mc_str v[MC_COL__COUNT];

	(void)column;
	d->received_at = d->paused_at = d->finished_at = d->returned_at =
	    d->due.at = d->at = MC_NEVER;
	d->due.day = MC_NODAY;
	if (n != in->b->n)
		return mc_intake_refuse(in, d, -1, "E_FIELDS",
		    "%zu fields where the heading has %zu", n, in->b->n);
	if (!take_texts(in, d, v, field) || !take_code(in, d, v))
		return false;
	d->v[MC_COL_CODE] = v[MC_COL_CODE];
	if (!take_channel(in, d, v) || !take_rules(in, d, v, field) ||
	    !take_step(in, d, v) ||
	    (!d->fields_taken && !mc_intake_take_fields(in, d, field)))
		return false;
	check_order(in, d);
	if (mc_map_events(in->o.map) && !take_event(in, d, v))
		return false;
	if (d->kept.len > MC_INTAKE_EXTRA ||
	    d->event_kept.len > MC_INTAKE_EXTRA ||
	    d->attributes.len > MC_INTAKE_FIELDS)
		return mc_intake_refuse(in, d, -1, "E_LIMIT",
		    "what the map does not name is too much to be kept");
	if (v[MC_COL_CODE].len == 0 && !take_agency(in, d, v))
		return false;
	memcpy(d->v, v, sizeof(d->v));
	return true;
}
