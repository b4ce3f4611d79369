/*
 * Aggregates: the steps and final functions that PostgreSQL's own do not give. The rest of them is
 * SQL in aggregate.sql.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "lib/hyperloglog.h"
#include "pgcompat/base.h"
#include "types/decimal.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include <math.h>

PG_FUNCTION_INFO_V1(fn_int8_to_int4);
PG_FUNCTION_INFO_V1(fn_avg_int_final);
PG_FUNCTION_INFO_V1(fn_avg_decimal_step);
PG_FUNCTION_INFO_V1(fn_avg_int8_step);
PG_FUNCTION_INFO_V1(fn_avg_combine);
PG_FUNCTION_INFO_V1(fn_avg_decimal_final);
PG_FUNCTION_INFO_V1(fn_avg_int8_final);

static int32
checked_int4(int64 value)
{
    if (value != (int32) value)
        tsql_error(ERR_8115, "expression", "int");
    return (int32) value;
}

Datum
fn_int8_to_int4(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(checked_int4(PG_GETARG_INT64(0)));
}

/* {count, sum} as int4_avg_accum keeps them; the average truncates. */
Datum
fn_avg_int_final(PG_FUNCTION_ARGS)
{
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    const int64 *state = (const int64 *) ARR_DATA_PTR(array);

    if (state[0] == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(checked_int4(state[1] / state[0]));
}

/* Count and sum, in a varlena so that parallel workers can pass it. */
typedef struct AverageState {
    int32 vl_len;
    int32 scale;
    int64 count;
    uint64 high, low; /* of the sum's magnitude */
    int64 negative;
} AverageState;

static AverageState *
state_argument(FunctionCallInfo fcinfo, int n)
{
    AverageState *state = palloc0(sizeof(AverageState));

    SET_VARSIZE(state, sizeof(AverageState));
    if (!PG_ARGISNULL(n)) {
        struct varlena *given = PG_DETOAST_DATUM(PG_GETARG_DATUM(n));

        if (VARSIZE(given) != sizeof(AverageState))
            elog(ERROR, "invalid state of an average");
        memcpy(state, given, sizeof(AverageState));
    }
    return state;
}

static Decimal
state_sum(const AverageState *state)
{
    Decimal sum = {.magnitude = (uint128) state->high << 64 | state->low,
                   .scale = (uint8) state->scale,
                   .negative = state->negative != 0};

    return sum;
}

static void
state_add(AverageState *state, const Decimal *value, int64 count)
{
    Decimal sum = state_sum(state);
    Decimal result;

    if (!decimal_add(&sum, value, -1, &result))
        tsql_error(ERR_8115, "expression", "numeric");
    state->count += count;
    state->scale = result.scale;
    state->high = (uint64) (result.magnitude >> 64);
    state->low = (uint64) result.magnitude;
    state->negative = result.negative;
}

Datum
fn_avg_decimal_step(PG_FUNCTION_ARGS)
{
    AverageState *state;
    Decimal value;

    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0))
            PG_RETURN_NULL();
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    state = state_argument(fcinfo, 0);
    value = decimal_get(PG_GETARG_DATUM(1));
    state_add(state, &value, 1);
    PG_RETURN_POINTER(state);
}

Datum
fn_avg_int8_step(PG_FUNCTION_ARGS)
{
    AverageState *state;
    Decimal value;

    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0))
            PG_RETURN_NULL();
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    state = state_argument(fcinfo, 0);
    value = decimal_from_int64(PG_GETARG_INT64(1));
    state_add(state, &value, 1);
    PG_RETURN_POINTER(state);
}

Datum
fn_avg_combine(PG_FUNCTION_ARGS)
{
    AverageState *left, *right;
    Decimal sum;

    if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
        PG_RETURN_NULL();
    left = state_argument(fcinfo, 0);
    right = state_argument(fcinfo, 1);
    sum = state_sum(right);
    state_add(left, &sum, right->count);
    PG_RETURN_POINTER(left);
}

static Decimal
average(FunctionCallInfo fcinfo, int scale)
{
    AverageState *state = state_argument(fcinfo, 0);
    Decimal sum = state_sum(state);
    Decimal count = decimal_from_int64(state->count);
    Decimal result;

    if (!decimal_divide(&sum, &count, DECIMAL_TYPMOD(38, scale < 0 ? Max(state->scale, 6) : scale),
                        &result))
        tsql_error(ERR_8115, "expression", "numeric");
    return result;
}

Datum
fn_avg_decimal_final(PG_FUNCTION_ARGS)
{
    Decimal result = average(fcinfo, -1);

    PG_RETURN_DATUM(decimal_put(&result));
}

Datum
fn_avg_int8_final(PG_FUNCTION_ARGS)
{
    Decimal result = average(fcinfo, 0);
    int64 value;

    if (!decimal_to_int64(&result, &value))
        tsql_error(ERR_8115, "expression", "bigint");
    PG_RETURN_INT64(value);
}

