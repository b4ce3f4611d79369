/*
 * sp_executesql and the sp_prepare family: text with parameters, run at once or by a handle. The
 * plans are the program's (engine/plan); a handle only keeps its program.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "pgcompat/base.h"
#include "procedures/procedures.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

typedef struct Prepared {
    Program *program; /* NULL: the handle is free */
    char *rpc_name;   /* sp_prepexecrpc: a procedure instead */
} Prepared;

static Prepared *prepared; /* by handle - 1 */
static int prepared_capacity, prepared_count;

/* ---------------------------------------------------------------- handles */

static int
handle_new(Program *program, const char *rpc_name)
{
    int handle;

    for (handle = 0; handle < prepared_count; handle++)
        if (prepared[handle].program == NULL && prepared[handle].rpc_name == NULL)
            break;
    if (handle == prepared_capacity) {
        int capacity = Max(64, prepared_capacity * 2);

        prepared = prepared == NULL
                       ? MemoryContextAllocZero(session_memory, sizeof(Prepared) * capacity)
                       : repalloc(prepared, sizeof(Prepared) * capacity);
        memset(prepared + prepared_capacity, 0, sizeof(Prepared) * (capacity - prepared_capacity));
        prepared_capacity = capacity;
    }
    prepared_count = Max(prepared_count, handle + 1);
    prepared[handle].program = program;
    prepared[handle].rpc_name = rpc_name ? MemoryContextStrdup(session_memory, rpc_name) : NULL;
    return handle + 1;
}

static Prepared *
handle_find(int handle)
{
    if (handle < 1 || handle > prepared_count ||
        (prepared[handle - 1].program == NULL && prepared[handle - 1].rpc_name == NULL))
        tsql_error(ERR_8179, handle);
    return &prepared[handle - 1];
}

static void
handle_free(Prepared *entry)
{
    if (entry->program != NULL)
        program_unref(entry->program);
    if (entry->rpc_name != NULL)
        pfree(entry->rpc_name);
    memset(entry, 0, sizeof(*entry));
}

void
prepared_forget_all(void)
{
    for (int i = 0; i < prepared_count; i++)
        handle_free(&prepared[i]);
    prepared_count = 0;
}

/* ---------------------------------------------------------------- compiling */

static void
wrong_type(const char *parameter)
{
    interpreter.raise_procedure = "sp_executesql";
    tsql_error_set_line(1);
    tsql_error_state(ERR_214, 2, parameter, "ntext/nchar/nvarchar");
}

/* A text argument that must be national: error 214 otherwise. */
static void
statement_text(const ProcedureCall *call,
               int position,
               const char *name,
               const char *shown,
               bool needed,
               const char **out,
               size_t *length)
{
    const ProcedureArgument *argument = procedure_argument(call, position, name);
    text *value;

    /* These go by position, and some drivers give them names of their own ("stmt"). */
    if (argument == NULL && position < call->argument_count)
        argument = &call->arguments[position];
    *out = NULL;
    *length = 0;
    if (argument == NULL || argument->is_default || argument->is_null) {
        if (needed)
            wrong_type(shown);
        return;
    }
    if (sql_type_info(argument->type.id)->category != 'N')
        wrong_type(shown);
    value = DatumGetTextPP(argument->value);
    *out = VARDATA_ANY(value);
    *length = VARSIZE_ANY_EXHDR(value);
}

static Program *
compile_call(const ProcedureCall *call, int statement, int parameters, const char *statement_name)
{
    const char *text, *declarations;
    size_t length, declarations_length;

    statement_text(call, statement, statement_name, statement_name, true, &text, &length);
    statement_text(call, parameters, "@params", "@parameters", false, &declarations,
                   &declarations_length);
    return compile_text(text, length, declarations, declarations_length);
}

/* ---------------------------------------------------------------- procedures */

/* sp_executesql @stmt, @params, values... */
void
procedure_executesql(ProcedureCall *call)
{
    Program *program = compile_call(call, 0, 1, "@statement");
    int skipped = Min(2, call->argument_count);

    /* the procedure itself is a level of @@NESTLEVEL; the frame of the text puts it back */
    session_context->nest_level++;
    call->flow = call_program(call->caller, FRAME_TEXT, program, call->arguments + skipped,
                              call->argument_count - skipped, NULL);
}

/* sp_prepare @handle OUTPUT, @params, @stmt, @options */
void
procedure_prepare(ProcedureCall *call)
{
    Program *program = compile_call(call, 2, 1, "@stmt");

    if (procedure_int(call, 3, "@options", 1) & 1)
        describe_program(call->caller, program);
    procedure_return_int(call, 0, handle_new(program, NULL));
}

static void
execute_handle(ProcedureCall *call, Prepared *entry, int skipped)
{
    if (entry->program == NULL) {
        AstName name;
        int number;

        parse_procedure_name(entry->rpc_name, &name, &number);
        call->flow =
            call_by_name(call->caller, &name, number, call->arguments + skipped,
                         call->argument_count - skipped, call->by_rpc, &call->return_status);
        return;
    }
    call->flow = call_program(call->caller, FRAME_TEXT, program_ref(entry->program),
                              call->arguments + skipped, call->argument_count - skipped, NULL);
}

/* sp_execute handle, values... */
void
procedure_execute(ProcedureCall *call)
{
    if (call->argument_count < 1)
        tsql_error(ERR_201, "sp_execute", "@handle");
    execute_handle(call, handle_find(procedure_int(call, 0, "@handle", 0)), 1);
}

/* sp_prepexec @handle OUTPUT, @params, @stmt, values...: a handle given is replaced. */
void
procedure_prepexec(ProcedureCall *call)
{
    Program *program = compile_call(call, 2, 1, "@stmt");
    int former = procedure_int(call, 0, "@handle", 0), handle;

    if (former >= 1 && former <= prepared_count)
        handle_free(&prepared[former - 1]);
    handle = handle_new(program, NULL);
    procedure_return_int(call, 0, handle);
    execute_handle(call, handle_find(handle), Min(3, call->argument_count));
}

/* "{call dbo.p(?, ?)}", "{?=call p}" or a bare name. */
static char *
called_procedure(char *text)
{
    char *start = text, *end;

    while (*start == ' ' || *start == '{' || *start == '?' || *start == '=')
        start++;
    if (pg_strncasecmp(start, "call ", 5) == 0)
        start += 5;
    else if (pg_strncasecmp(start, "exec ", 5) == 0)
        start += 5;
    end = strpbrk(start, "(}");
    if (end != NULL)
        *end = '\0';
    return start;
}

/* sp_prepexecrpc @handle OUTPUT, @rpccall, values... */
void
procedure_prepexecrpc(ProcedureCall *call)
{
    char *text = procedure_text(call, 1, "@RPCCall");
    int handle;

    if (text == NULL)
        tsql_error(ERR_214, "@RPCCall", "ntext/nchar/nvarchar");
    handle = handle_new(NULL, called_procedure(text));
    procedure_return_int(call, 0, handle);
    execute_handle(call, handle_find(handle), 2);
}

/* sp_unprepare handle */
void
procedure_unprepare(ProcedureCall *call)
{
    handle_free(handle_find(procedure_int(call, 0, "@handle", 0)));
}

/* By name inside a batch: what the header bit does between requests, as far as it can. */
void
procedure_reset_connection(ProcedureCall *call)
{
    if (session_context->tran_count > 0)
        transaction_rollback(NULL);
    prepared_forget_all();
}
