/*
 * event.c - fuzzes mc_event_decode(): any bytes are refused, or encode to
 * the same bytes again, in one piece and by a frame.
 */
#include <motcua/event.h>

#include "fuzz.h"

static struct mc_buf scratch, body, inner;

int
fuzz_event(const uint8_t *p, size_t n)
{
	struct mc_str text = fuzz_input(p, n);
	struct mc_event_frame frame = { { 0 }, { 0 }, { 0 } };
	struct mc_err err = MC_ERR_INIT;
	struct mc_event e;

	memset(&e, 0, sizeof(e));
	if (mc_event_decode(&e, text, &scratch, &err) == -1) {
		fuzz_refused(&err);
		return 0;
	}
	fuzz_taken++;
	HOLDS(mc_kind_name(e.kind) != NULL);
	mc_buf_reset(&body);
	HOLDS(mc_event_encode(&body, &e, &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&body), text));

	mc_buf_reset(&inner);
	inner.len =
	    (size_t)(mc_event_inner(
			 mc_buf_room(&inner, mc_event_inner_room(&e)), &e) -
		     inner.p);
	e.inner = fuzz_str(&inner);
	mc_event_frame_set(&frame, &e);
	mc_buf_reset(&body);
	HOLDS(mc_event_encode_in(&body, &e, &frame, &err) == 0);
	HOLDS(mc_str_same(fuzz_str(&body), text));
	mc_event_frame_free(&frame);
	return 0;
}
