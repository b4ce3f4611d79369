/*
 * The conversion of a value: picks the family's converter, unwraps and wraps sql_variant. Also the
 * one C function behind every sys.to_<type>(value, typmod, style, mode).
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "types/conversion.h"
#include "types/convert_mode.h"
#include "types/variant.h"

PG_FUNCTION_INFO_V1(sql_convert);

const char *
conversion_type_name(SqlTypeId id)
{
    if (id == SQL_DECIMAL)
        return "numeric";
    if (id == SQL_SYSNAME)
        return "nvarchar";
    return sql_type_info(id)->name;
}

static Datum
convert_from_variant(Conversion *c, Datum value)
{
    Conversion inner = *c;
    Datum base = variant_get(value, &inner.from);
    Datum result;

    if (!sql_conversion_exists(&inner.from, &c->to, CONVERSION_EXPLICIT))
        CONVERSION_ERROR(c, ERR_529, conversion_type_name(inner.from.id),
                         conversion_type_name(c->to.id));
    result = convert_value(&inner, base);
    c->failed = inner.failed;
    return result;
}

Datum
convert_value(Conversion *c, Datum value)
{
    if (c->from.id == SQL_VARIANT && c->to.id != SQL_VARIANT)
        return convert_from_variant(c, value);
    switch (sql_type_info(c->to.id)->category) {
    case 'I':
    case 'D':
    case 'F':
        return convert_to_number(c, value);
    case 'S':
    case 'N':
        return convert_to_string(c, value);
    case 'B':
        return convert_to_binary(c, value);
    case 'T':
        return convert_to_moment(c, value);
    case 'G':
        return c->from.id == SQL_UNIQUEIDENTIFIER ? value : convert_to_guid(c, value);
    case 'V':
        return c->from.id == SQL_VARIANT ? value : variant_make(&c->from, value);
    case 'X':
        return convert_to_xml(c, value);
    default:
        elog(ERROR, "no conversion to type %d", c->to.id);
    }
    return (Datum) 0;
}

/* sys.to_x(value, typmod int4, style int4, mode int4) */
Datum
sql_convert(PG_FUNCTION_ARGS)
{
    int32 typmod = PG_GETARG_INT32(1);
    int32 mode = PG_GETARG_INT32(3);
    Conversion conversion = {.style = PG_GETARG_INT32(2),
                             .kind = (ConversionKind) MODE_KIND(mode),
                             .from = {.id = (SqlTypeId) MODE_FROM(mode),
                                      .scale = MODE_SCALE(mode),
                                      .precision = MODE_PRECISION(mode),
                                      .length = -1,
                                      .collation = PG_GET_COLLATION()},
                             .to = {.id = (SqlTypeId) MODE_TO(mode), .length = typmod}};
    Datum result;

    switch (conversion.to.id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        conversion.to.precision = DECIMAL_TYPMOD_PRECISION(typmod);
        conversion.to.scale = DECIMAL_TYPMOD_SCALE(typmod);
        break;
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        conversion.to.scale = typmod < 0 ? 7 : typmod;
        break;
    default:
        conversion.to.collation = PG_GET_COLLATION();
    }
    /* One collation reaches a function: a string's own where it is converted to something else. */
    result = convert_value(&conversion, PG_GETARG_DATUM(0));
    if (conversion.failed)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(result);
}
