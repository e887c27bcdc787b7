/* check.c - see motcua/check.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <motcua/calendar.h>
#include <motcua/replan.h>
#include <motcua/rollup.h>
#include <motcua/rulebook.h>

#include "check_internal.h"

#define NONE ((struct mc_str){ NULL, 0 })

static const char *const names[] = {
	[MC_CHECK_SQLITE] = "sqlite",
	[MC_CHECK_KEYS] = "foreign-keys",
	[MC_CHECK_LOG] = "log",
	[MC_CHECK_REPLAY] = "replay",
	[MC_CHECK_RULES] = "rules",
	[MC_CHECK_BALANCE] = "balance",
	[MC_CHECK_CALENDAR] = "calendar",
};

const char *
mc_check_name(enum mc_check c)
{
	return names[c];
}

bool
mc_check_usual(enum mc_check c)
{
	return c != MC_CHECK_CALENDAR;
}

enum mc_check
mc_check_find(const char *name)
{
	int i;

	for (i = 0; i < MC_CHECK__COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return (enum mc_check)i;
	return MC_CHECK__COUNT;
}

bool
mc_check_enough(struct mc_findings *f, const char *check, int64_t before)
{
	if (f->n - before < MC_CHECK_FINDINGS)
		return false;
	mc_findings_add(f, check, "W_MORE", -1, NONE,
	    "more than %d findings of this kind; the rest is not listed",
	    MC_CHECK_FINDINGS);
	return true;
}

/* ---- sqlite, foreign-keys ---- */

struct complaint {
	struct mc_findings *f;
	const char *check, *error;
};

static void
complain(void *arg, const char *text)
{
	struct complaint *c = arg;

	mc_findings_add(c->f, c->check, c->error, -1, NONE, "%s", text);
}

static int
check_sqlite(
    struct mc_store *s, bool keys, struct mc_findings *f, struct mc_err *err)
{
	struct complaint c = { f, names[keys ? MC_CHECK_KEYS : MC_CHECK_SQLITE],
		keys ? "E_KEY" : "E_SQLITE" };

	return mc_db_integrity(mc_store_db(s), keys, complain, &c, err);
}

/* ---- log ---- */

static int
check_log(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	struct mc_audit_result result;
	int rc = mc_audit_verify(s, f, &result, err);

	mc_audit_result_free(&result);
	return rc;
}

/* ---- rules ---- */

static void
bad_pin(struct mc_findings *f, struct mc_store *s, const struct mc_pin *p,
    const char *fmt, const char *what)
{
	struct mc_buf b = { 0 };

	mc_buf_printf(&b, "procedure \"%s\" (%s of commit %.12s): ",
	    mc_store_text(s, MC_D_PROCEDURE, p->procedure), p->path, p->commit);
	mc_buf_puts(&b, fmt);
	mc_findings_add(
	    f, "rules", "E_RULES", -1, NONE, "%s%s", mc_buf_str(&b), what);
	mc_buf_free(&b);
}

/* Is the pinned file in the pinned commit what it was? */
static void
check_commit(struct mc_findings *f, struct mc_store *s, struct mc_repo *repo,
    struct mc_repo_tree **tree, const struct mc_pin *p)
{
	const struct mc_repo_entry *entry;
	struct mc_err why = MC_ERR_INIT;

	if (!mc_repo_has(repo, p->commit)) {
		bad_pin(f, s, p, "the rulebook no longer has that commit", "");
		return;
	}
	if (*tree == NULL || strcmp((*tree)->commit, p->commit) != 0) {
		mc_repo_tree_free(*tree);
		if (mc_repo_tree(repo, p->commit, tree, &why) == -1) {
			*tree = NULL;
			bad_pin(f, s, p, "", why.msg);
			return;
		}
	}
	entry = mc_repo_tree_find(*tree, p->path);
	if (entry == NULL || strcmp(entry->blob, p->blob) != 0)
		bad_pin(f, s, p,
		    "that file in that commit is not the definition pinned",
		    "");
}

