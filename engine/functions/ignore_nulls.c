/*
 * FIRST_VALUE, LAST_VALUE, LAG and LEAD with IGNORE NULLS: they walk the frame or the partition to
 * the first value that is not NULL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "windowapi.h"

PG_FUNCTION_INFO_V1(fn_first_not_null);
PG_FUNCTION_INFO_V1(fn_last_not_null);
PG_FUNCTION_INFO_V1(fn_lag_not_null);
PG_FUNCTION_INFO_V1(fn_lead_not_null);

static Datum
in_frame(FunctionCallInfo fcinfo, int seek, int step)
{
    WindowObject window = PG_WINDOW_OBJECT();
    bool is_null = true, is_out = false;

    for (int64 at = 0; !is_out; at += step) {
        Datum value;

        CHECK_FOR_INTERRUPTS();
        value = WinGetFuncArgInFrame(window, 0, (int) at, seek, false, &is_null, &is_out);
        if (!is_out && !is_null)
            return value;
    }
    PG_RETURN_NULL();
}

Datum
fn_first_not_null(PG_FUNCTION_ARGS)
{
    return in_frame(fcinfo, WINDOW_SEEK_HEAD, 1);
}

Datum
fn_last_not_null(PG_FUNCTION_ARGS)
{
    return in_frame(fcinfo, WINDOW_SEEK_TAIL, -1);
}

/* The n-th value that is not NULL before or after the row; the default when there are fewer. */
static Datum
in_partition(FunctionCallInfo fcinfo, int step)
{
    WindowObject window = PG_WINDOW_OBJECT();
    bool is_null = false, is_out = false;
    int wanted = 1;
    Datum value;

    if (PG_NARGS() > 1)
        wanted = DatumGetInt32(WinGetFuncArgCurrent(window, 1, &is_null));
    if (is_null)
        PG_RETURN_NULL();
    if (wanted < 0) {
        wanted = -wanted;
        step = -step;
    }
    if (wanted == 0) {
        value = WinGetFuncArgCurrent(window, 0, &is_null);
        if (is_null)
            PG_RETURN_NULL();
        return value;
    }
    for (int64 at = step; !is_out; at += step) {
        CHECK_FOR_INTERRUPTS();
        value = WinGetFuncArgInPartition(window, 0, (int) at, WINDOW_SEEK_CURRENT, false, &is_null,
                                         &is_out);
        if (!is_out && !is_null && --wanted == 0)
            return value;
    }
    if (PG_NARGS() > 2) {
        value = WinGetFuncArgCurrent(window, 2, &is_null);
        if (!is_null)
            return value;
    }
    PG_RETURN_NULL();
}

Datum
fn_lag_not_null(PG_FUNCTION_ARGS)
{
    return in_partition(fcinfo, -1);
}

Datum
fn_lead_not_null(PG_FUNCTION_ARGS)
{
    return in_partition(fcinfo, 1);
}
