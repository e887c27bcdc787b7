/*
 * stats_recount.c - the roll-ups counted again; see motcua/stats.h.
 *
 * A first walk over the dossiers gathers what they post by 32 days, takes
 * away what the roll-ups have, and leaves the blocks that differ; only then
 * the days of those blocks are looked at, and the dossiers of those days.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/buf.h>
#include <motcua/log.h>
#include <motcua/mem.h>
#include <motcua/rollup.h>
#include <motcua/stats.h>

#define FAN (1 << MC_ROLLUP_SHIFT)
#define BATCH 16384 /* dossiers folded at once */

/* ---- cells ---- */

struct cell {
	int32_t period, procedure, unit;
	int32_t c[MC_C__COUNT];
};
struct cells {
	struct cell *cell;
	uint32_t n, cap;
	uint32_t *slot; /* index + 1; 0: free */
	uint32_t slots;
};

static uint32_t
seat(const struct cells *t, int32_t period, int32_t procedure, int32_t unit)
{
	uint64_t h = (uint64_t)(uint32_t)period * 0x9e3779b97f4a7c15u ^
		     (uint64_t)(uint32_t)procedure * 0xc2b2ae3d27d4eb4fu ^
		     (uint64_t)(uint32_t)unit * 0x165667b19e3779f9u;
	uint32_t mask = t->slots - 1, i = (uint32_t)(h >> 32) & mask;
	const struct cell *c;

	for (; t->slot[i] != 0; i = (i + 1) & mask) {
		c = &t->cell[t->slot[i] - 1];
		if (c->period == period && c->procedure == procedure &&
		    c->unit == unit)
			break;
	}
	return i;
}

static const struct cell *
find_cell(
    const struct cells *t, int32_t period, int32_t procedure, int32_t unit)
{
	uint32_t at;

	if (t->slots == 0)
		return NULL;
	at = t->slot[seat(t, period, procedure, unit)];
	return at == 0 ? NULL : &t->cell[at - 1];
}

static struct cell *
make_cell(struct cells *t, int32_t period, int32_t procedure, int32_t unit)
{
	uint32_t at, i;

	if (t->n + 1 > t->slots / 2) {
		t->slots = t->slots == 0 ? 1024 : t->slots * 2;
		free(t->slot);
		t->slot = mc_calloc(t->slots, sizeof(*t->slot));
		for (i = 0; i < t->n; i++)
			t->slot[seat(t, t->cell[i].period, t->cell[i].procedure,
			    t->cell[i].unit)] = i + 1;
	}
	at = seat(t, period, procedure, unit);
	if (t->slot[at] == 0) {
		if (t->n == t->cap) {
			t->cap = t->cap == 0 ? 512 : t->cap * 2;
			t->cell = mc_realloc(t->cell, t->cap, sizeof(*t->cell));
		}
		t->cell[t->n] = (struct cell){ period, procedure, unit, { 0 } };
		t->slot[at] = ++t->n;
	}
	return &t->cell[t->slot[at] - 1];
}

static bool
is_zero(const struct cell *c)
{
	static const int32_t none[MC_C__COUNT];

	return memcmp(c->c, none, sizeof(none)) == 0;
}

/* Only those that are not zero stay. */
static void
keep_nonzero(struct cells *t)
{
	struct cells old = *t;
	uint32_t i;

	*t = (struct cells){ 0 };
	for (i = 0; i < old.n; i++)
		if (!is_zero(&old.cell[i]))
			*make_cell(t, old.cell[i].period, old.cell[i].procedure,
			    old.cell[i].unit) = old.cell[i];
	free(old.cell);
	free(old.slot);
}

static void
free_cells(struct cells *t)
{
	free(t->cell);
	free(t->slot);
	*t = (struct cells){ 0 };
}

/* ---- the walk over the dossiers ---- */

struct recount {
	struct mc_store *s;
	mc_finding_fn *found;
	void *arg;
	struct mc_err *err;

	/*
	 * What a posting does: counted by 32 days; counted by day where its
	 * block differs; or its dossier named where its day differs.
	 */
	enum { BLOCKS, DAYS, NAMES } pass;
	struct cells block, day;
	MC_VEC(struct mc_reopening) reopening; /* of the first walk */
	bool walked;
	bool children; /* what is counted now: these, or the others */
	int named;
	int64_t last_named;

	/* Dossiers whose row does not say it all, folded from their events. */
	MC_VEC(struct odd {
		struct mc_case c;
		struct mc_posted posted;
	})
	odd;
	MC_VEC(struct wanted {
		uint64_t seq;
		uint32_t odd;
	})
	wanted;
	struct mc_log *log;
	struct mc_buf scratch;
};

