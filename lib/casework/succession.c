/* succession.c - see motcua/succession.h. */
#include <stdlib.h>
#include <string.h>

#include <motcua/asked.h>
#include <motcua/history.h>
#include <motcua/json.h>
#include <motcua/mem.h>
#include <motcua/pool.h>
#include <motcua/text.h>

#include "succession_internal.h"

struct mc_succession {
	struct mc_store *store;
	struct mc_rulebook *rb;
	const struct mc_units *units; /* NULL: not asked for yet */
	const struct mc_zone *zone;
	int32_t today;
	struct mc_succession_rules rules;
	struct mc_history *history;
	struct mc_pool pool; /* of rows */
	int64_t seen;

	struct mc_asked asked;
	struct mc_cur *cur;
	bool have;  /* cur stands on a row that was not looked at yet */
	bool ended; /* there is no other */

	/* The dossier being looked at. */
	struct mc_succession_row row;
	MC_VEC(struct mc_succession_move) move;
	struct mc_case c;
	bool loaded, fields_read;
	struct mc_json *fields;
	MC_VEC(int64_t) since;
	MC_VEC(struct mc_json *) renaming; /* of its steps, in their order */
};

struct mc_succession *
mc_succession_new(struct mc_store *store, struct mc_rulebook *rb, int64_t now)
{
	struct mc_succession *s = mc_calloc(1, sizeof(*s));

	s->store = store;
	s->rb = rb;
	s->zone = mc_store_zone(store);
	s->today = mc_zone_day(s->zone, now);
	s->history = mc_history_new(store);
	mc_case_init(&s->c);
	return s;
}

void
mc_succession_free(struct mc_succession *s)
{
	if (s == NULL)
		return;
	mc_succession_rules_free(&s->rules);
	mc_history_free(s->history);
	mc_pool_free(&s->pool);
	mc_asked_free(&s->asked);
	mc_vec_free(&s->move);
	mc_vec_free(&s->since);
	mc_vec_free(&s->renaming);
	mc_cur_close(s->cur);
	mc_case_free(&s->c);
	mc_json_free(s->fields);
	free(s);
}

static int
need_units(struct mc_succession *s, struct mc_err *err)
{
	return s->units != NULL ? 0 : mc_rulebook_units(s->rb, &s->units, err);
}

int
mc_succession_decide(struct mc_succession *s, const char *name,
    struct mc_str text, struct mc_err *err)
{
	if (need_units(s, err) == -1)
		return -1;
	return mc_succession_read(
	    &s->rules, name, text, s->units, s->today, err);
}

int64_t
mc_succession_idle(const struct mc_succession *s, int64_t line)
{
	size_t i;

	for (i = 0; i < s->rules.v.n; i++)
		if (s->rules.v.p[i].line > line && s->rules.v.p[i].used == 0)
			return s->rules.v.p[i].line;
	return 0;
}

int64_t
mc_succession_seen(const struct mc_succession *s)
{
	return s->seen;
}

/* The i-th word. */
static bool
word(const char *list, size_t i, struct mc_str *out)
{
	struct mc_str rest = mc_str(list);

	while (rest.len > 0) {
		if (!mc_str_split(rest, ' ', out, &rest)) {
			*out = rest;
			rest.len = 0;
		}
		if (out->len > 0 && i-- == 0)
			return true;
	}
	return false;
}

/* Was it one of the choices before the i-th decision? */
static bool
told(const struct mc_succession *s, const struct mc_succession_move *m,
    size_t i, const char *to)
{
	struct mc_str w;
	size_t j;

	for (j = 0; word(m->split, j, &w); j++)
		if (mc_str_is(w, to))
			return true;
	for (j = 0; j < i; j++)
		if (strcmp(s->rules.v.p[j].from, m->decided) == 0 &&
		    strcmp(s->rules.v.p[j].to, to) == 0)
			return true;
	return false;
}

/* First what units.csv says, then what the decisions add. */
bool
mc_succession_choice(const struct mc_succession *s,
    const struct mc_succession_move *m, size_t *at, struct mc_str *to)
{
	size_t n = 0, i;

	while (word(m->split, n, to))
		if (n++ == *at) {
			++*at;
			return true;
		}
	for (i = *at - n; m->decided != NULL && i < s->rules.v.n; i++)
		if (strcmp(s->rules.v.p[i].from, m->decided) == 0 &&
		    !told(s, m, i, s->rules.v.p[i].to)) {
			*to = mc_str(s->rules.v.p[i].to);
			*at = n + i + 1;
			return true;
		}
	return false;
}

