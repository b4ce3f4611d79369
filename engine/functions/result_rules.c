/*
 * Result types of functions.
 */
#include "postgres.h"

#include "functions/result_rules.h"

#include "context/context.h"

#include "catalog/pg_type.h"

#include "nodes/nodeFuncs.h"

#define FIXED_RESULT(name, id)                                                                     \
    RESULT_RULE(name)                                                                              \
    {                                                                                              \
        return sql_type_make(id);                                                                  \
    }

FIXED_RESULT(result_bit, SQL_BIT)
FIXED_RESULT(result_tinyint, SQL_TINYINT)
FIXED_RESULT(result_smallint, SQL_SMALLINT)
FIXED_RESULT(result_int, SQL_INT)
FIXED_RESULT(result_bigint, SQL_BIGINT)
FIXED_RESULT(result_float, SQL_FLOAT)
FIXED_RESULT(result_date, SQL_DATE)
FIXED_RESULT(result_time, SQL_TIME)
FIXED_RESULT(result_smalldatetime, SQL_SMALLDATETIME)
FIXED_RESULT(result_datetime, SQL_DATETIME)
FIXED_RESULT(result_datetime2, SQL_DATETIME2)
FIXED_RESULT(result_datetimeoffset, SQL_DATETIMEOFFSET)
FIXED_RESULT(result_guid, SQL_UNIQUEIDENTIFIER)
FIXED_RESULT(result_variant, SQL_VARIANT)

RESULT_RULE(result_none)
{
    elog(ERROR, "%s has no result rule", function->name);
}

static bool
any_national(const SqlType *types, int count)
{
    for (int i = 0; i < count; i++)
        if (sql_type_info(types[i].id)->category == 'N')
            return true;
    return false;
}

static bool
any_unlimited(const SqlType *types, int count)
{
    for (int i = 0; i < count; i++)
        if ((sql_type_is_string(types[i].id) || sql_type_info(types[i].id)->category == 'B') &&
            types[i].length < 0)
            return true;
    return false;
}

RESULT_RULE(result_none_known)
{
    SqlType none = {0};

    return none;
}

/* Literals have the database's collation: another one comes from a column or a COLLATE. */
Oid
sql_function_collation(const SqlType *types, int count)
{
    Oid collation = InvalidOid;

    for (int i = 0; i < count; i++)
        if (OidIsValid(types[i].collation) &&
            (!OidIsValid(collation) || collation == session_context->database_collation))
            collation = types[i].collation;
    return OidIsValid(collation) ? collation : sql_collation_default();
}

#define STRING_RESULT(name, id, length)                                                            \
    RESULT_RULE(name)                                                                              \
    {                                                                                              \
        return sql_type_string(id, length, sql_function_collation(types, count));                  \
    }

STRING_RESULT(result_char_1, SQL_CHAR, 1)
STRING_RESULT(result_char_10, SQL_CHAR, 10)
STRING_RESULT(result_nchar_1, SQL_NCHAR, 1)
STRING_RESULT(result_sysname, SQL_NVARCHAR, 128)
STRING_RESULT(result_nvarchar_30, SQL_NVARCHAR, 30)
STRING_RESULT(result_nvarchar_258, SQL_NVARCHAR, 258)
STRING_RESULT(result_nvarchar, SQL_NVARCHAR, 4000)
STRING_RESULT(result_nvarchar_max, SQL_NVARCHAR, -1)
STRING_RESULT(result_varchar_5, SQL_VARCHAR, 5)
STRING_RESULT(result_varchar, SQL_VARCHAR, 8000)

RESULT_RULE(result_count)
{
    return sql_type_make(any_unlimited(types, count) ? SQL_BIGINT : SQL_INT);
}

RESULT_RULE(result_varbinary)
{
    return sql_type_binary(SQL_VARBINARY, 8000);
}

RESULT_RULE(result_varbinary_max)
{
    return sql_type_binary(SQL_VARBINARY, -1);
}

RESULT_RULE(result_varbinary_128)
{
    return sql_type_binary(SQL_VARBINARY, 128);
}

RESULT_RULE(result_decimal_38_0)
{
    return sql_type_decimal(38, 0);
}

/* The value of a constant integer argument, or -1. */
static int
constant_argument(List *args, int index)
{
    Node *node = index < list_length(args) ? (Node *) list_nth(args, index) : NULL;

    if (node == NULL || !IsA(node, Const) || ((Const *) node)->constisnull)
        return -1;
    switch (((Const *) node)->consttype) {
    case INT4OID:
        return Max(DatumGetInt32(((Const *) node)->constvalue), 0);
    case INT8OID:
        return (int) Max(Min(DatumGetInt64(((Const *) node)->constvalue), 8000), 0);
    default:
        return -1;
    }
}

