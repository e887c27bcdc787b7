/* graph.c - see motcua/graph.h. */
#include <inttypes.h>
#include <string.h>

#include <motcua/condition.h>
#include <motcua/graph.h>
#include <motcua/text.h>

#define WIDTH 28 /* columns, after which a label goes on below */

/* Between quotes: what DOT and a terminal would take for something else. */
static void
put_text(struct mc_buf *b, const char *s)
{
	struct mc_buf safe = { 0 };
	size_t i;

	mc_text_safe(&safe, s, strlen(s));
	for (i = 0; i < safe.len; i++) {
		if (safe.p[i] == '"' || safe.p[i] == '\\')
			mc_buf_putc(b, '\\');
		mc_buf_putc(b, safe.p[i]);
	}
	mc_buf_free(&safe);
}

/* The same in lines of about WIDTH columns, broken at spaces. */
static void
put_wrapped(struct mc_buf *b, const char *s)
{
	struct mc_buf word = { 0 };
	size_t n, width = 0, w;

	for (; *s != '\0'; s += n) {
		s += strspn(s, " \n");
		n = strcspn(s, " \n");
		mc_buf_reset(&word);
		mc_buf_add(&word, s, n);
		w = mc_text_width(word.p, word.len);
		if (width > 0 && width + 1 + w > WIDTH) {
			mc_buf_puts(b, "\\n");
			width = 0;
		} else if (width > 0) {
			mc_buf_putc(b, ' ');
			width++;
		}
		put_text(b, word.p);
		width += w;
	}
	mc_buf_free(&word);
}

static void
put_term(struct mc_buf *b, struct mc_term term)
{
	struct mc_buf s = { 0 };

	mc_term_put(&s, term);
	put_text(b, mc_buf_str(&s));
	mc_buf_free(&s);
}

static void
put_limits(struct mc_buf *b, const struct mc_limits *limit)
{
	struct mc_buf s = { 0 };

	mc_limits_put(&s, limit);
	mc_buf_puts(b, s.len > 0 ? "\\n" : "");
	put_text(b, mc_buf_str(&s));
	mc_buf_free(&s);
}

static void
put_head(struct mc_buf *b, const struct mc_procedure *p)
{
	mc_buf_puts(b, "digraph \"");
	put_text(b, p->code);
	mc_buf_puts(b, "\" {\n\tgraph [labelloc=t, label=\"");
	put_text(b, p->code);
	mc_buf_puts(b, "\\n");
	put_wrapped(b, p->title);
	if (p->of_case != -1) {
		mc_buf_puts(b, "\\n");
		put_wrapped(b, p->cases[p->of_case].title);
	}
	put_limits(b, &p->limit);
	mc_buf_puts(b, "\"];\n\tnode [shape=box, style=rounded];\n");
}

static int64_t
load_of(const struct mc_graph_load *load, size_t loads, const char *step)
{
	size_t i;

	for (i = 0; i < loads; i++)
		if (step == NULL ? load[i].step == NULL
				 : load[i].step != NULL &&
				       strcmp(load[i].step, step) == 0)
			return load[i].dossiers;
	return 0;
}

static void
put_load(struct mc_buf *b, int64_t n)
{
	mc_buf_printf(b, "%" PRId64 " %s", n, n == 1 ? "dossier" : "dossiers");
}

/* Whose it is: a line of a label. */
static void
put_place(struct mc_buf *b, const char *role, const char *unit)
{
	if (role != NULL) {
		mc_buf_puts(b, "\\n");
		put_text(b, role);
	}
	if (unit != NULL) {
		mc_buf_puts(b, role != NULL ? " at " : "\\nat ");
		put_text(b, unit);
	}
}

