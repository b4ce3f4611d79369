/*
 * Values from the wire. See value.h. What the client sends is checked as SQL Server checks it: a
 * value that is no valid instance of its type (error 8023 there) is malformed here.
 */
#include "tds/gather.h"

#include <math.h>

#define PIECE 8192
#define DEFAULT_MAX UINT64_C(0x7FFFFFFF)

static bool
invalid(TdsReader *reader)
{
    return tds_reader_fail(reader, TDS_MALFORMED,
                           "a value is not a valid instance of its data type");
}

static uint64_t
decode_le(const uint8_t *from, size_t bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | from[bytes];
    return value;
}

/* ------------------------------------------------- fixed and short values */

static bool
decode_int(TdsReader *reader, const uint8_t *raw, size_t n, TdsValue *value)
{
    value->kind = TDS_VALUE_INT;
    switch (n) {
    case 1:
        value->integer = raw[0];
        return true;
    case 2:
        value->integer = (int16_t) decode_le(raw, 2);
        return true;
    case 4:
        value->integer = (int32_t) decode_le(raw, 4);
        return true;
    case 8:
        value->integer = (int64_t) decode_le(raw, 8);
        return true;
    default:
        return invalid(reader);
    }
}

static bool
decode_float(TdsReader *reader, const uint8_t *raw, size_t n, TdsValue *value)
{
    if (n == 4) {
        uint32_t bits = (uint32_t) decode_le(raw, 4);
        float f;

        memcpy(&f, &bits, 4);
        value->kind = TDS_VALUE_REAL;
        value->number = (double) f;
    } else if (n == 8) {
        uint64_t bits = decode_le(raw, 8);

        memcpy(&value->number, &bits, 8);
        value->kind = TDS_VALUE_FLOAT;
    } else {
        return invalid(reader);
    }
    return isfinite(value->number) ? true : invalid(reader);
}

static bool
decode_money(TdsReader *reader, const uint8_t *raw, size_t n, TdsValue *value)
{
    value->kind = TDS_VALUE_MONEY;
    if (n == 4)
        value->integer = (int32_t) decode_le(raw, 4);
    else if (n == 8)
        value->integer = (int64_t) (decode_le(raw, 4) << 32 | decode_le(raw + 4, 4));
    else
        return invalid(reader);
    return true;
}

static bool
decode_datetime(TdsReader *reader, const uint8_t *raw, size_t n, TdsValue *value)
{
    if (n == 4) {
        value->kind = TDS_VALUE_SMALLDATETIME;
        value->smalldatetime.days = (uint16_t) decode_le(raw, 2);
        value->smalldatetime.minutes = (uint16_t) decode_le(raw + 2, 2);
        return value->smalldatetime.minutes < 1440 ? true : invalid(reader);
    }
    if (n != 8)
        return invalid(reader);
    value->kind = TDS_VALUE_DATETIME;
    value->datetime.days = (int32_t) decode_le(raw, 4);
    value->datetime.ticks = (uint32_t) decode_le(raw + 4, 4);
    if (value->datetime.days < -53690 || value->datetime.days > 2958463 ||
        value->datetime.ticks >= 25920000)
        return invalid(reader);
    return true;
}

/* date, time, datetime2 and datetimeoffset: the raw length follows from type and scale. */
static bool
decode_temporal(
    TdsReader *reader, const TdsTypeInfo *info, const uint8_t *raw, size_t n, TdsValue *value)
{
    TdsDateTime2 *v = &value->datetime2;
    size_t time = 0;

    if (n != info->length)
        return invalid(reader);
    memset(v, 0, sizeof(*v));
    if (info->type != TDS_DATEN) {
        time = info->scale <= 2 ? 3 : info->scale <= 4 ? 4 : 5;
        v->ticks = decode_le(raw, time);
        for (unsigned i = info->scale; i < 7; i++)
            v->ticks *= 10;
        if (v->ticks >= TDS_TICKS_PER_DAY)
            return invalid(reader);
    }
    value->kind = TDS_VALUE_TIME;
    if (info->type != TDS_TIMEN) {
        v->days = (int32_t) decode_le(raw + time, 3);
        if (v->days > TDS_MAX_DATE)
            return invalid(reader);
        value->kind = info->type == TDS_DATEN ? TDS_VALUE_DATE : TDS_VALUE_DATETIME2;
    }
    if (info->type == TDS_DATETIMEOFFSETN) {
        v->offset = (int16_t) decode_le(raw + time + 3, 2);
        if (v->offset < -840 || v->offset > 840)
            return invalid(reader);
        value->kind = TDS_VALUE_DATETIMEOFFSET;
    }
    return true;
}

