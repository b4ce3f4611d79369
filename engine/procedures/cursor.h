/*
 * Cursors: T-SQL's (DECLARE, OPEN, FETCH, CLOSE, DEALLOCATE) and the API's (sp_cursoropen and its
 * kin). One kind serves all: OPEN keeps the rows in a tuplestore that outlives transactions, so
 * that every cursor can scroll; rows of base tables carry their ctid for WHERE CURRENT OF. Changes
 * that others make after OPEN do not show, as in a STATIC cursor; what sp_describe_cursor would
 * call KEYSET or DYNAMIC is kept as asked but reads the same rows.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "execute/frame.h"
#include "execute/hooks.h"
#include "storage/itemptr.h"
#include "syntax/ast.h"

typedef struct Cursor Cursor;

/* A base table that rows of a cursor come from. */
typedef struct CursorBase {
    Oid relation;
    int column; /* 0-based attribute that holds the ctid */
} CursorBase;

struct Cursor {
    int references; /* its name, variables, and the API's handle table */
    MemoryContext memory;
    const char *name; /* NULL: of a cursor variable or of the API */
    bool global, scroll, forward_only, read_only, for_update;
    Frame *owner;     /* LOCAL cursors: the frame that declared it */
    Program *program; /* whose text the query is part of; referenced */
    const AstNode *query;
    ParamListInfo params; /* values of variables as they were at DECLARE */

    bool open;
    Tuplestorestate *rows;
    TupleTableSlot *slot;
    BoundColumn *columns;
    int column_count;
    CursorBase *bases;
    int base_count;
    int64 row_count;
    int64 position; /* 0 before the first, row_count + 1 after the last */
    int fetch_status;
};

/* Cursors that there are. */
extern int cursor_count;

/* Makes a closed cursor with one reference. */
Cursor *cursor_new(Program *program, const AstNode *query, ParamListInfo params);
Cursor *cursor_ref(Cursor *cursor);
void cursor_unref(Cursor *cursor);

/* Runs the query. Raises 16905 when it is open. */
void cursor_open(Cursor *cursor, Frame *frame);
/* 16917 when it is not open. */
void cursor_close(Cursor *cursor);

/* Moves; the slot of the new current row, NULL when there is none there. */
TupleTableSlot *cursor_move(Cursor *cursor, AstFetchDirection direction, int64 count);

/* The named cursor or that of a variable (@c) as the frame sees it: local first. Raises 16916,
 * 16950. */
Cursor *cursor_find(Frame *frame, const char *name, bool global);

/* Gives a nameless cursor a global name, once: sp_cursor's changes refer to it by WHERE CURRENT OF.
 */
void cursor_name_for_change(Cursor *cursor, const char *name);
/* Takes that name away again, with its reference. */
void cursor_forget_name(Cursor *cursor);
/* [name] with ] doubled; palloc'd. */
char *quote_bracket(const char *name);

/* Registers statements and hooks; once when the library is loaded. */
void cursor_init(void);
