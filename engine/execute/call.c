/*
 * EXECUTE: procedures with their arguments, text, and the running of a program in a frame of its
 * own. RPC requests and sp_executesql (engine/procedures) come in here too.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* ---------------------------------------------------------------- arguments to parameters */

/* The parameter that argument number `position` is for; raises 8144, 8145, 8143. */
static int
parameter_of(const Program *program, const ProcedureArgument *argument, int position, bool *given)
{
    const char *procedure = program->name ? program->name : "";
    int index = position;

    if (argument->name != NULL && *argument->name != '\0') {
        index = program_variable(program, argument->name);
        if (index < 0 || index >= program->parameter_count) {
            if (program->name == NULL)
                tsql_error(ERR_8144, "");
            if (program->parameter_count == 0)
                tsql_error(ERR_8146, procedure);
            tsql_error_state(ERR_8145, 1, argument->name, procedure);
        }
        if (given[index])
            tsql_error(ERR_8143, argument->name);
    } else if (index >= program->parameter_count) {
        if (program->parameter_count == 0 && program->name != NULL)
            tsql_error(ERR_8146, procedure);
        tsql_error_state(ERR_8144, 2, procedure);
    }
    return index;
}

/* A default is a constant: evaluated in the new frame; a bare word is a string. */
static void
assign_default(Frame *frame, int index)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    const AstNode *value = variable->default_value;
    bool is_null;
    Datum result;

    if (value->kind == AST_COLUMN_REF) {
        const char *word = ((const AstColumnRef *) value)->column;
        SqlType type = sql_type_string(SQL_NVARCHAR, strlen(word) + 1, sql_collation_default());

        frame_assign_from(frame, index, &type, PointerGetDatum(cstring_to_text(word)), false);
        return;
    }
    result = frame_evaluate(frame, value, &variable->type, NULL, &is_null);
    frame_assign(frame, index, result, is_null);
}

/* Any failure to convert an argument is error 8114, and ends the EXECUTE only. */
static void
assign_argument(Frame *frame, int index, const ProcedureArgument *argument)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    MemoryContext memory = CurrentMemoryContext;

    if (argument->is_null || sql_type_equal(&argument->type, &variable->type)) {
        frame_assign(frame, index, argument->value, argument->is_null);
        return;
    }
    PG_TRY();
    {
        frame_assign_from(frame, index, &argument->type, argument->value, argument->is_null);
    }
    PG_CATCH();
    {
        if (geterrcode() == ERRCODE_QUERY_CANCELED)
            PG_RE_THROW();
        MemoryContextSwitchTo(memory);
        FlushErrorState();
        interpreter.raise_kind = RAISE_INNER;
        tsql_error_state(ERR_8114, 5, sql_type_info(argument->type.id)->name,
                         sql_type_info(variable->type.id)->name);
    }
    PG_END_TRY();
}

static void
bind_arguments(Frame *frame, ProcedureArgument *arguments, int count, int *positions)
{
    const Program *program = frame->program;
    bool *given = palloc0(sizeof(bool) * (program->parameter_count + 1));

    for (int i = 0; i < count; i++) {
        ProcedureArgument *argument = &arguments[i];
        const ProgramVariable *variable;
        int index = parameter_of(program, argument, i, given);

        positions[i] = index;
        variable = &program->variables[index];
        if (argument->is_default && variable->default_value != NULL)
            continue;
        if (argument->is_default && !variable->is_table)
            continue; /* reported as not supplied */
        given[index] = true;
        if (argument->is_output && !variable->is_output && program->object_id != 0)
            tsql_error(ERR_8162, variable->name);
        if (variable->is_table) {
            frame->tables[index] = argument->table;
            continue;
        }
        if (variable->is_cursor) {
            if (argument->cursor != NULL && execute_cursor_hooks.reference != NULL)
                frame->cursors[index] = execute_cursor_hooks.reference(argument->cursor);
            continue;
        }
        assign_argument(frame, index, argument);
    }
    for (int i = 0; i < program->parameter_count; i++) {
        const ProgramVariable *variable = &program->variables[i];

        if (given[i])
            continue;
        if (variable->default_value != NULL)
            assign_default(frame, i);
        else if (!variable->is_table) {
            if (program->name == NULL)
                tsql_error(ERR_8178,
                           psprintf("(%s)%s", program->parameters_text,
                                    pnstrdup(program->text, Min(program->text_length, 256))),
                           variable->name);
            tsql_error_state(ERR_201, 4, program->name, variable->name);
        }
    }
}

