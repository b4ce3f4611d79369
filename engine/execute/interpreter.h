/*
 * The interpreter's own state and the functions between its files. Private to engine/execute and
 * engine/procedures.
 *
 * Control flow is by return value: every statement gives a Flow, and block statements pass on what
 * is not theirs. Errors are PostgreSQL errors until run_list() catches them, which is done once for
 * each list of statements: it repairs the transaction, reports the error or hands it to the nearest
 * TRY as FLOW_ERROR.
 */
#pragma once

#include "postgres.h"

#include "execute/execute.h"
#include "execute/frame.h"
#include "execute/hooks.h"
#include "plan/statement_plan.h"
#include "tcop/dest.h"

#define MAX_NESTING 32

typedef enum Flow {
    FLOW_NEXT, /* on to the next statement */
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_GOTO,   /* to frame->goto_label */
    FLOW_RETURN, /* the frame ends */
    FLOW_ERROR,  /* interpreter.error looks for a CATCH */
    FLOW_ABORT,  /* the whole request ends */
} Flow;

/* An error on its way to a CATCH, or being handled by one; in its own memory. */
typedef struct CaughtError {
    MemoryContext memory;
    TsqlError error;
    struct CaughtError *outer; /* of the CATCH around */
} CaughtError;

/* A statement's protection against failure. */
typedef struct StatementGuard {
    struct StatementGuard *outer;
    bool subtransaction;
} StatementGuard;

/* Which statement raised the error on its way; decides its reach. */
typedef enum RaiseKind {
    RAISE_NONE,
    RAISE_RAISERROR,
    RAISE_THROW,
    RAISE_INNER, /* text of EXEC ('...') or a module did not compile: the caller goes on */
} RaiseKind;

#define MAX_PINS 1024

typedef struct Pin {
    StatementPlan *plan;
    bool holds_state; /* we set plan->state_busy */
} Pin;

typedef struct Interpreter {
    ResultSink *sink;
    MemoryContext memory; /* of the request; NULL between requests */
    Frame *frame;
    ExecuteOutcome outcome;
    StatementGuard *guard;
    int executor_depth;    /* executors running below us on the stack */
    bool committing;       /* an error now is one of the commit: all is rolled back */
    bool statement_writes; /* the running leaf statement is DML: 3621 follows its error */
    RaiseKind raise_kind;
    const char *raise_procedure; /* re-thrown: where it came from */
    bool error_skips_scope;      /* `error` is of compiling: no TRY of its own frame catches it */
    CaughtError *error;          /* travelling (FLOW_ERROR) */
    int pin_count;
    Pin pins[MAX_PINS];
    ExprContext *econtext; /* for simple expressions */
    int econtext_depth;
    bool in_insert_exec;
    bool insert_exec_began; /* ... and a transaction for it */
    bool doomed;            /* the transaction can only be rolled back */
    bool by_rpc;            /* the outermost frame stands for an RPC: its DONE is told elsewhere */
    char *transaction_name; /* of the outermost BEGIN TRANSACTION, in session_memory */
    List *savepoints;       /* names, newest first, in session_memory */
} Interpreter;

extern Interpreter interpreter;

/* ---- room.c ---- */
/* Whether the request was cancelled because there is no room; fills in the error then. */
bool room_error_of_cancel(TsqlError *error);

/* ---- run.c ---- */
Flow run_list(Frame *frame, const AstList *statements);
/* A statement or a BEGIN...END as a list of its own. */
Flow run_body(Frame *frame, const AstNode *body);
Flow run_statement(Frame *frame, const AstNode *statement);

/* ---- impersonate.c ---- */
Flow run_execute_as(Frame *frame, const AstExecuteAs *statement);
/* Makes the session a user of its database, or a login: 15517, 15406. */
void impersonate(const char *name, bool login);
/* The same as a module's EXECUTE AS clause says. */
void impersonate_for_module(const Program *program);
/* Changes of identity that are in force; and takes back all but the first so many. */
int impersonation_depth(void);
void impersonation_unwind(int former);

/* ---- error.c ---- */

