/*
 * CREATE and ALTER SCHEMA, ALTER AUTHORIZATION.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static int32
new_schema_id(int32 database)
{
    CatalogScan scan;
    int32 highest = 4;

    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_schemas_id);

        if (id < 16384)
            highest = Max(highest, id);
    }
    catalog_scan_end(&scan);
    return highest + 1;
}

static int32
principal_id(int32 database, const char *name)
{
    CatalogPrincipal principal;

    if (name == NULL)
        return session_context->user_id ? session_context->user_id : PRINCIPAL_DBO;
    if (!catalog_user_by_name(database, name, &principal))
        tsql_error(ERR_15151, "find", "user", name);
    return principal.id;
}

void
ddl_create_schema(const AstCreateSchema *statement, DdlContext *context)
{
    const CatalogDatabase *database = catalog_database(context->database);
    const char *name = statement->name ? statement->name : statement->owner;
    DdlContext inside = *context;
    CatalogRow row;

    ddl_must_be_allowed(context->database, "CREATE SCHEMA");
    if (catalog_schema_by_name(context->database, name) != 0) {
        ddl_report(tsql_error_format(ERR_2714, name), 2714, 16, 6);
        tsql_error_state(ERR_2759, 0);
    }
    catalog_row_init(&row, TABLE_schemas);
    catalog_row_int(&row, COL_schemas_database, context->database);
    catalog_row_int(&row, COL_schemas_id, new_schema_id(context->database));
    catalog_row_text(&row, COL_schemas_name, name);
    catalog_row_text(&row, COL_schemas_key, ddl_fold(context->database, name));
    catalog_row_int(&row, COL_schemas_owner, principal_id(context->database, statement->owner));
    catalog_row_oid(&row, COL_schemas_namespace, ddl_make_namespace(database->name, name));
    catalog_row_insert(&row);
    ddl_changed(false);
    inside.default_schema = name;
    for (int i = 0; i < AST_LIST_COUNT(statement->elements); i++)
        ddl_execute(statement->elements->items[i], &inside);
}

void
ddl_alter_schema(const AstAlterSchema *statement, DdlContext *context)
{
    int32 schema = catalog_schema_by_name(context->database, statement->schema);
    CatalogObject object, taken;
    CatalogScan scan;
    CatalogRow row;
    DdlTarget target;
    Oid namespace;

    if (schema == 0)
        tsql_error(ERR_15151, "alter", "schema", statement->schema);
    if (!ddl_find(&statement->object, context, &object) || object.parent != 0 || object.is_system)
        tsql_error(ERR_15151, "find", "object", ddl_name(&statement->object));
    ddl_target_of(&object, &target);
    target.schema = schema;
    if (ddl_existing(&target, &taken)) {
        if (taken.id == object.id)
            return;
        tsql_error(ERR_15530, object.name);
    }
    namespace = catalog_schema_namespace(context->database, schema);
    if (OidIsValid(object.relation))
        ddl_run_sql(psprintf("ALTER TABLE %s SET SCHEMA %s", ddl_quoted_relation(object.relation),
                             quote_identifier(get_namespace_name(namespace))));
    catalog_row_init(&row, TABLE_objects);
    catalog_row_int(&row, COL_objects_schema, schema);
    catalog_row_now(&row, COL_objects_modified);
    for (int pass = 0; pass < 2; pass++) { /* the object, then its constraints and triggers */
        catalog_scan_begin(&scan, TABLE_objects, pass ? "objects_parent" : "objects_pkey", true);
        catalog_scan_key_int(&scan, pass ? COL_objects_parent : COL_objects_id, object.id);
        while (catalog_scan_next(&scan))
            catalog_scan_update(&scan, &row);
        catalog_scan_end(&scan);
    }
    ddl_changed(false);
}

static void
own_database(const char *name, const char *principal)
{
    const CatalogDatabase *database = catalog_database_by_name(name);
    CatalogPrincipal login;
    CatalogScan scan;
    CatalogRow row;

    if (database == NULL)
        tsql_error(ERR_15151, "find", "database", name);
    if (!catalog_login_by_name(principal, &login))
        tsql_error(ERR_15151, "find", "principal", principal);
    catalog_row_init(&row, TABLE_databases);
    catalog_row_int(&row, COL_databases_owner, login.id);
    catalog_scan_begin(&scan, TABLE_databases, "databases_pkey", true);
    catalog_scan_key_int(&scan, COL_databases_id, database->id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
    catalog_row_init(&row, TABLE_database_principals);
    catalog_row_int(&row, COL_database_principals_login, login.id);
    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", true);
    catalog_scan_key_int(&scan, COL_database_principals_database, database->id);
    catalog_scan_key_int(&scan, COL_database_principals_id, PRINCIPAL_DBO);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static void
own_schema(const DdlContext *context, const char *name, const char *principal)
{
    int32 schema = catalog_schema_by_name(context->database, name);
    CatalogScan scan;
    CatalogRow row;

    if (schema == 0)
        tsql_error(ERR_15151, "find", "schema", name);
    catalog_row_init(&row, TABLE_schemas);
    catalog_row_int(&row, COL_schemas_owner, principal_id(context->database, principal));
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", true);
    catalog_scan_key_int(&scan, COL_schemas_database, context->database);
    catalog_scan_key_int(&scan, COL_schemas_id, schema);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

void
ddl_alter_authorization(const AstAlterAuthorization *statement, DdlContext *context)
{
    const char *class_name = statement->class_ ? statement->class_ : "OBJECT";
    CatalogObject object;

    if (strcmp(class_name, "DATABASE") == 0)
        own_database(statement->object.object, statement->principal);
    else if (strcmp(class_name, "SCHEMA") == 0)
        own_schema(context, statement->object.object, statement->principal);
    else if (strcmp(class_name, "OBJECT") == 0 && !ddl_find(&statement->object, context, &object))
        tsql_error(ERR_15151, "find", "object", ddl_name(&statement->object));
    /* objects belong to their schema's owner */
    ddl_changed(false);
}
