/*
 * TYPE_INFO: the table of types, making, downgrading, writing and reading. See typeinfo.h.
 */
#include "tds/typeinfo.h"

#include <stddef.h>

static const struct {
    const char *name;
    uint8_t kind;
    uint8_t size;
} types[256] = {
#define ROW(byte, symbol, kind, size) [byte] = {#symbol, TDS_KIND_##kind, size},
    TDS_TYPES(ROW)
#undef ROW
};

TdsTypeKind
tds_type_kind(uint8_t type)
{
    return (TdsTypeKind) types[type].kind;
}

const char *
tds_type_name(uint8_t type)
{
    return types[type].name != NULL ? types[type].name : "?";
}

bool
tds_type_is_utf16(uint8_t type)
{
    return type == TDS_NVARCHAR || type == TDS_NCHAR || type == TDS_NTEXT || type == TDS_XML;
}

bool
tds_type_is_text(uint8_t type)
{
    return tds_type_is_utf16(type) || type == TDS_BIGVARCHAR || type == TDS_BIGCHAR ||
           type == TDS_TEXT || type == TDS_CHAR || type == TDS_VARCHAR;
}

/* Legacy char has none. */
static bool
has_collation(uint8_t type)
{
    return tds_type_is_text(type) && type != TDS_XML && type != TDS_CHAR && type != TDS_VARCHAR;
}

/* ------------------------------------------------------------------ making */

static TdsTypeInfo
make(uint8_t type, uint32_t length)
{
    TdsTypeInfo info;

    memset(&info, 0, sizeof(info));
    info.type = type;
    info.length = length;
    return info;
}

TdsTypeInfo
tds_type_bit(bool nullable)
{
    return make(nullable ? TDS_BITN : TDS_BIT, 1);
}

TdsTypeInfo
tds_type_int(unsigned bytes, bool nullable)
{
    if (nullable)
        return make(TDS_INTN, bytes);
    return make(bytes == 1   ? TDS_INT1
                : bytes == 2 ? TDS_INT2
                : bytes == 4 ? TDS_INT4
                             : TDS_INT8,
                bytes);
}

TdsTypeInfo
tds_type_float(unsigned bytes, bool nullable)
{
    return make(nullable ? TDS_FLTN : bytes == 4 ? TDS_FLT4 : TDS_FLT8, bytes);
}

TdsTypeInfo
tds_type_money(unsigned bytes, bool nullable)
{
    return make(nullable ? TDS_MONEYN : bytes == 4 ? TDS_MONEY4 : TDS_MONEY, bytes);
}

TdsTypeInfo
tds_type_datetime(unsigned bytes, bool nullable)
{
    return make(nullable ? TDS_DATETIMN : bytes == 4 ? TDS_DATETIM4 : TDS_DATETIME, bytes);
}

TdsTypeInfo
tds_type_decimal(unsigned precision, unsigned scale, bool numeric)
{
    TdsTypeInfo info = make(numeric ? TDS_NUMERICN : TDS_DECIMALN, precision <= 9    ? 5
                                                                   : precision <= 19 ? 9
                                                                   : precision <= 28 ? 13
                                                                                     : 17);

    info.precision = (uint8_t) precision;
    info.scale = (uint8_t) scale;
    return info;
}

TdsTypeInfo
tds_type_date(void)
{
    return make(TDS_DATEN, 3);
}

