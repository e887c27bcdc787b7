/*
 * values - the personal values of a database, as somebody with a hex editor
 * would change them: no event is written, nothing is asked.
 *
 *   values DB count             how many events have some
 *   values DB drop SEQ          take one event's out
 *   values DB add SEQ JSON      give an event some, with a salt of zeros
 *   values DB set SEQ OLD NEW   one text inside them for another
 *   values DB salt SEQ          another salt
 *
 * All rows are written anew.  Exit 2 when the event has none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <motcua/mem.h>
#include <motcua/vault.h>

struct value {
	uint64_t seq;
	struct mc_sealed sealed;
	struct mc_buf text;
};
static struct value *value;
static size_t n;

static struct value *
push(uint64_t seq, struct mc_str text)
{
	struct value *v;

	value = mc_realloc(value, n + 1, sizeof(*value));
	v = &value[n++];
	memset(v, 0, sizeof(*v));
	v->seq = seq;
	mc_buf_add(&v->text, text.p, text.len);
	return v;
}

static int
by_seq(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void
replace(struct mc_buf *b, const char *old, const char *new)
{
	struct mc_buf out = { 0 };
	const char *at = strstr(mc_buf_str(b), old);

	if (at == NULL)
		exit(2);
	mc_buf_add(&out, b->p, (size_t)(at - b->p));
	mc_buf_puts(&out, new);
	mc_buf_puts(&out, at + strlen(old));
	mc_buf_free(b);
	*b = out;
}

static int
edit(char **argv)
{
	uint64_t seq = strtoull(argv[1], NULL, 10);
	size_t i;

	if (strcmp(argv[0], "add") == 0) {
		push(seq, mc_str(argv[2]));
		qsort(value, n, sizeof(*value), by_seq);
		return 0;
	}
	for (i = 0; i < n && value[i].seq != seq; i++)
		;
	if (i == n)
		return -1;
	if (strcmp(argv[0], "set") == 0) {
		replace(&value[i].text, argv[2], argv[3]);
	} else if (strcmp(argv[0], "salt") == 0) {
		value[i].sealed.salt[0] ^= 1;
	} else {
		mc_buf_free(&value[i].text);
		memmove(&value[i], &value[i + 1], (--n - i) * sizeof(*value));
	}
	return 0;
}

static int
write_all(struct mc_db *db, struct mc_err *err)
{
	struct mc_vault vault = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		value[i].sealed.text =
		    (struct mc_str){ value[i].text.p, value[i].text.len };
		mc_vault_add(&vault, db, value[i].seq, &value[i].sealed);
	}
	mc_vault_flush(&vault, db);
	mc_vault_free(&vault);
	return mc_db_commit(db, err);
}

static int
run(struct mc_db *db, char **argv, struct mc_err *err)
{
	struct mc_vault_row row = { 0 };
	struct mc_vault_item item;
	uint64_t last = UINT64_MAX;
	int rc;

	if (mc_db_begin(db, err) == -1)
		return -1;
	while ((rc = mc_vault_next(&row, db, &item, err)) == 1) {
		memcpy(push(item.seq, item.json)->sealed.salt, item.salt,
		    MC_SALT_LEN);
		if (row.seq != last)
			rc = mc_db_run(db, MC_SQL_PERSONAL_DROP,
			    MC_ARGS(MC_INT((int64_t)row.seq)), err);
		last = row.seq;
		if (rc == -1)
			break;
	}
	mc_vault_row_free(&row);
	if (rc == 0 && strcmp(argv[0], "count") == 0)
		printf("%zu\n", n);
	else if (rc == 0)
		rc = edit(argv) == -1 ? -1 : write_all(db, err);
	return rc;
}

int
main(int argc, char **argv)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_db *db;
	size_t i;
	int rc;

	if (argc < 3 || (argc < 4 && strcmp(argv[2], "count") != 0)) {
		fprintf(stderr, "usage: values DB count|drop|add|set|salt "
				"[SEQ [TEXT...]]\n");
		return 2;
	}
	if (mc_db_open(&db, argv[1], MC_DB_WRITE, &err) == -1) {
		fprintf(stderr, "values: %s\n", err.msg);
		return 2;
	}
	rc = run(db, argv + 2, &err);
	if (rc == -1)
		fprintf(stderr, "values: %s\n", err.msg);
	mc_db_close(db);
	for (i = 0; i < n; i++)
		mc_buf_free(&value[i].text);
	free(value);
	return rc == -1 ? 2 : 0;
}
