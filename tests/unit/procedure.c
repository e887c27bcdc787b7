/* procedure: a definition read, refused with its place, and linted. */
#include <stdlib.h>
#include <string.h>

#include <motcua/procedure.h>

#include "tap.h"

#define HEAD                                                                   \
	"{\"code\": \"1.009994\", \"title\": \"Giấy phép\", "               \
	"\"field\": \"Xây dựng\",\n"                                        \
	" \"level\": \"commune\", \"effective_from\": \"2021-01-01\"\n"
#define STEPS                                                                  \
	",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": \"z\"},\n"    \
	"{\"id\": \"z\", \"final\": true}]}"

static const char whole[] = HEAD
    ",\"service\": \"partial\", \"level_43\": 3,"
    "\"effective_to\": \"2025-06-30\", \"legal_basis\": [\"50/2014/QH13\"],"
    "\"limit\": \"15 days\", \"deadline\": {\"pause\": \"restart\"},"
    "\"calendar\": \"office\", \"result\": \"Giấy\","
    "\"fee\": [{\"title\": \"Lệ phí\", \"amount\": 75000}],"
    "\"fields\": [{\"name\": \"area\", \"type\": \"decimal\","
    " \"public\": true}, {\"name\": \"kind\", \"type\": \"text\"}],"
    "\"documents\": [{\"id\": \"don\", \"title\": \"Đơn\", \"copies\": 2},"
    " {\"id\": \"b\", \"title\": \"B\", \"required\": false}],"
    "\"steps\": ["
    "{\"id\": \"in\", \"title\": \"Tiếp nhận\", \"role\": \"desk\","
    " \"limit\": \"4 working hours\", \"next\": [{\"when\": {\"field\":"
    " \"area\", \"gt\": 250}, \"to\": [\"fire\", \"env\"]},"
    " {\"to\": \"sign\"}]},"
    "{\"id\": \"fire\", \"role\": \"police\", \"unit\": \"@province\","
    " \"next\": \"sign\"},"
    "{\"id\": \"env\", \"role\": \"env\", \"next\": [{\"to\": \"sign\"}]},"
    "{\"id\": \"sign\", \"role\": \"leader\", \"join\": \"all\","
    " \"next\": \"out\"},"
    "{\"id\": \"out\", \"final\": true}]}";