static void
put_step(struct mc_buf *b, const struct mc_step *s,
    const struct mc_graph_load *load, size_t loads)
{
	mc_buf_puts(b, "\t\"");
	put_text(b, s->id);
	mc_buf_puts(b, "\" [label=\"");
	put_wrapped(b, s->title != NULL ? s->title : s->id);
	put_place(b, s->role, s->unit);
	if (s->has_limit) {
		mc_buf_puts(b, "\\n");
		put_term(b, s->limit);
	}
	if (load != NULL) {
		mc_buf_puts(b, "\\n");
		put_load(b, load_of(load, loads, s->id));
	}
	mc_buf_puts(b, "\"");
	if (s->join_all)
		mc_buf_puts(b, ", shape=invtrapezium, style=solid");
	if (s->final)
		mc_buf_puts(b, ", peripheries=2");
	if (load != NULL && load_of(load, loads, s->id) > 0)
		mc_buf_puts(b, ", penwidth=2");
	mc_buf_puts(b, "];\n");
}

/* Where it goes by itself. */
static void
put_expiry(
    struct mc_buf *b, const struct mc_procedure *p, const struct mc_step *s)
{
	if (s->expires.to == -1)
		return;
	mc_buf_puts(b, "\t\"");
	put_text(b, s->id);
	mc_buf_puts(b, "\" -> \"");
	put_text(b, p->step[s->expires.to].id);
	mc_buf_puts(b, "\" [label=\"after ");
	put_term(b, s->expires.after);
	mc_buf_puts(b, "\", style=dashed];\n");
}

static void
put_edges(struct mc_buf *b, const struct mc_procedure *p, int from)
{
	const struct mc_json *next, *when;
	const struct mc_step *s = &p->step[from];
	struct mc_buf label = { 0 };
	int i, k;

	next = mc_json_get(mc_json_at(p->steps_doc, (size_t)from), "next");
	for (i = 0; i < s->branches; i++) {
		mc_buf_reset(&label);
		when = mc_json_get(mc_json_at(next, (size_t)i), "when");
		if (when != NULL)
			mc_condition_put(&label, when, 0);
		else if (s->branches > 1)
			mc_buf_puts(&label, "otherwise");
		for (k = 0; k < s->branch[i].targets; k++) {
			mc_buf_puts(b, "\t\"");
			put_text(b, s->id);
			mc_buf_puts(b, "\" -> \"");
			put_text(b, p->step[s->branch[i].target[k]].id);
			mc_buf_puts(b, "\"");
			if (label.len > 0 || s->branch[i].targets > 1) {
				mc_buf_puts(b, " [label=\"");
				put_wrapped(b, mc_buf_str(&label));
				mc_buf_puts(b, "\"");
				if (s->branch[i].targets > 1)
					mc_buf_puts(b, ", style=bold");
				mc_buf_putc(b, ']');
			}
			mc_buf_puts(b, ";\n");
		}
	}
	mc_buf_free(&label);
	put_expiry(b, p, s);
}

/* What is open elsewhere than in the steps of this version. */
static void
put_rest(struct mc_buf *b, const struct mc_procedure *p,
    const struct mc_graph_load *load, size_t loads)
{
	size_t i, n = 0;

	for (i = 0; i < loads; i++) {
		if (load[i].step == NULL ||
		    mc_procedure_step(p, mc_str(load[i].step)) != -1)
			continue;
		if (n++ == 0)
			mc_buf_printf(b,
			    "\t\"/other\" [shape=note, style=solid, "
			    "label=\"steps of other versions%s",
			    p->n_cases > 0 ? " or cases" : "");
		mc_buf_puts(b, "\\n");
		put_text(b, load[i].step);
		mc_buf_puts(b, ": ");
		put_load(b, load[i].dossiers);
	}
	mc_buf_puts(b, n > 0 ? "\"];\n" : "");
}

