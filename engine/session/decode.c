/*
 * The wire to Datums. See decode.h. The tds library has checked every length and range that the
 * protocol knows; what is left is the change of form.
 */
#include "postgres.h"

#include "session/decode.h"

#include "context/context.h"
#include "miscadmin.h"
#include "pgcompat/base.h"
#include "session/transport.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/variant.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

/* ---- types ---- */

static Oid
parameter_collation(void)
{
    return OidIsValid(session_context->database_collation) ? session_context->database_collation
                                                           : sql_collation_default();
}

static SqlType
string_of(SqlTypeId id, const TdsTypeInfo *info, int bytes_per_unit)
{
    int32 length = tds_type_is_plp(info) ? -1 : (int32) (info->length / bytes_per_unit);

    return sql_type_string(id, length == 0 ? 1 : length, parameter_collation());
}

static SqlType
binary_of(SqlTypeId id, const TdsTypeInfo *info)
{
    int32 length = tds_type_is_plp(info) ? -1 : (int32) info->length;

    return sql_type_binary(id, length == 0 ? 1 : length);
}

static SqlTypeId
integer_of(uint32 bytes)
{
    return bytes == 1 ? SQL_TINYINT : bytes == 2 ? SQL_SMALLINT : bytes == 4 ? SQL_INT : SQL_BIGINT;
}

SqlType
decode_type(const TdsTypeInfo *info)
{
    SqlType unknown = {.id = SQL_UNKNOWN};

    switch (info->type) {
    case TDS_BIT:
    case TDS_BITN:
        return sql_type_make(SQL_BIT);
    case TDS_INT1:
        return sql_type_make(SQL_TINYINT);
    case TDS_INT2:
        return sql_type_make(SQL_SMALLINT);
    case TDS_INT4:
        return sql_type_make(SQL_INT);
    case TDS_INT8:
        return sql_type_make(SQL_BIGINT);
    case TDS_INTN:
        return sql_type_make(integer_of(info->length));
    case TDS_FLT4:
        return sql_type_make(SQL_REAL);
    case TDS_FLT8:
        return sql_type_make(SQL_FLOAT);
    case TDS_FLTN:
        return sql_type_make(info->length == 4 ? SQL_REAL : SQL_FLOAT);
    case TDS_MONEY4:
        return sql_type_make(SQL_SMALLMONEY);
    case TDS_MONEY:
        return sql_type_make(SQL_MONEY);
    case TDS_MONEYN:
        return sql_type_make(info->length == 4 ? SQL_SMALLMONEY : SQL_MONEY);
    case TDS_DATETIM4:
        return sql_type_make(SQL_SMALLDATETIME);
    case TDS_DATETIME:
        return sql_type_make(SQL_DATETIME);
    case TDS_DATETIMN:
        return sql_type_make(info->length == 4 ? SQL_SMALLDATETIME : SQL_DATETIME);
    case TDS_DECIMAL:
    case TDS_NUMERIC:
    case TDS_DECIMALN:
    case TDS_NUMERICN:
        return sql_type_decimal(info->precision, info->scale);
    case TDS_GUID:
        return sql_type_make(SQL_UNIQUEIDENTIFIER);
    case TDS_DATEN:
        return sql_type_make(SQL_DATE);
    case TDS_TIMEN:
        return sql_type_time(SQL_TIME, info->scale);
    case TDS_DATETIME2N:
        return sql_type_time(SQL_DATETIME2, info->scale);
    case TDS_DATETIMEOFFSETN:
        return sql_type_time(SQL_DATETIMEOFFSET, info->scale);
    case TDS_CHAR:
    case TDS_BIGCHAR:
        return string_of(SQL_CHAR, info, 1);
    case TDS_VARCHAR:
    case TDS_BIGVARCHAR:
        return string_of(SQL_VARCHAR, info, 1);
    case TDS_NCHAR:
        return string_of(SQL_NCHAR, info, 2);
    case TDS_NVARCHAR:
        return string_of(SQL_NVARCHAR, info, 2);
    case TDS_JSON:
        return sql_type_string(SQL_NVARCHAR, -1, parameter_collation());
    case TDS_TEXT:
        return sql_type_string(SQL_TEXT, -1, parameter_collation());
    case TDS_NTEXT:
        return sql_type_string(SQL_NTEXT, -1, parameter_collation());
    case TDS_XML:
        return sql_type_make(SQL_XML);
    case TDS_BINARY:
    case TDS_BIGBINARY:
        return binary_of(SQL_BINARY, info);
    case TDS_VARBINARY:
    case TDS_BIGVARBINARY:
        return binary_of(SQL_VARBINARY, info);
    case TDS_UDT:
        return sql_type_binary(SQL_VARBINARY, -1);
    case TDS_IMAGE:
        return sql_type_binary(SQL_IMAGE, -1);
    case TDS_SSVARIANT:
        return sql_type_make(SQL_VARIANT);
    default:
        return unknown;
    }
}

