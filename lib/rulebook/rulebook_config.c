/* rulebook_config.c - what rulebook.json says. */
#include <stdlib.h>
#include <string.h>

#include <motcua/json.h>
#include <motcua/text.h>
#include <motcua/when.h>

#include "rulebook_internal.h"

static int
config_fail(struct mc_str text, const char *path, struct mc_err *err)
{
	int64_t line, column;

	mc_json_place(text, path, &line, &column);
	return mc_err_at(err, MC_RULEBOOK_FILE, line, column);
}

static int
config_str(const struct mc_json *doc, struct mc_str text, const char *key,
    bool needed, char **out, struct mc_err *err)
{
	const struct mc_json *v = mc_json_get(doc, key);
	const char *s = mc_json_str(v);

	if (v == NULL && !needed)
		return 0;
	if (s == NULL || *s == '\0') {
		mc_err(err, MC_EDATA, "E_FIELD",
		    v == NULL ? "\"%s\" is missing"
			      : "\"%s\" is text, and not empty",
		    key);
		return config_fail(text, key, err);
	}
	*out = mc_strdup(s);
	return 0;
}

static int
config_known(const struct mc_json *doc, struct mc_str text, struct mc_err *err)
{
	static const char *const members[] = { "schema", "name", "zone",
		"agency", "calendar", "deadline", "codes" };
	const char *key;
	size_t i, k;

	if (mc_json_type(doc) != MC_JSON_OBJECT) {
		mc_err(err, MC_EDATA, "E_FIELD", "a rulebook is an object");
		return config_fail(text, "", err);
	}
	for (i = 0; i < mc_json_count(doc); i++) {
		mc_json_member(doc, i, &key);
		for (k = 0; k < 7 && strcmp(key, members[k]) != 0; k++)
			;
		if (k == 7) {
			mc_err(err, MC_EDATA, "E_FIELD",
			    "unknown member \"%s\" of a rulebook", key);
			return config_fail(text, key, err);
		}
	}
	return 0;
}

/* "schema" and "codes": texts out of a fixed choice. */
static int
config_choices(struct mc_rulebook_config *c, const struct mc_json *doc,
    struct mc_str text, struct mc_err *err)
{
	const char *schema = mc_json_str(mc_json_get(doc, "schema"));
	const char *codes = mc_json_str(mc_json_get(doc, "codes"));

	if (schema == NULL || strcmp(schema, "motcua.rulebook/1") != 0) {
		mc_err(err, MC_EDATA, "E_FIELD",
		    "\"schema\" must be \"motcua.rulebook/1\"");
		return config_fail(text, "schema", err);
	}
	if (mc_json_get(doc, "codes") == NULL)
		return 0;
	c->standard = codes != NULL && strcmp(codes, "standard") == 0;
	if (!c->standard && (codes == NULL || strcmp(codes, "any") != 0)) {
		mc_err(err, MC_EDATA, "E_FIELD",
		    "\"codes\" is \"standard\" or \"any\"");
		return config_fail(text, "codes", err);
	}
	return 0;
}

static int
config_members(struct mc_rulebook_config *c, const struct mc_json *doc,
    struct mc_str text, struct mc_err *err)
{
	const struct mc_json *deadline = mc_json_get(doc, "deadline");
	char *zone = NULL;
	int rc;

	if (config_known(doc, text, err) == -1 ||
	    config_choices(c, doc, text, err) == -1 ||
	    config_str(doc, text, "name", true, &c->name, err) == -1 ||
	    config_str(doc, text, "agency", false, &c->agency, err) == -1 ||
	    config_str(doc, text, "calendar", true, &c->calendar, err) == -1 ||
	    config_str(doc, text, "zone", true, &zone, err) == -1)
		return -1;
	rc = mc_zone_open(&c->zone, zone, err);
	free(zone);
	if (rc == -1)
		return config_fail(text, "zone", err);
	c->policy = mc_policy_default;
	if (deadline == NULL)
		return 0;
	if (mc_policy_read(&c->policy, deadline, MC_RULEBOOK_FILE, text,
		"deadline", err) == -1)
		return config_fail(text, "deadline", err);
	return 0;
}

int
mc_rulebook_config_read(
    struct mc_rulebook_config *c, struct mc_str text, struct mc_err *err)
{
	struct mc_json *doc;
	int rc;

	memset(c, 0, sizeof(*c));
	if (mc_json_parse(&doc, MC_RULEBOOK_FILE, text, err) == -1)
		return -1;
	rc = config_members(c, doc, text, err);
	mc_json_free(doc);
	if (rc == -1)
		mc_rulebook_config_free(c);
	return rc;
}

void
mc_rulebook_config_free(struct mc_rulebook_config *c)
{
	free(c->name);
	free(c->agency);
	free(c->calendar);
	mc_zone_free(c->zone);
	memset(c, 0, sizeof(*c));
}
