/*
 * Conversions to dates and times, binary, uniqueidentifier and xml.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "pgcompat/base.h"
#include "types/codepage.h"
#include "types/collator.h"
#include "types/conversion.h"
#include "types/money.h"
#include "types/uniqueidentifier.h"
#include "utils/builtins.h"

#include <math.h>

/* ---- dates and times ---- */

static Datum
moment_range_error(Conversion *c, const char *from)
{
    /* The older types have 242 for values out of range, the newer ones 241 for everything. */
    if (c->to.id == SQL_DATETIME || c->to.id == SQL_SMALLDATETIME)
        CONVERSION_ERROR(c, ERR_242, from, conversion_type_name(c->to.id));
    CONVERSION_ERROR(c, ERR_241);
}

static Datum
string_to_moment(Conversion *c, Datum value)
{
    size_t length;
    const char *string = string_bytes(value, &length);
    ParsedMoment parsed;
    MomentParse outcome = moment_parse(string, length, c->to.id, c->style, &parsed);
    Datum result;

    if (parsed.order_mattered)
        c->session_dependent = true;
    if (outcome == MOMENT_SYNTAX && c->to.id == SQL_SMALLDATETIME)
        CONVERSION_ERROR(c, ERR_295);
    if (outcome == MOMENT_SYNTAX)
        CONVERSION_ERROR(c, ERR_241);
    if (outcome == MOMENT_RANGE)
        return moment_range_error(c, conversion_type_name(c->from.id));
    if (c->to.id != SQL_DATETIMEOFFSET && parsed.has_offset) {
        /* The older types take no offset. The newer keep the local time and drop it. */
        if (c->to.id == SQL_SMALLDATETIME ||
            (c->to.id == SQL_DATETIME && parsed.moment.offset != 0))
            CONVERSION_ERROR(c, ERR_241);
        parsed.moment.offset = 0;
    }
    if (!moment_to_datum(c->to.id, &parsed.moment, c->to.scale, &result))
        return moment_range_error(c, conversion_type_name(c->from.id));
    return result;
}

static Datum
number_to_moment(Conversion *c, Datum value)
{
    Conversion to_float = {.from = c->from,
                           .to = sql_type_make(SQL_FLOAT),
                           .kind = c->kind,
                           .style = CONVERSION_NO_STYLE};
    double number = DatumGetFloat8(convert_to_number(&to_float, value));
    double days = floor(number);
    SqlMoment moment = {0};
    Datum result;

    if (days < -DAYS_TO_1900 || days > DAYS_MAX - DAYS_TO_1900)
        CONVERSION_ERROR(c, ERR_8115, "expression", conversion_type_name(c->to.id));
    moment.days = DAYS_TO_1900 + (int32) days;
    moment.ticks = (int64) ((number - days) * (double) TICKS_PER_DAY + 0.5);
    if (moment.ticks >= TICKS_PER_DAY)
        moment.ticks = TICKS_PER_DAY - 1;
    if (!moment_to_datum(c->to.id, &moment, c->to.scale, &result))
        CONVERSION_ERROR(c, ERR_8115, "expression", conversion_type_name(c->to.id));
    return result;
}