/* Copies the values of OUTPUT parameters to where the caller finds them. */
static void
return_outputs(Frame *frame,
               ProcedureArgument *arguments,
               int count,
               const int *positions,
               MemoryContext memory)
{
    MemoryContext old = MemoryContextSwitchTo(memory);

    for (int i = 0; i < count; i++) {
        ProcedureArgument *argument = &arguments[i];
        const ProgramVariable *variable = &frame->program->variables[positions[i]];
        const ParamExternData *param = &frame->params->params[positions[i]];

        if (!argument->is_output || !variable->is_output)
            continue;
        argument->changed = true;
        argument->out_type = variable->type;
        if (variable->is_cursor) {
            argument->cursor = frame->cursors[positions[i]];
            if (argument->cursor != NULL)
                argument->cursor = execute_cursor_hooks.reference(argument->cursor);
            continue;
        }
        argument->out_is_null = param->isnull;
        argument->out_value =
            param->isnull ? (Datum) 0
                          : datumCopy(param->value, variable->type_by_value, variable->type_length);
    }
    MemoryContextSwitchTo(old);
}

/* ---------------------------------------------------------------- running */

static void
check_transaction_count(const Frame *frame)
{
    TsqlError error = {.number = 266, .severity = 16, .state = 2};

    if (session_context->tran_count == frame->tran_count_at_start)
        return;
    error.message =
        tsql_error_format(ERR_266, frame->tran_count_at_start, session_context->tran_count);
    error.procedure = frame->program->name;
    error_report(&error);
}

/*
 * Runs `program` (whose reference is taken over) in a new frame. Results of OUTPUT parameters are
 * left in the arguments, allocated in the memory that is current.
 */
Flow
call_program(Frame *caller,
             FrameKind kind,
             Program *program,
             ProcedureArgument *arguments,
             int count,
             int32 *return_status)
{
    MemoryContext memory = CurrentMemoryContext;
    int *positions = palloc(sizeof(int) * (count + 1));
    Frame *frame = frame_push(kind, program, NULL);
    Flow flow;

    MemoryContextSwitchTo(frame->memory);
    tsql_error_set_line(0); /* where SQL Server says that arguments are wrong */
    bind_arguments(frame, arguments, count, positions);
    flow = run_list(frame, program->body);
    MemoryContextSwitchTo(memory);
    if (flow != FLOW_ERROR && flow != FLOW_ABORT) {
        return_outputs(frame, arguments, count, positions, memory);
        if (kind == FRAME_PROCEDURE)
            check_transaction_count(frame);
        flow = FLOW_NEXT;
    }
    if (return_status != NULL)
        *return_status = frame->return_status;
    frame_pop(frame);
    interpreter.error_skips_scope = false;
    return flow;
}

/* Parses inside a guard; what does not compile ends only the EXECUTE. */
static Program *
compile(const char *text,
        size_t length,
        const char *declarations,
        size_t declarations_length,
        int32 object_id,
        int number)
{
    StatementGuard guard;
    Program *volatile program = NULL;

    guard_enter(&guard, false);
    PG_TRY();
    {
        program = text != NULL ? program_for_text(text, length, declarations, declarations_length)
                               : program_for_module(object_id, number);
    }
    PG_CATCH();
    {
        plan_is_binding = false;
        interpreter.raise_kind = RAISE_INNER;
        PG_RE_THROW();
    }
    PG_END_TRY();
    if (guard.subtransaction || session_context->tran_count > 0)
        guard_leave(&guard);
    else
        interpreter.guard = guard.outer; /* no need to commit: a statement follows */
    return program;
}

