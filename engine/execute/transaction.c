/*
 * T-SQL transactions on PostgreSQL's. Outside an explicit transaction each statement that touches
 * the database is one PostgreSQL transaction, committed before its DONE; statements that do not
 * (SET, IF, PRINT) run in whatever is open and commit nothing. BEGIN TRANSACTION opens a
 * PostgreSQL transaction block that lasts until @@TRANCOUNT is 0 again.
 *
 * Inside, a statement that fails is undone alone: it runs in an internal subtransaction when it
 * writes or when something was written before. When nothing was, the whole (empty) PostgreSQL
 * transaction is begun anew instead, which costs nothing until then.
 *
 * A doomed transaction (XACT_STATE() = -1) has lost its PostgreSQL transaction already: it got an
 * empty one to read in, and what it wrote is gone; only ROLLBACK ends it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

static uint64 next_descriptor = 1;

/* ---------------------------------------------------------------- PostgreSQL's transaction */

static int
postgres_isolation(int level)
{
    switch (level) {
    case 3:
    case 5:
        return XACT_REPEATABLE_READ;
    case 4:
        return XACT_SERIALIZABLE;
    default:
        return XACT_READ_COMMITTED;
    }
}

void
transaction_ensure(void)
{
    MemoryContext old = CurrentMemoryContext;

    if (IsTransactionState())
        return;
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    XactIsoLevel = postgres_isolation(session_context->isolation_level);
    MemoryContextSwitchTo(old);
}

/* Makes the open PostgreSQL transaction a block, as other code expects of an explicit one. */
static void
open_block(void)
{
    MemoryContext old = CurrentMemoryContext;

    transaction_ensure();
    BeginTransactionBlock();
    CommitTransactionCommand();
    MemoryContextSwitchTo(old);
}

static void
abort_all(void)
{
    MemoryContext old = CurrentMemoryContext;

    AbortOutOfAnyTransaction();
    MemoryContextSwitchTo(old);
    interpreter.guard = NULL;
}

static void
forget_savepoints(void)
{
    list_free_deep(interpreter.savepoints);
    interpreter.savepoints = NIL;
}

/* Everything of the T-SQL transaction is over. */
static void
count_down_to_zero(SinkTransaction how)
{
    SessionContext *session = session_context;
    uint64 descriptor = session->transaction_descriptor;

    session->tran_count = 0;
    session->xact_state = 0;
    session->transaction_descriptor = 0;
    interpreter.doomed = false;
    forget_savepoints();
    if (execute_cursor_hooks.transaction_end != NULL)
        execute_cursor_hooks.transaction_end(how == SINK_TRAN_COMMIT);
    if (interpreter.sink != NULL && descriptor != 0)
        interpreter.sink->transaction(interpreter.sink, how, descriptor);
}

/* ---------------------------------------------------------------- statements */

void
guard_enter(StatementGuard *guard, bool writes)
{
    SessionContext *session = session_context;
    bool inside = interpreter.executor_depth > 0;
    StatementGuard *kept;

    guard->outer = interpreter.guard;
    guard->subtransaction = false;
    transaction_ensure();
    if (writes && interpreter.doomed)
        tsql_error(ERR_3930);
    /* in a function it is the statement around that is undone */
    if ((inside && interpreter.frame != NULL && interpreter.frame->kind != FRAME_FUNCTION) ||
        (!inside && session->tran_count > 0 && !session_option(OPTION_XACT_ABORT) &&
         !interpreter.doomed &&
         (writes || interpreter.savepoints != NIL || IsolationUsesXactSnapshot() ||
          TransactionIdIsValid(GetTopTransactionIdIfAny())))) {
        MemoryContext old = CurrentMemoryContext;

        BeginInternalSubTransaction(NULL);
        MemoryContextSwitchTo(old);
        guard->subtransaction = true;
    }
    /* An error unwinds the caller's stack before the guard is looked at. */
    kept = MemoryContextAlloc(interpreter.memory ? interpreter.memory : session_memory,
                              sizeof(StatementGuard));
    *kept = *guard;
    interpreter.guard = kept;
}

