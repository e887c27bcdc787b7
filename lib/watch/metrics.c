/* metrics.c - see motcua/metrics.h. */
#include <inttypes.h>
#include <string.h>

#include <motcua/metrics.h>
#include <motcua/text.h>

/* ---- thresholds ---- */

#define DIGITS 12
#define MILLI 1000

/* "-12.5" as thousandths; *s moves behind it. */
static bool
read_number(int64_t *out, const char **s)
{
	const char *p = *s;
	bool minus = *p == '-';
	int64_t n = 0, unit = MILLI;
	int digits = 0;

	for (p += minus; *p >= '0' && *p <= '9'; p++) {
		if (++digits > DIGITS)
			return false;
		n = n * 10 + (*p - '0');
	}
	n *= MILLI;
	if (digits > 0 && *p == '.')
		for (p++, digits = 0; *p >= '0' && *p <= '9'; p++) {
			if (++digits > 3)
				return false;
			unit /= 10;
			n += (*p - '0') * unit;
		}
	*out = minus ? -n : n;
	*s = p;
	return digits > 0;
}

bool
mc_threshold_parse(struct mc_threshold *out, const char *s)
{
	struct mc_threshold r = { .start = 0, .end = INT64_MAX, .text = s };

	r.inside = *s == '@';
	s += r.inside;
	if (*s == '~' && s[1] == ':') {
		r.start = INT64_MIN;
		s += 2;
		if (*s == '\0')
			return false; /* everything */
	} else if (strchr(s, ':') != NULL) {
		if (*s != ':' && !read_number(&r.start, &s))
			return false;
		if (*s++ != ':')
			return false;
	}
	if (*s != '\0' && !read_number(&r.end, &s))
		return false;
	/* "" and "@" say nothing. */
	if (*s != '\0' || s == r.text || s[-1] == '@' || r.start > r.end)
		return false;
	*out = r;
	return true;
}

bool
mc_threshold_alert(const struct mc_threshold *r, int64_t n)
{
	int64_t milli = n * MILLI;

	return (milli >= r->start && milli <= r->end) == r->inside;
}

/* ---- the plugin ---- */

/* No control character, no line's end, no second '|'. */
static void
put_plain(struct mc_buf *b, const char *s, size_t n)
{
	size_t at = b->len;

	mc_text_safe(b, s, n);
	for (; at < b->len; at++)
		if (b->p[at] == '|')
			b->p[at] = '/';
}

void
mc_metrics_unknown(struct mc_buf *b, struct mc_str text)
{
	mc_buf_puts(b, "SLA UNKNOWN - ");
	put_plain(b, text.p, text.len);
	mc_buf_putc(b, '\n');
}

/* "calendars/office.json": people call it office. */
static struct mc_str
calendar_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot;

	path = slash == NULL ? path : slash + 1;
	dot = strrchr(path, '.');
	return dot == NULL ? mc_str(path)
			   : (struct mc_str){ path, (size_t)(dot - path) };
}

/* Why the answer cannot be relied on; false when it can. */
static bool
put_doubt(struct mc_buf *b, const struct mc_metrics *m, struct mc_term stale)
{
	const struct mc_watch_health *h = &m->health;
	struct mc_str name;

	if (h->stale) {
		mc_buf_puts(b, "the last event, of ");
		mc_time_put_human(b, h->last_at, m->zone);
		mc_buf_puts(b, ", is more than ");
		mc_term_put(b, stale);
		mc_buf_puts(b, " old; ");
	}
	if (h->over != NULL) {
		name = calendar_name(h->over->calendar);
		mc_buf_puts(b, "the calendar \"");
		put_plain(b, name.p, name.len);
		mc_buf_puts(b, "\" is known until ");
		mc_day_put_human(b, h->over->until);
		mc_buf_puts(b, " only; ");
	}
	return h->stale || h->over != NULL;
}

static bool
looked_at(const struct mc_metrics *m, enum mc_state s)
{
	return (m->states >> s & 1) != 0;
}

