/* hash.h: known answers, and the tree against its definition. */
#include <stdlib.h>

#include "text/hash_internal.h"

#include "tap.h"

static const char *
hex(const struct mc_hash *h)
{
	static struct mc_buf b;

	mc_buf_reset(&b);
	mc_hex_put(&b, h->b, sizeof(h->b));
	return mc_buf_str(&b);
}

static void
sha256(void)
{
	struct mc_hash h, g;
	char *big = mc_calloc(1, 5000);

	mc_sha256(NULL, 0, &h);
	IS_STR(hex(&h), "e3b0c44298fc1c149afbf4c8996fb924"
			"27ae41e4649b934ca495991b7852b855");
	mc_sha256("abc", 3, &h);
	IS_STR(hex(&h), "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad");
	mc_sha256_two("a", 1, "bc", 2, &g);
	OK(mc_hash_same(&g, &h));
	mc_sha256_two("abc", 3, NULL, 0, &g);
	OK(mc_hash_same(&g, &h));
	mc_sha256_two(NULL, 0, "abd", 3, &g);
	OK(!mc_hash_same(&g, &h));
	/* A leaf of any length is the same function of prefix and body. */
	big[4999] = 'x';
	mc_leaf_hash(big + 1, 4999, &h);
	mc_sha256(big, 5000, &g);
	OK(mc_hash_same(&g, &h));
	mc_leaf_hash(big + 1, 2048, &h);
	mc_sha256(big, 2049, &g);
	OK(mc_hash_same(&g, &h));
	mc_leaf_hash(big + 1, 2049, &h);
	mc_sha256(big, 2050, &g);
	OK(mc_hash_same(&g, &h));
	free(big);
}

static void
base64(void)
{
	static const struct {
		const char *raw, *text;
	} row[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xFB\xFF\xFE", "+//+" },
	};
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
		{ "Zh==", 1 },     /* bits below the last byte */
		{ "Zm9=", 2 },     /* the same */
		{ "Zg=", 1 },      /* short */
		{ "Zg", 1 },       /* not padded */
		{ "Zg===", 1 },    /* long */
		{ "Zm9v", 2 },     /* another length */
		{ "Zm9v", 4 },     /* another length */
		{ "Z===", 1 },     /* no whole byte */
		{ "Zm9\n", 3 },    /* not in the alphabet */
		{ "-_-_", 3 },     /* the other alphabet */
		{ "=m9v", 3 },     /* padding in front */
		{ "Zg==Zg==", 5 }, /* padding in the middle */
	};
	struct mc_buf b = { 0 };
	unsigned char out[8];
	size_t i, n;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		n = strlen(row[i].raw);
		mc_buf_reset(&b);
		mc_base64_put(&b, row[i].raw, n);
		IS_STR(mc_buf_str(&b), row[i].text);
		OK(mc_base64_get(mc_str(row[i].text), out, n));
		OK(memcmp(out, row[i].raw, n) == 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		TAP_ROW(bad[i].text);
		OK(!mc_base64_get(mc_str(bad[i].text), out, bad[i].len));
	}
	TAP_ROW(NULL);
	mc_buf_free(&b);
}

/* RFC 6962 section 2.1, word for word. */
static void
mth(const struct mc_hash *leaf, size_t n, struct mc_hash *out)
{
	struct mc_hash l, r;
	unsigned char node[65] = { 1 };
	size_t k = 1;

	if (n == 0) {
		mc_sha256("", 0, out);
	} else if (n == 1) {
		*out = leaf[0];
	} else {
		while (k * 2 < n)
			k *= 2;
		mth(leaf, k, &l);
		mth(leaf + k, n - k, &r);
		memcpy(node + 1, l.b, 32);
		memcpy(node + 33, r.b, 32);
		mc_sha256(node, 65, out);
	}
}

