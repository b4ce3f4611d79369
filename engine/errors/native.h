/*
 * PostgreSQL's own errors in T-SQL's terms: unique_violation is 2627 or 2601, division_by_zero
 * 8134, and so on. One function per kind of error, chosen by SQLSTATE from one table.
 */
#pragma once

#include "postgres.h"

#include "errors/errors.h"

/* Fills number, severity and message (in the current memory context) of `error`; state and line
 * are left as they are. Always finds something: what nothing fits is 8630 with the text. */
void error_from_native(const ErrorData *edata, TsqlError *error);