static int
name_dossier(struct recount *r, int64_t id, const struct mc_posting *p)
{
	struct mc_buf code = { 0 }, date = { 0 };
	struct mc_err e = MC_ERR_INIT;
	int rc;

	if (r->named == MC_RECOUNT_CODES || r->last_named == id)
		return 0;
	r->last_named = id;
	r->named++;
	rc = mc_store_code(r->s, id, &code, r->err);
	if (rc == 0) {
		mc_day_put(&date, p->day);
		mc_err(&e, MC_EDAMAGED, "E_BALANCE",
		    "dossier %s counts on %s, where the roll-ups differ",
		    mc_buf_str(&code), mc_buf_str(&date));
		r->found(r->arg, &e);
	}
	mc_buf_free(&code);
	mc_buf_free(&date);
	return rc;
}

static int
take(struct recount *r, int64_t id, const struct mc_posting *p)
{
	int32_t block = p->day >> MC_ROLLUP_SHIFT;
	struct cell *c = NULL;

	if (p->child != r->children)
		return 0;
	switch (r->pass) {
	case BLOCKS:
		c = make_cell(&r->block, block, p->procedure, p->unit);
		break;
	case DAYS:
		if (find_cell(&r->block, block, p->procedure, p->unit) != NULL)
			c = make_cell(&r->day, p->day, p->procedure, p->unit);
		break;
	case NAMES:
		if (find_cell(&r->day, p->day, p->procedure, p->unit) != NULL)
			return name_dossier(r, id, p);
		break;
	}
	if (c != NULL)
		c->c[p->counter] += p->delta;
	return 0;
}

static bool
by_seq_less(const struct wanted *a, const struct wanted *b)
{
	return a->seq != b->seq ? a->seq < b->seq : a->odd < b->odd;
}

static int
by_seq(const void *va, const void *vb)
{
	return by_seq_less(va, vb) ? -1 : by_seq_less(vb, va);
}

/* The events of the gathered dossiers, in the order of the log. */
static int
fold_odd(struct recount *r)
{
	const struct mc_names *names = mc_store_names(r->s);
	struct mc_postings out;
	struct mc_event e;
	struct mc_str body;
	struct odd *o;
	size_t i, k;
	int rc = 0;

	if (r->wanted.n > 0)
		qsort(r->wanted.p, r->wanted.n, sizeof(*r->wanted.p), by_seq);
	for (i = 0; i < r->wanted.n && rc == 0; i++) {
		o = &r->odd.p[r->wanted.p[i].odd];
		if (mc_log_get(r->log, r->wanted.p[i].seq, &body, r->err) !=
			1 ||
		    mc_event_decode(&e, body, &r->scratch, r->err) == -1 ||
		    mc_fold(&o->c, &e, names, &out, r->err) == -1)
			rc = -1;
		else
			mc_posted_take(&o->posted, &e, &out);
	}
	if (rc == -1 && r->err->code == MC_OK)
		mc_err(r->err, MC_EDAMAGED, "E_DAMAGED",
		    "a dossier has an event that is not in the log");
	for (i = 0; i < r->odd.n; i++) {
		o = &r->odd.p[i];
		for (k = 0; k < o->posted.v.n && rc == 0; k++)
			rc = take(r, o->c.id, &o->posted.v.p[k]);
		for (k = 0; k < o->posted.reopening.n && !r->walked; k++)
			mc_vec_push(&r->reopening, o->posted.reopening.p[k]);
		mc_posted_free(&o->posted);
		mc_case_free(&o->c);
	}
	r->odd.n = r->wanted.n = 0;
	return rc;
}

static int
gather_odd(struct recount *r, int64_t id, struct mc_str events)
{
	struct odd o = { .c = { 0 } };
	struct wanted w = { .odd = (uint32_t)r->odd.n };
	size_t at = 0;

	mc_case_init(&o.c);
	o.c.id = id;
	mc_vec_push(&r->odd, o);
	while (mc_seqs_next(events, &at, &w.seq))
		mc_vec_push(&r->wanted, w);
	return r->odd.n == BATCH ? fold_odd(r) : 0;
}

static const enum mc_counter channel_counter[] = {
	[MC_CH_DIRECT] = MC_C_DIRECT,
	[MC_CH_ONLINE] = MC_C_ONLINE,
	[MC_CH_POSTAL] = MC_C_POSTAL,
};
static const enum mc_counter verdict_counter[] = {
	[MC_V_EARLY] = MC_C_EARLY,
	[MC_V_ON_TIME] = MC_C_ON_TIME,
	[MC_V_LATE] = MC_C_LATE,
};