/* What else it can be; one case is drawn by itself. */
static void
put_cases(struct mc_buf *b, const struct mc_procedure *p)
{
	const struct mc_json *when, *list = mc_json_get(p->doc, "cases");
	const struct mc_procedure_case *c;
	struct mc_buf s = { 0 };
	int i;

	for (i = 0; p->of_case == -1 && i < p->n_cases; i++) {
		c = &p->cases[i];
		when = mc_json_get(mc_json_at(list, (size_t)i), "when");
		mc_buf_puts(b, "\t\"/case/");
		put_text(b, c->id);
		mc_buf_puts(b, "\" [shape=note, style=solid, label=\"");
		put_wrapped(b, c->title);
		if (c->limit)
			put_limits(b, &c->as->limit);
		mc_buf_puts(b, c->steps ? "\\nsteps of its own" : "");
		if (when != NULL) {
			mc_buf_reset(&s);
			mc_buf_puts(&s, "when ");
			mc_condition_put(&s, when, 0);
			mc_buf_puts(b, "\\n");
			put_wrapped(b, mc_buf_str(&s));
		}
		mc_buf_puts(b, "\"];\n\t\"/case/");
		put_text(b, c->id);
		mc_buf_puts(b, "\" -> \"/start\" [style=dotted, "
			       "arrowhead=none];\n");
	}
	mc_buf_free(&s);
}

/* What is received with it, where that is so, and which steps wait for it. */
static void
put_child_edges(struct mc_buf *b, const struct mc_procedure *p, int child)
{
	const struct mc_json *when = mc_json_get(
	    mc_json_at(mc_json_get(p->doc, "children"), (size_t)child), "when");
	struct mc_buf s = { 0 };
	int i;

	mc_buf_printf(b, "\t\"/start\" -> \"/child/%d\" [", child + 1);
	if (when != NULL) {
		mc_condition_put(&s, when, 0);
		mc_buf_puts(b, "label=\"");
		put_wrapped(b, mc_buf_str(&s));
		mc_buf_puts(b, "\", ");
	}
	mc_buf_puts(b, "style=dashed];\n");
	for (i = 0; i < p->steps; i++) {
		if (!p->step[i].waits)
			continue;
		mc_buf_printf(b, "\t\"/child/%d\" -> \"", child + 1);
		put_text(b, p->step[i].id);
		mc_buf_puts(b, "\" [style=dashed];\n");
	}
	mc_buf_free(&s);
}

static void
put_children(
    struct mc_buf *b, const struct mc_procedure *p, const char *const *title)
{
	const struct mc_procedure_child *c;
	int i;

	for (i = 0; i < p->n_children; i++) {
		c = &p->children[i];
		mc_buf_printf(b, "\t\"/child/%d\" [label=\"", i + 1);
		put_text(b, c->procedure);
		if (title != NULL && title[i] != NULL) {
			mc_buf_puts(b, "\\n");
			put_wrapped(b, title[i]);
		}
		put_place(b, c->role, c->unit);
		mc_buf_puts(b, "\", shape=folder, style=solid];\n");
		put_child_edges(b, p, i);
	}
}

void
mc_graph_put(struct mc_buf *b, const struct mc_procedure *p,
    const char *const *child_title, const struct mc_graph_load *load,
    size_t loads)
{
	int i;

	put_head(b, p);
	put_cases(b, p);
	/* No step has a '/' in its id. */
	if (load != NULL) {
		mc_buf_puts(b, "\t\"/start\" [shape=plaintext, "
			       "label=\"not started\\n");
		put_load(b, load_of(load, loads, NULL));
		mc_buf_puts(b, "\"];\n");
	} else {
		mc_buf_puts(b, "\t\"/start\" [shape=point];\n");
	}
	for (i = 0; i < p->steps; i++)
		put_step(b, &p->step[i], load, loads);
	put_rest(b, p, load, loads);
	mc_buf_puts(b, "\t\"/start\" -> \"");
	put_text(b, p->step[0].id);
	mc_buf_puts(b, "\";\n");
	for (i = 0; i < p->steps; i++)
		put_edges(b, p, i);
	put_children(b, p, child_title);
	mc_buf_puts(b, "}\n");
}
