/* Thresholds, the plugin's line, and what is safe in it. */
#include <motcua/metrics.h>

#include "tap.h"

/* Range, a number, does it alert? */
static const struct {
	const char *range;
	int64_t n;
	bool alert;
} good[] = {
	{ "0", 0, false },
	{ "0", 1, true },
	{ "10", 10, false },
	{ "10", 11, true },
	{ "10", -1, true },
	{ "10:", 9, true },
	{ "10:", 10, false },
	{ "10:", INT32_MAX, false },
	{ "~:10", -5, false },
	{ "~:10", 10, false },
	{ "~:10", 11, true },
	{ "10:20", 9, true },
	{ "10:20", 10, false },
	{ "10:20", 20, false },
	{ "10:20", 21, true },
	{ "@10:20", 9, false },
	{ "@10:20", 10, true },
	{ "@10:20", 20, true },
	{ "@10:20", 21, false },
	{ "@0", 0, true },
	{ "@0", 1, false },
	{ ":", 5, false },
	{ ":5", 5, false },
	{ ":5", 6, true },
	{ "-3:-1", -2, false },
	{ "-3:-1", 0, true },
	{ "0.5", 0, false },
	{ "0.5", 1, true },
	{ "0.999:1.001", 1, false },
	{ "999999999999", 999999999999, false },
};

static const char *const bad[] = { "", "@", "~", "~:", "a", "1a", "1 ", " 1",
	"1:2:3", "20:10", "1..2", ".5", "1.2345", "+1", "1e3", "--1",
	"9999999999999", "@@1", "10:~", "0x1", "1;2", "1|2" };

static void
thresholds(void)
{
	struct mc_threshold t;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].range);
		OK(mc_threshold_parse(&t, good[i].range));
		IS(mc_threshold_alert(&t, good[i].n), good[i].alert);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i]);
		OK(!mc_threshold_parse(&t, bad[i]));
	}
	TAP_ROW(NULL);
}

#define BOTH (1u << MC_OVERDUE | 1u << MC_DUE_SOON)
#define NOON INT64_C(1767243600000) /* 2026-01-01T05:00:00Z */

static enum mc_plugin
line(struct mc_buf *b, struct mc_metrics *m, const char *warning,
    const char *critical, const struct mc_zone *zone)
{
	struct mc_threshold w, c;

	m->zone = zone;
	m->now = NOON;
	mc_buf_reset(b);
	if (!mc_threshold_parse(&w, warning) ||
	    !mc_threshold_parse(&c, critical))
		return MC_PLUGIN_UNKNOWN;
	return mc_metrics_plugin(
	    b, m, &w, &c, (struct mc_term){ MC_TERM_WORKING_DAYS, 2000 });
}

