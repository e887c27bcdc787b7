/*
 * audit.c - fuzzes mc_audit_verify_file(): any file is read to its end, the
 * findings can be shown, and it makes no difference whether its own reader
 * of the usual shape or the JSON parser reads a line.
 *
 * A space behind a line's first brace sends it to the parser.
 */
#include <motcua/audit.h>
#include <motcua/text.h>

#include "fuzz.h"

static void
found(void *arg, const struct mc_finding *f)
{
	struct mc_buf *b = arg;
	size_t n = strlen(f->message);

	HOLDS(n > 0 && mc_utf8_check(f->message, n) == n);
	mc_buf_printf(
	    b, "%s %s %d %d ", f->check, f->error, (int)f->seq, (int)f->line);
	mc_buf_add(b, f->code.p, f->code.len);
	mc_buf_printf(b, " %s\n", f->message);
}

/* Everything that was said of it, as text. */
static void
verify(struct mc_buf *said, struct mc_str s)
{
	struct mc_source *src = mc_source_memory("m", s.p, s.len);
	struct mc_findings f = { .found = found, .arg = said };
	struct mc_err err = MC_ERR_INIT;
	struct mc_audit_result r;

	mc_buf_reset(said);
	HOLDS(mc_audit_verify_file(src, &f, &r, &err) == 0);
	HOLDS(r.events > 0 || f.n > 0);
	fuzz_taken += f.n == 0;
	mc_buf_printf(said, "%d events from %d, root %d ", (int)r.events,
	    (int)r.first, r.has_root);
	mc_hex_put(said, r.root.b, MC_HASH_LEN);
	mc_audit_result_free(&r);
	mc_findings_free(&f);
	mc_source_free(src);
}

int
fuzz_audit(const uint8_t *p, size_t n)
{
	static struct mc_buf one, two, spaced;
	struct mc_str s = fuzz_input(p, n);
	size_t i;

	verify(&one, s);
	mc_buf_reset(&spaced);
	for (i = 0; i < s.len; i++) {
		mc_buf_putc(&spaced, s.p[i]);
		if (s.p[i] == '{' && (i == 0 || s.p[i - 1] == '\n'))
			mc_buf_putc(&spaced, ' ');
	}
	verify(&two, fuzz_str(&spaced));
	HOLDS(mc_str_same(fuzz_str(&one), fuzz_str(&two)));
	return 0;
}
