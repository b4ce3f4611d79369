/*
 * RPC requests. See rpc.h; table-valued parameters are in tvp.c.
 */
#include "tds/rpc.h"

#include "tds/tvp.h"

#define FLAG_BATCH 0xFF
#define FLAG_BATCH_OLD 0x80 /* before 7.2 */
#define FLAG_NO_EXEC 0xFE   /* 7.2 */
#define NAME_IS_ID 0xFFFF
#define MAX_NAME 128
#define MAX_PROC_NAME 1046 /* four bracketed parts with doubled brackets do not need more */

bool
tds_rpc_begin(TdsRpc *rpc, TdsReader *reader, TdsVersion version, const TdsMemory *memory)
{
    memset(rpc, 0, sizeof(*rpc));
    rpc->reader = reader;
    rpc->version = version;
    rpc->memory = memory;
    return tds_read_headers(reader, version, &rpc->headers);
}

static bool
read_proc(TdsRpc *rpc, TdsRpcCall *call)
{
    TdsReader *reader = rpc->reader;
    uint16_t length = tds_read_u16(reader);

    if (length == NAME_IS_ID && reader->status == TDS_OK) {
        uint16_t id = tds_read_u16(reader);
        const char *name = tds_proc_name(id);

        if (reader->status == TDS_OK && name == NULL)
            return tds_reader_fail(reader, TDS_MALFORMED, "RPC: unknown procedure number");
        if (name != NULL) {
            call->proc = (TdsProcId) id;
            call->name.data = name;
            call->name.length = strlen(name);
        }
    } else {
        if (length > MAX_PROC_NAME)
            return tds_reader_fail(reader, TDS_MALFORMED, "RPC: procedure name too long");
        call->name = tds_read_utf16(reader, length, rpc->memory);
        if (call->name.data != NULL)
            call->proc = tds_proc_id(call->name.data);
    }
    call->options = tds_read_u16(reader);
    return reader->status == TDS_OK;
}

bool
tds_rpc_next(TdsRpc *rpc, TdsRpcCall *call)
{
    TdsRpcParam param;

    while (rpc->in_call)
        if (!tds_rpc_next_param(rpc, &param))
            break;
    memset(call, 0, sizeof(*call));
    rpc->no_exec = false;
    if (rpc->reader->status != TDS_OK || tds_reader_at_end(rpc->reader))
        return false;
    if (!read_proc(rpc, call))
        return false;
    rpc->in_call = true;
    rpc->params = 0;
    rpc->calls++;
    return true;
}

/* True at the end of the call: takes the flag that separates it from the next. */
static bool
at_call_end(TdsRpc *rpc)
{
    int next = tds_reader_peek(rpc->reader);

    if (next == -1)
        return true;
    if (next == FLAG_BATCH || (next == FLAG_BATCH_OLD && rpc->version < TDS_7_2) ||
        (next == FLAG_NO_EXEC && rpc->version >= TDS_7_2)) {
        rpc->no_exec = next == FLAG_NO_EXEC;
        tds_read_u8(rpc->reader);
        return true;
    }
    return false;
}

bool
tds_rpc_next_param(TdsRpc *rpc, TdsRpcParam *param)
{
    TdsReader *reader = rpc->reader;

    memset(param, 0, sizeof(*param));
    if (!tds_tvp_skip_rows(rpc))
        rpc->in_call = false;
    if (!rpc->in_call)
        return false;
    if (at_call_end(rpc)) {
        rpc->in_call = false;
        return false;
    }
    rpc->in_call = false; /* until this parameter proves good */
    if (tds_reader_peek(reader) > MAX_NAME)
        return tds_reader_fail(reader, TDS_MALFORMED, "RPC: parameter name too long");
    if (++rpc->params > TDS_MAX_PARAMETERS + 4)
        return tds_reader_fail(reader, TDS_TOO_BIG, "RPC: too many parameters");
    param->name = tds_read_b_varchar(reader, rpc->memory);
    param->status = tds_read_u8(reader);
    if ((param->status & TDS_PARAM_ENCRYPTED) != 0)
        return tds_reader_fail(reader, TDS_UNSUPPORTED,
                               "RPC: encrypted parameters were not negotiated");
    if (!tds_read_type_info(reader, rpc->version, rpc->memory, &param->type))
        return false;
    if (param->type.type == TDS_TVP) {
        if (rpc->version < TDS_7_3)
            return tds_reader_fail(reader, TDS_UNSUPPORTED,
                                   "RPC: a table-valued parameter before TDS 7.3");
        param->table = tds_tvp_read(rpc);
        rpc->table = param->table;
        if (param->table == NULL)
            return false;
        param->value.type = param->type;
    } else if (!tds_read_value(reader, &param->type, TDS_IN_PARAMETER, rpc->max_value, rpc->memory,
                               &param->value)) {
        return false;
    }
    rpc->in_call = true;
    return true;
}
