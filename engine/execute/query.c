/*
 * Running bound statements: SELECT, INSERT, UPDATE, DELETE, MERGE. No portal: the executor is
 * started, run and ended here, its rows go through a DestReceiver to the sink, to variables, to a
 * new table, or are captured for OUTPUT ... INTO.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "pgcompat/pgcompat.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* ---------------------------------------------------------------- the receiver */

typedef struct QueryReceiver {
    DestReceiver pub;
    Frame *frame;
    BoundStatement *bound;
    ResultSink *sink;
    int *variables; /* per assignment: index of the variable */
    bool to_client;
    uint64 rows;
    CapturedRows *output; /* OUTPUT ... INTO */
    bool identity_seen, identity_null;
    int64 identity;
    int64 identity_low, identity_high;
    /* SELECT INTO */
    Relation into;
    BulkInsertState bulk;
    CommandId command;
} QueryReceiver;

static void
assign_row(QueryReceiver *receiver, TupleTableSlot *slot)
{
    BoundStatement *bound = receiver->bound;

    for (int i = 0; i < bound->assignment_count; i++) {
        bool is_null;
        Datum value = slot_getattr(slot, bound->assignments[i].column + 1, &is_null);

        frame_assign(receiver->frame, receiver->variables[i], value, is_null);
    }
}

static void
capture_row(QueryReceiver *receiver, TupleTableSlot *slot)
{
    BoundStatement *bound = receiver->bound;
    int first = Max(bound->output_into_first - 1, 0);

    slot_getallattrs(slot);
    tuplestore_putvalues(receiver->output->store, receiver->output->descriptor,
                         slot->tts_values + first, slot->tts_isnull + first);
}

static int64
identity_value(TupleTableSlot *slot, int column, bool *is_null)
{
    Form_pg_attribute attribute = TupleDescAttr(slot->tts_tupleDescriptor, column - 1);
    Datum value = slot_getattr(slot, column, is_null);
    SqlType type, wide;
    bool converted_null;

    if (*is_null)
        return 0;
    switch (attribute->atttypid) {
    case INT2OID:
        return DatumGetInt16(value);
    case INT4OID:
        return DatumGetInt32(value);
    case INT8OID:
        return DatumGetInt64(value);
    default:
        type = sql_type_from_pg(attribute->atttypid, attribute->atttypmod, attribute->attcollation);
        wide = sql_type_make(SQL_BIGINT);
        return DatumGetInt64(
            sql_convert_datum(value, false, &type, &wide, CONVERSION_EXPLICIT, 0, &converted_null));
    }
}

static void
note_identity(QueryReceiver *receiver, TupleTableSlot *slot)
{
    bool is_null;
    int64 value = identity_value(slot, receiver->bound->identity_output, &is_null);

    if (is_null && receiver->bound->kind == BOUND_MERGE)
        return; /* a row that was updated or deleted */
    receiver->identity_null = is_null;
    if (!receiver->identity_null) {
        if (!receiver->identity_seen || value < receiver->identity_low)
            receiver->identity_low = value;
        if (!receiver->identity_seen || value > receiver->identity_high)
            receiver->identity_high = value;
        receiver->identity = value;
    }
    receiver->identity_seen = true;
}

/* Values given with IDENTITY_INSERT that pass the counter move it on. */
static void
move_identity_on(const QueryReceiver *receiver)
{
    const CatalogRelation *target = receiver->bound->target;
    List *sequences = getOwnedSequences(target->object.relation);
    bool down = target->columns[target->identity_column].identity_increment < 0;
    int64 reached = down ? receiver->identity_low : receiver->identity_high;
    LOCAL_FCINFO(call, 1);
    Datum last;

    if (sequences == NIL)
        return;
    InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
    call->args[0].value = ObjectIdGetDatum(linitial_oid(sequences));
    call->args[0].isnull = false;
    last = pg_sequence_last_value(call);
    if (call->isnull || (down ? reached < DatumGetInt64(last) : reached > DatumGetInt64(last)))
        DirectFunctionCall2(setval_oid, ObjectIdGetDatum(linitial_oid(sequences)),
                            Int64GetDatum(reached));
}