/* ---- one dossier ---- */

static int
load(struct mc_succession *s, struct mc_err *err)
{
	int rc = 1;

	if (!s->loaded)
		rc = mc_store_load(s->store, s->row.id, &s->c, err);
	if (rc == 0)
		mc_err(err, MC_EDAMAGED, "E_DAMAGED",
		    "an open dossier is not in the table of all");
	s->loaded = rc == 1;
	return rc == 1 ? 0 : -1;
}

/* Did the event bring the dossier, or that step of it, to a unit? */
static bool
brings(const struct mc_event *e, const char *step)
{
	bool has = mc_event_has(e, MC_F_STEP);

	switch (e->kind) {
	case MC_K_REGISTERED:
	case MC_K_RECEIVED:
		return step == NULL ||
		       (has && mc_str_is(mc_event_get(e, MC_F_STEP), step));
	case MC_K_STARTED:
	case MC_K_REOPENED:
		return step != NULL && has &&
		       mc_str_is(mc_event_get(e, MC_F_STEP), step);
	case MC_K_TRANSFERRED:
	case MC_K_REHOMED:
		return step == NULL
			   ? !has
			   : has && mc_str_is(mc_event_get(e, MC_F_STEP), step);
	default:
		return false;
	}
}

/* `why` is canonical JSON, and that is how it says so (replan_rehome.c). */
static bool
takes_back(const struct mc_event *e)
{
	static const char mark[] = "\"reason\":\"undo\"";
	struct mc_str why = mc_event_get(e, MC_F_WHY);
	size_t i;

	if (e->kind != MC_K_REHOMED)
		return false;
	for (i = 0; i + sizeof(mark) - 1 <= why.len; i++)
		if (memcmp(why.p + i, mark, sizeof(mark) - 1) == 0)
			return true;
	return false;
}

/* The name of a step before a move to another version, or after it. */
static const char *
renamed(const struct mc_json *map, const char *name, bool before)
{
	const char *old, *new;
	size_t i;

	for (i = 0; i < mc_json_count(map); i++) {
		new = mc_json_str(mc_json_member(map, i, &old));
		if (new != NULL && strcmp(before ? new : old, name) == 0)
			return before ? old : new;
	}
	return name;
}

/* All renamings of its steps; *name becomes what it was called at first. */
static int
find_renamings(struct mc_succession *s, const char **name, struct mc_err *err)
{
	struct mc_json *map;
	struct mc_event e;
	size_t i;
	int rc;

	mc_history_begin(s->history, &s->c);
	while ((rc = mc_history_next(s->history, &e, err)) == 1) {
		if (e.kind != MC_K_REPINNED || !mc_event_has(&e, MC_F_STEPS))
			continue;
		if (mc_json_parse(
			&map, "steps", mc_event_get(&e, MC_F_STEPS), err) == -1)
			return -1;
		mc_vec_push(&s->renaming, map);
	}
	for (i = s->renaming.n; i > 0; i--)
		*name = renamed(s->renaming.p[i - 1], *name, true);
	return rc;
}

static void
forget_renamings(struct mc_succession *s)
{
	while (s->renaming.n > 0)
		mc_json_free(s->renaming.p[--s->renaming.n]);
}

/* Since when it has been where it is; a move taken back was none. */
static int
held_since(
    struct mc_succession *s, int32_t step, int64_t *out, struct mc_err *err)
{
	const char *name =
	    step == MC_NOID ? NULL : mc_store_text(s->store, MC_D_STEP, step);
	struct mc_event e;
	size_t at = 0;
	int rc;