/* Each replaces one thing in a small good definition. */
static const struct {
	const char *json, *id, *where, *message;
} bad[] = {
	{ "{", "E_JSON", NULL, NULL },
	{ "[]", "E_FIELD", "f:1:1", "a procedure is no object" },
	{ HEAD ",\"colour\": 1" STEPS, "E_FIELD", "f:3:12",
	    "unknown member \"colour\" of a procedure" },
	{ HEAD ",\"a/b\": 1" STEPS, "E_FIELD", "f:3:9",
	    "unknown member \"a/b\" of a procedure" },
	{ "{\"code\": \"1.009994\"" STEPS, "E_FIELD", "f:1:1",
	    "\"title\" is missing" },
	{ HEAD ",\"title\": \"X\"" STEPS, "E_DUPLICATE", NULL, NULL },
	{ HEAD ",\"service\": \"half\"" STEPS, "E_FIELD", "f:3:13",
	    "no such service \"half\": information, partial or full" },
	{ HEAD ",\"level_43\": 5" STEPS, "E_FIELD", "f:3:14",
	    "\"level_43\" is a whole number from 1 to 4" },
	{ HEAD ",\"effective_to\": \"2020-12-31\"" STEPS, "E_DATE", "f:3:18",
	    "it ends before it begins" },
	{ HEAD ",\"effective_to\": \"2021-02-29\"" STEPS, "E_DATE", "f:3:18",
	    "no such day \"2021-02-29\"" },
	{ HEAD ",\"limit\": \"soon\"" STEPS, "E_TERM", "f:3:11", NULL },
	{ HEAD ",\"limit\": 15" STEPS, "E_FIELD", "f:3:11",
	    "\"limit\" is text, and not empty" },
	{ HEAD ",\"deadline\": {\"pause\": \"sleep\"}" STEPS, NULL, NULL,
	    NULL },
	{ HEAD ",\"result\": \"Xa\xCC\x83\"" STEPS, "E_NFC", "f:3:12",
	    "\"result\" is not in Unicode form NFC, or has invisible "
	    "characters or space at its ends" },
	{ HEAD ",\"result\": \"A\\u001bB\"" STEPS, "E_FIELD", "f:3:12",
	    "a control character in \"result\"" },
	{ HEAD ",\"fee\": [{\"title\": \"x\", \"amount\": -1}]" STEPS,
	    "E_FIELD", "f:3:35",
	    "\"amount\" is a whole number from 0 to 1000000000000" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.009994\"}]" STEPS,
	    "E_CHILD", "f:3:29", "\"1.009994\" is the procedure itself" },
	{ HEAD ",\"children\": [{\"procedure\": \"x\"}]" STEPS, "E_CODE",
	    "f:3:29", "\"x\" is no procedure's code such as 1.004222" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\"},"
	       "{\"procedure\": \"1.000001\"}]" STEPS,
	    "E_DUPLICATE", "f:3:55", "\"1.000001\" stands there twice" },
	{ HEAD ",\"children\": [{\"role\": \"r\"}]" STEPS, "E_FIELD", "f:3:15",
	    "\"procedure\" is missing" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\", \"steps\": "
	       "[]}]" STEPS,
	    "E_FIELD", NULL, "unknown member \"steps\" of a child" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\", \"unit\": "
	       "\"@home\"}]" STEPS,
	    "E_FIELD", NULL,
	    "no such place \"@home\": @self, @parent, @province or a unit's "
	    "code" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\", \"when\": "
	       "{\"field\": \"area\", \"eq\": 1}}]" STEPS,
	    "E_CONDITION", NULL, NULL },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"waits\": "
	       "\"children\", \"next\": \"z\"}, {\"id\": \"z\", \"final\": "
	       "true}]}",
	    "E_CHILD", "f:3:46", "the procedure has no children to wait for" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\"}], \"steps\": "
	       "[{\"id\": \"a\", \"role\": \"r\", \"next\": \"z\"}, "
	       "{\"id\": \"z\", \"waits\": \"children\", \"final\": true}]}",
	    "E_STEP", NULL,
	    "the final step \"z\" is for handing out the result, and waits "
	    "for nobody" },
	{ HEAD ",\"children\": [{\"procedure\": \"1.000001\"}], \"steps\": "
	       "[{\"id\": \"a\", \"role\": \"r\", \"waits\": \"rain\", "
	       "\"next\": \"z\"}, {\"id\": \"z\", \"final\": true}]}",
	    "E_FIELD", NULL, "\"waits\" is \"children\"" },
	{ HEAD ",\"fee\": {}" STEPS, "E_FIELD", "f:3:9", "\"fee\" is no list" },
	{ HEAD
	    ",\"fields\": [{\"name\": \"channel\", \"type\": \"text\"}]" STEPS,
	    "E_FIELD", "f:3:22",
	    "\"channel\" is every dossier's own and cannot be declared" },
	{ HEAD ",\"fields\": [{\"name\": \"Area\", \"type\": \"text\"}]" STEPS,
	    "E_CODE", "f:3:22",
	    "\"Area\" is no name of 1 to 40 characters a-z 0-9 _" },
	{ HEAD ",\"fields\": [{\"name\": \"a\", \"type\": \"money\"}]" STEPS,
	    "E_FIELD", "f:3:35",
	    "no such type \"money\": text, integer, decimal, date or "
	    "boolean" },
	{ HEAD ",\"fields\": [{\"name\": \"a\", \"type\": \"text\"},"
	       "{\"name\": \"a\", \"type\": \"text\"}]" STEPS,
	    "E_DUPLICATE", "f:3:52", "\"a\" stands there twice" },
	{ HEAD "}", "E_FIELD", "f:1:1", "there are no steps" },
	{ HEAD ",\"steps\": []}", "E_FIELD", "f:3:11", "there are no steps" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "\"b\"},{\"id\": \"z\", \"final\": true}]}",
	    "E_STEP", "f:3:45", "there is no step \"b\"" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "\"a\"},{\"id\": \"z\", \"final\": true}]}",
	    "E_STEP", "f:3:45", "the step \"a\" leads to itself" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\"},"
	       "{\"id\": \"z\", \"final\": true}]}",
	    "E_FIELD", "f:3:12",
	    "\"next\" is missing, and the step is not final" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"next\": \"z\"},"
	       "{\"id\": \"z\", \"final\": true}]}",
	    "E_FIELD", "f:3:12", "\"role\" is missing" },
	{ HEAD ",\"steps\": [{\"id\": \"z\", \"final\": true, \"next\": "
	       "\"z\"}]}",
	    "E_STEP", "f:3:47", "the final step \"z\" leads nowhere" },
	{ HEAD ",\"steps\": [{\"id\": \"z\", \"final\": true},"
	       "{\"id\": \"z\", \"final\": true}]}",
	    "E_DUPLICATE", "f:3:46", "\"z\" stands there twice" },
	{ HEAD ",\"steps\": [{\"id\": \"a b\", \"final\": true}]}", "E_CODE",
	    "f:3:19", "\"a b\" is no name of 1 to 40 characters a-z 0-9 _-" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "[\"b\"]},{\"id\": \"b\", \"final\": true}]}",
	    "E_FIELD", "f:3:46",
	    "several targets are written [{\"to\": [\"a\", \"b\"]}]" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "[{\"to\": []}]},{\"id\": \"b\", \"final\": true}]}",
	    "E_FIELD", "f:3:53", "\"to\" names no step" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "[{\"to\": [\"b\", \"b\"]}]},{\"id\": \"b\", \"final\": "
	       "true}]}",
	    "E_DUPLICATE", "f:3:59", "\"b\" stands there twice" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "[{\"when\": {\"field\": \"x\", \"eq\": 1}, \"to\": \"b\"}]},"
	       "{\"id\": \"b\", \"final\": true}]}",
	    "E_CONDITION", "f:3:65",
	    "the condition names the unknown field \"x\"" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"join\": "
	       "\"any\", \"next\": \"b\"},{\"id\": \"b\", \"final\": true}]}",
	    "E_FIELD", "f:3:45", "\"join\" is \"all\"" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"unit\": "
	       "\"@moon\", \"next\": \"b\"},{\"id\": \"b\", \"final\": "
	       "true}]}",
	    "E_FIELD", "f:3:45",
	    "no such place \"@moon\": @self, @parent, @province or a unit's "
	    "code" },
	{ HEAD ",\"steps\": [{\"id\": \"a\", \"role\": \"r\", \"next\": "
	       "\"b\"},{\"id\": \"b\", \"role\": \"r\", \"next\": \"a\"}]}",
	    "E_STEP", "f:3:11", "no step is final" },
};