static bool
decode_decimal(
    TdsReader *reader, const TdsTypeInfo *info, const uint8_t *raw, size_t n, TdsValue *value)
{
    /* 10^38 - 1 */
    const unsigned __int128 max =
        (unsigned __int128) UINT64_C(0x4B3B4CA85A86C47A) << 64 | UINT64_C(0x098A223FFFFFFFFF);
    TdsDecimal *d = &value->decimal;

    if (n < 2 || n > 17 || raw[0] > 1)
        return invalid(reader);
    value->kind = TDS_VALUE_DECIMAL;
    d->negative = raw[0] == 0;
    d->precision = info->precision;
    d->scale = info->scale;
    d->low = decode_le(raw + 1, n - 1 < 8 ? n - 1 : 8);
    d->high = n > 9 ? decode_le(raw + 9, n - 9) : 0;
    if (((unsigned __int128) d->high << 64 | d->low) > max)
        return invalid(reader);
    return true;
}

/* n raw bytes of any type but text, binary and sql_variant; n is at most 17 (checked by callers).
 */
static bool
decode_raw(
    TdsReader *reader, const TdsTypeInfo *info, const uint8_t *raw, size_t n, TdsValue *value)
{
    switch (info->type) {
    case TDS_BIT:
    case TDS_BITN:
        value->kind = TDS_VALUE_BIT;
        value->integer = raw[0] != 0;
        return n == 1 ? true : invalid(reader);
    case TDS_INT1:
    case TDS_INT2:
    case TDS_INT4:
    case TDS_INT8:
    case TDS_INTN:
        return decode_int(reader, raw, n, value);
    case TDS_FLT4:
    case TDS_FLT8:
    case TDS_FLTN:
        return decode_float(reader, raw, n, value);
    case TDS_MONEY:
    case TDS_MONEY4:
    case TDS_MONEYN:
        return decode_money(reader, raw, n, value);
    case TDS_DATETIME:
    case TDS_DATETIM4:
    case TDS_DATETIMN:
        return decode_datetime(reader, raw, n, value);
    case TDS_DATEN:
    case TDS_TIMEN:
    case TDS_DATETIME2N:
    case TDS_DATETIMEOFFSETN:
        return decode_temporal(reader, info, raw, n, value);
    case TDS_DECIMAL:
    case TDS_NUMERIC:
    case TDS_DECIMALN:
    case TDS_NUMERICN:
        return decode_decimal(reader, info, raw, n, value);
    case TDS_GUID:
        value->kind = TDS_VALUE_GUID;
        memcpy(value->guid, raw, 16);
        return n == 16 ? true : invalid(reader);
    default:
        return tds_reader_fail(reader, TDS_UNSUPPORTED, "a type that cannot stand here");
    }
}

static bool
read_short(TdsReader *reader, const TdsTypeInfo *info, size_t n, TdsValue *value)
{
    uint8_t raw[32] = {0};

    if (n > 17)
        return invalid(reader);
    return tds_read_bytes(reader, raw, n) && decode_raw(reader, info, raw, n, value);
}

/* ------------------------------------------------------- text and binary */

