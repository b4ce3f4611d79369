/*
 * Values from the wire to PostgreSQL's form: RPC parameters, table-valued parameters, bulk rows.
 * Everything allocated is in CurrentMemoryContext.
 */
#pragma once

#include "postgres.h"

#include "execute/execute.h"
#include "tds/rpc.h"
#include "types/sqltype.h"

/* The T-SQL type that a client means by a wire type. */
SqlType decode_type(const TdsTypeInfo *info);

/* The Datum of a value whose type decode_type gave. For sql_variant the value goes into a variant
 * with the type inside. */
Datum decode_value(const TdsValue *value, const SqlType *type, bool *is_null);

/* Reads the parameters of `call` (tds_rpc_next gave it) into `rpc_call`, table-valued ones with all
 * their rows. False: the message is broken, see the reader. */
bool decode_call(TdsRpc *rpc, const TdsRpcCall *call, RpcCall *rpc_call);
