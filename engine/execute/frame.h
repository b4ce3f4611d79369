/*
 * Frames: one running program each (a batch, EXEC ('text'), a procedure, function or trigger), with
 * the values of its variables. Layers above (cursors, DDL, triggers, system procedures) see frames
 * through this header; the interpreter's own state is in interpreter.h.
 *
 * Values of variables live in the frame's memory; assigning copies. A frame's BindScope resolves
 * the names of its variables; param number n is variable n - 1 of the program.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "context/context.h"
#include "execute/sink.h"
#include "nodes/params.h"
#include "plan/program.h"
#include "utils/queryenvironment.h"

typedef enum FrameKind {
    FRAME_BATCH, /* a request's text */
    FRAME_TEXT,  /* EXEC ('text'), sp_executesql */
    FRAME_PROCEDURE,
    FRAME_FUNCTION, /* runs inside an executor: errors pass through it */
    FRAME_TRIGGER,  /* likewise, unless its own TRY catches */
} FrameKind;

/* What a frame gives back when it ends: SET options and the like. */
typedef struct SavedSession {
    uint32 options;
    char date_order[4];
    uint8 date_first;
    const char *language;
    int16 language_id;
    int32 lock_timeout;
    int64 row_count_limit;
    int32 text_size;
    int isolation_level;
    Oid identity_insert;
    int64 scope_identity;
    bool scope_identity_valid;
    int32 procedure_id;
    int nest_level;
    int32 database;
    const char *database_name, *user_name, *default_schema;
    int32 user_id;
    Oid database_collation;
} SavedSession;

typedef struct Frame Frame;
struct Frame {
    struct Frame *parent;
    FrameKind kind;
    Program *program;        /* referenced */
    MemoryContext memory;    /* as long as the frame */
    MemoryContext statement; /* reset after each statement */
    ParamListInfo params;
    const CatalogRelation **tables; /* per variable: its relation, NULL if none (yet) */
    bool *tables_owned;             /* dropped with the frame */
    void **cursors;                 /* per variable: an opaque cursor, see hooks.h */
    BindScope scope;
    QueryEnvironment *environment; /* transition tables, captured rows */
    List *transition_tables;       /* CatalogRelation * of them */

    int try_depth;              /* TRY blocks that we are in (not their CATCHes) */
    struct CaughtError *caught; /* the error that the CATCH we are in handles */
    const char *goto_label;
    int32 return_status;
    bool has_return_value; /* functions */
    Datum return_value;
    bool return_is_null;
    int tran_count_at_start;
    int nest_level;          /* @@NESTLEVEL in it */
    int line;                /* of the statement that runs */
    bool counts_transaction; /* a trigger of an autocommit statement: @@TRANCOUNT is 1 in it */
    bool result_sent;
    SavedSession saved;
    int impersonation_depth; /* changes of identity when it began: those after it end with it */
    const CatalogRelation *table_parameter; /* being filled: found as @table */
    void *trigger;                          /* for the trigger layer */
};

/* The frame that runs now; NULL between requests. */
Frame *frame_current(void);

/* Value of a variable by name (raises 137); index by program_variable(). */
int frame_variable(const Frame *frame, const char *name);

/* Assigns, copying; `value` is of the variable's own type already. */
void frame_assign(Frame *frame, int index, Datum value, bool is_null);

/* Assigns a value of another type, converting by the rules of SET. */
void frame_assign_from(Frame *frame, int index, const SqlType *type, Datum value, bool is_null);

/* A variable's value as UTF-8 text, palloc'd; NULL for NULL. */
char *frame_variable_text(Frame *frame, const char *name);

/* Evaluates an expression of the frame's program. `want`: converted to it, or NULL: *type tells
 * (type may be NULL). By-reference results live until the statement's end. */
Datum frame_evaluate(
    Frame *frame, const AstNode *expression, const SqlType *want, SqlType *type, bool *is_null);
bool frame_condition(Frame *frame, const AstNode *condition);
/* As UTF-8 text (nvarchar rules), palloc'd; NULL for NULL. */
char *frame_evaluate_text(Frame *frame, const AstNode *expression);
/* As an int; `otherwise` for NULL. */
int32 frame_evaluate_int(Frame *frame, const AstNode *expression, int32 otherwise);
