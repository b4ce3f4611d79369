/*
 * Work of a higher layer as one statement: bulk loads. See execute_work in execute.h.
 */
#include "postgres.h"

#include "context/context.h"
#include "execute/interpreter.h"
#include "utils/snapmgr.h"

static uint64
run_work(uint64 (*work)(void *context), void *context)
{
    StatementGuard guard;
    uint64 count;

    guard_enter(&guard, true);
    PushActiveSnapshot(GetTransactionSnapshot());
    count = work(context);
    PopActiveSnapshot();
    guard_leave(&guard);
    return count;
}

ExecuteOutcome
execute_work(uint64 (*work)(void *context), void *context, uint16 command)
{
    ErrorPoint point;

    error_point(&point);
    PG_TRY();
    {
        uint64 count = run_work(work, context);

        session_context->row_count = (int64) count;
        interpreter.sink->done(interpreter.sink, SINK_DONE, SINK_STATUS_COUNT, command, count);
        request_finish();
    }
    PG_CATCH();
    {
        request_failed(&point, false);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(interpreter.memory);
    return interpreter.outcome;
}
