/*
 * sp_describe_first_result_set and sp_describe_undeclared_parameters, and the metadata that
 * sp_prepare sends: statements are bound, never run. describe.def is the table of result columns.
 */
#include "postgres.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "errors/errors.h"
#include "executor/executor.h"
#include "procedures/procedures.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* ---------------------------------------------------------------- rows of a fixed shape */

typedef enum ResultColumn {
#define DESCRIBE_RESULT(name, kind) RESULT_##name,
#define DESCRIBE_PARAMETER(name, kind)
#include "procedures/describe.def"
#undef DESCRIBE_RESULT
#undef DESCRIBE_PARAMETER
    RESULT_COUNT
} ResultColumn;

typedef enum ParameterColumn {
#define DESCRIBE_RESULT(name, kind)
#define DESCRIBE_PARAMETER(name, kind) PARAMETER_##name,
#include "procedures/describe.def"
#undef DESCRIBE_RESULT
#undef DESCRIBE_PARAMETER
    PARAMETER_COUNT
} ParameterColumn;

typedef struct Shape {
    const char *name;
    char kind;
} Shape;

static const Shape result_shape[] = {
#define DESCRIBE_RESULT(name, kind) {#name, #kind[0]},
#define DESCRIBE_PARAMETER(name, kind)
#include "procedures/describe.def"
#undef DESCRIBE_RESULT
#undef DESCRIBE_PARAMETER
};

static const Shape parameter_shape[] = {
#define DESCRIBE_RESULT(name, kind)
#define DESCRIBE_PARAMETER(name, kind) {#name, #kind[0]},
#include "procedures/describe.def"
#undef DESCRIBE_RESULT
#undef DESCRIBE_PARAMETER
};

static SqlType
kind_type(char kind)
{
    switch (kind) {
    case 'B':
        return sql_type_make(SQL_BIT);
    case 'I':
        return sql_type_make(SQL_INT);
    case 'S':
        return sql_type_make(SQL_SMALLINT);
    case 'T':
        return sql_type_make(SQL_TINYINT);
    case 'N':
        return sql_type_string(SQL_NVARCHAR, 128, sql_collation_default());
    case 'W':
        return sql_type_string(SQL_NVARCHAR, 256, sql_collation_default());
    default:
        return sql_type_string(SQL_NVARCHAR, 4000, sql_collation_default());
    }
}

static TupleTableSlot *
begin_rows(const Shape *shape, int count)
{
    BoundColumn *columns = palloc0(sizeof(BoundColumn) * count);
    TupleDesc descriptor = CreateTemplateTupleDesc(count);

    transaction_ensure(); /* what was described may have settled its own */
    for (int i = 0; i < count; i++) {
        columns[i].name = shape[i].name;
        columns[i].type = kind_type(shape[i].kind);
        columns[i].nullable = true;
        TupleDescInitEntry(descriptor, i + 1, shape[i].name, sql_type_oid(columns[i].type.id), -1,
                           0);
    }
    interpreter.sink->begin_result(interpreter.sink, columns, count, NULL, 0);
    return MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
}

static void
clear_row(TupleTableSlot *slot, int count)
{
    ExecClearTuple(slot);
    memset(slot->tts_isnull, true, sizeof(bool) * count);
}

static void
set_value(TupleTableSlot *slot, int column, Datum value)
{
    slot->tts_values[column] = value;
    slot->tts_isnull[column] = false;
}

static void
set_text(TupleTableSlot *slot, int column, const char *text)
{
    if (text != NULL)
        set_value(slot, column, PointerGetDatum(cstring_to_text(text)));
}

static void
send_row(TupleTableSlot *slot)
{
    ExecStoreVirtualTuple(slot);
    interpreter.sink->row(interpreter.sink, slot);
}

static void
end_rows(Frame *frame, TupleTableSlot *slot, uint64 rows)
{
    ExecDropSingleTupleTableSlot(slot);
    interpreter.sink->end_result(interpreter.sink);
    report_done(frame, SINK_COMMAND_SELECT, true, rows);
}

/* ---------------------------------------------------------------- types in SQL Server's numbers */

/* sys.columns.max_length: bytes; -1 for max. */
static int
byte_length(const SqlType *type)
{
    if (type->length < 0)
        return -1;
    if (type->id == SQL_NVARCHAR || type->id == SQL_NCHAR || type->id == SQL_SYSNAME)
        return type->length * 2;
    if (type->id == SQL_DECIMAL || type->id == SQL_NUMERIC)
        return type->precision <= 9    ? 5
               : type->precision <= 19 ? 9
               : type->precision <= 28 ? 13
                                       : 17;
    if (sql_type_info(type->id)->fixed_length > 0)
        return sql_type_info(type->id)->fixed_length;
    return type->length;
}