/* What a row of STATS_DOSSIERS says. */
struct dossier {
	int64_t id, received_at, finished_at;
	int32_t procedure, unit, pin;
	int64_t channel, status, verdict, version;
	struct mc_due due;
	bool child;
};

/*
 * Received, or received and finished, or all three and nothing else: then
 * the row says what was posted.
 */
static bool
is_plain(const struct dossier *d)
{
	if (d->received_at == MC_NEVER || d->channel < MC_CH_DIRECT ||
	    d->channel > MC_CH_POSTAL)
		return false;
	if (d->version == 1)
		return d->status == MC_S_RECEIVED ||
		       d->status == MC_S_PROCESSING;
	return ((d->version == 2 && d->status == MC_S_FINISHED) ||
		   (d->version == 3 && d->status == MC_S_RETURNED)) &&
	       d->finished_at != MC_NEVER && d->verdict >= MC_V_EARLY &&
	       d->verdict <= MC_V_LATE;
}

static int
verdict_rule(struct recount *r, int32_t pin, enum mc_verdict_rule *out)
{
	const struct mc_procedure *ignored;
	struct mc_policy policy;

	*out = mc_policy_default.verdict;
	if (pin == MC_NOID)
		return 0;
	if (mc_store_definition(r->s, pin, &ignored, &policy, r->err) == -1)
		return -1;
	*out = policy.verdict;
	return 0;
}

static int
post_plain(struct recount *r, const struct dossier *d)
{
	const struct mc_zone *zone = mc_store_zone(r->s);
	int32_t in = mc_zone_day(zone, d->received_at), out = MC_NODAY, on;
	enum mc_verdict_rule rule;
	struct mc_posting p[6];
	int n = 0, i;

	if (d->child != r->children)
		return 0;
	if (verdict_rule(r, d->pin, &rule) == -1)
		return -1;
#define POST(day_, counter_)                                                   \
	(p[n++] = (struct mc_posting){                                         \
	     (day_), d->procedure, d->unit, (counter_), 1, d->child })
	POST(in, channel_counter[d->channel]);
	POST(in, MC_C_OPENED);
	if (d->version > 1) {
		out = mc_zone_day(zone, d->finished_at);
		out = out > in ? out : in;
		POST(out, verdict_counter[d->verdict]);
		POST(out, MC_C_CLOSED);
	}
	on = mc_overdue_day(rule, d->due, zone);
	if (on != MC_NODAY) {
		on = on > in ? on : in;
		if (out == MC_NODAY || out >= on) {
			POST(on, MC_C_BECAME);
			if (out != MC_NODAY)
				POST(out, MC_C_CEASED);
		}
	}
#undef POST
	for (i = 0; i < n; i++)
		if (take(r, d->id, &p[i]) == -1)
			return -1;
	return 0;
}

static int
walk(struct recount *r)
{
	struct mc_cur *cur;
	struct dossier d;
	int rc, bad = 0;

	if (mc_cur_open(&cur, mc_store_db(r->s), MC_SQL_STATS_DOSSIERS,
		MC_NOARGS, r->err) == -1)
		return -1;
	while (bad == 0 && (rc = mc_cur_next(cur, r->err)) == 1) {
		d = (struct dossier){
			.id = mc_cur_int(cur, 0, 0),
			.procedure = (int32_t)mc_cur_int(cur, 1, MC_NOID),
			.unit = (int32_t)mc_cur_int(cur, 2, MC_NOID),
			.channel = mc_cur_int(cur, 3, 0),
			.received_at = mc_cur_int(cur, 4, MC_NEVER),
			.status = mc_cur_int(cur, 5, 0),
			.due.at = mc_cur_int(cur, 6, MC_NEVER),
			.due.day = (int32_t)mc_cur_int(cur, 7, MC_NODAY),
			.finished_at = mc_cur_int(cur, 8, MC_NEVER),
			.verdict = mc_cur_int(cur, 9, MC_V_NONE),
			.version = mc_cur_int(cur, 10, 0),
			.pin = (int32_t)mc_cur_int(cur, 12, MC_NOID),
			.child = (mc_cur_int(cur, 13, 0) & MC_FLAG_CHILD) != 0,
		};
		/* The blob is borrowed: read before other statements run. */
		bad = is_plain(&d) ? post_plain(r, &d)
				   : gather_odd(r, d.id, mc_cur_blob(cur, 11));
	}
	mc_cur_close(cur);
	if (bad == -1 || rc == -1 || fold_odd(r) == -1)
		return -1;
	r->walked = true;
	return 0;
}

