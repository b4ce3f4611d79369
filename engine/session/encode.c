/*
 * Datums to the wire. See encode.h. The encoders know the C form of each type (types/) and call the
 * tds library's writer, which knows the wire's.
 */
#include "postgres.h"

#include "session/encode.h"

#include "fmgr.h"
#include "pgcompat/base.h"
#include "session/transport.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/variant.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* ---- encoders ---- */

static void
encode_bit(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_int(out, &column->type, DatumGetBool(value));
}

static void
encode_tinyint(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_int(out, &column->type, (uint8) value);
}

static void
encode_smallint(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_int(out, &column->type, DatumGetInt16(value));
}

static void
encode_int(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_int(out, &column->type, DatumGetInt32(value));
}

static void
encode_bigint(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_int(out, &column->type, DatumGetInt64(value));
}

static void
encode_real(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_float(out, &column->type, DatumGetFloat4(value));
}

static void
encode_float(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_float(out, &column->type, DatumGetFloat8(value));
}

static void
encode_smallmoney(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_money(out, &column->type, DatumGetInt32(value));
}

static void
encode_money(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_money(out, &column->type, DatumGetInt64(value));
}

static TdsDecimal
wire_decimal(Datum value)
{
    Decimal decimal = decimal_get(value);
    TdsDecimal wire = {.low = (uint64) decimal.magnitude,
                       .high = (uint64) (decimal.magnitude >> 64),
                       .precision = DECIMAL_MAX_PRECISION,
                       .scale = decimal.scale,
                       .negative = decimal.negative};

    return wire;
}

static void
encode_decimal(TdsOut *out, const WireColumn *column, Datum value)
{
    TdsDecimal wire = wire_decimal(value);

    tds_put_decimal(out, &column->type, &wire);
}

static void
encode_date(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_date(out, &column->type, DatumGetDateADT(value) + DAYS_TO_2000);
}

static void
encode_time(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_time(out, &column->type, (uint64) DatumGetInt64(value));
}

static TdsDateTime
wire_datetime(Datum value)
{
    int64 parts = DatumGetInt64(value);
    TdsDateTime wire = {.days = (int32) (parts >> 32), .ticks = (uint32) parts};

    return wire;
}

static void
encode_datetime(TdsOut *out, const WireColumn *column, Datum value)
{
    TdsDateTime wire = wire_datetime(value);

    tds_put_datetime(out, &column->type, &wire);
}

static TdsSmallDateTime
wire_smalldatetime(Datum value)
{
    int32 minutes = DatumGetInt32(value);
    TdsSmallDateTime wire = {.days = (uint16) (minutes / 1440),
                             .minutes = (uint16) (minutes % 1440)};

    return wire;
}

static void
encode_smalldatetime(TdsOut *out, const WireColumn *column, Datum value)
{
    TdsSmallDateTime wire = wire_smalldatetime(value);

    tds_put_smalldatetime(out, &column->type, &wire);
}

static TdsDateTime2
wire_datetime2(int64 ticks, int16 offset)
{
    TdsDateTime2 wire = {.ticks = (uint64) (ticks % TICKS_PER_DAY),
                         .days = (int32) (ticks / TICKS_PER_DAY),
                         .offset = offset};

    return wire;
}

static void
encode_datetime2(TdsOut *out, const WireColumn *column, Datum value)
{
    TdsDateTime2 wire = wire_datetime2(DatumGetInt64(value), 0);

    tds_put_datetime2(out, &column->type, &wire);
}

static TdsDateTime2
wire_datetimeoffset(Datum value)
{
    int64 ticks;
    int16 offset;

    memcpy(&ticks, DatumGetPointer(value), sizeof(ticks));
    memcpy(&offset, DatumGetPointer(value) + sizeof(ticks), sizeof(offset));
    return wire_datetime2(ticks, offset);
}

static void
encode_datetimeoffset(TdsOut *out, const WireColumn *column, Datum value)
{
    TdsDateTime2 wire = wire_datetimeoffset(value);

    tds_put_datetimeoffset(out, &column->type, &wire);
}

static void
encode_guid(TdsOut *out, const WireColumn *column, Datum value)
{
    tds_put_guid(out, &column->type, (const uint8 *) DatumGetPointer(value));
}

static void
encode_rowversion(TdsOut *out, const WireColumn *column, Datum value)
{
    uint64 number = (uint64) DatumGetInt64(value);
    uint8 bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8) (number >> (56 - 8 * i));
    tds_put_binary(out, &column->type, bytes, sizeof(bytes));
}

/* Detoasted in place where it is short; a copy made here is freed at once. */
static void
encode_text(TdsOut *out, const WireColumn *column, Datum value)
{
    struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);
    TdsMemory memory = transport_memory(CurrentMemoryContext);

    tds_put_text(out, &column->type, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), &memory);
    if (plain != (struct varlena *) DatumGetPointer(value))
        pfree(plain);
}

static void
encode_binary(TdsOut *out, const WireColumn *column, Datum value)
{
    struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);

    tds_put_binary(out, &column->type, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
    if (plain != (struct varlena *) DatumGetPointer(value))
        pfree(plain);
}

