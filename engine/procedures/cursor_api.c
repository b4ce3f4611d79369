/*
 * The cursors that drivers open by procedure: sp_cursoropen, sp_cursorfetch, sp_cursorclose,
 * sp_cursoroption, sp_cursor and the prepared forms (the "cursor stored procedures" pages of the
 * T-SQL reference). A handle stands for a cursor of cursor.c and the rows fetched last, its buffer.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "procedures/cursor.h"
#include "procedures/cursor_api.h"
#include "procedures/procedures.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define SCROLL_KEYSET 0x0001
#define SCROLL_DYNAMIC 0x0002
#define SCROLL_FORWARD_ONLY 0x0004
#define SCROLL_STATIC 0x0008
#define SCROLL_FAST_FORWARD 0x0010
#define SCROLL_TYPES 0x001F
#define SCROLL_AUTO_FETCH 0x2000
#define CONCURRENCY_READ_ONLY 0x0001
#define CONCURRENCY_TYPES 0x000F

#define FETCH_FIRST 0x0001
#define FETCH_NEXT_ROWS 0x0002
#define FETCH_PREVIOUS 0x0004
#define FETCH_LAST 0x0008
#define FETCH_ABSOLUTE_ROWS 0x0010
#define FETCH_RELATIVE_ROWS 0x0020
#define FETCH_REFRESH 0x0080
#define FETCH_INFO 0x0100
#define FETCH_TYPES 0x03FF

#define OPERATION_UPDATE 0x0001
#define OPERATION_DELETE 0x0002
#define OPERATION_REFRESH 0x0008
#define OPERATION_SET_POSITION 0x0020
#define OPERATION_TYPES 0x003F

#define FIRST_HANDLE 180150003

typedef struct ApiCursor {
    int32 handle;
    Cursor *cursor;
    int64 first;          /* row number of the buffer's first row, 0 before the first fetch */
    int64 count;          /* rows in the buffer */
    BoundColumn *columns; /* the cursor's and ROWSTAT */
    TupleTableSlot *slot; /* a row with its ROWSTAT */
} ApiCursor;

/* A prepared cursor statement. */
typedef struct ApiPrepared {
    int32 handle;
    Program *program;
    int32 scroll, concurrency;
} ApiPrepared;

static List *api_cursors; /* in session_memory */
static List *api_prepared;
static int32 next_handle = FIRST_HANDLE;

/* ---- arguments ---- */

static int32
int_argument(ProcedureCall *call, int index, int32 otherwise)
{
    SqlType type = sql_type_make(SQL_INT);
    ProcedureArgument *argument;
    bool is_null;
    Datum value;

    if (index >= call->argument_count)
        return otherwise;
    argument = &call->arguments[index];
    if (argument->is_null || argument->is_default)
        return otherwise;
    value = sql_convert_datum(argument->value, false, &argument->type, &type, CONVERSION_ASSIGN, 0,
                              &is_null);
    return is_null ? otherwise : DatumGetInt32(value);
}

static char *
text_argument(ProcedureCall *call, int index)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    ProcedureArgument *argument;
    bool is_null;
    Datum value;

    if (index >= call->argument_count || call->arguments[index].is_null)
        return NULL;
    argument = &call->arguments[index];
    value = sql_convert_datum(argument->value, false, &argument->type, &type, CONVERSION_ASSIGN, 0,
                              &is_null);
    return is_null ? NULL : TextDatumGetCString(value);
}

static void
set_output(ProcedureCall *call, int index, int32 value)
{
    if (index >= call->argument_count || !call->arguments[index].is_output)
        return;
    call->arguments[index].changed = true;
    call->arguments[index].out_type = sql_type_make(SQL_INT);
    call->arguments[index].out_value = Int32GetDatum(value);
    call->arguments[index].out_is_null = false;
}

static ApiCursor *
find_cursor(const char *procedure, int32 handle)
{
    ListCell *cell;

    foreach (cell, api_cursors)
        if (((ApiCursor *) lfirst(cell))->handle == handle)
            return lfirst(cell);
    tsql_error(ERR_16909, procedure, handle);
}

static ApiPrepared *
find_prepared(const char *procedure, int32 handle)
{
    ListCell *cell;

    foreach (cell, api_prepared)
        if (((ApiPrepared *) lfirst(cell))->handle == handle)
            return lfirst(cell);
    tsql_error(ERR_16909, procedure, handle);
}

/* ---- opening ---- */

