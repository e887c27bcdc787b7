/*
 * calendar.c - working time with prefix sums; see calendar.h.
 *
 * A day has a pattern: a list of open spans.  Seven come from "weekly", one
 * more for each make-up day with its own hours.  Whatever is asked goes
 * through the block of the day, which is made when it is first needed.
 */
#include <pthread.h>
#include <stdlib.h>

#include "calendar_internal.h"

#define MS_MINUTE INT64_C(60000)
#define AFTER_ALL (INT64_MAX / 2) /* later than any instant in range */

static pthread_mutex_t block_lock = PTHREAD_MUTEX_INITIALIZER;

static void
list_free(struct cal_list *list)
{
	size_t i;

	for (i = 0; i < list->v.n; i++) {
		free(list->v.p[i].name);
		free(list->v.p[i].basis);
	}
	mc_vec_free(&list->v);
}

void
mc_calendar_free(struct mc_calendar *cal)
{
	struct cal_block *b;
	int i;

	if (cal == NULL)
		return;
	for (i = 0; i < CAL_BLOCKS; i++) {
		free(atomic_load(&cal->even[i]));
		if ((b = atomic_load(&cal->block[i])) == NULL)
			continue;
		free(b->piece);
		free(b->stretch);
		free(b);
	}
	list_free(&cal->off);
	list_free(&cal->on);
	mc_vec_free(&cal->pattern);
	free(cal->name);
	free(cal);
}

const char *
mc_calendar_name(const struct mc_calendar *cal)
{
	return cal->name;
}

const struct mc_zone *
mc_calendar_zone(const struct mc_calendar *cal)
{
	return cal->zone;
}

int32_t
mc_calendar_known_until(const struct mc_calendar *cal)
{
	return cal->known_until;
}

int64_t
mc_calendar_day_ms(const struct mc_calendar *cal)
{
	return cal->day_ms;
}

/* ---- the tables ---- */

