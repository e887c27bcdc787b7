/*
 * metrics.h - deadlines for monitoring: a plugin's line, Prometheus' text.
 *
 * Pure text: what mc_watch_sums() and mc_watch_health() found, in the forms
 * of the monitoring-plugins guidelines and of Prometheus' textfile collector.
 * Never personal data.
 */
#ifndef MOTCUA_METRICS_H
#define MOTCUA_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/term.h>
#include <motcua/watch.h>
#include <motcua/when.h>

/*
 * A threshold: "10" (alert outside 0..10), "10:" (below 10), "~:10" (above),
 * "10:20" (outside), "@10:20" (inside).  Numbers have at most 12 digits
 * before and 3 after the point.
 */
struct mc_threshold {
	bool inside;        /* '@' */
	int64_t start, end; /* thousandths; INT64_MIN and MAX: no bound */
	const char *text;   /* as it was given, borrowed */
};
bool mc_threshold_parse(struct mc_threshold *out, const char *s);
bool mc_threshold_alert(const struct mc_threshold *r, int64_t n);

/* What a plugin exits with. */
enum mc_plugin {
	MC_PLUGIN_OK,
	MC_PLUGIN_WARNING,
	MC_PLUGIN_CRITICAL,
	MC_PLUGIN_UNKNOWN
};

struct mc_metrics {
	const struct mc_watch_sum *sum; /* the last is all together */
	size_t n;
	struct mc_watch_health health;
	bool steps;       /* they are counted, not dossiers */
	unsigned states;  /* those that were looked at */
	const char *unit; /* the selection; NULL: everything */
	int64_t now;
	const struct mc_zone *zone;
};

/*
 * One line.  WARNING when what is due soon alerts, CRITICAL when what is
 * overdue does; UNKNOWN when the log is stale or a calendar has ended.
 */
enum mc_plugin mc_metrics_plugin(struct mc_buf *b, const struct mc_metrics *m,
    const struct mc_threshold *warning, const struct mc_threshold *critical,
    struct mc_term stale);
/* The line of trouble: one, whatever the text has in it. */
void mc_metrics_unknown(struct mc_buf *b, struct mc_str text);

void mc_metrics_prometheus(struct mc_buf *b, const struct mc_metrics *m);

#endif
