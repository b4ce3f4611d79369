/*
 * Errors in SQL Server's terms. errors.def is the one table: number, severity, text with printf
 * conversions. The binder and everything above raise with tsql_error(); the session loop and
 * TRY/CATCH catch with PG_TRY and turn PostgreSQL's ErrorData into a TsqlError with
 * tsql_error_from_pg(), which also maps PostgreSQL's own errors (unique_violation to 2627...).
 */
#pragma once

#include "postgres.h"

#include "pgcompat/base.h"

typedef enum TsqlErrorNumber {
#define TSQL_ERROR(number, severity, text) ERR_##number = number,
#include "errors.def"
#undef TSQL_ERROR
} TsqlErrorNumber;

typedef struct TsqlError {
    int number;
    int severity;
    int state;
    int line;              /* 1-based in the batch or module; 0 unknown */
    const char *procedure; /* name of the module it happened in; NULL in a batch */
    const char *message;
} TsqlError;

/* Raises `number` (an entry of errors.def) with its usual state and the text's arguments. Never
 * returns. %s arguments are UTF-8. Unknown numbers cannot be compiled: write the number via ERR_n.
 */
pg_noreturn extern void tsql_error(TsqlErrorNumber number, ...);
pg_noreturn extern void tsql_error_state(TsqlErrorNumber number, int state, ...);

/* Raises an arbitrary error (RAISERROR, THROW, parse errors): text is final, not a format. */
pg_noreturn extern void tsql_raise(int number, int severity, int state, const char *message);

/* The line that errors raised from now on carry (set by the binder and interpreter as they walk
 * statements); returns the former one. */
int tsql_error_set_line(int line);

/* The message of `number` with its arguments filled in; palloc'd. For INFO tokens and PRINTed
 * texts. */
extern char *tsql_error_format(TsqlErrorNumber number, ...);

/* The table's text and severity of a number; NULL if it is not there. */
const char *tsql_error_text(int number, int *severity);

/*
 * What the caught `edata` means to a T-SQL client; strings in the current memory context.
 * `severity`: 11-16 statement errors, 17-19 resources, 20+ ends the connection.
 */
TsqlError tsql_error_from_pg(const ErrorData *edata);

/* Whether the error ends only its statement (the batch goes on), ends the batch, or dooms the
 * transaction under XACT_ABORT OFF, as SQL Server does for this number. */
typedef enum ErrorReach {
    REACH_STATEMENT,
    REACH_BATCH,
    REACH_TRANSACTION,
    REACH_CONNECTION
} ErrorReach;
ErrorReach tsql_error_reach(int number, int severity);

/* Names for the messages of constraint errors (547, 515, 2627...): the catalogue registers how to
 * turn a PostgreSQL relation oid or constraint name into T-SQL names, as this layer is below it. */
typedef struct ErrorNames {
    /* "dbo.t" and its database for a PostgreSQL schema + relation name; false if unknown */
    bool (*relation)(const char *pg_schema,
                     const char *pg_relation,
                     char **tsql_name,
                     char **database);
    /* T-SQL name of a constraint or index of that relation; NULL if unknown. *is_primary,
     * *is_constraint tell 2627 (PRIMARY KEY / UNIQUE KEY) from 2601 (unique index). */
    char *(*constraint)(const char *pg_schema,
                        const char *pg_relation,
                        const char *pg_constraint,
                        bool *is_primary,
                        bool *is_constraint);
    /* The table that a conflict with a foreign key or check is about, with its database, and its
     * column when the constraint has one only (else NULL). `referenced`: the side that a foreign
     * key points to. False if unknown. */
    bool (*conflict)(const char *pg_schema,
                     const char *pg_relation,
                     const char *pg_constraint,
                     bool referenced,
                     char **tsql_name,
                     char **database,
                     char **column);
    /* T-SQL name of a column */
    char *(*column)(const char *pg_schema, const char *pg_relation, const char *pg_column);
} ErrorNames;
void tsql_error_register_names(const ErrorNames *names);
/* The registered names of a column, as in 2628: "db.dbo.t" and "c". */
typedef struct ErrorColumn {
    char *table;
    char *column;
} ErrorColumn;
ErrorColumn
tsql_error_column(const char *pg_schema, const char *pg_relation, const char *pg_column);
/* "INSERT", "UPDATE", "DELETE", "MERGE" of the running statement, for 515/547's text. */
void tsql_error_set_statement(const char *verb);
