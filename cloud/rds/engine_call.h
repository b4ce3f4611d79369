/*
 * engine_call.h: T-SQL that casementd itself runs in an instance, as the login rdsadmin, for the
 * operations on databases, accounts and logs.
 *
 * Names from outside reach T-SQL as parameters (QUOTENAME where they become names); only
 * engine_use, which QUOTENAME cannot help, quotes by itself. What the server refuses becomes the
 * API's error by rds/engine_errors.def, with the server's own text.
 */
#pragma once

#include "rds/instance.h"

typedef struct EngineCall {
    TdsConnection *connection;
    int number;    /* of the first error, 0: none */
    char *message; /* its text */
    int status;    /* 0, 1: the server reported an error, negative errno: the connection is gone */
} EngineCall;

/* For handlers that only need the engine to run: the instance of the path, or NULL after having
 * answered. Unlike instance_ready_of_request it does not mind jobs. */
Instance *engine_instance(ApiRequest *request);

/* Opens; false: message says why. Closed at the end of the block with AUTO_CALL. */
bool engine_open(EngineCall *call, StoreConn *store, const Instance *instance);
void engine_close(EngineCall *call);
#define AUTO_CALL __attribute__((cleanup(engine_close)))

/* Makes the database current. */
bool engine_use(EngineCall *call, const char *database);
/* A batch without parameters. */
bool engine_batch(EngineCall *call, const char *sql);
/* A statement with parameters @p1..., given as texts, `count` of them. */
bool engine_run(EngineCall *call, const char *sql, int count, ...);
/* The rows of all its results, an array of arrays of texts and nulls; NULL after an error. */
json_t *engine_rows(EngineCall *call, const char *sql, int count, ...);
/* Text of a column of a row; "" for NULL. */
const char *engine_text(const json_t *row, int column);

/* Answers with the error. `name` is what the request was about. */
void engine_fail(ApiRequest *request, const EngineCall *call, const char *name);

/* [name], with its brackets doubled. */
void engine_add_name(Buffer *sql, const char *name);
