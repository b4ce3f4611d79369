/*
 * The table of T-SQL's types and the making of SqlTypes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "types/decimal.h"
#include "types/sqltype.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static const SqlTypeInfo type_table[] = {
    [SQL_UNKNOWN] = {SQL_UNKNOWN, "NULL", 56, 56, "", 0, 'O', 0},
#define SQL_TYPE(id, name, system_id, user_id, pg_name, precedence, category, bytes)               \
    [id] = {id, name, system_id, user_id, pg_name, precedence, category, bytes},
#include "types/types.def"
#undef SQL_TYPE
};

static const struct {
    const char *name;
    SqlTypeId id;
} synonyms[] = {
    {"integer", SQL_INT},
    {"dec", SQL_DECIMAL},
    {"double precision", SQL_FLOAT},
    {"character", SQL_CHAR},
    {"char varying", SQL_VARCHAR},
    {"character varying", SQL_VARCHAR},
    {"national char", SQL_NCHAR},
    {"national character", SQL_NCHAR},
    {"national char varying", SQL_NVARCHAR},
    {"national character varying", SQL_NVARCHAR},
    {"national text", SQL_NTEXT},
    {"binary varying", SQL_VARBINARY},
    {"rowversion", SQL_ROWVERSION},
};

const SqlTypeInfo *
sql_type_info(SqlTypeId id)
{
    Assert(id >= 0 && id < SQL_TYPE_COUNT);
    return &type_table[id];
}

SqlTypeId
sql_type_by_name(const char *name)
{
    for (int id = 1; id < SQL_TYPE_COUNT; id++)
        if (pg_strcasecmp(type_table[id].name, name) == 0)
            return (SqlTypeId) id;
    for (int i = 0; i < lengthof(synonyms); i++)
        if (pg_strcasecmp(synonyms[i].name, name) == 0)
            return synonyms[i].id;
    return SQL_UNKNOWN;
}

static Oid
builtin_oid(SqlTypeId id)
{
    switch (id) {
    case SQL_UNKNOWN:
    case SQL_INT:
        return INT4OID;
    case SQL_BIT:
        return BOOLOID;
    case SQL_SMALLINT:
        return INT2OID;
    case SQL_BIGINT:
        return INT8OID;
    case SQL_REAL:
        return FLOAT4OID;
    case SQL_FLOAT:
        return FLOAT8OID;
    case SQL_DATE:
        return DATEOID;
    default:
        return InvalidOid;
    }
}

Oid
sql_type_oid(SqlTypeId id)
{
    static Oid oids[SQL_TYPE_COUNT];
    Oid schema;

    if (OidIsValid(oids[id]))
        return oids[id];
    oids[id] = builtin_oid(id);
    if (OidIsValid(oids[id]))
        return oids[id];
    schema = get_namespace_oid("sys", false);
    oids[id] = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
                               PointerGetDatum(type_table[id].pg_name), ObjectIdGetDatum(schema));
    if (!OidIsValid(oids[id]))
        elog(ERROR, "type sys.%s is missing", type_table[id].pg_name);
    return oids[id];
}

int32
sql_type_typmod(const SqlType *type)
{
    switch (type->id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return DECIMAL_TYPMOD(type->precision, type->scale);
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        return type->scale;
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
    case SQL_BINARY:
    case SQL_VARBINARY:
        return type->length > 0 ? type->length : -1;
    default:
        return -1;
    }
}

/* Precision and scale of the fixed types, as in sys.types. */
static void
fill_precision(SqlType *type)
{
    switch (type->id) {
    case SQL_BIT:
        type->precision = 1;
        break;
    case SQL_TINYINT:
        type->precision = 3;
        break;
    case SQL_SMALLINT:
        type->precision = 5;
        break;
    case SQL_UNKNOWN:
    case SQL_INT:
        type->precision = 10;
        break;
    case SQL_BIGINT:
        type->precision = 19;
        break;
    case SQL_SMALLMONEY:
        type->precision = 10;
        type->scale = 4;
        break;
    case SQL_MONEY:
        type->precision = 19;
        type->scale = 4;
        break;
    case SQL_REAL:
        type->precision = 24;
        break;
    case SQL_FLOAT:
        type->precision = 53;
        break;
    case SQL_DATE:
        type->precision = 10;
        break;
    case SQL_SMALLDATETIME:
        type->precision = 16;
        break;
    case SQL_DATETIME:
        type->precision = 23;
        type->scale = 3;
        break;
    default:
        break;
    }
}