static const char *const codes[] = { "1.001193", "9.999999", "1.001193.H42",
	"1.001193.000.00.00.H42" };
static const char *const bad_codes[] = { "0.001193", "1.00119", "1.0011933",
	"1-001193", "1.001193.", "1.001193.42H", "1.001193.000.00.H42",
	"1.001193.000.00.00.42H", "../001193", "" };

/* Steps only; what lint says, as "ID@where ..." */
static const struct {
	const char *limit, *steps, *says;
} lint[] = {
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "" },
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_UNREACHABLE@4:44 " },
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"when\":{\"field\":\"channel\",\"eq\":\"online\"},"
	    "\"to\":\"b\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"c\"},"
	    "{\"id\":\"c\",\"role\":\"r\",\"next\":\"b\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_LOOP@4:105 " },
	/* into a loop without a way out */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":\"b\"},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"c\"},"
	    "{\"id\":\"c\",\"role\":\"r\",\"next\":\"b\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_DEAD_END@4:11 E_LOOP@4:44 E_UNREACHABLE@4:110 " },
	/* a loop that only one channel never leaves */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":\"b\"},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":"
	    "[{\"when\":{\"field\":\"channel\",\"eq\":\"online\"},"
	    "\"to\":\"a\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_LOOP@4:11 " },
	/* a loop that a field can end is fine */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":\"b\"},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":"
	    "[{\"when\":{\"all\":[{\"field\":\"channel\",\"eq\":\"online\"},"
	    "{\"field\":\"n\",\"gt\":1}]},"
	    "\"to\":\"a\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"z\",\"final\":true}",
	    "" },
	/* covered by an earlier one; never met; led to by neither */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"when\":{\"field\":\"n\",\"gt\":100},\"to\":\"z\"},"
	    "{\"when\":{\"field\":\"n\",\"ge\":101},\"to\":\"b\"},"
	    "{\"when\":{\"all\":[{\"field\":\"n\",\"gt\":1},"
	    "{\"field\":\"n\",\"lt\":2}]},\"to\":\"b\"},"
	    "{\"to\":\"z\"}]},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_BRANCH@4:81 E_BRANCH@4:122 E_UNREACHABLE@4:205 " },
	/* the end does not wait for the other of two parallel steps */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"to\":[\"b\",\"c\"]}]},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"c\",\"role\":\"r\",\"next\":\"z\"},"
	    "{\"id\":\"z\",\"final\":true}",
	    "W_JOIN@4:40 " },
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"when\":{\"field\":\"channel\",\"eq\":\"online\"},"
	    "\"to\":\"z\"}]},{\"id\":\"z\",\"final\":true}",
	    "E_BRANCH@4:39 " },
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"to\":\"z\"},"
	    "{\"when\":{\"field\":\"channel\",\"eq\":\"online\"},"
	    "\"to\":\"z\"},{\"to\":\"z\"}]},{\"id\":\"z\",\"final\":true}",
	    "E_BRANCH@4:51 E_BRANCH@4:103 " },
	/* a join below a join, and rework from behind it, are fine */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"to\":[\"b\",\"c\"]}]},"
	    "{\"id\":\"b\",\"role\":\"r\",\"next\":\"j\"},"
	    "{\"id\":\"c\",\"role\":\"r\",\"next\":\"j\"},"
	    "{\"id\":\"j\",\"role\":\"r\",\"join\":\"all\",\"next\":"
	    "[{\"when\":{\"field\":\"n\",\"eq\":1},"
	    "\"to\":\"a\"},{\"to\":\"k\"}]},"
	    "{\"id\":\"k\",\"role\":\"r\",\"join\":\"all\",\"next\":"
	    "[{\"when\":{\"field\":\"n\",\"eq\":1},"
	    "\"to\":\"a\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"z\",\"final\":true}",
	    "" },
	/* two joins entered apart that wait for each other */
	{ NULL,
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":"
	    "[{\"to\":[\"j\",\"k\"]}]},"
	    "{\"id\":\"j\",\"role\":\"r\",\"join\":\"all\",\"next\":"
	    "[{\"when\":{\"field\":\"n\",\"eq\":1},"
	    "\"to\":\"k\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"k\",\"role\":\"r\",\"join\":\"all\",\"next\":"
	    "[{\"when\":{\"field\":\"n\",\"eq\":1},"
	    "\"to\":\"j\"},{\"to\":\"z\"}]},"
	    "{\"id\":\"z\",\"final\":true}",
	    "E_JOIN@4:87 " },
	{ "2 working days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"2 working days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "" },
	{ "2 working days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"2 working days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true,"
	    "\"limit\":\"1 working hour\"}",
	    "W_LIMIT@3:11 " },
	/* calendar days: n working days never fit into fewer than n */
	{ "5 days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"5 working days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "" },
	{ "4 days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"5 working days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "W_LIMIT@3:11 " },
	{ "4 days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"3 days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true,"
	    "\"limit\":\"2 days\"}",
	    "W_LIMIT@3:11 " },
	{ "1 month",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"31 days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "" },
	{ "1 month",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"32 days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "W_LIMIT@3:11 " },
	/* and calendar days are not measured in working days */
	{ "5 working days",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"30 days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "" },
	{ "same day",
	    "{\"id\":\"a\",\"role\":\"r\",\"limit\":\"9 working hours\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true}",
	    "W_LIMIT@3:11 " },
	/* parallel branches: the longer one counts */
	{ "5 working days",
	    "{\"id\":\"a\",\"role\":\"r\",\"next\":[{\"to\":[\"b\",\"c\"]}]},"
	    "{\"id\":\"b\",\"role\":\"r\",\"limit\":\"3 working days\","
	    "\"next\":\"z\"},"
	    "{\"id\":\"c\",\"role\":\"r\",\"limit\":\"5 working days\","
	    "\"next\":\"z\"},{\"id\":\"z\",\"final\":true,\"join\":\"all\"}",
	    "" },
};

static void
say(void *arg, const struct mc_err *f)
{
	/* where is "f:LINE:COL" */
	mc_buf_printf(arg, "%s@%s ", f->id, f->where + 2);
}

static void
test_whole(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy policy = mc_policy_default;
	struct mc_procedure *p;

	IS(mc_procedure_parse(&p, "f", MC_STR(""), &err), -1);
	mc_err_clear(&err);
	if (!IS(mc_procedure_parse(&p, "f", mc_str(whole), &err), 0)) {
		printf("# %s: %s\n", err.where, err.msg);
		return;
	}
	IS_STR(p->code, "1.009994");
	IS_STR(p->title, "Giấy phép");
	IS_STR(p->service, "partial");
	IS(p->level_43, 3);
	IS(p->effective_from, mc_day_of(2021, 1, 1));
	IS(p->effective_to, mc_day_of(2025, 6, 30));
	IS(p->legal_bases, 1);
	OK(!p->limit.by_channel);
	IS(mc_procedure_limit(p, MC_CH_ONLINE).unit, MC_TERM_DAYS);
	IS(mc_procedure_limit(p, MC_CH_DIRECT).milli, 15000);
	IS(p->n_cases, 0);
	IS(p->of_case, -1);
	IS(mc_procedure_policy(p, &policy, &err), 0);
	IS(policy.pause, MC_PAUSE_RESTART);
	IS(p->fees[0].amount, 75000);
	IS(p->documents[0].copies, 2);
	OK(p->documents[0].required && !p->documents[1].required);
	IS(p->documents[1].copies, 1);
	IS(p->n_fields, 2);
	IS(mc_procedure_field(p, MC_STR("area"))->type, MC_FIELD_DECIMAL);
	OK(mc_procedure_field(p, MC_STR("area"))->public);
	OK(!mc_procedure_field(p, MC_STR("kind"))->public);
	OK(mc_procedure_field(p, MC_STR("size")) == NULL);
	IS(p->steps, 5);
	IS(p->step[0].branches, 2);
	IS(p->step[0].branch[0].targets, 2);
	IS(p->step[0].branch[0].target[1], 2);
	OK(p->step[0].branch[0].when != NULL);
	OK(p->step[0].branch[1].when == NULL);
	OK(p->step[3].join_all && !p->step[2].join_all);
	OK(p->step[4].final && p->step[4].role == NULL);
	IS_STR(p->step[1].unit, "@province");
	IS(mc_procedure_step(p, MC_STR("sign")), 3);
	IS(mc_procedure_step(p, MC_STR("sig")), -1);
	OK(mc_procedure_reaches(p, 0, 4));
	OK(mc_procedure_reaches(p, 1, 3));
	OK(!mc_procedure_reaches(p, 3, 1));
	OK(!mc_procedure_reaches(p, 1, 2));
	mc_procedure_free(p);
}

/* What is wrong with cases and limits by channel. */
static const struct {
	const char *json, *id, *where, *message;
} bad_cases[] = {
	{ HEAD ",\"limit\": {\"phone\": \"1 day\"}" STEPS, "E_FIELD", "f:3:21",
	    "unknown member \"phone\" of a limit" },
	{ HEAD ",\"limit\": {\"online\": \"1 day\"}" STEPS, "E_FIELD", "f:3:11",
	    "\"default\" is missing, and not every channel is named" },
	{ HEAD ",\"limit\": {}" STEPS, "E_FIELD", "f:3:11", NULL },
	{ HEAD ",\"limit\": {\"default\": \"soon\"}" STEPS, "E_TERM", "f:3:23",
	    NULL },
	{ HEAD ",\"limit\": {\"default\": 3}" STEPS, "E_FIELD", "f:3:23",
	    "\"default\" is text, and not empty" },
	{ HEAD ",\"limit\": [\"1 day\"]" STEPS, "E_FIELD", "f:3:11", NULL },
	{ HEAD ",\"cases\": {}" STEPS, "E_FIELD", "f:3:11",
	    "\"cases\" is no list" },
	{ HEAD ",\"cases\": [3]" STEPS, "E_FIELD", "f:3:12",
	    "a case is no object" },
	{ HEAD ",\"cases\": [{\"id\": \"a\"}]" STEPS, "E_FIELD", "f:3:12",
	    "\"title\" is missing" },
	{ HEAD ",\"cases\": [{\"title\": \"A\"}]" STEPS, "E_FIELD", "f:3:12",
	    "\"id\" is missing" },
	{ HEAD ",\"cases\": [{\"id\": \"none\", \"title\": \"A\"}]" STEPS,
	    "E_CODE", "f:3:19", "\"none\" is the name for no case at all" },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\"},\n"
	       "{\"id\": \"a\", \"title\": \"B\"}]" STEPS,
	    "E_DUPLICATE", "f:4:8", "\"a\" stands there twice" },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"deadline\": {}}]" STEPS,
	    "E_FIELD", "f:4:13", "unknown member \"deadline\" of a case" },
	/* Form NFD. */
	{ HEAD ",\"cases\": [{\"id\": \"a\",\n"
	       "\"title\": \"Nha\xcc\x80\"}]" STEPS,
	    "E_NFC", "f:4:10", NULL },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"when\": {\"field\": \"x\", \"eq\": 1}}]" STEPS,
	    "E_CONDITION", NULL, NULL },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"limit\": \"soon\"}]" STEPS,
	    "E_TERM", "f:4:10", NULL },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"steps\": []}]" STEPS,
	    "E_FIELD", "f:4:10", "there are no steps" },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"steps\": [{\"id\": \"x\", \"final\": true},\n"
	       "{\"id\": \"y\", \"role\": \"r\", \"next\": \"a\"}]}]" STEPS,
	    "E_STEP", "f:5:34", "there is no step \"a\"" },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"documents\": [{\"id\": \"d\", \"title\": \"D\"},\n"
	       "{\"id\": \"d\", \"title\": \"D\"}]}]" STEPS,
	    "E_DUPLICATE", "f:5:8", NULL },
	{ HEAD ",\"cases\": [{\"id\": \"a\", \"title\": \"A\",\n"
	       "\"fee\": [{\"title\": \"F\", \"amount\": -1}]}]" STEPS,
	    "E_FIELD", "f:4:34", NULL },
};