void
guard_leave(StatementGuard *guard)
{
    Assert(interpreter.guard->outer == guard->outer);
    pfree(interpreter.guard);
    interpreter.guard = guard->outer;
    if (guard->subtransaction) {
        MemoryContext old = CurrentMemoryContext;

        ReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(old);
    }
    if (interpreter.executor_depth > 0 || session_context->tran_count > 0)
        CommandCounterIncrement();
    else
        transaction_settle();
}

void
transaction_settle(void)
{
    MemoryContext old = CurrentMemoryContext;

    if (session_context->tran_count > 0 || interpreter.executor_depth > 0 ||
        interpreter.guard != NULL || !IsTransactionState())
        return;
    interpreter.committing = true;
    CommitTransactionCommand();
    interpreter.committing = false;
    MemoryContextSwitchTo(old);
}

void
transaction_recover(StatementGuard *outer, bool all, bool doom)
{
    SessionContext *session = session_context;
    bool wrote = TransactionIdIsValid(GetTopTransactionIdIfAny());
    bool guarded = false;

    if (interpreter.executor_depth > 0)
        all = false; /* its transaction must live until the executor has ended */
    if (!all) {
        while (interpreter.guard != NULL && interpreter.guard != outer) {
            StatementGuard *guard = interpreter.guard;

            interpreter.guard = guard->outer;
            if (guard->subtransaction) {
                MemoryContext old = CurrentMemoryContext;

                RollbackAndReleaseCurrentSubTransaction();
                MemoryContextSwitchTo(old);
                guarded = true;
            }
        }
        if (guarded) {
            if (doom)
                interpreter.doomed = true;
            session->xact_state = interpreter.doomed ? -1 : session->tran_count > 0;
            return;
        }
    }
    abort_all();
    if (session->tran_count == 0) {
        interpreter.doomed = false;
        return;
    }
    forget_savepoints();
    open_block();
    if (doom || wrote || all)
        interpreter.doomed = true;
    session->xact_state = interpreter.doomed ? -1 : 1;
}

void
transaction_abandon(void)
{
    abort_all();
    if (session_context->tran_count > 0)
        count_down_to_zero(SINK_TRAN_ROLLBACK);
}

/* ---------------------------------------------------------------- the statements themselves */

void
transaction_begin(const char *name)
{
    SessionContext *session = session_context;

    if (session->tran_count == 0) {
        transaction_settle(); /* what ran before is not part of it */
        open_block();
        session->transaction_descriptor = next_descriptor++;
        session->xact_state = 1;
        session->tran_count = 1;
        if (interpreter.sink != NULL)
            interpreter.sink->transaction(interpreter.sink, SINK_TRAN_BEGIN,
                                          session->transaction_descriptor);
    } else
        session->tran_count++;
}

void
transaction_commit(void)
{
    SessionContext *session = session_context;
    MemoryContext old = CurrentMemoryContext;

    if (session->tran_count == 0)
        tsql_error(ERR_3902);
    if (interpreter.doomed)
        tsql_error(ERR_3930);
    if (session->tran_count > 1 || interpreter.executor_depth > 0) {
        session->tran_count--;
        return;
    }
    if (interpreter.in_insert_exec)
        tsql_error(ERR_3916);
    interpreter.committing = true;
    EndTransactionBlock(false);
    CommitTransactionCommand();
    interpreter.committing = false;
    MemoryContextSwitchTo(old);
    count_down_to_zero(SINK_TRAN_COMMIT);
}

static int
savepoint_position(const char *name)
{
    ListCell *cell;

    foreach (cell, interpreter.savepoints)
        if (strcmp(lfirst(cell), name) == 0)
            return foreach_current_index(cell);
    return -1;
}

static void
rollback_to_savepoint(const char *name, int position)
{
    MemoryContext old = CurrentMemoryContext;

    if (interpreter.doomed)
        tsql_error(ERR_3931);
    RollbackToSavepoint(name);
    CommitTransactionCommand();
    MemoryContextSwitchTo(old);
    for (int i = 0; i < position; i++)
        interpreter.savepoints = list_delete_first(interpreter.savepoints);
}