/* ---- values ---- */

static Datum
datum_of_bytes(const void *bytes, size_t length)
{
    struct varlena *result = palloc(VARHDRSZ + length);

    SET_VARSIZE(result, VARHDRSZ + length);
    memcpy(VARDATA(result), bytes, length);
    return PointerGetDatum(result);
}

static Datum
datum_of_integer(const TdsValue *value, const SqlType *type)
{
    switch (type->id) {
    case SQL_BIT:
        return BoolGetDatum(value->integer != 0);
    case SQL_TINYINT:
        return UInt8GetDatum((uint8) value->integer);
    case SQL_SMALLINT:
        return Int16GetDatum((int16) value->integer);
    case SQL_BIGINT:
        return Int64GetDatum(value->integer);
    default:
        return Int32GetDatum((int32) value->integer);
    }
}

static Datum
datum_of_decimal(const TdsDecimal *wire)
{
    Decimal decimal = {.magnitude = (uint128) wire->high << 64 | wire->low,
                       .scale = wire->scale,
                       .negative = wire->negative && (wire->high | wire->low) != 0};

    return decimal_put(&decimal);
}

static Datum
datum_of_offset(const TdsDateTime2 *wire)
{
    SqlDateTimeOffset *result = palloc(sizeof(*result));
    int64 ticks = (int64) wire->days * TICKS_PER_DAY + (int64) wire->ticks;

    memcpy(result->bytes, &ticks, sizeof(ticks));
    memcpy(result->bytes + sizeof(ticks), &wire->offset, sizeof(wire->offset));
    return PointerGetDatum(result);
}

static Datum
plain_value(const TdsValue *value, const SqlType *type)
{
    switch (value->kind) {
    case TDS_VALUE_BIT:
    case TDS_VALUE_INT:
        return datum_of_integer(value, type);
    case TDS_VALUE_REAL:
        return Float4GetDatum((float4) value->number);
    case TDS_VALUE_FLOAT:
        return Float8GetDatum(value->number);
    case TDS_VALUE_DECIMAL:
        return datum_of_decimal(&value->decimal);
    case TDS_VALUE_MONEY:
        return type->id == SQL_SMALLMONEY ? Int32GetDatum((int32) value->integer)
                                          : Int64GetDatum(value->integer);
    case TDS_VALUE_DATETIME:
        return Int64GetDatum((int64) value->datetime.days * (INT64CONST(1) << 32) +
                             value->datetime.ticks);
    case TDS_VALUE_SMALLDATETIME:
        return Int32GetDatum(value->smalldatetime.days * 1440 + value->smalldatetime.minutes);
    case TDS_VALUE_DATE:
        return DateADTGetDatum(value->datetime2.days - DAYS_TO_2000);
    case TDS_VALUE_TIME:
        return Int64GetDatum((int64) value->datetime2.ticks);
    case TDS_VALUE_DATETIME2:
        return Int64GetDatum((int64) value->datetime2.days * TICKS_PER_DAY +
                             (int64) value->datetime2.ticks);
    case TDS_VALUE_DATETIMEOFFSET:
        return datum_of_offset(&value->datetime2);
    case TDS_VALUE_GUID:
        return PointerGetDatum(memcpy(palloc(16), value->guid, 16));
    case TDS_VALUE_TEXT:
        return datum_of_bytes(value->text.data, value->text.length);
    case TDS_VALUE_BYTES:
        return datum_of_bytes(value->bytes.data, value->bytes.length);
    default:
        return (Datum) 0;
    }
}

