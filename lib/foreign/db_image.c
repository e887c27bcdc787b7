/*
 * db_image.c - records, and tables of them, as SQLite's files have them; see
 * db_internal.h.  The format: https://www.sqlite.org/fileformat2.html, 1.3
 * (header), 1.6 (pages) and 2.1 (records).
 */
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "db_internal.h"

#define LEAF 0x0D /* kinds of page, both of tables */
#define INTERIOR 0x05
#define LEAF_HEAD 8
#define INTERIOR_HEAD 12
#define PAGES_AT 28 /* in the file's header: how many there are */
#define ROOT 2      /* the first page of the only table */

/* ---- numbers ---- */

static char *
put_big(char *to, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		*to++ = (char)(v >> 8 * bytes);
	return to;
}

/* Seven bits a byte, the highest first; the ninth byte has eight. */
static char *
put_varint(char *to, uint64_t v)
{
	int bytes = 1;

	if (v >> 56 != 0) {
		to[8] = (char)v;
		for (v >>= 8, bytes = 8; bytes-- > 0; v >>= 7)
			to[bytes] = (char)(v | 0x80);
		return to + 9;
	}
	while (v >> 7 * bytes != 0)
		bytes++;
	while (bytes-- > 0)
		*to++ =
		    (char)((v >> 7 * bytes & 0x7F) | (bytes > 0 ? 0x80 : 0));
	return to;
}

static const char *
get_varint(const char *p, uint64_t *v)
{
	int i;

	for (*v = 0, i = 0; i < 8; i++) {
		*v = *v << 7 | ((unsigned char)p[i] & 0x7F);
		if ((unsigned char)p[i] < 0x80)
			return p + i + 1;
	}
	*v = *v << 8 | (unsigned char)p[8];
	return p + 9;
}

/* ---- records ---- */

/* Serial types of numbers are 0 (NULL) to 9; 8 and 9 are 0 and 1. */
static const unsigned char width_of[] = { 0, 1, 2, 3, 4, 6, 8, 0, 0, 0 };

static int
type_of(int64_t v)
{
	/* By the bits that a number has beside its sign. */
	static const unsigned char by_bits[64] = { 1, 1, 1, 1, 1, 1, 1, 1, 2, 2,
		2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4,
		4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6,
		6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6 };
	uint64_t magnitude = v < 0 ? ~(uint64_t)v : (uint64_t)v;

	if (v == 0 || v == 1)
		return 8 + (int)v;
	return magnitude == 0 ? 1 : by_bits[64 - __builtin_clzll(magnitude)];
}

static size_t
varint_size(uint64_t v)
{
	size_t n = 1;

	while ((v >>= 7) != 0 && n < 9)
		n++;
	return n;
}

/* Texts are odd, blobs even. */
static uint64_t
long_type(const struct mc_arg *a)
{
	return (a->type == MC_ARG_TEXT ? 13 : 12) + 2 * (uint64_t)a->s.len;
}

static bool
is_long(const struct mc_arg *a)
{
	return a->type >= MC_ARG_TEXT;
}

size_t
mc_record_room(const struct mc_arg *args, size_t n)
{
	size_t size = 16 + 16 * n, i;

	for (i = 0; i < n; i++)
		if (is_long(&args[i]))
			size += args[i].s.len;
	return size;
}

/* Eight bytes are written whatever the width: there is room. */
static char *
put_int(char *to, int64_t v, int type)
{
	unsigned width = width_of[type];
	uint64_t big = htobe64((uint64_t)v << (64 - 8 * width) % 64);

	memcpy(to, &big, sizeof(big));
	return to + width;
}

size_t
mc_record_put(char *out, const struct mc_arg *args, size_t n)
{
	size_t head = 1 + n, i;
	char *type = out + 1, *to;

	for (i = 0; i < n; i++)
		if (is_long(&args[i]))
			head += varint_size(long_type(&args[i])) - 1;
	assert(head < 128); /* it says its own length in one byte */
	out[0] = (char)head;
	for (to = out + head, i = 0; i < n; i++) {
		const struct mc_arg *a = &args[i];

		if (is_long(a)) {
			type = put_varint(type, long_type(a));
			if (a->s.len > 0)
				memcpy(to, a->s.p, a->s.len);
			to += a->s.len;
		} else {
			*type = a->type == MC_ARG_NULL ? 0 : type_of(a->i);
			to = put_int(to, a->i, *type++);
		}
	}
	return (size_t)(to - out);
}

/* Sign and all. */
static int64_t
get_int(const char *p, int type)
{
	uint64_t v = 0;
	int width = width_of[type], i;

	if (type >= 8)
		return type - 8;
	for (i = 0; i < width; i++)
		v = v << 8 | (unsigned char)p[i];
	return (int64_t)(v << (64 - 8 * width)) >> (64 - 8 * width);
}