/* The one SELECT of a cursor's text: 16937/16938 for anything else. */
static const AstNode *
only_select(const Program *program)
{
    const AstNode *statement;

    if (AST_LIST_COUNT(program->body) != 1)
        tsql_error(ERR_16938);
    statement = program->body->items[0];
    if (statement->kind != AST_QUERY_STATEMENT)
        tsql_error(ERR_16937);
    return statement;
}

/* Values of the text's parameters from the call's arguments, from `first` on: 8178 when missing. */
static ParamListInfo
bind_arguments(const Program *program, ProcedureCall *call, int first)
{
    ParamListInfo params = makeParamList(program->variable_count);

    for (int i = 0; i < program->variable_count; i++) {
        const ProgramVariable *variable = &program->variables[i];
        ParamExternData *param = &params->params[i];
        ProcedureArgument *argument;

        param->ptype = variable->pg_type;
        param->pflags = PARAM_FLAG_CONST;
        param->isnull = true;
        if (i >= program->parameter_count)
            continue;
        if (first + i >= call->argument_count)
            tsql_error(ERR_8178, program->text, variable->name);
        argument = &call->arguments[first + i];
        param->value = sql_convert_datum(argument->value, argument->is_null, &argument->type,
                                         &variable->type, CONVERSION_ASSIGN, 0, &param->isnull);
    }
    return params;
}

static void
add_row_status(ApiCursor *api)
{
    Cursor *cursor = api->cursor;
    MemoryContext old = MemoryContextSwitchTo(cursor->memory);
    int count = cursor->column_count;
    TupleDesc from = cursor->slot->tts_tupleDescriptor;
    TupleDesc descriptor = CreateTemplateTupleDesc(count + 1);

    api->columns = palloc0(sizeof(BoundColumn) * (count + 1));
    memcpy(api->columns, cursor->columns, sizeof(BoundColumn) * count);
    api->columns[count].name = "ROWSTAT";
    api->columns[count].type = sql_type_make(SQL_INT);
    for (int i = 0; i < count; i++)
        TupleDescCopyEntry(descriptor, i + 1, from, i + 1);
    TupleDescInitEntry(descriptor, count + 1, "ROWSTAT", sql_type_oid(SQL_INT), -1, 0);
    api->slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
    MemoryContextSwitchTo(old);
}

static void
describe(ApiCursor *api)
{
    ResultSink *sink = interpreter.sink;

    sink->begin_result(sink, api->columns, api->cursor->column_count + 1, NULL, 0);
    sink->end_result(sink);
}

/* What the caller gets: the kind it asked for stays when it has one of ours. */
static void
settle_options(int32 *scroll, int32 *concurrency)
{
    int32 type = *scroll & SCROLL_TYPES;

    if (type == 0)
        type = SCROLL_KEYSET;
    *scroll = type;
    *concurrency &= CONCURRENCY_TYPES;
    if (*concurrency == 0)
        *concurrency = CONCURRENCY_READ_ONLY;
}

static ApiCursor *
open_cursor(Frame *caller, Program *program, ParamListInfo params, int32 scroll, int32 concurrency)
{
    Cursor *cursor = cursor_new(program, only_select(program), params);
    ApiCursor *api;
    MemoryContext old;

    cursor->scroll = !(scroll & (SCROLL_FORWARD_ONLY | SCROLL_FAST_FORWARD));
    cursor->read_only = (concurrency & CONCURRENCY_READ_ONLY) != 0;
    PG_TRY();
    {
        Frame *frame = frame_push(FRAME_TEXT, program_ref(program), params);

        cursor_open(cursor, frame);
        frame_pop(frame);
    }
    PG_CATCH();
    {
        cursor_unref(cursor);
        PG_RE_THROW();
    }
    PG_END_TRY();
    old = MemoryContextSwitchTo(session_memory);
    api = palloc0(sizeof(ApiCursor));
    api->cursor = cursor;
    api->handle = next_handle++;
    api_cursors = lappend(api_cursors, api);
    MemoryContextSwitchTo(old);
    add_row_status(api);
    return api;
}

static void
close_cursor(ApiCursor *api)
{
    api_cursors = list_delete_ptr(api_cursors, api);
    cursor_forget_name(api->cursor);
    ExecDropSingleTupleTableSlot(api->slot);
    cursor_unref(api->cursor);
    pfree(api);
}

/* ---- fetching ---- */

