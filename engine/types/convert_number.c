/*
 * Conversions to bit, the integers, money, decimal, real and float.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "types/conversion.h"
#include "types/money.h"
#include "utils/float.h"

#include <float.h>
#include <math.h>

/* A number of any type on its way: integers exactly, decimals exactly, the rest as double. */
typedef struct Number {
    enum { NUMBER_INTEGER, NUMBER_DECIMAL, NUMBER_DOUBLE } kind;
    int64 integer;
    Decimal decimal;
    double real;
} Number;

static Number
number_of_integer(int64 value)
{
    Number number = {.kind = NUMBER_INTEGER, .integer = value};

    return number;
}

static Number
number_of_double(double value)
{
    Number number = {.kind = NUMBER_DOUBLE, .real = value};

    return number;
}

static Number
number_of_decimal(Decimal value)
{
    Number number = {.kind = NUMBER_DECIMAL, .decimal = value};

    return number;
}

/* Dates are days since 1900 and a fraction. */
static Number
number_of_moment(SqlTypeId type, Datum value)
{
    SqlMoment moment = moment_from_datum(type, value);

    return number_of_double((moment.days - DAYS_TO_1900) + (double) moment.ticks / TICKS_PER_DAY);
}

static Number
read_number(SqlTypeId from, Datum value)
{
    switch (from) {
    case SQL_BIT:
        return number_of_integer(DatumGetBool(value) ? 1 : 0);
    case SQL_TINYINT:
        return number_of_integer(DatumGetUInt8(value));
    case SQL_SMALLINT:
        return number_of_integer(DatumGetInt16(value));
    case SQL_INT:
        return number_of_integer(DatumGetInt32(value));
    case SQL_BIGINT:
    case SQL_ROWVERSION:
        return number_of_integer(DatumGetInt64(value));
    case SQL_SMALLMONEY:
        return number_of_decimal(money_to_decimal(DatumGetInt32(value)));
    case SQL_MONEY:
        return number_of_decimal(money_to_decimal(DatumGetInt64(value)));
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return number_of_decimal(decimal_get(value));
    case SQL_REAL:
        return number_of_double(DatumGetFloat4(value));
    case SQL_FLOAT:
        return number_of_double(DatumGetFloat8(value));
    default:
        return number_of_moment(from, value);
    }
}

static double
as_double(const Number *number)
{
    switch (number->kind) {
    case NUMBER_INTEGER:
        return (double) number->integer;
    case NUMBER_DECIMAL:
        return decimal_to_double(&number->decimal);
    default:
        return number->real;
    }
}

static void
integer_range(SqlTypeId type, int64 *low, int64 *high)
{
    switch (type) {
    case SQL_TINYINT:
        *low = 0;
        *high = 255;
        break;
    case SQL_SMALLINT:
        *low = PG_INT16_MIN;
        *high = PG_INT16_MAX;
        break;
    case SQL_INT:
        *low = PG_INT32_MIN;
        *high = PG_INT32_MAX;
        break;
    default:
        *low = PG_INT64_MIN;
        *high = PG_INT64_MAX;
    }
}

static Datum
integer_datum(SqlTypeId type, int64 value)
{
    switch (type) {
    case SQL_TINYINT:
        return UInt8GetDatum((uint8) value);
    case SQL_SMALLINT:
        return Int16GetDatum((int16) value);
    case SQL_INT:
        return Int32GetDatum((int32) value);
    default:
        return Int64GetDatum(value);
    }
}

static Datum
integer_overflow(Conversion *c, const Number *number, int64 value)
{
    const char *type = conversion_type_name(c->to.id);

    if (number->kind == NUMBER_DOUBLE && sql_type_info(c->from.id)->category == 'F')
        CONVERSION_ERROR(c, ERR_232, type, number->real);
    if (number->kind == NUMBER_INTEGER && (c->to.id == SQL_TINYINT || c->to.id == SQL_SMALLINT))
        CONVERSION_ERROR(c, ERR_220, type, (long) value);
    CONVERSION_ERROR(c, ERR_8115, "expression", type);
}

