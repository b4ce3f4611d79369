/*
 * Conversions to the string types.
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

static uint16
code_page_of(Oid collation)
{
    const SqlCollation *found = sql_collation(collation);

    return found != NULL ? found->code_page : 1252;
}

static bool
is_national(SqlTypeId id)
{
    return sql_type_info(id)->category == 'N';
}

/* The units that a string's length is counted in. */
static int
units_of(const SqlType *type, const char *string, size_t length)
{
    return is_national(type->id)
               ? sql_utf16_length(string, length)
               : sql_code_page_length(string, length, code_page_of(type->collation));
}

Datum
string_datum_fit(Conversion *c, const char *string, size_t length)
{
    const SqlType *to = &c->to;
    bool fixed = to->id == SQL_CHAR || to->id == SQL_NCHAR;
    size_t kept = length;
    int padding = 0;
    text *result;

    if (!is_national(to->id))
        string = code_page_fit(string, length, code_page_of(to->collation), &length);
    kept = length;
    /* Bytes are never fewer than units: short strings need no counting. */
    if (to->length >= 0 && length > (size_t) to->length)
        kept = is_national(to->id)
                   ? utf16_prefix(string, length, to->length)
                   : code_page_prefix(string, length, code_page_of(to->collation), to->length);
    if (fixed && to->length > 0)
        padding = to->length - units_of(to, string, kept);
    result = palloc(VARHDRSZ + kept + Max(padding, 0));
    SET_VARSIZE(result, VARHDRSZ + kept + Max(padding, 0));
    memcpy(VARDATA(result), string, kept);
    if (padding > 0)
        memset(VARDATA(result) + kept, ' ', padding);
    return PointerGetDatum(result);
}

/* Numbers that do not fit are errors, not truncated; an int in too small a varchar is '*'. */
static Datum
number_text(Conversion *c, const char *string, int length)
{
    if (c->to.length >= 0 && length > c->to.length) {
        char category = sql_type_info(c->from.id)->category;
        const char *to = conversion_type_name(c->to.id);

        if (category == 'I' && !is_national(c->to.id))
            return string_datum_fit(c, "*", 1);
        if (c->from.id == SQL_MONEY)
            CONVERSION_ERROR(c, ERR_234, to);
        if (c->from.id == SQL_SMALLMONEY)
            CONVERSION_ERROR(c, ERR_292, to);
        CONVERSION_ERROR(c, ERR_8115, category == 'D' ? "numeric" : "expression", to);
    }
    return string_datum_fit(c, string, length);
}

/* Removes trailing zeros of a mantissa: "1.500000e+010" to "1.5e+010". */
static void
strip_zeros(char *mantissa)
{
    char *exponent = strchr(mantissa, 'e');
    char *end = exponent != NULL ? exponent : mantissa + strlen(mantissa);
    char *keep = end;

    if (memchr(mantissa, '.', end - mantissa) == NULL)
        return;
    while (keep[-1] == '0')
        keep--;
    if (keep[-1] == '.')
        keep--;
    memmove(keep, end, strlen(end) + 1);
}

/* C writes at least two digits of exponent, SQL Server three. */
static void
widen_exponent(char *number)
{
    char *e = strchr(number, 'e');
    size_t digits;

    if (e == NULL)
        return;
    digits = strlen(e + 2);
    if (digits < 3) {
        memmove(e + 2 + (3 - digits), e + 2, digits + 1);
        memset(e + 2, '0', 3 - digits);
    }
}

int
float_format(double value, bool is_real, int style, char *buffer)
{
    switch (style) {
    case 1:
        snprintf(buffer, 64, "%.7e", value);
        break;
    case 2:
        snprintf(buffer, 64, is_real ? "%.7e" : "%.15e", value);
        break;
    case 3:
        snprintf(buffer, 64, is_real ? "%.8e" : "%.16e", value);
        break;
    default:
        snprintf(buffer, 64, "%.6g", value);
        strip_zeros(buffer);
        break;
    }
    widen_exponent(buffer);
    return (int) strlen(buffer);
}

static Datum
moment_text(Conversion *c, Datum value)
{
    SqlMoment moment = moment_from_datum(c->from.id, value);
    bool old_type = c->from.id == SQL_DATETIME || c->from.id == SQL_SMALLDATETIME;
    char buffer[MOMENT_TEXT_SIZE * 2];
    int style = c->style == CONVERSION_NO_STYLE ? (old_type ? 0 : 121) : c->style;
    int length = moment_format(&moment, c->from.id, c->from.scale, style, buffer);

    if (length == 0)
        CONVERSION_ERROR(c, ERR_281, c->style, conversion_type_name(c->from.id));
    return string_datum_fit(c, buffer, length);
}

