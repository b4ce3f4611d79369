/*
 * Mathematical functions.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "types/decimal.h"
#include "utils/builtins.h"

#include <math.h>

static void
overflow(const char *type)
{
    tsql_error(ERR_8115, "expression", type);
}

/* A result that is not a number comes from an argument out of the function's domain. */
static Datum
checked_float(double value)
{
    if (isnan(value))
        tsql_error(ERR_3623);
    if (isinf(value))
        overflow("float");
    return Float8GetDatum(value);
}

#define FLOAT_FUNCTION(name, expression)                                                           \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        double x = PG_GETARG_FLOAT8(0);                                                            \
        return checked_float(expression);                                                          \
    }

FLOAT_FUNCTION(fn_sqrt, sqrt(x))
FLOAT_FUNCTION(fn_square, x *x)
FLOAT_FUNCTION(fn_exp, exp(x))
FLOAT_FUNCTION(fn_log, x <= 0 ? NAN : log(x))
FLOAT_FUNCTION(fn_log10, x <= 0 ? NAN : log10(x))
FLOAT_FUNCTION(fn_sin, sin(x))
FLOAT_FUNCTION(fn_cos, cos(x))
FLOAT_FUNCTION(fn_tan, tan(x))
FLOAT_FUNCTION(fn_cot, 1 / tan(x))
FLOAT_FUNCTION(fn_asin, asin(x))
FLOAT_FUNCTION(fn_acos, acos(x))
FLOAT_FUNCTION(fn_atan, atan(x))

PG_FUNCTION_INFO_V1(fn_atn2);
PG_FUNCTION_INFO_V1(fn_log_base);
PG_FUNCTION_INFO_V1(fn_pi);

Datum
fn_atn2(PG_FUNCTION_ARGS)
{
    return checked_float(atan2(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)));
}

Datum
fn_log_base(PG_FUNCTION_ARGS)
{
    double x = PG_GETARG_FLOAT8(0);
    double base = PG_GETARG_FLOAT8(1);

    return checked_float(x <= 0 || base <= 0 || base == 1 ? NAN : log(x) / log(base));
}

Datum
fn_pi(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(M_PI);
}

/* ---- functions that keep the type of their number ---- */

#define EACH_INTEGER(name, type, getter, returner, tsql, expression)                               \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        type x = getter(0);                                                                        \
        if (x == PG_##tsql##_MIN)                                                                  \
            overflow(sizeof(x) == 4 ? "int" : "bigint");                                           \
        returner(expression);                                                                      \
    }

EACH_INTEGER(fn_abs_int4, int32, PG_GETARG_INT32, PG_RETURN_INT32, INT32, x < 0 ? -x : x)
EACH_INTEGER(fn_abs_int8, int64, PG_GETARG_INT64, PG_RETURN_INT64, INT64, x < 0 ? -x : x)

PG_FUNCTION_INFO_V1(fn_abs_float8);
PG_FUNCTION_INFO_V1(fn_abs_decimal);
PG_FUNCTION_INFO_V1(fn_identity);
PG_FUNCTION_INFO_V1(fn_ceiling_float8);
PG_FUNCTION_INFO_V1(fn_floor_float8);
PG_FUNCTION_INFO_V1(fn_ceiling_decimal);
PG_FUNCTION_INFO_V1(fn_floor_decimal);
PG_FUNCTION_INFO_V1(fn_ceiling_money);
PG_FUNCTION_INFO_V1(fn_floor_money);
PG_FUNCTION_INFO_V1(fn_sign_int4);
PG_FUNCTION_INFO_V1(fn_sign_int8);
PG_FUNCTION_INFO_V1(fn_sign_money);
PG_FUNCTION_INFO_V1(fn_sign_float8);
PG_FUNCTION_INFO_V1(fn_sign_decimal);

Datum
fn_abs_float8(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(fabs(PG_GETARG_FLOAT8(0)));
}

Datum
fn_abs_decimal(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));

    value.negative = false;
    PG_RETURN_DATUM(decimal_put(&value));
}