static Datum
to_integer(Conversion *c, const Number *number)
{
    int64 value = 0, low, high;
    bool fits = true;

    integer_range(c->to.id, &low, &high);
    switch (number->kind) {
    case NUMBER_INTEGER:
        value = number->integer;
        break;
    case NUMBER_DECIMAL: {
        Decimal decimal = number->decimal;

        /* money rounds where decimal truncates. */
        if (c->from.id == SQL_MONEY || c->from.id == SQL_SMALLMONEY)
            fits = decimal_rescale(&decimal, 0);
        fits = fits && decimal_to_int64(&decimal, &value);
        break;
    }
    case NUMBER_DOUBLE: {
        /* Dates round at noon, floats truncate. */
        double whole = sql_type_info(c->from.id)->category == 'T' ? floor(number->real + 0.5)
                                                                  : trunc(number->real);

        fits = whole >= -9223372036854775808.0 && whole < 9223372036854775808.0;
        if (fits)
            value = (int64) whole;
        break;
    }
    }
    if (!fits || value < low || value > high)
        return integer_overflow(c, number, value);
    return integer_datum(c->to.id, value);
}

static const char *
overflow_source(const Conversion *c)
{
    switch (sql_type_info(c->from.id)->category) {
    case 'D':
        return c->from.id == SQL_MONEY || c->from.id == SQL_SMALLMONEY ? "money" : "numeric";
    case 'F':
        return "float";
    case 'S':
    case 'N':
    case 'I':
        return conversion_type_name(c->from.id);
    default:
        return "expression";
    }
}

static bool
as_decimal(const Number *number, int scale, Decimal *decimal)
{
    switch (number->kind) {
    case NUMBER_INTEGER:
        *decimal = decimal_from_int64(number->integer);
        return true;
    case NUMBER_DECIMAL:
        *decimal = number->decimal;
        return true;
    default:
        return decimal_from_double(number->real, scale, decimal);
    }
}

static Datum
to_decimal(Conversion *c, const Number *number)
{
    Decimal decimal;

    if (!as_decimal(number, c->to.scale, &decimal) ||
        !decimal_fit(&decimal, DECIMAL_TYPMOD(c->to.precision, c->to.scale)))
        CONVERSION_ERROR_STATE(c, ERR_8115, 8, overflow_source(c), "numeric");
    return decimal_put(&decimal);
}

static Datum
to_money(Conversion *c, const Number *number)
{
    Decimal decimal;
    int64 value;

    if (!as_decimal(number, 4, &decimal) || !money_from_decimal(&decimal, &value) ||
        (c->to.id == SQL_SMALLMONEY && value != (int32) value))
        CONVERSION_ERROR(c, ERR_8115, overflow_source(c), conversion_type_name(c->to.id));
    return c->to.id == SQL_MONEY ? Int64GetDatum(value) : Int32GetDatum((int32) value);
}

static Datum
to_float(Conversion *c, double value)
{
    if (c->to.id == SQL_FLOAT)
        return Float8GetDatum(value);
    if (fabs(value) > FLT_MAX)
        CONVERSION_ERROR(c, ERR_232, "real", value);
    return Float4GetDatum((float4) value);
}

static Datum
to_bit(const Number *number)
{
    switch (number->kind) {
    case NUMBER_INTEGER:
        return BoolGetDatum(number->integer != 0);
    case NUMBER_DECIMAL:
        return BoolGetDatum(number->decimal.magnitude != 0);
    default:
        return BoolGetDatum(number->real != 0);
    }
}

/* ---- from strings ---- */

static void
trim(const char **string, size_t *length)
{
    while (*length > 0 && (**string == ' ' || (**string >= '\t' && **string <= '\r'))) {
        (*string)++;
        (*length)--;
    }
    while (*length > 0 && ((*string)[*length - 1] == ' ' ||
                           ((*string)[*length - 1] >= '\t' && (*string)[*length - 1] <= '\r')))
        (*length)--;
}

typedef enum IntegerText { INTEGER_OK, INTEGER_SYNTAX, INTEGER_OVERFLOW } IntegerText;

