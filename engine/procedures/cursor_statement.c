/*
 * T-SQL's cursor statements and cursor variables, over cursor.c. Names are the session's (GLOBAL)
 * or a frame's (LOCAL); SQL Server's default, and ours, is GLOBAL.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "procedures/cursor.h"
#include "procedures/cursor_api.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* Cursors with names: global ones, and local ones of the frames that run. In session_memory. */
static List *named_cursors;

static void
forget_name(Cursor *cursor)
{
    named_cursors = list_delete_ptr(named_cursors, cursor);
    cursor_unref(cursor);
}

static Cursor *
find_named(Frame *frame, const char *name, bool global_only)
{
    Cursor *found = NULL;
    ListCell *cell;

    foreach (cell, named_cursors) {
        Cursor *cursor = lfirst(cell);

        if (pg_strcasecmp(cursor->name, name) != 0)
            continue;
        if (cursor->owner == frame && !global_only)
            return cursor;
        if (cursor->owner == NULL)
            found = cursor;
    }
    return found;
}

Cursor *
cursor_find(Frame *frame, const char *name, bool global)
{
    Cursor *cursor;

    if (name[0] == '@') {
        int index = frame_variable(frame, name);

        cursor = frame->cursors != NULL ? frame->cursors[index] : NULL;
        if (cursor == NULL)
            tsql_error(ERR_16950, name);
        return cursor;
    }
    cursor = find_named(frame, name, global);
    if (cursor == NULL)
        tsql_error(ERR_16916, name);
    return cursor;
}

char *
quote_bracket(const char *name)
{
    StringInfoData text;

    initStringInfo(&text);
    appendStringInfoChar(&text, '[');
    for (; *name != '\0'; name++) {
        if (*name == ']')
            appendStringInfoChar(&text, ']');
        appendStringInfoChar(&text, *name);
    }
    appendStringInfoChar(&text, ']');
    return text.data;
}

void
cursor_name_for_change(Cursor *cursor, const char *name)
{
    MemoryContext old;

    if (cursor->name != NULL)
        return;
    cursor->name = MemoryContextStrdup(cursor->memory, name);
    old = MemoryContextSwitchTo(session_memory);
    named_cursors = lappend(named_cursors, cursor_ref(cursor));
    MemoryContextSwitchTo(old);
}

void
cursor_forget_name(Cursor *cursor)
{
    if (list_member_ptr(named_cursors, cursor))
        forget_name(cursor);
}

/* ---- DECLARE and SET @c = CURSOR ---- */

static Cursor *
make_cursor(Frame *frame, const AstDeclareCursor *declaration)
{
    Cursor *cursor = cursor_new(frame->program, declaration->query, frame->params);

    cursor->scroll = declaration->scroll || declaration->static_ || declaration->keyset ||
                     declaration->dynamic || declaration->insensitive;
    cursor->forward_only = declaration->forward_only || declaration->fast_forward;
    if (cursor->forward_only)
        cursor->scroll = false;
    cursor->read_only = declaration->read_only || declaration->static_ ||
                        declaration->insensitive || declaration->fast_forward;
    cursor->for_update = declaration->for_update;
    return cursor;
}

static void
declare_cursor(Frame *frame,
               const AstNode *statement,
               const char *text,
               size_t text_length,
               StatementResult *result)
{
    const AstDeclareCursor *declaration = (const AstDeclareCursor *) statement;
    Cursor *cursor;
    Cursor *same;
    MemoryContext old;

    same = find_named(frame, declaration->name, !declaration->local);
    if (same != NULL && (same->owner == frame) == declaration->local)
        tsql_error(ERR_16915, declaration->name);
    cursor = make_cursor(frame, declaration);
    cursor->global = !declaration->local;
    cursor->owner = declaration->local ? frame : NULL;
    old = MemoryContextSwitchTo(session_memory);
    cursor->name = MemoryContextStrdup(cursor->memory, declaration->name);
    named_cursors = lappend(named_cursors, cursor);
    MemoryContextSwitchTo(old);
    result->no_done = true;
}

/* ---- OPEN, CLOSE, DEALLOCATE ---- */

static void
open_cursor(Frame *frame,
            const AstNode *statement,
            const char *text,
            size_t text_length,
            StatementResult *result)
{
    const AstCursorOp *operation = (const AstCursorOp *) statement;

    cursor_open(cursor_find(frame, operation->name, operation->global), frame);
    result->no_done = true;
}

static void
close_cursor(Frame *frame,
             const AstNode *statement,
             const char *text,
             size_t text_length,
             StatementResult *result)
{
    const AstCursorOp *operation = (const AstCursorOp *) statement;

    cursor_close(cursor_find(frame, operation->name, operation->global));
    result->no_done = true;
}

static void
deallocate_cursor(Frame *frame,
                  const AstNode *statement,
                  const char *text,
                  size_t text_length,
                  StatementResult *result)
{
    const AstCursorOp *operation = (const AstCursorOp *) statement;
    Cursor *cursor = cursor_find(frame, operation->name, operation->global);

    result->no_done = true;
    if (operation->name[0] == '@') {
        frame->cursors[frame_variable(frame, operation->name)] = NULL;
        cursor_unref(cursor);
        return;
    }
    forget_name(cursor);
}

/* ---- FETCH ---- */

static const char *
direction_name(AstFetchDirection direction)
{
    switch (direction) {
    case FETCH_DIR_NEXT:
        return "next";
    case FETCH_DIR_PRIOR:
        return "prior";
    case FETCH_DIR_FIRST:
        return "first";
    case FETCH_DIR_LAST:
        return "last";
    case FETCH_DIR_ABSOLUTE:
        return "absolute";
    case FETCH_DIR_RELATIVE:
        return "relative";
    }
    return "";
}