/* What to put back when an error is caught: taken before, given to caught_error(). */
typedef struct ErrorPoint {
    Frame *frame;
    MemoryContext memory;
    StatementGuard *guard;
    int executor_depth, econtext_depth, pin_count;
    ResultSink *sink;
    const TsqlError *caught_error;
    bool in_insert_exec, insert_exec_began;
    int try_depth;
} ErrorPoint;
void error_point(ErrorPoint *point);
/* In a PG_CATCH: repairs everything, decides, reports. */
Flow caught_error(Frame *frame, const ErrorPoint *point);
/* Whether a TRY of this frame or one further out (not past an executor) would catch. */
bool error_has_catcher(const Frame *frame, bool compile_error);
/* The error of a request that was cancelled, by what cancelled it. */
void error_of_cancel(TsqlError *error);
void error_report(const TsqlError *error);
/* The DONE of a statement that failed. */
void report_failed_done(const Frame *frame);
void error_free(CaughtError *error);

/* ---- request.c ---- */
void request_failed(const ErrorPoint *point, bool by_rpc);
void request_finish(void);
bool program_sets_options(const Program *program);

/* ---- frame.c ---- */
Frame *frame_push(FrameKind kind, Program *program, ParamListInfo params);
void frame_pop(Frame *frame);
void session_save(SavedSession *saved);
void session_restore(const SavedSession *saved, bool with_database);

/* ---- evaluate.c ---- */
void pin_plan(StatementPlan *plan);
void unpin_plan(StatementPlan *plan);
void pins_restore(int count);
Datum evaluate_plan(Frame *frame, StatementPlan *plan, bool *is_null);

/* ---- transaction.c ---- */
void transaction_ensure(void);
void guard_enter(StatementGuard *guard, bool writes);
/* The statement succeeded: releases, or commits when nothing explicit is open. */
void guard_leave(StatementGuard *guard);
/* Commits what an autocommit statement left open. */
void transaction_settle(void);
void transaction_begin(const char *name);
void transaction_commit(void);
void transaction_rollback(const char *name);
void transaction_save(const char *name);
/* Rolls everything back, @@TRANCOUNT to 0, with the environment change. Never raises. */
void transaction_abandon(void);
/* After an error: `all` gives the whole transaction up; with `keep_count` @@TRANCOUNT stays (the
 * transaction is doomed). */
void transaction_recover(StatementGuard *outer, bool all, bool doom);
void transaction_set_isolation(int level);
Flow run_transaction(Frame *frame, const AstNode *statement);

/* ---- query.c ---- */
Flow run_query(Frame *frame, const AstNode *statement);
/* Runs a plan with its receiver and all that goes with the statement's kind. */
uint64 run_plan(Frame *frame, const AstNode *statement, StatementPlan *plan, PlannedStmt *planned);
/* The same for DML whose OUTPUT rows are kept in `capture` instead of going to the client. */
struct CapturedRows;
uint64 run_plan_into(Frame *frame,
                     const AstNode *statement,
                     StatementPlan *plan,
                     PlannedStmt *planned,
                     struct CapturedRows *capture);
bool statement_may_write(const AstNode *statement);
void check_identity_insert(const BoundStatement *bound);
/* Runs a bound statement's plan into `receiver` (NULL: to the client), returns rows affected. */
uint64 execute_plan(
    Frame *frame, StatementPlan *plan, PlannedStmt *planned, DestReceiver *receiver, int64 limit);

/* ---- merge.c ---- */
/* Runs a MERGE that has `merge_rows`: its rows changed. */
uint64 run_merge(Frame *frame, StatementPlan *plan, PlannedStmt *changes, DestReceiver *receiver);

/* ---- insert_rows.c ---- */

/* Rows that a statement reads as the table `inserted`. */
typedef struct CapturedRows {
    CatalogRelation *relation;
    TupleDesc descriptor;
    Tuplestorestate *store;
} CapturedRows;

