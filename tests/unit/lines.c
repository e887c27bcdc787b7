/* lines.h: files, pipes and memory, a line at a time. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <motcua/lines.h>

#include "tap.h"

/* Everything a source gives out, one word a line. */
static const char *
all(struct mc_source *s)
{
	static struct mc_buf b;
	struct mc_err err = MC_ERR_INIT;
	struct mc_str l;
	int64_t number;
	int rc;

	mc_buf_reset(&b);
	while ((rc = mc_line_next(s, &l, &number, true, &err)) != 0) {
		if (rc == -1)
			mc_buf_printf(&b, "%s %s;", err.where, err.id);
		else
			mc_buf_printf(
			    &b, "%d[%.*s];", (int)number, (int)l.len, l.p);
		if (rc == -1 && err.code != MC_EDATA)
			break;
		mc_err_clear(&err);
	}
	return mc_buf_str(&b);
}

static void
memory(void)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
	} row[] = {
		{ "", 0, "" },
		{ "a", 1, "1[a];" },
		{ "a\n", 2, "1[a];" },
		{ "a\r\nb\n\nc", 7, "1[a];2[b];3[];4[c];" },
		{ "\n\n", 2, "1[];2[];" },
		{ "a\rb\n", 4, "1[a\rb];" },
		{ "\xEF\xBB\xBF{}\nx", 7, "1[{}];2[x];" },
		{ "ok\nb\xFF"
		  "d\nok\n",
		    10, "1[ok];m:2:2 E_UTF8;3[ok];" },
		{ "a\0b\nc", 5, "m:1:2 E_UTF8;2[c];" },
		{ "\xEF\xBB\xBF"
		  "a\xFF",
		    5, "m:1:5 E_UTF8;" },
		{ "ạb\xE1\xBA\n", 7, "m:1:5 E_UTF8;" },
	};
	struct mc_source *s;
	struct mc_err err = MC_ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		TAP_ROW(row[i].out);
		s = mc_source_memory("m", row[i].in, row[i].n);
		IS_STR(all(s), row[i].out);
		IS(mc_source_offset(s), row[i].n);
		IS(mc_source_size(s), row[i].n);
		IS(mc_source_rewind(s, &err), 0);
		IS_STR(all(s), row[i].out);
		mc_source_free(s);
	}
	TAP_ROW(NULL);
}

static void
utf16(void)
{
	struct mc_source *s = mc_source_memory("m",
	    "\xFF\xFE"
	    "a\0",
	    4);
	struct mc_err err = MC_ERR_INIT;
	struct mc_str l;
	int64_t number;

	IS(mc_line_next(s, &l, &number, true, &err), -1);
	IS_STR(err.msg, "not UTF-8: byte 0xFF");
	IS_STR(err.advice,
	    "this is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8");
	mc_source_free(s);
}

/* A file of long lines, larger than the window; and of one too long. */
static void
files(void)
{
	char path[] = "/tmp/motcua-lines-XXXXXX";
	struct mc_source *s = NULL;
	struct mc_err err = MC_ERR_INIT;
	struct mc_str l;
	int64_t number = 0, sum = 0, total = 0;
	int fd = mkstemp(path), i, n, rc;
	static char big[MC_LINE_MAX + 3];
	FILE *f = fdopen(fd, "w");
	const char *p;
	size_t got;
	bool right = true;

	for (i = 0; i < 20000; i++) {
		n = i % 97;
		total += n;
		fprintf(f, "%*s%s", n, n > 0 ? "x" : "", i % 2 ? "\n" : "\r\n");
	}
	memset(big, 'y', sizeof(big));
	fwrite(big, 1, MC_LINE_MAX, f); /* as long as may be */
	fputs("\r\n", f);
	fwrite(big, 1, MC_LINE_MAX + 1, f); /* one more */
	fputs("\nafter\n", f);
	fwrite(big, 1, MC_LINE_MAX + 3, f);
	fwrite(big, 1, MC_LINE_MAX + 3, f);
	fputs("\nlast", f);
	fclose(f);

	IS(mc_source_open(&s, path, &err), 0);
	IS_STR(mc_source_name(s), path);
	for (i = 0; i < 20000; i++) {
		rc = mc_line_next(s, &l, &number, i % 3 != 0, &err);
		right = right && rc == 1 && number == i + 1 &&
			l.len == (size_t)(i % 97);
		sum += (int64_t)l.len;
	}
	OK(right);
	IS(sum, total);
	IS(mc_line_next(s, &l, &number, true, &err), 1);
	IS(l.len, MC_LINE_MAX);
	IS(mc_line_next(s, &l, &number, true, &err), -1);
	IS_STR(err.id, "E_LIMIT");
	IS_STR(err.msg, "a line of more than 4194304 bytes");
	OK(strstr(err.where, ":20002") != NULL);
	IS(mc_line_next(s, &l, &number, true, &err), 1);
	OK(mc_str_is(l, "after"));
	mc_err_clear(&err);
	IS(mc_line_next(s, &l, &number, true, &err), -1);
	OK(strstr(err.where, ":20004") != NULL);
	IS(mc_line_next(s, &l, &number, true, &err), 1);
	OK(mc_str_is(l, "last"));
	IS(number, 20005);
	IS(mc_line_next(s, &l, &number, true, &err), 0);
	IS(mc_line_next(s, &l, &number, true, &err), 0);
	IS(mc_source_offset(s), mc_source_size(s));
	IS(mc_source_rewind(s, &err), 0);
	IS(mc_source_offset(s), 0);
	IS(mc_source_peek(s, &p, &got, false, true, &err), 1);
	OK(got > 0 && p[0] == '\r');
	mc_source_consume(s, 2);
	IS(mc_source_offset(s), 2);
	mc_source_free(s);
	unlink(path);
}