/* n bytes of char or binary, not streamed in chunks. */
static bool
read_string(
    TdsReader *reader, const TdsTypeInfo *info, size_t n, const TdsMemory *memory, TdsValue *value)
{
    const uint8_t *bytes;
    bool streamed = reader->fill != NULL;

    if (tds_type_is_utf16(info->type)) {
        if (n % 2 != 0)
            return invalid(reader);
        value->kind = TDS_VALUE_TEXT;
        value->text = tds_read_utf16(reader, n / 2, memory);
        return value->text.data != NULL;
    }
    bytes = tds_read_view(reader, n, memory);
    if (bytes == NULL)
        return false;
    if (!tds_type_is_text(info->type)) {
        value->kind = TDS_VALUE_BYTES;
        value->bytes.data = bytes;
        value->bytes.length = n;
        return true;
    }
    value->kind = TDS_VALUE_TEXT;
    value->text = tds_codepage_decode(tds_collation_codepage(&info->collation), bytes, n, memory);
    if (streamed)
        memory->resize(memory->context, (uint8_t *) (uintptr_t) bytes, n, 0);
    if (value->text.data == NULL)
        return tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    return true;
}

/* Where the pieces of a long value come from: chunks, or a run of known length. */
typedef struct Pieces {
    TdsReader *reader;
    TdsPlpReader plp;
    bool chunked;
    uint64_t left; /* not chunked */
} Pieces;

static size_t
next_piece(Pieces *pieces, uint8_t *to, size_t room)
{
    size_t n;

    if (pieces->chunked)
        return tds_plp_read(&pieces->plp, to, room);
    n = pieces->left < room ? (size_t) pieces->left : room;
    if (n == 0 || !tds_read_bytes(pieces->reader, to, n))
        return 0;
    pieces->left -= n;
    return n;
}

static bool
gather_value(Pieces *pieces,
             const TdsTypeInfo *info,
             uint64_t hint,
             const TdsMemory *memory,
             TdsValue *value)
{
    TdsReader *reader = pieces->reader;
    uint8_t piece[PIECE];
    size_t kept = 0;
    uint64_t total = 0;
    size_t n;
    TdsGather gather;

    tds_gather_init(&gather, memory, info, hint);
    while (!gather.failed && (n = next_piece(pieces, piece + kept, sizeof(piece) - kept)) > 0) {
        size_t have = kept + n;
        size_t used = tds_gather_add(&gather, piece, have, false);

        total += n;
        kept = have - used;
        memmove(piece, piece + used, kept);
    }
    if (reader->status != TDS_OK)
        return false;
    if (total % 2 != 0 && tds_type_is_utf16(info->type) && info->type != TDS_XML)
        return invalid(reader);
    tds_gather_add(&gather, piece, kept, true);
    if (!tds_gather_end(&gather, value))
        return tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    return true;
}

/* Bytes of a whole message that come as one chunk are left where they are. */
static bool
take_in_place(TdsReader *reader, TdsPlpReader *plp, TdsValue *value)
{
    uint64_t total = plp->total;
    const uint8_t *at = reader->cur;
    size_t have = (size_t) (reader->end - at);

    if (reader->fill != NULL || total == 0 || total > UINT32_MAX || have < 8 || have - 8 < total ||
        decode_le(at, 4) != total || decode_le(at + 4 + total, 4) != 0)
        return false;
    value->kind = TDS_VALUE_BYTES;
    value->bytes.data = at + 4;
    value->bytes.length = (size_t) total;
    reader->cur += 8 + total;
    return true;
}

static bool
read_plp(TdsReader *reader,
         const TdsTypeInfo *info,
         uint64_t max,
         const TdsMemory *memory,
         TdsValue *value)
{
    Pieces pieces = {.reader = reader, .chunked = true};

    if (!tds_plp_read_begin(&pieces.plp, reader, max))
        return false;
    if (pieces.plp.total == TDS_PLP_NULL)
        return true;
    if (!tds_type_is_text(info->type) && take_in_place(reader, &pieces.plp, value))
        return true;
    return gather_value(&pieces, info, pieces.plp.total == TDS_PLP_UNKNOWN ? 0 : pieces.plp.total,
                        memory, value);
}