static uint64
little_endian(const uint8 *bytes, int count)
{
    uint64 value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

static uint64
big_endian(const uint8 *bytes, int count)
{
    uint64 value = 0;

    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* The 100 ns of a time of day stored at a scale. */
static int64
ticks_of_scale(uint64 value, int scale)
{
    while (scale++ < 7)
        value *= 10;
    return (int64) value;
}

static int
time_bytes(int scale)
{
    return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

static Datum
binary_to_moment(Conversion *c, const uint8 *bytes, size_t length)
{
    SqlMoment moment = {.days = DAYS_TO_1900};
    Datum result;

    if (c->to.id == SQL_DATETIME && length <= 8) {
        uint8 padded[8] = {0};

        memcpy(padded + 8 - length, bytes, length);
        moment.days += (int32) big_endian(padded, 4);
        moment.ticks = (int64) (big_endian(padded + 4, 4) * 100000 + 1) / 3;
    } else if (c->to.id == SQL_SMALLDATETIME && length <= 4) {
        uint8 padded[4] = {0};

        memcpy(padded + 4 - length, bytes, length);
        moment.days += (int32) big_endian(padded, 2);
        moment.ticks = (int64) big_endian(padded + 2, 2) * TICKS_PER_MINUTE;
    } else if (c->to.id == SQL_DATE && length == 3)
        moment.days = (int32) little_endian(bytes, 3);
    else if (length > 1 && bytes[0] <= 7) {
        int scale = bytes[0];
        size_t time = time_bytes(scale);
        size_t rest = c->to.id == SQL_TIME ? 0 : c->to.id == SQL_DATETIME2 ? 3 : 5;

        if (length != 1 + time + rest)
            CONVERSION_ERROR(c, ERR_241);
        moment.ticks = ticks_of_scale(little_endian(bytes + 1, time), scale);
        if (rest > 0)
            moment.days = (int32) little_endian(bytes + 1 + time, 3);
        if (rest == 5) {
            moment.offset = (int16) little_endian(bytes + 4 + time, 2);
            moment = moment_from_utc(moment.days * TICKS_PER_DAY + moment.ticks, moment.offset);
        }
    } else
        CONVERSION_ERROR(c, ERR_241);
    if (moment.days < 0 || moment.days > DAYS_MAX || moment.ticks >= TICKS_PER_DAY ||
        !moment_to_datum(c->to.id, &moment, c->to.scale, &result))
        CONVERSION_ERROR(c, ERR_210);
    return result;
}

Datum
convert_to_moment(Conversion *c, Datum value)
{
    char from = sql_type_info(c->from.id)->category;
    SqlMoment moment;
    Datum result;

    if (from == 'S' || from == 'N')
        return string_to_moment(c, value);
    if (from == 'B' && c->from.id != SQL_ROWVERSION) {
        size_t length;
        const uint8 *bytes = (const uint8 *) string_bytes(value, &length);

        return binary_to_moment(c, bytes, length);
    }
    if (from != 'T')
        return number_to_moment(c, value);
    moment = moment_from_datum(c->from.id, value);
    if (c->from.id == SQL_DATETIMEOFFSET && c->to.id != SQL_DATETIMEOFFSET)
        moment.offset = 0; /* the local time stays */
    if (!moment_to_datum(c->to.id, &moment, c->to.scale, &result)) {
        if (c->from.id == SQL_DATETIME && c->to.id == SQL_SMALLDATETIME)
            CONVERSION_ERROR(c, ERR_298);
        CONVERSION_ERROR(c, ERR_242, conversion_type_name(c->from.id),
                         conversion_type_name(c->to.id));
    }
    return result;
}

/* ---- binary ---- */

/* Cuts or pads to the target's length: numbers keep their last bytes, strings their first. */
static Datum
binary_fit(Conversion *c, const uint8 *bytes, size_t length, bool number)
{
    size_t wanted = length;
    size_t kept;
    bytea *result;
    uint8 *out;

    if (c->to.id == SQL_ROWVERSION) {
        uint64 value = 0;

        for (size_t i = 0; i < 8; i++)
            value = value << 8 | (number ? (i + length >= 8 ? bytes[i + length - 8] : 0)
                                         : (i < length ? bytes[i] : 0));
        return Int64GetDatum((int64) value);
    }
    if (c->to.length >= 0 && (c->to.id == SQL_BINARY || length > (size_t) c->to.length))
        wanted = c->to.length;
    kept = Min(length, wanted);
    result = palloc0(VARHDRSZ + wanted);
    SET_VARSIZE(result, VARHDRSZ + wanted);
    out = (uint8 *) VARDATA(result);
    if (number)
        memcpy(out + wanted - kept, bytes + length - kept, kept);
    else
        memcpy(out, bytes, kept);
    return PointerGetDatum(result);
}

static Datum
integer_binary(Conversion *c, uint64 value, int size)
{
    uint8 bytes[8];

    for (int i = 0; i < size; i++)
        bytes[i] = (uint8) (value >> (8 * (size - 1 - i)));
    return binary_fit(c, bytes, size, true);
}

static int
hex_nibble(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static Datum
hex_to_binary(Conversion *c, const char *string, size_t length)
{
    uint8 *bytes;
    size_t count;

    if (c->style == 1) {
        if (length < 2 || string[0] != '0' || (string[1] | 0x20) != 'x')
            CONVERSION_ERROR(c, ERR_8114, conversion_type_name(c->from.id), "varbinary");
        string += 2;
        length -= 2;
    }
    count = length / 2;
    bytes = palloc(count + 1);
    for (size_t i = 0; i < count; i++) {
        int high = hex_nibble(string[2 * i]);
        int low = hex_nibble(string[2 * i + 1]);

        if (high < 0 || low < 0)
            CONVERSION_ERROR(c, ERR_8114, conversion_type_name(c->from.id), "varbinary");
        bytes[i] = (uint8) (high << 4 | low);
    }
    if (length % 2 != 0)
        CONVERSION_ERROR(c, ERR_8114, conversion_type_name(c->from.id), "varbinary");
    return binary_fit(c, bytes, count, false);
}

static Datum
string_to_binary(Conversion *c, Datum value)
{
    size_t length;
    const char *string = string_bytes(value, &length);

    if (c->style == 1 || c->style == 2)
        return hex_to_binary(c, string, length);
    if (sql_type_info(c->from.id)->category == 'N' || c->from.id == SQL_XML) {
        uint8 *bytes = palloc(2 * length + 2);
        size_t count = 0;

        for (size_t position = 0; position < length;) {
            uint32 character = utf8_next(string, length, &position);

            if (character >= 0x10000) {
                uint32 high = 0xD800 + ((character - 0x10000) >> 10);

                bytes[count++] = (uint8) high;
                bytes[count++] = (uint8) (high >> 8);
                character = 0xDC00 + ((character - 0x10000) & 0x3FF);
            }
            bytes[count++] = (uint8) character;
            bytes[count++] = (uint8) (character >> 8);
        }
        return binary_fit(c, bytes, count, false);
    } else {
        const SqlCollation *collation = sql_collation(c->from.collation);
        char *bytes = code_page_bytes(string, length,
                                      collation != NULL ? collation->code_page : 1252, &length);

        return binary_fit(c, (uint8 *) bytes, length, false);
    }
}

static Datum
decimal_binary(Conversion *c, Datum value)
{
    Decimal decimal = decimal_get(value);
    uint8 bytes[20] = {c->from.precision, decimal.scale, 0, decimal.negative ? 0 : 1};
    int digits = Max(c->from.precision, 1);
    int size = digits <= 9 ? 4 : digits <= 19 ? 8 : digits <= 28 ? 12 : 16;

    for (int i = 0; i < size; i++)
        bytes[4 + i] = (uint8) (decimal.magnitude >> (8 * i));
    return binary_fit(c, bytes, 4 + size, false);
}

static void
put_little_endian(uint8 *out, uint64 value, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8) (value >> (8 * i));
}

static Datum
moment_binary(Conversion *c, Datum value)
{
    SqlMoment moment = moment_from_datum(c->from.id, value);
    uint8 bytes[16];
    int scale = c->from.scale;
    int time = time_bytes(scale);
    int64 ticks;

    if (c->from.id == SQL_DATETIME)
        return integer_binary(c, (uint64) DatumGetInt64(value), 8);
    if (c->from.id == SQL_SMALLDATETIME)
        return integer_binary(
            c, (uint64) (DatumGetInt32(value) / 1440) << 16 | (DatumGetInt32(value) % 1440), 4);
    if (c->from.id == SQL_DATE) {
        put_little_endian(bytes, moment.days, 3);
        return binary_fit(c, bytes, 3, false);
    }
    if (c->from.id == SQL_DATETIMEOFFSET) {
        int16 offset = moment.offset;

        moment = moment_from_utc(moment_to_utc(&moment), 0);
        moment.offset = offset;
    }
    ticks = moment.ticks;
    for (int i = scale; i < 7; i++)
        ticks /= 10;
    bytes[0] = (uint8) scale;
    put_little_endian(bytes + 1, ticks, time);
    if (c->from.id == SQL_TIME)
        return binary_fit(c, bytes, 1 + time, false);
    put_little_endian(bytes + 1 + time, moment.days, 3);
    if (c->from.id == SQL_DATETIME2)
        return binary_fit(c, bytes, 4 + time, false);
    put_little_endian(bytes + 4 + time, (uint16) moment.offset, 2);
    return binary_fit(c, bytes, 6 + time, false);
}

Datum
convert_to_binary(Conversion *c, Datum value)
{
    switch (c->from.id) {
    case SQL_BIT:
        return integer_binary(c, DatumGetBool(value) ? 1 : 0, 1);
    case SQL_TINYINT:
        return integer_binary(c, DatumGetUInt8(value), 1);
    case SQL_SMALLINT:
        return integer_binary(c, (uint64) (int64) DatumGetInt16(value), 2);
    case SQL_INT:
        return integer_binary(c, (uint64) (int64) DatumGetInt32(value), 4);
    case SQL_SMALLMONEY:
        return integer_binary(c, (uint64) (int64) DatumGetInt32(value), 4);
    case SQL_BIGINT:
    case SQL_MONEY:
        return integer_binary(c, (uint64) DatumGetInt64(value), 8);
    case SQL_ROWVERSION: {
        uint64 number = DatumGetInt64(value);
        uint8 bytes[8];

        for (int i = 0; i < 8; i++)
            bytes[i] = (uint8) (number >> (56 - 8 * i));
        return binary_fit(c, bytes, 8, false);
    }
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return decimal_binary(c, value);
    case SQL_REAL: {
        float4 real = DatumGetFloat4(value);
        uint32 bits;

        memcpy(&bits, &real, 4);
        return integer_binary(c, bits, 4);
    }
    case SQL_FLOAT: {
        float8 real = DatumGetFloat8(value);
        uint64 bits;

        memcpy(&bits, &real, 8);
        return integer_binary(c, bits, 8);
    }
    case SQL_UNIQUEIDENTIFIER:
        return binary_fit(c, (const uint8 *) DatumGetPointer(value), 16, false);
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_IMAGE: {
        size_t length;
        const uint8 *bytes = (const uint8 *) string_bytes(value, &length);

        return binary_fit(c, bytes, length, false);
    }
    default:
        if (sql_type_info(c->from.id)->category == 'T')
            return moment_binary(c, value);
        return string_to_binary(c, value);
    }
}

/* ---- uniqueidentifier ---- */

Datum
convert_to_guid(Conversion *c, Datum value)
{
    size_t length;
    const char *string = string_bytes(value, &length);
    uint8 *bytes = palloc0(16);

    if (sql_type_info(c->from.id)->category == 'B') {
        memcpy(bytes, string, Min(length, 16));
        return PointerGetDatum(bytes);
    }
    while (length > 0 && *string == ' ') {
        string++;
        length--;
    }
    if (!guid_parse(string, length, bytes))
        CONVERSION_ERROR(c, ERR_8169);
    return PointerGetDatum(bytes);
}
