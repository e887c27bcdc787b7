/* fold_seqs.c - numbers of events, packed; see motcua/fold.h. */
#include <motcua/fold.h>
#include <motcua/number.h>

void
mc_seqs_add(struct mc_buf *b, uint64_t *last, uint64_t seq)
{
	char *to = mc_buf_room(b, MC_NUMBER_MAX);

	mc_buf_end(b, mc_number_put(to, b->len == 0 ? seq : seq - *last));
	*last = seq;
}

bool
mc_seqs_next(struct mc_str packed, size_t *at, uint64_t *seq)
{
	uint64_t d = 0;
	unsigned shift = 0;
	unsigned char c;

	if (*at >= packed.len)
		return false;
	/*
	 * Not mc_number_get(): a list that is cut off must not look shorter,
	 * but give a number that no event of the dossier has.
	 */
	do {
		c = (unsigned char)packed.p[(*at)++];
		d |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	} while ((c & 0x80) != 0 && shift < 63 && *at < packed.len);
	*seq += d;
	return true;
}