/* Of a procedure: are title and field those of a definition kept? */
enum title { TITLE_NONE, TITLE_OTHER, TITLE_SAME };
struct titles { /* by id, from 1 */
	enum title *p;
	size_t n, cap;
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What cannot be read, or is of none of its procedures, says nothing. */
static int
note_title(struct mc_store *s, struct titles *t, struct mc_str text,
    struct mc_err *err)
{
	struct mc_procedure *p = NULL;
	struct mc_err ignored = MC_ERR_INIT;
	const char *title, *field;
	int32_t id;
	int rc;

	if (mc_procedure_parse(&p, "definition", text, &ignored) == -1)
		return 0;
	rc = mc_store_lookup(s, MC_D_PROCEDURE, mc_str(p->code), &id, err);
	if (rc == 1) {
		while (t->n < (size_t)id)
			mc_vec_push(t, TITLE_NONE);
		mc_store_procedure(s, id, &title, &field);
		if (same_text(title, p->title) && same_text(field, p->field))
			t->p[id - 1] = TITLE_SAME;
		else if (t->p[id - 1] == TITLE_NONE)
			t->p[id - 1] = TITLE_OTHER;
	}
	mc_procedure_free(p);
	return rc == -1 ? -1 : 0;
}

/* The last definition that came into use gave both; before that, neither. */
static void
check_titles(struct mc_store *s, struct mc_findings *f, const struct titles *t)
{
	const char *code, *title, *field;
	enum title known;
	int32_t id;

	for (id = 1;; id++) {
		code = mc_store_text(s, MC_D_PROCEDURE, id);
		if (strcmp(code, "?") == 0)
			return;
		known = (size_t)id <= t->n ? t->p[id - 1] : TITLE_NONE;
		mc_store_procedure(s, id, &title, &field);
		if (known == TITLE_NONE && title == NULL && field == NULL)
			known = TITLE_SAME;
		if (known != TITLE_SAME)
			mc_findings_add(f, "rules", "E_RULES", -1, NONE,
			    "procedure \"%s\": no definition kept has its "
			    "title and field",
			    code);
	}
}

static int
check_definitions(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	struct titles titles = { 0 };
	char id[MC_OID_HEX];
	struct mc_cur *cur;
	struct mc_str blob;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(s), MC_SQL_CHECK_DEFINITION,
		MC_NOARGS, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		blob = mc_cur_text(cur, 0);
		mc_repo_blob_id(mc_cur_text(cur, 1), id);
		if (!mc_str_is(blob, id))
			mc_findings_add(f, "rules", "E_RULES", -1, NONE,
			    "the definition kept as %.*s is another text, %s",
			    (int)(blob.len < 64 ? blob.len : 64), blob.p, id);
		if (note_title(s, &titles, mc_cur_text(cur, 1), err) == -1) {
			rc = -1;
			break;
		}
	}
	mc_cur_close(cur);
	if (rc == 0)
		check_titles(s, f, &titles);
	mc_vec_free(&titles);
	return rc;
}

static int
check_rules(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	const struct mc_procedure *procedure;
	struct mc_repo_tree *tree = NULL;
	struct mc_repo *repo = NULL;
	struct mc_policy policy;
	struct mc_err why = MC_ERR_INIT;
	struct mc_pin pin;
	char commit[MC_OID_HEX];
	int32_t i;
	int rc;

	if (mc_repo_open(&repo, mc_store_site(s)->rules, &why) == -1 ||
	    mc_repo_resolve(repo, mc_store_site(s)->ref, commit, &why) == -1)
		mc_findings_add(f, "rules", "E_RULES", -1, NONE, "%s", why.msg);
	for (i = 1; (rc = mc_store_pin(s, i, &pin, err)) == 1; i++) {
		if (repo != NULL)
			check_commit(f, s, repo, &tree, &pin);
		mc_err_clear(&why);
		if (mc_store_definition(s, i, &procedure, &policy, &why) == -1)
			bad_pin(f, s, &pin, "its definition: ", why.msg);
	}
	if (rc == 0)
		rc = check_definitions(s, f, err);
	mc_repo_tree_free(tree);
	mc_repo_free(repo);
	return rc;
}

