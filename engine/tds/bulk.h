/*
 * Bulk load (MS-TDS 2.2.6.1 BulkLoadBCP): after the SQL statement INSERT BULK the client sends one
 * message with COLMETADATA, rows and DONE. Rows are pulled one by one through a streaming reader.
 */
#pragma once

#include "tds/token.h"
#include "tds/value.h"

typedef struct TdsBulk {
    TdsReader *reader;
    TdsVersion version;
    unsigned columns;
    TdsColumn *column;
    uint64_t max_value; /* bound of one value, 0 = 2 GB; may be changed after begin */
    uint64_t rows;      /* given so far */
    bool old_layout;    /* the metadata and DONE are those before TDS 7.2 */
    bool done;          /* DONE or the end of the message was seen */
} TdsBulk;

/* Reads the metadata (columns go to `memory`). False on failure: see reader->status. */
bool tds_bulk_begin(TdsBulk *bulk, TdsReader *reader, TdsVersion version, const TdsMemory *memory);

/* The next row into `row` (bulk->columns elements); values live in `memory`, which may be cleared
 * per row. False at the end, or on failure. */
bool tds_bulk_next(TdsBulk *bulk, const TdsMemory *memory, TdsValue *row);

/* Old UPDATETEXT/WRITETEXT BULK messages (2.2.6.1): a plain LONGLEN_TYPE value, not a table. */
bool tds_bulk_read_text(TdsReader *reader, const TdsMemory *memory, TdsBytes *bytes);
