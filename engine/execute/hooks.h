/*
 * What the interpreter asks of layers above it: DDL, cursors, triggers, system procedures. Each
 * registers itself once when the library is loaded. A statement that nobody registered raises
 * error 40514 (not supported).
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "execute/sink.h"
#include "syntax/ast.h"

typedef struct Frame Frame; /* execute/frame.h */

/* ---- statements that another layer carries out (CREATE ..., GRANT, DBCC, cursors) ---- */

typedef struct StatementResult {
    uint16 command; /* of the DONE; 0: SINK_COMMAND_OTHER */
    bool has_count;
    uint64 row_count;
    bool no_done; /* the statement wrote its own, or none is due */
} StatementResult;

/*
 * Runs `statement` in an open transaction with an active snapshot; the interpreter commits, rolls
 * back, reports. `text` is the batch's text (of length `text_length`), into which the statement's
 * start and end point. Allocations: CurrentMemoryContext lives until the statement ends.
 */
typedef void (*StatementHandler)(Frame *frame,
                                 const AstNode *statement,
                                 const char *text,
                                 size_t text_length,
                                 StatementResult *result);

/* `writes`: the statement changes data or catalogue (statement rollback, doomed transactions). */
void execute_register_statement(AstKind kind, StatementHandler handler, bool writes);

/* ---- relations made while running ---- */

typedef struct TableHooks {
    /* DECLARE @t TABLE (...) or a table type's instance: an empty temporary relation for one frame.
     * `name` with its @, `elements` of TABLE(...) or NULL, `type` a table type or NULL. The result
     * lives in CurrentMemoryContext. */
    const CatalogRelation *(*make_table_variable)(const char *name,
                                                  const AstList *elements,
                                                  const CatalogObject *type,
                                                  const BindContext *context);
    /* Drops a relation of make_table_variable. */
    void (*drop_table_variable)(const CatalogRelation *relation);
    /* SELECT ... INTO: an empty table with these columns (identity, nullability as told). The name
     * may be #temp. Error 2714 if it exists. */
    const CatalogRelation *(*make_into)(const AstName *name,
                                        const BoundColumn *columns,
                                        int count,
                                        const BindContext *context);
    /* Drops the #tables that were made at nest level >= `level` (a procedure ends; 0: all of the
     * session's). */
    void (*drop_temporary)(int level);
    /* TRUNCATE TABLE */
    void (*truncate)(const CatalogRelation *relation);
} TableHooks;
extern TableHooks execute_table_hooks;

/* ---- triggers ---- */

typedef struct TriggerHooks {
    /*
     * AFTER triggers of T-SQL run once per statement, inside its transaction. Called before and
     * after a DML statement on a relation with triggers: begin returns a state that collects the
     * transition rows (inserted, deleted), fire runs the bodies.
     */
    void *(*begin)(Frame *frame, BoundStatement *bound);
    void (*fire)(Frame *frame, BoundStatement *bound, void *state);
    /* INSTEAD OF: `bound->query` is a SELECT of row images (bind.h): run it and the trigger's body.
     * Returns the row count. */
    uint64 (*instead_of)(Frame *frame, BoundStatement *bound);
} TriggerHooks;
extern TriggerHooks execute_trigger_hooks;

/* ---- cursors ---- */

typedef struct CursorHooks {
    /* SET @c = CURSOR..., SET @c = @d, a cursor parameter: opaque references held by a frame's
     * cursor variable. */
    void *(*define)(Frame *frame, const AstDeclareCursor *declaration);
    void *(*named)(Frame *frame, const char *name);
    void *(*reference)(void *cursor);
    void (*release)(void *cursor);
    /* A frame ends: its LOCAL cursors go. */
    void (*frame_end)(Frame *frame);
    /* COMMIT (CURSOR_CLOSE_ON_COMMIT) or ROLLBACK. */
    void (*transaction_end)(bool committed);
    /* sp_reset_connection */
    void (*reset)(void);
    /* Whether any outlives this request: what it was bound with is still needed. */
    bool (*exist)(void);
} CursorHooks;
extern CursorHooks execute_cursor_hooks;

/* ---- cancelled requests ---- */

/* Whether the request was cancelled because it ran for too long: how many seconds, and how many are
 * allowed. Set by the session layer. */
extern bool (*execute_time_limit_hook)(int *seconds, int *limit);

/* ---- storage ---- */

/* Whether the instance has no room for more data. Set by the session layer. */
extern bool (*execute_storage_full_hook)(void);

/*
 * A statement that adds data begins (1105 when there is no room) and ends. While it runs, a cancel
 * for want of room becomes 1105.
 */
void execute_room_require(const char *object);
void execute_room_done(void);
/* Whether such a statement runs; safe in a signal handler. */
bool execute_adds_data(void);

/* ---- system procedures ---- */

/* One argument of a procedure call, converted by nobody yet. */
typedef struct ProcedureArgument {
    const char *name; /* with @, NULL if positional */
    SqlType type;
    Datum value;
    bool is_null;
    bool is_default;
    bool is_output;
    /* the relation of a table-valued argument, else NULL */
    const CatalogRelation *table;
    void *cursor;
    /* out, for is_output: set by the procedure, in the caller's statement memory */
    bool changed;
    SqlType out_type;
    Datum out_value;
    bool out_is_null;
} ProcedureArgument;

typedef struct ProcedureCall {
    Frame *caller;
    ProcedureArgument *arguments;
    int argument_count;
    bool by_rpc;
    int32 return_status; /* out */
    int flow;            /* out: a Flow of the interpreter; 0 (go on) unless it ran T-SQL */
} ProcedureCall;

typedef void (*SystemProcedure)(ProcedureCall *call);

/* The C implementation of a system procedure, by its name without schema or by ProcID; NULL if
 * there is none. Set by the procedures layer. */
extern SystemProcedure (*execute_system_procedure)(const char *name, int procedure_id);

/* sp_reset_connection: handles of prepared statements go. Set by the procedures layer. */
extern void (*execute_reset_procedures)(void);
