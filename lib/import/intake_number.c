/*
 * intake_number.c - --number: codes for rows that have none; motcua/intake.h.
 *
 * They are given inside the write transaction, after the greatest that there
 * is of the agency and the day, so that two imports at once leave neither a
 * gap nor a number twice.
 */
#include <stdlib.h>
#include <string.h>

#include <motcua/code.h>
#include <motcua/mem.h>
#include <motcua/text.h>

#include "intake_internal.h"

void
mc_intake_free_numbers(struct mc_intake *in)
{
	struct numbers *n = &in->numbers;

	mc_dict_free(&n->agency);
	mc_dict_free(&n->alias);
	mc_vec_free(&n->of_alias);
	free(n->slot);
	free(n->seen);
}

static size_t
start(int64_t key, size_t slots)
{
	return (uint64_t)key * 0x9e3779b97f4a7c15u >> 20 & (slots - 1);
}

static void
grow_slots(struct numbers *n)
{
	struct last_number *old = n->slot;
	size_t i, k, slots = n->slots;

	n->slots = slots == 0 ? 1024 : slots * 2;
	n->slot = mc_calloc(n->slots, sizeof(*n->slot));
	for (i = 0; i < slots; i++) {
		if (old[i].place == 0)
			continue;
		k = start(old[i].place, n->slots);
		while (n->slot[k].place != 0)
			k = (k + 1) & (n->slots - 1);
		n->slot[k] = old[i];
	}
	free(old);
}

/* The last number of that agency and day, of the portion or before it. */
static int
last_of(struct mc_intake *in, struct mc_str agency, int32_t day,
    struct last_number **out, struct mc_err *err)
{
	struct numbers *n = &in->numbers;
	int32_t id, ours = mc_dict_find(&n->agency, agency), d, a, sequence;
	int64_t place, last = 0;
	size_t i;
	int rc;

	if (ours == 0)
		ours = mc_dict_add(&n->agency, agency);
	if ((n->n + 1) * 2 > n->slots)
		grow_slots(n);
	place = mc_code_pack(day, ours, 0);
	for (i = start(place, n->slots); n->slot[i].place != 0;
	     i = (i + 1) & (n->slots - 1))
		if (n->slot[i].place == place)
			break;
	*out = &n->slot[i];
	if (n->slot[i].place != 0)
		return 0;
	rc = mc_store_lookup(in->store, MC_D_AGENCY, agency, &id, err);
	if (rc == 1)
		rc = mc_db_int(mc_store_db(in->store), MC_SQL_NUMBER_LAST,
		    MC_ARGS(MC_INT(mc_code_pack(day, id, 0)),
			MC_INT(mc_code_pack(day, id, MC_CODE_SEQUENCE_MAX))),
		    &last, 0, err);
	if (rc == -1)
		return -1;
	sequence = 0;
	if (last != 0)
		mc_code_unpack(last, &d, &a, &sequence);
	n->slot[i] = (struct last_number){ place, sequence };
	n->n++;
	return 0;
}

/* Which time is it that this run has such a row?  0 is the first. */
#define TIMES UINT64_C(0xfffff)

static size_t
seat(const uint64_t *slot, size_t slots, uint64_t key)
{
	size_t i = start((int64_t)key, slots);

	while (slot[i] != 0 && (slot[i] & ~TIMES) != key)
		i = (i + 1) & (slots - 1);
	return i;
}

static int64_t
times_seen(struct numbers *n, int64_t row)
{
	uint64_t key = (uint64_t)row & ~TIMES, *old = n->seen;
	size_t i, slots = n->seen_slots;

	if ((n->n_seen + 1) * 4 > slots * 3) {
		n->seen_slots = slots == 0 ? 1024 : slots * 2;
		n->seen = mc_calloc(n->seen_slots, sizeof(*n->seen));
		for (i = 0; i < slots; i++)
			if (old[i] != 0)
				n->seen[seat(n->seen, n->seen_slots,
				    old[i] & ~TIMES)] = old[i];
		free(old);
	}
	i = seat(n->seen, n->seen_slots, key);
	if (n->seen[i] == 0) {
		n->seen[i] = key;
		n->n_seen++;
	}
	if ((n->seen[i] & TIMES) == TIMES)
		return (int64_t)TIMES;
	return (int64_t)(n->seen[i]++ & TIMES);
}

/* The alias of a row that has a code, where that is what it will lead to. */
static int
take_alias(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct numbers *n = &in->numbers;
	struct mc_str alias = d->v[MC_COL_ALIAS];
	int64_t id;
	int rc;

	if (alias.len == 0 || mc_dict_find(&n->alias, alias) != 0)
		return 0;
	rc = mc_store_holder(in->store, alias, 0, &id, err);
	if (rc == 0) {
		mc_dict_add(&n->alias, alias);
		mc_vec_push(&n->of_alias, d);
	}
	return rc == -1 ? -1 : 0;
}