static void
plugin(const struct mc_zone *zone)
{
	const struct mc_watch_known office = { "calendars/office.json", 20453 };
	struct mc_watch_sum sum = { .n = { 0, 0, 5, 1 } };
	struct mc_metrics m = { .sum = &sum,
		.n = 1,
		.states = BOTH,
		.health.last_at = NOON - 90500 };
	struct mc_buf b = { 0 };

	IS(line(&b, &m, "0", "0", zone), MC_PLUGIN_OK);
	IS_STR(b.p, "SLA OK - 0 overdue, 0 due soon | 'overdue'=0;;0;0; "
		    "'due_soon'=0;0;;0; 'no_apology'=0;;;0; "
		    "'provisional'=0;;;0; 'max_late_days'=0;;;0; "
		    "'last_event_age'=90s;;;0;\n");
	sum.n[MC_DUE_SOON] = 3;
	IS(line(&b, &m, "0", "0", zone), MC_PLUGIN_WARNING);
	IS(line(&b, &m, "@5:", "0", zone), MC_PLUGIN_OK);
	sum.n[MC_OVERDUE] = 2;
	sum.no_apology = 1;
	sum.provisional = 4;
	m.states |= 1u << MC_IN_TIME | 1u << MC_PAUSED;
	m.unit = "H42|67\n\x1b";
	m.steps = true;
	IS(line(&b, &m, "5", "~:1", zone), MC_PLUGIN_CRITICAL);
	IS_STR(b.p,
	    "SLA CRITICAL - H42/67\xef\xbf\xbd\xef\xbf\xbd, steps: 2 overdue, "
	    "3 due soon, 5 in time, 1 paused, 1 late without apology, 4 with "
	    "a provisional deadline | 'overdue'=2;;~:1;0; "
	    "'due_soon'=3;5;;0; 'in_time'=5;;;0; 'paused'=1;;;0; "
	    "'no_apology'=1;;;0; 'provisional'=4;;;0; 'max_late_days'=0;;;0; "
	    "'last_event_age'=90s;;;0;\n");
	/* What cannot be known is not critical. */
	m.unit = NULL;
	m.steps = false;
	m.states = BOTH;
	m.health.stale = true;
	m.health.over = &office;
	IS(line(&b, &m, "0", "0", zone), MC_PLUGIN_UNKNOWN);
	OK(strncmp(b.p,
	       "SLA UNKNOWN - the last event, of 01/01/2026 04:58, is more "
	       "than 2 working days old; the calendar \"office\" is known "
	       "until 31/12/2025 only; 2 overdue, 3 due soon, 1 late ",
	       80) == 0);
	OK(strstr(b.p,
	       "\"office\" is known until 31/12/2025 only; 2 overdue") != NULL);
	/* An event of the future is no negative age. */
	m.health.last_at = NOON + 5000;
	line(&b, &m, "0", "0", zone);
	OK(strstr(b.p, "'last_event_age'=0s;") != NULL);
	mc_buf_reset(&b);
	mc_metrics_unknown(&b, MC_STR("a|b\nc"));
	IS_STR(b.p, "SLA UNKNOWN - a/b\xef\xbf\xbd"
		    "c\n");
	mc_buf_free(&b);
}

static void
prometheus(const struct mc_zone *zone)
{
	const struct mc_watch_known known[] = {
		{ "calendars/office.json", 20453 }, { "old", MC_NODAY }
	};
	const struct mc_watch_sum sum[] = {
		{ .unit = "a\"b\\c\n", .n = { 1, 2, 0, 0 }, .late_ms = 7999 },
		{ .n = { 1, 2, 0, 0 } },
	};
	const struct mc_metrics m = { .sum = sum,
		.n = 2,
		.states = BOTH,
		.now = NOON,
		.zone = zone,
		.health = {
		    .last_at = NOON - 1, .known = known, .nknown = 2 } };
	struct mc_buf b = { 0 };

	mc_metrics_prometheus(&b, &m);
	OK(strstr(b.p, "\nmotcua_dossiers{unit=\"a\\\"b\\\\c\xef\xbf\xbd\","
		       "state=\"overdue\"} 1\nmotcua_dossiers{") != NULL);
	OK(strstr(b.p, "state=\"paused\"") == NULL);
	OK(strstr(b.p, "\nmotcua_log_last_event_timestamp_seconds "
		       "1767243599.999\n") != NULL);
	OK(strstr(b.p, "\nmotcua_calendar_known_until_timestamp_seconds{"
		       "calendar=\"office\"} 1767225600\n") != NULL);
	OK(strstr(b.p, "\"old\"") == NULL);
	OK(strstr(b.p, "_overdue_seconds_max{unit=\"a\\\"b\\\\c\xef\xbf\xbd"
		       "\"} 7\n") != NULL);
	OK(strstr(b.p, "motcua_sla_check_timestamp_seconds 1767243600\n") !=
	    NULL);
	mc_buf_free(&b);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_zone *zone;

	thresholds();
	if (mc_zone_open(&zone, "UTC", &err) == -1)
		return 1;
	plugin(zone);
	prometheus(zone);
	mc_zone_free(zone);
	return tap_done();
}
