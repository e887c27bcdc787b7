/*
 * plan.c - fuzzes mc_apply_line(): a line of a plan is taken or refused with
 * its place, and it makes no difference whether its own reader of the usual
 * shape or the JSON parser reads it; but of members that are none of a plan's
 * only the parser sees repeats, and names that are no names.
 *
 * A space behind the first brace sends it to the parser.
 */
#include <motcua/replan.h>
#include <motcua/text.h>

#include "fuzz.h"

static struct mc_store *
open_store(void)
{
	static const struct mc_site site = { .code = "H42",
		.zone = "Asia/Ho_Chi_Minh",
		.rules = "/nonexistent",
		.ref = "refs/heads/main" };
	static struct mc_store *store;
	struct mc_err err = MC_ERR_INIT;
	struct mc_db *db;

	if (store == NULL &&
	    (mc_db_scratch(&db, &err) == -1 ||
		mc_store_scratch(&store, db, &site, &err) == -1))
		fuzz_broken(err.msg, __FILE__, __LINE__);
	return store;
}

static int
take(struct mc_str line, struct mc_err *err)
{
	struct mc_apply *a = mc_apply_new(open_store());
	int rc = mc_apply_line(a, "plan", 7, line, err);

	HOLDS(mc_apply_waiting(a) == (rc == 0));
	mc_apply_free(a);
	return rc;
}

/* What only the parser sees of members that are none of a plan's. */
static bool
unread(const struct mc_err *err)
{
	return strcmp(err->id, "E_DUPLICATE") == 0 ||
	       strcmp(err->id, "E_LIMIT") == 0 ||
	       strstr(err->msg, "a control character in a string") != NULL;
}

int
fuzz_plan(const uint8_t *p, size_t n)
{
	static struct mc_buf other;
	struct mc_str s = fuzz_input(p, n);
	struct mc_err a = MC_ERR_INIT, b = MC_ERR_INIT;
	int rc;

	/* As lines.h hands them out. */
	if (s.len == 0 || mc_utf8_check(s.p, s.len) != s.len ||
	    memchr(s.p, '\0', s.len) != NULL ||
	    memchr(s.p, '\n', s.len) != NULL)
		return 0;
	rc = take(s, &a);
	fuzz_taken += rc == 0;
	if (rc == -1)
		fuzz_refused_at(&a);
	if (s.p[0] != '{')
		return 0;
	mc_buf_reset(&other);
	mc_buf_puts(&other, "{ ");
	mc_buf_add(&other, s.p + 1, s.len - 1);
	if (take(fuzz_str(&other), &b) == -1 && unread(&b))
		return 0;
	/* Of several things that are wrong, either may be told. */
	HOLDS(a.code == b.code);
	return 0;
}