Program *
compile_text(const char *text, size_t length, const char *declarations, size_t declarations_length)
{
    return compile(text, length, declarations, declarations_length, 0, 0);
}

Flow
call_text(Frame *caller,
          const char *text,
          size_t length,
          const char *declarations,
          size_t declarations_length,
          ProcedureArgument *arguments,
          int count)
{
    Program *program = compile(text, length, declarations, declarations_length, 0, 0);

    return call_program(caller, FRAME_TEXT, program, arguments, count, NULL);
}

Flow
call_procedure(Frame *caller,
               const CatalogObject *procedure,
               int number,
               ProcedureArgument *arguments,
               int count,
               int32 *return_status)
{
    Program *program = compile(NULL, 0, NULL, 0, procedure->id, number);

    if (program == NULL)
        tsql_error(ERR_2812, procedure->name);
    return call_program(caller, FRAME_PROCEDURE, program, arguments, count, return_status);
}

/* ---------------------------------------------------------------- names */

/* Splits "a.[b c].d" as EXEC @name and RPC have it. Raises 203. */
void
parse_procedure_name(const char *text, AstName *name, int *number)
{
    const char *parts[4];
    int count = 0;
    const char *p = text;

    *number = 0;
    for (;;) {
        StringInfoData part;
        char close = '\0';

        initStringInfo(&part);
        while (*p == ' ')
            p++;
        if (*p == '[' || *p == '"') {
            close = *p == '[' ? ']' : '"';
            for (p++; *p != '\0'; p++) {
                if (*p == close && *++p != close)
                    break;
                appendStringInfoChar(&part, *p);
            }
            while (*p == ' ')
                p++;
        } else
            while (*p != '\0' && *p != '.' && *p != ';')
                appendStringInfoChar(&part, *p++);
        if (close == '\0')
            while (part.len > 0 && part.data[part.len - 1] == ' ')
                part.data[--part.len] = '\0';
        if (count == 4)
            tsql_error(ERR_203, text);
        parts[count++] = part.data;
        if (*p != '.')
            break;
        p++;
    }
    if (*p == ';')
        *number = (int) strtol(p + 1, NULL, 10);
    else if (*p != '\0')
        tsql_error(ERR_203, text);
    memset(name, 0, sizeof(*name));
    name->object = parts[count - 1];
    if (name->object[0] == '\0')
        tsql_error(ERR_2812, text);
    name->schema = count > 1 && *parts[count - 2] ? parts[count - 2] : NULL;
    name->database = count > 2 && *parts[count - 3] ? parts[count - 3] : NULL;
    name->server = count > 3 && *parts[count - 4] ? parts[count - 4] : NULL;
}

static char *
written_name(const AstName *name)
{
    StringInfoData text;

    initStringInfo(&text);
    if (name->database != NULL && *name->database)
        appendStringInfo(&text, "%s.", name->database);
    if (name->schema != NULL && *name->schema)
        appendStringInfo(&text, "%s.", name->schema);
    else if (name->database != NULL && *name->database)
        appendStringInfoChar(&text, '.');
    appendStringInfoString(&text, name->object);
    return text.data;
}

/* ---------------------------------------------------------------- one call, whatever it is */

/* The C implementation that the name means: sp_... of sys, in any database. */
SystemProcedure
find_system_procedure(const AstName *name)
{
    if (execute_system_procedure == NULL)
        return NULL;
    if (name->schema != NULL && *name->schema && pg_strcasecmp(name->schema, "sys") != 0 &&
        pg_strcasecmp(name->schema, "dbo") != 0)
        return NULL;
    if (pg_strncasecmp(name->object, "sp_", 3) != 0 && pg_strncasecmp(name->object, "xp_", 3) != 0)
        return NULL;
    return execute_system_procedure(name->object, 0);
}