/* CEILING and FLOOR of an integer. */
Datum
fn_identity(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

Datum
fn_ceiling_float8(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(ceil(PG_GETARG_FLOAT8(0)));
}

Datum
fn_floor_float8(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT8(floor(PG_GETARG_FLOAT8(0)));
}

/* Up (towards plus infinity) or down to a whole number. */
static Datum
whole_decimal(Datum datum, bool up)
{
    Decimal value = decimal_get(datum);
    Decimal whole = value;

    decimal_truncate(&whole, 0);
    if (decimal_compare(&whole, &value) != 0 && value.negative != up) {
        whole.magnitude++;
        whole.negative = value.negative;
    }
    return decimal_put(&whole);
}

Datum
fn_ceiling_decimal(PG_FUNCTION_ARGS)
{
    return whole_decimal(PG_GETARG_DATUM(0), true);
}

Datum
fn_floor_decimal(PG_FUNCTION_ARGS)
{
    return whole_decimal(PG_GETARG_DATUM(0), false);
}

static int64
floor_money(int64 value)
{
    int64 rest = value % 10000;

    return rest < 0 ? value - rest - 10000 : value - rest;
}

Datum
fn_ceiling_money(PG_FUNCTION_ARGS)
{
    int64 value = PG_GETARG_INT64(0);

    PG_RETURN_INT64(value % 10000 == 0 ? value : floor_money(value) + 10000);
}

Datum
fn_floor_money(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(floor_money(PG_GETARG_INT64(0)));
}

Datum
fn_sign_int4(PG_FUNCTION_ARGS)
{
    int32 x = PG_GETARG_INT32(0);

    PG_RETURN_INT32((x > 0) - (x < 0));
}

Datum
fn_sign_int8(PG_FUNCTION_ARGS)
{
    int64 x = PG_GETARG_INT64(0);

    PG_RETURN_INT64((x > 0) - (x < 0));
}

Datum
fn_sign_money(PG_FUNCTION_ARGS)
{
    int64 x = PG_GETARG_INT64(0);

    PG_RETURN_INT64(((x > 0) - (x < 0)) * 10000);
}

Datum
fn_sign_float8(PG_FUNCTION_ARGS)
{
    double x = PG_GETARG_FLOAT8(0);

    PG_RETURN_FLOAT8((x > 0) - (x < 0));
}

Datum
fn_sign_decimal(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));

    if (value.magnitude != 0)
        value.magnitude = decimal_power(Min(value.scale, DECIMAL_MAX_PRECISION));
    PG_RETURN_DATUM(decimal_put(&value));
}

/* ---- ROUND(x, digits [, truncate]) ---- */

PG_FUNCTION_INFO_V1(fn_round_int4);
PG_FUNCTION_INFO_V1(fn_round_int8);
PG_FUNCTION_INFO_V1(fn_round_decimal);
PG_FUNCTION_INFO_V1(fn_round_money);
PG_FUNCTION_INFO_V1(fn_round_float8);

static bool
truncates(FunctionCallInfo fcinfo)
{
    return PG_NARGS() > 2 && PG_GETARG_INT32(2) != 0;
}

/* Rounds at `digits` behind the point (negative: before it), keeping the scale. */
static bool
round_decimal(Decimal *value, int digits, bool truncate)
{
    int scale = value->scale;

    if (digits >= scale)
        return true;
    if (scale - digits > DECIMAL_MAX_PRECISION) {
        value->magnitude = 0;
        value->negative = false;
        return true;
    }
    if (digits >= 0) {
        if (truncate)
            decimal_truncate(value, digits);
        else if (!decimal_rescale(value, digits))
            return false;
        return decimal_rescale(value, scale);
    }
    {
        uint128 unit = decimal_power(scale - digits);
        uint128 rest = value->magnitude % unit;

        value->magnitude -= rest;
        if (!truncate && rest >= unit - rest)
            value->magnitude += unit;
        if (value->magnitude == 0)
            value->negative = false;
        return value->magnitude < decimal_power(DECIMAL_MAX_PRECISION);
    }
}