/* ---- balance ---- */

/* Rows of level, period, procedure, unit; and four sums where it says so. */
static int
bad_cells(struct mc_store *s, struct mc_findings *f, enum mc_sql sql,
    const struct mc_arg *args, size_t n, const char *what, struct mc_err *err)
{
	int64_t before = f->n;
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(s), sql, args, n, err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1) {
		mc_findings_add(f, "balance", "E_BALANCE", -1, NONE,
		    "roll-up of level %" PRId64 ", period %" PRId64
		    ", procedure \"%s\", unit \"%s\": %s",
		    mc_cur_int(cur, 0, -1), mc_cur_int(cur, 1, -1),
		    mc_store_text(
			s, MC_D_PROCEDURE, (int32_t)mc_cur_int(cur, 2, 0)),
		    mc_store_text(s, MC_D_UNIT, (int32_t)mc_cur_int(cur, 3, 0)),
		    what);
		if (mc_check_enough(f, "balance", before)) {
			rc = 0;
			break;
		}
	}
	mc_cur_close(cur);
	return rc;
}

/*
 * What form 06a stands on: carried over + received = finished + open, and
 * open = in time + overdue, hold for every period when what was opened less
 * what was closed is what is open, and the same of what is overdue.
 */
static int
check_open(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	struct mc_cur *cur;
	int rc;

	if (mc_cur_open(&cur, mc_store_db(s), MC_SQL_CHECK_BALANCE, MC_NOARGS,
		err) == -1)
		return -1;
	while ((rc = mc_cur_next(cur, err)) == 1)
		mc_findings_add(f, "balance", "E_BALANCE", -1, NONE,
		    "procedure \"%s\", unit \"%s\": the roll-ups leave "
		    "%" PRId64 " open, %" PRId64
		    " with a running deadline; there are %" PRId64
		    " and %" PRId64,
		    mc_store_text(
			s, MC_D_PROCEDURE, (int32_t)mc_cur_int(cur, 0, 0)),
		    mc_store_text(s, MC_D_UNIT, (int32_t)mc_cur_int(cur, 1, 0)),
		    mc_cur_int(cur, 2, 0), mc_cur_int(cur, 3, 0),
		    mc_cur_int(cur, 4, 0), mc_cur_int(cur, 5, 0));
	mc_cur_close(cur);
	return rc;
}

static int
check_balance(struct mc_store *s, struct mc_findings *f, struct mc_err *err)
{
	int level;

	if (bad_cells(s, f, MC_SQL_CHECK_CELLS, MC_NOARGS,
		"received by channel is not what was opened, or finished by "
		"verdict is not what was closed",
		err) == -1)
		return -1;
	for (level = 0; level + 1 < MC_ROLLUP_ALL; level++) {
		if ((level + 1) % MC_ROLLUP_LEVELS == 0)
			continue; /* the next are other dossiers' */
		if (bad_cells(s, f, MC_SQL_CHECK_SUMS, MC_ARGS(MC_INT(level)),
			"it is not the sum of the level below", err) == -1 ||
		    bad_cells(s, f, MC_SQL_CHECK_NO_SUMS,
			MC_ARGS(MC_INT(level)),
			"the level below has nothing of it", err) == -1)
			return -1;
	}
	return check_open(s, f, err);
}

/* ---- calendar ---- */

static void
put_horizon(struct mc_findings *f, const char *name,
    const struct mc_calendar *cal, int64_t now)
{
	int32_t until = mc_calendar_known_until(cal);
	struct mc_buf day = { 0 };

	if (until == MC_NODAY ||
	    until >= mc_zone_day(mc_calendar_zone(cal), now) + MC_CHECK_HORIZON)
		return;
	mc_day_put(&day, until);
	mc_findings_add(f, "calendar", "E_HORIZON", -1, NONE,
	    "the calendar \"%s\" is known until %s only", name,
	    mc_buf_str(&day));
	mc_buf_free(&day);
}