/* The type byte of TDS in which a nullable value of the type travels. */
static int
tds_type(const SqlType *type)
{
    switch (type->id) {
    case SQL_BIT:
        return 0x68;
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INT:
    case SQL_BIGINT:
        return 0x26;
    case SQL_REAL:
    case SQL_FLOAT:
        return 0x6D;
    case SQL_MONEY:
    case SQL_SMALLMONEY:
        return 0x6E;
    case SQL_DATETIME:
    case SQL_SMALLDATETIME:
        return 0x6F;
    case SQL_DECIMAL:
        return 0x6A;
    case SQL_NUMERIC:
        return 0x6C;
    case SQL_DATE:
        return 0x28;
    case SQL_TIME:
        return 0x29;
    case SQL_DATETIME2:
        return 0x2A;
    case SQL_DATETIMEOFFSET:
        return 0x2B;
    case SQL_CHAR:
        return 0xAF;
    case SQL_VARCHAR:
        return 0xA7;
    case SQL_NCHAR:
        return 0xEF;
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
        return 0xE7;
    case SQL_TEXT:
        return 0x23;
    case SQL_NTEXT:
        return 0x63;
    case SQL_BINARY:
    case SQL_ROWVERSION:
        return 0xAD;
    case SQL_VARBINARY:
        return 0xA5;
    case SQL_IMAGE:
        return 0x22;
    case SQL_UNIQUEIDENTIFIER:
        return 0x24;
    case SQL_VARIANT:
        return 0x62;
    case SQL_XML:
        return 0xF1;
    default:
        return 0x26;
    }
}

static int
tds_length(const SqlType *type)
{
    int length = byte_length(type);

    return length < 0 ? 65535 : length;
}

/* ---------------------------------------------------------------- the first result set */

static bool
gives_rows(Program *program, const AstNode *statement, Frame *frame, StatementPlan **plan)
{
    switch (statement->kind) {
    case AST_QUERY_STATEMENT:
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
        break;
    default:
        return false;
    }
    *plan = plan_statement(program, statement, &frame->scope);
    pin_plan(*plan);
    if ((*plan)->bound->column_count > 0 && (*plan)->bound->assignment_count == 0 &&
        (*plan)->bound->kind != BOUND_SELECT_INTO)
        return true;
    unpin_plan(*plan);
    return false;
}

/* The first statement that gives rows, looked for as the branches stand in the text. */
static bool
find_result(Program *program, const AstNode *statement, Frame *frame, StatementPlan **plan)
{
    const AstList *list = NULL;

    switch (statement->kind) {
    case AST_BLOCK:
        list = ((const AstBlock *) statement)->statements;
        break;
    case AST_TRY_CATCH:
        list = ((const AstTryCatch *) statement)->try_statements;
        break;
    case AST_IF: {
        const AstIf *branch = (const AstIf *) statement;

        return find_result(program, branch->then_branch, frame, plan) ||
               (branch->else_branch != NULL &&
                find_result(program, branch->else_branch, frame, plan));
    }
    case AST_WHILE:
        return find_result(program, ((const AstWhile *) statement)->body, frame, plan);
    default:
        return gives_rows(program, statement, frame, plan);
    }
    for (int i = 0; i < AST_LIST_COUNT(list); i++)
        if (find_result(program, list->items[i], frame, plan))
            return true;
    return false;
}

typedef void (*ResultUser)(Frame *caller, const BoundStatement *bound, void *context);

/* Calls `use` with the first result's shape; false if there is none. */
static bool
with_first_result(Frame *caller, Program *program, ResultUser use, void *context)
{
    Frame *frame = frame_push(FRAME_TEXT, program_ref(program), NULL);
    StatementGuard guard;
    StatementPlan *plan;
    bool found = false;

    guard_enter(&guard, false);
    for (int i = 0; i < AST_LIST_COUNT(program->body) && !found; i++)
        found = find_result(program, program->body->items[i], frame, &plan);
    if (found) {
        use(caller, plan->bound, context);
        unpin_plan(plan);
    }
    guard_leave(&guard);
    frame_pop(frame);
    return found;
}

static void
send_metadata(Frame *caller, const BoundStatement *bound, void *context)
{
    interpreter.sink->begin_result(interpreter.sink, bound->columns, bound->column_count,
                                   bound->order, bound->order_count);
    interpreter.sink->end_result(interpreter.sink);
    report_done(caller, SINK_COMMAND_SELECT, false, 0);
}