static IntegerText
parse_integer(const char *string, size_t length, int64 *value)
{
    bool negative = false;
    uint64 magnitude = 0;
    size_t i = 0;
    bool overflow = false;

    *value = 0;
    if (length == 0)
        return INTEGER_OK; /* '' is 0 */
    if (string[0] == '-' || string[0] == '+') {
        negative = string[0] == '-';
        i = 1;
        while (i < length && string[i] == ' ')
            i++;
        if (i == length)
            return INTEGER_OK; /* so is '-' */
    }
    for (; i < length; i++) {
        if (string[i] < '0' || string[i] > '9')
            return INTEGER_SYNTAX;
        if (magnitude > (PG_UINT64_MAX - 9) / 10)
            overflow = true;
        else
            magnitude = magnitude * 10 + (string[i] - '0');
    }
    if (overflow || magnitude > (uint64) PG_INT64_MAX + (negative ? 1 : 0))
        return INTEGER_OVERFLOW;
    *value = negative ? (int64) (0 - magnitude) : (int64) magnitude;
    return INTEGER_OK;
}

static Datum
string_to_integer(Conversion *c, const char *string, size_t length)
{
    const char *original = pnstrdup(string, length);
    const char *from = conversion_type_name(c->from.id);
    int64 value, low, high;
    IntegerText outcome;

    trim(&string, &length);
    outcome = parse_integer(string, length, &value);
    integer_range(c->to.id, &low, &high);
    if (outcome == INTEGER_SYNTAX) {
        if (c->to.id == SQL_BIGINT)
            CONVERSION_ERROR(c, ERR_8114, from, "bigint");
        CONVERSION_ERROR(c, ERR_245, from, original, conversion_type_name(c->to.id));
    }
    if (outcome == INTEGER_OVERFLOW || value < low || value > high) {
        if (c->to.id == SQL_BIGINT)
            CONVERSION_ERROR(c, ERR_8115, "expression", "bigint");
        if (c->to.id == SQL_INT)
            CONVERSION_ERROR(c, ERR_248, from, original);
        CONVERSION_ERROR(c, ERR_244, from, original, c->to.id == SQL_TINYINT ? "INT1" : "INT2");
    }
    return integer_datum(c->to.id, value);
}

static Datum
string_to_bit(Conversion *c, const char *string, size_t length)
{
    const char *original = pnstrdup(string, length);
    int64 value;

    trim(&string, &length);
    if (length == 4 && pg_strncasecmp(string, "true", 4) == 0)
        return BoolGetDatum(true);
    if (length == 5 && pg_strncasecmp(string, "false", 5) == 0)
        return BoolGetDatum(false);
    if (parse_integer(string, length, &value) == INTEGER_SYNTAX)
        CONVERSION_ERROR(c, ERR_245, conversion_type_name(c->from.id), original, "bit");
    return BoolGetDatum(value != 0);
}

static Datum
string_to_money(Conversion *c, const char *string, size_t length)
{
    bool small = c->to.id == SQL_SMALLMONEY;
    bool overflow;
    int64 value;

    if (!money_parse(string, length, &value, &overflow)) {
        if (overflow && small)
            CONVERSION_ERROR(c, ERR_294);
        if (overflow)
            CONVERSION_ERROR(c, ERR_236);
        if (small)
            CONVERSION_ERROR(c, ERR_293);
        CONVERSION_ERROR(c, ERR_235);
    }
    if (!small)
        return Int64GetDatum(value);
    if (value != (int32) value)
        CONVERSION_ERROR(c, ERR_294);
    return Int32GetDatum((int32) value);
}

static Datum
string_to_decimal(Conversion *c, const char *string, size_t length)
{
    const char *from = conversion_type_name(c->from.id);
    Decimal value;
    bool overflow;

    if (!decimal_parse(string, length, &value, &overflow)) {
        if (!overflow)
            CONVERSION_ERROR(c, ERR_8114, from, "numeric");
        CONVERSION_ERROR_STATE(c, ERR_8115, 8, from, "numeric");
    }
    if (!decimal_fit(&value, DECIMAL_TYPMOD(c->to.precision, c->to.scale)))
        CONVERSION_ERROR_STATE(c, ERR_8115, 8, from, "numeric");
    return decimal_put(&value);
}

