/* audit.c - unit tests of audit.h: erasure, and lines of other programs. */
#include <stdlib.h>
#include <unistd.h>

#include <motcua/audit.h>

#include "tap.h"

struct seen {
	int n;
	char text[4096]; /* "E_X 5 2;": error, event, line */
};

static void
found(void *arg, const struct mc_finding *f)
{
	struct seen *s = arg;
	size_t at = strlen(s->text);

	s->n++;
	snprintf(s->text + at, sizeof(s->text) - at, "%s %d %d;", f->error,
	    (int)f->seq, (int)f->line);
}

/* ---- the database ---- */

static int
add(struct mc_store *s, struct mc_case *c, enum mc_kind kind, bool personal)
{
	struct mc_event e = { .kind = kind, .at = 1000 };
	struct mc_err err = MC_ERR_INIT;
	int rc;

	if (kind == MC_K_REGISTERED) {
		mc_event_strz(&e, MC_F_PROCEDURE, "1.000001");
		mc_event_strz(&e, MC_F_UNIT, "H42");
		mc_event_strz(&e, MC_F_CHANNEL, "online");
	}
	/* As after an erasure: a commitment, and no row that it is of. */
	e.has_personal = personal;
	rc = mc_store_begin(s, 2000, &err);
	if (rc == 0 && c->id == 0)
		rc = mc_store_new(s, MC_STR("H42-240205-0001"), c, &err);
	if (rc == 0)
		rc = mc_store_append(s, c, &e, MC_STR(""), &err);
	if (rc == 0)
		rc = mc_store_save(s, c, &err);
	if (rc == 0)
		rc = mc_store_commit(s, &err);
	if (rc == -1)
		printf("# %s\n", err.msg);
	return rc;
}

static void
verify(struct mc_store *s, const char *want, uint64_t events)
{
	struct seen seen = { 0, "" };
	struct mc_findings f = { .found = found, .arg = &seen };
	struct mc_err err = MC_ERR_INIT;
	struct mc_audit_result r;

	OK(mc_db_read_begin(mc_store_db(s), &err) == 0);
	IS(mc_audit_verify(s, &f, &r, &err), 0);
	mc_db_read_end(mc_store_db(s));
	IS_STR(seen.text, want);
	IS(r.events, events);
	OK(r.has_root);
	IS_STR(mc_buf_str(&r.site), "H42");
	mc_audit_result_free(&r);
	mc_findings_free(&f);
}

static void
erasure(void)
{
	const struct mc_site site = { "H42", "UTC", "/rules", "main" };
	const struct mc_actor actor = { .name = "x" };
	char dir[] = "/tmp/motcua.XXXXXX", path[64];
	struct mc_err err = MC_ERR_INIT;
	struct mc_case c = { 0 };
	struct mc_store *s = NULL;

	if (!OK(mkdtemp(dir) != NULL))
		return;
	snprintf(path, sizeof(path), "%s/t.db", dir);
	mc_case_init(&c);
	if (OK(mc_store_create(&s, path, &site, &actor, 1000, &err) == 0)) {
		IS(add(s, &c, MC_K_REGISTERED, true), 0);
		verify(s, "E_PERSONAL 1 0;", 2);
		IS(add(s, &c, MC_K_ERASED, false), 0);
		verify(s, "", 3);
		/* What is lost after an erasure was not erased by it. */
		IS(add(s, &c, MC_K_DISCLOSED, true), 0);
		verify(s, "E_PERSONAL 3 0;", 4);
	}
	mc_case_free(&c);
	mc_store_close(s);
	mc_db_remove(path);
	rmdir(dir);
}

/* ---- a file ---- */

#define BODY0                                                                  \
	"{\\\"actor\\\":\\\"x\\\",\\\"at\\\":\\\"2024-02-05T03:20:00Z\\\","    \
	"\\\"data\\\":{\\\"id\\\":\\\"00112233445566778899aabbccddeeff\\\"},"  \
	"\\\"kind\\\":\\\"created\\\",\\\"recorded_at\\\":"                    \
	"\\\"2024-02-05T03:20:00Z\\\",\\\"schema\\\":\\\"motcua.leaf/1\\\","   \
	"\\\"seq\\\":0,\\\"site\\\":\\\"H42\\\",\\\"uid\\\":0}"
#define PLAIN0                                                                 \
	"{\"actor\":\"x\",\"at\":\"2024-02-05T03:20:00Z\","                    \
	"\"data\":{\"id\":\"00112233445566778899aabbccddeeff\"},"              \
	"\"kind\":\"created\",\"recorded_at\":\"2024-02-05T03:20:00Z\","       \
	"\"schema\":\"motcua.leaf/1\",\"seq\":0,\"site\":\"H42\",\"uid\":0}"