void
describe_program(Frame *caller, Program *program)
{
    with_first_result(caller, program, send_metadata, NULL);
}

static void
describe_column(TupleTableSlot *slot, const BoundColumn *column, int ordinal, bool browse)
{
    const SqlType *type = &column->type;
    const SqlTypeInfo *info = sql_type_info(type->id);
    const SqlCollation *collation =
        sql_type_is_string(type->id) ? sql_collation(type->collation) : NULL;

    set_value(slot, RESULT_is_hidden, BoolGetDatum(column->hidden));
    set_value(slot, RESULT_column_ordinal, Int32GetDatum(ordinal));
    if (column->name != NULL && *column->name)
        set_text(slot, RESULT_name, column->name);
    set_value(slot, RESULT_is_nullable, BoolGetDatum(column->nullable));
    set_value(slot, RESULT_system_type_id, Int32GetDatum(info->system_type_id));
    set_text(slot, RESULT_system_type_name, sql_type_format(type));
    set_value(slot, RESULT_max_length, Int16GetDatum(byte_length(type)));
    set_value(slot, RESULT_precision, UInt8GetDatum(type->precision));
    set_value(slot, RESULT_scale, UInt8GetDatum(type->scale));
    if (collation != NULL) {
        set_text(slot, RESULT_collation_name, collation->name);
        set_value(slot, RESULT_tds_collation_id, Int32GetDatum(collation->lcid));
        set_value(slot, RESULT_tds_collation_sort_id, UInt8GetDatum(collation->sort_id));
    }
    set_value(slot, RESULT_is_xml_document, BoolGetDatum(false));
    set_value(slot, RESULT_is_case_sensitive,
              BoolGetDatum(collation != NULL && collation->case_sensitive));
    set_value(slot, RESULT_is_fixed_length_clr_type, BoolGetDatum(false));
    if (browse) {
        set_text(slot, RESULT_source_database, column->source_database);
        set_text(slot, RESULT_source_schema, column->source_schema);
        set_text(slot, RESULT_source_table, column->source_table);
        set_text(slot, RESULT_source_column, column->source_column);
        set_value(slot, RESULT_is_part_of_unique_key, BoolGetDatum(column->key));
    }
    set_value(slot, RESULT_is_identity_column, BoolGetDatum(column->identity));
    set_value(slot, RESULT_is_updateable, BoolGetDatum(column->updatable));
    set_value(slot, RESULT_is_computed_column, BoolGetDatum(column->computed));
    set_value(slot, RESULT_is_sparse_column_set, BoolGetDatum(false));
    set_value(slot, RESULT_tds_type_id, Int32GetDatum(tds_type(type)));
    set_value(slot, RESULT_tds_length, Int32GetDatum(tds_length(type)));
}

static void
send_description(Frame *caller, const BoundStatement *bound, void *context)
{
    bool browse = *(int *) context > 0;
    TupleTableSlot *slot = begin_rows(result_shape, RESULT_COUNT);

    for (int i = 0; i < bound->column_count; i++) {
        clear_row(slot, RESULT_COUNT);
        describe_column(slot, &bound->columns[i], i + 1, browse);
        send_row(slot);
    }
    end_rows(caller, slot, bound->column_count);
}

/* sp_describe_first_result_set @tsql, @params, @browse_information_mode */
void
procedure_describe_first_result_set(ProcedureCall *call)
{
    char *text = procedure_text(call, 0, "@tsql");
    char *declarations = procedure_text(call, 1, "@params");
    int mode = procedure_int(call, 2, "@browse_information_mode", 0);
    Program *program;

    if (text == NULL)
        tsql_error(ERR_201, "sp_describe_first_result_set", "@tsql");
    program =
        compile_text(text, strlen(text), declarations, declarations ? strlen(declarations) : 0);
    if (!with_first_result(call->caller, program, send_description, &mode)) {
        TupleTableSlot *slot = begin_rows(result_shape, RESULT_COUNT);

        end_rows(call->caller, slot, 0);
    }
    program_unref(program);
}

/* ---------------------------------------------------------------- undeclared parameters */

typedef struct Undeclared {
    const char *name;
    SqlType type;
} Undeclared;

typedef struct UndeclaredScope {
    Program *program;
    int count, capacity;
    Undeclared *found;
} UndeclaredScope;

static bool
declared_variable(void *context, const char *name, BindVariable *variable)
{
    UndeclaredScope *scope = context;
    int index = program_variable(scope->program, name);

    if (index < 0)
        return false;
    variable->type = scope->program->variables[index].type;
    variable->param = index + 1;
    variable->is_cursor = scope->program->variables[index].is_cursor;
    return true;
}

