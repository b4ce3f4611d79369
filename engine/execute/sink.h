/*
 * ResultSink: where a running batch puts what its client is to see. The session's sink writes TDS
 * tokens; the interpreter also makes its own (INSERT ... EXEC, describe procedures) and passes
 * calls of a wrapped sink on through `next`.
 *
 * Order of calls: for a result set begin_result, row..., end_result; then the statement's done
 * after its transaction has been committed. The MORE bit is the sink's own matter: it holds the
 * last done back and sets MORE if anything follows before the request ends (execute.h returns).
 * Slots and Datums are valid during the call only. A callback may raise a PostgreSQL error
 * (connection lost: FATAL).
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "errors/errors.h"
#include "executor/tuptable.h"
#include "types/sqltype.h"

typedef enum SinkDone {
    SINK_DONE,        /* a statement of a batch */
    SINK_DONE_PROC,   /* the end of a procedure */
    SINK_DONE_IN_PROC /* a statement inside a procedure */
} SinkDone;

/* Status bits of done; the wire's values. MORE and ATTN are added by the session. */
#define SINK_STATUS_ERROR 0x0002
#define SINK_STATUS_COUNT 0x0010
#define SINK_STATUS_SEVERE 0x0100

/* CurCmd of done, the wire's values. */
#define SINK_COMMAND_NONE 0x0000
#define SINK_COMMAND_SELECT 0x00C1
#define SINK_COMMAND_INSERT 0x00C3
#define SINK_COMMAND_DELETE 0x00C4
#define SINK_COMMAND_UPDATE 0x00C5
#define SINK_COMMAND_MERGE 0x0117
#define SINK_COMMAND_CREATE_TABLE 0x00C6
#define SINK_COMMAND_DROP_TABLE 0x00C7
#define SINK_COMMAND_SELECT_INTO 0x00C2
#define SINK_COMMAND_ROLLBACK 0x00D2
#define SINK_COMMAND_BEGIN_TRAN 0x00D4
#define SINK_COMMAND_COMMIT 0x00D5
#define SINK_COMMAND_EXECUTE 0x00E0
#define SINK_COMMAND_USE 0x00E1
#define SINK_COMMAND_BULK_INSERT 0x00F0
#define SINK_COMMAND_SET 0x00F9
#define SINK_COMMAND_OTHER 0x00FD

typedef enum SinkEnvironment {
    SINK_ENV_DATABASE, /* texts: new and old name */
    SINK_ENV_LANGUAGE,
    SINK_ENV_COLLATION, /* texts NULL: take session_context->database_collation */
} SinkEnvironment;

typedef enum SinkTransaction {
    SINK_TRAN_BEGIN, /* descriptor is the new transaction's */
    SINK_TRAN_COMMIT,
    SINK_TRAN_ROLLBACK,
} SinkTransaction;

typedef struct ResultSink ResultSink;
struct ResultSink {
    /* The columns of the rows that follow; they stay valid until end_result. `order`: ORDER token,
     * order_count 1-based columns. */
    void (*begin_result)(ResultSink *sink,
                         const BoundColumn *columns,
                         int count,
                         const int16 *order,
                         int order_count);
    /* A row: the first `count` attributes of the slot, in the representation of the columns'
     * SqlTypes. false: enough, stop the statement quietly. */
    bool (*row)(ResultSink *sink, TupleTableSlot *slot);
    void (*end_result)(ResultSink *sink);
    void (*done)(ResultSink *sink, SinkDone kind, uint16 status, uint16 command, uint64 row_count);
    /* severity <= 10: INFO, else ERROR. */
    void (*message)(ResultSink *sink, const TsqlError *error);
    void (*environment)(ResultSink *sink,
                        SinkEnvironment kind,
                        const char *new_value,
                        const char *old_value);
    void (*transaction)(ResultSink *sink, SinkTransaction kind, uint64 descriptor);
    void (*return_status)(ResultSink *sink, int32 value);
    /* An OUTPUT parameter (ordinal: its place in the request, 0-based), or with `is_result` the
     * value that a scalar function called by RPC returns. */
    void (*return_value)(ResultSink *sink,
                         int ordinal,
                         const char *name,
                         const SqlType *type,
                         Datum value,
                         bool is_null,
                         bool is_result);
    /* RAISERROR WITH NOWAIT, and before WAITFOR: what is written so far goes out. */
    void (*flush)(ResultSink *sink);
    /* Whether the cancel that just interrupted a statement was the client's attention. May be NULL.
     */
    bool (*attention)(ResultSink *sink);

    /* Set by the request: the client has the metadata already (RPC option NoMetaData). */
    bool no_metadata;
    ResultSink *next; /* of wrapping sinks */
};
