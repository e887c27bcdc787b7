/*
 * Lines that leave exactly once: processes that are killed at any moment,
 * whatever their output is, and the next one goes on where the last stopped.
 */
#define _GNU_SOURCE /* sync_file_range */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <motcua/sent.h>

#include "foreign/sent_internal.h"
#include "tap.h"

#define LINES 3000
#define BATCH 4711
#define ROUNDS 20

static char folder[] = "/tmp/motcua-sent-XXXXXX";
static char count_path[64], out_path[64];

static void
put_line(struct mc_buf *b, size_t i)
{
	size_t k;

	mc_buf_reset(b);
	mc_buf_printf(b, "%zu ", i);
	for (k = i % 300; k > 0; k--)
		mc_buf_putc(b, 'x');
	mc_buf_putc(b, '\n');
}

/* The child: what is left of the batch. */
static int
send_rest(int fd)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_buf b = { 0 };
	struct mc_sent *s;
	size_t i;

	if (mc_sent_open(&s, count_path, "test", &err) == -1)
		return 2;
	for (i = mc_sent_count(s, BATCH); i < LINES; i++) {
		put_line(&b, i);
		if (mc_sent_line(s, fd, (struct mc_str){ b.p, b.len }, &err) ==
		    -1)
			return 3;
	}
	mc_buf_free(&b);
	mc_sent_free(s);
	return 0;
}

/* All of the pipe, until nobody can write to it. */
static void
drain(int fd, struct mc_buf *b)
{
	ssize_t n;

	while ((n = read(fd, mc_buf_room(b, 65536), 65536)) > 0 ||
	       (n == -1 && errno == EINTR))
		b->len += n > 0 ? (size_t)n : 0;
}

/* What the n-th run writes to: one file for all, or each its own. */
static const char *
out_name(int flags, int n)
{
	static char name[80];

	snprintf(name, sizeof(name), "%s.%d", out_path,
	    (flags & O_APPEND) != 0 ? 0 : n);
	return name;
}