/* The length of a text, ntext or image, or -1 for NULL (2.2.5.2.1); -2 after a failure. */
static int64_t
read_long_length(TdsReader *reader, TdsValuePlace place)
{
    uint32_t length;

    if (place == TDS_IN_ROW) {
        uint8_t pointer = tds_read_u8(reader);

        if (reader->status != TDS_OK)
            return -2;
        if (pointer == 0)
            return -1;
        if (!tds_read_skip(reader, (uint64_t) pointer + 8))
            return -2;
    }
    length = tds_read_u32(reader);
    if (reader->status != TDS_OK)
        return -2;
    if (length == UINT32_MAX)
        return -1;
    return length;
}

static bool
read_long(TdsReader *reader,
          const TdsTypeInfo *info,
          TdsValuePlace place,
          uint64_t max,
          const TdsMemory *memory,
          TdsValue *value)
{
    int64_t length = read_long_length(reader, place);
    Pieces pieces = {.reader = reader, .left = length > 0 ? (uint64_t) length : 0};

    if (length < 0)
        return length == -1;
    if ((uint64_t) length > max)
        return tds_reader_fail(reader, TDS_TOO_BIG, "a value is longer than allowed");
    if (reader->fill == NULL)
        return read_string(reader, info, (size_t) length, memory, value);
    return gather_value(&pieces, info, (uint64_t) length, memory, value);
}

/* ------------------------------------------------------------ sql_variant */

/* The properties of the base type (2.2.5.5.4); sets the length of the value in base->length where
 * the type leaves it open. */
static bool
read_variant_properties(TdsReader *reader, TdsTypeInfo *base, uint8_t properties, uint32_t n)
{
    static const uint8_t wanted[] = {
        [TDS_KIND_DECIMAL] = 2, [TDS_KIND_SCALE] = 1, [TDS_KIND_TABLE] = 0};
    TdsTypeKind kind = tds_type_kind(base->type);
    uint8_t want = kind == TDS_KIND_USHORT ? (tds_type_is_text(base->type) ? 7 : 2) : wanted[kind];

    if (properties != want)
        return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: wrong properties for its type");
    if (want == 7)
        tds_read_bytes(reader, base->collation.bytes, 5);
    if (kind == TDS_KIND_USHORT) {
        base->length = tds_read_u16(reader);
        if (base->length > TDS_MAX_SHORT || n > TDS_MAX_SHORT)
            return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: value above 8000 bytes");
    } else if (kind == TDS_KIND_DECIMAL) {
        base->precision = tds_read_u8(reader);
        base->scale = tds_read_u8(reader);
        base->length = n;
        if (base->precision < 1 || base->precision > 38 || base->scale > base->precision)
            return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: wrong precision or scale");
    } else if (kind == TDS_KIND_SCALE) {
        base->scale = tds_read_u8(reader);
        if (base->scale > 7)
            return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: scale above 7");
        base->length = (base->scale <= 2   ? 3
                        : base->scale <= 4 ? 4
                                           : 5) +
                       (base->type == TDS_TIMEN        ? 0
                        : base->type == TDS_DATETIME2N ? 3
                                                       : 5);
    } else {
        base->length = n;
    }
    return reader->status == TDS_OK;
}

static bool
read_variant(TdsReader *reader, const TdsMemory *memory, TdsValue *value)
{
    uint32_t total = tds_read_u32(reader);
    TdsTypeInfo *base = &value->type;
    uint8_t properties;
    TdsTypeKind kind;

    value->in_variant = true;
    if (reader->status != TDS_OK || total == 0)
        return reader->status == TDS_OK;
    memset(base, 0, sizeof(*base));
    base->type = tds_read_u8(reader);
    properties = tds_read_u8(reader);
    if (total < 2u + properties || total > TDS_VARIANT_LENGTH + 7)
        return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: wrong length");
    total -= 2u + properties;
    kind = tds_type_kind(base->type);
    if (kind != TDS_KIND_FIXED && kind != TDS_KIND_DECIMAL && kind != TDS_KIND_DATE &&
        kind != TDS_KIND_SCALE && kind != TDS_KIND_USHORT && base->type != TDS_GUID)
        return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: a type that it cannot hold");
    if (base->type == TDS_NULL || base->type == TDS_VECTOR)
        return tds_reader_fail(reader, TDS_MALFORMED, "sql_variant: a type that it cannot hold");
    if (!read_variant_properties(reader, base, properties, total))
        return false;
    if (kind == TDS_KIND_USHORT)
        return read_string(reader, base, total, memory, value);
    if (kind == TDS_KIND_DATE)
        base->length = 3;
    return read_short(reader, base, total, value);
}

