/*
 * tds_client.h: a TDS 7.4 client (MS-TDS), used by `casement sql`, by the query editor of the
 * console and by casementd for the accounts and databases of an instance.
 *
 * Blocking, one connection a thread; every length from the server is distrusted, a reply's size is
 * bounded. Errors and messages come as SQL Server's (number, state, class, line, procedure, text).
 * A library of its own: no PostgreSQL, no cloud.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TdsConnection TdsConnection;

typedef struct TdsTarget {
    const char *host; /* or a unix socket's path */
    int port;
    const char *user, *password, *database;
    const char *application;
    const char *ca_file; /* trusted certificate(s), PEM; NULL: encrypted but not verified */
    int timeout_seconds; /* connect and each reply; 0: none */
} TdsTarget;

typedef struct TdsMessage {
    int number, state, severity, line;
    const char *procedure, *server, *text; /* UTF-8 */
} TdsMessage;

typedef struct TdsColumn {
    char *name;
    char *type;             /* "nvarchar(50)", "decimal(18,2)" ... */
    bool nullable, numeric; /* numeric: right-aligned in a table */
    int width;              /* characters to show it with, at most */
} TdsColumn;

/* What a reply is made of, called in its order; any may be NULL. A value is UTF-8 text as sqlcmd
 * shows it, or NULL for SQL's NULL. Return false to cancel the request (attention). */
typedef struct TdsReceiver {
    void *context;
    bool (*columns)(void *context, const TdsColumn *columns, int count);
    bool (*row)(void *context, const char *const *values, const size_t *lengths, int count);
    void (*done)(void *context, long long rows, bool counted);
    void (*message)(void *context, const TdsMessage *message); /* severity > 10 is an error */
} TdsReceiver;

/* NULL on failure, *problem (owned by the caller) saying why: the server's own message where there
 * is one, *number its number (18456 ...) or 0. */
TdsConnection *tds_open(const TdsTarget *target, char **problem, int *number);
void tds_close(TdsConnection *connection);
/* The database in use, as the server told. */
const char *tds_database(const TdsConnection *connection);

/* Runs a batch. 0: no error; 1: the server reported an error (receiver->message had it); negative
 * errno: the connection is of no more use. */
int tds_batch(TdsConnection *connection, const char *sql, const TdsReceiver *receiver);
/* sp_executesql with nvarchar parameters @p1.. : values are never put into the text. NULL is NULL.
 */
int tds_execute(TdsConnection *connection,
                const char *sql,
                int count,
                const char *const *values,
                const TdsReceiver *receiver);
/* From a signal handler or another thread: cancels the running request. */
void tds_cancel(TdsConnection *connection);

/* Everything of a reply as JSON, at most `most_rows` rows a result and `most_bytes` in all:
 * {"results":[{"columns":[{"name","type"}],"rows":[[text|null...]],"row_count":n,"truncated":bool}],
 *  "messages":[{"number","severity","state","line","procedure","text"}]}. A new reference. */
json_t *tds_batch_json(
    TdsConnection *connection, const char *sql, long most_rows, size_t most_bytes, int *status);