/* ---- wire types ---- */

static const TdsCollation *
wire_collation(const SqlType *type)
{
    const SqlCollation *collation =
        sql_collation(OidIsValid(type->collation) ? type->collation : sql_collation_default());

    StaticAssertStmt(sizeof(collation->tds) == sizeof(TdsCollation), "a collation is 5 bytes");
    return collation != NULL ? (const TdsCollation *) collation->tds : &tds_collation_default;
}

static TdsTypeInfo
string_type(const SqlType *type, uint8 wire, int bytes_per_unit)
{
    int64 bytes = (int64) type->length * bytes_per_unit;

    if (type->length < 0 || bytes > TDS_MAX_SHORT)
        bytes = TDS_PLP_LENGTH;
    return tds_type_string(wire, (uint32) Max(bytes, bytes_per_unit), wire_collation(type));
}

static TdsTypeInfo
natural_type(const SqlType *type, bool nullable)
{
    switch (type->id) {
    case SQL_BIT:
        return tds_type_bit(nullable);
    case SQL_TINYINT:
        return tds_type_int(1, nullable);
    case SQL_SMALLINT:
        return tds_type_int(2, nullable);
    case SQL_BIGINT:
        return tds_type_int(8, nullable);
    case SQL_REAL:
        return tds_type_float(4, nullable);
    case SQL_FLOAT:
        return tds_type_float(8, nullable);
    case SQL_SMALLMONEY:
        return tds_type_money(4, nullable);
    case SQL_MONEY:
        return tds_type_money(8, nullable);
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return tds_type_decimal(type->precision, type->scale, type->id == SQL_NUMERIC);
    case SQL_DATE:
        return tds_type_date();
    case SQL_TIME:
        return tds_type_time(type->scale);
    case SQL_SMALLDATETIME:
        return tds_type_datetime(4, nullable);
    case SQL_DATETIME:
        return tds_type_datetime(8, nullable);
    case SQL_DATETIME2:
        return tds_type_datetime2(type->scale);
    case SQL_DATETIMEOFFSET:
        return tds_type_datetimeoffset(type->scale);
    case SQL_UNIQUEIDENTIFIER:
        return tds_type_guid();
    case SQL_CHAR:
        return string_type(type, TDS_BIGCHAR, 1);
    case SQL_VARCHAR:
        return string_type(type, TDS_BIGVARCHAR, 1);
    case SQL_NCHAR:
        return string_type(type, TDS_NCHAR, 2);
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
        return string_type(type, TDS_NVARCHAR, 2);
    case SQL_TEXT:
        return tds_type_long(TDS_TEXT, wire_collation(type));
    case SQL_NTEXT:
        return tds_type_long(TDS_NTEXT, wire_collation(type));
    case SQL_BINARY:
        return string_type(type, TDS_BIGBINARY, 1);
    case SQL_VARBINARY:
        return string_type(type, TDS_BIGVARBINARY, 1);
    case SQL_IMAGE:
        return tds_type_long(TDS_IMAGE, NULL);
    case SQL_ROWVERSION:
        return tds_type_string(TDS_BIGBINARY, 8, NULL);
    case SQL_VARIANT:
        return tds_type_variant();
    case SQL_XML:
        return tds_type_xml(NULL);
    default: /* int, and the NULL literal that has no type */
        return tds_type_int(4, nullable);
    }
}

/* ---- sql_variant ---- */

/* The value inside a variant as the tds library takes it. */
static TdsValue
wire_value(const SqlType *type, Datum value)
{
    TdsValue wire = {.kind = TDS_VALUE_INT};

    switch (type->id) {
    case SQL_BIT:
        wire.kind = TDS_VALUE_BIT;
        wire.integer = DatumGetBool(value);
        break;
    case SQL_TINYINT:
        wire.integer = (uint8) value;
        break;
    case SQL_SMALLINT:
        wire.integer = DatumGetInt16(value);
        break;
    case SQL_BIGINT:
        wire.integer = DatumGetInt64(value);
        break;
    case SQL_REAL:
        wire.kind = TDS_VALUE_REAL;
        wire.number = DatumGetFloat4(value);
        break;
    case SQL_FLOAT:
        wire.kind = TDS_VALUE_FLOAT;
        wire.number = DatumGetFloat8(value);
        break;
    case SQL_SMALLMONEY:
        wire.kind = TDS_VALUE_MONEY;
        wire.integer = DatumGetInt32(value);
        break;
    case SQL_MONEY:
        wire.kind = TDS_VALUE_MONEY;
        wire.integer = DatumGetInt64(value);
        break;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        wire.kind = TDS_VALUE_DECIMAL;
        wire.decimal = wire_decimal(value);
        break;
    case SQL_DATE:
        wire.kind = TDS_VALUE_DATE;
        wire.datetime2.days = DatumGetDateADT(value) + DAYS_TO_2000;
        break;
    case SQL_TIME:
        wire.kind = TDS_VALUE_TIME;
        wire.datetime2.ticks = (uint64) DatumGetInt64(value);
        break;
    case SQL_SMALLDATETIME:
        wire.kind = TDS_VALUE_SMALLDATETIME;
        wire.smalldatetime = wire_smalldatetime(value);
        break;
    case SQL_DATETIME:
        wire.kind = TDS_VALUE_DATETIME;
        wire.datetime = wire_datetime(value);
        break;
    case SQL_DATETIME2:
        wire.kind = TDS_VALUE_DATETIME2;
        wire.datetime2 = wire_datetime2(DatumGetInt64(value), 0);
        break;
    case SQL_DATETIMEOFFSET:
        wire.kind = TDS_VALUE_DATETIMEOFFSET;
        wire.datetime2 = wire_datetimeoffset(value);
        break;
    case SQL_UNIQUEIDENTIFIER:
        wire.kind = TDS_VALUE_GUID;
        memcpy(wire.guid, DatumGetPointer(value), 16);
        break;
    case SQL_BINARY:
    case SQL_VARBINARY: {
        struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);

        wire.kind = TDS_VALUE_BYTES;
        wire.bytes.data = (const uint8 *) VARDATA_ANY(plain);
        wire.bytes.length = VARSIZE_ANY_EXHDR(plain);
        break;
    }
    default:
        if (sql_type_is_string(type->id)) {
            struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);

            wire.kind = TDS_VALUE_TEXT;
            wire.text.data = VARDATA_ANY(plain);
            wire.text.length = VARSIZE_ANY_EXHDR(plain);
        } else
            wire.integer = DatumGetInt32(value);
    }
    return wire;
}

