/* impact_report.c - see motcua/impact_report.h. */
#include <motcua/impact_report.h>
#include <motcua/text.h>

static void
put_term(struct mc_out *out, const char *name, struct mc_term term)
{
	struct mc_buf b = { 0 };
	bool has = term.unit != MC_TERM_NONE;

	if (has)
		mc_term_put(&b, term);
	mc_out_str(out, name, has ? mc_buf_str(&b) : NULL);
	mc_buf_free(&b);
}

static int
put_row(struct mc_store *s, struct mc_out *out, const struct mc_impact_row *r,
    struct mc_err *err)
{
	struct mc_buf code = { 0 };

	if (mc_store_code(s, r->id, &code, err) == -1)
		return -1;
	mc_out_begin(out, "motcua.impact/1");
	mc_out_str(out, "code", mc_buf_str(&code));
	mc_out_str(out, "procedure", r->procedure);
	mc_out_str(out, "unit", r->unit);
	mc_out_str(out, "cause", mc_cause_name(r->cause));
	mc_out_time(out, "due_at", r->due.at);
	mc_out_day(out, "due_day", r->due.day);
	mc_out_time(out, "new_due_at", r->new_due.at);
	mc_out_day(out, "new_due_day", r->new_due.day);
	mc_out_bool(out, "provisional", r->new_due.provisional);
	mc_out_str(out, "state", mc_state_name(r->state));
	mc_out_str(out, "new_state", mc_state_name(r->new_state));
	put_term(out, "limit", r->limit);
	put_term(out, "new_limit", r->new_limit);
	mc_out_str(out, "calendar", r->calendar);
	if (r->route != NULL)
		mc_out_json(out, "route", mc_str(r->route));
	else
		mc_out_null(out, "route");
	mc_out_end(out);
	mc_buf_free(&code);
	return 0;
}

static void
put_count(
    struct mc_out *out, enum mc_impact_by by, const struct mc_impact_count *c)
{
	mc_out_begin(out, "motcua.impact-count/1");
	mc_out_str(out, "by", by == MC_IMPACT_UNIT ? "unit" : "procedure");
	mc_out_str(out, "key", c->key);
	mc_out_int(out, "open", c->open);
	mc_out_int(out, "later", c->later);
	mc_out_int(out, "earlier", c->earlier);
	mc_out_int(out, "becoming_late", c->late);
	mc_out_int(out, "ceasing_late", c->not_late);
	mc_out_int(out, "same_due", c->definite);
	mc_out_int(out, "pinned", c->pinned);
	mc_out_int(out, "routes", c->routes);
	mc_out_end(out);
}

int
mc_impact_write(struct mc_impact *im, struct mc_store *s, enum mc_impact_by by,
    struct mc_out *out, struct mc_err *err)
{
	const struct mc_impact_count *c;
	const struct mc_impact_row *r;
	size_t i, n = 0;

	mc_out_columns(out,
	    by != MC_IMPACT_ALL
		? "by key open later earlier becoming_late ceasing_late "
		  "same_due pinned routes"
		: "code procedure unit cause due_at due_day new_due_at "
		  "new_due_day provisional state new_state limit new_limit "
		  "calendar route");
	if (by != MC_IMPACT_ALL)
		mc_impact_counts(im, by, &c, &n);
	for (i = 0; i < n; i++)
		put_count(out, by, &c[i]);
	while (by == MC_IMPACT_ALL && mc_impact_next(im, &r))
		if (put_row(s, out, r, err) == -1)
			return -1;
	return 0;
}

#define IMPACT_LINES 20 /* of procedures and of units in the summary */

static void
say_by(struct mc_impact *im, struct mc_cli *cli, enum mc_impact_by by,
    const char *label)
{
	const struct mc_impact_count *c;
	size_t i, n, told = 0;

	mc_impact_counts(im, by, &c, &n);
	for (i = 0; i < n && told < IMPACT_LINES; i++) {
		if (c[i].later + c[i].earlier == 0)
			continue;
		told++;
		mc_cli_note(cli,
		    _("  %s %s: %lld later, %lld earlier; %lld become late, "
		      "%lld stop being late"),
		    label, c[i].key, (long long)c[i].later,
		    (long long)c[i].earlier, (long long)c[i].late,
		    (long long)c[i].not_late);
	}
	if (i < n)
		mc_cli_note(cli, _("  ... all of them: --by=%s"), label);
}

void
mc_impact_say(struct mc_impact *im, struct mc_cli *cli)
{
	const struct mc_impact_count *c;
	size_t n;

	mc_impact_counts(im, MC_IMPACT_ALL, &c, &n);
	mc_cli_note(cli,
	    _("of %lld open dossiers %lld would be due later, %lld earlier; "
	      "%lld become late, %lld stop being late"),
	    (long long)c->open, (long long)c->later, (long long)c->earlier,
	    (long long)c->late, (long long)c->not_late);
	if (c->definite > 0)
		mc_cli_note(cli,
		    _("%lld keep their due date, and whether it is "
		      "provisional changes"),
		    (long long)c->definite);
	if (c->pinned > 0)
		mc_cli_note(cli,
		    _("%lld stay pinned to another limit or policy than the "
		      "proposed one (cause limit, policy)"),
		    (long long)c->pinned);
	if (c->routes > 0)
		mc_cli_note(cli,
		    _("%lld would go another way to their end, or to another "
		      "unit (cause route, unit)"),
		    (long long)c->routes);
	say_by(im, cli, MC_IMPACT_PROCEDURE, "procedure");
	say_by(im, cli, MC_IMPACT_UNIT, "unit");
}
