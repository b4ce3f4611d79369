/*
 * CREATE, ALTER and DROP DATABASE. A T-SQL database is rows of the catalogue and PostgreSQL schemas
 * named <database>.<schema>; a new one is copied from the rows of model.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "ddl/ddl_internal.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static void
refuse_in_transaction(const char *statement)
{
    if (session_context->tran_count > 0)
        tsql_error(ERR_226, statement);
}

/* ---- CREATE ---- */

static int32
new_database_id(void)
{
    CatalogScan scan;
    List *taken = NIL;
    int32 id = 5;

    catalog_scan_begin(&scan, TABLE_databases, NULL, false);
    while (catalog_scan_next(&scan))
        taken = lappend_int(taken, catalog_field_int(&scan, COL_databases_id));
    catalog_scan_end(&scan);
    while (list_member_int(taken, id))
        id++;
    return id;
}

/* Makes the PostgreSQL schema behind a T-SQL schema. */
Oid
ddl_make_namespace(const char *database, const char *schema)
{
    char *name = catalog_pg_schema_name(database, schema);

    ddl_run_sql(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
    ddl_run_sql(psprintf("GRANT USAGE ON SCHEMA %s TO PUBLIC", quote_identifier(name)));
    return get_namespace_oid(name, false);
}

/* Copies the rows of one table whose database is model's, for the new database. */
static void
copy_model_rows(CatalogTable table, int database_column, int32 database)
{
    CatalogScan scan;
    List *rows = NIL;
    ListCell *cell;

    catalog_scan_begin(&scan, table, NULL, false);
    catalog_scan_key_int(&scan, database_column, DATABASE_MODEL);
    while (catalog_scan_next(&scan)) {
        CatalogRow *row = palloc(sizeof(CatalogRow));
        int count = RelationGetNumberOfAttributes(scan.relation);

        catalog_row_init(row, table);
        for (int i = 1; i <= count; i++) {
            Datum value = catalog_field(&scan, i, &row->nulls[i - 1]);
            Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(scan.relation), i - 1);

            row->set[i - 1] = true;
            row->values[i - 1] = row->nulls[i - 1]
                                     ? (Datum) 0
                                     : datumCopy(value, attribute->attbyval, attribute->attlen);
        }
        catalog_row_int(row, database_column, database);
        rows = lappend(rows, row);
    }
    catalog_scan_end(&scan);
    foreach (cell, rows)
        catalog_row_insert(lfirst(cell));
}

static void
create_schemas(int32 database, const char *name)
{
    CatalogScan scan;
    List *ids = NIL;
    ListCell *cell;

    copy_model_rows(TABLE_schemas, COL_schemas_database, database);
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_schemas_id);

        if (id != SCHEMA_SYS && id != SCHEMA_INFORMATION_SCHEMA &&
            OidIsValid(catalog_field_oid(&scan, COL_schemas_namespace)))
            ids = lappend_int(ids, id);
    }
    catalog_scan_end(&scan);
    foreach (cell, ids) {
        CatalogRow row;
        char *schema = NULL;

        catalog_row_init(&row, TABLE_schemas);
        catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", true);
        catalog_scan_key_int(&scan, COL_schemas_database, database);
        catalog_scan_key_int(&scan, COL_schemas_id, lfirst_int(cell));
        if (catalog_scan_next(&scan)) {
            schema = catalog_field_text(&scan, COL_schemas_name);
            catalog_row_oid(&row, COL_schemas_namespace, ddl_make_namespace(name, schema));
            catalog_scan_update(&scan, &row);
        }
        catalog_scan_end(&scan);
    }
}

/* dbo of the new database is its owner's user. */
static void
set_owner(int32 database, int32 login)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_row_init(&row, TABLE_database_principals);
    catalog_row_int(&row, COL_database_principals_login, login);
    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", true);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    catalog_scan_key_int(&scan, COL_database_principals_id, PRINCIPAL_DBO);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static void
