/* fold.c - unit tests of fold.h: what events make of a dossier. */
#include <stdio.h>
#include <stdlib.h>

#include <motcua/dict.h>
#include <motcua/fold.h>
#include <motcua/text.h>

#include "tap.h"

static struct mc_dictionary dict[MC_D__COUNT];
static struct mc_zone *zone;

static int
name_id(void *arg, enum mc_dict d, struct mc_str name, int32_t *out,
    struct mc_err *err)
{
	(void)arg;
	(void)err;
	*out = mc_dict_find(&dict[d], name);
	if (*out == 0)
		*out = mc_dict_add(&dict[d], name);
	return 0;
}

/* Pins are the numbers of their commits; 9 judges by the instant. */
static int
pin_id(void *arg, const struct mc_event *e, int32_t *out,
    enum mc_verdict_rule *verdict, struct mc_err *err)
{
	struct mc_str commit = mc_event_get(e, MC_F_COMMIT);

	(void)arg;
	(void)err;
	*out = commit.len == 0 ? 1 : commit.p[0] - '0';
	*verdict = *out == 9 ? MC_VERDICT_INSTANT : MC_VERDICT_DATE;
	return 0;
}

static const char *
name_text(void *arg, enum mc_dict d, int32_t id)
{
	(void)arg;
	return mc_dict_name(&dict[d], id);
}

static struct mc_names names = {
	.id = name_id, .pin = pin_id, .text = name_text
};

/*
 * An event is written "kind DAY [member=value]...", events with "; " between.
 * Days count from 2024-04-01; an event happens at 10:00, a due is 17:00.
 */
static int64_t
at_hour(int day, int hour)
{
	return mc_zone_instant(
	    zone, mc_day_of(2024, 4, 1) + day, (int64_t)hour * 3600000);
}

static const struct {
	const char *name;
	enum mc_event_field field;
} members[] = {
	{ "ch", MC_F_CHANNEL },
	{ "commit", MC_F_COMMIT },
	{ "fields", MC_F_FIELDS },
	{ "holder", MC_F_HOLDER },
	{ "officer", MC_F_OFFICER },
	{ "proc", MC_F_PROCEDURE },
	{ "set", MC_F_SET },
	{ "src", MC_F_DUE_SOURCE },
	{ "status", MC_F_STATUS },
	{ "step", MC_F_STEP },
	{ "steps", MC_F_STEPS },
	{ "unit", MC_F_UNIT },
	{ "v", MC_F_VERDICT },
};

static int
number(const char *s)
{
	int64_t n = 0;

	if (!mc_int_parse(&n, mc_str(s), -1000, 1000))
		OK(false);
	return (int)n;
}

static void
take_member(struct mc_event *e, const char *word)
{
	const char *value = strchr(word, '=');
	size_t i;

	if (value == NULL) {
		OK(false);
		return;
	}
	if (strncmp(word, "due=", 4) == 0) {
		mc_event_int(e, MC_F_DUE_AT, at_hour(number(value + 1), 17));
		mc_event_int(
		    e, MC_F_DUE_DAY, mc_day_of(2024, 4, 1) + number(value + 1));
		return;
	}
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strncmp(word, members[i].name, (size_t)(value - word)) ==
			0 &&
		    strlen(members[i].name) == (size_t)(value - word)) {
			mc_event_strz(e, members[i].field, value + 1);
			return;
		}
	OK(false);
}

static void
read_event(struct mc_event *e, char *text)
{
	char *save = NULL, *word = strtok_r(text, " ", &save);
	int k;

	memset(e, 0, sizeof(*e));
	for (k = 0; k < MC_K__COUNT; k++)
		if (strcmp(word, mc_kind_name((enum mc_kind)k)) == 0)
			break;
	e->kind = (enum mc_kind)k;
	e->at = at_hour(number(strtok_r(NULL, " ", &save)), 10);
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		take_member(e, word);
}

static int
day_of(int32_t day)
{
	return (int)(day - mc_day_of(2024, 4, 1));
}

static void
put_day(struct mc_buf *b, const char *label, int64_t ms)
{
	if (ms != MC_NEVER)
		mc_buf_printf(
		    b, " %s=%d", label, day_of(mc_zone_day(zone, ms)));
}

