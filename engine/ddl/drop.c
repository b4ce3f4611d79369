/*
 * DROP of every kind of thing.
 */
#include "postgres.h"

#include "access/xact.h"

#include "ddl/ddl_internal.h"
#include "procedures/trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

typedef struct DropKind {
    DropType type;
    const char *word, *name; /* "TABLE", "table" */
    CatalogObjectType types[3];
    int type_count;
} DropKind;

static const DropKind kinds[] = {
    {DROP_TABLE, "TABLE", "table", {CATALOG_TABLE}, 1},
    {DROP_VIEW, "VIEW", "view", {CATALOG_VIEW}, 1},
    {DROP_PROCEDURE, "PROCEDURE", "procedure", {CATALOG_PROCEDURE}, 1},
    {DROP_FUNCTION,
     "FUNCTION",
     "function",
     {CATALOG_SCALAR_FUNCTION, CATALOG_INLINE_FUNCTION, CATALOG_TABLE_FUNCTION},
     3},
    {DROP_TRIGGER, "TRIGGER", "trigger", {CATALOG_TRIGGER}, 1},
    {DROP_SEQUENCE, "SEQUENCE", "sequence object", {CATALOG_SEQUENCE}, 1},
    {DROP_SYNONYM, "SYNONYM", "synonym", {CATALOG_SYNONYM}, 1},
};

static const DropKind *
kind_of_type(CatalogObjectType type)
{
    for (int i = 0; i < lengthof(kinds); i++)
        for (int j = 0; j < kinds[i].type_count; j++)
            if (kinds[i].types[j] == type)
                return &kinds[i];
    return NULL;
}

