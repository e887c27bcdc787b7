/* describe.c - see motcua/describe.h. */
#include <string.h>

#include <motcua/cli.h>
#include <motcua/describe.h>
#include <motcua/text.h>
#include <motcua/when.h>

/* Text padded to a width in columns, safe for a terminal. */
static void
put_cell(struct mc_buf *b, const char *s, size_t width)
{
	size_t n, len = s != NULL ? strlen(s) : 0;

	n = mc_text_width(s, len);
	mc_text_safe(b, s != NULL ? s : "", len);
	for (; n < width; n++)
		mc_buf_putc(b, ' ');
}

static void
put_line(struct mc_buf *b, const char *label, const char *s)
{
	if (s == NULL || *s == '\0')
		return;
	mc_buf_printf(b, "  %-12s", label);
	put_cell(b, s, 0);
	mc_buf_putc(b, '\n');
}

static void
put_next(struct mc_buf *b, const struct mc_procedure *p, int step)
{
	const struct mc_json *next =
	    mc_json_get(mc_json_at(p->steps_doc, (size_t)step), "next");
	const struct mc_step *s = &p->step[step];
	const struct mc_branch *br;
	struct mc_buf when = { 0 };
	int i, k;

	for (i = 0; i < s->branches; i++) {
		br = &s->branch[i];
		mc_buf_printf(b, "%17s-> ", "");
		for (k = 0; k < br->targets; k++) {
			mc_buf_puts(b, k > 0 ? " + " : "");
			put_cell(b, p->step[br->target[k]].id, 0);
		}
		if (br->when != NULL) {
			mc_buf_puts(b, _("  when "));
			mc_buf_reset(&when);
			mc_condition_put(&when,
			    mc_json_get(mc_json_at(next, (size_t)i), "when"),
			    0);
			put_cell(b, when.p, 0);
		} else if (s->branches > 1) {
			mc_buf_puts(b, _("  otherwise"));
		}
		mc_buf_putc(b, '\n');
	}
	mc_buf_free(&when);
}

static void
put_expires(
    struct mc_buf *b, const struct mc_procedure *p, const struct mc_step *s)
{
	struct mc_buf term = { 0 };

	if (s->expires.to == -1)
		return;
	mc_term_put(&term, s->expires.after);
	mc_buf_printf(b, _("%17s-> %s  after %s without an answer"), "",
	    p->step[s->expires.to].id, term.p);
	if (s->expires.basis != NULL) {
		mc_buf_puts(b, " (");
		put_cell(b, s->expires.basis, 0);
		mc_buf_putc(b, ')');
	}
	mc_buf_putc(b, '\n');
	mc_buf_free(&term);
}

static void
put_steps(struct mc_buf *b, const struct mc_procedure *p)
{
	const struct mc_step *s;
	struct mc_buf term = { 0 };
	int i;

	mc_buf_puts(b, _("\nSteps\n"));
	for (i = 0; i < p->steps; i++) {
		s = &p->step[i];
		mc_buf_printf(b, "  %3d  ", i + 1);
		put_cell(b, s->id, 14);
		put_cell(b, " ", 1);
		put_cell(b, s->title, 0);
		mc_buf_printf(b, "\n%17s", "");
		put_cell(b, s->role != NULL ? s->role : "-", 0);
		if (s->unit != NULL) {
			mc_buf_puts(b, _(" at "));
			put_cell(b, s->unit, 0);
		}
		if (s->has_limit) {
			mc_buf_reset(&term);
			mc_term_put(&term, s->limit);
			mc_buf_printf(b, ", %s", term.p);
		}
		mc_buf_puts(b, s->join_all ? _(", waits for all") : "");
		if (s->assign != MC_ASSIGN_NONE)
			mc_buf_printf(
			    b, _(", given by %s"), mc_assign_name(s->assign));
		mc_buf_puts(b, s->waits ? _(", waits for the children") : "");
		mc_buf_puts(b, s->final ? _(", final\n") : "\n");
		put_next(b, p, i);
		put_expires(b, p, s);
	}
	mc_buf_free(&term);
}

static void
put_documents(struct mc_buf *b, const struct mc_procedure *p)
{
	int i;

	mc_buf_puts(b, p->n_documents > 0 ? _("\nDocuments\n") : "");
	for (i = 0; i < p->n_documents; i++) {
		mc_buf_printf(b, "  %3d x  ", p->documents[i].copies);
		put_cell(b, p->documents[i].title, 0);
		mc_buf_puts(
		    b, p->documents[i].required ? "\n" : _(" (if any)\n"));
	}
	mc_buf_puts(b, p->n_fees > 0 ? _("\nFees (đồng)\n") : "");
	for (i = 0; i < p->n_fees; i++) {
		mc_buf_printf(b, "  %10lld  ", (long long)p->fees[i].amount);
		put_cell(b, p->fees[i].title, 0);
		mc_buf_putc(b, '\n');
	}
}