/* The state, in a line. */
static void
put_case(struct mc_buf *b, const struct mc_case *c)
{
	int i;

	mc_buf_puts(b, mc_status_name(c->status));
	put_day(b, "due", c->due.at);
	if (c->due_given)
		mc_buf_puts(b, " given");
	put_day(b, "paused", c->paused_at);
	put_day(b, "finished", c->finished_at);
	put_day(b, "returned", c->returned_at);
	if (c->verdict != MC_V_NONE)
		mc_buf_printf(b, " %s", mc_verdict_name(c->verdict));
	for (i = 0; i < c->steps; i++)
		mc_buf_printf(b, " %s@%s%s%s",
		    mc_dict_name(&dict[MC_D_STEP], c->step[i].step),
		    mc_dict_name(&dict[MC_D_UNIT], c->step[i].unit),
		    c->step[i].officer == MC_NOID ? "" : "/",
		    c->step[i].officer == MC_NOID
			? ""
			: mc_dict_name(
			      &dict[MC_D_OFFICER], c->step[i].officer));
	if (c->holder != MC_NOID)
		mc_buf_printf(
		    b, " holder=%s", mc_dict_name(&dict[MC_D_UNIT], c->holder));
	if (c->officer != MC_NOID)
		mc_buf_printf(b, " officer=%s",
		    mc_dict_name(&dict[MC_D_OFFICER], c->officer));
	if (c->overdue_on != MC_NODAY)
		mc_buf_printf(b, " overdue=%d", day_of(c->overdue_on));
	if (c->fields.len > 0)
		mc_buf_printf(b, " %s", mc_buf_str(&c->fields));
}

static const char *const counter[] = { "direct", "online", "postal", "early",
	"on-time", "late", "opened", "closed", "became", "ceased" };

static void
put_postings(struct mc_buf *b, const struct mc_postings *p)
{
	int i;

	for (i = 0; i < p->n; i++)
		mc_buf_printf(b, "%s%s%+d@%d", b->len > 0 ? " " : "",
		    counter[p->p[i].counter], (int)p->p[i].delta,
		    day_of(p->p[i].day));
}

#define NEW "received 0 proc=P unit=U ch=online due=5; "

