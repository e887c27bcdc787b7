/*
 * due.h - what the tests of deadlines share: an office of 7.5 hours a day in
 * Viet Nam and short ways to write times, terms and policies.
 */
#ifndef MOTCUA_TEST_DUE_H
#define MOTCUA_TEST_DUE_H

#include <motcua/deadline.h>

#include "tap.h"
#include "office.h"

#define HOUR INT64_C(3600000)
#define MINUTE INT64_C(60000)

static struct mc_zone *vn;

/* Days off and make-up Saturdays of Viet Nam that the vectors touch. */
static const char days_off[] =
    "2018-12-31 2019-01-01 2019-04-15 2019-04-29 2019-04-30 2019-05-01 "
    "2023-01-02 2023-05-01 2023-05-02 2023-05-03 "
    "2024-01-01 2024-02-08 2024-02-09 2024-02-12 2024-02-13 2024-02-14 "
    "2024-04-18 2024-04-29 2024-04-30 2024-05-01 2024-09-02 2024-09-03 "
    "2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31 "
    "2025-04-07 2025-04-30 2025-05-01 2025-05-02 2025-09-01 2025-09-02 "
    "2026-01-01 2026-01-02 2026-02-16 2026-02-17 2026-02-18 2026-02-19 "
    "2026-02-20 2026-04-27 2026-04-30 2026-05-01 2026-08-31 2026-09-01 "
    "2026-09-02 2026-11-24";
static const char make_up[] = "2019-01-05 2019-05-04 2024-05-04 2025-04-26 "
			      "2026-01-10 2026-08-22";

static inline void
put_list(struct mc_buf *b, const char *list, const char *rest)
{
	size_t i;

	for (i = 0; i + 10 <= strlen(list); i += 11)
		mc_buf_printf(b, "%s{\"date\":\"%.10s\"%s}", i > 0 ? "," : "",
		    list + i, rest);
}

static inline struct mc_calendar *
office(bool with_make_up)
{
	struct mc_buf b = { 0 };
	struct mc_calendar *cal;

	mc_buf_puts(&b,
	    "{\"schema\":\"motcua.calendar/1\",\"hours_per_day\":7.5,"
	    "\"known_until\":\"2026-12-31\",\"weekly\":{"
	    "\"mon\":[\"07:30-11:30\",\"13:30-17:00\"],"
	    "\"tue\":[\"07:30-11:30\",\"13:30-17:00\"],"
	    "\"wed\":[\"07:30-11:30\",\"13:30-17:00\"],"
	    "\"thu\":[\"07:30-11:30\",\"13:30-17:00\"],"
	    "\"fri\":[\"07:30-11:30\",\"13:30-17:00\"]},\"days_off\":[");
	put_list(&b, days_off, ",\"name\":\"Nghỉ lễ\",\"basis\":\"TB\"");
	mc_buf_puts(&b, "],\"working_days\":[");
	if (with_make_up)
		put_list(&b, make_up, ",\"as\":\"mon\",\"name\":\"Làm bù\"");
	mc_buf_puts(&b, "]}");
	cal = office_calendar(mc_buf_str(&b), vn);
	mc_buf_free(&b);
	return cal;
}

static inline int64_t
at(const char *text)
{
	struct mc_err err = MC_ERR_INIT;
	int64_t ms = MC_NEVER;

	if (mc_time_parse(&ms, mc_str(text), vn, NULL, NULL, &err) == -1)
		printf("# %s\n", err.msg);
	return ms;
}

static inline struct mc_term
term(const char *text)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_term t = { MC_TERM_NONE, 0 };

	if (mc_term_parse(&t, mc_str(text), &err) == -1)
		printf("# %s\n", err.msg);
	return t;
}

static inline const char *
show(int64_t ms)
{
	static struct mc_buf b[4];
	static int turn;
	struct mc_buf *p = &b[turn++ % 4];

	mc_buf_reset(p);
	if (ms == MC_NEVER)
		mc_buf_puts(p, "never");
	else
		mc_time_put(p, ms, vn);
	if (p->len > 16)
		p->p[16] = '\0';
	return mc_buf_str(p);
}

/* "eod next" and so on: a policy in short. */
static inline struct mc_policy
policy(const char *words)
{
	struct mc_policy p = mc_policy_default;

	if (strstr(words, "clock") != NULL)
		p.due_time = MC_DUE_SAME_TIME;
	if (strstr(words, "midnight") != NULL)
		p.due_time = MC_DUE_MIDNIGHT;
	if (strstr(words, "asis") != NULL)
		p.late_intake = MC_INTAKE_AS_IS;
	if (strstr(words, "calendar") != NULL)
		p.pause = MC_PAUSE_EXTEND_CALENDAR;
	if (strstr(words, "restart") != NULL)
		p.pause = MC_PAUSE_RESTART;
	if (strstr(words, "none") != NULL)
		p.pause = MC_PAUSE_NONE;
	if (strstr(words, "instant") != NULL)
		p.verdict = MC_VERDICT_INSTANT;
	if (strstr(words, "cutoff") != NULL)
		p.cutoff = 900;
	return p;
}

/* Opens the zone; false with a "Bail out!" where there is none. */
static inline bool
due_begin(void)
{
	struct mc_err err = MC_ERR_INIT;

	if (mc_zone_open(&vn, "Asia/Ho_Chi_Minh", &err) == 0)
		return true;
	printf("Bail out! %s\n", err.msg);
	return false;
}

static inline int
due_end(void)
{
	mc_zone_free(vn);
	return tap_done();
}

#endif
