/*
 * The heart of the interpreter: running lists of statements and dispatching each to its function.
 * Flow and error rules are told in interpreter.h.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

Interpreter interpreter;
TableHooks execute_table_hooks;
TriggerHooks execute_trigger_hooks;
CursorHooks execute_cursor_hooks;
SystemProcedure (*execute_system_procedure)(const char *name, int procedure_id);
void (*execute_reset_procedures)(void);

/* ---------------------------------------------------------------- registered statements */

typedef struct RegisteredStatement {
    StatementHandler handler;
    bool writes;
} RegisteredStatement;

#define KIND_COUNT (AST_WINDOW + 1)
static RegisteredStatement registered[KIND_COUNT];
static InsertBulkHandler insert_bulk_handler;

void
execute_register_statement(AstKind kind, StatementHandler handler, bool writes)
{
    registered[kind] = (RegisteredStatement){handler, writes};
}

void
execute_register_insert_bulk(InsertBulkHandler handler)
{
    insert_bulk_handler = handler;
}

/* IMPLICIT_TRANSACTIONS: these statements open a transaction. */
static bool
opens_transaction(AstKind kind)
{
    switch (kind) {
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
    case AST_TRUNCATE:
    case AST_QUERY_STATEMENT:
    case AST_OPEN_CURSOR:
    case AST_FETCH_CURSOR:
    case AST_CREATE_TABLE:
    case AST_ALTER_TABLE:
    case AST_DROP:
    case AST_PERMISSION:
    case AST_CREATE_INDEX:
    case AST_CREATE_VIEW:
    case AST_CREATE_PROCEDURE:
    case AST_CREATE_FUNCTION:
        return true;
    default:
        return false;
    }
}

static void
begin_implicitly(const AstNode *statement)
{
    if (session_option(OPTION_IMPLICIT_TRANSACTIONS) && session_context->tran_count == 0 &&
        interpreter.executor_depth == 0 && opens_transaction(statement->kind))
        transaction_begin(NULL);
}

/* How a statement begins, for the message that it is not supported. */
static char *
first_words(const Program *program, const AstNode *statement)
{
    const char *text = program->text + statement->start;
    uint32 length = 0, words = 0;

    while (statement->start + length < program->text_length && length < 40) {
        if ((text[length] == ' ' || text[length] == '\n') && ++words == 2)
            break;
        length++;
    }
    return pnstrdup(text, length);
}

static Flow
run_registered(Frame *frame, const AstNode *statement)
{
    const RegisteredStatement *entry = &registered[statement->kind];
    StatementResult result = {0};
    StatementGuard guard;

    if (entry->handler == NULL)
        tsql_error(ERR_40517, first_words(frame->program, statement));
    guard_enter(&guard, entry->writes);
    execute_room_done();
    if (statement->kind == AST_CREATE_TABLE || statement->kind == AST_CREATE_INDEX ||
        statement->kind == AST_ALTER_TABLE || statement->kind == AST_CREATE_DATABASE)
        execute_room_require("sys.objects");
    PushActiveSnapshot(GetTransactionSnapshot());
    entry->handler(frame, statement, frame->program->text, frame->program->text_length, &result);
    if (ActiveSnapshotSet())
        PopActiveSnapshot();
    guard_leave(&guard);
    if (!result.no_done) {
        session_context->row_count = result.has_count ? (int64) result.row_count : 0;
        report_done(frame, result.command ? result.command : SINK_COMMAND_OTHER, result.has_count,
                    result.row_count);
    }
    return FLOW_NEXT;
}

