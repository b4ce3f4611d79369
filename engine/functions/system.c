/*
 * System functions: sizes and properties of values, checksums and hashes, new identifiers, and what
 * the session is and was doing (errors of CATCH blocks, identities).
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/md5.h"
#include "common/sha2.h"
#include "context/context.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "miscadmin.h"
#include "pgcompat/base.h"
#include "port/pg_bswap.h"
#include "types/codepage.h"
#include "types/collator.h"
#include "types/conversion.h"
#include "types/variant.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include <openssl/evp.h>

PG_FUNCTION_INFO_V1(fn_datalength);
PG_FUNCTION_INFO_V1(fn_isnumeric);
PG_FUNCTION_INFO_V1(fn_newid);
PG_FUNCTION_INFO_V1(fn_newsequentialid);
PG_FUNCTION_INFO_V1(fn_checksum);
PG_FUNCTION_INFO_V1(fn_binary_checksum);
PG_FUNCTION_INFO_V1(fn_hashbytes);
PG_FUNCTION_INFO_V1(fn_crypt_gen_random);
PG_FUNCTION_INFO_V1(fn_sql_variant_property);

/* ---- sizes ---- */

static int32
string_size(SqlTypeId type, Oid collation, Datum value)
{
    StringView string = string_view(value);
    const SqlCollation *found;

    if (sql_type_info(type)->category == 'N' || type == SQL_XML)
        return 2 * (int32) string_units(&string);
    if (string.ascii)
        return (int32) string.length;
    found = sql_collation(collation);
    return sql_code_page_length(string.bytes, string.length,
                                found != NULL ? found->code_page : 1252);
}

static int32
value_size(const SqlType *type, Datum value)
{
    switch (sql_type_info(type->id)->category) {
    case 'S':
    case 'N':
    case 'X':
        return string_size(type->id, type->collation, value);
    case 'B':
        if (type->id == SQL_ROWVERSION)
            return 8;
        return (int32) VARSIZE_ANY_EXHDR(PG_DETOAST_DATUM_PACKED(value));
    case 'V': {
        SqlType inner;
        Datum base = variant_get(value, &inner);

        return value_size(&inner, base);
    }
    default:
        return type->length;
    }
}

Datum
fn_datalength(PG_FUNCTION_ARGS)
{
    SqlType type = argument_sql_type(fcinfo, 0);

    PG_RETURN_INT32(value_size(&type, PG_GETARG_DATUM(0)));
}

/* ---- ISNUMERIC: whether the string is a number of any type ---- */

static bool
converts_to(const SqlType *from, Datum value, SqlType to)
{
    Conversion conversion = {.from = *from, .to = to, .kind = CONVERSION_TRY};

    convert_value(&conversion, value);
    return !conversion.failed;
}

Datum
fn_isnumeric(PG_FUNCTION_ARGS)
{
    SqlType type = argument_sql_type(fcinfo, 0);
    StringView string;

    if (PG_ARGISNULL(0))
        PG_RETURN_INT32(0);
    if (sql_type_is_number(type.id))
        PG_RETURN_INT32(1);
    if (!sql_type_is_string(type.id))
        PG_RETURN_INT32(0);
    string = string_view(PG_GETARG_DATUM(0));
    while (string.length > 0 && string.bytes[0] == ' ') {
        string.bytes++;
        string.length--;
    }
    if (string.length == 0)
        PG_RETURN_INT32(0);
    PG_RETURN_INT32(converts_to(&type, PG_GETARG_DATUM(0), sql_type_make(SQL_MONEY)) ||
                    converts_to(&type, PG_GETARG_DATUM(0), sql_type_make(SQL_FLOAT)) ||
                    converts_to(&type, PG_GETARG_DATUM(0), sql_type_decimal(38, 0)));
}

/* ---- identifiers ---- */

Datum
fn_newid(PG_FUNCTION_ARGS)
{
    uint8 *bytes = palloc(16);

    if (!pg_strong_random(bytes, 16))
        elog(ERROR, "no random numbers");
    bytes[7] = (bytes[7] & 0x0F) | 0x40; /* version 4; the group is little-endian */
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    PG_RETURN_POINTER(bytes);
}

/* Grows in the order of uniqueidentifier's comparison: time in the last bytes' place is fixed, so
 * the first groups count up, as Windows makes them. */
Datum
fn_newsequentialid(PG_FUNCTION_ARGS)
{
    static uint64 last;
    static uint8 node[6];
    uint8 *bytes = palloc(16);
    uint64 now = (uint64) GetCurrentTimestamp() * 10;

    if (last == 0 && !pg_strong_random(node, sizeof node))
        elog(ERROR, "no random numbers");
    last = now > last ? now : last + 1;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8) (last >> (8 * (i < 4 ? 3 - i : i < 6 ? 9 - i : 13 - i)));
    bytes[8] = 0x80;
    bytes[9] = (uint8) MyProcPid;
    memcpy(bytes + 10, node, 6);
    PG_RETURN_POINTER(bytes);
}

/* ---- checksums ---- */