static bool
query_receive(TupleTableSlot *slot, DestReceiver *self)
{
    QueryReceiver *receiver = (QueryReceiver *) self;
    BoundStatement *bound = receiver->bound;

    receiver->rows++;
    if (bound->assignment_count > 0)
        assign_row(receiver, slot);
    if (bound->identity_output > 0)
        note_identity(receiver, slot);
    if (receiver->output != NULL)
        capture_row(receiver, slot);
    if (receiver->into != NULL) {
        table_tuple_insert(receiver->into, slot, receiver->command, 0, receiver->bulk);
        return true;
    }
    if (receiver->to_client)
        return receiver->sink->row(receiver->sink, slot);
    return true;
}

static void
query_startup(DestReceiver *self, int operation, TupleDesc descriptor)
{
}

static void
query_shutdown(DestReceiver *self)
{
}

static QueryReceiver *
receiver_new(Frame *frame, BoundStatement *bound)
{
    QueryReceiver *receiver = palloc0(sizeof(QueryReceiver));

    receiver->pub =
        (DestReceiver){query_receive, query_startup, query_shutdown, query_shutdown, DestNone};
    receiver->frame = frame;
    receiver->bound = bound;
    receiver->sink = interpreter.sink;
    if (bound->assignment_count > 0) {
        receiver->variables = palloc(sizeof(int) * bound->assignment_count);
        for (int i = 0; i < bound->assignment_count; i++)
            receiver->variables[i] = frame_variable(frame, bound->assignments[i].variable);
    }
    return receiver;
}

/* ---------------------------------------------------------------- the executor */

/*
 * Runs a plan in the snapshot that is active or a new one. Returns the rows that INSERT, UPDATE,
 * DELETE, MERGE changed, or that SELECT gave.
 */
uint64
execute_plan(
    Frame *frame, StatementPlan *plan, PlannedStmt *planned, DestReceiver *receiver, int64 limit)
{
    QueryDesc *query;
    uint64 processed;
    bool pushed = false;

    if (frame->kind == FRAME_FUNCTION && ActiveSnapshotSet()) {
        /* the caller's rows, and those that the function has put into its own tables */
        PushCopiedSnapshot(GetActiveSnapshot());
        UpdateActiveSnapshotCommandId();
        pushed = true;
    } else if (plan->writes || !ActiveSnapshotSet() || interpreter.executor_depth > 0) {
        /* a trigger's body sees what the statement that fired it wrote */
        PushActiveSnapshot(GetTransactionSnapshot());
        pushed = true;
    }
    query = CreateQueryDesc(planned, frame->program->text ? frame->program->text : "",
                            GetActiveSnapshot(), InvalidSnapshot, receiver, frame->params,
                            frame->environment, 0);
    if (plan->bound != NULL && plan->bound->ignores_duplicates)
        query->instrument_options = INSTRUMENT_ROWS; /* counts the rows left out */
    interpreter.executor_depth++;
    ExecutorStart(query, 0);
    pgcompat_executor_run(query, limit);
    processed = query->estate->es_processed;
    ExecutorFinish(query);
    if (query->instrument_options != 0 && query->planstate->instrument != NULL &&
        query->planstate->instrument->ntuples2 > 0)
        report_info(3604, 1, tsql_error_format(ERR_3604));
    ExecutorEnd(query);
    interpreter.executor_depth--;
    FreeQueryDesc(query);
    if (pushed)
        PopActiveSnapshot();
    return processed;
}

/* ---------------------------------------------------------------- SELECT INTO */

static void
open_into(Frame *frame, QueryReceiver *receiver, BoundStatement *bound)
{
    const CatalogRelation *relation;
    BindContext context;

    if (execute_table_hooks.make_into == NULL)
        tsql_error(ERR_40517, "INTO");
    program_bind_context(frame->program, &frame->scope, &context);
    relation =
        execute_table_hooks.make_into(bound->into, bound->columns, bound->column_count, &context);
    CommandCounterIncrement();
    receiver->into = table_open(relation->object.relation, RowExclusiveLock);
    receiver->bulk = GetBulkInsertState();
    receiver->command = GetCurrentCommandId(true);
}

