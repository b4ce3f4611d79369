/*
 * RPC requests (MS-TDS 2.2.6.6): one message holds one or more calls, each with parameters that
 * carry their own TYPE_INFO. Walk it:
 *
 *     tds_rpc_begin(&rpc, &reader, version, memory);
 *     while (tds_rpc_next(&rpc, &call))
 *         while (tds_rpc_next_param(&rpc, &param)) {
 *             if (param.table)
 *                 while (tds_tvp_next_row(&rpc, row_memory, row)) ...
 *         }
 *     if (reader.status != TDS_OK) -> protocol error, message reader.detail
 *
 * Nothing of a table-valued parameter's rows is held: what the caller does not take is passed over.
 */
#pragma once

#include "tds/batch.h"
#include "tds/procid.h"
#include "tds/token.h"
#include "tds/value.h"

#define TDS_RPC_WITH_RECOMPILE 0x01
#define TDS_RPC_NO_METADATA 0x02
#define TDS_RPC_REUSE_METADATA 0x04

#define TDS_PARAM_BY_REF 0x01  /* OUTPUT */
#define TDS_PARAM_DEFAULT 0x02 /* fDefaultValue: use the procedure's default */
#define TDS_PARAM_ENCRYPTED 0x08

#define TDS_MAX_PARAMETERS 2100
#define TDS_MAX_TVP_COLUMNS 1024

typedef struct TdsRpcCall {
    TdsText name;     /* as sent; for a ProcID, the procedure's name */
    TdsProcId proc;   /* also set when one of them was named in full */
    uint16_t options; /* TDS_RPC_* */
} TdsRpcCall;

/* Metadata of a table-valued parameter (2.2.5.5.5). */
typedef struct TdsTvp {
    TdsText database, schema, type_name;
    bool is_null; /* TVP_NULL_TOKEN: no columns, no rows: an empty table */
    unsigned columns;
    TdsColumn *column; /* flags: TDS_COLUMN_*; fDefault columns have no values in rows */
    /* TVP_ORDER_UNIQUE, NULL when not sent */
    unsigned order_count;
    struct TdsTvpOrder {
        uint16_t ordinal; /* 1-based */
        uint8_t flags;    /* 1 asc, 2 desc, 4 unique */
    } * order;
    /* TVP_COLUMN_ORDERING, NULL when not sent: the order in which values come in rows */
    uint16_t *ordering;
} TdsTvp;

typedef struct TdsRpcParam {
    TdsText name;   /* with its @; empty for a positional parameter */
    uint8_t status; /* TDS_PARAM_* */
    TdsTypeInfo type;
    TdsValue value; /* kind NULL for tables */
    TdsTvp *table;  /* NULL unless the type is a table */
} TdsRpcParam;

typedef struct TdsRpc {
    TdsReader *reader;
    TdsVersion version;
    const TdsMemory *memory; /* names, values, metadata: for the life of the request */
    uint64_t max_value;      /* bound of one value, 0 = 2 GB; may be changed after begin */
    TdsHeaders headers;
    /* private */
    TdsTvp *table; /* whose rows are being read */
    uint32_t calls, params;
    bool in_call, no_exec;
} TdsRpc;

bool tds_rpc_begin(TdsRpc *rpc, TdsReader *reader, TdsVersion version, const TdsMemory *memory);
bool tds_rpc_next(TdsRpc *rpc, TdsRpcCall *call);
bool tds_rpc_next_param(TdsRpc *rpc, TdsRpcParam *param);

/* The next row of the table that tds_rpc_next_param just gave: `row` has table->columns elements,
 * in the order of table->column. Columns with TDS_COLUMN_DEFAULT get kind NULL. Values live in
 * `memory`, which may be cleared per row. */
bool tds_tvp_next_row(TdsRpc *rpc, const TdsMemory *memory, TdsValue *row);

/* True when the call that has just been walked ended with NoExecFlag: parse but do not run it. */
static inline bool
tds_rpc_no_exec(const TdsRpc *rpc)
{
    return rpc->no_exec;
}