static void
pipes(void)
{
	struct mc_source *s = NULL;
	struct mc_err err = MC_ERR_INIT;
	struct mc_str l;
	int64_t number;
	int fd[2], keep = dup(STDIN_FILENO);
	const char *p;
	size_t n;

	OK(pipe(fd) == 0);
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	IS(mc_source_open(&s, "-", &err), 0);
	IS_STR(mc_source_name(s), "-");
	IS(mc_source_size(s), -1);
	IS(mc_line_next(s, &l, &number, false, &err), MC_WOULD_BLOCK);
	OK(write(fd[1], "one\ntw", 6) == 6);
	IS(mc_line_next(s, &l, &number, false, &err), 1);
	OK(mc_str_is(l, "one"));
	IS(mc_line_next(s, &l, &number, false, &err), MC_WOULD_BLOCK);
	IS(mc_source_peek(s, &p, &n, true, false, &err), MC_WOULD_BLOCK);
	IS(n, 2);
	OK(write(fd[1], "o\nthree", 7) == 7);
	IS(mc_line_next(s, &l, &number, false, &err), 1);
	OK(mc_str_is(l, "two"));
	IS(mc_line_next(s, &l, &number, false, &err), MC_WOULD_BLOCK);
	close(fd[1]);
	IS(mc_line_next(s, &l, &number, false, &err), 1);
	OK(mc_str_is(l, "three"));
	IS(number, 3);
	IS(mc_line_next(s, &l, &number, false, &err), 0);
	IS(mc_source_rewind(s, &err), -1);
	IS_STR(err.id, "E_IO");
	IS_STR(err.where, "-");
	mc_source_free(s);

	close(STDIN_FILENO);
	IS(mc_source_open(&s, "-", &err), -1);
	OK(s == NULL);
	IS(err.code, MC_EIO);
	IS_STR(err.id, "E_IO");
	IS_STR(err.msg, "standard input is closed");

	/* Somebody else's non-blocking pipe is waited for, not an error. */
	OK(pipe(fd) == 0);
	OK(fd[0] == STDIN_FILENO);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	IS(mc_source_open(&s, "-", &err), 0);
	if (fork() == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
		_exit(write(fd[1], "late\n", 5) != 5);
	}
	close(fd[1]);
	IS(mc_line_next(s, &l, &number, true, &err), 1);
	OK(mc_str_is(l, "late"));
	mc_source_free(s);
	wait(NULL);
	dup2(keep, STDIN_FILENO);
	close(keep);
}

