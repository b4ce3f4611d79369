/*
 * Values to the wire: everything but text, binary and streams (string_write.c). See value.h.
 *
 * Each encode_* gives the raw bytes of a value; the put_* put the length before them that the type
 * wants, and sql_variant puts its own.
 */
#include "tds/unicode.h"
#include "tds/value_text.h"

#include <assert.h>

#define RAW_ROOM 20

static size_t
encode_le(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t) value;
        value >>= 8;
    }
    return bytes;
}

/* ticks of 100 ns to units of 10^-scale s. */
static size_t
encode_time(uint8_t *to, uint64_t ticks, unsigned scale)
{
    for (unsigned i = scale; i < 7; i++)
        ticks /= 10;
    return encode_le(to, ticks, scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
}

static size_t
encode_datetime2(uint8_t *to, const TdsDateTime2 *value, unsigned scale)
{
    size_t n = encode_time(to, value->ticks, scale);

    return n + encode_le(to + n, (uint32_t) value->days, 3);
}

static size_t
encode_datetimeoffset(uint8_t *to, const TdsDateTime2 *value, unsigned scale)
{
    size_t n = encode_datetime2(to, value, scale);

    return n + encode_le(to + n, (uint16_t) value->offset, 2);
}

static size_t
encode_money(uint8_t *to, int64_t value, uint32_t length)
{
    if (length == 4)
        return encode_le(to, (uint32_t) value, 4);
    encode_le(to, (uint64_t) value >> 32, 4); /* the high half comes first */
    return 4 + encode_le(to + 4, (uint32_t) value, 4);
}

static size_t
encode_float(uint8_t *to, double value, uint32_t length)
{
    if (length == 4) {
        float f = (float) value;
        uint32_t bits;

        memcpy(&bits, &f, 4);
        return encode_le(to, bits, 4);
    } else {
        uint64_t bits;

        memcpy(&bits, &value, 8);
        return encode_le(to, bits, 8);
    }
}

/* The magnitude at another scale, rounding half away from zero. */
static unsigned __int128
rescale(const TdsDecimal *value, uint8_t scale)
{
    unsigned __int128 magnitude = (unsigned __int128) value->high << 64 | value->low;

    for (unsigned i = value->scale; i < scale; i++)
        magnitude *= 10;
    if (value->scale > scale) {
        unsigned __int128 divisor = 1;
        unsigned __int128 rest;

        for (unsigned i = scale; i < value->scale; i++)
            divisor *= 10;
        rest = magnitude % divisor;
        magnitude = magnitude / divisor + (rest >= divisor - rest ? 1 : 0);
    }
    return magnitude;
}

/* Sign and magnitude in `length` bytes; more when it does not fit (the value says its own length).
 */
static size_t
encode_decimal(uint8_t *to, const TdsDecimal *value, uint8_t scale, uint32_t length)
{
    unsigned __int128 magnitude = rescale(value, scale);

    while (length < 17 && magnitude >> (8 * (length - 1)) != 0)
        length += 4;
    if (length > 17)
        length = 17;
    to[0] = value->negative && magnitude != 0 ? 0 : 1;
    encode_le(to + 1, (uint64_t) magnitude, length - 1 < 8 ? length - 1 : 8);
    if (length - 1 > 8)
        encode_le(to + 9, (uint64_t) (magnitude >> 64), length - 9);
    return length;
}

/* A value behind its one-byte length. */
static void
put_raw(TdsOut *out, const uint8_t *raw, size_t n)
{
    tds_put_u8(out, (uint8_t) n);
    tds_put_bytes(out, raw, n);
}

/* FIXED types have no length before them. */
static void
put_raw_or_fixed(TdsOut *out, const TdsTypeInfo *info, const uint8_t *raw, size_t n)
{
    if (tds_type_kind(info->type) == TDS_KIND_FIXED)
        tds_put_bytes(out, raw, n);
    else
        put_raw(out, raw, n);
}

/* The text form, for columns that travel as text. ASCII needs no scratch memory. */
static void
put_formatted(TdsOut *out, const TdsTypeInfo *info, const TdsValue *value)
{
    char text[TDS_VALUE_TEXT_ROOM];

    tds_put_text(out, info, text, tds_format_value(value, text), NULL);
}

void
tds_put_null(TdsOut *out, const TdsTypeInfo *info)
{
    static const uint8_t zeroes[8];

    switch (tds_type_kind(info->type)) {
    case TDS_KIND_FIXED:
        assert(info->type == TDS_NULL);
        tds_put_bytes(out, zeroes, info->length <= 8 ? info->length : 8);
        break;
    case TDS_KIND_USHORT:
        if (tds_type_is_plp(info))
            tds_put_u64(out, TDS_PLP_NULL);
        else
            tds_put_u16(out, 0xFFFF);
        break;
    case TDS_KIND_PLP:
        tds_put_u64(out, TDS_PLP_NULL);
        break;
    case TDS_KIND_VARIANT:
        tds_put_u32(out, 0);
        break;
    default: /* one length byte, or (text, ntext, image) an empty text pointer */
        tds_put_u8(out, 0);
        break;
    }
}

void
tds_put_int_general(TdsOut *out, const TdsTypeInfo *info, int64_t value)
{
    uint8_t raw[8];

    switch (tds_type_kind(info->type)) {
    case TDS_KIND_DECIMAL: {
        TdsDecimal decimal = {
            .low = value < 0 ? 0 - (uint64_t) value : (uint64_t) value,
            .precision = 19,
            .negative = value < 0,
        };

        tds_put_decimal(out, info, &decimal);
        break;
    }
    case TDS_KIND_FIXED:
    case TDS_KIND_BYTELEN:
        put_raw_or_fixed(out, info, raw, encode_le(raw, (uint64_t) value, info->length & 15));
        break;
    default: {
        TdsValue text = {.kind = TDS_VALUE_INT, .integer = value};

        put_formatted(out, info, &text);
    }
    }
}

void
tds_put_float(TdsOut *out, const TdsTypeInfo *info, double value)
{
    uint8_t raw[8];

    put_raw_or_fixed(out, info, raw, encode_float(raw, value, info->length));
}

void
tds_put_money(TdsOut *out, const TdsTypeInfo *info, int64_t value)
{
    uint8_t raw[8];

    put_raw_or_fixed(out, info, raw, encode_money(raw, value, info->length));
}

void
tds_put_decimal(TdsOut *out, const TdsTypeInfo *info, const TdsDecimal *value)
{
    uint8_t raw[RAW_ROOM];

    put_raw(out, raw, encode_decimal(raw, value, info->scale, info->length));
}

void
tds_put_datetime(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime *value)
{
    uint8_t raw[8];

    encode_le(raw, (uint32_t) value->days, 4);
    encode_le(raw + 4, value->ticks, 4);
    put_raw_or_fixed(out, info, raw, 8);
}

void
tds_put_smalldatetime(TdsOut *out, const TdsTypeInfo *info, const TdsSmallDateTime *value)
{
    uint8_t raw[4];

    encode_le(raw, value->days, 2);
    encode_le(raw + 2, value->minutes, 2);
    put_raw_or_fixed(out, info, raw, 4);
}

/* date, time, datetime2, datetimeoffset: natural form, or text. */
static void
put_temporal(TdsOut *out, const TdsTypeInfo *info, TdsValueKind kind, const TdsDateTime2 *value)
{
    uint8_t raw[RAW_ROOM];
    TdsValue text = {.kind = kind, .type = *info, .datetime2 = *value};

    if (tds_type_is_text(info->type)) {
        put_formatted(out, info, &text);
        return;
    }
    switch (kind) {
    case TDS_VALUE_DATE:
        put_raw(out, raw, encode_le(raw, (uint32_t) value->days, 3));
        break;
    case TDS_VALUE_TIME:
        put_raw(out, raw, encode_time(raw, value->ticks, info->scale));
        break;
    case TDS_VALUE_DATETIME2:
        put_raw(out, raw, encode_datetime2(raw, value, info->scale));
        break;
    default:
        put_raw(out, raw, encode_datetimeoffset(raw, value, info->scale));
        break;
    }
}

void
tds_put_date(TdsOut *out, const TdsTypeInfo *info, int32_t days)
{
    TdsDateTime2 value = {.days = days};

    put_temporal(out, info, TDS_VALUE_DATE, &value);
}

void
tds_put_time(TdsOut *out, const TdsTypeInfo *info, uint64_t ticks)
{
    TdsDateTime2 value = {.ticks = ticks};

    put_temporal(out, info, TDS_VALUE_TIME, &value);
}

void
tds_put_datetime2(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime2 *value)
{
    put_temporal(out, info, TDS_VALUE_DATETIME2, value);
}

void
tds_put_datetimeoffset(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime2 *value)
{
    put_temporal(out, info, TDS_VALUE_DATETIMEOFFSET, value);
}

void
tds_put_guid(TdsOut *out, const TdsTypeInfo *info, const uint8_t guid[16])
{
    put_raw(out, guid, 16);
}

/* ------------------------------------------------------------- sql_variant */

/* The fixed type that stands for a base type inside sql_variant: never the nullable forms. */
static uint8_t
variant_base(const TdsTypeInfo *base)
{
    switch (base->type) {
    case TDS_BITN:
        return TDS_BIT;
    case TDS_INTN:
        return tds_type_int(base->length, false).type;
    case TDS_FLTN:
        return tds_type_float(base->length, false).type;
    case TDS_MONEYN:
        return tds_type_money(base->length, false).type;
    case TDS_DATETIMN:
        return tds_type_datetime(base->length, false).type;
    default:
        return base->type;
    }
}

/* Raw bytes of everything that is not text or binary. */
static size_t
encode_value(uint8_t raw[RAW_ROOM], const TdsTypeInfo *base, const TdsValue *value)
{
    switch (value->kind) {
    case TDS_VALUE_BIT:
    case TDS_VALUE_INT:
        return encode_le(raw, (uint64_t) value->integer, base->length & 15);
    case TDS_VALUE_REAL:
    case TDS_VALUE_FLOAT:
        return encode_float(raw, value->number, base->length);
    case TDS_VALUE_DECIMAL:
        return encode_decimal(raw, &value->decimal, base->scale, base->length);
    case TDS_VALUE_MONEY:
        return encode_money(raw, value->integer, base->length);
    case TDS_VALUE_DATETIME:
        encode_le(raw, (uint32_t) value->datetime.days, 4);
        return 4 + encode_le(raw + 4, value->datetime.ticks, 4);
    case TDS_VALUE_SMALLDATETIME:
        encode_le(raw, value->smalldatetime.days, 2);
        return 2 + encode_le(raw + 2, value->smalldatetime.minutes, 2);
    case TDS_VALUE_DATE:
        return encode_le(raw, (uint32_t) value->datetime2.days, 3);
    case TDS_VALUE_TIME:
        return encode_time(raw, value->datetime2.ticks, base->scale);
    case TDS_VALUE_DATETIME2:
        return encode_datetime2(raw, &value->datetime2, base->scale);
    case TDS_VALUE_DATETIMEOFFSET:
        return encode_datetimeoffset(raw, &value->datetime2, base->scale);
    case TDS_VALUE_GUID:
        memcpy(raw, value->guid, 16);
        return 16;
    default:
        return 0;
    }
}

/* Length, type, properties; the value's `n` bytes follow. */
static void
put_variant_head(TdsOut *out, const TdsTypeInfo *base, size_t n)
{
    uint8_t type = variant_base(base);
    uint8_t properties = 0;

    if (tds_type_kind(type) == TDS_KIND_DECIMAL)
        properties = 2;
    else if (tds_type_kind(type) == TDS_KIND_SCALE)
        properties = 1;
    else if (tds_type_kind(type) == TDS_KIND_USHORT)
        properties = tds_type_is_text(type) ? 7 : 2;
    tds_put_u32(out, (uint32_t) (2 + properties + n));
    tds_put_u8(out, type);
    tds_put_u8(out, properties);
    if (properties == 7)
        tds_put_bytes(out, base->collation.bytes, 5);
    if (properties == 7 || (properties == 2 && tds_type_kind(type) == TDS_KIND_USHORT)) {
        tds_put_u16(out, (uint16_t) (base->length < TDS_MAX_SHORT ? base->length : TDS_MAX_SHORT));
    } else if (properties == 2) {
        tds_put_u8(out, base->precision);
        tds_put_u8(out, base->scale);
    } else if (properties == 1) {
        tds_put_u8(out, base->scale);
    }
}

static void
put_variant_text(
    TdsOut *out, const TdsTypeInfo *base, const char *utf8, size_t length, const TdsMemory *memory)
{
    if (tds_type_is_utf16(base->type)) {
        TdsTypeInfo wide = *base;
        size_t units = tds_utf16_units_within(utf8, &length, TDS_MAX_SHORT / 2);

        wide.type = base->type == TDS_NCHAR ? TDS_NCHAR : TDS_NVARCHAR;
        put_variant_head(out, &wide, units * 2);
        tds_put_utf16(out, utf8, length);
    } else {
        TdsTypeInfo narrow = *base;
        unsigned codepage = tds_collation_codepage(&base->collation);
        TdsBytes bytes = tds_codepage_encode(codepage, utf8, length, memory);
        size_t n = bytes.length < TDS_MAX_SHORT ? bytes.length : TDS_MAX_SHORT;

        narrow.type = base->type == TDS_BIGCHAR ? TDS_BIGCHAR : TDS_BIGVARCHAR;
        put_variant_head(out, &narrow, n);
        tds_put_bytes(out, bytes.data, n);
        if (bytes.data != NULL && bytes.data != (const uint8_t *) utf8)
            memory->resize(memory->context, (uint8_t *) (uintptr_t) bytes.data, length + 4, 0);
    }
}

void
tds_put_variant(TdsOut *out,
                const TdsTypeInfo *info,
                const TdsTypeInfo *base,
                const TdsValue *value,
                const TdsMemory *memory)
{
    uint8_t raw[RAW_ROOM];
    char text[TDS_VALUE_TEXT_ROOM];

    if (value->kind == TDS_VALUE_NULL) {
        tds_put_null(out, info);
    } else if (info->type != TDS_SSVARIANT) { /* a client without sql_variant */
        if (value->kind == TDS_VALUE_TEXT)
            tds_put_text(out, info, value->text.data, value->text.length, memory);
        else
            put_formatted(out, info, value);
    } else if (value->kind == TDS_VALUE_TEXT) {
        put_variant_text(out, base, value->text.data, value->text.length, memory);
    } else if (value->kind == TDS_VALUE_BYTES) {
        TdsTypeInfo binary = *base;
        size_t n = value->bytes.length < TDS_MAX_SHORT ? value->bytes.length : TDS_MAX_SHORT;

        binary.type = base->type == TDS_BIGBINARY ? TDS_BIGBINARY : TDS_BIGVARBINARY;
        put_variant_head(out, &binary, n);
        tds_put_bytes(out, value->bytes.data, n);
    } else if (tds_type_is_text(base->type)) { /* a date for a client before 7.3 */
        TdsValue shown = *value;

        shown.type = *base;
        put_variant_text(out, base, text, tds_format_value(&shown, text), memory);
    } else {
        size_t n = encode_value(raw, base, value);

        put_variant_head(out, base, n);
        tds_put_bytes(out, raw, n);
    }
}

void
tds_put_value(TdsOut *out, const TdsTypeInfo *info, const TdsValue *value, const TdsMemory *memory)
{
    if (info->type == TDS_SSVARIANT) {
        tds_put_variant(out, info, &value->type, value, memory);
        return;
    }
    switch (value->kind) {
    case TDS_VALUE_BIT:
    case TDS_VALUE_INT:
        tds_put_int(out, info, value->integer);
        break;
    case TDS_VALUE_REAL:
    case TDS_VALUE_FLOAT:
        tds_put_float(out, info, value->number);
        break;
    case TDS_VALUE_DECIMAL:
        tds_put_decimal(out, info, &value->decimal);
        break;
    case TDS_VALUE_MONEY:
        tds_put_money(out, info, value->integer);
        break;
    case TDS_VALUE_DATETIME:
        tds_put_datetime(out, info, &value->datetime);
        break;
    case TDS_VALUE_SMALLDATETIME:
        tds_put_smalldatetime(out, info, &value->smalldatetime);
        break;
    case TDS_VALUE_DATE:
    case TDS_VALUE_TIME:
    case TDS_VALUE_DATETIME2:
    case TDS_VALUE_DATETIMEOFFSET:
        put_temporal(out, info, value->kind, &value->datetime2);
        break;
    case TDS_VALUE_GUID:
        tds_put_guid(out, info, value->guid);
        break;
    case TDS_VALUE_TEXT:
        tds_put_text(out, info, value->text.data, value->text.length, memory);
        break;
    case TDS_VALUE_BYTES:
        tds_put_binary(out, info, value->bytes.data, value->bytes.length);
        break;
    case TDS_VALUE_NULL:
        tds_put_null(out, info);
        break;
    }
}