RESULT_RULE(result_varchar_number)
{
    int length = count > 1 ? constant_argument(args, 1) : 10;

    return sql_type_string(SQL_VARCHAR, length > 0 && length <= 8000 ? length : 8000,
                           sql_collation_default());
}

RESULT_RULE(result_first)
{
    return types[0];
}

static SqlType
varying(SqlType type)
{
    switch (type.id) {
    case SQL_CHAR:
    case SQL_TEXT:
        type.id = SQL_VARCHAR;
        break;
    case SQL_NCHAR:
    case SQL_NTEXT:
    case SQL_SYSNAME:
        type.id = SQL_NVARCHAR;
        break;
    case SQL_BINARY:
    case SQL_IMAGE:
        type.id = SQL_VARBINARY;
        break;
    default:
        break;
    }
    return type;
}

RESULT_RULE(result_first_varying)
{
    return varying(types[0]);
}

RESULT_RULE(result_second)
{
    return types[1];
}

RESULT_RULE(result_third)
{
    return types[2];
}

RESULT_RULE(result_part)
{
    SqlType type = varying(types[0]);
    int length = constant_argument(args, count - 1);

    if (length >= 0 && type.length > 0)
        type.length = Max(Min(length, type.length), 1);
    return type;
}

RESULT_RULE(result_grown)
{
    bool national = any_national(types, count);

    if (sql_type_info(types[0].id)->category == 'B')
        return sql_type_binary(SQL_VARBINARY, types[0].length < 0 ? -1 : 8000);
    return sql_type_string(national ? SQL_NVARCHAR : SQL_VARCHAR,
                           any_unlimited(types, count) ? -1
                           : national                  ? 4000
                                                       : 8000,
                           sql_function_collation(types, count));
}

RESULT_RULE(result_concat)
{
    bool national = any_national(types, count);
    int limit = national ? 4000 : 8000;
    int64 length = 0;

    for (int i = 0; i < count; i++)
        length += types[i].length > 0 ? types[i].length : 1;
    /* CONCAT_WS puts its separator between the others. */
    if (function->name[6] == '_' && count > 2)
        length += (int64) Max(types[0].length, 0) * (count - 3);
    return sql_type_string(national ? SQL_NVARCHAR : SQL_VARCHAR,
                           any_unlimited(types, count) ? -1 : (int32) Max(Min(length, limit), 1),
                           sql_function_collation(types, count));
}

RESULT_RULE(result_string_agg)
{
    bool national = any_national(types, 1);

    return sql_type_string(national ? SQL_NVARCHAR : SQL_VARCHAR,
                           types[0].length < 0 ? -1
                           : national          ? 4000
                                               : 8000,
                           sql_function_collation(types, count));
}

static bool
is_decimal(const SqlType *type)
{
    return type->id == SQL_DECIMAL || type->id == SQL_NUMERIC;
}

RESULT_RULE(result_whole_number)
{
    return is_decimal(&types[0]) ? sql_type_decimal(types[0].precision, 0) : types[0];
}

RESULT_RULE(result_power)
{
    return is_decimal(&types[0]) ? sql_type_decimal(38, types[0].scale) : types[0];
}

RESULT_RULE(result_sum)
{
    return result_power(function, types, count, args);
}

RESULT_RULE(result_avg)
{
    return is_decimal(&types[0]) ? sql_type_decimal(38, Max(types[0].scale, 6)) : types[0];
}

static SqlType
of_scale(SqlTypeId id, List *args, int index)
{
    int scale = constant_argument(args, index);

    return sql_type_time(id, scale >= 0 && scale <= 7 ? scale : 7);
}

RESULT_RULE(result_datetime2_parts)
{
    return of_scale(SQL_DATETIME2, args, 7);
}

RESULT_RULE(result_time_parts)
{
    return of_scale(SQL_TIME, args, 4);
}

RESULT_RULE(result_datetimeoffset_parts)
{
    return of_scale(SQL_DATETIMEOFFSET, args, 9);
}

RESULT_RULE(result_datetimeoffset_of)
{
    int scale = types[0].id == SQL_DATETIME        ? 3
                : types[0].id == SQL_SMALLDATETIME ? 0
                                                   : types[0].scale;

    return sql_type_time(SQL_DATETIMEOFFSET, scale);
}