static const char three_cases[] =
    HEAD ",\"limit\": {\"online\": \"3 days\", \"default\": \"5 days\"},"
	 "\"fee\": [{\"title\": \"F\", \"amount\": 10}],"
	 "\"documents\": [{\"id\": \"d\", \"title\": \"D\"}],"
	 "\"fields\": [{\"name\": \"n\", \"type\": \"integer\"}],"
	 "\"cases\": ["
	 "{\"id\": \"plain\", \"title\": \"A\"},"
	 "{\"id\": \"dear\", \"title\": \"B\", \"when\": {\"field\": \"n\","
	 " \"gt\": 5}, \"fee\": [{\"title\": \"F\", \"amount\": 90}],"
	 " \"documents\": [], \"limit\": \"none\"},"
	 "{\"id\": \"long\", \"title\": \"C\", \"limit\": {\"direct\":"
	 " \"7 days\", \"postal\": \"9 days\", \"online\": \"8 days\"},"
	 " \"steps\": [{\"id\": \"z\", \"final\": true}]}]" STEPS;

static const char *
limits(const struct mc_procedure *p)
{
	static struct mc_buf b;

	mc_buf_reset(&b);
	mc_limits_put(&b, &p->limit);
	return mc_buf_str(&b);
}

static void
test_cases(void)
{
	struct mc_err err = MC_ERR_INIT;
	const struct mc_procedure *q;
	struct mc_procedure *p;
	size_t i;

	for (i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		TAP_ROW(bad_cases[i].json + sizeof(HEAD) - 1);
		mc_err_clear(&err);
		IS(mc_procedure_parse(&p, "f", mc_str(bad_cases[i].json), &err),
		    -1);
		IS_STR(err.id, bad_cases[i].id);
		if (bad_cases[i].where != NULL)
			IS_STR(err.where, bad_cases[i].where);
		if (bad_cases[i].message != NULL)
			IS_STR(err.msg, bad_cases[i].message);
	}
	TAP_ROW(NULL);
	mc_err_clear(&err);
	if (!IS(mc_procedure_parse(&p, "f", mc_str(three_cases), &err), 0)) {
		printf("# %s: %s\n", err.where, err.msg);
		return;
	}
	IS(p->n_cases, 3);
	IS(p->of_case, -1);
	IS_STR(limits(p), "3 days (online), else 5 days");
	OK(mc_procedure_in_case(p, MC_STR("short")) == NULL);
	OK(mc_procedure_in_case(p, MC_STR("none")) == p);
	q = mc_procedure_in_case(p, MC_STR("plain"));
	OK(q != p && q->step == p->step && q->fees == p->fees);
	IS_STR(mc_procedure_case_id(q), "plain");
	IS_STR(limits(q), "3 days (online), else 5 days");
	OK(mc_procedure_reaches(q, 0, 1) && !mc_procedure_reaches(q, 1, 0));
	OK(mc_procedure_in_case(q, MC_STR("")) == p);
	q = mc_procedure_in_case(q, MC_STR("dear"));
	IS(q->fees[0].amount, 90);
	IS(q->n_documents, 0);
	IS(q->steps, 2);
	IS_STR(limits(q), "");
	IS(mc_procedure_limit(q, MC_CH_ONLINE).unit, MC_TERM_NONE);
	q = mc_procedure_in_case(q, MC_STR("long"));
	IS(q->fees[0].amount, 10);
	IS(q->steps, 1);
	IS_STR(q->steps_path, "cases/2/steps");
	IS_STR(limits(q), "7 days (direct), 8 days (online), 9 days (postal)");
	OK(mc_procedure_field(q, MC_STR("n")) != NULL);
	mc_procedure_free(p);
}