static void
close_into(QueryReceiver *receiver)
{
    FreeBulkInsertState(receiver->bulk);
    table_finish_bulk_insert(receiver->into, 0);
    table_close(receiver->into, NoLock);
    receiver->into = NULL;
}

/* ---------------------------------------------------------------- statements */

static uint16
command_of(const BoundStatement *bound)
{
    switch (bound->kind) {
    case BOUND_SELECT:
    case BOUND_ASSIGN:
        return SINK_COMMAND_SELECT;
    case BOUND_SELECT_INTO:
        return SINK_COMMAND_SELECT_INTO;
    case BOUND_INSERT:
        return SINK_COMMAND_INSERT;
    case BOUND_UPDATE:
        return SINK_COMMAND_UPDATE;
    case BOUND_DELETE:
        return SINK_COMMAND_DELETE;
    case BOUND_MERGE:
        return SINK_COMMAND_MERGE;
    }
    return SINK_COMMAND_NONE;
}

static const char *
verb_of(const BoundStatement *bound)
{
    switch (bound->kind) {
    case BOUND_INSERT:
    case BOUND_SELECT_INTO:
        return "INSERT";
    case BOUND_UPDATE:
        return "UPDATE";
    case BOUND_DELETE:
        return "DELETE";
    case BOUND_MERGE:
        return "MERGE";
    default:
        return "SELECT";
    }
}

static bool
is_dml(const BoundStatement *bound)
{
    return bound->kind >= BOUND_INSERT;
}

static bool
fires_triggers(const BoundStatement *bound)
{
    const CatalogRelation *target = bound->target;

    if (target == NULL || execute_trigger_hooks.begin == NULL)
        return false;
    switch (bound->kind) {
    case BOUND_INSERT:
        return target->has_insert_trigger;
    case BOUND_UPDATE:
        return target->has_update_trigger;
    case BOUND_DELETE:
        return target->has_delete_trigger;
    case BOUND_MERGE:
        return target->has_insert_trigger || target->has_update_trigger ||
               target->has_delete_trigger;
    default:
        return false;
    }
}

/* After an INSERT or a MERGE that inserted the session knows the last identity; other DML leaves
 * it. */
static void
keep_identity(const QueryReceiver *receiver)
{
    SessionContext *session = session_context;

    if ((receiver->bound->kind != BOUND_INSERT && receiver->bound->kind != BOUND_MERGE) ||
        !receiver->identity_seen)
        return;
    session->identity_valid = session->scope_identity_valid = !receiver->identity_null;
    session->identity = session->scope_identity = receiver->identity;
    if (receiver->bound->identity_inserted_explicitly && receiver->bound->target != NULL &&
        receiver->bound->target->identity_column >= 0)
        move_identity_on(receiver);
}

static void
finish_output_into(Frame *frame, const AstNode *statement, QueryReceiver *receiver)
{
    const AstDml *dml;
    CapturedRows *rows = receiver->output;

    receiver->output = NULL;
    switch (statement->kind) {
    case AST_INSERT:
        dml = &((const AstInsert *) statement)->dml;
        break;
    case AST_UPDATE:
        dml = &((const AstUpdate *) statement)->dml;
        break;
    case AST_DELETE:
        dml = &((const AstDelete *) statement)->dml;
        break;
    default:
        dml = &((const AstMerge *) statement)->dml;
        break;
    }
    CommandCounterIncrement();
    insert_captured(frame, (const AstTableRef *) dml->output->into, dml->output->into_column_count,
                    dml->output->into_columns, rows);
}

