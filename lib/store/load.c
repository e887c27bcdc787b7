/* load.c - see motcua/load.h. */
#include <motcua/db.h>
#include <motcua/load.h>

static int
read_steps(struct mc_load *out, struct mc_db *db, struct mc_str code,
    struct mc_err *err)
{
	struct mc_load_step s;
	struct mc_cur *cur;
	struct mc_str name;
	int rc;

	if (mc_cur_open(
		&cur, db, MC_SQL_LOAD_STEPS, MC_ARGS(MC_TEXT(code)), err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		name = mc_cur_text(cur, 0);
		s.step = mc_strndup(name.p, name.len);
		s.dossiers = mc_cur_int(cur, 1, 0);
		mc_vec_push(&out->v, s);
	}
	mc_cur_close(cur);
	return rc;
}

int
mc_load_read(struct mc_load *out, struct mc_db *db, struct mc_str code,
    struct mc_err *err)
{
	struct mc_load_step none = { NULL, 0 };
	int rc;

	*out = (struct mc_load){ .v = { 0 } };
	if (mc_db_read_begin(db, err) == -1)
		return -1;
	rc = read_steps(out, db, code, err);
	if (rc == 0)
		rc = mc_db_int(db, MC_SQL_LOAD_IDLE, MC_ARGS(MC_TEXT(code)),
		    &none.dossiers, 0, err);
	mc_db_read_end(db);
	if (rc == -1) {
		mc_load_free(out);
		return -1;
	}
	mc_vec_push(&out->v, none);
	return 0;
}

void
mc_load_free(struct mc_load *load)
{
	size_t i;

	for (i = 0; i < load->v.n; i++)
		free(load->v.p[i].step);
	mc_vec_free(&load->v);
}