static const DropKind *
kind_of_drop(DropType type)
{
    for (int i = 0; i < lengthof(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

void
ddl_drop_object(const CatalogObject *object)
{
    CatalogObject table;

    if (object->type == CATALOG_SEQUENCE)
        ddl_run_sql(psprintf("DROP SEQUENCE %s CASCADE", ddl_quoted_relation(object->relation)));
    else if (OidIsValid(object->relation))
        ddl_drop_relation(object->relation);
    ddl_delete_object(object->id);
    if (object->type == CATALOG_TRIGGER && catalog_object_by_id(object->parent, &table)) {
        CommandCounterIncrement();
        trigger_sync(&table);
    }
}

/* 3726: another table's foreign key refers to it. */
static void
check_not_referenced(const CatalogObject *table)
{
    CatalogScan scan;
    bool referenced = false;

    catalog_scan_begin(&scan, TABLE_constraints, "constraints_referenced", false);
    catalog_scan_key_int(&scan, COL_constraints_referenced, table->id);
    while (catalog_scan_next(&scan))
        referenced |= catalog_field_int(&scan, COL_constraints_parent) != table->id;
    catalog_scan_end(&scan);
    if (referenced)
        tsql_error(ERR_3726, table->name);
}

static void
drop_named(const DropKind *kind, const AstName *name, bool if_exists, const DdlContext *context)
{
    CatalogObject object;
    const DropKind *other;

    if (!ddl_find(name, context, &object) || object.is_system ||
        (other = kind_of_type(object.type)) == NULL || !ddl_may_alter(&object)) {
        if (if_exists)
            return;
        tsql_error_state(ERR_3701, 5, "drop", kind->name, ddl_name(name));
    }
    if (other != kind) {
        if (if_exists && kind->type == DROP_TRIGGER)
            return;
        tsql_error(ERR_3705, kind->word, ddl_name(name), ddl_name(name), other->name,
                   psprintf("DROP %s", other->word));
    }
    if (kind->type == DROP_TABLE)
        check_not_referenced(&object);
    if (catalog_database(object.database)->read_only)
        tsql_error(ERR_3906, catalog_database(object.database)->name);
    ddl_drop_object(&object);
    ddl_changed(object.is_temporary);
}

static void
drop_schema(const char *name, bool if_exists, const DdlContext *context)
{
    int32 schema = catalog_schema_by_name(context->database, name);
    CatalogScan scan;
    CatalogObject object;
    bool used = false;
    Oid namespace;

    if (schema == 0) {
        if (if_exists)
            return;
        tsql_error(ERR_15151, "drop", "schema", name);
    }
    if (schema <= SCHEMA_SYS || schema >= 16384)
        tsql_error(ERR_15150, "schema", name);
    if (!catalog_database_permission_check(context->database, "ALTER ANY SCHEMA"))
        tsql_error(ERR_15151, "drop", "schema", name);
    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, context->database);
    catalog_scan_key_int(&scan, COL_objects_schema, schema);
    if (catalog_scan_next(&scan)) {
        catalog_object_by_id(catalog_field_int(&scan, COL_objects_id), &object);
        used = true;
    }
    catalog_scan_end(&scan);
    if (used)
        tsql_error(ERR_3729, "drop schema", name, object.name);
    namespace = catalog_schema_namespace(context->database, schema);
    if (OidIsValid(namespace))
        ddl_run_sql(
            psprintf("DROP SCHEMA %s CASCADE", quote_identifier(get_namespace_name(namespace))));
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", true);
    catalog_scan_key_int(&scan, COL_schemas_database, context->database);
    catalog_scan_key_int(&scan, COL_schemas_id, schema);
    if (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    ddl_changed(false);
}

/* DROP INDEX i ON t, or the old form t.i whose table is in the schema part. */
static void
drop_index(const AstName *name,
           const AstName *table_name,
           bool if_exists,
           const DdlContext *context)
{
    AstName old = {.object = name->schema, .schema = name->database};
    CatalogObject table;
    int32 index, constraint = 0;

    if (table_name == NULL || table_name->object == NULL)
        table_name = &old;
    if (table_name->object == NULL || !ddl_find(table_name, context, &table) ||
        !ddl_may_alter(&table)) {
        if (if_exists)
            return;
        tsql_error_state(ERR_3701, 7, "drop", "index",
                         table_name->object ? psprintf("%s.%s", ddl_name(table_name), name->object)
                                            : name->object);
    }
    index = ddl_find_index(&table, name->object, NULL, &constraint);
    if (index < 0) {
        if (if_exists)
            return;
        tsql_error_state(ERR_3701, 7, "drop", "index",
                         psprintf("%s.%s", ddl_name(table_name), name->object));
    }
    if (constraint != 0) {
        CatalogObject key;

        catalog_object_by_id(constraint, &key);
        tsql_error_state(ERR_3723, 4, psprintf("%s.%s", ddl_name(table_name), name->object),
                         key.type == CATALOG_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE KEY");
    }
    ddl_drop_index(table.id, index);
    ddl_changed(table.is_temporary);
}

static void
drop_statistics(const AstName *name, const DdlContext *context)
{
    AstName table_name = {.object = name->schema, .schema = name->database};
    CatalogObject table;
    CatalogScan scan;
    bool found = false;

    if (table_name.object != NULL && ddl_find(&table_name, context, &table)) {
        char *key = ddl_fold(table.database, name->object);

        catalog_scan_begin(&scan, TABLE_statistics, "statistics_id", true);
        catalog_scan_key_int(&scan, COL_statistics_object, table.id);
        while (catalog_scan_next(&scan))
            if (strcmp(catalog_field_text(&scan, COL_statistics_key), key) == 0) {
                catalog_scan_delete(&scan);
                found = true;
            }
        catalog_scan_end(&scan);
    }
    if (!found)
        tsql_error(ERR_3701, "drop", "statistics", ddl_name(name));
    ddl_changed(false);
}

/* Triggers on the database are not found by schema. */
static void
drop_one(const AstDrop *statement, int i, DdlContext *context)
{
    const AstName *name = &statement->names[i];

    switch (statement->type) {
    case DROP_INDEX:
        drop_index(name, statement->tables ? &statement->tables[i] : NULL, statement->if_exists,
                   context);
        break;
    case DROP_SCHEMA:
        drop_schema(name->object, statement->if_exists, context);
        break;
    case DROP_DATABASE:
        ddl_drop_database(name->object, statement->if_exists);
        break;
    case DROP_TYPE:
        ddl_drop_type(name, statement->if_exists, context);
        break;
    case DROP_STATISTICS:
        drop_statistics(name, context);
        break;
    case DROP_LOGIN:
    case DROP_USER:
    case DROP_ROLE:
    case DROP_SERVER_ROLE:
    case DROP_APPLICATION_ROLE:
        ddl_drop_principal(statement->type, name->object, statement->if_exists, context);
        break;
    case DROP_DEFAULT:
    case DROP_RULE:
        if (!statement->if_exists)
            tsql_error(ERR_3701, "drop", statement->type == DROP_RULE ? "rule" : "default",
                       ddl_name(name));
        break;
    default:
        drop_named(kind_of_drop(statement->type), name, statement->if_exists, context);
    }
}

void
ddl_drop(const AstDrop *statement, DdlContext *context)
{
    for (int i = 0; i < statement->count; i++)
        drop_one(statement, i, context);
    if (statement->type == DROP_TABLE)
        context->command = 0xC7;
}