/* The first row of the buffer that a fetch asks for; may be out of range. */
static int64
buffer_start(const ApiCursor *api, int32 type, int64 row, int64 wanted)
{
    int64 total = api->cursor->row_count;

    switch (type) {
    case FETCH_FIRST:
        return 1;
    case FETCH_LAST:
        return total - wanted + 1 > 1 ? total - wanted + 1 : 1;
    case FETCH_PREVIOUS:
        if (api->first <= 1)
            return 0;
        return api->first - wanted > 1 ? api->first - wanted : 1;
    case FETCH_ABSOLUTE_ROWS:
        return row >= 0 ? row : total + 1 + row;
    case FETCH_RELATIVE_ROWS:
        return api->first + row;
    case FETCH_REFRESH:
        return api->first;
    default:
        return api->first == 0 ? 1 : api->first + (api->count > 0 ? api->count : 0);
    }
}

static void
send_rows(ApiCursor *api, int64 wanted)
{
    ResultSink *sink = interpreter.sink;
    Cursor *cursor = api->cursor;
    int columns = cursor->column_count;

    sink->begin_result(sink, api->columns, columns + 1, NULL, 0);
    api->count = 0;
    while (api->count < wanted) {
        TupleTableSlot *row =
            cursor_move(cursor, api->count == 0 ? FETCH_DIR_ABSOLUTE : FETCH_DIR_NEXT, api->first);

        if (row == NULL)
            break;
        CHECK_FOR_INTERRUPTS();
        slot_getallattrs(row);
        ExecClearTuple(api->slot);
        memcpy(api->slot->tts_values, row->tts_values, sizeof(Datum) * columns);
        memcpy(api->slot->tts_isnull, row->tts_isnull, sizeof(bool) * columns);
        api->slot->tts_values[columns] = Int32GetDatum(1);
        api->slot->tts_isnull[columns] = false;
        ExecStoreVirtualTuple(api->slot);
        sink->row(sink, api->slot);
        api->count++;
    }
    sink->end_result(sink);
    session_context->row_count = api->count;
    sink->done(sink, SINK_DONE_IN_PROC, SINK_STATUS_COUNT, SINK_COMMAND_SELECT, api->count);
}

static void
fetch_rows(ApiCursor *api, int32 type, int64 row, int64 wanted)
{
    int64 start = buffer_start(api, type, row, wanted);
    int64 total = api->cursor->row_count;

    if (start < 1) {
        api->first = 0;
        api->count = 0;
        wanted = 0;
    } else
        api->first = start > total ? total + 1 : start;
    send_rows(api, start > total ? 0 : wanted);
    /* Standing behind the last row, PREVIOUS gives the last rows. */
    if (start > total)
        api->count = 0;
}

/* ---- the procedures ---- */

static void
finish_open(ProcedureCall *call, ApiCursor *api, int handle_at, int32 scroll, int32 concurrency)
{
    bool auto_fetch = (int_argument(call, handle_at + 1, 0) & SCROLL_AUTO_FETCH) != 0;

    settle_options(&scroll, &concurrency);
    if (auto_fetch)
        fetch_rows(api, FETCH_NEXT_ROWS, 0, 1);
    else
        describe(api);
    set_output(call, handle_at, api->handle);
}

/* sp_cursoropen cursor OUT, stmt, scrollopt OUT, ccopt OUT, rowcount OUT, paramdef, params... */
static void
cursor_api_open(ProcedureCall *call)
{
    char *text = text_argument(call, 1);
    char *definitions = text_argument(call, 5);
    int32 scroll = int_argument(call, 2, SCROLL_KEYSET);
    int32 concurrency = int_argument(call, 3, CONCURRENCY_READ_ONLY);
    Program *program;
    ApiCursor *api;

    if (text == NULL)
        tsql_error(ERR_16903, "sp_cursoropen");
    program =
        program_for_text(text, strlen(text), definitions, definitions ? strlen(definitions) : 0);
    api = open_cursor(call->caller, program, bind_arguments(program, call, 6), scroll, concurrency);
    program_unref(program);
    if (scroll & SCROLL_AUTO_FETCH)
        fetch_rows(api, FETCH_NEXT_ROWS, 0, int_argument(call, 4, 1));
    else
        describe(api);
    settle_options(&scroll, &concurrency);
    set_output(call, 0, api->handle);
    set_output(call, 2, scroll);
    set_output(call, 3, concurrency);
    set_output(call, 4, (int32) api->cursor->row_count);
}