static int64
round_integer(int64 x, int digits, bool truncate, int scale)
{
    Decimal value = decimal_from_int64(x);
    int64 result = 0;

    value.scale = (uint8) scale;
    if (!round_decimal(&value, digits, truncate))
        overflow("bigint");
    value.scale = 0;
    if (!decimal_to_int64(&value, &result))
        overflow("bigint");
    return result;
}

Datum
fn_round_int4(PG_FUNCTION_ARGS)
{
    int64 result = round_integer(PG_GETARG_INT32(0), PG_GETARG_INT32(1), truncates(fcinfo), 0);

    if (result != (int32) result)
        overflow("int");
    PG_RETURN_INT32((int32) result);
}

Datum
fn_round_int8(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(round_integer(PG_GETARG_INT64(0), PG_GETARG_INT32(1), truncates(fcinfo), 0));
}

Datum
fn_round_money(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(round_integer(PG_GETARG_INT64(0), PG_GETARG_INT32(1), truncates(fcinfo), 4));
}

Datum
fn_round_decimal(PG_FUNCTION_ARGS)
{
    Decimal value = decimal_get(PG_GETARG_DATUM(0));

    if (!round_decimal(&value, PG_GETARG_INT32(1), truncates(fcinfo)))
        overflow("numeric");
    PG_RETURN_DATUM(decimal_put(&value));
}

Datum
fn_round_float8(PG_FUNCTION_ARGS)
{
    double x = PG_GETARG_FLOAT8(0);
    int digits = PG_GETARG_INT32(1);
    double unit = pow(10, abs(digits));
    double scaled;

    if (abs(digits) > 300)
        PG_RETURN_FLOAT8(digits > 0 ? x : 0);
    scaled = digits >= 0 ? x * unit : x / unit;
    if (isinf(scaled))
        PG_RETURN_FLOAT8(x);
    scaled = truncates(fcinfo) ? trunc(scaled) : round(scaled);
    return checked_float(digits >= 0 ? scaled / unit : scaled * unit);
}

/* ---- POWER, DEGREES, RADIANS: computed as float, given as the argument's type ---- */

static int64
checked_integer(double value, bool is_int)
{
    if (isnan(value))
        tsql_error(ERR_3623);
    if (is_int ? fabs(value) >= 2147483648.0 : fabs(value) >= 9223372036854775808.0)
        tsql_error(ERR_232, is_int ? "int" : "bigint", value);
    return (int64) value;
}

static Datum
checked_decimal(double value, int scale)
{
    Decimal result;

    if (isnan(value))
        tsql_error(ERR_3623);
    if (!decimal_from_double(value, scale, &result))
        tsql_error(ERR_8115, "float", "numeric");
    return decimal_put(&result);
}

static Datum
checked_money(double value)
{
    if (isnan(value) || fabs(value) >= 922337203685477.0)
        overflow("money");
    return Int64GetDatum((int64) round(value * 10000));
}

#define MONEY_AS_DOUBLE(n) ((double) PG_GETARG_INT64(n) / 10000)

