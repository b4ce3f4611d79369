/*
 * The decimal type as PostgreSQL sees it: input and output, comparison, hash, arithmetic.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "types/comparison.h"
#include "types/decimal.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_decimal_in);
PG_FUNCTION_INFO_V1(sql_decimal_out);
PG_FUNCTION_INFO_V1(sql_decimal_recv);
PG_FUNCTION_INFO_V1(sql_decimal_send);
PG_FUNCTION_INFO_V1(sql_decimal_typmod_in);
PG_FUNCTION_INFO_V1(sql_decimal_typmod_out);
PG_FUNCTION_INFO_V1(sql_decimal_hash);
PG_FUNCTION_INFO_V1(sql_decimal_hash_extended);
PG_FUNCTION_INFO_V1(sql_decimal_add);
PG_FUNCTION_INFO_V1(sql_decimal_sub);
PG_FUNCTION_INFO_V1(sql_decimal_mul);
PG_FUNCTION_INFO_V1(sql_decimal_div);
PG_FUNCTION_INFO_V1(sql_decimal_mod);
PG_FUNCTION_INFO_V1(sql_decimal_minus);

Datum
sql_decimal_in(PG_FUNCTION_ARGS)
{
    char *input = PG_GETARG_CSTRING(0);
    int32 typmod = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : -1;
    Decimal value;
    bool overflow;

    if (!decimal_parse(input, strlen(input), &value, &overflow)) {
        if (overflow)
            tsql_error(ERR_8115, "varchar", "numeric");
        tsql_error(ERR_8114, "varchar", "numeric");
    }
    if (!decimal_fit(&value, typmod))
        tsql_error(ERR_8115, "varchar", "numeric");
    PG_RETURN_DATUM(decimal_put(&value));
}

Datum
sql_decimal_out(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));
    char *buffer = palloc(DECIMAL_TEXT_SIZE);

    decimal_format(&value, buffer);
    PG_RETURN_CSTRING(buffer);
}

Datum
sql_decimal_recv(PG_FUNCTION_ARGS)
{
    StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
    int32 typmod = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : -1;
    Decimal value = {0};
    int head = pq_getmsgbyte(message);

    value.negative = (head & 0x80) != 0;
    value.scale = head & 0x7F;
    value.magnitude = (uint128) (uint64) pq_getmsgint64(message) << 64;
    value.magnitude |= (uint64) pq_getmsgint64(message);
    if (value.scale > DECIMAL_MAX_PRECISION || !decimal_fit(&value, typmod))
        tsql_error(ERR_8115, "binary", "numeric");
    if (value.magnitude == 0)
        value.negative = false;
    PG_RETURN_DATUM(decimal_put(&value));
}

Datum
sql_decimal_send(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendbyte(&message, value.scale | (value.negative ? 0x80 : 0));
    pq_sendint64(&message, (uint64) (value.magnitude >> 64));
    pq_sendint64(&message, (uint64) value.magnitude);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum
sql_decimal_typmod_in(PG_FUNCTION_ARGS)
{
    int count;
    int32 *values = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);
    int scale = count > 1 ? values[1] : 0;

    if (count > 2 || values[0] < 1 || values[0] > DECIMAL_MAX_PRECISION || scale < 0 ||
        scale > values[0])
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid precision or scale")));
    PG_RETURN_INT32(DECIMAL_TYPMOD(values[0], scale));
}

Datum
sql_decimal_typmod_out(PG_FUNCTION_ARGS)
{
    int32 typmod = PG_GETARG_INT32(0);

    if (typmod < 0)
        PG_RETURN_CSTRING(pstrdup(""));
    PG_RETURN_CSTRING(psprintf("(%d,%d)", typmod >> 8, typmod & 0xFF));
}

static int
compare_datums(FunctionCallInfo fcinfo)
{
    Decimal a = decimal_get(PG_GETARG_DATUM(0));
    Decimal b = decimal_get(PG_GETARG_DATUM(1));

    return decimal_compare(&a, &b);
}

DEFINE_COMPARISONS(sql_decimal, compare_datums)

/* Equal values of different scales must hash alike: drop trailing zeros of the fraction. */
static Decimal
without_trailing_zeros(Datum datum)
{
    Decimal value = decimal_get(datum);

    while (value.scale > 0 && value.magnitude % 10 == 0) {
        value.magnitude /= 10;
        value.scale--;
    }
    return value;
}

Datum
sql_decimal_hash(PG_FUNCTION_ARGS)
{
    Decimal value = without_trailing_zeros(PG_GETARG_DATUM(0));
    uint32 hash = hash_bytes((unsigned char *) &value.magnitude, sizeof value.magnitude);

    PG_RETURN_UINT32(hash ^ value.scale ^ (value.negative ? 0x80000000 : 0));
}

Datum
sql_decimal_hash_extended(PG_FUNCTION_ARGS)
{
    Decimal value = without_trailing_zeros(PG_GETARG_DATUM(0));
    uint64 hash = hash_bytes_extended((unsigned char *) &value.magnitude, sizeof value.magnitude,
                                      PG_GETARG_INT64(1));

    PG_RETURN_UINT64(hash ^ value.scale ^ (value.negative ? UINT64CONST(1) << 63 : 0));
}

static Datum
arithmetic(FunctionCallInfo fcinfo,
           bool (*operation)(const Decimal *, const Decimal *, int32, Decimal *),
           bool negate_right)
{
    Decimal a = decimal_get(PG_GETARG_DATUM(0));
    Decimal b = decimal_get(PG_GETARG_DATUM(1));
    int32 typmod = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : -1;
    Decimal result;

    if ((operation == decimal_divide || operation == decimal_modulo) && b.magnitude == 0)
        tsql_error(ERR_8134);
    if (negate_right && b.magnitude != 0)
        b.negative = !b.negative;
    if (!operation(&a, &b, typmod, &result))
        tsql_error(ERR_8115, "expression", "numeric");
    return decimal_put(&result);
}

Datum
sql_decimal_add(PG_FUNCTION_ARGS)
{
    return arithmetic(fcinfo, decimal_add, false);
}

Datum
sql_decimal_sub(PG_FUNCTION_ARGS)
{
    return arithmetic(fcinfo, decimal_add, true);
}

Datum
sql_decimal_mul(PG_FUNCTION_ARGS)
{
    return arithmetic(fcinfo, decimal_multiply, false);
}

Datum
sql_decimal_div(PG_FUNCTION_ARGS)
{
    return arithmetic(fcinfo, decimal_divide, false);
}

Datum
sql_decimal_mod(PG_FUNCTION_ARGS)
{
    return arithmetic(fcinfo, decimal_modulo, false);
}

Datum
sql_decimal_minus(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));

    if (value.magnitude != 0)
        value.negative = !value.negative;
    PG_RETURN_DATUM(decimal_put(&value));
}