/* sp_cursorfetch cursor, fetchtype, rownum, nrows */
static void
cursor_api_fetch(ProcedureCall *call)
{
    ApiCursor *api = find_cursor("sp_cursorfetch", int_argument(call, 0, 0));
    int32 type = int_argument(call, 1, FETCH_NEXT_ROWS) & FETCH_TYPES;
    int32 row = int_argument(call, 2, 0);
    int32 wanted = int_argument(call, 3, 1);

    if (type & FETCH_INFO) {
        set_output(call, 2, (int32) api->first);
        set_output(call, 3, (int32) api->cursor->row_count);
        return;
    }
    if (!api->cursor->scroll && !(type & FETCH_NEXT_ROWS))
        tsql_error(ERR_16911, "sp_cursorfetch", "scroll");
    fetch_rows(api, type, row, wanted < 0 ? 0 : wanted);
}

/* sp_cursorclose cursor; -1 closes all */
static void
cursor_api_close(ProcedureCall *call)
{
    int32 handle = int_argument(call, 0, 0);

    if (handle == -1)
        cursor_api_reset();
    else
        close_cursor(find_cursor("sp_cursorclose", handle));
}

/* sp_cursoroption cursor, code, value: names and text pointers change nothing here */
static void
cursor_api_option(ProcedureCall *call)
{
    find_cursor("sp_cursoroption", int_argument(call, 0, 0));
}

static int32
keep_prepared(Program *program, int32 scroll, int32 concurrency)
{
    MemoryContext old = MemoryContextSwitchTo(session_memory);
    ApiPrepared *prepared = palloc0(sizeof(ApiPrepared));

    prepared->handle = next_handle++;
    prepared->program = program;
    prepared->scroll = scroll;
    prepared->concurrency = concurrency;
    api_prepared = lappend(api_prepared, prepared);
    MemoryContextSwitchTo(old);
    return prepared->handle;
}

/* sp_cursorprepare handle OUT, params, stmt, options, scrollopt OUT, ccopt OUT */
static void
cursor_api_prepare(ProcedureCall *call)
{
    char *definitions = text_argument(call, 1);
    char *text = text_argument(call, 2);
    Program *program;

    if (text == NULL)
        tsql_error(ERR_16903, "sp_cursorprepare");
    program =
        program_for_text(text, strlen(text), definitions, definitions ? strlen(definitions) : 0);
    only_select(program);
    set_output(call, 0, keep_prepared(program, int_argument(call, 4, 0), int_argument(call, 5, 0)));
}

/* sp_cursorexecute handle, cursor OUT, scrollopt OUT, ccopt OUT, rowcount OUT, params... */
static void
cursor_api_execute(ProcedureCall *call)
{
    ApiPrepared *prepared = find_prepared("sp_cursorexecute", int_argument(call, 0, 0));
    int32 scroll = int_argument(call, 2, prepared->scroll);
    int32 concurrency = int_argument(call, 3, prepared->concurrency);
    ApiCursor *api = open_cursor(call->caller, prepared->program,
                                 bind_arguments(prepared->program, call, 5), scroll, concurrency);

    finish_open(call, api, 1, scroll, concurrency);
    set_output(call, 4, (int32) api->cursor->row_count);
}

/* sp_cursorprepexec handle OUT, cursor OUT, params, stmt, scrollopt OUT, ccopt OUT, rowcount OUT,
 * ... */
static void
cursor_api_prepexec(ProcedureCall *call)
{
    char *definitions = text_argument(call, 2);
    char *text = text_argument(call, 3);
    int32 scroll = int_argument(call, 4, SCROLL_KEYSET);
    int32 concurrency = int_argument(call, 5, CONCURRENCY_READ_ONLY);
    Program *program;
    ApiCursor *api;

    if (text == NULL)
        tsql_error(ERR_16903, "sp_cursorprepexec");
    program =
        program_for_text(text, strlen(text), definitions, definitions ? strlen(definitions) : 0);
    api = open_cursor(call->caller, program, bind_arguments(program, call, 7), scroll, concurrency);
    describe(api);
    set_output(call, 0, keep_prepared(program, scroll, concurrency));
    settle_options(&scroll, &concurrency);
    set_output(call, 1, api->handle);
    set_output(call, 4, scroll);
    set_output(call, 5, concurrency);
    set_output(call, 6, (int32) api->cursor->row_count);
}

/* sp_cursorunprepare handle */
static void
cursor_api_unprepare(ProcedureCall *call)
{
    ApiPrepared *prepared = find_prepared("sp_cursorunprepare", int_argument(call, 0, 0));

    api_prepared = list_delete_ptr(api_prepared, prepared);
    program_unref(prepared->program);
    pfree(prepared);
}