#define FLOATING_FAMILY(name, formula, second)                                                     \
    PG_FUNCTION_INFO_V1(fn_##name##_int4);                                                         \
    PG_FUNCTION_INFO_V1(fn_##name##_int8);                                                         \
    PG_FUNCTION_INFO_V1(fn_##name##_decimal);                                                      \
    PG_FUNCTION_INFO_V1(fn_##name##_money);                                                        \
    PG_FUNCTION_INFO_V1(fn_##name##_float8);                                                       \
    Datum fn_##name##_int4(PG_FUNCTION_ARGS)                                                       \
    {                                                                                              \
        double x = PG_GETARG_INT32(0), y = second;                                                 \
        PG_RETURN_INT32((int32) checked_integer(formula, true));                                   \
    }                                                                                              \
    Datum fn_##name##_int8(PG_FUNCTION_ARGS)                                                       \
    {                                                                                              \
        double x = (double) PG_GETARG_INT64(0), y = second;                                        \
        PG_RETURN_INT64(checked_integer(formula, false));                                          \
    }                                                                                              \
    Datum fn_##name##_decimal(PG_FUNCTION_ARGS)                                                    \
    {                                                                                              \
        Decimal value = decimal_get(PG_GETARG_DATUM(0));                                           \
        double x = decimal_to_double(&value), y = second;                                          \
        return checked_decimal(formula, value.scale);                                              \
    }                                                                                              \
    Datum fn_##name##_money(PG_FUNCTION_ARGS)                                                      \
    {                                                                                              \
        double x = MONEY_AS_DOUBLE(0), y = second;                                                 \
        return checked_money(formula);                                                             \
    }                                                                                              \
    Datum fn_##name##_float8(PG_FUNCTION_ARGS)                                                     \
    {                                                                                              \
        double x = PG_GETARG_FLOAT8(0), y = second;                                                \
        return checked_float(formula);                                                             \
    }

FLOATING_FAMILY(power, pow(x, y), PG_GETARG_FLOAT8(1))
FLOATING_FAMILY(degrees, x *y, 180 / M_PI)
FLOATING_FAMILY(radians, x *y, M_PI / 180)

/* ---- RAND ---- */

PG_FUNCTION_INFO_V1(fn_rand);
PG_FUNCTION_INFO_V1(fn_rand_seed);

static pg_prng_state random_state;
static bool random_seeded;

Datum
fn_rand(PG_FUNCTION_ARGS)
{
    double *constant = fcinfo->flinfo->fn_extra;

    /* RAND() without a seed is one value for the whole query. */
    if (constant == NULL) {
        if (!random_seeded) {
            pg_prng_strong_seed(&random_state);
            random_seeded = true;
        }
        constant = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(double));
        *constant = pg_prng_double(&random_state);
        fcinfo->flinfo->fn_extra = constant;
    }
    PG_RETURN_FLOAT8(*constant);
}

Datum
fn_rand_seed(PG_FUNCTION_ARGS)
{
    pg_prng_seed(&random_state, (uint64) (uint32) PG_GETARG_INT32(0));
    random_seeded = true;
    PG_RETURN_FLOAT8(pg_prng_double(&random_state));
}

/* ---- bits ---- */

PG_FUNCTION_INFO_V1(fn_bit_count_int8);
PG_FUNCTION_INFO_V1(fn_left_shift);
PG_FUNCTION_INFO_V1(fn_right_shift);
PG_FUNCTION_INFO_V1(fn_get_bit);
PG_FUNCTION_INFO_V1(fn_set_bit);

Datum
fn_bit_count_int8(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(__builtin_popcountll((uint64) PG_GETARG_INT64(0)));
}

static int64
shifted(uint64 value, int64 by)
{
    if (by <= -64 || by >= 64)
        return 0;
    return (int64) (by >= 0 ? value << by : value >> -by);
}

Datum
fn_left_shift(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(shifted((uint64) PG_GETARG_INT64(0), PG_GETARG_INT64(1)));
}

Datum
fn_right_shift(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(shifted((uint64) PG_GETARG_INT64(0), -PG_GETARG_INT64(1)));
}

static int
bit_offset(FunctionCallInfo fcinfo)
{
    int offset = PG_GETARG_INT32(1);

    if (offset < 0 || offset > 63)
        tsql_error(ERR_9818, "offset", "get_bit");
    return offset;
}

Datum
fn_get_bit(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(((uint64) PG_GETARG_INT64(0) >> bit_offset(fcinfo) & 1) != 0);
}

Datum
fn_set_bit(PG_FUNCTION_ARGS)
{
    uint64 mask = UINT64CONST(1) << bit_offset(fcinfo);
    uint64 value = (uint64) PG_GETARG_INT64(0);
    bool set = PG_NARGS() < 3 || PG_GETARG_INT32(2) != 0;

    PG_RETURN_INT64((int64) (set ? value | mask : value & ~mask));
}