/* The n-th run, dead after some microseconds; *all is what pipes bring. */
static bool
run_once(bool pipes, int flags, int n, long us, struct mc_buf *all)
{
	struct timespec nap = { us / 1000000, us % 1000000 * 1000 };
	int p[2] = { -1, -1 }, fd, status;
	pid_t pid, killer = -1;

	if (pipes && pipe(p) == -1)
		return true;
	fd = pipes ? p[1]
		   : open(out_name(flags, n), O_WRONLY | O_CREAT | flags, 0600);
	if ((pid = fork()) == 0) {
		if (pipes)
			close(p[0]);
		_exit(send_rest(fd));
	}
	close(fd);
	/* Another kills, while this one reads. */
	if (!pipes || (killer = fork()) == 0) {
		nanosleep(&nap, NULL);
		kill(pid, SIGKILL);
		if (pipes)
			_exit(0);
	}
	if (pipes) {
		drain(p[0], all);
		close(p[0]);
		waitpid(killer, &status, 0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Every line once, and in order. */
static bool
whole(const struct mc_buf *all)
{
	struct mc_buf b = { 0 };
	size_t i, at = 0;
	bool good = true;

	for (i = 0; i < LINES && good; i++) {
		put_line(&b, i);
		good = all->len - at >= b.len &&
		       memcmp(all->p + at, b.p, b.len) == 0;
		at += b.len;
	}
	if (!good)
		printf("# line %zu of %d is not there, or another\n", i, LINES);
	mc_buf_free(&b);
	return good && at == all->len;
}

static void
begin(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_sent *s;

	IS(mc_sent_open(&s, count_path, "test", &err), 0);
	mc_sent_begin(s, BATCH);
	IS(mc_sent_count(s, BATCH), 0);
	IS(mc_sent_count(s, BATCH + 1), 0);
	mc_sent_free(s);
}

/*
 * All that the runs have written to files, which go.  A piece that a kill has
 * left at the end of a file of its own is no line.
 */
static void
collect(int flags, int runs, struct mc_buf *all)
{
	size_t from;
	int i, fd;

	for (i = 0; i <= runs; i++) {
		fd = open(out_name(flags, i), O_RDONLY);
		if (fd == -1)
			continue;
		from = all->len;
		drain(fd, all);
		while ((flags & O_APPEND) == 0 && all->len > from &&
		       all->p[all->len - 1] != '\n')
			all->len--;
		close(fd);
		unlink(out_name(flags, i));
	}
}

static void
killed(const char *row, bool pipes, int flags)
{
	struct mc_buf all = { 0 };
	int round, n, kills = 0;

	TAP_ROW(row);
	for (round = 0; round < ROUNDS; round++) {
		begin();
		mc_buf_reset(&all);
		for (n = 0; n < 1000; n++)
			if (run_once(pipes, flags, n, 1 + rand() % 3000, &all))
				break;
		kills += n;
		if (!pipes)
			collect(flags, n, &all);
		OK(whole(&all));
	}
	printf("# %s: killed %d times\n", row, kills);
	OK(kills > 10);
	mc_buf_free(&all);
	TAP_ROW(NULL);
}

/* A process that has the counting file written back, again and again. */
static pid_t
write_back(void)
{
	const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE |
			     SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(count_path, O_RDWR);
	while (fd != -1)
		(void)sync_file_range(fd, 0, 0, all);
	_exit(0);
}

static void
details(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_sent *s, *look;
	char name[80];
	struct stat st;
	int fd;

	/* Looking makes nothing, and waits for nobody. */
	unlink(count_path);
	IS(mc_sent_look(&look, count_path, &err), 0);
	IS(mc_sent_count(look, BATCH), 0);
	mc_sent_free(look);
	IS(access(count_path, F_OK), -1);

	umask(0);
	IS(mc_sent_open(&s, count_path, "test", &err), 0);
	IS(stat(count_path, &st), 0);
	IS(st.st_mode & 07777, 0660);
	mc_sent_begin(s, BATCH);
	fd = open("/dev/null", O_WRONLY);
	IS(mc_sent_line(s, fd, MC_STR("a\n"), &err), 0);
	IS(mc_sent_line(s, fd, MC_STR("b\n"), &err), 0);
	close(fd);
	IS(mc_sent_look(&look, count_path, &err), 0);
	IS(mc_sent_count(look, BATCH), 2);
	mc_sent_free(look);
	/* A line that did not leave is not counted. */
	fd = open("/dev/full", O_WRONLY);
	if (fd != -1) {
		IS(mc_sent_line(s, fd, MC_STR("c\n"), &err), -1);
		IS_STR(err.id, "E_IO");
		mc_err_clear(&err);
		close(fd);
	}
	IS(mc_sent_count(s, BATCH), 2);
	mc_sent_free(s);

	/* Neither a link nor a folder. */
	snprintf(name, sizeof(name), "%s/link", folder);
	IS(symlink(out_path, name), 0);
	IS(mc_sent_open(&s, name, "test", &err), -1);
	IS_STR(err.id, "E_IO");
	mc_err_clear(&err);
	unlink(name);
	IS(mc_sent_open(&s, folder, "test", &err), -1);
}

/* A run is killed when the kernel has counted its line, and we have not. */
static void
killed_after_counting(void)
{
	struct sent_count c = { .writable = true };
	struct mc_err err = MC_ERR_INIT;
	struct sent_slot *slot;
	struct mc_sent *s;
	int i, fd;

	begin();
	c.fd = open(count_path, O_RDWR);
	c.file = mmap(
	    NULL, sizeof(*c.file), PROT_READ | PROT_WRITE, MAP_SHARED, c.fd, 0);
	if (!OK(c.file != MAP_FAILED))
		return;
	mc_sent_count_attach(&c);
	for (i = 0; i < 3; i++) {
		slot = mc_sent_count_prepare(&c, i, 0, 1);
		slot->off = slot->to;
		if (i < 2)
			mc_sent_count_left(&c, slot, i);
	}
	munmap(c.file, sizeof(*c.file));
	close(c.fd);
	/* Runs that have nothing to send must not forget it. */
	for (i = 0; i < 3; i++) {
		IS(mc_sent_open(&s, count_path, "test", &err), 0);
		IS(mc_sent_count(s, BATCH), 3);
		mc_sent_free(s);
	}
	IS(mc_sent_open(&s, count_path, "test", &err), 0);
	fd = open("/dev/null", O_WRONLY);
	IS(mc_sent_line(s, fd, MC_STR("d\n"), &err), 0);
	close(fd);
	IS(mc_sent_count(s, BATCH), 4);
	mc_sent_free(s);
}

int
main(void)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_sent *s;
	pid_t other;
	int i;

	if (mkdtemp(folder) == NULL)
		return tap_skip_all("no temporary folder");
	snprintf(count_path, sizeof(count_path), "%s/count", folder);
	snprintf(out_path, sizeof(out_path), "%s/out", folder);
	srand(4711);
	details();
	killed_after_counting();
	killed("file", false, O_EXCL);
	killed("append", false, O_APPEND);
	killed("pipe", true, 0);
	other = write_back();
	for (i = 0; i < 5; i++)
		killed("pipe, its count being written back", true, 0);
	if (other > 0)
		kill(other, SIGKILL);
	/* Nothing of the machine's shared memory stays. */
	IS(mc_sent_open(&s, count_path, "test", &err), 0);
	mc_sent_end(s);
	IS(mc_sent_count(s, BATCH), 0);
	mc_sent_free(s);
	unlink(count_path);
	unlink(out_path);
	rmdir(folder);
	return tap_done();
}