static void
tree_vectors(void)
{
	static const struct {
		const char *leaf;
		size_t len;
		const char *root;
	} row[] = {
		{ "", 0,
		    "6e340b9cffb37a989ca544e6bb780a2c"
		    "78901d3fb33738768511a30617afa01d" },
		{ "\0", 1,
		    "fac54203e7cc696cf0dfcb42c92a1d9d"
		    "baf70ad9e621f4bd8d98662f00e3c125" },
		{ "\x10", 1,
		    "aeb6bcfe274b70a14fb067a5e5578264"
		    "db0fa9b51af5e0ba159158f329e06e77" },
		{ "\x20\x21", 2,
		    "d37ee418976dd95753c1c73862b9398f"
		    "a2a2cf9b4ff0fdfe8b30cd95209614b7" },
		{ "\x30\x31", 2,
		    "4e3bbb1f7b478dcfe71fb631631519a3"
		    "bca12c9aefca1612bfce4c13a86264d4" },
		{ "\x40\x41\x42\x43", 4,
		    "76e67dadbcdf1e10e1b74ddc608abd2f"
		    "98dfb16fbce75277b5232a127f2087ef" },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
		    "ddb89be403809e325750d3d263cd7892"
		    "9c2942b7942a34b77e122c9594a74c8c" },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67"
		  "\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
		    16,
		    "5dc9da79a70659a9ad559cb701ded9a2"
		    "ab9d823aad2f4960cfe370eff4604328" },
	};
	struct mc_tree t = { .size = 0 };
	struct mc_hash leaf[8], root;
	size_t i;

	mc_tree_root(&t, &root);
	IS_STR(hex(&root), "e3b0c44298fc1c149afbf4c8996fb924"
			   "27ae41e4649b934ca495991b7852b855");
	mc_tree_root_of(NULL, 0, &root);
	IS_STR(hex(&root), "e3b0c44298fc1c149afbf4c8996fb924"
			   "27ae41e4649b934ca495991b7852b855");
	for (i = 0; i < 8; i++) {
		mc_leaf_hash(row[i].leaf, row[i].len, &leaf[i]);
		mc_tree_push(&t, &leaf[i]);
		mc_tree_root(&t, &root);
		IS_STR(hex(&root), row[i].root);
		mc_tree_root_of(leaf, i + 1, &root);
		IS_STR(hex(&root), row[i].root);
	}
}

static void
tree_definition(void)
{
	static struct mc_hash leaf[600];
	struct mc_tree t = { .size = 0 };
	struct mc_hash want, got;
	size_t i, ones, at, k;
	unsigned level;
	bool same = true, edges = true;

	mc_tree_root_of(leaf, 0, &got);
	mc_tree_root(&t, &want);
	OK(mc_hash_same(&want, &got));
	mc_random(leaf, sizeof(leaf));
	for (i = 0; i < 600; i++) {
		mc_tree_push(&t, &leaf[i]);
		mth(leaf, i + 1, &want);
		mc_tree_root(&t, &got);
		same = same && mc_hash_same(&want, &got);
		mc_tree_root_of(leaf, i + 1, &got);
		same = same && mc_hash_same(&want, &got);
		/* The edge holds the complete subtrees, largest first. */
		for (ones = 0, at = 0, k = 1024; k > 0; k /= 2) {
			if (((i + 1) & k) == 0)
				continue;
			mth(leaf + at, k, &want);
			edges = edges && mc_hash_same(&want, &t.edge[ones]);
			at += k;
			ones++;
		}
		edges = edges && ones == (size_t)mc_tree_edge(&t);
	}
	OK(same);
	OK(edges);
	IS(t.size, 600);

	/* Whole subtrees at once, as large as the size so far allows. */
	t.size = 0;
	for (at = 0; at < 600; at += k) {
		for (k = 1, level = 0; level < 8 && at % (2 * k) == 0 &&
				       at + 2 * k <= 600 && (at + k) % 3 != 0;
		     level++)
			k *= 2;
		mth(leaf + at, k, &want);
		mc_tree_push_subtree(&t, level, &want);
	}
	IS(t.size, 600);
	mth(leaf, 600, &want);
	mc_tree_root(&t, &got);
	OK(mc_hash_same(&want, &got));
}

/*
 * Leaves together against leaves one by one: known answers, and libcrypto.
 */

/* Zeros, as many as NIST's additional examples for SHA-256 have. */
static void
leaf_vectors(void)
{
	static const struct {
		size_t len;
		const char *hash;
	} row[] = {
		{ 55, "02779466cdec163811d078815c633f21"
		      "901413081449002f24aa3e80f0b88ef7" },
		{ 56, "d4817aa5497628e7c77e6b606107042b"
		      "bba3130888c5f47a375e6179be789fbb" },
		{ 57, "65a16cb7861335d5ace3c60718b5052e"
		      "44660726da4cd13bb745381b235a1785" },
		{ 64, "f5a5fd42d16a20302798ef6ed309979b"
		      "43003d2320d9f0e8ea9831a92759fb4b" },
		{ 1000, "541b3e9daa09b20bf85fa273e5cbd3e8"
			"0185aa4ec298e765db87742b70138a53" },
		{ 1000000, "d29751f2649b32ff572b5e0a9f541ea6"
			   "60a50f94ff0beedfb0b692b924cc8025" },
	};
	enum { ROWS = sizeof(row) / sizeof(row[0]) };
	char *zeros = mc_calloc(1, 1000000);
	struct mc_str body[ROWS];
	struct mc_hash h[ROWS];
	size_t i;

	/* The first of a leaf's zeros is the prefix. */
	for (i = 0; i < ROWS; i++)
		body[i] = (struct mc_str){ zeros, row[i].len - 1 };
	mc_leaf_hashes(body, ROWS, h);
	for (i = 0; i < ROWS; i++)
		IS_STR(hex(&h[i]), row[i].hash);
	free(zeros);
}

