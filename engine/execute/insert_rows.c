/*
 * Rows that were captured first and are inserted then: INSERT ... EXEC, OUTPUT ... INTO, the rows
 * of table-valued parameters. They become the table `inserted` of a synthetic INSERT ... SELECT, so
 * that defaults, conversions, identity and triggers work as in any INSERT.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#define ROWS_NAME "inserted"

/* ---------------------------------------------------------------- captured rows */

static CatalogRelation *
relation_of_types(int column_count, const SqlType *types)
{
    CatalogRelation *relation = palloc0(sizeof(CatalogRelation));

    relation->object.name = ROWS_NAME;
    relation->object.schema_name = "";
    relation->object.type = CATALOG_TABLE;
    relation->column_count = column_count;
    relation->columns = palloc0(sizeof(CatalogColumn) * Max(column_count, 1));
    relation->identity_column = relation->rowversion_column = -1;
    for (int i = 0; i < column_count; i++) {
        relation->columns[i].attnum = i + 1;
        relation->columns[i].name = psprintf("c%d", i + 1);
        relation->columns[i].type = types[i];
        relation->columns[i].nullable = true;
    }
    return relation;
}

CapturedRows *
captured_rows_of(int column_count,
                 const SqlType *types,
                 TupleDesc descriptor,
                 Tuplestorestate *store)
{
    CapturedRows *rows = palloc0(sizeof(CapturedRows));

    rows->relation = relation_of_types(column_count, types);
    rows->descriptor = descriptor;
    rows->store = store;
    return rows;
}

CapturedRows *
captured_rows_new(int column_count, const SqlType *types)
{
    TupleDesc descriptor = CreateTemplateTupleDesc(column_count);

    for (int i = 0; i < column_count; i++) {
        char name[NAMEDATALEN];

        snprintf(name, sizeof(name), "c%d", i + 1);
        TupleDescInitEntry(descriptor, i + 1, name, sql_type_oid(types[i].id),
                           sql_type_typmod(&types[i]), 0);
        TupleDescInitEntryCollation(descriptor, i + 1, types[i].collation);
    }
    return captured_rows_of(column_count, types, descriptor,
                            tuplestore_begin_heap(false, false, work_mem));
}

static void
captured_rows_free(CapturedRows *rows)
{
    tuplestore_end(rows->store);
    rows->store = NULL;
}

/* ---------------------------------------------------------------- the synthetic INSERT */

typedef struct RowsScope {
    Frame *frame;
    CapturedRows *rows;
} RowsScope;

static bool
rows_variable(void *context, const char *name, BindVariable *variable)
{
    RowsScope *scope = context;

    return scope->frame->scope.variable(scope->frame, name, variable);
}

static const CatalogRelation *
rows_table_variable(void *context, const char *name)
{
    RowsScope *scope = context;

    return scope->frame->scope.table_variable(scope->frame, name);
}

static const CatalogRelation *
rows_transition_table(void *context, const char *name)
{
    RowsScope *scope = context;

    return pg_strcasecmp(name, ROWS_NAME) == 0 ? scope->rows->relation : NULL;
}

static AstList *
list_of_one(AstNode *node)
{
    AstList *list = palloc0(sizeof(AstList));

    list->count = list->capacity = 1;
    list->items = palloc(sizeof(AstNode *));
    list->items[0] = node;
    return list;
}

/* SELECT * FROM inserted */
static AstNode *
select_rows(void)
{
    AstSelect *select = palloc0(sizeof(AstSelect));
    AstSelectItem *item = palloc0(sizeof(AstSelectItem));
    AstStar *star = palloc0(sizeof(AstStar));
    AstTableRef *table = palloc0(sizeof(AstTableRef));

    star->node.kind = AST_STAR;
    item->node.kind = AST_SELECT_ITEM;
    item->expr = &star->node;
    item->assign_op = OP_ASSIGN;
    table->node.kind = AST_TABLE_REF;
    table->name.object = ROWS_NAME;
    select->node.kind = AST_SELECT;
    select->items = list_of_one(&item->node);
    select->from = list_of_one(&table->node);
    return &select->node;
}