/* Inside a module of the same owner nobody asks: ownership chaining. */
static void
check_execute_permission(const Frame *caller, const CatalogObject *object)
{
    const CatalogDatabase *database;

    if (object->is_system ||
        (caller != NULL && caller->program->object_id != 0 &&
         bind_same_owner(caller->program->database, caller->program->schema_name, object)) ||
        catalog_permission_check(object, "EXECUTE", 0))
        return;
    database = catalog_database(object->database);
    /* told as of the procedure's first line */
    interpreter.raise_procedure = object->name;
    tsql_error_set_line(1);
    tsql_error_state(ERR_229, 5, "EXECUTE", object->name, database ? database->name : "",
                     object->schema_name);
}

/* Runs whatever the name means: a system procedure, a module, a scalar function (as EXEC allows).
 */
Flow
call_by_name(Frame *caller,
             const AstName *name,
             int number,
             ProcedureArgument *arguments,
             int count,
             bool by_rpc,
             int32 *return_status)
{
    SystemProcedure handler = find_system_procedure(name);
    CatalogObject object;
    BindContext context;

    *return_status = 0;
    if (name->server != NULL && *name->server)
        tsql_error(ERR_7202, name->server);
    if (handler != NULL) {
        ProcedureCall call = {
            .caller = caller, .arguments = arguments, .argument_count = count, .by_rpc = by_rpc};

        transaction_ensure();
        handler(&call);
        *return_status = call.return_status;
        return call.flow;
    }
    transaction_ensure();
    memset(&context, 0, sizeof(context));
    context.database = session_context->database;
    context.default_schema = session_context->default_schema;
    if (caller != NULL)
        program_bind_context(caller->program, &caller->scope, &context);
    if (!catalog_find_object(context.database, context.default_schema, name->database, name->schema,
                             name->object, false, &object))
        tsql_error(ERR_2812, written_name(name));
    switch (object.type) {
    case CATALOG_PROCEDURE:
    case CATALOG_SYSTEM_PROCEDURE:
        check_execute_permission(caller, &object);
        return call_procedure(caller, &object, number, arguments, count, return_status);
    default:
        tsql_error(ERR_2809, "procedure", object.name, object.name, "different kind of");
    }
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- the EXECUTE statement */

static void
evaluate_argument(Frame *frame, const AstExecParam *param, ProcedureArgument *argument)
{
    argument->name = param->name;
    argument->is_default = param->is_default;
    argument->is_output = param->output;
    if (param->is_default)
        return;
    if (param->value->kind == AST_COLUMN_REF) {
        const char *word = ((const AstColumnRef *) param->value)->column;

        argument->type = sql_type_string(SQL_NVARCHAR, strlen(word) + 1, sql_collation_default());
        argument->value = PointerGetDatum(cstring_to_text(word));
        return;
    }
    if (param->value->kind == AST_VARIABLE) {
        int index = frame_variable(frame, ((const AstVariable *) param->value)->name);
        const ProgramVariable *variable = &frame->program->variables[index];

        if (variable->is_table) {
            argument->table = frame->scope.table_variable(frame, variable->name);
            return;
        }
        if (variable->is_cursor) {
            argument->cursor = frame->cursors[index];
            return;
        }
        argument->type = variable->type;
        argument->value = frame->params->params[index].value;
        argument->is_null = frame->params->params[index].isnull;
        return;
    }
    if (param->output)
        tsql_error(ERR_179);
    argument->value =
        frame_evaluate(frame, param->value, NULL, &argument->type, &argument->is_null);
}

/* OUTPUT values go to the variables that were passed. */
static void
assign_outputs(Frame *frame, const AstList *params, const ProcedureArgument *arguments)
{
    for (int i = 0; i < AST_LIST_COUNT(params); i++) {
        const AstExecParam *param = AST_LIST_ITEM(AstExecParam, params, i);
        const ProcedureArgument *argument = &arguments[i];
        int index;

        if (!argument->changed || param->value->kind != AST_VARIABLE)
            continue;
        index = frame_variable(frame, ((const AstVariable *) param->value)->name);
        if (frame->program->variables[index].is_cursor)
            frame->cursors[index] = argument->cursor;
        else
            frame_assign_from(frame, index, &argument->out_type, argument->out_value,
                              argument->out_is_null);
    }
}

/* A procedure has ended: at the top of a batch the client gets its status. */
static void
report_procedure_end(Frame *frame, bool has_status, int32 status)
{
    ResultSink *sink = interpreter.sink;

    if (frame->kind == FRAME_BATCH && frame->parent == NULL) {
        if (has_status)
            sink->return_status(sink, status);
        sink->done(sink, SINK_DONE_PROC, 0, SINK_COMMAND_EXECUTE, 0);
    } else
        report_done(frame, SINK_COMMAND_EXECUTE, false, 0);
}

/* EXEC ('text') AS USER = 'x' */
static Flow
call_text_as(Frame *frame, const StringInfo text, const char *principal, bool as_login)
{
    int former = impersonation_depth();
    volatile Flow flow = FLOW_NEXT;

    impersonate(principal, as_login);
    PG_TRY();
    {
        flow = call_text(frame, text->data, text->len, NULL, 0, NULL, 0);
    }
    PG_FINALLY();
    {
        impersonation_unwind(former);
    }
    PG_END_TRY();
    return flow;
}

static Flow
execute_text(Frame *frame, const AstExecute *statement)
{
    StringInfoData text;
    Flow flow;

    if (statement->at_server != NULL)
        tsql_error(ERR_7202, statement->at_server);
    initStringInfo(&text);
    for (int i = 0; i < AST_LIST_COUNT(statement->text); i++) {
        char *part = frame_evaluate_text(frame, statement->text->items[i]);

        if (part != NULL)
            appendStringInfoString(&text, part);
    }
    flow = statement->as_principal != NULL
               ? call_text_as(frame, &text, statement->as_principal, statement->as_login)
               : call_text(frame, text.data, text.len, NULL, 0, NULL, 0);
    if (flow == FLOW_NEXT)
        report_procedure_end(frame, false, 0);
    return flow;
}

static void
executed_name(Frame *frame, const AstExecute *statement, AstName *name, int *number)
{
    char *text;

    if (statement->name_variable == NULL) {
        *name = statement->procedure;
        *number = statement->procedure_number;
        return;
    }
    text = frame_variable_text(frame, statement->name_variable);
    if (text == NULL)
        tsql_error(ERR_2812, "");
    parse_procedure_name(text, name, number);
}

Flow
run_execute(Frame *frame, const AstExecute *statement)
{
    int count = AST_LIST_COUNT(statement->params), number;
    ProcedureArgument *arguments;
    int32 status = 0;
    AstName name;
    Flow flow;

    if (statement->text != NULL)
        return execute_text(frame, statement);
    executed_name(frame, statement, &name, &number);
    arguments = palloc0(sizeof(ProcedureArgument) * (count + 1));
    for (int i = 0; i < count; i++)
        evaluate_argument(frame, AST_LIST_ITEM(AstExecParam, statement->params, i), &arguments[i]);
    tsql_error_set_line(statement->node.line);
    flow = call_by_name(frame, &name, number, arguments, count, false, &status);
    if (flow != FLOW_NEXT)
        return flow;
    assign_outputs(frame, statement->params, arguments);
    if (statement->return_variable != NULL) {
        SqlType type = sql_type_make(SQL_INT);

        frame_assign_from(frame, frame_variable(frame, statement->return_variable), &type,
                          Int32GetDatum(status), false);
    }
    report_procedure_end(frame, true, status);
    return FLOW_NEXT;
}
