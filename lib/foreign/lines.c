/* lines.c - a window over a file or pipe, and the lines in it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <motcua/lines.h>
#include <motcua/text.h>

#define CHUNK ((size_t)256 << 10)     /* asked of one read */
#define RAW ((size_t)64 << 10)        /* before conversion: three for one */
#define SLACK ((size_t)64 << 10)      /* for what is left of the last one */
#define WINDOW_MAX ((size_t)16 << 20) /* callers give up long before */

struct mc_source {
	char *name;
	int fd; /* -1: memory */
	bool regular;
	int64_t start; /* where in the file reading began */
	int64_t size;  /* from there on; -1 unknown */
	const char *base;
	char *own; /* = base, unless memory */
	size_t cap;
	size_t at, end; /* the window in base */
	bool eof;
	_Atomic int64_t consumed; /* others read it, for progress */
	int64_t line;             /* lines given out */
	size_t seen;   /* bytes of the window known to have no newline */
	bool too_long; /* passing over the rest of a line */
	struct mc_decoder *decoder; /* NULL: bytes as they are */
	char *raw;                  /* what was read for it */
};

static int
open_fd(struct mc_source *s, const char *path, struct mc_err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		if (fcntl(STDIN_FILENO, F_GETFD) == -1) {
			mc_err(err, MC_EIO, "E_IO", "standard input is closed");
			return mc_err_at(err, path, 0, 0);
		}
		s->fd = STDIN_FILENO;
	} else {
		do
			s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		while (s->fd == -1 && errno == EINTR);
		if (s->fd == -1) {
			mc_err_sys(err, errno, "cannot open");
			return mc_err_at(err, path, 0, 0);
		}
	}
	if (fstat(s->fd, &st) == -1) {
		mc_err_sys(err, errno, "cannot read");
		return mc_err_at(err, path, 0, 0);
	}
	if (S_ISDIR(st.st_mode)) {
		mc_err_sys(err, EISDIR, "cannot read");
		return mc_err_at(err, path, 0, 0);
	}
	if (S_ISREG(st.st_mode)) {
		s->regular = true;
		s->start = (int64_t)lseek(s->fd, 0, SEEK_CUR);
		if (s->start < 0)
			s->start = 0;
		if ((int64_t)st.st_size >= s->start)
			s->size = (int64_t)st.st_size - s->start;
	}
	return 0;
}

int
mc_source_open(struct mc_source **out, const char *path, struct mc_err *err)
{
	struct mc_source *s = mc_calloc(1, sizeof(*s));

	*out = NULL;
	s->fd = -1;
	s->size = -1;
	s->name = mc_strdup(path);
	if (open_fd(s, path, err) == -1) {
		mc_source_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

struct mc_source *
mc_source_memory(const char *name, const void *p, size_t n)
{
	struct mc_source *s = mc_calloc(1, sizeof(*s));

	s->fd = -1;
	s->name = mc_strdup(name);
	s->base = n > 0 ? p : "";
	s->end = n;
	s->size = (int64_t)n;
	s->eof = true;
	return s;
}

void
mc_source_free(struct mc_source *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1 && s->fd != STDIN_FILENO)
		close(s->fd);
	free(s->own);
	free(s->decoder);
	free(s->raw);
	free(s->name);
	free(s);
}

const char *
mc_source_name(const struct mc_source *s)
{
	return s->name;
}

void
mc_source_call(struct mc_source *s, const char *name)
{
	free(s->name);
	s->name = mc_strdup(name);
}

int64_t
mc_source_offset(const struct mc_source *s)
{
	return s->consumed;
}

int64_t
mc_source_size(const struct mc_source *s)
{
	return s->size;
}

/* Would read(2) return at once?  1 or 0; a regular file always does. */
static int
readable(const struct mc_source *s, int timeout)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int r;

	if (s->regular)
		return 1;
	do
		r = poll(&p, 1, timeout);
	while (r == -1 && errno == EINTR);
	return r != 0; /* let read report what is wrong */
}

/* What is left moves to the front, and a chunk fits behind it. */
static int
make_room(struct mc_source *s, struct mc_err *err)
{
	if (s->cap - s->end >= CHUNK)
		return 0;
	if (s->at > 0) {
		memmove(s->own, s->own + s->at, s->end - s->at);
		s->end -= s->at;
		s->at = 0;
	}
	if (s->cap - s->end >= CHUNK)
		return 0;
	if (s->cap >= WINDOW_MAX) {
		mc_err(err, MC_EDATA, "E_LIMIT",
		    "more than %zu bytes without an end", WINDOW_MAX);
		return mc_err_at(err, s->name, 0, 0);
	}
	s->cap = s->cap == 0 ? CHUNK + SLACK : s->cap * 2;
	s->own = mc_realloc(s->own, s->cap, 1);
	s->base = s->own;
	return 0;
}

static void
count(struct mc_source *s, size_t n)
{
	/* One thread writes it, so this need not be one operation. */
	atomic_store_explicit(&s->consumed,
	    atomic_load_explicit(&s->consumed, memory_order_relaxed) +
		(int64_t)n,
	    memory_order_relaxed);
}

