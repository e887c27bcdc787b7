/*
 * mem.h - memory that is there, or the process ends.
 *
 * Every allocation in the toolkit goes through these (or through mc_buf and
 * MC_VEC, which use them).  On exhaustion they write one line to stderr and
 * abort(): the only place in the library that prints.  Sizes coming from
 * input are bounded by the caller before they get here.
 */
#ifndef MOTCUA_MEM_H
#define MOTCUA_MEM_H

#include <stddef.h>

void *mc_alloc(size_t size);                      /* uninitialised; size > 0 */
void *mc_calloc(size_t n, size_t size);           /* zeroed; overflow aborts */
void *mc_realloc(void *p, size_t n, size_t size); /* overflow aborts */
char *mc_strdup(const char *s);                   /* NULL gives NULL */
char *mc_strndup(const char *s, size_t len);      /* always terminated */

#endif