	if (load(s, err) == -1 ||
	    (name != NULL && find_renamings(s, &name, err) == -1)) {
		forget_renamings(s);
		return -1;
	}
	s->since.n = 0;
	mc_history_begin(s->history, &s->c);
	while ((rc = mc_history_next(s->history, &e, err)) == 1) {
		if (at < s->renaming.n && e.kind == MC_K_REPINNED &&
		    mc_event_has(&e, MC_F_STEPS))
			name = renamed(s->renaming.p[at++], name, false);
		if (!brings(&e, name))
			continue;
		if (e.kind != MC_K_REHOMED)
			s->since.n = 0; /* nothing goes back behind that */
		if (takes_back(&e) && s->since.n > 1)
			s->since.n--;
		else
			mc_vec_push(&s->since, e.at);
	}
	forget_renamings(s);
	if (s->since.n > 0)
		*out = s->since.p[s->since.n - 1];
	return rc;
}

/* The dossier's value of a public field; NULL: it has none. */
static int
value_of(struct mc_succession *s, const char *field, const char **out,
    struct mc_err *err)
{
	*out = NULL;
	if (load(s, err) == -1)
		return -1;
	if (!s->fields_read && s->c.fields.len > 0 &&
	    mc_json_parse(&s->fields, "fields",
		(struct mc_str){ s->c.fields.p, s->c.fields.len }, err) == -1)
		return -1;
	s->fields_read = true;
	*out = mc_json_str(mc_json_get(s->fields, field));
	return 0;
}

/* 1 it fits, 0, -1. */
static int
fits(struct mc_succession *s, const struct mc_succession_rule *r,
    const char *from, struct mc_err *err)
{
	const char *value;

	if (strcmp(r->from, from) != 0 ||
	    !mc_succession_fits(r->procedure,
		mc_store_text(s->store, MC_D_PROCEDURE, s->row.procedure)) ||
	    !mc_succession_fits(
		r->receiving, mc_store_text(s->store, MC_D_UNIT, s->row.unit)))
		return 0;
	if (r->field == NULL)
		return 1;
	if (value_of(s, r->field, &value, err) == -1)
		return -1;
	if (r->value == NULL || value == NULL)
		return r->value == NULL && value == NULL;
	return mc_succession_fits(r->value, value);
}

/* By the first decision that fits; rule stays NULL where none does. */
static int
by_decision(struct mc_succession *s, struct mc_succession_move *m,
    const char *from, struct mc_err *err)
{
	struct mc_succession_rule *r;
	size_t i;
	int rc;

	for (i = 0; i < s->rules.v.n; i++) {
		r = &s->rules.v.p[i];
		if ((rc = fits(s, r, from, err)) == -1)
			return -1;
		if (rc == 0)
			continue;
		r->used++;
		m->to = r->to;
		m->rule = r->where;
		return 0;
	}
	return 0;
}

/*
 * The line of units.csv that is meant: of a code that was given anew, the one
 * of the day since when the dossier is there.  NULL: there is none.
 */
static int
line_of(struct mc_succession *s, const char *code, int32_t step, int64_t since,
    const struct mc_unit **out, struct mc_err *err)
{
	const struct mc_unit *now =
				 mc_unit_find(s->units, mc_str(code), s->today),
			     *then;

	*out = now;
	if (now == NULL || !mc_unit_valid(now, s->today))
		return 0;
	/* Whatever brought it later has only made it newer. */
	if (since != MC_NEVER && mc_unit_find(s->units, mc_str(code),
				     mc_zone_day(s->zone, since)) == now)
		return 0;
	if (since != MC_NEVER && now->valid_from == MC_NODAY)
		return 0;
	if (held_since(s, step, &since, err) == -1)
		return -1;
	if (since == MC_NEVER)
		return 0;
	then =
	    mc_unit_find(s->units, mc_str(code), mc_zone_day(s->zone, since));
	if (then != NULL && mc_succession_ended(then, s->today))
		*out = then;
	return 0;
}

/* A place where the dossier is: does it have to move? */
static int
look(struct mc_succession *s, int32_t step, int32_t unit, int64_t since,
    struct mc_err *err)
{
	struct mc_succession_move m = { .step = step, .from = unit };
	const char *code = mc_store_text(s->store, MC_D_UNIT, unit);
	const struct mc_unit *line, *next;