static void
put_summary(struct mc_buf *b, const struct mc_metrics *m)
{
	static const char *const name[] = { "overdue", "due soon", "in time",
		"paused" };
	const struct mc_watch_sum *all = &m->sum[m->n - 1];
	bool first = true;
	int s;

	if (m->unit != NULL) {
		put_plain(b, m->unit, strlen(m->unit));
		mc_buf_puts(b, m->steps ? ", " : ": ");
	}
	if (m->steps)
		mc_buf_puts(b, "steps: ");
	for (s = 0; s < MC_STATES; s++) {
		if (!looked_at(m, (enum mc_state)s))
			continue;
		mc_buf_printf(b, "%s%" PRId64 " %s", first ? "" : ", ",
		    all->n[s], name[s]);
		first = false;
	}
	if (all->no_apology > 0)
		mc_buf_printf(
		    b, ", %" PRId64 " late without apology", all->no_apology);
	if (all->provisional > 0)
		mc_buf_printf(b, ", %" PRId64 " with a provisional deadline",
		    all->provisional);
}

/* label=value[UOM];[warn];[crit];[min];[max] */
static void
put_perf(struct mc_buf *b, const char *label, int64_t value, const char *uom,
    const char *warn, const char *crit)
{
	mc_buf_printf(
	    b, " '%s'=%" PRId64 "%s;%s;%s;0;", label, value, uom, warn, crit);
}

static void
put_perfdata(struct mc_buf *b, const struct mc_metrics *m,
    const struct mc_threshold *warning, const struct mc_threshold *critical)
{
	static const char *const label[] = { "overdue", "due_soon", "in_time",
		"paused" };
	const struct mc_watch_sum *all = &m->sum[m->n - 1];
	int64_t age = m->now - m->health.last_at;
	int s;

	mc_buf_puts(b, " |");
	for (s = 0; s < MC_STATES; s++)
		if (looked_at(m, (enum mc_state)s))
			put_perf(b, label[s], all->n[s], "",
			    s == MC_DUE_SOON ? warning->text : "",
			    s == MC_OVERDUE ? critical->text : "");
	put_perf(b, "no_apology", all->no_apology, "", "", "");
	put_perf(b, "provisional", all->provisional, "", "", "");
	put_perf(b, "max_late_days", all->late_days, "", "", "");
	put_perf(b, "last_event_age", age < 0 ? 0 : age / 1000, "s", "", "");
}

