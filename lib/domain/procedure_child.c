/* procedure_child.c - procedures that are done with another; procedure.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/procedure.h>
#include <motcua/text.h>

#include "procedure_internal.h"

const char *
mc_member_role(const struct mc_part *p, const char *what, bool needed)
{
	const char *role = mc_member_title(p, "role", needed);

	if (role != NULL && strpbrk(role, " \t") != NULL)
		mc_member_bad(p, "role", "E_FIELD",
		    "%s has one role, without spaces: \"%s\"", what, role);
	return role;
}

const char *
mc_member_unit(const struct mc_part *p)
{
	const char *unit = mc_member_string(p, "unit", false);

	if (unit != NULL && unit[0] == '@' && strcmp(unit, "@self") != 0 &&
	    strcmp(unit, "@parent") != 0 && strcmp(unit, "@province") != 0)
		mc_member_bad(p, "unit", "E_FIELD",
		    "no such place \"%s\": @self, @parent, @province or a "
		    "unit's code",
		    unit);
	return unit;
}

static void
read_child(const struct mc_procedure *of, const struct mc_part *p,
    struct mc_procedure_child *c, const struct mc_procedure_child *before,
    int n)
{
	static const char *const members[] = { "procedure", "unit", "role",
		"when", NULL };
	int i;

	if (!mc_member_known(p, "a child", members))
		return;
	c->procedure = mc_member_string(p, "procedure", true);
	c->unit = mc_member_unit(p);
	c->role = mc_member_role(p, "a child", false);
	c->when = mc_procedure_when(of, p);
	if (c->procedure == NULL) {
		c->procedure = "";
		return;
	}
	if (!mc_procedure_code_valid(c->procedure))
		mc_member_bad(p, "procedure", "E_CODE",
		    "\"%s\" is no procedure's code such as 1.004222",
		    c->procedure);
	else if (of->code != NULL && strcmp(c->procedure, of->code) == 0)
		mc_member_bad(p, "procedure", "E_CHILD",
		    "\"%s\" is the procedure itself", c->procedure);
	for (i = 0; i < n; i++)
		if (strcmp(before[i].procedure, c->procedure) == 0)
			mc_member_repeated(p, "procedure", c->procedure);
}

void
mc_procedure_read_children(const struct mc_procedure *of,
    const struct mc_part *p, struct mc_procedure_child **out, int *n)
{
	const struct mc_json *v;
	char path[MC_PART_PATH];
	size_t i, count;

	v = mc_member_list(p, "children", MC_PROCEDURE_CHILDREN, &count);
	*out = mc_calloc(count + 1, sizeof(**out));
	for (i = 0; i < count; i++) {
		struct mc_part q = { p->s, mc_json_at(v, i), path };

		mc_member_path_at(path, p, "children", i);
		(*out)[i].procedure = "";
		read_child(of, &q, &(*out)[i], *out, (int)i);
		*n = (int)i + 1;
	}
}

void
mc_procedure_free_children(struct mc_procedure_child *list, int n)
{
	int i;

	for (i = 0; list != NULL && i < n; i++)
		mc_condition_free((void *)(uintptr_t)list[i].when);
	free(list);
}

bool
mc_procedure_waits(const struct mc_procedure *p)
{
	int i;

	for (i = 0; i < p->steps; i++)
		if (p->step[i].waits)
			return true;
	return false;
}