/* Events, the state they make, and what the last of them posts. */
static const struct {
	const char *events, *state, *posts;
} good[] = {
	{ "registered 0 proc=P unit=U ch=direct", "registered", "" },
	{ "registered 0 proc=P unit=U ch=direct; "
	  "refused 1",
	    "not-accepted finished=1", "" },
	{ "registered 0 proc=P unit=U ch=postal; "
	  "received 1 due=5",
	    "received due=5 overdue=6", "postal+1@1 opened+1@1 became+1@6" },
	{ "received 0 proc=P unit=U ch=online due=5",
	    "received due=5 overdue=6", "online+1@0 opened+1@0 became+1@6" },
	/* No limit: nobody is ever overdue. */
	{ "received 0 proc=P unit=U ch=online", "received",
	    "online+1@0 opened+1@0" },
	/* Overdue when received: from that day on. */
	{ "received 9 proc=P unit=U ch=online due=5",
	    "received due=5 overdue=9", "online+1@9 opened+1@9 became+1@9" },
	{ "received 0 proc=P unit=U ch=online due=5 src=given "
	  "status=processing",
	    "processing due=5 given overdue=6",
	    "online+1@0 opened+1@0 became+1@6" },
	{ "received 0 proc=P unit=U ch=online step=a officer=an holder=V",
	    "processing a@V/an holder=V officer=an", "online+1@0 opened+1@0" },
	{ NEW "started 1 step=a unit=V", "processing due=5 a@V overdue=6", "" },
	{ NEW "started 1 step=a unit=V; started 1 step=b unit=W; "
	      "completed 2 step=a",
	    "processing due=5 b@W overdue=6", "" },
	{ NEW "started 1 step=a unit=V; assigned 1 step=a officer=an",
	    "processing due=5 a@V/an overdue=6", "" },
	{ NEW "started 1 step=a unit=V; transferred 1 step=a unit=W",
	    "processing due=5 a@W overdue=6", "" },
	{ NEW "assigned 1 officer=an", "received due=5 officer=an overdue=6",
	    "" },
	{ NEW "rehomed 1 unit=W", "received due=5 holder=W overdue=6", "" },
	/* Taken back: nobody's but the receiving unit's. */
	{ NEW "rehomed 1 unit=W; rehomed 1", "received due=5 overdue=6", "" },
	/* A pause before the due takes the +1 back, one after it ends it. */
	{ NEW "paused 2 status=supplement", "supplement due=5 paused=2",
	    "became-1@6" },
	{ NEW "stopped 8", "stopped due=5 paused=8", "ceased+1@8" },
	{ NEW "paused 6 status=payment", "payment due=5 paused=6",
	    "ceased+1@6" },
	{ NEW "paused 2 status=supplement; paused 3 status=payment",
	    "payment due=5 paused=2", "" },
	{ NEW "paused 2 status=supplement; resumed 4 due=7",
	    "received due=7 overdue=8", "became+1@8" },
	{ NEW "started 1 step=a unit=V; paused 2 status=supplement; resumed 9",
	    "processing due=5 a@V overdue=9", "became+1@9" },
	{ NEW "paused 2 status=supplement; resumed 4 status=processing",
	    "processing due=5 overdue=6", "became+1@6" },
	/* Another due: before and after the old one. */
	{ NEW "extended 2 due=9", "received due=9 overdue=10",
	    "became-1@6 became+1@10" },
	{ NEW "rescheduled 7 due=9 src=given",
	    "received due=9 given overdue=10", "ceased+1@7 became+1@10" },
	{ NEW "rescheduled 2 due=1", "received due=1 overdue=2",
	    "became-1@6 became+1@2" },
	{ NEW "paused 2 status=supplement; rescheduled 3 due=9",
	    "supplement due=9 paused=2", "" },
	{ NEW "repinned 2 commit=3 due=8", "received due=8 overdue=9",
	    "became-1@6 became+1@9" },
	/* Another version: names of open steps, all at once. */
	{ NEW "repinned 2 commit=3", "received due=5 overdue=6", "" },
	{ NEW "started 1 step=a unit=V; repinned 2 commit=3 "
	      "steps={\"a\":\"b\"}",
	    "processing due=5 b@V overdue=6", "" },
	{ NEW "started 1 step=a unit=V; started 1 step=b unit=W officer=an; "
	      "repinned 2 commit=3 steps={\"a\":\"b\",\"b\":\"a\"}",
	    "processing due=5 b@V a@W/an overdue=6", "" },
	{ NEW "started 1 step=a unit=V; started 1 step=b unit=W; "
	      "repinned 2 commit=3 due=8 steps={\"b\":\"c\"}",
	    "processing due=8 a@V c@W overdue=9", "became-1@6 became+1@9" },
	/* To the instant it is overdue a day sooner; not while it waits. */
	{ NEW "repinned 2 commit=9", "received due=5 overdue=5",
	    "became-1@6 became+1@5" },
	{ NEW "repinned 7 commit=9", "received due=5 overdue=7",
	    "ceased+1@7 became+1@7" },
	{ NEW "paused 2 status=supplement; repinned 3 commit=9",
	    "supplement due=5 paused=2", "" },
	{ NEW "paused 2 status=supplement; repinned 3 commit=9; resumed 4",
	    "received due=5 overdue=5", "became+1@5" },
	/* The end. */
	{ NEW "finished 3 v=early", "finished due=5 finished=3 early",
	    "became-1@6 early+1@3 closed+1@3" },
	{ NEW "finished 5 v=on-time", "finished due=5 finished=5 on-time",
	    "became-1@6 on-time+1@5 closed+1@5" },
	{ NEW "finished 6 v=late", "finished due=5 finished=6 late",
	    "ceased+1@6 late+1@6 closed+1@6" },
	{ NEW "started 1 step=a unit=V; started 1 step=z unit=W; "
	      "finished 3 v=early step=z",
	    "finished due=5 finished=3 early z@W",
	    "became-1@6 early+1@3 closed+1@3" },
	{ NEW "finished 3 v=early; returned 4",
	    "returned due=5 finished=3 returned=4 early", "" },
	{ NEW "withdrawn 8", "withdrawn due=5 finished=8 on-time",
	    "ceased+1@8 on-time+1@8 closed+1@8" },
	{ NEW "paused 2 status=supplement; withdrawn 3",
	    "withdrawn due=5 finished=3 on-time", "on-time+1@3 closed+1@3" },
	{ NEW "paused 2 status=supplement; finished 3 v=early",
	    "finished due=5 finished=3 early", "early+1@3 closed+1@3" },
	/* Received and then refused was never counted. */
	{ NEW "refused 2", "not-accepted due=5 finished=2",
	    "online-1@2 opened-1@2 became-1@6" },
	{ NEW "finished 3 v=early; returned 4; reopened 7 due=9 step=a unit=V",
	    "processing due=9 a@V overdue=10",
	    "early-1@7 closed-1@7 became+1@10" },
	/* Voided: nothing by itself (struct mc_posted); then it begins anew. */
	{ NEW "voided 2", "not-accepted due=5", "" },
	{ NEW "finished 6 v=late; voided 8", "not-accepted due=5 finished=6",
	    "" },
	{ NEW "extended 1 due=9; voided 2; disclosed 3", "not-accepted due=9",
	    "" },
	{ NEW "finished 6 v=late; voided 8; registered 3 proc=P unit=V "
	      "ch=direct",
	    "registered", "" },
	{ NEW "finished 6 v=late; voided 8; received 3 proc=P unit=V "
	      "ch=direct due=4",
	    "received due=4 overdue=5", "direct+1@3 opened+1@3 became+1@5" },
	/* Corrections. */
	{ NEW "corrected 2 set={\"channel\":\"postal\"}",
	    "received due=5 overdue=6", "online-1@2 postal+1@2" },
	{ "registered 0 proc=P unit=U ch=direct; "
	  "corrected 2 set={\"channel\":\"postal\"}",
	    "registered", "" },
	/* Refused: its receipt is not counted, by either channel. */
	{ NEW "refused 2; corrected 3 set={\"channel\":\"postal\"}",
	    "not-accepted due=5 finished=2", "" },
	{ NEW "corrected 2 set={\"officer\":\"an\"}",
	    "received due=5 officer=an overdue=6", "" },
	{ NEW "corrected 2 set={\"status\":\"processing\"}",
	    "processing due=5 overdue=6", "" },
	{ NEW "paused 2 status=supplement; "
	      "corrected 3 set={\"status\":\"processing\"}",
	    "supplement due=5 paused=2", "" },
	{ NEW "corrected 2 set={\"alias\":\"X\",\"nobody\":\"knows\"}",
	    "received due=5 overdue=6", "" },
	{ NEW "corrected 2 due=8 set={\"received_at\":"
	      "\"2024-04-02T03:00:00Z\"}",
	    "received due=8 overdue=9", "became-1@6 became+1@9" },
	{ NEW "finished 6 v=late; corrected 7 v=early "
	      "set={\"finished_at\":\"2024-04-03T03:00:00Z\"}",
	    "finished due=5 finished=2 early", "late-1@7 early+1@7" },
	{ NEW "finished 6 v=late; corrected 7 due=9 src=given v=early",
	    "finished due=9 given finished=6 early", "late-1@7 early+1@7" },
	{ NEW "finished 3 v=early; returned 4; corrected 7 "
	      "set={\"returned_at\":\"2024-04-06T03:00:00Z\"}",
	    "returned due=5 finished=3 returned=5 early", "" },
	{ "received 0 proc=P unit=U ch=online "
	  "fields={\"a\":\"1\",\"b\":\"2\"}; "
	  "corrected 1 set={\"fields\":{\"b\":\"3\",\"c\":\"4\"}}",
	    "received {\"a\":\"1\",\"b\":\"3\",\"c\":\"4\"}", "" },
	/* What changes nothing. */
	{ NEW "activity 3", "received due=5 overdue=6", "" },
	{ NEW "apologised 3; erased 4; disclosed 5", "received due=5 overdue=6",
	    "" },
};