static const struct cal_listed *
list_find(const struct cal_list *list, int32_t day)
{
	size_t lo = 0, hi = list->v.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (list->v.p[mid].day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < list->v.n && list->v.p[lo].day == day ? &list->v.p[lo]
							  : NULL;
}

/* Make-up day beats day off beats weekday; -1 when nobody works. */
static int
day_pattern(const struct mc_calendar *cal, int32_t day)
{
	const struct cal_listed *on = list_find(&cal->on, day);
	int weekday = mc_day_weekday(day);

	if (on != NULL)
		return on->pattern;
	if (list_find(&cal->off, day) != NULL || cal->pattern.p[weekday].n == 0)
		return -1;
	return weekday;
}

/*
 * The open spans of a day as instants, none before *open_until, which is
 * moved to the end of the last.  A span that the clock jumps over moves
 * forward, perhaps onto the next one: no instant is open twice.
 */
static int
day_spans(const struct mc_calendar *cal, int32_t day, int64_t *open_until,
    struct mc_open_span *out)
{
	int pattern = day_pattern(cal, day), k, n = 0;
	const struct cal_pattern *p;
	int64_t from, to;

	if (pattern == -1)
		return 0;
	p = &cal->pattern.p[pattern];
	for (k = 0; k < p->n; k++) {
		from = mc_zone_instant(
		    cal->zone, day, p->span[k].from * MS_MINUTE);
		to = mc_zone_instant(cal->zone, day, p->span[k].to * MS_MINUTE);
		if (from < *open_until)
			from = *open_until;
		if (from >= to)
			continue;
		out[n++] = (struct mc_open_span){ from, to };
		*open_until = to;
	}
	return n;
}

/* So many stretches that each has one or two pieces of usual length. */
static void
make_stretches(struct cal_block *b)
{
	const struct cal_piece *p = b->piece;
	struct cal_stretch *s;
	int64_t i, n, last;

	if (b->work == 0)
		return;
	while (b->work >> b->shift > 2 * (int64_t)b->pieces)
		b->shift++;
	n = ((b->work - 1) >> b->shift) + 1;
	b->stretch = mc_calloc((size_t)n, sizeof(*b->stretch));
	for (i = 0; i < n; i++) {
		while (p[1].work_to <= i << b->shift)
			p++;
		s = &b->stretch[i];
		s->end = p[1].work_to;
		s->lead[0] = p[0].lead;
		s->lead[1] = p[1].lead;
		s->day[0] = p[0].day;
		s->day[1] = p[1].day;
		last = (i + 1) << b->shift;
		if (p[2].work_to < (last < b->work ? last : b->work))
			s->day[0] = s->day[1] = MC_NODAY;
	}
}

/* One day of a block that has room for its pieces. */
static void
make_day(const struct mc_calendar *cal, struct cal_block *b, int i,
    int64_t *open_until)
{
	struct mc_open_span span[MC_CALENDAR_SPANS];
	struct cal_day *d = &b->day[i];
	struct cal_piece *p;
	int32_t day = b->first + i;
	int64_t next = mc_zone_instant(cal->zone, day + 1, 0);
	int k, n = day_spans(cal, day, open_until, span);
	bool plain;

	d->midnight = mc_zone_instant(cal->zone, day, 0);
	plain = next - d->midnight == MC_MS_DAY &&
		mc_zone_offset(cal->zone, d->midnight) ==
		    mc_zone_offset(cal->zone, next - 1);
	d->plain = plain;
	d->simple = plain && n <= 2;
	d->open = d->close = INT32_MAX;
	d->pattern = -1;
	d->working_to = (int16_t)b->working;
	d->work_to = b->work;
	d->piece = (int16_t)b->pieces;
	/* Without a moment open it is no working day, whatever was meant. */
	if (n == 0)
		return;
	d->pattern = (int16_t)day_pattern(cal, day);
	d->open = (int32_t)(span[0].from - d->midnight);
	d->close = (int32_t)(span[n - 1].to - d->midnight);
	if (n == 2) {
		d->rest = (int32_t)(span[0].to - d->midnight);
		d->rest_to = (int32_t)(span[1].from - d->midnight);
	}
	b->worked[b->working++] = day;
	for (k = 0; k < n; k++) {
		p = &b->piece[b->pieces++];
		p->lead = span[k].from - b->work;
		p->work_to = b->work;
		p->day = plain ? day : MC_NODAY;
		b->work += span[k].to - span[k].from;
	}
}

static struct cal_block *
make_block(const struct mc_calendar *cal, int index)
{
	struct cal_block *b = mc_calloc(1, sizeof(*b));
	struct mc_open_span span[MC_CALENDAR_SPANS];
	int64_t open_until = INT64_MIN;
	struct cal_day *d;
	int i;

	b->first = MC_DAY_MIN + index * CAL_BLOCK;
	b->days = CAL_DAYS - index * CAL_BLOCK;
	if (b->days > CAL_BLOCK)
		b->days = CAL_BLOCK;
	b->piece = mc_calloc(
	    (size_t)b->days * MC_CALENDAR_SPANS + 3, sizeof(*b->piece));
	day_spans(cal, b->first - 1, &open_until, span);
	for (i = 0; i < b->days; i++)
		make_day(cal, b, i, &open_until);
	d = &b->day[i];
	d->midnight = mc_zone_instant(cal->zone, b->first + i, 0);
	d->pattern = -1;
	d->working_to = (int16_t)b->working;
	d->work_to = b->work;
	d->piece = (int16_t)b->pieces;
	b->piece =
	    mc_realloc(b->piece, (size_t)b->pieces + 3, sizeof(*b->piece));
	for (i = 0; i < 3; i++)
		b->piece[b->pieces + i] =
		    (struct cal_piece){ AFTER_ALL, b->work, MC_NODAY };
	make_stretches(b);
	return b;
}

/* Kept out of its callers, whose usual path is a few instructions. */
__attribute__((noinline, cold)) const struct cal_block *
mc_calendar_block(const struct mc_calendar *cal, int index)
{
	/* The table is a cache: filling it leaves the calendar what it was. */
	union {
		const struct mc_calendar *in;
		struct mc_calendar *out;
	} c = { .in = cal };
	struct cal_block *b;

	pthread_mutex_lock(&block_lock);
	b = atomic_load_explicit(&cal->block[index], memory_order_relaxed);
	if (b == NULL) {
		b = make_block(cal, index);
		atomic_store_explicit(
		    &c.out->block[index], b, memory_order_release);
		atomic_store_explicit(&c.out->even[index],
		    mc_calendar_even(cal, b), memory_order_release);
	}
	pthread_mutex_unlock(&block_lock);
	return b;
}

/* NULL outside the range. */
static inline const struct cal_day *
day_get(const struct mc_calendar *cal, int32_t day, const struct cal_block **b)
{
	uint32_t i = (uint32_t)day - (uint32_t)MC_DAY_MIN;

	if (i >= CAL_DAYS)
		return NULL;
	*b = cal_block(cal, (int)(i >> CAL_SHIFT));
	return &(*b)->day[i & (CAL_BLOCK - 1)];
}

/* The day whose midnight is the last one not after an instant. */
__attribute__((noinline, cold)) static const struct cal_day *
find_day(const struct mc_calendar *cal, int64_t ms, const struct cal_block **b)
{
	int32_t day = mc_zone_day(cal->zone, ms);
	const struct cal_day *d = day_get(cal, day, b);

	while (d != NULL && ms < d->midnight)
		d = day_get(cal, --day, b);
	while (d != NULL && ms >= d[1].midnight)
		d = day_get(cal, ++day, b);
	return d;
}

/* The same, or NULL outside the range. */
static inline const struct cal_day *
day_at(const struct mc_calendar *cal, int64_t ms, const struct cal_block **b)
{
	const struct cal_day *d;

	return cal_day_of(cal, ms, b, &d) ? d : find_day(cal, ms, b);
}

static inline int
index_of(const struct cal_block *b)
{
	return (b->first - MC_DAY_MIN) >> CAL_SHIFT;
}

/* ---- days ---- */

/* The n-th worked day of a block, counted from 0, or of those after it. */
static int32_t
find_worked(const struct mc_calendar *cal, const struct cal_block *b, int64_t n)
{
	int index;

	if (n < b->working)
		return b->worked[n];
	index = (b->first - MC_DAY_MIN) >> CAL_SHIFT;
	do {
		n -= b->working;
		if (++index == CAL_BLOCKS)
			return MC_NODAY;
		b = cal_block(cal, index);
	} while (n >= b->working);
	return b->worked[n];
}

struct mc_day_info
mc_calendar_day(const struct mc_calendar *cal, int32_t day)
{
	struct mc_day_info info = { 0 };
	const struct cal_listed *on, *off;
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);

	if (d == NULL)
		return info;
	on = list_find(&cal->on, day);
	off = list_find(&cal->off, day);
	if (d->pattern != -1) {
		info.working = true;
		info.span = cal->pattern.p[d->pattern].span;
		info.spans = cal->pattern.p[d->pattern].n;
	}
	if (on != NULL) {
		info.make_up = true;
		info.name = on->name;
		info.basis = on->basis;
	} else if (off != NULL) {
		info.off_listed = true;
		info.name = off->name;
		info.basis = off->basis;
	}
	return info;
}