insert_database(int32 id, const char *name, Oid collation, int32 owner)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_databases);
    catalog_row_int(&row, COL_databases_id, id);
    catalog_row_text(&row, COL_databases_name, name);
    catalog_row_text(&row, COL_databases_key, sql_identifier_fold(name, sql_collation_default()));
    catalog_row_oid(&row, COL_databases_collation, collation);
    catalog_row_int(&row, COL_databases_owner, owner);
    catalog_row_short(&row, COL_databases_recovery_model, 1);
    catalog_row_short(&row, COL_databases_compatibility_level, 160);
    catalog_row_short(&row, COL_databases_page_verify, 2);
    catalog_row_bool(&row, COL_databases_auto_create_stats, true);
    catalog_row_bool(&row, COL_databases_auto_update_stats, true);
    catalog_row_bool(&row, COL_databases_query_store, true);
    catalog_row_insert(&row);
}

void
ddl_create_database(const AstCreateDatabase *statement, DdlContext *context)
{
    const SqlCollation *collation = NULL;
    int32 id, owner = session_context->login_id ? session_context->login_id : LOGIN_SA;

    refuse_in_transaction("CREATE DATABASE");
    if (!catalog_server_permission_check("CREATE ANY DATABASE") &&
        !catalog_is_server_role_member(9, session_rights_login()))
        tsql_error(ERR_262, "CREATE DATABASE", "master");
    if (statement->snapshot_of != NULL)
        tsql_error(ERR_40517, "AS SNAPSHOT OF");
    if (catalog_database_by_name(statement->name) != NULL)
        tsql_error_state(ERR_1801, 3, statement->name);
    if (statement->collation != NULL) {
        collation = sql_collation_by_name(statement->collation);
        if (collation == NULL)
            tsql_error(ERR_448, statement->collation);
    }
    id = new_database_id();
    insert_database(id, statement->name,
                    collation ? collation->oid : catalog_database_collation(DATABASE_MODEL), owner);
    copy_model_rows(TABLE_database_principals, COL_database_principals_database, id);
    copy_model_rows(TABLE_role_members, COL_role_members_database, id);
    copy_model_rows(TABLE_permissions, COL_permissions_database, id);
    copy_model_rows(TABLE_types, COL_types_database, id);
    create_schemas(id, statement->name);
    set_owner(id, owner);
    ddl_changed(false);
}

/* ---- DROP ---- */

static void
delete_rows_of_database(CatalogTable table, int database_column, int32 database)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, table, NULL, true);
    catalog_scan_key_int(&scan, database_column, database);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
}

static void
drop_contents(int32 database)
{
    CatalogScan scan;
    List *objects = NIL, *namespaces = NIL;
    ListCell *cell;

    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, database);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_objects_parent) == 0)
            objects = lappend_int(objects, catalog_field_int(&scan, COL_objects_id));
    catalog_scan_end(&scan);
    foreach (cell, objects)
        ddl_delete_object(lfirst_int(cell));
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_schemas_id);
        Oid namespace = catalog_field_oid(&scan, COL_schemas_namespace);

        if (id != SCHEMA_SYS && id != SCHEMA_INFORMATION_SCHEMA && OidIsValid(namespace))
            namespaces = lappend_oid(namespaces, namespace);
    }
    catalog_scan_end(&scan);
    foreach (cell, namespaces)
        ddl_run_sql(psprintf("DROP SCHEMA %s CASCADE",
                             quote_identifier(get_namespace_name(lfirst_oid(cell)))));
}

void
ddl_drop_database(const char *name, bool if_exists)
{
    const CatalogDatabase *database = catalog_database_by_name(name);
    int32 id;

    refuse_in_transaction("DROP DATABASE");
    if (database == NULL) {
        if (if_exists)
            return;
        tsql_error_state(ERR_3701, 1, "drop", "database", name);
    }
    id = database->id;
    if (id <= DATABASE_MSDB)
        tsql_error(ERR_3708, "drop", "database", database->name, "database");
    if (database->owner != session_rights_login() &&
        !catalog_server_permission_check("ALTER ANY DATABASE"))
        tsql_error_state(ERR_3701, 1, "drop", "database", name);
    if (session_context->database == id || !catalog_database_lock(id))
        tsql_error(ERR_3702, database->name);
    drop_contents(id);
    delete_rows_of_database(TABLE_schemas, COL_schemas_database, id);
    delete_rows_of_database(TABLE_types, COL_types_database, id);
    delete_rows_of_database(TABLE_database_principals, COL_database_principals_database, id);
    delete_rows_of_database(TABLE_role_members, COL_role_members_database, id);
    delete_rows_of_database(TABLE_permissions, COL_permissions_database, id);
    delete_rows_of_database(TABLE_extended_properties, COL_extended_properties_database, id);
    delete_rows_of_database(TABLE_databases, COL_databases_id, id);
    ddl_changed(false);
}