/* What a dossier's log cannot have. */
static const struct {
	const char *events, *msg;
} bad[] = {
	{ "created 0", "event 7 (created) has no place in a dossier" },
	{ "registered 0 unit=U ch=direct",
	    "event 7 (registered) has no procedure, unit and channel" },
	{ "received 0 proc=P ch=direct",
	    "event 7 (received) has no procedure, unit and channel" },
	{ "received 0 proc=P unit=U ch=fax",
	    "event 7 (received) has no procedure, unit and channel" },
	{ NEW "repinned 2 steps={\"a\":\"b\"}",
	    "event 8 (repinned) has no open step of that name" },
	{ NEW "repinned 2 steps={",
	    "event 8 (repinned) has no readable steps" },
	{ NEW "started 1 step=a unit=V; started 1 step=b unit=W; "
	      "repinned 2 steps={\"a\":\"b\"}",
	    "event 10 (repinned) has no one name for each open step" },
	{ NEW "voided 1; started 2 step=a unit=V",
	    "event 9 (started) has no dossier any more: it was voided" },
	{ NEW "voided 1; voided 2",
	    "event 9 (voided) has no dossier any more: it was voided" },
	{ NEW "started 1 step=a", "event 8 (started) has no unit" },
	{ NEW "started 1 unit=V", "event 8 (started) has no step" },
	{ NEW "assigned 1", "event 8 (assigned) has no officer" },
	{ NEW "transferred 1", "event 8 (transferred) has no unit" },
	{ NEW "assigned 1 step=a officer=an",
	    "event 8 (assigned) has no open step of that name" },
	{ NEW "paused 1", "event 8 (paused) has no status" },
	{ NEW "paused 1 status=finished", "event 8 (paused) has no status" },
	{ NEW "finished 1", "event 8 (finished) has no verdict" },
	{ NEW "finished 1 v=maybe", "event 8 (finished) has no verdict" },
	{ NEW "corrected 1 set={", "event 8 (corrected) has no readable set" },
	{ NEW "corrected 1 set={\"channel\":\"fax\"}",
	    "event 8 (corrected) has no such channel" },
	{ NEW "corrected 1 set={\"received_at\":\"soon\"}",
	    "event 8 (corrected) has no readable time" },
};

