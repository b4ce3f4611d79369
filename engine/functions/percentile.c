/*
 * PERCENTILE_CONT and PERCENTILE_DISC: ordinary aggregates (fraction, value, descending), as
 * PostgreSQL's ordered-set ones cannot be window functions. Values are kept and sorted at the end;
 * NULLs are left out.
 */
#include "postgres.h"

#include <math.h>

#include "errors/errors.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(fn_percentile_row);
PG_FUNCTION_INFO_V1(fn_percentile_cont);
PG_FUNCTION_INFO_V1(fn_percentile_disc);

extern Datum fn_percentile_row(PG_FUNCTION_ARGS);
extern Datum fn_percentile_cont(PG_FUNCTION_ARGS);
extern Datum fn_percentile_disc(PG_FUNCTION_ARGS);

typedef struct Percentile {
    double fraction;
    bool descending, sorted;
    int64 count, capacity;
    double *values;
} Percentile;

static Percentile *
percentile_new(MemoryContext memory, double fraction, bool descending)
{
    Percentile *state = MemoryContextAllocZero(memory, sizeof(Percentile));

    if (!(fraction >= 0 && fraction <= 1))
        tsql_error(ERR_10750);
    state->fraction = fraction;
    state->descending = descending;
    state->capacity = 64;
    state->values = MemoryContextAlloc(memory, sizeof(double) * state->capacity);
    return state;
}

Datum
fn_percentile_row(PG_FUNCTION_ARGS)
{
    MemoryContext memory;
    Percentile *state;

    if (!AggCheckCallContext(fcinfo, &memory))
        elog(ERROR, "percentiles are aggregates");
    if (!PG_ARGISNULL(0))
        state = (Percentile *) PG_GETARG_POINTER(0);
    else
        state =
            percentile_new(memory, PG_ARGISNULL(1) ? -1 : PG_GETARG_FLOAT8(1), PG_GETARG_BOOL(3));
    if (!PG_ARGISNULL(2)) {
        if (state->count == state->capacity) {
            state->capacity *= 2;
            state->values = repalloc_huge(state->values, sizeof(double) * state->capacity);
        }
        state->values[state->count++] = PG_GETARG_FLOAT8(2);
        state->sorted = false;
    }
    PG_RETURN_POINTER(state);
}

static int
compare_values(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}

/* The value at `position` of the wanted order. */
static double
value_at(const Percentile *state, int64 position)
{
    return state->values[state->descending ? state->count - 1 - position : position];
}

static Percentile *
sorted_state(FunctionCallInfo fcinfo)
{
    Percentile *state = PG_ARGISNULL(0) ? NULL : (Percentile *) PG_GETARG_POINTER(0);

    if (state == NULL || state->count == 0)
        return NULL;
    if (!state->sorted)
        qsort(state->values, state->count, sizeof(double), compare_values);
    state->sorted = true;
    return state;
}

/* Between the two nearest values, in proportion. */
Datum
fn_percentile_cont(PG_FUNCTION_ARGS)
{
    const Percentile *state = sorted_state(fcinfo);
    double place, low, high;

    if (state == NULL)
        PG_RETURN_NULL();
    place = state->fraction * (double) (state->count - 1);
    low = value_at(state, (int64) floor(place));
    high = value_at(state, (int64) ceil(place));
    PG_RETURN_FLOAT8(low + (place - floor(place)) * (high - low));
}

/* The first value whose share of the rows reaches the fraction. */
Datum
fn_percentile_disc(PG_FUNCTION_ARGS)
{
    const Percentile *state = sorted_state(fcinfo);
    int64 position;

    if (state == NULL)
        PG_RETURN_NULL();
    position = (int64) ceil(state->fraction * (double) state->count) - 1;
    PG_RETURN_FLOAT8(value_at(state, Max(position, 0)));
}