/* ---- binary ---- */

static char *
hex_text(const uint8 *bytes, size_t length, bool prefix, size_t *result_length)
{
    static const char digits[] = "0123456789ABCDEF";
    char *result = palloc(2 * length + 3);
    char *out = result;

    if (prefix) {
        *out++ = '0';
        *out++ = 'x';
    }
    for (size_t i = 0; i < length; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *result_length = out - result;
    return result;
}

static char *
utf16_text(const uint8 *bytes, size_t length, size_t *result_length)
{
    char *result = palloc(length / 2 * 3 + 4);
    char *out = result;

    for (size_t i = 0; i + 1 < length; i += 2) {
        uint32 unit = bytes[i] | (uint32) bytes[i + 1] << 8;

        if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < length) {
            uint32 low = bytes[i + 2] | (uint32) bytes[i + 3] << 8;

            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if (unit >= 0xD800 && unit < 0xE000)
            unit = 0xFFFD;
        if (unit == 0)
            unit = ' '; /* text in PostgreSQL cannot hold U+0000 */
        out += utf8_write(unit, out);
    }
    *result_length = out - result;
    return result;
}

static Datum
binary_text(Conversion *c, const uint8 *bytes, size_t length)
{
    char *string;

    if (c->style == 1 || c->style == 2) {
        string = hex_text(bytes, length, c->style == 1, &length);
        return string_datum_fit(c, string, length);
    }
    if (is_national(c->to.id))
        string = utf16_text(bytes, length, &length);
    else {
        char *copy = palloc(length + 1);

        memcpy(copy, bytes, length);
        for (size_t i = 0; i < length; i++)
            if (copy[i] == '\0')
                copy[i] = ' ';
        string = code_page_text(copy, length, code_page_of(c->to.collation), &length);
    }
    return string_datum_fit(c, string, length);
}

static Datum
guid_text(Conversion *c, Datum value)
{
    char buffer[GUID_TEXT_LENGTH + 1];

    if (c->to.length >= 0 && c->to.length < GUID_TEXT_LENGTH)
        CONVERSION_ERROR(c, ERR_8170);
    guid_format((const uint8 *) DatumGetPointer(value), buffer);
    return string_datum_fit(c, buffer, GUID_TEXT_LENGTH);
}

static Datum
rowversion_text(Conversion *c, Datum value)
{
    uint8 bytes[8];
    uint64 number = DatumGetInt64(value);

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8) (number >> (56 - 8 * i));
    return binary_text(c, bytes, 8);
}

Datum
convert_to_string(Conversion *c, Datum value)
{
    char buffer[80];
    size_t length;
    const char *string;

    switch (c->from.id) {
    case SQL_BIT:
        return number_text(c, DatumGetBool(value) ? "1" : "0", 1);
    case SQL_TINYINT:
        return number_text(c, buffer, snprintf(buffer, sizeof buffer, "%d", DatumGetUInt8(value)));
    case SQL_SMALLINT:
        return number_text(c, buffer, snprintf(buffer, sizeof buffer, "%d", DatumGetInt16(value)));
    case SQL_INT:
        return number_text(c, buffer, snprintf(buffer, sizeof buffer, "%d", DatumGetInt32(value)));
    case SQL_BIGINT:
        return number_text(c, buffer,
                           snprintf(buffer, sizeof buffer, INT64_FORMAT, DatumGetInt64(value)));
    case SQL_SMALLMONEY:
        return number_text(c, buffer, money_format(DatumGetInt32(value), c->style, buffer));
    case SQL_MONEY:
        return number_text(c, buffer, money_format(DatumGetInt64(value), c->style, buffer));
    case SQL_DECIMAL:
    case SQL_NUMERIC: {
        Decimal decimal = decimal_get(value);

        return number_text(c, buffer, decimal_format(&decimal, buffer));
    }
    case SQL_REAL:
        return number_text(c, buffer, float_format(DatumGetFloat4(value), true, c->style, buffer));
    case SQL_FLOAT:
        return number_text(c, buffer, float_format(DatumGetFloat8(value), false, c->style, buffer));
    case SQL_UNIQUEIDENTIFIER:
        return guid_text(c, value);
    case SQL_ROWVERSION:
        return rowversion_text(c, value);
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_IMAGE:
        string = string_bytes(value, &length);
        return binary_text(c, (const uint8 *) string, length);
    default:
        if (sql_type_info(c->from.id)->category == 'T')
            return moment_text(c, value);
        string = string_bytes(value, &length);
        return string_datum_fit(c, string, length);
    }
}