bool
mc_calendar_working(const struct mc_calendar *cal, int32_t day)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);

	return d != NULL && d->pattern != -1;
}

int32_t
mc_calendar_add_days(const struct mc_calendar *cal, int32_t day, int64_t n)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);

	if (d == NULL || n < 0 || n > CAL_DAYS)
		return MC_NODAY;
	n += n > 0 ? d[1].working_to - 1 : d->working_to;
	return find_worked(cal, b, n);
}

int64_t
mc_calendar_count_days(const struct mc_calendar *cal, int32_t from, int32_t to)
{
	const struct cal_block *b, *last;
	const struct cal_day *d, *end;
	int64_t n;

	if (to < from)
		return -mc_calendar_count_days(cal, to, from);
	if (from < MC_DAY_MIN - 1)
		from = MC_DAY_MIN - 1;
	if (to > MC_DAY_MAX)
		to = MC_DAY_MAX;
	if (to <= from)
		return 0;
	/* Of the days from + 1 to `to`. */
	d = day_get(cal, from + 1, &b);
	end = day_get(cal, to, &last);
	n = end[1].working_to - d->working_to;
	for (; b != last; b = cal_block(cal, index_of(b) + 1))
		n += b->working;
	return n;
}

/* ---- instants ---- */

static inline int64_t
piece_from(const struct cal_piece *p)
{
	return p->lead + p->work_to;
}

/* The piece after the last of a block tells where that ends. */
static inline int64_t
piece_end(const struct cal_piece *p)
{
	return p->lead + p[1].work_to;
}

/* Open ms of a block that are over at an instant of the day. */
static int64_t
spent(const struct cal_block *b, const struct cal_day *d, int64_t ms)
{
	const struct cal_piece *p = &b->piece[d->piece],
			       *end = &b->piece[d[1].piece];
	int64_t work = d->work_to;

	if (d->simple)
		return cal_spent(d, ms);
	for (; p < end && ms > piece_from(p); p++)
		work += (ms < piece_end(p) ? ms : piece_end(p)) - piece_from(p);
	return work;
}

int
mc_calendar_spans(
    const struct mc_calendar *cal, int32_t day, struct mc_open_span *out)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);
	const struct cal_piece *p;
	int k, n;

	if (d == NULL)
		return 0;
	p = &b->piece[d->piece];
	n = d[1].piece - d->piece;
	for (k = 0; k < n; k++, p++)
		out[k] = (struct mc_open_span){ piece_from(p), piece_end(p) };
	return n;
}