void
mc_record_get(struct mc_arg *args, size_t n, const char *p)
{
	const char *type = p + 1;
	uint64_t t;
	size_t i;

	for (p += p[0], i = 0; i < n; i++) {
		type = get_varint(type, &t);
		if (t == 0) {
			args[i] = MC_NULL;
		} else if (t < 10) {
			args[i] = MC_INT(get_int(p, (int)t));
			p += width_of[t];
		} else {
			args[i] =
			    (struct mc_arg){ .type = t % 2 != 0 ? MC_ARG_TEXT
								: MC_ARG_BLOB,
				    .s = { p, (size_t)(t - 12) / 2 } };
			p += args[i].s.len;
		}
	}
}

/* ---- pages ---- */

/* A page that is filled: cells from its end on, their places from its head. */
struct page {
	char *p;
	size_t head, cells, low; /* low: where the last cell begins */
};

static struct page
new_page(struct mc_buf *pages, char kind)
{
	struct page to = { mc_buf_room(pages, MC_DB_PAGE),
		kind == LEAF ? LEAF_HEAD : INTERIOR_HEAD, 0, MC_DB_PAGE };

	pages->len += MC_DB_PAGE;
	memset(to.p, 0, to.head);
	to.p[0] = kind;
	return to;
}

/* Where a cell of that size goes; NULL: the page is full. */
static char *
new_cell(struct page *to, size_t size)
{
	size_t places = to->head + 2 * (to->cells + 1);

	if (to->low < places + size)
		return NULL;
	to->low -= size;
	put_big(to->p + places - 2, to->low, 2);
	to->cells++;
	return to->p + to->low;
}

static void
end_page(struct page *to)
{
	put_big(to->p + 3, to->cells, 2);
	put_big(to->p + 5, to->low, 2);
}

/* A row into the leaf: its length, its key, itself. */
static bool
put_row(struct page *to, const struct mc_record_at *row, const char *records)
{
	size_t size =
	    varint_size(row->size) + varint_size((uint64_t)row->id) + row->size;
	char *cell = new_cell(to, size);

	if (cell == NULL)
		return false;
	cell = put_varint(cell, row->size);
	cell = put_varint(cell, (uint64_t)row->id);
	memcpy(cell, records + row->at, row->size);
	return true;
}

/* The keys that parts leaves from one another are the last of each. */
struct tops {
	int64_t key[MC_IMAGE_LEAVES];
	size_t n;
};

/*
 * The root of several leaves, which are the pages behind it: each but the
 * last is a cell.
 */
static void
put_root(struct mc_buf *pages, const struct tops *tops)
{
	struct page root = { pages->p + (ROOT - 1) * MC_DB_PAGE, INTERIOR_HEAD,
		0, MC_DB_PAGE };
	char *cell;
	size_t i;

	memset(root.p, 0, root.head);
	root.p[0] = INTERIOR;
	for (i = 0; i + 1 < tops->n; i++) {
		cell = new_cell(&root, 4 + varint_size((uint64_t)tops->key[i]));
		cell = put_big(cell, ROOT + 1 + i, 4);
		put_varint(cell, (uint64_t)tops->key[i]);
	}
	end_page(&root);
	put_big(root.p + LEAF_HEAD, ROOT + i + 1, 4);
}

static void
put_leaves(struct mc_buf *pages, struct tops *tops,
    const struct mc_record_at *row, size_t n, const char *records)
{
	struct page leaf = new_page(pages, LEAF);
	size_t i;

	for (tops->n = 0, i = 0; i < n; i++) {
		if (!put_row(&leaf, &row[i], records)) {
			end_page(&leaf);
			assert(tops->n < MC_IMAGE_LEAVES - 1);
			tops->key[tops->n++] = row[i - 1].id;
			leaf = new_page(pages, LEAF);
			put_row(&leaf, &row[i], records);
		}
	}
	end_page(&leaf);
	tops->n++;
}

void
mc_image_make(struct mc_buf *pages, const char *first,
    const struct mc_record_at *row, size_t n, const char *records)
{
	struct tops tops;

	mc_buf_reset(pages);
	mc_buf_add(pages, first, MC_DB_PAGE);
	mc_buf_add(pages, first, MC_DB_PAGE); /* the root's place */
	put_leaves(pages, &tops, row, n, records);
	if (tops.n > 1) {
		put_root(pages, &tops);
	} else {
		pages->len -= MC_DB_PAGE;
		memcpy(pages->p + MC_DB_PAGE, pages->p + 2 * MC_DB_PAGE,
		    MC_DB_PAGE);
	}
	put_big(pages->p + PAGES_AT, pages->len / MC_DB_PAGE, 4);
}
