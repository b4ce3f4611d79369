/*
 * Table-valued parameters, for rpc.c: the users of the library see tds_tvp_next_row (rpc.h).
 */
#pragma once

#include "tds/rpc.h"

/* Reads what follows the type byte up to the first row. NULL on failure (reader->status). */
TdsTvp *tds_tvp_read(TdsRpc *rpc);

/* Passes over the rows that were not taken. True when there is nothing (more) to pass over. */
bool tds_tvp_skip_rows(TdsRpc *rpc);