void
transaction_rollback(const char *name)
{
    SessionContext *session = session_context;
    List *kept;

    if (name != NULL && *name != '\0') {
        int position = savepoint_position(name);

        if (position >= 0) {
            rollback_to_savepoint(name, position);
            return;
        }
        if (session->tran_count == 0)
            tsql_error(ERR_3903);
        /* the name of the outermost BEGIN TRANSACTION is not remembered as a savepoint */
        if (interpreter.transaction_name == NULL || strcmp(interpreter.transaction_name, name) != 0)
            tsql_error(ERR_6401, name);
    }
    if (session->tran_count == 0 && interpreter.executor_depth == 0)
        tsql_error(ERR_3903);
    if (interpreter.in_insert_exec)
        tsql_error(ERR_3915);
    if (interpreter.executor_depth > 0) {
        /* in a trigger: the statement that fired it goes too */
        interpreter.doomed = session->tran_count > 0;
        tsql_error(ERR_3609);
    }
    kept = interpreter.doomed ? NIL : table_variables_save();
    abort_all();
    count_down_to_zero(SINK_TRAN_ROLLBACK);
    table_variables_restore(kept);
}

void
transaction_save(const char *name)
{
    MemoryContext old;

    if (session_context->tran_count == 0)
        tsql_error(ERR_628);
    if (interpreter.doomed)
        tsql_error(ERR_3931);
    if (strlen(name) > 32)
        tsql_error(ERR_3932, name, 32);
    old = CurrentMemoryContext;
    DefineSavepoint(name);
    CommitTransactionCommand();
    MemoryContextSwitchTo(session_memory);
    interpreter.savepoints = lcons(pstrdup(name), interpreter.savepoints);
    MemoryContextSwitchTo(old);
}

void
transaction_set_isolation(int level)
{
    session_context->isolation_level = level;
    if (IsTransactionState() && !FirstSnapshotSet && GetCurrentTransactionNestLevel() == 1)
        XactIsoLevel = postgres_isolation(level);
}

/* ---------------------------------------------------------------- from the tree */

static char *
transaction_name(Frame *frame, const AstTransaction *statement)
{
    const ProgramVariable *variable;

    if (statement->name_variable == NULL)
        return statement->name ? pstrdup(statement->name) : NULL;
    variable = &frame->program->variables[frame_variable(frame, statement->name_variable)];
    if (!sql_type_is_string(variable->type.id))
        tsql_error(ERR_3914, sql_type_format(&variable->type));
    return frame_variable_text(frame, statement->name_variable);
}

static void
remember_name(const char *name)
{
    if (interpreter.transaction_name != NULL)
        pfree(interpreter.transaction_name);
    interpreter.transaction_name = name ? MemoryContextStrdup(session_memory, name) : NULL;
}

Flow
run_transaction(Frame *frame, const AstNode *node)
{
    const AstTransaction *statement = (const AstTransaction *) node;
    char *name = transaction_name(frame, statement);
    bool outermost = session_context->tran_count == 0;

    session_context->row_count = 0;
    switch (statement->action) {
    case TRANSACTION_BEGIN:
        transaction_begin(name);
        if (outermost)
            remember_name(name);
        report_done(frame, SINK_COMMAND_BEGIN_TRAN, false, 0);
        break;
    case TRANSACTION_COMMIT:
        transaction_commit();
        report_done(frame, SINK_COMMAND_COMMIT, false, 0);
        break;
    case TRANSACTION_ROLLBACK:
        transaction_rollback(name);
        report_done(frame, SINK_COMMAND_ROLLBACK, false, 0);
        break;
    case TRANSACTION_SAVE:
        transaction_save(name != NULL ? name : "");
        report_done(frame, SINK_COMMAND_NONE, false, 0);
        break;
    }
    return FLOW_NEXT;
}