/* n raw bytes at p go into the window as UTF-8; p NULL: they end. */
static int
convert(struct mc_source *s, const char *p, size_t n, struct mc_err *err)
{
	struct mc_buf piece = { 0 };
	size_t k;
	int rc = 0;

	do {
		k = n < RAW ? n : RAW;
		mc_buf_reset(&piece);
		if (p == NULL)
			mc_decode_end(s->decoder, &piece);
		else
			mc_decode(s->decoder, p, k, &piece);
		if ((rc = make_room(s, err)) == -1)
			break;
		if (piece.len > 0)
			memcpy(s->own + s->end, piece.p, piece.len);
		s->end += piece.len;
		if (p != NULL)
			p += k;
		n -= k;
	} while (n > 0);
	mc_buf_free(&piece);
	return rc;
}

/* As read(2); converted where the source is of another encoding. */
static ssize_t
read_some(struct mc_source *s, int *rc, struct mc_err *err)
{
	ssize_t got;

	if (s->decoder == NULL) {
		got = read(s->fd, s->own + s->end, CHUNK);
		if (got > 0)
			s->end += (size_t)got;
		return got;
	}
	got = read(s->fd, s->raw, RAW);
	if (got < 0)
		return got;
	*rc = convert(s, got > 0 ? s->raw : NULL, (size_t)got, err);
	count(s, (size_t)got);
	return got;
}

int
mc_source_peek(struct mc_source *s, const char **p, size_t *n, bool more,
    bool wait, struct mc_err *err)
{
	size_t end;
	ssize_t got;
	int rc = 1;

	while (s->at == s->end || more) {
		if (s->eof) {
			rc = 0;
			break;
		}
		if (!wait && !readable(s, 0)) {
			rc = MC_WOULD_BLOCK;
			break;
		}
		if (make_room(s, err) == -1)
			return -1;
		end = s->end;
		got = read_some(s, &rc, err);
		if (rc == -1)
			return -1;
		if (got > 0) {
			if (s->end > end)
				break;
		} else if (got == 0) {
			s->eof = true;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/* Somebody else made our end non-blocking. */
			if (wait)
				readable(s, -1);
		} else if (errno != EINTR) {
			mc_err_sys(err, errno, "cannot read");
			return mc_err_at(err, s->name, 0, 0);
		}
	}
	*p = s->base != NULL ? s->base + s->at : "";
	*n = s->end - s->at;
	return rc;
}

void
mc_source_consume(struct mc_source *s, size_t n)
{
	if (n > s->end - s->at)
		n = s->end - s->at;
	s->at += n;
	if (s->decoder == NULL)
		count(s, n);
}

enum mc_encoding
mc_source_encoding(const struct mc_source *s)
{
	return s->decoder == NULL ? MC_ENC_UTF8 : s->decoder->encoding;
}

const struct mc_loss *
mc_source_loss(const struct mc_source *s)
{
	return s->decoder == NULL ? NULL : &s->decoder->loss;
}

/* What the file's own mark says: -1 that it contradicts. */
static int
believe_mark(const struct mc_source *s, const char *p, size_t n,
    enum mc_encoding *e, struct mc_err *err)
{
	enum mc_encoding mark = MC_ENC_NONE;

	if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 && *e != MC_ENC_BYTES)
		mark = MC_ENC_UTF8;
	else if (n >= 2 && memcmp(p, "\xFF\xFE", 2) == 0)
		mark = MC_ENC_UTF16LE;
	else if (n >= 2 && memcmp(p, "\xFE\xFF", 2) == 0)
		mark = MC_ENC_UTF16BE;
	if (mark == MC_ENC_UTF8 || (mark != MC_ENC_NONE && *e == MC_ENC_UTF16))
		*e = mark;
	if (*e == MC_ENC_UTF16) {
		mc_err(err, MC_EDATA, "E_ENCODING",
		    "UTF-16 has no byte order mark here");
		mc_err_advise(err, "say which: --encoding=utf-16le or "
				   "utf-16be");
		return mc_err_at(err, s->name, 1, 0);
	}
	if (mark == MC_ENC_NONE || mark == *e || *e == MC_ENC_BYTES)
		return 0;
	mc_err(err, MC_EDATA, "E_ENCODING",
	    "the file begins with the mark of UTF-16, and is not %s",
	    mc_encoding_name(*e));
	mc_err_advise(err, "--encoding=utf-16");
	return mc_err_at(err, s->name, 1, 0);
}

int
mc_source_decode(struct mc_source *s, enum mc_encoding e, struct mc_err *err)
{
	struct mc_buf first = { 0 };
	const char *p;
	size_t n = 0;
	int rc;

	if (e == MC_ENC_NONE || e == MC_ENC_UTF8)
		return 0;
	do
		rc = mc_source_peek(s, &p, &n, n > 0, true, err);
	while (rc == 1 && n < 3);
	if (rc == -1 || believe_mark(s, p, n, &e, err) == -1)
		return -1;
	if (e == MC_ENC_UTF8)
		return 0;
	s->decoder = mc_calloc(1, sizeof(*s->decoder));
	s->raw = mc_alloc(RAW);
	mc_decoder_init(s->decoder, e);
	mc_buf_add(&first, p, n);
	s->at = s->end = 0;
	count(s, n);
	rc = convert(s, mc_buf_str(&first), first.len, err);
	if (rc == 0 && s->eof)
		rc = convert(s, NULL, 0, err);
	mc_buf_free(&first);
	return rc;
}

