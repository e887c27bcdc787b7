/*
 * describe.h - a version of a procedure for people to read.
 */
#ifndef MOTCUA_DESCRIBE_H
#define MOTCUA_DESCRIBE_H

#include <motcua/buf.h>
#include <motcua/rulebook.h>

/*
 * Append its limit, documents, fees, fields, legal basis and steps, and where
 * it stands; several lines, safe for a terminal.
 */
void mc_describe_version(struct mc_buf *b, const struct mc_version *v);

#endif
