/* impact_route.c - the way to the end, under a proposal; see impact.h. */
#include <string.h>

#include <motcua/json.h>
#include <motcua/way.h>

#include "impact_internal.h"

/* ---- are the tables the same? ---- */

static int
blob_of(struct mc_rulebook *rb, const char *path, char blob[MC_OID_HEX],
    struct mc_err *err)
{
	const struct mc_repo_entry *e;
	struct mc_repo_tree *tree;

	blob[0] = '\0';
	if (mc_repo_tree(
		mc_rulebook_repo(rb), mc_rulebook_commit(rb), &tree, err) == -1)
		return -1;
	if ((e = mc_repo_tree_find(tree, path)) != NULL)
		memcpy(blob, e->blob, MC_OID_HEX);
	mc_repo_tree_free(tree);
	return 0;
}

int
mc_impact_begin_routes(struct mc_impact *im, struct mc_err *err)
{
	static const char *const tables[] = { "units.csv", "officers.csv" };
	char a[MC_OID_HEX], b[MC_OID_HEX];
	int i;

	for (i = 0; i < 2; i++) {
		if (blob_of(im->now, tables[i], a, err) == -1 ||
		    blob_of(im->then, tables[i], b, err) == -1)
			return -1;
		im->units_differ = im->units_differ || strcmp(a, b) != 0;
	}
	return im->units_differ &&
		       (mc_rulebook_units(im->now, &im->units_now, err) == -1 ||
			   mc_rulebook_units(im->then, &im->units_then, err) ==
			       -1)
		   ? -1
		   : 0;
}

void
mc_impact_free_routes(struct mc_impact *im)
{
	mc_dict_free(&im->key);
	mc_dict_free(&im->text);
	mc_vec_free(&im->found);
	mc_buf_free(&im->scratch);
	mc_buf_free(&im->json);
}

/* ---- what was found already ---- */

static struct mc_str
view(const struct mc_buf *b)
{
	return (struct mc_str){ b->p, b->len };
}

/* Is im->scratch known?  Then what was found: a text's id, or 0. */
static bool
known(struct mc_impact *im, const char **out)
{
	int32_t id = mc_dict_find(&im->key, view(&im->scratch));

	*out = id == 0 ? NULL : mc_dict_name(&im->text, im->found.p[id - 1]);
	return id != 0;
}

/* im->json (empty: nothing) is what im->scratch leads to. */
static const char *
keep(struct mc_impact *im)
{
	struct mc_str json = view(&im->json);
	int32_t id = 0;

	if (json.len > 0 && (id = mc_dict_find(&im->text, json)) == 0)
		id = mc_dict_add(&im->text, json);
	mc_dict_add(&im->key, view(&im->scratch));
	mc_vec_push(&im->found, id);
	return mc_dict_name(&im->text, id);
}

/* ---- the definition ---- */

struct telling {
	struct mc_jw w;
	bool any;
};

static void
tell(struct telling *t, const char *step, const char *what, const char *old,
    const char *new)
{
	if (!t->any)
		mc_jw_open(&t->w, '[');
	t->any = true;
	mc_jw_open(&t->w, '{');
	mc_jw_key(&t->w, "step");
	mc_jw_strz(&t->w, step);
	mc_jw_key(&t->w, "what");
	mc_jw_strz(&t->w, what);
	mc_jw_key(&t->w, "old");
	mc_jw_strz(&t->w, old);
	mc_jw_key(&t->w, "new");
	mc_jw_strz(&t->w, new);
	mc_jw_close(&t->w, '}');
}

static void
tell_way(void *arg, enum mc_way_change what, const char *step)
{
	tell(arg, step, mc_way_change_name(what), NULL, NULL);
}

static int
open_steps(const struct mc_impact *im, const struct mc_case *c,
    const char *open[MC_CASE_STEPS])
{
	int i;

	for (i = 0; i < c->steps; i++)
		open[i] = mc_store_text(im->store, MC_D_STEP, c->step[i].step);
	return c->steps;
}

/*
 * Of a version that is the same as today's nothing is the proposal's doing;
 * nor what already differs by today's.
 */
static const char *
way_of(struct mc_impact *im, const struct mc_case *c,
    const struct mc_procedure *pinned, const struct mc_version *then,
    const struct mc_version *today)
{
	const char *open[MC_CASE_STEPS], *out;
	struct telling t = { .any = false };
	int n = open_steps(im, c, open), i;

	mc_buf_reset(&im->scratch);
	mc_buf_printf(&im->scratch, "d %d %s", (int)c->pin, then->blob);
	for (i = 0; i < n; i++)
		mc_buf_printf(&im->scratch, " %s", open[i]);
	if (known(im, &out))
		return out;
	mc_buf_reset(&im->json);
	t.w = mc_jw(&im->json);
	if ((today == NULL || mc_way_differs(today->procedure, then->procedure,
				  open, n, NULL, NULL)) &&
	    mc_way_differs(pinned, then->procedure, open, n, tell_way, &t))
		mc_jw_close(&t.w, ']');
	return keep(im);
}

