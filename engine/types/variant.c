/*
 * sql_variant as PostgreSQL sees it. Values of different families compare by family (dates above
 * approximate numbers above exact numbers above strings above binaries above guids); within a
 * family by value.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "pgcompat/base.h"
#include "types/collator.h"
#include "types/comparison.h"
#include "types/conversion.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/uniqueidentifier.h"
#include "types/variant.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sql_variant_in);
PG_FUNCTION_INFO_V1(sql_variant_out);
PG_FUNCTION_INFO_V1(sql_variant_hash);
PG_FUNCTION_INFO_V1(sql_variant_hash_extended);

#define VARIANT_HEADER 9

Datum
variant_make(const SqlType *type, Datum value)
{
    int16 length;
    bool by_value;
    int32 typmod = sql_type_typmod(type);
    const char *data;
    Size size;
    char *result;

    get_typlenbyval(sql_type_oid(type->id), &length, &by_value);
    if (by_value) {
        data = (const char *) &value;
        size = sizeof value;
    } else if (length > 0) {
        data = DatumGetPointer(value);
        size = length;
    } else {
        struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

        data = VARDATA_ANY(packed);
        size = VARSIZE_ANY_EXHDR(packed);
    }
    result = palloc(VARHDRSZ + VARIANT_HEADER + size);
    SET_VARSIZE(result, VARHDRSZ + VARIANT_HEADER + size);
    result[VARHDRSZ] = (char) type->id;
    memcpy(result + VARHDRSZ + 1, &typmod, 4);
    memcpy(result + VARHDRSZ + 5, &type->collation, 4);
    memcpy(result + VARHDRSZ + VARIANT_HEADER, data, size);
    return PointerGetDatum(result);
}

Datum
variant_get(Datum variant, SqlType *type)
{
    struct varlena *packed = PG_DETOAST_DATUM_PACKED(variant);
    const char *bytes = VARDATA_ANY(packed);
    Size size = VARSIZE_ANY_EXHDR(packed) - VARIANT_HEADER;
    SqlTypeId id = (SqlTypeId) (uint8) bytes[0];
    int32 typmod;
    Oid collation;
    int16 length;
    bool by_value;
    Datum value;
    char *copy;

    memcpy(&typmod, bytes + 1, 4);
    memcpy(&collation, bytes + 5, 4);
    *type = sql_type_from_pg(sql_type_oid(id), typmod, collation);
    type->id = id;
    get_typlenbyval(sql_type_oid(id), &length, &by_value);
    if (by_value) {
        memcpy(&value, bytes + VARIANT_HEADER, sizeof value);
        return value;
    }
    if (length > 0) {
        copy = palloc(size);
        memcpy(copy, bytes + VARIANT_HEADER, size);
        return PointerGetDatum(copy);
    }
    copy = palloc(VARHDRSZ + size);
    SET_VARSIZE(copy, VARHDRSZ + size);
    memcpy(copy + VARHDRSZ, bytes + VARIANT_HEADER, size);
    return PointerGetDatum(copy);
}

/*
 * The text form keeps the type: "decimal:4612:-:1.50" is name, typmod, collation and value. What
 * has no such head becomes a varchar.
 */
static bool
parse_head(char *input, SqlType *type, int32 *typmod, char **value)
{
    char *name_end = strchr(input, ':');
    char *typmod_end = name_end != NULL ? strchr(name_end + 1, ':') : NULL;
    char *collation_end = typmod_end != NULL ? strchr(typmod_end + 1, ':') : NULL;
    const SqlCollation *collation;
    SqlTypeId id;

    if (collation_end == NULL)
        return false;
    id = sql_type_by_name(pnstrdup(input, name_end - input));
    if (id == SQL_UNKNOWN || id == SQL_VARIANT || id == SQL_XML)
        return false;
    *typmod = (int32) strtol(name_end + 1, NULL, 10);
    collation = sql_collation_by_name(pnstrdup(typmod_end + 1, collation_end - typmod_end - 1));
    *type = sql_type_from_pg(sql_type_oid(id), *typmod,
                             collation != NULL ? collation->oid : InvalidOid);
    type->id = id;
    *value = collation_end + 1;
    return true;
}

Datum
sql_variant_in(PG_FUNCTION_ARGS)
{
    SqlType type = sql_type_string(SQL_VARCHAR, 8000, sql_collation_default());
    char *value = PG_GETARG_CSTRING(0);
    int32 typmod = -1;
    Oid input, parameter;

    if (!parse_head(PG_GETARG_CSTRING(0), &type, &typmod, &value))
        return variant_make(&type, PointerGetDatum(cstring_to_text(value)));
    getTypeInputInfo(sql_type_oid(type.id), &input, &parameter);
    return variant_make(&type, OidInputFunctionCall(input, value, parameter, typmod));
}

Datum
sql_variant_out(PG_FUNCTION_ARGS)
{
    SqlType type;
    Datum value = variant_get(PG_GETARG_DATUM(0), &type);
    const SqlCollation *collation = sql_collation(type.collation);
    Oid output;
    bool is_varlena;

    getTypeOutputInfo(sql_type_oid(type.id), &output, &is_varlena);
    PG_RETURN_CSTRING(psprintf("%s:%d:%s:%s", sql_type_info(type.id)->name, sql_type_typmod(&type),
                               collation != NULL ? collation->name : "-",
                               OidOutputFunctionCall(output, value)));
}

