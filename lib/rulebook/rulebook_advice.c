/* rulebook_advice.c - what to do about a finding of lint, in one line. */
#include <string.h>

#include "rulebook_internal.h"

static const struct {
	const char *id, *advice;
} table[] = {
	{ "E_BRANCH", "order the branches from the narrowest to the widest, "
		      "and put the one without \"when\" last" },
	{ "E_CALENDAR", "name a file of calendars/, or mend it" },
	{ "E_CASE", "order the cases from the narrowest to the widest, or "
		    "take it out" },
	{ "E_CHILD", "a child is another procedure, and no step waits for "
		     "children that there are not" },
	{ "E_CODE", "take the code as it is published" },
	{ "E_CONDITION", "compare a declared field with a value of its type" },
	{ "E_CYCLE", "let the chain of units end at one without a parent" },
	{ "E_DATE", "write YYYY-MM-DD, a day that exists, once" },
	{ "E_DEAD_END", "lead it on to a final step" },
	{ "E_DUPLICATE", "rename one of the two, or take it out" },
	{ "E_ENCODING", "save the file as UTF-8" },
	{ "E_FIELD", "see FILES in procedure(1) for the members and their "
		     "values" },
	{ "E_FIELDS", "see FILES in procedure(1) for the members and "
		      "their values" },
	{ "E_HEADER", "the first line names the columns, each once" },
	{ "E_JOIN", "let only one of them say \"join\"" },
	{ "E_JSON", "the place is where it stops to be JSON; look just "
		    "before it" },
	{ "E_LIMIT", "divide it, or leave something out" },
	{ "E_LOOP", "give one of the steps a branch that leads out" },
	{ "E_MAP", "see dossier-import(1) for what a map says" },
	{ "E_NAME", "rename the file, or mend what it says" },
	{ "E_NFC", "type the text anew, or run it through uconv -x nfc" },
	{ "E_NUL", "save the file as UTF-8 text" },
	{ "E_OFFICER", "add the officer to officers.csv, or mend the id" },
	{ "E_OVERLAP", "end the earlier one, \"effective_to\", on the day "
		       "before the later begins" },
	{ "E_POLICY", "see FILES in procedure(1) for the deadline policy" },
	{ "E_PROCEDURE", "add its file, or mend the code" },
	{ "E_QUOTE", "quote the whole field, and double each quote in it" },
	{ "E_ROW", "give every line as many fields as the heading" },
	{ "E_RULES", "see FILES in procedure(1) for what must be there" },
	{ "E_STEP", "name an \"id\" of the list of steps" },
	{ "E_TERM", "write it like \"15 working days\", \"30 days\" or "
		    "\"4 working hours\"" },
	{ "E_TREE", "take it out of the history that is to be used" },
	{ "E_UNIT", "add the unit to units.csv, or mend the code" },
	{ "E_UNREACHABLE", "lead a branch to it, or take it out" },
	{ "E_UTF8", "save the file as UTF-8" },
	{ "E_ZONE", "name it as the time zone database does: "
		    "Asia/Ho_Chi_Minh" },
	{ "W_ABSENCE", "end the earlier one before the later begins" },
	{ "W_CASES", "let their titles and conditions tell them apart" },
	{ "W_CHILD", "name them as children of the first one" },
	{ "W_EXPIRES", "let it expire when its limit is over, or give it no "
		       "limit" },
	{ "W_FILE", "take it out, or move it to where it is looked for" },
	{ "W_HORIZON", "add the days off of the coming year, and move "
		       "\"known_until\"" },
	{ "W_JOIN", "let the parallel steps meet in one that says \"join\": "
		    "\"all\"" },
	{ "W_LIMIT", "shorten a step, or look the legal limit up again" },
	{ "W_MORE", "mend those that are, and look again" },
	{ "W_OFFICER", "add officers with that role, or with none, to "
		       "officers.csv" },
	{ "W_ROLE", "add the role to a unit in units.csv, or give the step "
		    "a \"unit\"" },
	{ "W_UNIT", "mend valid_from, valid_to or parent" },
	{ "W_YEAR", "add that year's days off" },
};

const char *
mc_rulebook_advice(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].id, id) == 0)
			return table[i].advice;
	return NULL;
}