/* ---- ALTER ---- */

typedef struct DatabaseSwitch {
    const char *name;
    int column;
} DatabaseSwitch;

/* SET options that are ON or OFF and only remembered. */
static const DatabaseSwitch switches[] = {
    {"ANSI_NULL_DEFAULT", COL_databases_ansi_null_default},
    {"ANSI_NULLS", COL_databases_ansi_nulls},
    {"ANSI_PADDING", COL_databases_ansi_padding},
    {"ANSI_WARNINGS", COL_databases_ansi_warnings},
    {"ARITHABORT", COL_databases_arithabort},
    {"CONCAT_NULL_YIELDS_NULL", COL_databases_concat_null_yields_null},
    {"NUMERIC_ROUNDABORT", COL_databases_numeric_roundabort},
    {"QUOTED_IDENTIFIER", COL_databases_quoted_identifier},
    {"RECURSIVE_TRIGGERS", COL_databases_recursive_triggers},
    {"CURSOR_CLOSE_ON_COMMIT", COL_databases_cursor_close_on_commit},
    {"AUTO_CLOSE", COL_databases_auto_close},
    {"AUTO_SHRINK", COL_databases_auto_shrink},
    {"AUTO_CREATE_STATISTICS", COL_databases_auto_create_stats},
    {"AUTO_UPDATE_STATISTICS", COL_databases_auto_update_stats},
    {"AUTO_UPDATE_STATISTICS_ASYNC", COL_databases_auto_update_stats_async},
    {"TRUSTWORTHY", COL_databases_trustworthy},
    {"DB_CHAINING", COL_databases_db_chaining},
    {"ALLOW_SNAPSHOT_ISOLATION", COL_databases_snapshot_isolation},
    {"READ_COMMITTED_SNAPSHOT", COL_databases_read_committed_snapshot},
    {"DATE_CORRELATION_OPTIMIZATION", COL_databases_date_correlation},
    {"QUERY_STORE", COL_databases_query_store},
};

static bool
word_is(const AstOption *option, const char *word)
{
    return option->word != NULL && pg_strcasecmp(option->word, word) == 0;
}

static bool
set_known_option(const AstOption *option, CatalogRow *row)
{
    int64 level;

    if (strcmp(option->name, "RECOVERY") == 0)
        catalog_row_short(row, COL_databases_recovery_model,
                          word_is(option, "SIMPLE")        ? 3
                          : word_is(option, "BULK_LOGGED") ? 2
                                                           : 1);
    else if (strcmp(option->name, "READ_ONLY") == 0 || strcmp(option->name, "READ_WRITE") == 0)
        catalog_row_bool(row, COL_databases_read_only, option->name[5] == 'O');
    else if (strcmp(option->name, "ONLINE") == 0)
        catalog_row_short(row, COL_databases_state, 0);
    else if (strcmp(option->name, "OFFLINE") == 0)
        catalog_row_short(row, COL_databases_state, 6);
    else if (strcmp(option->name, "MULTI_USER") == 0)
        catalog_row_short(row, COL_databases_user_access, 0);
    else if (strcmp(option->name, "SINGLE_USER") == 0)
        catalog_row_short(row, COL_databases_user_access, 1);
    else if (strcmp(option->name, "RESTRICTED_USER") == 0)
        catalog_row_short(row, COL_databases_user_access, 2);
    else if (strcmp(option->name, "COMPATIBILITY_LEVEL") == 0 && ddl_integer(option->value, &level))
        catalog_row_short(row, COL_databases_compatibility_level, level);
    else if (strcmp(option->name, "PAGE_VERIFY") == 0)
        catalog_row_short(row, COL_databases_page_verify,
                          word_is(option, "NONE")                  ? 0
                          : word_is(option, "TORN_PAGE_DETECTION") ? 1
                                                                   : 2);
    else if (strcmp(option->name, "PARAMETERIZATION") == 0)
        catalog_row_bool(row, COL_databases_parameterization_forced, word_is(option, "FORCED"));
    else if (strcmp(option->name, "CURSOR_DEFAULT") == 0)
        catalog_row_bool(row, COL_databases_local_cursor_default, word_is(option, "LOCAL"));
    else if (strcmp(option->name, "ENABLE_BROKER") == 0 ||
             strcmp(option->name, "DISABLE_BROKER") == 0)
        catalog_row_bool(row, COL_databases_broker_enabled, option->name[0] == 'E');
    else
        return false;
    return true;
}