static int
family(SqlTypeId id)
{
    switch (sql_type_info(id)->category) {
    case 'T':
        return 6;
    case 'F':
        return 5;
    case 'I':
    case 'D':
        return 4;
    case 'S':
    case 'N':
        return 3;
    case 'B':
        return 2;
    default:
        return 1;
    }
}

/* The value as its family compares: decimal, float8, UTC ticks; others as they are. */
static Decimal
exact_value(const SqlType *type, Datum value)
{
    SqlType target =
        sql_type_decimal(38, type->id == SQL_DECIMAL || type->id == SQL_NUMERIC ? type->scale : 4);
    bool is_null;

    return decimal_get(
        sql_convert_datum(value, false, type, &target, CONVERSION_EXPLICIT, 0, &is_null));
}

static double
approximate_value(const SqlType *type, Datum value)
{
    return type->id == SQL_REAL ? DatumGetFloat4(value) : DatumGetFloat8(value);
}

static int
compare_in_family(const SqlType *a_type, Datum a, const SqlType *b_type, Datum b)
{
    switch (family(a_type->id)) {
    case 6: {
        SqlMoment x = moment_from_datum(a_type->id, a);
        SqlMoment y = moment_from_datum(b_type->id, b);
        int64 p = moment_to_utc(&x);
        int64 q = moment_to_utc(&y);

        return p < q ? -1 : p > q;
    }
    case 5: {
        double x = approximate_value(a_type, a);
        double y = approximate_value(b_type, b);

        return x < y ? -1 : x > y;
    }
    case 4: {
        Decimal x = exact_value(a_type, a);
        Decimal y = exact_value(b_type, b);

        return decimal_compare(&x, &y);
    }
    case 3:
        return sql_string_compare(VARDATA_ANY(DatumGetPointer(a)),
                                  VARSIZE_ANY_EXHDR(DatumGetPointer(a)),
                                  VARDATA_ANY(DatumGetPointer(b)),
                                  VARSIZE_ANY_EXHDR(DatumGetPointer(b)), a_type->collation);
    case 2:
        if (a_type->id == SQL_ROWVERSION)
            return DatumGetInt64(a) < DatumGetInt64(b) ? -1 : DatumGetInt64(a) > DatumGetInt64(b);
        return DatumGetInt32(DirectFunctionCall2(byteacmp, a, b));
    default:
        return guid_compare((uint8 *) DatumGetPointer(a), (uint8 *) DatumGetPointer(b));
    }
}

static int
compare_variants(FunctionCallInfo fcinfo)
{
    SqlType a_type, b_type;
    Datum a = variant_get(PG_GETARG_DATUM(0), &a_type);
    Datum b = variant_get(PG_GETARG_DATUM(1), &b_type);
    int difference = family(a_type.id) - family(b_type.id);

    return difference != 0 ? difference : compare_in_family(&a_type, a, &b_type, b);
}

DEFINE_COMPARISONS(sql_variant, compare_variants)

static uint64
hash_variant(Datum variant, uint64 seed)
{
    SqlType type;
    Datum value = variant_get(variant, &type);
    int kind = family(type.id);

    if (kind == 6) {
        SqlMoment moment = moment_from_datum(type.id, value);
        int64 ticks = moment_to_utc(&moment);

        return hash_bytes_extended((unsigned char *) &ticks, sizeof ticks, seed);
    }
    if (kind == 5) {
        double number = approximate_value(&type, value);

        if (number == 0)
            number = 0; /* not minus zero */
        return hash_bytes_extended((unsigned char *) &number, sizeof number, seed);
    }
    if (kind == 4) {
        Decimal number = exact_value(&type, value);

        while (number.scale > 0 && number.magnitude % 10 == 0) {
            number.magnitude /= 10;
            number.scale--;
        }
        return hash_bytes_extended((unsigned char *) &number.magnitude, sizeof number.magnitude,
                                   seed);
    }
    if (kind == 3)
        return collator_hash(collator_get(type.collation), VARDATA_ANY(DatumGetPointer(value)),
                             VARSIZE_ANY_EXHDR(DatumGetPointer(value)), seed);
    if (type.id == SQL_ROWVERSION)
        return hash_bytes_extended((unsigned char *) &value, sizeof value, seed);
    if (kind == 2)
        return hash_bytes_extended((unsigned char *) VARDATA_ANY(DatumGetPointer(value)),
                                   VARSIZE_ANY_EXHDR(DatumGetPointer(value)), seed);
    return hash_bytes_extended((unsigned char *) DatumGetPointer(value), 16, seed);
}

Datum
sql_variant_hash(PG_FUNCTION_ARGS)
{
    PG_RETURN_UINT32((uint32) hash_variant(PG_GETARG_DATUM(0), 0));
}

Datum
sql_variant_hash_extended(PG_FUNCTION_ARGS)
{
    PG_RETURN_UINT64(hash_variant(PG_GETARG_DATUM(0), (uint64) PG_GETARG_INT64(1)));
}