/* ---- sp_cursor: positioned changes ---- */

/* The base table that a change goes to: the named one, or the only one. */
static char *
changed_table(const ApiCursor *api, const char *given)
{
    CatalogObject object;

    if (given != NULL && given[0] != '\0')
        return quote_bracket(given);
    if (api->cursor->base_count != 1 ||
        !catalog_object_by_relation(api->cursor->bases[0].relation, &object))
        tsql_error(ERR_16902, "sp_cursor", "table");
    return psprintf("%s.%s.%s", quote_bracket(catalog_database(object.database)->name),
                    quote_bracket(object.schema_name), quote_bracket(object.name));
}

/* UPDATE of the current row with the values given as @column arguments. */
static void
append_assignments(StringInfo text, ProcedureCall *call, int first)
{
    for (int i = first; i < call->argument_count; i++) {
        const char *name = call->arguments[i].name;

        if (name == NULL || name[0] != '@')
            tsql_error(ERR_16902, "sp_cursor", "value");
        appendStringInfo(text, "%s%s = @v%d", i > first ? ", " : "", quote_bracket(name + 1), i);
    }
}

static void
change_row(ApiCursor *api, ProcedureCall *call, bool is_delete)
{
    char *table = changed_table(api, text_argument(call, 3));
    char *cursor_name = psprintf("casement api cursor %d", api->handle);
    int first = 4;
    int count = is_delete ? 0 : call->argument_count - first;
    ProcedureArgument *arguments = palloc0(sizeof(ProcedureArgument) * (count + 1));
    StringInfoData text;
    StringInfoData definitions;

    initStringInfo(&text);
    initStringInfo(&definitions);
    if (is_delete)
        appendStringInfo(&text, "DELETE FROM %s", table);
    else {
        appendStringInfo(&text, "UPDATE %s SET ", table);
        append_assignments(&text, call, first);
    }
    appendStringInfo(&text, " WHERE CURRENT OF %s", quote_bracket(cursor_name));
    for (int i = 0; i < count; i++) {
        arguments[i] = call->arguments[first + i];
        arguments[i].name = psprintf("@v%d", first + i);
        appendStringInfo(&definitions, "%s@v%d %s", i > 0 ? ", " : "", first + i,
                         sql_type_format(&arguments[i].type));
    }
    cursor_name_for_change(api->cursor, cursor_name);
    call_text(call->caller, text.data, text.len, definitions.data, definitions.len, arguments,
              count);
}

/* sp_cursor cursor, optype, rownum, table, @column = value... */
static void
cursor_api_change(ProcedureCall *call)
{
    ApiCursor *api = find_cursor("sp_cursor", int_argument(call, 0, 0));
    int32 operation = int_argument(call, 1, 0) & OPERATION_TYPES;
    int32 row = int_argument(call, 2, 1);

    if (row < 1 || row > api->count)
        tsql_error(ERR_16930);
    cursor_move(api->cursor, FETCH_DIR_ABSOLUTE, api->first + row - 1);
    if (operation & OPERATION_UPDATE)
        change_row(api, call, false);
    else if (operation & OPERATION_DELETE)
        change_row(api, call, true);
    else if (operation & OPERATION_REFRESH)
        fetch_rows(api, FETCH_REFRESH, 0, api->count);
    else if (!(operation & OPERATION_SET_POSITION))
        tsql_error(ERR_16902, "sp_cursor", "optype");
}

void
cursor_api_reset(void)
{
    while (api_cursors != NIL)
        close_cursor(linitial(api_cursors));
    while (api_prepared != NIL) {
        ApiPrepared *prepared = linitial(api_prepared);

        api_prepared = list_delete_first(api_prepared);
        program_unref(prepared->program);
        pfree(prepared);
    }
}

static const SystemProcedureEntry entries[] = {
    {"sp_cursor", 1, cursor_api_change},           {"sp_cursoropen", 2, cursor_api_open},
    {"sp_cursorprepare", 3, cursor_api_prepare},   {"sp_cursorexecute", 4, cursor_api_execute},
    {"sp_cursorprepexec", 5, cursor_api_prepexec}, {"sp_cursorunprepare", 6, cursor_api_unprepare},
    {"sp_cursorfetch", 7, cursor_api_fetch},       {"sp_cursoroption", 8, cursor_api_option},
    {"sp_cursorclose", 9, cursor_api_close},
};

void
cursor_api_init(void)
{
    procedures_register(entries, lengthof(entries));
}