static uint32
value_hash(FunctionCallInfo fcinfo, int n, bool binary)
{
    SqlType type = argument_sql_type(fcinfo, n);
    Datum value;
    SqlType text_type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    StringView string;
    bool is_null;

    if (PG_ARGISNULL(n))
        return 0x7FFFFFFF;
    value = PG_GETARG_DATUM(n);
    /* A rowversion has no text: it is hashed as the binary that it is. */
    if (type.id == SQL_ROWVERSION)
        text_type = sql_type_binary(SQL_VARBINARY, 8);
    if (!sql_type_is_string(type.id) &&
        sql_conversion_exists(&type, &text_type, CONVERSION_EXPLICIT))
        value =
            sql_convert_datum(value, false, &type, &text_type, CONVERSION_EXPLICIT, 2, &is_null);
    string = string_view(value);
    if (!binary && sql_type_is_string(type.id))
        return (uint32) collator_hash(collator_get(PG_GET_COLLATION()), string.bytes, string.length,
                                      0);
    return hash_bytes((const unsigned char *) string.bytes, (int) string.length);
}

static int32
checksum(FunctionCallInfo fcinfo, bool binary)
{
    uint32 result = 0;

    for (int i = 0; i < PG_NARGS(); i++)
        result = (result << 4 | result >> 28) ^ value_hash(fcinfo, i, binary);
    return (int32) result;
}

Datum
fn_checksum(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(checksum(fcinfo, false));
}

Datum
fn_binary_checksum(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(checksum(fcinfo, true));
}

/* HASHBYTES(algorithm, string or binary); national strings are hashed as UTF-16. */
Datum
fn_hashbytes(PG_FUNCTION_ARGS)
{
    static const struct {
        const char *tsql;
        const char *openssl;
    } algorithms[] = {{"MD2", NULL},         {"MD4", NULL},    {"MD5", "MD5"},
                      {"SHA", "SHA1"},       {"SHA1", "SHA1"}, {"SHA2_256", "SHA256"},
                      {"SHA2_512", "SHA512"}};
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    SqlType type = argument_sql_type(fcinfo, 1);
    SqlType binary = sql_type_binary(SQL_VARBINARY, -1);
    const EVP_MD *digest = NULL;
    unsigned char result[EVP_MAX_MD_SIZE];
    unsigned int length;
    bytea *bytes;
    bool is_null;

    for (int i = 0; i < lengthof(algorithms); i++)
        if (pg_strcasecmp(algorithms[i].tsql, name) == 0 && algorithms[i].openssl != NULL)
            digest = EVP_get_digestbyname(algorithms[i].openssl);
    if (digest == NULL)
        PG_RETURN_NULL();
    bytes = DatumGetByteaPP(sql_convert_datum(PG_GETARG_DATUM(1), false, &type, &binary,
                                              CONVERSION_EXPLICIT, 0, &is_null));
    if (EVP_Digest(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), result, &length, digest, NULL) !=
        1)
        PG_RETURN_NULL();
    return string_datum((char *) result, length);
}

Datum
fn_crypt_gen_random(PG_FUNCTION_ARGS)
{
    int32 length = PG_GETARG_INT32(0);
    bytea *result;

    if (length < 1 || length > 8000)
        PG_RETURN_NULL();
    result = palloc(VARHDRSZ + length);
    SET_VARSIZE(result, VARHDRSZ + length);
    if (!pg_strong_random(VARDATA(result), length))
        elog(ERROR, "no random numbers");
    PG_RETURN_BYTEA_P(result);
}

/* ---- SQL_VARIANT_PROPERTY ---- */

static Datum
variant_of_string(const char *string)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, 128, sql_collation_default());

    return variant_make(&type, string_datum(string, strlen(string)));
}

static Datum
variant_of_int(int32 value)
{
    SqlType type = sql_type_make(SQL_INT);

    return variant_make(&type, Int32GetDatum(value));
}

Datum
fn_sql_variant_property(PG_FUNCTION_ARGS)
{
    char *property = text_to_cstring(PG_GETARG_TEXT_PP(1));
    SqlType type = argument_sql_type(fcinfo, 0);
    Datum value = PG_GETARG_DATUM(0);

    if (type.id == SQL_VARIANT)
        value = variant_get(value, &type);
    if (pg_strcasecmp(property, "BaseType") == 0)
        return variant_of_string(sql_type_info(type.id)->name);
    if (pg_strcasecmp(property, "Precision") == 0)
        return variant_of_int(type.precision);
    if (pg_strcasecmp(property, "Scale") == 0)
        return variant_of_int(type.scale);
    if (pg_strcasecmp(property, "TotalBytes") == 0)
        return variant_of_int(value_size(&type, value) + (sql_type_is_string(type.id) ? 8 : 2));
    if (pg_strcasecmp(property, "MaxLength") == 0)
        return variant_of_int(sql_type_info(type.id)->category == 'N' && type.length > 0
                                  ? 2 * type.length
                                  : type.length);
    if (pg_strcasecmp(property, "Collation") == 0 && OidIsValid(type.collation)) {
        const SqlCollation *collation = sql_collation(type.collation);

        if (collation != NULL)
            return variant_of_string(collation->name);
    }
    PG_RETURN_NULL();
}