/* Fold them all; -1 from the first that is refused. */
static int
fold_all(struct mc_case *c, const char *events, struct mc_postings *posts,
    struct mc_err *err)
{
	char text[600], *p = text, *end;
	struct mc_event e;
	uint64_t seq = 7;
	int rc = 0;

	snprintf(text, sizeof(text), "%s", events);
	for (; p != NULL && rc == 0; p = end) {
		if ((end = strstr(p, "; ")) != NULL) {
			*end = '\0';
			end += 2;
		}
		read_event(&e, p);
		e.seq = seq++;
		rc = mc_fold(c, &e, &names, posts, err);
	}
	return rc;
}

static void
tables(void)
{
	struct mc_buf got = { 0 };
	struct mc_postings posts;
	struct mc_case c = { 0 };
	struct mc_err err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		TAP_ROW(good[i].events);
		mc_err_clear(&err);
		mc_case_init(&c);
		IS(fold_all(&c, good[i].events, &posts, &err), 0);
		IS_STR(err.msg, "");
		mc_buf_reset(&got);
		put_case(&got, &c);
		IS_STR(mc_buf_str(&got), good[i].state);
		mc_buf_reset(&got);
		put_postings(&got, &posts);
		IS_STR(mc_buf_str(&got), good[i].posts);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].events);
		mc_err_clear(&err);
		mc_case_init(&c);
		IS(fold_all(&c, bad[i].events, &posts, &err), -1);
		IS(err.code, MC_EDAMAGED);
		IS_STR(err.id, "E_LOG");
		IS_STR(err.msg, bad[i].msg);
	}
	TAP_ROW(NULL);
	mc_case_free(&c);
	mc_buf_free(&got);
}

static uint64_t seed = 11;

static int
rnd(int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)below);
}

/*
 * Whatever happens, in whatever order: what is posted adds up to what the
 * dossier is.
 */