/* ---- the roll-ups' side ---- */

/* Take a level away from cells of periods `shift` times coarser. */
static int
subtract(struct recount *r, struct cells *t, int level, int shift,
    const struct cells *only)
{
	struct mc_cur *cur;
	struct cell *c;
	int32_t period, procedure, unit;
	int rc, i;

	if (mc_cur_open(&cur, mc_store_db(r->s), MC_SQL_STATS_LEVEL,
		MC_ARGS(MC_INT(level + (r->children ? MC_ROLLUP_LEVELS : 0))),
		r->err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, r->err)) == 1) {
		procedure = (int32_t)mc_cur_int(cur, 0, MC_NOID);
		unit = (int32_t)mc_cur_int(cur, 1, MC_NOID);
		period = (int32_t)mc_cur_int(cur, 12, 0);
		if (only != NULL && find_cell(only, period >> MC_ROLLUP_SHIFT,
					procedure, unit) == NULL)
			continue;
		c = make_cell(t, period >> shift, procedure, unit);
		for (i = 0; i < MC_C__COUNT; i++)
			c->c[i] -= (int32_t)mc_cur_int(cur, 2 + i, 0);
	}
	mc_cur_close(cur);
	return rc;
}

static void
negate(struct cells *t)
{
	uint32_t i;
	int k;

	for (i = 0; i < t->n; i++)
		for (k = 0; k < MC_C__COUNT; k++)
			t->cell[i].c[k] = -t->cell[i].c[k];
}

static const char *const counter_name[] = { "direct", "online", "postal",
	"early", "on_time", "late", "opened", "closed", "became", "ceased" };

static void
report_cells(
    struct recount *r, const struct cells *t, const char *what, int32_t days)
{
	struct mc_buf b = { 0 };
	struct mc_err e = MC_ERR_INIT;
	const struct cell *c;
	uint32_t i;
	int k;

	for (i = 0; i < t->n; i++) {
		c = &t->cell[i];
		mc_buf_reset(&b);
		mc_day_put(&b, c->period * days);
		for (k = 0; k < MC_C__COUNT; k++)
			if (c->c[k] != 0)
				mc_buf_printf(&b, " %s %+d", counter_name[k],
				    (int)c->c[k]);
		mc_err(&e, MC_EDAMAGED, "E_BALANCE",
		    "%s: procedure %s at %s from %s", what,
		    mc_store_text(r->s, MC_D_PROCEDURE, c->procedure),
		    mc_store_text(r->s, MC_D_UNIT, c->unit), mc_buf_str(&b));
		r->found(r->arg, &e);
	}
	mc_buf_free(&b);
}

/* The sums of one level are the next: no dossier is asked for that. */
static int
check_level(struct recount *r, int level, int64_t *n)
{
	struct cells t = { 0 };
	int rc;

	rc = subtract(r, &t, level - 1, MC_ROLLUP_SHIFT, NULL);
	negate(&t);
	if (rc == 0)
		rc = subtract(r, &t, level, 0, NULL);
	if (rc == 0) {
		keep_nonzero(&t);
		report_cells(r, &t,
		    level == 1
			? "the sum of 32 days is not their days' sum, short of"
			: "the sum of 1024 days is not its parts' sum, "
			  "short of",
		    level == 1 ? FAN : FAN * FAN);
		*n += t.n;
	}
	free_cells(&t);
	return rc;
}

/* Which days of the blocks that differ, and whose. */
static int
find_culprits(struct recount *r, int64_t *n)
{
	r->pass = DAYS;
	if (walk(r) == -1 || subtract(r, &r->day, 0, 0, &r->block) == -1)
		return -1;
	keep_nonzero(&r->day);
	report_cells(r, &r->day, "the dossiers give more by", 1);
	*n += r->day.n;
	r->pass = NAMES;
	return r->day.n == 0 ? 0 : walk(r);
}

static int
compare_one(struct recount *r, int64_t *n)
{
	r->pass = BLOCKS;
	if (check_level(r, 1, n) == -1 || check_level(r, 2, n) == -1 ||
	    walk(r) == -1 ||
	    subtract(r, &r->block, 0, MC_ROLLUP_SHIFT, NULL) == -1)
		return -1;
	keep_nonzero(&r->block);
	return r->block.n == 0 ? 0 : find_culprits(r, n);
}

/* ---- reopenings ---- */

