/*
 * DECLARE and SET of variables. Declarations without a value do nothing when they run: the program
 * knows its variables already; table variables are made where they are first met.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "utils/memutils.h"

/* Makes the relation of a table variable, empty; kept in the frame's memory. */
void
make_table_variable(Frame *frame, int index)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    MemoryContext old;
    BindContext context;

    if (execute_table_hooks.make_table_variable == NULL)
        tsql_error(ERR_1087, variable->name);
    program_bind_context(frame->program, &frame->scope, &context);
    old = MemoryContextSwitchTo(frame->memory);
    frame->tables[index] = execute_table_hooks.make_table_variable(
        variable->name, variable->table_elements,
        variable->table_type.id != 0 ? &variable->table_type : NULL, &context);
    frame->tables_owned[index] = true;
    MemoryContextSwitchTo(old);
}

/* Evaluates into a variable; the hot path of loops. */
static void
assign(Frame *frame, int index, const AstNode *value, Operator op)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    StatementPlan *plan;
    bool is_null;
    Datum result;

    transaction_ensure();
    plan = plan_expression(frame->program, value, &frame->scope, false, &variable->type, op,
                           variable->name);
    pin_plan(plan);
    result = evaluate_plan(frame, plan, &is_null);
    frame_assign(frame, index, result, is_null);
    unpin_plan(plan);
}

static void
set_cursor(Frame *frame, int index, const AstSetVariable *statement)
{
    void *cursor = NULL;

    if (execute_cursor_hooks.define == NULL)
        tsql_error(ERR_40517, "CURSOR");
    if (statement->cursor != NULL)
        cursor = execute_cursor_hooks.define(frame, statement->cursor);
    else if (statement->value->kind == AST_VARIABLE) {
        int source = frame_variable(frame, ((const AstVariable *) statement->value)->name);

        if (frame->cursors[source] != NULL)
            cursor = execute_cursor_hooks.reference(frame->cursors[source]);
    } else if (statement->value->kind == AST_COLUMN_REF)
        cursor =
            execute_cursor_hooks.named(frame, ((const AstColumnRef *) statement->value)->column);
    if (frame->cursors[index] != NULL)
        execute_cursor_hooks.release(frame->cursors[index]);
    frame->cursors[index] = cursor;
}

Flow
run_set_variable(Frame *frame, const AstSetVariable *statement)
{
    int index = frame_variable(frame, statement->name);

    if (frame->program->variables[index].is_cursor) {
        transaction_ensure();
        set_cursor(frame, index, statement);
    } else if (frame->program->variables[index].is_table)
        tsql_error(ERR_137, statement->name);
    else
        assign(frame, index, statement->value, statement->op);
    session_context->row_count = 1;
    return FLOW_NEXT;
}

Flow
run_declare(Frame *frame, const AstDeclare *statement)
{
    for (int i = 0; i < statement->count; i++) {
        const AstVariableDef *def = &statement->variables[i];

        if (def->value != NULL) {
            tsql_error_set_line(def->node.line ? def->node.line : statement->node.line);
            assign(frame, frame_variable(frame, def->name), def->value, OP_ASSIGN);
            session_context->row_count = 1;
        }
    }
    return FLOW_NEXT;
}