#define EVENT "\"schema\":\"motcua.event/1\""

/* LEAF stands for the hash of the body. */
static const struct {
	const char *name, *line, *want;
} lines[] = {
	{ "as written",
	    "{" EVENT ",\"seq\":0,\"code\":null,\"at\":"
	    "\"2024-02-05T10:20:00+07:00\",\"kind\":\"created\","
	    "\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "" },
	{ "body and leaf alone, other order, white space",
	    "\t{ \"leaf\" : \"LEAF\", \"body\":\"" BODY0 "\", " EVENT " }\r\n",
	    "" },
	{ "a member nobody knows",
	    "{" EVENT ",\"x\":[{}],\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "" },
	{ "escapes that are not needed",
	    "{\"\\u0073chema\":\"motcua.event\\/1\",\"kind\":\"\\u0063reated\","
	    "\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "" },
	{ "a member twice",
	    "{" EVENT ",\"seq\":0,\"seq\":0,\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_JSON -1 1;" },
	{ "a raw control character",
	    "{" EVENT ",\"actor\":\"\x01\",\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_JSON -1 1;" },
	{ "a number with a leading zero",
	    "{" EVENT ",\"seq\":00,\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "E_JSON -1 1;" },
	{ "something behind it",
	    "{" EVENT ",\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}{}",
	    "E_JSON -1 1;" },
	{ "not closed", "{" EVENT ",\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"",
	    "E_JSON -1 1;" },
	{ "an array", "[1]", "E_FIELD -1 1;" },
	{ "an empty line", "\n", "E_JSON -1 1;" },
	{ "broken UTF-8", "{\"\xff\":1}", "E_JSON -1 1;" },
	{ "no leaf", "{" EVENT ",\"body\":\"" BODY0 "\"}", "E_FIELD -1 1;" },
	{ "a leaf that is no text",
	    "{" EVENT ",\"body\":\"" BODY0 "\",\"leaf\":1}", "E_FIELD -1 1;" },
	{ "a leaf that is no base64",
	    "{" EVENT ",\"body\":\"" BODY0 "\",\"leaf\":\"?\"}", "E_LOG 0 1;" },
	{ "a body that is none", "{" EVENT ",\"body\":\"{}\",\"leaf\":\"?\"}",
	    "E_LOG -1 1;" },
	{ "null where the body has something",
	    "{" EVENT ",\"actor\":null,\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "something where the body has none",
	    "{" EVENT ",\"unit\":\"\",\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "a number for a text",
	    "{" EVENT ",\"actor\":1,\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "a run that is not there",
	    "{" EVENT ",\"run\":0,\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "a day for an instant",
	    "{" EVENT ",\"at\":\"2024-02-05\",\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "finer than the instant",
	    "{" EVENT ",\"at\":\"2024-02-05T03:20:00.0001Z\",\"body\":\"" BODY0
	    "\",\"leaf\":\"LEAF\"}",
	    "E_MEMBER 0 1;" },
	{ "personal values nobody commits to",
	    "{" EVENT ",\"personal\":{},\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\","
	    "\"body\":\"" BODY0 "\",\"leaf\":\"LEAF\"}",
	    "E_PERSONAL 0 1;" },
};

static void
file(void)
{
	struct mc_buf text = { 0 };
	struct mc_err err = MC_ERR_INIT;
	struct mc_audit_result r;
	struct mc_hash leaf;
	struct mc_source *src;
	const char *at;
	size_t i;

	mc_leaf_hash(PLAIN0, sizeof(PLAIN0) - 1, &leaf);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct seen seen = { 0, "" };
		struct mc_findings f = { .found = found, .arg = &seen };

		TAP_ROW(lines[i].name);
		mc_buf_reset(&text);
		at = strstr(lines[i].line, "LEAF");
		if (at != NULL) {
			mc_buf_add(
			    &text, lines[i].line, (size_t)(at - lines[i].line));
			mc_base64_put(&text, leaf.b, sizeof(leaf.b));
			at += 4;
		}
		mc_buf_puts(&text, at == NULL ? lines[i].line : at);
		src = mc_source_memory("t", text.p, text.len);
		IS(mc_audit_verify_file(src, &f, &r, &err), 0);
		IS_STR(seen.text, lines[i].want);
		if (seen.n == 0) {
			IS(r.events, 1);
			OK(r.has_root && mc_hash_same(&r.root, &leaf));
		}
		IS(f.n, seen.n);
		mc_source_free(src);
		mc_audit_result_free(&r);
		mc_findings_free(&f);
	}
	TAP_ROW(NULL);
	mc_buf_free(&text);
}

int
main(void)
{
	file();
	erasure();
	return tap_done();
}