#define BODIES_MAX 301

static uint64_t state = 1; /* always the same lengths */

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)((state >> 11) % n);
}

struct bodies {
	struct mc_str s[BODIES_MAX];
	char *mem[BODIES_MAX];
	size_t n;
};

/* Of its own size, so that reading beyond it is noticed. */
static void
add(struct bodies *b, size_t len)
{
	char *p = mc_calloc(1, len > 0 ? len : 1);

	mc_random(p, len);
	b->mem[b->n] = p;
	b->s[b->n++] = (struct mc_str){ p, len };
}

static void
clear(struct bodies *b)
{
	while (b->n > 0)
		free(b->mem[--b->n]);
}

static bool
same_hashes(const struct mc_hash *got, const struct mc_hash *want,
    const struct mc_str *body, size_t n)
{
	struct mc_hash untouched;
	size_t i;

	for (i = 0; i < n; i++)
		if (!mc_hash_same(&got[i], &want[i])) {
			printf("# %zu of %zu, %zu bytes\n", i, n, body[i].len);
			return false;
		}
	memset(&untouched, 0xA5, sizeof(untouched));
	return mc_hash_same(&got[n], &untouched);
}

/*
 * All n at once, as leaves and, where none is empty, as they are; and nothing
 * is written behind them.
 */
static bool
same_leaves(const struct mc_str *body, size_t n)
{
	static struct mc_hash got[BODIES_MAX + 1], want[BODIES_MAX];
	bool empty = false;
	size_t i;

	memset(got, 0xA5, sizeof(got));
	mc_leaf_hashes(body, n, got);
	for (i = 0; i < n; i++) {
		mc_leaf_hash(body[i].p, body[i].len, &want[i]);
		empty = empty || body[i].len == 0;
	}
	if (!same_hashes(got, want, body, n))
		return false;
	if (empty)
		return true;
	memset(got, 0xA5, sizeof(got));
	mc_sha256_each(body, n, got);
	for (i = 0; i < n; i++)
		mc_sha256(body[i].p, body[i].len, &want[i]);
	return same_hashes(got, want, body, n);
}

static void
leaf_lengths(void)
{
	static struct bodies all, two;
	static const struct mc_str nowhere[2]; /* no bytes, at NULL */
	bool same = true;
	size_t i, n;

	OK(same_leaves(nowhere, 0));
	OK(same_leaves(nowhere, 2));

	for (i = 0; i <= 300; i++)
		add(&all, i);
	OK(same_leaves(all.s, all.n));
	OK(same_leaves(all.s + 1, all.n - 1));
	clear(&all);
	for (i = 0; i <= 300 && same; i++) {
		add(&two, i);
		add(&two, below(301));
		same = same_leaves(two.s, 1) && same_leaves(two.s, 2);
		clear(&two);
		add(&two, below(65536));
		add(&two, i);
		same = same && same_leaves(two.s, 2);
		clear(&two);
	}
	OK(same);

	for (i = 0; i < 40 && same; i++) {
		for (n = 1 + below(12); n > 0; n--)
			add(&all, below(below(2) == 0 ? 700 : 65536));
		same = same_leaves(all.s, all.n);
		clear(&all);
	}
	OK(same);
}

static void
randomness(void)
{
	unsigned char a[1000], b[1000];
	size_t i, zeros = 0;

	mc_random(a, sizeof(a));
	mc_random(b, sizeof(b));
	OK(memcmp(a, b, sizeof(a)) != 0);
	for (i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	OK(zeros < 50);
}

int
main(void)
{
	int i;

	sha256();
	base64();
	randomness();
	/* With the processor's instructions, if it has them, and without. */
	for (i = 0; i < 2; i++) {
		mc_hash_pair_use(i == 0);
		TAP_ROW(mc_hash_pair_able() ? "two at a time" : "one by one");
		OK(i == 0 || !mc_hash_pair_able());
		leaf_vectors();
		leaf_lengths();
		tree_vectors();
		tree_definition();
	}
	return tap_done();
}