Datum
decode_value(const TdsValue *value, const SqlType *type, bool *is_null)
{
    SqlType inner;

    *is_null = value->kind == TDS_VALUE_NULL;
    if (*is_null)
        return (Datum) 0;
    if (!value->in_variant)
        return plain_value(value, type);
    inner = decode_type(&value->type);
    return variant_make(&inner, plain_value(value, &inner));
}

/* ---- calls ---- */

static const char *
part(const TdsText *text)
{
    return text->length > 0 ? text->data : NULL;
}

/* All rows of a table-valued parameter. */
static TableParameter *
decode_table(TdsRpc *rpc, const TdsTvp *tvp)
{
    int count = (int) tvp->columns;
    SqlType *types = palloc(sizeof(SqlType) * Max(count, 1));
    bool *defaults = palloc(sizeof(bool) * Max(count, 1));
    TdsValue *row = palloc(sizeof(TdsValue) * Max(count, 1));
    Datum *values = palloc(sizeof(Datum) * Max(count, 1));
    bool *nulls = palloc(sizeof(bool) * Max(count, 1));
    MemoryContext row_context =
        AllocSetContextCreate(CurrentMemoryContext, "TVP row", ALLOCSET_DEFAULT_SIZES);
    TdsMemory row_memory = transport_memory(row_context);
    TableParameter *table;

    for (int i = 0; i < count; i++) {
        types[i] = decode_type(&tvp->column[i].type);
        defaults[i] = (tvp->column[i].flags & TDS_COLUMN_DEFAULT) != 0;
    }
    table = table_parameter_new(part(&tvp->database), part(&tvp->schema), part(&tvp->type_name),
                                count, types, defaults);
    while (tds_tvp_next_row(rpc, &row_memory, row)) {
        MemoryContext old = MemoryContextSwitchTo(row_context);

        CHECK_FOR_INTERRUPTS();
        for (int i = 0; i < count; i++)
            values[i] = decode_value(&row[i], &types[i], &nulls[i]);
        MemoryContextSwitchTo(old);
        table_parameter_add(table, values, nulls);
        MemoryContextReset(row_context);
    }
    MemoryContextDelete(row_context);
    return table;
}

static void
decode_parameter(TdsRpc *rpc, const TdsRpcParam *param, RpcParameter *to)
{
    memset(to, 0, sizeof(*to));
    to->name = part(&param->name);
    to->is_output = (param->status & TDS_PARAM_BY_REF) != 0;
    to->is_default = (param->status & TDS_PARAM_DEFAULT) != 0;
    if (param->table != NULL) {
        to->table = decode_table(rpc, param->table);
        to->is_null = true;
        return;
    }
    to->type = decode_type(&param->type);
    to->value = decode_value(&param->value, &to->type, &to->is_null);
}

bool
decode_call(TdsRpc *rpc, const TdsRpcCall *call, RpcCall *rpc_call)
{
    int room = 8;
    TdsRpcParam param;

    memset(rpc_call, 0, sizeof(*rpc_call));
    rpc_call->name = call->name.data;
    rpc_call->procedure_id = (int) call->proc;
    /* Microsoft's ODBC driver sets the option on every call, and goes without only on a fetch. */
    rpc_call->no_metadata = (call->options & TDS_RPC_NO_METADATA) != 0 &&
                            rpc_call->procedure_id == TDS_PROC_CURSORFETCH;
    rpc_call->with_recompile = (call->options & TDS_RPC_WITH_RECOMPILE) != 0;
    rpc_call->parameters = palloc(sizeof(RpcParameter) * room);
    while (tds_rpc_next_param(rpc, &param)) {
        if (rpc_call->parameter_count == room) {
            room *= 2;
            rpc_call->parameters = repalloc(rpc_call->parameters, sizeof(RpcParameter) * room);
        }
        decode_parameter(rpc, &param, &rpc_call->parameters[rpc_call->parameter_count++]);
    }
    return rpc->reader->status == TDS_OK;
}