static void
encode_variant(TdsOut *out, const WireColumn *column, Datum value)
{
    SqlType base_type;
    Datum inner = variant_get(value, &base_type);
    TdsTypeInfo base = natural_type(&base_type, false);
    TdsValue wire = wire_value(&base_type, inner);
    TdsMemory memory = transport_memory(CurrentMemoryContext);

    wire.type = base;
    tds_put_variant(out, &column->type, &base, &wire, &memory);
}

/* ---- choosing ---- */

static Encoder
choose(SqlTypeId id)
{
    switch (id) {
    case SQL_BIT:
        return encode_bit;
    case SQL_TINYINT:
        return encode_tinyint;
    case SQL_SMALLINT:
        return encode_smallint;
    case SQL_BIGINT:
        return encode_bigint;
    case SQL_REAL:
        return encode_real;
    case SQL_FLOAT:
        return encode_float;
    case SQL_SMALLMONEY:
        return encode_smallmoney;
    case SQL_MONEY:
        return encode_money;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return encode_decimal;
    case SQL_DATE:
        return encode_date;
    case SQL_TIME:
        return encode_time;
    case SQL_SMALLDATETIME:
        return encode_smalldatetime;
    case SQL_DATETIME:
        return encode_datetime;
    case SQL_DATETIME2:
        return encode_datetime2;
    case SQL_DATETIMEOFFSET:
        return encode_datetimeoffset;
    case SQL_UNIQUEIDENTIFIER:
        return encode_guid;
    case SQL_ROWVERSION:
        return encode_rowversion;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_IMAGE:
        return encode_binary;
    case SQL_VARIANT:
        return encode_variant;
    case SQL_XML:
        return encode_text;
    default:
        return id != SQL_UNKNOWN && sql_type_is_string(id) ? encode_text : encode_int;
    }
}

WireColumn
encode_column(const SqlType *type, bool nullable, TdsVersion version)
{
    TdsTypeInfo natural = natural_type(type, nullable);
    WireColumn column = {
        .encode = choose(type->id),
        .type = tds_type_for_version(&natural, version, wire_collation(type)),
    };

    return column;
}

static TdsText
borrow(const char *text)
{
    TdsText borrowed = {.data = text, .length = text != NULL ? strlen(text) : 0};

    return borrowed;
}

TdsColumn
encode_metadata(const BoundColumn *column, const WireColumn *wire)
{
    TdsColumn metadata = {.name = borrow(column->name != NULL ? column->name : ""),
                          .type = wire->type};
    SqlTypeId id = column->type.id;

    if (id == SQL_ROWVERSION)
        metadata.user_type = TDS_USER_TYPE_TIMESTAMP;
    else if (column->type.user_type > 256)
        metadata.user_type = (uint32) column->type.user_type;
    if (column->nullable)
        metadata.flags |= TDS_COLUMN_NULLABLE;
    if (column->case_sensitive)
        metadata.flags |= TDS_COLUMN_CASE_SENSITIVE;
    if (column->identity)
        metadata.flags |= TDS_COLUMN_IDENTITY;
    else if (column->computed || column->is_expression)
        metadata.flags |= TDS_COLUMN_COMPUTED;
    else if (id != SQL_ROWVERSION)
        metadata.flags |= TDS_COLUMN_UPDATABLE_UNKNOWN;
    if (column->hidden)
        metadata.flags |= TDS_COLUMN_HIDDEN;
    if (column->key)
        metadata.flags |= TDS_COLUMN_KEY;
    if (id == SQL_TEXT || id == SQL_NTEXT || id == SQL_IMAGE)
        metadata.table[3] = borrow(column->source_table);
    return metadata;
}