/* Cases, and what is found in them. */
static const struct {
	const char *head, *says;
} lint_cases[] = {
	/* never: another has it first, and nothing meets it */
	{ ",\"cases\": [{\"id\":\"a\",\"title\":\"A\",\"when\":"
	  "{\"field\":\"n\",\"gt\":1}},\n{\"id\":\"b\",\"title\":\"B\","
	  "\"when\":"
	  "{\"field\":\"n\",\"gt\":2}},\n{\"id\":\"c\",\"title\":\"C\","
	  "\"when\":"
	  "{\"all\":[{\"field\":\"n\",\"lt\":1},{\"field\":\"n\",\"gt\":1}]}}]",
	    "E_CASE@4:30 E_CASE@5:30 " },
	/* the narrow one first is as it should be */
	{ ",\"cases\": [{\"id\":\"a\",\"title\":\"A\",\"when\":"
	  "{\"field\":\"n\",\"gt\":2}},\n{\"id\":\"b\",\"title\":\"B\","
	  "\"when\":"
	  "{\"field\":\"n\",\"gt\":1}}]",
	    "" },
	/* each has others, and some are of both */
	{ ",\"cases\": [{\"id\":\"a\",\"title\":\"A\",\"when\":"
	  "{\"field\":\"n\",\"gt\":2}},\n{\"id\":\"b\",\"title\":\"B\","
	  "\"when\":"
	  "{\"field\":\"channel\",\"eq\":\"online\"}}]",
	    "W_CASES@4:30 " },
	{ ",\"cases\": [{\"id\":\"a\",\"title\":\"A\",\"when\":"
	  "{\"field\":\"n\",\"gt\":2}},\n{\"id\":\"b\",\"title\":\"B\","
	  "\"when\":"
	  "{\"field\":\"n\",\"lt\":2}}]",
	    "" },
	{ ",\"cases\": [{\"id\":\"a\",\"title\":\"A\"},\n"
	  "{\"id\":\"b\",\"title\":\"A\"}]",
	    "W_CASES@4:19 " },
	/* steps (two days) against the limit, of a case, of a channel */
	{ ",\"limit\":\"2 working days\",\"cases\":["
	  "{\"id\":\"a\",\"title\":\"A\",\n\"limit\":\"1 working day\"}]",
	    "W_LIMIT@4:9 " },
	{ ",\"limit\":\"2 working days\",\"cases\":["
	  "{\"id\":\"a\",\"title\":\"A\",\n\"steps\":[{\"id\":\"x\","
	  "\"role\":\"r\",\"limit\":\"3 working days\",\"next\":\"y\"},"
	  "{\"id\":\"y\",\"final\":true}]}]",
	    "W_LIMIT@4:9 " },
	{ ",\"limit\":\"2 working days\",\"cases\":["
	  "{\"id\":\"a\",\"title\":\"A\",\n\"limit\":\"3 working days\",\n"
	  "\"steps\":[{\"id\":\"x\","
	  "\"role\":\"r\",\"limit\":\"3 working days\",\"next\":\"y\"},"
	  "{\"id\":\"y\",\"final\":true},\n{\"id\":\"v\",\"final\":true}]}]",
	    "E_UNREACHABLE@6:1 " },
	{ ",\"limit\":\n{\"online\":\"1 working day\","
	  "\"default\":\"1.5 working days\"}",
	    "W_LIMIT@4:37 W_LIMIT@4:11 " },
	{ ",\"limit\":\n{\"online\":\"1 working day\","
	  "\"default\":\"2 working days\"}",
	    "W_LIMIT@4:11 " },
};