/* Bytes of a time of this scale (2.2.5.4.2). */
static uint32_t
time_bytes(unsigned scale)
{
    return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

TdsTypeInfo
tds_type_time(unsigned scale)
{
    TdsTypeInfo info = make(TDS_TIMEN, time_bytes(scale));

    info.scale = (uint8_t) scale;
    return info;
}

TdsTypeInfo
tds_type_datetime2(unsigned scale)
{
    TdsTypeInfo info = make(TDS_DATETIME2N, time_bytes(scale) + 3);

    info.scale = (uint8_t) scale;
    return info;
}

TdsTypeInfo
tds_type_datetimeoffset(unsigned scale)
{
    TdsTypeInfo info = make(TDS_DATETIMEOFFSETN, time_bytes(scale) + 5);

    info.scale = (uint8_t) scale;
    return info;
}

TdsTypeInfo
tds_type_guid(void)
{
    return make(TDS_GUID, 16);
}

TdsTypeInfo
tds_type_string(uint8_t type, uint32_t bytes, const TdsCollation *collation)
{
    TdsTypeInfo info = make(type, bytes);

    if (collation != NULL && has_collation(type))
        info.collation = *collation;
    return info;
}

TdsTypeInfo
tds_type_long(uint8_t type, const TdsCollation *collation)
{
    return tds_type_string(type, type == TDS_NTEXT ? TDS_LONG_LENGTH - 1 : TDS_LONG_LENGTH,
                           collation);
}

TdsTypeInfo
tds_type_variant(void)
{
    return make(TDS_SSVARIANT, TDS_VARIANT_LENGTH);
}

TdsTypeInfo
tds_type_xml(const TdsTypeNames *names)
{
    TdsTypeInfo info = make(TDS_XML, 0);

    info.names = names;
    return info;
}

TdsTypeInfo
tds_type_udt(const TdsTypeNames *names, uint32_t max_bytes)
{
    TdsTypeInfo info = make(TDS_UDT, max_bytes);

    info.names = names;
    return info;
}

/* ------------------------------------------------------------- downgrading */

/* The scale stays in the info: the value writers need it for the text. */
static TdsTypeInfo
as_nvarchar(const TdsTypeInfo *info, unsigned characters, const TdsCollation *collation)
{
    TdsTypeInfo text = tds_type_string(TDS_NVARCHAR, characters * 2, collation);

    text.scale = info->scale;
    return text;
}

static TdsTypeInfo
before_7_2(const TdsTypeInfo *info, const TdsCollation *collation)
{
    bool max = info->length == TDS_PLP_LENGTH;

    switch (info->type) {
    case TDS_BIGVARCHAR:
        return max ? tds_type_long(TDS_TEXT, &info->collation) : *info;
    case TDS_NVARCHAR:
        return max ? tds_type_long(TDS_NTEXT, &info->collation) : *info;
    case TDS_BIGVARBINARY:
        return max ? tds_type_long(TDS_IMAGE, NULL) : *info;
    case TDS_XML:
    case TDS_JSON:
        return tds_type_long(TDS_NTEXT, collation);
    case TDS_UDT:
        return tds_type_long(TDS_IMAGE, NULL);
    default:
        return *info;
    }
}

TdsTypeInfo
tds_type_for_version(const TdsTypeInfo *info, TdsVersion version, const TdsCollation *collation)
{
    if (version < TDS_7_3) {
        switch (info->type) {
        case TDS_DATEN:
            return as_nvarchar(info, 10, collation);
        case TDS_TIMEN:
            return as_nvarchar(info, 16, collation);
        case TDS_DATETIME2N:
            return as_nvarchar(info, 27, collation);
        case TDS_DATETIMEOFFSETN:
            return as_nvarchar(info, 34, collation);
        default:
            break;
        }
    }
    if (version < TDS_7_1) {
        if (info->type == TDS_INT8 || (info->type == TDS_INTN && info->length == 8))
            return tds_type_decimal(19, 0, true);
        if (info->type == TDS_SSVARIANT)
            return tds_type_string(TDS_BIGVARCHAR, TDS_MAX_SHORT, collation);
    }
    if (version < TDS_7_2)
        return before_7_2(info, collation);
    return *info;
}

/* ----------------------------------------------------------------- writing */

static void
put_text(TdsOut *out, const TdsText *text, bool wide)
{
    if (wide)
        tds_put_us_varchar(out, text->data, text->length);
    else
        tds_put_b_varchar(out, text->data, text->length);
}

/* XML_INFO and UDT_INFO_IN_COLMETADATA (2.2.5.5.2, 2.2.5.5.3). */
static void
put_names(TdsOut *out, const TdsTypeInfo *info)
{
    static const TdsTypeNames none;
    const TdsTypeNames *names = info->names != NULL ? info->names : &none;

    if (info->type == TDS_XML) {
        bool schema = names->name.data != NULL;

        tds_put_u8(out, schema);
        if (!schema)
            return;
        put_text(out, &names->database, false);
        put_text(out, &names->schema, false);
        put_text(out, &names->name, true);
    } else if (info->type == TDS_UDT) {
        tds_put_u16(out, (uint16_t) (info->length > 0xFFFF ? 0xFFFF : info->length));
        put_text(out, &names->database, false);
        put_text(out, &names->schema, false);
        put_text(out, &names->name, false);
        put_text(out, &names->assembly, true);
    }
}

void
tds_put_type_info(TdsOut *out, const TdsTypeInfo *info, TdsVersion version)
{
    tds_put_u8(out, info->type);
    switch (tds_type_kind(info->type)) {
    case TDS_KIND_BYTELEN:
    case TDS_KIND_LEGACY:
        tds_put_u8(out, (uint8_t) info->length);
        break;
    case TDS_KIND_DECIMAL:
        tds_put_u8(out, (uint8_t) info->length);
        tds_put_u8(out, info->precision);
        tds_put_u8(out, info->scale);
        break;
    case TDS_KIND_SCALE:
        tds_put_u8(out, info->scale);
        break;
    case TDS_KIND_USHORT:
        tds_put_u16(out, (uint16_t) info->length);
        break;
    case TDS_KIND_LONG:
    case TDS_KIND_VARIANT:
        tds_put_u32(out, info->length);
        break;
    case TDS_KIND_PLP:
        put_names(out, info);
        break;
    default: /* FIXED and DATE have nothing more */
        break;
    }
    if (has_collation(info->type) && version >= TDS_7_1)
        tds_put_bytes(out, info->collation.bytes, 5);
}

/* ----------------------------------------------------------------- reading */

static bool
valid_byte_length(uint8_t type, uint8_t length)
{
    switch (type) {
    case TDS_INTN:
        return length == 1 || length == 2 || length == 4 || length == 8;
    case TDS_BITN:
        return length == 1;
    case TDS_GUID:
        return length == 16 || length == 0;
    default: /* FLTN, MONEYN, DATETIMN */
        return length == 4 || length == 8;
    }
}

static bool
read_names(TdsReader *reader, const TdsMemory *memory, bool column, TdsTypeInfo *info)
{
    TdsTypeNames *names;

    if (info->type == TDS_XML && tds_read_u8(reader) == 0)
        return reader->status == TDS_OK;
    if (reader->status != TDS_OK)
        return false;
    names = tds_allocate(memory, sizeof(*names));
    if (names == NULL)
        return tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    memset(names, 0, sizeof(*names));
    if (info->type == TDS_UDT && column)
        info->length = tds_read_u16(reader);
    names->database = tds_read_b_varchar(reader, memory);
    names->schema = tds_read_b_varchar(reader, memory);
    names->name = info->type == TDS_XML ? tds_read_us_varchar(reader, memory)
                                        : tds_read_b_varchar(reader, memory);
    if (info->type == TDS_UDT && column)
        names->assembly = tds_read_us_varchar(reader, memory);
    info->names = names;
    return reader->status == TDS_OK;
}

static bool
read_ushort(TdsReader *reader, TdsVersion version, TdsTypeInfo *info)
{
    info->length = tds_read_u16(reader);
    if (info->length <= TDS_MAX_SHORT)
        return true;
    if (info->length != TDS_PLP_LENGTH || version < TDS_7_2 || info->type == TDS_BIGCHAR ||
        info->type == TDS_NCHAR || info->type == TDS_BIGBINARY)
        return tds_reader_fail(reader, TDS_MALFORMED, "TYPE_INFO: length above 8000");
    return true;
}

/* A column of a bulk load may name any length: mssql-python writes the type's number there, and SQL
 * Server goes by the precision. The values have lengths of their own. */
static bool
read_decimal(TdsReader *reader, bool column, TdsTypeInfo *info)
{
    info->length = tds_read_u8(reader);
    if (column && info->length > 17)
        info->length = 17;
    info->precision = tds_read_u8(reader);
    info->scale = tds_read_u8(reader);
    if (reader->status != TDS_OK)
        return false;
    if (info->precision < 1 || info->precision > 38 || info->scale > info->precision ||
        info->length < 2 || info->length > 17)
        return tds_reader_fail(reader, TDS_MALFORMED,
                               "TYPE_INFO: wrong precision, scale or length");
    return true;
}

static bool
read_layout(
    TdsReader *reader, TdsVersion version, const TdsMemory *memory, bool column, TdsTypeInfo *info)
{
    switch (tds_type_kind(info->type)) {
    case TDS_KIND_FIXED:
    case TDS_KIND_DATE:
        info->length = types[info->type].size;
        return true;
    case TDS_KIND_BYTELEN:
        info->length = tds_read_u8(reader);
        if (reader->status == TDS_OK && !valid_byte_length(info->type, (uint8_t) info->length))
            return tds_reader_fail(reader, TDS_MALFORMED, "TYPE_INFO: wrong length for the type");
        return true;
    case TDS_KIND_LEGACY:
        info->length = tds_read_u8(reader);
        return true;
    case TDS_KIND_DECIMAL:
        return read_decimal(reader, column, info);
    case TDS_KIND_SCALE:
        info->scale = tds_read_u8(reader);
        if (info->scale > 7)
            return tds_reader_fail(reader, TDS_MALFORMED, "TYPE_INFO: scale above 7");
        info->length = time_bytes(info->scale) + (info->type == TDS_TIMEN        ? 0
                                                  : info->type == TDS_DATETIME2N ? 3
                                                                                 : 5);
        return true;
    case TDS_KIND_USHORT:
        if (info->type == TDS_VECTOR)
            break;
        return read_ushort(reader, version, info);
    case TDS_KIND_LONG:
    case TDS_KIND_VARIANT:
        info->length = tds_read_u32(reader);
        return true;
    case TDS_KIND_PLP:
        if (info->type == TDS_JSON)
            break;
        return read_names(reader, memory, column, info);
    case TDS_KIND_TABLE:
        return true;
    case TDS_KIND_UNKNOWN:
        return tds_reader_fail(reader, TDS_MALFORMED, "TYPE_INFO: unknown type");
    }
    return tds_reader_fail(reader, TDS_UNSUPPORTED, "TYPE_INFO: a type that was not negotiated");
}

static bool
read_type_info(
    TdsReader *reader, TdsVersion version, const TdsMemory *memory, bool column, TdsTypeInfo *info)
{
    memset(info, 0, sizeof(*info));
    info->type = tds_read_u8(reader);
    if (reader->status != TDS_OK || !read_layout(reader, version, memory, column, info))
        return false;
    if (has_collation(info->type)) {
        if (version >= TDS_7_1)
            tds_read_bytes(reader, info->collation.bytes, 5);
        else
            info->collation = tds_collation_default;
    }
    return reader->status == TDS_OK;
}

bool
tds_read_type_info(TdsReader *reader,
                   TdsVersion version,
                   const TdsMemory *memory,
                   TdsTypeInfo *info)
{
    return read_type_info(reader, version, memory, false, info);
}

bool
tds_read_column_type_info(TdsReader *reader,
                          TdsVersion version,
                          const TdsMemory *memory,
                          TdsTypeInfo *info)
{
    return read_type_info(reader, version, memory, true, info);
}
