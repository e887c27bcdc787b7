/* fold_seqs.c - numbers of events, packed; see motcua/fold.h. */
#include <motcua/fold.h>

void
mc_seqs_add(struct mc_buf *b, uint64_t *last, uint64_t seq)
{
	uint64_t d = b->len == 0 ? seq : seq - *last;

	while (d >= 0x80) {
		mc_buf_putc(b, (char)(d | 0x80));
		d >>= 7;
	}
	mc_buf_putc(b, (char)d);
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
	do {
		c = (unsigned char)packed.p[(*at)++];
		d |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	} while ((c & 0x80) != 0 && shift < 63 && *at < packed.len);
	*seq += d;
	return true;
}
