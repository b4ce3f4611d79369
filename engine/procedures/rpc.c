/*
 * RPC requests: parameters as the client sent them become arguments of a call; afterwards the
 * return status, OUTPUT values and DONEPROC go back.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/execute.h"
#include "procedures/procedures.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* The frame below that of the procedure: an empty program, so that errors have a place to go. */
static Program *
empty_program(void)
{
    static Program *program;

    if (program == NULL)
        program = program_for_text("", 0, NULL, 0);
    return program_ref(program);
}

static ProcedureArgument *
arguments_of(Frame *frame, const RpcCall *call)
{
    ProcedureArgument *arguments = palloc0(sizeof(ProcedureArgument) * (call->parameter_count + 1));

    for (int i = 0; i < call->parameter_count; i++) {
        const RpcParameter *parameter = &call->parameters[i];

        arguments[i].name = parameter->name;
        arguments[i].type = parameter->type;
        arguments[i].value = parameter->value;
        arguments[i].is_null = parameter->is_null;
        arguments[i].is_default = parameter->is_default;
        arguments[i].is_output = parameter->is_output;
        if (parameter->table != NULL) {
            arguments[i].is_default = false;
            arguments[i].table = table_parameter_relation(frame, parameter->table);
        }
    }
    return arguments;
}

static void
drop_tables(const ProcedureArgument *arguments, int count)
{
    for (int i = 0; i < count; i++) {
        const CatalogRelation *table = arguments[i].table;

        if (table == NULL || execute_table_hooks.drop_table_variable == NULL)
            continue;
        transaction_ensure();
        if (get_rel_relkind(table->object.relation) != '\0')
            execute_table_hooks.drop_table_variable(table);
    }
}

static void
return_values(const RpcCall *call, const ProcedureArgument *arguments)
{
    ResultSink *sink = interpreter.sink;

    for (int i = 0; i < call->parameter_count; i++) {
        const ProcedureArgument *argument = &arguments[i];
        const char *name = call->parameters[i].name;

        if (argument->is_output && argument->changed)
            sink->return_value(sink, i, name ? name : "", &argument->out_type, argument->out_value,
                               argument->out_is_null, false);
    }
}

static Flow
call_what_is_named(Frame *frame, const RpcCall *call, ProcedureArgument *arguments, int32 *status)
{
    AstName name;
    int number;

    if (call->procedure_id != 0) {
        ProcedureCall system = {.caller = frame,
                                .arguments = arguments,
                                .argument_count = call->parameter_count,
                                .by_rpc = true};
        SystemProcedure procedure = execute_system_procedure(NULL, call->procedure_id);

        if (procedure == NULL)
            tsql_error(ERR_2812, psprintf("%d", call->procedure_id));
        procedure(&system);
        *status = system.return_status;
        return system.flow;
    }
    parse_procedure_name(call->name ? call->name : "", &name, &number);
    return call_by_name(frame, &name, number, arguments, call->parameter_count, true, status);
}

static void
run_call(Frame *frame, const RpcCall *call)
{
    ResultSink *sink = interpreter.sink;
    ProcedureArgument *volatile arguments = NULL;
    volatile Flow flow = FLOW_NEXT;
    volatile bool failed = false;
    int32 status = 0;
    ErrorPoint point;

    error_point(&point);
    PG_TRY();
    {
        arguments = arguments_of(frame, call);
        flow = call_what_is_named(frame, call, arguments, &status);
    }
    PG_CATCH();
    {
        failed = true;
        flow = caught_error(frame, &point);
    }
    PG_END_TRY();
    if (arguments != NULL)
        drop_tables(arguments, call->parameter_count);
    frame_pop(frame);
    request_finish();
    if (interpreter.outcome != EXECUTE_DONE)
        return;
    if (!failed && flow == FLOW_NEXT) {
        sink->return_status(sink, status);
        return_values(call, arguments);
    }
    sink->done(sink, SINK_DONE_PROC, failed || flow == FLOW_ABORT ? SINK_STATUS_ERROR : 0,
               SINK_COMMAND_EXECUTE, 0);
}

ExecuteOutcome
execute_rpc(const RpcCall *call)
{
    ErrorPoint point;

    error_point(&point);
    interpreter.by_rpc = true;
    interpreter.sink->no_metadata = call->no_metadata;
    PG_TRY();
    {
        Frame *frame = frame_push(FRAME_BATCH, empty_program(), NULL);

        MemoryContextSwitchTo(interpreter.memory); /* arguments outlive the frame */
        run_call(frame, call);
    }
    PG_CATCH();
    {
        request_failed(&point, true);
    }
    PG_END_TRY();
    interpreter.by_rpc = false;
    interpreter.sink->no_metadata = false;
    MemoryContextSwitchTo(interpreter.memory);
    return interpreter.outcome;
}
