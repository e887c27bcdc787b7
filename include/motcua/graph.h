/*
 * graph.h - a procedure as a drawing: DOT, the language of Graphviz.
 *
 * Pure.  A step is a box with its title, role and limit; final steps have
 * two borders, joining ones a slanted top.  A branch is an arrow with its
 * condition; arrows that open parallel steps are bold.  A child is a folder,
 * with dashed arrows from the beginning and to the steps that wait for it.
 */
#ifndef MOTCUA_GRAPH_H
#define MOTCUA_GRAPH_H

#include <motcua/buf.h>
#include <motcua/procedure.h>

/* Dossiers in a step, to be written into it. */
struct mc_graph_load {
	const char *step; /* NULL: started by nobody yet */
	int64_t dossiers;
};

/*
 * Append the whole digraph, UTF-8, every text escaped.  child_title: the
 * titles of p->children, where they are known (NULL: of none).  With loads (NULL:
 * none are known) each step says how many dossiers are in it; steps that this
 * version of the procedure has not are in a box of their own.
 */
void mc_graph_put(struct mc_buf *b, const struct mc_procedure *p,
    const char *const *child_title, const struct mc_graph_load *load,
    size_t loads);

#endif