static void
start_output_into(QueryReceiver *receiver)
{
    BoundStatement *bound = receiver->bound;
    SqlType *types = palloc(sizeof(SqlType) * bound->output_into_count);
    int i = 0;
    ListCell *cell;

    foreach (cell,
             bound->merge_rows != NULL ? bound->query->targetList : bound->query->returningList) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);

        if (entry->resno >= bound->output_into_first && i < bound->output_into_count)
            types[i++] =
                sql_type_from_pg(exprType((Node *) entry->expr), exprTypmod((Node *) entry->expr),
                                 exprCollation((Node *) entry->expr));
    }
    receiver->output = captured_rows_new(i, types);
}

/*
 * SET ROWCOUNT of INSERT, UPDATE, DELETE, MERGE: the executor's own limit counts rows that come out
 * of the plan, and these give none; so the rows that go into the change are limited.
 */
static PlannedStmt *
limit_changes(const PlannedStmt *planned, int64 limit)
{
    PlannedStmt *limited;
    ModifyTable *change;
    Limit *node;

    if (!IsA(planned->planTree, ModifyTable) || outerPlan(planned->planTree) == NULL)
        return unconstify(PlannedStmt *, planned);
    limited = palloc(sizeof(PlannedStmt));
    *limited = *planned;
    change = palloc(sizeof(ModifyTable));
    *change = *(ModifyTable *) planned->planTree;
    node = makeNode(Limit);
    node->plan = *outerPlan(planned->planTree);
    node->plan.type = T_Limit;
    node->plan.qual = node->plan.initPlan = NIL;
    node->plan.righttree = NULL;
    node->plan.lefttree = outerPlan(planned->planTree);
    node->limitOption = LIMIT_OPTION_COUNT;
    node->limitCount = (Node *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
                                          Int64GetDatum(limit), false, FLOAT8PASSBYVAL);
    change->plan.lefttree = &node->plan;
    limited->planTree = &change->plan;
    return limited;
}

/* The rows of a statement that gives some to the client. */
static void
begin_client_rows(QueryReceiver *receiver)
{
    BoundStatement *bound = receiver->bound;

    receiver->to_client = true;
    receiver->sink->begin_result(receiver->sink, bound->columns, bound->column_count, bound->order,
                                 bound->order_count);
}

static void
end_client_rows(QueryReceiver *receiver)
{
    if (receiver->to_client)
        receiver->sink->end_result(receiver->sink);
}

/* Where the rows go that the statement gives. */
static void
begin_rows(QueryReceiver *receiver, CapturedRows *capture)
{
    BoundStatement *bound = receiver->bound;

    if (capture != NULL) {
        receiver->output = capture;
        return;
    }
    if (bound->output_into != NULL)
        start_output_into(receiver);
    if (bound->kind == BOUND_SELECT_INTO)
        open_into(receiver->frame, receiver, bound);
    else if (bound->column_count > 0 && bound->assignment_count == 0)
        begin_client_rows(receiver);
}

uint64
run_plan_into(Frame *frame,
              const AstNode *statement,
              StatementPlan *plan,
              PlannedStmt *planned,
              CapturedRows *capture)
{
    BoundStatement *bound = plan->bound;
    QueryReceiver *receiver = receiver_new(frame, bound);
    bool triggers = fires_triggers(bound);
    void *trigger_state = NULL;
    uint64 processed;

    tsql_error_set_statement(verb_of(bound));
    begin_rows(receiver, capture);
    if (session_option(OPTION_FMTONLY)) {
        end_client_rows(receiver);
        return 0;
    }
    if (triggers)
        trigger_state = execute_trigger_hooks.begin(frame, bound);
    if (session_context->row_count_limit > 0 && is_dml(bound))
        planned = limit_changes(planned, session_context->row_count_limit);
    if (bound->merge_rows != NULL)
        processed = run_merge(frame, plan, planned, &receiver->pub);
    else
        processed =
            execute_plan(frame, plan, planned, &receiver->pub, session_context->row_count_limit);
    if (!is_dml(bound))
        processed = receiver->rows;
    if (receiver->into != NULL)
        close_into(receiver);
    if (receiver->output != NULL && capture == NULL)
        finish_output_into(frame, statement, receiver);
    keep_identity(receiver);
    session_context->row_count = processed;
    if (triggers)
        execute_trigger_hooks.fire(frame, bound, trigger_state);
    end_client_rows(receiver);
    return processed;
}