static Datum
string_to_float(Conversion *c, const char *string, size_t length)
{
    char *copy, *end;
    double value;

    trim(&string, &length);
    copy = pnstrdup(string, length);
    if (length == 0)
        return to_float(c, 0);
    /* strtod also takes hexadecimal, nan and infinity, which T-SQL does not. */
    if (strspn(copy, "0123456789+-.eEdD") != length)
        CONVERSION_ERROR(c, ERR_8114, conversion_type_name(c->from.id),
                         conversion_type_name(c->to.id));
    for (char *p = copy; *p != '\0'; p++)
        if (*p == 'd' || *p == 'D')
            *p = 'e';
    errno = 0;
    value = strtod(copy, &end);
    if (*end != '\0' || end == copy)
        CONVERSION_ERROR(c, ERR_8114, conversion_type_name(c->from.id),
                         conversion_type_name(c->to.id));
    if (isinf(value))
        CONVERSION_ERROR(c, ERR_8115, "expression", conversion_type_name(c->to.id));
    return to_float(c, value);
}

static Datum
string_to_number(Conversion *c, Datum value)
{
    size_t length;
    const char *string = string_bytes(value, &length);

    switch (c->to.id) {
    case SQL_BIT:
        return string_to_bit(c, string, length);
    case SQL_MONEY:
    case SQL_SMALLMONEY:
        return string_to_money(c, string, length);
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return string_to_decimal(c, string, length);
    case SQL_REAL:
    case SQL_FLOAT:
        return string_to_float(c, string, length);
    default:
        return string_to_integer(c, string, length);
    }
}

/* ---- from binary: the last bytes, big-endian; decimal has a form of its own ---- */

static Datum
binary_to_decimal(Conversion *c, const uint8 *bytes, size_t length)
{
    Decimal value = {0};

    if (length < 5 || length > 20 || bytes[0] > 38 || bytes[1] > bytes[0])
        CONVERSION_ERROR(c, ERR_8114, "varbinary", "numeric");
    value.scale = bytes[1];
    for (size_t i = length; i-- > 4;)
        value.magnitude = value.magnitude << 8 | bytes[i];
    value.negative = bytes[3] == 0 && value.magnitude != 0;
    if (!decimal_fit(&value, DECIMAL_TYPMOD(c->to.precision, c->to.scale)))
        CONVERSION_ERROR_STATE(c, ERR_8115, 8, "varbinary", "numeric");
    return decimal_put(&value);
}

static Datum
binary_to_number(Conversion *c, Datum value)
{
    size_t length;
    const uint8 *bytes = (const uint8 *) string_bytes(value, &length);
    uint64 number = 0;

    if (c->to.id == SQL_DECIMAL || c->to.id == SQL_NUMERIC)
        return binary_to_decimal(c, bytes, length);
    for (size_t i = 0; i < length; i++)
        number = number << 8 | bytes[i];
    switch (c->to.id) {
    case SQL_BIT: {
        bool any = false;

        for (size_t i = 0; i < length; i++)
            any = any || bytes[i] != 0;
        return BoolGetDatum(any);
    }
    case SQL_SMALLMONEY:
        return Int32GetDatum((int32) number);
    case SQL_MONEY:
        return Int64GetDatum((int64) number);
    default:
        return integer_datum(c->to.id, (int64) number);
    }
}

Datum
convert_to_number(Conversion *c, Datum value)
{
    char from = sql_type_info(c->from.id)->category;
    Number number;

    if (from == 'S' || from == 'N')
        return string_to_number(c, value);
    if (from == 'B' && c->from.id != SQL_ROWVERSION)
        return binary_to_number(c, value);
    number = read_number(c->from.id, value);
    switch (c->to.id) {
    case SQL_BIT:
        return to_bit(&number);
    case SQL_MONEY:
    case SQL_SMALLMONEY:
        return to_money(c, &number);
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return to_decimal(c, &number);
    case SQL_REAL:
    case SQL_FLOAT:
        return to_float(c, as_double(&number));
    default:
        return to_integer(c, &number);
    }
}