static void
put_lists(struct mc_buf *b, const struct mc_procedure *p)
{
	static const char *const types[] = { "text", "integer", "decimal",
		"date", "boolean" };
	int i;

	mc_buf_puts(b, p->n_fields > 0 ? _("\nFields\n") : "");
	for (i = 0; i < p->n_fields; i++) {
		mc_buf_puts(b, "  ");
		put_cell(b, p->fields[i].name, 20);
		mc_buf_printf(b, " %-8s ", types[p->fields[i].type]);
		put_cell(b, p->fields[i].title, 0);
		mc_buf_puts(b, p->fields[i].public ? _(" (public)\n") : "\n");
	}
	mc_buf_puts(b, p->legal_bases > 0 ? _("\nLegal basis\n") : "");
	for (i = 0; i < p->legal_bases; i++) {
		mc_buf_puts(b, "  ");
		put_cell(b, p->legal_basis[i], 0);
		mc_buf_putc(b, '\n');
	}
}

/* What a case has of its own; its steps are shown by --case. */
static void
put_case(struct mc_buf *b, const struct mc_procedure_case *c,
    const struct mc_json *doc)
{
	const struct mc_procedure *p = c->as;
	const struct mc_json *when = mc_json_get(doc, "when");
	struct mc_buf s = { 0 };
	int i;

	mc_buf_puts(b, "  ");
	put_cell(b, c->id, 14);
	put_cell(b, " ", 1);
	put_cell(b, c->title, 0);
	mc_buf_printf(b, "\n%17s", "");
	if (when != NULL) {
		mc_condition_put(&s, when, 0);
		mc_buf_puts(b, _("when "));
		put_cell(b, s.p, 0);
	} else {
		mc_buf_puts(b, _("when it is named"));
	}
	if (c->limit) {
		mc_buf_reset(&s);
		mc_limits_put(&s, &p->limit);
		mc_buf_printf(b, _("; limit %s"), s.len > 0 ? s.p : _("none"));
	}
	for (i = 0; c->fee && i < p->n_fees; i++)
		mc_buf_printf(b, i == 0 ? _("; fee %lld") : " + %lld",
		    (long long)p->fees[i].amount);
	mc_buf_puts(b, c->fee && p->n_fees == 0 ? _("; no fee") : "");
	if (c->documents)
		mc_buf_printf(b, _("; documents: %d"), p->n_documents);
	if (c->steps)
		mc_buf_printf(b, _("; steps: %d"), p->steps);
	mc_buf_putc(b, '\n');
	mc_buf_free(&s);
}

static void
put_cases(struct mc_buf *b, const struct mc_procedure *p)
{
	const struct mc_json *list = mc_json_get(p->doc, "cases");
	int i;

	mc_buf_puts(b, p->n_cases > 0 ? _("\nCases\n") : "");
	for (i = 0; i < p->n_cases; i++)
		put_case(b, &p->cases[i], mc_json_at(list, (size_t)i));
}

static void
put_children(struct mc_buf *b, const struct mc_procedure *p)
{
	const struct mc_json *list = mc_json_get(p->doc, "children"), *when;
	const struct mc_procedure_child *c;
	struct mc_buf s = { 0 };
	int i;

	mc_buf_puts(b, p->n_children > 0 ? _("\nChildren\n") : "");
	for (i = 0; i < p->n_children; i++) {
		c = &p->children[i];
		mc_buf_printf(b, "  %3d  ", i + 1);
		put_cell(b, c->procedure, 14);
		put_cell(b, " ", 1);
		put_cell(b, c->role != NULL ? c->role : "-", 0);
		mc_buf_puts(b, _(" at "));
		put_cell(b, c->unit != NULL ? c->unit : "@self", 0);
		when = mc_json_get(mc_json_at(list, (size_t)i), "when");
		if (when != NULL) {
			mc_buf_reset(&s);
			mc_condition_put(&s, when, 0);
			mc_buf_puts(b, _(", when "));
			put_cell(b, s.p, 0);
		}
		mc_buf_putc(b, '\n');
	}
	mc_buf_free(&s);
}

void
mc_describe_version(struct mc_buf *b, const struct mc_version *v)
{
	const struct mc_procedure *p = v->procedure;
	struct mc_buf s = { 0 };

	put_cell(b, p->code, 0);
	mc_buf_puts(b, "  ");
	put_cell(b, p->title, 0);
	mc_buf_putc(b, '\n');
	if (p->of_case != -1)
		put_line(b, _("case"), p->cases[p->of_case].title);
	put_line(b, _("field"), p->field);
	put_line(b, _("level"), p->level);
	put_line(b, _("service"), p->service);
	mc_day_put_human(&s, p->effective_from);
	mc_buf_puts(&s, " -");
	if (p->effective_to != MC_NODAY) {
		mc_buf_putc(&s, ' ');
		mc_day_put_human(&s, p->effective_to);
	}
	put_line(b, _("in force"), s.p);
	mc_buf_reset(&s);
	mc_limits_put(&s, &p->limit);
	put_line(b, _("limit"), s.len > 0 ? s.p : _("none"));
	mc_buf_reset(&s);
	mc_policy_put(&s, &v->policy);
	put_line(b, _("deadline"), strcmp(s.p, "{}") != 0 ? s.p : NULL);
	mc_buf_reset(&s);
	if (v->policy.answer.unit != MC_TERM_NONE)
		mc_term_put(&s, v->policy.answer);
	put_line(b, _("answer"), s.p);
	put_line(b, _("calendar"), p->calendar);
	put_line(b, _("result"), p->result);
	put_line(b, _("path"), v->path);
	put_line(b, _("commit"), v->commit);
	put_documents(b, p);
	put_lists(b, p);
	if (p->of_case == -1)
		put_cases(b, p);
	put_children(b, p);
	put_steps(b, p);
	mc_buf_free(&s);
}
