/*
 * Written data types to SqlTypes: system types with their lengths, precisions and scales checked,
 * alias types and table types by catalogue.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

static const char *
type_text(const AstType *type)
{
    return bind_name_text(&type->name);
}

static SqlType
string_or_binary(SqlTypeId id, const AstType *type, int default_length, Oid collation)
{
    bool national = id == SQL_NCHAR || id == SQL_NVARCHAR;
    bool variable = id == SQL_VARCHAR || id == SQL_NVARCHAR || id == SQL_VARBINARY;
    int limit = national ? 4000 : 8000;
    int length = type->has_length ? type->length : default_length;

    if (type->is_max) {
        if (!variable)
            tsql_error(ERR_102, "max");
        length = -1;
    } else if (length < 1) {
        tsql_error(ERR_1001, type->line, length);
    } else if (length > limit) {
        if (national && length <= 8000)
            tsql_error(ERR_2717, length, "type", type_text(type), limit);
        tsql_error(ERR_131, length, "type", type_text(type), limit);
    }
    if (id == SQL_BINARY || id == SQL_VARBINARY)
        return sql_type_binary(id, length);
    return sql_type_string(id, length, collation);
}

static SqlType
decimal_type(const AstType *type)
{
    int precision = type->has_length ? type->length : 18;
    int scale = type->has_scale ? type->scale : 0;

    if (precision > 38)
        tsql_error(ERR_2750, 1, precision, 38);
    if (precision < 1)
        tsql_error(ERR_1001, type->line, precision);
    if (scale > precision || scale < 0)
        tsql_error(ERR_192);
    return sql_type_decimal(precision, scale);
}

static SqlType
sized_type(SqlTypeId id, const AstType *type, int default_length, Oid collation)
{
    switch (id) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_BINARY:
    case SQL_VARBINARY:
        return string_or_binary(id, type, default_length, collation);
    case SQL_DECIMAL:
    case SQL_NUMERIC: {
        SqlType result = decimal_type(type);

        result.id = id;
        return result;
    }
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET: {
        int scale = type->has_length ? type->length : 7;

        if (scale < 0 || scale > 7)
            tsql_error(ERR_1002, type->line, scale);
        return sql_type_time(id, scale);
    }
    case SQL_FLOAT:
        if (type->has_length && (type->length < 1 || type->length > 53))
            tsql_error(ERR_2750, 1, type->length, 53);
        return sql_type_make(type->has_length && type->length <= 24 ? SQL_REAL : SQL_FLOAT);
    default:
        if (type->has_length || type->is_max)
            tsql_error(ERR_2716, 1, type_text(type));
        break;
    }
    if (id == SQL_SYSNAME) {
        SqlType result = sql_type_string(SQL_NVARCHAR, 128, collation);

        result.user_type = 256;
        return result;
    }
    if (id == SQL_TEXT || id == SQL_NTEXT) {
        SqlType result = sql_type_make(id);

        result.collation = collation;
        return result;
    }
    return sql_type_make(id);
}

SqlType
bind_type_sized(const AstType *type,
                const char *collation,
                const BindContext *context,
                CatalogType *table,
                int default_length)
{
    const CatalogDatabase *database = catalog_database(context->database);
    Oid oid =
        database && OidIsValid(database->collation) ? database->collation : sql_collation_default();
    const char *schema = type->name.schema;
    SqlTypeId id = SQL_UNKNOWN;
    CatalogType found;

    if (type->line > 0)
        tsql_error_set_line(type->line);
    if (collation && pg_strcasecmp(collation, "database_default") != 0) {
        const SqlCollation *named = sql_collation_by_name(collation);

        if (!named)
            tsql_error(ERR_448, collation);
        oid = named->oid;
    }
    if (table)
        memset(table, 0, sizeof(*table));
    if (!schema || !schema[0] || pg_strcasecmp(schema, "sys") == 0)
        id = sql_type_by_name(type->name.object);
    if (id != SQL_UNKNOWN)
        return sized_type(id, type, default_length, oid);
    if (catalog_type_by_name(context->database, schema, type->name.object, &found)) {
        SqlType base = found.base;

        if (type->has_length)
            tsql_error(ERR_2716, 1, type_text(type));
        if (found.is_table) {
            if (!table)
                tsql_error(ERR_243, type_text(type));
            *table = found;
            return (SqlType){.id = SQL_UNKNOWN, .user_type = found.user_type_id};
        }
        if (table)
            *table = found;
        base.user_type = found.user_type_id;
        if (sql_type_is_string(base.id))
            base.collation = oid;
        return base;
    }
    if (default_length == 30)
        tsql_error(ERR_243, type_text(type));
    tsql_error(ERR_2715, 1, type_text(type));
}

SqlType
bind_type(const AstType *type,
          const char *collation,
          const BindContext *context,
          CatalogType *table)
{
    return bind_type_sized(type, collation, context, table, 1);
}
