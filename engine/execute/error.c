/*
 * What happens when an error is caught: the transaction is repaired, then the error goes to the
 * nearest TRY or to the client, and the statement, the scope or the whole batch ends, as SQL Server
 * does for its number and SET XACT_ABORT.
 */
#include "postgres.h"

#include "access/xact.h"
#include "context/context.h"
#include "context/counters.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "miscadmin.h"
#include "utils/memutils.h"

void
error_point(ErrorPoint *point)
{
    point->frame = interpreter.frame;
    point->memory = CurrentMemoryContext;
    point->guard = interpreter.guard;
    point->executor_depth = interpreter.executor_depth;
    point->econtext_depth = interpreter.econtext_depth;
    point->pin_count = interpreter.pin_count;
    point->sink = interpreter.sink;
    point->in_insert_exec = interpreter.in_insert_exec;
    point->insert_exec_began = interpreter.insert_exec_began;
    point->caught_error = session_context->caught_error;
    point->try_depth = interpreter.frame ? interpreter.frame->try_depth : 0;
}

void
error_free(CaughtError *error)
{
    MemoryContextDelete(error->memory);
}

static CaughtError *
error_keep(const TsqlError *error)
{
    MemoryContext memory =
        AllocSetContextCreate(interpreter.memory, "T-SQL error", ALLOCSET_SMALL_SIZES);
    CaughtError *kept = MemoryContextAllocZero(memory, sizeof(CaughtError));

    kept->memory = memory;
    kept->error = *error;
    kept->error.message = MemoryContextStrdup(memory, error->message);
    kept->error.procedure = error->procedure ? MemoryContextStrdup(memory, error->procedure) : NULL;
    return kept;
}

void
error_report(const TsqlError *error)
{
    if (error->severity > 10) {
        session_context->error = error->number;
        counter_add(COUNTER_ERRORS, 1);
        if (error->number == ERR_1222)
            counter_add(COUNTER_LOCK_TIMEOUTS, 1);
        else if (error->number == ERR_1205)
            counter_add(COUNTER_DEADLOCKS, 1);
    }
    interpreter.sink->message(interpreter.sink, error);
}

/* SQL Server's TRY does not catch errors of compiling in its own scope, only in inner ones. */
bool
error_has_catcher(const Frame *frame, bool compile_error)
{
    bool own = true;

    for (; frame != NULL; frame = frame->parent) {
        if (frame->try_depth > 0 && !(own && compile_error))
            return true;
        if (frame->kind == FRAME_FUNCTION || frame->kind == FRAME_TRIGGER)
            return false;
        own = false;
    }
    return false;
}

static bool
passes_executor(const Frame *frame)
{
    for (; frame != NULL; frame = frame->parent)
        if (frame->kind == FRAME_FUNCTION || frame->kind == FRAME_TRIGGER)
            return true;
    return false;
}

/* The name that the message carries: that of the innermost module. */
static const char *
procedure_of(const Frame *frame)
{
    for (; frame != NULL; frame = frame->parent) {
        if (frame->program->name != NULL)
            return frame->program->name;
        if (frame->kind == FRAME_TEXT)
            return NULL;
    }
    return NULL;
}

static const char *
keep_procedure_name(const Frame *frame, MemoryContext memory)
{
    const char *name = procedure_of(frame);

    return name ? MemoryContextStrdup(memory, name) : NULL;
}

/* Triggers that the error has left no longer count a transaction of their own. */
static void
uncount_triggers(const Frame *frame)
{
    for (Frame *inner = interpreter.frame; inner != NULL && inner != frame; inner = inner->parent)
        if (inner->counts_transaction) {
            inner->counts_transaction = false;
            session_context->tran_count = session_context->xact_state = 0;
        }
}

/* Frames above `frame` ended without popping: an error jumped over them. */
static void
unwind_frames(Frame *frame)
{
    while (interpreter.frame != NULL && interpreter.frame != frame)
        frame_pop(interpreter.frame);
}

bool (*execute_time_limit_hook)(int *seconds, int *limit);

/* PostgreSQL says only that a request was cancelled; why makes another error of it. */
void
error_of_cancel(TsqlError *error)
{
    int seconds, limit;

    if (room_error_of_cancel(error))
        return;
    if (execute_time_limit_hook == NULL || !execute_time_limit_hook(&seconds, &limit))
        return;
    error->number = ERR_8649;
    tsql_error_text(error->number, &error->severity);
    error->message = tsql_error_format(ERR_8649, seconds, limit);
}

static Flow
cancelled(const ErrorPoint *point, TsqlError *error, bool clean)
{
    ResultSink *sink = interpreter.sink;

    if (session_option(OPTION_XACT_ABORT))
        transaction_abandon();
    else if (!clean)
        transaction_recover(point->guard, false, false);
    unwind_frames(point->frame);
    if (sink->attention != NULL && sink->attention(sink))
        interpreter.outcome = EXECUTE_ATTENTION;
    else {
        error_of_cancel(error);
        error_report(error);
        report_failed_done(point->frame);
    }
    return FLOW_ABORT;
}

/* What the error ends; RAISERROR ends nothing, THROW the batch. */
static ErrorReach
reach_of(const TsqlError *error, RaiseKind kind)
{
    if (error->severity >= 20)
        return REACH_CONNECTION;
    switch (kind) {
    case RAISE_RAISERROR:
    case RAISE_INNER:
        return REACH_STATEMENT;
    case RAISE_THROW:
        return REACH_BATCH;
    default:
        return tsql_error_reach(error->number, error->severity);
    }
}

