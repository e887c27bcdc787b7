/* buf.h and mem.h: containers that grow. */
#include <limits.h>
#include <stdlib.h>

#include <motcua/buf.h>

#include "tap.h"

static void
bytes(void)
{
	struct mc_buf b = { 0 };
	char big[1000], *p;
	int i;
	bool same = true;

	IS_STR(mc_buf_str(&b), "");
	mc_buf_add(&b, NULL, 0);
	OK(b.p != NULL);
	IS(b.len, 0);
	mc_buf_puts(&b, "abc");
	mc_buf_putc(&b, '-');
	mc_buf_add(&b, "x\0y", 3);
	IS(b.len, 7);
	OK(memcmp(b.p, "abc-x\0y", 8) == 0);
	mc_buf_reset(&b);
	IS(b.len, 0);
	IS_STR(mc_buf_str(&b), "");
	mc_buf_printf(&b, "%d %s", 7, "seven");
	IS_STR(b.p, "7 seven");
	memset(big, 'z', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	mc_buf_printf(&b, "<%s>", big);
	IS(b.len, 7 + 1001);
	IS(b.p[b.len], 0);
	IS(b.p[b.len - 1], '>');
	mc_buf_free(&b);
	OK(b.p == NULL && b.len == 0 && b.cap == 0);

	for (i = 0; i < 5000; i++) {
		mc_buf_putc(&b, (char)('a' + i % 26));
		same = same && b.p[b.len] == '\0' && b.cap > b.len;
	}
	for (i = 0; i < 5000; i++)
		same = same && b.p[i] == (char)('a' + i % 26);
	OK(same);
	p = mc_buf_detach(&b);
	IS(strlen(p), 5000);
	OK(b.p == NULL && b.len == 0);
	free(p);
	p = mc_buf_detach(&b);
	IS_STR(p, "");
	free(p);
	p = mc_buf_room(&b, 100000);
	memset(p, 'q', 100000);
	IS(b.len, 0);
	OK(b.cap > 100000);
	mc_buf_free(&b);
}

static void
integers(void)
{
	static const struct {
		int64_t n;
		const char *text;
	} row[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 9, "9" },
		{ 10, "10" },
		{ -1, "-1" },
		{ -99, "-99" },
		{ 100, "100" },
		{ 1234567890, "1234567890" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct mc_buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		mc_buf_reset(&b);
		mc_buf_int(&b, row[i].n);
		IS_STR(b.p, row[i].text);
	}
	mc_buf_free(&b);
}

static void
views(void)
{
	OK(mc_str_is(MC_STR("abc"), "abc"));
	OK(!mc_str_is(MC_STR("abc"), "abcd"));
	OK(!mc_str_is(MC_STR("abcd"), "abc"));
	OK(mc_str_is(mc_str(NULL), ""));
	OK(mc_str_same(mc_str(""), mc_str(NULL)));
	OK(!mc_str_same(MC_STR("a"), MC_STR("b")));
	IS(MC_STR("four").len, 4);
}

static void
vectors(void)
{
	MC_VEC(int) v = { 0 };
	int i;
	bool same = true;

	for (i = 0; i < 1000; i++)
		mc_vec_push(&v, i * 3);
	IS(v.n, 1000);
	for (i = 0; i < 1000; i++)
		same = same && v.p[i] == i * 3;
	OK(same);
	mc_vec_free(&v);
	OK(v.p == NULL && v.n == 0 && v.cap == 0);
}

static void
memory(void)
{
	char *p;
	int *z = mc_calloc(4, sizeof(*z));

	OK(z[0] == 0 && z[3] == 0);
	z = mc_realloc(z, 8, sizeof(*z));
	OK(z[3] == 0);
	free(z);
	OK(mc_strdup(NULL) == NULL);
	p = mc_strdup("hồ sơ");
	IS_STR(p, "hồ sơ");
	free(p);
	p = mc_strndup("abcdef", 3);
	IS_STR(p, "abc");
	free(p);
	p = mc_strndup(NULL, 0);
	IS_STR(p, "");
	free(p);
}

int
main(void)
{
	bytes();
	integers();
	views();
	vectors();
	memory();
	return tap_done();
}
