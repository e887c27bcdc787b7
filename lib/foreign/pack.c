/* pack.c - see motcua/pack.h. */
#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

#include <motcua/mem.h>
#include <motcua/pack.h>

/*
 * The parameters of level -1, but for a larger table: as small, and a tenth
 * faster.  Level 1 is a fifth smaller and slower by as much; the log is
 * written more than it is read.
 */
static const struct {
	ZSTD_cParameter what;
	int value;
} parameter[] = {
	{ ZSTD_c_strategy, ZSTD_fast },
	{ ZSTD_c_windowLog, 17 },
	{ ZSTD_c_hashLog, 14 },
	{ ZSTD_c_minMatch, 5 },
	{ ZSTD_c_targetLength, 1 },
};

/* A thread's, from its first use to its end. */
struct contexts {
	ZSTD_CCtx *packer;
	ZSTD_DCtx *unpacker;
};
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
free_contexts(void *arg)
{
	struct contexts *c = arg;

	ZSTD_freeCCtx(c->packer);
	ZSTD_freeDCtx(c->unpacker);
	free(c);
}

static void
make_key(void)
{
	if (pthread_key_create(&key, free_contexts) != 0)
		abort();
}

static struct contexts *
contexts(void)
{
	struct contexts *c;

	pthread_once(&once, make_key);
	if ((c = pthread_getspecific(key)) == NULL) {
		c = mc_calloc(1, sizeof(*c));
		if (pthread_setspecific(key, c) != 0)
			abort();
	}
	return c;
}

static ZSTD_CCtx *
new_packer(void)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t i;

	if (c == NULL)
		abort();
	for (i = 0; i < sizeof(parameter) / sizeof(parameter[0]); i++)
		if (ZSTD_isError(ZSTD_CCtx_setParameter(
			c, parameter[i].what, parameter[i].value)))
			abort();
	return c;
}

void
mc_pack(struct mc_buf *out, struct mc_str s)
{
	size_t bound = ZSTD_compressBound(s.len), n;
	char *to = mc_buf_room(out, bound);
	struct contexts *c = contexts();

	if (c->packer == NULL)
		c->packer = new_packer();
	n = ZSTD_compress2(c->packer, to, bound, s.p, s.len);
	if (ZSTD_isError(n))
		abort(); /* the bound holds for every input */
	out->len += n;
	out->p[out->len] = '\0';
}

int
mc_unpack(struct mc_buf *out, struct mc_str packed, struct mc_err *err)
{
	unsigned long long want =
	    ZSTD_getFrameContentSize(packed.p, packed.len);
	struct contexts *c = contexts();
	size_t n;
	char *to;

	if (want == ZSTD_CONTENTSIZE_ERROR ||
	    want == ZSTD_CONTENTSIZE_UNKNOWN || want > MC_PACK_MAX)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "a bundle of the log is damaged");
	if (c->unpacker == NULL && (c->unpacker = ZSTD_createDCtx()) == NULL)
		abort();
	to = mc_buf_room(out, want);
	n = ZSTD_decompressDCtx(c->unpacker, to, want, packed.p, packed.len);
	if (ZSTD_isError(n) || n != want)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "a bundle of the log is damaged");
	out->len += n;
	out->p[out->len] = '\0';
	return 0;
}