/* Other encodings come out as UTF-8, from memory and from a file alike. */
static void
decoded(void)
{
	static const struct {
		enum mc_encoding e;
		const char *in;
		size_t n;
		const char *out; /* lines between '|'; or the error */
	} row[] = {
		{ MC_ENC_TCVN3, "Nguy\xD4n\r\nx\n", 10, "Nguyễn|x|" },
		{ MC_ENC_TCVN3, "x\ny\x80z\n", 6,
		    "x|m:2:2 E_ENCODING: byte 0x80 means nothing in tcvn3|" },
		{ MC_ENC_UTF16LE, "a\0\n\0b\0", 6, "a|b|" },
		{ MC_ENC_UTF16,
		    "\xFF\xFE"
		    "a\0\n\0",
		    6, "a|" },
		{ MC_ENC_UTF16, "\xFE\xFF\0a\0\n", 6, "a|" },
		{ MC_ENC_UTF16LE,
		    "\x00\xD8"
		    "a\0",
		    4, "m:1:1 E_ENCODING: half a character of UTF-16|" },
		{ MC_ENC_UTF16, "a\0b\0", 4,
		    "m:1 E_ENCODING: UTF-16 has no byte order mark here" },
		/* The file's own mark goes before what is said. */
		{ MC_ENC_TCVN3, "\xEF\xBB\xBF\xE1\xBA\xA1\n", 7, "ạ|" },
		{ MC_ENC_VNI,
		    "\xFF\xFE"
		    "a\0",
		    4,
		    "m:1 E_ENCODING: the file begins with the mark of UTF-16, "
		    "and is not vni" },
		{ MC_ENC_UTF16BE,
		    "\xFF\xFE"
		    "a\0",
		    4,
		    "m:1 E_ENCODING: the file begins with the mark of UTF-16, "
		    "and is not utf-16be" },
		{ MC_ENC_VISCII, "", 0, "" },
		{ MC_ENC_VISCII, "\xE3", 1, "ã|" },
		{ MC_ENC_CP1258, "e\xEC", 2, "é|" },
		{ MC_ENC_BYTES, "\xE3\xFF", 2, "ãÿ|" },
		{ MC_ENC_NONE, "\xE1\xBA\xA1", 3, "ạ|" },
	};
	char path[] = "/tmp/motcua-lines-XXXXXX";
	int fd = mkstemp(path), round, rc;
	struct mc_buf got = { 0 };
	struct mc_source *s;
	struct mc_err err;
	struct mc_str l;
	int64_t number;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		for (round = 0; round < 2; round++) {
			TAP_ROW(row[i].out);
			mc_err_clear(&err);
			mc_buf_reset(&got);
			mc_buf_puts(&got, "");
			if (round == 0) {
				s = mc_source_memory("m", row[i].in, row[i].n);
			} else {
				OK(ftruncate(fd, 0) == 0 &&
				    pwrite(fd, row[i].in, row[i].n, 0) ==
					(ssize_t)row[i].n);
				IS(mc_source_open(&s, path, &err), 0);
				mc_source_call(s, "m");
			}
			rc = mc_source_decode(s, row[i].e, &err);
			if (rc == -1)
				mc_buf_printf(&got, "%s %s: %s", err.where,
				    err.id, err.msg);
			while (rc == 0 && (rc = mc_line_next(s, &l, &number,
					       true, &err)) != 0) {
				if (rc == 1)
					mc_buf_add(&got, l.p, l.len);
				else
					mc_buf_printf(&got, "%s %s: %s",
					    err.where, err.id, err.msg);
				mc_buf_putc(&got, '|');
				mc_err_clear(&err);
				rc = 0;
			}
			IS_STR(got.p, row[i].out);
			mc_source_free(s);
		}
	TAP_ROW(NULL);
	close(fd);
	unlink(path);
	mc_buf_free(&got);
}

/* More than a window, twice, and what was lost is counted anew. */
static void
decoded_large(void)
{
	char path[] = "/tmp/motcua-lines-XXXXXX";
	int fd = mkstemp(path), round, i;
	struct mc_buf in = { 0 };
	struct mc_source *s;
	struct mc_err err = MC_ERR_INIT;
	struct mc_str l;
	int64_t number, lines;
	bool same = true;

	for (i = 0; i < 200000; i++)
		mc_buf_puts(&in, i == 150000 ? "Hu\x81\n" : "Hu\xD6\n");
	OK(write(fd, in.p, in.len) == (ssize_t)in.len);
	IS(mc_source_open(&s, path, &err), 0);
	IS(mc_source_decode(s, MC_ENC_TCVN3, &err), 0);
	for (round = 0; round < 2; round++) {
		lines = 0;
		while (mc_line_next(s, &l, &number, true, &err) != 0) {
			same =
			    same && (number == 150001 ? mc_str_is(l, "Hu\x81")
						      : mc_str_is(l, "Huệ"));
			lines++;
		}
		IS(lines, 200000);
		IS_STR(err.id, "E_ENCODING");
		OK(same);
		IS(mc_source_loss(s)->bad, 1);
		IS(mc_source_loss(s)->bad_line, 150001);
		IS(mc_source_offset(s), (int64_t)in.len);
		IS(mc_source_size(s), (int64_t)in.len);
		IS(mc_source_rewind(s, &err), 0);
	}
	mc_source_free(s);
	close(fd);
	unlink(path);
	mc_buf_free(&in);
}

static void
refused(void)
{
	struct mc_source *s = NULL;
	struct mc_err err = MC_ERR_INIT;

	IS(mc_source_open(&s, "/no/such/file", &err), -1);
	IS_STR(err.where, "/no/such/file");
	IS_STR(err.id, "E_IO");
	IS_STR(err.msg, "cannot open: No such file or directory");
	IS(mc_source_open(&s, "/", &err), -1);
	IS_STR(err.where, "/");
	IS_STR(err.msg, "cannot read: Is a directory");
	mc_source_free(NULL);
}

int
main(void)
{
	memory();
	utf16();
	files();
	pipes();
	decoded();
	decoded_large();
	refused();
	return tap_done();
}
