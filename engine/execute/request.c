/*
 * Requests of the client: a batch, a transaction request, and what surrounds them. RPC requests are
 * in engine/procedures.
 */
#include "postgres.h"

#include "execute/execute.h"

#include "access/xact.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

static char *login_database;    /* where sp_reset_connection goes back to */
static char *unreported_former; /* a reset changed the database: told with the next request */

void
execute_init(void)
{
    program_init();
    session_context_init();
}

MemoryContext
execute_memory(void)
{
    return interpreter.memory;
}

void
execute_begin(ResultSink *sink)
{
    Assert(interpreter.memory == NULL);
    interpreter.memory =
        AllocSetContextCreate(session_memory, "T-SQL request", ALLOCSET_DEFAULT_SIZES);
    MemoryContextSwitchTo(interpreter.memory);
    interpreter.sink = sink;
    interpreter.outcome = EXECUTE_DONE;
    interpreter.frame = NULL;
    interpreter.guard = NULL;
    interpreter.executor_depth = interpreter.econtext_depth = 0;
    interpreter.raise_kind = RAISE_NONE;
    interpreter.committing = interpreter.statement_writes = false;
    session_context->caught_error = NULL;
    session_context->nest_level = 0;
    session_context->procedure_id = 0;
    transaction_ensure();
    if (unreported_former != NULL) {
        sink->environment(sink, SINK_ENV_DATABASE, session_context->database_name,
                          unreported_former);
        pfree(unreported_former);
        unreported_former = NULL;
    }
}

void
execute_end(void)
{
    pins_restore(0);
    while (interpreter.frame != NULL)
        frame_pop(interpreter.frame);
    transaction_settle();
    MemoryContextSwitchTo(TopMemoryContext);
    if (interpreter.memory != NULL)
        MemoryContextDelete(interpreter.memory);
    interpreter.memory = NULL;
    interpreter.sink = NULL;
    /* plans of the current generation refer to what is cached now, others are not run again */
    if (execute_cursor_hooks.exist == NULL || !execute_cursor_hooks.exist())
        catalog_release();
}

/* ---------------------------------------------------------------- the end of a request */

/* A doomed transaction does not outlive its batch (3998); nothing stays open by itself. */
void
request_finish(void)
{
    if (interpreter.doomed && session_context->tran_count > 0) {
        TsqlError error = {.number = 3998, .severity = 16, .state = 1, .line = 1};

        error.message = tsql_error_format(ERR_3998);
        transaction_abandon();
        error_report(&error);
    }
    transaction_settle();
}

/* An error that no list of statements caught: of compiling the batch, or of its end. */
void
request_failed(const ErrorPoint *point, bool by_rpc)
{
    MemoryContext scratch =
        AllocSetContextCreate(interpreter.memory, "T-SQL error", ALLOCSET_SMALL_SIZES);
    ErrorData *edata;
    TsqlError error;

    MemoryContextSwitchTo(scratch);
    edata = CopyErrorData();
    FlushErrorState();
    error = tsql_error_from_pg(edata);
    plan_is_binding = false;
    interpreter.raise_kind = RAISE_NONE;
    interpreter.sink = point->sink;
    interpreter.executor_depth = interpreter.econtext_depth = 0;
    pins_restore(point->pin_count);
    if (interpreter.committing) {
        interpreter.committing = false;
        transaction_abandon();
    } else
        transaction_recover(NULL, false, false);
    while (interpreter.frame != NULL)
        frame_pop(interpreter.frame);
    if (edata->sqlerrcode == ERRCODE_QUERY_CANCELED && interpreter.sink->attention != NULL &&
        interpreter.sink->attention(interpreter.sink)) {
        interpreter.outcome = EXECUTE_ATTENTION;
        return;
    }
    if (edata->sqlerrcode == ERRCODE_QUERY_CANCELED)
        error_of_cancel(&error);
    error_report(&error);
    if (error.severity >= 20)
        interpreter.outcome = EXECUTE_CLOSE;
    interpreter.sink->done(interpreter.sink, by_rpc ? SINK_DONE_PROC : SINK_DONE, SINK_STATUS_ERROR,
                           SINK_COMMAND_NONE, 0);
    MemoryContextSwitchTo(interpreter.memory);
    MemoryContextDelete(scratch);
}

/* ---------------------------------------------------------------- batches */

static Program *
compile_batch(const char *text, size_t length, ParamListInfo *values)
{
    StatementGuard guard;
    Program *program;

    tsql_error_set_line(1);
    guard_enter(&guard, false);
    program = program_for_batch(text, length, values);
    if (guard.subtransaction)
        guard_leave(&guard);
    else
        interpreter.guard = guard.outer;
    return program;
}

static void
run_batch(const char *text, size_t length)
{
    ParamListInfo values = NULL;
    Program *program = compile_batch(text, length, &values);
    Frame *frame;

    if (session_option(OPTION_PARSEONLY) && !program_sets_options(program)) {
        program_unref(program);
        return;
    }
    frame = frame_push(FRAME_BATCH, program, values);
    run_list(frame, program->body);
    frame_pop(frame);
    request_finish();
}