SqlType
sql_type_make(SqlTypeId id)
{
    SqlType type = {.id = id, .length = type_table[id].fixed_length};

    switch (id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        type = sql_type_decimal(18, 0);
        type.id = id;
        return type;
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        return sql_type_time(id, 7);
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
        return sql_type_string(id, 1, sql_collation_default());
    case SQL_SYSNAME:
        return sql_type_string(id, 128, sql_collation_default());
    case SQL_TEXT:
    case SQL_NTEXT:
        return sql_type_string(id, -1, sql_collation_default());
    case SQL_BINARY:
    case SQL_VARBINARY:
        return sql_type_binary(id, 1);
    case SQL_IMAGE:
    case SQL_XML:
        type.length = -1;
        return type;
    case SQL_VARIANT:
        type.length = 8016;
        return type;
    default:
        fill_precision(&type);
        return type;
    }
}

SqlType
sql_type_string(SqlTypeId id, int32 length, Oid collation)
{
    SqlType type = {.id = id, .length = length, .collation = collation};

    return type;
}

SqlType
sql_type_binary(SqlTypeId id, int32 length)
{
    SqlType type = {.id = id, .length = length};

    return type;
}

SqlType
sql_type_decimal(int precision, int scale)
{
    SqlType type = {.id = SQL_DECIMAL, .precision = precision, .scale = scale};

    type.length = precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
    return type;
}

SqlType
sql_type_time(SqlTypeId id, int scale)
{
    SqlType type = {.id = id, .scale = scale};
    int whole = id == SQL_TIME ? 8 : id == SQL_DATETIME2 ? 19 : 26;
    int bytes = scale <= 2 ? 3 : scale <= 4 ? 4 : 5;

    type.precision = whole + (scale > 0 ? scale + 1 : 0);
    type.length = bytes + (id == SQL_TIME ? 0 : id == SQL_DATETIME2 ? 3 : 5);
    return type;
}

SqlType
sql_type_from_pg(Oid oid, int32 typmod, Oid collation)
{
    SqlType type = {0};

    for (int id = 1; id < SQL_TYPE_COUNT && type.id == SQL_UNKNOWN; id++)
        if (id != SQL_NUMERIC && id != SQL_SYSNAME && sql_type_oid((SqlTypeId) id) == oid)
            type.id = (SqlTypeId) id;
    switch (type.id) {
    case SQL_UNKNOWN:
        return type;
    case SQL_DECIMAL:
        return typmod < 0 ? sql_type_decimal(38, 0) : sql_type_decimal(typmod >> 8, typmod & 0xFF);
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        return sql_type_time(type.id, typmod < 0 ? 7 : typmod);
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_TEXT:
    case SQL_NTEXT:
        return sql_type_string(type.id, typmod,
                               sql_collation(collation) != NULL ? collation
                                                                : sql_collation_default());
    case SQL_BINARY:
    case SQL_VARBINARY:
        return sql_type_binary(type.id, typmod);
    default:
        return sql_type_make(type.id);
    }
}

char *
sql_type_format(const SqlType *type)
{
    const char *name = type_table[type->id].name;

    switch (type->id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return psprintf("%s(%d,%d)", name, type->precision, type->scale);
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        return psprintf("%s(%d)", name, type->scale);
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_BINARY:
    case SQL_VARBINARY:
        if (type->length < 0)
            return psprintf("%s(max)", name);
        return psprintf("%s(%d)", name, type->length);
    default:
        return pstrdup(name);
    }
}

bool
sql_type_equal(const SqlType *a, const SqlType *b)
{
    return a->id == b->id && a->length == b->length && a->precision == b->precision &&
           a->scale == b->scale && a->collation == b->collation;
}