/* ---- units and officers ---- */

static const struct mc_unit *
valid_unit(const struct mc_units *u, const char *code, int32_t day)
{
	const struct mc_unit *unit = mc_unit_find(u, mc_str(code), day);

	return unit != NULL && mc_unit_valid(unit, day) ? unit : NULL;
}

/* Where a step would be; NULL: nowhere. */
static const char *
place_of(const struct mc_units *u, const char *receiving,
    const struct mc_step *s, int32_t day)
{
	const struct mc_unit *home = mc_unit_find(u, mc_str(receiving), day);
	const struct mc_unit *unit;
	struct mc_err ignored = MC_ERR_INIT;

	if (home == NULL)
		return NULL;
	if (s->role == NULL && s->unit == NULL)
		return home->code;
	return mc_units_resolve(
		   u, home, s->role, s->unit, NULL, day, &unit, &ignored) == 0
		   ? unit->code
		   : NULL;
}

/* The open ones: who has them, by name. */
static void
tell_hands(struct mc_impact *im, const struct mc_case *c, int32_t day,
    struct telling *t)
{
	const char *step, *unit, *officer;
	int i;

	for (i = 0; i < c->steps; i++) {
		step = mc_store_text(im->store, MC_D_STEP, c->step[i].step);
		unit = mc_store_text(im->store, MC_D_UNIT, c->step[i].unit);
		if (valid_unit(im->units_now, unit, day) != NULL &&
		    valid_unit(im->units_then, unit, day) == NULL)
			tell(t, step, "unit", unit, NULL);
		if (c->step[i].officer == MC_NOID)
			continue;
		officer =
		    mc_store_text(im->store, MC_D_OFFICER, c->step[i].officer);
		if (mc_officer_find(im->units_now, mc_str(officer), day) !=
			NULL &&
		    mc_officer_find(im->units_then, mc_str(officer), day) ==
			NULL)
			tell(t, step, "officer", officer, NULL);
	}
}

static void
tell_places(struct mc_impact *im, const struct mc_case *c,
    const struct mc_procedure *p, int32_t day, struct telling *t)
{
	const char *open[MC_CASE_STEPS], *receiving, *old, *new;
	int n = open_steps(im, c, open), i, k;

	receiving = mc_store_text(im->store, MC_D_UNIT, c->unit);
	for (i = 0; i < p->steps; i++) {
		for (k = 0; k < n; k++)
			if (strcmp(open[k], p->step[i].id) == 0)
				break;
		if (k < n || !mc_way_has(p, open, n, p->step[i].id))
			continue;
		old = place_of(im->units_now, receiving, &p->step[i], day);
		new = place_of(im->units_then, receiving, &p->step[i], day);
		if (old != NULL && (new == NULL || strcmp(old, new) != 0))
			tell(t, p->step[i].id, "role", old, new);
	}
}

static const char *
places_of(
    struct mc_impact *im, const struct mc_case *c, const struct mc_procedure *p)
{
	int32_t day = mc_zone_day(im->zone, im->at);
	struct telling t = { .any = false };
	const char *out;
	int i;

	mc_buf_reset(&im->scratch);
	mc_buf_printf(&im->scratch, "u %d %d", (int)c->pin, (int)c->unit);
	for (i = 0; i < c->steps; i++)
		mc_buf_printf(&im->scratch, " %d %d %d", (int)c->step[i].step,
		    (int)c->step[i].unit, (int)c->step[i].officer);
	if (known(im, &out))
		return out;
	mc_buf_reset(&im->json);
	t.w = mc_jw(&im->json);
	tell_hands(im, c, day, &t);
	tell_places(im, c, p, day, &t);
	if (t.any)
		mc_jw_close(&t.w, ']');
	return keep(im);
}

/* ---- a dossier ---- */

int
mc_impact_routes(struct mc_impact *im, const struct mc_replan_row *r,
    const char **route, const char **units, struct mc_err *err)
{
	const struct mc_version *then, *today;
	const struct mc_procedure *pinned;
	const struct mc_case *c;
	struct mc_policy ignored;
	const char *in_case;
	bool changed;

	*route = *units = NULL;
	if (mc_store_definition(im->store, r->pin, &pinned, &ignored, err) ==
	    -1)
		return -1;
	in_case = mc_procedure_case_id(pinned);
	if (mc_impact_version(im, im->then, r, in_case, &then, err) == -1 ||
	    mc_impact_version(im, im->now, r, in_case, &today, err) == -1)
		return -1;
	changed = then != NULL &&
		  (today == NULL || strcmp(then->blob, today->blob) != 0);
	if (!changed && !im->units_differ)
		return 0;
	if (mc_replan_load(im->replan, &c, err) == -1)
		return -1;
	if (changed)
		*route = way_of(im, c, pinned, then, today);
	if (im->units_differ)
		*units = places_of(im, c, pinned);
	return 0;
}
