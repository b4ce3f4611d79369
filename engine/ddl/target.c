/*
 * Where a new object goes and which object a name means, for DDL.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "ddl/ddl_internal.h"

static const char *
given(const char *part)
{
    return part != NULL && part[0] != '\0' ? part : NULL;
}

char *
ddl_name(const AstName *name)
{
    StringInfoData text_name;

    initStringInfo(&text_name);
    if (name->server != NULL)
        appendStringInfo(&text_name, "%s.", name->server);
    if (name->database != NULL)
        appendStringInfo(&text_name, "%s.", name->database);
    if (name->schema != NULL)
        appendStringInfo(&text_name, "%s.", name->schema);
    appendStringInfoString(&text_name, name->object);
    return text_name.data;
}

char *
ddl_fold(int32 database, const char *name)
{
    return sql_identifier_fold(name, catalog_database_collation(database));
}

static int32
database_of(const AstName *name, const DdlContext *context)
{
    const CatalogDatabase *database;

    if (given(name->database) == NULL)
        return context->database;
    database = catalog_database_by_name(name->database);
    if (database == NULL)
        tsql_error(ERR_911, name->database);
    return database->id;
}

void
ddl_target(const AstName *name, const DdlContext *context, DdlTarget *target)
{
    const char *schema = given(name->schema);
    const CatalogDatabase *database;

    memset(target, 0, sizeof(*target));
    target->name = name->object;
    if (name->object[0] == '#') {
        target->database = DATABASE_TEMPDB;
        target->temporary = name->object[1] != '#';
        schema = "dbo";
    } else
        target->database = database_of(name, context);
    database = catalog_database(target->database);
    if (database == NULL)
        tsql_error(ERR_911, name->database ? name->database : "");
    if (database->read_only)
        tsql_error(ERR_3906, database->name);
    target->collation = database->collation;
    target->key = ddl_fold(target->database, name->object);
    if (schema == NULL)
        schema = context->default_schema && target->database == context->database
                     ? context->default_schema
                     : "dbo";
    target->schema = catalog_schema_by_name(target->database, schema);
    if (target->schema == 0 || target->schema == SCHEMA_SYS ||
        target->schema == SCHEMA_INFORMATION_SCHEMA)
        tsql_error(ERR_2760, schema);
    if (target->temporary) {
        target->session = catalog_session_key();
        target->level = context->nest_level;
        return;
    }
    target->namespace = catalog_schema_namespace(target->database, target->schema);
    if (!OidIsValid(target->namespace))
        tsql_error(ERR_2760, schema);
}

void
ddl_target_module(const AstName *name,
                  const DdlContext *context,
                  const char *what,
                  DdlTarget *target)
{
    if (given(name->database) != NULL)
        tsql_error(ERR_166, what);
    ddl_target(name, context, target);
}

void
ddl_target_of(const CatalogObject *table, DdlTarget *where)
{
    memset(where, 0, sizeof(*where));
    where->database = table->database;
    where->schema = table->schema;
    where->name = table->name;
    where->temporary = table->is_temporary;
    where->collation = catalog_database_collation(table->database);
    where->key = ddl_fold(table->database, table->name);
    if (table->is_temporary)
        where->session = catalog_session_key();
    else
        where->namespace = catalog_schema_namespace(table->database, table->schema);
}

bool
ddl_existing(const DdlTarget *target, CatalogObject *object)
{
    CatalogScan scan;
    int32 id = 0;

    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, target->database);
    catalog_scan_key_int(&scan, COL_objects_schema, target->schema);
    catalog_scan_key_text(&scan, COL_objects_key, target->key);
    catalog_scan_key_int(&scan, COL_objects_session, target->session);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_objects_level) == target->level)
            id = catalog_field_int(&scan, COL_objects_id);
    catalog_scan_end(&scan);
    return id != 0 && catalog_object_by_id(id, object);
}

void
ddl_must_be_new(const DdlTarget *target)
{
    CatalogObject object;

    if (ddl_existing(target, &object))
        tsql_error_state(ERR_2714, object.type == CATALOG_TABLE ? 6 : 3, target->name);
}

bool
ddl_find(const AstName *name, const DdlContext *context, CatalogObject *object)
{
    return catalog_find_object(context->database, context->default_schema, name->database,
                               name->schema, name->object, true, object);
}

void
ddl_must_be_allowed(int32 database, const char *what)
{
    const CatalogDatabase *found = catalog_database(database);

    if (database != DATABASE_TEMPDB && !catalog_database_permission_check(database, what))
        tsql_error(ERR_262, what, found ? found->name : "");
}

void
ddl_must_be_allowed_in(const DdlTarget *target, const char *what)
{
    CatalogObject anything = {
        .database = target->database, .schema = target->schema, .type = CATALOG_TABLE};

    ddl_must_be_allowed(target->database, what);
    if (target->database != DATABASE_TEMPDB && !catalog_permission_check(&anything, "ALTER", 0))
        tsql_error(ERR_2760, catalog_schema_name(target->database, target->schema));
}

bool
ddl_may_alter(const CatalogObject *object)
{
    return catalog_permission_check(object, "ALTER", 0);
}
