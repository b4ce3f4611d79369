/*
 * money and smallmoney: text, and arithmetic with the rounding of SQL Server (results of * and /
 * keep four digits).
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "types/money.h"

PG_FUNCTION_INFO_V1(sql_money_in);
PG_FUNCTION_INFO_V1(sql_money_out);
PG_FUNCTION_INFO_V1(sql_smallmoney_in);
PG_FUNCTION_INFO_V1(sql_smallmoney_out);
PG_FUNCTION_INFO_V1(sql_money_add);
PG_FUNCTION_INFO_V1(sql_money_sub);
PG_FUNCTION_INFO_V1(sql_money_mul);
PG_FUNCTION_INFO_V1(sql_money_div);
PG_FUNCTION_INFO_V1(sql_money_mod);
PG_FUNCTION_INFO_V1(sql_money_minus);
PG_FUNCTION_INFO_V1(sql_smallmoney_add);
PG_FUNCTION_INFO_V1(sql_smallmoney_sub);
PG_FUNCTION_INFO_V1(sql_smallmoney_mul);
PG_FUNCTION_INFO_V1(sql_smallmoney_div);
PG_FUNCTION_INFO_V1(sql_smallmoney_mod);
PG_FUNCTION_INFO_V1(sql_smallmoney_minus);

static int
put_whole(uint64 whole, bool commas, char *out)
{
    char digits[32];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long) whole);
    int length = 0;

    for (int i = 0; i < count; i++) {
        if (commas && i > 0 && (count - i) % 3 == 0)
            out[length++] = ',';
        out[length++] = digits[i];
    }
    out[length] = '\0';
    return length;
}

int
money_format(int64 value, int style, char *buffer)
{
    uint64 magnitude = value < 0 ? 0 - (uint64) value : (uint64) value;
    int length = 0;

    if (style != 2 && style != 126)
        magnitude = (magnitude + 50) / 100;
    if (value < 0 && magnitude != 0)
        buffer[length++] = '-';
    if (style == 2 || style == 126) {
        length += put_whole(magnitude / 10000, false, buffer + length);
        return length + snprintf(buffer + length, 8, ".%04d", (int) (magnitude % 10000));
    }
    length += put_whole(magnitude / 100, style == 1, buffer + length);
    return length + snprintf(buffer + length, 8, ".%02d", (int) (magnitude % 100));
}

bool
money_from_decimal(const Decimal *value, int64 *result)
{
    Decimal scaled = *value;

    if (!decimal_rescale(&scaled, 4))
        return false;
    scaled.scale = 0;
    return decimal_to_int64(&scaled, result);
}

Decimal
money_to_decimal(int64 value)
{
    Decimal result = decimal_from_int64(value);

    result.scale = 4;
    return result;
}

/* Currency signs that money literals may carry, in UTF-8. */
static size_t
currency_sign(const char *p, const char *end)
{
    static const char *const signs[] = {"$", "€", "£", "¥", "¢", "¤",
                                        "₩", "₪", "₫", "฿", "₹", "₽"};

    for (int i = 0; i < lengthof(signs); i++) {
        size_t length = strlen(signs[i]);

        if ((size_t) (end - p) >= length && memcmp(p, signs[i], length) == 0)
            return length;
    }
    return 0;
}

bool
money_parse(const char *string, size_t length, int64 *value, bool *overflow)
{
    char plain[64];
    int count = 0;
    const char *p = string;
    const char *end = string + length;
    Decimal parsed;

    *overflow = false;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r'))
        end--;
    if (p == end) {
        *value = 0; /* the empty string is 0 */
        return true;
    }
    for (bool in_number = false; p < end; p++) {
        size_t sign = in_number ? 0 : currency_sign(p, end);

        if (sign > 0) {
            p += sign - 1;
            continue;
        }
        if (*p == ',' || (!in_number && *p == ' '))
            continue;
        if (count == (int) sizeof plain - 1)
            return false;
        in_number = *p != '-' && *p != '+';
        plain[count++] = *p;
    }
    if (!decimal_parse(plain, count, &parsed, overflow))
        return false;
    if (!money_from_decimal(&parsed, value)) {
        *overflow = true;
        return false;
    }
    return true;
}