/* Rolls back as much as the error's reach asks for. Returns whether the batch must end. */
static bool
repair(const ErrorPoint *point, ErrorReach reach, bool has_catcher, bool abort_option, bool clean)
{
    bool gives_up = reach >= REACH_TRANSACTION || abort_option;

    if (interpreter.committing) {
        interpreter.committing = false;
        transaction_abandon();
        return true;
    }
    if (session_context->tran_count == 0 || !gives_up) {
        if (!clean)
            transaction_recover(point->guard, false, false);
        return reach >= REACH_BATCH || abort_option;
    }
    if (has_catcher)
        transaction_recover(point->guard, true, true);
    else
        transaction_abandon();
    return true;
}

void
report_failed_done(const Frame *frame)
{
    bool in_procedure = frame->parent != NULL || frame->kind != FRAME_BATCH;

    if (!in_procedure && interpreter.by_rpc)
        return; /* the RPC's own DONEPROC tells */
    interpreter.sink->done(interpreter.sink, in_procedure ? SINK_DONE_IN_PROC : SINK_DONE,
                           SINK_STATUS_ERROR, SINK_COMMAND_NONE, 0);
}

/* The statement ended in an error that nobody caught: its DONE, and whether to go on. */
static Flow
report_uncaught(Frame *frame, const TsqlError *error, bool ends_batch, bool compile, bool writes)
{
    error_report(error);
    if (error->severity >= 20) {
        interpreter.outcome = EXECUTE_CLOSE;
        return FLOW_ABORT;
    }
    if (writes && !ends_batch && !compile)
        report_info(3621, 0, tsql_error_format(ERR_3621));
    session_context->row_count = 0;
    report_failed_done(frame);
    if (ends_batch)
        return FLOW_ABORT;
    if (compile) {
        /* ends this scope; the caller goes on */
        frame->return_status = -6;
        return FLOW_RETURN;
    }
    return FLOW_NEXT;
}

Flow
caught_error(Frame *frame, const ErrorPoint *point)
{
    MemoryContext scratch;
    ErrorData *edata;
    TsqlError error;
    ErrorReach reach;
    bool compile = plan_is_binding, clean;
    bool writes = interpreter.statement_writes, has_catcher, ends_batch, abort_option;
    RaiseKind raise_kind = interpreter.raise_kind;

    MemoryContextSwitchTo(interpreter.memory);
    scratch = AllocSetContextCreate(interpreter.memory, "T-SQL error", ALLOCSET_SMALL_SIZES);
    MemoryContextSwitchTo(scratch);
    edata = CopyErrorData();
    plan_is_binding = false;
    interpreter.statement_writes = false;
    interpreter.raise_kind = RAISE_NONE;
    error = tsql_error_from_pg(edata);
    has_catcher = error_has_catcher(interpreter.frame, compile) && error.severity < 20;
    if (passes_executor(frame) && !has_catcher) {
        /* the statement that runs the function or trigger deals with it */
        MemoryContextSwitchTo(point->memory);
        PG_RE_THROW();
    }
    FlushErrorState();
    if (interpreter.raise_procedure != NULL)
        error.procedure = MemoryContextStrdup(scratch, interpreter.raise_procedure);
    interpreter.raise_procedure = NULL;
    if (error.procedure == NULL)
        error.procedure = keep_procedure_name(interpreter.frame, scratch);
    if (error.number == 3609) {
        /* told of the statement that fired the trigger */
        error.procedure = keep_procedure_name(frame, scratch);
        error.line = frame->line;
    }
    uncount_triggers(frame);
    reach = reach_of(&error, raise_kind);
    abort_option = session_option(OPTION_XACT_ABORT) && raise_kind != RAISE_RAISERROR && !compile;

    /* raised by the interpreter itself, outside any statement's guard: nothing to undo */
    clean = interpreter.guard == point->guard && !interpreter.committing &&
            (!compile || session_context->tran_count > 0);
    session_context->caught_error = point->caught_error;
    interpreter.sink = point->sink;
    interpreter.executor_depth = point->executor_depth;
    interpreter.econtext_depth = point->econtext_depth;
    pins_restore(point->pin_count);
    if (edata->sqlerrcode == ERRCODE_QUERY_CANCELED)
        return cancelled(point, &error, clean);

    ends_batch = repair(point, reach, has_catcher, abort_option, clean);
    if (interpreter.insert_exec_began && !point->insert_exec_began)
        transaction_abandon(); /* the transaction that INSERT ... EXEC opened for itself */
    interpreter.in_insert_exec = point->in_insert_exec;
    interpreter.insert_exec_began = point->insert_exec_began;
    if (compile && reach == REACH_BATCH)
        ends_batch = frame->parent == NULL;
    unwind_frames(frame);
    frame->try_depth = point->try_depth;
    session_context->nest_level = frame->nest_level;
    MemoryContextReset(frame->statement);
    MemoryContextSwitchTo(scratch);
    session_context->error = error.number;
    if (has_catcher) {
        interpreter.error = error_keep(&error);
        interpreter.error_skips_scope = compile && frame->try_depth > 0;
        MemoryContextSwitchTo(point->memory);
        MemoryContextDelete(scratch);
        return FLOW_ERROR;
    }
    MemoryContextSwitchTo(scratch);
    {
        Flow flow = report_uncaught(frame, &error, ends_batch, compile, writes);

        MemoryContextSwitchTo(point->memory);
        MemoryContextDelete(scratch);
        return flow;
    }
}