static int
by_place(const void *va, const void *vb)
{
	const struct mc_reopening *a = va, *b = vb;
	const int32_t x[] = { a->day, a->finish.day, a->finish.procedure,
		a->finish.unit, a->finish.child, (int32_t)a->finish.counter };
	const int32_t y[] = { b->day, b->finish.day, b->finish.procedure,
		b->finish.unit, b->finish.child, (int32_t)b->finish.counter };
	size_t i;

	for (i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* Their table's rows, as what takes away from the dossiers'. */
static int
subtract_reopenings(struct recount *r)
{
	static const enum mc_counter counter[] = { MC_C_EARLY, MC_C_ON_TIME,
		MC_C_LATE, MC_C_CLOSED };
	struct mc_reopening row;
	struct mc_cur *cur;
	int rc, i;

	if (mc_cur_open(&cur, mc_store_db(r->s), MC_SQL_CHECK_REOPENING,
		MC_NOARGS, r->err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, r->err)) == 1)
		for (i = 0; i < 4; i++) {
			row.day = (int32_t)mc_cur_int(cur, 0, 0);
			row.finish = (struct mc_posting){
				.day = (int32_t)mc_cur_int(cur, 1, 0),
				.procedure = (int32_t)mc_cur_int(cur, 2, 0),
				.unit = (int32_t)mc_cur_int(cur, 3, 0),
				.counter = counter[i],
				.delta = -(int32_t)mc_cur_int(cur, 5 + i, 0),
				.child = mc_cur_int(cur, 4, 0) != 0,
			};
			mc_vec_push(&r->reopening, row);
		}
	mc_cur_close(cur);
	return rc;
}

static void
report_reopening(struct recount *r, const struct mc_reopening *p, int32_t by)
{
	struct mc_buf day = { 0 }, finish = { 0 };
	struct mc_err e = MC_ERR_INIT;

	mc_day_put(&day, p->day);
	mc_day_put(&finish, p->finish.day);
	mc_err(&e, MC_EDAMAGED, "E_BALANCE",
	    "the dossiers give more by: procedure %s at %s, reopened on %s, "
	    "%s of %s %+d",
	    mc_store_text(r->s, MC_D_PROCEDURE, p->finish.procedure),
	    mc_store_text(r->s, MC_D_UNIT, p->finish.unit), mc_buf_str(&day),
	    counter_name[p->finish.counter], mc_buf_str(&finish), (int)by);
	r->found(r->arg, &e);
	mc_buf_free(&day);
	mc_buf_free(&finish);
}

/* After a walk: what its dossiers give less what the table has is nothing. */
static int
compare_reopenings(struct recount *r, int64_t *n)
{
	const struct mc_reopening *p;
	size_t i, k;
	int32_t sum;

	if (subtract_reopenings(r) == -1)
		return -1;
	p = r->reopening.p;
	if (r->reopening.n > 1)
		qsort(r->reopening.p, r->reopening.n, sizeof(*p), by_place);
	for (i = 0; i < r->reopening.n; i = k) {
		sum = 0;
		for (k = i; k < r->reopening.n; k++) {
			if (by_place(&p[i], &p[k]) != 0)
				break;
			sum += p[k].finish.delta;
		}
		if (sum == 0)
			continue;
		report_reopening(r, &p[i], sum);
		++*n;
	}
	return 0;
}

/* Submissions; then what came with them, where anything did. */
static int
compare(struct recount *r, int64_t *n)
{
	int64_t any = 0;

	if (mc_db_int(mc_store_db(r->s), MC_SQL_STATS_ANY_CHILD, MC_NOARGS,
		&any, 0, r->err) == -1 ||
	    compare_one(r, n) == -1 || compare_reopenings(r, n) == -1)
		return -1;
	if (any == 0)
		return 0;
	free_cells(&r->block);
	free_cells(&r->day);
	r->children = true;
	return compare_one(r, n);
}

int64_t
mc_stats_recount(
    struct mc_store *s, mc_finding_fn *found, void *arg, struct mc_err *err)
{
	struct recount r = {
		.s = s, .found = found, .arg = arg, .err = err, .last_named = -1
	};
	struct mc_db *db = mc_store_db(s);
	int64_t n = 0;
	int32_t ignored;
	int rc;

	/* Looking for what is not there brings all names in. */
	if (mc_store_lookup(s, MC_D_UNIT, MC_STR(""), &ignored, err) == -1 ||
	    mc_db_read_begin(db, err) == -1)
		return -1;
	r.log = mc_log_new(db);
	rc = compare(&r, &n);
	mc_db_read_end(db);
	mc_log_free(r.log);
	mc_buf_free(&r.scratch);
	free_cells(&r.block);
	free_cells(&r.day);
	mc_vec_free(&r.reopening);
	mc_vec_free(&r.odd);
	mc_vec_free(&r.wanted);
	return rc == -1 ? -1 : n;
}
