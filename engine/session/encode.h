/*
 * Values from PostgreSQL's form to the wire: for each SqlType its wire type and the function that
 * writes a Datum of it into the packet. Chosen once per result column, called once per value.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "tds/token.h"
#include "tds/value.h"
#include "types/sqltype.h"

typedef struct WireColumn WireColumn;
typedef void (*Encoder)(TdsOut *out, const WireColumn *column, Datum value);

struct WireColumn {
    Encoder encode;
    TdsTypeInfo type; /* as the client's version understands it */
};

/* The wire type and encoder of a SqlType for this client. `nullable` false gives the fixed form of
 * the types that have one. */
WireColumn encode_column(const SqlType *type, bool nullable, TdsVersion version);

/* COLMETADATA's description of a result column; names are borrowed. */
TdsColumn encode_metadata(const BoundColumn *column, const WireColumn *wire);