static void
set_option(const AstOption *option, CatalogRow *row)
{
    if (set_known_option(option, row))
        return;
    for (int i = 0; i < lengthof(switches); i++)
        if (strcmp(switches[i].name, option->name) == 0) {
            catalog_row_bool(row, switches[i].column,
                             option->word == NULL || pg_strcasecmp(option->word, "OFF") != 0);
            return;
        }
    /* storage, mirroring, encryption...: accepted, they mean nothing here */
}

static void
update_database(int32 id, const CatalogRow *row)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_databases, "databases_pkey", true);
    catalog_scan_key_int(&scan, COL_databases_id, id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, row);
    catalog_scan_end(&scan);
}

static void
rename_database(const CatalogDatabase *database, const char *name, CatalogRow *row)
{
    CatalogScan scan;
    const CatalogDatabase *other = catalog_database_by_name(name);

    if (other != NULL && other->id != database->id)
        tsql_error(ERR_1801, name);
    if (database->id <= DATABASE_MSDB)
        tsql_error(ERR_3708, "rename", "database", database->name, "database");
    catalog_row_text(row, COL_databases_name, name);
    catalog_row_text(row, COL_databases_key, sql_identifier_fold(name, sql_collation_default()));
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database->id);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_schemas_id);
        Oid namespace = catalog_field_oid(&scan, COL_schemas_namespace);

        if (id == SCHEMA_SYS || id == SCHEMA_INFORMATION_SCHEMA || !OidIsValid(namespace))
            continue;
        ddl_run_sql(psprintf("ALTER SCHEMA %s RENAME TO %s",
                             quote_identifier(get_namespace_name(namespace)),
                             quote_identifier(catalog_pg_schema_name(
                                 name, catalog_field_text(&scan, COL_schemas_name)))));
    }
    catalog_scan_end(&scan);
}

static bool
needs_exclusive_use(const AstAlterDatabase *statement)
{
    return statement->modify_name != NULL ||
           ddl_option(statement->set_options, "OFFLINE") != NULL ||
           ddl_option(statement->set_options, "SINGLE_USER") != NULL ||
           ddl_option(statement->set_options, "READ_ONLY") != NULL;
}

void
ddl_alter_database(const AstAlterDatabase *statement, DdlContext *context)
{
    const char *name = statement->name ? statement->name : session_context->database_name;
    const CatalogDatabase *database = catalog_database_by_name(name);
    CatalogRow row;

    refuse_in_transaction("ALTER DATABASE");
    if (database == NULL || (database->owner != session_rights_login() &&
                             !catalog_server_permission_check("ALTER ANY DATABASE"))) {
        ddl_report(tsql_error_format(ERR_5011, name), 5011, 14, 5);
        tsql_error(ERR_5069);
    }
    if (needs_exclusive_use(statement)) {
        if (statement->termination != NULL && strcmp(statement->termination, "NO_WAIT") != 0)
            catalog_database_disconnect(database->id);
        if (statement->modify_name == NULL && session_context->database != database->id &&
            !catalog_database_lock(database->id)) {
            ddl_report(tsql_error_format(ERR_5061, database->name), 5061, 16, 1);
            tsql_error(ERR_5069);
        }
    }
    catalog_row_init(&row, TABLE_databases);
    for (int i = 0; i < AST_LIST_COUNT(statement->set_options); i++)
        set_option(AST_LIST_ITEM(AstOption, statement->set_options, i), &row);
    if (statement->collation != NULL) {
        const SqlCollation *collation = sql_collation_by_name(statement->collation);

        if (collation == NULL)
            tsql_error(ERR_448, statement->collation);
        catalog_row_oid(&row, COL_databases_collation, collation->oid);
    }
    if (statement->modify_name != NULL)
        rename_database(database, statement->modify_name, &row);
    update_database(database->id, &row);
    ddl_changed(false);
}
