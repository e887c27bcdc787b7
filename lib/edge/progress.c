/* progress.c - see motcua/progress.h. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <motcua/buf.h>
#include <motcua/mem.h>
#include <motcua/progress.h>

#define FIRST_MS 1000 /* short work shows nothing */
#define EACH_MS 250

struct mc_progress {
	struct mc_cli *cli;
	const char *unit;
	bool on;
	int64_t start, next; /* ticks */
};

struct mc_progress *
mc_progress_new(struct mc_cli *cli, const char *unit)
{
	struct mc_progress *p = mc_calloc(1, sizeof(*p));

	p->cli = cli;
	p->unit = unit;
	p->on = mc_cli_terminal(STDERR_FILENO);
	p->start = mc_cli_ticks();
	p->next = p->start + FIRST_MS;
	return p;
}

static void
put(const struct mc_buf *b)
{
	ssize_t k = write(STDERR_FILENO, mc_buf_str(b), b->len);

	(void)k; /* a progress line that cannot be shown is no loss */
}

/* 1234567 as 1,234,567 */
static void
put_count(struct mc_buf *b, int64_t n)
{
	char digits[24];
	int i, len = snprintf(digits, sizeof(digits), "%lld", (long long)n);

	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			mc_buf_putc(b, ',');
		mc_buf_putc(b, digits[i]);
	}
}

void
mc_progress_show(struct mc_progress *p, int64_t done, int64_t at, int64_t total)
{
	struct mc_buf b = { 0 };
	int64_t now, spent, left;
	double share;

	if (!p->on || (now = mc_cli_ticks()) < p->next)
		return;
	p->next = now + EACH_MS;
	spent = now - p->start;
	mc_buf_printf(&b, "\r%s: ", p->cli->tool);
	put_count(&b, done < 0 ? 0 : done);
	mc_buf_printf(&b, " %s, ", p->unit);
	put_count(&b, (int64_t)((double)done * 1000 / (double)spent));
	mc_buf_puts(&b, "/s");
	if (total > 0 && at > 0) {
		share = at < total ? (double)at / (double)total : 1;
		left = (int64_t)((double)spent * (1 / share - 1) / 1000);
		mc_buf_printf(&b, _(", %d %%, %lld:%02lld left"),
		    (int)(share * 100), (long long)(left / 60),
		    (long long)(left % 60));
	}
	mc_buf_puts(&b, "\033[K");
	put(&b);
	p->cli->line_shown = true;
	mc_buf_free(&b);
}

void
mc_progress_free(struct mc_progress *p)
{
	struct mc_buf b = { 0 };

	if (p == NULL)
		return;
	if (p->cli->line_shown) {
		mc_buf_puts(&b, "\r\033[K");
		put(&b);
		p->cli->line_shown = false;
		mc_buf_free(&b);
	}
	free(p);
}