static void
test_lint_cases(void)
{
	struct mc_buf b = { 0 }, got = { 0 };
	size_t i;

	for (i = 0; i < sizeof(lint_cases) / sizeof(lint_cases[0]); i++) {
		TAP_ROW(lint_cases[i].head);
		mc_buf_reset(&b);
		mc_buf_reset(&got);
		mc_buf_puts(&got, "");
		mc_buf_printf(&b,
		    "%s%s\n,\"fields\":[{\"name\":\"n\",\"type\":"
		    "\"integer\"}],\"steps\":[{\"id\":\"s\",\"role\":\"r\","
		    "\"limit\":\"2 working days\",\"next\":\"z\"},"
		    "{\"id\":\"z\",\"final\":true}]}",
		    HEAD, lint_cases[i].head);
		mc_procedure_lint(
		    "f", (struct mc_str){ b.p, b.len }, 0, say, &got);
		IS_STR(got.p, lint_cases[i].says);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
	mc_buf_free(&got);
}

static void
test_codes(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_procedure *p;
	struct mc_buf b = { 0 };
	size_t i, n = sizeof(codes) / sizeof(codes[0]);
	bool good;

	for (i = 0; i < n + sizeof(bad_codes) / sizeof(bad_codes[0]); i++) {
		good = i < n;
		TAP_ROW(good ? codes[i] : bad_codes[i - n]);
		mc_buf_reset(&b);
		mc_buf_printf(&b, "{\"code\": \"%s\"", tap_row);
		mc_buf_puts(&b, strchr(HEAD STEPS, ','));
		mc_err_clear(&err);
		IS(mc_procedure_parse(
		       &p, "f", (struct mc_str){ b.p, b.len }, &err),
		    good ? 0 : -1);
		if (!good)
			IS_STR(err.where, "f:1:10");
		mc_procedure_free(p);
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

/* A limit and one more than it. */
static void
test_limits(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_procedure *p;
	struct mc_buf b = { 0 };
	int i, n;

	for (n = MC_PROCEDURE_STEPS; n <= MC_PROCEDURE_STEPS + 1; n++) {
		mc_buf_reset(&b);
		mc_buf_puts(&b, HEAD ",\"steps\": [");
		for (i = 0; i < n - 1; i++)
			mc_buf_printf(&b,
			    "{\"id\": \"s%d\", \"role\": \"r\", "
			    "\"next\": \"s%d\"},",
			    i, i + 1);
		mc_buf_printf(&b, "{\"id\": \"s%d\", \"final\": true}]}", i);
		mc_err_clear(&err);
		IS(mc_procedure_parse(
		       &p, "f", (struct mc_str){ b.p, b.len }, &err),
		    n == MC_PROCEDURE_STEPS ? 0 : -1);
		mc_procedure_free(p);
	}
	IS_STR(err.id, "E_LIMIT");
	IS_STR(err.msg, "\"steps\" has 201 entries, at most 200");
	for (n = MC_PROCEDURE_CASES; n <= MC_PROCEDURE_CASES + 1; n++) {
		mc_buf_reset(&b);
		mc_buf_puts(&b, HEAD ",\"cases\": [");
		for (i = 0; i < n; i++)
			mc_buf_printf(&b,
			    "%s{\"id\": \"c%d\", \"title\": \"C%d\"}",
			    i > 0 ? "," : "", i, i);
		mc_buf_puts(&b, "]" STEPS);
		mc_err_clear(&err);
		IS(mc_procedure_parse(
		       &p, "f", (struct mc_str){ b.p, b.len }, &err),
		    n == MC_PROCEDURE_CASES ? 0 : -1);
		mc_procedure_free(p);
	}
	IS_STR(err.msg, "\"cases\" has 51 entries, at most 50");
	mc_buf_free(&b);
}

static void
test_lint(void)
{
	struct mc_buf b = { 0 }, got = { 0 };
	size_t i;

	for (i = 0; i < sizeof(lint) / sizeof(lint[0]); i++) {
		TAP_ROW(lint[i].says);
		mc_buf_reset(&b);
		mc_buf_reset(&got);
		mc_buf_puts(&got, "");
		mc_buf_puts(&b, HEAD);
		if (lint[i].limit != NULL)
			mc_buf_printf(&b, ",\"limit\": \"%s\"", lint[i].limit);
		mc_buf_printf(&b,
		    ",\"fields\": [{\"name\": \"n\", \"type\": "
		    "\"integer\"}]\n,\"steps\":[%s]}",
		    lint[i].steps);
		mc_procedure_lint(
		    "f", (struct mc_str){ b.p, b.len }, 0, say, &got);
		IS_STR(got.p, lint[i].says);
	}
	/* A calendar of seven hours makes a day of seven. */
	TAP_ROW("hours_per_day");
	mc_buf_reset(&got);
	mc_buf_puts(&got, "");
	mc_buf_reset(&b);
	mc_buf_puts(&b, HEAD ",\"limit\": \"1 working day\",\n\"steps\":"
			     "[{\"id\":\"z\",\"final\":true,"
			     "\"limit\":\"8 working hours\"}]}");
	mc_procedure_lint("f", (struct mc_str){ b.p, b.len }, 0, say, &got);
	IS_STR(got.p, "");
	mc_procedure_lint("f", (struct mc_str){ b.p, b.len },
	    INT64_C(7) * 3600000, say, &got);
	IS_STR(got.p, "W_LIMIT@3:11 ");
	/* Lint goes on after the first error. */
	TAP_ROW(NULL);
	mc_buf_reset(&got);
	mc_procedure_lint("f",
	    MC_STR(HEAD ",\"limit\": \"soon\", \"service\": \"x\"" STEPS), 0,
	    say, &got);
	IS_STR(got.p, "E_FIELD@3:30 E_TERM@3:11 ");
	mc_buf_free(&b);
	mc_buf_free(&got);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_procedure *p;
	size_t i;

	test_whole();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TAP_ROW(bad[i].message);
		mc_err_clear(&err);
		IS(mc_procedure_parse(&p, "f", mc_str(bad[i].json), &err), -1);
		OK(p == NULL);
		if (bad[i].id != NULL)
			IS_STR(err.id, bad[i].id);
		if (bad[i].where != NULL)
			IS_STR(err.where, bad[i].where);
		if (bad[i].message != NULL)
			IS_STR(err.msg, bad[i].message);
	}
	TAP_ROW(NULL);
	test_codes();
	test_cases();
	test_lint_cases();
	test_limits();
	test_lint();
	return tap_done();
}