int
mc_source_bad_byte(
    const struct mc_source *s, unsigned char byte, struct mc_err *err)
{
	enum mc_encoding e = mc_source_encoding(s);

	if (e == MC_ENC_UTF8)
		return mc_err(err, MC_EDATA, "E_UTF8", "not UTF-8: byte 0x%02X",
		    (unsigned)byte);
	if (e == MC_ENC_UTF16LE || e == MC_ENC_UTF16BE)
		return mc_err(
		    err, MC_EDATA, "E_ENCODING", "half a character of UTF-16");
	return mc_err(err, MC_EDATA, "E_ENCODING",
	    "byte 0x%02X means nothing in %s", (unsigned)byte,
	    mc_encoding_name(e));
}

int
mc_source_rewind(struct mc_source *s, struct mc_err *err)
{
	if (s->fd != -1) {
		if (!s->regular) {
			mc_err(err, MC_EIO, "E_IO",
			    "cannot be read a second time: not a file");
			return mc_err_at(err, s->name, 0, 0);
		}
		if (lseek(s->fd, (off_t)s->start, SEEK_SET) == -1) {
			mc_err_sys(err, errno, "cannot go back");
			return mc_err_at(err, s->name, 0, 0);
		}
		s->end = 0;
		s->eof = false;
		if (s->decoder != NULL)
			mc_decoder_init(s->decoder, s->decoder->encoding);
	}
	s->at = 0;
	s->consumed = 0;
	s->line = 0;
	s->seen = 0;
	s->too_long = false;
	return 0;
}

static int
line_error(const struct mc_source *s, size_t column, struct mc_err *err)
{
	return mc_err_at(err, s->name, s->line, (int64_t)column);
}

/* A line has ended: is it one we give out? */
static int
check_line(const struct mc_source *s, struct mc_str l, size_t skipped,
    struct mc_err *err)
{
	const char *nul;
	size_t bad;

	if (s->too_long || l.len > MC_LINE_MAX) {
		mc_err(err, MC_EDATA, "E_LIMIT", "a line of more than %u bytes",
		    MC_LINE_MAX);
		return line_error(s, 0, err);
	}
	bad = mc_utf8_check(l.p, l.len);
	nul = bad > 0 ? memchr(l.p, '\0', bad) : NULL;
	if (nul != NULL) {
		mc_err(err, MC_EDATA, "E_UTF8", "a NUL byte");
		return line_error(s, skipped + (size_t)(nul - l.p) + 1, err);
	}
	if (bad < l.len) {
		mc_source_bad_byte(s, (unsigned char)l.p[bad], err);
		if (s->line == 1 && l.len >= 2 &&
		    (memcmp(l.p, "\xFF\xFE", 2) == 0 ||
			memcmp(l.p, "\xFE\xFF", 2) == 0))
			mc_err_advise(err,
			    "this is UTF-16; convert it first: iconv -f "
			    "UTF-16 -t UTF-8");
		return line_error(s, skipped + bad + 1, err);
	}
	return 1;
}

int
mc_line_next(struct mc_source *s, struct mc_str *line, int64_t *number,
    bool wait, struct mc_err *err)
{
	struct mc_str l;
	const char *p, *nl;
	size_t n, skipped = 0;
	bool more = false;
	int rc;

	for (;;) {
		rc = mc_source_peek(s, &p, &n, more, wait, err);
		if (rc == -1 || rc == MC_WOULD_BLOCK)
			return rc;
		nl =
		    n > s->seen ? memchr(p + s->seen, '\n', n - s->seen) : NULL;
		if (nl != NULL || rc == 0)
			break;
		more = true;
		s->seen = n;
		if (s->too_long || n > MC_LINE_MAX + 2) {
			s->too_long = true;
			mc_source_consume(s, n);
			s->seen = 0;
			more = false;
		}
	}
	if (nl == NULL && n == 0 && !s->too_long)
		return 0;
	l = (struct mc_str){ p, nl != NULL ? (size_t)(nl - p) : n };
	mc_source_consume(s, l.len + (nl != NULL));
	s->seen = 0;
	s->line++;
	*number = s->line;
	if (l.len > 0 && l.p[l.len - 1] == '\r')
		l.len--;
	if (s->line == 1 && l.len >= 3 && memcmp(l.p, "\xEF\xBB\xBF", 3) == 0)
		skipped = 3;
	l.p += skipped;
	l.len -= skipped;
	rc = check_line(s, l, skipped, err);
	*line =
	    s->too_long || l.len > MC_LINE_MAX ? (struct mc_str){ "", 0 } : l;
	s->too_long = false;
	return rc;
}