static bool
undeclared_variable(void *context, const char *name, const SqlType *wanted, BindVariable *variable)
{
    UndeclaredScope *scope = context;
    int i;

    for (i = 0; i < scope->count; i++)
        if (pg_strcasecmp(scope->found[i].name, name) == 0)
            break;
    if (i == scope->count) {
        if (scope->count == scope->capacity) {
            scope->capacity = Max(16, scope->capacity * 2);
            scope->found = scope->found == NULL
                               ? palloc(sizeof(Undeclared) * scope->capacity)
                               : repalloc(scope->found, sizeof(Undeclared) * scope->capacity);
        }
        scope->found[i].name = name;
        scope->found[i].type = wanted != NULL && wanted->id != SQL_UNKNOWN
                                   ? *wanted
                                   : sql_type_string(SQL_NVARCHAR, 4000, sql_collation_default());
        scope->count++;
    }
    variable->type = scope->found[i].type;
    variable->param = scope->program->variable_count + i + 1;
    variable->is_cursor = false;
    return true;
}

static void
describe_parameter(TupleTableSlot *slot, const Undeclared *parameter, int ordinal)
{
    const SqlType *type = &parameter->type;
    const SqlCollation *collation =
        sql_type_is_string(type->id) ? sql_collation(type->collation) : NULL;

    set_value(slot, PARAMETER_parameter_ordinal, Int32GetDatum(ordinal));
    set_text(slot, PARAMETER_name, parameter->name);
    set_value(slot, PARAMETER_suggested_system_type_id,
              Int32GetDatum(sql_type_info(type->id)->system_type_id));
    set_text(slot, PARAMETER_suggested_system_type_name, sql_type_format(type));
    set_value(slot, PARAMETER_suggested_max_length, Int16GetDatum(byte_length(type)));
    set_value(slot, PARAMETER_suggested_precision, UInt8GetDatum(type->precision));
    set_value(slot, PARAMETER_suggested_scale, UInt8GetDatum(type->scale));
    set_value(slot, PARAMETER_suggested_is_xml_document, BoolGetDatum(false));
    set_value(slot, PARAMETER_suggested_is_case_sensitive,
              BoolGetDatum(collation != NULL && collation->case_sensitive));
    set_value(slot, PARAMETER_suggested_is_fixed_length_clr_type, BoolGetDatum(false));
    set_value(slot, PARAMETER_suggested_is_input, BoolGetDatum(true));
    set_value(slot, PARAMETER_suggested_is_output, BoolGetDatum(false));
    set_value(slot, PARAMETER_suggested_tds_type_id, Int32GetDatum(tds_type(type)));
    set_value(slot, PARAMETER_suggested_tds_length, Int32GetDatum(tds_length(type)));
}

static bool
bind_visitor(AstNode *node, void *context)
{
    UndeclaredScope *state = context;
    BindScope scope = {
        .context = state, .variable = declared_variable, .undeclared = undeclared_variable};
    BindContext bind;

    switch (node->kind) {
    case AST_QUERY_STATEMENT:
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
        program_bind_context(state->program, &scope, &bind);
        bind.describe_only = true;
        bind_statement(node, &bind);
        return false;
    case AST_BLOCK:
    case AST_IF:
    case AST_WHILE:
    case AST_TRY_CATCH:
        return true;
    default:
        return false;
    }
}

/* sp_describe_undeclared_parameters @tsql, @params */
void
procedure_describe_undeclared_parameters(ProcedureCall *call)
{
    char *text = procedure_text(call, 0, "@tsql");
    char *declarations = procedure_text(call, 1, "@params");
    UndeclaredScope scope = {0};
    TupleTableSlot *slot;
    StatementGuard guard;

    if (text == NULL)
        tsql_error(ERR_201, "sp_describe_undeclared_parameters", "@tsql");
    guard_enter(&guard, false);
    scope.program = program_for_describe(text, strlen(text), declarations,
                                         declarations ? strlen(declarations) : 0);
    for (int i = 0; i < AST_LIST_COUNT(scope.program->body); i++)
        if (bind_visitor(scope.program->body->items[i], &scope))
            ast_walk(scope.program->body->items[i], bind_visitor, &scope);
    guard_leave(&guard);
    slot = begin_rows(parameter_shape, PARAMETER_COUNT);
    for (int i = 0; i < scope.count; i++) {
        clear_row(slot, PARAMETER_COUNT);
        describe_parameter(slot, &scope.found[i], i + 1);
        send_row(slot);
    }
    end_rows(call->caller, slot, scope.count);
    program_unref(scope.program);
}
