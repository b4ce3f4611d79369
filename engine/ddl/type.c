/*
 * CREATE TYPE: alias types, and table types with an empty PostgreSQL table that holds their shape
 * (defaults, keys, checks), from which table variables are copied.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "ddl/table.h"

static int32
new_type_id(int32 database)
{
    CatalogScan scan;
    int32 highest = 256;

    catalog_scan_begin(&scan, TABLE_types, "types_id", false);
    catalog_scan_key_int(&scan, COL_types_database, database);
    while (catalog_scan_next(&scan))
        highest = Max(highest, (int32) catalog_field_int(&scan, COL_types_id));
    catalog_scan_end(&scan);
    return highest + 1;
}

/* The row of a type; raises 219 when the name is taken. */
static int32
insert_type(const DdlTarget *target, const SqlType *base, bool nullable, int32 table)
{
    int system_type = 243, precision = 0, scale = 0;
    int32 user_type, max_length = -1, id;
    CatalogType existing;
    CatalogRow row;

    if (catalog_type_by_name(target->database,
                             catalog_schema_name(target->database, target->schema), target->name,
                             &existing))
        tsql_error(ERR_219, target->name);
    id = new_type_id(target->database);
    if (base != NULL)
        catalog_type_store(base, &system_type, &user_type, &max_length, &precision, &scale);
    catalog_row_init(&row, TABLE_types);
    catalog_row_int(&row, COL_types_database, target->database);
    catalog_row_int(&row, COL_types_id, id);
    catalog_row_int(&row, COL_types_schema, target->schema);
    catalog_row_text(&row, COL_types_name, target->name);
    catalog_row_text(&row, COL_types_key, target->key);
    catalog_row_short(&row, COL_types_system_type, system_type);
    catalog_row_int(&row, COL_types_max_length, max_length);
    catalog_row_short(&row, COL_types_precision, precision);
    catalog_row_short(&row, COL_types_scale, scale);
    catalog_row_oid(&row, COL_types_collation, base ? base->collation : InvalidOid);
    catalog_row_bool(&row, COL_types_nullable, nullable);
    catalog_row_int(&row, COL_types_table_object, table);
    catalog_row_bool(&row, COL_types_sysname, base != NULL && base->id == SQL_SYSNAME);
    catalog_row_insert(&row);
    return id;
}

void
ddl_create_type(const AstCreateType *statement, DdlContext *context)
{
    BindContext bind = ddl_bind_context(context, context->database);
    DdlTarget target;
    SqlType base;

    ddl_target_module(&statement->name, context, "CREATE TYPE", &target);
    ddl_must_be_allowed_in(&target, "CREATE TYPE");
    if (statement->external_name != NULL)
        tsql_error(ERR_40517, "EXTERNAL NAME");
    if (statement->from != NULL) {
        base = bind_type(statement->from, NULL, &bind, NULL);
        insert_type(&target, &base, statement->nullable >= 0, 0);
    } else
        insert_type(&target, NULL, false,
                    ddl_create_type_table(&target, statement->elements, context));
    ddl_changed(false);
}

/* 3732: columns and parameters that are of the type. */
static void
check_not_used(int32 database, const CatalogType *type)
{
    CatalogScan scan;
    CatalogObject object;
    bool used = false;

    catalog_scan_begin(&scan, TABLE_columns, NULL, false);
    catalog_scan_key_int(&scan, COL_columns_user_type, type->user_type_id);
    while (!used && catalog_scan_next(&scan))
        used = catalog_object_by_id(catalog_field_int(&scan, COL_columns_object), &object) &&
               object.database == database && !object.is_system;
    catalog_scan_end(&scan);
    if (used)
        tsql_error(ERR_3732, type->name, object.name);
    catalog_scan_begin(&scan, TABLE_parameters, NULL, false);
    catalog_scan_key_int(&scan, COL_parameters_user_type, type->user_type_id);
    while (!used && catalog_scan_next(&scan))
        used = catalog_object_by_id(catalog_field_int(&scan, COL_parameters_object), &object) &&
               object.database == database;
    catalog_scan_end(&scan);
    if (used)
        tsql_error(ERR_3732, type->name, object.name);
}

void
ddl_drop_type(const AstName *name, bool if_exists, const DdlContext *context)
{
    CatalogType type;
    CatalogScan scan;

    if (!catalog_type_by_name(context->database, name->schema, name->object, &type)) {
        if (if_exists)
            return;
        tsql_error(ERR_218, ddl_name(name));
    }
    check_not_used(context->database, &type);
    if (type.is_table)
        ddl_drop_object(&type.table);
    catalog_scan_begin(&scan, TABLE_types, "types_id", true);
    catalog_scan_key_int(&scan, COL_types_database, context->database);
    catalog_scan_key_int(&scan, COL_types_id, type.user_type_id);
    if (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    ddl_changed(false);
}
