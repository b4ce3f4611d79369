/*
 * The rules that give the SqlType of a function's result from its (converted) arguments; named in
 * functions.def.
 */
#pragma once

#include "functions/functions.h"

#define RESULT_RULE(name)                                                                          \
    SqlType name(const SqlFunction *function, const SqlType *types, int count, List *args)

/* The collation that a function's string arguments have together. */
Oid sql_function_collation(const SqlType *types, int count);

RESULT_RULE(result_none);
RESULT_RULE(result_none_known); /* tables: their columns tell */
RESULT_RULE(result_bit);
RESULT_RULE(result_tinyint);
RESULT_RULE(result_smallint);
RESULT_RULE(result_int);
RESULT_RULE(result_bigint);
RESULT_RULE(result_count); /* int, bigint when an argument has no limit: LEN, CHARINDEX */
RESULT_RULE(result_float);
RESULT_RULE(result_date);
RESULT_RULE(result_time);
RESULT_RULE(result_smalldatetime);
RESULT_RULE(result_datetime);
RESULT_RULE(result_datetime2);
RESULT_RULE(result_datetimeoffset);
RESULT_RULE(result_guid);
RESULT_RULE(result_variant);
RESULT_RULE(result_varbinary); /* varbinary(8000) */
RESULT_RULE(result_varbinary_max);
RESULT_RULE(result_varbinary_128);
RESULT_RULE(result_nvarchar_30);
RESULT_RULE(result_char_1);         /* CHAR() */
RESULT_RULE(result_char_10);        /* HOST_ID */
RESULT_RULE(result_nchar_1);        /* NCHAR() */
RESULT_RULE(result_varchar_number); /* STR() */
RESULT_RULE(result_sysname);        /* nvarchar(128) */
RESULT_RULE(result_nvarchar_258);   /* QUOTENAME */
RESULT_RULE(result_nvarchar);       /* nvarchar(4000) */
RESULT_RULE(result_nvarchar_max);
RESULT_RULE(result_varchar_5); /* SOUNDEX: varchar(5) */
RESULT_RULE(result_varchar);   /* varchar(8000) */
RESULT_RULE(result_decimal_38_0);
/* The first argument's type; its varying form for char; the second's, the third's. */
RESULT_RULE(result_first);
RESULT_RULE(result_first_varying);
RESULT_RULE(result_second);
RESULT_RULE(result_third);
/* LEFT, RIGHT, SUBSTRING: the first argument's, as long as the constant length says. */
RESULT_RULE(result_part);
/* REPLICATE, REPLACE, STUFF, TRANSLATE: varchar(8000) or nvarchar(4000), max when one is max. */
RESULT_RULE(result_grown);
/* CONCAT, CONCAT_WS: national when one argument is; the lengths' sum. */
RESULT_RULE(result_concat);
RESULT_RULE(result_string_agg);
/* decimal(p,0) of a decimal: CEILING, FLOOR. decimal(38,s): POWER, SUM. */
RESULT_RULE(result_whole_number);
RESULT_RULE(result_power);
RESULT_RULE(result_sum);
RESULT_RULE(result_avg);
/* The scales of *FROMPARTS, a constant argument. */
RESULT_RULE(result_datetime2_parts);
RESULT_RULE(result_time_parts);
RESULT_RULE(result_datetimeoffset_parts);
RESULT_RULE(result_datetimeoffset_of);
