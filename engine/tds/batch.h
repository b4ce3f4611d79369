/*
 * SQLBatch messages (MS-TDS 2.2.6.7) and the ALL_HEADERS (2.2.5.3) that start SQLBatch, RPC and
 * transaction manager messages since TDS 7.2.
 */
#pragma once

#include "tds/reader.h"
#include "tds/version.h"

typedef struct TdsHeaders {
    bool has_transaction;            /* the transaction descriptor header was there (it must be) */
    uint64_t transaction_descriptor; /* what the last ENVCHANGE told the client; 0 = autocommit */
    uint32_t outstanding_requests;   /* 1 without MARS */
    bool has_activity;
    uint8_t activity_id[16];
    uint32_t activity_sequence;
    bool wants_notification; /* query notification asked: not supported, ignored */
} TdsHeaders;

/*
 * Reads ALL_HEADERS for version >= 7.2; sets zeroes and reads nothing for older ones. Lengths that
 * do not add up are errors. Old drivers of 7.2+ leave the headers out of SQLBatch at times: when
 * the first DWORD cannot be a total length the message is malformed, as it is for SQL Server.
 */
bool tds_read_headers(TdsReader *reader, TdsVersion version, TdsHeaders *headers);

/* A SQLBatch: headers, then the text, as UTF-8 in `memory`. An odd byte at the end is malformed. */
bool tds_batch_parse(TdsReader *reader,
                     TdsVersion version,
                     const TdsMemory *memory,
                     TdsHeaders *headers,
                     TdsText *sql);
