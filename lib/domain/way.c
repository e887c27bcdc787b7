/* way.c - see motcua/way.h. */
#include <string.h>

#include <motcua/procedure_diff.h>
#include <motcua/way.h>

const char *
mc_way_change_name(enum mc_way_change c)
{
	static const char *const names[] = { [MC_WAY_GONE] = "gone",
		[MC_WAY_REMOVED] = "removed",
		[MC_WAY_ADDED] = "added",
		[MC_WAY_CHANGED] = "changed" };

	return names[c];
}

static bool
is_open(const char *const *open, int n, const char *step)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(open[i], step) == 0)
			return true;
	return false;
}

bool
mc_way_has(const struct mc_procedure *p, const char *const *open, int n,
    const char *step)
{
	int to = mc_procedure_step(p, mc_str(step)), from, i;

	if (to == -1)
		return false;
	if (n == 0)
		return to == 0 || mc_procedure_reaches(p, 0, to);
	if (is_open(open, n, step))
		return true;
	for (i = 0; i < n; i++) {
		from = mc_procedure_step(p, mc_str(open[i]));
		if (from != -1 && mc_procedure_reaches(p, from, to))
			return true;
	}
	return false;
}

static void
note(void *arg, const struct mc_change *c)
{
	bool *differs = arg;

	(void)c;
	*differs = true;
}

static const struct mc_json *
json_of(const struct mc_procedure *p, const char *step)
{
	int i = mc_procedure_step(p, mc_str(step));

	return mc_json_at(mc_json_get(p->doc, "steps"), (size_t)i);
}

static bool
step_differs(const struct mc_procedure *a, const struct mc_procedure *b,
    const char *step)
{
	bool differs = false;

	mc_diff_documents(
	    json_of(a, step), json_of(b, step), "title", note, &differs);
	return differs;
}

bool
mc_way_differs(const struct mc_procedure *old, const struct mc_procedure *new,
    const char *const *open, int n,
    void (*tell)(void *arg, enum mc_way_change what, const char *step),
    void *arg)
{
	enum mc_way_change what;
	const char *step;
	bool any = false;
	int i;

	for (i = 0; i < old->steps; i++) {
		step = old->step[i].id;
		if (!mc_way_has(old, open, n, step))
			continue;
		if (mc_procedure_step(new, mc_str(step)) == -1)
			what = is_open(open, n, step) ? MC_WAY_GONE
						      : MC_WAY_REMOVED;
		else if (!mc_way_has(new, open, n, step))
			what = MC_WAY_REMOVED;
		else if (step_differs(old, new, step))
			what = MC_WAY_CHANGED;
		else
			continue;
		any = true;
		if (tell != NULL)
			tell(arg, what, step);
	}
	for (i = 0; i < new->steps; i++) {
		step = new->step[i].id;
		if (!mc_way_has(new, open, n, step) ||
		    (mc_procedure_step(old, mc_str(step)) != -1 &&
			mc_way_has(old, open, n, step)))
			continue;
		any = true;
		if (tell != NULL)
			tell(arg, MC_WAY_ADDED, step);
	}
	return any;
}