static void
balance(void)
{
	static const char *const any[] = { "started %d step=a unit=V",
		"started %d step=b unit=V", "completed %d step=a",
		"paused %d status=supplement", "paused %d status=payment",
		"stopped %d", "extended %d due=20", "rescheduled %d due=3",
		"rescheduled %d due=30", "repinned %d due=12",
		"rehomed %d unit=W", "activity %d",
		"corrected %d set={\"channel\":\"direct\"}",
		"corrected %d due=9 v=late", "assigned %d officer=an" };
	int64_t sum[MC_C__COUNT];
	struct mc_postings posts;
	struct mc_case c = { 0 };
	struct mc_event e;
	struct mc_err err = MC_ERR_INIT;
	char text[80];
	int i, k, n, wrong = 0, refused = 0;
	uint64_t seq;

	for (i = 0; i < 4000; i++) {
		memset(sum, 0, sizeof(sum));
		mc_case_init(&c);
		seq = 0;
		for (n = 0; n < 12; n++) {
			const char *pick = any[rnd(15)], *at;
			int day = n + rnd(5);

			if (n == 0)
				pick = "received %d proc=P unit=U ch=online "
				       "due=8";
			else if (mc_status_paused(c.status) && rnd(3) == 0)
				pick =
				    rnd(2) ? "resumed %d due=15" : "resumed %d";
			else if (mc_status_open(c.status) && rnd(5) == 0)
				pick = rnd(2) ? "finished %d v=early"
					      : "withdrawn %d";
			else if (c.status == MC_S_FINISHED)
				pick = rnd(2) ? "returned %d"
					      : "reopened %d due=25";
			else if (!mc_status_open(c.status))
				break;
			at = strstr(pick, "%d");
			snprintf(text, sizeof(text), "%.*s%d%s",
			    (int)(at - pick), pick, day, at + 2);
			read_event(&e, text);
			e.seq = seq++;
			if (mc_fold(&c, &e, &names, &posts, &err) == -1)
				refused++;
			for (k = 0; k < posts.n; k++)
				sum[posts.p[k].counter] += posts.p[k].delta;
			wrong += posts.n > MC_POSTINGS;
			wrong += sum[MC_C_DIRECT] + sum[MC_C_ONLINE] +
				     sum[MC_C_POSTAL] !=
				 sum[MC_C_OPENED];
			wrong += sum[MC_C_EARLY] + sum[MC_C_ON_TIME] +
				     sum[MC_C_LATE] !=
				 sum[MC_C_CLOSED];
			wrong += sum[MC_C_OPENED] - sum[MC_C_CLOSED] !=
				 mc_status_open(c.status);
			wrong += sum[MC_C_BECAME] - sum[MC_C_CEASED] !=
				 (c.overdue_on != MC_NODAY);
			wrong += c.version != (int32_t)seq;
		}
	}
	IS(refused, 0);
	IS(wrong, 0);
	mc_case_free(&c);
}

static void
seqs(void)
{
	struct mc_buf b = { 0 };
	uint64_t want[500], last = 0, seq = 0;
	size_t at = 0;
	int i, wrong = 0;

	for (i = 0; i < 500; i++) {
		seq += i % 50 == 0 ? UINT64_C(1) << rnd(50)
				   : (uint64_t)(1 + rnd(300));
		want[i] = seq;
		mc_seqs_add(&b, &last, seq);
	}
	seq = 0;
	for (i = 0; i < 500; i++)
		wrong +=
		    !mc_seqs_next((struct mc_str){ b.p, b.len }, &at, &seq) ||
		    seq != want[i];
	IS(wrong, 0);
	OK(!mc_seqs_next((struct mc_str){ b.p, b.len }, &at, &seq));
	/* Bytes that never end are read no further than there are. */
	at = 0;
	seq = 0;
	while (mc_seqs_next(MC_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				   "\xff\xff\xff"),
	    &at, &seq))
		;
	IS(at, 13);
	mc_buf_free(&b);
}

/* `changed_at` follows changes of state only, and never goes back. */
static void
changed(void)
{
	struct mc_postings posts;
	struct mc_case c = { 0 };
	struct mc_err err = MC_ERR_INIT;

	mc_case_init(&c);
	IS(fold_all(&c,
	       NEW "started 3 step=a unit=V; activity 9; "
		   "corrected 9; assigned 2 step=a officer=an",
	       &posts, &err),
	    0);
	IS(c.changed_at, at_hour(3, 10));
	IS(c.version, 5);
	IS(c.last_seq, 11);
	mc_case_free(&c);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	int d;

	IS(mc_zone_open(&zone, "Asia/Ho_Chi_Minh", &err), 0);
	names.zone = zone;
	tables();
	balance();
	seqs();
	changed();
	for (d = 0; d < MC_D__COUNT; d++)
		mc_dict_free(&dict[d]);
	mc_zone_free(zone);
	return tap_done();
}
