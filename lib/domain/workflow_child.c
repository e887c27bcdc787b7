/* workflow_child.c - dossiers that came with this one; children.h. */
#include "workflow_internal.h"

static int
open_children(struct mc_workflow_ctx *x, struct mc_buf *names, int *n)
{
	*n = 0;
	if (x->r->children == NULL || x->p == NULL || x->p->n_children == 0)
		return 0;
	return x->r->children(x->r->arg, names, n, x->err);
}

int
mc_workflow_await_children(struct mc_workflow_ctx *x, const char *what)
{
	struct mc_buf names = { 0 };
	int n, rc = open_children(x, &names, &n);

	if (rc == 0 && n > 0) {
		rc = mc_err(x->err, MC_EREFUSED, "E_CHILDREN",
		    "%s waits for %d %s: %s", what, n,
		    n == 1 ? "child that is open" : "children that are open",
		    mc_buf_str(&names));
		mc_err_advise(x->err, "finish them first, or withdraw them");
	}
	mc_buf_free(&names);
	return rc;
}

int
mc_workflow_warn_children(struct mc_workflow_ctx *x)
{
	struct mc_buf names = { 0 };
	int n, rc = open_children(x, &names, &n);

	if (rc == 0 && n > 0)
		mc_err(&x->out->warning, MC_EDATA, "W_CHILDREN",
		    "%d %s without it: %s", n,
		    n == 1 ? "child goes on" : "children go on",
		    mc_buf_str(&names));
	mc_buf_free(&names);
	return rc;
}