	if (line_of(s, code, step, since, &line, err) == -1)
		return -1;
	if (line != NULL && !mc_succession_ended(line, s->today))
		return 0;
	if (by_decision(s, &m, code, err) == -1)
		return -1;
	m.decided = code;
	if (m.to == NULL && line != NULL) {
		next = mc_unit_successor(s->units, line, s->today);
		if (mc_unit_valid(next, s->today)) {
			if (strcmp(next->code, code) == 0)
				return 0; /* it bears the same code */
			m.to = next->code;
			m.rule = "units.csv";
		} else {
			/* Merged, and what it merged into was split. */
			m.decided = next->code;
			m.split = next->split;
			if (strcmp(next->code, code) != 0 &&
			    by_decision(s, &m, next->code, err) == -1)
				return -1;
		}
	}
	if (m.to == NULL)
		s->row.undecided = true;
	mc_vec_push(&s->move, m);
	return 0;
}

/* ---- all of them ---- */

int
mc_succession_add(
    struct mc_succession *s, struct mc_str code, struct mc_err *err)
{
	return mc_asked_add(&s->asked, s->store, code, err);
}

/* 1 with s->cur on a row that was not looked at, 0 at the end, -1. */
static int
step(struct mc_succession *s, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(s->store);
	int64_t id;
	int rc = 0;

	if (s->have || s->ended)
		return s->have;
	if (!s->asked.only && s->cur == NULL &&
	    mc_cur_open(&s->cur, db, MC_SQL_PLACES_ALL, MC_NOARGS, err) == -1)
		return -1;
	if (s->cur != NULL && (rc = mc_cur_next(s->cur, err)) != 0)
		goto done;
	while (s->asked.only && rc == 0) {
		mc_cur_close(s->cur);
		s->cur = NULL;
		if (!mc_asked_next(&s->asked, &id))
			break;
		if (mc_cur_open(&s->cur, db, MC_SQL_PLACES_ONE,
			MC_ARGS(MC_INT(id)), err) == -1)
			return -1;
		rc = mc_cur_next(s->cur, err);
	}
done:
	s->have = rc == 1;
	s->ended = rc == 0;
	return rc;
}

/* The first row of a dossier, and the dossier's own place. */
static int
take_dossier(struct mc_succession *s, struct mc_err *err)
{
	struct mc_cur *cur = s->cur;
	int32_t unit = (int32_t)mc_cur_int(cur, 2, MC_NOID);

	s->row = (struct mc_succession_row){ .id = mc_cur_int(cur, 0, 0),
		.status = (enum mc_status)mc_cur_int(cur, 1, MC_S_NONE),
		.unit = unit,
		.version = (int32_t)mc_cur_int(cur, 4, 0),
		.procedure = (int32_t)mc_cur_int(cur, 5, MC_NOID) };
	s->loaded = s->fields_read = false;
	mc_json_free(s->fields);
	s->fields = NULL;
	s->move.n = 0;
	s->seen++;
	return look(s, MC_NOID, (int32_t)mc_cur_int(cur, 3, unit),
	    mc_cur_int(cur, 6, MC_NEVER), err);
}

/* All rows of the next dossier: s->move is where it has to go. */
static int
take_rows(struct mc_succession *s, struct mc_err *err)
{
	struct mc_cur *cur = s->cur;
	int32_t name;
	int rc;

	if (take_dossier(s, err) == -1)
		return -1;
	do {
		name = (int32_t)mc_cur_int(cur, 7, MC_NOID);
		if (name != MC_NOID &&
		    look(s, name, (int32_t)mc_cur_int(cur, 8, MC_NOID),
			mc_cur_int(cur, 9, MC_NEVER), err) == -1)
			return -1;
		s->have = false;
		rc = step(s, err);
	} while (rc == 1 && (cur = s->cur) != NULL &&
		 mc_cur_int(cur, 0, 0) == s->row.id);
	return rc == -1 ? -1 : 1;
}

int
mc_succession_next(
    struct mc_succession *s, struct mc_succession_row *row, struct mc_err *err)
{
	struct mc_succession_move *copy;
	size_t size;
	int rc;

	if (need_units(s, err) == -1)
		return -1;
	while ((rc = step(s, err)) == 1) {
		if (take_rows(s, err) == -1)
			return -1;
		if (s->move.n == 0)
			continue;
		size = s->move.n * sizeof(*copy);
		copy = mc_pool_get(&s->pool, size);
		memcpy(copy, s->move.p, size);
		*row = s->row;
		row->move = copy;
		row->moves = (int)s->move.n;
		return 1;
	}
	return rc;
}