enum mc_plugin
mc_metrics_plugin(struct mc_buf *b, const struct mc_metrics *m,
    const struct mc_threshold *warning, const struct mc_threshold *critical,
    struct mc_term stale)
{
	static const char *const name[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	const struct mc_watch_sum *all = &m->sum[m->n - 1];
	struct mc_buf doubt = { 0 };
	enum mc_plugin rc = MC_PLUGIN_OK;

	if (put_doubt(&doubt, m, stale))
		rc = MC_PLUGIN_UNKNOWN;
	else if (mc_threshold_alert(critical, all->n[MC_OVERDUE]))
		rc = MC_PLUGIN_CRITICAL;
	else if (mc_threshold_alert(warning, all->n[MC_DUE_SOON]))
		rc = MC_PLUGIN_WARNING;
	mc_buf_printf(b, "SLA %s - %s", name[rc], mc_buf_str(&doubt));
	put_summary(b, m);
	put_perfdata(b, m, warning, critical);
	mc_buf_putc(b, '\n');
	mc_buf_free(&doubt);
	return rc;
}

/* ---- Prometheus ---- */

/* The value of a label: its three escapes, and nothing that no text has. */
static void
put_label(struct mc_buf *b, const char *s, size_t n)
{
	struct mc_buf safe = { 0 };
	size_t i;

	mc_text_safe(&safe, s, n);
	for (i = 0; i < safe.len; i++) {
		if (safe.p[i] == '\\' || safe.p[i] == '"')
			mc_buf_putc(b, '\\');
		mc_buf_putc(b, safe.p[i]);
	}
	mc_buf_free(&safe);
}

/* In the help, '%' stands for what is counted. */
static void
put_head(struct mc_buf *b, const char *name, const char *suffix,
    const char *help, const char *what)
{
	mc_buf_printf(b, "# HELP motcua_%s%s ", name, suffix);
	for (; *help != '\0'; help++)
		if (*help == '%')
			mc_buf_puts(b, what);
		else
			mc_buf_putc(b, *help);
	mc_buf_printf(b, "\n# TYPE motcua_%s%s gauge\n", name, suffix);
}

static void
put_unit(struct mc_buf *b, const char *name, const char *suffix,
    const struct mc_watch_sum *s)
{
	mc_buf_printf(b, "motcua_%s%s{unit=\"", name, suffix);
	put_label(b, s->unit, strlen(s->unit));
	mc_buf_putc(b, '"');
}

static void
put_states(struct mc_buf *b, const struct mc_metrics *m, const char *name)
{
	const struct mc_watch_sum *u;
	size_t i;
	int s;

	put_head(b, name, "",
	    "Open % by receiving unit and state of the deadline.", name);
	for (i = 0; i + 1 < m->n; i++)
		for (s = 0; s < MC_STATES; s++) {
			u = &m->sum[i];
			if (!looked_at(m, (enum mc_state)s))
				continue;
			put_unit(b, name, "", u);
			mc_buf_printf(b, ",state=\"%s\"} %" PRId64 "\n",
			    mc_state_name((enum mc_state)s), u->n[s]);
		}
}

static int64_t
provisional(const struct mc_watch_sum *s)
{
	return s->provisional;
}

static int64_t
no_apology(const struct mc_watch_sum *s)
{
	return s->no_apology;
}

static int64_t
late_seconds(const struct mc_watch_sum *s)
{
	return s->late_ms / 1000;
}

static void
put_units(struct mc_buf *b, const struct mc_metrics *m, const char *name)
{
	static const struct {
		const char *suffix, *help;
		int64_t (*value)(const struct mc_watch_sum *s);
	} metric[] = {
		{ "_provisional",
		    "Open % whose deadline leans on days that the calendar "
		    "does not know yet.",
		    provisional },
		{ "_late_without_apology",
		    "Open % that are late, and nobody has apologised.",
		    no_apology },
		{ "_overdue_seconds_max",
		    "Time since the latest of the open % was due, 0 when none "
		    "is overdue.",
		    late_seconds },
	};
	size_t i, k;

	for (k = 0; k < sizeof(metric) / sizeof(metric[0]); k++) {
		put_head(b, name, metric[k].suffix, metric[k].help, name);
		for (i = 0; i + 1 < m->n; i++) {
			put_unit(b, name, metric[k].suffix, &m->sum[i]);
			mc_buf_printf(
			    b, "} %" PRId64 "\n", metric[k].value(&m->sum[i]));
		}
	}
}

static void
put_seconds(struct mc_buf *b, int64_t ms)
{
	mc_buf_int(b, ms / 1000);
	if (ms % 1000 != 0)
		mc_buf_printf(b, ".%03d", (int)(ms % 1000));
	mc_buf_putc(b, '\n');
}

static void
put_times(struct mc_buf *b, const struct mc_metrics *m)
{
	const struct mc_watch_known *k;
	struct mc_str name;
	size_t i;

	put_head(b, "log_last_event", "_timestamp_seconds",
	    "When the last event was recorded.", "");
	mc_buf_puts(b, "motcua_log_last_event_timestamp_seconds ");
	put_seconds(b, m->health.last_at);
	put_head(b, "calendar_known_until", "_timestamp_seconds",
	    "End of the last day that the calendar knows.", "");
	for (i = 0; i < m->health.nknown; i++) {
		k = &m->health.known[i];
		if (k->until == MC_NODAY)
			continue;
		mc_buf_puts(b, "motcua_calendar_known_until_timestamp_seconds{"
			       "calendar=\"");
		name = calendar_name(k->calendar);
		put_label(b, name.p, name.len);
		mc_buf_puts(b, "\"} ");
		put_seconds(b, mc_zone_instant(m->zone, k->until + 1, 0));
	}
	put_head(
	    b, "sla_check", "_timestamp_seconds", "When this was made.", "");
	mc_buf_puts(b, "motcua_sla_check_timestamp_seconds ");
	put_seconds(b, m->now);
}

void
mc_metrics_prometheus(struct mc_buf *b, const struct mc_metrics *m)
{
	const char *name = m->steps ? "steps" : "dossiers";

	put_states(b, m, name);
	put_units(b, m, name);
	put_times(b, m);
}
