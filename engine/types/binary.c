/*
 * binary, varbinary, image and rowversion as PostgreSQL sees them. Comparison treats the shorter
 * value as if it were followed by zero bytes, as SQL Server does.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "pgcompat/base.h"
#include "types/comparison.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_binary_in);
PG_FUNCTION_INFO_V1(sql_binary_out);
PG_FUNCTION_INFO_V1(sql_binary_hash);
PG_FUNCTION_INFO_V1(sql_binary_hash_extended);
PG_FUNCTION_INFO_V1(sql_binary_concat);
PG_FUNCTION_INFO_V1(sql_rowversion_in);
PG_FUNCTION_INFO_V1(sql_rowversion_out);

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "0x0AFF", or PostgreSQL's "\x0aff". */
static bytea *
parse_hex(const char *input)
{
    size_t length;
    bytea *result;
    int odd;

    if ((input[0] == '0' && (input[1] == 'x' || input[1] == 'X')) ||
        (input[0] == '\\' && input[1] == 'x'))
        input += 2;
    length = strlen(input);
    odd = length % 2;
    result = palloc(VARHDRSZ + (length + 1) / 2);
    SET_VARSIZE(result, VARHDRSZ + (length + 1) / 2);
    memset(VARDATA(result), 0, (length + 1) / 2);
    for (size_t i = 0; i < length; i++) {
        int digit = hex_digit(input[i]);
        size_t nibble = i + odd;

        if (digit < 0)
            tsql_error(ERR_8114, "varchar", "varbinary");
        ((uint8 *) VARDATA(result))[nibble / 2] |= nibble % 2 == 0 ? digit << 4 : digit;
    }
    return result;
}

Datum
sql_binary_in(PG_FUNCTION_ARGS)
{
    PG_RETURN_BYTEA_P(parse_hex(PG_GETARG_CSTRING(0)));
}

Datum
sql_binary_out(PG_FUNCTION_ARGS)
{
    bytea *value = PG_GETARG_BYTEA_PP(0);
    const uint8 *bytes = (const uint8 *) VARDATA_ANY(value);
    size_t length = VARSIZE_ANY_EXHDR(value);
    char *result = palloc(2 * length + 3);

    memcpy(result, "0x", 3);
    for (size_t i = 0; i < length; i++)
        snprintf(result + 2 + 2 * i, 3, "%02X", bytes[i]);
    PG_RETURN_CSTRING(result);
}

static int
compare_binaries(FunctionCallInfo fcinfo)
{
    bytea *a = PG_GETARG_BYTEA_PP(0);
    bytea *b = PG_GETARG_BYTEA_PP(1);
    int a_length = VARSIZE_ANY_EXHDR(a);
    int b_length = VARSIZE_ANY_EXHDR(b);
    int common = Min(a_length, b_length);
    int result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), common);

    for (int i = common; result == 0 && i < a_length; i++)
        result = VARDATA_ANY(a)[i] != 0 ? 1 : 0;
    for (int i = common; result == 0 && i < b_length; i++)
        result = VARDATA_ANY(b)[i] != 0 ? -1 : 0;
    return result;
}

DEFINE_COMPARISONS(sql_binary, compare_binaries)

static int
without_trailing_zeros(const bytea *value)
{
    int length = VARSIZE_ANY_EXHDR(value);

    while (length > 0 && VARDATA_ANY(value)[length - 1] == 0)
        length--;
    return length;
}

Datum
sql_binary_hash(PG_FUNCTION_ARGS)
{
    bytea *value = PG_GETARG_BYTEA_PP(0);

    PG_RETURN_UINT32(
        hash_bytes((unsigned char *) VARDATA_ANY(value), without_trailing_zeros(value)));
}

Datum
sql_binary_hash_extended(PG_FUNCTION_ARGS)
{
    bytea *value = PG_GETARG_BYTEA_PP(0);

    PG_RETURN_UINT64(hash_bytes_extended((unsigned char *) VARDATA_ANY(value),
                                         without_trailing_zeros(value), PG_GETARG_INT64(1)));
}

Datum
sql_binary_concat(PG_FUNCTION_ARGS)
{
    bytea *a = PG_GETARG_BYTEA_PP(0);
    bytea *b = PG_GETARG_BYTEA_PP(1);
    int a_length = VARSIZE_ANY_EXHDR(a);
    int b_length = VARSIZE_ANY_EXHDR(b);
    bytea *result = palloc((Size) a_length + b_length + VARHDRSZ);

    SET_VARSIZE(result, a_length + b_length + VARHDRSZ);
    memcpy(VARDATA(result), VARDATA_ANY(a), a_length);
    memcpy(VARDATA(result) + a_length, VARDATA_ANY(b), b_length);
    PG_RETURN_BYTEA_P(result);
}

/* rowversion: eight bytes, big-endian to users, an int8 inside. */
Datum
sql_rowversion_in(PG_FUNCTION_ARGS)
{
    bytea *bytes = parse_hex(PG_GETARG_CSTRING(0));
    uint64 value = 0;

    for (int i = 0; i < Min(8, VARSIZE_ANY_EXHDR(bytes)); i++)
        value = value << 8 | (uint8) VARDATA_ANY(bytes)[i];
    PG_RETURN_INT64((int64) value);
}

Datum
sql_rowversion_out(PG_FUNCTION_ARGS)
{
    PG_RETURN_CSTRING(psprintf("0x%016llX", (unsigned long long) PG_GETARG_INT64(0)));
}
