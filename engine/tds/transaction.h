/*
 * Transaction manager requests (MS-TDS 2.2.6.9): the drivers' way to begin, commit and roll back
 * without SQL text. The reply is ENVCHANGE tokens and a DONE (token.h).
 */
#pragma once

#include "tds/batch.h"

typedef enum TdsTransactionRequest {
    TDS_TM_GET_DTC_ADDRESS = 0,
    TDS_TM_PROPAGATE_XACT = 1,
    TDS_TM_BEGIN_XACT = 5,
    TDS_TM_PROMOTE_XACT = 6,
    TDS_TM_COMMIT_XACT = 7,
    TDS_TM_ROLLBACK_XACT = 8,
    TDS_TM_SAVE_XACT = 9,
} TdsTransactionRequest;

typedef enum TdsIsolation {
    TDS_ISOLATION_CURRENT = 0, /* leave it as it is */
    TDS_ISOLATION_READ_UNCOMMITTED = 1,
    TDS_ISOLATION_READ_COMMITTED = 2,
    TDS_ISOLATION_REPEATABLE_READ = 3,
    TDS_ISOLATION_SERIALIZABLE = 4,
    TDS_ISOLATION_SNAPSHOT = 5,
} TdsIsolation;

typedef struct TdsTransaction {
    TdsHeaders headers;
    TdsTransactionRequest request;
    TdsIsolation isolation; /* BEGIN */
    TdsText name;           /* BEGIN, COMMIT, ROLLBACK, SAVE; may be empty */
    /* COMMIT and ROLLBACK with fBeginXact: a new transaction starts at once */
    bool begin_next;
    TdsIsolation next_isolation;
    TdsText next_name;
    TdsBytes dtc; /* PROPAGATE: the transaction cookie (empty: leave the distributed one) */
} TdsTransaction;

/* Parses the whole message. Unknown requests give TDS_UNSUPPORTED. */
bool tds_transaction_parse(TdsReader *reader,
                           TdsVersion version,
                           const TdsMemory *memory,
                           TdsTransaction *transaction);
