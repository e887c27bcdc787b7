/* pack.c - see motcua/pack.h. */
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

static _Thread_local ZSTD_CCtx *packer;
static _Thread_local ZSTD_DCtx *unpacker;

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

	if (packer == NULL)
		packer = new_packer();
	n = ZSTD_compress2(packer, to, bound, s.p, s.len);
	if (ZSTD_isError(n))
		abort(); /* the bound holds for every input */
	out->len += n;
	out->p[out->len] = '\0';
}

void
mc_pack_thread_done(void)
{
	ZSTD_freeCCtx(packer);
	ZSTD_freeDCtx(unpacker);
	packer = NULL;
	unpacker = NULL;
}

int
mc_unpack(struct mc_buf *out, struct mc_str packed, struct mc_err *err)
{
	unsigned long long want =
	    ZSTD_getFrameContentSize(packed.p, packed.len);
	size_t n;
	char *to;

	if (want == ZSTD_CONTENTSIZE_ERROR ||
	    want == ZSTD_CONTENTSIZE_UNKNOWN || want > MC_PACK_MAX)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "a bundle of the log is damaged");
	if (unpacker == NULL && (unpacker = ZSTD_createDCtx()) == NULL)
		abort();
	to = mc_buf_room(out, want);
	n = ZSTD_decompressDCtx(unpacker, to, want, packed.p, packed.len);
	if (ZSTD_isError(n) || n != want)
		return mc_err(err, MC_EDAMAGED, "E_LOG",
		    "a bundle of the log is damaged");
	out->len += n;
	out->p[out->len] = '\0';
	return 0;
}
