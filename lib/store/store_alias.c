/* store_alias.c - the other numbers by which dossiers are found; store.h. */
#include "store_internal.h"

int
mc_store_alias(
    struct mc_store *s, struct mc_str alias, int64_t id, struct mc_err *err)
{
	s->aliases = 1;
	return mc_db_run(
	    s->db, MC_SQL_ALIAS_ADD, MC_ARGS(MC_TEXT(alias), MC_INT(id)), err);
}

int
mc_store_no_aliases(struct mc_store *s, struct mc_err *err)
{
	if (s->in_write && s->aliases == -1 &&
	    mc_db_int(
		s->db, MC_SQL_ALIAS_ANY, MC_NOARGS, &s->aliases, 0, err) == -1)
		return -1;
	return s->in_write && s->aliases == 0;
}

/* Dossiers that have the alias, two of them at most: how many, or -1. */
static int
holders(
    struct mc_store *s, struct mc_str alias, int64_t id[2], struct mc_err *err)
{
	struct mc_cur *cur;
	int rc = mc_store_no_aliases(s, err), n = 0;

	if (rc != 0)
		return rc == -1 ? -1 : 0;
	if (mc_cur_open(&cur, s->db, MC_SQL_ALIAS_FIND, MC_ARGS(MC_TEXT(alias)),
		err) == -1)
		return -1;
	while (n < 2 && (rc = mc_cur_next(cur, err)) == 1)
		id[n++] = mc_cur_int(cur, 0, 0);
	mc_cur_close(cur);
	return rc == -1 ? -1 : n;
}

/* Databases of before such aliases were refused may have one. */
static int
ambiguous(struct mc_store *s, struct mc_str alias, const int64_t id[2],
    struct mc_err *err)
{
	struct mc_buf a = { 0 }, b = { 0 };

	if (mc_store_code(s, id[0], &a, err) == 0 &&
	    mc_store_code(s, id[1], &b, err) == 0)
		mc_err(err, MC_ENOTFOUND, "E_ALIAS",
		    "\"%.*s\" is an alias of \"%s\" and of \"%s\"",
		    (int)alias.len, alias.p, mc_buf_str(&a), mc_buf_str(&b));
	mc_buf_free(&a);
	mc_buf_free(&b);
	return -1;
}

int
mc_store_find_alias(
    struct mc_store *s, struct mc_str alias, int64_t *id, struct mc_err *err)
{
	int64_t held[2] = { 0, 0 };
	int n = holders(s, alias, held, err);

	if (n > 1)
		return ambiguous(s, alias, held, err);
	if (n == 1)
		*id = held[0];
	return n;
}

int
mc_store_is_living(struct mc_store *s, int64_t id, struct mc_err *err)
{
	int64_t voided;
	int rc = mc_db_int(s->db, MC_SQL_CASE_FLAG,
	    MC_ARGS(MC_INT(id), MC_INT(MC_FLAG_VOIDED)), &voided, 0, err);

	return rc == 1 ? voided == 0 : rc;
}

int
mc_store_holder(struct mc_store *s, struct mc_str name, int64_t own,
    int64_t *id, struct mc_err *err)
{
	int64_t held[2] = { 0, 0 };
	int i, n, rc = mc_store_find_own(s, name, id, err);

	if (rc == 1)
		rc = *id == own ? 0 : mc_store_is_living(s, *id, err);
	if (rc != 0)
		return rc;
	n = holders(s, name, held, err);
	for (i = 0; i < n; i++)
		if (held[i] != own) {
			*id = held[i];
			return 1;
		}
	return n == -1 ? -1 : 0;
}
