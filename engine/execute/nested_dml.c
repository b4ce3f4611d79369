/*
 * INSERT ... SELECT ... FROM (INSERT, UPDATE, DELETE or MERGE with OUTPUT) AS x: the inner
 * statement runs first and its OUTPUT rows are kept; the INSERT then reads them in place of the
 * derived table.
 */
#include "postgres.h"

#include "access/xact.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "utils/tuplestore.h"

static bool
is_dml_node(const AstNode *node)
{
    return node->kind == AST_INSERT || node->kind == AST_UPDATE || node->kind == AST_DELETE ||
           node->kind == AST_MERGE;
}

/* The only source of the SELECT, when it is a nested statement; elsewhere the binder refuses it. */
static const AstDerivedTable *
nested_source(const AstInsert *insert)
{
    const AstSelect *select = (const AstSelect *) insert->source;
    const AstDerivedTable *derived;

    if (insert->source == NULL || insert->source->kind != AST_SELECT ||
        AST_LIST_COUNT(select->from) != 1)
        return NULL;
    derived = AST_LIST_ITEM(AstDerivedTable, select->from, 0);
    return derived->node.kind == AST_DERIVED_TABLE && is_dml_node(derived->query) ? derived : NULL;
}

bool
is_nested_dml(const AstInsert *insert)
{
    return nested_source(insert) != NULL;
}

static CapturedRows *
rows_for(const AstDerivedTable *derived, const BoundStatement *bound)
{
    SqlType *types = palloc(sizeof(SqlType) * Max(bound->column_count, 1));
    CapturedRows *rows;

    if (bound->column_count == 0 || bound->output_into != NULL)
        tsql_error(ERR_10716);
    if (derived->columns != NULL && derived->column_count < bound->column_count)
        tsql_error(ERR_8158, derived->alias);
    if (derived->columns != NULL && derived->column_count > bound->column_count)
        tsql_error(ERR_8159, derived->alias);
    for (int i = 0; i < bound->column_count; i++)
        types[i] = bound->columns[i].type;
    rows = captured_rows_new(bound->column_count, types);
    for (int i = 0; i < bound->column_count; i++) {
        const char *name = derived->columns != NULL ? derived->columns[i] : bound->columns[i].name;

        if (name[0] == '\0')
            tsql_error(ERR_8155, i + 1, derived->alias);
        rows->relation->columns[i].name = pstrdup(name);
    }
    return rows;
}

/* Runs the inner statement with its OUTPUT rows kept. */
static CapturedRows *
run_inner(Frame *frame, const AstDerivedTable *derived)
{
    for (;;) {
        StatementPlan *plan = plan_statement(frame->program, derived->query, &frame->scope);
        PlannedStmt *planned;
        CapturedRows *rows;

        pin_plan(plan);
        if (plan->bound->insert_exec != NULL || plan->bound->instead_of)
            tsql_error(ERR_40517, "this statement as the source of an INSERT");
        rows = rows_for(derived, plan->bound);
        if (derived->query->kind == AST_INSERT && plan->bound->target->identity_column >= 0)
            check_identity_insert(plan->bound);
        planned = plan_choose(plan, frame->params);
        if (planned != NULL) {
            run_plan_into(frame, derived->query, plan, planned, rows);
            unpin_plan(plan);
            CommandCounterIncrement();
            return rows;
        }
        tuplestore_end(rows->store);
        unpin_plan(plan);
    }
}

uint64
run_nested_dml(Frame *frame, const AstInsert *insert)
{
    const AstDerivedTable *derived = nested_source(insert);
    CapturedRows *rows = run_inner(frame, derived);
    AstInsert outer = *insert;
    AstSelect select = *(const AstSelect *) insert->source;
    AstTableRef table = {.node = derived->node, .alias = derived->alias};
    AstNode *item = &table.node;
    AstList from = {.count = 1, .capacity = 1, .items = &item};
    uint64 count;

    table.node.kind = AST_TABLE_REF;
    table.name.object = rows->relation->object.name;
    select.from = &from;
    outer.source = &select.node;
    count = insert_reading(frame, &outer, rows);
    tuplestore_end(rows->store);
    return count;
}
