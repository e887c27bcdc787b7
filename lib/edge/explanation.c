/* explanation.c - see motcua/explanation.h. */
#include <inttypes.h>
#include <string.h>

#include <motcua/explanation.h>
#include <motcua/text.h>

const char mc_explanation_columns[] =
    "code kind day n from to amount name basis rule commit path blob";

void
mc_explanation_record(void *arg, const struct mc_explain *e)
{
	const struct mc_explanation *x = arg;
	struct mc_out *o = x->out;

	mc_out_begin(o, "motcua.explain/1");
	mc_out_str(o, "code", x->code);
	mc_out_str(o, "kind", e->kind);
	mc_out_day(o, "day", e->day);
	if (e->n >= 0)
		mc_out_int(o, "n", e->n);
	else
		mc_out_null(o, "n");
	mc_out_time(o, "from", e->from);
	mc_out_time(o, "to", e->to);
	if (e->amount >= 0)
		mc_out_int(o, "amount", e->amount);
	else
		mc_out_null(o, "amount");
	mc_out_str(o, "name", e->name);
	mc_out_str(o, "basis", e->basis);
	mc_out_str(o, "rule", e->rule);
	mc_out_str(o, "commit", e->commit);
	mc_out_str(o, "path", e->path);
	mc_out_str(o, "blob", e->blob);
	mc_out_end(o);
}

/*
 * What a line says to people.  In the pattern %d is the day, %f and %t the
 * instants, %n the number (%k unpadded), %m the amount in minutes, %r the
 * rule, %N the name (%W it, or else the rule), %B the basis, %c %p %b commit,
 * path and blob.  What stands in [brackets] is left out when a value in it is
 * missing.
 */
static const struct {
	const char *kind, *pattern;
} says[] = {
	{ "procedure", "procedure    %N[, limit %r]\n"
		       "             %p in commit %c" },
	{ "case", "case         %r: %N" },
	{ "channel", "channel      %N; limits: %r" },
	{ "policy", "policy       %N" },
	{ "calendar", "calendar     %N[, known until %d]\n"
		      "             blob %b in commit %c" },
	{ "given", "  given      %t, not computed" },
	{ "computed",
	    "  computed   %t (due day %d), had it been counted[: %r]" },
	{ "differs",
	    "  differs    today's rules would give %t[ (%d)], in force "
	    "is %f: %r[; calendar then: %b]" },
	{ "recompute",
	    "recompute    %t (due day %d) by the calendar of today, %r[: %N]\n"
	    "             route plan --recompute | route apply -" },
	{ "no-apology", "days late    %k, and nobody has apologised" },
	{ "in-force", "in force     %t[ (due day %d)][, %r]" },
	{ "start", "  start      %f: the clock starts at %t (%r)" },
	{ "skip", "  %d           not counted: %W[ (%B)]" },
	{ "count", "  %d  %n" },
	{ "make-up", "  %d  %n  worked[: %N][ (%B)]" },
	{ "work", "  %d           %f to %t: %m minutes" },
	{ "roll", "  %d           falls on a day off, moves on" },
	{ "due", "  due        %t (due day %d)[ by %r]" },
	{ "pause", "  pause      %f to %t[: adds %m minutes of working time][: "
		   "adds %k days]" },
	{ "restart", "  restart    the whole limit anew from %t" },
	{ "provisional", "  provisional: the calendar is known until %d" },
};

static void
put_minutes(struct mc_buf *b, int64_t ms)
{
	mc_buf_int(b, ms / 60000);
}

/* One value of the pattern; false: there is none. */
static bool
put_value(const struct mc_explanation *x, struct mc_buf *b, char c,
    const struct mc_explain *e)
{
	const struct mc_zone *zone = x->zone;
	const char *s = c == 'r'   ? e->rule
			: c == 'N' ? e->name
			: c == 'W' ? (e->name != NULL ? e->name : e->rule)
			: c == 'B' ? e->basis
			: c == 'c' ? e->commit
			: c == 'p' ? e->path
			: c == 'b' ? e->blob
				   : NULL;
	int64_t at = c == 'f' ? e->from : e->to;
	size_t n;

	switch (c) {
	case 'd':
		if (e->day != MC_NODAY)
			mc_day_put_human(b, e->day);
		return e->day != MC_NODAY;
	case 'n':
		mc_buf_printf(b, "%9" PRId64, e->n);
		return e->n >= 0;
	case 'k':
		mc_buf_int(b, e->n);
		return e->n >= 0;
	case 'm':
		put_minutes(b, e->amount);
		return e->amount >= 0;
	case 'f':
	case 't':
		if (at != MC_NEVER)
			mc_time_put_human(b, at, zone);
		else
			mc_buf_puts(b, "none");
		return at != MC_NEVER;
	default:
		/* Of an object id people need the beginning. */
		n = s == NULL              ? 0
		    : c == 'c' || c == 'b' ? strnlen(s, 12)
					   : strlen(s);
		mc_text_safe(b, s, n);
		return s != NULL;
	}
}

static void
put_pattern(const struct mc_explanation *x, struct mc_buf *b, const char *p,
    const struct mc_explain *e)
{
	size_t mark = 0;
	bool optional = false, whole = true, there;

	for (; *p != '\0'; p++) {
		if (*p == '[') {
			optional = whole = true;
			mark = b->len;
		} else if (*p == ']') {
			if (!whole)
				b->len = mark;
			optional = false;
		} else if (*p == '%') {
			there = put_value(x, b, *++p, e);
			whole = whole && (there || !optional);
		} else {
			mc_buf_putc(b, *p);
		}
	}
}

void
mc_explanation_text(void *arg, const struct mc_explain *e)
{
	const struct mc_explanation *x = arg;
	struct mc_buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		if (strcmp(says[i].kind, e->kind) == 0)
			break;
	if (i < sizeof(says) / sizeof(says[0])) {
		put_pattern(x, &b, says[i].pattern, e);
	} else {
		/* An event. */
		mc_buf_printf(&b, "%-12s ", e->kind);
		put_pattern(x, &b, "%f[ by %N][ (%B)][: %r]", e);
	}
	mc_buf_putc(&b, '\n');
	mc_out_puts(x->out, mc_buf_str(&b));
	mc_buf_free(&b);
}