/* A deadline that may yet move, or that should have. */
static void
put_deadline(
    struct mc_findings *f, struct mc_str code, const struct mc_replan_row *r)
{
	struct mc_buf day = { 0 }, other = { 0 };

	if (r->due.day == MC_NODAY)
		mc_buf_puts(&day, "none");
	else
		mc_day_put(&day, r->due.day);
	if (!r->differs) {
		mc_day_put(&other, r->now.known_until);
		mc_findings_add(f, "calendar", "E_HORIZON", -1, code,
		    "its deadline, %s, is provisional: the calendar \"%s\" is "
		    "known until %s",
		    mc_buf_str(&day), r->now.calendar, mc_buf_str(&other));
	} else if (r->due.day == r->now.due.day && r->due.at == r->now.due.at) {
		mc_findings_add(f, "calendar", "E_MOVED", -1, code,
		    "its deadline, %s, is%s provisional by the calendar "
		    "\"%s\"; to make it so: route plan --recompute",
		    mc_buf_str(&day), r->due.provisional ? " no longer" : "",
		    r->now.calendar);
	} else {
		mc_day_put(&other, r->now.due.day);
		if (r->due.day == r->now.due.day) {
			mc_buf_puts(&other, ", at another hour");
		}
		mc_findings_add(f, "calendar", "E_MOVED", -1, code,
		    "its deadline, %s, would be %s by the calendar \"%s\"; to "
		    "make it so: route plan --recompute",
		    mc_buf_str(&day), mc_buf_str(&other), r->now.calendar);
	}
	mc_buf_free(&day);
	mc_buf_free(&other);
}

/* Each kind is listed as far as it goes; 1 one more of it, 0 enough. */
static bool
room(struct mc_findings *f, int64_t *n)
{
	if (*n > MC_CHECK_FINDINGS)
		return false;
	if ((*n)++ < MC_CHECK_FINDINGS)
		return true;
	mc_findings_add(f, "calendar", "W_MORE", -1, NONE,
	    "more than %d findings of this kind; the rest is not listed",
	    MC_CHECK_FINDINGS);
	return false;
}

static int
check_deadlines(struct mc_store *s, struct mc_rulebook *rb, int64_t now,
    struct mc_findings *f, struct mc_err *err)
{
	struct mc_replan *replan = mc_replan_new(s, rb, now);
	const struct mc_replan_row *r;
	struct mc_buf code = { 0 };
	int64_t moved = 0, provisional = 0;
	int rc;

	while ((rc = mc_replan_next(replan, &r, err)) == 1) {
		if (r->now.due.day == MC_NODAY ||
		    (!r->differs && !r->due.provisional) ||
		    !room(f, r->differs ? &moved : &provisional))
			continue;
		mc_buf_reset(&code);
		if (mc_store_code(s, r->id, &code, err) == -1) {
			rc = -1;
			break;
		}
		put_deadline(f, (struct mc_str){ code.p, code.len }, r);
	}
	mc_buf_free(&code);
	mc_replan_free(replan);
	return rc;
}

/* Every calendar of the rulebook, as it stands now. */
static int
check_calendars(struct mc_rulebook *rb, int64_t now, struct mc_findings *f,
    struct mc_err *err)
{
	static const char dir[] = "calendars/", ext[] = ".json";
	const struct mc_calendar *cal;
	struct mc_repo_tree *tree;
	struct mc_buf name = { 0 };
	const char *blob, *path;
	size_t i, len;
	int rc = 0;