/* The row to the client, or an empty result when there is none. */
static void
send_row(Cursor *cursor, TupleTableSlot *slot)
{
    ResultSink *sink = interpreter.sink;

    sink->begin_result(sink, cursor->columns, cursor->column_count, NULL, 0);
    if (slot != NULL)
        sink->row(sink, slot);
    sink->end_result(sink);
}

static void
assign_row(Frame *frame, const AstFetch *fetch, Cursor *cursor, TupleTableSlot *slot)
{
    if (fetch->into_count != cursor->column_count)
        tsql_error(ERR_16924);
    for (int i = 0; slot != NULL && i < fetch->into_count; i++) {
        bool is_null;
        Datum value = slot_getattr(slot, i + 1, &is_null);

        frame_assign_from(frame, frame_variable(frame, fetch->into[i]), &cursor->columns[i].type,
                          value, is_null);
    }
}

static void
fetch_cursor(Frame *frame,
             const AstNode *statement,
             const char *text,
             size_t text_length,
             StatementResult *result)
{
    const AstFetch *fetch = (const AstFetch *) statement;
    Cursor *cursor = cursor_find(frame, fetch->name, fetch->global);
    int64 count = 0;
    TupleTableSlot *slot;

    if (!cursor->open)
        tsql_error(ERR_16917);
    if (!cursor->scroll && fetch->direction != FETCH_DIR_NEXT)
        tsql_error(ERR_16911, "fetch", direction_name(fetch->direction));
    if (fetch->count != NULL)
        count = frame_evaluate_int(frame, fetch->count, 0);
    slot = cursor_move(cursor, fetch->direction, count);
    if (fetch->into_count > 0)
        assign_row(frame, fetch, cursor, slot);
    else
        send_row(cursor, slot);
    session_context->fetch_status = cursor->fetch_status;
    session_context->row_count = slot != NULL;
    result->command = SINK_COMMAND_SELECT;
    result->has_count = true;
    result->row_count = slot != NULL;
    result->no_done = fetch->into_count > 0;
}

/* ---- what the interpreter asks (hooks.h) ---- */

static void *
define_cursor(Frame *frame, const AstDeclareCursor *declaration)
{
    return make_cursor(frame, declaration);
}

static void *
named_cursor(Frame *frame, const char *name)
{
    return cursor_ref(cursor_find(frame, name, false));
}

static void *
reference_cursor(void *cursor)
{
    return cursor != NULL ? cursor_ref(cursor) : NULL;
}

static void
release_cursor(void *cursor)
{
    cursor_unref(cursor);
}

static void
end_of_frame(Frame *frame)
{
    ListCell *cell;

    foreach (cell, named_cursors) {
        Cursor *cursor = lfirst(cell);

        if (cursor->owner == frame) {
            named_cursors = foreach_delete_current(named_cursors, cell);
            cursor_unref(cursor);
        }
    }
}

static void
end_of_transaction(bool committed)
{
    ListCell *cell;

    if (!session_option(OPTION_CURSOR_CLOSE_ON_COMMIT))
        return;
    foreach (cell, named_cursors) {
        Cursor *cursor = lfirst(cell);

        if (cursor->open)
            cursor_close(cursor);
    }
}

static void
reset_cursors(void)
{
    cursor_api_reset();
    while (named_cursors != NIL)
        forget_name(linitial(named_cursors));
}

/* CURSOR_STATUS: -3 none of that name, -2 no cursor in the variable, -1 closed, 0 empty, 1 has
 * rows. */
PG_FUNCTION_INFO_V1(casement_cursor_status);

Datum
casement_cursor_status(PG_FUNCTION_ARGS)
{
    char *source = text_to_cstring(PG_GETARG_TEXT_PP(0));
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    Frame *frame = frame_current();
    Cursor *cursor = NULL;

    if (pg_strcasecmp(source, "variable") == 0) {
        int index = program_variable(frame->program, name);

        if (index < 0)
            PG_RETURN_INT16(-3);
        cursor = frame->cursors != NULL ? frame->cursors[index] : NULL;
        if (cursor == NULL)
            PG_RETURN_INT16(-2);
    } else {
        bool global = pg_strcasecmp(source, "global") == 0;

        cursor = find_named(frame, name, global);
        if (cursor == NULL || (!global && cursor->owner == NULL))
            PG_RETURN_INT16(-3);
    }
    PG_RETURN_INT16(!cursor->open ? -1 : cursor->row_count > 0 ? 1 : 0);
}

static bool
cursors_exist(void)
{
    return cursor_count > 0;
}

void
cursor_init(void)
{
    execute_register_statement(AST_DECLARE_CURSOR, declare_cursor, false);
    execute_register_statement(AST_OPEN_CURSOR, open_cursor, false);
    execute_register_statement(AST_FETCH_CURSOR, fetch_cursor, false);
    execute_register_statement(AST_CLOSE_CURSOR, close_cursor, false);
    execute_register_statement(AST_DEALLOCATE_CURSOR, deallocate_cursor, false);
    execute_cursor_hooks.define = define_cursor;
    execute_cursor_hooks.named = named_cursor;
    execute_cursor_hooks.reference = reference_cursor;
    execute_cursor_hooks.release = release_cursor;
    execute_cursor_hooks.frame_end = end_of_frame;
    execute_cursor_hooks.transaction_end = end_of_transaction;
    execute_cursor_hooks.reset = reset_cursors;
    execute_cursor_hooks.exist = cursors_exist;
}