/* ---- APPROX_COUNT_DISTINCT: HyperLogLog with 2^14 registers, an error of about 1 % ---- */

PG_FUNCTION_INFO_V1(fn_distinct_step);
PG_FUNCTION_INFO_V1(fn_distinct_final);

Datum
fn_distinct_step(PG_FUNCTION_ARGS)
{
    hyperLogLogState *state = PG_ARGISNULL(0) ? NULL : (hyperLogLogState *) PG_GETARG_POINTER(0);
    MemoryContext memory;

    if (!AggCheckCallContext(fcinfo, &memory))
        elog(ERROR, "aggregate function called in non-aggregate context");
    if (state == NULL) {
        MemoryContext former = MemoryContextSwitchTo(memory);

        state = palloc(sizeof(hyperLogLogState));
        initHyperLogLog(state, 14);
        MemoryContextSwitchTo(former);
    }
    if (!PG_ARGISNULL(1)) {
        TypeCacheEntry *type =
            lookup_type_cache(get_fn_expr_argtype(fcinfo->flinfo, 1), TYPECACHE_HASH_PROC_FINFO);
        uint32 hash = DatumGetUInt32(
            FunctionCall1Coll(&type->hash_proc_finfo, PG_GET_COLLATION(), PG_GETARG_DATUM(1)));

        addHyperLogLog(state, murmurhash32(hash));
    }
    PG_RETURN_POINTER(state);
}

Datum
fn_distinct_final(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_INT64(0);
    PG_RETURN_INT64((int64) (estimateHyperLogLog((hyperLogLogState *) PG_GETARG_POINTER(0)) + 0.5));
}

/* ---- PERCENTILE_CONT and PERCENTILE_DISC (fraction, value, descending) ---- */

PG_FUNCTION_INFO_V1(fn_percentile_step);
PG_FUNCTION_INFO_V1(fn_percentile_cont_final);
PG_FUNCTION_INFO_V1(fn_percentile_disc_final);

typedef struct PercentileState {
    double fraction;
    bool descending, sorted;
    int64 count, room;
    double *values;
} PercentileState;

static PercentileState *
percentile_new(FunctionCallInfo fcinfo, MemoryContext memory)
{
    PercentileState *state = MemoryContextAllocZero(memory, sizeof(PercentileState));

    state->fraction = PG_ARGISNULL(1) ? -1 : PG_GETARG_FLOAT8(1);
    if (state->fraction < 0 || state->fraction > 1)
        tsql_error(ERR_10750);
    state->descending = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    state->room = 64;
    state->values = MemoryContextAlloc(memory, sizeof(double) * state->room);
    return state;
}

Datum
fn_percentile_step(PG_FUNCTION_ARGS)
{
    PercentileState *state = PG_ARGISNULL(0) ? NULL : (PercentileState *) PG_GETARG_POINTER(0);
    MemoryContext memory;

    if (!AggCheckCallContext(fcinfo, &memory))
        elog(ERROR, "aggregate function called in non-aggregate context");
    if (state == NULL)
        state = percentile_new(fcinfo, memory);
    if (!PG_ARGISNULL(2)) {
        if (state->count == state->room) {
            state->room *= 2;
            state->values = repalloc_huge(state->values, sizeof(double) * state->room);
        }
        state->values[state->count++] = PG_GETARG_FLOAT8(2);
        state->sorted = false;
    }
    PG_RETURN_POINTER(state);
}

static int
compare_values(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;

    return x < y ? -1 : x > y;
}

/* The value at `position` of the order asked for. */
static double
value_at(PercentileState *state, int64 position)
{
    if (!state->sorted) {
        qsort(state->values, state->count, sizeof(double), compare_values);
        state->sorted = true;
    }
    return state->values[state->descending ? state->count - 1 - position : position];
}

Datum
fn_percentile_cont_final(PG_FUNCTION_ARGS)
{
    PercentileState *state = PG_ARGISNULL(0) ? NULL : (PercentileState *) PG_GETARG_POINTER(0);
    double row, low, high;

    if (state == NULL || state->count == 0)
        PG_RETURN_NULL();
    row = state->fraction * (double) (state->count - 1);
    low = value_at(state, (int64) floor(row));
    high = value_at(state, (int64) ceil(row));
    PG_RETURN_FLOAT8(low + (row - floor(row)) * (high - low));
}

Datum
fn_percentile_disc_final(PG_FUNCTION_ARGS)
{
    PercentileState *state = PG_ARGISNULL(0) ? NULL : (PercentileState *) PG_GETARG_POINTER(0);
    int64 row;

    if (state == NULL || state->count == 0)
        PG_RETURN_NULL();
    row = (int64) ceil(state->fraction * (double) state->count);
    PG_RETURN_FLOAT8(value_at(state, Max(row, 1) - 1));
}