static QueryEnvironment *
environment_of(CapturedRows *rows)
{
    QueryEnvironment *environment = create_queryEnv();
    EphemeralNamedRelation enr = palloc0(sizeof(EphemeralNamedRelationData));

    enr->md.name = ROWS_NAME;
    enr->md.reliddesc = InvalidOid;
    enr->md.tupdesc = rows->descriptor;
    enr->md.enrtype = ENR_NAMED_TUPLESTORE;
    enr->md.enrtuples = tuplestore_tuple_count(rows->store);
    enr->reldata = rows->store;
    register_ENR(environment, enr);
    return environment;
}

uint64
insert_reading(Frame *frame, const AstInsert *insert, CapturedRows *rows)
{
    RowsScope scope = {frame, rows};
    BindScope bind_scope = {.context = &scope,
                            .variable = rows_variable,
                            .table_variable = rows_table_variable,
                            .transition_table = rows_transition_table};
    QueryEnvironment *former = frame->environment;
    StatementPlan plan = {.writes = true, .valid = true, .has_relations = true};
    BindContext context;
    PlannedStmt *planned;
    uint64 count;

    program_bind_context(frame->program, &bind_scope, &context);
    plan.bound = bind_statement(&insert->node, &context);
    plan.query = plan.bound->query;
    if (plan.bound->target != NULL && plan.bound->target->identity_column >= 0)
        check_identity_insert(plan.bound);
    planned = plan_query(plan.query, NULL);
    frame->environment = environment_of(rows);
    count = run_plan(frame, &insert->node, &plan, planned);
    frame->environment = former;
    return count;
}

uint64
insert_captured(Frame *frame,
                const AstTableRef *target,
                int column_count,
                const char **columns,
                CapturedRows *rows)
{
    AstInsert insert;
    uint64 count;

    memset(&insert, 0, sizeof(insert));
    insert.node = target->node;
    insert.node.kind = AST_INSERT;
    insert.dml.target = (AstTableRef *) target;
    insert.column_count = column_count;
    insert.columns = column_count > 0 ? columns : NULL;
    insert.source = select_rows();
    count = insert_reading(frame, &insert, rows);
    captured_rows_free(rows);
    return count;
}

/* ---------------------------------------------------------------- INSERT ... EXEC */

/* A sink that keeps rows and passes messages on. */
typedef struct CaptureSink {
    ResultSink pub;
    MemoryContext memory;
    CapturedRows *rows;
    int expected;     /* columns of the INSERT */
    int column_count; /* of the result set that comes */
    SqlType *types;   /* of it, when they differ from those of `rows` */
} CaptureSink;

static void
capture_begin(
    ResultSink *sink, const BoundColumn *columns, int count, const int16 *order, int order_count)
{
    CaptureSink *capture = (CaptureSink *) sink;
    MemoryContext old = MemoryContextSwitchTo(capture->memory);

    if (count != capture->expected)
        tsql_error(ERR_213);
    capture->types = palloc(sizeof(SqlType) * count);
    for (int i = 0; i < count; i++)
        capture->types[i] = columns[i].type;
    capture->column_count = count;
    if (capture->rows == NULL)
        capture->rows = captured_rows_new(count, capture->types);
    MemoryContextSwitchTo(old);
}

static bool
capture_row(ResultSink *sink, TupleTableSlot *slot)
{
    CaptureSink *capture = (CaptureSink *) sink;
    const CatalogRelation *relation = capture->rows->relation;
    Datum *values = palloc(sizeof(Datum) * capture->column_count);
    bool *nulls = palloc(sizeof(bool) * capture->column_count);
    MemoryContext old;

    slot_getallattrs(slot);
    for (int i = 0; i < capture->column_count; i++) {
        const SqlType *type = &relation->columns[i].type;

        values[i] = slot->tts_values[i];
        nulls[i] = slot->tts_isnull[i];
        if (!nulls[i] && !sql_type_equal(type, &capture->types[i]))
            values[i] = sql_convert_datum(values[i], false, &capture->types[i], type,
                                          CONVERSION_ASSIGN, 0, &nulls[i]);
    }
    old = MemoryContextSwitchTo(capture->memory);
    tuplestore_putvalues(capture->rows->store, capture->rows->descriptor, values, nulls);
    MemoryContextSwitchTo(old);
    pfree(values);
    pfree(nulls);
    return true;
}