static int64
read_argument(FunctionCallInfo fcinfo, const char *type)
{
    char *input = PG_GETARG_CSTRING(0);
    int64 value = 0;
    bool overflow;

    if (!money_parse(input, strlen(input), &value, &overflow))
        tsql_error(ERR_235);
    return value;
}

Datum
sql_money_in(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(read_argument(fcinfo, "money"));
}

Datum
sql_smallmoney_in(PG_FUNCTION_ARGS)
{
    int64 value = read_argument(fcinfo, "smallmoney");

    if (value != (int32) value)
        tsql_error(ERR_294);
    PG_RETURN_INT32((int32) value);
}

Datum
sql_money_out(PG_FUNCTION_ARGS)
{
    char *buffer = palloc(MONEY_TEXT_SIZE);

    money_format(PG_GETARG_INT64(0), 2, buffer);
    PG_RETURN_CSTRING(buffer);
}

Datum
sql_smallmoney_out(PG_FUNCTION_ARGS)
{
    char *buffer = palloc(MONEY_TEXT_SIZE);

    money_format(PG_GETARG_INT32(0), 2, buffer);
    PG_RETURN_CSTRING(buffer);
}

static int128
rounded_quotient(int128 a, int128 b)
{
    int128 quotient = a / b;
    int128 rest = a % b;
    int128 twice = rest * 2;

    if (twice < 0)
        twice = -twice;
    if (twice >= (b < 0 ? -b : b))
        quotient += (a < 0) == (b < 0) ? 1 : -1;
    return quotient;
}

static int128
compute(char operation, int128 a, int128 b)
{
    switch (operation) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return rounded_quotient(a * b, MONEY_SCALE);
    default:
        if (b == 0)
            tsql_error(ERR_8134);
        /* Division truncates, as it does for decimal. */
        return operation == '/' ? a * MONEY_SCALE / b : a % b;
    }
}

static Datum
money_arithmetic(FunctionCallInfo fcinfo, char operation)
{
    int128 result = compute(operation, PG_GETARG_INT64(0), PG_GETARG_INT64(1));

    if (result != (int64) result)
        tsql_error(ERR_8115, "expression", "money");
    PG_RETURN_INT64((int64) result);
}

static Datum
smallmoney_arithmetic(FunctionCallInfo fcinfo, char operation)
{
    int128 result = compute(operation, PG_GETARG_INT32(0), PG_GETARG_INT32(1));

    if (result != (int32) result)
        tsql_error(ERR_8115, "expression", "smallmoney");
    PG_RETURN_INT32((int32) result);
}

#define DEFINE_MONEY_ARITHMETIC(name, operation)                                                   \
    Datum sql_money_##name(PG_FUNCTION_ARGS)                                                       \
    {                                                                                              \
        return money_arithmetic(fcinfo, operation);                                                \
    }                                                                                              \
    Datum sql_smallmoney_##name(PG_FUNCTION_ARGS)                                                  \
    {                                                                                              \
        return smallmoney_arithmetic(fcinfo, operation);                                           \
    }

DEFINE_MONEY_ARITHMETIC(add, '+')
DEFINE_MONEY_ARITHMETIC(sub, '-')
DEFINE_MONEY_ARITHMETIC(mul, '*')
DEFINE_MONEY_ARITHMETIC(div, '/')
DEFINE_MONEY_ARITHMETIC(mod, '%')

Datum
sql_money_minus(PG_FUNCTION_ARGS)
{
    int64 value = PG_GETARG_INT64(0);

    if (value == PG_INT64_MIN)
        tsql_error(ERR_8115, "expression", "money");
    PG_RETURN_INT64(-value);
}

Datum
sql_smallmoney_minus(PG_FUNCTION_ARGS)
{
    int32 value = PG_GETARG_INT32(0);

    if (value == PG_INT32_MIN)
        tsql_error(ERR_8115, "expression", "smallmoney");
    PG_RETURN_INT32(-value);
}
