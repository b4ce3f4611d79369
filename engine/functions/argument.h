/*
 * What a function can learn of its call: the SqlType of an argument, for functions that share one C
 * symbol among several types.
 */
#pragma once

#include "postgres.h"

#include "fmgr.h"
#include "types/sqltype.h"

/* The T-SQL type of argument n, from the expression that calls; SQL_UNKNOWN when there is none. */
SqlTypeId argument_type_id(FunctionCallInfo fcinfo, int n);
/* With typmod and collation. */
SqlType argument_sql_type(FunctionCallInfo fcinfo, int n);
