/* relay.c - see motcua/relay.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/buf.h>
#include <motcua/mem.h>
#include <motcua/relay.h>

struct mc_relay {
	const struct mc_cli *cli;
	const struct mc_zone *zone;
	FILE *file; /* what the writer made */
	struct mc_out *out;
	MC_VEC(off_t) end; /* of each record; of a table unknown until closed */
	bool headed;       /* a heading of CSV has left */
};

static int
start(struct mc_relay *r, struct mc_err *err)
{
	r->end.n = 0;
	r->file = tmpfile();
	if (r->file == NULL)
		return mc_err_sys(err, errno, "a temporary file");
	if (mc_cli_out_to(r->cli, &r->out, fileno(r->file), r->zone, err) == -1)
		return -1;
	if (r->cli->terminal)
		mc_out_terminal(r->out);
	return 0;
}

static void
stop(struct mc_relay *r)
{
	mc_out_free(r->out);
	r->out = NULL;
	if (r->file != NULL)
		fclose(r->file);
	r->file = NULL;
}

int
mc_relay_open(struct mc_relay **out, const struct mc_cli *cli,
    const struct mc_zone *zone, struct mc_err *err)
{
	struct mc_relay *r = mc_calloc(1, sizeof(*r));

	*out = NULL;
	r->cli = cli;
	r->zone = zone;
	if (start(r, err) == -1) {
		mc_relay_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
mc_relay_free(struct mc_relay *r)
{
	if (r == NULL)
		return;
	stop(r);
	mc_vec_free(&r->end);
	free(r);
}

struct mc_out *
mc_relay_out(struct mc_relay *r)
{
	return r->out;
}

static bool
is(const struct mc_relay *r, const char *format)
{
	return strcmp(r->cli->format, format) == 0;
}

int
mc_relay_end(struct mc_relay *r, struct mc_err *err)
{
	off_t at = 0;

	/* A table is measured first; none of its cells has a line's end. */
	if (!is(r, "table")) {
		if (mc_out_flush(r->out, err) == -1)
			return -1;
		at = lseek(fileno(r->file), 0, SEEK_CUR);
		if (at == -1)
			return mc_err_sys(err, errno, "a temporary file");
	}
	mc_vec_push(&r->end, at);
	return 0;
}

static int
read_back(struct mc_relay *r, struct mc_buf *b, struct mc_err *err)
{
	ssize_t n;

	do {
		n = pread(fileno(r->file), mc_buf_room(b, 65536), 65536,
		    (off_t)b->len);
		if (n > 0)
			b->len += (size_t)n;
	} while (n > 0);
	return n == 0 ? 0 : mc_err_sys(err, errno, "a temporary file");
}

/* The length of the line at p. */
static size_t
line_length(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl == NULL ? (size_t)(end - p) : (size_t)(nl - p) + 1;
}

static int
send_pieces(struct mc_relay *r, struct mc_sent *sent, const struct mc_buf *b,
    struct mc_err *err)
{
	const char *p = b->p, *end = b->p + b->len;
	bool table = is(r, "table");
	size_t i, n;

	if (r->headed)
		p += line_length(p, end);
	for (i = 0; i < r->end.n; i++, p += n) {
		n = (size_t)(b->p + r->end.p[i] - p);
		if (table) {
			n = i == 0 ? line_length(p, end) : 0;
			n += line_length(p + n, end);
		}
		if (mc_sent_line(sent, STDOUT_FILENO, (struct mc_str){ p, n },
			err) == -1)
			return -1;
	}
	r->headed = is(r, "csv");
	return 0;
}

int
mc_relay_send(struct mc_relay *r, struct mc_sent *sent, struct mc_err *err)
{
	struct mc_buf b = { 0 };
	int rc = 0;

	if (r->end.n > 0) {
		rc = mc_out_close(r->out, err);
		if (rc == 0)
			rc = read_back(r, &b, err);
		if (rc == 0)
			rc = send_pieces(r, sent, &b, err);
		mc_buf_free(&b);
	}
	stop(r);
	return rc == -1 ? -1 : start(r, err);
}