	if (mc_repo_tree(
		mc_rulebook_repo(rb), mc_rulebook_commit(rb), &tree, err) == -1)
		return -1;
	for (i = 0; i < tree->n && rc == 0; i++) {
		path = tree->entry[i].path;
		len = strlen(path);
		if (len <= sizeof(dir) + sizeof(ext) - 2 ||
		    strncmp(path, dir, sizeof(dir) - 1) != 0 ||
		    strcmp(path + len - (sizeof(ext) - 1), ext) != 0)
			continue;
		mc_buf_reset(&name);
		mc_buf_add(&name, path + sizeof(dir) - 1,
		    len - (sizeof(dir) - 1) - (sizeof(ext) - 1));
		rc = mc_rulebook_calendar(
		    rb, mc_buf_str(&name), &cal, &blob, err);
		if (rc == 0)
			put_horizon(f, mc_buf_str(&name), cal, now);
	}
	mc_repo_tree_free(tree);
	mc_buf_free(&name);
	return rc;
}

static int
check_calendar(
    struct mc_store *s, int64_t now, struct mc_findings *f, struct mc_err *err)
{
	const struct mc_site *site = mc_store_site(s);
	struct mc_rulebook *rb = NULL;
	struct mc_err why = MC_ERR_INIT;
	int rc = 0;

	/* Without a rulebook there is nothing to count with. */
	if (mc_rulebook_open(&rb, site->rules, site->ref, &why) == -1 ||
	    check_calendars(rb, now, f, &why) == -1 ||
	    check_deadlines(s, rb, now, f, &why) == -1) {
		if (why.code == MC_EDB || why.code == MC_EIO ||
		    why.code == MC_EDAMAGED) {
			*err = why;
			rc = -1;
		} else {
			mc_findings_add(f, "calendar", "E_RULES", -1, NONE,
			    "%s%s%s", why.where,
			    why.where[0] != '\0' ? ": " : "", why.msg);
		}
	}
	mc_rulebook_free(rb);
	return rc;
}

/* ---- all ---- */

static int
run(struct mc_store *s, enum mc_check c, int64_t now, struct mc_findings *f,
    struct mc_err *err)
{
	switch (c) {
	case MC_CHECK_SQLITE:
		return check_sqlite(s, false, f, err);
	case MC_CHECK_KEYS:
		return check_sqlite(s, true, f, err);
	case MC_CHECK_LOG:
		return check_log(s, f, err);
	case MC_CHECK_REPLAY:
		return mc_check_replay(s, f, err);
	case MC_CHECK_RULES:
		return check_rules(s, f, err);
	case MC_CHECK_BALANCE:
		return check_balance(s, f, err);
	case MC_CHECK_CALENDAR:
		return check_calendar(s, now, f, err);
	case MC_CHECK__COUNT:
		break;
	}
	return mc_err(err, MC_EUSAGE, "E_USAGE", "there is no such check");
}

int
mc_check(struct mc_store *s, enum mc_check c, int64_t now,
    struct mc_findings *f, struct mc_err *err)
{
	int rc;

	if (mc_db_read_begin(mc_store_db(s), err) == -1)
		return -1;
	rc = run(s, c, now, f, err);
	mc_db_read_end(mc_store_db(s));
	if (rc == -1 && err->code == MC_EDAMAGED) {
		mc_findings_add(f, names[c], err->id, -1, NONE, "%s", err->msg);
		mc_err_clear(err);
		rc = 0;
	}
	return rc;
}

int
mc_check_info(struct mc_store *s, struct mc_info *out, struct mc_err *err)
{
	struct mc_db *db = mc_store_db(s);
	struct mc_cur *cur;
	struct stat st;
	int rc;

	if (mc_db_read_begin(db, err) == -1)
		return -1;
	rc = mc_log_tree(db, &out->tree, &out->last_at, err);
	if (rc == 0)
		rc = mc_cur_open(&cur, db, MC_SQL_CHECK_COUNTS, MC_NOARGS, err);
	if (rc == 0) {
		rc = mc_cur_next(cur, err) == -1 ? -1 : 0;
		if (rc == 0) {
			out->dossiers = mc_cur_int(cur, 0, 0);
			out->open = mc_cur_int(cur, 1, 0);
		}
		mc_cur_close(cur);
	}
	mc_db_read_end(db);
	out->bytes = stat(mc_db_path(db), &st) == 0 ? (int64_t)st.st_size : 0;
	return rc;
}
