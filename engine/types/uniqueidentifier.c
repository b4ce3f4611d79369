/*
 * uniqueidentifier as PostgreSQL sees it. SQL Server orders by the last six bytes first.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "types/comparison.h"
#include "types/uniqueidentifier.h"

PG_FUNCTION_INFO_V1(sql_guid_in);
PG_FUNCTION_INFO_V1(sql_guid_out);
PG_FUNCTION_INFO_V1(sql_guid_recv);
PG_FUNCTION_INFO_V1(sql_guid_send);
PG_FUNCTION_INFO_V1(sql_guid_hash);
PG_FUNCTION_INFO_V1(sql_guid_hash_extended);

/* Which byte stands at each place of the text. */
static const uint8 text_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

void
guid_format(const uint8 bytes[16], char *buffer)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = buffer;

    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[bytes[text_order[i]] >> 4];
        *out++ = digits[bytes[text_order[i]] & 15];
    }
    *out = '\0';
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
guid_parse(const char *string, size_t length, uint8 bytes[16])
{
    bool brace = length > 0 && string[0] == '{';
    size_t position = brace ? 1 : 0;

    for (int i = 0; i < 16; i++) {
        int high, low;

        if (i == 4 || i == 6 || i == 8 || i == 10)
            if (position >= length || string[position++] != '-')
                return false;
        if (position + 2 > length)
            return false;
        high = hex_value(string[position++]);
        low = hex_value(string[position++]);
        if (high < 0 || low < 0)
            return false;
        bytes[text_order[i]] = (uint8) (high << 4 | low);
    }
    return !brace || (position < length && string[position] == '}');
}

int
guid_compare(const uint8 a[16], const uint8 b[16])
{
    static const uint8 order[16] = {10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3};

    for (int i = 0; i < 16; i++)
        if (a[order[i]] != b[order[i]])
            return a[order[i]] < b[order[i]] ? -1 : 1;
    return 0;
}

Datum
sql_guid_in(PG_FUNCTION_ARGS)
{
    char *input = PG_GETARG_CSTRING(0);
    uint8 *bytes = palloc(16);

    if (!guid_parse(input, strlen(input), bytes))
        tsql_error(ERR_8169);
    PG_RETURN_POINTER(bytes);
}

Datum
sql_guid_out(PG_FUNCTION_ARGS)
{
    char *buffer = palloc(GUID_TEXT_LENGTH + 1);

    guid_format((uint8 *) PG_GETARG_POINTER(0), buffer);
    PG_RETURN_CSTRING(buffer);
}

Datum
sql_guid_recv(PG_FUNCTION_ARGS)
{
    uint8 *bytes = palloc(16);

    memcpy(bytes, pq_getmsgbytes((StringInfo) PG_GETARG_POINTER(0), 16), 16);
    PG_RETURN_POINTER(bytes);
}

Datum
sql_guid_send(PG_FUNCTION_ARGS)
{
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendbytes(&message, PG_GETARG_POINTER(0), 16);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static int
compare_guids(FunctionCallInfo fcinfo)
{
    return guid_compare((uint8 *) PG_GETARG_POINTER(0), (uint8 *) PG_GETARG_POINTER(1));
}

DEFINE_COMPARISONS(sql_guid, compare_guids)

Datum
sql_guid_hash(PG_FUNCTION_ARGS)
{
    return hash_any((unsigned char *) PG_GETARG_POINTER(0), 16);
}

Datum
sql_guid_hash_extended(PG_FUNCTION_ARGS)
{
    return hash_any_extended((unsigned char *) PG_GETARG_POINTER(0), 16, PG_GETARG_INT64(1));
}