/* A code in the portion keeps its number from being given to another row. */
static int
take_code(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct mc_code_parts parts;
	struct last_number *last;

	if (take_alias(in, d, err) == -1)
		return -1;
	if (!mc_code_split(&parts, d->v[MC_COL_CODE]))
		return 0;
	if (last_of(in, parts.agency, parts.day, &last, err) == -1)
		return -1;
	if (last->last < parts.sequence)
		last->last = parts.sequence;
	return 0;
}

static int
use_code_of(
    struct mc_intake *in, struct draft *d, int64_t id, struct mc_err *err)
{
	mc_buf_reset(&in->scratch);
	if (mc_store_code(in->store, id, &in->scratch, err) == -1)
		return -1;
	d->v[MC_COL_CODE] = mc_pool_str(
	    &in->pool, (struct mc_str){ in->scratch.p, in->scratch.len });
	return 1;
}

/* By its alias, where it has one: 1 with its code, 0, -1. */
static int
known_by_alias(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	struct numbers *n = &in->numbers;
	struct mc_str alias = d->v[MC_COL_ALIAS];
	int32_t at = mc_dict_find(&n->alias, alias);
	int64_t id;
	int rc;

	if (at != 0) {
		d->v[MC_COL_CODE] = n->of_alias.p[at - 1]->v[MC_COL_CODE];
		return d->v[MC_COL_CODE].len > 0;
	}
	mc_dict_add(&n->alias, alias);
	mc_vec_push(&n->of_alias, d);
	rc = mc_store_find(in->store, alias, &id, err);
	if (rc == 0) /* voided: the alias is gone, the number is not */
		rc = mc_db_int(mc_store_db(in->store), MC_SQL_NUMBER_OF,
		    MC_ARGS(MC_INT(d->number_key), MC_INT(0)), &id, 0, err);
	if (rc == -1 && mc_intake_several(in, d, d->source[MC_COL_ALIAS], err))
		return 1;
	return rc == 1 ? use_code_of(in, d, id, err) : rc;
}

static int
known_by_content(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	int64_t id;
	int rc = mc_db_int(mc_store_db(in->store), MC_SQL_NUMBER_OF,
	    MC_ARGS(MC_INT(d->number_key),
		MC_INT(times_seen(&in->numbers, d->number_key))),
	    &id, 0, err);

	return rc == 1 ? use_code_of(in, d, id, err) : rc;
}

static int
give_number(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	int32_t day = mc_zone_day(mc_store_zone(in->store), d->received_at);
	struct last_number *last;
	struct mc_str code;
	int64_t id;
	int rc;

	if (last_of(in, d->agency, day, &last, err) == -1)
		return -1;
	do {
		if (last->last == MC_CODE_SEQUENCE_MAX) {
			mc_intake_refuse(in, d, d->source[MC_COL_CODE],
			    "E_LIMIT",
			    "\"%.64s\" has no number left on its day",
			    d->agency.p);
			return 0;
		}
		mc_buf_reset(&in->scratch);
		mc_code_put(&in->scratch, d->agency, day, ++last->last);
		code = (struct mc_str){ in->scratch.p, in->scratch.len };
		/* It may be an alias, here or there. */
		rc = mc_dict_find(&in->numbers.alias, code) != 0
			 ? 1
			 : mc_store_find(in->store, code, &id, err);
		if (rc == -1 && err->code == MC_ENOTFOUND) {
			mc_err_clear(err); /* of several */
			rc = 1;
		}
	} while (rc == 1);
	if (rc == 0)
		d->v[MC_COL_CODE] = mc_pool_str(&in->pool, code);
	return rc;
}

static int
number_one(struct mc_intake *in, struct draft *d, struct mc_err *err)
{
	bool by_alias = d->v[MC_COL_ALIAS].len > 0;
	int rc;

	d->number_key =
	    by_alias ? (int64_t)mc_intake_hash(in, &d->v[MC_COL_ALIAS], 1)
		     : d->row_hash;
	rc = by_alias ? known_by_alias(in, d, err)
		      : known_by_content(in, d, err);
	return rc == 0 ? give_number(in, d, err) : rc == 1 ? 0 : -1;
}

int
mc_intake_number(struct mc_intake *in, struct mc_err *err)
{
	struct numbers *n = &in->numbers;
	struct draft *d;
	size_t i, needed = 0;

	for (i = 0; i < in->draft.n; i++)
		needed += in->draft.p[i]->agency.len > 0;
	if (needed == 0)
		return 0;
	/* Others may have written since the portion before. */
	if (n->n > 0)
		memset(n->slot, 0, n->slots * sizeof(*n->slot));
	n->n = n->of_alias.n = 0;
	mc_dict_free(&n->alias);
	for (i = 0; i < in->draft.n; i++) {
		d = in->draft.p[i];
		if (d->why == NULL && d->agency.len == 0 &&
		    take_code(in, d, err) == -1)
			return -1;
	}
	for (i = 0; i < in->draft.n; i++) {
		d = in->draft.p[i];
		if (d->why == NULL && d->agency.len > 0 &&
		    number_one(in, d, err) == -1)
			return -1;
	}
	return 0;
}
