/*
 * tinyint: an unsigned byte by value, with operators across to the larger integers so that indexes
 * and joins need no conversion.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "types/comparison.h"
#include "utils/builtins.h"

#define TINYINT(n) ((int32) (uint8) PG_GETARG_CHAR(n))

PG_FUNCTION_INFO_V1(sql_tinyint_in);
PG_FUNCTION_INFO_V1(sql_tinyint_out);
PG_FUNCTION_INFO_V1(sql_tinyint_recv);
PG_FUNCTION_INFO_V1(sql_tinyint_send);
PG_FUNCTION_INFO_V1(sql_tinyint_hash);
PG_FUNCTION_INFO_V1(sql_tinyint_hash_extended);

static Datum
tinyint_datum(int64 value)
{
    if (value < 0 || value > 255)
        tsql_error(ERR_8115, "expression", "tinyint");
    return UInt8GetDatum((uint8) value);
}

Datum
sql_tinyint_in(PG_FUNCTION_ARGS)
{
    int32 value = pg_strtoint32(PG_GETARG_CSTRING(0));

    if (value < 0 || value > 255)
        tsql_error(ERR_244, "varchar", PG_GETARG_CSTRING(0), "INT1");
    PG_RETURN_DATUM(UInt8GetDatum((uint8) value));
}

Datum
sql_tinyint_out(PG_FUNCTION_ARGS)
{
    PG_RETURN_CSTRING(psprintf("%d", TINYINT(0)));
}

Datum
sql_tinyint_recv(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(UInt8GetDatum((uint8) pq_getmsgbyte((StringInfo) PG_GETARG_POINTER(0))));
}

Datum
sql_tinyint_send(PG_FUNCTION_ARGS)
{
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendbyte(&message, (uint8) TINYINT(0));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static int
compare_tinyints(FunctionCallInfo fcinfo)
{
    return TINYINT(0) - TINYINT(1);
}

DEFINE_COMPARISONS(sql_tinyint, compare_tinyints)

/* As int's, so that joins of tinyint and int can hash. */
Datum
sql_tinyint_hash(PG_FUNCTION_ARGS)
{
    return hash_uint32((uint32) TINYINT(0));
}

Datum
sql_tinyint_hash_extended(PG_FUNCTION_ARGS)
{
    return hash_uint32_extended((uint32) TINYINT(0), (uint64) PG_GETARG_INT64(1));
}

#define THREE_WAY(a, b) ((a) < (b) ? -1 : (a) > (b))

static int
compare_tinyint_int2(FunctionCallInfo fcinfo)
{
    return THREE_WAY(TINYINT(0), (int32) PG_GETARG_INT16(1));
}

static int
compare_tinyint_int4(FunctionCallInfo fcinfo)
{
    return THREE_WAY(TINYINT(0), PG_GETARG_INT32(1));
}

static int
compare_tinyint_int8(FunctionCallInfo fcinfo)
{
    return THREE_WAY((int64) TINYINT(0), PG_GETARG_INT64(1));
}

static int
compare_int2_tinyint(FunctionCallInfo fcinfo)
{
    return THREE_WAY((int32) PG_GETARG_INT16(0), TINYINT(1));
}

static int
compare_int4_tinyint(FunctionCallInfo fcinfo)
{
    return THREE_WAY(PG_GETARG_INT32(0), TINYINT(1));
}

static int
compare_int8_tinyint(FunctionCallInfo fcinfo)
{
    return THREE_WAY(PG_GETARG_INT64(0), (int64) TINYINT(1));
}

#define DEFINE_CROSS(prefix, compare)                                                              \
    DEFINE_COMPARISON(prefix##_eq, compare, ==)                                                    \
    DEFINE_COMPARISON(prefix##_ne, compare, !=)                                                    \
    DEFINE_COMPARISON(prefix##_lt, compare, <)                                                     \
    DEFINE_COMPARISON(prefix##_le, compare, <=)                                                    \
    DEFINE_COMPARISON(prefix##_gt, compare, >)                                                     \
    DEFINE_COMPARISON(prefix##_ge, compare, >=)                                                    \
    PG_FUNCTION_INFO_V1(prefix##_cmp);                                                             \
    Datum prefix##_cmp(PG_FUNCTION_ARGS)                                                           \
    {                                                                                              \
        PG_RETURN_INT32(compare(fcinfo));                                                          \
    }

DEFINE_CROSS(sql_tinyint_int2, compare_tinyint_int2)
DEFINE_CROSS(sql_tinyint_int4, compare_tinyint_int4)
DEFINE_CROSS(sql_tinyint_int8, compare_tinyint_int8)
DEFINE_CROSS(sql_int2_tinyint, compare_int2_tinyint)
DEFINE_CROSS(sql_int4_tinyint, compare_int4_tinyint)
DEFINE_CROSS(sql_int8_tinyint, compare_int8_tinyint)

#define DEFINE_ARITHMETIC(name, expression)                                                        \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        int32 a = TINYINT(0);                                                                      \
        int32 b = TINYINT(1);                                                                      \
        PG_RETURN_DATUM(tinyint_datum(expression));                                                \
    }

static inline int32
nonzero(int32 divisor)
{
    if (divisor == 0)
        tsql_error(ERR_8134);
    return divisor;
}

DEFINE_ARITHMETIC(sql_tinyint_add, a + b)
DEFINE_ARITHMETIC(sql_tinyint_sub, a - b)
DEFINE_ARITHMETIC(sql_tinyint_mul, a *b)
DEFINE_ARITHMETIC(sql_tinyint_div, a / nonzero(b))
DEFINE_ARITHMETIC(sql_tinyint_mod, a % nonzero(b))
DEFINE_ARITHMETIC(sql_tinyint_and, a &b)
DEFINE_ARITHMETIC(sql_tinyint_or, a | b)
DEFINE_ARITHMETIC(sql_tinyint_xor, a ^ b)

PG_FUNCTION_INFO_V1(sql_tinyint_not);
Datum
sql_tinyint_not(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(UInt8GetDatum((uint8) ~TINYINT(0)));
}

/* ---- bit: a bool with & | ^ ~ ---- */

PG_FUNCTION_INFO_V1(sql_bit_and);
PG_FUNCTION_INFO_V1(sql_bit_or);
PG_FUNCTION_INFO_V1(sql_bit_xor);
PG_FUNCTION_INFO_V1(sql_bit_not);

Datum
sql_bit_and(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(PG_GETARG_BOOL(0) && PG_GETARG_BOOL(1));
}

Datum
sql_bit_or(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(PG_GETARG_BOOL(0) || PG_GETARG_BOOL(1));
}

Datum
sql_bit_xor(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(PG_GETARG_BOOL(0) != PG_GETARG_BOOL(1));
}

Datum
sql_bit_not(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(!PG_GETARG_BOOL(0));
}
