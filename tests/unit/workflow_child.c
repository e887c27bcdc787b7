/* workflow_child: what waits for the dossiers that came with this one. */
#include "workflow_world.h"

#define KIN "\"children\":[{\"procedure\":\"1.000001\"}],"
#define STEPS(waits)                                                           \
	"\"steps\":[{\"id\":\"a\",\"role\":\"one-stop\"," waits                \
	"\"next\":\"z\",\"expires\":{\"after\":\"1 day\",\"to\":\"z\"}},"      \
	"{\"id\":\"z\",\"role\":\"one-stop\",\"final\":true}]}"

static const char waiting[] = HEAD KIN STEPS("\"waits\":\"children\",");
static const char careless[] = HEAD KIN STEPS("");
static const char alone[] = HEAD STEPS("");

static int open_children, asked, fails;

static int
children(void *arg, struct mc_buf *names, int *n, struct mc_err *err)
{
	(void)arg;
	asked++;
	mc_buf_puts(names, open_children == 1 ? "X.1" : "X.1, X.2");
	*n = open_children;
	return fails ? mc_err(err, MC_EDB, "E_DB", "no more") : 0;
}

static struct dossier *
started(const char *definition)
{
	struct dossier *d = new_dossier(definition, "H42.30", NULL);

	d->rules.children = children;
	IS(act(d, MC_A_RECEIVE, "2024-03-04 09:00"), 1);
	IS(act(d, MC_A_START, "2024-03-04 09:00"), 1);
	return d;
}

static void
test_waits(void)
{
	struct dossier *d = started(waiting);
	struct mc_request r = MC_REQUEST(MC_A_NEXT);

	open_children = 2;
	IS(act(d, MC_A_NEXT, "2024-03-04 10:00"), -1);
	IS(d->err.code, MC_EREFUSED);
	IS_STR(d->err.id, "E_CHILDREN");
	IS_STR(d->err.msg,
	    "the step \"a\" waits for 2 children that are open: X.1, X.2");
	r.to = MC_STR("z"); /* nor is it led past them */
	IS(ask(d, &r, "2024-03-04 10:00"), -1);
	IS(act(d, MC_A_FINISH, "2024-03-04 10:00"), -1);
	IS_STR(d->err.msg,
	    "the procedure waits for 2 children that are open: X.1, X.2");
	/* Everything else goes on. */
	IS(act(d, MC_A_PAY, "2024-03-04 10:00"), 1);
	IS(act(d, MC_A_RESUME, "2024-03-04 11:00"), 1);
	fails = 1;
	IS(act(d, MC_A_NEXT, "2024-03-04 12:00"), -1);
	IS(d->err.code, MC_EDB);
	fails = 0;
	open_children = 0;
	IS(act(d, MC_A_NEXT, "2024-03-04 12:00"), 1);
	IS(d->c.status, MC_S_FINISHED);
	open_children = 1; /* one that was opened again: too late */
	IS(act(d, MC_A_RETURN, "2024-03-04 13:00"), 1);
	free_dossier(d);
}

static void
test_withdrawn(void)
{
	struct dossier *d = started(careless);

	open_children = 1;
	IS(act(d, MC_A_WITHDRAW, "2024-03-04 10:00"), 1);
	IS_STR(d->out.warning.id, "W_CHILDREN");
	IS_STR(d->out.warning.msg, "1 child goes on without it: X.1");
	free_dossier(d);

	/* Nothing of it waits. */
	d = started(careless);
	IS(act(d, MC_A_NEXT, "2024-03-04 10:00"), 1);
	free_dossier(d);
	d = started(careless);
	IS(act(d, MC_A_FINISH, "2024-03-04 10:00"), 1);
	free_dossier(d);
}

/* Whose procedure has none is not asked for any. */
static void
test_none(void)
{
	struct dossier *d = started(alone);

	asked = 0;
	IS(act(d, MC_A_NEXT, "2024-03-04 10:00"), 1);
	free_dossier(d);
	d = started(alone);
	IS(act(d, MC_A_WITHDRAW, "2024-03-04 10:00"), 1);
	OK(d->out.warning.code == MC_OK);
	free_dossier(d);
	IS(asked, 0);
}

int
main(void)
{
	make_world();
	test_waits();
	test_withdrawn();
	test_none();
	end_world();
	return tap_done();
}