/* ------------------------------------------------------------------- entry */

static bool
read_ushort(TdsReader *reader,
            const TdsTypeInfo *info,
            uint64_t max,
            const TdsMemory *memory,
            TdsValue *value)
{
    uint16_t length;

    if (tds_type_is_plp(info))
        return read_plp(reader, info, max, memory, value);
    length = tds_read_u16(reader);
    if (reader->status != TDS_OK || length == 0xFFFF)
        return reader->status == TDS_OK;
    if (length > info->length)
        return tds_reader_fail(reader, TDS_MALFORMED, "a value is longer than its type");
    return read_string(reader, info, length, memory, value);
}

bool
tds_read_value(TdsReader *reader,
               const TdsTypeInfo *info,
               TdsValuePlace place,
               uint64_t max_value,
               const TdsMemory *memory,
               TdsValue *value)
{
    uint64_t max = max_value != 0 ? max_value : DEFAULT_MAX;
    uint8_t length;

    memset(value, 0, sizeof(*value));
    value->type = *info;
    switch (tds_type_kind(info->type)) {
    case TDS_KIND_FIXED:
        return info->type == TDS_NULL ? true : read_short(reader, info, info->length, value);
    case TDS_KIND_BYTELEN:
    case TDS_KIND_DECIMAL:
    case TDS_KIND_DATE:
    case TDS_KIND_SCALE:
        length = tds_read_u8(reader);
        if (reader->status != TDS_OK || length == 0)
            return reader->status == TDS_OK;
        return read_short(reader, info, length, value);
    case TDS_KIND_LEGACY:
        length = tds_read_u8(reader);
        if (reader->status != TDS_OK || length == 0)
            return reader->status == TDS_OK;
        if (length > info->length)
            return tds_reader_fail(reader, TDS_MALFORMED, "a value is longer than its type");
        return read_string(reader, info, length, memory, value);
    case TDS_KIND_USHORT:
        return read_ushort(reader, info, max, memory, value);
    case TDS_KIND_LONG:
        return read_long(reader, info, place, max, memory, value);
    case TDS_KIND_PLP:
        return read_plp(reader, info, max, memory, value);
    case TDS_KIND_VARIANT:
        return read_variant(reader, memory, value);
    default:
        return tds_reader_fail(reader, TDS_UNSUPPORTED, "a type that cannot stand here");
    }
}

static bool
skip_plp(TdsReader *reader)
{
    TdsPlpReader plp;

    return tds_plp_read_begin(&plp, reader, DEFAULT_MAX) && tds_plp_read_skip(&plp);
}

bool
tds_skip_value(TdsReader *reader, const TdsTypeInfo *info, TdsValuePlace place)
{
    uint32_t length;
    int64_t long_length;

    switch (tds_type_kind(info->type)) {
    case TDS_KIND_FIXED:
        return tds_read_skip(reader, info->length);
    case TDS_KIND_BYTELEN:
    case TDS_KIND_DECIMAL:
    case TDS_KIND_DATE:
    case TDS_KIND_SCALE:
    case TDS_KIND_LEGACY:
        return tds_read_skip(reader, tds_read_u8(reader));
    case TDS_KIND_USHORT:
        if (!tds_type_is_plp(info)) {
            length = tds_read_u16(reader);
            return tds_read_skip(reader, length == 0xFFFF ? 0 : length);
        }
        return skip_plp(reader);
    case TDS_KIND_PLP:
        return skip_plp(reader);
    case TDS_KIND_LONG:
        long_length = read_long_length(reader, place);
        return long_length == -1 ||
               (long_length >= 0 && tds_read_skip(reader, (uint64_t) long_length));
    case TDS_KIND_VARIANT:
        return tds_read_skip(reader, tds_read_u32(reader));
    default:
        return tds_reader_fail(reader, TDS_UNSUPPORTED, "a type that cannot stand here");
    }
}