ExecuteOutcome
execute_batch(const char *text, size_t length)
{
    ErrorPoint point;

    error_point(&point);
    PG_TRY();
    {
        run_batch(text, length);
    }
    PG_CATCH();
    {
        request_failed(&point, false);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(interpreter.memory);
    return interpreter.outcome;
}

/* SET PARSEONLY OFF must come through while PARSEONLY is on. */
bool
program_sets_options(const Program *program)
{
    for (int i = 0; i < AST_LIST_COUNT(program->body); i++)
        if (program->body->items[i]->kind == AST_SET_OPTION)
            return true;
    return false;
}

/* ---------------------------------------------------------------- transaction requests */

static void
begin_at(int isolation, const char *name)
{
    if (isolation >= 1 && isolation <= 5) {
        transaction_settle();
        session_context->isolation_level = isolation;
    }
    transaction_begin(name);
}

static void
run_transaction_request(TransactionRequest request,
                        int isolation,
                        const char *name,
                        bool begin_next,
                        int next_isolation)
{
    switch (request) {
    case REQUEST_BEGIN:
        begin_at(isolation, name);
        break;
    case REQUEST_COMMIT:
        transaction_commit();
        break;
    case REQUEST_ROLLBACK:
        transaction_rollback(name);
        break;
    case REQUEST_SAVE:
        transaction_save(name ? name : "");
        break;
    }
    if (begin_next && request != REQUEST_BEGIN)
        begin_at(next_isolation, NULL);
}

ExecuteOutcome
execute_transaction(TransactionRequest request,
                    int isolation,
                    const char *name,
                    bool begin_next,
                    int next_isolation)
{
    static const uint16 commands[] = {SINK_COMMAND_BEGIN_TRAN, SINK_COMMAND_COMMIT,
                                      SINK_COMMAND_ROLLBACK, SINK_COMMAND_NONE};
    ErrorPoint point;

    error_point(&point);
    PG_TRY();
    {
        run_transaction_request(request, isolation, name, begin_next, next_isolation);
        interpreter.sink->done(interpreter.sink, SINK_DONE, 0, commands[request], 0);
    }
    PG_CATCH();
    {
        request_failed(&point, false);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(interpreter.memory);
    return interpreter.outcome;
}

/* ---------------------------------------------------------------- the connection's life */

static void
drop_session_objects(void)
{
    if (execute_cursor_hooks.reset != NULL)
        execute_cursor_hooks.reset();
    if (execute_table_hooks.drop_temporary != NULL) {
        transaction_ensure();
        execute_table_hooks.drop_temporary(0);
    }
    transaction_settle();
}

static void
return_to_login_database(void)
{
    char *former;

    if (login_database == NULL || session_context->database_name == NULL ||
        strcmp(login_database, session_context->database_name) == 0)
        return;
    former = MemoryContextStrdup(session_memory, session_context->database_name);
    transaction_ensure();
    session_use_database(login_database);
    transaction_settle();
    unreported_former = former;
}

void
execute_reset(bool keep_transaction)
{
    int tran_count = session_context->tran_count;

    impersonation_unwind(0);
    if (!keep_transaction && tran_count > 0)
        transaction_abandon();
    if (session_context->tran_count == 0) {
        PG_TRY();
        {
            drop_session_objects();
            return_to_login_database();
        }
        PG_CATCH();
        {
            MemoryContextSwitchTo(session_memory);
            EmitErrorReport(); /* nobody else hears of it */
            FlushErrorState();
            transaction_abandon();
        }
        PG_END_TRY();
    }
    if (execute_reset_procedures != NULL)
        execute_reset_procedures();
    session_context_reset();
    apply_lock_timeout();
    interpreter.in_insert_exec = interpreter.insert_exec_began = false;
}

void
execute_disconnect(void)
{
    transaction_abandon();
    PG_TRY();
    {
        drop_session_objects();
    }
    PG_CATCH();
    {
        FlushErrorState();
        transaction_abandon();
    }
    PG_END_TRY();
}

static const char *
default_database(void)
{
    CatalogPrincipal login;

    if (catalog_login_by_name(session_context->login_name, &login) &&
        login.default_database != NULL)
        return login.default_database;
    return "master";
}

static void
use_or_refuse(const char *database)
{
    PG_TRY();
    {
        session_use_database(database);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(interpreter.memory);
        FlushErrorState();
        tsql_error(ERR_4060, database);
    }
    PG_END_TRY();
}

void
execute_login_database(const char *name, const char *language)
{
    SessionContext *session = session_context;

    use_or_refuse(name != NULL && *name != '\0' ? name : default_database());
    login_database = MemoryContextStrdup(session_memory, session->database_name);
    interpreter.sink->environment(interpreter.sink, SINK_ENV_DATABASE, session->database_name,
                                  "master");
    report_info(5701, 2, tsql_error_format(ERR_5701, session->database_name));
    interpreter.sink->environment(interpreter.sink, SINK_ENV_COLLATION, NULL, NULL);
    if (language == NULL || *language == '\0' || !set_language_by_name(language))
        set_language_by_name("us_english");
}
