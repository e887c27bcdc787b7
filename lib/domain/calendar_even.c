/*
 * calendar_even.c - blocks of days in which nothing is out of the way.
 *
 * Where the clock is never moved, an instant is a day and a time by one
 * division, and to count by days 8 bytes of each are enough, by date and by
 * count.  The years in use then fit into the nearest cache, and stay there.
 */
#include "calendar_internal.h"

#define MS_MINUTE INT64_C(60000)

static bool
day_even(const struct mc_calendar *cal, const struct cal_block *b, int i)
{
	const struct cal_day *d = &b->day[i];

	return d->plain && d->work_to % MS_MINUTE == 0 &&
	       d->midnight ==
		   cal->base + (b->first - MC_DAY_MIN + i) * MC_MS_DAY;
}

static void
make_days(struct cal_even *e, const struct cal_block *b)
{
	const struct cal_day *d = b->day;
	struct cal_even_day *w = e->worked;
	bool off;
	int i;

	e->simple = true;
	for (i = 0; i < CAL_BLOCK; i++, d++) {
		e->simple = e->simple && d->simple;
		off = d->pattern == -1;
		e->date[i] = (struct cal_even_day){ off ? 0 : d->close,
			d->working_to - off };
		e->hours[i] =
		    (struct cal_even_hours){ d->work_to - d->open + d->rest,
			    d->open, d->close, d->rest, d->rest_to };
		if (!off)
			*w++ = (struct cal_even_day){ d->close, i };
	}
}

static struct cal_even_office
office_of(const struct cal_even_hours *h)
{
	return (struct cal_even_office){ .each = h->close - h->open -
						 (h->rest_to - h->rest),
		.before = h->rest - h->open - 1,
		.open = h->open,
		.close = h->close,
		.rest = h->rest,
		.rest_to = h->rest_to,
		.pause = { 0, h->rest_to - h->rest } };
}

/* The hours of a block, where all its worked days have the same. */
static struct cal_even_office
even_office(const struct cal_even *e)
{
	const struct cal_even_office none = { 0 };
	struct cal_even_office o, day;
	int i;

	if (!e->simple || e->working == 0)
		return none;
	o = office_of(&e->hours[e->worked[0].other]);
	for (i = 1; i < e->working; i++) {
		day = office_of(&e->hours[e->worked[i].other]);
		if (!cal_even_alike(&day, &o))
			return none;
	}
	if (o.each < CAL_EVEN_LEAST || o.each > MC_MS_DAY / 2 ||
	    o.each % 32 != 0)
		return none;
	o.inverse = (UINT64_C(1) << 52) / (uint64_t)(o.each / 32) + 1;
	return o;
}

static struct cal_even_stretch
even_stretch(const struct cal_block *b, const struct cal_stretch *s)
{
	struct cal_even_stretch to = { .end = s->end };
	int i;

	for (i = 0; i < 2; i++) {
		to.day[i] = -1;
		if (s->day[i] == MC_NODAY)
			continue;
		to.day[i] = (int16_t)(s->day[i] - b->first);
		to.lead[i] =
		    (int32_t)((s->lead[i] - b->day[0].midnight) / MS_MINUTE);
	}
	return to;
}

struct cal_even *
mc_calendar_even(const struct mc_calendar *cal, const struct cal_block *b)
{
	struct cal_even *e;
	int64_t n = 0, i;

	if (b->days != CAL_BLOCK)
		return NULL;
	for (i = 0; i < CAL_BLOCK; i++)
		if (!day_even(cal, b, (int)i))
			return NULL;
	if (b->work > 0)
		n = ((b->work - 1) >> b->shift) + 1;
	e = mc_calloc(1, sizeof(*e) + (size_t)n * sizeof(e->stretch[0]));
	e->first = b->first;
	e->working = b->working;
	e->midnight = b->day[0].midnight;
	e->work = b->work;
	e->shift = b->shift;
	make_days(e, b);
	e->office = even_office(e);
	for (i = 0; i < n; i++)
		e->stretch[i] = even_stretch(b, &b->stretch[i]);
	return e;
}
