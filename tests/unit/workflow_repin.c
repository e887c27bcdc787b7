/* workflow_repin.c - unit tests: going on under another definition. */
#include "workflow_world.h"

#define STEP(id, next) "{\"id\":\"" id "\",\"role\":\"x\",\"next\":" next "}"
#define END "{\"id\":\"end\",\"role\":\"x\",\"final\":true}"

static const char dead_end[] = HEAD "\"steps\":[" STEP("a", "\"b\"") "," STEP(
    "b", "\"a\"") "," STEP("c", "\"end\"") "," END "]}";

/* "a>b c" as open steps and what they are called. */
static int
read_steps(struct mc_fit_step *s, char *text)
{
	char *save = NULL, *word, *to;
	int n = 0;

	for (word = strtok_r(text, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		to = strchr(word, '>');
		if (to != NULL)
			*to++ = '\0';
		s[n++] = (struct mc_fit_step){ .from = word,
			.to = mc_str(to != NULL ? to : word) };
	}
	return n;
}

static void
test_fit(void)
{
	static const struct {
		const char *definition, *steps, *want;
	} rows[] = {
		{ house, "", "" },
		{ house, "receive", "0" },
		{ house, "x>appraise", "0" },
		{ house, "fire environment", "00" },
		{ house, "fire>environment environment>fire", "00" },
		{ house, "survey", "1" },
		{ house, "receive>nowhere fire", "10" },
		{ house, "return", "2" },
		{ house, "a>return b>return", "22" },
		{ house, "fire environment>fire", "03" },
		{ house, "a>sign b>sign c>sign", "033" },
		{ dead_end, "a c", "40" },
		{ at_once, "receive", "1" },
		{ at_once, "receive>only", "2" },
	};
	struct mc_fit_step s[8];
	struct mc_procedure *p;
	struct mc_err err = MC_ERR_INIT;
	char text[100], got[9];
	size_t i;
	int n, k, bad;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TAP_ROW(rows[i].steps);
		if (mc_procedure_parse(
			&p, "p", mc_str(rows[i].definition), &err) == -1)
			die(&err);
		snprintf(text, sizeof(text), "%s", rows[i].steps);
		n = read_steps(s, text);
		bad = mc_workflow_fit(p, s, n);
		for (k = 0; k < n; k++) {
			got[k] = (char)('0' + s[k].fit);
			bad -= s[k].fit != MC_FIT_OK;
		}
		got[n] = '\0';
		IS_STR(got, rows[i].want);
		IS(bad, 0);
		mc_procedure_free(p);
	}
	TAP_ROW(NULL);
}

static void
add_block(void *arg, const char *step, const char *field)
{
	struct mc_buf *b = arg;

	mc_buf_printf(b, "%s%s:%s", b->len > 0 ? " " : "", step,
	    field != NULL ? field : "-");
}

static const char *
no_value(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return NULL;
}

static void
test_blocks(void)
{
	static const struct {
		const char *fields, *steps;
		bool income;
		const char *want;
	} rows[] = {
		/* What is asked for first decides whether the rest is. */
		{ "{\"floor_area\":\"300\"}", "", false, "" },
		{ "{\"floor_area\":\"300\"}", "appraise", false, "" },
		{ "{\"floor_area\":\"100\"}", "", true, "" },
		{ "{\"floor_area\":\"100\"}", "", false, "appraise:income" },
		{ "{}", "", true, "appraise:floor_area" },
		{ NULL, "receive", true, "appraise:floor_area" },
		{ "{\"floor_area\":\"big\"}", "receive", true,
		    "appraise:floor_area" },
		/* Behind it nothing is asked. */
		{ NULL, "fire environment", false, "" },
		{ NULL, "sign", false, "" },
		{ NULL, "fire>receive environment>sign", false,
		    "appraise:floor_area" },
		/* What does not fit is not followed. */
		{ NULL, "nowhere", false, "" },
	};
	struct mc_fit_step s[8];
	struct mc_buf got = { 0 };
	struct dossier *d;
	char text[100];
	size_t i;
	int n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		TAP_ROW(rows[i].steps);
		d = new_dossier(house, "H42.30", rows[i].fields);
		if (!rows[i].income)
			d->rules.private_value = no_value;
		snprintf(text, sizeof(text), "%s", rows[i].steps);
		n = read_steps(s, text);
		(void)mc_workflow_fit(d->p, s, n);
		mc_buf_reset(&got);
		mc_workflow_blocks(&d->rules, &d->c, s, n, add_block, &got);
		IS_STR(mc_buf_str(&got), rows[i].want);
		free_dossier(d);
	}
	/* Round and round: it ends. */
	TAP_ROW("loop");
	d = new_dossier(loop, "H42.30", NULL);
	mc_buf_reset(&got);
	mc_workflow_blocks(&d->rules, &d->c, s, 0, add_block, &got);
	IS_STR(mc_buf_str(&got), "");
	free_dossier(d);
	TAP_ROW(NULL);
	mc_buf_free(&got);
}

int
main(void)
{
	make_world();
	test_fit();
	test_blocks();
	end_world();
	return tap_done();
}
