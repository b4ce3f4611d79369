/*
 * The way in for the session: one call per request of the client. Each call runs its request to the
 * end, reporting everything (rows, messages, errors, done tokens) to the sink; T-SQL errors do not
 * come out of it. It owns PostgreSQL's transactions: between requests one is open exactly when
 * @@TRANCOUNT > 0.
 *
 *     execute_begin(sink);                     a transaction is at hand now: types and catalogue
 *     ... decode the parameters of an RPC ...  can be used, in execute_memory()
 *     outcome = execute_batch(text, length);   or execute_rpc(), execute_transaction()
 *     execute_end();                           frees execute_memory()
 *
 * If decoding finds a broken request, call execute_end() all the same.
 */
#pragma once

#include "postgres.h"

#include "execute/sink.h"
#include "types/sqltype.h"
#include "utils/tuplestore.h"

typedef enum ExecuteOutcome {
    EXECUTE_DONE, /* finish the reply: the last done goes out without MORE; if the request wrote
                     none at all the session writes an empty final DONE */
    EXECUTE_ATTENTION, /* cancelled by the client: the session writes DONE with the ATTN bit */
    EXECUTE_CLOSE,     /* an error of severity 20 or more was sent: close the connection */
} ExecuteOutcome;

/* Once per backend, before the first request. */
void execute_init(void);

/* Opens a request; never raises T-SQL errors. */
void execute_begin(ResultSink *sink);
/* Memory of the running request: texts and parameter values belong here. */
MemoryContext execute_memory(void);
void execute_end(void);

/* A SQL batch: UTF-8 text without a terminator needed. */
ExecuteOutcome execute_batch(const char *text, size_t length);

/* ---- remote procedure calls ---- */

/* A table-valued parameter: rows as the client sent them, in the types it sent. */
typedef struct TableParameter {
    const char *type_database, *type_schema, *type_name; /* NULL parts allowed */
    int column_count;
    SqlType *columns;      /* types as sent */
    bool *use_default;     /* per column: TVP fDefault, no values were sent; NULL: none */
    TupleDesc descriptor;  /* of the rows in `rows` */
    Tuplestorestate *rows; /* NULL: an empty table */
} TableParameter;

/* Makes an empty table parameter in execute_memory(); then table_parameter_add() for each row. */
TableParameter *table_parameter_new(const char *type_database,
                                    const char *type_schema,
                                    const char *type_name,
                                    int column_count,
                                    const SqlType *columns,
                                    const bool *use_default);
void table_parameter_add(TableParameter *table, const Datum *values, const bool *nulls);

typedef struct RpcParameter {
    const char *name; /* with its @; NULL or "" when positional */
    SqlType type;     /* as sent */
    Datum value;
    bool is_null;
    bool is_output;        /* BY_REF */
    bool is_default;       /* take the procedure's default */
    TableParameter *table; /* a table-valued parameter, else NULL */
} RpcParameter;

typedef struct RpcCall {
    const char *name; /* procedure as written, up to four parts with brackets; NULL: by id */
    int procedure_id; /* well-known ProcID (1 sp_cursor ... 15 sp_unprepare), 0: by name */
    int parameter_count;
    RpcParameter *parameters;
    bool no_metadata; /* option bit: leave COLMETADATA out */
    bool with_recompile;
} RpcCall;

/* Runs one call up to and with its DONEPROC. An RPC message of several calls: one execute_rpc()
 * each within one execute_begin/end. */
ExecuteOutcome execute_rpc(const RpcCall *call);

/* ---- transaction manager requests ---- */

typedef enum TransactionRequest {
    REQUEST_BEGIN,
    REQUEST_COMMIT,
    REQUEST_ROLLBACK,
    REQUEST_SAVE,
} TransactionRequest;

/*
 * `isolation`: SessionContext.isolation_level numbers, 0 leaves it. `name` may be NULL or "".
 * COMMIT/ROLLBACK with `begin_next` start a new transaction at once. Reports the environment
 * changes and one DONE.
 */
ExecuteOutcome execute_transaction(TransactionRequest request,
                                   int isolation,
                                   const char *name,
                                   bool begin_next,
                                   int next_isolation);

/*
 * Runs `work` as one statement: in a transaction (its own, or the session's open one), with
 * statement rollback and error reporting as for any other, then DONE with `command` and the count
 * that it returns. Between execute_begin and execute_end. For bulk loads.
 */
ExecuteOutcome execute_work(uint64 (*work)(void *context), void *context, uint16 command);

/* ---- the connection's life ---- */

/* sp_reset_connection, by the header bit RESETCONNECTION or by name: rolls back, drops #temp tables
 * and cursors, sets options back, forgets handles. `keep_transaction`: RESETCONNECTIONSKIPTRAN.
 * Between requests (before execute_begin). */
void execute_reset(bool keep_transaction);
/* The connection ends: rolls back, drops what is left. */
void execute_disconnect(void);

/* The login's database (name may be NULL: the default one) with its ENVCHANGEs and messages 5701,
 * 5703. Raises 4060 where it cannot be used; inside execute_begin/end. */
void execute_login_database(const char *name, const char *language);

/* For a session that bulk-loads (INSERT BULK): set by the session layer; called by the interpreter
 * when it meets the statement. The rows come in the client's next message. */
typedef struct AstInsertBulk AstInsertBulk;
typedef void (*InsertBulkHandler)(const AstInsertBulk *statement);
void execute_register_insert_bulk(InsertBulkHandler handler);
