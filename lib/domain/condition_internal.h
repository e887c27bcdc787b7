/*
 * condition_internal.h - between evaluating conditions and judging them.
 */
#ifndef MOTCUA_CONDITION_INTERNAL_H
#define MOTCUA_CONDITION_INTERNAL_H

#include <motcua/condition.h>

enum mc_op {
	MC_OP_EQ,
	MC_OP_NE,
	MC_OP_LT,
	MC_OP_LE,
	MC_OP_GT,
	MC_OP_GE,
	MC_OP_IN,
	MC_OP_PRESENT,
	MC_OP_ALL,
	MC_OP_ANY,
	MC_OP_NOT
};

struct mc_condition {
	enum mc_op op;
	struct mc_condition **part; /* of all, any, not */
	size_t parts;
	char *field;
	enum mc_field_type type;
	char **value; /* normal */
	size_t values;
	bool want; /* of present */
	char *file;
	int64_t line, column;
};

#endif