/* In the current memory context; columns are named c1, c2, ... */
CapturedRows *captured_rows_new(int column_count, const SqlType *types);
/* Takes over rows that are in a tuplestore already. */
CapturedRows *captured_rows_of(int column_count,
                               const SqlType *types,
                               TupleDesc descriptor,
                               Tuplestorestate *store);
/* INSERT INTO target (columns) SELECT * FROM the rows, run like any statement. For OUTPUT ... INTO,
 * INSERT ... EXEC and table parameters. `columns` NULL: all. Returns the rows inserted. */
uint64 insert_captured(Frame *frame,
                       const AstTableRef *target,
                       int column_count,
                       const char **columns,
                       CapturedRows *rows);
/* An INSERT whose source reads the rows as the table `inserted`. */
uint64 insert_reading(Frame *frame, const AstInsert *insert, CapturedRows *rows);

/* ---- nested_dml.c ---- */
/* INSERT ... SELECT ... FROM (UPDATE ... OUTPUT ...) AS x */
bool is_nested_dml(const AstInsert *insert);
uint64 run_nested_dml(Frame *frame, const AstInsert *insert);
Flow
run_insert_exec(Frame *frame, const AstInsert *insert, StatementPlan *plan, StatementGuard *guard);

/* ---- flow.c ---- */
Flow run_if(Frame *frame, const AstIf *statement);
Flow run_while(Frame *frame, const AstWhile *statement);
Flow run_try_catch(Frame *frame, const AstTryCatch *statement);
Flow run_return(Frame *frame, const AstReturn *statement);
Flow run_waitfor(Frame *frame, const AstWaitfor *statement);
bool list_has_label(const AstList *statements, const char *label, int *index);

/* ---- variable.c ---- */
Flow run_declare(Frame *frame, const AstDeclare *statement);
Flow run_set_variable(Frame *frame, const AstSetVariable *statement);
void make_table_variable(Frame *frame, int index);

/* ---- table_variable.c ---- */
List *table_variables_save(void);
void table_variables_restore(List *kept);

/* ---- message.c ---- */
Flow run_print(Frame *frame, const AstPrint *statement);
Flow run_raiserror(Frame *frame, const AstRaiserror *statement);
Flow run_throw(Frame *frame, const AstThrow *statement);

/* ---- option.c ---- */
Flow run_set_option(Frame *frame, const AstSetOption *statement);
Flow run_use(Frame *frame, const AstUse *statement);
void change_database(const char *name); /* with ENVCHANGE and message 5701 */
bool set_language_by_name(const char *name);
void apply_lock_timeout(void);

/* ---- call.c ---- */
Flow run_execute(Frame *frame, const AstExecute *statement);
/* Runs a procedure's program with its arguments; OUTPUT values go back into them. */
Flow call_procedure(Frame *caller,
                    const CatalogObject *procedure,
                    int number,
                    ProcedureArgument *arguments,
                    int count,
                    int32 *return_status);
/* Runs text with declared parameters (sp_executesql, EXEC ('...')). */
Flow call_text(Frame *caller,
               const char *text,
               size_t length,
               const char *declarations,
               size_t declarations_length,
               ProcedureArgument *arguments,
               int count);
Flow call_program(Frame *caller,
                  FrameKind kind,
                  Program *program,
                  ProcedureArgument *arguments,
                  int count,
                  int32 *return_status);

/* The program of a text; what does not compile ends only the EXECUTE that asked. */
Program *
compile_text(const char *text, size_t length, const char *declarations, size_t declarations_length);
/* What a name means: a procedure in C, a module. */
Flow call_by_name(Frame *caller,
                  const AstName *name,
                  int number,
                  ProcedureArgument *arguments,
                  int count,
                  bool by_rpc,
                  int32 *return_status);
SystemProcedure find_system_procedure(const AstName *name);
void parse_procedure_name(const char *text, AstName *name, int *number);

/* ---- table_parameter.c ---- */
const CatalogRelation *table_parameter_relation(Frame *frame, const TableParameter *table);

/* ---- done tokens ---- */
void report_done(Frame *frame, uint16 command, bool has_count, uint64 count);
void report_info(int number, int state, const char *message);
