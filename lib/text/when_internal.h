/* when_internal.h - what the files of when share. */
#ifndef WHEN_INTERNAL_H
#define WHEN_INTERNAL_H

#include <stdint.h>

/* Towards what is earlier, also before 1970. */
static inline int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#endif