static Flow
run_truncate(Frame *frame, const AstTruncate *statement)
{
    StatementGuard guard;
    BindContext context;
    CatalogObject object;

    guard_enter(&guard, true);
    program_bind_context(frame->program, &frame->scope, &context);
    if (!catalog_find_object(context.database, context.default_schema, statement->table.database,
                             statement->table.schema, statement->table.object, false, &object) ||
        execute_table_hooks.truncate == NULL)
        tsql_error(ERR_4701, statement->table.object);
    if (!catalog_permission_check(&object, "ALTER", 0))
        tsql_error_state(ERR_1088, 7, statement->table.object);
    PushActiveSnapshot(GetTransactionSnapshot());
    execute_table_hooks.truncate(catalog_relation(&object));
    PopActiveSnapshot();
    guard_leave(&guard);
    session_context->row_count = 0;
    report_done(frame, SINK_COMMAND_OTHER, false, 0);
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- dispatch */

static Flow
dispatch(Frame *frame, const AstNode *statement)
{
    switch (statement->kind) {
    case AST_QUERY_STATEMENT:
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
        return run_query(frame, statement);
    case AST_TRUNCATE:
        return run_truncate(frame, (const AstTruncate *) statement);
    case AST_SET_VARIABLE:
        return run_set_variable(frame, (const AstSetVariable *) statement);
    case AST_DECLARE:
        return run_declare(frame, (const AstDeclare *) statement);
    case AST_IF:
        return run_if(frame, (const AstIf *) statement);
    case AST_WHILE:
        return run_while(frame, (const AstWhile *) statement);
    case AST_BLOCK:
        return run_list(frame, ((const AstBlock *) statement)->statements);
    case AST_BREAK:
        return FLOW_BREAK;
    case AST_CONTINUE:
        return FLOW_CONTINUE;
    case AST_LABEL:
        if (frame->goto_label != NULL &&
            pg_strcasecmp(frame->goto_label, ((const AstLabel *) statement)->name) == 0)
            frame->goto_label = NULL;
        return FLOW_NEXT;
    case AST_GOTO:
        frame->goto_label = ((const AstLabel *) statement)->name;
        return FLOW_GOTO;
    case AST_RETURN:
        return run_return(frame, (const AstReturn *) statement);
    case AST_TRY_CATCH:
        return run_try_catch(frame, (const AstTryCatch *) statement);
    case AST_THROW:
        return run_throw(frame, (const AstThrow *) statement);
    case AST_RAISERROR:
        return run_raiserror(frame, (const AstRaiserror *) statement);
    case AST_PRINT:
        return run_print(frame, (const AstPrint *) statement);
    case AST_WAITFOR:
        return run_waitfor(frame, (const AstWaitfor *) statement);
    case AST_EXECUTE:
        return run_execute(frame, (const AstExecute *) statement);
    case AST_TRANSACTION:
        return run_transaction(frame, statement);
    case AST_EXECUTE_AS:
        return run_execute_as(frame, (const AstExecuteAs *) statement);
    case AST_USE:
        return run_use(frame, (const AstUse *) statement);
    case AST_SET_OPTION:
        return run_set_option(frame, (const AstSetOption *) statement);
    case AST_CHECKPOINT:
    case AST_RECONFIGURE:
        if (registered[statement->kind].handler == NULL)
            return FLOW_NEXT;
        return run_registered(frame, statement);
    case AST_INSERT_BULK:
        if (insert_bulk_handler != NULL) {
            transaction_ensure(); /* a statement before it has committed its own */
            insert_bulk_handler((const AstInsertBulk *) statement);
            report_done(frame, SINK_COMMAND_NONE, false, 0);
            return FLOW_NEXT;
        }
        return run_registered(frame, statement);
    default:
        return run_registered(frame, statement);
    }
}

Flow
run_statement(Frame *frame, const AstNode *statement)
{
    Flow flow;

    CHECK_FOR_INTERRUPTS();
    tsql_error_set_line(statement->line);
    frame->line = statement->line;
    if (session_context->options &
        (OPTION_IMPLICIT_TRANSACTIONS | OPTION_NOEXEC | OPTION_PARSEONLY)) {
        if ((session_context->options & (OPTION_NOEXEC | OPTION_PARSEONLY)) != 0 &&
            statement->kind != AST_SET_OPTION)
            return FLOW_NEXT;
        begin_implicitly(statement);
    }
    MemoryContextSwitchTo(frame->statement);
    flow = dispatch(frame, statement);
    switch (statement->kind) {
    case AST_IF:
    case AST_WHILE:
    case AST_BLOCK:
    case AST_TRY_CATCH:
    case AST_GOTO:
    case AST_LABEL:
    case AST_BREAK:
    case AST_CONTINUE:
    case AST_DECLARE:
    case AST_RAISERROR:
    case AST_EXECUTE:
        break;
    default:
        session_context->error = 0;
        break;
    }
    MemoryContextReset(frame->statement);
    return flow;
}

/* ---------------------------------------------------------------- lists */

/* Runs on from *position; errors leave it at the statement that failed. */
static Flow
run_from(Frame *frame, const AstList *statements, volatile int *position)
{
    int label;

    if (frame->goto_label != NULL && list_has_label(statements, frame->goto_label, &label))
        *position = label;
    while (*position < AST_LIST_COUNT(statements)) {
        Flow flow = run_statement(frame, statements->items[*position]);

        if (flow == FLOW_GOTO) {
            int index;

            if (!list_has_label(statements, frame->goto_label, &index))
                return flow;
            CHECK_FOR_INTERRUPTS();
            *position = index;
            continue;
        }
        if (flow != FLOW_NEXT)
            return flow;
        (*position)++;
    }
    return FLOW_NEXT;
}

Flow
run_list(Frame *frame, const AstList *statements)
{
    volatile int position = 0;
    volatile Flow flow = FLOW_NEXT;
    ErrorPoint point;

    check_stack_depth();
    if (frame->kind == FRAME_FUNCTION)
        return run_from(frame, statements, &position);
    error_point(&point);
    while (position < AST_LIST_COUNT(statements)) {
        volatile bool failed = false;

        PG_TRY();
        {
            flow = run_from(frame, statements, &position);
        }
        PG_CATCH();
        {
            failed = true;
            flow = caught_error(frame, &point);
        }
        PG_END_TRY();
        if (!failed || flow != FLOW_NEXT)
            break;
        position++;
    }
    MemoryContextSwitchTo(point.memory);
    return flow;
}

Flow
run_body(Frame *frame, const AstNode *body)
{
    AstNode *items[1] = {(AstNode *) body};
    AstList list = {1, 1, items};

    if (body->kind == AST_BLOCK)
        return run_list(frame, ((const AstBlock *) body)->statements);
    return run_list(frame, &list);
}

/* ---------------------------------------------------------------- what the client is told */

/*
 * A statement's DONE: DONE in a batch, DONEINPROC in a procedure, where NOCOUNT leaves it out for
 * statements without rows.
 */
void
report_done(Frame *frame, uint16 command, bool has_count, uint64 count)
{
    bool in_procedure = frame->parent != NULL || frame->kind != FRAME_BATCH;
    bool no_count = session_option(OPTION_NOCOUNT);
    uint16 status = has_count && !no_count ? SINK_STATUS_COUNT : 0;

    if (frame->kind == FRAME_FUNCTION)
        return;
    if (in_procedure && no_count && command != SINK_COMMAND_SELECT)
        return;
    interpreter.sink->done(interpreter.sink, in_procedure ? SINK_DONE_IN_PROC : SINK_DONE, status,
                           command, has_count ? count : 0);
}

void
report_info(int number, int state, const char *message)
{
    TsqlError info = {.number = number, .severity = 0, .state = state, .message = message};

    info.line = tsql_error_set_line(0);
    tsql_error_set_line(info.line);
    for (const Frame *frame = interpreter.frame; frame != NULL; frame = frame->parent)
        if (frame->program->name != NULL) {
            info.procedure = frame->program->name;
            break;
        }
    interpreter.sink->message(interpreter.sink, &info);
}
