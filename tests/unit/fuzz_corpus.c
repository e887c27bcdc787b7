/*
 * fuzz_corpus.c - every fuzz target (tests/fuzz) over its seeds and simple
 * mutations of them, always the same ones; libFuzzer is not needed.
 *
 * A target aborts where its property does not hold, so each runs in a process
 * of its own; the input it died of is made again, and left in a file.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fuzz/fuzz.h"
#include "tap.h"

#define SEEDS "tests/fuzz/seeds"
#define SEEDS_MAX 64
#define MUTATIONS 6000
#define TAKEN_MIN 5 /* of them; fewer would be no test of what is taken */
#define SECONDS 100 /* a target that hangs; sanitizers and busy machines */

typedef int fuzz_fn(const uint8_t *p, size_t n);

static const struct {
	const char *name;
	fuzz_fn *run;
} targets[] = {
#define X(name) { #name, fuzz_##name },
	FUZZ_TARGETS(X)
#undef X
};

/* What a target's process has done so far; in memory that is shared. */
struct progress {
	long input; /* its number: seeds, then mutations */
	long taken;
};

static struct mc_buf seed[SEEDS_MAX];
static size_t seeds;

static bool
slurp(const char *path, struct mc_buf *b)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	mc_buf_reset(b);
	while ((n = fread(mc_buf_room(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	fclose(f);
	return true;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* In the order of their names, so that numbers mean the same anywhere. */
static void
read_seeds(const char *target)
{
	struct dirent **entry;
	struct mc_buf path = { 0 };
	int i, n;

	mc_buf_printf(&path, "%s/%s", SEEDS, target);
	n = scandir(path.p, &entry, visible, alphasort);
	for (i = 0, seeds = 0; i < n; i++) {
		mc_buf_reset(&path);
		mc_buf_printf(
		    &path, "%s/%s/%s", SEEDS, target, entry[i]->d_name);
		if (seeds < SEEDS_MAX && slurp(path.p, &seed[seeds]))
			seeds++;
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	mc_buf_free(&path);
}

/* ---- mutations ---- */

static uint64_t state;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n == 0 ? 0 : (size_t)((state >> 11) % n);
}

/* Bytes `from` on, n of them, are replaced by those of s. */
static void
replace(struct mc_buf *b, size_t from, size_t n, struct mc_str s)
{
	struct mc_buf tail = { 0 };

	mc_buf_add(&tail, b->p + from + n, b->len - from - n);
	b->len = from;
	mc_buf_add(b, s.p, s.len);
	mc_buf_add(b, mc_buf_str(&tail), tail.len);
	mc_buf_free(&tail);
}

static struct mc_str
piece(const struct mc_buf *b)
{
	size_t from = below(b->len + 1), n = below(b->len - from + 1);

	return (struct mc_str){ mc_buf_str(b) + from, n < 80 ? n : 80 };
}

static void
mutate(struct mc_buf *b)
{
	static const char special[] = "\0\xFF\"'\\,;:[]{}\n\r\t -0919.%/";
	struct mc_buf copy = { 0 };
	struct mc_str s = { NULL, 0 };
	size_t at = below(b->len + 1), left = b->len - at, n = 0;
	char c;

	switch (below(6)) {
	case 0: /* another bit */
		if (left > 0)
			b->p[at] = (char)(b->p[at] ^ 1 << below(8));
		return;
	case 1: /* a byte that means something, put in or over another */
		c = special[below(sizeof(special) - 1)];
		s = (struct mc_str){ &c, 1 };
		n = left > 0 ? below(2) : 0;
		break;
	case 2: /* something left out */
		n = below((left < 16 ? left : 16) + 1);
		break;
	case 3: /* something twice */
		s = piece(b);
		break;
	case 4: /* something of another */
		s = piece(&seed[below(seeds)]);
		n = below((left < 16 ? left : 16) + 1);
		break;
	default: /* the end is missing, now and then */
		if (below(4) == 0)
			n = left;
		else if (left > 0)
			b->p[at] = (char)(b->p[at] + 1);
	}
	mc_buf_add(&copy, s.p, s.len);
	replace(b, at, n, (struct mc_str){ mc_buf_str(&copy), copy.len });
	mc_buf_free(&copy);
}

/* The k-th input of the target whose seeds were read. */
static void
make_input(struct mc_buf *b, long k)
{
	const struct mc_buf *from;
	size_t i;

	mc_buf_reset(b);
	state = ((uint64_t)k + 1) * 0x9e3779b97f4a7c15U;
	from = &seed[(size_t)k < seeds ? (size_t)k : below(seeds)];
	mc_buf_add(b, mc_buf_str(from), from->len);
	if ((size_t)k >= seeds)
		for (i = 1 + below(3); i > 0; i--)
			mutate(b);
}

/* ---- a target ---- */

static void
run_all(fuzz_fn *run, struct progress *progress)
{
	struct mc_buf b = { 0 };
	uint8_t *exact;
	long k;

	alarm(SECONDS);
	for (k = 0; k < (long)seeds + MUTATIONS; k++) {
		progress->input = k;
		make_input(&b, k);
		/* Of its own size, so that reading beyond it is noticed. */
		exact = malloc(b.len > 0 ? b.len : 1);
		if (exact == NULL)
			abort();
		memcpy(exact, mc_buf_str(&b), b.len);
		run(exact, b.len);
		free(exact);
		progress->taken = fuzz_taken;
	}
	mc_buf_free(&b);
}

static void
keep_input(const char *target, long k)
{
	/* Never among the sources, where the test may have been started. */
	const char *dir = getenv("MOTCUA_B");
	struct mc_buf b = { 0 }, path = { 0 };
	FILE *f;

	make_input(&b, k);
	mc_buf_printf(
	    &path, "%s/fuzz-%s-%ld", dir != NULL ? dir : "/tmp", target, k);
	if ((f = fopen(path.p, "wb")) != NULL) {
		fwrite(mc_buf_str(&b), 1, b.len, f);
		fclose(f);
		printf("# input %ld of %s, in %s\n", k, target, path.p);
	}
	mc_buf_free(&b);
	mc_buf_free(&path);
}

static void
test(const char *name, fuzz_fn *run, struct progress *progress)
{
	int status = 0;
	pid_t pid;

	TAP_ROW(name);
	read_seeds(name);
	if (!OK(seeds > 0))
		return;
	*progress = (struct progress){ 0, 0 };
	pid = fork();
	if (pid == 0) {
		run_all(run, progress);
		exit(0);
	}
	if (!OK(pid > 0 && waitpid(pid, &status, 0) == pid))
		return;
	if (!IS(status, 0))
		keep_input(name, progress->input);
	OK(progress->taken >= TAKEN_MIN);
	printf("# %s: %ld inputs of %ld taken\n", name, progress->taken,
	    (long)seeds + MUTATIONS);
	fflush(stdout);
}

int
main(void)
{
	struct progress *progress;
	size_t i;

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		return tap_skip_all("no shared memory");
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		test(targets[i].name, targets[i].run, progress);
	for (i = 0; i < SEEDS_MAX; i++)
		mc_buf_free(&seed[i]);
	return tap_done();
}