int64_t
mc_calendar_open(const struct mc_calendar *cal, int32_t day)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);

	return d != NULL && d->pattern != -1 ? d->midnight + d->open : MC_NEVER;
}

int64_t
mc_calendar_close(const struct mc_calendar *cal, int32_t day)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);

	return d != NULL && d->pattern != -1 ? d->midnight + d->close
					     : MC_NEVER;
}

int64_t
mc_calendar_clock(const struct mc_calendar *cal, int32_t day, int64_t ms_of_day)
{
	const struct cal_block *b;
	const struct cal_day *d = day_get(cal, day, &b);
	const struct cal_piece *p, *end;
	int64_t at;

	if (d == NULL || d->pattern == -1)
		return MC_NEVER;
	at = d->plain ? d->midnight + ms_of_day
		      : mc_zone_instant(cal->zone, day, ms_of_day);
	end = &b->piece[d[1].piece];
	for (p = &b->piece[d->piece]; p < end; p++) {
		if (at < piece_from(p))
			return piece_from(p);
		if (at <= piece_end(p))
			return at;
	}
	return d->midnight + d->close;
}

int64_t
mc_calendar_next_open(const struct mc_calendar *cal, int64_t ms)
{
	const struct cal_block *b;
	const struct cal_day *d = day_at(cal, ms, &b);
	const struct cal_piece *p;
	int index;

	if (d == NULL)
		return MC_NEVER;
	p = &b->piece[d->piece];
	while (p < &b->piece[b->pieces] && piece_end(p) <= ms)
		p++;
	for (index = index_of(b); p == &b->piece[b->pieces]; p = b->piece) {
		if (++index == CAL_BLOCKS)
			return MC_NEVER;
		b = cal_block(cal, index);
	}
	return ms > piece_from(p) ? ms : piece_from(p);
}

bool
mc_calendar_is_open(const struct mc_calendar *cal, int64_t ms)
{
	return ms != MC_NEVER && mc_calendar_next_open(cal, ms) == ms;
}

/* The instant at which the `work`-th ms of a block is spent, 1 to b->work. */
static int64_t
reach(const struct cal_block *b, int64_t work)
{
	const struct cal_stretch *s = &b->stretch[(work - 1) >> b->shift];
	int lo = 0, hi = b->pieces, mid;

	if (s->day[0] != MC_NODAY)
		return work + s->lead[work > s->end];
	/* The last piece that begins before it. */
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (b->piece[mid].work_to < work)
			lo = mid;
		else
			hi = mid;
	}
	return work + b->piece[lo].lead;
}

int64_t
mc_calendar_add_work(const struct mc_calendar *cal, int64_t from, int64_t work)
{
	const struct cal_block *b;
	const struct cal_day *d = day_at(cal, from, &b);
	int index;

	if (work == 0)
		return mc_calendar_next_open(cal, from);
	if (d == NULL || work < 0 || work > CAL_DAYS * MC_MS_DAY)
		return MC_NEVER;
	work += spent(b, d, from);
	for (index = index_of(b); work > b->work; b = cal_block(cal, index)) {
		work -= b->work;
		if (++index == CAL_BLOCKS)
			return MC_NEVER;
	}
	return reach(b, work);
}

int64_t
mc_calendar_add_work_right(
    const struct mc_calendar *cal, int64_t from, int64_t work)
{
	int64_t at = mc_calendar_add_work(cal, from, work);

	return at == MC_NEVER ? MC_NEVER : mc_calendar_next_open(cal, at);
}

int64_t
mc_calendar_work_between(
    const struct mc_calendar *cal, int64_t from, int64_t to)
{
	const struct cal_block *b, *last;
	const struct cal_day *d, *end;
	int64_t work, edge;

	if (to < from)
		return -mc_calendar_work_between(cal, to, from);
	if ((d = day_at(cal, from, &b)) == NULL) {
		edge = mc_zone_instant(cal->zone, MC_DAY_MIN, 0);
		if (from > edge)
			return 0;
		from = edge;
		d = day_get(cal, MC_DAY_MIN, &b);
	}
	if ((end = day_at(cal, to, &last)) == NULL) {
		edge = mc_zone_instant(cal->zone, MC_DAY_MAX, MC_MS_DAY);
		if (to < edge)
			return 0;
		to = edge;
		end = day_get(cal, MC_DAY_MAX, &last);
	}
	work = spent(last, end, to) - spent(b, d, from);
	for (; b != last; b = cal_block(cal, index_of(b) + 1))
		work += b->work;
	return work;
}
