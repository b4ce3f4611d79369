/*
 * Walking a request to its end for the fuzzers: everything that was understood goes into a
 * checksum, so that reading it held whole and reading it streamed in pieces can be compared.
 */
#pragma once

#include "tds/bulk.h"
#include "tds/rpc.h"
#include "tds/transaction.h"
#include "tds/unicode.h"

#include <stdlib.h>

static inline void
walk_add(uint64_t *sum, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++)
        *sum = *sum * 31 + p[i];
}

static inline void
walk_value(uint64_t *sum, const TdsValue *value)
{
    *sum = *sum * 31 + (uint64_t) value->kind + value->type.type;
    switch (value->kind) {
    case TDS_VALUE_TEXT:
        if (value->text.data[value->text.length] != '\0' ||
            tds_utf8_incomplete_tail(value->text.data, value->text.length) != 0)
            abort();
        walk_add(sum, value->text.data, value->text.length);
        break;
    case TDS_VALUE_BYTES:
        walk_add(sum, value->bytes.data, value->bytes.length);
        break;
    case TDS_VALUE_DECIMAL:
        *sum = *sum * 31 + value->decimal.low + value->decimal.high;
        break;
    case TDS_VALUE_INT:
    case TDS_VALUE_BIT:
    case TDS_VALUE_MONEY:
        *sum = *sum * 31 + (uint64_t) value->integer;
        break;
    default:
        break;
    }
}

/* Calls and parameters; `take_rows` false leaves the rows of tables to be passed over. */
static inline uint64_t
walk_rpc(TdsReader *reader, TdsVersion version, const TdsMemory *memory, bool take_rows)
{
    uint64_t sum = 0;
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;

    tds_rpc_begin(&rpc, reader, version, memory);
    rpc.max_value = 1 << 20;
    while (tds_rpc_next(&rpc, &call)) {
        walk_add(&sum, call.name.data, call.name.length);
        while (tds_rpc_next_param(&rpc, &param)) {
            walk_add(&sum, param.name.data, param.name.length);
            walk_value(&sum, &param.value);
            if (param.table != NULL && take_rows) {
                TdsValue *row = calloc(param.table->columns + 1, sizeof(TdsValue));

                while (tds_tvp_next_row(&rpc, memory, row))
                    for (unsigned i = 0; i < param.table->columns; i++)
                        walk_value(&sum, &row[i]);
                free(row);
            }
        }
    }
    if (reader->status != TDS_OK && reader->detail == NULL)
        abort();
    return sum * 31 + (uint64_t) reader->status;
}

static inline uint64_t
walk_bulk(TdsReader *reader, TdsVersion version, const TdsMemory *memory)
{
    uint64_t sum = 0;
    TdsBulk bulk;
    TdsPool rows;

    tds_pool_init(&rows);
    if (tds_bulk_begin(&bulk, reader, version, memory)) {
        TdsValue *row = calloc(bulk.columns, sizeof(TdsValue));

        bulk.max_value = 1 << 20;
        while (tds_bulk_next(&bulk, &rows.memory, row)) {
            for (unsigned i = 0; i < bulk.columns; i++)
                walk_value(&sum, &row[i]);
            tds_pool_clear(&rows);
        }
        sum = sum * 31 + bulk.rows;
        free(row);
    }
    tds_pool_clear(&rows);
    if (reader->status != TDS_OK && reader->detail == NULL)
        abort();
    return sum * 31 + (uint64_t) reader->status;
}

/* Gives the bytes in pieces. */
typedef struct Pieces {
    const uint8_t *bytes;
    size_t left, piece;
} Pieces;

static inline TdsStatus
next_piece(void *context, const uint8_t **bytes, size_t *length)
{
    Pieces *pieces = context;

    *bytes = pieces->bytes;
    *length = pieces->left < pieces->piece ? pieces->left : pieces->piece;
    pieces->bytes += *length;
    pieces->left -= *length;
    return *length > 0 ? TDS_OK : TDS_TRUNCATED;
}

/* The version that a byte of the input chooses. */
static inline TdsVersion
walk_version(uint8_t byte)
{
    static const TdsVersion versions[] = {TDS_7_4, TDS_7_4, TDS_7_2, TDS_7_1,
                                          TDS_7_0, TDS_7_3, TDS_8_0, TDS_7_4};

    return versions[byte % 8];
}
