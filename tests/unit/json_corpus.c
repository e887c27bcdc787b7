/*
 * json_corpus.c - whole documents of a corpus of cases: what must be refused
 * is, what must be accepted is, unless it has what we refuse by name.
 */
#include <dirent.h>
#include <stdlib.h>

#include <motcua/json.h>

#include "tap.h"

static bool
slurp(const char *path, struct mc_buf *b)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	mc_buf_reset(b);
	mc_buf_puts(b, "");
	while ((n = fread(mc_buf_room(b, 65536), 1, 65536, f)) > 0)
		b->len += n;
	fclose(f);
	return true;
}

/* What RFC 8259 allows and we do not, by the case's name. */
static const struct {
	const char *file, *id;
} ours[] = {
	{ "y_object_duplicated_key.json", "E_DUPLICATE" },
	{ "y_object_duplicated_key_and_value.json", "E_DUPLICATE" },
	{ "y_object_escaped_null_in_key.json", "E_NUL" },
	{ "y_string_null_escape.json", "E_NUL" },
};

static void
one(const char *file, struct mc_str text)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_json *doc = NULL;
	const char *id = NULL;
	size_t i;
	int rc = mc_json_parse(&doc, file, text, &err);

	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (strcmp(file, ours[i].file) == 0)
			id = ours[i].id;
	TAP_ROW(file);
	if (file[0] == 'n' || id != NULL)
		IS(rc, -1);
	else if (file[0] == 'y')
		IS(rc, 0);
	else
		OK(rc == 0 || rc == -1);
	if (rc == -1) {
		IS(err.code, MC_EDATA);
		OK(strncmp(err.id, "E_", 2) == 0 && err.msg[0] != '\0');
		/* The file, and where in it. */
		OK(strncmp(err.where, file, strlen(file)) == 0 &&
		    err.where[strlen(file)] == ':');
		OK(doc == NULL);
	}
	if (id != NULL)
		IS_STR(err.id, id);
	mc_json_free(doc);
	TAP_ROW(NULL);
}

int
main(void)
{
	const char *shared = getenv("MOTCUA_SHARED");
	struct mc_buf path = { 0 }, text = { 0 };
	struct dirent **entry;
	size_t root;
	int i, n, cases = 0, all;
	char kind;

	mc_buf_printf(&path, "%s/data/corpora/json/",
	    shared != NULL ? shared : "../shared");
	root = path.len;
	all = scandir(path.p, &entry, NULL, alphasort);
	if (all == -1) {
		printf("1..0 # SKIP no %s\n", path.p);
		mc_buf_free(&path);
		return 0;
	}
	for (i = n = 0; i < all; i++) {
		kind = entry[i]->d_name[0];
		path.len = root;
		mc_buf_puts(&path, entry[i]->d_name);
		if ((kind == 'y' || kind == 'n' || kind == 'i') &&
		    strstr(path.p, ".json") != NULL && slurp(path.p, &text)) {
			one(entry[i]->d_name,
			    (struct mc_str){ text.p, text.len });
			cases++;
		}
		free(entry[i]);
	}
	free(entry);
	IS(cases, 318);
	mc_buf_free(&path);
	mc_buf_free(&text);
	return tap_done();
}