uint64
run_plan(Frame *frame, const AstNode *statement, StatementPlan *plan, PlannedStmt *planned)
{
    return run_plan_into(frame, statement, plan, planned, NULL);
}

static void
check_writable(const BoundStatement *bound)
{
    if (bound->kind == BOUND_SELECT_INTO)
        execute_room_require(bound->into->object);
    else if (bound->target != NULL && !bound->target->object.is_temporary &&
             (bound->kind == BOUND_INSERT || bound->kind == BOUND_UPDATE ||
              bound->kind == BOUND_MERGE))
        execute_room_require(bound->target->object.name);
    if ((bound->kind == BOUND_INSERT || bound->merge_inserts) && bound->target != NULL &&
        bound->target->identity_column >= 0)
        check_identity_insert(bound);
}

/* SELECT, INSERT, UPDATE, DELETE, MERGE as a statement. */
Flow
run_query(Frame *frame, const AstNode *statement)
{
    StatementGuard guard;
    StatementPlan *plan;
    PlannedStmt *planned;
    BoundStatement *bound;
    uint64 processed;
    uint16 command;

    interpreter.statement_writes = statement->kind != AST_QUERY_STATEMENT;
    execute_room_done();
    guard_enter(&guard, statement_may_write(statement));
    if (statement->kind == AST_INSERT && is_nested_dml((const AstInsert *) statement)) {
        processed = run_nested_dml(frame, (const AstInsert *) statement);
        session_context->row_count = processed;
        guard_leave(&guard);
        interpreter.statement_writes = false;
        report_done(frame, SINK_COMMAND_INSERT, true, processed);
        return FLOW_NEXT;
    }
    for (;;) {
        plan = plan_statement(frame->program, statement, &frame->scope);
        pin_plan(plan);
        bound = plan->bound;
        check_writable(bound);
        if (bound->insert_exec != NULL) {
            /* the procedure's statements guard themselves */
            Flow flow = run_insert_exec(frame, (const AstInsert *) statement, plan, &guard);

            unpin_plan(plan);
            interpreter.statement_writes = false;
            return flow;
        }
        planned = plan_choose(plan, frame->params);
        if (planned != NULL)
            break;
        unpin_plan(plan);
    }
    if (bound->instead_of && execute_trigger_hooks.instead_of != NULL)
        processed = execute_trigger_hooks.instead_of(frame, bound);
    else
        processed = run_plan(frame, statement, plan, planned);
    command = command_of(bound);
    session_context->row_count = processed;
    guard_leave(&guard);
    interpreter.statement_writes = false;
    report_done(frame, command, bound->kind != BOUND_ASSIGN, processed);
    unpin_plan(plan);
    return FLOW_NEXT;
}

/* Whether the statement can change anything, told from the tree alone (the guard comes first). */
bool
statement_may_write(const AstNode *statement)
{
    const AstNode *query;

    if (statement->kind != AST_QUERY_STATEMENT)
        return true;
    query = ((const AstQueryStatement *) statement)->query;
    while (query->kind == AST_SET_OPERATION)
        query = ((const AstSetOperation *) query)->left;
    return query->kind == AST_SELECT && ((const AstSelect *) query)->into != NULL;
}

/* 544, 545: values for the identity column need SET IDENTITY_INSERT and the other way round. */
void
check_identity_insert(const BoundStatement *bound)
{
    bool allowed = session_context->identity_insert == bound->target->object.relation;

    if (bound->identity_inserted_explicitly == allowed)
        return;
    interpreter.statement_writes = false; /* it is not the statement that failed: no 3621 */
    if (!allowed)
        tsql_error(ERR_544, bound->target->object.name);
    tsql_error(ERR_545, bound->target->object.name);
}