static void
capture_end(ResultSink *sink)
{
}

static void
capture_done(ResultSink *sink, SinkDone kind, uint16 status, uint16 command, uint64 rows)
{
}

static void
capture_message(ResultSink *sink, const TsqlError *error)
{
    sink->next->message(sink->next, error);
}

static void
capture_environment(ResultSink *sink, SinkEnvironment kind, const char *new_value, const char *old)
{
    sink->next->environment(sink->next, kind, new_value, old);
}

static void
capture_transaction(ResultSink *sink, SinkTransaction kind, uint64 descriptor)
{
}

static void
capture_status(ResultSink *sink, int32 value)
{
}

static void
capture_value(ResultSink *sink,
              int ordinal,
              const char *name,
              const SqlType *type,
              Datum value,
              bool is_null,
              bool is_result)
{
}

static void
capture_flush(ResultSink *sink)
{
    sink->next->flush(sink->next);
}

static bool
capture_attention(ResultSink *sink)
{
    return sink->next->attention != NULL && sink->next->attention(sink->next);
}

static const ResultSink capture_sink = {
    .begin_result = capture_begin,
    .row = capture_row,
    .end_result = capture_end,
    .done = capture_done,
    .message = capture_message,
    .environment = capture_environment,
    .transaction = capture_transaction,
    .return_status = capture_status,
    .return_value = capture_value,
    .flush = capture_flush,
    .attention = capture_attention,
};

static uint64
insert_what_came(Frame *frame, const AstInsert *insert, CapturedRows *rows)
{
    AstInsert copy = *insert;
    StatementGuard guard;
    uint64 count;

    copy.source = select_rows();
    guard_enter(&guard, true);
    interpreter.statement_writes = true;
    count = insert_reading(frame, &copy, rows);
    interpreter.statement_writes = false;
    guard_leave(&guard);
    captured_rows_free(rows);
    return count;
}

/*
 * Runs the EXEC with its results captured, all in one transaction, then inserts. `guard` is the
 * statement's: left at once, because the procedure's statements have their own.
 */
Flow
run_insert_exec(Frame *frame, const AstInsert *insert, StatementPlan *plan, StatementGuard *guard)
{
    ResultSink *sink = interpreter.sink;
    CaptureSink capture = {.pub = capture_sink,
                           .memory = frame->statement,
                           .expected = plan->bound->insert_exec_count};
    uint64 count = 0;
    Flow flow;

    interpreter.statement_writes = false;
    guard_leave(guard);
    if (interpreter.in_insert_exec)
        tsql_error(ERR_8164);
    capture.pub.next = sink;
    interpreter.sink = &capture.pub;
    if (session_context->tran_count == 0) {
        transaction_begin(NULL);
        interpreter.insert_exec_began = true;
    }
    interpreter.in_insert_exec = true;
    flow = run_execute(frame, (const AstExecute *) insert->source);
    interpreter.in_insert_exec = false;
    interpreter.sink = sink;
    if (flow != FLOW_NEXT) {
        if (interpreter.insert_exec_began)
            transaction_abandon();
        interpreter.insert_exec_began = false;
        return flow;
    }
    if (capture.rows != NULL)
        count = insert_what_came(frame, insert, capture.rows);
    if (interpreter.insert_exec_began && session_context->tran_count > 0) {
        session_context->transaction_descriptor = 0; /* the client never heard of it */
        transaction_commit();
    }
    interpreter.insert_exec_began = false;
    session_context->row_count = count;
    report_done(frame, SINK_COMMAND_INSERT, true, count);
    return FLOW_NEXT;
}
