/*
 * The date/time types as PostgreSQL sees them: input and output, and what does not come for free
 * from int8 and int4, which hold most of them.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "types/comparison.h"
#include "types/datetime.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_scale_typmod_in);
PG_FUNCTION_INFO_V1(sql_scale_typmod_out);
PG_FUNCTION_INFO_V1(sql_datetimeoffset_recv);
PG_FUNCTION_INFO_V1(sql_datetimeoffset_send);
PG_FUNCTION_INFO_V1(sql_datetimeoffset_hash);
PG_FUNCTION_INFO_V1(sql_datetimeoffset_hash_extended);
PG_FUNCTION_INFO_V1(sql_datetime_add);
PG_FUNCTION_INFO_V1(sql_datetime_sub);
PG_FUNCTION_INFO_V1(sql_smalldatetime_add);
PG_FUNCTION_INFO_V1(sql_smalldatetime_sub);

Datum
sql_scale_typmod_in(PG_FUNCTION_ARGS)
{
    int count;
    int32 *values = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);

    if (count != 1 || values[0] < 0 || values[0] > 7)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid scale")));
    PG_RETURN_INT32(values[0]);
}

Datum
sql_scale_typmod_out(PG_FUNCTION_ARGS)
{
    int32 typmod = PG_GETARG_INT32(0);

    if (typmod < 0)
        PG_RETURN_CSTRING(pstrdup(""));
    PG_RETURN_CSTRING(psprintf("(%d)", typmod));
}

static Datum
moment_in(FunctionCallInfo fcinfo, SqlTypeId type)
{
    char *input = PG_GETARG_CSTRING(0);
    int32 typmod = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : -1;
    ParsedMoment parsed;
    Datum result;

    if (moment_parse(input, strlen(input), type, 0, &parsed) != MOMENT_OK ||
        !moment_to_datum(type, &parsed.moment, typmod < 0 ? 7 : typmod, &result))
        tsql_error(ERR_241);
    return result;
}

static Datum
moment_out(FunctionCallInfo fcinfo, SqlTypeId type)
{
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(0));
    char *buffer = palloc(MOMENT_TEXT_SIZE);
    int length = moment_format(&moment, type, 7, 121, buffer);

    buffer[length] = '\0';
    return CStringGetDatum(buffer);
}

#define DEFINE_IN_OUT(name, type)                                                                  \
    PG_FUNCTION_INFO_V1(sql_##name##_in);                                                          \
    PG_FUNCTION_INFO_V1(sql_##name##_out);                                                         \
    Datum sql_##name##_in(PG_FUNCTION_ARGS)                                                        \
    {                                                                                              \
        return moment_in(fcinfo, type);                                                            \
    }                                                                                              \
    Datum sql_##name##_out(PG_FUNCTION_ARGS)                                                       \
    {                                                                                              \
        return moment_out(fcinfo, type);                                                           \
    }

DEFINE_IN_OUT(time, SQL_TIME)
DEFINE_IN_OUT(datetime, SQL_DATETIME)
DEFINE_IN_OUT(smalldatetime, SQL_SMALLDATETIME)
DEFINE_IN_OUT(datetime2, SQL_DATETIME2)
DEFINE_IN_OUT(datetimeoffset, SQL_DATETIMEOFFSET)

Datum
sql_datetimeoffset_recv(PG_FUNCTION_ARGS)
{
    StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
    SqlDateTimeOffset *result = palloc(sizeof(SqlDateTimeOffset));
    int64 ticks = pq_getmsgint64(message);
    int16 offset = (int16) pq_getmsgint(message, 2);

    if (ticks < 0 || ticks >= (DAYS_MAX + INT64CONST(1)) * TICKS_PER_DAY || abs(offset) > 840)
        tsql_error(ERR_9803, "datetimeoffset");
    memcpy(result->bytes, &ticks, 8);
    memcpy(result->bytes + 8, &offset, 2);
    PG_RETURN_POINTER(result);
}

Datum
sql_datetimeoffset_send(PG_FUNCTION_ARGS)
{
    const SqlDateTimeOffset *value = (const SqlDateTimeOffset *) PG_GETARG_POINTER(0);
    StringInfoData message;
    int64 ticks;
    int16 offset;

    memcpy(&ticks, value->bytes, 8);
    memcpy(&offset, value->bytes + 8, 2);
    pq_begintypsend(&message);
    pq_sendint64(&message, ticks);
    pq_sendint16(&message, offset);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static int64
utc_argument(FunctionCallInfo fcinfo, int n)
{
    int64 ticks;

    memcpy(&ticks, ((const SqlDateTimeOffset *) PG_GETARG_POINTER(n))->bytes, 8);
    return ticks;
}

/* Instants compare; the offset does not matter. */
static int
compare_datetimeoffsets(FunctionCallInfo fcinfo)
{
    int64 a = utc_argument(fcinfo, 0);
    int64 b = utc_argument(fcinfo, 1);

    return a < b ? -1 : a > b;
}

DEFINE_COMPARISONS(sql_datetimeoffset, compare_datetimeoffsets)

Datum
sql_datetimeoffset_hash(PG_FUNCTION_ARGS)
{
    int64 ticks = utc_argument(fcinfo, 0);

    return hash_any((unsigned char *) &ticks, sizeof ticks);
}

Datum
sql_datetimeoffset_hash_extended(PG_FUNCTION_ARGS)
{
    int64 ticks = utc_argument(fcinfo, 0);

    return hash_any_extended((unsigned char *) &ticks, sizeof ticks, PG_GETARG_INT64(1));
}

/* datetime + datetime: both count days and 1/300 s from 1900, and so does the sum. */
static Datum
datetime_sum(FunctionCallInfo fcinfo, SqlTypeId type, int sign)
{
    SqlMoment a = moment_from_datum(type, PG_GETARG_DATUM(0));
    SqlMoment b = moment_from_datum(type, PG_GETARG_DATUM(1));
    int64 days = a.days + (int64) sign * (b.days - DAYS_TO_1900);
    Datum result;

    a.days = (int32) Max(0, Min(days, DAYS_MAX));
    if (days != a.days || !moment_add_ticks(&a, sign * b.ticks) ||
        !moment_to_datum(type, &a, 0, &result))
        tsql_error(ERR_8115, "expression", sql_type_info(type)->name);
    return result;
}

Datum
sql_datetime_add(PG_FUNCTION_ARGS)
{
    return datetime_sum(fcinfo, SQL_DATETIME, 1);
}

Datum
sql_datetime_sub(PG_FUNCTION_ARGS)
{
    return datetime_sum(fcinfo, SQL_DATETIME, -1);
}

Datum
sql_smalldatetime_add(PG_FUNCTION_ARGS)
{
    return datetime_sum(fcinfo, SQL_SMALLDATETIME, 1);
}

Datum
sql_smalldatetime_sub(PG_FUNCTION_ARGS)
{
    return datetime_sum(fcinfo, SQL_SMALLDATETIME, -1);
}
